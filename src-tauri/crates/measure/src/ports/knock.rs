//! Knocking from this computer: TCP by connecting, UDP with datagrams that carry our nonce.

use super::judge::Knock;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

/// Long enough for a first packet to be lost and sent again twice.
const PATIENCE: Duration = Duration::from_millis(3500);
const DATAGRAMS: u32 = 5;
const BETWEEN: Duration = Duration::from_millis(200);

/// The address from which this computer would call `there`; `None` where it has no way there.
pub(super) fn from(there: IpAddr) -> Option<IpAddr> {
    let socket = std::net::UdpSocket::bind((any(there), 0)).ok()?;
    // Nothing is sent: the system only chooses the way.
    socket.connect((there, 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

/// What came of it, and the port here that it was sent from, by which it is known again over there.
pub(super) async fn tcp(there: IpAddr, port: u16, nonce: &str) -> (Knock, Option<u16>) {
    let Ok(socket) = (if there.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }) else {
        return (Knock::Silent, None);
    };
    let near = socket.bind(SocketAddr::new(any(there), 0)).and_then(|()| socket.local_addr()).ok();
    let near = near.map(|address| address.port());
    let connecting = socket.connect(SocketAddr::new(there, port));
    let stream = match tokio::time::timeout(PATIENCE, connecting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => return (Knock::Refused, near),
        Ok(Err(_)) | Err(_) => return (Knock::Silent, near),
    };
    (Knock::Connected(greeted(stream, nonce).await), near)
}

async fn greeted(stream: TcpStream, nonce: &str) -> Option<u16> {
    // What is no answer of ours is a program's own greeting, and none of our business.
    let mut heard = Vec::new();
    let mut stream = stream.take(200);
    let _ = tokio::time::timeout(Duration::from_millis(1500), stream.read_to_end(&mut heard)).await;
    answered(&heard, nonce)
}

fn any(there: IpAddr) -> IpAddr {
    if there.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() }
}

pub(super) async fn udp(there: IpAddr, port: u16, nonce: &str) -> Knock {
    let Ok(socket) = UdpSocket::bind((any(there), 0)).await else { return Knock::Silent };
    if socket.connect((there, port)).await.is_err() {
        return Knock::Silent;
    }
    let mut refused = false;
    let word = format!("plumbline {nonce} {port}\n");
    let mut heard = [0; 200];
    for number in 0..DATAGRAMS + 5 {
        if number < DATAGRAMS {
            refused |=
                socket.send(word.as_bytes()).await.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused);
        }
        match tokio::time::timeout(BETWEEN, socket.recv(&mut heard)).await {
            Ok(Ok(count)) => {
                if let Some(port) = answered(heard.get(..count).unwrap_or_default(), nonce) {
                    return Knock::Answered(port);
                }
            }
            Ok(Err(error)) => {
                refused |= error.kind() == ErrorKind::ConnectionRefused;
                tokio::time::sleep(BETWEEN).await;
            }
            Err(_) => {}
        }
    }
    if refused { Knock::Refused } else { Knock::Silent }
}

/// "plumbline NONCE 443": the port at which our responder took it in.
fn answered(heard: &[u8], nonce: &str) -> Option<u16> {
    let text = std::str::from_utf8(heard).ok()?;
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        ["plumbline", said, port] if said == nonce => port.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::answered;

    #[test]
    fn only_our_own_word_is_an_answer() {
        assert_eq!(answered(b"plumbline abc 443\n", "abc"), Some(443));
        assert_eq!(answered(b"plumbline other 443\n", "abc"), None);
        assert_eq!(answered(b"SSH-2.0-OpenSSH_9.2\r\n", "abc"), None);
        assert_eq!(answered(&[0xff, 0xfe], "abc"), None);
    }
}

//! From a name to an open TCP connection: every address is tried, the next one a moment after the last.

use crate::error::{Error, Fault, Stage};
use crate::ssh::Family;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How long one address has before the next is tried beside it (RFC 8305 recommends 250 ms).
const HEAD_START: Duration = Duration::from_millis(250);

/// Whether this server can be reached by an address of that family. No greeting is waited for and nobody signs in.
pub async fn answers(host: &str, port: u16, family: Family, limit: Duration) -> bool {
    dial(host, port, limit, Some(family), std::future::ready(())).await.is_ok()
}

/// `turn` is waited for between the name and the call, so that a slow name moves no two calls together. Its time does not
/// count.
pub(crate) async fn dial(
    host: &str,
    port: u16,
    limit: Duration,
    family: Option<Family>,
    turn: impl Future<Output = ()>,
) -> Result<(std::net::TcpStream, SocketAddr), Error> {
    let no_answer = |stage| Error::new(Fault::NoAnswer { limit }).at(stage);
    let start = tokio::time::Instant::now();
    let found =
        tokio::time::timeout(limit, tokio::net::lookup_host((host, port))).await.map_err(|_| no_answer(Stage::Name))?;
    let addresses: Vec<SocketAddr> = found
        .map_err(|error| Error::new(Fault::NameNotFound).at(Stage::Name).raw_text(error.to_string().as_bytes()))?
        .filter(|address| family.is_none_or(|family| Family::of(address) == family))
        .collect();
    if addresses.is_empty() {
        return Err(Error::new(Fault::NameNotFound).at(Stage::Name));
    }
    tracing::debug!(host, port, count = addresses.len(), "addresses found");
    let left = limit.saturating_sub(start.elapsed());
    turn.await;
    tokio::time::timeout(left, first(addresses, limit)).await.unwrap_or_else(|_| Err(no_answer(Stage::Address)))
}

async fn first(addresses: Vec<SocketAddr>, limit: Duration) -> Result<(std::net::TcpStream, SocketAddr), Error> {
    let mut tries = JoinSet::new();
    for (index, address) in addresses.into_iter().enumerate() {
        tries.spawn(async move {
            tokio::time::sleep(HEAD_START * u32::try_from(index).unwrap_or(u32::MAX)).await;
            (address, TcpStream::connect(address).await)
        });
    }
    let mut furthest: Option<Error> = None;
    while let Some(done) = tries.join_next().await {
        let Ok((address, result)) = done else { continue };
        let error = match result.and_then(TcpStream::into_std) {
            Ok(stream) => {
                // Keystroke-sized packets must not wait for each other; not having it only costs time.
                let _ = stream.set_nodelay(true);
                return Ok((stream, address));
            }
            Err(error) => refusal(&error, address, limit),
        };
        // "Refused" tells more than "no answer", and that more than "no way there".
        if furthest.as_ref().is_none_or(|known| rank(error.fault()) > rank(known.fault())) {
            furthest = Some(error);
        }
    }
    Err(furthest.unwrap_or_else(|| Error::new(Fault::NoRoute).at(Stage::Address)))
}

fn refusal(error: &std::io::Error, address: SocketAddr, limit: Duration) -> Error {
    let fault = match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => Fault::Refused,
        ErrorKind::TimedOut => Fault::NoAnswer { limit },
        _ => Fault::NoRoute,
    };
    Error::new(fault).at(Stage::Address).raw_text(format!("{address}: {error}").as_bytes())
}

fn rank(fault: &Fault) -> u8 {
    match fault {
        Fault::Refused => 2,
        Fault::NoAnswer { .. } => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_for_a_turn_is_no_part_of_the_limit_and_comes_before_the_call() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        let limit = Duration::from_secs(2);
        let turn = async {
            tokio::time::sleep(limit + Duration::from_millis(200)).await;
            assert!(listener.accept().is_err(), "called before its turn");
        };
        dial("127.0.0.1", port, limit, None, turn).await.expect("a connection");
        assert!(listener.accept().is_ok());
    }
}

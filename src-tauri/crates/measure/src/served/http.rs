//! One question over HTTP, and the first lines of its answer.

use super::{PATIENCE, Question};
use std::net::Ipv6Addr;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;

/// Longer than any head of an answer has to be.
const HEAD: u64 = 32 * 1024;
const LINES: usize = 100;

/// The head of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// A WebSocket was asked for and is open, which only one who read our question can say (RFC 6455).
    pub(super) upgraded: bool,
}

/// Asks for a page, or for a WebSocket. The path is one of a key's, whose characters end no line.
pub(super) async fn ask<S>(mut stream: S, host: &str, question: &Question) -> Result<Answer, &'static str>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let key = generate_key();
    let host = if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() };
    let end = if question.socket {
        format!(
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        )
    } else {
        "Connection: close\r\n".to_owned()
    };
    let path = &question.path;
    let question = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Plumbline\r\nAccept: */*\r\n{end}\r\n");
    let asked = async {
        stream.write_all(question.as_bytes()).await.map_err(|_| "the connection was cut before an answer")?;
        stream.flush().await.map_err(|_| "the connection was cut before an answer")?;
        heard(stream.take(HEAD), &key).await
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Err("it takes connections and answers nothing over HTTP"))
}

async fn heard(mut stream: impl AsyncRead + Unpin, key: &str) -> Result<Answer, &'static str> {
    let mut bytes = Vec::new();
    loop {
        let ended = stream.read_buf(&mut bytes).await.map_or(true, |count| count == 0);
        if let Some(answer) = read(&bytes, key)? {
            return Ok(answer);
        }
        if ended {
            return Err("what it answers is not HTTP");
        }
    }
}

/// `None` while more has to come.
fn read(bytes: &[u8], key: &str) -> Result<Option<Answer>, &'static str> {
    let mut lines = [httparse::EMPTY_HEADER; LINES];
    let mut head = httparse::Response::new(&mut lines);
    let whole = head.parse(bytes).map_err(|_| "what it answers is not HTTP")?.is_complete();
    let Some(status) = head.code.filter(|_| whole) else { return Ok(None) };
    let due = derive_accept_key(key.as_bytes());
    let accepts = |line: &httparse::Header<'_>| {
        line.name.eq_ignore_ascii_case("Sec-WebSocket-Accept") && line.value.trim_ascii() == due.as_bytes()
    };
    Ok(Some(Answer { status, upgraded: status == 101 && head.headers.iter().any(accepts) }))
}

#[cfg(test)]
mod tests {
    use super::{Answer, read};

    /// RFC 6455, 1.3.
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    #[test]
    fn a_socket_is_open_for_one_who_read_our_question_alone() {
        let said = |accept: &str| format!("HTTP/1.1 101 Switching\r\nsec-websocket-accept: {accept}\r\n\r\n");
        let open = read(said("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=").as_bytes(), KEY);
        assert_eq!(open, Ok(Some(Answer { status: 101, upgraded: true })));
        let parrot = read(said("AAAAAAAAAAAAAAAAAAAAAAAAAAA=").as_bytes(), KEY);
        assert_eq!(parrot, Ok(Some(Answer { status: 101, upgraded: false })));
    }

    #[test]
    fn an_answer_counts_once_its_head_is_whole_and_noise_is_none() {
        assert_eq!(read(b"HTTP/1.1 404 Not", KEY), Ok(None));
        let whole = read(b"HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\n<html>", KEY);
        assert_eq!(whole, Ok(Some(Answer { status: 404, upgraded: false })));
        assert!(read(b"SSH-2.0-OpenSSH_9.2\r\n", KEY).is_err());
        assert!(read(&[0xff; 64], KEY).is_err());
    }
}

//! The SSH agent: which keys it holds, and its signatures.
//!
//! Asked by ourselves and not by the library, which cannot tell an agent that is empty from one that is locked, and which
//! cuts off what a security key adds to its signature. Only Pageant, which has no place to open, is left to the library.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What an agent answers when asked for its keys.
#[derive(Debug)]
pub(crate) enum State {
    Missing,
    Empty,
    /// It shows nothing, and also refuses what an open agent does.
    Locked,
    /// The public halves, in the agent's order.
    Keys(Agent, Vec<Vec<u8>>),
}

/// A line to an agent that holds keys.
#[derive(Debug)]
pub(crate) struct Agent {
    line: Line,
}

#[cfg(unix)]
type Line = std::os::unix::net::UnixStream;
#[cfg(windows)]
type Line = std::fs::File;

/// Where the agent listens: the one named, else the usual one.
pub(crate) fn place(named: Option<&Path>) -> Option<PathBuf> {
    match named {
        Some(path) => Some(path.to_owned()),
        None => usual(),
    }
}

#[cfg(unix)]
fn usual() -> Option<PathBuf> {
    std::env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// OpenSSH for Windows.
#[cfg(windows)]
fn usual() -> Option<PathBuf> {
    Some(PathBuf::from(r"\\.\pipe\openssh-ssh-agent"))
}

const LIST: u8 = 11;
const LIST_ANSWER: u8 = 12;
const SIGN: u8 = 13;
const SIGN_ANSWER: u8 = 14;
const SUCCESS: u8 = 6;
const EXTENSION: u8 = 27;

pub(crate) fn state(place: &Path) -> State {
    let Ok(mut line) = open(place) else { return State::Missing };
    let Ok(answer) = transact(&mut line, &[LIST]) else { return State::Missing };
    match answer.split_first() {
        Some((&LIST_ANSWER, rest)) => match keys(rest) {
            Some(keys) if !keys.is_empty() => State::Keys(Agent { line }, keys),
            Some(_) if takes_binding(&mut line) => State::Empty,
            Some(_) => State::Locked,
            None => State::Missing,
        },
        Some(_) => State::Locked,
        None => State::Missing,
    }
}

/// OpenSSH's agent shows an empty list while it is locked. What tells the two apart without leaving a trace is
/// `session-bind@openssh.com`, which concerns only this one connection to the agent: a locked agent refuses it. The key, the
/// session and the signature are a fixed, throw-away set.
fn takes_binding(line: &mut Line) -> bool {
    let mut request = vec![EXTENSION];
    for part in [b"session-bind@openssh.com".as_slice(), binding::KEY, binding::SESSION, binding::SIGNATURE] {
        put(&mut request, part);
    }
    request.push(0);
    transact(line, &request).is_ok_and(|answer| answer.first() == Some(&SUCCESS))
}

#[cfg(unix)]
fn open(place: &Path) -> io::Result<Line> {
    use std::time::Duration;
    let line = Line::connect(place)?;
    // Longer than a person needs to touch a security key. Whoever waits for the sign-in has given up before; this only ends
    // the thread of an agent that hangs.
    line.set_read_timeout(Some(Duration::from_secs(60)))?;
    line.set_write_timeout(Some(Duration::from_secs(5)))?;
    Ok(line)
}

#[cfg(windows)]
fn open(place: &Path) -> io::Result<Line> {
    std::fs::OpenOptions::new().read(true).write(true).open(place)
}

impl Agent {
    /// The signature of `data` by the key `public`, as the library wants it. `None`: the agent would not, or its owner.
    pub(crate) fn sign(&mut self, public: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        let algorithm = algorithm(data)?;
        let flags: u32 = match algorithm {
            b"rsa-sha2-256" => 2,
            b"rsa-sha2-512" => 4,
            _ => 0,
        };
        let mut request = vec![SIGN];
        put(&mut request, public);
        put(&mut request, data);
        request.extend_from_slice(&flags.to_be_bytes());
        let answer = transact(&mut self.line, &request).ok()?;
        signature(&answer, algorithm)
    }
}

/// What is signed (RFC 4252, 7): session, 50, user, service, "publickey", true, algorithm, key.
fn algorithm(mut data: &[u8]) -> Option<&[u8]> {
    string(&mut data)?;
    data = data.get(1..)?;
    for _ in 0..3 {
        string(&mut data)?;
    }
    data = data.get(1..)?;
    string(&mut data)
}

fn signature(answer: &[u8], algorithm: &[u8]) -> Option<Vec<u8>> {
    let (&SIGN_ANSWER, mut rest) = answer.split_first()? else { return None };
    let mut whole = string(&mut rest)?;
    // A certificate is signed with the algorithm of its key.
    let plain = algorithm.strip_suffix(b"-cert-v01@openssh.com".as_slice()).unwrap_or(algorithm);
    if string(&mut whole)? != plain {
        return None;
    }
    // A security key adds flags and a counter after the signature itself, and the library sends such answers as they are.
    if plain.starts_with(b"sk-") { Some(whole.to_vec()) } else { string(&mut whole).map(<[u8]>::to_vec) }
}

fn put(request: &mut Vec<u8>, part: &[u8]) {
    request.extend_from_slice(&u32::try_from(part.len()).unwrap_or(0).to_be_bytes());
    request.extend_from_slice(part);
}

fn transact(line: &mut Line, request: &[u8]) -> io::Result<Vec<u8>> {
    // The largest answer that OpenSSH's own client takes.
    const CAP: usize = 256 * 1024;
    let mut framed = Vec::with_capacity(request.len() + 4);
    put(&mut framed, request);
    line.write_all(&framed)?;
    let mut length = [0; 4];
    line.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length == 0 || length > CAP {
        return Err(io::Error::other("an answer of impossible length"));
    }
    let mut answer = vec![0; length];
    line.read_exact(&mut answer)?;
    Ok(answer)
}

fn keys(mut rest: &[u8]) -> Option<Vec<Vec<u8>>> {
    let count = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
    rest = &rest[4..];
    let mut keys = Vec::new();
    for _ in 0..count {
        keys.push(string(&mut rest)?.to_vec());
        string(&mut rest)?;
    }
    Some(keys)
}

fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
    let value = rest.get(4..4usize.checked_add(length)?)?;
    *rest = &rest[4 + length..];
    Some(value)
}

/// Made once with a key that was thrown away: SESSION signed by KEY.
#[rustfmt::skip]
mod binding {
    pub(super) const KEY: &[u8] = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00 \xb5[N\xd8\xe8\x8f\xbd{g\xd6l\xa0<\x91E+^\xc6\xbe9\xf2\x7f\x1dg\x8e\x08\xce\x80(]\xf8\x06";
    pub(super) const SESSION: &[u8] = b"plumbline asks whether you are o";
    pub(super) const SIGNATURE: &[u8] = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00@\x96^E\x04\xbb\xc1FV\x877B\x92\xec\xe4\xde\xd8\xea\xb6\xfc\x09\x9f+rc\x0d\xa3\x06\xecP\xd5\x15\xe0\x04\x16\xa8\xed\x88\xee\xae\x8d\x18\x8eoo\xddBk\x9e\x8a\xb4\x03T\xa65\xe5^\xbf\x9f\x87RS\x9d\xc8\x0b";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An agent behind a pipe of this name, which gives each request the answer of its first byte.
    #[cfg(windows)]
    fn piped(name: &str, answers: &'static [(u8, &'static [u8])]) -> (PathBuf, tokio::runtime::Runtime) {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        use tokio::net::windows::named_pipe::ServerOptions;
        let path = format!(r"\\.\pipe\plumbline-test-{name}-{}", std::process::id());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut pipe =
            runtime.block_on(async { ServerOptions::new().first_pipe_instance(true).create(&path) }).unwrap();
        runtime.spawn(async move {
            pipe.connect().await.unwrap();
            while let Ok(length) = pipe.read_u32().await {
                let mut request = vec![0; length as usize];
                pipe.read_exact(&mut request).await.unwrap();
                let answer =
                    answers.iter().find(|(kind, _)| *kind == request[0]).map_or(&[5][..], |(_, answer)| answer);
                pipe.write_u32(answer.len() as u32).await.unwrap();
                pipe.write_all(answer).await.unwrap();
            }
        });
        (PathBuf::from(path), runtime)
    }

    #[cfg(windows)]
    #[test]
    fn every_state_of_an_agent_behind_a_pipe() {
        assert!(matches!(state(Path::new(r"\\.\pipe\plumbline-test-nobody")), State::Missing));
        let (path, _runtime) = piped("empty", &[(LIST, b"\x0c\0\0\0\0"), (EXTENSION, &[SUCCESS])]);
        assert!(matches!(state(&path), State::Empty));
        let (path, _runtime) = piped("locked", &[(LIST, b"\x0c\0\0\0\0")]);
        assert!(matches!(state(&path), State::Locked));
        let (path, _runtime) = piped(
            "one",
            &[(LIST, b"\x0c\0\0\0\x01\0\0\0\x02ab\0\0\0\x01c"), (SIGN, b"\x0e\0\0\0\x13\0\0\0\x0bssh-ed25519\0\0\0\0")],
        );
        let State::Keys(mut agent, keys) = state(&path) else { panic!("no keys") };
        assert_eq!(keys, [b"ab".to_vec()]);
        let mut data = Vec::new();
        put(&mut data, b"session");
        data.push(50);
        for part in [&b"deploy"[..], b"ssh-connection", b"publickey"] {
            put(&mut data, part);
        }
        data.push(1);
        for part in [&b"ssh-ed25519"[..], b"ab"] {
            put(&mut data, part);
        }
        assert_eq!(agent.sign(b"ab", &data), Some(Vec::new()));
    }

    #[test]
    fn a_hostile_list_is_no_list() {
        for bytes in [&b""[..], b"\0\0", b"\0\0\0\x01", b"\xff\xff\xff\xff\0\0\0\x01a", b"\0\0\0\x01\xff\xff\xff\xff"] {
            assert_eq!(keys(bytes), None);
        }
        for answer in [&b""[..], b"\x05", b"\x0e", b"\x0e\0\0\0\x09", b"\x0e\0\0\0\x04\0\0\0\x09"] {
            assert_eq!(signature(answer, b"ssh-ed25519"), None);
        }
        assert_eq!(algorithm(b"\0\0\0\x01s2"), None);
        assert_eq!(keys(b"\0\0\0\0"), Some(vec![]));
        assert_eq!(keys(b"\0\0\0\x01\0\0\0\x02ab\0\0\0\x01c"), Some(vec![b"ab".to_vec()]));
    }
}

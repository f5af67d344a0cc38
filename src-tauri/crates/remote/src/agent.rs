//! The SSH agent: which keys it holds. Signing is the library's; listing is ours, because the library cannot tell an agent
//! that is empty from one that is locked.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What an agent answers when asked for its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Missing,
    Empty,
    /// It shows nothing, and also refuses what an open agent does.
    Locked,
    /// The public halves, in the agent's order.
    Keys(Vec<Vec<u8>>),
}

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

/// OpenSSH for Windows. Pageant has no path; the library finds it by its window.
#[cfg(windows)]
fn usual() -> Option<PathBuf> {
    Some(PathBuf::from(r"\\.\pipe\openssh-ssh-agent"))
}

const LIST: u8 = 11;
const LIST_ANSWER: u8 = 12;
const SUCCESS: u8 = 6;
const EXTENSION: u8 = 27;

pub(crate) fn state(place: &Path) -> State {
    let Ok(mut line) = open(place) else { return State::Missing };
    let Ok(answer) = transact(&mut line, &[LIST]) else { return State::Missing };
    match answer.split_first() {
        Some((&LIST_ANSWER, rest)) => match keys(rest) {
            Some(keys) if !keys.is_empty() => State::Keys(keys),
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
fn takes_binding(line: &mut impl ReadWrite) -> bool {
    let mut request = vec![EXTENSION];
    for part in [b"session-bind@openssh.com".as_slice(), binding::KEY, binding::SESSION, binding::SIGNATURE] {
        request.extend_from_slice(&u32::try_from(part.len()).unwrap_or(0).to_be_bytes());
        request.extend_from_slice(part);
    }
    request.push(0);
    transact(line, &request).is_ok_and(|answer| answer.first() == Some(&SUCCESS))
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

#[cfg(unix)]
fn open(place: &Path) -> io::Result<std::os::unix::net::UnixStream> {
    let line = std::os::unix::net::UnixStream::connect(place)?;
    // An agent that hangs must not hang us; listing asks nobody anything.
    line.set_read_timeout(Some(Duration::from_secs(5)))?;
    line.set_write_timeout(Some(Duration::from_secs(5)))?;
    Ok(line)
}

#[cfg(windows)]
fn open(place: &Path) -> io::Result<std::fs::File> {
    std::fs::OpenOptions::new().read(true).write(true).open(place)
}

fn transact(line: &mut impl ReadWrite, request: &[u8]) -> io::Result<Vec<u8>> {
    // The largest answer that OpenSSH's own client takes.
    const CAP: usize = 256 * 1024;
    let length = u32::try_from(request.len()).map_err(io::Error::other)?;
    line.write_all(&length.to_be_bytes())?;
    line.write_all(request)?;
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

    #[test]
    fn a_hostile_list_is_no_list() {
        for bytes in [&b""[..], b"\0\0", b"\0\0\0\x01", b"\xff\xff\xff\xff\0\0\0\x01a", b"\0\0\0\x01\xff\xff\xff\xff"] {
            assert_eq!(keys(bytes), None);
        }
        assert_eq!(keys(b"\0\0\0\0"), Some(vec![]));
        assert_eq!(keys(b"\0\0\0\x01\0\0\0\x02ab\0\0\0\x01c"), Some(vec![b"ab".to_vec()]));
    }
}

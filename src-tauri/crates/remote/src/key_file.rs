//! Private key files: what they are, told before any library tries them.
//!
//! The library answers a missing passphrase, a wrong one and a broken file with the same words; here they are told apart.

use crate::error::{Error, Fault};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A key file that looks usable. `Debug` shows no key.
pub(crate) struct KeyFile {
    pub(crate) file: PathBuf,
    pub(crate) text: Zeroizing<String>,
    pub(crate) encrypted: bool,
}

/// The largest private keys (RSA 16384) stay far below; a larger file is something else.
const CAP: u64 = 64 * 1024;

pub(crate) fn read(file: &Path) -> Result<KeyFile, Error> {
    let unreadable = |why: String| Error::new(Fault::KeyUnreadable { file: file.to_owned() }).raw_text(why.as_bytes());
    let meta = std::fs::metadata(file).map_err(|e| unreadable(e.to_string()))?;
    if !meta.is_file() {
        return Err(unreadable("not a file".to_owned()));
    }
    if meta.len() > CAP {
        return Err(Error::new(Fault::KeyFormat {
            file: file.to_owned(),
            what: "it is too large for a key".to_owned(),
        }));
    }
    let bytes = Zeroizing::new(std::fs::read(file).map_err(|e| unreadable(e.to_string()))?);
    let text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    let encrypted = inspect(&text).map_err(|wrong| Error::new(wrong.fault(file)))?;
    Ok(KeyFile { file: file.to_owned(), text, encrypted })
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Putty,
    Public,
    Hardware,
    Format(&'static str),
}

impl Wrong {
    fn fault(self, file: &Path) -> Fault {
        let file = file.to_owned();
        match self {
            Wrong::Putty => Fault::KeyPutty { file },
            Wrong::Public => Fault::KeyIsPublic { file },
            Wrong::Hardware => Fault::KeyHardware { file },
            Wrong::Format(what) => Fault::KeyFormat { file, what: what.to_owned() },
        }
    }
}

/// Whether the key is locked with a passphrase.
pub(crate) fn inspect(text: &str) -> Result<bool, Wrong> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return Err(Wrong::Format("it is empty"));
    }
    if text.starts_with("PuTTY-User-Key-File-") {
        return Err(Wrong::Putty);
    }
    if text.starts_with("---- BEGIN SSH2 PUBLIC KEY")
        || text.contains("-----BEGIN PUBLIC KEY-----")
        || is_public_line(text)
    {
        return Err(Wrong::Public);
    }
    if text.starts_with("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY") {
        return Err(Wrong::Format("it is in the format of SSH.com"));
    }
    let Some((label, body)) = pem(text) else { return Err(Wrong::Format("it holds no private key")) };
    match label {
        "OPENSSH PRIVATE KEY" => openssh(&body.replace(['\r', '\n', ' ', '\t'], "")),
        "ENCRYPTED PRIVATE KEY" => Ok(true),
        "PRIVATE KEY" => Ok(false),
        "RSA PRIVATE KEY" | "EC PRIVATE KEY" => Ok(body.contains("Proc-Type:") && body.contains("ENCRYPTED")),
        "DSA PRIVATE KEY" => Err(Wrong::Format("DSA keys are no longer safe")),
        "CERTIFICATE" => Err(Wrong::Format("it is a certificate")),
        _ => Err(Wrong::Format("it is of another kind")),
    }
}

fn is_public_line(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let kind = words.next().unwrap_or_default();
    (kind.starts_with("ssh-") || kind.starts_with("ecdsa-") || kind.starts_with("sk-"))
        && words.next().is_some_and(|body| body.starts_with("AAAA"))
}

/// The label and what stands between the first pair of lines, skipping what is not a key (EC PARAMETERS, comments).
fn pem(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    loop {
        let (_, after) = rest.split_once("-----BEGIN ")?;
        let (label, body) = after.split_once("-----")?;
        let end = format!("-----END {label}-----");
        let (body, tail) = body.split_once(end.as_str())?;
        if label != "EC PARAMETERS" {
            return Some((label, body));
        }
        rest = tail;
    }
}

/// `openssh-key-v1`: magic, cipher, kdf, kdf options, count, public key (PROTOCOL.key of OpenSSH).
fn openssh(base64: &str) -> Result<bool, Wrong> {
    const BROKEN: Wrong = Wrong::Format("it is cut short or damaged");
    let bytes = Zeroizing::new(STANDARD.decode(base64).map_err(|_| BROKEN)?);
    let mut rest = bytes.strip_prefix(b"openssh-key-v1\0").ok_or(BROKEN)?;
    let cipher = string(&mut rest).ok_or(BROKEN)?;
    let _kdf = string(&mut rest).ok_or(BROKEN)?;
    let _options = string(&mut rest).ok_or(BROKEN)?;
    let count = rest.get(..4).ok_or(BROKEN)?;
    if count != [0, 0, 0, 1] {
        return Err(Wrong::Format("it holds several keys"));
    }
    rest = &rest[4..];
    let mut public = string(&mut rest).ok_or(BROKEN)?;
    string(&mut rest).filter(|secret| !secret.is_empty()).ok_or(BROKEN)?;
    match string(&mut public).ok_or(BROKEN)? {
        b"ssh-ed25519" | b"ssh-rsa" | b"ecdsa-sha2-nistp256" | b"ecdsa-sha2-nistp384" | b"ecdsa-sha2-nistp521" => {
            Ok(cipher != b"none")
        }
        b"ssh-dss" => Err(Wrong::Format("DSA keys are no longer safe")),
        kind if kind.starts_with(b"sk-") => Err(Wrong::Hardware),
        _ => Err(Wrong::Format("its type is not one that we know")),
    }
}

fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
    let value = rest.get(4..4usize.checked_add(length)?)?;
    *rest = &rest[4 + length..];
    Some(value)
}

/// The public half that stands beside a private key, as a known blob: to pick the same key from an agent.
pub(crate) fn public_blob(file: &Path) -> Option<Vec<u8>> {
    let beside = PathBuf::from(format!("{}.pub", file.display()));
    let from_line = |text: String| STANDARD.decode(text.split_ascii_whitespace().nth(1)?).ok();
    if let Some(blob) = std::fs::read_to_string(beside).ok().and_then(from_line) {
        return Some(blob);
    }
    // An OpenSSH key carries its public half in the clear, even when it is locked.
    let text = Zeroizing::new(std::fs::read_to_string(file).ok()?);
    if is_public_line(&text) {
        return STANDARD.decode(text.split_ascii_whitespace().nth(1)?).ok();
    }
    let (label, body) = pem(&text)?;
    if label != "OPENSSH PRIVATE KEY" {
        return None;
    }
    let bytes = Zeroizing::new(STANDARD.decode(body.replace(['\r', '\n', ' ', '\t'], "")).ok()?);
    let mut rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    for _ in 0..3 {
        string(&mut rest)?;
    }
    rest = rest.get(4..)?;
    string(&mut rest).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_usable_key_says_what_it_is() {
        for (text, wrong) in [
            ("", Wrong::Format("it is empty")),
            ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", Wrong::Putty),
            ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@here\n", Wrong::Public),
            ("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n", Wrong::Public),
            ("hello", Wrong::Format("it holds no private key")),
            (
                "-----BEGIN DSA PRIVATE KEY-----\nAA\n-----END DSA PRIVATE KEY-----",
                Wrong::Format("DSA keys are no longer safe"),
            ),
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
                Wrong::Format("it is cut short or damaged"),
            ),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz", Wrong::Format("it holds no private key")),
        ] {
            assert_eq!(inspect(text), Err(wrong), "{text}");
        }
    }

    #[test]
    fn pem_says_itself_whether_it_is_locked() {
        assert_eq!(
            inspect("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIG\n-----END ENCRYPTED PRIVATE KEY-----"),
            Ok(true)
        );
        assert_eq!(inspect("-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----"), Ok(false));
        let locked = "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,00\r\n\r\nMIG\r\n-----END RSA PRIVATE KEY-----";
        assert_eq!(inspect(locked), Ok(true));
        let params = "-----BEGIN EC PARAMETERS-----\nBg\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----";
        assert_eq!(inspect(params), Ok(false));
    }
}

//! Is this the server we think it is? Judged from known_hosts files before any credential leaves.

use crate::known_hosts::{KnownHosts, Marker};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A server's public key as it comes over the line.
#[derive(Clone, PartialEq, Eq)]
pub struct HostKey {
    blob: Vec<u8>,
}

impl HostKey {
    pub fn new(blob: Vec<u8>) -> Self {
        HostKey { blob }
    }

    /// From the base64 of a known_hosts line.
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok().filter(|blob| kind_of(blob).is_some()).map(HostKey::new)
    }

    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.blob)
    }

    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` ...: as it stands inside the key itself.
    pub fn kind(&self) -> &str {
        kind_of(&self.blob).unwrap_or("unknown")
    }

    /// `SHA256:` and 43 characters, as `ssh-keygen -lf` prints it.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&self.blob)))
    }
}

impl fmt::Debug for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostKey({} {})", self.kind(), self.fingerprint())
    }
}

fn kind_of(blob: &[u8]) -> Option<&str> {
    let length = u32::from_be_bytes(blob.get(..4)?.try_into().ok()?) as usize;
    let kind = std::str::from_utf8(blob.get(4..4usize.checked_add(length)?)?).ok()?;
    (!kind.is_empty() && kind.bytes().all(|b| b.is_ascii_graphic())).then_some(kind)
}

/// Whether what a person pasted is this key's fingerprint. Spaces and grouping do not count; `SHA256:` may be missing.
pub fn same_fingerprint(pasted: &str, key: &HostKey) -> bool {
    let bare: String = pasted.chars().filter(|c| !c.is_whitespace()).collect();
    let bare = bare.strip_prefix("SHA256:").unwrap_or(&bare).trim_end_matches('=');
    key.fingerprint().strip_prefix("SHA256:").is_some_and(|own| own == bare)
}

/// A key that stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    pub key: HostKey,
    /// `FILE:LINE`.
    pub place: String,
    /// When we wrote it, in seconds since 1970; only our own file says so.
    pub since: Option<u64>,
}

/// What the files say about the key that a server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    Known {
        place: String,
    },
    /// No file knows this server.
    First,
    /// The files know this server under other keys.
    Changed {
        known: Vec<KnownKey>,
    },
    /// A file says that this key is never to be trusted again.
    Revoked {
        place: String,
    },
    /// The files know this server only through a certificate authority, which we do not support.
    CertAuthority {
        place: String,
    },
}

/// Judges `shown` for `name` (see `Target::known_hosts_name`) and the address that was dialled.
///
/// `files` are in order of authority: the first file that has plain keys for the name decides, so that a key replaced in our
/// own file counts although an older one stands in `~/.ssh/known_hosts`. Revocation counts wherever it stands.
pub fn judge(name: &str, shown: &HostKey, files: &[KnownHosts]) -> Judgement {
    for entry in files.iter().flat_map(|file| file.matching(name)) {
        if entry.marker == Marker::Revoked && entry.key == *shown {
            return Judgement::Revoked { place: entry.place() };
        }
    }
    for file in files {
        let plain: Vec<_> = file.matching(name).filter(|entry| entry.marker == Marker::Plain).collect();
        if let Some(entry) = plain.iter().find(|entry| entry.key == *shown) {
            return Judgement::Known { place: entry.place() };
        }
        if !plain.is_empty() {
            let known =
                plain.iter().map(|e| KnownKey { key: e.key.clone(), place: e.place(), since: e.since() }).collect();
            return Judgement::Changed { known };
        }
    }
    match files.iter().flat_map(|file| file.matching(name)).find(|entry| entry.marker == Marker::CertAuthority) {
        Some(entry) => Judgement::CertAuthority { place: entry.place() },
        None => Judgement::First,
    }
}

/// The signature types to ask for, those of keys that we trust first: a server known by its Ed25519 key must not look
/// changed because it also has an RSA key. Nothing with SHA-1, no certificates.
pub(crate) fn preferred_kinds(name: &str, files: &[KnownHosts]) -> Vec<&'static str> {
    const OFFERED: [(&str, &str); 6] = [
        ("ssh-ed25519", "ssh-ed25519"),
        ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
        ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"),
        ("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"),
        ("ssh-rsa", "rsa-sha2-512"),
        ("ssh-rsa", "rsa-sha2-256"),
    ];
    // The file that will decide is the one whose kinds count.
    let deciding = files.iter().find(|file| file.matching(name).any(|entry| entry.marker == Marker::Plain));
    let trusted = |kind: &str| {
        deciding.is_some_and(|file| file.matching(name).any(|e| e.marker == Marker::Plain && e.key.kind() == kind))
    };
    let (first, then): (Vec<_>, Vec<_>) = OFFERED.into_iter().partition(|(kind, _)| trusted(kind));
    first.into_iter().chain(then).map(|(_, signature)| signature).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known_hosts::KnownHosts;

    fn key(kind: &str, text: &str) -> HostKey {
        let mut blob = (kind.len() as u32).to_be_bytes().to_vec();
        blob.extend_from_slice(kind.as_bytes());
        blob.extend_from_slice(text.as_bytes());
        HostKey::new(blob)
    }

    fn file(name: &str, lines: &[String]) -> KnownHosts {
        KnownHosts::parse(std::path::Path::new(name), lines.join("\n").as_bytes())
    }

    fn line(names: &str, key: &HostKey) -> String {
        format!("{names} {} {}", key.kind(), key.to_base64())
    }

    #[test]
    fn every_judgement() {
        let (a, b, rsa) = (key("ssh-ed25519", "a"), key("ssh-ed25519", "b"), key("ssh-rsa", "r"));
        let known = file("k", &["# comment".into(), line("chat-01,192.0.2.7", &a), line("chat-01", &rsa)]);
        let one = std::slice::from_ref(&known);
        assert_eq!(judge("chat-01", &a, one), Judgement::Known { place: "k:2".into() });
        assert_eq!(judge("chat-01", &rsa, one), Judgement::Known { place: "k:3".into() });
        assert_eq!(judge("chat-02", &a, one), Judgement::First);
        let Judgement::Changed { known: keys } = judge("chat-01", &b, one) else {
            panic!("a new key of a known server is a change")
        };
        assert_eq!(keys.iter().map(|k| k.place.as_str()).collect::<Vec<_>>(), ["k:2", "k:3"]);
        // Another port is another server.
        assert_eq!(judge("[chat-01]:2222", &a, one), Judgement::First);
    }

    #[test]
    fn a_kind_we_have_not_met_is_a_change_too() {
        let known = file("k", &[line("chat-01", &key("ssh-ed25519", "a"))]);
        assert!(matches!(judge("chat-01", &key("ssh-rsa", "r"), &[known]), Judgement::Changed { .. }));
    }

    #[test]
    fn revoked_wins_wherever_it_stands() {
        let a = key("ssh-ed25519", "a");
        let own = file("own", &[line("chat-01", &a)]);
        let system = file("system", &[format!("@revoked {}", line("*", &a))]);
        assert_eq!(judge("chat-01", &a, &[own, system]), Judgement::Revoked { place: "system:1".into() });
    }

    #[test]
    fn a_replaced_key_counts_although_the_old_one_stands_elsewhere() {
        let (old, new) = (key("ssh-ed25519", "old"), key("ssh-ed25519", "new"));
        let own = file("own", &[line("chat-01", &new)]);
        let user = file("user", &[line("chat-01", &old)]);
        assert!(matches!(judge("chat-01", &new, &[own.clone(), user.clone()]), Judgement::Known { .. }));
        assert!(matches!(judge("chat-01", &old, &[own, user]), Judgement::Changed { .. }));
    }

    #[test]
    fn a_certificate_authority_is_named_not_trusted() {
        let a = key("ssh-ed25519", "a");
        let user = file("u", &[format!("@cert-authority {}", line("*.example", &a))]);
        assert_eq!(judge("x.example", &a, &[user]), Judgement::CertAuthority { place: "u:1".into() });
    }

    #[test]
    fn trusted_kinds_are_asked_for_first() {
        let known = file("k", &[line("chat-01", &key("ssh-rsa", "r"))]);
        assert_eq!(&preferred_kinds("chat-01", std::slice::from_ref(&known))[..2], ["rsa-sha2-512", "rsa-sha2-256"]);
        assert_eq!(preferred_kinds("chat-02", &[known])[0], "ssh-ed25519");
    }

    #[test]
    fn pasted_fingerprints() {
        let a = key("ssh-ed25519", "a");
        let print = a.fingerprint();
        let bare = print.trim_start_matches("SHA256:");
        assert_eq!(bare.len(), 43);
        assert!(
            same_fingerprint(&print, &a) && same_fingerprint(bare, &a) && same_fingerprint(&format!(" {bare}= \n"), &a)
        );
        assert!(
            !same_fingerprint(&bare.to_ascii_lowercase(), &a)
                && !same_fingerprint("", &a)
                && !same_fingerprint(&bare[..42], &a)
        );
    }
}

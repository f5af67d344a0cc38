//! Whatever stands in a file or comes over the line: read as far as it goes, never a panic, never a wrong trust.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../../tests/many_cases.rs"]
mod many_cases;

use proptest::prelude::*;
use remote::{Greeting, HostKey, Judgement, KnownHosts, SshConfig, Target, judge, same_fingerprint, visible};
use std::path::Path;

fn key(tail: &[u8]) -> HostKey {
    HostKey::new([b"\0\0\0\x0bssh-ed25519".as_slice(), tail].concat())
}

fn cases() -> ProptestConfig {
    many_cases::many_cases(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds/foreign_bytes.txt"))
}

/// Text in which the words of the format turn up often.
fn like(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![4 => proptest::sample::select(words).prop_map(str::to_owned), 1 => ".{0,6}"],
        0..60,
    )
    .prop_map(|parts| parts.concat())
}

const HOSTS: &[&str] = &[
    "@revoked ",
    "@cert-authority ",
    "chat-01",
    "*",
    "!",
    ",",
    "[chat-01]:22",
    "|1|",
    "|",
    " ssh-ed25519 ",
    "\n",
    " ",
    "#",
    "AAAAC3NzaC1lZDI1NTE5AAAAIJg3TpmeYvsLGJgLuLfJUNY1gQcPfmXAGC4rIbGbEQKH",
];
const CONFIG: &[&str] = &[
    "Host ",
    "Match ",
    "host ",
    "exec ",
    "all",
    "*",
    "!a",
    "a",
    "\n",
    " ",
    "=",
    "\"",
    "\\",
    "#",
    "Include ",
    "ProxyJump ",
    "a,b",
    "User ",
    "Port ",
    "22",
    "IdentityFile ",
    "%h",
    "%",
    "~/",
    "${HOME}",
    "${",
    "none",
    "HostName ",
    "::1",
];

/// A line of welcome, a version, and a packet with ten lists of names (RFC 4253, 7.1).
fn real_greeting() -> Vec<u8> {
    let lists = ["curve25519-sha256,ext-info-s", "ssh-ed25519,rsa-sha2-512", "aes256-gcm@openssh.com", "aes256-ctr"];
    let mut payload = [&[20][..], &[7; 16]].concat();
    for list in lists.iter().chain(["hmac-sha2-256", "hmac-sha2-512", "none", "none", "", ""].iter()) {
        payload.extend((list.len() as u32).to_be_bytes());
        payload.extend(list.as_bytes());
    }
    payload.extend([0; 5]);
    let mut bytes = b"Welcome\r\nSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n".to_vec();
    bytes.extend((payload.len() as u32 + 1).to_be_bytes());
    bytes.push(0);
    bytes.extend(payload);
    bytes
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn known_hosts_of_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in like(HOSTS)) {
        for file in [bytes, text.into_bytes()] {
            let hosts = KnownHosts::parse(Path::new("k"), &file);
            let stranger = key(b"a key that stands in no file");
            let judgement = judge("chat-01", &stranger, &[hosts]);
            prop_assert!(!matches!(judgement, Judgement::Known { .. }), "{judgement:?}");
        }
    }

    #[test]
    fn a_withdrawn_key_stays_withdrawn_whatever_stands_around_it(before in like(HOSTS), after in like(HOSTS)) {
        let known = key(b"a key");
        let line = format!("chat-01 ssh-ed25519 {}", known.to_base64());
        let hosts = |text: String| [KnownHosts::parse(Path::new("k"), text.as_bytes())];
        let plain = hosts(format!("{before}\n{line}\n{after}"));
        let trusted = matches!(judge("chat-01", &known, &plain), Judgement::Known { .. });
        prop_assert!(trusted);
        let stranger = matches!(judge("chat-01", &key(b"another"), &plain), Judgement::Changed { .. });
        prop_assert!(stranger, "another key of a known server is a change");
        let revoked = hosts(format!("{line}\n{before}\n@revoked {line}\n{after}"));
        let withdrawn = matches!(judge("chat-01", &known, &revoked), Judgement::Revoked { .. });
        prop_assert!(withdrawn);
    }

    #[test]
    fn a_config_of_any_text(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in like(CONFIG)) {
        for file in [bytes, text.into_bytes()] {
            if let Ok(config) = SshConfig::parse(Path::new("c"), &file, Path::new("/nowhere")) {
                for name in ["a", "u@b:22", "::1"] {
                    if let Ok(resolved) = config.target(name) {
                        prop_assert!(resolved.target.port > 0 && !resolved.target.host.is_empty());
                        prop_assert!(!resolved.target.host.starts_with('-'));
                    }
                }
            }
        }
    }

    #[test]
    fn what_a_config_asks_and_we_do_not_follow_is_listed(keyword in "[A-Z][a-z]{3,12}", value in "[a-z0-9./]{1,12}", around in like(CONFIG)) {
        let text = format!("{keyword}X {value}\nHost b\n{around}");
        if let Ok(config) = SshConfig::parse(Path::new("c"), text.as_bytes(), Path::new("/nowhere"))
            && let Ok(resolved) = config.target("a")
        {
            let listed = resolved.not_understood.iter().any(|note| note.starts_with("c:1:"));
            prop_assert!(listed, "{:?}", resolved.not_understood);
        }
    }

    #[test]
    fn a_real_greeting_spoilt_anywhere(at in any::<prop::sample::Index>(), put in proptest::collection::vec(any::<u8>(), 0..12), gone in 0usize..12) {
        let mut bytes = real_greeting();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + gone);
        bytes.splice(at..end, put);
        let greeting = Greeting::parse(&bytes);
        prop_assert!(greeting.before.len() <= bytes.len());
        for names in greeting.offer.iter().flat_map(|offer| [&offer.exchange, &offer.host_key, &offer.cipher, &offer.mac]) {
            prop_assert!(names.iter().map(String::len).sum::<usize>() <= 3 * bytes.len());
        }
    }

    #[test]
    fn a_greeting_of_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..200) {
        let _ = Greeting::parse(&bytes);
        let mut hello = b"SSH-2.0-x\r\n\0\0\x01\0\x04\x14".to_vec();
        hello.extend_from_slice(&bytes);
        hello.truncate(cut + 11);
        prop_assert!(Greeting::parse(&hello).speaks_ssh2());
    }

    #[test]
    fn an_address_of_any_text(text in "\\PC{0,40}", bytes in ".{0,40}") {
        for text in [text, bytes] {
            if let Ok(target) = text.parse::<Target>() {
                prop_assert!(target.host.is_ascii() && !target.host.starts_with('-') && target.port > 0);
                let again: Target = target.to_string().parse().unwrap();
                prop_assert_eq!((again.host, again.port, again.user), (target.host, target.port, target.user));
            }
        }
    }

    #[test]
    fn no_control_character_gets_through(text in "\\PC{0,80}", raw in ".{0,80}", cap in 0usize..50) {
        for text in [text, raw] {
            let shown = visible(&text, cap);
            let moves = |c: char| (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c);
            prop_assert!(!shown.chars().any(moves), "{:?}", shown);
        }
    }

    #[test]
    fn only_its_own_fingerprint_is_the_same(tail in proptest::collection::vec(any::<u8>(), 0..40), other in "[A-Za-z0-9+/]{43}") {
        let key = key(&tail);
        prop_assert!(same_fingerprint(&key.fingerprint(), &key));
        prop_assert_eq!(same_fingerprint(&other, &key), key.fingerprint() == format!("SHA256:{other}"));
    }
}

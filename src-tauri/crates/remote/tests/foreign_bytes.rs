//! Whatever stands in a file or comes over the line: read as far as it goes, never a panic, never a wrong trust.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use remote::{Greeting, HostKey, Judgement, KnownHosts, SshConfig, Target, judge, same_fingerprint, visible};
use std::path::Path;

fn key(tail: &[u8]) -> HostKey {
    HostKey::new([b"\0\0\0\x0bssh-ed25519".as_slice(), tail].concat())
}

/// A second or two; PROPTEST_CASES asks for more.
fn cases() -> ProptestConfig {
    let usual = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { usual } else { ProptestConfig { cases: 64, ..usual } }
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

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn known_hosts_of_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000), text in like(HOSTS)) {
        for file in [bytes, text.into_bytes()] {
            let hosts = KnownHosts::parse(Path::new("k"), &file);
            let stranger = key(b"a key that stands in no file");
            let judgement = judge("chat-01", &stranger, &[hosts]);
            prop_assert!(!matches!(judgement, Judgement::Known { .. }), "{judgement:?}");
        }
    }

    #[test]
    fn a_config_of_any_text(bytes in proptest::collection::vec(any::<u8>(), 0..500), text in like(CONFIG)) {
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
    fn a_greeting_of_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..3000), cut in 0usize..200) {
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

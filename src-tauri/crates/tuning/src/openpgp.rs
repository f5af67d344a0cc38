//! Whose an OpenPGP key is: its fingerprint, worked out from the key itself and never taken from what stands beside it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The fingerprint of an armoured key, 40 hex digits in capitals.
///
/// `None` for what is no key of version 4, and for a text with more than one key: whoever trusts the file would trust
/// them all.
pub(crate) fn fingerprint(armoured: &str) -> Option<String> {
    let mut packets = dearmoured(armoured)?;
    let mut found = None;
    while !packets.is_empty() {
        let (tag, body, rest) = packet(&packets)?;
        if tag == PUBLIC_KEY {
            if found.is_some() || body.first() != Some(&4) {
                return None;
            }
            let length = u16::try_from(body.len()).ok()?.to_be_bytes();
            let digest = Sha1::new().chain_update([0x99]).chain_update(length).chain_update(&body).finalize();
            found = Some(digest.iter().map(|byte| format!("{byte:02X}")).collect());
        }
        packets = rest;
    }
    found
}

const PUBLIC_KEY: u8 = 6;

/// The bytes between the marks. A second block after the first is refused: it could hold another key.
fn dearmoured(text: &str) -> Option<Vec<u8>> {
    let (_, block) = text.split_once("-----BEGIN PGP PUBLIC KEY BLOCK-----")?;
    let (block, rest) = block.split_once("-----END PGP PUBLIC KEY BLOCK-----")?;
    if rest.contains("-----BEGIN") {
        return None;
    }
    // headers end with an empty line; the last line is a checksum
    let (_, body) = block.split_once("\n\n")?;
    let letters: String = body.lines().filter(|line| !line.starts_with('=')).map(str::trim).collect();
    STANDARD.decode(letters).ok()
}

/// The first packet: its tag, its body, and what follows. Lengths that a key never has are refused.
fn packet(bytes: &[u8]) -> Option<(u8, Vec<u8>, Vec<u8>)> {
    let (&head, rest) = bytes.split_first()?;
    if head & 0x80 == 0 {
        return None;
    }
    let (tag, length, start) = if head & 0x40 == 0 {
        let size = match head & 3 {
            0 => 1,
            1 => 2,
            2 => 4,
            _ => return None,
        };
        ((head >> 2) & 0xf, number(rest.get(..size)?), size)
    } else {
        let first = usize::from(*rest.first()?);
        match first {
            0..192 => (head & 0x3f, first, 1),
            192..224 => (head & 0x3f, ((first - 192) << 8) + usize::from(*rest.get(1)?) + 192, 2),
            255 => (head & 0x3f, number(rest.get(1..5)?), 5),
            _ => return None,
        }
    };
    let end = start.checked_add(length)?;
    Some((tag, rest.get(start..end)?.to_vec(), rest.get(end..)?.to_vec()))
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use proptest::prelude::*;

    const POSTGRESQL: &str = "B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8";

    fn postgresql() -> String {
        let catalog = include_str!("../../profiles/catalog/reforms.toml");
        let start = catalog.find("-----BEGIN PGP").expect("a key");
        let end = catalog.find("-----END PGP PUBLIC KEY BLOCK-----").expect("its end");
        format!("{}-----END PGP PUBLIC KEY BLOCK-----\n", &catalog[start..end])
    }

    #[test]
    fn the_fingerprint_is_that_of_the_key_itself() {
        assert_eq!(fingerprint(&postgresql()).as_deref(), Some(POSTGRESQL));
        // one bit of the key is another key
        let other = postgresql().replacen("mQINBE6XR8IB", "mQINBE6XR8MB", 1);
        assert_ne!(other, postgresql());
        assert!(fingerprint(&other).is_some_and(|found| found != POSTGRESQL));
    }

    #[test]
    fn a_text_with_a_second_key_is_refused() {
        assert_eq!(fingerprint(&postgresql().repeat(2)), None);
        let body = |text: &str| {
            let lines: Vec<&str> = text.lines().skip(2).take_while(|line| !line.starts_with('=')).collect();
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, lines.concat()).expect("base64")
        };
        let two = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            [body(&postgresql()), body(&postgresql())].concat(),
        );
        let text = format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{two}\n-----END PGP PUBLIC KEY BLOCK-----\n");
        assert_eq!(fingerprint(&text), None, "two keys in one block");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body);
            let _ = fingerprint(&format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{text}\n-----END PGP PUBLIC KEY BLOCK-----"));
        }
    }
}

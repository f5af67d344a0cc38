//! The first, unencrypted words of a server: what it is, and which algorithms it offers.
//!
//! The library says only "unable to exchange encryption keys". These bytes are looked at before it takes them, so that a
//! person can be told whose algorithm is missing on which side.

/// The most we look at: a version line and one packet of name lists fit many times over.
pub(crate) const CAP: usize = 16 * 1024;

/// Lines before the version are allowed (RFC 4253, 4.2); sshd uses them to say why it hangs up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Greeting {
    /// `SSH-2.0-OpenSSH_9.2p1 Debian-2`, without the line's end.
    pub version: Option<String>,
    /// What stood before it, or all there was.
    pub before: Vec<u8>,
    pub offer: Option<Offer>,
}

/// The name lists of the server's KEXINIT (RFC 4253, 7.1), server to client where there are two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    pub exchange: Vec<String>,
    pub host_key: Vec<String>,
    pub cipher: Vec<String>,
    pub mac: Vec<String>,
}

impl Greeting {
    pub fn parse(bytes: &[u8]) -> Self {
        let mut greeting = Greeting::default();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&b| b == b'\n') {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            if line.starts_with(b"SSH-") {
                let text = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
                greeting.version = Some(text);
                greeting.offer = offer(after);
                return greeting;
            }
            greeting.before.extend_from_slice(&rest[..=end]);
            rest = after;
        }
        greeting.before.extend_from_slice(rest);
        greeting
    }

    /// Speaks SSH 1.99 or 2.0: anything else is too old to talk to.
    pub fn speaks_ssh2(&self) -> bool {
        self.version.as_deref().is_some_and(|v| v.starts_with("SSH-2.0-") || v.starts_with("SSH-1.99-"))
    }
}

fn offer(packet: &[u8]) -> Option<Offer> {
    const KEXINIT: u8 = 20;
    let length = u32::from_be_bytes(packet.get(..4)?.try_into().ok()?) as usize;
    let payload = packet.get(5..4usize.checked_add(length)?)?;
    if *payload.first()? != KEXINIT {
        return None;
    }
    // One byte for the kind, sixteen for the cookie, then ten name lists.
    let mut rest = payload.get(17..)?;
    let mut next = || -> Option<Vec<String>> {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let names = rest.get(4..4usize.checked_add(length)?)?;
        rest = &rest[4 + length..];
        Some(
            names
                .split(|&b| b == b',')
                .filter(|n| !n.is_empty())
                .map(|n| String::from_utf8_lossy(n).into_owned())
                .collect(),
        )
    };
    let (exchange, host_key, _, cipher, _, mac) = (next()?, next()?, next()?, next()?, next()?, next()?);
    Some(Offer { exchange, host_key, cipher, mac })
}

impl Offer {
    /// The first kind of algorithm on which the two sides have nothing in common: what it is, theirs, ours.
    pub fn clash(&self, ours: &Offer) -> Option<(&'static str, Vec<String>, Vec<String>)> {
        let own_mac = |cipher: &str| cipher.contains("gcm") || cipher.contains("poly1305");
        let lists = [
            ("way to exchange keys", &self.exchange, &ours.exchange),
            ("type of server key", &self.host_key, &ours.host_key),
            ("cipher", &self.cipher, &ours.cipher),
            ("checksum", &self.mac, &ours.mac),
        ];
        for (what, theirs, ours_of) in lists {
            let common = ours_of.iter().find(|name| theirs.contains(name));
            // A cipher that checks itself needs no checksum beside it.
            let needless =
                what == "checksum" && ours.cipher.iter().find(|c| self.cipher.contains(c)).is_some_and(|c| own_mac(c));
            if common.is_none() && !needless {
                let shown = theirs.iter().filter(|name| !is_signal(name)).cloned().collect();
                return Some((what, shown, ours_of.iter().filter(|name| !is_signal(name)).cloned().collect()));
            }
        }
        None
    }
}

/// Names that announce a feature instead of an algorithm.
fn is_signal(name: &str) -> bool {
    name.starts_with("ext-info-") || name.starts_with("kex-strict-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kexinit(lists: [&str; 10]) -> Vec<u8> {
        let mut payload = vec![20];
        payload.extend_from_slice(&[7; 16]);
        for list in lists {
            payload.extend_from_slice(&(list.len() as u32).to_be_bytes());
            payload.extend_from_slice(list.as_bytes());
        }
        payload.extend_from_slice(&[0; 5]);
        let mut packet = ((payload.len() + 1) as u32).to_be_bytes().to_vec();
        packet.push(0);
        packet.extend_from_slice(&payload);
        packet
    }

    #[test]
    fn reads_lines_version_and_offer() {
        let mut bytes = b"Welcome\r\nto us\nSSH-2.0-OpenSSH_9.2p1\r\n".to_vec();
        bytes.extend(kexinit(["a,b", "ssh-rsa", "x", "aes,chacha", "y", "hmac", "", "", "", ""]));
        let greeting = Greeting::parse(&bytes);
        assert_eq!(greeting.version.as_deref(), Some("SSH-2.0-OpenSSH_9.2p1"));
        assert_eq!(greeting.before, b"Welcome\r\nto us\n");
        let offer = greeting.offer.unwrap();
        assert_eq!(
            (offer.exchange, offer.cipher, offer.mac),
            (
                vec!["a".into(), "b".into()],
                vec!["chacha".into()].into_iter().fold(vec!["aes".into()], |mut v: Vec<String>, c| {
                    v.push(c);
                    v
                }),
                vec!["hmac".into()]
            )
        );
    }

    #[test]
    fn any_cut_is_read_as_far_as_it_goes() {
        let mut bytes = b"SSH-2.0-x\r\n".to_vec();
        bytes.extend(kexinit(["a", "b", "c", "d", "e", "f", "", "", "", ""]));
        for end in 0..bytes.len() {
            let _ = Greeting::parse(&bytes[..end]);
        }
        assert!(Greeting::parse(&bytes[..bytes.len() - 1]).offer.is_none());
        assert!(!Greeting::parse(b"HTTP/1.1 400 Bad Request\r\n\r\n").speaks_ssh2());
    }

    #[test]
    fn a_clash_names_the_missing_kind() {
        let list = |names: &str| names.split(',').map(str::to_owned).collect::<Vec<_>>();
        let offer = |e: &str, h: &str, c: &str, m: &str| Offer {
            exchange: list(e),
            host_key: list(h),
            cipher: list(c),
            mac: list(m),
        };
        let ours = offer("curve", "ed", "aes-gcm,ctr", "sha2");
        assert_eq!(offer("curve", "ed", "aes-gcm", "md5").clash(&ours), None);
        assert_eq!(offer("curve", "ed", "ctr", "md5").clash(&ours).map(|c| c.0), Some("checksum"));
        assert_eq!(
            offer("group1,ext-info-s", "ed", "ctr", "sha2").clash(&ours),
            Some(("way to exchange keys", list("group1"), list("curve")))
        );
    }
}

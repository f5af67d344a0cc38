//! Which machine is meant: `[USER@]HOST[:PORT]`, with what to pass through on the way. Never a secret.

use crate::error::{Error, Fault};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A server to reach. What it holds can be written down: names, numbers and paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name in ASCII (other scripts are already punycode) or an address without brackets; a zone id stays, as in `fe80::1%eth0`.
    pub host: String,
    pub port: u16,
    /// `None`: the name of the person at this computer, as ssh does.
    pub user: Option<String>,
    pub identity: Identity,
    /// Servers to pass through, the nearest first.
    pub jump: Vec<Target>,
    /// The name the person typed, where it differs from `host` (an SSH config name, a name in another script). For words only.
    pub label: Option<String>,
    /// The name to look up in known_hosts instead of `host` (HostKeyAlias of an SSH config).
    pub known_as: Option<String>,
}

/// What proves who signs in, as far as it may be written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Key files to offer, in this order.
    pub files: Vec<PathBuf>,
    /// The agent to ask instead of the usual one.
    pub agent: Option<PathBuf>,
    /// Offer the agent's keys only where they belong to `files`.
    pub only_files: bool,
}

impl Target {
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        let identity = Identity::default();
        Target { host: host.into(), port, user: None, identity, jump: Vec::new(), label: None, known_as: None }
    }

    /// The account on the server.
    pub fn user(&self) -> String {
        match &self.user {
            Some(user) => user.clone(),
            None => local_user(),
        }
    }

    /// What to call the server in a sentence.
    pub fn name(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.host)
    }

    /// As it is written in known_hosts: `host` for port 22, else `[host]:port`; an alias stands alone.
    pub fn known_hosts_name(&self) -> String {
        match (&self.known_as, self.port) {
            (Some(alias), _) => alias.clone(),
            (None, 22) => self.host.to_ascii_lowercase(),
            (None, port) => format!("[{}]:{port}", self.host.to_ascii_lowercase()),
        }
    }
}

/// `[USER@]HOST[:PORT]` taken apart, the host as it was typed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) user: Option<&'a str>,
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
}

pub(crate) fn local_user() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "root".to_owned())
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match (self.host.contains(':'), self.port) {
            (true, 22) => write!(f, "[{}]", self.host),
            (true, port) => write!(f, "[{}]:{port}", self.host),
            (false, 22) => f.write_str(&self.host),
            (false, port) => write!(f, "{}:{port}", self.host),
        }
    }
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = parts(text)?;
        let ascii = ascii_host(parts.host).map_err(|why| unreadable(text, &why))?;
        let label = (ascii != parts.host).then(|| parts.host.to_owned());
        Ok(Target { user: parts.user.map(str::to_owned), label, ..Target::new(ascii, parts.port.unwrap_or(22)) })
    }
}

fn unreadable(text: &str, why: &str) -> Error {
    Error::new(Fault::BadAddress { why: why.to_owned() }).server(text)
}

pub(crate) fn parts(text: &str) -> Result<Parts<'_>, Error> {
    let refuse = |why: &str| unreadable(text, why);
    let bare = text.trim();
    let bare = bare.strip_prefix("ssh://").map_or(bare, |rest| rest.trim_end_matches('/'));
    if bare.is_empty() {
        return Err(refuse("it is empty"));
    }
    if bare.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(refuse("it contains a space"));
    }
    // The user name may contain an @ itself (directory accounts do), a host cannot: the last one divides.
    let (user, place) = match bare.rsplit_once('@') {
        Some(("", _)) => return Err(refuse("the user name before @ is empty")),
        Some((user, place)) => (Some(user), place),
        None => (None, bare),
    };
    if let Some(user) = user
        && (user.starts_with('-') || user.contains(':'))
    {
        return Err(refuse("the user name contains a character that no account has"));
    }
    let (host, port) = split_port(place).map_err(|why| refuse(&why))?;
    if host.is_empty() {
        return Err(refuse("the name of the server is missing"));
    }
    Ok(Parts { user, host, port })
}

fn split_port(place: &str) -> Result<(&str, Option<u16>), String> {
    if let Some(rest) = place.strip_prefix('[') {
        let Some((host, after)) = rest.split_once(']') else { return Err("the bracket is not closed".to_owned()) };
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port_number(port)?))),
            None if after.is_empty() => Ok((host, None)),
            None => Err("after the bracket only :PORT can follow".to_owned()),
        };
    }
    match place.split_once(':') {
        // Two colons and no bracket: an IPv6 address without a port.
        Some((_, rest)) if rest.contains(':') => Ok((place, None)),
        Some((host, port)) => Ok((host, Some(port_number(port)?))),
        None => Ok((place, None)),
    }
}

fn port_number(text: &str) -> Result<u16, String> {
    match text.parse::<u16>() {
        Ok(port) if port > 0 && text.bytes().all(|b| b.is_ascii_digit()) => Ok(port),
        _ => Err(format!("the port is a number from 1 to 65535, not {}", crate::error::visible(text, 20))),
    }
}

/// The host as a resolver takes it. Addresses pass; names in other scripts become punycode.
pub(crate) fn ascii_host(host: &str) -> Result<String, String> {
    let (address, zone) = match host.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (host, None),
    };
    if address.contains(':') {
        if address.parse::<std::net::Ipv6Addr>().is_err() {
            return Err("this is not an IPv6 address".to_owned());
        }
        return match zone {
            Some(zone)
                if zone.is_empty() || !zone.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) =>
            {
                Err("the zone after % is the name of a network interface".to_owned())
            }
            // The name of an interface keeps its case.
            Some(zone) => Ok(format!("{}%{zone}", address.to_ascii_lowercase())),
            None => Ok(address.to_ascii_lowercase()),
        };
    }
    if zone.is_some() {
        return Err("only an IPv6 address has a zone".to_owned());
    }
    let ascii = if host.is_ascii() {
        host.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(host)
            .map_err(|_| "this name cannot be written in the form that the Internet uses".to_owned())?
    };
    // Looked at after the change of script: some characters vanish in it.
    if ascii.is_empty() {
        return Err("the name of the server is missing".to_owned());
    }
    if ascii.starts_with('-') {
        return Err("no server's name begins with a dash".to_owned());
    }
    // Underscores are not allowed in host names and stand in many SSH configs all the same.
    if ascii.len() > 253 || !ascii.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
        return Err("a server's name has letters, digits, dots and dashes".to_owned());
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Target, Error> {
        text.parse()
    }

    #[test]
    fn what_people_type() {
        for (text, user, host, port) in [
            ("chat-01", None, "chat-01", 22),
            ("deploy@chat-01.example.net:2222", Some("deploy"), "chat-01.example.net", 2222),
            ("192.0.2.7:22", None, "192.0.2.7", 22),
            ("[2001:db8::7]:2200", None, "2001:db8::7", 2200),
            ("root@[2001:db8::7]", Some("root"), "2001:db8::7", 22),
            ("2001:db8::7", None, "2001:db8::7", 22),
            ("[fe80::1%eth0]:22", None, "fe80::1%eth0", 22),
            ("ann@corp.example@chat-01", Some("ann@corp.example"), "chat-01", 22),
            ("ssh://deploy@chat-01:2222/", Some("deploy"), "chat-01", 2222),
            ("bücher.example", None, "xn--bcher-kva.example", 22),
            ("my_box", None, "my_box", 22),
        ] {
            let target = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!((target.user.as_deref(), target.host.as_str(), target.port), (user, host, port), "{text}");
        }
        assert_eq!(parse("bücher.example").unwrap().name(), "bücher.example");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for text in [
            "",
            " ",
            "@host",
            "host:",
            "host:0",
            "host:65536",
            "host:+22",
            "host:abc",
            "[::1",
            "[::1]x",
            "a b",
            "-oProxyCommand=x",
            "x@-bad",
            "1:2:3",
            "host%eth0",
            "[fe80::1%]",
            "ho\u{7}st",
            "a/b",
            "-x@host",
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error.code(), "address-not-readable", "{text}");
        }
    }

    #[test]
    fn display_reads_back() {
        for text in ["deploy@chat-01:2222", "[2001:db8::7]:2200", "[2001:db8::7]", "chat-01"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
            assert_eq!(parse(&parse(text).unwrap().to_string()).unwrap(), parse(text).unwrap());
        }
    }
}

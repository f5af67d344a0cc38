//! Whose secret it is: who signs in where, and what for.

use std::fmt;
use std::str::FromStr;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account {
    pub user: String,
    pub host: String,
    pub port: u16,
}

/// What the secret opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Signing in.
    Password,
    /// The key file that this account signs in with.
    Passphrase,
    /// Acting as administrator.
    Sudo,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Password, Kind::Passphrase, Kind::Sudo];

    pub fn word(self) -> &'static str {
        match self {
            Kind::Password => "password",
            Kind::Passphrase => "passphrase",
            Kind::Sudo => "sudo",
        }
    }
}

impl Account {
    pub fn new(user: impl Into<String>, host: impl Into<String>, port: u16) -> Self {
        Account { user: user.into(), host: host.into().to_ascii_lowercase(), port }
    }
}

/// `user@host:port`; an IPv6 address in brackets, so that it reads back.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "{}@[{}]:{}", self.user, self.host, self.port)
        } else {
            write!(f, "{}@{}:{}", self.user, self.host, self.port)
        }
    }
}

impl FromStr for Account {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (rest, port) = text.rsplit_once(':').ok_or(())?;
        let (user, host) = rest.rsplit_once('@').ok_or(())?;
        let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        if user.is_empty() || host.is_empty() {
            return Err(());
        }
        Ok(Account::new(user, host, port.parse().map_err(|_| ())?))
    }
}

/// The name of an entry in a keychain: `password deploy@chat-01:22`.
pub(crate) fn entry_name(account: &Account, kind: Kind) -> String {
    format!("{} {account}", kind.word())
}

pub(crate) fn read_entry_name(name: &str) -> Option<(Account, Kind)> {
    let (word, account) = name.split_once(' ')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
    Some((account.parse().ok()?, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for account in [
            Account::new("deploy", "chat-01", 22),
            Account::new("a@corp", "2001:db8::7", 2222),
            Account::new("x", "fe80::1%eth0", 22),
        ] {
            for kind in Kind::ALL {
                assert_eq!(read_entry_name(&entry_name(&account, kind)), Some((account.clone(), kind)));
            }
        }
        for text in ["", "password", "password x", "password @h:1", "other a@b:1", "password a@b:x"] {
            assert_eq!(read_entry_name(text), None, "{text}");
        }
    }
}

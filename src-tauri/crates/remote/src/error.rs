//! What can stand between this computer and a shell on the server.
//!
//! A [`Fault`] is what went wrong, with the data that a caller decides on. An [`Error`] is a fault at one server and one
//! [`Stage`], with the words for people (see [`crate::words`]) and the raw text for "Copy details".

use crate::host_key::{HostKey, KnownKey};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How far we got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading what was asked for; nothing was sent yet.
    Before,
    /// Looking up the name.
    Name,
    /// Opening the connection.
    Address,
    /// Waiting for the server to say that it speaks SSH, and agreeing on a cipher.
    Greeting,
    /// Judging the server's key.
    HostKey,
    /// Signing in.
    SignIn,
    /// Starting a shell, and becoming an administrator in it.
    Shell,
    /// A script is running.
    Work,
}

impl Stage {
    /// "We got as far as ..."
    pub fn reached(self) -> &'static str {
        match self {
            Stage::Before => "nothing yet",
            Stage::Name => "its name",
            Stage::Address => "its address",
            Stage::Greeting => "the first words of the connection",
            Stage::HostKey => "its key",
            Stage::SignIn => "signing in",
            Stage::Shell => "opening a shell",
            Stage::Work => "the work itself",
        }
    }
}

/// What went wrong. One variant for each thing that a caller or a person would do differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    // What was asked for
    BadAddress { why: String },
    ConfigUnreadable { place: String, why: String },
    // The way there
    NameNotFound,
    Refused,
    NoAnswer { limit: Duration },
    NoRoute,
    ServerBusy,
    NotSsh,
    NoCommonAlgorithm { what: &'static str, theirs: Vec<String>, ours: Vec<String> },
    JumpRefused { to: String },
    // The server's key
    HostKeyFirst { shown: HostKey },
    HostKeyTrustDiffers { shown: HostKey, expected: String },
    HostKeyChanged { shown: HostKey, known: Vec<KnownKey> },
    HostKeyRevoked { shown: HostKey, place: String },
    HostCertAuthority { shown: HostKey, place: String },
    KnownHostsUnreadable { file: PathBuf },
    KnownHostsUnwritable { file: PathBuf },
    // Who we are
    WrongUser { suggested: String },
    MethodNotOffered { offered: Vec<String> },
    KeyUnreadable { file: PathBuf },
    KeyFormat { file: PathBuf, what: String },
    KeyPutty { file: PathBuf },
    KeyIsPublic { file: PathBuf },
    KeyHardware { file: PathBuf },
    PassphraseMissing { file: PathBuf },
    PassphraseWrong { file: PathBuf },
    KeyRefused { files: Vec<PathBuf> },
    AgentMissing,
    AgentEmpty,
    AgentLocked,
    AgentRefused { offered: usize },
    PasswordMissing,
    PasswordRefused,
    PasswordExpired,
    CodeMissing,
    CodeRefused,
    TooManyTries,
    AccountLocked,
    AccountExpired,
    // The shell
    ChannelLimit,
    ShellForced,
    SftpOnly,
    NoLogin,
    ShellSilent { limit: Duration },
    // An administrator's rights
    SudoMissing,
    SudoNeedsPassword,
    SudoPasswordWrong,
    SudoNotAllowed,
    SudoNeedsTerminal,
    SudoAsksElse,
    DoasNeedsTerminal,
    // The work
    Silent { limit: Duration },
    Killed { signal: String },
    DiskReadOnly { place: String },
    DiskFull { place: String },
    HomeMissing,
    UnsupportedSystem { found: String },
    // The line
    TimedOut { limit: Duration },
    ConnectionLost { silent: bool },
    GoingDown,
    Cancelled,
    Internal { what: String },
}

/// A fault, where it happened, and the raw text. Made for people to read and for callers to match on [`Error::fault`].
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    fault: Fault,
    stage: Stage,
    server: String,
    port: u16,
    user: String,
    raw: String,
}

/// The longest raw text that is kept; a noisy server must not fill a report.
const RAW_CAP: usize = 4096;

impl Error {
    pub fn new(fault: Fault) -> Self {
        let (stage, server, user, raw) = (Stage::Before, String::new(), String::new(), String::new());
        Error(Box::new(Inner { fault, stage, server, port: 22, user, raw }))
    }

    #[must_use]
    pub fn at(mut self, stage: Stage) -> Self {
        self.0.stage = stage;
        self
    }

    #[must_use]
    pub fn server(mut self, name: &str) -> Self {
        self.0.server = visible(name, 255);
        self
    }

    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.0.port = port;
        self
    }

    #[must_use]
    pub fn user(mut self, name: &str) -> Self {
        self.0.user = visible(name, 64);
        self
    }

    /// What the server, the system or a library said. Hostile: control characters are made visible and the length is capped.
    #[must_use]
    pub fn raw_text(mut self, bytes: &[u8]) -> Self {
        self.0.raw = visible(&String::from_utf8_lossy(bytes), RAW_CAP);
        self
    }

    pub fn fault(&self) -> &Fault {
        &self.0.fault
    }

    pub fn stage(&self) -> Stage {
        self.0.stage
    }

    pub fn server_name(&self) -> &str {
        &self.0.server
    }

    pub fn port_number(&self) -> u16 {
        self.0.port
    }

    pub fn user_name(&self) -> &str {
        &self.0.user
    }

    /// Stable, for scripts and tests: `password-refused`.
    pub fn code(&self) -> &'static str {
        crate::words::words(&self.0.fault).code
    }

    /// One sentence: what happened.
    pub fn happened(&self) -> String {
        crate::words::fill(crate::words::words(&self.0.fault).happened, self)
    }

    /// What the person need not worry about.
    pub fn safe(&self) -> String {
        crate::words::fill(crate::words::words(&self.0.fault).safe, self)
    }

    /// The one thing to do now.
    pub fn next(&self) -> String {
        crate::words::fill(crate::words::words(&self.0.fault).next, self)
    }

    /// For "Copy details": never empty of meaning, never a secret, never a control character.
    pub fn raw(&self) -> &str {
        &self.0.raw
    }

    /// What a command-line tool ends with: 3, could not reach or run; 4 where the arguments themselves are wrong.
    pub fn exit_code(&self) -> u8 {
        match self.0.fault {
            Fault::BadAddress { .. } | Fault::ConfigUnreadable { .. } => 4,
            _ => 3,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.happened())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code())
            .field("stage", &self.0.stage)
            .field("server", &self.0.server)
            .field("port", &self.0.port)
            .field("user", &self.0.user)
            .field("fault", &self.0.fault)
            .field("raw", &self.0.raw)
            .finish()
    }
}

impl std::error::Error for Error {}

/// Foreign text as it may be shown: control characters become their pictures or escapes, direction marks too, and what is
/// longer than `cap` characters is cut with a mark.
pub fn visible(text: &str, cap: usize) -> String {
    let mut out = String::with_capacity(text.len().min(cap));
    for (count, c) in text.chars().enumerate() {
        if count == cap {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => {}
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
            '\u{7f}' => out.push('\u{2421}'),
            // C1 controls, and the marks that turn text around or hide it.
            '\u{80}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_move_the_cursor() {
        assert_eq!(visible("a\u{1b}[2Jb\r\nc\u{202e}d\u{9b}", 100), "a␛[2Jb\nc\\u{202e}d\\u{9b}");
        assert_eq!(visible("abcdef", 3), "abc…");
        let error = Error::new(Fault::NotSsh).raw_text(&vec![0x1b; 100_000]);
        assert!(error.raw().chars().count() <= RAW_CAP + 1);
    }
}

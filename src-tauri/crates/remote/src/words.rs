//! The words for every fault: one table, read by the window, by `plumb` and by docs/errors.md.
//!
//! `happened` is one sentence in the present, `safe` says what need not be worried about, `next` is one action.
//! `{server}`, `{user}` and the names in [`detail`] are filled in; a test fills every row.

use crate::error::{Error, Fault, Stage, visible};

#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub code: &'static str,
    pub happened: &'static str,
    pub safe: &'static str,
    pub next: &'static str,
}

const NOTHING_SENT: &str = "We sent no password and no key.";
const NOTHING_CHANGED: &str = "Nothing on the server was changed.";
const NOT_SIGNED_IN: &str = "Nobody was signed in, and nothing on the server was changed.";

const fn row(code: &'static str, happened: &'static str, safe: &'static str, next: &'static str) -> Words {
    Words { code, happened, safe, next }
}

/// The one place where a fault gets its code and its words.
#[rustfmt::skip]
pub fn words(fault: &Fault) -> Words {
    match fault {
        Fault::BadAddress { .. } => row("address-not-readable",
            "We cannot read {server} as a server's address: {why}.", "Nothing was sent anywhere.",
            "Write it as NAME, USER@NAME or USER@NAME:PORT; an IPv6 address goes in brackets."),
        Fault::ConfigUnreadable { .. } => row("ssh-config-not-readable",
            "We cannot read {place}: {why}.", "Nothing was sent anywhere.",
            "Put that line right, or choose another SSH config file."),
        Fault::NameNotFound => row("name-not-found",
            "No address is known for {server}.", "Nothing was sent to any server.",
            "Check the spelling. If the name is only known inside a company network, connect to its VPN first."),
        Fault::Refused => row("connection-refused",
            "{server} is there, and nothing answers on port {port}.", NOTHING_SENT,
            "Check the port. If it is right, start the SSH service from your provider's console."),
        Fault::NoAnswer { .. } => row("no-answer",
            "{server} does not answer. We got as far as {reached} and waited {limit}.", NOTHING_SENT,
            "Check that the server is switched on, then that its firewall and your provider's let you in on port {port}."),
        Fault::NoRoute => row("no-route",
            "This computer knows no way to {server}.", NOTHING_SENT,
            "Check this computer's own connection. An IPv6 address needs IPv6 here too."),
        Fault::ServerBusy => row("server-busy",
            "{server} takes no more connections from here just now.", NOTHING_SENT,
            "Wait a minute and try again. Some servers shut an address out for a while after several wrong tries."),
        Fault::NotSsh => row("not-ssh",
            "Something answers on port {port} of {server}, and it does not speak SSH.", NOTHING_SENT,
            "Check the port: SSH is usually on 22."),
        Fault::NoCommonAlgorithm { .. } => row("no-common-algorithm",
            "{server} and Plumbline share no {what}. It offers {theirs}; we use {ours}.", NOTHING_SENT,
            "Update OpenSSH on the server, or let its SSH settings allow one of ours."),
        Fault::JumpRefused { .. } => row("jump-refused",
            "{server} does not pass connections on to {to}.", NOTHING_CHANGED,
            "Ask for AllowTcpForwarding on {server}, or check that it can reach {to}."),

        Fault::HostKeyFirst { .. } => row("host-key-first",
            "We have not met {server} before. Its key is {shown}.", NOTHING_SENT,
            "Compare this fingerprint with the one in your provider's console, then connect."),
        Fault::HostKeyTrustDiffers { .. } => row("host-key-not-the-one",
            "{server} shows the key {shown}, not {expected}.", NOTHING_SENT,
            "Do not connect. Ask whoever gave you the fingerprint."),
        Fault::HostKeyChanged { .. } => row("host-key-changed",
            "This is not the server you met before. {server} shows {shown}; we know {known}.",
            "Plumbline stopped. It has sent no password and no key.",
            "Find out why it changed. Only if you know the reason, replace the saved key by pasting the new fingerprint."),
        Fault::HostKeyRevoked { .. } => row("host-key-revoked",
            "{server} shows a key that was withdrawn: {place}.", "Plumbline stopped. It has sent no password and no key.",
            "Do not connect. Ask whoever looks after this server for its new key."),
        Fault::HostCertAuthority { .. } => row("host-certificate-not-supported",
            "{server} is vouched for by a certificate authority ({place}), and Plumbline cannot read such certificates. Its key is {shown}.",
            NOTHING_SENT, "Compare the fingerprint with the one in your provider's console, then connect."),
        Fault::KnownHostsUnreadable { .. } => row("known-hosts-not-readable",
            "We cannot read {file}, where the keys of servers are kept.", NOTHING_SENT,
            "Let your account read that file. We do not connect without it, because a withdrawn key could stand there."),
        Fault::KnownHostsUnwritable { .. } => row("known-hosts-not-writable",
            "We cannot write {file}, where Plumbline keeps the keys of servers.", NOTHING_SENT,
            "Let your account write that file, then connect again."),

        Fault::WrongUser { .. } => row("wrong-user",
            "{server} wants you to sign in as {suggested} rather than {user}.", NOTHING_CHANGED,
            "Connect again as {suggested}."),
        Fault::MethodNotOffered { .. } => row("sign-in-not-offered",
            "{server} does not take this way of signing in for {user}. It takes {offered}.", NOT_SIGNED_IN,
            "Choose one of the ways that it takes."),
        Fault::KeyUnreadable { .. } => row("key-not-readable",
            "We cannot read the key file {file}.", NOT_SIGNED_IN,
            "Check the path, and that your account may read it."),
        Fault::KeyFormat { .. } => row("key-format-unknown",
            "{file} is not a private key that we can read: {what}.", NOT_SIGNED_IN,
            "Choose an OpenSSH, PEM or PKCS#8 key of type Ed25519, ECDSA or RSA."),
        Fault::KeyPutty { .. } => row("key-putty",
            "{file} is a PuTTY key.", NOT_SIGNED_IN,
            "Open it in PuTTYgen and choose Conversions, Export OpenSSH key. Or load it into Pageant and sign in with the agent."),
        Fault::KeyIsPublic { .. } => row("key-is-public",
            "{file} is the public half of a key.", NOT_SIGNED_IN,
            "Choose the file of the same name without .pub."),
        Fault::KeyHardware { .. } => row("key-on-hardware",
            "{file} belongs to a security key.", NOT_SIGNED_IN,
            "Add it to the SSH agent with ssh-add, then sign in with the agent."),
        Fault::PassphraseMissing { .. } => row("passphrase-missing",
            "{file} is locked with a passphrase.", NOT_SIGNED_IN,
            "Give the passphrase, or unlock the key in the SSH agent."),
        Fault::PassphraseWrong { .. } => row("passphrase-wrong",
            "This passphrase does not open {file}.", "The server was not asked, so this is no wrong try there.",
            "Type the passphrase again."),
        Fault::KeyRefused { .. } => row("key-refused",
            "{server} did not accept {files} for {user}.", NOT_SIGNED_IN,
            "Check the user name. Then check that the public half of the key stands in ~/.ssh/authorized_keys of that user."),
        Fault::AgentMissing => row("agent-missing",
            "No SSH agent is running on this computer.", NOT_SIGNED_IN,
            "Start one and add your key with ssh-add, or choose a key file."),
        Fault::AgentEmpty => row("agent-empty",
            "The SSH agent holds no key.", NOT_SIGNED_IN,
            "Add your key with ssh-add, or choose a key file."),
        Fault::AgentLocked => row("agent-locked",
            "The SSH agent shows no key. It may be locked.", NOT_SIGNED_IN,
            "Unlock it (ssh-add -X, or open your password manager), or choose a key file."),
        Fault::AgentRefused { .. } => row("agent-keys-refused",
            "{server} accepted none of the {count} keys in the SSH agent for {user}.", NOT_SIGNED_IN,
            "Check the user name, or choose the key file that belongs to this server."),
        Fault::PasswordMissing => row("password-missing",
            "{server} asks for the password of {user}.", NOT_SIGNED_IN,
            "Give the password, or choose a key."),
        Fault::PasswordRefused => row("password-refused",
            "{server} did not accept this password for {user}.", NOT_SIGNED_IN,
            "Check the user name too. Some servers block an address after a few wrong tries."),
        Fault::PasswordExpired => row("password-expired",
            "The password of {user} on {server} is too old and must be changed first.", NOTHING_CHANGED,
            "Sign in once in a terminal (ssh {user}@{server}), set a new password, then come back."),
        Fault::CodeMissing => row("code-missing",
            "{server} asks {user} for a code or another answer.", NOT_SIGNED_IN,
            "Connect again and answer its question."),
        Fault::CodeRefused => row("code-refused",
            "{server} did not accept the answers for {user}.", NOT_SIGNED_IN,
            "Wait for a new code, check that the clocks agree, and try again. A code works only once."),
        Fault::TooManyTries => row("too-many-tries",
            "{server} hung up after too many tries.", NOT_SIGNED_IN,
            "Choose one key file instead of the agent, then try again in a minute."),
        Fault::AccountLocked => row("account-locked",
            "The account {user} on {server} is locked.", NOT_SIGNED_IN,
            "Wait until the lock ends, or ask an administrator of the server."),
        Fault::AccountExpired => row("account-expired",
            "The account {user} on {server} has run out.", NOT_SIGNED_IN,
            "Ask an administrator of the server to extend it, or use another account."),

        Fault::ChannelLimit => row("channel-limit",
            "{server} opens no further session on this connection.", NOTHING_CHANGED,
            "Let its SSH settings allow at least two sessions (MaxSessions)."),
        Fault::ShellForced => row("shell-forced",
            "{server} runs a fixed command for {user} instead of ours.", NOTHING_CHANGED,
            "Use an account or a key without a forced command."),
        Fault::SftpOnly => row("sftp-only",
            "{user} may only transfer files on {server}.", NOTHING_CHANGED,
            "Use an account that has a shell."),
        Fault::NoLogin => row("no-login-shell",
            "{user} has no shell on {server}.", NOTHING_CHANGED,
            "Use an account that has a shell."),
        Fault::ShellSilent { .. } => row("shell-silent",
            "{server} signed {user} in and then started no shell for {limit}.", NOTHING_CHANGED,
            "Sign in with a terminal to see what holds it up: often a start-up file that waits, or a network drive that is away."),

        Fault::SudoMissing => row("sudo-missing",
            "{user} is no administrator on {server}, and sudo is not installed there.", NOTHING_CHANGED,
            "Sign in as root, or install sudo and allow {user} to use it."),
        Fault::SudoNeedsPassword => row("sudo-needs-password",
            "{server} asks for a password before {user} may act as administrator.", NOTHING_CHANGED,
            "Give the password for sudo. It is usually the one {user} signs in with."),
        Fault::SudoPasswordWrong => row("sudo-password-wrong",
            "sudo on {server} did not accept this password for {user}.", NOTHING_CHANGED,
            "Type it again. Some servers lock an account after a few wrong tries."),
        Fault::SudoNotAllowed => row("sudo-not-allowed",
            "{user} may not act as administrator on {server}.", NOTHING_CHANGED,
            "Use another account, or ask an administrator to add {user} to the sudo or wheel group."),
        Fault::SudoNeedsTerminal => row("sudo-needs-terminal",
            "sudo on {server} only works in a terminal (requiretty).", NOTHING_CHANGED,
            "Take requiretty out of the sudo settings for {user}, or sign in as root."),
        Fault::SudoAsksElse => row("sudo-asks-something-else",
            "sudo on {server} asks for something other than a password.", NOTHING_CHANGED,
            "Sign in as root, or let {user} use sudo with its password alone."),
        Fault::DoasNeedsTerminal => row("doas-needs-terminal",
            "doas on {server} asks for its password in a terminal, which we do not have.", NOTHING_CHANGED,
            "Allow {user} with nopass in doas.conf, install sudo, or sign in as root."),

        Fault::Silent { .. } => row("no-sign-of-life",
            "{server} said nothing for {limit} while a script ran.", "We stopped waiting and closed that session.",
            "Check how busy the server is, then try again."),
        Fault::Killed { .. } => row("script-killed",
            "Something on {server} ended our script (signal {signal}).", "The script was stopped; what it did until then stands.",
            "Check the server's memory: the kernel ends programs when it runs out."),
        Fault::DiskReadOnly { .. } => row("disk-read-only",
            "A disk on {server} can only be read: {place}.", NOTHING_CHANGED,
            "A disk often turns read-only when it is damaged. Look at the server's kernel log, and have the disk checked."),
        Fault::DiskFull { .. } => row("disk-full",
            "A disk on {server} has no room left: {place}.", NOTHING_CHANGED,
            "Free some space, then try again."),
        Fault::HomeMissing => row("home-missing",
            "The home folder of {user} on {server} is not there.", NOTHING_CHANGED,
            "Create it, or bring back the drive that holds it."),
        Fault::UnsupportedSystem { .. } => row("system-not-supported",
            "{server} runs {found}. Plumbline looks after Linux servers.", NOTHING_CHANGED,
            "Choose a Linux server."),

        Fault::TimedOut { .. } => row("timed-out",
            "{server} took longer than {limit}. We got as far as {reached}.", NOTHING_CHANGED,
            "Try again. If the line is slow, allow more time."),
        Fault::ConnectionLost { .. } => row("connection-lost",
            "{server} stopped answering. We got as far as {reached}.",
            "Whatever runs under the safety timer on the server is looked after there.",
            "Check this computer's own connection, then connect again."),
        Fault::GoingDown => row("server-going-down",
            "{server} is shutting down and lets nobody in.", NOTHING_CHANGED,
            "Wait until it is back, then connect again."),
        Fault::Cancelled => row("cancelled",
            "You stopped this.", "Everything that was under way was closed.", "Start again when you like."),
        Fault::Internal { .. } => row("internal",
            "Something in Plumbline went wrong: {what}.", NOTHING_CHANGED,
            "Try again, and send us the details if it comes back."),
    }
}

/// A template with its braces filled.
pub(crate) fn fill(template: &str, error: &Error) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(&detail(name, error));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn detail(name: &str, error: &Error) -> String {
    let fault = error.fault();
    match (name, fault) {
        ("server", _) => if error.server_name().is_empty() { "the server" } else { error.server_name() }.to_owned(),
        ("port", _) => error.port_number().to_string(),
        ("user", _) => if error.user_name().is_empty() { "this user" } else { error.user_name() }.to_owned(),
        ("reached", _) => error.stage().reached().to_owned(),
        (
            "limit",
            Fault::NoAnswer { limit }
            | Fault::ShellSilent { limit }
            | Fault::Silent { limit }
            | Fault::TimedOut { limit },
        ) => seconds(*limit),
        ("why", Fault::BadAddress { why } | Fault::ConfigUnreadable { why, .. }) => visible(why, 200),
        (
            "place",
            Fault::ConfigUnreadable { place, .. }
            | Fault::HostKeyRevoked { place, .. }
            | Fault::HostCertAuthority { place, .. }
            | Fault::DiskReadOnly { place }
            | Fault::DiskFull { place },
        ) => visible(place, 300),
        ("what", Fault::NoCommonAlgorithm { what, .. }) => (*what).to_owned(),
        ("what", Fault::KeyFormat { what, .. } | Fault::Internal { what }) => visible(what, 200),
        ("theirs", Fault::NoCommonAlgorithm { theirs, .. }) => list(theirs, "nothing"),
        ("ours", Fault::NoCommonAlgorithm { ours, .. }) => list(ours, "nothing"),
        ("offered", Fault::MethodNotOffered { offered }) => list(offered, "nothing"),
        ("to", Fault::JumpRefused { to }) => visible(to, 255),
        (
            "shown",
            Fault::HostKeyFirst { shown }
            | Fault::HostKeyTrustDiffers { shown, .. }
            | Fault::HostKeyChanged { shown, .. }
            | Fault::HostCertAuthority { shown, .. },
        ) => format!("{} ({})", shown.fingerprint(), shown.kind()),
        ("expected", Fault::HostKeyTrustDiffers { expected, .. }) => visible(expected, 80),
        ("known", Fault::HostKeyChanged { known, .. }) => {
            let each: Vec<String> =
                known.iter().map(|k| format!("{} ({}, {})", k.key.fingerprint(), k.key.kind(), k.place)).collect();
            list(&each, "another one")
        }
        (
            "file",
            Fault::KnownHostsUnreadable { file }
            | Fault::KnownHostsUnwritable { file }
            | Fault::KeyUnreadable { file }
            | Fault::KeyFormat { file, .. }
            | Fault::KeyPutty { file }
            | Fault::KeyIsPublic { file }
            | Fault::KeyHardware { file }
            | Fault::PassphraseMissing { file }
            | Fault::PassphraseWrong { file },
        ) => visible(&file.display().to_string(), 300),
        ("files", Fault::KeyRefused { files }) => {
            let each: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
            list(&each, "the key")
        }
        ("count", Fault::AgentRefused { offered }) => offered.to_string(),
        ("suggested", Fault::WrongUser { suggested }) => visible(suggested, 64),
        ("signal", Fault::Killed { signal }) => visible(signal, 20),
        ("found", Fault::UnsupportedSystem { found }) => visible(found, 80),
        // A hole in the table; the test that fills every row finds it before a person does.
        _ => format!("{{{name}}}"),
    }
}

fn seconds(limit: std::time::Duration) -> String {
    match limit.as_secs() {
        1 => "1 second".to_owned(),
        0 => format!("{} ms", limit.as_millis()),
        n => format!("{n} seconds"),
    }
}

/// "a, b and c", cut after six: a server may offer fifty ciphers.
fn list(items: &[String], none: &str) -> String {
    let shown: Vec<String> = items.iter().take(6).map(|item| visible(item, 100)).collect();
    match (shown.as_slice(), items.len() > 6) {
        ([], _) => none.to_owned(),
        ([one], _) => one.clone(),
        (all, true) => format!("{} and {} more", all.join(", "), items.len() - 6),
        ([front @ .., last], false) => format!("{} and {last}", front.join(", ")),
    }
}

/// One of each, with data as it could be: for docs/errors.md and for the screens that show every state.
pub fn examples() -> Vec<Error> {
    use crate::host_key::{HostKey, KnownKey};
    use std::time::Duration;
    let shown = HostKey::new(b"\0\0\0\x0bssh-ed25519\0\0\0\x20new key for the table of errors!".to_vec());
    let known = KnownKey {
        key: HostKey::new(b"\0\0\0\x0bssh-ed25519\0\0\0\x20old key for the table of errors!".to_vec()),
        place: "~/.ssh/known_hosts:3".to_owned(),
        since: None,
    };
    let file = std::path::PathBuf::from("~/.ssh/id_ed25519");
    let ten = Duration::from_secs(10);
    let place = "~/.ssh/known_hosts:3".to_owned();
    let names = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    [
        (Stage::Before, Fault::BadAddress { why: "the bracket is not closed".to_owned() }),
        (
            Stage::Before,
            Fault::ConfigUnreadable { place: "~/.ssh/config:7".to_owned(), why: "Port is not a number".to_owned() },
        ),
        (Stage::Name, Fault::NameNotFound),
        (Stage::Address, Fault::Refused),
        (Stage::Address, Fault::NoAnswer { limit: ten }),
        (Stage::Address, Fault::NoRoute),
        (Stage::Greeting, Fault::ServerBusy),
        (Stage::Greeting, Fault::NotSsh),
        (
            Stage::Greeting,
            Fault::NoCommonAlgorithm {
                what: "way to exchange keys",
                theirs: names(&["diffie-hellman-group1-sha1"]),
                ours: names(&["mlkem768x25519-sha256", "curve25519-sha256"]),
            },
        ),
        (Stage::Address, Fault::JumpRefused { to: "db-01:22".to_owned() }),
        (Stage::HostKey, Fault::HostKeyFirst { shown: shown.clone() }),
        (
            Stage::HostKey,
            Fault::HostKeyTrustDiffers {
                shown: shown.clone(),
                expected: "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU".to_owned(),
            },
        ),
        (Stage::HostKey, Fault::HostKeyChanged { shown: shown.clone(), known: vec![known] }),
        (Stage::HostKey, Fault::HostKeyRevoked { shown: shown.clone(), place: place.clone() }),
        (Stage::HostKey, Fault::HostCertAuthority { shown, place }),
        (Stage::HostKey, Fault::KnownHostsUnreadable { file: "~/.ssh/known_hosts".into() }),
        (Stage::HostKey, Fault::KnownHostsUnwritable { file: "~/.config/plumbline/known_hosts".into() }),
        (Stage::Shell, Fault::WrongUser { suggested: "ubuntu".to_owned() }),
        (Stage::SignIn, Fault::MethodNotOffered { offered: names(&["publickey"]) }),
        (Stage::SignIn, Fault::KeyUnreadable { file: file.clone() }),
        (Stage::SignIn, Fault::KeyFormat { file: file.clone(), what: "it holds no key".to_owned() }),
        (Stage::SignIn, Fault::KeyPutty { file: "~/key.ppk".into() }),
        (Stage::SignIn, Fault::KeyIsPublic { file: "~/.ssh/id_ed25519.pub".into() }),
        (Stage::SignIn, Fault::KeyHardware { file: "~/.ssh/id_ed25519_sk".into() }),
        (Stage::SignIn, Fault::PassphraseMissing { file: file.clone() }),
        (Stage::SignIn, Fault::PassphraseWrong { file: file.clone() }),
        (Stage::SignIn, Fault::KeyRefused { files: vec![file] }),
        (Stage::SignIn, Fault::AgentMissing),
        (Stage::SignIn, Fault::AgentEmpty),
        (Stage::SignIn, Fault::AgentLocked),
        (Stage::SignIn, Fault::AgentRefused { offered: 3 }),
        (Stage::SignIn, Fault::PasswordMissing),
        (Stage::SignIn, Fault::PasswordRefused),
        (Stage::SignIn, Fault::PasswordExpired),
        (Stage::SignIn, Fault::CodeMissing),
        (Stage::SignIn, Fault::CodeRefused),
        (Stage::SignIn, Fault::TooManyTries),
        (Stage::SignIn, Fault::AccountLocked),
        (Stage::SignIn, Fault::AccountExpired),
        (Stage::Shell, Fault::ChannelLimit),
        (Stage::Shell, Fault::ShellForced),
        (Stage::Shell, Fault::SftpOnly),
        (Stage::Shell, Fault::NoLogin),
        (Stage::Shell, Fault::ShellSilent { limit: Duration::from_secs(20) }),
        (Stage::Shell, Fault::SudoMissing),
        (Stage::Shell, Fault::SudoNeedsPassword),
        (Stage::Shell, Fault::SudoPasswordWrong),
        (Stage::Shell, Fault::SudoNotAllowed),
        (Stage::Shell, Fault::SudoNeedsTerminal),
        (Stage::Shell, Fault::SudoAsksElse),
        (Stage::Shell, Fault::DoasNeedsTerminal),
        (Stage::Work, Fault::Silent { limit: Duration::from_secs(30) }),
        (Stage::Work, Fault::Killed { signal: "KILL".to_owned() }),
        (Stage::Work, Fault::DiskReadOnly { place: "/var/lib/plumbline".to_owned() }),
        (Stage::Work, Fault::DiskFull { place: "/var/lib/plumbline".to_owned() }),
        (Stage::Shell, Fault::HomeMissing),
        (Stage::Work, Fault::UnsupportedSystem { found: "FreeBSD".to_owned() }),
        (Stage::SignIn, Fault::TimedOut { limit: Duration::from_secs(30) }),
        (Stage::Work, Fault::ConnectionLost { silent: true }),
        (Stage::Shell, Fault::GoingDown),
        (Stage::Before, Fault::Cancelled),
        (Stage::Before, Fault::Internal { what: "the connection's thread ended early".to_owned() }),
    ]
    .map(|(stage, fault)| Error::new(fault).at(stage).server("chat-01").user("deploy"))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::fmt::Write as _;

    #[test]
    fn every_row_is_whole_and_in_our_voice() {
        let mut codes = HashSet::new();
        for error in examples() {
            let words = words(error.fault());
            assert!(codes.insert(words.code), "{} stands twice", words.code);
            for text in [error.happened(), error.safe(), error.next()] {
                assert!(!text.contains(['{', '}', '!']), "{}: {text}", words.code);
                assert!(text.ends_with('.'), "{}: {text}", words.code);
                for word in ["compliance", "remediate", "rollback", "invalid", "failed", "oops", "error"] {
                    assert!(!text.to_lowercase().contains(word), "{}: {text}", words.code);
                }
            }
        }
        // A row without an example would be missing from the documentation and from this test.
        let is_row = |line: &&str| line.trim_start().starts_with("Fault::") && line.contains("=> row(");
        assert_eq!(codes.len(), include_str!("words.rs").lines().filter(is_row).count());
    }

    /// docs/errors.md is this table. `UPDATE_DOCS=1 cargo test -p remote` writes it.
    #[test]
    fn the_documentation_is_this_table() {
        let mut page = String::from(
            "# What can stand between this computer and a server\n\nMade from `src-tauri/crates/remote/src/words.rs`; a test compares the two. \
             `plumb` ends with 3 for each of these, with 4 for the first two.\n",
        );
        for error in examples() {
            let _ =
                write!(page, "\n## {}\n\n{}  \n{}  \n{}\n", error.code(), error.happened(), error.safe(), error.next());
        }
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/errors.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &page).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), page, "run with UPDATE_DOCS=1");
    }
}

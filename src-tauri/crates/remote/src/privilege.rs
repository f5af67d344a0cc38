//! The few words of shell around every script: prove that a shell was reached, become an administrator where that is wanted,
//! then read the script from standard input.
//!
//! The login shell of the account reads these words first, whatever it is (bash, dash, fish, csh, zsh, busybox): they stand in
//! single quotes and hold no quote, backslash, exclamation mark or newline, which those shells read differently.
//!
//! A nonce marks our own lines. What start-up files print before it is dropped, so the script's output arrives clean.
//! The password for sudo goes out only after sudo's own prompt, which carries the nonce, has been seen; the script waits until
//! root's shell has reported. So the password can never become a line of script, and the script never a password.

use crate::error::{Error, Fault, Stage};
use crate::job::{NotRoot, Privilege};

/// How the shell is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As the user who signed in.
    Plain,
    /// As root if that needs no password. Else as the user, or (`required`) not at all. The script may follow at once.
    Try { required: bool },
    /// Through sudo, with its password. The script has to wait for [`Mark::Started`].
    SudoPassword,
}

pub(crate) fn nonce() -> String {
    let mut bytes = [0u8; 12];
    // Without randomness a mark could be guessed by what runs on the server; the time is the next best thing and no secret hangs on it.
    if getrandom::fill(&mut bytes).is_err() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos());
        bytes.copy_from_slice(&now.to_be_bytes()[4..]);
    }
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

const MARK: &str = "r(){ echo $n;echo $n $* >&2;}";
/// Login environments of small systems lack the folders where sudo and id live.
const PATHS: &str = "PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin;export PATH";

/// The command for a login shell that we do not know.
pub(crate) fn command(nonce: &str, mode: Mode) -> String {
    format!("/bin/sh -c '{}'", words(nonce, mode))
}

/// The words for `/bin/sh -c`.
pub(crate) fn words(nonce: &str, mode: Mode) -> String {
    match mode {
        Mode::Plain => format!("n={nonce};{MARK};r user;exec /bin/sh -s"),
        Mode::Try { required } => {
            let otherwise = if required { "r no $w;exit 1" } else { "r user $w;exec /bin/sh -s" };
            format!(
                "n={nonce};{MARK};{PATHS};if [ \"$(id -u)\" = 0 ];then r root;exec /bin/sh -s;fi;w=none;\
                 if command -v sudo >/dev/null;then if LC_ALL=C sudo -n /bin/sh -c : </dev/null >/dev/null;then r sudo;exec sudo -n /bin/sh -s;fi;w=sudo;\
                 elif command -v doas >/dev/null;then if doas -n /bin/sh -c : </dev/null >/dev/null;then r doas;exec doas -n /bin/sh -s;fi;w=doas;fi;\
                 {otherwise}"
            )
        }
        Mode::SudoPassword => format!(
            "n={nonce};{PATHS};LC_ALL=C;export LC_ALL;exec sudo -S -p \"$n ask \" /bin/sh -c \"unset LC_ALL;echo $n;echo $n sudo >&2;exec /bin/sh -s\""
        ),
    }
}

/// What our own lines tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Started(Privilege),
    /// Not without a password, or not at all; nothing was run.
    NotRoot(NotRoot),
    /// sudo waits for the password.
    Prompt,
}

/// The beginning of both streams, until the marks have been seen.
#[derive(Debug)]
pub(crate) struct Preamble {
    nonce: String,
    out: Option<Vec<u8>>,
    err: Option<Vec<u8>>,
    prompts: usize,
    /// What was printed before the marks, for errors.
    out_noise: Noise,
    err_noise: Noise,
}

/// The beginning and the end of a stream: a start-up file may print a megabyte, and sudo's sentence comes after it.
#[derive(Debug, Default)]
struct Noise {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Noise {
    const HALF: usize = 2048;

    fn add(&mut self, bytes: &[u8]) {
        let room = Self::HALF.saturating_sub(self.head.len()).min(bytes.len());
        let (head, rest) = bytes.split_at(room);
        self.head.extend_from_slice(head);
        self.tail.extend_from_slice(&rest[rest.len().saturating_sub(Self::HALF)..]);
        self.tail.drain(..self.tail.len().saturating_sub(Self::HALF));
    }

    fn text(&self) -> Vec<u8> {
        [self.head.as_slice(), self.tail.as_slice()].concat()
    }
}

impl Preamble {
    pub(crate) fn new(nonce: String) -> Self {
        Preamble {
            nonce,
            out: Some(Vec::new()),
            err: Some(Vec::new()),
            prompts: 0,
            out_noise: Noise::default(),
            err_noise: Noise::default(),
        }
    }

    /// What of these bytes is the script's own standard output.
    pub(crate) fn stdout(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        let Some(held) = &mut self.out else { return bytes };
        held.extend_from_slice(&bytes);
        let mark = format!("{}\n", self.nonce);
        match find(held, mark.as_bytes()) {
            Some(at) => {
                let rest = held.split_off(at + mark.len());
                self.out_noise.add(&held[..at]);
                self.out = None;
                rest
            }
            None => {
                let keep = mark.len() - 1;
                let noise = held.len().saturating_sub(keep);
                self.out_noise.add(&held[..noise]);
                held.drain(..noise);
                Vec::new()
            }
        }
    }

    /// The marks in these bytes, and what follows the last one.
    pub(crate) fn stderr(&mut self, bytes: Vec<u8>) -> (Vec<Mark>, Vec<u8>) {
        let mut marks = Vec::new();
        if self.err.is_none() {
            return (marks, bytes);
        }
        let mut held = self.err.take().unwrap_or_default();
        held.extend_from_slice(&bytes);
        let start = format!("{} ", self.nonce);
        loop {
            let Some(at) = find(&held, start.as_bytes()) else {
                // Keep what could be the beginning of a mark.
                let noise = held.len().saturating_sub(start.len() - 1);
                self.err_noise.add(&held[..noise]);
                held.drain(..noise);
                self.err = Some(held);
                return (marks, Vec::new());
            };
            let after = &held[at + start.len()..];
            if after.starts_with(b"ask ") {
                self.prompts += 1;
                marks.push(Mark::Prompt);
                self.err_noise.add(&held[..at]);
                held.drain(..at + start.len() + 4);
                continue;
            }
            let Some(end) = after.iter().position(|&b| b == b'\n') else {
                // A mark is never longer than this: a line that is, is somebody else's.
                if after.len() < 64 {
                    self.err = Some(held);
                    return (marks, Vec::new());
                }
                self.err_noise.add(&held[..at + start.len()]);
                held.drain(..at + start.len());
                continue;
            };
            let words = String::from_utf8_lossy(&after[..end]).into_owned();
            self.err_noise.add(&held[..at]);
            held.drain(..at + start.len() + end + 1);
            match self.mark(&words) {
                Some(mark) => {
                    marks.push(mark);
                    return (marks, held);
                }
                None => continue,
            }
        }
    }

    fn mark(&self, words: &str) -> Option<Mark> {
        let mut words = words.split(' ');
        Some(match (words.next()?, words.next()) {
            ("root", None) => Mark::Started(Privilege::Root),
            ("sudo", None) => Mark::Started(Privilege::Sudo),
            ("doas", None) => Mark::Started(Privilege::Doas),
            ("user", None) => Mark::Started(Privilege::User(NotRoot::NotAsked)),
            ("user", Some(why)) => Mark::Started(Privilege::User(self.not_root(why))),
            ("no", Some(why)) => Mark::NotRoot(self.not_root(why)),
            _ => return None,
        })
    }

    fn not_root(&self, tool: &str) -> NotRoot {
        match tool {
            "sudo" => sudo_said(&self.err_noise.text()),
            "doas" => doas_said(&self.err_noise.text()),
            _ => NotRoot::NoSudo,
        }
    }

    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// How often sudo has asked.
    pub(crate) fn prompts(&self) -> usize {
        self.prompts
    }

    /// What was printed so far beside the marks, with what is still held back.
    pub(crate) fn said(&self) -> Vec<u8> {
        let mut said = Vec::new();
        for (noise, held) in [(&self.out_noise, &self.out), (&self.err_noise, &self.err)] {
            said.extend(noise.text());
            said.extend_from_slice(held.as_deref().unwrap_or_default());
        }
        said
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// sudo runs under LC_ALL=C, so these are its own words (sudo 1.8 to 1.9, sudo-rs).
fn sudo_said(said: &[u8]) -> NotRoot {
    let said = String::from_utf8_lossy(said).to_ascii_lowercase();
    let has = |text: &str| said.contains(text);
    if has("must have a tty") || has("no tty present") {
        NotRoot::NeedsTerminal
    } else if has("password is required") || has("authentication is required") || has("authentication required") {
        NotRoot::NeedsPassword
    } else {
        NotRoot::NotAllowed
    }
}

fn doas_said(said: &[u8]) -> NotRoot {
    let said = String::from_utf8_lossy(said).to_ascii_lowercase();
    if said.contains("not permitted") { NotRoot::NotAllowed } else { NotRoot::NeedsTerminal }
}

/// The typed error for a script that may not run as root.
pub(crate) fn not_root_fault(why: NotRoot, said: &[u8]) -> Fault {
    let doas = String::from_utf8_lossy(said).contains("doas");
    match why {
        NotRoot::NotAsked | NotRoot::NotAllowed => Fault::SudoNotAllowed,
        NotRoot::NeedsPassword => Fault::SudoNeedsPassword,
        NotRoot::NeedsTerminal if doas => Fault::DoasNeedsTerminal,
        NotRoot::NeedsTerminal => Fault::SudoNeedsTerminal,
        NotRoot::NoSudo => Fault::SudoMissing,
    }
}

/// Why a shell ended, or sudo gave up, before our mark came: read from what was printed.
pub(crate) fn early_end(mode: Mode, said: &[u8], prompted: bool) -> Error {
    let fault = match from_words(said) {
        Some(fault) => fault,
        None if mode == Mode::SudoPassword => sudo_ended(said, prompted),
        None => no_shell(said),
    };
    Error::new(fault).at(Stage::Shell).raw_text(said)
}

/// What stood in the way of our shell, where the server itself does not say it in plain words.
fn no_shell(said: &[u8]) -> Fault {
    let text = String::from_utf8_lossy(said).to_ascii_lowercase();
    // sshd's own sentence. Most shells go on in / without a home; this one did not.
    if text.contains("could not chdir to home directory") {
        return Fault::HomeMissing;
    }
    // cmd.exe and PowerShell, asked for /bin/sh.
    if text.contains("the system cannot find the path specified")
        || text.contains("is not recognized as an internal or external command")
        || text.contains("is not recognized as the name of a cmdlet")
    {
        return Fault::UnsupportedSystem { found: "Windows".to_owned() };
    }
    Fault::ShellForced
}

fn sudo_ended(said: &[u8], prompted: bool) -> Fault {
    let text = String::from_utf8_lossy(said).to_ascii_lowercase();
    if text.contains("incorrect password")
        || text.contains("authentication failure")
        || text.contains("sorry, try again")
    {
        Fault::SudoPasswordWrong
    } else if text.contains("must have a tty") || text.contains("no tty present") {
        Fault::SudoNeedsTerminal
    } else if text.contains("not found") && !prompted {
        Fault::SudoMissing
    } else {
        Fault::SudoNotAllowed
    }
}

/// Faults that a server states in words, whichever way they reach us: a shell's output, a banner, a question.
pub(crate) fn from_words(said: &[u8]) -> Option<Fault> {
    let text = String::from_utf8_lossy(said);
    let lower = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    if let Some(suggested) = suggested_user(&text) {
        return Some(Fault::WrongUser { suggested });
    }
    if has(&["sftp connections only", "only sftp", "sftp only"]) {
        return Some(Fault::SftpOnly);
    }
    if has(&["account is currently not available", "account is not available", "nologin"]) {
        return Some(Fault::NoLogin);
    }
    if has(&["system is going down", "system is booting up", "not permitted to log in"]) {
        return Some(Fault::GoingDown);
    }
    if has(&[
        "password has expired",
        "password change required",
        "required to change your password",
        "password expired",
    ]) {
        return Some(Fault::PasswordExpired);
    }
    if has(&["account has expired", "account is expired", "account expired"]) {
        return Some(Fault::AccountExpired);
    }
    if has(&["account is locked", "account locked", "account temporarily locked"]) {
        return Some(Fault::AccountLocked);
    }
    None
}

/// Cloud images answer root with: Please login as the user "ubuntu" rather than the user "root".
fn suggested_user(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let at = ["login as the user ", "log in as the user ", "login as user "]
        .iter()
        .find_map(|p| lower.find(p).map(|at| at + p.len()))?;
    // ASCII lower case keeps every byte where it was.
    let rest = text.get(at..)?.trim_start_matches(['"', '\'', '`']);
    let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(32).collect();
    let name = name.trim_end_matches('.').to_owned();
    // No account begins otherwise, and a program that is told "-o" as a name takes it for an option.
    name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_login_shell_reads_the_command_alike() {
        for mode in [Mode::Plain, Mode::Try { required: true }, Mode::Try { required: false }, Mode::SudoPassword] {
            let command = command(&nonce(), mode);
            let body = command.strip_prefix("/bin/sh -c '").and_then(|c| c.strip_suffix('\'')).unwrap();
            assert!(!body.contains(['\'', '\\', '!', '\n', '`']), "{body}");
            // The old csh takes no word longer than 1024 bytes.
            assert!(command.len() < 1000, "{} bytes", command.len());
        }
    }

    /// However the bytes are cut, the result is the same.
    fn feed(preamble: &mut Preamble, bytes: &[u8], size: usize) -> (Vec<Mark>, Vec<u8>) {
        let (mut marks, mut rest) = (Vec::new(), Vec::new());
        for chunk in bytes.chunks(size) {
            let (more, after) = preamble.stderr(chunk.to_vec());
            marks.extend(more);
            rest.extend(after);
        }
        (marks, rest)
    }

    #[test]
    fn noise_is_dropped_and_marks_are_found_in_any_cut() {
        for size in [1, 2, 7, 30, 4096] {
            let mut preamble = Preamble::new("abc123".into());
            let noise = "x".repeat(100_000);
            let out: Vec<u8> = format!("{noise}abc12abc123\nhello\n")
                .as_bytes()
                .chunks(size)
                .flat_map(|c| preamble.stdout(c.to_vec()))
                .collect();
            assert_eq!(out, b"hello\n");
            let (marks, rest) = feed(
                &mut preamble,
                b"motd\nabc123 hello\nsudo: a password is required\nabc123 user sudo\nlater abc123 root\n",
                size,
            );
            assert_eq!(marks, [Mark::Started(Privilege::User(NotRoot::NeedsPassword))], "{size}");
            assert_eq!(rest, b"later abc123 root\n");
            assert!(preamble.said().len() <= 4 * Noise::HALF);
        }
    }

    #[test]
    fn prompts_are_counted_and_need_the_nonce() {
        for size in [1, 3, 4096] {
            let mut preamble = Preamble::new("abc123".into());
            let (marks, _) = feed(&mut preamble, b"[sudo] password for op: abd123 ask ", size);
            assert_eq!((marks, preamble.prompts()), (vec![], 0));
            let (marks, _) = feed(&mut preamble, b"abc123 ask Sorry, try again.\nabc123 ask ", size);
            assert_eq!((marks, preamble.prompts()), (vec![Mark::Prompt, Mark::Prompt], 2));
        }
    }

    /// Text in which our own marks nearly stand, and what servers say.
    fn nearly_ours() -> impl Strategy<Value = Vec<u8>> {
        let words = [
            "abc123",
            "abc12",
            "abc123 ",
            "abc123\n",
            " ask ",
            "ask",
            " root\n",
            "root",
            " sudo\n",
            "user sudo",
            "no none",
            "\n",
            "\r\n",
            "\u{1b}[2J",
            "Please login as the user ",
            "log in as the user ",
            "LOGIN AS USER ",
            "ubuntu",
            "-oProxyCommand=x",
            ".",
            "\"",
            "rather than",
            "nologin",
            "incorrect password",
            "a password is required",
            "must have a tty",
            "not found",
            "Passwort: ",
            "Verification code: ",
            "\u{0130}",
        ];
        let word = proptest::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
        let bytes = proptest::collection::vec(any::<u8>(), 0..12);
        proptest::collection::vec(prop_oneof![4 => word, 1 => bytes], 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(crate::many_cases::many_cases(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds/own_readers.txt")))]

        /// What start-up files, banners and whoever else is on the line print is never a mark of ours and never output.
        #[test]
        fn nobody_imitates_our_marks(said in nearly_ours(), size in 1usize..64) {
            // The nonce of this connection is another: nobody can know it.
            let mut preamble = Preamble::new("d34db33f".into());
            let out: Vec<u8> = said.chunks(size).flat_map(|piece| preamble.stdout(piece.to_vec())).collect();
            let (marks, rest) = feed(&mut preamble, &said, size);
            prop_assert!(out.is_empty() && marks.is_empty() && rest.is_empty() && preamble.prompts() == 0);
            prop_assert!(preamble.said().len() <= 4 * Noise::HALF + 64);
        }

        /// And none of it hides our own.
        #[test]
        fn our_marks_are_found_behind_any_noise(said in nearly_ours(), after in nearly_ours(), size in 1usize..64) {
            let mut preamble = Preamble::new("d34db33f".into());
            let stream = [&said[..], b"d34db33f\n", &after].concat();
            let out: Vec<u8> = stream.chunks(size).flat_map(|piece| preamble.stdout(piece.to_vec())).collect();
            prop_assert_eq!(&out, &after);
            let stream = [&said[..], b"d34db33f sudo\n", &after].concat();
            let (marks, rest) = feed(&mut preamble, &stream, size);
            prop_assert_eq!(marks, vec![Mark::Started(Privilege::Sudo)]);
            prop_assert_eq!(rest, after);
        }

        /// Whatever a server says, a suggested user is a plain name, and every error can be shown.
        #[test]
        fn what_servers_say_in_any_words(said in nearly_ours(), prompted in any::<bool>()) {
            if let Some(Fault::WrongUser { suggested }) = from_words(&said) {
                prop_assert!(suggested.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
                prop_assert!((1..=32).contains(&suggested.len()) && !suggested.starts_with(['-', '.']), "{suggested}");
            }
            for mode in [Mode::Plain, Mode::Try { required: true }, Mode::SudoPassword] {
                let error = early_end(mode, &said, prompted);
                for text in [error.happened(), error.safe(), error.next(), error.raw().to_owned()] {
                    prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
                }
            }
        }
    }

    #[test]
    fn what_servers_say_in_words() {
        let cloud = b"Please login as the user \"ubuntu\" rather than the user \"root\".\n";
        assert_eq!(from_words(cloud), Some(Fault::WrongUser { suggested: "ubuntu".into() }));
        assert_eq!(
            from_words(b"Please login as the user ec2-user."),
            Some(Fault::WrongUser { suggested: "ec2-user".into() })
        );
        assert_eq!(from_words(b"This service allows sftp connections only.\r\n"), Some(Fault::SftpOnly));
        assert_eq!(from_words(b"This account is currently not available."), Some(Fault::NoLogin));
        let expired = b"WARNING: Your password has expired.\nPassword change required but no TTY available.\n";
        assert_eq!(from_words(expired), Some(Fault::PasswordExpired));
        assert_eq!(from_words(b"hello"), None);
        assert_eq!(early_end(Mode::Plain, b"menu: ", false).code(), "shell-forced");
        assert_eq!(early_end(Mode::SudoPassword, b"op is not in the sudoers file.\n", true).code(), "sudo-not-allowed");
        assert_eq!(
            early_end(Mode::SudoPassword, b"sudo: 1 incorrect password attempt\n", true).code(),
            "sudo-password-wrong"
        );
    }
}

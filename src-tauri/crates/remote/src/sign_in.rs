//! Proving who we are: keys from the agent, key files, passwords, and whatever else the server asks.
//!
//! A server may want several proofs (a key, then a code): after each one that it took, the next is offered. The number of
//! tries is small on purpose: servers count them, and some shut an address out.

use crate::agent::{self, State};
use crate::ask::{Answers, Prompt, Question};
use crate::error::{Error, Fault, Stage, visible};
use crate::key_file;
use crate::line::{Note, Plan, line_is_gone};
use crate::privilege::from_words;
use crate::raw::{self, Attempt, Round, banner};
use crate::ssh::Method;
use crate::{ExposeSecret as _, Secret};
use ssh2::Session;
use std::ffi::{CStr, CString};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use tokio::sync::mpsc::UnboundedSender;
use zeroize::Zeroizing;

/// sshd hangs up at six tries (MaxAuthTries); the sixth is left for a key file or a password.
const MOST_AGENT_KEYS: usize = 5;
/// How much of what a server says while it asks is kept.
const MOST_SAID: usize = 8192;
/// A person may mistype twice.
const MOST_PASSWORDS: usize = 3;

pub(crate) fn sign_in(
    session: &Session,
    stream: &TcpStream,
    plan: &Plan,
    notes: &UnboundedSender<Note>,
) -> Result<String, Error> {
    let mut attempt = SignIn {
        session,
        stream,
        plan,
        notes,
        allowed: None,
        taken: Vec::new(),
        tries: 0,
        last: None,
        said: Vec::new(),
    };
    match attempt.run() {
        Ok(()) => Ok(attempt.taken.join(" + ")),
        Err(error) => {
            let error = attempt.in_the_servers_words(error).at(Stage::SignIn);
            Err(if error.raw().is_empty() { error.raw_text(&banner(session)) } else { error })
        }
    }
}

struct SignIn<'a> {
    session: &'a Session,
    stream: &'a TcpStream,
    plan: &'a Plan,
    notes: &'a UnboundedSender<Note>,
    /// What the server says may go on; not asked before it is needed, because asking is a round trip.
    allowed: Option<Vec<String>>,
    /// The proofs that the server took.
    taken: Vec<String>,
    tries: usize,
    /// The refusal that tells the person most.
    last: Option<Error>,
    /// What the server said while it asked.
    said: Vec<u8>,
}

/// Whether the session is signed in now.
enum Turn {
    In,
    NotYet,
}

impl SignIn<'_> {
    fn run(&mut self) -> Result<(), Error> {
        // Asking what may go on is a round trip, and a server counts it as a wrong try unless it comes first. One key file
        // needs no asking.
        if self.plan.methods != [Method::KeyFile] || self.plan.identity.files.len() > 1 {
            self.allowed()?;
            if self.session.authenticated() {
                return Ok(());
            }
        }
        for method in &self.plan.methods {
            let turn = match method {
                Method::Agent => self.agent()?,
                Method::KeyFile => self.key_files()?,
                Method::Password => self.password()?,
            };
            if let Turn::In = turn {
                return Ok(());
            }
        }
        // A proof was taken and the server wants one more that nobody named: its own questions.
        if !self.taken.is_empty()
            && !self.plan.methods.contains(&Method::Password)
            && let Turn::In = self.password()?
        {
            return Ok(());
        }
        let offered = self.allowed()?.to_vec();
        Err(self.last.take().unwrap_or_else(|| Error::new(Fault::MethodNotOffered { offered })))
    }

    fn agent(&mut self) -> Result<Turn, Error> {
        let (mut agent, keys) =
            match agent::place(self.plan.identity.agent.as_deref()).map_or(State::Missing, |p| agent::state(&p)) {
                State::Keys(agent, keys) => (agent, keys),
                State::Locked => return Ok(self.note(Error::new(Fault::AgentLocked))),
                State::Empty => return Ok(self.note(Error::new(Fault::AgentEmpty))),
                State::Missing => return self.pageant(),
            };
        let named: Vec<Vec<u8>> =
            self.plan.identity.files.iter().filter_map(|file| key_file::public_blob(file)).collect();
        let (first, rest): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| named.contains(key));
        let rest = if self.plan.identity.only_files { Vec::new() } else { rest };
        let user = self.user()?;
        let mut offered = 0;
        for key in first.into_iter().chain(rest).take(MOST_AGENT_KEYS) {
            if !self.allows("publickey") {
                break;
            }
            offered += 1;
            let attempt = raw::signed_elsewhere(self.session, &user, &key, &mut |data| agent.sign(&key, data));
            if let Turn::In = self.offer(attempt, "agent")? {
                return Ok(Turn::In);
            }
        }
        Ok(self.note(Error::new(Fault::AgentRefused { offered })))
    }

    /// The library finds Pageant by its window.
    #[cfg(windows)]
    fn pageant(&mut self) -> Result<Turn, Error> {
        let mut pageant = self.session.agent().map_err(|e| crate::line::library(&e, Stage::SignIn))?;
        let listed = pageant.connect().and_then(|()| pageant.list_identities()).and_then(|()| pageant.identities());
        let Ok(keys) = listed else { return Ok(self.note(Error::new(Fault::AgentMissing))) };
        if keys.is_empty() {
            return Ok(self.note(Error::new(Fault::AgentEmpty)));
        }
        let mut offered = 0;
        for key in keys.iter().take(MOST_AGENT_KEYS) {
            offered += 1;
            let attempt = match pageant.userauth(&self.plan.user, key) {
                Ok(()) => Attempt::Accepted,
                Err(error) => Attempt::Refused { code: raw::code_of(&error), text: error.message().to_owned() },
            };
            if let Turn::In = self.offer(attempt, "agent")? {
                return Ok(Turn::In);
            }
        }
        Ok(self.note(Error::new(Fault::AgentRefused { offered })))
    }

    #[cfg(not(windows))]
    #[expect(clippy::unnecessary_wraps, reason = "on Windows there is something to try")]
    fn pageant(&mut self) -> Result<Turn, Error> {
        Ok(self.note(Error::new(Fault::AgentMissing)))
    }

    fn user(&self) -> Result<CString, Error> {
        CString::new(self.plan.user.as_str())
            .map_err(|_| Error::new(Fault::BadAddress { why: "the user name holds a zero".to_owned() }))
    }

    fn key_files(&mut self) -> Result<Turn, Error> {
        let mut refused: Vec<PathBuf> = Vec::new();
        for file in &self.plan.identity.files {
            if !self.allows("publickey") {
                break;
            }
            let key = match key_file::read(file) {
                Ok(key) => key,
                Err(error) => {
                    self.note(error);
                    continue;
                }
            };
            let taken_before = self.taken.len();
            match self.key_file(&key)? {
                Turn::In => return Ok(Turn::In),
                Turn::NotYet if self.taken.len() == taken_before => refused.push(file.clone()),
                Turn::NotYet => {}
            }
        }
        // A key that could not be used says more than one that was refused: it is what the person can put right.
        let unusable = self.last.as_ref().is_some_and(|e| {
            matches!(
                e.fault(),
                Fault::PassphraseMissing { .. } | Fault::PassphraseWrong { .. } | Fault::KeyFormat { .. }
            )
        });
        if !refused.is_empty() && !unusable {
            self.note(Error::new(Fault::KeyRefused { files: refused }));
        }
        Ok(Turn::NotYet)
    }

    fn key_file(&mut self, key: &key_file::KeyFile) -> Result<Turn, Error> {
        let label = format!("key {}", key.file.display());
        if !key.encrypted {
            let attempt = self.with_key(key, None);
            return match attempt {
                Attempt::Refused { code: KEY_UNUSABLE | KEY_NOT_OPENED, text } => {
                    let fault =
                        Fault::KeyFormat { file: key.file.clone(), what: "the library cannot read it".to_owned() };
                    Ok(self.note(Error::new(fault).raw_text(text.as_bytes())))
                }
                attempt => self.offer(attempt, &label),
            };
        }
        for again in [false, true, true] {
            let answer =
                self.ask(Question::Passphrase { file: key.file.clone(), again })?.and_then(|mut all| all.pop());
            let Some(passphrase) = answer else {
                let file = key.file.clone();
                return Ok(self.note(Error::new(if again {
                    Fault::PassphraseWrong { file }
                } else {
                    Fault::PassphraseMissing { file }
                })));
            };
            match self.with_key(key, Some(&passphrase)) {
                // The key is locked and did not open; no server was asked yet.
                Attempt::Refused { code: KEY_UNUSABLE | KEY_NOT_OPENED, .. } => {}
                attempt => return self.offer(attempt, &label),
            }
        }
        Ok(self.note(Error::new(Fault::PassphraseWrong { file: key.file.clone() })))
    }

    fn with_key(&self, key: &key_file::KeyFile, passphrase: Option<&Secret>) -> Attempt {
        // Zero-terminated copies of ours, wiped when they go; what holds a zero itself is no key and no passphrase.
        let terminated = |text: &str| {
            let mut copy = Zeroizing::new(Vec::with_capacity(text.len() + 1));
            copy.extend_from_slice(text.as_bytes());
            copy.push(0);
            copy
        };
        let (text, passphrase) = (terminated(&key.text), passphrase.map(|p| terminated(p.expose_secret())));
        let unusable = || Attempt::Refused { code: KEY_UNUSABLE, text: "it holds a zero".to_owned() };
        let Ok(text) = CStr::from_bytes_with_nul(&text) else { return unusable() };
        match passphrase.as_deref().map(|p| CStr::from_bytes_with_nul(p)).transpose() {
            Ok(passphrase) => raw::key(self.session, &self.plan.user, text, passphrase),
            Err(_) => unusable(),
        }
    }

    /// Keyboard-interactive where the server has it, because only that can also ask for a code; plain password else.
    fn password(&mut self) -> Result<Turn, Error> {
        let allowed = self.allowed()?.to_vec();
        if self.session.authenticated() {
            return Ok(Turn::In);
        }
        let (questions, plain) =
            (allowed.iter().any(|m| m == "keyboard-interactive"), allowed.iter().any(|m| m == "password"));
        let mut asked = false;
        if questions {
            let taken_before = self.taken.len();
            if let Turn::In = self.questions(&mut asked)? {
                return Ok(Turn::In);
            }
            if self.taken.len() > taken_before {
                return self.password();
            }
        }
        // Some servers offer questions and then have none.
        if plain && !asked { self.plain_password() } else { Ok(Turn::NotYet) }
    }

    fn plain_password(&mut self) -> Result<Turn, Error> {
        for again in [false, true, true].into_iter().take(MOST_PASSWORDS) {
            let Some(password) = self.ask(self.password_question(again))?.and_then(|mut all| all.pop()) else {
                return Ok(self.note(Error::new(if again { Fault::PasswordRefused } else { Fault::PasswordMissing })));
            };
            match raw::password(self.session, &self.plan.user, password.expose_secret()) {
                Attempt::Refused { code: PASSWORD_EXPIRED, text } => {
                    return Err(Error::new(Fault::PasswordExpired).raw_text(text.as_bytes()));
                }
                attempt => {
                    let taken_before = self.taken.len();
                    if let Turn::In = self.offer(attempt, "password")? {
                        return Ok(Turn::In);
                    }
                    if self.taken.len() > taken_before {
                        return self.password();
                    }
                }
            }
        }
        Ok(self.note(Error::new(Fault::PasswordRefused)))
    }

    fn questions(&mut self, asked: &mut bool) -> Result<Turn, Error> {
        for again in [false, true, true].into_iter().take(MOST_PASSWORDS) {
            let mut exchange = Exchange { again, passwords: 0, others: 0, unanswered: None, said: Vec::new() };
            let (notes, plan, stream) = (self.notes, self.plan, self.stream);
            let attempt = raw::keyboard_interactive(self.session, &self.plan.user, &mut |round| {
                exchange.answer(round, notes, plan, stream)
            });
            self.said.extend_from_slice(&exchange.said);
            *asked |= exchange.passwords + exchange.others > 0;
            if let Some(fault) = exchange.unanswered {
                // Nobody answered; the line was cut so that no empty answer counts as a try. A second round without an
                // answer means that the first one was wrong.
                let fault = match fault {
                    Fault::PasswordMissing if again => Fault::PasswordRefused,
                    Fault::CodeMissing if again => Fault::CodeRefused,
                    fault => fault,
                };
                if let (Fault::PasswordMissing, Some(key)) = (&fault, self.last.take_if(|last| unopened(last))) {
                    return Err(key);
                }
                return Err(Error::new(fault).raw_text(&self.said));
            }
            let taken_before = self.taken.len();
            if let Turn::In = self.offer(attempt, "keyboard-interactive")? {
                return Ok(Turn::In);
            }
            if self.taken.len() > taken_before || !*asked {
                return Ok(Turn::NotYet);
            }
            self.note(Error::new(if exchange.others > 0 { Fault::CodeRefused } else { Fault::PasswordRefused }));
            // A code is spent with its first use: asking again needs a new one, and the person decides that.
            if exchange.others > 0 {
                break;
            }
        }
        Ok(Turn::NotYet)
    }

    fn password_question(&self, again: bool) -> Question {
        Question::Password { host: self.plan.host.clone(), port: self.plan.port, user: self.plan.user.clone(), again }
    }

    /// Takes stock after an attempt: signed in, one proof of several taken, refused, or the line is gone.
    fn offer(&mut self, attempt: Attempt, label: &str) -> Result<Turn, Error> {
        self.tries += 1;
        let Attempt::Refused { code, text } = attempt else {
            self.taken.push(label.to_owned());
            return Ok(Turn::In);
        };
        tracing::debug!(label, code, "not accepted");
        // A server that hangs up in place of an answer: the library says only for what it was waiting.
        if self.line_is_shut() || line_is_gone(code) || text.starts_with("Waiting for") {
            // What the server said last, a banner, lies unread; asking once more takes it in, whatever becomes of the asking.
            let _ = raw::methods(self.session, &self.plan.user);
            return Err(Error::new(self.hung_up()).raw_text(text.as_bytes()));
        }
        if self.taken_in_part(label, code, &text) {
            self.taken.push(label.to_owned());
            self.allowed = None;
            self.allowed()?;
            if self.session.authenticated() {
                return Ok(Turn::In);
            }
        }
        Ok(Turn::NotYet)
    }

    /// The library does not hand on the server's "partial success".
    fn taken_in_part(&mut self, label: &str, code: i32, text: &str) -> bool {
        if label != "password" && label != "keyboard-interactive" {
            // A key whose signature was asked for had been accepted before; only more was wanted.
            return code == SIGNATURE_NOT_ENOUGH && text.starts_with("Invalid signature");
        }
        // A server that wants this first and something else after it offers nothing else now, and strikes it off when it was
        // right. Elsewhere the question would only cost a try.
        let alone = matches!(self.allowed.as_deref(), Some([only]) if only == label);
        match alone.then(|| raw::methods(self.session, &self.plan.user)) {
            Some(Ok(Some(after))) => {
                let struck_off = !after.iter().any(|method| method == label);
                self.allowed = Some(after);
                struck_off
            }
            Some(Ok(None)) => true,
            Some(Err(_)) | None => false,
        }
    }

    fn hung_up(&self) -> Fault {
        if self.tries > 1 { Fault::TooManyTries } else { Fault::ConnectionLost { silent: false } }
    }

    /// Remembers why this way did not work and goes on to the next.
    fn note(&mut self, error: Error) -> Turn {
        // Proofs taken so far make an earlier refusal uninteresting; what a person asked for first stays the main reason.
        let weak =
            |e: &Error| matches!(e.fault(), Fault::AgentMissing | Fault::AgentEmpty | Fault::KeyUnreadable { .. });
        match &self.last {
            Some(known) if unopened(known) && matches!(error.fault(), Fault::PasswordMissing) => {}
            Some(known) if weak(&error) && !weak(known) => {}
            _ => self.last = Some(error),
        }
        Turn::NotYet
    }

    fn allowed(&mut self) -> Result<&[String], Error> {
        if self.allowed.is_none() {
            let list = match raw::methods(self.session, &self.plan.user) {
                Ok(Some(list)) => list,
                Ok(None) => {
                    self.taken.push("no proof at all".to_owned());
                    Vec::new()
                }
                Err(Attempt::Refused { code, text }) => {
                    let fault =
                        if self.tries > 2 { Fault::TooManyTries } else { Fault::ConnectionLost { silent: false } };
                    return Err(Error::new(fault).raw_text(format!("libssh2 {code}: {text}").as_bytes()));
                }
                Err(Attempt::Accepted) => Vec::new(),
            };
            self.allowed = Some(list);
        }
        Ok(self.allowed.as_deref().unwrap_or_default())
    }

    /// Unknown counts as allowed: the attempt itself tells.
    fn allows(&self, method: &str) -> bool {
        self.allowed.as_ref().is_none_or(|list| list.iter().any(|m| m == method))
    }

    fn ask(&self, question: Question) -> Result<Answers, Error> {
        ask(self.notes, question)
    }

    fn line_is_shut(&self) -> bool {
        // The session is blocking here and the socket is not: a peek returns at once.
        matches!(self.stream.peek(&mut [0]), Ok(0))
            || matches!(self.stream.peek(&mut [0]), Err(e) if e.kind() != std::io::ErrorKind::WouldBlock)
    }

    /// Where the server itself said what is wrong (in its banner, in its questions), that is the error.
    fn in_the_servers_words(&self, error: Error) -> Error {
        let refusal = matches!(
            error.fault(),
            Fault::PasswordRefused
                | Fault::CodeRefused
                | Fault::KeyRefused { .. }
                | Fault::AgentRefused { .. }
                | Fault::TooManyTries
                | Fault::ConnectionLost { .. }
        );
        if !refusal {
            return error;
        }
        let mut said = banner(self.session);
        said.extend_from_slice(&self.said);
        match from_words(&said) {
            Some(fault) => Error::new(fault).raw_text(&said),
            None => error,
        }
    }
}

/// libssh2: the key could not be used; its PEM reader has a code of its own for a passphrase that does not fit.
const KEY_UNUSABLE: i32 = -16;
const KEY_NOT_OPENED: i32 = -48;
const PASSWORD_EXPIRED: i32 = -15;
const SIGNATURE_NOT_ENOUGH: i32 = -19;

/// Asks whoever supervises, and waits for the answer.
fn ask(notes: &UnboundedSender<Note>, question: Question) -> Result<Answers, Error> {
    let gone = || Error::new(Fault::Cancelled);
    let (answer, received) = sync_channel(1);
    notes.send(Note::Ask(question, answer)).map_err(|_| gone())?;
    received.recv().map_err(|_| gone())
}

/// The state of one keyboard-interactive exchange.
struct Exchange {
    again: bool,
    passwords: usize,
    others: usize,
    unanswered: Option<Fault>,
    said: Vec<u8>,
}

/// What a round of the server's questions comes to.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// It only says something.
    Nothing,
    /// The password to sign in with, in one field that is not shown.
    Password,
    /// Its own questions, made fit to be shown.
    Prompts { title: String, instruction: String, prompts: Vec<Prompt> },
    /// A new password is wanted: that is nothing to type blindly into a wizard.
    NewPassword,
}

impl Exchange {
    fn answer(
        &mut self,
        round: Round,
        notes: &UnboundedSender<Note>,
        plan: &Plan,
        stream: &TcpStream,
    ) -> Vec<Zeroizing<String>> {
        let (host, port, user) = (plan.host.clone(), plan.port, plan.user.clone());
        let (question, missing) = match self.read(&round) {
            Asked::Nothing => return Vec::new(),
            Asked::NewPassword => return self.give_up(Fault::PasswordExpired, stream),
            Asked::Password => (Question::Password { host, port, user, again: self.again }, Fault::PasswordMissing),
            Asked::Prompts { title, instruction, prompts } => {
                (Question::Prompts { host, port, user, title, instruction, prompts }, Fault::CodeMissing)
            }
        };
        match ask(notes, question) {
            Ok(Some(answers)) if answers.len() >= round.prompts.len() => {
                if missing == Fault::PasswordMissing {
                    self.passwords += 1
                } else {
                    self.others += 1
                }
                answers.iter().map(|secret| Zeroizing::new(secret.expose_secret().to_owned())).collect()
            }
            _ => self.give_up(missing, stream),
        }
    }

    /// Cuts the line, so that no empty answer counts as a try.
    fn give_up(&mut self, why: Fault, stream: &TcpStream) -> Vec<Zeroizing<String>> {
        self.unanswered = Some(why);
        let _ = stream.shutdown(Shutdown::Both);
        Vec::new()
    }

    fn read(&mut self, round: &Round) -> Asked {
        for text in [&round.title, &round.instruction].into_iter().chain(round.prompts.iter().map(|(text, _)| text)) {
            // Enough for every sentence that we know how to read.
            let room = MOST_SAID.saturating_sub(self.said.len());
            if room > 0 {
                self.said.extend_from_slice(&text.as_bytes()[..text.len().min(room)]);
                self.said.push(b'\n');
            }
        }
        if round.prompts.is_empty() || self.unanswered.is_some() {
            return Asked::Nothing;
        }
        if from_words(&self.said) == Some(Fault::PasswordExpired)
            || round.prompts.iter().any(|(text, _)| wants_a_new_password(text))
        {
            return Asked::NewPassword;
        }
        if let [(text, false)] = round.prompts.as_slice()
            && self.passwords == 0
            && looks_like_password(text)
        {
            return Asked::Password;
        }
        let shown = |(text, echo): &(String, bool)| Prompt { text: visible(text, 500), echo: *echo };
        Asked::Prompts {
            title: visible(&round.title, 200),
            instruction: visible(&round.instruction, 2000),
            prompts: round.prompts.iter().map(shown).collect(),
        }
    }
}

fn wants_a_new_password(prompt: &str) -> bool {
    let prompt = prompt.to_ascii_lowercase();
    ["new password", "current password", "current unix password"].iter().any(|words| prompt.contains(words))
}

/// PAM's "Password: ", and what common modules write. A code asked for as "Verification code" or "One-time password" is none.
fn looks_like_password(prompt: &str) -> bool {
    let prompt = prompt.to_ascii_lowercase();
    (prompt.contains("password") || prompt.contains("passwort") || prompt.contains("mot de passe"))
        && !["one-time", "one time", "otp", "new ", "retype", "current "].iter().any(|other| prompt.contains(other))
}

/// Whether a key was there that its passphrase did not open: to be put right first, before a password is missed.
fn unopened(error: &Error) -> bool {
    matches!(error.fault(), Fault::PassphraseMissing { .. } | Fault::PassphraseWrong { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_no_password() {
        for prompt in ["Password: ", "op@host's password:", "(deploy@chat-01) Password: "] {
            assert!(looks_like_password(prompt), "{prompt}");
        }
        for prompt in [
            "Verification code: ",
            "One-time password (OATH) for op: ",
            "New password: ",
            "Current password: ",
            "Token",
        ] {
            assert!(!looks_like_password(prompt), "{prompt}");
        }
    }

    fn exchange() -> Exchange {
        Exchange { again: false, passwords: 0, others: 0, unanswered: None, said: Vec::new() }
    }

    fn round(prompts: &[(&str, bool)]) -> Round {
        let prompts = prompts.iter().map(|(text, echo)| ((*text).to_owned(), *echo)).collect();
        Round { title: String::new(), instruction: String::new(), prompts }
    }

    #[test]
    fn the_password_goes_into_one_hidden_field_and_only_once() {
        let mut exchange = exchange();
        assert_eq!(exchange.read(&round(&[("Password: ", false)])), Asked::Password);
        for other in [&[("Password: ", true)][..], &[("Password: ", false), ("Code: ", false)]] {
            assert!(matches!(exchange.read(&round(other)), Asked::Prompts { .. }), "{other:?}");
        }
        exchange.passwords = 1;
        assert!(matches!(exchange.read(&round(&[("Password: ", false)])), Asked::Prompts { .. }));
        assert_eq!(exchange.read(&round(&[("New password: ", false)])), Asked::NewPassword);
        assert_eq!(exchange.read(&round(&[])), Asked::Nothing);
    }

    /// What servers ask, and what would like to be asked as something else.
    fn nearly_asked() -> impl Strategy<Value = String> {
        let words = [
            "Password",
            "password: ",
            "(op@chat-01) ",
            "One-time ",
            "OTP ",
            "new ",
            "New Password",
            "current ",
            "Current UNIX password",
            "Verification code: ",
            "Passwort",
            "Mot de passe",
            "Your password has expired",
            "Please login as the user \"ubuntu\"",
            "Account locked",
            "\u{0130}",
            "\u{202e}",
            "\u{200b}",
            "\u{1b}]0;title\u{7}",
            "\u{1b}[8m",
            "\r",
            "\n",
            "\0",
            " ",
        ];
        let word = proptest::sample::select(words.to_vec()).prop_map(str::to_owned);
        let bytes = proptest::collection::vec(any::<u8>(), 0..12);
        let text = bytes.prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let long = (Just("Password x"), 1usize..900).prop_map(|(word, times)| word.repeat(times));
        proptest::collection::vec(prop_oneof![12 => word, 5 => text, 1 => long], 0..8).prop_map(|parts| parts.concat())
    }

    fn nearly_rounds() -> impl Strategy<Value = Vec<Round>> {
        let prompts = proptest::collection::vec((nearly_asked(), any::<bool>()), 0..4);
        let round = (nearly_asked(), nearly_asked(), prompts);
        let round = round.prop_map(|(title, instruction, prompts)| Round { title, instruction, prompts });
        proptest::collection::vec(round, 1..5)
    }

    proptest! {
        #![proptest_config(crate::many_cases::many_cases(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds/prompts.txt")))]

        /// Whatever a server asks, in however many rounds: the password goes to a hidden field alone, that names it and no
        /// other, and once; every other question is shown as it stands, and nothing shown moves a cursor or hides.
        #[test]
        fn no_question_of_a_server_is_taken_for_another(rounds in nearly_rounds()) {
            let mut exchange = exchange();
            for round in rounds {
                let said = exchange.said.len();
                match exchange.read(&round) {
                    Asked::Nothing => prop_assert!(round.prompts.is_empty()),
                    Asked::NewPassword => {}
                    Asked::Password => {
                        prop_assert_eq!((round.prompts.len(), exchange.passwords), (1, 0));
                        let (text, echo) = &round.prompts[0];
                        let text = text.to_lowercase();
                        prop_assert!(!echo && ["password", "passwort", "mot de passe"].iter().any(|w| text.contains(w)));
                        prop_assert!(!["one-time", "otp", "new password", "current password"].iter().any(|w| text.contains(w)));
                        exchange.passwords += 1;
                    }
                    Asked::Prompts { title, instruction, prompts } => {
                        prop_assert_eq!(prompts.len(), round.prompts.len());
                        for (shown, (_, echo)) in prompts.iter().zip(&round.prompts) {
                            prop_assert_eq!(shown.echo, *echo);
                        }
                        let texts = prompts.iter().map(|prompt| (&prompt.text, 500));
                        for (text, most) in texts.chain([(&title, 200), (&instruction, 2000)]) {
                            let hides = |c: char| (c.is_control() && c != '\n' && c != '\t')
                                || ('\u{200b}'..='\u{200f}').contains(&c)
                                || ('\u{202a}'..='\u{202e}').contains(&c);
                            prop_assert!(!text.chars().any(hides), "{:?}", text);
                            // A character that would hide is written out, in eight of ours at most.
                            prop_assert!(text.chars().count() <= most * 8 + 1);
                        }
                        exchange.others += 1;
                    }
                }
                prop_assert!(exchange.said.len() >= said && exchange.said.len() <= MOST_SAID + 1);
            }
        }
    }
}

//! How secrets come in: whoever connects brings an [`Asker`]; this crate keeps no secret and knows no keychain.

use crate::Secret;
use std::fmt::Debug;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

/// What is needed from a person or a keychain. `server` is the name in words, `host` and `port` the place itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// The password to sign in with. `again`: the one given just now was refused.
    Password { host: String, port: u16, user: String, again: bool },
    /// The passphrase of a key file on this computer.
    Passphrase { file: PathBuf, again: bool },
    /// The server's own questions (codes, tokens): one answer for each prompt, in order. A code is never reused.
    Prompts { host: String, port: u16, user: String, title: String, instruction: String, prompts: Vec<Prompt> },
    /// The password for sudo, usually the one to sign in with.
    SudoPassword { host: String, port: u16, user: String, again: bool },
}

/// One question of the server, in its words: hostile text, made visible and capped before it comes here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pub text: String,
    /// What is typed may be shown.
    pub echo: bool,
}

/// The answers: one [`Secret`] for each thing asked (one for a password), or `None` where there is no answer.
pub type Answers = Option<Vec<Secret>>;

pub type Asking<'a> = Pin<Box<dyn Future<Output = Answers> + Send + 'a>>;

/// Yields secrets. The time a person takes does not count against any limit.
pub trait Asker: Send + Sync + Debug {
    fn ask(&self, question: Question) -> Asking<'_>;
}

/// Never has an answer: for keys without passphrase, and where nobody can be asked.
#[derive(Clone, Copy, Debug)]
pub struct NoAnswers;

impl Asker for NoAnswers {
    fn ask(&self, _: Question) -> Asking<'_> {
        Box::pin(std::future::ready(None))
    }
}

/// Answers from a function, for tests and for secrets that are at hand.
pub struct AnswerWith<F>(pub F);

impl<F> Debug for AnswerWith<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnswerWith")
    }
}

impl<F: Fn(Question) -> Answers + Send + Sync> Asker for AnswerWith<F> {
    fn ask(&self, question: Question) -> Asking<'_> {
        Box::pin(std::future::ready((self.0)(question)))
    }
}

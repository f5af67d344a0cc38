//! Where answers to a server's questions come from: what was given in this walk, then the keychain, then the person.
//!
//! What a person gave is kept in memory for the walk, so that the proof of access and a call after a lost line need no
//! second answer. Codes (two-factor) are never kept: each is good once.

use remote::{Answers, Asker, Asking, Question, Secret};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use vault::{Account, Keeping, Vault};

pub use vault::Kind;

/// What a secret is for. Two questions with the same purpose have the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Purpose {
    pub kind: Kind,
    /// `user@host:port`, or the path of a key file.
    pub place: String,
}

impl Purpose {
    /// The purpose of a question; `None` for questions whose answer is good only once.
    pub fn of(question: &Question) -> Option<Purpose> {
        match question {
            Question::Password { host, port, user, .. } => Some(Purpose::password(user, host, *port)),
            Question::SudoPassword { host, port, user, .. } => Some(Purpose::sudo(user, host, *port)),
            Question::Passphrase { file, .. } => Some(Purpose::passphrase(&file.to_string_lossy())),
            Question::Prompts { .. } => None,
        }
    }

    pub fn password(user: &str, host: &str, port: u16) -> Purpose {
        Purpose { kind: Kind::Password, place: format!("{user}@{host}:{port}") }
    }

    pub fn sudo(user: &str, host: &str, port: u16) -> Purpose {
        Purpose { kind: Kind::Sudo, place: format!("{user}@{host}:{port}") }
    }

    pub fn passphrase(file: &str) -> Purpose {
        Purpose { kind: Kind::Passphrase, place: file.to_owned() }
    }
}

/// The answers of one walk.
pub struct WalkAnswers {
    person: Arc<dyn Asker>,
    /// Where this server's secrets are kept between walks.
    keychain: Option<(Vault, Account)>,
    memory: Mutex<HashMap<Purpose, Secret>>,
}

impl fmt::Debug for WalkAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WalkAnswers")
    }
}

impl WalkAnswers {
    pub fn new(person: Arc<dyn Asker>) -> WalkAnswers {
        WalkAnswers { person, keychain: None, memory: Mutex::default() }
    }

    /// Looks in the keychain, under this account, before it asks the person.
    #[must_use]
    pub fn with_keychain(mut self, vault: Vault, account: Account) -> WalkAnswers {
        self.keychain = Some((vault, account));
        self
    }

    /// Keeps what was given in this walk in the keychain, each read back. A refused secret is never there: it was
    /// forgotten when it was refused.
    pub async fn remember(&self) -> Result<(), vault::Error> {
        let Some((vault, account)) = &self.keychain else { return Ok(()) };
        let given: Vec<(Kind, Secret)> =
            self.memory().iter().map(|(purpose, secret)| (purpose.kind, secret.clone())).collect();
        for (kind, secret) in given {
            vault.keep(account, kind, secret, Keeping::Keychain).await?;
        }
        Ok(())
    }

    /// What the keychain has for `purpose`. Jump hosts ask too, under their own names: they never get the server's.
    async fn kept(&self, purpose: &Purpose) -> Option<Secret> {
        let (vault, account) = self.keychain.as_ref()?;
        let is_for_account = match purpose.kind {
            Kind::Passphrase => true,
            Kind::Password | Kind::Sudo => purpose.place.eq_ignore_ascii_case(&place_of(account)),
        };
        if !is_for_account {
            return None;
        }
        match vault.find(account, purpose.kind).await {
            Ok(found) => found,
            Err(error) => {
                tracing::info!(%error, "the keychain gave no answer");
                None
            }
        }
    }

    /// Takes a secret that the person gave before it was asked for.
    pub fn give(&self, purpose: Purpose, secret: Secret) {
        self.memory().insert(purpose, secret);
    }

    /// What was given for `purpose` in this walk, without asking anyone.
    pub fn given(&self, purpose: &Purpose) -> Option<Secret> {
        self.memory().get(purpose).cloned()
    }

    /// What was given for this account by one port of its server is good by another as well.
    pub(crate) fn same_at(&self, user: &str, host: &str, by: u16, port: u16) {
        for purpose in [Purpose::password, Purpose::sudo] {
            if let Some(secret) = self.given(&purpose(user, host, by)) {
                self.give(purpose(user, host, port), secret);
            }
        }
    }

    pub fn forget(&self, purpose: &Purpose) {
        self.memory().remove(purpose);
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, HashMap<Purpose, Secret>> {
        // A panic while the lock was held cannot leave a map half changed.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asker for WalkAnswers {
    fn ask(&self, question: Question) -> Asking<'_> {
        Box::pin(async move { self.answer(question).await })
    }
}

impl WalkAnswers {
    async fn answer(&self, question: Question) -> Answers {
        let Some(purpose) = Purpose::of(&question) else { return self.person.ask(question).await };
        let again = was_refused(&question);
        if again {
            self.memory().remove(&purpose);
        } else if let Some(secret) = self.memory().get(&purpose) {
            return Some(vec![secret.clone()]);
        }
        // A refused secret stays in the keychain, for one refusal can be the server's fault; it is not tried twice, though.
        if !again && let Some(secret) = self.kept(&purpose).await {
            self.memory().insert(purpose, secret.clone());
            return Some(vec![secret]);
        }
        let answers = self.person.ask(question).await?;
        if let Some(secret) = answers.first() {
            self.memory().insert(purpose, secret.clone());
        }
        Some(answers)
    }
}

/// As [`Purpose::password`] writes it.
fn place_of(account: &Account) -> String {
    Purpose::password(&account.user, &account.host, account.port).place
}

fn was_refused(question: &Question) -> bool {
    match question {
        Question::Password { again, .. }
        | Question::Passphrase { again, .. }
        | Question::SudoPassword { again, .. } => *again,
        Question::Prompts { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::WalkAnswers;
    use remote::{Asker as _, ExposeSecret as _, NoAnswers, Question};
    use std::sync::Arc;
    use vault::{Account, Keeping, Kind, Vault};

    fn password_of(host: &str) -> Question {
        Question::Password { host: host.to_owned(), port: 22, user: "deploy".to_owned(), again: false }
    }

    #[tokio::test]
    async fn a_jump_host_never_gets_the_password_of_the_server_behind_it() {
        let (vault, account) = (Vault::open(), Account::new("deploy", "chat-01", 22));
        let secret = vault::Secret::from("only for chat-01");
        vault.keep(&account, Kind::Password, secret, Keeping::ThisSession).await.expect("in memory");
        let answers = WalkAnswers::new(Arc::new(NoAnswers)).with_keychain(vault, account);
        assert!(answers.ask(password_of("jump-01")).await.is_none());
        let given = answers.ask(password_of("chat-01")).await.expect("from the keychain");
        assert_eq!(given.first().map(|secret| secret.expose_secret()), Some("only for chat-01"));
    }
}

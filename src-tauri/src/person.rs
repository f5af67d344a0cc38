//! The person at the window, as `remote` knows them: somebody who can be asked what the server wants to know. What they
//! once put into the keychain is found there, and tried once.

use crate::desk::Desk;
use remote::{Answers, Asker, Asking, Prompt, Question, Secret};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use vault::{Account, Keeping, Kind};

/// Puts question `id` into the window: its text, and whether what is typed may be shown.
pub(crate) type Speak = Box<dyn Fn(u32, String, bool) + Send>;

/// Hears questions only while a command runs that can show them.
pub(crate) struct Person {
    desk: Arc<Desk>,
    /// Who signs in where: the name under which the keychain keeps things.
    account: Account,
    speak: Mutex<Option<Speak>>,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person")
    }
}

impl Person {
    pub(crate) fn new(desk: Arc<Desk>, account: Account) -> Arc<Person> {
        Arc::new(Person { desk, account, speak: Mutex::new(None) })
    }

    /// Puts what they typed into the keychain; says why not, when it could not be kept.
    pub(crate) async fn remember(&self, kind: Kind, secret: &Secret) -> Result<(), vault::Error> {
        let secret = vault::Secret::new(secret.reveal().to_owned());
        self.desk.vault().keep(&self.account, kind, secret, Keeping::Keychain).await
    }

    /// From now on questions go through `speak`; with `None` nobody is there.
    pub(crate) fn hears(&self, speak: Option<Speak>) {
        *self.speak.lock().unwrap_or_else(PoisonError::into_inner) = speak;
    }

    fn put(&self, id: u32, prompt: &Prompt) -> bool {
        let speak = self.speak.lock().unwrap_or_else(PoisonError::into_inner);
        speak.as_ref().map(|speak| speak(id, prompt.text.clone(), prompt.echo)).is_some()
    }

    async fn prompts(&self, prompts: Vec<Prompt>) -> Answers {
        let mut answers = Vec::with_capacity(prompts.len());
        for prompt in prompts {
            let id = self.desk.number();
            // The question is noted before it is shown: an answer can come at once.
            let answer = self.desk.answer_to(id);
            if !self.put(id, &prompt) {
                return None;
            }
            answers.push(answer.await?);
        }
        Some(answers)
    }
}

impl Person {
    /// What the keychain has. What was refused just now stays there, since that can be the server's fault, and is not
    /// tried again: it goes back to its field on the screen, with the reason beside it.
    async fn kept(&self, account: &Account, kind: Kind, again: bool) -> Answers {
        if again {
            return None;
        }
        match self.desk.vault().find(account, kind).await {
            Ok(secret) => secret.map(|secret| vec![Secret::new(secret.reveal().to_owned())]),
            Err(error) => {
                tracing::info!(%error, "the keychain gave no answer");
                None
            }
        }
    }
}

impl Asker for Person {
    fn ask(&self, question: Question) -> Asking<'_> {
        Box::pin(async move {
            match question {
                Question::Prompts { prompts, .. } => self.prompts(prompts).await,
                Question::Passphrase { again, .. } => self.kept(&self.account, Kind::Passphrase, again).await,
                // On the way through a jump host it asks for its own password first.
                Question::Password { host, port, user, again } => {
                    self.kept(&Account::new(user, host, port), Kind::Password, again).await
                }
                Question::SudoPassword { host, port, user, again } => {
                    self.kept(&Account::new(user, host, port), Kind::Sudo, again).await
                }
            }
        })
    }
}

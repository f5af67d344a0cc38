//! The person at the window, as `remote` knows them: somebody who can be asked what the server wants to know.

use crate::desk::Desk;
use remote::{Answers, Asker, Asking, Prompt, Question};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Puts question `id` into the window: its text, and whether what is typed may be shown.
pub(crate) type Speak = Box<dyn Fn(u32, String, bool) + Send>;

/// Hears questions only while a command runs that can show them.
pub(crate) struct Person {
    desk: Arc<Desk>,
    speak: Mutex<Option<Speak>>,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person")
    }
}

impl Person {
    pub(crate) fn new(desk: Arc<Desk>) -> Arc<Person> {
        Arc::new(Person { desk, speak: Mutex::new(None) })
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

impl Asker for Person {
    fn ask(&self, question: Question) -> Asking<'_> {
        match question {
            Question::Prompts { prompts, .. } => Box::pin(self.prompts(prompts)),
            // These have fields of their own: a refusal goes back to its field, with the reason beside it.
            Question::Password { .. } | Question::Passphrase { .. } | Question::SudoPassword { .. } => {
                Box::pin(std::future::ready(None))
            }
        }
    }
}

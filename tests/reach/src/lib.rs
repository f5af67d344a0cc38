//! Ways into real servers, for the tests beside this: who signs in, with what, and what is known of the server's key.

mod asking;
mod calls;
mod wire;

use remote::{AnswerWith, Answers, Asker, Error, Method, NoAnswers, Options, Pace, Question, Secret, Ssh, Target};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub use asking::Asking;
pub use calls::{Call, Calls};
pub use wire::Wire;

/// A way into one of the lab's servers, with a known_hosts file of its own and the server's key trusted.
#[derive(Debug)]
pub struct Way {
    pub target: Target,
    pub options: Options,
    pub folder: tempfile::TempDir,
}

impl Way {
    /// With the lab's key.
    ///
    /// # Panics
    /// Where this machine has no room for a folder.
    #[must_use]
    pub fn key(server: &lab::Server, user: &str) -> Self {
        let mut way = Way::password(server, user);
        way.target.identity.files = vec![server.key_file.clone()];
        way.options.methods = vec![Method::KeyFile];
        way
    }

    /// With a password, which the asker brings.
    ///
    /// # Panics
    /// Where this machine has no room for a folder.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
    pub fn password(server: &lab::Server, user: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut target = Target::new(&server.host, server.port);
        target.user = Some(user.to_owned());
        let mut options = Options::new(folder.path());
        options.known_hosts = Vec::new();
        // Servers of the lab punish nobody.
        options.pace = Pace::default();
        options.methods = vec![Method::Password];
        let words: Vec<&str> = server.host_key.split(' ').collect();
        let name = target.known_hosts_name();
        std::fs::write(folder.path().join("known_hosts"), format!("{name} {} {}\n", words[0], words[1])).unwrap();
        Way { target, options, folder }
    }

    /// The same way over this wire.
    ///
    /// # Panics
    /// Where the file of known servers cannot be written.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
    pub fn over(mut self, wire: &Wire) -> Self {
        let file = self.folder.path().join("known_hosts");
        let known = std::fs::read_to_string(&file).unwrap();
        let before = self.target.known_hosts_name();
        (self.target.host, self.target.port) = ("127.0.0.1".to_owned(), wire.port);
        std::fs::write(&file, known.replace(&before, &self.target.known_hosts_name())).unwrap();
        self
    }

    /// # Errors
    /// What stood in the way.
    pub async fn open(&self, asker: Arc<dyn Asker>) -> Result<Ssh, Error> {
        Ssh::connect(&self.target, &self.options, asker).await
    }

    /// # Errors
    /// What stood in the way.
    pub async fn open_alone(&self) -> Result<Ssh, Error> {
        self.open(Arc::new(NoAnswers)).await
    }
}

/// An asker that answers every question once with the next of these texts, and keeps the questions.
#[derive(Clone, Debug, Default)]
pub struct Script {
    answers: Arc<Mutex<Vec<String>>>,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl Script {
    #[must_use]
    pub fn new(answers: &[&str]) -> Self {
        let answers = answers.iter().rev().map(|a| (*a).to_owned()).collect();
        Script { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() }
    }

    #[must_use]
    pub fn asker(&self) -> Arc<dyn Asker> {
        let me = self.clone();
        Arc::new(AnswerWith(move |question| me.answer(question)))
    }

    fn answer(&self, question: Question) -> Answers {
        let count = if let Question::Prompts { prompts, .. } = &question { prompts.len() } else { 1 };
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(question);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        (0..count).map(|_| answers.pop().map(Secret::from)).collect()
    }

    #[must_use]
    pub fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Everything below `folder` that holds `text`.
///
/// # Panics
/// Where grep cannot run.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
pub fn files_with(text: &str, folder: &Path) -> String {
    let out = std::process::Command::new("grep").args(["-rlaF", text]).arg(folder).output().unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

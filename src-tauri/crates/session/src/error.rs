//! What can keep the work from being done once a server is reached. One variant for each thing a caller does differently.

use remote::Fault;
use tuning::Refusal;

#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The connection, the shell or the rights: has its own words and code.
    #[error("{}", .0.happened())]
    Remote(remote::Error),
    #[error("Stopped.")]
    Cancelled,
    /// The person stopped a run whose server could not be heard: it looks after itself.
    #[error("Stopped. The server does not answer just now.")]
    StoppedUnheard,
    /// The person said to keep the changes, and nothing was heard of it.
    #[error("The server does not answer, so it is not known here whether the changes stay.")]
    AnswerUnheard,
    /// The file given as probe output is something else.
    #[error("This file is not the output of the probe. `plumb probe` prints the script that makes one.")]
    NotAProbe,
    #[error("The server ran the probe and none of its answers came back.")]
    NothingRead { said: String },
    /// The run is over and everything is as it was: the server had not heard from us, or the person stopped it.
    #[error("Everything was put back. {why}")]
    PutBack { why: String },
    /// The server did not begin the run; nothing was changed.
    #[error("{}", refusal_words(.0))]
    Refused(Refusal),
    /// The runner ended without telling how.
    #[error("The server ended the work without a word (code {code}).")]
    RunnerSilent { code: i32, said: String },
    #[error("There is nothing to change.")]
    NothingToDo,
    #[error("There is no change called {0}. `plumb plan` lists them.")]
    NoSuchChange(String),
    /// The role knows this change, and this server does not get it.
    #[error("{change} cannot be made here. {why}")]
    NotOffered { change: String, why: String },
    #[error("The server remembers no run called {0}. `plumb runs` lists them.")]
    NoSuchRun(String),
    #[error("This has to be done on a server that is connected; a file can only be judged.")]
    OnlyAFile,
    #[error("First the server has to be checked.")]
    NotExamined,
    #[error("No run waits for an answer.")]
    NothingWaiting,
    #[error(transparent)]
    Role(#[from] profiles::BadRole),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error(transparent)]
    Paper(#[from] report::PdfError),
}

impl From<remote::Error> for WorkError {
    fn from(error: remote::Error) -> WorkError {
        match error.fault() {
            Fault::Cancelled => WorkError::Cancelled,
            _ => WorkError::Remote(error),
        }
    }
}

impl From<Refusal> for WorkError {
    /// What a disk is to blame for has the words of the table of errors.
    fn from(refusal: Refusal) -> WorkError {
        let of_disk = |fault| remote::Error::new(fault).at(remote::Stage::Work);
        match refusal {
            Refusal::NoRoom { detail } => WorkError::Remote(of_disk(Fault::DiskFull { place: detail })),
            Refusal::ReadOnly { path } => WorkError::Remote(of_disk(Fault::DiskReadOnly { place: path })),
            refusal => WorkError::Refused(refusal),
        }
    }
}

impl WorkError {
    /// Stable word for logs, JSON and "Copy details".
    pub fn code(&self) -> &'static str {
        match self {
            WorkError::Remote(error) => error.code(),
            WorkError::Cancelled => "cancelled",
            WorkError::StoppedUnheard => "stopped_unheard",
            WorkError::AnswerUnheard => "answer_unheard",
            WorkError::NotAProbe => "not_a_probe",
            WorkError::NothingRead { .. } => "nothing_read",
            WorkError::PutBack { .. } => "put_back",
            WorkError::Refused(_) => "run_refused",
            WorkError::RunnerSilent { .. } => "runner_silent",
            WorkError::NothingToDo => "nothing_to_do",
            WorkError::NoSuchChange(_) => "no_such_change",
            WorkError::NotOffered { .. } => "not_offered",
            WorkError::NoSuchRun(_) => "no_such_run",
            WorkError::OnlyAFile => "only_a_file",
            WorkError::NotExamined => "not_examined",
            WorkError::NothingWaiting => "nothing_waiting",
            WorkError::Role(_) => "bad_role",
            WorkError::Store(_) => "own_files",
            WorkError::Paper(_) => "paper",
        }
    }

    /// What is safe: nearly always everything, and that is worth saying.
    pub fn safe(&self) -> String {
        match self {
            WorkError::Remote(error) => error.safe(),
            WorkError::RunnerSilent { .. } | WorkError::StoppedUnheard => {
                "Whatever was changed is put back by the server itself within two minutes.".to_owned()
            }
            WorkError::AnswerUnheard => {
                "Either all of them stay, or the server has put all of them back by itself.".to_owned()
            }
            WorkError::PutBack { .. } => "Everything on the server is as it was before.".to_owned(),
            _ => "Nothing was changed on the server.".to_owned(),
        }
    }

    /// One next action.
    pub fn next(&self) -> String {
        match self {
            WorkError::Remote(error) => error.next(),
            WorkError::Refused(refusal) => refusal_next(refusal),
            WorkError::Role(profiles::BadRole::NoSuchProduct { .. }) => {
                "Open the requirements file that it came with, or choose another role.".to_owned()
            }
            WorkError::NotOffered { .. } => "`plumb plan` shows what can be changed here.".to_owned(),
            WorkError::NothingRead { .. } => {
                "Copy the details; they hold what the server said in place of answers.".to_owned()
            }
            WorkError::RunnerSilent { .. } | WorkError::StoppedUnheard => {
                "Wait two minutes, then check again.".to_owned()
            }
            WorkError::AnswerUnheard => "Connect again: the server knows how it ended.".to_owned(),
            _ => "Go back and try again.".to_owned(),
        }
    }

    /// Raw text behind "Copy details".
    pub fn raw(&self) -> String {
        match self {
            WorkError::Remote(error) => error.raw().to_owned(),
            WorkError::NothingRead { said } | WorkError::RunnerSilent { said, .. } => said.clone(),
            other => format!("{other:?}"),
        }
    }
}

fn refusal_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::RunOpen { run } => format!("An earlier run ({run}) still waits for an answer."),
        Refusal::Locked { by } => {
            format!("Somebody is changing this server right now ({by}). Wait until that has ended, then check again.")
        }
        Refusal::Drifted { .. } => "The server is no longer as the preview saw it.".to_owned(),
        Refusal::NoRoom { detail } => format!("There is not enough room to remember how everything was: {detail}."),
        Refusal::ReadOnly { path } => format!("{path} can only be read, so nothing could be remembered."),
        Refusal::NoTool { tool } => format!("The server lacks {tool}, which every change needs."),
        Refusal::NotPersistent { path } => format!("{path} does not survive a restart, so nothing could be put back."),
        Refusal::CannotPutBack { detail } => format!("Putting back was rehearsed and would not work: {detail}."),
        Refusal::NoTimer { detail } => format!("The safety timer could not be set: {detail}."),
        Refusal::CannotStart { detail } => format!("The work could not be started: {detail}."),
        Refusal::NotRoot => "Changes need an administrator.".to_owned(),
        Refusal::Other { code, detail } => format!("The server did not begin ({code}): {detail}."),
    }
}

fn refusal_next(refusal: &Refusal) -> String {
    match refusal {
        Refusal::RunOpen { .. } => "Keep that run or put it back; then apply again.",
        Refusal::Locked { .. } => "Wait until they are done, then apply again.",
        Refusal::Drifted { .. } => "Check again: the new preview shows what changed meanwhile.",
        Refusal::ReadOnly { .. } => "Have the server's disk checked, then apply again.",
        Refusal::NoRoom { .. } => "Free some room on the server, then apply again.",
        Refusal::NotRoot => "Sign in as root, or as a user who may use sudo.",
        _ => "Copy the details and ask whoever looks after the server.",
    }
    .to_owned()
}

//! A machine made of recordings: what a real one printed, played back. For tests and for files of facts.

use crate::error::{Error, Fault};
use crate::job::{Event, Input, Job, Privilege, Remote, Running};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Answers each job with the first recording whose words occur in its script, and remembers every script.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    takes: Vec<Take>,
    scripts: Arc<Mutex<Vec<Job>>>,
}

/// One recorded answer.
#[derive(Clone, Debug)]
pub struct Take {
    /// Occurs in the script that this answers; empty answers any.
    pub script_has: String,
    pub privilege: Privilege,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub end: End,
}

#[derive(Clone, Debug)]
pub enum End {
    Exit(i32),
    Failed(Error),
}

impl Recorded {
    pub fn new(takes: Vec<Take>) -> Self {
        Recorded { takes, scripts: Arc::default() }
    }

    /// One machine that prints this whatever it is asked, as root.
    pub fn printing(stdout: impl Into<Vec<u8>>) -> Self {
        Recorded::new(vec![Take {
            script_has: String::new(),
            privilege: Privilege::Root,
            stdout: stdout.into(),
            stderr: Vec::new(),
            end: End::Exit(0),
        }])
    }

    /// What was run so far.
    pub fn jobs(&self) -> Vec<Job> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Remote for Recorded {
    /// What was recorded does not listen.
    fn converse(&self, job: Job) -> (Running, Input) {
        (self.start(job), Input::new(|| {}).0)
    }

    fn start(&self, job: Job) -> Running {
        let text = String::from_utf8_lossy(&job.script).into_owned();
        let take = self.takes.iter().find(|take| text.contains(&take.script_has)).cloned();
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner).push(job);
        // Room for all of it: nothing is awaited here, so this works without a runtime too.
        let (events, received) = mpsc::channel(4);
        let tell = |event| {
            let _ = events.try_send(event);
        };
        match take {
            None => {
                tell(Event::Failed(Error::new(Fault::Internal { what: "no recording answers this script".to_owned() })))
            }
            Some(take) => {
                tell(Event::Started { privilege: take.privilege });
                tell(Event::Stdout(take.stdout));
                tell(Event::Stderr(take.stderr));
                tell(match take.end {
                    End::Exit(code) => Event::Exit { code },
                    End::Failed(error) => Event::Failed(error),
                });
            }
        }
        Running { events: received }
    }
}

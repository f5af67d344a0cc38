//! One piece of work on the other machine: a script on standard input, a stream of what it prints.

use crate::error::{Error, Fault};
use std::fmt::Debug;
use std::time::Duration;
use tokio::sync::mpsc;

/// A machine that can run a POSIX shell script. `Ssh`, `Local` and (for tests) `Recorded` are the three.
pub trait Remote: Send + Sync + Debug {
    /// Starts `job` and returns at once; what happens comes through [`Running`].
    fn start(&self, job: Job) -> Running;

    /// As [`Remote::start`], for a script that goes on reading its standard input: bytes follow through [`Input`].
    ///
    /// A shell may read ahead of the line that it runs, so nothing is sent before the script has said that it listens.
    fn converse(&self, job: Job) -> (Running, Input);

    /// How many packets this computer had to send again on the way there: as good as lost. `None` where nobody tells.
    fn resent(&self) -> Option<u64> {
        None
    }
}

/// What a running script reads. Its standard input ends when this is dropped.
pub struct Input {
    bytes: Option<mpsc::Sender<Vec<u8>>>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").finish_non_exhaustive()
    }
}

impl Input {
    /// Few pieces wait in between, so that who sends feels how fast the line takes them.
    pub(crate) fn new(wake: impl Fn() + Send + Sync + 'static) -> (Input, mpsc::Receiver<Vec<u8>>) {
        let (bytes, received) = mpsc::channel(2);
        (Input { bytes: Some(bytes), wake: Box::new(wake) }, received)
    }

    /// Hands bytes on; waits while the line is full. `false`: the script reads no more.
    pub async fn send(&self, bytes: Vec<u8>) -> bool {
        let Some(sender) = &self.bytes else { return false };
        let sent = sender.send(bytes).await.is_ok();
        (self.wake)();
        sent
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.bytes = None;
        (self.wake)();
    }
}

/// A script for `/bin/sh -s`.
#[derive(Clone, Debug)]
pub struct Job {
    pub script: Vec<u8>,
    pub elevate: Elevate,
    /// Nothing is heard for this long: the job is given up and [`crate::Event::Failed`] says so.
    pub silence: Duration,
}

/// Whether the script runs as an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elevate {
    /// As the user who signed in.
    No,
    /// As root where that can be had without asking (root, NOPASSWD, or a sudo password already given), else as the user.
    IfPossible,
    /// As root, or not at all.
    Required,
}

/// As whom a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privilege {
    /// The account that signed in is root.
    Root,
    /// root through sudo.
    Sudo,
    /// root through doas.
    Doas,
    /// The account that signed in, and why it is not more.
    User(NotRoot),
}

/// Why a script does not run as an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRoot {
    NotAsked,
    NeedsPassword,
    NotAllowed,
    NeedsTerminal,
    NoSudo,
}

impl Privilege {
    pub fn is_root(self) -> bool {
        !matches!(self, Privilege::User(_))
    }
}

/// A job under way. Dropping it cancels the job: the channel is closed within two seconds.
#[derive(Debug)]
pub struct Running {
    pub events: mpsc::Receiver<Event>,
}

/// What happens while a job runs; `Exit` or `Failed` is the last.
#[derive(Debug)]
pub enum Event {
    /// The script is being read by a shell: always the first, unless `Failed` comes instead.
    Started {
        privilege: Privilege,
    },
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    /// The script ended by itself.
    Exit {
        code: i32,
    },
    /// The connection or the shell gave up before the script ended.
    Failed(Error),
}

/// All that a short script said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub privilege: Privilege,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub code: i32,
}

impl Job {
    /// As the signed-in user; 30 s of silence are the limit.
    pub fn new(script: impl Into<Vec<u8>>) -> Self {
        Job { script: script.into(), elevate: Elevate::No, silence: Duration::from_secs(30) }
    }

    #[must_use]
    pub fn elevate(mut self, elevate: Elevate) -> Self {
        self.elevate = elevate;
        self
    }

    #[must_use]
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = limit;
        self
    }
}

impl Running {
    /// Waits for the end and keeps everything: for scripts whose output is small.
    pub async fn output(mut self) -> Result<Output, Error> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut privilege = Privilege::User(NotRoot::NotAsked);
        while let Some(event) = self.events.recv().await {
            match event {
                Event::Started { privilege: got } => privilege = got,
                Event::Stdout(bytes) => stdout.extend_from_slice(&bytes),
                Event::Stderr(bytes) => stderr.extend_from_slice(&bytes),
                Event::Exit { code } => return Ok(Output { privilege, stdout, stderr, code }),
                Event::Failed(error) => return Err(error),
            }
        }
        Err(Error::new(Fault::Internal { what: "a script ended without a word".to_owned() }))
    }
}

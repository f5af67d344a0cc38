//! One piece of work on the other machine: a script on standard input, a stream of what it prints.

use std::fmt::Debug;
use tokio::sync::mpsc;

/// A machine that can run a POSIX shell script. `Ssh`, `Local` and (for tests) `Recorded` are the three.
pub trait Remote: Send + Sync + Debug {
    /// Starts `job` and returns at once; what happens comes through [`Running`].
    fn start(&self, job: Job) -> Running;
}

/// A script for `/bin/sh -s`.
#[derive(Clone, Debug)]
pub struct Job {
    pub script: Vec<u8>,
    pub elevate: Elevate,
    /// Nothing is heard for this long: the job is given up and [`crate::Event::Failed`] says so.
    pub silence: std::time::Duration,
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

/// A job under way. Dropping it cancels the job: the channel is closed within two seconds.
#[derive(Debug)]
pub struct Running {
    pub events: mpsc::Receiver<Event>,
}

/// What happens while a job runs; `Exit` or `Failed` is the last.
#[derive(Debug)]
pub enum Event {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    /// The script ended by itself.
    Exit { code: i32 },
    /// The connection or the shell gave up before the script ended.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

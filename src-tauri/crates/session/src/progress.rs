//! What the shells hear while something runs.

use checks::Finding;
use tuning::RunEvent;

/// While reading and judging. Findings come in the order of the list, each once.
#[derive(Clone, Debug)]
pub enum CheckProgress {
    /// What is being read, and how many needs of how many are judged.
    Reading {
        what: String,
        done: u32,
        total: u32,
    },
    Found(Box<Finding>),
}

/// While changes are made, or taken back.
#[derive(Clone, Debug)]
pub enum RunProgress {
    /// The server tells what it does.
    Event(RunEvent),
    /// The connection is gone; the server goes on by itself, and we call again.
    LostContact {
        error: remote::Error,
    },
    BackInContact,
    /// The run waits for an answer; now a new connection proves that the server can still be reached.
    Proving,
}

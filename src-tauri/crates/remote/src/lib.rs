//! A shell on another machine. Knows how to reach it and who may; never what is asked there.
//!
//! Deliberately absent: facts, changes, the keychain. Secrets come through a callback and are wiped when dropped.
mod job;

pub use job::{Elevate, Event, Job, Remote, Running};

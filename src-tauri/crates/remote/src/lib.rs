//! A shell on another machine. Knows how to reach it and who may; never what is asked there.
//!
//! Deliberately absent: facts, changes, the keychain. Secrets come through an [`Asker`] and are wiped when dropped.
//!
//! ```no_run
//! # async fn example() -> Result<(), remote::Error> {
//! use remote::{Job, NoAnswers, Options, Remote as _, Ssh};
//! let target: remote::Target = "deploy@chat-01.example.net".parse()?;
//! let server = Ssh::connect(&target, &Options::new("/home/me/.config/plumbline"), std::sync::Arc::new(NoAnswers)).await?;
//! let output = server.start(Job::new("uname -r")).output().await?;
//! # Ok(()) }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod agent;
mod ask;
mod at_hand;
mod cancel;
mod dial;
mod error;
mod greeting;
mod host_key;
mod job;
mod key_file;
mod known_hosts;
mod line;
mod local;
#[cfg(test)]
#[path = "../../../../tests/many_cases.rs"]
mod many_cases;
mod pace;
mod pass_on;
mod privilege;
mod pump;
mod raw;
mod recorded;
mod resent;
mod sign_in;
mod ssh;
mod ssh_config;
mod target;
mod words;
mod work;

pub use ask::{AnswerWith, Answers, Asker, Asking, NoAnswers, Prompt, Question};
pub use at_hand::{Agent, KeyAtHand, agent, look_at_key, usual_key_files};
pub use cancel::Cancel;
pub use dial::answers;
pub use error::{Error, Fault, Stage, visible};
pub use greeting::Greeting;
pub use host_key::{HostKey, Judgement, KnownKey, judge, same_fingerprint};
pub use job::{Elevate, Event, Input, Job, NotRoot, Output, Privilege, Remote, Running};
pub use known_hosts::{Entry, KnownHosts, Marker, forget, trust};
pub use local::Local;
pub use pace::Pace;
pub use recorded::{End, Recorded, Take};
pub use secrecy::{ExposeSecret, SecretString as Secret};
pub use ssh::{Family, Limits, Method, Options, Server, Ssh};
pub use ssh_config::{Resolved, SshConfig};
pub use target::{Identity, Target};
pub use words::{Words, examples, words};

//! The conductor: one server's walk, from connecting to the finished account. The only crate that knows all the others.
//!
//! Deliberately absent: windows, prompts and argument parsing (the shells do that), rules and thresholds (the pure core
//! decides), and anything that is not needed to lead one person through one server.
mod account;
mod answers;
mod by_hand;
mod clock;
mod cost;
mod diagnostics;
mod doors;
mod error;
mod examine;
mod guarded;
pub mod history;
mod link;
mod place;
mod practice;
mod progress;
mod remembered;
pub mod requirements;
mod run;
mod session;
pub mod setups;
pub mod store;
mod this_computer;

pub use answers::{Kind, Purpose, WalkAnswers};
pub use by_hand::{probe as probe_by_hand, script as script_by_hand};
pub use clock::{Moment, days_since};
pub use diagnostics::{Names, diagnostics};
pub use error::WorkError;
pub use examine::{Answered, Examination, Timings, Words, everything};
pub use measure::{
    BadStorage, Figure, Measured, Port, Progress as Measuring, STORAGE_SECONDS, Storage, StorageKey,
    Verdict as PortVerdict, What, storage_cost,
};
pub use practice::Recording;
pub use progress::{CheckProgress, RunProgress};
pub use run::{Proof, Proved, Settled, Waiting};
pub use session::{Aim, ServerHead, Session};
pub use this_computer::{ThisComputer, this_computer};

/// Sixteen random bytes as letters and digits: marks what one script prints, so that nothing else can pass for it.
///
/// # Panics
/// When the system has no randomness: nothing here may go on without it.
#[expect(clippy::expect_used, reason = "a system without randomness cannot sign in anywhere, and must not pretend")]
fn nonce() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

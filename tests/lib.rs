//! The tests that cross crates: recorded servers, real servers, faults, the driven window, and the house rules.
//!
//! Deliberately absent: tests of one crate's own rules. They stand beside what they test.
//!
//! The servers come from [`lab`], a crate of its own so that a test which needs only a server builds only that.
pub mod canary;

pub use lab;

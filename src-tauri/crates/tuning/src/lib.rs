//! What to change and how to take it back. Writes scripts, runs nothing.
//!
//! Deliberately absent: any connection, any file, any clock. The runner is text; the server runs it.
mod plan;

pub use plan::{ChangeView, DiffLine, DiffSign, FileDiff, Plan, Risk, RuntimeChange};

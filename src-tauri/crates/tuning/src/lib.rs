//! What to change and how to take it back. Writes scripts, runs nothing.
//!
//! The walk: [`before::script`] looks at what stands, [`plan()`] works out the changes, [`run::launch`] writes the one script
//! that starts them as a job of the server, and [`Reader`] turns what it prints into events. [`run::keep`] or
//! [`run::put_back`] end it; whoever does not answer gets everything put back by the server itself. [`run::undo`] takes a
//! kept run back later, from any computer, with what [`receipt::read`] finds on the server.
//!
//! Deliberately absent: any connection, any file, any clock. The runner is text; the server runs it.
//!
//! ```
//! use tuning::{Proposal, before::Before, run};
//! let id = "20261121-0730-a1b2".parse().unwrap();
//! let spec = run::RunSpec::new(id, "Dusk, provisioner", "2026-11-21T07:30:00Z", "4c1f");
//! let script = run::launch(&Proposal::default(), &Before::default(), &spec, "f00d");
//! assert!(script.ends_with("} </dev/null\n"));
//! ```
mod act;
pub mod before;
mod change;
mod diff;
mod follow;
pub mod journal;
#[cfg(test)]
#[path = "../../../../tests/many_cases.rs"]
mod many_cases;
mod openpgp;
mod plan;
mod prepared;
pub mod receipt;
pub mod run;
pub mod script;
pub mod sh;

pub use act::{Act, Again, HEADER as SHARED_HEADER};
pub use change::monitoring::rules_file;
pub use change::{Change, Kind, Words};
pub use follow::{ChangeState, Difference, End, Reader, Refusal, RunEvent, Step};
pub use plan::{Asked, ChangeView, DiffLine, DiffSign, FileDiff, Plan, Proposal, Risk, RuntimeChange, plan};
pub use prepared::{Prepared, PreparedAct, PreparedChange, without_neighbours};

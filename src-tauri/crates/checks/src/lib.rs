//! Facts judged by needs: `judge(&needs, &facts)` gives findings, each in plain words with its evidence.
//!
//! Deliberately absent: where facts come from and what is done about a finding. No I/O, no clock.
mod finding;

pub use finding::{
    Confirmation, Counts, Figure, Finding, Maintained, MaintainedState, Overall, PartFinding, Verdict, Waiver,
};

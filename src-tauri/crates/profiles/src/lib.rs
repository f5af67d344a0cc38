//! What a role needs: requirement files, read and checked.
//!
//! Deliberately absent: judging (that is `checks`), any expression language, any I/O beyond the text handed in.
mod choice;
mod need;

pub use choice::{RoleChoice, Scale};
pub use need::{Area, Bound, CatalogRow, Need, Part, Severity, Source};

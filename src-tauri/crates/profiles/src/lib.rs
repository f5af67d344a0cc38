//! What a role needs: requirement files, read and checked.
//!
//! Deliberately absent: judging (that is `checks`), any expression language, any I/O beyond the text handed in.
mod choice;
mod need;
mod tunings;

pub use choice::{BadChoice, RoleChoice, Scale};
pub use need::{Area, Beyond, BeyondVerdict, Bound, CatalogRow, Condition, Meets, Need, Part, Severity, Source};
pub use tunings::{AlertRule, PackageChoice, Permission, PortRule, PortSource, PostgresValue, Tuning, TuningKind};

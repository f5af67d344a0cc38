//! What a server says about itself: one probe script, its framed answer, and readers that turn the answer into facts.
//!
//! Deliberately absent: judging (that is `checks`), any I/O, any clock. The script is text here; `remote` runs it.
//!
//! ```
//! use facts::{Facts, Key, Reading};
//! let facts = Facts::default();
//! let key: Key = "cpu.cores".parse().unwrap();
//! assert!(matches!(facts.reading(&key), Reading::Unknown(_)));
//! ```

mod fact;
pub mod frame;
mod key;
#[cfg(test)]
#[path = "../../../../tests/many_cases.rs"]
mod many_cases;
pub mod probe;
mod read;
mod reading;
mod software;
mod units;

pub use fact::{Evidence, Fact, Facts};
pub use key::{Argument, BadKey, Key, Kind, Unit};
pub use read::{Clock, Context, read};
pub use reading::{Confidence, Reading, Value, Why};
pub use units::{BadUnit, Version};

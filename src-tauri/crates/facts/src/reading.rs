//! A reading is a value we know, or the reason why we do not. There is no third thing, and no default.

use crate::Version;
use serde::{Deserialize, Serialize};

/// What one fact turned out to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Reading {
    Known { value: Value, confidence: Confidence },
    Unknown(Why),
}

/// How far a known value can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Worked out from something else, such as a disk kind from a flag that virtual machines set at random.
    Inferred,
    /// The server says so.
    Reported,
    /// We tried it.
    Measured,
}

/// Why there is no value. Each reason has its own way out, so each is its own variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Why {
    /// Only an administrator may read it, and we were not one.
    NeedsAdministrator,
    /// The section did not finish within its own time limit.
    TimedOut { seconds: u32 },
    /// The server has no tool or file that tells.
    NoSource { looked_for: String },
    /// There was an answer, and it was not one we understand.
    Unreadable { answer: String },
    /// A container or a restricted host hides it from everyone inside.
    Hidden { by: String },
    /// It can only be measured, and nobody asked for that yet.
    NotMeasured,
    /// What was measured is less than is needed, and the measuring itself may be what was short: the line at this end.
    LowerBound { least: String },
    /// The probe ended before it got there, or never asked.
    NotRead,
}

/// A value with its kind. `Absent` is knowledge, not ignorance: the package is not installed, the file is not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub enum Value {
    Absent,
    Flag(bool),
    Count(u64),
    Bytes(u64),
    Mhz(u32),
    Mbps(f64),
    Millis(f64),
    Percent(f64),
    Version(Version),
    Text(String),
    /// Several numbers that belong together, such as the three of tcp_rmem.
    Numbers(Vec<u64>),
    List(Vec<String>),
}

impl Reading {
    pub fn reported(value: Value) -> Reading {
        Reading::Known { value, confidence: Confidence::Reported }
    }

    pub fn value(&self) -> Option<&Value> {
        match self {
            Reading::Known { value, .. } => Some(value),
            Reading::Unknown(_) => None,
        }
    }
}

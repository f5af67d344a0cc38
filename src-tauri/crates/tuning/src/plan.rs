//! The changes a server could get, in the order they would be made, and all that a person should see before saying yes.

use serde::{Deserialize, Serialize};

/// The changes that would settle findings. `tuning::plan(...)` makes it; nothing here has happened yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub changes: Vec<ChangeView>,
    /// Findings that a person has to see to: id and what to do.
    pub left: Vec<(String, String)>,
}

/// One change as a person sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeView {
    /// Stable id, the one `plumb apply --change` takes: `sysctl.buffers`.
    pub id: String,
    /// Heading it stands under: "System limits".
    pub group: String,
    /// The effect in plain words: "Give connections more room".
    pub title: String,
    /// What it is good for, one line.
    pub effect: String,
    pub risk: Risk,
    /// The consequence where there is one ("Restarts a service"), else empty.
    pub consequence: String,
    /// Findings it settles.
    pub settles: Vec<String>,
    /// Off by advice, with the reason.
    pub advised_off: Option<String>,
    pub files: Vec<FileDiff>,
    pub runtime: Vec<RuntimeChange>,
    /// What undo does: "removes this file and sets the four values back. No restart."
    pub undo: String,
    pub seconds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Low,
    Medium,
    High,
}

/// What a file looks like before and after, as lines with their sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDiff {
    pub path: String,
    /// Whether the file does not exist yet.
    pub new: bool,
    pub lines: Vec<DiffLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    pub sign: DiffSign,
    pub text: String,
    /// The live value this line would replace, shown at the right.
    pub now: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffSign {
    Keep,
    Add,
    Remove,
}

/// A value of the running system, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeChange {
    pub name: String,
    pub before: String,
    pub after: String,
}

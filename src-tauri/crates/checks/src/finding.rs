//! What was found, said once: the same words stand on the screen, on paper and in JSON.

use facts::{Confidence, Evidence, Key, Why};
use profiles::{Area, CatalogRow, Severity, Source};
use serde::{Deserialize, Serialize};

/// The verdict on one need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Met,
    Short,
    Missing,
    CouldNotTell,
    YouConfirm,
    NotApplicable,
}

/// A value for people and for machines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// "7.8 GB", "Ubuntu 22.04.5", "not there".
    pub text: String,
    /// The bare value in `unit`, as JSON.
    pub value: Option<facts::Value>,
    /// "GB", "MHz", "Mbps", empty for words.
    pub unit: String,
    pub confidence: Option<Confidence>,
}

/// One need, judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub id: String,
    pub catalog: Vec<CatalogRow>,
    pub title: String,
    pub area: Area,
    pub severity: Severity,
    pub verdict: Verdict,
    /// Why it could not be told, when it could not.
    pub why_unknown: Option<Why>,
    pub needed: Figure,
    pub found: Figure,
    /// `found` as share of `needed`, where both are quantities: 1.0 reaches the line. Drawn as the bar.
    pub ratio: Option<f64>,
    /// The finding in one sentence.
    pub sentence: String,
    /// Why the need matters, from the profile.
    pub why: String,
    pub source: Source,
    pub arithmetic: Option<String>,
    pub evidence: Vec<Evidence>,
    pub maintained: Option<Maintained>,
    /// What is read for the parts that are not known to be met: a change settles the need only where it brings each.
    #[serde(default)]
    pub open: Vec<Key>,
    /// Id of the change that would settle it.
    pub change: Option<String>,
    pub steps: Option<String>,
    pub waiver: Option<Waiver>,
    /// The word of a person, where one was asked and has answered.
    pub confirmed: Option<Confirmation>,
    /// Good to know, never judged: where the source contradicts itself, or a value counts although it is not named.
    pub note: Option<String>,
    /// The parts of a need that has several; empty otherwise.
    pub parts: Vec<PartFinding>,
}

/// One part of a need with several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartFinding {
    pub title: String,
    pub verdict: Verdict,
    pub needed: Figure,
    pub found: Figure,
}

/// Whether a component still gets fixes from its makers; dated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintained {
    pub state: MaintainedState,
    /// Last day of support, `2027-04-01`.
    pub until: Option<String>,
    /// The day the table was verified.
    pub as_of: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintainedState {
    Maintained,
    EndingSoon,
    Ended,
    CouldNotTell,
}

/// A need set aside by a person: visible, with an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    pub reason: String,
    pub name: String,
    /// Last day it counts, UTC, `2027-01-31`.
    pub until: String,
}

/// What a person said about a need that no reading can settle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    pub yes: bool,
    pub name: String,
    /// The day it was said, UTC, `2026-11-20`.
    pub date: String,
}

/// How many needs got which verdict. A waived need counts as waived only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub met: u32,
    pub short: u32,
    pub missing: u32,
    pub could_not_tell: u32,
    pub you_confirm: u32,
    pub not_applicable: u32,
    pub waived: u32,
}

impl Counts {
    /// Nothing is known to be wrong, but so little was read that nobody can say how near the server is: a check that was
    /// stopped, or a line that broke.
    #[must_use]
    pub fn hardly_read(&self) -> bool {
        self.short + self.missing == 0 && self.could_not_tell > self.met
    }
}

/// The verdict on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overall {
    Ready,
    Almost,
    NotReady,
}

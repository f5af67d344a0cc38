//! All that the probe learned, each with the evidence it stands on.

use crate::{Key, Reading, Value, Why};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was asked and what came back, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The command as a person could type it.
    pub command: String,
    /// What it printed: control characters made visible, length capped.
    pub output: String,
    /// Its exit code; `None` when it was cut off.
    pub exit: Option<i32>,
}

/// One reading and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    pub reading: Reading,
    /// Indices into [`Facts::evidence`].
    pub evidence: Vec<usize>,
}

/// Everything known about a server at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    facts: BTreeMap<Key, Fact>,
    evidence: Vec<Evidence>,
}

impl Facts {
    /// The reading of `key`; a key that nobody asked for is unknown, never absent, and one that no probe can answer has
    /// to be measured.
    pub fn reading(&self, key: &Key) -> &Reading {
        const NOT_READ: &Reading = &Reading::Unknown(Why::NotRead);
        const NOT_MEASURED: &Reading = &Reading::Unknown(Why::NotMeasured);
        let nothing = || if crate::read::only_measured(key.kind()) { NOT_MEASURED } else { NOT_READ };
        self.facts.get(key).map_or_else(nothing, |fact| &fact.reading)
    }

    /// Whether the probe has said anything about `key` yet, be it a value or a reason.
    pub fn has(&self, key: &Key) -> bool {
        self.facts.contains_key(key)
    }

    pub fn value(&self, key: &Key) -> Option<&Value> {
        self.reading(key).value()
    }

    /// The evidence of `key`, in the order it was gathered.
    pub fn evidence(&self, key: &Key) -> Vec<&Evidence> {
        let indices = self.facts.get(key).map_or(&[][..], |fact| &fact.evidence);
        indices.iter().filter_map(|&i| self.evidence.get(i)).collect()
    }

    /// Keeps a piece of evidence and returns its index for [`Facts::learn`].
    pub fn keep(&mut self, evidence: Evidence) -> usize {
        self.evidence.push(evidence);
        self.evidence.len() - 1
    }

    /// Learns one fact. A later reading of the same key replaces the earlier one: a measurement outranks a report.
    pub fn learn(&mut self, key: Key, reading: Reading, evidence: Vec<usize>) {
        self.facts.insert(key, Fact { reading, evidence });
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Fact)> {
        self.facts.iter()
    }
}

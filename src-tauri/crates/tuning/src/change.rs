//! A change: one reversible step that a person can say yes or no to, as a closed set of kinds.

pub(crate) mod limits;
pub(crate) mod packages;
pub(crate) mod service;
pub(crate) mod sysctl;
pub(crate) mod time;
pub(crate) mod updates;

use crate::act::Act;
use crate::before::Before;
use crate::plan::{ChangeView, FileDiff, Risk, RuntimeChange};
use facts::{Facts, Key, Kind as FactKind, Value};
use profiles::{Tuning, TuningKind};

/// A change with every value worked out for one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub id: String,
    pub title: String,
    pub effect: String,
    pub group: String,
    pub advised_off: Option<String>,
    /// Findings it settles.
    pub settles: Vec<String>,
    /// Changes that must have worked before, by id.
    pub wants: Vec<String>,
    pub kind: Kind,
    /// What is done on the server, in order.
    pub acts: Vec<Act>,
    pub words: Words,
}

/// What a person reads beside the title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub risk: Risk,
    /// The consequence where there is one, else empty.
    pub consequence: String,
    pub undo: String,
    pub seconds: u32,
    pub files: Vec<FileDiff>,
    pub runtime: Vec<RuntimeChange>,
}

/// The kinds of change there are, in the order in which they are made: programs before what needs them, then what can
/// cut the line, and what cannot be taken back at the very end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Packages,
    Sysctl,
    Limits,
    Service,
    Time,
    Updates,
    SecurityUpdates,
}

/// What became of one wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proposed {
    /// It can be done: acts, words.
    Offer(Kind, Vec<Act>, Words),
    /// It is so already.
    Settled,
    /// Not offered, for this reason, said to a person.
    NotHere(String),
}

/// What every kind may look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) tuning: &'a Tuning,
    /// All changes that are wanted at the same time: the largest value of all of them wins.
    pub(crate) all: &'a [&'a Tuning],
    pub(crate) facts: &'a Facts,
    pub(crate) before: &'a Before,
    /// For comments in files: "Dusk, provisioner".
    pub(crate) role: &'a str,
}

impl Scene<'_> {
    /// Says in a file what it is for and for whom.
    pub(crate) fn comment(&self) -> String {
        let role: String = self.role.chars().filter(|c| !c.is_control()).collect();
        format!("# {} ({role})\n", self.tuning.title)
    }

    pub(crate) fn value(&self, kind: FactKind, argument: &str) -> Option<&Value> {
        let key = if argument.is_empty() { Key::plain(kind) } else { Key::of(kind, argument).ok()? };
        self.facts.value(&key)
    }

    pub(crate) fn count(&self, kind: FactKind, argument: &str) -> Option<u64> {
        match self.value(kind, argument)? {
            Value::Count(n) | Value::Bytes(n) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn text(&self, kind: FactKind, argument: &str) -> Option<&str> {
        match self.value(kind, argument)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, kind: FactKind, argument: &str) -> Option<bool> {
        match self.value(kind, argument)? {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }
}

/// Works one wish out for one server.
pub(crate) fn propose(scene: &Scene<'_>) -> Proposed {
    match &scene.tuning.kind {
        TuningKind::Sysctl(values) => sysctl::propose(scene, values),
        TuningKind::FileLimit { files, units } => limits::propose(scene, *files, units),
        TuningKind::Packages(choices) => packages::propose(scene, choices),
        TuningKind::Service { unit, enabled, running } => service::propose(scene, unit, *enabled, *running),
        TuningKind::TimeSync => time::propose(scene),
        TuningKind::AutomaticUpdates => updates::propose(scene),
        TuningKind::SecurityUpdates => updates::propose_security(scene),
        TuningKind::Ports(_)
        | TuningKind::CloseOtherPorts { .. }
        | TuningKind::Sshd(_)
        | TuningKind::Postgres(_)
        | TuningKind::SwapFile { .. }
        | TuningKind::SwapOff
        | TuningKind::Modules(_)
        | TuningKind::Journal { .. }
        | TuningKind::Permissions(_)
        | TuningKind::SystemUser { .. }
        | TuningKind::Logrotate { .. }
        | TuningKind::NodeExporter { .. }
        | TuningKind::AlertRules(_)
        | TuningKind::BackupTimer { .. }
        | TuningKind::Environment { .. }
        | TuningKind::Software { .. } => Proposed::NotHere("Plumbline does not make this change yet.".into()),
    }
}

impl Change {
    pub fn view(&self) -> ChangeView {
        ChangeView {
            id: self.id.clone(),
            group: self.group.clone(),
            title: self.title.clone(),
            effect: self.effect.clone(),
            risk: self.words.risk,
            consequence: self.words.consequence.clone(),
            settles: self.settles.clone(),
            advised_off: self.advised_off.clone(),
            files: self.words.files.clone(),
            runtime: self.words.runtime.clone(),
            undo: self.words.undo.clone(),
            seconds: self.words.seconds,
        }
    }
}

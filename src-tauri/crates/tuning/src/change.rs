//! A change: one reversible step that a person can say yes or no to, as a closed set of kinds.

pub(crate) mod backup;
pub(crate) mod environment;
pub(crate) mod firewall;
pub(crate) mod guard;
pub(crate) mod limits;
pub(crate) mod logs;
pub(crate) mod modules;
pub(crate) mod monitoring;
pub(crate) mod packages;
pub(crate) mod permissions;
pub(crate) mod postgres;
pub(crate) mod service;
pub(crate) mod software;
pub(crate) mod ssh_port;
pub(crate) mod sshd;
pub(crate) mod swap;
pub(crate) mod sysctl;
pub(crate) mod time;
pub(crate) mod updates;
pub(crate) mod user;

use crate::act::Act;
use crate::before::Before;
use crate::plan::{ChangeView, FileDiff, Risk, RuntimeChange};
use checks::Finding;
use facts::{Facts, Key, Kind as FactKind, Value};
use profiles::{Tuning, TuningKind};
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Packages,
    Software,
    User,
    Modules,
    Sysctl,
    Limits,
    Permissions,
    Environment,
    Swap,
    Guard,
    Service,
    Time,
    Logs,
    Monitoring,
    Backup,
    Updates,
    Postgres,
    Ports,
    Firewall,
    Sshd,
    SecurityUpdates,
}

/// What became of one wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proposed {
    /// It can be done: acts, words.
    Offer(Kind, Vec<Act>, Words),
    /// A part of it can be done: acts, words, and what stays open.
    InPart(Kind, Vec<Act>, Words, Open),
    /// It is so already.
    Settled,
    /// Not offered, for this reason, said to a person.
    NotHere(String),
}

/// What a change cannot bring about here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    /// Why, and what a person does about it.
    pub(crate) why: String,
    pub(crate) of: OpenPart,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OpenPart {
    /// Every need that wants the change stays open.
    Whole,
    /// Only needs that look at these kernel parameters do.
    Parameters(Vec<String>),
}

impl Open {
    /// Whether the change settles the need of this finding all the same.
    pub(crate) fn spares(&self, finding: &Finding) -> bool {
        let OpenPart::Parameters(names) = &self.of else { return false };
        // of a finding that does not say what it looked at, nobody knows
        !finding.open.is_empty()
            && !finding.open.iter().any(|key| {
                matches!(key.kind(), FactKind::SysctlNow | FactKind::SysctlBoot)
                    && names.iter().any(|name| name == key.argument())
            })
    }
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

    /// The port that a change of the same plan moves ssh to.
    pub(crate) fn ssh_moves_to(&self) -> Option<u16> {
        self.all.iter().find_map(|tuning| match tuning.kind {
            TuningKind::SshPort { port } => Some(port),
            _ => None,
        })
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
        TuningKind::Ports(rules) => firewall::propose_ports(scene, rules),
        TuningKind::CloseOtherPorts { ports } => firewall::propose_close(scene, ports),
        TuningKind::Sshd(settings) => sshd::propose(scene, settings),
        TuningKind::SshPort { port } => ssh_port::propose(scene, *port),
        TuningKind::Postgres(settings) => postgres::propose(scene, settings),
        TuningKind::SwapFile { bytes } => swap::propose_file(scene, *bytes),
        TuningKind::SwapOff => swap::propose_off(scene),
        TuningKind::Modules(names) => modules::propose(scene, names),
        TuningKind::Journal { bytes } => logs::propose_journal(scene, *bytes),
        TuningKind::Permissions(permissions) => permissions::propose(scene, permissions),
        TuningKind::SystemUser { user, group } => user::propose(scene, user, group),
        TuningKind::Logrotate { path, logs, daily, keep, compress, copy_truncate } => {
            let rotation = logs::Rotation {
                path,
                logs,
                daily: *daily,
                keep: *keep,
                compress: *compress,
                copy_truncate: *copy_truncate,
            };
            logs::propose_rotation(scene, &rotation)
        }
        TuningKind::NodeExporter { address } => monitoring::propose_agent(scene, address),
        TuningKind::AlertRules(rules) => monitoring::propose_rules(scene, rules),
        TuningKind::BackupTimer { database, at, keep_days } => backup::propose(scene, database, at, *keep_days),
        TuningKind::Environment { path, mode, lines, restart } => {
            environment::propose(scene, path, mode, lines, restart.as_deref())
        }
        TuningKind::SignInGuard { failures } => guard::propose(scene, *failures),
        TuningKind::Software { program, at_least, makers } => {
            software::propose(scene, program, at_least, makers.as_ref())
        }
    }
}

impl Words {
    /// Takes a file of our own into the plan: the difference for the person, the act for the run. Nothing where it stands so.
    pub(crate) fn file(&mut self, before: &Before, path: &str, mode: &str, text: String) -> Option<Act> {
        if before.text(path) == Some(text.as_str()) {
            return None;
        }
        self.files.push(crate::diff::file(path, before.text(path), &text, |_| None));
        Some(Act::File { path: path.to_owned(), mode: mode.to_owned(), text })
    }

    /// Takes a block in a file of our own into the plan.
    pub(crate) fn block(&mut self, before: &Before, path: &str, name: &str, text: String) -> Option<Act> {
        let standing = before.text(path);
        if standing.and_then(|file| crate::act::block_in(file, name)) == Some(crate::act::block(name, &text)) {
            return None;
        }
        self.files.push(crate::diff::file(path, standing, &crate::act::with_block(standing, name, &text), |_| None));
        Some(Act::Block { path: path.to_owned(), mode: "644".to_owned(), name: name.to_owned(), text })
    }

    /// Shows a value of the running system.
    pub(crate) fn value(&mut self, name: &str, before: &str, after: &str) {
        self.runtime.push(RuntimeChange { name: name.to_owned(), before: before.to_owned(), after: after.to_owned() });
    }
}

/// Whether a file is ours to write: nobody's, or begun by us.
pub(crate) fn is_ours(before: &Before, path: &str) -> bool {
    before.text(path).is_none_or(|text| text.lines().take(2).any(|line| line.contains("Written by Plumbline")))
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

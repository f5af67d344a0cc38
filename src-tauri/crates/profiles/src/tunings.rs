//! What a change would set, as data of the requirement file. `tuning` turns it into reversible steps.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One change that a role knows: its words and the values it would set. Nothing here says how it is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// Stable id, the one `plumb apply --change` takes and [`crate::Need::change`] names: `sysctl.buffers`.
    pub id: String,
    /// The effect in plain words: "Give connections more room".
    pub title: String,
    /// What it is good for, one line.
    pub effect: String,
    /// Heading it stands under: "System limits".
    pub group: String,
    /// Why it starts switched off, where it should.
    pub advised_off: Option<String>,
    pub kind: TuningKind,
}

/// The values, by what they are values of. Values written for a kernel or a program are text in its own notation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "data")]
pub enum TuningKind {
    /// Kernel parameters, in the order they are written. They are only ever raised, each number of a triple by itself.
    Sysctl(Vec<(String, String)>),
    /// Files that services (and fresh sign-ins) may open at least; `units` get a drop-in of their own.
    FileLimit { files: u64, units: Vec<String> },
    /// Programs to install from the distribution.
    Packages(Vec<PackageChoice>),
    /// A unit that should run, start at boot, or both.
    Service { unit: String, enabled: bool, running: bool },
    /// Ports to let in through whichever firewall is in charge.
    Ports(Vec<PortRule>),
    /// Let in the role's ports and ssh, and nothing else. `ports` is all that must stay open.
    CloseOtherPorts { ports: Vec<PortRule> },
    /// Settings of sshd, in its own words: `passwordauthentication` = `no`.
    Sshd(Vec<(String, String)>),
    /// The one port that ssh answers on. Moved in two runs: beside the old one first, and alone once somebody came in by it.
    SshPort { port: u16 },
    /// Settings of PostgreSQL, worked out from the server's memory where they are shares.
    Postgres(Vec<(String, PostgresValue)>),
    /// A swap file of this many bytes.
    SwapFile { bytes: u64 },
    /// No swap, now and after a boot.
    SwapOff,
    /// Exactly one time service that keeps the clock.
    TimeSync,
    /// Security updates install by themselves.
    AutomaticUpdates,
    /// Install the security updates that wait. Cannot be undone; says so.
    SecurityUpdates,
    /// Kernel modules, now and at every boot.
    Modules(Vec<String>),
    /// A journal that survives a reboot, no larger than this many bytes.
    Journal { bytes: u64 },
    /// Mode and owner of files and folders that are there; those that are not are left out.
    Permissions(Vec<Permission>),
    /// A system user without a sign-in, and its group.
    SystemUser { user: String, group: String },
    /// A file of logrotate.
    Logrotate { path: String, logs: Vec<String>, daily: bool, keep: u32, compress: bool, copy_truncate: bool },
    /// A monitoring agent bound to this address.
    NodeExporter { address: String },
    /// Alert rules for Prometheus, one for each figure the source gives.
    AlertRules(Vec<AlertRule>),
    /// A daily dump of the database (UTC), kept for so many days.
    BackupTimer { database: String, at: String, keep_days: u32 },
    /// Lines of a plain `NAME=value` file that is there, which its program reads and does not rewrite. `{public_address}`
    /// in a value is the server's address as others see it. `restart` is the unit that reads them, where it is to be told.
    Environment { path: String, mode: String, lines: Vec<(String, String)>, restart: Option<String> },
    /// Whoever fails to sign in so often within a minute is kept out for ten.
    SignInGuard { failures: u32 },
    /// A version that the distribution may not have. Where its makers offer it themselves, a person decides about that.
    Software { program: String, at_least: String, makers: Option<MakersSource> },
}

/// Where the makers of a program offer it themselves, for apt. Added by a person's consent alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakersSource {
    /// Whose it is: "PostgreSQL".
    pub name: String,
    pub url: String,
    /// `{codename}` in it is the server's release: `bookworm`.
    pub suite: String,
    pub component: String,
    /// What is installed from it: `postgresql-17`.
    pub package: String,
    /// 40 hex digits, as the makers publish them.
    pub fingerprint: String,
    /// The key that signs it, armoured; one key and no other.
    pub key: String,
}

/// A program under the name that each packaging family gives it; a family that is left out does not package it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageChoice {
    /// The program as a need names it: `jq`.
    pub program: String,
    /// Package by tool: `apt`, `dnf`, `zypper`, `apk`.
    pub packages: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortRule {
    /// `9000/udp`, or a range: `49152-65535/udp`.
    pub port: String,
    /// What it is for: "Kadcast".
    pub title: String,
    pub from: PortSource,
}

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortSource {
    Anywhere,
    /// Only the other servers of the same role; without their addresses the rule is not offered.
    Peers,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "as", content = "of")]
pub enum PostgresValue {
    /// As it is written: `200`.
    Text(String),
    /// A share of the server's memory, in percent.
    ShareOfMemory(u32),
    /// The lesser of so many bytes and a share of memory given as its divisor: 1 GB, RAM / 16.
    AtMost { bytes: u64, memory_divided_by: u32 },
    /// The largest work_mem that cannot eat the server: max(4 MB, (RAM - shared_buffers - 1 GB) / (connections x 3)).
    SafeWorkMem,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    pub path: String,
    /// `640`.
    pub mode: String,
    pub owner: String,
    pub group: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRule {
    /// `PlumblineCpu`.
    pub name: String,
    /// PromQL, with the figure of the source in it.
    pub expression: String,
    /// `5m`.
    pub lasts: String,
    pub summary: String,
}

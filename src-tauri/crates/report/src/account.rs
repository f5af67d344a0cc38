//! The finished account of one server as plain data: what every export is made from.

use crate::json;
use checks::{Counts, Finding, FitRow, Overall};
use profiles::AlertRule;
use serde::{Deserialize, Serialize};
use tuning::{ChangeView, Prepared};

/// Everything that may leave the app about one check. Whoever makes it passes in times as text; nothing here reads a
/// clock, and no field can hold a secret.
///
/// The names of the fields are the names in the JSON export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub app: App,
    pub role: Role,
    pub server: Server,
    /// When the server was read, RFC 3339: `2026-11-20T14:31:00Z`.
    pub at: String,
    /// Whether the readings were recorded earlier, for trying things out, and no server stands behind them.
    #[serde(default)]
    pub practice: bool,
    pub verdict: Overall,
    pub counts: Counts,
    /// As it is now, in the order of the list.
    #[serde(with = "json::findings")]
    pub findings: Vec<Finding>,
    /// As it was before the changes, where there were any.
    #[serde(default, with = "json::earlier_findings")]
    pub before: Option<Vec<Finding>>,
    /// What was done to the server, oldest first.
    #[serde(default)]
    pub runs: Vec<Run>,
    /// What only a person can do. Every required need that is short or missing is on paper even when it is not here.
    #[serde(default)]
    pub left: Vec<Left>,
    /// The points only a person can say, answered or not.
    #[serde(default)]
    pub confirmations: Vec<Confirmation>,
    #[serde(default)]
    pub measurements: Vec<Measurement>,
    /// Which other roles the server could carry.
    #[serde(default)]
    pub fit: Vec<FitRow>,
    /// What could be changed from here, with all that doing it takes; absent where it was not worked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Prepared>,
    /// The alerts that the documents of the product name, for a Prometheus.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<AlertRule>,
    #[serde(default)]
    pub timings: Option<Timings>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// `0.1.0`.
    pub version: String,
}

/// What the server is meant for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// `reforms/small?users=24`.
    pub id: String,
    /// "Reforms Messenger".
    pub product: String,
    /// "Small team".
    pub title: String,
    /// "24 users", "6 workers", empty where the role does not grow.
    #[serde(default)]
    pub scale: String,
    /// Which requirements it was judged by: "Reforms Messenger, built in, verified 2026-11-18".
    #[serde(default)]
    pub requirements: String,
}

/// The server, as it was reached and as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// "chat-01".
    pub name: String,
    /// The address that was called; empty for this computer and for a file of facts.
    #[serde(default)]
    pub host: String,
    /// 0 where nothing was called.
    #[serde(default)]
    pub port: u16,
    #[serde(default)]
    pub user: String,
    /// Fingerprint, `SHA256:…`.
    #[serde(default)]
    pub host_key: Option<String>,
    /// How much the user could see.
    #[serde(default)]
    pub privilege: Option<Privilege>,
    /// "Ubuntu 22.04.5 LTS".
    #[serde(default)]
    pub os: String,
    /// "5.15.0-130-generic".
    #[serde(default)]
    pub kernel: String,
    /// "x86_64".
    #[serde(default)]
    pub arch: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privilege {
    Root,
    Sudo,
    None,
}

/// One run of changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub id: String,
    /// When it ended, RFC 3339.
    pub at: String,
    /// Who said so: the user on the server.
    pub by: String,
    pub outcome: Outcome,
    /// The command that undoes it on the server, where one is left there.
    #[serde(default)]
    pub undo: Option<String>,
    pub changes: Vec<Made>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Outcome {
    /// Kept, with what proved the server reachable: "a new connection had proven the server reachable".
    Kept { proof: String },
    /// Put back, and why: "nobody answered in 2 minutes".
    PutBack { why: String },
}

/// One change that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    pub change: ChangeView,
    /// "208 KB, 6 MB"; when empty, paper shows the values of the running system from `change`.
    #[serde(default)]
    pub before: String,
    #[serde(default)]
    pub after: String,
}

/// Something only a person can do about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Id of the finding.
    pub finding: String,
    /// "Get a TLS certificate."
    pub title: String,
    /// "Point a name at 203.0.113.24, then ask Let's Encrypt for a certificate."
    #[serde(default)]
    pub how: String,
}

/// A point that only a person can say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Id of the finding.
    pub finding: String,
    /// "Alerts reach a person".
    pub title: String,
    /// What to look at, or what was seen.
    #[serde(default)]
    pub detail: String,
    #[serde(default)]
    pub answer: Option<Answer>,
}

/// A person's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub says: Word,
    pub name: String,
    /// `2026-11-20`.
    pub date: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Yes,
    No,
    Later,
}

/// One thing that was tried, not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// "Upload".
    pub title: String,
    /// "412 Mbps".
    pub text: String,
    /// How it was measured and how far it scattered: "built-in test, 10 seconds; 5 readings, 398 to 421".
    #[serde(default)]
    pub detail: String,
}

/// Where the time went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    pub connect_ms: u32,
    pub probe_ms: u32,
    pub judge_ms: u32,
    pub round_trips: u32,
}

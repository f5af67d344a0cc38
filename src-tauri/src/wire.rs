//! What crosses between Rust and the window. Plain data; made from domain types in one place, decided nowhere here.
//!
//! Numbers that JavaScript must hold exactly are `u32` or `f64`. Every tagged union has `kind` as its tag.

use serde::{Deserialize, Serialize};
use specta::Type;

// ---- choosing -------------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    pub id: String,
    pub title: String,
    /// One line: what it is for.
    pub purpose: String,
    /// "3 roles", "from 2 cores, 4 GB".
    pub roles_line: String,
    pub smallest: String,
    pub roles: Vec<Role>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Without scale: `dusk/prover`.
    pub id: String,
    pub title: String,
    pub purpose: String,
    /// "2 cores, 4 GB" or "scales with workers".
    pub size: String,
    pub scale: Option<ScaleRange>,
    /// Heading it stands under when a product groups its roles; empty otherwise.
    pub group: String,
    pub options: Vec<RoleOption>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ScaleRange {
    /// "workers" or "users".
    pub kind: String,
    pub min: u32,
    pub max: u32,
    pub default: u32,
    pub ticks: Vec<u32>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RoleOption {
    pub id: String,
    pub title: String,
    pub default: String,
    pub choices: Vec<OptionChoice>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OptionChoice {
    pub id: String,
    pub title: String,
}

/// The column "A prover with 6 workers needs".
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RoleNeeds {
    /// Full id: `dusk/prover?workers=6`.
    pub role: String,
    pub title: String,
    pub headlines: Vec<Headline>,
    pub note: Option<String>,
    pub source_title: String,
    pub source_url: Option<String>,
    /// Every need, for the requirements browser.
    pub needs: Vec<NeedRow>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Headline {
    pub title: String,
    /// "6"; a sentence when `unit` is empty.
    pub value: String,
    pub unit: String,
    /// "1 per worker, at least 4".
    pub arithmetic: Option<String>,
    /// "10 to be comfortable".
    pub comfortable: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NeedRow {
    pub id: String,
    pub title: String,
    pub area: String,
    pub severity: String,
    pub needed: String,
    pub why: String,
    pub source: String,
}

// ---- connecting -----------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectDefaults {
    pub user: String,
    pub agent: AgentState,
    pub key_files: Vec<KeyFile>,
    pub keychain: KeychainState,
    /// Names from ~/.ssh/config, with what they stand for.
    pub ssh_config: Vec<SshConfigHost>,
    /// Lines of it that were not understood.
    pub ssh_config_unread: Vec<String>,
    pub this_computer: ThisComputer,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum AgentState {
    None,
    Empty,
    Locked,
    Holds { keys: u32 },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyFile {
    pub path: String,
    /// "Ed25519".
    pub key_type: String,
    /// Needs a passphrase.
    pub locked: bool,
    /// Why it cannot be used, in words (a PPK file, say).
    pub problem: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum KeychainState {
    /// `name` as people know it: "Keychain", "Credential Manager", "Secret Service".
    Ready { name: String },
    None,
    Locked,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SshConfigHost {
    pub name: String,
    pub host: String,
    pub port: u32,
    pub user: Option<String>,
    pub key_file: Option<String>,
    pub jump: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ThisComputer {
    pub name: String,
    pub system: String,
    pub cores: u32,
    pub memory: String,
    pub disk: String,
    /// Whether it can be checked as a server (Linux).
    pub checkable: bool,
}

/// What the person filled in. Secrets travel this way only: from the field into Rust, never back.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectAsk {
    /// A name, an address, `user@host:port`, or an SSH config name.
    pub address: String,
    pub port: u32,
    pub user: String,
    pub sign_in: SignIn,
    pub remember: bool,
    pub jump: Option<String>,
    pub time_limit_seconds: u32,
    pub trust: Trust,
}

#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum SignIn {
    Agent,
    KeyFile { path: String, passphrase: Option<String> },
    Password { password: String },
    /// Whatever the keychain holds for this server, then the agent.
    Saved,
}

#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Trust {
    KnownOnly,
    /// First contact: this fingerprint was shown and accepted.
    First { fingerprint: String, compared: bool },
    /// Changed key: the new fingerprint was pasted, or the server's name typed.
    Replace { fingerprint: String, typed: String },
}

/// What happens while connecting. `Prompt` is answered with the command `answer`.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum ConnectStep {
    Reaching { host: String },
    CheckingKey,
    SigningIn,
    Prompt { id: u32, text: String, echo: bool },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum ConnectReply {
    Connected { server: ServerHead },
    FirstContact { host: String, port: u32, fingerprint: String, key_type: String, ask_at: String },
    ChangedKey(ChangedKey),
    Refused { failure: Failure },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChangedKey {
    pub host: String,
    pub name: String,
    pub known_fingerprint: String,
    pub known_type: String,
    /// "12 March 2026", or where it is noted: "line 14 of ~/.ssh/known_hosts".
    pub known_since: String,
    pub shown_fingerprint: String,
    pub shown_type: String,
}

/// The server at the foot of the rail.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ServerHead {
    /// The walk's id; every later command takes it.
    pub session: String,
    pub name: String,
    /// "deploy@203.0.113.24".
    pub sign_in: String,
    pub round_trip_ms: Option<f64>,
    /// Said when secrets stay for this session only, or what was remembered.
    pub notes: Vec<String>,
}

/// Something did not work: what happened, what is safe, what to do next. The code stands in the details only.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    pub code: String,
    pub happened: String,
    pub safe: String,
    pub next: String,
    /// Which field caused it: "address", "port", "user", "password", "passphrase", "keyFile", "jump"; empty for none.
    pub field: String,
    /// How far we got, for the path of four hops: "name", "network", "port", "ssh", "sign_in"; empty where it says nothing.
    pub reached: String,
    /// Other remedies, most likely first.
    pub remedies: Vec<String>,
    /// Raw text behind "Copy details"; free of secrets.
    pub details: String,
}

// ---- checking -------------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum CheckStep {
    /// The list in its final order, every row waiting.
    Rows { rows: Vec<WaitingRow> },
    Reading { what: String, done: u32, total: u32 },
    Found { finding: Finding },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WaitingRow {
    pub id: String,
    pub title: String,
    pub area: String,
    pub needed: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub id: String,
    pub catalog: Vec<String>,
    pub title: String,
    pub area: String,
    pub severity: String,
    /// met, short, missing, could_not_tell, you_confirm, not_applicable.
    pub verdict: String,
    pub needed: String,
    pub found: String,
    /// 1.0 reaches the line; null where both are not quantities.
    pub ratio: Option<f64>,
    pub sentence: String,
    pub why: String,
    pub source: String,
    pub source_url: Option<String>,
    pub arithmetic: Option<String>,
    pub evidence: Vec<Evidence>,
    /// "Supported until April 2027", with its state; null where nothing is dated.
    pub maintained: Option<String>,
    pub change: Option<String>,
    pub steps: Option<String>,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    pub title: String,
    pub verdict: String,
    pub needed: String,
    pub found: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    pub command: String,
    pub output: String,
    pub exit: Option<i32>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum CheckReply {
    Checked(Checked),
    Stopped(Checked),
    Refused { failure: Failure },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// "14 of 17 shortfalls can be put right from here".
    pub title: String,
    pub lead: String,
    pub verdict: String,
    pub counts: Counts,
    pub findings: Vec<Finding>,
    pub plan: Plan,
    pub fit: Vec<FitRow>,
    /// How many needs only an administrator could read; 0 when none. The screen then asks for the sudo password.
    pub hidden: u32,
    /// "20 November 2026, 14:31".
    pub at: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    pub met: u32,
    pub short: u32,
    pub missing: u32,
    pub could_not_tell: u32,
    pub you_confirm: u32,
    pub not_applicable: u32,
    pub waived: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FitRow {
    pub role: String,
    pub product: String,
    pub title: String,
    /// One cell an area: area and verdict ("met", "change", "short", "you_confirm", "none").
    pub cells: Vec<FitCell>,
    /// "Yes", "Almost", "No".
    pub answer: String,
    pub sentence: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FitCell {
    pub area: String,
    pub state: String,
}

// ---- changing -------------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub title: String,
    pub lead: String,
    pub changes: Vec<Change>,
    pub left: Vec<LeftForYou>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub id: String,
    pub group: String,
    pub title: String,
    pub effect: String,
    /// low, medium, high.
    pub risk: String,
    /// "Restarts a service"; empty: the tag says the risk.
    pub consequence: String,
    pub settles: Vec<String>,
    pub advised_off: Option<String>,
    pub files: Vec<FileDiff>,
    pub runtime: Vec<RuntimeChange>,
    pub undo: String,
    pub seconds: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FileDiff {
    pub path: String,
    pub new: bool,
    pub lines: Vec<DiffLine>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DiffLine {
    /// keep, add, remove.
    pub sign: String,
    pub text: String,
    pub now: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeChange {
    pub name: String,
    pub before: String,
    pub after: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LeftForYou {
    pub id: String,
    pub title: String,
    pub how: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum ApplyStep {
    /// The list of steps in order, all waiting. `id` is a change id or one of "remember", "timer", "prove", "check".
    Steps { steps: Vec<RunStep> },
    Started { id: String },
    Detail { id: String, text: String },
    Done { id: String, seconds: f64 },
    Skipped { id: String, why: String },
    StepFailed { id: String, why: String },
    Log { time: String, text: String },
    /// Seconds since the server was last heard.
    Heard { seconds: f64 },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RunStep {
    pub id: String,
    pub title: String,
    pub note: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum ApplyReply {
    /// Everything done and proved: keep it?
    Keep(KeepAsk),
    /// Put back, by us or by the server.
    PutBack { summary: Summary, why: String },
    Refused { failure: Failure },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeepAsk {
    pub run: String,
    pub proofs: Vec<Proof>,
    pub all_proved: bool,
    /// Seconds left to decide.
    pub seconds_left: f64,
    /// "14:32:10".
    pub put_back_at: String,
    pub failed: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    pub title: String,
    pub proved: bool,
    pub seconds: f64,
    pub note: String,
}

// ---- the result -----------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub verdict: String,
    /// "chat-01 is almost ready for Reforms".
    pub title: String,
    /// "27 of 37 needs are met. Four are left to fix, and six want your word."
    pub lead: String,
    pub areas: Vec<AreaSummary>,
    pub left: Vec<LeftForYou>,
    pub facts: Vec<SummaryFact>,
    /// Run that can be undone; null when nothing was kept.
    pub run: Option<String>,
    pub questions: Vec<Question>,
    pub fit: Vec<FitRow>,
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AreaSummary {
    pub area: String,
    pub total: u32,
    pub before: u32,
    pub now: u32,
    /// "2 to fix", "1 to confirm".
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SummaryFact {
    pub title: String,
    pub text: String,
}

/// One of the points a person confirms.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    pub id: String,
    pub title: String,
    pub text: String,
    pub evidence: String,
    /// yes, no, later.
    pub answer: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Saved {
    To { path: String },
    NotSaved,
    Refused { failure: Failure },
}

// ---- home and settings ----------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SavedServer {
    pub id: String,
    pub name: String,
    pub address: String,
    pub user: String,
    pub port: u32,
    pub role: String,
    pub role_title: String,
    /// changed, to_fix, not_checked, ready.
    pub state: String,
    /// "4 things to fix".
    pub status: String,
    pub reason: String,
    pub last_check: String,
    pub setup: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// system, light, dark.
    pub theme: String,
    /// 2, 5 or 10.
    pub safety_minutes: u32,
    pub shortcuts: bool,
    pub explain: bool,
    pub log_open: bool,
}

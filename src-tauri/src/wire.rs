//! What crosses between Rust and the window. Plain data; made from domain types in one place, decided nowhere here.
//!
//! Numbers that JavaScript must hold exactly are `u32` or `f64`, and an `f64` is always finite. Every tagged union has `kind` as its tag.

pub(crate) mod changing;
pub(crate) mod checking;
pub(crate) mod choosing;
pub(crate) mod measuring;
pub(crate) mod past;
pub(crate) mod reaching;
pub(crate) mod result;
pub(crate) mod running;
mod sentences;

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// The word by which a closed set's member goes in files, JSON and here: `could_not_tell`.
pub(crate) fn word<T: Serialize>(member: &T) -> String {
    match serde_json::to_value(member) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

// ---- choosing -------------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) title: String,
    /// One line: what it is for.
    pub(crate) purpose: String,
    /// "3 roles", "from 2 cores, 4 GB".
    pub(crate) roles_line: String,
    pub(crate) smallest: String,
    pub(crate) roles: Vec<Role>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Role {
    /// Without scale: `dusk/prover`.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) purpose: String,
    /// "2 cores, 4 GB" or "scales with workers".
    pub(crate) size: String,
    pub(crate) scale: Option<ScaleRange>,
    /// Heading it stands under when a product groups its roles; empty otherwise.
    pub(crate) group: String,
    pub(crate) options: Vec<RoleOption>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScaleRange {
    /// "workers" or "users".
    pub(crate) kind: String,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) default: u32,
    pub(crate) ticks: Vec<u32>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleOption {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) default: String,
    pub(crate) choices: Vec<OptionChoice>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OptionChoice {
    pub(crate) id: String,
    pub(crate) title: String,
}

/// The column "A prover with 6 workers needs".
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleNeeds {
    /// Full id: `dusk/prover?workers=6`.
    pub(crate) role: String,
    pub(crate) title: String,
    pub(crate) headlines: Vec<Headline>,
    pub(crate) note: Option<String>,
    pub(crate) source_title: String,
    pub(crate) source_url: Option<String>,
    /// Every need, for the requirements browser.
    pub(crate) needs: Vec<NeedRow>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Headline {
    pub(crate) title: String,
    /// "6"; a sentence when `unit` is empty.
    pub(crate) value: String,
    pub(crate) unit: String,
    /// "1 per worker, at least 4".
    pub(crate) arithmetic: Option<String>,
    /// "10 to be comfortable".
    pub(crate) comfortable: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NeedRow {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) area: String,
    pub(crate) severity: String,
    pub(crate) needed: String,
    pub(crate) why: String,
    pub(crate) source: String,
}

// ---- connecting -----------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectDefaults {
    pub(crate) user: String,
    pub(crate) agent: AgentState,
    pub(crate) key_files: Vec<KeyFile>,
    pub(crate) keychain: KeychainState,
    /// Names from ~/.ssh/config, with what they stand for.
    pub(crate) ssh_config: Vec<SshConfigHost>,
    /// Lines of it that were not understood.
    pub(crate) ssh_config_unread: Vec<String>,
    pub(crate) this_computer: ThisComputer,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum AgentState {
    None,
    Empty,
    Locked,
    Holds { keys: u32 },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyFile {
    pub(crate) path: String,
    /// "Ed25519".
    pub(crate) key_type: String,
    /// Needs a passphrase.
    pub(crate) locked: bool,
    /// Why it cannot be used, in words (a PPK file, say).
    pub(crate) problem: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum KeychainState {
    /// `name` as people know it: "Keychain", "Credential Manager", "Secret Service".
    Ready {
        name: String,
    },
    None,
    Locked,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SshConfigHost {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u32,
    pub(crate) user: Option<String>,
    pub(crate) key_file: Option<String>,
    pub(crate) jump: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThisComputer {
    pub(crate) name: String,
    pub(crate) system: String,
    pub(crate) cores: u32,
    pub(crate) memory: String,
    pub(crate) disk: String,
    /// Whether it can be checked as a server (Linux).
    pub(crate) checkable: bool,
}

/// What the person filled in. Secrets travel this way only: from the field into Rust, never back.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectAsk {
    /// A name, an address, `user@host:port`, or an SSH config name.
    pub(crate) address: String,
    pub(crate) port: u32,
    pub(crate) user: String,
    pub(crate) sign_in: SignIn,
    pub(crate) remember: bool,
    pub(crate) jump: Option<String>,
    pub(crate) time_limit_seconds: u32,
    pub(crate) trust: Trust,
}

#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum SignIn {
    Agent,
    KeyFile {
        path: String,
        passphrase: Option<String>,
    },
    Password {
        password: String,
    },
    /// Whatever the keychain holds for this server, then the agent.
    Saved,
}

#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum Trust {
    KnownOnly,
    /// First contact: this fingerprint was shown and accepted.
    First {
        fingerprint: String,
        compared: bool,
    },
    /// Changed key: the new fingerprint was pasted, or the server's name typed.
    Replace {
        fingerprint: String,
        typed: String,
    },
}

/// What happens while connecting. `Prompt` is answered with the command `answer`.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ConnectStep {
    Reaching { host: String },
    Prompt { id: u32, text: String, echo: bool },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ConnectReply {
    Connected {
        server: ServerHead,
    },
    FirstContact {
        host: String,
        port: u32,
        fingerprint: String,
        key_type: String,
        ask_at: String,
    },
    ChangedKey(ChangedKey),
    /// The person closed the dialog without choosing.
    NotChosen,
    Refused {
        failure: Failure,
    },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangedKey {
    pub(crate) host: String,
    pub(crate) name: String,
    pub(crate) known_fingerprint: String,
    pub(crate) known_type: String,
    /// "12 March 2026", or where it is noted: "line 14 of ~/.ssh/known_hosts".
    pub(crate) known_since: String,
    pub(crate) shown_fingerprint: String,
    pub(crate) shown_type: String,
}

/// The server at the foot of the rail.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerHead {
    /// The walk's id; every later command takes it.
    pub(crate) session: String,
    pub(crate) name: String,
    /// "deploy@203.0.113.24".
    pub(crate) sign_in: String,
    #[specta(type = Option<Number>)]
    pub(crate) round_trip_ms: Option<f64>,
    /// Said when secrets stay for this session only, or what was remembered.
    pub(crate) notes: Vec<String>,
    /// Recorded readings to try things on: every screen says so.
    pub(crate) practice: bool,
}

/// Something did not work: what happened, what is safe, what to do next. The code stands in the details only.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) happened: String,
    pub(crate) safe: String,
    pub(crate) next: String,
    /// Which field caused it: "address", "port", "user", "password", "passphrase", "keyFile", "jump"; empty for none.
    pub(crate) field: String,
    /// How far we got, for the path of four hops: "name", "network", "port", "ssh", "sign_in"; empty where it says nothing.
    pub(crate) reached: String,
    /// Other remedies, most likely first.
    pub(crate) remedies: Vec<String>,
    /// Raw text behind "Copy details"; free of secrets.
    pub(crate) details: String,
}

// ---- checking -------------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
#[expect(clippy::large_enum_variant, reason = "made once a check and sent at once")]
pub(crate) enum CheckStep {
    /// The list in its final order, every row waiting.
    Rows {
        rows: Vec<WaitingRow>,
    },
    Reading {
        what: String,
        done: u32,
        total: u32,
    },
    Found {
        finding: Finding,
    },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitingRow {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) area: String,
    pub(crate) needed: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    pub(crate) id: String,
    pub(crate) catalog: Vec<String>,
    pub(crate) title: String,
    pub(crate) area: String,
    pub(crate) severity: String,
    /// met, short, missing, could_not_tell, you_confirm, not_applicable.
    pub(crate) verdict: String,
    pub(crate) needed: String,
    pub(crate) found: String,
    /// 1.0 reaches the line; null where both are not quantities.
    #[specta(type = Option<Number>)]
    pub(crate) ratio: Option<f64>,
    pub(crate) sentence: String,
    pub(crate) why: String,
    pub(crate) source: String,
    pub(crate) source_url: Option<String>,
    pub(crate) arithmetic: Option<String>,
    pub(crate) evidence: Vec<Evidence>,
    /// "Supported until April 2027", with its state; null where nothing is dated.
    pub(crate) maintained: Option<String>,
    pub(crate) change: Option<String>,
    pub(crate) steps: Option<String>,
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    pub(crate) title: String,
    pub(crate) verdict: String,
    pub(crate) needed: String,
    pub(crate) found: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Evidence {
    pub(crate) command: String,
    pub(crate) output: String,
    pub(crate) exit: Option<i32>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum CheckReply {
    Checked(Checked),
    Stopped(Checked),
    Refused { failure: Failure },
}

/// What could be measured, before it is: the person chooses.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measurable {
    /// Names it in [`crate::commands::work::measure`].
    pub(crate) id: String,
    /// `disk`, `cpu`, `path`, `ports`, `services` or `outbound`.
    pub(crate) what: String,
    pub(crate) title: String,
    /// What it costs the server and the line.
    pub(crate) cost: String,
    /// The ports that would be tried, as `9000/udp`.
    pub(crate) ports: Vec<String>,
    /// What it came to in an earlier check: "20 November 2026: 9,812 a second".
    pub(crate) before: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum MeasureStep {
    Started {
        id: String,
    },
    SoFar {
        id: String,
        /// "412 Mbps so far".
        text: String,
        /// How much of it is done, 0 to 1.
        #[specta(type = Number)]
        share: f64,
    },
    Port {
        id: String,
        port: MeasuredPort,
    },
    Done {
        id: String,
        figures: Vec<MeasuredFigure>,
        /// Why there are none.
        withheld: Option<String>,
    },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MeasuredFigure {
    pub(crate) title: String,
    /// "9,812 a second".
    pub(crate) text: String,
    /// "three runs, 9,504 to 9,933".
    pub(crate) spread: String,
    /// The verdict of the need that asks for it; empty where none does.
    pub(crate) verdict: String,
    pub(crate) needed: String,
    pub(crate) ratio: Option<f64>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MeasuredPort {
    /// `9000/udp`.
    pub(crate) name: String,
    /// `met`, `missing` or `could_not_tell`, as a need's verdict.
    pub(crate) verdict: String,
    /// Where it is stopped and should not be: `here` (the server), `before` (in front of it), or nothing.
    pub(crate) stopped: String,
    pub(crate) sentence: String,
    pub(crate) next: String,
    pub(crate) tried: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum MeasureReply {
    Measured(Checked),
    /// What was measured before the person stopped it stays.
    Stopped(Checked),
    Refused {
        failure: Failure,
    },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    /// "14 of 17 shortfalls can be put right from here".
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) verdict: String,
    pub(crate) counts: Counts,
    pub(crate) findings: Vec<Finding>,
    pub(crate) plan: Plan,
    pub(crate) fit: Vec<FitRow>,
    /// How many needs only an administrator could read; 0 when none. The screen then asks for the sudo password.
    pub(crate) hidden: u32,
    /// "20 November 2026, 14:31".
    pub(crate) at: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    pub(crate) met: u32,
    pub(crate) short: u32,
    pub(crate) missing: u32,
    pub(crate) could_not_tell: u32,
    pub(crate) you_confirm: u32,
    pub(crate) not_applicable: u32,
    pub(crate) waived: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FitRow {
    pub(crate) role: String,
    pub(crate) product: String,
    pub(crate) title: String,
    /// One cell an area: area and verdict ("met", "change", "short", "you_confirm", "none").
    pub(crate) cells: Vec<FitCell>,
    /// "Yes", "Almost", "No".
    pub(crate) answer: String,
    pub(crate) sentence: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FitCell {
    pub(crate) area: String,
    pub(crate) state: String,
}

// ---- changing -------------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plan {
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) changes: Vec<Change>,
    pub(crate) left: Vec<LeftForYou>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) title: String,
    pub(crate) effect: String,
    /// low, medium, high.
    pub(crate) risk: String,
    /// "Restarts a service"; empty: the tag says the risk.
    pub(crate) consequence: String,
    pub(crate) settles: Vec<String>,
    pub(crate) advised_off: Option<String>,
    pub(crate) files: Vec<FileDiff>,
    pub(crate) runtime: Vec<RuntimeChange>,
    pub(crate) undo: String,
    pub(crate) seconds: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileDiff {
    pub(crate) path: String,
    pub(crate) new: bool,
    pub(crate) lines: Vec<DiffLine>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DiffLine {
    /// keep, add, remove.
    pub(crate) sign: String,
    pub(crate) text: String,
    pub(crate) now: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuntimeChange {
    pub(crate) name: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeftForYou {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) how: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ApplyStep {
    /// The list of steps in order, all waiting. `id` is a change id or one of "remember", "timer", "prove", "check".
    Steps {
        steps: Vec<RunStep>,
    },
    Started {
        id: String,
    },
    Detail {
        id: String,
        text: String,
    },
    Done {
        id: String,
        #[specta(type = Number)]
        seconds: f64,
    },
    Skipped {
        id: String,
        why: String,
    },
    StepFailed {
        id: String,
        why: String,
    },
    Log {
        time: String,
        text: String,
    },
    /// A question of the server, answered with the command `answer`: a new connection may want a code again.
    Prompt {
        id: u32,
        text: String,
        echo: bool,
    },
    /// Seconds since the server was last heard.
    Heard {
        #[specta(type = Number)]
        seconds: f64,
    },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunStep {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) note: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ApplyReply {
    /// Everything done and proved: keep it?
    Keep(KeepAsk),
    /// Put back, by us or by the server.
    PutBack {
        summary: Summary,
        why: String,
    },
    /// An undo that was not begun: somebody edited these places since. A person says what becomes of each.
    Edited {
        run: String,
        places: Vec<EditedPlace>,
    },
    Refused {
        failure: Failure,
    },
}

/// A place that a run touched and somebody edited since.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EditedPlace {
    pub(crate) act: u32,
    /// A path, a parameter, a unit.
    pub(crate) target: String,
    pub(crate) before: PlaceStanding,
    pub(crate) ours: PlaceStanding,
    pub(crate) now: PlaceStanding,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlaceStanding {
    /// In one line: a value, or what stands at a path.
    pub(crate) state: String,
    pub(crate) text: String,
}

/// What becomes of the places that somebody edited since: numbers of acts.
#[derive(Clone, Debug, Default, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UndoAnswers {
    pub(crate) leave: Vec<u32>,
    pub(crate) overwrite: Vec<u32>,
}

/// The answer to "Keep these changes?", carried out.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ApplyOutcome {
    Kept { summary: Summary },
    PutBack { summary: Summary, why: String },
    Refused { failure: Failure },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeepAsk {
    pub(crate) run: String,
    pub(crate) proofs: Vec<Proof>,
    pub(crate) all_proved: bool,
    /// Seconds left to decide.
    #[specta(type = Number)]
    pub(crate) seconds_left: f64,
    /// "14:32:10".
    pub(crate) put_back_at: String,
    pub(crate) failed: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Proof {
    pub(crate) title: String,
    pub(crate) proved: bool,
    #[specta(type = Number)]
    pub(crate) seconds: f64,
    pub(crate) note: String,
}

// ---- the result -----------------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) verdict: String,
    /// "chat-01 is almost ready for Reforms".
    pub(crate) title: String,
    /// "27 of 37 needs are met. Four are left to fix, and six want your word."
    pub(crate) lead: String,
    pub(crate) areas: Vec<AreaSummary>,
    pub(crate) left: Vec<LeftForYou>,
    pub(crate) facts: Vec<SummaryFact>,
    /// Run that can be undone; null when nothing was kept.
    pub(crate) run: Option<String>,
    pub(crate) questions: Vec<Question>,
    pub(crate) fit: Vec<FitRow>,
    pub(crate) findings: Vec<Finding>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AreaSummary {
    pub(crate) area: String,
    pub(crate) total: u32,
    pub(crate) before: u32,
    pub(crate) now: u32,
    /// "2 to fix", "1 to confirm".
    pub(crate) notes: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SummaryFact {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// One of the points a person confirms.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Question {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) evidence: String,
    /// yes, no, later.
    pub(crate) answer: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
#[expect(clippy::enum_variant_names, reason = "the window reads `notSaved`, which says it best")]
pub(crate) enum Saved {
    To { path: String },
    NotSaved,
    Refused { failure: Failure },
}

impl Saved {
    pub(crate) fn refused(failure: Failure) -> Saved {
        Saved::Refused { failure }
    }
}

// ---- home and settings ----------------------------------------------------------------------------------------

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedServer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) user: String,
    pub(crate) port: u32,
    pub(crate) role: String,
    pub(crate) role_title: String,
    /// changed, to_fix, not_checked, ready.
    pub(crate) state: String,
    /// "4 things to fix".
    pub(crate) status: String,
    pub(crate) reason: String,
    pub(crate) last_check: String,
    pub(crate) setup: String,
}

/// What became of a file that somebody shared.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum SetupOpened {
    Opened { setup: String, servers: u32 },
    NotChosen,
    Refused { failure: Failure },
}

/// Every check of one server that this computer kept, newest first.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct History {
    pub(crate) checks: Vec<PastCheck>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PastCheck {
    /// Its name for `compare_checks`.
    pub(crate) id: String,
    /// "20 November 2026, 14:31".
    pub(crate) at: String,
    pub(crate) role_title: String,
    /// ready, almost, not_ready; empty when this version cannot read the account.
    pub(crate) verdict: String,
    pub(crate) met: u32,
    pub(crate) to_fix: u32,
    pub(crate) unsure: u32,
    /// What changed on the server since the check before it, in sentences.
    pub(crate) changed: Vec<String>,
}

/// Two checks of one server side by side.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Compared {
    pub(crate) before: String,
    pub(crate) now: String,
    /// What the server has otherwise, whether or not a need asks for it.
    pub(crate) drifts: Vec<Drift>,
    pub(crate) needs: Vec<MovedNeed>,
    pub(crate) same: u32,
    pub(crate) only_one: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Drift {
    pub(crate) sentence: String,
    pub(crate) before: String,
    pub(crate) now: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MovedNeed {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) area: String,
    pub(crate) before: String,
    pub(crate) now: String,
    pub(crate) found_before: String,
    pub(crate) found_now: String,
}

/// A run that the server remembers, from whichever computer it was begun.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PastRun {
    pub(crate) run: String,
    /// open, kept, or anything else that needs no answer.
    pub(crate) state: String,
    pub(crate) at: String,
    pub(crate) role_title: String,
    /// Whether it takes another run back.
    pub(crate) undoes: bool,
    pub(crate) changes: Vec<PastChange>,
    /// Seconds until the server puts an open run back.
    pub(crate) seconds_left: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PastChange {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) undo: String,
    pub(crate) settles: Vec<String>,
}

/// What the settings screen tells of this installation.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct About {
    pub(crate) version: String,
    pub(crate) keychain: KeychainState,
    /// Servers, checks, settings.
    pub(crate) folder: String,
    pub(crate) logs: String,
    pub(crate) known_hosts: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// system, light, dark.
    pub(crate) theme: String,
    /// 2, 5 or 10.
    pub(crate) safety_minutes: u32,
    pub(crate) shortcuts: bool,
    pub(crate) explain: bool,
    pub(crate) log_open: bool,
}

impl From<session::store::Settings> for Settings {
    fn from(settings: session::store::Settings) -> Settings {
        let session::store::Settings { theme, safety_minutes, shortcuts, explain, log_open } = settings;
        Settings { theme, safety_minutes, shortcuts, explain, log_open }
    }
}

impl From<Settings> for session::store::Settings {
    fn from(settings: Settings) -> session::store::Settings {
        let Settings { theme, safety_minutes, shortcuts, explain, log_open } = settings;
        session::store::Settings { theme, safety_minutes, shortcuts, explain, log_open }
    }
}

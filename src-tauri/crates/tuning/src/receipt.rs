//! A run as it stands in the server's own record: all that undo needs, on any computer.
//!
//! Yesterday's records must be read for ever: `fixtures/` holds one of each schema, and a test reads them.

use crate::journal::{self, Entry, Subject, Word};
use crate::run::RunId;
use serde::{Deserialize, Serialize};

/// Version of the manifest; it only ever gets fields more.
pub const SCHEMA: u32 = 1;

/// What was asked. Written by the client before anything happens; holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub schema: u32,
    pub id: RunId,
    /// RFC 3339.
    pub at: String,
    pub role: String,
    /// The run that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
    pub changes: Vec<ManifestChange>,
    /// Ports that it makes ssh answer on: a new connection comes in by each before anybody keeps it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_ssh_ports: Vec<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestChange {
    pub id: String,
    pub title: String,
    /// What taking it back does, in words.
    #[serde(default)]
    pub undo: String,
    #[serde(default)]
    pub settles: Vec<String>,
    pub acts: Vec<ManifestAct>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestAct {
    pub number: u32,
    /// A path, a parameter, a unit.
    pub target: String,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Nothing was changed yet, or ever.
    Preparing,
    Refused,
    /// Waits for an answer, or is at work.
    Open,
    /// Is putting back, or could not put all back.
    PuttingBack,
    Kept,
    PutBack,
    /// Kept, and later taken back by another run.
    Undone,
}

/// One run: what was asked, what happened, how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub manifest: Manifest,
    pub state: RunState,
    /// Seconds until the server puts back, where the run is open.
    pub left: Option<u32>,
    /// Whether its program is at work.
    pub working: bool,
    pub journal: Vec<Entry>,
}

impl Receipt {
    /// Whether this change was made: begun, and not taken back by itself.
    pub fn made(&self, change: &str) -> bool {
        let said = |word: &Word| {
            let subject = |entry: &&Entry| matches!(&entry.subject, Subject::Change(id) if id == change);
            self.journal.iter().filter(subject).any(|entry| entry.word == *word)
        };
        said(&Word::Finished) && !said(&Word::Abandoned)
    }

    /// Whether it waits for an answer: nothing else may be begun before.
    pub fn is_open(&self) -> bool {
        matches!(self.state, RunState::Open | RunState::PuttingBack)
    }
}

/// Reads the answer of [`crate::run::runs`], oldest first. A record that cannot be read is left out.
pub fn read(output: &[u8], nonce: &str) -> Vec<Receipt> {
    let mut receipts: Vec<Receipt> = Vec::new();
    let mut head: Option<(RunState, bool, Option<u32>)> = None;
    let mut journal = String::new();
    let mut manifest = None;
    let text = String::from_utf8_lossy(output);
    let lines = text.lines().filter_map(|line| line.strip_prefix(nonce)?.strip_prefix(' ')?.split_once(' '));
    for (kind, text) in lines {
        match kind {
            "R" => {
                (journal, manifest) = (String::new(), None);
                let mut words = text.split(' ');
                head = words.next().and_then(state).map(|state| {
                    let working = words.next() == Some("1");
                    (state, working, words.next().and_then(|n| n.parse().ok()))
                });
            }
            "M" => manifest = serde_json::from_str::<Manifest>(text).ok(),
            "J" => {
                journal.push_str(text);
                journal.push('\n');
            }
            "Z" => {
                if let (Some((state, working, left)), Some(manifest)) = (head.take(), manifest.take()) {
                    receipts.push(Receipt { manifest, state, left, working, journal: journal::read(&journal) });
                }
            }
            _ => {}
        }
    }
    receipts.sort_by(|a, b| a.manifest.at.cmp(&b.manifest.at));
    receipts
}

/// One place, three times: before the run, as the run left it, and now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub before: Standing,
    pub ours: Standing,
    pub now: Standing,
}

/// How a place stood at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// In one line: a value, or what stands at a path.
    pub state: String,
    /// Its text, where it is a small file or a block in one.
    pub text: String,
}

/// Reads the answer of [`crate::run::compare`].
pub fn read_comparison(output: &[u8], nonce: &str) -> Option<Comparison> {
    let mut comparison = Comparison::default();
    let mut side = String::new();
    let text = String::from_utf8_lossy(output);
    let lines = text.lines().filter_map(|line| line.strip_prefix(nonce)?.strip_prefix(' ')?.split_once(' '));
    let mut sides = 0;
    for (kind, text) in lines {
        if kind == "S" {
            side = text.split(' ').next().unwrap_or_default().to_owned();
            sides += 1;
        }
        let standing = match side.as_str() {
            "before" => &mut comparison.before,
            "ours" => &mut comparison.ours,
            "now" => &mut comparison.now,
            _ => continue,
        };
        match kind {
            "S" => standing.state = journal::visible(text.split_once(' ').map_or("", |(_, state)| state)),
            "C" => {
                standing.text.push_str(&journal::visible(text));
                standing.text.push('\n');
            }
            _ => {}
        }
    }
    (sides == 3).then_some(comparison)
}

fn state(word: &str) -> Option<RunState> {
    Some(match word {
        "preparing" => RunState::Preparing,
        "refused" => RunState::Refused,
        "armed" => RunState::Open,
        "reverting" => RunState::PuttingBack,
        "confirmed" => RunState::Kept,
        "reverted" => RunState::PutBack,
        "undone" => RunState::Undone,
        _ => return None,
    })
}

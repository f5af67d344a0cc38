//! One requirement: what is read, what it must be, why it matters, and who says so.

use crate::figure::{say, say_any};
use facts::{Key, Kind, Value};
use serde::{Deserialize, Serialize};

/// A requirement of one role at one size: every number is worked out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// Stable name, such as `dusk.clock`.
    pub id: String,
    /// The catalogue rows it covers.
    pub catalog: Vec<CatalogRow>,
    /// What it is, in the words of the list: "Largest receive buffer".
    pub title: String,
    pub area: Area,
    pub severity: Severity,
    /// One sentence that a beginner understands.
    pub why: String,
    pub source: Source,
    /// What is read, and what it must be.
    pub parts: Vec<Part>,
    /// Whether all parts count, or one of them is enough.
    pub meets: Meets,
    /// The needed column in words, where the parts' own figures would not do: "open", "18 or 20 LTS".
    pub needed: Option<String>,
    /// How the figure comes about, where it was worked out: "6 cores: 1 per worker, at least 4".
    pub arithmetic: Option<String>,
    /// Id of the change that would settle it, where one can.
    pub change: Option<String>,
    /// What a person can do where no change can: steps, or that a larger server is needed.
    pub steps: Option<String>,
    /// Good to know, never judged: where the source contradicts itself, or its successor says otherwise.
    pub note: Option<String>,
}

impl Need {
    /// What is needed, in the words of the column "Needed".
    pub fn needed_text(&self) -> String {
        if let Some(text) = &self.needed {
            return text.clone();
        }
        let mut texts: Vec<String> = Vec::new();
        for text in self.parts.iter().map(Part::needed_text) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        // Parts that ask for the same say it once; different ones are told apart by the opened row.
        match (texts.as_slice(), self.meets) {
            ([], _) => String::new(),
            ([one], _) => one.clone(),
            (several, Meets::Any) => several.join(" or "),
            (several, Meets::All) if several.len() <= 2 => several.join(", "),
            ([first, ..], Meets::All) => format!("{first}, and {} more", texts.len() - 1),
        }
    }
}

impl Part {
    /// What this part must be, in words: "4 cores", "15 or newer", "open".
    pub fn needed_text(&self) -> String {
        let Some(key) = &self.key else { return "your word".to_owned() };
        let kind = key.kind();
        match &self.bound {
            Bound::AtLeast(value @ Value::Version(_)) => format!("{} or newer", say(value, kind).text),
            Bound::AtLeast(value) | Bound::Equals(value) => say(value, kind).text,
            Bound::AtLeastShare { percent, of, at_most } => {
                let cap =
                    at_most.as_ref().map(|value| format!(", at most {}", say(value, kind).text)).unwrap_or_default();
                format!(
                    "{percent}% of {}{cap}",
                    if of.kind() == Kind::MemoryTotal { "memory" } else { of.kind().name() }
                )
            }
            Bound::AtMost(Value::Count(0)) => "none".to_owned(),
            Bound::AtMost(value) => format!("at most {}", say(value, kind).text),
            Bound::OneOf(values) => say_any(values, kind),
            Bound::NoneOf(values) => format!("not {}", say_any(values, kind)),
            Bound::HoldsAll(items) => items.join(", "),
            Bound::HoldsNone(items) => format!("without {}", items.join(", ")),
            Bound::HoldsAny(items) => items.join(" or "),
            Bound::OnlyBy(items) => format!("nobody but {}", items.join(", ")),
            Bound::Present => "there".to_owned(),
            Bound::Absent => "not there".to_owned(),
            Bound::YourWord { .. } => "your word".to_owned(),
            Bound::Shown => "for your information".to_owned(),
        }
    }
}

/// How the parts of a need make its verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meets {
    #[default]
    All,
    /// Alternatives, such as one container runtime or the other.
    Any,
}

/// One reading and its bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// What is read. `None` only with [`Bound::YourWord`], where no reading could even be evidence.
    pub key: Option<Key>,
    pub bound: Bound,
    /// What this part is called, when a need has several.
    pub title: Option<String>,
    /// Comfortable beyond required, where a source gives both.
    pub comfortable: Option<Value>,
    /// What counts although the source does not name it.
    pub beyond: Option<Beyond>,
    /// All of these must hold, or the part does not apply.
    pub only_if: Vec<Condition>,
    /// Counts only once it is known: a port tried from outside settles the matter, an untried one does not.
    pub supporting: bool,
}

/// Values outside the bound that are still no shortfall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beyond {
    /// Empty means any value.
    pub values: Vec<Value>,
    pub counts_as: BeyondVerdict,
    /// Said with the finding: "Newer than the source names, and it still gets fixes."
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeyondVerdict {
    Met,
    /// The source allows others and names none: a person decides.
    YouConfirm,
}

/// A reading that decides whether a part applies. While it is unknown, the part could not be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    pub key: Key,
    pub bound: Bound,
    /// Why it does not apply when the bound is not met: "The server has a public address of its own."
    pub otherwise: String,
}

/// What a reading must be. A need that cannot be said here is a new bound with its tests, never an expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "of")]
pub enum Bound {
    AtLeast(Value),
    AtMost(Value),
    /// A share of another reading, no more than `at_most`: a quarter of the memory. A tenth less is forgiven.
    AtLeastShare {
        percent: u32,
        of: Key,
        at_most: Option<Value>,
    },
    Equals(Value),
    OneOf(Vec<Value>),
    NoneOf(Vec<Value>),
    /// A list must hold all of these.
    HoldsAll(Vec<String>),
    /// A list must hold none of these.
    HoldsNone(Vec<String>),
    /// A list must hold at least one of these.
    HoldsAny(Vec<String>),
    /// Every item of a list must end in one of these words: a port that only these programs listen on.
    OnlyBy(Vec<String>),
    Present,
    Absent,
    /// A person says so; the reading is shown as evidence.
    YourWord {
        question: String,
    },
    /// Shown, never judged.
    Shown,
}

/// The row of the catalogue a need covers, such as DU-005.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CatalogRow(pub String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    Hardware,
    System,
    Software,
    Network,
    Storage,
    Security,
    Monitoring,
    Upkeep,
}

impl Area {
    /// Its heading, wherever needs are listed.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Area::Hardware => "Hardware",
            Area::System => "System",
            Area::Software => "Software",
            Area::Network => "Network",
            Area::Storage => "Storage",
            Area::Security => "Security",
            Area::Monitoring => "Monitoring",
            Area::Upkeep => "Backup & upkeep",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Required,
    Recommended,
    Optional,
    Informational,
    Attestation,
}

/// Who says so: the document, its section, the line, and the day it was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// "Dusk requirements".
    pub document: String,
    /// "Prover Specifications", where the document has sections.
    pub section: Option<String>,
    /// Line of the document, where it has one.
    pub line: Option<String>,
    pub url: Option<String>,
    /// The day somebody looked, `2026-11-20`.
    pub verified: String,
}

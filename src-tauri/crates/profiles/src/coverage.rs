//! How every row of the requirement catalogue is covered: as a need, by a calculator, as a person's word, by other rows, or
//! as a note that asks for nothing.

use serde::Serialize;

/// One catalogue row and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Covered {
    /// `DU-005`.
    pub row: String,
    pub product: String,
    pub how: CoveredHow,
    /// Needs or calculators (`F-1`) that cover it.
    pub by: Vec<String>,
    /// What it says, or why it asks for nothing.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CoveredHow {
    /// Read on the server and judged.
    Need,
    /// Asked of a person, with what the server shows as evidence.
    Confirmation,
    /// A figure that is worked out and shown.
    Calculator,
    /// Holds when the needs it names hold.
    RollUp,
    /// Asks for nothing; shown in the report.
    Note,
}

impl CoveredHow {
    pub(crate) fn parse(text: &str) -> Option<CoveredHow> {
        match text {
            "calculator" => Some(CoveredHow::Calculator),
            "roll_up" => Some(CoveredHow::RollUp),
            "note" => Some(CoveredHow::Note),
            _ => None,
        }
    }
}

/// One entry a row: needs that share a row (cores and clock of "2 cores; 2 GHz") stand in it together. A row that a need and
/// something else both claim stays double, for the reader of the file to refuse.
pub(crate) fn merge(mut all: Vec<Covered>) -> Vec<Covered> {
    all.sort();
    let mut merged: Vec<Covered> = Vec::new();
    for covered in all {
        let of_needs = |how| matches!(how, CoveredHow::Need | CoveredHow::Confirmation);
        match merged.last_mut() {
            Some(last) if last.row == covered.row && of_needs(last.how) && of_needs(covered.how) => {
                last.by.extend(covered.by);
                last.text = format!("{}; {}", last.text, covered.text);
            }
            _ => merged.push(covered),
        }
    }
    merged
}

//! What a walk came to: the summary screen.

use super::{Failure, Finding, LeftForYou, checking, sentences, word};
use profiles::Area;
use serde::Serialize;
use session::{Examination, Session, Settled, WorkError};
use specta::Type;

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
    /// How many needs it would cost to undo that run.
    pub(crate) undo_costs: u32,
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

pub(crate) fn summary(session: &Session) -> Result<Summary, WorkError> {
    let now = session.examination().ok_or(WorkError::NotExamined)?;
    let report = session.report()?;
    let left =
        |left: &report::Left| LeftForYou { id: left.finding.clone(), title: left.title.clone(), how: left.how.clone() };
    let run = undoable(session.runs_of_this_walk());
    let worked = |run: &Settled| run.worked().flat_map(|change| change.settles.clone()).collect::<Vec<_>>();
    Ok(Summary {
        verdict: word(&now.overall),
        title: sentences::readiness(&session.server().name, &report.role.product, (&now.counts, now.overall)),
        lead: report.lead(),
        areas: report.areas().into_iter().map(area).collect(),
        left: report.left.iter().map(left).collect(),
        facts: facts(session, now, report.gained()),
        run: run.map(|run| run.id.to_string()),
        undo_costs: run.map(|run| session.undo_costs(&worked(run))).unwrap_or_default(),
        questions: now.findings.iter().filter_map(question).collect(),
        fit: fit(&now.fit),
        findings: now.findings.iter().map(checking::finding).collect(),
    })
}

fn area((area, tally): (Area, report::Tally)) -> AreaSummary {
    let note = |count: u32, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let notes = [
        note(tally.to_fix, "to fix"),
        note(tally.advised, "advised"),
        note(tally.to_confirm, "to confirm"),
        note(tally.unknown, "could not be told"),
    ];
    AreaSummary {
        area: word(&area),
        total: tally.total,
        before: tally.met_before,
        now: tally.met,
        notes: notes.into_iter().flatten().collect(),
    }
}

fn facts(session: &Session, now: &Examination, gained: u32) -> Vec<SummaryFact> {
    let fact = |title: &str, text: String| SummaryFact { title: title.to_owned(), text };
    let mut facts = Vec::new();
    if let Some(run) = undoable(session.runs_of_this_walk()) {
        let made = run.changes.len() - run.failed.len().min(run.changes.len());
        let needs = if gained == 1 { "made one need true".to_owned() } else { format!("made {gained} needs true") };
        facts.push(fact("Changes", format!("{made} kept at {}, which {needs}", run.at.time_of_day())));
    }
    facts.push(fact("Checked", format!("{}, from this computer", now.at.for_people())));
    facts.push(fact("Next check", "Best within 30 days. Plumbline shows a reminder here.".to_owned()));
    facts
}

/// The last run, when it was kept and has changes that can be taken back: an undo that was kept has none of its own.
fn undoable(runs: &[Settled]) -> Option<&Settled> {
    runs.iter().rev().find(|run| run.kept).filter(|run| !run.changes.is_empty())
}

fn question(finding: &checks::Finding) -> Option<Question> {
    let answer = match &finding.confirmed {
        Some(confirmation) if confirmation.yes => "yes",
        Some(_) => "no",
        None => "later",
    };
    let asked = checks::questions(std::slice::from_ref(finding)).pop();
    if asked.is_none() && finding.confirmed.is_none() {
        return None;
    }
    Some(Question {
        id: finding.id.clone(),
        title: finding.title.clone(),
        text: asked.map_or_else(|| finding.sentence.clone(), |asked| asked.question),
        evidence: finding.found.text.clone(),
        answer: answer.to_owned(),
    })
}

/// Every role beside what the server could carry.
pub(crate) fn fit(matrix: &checks::Matrix) -> Vec<FitRow> {
    let row = |row: &checks::FitRow| FitRow {
        role: row.role.clone(),
        product: row.product.clone(),
        title: row.title.clone(),
        cells: row.cells.iter().map(|cell| FitCell { area: word(&cell.area), state: word(&cell.state) }).collect(),
        answer: match row.answer {
            checks::FitAnswer::Yes => "Yes",
            checks::FitAnswer::Almost => "Almost",
            checks::FitAnswer::No => "No",
            checks::FitAnswer::CouldNotTell => "Could not tell",
        }
        .to_owned(),
        sentence: row.sentence.clone(),
    };
    matrix.rows.iter().map(row).collect()
}

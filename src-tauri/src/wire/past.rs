//! What was: checks that this computer kept, and runs that a server remembers.

use super::reaching::role_title;
use super::word;
use profiles::Catalog;
use serde::Serialize;
use session::history::{self, KeptCheck};
use session::{Moment, Session};
use specta::Type;
use tuning::receipt::{Comparison, ManifestAct, Receipt, RunState, Standing};

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
    /// How many needs it would cost to undo it; 0 before there was a check.
    pub(crate) undo_costs: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PastChange {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) undo: String,
    pub(crate) settles: Vec<String>,
}

/// `checks` come newest first, and each is told with what changed since the one before it.
pub(crate) fn history(catalog: &Catalog, checks: &[KeptCheck]) -> History {
    let with_earlier = checks.iter().enumerate().map(|(at, check)| past_check(catalog, check, checks.get(at + 1)));
    History { checks: with_earlier.collect() }
}

fn past_check(catalog: &Catalog, check: &KeptCheck, earlier: Option<&KeptCheck>) -> PastCheck {
    let account = check.account();
    let counts = account.as_ref().map(|account| account.counts).unwrap_or_default();
    let drifts = earlier.map(|earlier| checks::drift(&earlier.facts, &check.facts)).unwrap_or_default();
    PastCheck {
        id: check.at.clone(),
        at: for_people(&check.at),
        role_title: account.as_ref().map(|account| role_title(catalog, &account.role.id)).unwrap_or_default(),
        verdict: account.as_ref().map(|account| word(&account.verdict)).unwrap_or_default(),
        met: counts.met,
        to_fix: counts.short + counts.missing,
        unsure: counts.could_not_tell + counts.you_confirm,
        changed: drifts.into_iter().map(|drift| drift.sentence).collect(),
    }
}

pub(crate) fn compared(before: &KeptCheck, now: &KeptCheck) -> Compared {
    let history::Compared { drifts, needs, same, only_one } = history::compare(before, now);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let moved = |need: history::Moved| MovedNeed {
        id: need.id,
        title: need.title,
        area: word(&need.area),
        before: word(&need.before),
        now: word(&need.now),
        found_before: need.found_before,
        found_now: need.found_now,
    };
    let drift = |drift: checks::Drift| Drift { sentence: drift.sentence, before: drift.before, now: drift.now };
    Compared {
        before: for_people(&before.at),
        now: for_people(&now.at),
        drifts: drifts.into_iter().map(drift).collect(),
        needs: needs.into_iter().map(moved).collect(),
        same: count(same),
        only_one: count(only_one),
    }
}

/// Newest first.
pub(crate) fn runs(catalog: &Catalog, session: &Session, receipts: &[Receipt]) -> Vec<PastRun> {
    receipts.iter().rev().map(|receipt| run(catalog, session, receipt)).collect()
}

fn run(catalog: &Catalog, session: &Session, receipt: &Receipt) -> PastRun {
    let change = |change: &tuning::receipt::ManifestChange| PastChange {
        id: change.id.clone(),
        title: change.title.clone(),
        undo: change.undo.clone(),
        settles: change.settles.clone(),
    };
    PastRun {
        run: receipt.manifest.id.to_string(),
        state: match receipt.state {
            // At work again on putting back, it takes no answer any more.
            RunState::Open => "open".to_owned(),
            other => word(&other),
        },
        at: for_people(&receipt.manifest.at),
        role_title: role_title(catalog, &receipt.manifest.role),
        undoes: receipt.manifest.undoes.is_some(),
        changes: receipt.manifest.changes.iter().map(change).collect(),
        seconds_left: receipt.left,
        undo_costs: session.undo_costs(receipt.manifest.changes.iter().flat_map(|change| &change.settles)),
    }
}

pub(crate) fn edited((act, comparison): (ManifestAct, Comparison)) -> EditedPlace {
    let standing = |standing: Standing| PlaceStanding { state: standing.state, text: standing.text };
    let Comparison { before, ours, now } = comparison;
    EditedPlace {
        act: act.number,
        target: act.target,
        before: standing(before),
        ours: standing(ours),
        now: standing(now),
    }
}

fn for_people(rfc3339: &str) -> String {
    Moment::parse(rfc3339).map_or_else(|| rfc3339.to_owned(), |at| at.for_people())
}

//! A check as it streams, and what it came to.

use super::{Failure, FitRow, Plan, ServerHead, choosing, sentences, word};
use facts::Why;
use profiles::Need;
use serde::{Deserialize, Serialize};
use session::{CheckProgress, Examination, Session};
use specta::Type;
use specta_typescript::Number;

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
    /// Set aside by a person, until a day.
    pub(crate) waiver: Option<Waiver>,
}

/// What a person says to set a need aside.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Aside {
    pub(crate) reason: String,
    pub(crate) name: String,
    pub(crate) days: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Waiver {
    pub(crate) reason: String,
    pub(crate) name: String,
    /// The last day it counts: `2026-11-20`.
    pub(crate) until: String,
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
    /// Whether it was stopped after so long a silence that nobody knows whether the line is alive.
    pub(crate) unheard: bool,
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

/// The server at the foot of the rail.
pub(crate) fn head(id: &str, session: &Session, notes: Vec<String>) -> ServerHead {
    let server = session.server();
    let sign_in = match (server.user.as_str(), server.host.as_str()) {
        _ if session.is_carried() => "read from a file".to_owned(),
        ("", _) | (_, "") => server.name.clone(),
        (user, host) => format!("{user}@{host}"),
    };
    ServerHead {
        session: id.to_owned(),
        name: server.name.clone(),
        sign_in,
        round_trip_ms: None,
        notes,
        practice: session.is_practice(),
        carried: session.is_carried(),
    }
}

pub(crate) fn step(progress: CheckProgress) -> CheckStep {
    match progress {
        CheckProgress::Reading { what, done, total } => CheckStep::Reading { what, done, total },
        CheckProgress::Found(found) => CheckStep::Found { finding: finding(&found) },
    }
}

/// The list in its final order, before anything is known.
pub(crate) fn rows(needs: &[Need]) -> Vec<WaitingRow> {
    let row = |need: &Need| WaitingRow {
        id: need.id.clone(),
        title: need.title.clone(),
        area: word(&need.area),
        needed: need.needed_text(),
    };
    needs.iter().map(row).collect()
}

pub(crate) fn checked(session: &Session, examination: &Examination) -> Checked {
    let plan = session.plan();
    let Examination { findings, counts, overall, .. } = examination;
    let name = &session.server().name;
    Checked {
        title: sentences::check_title(name, &examination.title, findings, &plan, (counts, *overall)),
        lead: sentences::check_lead(findings, &plan, counts),
        verdict: word(overall),
        counts: self::counts(counts),
        findings: findings.iter().map(finding).collect(),
        plan: super::changing::plan(&plan, findings, session.is_carried()),
        fit: super::result::fit(&examination.fit),
        hidden: hidden(findings),
        unheard: examination.unheard,
        at: examination.at.for_people(),
    }
}

pub(crate) fn counts(counts: &checks::Counts) -> Counts {
    let checks::Counts { met, short, missing, could_not_tell, you_confirm, not_applicable, waived } = *counts;
    Counts { met, short, missing, could_not_tell, you_confirm, not_applicable, waived }
}

/// How many needs only an administrator could read.
fn hidden(findings: &[checks::Finding]) -> u32 {
    let hidden = findings.iter().filter(|finding| finding.why_unknown == Some(Why::NeedsAdministrator));
    u32::try_from(hidden.count()).unwrap_or(u32::MAX)
}

pub(crate) fn finding(finding: &checks::Finding) -> Finding {
    Finding {
        id: finding.id.clone(),
        catalog: finding.catalog.iter().map(|row| row.0.clone()).collect(),
        title: finding.title.clone(),
        area: word(&finding.area),
        severity: word(&finding.severity),
        verdict: word(&finding.verdict),
        needed: finding.needed.text.clone(),
        found: finding.found.text.clone(),
        // JSON has no infinity; a bar without length is no bar.
        ratio: finding.ratio.filter(|ratio| ratio.is_finite()),
        sentence: finding.sentence.clone(),
        why: finding.why.clone(),
        source: choosing::source(&finding.source),
        source_url: finding.source.url.clone(),
        arithmetic: finding.arithmetic.clone(),
        evidence: finding.evidence.iter().map(evidence).collect(),
        maintained: finding.maintained.as_ref().map(maintained),
        change: finding.change.clone(),
        steps: finding.steps.clone(),
        parts: finding.parts.iter().map(part).collect(),
        waiver: finding.waiver.as_ref().map(waiver),
    }
}

fn waiver(waiver: &checks::Waiver) -> Waiver {
    let checks::Waiver { reason, name, until } = waiver.clone();
    Waiver { reason, name, until }
}

fn evidence(evidence: &facts::Evidence) -> Evidence {
    let facts::Evidence { command, output, exit } = evidence.clone();
    Evidence { command, output, exit }
}

fn part(part: &checks::PartFinding) -> Part {
    Part {
        title: part.title.clone(),
        verdict: word(&part.verdict),
        needed: part.needed.text.clone(),
        found: part.found.text.clone(),
    }
}

fn maintained(maintained: &checks::Maintained) -> String {
    let state = match maintained.state {
        checks::MaintainedState::Maintained => "Supported",
        checks::MaintainedState::EndingSoon => "Support ends soon",
        checks::MaintainedState::Ended => "No longer supported",
        checks::MaintainedState::CouldNotTell => "Support could not be told",
    };
    let until = maintained.until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
    format!("{state}{until} (as of {})", maintained.as_of)
}

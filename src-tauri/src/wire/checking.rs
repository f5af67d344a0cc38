//! A check as it streams, and what it came to.

use super::{CheckStep, Checked, Counts, Evidence, Finding, Part, ServerHead, WaitingRow, choosing, sentences, word};
use facts::Why;
use profiles::Need;
use session::{CheckProgress, Examination, Session};

/// The server at the foot of the rail.
pub(crate) fn head(id: &str, session: &Session, notes: Vec<String>) -> ServerHead {
    let server = session.server();
    let sign_in = match (server.user.as_str(), server.host.as_str()) {
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
        plan: super::changing::plan(&plan, findings),
        fit: super::result::fit(&examination.fit),
        hidden: hidden(findings),
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
    }
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

//! The finished account of a walk: what the report says, gathered from what the walk knows.

use crate::examine::Examination;
use crate::run::{Proof, Settled};
use crate::session::ServerHead;
use checks::Verdict;
use facts::{Facts, Key, Kind, Value};
use measure::{Measured, What};
use profiles::{Catalog, Severity};
use report::{App, Confirmation, Left, Made, Outcome, Privilege, Report, Role, Run, Server, Word};
use tuning::Plan;

/// Everything the account is made of.
#[derive(Debug)]
pub(crate) struct Materials<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) server: &'a ServerHead,
    pub(crate) practice: bool,
    pub(crate) before: Option<&'a Examination>,
    pub(crate) now: &'a Examination,
    /// Where changes were not worked out, what a change is known for counts as offered.
    pub(crate) plan: Option<Plan>,
    pub(crate) runs: &'a [Settled],
}

pub(crate) fn account(materials: &Materials<'_>) -> Report {
    let Materials { catalog, server, practice, before, now, plan, runs } = materials;
    Report {
        app: App { version: env!("CARGO_PKG_VERSION").to_owned() },
        role: role(catalog, now),
        server: describe(server, now),
        at: now.at.rfc3339(),
        practice: *practice,
        verdict: now.overall,
        counts: now.counts,
        findings: now.findings.clone(),
        before: before.map(|examination| examination.findings.clone()),
        runs: runs.iter().map(|run| told(run, server)).collect(),
        left: left(now, plan.as_ref()),
        confirmations: confirmations(now),
        measurements: now.measured.iter().flat_map(measurements).collect(),
        fit: now.fit.rows.clone(),
        timings: Some(report::Timings {
            connect_ms: now.timings.connect_ms,
            probe_ms: now.timings.probe_ms,
            judge_ms: now.timings.judge_ms,
            round_trips: now.timings.round_trips,
        }),
    }
}

fn role(catalog: &Catalog, now: &Examination) -> Role {
    let product = catalog.product(&now.choice.product).ok();
    let title = product.and_then(|product| product.role(&now.choice.role)).map(|role| role.title.clone());
    let scale: Vec<String> = now
        .choice
        .scale
        .iter()
        .map(|(scale, count)| format!("{count} {}", if *count == 1 { scale.one() } else { scale.name() }))
        .collect();
    Role {
        id: now.choice.to_string(),
        product: product.map(|product| product.title.clone()).unwrap_or_default(),
        title: title.unwrap_or_default(),
        scale: scale.join(", "),
        requirements: product
            .map(|product| format!("{}, verified {}", product.title, product.verified))
            .unwrap_or_default(),
    }
}

fn describe(server: &ServerHead, now: &Examination) -> Server {
    Server {
        name: server.name.clone(),
        host: server.host.clone(),
        port: server.port,
        user: server.user.clone(),
        host_key: server.host_key.clone(),
        privilege: Some(match now.privilege {
            remote::Privilege::Root => Privilege::Root,
            remote::Privilege::Sudo | remote::Privilege::Doas => Privilege::Sudo,
            remote::Privilege::User(_) => Privilege::None,
        }),
        os: text_of(&now.facts, Kind::OsName),
        kernel: text_of(&now.facts, Kind::KernelVersion),
        arch: text_of(&now.facts, Kind::Arch),
    }
}

fn text_of(facts: &Facts, kind: Kind) -> String {
    match facts.value(&Key::plain(kind)) {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Version(version)) => version.to_string(),
        _ => String::new(),
    }
}

fn told(run: &Settled, server: &ServerHead) -> Run {
    let outcome = if run.kept {
        Outcome::Kept { proof: proof_words(&run.proof).to_owned() }
    } else {
        Outcome::PutBack { why: run.why.clone() }
    };
    let made = run.changes.iter().filter(|change| !run.failed.iter().any(|(id, _)| *id == change.id));
    Run {
        id: run.id.to_string(),
        at: run.at.rfc3339(),
        by: if server.user.is_empty() { "this computer".to_owned() } else { server.user.clone() },
        outcome,
        undo: run.kept.then(|| format!("plumb undo {}", run.id)),
        changes: made
            .map(|change| Made { change: change.clone(), before: String::new(), after: String::new() })
            .collect(),
    }
}

fn proof_words(proofs: &[Proof]) -> &'static str {
    if !proofs.is_empty() && proofs.iter().all(|proof| proof.proved) {
        "a new connection had proven the server reachable"
    } else {
        "a person said so without the proof of a new connection"
    }
}

/// What only a person can do: findings that are not met and that no change from here settles. Required ones first.
pub(crate) fn left(now: &Examination, plan: Option<&Plan>) -> Vec<Left> {
    let offered = |finding: &checks::Finding| match plan {
        Some(plan) => plan.changes.iter().any(|change| change.settles.contains(&finding.id)),
        None => finding.change.is_some(),
    };
    let mut open: Vec<_> = now
        .findings
        .iter()
        .filter(|finding| matches!(finding.verdict, Verdict::Short | Verdict::Missing))
        .filter(|finding| finding.waiver.is_none() && !offered(finding))
        .collect();
    open.sort_by_key(|finding| (finding.severity != Severity::Required, finding.severity));
    let reasons = plan.map(|plan| plan.left.as_slice()).unwrap_or_default();
    let reason = |id: &str| reasons.iter().find(|(left, _)| left == id).map(|(_, words)| words.clone());
    open.into_iter()
        .map(|finding| Left {
            finding: finding.id.clone(),
            title: finding.title.clone(),
            how: reason(&finding.id).filter(|words| !words.is_empty()).unwrap_or_else(|| finding.sentence.clone()),
        })
        .collect()
}

/// Each figure with how it was found and how far it scattered; without one, why.
fn measurements(measured: &Measured) -> Vec<report::Measurement> {
    let place = match &measured.what {
        What::Disk(folder) => format!("Disk under {folder}"),
        What::Processor => "Processor".to_owned(),
    };
    if let Some(why) = &measured.withheld {
        return vec![report::Measurement { title: place, text: "not measured".to_owned(), detail: why.clone() }];
    }
    let told = |figure: &measure::Figure| report::Measurement {
        title: format!("{place}: {}", figure.title),
        text: figure.text.clone(),
        detail: format!("{}; {}", measured.evidence.command, figure.spread),
    };
    measured.figures.iter().map(told).collect()
}

fn confirmations(now: &Examination) -> Vec<Confirmation> {
    let asked = |finding: &&checks::Finding| finding.verdict == Verdict::YouConfirm || finding.confirmed.is_some();
    let answer = |word: &checks::Confirmation| report::Answer {
        says: if word.yes { Word::Yes } else { Word::No },
        name: word.name.clone(),
        date: word.date.clone(),
    };
    let asked = now.findings.iter().filter(asked);
    asked
        .map(|finding| Confirmation {
            finding: finding.id.clone(),
            title: finding.title.clone(),
            detail: finding.sentence.clone(),
            answer: finding.confirmed.as_ref().map(answer),
        })
        .collect()
}

//! The finished account of a walk: what the report says, gathered from what the walk knows.

use crate::examine::Examination;
use crate::run::{Proof, Settled};
use crate::session::ServerHead;
use checks::Verdict;
use facts::{Facts, Key, Kind, Value};
use measure::Measured;
use profiles::{AlertRule, TuningKind};
use profiles::{Catalog, Severity};
use report::{App, Confirmation, Left, Made, Outcome, Privilege, Report, Role, Run, Server, Word};
use tuning::receipt::{Receipt, RunState};
use tuning::{ChangeView, Plan, Prepared, Risk};

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
    /// The same with all that doing it takes.
    pub(crate) prepared: Option<Prepared>,
    pub(crate) runs: &'a [Settled],
    /// Runs that somebody made by hand, as the server's own record tells them.
    pub(crate) by_hand: &'a [Receipt],
}

pub(crate) fn account(materials: &Materials<'_>) -> Report {
    let Materials { catalog, server, practice, before, now, plan, prepared, runs, by_hand } = materials;
    let told = |run: &Settled| if *practice { practised(told(run, server)) } else { told(run, server) };
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
        runs: by_hand.iter().filter_map(carried).chain(runs.iter().map(told)).collect(),
        plan: prepared.clone(),
        alerts: alerts(catalog, now),
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
            .map(|change| Made {
                change: tuning::without_neighbours(change.clone()),
                before: String::new(),
                after: String::new(),
            })
            .collect(),
    }
}

/// Nobody was called and nothing stands on a server, so there is no proof and nothing to undo.
fn practised(run: Run) -> Run {
    let outcome = match run.outcome {
        Outcome::Kept { .. } => Outcome::Kept { proof: "a rehearsal that changed no server".to_owned() },
        put_back @ Outcome::PutBack { .. } => put_back,
    };
    Run { outcome, undo: None, ..run }
}

/// A run of a script that somebody carried to the server. One that waits, or was refused, has not come to an end.
fn carried(run: &Receipt) -> Option<Run> {
    let outcome = match run.state {
        RunState::Kept => Outcome::Kept { proof: "a person ran the script on the server and kept it".to_owned() },
        RunState::PutBack => Outcome::PutBack { why: "It was put back on the server.".to_owned() },
        RunState::Undone => Outcome::PutBack { why: "It was undone on the server.".to_owned() },
        RunState::Preparing | RunState::Refused | RunState::Open | RunState::PuttingBack => return None,
    };
    if run.manifest.undoes.is_some() {
        return None;
    }
    let made = run.manifest.changes.iter().filter(|change| run.made(&change.id));
    let made = made.map(|change| ChangeView {
        id: change.id.clone(),
        group: String::new(),
        title: change.title.clone(),
        effect: String::new(),
        risk: Risk::Low,
        consequence: String::new(),
        settles: change.settles.clone(),
        advised_off: None,
        files: Vec::new(),
        runtime: Vec::new(),
        undo: change.undo.clone(),
        seconds: 0,
    });
    Some(Run {
        id: run.manifest.id.to_string(),
        at: run.manifest.at.clone(),
        by: "root, by hand".to_owned(),
        undo: (run.state == RunState::Kept).then(|| "sudo sh THE-SCRIPT undo".to_owned()),
        outcome,
        changes: made.map(|change| Made { change, before: String::new(), after: String::new() }).collect(),
    })
}

/// The alerts that the product's documents name for this role, with their figures.
fn alerts(catalog: &Catalog, now: &Examination) -> Vec<AlertRule> {
    let tunings = catalog.product(&now.choice.product).and_then(|product| product.tunings(&now.choice));
    let of = |tuning: profiles::Tuning| match tuning.kind {
        TuningKind::AlertRules(rules) => rules,
        _ => Vec::new(),
    };
    tunings.unwrap_or_default().into_iter().flat_map(of).collect()
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
    let place = measured.what.title();
    if let Some(why) = &measured.withheld {
        return vec![report::Measurement { title: place, text: "not measured".to_owned(), detail: why.clone() }];
    }
    let told = |figure: &measure::Figure| report::Measurement {
        title: format!("{place}: {}", figure.title),
        text: figure.text.clone(),
        detail: format!("{}; {}", measured.evidence.command, figure.spread),
    };
    let port = |port: &measure::Port| report::Measurement {
        title: format!("{place}: {}", port.name),
        text: port.verdict.word().replace('_', " "),
        detail: sentences([&port.sentence, &port.next, &port.tried]),
    };
    measured.figures.iter().map(told).chain(measured.ports.iter().map(port)).collect()
}

/// Those that say something, one after the other.
fn sentences(all: [&str; 3]) -> String {
    let said: Vec<&str> = all.into_iter().filter(|sentence| !sentence.is_empty()).collect();
    said.join(" ")
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

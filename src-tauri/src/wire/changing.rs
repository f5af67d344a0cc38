//! Changes as a person sees them before saying yes, a run as it goes, and the question at its end.

use super::{Change, DiffLine, FileDiff, KeepAsk, LeftForYou, Plan, Proof, RunStep, RuntimeChange, sentences, word};
use session::{Proved, Waiting};

pub(crate) fn plan(plan: &tuning::Plan, findings: &[checks::Finding]) -> Plan {
    let title_of = |id: &str| findings.iter().find(|finding| finding.id == id).map(|finding| finding.title.clone());
    let left = |(id, how): &(String, String)| LeftForYou {
        id: id.clone(),
        title: title_of(id).unwrap_or_else(|| id.clone()),
        how: how.clone(),
    };
    Plan {
        title: sentences::plan_title(plan, findings),
        lead: sentences::PLAN_LEAD.to_owned(),
        changes: plan.changes.iter().map(change).collect(),
        left: plan.left.iter().map(left).collect(),
    }
}

fn change(view: &tuning::ChangeView) -> Change {
    Change {
        id: view.id.clone(),
        group: view.group.clone(),
        title: view.title.clone(),
        effect: view.effect.clone(),
        risk: word(&view.risk),
        consequence: view.consequence.clone(),
        settles: view.settles.clone(),
        advised_off: view.advised_off.clone(),
        files: view.files.iter().map(file).collect(),
        runtime: view.runtime.iter().map(runtime).collect(),
        undo: view.undo.clone(),
        seconds: view.seconds,
    }
}

fn file(diff: &tuning::FileDiff) -> FileDiff {
    let line =
        |line: &tuning::DiffLine| DiffLine { sign: word(&line.sign), text: line.text.clone(), now: line.now.clone() };
    FileDiff { path: diff.path.clone(), new: diff.new, lines: diff.lines.iter().map(line).collect() }
}

fn runtime(change: &tuning::RuntimeChange) -> RuntimeChange {
    let tuning::RuntimeChange { name, before, after } = change.clone();
    RuntimeChange { name, before, after }
}

/// Steps of a run that belong to no change.
pub(crate) const REMEMBER: &str = "remember";
pub(crate) const TIMER: &str = "timer";
pub(crate) const PROVE: &str = "prove";

/// The list of a run, from remembering to proving.
pub(crate) fn steps(changes: &[tuning::ChangeView]) -> Vec<RunStep> {
    let step = |id: &str, title: &str, note: &str| RunStep {
        id: id.to_owned(),
        title: title.to_owned(),
        note: note.to_owned(),
    };
    let mut steps = vec![
        step(REMEMBER, "Remember how it was", "A copy of every file we touch is on the server."),
        step(TIMER, "Set the safety timer", ""),
    ];
    steps.extend(changes.iter().map(|change| step(&change.id, &change.title, "")));
    steps.push(step(PROVE, "Sign in again over a new connection", ""));
    steps
}

pub(crate) fn keep_ask(waiting: &Waiting) -> KeepAsk {
    let title = |id: &str| {
        let change = waiting.changes.iter().find(|change| change.id == id);
        change.map_or_else(|| id.to_owned(), |change| change.title.clone())
    };
    KeepAsk {
        run: waiting.id.to_string(),
        proofs: waiting.proofs.iter().map(proof).collect(),
        all_proved: waiting.all_proved(),
        seconds_left: waiting.seconds_left(),
        put_back_at: waiting.put_back_at.time_of_day(),
        failed: waiting.failed.iter().map(|(id, why)| format!("{}: {why}", title(id))).collect(),
    }
}

fn proof(proof: &session::Proof) -> Proof {
    let title = match proof.what {
        Proved::Connected => "A new connection reaches the server".to_owned(),
        Proved::SignedIn => "You can sign in".to_owned(),
        Proved::Administrator => "You can become administrator".to_owned(),
        Proved::SameServer => "It is the same server, as this run left it".to_owned(),
        Proved::AlsoOver(family) => format!("All of it over {family} as well"),
    };
    Proof { title, proved: proof.proved, seconds: proof.seconds, note: proof.note.clone() }
}

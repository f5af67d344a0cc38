//! Changes as a person sees them before saying yes, a run as it goes, and the question at its end.

use super::{RunStep, sentences, word};
use serde::Serialize;
use session::{Proved, Waiting};
use specta::Type;
use specta_typescript::Number;

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plan {
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) changes: Vec<Change>,
    pub(crate) left: Vec<LeftForYou>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) title: String,
    pub(crate) effect: String,
    /// low, medium, high.
    pub(crate) risk: String,
    /// "Restarts a service"; empty: the tag says the risk.
    pub(crate) consequence: String,
    pub(crate) settles: Vec<String>,
    pub(crate) advised_off: Option<String>,
    pub(crate) files: Vec<FileDiff>,
    pub(crate) runtime: Vec<RuntimeChange>,
    pub(crate) undo: String,
    pub(crate) seconds: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileDiff {
    pub(crate) path: String,
    pub(crate) new: bool,
    pub(crate) lines: Vec<DiffLine>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DiffLine {
    /// keep, add, remove.
    pub(crate) sign: String,
    pub(crate) text: String,
    pub(crate) now: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuntimeChange {
    pub(crate) name: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeftForYou {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) how: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeepAsk {
    pub(crate) run: String,
    pub(crate) proofs: Vec<Proof>,
    pub(crate) all_proved: bool,
    /// Seconds left to decide.
    #[specta(type = Number)]
    pub(crate) seconds_left: f64,
    /// "14:32:10".
    pub(crate) put_back_at: String,
    pub(crate) failed: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Proof {
    pub(crate) title: String,
    pub(crate) proved: bool,
    #[specta(type = Number)]
    pub(crate) seconds: f64,
    pub(crate) note: String,
}

pub(crate) fn plan(plan: &tuning::Plan, findings: &[checks::Finding], carried: bool) -> Plan {
    let title_of = |id: &str| findings.iter().find(|finding| finding.id == id).map(|finding| finding.title.clone());
    let left = |(id, how): &(String, String)| LeftForYou {
        id: id.clone(),
        title: title_of(id).unwrap_or_else(|| id.clone()),
        how: how.clone(),
    };
    Plan {
        title: sentences::plan_title(plan, findings),
        lead: if carried { sentences::PLAN_LEAD_BY_HAND } else { sentences::PLAN_LEAD }.to_owned(),
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
        proofs: waiting.proofs.iter().map(proof).chain(read_back(waiting)).collect(),
        all_proved: waiting.all_proved(),
        seconds_left: waiting.seconds_left(),
        put_back_at: waiting.put_back_at.time_of_day(),
        failed: waiting.failed.iter().map(|(id, why)| format!("{}: {why}", title(id))).collect(),
    }
}

/// The server looks at each change after it was made, and counts it only when it reads as wanted; one that does not is
/// taken back at once and told apart. Nothing is said of a run whose changes this computer did not choose.
fn read_back(waiting: &Waiting) -> Option<Proof> {
    let failed = |change: &&tuning::ChangeView| waiting.failed.iter().any(|(id, _)| *id == change.id);
    let (failed, made): (Vec<_>, Vec<_>) = waiting.changes.iter().partition(failed);
    let title = match (made.len(), failed.len()) {
        (0, _) => return None,
        (1, 0) => "The change reads back as wanted".to_owned(),
        (all, 0) => format!("All {all} changes read back as wanted"),
        (made, failed) => format!("{made} of {} changes read back as wanted", made + failed),
    };
    let mut needs: Vec<&str> = made.iter().flat_map(|change| &change.settles).map(String::as_str).collect();
    needs.sort_unstable();
    needs.dedup();
    let note = match needs.len() {
        0 => String::new(),
        1 => "1 need".to_owned(),
        count => format!("{count} needs"),
    };
    Some(Proof { title, proved: true, seconds: 0.0, note })
}

fn proof(proof: &session::Proof) -> Proof {
    let title = match proof.what {
        Proved::Connected => "A new connection reaches the server".to_owned(),
        Proved::SignedIn => "You can sign in".to_owned(),
        Proved::Administrator => "You can become administrator".to_owned(),
        Proved::SameServer => "It is the same server, as this run left it".to_owned(),
        Proved::Doors => "Ports that the role opens answer from here".to_owned(),
        Proved::AlsoOver(family) => format!("All of it over {family} as well"),
        Proved::AlsoAt(port) => format!("All of it by port {port} as well"),
    };
    Proof { title, proved: proof.proved, seconds: proof.seconds, note: proof.note.clone() }
}

#[cfg(test)]
mod tests {
    use super::keep_ask;
    use session::{Moment, Waiting};
    use std::time::Instant;
    use tuning::{ChangeView, Risk};

    fn change(id: &str, settles: &[&str]) -> ChangeView {
        ChangeView {
            id: id.to_owned(),
            group: String::new(),
            title: id.to_owned(),
            effect: String::new(),
            risk: Risk::Low,
            consequence: String::new(),
            settles: settles.iter().map(|id| (*id).to_owned()).collect(),
            advised_off: None,
            files: Vec::new(),
            runtime: Vec::new(),
            undo: String::new(),
            seconds: 1,
        }
    }

    /// The last line of the proofs: what is said of the changes themselves.
    fn said(changes: Vec<ChangeView>, failed: &[&str]) -> Option<(String, String)> {
        let waiting = Waiting {
            id: "run-1".parse().expect("a name"),
            changes,
            proofs: Vec::new(),
            put_back_at: Moment::now(),
            deadline: Instant::now(),
            failed: failed.iter().map(|id| ((*id).to_owned(), "it did not work".to_owned())).collect(),
        };
        keep_ask(&waiting).proofs.pop().map(|proof| (proof.title, proof.note))
    }

    #[test]
    fn only_changes_that_read_as_wanted_are_said_to() {
        let three = || vec![change("a", &["x", "y"]), change("b", &["y", "z"]), change("c", &["w"])];
        let line = |title: &str, note: &str| Some((title.to_owned(), note.to_owned()));
        assert_eq!(said(three(), &[]), line("All 3 changes read back as wanted", "4 needs"));
        assert_eq!(said(three(), &["c"]), line("2 of 3 changes read back as wanted", "3 needs"));
        assert_eq!(said(vec![change("a", &["x"])], &[]), line("The change reads back as wanted", "1 need"));
        assert_eq!(said(three(), &["a", "b", "c"]), None);
        assert_eq!(said(Vec::new(), &[]), None, "a run that was begun elsewhere");
    }
}

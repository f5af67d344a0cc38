//! A run as it goes: what the server tells, as steps of the list on the screen.

use super::changing::{PROVE, REMEMBER, TIMER};
use super::{EditedPlace, Failure, KeepAsk, Summary};
use serde::{Deserialize, Serialize};
use session::{Moment, RunProgress};
use specta::Type;
use specta_typescript::Number;
use std::collections::HashMap;
use std::time::Instant;
use tuning::{ChangeState, RunEvent, Step};

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ApplyStep {
    /// The list of steps in order, all waiting. `id` is a change id or one of "remember", "timer", "prove", "check".
    Steps {
        steps: Vec<RunStep>,
    },
    Started {
        id: String,
    },
    Detail {
        id: String,
        text: String,
    },
    Done {
        id: String,
        #[specta(type = Number)]
        seconds: f64,
    },
    Skipped {
        id: String,
        why: String,
    },
    StepFailed {
        id: String,
        why: String,
    },
    Log {
        time: String,
        text: String,
    },
    /// A question of the server, answered with the command `answer`: a new connection may want a code again.
    Prompt {
        id: u32,
        text: String,
        echo: bool,
    },
    /// Seconds since the server was last heard.
    Heard {
        #[specta(type = Number)]
        seconds: f64,
        /// Whether that is so long that contact counts as lost.
        lost: bool,
    },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunStep {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) note: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ApplyReply {
    /// Everything done and proved: keep it?
    Keep(KeepAsk),
    /// Put back, by us or by the server.
    PutBack {
        summary: Summary,
        why: String,
    },
    /// An undo that was not begun: somebody edited these places since. A person says what becomes of each.
    Edited {
        run: String,
        places: Vec<EditedPlace>,
    },
    Refused {
        failure: Failure,
    },
}

/// What becomes of the places that somebody edited since: numbers of acts.
#[derive(Clone, Debug, Default, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UndoAnswers {
    pub(crate) leave: Vec<u32>,
    pub(crate) overwrite: Vec<u32>,
}

/// The answer to "Keep these changes?", carried out.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ApplyOutcome {
    Kept { summary: Summary },
    PutBack { summary: Summary, why: String },
    Refused { failure: Failure },
}

/// Follows one run. The server tells when a step has ended; the next one in the list has then begun.
#[derive(Debug)]
pub(crate) struct RunList {
    steps: Vec<RunStep>,
    begun: HashMap<String, Instant>,
    ended: Vec<String>,
}

impl RunList {
    pub(crate) fn new(steps: Vec<RunStep>) -> RunList {
        RunList { steps, begun: HashMap::new(), ended: Vec::new() }
    }

    pub(crate) fn whole(&self) -> ApplyStep {
        ApplyStep::Steps { steps: self.steps.clone() }
    }

    /// What the window should hear of `progress`.
    pub(crate) fn tell(&mut self, progress: RunProgress) -> Vec<ApplyStep> {
        match progress {
            RunProgress::Event(event) => self.event(event),
            RunProgress::LostContact { error } => vec![log(error.happened())],
            RunProgress::BackInContact => vec![log("In contact again.".to_owned())],
            RunProgress::Proving => self.begin(PROVE),
        }
    }

    /// The new connection showed what it could.
    pub(crate) fn proved(&mut self, all: bool) -> Vec<ApplyStep> {
        if all {
            return self.end(PROVE);
        }
        let why = "Not everything could be shown over the new connection.".to_owned();
        vec![ApplyStep::StepFailed { id: PROVE.to_owned(), why }]
    }

    fn event(&mut self, event: RunEvent) -> Vec<ApplyStep> {
        match event {
            RunEvent::Step(step) => self.step(step),
            RunEvent::Change { id, state } => self.change(id, state),
            RunEvent::Act { word, text, .. } => {
                let Some(id) = self.current() else { return Vec::new() };
                if text.is_empty() || word != tuning::journal::Word::Started {
                    return Vec::new();
                }
                vec![ApplyStep::Detail { id, text }]
            }
            RunEvent::Log(text) => vec![log(text)],
            RunEvent::RunnerLost => {
                vec![log("The program on the server was ended. The safety timer puts everything back.".to_owned())]
            }
            RunEvent::PutsBackIn { .. } | RunEvent::Alive | RunEvent::End(_) => Vec::new(),
        }
    }

    fn step(&mut self, step: Step) -> Vec<ApplyStep> {
        match step {
            Step::Begun => self.begin(REMEMBER),
            Step::Remembered | Step::Applied | Step::Resumed => Vec::new(),
            Step::Rehearsed => self.end(REMEMBER),
            Step::Armed { seconds, .. } => {
                let mut told = self.end(TIMER);
                told.push(log(format!("The safety timer is set to {seconds} seconds.")));
                told
            }
            Step::PuttingBack { why } => vec![log(format!("Putting everything back: {why}."))],
            Step::Halted { why } => vec![log(format!("Stopped: {why}."))],
        }
    }

    fn change(&mut self, id: String, state: ChangeState) -> Vec<ApplyStep> {
        let told = match state {
            ChangeState::Planned => return Vec::new(),
            ChangeState::Finished => return self.end(&id),
            ChangeState::Already => ApplyStep::Skipped { id: id.clone(), why: "It is so already.".to_owned() },
            ChangeState::Failed { why } => ApplyStep::StepFailed { id: id.clone(), why },
            ChangeState::Skipped { because } => {
                let why = format!("It builds on \u{201c}{}\u{201d}, which did not work.", self.title(&because));
                ApplyStep::Skipped { id: id.clone(), why }
            }
        };
        let mut all = vec![told];
        self.ended.push(id);
        all.extend(self.begin_next());
        all
    }

    fn begin(&mut self, id: &str) -> Vec<ApplyStep> {
        if self.begun.contains_key(id) || !self.steps.iter().any(|step| step.id == id) {
            return Vec::new();
        }
        self.begun.insert(id.to_owned(), Instant::now());
        vec![ApplyStep::Started { id: id.to_owned() }]
    }

    fn end(&mut self, id: &str) -> Vec<ApplyStep> {
        let mut told = self.begin(id);
        let seconds = self.begun.get(id).map_or(0.0, |begun| begun.elapsed().as_secs_f64());
        self.ended.push(id.to_owned());
        told.push(ApplyStep::Done { id: id.to_owned(), seconds });
        told.extend(self.begin_next());
        told
    }

    /// The first step that has not ended is the one under way; proving begins on its own word.
    fn begin_next(&mut self) -> Vec<ApplyStep> {
        let next = self.steps.iter().map(|step| step.id.clone()).find(|id| !self.ended.contains(id));
        next.filter(|id| id != PROVE).map(|id| self.begin(&id)).unwrap_or_default()
    }

    fn current(&self) -> Option<String> {
        let under_way = |step: &&RunStep| self.begun.contains_key(&step.id) && !self.ended.contains(&step.id);
        self.steps.iter().find(under_way).map(|step| step.id.clone())
    }

    fn title(&self, id: &str) -> String {
        let step = self.steps.iter().find(|step| step.id == id);
        step.map_or_else(|| id.to_owned(), |step| step.title.clone())
    }
}

fn log(text: String) -> ApplyStep {
    ApplyStep::Log { time: Moment::now().time_of_day(), text }
}

#[cfg(test)]
mod tests {
    use super::RunList;
    use crate::wire::{ApplyStep, RunStep};
    use session::RunProgress;
    use tuning::{ChangeState, RunEvent, Step};

    /// What the window hears, in one word each.
    fn heard(account: &mut RunList, event: RunEvent) -> Vec<String> {
        let word = |step: ApplyStep| match step {
            ApplyStep::Started { id } => format!("{id} started"),
            ApplyStep::Done { id, .. } => format!("{id} done"),
            ApplyStep::Skipped { id, .. } => format!("{id} skipped"),
            ApplyStep::StepFailed { id, .. } => format!("{id} failed"),
            other => format!("{other:?}"),
        };
        let told = account.tell(RunProgress::Event(event));
        told.into_iter().filter(|step| !matches!(step, ApplyStep::Log { .. })).map(word).collect()
    }

    #[test]
    fn a_step_begins_when_the_one_before_it_ends() {
        let step = |id: &str| RunStep { id: id.to_owned(), title: String::new(), note: String::new() };
        let mut account = RunList::new(["remember", "timer", "a", "b", "prove"].map(step).into());
        let change = |id: &str, state| RunEvent::Change { id: id.to_owned(), state };
        let armed = Step::Armed { seconds: 120, timer: "systemd".to_owned(), boot: "systemd".to_owned() };
        assert_eq!(heard(&mut account, RunEvent::Step(Step::Begun)), ["remember started"]);
        assert_eq!(heard(&mut account, change("a", ChangeState::Planned)), [""; 0]);
        assert_eq!(heard(&mut account, RunEvent::Step(Step::Rehearsed)), ["remember done", "timer started"]);
        assert_eq!(heard(&mut account, RunEvent::Step(armed)), ["timer done", "a started"]);
        let failed = ChangeState::Failed { why: "no room".to_owned() };
        assert_eq!(heard(&mut account, change("a", failed)), ["a failed", "b started"]);
        assert_eq!(heard(&mut account, change("b", ChangeState::Finished)), ["b done"]);
    }
}

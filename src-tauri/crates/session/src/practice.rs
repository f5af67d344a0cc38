//! A server to practise on: what a real one printed before and after everything that could be put right there was put
//! right. Nothing runs anywhere, so the whole walk can be tried without a server, to its end and back.

use crate::error::WorkError;
use crate::examine::{Examination, Question, examine_saved};
use crate::guarded::{ASKED_FOR, Ending, Guarded, NOBODY_ANSWERED, STOPPED, TOO_LATE};
use crate::progress::RunProgress;
use crate::run::{self, Followed, Proof, Proved, Tell, Waiting};
use checks::Verdict;
use facts::Context;
use profiles::Need;
use remote::Cancel;
use std::time::Duration;
use tuning::before::Before;
use tuning::journal::Word;
use tuning::run::RunSpec;
use tuning::script::BY_HAND;
use tuning::{ChangeState, ChangeView, End, RunEvent, Step};

/// What a server printed at two moments.
#[derive(Clone, Debug)]
pub struct Recording {
    pub before: Vec<u8>,
    pub after: Vec<u8>,
}

/// A recorded server, and which changes were rehearsed on it.
#[derive(Debug)]
pub(crate) struct Practice {
    recording: Recording,
    made: Vec<ChangeView>,
    /// What will have been made once the person keeps it; `None` while nothing waits for an answer.
    pending: Option<Vec<ChangeView>>,
    /// Needs of the role that are still open in the second recording: what should have settled them did not work there.
    open: Vec<String>,
}

/// Long enough to be read, short enough to be practised twice.
const A_STEP: Duration = Duration::from_millis(350);

const DID_NOT_WORK: &str = "it did not work on the server that was recorded";

impl Practice {
    pub(crate) fn on(recording: Recording) -> Practice {
        Practice { recording, made: Vec::new(), pending: None, open: Vec::new() }
    }

    /// The server as it would stand now: as it was recorded first, but for what the kept changes are about, which is
    /// read from the second recording. What no change touched is the same in both.
    pub(crate) fn examine(
        &mut self,
        question: &Question<'_>,
        context: &Context,
    ) -> Result<(Examination, Before), WorkError> {
        let mut look = examine_saved(&self.recording.before, question, context)?;
        let after = examine_saved(&self.recording.after, question, context)?;
        let open = after.findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Short | Verdict::Missing));
        self.open = open.map(|finding| finding.id.clone()).collect();
        let settled = |need: &&Need| self.made.iter().any(|change| change.settles.contains(&need.id));
        for key in checks::keys(look.needs.iter().filter(settled)) {
            let evidence = after.facts.evidence(&key).into_iter().cloned();
            let evidence = evidence.map(|piece| look.facts.keep(piece)).collect();
            look.facts.learn(key.clone(), after.facts.reading(&key).clone(), evidence);
        }
        look.compare_with_every_role(question.catalog);
        let stands = if self.made.is_empty() { &self.recording.before } else { &self.recording.after };
        Ok((look, Before::read(stands, BY_HAND)))
    }

    /// Goes through the steps of a run that makes these changes, as a server would tell them.
    pub(crate) async fn make(
        &mut self,
        changes: &[ChangeView],
        spec: &RunSpec,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Guarded, WorkError> {
        let open = |need: &String| self.open.contains(need);
        let fails = |change: &&ChangeView| !change.settles.is_empty() && change.settles.iter().all(open);
        let (failed, works): (Vec<_>, Vec<_>) = changes.iter().partition(fails);
        let failed: Vec<String> = failed.into_iter().map(|change| change.id.clone()).collect();
        let made = self.made.iter().chain(works).cloned().collect();
        self.pending = Some(made);
        guarded(go_through(changes, &failed, spec, cancel, tell).await, spec)
    }

    /// The way back from a run that made these.
    pub(crate) async fn unmake(
        &mut self,
        changes: &[ChangeView],
        spec: &RunSpec,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Guarded, WorkError> {
        let stays = |made: &&ChangeView| !changes.iter().any(|change| change.id == made.id);
        self.pending = Some(self.made.iter().filter(stays).cloned().collect());
        guarded(go_through(changes, &[], spec, cancel, tell).await, spec)
    }

    /// The word to keep: nobody is asked here but the clock.
    pub(crate) fn keep(waiting: &Waiting) -> Ending {
        if waiting.seconds_left() > 0.0 { Ending::kept() } else { Ending::put_back(TOO_LATE) }
    }

    pub(crate) fn put_back(waiting: &Waiting) -> Ending {
        Ending::put_back(if waiting.seconds_left() > 0.0 { ASKED_FOR } else { NOBODY_ANSWERED })
    }

    /// The answer to what was rehearsed.
    pub(crate) fn settle(&mut self, kept: bool) {
        if let (true, Some(made)) = (kept, self.pending.take()) {
            self.made = made;
        }
        self.pending = None;
    }
}

async fn go_through(
    changes: &[ChangeView],
    failed: &[String],
    spec: &RunSpec,
    cancel: &Cancel,
    tell: Tell<'_>,
) -> Result<Followed, WorkError> {
    let armed = Step::Armed { seconds: spec.window, timer: String::new(), boot: String::new() };
    let mut events: Vec<RunEvent> = [Step::Begun, Step::Remembered, Step::Rehearsed, armed].map(RunEvent::Step).into();
    for (number, change) in (0..).zip(changes) {
        let places = change.files.iter().map(|file| file.path.clone());
        let places: Vec<String> = places.chain(change.runtime.iter().map(|value| value.name.clone())).collect();
        events.push(RunEvent::Act { act: number, word: Word::Started, text: places.join(", ") });
        let state = match failed.contains(&change.id) {
            true => ChangeState::Failed { why: DID_NOT_WORK.to_owned() },
            false => ChangeState::Finished,
        };
        events.push(RunEvent::Change { id: change.id.clone(), state });
    }
    events.push(RunEvent::Step(Step::Applied));
    for event in events {
        tell(RunProgress::Event(event));
        pause(cancel).await?;
    }
    tell(RunProgress::Proving);
    pause(cancel).await?;
    let failed = failed.iter().map(|id| (id.clone(), DID_NOT_WORK.to_owned())).collect();
    Ok(Followed { failed, ..waits(spec) })
}

async fn pause(cancel: &Cancel) -> Result<(), WorkError> {
    tokio::select! {
        () = cancel.cancelled() => Err(WorkError::Cancelled),
        () = tokio::time::sleep(A_STEP) => Ok(()),
    }
}

/// How the rehearsal came out: as a server would have it.
fn guarded(gone_through: Result<Followed, WorkError>, spec: &RunSpec) -> Result<Guarded, WorkError> {
    match gone_through {
        Err(WorkError::Cancelled) => {
            let run = run::waiting(spec.id.clone(), Vec::new(), waits(spec));
            Ok(Guarded::PutBack { run, why: STOPPED.to_owned() })
        }
        followed => Ok(Guarded::Waits(run::waiting(spec.id.clone(), proofs(), followed?))),
    }
}

/// What the rehearsal ends with: the question.
fn waits(spec: &RunSpec) -> Followed {
    Followed { end: End::Waiting, seconds: spec.window, failed: Vec::new(), why: String::new() }
}

/// What a new connection would be asked to show. Nobody was called, and each says so.
fn proofs() -> Vec<Proof> {
    let proof = |what| Proof { what, proved: true, seconds: 0.0, note: "practised only".to_owned() };
    [Proved::Connected, Proved::SignedIn, Proved::Administrator, Proved::SameServer].map(proof).into()
}

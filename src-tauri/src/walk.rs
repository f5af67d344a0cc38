//! One open walk: the session behind it, called for the window and answered in the window's words.

use crate::desk::Desk;
use crate::failure;
use crate::person::Person;
use crate::wire::running::RunList;
use crate::wire::{
    ApplyOutcome, ApplyReply, ApplyStep, Aside, CheckReply, CheckStep, Checked, Failure, FitRow, Measurable,
    MeasureReply, MeasureStep, PastRun, ServerHead, StorageAsk, Summary, UndoAnswers,
};
use crate::wire::{changing, checking, measuring, past, result};
use profiles::RoleChoice;
use remote::Secret;
use report::PdfError;
use session::{Aim, RunProgress, Session, WorkError, history};
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::ipc::Channel;
use tuning::run::Answers;
use tuning::{ChangeView, Difference, Refusal};
use vault::{Account, Kind};

#[derive(Debug)]
pub(crate) struct Walk {
    pub(crate) id: String,
    pub(crate) session: tokio::sync::Mutex<Session>,
    person: Arc<Person>,
    run: Mutex<OpenRun>,
}

/// Whether the server is being changed right now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum OpenRun {
    #[default]
    Nothing,
    /// At work, under the safety timer.
    Working,
    /// Waits for an answer until this time of day.
    Until(String),
}

impl Walk {
    pub(crate) fn new(id: String, session: Session, person: Arc<Person>) -> Walk {
        Walk { id, session: tokio::sync::Mutex::new(session), person, run: Mutex::default() }
    }

    pub(crate) fn open_run(&self) -> OpenRun {
        self.run.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_run(&self, run: OpenRun) {
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = run;
    }

    /// After a command: either somebody must answer, or nothing is open any more.
    fn note_waiting(&self, session: &Session) {
        let waits = session.waiting().map(|waiting| OpenRun::Until(waiting.put_back_at.time_of_day()));
        self.note_run(waits.unwrap_or_default());
    }

    pub(crate) async fn head(&self, notes: Vec<String>) -> ServerHead {
        checking::head(&self.id, &*self.session.lock().await, notes)
    }

    pub(crate) async fn check(&self, desk: &Arc<Desk>, choice: RoleChoice, on: &Channel<CheckStep>) -> CheckReply {
        match self.examine(desk, choice, on).await {
            Ok(reply) => reply,
            Err(error) => CheckReply::Refused { failure: failure::of_work(&error) },
        }
    }

    async fn examine(
        &self,
        desk: &Arc<Desk>,
        choice: RoleChoice,
        on: &Channel<CheckStep>,
    ) -> Result<CheckReply, WorkError> {
        let catalog = desk.catalog();
        send(on, CheckStep::Rows { rows: checking::rows(&catalog.needs(&choice)?) });
        let mut session = self.session.lock().await;
        session.choose_from(catalog);
        let _stoppable = desk.stoppable(session.arm());
        let mut tell = |progress| send(on, checking::step(progress));
        let stopped = session.examine(choice, Aim::Change, &mut tell).await?.stopped;
        keep_on_this_computer(desk, &session);
        let examination = session.examination().ok_or(WorkError::NotExamined)?;
        let checked = checking::checked(&session, examination);
        Ok(if stopped { CheckReply::Stopped(checked) } else { CheckReply::Checked(checked) })
    }

    /// What could be measured for the role that was checked; nothing before there was a check.
    pub(crate) async fn measurable(&self, desk: &Desk) -> Vec<Measurable> {
        let session = self.session.lock().await;
        if session.is_file() {
            return Vec::new();
        }
        let last = desk.store().ok().and_then(|store| history::last(&session, &store).ok().flatten());
        let mut all: Vec<_> =
            session.measurable().iter().map(|what| measuring::measurable(what, last.as_ref())).collect();
        all.extend(session.wants_storage().then(|| measuring::storage_of_yours(last.as_ref())));
        all
    }

    /// Measures what was chosen, one after the other, and judges anew.
    pub(crate) async fn measure(
        &self,
        desk: &Arc<Desk>,
        ids: &[String],
        storage: Option<StorageAsk>,
        on: &Channel<MeasureStep>,
    ) -> MeasureReply {
        let storage = match storage.map(StorageAsk::read).transpose() {
            Ok(storage) => storage,
            Err(failure) => return MeasureReply::Refused { failure: *failure },
        };
        let mut session = self.session.lock().await;
        let _stoppable = desk.stoppable(session.arm());
        let mut stopped = false;
        for what in session.measurable().iter().filter(|what| ids.contains(&measuring::id(what))) {
            send(on, MeasureStep::Started { id: measuring::id(what) });
            match session.measure(what, &mut |progress| send(on, measuring::step(what, progress))).await {
                Ok(()) => {}
                Err(error) if error.code() == "cancelled" => {
                    stopped = true;
                    break;
                }
                Err(error) => return MeasureReply::Refused { failure: failure::of_work(&error) },
            }
            let newest = session.examination().and_then(|now| Some((now.measured.last()?, now)));
            newest.into_iter().for_each(|(measured, now)| send(on, measuring::done(measured, now)));
        }
        if let Some((place, key)) = storage.filter(|_| !stopped) {
            send(on, MeasureStep::Started { id: measuring::STORAGE.to_owned() });
            match session.measure_storage(place, key).await {
                Ok(()) => {
                    let newest = session.examination().and_then(|now| Some((now.measured.last()?, now)));
                    newest.into_iter().for_each(|(measured, now)| send(on, measuring::done(measured, now)));
                }
                Err(error) if error.code() == "cancelled" => stopped = true,
                Err(error) => return MeasureReply::Refused { failure: failure::of_work(&error) },
            }
        }
        keep_on_this_computer(desk, &session);
        match session.examination().map(|examination| checking::checked(&session, examination)) {
            Some(checked) if stopped => MeasureReply::Stopped(checked),
            Some(checked) => MeasureReply::Measured(checked),
            None => MeasureReply::Refused { failure: failure::of_work(&WorkError::NotExamined) },
        }
    }

    pub(crate) async fn apply(&self, desk: &Arc<Desk>, ids: &[String], on: &Channel<ApplyStep>) -> ApplyReply {
        let mut session = self.session.lock().await;
        let chosen: Vec<_> = session.plan().changes.into_iter().filter(|change| ids.contains(&change.id)).collect();
        let ear = Ear::new(self, &chosen, on);
        let _stoppable = desk.stoppable(session.arm());
        self.note_run(OpenRun::Working);
        let ended = ear.while_it(session.apply(ids, desk.window_seconds(), &mut |progress| ear.hear(progress))).await;
        let ended = ended.map(|_| ());
        self.note_waiting(&session);
        ear.end(ended, &mut session).await
    }

    /// Puts back a run that was kept: a run of its own, under the same safety timer.
    pub(crate) async fn undo(
        &self,
        desk: &Arc<Desk>,
        run: &str,
        answers: UndoAnswers,
        on: &Channel<ApplyStep>,
    ) -> ApplyReply {
        let mut session = self.session.lock().await;
        let of_run = session.runs_of_this_walk().iter().find(|settled| settled.id.to_string() == run);
        let changes: Vec<_> = of_run.map(|settled| settled.changes.iter().rev().cloned().collect()).unwrap_or_default();
        let ear = Ear::new(self, &changes, on);
        let _stoppable = desk.stoppable(session.arm());
        let answers = Answers { leave: answers.leave, overwrite: answers.overwrite };
        let mut tell = |progress| ear.hear(progress);
        self.note_run(OpenRun::Working);
        let ended = ear.while_it(session.undo(run, &answers, desk.window_seconds(), &mut tell)).await;
        let ended = ended.map(|_| ());
        self.note_waiting(&session);
        if let Err(WorkError::Refused(Refusal::Drifted { acts })) = &ended {
            return edited(&mut session, run, acts).await;
        }
        ear.end(ended, &mut session).await
    }

    /// Takes up a run that still waits for an answer, from whichever computer it was begun.
    pub(crate) async fn take_up(&self, desk: &Arc<Desk>, run: &str, on: &Channel<ApplyStep>) -> ApplyReply {
        let mut session = self.session.lock().await;
        let ear = Ear::new(self, &[], on);
        let _stoppable = desk.stoppable(session.arm());
        let mut tell = |progress| ear.hear(progress);
        let ended = ear.while_it(session.take_up(run, &mut tell)).await.map(|_| ());
        self.note_waiting(&session);
        ear.end(ended, &mut session).await
    }

    /// Every run that the server remembers, newest first.
    pub(crate) async fn past_runs(&self) -> Result<Vec<PastRun>, Failure> {
        let mut session = self.session.lock().await;
        let receipts = session.runs().await.map_err(|error| failure::of_work(&error))?;
        Ok(past::runs(session.catalog(), &session, &receipts))
    }

    pub(crate) async fn join_setup(&self, setup: &str) {
        self.session.lock().await.join_setup(setup);
    }

    pub(crate) async fn keep(&self) -> ApplyOutcome {
        let mut session = self.session.lock().await;
        let kept = session.keep(&mut |_| {}).await.map(|settled| (settled.kept, settled.why.clone()));
        self.note_waiting(&session);
        match kept {
            Ok(settled) => outcome(&session, settled),
            Err(error) => ApplyOutcome::Refused { failure: failure::of_work(&error) },
        }
    }

    pub(crate) async fn put_back(&self) -> ApplyOutcome {
        let mut session = self.session.lock().await;
        let put_back = session.put_back(&mut |_| {}, &mut |_| {}).await;
        let put_back = put_back.map(|settled| (settled.kept, settled.why.clone()));
        self.note_waiting(&session);
        match put_back {
            Ok(settled) => outcome(&session, settled),
            Err(error) => ApplyOutcome::Refused { failure: failure::of_work(&error) },
        }
    }

    /// Sets the safety timer anew.
    pub(crate) async fn more_time(&self, desk: &Desk) -> ApplyReply {
        let mut session = self.session.lock().await;
        let more = session.more_time(desk.window_seconds()).await.map(|_| ());
        self.note_waiting(&session);
        match more {
            Ok(()) => waiting(&session),
            Err(error) => ApplyReply::Refused { failure: failure::of_work(&error) },
        }
    }

    pub(crate) async fn summary(&self) -> Result<Summary, Failure> {
        result::summary(&*self.session.lock().await).map_err(|error| failure::of_work(&error))
    }

    /// Takes the password for sudo and tries it at once; remembers it in the keychain when it was right and wanted so.
    pub(crate) async fn give_sudo(&self, desk: &Desk, password: String, remember: bool) -> Result<(), Failure> {
        let password = Secret::from(password);
        let mut session = self.session.lock().await;
        session.become_administrator(password.clone()).await.map_err(|error| failure::of_work(&error))?;
        let server = session.server();
        let account = Account::new(&server.user, &server.host, server.port);
        if remember {
            let kept = desk.remember(&account, Kind::Sudo, &password).await;
            kept.map_err(|error| failure::not_remembered(&error))?;
        }
        Ok(())
    }

    /// Which roles the server could carry. Before a role was chosen the server is read for the first one of the catalogue:
    /// every check reads what every role asks.
    pub(crate) async fn fit(&self, desk: &Arc<Desk>) -> Result<Vec<FitRow>, Failure> {
        let mut session = self.session.lock().await;
        if session.examination().is_none() {
            let _stoppable = desk.stoppable(session.arm());
            session.choose_from(desk.catalog());
            let any = session.catalog().roles().into_iter().next().ok_or_else(failure::no_walk)?;
            session.examine(any, Aim::Judge, &mut |_| {}).await.map_err(|error| failure::of_work(&error))?;
        }
        Ok(session.examination().map(|examination| result::fit(&examination.fit)).unwrap_or_default())
    }

    pub(crate) async fn give_word(
        &self,
        desk: &Desk,
        need: &str,
        answer: &str,
        name: &str,
    ) -> Result<Summary, Failure> {
        let mut session = self.session.lock().await;
        let yes = match answer {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        session.give_word(need, yes, name);
        let kept = desk.store().and_then(|store| history::keep_words(&session, &store));
        kept.map_err(|error| failure::of_work(&error.into()))?;
        result::summary(&session).map_err(|error| failure::of_work(&error))
    }

    /// Sets a need aside for a while, or takes it up again; what was said is kept with the server.
    pub(crate) async fn set_aside(&self, desk: &Desk, need: &str, aside: Option<Aside>) -> Result<Checked, Failure> {
        let mut session = self.session.lock().await;
        match aside {
            Some(Aside { reason, name, days }) => session.set_aside(need, &reason, &name, days),
            None => session.take_up_again(need),
        }
        let kept = desk.store().and_then(|store| history::keep_words(&session, &store));
        kept.map_err(|error| failure::of_work(&error.into()))?;
        let examination = session.examination().ok_or_else(failure::no_walk)?;
        Ok(checking::checked(&session, examination))
    }

    pub(crate) async fn pdf(&self) -> Result<Vec<u8>, Failure> {
        let report = self.report().await?;
        paper(move || report::pdf(&report)).await
    }

    /// Changes in the form that the file's name asks for: a playbook, else a script to be run by hand, with its undo.
    pub(crate) async fn changes_as(&self, path: &Path, changes: &[String]) -> Result<String, Failure> {
        let session = self.session.lock().await;
        let report = session.report().map_err(|error| failure::of_work(&error))?;
        let plan = report.plan.clone().unwrap_or_default().only(changes);
        if plan.changes.is_empty() {
            return Err(failure::of_work(&WorkError::NothingToDo));
        }
        let playbook = path.extension().is_some_and(|end| end == "yml" || end == "yaml");
        Ok(if playbook {
            report.ansible(&plan).playbook
        } else {
            session::script_by_hand(session.catalog(), &report, &plan)
        })
    }

    /// What was kept in this walk and what is still offered, as a playbook for servers like this one.
    pub(crate) async fn playbook(&self) -> Result<String, Failure> {
        let report = self.report().await?;
        let plan = self.session.lock().await.whole_plan();
        if plan.changes.is_empty() {
            return Err(failure::of_work(&WorkError::NothingToDo));
        }
        Ok(report.ansible(&plan).playbook)
    }

    /// What "Copy details" puts on the clipboard: enough to understand a report of trouble, and no secret.
    pub(crate) async fn details(&self) -> Result<String, Failure> {
        Ok(self.report().await?.json())
    }

    pub(crate) async fn json(&self) -> Result<Vec<u8>, Failure> {
        Ok(self.report().await?.json().into_bytes())
    }

    async fn report(&self) -> Result<report::Report, Failure> {
        self.session.lock().await.report().map_err(|error| failure::of_work(&error))
    }

    /// "chat-01 2026-11-20.pdf".
    pub(crate) async fn file_name(&self, extension: &str) -> String {
        let session = self.session.lock().await;
        let day = session.examination().map(|examination| examination.at.day()).unwrap_or_default();
        format!("{} {day}.{extension}", plain(&session.server().name))
    }
}

/// The combined report of a setup.
pub(crate) async fn setup_pdf(setup: &str, reports: Vec<report::Report>) -> Result<Vec<u8>, Failure> {
    let setup = setup.to_owned();
    paper(move || report::setup_pdf(&setup, &reports)).await
}

/// Setting pages takes a moment of pure computing, which must not hold up what else runs. What is kept of it for the next
/// report is thinned out afterwards, while nobody waits.
async fn paper(made: impl FnOnce() -> Result<Vec<u8>, PdfError> + Send + 'static) -> Result<Vec<u8>, Failure> {
    let pages = tokio::task::spawn_blocking(move || made().map_err(WorkError::Paper)).await;
    drop(tokio::task::spawn_blocking(report::forget_pages));
    pages.unwrap_or(Err(WorkError::Cancelled)).map_err(|error| failure::of_work(&error))
}

/// "Reforms-Large 2026-11-20.pdf".
pub(crate) fn setup_file(setup: &str, extension: &str) -> String {
    format!("{} {}.{extension}", plain(setup), session::Moment::now().day())
}

/// A name that every system takes as a file's.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    name.replace(", ", "-").chars().map(plain).collect()
}

/// Hears a run for the window, and tells the window how long there was nothing to hear.
struct Ear<'a> {
    list: Mutex<RunList>,
    heard: Mutex<Instant>,
    on: &'a Channel<ApplyStep>,
    person: &'a Person,
}

/// After so long without a sign of life contact counts as lost: the server says every 5 seconds that it is alive, and this
/// is three times nothing.
const LOST: Duration = Duration::from_secs(15);

/// How often the window learns how long the server has been silent.
const TICK: Duration = Duration::from_secs(1);

impl<'a> Ear<'a> {
    fn new(walk: &'a Walk, changes: &[ChangeView], on: &'a Channel<ApplyStep>) -> Ear<'a> {
        let list = RunList::new(changing::steps(changes));
        send(on, list.whole());
        let questions = on.clone();
        // The new connection that proves access may be asked for a code again.
        walk.person.hears(Some(Box::new(move |id, text, echo| send(&questions, ApplyStep::Prompt { id, text, echo }))));
        Ear { list: Mutex::new(list), heard: Mutex::new(Instant::now()), on, person: &walk.person }
    }

    fn hear(&self, progress: RunProgress) {
        if !matches!(progress, RunProgress::LostContact { .. }) {
            *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
        let told = self.list.lock().unwrap_or_else(PoisonError::into_inner).tell(progress);
        told.into_iter().for_each(|step| send(self.on, step));
    }

    async fn while_it<T>(&self, runs: impl Future<Output = T>) -> T {
        let mut tick = tokio::time::interval(TICK);
        tokio::pin!(runs);
        loop {
            tokio::select! {
                ended = &mut runs => return ended,
                _ = tick.tick() => {
                    let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
                    send(self.on, heard_ago(heard.elapsed()));
                }
            }
        }
    }

    async fn end(&self, ended: Result<(), WorkError>, session: &mut Session) -> ApplyReply {
        self.person.hears(None);
        match ended {
            Ok(()) => {
                let proved = session.waiting().is_some_and(session::Waiting::all_proved);
                let told = self.list.lock().unwrap_or_else(PoisonError::into_inner).proved(proved);
                told.into_iter().for_each(|step| send(self.on, step));
                waiting(session)
            }
            Err(WorkError::PutBack { why }) => match result::summary(session) {
                Ok(summary) => ApplyReply::PutBack { summary, why },
                Err(error) => ApplyReply::Refused { failure: failure::of_work(&error) },
            },
            Err(error) => ApplyReply::Refused { failure: failure::of_work(&error) },
        }
    }
}

fn heard_ago(silence: Duration) -> ApplyStep {
    ApplyStep::Heard { seconds: silence.as_secs_f64(), lost: silence >= LOST }
}

/// The places that somebody edited since `run`, each as it was, as the run left it, and as it is.
async fn edited(session: &mut Session, run: &str, acts: &[Difference]) -> ApplyReply {
    let mut places = Vec::new();
    for difference in acts {
        match session.compare(run, difference.act).await {
            Ok(compared) => places.push(past::edited(compared)),
            Err(error) => return ApplyReply::Refused { failure: failure::of_work(&error) },
        }
    }
    ApplyReply::Edited { run: run.to_owned(), places }
}

fn waiting(session: &Session) -> ApplyReply {
    match session.waiting() {
        Some(waiting) => ApplyReply::Keep(changing::keep_ask(waiting)),
        None => ApplyReply::Refused { failure: failure::of_work(&WorkError::NothingWaiting) },
    }
}

fn outcome(session: &Session, (kept, why): (bool, String)) -> ApplyOutcome {
    match result::summary(session) {
        Ok(summary) if kept => ApplyOutcome::Kept { summary },
        Ok(summary) => ApplyOutcome::PutBack { summary, why },
        Err(error) => ApplyOutcome::Refused { failure: failure::of_work(&error) },
    }
}

/// The check with all that was measured, for the next one to be compared with.
fn keep_on_this_computer(desk: &Desk, session: &Session) {
    if let Err(error) = desk.store().map_err(WorkError::from).and_then(|store| history::keep(session, &store)) {
        tracing::warn!(%error, "the check is not kept on this computer");
    }
}

/// A window that is gone hears nothing, and nothing here depends on it.
fn send<T: serde::Serialize>(on: &Channel<T>, step: T) {
    let _ = on.send(step);
}

#[cfg(test)]
mod tests {
    use super::heard_ago;
    use crate::wire::ApplyStep;
    use std::time::Duration;

    #[test]
    fn contact_counts_as_lost_after_three_missed_signs_of_life() {
        let lost = |seconds| matches!(heard_ago(Duration::from_secs(seconds)), ApplyStep::Heard { lost: true, .. });
        assert!(!lost(0) && !lost(14));
        assert!(lost(15) && lost(60));
    }
}

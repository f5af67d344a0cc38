//! One server's walk, from the first connection to the finished account.

use crate::account::{self, Materials};
use crate::answers::{Purpose, WalkAnswers};
use crate::clock::Moment;
use crate::cost;
use crate::doors;
use crate::error::WorkError;
use crate::examine::{self, Examination, Question, Words};
use crate::guarded::{self, Ending, Guarded};
use crate::link::{Dial, Link};
use crate::place::{Making, Place, Undoing};
use crate::practice::{Practice, Recording};
use crate::progress::CheckProgress;
use crate::remembered;
use crate::run::{Settled, Tell, Waiting};
use checks::Finding;
use facts::Context;
use measure::{Ground, Measured, Progress, Storage, StorageKey, What};
use profiles::{Answer, Catalog, RoleChoice, SetAside};
use remote::{Cancel, Elevate, Job};
use report::Report;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tuning::before::Before;
use tuning::receipt::{Comparison, ManifestAct, Receipt};
use tuning::run::Answers;
use tuning::{Asked, ChangeView, Plan, Prepared, Proposal};

/// The server as it is called and as it was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerHead {
    pub name: String,
    /// The address that was called; empty for this computer and for a file.
    pub host: String,
    pub port: u16,
    pub user: String,
    /// Fingerprint of the host key, `SHA256:…`.
    pub host_key: Option<String>,
    /// The address behind the name, as it was dialled; empty through a jump host and for this computer.
    pub dialled: String,
    /// `agent`, `key FILE`, `password`, several joined by ` + `.
    pub signed_in_by: String,
    pub connect_ms: u32,
}

/// One walk. What takes time takes `&mut self`, so only one thing happens at a time.
#[derive(Debug)]
pub struct Session {
    catalog: Arc<Catalog>,
    place: Place,
    server: ServerHead,
    answers: Arc<WalkAnswers>,
    cancel: Cancel,
    state: State,
    /// How everything was before the first run of this walk.
    first: Option<Examination>,
    /// Every run that ended in this walk, oldest first.
    runs: Vec<Settled>,
    /// The changes that were kept in this walk, with all that doing them takes.
    kept: Prepared,
    /// What the person has said about needs that no reading can settle.
    words: Words,
    /// What was said about this server in earlier walks.
    earlier: Words,
    /// The setup this server belongs to, where several servers make one; empty where none was named.
    setup: String,
    /// What was measured in this walk: it holds for later looks as well.
    measured: Vec<Measured>,
}

/// How far the walk is.
#[derive(Debug)]
enum State {
    Connected,
    Examined(Look),
    /// Changes were made and wait for an answer.
    Deciding(Look, Waiting),
}

/// An examination and what could be done about it.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) examination: Examination,
    /// What could be changed; not worked out where only judging was wanted.
    proposal: Option<Proposal>,
    stands: Before,
}

/// What a server is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Only to judge it.
    Judge,
    /// To propose changes as well: the places they would touch are looked at in the same breath.
    Change,
}

impl Look {
    /// Why a change that was asked for is not in the plan. That the server has it already is no error.
    fn not_in_plan(&self, catalog: &Catalog, change: &str) -> Result<(), WorkError> {
        let wants = |finding: &&Finding| finding.change.as_deref() == Some(change);
        if let Some(finding) = self.examination.findings.iter().find(wants) {
            let mut left = self.proposal.iter().flat_map(|proposal| &proposal.left);
            let left = left.find(|(id, _)| *id == finding.id);
            let why = left.map_or_else(|| finding.sentence.clone(), |(_, why)| why.clone());
            return Err(WorkError::NotOffered { change: change.to_owned(), why });
        }
        let known = catalog.needs(&self.examination.choice)?.iter().any(|need| need.change.as_deref() == Some(change));
        if known { Ok(()) } else { Err(WorkError::NoSuchChange(change.to_owned())) }
    }
}

impl Session {
    /// This computer, without a connection.
    pub fn here(catalog: Arc<Catalog>, answers: Arc<WalkAnswers>) -> Session {
        let server = ServerHead { name: crate::this_computer().name, ..ServerHead::default() };
        let cancel = Cancel::default();
        let link = Link::here();
        Session::new(catalog, Place::Line(link), server, answers, cancel)
    }

    /// A server over SSH. The host key is judged before any credential leaves this computer.
    pub async fn connect(
        catalog: Arc<Catalog>,
        target: remote::Target,
        options: remote::Options,
        answers: Arc<WalkAnswers>,
    ) -> Result<Session, remote::Error> {
        let started = Instant::now();
        let cancel = options.cancel.clone();
        let (link, head) = Link::over_ssh(Dial { target, options, answers: answers.clone() }).await?;
        let server = ServerHead { connect_ms: examine::millis(started), ..head };
        Ok(Session::new(catalog, Place::Line(link), server, answers, cancel))
    }

    /// The output of a probe that somebody ran by hand on a server this computer cannot reach.
    pub fn from_file(catalog: Arc<Catalog>, name: &str, raw: Vec<u8>, answers: Arc<WalkAnswers>) -> Session {
        let server = ServerHead { name: name.to_owned(), ..ServerHead::default() };
        Session::new(catalog, Place::File(raw), server, answers, Cancel::default())
    }

    /// A recorded server to practise on, with the whole walk and without any server.
    pub fn practice(catalog: Arc<Catalog>, name: &str, recording: Recording, answers: Arc<WalkAnswers>) -> Session {
        let server = ServerHead { name: name.to_owned(), ..ServerHead::default() };
        Session::new(catalog, Place::Practice(Practice::on(recording)), server, answers, Cancel::default())
    }

    fn new(
        catalog: Arc<Catalog>,
        place: Place,
        server: ServerHead,
        answers: Arc<WalkAnswers>,
        cancel: Cancel,
    ) -> Session {
        let (state, first, runs, words) = (State::Connected, None, Vec::new(), Words::default());
        let setup = String::new();
        Session {
            catalog,
            place,
            server,
            answers,
            cancel,
            state,
            first,
            runs,
            kept: Prepared::default(),
            words,
            earlier: Words::default(),
            setup,
            measured: Vec::new(),
        }
    }

    pub fn is_practice(&self) -> bool {
        self.place.is_practice()
    }

    /// Whether somebody carried the readings here, so that there is nobody to call.
    #[must_use]
    pub fn is_carried(&self) -> bool {
        self.place.is_carried()
    }

    /// Makes the server one of a setup of several, by the name a person gave that setup.
    pub fn join_setup(&mut self, setup: &str) {
        self.setup = setup.trim().to_owned();
    }

    pub fn setup(&self) -> &str {
        &self.setup
    }

    /// What can be chosen.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Takes up requirements that were opened after the server was; the next look asks what they ask.
    pub fn choose_from(&mut self, catalog: Arc<Catalog>) {
        self.catalog = catalog;
    }

    pub fn server(&self) -> &ServerHead {
        &self.server
    }

    /// The secrets of this walk: the sudo password is given here before examining again.
    pub fn answers(&self) -> &Arc<WalkAnswers> {
        &self.answers
    }

    /// A fresh button that stops whatever runs next, within two seconds. A button is good for one press.
    pub fn arm(&mut self) -> Cancel {
        self.cancel = Cancel::default();
        self.place.stop_with(&self.cancel);
        self.cancel.clone()
    }

    /// An answer to a run is not stopped by a press that was meant for what went before.
    fn unpressed(&mut self) {
        if self.cancel.is_cancelled() {
            self.arm();
        }
    }

    /// Whether readings stand for the server, carried here or recorded, so that there is nobody to call.
    pub fn is_file(&self) -> bool {
        !self.place.is_a_server()
    }

    /// Takes the password for sudo; it is used from the next request on and kept in memory for this walk.
    pub fn give_sudo_password(&self, password: remote::Secret) {
        self.place.give_sudo_password(&password);
        let server = &self.server;
        self.answers.give(Purpose::sudo(&server.user, &server.host, server.port), password);
    }

    /// Takes the password for sudo and tries it at once. A wrong one is forgotten.
    pub async fn become_administrator(&mut self, password: remote::Secret) -> Result<(), WorkError> {
        self.give_sudo_password(password);
        let link = self.place.line()?;
        let tried = link.ready().await?.start(Job::new("exit 0").elevate(Elevate::Required)).output().await;
        if let Err(error) = tried {
            let server = &self.server;
            self.answers.forget(&Purpose::sudo(&server.user, &server.host, server.port));
            return Err(error.into());
        }
        Ok(())
    }

    /// A person's word on a need that no reading can settle; `None` takes it back. It holds for every later look too.
    pub fn give_word(&mut self, need: &str, yes: Option<bool>, name: &str) {
        for words in [&mut self.words, &mut self.earlier] {
            words.answers.retain(|word| word.need != need);
        }
        self.words.answers.extend(yes.map(|yes| Answer {
            need: need.to_owned(),
            yes,
            name: name.to_owned(),
            date: Moment::now().day(),
        }));
        self.judge_anew();
    }

    /// Sets a need aside for so many days from today, with the reason and the name of who answers for it. It holds for
    /// every later look too.
    pub fn set_aside(&mut self, need: &str, reason: &str, name: &str, days: u32) {
        self.take_up_again(need);
        let until = Moment::now().plus(days.saturating_mul(24 * 60 * 60)).day();
        let (need, reason, name) = (need.to_owned(), reason.to_owned(), name.to_owned());
        self.words.aside.push(SetAside { need, reason, name, until });
        self.judge_anew();
    }

    /// A need that was set aside counts again.
    pub fn take_up_again(&mut self, need: &str) {
        for words in [&mut self.words, &mut self.earlier] {
            words.aside.retain(|word| word.need != need);
        }
        self.judge_anew();
    }

    fn judge_anew(&mut self) {
        let catalog = self.catalog.clone();
        let (words, earlier) = (&self.words, &self.earlier);
        if let State::Examined(look) | State::Deciding(look, _) = &mut self.state {
            look.examination.hear_words(&catalog, words, earlier);
        }
    }

    /// Takes all that was said before: answers and needs set aside, from files that people keep.
    pub fn take_words(&mut self, words: Words) {
        self.words = words;
    }

    /// What was said about this server before this walk. It counts from the next look on, where this walk says nothing else.
    pub(crate) fn recall(&mut self, earlier: Words) {
        self.earlier = earlier;
    }

    /// All that was said about this server: what was said before, but where this walk says something else.
    pub(crate) fn all_words(&self) -> Words {
        let mut all = self.earlier.clone();
        all.answers.retain(|old| !self.words.answers.iter().any(|new| new.need == old.need));
        all.aside.retain(|old| !self.words.aside.iter().any(|new| new.need == old.need));
        all.answers.extend(self.words.answers.iter().cloned());
        all.aside.extend(self.words.aside.iter().cloned());
        all
    }

    fn look(&self) -> Option<&Look> {
        match &self.state {
            State::Connected => None,
            State::Examined(look) | State::Deciding(look, _) => Some(look),
        }
    }

    /// The newest look, when there was one.
    pub fn examination(&self) -> Option<&Examination> {
        self.look().map(|look| &look.examination)
    }

    /// How everything was before the first run of this walk; `None` before there was one.
    pub fn first(&self) -> Option<&Examination> {
        self.first.as_ref()
    }

    pub fn plan(&self) -> Plan {
        self.look().and_then(|look| look.proposal.as_ref()).map(Proposal::view).unwrap_or_default()
    }

    /// The plan with all that doing it takes, for a file; `None` where none was worked out.
    pub fn prepared(&self) -> Option<Prepared> {
        let look = self.look()?;
        // a reading without the places that changes would touch: nobody could say whether they differ by then
        let unseen = self.is_file() && look.stands == Before::default();
        look.proposal.as_ref().filter(|_| !unseen).map(|proposal| Prepared::of(proposal, &look.stands))
    }

    /// All that makes of a fresh server like this one what this one is, and could be: the changes kept in this walk, then
    /// those still offered.
    pub fn whole_plan(&self) -> Prepared {
        let offered = self.prepared().unwrap_or_default();
        // what was kept and undone since is offered again
        let again = |id: &str| offered.changes.iter().any(|change| change.view.id == id);
        let kept = self.kept.changes.iter().filter(|change| !again(&change.view.id)).cloned();
        Prepared { changes: kept.chain(offered.changes.iter().cloned()).collect() }
    }

    /// Ids of the changes that `--all-safe` means: not off by advice, not of high risk.
    pub fn safe_changes(&self) -> Vec<String> {
        let safe = |proposal: &Proposal| proposal.safe().view().changes.into_iter().map(|change| change.id).collect();
        self.look().and_then(|look| look.proposal.as_ref()).map(safe).unwrap_or_default()
    }

    pub fn waiting(&self) -> Option<&Waiting> {
        match &self.state {
            State::Deciding(_, waiting) => Some(waiting),
            State::Connected | State::Examined(_) => None,
        }
    }

    /// How many needs it would cost to take back what settled these.
    pub fn undo_costs<'a>(&self, settled: impl IntoIterator<Item = &'a String>) -> u32 {
        let Some(now) = self.examination() else { return 0 };
        cost::of_undo(settled, &self.first.as_ref().unwrap_or(now).findings, &now.findings)
    }

    pub fn runs_of_this_walk(&self) -> &[Settled] {
        &self.runs
    }

    /// Reads the server once and judges it. What could be changed is worked out from the same look.
    pub async fn examine(
        &mut self,
        choice: RoleChoice,
        aim: Aim,
        progress: &mut (dyn FnMut(CheckProgress) + Send),
    ) -> Result<&Examination, WorkError> {
        if let Some(waiting) = self.waiting() {
            return Err(WorkError::Refused(tuning::Refusal::RunOpen { run: waiting.id.to_string() }));
        }
        let look = self.take_a_look(choice, aim, progress).await?;
        self.state = State::Examined(look);
        self.examination().ok_or(WorkError::NotExamined)
    }

    async fn take_a_look(
        &mut self,
        choice: RoleChoice,
        aim: Aim,
        progress: &mut (dyn FnMut(CheckProgress) + Send),
    ) -> Result<Look, WorkError> {
        let question = Question::new(choice, &self.catalog)?;
        let context = Context { dialled: self.server.dialled.parse().ok(), ..Context::default() };
        let looked = self.place.look(&question, &context, aim, &self.cancel, progress).await?;
        let (mut examination, stands) = looked;
        examination.timings.connect_ms = self.server.connect_ms;
        for measured in &self.measured {
            examination.learn(&self.catalog, measured.clone());
        }
        examination.hear_words(&self.catalog, &self.words, &self.earlier);
        let asked = Asked {
            tunings: &question.tunings,
            findings: &examination.findings,
            facts: &examination.facts,
            before: &stands,
            role: &examination.title,
        };
        let proposal = (aim == Aim::Change).then(|| tuning::plan(&asked));
        Ok(Look { examination, proposal, stands })
    }

    /// What could be measured for the role that was examined: the disk under each folder it names, and the processor.
    pub fn measurable(&self) -> Vec<What> {
        let needs = self.examination().map(|examination| examination.needs.as_slice()).unwrap_or_default();
        What::wanted(&checks::keys(needs))
    }

    /// Whether the role that was examined asks about a place for files, which only a person can name.
    pub fn wants_storage(&self) -> bool {
        let needs = self.examination().map(|examination| examination.needs.as_slice()).unwrap_or_default();
        checks::keys(needs).iter().any(|key| key.kind() == facts::Kind::StorageAllows)
    }

    /// Tries what the server cannot say of itself, and judges anew. Where it would hurt the server refuses: see
    /// [`Examination::measured`].
    pub async fn measure(&mut self, what: &What, tell: &mut (dyn FnMut(Progress) + Send)) -> Result<(), WorkError> {
        self.measure_with(what, None, tell).await
    }

    /// The same of a place for files, with a key of its owner's that nothing here keeps.
    pub async fn measure_storage(&mut self, storage: Storage, key: Option<StorageKey>) -> Result<(), WorkError> {
        self.measure_with(&What::Storage(storage), key.as_ref(), &mut |_| {}).await
    }

    async fn measure_with(
        &mut self,
        what: &What,
        storage_key: Option<&StorageKey>,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), WorkError> {
        let State::Examined(look) = &mut self.state else { return Err(WorkError::NotExamined) };
        let link = self.place.line()?;
        let ground = Ground {
            facts: &look.examination.facts,
            name: &self.server.host,
            dialled: self.server.dialled.parse().ok(),
            here: self.server.host.is_empty(),
            closed: &look.examination.kept_closed(),
            storage_key,
        };
        let measured = measure::measure(link.ready().await?, what, &ground, &self.cancel, tell).await?;
        self.measured.retain(|old| !old.what.is_like(what));
        self.measured.push(measured.clone());
        look.examination.learn(&self.catalog, measured);
        look.examination.hear_words(&self.catalog, &self.words, &self.earlier);
        Ok(())
    }

    /// Makes the changes with these ids under the safety timer, then proves over a new connection that a person can
    /// still get in. Afterwards the run waits for [`Session::keep`] or [`Session::put_back`]; no answer puts back.
    pub async fn apply(&mut self, ids: &[String], window_seconds: u32, tell: Tell<'_>) -> Result<&Waiting, WorkError> {
        let State::Examined(look) = &self.state else { return Err(WorkError::NotExamined) };
        let proposal = look.proposal.as_ref().map(|proposal| proposal.only(ids)).unwrap_or_default();
        for id in ids.iter().filter(|id| !proposal.changes.iter().any(|change| &change.id == *id)) {
            look.not_in_plan(&self.catalog, id)?;
        }
        if proposal.changes.is_empty() {
            return Err(WorkError::NothingToDo);
        }
        // A port that a rule stopped may be open afterwards: only a new try can tell.
        self.measured.retain(|measured| measured.ports.is_empty());
        let spec = guarded::spec(&look.examination.choice.to_string(), window_seconds)?;
        let changes = proposal.view().changes;
        let making =
            Making { proposal: &proposal, stands: &look.stands, doors: &doors::wanted(&look.examination.needs) };
        let guarded = self.place.make(&making, &spec, &self.cancel, tell).await?;
        self.decide(guarded, changes).await
    }

    /// What was changed now waits for an answer; what was put back already is looked at and told.
    async fn decide(&mut self, guarded: Guarded, changes: Vec<ChangeView>) -> Result<&Waiting, WorkError> {
        let look = match std::mem::replace(&mut self.state, State::Connected) {
            State::Examined(look) | State::Deciding(look, _) => look,
            State::Connected => return Err(WorkError::NotExamined),
        };
        match guarded {
            Guarded::Waits(waiting) => {
                self.state = State::Deciding(look, Waiting { changes, ..waiting });
                self.waiting().ok_or(WorkError::NothingWaiting)
            }
            Guarded::PutBack { run, why } => {
                self.state = State::Deciding(look, Waiting { changes, ..run });
                self.settle(false, why.clone(), &mut |_| {}).await?;
                Err(WorkError::PutBack { why })
            }
        }
    }

    /// Takes a kept run back, as a run of its own: it, too, waits for an answer.
    pub async fn undo(
        &mut self,
        run: &str,
        answers: &Answers,
        window_seconds: u32,
        tell: Tell<'_>,
    ) -> Result<&Waiting, WorkError> {
        let of_walk = self.runs.iter().find(|settled| settled.id.to_string() == run);
        let needs = self.examination().map(|examination| doors::wanted(&examination.needs)).unwrap_or_default();
        let undoing = Undoing { run, of_walk, answers, window_seconds, doors: &needs };
        let guarded = self.place.unmake(&undoing, &self.cancel, tell).await?;
        self.decide(guarded, Vec::new()).await
    }

    /// Keeps what was changed, unless the server was faster. Then looks again.
    pub async fn keep(&mut self, progress: &mut (dyn FnMut(CheckProgress) + Send)) -> Result<&Settled, WorkError> {
        self.unpressed();
        let State::Deciding(_, waiting) = &self.state else { return Err(WorkError::NothingWaiting) };
        let Ending { kept, why } = self.place.keep(waiting, &self.cancel).await?;
        self.settle(kept, why, progress).await
    }

    /// Puts everything back now, and follows until it is done. Then looks again.
    pub async fn put_back(
        &mut self,
        tell: Tell<'_>,
        progress: &mut (dyn FnMut(CheckProgress) + Send),
    ) -> Result<&Settled, WorkError> {
        self.unpressed();
        let State::Deciding(_, waiting) = &self.state else { return Err(WorkError::NothingWaiting) };
        let Ending { kept, why } = self.place.put_back(waiting, &self.cancel, tell).await?;
        self.settle(kept, why, progress).await
    }

    /// The run ended without us, by the safety timer: looks again and notes it.
    pub async fn put_back_by_server(
        &mut self,
        progress: &mut (dyn FnMut(CheckProgress) + Send),
    ) -> Result<&Settled, WorkError> {
        self.settle(false, guarded::NOBODY_ANSWERED.to_owned(), progress).await
    }

    async fn settle(
        &mut self,
        kept: bool,
        why: String,
        progress: &mut (dyn FnMut(CheckProgress) + Send),
    ) -> Result<&Settled, WorkError> {
        let State::Deciding(look, waiting) = std::mem::replace(&mut self.state, State::Connected) else {
            return Err(WorkError::NothingWaiting);
        };
        let choice = look.examination.choice.clone();
        self.place.settle(kept);
        if self.first.is_none() {
            self.first = Some(look.examination.clone());
        }
        if let (true, Some(proposal)) = (kept, &look.proposal) {
            let made = waiting.changes.iter().filter(|change| !waiting.failed.iter().any(|(id, _)| *id == change.id));
            let made: Vec<String> = made.map(|change| change.id.clone()).collect();
            self.kept.changes.extend(Prepared::of(&proposal.only(&made), &look.stands).changes);
        }
        self.state = State::Examined(look);
        self.runs.push(Settled {
            id: waiting.id,
            at: Moment::now(),
            kept,
            why,
            proof: waiting.proofs,
            changes: waiting.changes,
            failed: waiting.failed,
        });
        self.examine(choice, Aim::Change, progress).await?;
        self.runs.last().ok_or(WorkError::NothingWaiting)
    }

    /// Sets the safety timer anew. Returns the seconds that are left now.
    pub async fn more_time(&mut self, seconds: u32) -> Result<u32, WorkError> {
        self.unpressed();
        let id = self.waiting().ok_or(WorkError::NothingWaiting)?.id.clone();
        let seconds = self.place.more_time(&id, seconds, &self.cancel).await?;
        if let State::Deciding(_, waiting) = &mut self.state {
            waiting.deadline = Instant::now() + Duration::from_secs(u64::from(seconds));
            waiting.put_back_at = Moment::now().plus(seconds);
        }
        Ok(seconds)
    }

    /// Every run that this server remembers, oldest first.
    pub async fn runs(&mut self) -> Result<Vec<Receipt>, WorkError> {
        self.place.runs(&self.cancel).await
    }

    /// The run that waits for an answer, as it was when changes were looked for; asked now where that could not be seen.
    pub async fn open_run(&mut self) -> Result<Option<String>, WorkError> {
        if let State::Examined(look) = &self.state
            && let Some(open) = look.stands.open_runs()
        {
            return Ok(open.into_iter().next());
        }
        let open = self.runs().await?.into_iter().find(Receipt::is_open);
        Ok(open.map(|run| run.manifest.id.to_string()))
    }

    /// Makes the server forget a run that is over: nobody can undo it then. One that still waits is refused.
    pub async fn purge(&mut self, run: &str) -> Result<(), WorkError> {
        remembered::purge(self.place.line()?, run, &self.cancel).await
    }

    /// A place that a run touched, three times: before the run, as the run left it, and now. What a person needs to see
    /// before an undo goes over somebody's edit.
    pub async fn compare(&mut self, run: &str, act: u32) -> Result<(ManifestAct, Comparison), WorkError> {
        remembered::compare(self.place.line()?, run, act, &self.cancel).await
    }

    /// Takes up a run that was begun earlier, here or on another computer: follows it until it waits, and proves over a
    /// new connection what the one who began it would have had to prove.
    pub async fn take_up(&mut self, run: &str, tell: Tell<'_>) -> Result<&Waiting, WorkError> {
        let State::Examined(_) = &self.state else { return Err(WorkError::NotExamined) };
        let waiting = remembered::take_up(self.place.line()?, run, &self.cancel, tell).await?;
        let State::Examined(look) = std::mem::replace(&mut self.state, State::Connected) else {
            return Err(WorkError::NotExamined);
        };
        self.state = State::Deciding(look, waiting);
        self.waiting().ok_or(WorkError::NothingWaiting)
    }

    /// The finished account of this walk.
    pub fn report(&self) -> Result<Report, WorkError> {
        let now = self.examination().ok_or(WorkError::NotExamined)?;
        let by_hand = self.place.runs_by_hand();
        let prepared = self.prepared();
        let materials = Materials {
            catalog: &self.catalog,
            server: &self.server,
            practice: self.is_practice(),
            before: self.first.as_ref(),
            now,
            plan: self
                .look()
                .and_then(|look| look.proposal.as_ref())
                .filter(|_| prepared.is_some())
                .map(Proposal::view),
            prepared,
            runs: &self.runs,
            by_hand: &by_hand,
        };
        Ok(account::account(&materials))
    }
}

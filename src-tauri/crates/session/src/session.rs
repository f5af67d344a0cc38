//! One server's walk, from the first connection to the finished account.

use crate::account::{self, Materials};
use crate::answers::{Purpose, WalkAnswers};
use crate::clock::Moment;
use crate::error::WorkError;
use crate::examine::{self, Examination, Places, Question, Words};
use crate::link::{Dial, Link};
use crate::practice::{self, Practice, Recording};
use crate::progress::{CheckProgress, RunProgress};
use crate::run::{self, Settled, Tell, Waiting};
use checks::Finding;
use facts::Context;
use measure::{Ground, Measured, Progress, What};
use profiles::{Answer, Catalog, RoleChoice};
use remote::{Cancel, Elevate, Job, Output};
use report::Report;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tuning::before::Before;
use tuning::receipt::{Comparison, ManifestAct, Receipt};
use tuning::run::{Answers, RunId, RunSpec};
use tuning::script::BY_HAND;
use tuning::{Asked, ChangeView, End, Plan, Prepared, Proposal};

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

/// Where facts come from.
#[derive(Debug)]
enum Place {
    Line(Link),
    /// Output of a probe that somebody ran by hand.
    File(Vec<u8>),
    /// Recorded readings to try things on: everything that leaves this walk says so.
    Practice(Practice),
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
        matches!(self.place, Place::Practice(_))
    }

    /// Makes the server one of a setup of several, by the name a person gave that setup.
    pub fn join_setup(&mut self, setup: &str) {
        self.setup = setup.trim().to_owned();
    }

    pub fn setup(&self) -> &str {
        &self.setup
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
        if let Place::Line(link) = &mut self.place {
            link.stop_with(&self.cancel);
        }
        self.cancel.clone()
    }

    /// An answer to a run is not stopped by a press that was meant for what went before.
    fn unpressed(&mut self) {
        if self.cancel.is_cancelled() {
            self.arm();
        }
    }

    /// Whether only the output of a probe is there, and no server.
    pub fn is_file(&self) -> bool {
        !matches!(self.place, Place::Line(_))
    }

    /// Takes the password for sudo; it is used from the next request on and kept in memory for this walk.
    pub fn give_sudo_password(&self, password: remote::Secret) {
        if let Place::Line(link) = &self.place {
            link.give_sudo_password(password.clone());
        }
        let server = &self.server;
        self.answers.give(Purpose::sudo(&server.user, &server.host, server.port), password);
    }

    /// Takes the password for sudo and tries it at once. A wrong one is forgotten.
    pub async fn become_administrator(&mut self, password: remote::Secret) -> Result<(), WorkError> {
        self.give_sudo_password(password);
        let Place::Line(link) = &mut self.place else { return Err(WorkError::OnlyAFile) };
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
        let (mut examination, stands) = match &mut self.place {
            Place::File(raw) => (examine::examine_saved(raw, &question, &context)?, Before::read(raw, BY_HAND)),
            Place::Practice(practice) => practice.examine(&question, &context)?,
            Place::Line(link) => {
                let remote = link.ready().await?;
                let probing = examine::ask(remote, &question);
                let places = (aim == Aim::Change).then(|| Places::look(remote, &question));
                let examination = examine::examine(probing, &question, &context, &self.cancel, progress).await?;
                let stands = match places {
                    Some(places) => places.seen(remote, &self.cancel).await,
                    None => Before::default(),
                };
                (examination, stands)
            }
        };
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

    /// Tries what the server cannot say of itself, and judges anew. Where it would hurt the server refuses: see
    /// [`Examination::measured`].
    pub async fn measure(&mut self, what: &What, tell: &mut (dyn FnMut(Progress) + Send)) -> Result<(), WorkError> {
        let State::Examined(look) = &mut self.state else { return Err(WorkError::NotExamined) };
        let Place::Line(link) = &mut self.place else { return Err(WorkError::OnlyAFile) };
        let ground = Ground {
            facts: &look.examination.facts,
            name: &self.server.host,
            dialled: self.server.dialled.parse().ok(),
            here: self.server.host.is_empty(),
            closed: &look.examination.kept_closed(),
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
        let spec = spec(&look.examination.choice.to_string(), window_seconds)?;
        let changes = proposal.view().changes;
        let guarded = match &mut self.place {
            Place::File(_) => return Err(WorkError::OnlyAFile),
            Place::Practice(practice) => practised(practice.make(&changes, &spec, &self.cancel, tell).await, &spec)?,
            Place::Line(link) => {
                let nonce = crate::nonce();
                let script = tuning::run::launch(&proposal, &look.stands, &spec, &nonce);
                guarded(link, &spec, script, &nonce, &self.cancel, tell).await?
            }
        };
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
        if let Place::Practice(practice) = &mut self.place {
            let of_run = self.runs.iter().find(|settled| settled.id.to_string() == run);
            let of_run = of_run.ok_or_else(|| WorkError::NoSuchRun(run.to_owned()))?;
            let spec = spec("", window_seconds)?;
            let guarded = practised(practice.unmake(&of_run.changes, &spec, &self.cancel, tell).await, &spec)?;
            return self.decide(guarded, Vec::new()).await;
        }
        let receipt = self.receipt(run).await?;
        let Place::Line(link) = &mut self.place else { return Err(WorkError::OnlyAFile) };
        let spec = spec(&receipt.manifest.role, window_seconds)?;
        let nonce = crate::nonce();
        let script = tuning::run::undo(&receipt, answers, &spec, &nonce);
        let guarded = guarded(link, &spec, script, &nonce, &self.cancel, tell).await?;
        self.decide(guarded, Vec::new()).await
    }

    /// Keeps what was changed, unless the server was faster. Then looks again.
    pub async fn keep(&mut self, progress: &mut (dyn FnMut(CheckProgress) + Send)) -> Result<&Settled, WorkError> {
        self.unpressed();
        let waiting = self.waiting().ok_or(WorkError::NothingWaiting)?;
        if self.is_practice() {
            let late = waiting.seconds_left() <= 0.0;
            let why = if late { "The answer came too late." } else { "" };
            return self.settle(!late, why.to_owned(), progress).await;
        }
        let (id, until) = (waiting.id.clone(), waiting.deadline + UNHEARD);
        let Place::Line(link) = &mut self.place else { return Err(WorkError::OnlyAFile) };
        let (kept, why) = match run::keep(link, &id, until, &self.cancel).await? {
            End::Kept | End::Unchanged => (true, String::new()),
            End::TooLate | End::PutBack | End::NoSuchRun => (false, "The answer came too late.".to_owned()),
            End::Stuck => (false, STUCK.to_owned()),
            other => return Err(unexpected(&other)),
        };
        self.settle(kept, why, progress).await
    }

    /// Puts everything back now, and follows until it is done. Then looks again.
    pub async fn put_back(
        &mut self,
        tell: Tell<'_>,
        progress: &mut (dyn FnMut(CheckProgress) + Send),
    ) -> Result<&Settled, WorkError> {
        self.unpressed();
        let id = self.waiting().ok_or(WorkError::NothingWaiting)?.id.clone();
        if let (true, Some(waiting)) = (self.is_practice(), self.waiting()) {
            let why = if waiting.seconds_left() > 0.0 { "You asked for it." } else { NOBODY_ANSWERED };
            return self.settle(false, why.to_owned(), progress).await;
        }
        let Place::Line(link) = &mut self.place else { return Err(WorkError::OnlyAFile) };
        let nonce = crate::nonce();
        let script = tuning::run::put_back(&id, &nonce);
        link.ready().await?;
        let followed = run::follow(link, &id, script, &nonce, &self.cancel, tell).await?;
        let why = match followed.end {
            End::PutBack => "You asked for it.".to_owned(),
            End::Stuck => STUCK.to_owned(),
            // an earlier word of ours to keep it was heard, though its answer was not
            End::Kept | End::Unchanged => return self.settle(true, String::new(), progress).await,
            other => return Err(unexpected(&other)),
        };
        self.settle(false, why, progress).await
    }

    /// The run ended without us, by the safety timer: looks again and notes it.
    pub async fn put_back_by_server(
        &mut self,
        progress: &mut (dyn FnMut(CheckProgress) + Send),
    ) -> Result<&Settled, WorkError> {
        self.settle(false, NOBODY_ANSWERED.to_owned(), progress).await
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
        if let Place::Practice(practice) = &mut self.place {
            practice.settle(kept);
        }
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
        let nonce = crate::nonce();
        let seconds = if self.is_practice() {
            seconds
        } else {
            match self.request(tuning::run::extend(&id, seconds, &nonce), &nonce).await? {
                End::Extended { seconds } => seconds,
                other => return Err(unexpected(&other)),
            }
        };
        if let State::Deciding(_, waiting) = &mut self.state {
            waiting.deadline = Instant::now() + Duration::from_secs(u64::from(seconds));
            waiting.put_back_at = Moment::now().plus(seconds);
        }
        Ok(seconds)
    }

    /// Every run that this server remembers, oldest first.
    pub async fn runs(&mut self) -> Result<Vec<Receipt>, WorkError> {
        if self.is_practice() {
            return Ok(Vec::new());
        }
        let nonce = crate::nonce();
        let output = self.ask(tuning::run::runs(&nonce)).await?;
        Ok(tuning::receipt::read(&output.stdout, &nonce))
    }

    /// Makes the server forget a run that is over: nobody can undo it then. One that still waits is refused.
    pub async fn purge(&mut self, run: &str) -> Result<(), WorkError> {
        let id = self.receipt(run).await?.manifest.id;
        let nonce = crate::nonce();
        match self.request(tuning::run::purge(&id, &nonce), &nonce).await? {
            End::Purged => Ok(()),
            End::Refused(refusal) => Err(refusal.into()),
            other => Err(unexpected(&other)),
        }
    }

    /// A short question that needs an administrator's rights and changes nothing.
    async fn ask(&mut self, script: String) -> Result<Output, WorkError> {
        let cancel = self.cancel.clone();
        let Place::Line(link) = &mut self.place else { return Err(WorkError::OnlyAFile) };
        let running = link.ready().await?.start(Job::new(script).elevate(Elevate::Required));
        tokio::select! {
            () = cancel.cancelled() => Err(WorkError::Cancelled),
            output = running.output() => Ok(output?),
        }
    }

    /// A place that a run touched, three times: before the run, as the run left it, and now. What a person needs to see
    /// before an undo goes over somebody's edit.
    pub async fn compare(&mut self, run: &str, act: u32) -> Result<(ManifestAct, Comparison), WorkError> {
        let receipt = self.receipt(run).await?;
        let mut acts = receipt.manifest.changes.iter().flat_map(|change| &change.acts);
        let act = acts.find(|known| known.number == act).ok_or_else(|| WorkError::NoSuchRun(run.to_owned()))?;
        let nonce = crate::nonce();
        let output = self.ask(tuning::run::compare(&receipt.manifest.id, act, &nonce)).await?;
        let said = || remote::visible(&String::from_utf8_lossy(&output.stderr), 600);
        let comparison = tuning::receipt::read_comparison(&output.stdout, &nonce);
        let comparison = comparison.ok_or_else(|| WorkError::RunnerSilent { code: output.code, said: said() })?;
        Ok((act.clone(), comparison))
    }

    async fn receipt(&mut self, run: &str) -> Result<Receipt, WorkError> {
        let receipts = self.runs().await?;
        let found = receipts.into_iter().find(|receipt| receipt.manifest.id.to_string() == run);
        found.ok_or_else(|| WorkError::NoSuchRun(run.to_owned()))
    }

    /// Takes up a run that was begun earlier, here or on another computer: follows it until it waits, and proves over a
    /// new connection what the one who began it would have had to prove.
    pub async fn take_up(&mut self, run: &str, tell: Tell<'_>) -> Result<&Waiting, WorkError> {
        let receipt = self.receipt(run).await?;
        let State::Examined(_) = &self.state else { return Err(WorkError::NotExamined) };
        let Place::Line(link) = &mut self.place else { return Err(WorkError::OnlyAFile) };
        let nonce = crate::nonce();
        let id = receipt.manifest.id.clone();
        let script = match receipt.is_open() {
            true => tuning::run::resume(&id, &nonce),
            false => tuning::run::follow(&id, &nonce),
        };
        let followed = run::follow(link, &id, script, &nonce, &self.cancel, tell).await?;
        let waiting = match followed.end {
            End::Waiting => {
                // what this line reads a new one must read as well, or nothing is proved
                let nonce = crate::nonce();
                let value =
                    match run::request(link.remote(), tuning::run::proof(&id, &nonce), &nonce, &self.cancel).await? {
                        End::Proof { value } => value,
                        other => return Err(unexpected(&other)),
                    };
                tell(RunProgress::Proving);
                let families = link.families().await;
                let proofs = run::prove(link, &id, &value, &families, &self.cancel).await;
                run::waiting(id, proofs, followed)
            }
            End::Refused(refusal) => return Err(refusal.into()),
            other => return Err(unexpected(&other)),
        };
        let State::Examined(look) = std::mem::replace(&mut self.state, State::Connected) else {
            return Err(WorkError::NotExamined);
        };
        self.state = State::Deciding(look, waiting);
        self.waiting().ok_or(WorkError::NothingWaiting)
    }

    async fn request(&mut self, script: String, nonce: &str) -> Result<End, WorkError> {
        let cancel = self.cancel.clone();
        let Place::Line(link) = &mut self.place else { return Err(WorkError::OnlyAFile) };
        run::request(link.ready().await?, script, nonce, &cancel).await
    }

    /// The finished account of this walk.
    pub fn report(&self) -> Result<Report, WorkError> {
        let now = self.examination().ok_or(WorkError::NotExamined)?;
        let by_hand = match &self.place {
            Place::File(raw) => tuning::receipt::read(raw, BY_HAND),
            Place::Line(_) | Place::Practice(_) => Vec::new(),
        };
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

/// What a new run is called and how long it waits.
fn spec(role: &str, window_seconds: u32) -> Result<RunSpec, WorkError> {
    let now = Moment::now();
    let nonce = crate::nonce();
    let id = format!("{}-{}", now.compact(), nonce.get(..6).unwrap_or_default());
    let id: RunId = id.parse().map_err(|_| WorkError::NoSuchRun(id))?;
    Ok(RunSpec {
        id,
        role: role.to_owned(),
        at: now.rfc3339(),
        window: window_seconds,
        step: RunSpec::STEP,
        longest: RunSpec::LONGEST,
        proof: crate::nonce(),
    })
}

/// How a run under the safety timer came out.
#[derive(Debug)]
enum Guarded {
    Waits(Waiting),
    /// Everything was put back: by the server, which had not heard from us in time, or because the person stopped it.
    PutBack {
        run: Waiting,
        why: String,
    },
}

/// How a run on a recorded server came out.
fn practised(gone_through: Result<run::Followed, WorkError>, spec: &RunSpec) -> Result<Guarded, WorkError> {
    let (followed, stopped) = match gone_through {
        Err(WorkError::Cancelled) => (practice::waits(spec), true),
        followed => (followed?, false),
    };
    let proofs = if stopped { Vec::new() } else { practice::proofs() };
    let run = run::waiting(spec.id.clone(), proofs, followed);
    Ok(if stopped { Guarded::PutBack { run, why: STOPPED.to_owned() } } else { Guarded::Waits(run) })
}

/// Whoever presses Cancel has to feel it within two seconds; half a second of them is for saying so.
const FELT: Duration = Duration::from_millis(1500);

/// So long after the last moment to answer it is still asked what became of the answer.
const UNHEARD: Duration = Duration::from_secs(60);

const TOO_LATE: &str = "The server had not heard from this computer in time, so it put everything back.";
const NOBODY_ANSWERED: &str = "Nobody answered in time, so the server put everything back.";
const STOPPED: &str = "You stopped it.";
const STUCK: &str = "Some of it could not be put back; the server tries again at every start.";

/// Starts a run, follows it until it waits, and proves over a new connection. Stopping it puts everything back.
async fn guarded(
    link: &mut Link,
    spec: &RunSpec,
    script: String,
    nonce: &str,
    cancel: &Cancel,
    tell: Tell<'_>,
) -> Result<Guarded, WorkError> {
    link.ready().await?;
    // what works now is what has to work afterwards
    let families = link.families().await;
    let followed = match run::follow(link, &spec.id, script, nonce, cancel, tell).await {
        Err(WorkError::Cancelled) => return stopped(link, spec, tell).await,
        followed => followed?,
    };
    let id = spec.id.clone();
    let why = match followed.end {
        End::Waiting => {
            tell(RunProgress::Proving);
            let proofs = run::prove(link, &spec.id, &spec.proof, &families, cancel).await;
            return Ok(Guarded::Waits(run::waiting(id, proofs, followed)));
        }
        End::Refused(refusal) => return Err(refusal.into()),
        End::Unchanged => return Err(WorkError::NothingToDo),
        End::PutBack | End::NoSuchRun => TOO_LATE,
        End::Stuck => STUCK,
        other => return Err(unexpected(&other)),
    };
    Ok(Guarded::PutBack { run: run::waiting(id, Vec::new(), followed), why: why.to_owned() })
}

/// The person stopped a run that was under way: everything goes back at once, and nothing stops that. Where the server
/// cannot be heard nobody waits for it: it puts everything back without us.
async fn stopped(link: &mut Link, spec: &RunSpec, tell: Tell<'_>) -> Result<Guarded, WorkError> {
    let never = Cancel::default();
    link.stop_with(&never);
    let nonce = crate::nonce();
    let (heard, lost) = (Notify::new(), Notify::new());
    let mut tell = |progress: RunProgress| {
        match progress {
            RunProgress::LostContact { .. } => lost.notify_one(),
            _ => heard.notify_one(),
        }
        tell(progress);
    };
    let unheard = async {
        if tokio::time::timeout(FELT, heard.notified()).await.is_ok() {
            lost.notified().await;
        }
    };
    let followed = tokio::select! {
        followed = run::follow(link, &spec.id, tuning::run::put_back(&spec.id, &nonce), &nonce, &never, &mut tell) => Some(followed?),
        () = unheard => None,
    };
    let Some(followed) = followed else {
        link.hang_up();
        return Err(WorkError::StoppedUnheard);
    };
    let why = match followed.end {
        End::PutBack => STOPPED,
        // Stopped before the server had begun: there is nothing to put back.
        End::NoSuchRun | End::Lost => return Err(WorkError::Cancelled),
        End::Stuck => STUCK,
        other => return Err(unexpected(&other)),
    };
    Ok(Guarded::PutBack { run: run::waiting(spec.id.clone(), Vec::new(), followed), why: why.to_owned() })
}

/// The server said something that makes no sense here. It puts everything back by itself in any case.
fn unexpected(end: &End) -> WorkError {
    WorkError::RunnerSilent { code: 0, said: format!("{end:?}") }
}

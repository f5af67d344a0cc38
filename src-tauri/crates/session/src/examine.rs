//! One look at a server: the probe runs once, is read while it streams, and every need is judged as soon as it can be.

use crate::clock::Moment;
use crate::error::WorkError;
use crate::progress::CheckProgress;
use checks::{Counts, Finding, Matrix, Overall};
use facts::frame::{Reader, Section};
use facts::probe::{self, Asks};
use facts::{Clock, Context, Facts, Key, Kind, Value};
use measure::Measured;
use profiles::{Answer, Bound, Catalog, Need, Part, RoleChoice, SetAside, Tuning};
use remote::{Cancel, Elevate, Event, Fault, Job, NotRoot, Output, Privilege, Remote, Running, Stage};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use tuning::before::Before;

/// How long the probe may say nothing at all. It says every three seconds that it still waits for a section.
const SILENCE: Duration = Duration::from_secs(20);

/// A server that is read says something every few moments: after this long nobody knows whether it is there.
const QUIET: Duration = Duration::from_secs(5);

/// The section in which the server tells its time; when it comes in, this computer looks at its own clock.
const CLOCK_SECTION: &str = "now";

/// What one look gave.
#[derive(Clone, Debug)]
pub struct Examination {
    pub choice: RoleChoice,
    /// "A prover with 6 workers".
    pub title: String,
    pub facts: Facts,
    pub needs: Vec<Need>,
    pub findings: Vec<Finding>,
    pub counts: Counts,
    pub overall: Overall,
    /// Which roles this server could carry.
    pub fit: Matrix,
    /// As whom the probe ran: what only an administrator may see is hidden from anybody else.
    pub privilege: Privilege,
    pub at: Moment,
    pub timings: Timings,
    /// The probe's output word for word, for `--facts-out`.
    pub raw: Vec<u8>,
    /// Whether the person stopped it before the end.
    pub stopped: bool,
    /// Whether it was stopped when nothing had been heard for so long that the line may be dead.
    pub unheard: bool,
    /// Words of people that changed nothing, each as a sentence with the reason.
    pub without_effect: Vec<String>,
    /// What was tried, not read, in the order it was.
    pub measured: Vec<Measured>,
}

/// What one fact comes to in the need that asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    pub verdict: checks::Verdict,
    pub needed: String,
    pub ratio: Option<f64>,
}

/// What people say about needs: answers that no reading gives, and needs set aside for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    pub answers: Vec<Answer>,
    pub aside: Vec<SetAside>,
}

impl Examination {
    /// Lays a measurement over what was read. Judging anew follows with [`Examination::hear_words`].
    pub(crate) fn learn(&mut self, catalog: &Catalog, measured: Measured) {
        measure::learn(&mut self.facts, &measured);
        self.compare_with_every_role(catalog);
        self.measured.retain(|old| !old.what.is_like(&measured.what));
        self.measured.push(measured);
    }

    /// After a fact has become another.
    pub(crate) fn compare_with_every_role(&mut self, catalog: &Catalog) {
        self.fit = checks::fit_roles(catalog, &catalog.roles(), &self.facts, &self.at.day());
    }

    /// Ports that a need wants nobody outside to reach.
    pub(crate) fn kept_closed(&self) -> Vec<String> {
        let open = Value::Text("open".to_owned());
        let forbids = |part: &&Part| matches!(&part.bound, Bound::NoneOf(values) if values.contains(&open));
        let keys = self.needs.iter().flat_map(|need| &need.parts).filter(forbids).filter_map(|part| part.key.as_ref());
        keys.filter(|key| key.kind() == Kind::PortOutside).map(|key| key.argument().to_owned()).collect()
    }

    /// What the need that is about this fact comes to, and what it asks; `None` where none is.
    pub fn answered_by(&self, key: &Key) -> Option<Answered> {
        let about = |need: &&Need| need.parts.iter().any(|part| part.key.as_ref() == Some(key));
        let need = self.needs.iter().find(about)?;
        let finding = self.findings.iter().find(|finding| finding.id == need.id)?;
        let part = need.parts.iter().find(|part| part.key.as_ref() == Some(key))?;
        // What is only shown answers nothing.
        if matches!(part.bound, profiles::Bound::Shown) {
            return None;
        }
        let of_its_own = finding.parts.iter().find(|found| Some(&found.title) == part.title.as_ref());
        Some(match of_its_own {
            Some(found) => Answered { verdict: found.verdict, needed: found.needed.text.clone(), ratio: None },
            None => Answered { verdict: finding.verdict, needed: finding.needed.text.clone(), ratio: finding.ratio },
        })
    }

    /// Judges anew, so that words taken back count no more, and lays the words of people over it: those of this walk, and
    /// where it has none, those from before. Only of this walk's is it said when they change nothing, for earlier ones may
    /// have been about another role.
    pub(crate) fn hear_words(&mut self, catalog: &Catalog, words: &Words, earlier: &Words) {
        let today = self.at.day();
        let judge = |need| checks::judge_with(need, &self.facts, &today, &catalog.support);
        self.findings = self.needs.iter().map(judge).collect();
        self.without_effect = checks::confirm(&mut self.findings, &words.answers);
        self.without_effect.extend(checks::waive(&mut self.findings, &words.aside, &today));
        checks::confirm(&mut self.findings, &earlier.answers);
        checks::waive(&mut self.findings, &earlier.aside, &today);
        self.counts = checks::counts(&self.findings);
        self.overall = checks::overall(&self.findings);
    }
}

/// Where the time went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    pub connect_ms: u32,
    pub probe_ms: u32,
    pub judge_ms: u32,
    /// Times that this computer waited for the server's answer.
    pub round_trips: u32,
}

/// What to look for: everything that the needs of a role ask.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) catalog: &'a Catalog,
    choice: RoleChoice,
    title: String,
    needs: Vec<Need>,
    pub(crate) tunings: Vec<Tuning>,
    asks: Asks,
}

impl<'a> Question<'a> {
    pub(crate) fn new(choice: RoleChoice, catalog: &'a Catalog) -> Result<Question<'a>, profiles::BadRole> {
        let product = catalog.product(&choice.product)?;
        let choice = product.complete(&choice)?;
        let needs = product.needs(&choice)?;
        let asks = everything(catalog, &needs);
        let title = format!("{}, {}", product.title, product.title_of(&choice)?);
        Ok(Question { catalog, title, tunings: product.tunings(&choice)?, needs, asks, choice })
    }
}

/// All that any role asks: the server is read once, and then every role can be judged.
pub fn everything(catalog: &Catalog, needs: &[Need]) -> Asks {
    let roles: Vec<Need> = catalog.roles().iter().filter_map(|role| catalog.needs(role).ok()).flatten().collect();
    Asks::of(&checks::keys(needs.iter().chain(&roles)))
}

/// A probe that is under way.
#[derive(Debug)]
pub(crate) struct Probing {
    at: Moment,
    nonce: String,
    started: Instant,
    running: Running,
}

/// Sends the probe to `remote`.
pub(crate) fn ask(remote: &dyn Remote, question: &Question<'_>) -> Probing {
    let nonce = crate::nonce();
    let running = remote.start(asking(probe::script(&question.asks, &nonce)));
    Probing { at: Moment::now(), nonce, started: Instant::now(), running }
}

/// Judges what the server says, telling `progress` as it comes.
pub(crate) async fn examine(
    probing: Probing,
    question: &Question<'_>,
    context: &Context,
    cancel: &Cancel,
    progress: &mut (dyn FnMut(CheckProgress) + Send),
) -> Result<Examination, WorkError> {
    let Probing { at, nonce, started, mut running } = probing;
    let mut look = Look::new(question, context, &nonce, &at);
    let mut stopped = false;
    let mut heard = started;
    loop {
        let event = tokio::select! {
            () = cancel.cancelled() => { stopped = true; break }
            event = running.events.recv() => event,
        };
        heard = Instant::now();
        match event {
            Some(Event::Started { privilege }) => {
                look.privilege = privilege;
                look.sent = Moment::now().unix_milliseconds();
            }
            Some(Event::Stdout(bytes)) => look.hear(&bytes, progress),
            Some(Event::Stderr(bytes)) => tracing::debug!(bytes = bytes.len(), "the probe wrote to standard error"),
            Some(Event::Exit { .. }) | None => break,
            Some(Event::Failed(error)) => return Err(error.into()),
        }
    }
    let unheard = stopped && heard.elapsed() > QUIET;
    Ok(Examination { unheard, ..look.finish(stopped, millis(started), progress)? })
}

/// The places that changes would touch, being looked at beside the probe: nobody waits for it before the verdict.
#[derive(Debug)]
pub(crate) struct Places {
    script: String,
    nonce: String,
    looking: tokio::task::JoinHandle<Result<Output, remote::Error>>,
}

impl Places {
    pub(crate) fn look(remote: &dyn Remote, question: &Question<'_>) -> Places {
        let nonce = crate::nonce();
        let script = tuning::before::script(&question.tunings, &nonce);
        let running = remote.start(asking(script.clone()));
        Places { script, nonce, looking: tokio::spawn(running.output()) }
    }

    /// What stands there. A server that allows one thing at a time is asked again now that it is free.
    pub(crate) async fn seen(mut self, remote: &dyn Remote, cancel: &Cancel) -> Before {
        let answer = async {
            match (&mut self.looking).await {
                Ok(Ok(output)) => Ok(output),
                _ => remote.start(asking(self.script.clone())).output().await,
            }
        };
        let answer = tokio::select! {
            () = cancel.cancelled() => return Before::default(),
            answer = answer => answer,
        };
        match answer {
            Ok(output) => Before::read(&output.stdout, &self.nonce),
            Err(error) => {
                tracing::warn!(code = error.code(), "the places that changes would touch could not be looked at");
                Before::default()
            }
        }
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

/// A script that only reads.
fn asking(script: String) -> Job {
    Job::new(script).elevate(Elevate::IfPossible).silence(SILENCE)
}

/// Judges the saved output of a probe that somebody ran by hand.
pub(crate) fn examine_saved(raw: &[u8], question: &Question<'_>, context: &Context) -> Result<Examination, WorkError> {
    let at = Moment::now();
    let sections = facts::frame::sections(raw);
    if sections.is_empty() {
        return Err(WorkError::NotAProbe);
    }
    let mut look = Look::new(question, context, "", &at);
    look.raw = raw.to_vec();
    look.take(sections, &mut |_| {});
    look.finish(false, 0, &mut |_| {})
}

/// A look under way.
struct Look<'a> {
    question: &'a Question<'a>,
    context: Context,
    reader: Reader,
    raw: Vec<u8>,
    sections: Vec<Section>,
    facts: Facts,
    findings: Vec<Finding>,
    privilege: Privilege,
    /// When the script went out, in milliseconds of this computer's clock.
    sent: f64,
    at: &'a Moment,
    judging: Duration,
    read_at: Option<Instant>,
}

/// Between two readings of what has come in so far.
const OFTEN_ENOUGH: Duration = Duration::from_millis(60);

impl<'a> Look<'a> {
    fn new(question: &'a Question<'a>, context: &'a Context, nonce: &str, at: &'a Moment) -> Look<'a> {
        Look {
            question,
            context: context.clone(),
            reader: Reader::new(nonce),
            raw: Vec::new(),
            sections: Vec::new(),
            facts: Facts::default(),
            findings: Vec::new(),
            privilege: Privilege::User(NotRoot::NotAsked),
            sent: at.unix_milliseconds(),
            at,
            judging: Duration::ZERO,
            read_at: None,
        }
    }

    /// Takes what the server said next, and tells which needs it settles. They are told in the order of the list, so
    /// that rows never move: a need waits for the ones before it.
    fn hear(&mut self, bytes: &[u8], progress: &mut dyn FnMut(CheckProgress)) {
        self.raw.extend_from_slice(bytes);
        let fresh = self.reader.push(bytes);
        self.take(fresh, progress);
    }

    fn take(&mut self, fresh: Vec<Section>, progress: &mut dyn FnMut(CheckProgress)) {
        let Some(last) = fresh.last().map(|section| section.name.clone()) else { return };
        let started = Instant::now();
        if fresh.iter().any(|section| section.name == CLOCK_SECTION) {
            self.context.clock = Some(Clock { sent: self.sent, received: Moment::now().unix_milliseconds() });
        }
        self.sections.extend(fresh);
        // Whatever is read is read from the beginning, as one answer can complete another: often enough for eyes will do.
        if self.read_at.is_none_or(|at| at.elapsed() >= OFTEN_ENOUGH) {
            self.read_all(progress);
        }
        progress(CheckProgress::Reading { what: last, done: self.done(), total: self.total() });
        self.judging += started.elapsed();
    }

    fn read_all(&mut self, progress: &mut dyn FnMut(CheckProgress)) {
        self.facts = facts::read(&self.sections, &self.context);
        let today = self.at.day();
        while let Some(need) = self.question.needs.get(self.findings.len()) {
            if !checks::keys([need]).iter().all(|key| self.facts.has(key)) {
                break;
            }
            self.tell(checks::judge_one(need, &self.facts, &today), progress);
        }
        self.read_at = Some(Instant::now());
    }

    /// Judges what is left: what was not read is "could not tell", with the reason.
    fn finish(
        mut self,
        stopped: bool,
        probe_ms: u32,
        progress: &mut dyn FnMut(CheckProgress),
    ) -> Result<Examination, WorkError> {
        if self.sections.is_empty() && !stopped {
            return Err(WorkError::NothingRead { said: remote::visible(&String::from_utf8_lossy(&self.raw), 600) });
        }
        if let Some(found) = probe::other_system(&self.sections) {
            return Err(remote::Error::new(Fault::UnsupportedSystem { found }).at(Stage::Work).into());
        }
        let started = Instant::now();
        self.read_all(progress);
        let today = self.at.day();
        let question = self.question;
        let rest = question.needs.get(self.findings.len()..).unwrap_or_default();
        for need in rest {
            self.tell(checks::judge_one(need, &self.facts, &today), progress);
        }
        let findings = self.findings;
        let judge_ms = u32::try_from((self.judging + started.elapsed()).as_millis()).unwrap_or(u32::MAX);
        Ok(Examination {
            choice: question.choice.clone(),
            title: question.title.clone(),
            privilege: self.privilege,
            needs: question.needs.clone(),
            fit: checks::fit_roles(question.catalog, &question.catalog.roles(), &self.facts, &today),
            counts: checks::counts(&findings),
            overall: checks::overall(&findings),
            findings,
            facts: self.facts,
            at: self.at.clone(),
            timings: Timings { probe_ms, judge_ms, round_trips: 1, connect_ms: 0 },
            raw: self.raw,
            stopped,
            unheard: false,
            without_effect: Vec::new(),
            measured: Vec::new(),
        })
    }

    fn tell(&mut self, finding: Finding, progress: &mut dyn FnMut(CheckProgress)) {
        progress(CheckProgress::Found(Box::new(finding.clone())));
        self.findings.push(finding);
    }

    fn done(&self) -> u32 {
        u32::try_from(self.findings.len()).unwrap_or(u32::MAX)
    }

    fn total(&self) -> u32 {
        u32::try_from(self.question.needs.len()).unwrap_or(u32::MAX)
    }
}

pub(crate) fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}

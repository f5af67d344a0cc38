//! A run of changes as this computer lives it: begin, follow, lose contact and come back, prove, keep or put back.
//!
//! The run itself is a job of the server. Whatever happens here, the server goes on, and without an answer it puts
//! everything back by itself.

use crate::clock::Moment;
use crate::error::WorkError;
use crate::link::Link;
use crate::progress::RunProgress;
use remote::{Cancel, Elevate, Event, Family, Fault, Job, Remote, Stage};
use std::time::{Duration, Instant};
use tuning::run::{self, RunId};
use tuning::{ChangeState, ChangeView, End, Reader, RunEvent, Step};

/// Nothing heard for this long means the line is cut: the server says that it is alive every few seconds.
const SILENCE: Duration = Duration::from_secs(20);

/// Between two tries to come back: sshd and fail2ban punish those who knock more often than every six seconds.
const BETWEEN_CALLS: Duration = Duration::from_secs(6);

pub(crate) type Tell<'a> = &'a mut (dyn FnMut(RunProgress) + Send);

/// A run that waits for an answer.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: RunId,
    /// Empty for a run that was begun elsewhere, or that takes another back.
    pub changes: Vec<ChangeView>,
    pub proofs: Vec<Proof>,
    /// When the server puts everything back without an answer.
    pub put_back_at: Moment,
    pub deadline: Instant,
    /// Changes that did not work and were taken back by themselves: id and why.
    pub failed: Vec<(String, String)>,
}

impl Waiting {
    pub fn seconds_left(&self) -> f64 {
        self.deadline.saturating_duration_since(Instant::now()).as_secs_f64()
    }

    pub fn all_proved(&self) -> bool {
        self.proofs.iter().all(|proof| proof.proved)
    }
}

/// One thing that the new connection showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    pub what: Proved,
    pub proved: bool,
    pub seconds: f64,
    /// Why not, in words; what exactly, when proved, where there is more to say than that it was.
    pub note: String,
}

/// What can be proved over a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    Connected,
    SignedIn,
    Administrator,
    /// The one-time value that the run left on the server was read back: it is the same server, in the same state.
    SameServer,
    /// All of it by the other family of addresses, which worked before the changes.
    AlsoOver(Family),
    /// All of it by a port that ssh answers on newly.
    AlsoAt(u16),
    /// Ports that the role wants people to reach answer from this computer, all that answered before among them.
    Doors,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Settled {
    pub id: RunId,
    pub at: Moment,
    pub kept: bool,
    /// Why it was put back; empty when it was kept.
    pub why: String,
    /// What the new connection showed before the answer.
    pub proof: Vec<Proof>,
    pub changes: Vec<ChangeView>,
    pub failed: Vec<(String, String)>,
}

impl Settled {
    /// The changes that worked.
    pub fn worked(&self) -> impl Iterator<Item = &ChangeView> {
        self.changes.iter().filter(|change| !self.failed.iter().any(|(id, _)| *id == change.id))
    }
}

/// What following a run came to.
#[derive(Debug)]
pub(crate) struct Followed {
    pub(crate) end: End,
    pub(crate) seconds: u32,
    pub(crate) failed: Vec<(String, String)>,
    pub(crate) why: String,
}

/// Sends `script` and follows what it says to its end. When the line is lost, calls again and follows the run there.
pub(crate) async fn follow(
    link: &mut Link,
    run: &RunId,
    script: String,
    nonce: &str,
    cancel: &Cancel,
    tell: Tell<'_>,
) -> Result<Followed, WorkError> {
    let mut followed = Followed { end: End::Lost, seconds: 0, failed: Vec::new(), why: String::new() };
    let mut lost = match listen(link, script, nonce, cancel, &mut followed, tell).await {
        Ok(()) => return Ok(followed),
        Err(WorkError::Remote(error)) if is_lost(&error) => error,
        Err(error) => return Err(error),
    };
    loop {
        tell(RunProgress::LostContact { error: lost });
        come_back(link, cancel).await?;
        tell(RunProgress::BackInContact);
        let nonce = crate::nonce();
        match listen(link, run::follow(run, &nonce), &nonce, cancel, &mut followed, tell).await {
            Ok(()) => return Ok(followed),
            Err(WorkError::Remote(error)) if is_lost(&error) => lost = error,
            Err(error) => return Err(error),
        }
    }
}

/// Calls until somebody answers, or the person has had enough.
async fn come_back(link: &mut Link, cancel: &Cancel) -> Result<(), WorkError> {
    loop {
        tokio::select! {
            () = cancel.cancelled() => return Err(WorkError::Cancelled),
            () = tokio::time::sleep(BETWEEN_CALLS) => {}
        }
        match link.call_again().await {
            Ok(()) => return Ok(()),
            // A server whose key is not the one we know gets nothing more from us, whatever it shows.
            Err(error) if error.stage() == Stage::HostKey || *error.fault() == Fault::Cancelled => {
                return Err(error.into());
            }
            Err(error) => tracing::info!(code = error.code(), "still no contact"),
        }
    }
}

fn is_lost(error: &remote::Error) -> bool {
    matches!(
        error.fault(),
        Fault::ConnectionLost { .. } | Fault::Silent { .. } | Fault::TimedOut { .. } | Fault::GoingDown
    )
}

/// One request and all its events.
async fn listen(
    link: &Link,
    script: String,
    nonce: &str,
    cancel: &Cancel,
    followed: &mut Followed,
    tell: Tell<'_>,
) -> Result<(), WorkError> {
    let mut running = link.remote().start(Job::new(script).elevate(Elevate::Required).silence(SILENCE));
    let mut reader = Reader::new(nonce);
    let mut said = Vec::new();
    loop {
        let event = tokio::select! {
            () = cancel.cancelled() => return Err(WorkError::Cancelled),
            event = running.events.recv() => event,
        };
        match event {
            Some(Event::Started { .. }) => {}
            Some(Event::Stdout(bytes)) => {
                for event in reader.push(&bytes) {
                    note(&event, followed);
                    if let RunEvent::End(end) = event {
                        followed.end = end;
                        return Ok(());
                    }
                    tell(RunProgress::Event(event));
                }
            }
            Some(Event::Stderr(bytes)) => said.extend_from_slice(&bytes),
            Some(Event::Failed(error)) => return Err(error.into()),
            Some(Event::Exit { code }) => {
                return Err(WorkError::RunnerSilent {
                    code,
                    said: remote::visible(&String::from_utf8_lossy(&said), 600),
                });
            }
            None => return Err(remote::Error::new(Fault::ConnectionLost { silent: false }).into()),
        }
    }
}

/// Keeps of an event what the end result tells.
fn note(event: &RunEvent, followed: &mut Followed) {
    match event {
        RunEvent::PutsBackIn { seconds } => followed.seconds = *seconds,
        RunEvent::Step(Step::Armed { seconds, .. }) => followed.seconds = *seconds,
        RunEvent::Step(Step::PuttingBack { why }) => followed.why.clone_from(why),
        RunEvent::Change { id, state: ChangeState::Failed { why } } => followed.failed.push((id.clone(), why.clone())),
        RunEvent::Change { id, state: ChangeState::Skipped { because } } => {
            followed.failed.push((id.clone(), format!("It builds on {because}, which did not work.")));
        }
        _ => {}
    }
}

/// A short request about a run: keep, more time, proof.
pub(crate) async fn request(
    remote: &dyn remote::Remote,
    script: String,
    nonce: &str,
    cancel: &Cancel,
) -> Result<End, WorkError> {
    let running = remote.start(Job::new(script).elevate(Elevate::Required).silence(SILENCE));
    let output = tokio::select! {
        () = cancel.cancelled() => return Err(WorkError::Cancelled),
        output = running.output() => output?,
    };
    let mut reader = Reader::new(nonce);
    let events = reader.push(&output.stdout);
    let end = events.into_iter().find_map(|event| if let RunEvent::End(end) = event { Some(end) } else { None });
    let said = || remote::visible(&String::from_utf8_lossy(&output.stderr), 600);
    end.ok_or_else(|| WorkError::RunnerSilent { code: output.code, said: said() })
}

/// Says to keep `run`, and does not rest until the server has said what became of it: a word that was sent may have been
/// heard although its answer was lost. Gives up where nobody answers until `until`.
pub(crate) async fn keep(link: &mut Link, run: &RunId, until: Instant, cancel: &Cancel) -> Result<End, WorkError> {
    let mut lost = false;
    loop {
        match keep_once(link, run, lost, cancel).await {
            Err(WorkError::Remote(error)) if is_lost(&error) || error.stage() < Stage::HostKey => {
                tracing::info!(code = error.code(), "the answer to keep was not heard");
                lost = true;
            }
            told => return told,
        }
        tokio::select! {
            back = come_back(link, cancel) => back?,
            () = tokio::time::sleep_until(until.into()) => return Err(WorkError::AnswerUnheard),
        }
    }
}

async fn keep_once(link: &mut Link, run: &RunId, lost: bool, cancel: &Cancel) -> Result<End, WorkError> {
    let remote = link.ready().await?;
    let nonce = crate::nonce();
    if lost {
        let stands = request(remote, run::follow(run, &nonce), &nonce, cancel).await?;
        if stands != End::Waiting {
            return Ok(stands);
        }
    }
    match request(remote, run::keep(run, &nonce), &nonce, cancel).await? {
        // what was said on the line that broke may have come first after all
        End::TooLate if lost => request(remote, run::follow(run, &nonce), &nonce, cancel).await,
        end => Ok(end),
    }
}

/// The ways in that a run has to leave open.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaysIn {
    /// Families of addresses that work, the one in use first.
    pub(crate) families: Vec<Family>,
    /// Ports that ssh answers on newly.
    pub(crate) new_ports: Vec<u16>,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Over(Option<Family>),
    At(u16),
}

/// Calls the server anew and shows, step by step, that a person can still get in and become administrator: by the family
/// of addresses in use, by the other where it worked before, and by each port that is new.
pub(crate) async fn prove(link: &Link, run: &RunId, expected: &str, ways: &WaysIn, cancel: &Cancel) -> Vec<Proof> {
    let mut proofs = prove_by(link, Way::Over(ways.families.first().copied()), run, expected, cancel).await;
    let over = ways.families.iter().skip(1).map(|family| (Proved::AlsoOver(*family), Way::Over(Some(*family))));
    let at = ways.new_ports.iter().map(|port| (Proved::AlsoAt(*port), Way::At(*port)));
    for (what, way) in over.chain(at) {
        let started = Instant::now();
        let all = prove_by(link, way, run, expected, cancel).await;
        let proved = all.iter().all(|proof| proof.proved);
        let note = all.into_iter().find(|proof| !proof.proved).map(|proof| proof.note).unwrap_or_default();
        proofs.push(Proof { what, proved, seconds: started.elapsed().as_secs_f64(), note });
    }
    proofs
}

/// A door that was just told to read its settings may be shut for a moment.
const TRIES: u32 = 3;

async fn knock(link: &Link, way: Way, cancel: &Cancel) -> Result<Box<dyn Remote>, remote::Error> {
    let mut tried = 1;
    loop {
        let fresh = match way {
            Way::Over(family) => link.fresh(family).await,
            Way::At(port) => link.fresh_at(port).await,
        };
        let error = match fresh {
            Ok(fresh) => return Ok(fresh),
            Err(error) => error,
        };
        // whoever is asked for proof of who they are and fails is punished for trying again
        if tried == TRIES || error.stage() >= remote::Stage::SignIn {
            return Err(error);
        }
        tried += 1;
        tokio::select! {
            () = cancel.cancelled() => return Err(error),
            () = tokio::time::sleep(BETWEEN_CALLS) => {}
        }
    }
}

async fn prove_by(link: &Link, way: Way, run: &RunId, expected: &str, cancel: &Cancel) -> Vec<Proof> {
    let mut proofs = Vec::new();
    let started = Instant::now();
    let fresh = match knock(link, way, cancel).await {
        Ok(fresh) => fresh,
        Err(error) => {
            let reached = error.stage() >= remote::Stage::SignIn;
            let seconds = started.elapsed().as_secs_f64();
            let connected = if reached { String::new() } else { error.happened() };
            proofs.push(Proof { what: Proved::Connected, proved: reached, seconds, note: connected });
            proofs.push(Proof { what: Proved::SignedIn, proved: false, seconds, note: error.happened() });
            return proofs;
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    proofs.push(Proof { what: Proved::Connected, proved: true, seconds, note: String::new() });
    proofs.push(Proof { what: Proved::SignedIn, proved: true, seconds, note: String::new() });
    let started = Instant::now();
    let nonce = crate::nonce();
    let answer = request(fresh.as_ref(), run::proof(run, &nonce), &nonce, cancel).await;
    let seconds = started.elapsed().as_secs_f64();
    let (administrator, same, note) = match answer {
        Ok(End::Proof { value }) if value == expected => (true, true, String::new()),
        Ok(other) => (true, false, format!("The server answered something else: {other:?}.")),
        Err(error) => (false, false, error.to_string()),
    };
    let note_of = |proved: bool| if proved { String::new() } else { note.clone() };
    proofs.push(Proof { what: Proved::Administrator, proved: administrator, seconds, note: note_of(administrator) });
    proofs.push(Proof { what: Proved::SameServer, proved: same, seconds, note: note_of(same) });
    proofs
}

/// A run that waits, as of now.
pub(crate) fn waiting(id: RunId, proofs: Vec<Proof>, followed: Followed) -> Waiting {
    let seconds = followed.seconds;
    Waiting {
        id,
        changes: Vec::new(),
        proofs,
        put_back_at: Moment::now().plus(seconds),
        deadline: Instant::now() + Duration::from_secs(u64::from(seconds)),
        failed: followed.failed,
    }
}

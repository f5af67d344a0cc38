//! A run on a server under its safety timer: begun and proved, and then kept, put back, or given more time.

use crate::clock::Moment;
use crate::doors;
use crate::error::WorkError;
use crate::link::Link;
use crate::progress::RunProgress;
use crate::run::{self, Tell, Waiting, WaysIn};
use remote::Cancel;
use std::time::Duration;
use tokio::sync::Notify;
use tuning::End;
use tuning::run::{RunId, RunSpec};

/// How a run under the safety timer came out.
#[derive(Debug)]
pub(crate) enum Guarded {
    Waits(Waiting),
    /// Everything was put back: by the server, which had not heard from us in time, or because the person stopped it.
    PutBack {
        run: Waiting,
        why: String,
    },
}

/// What became of a run that waited.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) kept: bool,
    /// Why it was put back; empty when it was kept.
    pub(crate) why: String,
}

impl Ending {
    pub(crate) fn kept() -> Ending {
        Ending { kept: true, why: String::new() }
    }

    pub(crate) fn put_back(why: &str) -> Ending {
        Ending { kept: false, why: why.to_owned() }
    }
}

/// Whoever presses Cancel has to feel it within two seconds; half a second of them is for saying so.
const FELT: Duration = Duration::from_millis(1500);

/// So long after the last moment to answer it is still asked what became of the answer.
const UNHEARD: Duration = Duration::from_secs(60);

const NOT_HEARD_IN_TIME: &str = "The server had not heard from this computer in time, so it put everything back.";
pub(crate) const NOBODY_ANSWERED: &str = "Nobody answered in time, so the server put everything back.";
pub(crate) const STOPPED: &str = "You stopped it.";
pub(crate) const ASKED_FOR: &str = "You asked for it.";
pub(crate) const TOO_LATE: &str = "The answer came too late.";
const STUCK: &str = "Some of it could not be put back; the server tries again at every start.";

/// What a new run is called and how long it waits.
pub(crate) fn spec(role: &str, window_seconds: u32) -> Result<RunSpec, WorkError> {
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

/// Ports that a run is judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doors<'a> {
    /// Those that the role wants people to reach.
    pub(crate) wanted: &'a [u16],
    /// Those that ssh answers on newly.
    pub(crate) new_ssh_ports: &'a [u16],
}

/// Starts a run, follows it until it waits, and proves over a new connection. Stopping it puts everything back.
pub(crate) async fn begin(
    link: &mut Link,
    spec: &RunSpec,
    (script, nonce): (String, &str),
    doors: Doors<'_>,
    cancel: &Cancel,
    tell: Tell<'_>,
) -> Result<Guarded, WorkError> {
    link.ready().await?;
    // what works now is what has to work afterwards
    let (families, before) = tokio::join!(link.families(), doors::knock(link, doors.wanted));
    let followed = match run::follow(link, &spec.id, script, nonce, cancel, tell).await {
        Err(WorkError::Cancelled) => return stopped(link, spec, tell).await,
        followed => followed?,
    };
    let id = spec.id.clone();
    let why = match followed.end {
        End::Waiting => {
            tell(RunProgress::Proving);
            let ways = WaysIn { families, new_ports: doors.new_ssh_ports.to_vec() };
            let mut proofs = run::prove(link, &spec.id, &spec.proof, &ways, cancel).await;
            proofs.extend(doors::prove(link, doors.wanted, &before, cancel).await);
            return Ok(Guarded::Waits(run::waiting(id, proofs, followed)));
        }
        End::Refused(refusal) => return Err(refusal.into()),
        End::Unchanged => return Err(WorkError::NothingToDo),
        End::PutBack | End::NoSuchRun => NOT_HEARD_IN_TIME,
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

/// Keeps what was changed, unless the server was faster.
pub(crate) async fn keep(link: &mut Link, waiting: &Waiting, cancel: &Cancel) -> Result<Ending, WorkError> {
    match run::keep(link, &waiting.id, waiting.deadline + UNHEARD, cancel).await? {
        End::Kept | End::Unchanged => Ok(Ending::kept()),
        End::TooLate | End::PutBack | End::NoSuchRun => Ok(Ending::put_back(TOO_LATE)),
        End::Stuck => Ok(Ending::put_back(STUCK)),
        other => Err(unexpected(&other)),
    }
}

/// Puts everything back now, and follows until it is done.
pub(crate) async fn put_back(
    link: &mut Link,
    waiting: &Waiting,
    cancel: &Cancel,
    tell: Tell<'_>,
) -> Result<Ending, WorkError> {
    let nonce = crate::nonce();
    let script = tuning::run::put_back(&waiting.id, &nonce);
    link.ready().await?;
    match run::follow(link, &waiting.id, script, &nonce, cancel, tell).await?.end {
        End::PutBack => Ok(Ending::put_back(ASKED_FOR)),
        End::Stuck => Ok(Ending::put_back(STUCK)),
        // an earlier word of ours to keep it was heard, though its answer was not
        End::Kept | End::Unchanged => Ok(Ending::kept()),
        other => Err(unexpected(&other)),
    }
}

pub(crate) async fn more_time(link: &mut Link, run: &RunId, seconds: u32, cancel: &Cancel) -> Result<u32, WorkError> {
    let nonce = crate::nonce();
    let script = tuning::run::extend(run, seconds, &nonce);
    match run::request(link.ready().await?, script, &nonce, cancel).await? {
        End::Extended { seconds } => Ok(seconds),
        other => Err(unexpected(&other)),
    }
}

/// The server said something that makes no sense here. It puts everything back by itself in any case.
pub(crate) fn unexpected(end: &End) -> WorkError {
    WorkError::RunnerSilent { code: 0, said: format!("{end:?}") }
}

//! A line that falls silent in the middle of a walk: it is told in time, Cancel is felt at once, and the walk goes on where
//! it stood when the line is back.

use profiles::RoleChoice;
use reach::{Calls, Way, Wire};
use remote::NoAnswers;
use session::{Aim, CheckProgress, RunProgress, Session, WalkAnswers, WorkError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tuning::receipt::RunState;

type Any = Result<(), Box<dyn std::error::Error>>;

/// After so long without a sign of life a line is lost; in the program it is 30 seconds.
const LOST: Duration = Duration::from_secs(4);
const FELT: Duration = Duration::from_secs(2);
/// No server is called again sooner than this, but for the proof of access (its penalties count calls).
const APART: Duration = Duration::from_secs(6);
/// How long the server waits for an answer before it puts everything back.
const WINDOW: u32 = tuning::run::RunSpec::WINDOW;

/// One listener for all tests of this file; each looks at its own wire.
fn calls() -> Calls {
    static CALLS: OnceLock<Calls> = OnceLock::new();
    CALLS.get_or_init(Calls::listen).clone()
}

/// How long it was from each call over this wire to the next, where the next was bound to wait for its turn; and how many
/// proofs of access went between.
fn distances(wire: &Wire) -> (Vec<Duration>, usize) {
    let calls = calls().to(wire.port);
    assert_eq!(calls.len(), wire.calls().len(), "a call that nobody noticed, or one that was not told: {calls:?}");
    let bound = calls.windows(2).filter(|pair| !pair[1].proof).map(|pair| pair[1].at - pair[0].at).collect();
    (bound, calls.iter().filter(|call| call.proof).count())
}

async fn walk(server: &lab::Server, wire: &Wire) -> Result<(Session, Way), Box<dyn std::error::Error>> {
    let mut way = Way::key(server, "root").over(wire);
    way.options.limits.lost = LOST;
    let answers = Arc::new(WalkAnswers::new(Arc::new(NoAnswers)));
    let catalog = Arc::new(profiles::catalog().clone());
    let session = Session::connect(catalog, way.target.clone(), way.options.clone(), answers).await?;
    Ok((session, way))
}

fn role() -> Result<RoleChoice, Box<dyn std::error::Error>> {
    Ok("reforms/minimum".parse()?)
}

fn remote_code(error: &WorkError) -> &'static str {
    if let WorkError::Remote(error) = error { error.code() } else { error.code() }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_server_is_read() -> Any {
    lab::slow!();
    let server = lab::need!(lab::userns("bookworm"));
    calls();
    let wire = Wire::to(&server.host, server.port)?;
    let (mut session, _way) = walk(&server, &wire).await?;
    let mut cut = None;
    let mut at_first = |progress: CheckProgress| {
        if let CheckProgress::Reading { .. } = progress {
            wire.pinch();
            cut.get_or_insert_with(Instant::now);
        }
    };
    let error = session.examine(role()?, Aim::Judge, &mut at_first).await.expect_err("cut");
    assert_eq!(remote_code(&error), "connection-lost", "{error:?}");
    let told_after = cut.ok_or("nothing was read before the cut")?.elapsed();
    assert!(told_after < LOST + Duration::from_secs(3), "{told_after:?}");

    // The line is back: the same walk reads on, over a new connection, not earlier than six seconds after the first.
    wire.release();
    assert!(!session.examine(role()?, Aim::Judge, &mut |_| {}).await?.findings.is_empty());
    let apart = distances(&wire);
    assert!(matches!(&apart, (all, 0) if matches!(all[..], [one] if one >= APART)), "{apart:?}");

    // Cancel on a silent line.
    let cancel = session.arm();
    let mut pressed = None;
    let mut at_first = |progress: CheckProgress| {
        if let CheckProgress::Reading { .. } = progress {
            wire.pinch();
            pressed.get_or_insert_with(Instant::now);
            cancel.cancel();
        }
    };
    assert!(session.examine(role()?, Aim::Judge, &mut at_first).await?.stopped);
    assert!(pressed.ok_or("never pressed")?.elapsed() < FELT);
    // And while it is called again: nobody answers.
    tokio::time::sleep(LOST + Duration::from_secs(2)).await;
    let cancel = session.arm();
    let press = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cancel.cancel();
        Instant::now()
    });
    let error = session.examine(role()?, Aim::Judge, &mut |_| {}).await.expect_err("nobody there");
    assert!(matches!(error, WorkError::Cancelled), "{error:?}");
    assert!(press.await?.elapsed() < FELT);
    wire.release();
    session.arm();
    assert!(!session.examine(role()?, Aim::Judge, &mut |_| {}).await?.stopped);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn while_changes_are_made() -> Any {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    calls();
    let wire = Wire::to(&server.host, server.port)?;
    let (mut session, _way) = walk(&server, &wire).await?;
    session.examine(role()?, Aim::Change, &mut |_| {}).await?;
    let before = server.must("cat /proc/sys/net/ipv4/tcp_rmem; ls /etc/sysctl.d")?;
    let change = ["sysctl.buffers".to_owned()];

    // Cut at the first word of the server; it goes on by itself, and so do we when the line is back.
    let (mut cut, mut told, mut back) = (None, None, None);
    let mut tell = |progress: RunProgress| match progress {
        RunProgress::Event(_) if cut.is_none() => {
            wire.pinch();
            cut = Some(Instant::now());
        }
        RunProgress::LostContact { error } => {
            assert_eq!(error.code(), "connection-lost", "{error:?}");
            told.get_or_insert_with(Instant::now);
            wire.release();
        }
        RunProgress::BackInContact => back = Some(Instant::now()),
        RunProgress::Event(_) | RunProgress::Proving => {}
    };
    let proved = session.apply(&change, WINDOW, &mut tell).await?.all_proved();
    let (cut, told, back) = (cut.ok_or("no cut")?, told.ok_or("not told")?, back.ok_or("never back")?);
    println!("told after {:?}, in contact again {:?} later", told - cut, back - told);
    assert!(proved && told - cut < LOST + Duration::from_secs(3) && back > told);

    // Cut while it waits for an answer: the answer goes over a new line.
    wire.pinch();
    tokio::time::sleep(LOST + Duration::from_secs(3)).await;
    wire.release();
    assert!(session.keep(&mut |_| {}).await?.kept);
    assert_ne!(server.must("cat /proc/sys/net/ipv4/tcp_rmem; ls /etc/sysctl.d")?, before);

    // Stopped on a silent line: felt at once.
    let run = session.runs().await?.last().ok_or("no run")?.manifest.id.to_string();
    let kept = server.must("cat /proc/sys/net/ipv4/tcp_rmem; ls /etc/sysctl.d")?;
    let cancel = session.arm();
    let mut pressed = None;
    let mut tell = |progress: RunProgress| {
        if let RunProgress::Event(_) = progress {
            wire.pinch();
            pressed.get_or_insert_with(Instant::now);
            cancel.cancel();
        }
    };
    let error = session.undo(&run, &tuning::run::Answers::default(), WINDOW, &mut tell).await.expect_err("stopped");
    assert!(matches!(error, WorkError::StoppedUnheard), "{error:?}");
    let felt = pressed.ok_or("never pressed")?.elapsed();
    assert!(felt < FELT, "{felt:?}");
    wire.release();
    session.arm();
    // Back again, the run is found as it stands on the server, taken up and put back; the timer would have done the same.
    let runs: Vec<_> = session.runs().await?.iter().map(|run| (run.manifest.id.to_string(), run.state)).collect();
    let [(_, RunState::Kept), (open, RunState::Open)] = &runs[..] else { return Err(format!("{runs:?}").into()) };
    session.take_up(open, &mut |_| {}).await?;
    assert!(!session.put_back(&mut |_| {}, &mut |_| {}).await?.kept);
    assert_eq!(server.must("cat /proc/sys/net/ipv4/tcp_rmem; ls /etc/sysctl.d")?, kept);
    // Many calls, and none sooner than six seconds after the one before, but for the two proofs of access.
    let (apart, proofs) = distances(&wire);
    assert!(apart.len() >= 3 && proofs == 2 && apart.iter().all(|one| *one >= APART), "{apart:?}, {proofs} proofs");
    Ok(())
}

/// The word to keep reaches the server and its answer does not reach us: the server is asked what became of it.
#[tokio::test(flavor = "multi_thread")]
async fn while_the_server_answers_that_it_keeps() -> Any {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    calls();
    let wire = Wire::to(&server.host, server.port)?;
    let (mut session, _way) = walk(&server, &wire).await?;
    session.examine(role()?, Aim::Change, &mut |_| {}).await?;
    session.apply(&["sysctl.buffers".to_owned()], WINDOW, &mut |_| {}).await?;
    let run = session.waiting().ok_or("nothing waits")?.id.to_string();

    // stopping its clocks, which is what keeping does after it is decided, takes this server until the line is silent
    server.must(
        "printf '#!/bin/sh\\nuntil [ -e /tmp/silent ]; do sleep 0.1; done\\nexec /usr/bin/systemctl \"$@\"\\n' \
         >/usr/local/sbin/systemctl; chmod 755 /usr/local/sbin/systemctl",
    )?;
    let decided = format!("until [ -e /var/lib/plumbline/runs/{run}/confirmed ]; do sleep 0.1; done");
    let watched = {
        let wire = wire.clone();
        std::thread::spawn(move || -> Result<lab::Server, String> {
            let told = |script: &str| server.must(script).map(drop).map_err(|error| error.to_string());
            told(&decided)?;
            wire.pinch();
            told("rm /usr/local/sbin/systemctl; : >/tmp/silent")?;
            // long enough for a line to be lost
            std::thread::sleep(LOST + Duration::from_secs(3));
            wire.release();
            Ok(server)
        })
    };
    let kept = session.keep(&mut |_| {}).await;
    // it is needed to the end
    let _server = watched.join().map_err(|_| "the watcher fell over")??;
    let settled = kept?;
    assert!(settled.kept && settled.why.is_empty(), "{settled:?}");
    assert_eq!(session.runs().await?.last().map(|run| run.state), Some(RunState::Kept));
    session.purge(&run).await?;
    assert!(session.runs().await?.is_empty(), "forgotten");
    assert!(matches!(session.purge(&run).await, Err(WorkError::NoSuchRun(_))));
    Ok(())
}

//! A line that falls silent at every stage of reaching a server: the typed error within its limit, Cancel at once, and the
//! next try works when the line is back.

use reach::{Way, Wire};
use remote::{AnswerWith, Asker, Cancel, Elevate, Job, NoAnswers, Pace, Question, Remote as _, Secret, Stage};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Any = Result<(), Box<dyn std::error::Error>>;

const LIMIT: Duration = Duration::from_secs(3);
/// What Cancel may take.
const FELT: Duration = Duration::from_secs(2);

/// A short way to wait for each step; the usual limits are 10, 30 and 20 seconds.
fn limited(mut way: Way) -> Way {
    way.options.limits.connect = LIMIT;
    way.options.limits.sign_in = LIMIT;
    way.options.limits.shell = LIMIT;
    way
}

/// Answers, and pinches the wire just before: the server never hears it.
fn into_silence(wire: &Wire, answer: &'static str) -> Arc<dyn Asker> {
    let wire = wire.clone();
    Arc::new(AnswerWith(move |_: Question| {
        wire.pinch();
        Some(vec![Secret::from(answer)])
    }))
}

/// Tries twice: waits for the error, then presses Cancel. Both within their time. Then the wire is whole, and it works.
async fn told_stopped_and_reached(
    way: &mut Way,
    wire: &Wire,
    cut: impl Fn(),
    asker: Arc<dyn Asker>,
    due: (&str, Stage),
) -> Any {
    cut();
    way.options.pace = Pace::default();
    let began = Instant::now();
    let error = way.open(asker.clone()).await.err().ok_or(due.0)?;
    assert_eq!((error.code(), error.stage()), due, "{error:?}");
    assert!(began.elapsed() < LIMIT + Duration::from_secs(2), "{due:?} after {:?}", began.elapsed());
    assert!(error.happened().contains("3 seconds"), "the limit is told: {}", error.happened());
    wire.release();
    cut();
    (way.options.cancel, way.options.pace) = (Cancel::default(), Pace::default());
    let cancel = way.options.cancel.clone();
    let pressed = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        cancel.cancel();
        Instant::now()
    });
    let error = way.open(asker).await.err().ok_or("stopped")?;
    assert_eq!(error.code(), "cancelled", "{error:?}");
    assert!(pressed.await?.elapsed() < FELT, "{due:?}");
    wire.release();
    (way.options.cancel, way.options.pace) = (Cancel::default(), Pace::default());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_first_words_are_awaited() -> Any {
    let server = lab::need!(lab::sshd());
    let wire = Wire::to(&server.host, server.port)?;
    let mut way = limited(Way::key(&server, &server.user)).over(&wire);
    let silent: Arc<dyn Asker> = Arc::new(NoAnswers);
    let due = ("no-answer", Stage::Greeting);
    told_stopped_and_reached(&mut way, &wire, || wire.pinch(), silent.clone(), due).await?;
    // In the middle of the key exchange: its version has come through, and some of what it offers.
    told_stopped_and_reached(&mut way, &wire, || wire.pinch_after(400), silent, due).await?;
    way.open_alone().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn while_signing_in() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    let wire = Wire::to(&server.host, server.port)?;
    let mut way = limited(Way::password(&server, "guest")).over(&wire);
    let asker = into_silence(&wire, "guest-pw");
    told_stopped_and_reached(&mut way, &wire, || {}, asker, ("timed-out", Stage::SignIn)).await?;
    way.open(reach::Script::new(&["guest-pw"]).asker()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_shell_opens_and_while_sudo_asks() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    let wire = Wire::to(&server.host, server.port)?;
    let way = limited(Way::key(&server, "op")).over(&wire);
    let ssh = way.open(into_silence(&wire, "op-pw")).await?;
    // The answer to sudo's question goes into silence: that is no word about sudo.
    let began = Instant::now();
    let error = ssh.start(Job::new("id -u").elevate(Elevate::Required)).output().await.expect_err("silence");
    assert_eq!((error.code(), error.stage()), ("shell-silent", Stage::Shell), "{error:?}");
    assert!(began.elapsed() < LIMIT + Duration::from_secs(3), "{:?}", began.elapsed());
    let began = Instant::now();
    let error = ssh.start(Job::new("id -u")).output().await.expect_err("silence");
    assert_eq!(error.code(), "shell-silent", "{error:?}");
    assert!(began.elapsed() < LIMIT + Duration::from_secs(2), "{:?}", began.elapsed());
    let began = Instant::now();
    let waiting = ssh.start(Job::new("id -u"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(waiting);
    ssh.close();
    assert!(ssh.start(Job::new("id -u")).output().await.is_err() && began.elapsed() < FELT);
    wire.release();
    let ssh = way.open(reach::Script::new(&["op-pw"]).asker()).await?;
    assert!(ssh.start(Job::new("id -u").elevate(Elevate::Required)).output().await?.privilege.is_root());
    Ok(())
}

//! The whole walk on a recorded server: to the question, to the account, and back.

use checks::{Finding, Verdict};
use remote::NoAnswers;
use session::{Aim, Recording, Session, WalkAnswers, WorkError};
use std::error::Error;
use std::sync::Arc;

type Any<T> = Result<T, Box<dyn Error>>;

/// Of the changes that this role is offered there: two worked on the server that was recorded, and one did not.
const WORKS: [&str; 2] = ["sysctl.buffers", "firewall.close"];
const FAILED: &str = "limits.files";

async fn checked() -> Any<Session> {
    let recording = Recording {
        before: include_bytes!("../../../practice/before.txt").to_vec(),
        after: include_bytes!("../../../practice/after.txt").to_vec(),
    };
    let answers = Arc::new(WalkAnswers::new(Arc::new(NoAnswers)));
    let mut session = Session::practice(Arc::new(profiles::catalog().clone()), "practice-01", recording, answers);
    session.examine("reforms/minimum".parse()?, Aim::Change, &mut |_| {}).await?;
    Ok(session)
}

fn findings(session: &Session) -> Any<Vec<Finding>> {
    Ok(session.examination().ok_or("nothing was examined")?.findings.clone())
}

/// Needs that came out otherwise, and as what.
fn moved(before: &[Finding], now: &[Finding]) -> Vec<(String, Verdict)> {
    let pairs = before.iter().zip(now).filter(|(before, now)| before.verdict != now.verdict);
    pairs.map(|(_, now)| (now.id.clone(), now.verdict)).collect()
}

#[tokio::test]
async fn what_is_kept_comes_true_and_an_undo_takes_it_back() -> Any<()> {
    let mut session = checked().await?;
    let (before, offered) = (findings(&session)?, session.plan());
    let chosen: Vec<String> = WORKS.iter().chain(&[FAILED]).map(|id| (*id).to_owned()).collect();
    let settles = |change: &str, need: &String| {
        offered.changes.iter().any(|offered| offered.id == change && offered.settles.contains(need))
    };

    let waiting = session.apply(&chosen, 120, &mut |_| {}).await?;
    assert_eq!(waiting.failed.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [FAILED]);
    assert!(waiting.proofs.iter().all(|proof| proof.note == "practised only"), "{:?}", waiting.proofs);
    assert_eq!(moved(&before, &findings(&session)?), [], "nothing comes true before it is kept");
    assert_eq!(session.more_time(300).await?, 300);
    session.keep(&mut |_| {}).await?;

    let true_now = moved(&before, &findings(&session)?);
    for change in WORKS {
        assert!(true_now.iter().any(|(id, _)| settles(change, id)), "{change} settled nothing");
    }
    for (id, verdict) in true_now {
        assert_eq!(verdict, Verdict::Met, "{id}");
        assert!(WORKS.iter().any(|change| settles(change, &id)), "{id} came true by itself");
    }
    let report = session.report()?;
    assert!(report.practice && report.runs.len() == 1 && report.before.is_some());

    let run = report.runs.first().ok_or("no run")?;
    assert!(run.undo.is_none() && format!("{:?}", run.outcome).contains("rehearsal"), "{run:?}");
    let run = run.id.clone();
    session.undo(&run, &tuning::run::Answers::default(), 120, &mut |_| {}).await?;
    session.keep(&mut |_| {}).await?;
    assert_eq!(moved(&before, &findings(&session)?), []);
    let ids = |plan: tuning::Plan| plan.changes.into_iter().map(|change| change.id).collect::<Vec<_>>();
    assert_eq!(ids(session.plan()), ids(offered));
    Ok(())
}

#[tokio::test]
async fn what_is_put_back_or_stopped_leaves_nothing() -> Any<()> {
    let mut session = checked().await?;
    let before = findings(&session)?;
    let chosen = [WORKS[0].to_owned()];
    session.apply(&chosen, 120, &mut |_| {}).await?;
    session.put_back(&mut |_| {}, &mut |_| {}).await?;
    assert_eq!(moved(&before, &findings(&session)?), []);

    let stop = session.arm();
    let stopped = session.apply(&chosen, 120, &mut |_| stop.cancel()).await;
    assert!(matches!(stopped, Err(WorkError::PutBack { .. })), "{stopped:?}");
    assert!(session.waiting().is_none());
    assert_eq!(moved(&before, &findings(&session)?), []);
    Ok(())
}

//! A server whose key is swapped for another, seen from the other's side: nobody tries to sign in there, not directly, not
//! through a jump host, not at first contact, not when the walk calls again; and what is noted stays as it was.

use profiles::RoleChoice;
use reach::{Way, Wire};
use remote::{HostKey, NoAnswers, Pace};
use session::{Aim, Session, WalkAnswers, WorkError};
use std::sync::Arc;
use std::time::Duration;

type Any = Result<(), Box<dyn std::error::Error>>;

fn fingerprint(server: &lab::Server) -> Result<String, &'static str> {
    let text = server.host_key.split(' ').nth(1).ok_or("a key")?;
    Ok(HostKey::from_base64(text).ok_or("a key")?.fingerprint())
}

/// The server met a caller, who said nothing of who they are.
fn met_and_nobody_tried(server: &lab::Server) {
    let log = server.log();
    assert!(log.to_lowercase().contains("connection"), "it was never called:\n{log}");
    for word in ["Accepted", "Failed", "Invalid user", "userauth", "authenticating"] {
        assert!(!log.contains(word), "a sign-in was tried ({word}):\n{log}");
    }
}

fn noted(way: &Way) -> std::io::Result<String> {
    std::fs::read_to_string(way.folder.path().join("known_hosts"))
}

/// Met for the first time with this fingerprint compared, then called again in every way after the swap.
async fn swapped(way: &mut Way, wire: &Wire, right: &lab::Server, wrong: &lab::Server) -> Any {
    let name = format!("[127.0.0.1]:{}", wire.port);
    let others: String =
        noted(way)?.lines().filter(|line| !line.starts_with(&name)).map(|line| format!("{line}\n")).collect();
    std::fs::write(way.folder.path().join("known_hosts"), others)?;

    // First contact: the wrong server shows another fingerprint than the one that was compared.
    way.options.trust = vec![fingerprint(right)?];
    wire.lead_to("127.0.0.1", wrong.port);
    assert_eq!(way.open_alone().await.err().map(|error| error.code()), Some("host-key-not-the-one"));
    wire.lead_to("127.0.0.1", right.port);
    way.options.pace = Pace::default();
    way.open_alone().await?;
    let pinned = noted(way)?;
    assert!(pinned.contains(&name), "{pinned}");

    // Afterwards: whatever was trusted at first contact, and even with the wrong one's fingerprint.
    wire.lead_to("127.0.0.1", wrong.port);
    for trust in [vec![], vec![fingerprint(right)?], vec![fingerprint(wrong)?]] {
        way.options.trust = trust;
        way.options.pace = Pace::default();
        assert_eq!(way.open_alone().await.err().map(|error| error.code()), Some("host-key-changed"));
    }
    assert_eq!(noted(way)?, pinned);
    met_and_nobody_tried(wrong);
    // The right one is still the right one.
    way.options.trust.clear();
    way.options.pace = Pace::default();
    wire.lead_to("127.0.0.1", right.port);
    way.open_alone().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn called_directly() -> Any {
    let (right, wrong) = (lab::need!(lab::sshd()), lab::need!(lab::sshd()));
    let wire = Wire::to("127.0.0.1", right.port)?;
    let mut way = Way::key(&right, &right.user).over(&wire);
    swapped(&mut way, &wire, &right, &wrong).await
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_jump_host() -> Any {
    let (jump, right, wrong) = (lab::need!(lab::sshd()), lab::need!(lab::sshd()), lab::need!(lab::sshd()));
    let wire = Wire::to("127.0.0.1", right.port)?;
    let mut way = Way::key(&right, &right.user).over(&wire);
    let hop = Way::key(&jump, &jump.user);
    std::fs::write(way.folder.path().join("known_hosts"), noted(&way)? + &noted(&hop)?)?;
    way.target.jump = vec![hop.target.clone()];
    swapped(&mut way, &wire, &right, &wrong).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jump_host_itself() -> Any {
    let (last, right, wrong) = (lab::need!(lab::sshd()), lab::need!(lab::sshd()), lab::need!(lab::sshd()));
    let wire = Wire::to("127.0.0.1", right.port)?;
    let mut way = Way::key(&last, &last.user);
    let hop = Way::key(&right, &right.user).over(&wire);
    std::fs::write(way.folder.path().join("known_hosts"), noted(&way)? + &noted(&hop)?)?;
    way.target.jump = vec![hop.target.clone()];
    swapped(&mut way, &wire, &right, &wrong).await
}

/// The walk was begun with a fingerprint compared; that trust is used up with the first connection.
#[tokio::test(flavor = "multi_thread")]
async fn while_the_walk_calls_again() -> Any {
    lab::slow!();
    let (right, wrong) = (lab::need!(lab::sshd()), lab::need!(lab::sshd()));
    let wire = Wire::to("127.0.0.1", right.port)?;
    let mut way = Way::key(&right, &right.user).over(&wire);
    way.options.trust = vec![fingerprint(&right)?, fingerprint(&wrong)?];
    way.options.limits.lost = Duration::from_secs(3);
    std::fs::write(way.folder.path().join("known_hosts"), "")?;
    let answers = Arc::new(WalkAnswers::new(Arc::new(NoAnswers)));
    let catalog = Arc::new(profiles::catalog().clone());
    let mut session = Session::connect(catalog, way.target.clone(), way.options.clone(), answers).await?;
    let pinned = noted(&way)?;
    let choice: RoleChoice = "reforms/minimum".parse()?;
    for forgotten in [false, true] {
        // Lost, and somebody else answers in its place. Once more after the note of the right key was taken away.
        if forgotten {
            std::fs::write(way.folder.path().join("known_hosts"), "")?;
        } else {
            wire.pinch();
            tokio::time::sleep(Duration::from_secs(5)).await;
            wire.release();
            wire.lead_to("127.0.0.1", wrong.port);
        }
        let error = session.examine(choice.clone(), Aim::Judge, &mut |_| {}).await.expect_err("swapped");
        let WorkError::Remote(error) = error else { return Err(error.into()) };
        assert_eq!(error.code(), if forgotten { "host-key-first" } else { "host-key-changed" }, "{error:?}");
        assert_eq!(noted(&way)?, if forgotten { String::new() } else { pinned.clone() });
    }
    met_and_nobody_tried(&wrong);
    Ok(())
}

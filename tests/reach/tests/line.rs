//! A line that is long, breaks without a word, mends, or belongs to a server that restarts.

use reach::Way;
use remote::{Elevate, Event, Fault, Job, NoAnswers, Options, Remote as _, Running, Ssh, Stage};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Any = Result<(), Box<dyn std::error::Error>>;

async fn until_output(running: &mut Running) -> Any {
    loop {
        match running.events.recv().await {
            Some(Event::Stdout(_)) => return Ok(()),
            Some(Event::Started { .. }) => {}
            other => return Err(format!("{other:?}").into()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_is_told_within_its_limit_at_every_moment() -> Any {
    let mut server = lab::need!(lab::Nspawn::new("bookworm").link("delay-ms=5").start());
    let mut way = Way::key(&server, "root");
    way.options.limits.lost = Duration::from_secs(4);
    way.options.limits.connect = Duration::from_secs(2);
    let again = |way: &Way| Options { pace: Default::default(), ..way.options.clone() };
    // While a script runs; and while nothing does; and while a large script is on its way.
    let busy = way.open_alone().await?;
    let idle = Ssh::connect(&way.target, &again(&way), Arc::new(NoAnswers)).await?;
    let sending = Ssh::connect(&way.target, &again(&way), Arc::new(NoAnswers)).await?;
    let mut running = busy.start(Job::new("echo up; sleep 100").silence(Duration::from_secs(100)));
    until_output(&mut running).await?;
    let mut large = vec![b'#'; 200_000_000];
    for at in (0..large.len()).step_by(100) {
        large[at] = b'\n';
    }
    let mut upload = sending.start(Job::new([b"echo up\n".to_vec(), large].concat()));
    until_output(&mut upload).await?;
    let began = Instant::now();
    server.cut_line()?;
    for (name, running) in [("running", running), ("sending", upload)] {
        let error = running.output().await.expect_err(name);
        assert!(matches!(error.fault(), Fault::ConnectionLost { silent: true }), "{name} {error:?}");
        assert_eq!(error.stage(), Stage::Work);
    }
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(idle.ended().map(|e| e.code()), Some("connection-lost"));
    // And a new connection: how far it got.
    let error = Ssh::connect(&way.target, &again(&way), Arc::new(NoAnswers)).await.expect_err("cut");
    assert_eq!((error.code(), error.stage()), ("no-answer", Stage::Address), "{error:?}");
    server.mend_line()?;
    Ssh::connect(&way.target, &again(&way), Arc::new(NoAnswers)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_break_is_no_break() -> Any {
    let mut server = lab::need!(lab::Nspawn::new("bookworm").link("delay-ms=5").start());
    let ssh = Way::key(&server, "root").open_alone().await?;
    let mut running = ssh.start(Job::new("echo up; sleep 6; echo done"));
    until_output(&mut running).await?;
    server.cut_line()?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    server.mend_line()?;
    assert_eq!(running.output().await?.stdout, b"done\n");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_takes_no_two_seconds_on_a_dead_line() -> Any {
    let mut server = lab::need!(lab::Nspawn::new("bookworm").link("delay-ms=5").start());
    let way = Way::key(&server, "root");
    let ssh = way.open_alone().await?;
    let mut running = ssh.start(Job::new("echo up; sleep 100"));
    until_output(&mut running).await?;
    server.cut_line()?;
    let began = Instant::now();
    drop(running);
    ssh.close();
    let error = ssh.start(Job::new("echo")).output().await.expect_err("closed");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?} {error:?}", began.elapsed());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts() -> Any {
    let mut server = lab::need!(lab::nspawn("bookworm"));
    let way = Way::key(&server, "root");
    let ssh = way.open_alone().await?;
    let mut running = ssh.start(Job::new("echo up; sleep 100"));
    until_output(&mut running).await?;
    server.reboot()?;
    let error = running.output().await.expect_err("it restarted");
    assert!(
        matches!(error.fault(), Fault::ConnectionLost { .. } | Fault::Killed { .. } | Fault::GoingDown),
        "{error:?}"
    );
    let again = Options { pace: Default::default(), ..way.options.clone() };
    Ssh::connect(&way.target, &again, Arc::new(NoAnswers)).await?;
    Ok(())
}

/// 50 ms there and back: what a connection and a script cost, in round trips.
#[tokio::test(flavor = "multi_thread")]
async fn round_trips_are_few() -> Any {
    let server = lab::need!(lab::Nspawn::new("bookworm").link("delay-ms=25").start());
    server.must("printf 'admin ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/admin; mkdir -p /home/admin/.ssh; cp /root/.ssh/authorized_keys /home/admin/.ssh/; chown -R admin: /home/admin/.ssh")?;
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..10 {
        let mut way = Way::key(&server, "admin");
        way.options.methods = vec![remote::Method::KeyFile];
        let began = Instant::now();
        let ssh = way.open_alone().await?;
        let connect = began.elapsed().as_secs_f64() * 1000.0;
        let began = Instant::now();
        let out = ssh.start(Job::new("echo").elevate(Elevate::IfPossible)).output().await?;
        assert!(out.privilege.is_root());
        best = (best.0.min(connect), best.1.min(began.elapsed().as_secs_f64() * 1000.0));
        if best.0 < 450.0 && best.1 < 200.0 {
            break;
        }
    }
    println!(
        "connect {:.0} ms = {:.1} round trips, first script as root {:.0} ms = {:.1} round trips",
        best.0,
        best.0 / 50.0,
        best.1,
        best.1 / 50.0
    );
    // TCP 1, version 1, key exchange 2, service 1, key offered 1, signed 1; channel 1, command 1, end 1. Room for a slow machine.
    assert!(best.0 / 50.0 < 12.0 && best.1 / 50.0 < 8.0, "{best:?}");
    Ok(())
}

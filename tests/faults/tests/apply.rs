//! A run that goes well, on a real server with systemd.

use anyhow::Result;
use faults::{NONCE, Rig, buffers, limits, snapshot, spec};
use tuning::journal::Word;
use tuning::receipt::RunState;
use tuning::run::{self, Answers};
use tuning::{End, RunEvent, Step};

const KEYS: &[&str] = &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_max_syn_backlog"];

#[test]
fn applied_as_promised_kept_and_undone_to_the_byte() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let tunings = [buffers(), limits()];
    let before = snapshot(&rig.server, KEYS)?;
    let (plan, looked) = rig.plan(&tunings)?;
    assert_eq!(plan.changes.len(), 2, "{:?}", plan.left);

    let spec = spec(120);
    let started = std::time::Instant::now();
    let events = rig.events(&run::launch(&plan, &looked, &spec, NONCE))?;
    println!("applied in {:?}", started.elapsed());
    assert!(
        !events.iter().any(|event| matches!(event, RunEvent::Act { word: Word::Failed, .. })),
        "{events:#?}\n{}",
        rig.run_logs()
    );
    assert_eq!(events.last(), Some(&RunEvent::End(End::Waiting)), "{events:#?}\n{}", rig.run_logs());
    let armed = Step::Armed { seconds: 120, timer: "systemd".into(), boot: "systemd".into() };
    assert!(events.contains(&RunEvent::Step(armed)), "{events:#?}");

    // as the plan said: the middle number of tcp_rmem stays what it is, and only ever up
    assert_eq!(rig.server.must("cat /proc/sys/net/ipv4/tcp_rmem")?, "4096\t131072\t134217728\n");
    assert_eq!(rig.server.must("systemctl show -p DefaultLimitNOFILESoft --value")?, "16384\n");
    let login = rig.server.ssh("root").arg("sh -c 'ulimit -Sn'").output()?;
    assert_eq!(String::from_utf8_lossy(&login.stdout), "16384\n");

    assert_eq!(rig.end(&run::proof(&spec.id, NONCE))?, End::Proof { value: spec.proof.clone() });
    // a second may have passed until it is told
    let extended = rig.end(&run::extend(&spec.id, 90, NONCE))?;
    assert!(matches!(extended, End::Extended { seconds: 87..=90 }), "{extended:?}");
    assert_eq!(rig.end(&run::keep(&spec.id, NONCE))?, End::Kept);
    assert_eq!(rig.end(&run::keep(&spec.id, NONCE))?, End::TooLate);
    assert_eq!(rig.receipt(&spec.id)?.state, RunState::Kept);
    // systemd forgets a unit that has ended a moment later
    let gone =
        "! ls /etc/systemd/system | grep plumbline && ! systemctl list-units --all 'plumbline*' --no-legend | grep .";
    faults::eventually(&rig.server, std::time::Duration::from_secs(15), gone)?;

    let (again, _) = rig.plan(&tunings)?;
    assert!(again.changes.is_empty(), "a second plan is empty: {again:#?}");

    let undo = faults::spec(120);
    let receipt = rig.receipt(&spec.id)?;
    assert_eq!(rig.end(&run::undo(&receipt, &Answers::default(), &undo, NONCE))?, End::Waiting, "{}", rig.run_logs());
    assert_eq!(rig.end(&run::keep(&undo.id, NONCE))?, End::Kept);
    assert_eq!(snapshot(&rig.server, KEYS)?, before);
    assert_eq!(rig.receipt(&spec.id)?.state, RunState::Undone);
    Ok(())
}

#[test]
fn put_back_at_once() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let before = snapshot(&rig.server, KEYS)?;
    let (plan, looked) = rig.plan(&[buffers(), limits()])?;
    let spec = spec(120);
    assert_eq!(rig.end(&run::launch(&plan, &looked, &spec, NONCE))?, End::Waiting);
    assert_ne!(snapshot(&rig.server, KEYS)?, before);
    assert_eq!(rig.end(&run::put_back(&spec.id, NONCE))?, End::PutBack, "{}", rig.run_logs());
    assert_eq!(snapshot(&rig.server, KEYS)?, before);
    assert_eq!(rig.end(&run::keep(&spec.id, NONCE))?, End::TooLate);
    Ok(())
}

#[test]
fn no_answer_is_put_back_by_the_server_itself() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let before = snapshot(&rig.server, KEYS)?;
    let (plan, looked) = rig.plan(&[buffers(), limits()])?;
    let spec = spec(8);
    assert_eq!(rig.end(&run::launch(&plan, &looked, &spec, NONCE))?, End::Waiting);
    let extended = rig.end(&run::extend(&spec.id, 12, NONCE))?;
    assert!(matches!(extended, End::Extended { seconds: 10..=12 }), "{extended:?}");
    let started = std::time::Instant::now();
    faults::eventually(
        &rig.server,
        std::time::Duration::from_secs(40),
        &format!("test -e /var/lib/plumbline/runs/{}/reverted", spec.id),
    )?;
    assert!(started.elapsed().as_secs() >= 8, "the extension counted: {:?}", started.elapsed());
    faults::eventually(&rig.server, std::time::Duration::from_secs(5), "! ls /etc/systemd/system | grep plumbline")?;
    assert_eq!(snapshot(&rig.server, KEYS)?, before);
    assert_eq!(rig.end(&run::keep(&spec.id, NONCE))?, End::TooLate);
    Ok(())
}

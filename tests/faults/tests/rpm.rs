//! Programs and their updates where they come by dnf and rpm.

use anyhow::{Result, ensure};
use faults::{NONCE, Rig, round_trip, spec, tuning};
use profiles::{PackageChoice, TuningKind};
use std::collections::BTreeMap;
use tuning::{End, RunEvent, run};

fn stand_in() -> Result<Rig, lab::Error> {
    Ok(Rig { server: lab::rpm()? })
}

fn program(name: &str) -> profiles::Tuning {
    let packages = BTreeMap::from([("dnf".to_owned(), name.to_owned())]);
    tuning("packages.tools", TuningKind::Packages(vec![PackageChoice { program: name.into(), packages }]))
}

#[test]
fn programs_come_and_go_with_what_they_brought() -> Result<()> {
    let rig = lab::need!(stand_in());
    round_trip(&rig, &[program("jq")], &[], |rig| Ok(rig.server.must("rpm -q jq oniguruma").map(drop)?))?;
    let left = rig.server.exec("rpm -q jq oniguruma")?;
    ensure!(left.stdout.matches("is not installed").count() == 2, "{}", left.stdout);
    Ok(())
}

#[test]
fn a_program_that_the_distribution_lacks_is_not_offered() -> Result<()> {
    let rig = lab::need!(stand_in());
    let (plan, _) = rig.plan(&[program("no-such-program")])?;
    ensure!(plan.changes.is_empty() && plan.left[0].1.contains("sudo dnf makecache"), "{plan:?}");
    Ok(())
}

#[test]
fn what_something_else_has_come_to_need_stays() -> Result<()> {
    let rig = lab::need!(stand_in());
    let (plan, looked) = rig.plan(&[program("oniguruma")])?;
    let spec = spec(60);
    ensure!(rig.end(&run::launch(&plan, &looked, &spec, NONCE))? == End::Waiting, "{}", rig.run_logs());
    ensure!(rig.end(&run::keep(&spec.id, NONCE))? == End::Kept);
    rig.server.must("dnf -q -y install jq")?;
    let receipt = rig.receipt(&spec.id)?;
    let undo = faults::spec(60);
    let events = rig.events(&run::undo(&receipt, &run::Answers::default(), &undo, NONCE))?;
    ensure!(rig.server.exec("rpm -q jq oniguruma")?.ok(), "{events:#?}");
    ensure!(rig.run_logs().contains("something else needs by now: oniguruma.noarch"), "{}", rig.run_logs());
    Ok(())
}

#[test]
fn whoever_holds_the_records_of_packages_is_waited_for() -> Result<()> {
    let rig = lab::need!(stand_in());
    let (plan, looked) = rig.plan(&[program("jq")])?;
    faults::hold_lock(&rig.server, "/var/lib/rpm/.rpm.lock", 8)?;
    let spec = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &spec, NONCE))?;
    let waited = |event: &RunEvent| matches!(event, RunEvent::Log(text) if text.starts_with("waiting for python3"));
    ensure!(events.iter().any(waited), "{events:#?}");
    ensure!(events.last() == Some(&RunEvent::End(End::Waiting)));
    ensure!(rig.end(&run::put_back(&spec.id, NONCE))? == End::PutBack);
    ensure!(!rig.server.exec("rpm -q jq")?.ok(), "{}", rig.run_logs());
    Ok(())
}

#[test]
fn security_updates_come_and_none_waits_after_them() -> Result<()> {
    let rig = lab::need!(stand_in());
    let version = |rig: &Rig| rig.server.must("cat /usr/share/lab-demo/version");
    ensure!(version(&rig)? == "1.0\n");
    let (plan, looked) = rig.plan(&[tuning("updates.install", TuningKind::SecurityUpdates)])?;
    let spec = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &spec, NONCE))?;
    ensure!(events.last() == Some(&RunEvent::End(End::Waiting)), "{events:#?}\n{}", rig.run_logs());
    ensure!(version(&rig)? == "1.1\n");
    ensure!(rig.server.must("dnf -q updateinfo list --security")?.trim().is_empty());
    ensure!(rig.end(&run::keep(&spec.id, NONCE))? == End::Kept);
    Ok(())
}

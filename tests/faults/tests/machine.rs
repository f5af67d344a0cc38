//! What only a machine with a disk, a clock and a kernel of its own can suffer, in the middle of a run: the power, a
//! restart, a full disk, a clock that jumps, a disk that turns read-only.

use anyhow::{Context as _, Result, ensure};
use faults::{NONCE, Rig, difference, eventually, lasting, limits, snapshot, spec, tuning};
use profiles::{Tuning, TuningKind};
use std::time::{Duration, Instant};
use tuning::receipt::RunState;
use tuning::run::{self, RunId, RunSpec};

const KEYS: &[&str] = &["net.core.rmem_max", "vm.max_map_count"];

fn job() -> Vec<Tuning> {
    let values = [("net.core.rmem_max", "50000000"), ("vm.max_map_count", "262144")];
    let values = values.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec();
    let sshd = vec![("passwordauthentication".to_owned(), "no".to_owned())];
    vec![
        tuning("sysctl.own", TuningKind::Sysctl(values)),
        limits(),
        tuning("swap.file", TuningKind::SwapFile { bytes: 32 << 20 }),
        tuning("ssh.keys", TuningKind::Sshd(sshd)),
    ]
}

fn begin(rig: &Rig, window: u32) -> Result<(RunId, faults::Client)> {
    let (plan, looked) = rig.plan(&job())?;
    ensure!(plan.changes.len() == job().len(), "{:?}", plan.left);
    let spec = RunSpec { step: 60, ..spec(window) };
    let client = rig.begin(&run::launch(&plan, &looked, &spec, NONCE))?;
    Ok((spec.id, client))
}

/// Waits until the run is over by itself: put back, refused, or lost before it could change anything.
fn over(rig: &Rig, id: &RunId) -> Result<()> {
    let run = format!("/var/lib/plumbline/runs/{id}");
    let lost = format!("! test -e {run}/timers && ! kill -0 $(cut -d' ' -f1 {run}/runner)");
    let over = format!("test -e {run}/reverted -o -e {run}/refused || {{ {lost}; }}");
    eventually(&rig.server, Duration::from_secs(200), &over).with_context(|| rig.run_logs())
}

/// The run is over by itself, a new sign-in works, and what lasts is as before.
fn as_before(rig: &Rig, what: &str, id: &RunId, before: &str) -> Result<()> {
    over(rig, id)?;
    ensure!(rig.server.ssh("root").arg("true").status()?.success(), "{what}: nobody can sign in");
    eventually(&rig.server, Duration::from_secs(60), "! ls -A /etc/systemd/system | grep plumbline")?;
    let state = rig.receipt(id)?.state;
    ensure!(matches!(state, RunState::Preparing | RunState::Refused | RunState::PutBack), "{what}: {state:?}");
    let after = lasting(&snapshot(&rig.server, KEYS)?, KEYS);
    ensure!(after == before, "{what}: {}\n{}", difference(before, &after), rig.run_logs());
    rig.end(&run::purge(id, NONCE)).map(drop)
}

#[test]
fn the_power_goes_and_a_restart_comes_at_ten_points() -> Result<()> {
    lab::full!();
    let mut rig = Rig { server: lab::need!(lab::vm("bookworm")) };
    let before = lasting(&snapshot(&rig.server, KEYS)?, KEYS);
    for (number, at) in [2, 6, 7, 9, 11, 13, 15, 17, 19, 21].into_iter().enumerate() {
        let (id, mut client) = begin(&rig, 120)?;
        let struck = client.hears(at, "\tapplied\t")?;
        let what = if number % 2 == 0 { "the power" } else { "a restart" };
        if number % 2 == 0 {
            rig.server.cut_power()?
        } else {
            rig.server.reboot()?
        }
        client.kill();
        as_before(&rig, &format!("{what} at line {at}"), &id, &before)?;
        println!("{what} at line {at} of the journal (before its end: {struck}): as before");
    }
    Ok(())
}

#[test]
fn the_disk_fills_up_at_five_points() -> Result<()> {
    lab::full!();
    let rig = Rig { server: lab::need!(lab::vm("bookworm")) };
    let before = lasting(&snapshot(&rig.server, KEYS)?, KEYS);
    for at in [5, 8, 11, 14, 18] {
        let (id, mut client) = begin(&rig, 10)?;
        client.hears(at, "\tapplied\t")?;
        // to the last block, without writing what is in them
        rig.server.must(
            "mkdir /fill; for size in 1G 128M 16M 2M 256K 32K 4K; do n=0; \
             while fallocate -l $size /fill/$size.$n 2>/dev/null; do n=$((n + 1)); done; done; ! echo x >/fill/more",
        )?;
        client.kill();
        // put back while the disk is still full
        over(&rig, &id)?;
        rig.server.must("rm -rf /fill")?;
        as_before(&rig, &format!("a full disk at line {at}"), &id, &before)?;
        println!("a full disk at line {at} of the journal: as before");
    }
    Ok(())
}

#[test]
fn the_clock_jumps_while_the_run_waits() -> Result<()> {
    lab::full!();
    let rig = Rig { server: lab::need!(lab::vm("bookworm")) };
    let before = lasting(&snapshot(&rig.server, KEYS)?, KEYS);
    for jump in ["+2 days", "-3 days"] {
        let (id, mut client) = begin(&rig, 40)?;
        client.until("\tapplied\t")?;
        let applied = Instant::now();
        rig.server.must(&format!("date -s '{jump}'"))?;
        client.kill();
        let back =
            format!("test -e /var/lib/plumbline/runs/{id}/reverting -o -e /var/lib/plumbline/runs/{id}/reverted");
        eventually(&rig.server, Duration::from_secs(120), &back)?;
        let took = applied.elapsed().as_secs();
        ensure!((30..=45).contains(&took), "{jump}: put back after {took} s, deadline 40 s");
        as_before(&rig, jump, &id, &before)?;
        println!("the clock by {jump}: put back after {took} s, deadline 40 s");
    }
    Ok(())
}

#[test]
fn a_disk_that_turns_read_only_is_put_back_at_the_next_start() -> Result<()> {
    lab::full!();
    let mut rig = Rig { server: lab::need!(lab::vm("bookworm")) };
    let before = lasting(&snapshot(&rig.server, KEYS)?, KEYS);
    let (id, mut client) = begin(&rig, 15)?;
    client.until("\tapplied\t")?;
    rig.server.must("sync; echo u >/proc/sysrq-trigger; sleep 1; ! touch /etc/try 2>/dev/null")?;
    client.kill();
    std::thread::sleep(Duration::from_secs(40));
    ensure!(rig.server.ssh("root").arg("true").status()?.success(), "nobody can sign in");
    rig.server.cut_power()?;
    as_before(&rig, "a read-only disk", &id, &before)?;
    println!("a disk that turned read-only: as before after the next start");
    Ok(())
}

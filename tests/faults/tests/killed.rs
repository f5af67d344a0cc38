//! Runs that end in the middle: the runner killed at every durable point, the power cut, the client gone, the disk full.
//! After each the server is exactly as before, by itself, and its journal says so.

use anyhow::{Result, ensure};
use faults::{NONCE, Rig, buffers, eventually, every_kind, lasting, limits, snapshot, spec};
use std::time::Duration;
use tuning::receipt::RunState;
use tuning::run;
use tuning::{End, RunEvent};

const KEYS: &[&str] = &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_max_syn_backlog"];

/// A `sync` before the system's own in the runner's path: at the n-th call it does its work and then kills the runner and
/// all that it started. Every durable point of a run is such a call, so n names each of them.
fn sync_that_kills(rig: &Rig, at: u32, victim: &str) -> Result<()> {
    kill_at_a_sync(rig, &format!("[ $(wc -l </tmp/syncs) -eq {at} ]"), victim)
}

/// The same at the first call at which this holds.
fn kill_at_a_sync(rig: &Rig, when: &str, victim: &str) -> Result<()> {
    let script = format!(
        "rm -f /tmp/syncs /tmp/struck; cat >/usr/local/sbin/sync <<'X'\n#!/bin/sh\n/usr/bin/sync \"$@\"\ncode=$?\n\
         case $(tr '\\0' ' ' </proc/$PPID/cmdline) in *run.sh\\ {victim}*) ;; *) exit $code ;; esac\n\
         echo >>/tmp/syncs\n{{ ! {when}; }} || {{ : >/tmp/struck; kill -KILL $PPID; }}\nexit $code\nX\nchmod 755 /usr/local/sbin/sync"
    );
    rig.server.must(&script)?;
    Ok(())
}

/// Whether the runner was struck at this point, or the run has fewer. `None`: so slow a machine that a step took longer
/// than it may, and the safety timer came first.
fn killed_at(rig: &Rig, at: u32, step: u32, before: &str) -> Result<Option<bool>> {
    let (plan, looked) = rig.plan(&[buffers(), limits()])?;
    let spec = run::RunSpec { step, ..spec(8) };
    sync_that_kills(rig, at, "apply")?;
    let client = rig.begin(&run::launch(&plan, &looked, &spec, NONCE))?;
    let run = format!("/var/lib/plumbline/runs/{}", spec.id);
    let limit = Duration::from_secs(u64::from(step) * 10);
    let known = format!(
        "for f in /tmp/struck {run}/refused {run}/reverted; do test -e $f && exit 0; done; grep -q applied {run}/journal"
    );
    eventually(&rig.server, limit, &known)?;
    rig.server.must("rm -f /usr/local/sbin/sync")?;
    let struck = rig.server.exec("test -e /tmp/struck")?.ok();
    client.kill();
    // before the timer is set nothing but the record is touched; from then on the timer tidies up
    let settled = format!("test -e {run}/reverted -o -e {run}/refused || ! test -e {run}/timers");
    eventually(&rig.server, limit, &settled)?;
    eventually(&rig.server, limit, "! ls -A /etc/systemd/system | grep plumbline")?;
    let state = rig.receipt(&spec.id)?.state;
    ensure!(matches!(state, RunState::Preparing | RunState::Refused | RunState::PutBack), "killed at {at}: {state:?}");
    let after = snapshot(&rig.server, KEYS)?;
    ensure!(after == before, "killed at {at}: {}\n{}", faults::difference(before, &after), rig.run_logs());
    let leftover = rig.server.must("find /etc -name '.plumbline*' | cat")?;
    ensure!(leftover.is_empty(), "killed at {at}: left behind {leftover}");
    let finished = rig.server.exec(&format!("grep -q applied {run}/journal"))?.ok();
    rig.end(&run::purge(&spec.id, NONCE))?;
    Ok((struck || finished).then_some(struck))
}

#[test]
fn the_runner_at_any_durable_point() -> Result<()> {
    lab::slow!();
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let before = snapshot(&rig.server, KEYS)?;
    let mut at = 1;
    let mut points = 0;
    loop {
        let mut struck = None;
        for step in [8, 30, 60] {
            struck = killed_at(&rig, at, step, &before)?;
            if struck.is_some() {
                break;
            }
        }
        if !struck.ok_or_else(|| anyhow::anyhow!("point {at}: no step ends within a minute here"))? {
            break;
        }
        points += 1;
        at += if lab::full_matrix() { 1 } else { 8 };
    }
    println!("killed at {points} points, the last before {at}");
    ensure!(points >= 3, "the wrapper struck {points} times");
    Ok(())
}

#[test]
fn the_one_who_puts_back() -> Result<()> {
    lab::slow!();
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let before = snapshot(&rig.server, KEYS)?;
    for at in [1, 4] {
        let (plan, looked) = rig.plan(&[buffers(), limits()])?;
        let spec = spec(8);
        assert_eq!(rig.end(&run::launch(&plan, &looked, &spec, NONCE))?, End::Waiting);
        sync_that_kills(&rig, at, "revert")?;
        // killed once, it is started again by whoever started it
        let run = format!("/var/lib/plumbline/runs/{}", spec.id);
        eventually(&rig.server, Duration::from_secs(40), &format!("test -e {run}/reverted"))?;
        ensure!(rig.server.exec(&format!("test $(wc -l </tmp/syncs) -ge {at}"))?.ok());
        rig.server.must("rm -f /usr/local/sbin/sync")?;
        eventually(&rig.server, Duration::from_secs(10), "! ls -A /etc/systemd/system | grep plumbline")?;
        assert_eq!(snapshot(&rig.server, KEYS)?, before);
    }
    Ok(())
}

/// Every kind: at a boot the files come back before anything reads them, and what services make of them is looked at once
/// they run.
#[test]
fn the_power_while_waiting_and_while_working() -> Result<()> {
    lab::slow!();
    let mut rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let before = lasting(&snapshot(&rig.server, &[])?, &[]);
    ensure!(before.contains("/etc/ssh/sshd_config"), "the snapshot shows no files: {before}");
    for word in ["applied", "started\ta:5"] {
        let (plan, looked) = rig.plan(&every_kind())?;
        ensure!(plan.changes.len() == every_kind().len(), "not all offered: {:?}", plan.left);
        let spec = spec(120);
        let mut client = rig.begin(&run::launch(&plan, &looked, &spec, NONCE))?;
        client.until(word)?;
        rig.server.cut_power()?;
        client.kill();
        let run = format!("/var/lib/plumbline/runs/{}", spec.id);
        eventually(&rig.server, Duration::from_secs(60), &format!("test -e {run}/reverted"))?;
        eventually(&rig.server, Duration::from_secs(10), "! ls -A /etc/systemd/system | grep plumbline")?;
        faults::same(&before, &lasting(&snapshot(&rig.server, &[])?, &[]))?;
        assert_eq!(rig.receipt(&spec.id)?.state, RunState::PutBack);
        let journal = rig.server.must(&format!("cat {run}/journal"))?;
        ensure!(!journal.contains("\tstuck\t"), "{journal}");
        // the revert ran before anybody could sign in
        let order = rig.server.must("systemctl show -p ActiveEnterTimestampMonotonic --value ssh.service; systemctl show -p InactiveExitTimestampMonotonic --value plumbline-revert.service")?;
        println!("ssh and revert at {order:?}");
    }
    Ok(())
}

#[test]
fn the_client_goes_away_and_another_one_keeps() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let (plan, looked) = rig.plan(&[buffers(), limits()])?;
    let spec = spec(60);
    let mut client = rig.begin(&run::launch(&plan, &looked, &spec, NONCE))?;
    client.until("armed")?;
    client.kill();
    let open: Vec<_> = rig.receipts()?.into_iter().filter(|receipt| receipt.is_open()).collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].manifest.changes.len(), 2);
    let events = rig.events(&run::follow(&spec.id, NONCE))?;
    assert_eq!(events.last(), Some(&RunEvent::End(End::Waiting)));
    assert_eq!(rig.end(&run::keep(&spec.id, NONCE))?, End::Kept);
    Ok(())
}

#[test]
fn go_on_after_the_runner_was_lost() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let (plan, looked) = rig.plan(&[buffers(), limits()])?;
    let spec = spec(60);
    kill_at_a_sync(&rig, &format!("grep -q 'started.a:3' /var/lib/plumbline/runs/{}/journal", spec.id), "apply")?;
    let mut client = rig.begin(&run::launch(&plan, &looked, &spec, NONCE))?;
    client.until("D runner")?;
    client.kill();
    rig.server.must("rm -f /usr/local/sbin/sync")?;
    assert_eq!(rig.end(&run::keep(&spec.id, NONCE))?, End::NotFinished);
    assert_eq!(rig.end(&run::resume(&spec.id, NONCE))?, End::Waiting, "{}", rig.run_logs());
    assert_eq!(rig.end(&run::keep(&spec.id, NONCE))?, End::Kept);
    let (again, _) = rig.plan(&[buffers(), limits()])?;
    assert!(again.changes.is_empty());
    Ok(())
}

#[test]
fn keeping_races_the_timer_and_exactly_one_of_them_wins() -> Result<()> {
    lab::slow!();
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let before = snapshot(&rig.server, KEYS)?;
    let (plan, looked) = rig.plan(&[buffers()])?;
    let spec = spec(600);
    ensure!(rig.end(&run::launch(&plan, &looked, &spec, NONCE))? == End::Waiting);
    let rounds = if lab::full_matrix() { 1000 } else { 20 };
    // the run that waits, again and again: both answers at the same moment, now the one a little earlier, now the other
    let script = format!(
        "cd /var/lib/plumbline/runs && cp -a {id} /root/waits && rm -rf {id} && kept=0 back=0\n         round() {{ rm -rf {id} && cp -a /root/waits {id} && cat /root/after >/etc/sysctl.d/zz-plumbline.conf\n         ( sleep 0.0$(($1 % 4)); sh $PWD/{id}/run.sh keep >/root/keep 2>>/root/log ) & one=$!\n         ( sleep 0.0$((($1 + 2) % 5)); sh $PWD/{id}/run.sh revert asked >>/root/log 2>&1 ) & two=$!\n         wait $one; wait $two; said=$(tail -n 1 /root/keep); }}\n         cp /etc/sysctl.d/zz-plumbline.conf /root/after\n         for n in $(seq $FROM $TO); do round $n\n         case $said:$(ls {id} | grep -xE 'armed|confirmed|reverting|reverted' | tr '\\n' ' ') in\n         'kept:confirmed ') kept=$((kept + 1)); cmp -s /root/after /etc/sysctl.d/zz-plumbline.conf || {{ echo kept and gone; exit 1; }} ;;\n         'late:reverted ') back=$((back + 1)); [ ! -e /etc/sysctl.d/zz-plumbline.conf ] || {{ echo back and there; exit 1; }} ;;\n         *) echo \"round $n: $said\"; ls {id}; cat {id}/journal; exit 1 ;;\n         esac; done; echo $kept $back; rm -rf {id}; cp -a /root/waits {id}; cp /root/after /etc/sysctl.d/zz-plumbline.conf; rm -rf /root/waits",
        id = spec.id
    );
    let (mut kept, mut back) = (0, 0);
    for from in (1..=rounds).step_by(10) {
        let answer = rig.server.must(&format!("FROM={from}; TO={}\n{script}", from + 9))?;
        let mut words = answer.lines().last().unwrap_or_default().split(' ').map(str::parse::<u32>);
        let (Some(Ok(one)), Some(Ok(other))) = (words.next(), words.next()) else { anyhow::bail!("{answer}") };
        kept += one;
        back += other;
    }
    println!("{rounds} races: kept {kept} times, put back {back} times, never both and never neither");
    ensure!(kept + back == rounds && kept > 0 && back > 0, "{kept} {back}");
    ensure!(rig.end(&run::put_back(&spec.id, NONCE))? == End::PutBack, "{}", rig.run_logs());
    eventually(&rig.server, Duration::from_secs(10), "! ls -A /etc/systemd/system | grep plumbline")?;
    faults::same(&before, &snapshot(&rig.server, KEYS)?)
}

#[test]
fn an_answer_close_to_the_deadline_counts_or_is_told_that_it_came_too_late() -> Result<()> {
    lab::slow!();
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let before = snapshot(&rig.server, KEYS)?;
    for delay in [6000, 7800] {
        let (plan, looked) = rig.plan(&[buffers()])?;
        let spec = spec(8);
        assert_eq!(rig.end(&run::launch(&plan, &looked, &spec, NONCE))?, End::Waiting);
        std::thread::sleep(Duration::from_millis(delay));
        let kept = rig.end(&run::keep(&spec.id, NONCE))?;
        let run = format!("/var/lib/plumbline/runs/{}", spec.id);
        match kept {
            End::Kept => {
                std::thread::sleep(Duration::from_secs(5));
                assert_eq!(rig.receipt(&spec.id)?.state, RunState::Kept);
                assert_ne!(snapshot(&rig.server, KEYS)?, before);
                let undo = faults::spec(60);
                assert_eq!(
                    rig.end(&run::undo(&rig.receipt(&spec.id)?, &run::Answers::default(), &undo, NONCE))?,
                    End::Waiting
                );
                assert_eq!(rig.end(&run::keep(&undo.id, NONCE))?, End::Kept);
            }
            End::TooLate => eventually(&rig.server, Duration::from_secs(10), &format!("test -e {run}/reverted"))?,
            other => panic!("{other:?}"),
        }
        eventually(&rig.server, Duration::from_secs(10), "! ls -A /etc/systemd/system | grep plumbline")?;
        assert_eq!(snapshot(&rig.server, KEYS)?, before);
    }
    Ok(())
}

#[test]
fn what_the_host_forbids_is_undone_by_itself_and_the_rest_goes_on() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    // more than the hard limit of the lab where it is itself confined; where it is not, the change simply works
    let many = faults::tuning("limits.many", profiles::TuningKind::FileLimit { files: 65536, units: vec![] });
    let (plan, looked) = rig.plan(&[buffers(), many])?;
    let spec = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &spec, NONCE))?;
    assert_eq!(events.last(), Some(&RunEvent::End(End::Waiting)));
    let failed = events.iter().any(|event| matches!(event, RunEvent::Change { id, state: tuning::ChangeState::Failed { why } } if id == "limits.many" && why.contains("sign-in")));
    if failed {
        assert_eq!(rig.server.read("/etc/security/limits.d/zz-plumbline.conf")?, None);
        assert_eq!(rig.server.must("systemctl show -p DefaultLimitNOFILESoft --value")?, "1024\n");
    }
    assert!(rig.server.must("cat /proc/sys/net/ipv4/tcp_rmem")?.ends_with("134217728\n"));
    assert_eq!(rig.end(&run::put_back(&spec.id, NONCE))?, End::PutBack);
    Ok(())
}

//! One run with every kind of change that a server in a container supports, and at every line of its journal: the client
//! killed, the line cut without a word, the runner killed. After each a new sign-in works, everything is exactly as
//! before, by itself, and the journal says so.

use anyhow::{Context as _, Result, ensure};
use faults::{NONCE, Rig, difference, eventually, every_kind, snapshot, spec};
use std::time::{Duration, Instant};
use tuning::receipt::RunState;
use tuning::run::{self, RunSpec};

const KEYS: &[&str] = &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_max_syn_backlog"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Client,
    Line,
    Runner,
}

/// What one case came to.
enum Struck {
    /// It was struck with so many lines in the journal, and all was as before so long after.
    Yes(usize, Duration),
    /// The run had no such line.
    PastTheEnd,
    /// So slow a machine that the safety timer came first: to be tried again with more time for each step.
    TooSlow,
}

/// A `sync` before the system's own in the runner's path: once the n-th line of the journal is on disk, it kills the
/// runner and says at which line that was: of lines that nothing waits for, the next one that something waits for.
fn kill_behind_line(rig: &Rig, run: &str, at: usize) -> Result<()> {
    rig.server.must(&format!(
        "rm -f /tmp/struck; cat >/usr/local/sbin/sync <<'X'\n#!/bin/sh\n/usr/bin/sync \"$@\"\ncode=$?\n\
         [ \"$1\" = {run}/journal ] && [ ! -e /tmp/struck ] || exit $code\n\
         case $(tr '\\0' ' ' </proc/$PPID/cmdline) in *run.sh\\ apply*) ;; *) exit $code ;; esac\n\
         lines=$(wc -l <{run}/journal)\n\
         [ $lines -lt {at} ] || {{ echo $lines >/tmp/.struck; mv /tmp/.struck /tmp/struck; kill -KILL $PPID; }}\nexit $code\nX\nchmod 755 /usr/local/sbin/sync"
    ))?;
    Ok(())
}

fn strike(rig: &mut Rig, fault: Fault, at: usize, step: u32, before: &str) -> Result<Struck> {
    let (plan, looked) = rig.plan(&every_kind())?;
    ensure!(plan.changes.len() == every_kind().len(), "not all offered: {:?}", plan.left);
    let spec = RunSpec { step, ..spec(4) };
    let run = format!("/var/lib/plumbline/runs/{}", spec.id);
    if fault == Fault::Runner {
        kill_behind_line(rig, &run, at)?;
    }
    let mut client = rig.begin(&run::launch(&plan, &looked, &spec, NONCE))?;
    let limit = Duration::from_secs(u64::from(step) * 20);
    let mut lines = at;
    let struck;
    match fault {
        Fault::Runner => {
            let known = format!("test -e /tmp/struck || test -e {run}/reverted || grep -q applied {run}/journal");
            eventually(&rig.server, limit, &known)?;
            rig.server.must("rm -f /usr/local/sbin/sync")?;
            let at_line = rig.server.exec("cat /tmp/struck")?;
            struck = at_line.ok();
            if struck {
                lines = at_line.stdout.trim().parse()?;
            }
        }
        Fault::Client | Fault::Line => {
            // what comes after this line is not the client's to see
            struck = client.hears(at, "\tapplied\t")?;
            if fault == Fault::Line {
                rig.server.cut_line()?;
            }
        }
    }
    let since = Instant::now();
    let over = format!("test -e {run}/reverted -o -e {run}/refused");
    let mut client = Some(client);
    match fault {
        // before its timer is set a run has touched nothing but its record
        Fault::Runner => eventually(&rig.server, limit, &format!("{over} || ! test -e {run}/timers"))?,
        Fault::Client => {
            if let Some(client) = client.take() {
                client.kill();
            }
            eventually(&rig.server, limit, &over)?;
        }
        // the client's end of it stays as it is: silent
        Fault::Line => {
            eventually(&rig.server, limit, &over)?;
            rig.server.mend_line()?;
        }
    }
    if let Some(client) = client {
        client.kill();
    }
    let took = since.elapsed();
    ensure!(rig.server.ssh("root").arg("true").status()?.success(), "{fault:?} at {at}: nobody can sign in");
    eventually(&rig.server, Duration::from_secs(30), "! ls -A /etc/systemd/system | grep plumbline")?;
    let state = rig.receipt(&spec.id)?.state;
    let told = matches!(state, RunState::Preparing | RunState::Refused | RunState::PutBack);
    ensure!(told, "{fault:?} at {at}: {state:?}");
    let after = snapshot(&rig.server, KEYS)?;
    ensure!(after == before, "{fault:?} at {at}: {}\n{}", difference(before, &after), rig.run_logs());
    let leftover = rig.server.must("find /etc -name '.plumbline*' | cat")?;
    ensure!(leftover.is_empty(), "{fault:?} at {at}: left behind {leftover}");
    let journal = rig.server.must(&format!("cat {run}/journal"))?;
    rig.end(&run::purge(&spec.id, NONCE))?;
    if struck {
        return Ok(Struck::Yes(lines, took));
    }
    Ok(if journal.contains("\tapplied\t") { Struck::PastTheEnd } else { Struck::TooSlow })
}

/// Every line in full, and some of them otherwise.
#[expect(clippy::print_stdout, reason = "the counts are what a person runs it for")]
fn at_every_line(fault: Fault, sample: &[usize]) -> Result<()> {
    lab::slow!();
    let mut rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").link("").start()) };
    let before = snapshot(&rig.server, KEYS)?;
    let whole: Vec<usize> = (1..200).collect();
    let (mut cases, mut slowest, mut last) = (0, Duration::ZERO, 0);
    for &at in if lab::full_matrix() { &whole } else { sample } {
        if at <= last {
            continue;
        }
        let mut outcome = Struck::TooSlow;
        for step in [10, 30, 60] {
            outcome = strike(&mut rig, fault, at, step, &before).with_context(|| format!("line {at}"))?;
            if !matches!(outcome, Struck::TooSlow) {
                break;
            }
        }
        match outcome {
            Struck::Yes(lines, took) => {
                cases += 1;
                last = lines;
                slowest = slowest.max(took);
            }
            Struck::PastTheEnd => break,
            Struck::TooSlow => anyhow::bail!("line {at}: no step ends within a minute here"),
        }
        println!(
            "{fault:?} struck at line {at} of the journal: {cases} so far, the slowest was as before after {slowest:?}"
        );
    }
    println!("{fault:?}: {cases} points, each back to the byte, the slowest after {slowest:?}");
    ensure!(cases >= sample.len(), "only {cases} points were struck");
    Ok(())
}

#[test]
fn the_client_is_killed_at_every_line_of_the_journal() -> Result<()> {
    at_every_line(Fault::Client, &[45])
}

#[test]
fn the_line_is_cut_at_every_line_of_the_journal() -> Result<()> {
    at_every_line(Fault::Line, &[20])
}

#[test]
fn the_runner_is_killed_at_every_line_of_the_journal() -> Result<()> {
    at_every_line(Fault::Runner, &[30])
}

//! The computer that began a run is gone in the middle of it. Another one finds the run, follows it, and answers.

use crate::plumb::{Plumb, words};
use anyhow::{Context, Result, ensure};
use reach::Wire;
use std::io::{BufRead as _, BufReader};

#[test]
fn a_run_whose_computer_went_away_is_taken_up_and_kept() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    let wire = Wire::to(&server.host, server.port)?;
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    let known = std::fs::read_to_string(plumb.file("known_hosts"))?;
    let over_the_wire = format!("[127.0.0.1]:{} {}", wire.port, known.split_once(' ').context("a key")?.1);
    std::fs::write(plumb.file("known_hosts"), format!("{known}{over_the_wire}"))?;
    let mut by_wire = place.clone();
    by_wire[1] = format!("root@127.0.0.1:{}", wire.port);
    let apply = ["apply", "--role", "reforms/minimum", "--change", "sysctl.buffers", "--keep"];
    let mut first = plumb.start(&words(&apply, &by_wire))?;
    let told = BufReader::new(first.stderr.take().context("no words")?);
    let armed = told.lines().map_while(Result::ok).any(|line| line.contains("Safety timer set"));
    // The line falls silent, then the computer is gone: no goodbye reaches the server.
    wire.pinch();
    first.kill()?;
    first.wait()?;
    ensure!(armed, "it never said that the safety timer is set");

    let runs = plumb.call(&words(&["runs", "--json"], &place), &[])?.ended(0)?.json()?;
    let run = runs["runs"][0]["id"].as_str().context("no run")?.to_owned();
    ensure!(runs["runs"][0]["state"] == "open", "{runs:#}");
    let resumed = plumb.call(&words(&["resume", &run], &place), &[])?.ended(2)?;
    ensure!(resumed.out.contains("waits"), "{resumed:?}");
    let kept = plumb.call(&words(&["keep", &run], &place), &[])?;
    ensure!(matches!(kept.code, 0..=2) && kept.out.contains("kept"), "{kept:?}");
    ensure!(server.must("cat /proc/sys/net/ipv4/tcp_rmem")?.ends_with("134217728\n"), "the change is not there");
    Ok(())
}

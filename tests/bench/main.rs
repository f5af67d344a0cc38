//! `npm run bench`: how long a check takes beside what it could at best take, on the same server, in turns, in one run.
//!
//! The peer is the person's own `ssh HOST 'sh -s' < probe.sh`: one cold connection, one script, no judging. Figures are
//! medians; a ratio of 1.0 means that judging, words and evidence cost nothing beside the connection.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod figures;
mod server;

use anyhow::{Context, bail};
use figures::{Case, markdown};
use server::Peer;
use std::path::PathBuf;
use std::process::Command;

/// Odd, so that the median is a figure that was measured.
const ROUNDS: usize = 15;

fn main() -> anyhow::Result<()> {
    let plumb = release_binary()?;
    let mut cases = Vec::new();
    for round_trip_ms in [0, 50] {
        let peer = match Peer::start(&plumb, round_trip_ms) {
            Ok(peer) => peer,
            Err(error) => {
                println!("left out: {round_trip_ms} ms: {error:#}");
                continue;
            }
        };
        cases.push(measure(&peer, round_trip_ms)?);
    }
    if cases.is_empty() {
        bail!("nothing could be measured here");
    }
    let text = markdown(&cases);
    print!("{text}");
    let file = lab::workspace().join("BENCHMARKS.md");
    std::fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))
}

/// The two in turns, so that whatever else the machine does meets both alike.
fn measure(peer: &Peer, round_trip_ms: u32) -> anyhow::Result<Case> {
    let mut case = Case::new(round_trip_ms);
    // Once each without counting: files come from disk only the first time.
    peer.check()?;
    peer.bare_probe()?;
    for _ in 0..ROUNDS {
        case.checks.push(peer.check()?);
        case.bare.push(peer.bare_probe()?);
        case.connections.push(peer.bare_connection()?);
    }
    Ok(case)
}

/// `plumb` as users get it.
fn release_binary() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("PLUMB_BENCH_BINARY") {
        return Ok(path.into());
    }
    let workspace = lab::workspace();
    let built = Command::new("cargo").args(["build", "--release", "-p", "cli"]).current_dir(&workspace).status()?;
    if !built.success() {
        bail!("plumb could not be built");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    Ok(target.join("release/plumb"))
}

//! `npm run bench`: how long a check takes beside what it could at best take, on the same server, in turns, in one run.
//!
//! The peer is the person's own `ssh HOST 'sh -s' < probe.sh`: one cold connection, one script, no judging. Figures are
//! medians; a ratio of 1.0 means that judging, words and evidence cost nothing beside the connection.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod figures;
mod job;
mod paper;
mod server;

use anyhow::{Context, bail};
use figures::{Case, markdown};
use server::Peer;
use std::path::PathBuf;
use std::process::Command;

/// Odd, so that the median is a figure that was measured.
const ROUNDS: usize = 15;

/// `bench`, or one section of it alone: `bench check`, `bench apply`, `bench paper`.
fn main() -> anyhow::Result<()> {
    let only = std::env::args().nth(1);
    let wanted = |section: &str| only.as_deref().is_none_or(|only| only == section);
    let file = lab::workspace().join("BENCHMARKS.md");
    let standing = std::fs::read_to_string(&file).unwrap_or_default();
    let from = |heading: &str, text: &str| text.find(heading).unwrap_or(text.len());
    let (rest, paper) = standing.split_at(from(figures::PAPER, &standing));
    let (check, apply) = rest.split_at(from(figures::APPLY, rest));
    let mut sections = [check.to_owned(), apply.to_owned(), paper.to_owned()];
    let [check, apply, paper] = &mut sections;
    if wanted("check") || wanted("apply") {
        let plumb = release_binary()?;
        if wanted("check") {
            *check = markdown(&all_checks(&plumb)?);
            print!("{check}");
        }
        if wanted("apply") {
            match all_applies(&plumb) {
                Ok(jobs) => *apply = figures::applied(&jobs),
                Err(error) => println!("left out: apply beside its peers: {error:#}"),
            }
            print!("{apply}");
        }
    }
    if wanted("paper") {
        *paper = figures::printed(&paper::measure()?);
        print!("{paper}");
    }
    let sections = sections.iter().map(|section| section.trim_end()).filter(|section| !section.is_empty());
    std::fs::write(&file, sections.collect::<Vec<_>>().join("\n\n") + "\n")
        .with_context(|| format!("{} cannot be written", file.display()))
}

fn all_checks(plumb: &std::path::Path) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for round_trip_ms in [0, 50] {
        let peer = match Peer::start(plumb, round_trip_ms) {
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
    Ok(cases)
}

fn all_applies(plumb: &std::path::Path) -> anyhow::Result<Vec<job::Job>> {
    let peers = job::peers()?;
    [0, 50].into_iter().map(|round_trip_ms| job::measure(plumb, &peers, round_trip_ms)).collect()
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

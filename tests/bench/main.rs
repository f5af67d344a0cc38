//! `npm run bench`: how long a check takes beside what it could at best take, on the same server, in turns, in one run.
//!
//! The peer is the person's own `ssh HOST 'sh -s' < probe.sh`: one cold connection, one script, no judging. Figures are
//! medians; a ratio of 1.0 means that judging, words and evidence cost nothing beside the connection.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod beside;
mod figures;
mod job;
mod keys;
mod paper;
mod server;
#[path = "../e2e/stage.rs"]
#[allow(dead_code, reason = "the tests of the window do more on it")]
mod stage;
#[path = "../e2e/window.rs"]
#[allow(dead_code, reason = "the tests of the window do more with it")]
mod window;

use anyhow::{Context, bail};
use figures::{Case, markdown};
use server::Peer;
use std::path::PathBuf;
use std::process::Command;

/// Odd, so that the median is a figure that was measured.
const ROUNDS: usize = 15;

/// One part of BENCHMARKS.md: its word on the command line, its heading, and what measures it anew.
struct Section {
    word: &'static str,
    heading: &'static str,
    measure: fn() -> anyhow::Result<String>,
}

/// In the order of the file, whose beginning is the first's.
const SECTIONS: [Section; 4] = [
    Section { word: "check", heading: "", measure: || Ok(markdown(&all_checks(&release_binary()?)?)) },
    Section {
        word: "apply",
        heading: figures::APPLY,
        measure: || Ok(figures::applied(&all_applies(&release_binary()?)?)),
    },
    Section { word: "window", heading: figures::WINDOW, measure: || Ok(figures::opened(&beside::measure()?)) },
    Section { word: "paper", heading: figures::PAPER, measure: || Ok(figures::printed(&paper::measure()?)) },
];

/// `bench`, or one section of it alone: `bench check`, `bench apply`, `bench window`, `bench paper`. A section that cannot
/// be measured keeps the figures that stand, and says why.
fn main() -> anyhow::Result<()> {
    let only = std::env::args().nth(1);
    let file = lab::workspace().join("BENCHMARKS.md");
    let mut rest = std::fs::read_to_string(&file).unwrap_or_default();
    let mut sections = Vec::new();
    for section in SECTIONS.iter().rev() {
        let start = if section.heading.is_empty() { Some(0) } else { rest.find(section.heading) };
        let standing = start.map(|start| rest.split_off(start)).unwrap_or_default();
        let wanted = only.as_deref().is_none_or(|only| only == section.word);
        let text = match wanted.then(section.measure) {
            Some(Ok(text)) => {
                print!("{text}");
                text
            }
            Some(Err(error)) => {
                println!("left out: {}: {error:#}", section.word);
                standing
            }
            None => standing,
        };
        sections.insert(0, text.trim().to_owned());
    }
    sections.retain(|section| !section.is_empty());
    std::fs::write(&file, sections.join("\n\n") + "\n").with_context(|| format!("{} cannot be written", file.display()))
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

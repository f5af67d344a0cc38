//! How long a report on paper takes once the first has been made.

use anyhow::{Context as _, Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// All sample reports.
#[derive(Debug)]
pub(crate) struct Printed {
    /// Milliseconds of the very first.
    pub(crate) first: f64,
    pub(crate) rounds: u32,
    pub(crate) papers: Vec<Paper>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Paper {
    pub(crate) name: String,
    pub(crate) needs: u32,
    pub(crate) pages: u32,
    /// Milliseconds.
    pub(crate) median: f64,
    pub(crate) slowest: f64,
}

/// Runs the report's own example, built as users get it.
pub(crate) fn measure() -> Result<Printed> {
    // with the features of everything else that is built, so that nothing is built twice
    let features = ["--workspace", "--features", "plumbline/custom-protocol"];
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--release", "--example", "timing"]).args(features);
    ensure!(build.current_dir(lab::workspace()).status()?.success(), "the example does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| lab::workspace().join("target"), PathBuf::from);
    let ran = Command::new(target.join("release/examples/timing")).output()?;
    ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    read(&String::from_utf8_lossy(&ran.stdout))
}

/// "first|412.0|15", then "typical|38|9|101.5|130.2" for each.
fn read(text: &str) -> Result<Printed> {
    let mut printed = Printed { first: f64::NAN, rounds: 0, papers: Vec::new() };
    for line in text.lines() {
        let words: Vec<&str> = line.split('|').collect();
        let paper = match words[..] {
            ["first", first, rounds] => {
                (printed.first, printed.rounds) = (first.parse()?, rounds.parse()?);
                continue;
            }
            [name, needs, pages, median, slowest] => Paper {
                name: name.to_owned(),
                needs: needs.parse()?,
                pages: pages.parse()?,
                median: median.parse()?,
                slowest: slowest.parse()?,
            },
            _ => anyhow::bail!("{line:?} is no figure"),
        };
        printed.papers.push(paper);
    }
    printed.papers.first().context("no report was made")?;
    Ok(printed)
}

//! Figures and how they are told.

use crate::beside::{Opened, Windows};
use crate::job::{Job, Who};
use crate::paper::Printed;
use std::fmt::Write as _;

/// Where the second section begins.
pub(crate) const APPLY: &str = "## Apply\n";
/// Where the third does.
pub(crate) const PAPER: &str = "## Paper\n";

/// Where the third section begins.
pub(crate) const WINDOW: &str = "## Window\n";

/// One run of `plumb check`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    pub(crate) seconds: f64,
    pub(crate) peak_memory_kb: u64,
    pub(crate) connections_and_requests: u64,
}

/// All rounds at one round-trip time.
#[derive(Debug)]
pub(crate) struct Case {
    round_trip_ms: u32,
    pub(crate) checks: Vec<Check>,
    /// `ssh HOST 'sh -s' < probe.sh`, seconds.
    pub(crate) bare: Vec<f64>,
    /// `ssh HOST true`, seconds.
    pub(crate) connections: Vec<f64>,
}

impl Case {
    pub(crate) fn new(round_trip_ms: u32) -> Case {
        Case { round_trip_ms, checks: Vec::new(), bare: Vec::new(), connections: Vec::new() }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

pub(crate) fn markdown(cases: &[Case]) -> String {
    let mut text = String::from(
        "# Benchmarks\n\nWritten by `npm run bench`. Every figure is the median of one run in which the peers took \
         turns on the same throw-away server (Debian 12), each with a cold connection.\n\n\
         ## Check\n\n`plumb check --role 'dusk/prover?workers=6' --json -` beside the probe alone, sent by the system's \
         own ssh: `ssh HOST 'sh -s' < probe.sh`.\n\n\
         | Round trip | `ssh HOST true` | probe over `ssh` | `plumb check` | Ratio check : probe | Requests | Peak memory |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for case in cases {
        let checks: Vec<f64> = case.checks.iter().map(|check| check.seconds).collect();
        let (check, bare, connection) = (median(&checks), median(&case.bare), median(&case.connections));
        let memory = case.checks.iter().map(|check| check.peak_memory_kb).max().unwrap_or_default();
        let requests = case.checks.iter().map(|check| check.connections_and_requests).max().unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} ms | {connection:.2} s | {bare:.2} s | {check:.2} s | **{:.2}** | {requests} | {:.0} MB |",
            case.round_trip_ms,
            check / bare,
            memory as f64 / 1000.0,
        );
    }
    text.push_str(
        "\nRequests: what the check sends after signing in; each costs a round trip. A ratio of 1.0 or less means that \
         judging, words and evidence cost nothing beside the connection.\n",
    );
    text
}

pub(crate) fn printed(papers: &Printed) -> String {
    let mut text = format!(
        "{PAPER}\nA report as PDF, in a program that has made one before: the median of {} reports, and the slowest of them, \
         while whatever else this computer does goes on. In each of them every title, sentence and reading is another, so \
         that nothing that was set before fits again. The very first, with fonts and \
         template: {:.0} ms.\n\n\
         | Report | Needs | Pages | Median | Slowest |\n|---|---|---|---|---|\n",
        papers.rounds, papers.first
    );
    for paper in &papers.papers {
        let (needs, pages) = (paper.needs, paper.pages);
        let _ = writeln!(
            text,
            "| {} | {needs} | {pages} | **{:.0} ms** | {:.0} ms |",
            paper.name, paper.median, paper.slowest
        );
    }
    text
}

pub(crate) fn applied(jobs: &[Job]) -> String {
    let mut text = format!(
        "{APPLY}\nFour kernel values, a limit of open files, a firewall with three ports, one program and one setting of sshd \
         (tests/bench/job.toml, job.py, job.yml), each on a fresh server, then once more where nothing is left to do. `plumb \
         apply --keep` keeps before-images of all of it on the server, sets the safety timer and proves over a new \
         connection that a person can still get in; the others do none of that. Ansible runs with pipelining.\n\n\
         | Round trip | `ssh HOST true` | Who | First run | Second run | Second run : `ssh HOST true` |\n|---|---|---|---|---|---|\n"
    );
    for job in jobs {
        let connection = median(&job.connections);
        for times in &job.times {
            let who = match times.who {
                Who::Plumb => "`plumb apply`",
                Who::Pyinfra => "pyinfra",
                Who::Ansible => "Ansible",
            };
            let (first, second) = (median(&times.first), median(&times.second));
            let _ = writeln!(
                text,
                "| {} ms | {connection:.2} s | {who} | {first:.2} s | {second:.2} s | {:.2} |",
                job.round_trip_ms,
                second / connection
            );
        }
    }
    text
}

pub(crate) fn opened(windows: &Windows) -> String {
    let of = |all: &[Opened], figure: fn(&Opened) -> f64| median(&all.iter().map(figure).collect::<Vec<_>>());
    let seconds = [&windows.ours, &windows.bare].map(|all| of(all, |opened| opened.seconds));
    let memory = [&windows.ours, &windows.bare].map(|all| of(all, |opened| opened.megabytes));
    let built = if windows.for_tests { "Both as the tests build them, not as users get them. " } else { "" };
    let mut text = format!(
        "{WINDOW}\nOur window beside a bare one of Tauri with one line of text (src-tauri/bare), opened {} times in turns on the \
         same screen. {built}First frame: from the start of the process to the first frame with something to read. Memory: \
         of the process and all it started, 3 seconds later; what several share counts in parts.\n\n\
         | | Bare | Plumbline | |\n|---|---|---|---|\n\
         | First frame | {:.0} ms | {:.0} ms | **{:.2}** times |\n| Memory | {:.0} MB | {:.0} MB | **{:+.0} MB** |\n",
        windows.ours.len(),
        seconds[1] * 1000.0,
        seconds[0] * 1000.0,
        seconds[0] / seconds[1],
        memory[1],
        memory[0],
        memory[0] - memory[1],
    );
    let (most, times) = windows.keys.here;
    let _ = write!(
        text,
        "\nWhile 300 findings of a real server stream in, the slowest of {times} keys was answered by a frame after {most:.0} ms"
    );
    if let Some((most, times)) = windows.keys.in_a_browser {
        let _ = write!(text, "; in Chromium, with recorded data, the slowest of {times} after {most:.0} ms");
    }
    text.push_str(".\n");
    text
}

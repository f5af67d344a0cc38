//! How long a PDF takes once the first has been made, for `npm run bench`: "first|milliseconds|rounds", then
//! "name|needs|pages|median|slowest" for every sample report.
#![allow(clippy::print_stdout, reason = "an example may talk")]

#[path = "../tests/samples/mod.rs"]
mod samples;

use report::Report;
use std::time::Instant;

/// Odd, so that the median is a figure that was measured.
const ROUNDS: usize = 15;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    report::pdf(&samples::one())?;
    println!("first|{:.1}|{ROUNDS}", milliseconds(start));
    for (name, report) in samples::all().into_iter().chain([("largest", samples::large(500))]) {
        let mut times = Vec::new();
        let mut pages = 0;
        for round in 0..ROUNDS {
            let report = other(&report, round);
            let start = Instant::now();
            let pdf = report::pdf(&report)?;
            times.push(milliseconds(start));
            report::forget_pages();
            pages = pdf.windows(PAGE.len()).filter(|bytes| *bytes == PAGE).count();
        }
        times.sort_by(f64::total_cmp);
        let (median, slowest) = (times.get(ROUNDS / 2), times.last());
        let [median, slowest] = [median, slowest].map(|time| time.copied().unwrap_or(f64::NAN));
        println!("{name}|{}|{pages}|{median:.1}|{slowest:.1}", report.findings.len());
    }
    Ok(())
}

/// The report of another server, on which every reading is another: nothing that was set before fits again.
fn other(report: &Report, round: usize) -> Report {
    let mut report = report.clone();
    let mark = |text: &mut String| text.push_str(&format!(" {round}"));
    mark(&mut report.server.name);
    for finding in report.findings.iter_mut().chain(report.before.iter_mut().flatten()) {
        for text in [&mut finding.title, &mut finding.sentence, &mut finding.found.text] {
            mark(text);
        }
        finding.evidence.iter_mut().for_each(|evidence| mark(&mut evidence.output));
    }
    report
}

/// How a page begins in the PDFs that we write; the list of all pages ends in another letter.
const PAGE: &[u8] = b"/Type/Page/";

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

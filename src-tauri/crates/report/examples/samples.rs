//! Writes every sample report to `target/report-samples/`, to be looked at.
#![allow(clippy::print_stdout, reason = "an example may talk")]

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/report-samples"));
    std::fs::create_dir_all(folder)?;
    for (name, report) in samples::all() {
        let start = Instant::now();
        let pdf = report::pdf(&report)?;
        println!("{name}: {} ms, {} kB", start.elapsed().as_millis(), pdf.len() / 1024);
        std::fs::write(folder.join(format!("{name}.pdf")), pdf)?;
        std::fs::write(folder.join(format!("{name}.json")), report.json())?;
        std::fs::write(folder.join(format!("{name}.xml")), report.junit())?;
        std::fs::write(folder.join(format!("{name}.csv")), report.csv())?;
        std::fs::write(folder.join(format!("{name}.md")), report.note())?;
        if let Some(plan) = &report.plan {
            std::fs::write(folder.join(format!("{name}.yml")), report.ansible(plan).playbook)?;
        }
    }
    let reports: Vec<_> = samples::all().into_iter().map(|(_, report)| report).take(3).collect();
    std::fs::write(folder.join("setup.pdf"), report::setup_pdf("Reforms, Large", &reports)?)?;
    Ok(())
}

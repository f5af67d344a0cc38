//! What somebody sees who has read nothing but `--help`: recorded servers, plain text, and the way on.

use crate::plumb::{Plumb, Said};
use anyhow::{Result, ensure};

fn recorded(server: &str) -> String {
    lab::workspace().join("tests/suite").join(server).join("probe.txt").to_string_lossy().into_owned()
}

fn on(plumb: &Plumb, words: &[&str], server: &str) -> Result<Said> {
    plumb.call(&[words, &["--facts", &recorded(server)]].concat(), &[])
}

/// A line that waits for a word shows its question, and one without a change shows what to do.
#[test]
fn a_check_shows_the_questions_and_the_steps() -> Result<()> {
    let plumb = Plumb::new()?;
    let said = on(&plumb, &["check", "--role", "dusk/archiver"], "ubuntu-24.04-dusk")?.ended(1)?;
    for words in [
        "You confirm: Is this consensus key active on this node alone",
        "This needs a larger server.",
        "Disk, as advised today",
        "C library (glibc): 2.39",
    ] {
        ensure!(said.out.contains(words), "it does not show {words:?}:\n{}", said.out);
    }
    ensure!(!said.out.contains("your word your word"), "{}", said.out);
    ensure!(said.out.lines().all(|line| !line.ends_with(' ')), "a line ends with a blank");
    Ok(())
}

/// What the probe printed then is all that a later comparison wants; a report holds no facts and says what does.
#[test]
fn drift_takes_what_the_probe_printed_then() -> Result<()> {
    let plumb = Plumb::new()?;
    let (then, report) = (plumb.file("then"), plumb.file("report.json"));
    let (then_word, report_word) = (then.to_string_lossy(), report.to_string_lossy());
    let role = ["check", "--role", "dusk/provisioner", "--facts-out", &then_word, "--json", &report_word];
    on(&plumb, &role, "debian-12-fresh")?;
    let same = on(&plumb, &["drift", "--since", &then_word], "debian-12-fresh")?.ended(0)?;
    ensure!(same.out.starts_with("Nothing changed since"), "{}", same.out);
    let other = on(&plumb, &["drift", "--json", "--since", &then_word], "debian-12-nftables")?.ended(1)?.json()?;
    let first = &other["drift"][0];
    ensure!(
        other["schema"] == 1 && ["key", "before", "now", "sentence"].iter().all(|f| first[f].is_string()),
        "{other:#}"
    );
    on(&plumb, &["drift", "--since", &report_word], "debian-12-fresh")?.ended(4)?.says("check --facts-out")
}

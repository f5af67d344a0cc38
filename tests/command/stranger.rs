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

/// Our own files are good examples, and files that are named together may build on each other, in any order.
#[test]
fn requirement_files_are_checked_together() -> Result<()> {
    let plumb = Plumb::new()?;
    let catalog = lab::workspace().join("src-tauri/crates/profiles/catalog");
    let own = ["dusk", "statemesh", "reforms"].map(|name| catalog.join(name).with_extension("toml"));
    let own = own.each_ref().map(|path| path.to_string_lossy());
    let said = plumb.call(&["profile", "check", &own[0], &own[1], &own[2]], &[])?.ended(0)?;
    ensure!(said.out.lines().count() == 3 && said.out.lines().all(|line| line.contains(": good (")), "{}", said.out);

    let (product, more) = (plumb.file("ours.toml"), plumb.file("more.toml"));
    let need = "[[need]]\nid = \"ID\"\ntitle = \"A swap file\"\narea = \"system\"\nseverity = \"required\"\nwhy = \"We want one.\"\nsource = { section = \"Servers\" }\nkey = \"swap.total\"\nat_least = \"2 GB\"\n";
    let head = "schema = 1\nWHAT\nverified = \"2026-11-20\"\n[[document]]\nid = \"ours\"\ntitle = \"Our rules\"\n";
    let role = "[[role]]\nid = \"any\"\ntitle = \"Any server\"\npurpose = \"Serve.\"\nsize = \"2 GB of swap\"\n";
    let whole = "product = \"ours\"\ntitle = \"Ours\"\npurpose = \"Serve us.\"";
    let text = |what: &str, middle: &str, id: &str| {
        format!("{}{middle}{}", head.replace("WHAT", what), need.replace("ID", id))
    };
    std::fs::write(&product, text(whole, role, "swap"))?;
    std::fs::write(&more, text("adds_to = \"ours\"", "", "swap.more"))?;
    let (product, more) = (product.to_string_lossy(), more.to_string_lossy());
    plumb.call(&["profile", "check", &more, &product], &[])?.ended(0)?;
    let alone = plumb.call(&["profile", "check", &more], &[])?.ended(4)?;
    ensure!(alone.out.contains("there is no product \"ours\" to add to"), "{}", alone.out);
    Ok(())
}

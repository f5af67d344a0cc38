//! What people say beforehand: points they confirm, needs they set aside. Both count, and both stay visible.

use crate::plumb::{Plumb, Said};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// A check of a recorded server, so that no day and no machine decides.
fn check(plumb: &Plumb, more: &[&str]) -> Result<Said> {
    let recorded = lab::workspace().join("tests/suite/debian-12-fresh/probe.txt");
    let recorded = recorded.to_string_lossy();
    let words = ["check", "--role", "dusk/prover?workers=6", "--facts", &recorded, "--json", "-"];
    plumb.call(&[&words, more].concat(), &[])
}

fn first(json: &Value, holds: impl Fn(&Value) -> bool) -> Result<&Value> {
    json["findings"].as_array().into_iter().flatten().find(|finding| holds(finding)).context("no such finding")
}

#[test]
fn a_word_settles_and_a_waiver_lies_over_the_verdict() -> Result<()> {
    let plumb = Plumb::new()?;
    let json = check(&plumb, &[])?.json()?;
    let asked = first(&json, |finding| finding["verdict"] == "you_confirm")?["id"].clone();
    let short =
        first(&json, |finding| finding["verdict"] == "short" && finding["severity"] == "required")?["id"].clone();
    let (confirm, waive) = (plumb.file("confirm.toml"), plumb.file("waive.toml"));
    std::fs::write(
        &confirm,
        format!("schema = 1\n[[answer]]\nneed = {asked}\nanswer = \"yes\"\nname = \"Mara\"\ndate = \"2026-11-20\"\n"),
    )?;
    let waiver = |until: &str| {
        format!(
            "schema = 1\n[[waiver]]\nneed = {short}\nreason = \"a larger one is ordered\"\nname = \"Mara\"\nuntil = \"{until}\"\n"
        )
    };
    std::fs::write(&waive, waiver("2126-01-31"))?;
    let both = ["--confirm", &confirm.to_string_lossy(), "--waive", &waive.to_string_lossy()].map(str::to_owned);
    let both = both.each_ref().map(String::as_str);
    let said = check(&plumb, &both)?;
    let after = said.json()?;
    let settled = first(&after, |finding| finding["id"] == asked)?;
    ensure!(settled["verdict"] == "met", "{settled:#}");
    ensure!(settled["sentence"].as_str().is_some_and(|text| text.contains("says Mara")), "{settled:#}");
    let aside = first(&after, |finding| finding["id"] == short)?;
    ensure!(aside["waiver"]["reason"] == "a larger one is ordered" && aside["verdict"] == "short", "{aside:#}");
    let count = |json: &Value, name: &str| json["counts"][name].as_u64().unwrap_or_default();
    ensure!(
        count(&after, "waived") == 1 && count(&after, "short") == count(&json, "short") - 1,
        "{:#}",
        after["counts"]
    );
    ensure!(count(&after, "you_confirm") == count(&json, "you_confirm") - 1, "{:#}", after["counts"]);

    // A waiver that has ended counts no more, and that is said.
    std::fs::write(&waive, waiver("2020-01-31"))?;
    let said = check(&plumb, &both)?;
    said.says("the waiver ended")?;
    ensure!(count(&said.json()?, "waived") == 0);
    Ok(())
}

#[test]
fn a_file_that_is_wrong_is_told_by_line_before_anything_else() -> Result<()> {
    let plumb = Plumb::new()?;
    let file = plumb.file("waive.toml");
    std::fs::write(&file, "schema = 1\n\n[[waiver]]\nneed = \"dusk.time\"\nname = \"Mara\"\nuntil = \"2027-01-31\"\n")?;
    let said = check(&plumb, &["--waive", &file.to_string_lossy()])?.ended(4)?;
    said.says("waive.toml:3")?;
    check(&plumb, &["--confirm", &plumb.file("not-there").to_string_lossy()])?.ended(4)?.says("not-there")
}

//! What has to be tried: figures with their spread, on a real server, and nothing of it left there.

use crate::plumb::{Plumb, words};
use anyhow::{Context as _, Result, ensure};

const MEASURE: [&str; 7] = ["check", "--role", "statemesh/node-minimum", "--measure", "disk,cpu", "--json", "-"];

#[test]
fn disk_and_processor_are_measured_when_asked_and_leave_nothing() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    let speed = |json: &serde_json::Value| {
        let findings = json["findings"].as_array().into_iter().flatten();
        findings.clone().find(|finding| finding["id"] == "statemesh.speed").cloned().context("no such need")
    };
    let unasked = plumb.call(&words(&["check", "--role", "statemesh/node-minimum", "--json", "-"], &place), &[])?;
    ensure!(speed(&unasked.json()?)?["parts"][0]["found"]["text"] == "not measured", "told without being measured");

    let said = plumb.call(&words(&MEASURE, &place), &[])?;
    said.says("at most 64 MB written and removed again")?;
    let json = said.json()?;
    let figures = json["measurements"].as_array().context("no measurements")?;
    ensure!(figures.len() == 3 || said.err.contains("Not measured."), "{figures:#?}\n{}", said.err);
    if !said.err.contains("Not measured.") {
        let found = speed(&json)?;
        ensure!(found["parts"][0]["found"]["confidence"] == "measured", "{found:#}");
    }
    let left = server.must("find / -xdev -name '.plumbline-measure*' 2>/dev/null | head")?;
    ensure!(left.is_empty(), "left behind: {left}");
    Ok(())
}

#[test]
fn a_disk_without_room_is_not_measured() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    server.must("mount -t tmpfs -o size=64m tmpfs /var/lib")?;
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    let said = plumb.call(&words(&MEASURE, &place), &[])?;
    said.says("Not measured. Less than 1 GB is free there")
}

#[test]
fn a_caller_that_is_killed_leaves_no_file() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::userns("bookworm"));
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    let mut call = plumb.command(&words(&MEASURE, &place), &[])?;
    let mut running = call.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn()?;
    let files = || server.must("ls -A /var/lib | grep plumbline-measure || true").map(|text| text.trim().to_owned());
    let wait = |seconds: u64, over: &mut dyn FnMut() -> Result<bool>| -> Result<()> {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
        while !over()? {
            ensure!(std::time::Instant::now() < end, "after {seconds} s there is: {:?}", files()?);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok(())
    };
    wait(30, &mut || Ok(!files()?.is_empty() || running.try_wait()?.is_some()))?;
    if files()?.is_empty() {
        let mut said = String::new();
        std::io::Read::read_to_string(&mut running.stderr.take().context("no output")?, &mut said)?;
        ensure!(said.contains("The server is busy"), "it ended without a file: {said}");
        let reason = "this machine is busy, and a busy server refuses to be measured".to_owned();
        lab::record(&lab::test_name!(), &lab::Skipped { name: "measuring the disk".to_owned(), reason });
        return Ok(());
    }
    running.kill()?;
    wait(25, &mut || Ok(files()?.is_empty()))
}

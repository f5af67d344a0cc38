//! A place for files that speaks S3: what can be told of it without a key, what a key may do there, and that the key
//! stays with the person.

use crate::buckets::{Buckets, SECRET};
use crate::plumb::{Plumb, words};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::process::{Command, Stdio};

fn can_be_started() -> bool {
    [("python3", "--version"), ("openssl", "version")].into_iter().all(|(tool, word)| {
        let there = Command::new(tool).arg(word).stdout(Stdio::null()).status().is_ok_and(|status| status.success());
        if !there {
            crate::busy::leave_out("storage", "a place that speaks S3", &format!("{tool} is not installed"));
        }
        there
    })
}

#[test]
fn a_place_that_speaks_s3_is_tried_and_the_key_stays_here() -> Result<()> {
    if !can_be_started() {
        return Ok(());
    }
    let server = lab::need!(lab::sshd());
    let plumb = Plumb::new()?;
    let buckets = Buckets::start(plumb.home.path())?;
    let place = plumb.place(&server, &server.user)?;
    let pdf = plumb.file("report.pdf");
    let mut told = String::new();
    let mut look = |name: &str, key: Option<&str>| -> Result<(String, Value)> {
        let address = buckets.place(name)?;
        let pdf = pdf.to_string_lossy();
        let verb = ["check", "--role", "statemesh/developer", "--json", "-", "--pdf", &pdf, "--s3", &address];
        let verb = if key.is_some() { [verb.as_slice(), &["--s3-key-fd", "3"]].concat() } else { verb.to_vec() };
        let secrets: Vec<&str> = key.into_iter().collect();
        let mut call = plumb.command(&words(&verb, &place), &secrets)?;
        let output = call.env("SSL_CERT_FILE", plumb.file("ca.pem")).output()?;
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        told.push_str(&err);
        told.push_str(&String::from_utf8_lossy(&output.stdout));
        let json: Value = serde_json::from_slice(&output.stdout).with_context(|| err.clone())?;
        let findings = json["findings"].as_array().context("no findings")?;
        let need = findings.iter().find(|finding| finding["id"] == "statemesh.external").context("no such need")?;
        Ok((err, need["verdict"].clone()))
    };
    let good = format!("ID:{SECRET}");
    for (name, key, verdict, says) in [
        ("good", None, "you_confirm", &["S3: answers", "Its clock: alike", "writes one small object"][..]),
        ("good", Some(good.as_str()), "met", &["What the key may do: list, write, read, delete"]),
        ("good", Some("ID:another"), "you_confirm", &["may do: nothing", "list: SignatureDoesNotMatch"]),
        ("good", Some("OTHER:another"), "you_confirm", &["list: InvalidAccessKeyId"]),
        ("late", Some(good.as_str()), "you_confirm", &["Its clock: 600 s ahead", "list: RequestTimeTooSkewed"]),
        ("listing", Some(good.as_str()), "you_confirm", &["may do: list", "write: AccessDenied"]),
        ("page", Some(good.as_str()), "you_confirm", &["S3: is none"]),
        (
            "own",
            Some(good.as_str()),
            "you_confirm",
            &["S3: not reached", "nobody but the server itself vouches for it"],
        ),
    ] {
        let (said, found) = look(name, key)?;
        for due in says {
            ensure!(said.contains(due), "{name}: {due:?} is due, not\n{said}");
        }
        ensure!(found == verdict, "{name}: {verdict} is due, not {found}");
    }
    let left = buckets.end()?;
    let due = ["good 0 2", "late 0 0", "listing 0 0", "page 0 0", "own 0 0", "slow 0 0"];
    ensure!(left == due, "what is left, and how often objects were touched: {left:?}");

    ensure!(!told.contains(SECRET), "it is said");
    let held = Command::new("grep").args(["-rlaF", SECRET, "."]).current_dir(plumb.home.path()).output()?;
    let held = String::from_utf8_lossy(&held.stdout).into_owned();
    // The one file by which this test hands it over.
    let elsewhere: Vec<&str> = held.lines().filter(|file| *file != "./secret-0").collect();
    ensure!(elsewhere.is_empty() && held.contains("secret-0"), "it lies in {elsewhere:?}");
    let paper = Command::new("pdftotext").arg(&pdf).arg("-").output();
    match paper {
        Ok(paper) => ensure!(!String::from_utf8_lossy(&paper.stdout).contains(SECRET), "it stands on paper"),
        Err(e) => crate::busy::leave_out("storage", "the PDF read back", &format!("pdftotext: {e}")),
    }
    Ok(())
}

/// Nobody can delete what they wrote once they are killed: whoever measures this place next does.
#[test]
fn an_object_of_somebody_who_was_killed_goes_with_the_next_measurement() -> Result<()> {
    if !can_be_started() {
        return Ok(());
    }
    let server = lab::need!(lab::sshd());
    let plumb = Plumb::new()?;
    let mut buckets = Buckets::start(plumb.home.path())?;
    let (address, place) = (buckets.place("slow")?, plumb.place(&server, &server.user)?);
    let verb = ["check", "--role", "statemesh/developer", "--s3", &address, "--s3-key-fd", "3"];
    let key = format!("ID:{SECRET}");
    let call = || -> Result<Command> {
        let mut call = plumb.command(&words(&verb, &place), &[&key])?;
        call.env("SSL_CERT_FILE", plumb.file("ca.pem")).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(call)
    };
    let mut killed = call()?.spawn()?;
    buckets.wait_for_write()?;
    killed.kill()?;
    killed.wait()?;
    call()?.status()?;
    buckets.wait_for_write()?;
    let left = buckets.end()?;
    ensure!(left.contains(&"slow 0 3".to_owned()), "two objects were written and one was read: {left:?}");
    Ok(())
}

//! `plumb check` on every kind of server there is: an answer in JSON, a report on paper, one round trip.

use crate::plumb::{Plumb, words};
use anyhow::{Context as _, Result, ensure};
use lab::Server;
use std::process::Command;

const ROLE: &str = "dusk/prover?workers=6";

/// The whole command of the manual, and what its answer must hold.
fn checked(server: &Server, user: &str) -> Result<()> {
    let plumb = Plumb::new()?;
    let place = plumb.place(server, user)?;
    let pdf = plumb.file("report.pdf");
    let said =
        plumb.call(&words(&["check", "--role", ROLE, "--json", "-", "--pdf", &pdf.to_string_lossy()], &place), &[])?;
    ensure!(matches!(said.code, 0..=2), "exit {}: {}", said.code, said.err);
    let json = said.json()?;
    ensure!(
        json["schema"] == 1 && json["role"]["id"].as_str().is_some_and(|id| id.starts_with(ROLE)),
        "{:#}",
        json["role"]
    );
    ensure!(json["timings"]["round_trips"] == 1, "{:#}", json["timings"]);
    let findings = json["findings"].as_array().context("no findings")?;
    ensure!(findings.len() > 25, "only {} findings", findings.len());
    let told = |verdict: &str| findings.iter().filter(|finding| finding["verdict"] == verdict).count() as u64;
    for verdict in ["met", "short", "missing", "could_not_tell", "you_confirm", "not_applicable"] {
        ensure!(json["counts"][verdict] == told(verdict), "{verdict}: {:#} and {}", json["counts"], told(verdict));
    }
    for finding in findings.iter().filter(|finding| finding["verdict"] == "met" || finding["verdict"] == "short") {
        let proof = finding["evidence"].as_array().is_some_and(|evidence| !evidence.is_empty());
        ensure!(proof, "judged without evidence: {finding:#}");
    }
    // The exit code is the verdict.
    let due = matches!(
        (json["verdict"].as_str(), said.code),
        (Some("ready"), 0) | (Some("not_ready"), 1) | (_, 2) | (Some("almost"), 0 | 1)
    );
    ensure!(due, "exit {} for {}", said.code, json["verdict"]);
    let text = Command::new("pdftotext").args(["-layout".as_ref(), pdf.as_os_str(), "-".as_ref()]).output()?;
    let text = String::from_utf8_lossy(&text.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    for wanted in ["Prover", "6 workers", json["server"]["name"].as_str().unwrap_or("no name")] {
        ensure!(text.contains(wanted), "the PDF lacks {wanted:?}: {text}");
    }
    Ok(())
}

#[test]
fn of_an_sshd_of_our_own() -> Result<()> {
    let server = lab::need!(lab::sshd());
    checked(&server, &server.user)
}

#[test]
fn of_a_debian_in_a_user_namespace() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    checked(&server, "admin")
}

#[test]
fn is_what_the_next_look_is_compared_with() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "admin")?;
    let drift = |words: &[&str]| plumb.call(&crate::plumb::words(&[&["drift"], words].concat(), &place), &[]);
    drift(&[])?.ended(4)?.says("has not checked that server yet")?;
    plumb.call(&words(&["check", "--role", ROLE], &place), &[])?;
    server.must("echo net.core.rmem_max=50000000 >/etc/sysctl.d/60-new.conf")?;
    let said = drift(&["--json"])?.ended(1)?.json()?;
    ensure!(said["since"].as_str().is_some_and(|at| at.starts_with("20")), "{said:#}");
    ensure!(said["drift"].to_string().contains("50000000"), "{said:#}");
    // to look again is no new check: what it is compared with stays
    drift(&[])?.ended(1)?;
    Ok(())
}

#[test]
fn of_debian_11_12_and_13() -> Result<()> {
    lab::slow!();
    for release in ["bullseye", "bookworm", "trixie"] {
        let server = lab::need!(lab::nspawn(release));
        checked(&server, "root").with_context(|| release.to_owned())?;
    }
    Ok(())
}

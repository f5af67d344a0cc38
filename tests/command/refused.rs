//! Everything that keeps a person out, or that a server forbids: a typed error or "could not tell", never half a change,
//! and the exit code that a script can rely on.

use crate::plumb::{Plumb, Said, words};
use anyhow::{Result, ensure};
use lab::{Nspawn, Server};
use std::process::Command;

const CHECK: [&str; 3] = ["check", "--role", "dusk/prover?workers=6"];
const APPLY: [&str; 6] = ["apply", "--role", "reforms/minimum", "--change", "sysctl.buffers", "--keep"];

/// The end of a refusal: the code that support asks for.
fn coded(said: &Said, code: &str) -> Result<()> {
    said.says(&format!("({code})"))
}

fn nobody_tried(server: &Server) -> Result<()> {
    let log = server.log();
    let tried = ["Accepted", "Failed", "Invalid user", "userauth", "authenticating"];
    ensure!(!tried.iter().any(|word| log.contains(word)), "a sign-in was tried:\n{log}");
    Ok(())
}

#[test]
fn a_server_that_was_never_met_and_one_whose_key_was_swapped() -> Result<()> {
    let server = lab::need!(lab::sshd());
    let other = lab::need!(lab::sshd());
    let plumb = Plumb::new()?;
    let mut place = plumb.place(&server, &server.user)?;
    std::fs::write(plumb.file("known_hosts"), "")?;
    let said = plumb.call(&words(&CHECK, &place), &[])?.ended(3)?;
    coded(&said, "host-key-first")?;
    said.says("We sent no password and no key.")?;
    nobody_tried(&server)?;

    plumb.know(&server, &other.host_key)?;
    let said = plumb.call(&words(&CHECK, &place), &[])?.ended(3)?;
    coded(&said, "host-key-changed")?;
    nobody_tried(&server)?;

    // A fingerprint given beforehand does not excuse a key that changed.
    place.extend(["--trust".to_owned(), fingerprint(&server)?]);
    plumb.call(&words(&CHECK, &place), &[])?.ended(3)?;
    nobody_tried(&server)?;
    std::fs::write(plumb.file("known_hosts"), "")?;
    let said = plumb.call(&words(&CHECK, &place), &[])?;
    ensure!(matches!(said.code, 0..=2), "the right fingerprint was not enough: {}", said.err);
    Ok(())
}

fn fingerprint(server: &Server) -> Result<String> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), &server.host_key)?;
    let output = Command::new("ssh-keygen").arg("-lf").arg(file.path()).output()?;
    Ok(String::from_utf8(output.stdout)?.split(' ').nth(1).unwrap_or_default().to_owned())
}

#[test]
fn nobody_there() -> Result<()> {
    let plumb = Plumb::new()?;
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let host = format!("deploy@127.0.0.1:{port}");
    let said = plumb.call(&words(&CHECK, &["--host".into(), host]), &[])?.ended(3)?;
    coded(&said, "connection-refused")?;
    said.says("We sent no password and no key.")?;
    let said = plumb.call(&words(&CHECK, &["--host".into(), "no-such-server.invalid".into()]), &[])?.ended(3)?;
    coded(&said, "name-not-found")
}

#[test]
fn a_wrong_password_and_a_wrong_passphrase() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    let plumb = Plumb::new()?;
    let known = plumb.know(&server, &server.host_key)?.to_string_lossy().into_owned();
    let host = format!("op@{}:{}", server.host, server.port);
    let place: Vec<String> =
        ["--host", &host, "--known-hosts", &known, "--password-fd", "3"].map(str::to_owned).to_vec();
    let said = plumb.call(&words(&CHECK, &place), &["not-it-canary"])?.ended(3)?;
    coded(&said, "password-refused")?;
    ensure!(!said.err.contains("not-it-canary"), "the password is in the words:\n{}", said.err);
    let said = plumb.call(&words(&CHECK, &place), &["op-pw"])?;
    ensure!(matches!(said.code, 0..=2), "{}", said.err);

    let locked = plumb.file("locked");
    std::fs::copy(&server.key_file, &locked)?;
    let changed =
        Command::new("ssh-keygen").args(["-q", "-p", "-P", "", "-N", "right words", "-f"]).arg(&locked).status()?;
    ensure!(changed.success());
    let key = locked.to_string_lossy().into_owned();
    let place: Vec<String> =
        ["--host", &host, "--known-hosts", &known, "--key", &key, "--password-fd", "3"].map(str::to_owned).to_vec();
    let said = plumb.call(&words(&CHECK, &place), &["wrong-words-canary"])?.ended(3)?;
    coded(&said, "passphrase-wrong")?;
    ensure!(!said.err.contains("wrong-words-canary"), "the passphrase is in the words:\n{}", said.err);
    let said = plumb.call(&words(&CHECK, &place), &["right words"])?;
    ensure!(matches!(said.code, 0..=2), "{}", said.err);
    Ok(())
}

#[test]
fn nobody_who_may_look_behind_the_counter() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "guest")?;
    let said = plumb.call(&words(&[&CHECK[..], &["--json", "-"]].concat(), &place), &[])?;
    ensure!(matches!(said.code, 1 | 2), "exit {}: {}", said.code, said.err);
    let json = said.json()?;
    let hidden = json["findings"].as_array().into_iter().flatten().filter(|f| f["verdict"] == "could_not_tell");
    ensure!(hidden.clone().count() > 0, "what only an administrator can read was judged");
    for finding in hidden {
        ensure!(!finding["why_unknown"].is_null(), "no reason: {finding:#}");
    }
    let before = server.must("ls -lR --time-style=full-iso /etc/sysctl.d /etc/security /var/lib | grep -v total")?;
    let said = plumb.call(&words(&APPLY, &place), &[])?.ended(3)?;
    said.says("administrator")?;
    let after = server.must("ls -lR --time-style=full-iso /etc/sysctl.d /etc/security /var/lib | grep -v total")?;
    ensure!(before == after, "something was changed without rights");
    Ok(())
}

#[test]
fn a_disk_without_room_and_one_that_can_only_be_read() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    server.must(
        "mkdir -p /var/lib/plumbline && mount -t tmpfs -o size=64k tmpfs /var/lib/plumbline && \
         { dd if=/dev/zero of=/var/lib/plumbline/full bs=1k 2>/dev/null; true; }",
    )?;
    refused_whole(&server, Some("(disk-full)"))?;
    server.must("umount /var/lib/plumbline && mount -t tmpfs -o ro tmpfs /var/lib/plumbline")?;
    refused_whole(&server, Some("(disk-read-only)"))
}

/// A FreeBSD cannot run in the lab; its name stands in for it, and the probe believes that.
#[test]
fn a_server_that_runs_something_else() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    server.must("rm -f /usr/bin/uname /bin/uname; printf '#!/bin/sh\\necho FreeBSD db-01 14.1-RELEASE amd64\\n' >/usr/bin/uname; chmod 755 /usr/bin/uname")?;
    let plumb = Plumb::new()?;
    let said = plumb.call(&words(&CHECK, &plumb.place(&server, "root")?), &[])?.ended(3)?;
    said.says("runs FreeBSD")?;
    coded(&said, "system-not-supported")
}

#[test]
fn a_container_that_may_not() -> Result<()> {
    lab::slow!();
    let server = lab::need!(Nspawn::new("bookworm").restricted().start());
    refused_whole(&server, None)
}

/// The change cannot be made; that is told, and the server is as before to the byte.
fn refused_whole(server: &Server, words_due: Option<&str>) -> Result<()> {
    const PICTURE: &str = "find /etc -type f -exec sha256sum {} + | sort; sysctl -a 2>/dev/null | grep tcp_.mem";
    let plumb = Plumb::new()?;
    let place = plumb.place(server, "root")?;
    let before = server.must(PICTURE)?;
    let said = plumb.call(&words(&APPLY, &place), &[])?.ended(3)?;
    ensure!(!said.err.trim().is_empty(), "refused without a word");
    if let Some(words_due) = words_due {
        said.says(words_due)?;
    }
    ensure!(server.must(PICTURE)? == before, "something was left half done");
    // Looking still works.
    let said = plumb.call(&words(&CHECK, &place), &[])?;
    ensure!(matches!(said.code, 0..=2), "{}", said.err);
    Ok(())
}

//! Three secrets go through every command that needs them. Afterwards they are searched for in every file that either
//! machine wrote, in every argument and environment of every process meanwhile, in the talk of the highest log level, and
//! in every form of report.

use crate::plumb::{Plumb, words};
use anyhow::{Context, Result, ensure};
use lab::Server;
use plumbline_tests::canary::Watch;
use std::process::Command;

const PASSWORD: &str = "canary-password-51f0e9";
const PASSPHRASE: &str = "canary-passphrase-c2d417";
/// op's password is sudo's as well; another account has one for signing in only.
const SUDO: &str = "canary-sudo-9b07aa";
const CANARIES: [&str; 3] = [PASSWORD, PASSPHRASE, SUDO];
const ROLE: [&str; 2] = ["--role", "reforms/minimum"];

/// Files on the server that were written since `/stamp`, and its journal, as far as a canary is in them.
fn on_the_server(server: &Server) -> Result<String> {
    let patterns: String = CANARIES.iter().map(|canary| format!(" -e {canary}")).collect();
    // Every file system that keeps something, memory or not; /proc and /sys keep nothing.
    let script = format!(
        "find / /run /tmp /dev/shm -xdev -type f -newer /stamp ! -path '/proc/*' ! -path '/sys/*' -exec grep -laF {patterns} {{}} + | sort -u; \
         journalctl -o export --no-pager 2>/dev/null | grep -aF {patterns}; :"
    );
    Ok(server.must(&script)?)
}

/// What people can read of a report that is packed.
fn unpacked(plumb: &Plumb, pdf: &str) -> Result<()> {
    let text = Command::new("pdftotext").arg(plumb.file(pdf)).arg(plumb.file("pdf.txt")).status()?;
    ensure!(text.success(), "pdftotext cannot read {pdf}");
    Ok(())
}

#[test]
fn no_secret_is_anywhere_after_a_whole_walk() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    let plumb = Plumb::new()?;
    server.must(&format!("printf 'op:{SUDO}\nguest:{PASSWORD}\n' | chpasswd; mkdir -p /home/op/.ssh; cp /root/.ssh/authorized_keys /home/op/.ssh/; chown -R op: /home/op; sleep 1; touch /stamp"))?;
    let known = plumb.know(&server, &server.host_key)?.to_string_lossy().into_owned();
    let key = plumb.file("key");
    std::fs::copy(&server.key_file, &key)?;
    let locked = Command::new("ssh-keygen").args(["-q", "-p", "-P", "", "-N", PASSPHRASE, "-f"]).arg(&key).status()?;
    ensure!(locked.success());
    let place = |user: &str| {
        [
            "--host".to_owned(),
            format!("{user}@{}:{}", server.host, server.port),
            "--known-hosts".to_owned(),
            known.clone(),
        ]
    };
    let key = ["--key", &key.to_string_lossy(), "--password-fd", "3", "--sudo-password-fd", "4"].map(str::to_owned);
    let by_key = [&place("op")[..], &key].concat();
    let by_password =
        [&place("op")[..], &["--password-fd", "3", "--sudo-password-fd", "4"].map(str::to_owned)].concat();
    let guest = [&place("guest")[..], &["--password-fd", "3"].map(str::to_owned)].concat();

    let watch = Watch::over(&CANARIES);
    let mut talk = String::new();
    let mut call = |verb: &[&str], place: &[String], secrets: &[&str], codes: &[i32]| -> Result<String> {
        let verb: Vec<&str> = verb.iter().copied().chain(["-vvv"]).collect();
        let said = plumb.call(&words(&verb, place), secrets)?;
        // They were handed over in files of the test's own.
        for index in 0..secrets.len() {
            std::fs::remove_file(plumb.file(&format!("secret-{index}")))?;
        }
        ensure!(codes.contains(&said.code), "{verb:?} ended with {}: {}{}", said.code, said.out, said.err);
        talk.push_str(&said.out);
        talk.push_str(&said.err);
        Ok(said.out)
    };
    let file = |name: &str| plumb.file(name).to_string_lossy().into_owned();
    let (json, pdf, junit, facts) = (file("check.json"), file("check.pdf"), file("check.xml"), file("facts.txt"));
    let ready = [0, 1, 2];
    let outs = ["--json", &json, "--pdf", &pdf, "--junit", &junit, "--facts-out", &facts];
    call(&[&["check"], &ROLE[..], &outs].concat(), &by_key, &[PASSPHRASE, SUDO], &ready)?;
    call(&[&["check"], &ROLE[..]].concat(), &by_password, &[SUDO, SUDO], &ready)?;
    call(&[&["check"], &ROLE[..]].concat(), &guest, &[PASSWORD], &ready)?;
    // Refused ones are secrets too: they may be right elsewhere.
    call(&[&["check"], &ROLE[..]].concat(), &guest, &[PASSPHRASE], &[3])?;
    call(&[&["check"], &ROLE[..]].concat(), &by_key, &[SUDO, PASSPHRASE], &[3])?;
    call(&[&["plan", "--diff"], &ROLE[..]].concat(), &by_key, &[PASSPHRASE, SUDO], &ready)?;
    call(
        &[&["apply", "--change", "sysctl.buffers", "--keep"], &ROLE[..]].concat(),
        &by_key,
        &[PASSPHRASE, SUDO],
        &ready,
    )?;
    let runs = call(&["runs", "--json"], &by_key, &[PASSPHRASE, SUDO], &[0])?;
    let runs: serde_json::Value = serde_json::from_str(&runs)?;
    let run = runs["runs"][0]["id"].as_str().context("no run was kept")?;
    call(&["undo", run], &by_key, &[PASSPHRASE, SUDO], &ready)?;
    call(&["diagnostics", "--out", &file("diagnostics.txt")], &[], &[], &[0])?;
    ensure!(talk.contains("TRACE") || talk.contains("DEBUG"), "it did not talk:\n{talk}");
    std::fs::write(plumb.file("talk.txt"), &talk)?;
    unpacked(&plumb, "check.pdf")?;

    let heard = watch.heard(&[plumb.home.path()]);
    ensure!(heard.is_empty(), "on this computer: {heard:#?}");
    let heard = on_the_server(&server)?;
    ensure!(heard.is_empty(), "on the server:\n{heard}");

    // The same hunt finds one that is planted in each place.
    let watch = Watch::over(&CANARIES);
    server.must(&format!("echo 'x{SUDO}x' >/var/lib/planted; echo {PASSWORD} >/run/planted; logger -t planted {PASSPHRASE}; sleep 1; LEAK={PASSWORD} sleep 5 & sh -c 'sleep 5; : {SUDO}'; journalctl --flush 2>/dev/null; :"))?;
    std::fs::write(plumb.file("planted"), PASSPHRASE)?;
    let heard = watch.heard(&[plumb.home.path()]);
    for due in ["cmdline of", "environ of", "/planted"] {
        ensure!(heard.iter().any(|place| place.contains(due)), "{due} was not heard: {heard:#?}");
    }
    let heard = on_the_server(&server)?;
    for due in ["/var/lib/planted", "/run/planted", PASSPHRASE] {
        ensure!(heard.contains(due), "{due} was not heard:\n{heard}");
    }
    Ok(())
}

/// A crash in the middle of a check, the password in use: no picture of the memory is left behind, by the program's own
/// doing, whatever whoever starts it allows.
#[test]
fn a_crash_leaves_no_core() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    server.must("echo 'sleep 20' >/etc/ssh/sshrc")?;
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    let mut check = plumb.start(&words(&[&["check"], &ROLE[..]].concat(), &place))?;
    let limits = format!("/proc/{}/limits", check.id());
    let core = || {
        std::fs::read_to_string(&limits).map(|text| {
            text.lines()
                .find(|line| line.starts_with("Max core"))
                .map(|line| line.split_whitespace().skip(4).take(2).collect::<Vec<_>>().join(" "))
        })
    };
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while core()?.as_deref() != Some("0 0") && std::time::Instant::now() < end {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let limit = core()?;
    let _ = Command::new("kill").args(["-ABRT", &check.id().to_string()]).status()?;
    let ended = check.wait()?;
    ensure!(limit.as_deref() == Some("0 0"), "core files may be {limit:?} large");
    ensure!(!ended.success());
    Ok(())
}

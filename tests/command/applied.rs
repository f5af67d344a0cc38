//! Changes by `plumb` alone, as somebody does it who has only the manual: what it prints, its JSON, and its exit codes.

use crate::plumb::{Plumb, words};
use anyhow::{Context as _, Result, ensure};
use lab::Server;
use serde_json::Value;
use std::time::{Duration, Instant};

const ROLE: [&str; 2] = ["--role", "statemesh/node-minimum"];
/// Reloads sshd, so that the proof over a new connection has something to prove.
const KEYS: [&str; 2] = ["--change", "ssh.keys"];
const IS_SET: &str = "sshd -T | grep -x 'passwordauthentication no'";

fn verb<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [name].into_iter().chain(ROLE).chain(more.iter().copied()).collect()
}

fn state(server: &Server) -> Result<String> {
    Ok(server.must(
        "find /etc -type f -exec sha256sum {} + | sort -k 2; find /etc -printf '%p %m %U %G %l\\n' | sort; sshd -T",
    )?)
}

fn run_of(json: &Value) -> Result<String> {
    Ok(json["run"].as_str().context("no run")?.to_owned())
}

#[test]
fn planned_made_kept_made_again_and_undone() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    let before = state(&server)?;

    let plan = plumb.call(&words(&verb("plan", &["--json"]), &place), &[])?.ended(1)?.json()?;
    let changes = plan["changes"].as_array().context("changes")?;
    let keys = changes.iter().find(|change| change["id"] == "ssh.keys").context("no ssh.keys")?;
    for field in ["title", "effect", "risk", "undo", "settles", "files", "runtime", "seconds", "consequence"] {
        ensure!(!keys[field].is_null(), "{field}: {keys}");
    }
    // what is of high risk is off, and says why
    let high = changes.iter().filter(|change| change["risk"] == "high");
    ensure!(high.clone().all(|change| change["advised_off"].as_str().is_some_and(|why| !why.is_empty())), "{plan}");
    let told = plumb.call(&words(&verb("plan", &["--diff"]), &place), &[])?.ended(1)?;
    for piece in
        ["/etc/ssh/sshd_config.d/00-plumbline.conf (new file)", "+ passwordauthentication no", "To undo:", " → "]
    {
        ensure!(told.out.contains(piece), "{piece:?} is not in\n{}", told.out);
    }
    ensure!(state(&server)? == before, "a plan changes nothing");

    // nobody can be asked, and that is said before anything happens
    let said = plumb.call(&words(&verb("apply", &KEYS), &place), &[])?.ended(4)?;
    said.says("--keep or --put-back")?;
    let odd = plumb.call(&words(&verb("apply", &["--change", "no.such", "--keep"]), &place), &[])?.ended(4)?;
    odd.says("no.such")?;
    ensure!(state(&server)? == before);

    let options = [KEYS.as_slice(), &["--put-back", "--json"]].concat();
    let back = plumb.call(&words(&verb("apply", &options), &place), &[])?.ended(1)?.json()?;
    ensure!(back["kept"] == false && state(&server)? == before, "{back}");

    let options = [KEYS.as_slice(), &["--keep", "--json"]].concat();
    let said = plumb.call(&words(&verb("apply", &options), &place), &[])?.ended(1)?;
    for proof in
        ["A new connection was opened", "Signed in the same way", "Administrator rights still work", "one-time value"]
    {
        said.says(proof)?;
    }
    let kept = said.json()?;
    ensure!(
        kept["kept"] == true && kept["changes"][0] == "ssh.keys" && kept["failed"] == serde_json::json!([]),
        "{kept}"
    );
    ensure!(server.exec(IS_SET)?.ok());

    // made again, it changes nothing
    let after = state(&server)?;
    let again = plumb.call(&words(&verb("apply", &options), &place), &[])?.ended(1)?.json()?;
    ensure!(again["run"].is_null() && again["changes"] == serde_json::json!([]) && state(&server)? == after, "{again}");

    let run = run_of(&kept)?;
    let runs = plumb.call(&words(&["runs", "--json"], &place), &[])?.ended(0)?.json()?;
    let states: Vec<_> = runs["runs"].as_array().context("runs")?.iter().map(|run| run["state"].as_str()).collect();
    ensure!(states == [Some("put_back"), Some("kept")], "{runs}");
    plumb.call(&words(&["undo", &run], &place), &[])?.ended(1)?;
    ensure!(state(&server)? == before, "undone and not as before");
    let none = plumb.call(&words(&["undo", "20200101-0000-abcdef"], &place), &[])?;
    ensure!(none.code != 0, "{}", none.out);

    // the record is there, and once purged it is not, and nothing else went with it
    let record = format!("test -e /var/lib/plumbline/runs/{run}/manifest");
    ensure!(server.exec(&record)?.ok(), "no record of {run}");
    let gone = plumb.call(&words(&["purge", &run, "--json"], &place), &[])?.ended(0)?.json()?;
    ensure!(gone["run"] == run.as_str() && gone["purged"] == true, "{gone}");
    ensure!(!server.exec(&format!("test -e /var/lib/plumbline/runs/{run}"))?.ok(), "{run} is still there");
    let runs = plumb.call(&words(&["runs", "--json"], &place), &[])?.ended(0)?.json()?;
    let ids: Vec<_> = runs["runs"].as_array().context("runs")?.iter().map(|run| run["id"].as_str()).collect();
    ensure!(!ids.is_empty() && !ids.contains(&Some(run.as_str())), "{runs}");
    ensure!(state(&server)? == before, "forgetting a run changes nothing");
    plumb.call(&words(&["purge", &run], &place), &[])?.ended(4)?.says(&run)?;
    Ok(())
}

#[test]
fn a_run_whose_client_died_is_found_proved_and_kept_from_another_computer() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    let (one, other) = (Plumb::new()?, Plumb::new()?);
    let (place, elsewhere) = (one.place(&server, "root")?, other.place(&server, "root")?);
    // the run goes no further than its first act while this is there
    server.must(
        "touch /tmp/hold; cat >/usr/local/sbin/sync <<'X'\n#!/bin/sh\n\
         while [ -e /tmp/hold ] && grep -q '\tstarted\t' \"$1\" 2>/dev/null; do sleep 0.1; done\nexec /usr/bin/sync \"$@\"\nX\n\
         chmod 755 /usr/local/sbin/sync",
    )?;
    let options = [KEYS.as_slice(), &["--keep"]].concat();
    let mut client = one.begin(&words(&verb("apply", &options), &place))?;
    let open = "grep -q '\tstarted\t' /var/lib/plumbline/runs/*/journal";
    let end = Instant::now() + Duration::from_secs(60);
    while !server.exec(open)?.ok() {
        ensure!(Instant::now() < end, "no run began");
        std::thread::sleep(Duration::from_millis(50));
    }
    client.kill()?;
    client.wait()?;

    let runs = other.call(&words(&["runs", "--json"], &elsewhere), &[])?.ended(0)?.json()?;
    let run = runs["runs"][0]["id"].as_str().context("no run")?.to_owned();
    ensure!(runs["runs"][0]["state"] == "open", "{runs}");
    ensure!(runs["runs"][0]["seconds_left"].as_u64().is_some_and(|left| left <= 120), "{runs}");
    // what can still be put back is not forgotten
    let purged = other.call(&words(&["purge", &run], &elsewhere), &[])?;
    ensure!(purged.code == 3 && purged.err.contains(&run), "refused by name: {} {}", purged.code, purged.err);
    ensure!(server.exec(&format!("test -e /var/lib/plumbline/runs/{run}/armed"))?.ok(), "an open run was forgotten");
    server.must(
        "rm -f /tmp/hold /usr/local/sbin/sync; until grep -q '\tapplied\t' /var/lib/plumbline/runs/*/journal; do sleep 0.2; done",
    )?;
    let second = other.call(&words(&verb("apply", &options), &elsewhere), &[])?;
    ensure!(second.code == 3 && second.err.contains(&run), "refused by name: {} {}", second.code, second.err);
    let said = other.call(&words(&["keep", &run, "--json"], &elsewhere), &[])?.ended(1)?;
    said.says("Administrator rights still work")?;
    ensure!(said.json()?["kept"] == true, "{}", said.out);
    ensure!(server.exec(IS_SET)?.ok());
    other.call(&words(&["undo", &run], &elsewhere), &[])?.ended(1)?;
    Ok(())
}

#[test]
fn who_holds_the_packages_is_named_while_we_wait() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    server.must(
        "cat >/tmp/holder.py <<'X'\nimport fcntl, time\nf = open('/var/lib/dpkg/lock-frontend', 'w')\nfcntl.lockf(f, fcntl.LOCK_EX)\n\
         open('/tmp/held', 'w')\ntime.sleep(25)\nX\nsetsid python3 /tmp/holder.py </dev/null >/dev/null 2>&1 &\n\
         while ! [ -e /tmp/held ]; do sleep 0.1; done",
    )?;
    let options = ["--role", "dusk/provisioner", "--change", "packages.tools", "--put-back"];
    let said = plumb.call(&words(&[["apply"].as_slice(), &options].concat(), &place), &[])?;
    said.says("waiting for python3 (process ")?;
    ensure!(!server.exec("command -v jq")?.ok(), "asked for, what was installed goes again");
    Ok(())
}

/// A server of this name by both families of address, of which a change (or whatever came with it) shuts one.
#[test]
fn a_door_shut_for_one_family_of_addresses_alone_is_found_and_put_back() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    let host6 = server.host6.clone().context("the lab gave this server no second address")?;
    let plumb = Plumb::new()?;
    let hosts = plumb.file("hosts");
    std::fs::write(&hosts, format!("{} both.test\n{host6} both.test\n", server.host))?;
    std::fs::write(plumb.file("known_hosts"), format!("both.test {}\n", server.host_key))?;
    let mut place = plumb.place(&server, "root")?;
    std::fs::write(plumb.file("known_hosts"), format!("both.test {}\n", server.host_key))?;
    place[1] = "root@both.test:22".to_owned();
    let before = state(&server)?;

    let back = verb("apply", &["--change", "ssh.keys", "--put-back", "--json"]);
    plumb.call_among(&hosts, &words(&back, &place))?.ended(1)?.says("as well")?;
    ensure!(state(&server)? == before);

    for family in ["nfproto ipv6", "nfproto ipv4"] {
        // as soon as the run has begun to change things, new connections of this family find no door
        server.must(&format!(
            "rm -rf /var/lib/plumbline/runs/*; setsid sh -c 'until grep -q \"\tarmed\t\" /var/lib/plumbline/runs/*/journal; do sleep 0.1; done; \
             nft add table inet shut; nft add chain inet shut in \"{{ type filter hook input priority -1; }}\"; \
             nft add rule inet shut in meta {family} tcp dport 22 ct state new drop' </dev/null >/dev/null 2>&1 &"
        ))?;
        let keep = verb("apply", &["--change", "ssh.keys", "--keep", "--json"]);
        let said = plumb.call_among(&hosts, &words(&keep, &place))?.ended(3)?;
        said.says("Not everything could be proved")?;
        ensure!(said.json()?["kept"] == false && state(&server)? == before, "{family}: {}", said.err);
        server.must("nft delete table inet shut")?;
    }
    Ok(())
}

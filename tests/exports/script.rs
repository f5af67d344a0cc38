//! The exported script, carried to a server and run there by root.

use crate::twin::{self, MESSENGER, Twin, Wish};
use anyhow::{Context as _, Result, ensure};
use lab::{Nspawn, Server};
use serde_json::Value;

/// Runs the script as it lies on the server; what it said on standard error, and how it ended. As somebody who signed in:
/// from beside, this machine's own limits would be its limits.
fn run(server: &Server, words: &str) -> Result<(bool, String)> {
    let ran = server.ssh("root").arg(format!("sh /root/plumb.sh {words} 2>&1 </dev/null")).output()?;
    Ok((ran.status.success(), String::from_utf8_lossy(&ran.stdout).into_owned()))
}

#[test]
fn does_what_apply_does_and_takes_it_back() -> Result<()> {
    lab::slow!();
    twins(MESSENGER)
}

crate::twin::of_the_other_wishes!(twins);

fn twins(wish: Wish) -> Result<()> {
    let applied = Twin::of(lab::need!(Nspawn::new("bookworm").with(&["postgresql"]).start()), wish)?;
    let carried = Twin::of(lab::need!(Nspawn::new("bookworm").with(&["postgresql"]).start()), wish)?;
    let (plumb, server) = (&carried.plumb, &carried.server);

    // out of reach: the probe goes there by hand, its output comes back, and the plan is made of that
    let probe = carried.call("probe", &[])?.ended(0)?.out;
    server.write("/root/probe.sh", probe.as_bytes())?;
    let facts = plumb.file("far.txt");
    std::fs::write(&facts, server.must("sh /root/probe.sh 2>/dev/null")?)?;
    let check = plumb.file("far.json");
    let out = ["--facts", &facts.to_string_lossy(), "--json", &check.to_string_lossy()];
    let said = carried.call("check", &out)?;
    ensure!(matches!(said.code, 0..=2), "exit {}: {}", said.code, said.err);
    let script = carried.export("shell", &check, "far.sh")?;
    let text = std::fs::read(&script)?;
    ensure!(std::fs::read(carried.export("shell", &check, "again.sh")?)? == text, "it differs when made twice");
    server.write("/root/plumb.sh", &text)?;

    let before = carried.state()?;
    let (shown, list) = run(server, "")?;
    ensure!(shown && list.contains("Nothing was changed"), "{list}");
    let denied = server.exec("cp /root/plumb.sh /tmp/plumb.sh; su admin -s /bin/sh -c 'sh /tmp/plumb.sh apply --keep' 2>&1; rm /tmp/plumb.sh")?;
    ensure!(denied.stdout.contains("Only root can do that"), "{}", denied.stdout);
    faults::same(&before, &carried.state()?).context("it changed something before it was asked to")?;

    let (ok, said) = run(server, "apply --keep")?;
    ensure!(ok && said.contains("Kept."), "{said}");
    let after = carried.state()?;
    let (ok, said) = run(server, "apply --keep")?;
    ensure!(ok && said.contains("Nothing was changed"), "a second run is not empty: {said}");
    faults::same(&after, &carried.state()?)?;

    applied.apply()?;
    faults::same(&applied.state()?, &after).context("the twins differ")?;
    let (of_apply, of_script) =
        (applied.findings(&applied.check("after.json")?)?, carried.findings(&carried.check("after.json")?)?);
    ensure!(of_apply == of_script, "{}", faults::difference(&of_apply.join("\n"), &of_script.join("\n")));

    // what it says of itself comes back into the report
    let result = plumb.file("result.txt");
    std::fs::write(&result, server.must("sh /root/plumb.sh report 2>/dev/null")?)?;
    let said = carried.call("check", &["--facts", &result.to_string_lossy(), "--json", "-"])?;
    let json: Value = serde_json::from_str(&said.out)?;
    let run_made = &json["runs"][0];
    ensure!(run_made["outcome"]["is"] == "kept", "{run_made:#}");
    ensure!(run_made["changes"].as_array().is_some_and(|changes| !changes.is_empty()), "{run_made:#}");
    let planned = json["plan"]["changes"].as_array().context("no plan")?;
    let again = planned.iter().find(|change| wish.changes.iter().any(|made| change["id"] == *made));
    ensure!(again.is_none(), "what was made is planned again: {again:#?}");

    let (ok, said) = run(server, "undo --keep")?;
    ensure!(ok && said.contains("Kept."), "{said}");
    faults::same(&before, &carried.state()?).context("undone and not as before")?;
    let (ok, said) = run(server, "undo --keep")?;
    ensure!(ok && said.contains("Nothing of this script is left"), "{said}");
    Ok(())
}

#[test]
fn nobody_answers_and_it_goes_back_and_an_edit_is_never_lost() -> Result<()> {
    lab::slow!();
    let twin = Twin::of(lab::need!(Nspawn::new("bookworm").start()), EDITED)?;
    let server = &twin.server;
    let script = twin.export("shell", &twin.check("before.json")?, "plumb.sh")?;
    server.write("/root/plumb.sh", &std::fs::read(script)?)?;
    let before = twin.state()?;

    let (ok, said) = run(server, "apply")?;
    ensure!(!ok && said.contains("wait for an answer"), "{said}");
    let (ok, said) = run(server, "back")?;
    ensure!(ok && said.contains("Everything is as it was."), "{said}");
    faults::same(&before, &twin.state()?)?;

    let (ok, said) = run(server, "apply --keep")?;
    ensure!(ok, "{said}");
    let file = "/etc/sysctl.d/zz-plumbline.conf";
    server.must(&format!("sed -i 's/^net.ipv4.tcp_rmem = .*/& # mine/' {file}"))?;
    let (ok, said) = run(server, "undo --keep")?;
    ensure!(!ok && said.contains("undo leave"), "{said}");
    let (ok, said) = run(server, "undo leave --keep")?;
    ensure!(ok, "{said}");
    let left = server.read(file)?.context("the edit is gone")?;
    ensure!(String::from_utf8_lossy(&left).contains("# mine"), "the edit is gone");

    // what somebody changed since the look is seen before anything is changed
    let between = twin.state()?;
    let (ok, said) = run(server, "apply --keep")?;
    ensure!(!ok && said.contains("differs from what was seen"), "{said}");
    faults::same(&between, &twin.state()?)?;
    Ok(())
}

const EDITED: Wish = twin::of_role("reforms/small?users=24", &["sysctl.buffers"]);

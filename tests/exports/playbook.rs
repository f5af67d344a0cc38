//! The exported playbook, run by ansible-core.

use crate::twin::{DOOR, MESSENGER, Twin, Wish};
use anyhow::{Context as _, Result, ensure};
use lab::Nspawn;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program of the environment that `npm test` sets up, else of this machine.
fn program(name: &str) -> Option<PathBuf> {
    let here = std::env::var_os("PLUMB_LAB_ANSIBLE").map(PathBuf::from).map(|folder| folder.join(name));
    let path = std::env::var_os("PATH").unwrap_or_default();
    here.into_iter().chain(std::env::split_paths(&path).map(|folder| folder.join(name))).find(|file| file.is_file())
}

fn left_out(test: &str, name: &str) {
    let reason = format!("{name} is not installed (PLUMB_LAB_ANSIBLE names the folder of its programs)");
    lab::record(test, &lab::Skipped { name: name.to_owned(), reason });
}

/// How a run of the playbook ended: what its last line counts.
struct Recap {
    changed: u32,
    failed: u32,
    said: String,
}

fn play(program: &Path, twin: &Twin, folder: &Path, more: &[&str]) -> Result<Recap> {
    let known = twin.plumb.know(&twin.server, &twin.server.host_key)?;
    let ssh = format!("-o UserKnownHostsFile={} -o IdentitiesOnly=yes", known.display());
    let output = Command::new(program)
        .args(["-i", "inventory.yml", "playbook.yml", "--private-key"])
        .arg(&twin.server.key_file)
        .args(["--ssh-common-args", &ssh])
        .args(more)
        .current_dir(folder)
        .env("HOME", twin.plumb.home.path())
        .env("ANSIBLE_NOCOLOR", "1")
        .env("ANSIBLE_DEPRECATION_WARNINGS", "0")
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let recap = said.lines().rev().find(|line| line.contains("changed=")).with_context(|| said.clone())?;
    let count = |name: &str| -> Option<u32> { recap.split_once(name)?.1.split_whitespace().next()?.parse().ok() };
    let (changed, failed) = (count("changed=").context("no count")?, count("failed=").context("no count")?);
    let unreachable = count("unreachable=").context("no count")?;
    Ok(Recap { changed, failed: failed + unreachable, said })
}

#[test]
fn makes_of_a_twin_what_apply_makes_of_the_other() -> Result<()> {
    lab::slow!();
    twins(MESSENGER)
}

crate::twin::of_the_other_wishes!(twins);

/// Whoever carries a script does not come over ssh, and is not offered it; a playbook comes as we do.
#[test]
fn of_a_second_port_for_ssh_as_well() -> Result<()> {
    lab::full!();
    twins(DOOR)
}

fn twins(wish: Wish) -> Result<()> {
    let Some(ansible) = program("ansible-playbook") else {
        left_out("makes_of_a_twin_what_apply_makes_of_the_other", "ansible-core");
        return Ok(());
    };
    let applied = Twin::of(lab::need!(Nspawn::new("bookworm").with(&["postgresql"]).start()), wish)?;
    let played = Twin::of(lab::need!(Nspawn::new("bookworm").with(&["postgresql"]).start()), wish)?;
    let before = played.state()?;
    let folder = played.export("ansible", &played.check("before.json")?, "playbook")?;
    let again = played.export("ansible", &played.plumb.file("before.json"), "again")?;
    for name in ["playbook.yml", "inventory.yml", "README.md"] {
        ensure!(
            std::fs::read(folder.join(name))? == std::fs::read(again.join(name))?,
            "{name} differs when made twice"
        );
    }
    good_style(&played, &folder)?;
    let dry = play(&ansible, &played, &folder, &["--check", "--diff"])?;
    ensure!(dry.failed == 0 && dry.changed > 0, "{}", dry.said);
    faults::same(&before, &played.state()?).context("check mode changed something")?;

    let first = play(&ansible, &played, &folder, &[])?;
    ensure!(first.failed == 0 && first.changed > 0, "{}", first.said);
    let second = play(&ansible, &played, &folder, &[])?;
    ensure!(second.failed == 0 && second.changed == 0, "a second run changes something: {}", second.said);

    applied.apply()?;
    faults::same(&applied.state()?, &played.state()?).context("the twins differ")?;
    let findings = [&applied, &played].map(|twin| twin.findings(&twin.check("after.json")?));
    let [of_apply, of_playbook] = findings;
    let (of_apply, of_playbook) = (of_apply?, of_playbook?);
    ensure!(of_apply == of_playbook, "{}", faults::difference(&of_apply.join("\n"), &of_playbook.join("\n")));
    Ok(())
}

/// In the strictest profile of ansible-lint, where it is there.
fn good_style(twin: &Twin, folder: &Path) -> Result<()> {
    let Some(lint) = program("ansible-lint") else {
        left_out("is_written_in_good_style", "ansible-lint");
        return Ok(());
    };
    let path = std::env::var("PATH").unwrap_or_default();
    let beside = lint.parent().map(|folder| format!("{}:{path}", folder.display())).unwrap_or(path);
    let said = Command::new(&lint)
        .args(["--offline", "--nocolor", "--profile", "production", "playbook.yml"])
        .current_dir(folder)
        .env("PATH", beside)
        .env("HOME", twin.plumb.home.path())
        .output()?;
    ensure!(
        said.status.success(),
        "{}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
    Ok(())
}

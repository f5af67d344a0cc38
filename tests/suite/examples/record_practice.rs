//! Records the server to practise on, before and after what can be put right there was put right for every role:
//! `cargo build -p cli && PLUMBLINE_CLI=target/debug/plumb cargo run -p suite --example record_practice`
#![allow(clippy::print_stdout)]

use anyhow::{Context, Result, ensure};
use profiles::Tuning;
use std::path::Path;
use std::process::Command;

/// Marks the sections; a reader of a file takes those that anybody asked for by hand.
const BY_HAND: &str = "by-hand";

fn main() -> Result<()> {
    let plumb = std::env::var_os("PLUMBLINE_CLI").context("PLUMBLINE_CLI is not set")?;
    let server = lab::Nspawn::new("bookworm").start()?;
    let catalog = profiles::catalog();
    let roles = catalog.every_choice();
    let keys = checks::keys_of_roles(catalog, &roles);
    let tunings = |role: &profiles::RoleChoice| catalog.product(&role.product).ok()?.tunings(role).ok();
    let mut all: Vec<Tuning> = roles.iter().filter_map(tunings).flatten().collect();
    all.dedup();
    let probe = facts::probe::script(&facts::probe::Asks::of(&keys), BY_HAND);
    let places = tuning::before::script(&all, BY_HAND);
    let record = |name: &str| -> Result<()> {
        let printed = format!("{}{}", server.exec(&probe)?.stdout, server.exec(&places)?.stdout);
        // Where the lab keeps its systems is nobody's business.
        let cache = std::env::var("PLUMB_LAB_CACHE").unwrap_or_else(|_| lab::workspace().display().to_string());
        let printed = printed.replace(&cache, "/lab");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src-tauri/practice").join(name);
        println!("{}: {} bytes", file.display(), printed.len());
        Ok(std::fs::write(file, printed)?)
    };
    server.must("hostnamectl set-hostname practice-01 || hostname practice-01")?;
    record("before.txt")?;
    let home = tempfile::tempdir()?;
    let known = home.path().join("known_hosts");
    std::fs::write(
        &known,
        format!("[{}]:{} {}\n{} {}\n", server.host, server.port, server.host_key, server.host, server.host_key),
    )?;
    for role in catalog.roles() {
        let role = role.to_string();
        let host = format!("{}@{}:{}", server.user, server.host, server.port);
        let applied = Command::new(&plumb)
            .args(["apply", "--role", &role, "--host", &host, "--all-safe", "--keep"])
            .arg("--key")
            .arg(&server.key_file)
            .arg("--known-hosts")
            .arg(&known)
            .env("HOME", home.path())
            .output()?;
        // 0 and 1 and 2 judge the server; whatever is higher means that nothing could be done.
        let code = applied.status.code().unwrap_or(99);
        let said = String::from_utf8_lossy(&applied.stdout);
        println!("{role}: {code}: {}{}", said, String::from_utf8_lossy(&applied.stderr));
        ensure!(code < 5, "{role} could not be prepared");
    }
    record("after.txt")
}

//! Servers without systemd in namespaces of their own. Root inside, no root needed here where this user has subordinate
//! ids.

use crate::keeper::Keeper;
use crate::own::{free_port, new_key, public_half};
use crate::run::{find, run};
use crate::server::{Inside, Server};
use crate::skip::Skipped;
use crate::tree::{is_root, tree};
use crate::{Error, cache};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// A Debian without systemd: `bullseye`, `bookworm` or `trixie`, sshd, sudo and the accounts of
/// [`Server::password_of`], its own firewall and `net.*`. The rest of the kernel is not its to change.
///
/// # Errors
/// [`Error::Skipped`] where namespaces, subordinate ids or the tree cannot be had.
pub fn userns(release: &str) -> Result<Server, Error> {
    userns_with(release, &[])
}

/// The same with more packages of that release in it.
///
/// # Errors
/// As [`userns`].
pub fn userns_with(release: &str, packages: &[&str]) -> Result<Server, Error> {
    let name = format!("namespaces {release}");
    can_unshare(&name)?;
    let tree = tree(&name, release, packages)?;
    start(&name, "sshd", Some(tree))
}

/// The smallest server there is: busybox and dropbear. No bash, sudo, systemd, Python, sftp or package manager; `root`
/// and `guest`, each with the key and its password.
///
/// # Errors
/// [`Error::Skipped`] where namespaces, busybox or dropbear cannot be had.
pub fn minimal() -> Result<Server, Error> {
    let name = "busybox and dropbear";
    can_unshare(name)?;
    for (program, package) in
        [("busybox", "busybox-static"), ("dropbear", "dropbear-bin"), ("dropbearconvert", "dropbear-bin")]
    {
        if find(program).is_none() {
            return Err(Skipped::error(name, format!("{package} is not installed")));
        }
    }
    start(name, "dropbear", None)
}

fn start(name: &str, server: &str, tree: Option<PathBuf>) -> Result<Server, Error> {
    std::fs::create_dir_all(cache()).map_err(|why| Error::failed(name, why))?;
    let state = tempfile::Builder::new().prefix("run-").tempdir_in(cache()).map_err(|why| Error::failed(name, why))?;
    let key_file = new_key(state.path(), "key")?;
    new_key(state.path(), "host_key")?;
    let port = free_port()?;
    let tree = tree.unwrap_or_default();
    let words = [("TREE", &*tree.to_string_lossy()), ("SERVER", server), ("PORT", &port.to_string())];
    let (keeper, ready) = Keeper::start("userns", state.path(), &words, Duration::from_secs(40))?;
    Ok(Server {
        host: "127.0.0.1".into(),
        host6: None,
        port,
        user: "root".into(),
        key_file,
        password: Some("root-pw".into()),
        host_key: public_half(&state.path().join("host_key"))?,
        inside: Inside::Booted { system: ready.get("SYSTEM").cloned().unwrap_or_default() },
        keeper,
        state,
    })
}

fn can_unshare(name: &str) -> Result<(), Error> {
    for (program, package) in [("unshare", "util-linux"), ("python3", "python3"), ("ip", "iproute2"), ("ps", "procps")]
    {
        if find(program).is_none() {
            return Err(Skipped::error(name, format!("{package} is not installed")));
        }
    }
    let mut words = vec!["-m", "-u", "-i", "-n", "-p", "-f"];
    if !is_root() {
        if find("newuidmap").is_none() {
            return Err(Skipped::error(name, "needs root, or uidmap and subordinate ids for this user"));
        }
        words.extend(["-U", "--map-root-user", "--map-auto"]);
    }
    let mut command = Command::new("unshare");
    command.args(words).args(["mount", "-t", "proc", "proc", "/proc"]);
    let (_, said, code) = run(command, b"", Duration::from_secs(10))?;
    if code == 0 {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&said);
    Err(Skipped::error(name, format!("this machine allows no namespaces: {}", said.lines().last().unwrap_or_default())))
}

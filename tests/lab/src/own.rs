//! An sshd of your own on this machine's own files: no root, no new system, up in a fifth of a second.

use crate::keeper::Keeper;
use crate::run::{find, run};
use crate::server::{Inside, Server};
use crate::skip::Skipped;
use crate::{Error, Output};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// OpenSSH's server as you, on a free port of 127.0.0.1 (and ::1 where there is one). Keys only: it can read no
/// passwords. What is done on it is done to this machine, as you; only `HOME` is a folder of the server's own.
///
/// # Errors
/// [`Error::Skipped`] where no sshd is installed.
pub fn sshd() -> Result<Server, Error> {
    sshd_with("")
}

/// The same with lines of `sshd_config` that win over ours, such as `Ciphers aes128-ctr`.
///
/// # Errors
/// As [`sshd`], and where it refuses those lines.
pub fn sshd_with(config: &str) -> Result<Server, Error> {
    let name = "own sshd";
    let Some(program) = find("sshd") else { return Err(Skipped::error(name, "openssh-server is not installed")) };
    let state = tempfile::Builder::new().prefix("lab-").tempdir().map_err(|why| Error::failed(name, why))?;
    let key_file = new_key(state.path(), "key")?;
    new_key(state.path(), "host_key")?;
    std::fs::write(state.path().join("extra.conf"), format!("{config}\n")).map_err(|why| Error::failed(name, why))?;
    let port = free_port()?;
    let words = [("SSHD", &*program.to_string_lossy()), ("PORT", &port.to_string())];
    let (keeper, _) = Keeper::start("own", state.path(), &words, Duration::from_secs(20))?;
    let host_key = public_half(&state.path().join("host_key"))?;
    let user = output("id", &["-un"])?.stdout.trim().to_owned();
    Ok(Server {
        host: "127.0.0.1".into(),
        host6: None,
        port,
        user,
        key_file,
        password: None,
        host_key,
        inside: Inside::Here,
        keeper,
        state,
    })
}

/// A port nobody listens on now. It may be taken before it is used; the start then fails by name.
pub(crate) fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|why| Error::failed("a free port", why))?;
    listener.local_addr().map(|addr| addr.port()).map_err(|why| Error::failed("a free port", why))
}

/// A fresh Ed25519 key pair without a passphrase.
pub(crate) fn new_key(dir: &Path, name: &str) -> Result<std::path::PathBuf, Error> {
    let file = dir.join(name);
    let made = output("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", &file.to_string_lossy()])?;
    if made.ok() { Ok(file) } else { Err(Error::failed("ssh-keygen", made.stderr)) }
}

pub(crate) fn public_half(key: &Path) -> Result<String, Error> {
    let file = key.with_extension("pub");
    let text = std::fs::read_to_string(&file).map_err(|why| Error::failed(file.display().to_string(), why))?;
    Ok(text.trim().to_owned())
}

fn output(program: &str, words: &[&str]) -> Result<Output, Error> {
    let mut command = Command::new(program);
    command.args(words);
    let (stdout, stderr, code) = run(command, b"", Duration::from_secs(20))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Output { stdout: text(stdout), stderr: text(stderr), code })
}

//! One person's computer with nothing on it but `plumb`: a home of its own, no agent, no keychain, no terminal.

use anyhow::{Context, Result, ensure};
use lab::Server;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Somebody with `plumb` and an empty home.
#[derive(Debug)]
pub(crate) struct Plumb {
    program: PathBuf,
    pub(crate) home: tempfile::TempDir,
    /// The network this computer is in, as a file; none: the one that everybody here is in.
    pub(crate) network: Option<String>,
}

/// What one call came to.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Fails unless it ended so.
    pub(crate) fn ended(self, code: i32) -> Result<Said> {
        ensure!(self.code == code, "exit {} where {code} was due:\n{}\n{}", self.code, self.out, self.err);
        Ok(self)
    }

    pub(crate) fn says(&self, words: &str) -> Result<()> {
        ensure!(self.err.contains(words), "it does not say {words:?}:\n{}", self.err);
        Ok(())
    }

    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.out).with_context(|| format!("no JSON: {}\n{}", self.out, self.err))
    }
}

impl Plumb {
    pub(crate) fn new() -> Result<Plumb> {
        Ok(Plumb {
            program: program()?,
            home: tempfile::Builder::new().prefix("plumb-command-").tempdir()?,
            network: None,
        })
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// `plumb WORDS…` with `secrets` as the first lines of descriptors 3, 4, …
    pub(crate) fn call(&self, words: &[&str], secrets: &[&str]) -> Result<Said> {
        let output = self.command(words, secrets)?.output()?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let code = output.status.code().context("ended by a signal")?;
        Ok(Said { code, out: text(output.stdout), err: text(output.stderr) })
    }

    /// The same call, not begun; its process is `plumb` itself.
    pub(crate) fn command(&self, words: &[&str], secrets: &[&str]) -> Result<Command> {
        let network = self.network.as_ref().map(|file| format!("nsenter --net={file} ")).unwrap_or_default();
        let mut shell = format!("exec {network}\"$0\" \"$@\"");
        for (index, secret) in secrets.iter().enumerate() {
            let file = self.file(&format!("secret-{index}"));
            std::fs::write(&file, format!("{secret}\n"))?;
            shell.push_str(&format!(" {}<'{}'", index + 3, file.display()));
        }
        let home = self.home.path();
        let mut command = Command::new("sh");
        command
            .args(["-c", &shell])
            .arg(&self.program)
            .args(words)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .stdin(Stdio::null());
        Ok(command)
    }

    /// `plumb WORDS…` under way, started by somebody who wants core files.
    pub(crate) fn start(&self, words: &[&str]) -> Result<std::process::Child> {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\""]).arg(&self.program).args(words);
        command.env("HOME", self.home.path()).env("XDG_DATA_HOME", self.file("data")).current_dir(self.home.path());
        Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?)
    }

    /// Words that name this server, its key trusted beforehand, signing in as `user` with the lab's key file.
    pub(crate) fn place(&self, server: &Server, user: &str) -> Result<Vec<String>> {
        let known = self.know(server, &server.host_key)?;
        Ok([
            "--host",
            &format!("{user}@{}:{}", server.host, server.port),
            "--key",
            &server.key_file.to_string_lossy(),
            "--known-hosts",
            &known.to_string_lossy(),
        ]
        .map(str::to_owned)
        .to_vec())
    }

    /// `plumb WORDS…` where names are found in this file of hosts and nowhere else.
    pub(crate) fn call_among(&self, hosts: &Path, words: &[&str]) -> Result<Said> {
        let home = self.home.path();
        let script = "mount --bind \"$0\" /etc/hosts && exec \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", script]).arg(hosts).arg(&self.program).args(words).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", home);
        command.env("XDG_DATA_HOME", home.join("data")).env("XDG_RUNTIME_DIR", home.join("run"));
        let output = command.stdin(Stdio::null()).output()?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let code = output.status.code().context("ended by a signal")?;
        Ok(Said { code, out: text(output.stdout), err: text(output.stderr) })
    }

    /// `plumb WORDS…` as a process that a test may end.
    pub(crate) fn begin(&self, words: &[&str]) -> Result<std::process::Child> {
        let home = self.home.path();
        let mut command = Command::new(&self.program);
        command.args(words).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", home);
        command.env("XDG_DATA_HOME", home.join("data")).env("XDG_RUNTIME_DIR", home.join("run"));
        Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
    }

    /// A `known_hosts` in which the server has this key.
    pub(crate) fn know(&self, server: &Server, key: &str) -> Result<PathBuf> {
        let name = if server.port == 22 { server.host.clone() } else { format!("[{}]:{}", server.host, server.port) };
        let file = self.file("known_hosts");
        std::fs::write(&file, format!("{name} {key}\n"))?;
        Ok(file)
    }
}

/// Joins words of a call that are partly owned.
pub(crate) fn words<'a>(verb: &[&'a str], place: &'a [String]) -> Vec<&'a str> {
    verb.iter().copied().chain(place.iter().map(String::as_str)).collect()
}

/// `plumb`: `$PLUMBLINE_CLI`, or the one beside this test, built when it is missing or old.
fn program() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("PLUMBLINE_CLI") {
        return Ok(path.into());
    }
    let features = ["build", "--quiet", "--workspace", "--bins", "--features", "plumbline/custom-protocol"];
    let status = Command::new(env!("CARGO")).args(features).current_dir(lab::workspace()).status()?;
    ensure!(status.success(), "plumb does not build");
    let here = std::env::current_exe()?;
    let folder: &Path = here.ancestors().nth(2).context("a test lies two folders deep")?;
    Ok(folder.join("plumb"))
}

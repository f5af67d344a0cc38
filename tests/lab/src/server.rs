//! A server that runs, seen from beside ssh.

use crate::Error;
use crate::keeper::Keeper;
use crate::run::{Output, run};
use crate::tree::is_root;
use crate::vm::wait_for_ssh;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A running server; dropping it takes it down and removes every trace.
#[derive(Debug)]
pub struct Server {
    /// Address, always of this machine: loopback or a namespace that this server made.
    pub host: String,
    /// Its IPv6 address, where it has one of its own.
    pub host6: Option<String>,
    pub port: u16,
    /// Who may sign in with [`Server::key_file`].
    pub user: String,
    /// An unencrypted Ed25519 key, in a directory only this user can read.
    pub key_file: PathBuf,
    /// What [`Server::user`] may sign in with besides, where passwords work at all.
    pub password: Option<String>,
    /// The server's public host key, as it stands in a `.pub` file.
    pub host_key: String,
    pub(crate) inside: Inside,
    // The order matters: the keeper ends before its state is removed.
    pub(crate) keeper: Keeper,
    pub(crate) state: tempfile::TempDir,
}

/// How to run a program on the server beside ssh.
#[derive(Debug)]
pub(crate) enum Inside {
    /// It is this machine.
    Here,
    /// In the namespaces of the system that the keeper's process `system` has booted; after a reboot it is another.
    Booted { system: String },
    /// Through a port of the virtual machine that is no network.
    Machine { beside: PathBuf },
}

/// No verification command of a test takes longer.
const EXEC_LIMIT: Duration = Duration::from_secs(60);

/// A boot takes half a second where it was tried; this where a processor is worked out in software on a machine that is busy.
const BOOT_LIMIT: Duration = Duration::from_secs(300);

impl Server {
    /// Runs a shell script on the server beside ssh: as its root, or as you where the server is your own sshd.
    /// A restricted server's root can do more here than there.
    ///
    /// # Errors
    /// Where it could not be run or did not end in a minute. A script that fails is an [`Output`] with its code.
    pub fn exec(&self, script: &str) -> Result<Output, Error> {
        let (stdout, stderr, code) = self.sh(script, b"")?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Output { stdout: text(stdout), stderr: text(stderr), code })
    }

    /// The same for a script that must succeed; answers what it printed.
    ///
    /// # Errors
    /// As [`Server::exec`], and where the script fails.
    pub fn must(&self, script: &str) -> Result<String, Error> {
        let output = self.exec(script)?;
        if output.ok() { Ok(output.stdout) } else { Err(Error::failed(script, format!("{output:?}"))) }
    }

    /// A file of the server, byte for byte; `None` where there is none.
    ///
    /// # Errors
    /// Where it could not be read.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let script = format!("[ -e {path} ] || exit 44; cat {path}", path = quote(path));
        match self.sh(&script, b"")? {
            (bytes, _, 0) => Ok(Some(bytes)),
            (_, _, 44) => Ok(None),
            (_, stderr, _) => Err(Error::failed(path, String::from_utf8_lossy(&stderr))),
        }
    }

    /// Writes a file on the server, with the server's own umask.
    ///
    /// # Errors
    /// Where it could not be written.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        match self.sh(&format!("cat >{}", quote(path)), bytes)? {
            (_, _, 0) => Ok(()),
            (_, stderr, _) => Err(Error::failed(path, String::from_utf8_lossy(&stderr))),
        }
    }

    /// Everything that the server and its sshd have said since the start.
    #[must_use]
    pub fn log(&self) -> String {
        let mut all = self.keeper.log();
        for file in ["sshd.log", "console.log"] {
            if let Ok(bytes) = std::fs::read(self.state.path().join(file)) {
                all.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        all
    }

    /// OpenSSH's own client, ready for the words of a command: a second opinion, never the thing under test.
    #[must_use]
    pub fn ssh(&self, user: &str) -> Command {
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR"])
            .args(["-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=10", "-i"])
            .arg(&self.key_file)
            .args(["-p", &self.port.to_string(), "-l", user, &self.host]);
        ssh
    }

    /// Ends the sshd that listens; new connections are refused, open sessions live on.
    ///
    /// # Errors
    /// Where the keeper does not answer.
    pub fn stop_listening(&mut self) -> Result<(), Error> {
        self.keeper.order("stop", EXEC_LIMIT).map(drop)
    }

    /// Restarts it in an orderly way and waits until it lets people in again. Changes on its disk stay.
    ///
    /// # Errors
    /// Where it does not come back, or cannot restart.
    pub fn reboot(&mut self) -> Result<(), Error> {
        let Inside::Machine { .. } = self.inside else { return self.keeper.order("reboot", BOOT_LIMIT).map(drop) };
        let which = "cat /proc/sys/kernel/random/boot_id";
        let before = self.must(which)?;
        // Its answer may not come out any more.
        let _ = self.exec("systemctl reboot");
        let end = Instant::now() + BOOT_LIMIT;
        while self.must(which).map_or(true, |now| now == before) {
            if Instant::now() > end {
                return Err(Error::failed("a reboot", format!("not back in {BOOT_LIMIT:?}")));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self.lets_people_in()
    }

    /// Takes the power away and gives it back: nothing inside is told. What was written is on the disk even where it
    /// was not synced, for the disk is this machine's; a virtual machine loses what its kernel had not
    /// written.
    ///
    /// # Errors
    /// As [`Server::reboot`].
    pub fn cut_power(&mut self) -> Result<(), Error> {
        self.keeper.order("power-cut", BOOT_LIMIT)?;
        if let Inside::Machine { .. } = self.inside { self.lets_people_in() } else { Ok(()) }
    }

    fn lets_people_in(&self) -> Result<(), Error> {
        wait_for_ssh(self.port)?;
        // Until then sshd refuses all but root.
        self.must("while [ -e /run/nologin ]; do sleep 0.1; done").map(drop)
    }

    /// Loses every packet in both directions from now on, without a word to either end. Needs a link.
    ///
    /// # Errors
    /// Where the keeper does not answer.
    pub fn cut_line(&mut self) -> Result<(), Error> {
        self.keeper.order("cut", EXEC_LIMIT).map(drop)
    }

    /// Carries packets again.
    ///
    /// # Errors
    /// Where the keeper does not answer.
    pub fn mend_line(&mut self) -> Result<(), Error> {
        self.keeper.order("mend", EXEC_LIMIT).map(drop)
    }

    /// The password of an account of a Debian server. The accounts: `root`; `admin` (sudo without a password); `op` (sudo
    /// with its password); `guest` (no sudo); `terminal` (sudo that wants a terminal); `csh` and `zsh` (login shells, sudo
    /// without a password); `expired` (its password has run out); `nologin` (no shell); `files` (sftp only).
    #[must_use]
    pub fn password_of(&self, account: &str) -> String {
        format!("{account}-pw")
    }

    /// A directory of this server's own on this machine, gone with it.
    #[must_use]
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    fn sh(&self, script: &str, input: &[u8]) -> Result<(Vec<u8>, Vec<u8>, i32), Error> {
        let mut command = match &self.inside {
            Inside::Here => Command::new("sh"),
            Inside::Booted { system } => {
                let mut enter = Command::new("nsenter");
                // As this user the server is in a user namespace of ours, and in no control group of its own.
                enter.arg(if is_root() { "-C" } else { "-U" });
                enter.args([
                    "-t",
                    &init_below(system)?,
                    "-m",
                    "-u",
                    "-i",
                    "-n",
                    "-p",
                    "-r",
                    "-w",
                    "env",
                    "-i",
                    "HOME=/root",
                    "LANG=C.UTF-8",
                ]);
                enter.args(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "sh"]);
                enter
            }
            Inside::Machine { beside } => return through(beside, script, input),
        };
        command.args(["-c", script]);
        run(command, input, EXEC_LIMIT)
    }
}

/// Runs a script through the port beside ssh, as `start/vm-beside.py` answers it. Answers to requests that nobody waited for
/// are still in the port, so each request has a name that its answer repeats.
fn through(beside: &Path, script: &str, input: &[u8]) -> Result<(Vec<u8>, Vec<u8>, i32), Error> {
    let wrong = |why: std::io::Error| Error::failed("beside ssh", why);
    let mut port = port(beside).map_err(wrong)?;
    static ASKED: AtomicU64 = AtomicU64::new(0);
    let name = format!("{}-{}", std::process::id(), ASKED.fetch_add(1, Ordering::Relaxed));
    writeln!(port, "{name} {} {}", to_hex(script.as_bytes()), to_hex(input)).map_err(wrong)?;
    let mut answers = BufReader::new(port).lines();
    let answer = loop {
        let line = answers.next().transpose().map_err(wrong)?.unwrap_or_default();
        match line.split_once(' ') {
            Some((asked, answer)) if asked == name => break answer.to_owned(),
            Some(_) => {}
            None => return Err(Error::failed("beside ssh", "the machine went away")),
        }
    };
    let mut words = answer.split(' ');
    let code = words.next().and_then(|word| word.parse().ok());
    match (code, words.next().and_then(from_hex), words.next().and_then(from_hex)) {
        (Some(code), Some(stdout), Some(stderr)) => Ok((stdout, stderr, code)),
        _ => Err(Error::failed("beside ssh", "the machine went away")),
    }
}

#[cfg(unix)]
fn port(beside: &Path) -> std::io::Result<std::os::unix::net::UnixStream> {
    let port = std::os::unix::net::UnixStream::connect(beside)?;
    port.set_read_timeout(Some(EXEC_LIMIT))?;
    Ok(port)
}

/// No machine runs beside us there; the lab's servers are all left out, and say so.
#[cfg(not(unix))]
fn port(_: &Path) -> std::io::Result<std::io::Cursor<Vec<u8>>> {
    Err(std::io::ErrorKind::Unsupported.into())
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(word: &str) -> Option<Vec<u8>> {
    word.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The first process of the process namespace below the keeper's.
fn init_below(system: &str) -> Result<String, Error> {
    let mut command = Command::new("sh");
    let script = format!(". '{}/start/down.sh'; init_below {system}", env!("CARGO_MANIFEST_DIR"));
    command.args(["-c", &script]);
    let (pid, _, _) = run(command, b"", EXEC_LIMIT)?;
    let pid = String::from_utf8_lossy(&pid).trim().to_owned();
    if pid.is_empty() { Err(Error::failed("a program on the server", "the server is down")) } else { Ok(pid) }
}

fn quote(path: &str) -> String {
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};

    #[test]
    fn an_answer_that_nobody_waited_for_is_not_taken_for_ours() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let beside = folder.path().join("beside");
        let listener = std::os::unix::net::UnixListener::bind(&beside)?;
        let machine = std::thread::spawn(move || -> std::io::Result<()> {
            let (mut port, _) = listener.accept()?;
            let mut asked = String::new();
            BufReader::new(port.try_clone()?).read_line(&mut asked)?;
            let name = asked.split(' ').next().unwrap_or_default();
            write!(port, "settled 1  6f6c64\n{name} 0 6f7572 \n")
        });
        let (stdout, stderr, code) = super::through(&beside, "true", b"")?;
        assert_eq!((&*stdout, &*stderr, code), (&b"our"[..], &b""[..], 0));
        machine.join().map_err(|_| "the machine's end failed")??;
        Ok(())
    }
}

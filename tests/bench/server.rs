//! The server that both peers talk to, and one round of each.

use crate::figures::Check;
use anyhow::{Context, bail};
use lab::{Nspawn, Server};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ROLE: &str = "dusk/prover?workers=6";

#[derive(Debug)]
pub(crate) struct Peer {
    server: Server,
    plumb: PathBuf,
    folder: tempfile::TempDir,
}

impl Peer {
    pub(crate) fn start(plumb: &Path, round_trip_ms: u32) -> anyhow::Result<Peer> {
        let mut nspawn = Nspawn::new("bookworm");
        if round_trip_ms > 0 {
            nspawn = nspawn.link(&format!("delay-ms={}", round_trip_ms / 2));
        }
        let server = nspawn.start()?;
        let folder = tempfile::tempdir()?;
        let probe = Command::new(plumb).arg("probe").output().context("plumb probe")?;
        fs::write(folder.path().join("probe.sh"), probe.stdout)?;
        let place = if server.port == 22 { server.host.clone() } else { format!("[{}]:{}", server.host, server.port) };
        fs::write(folder.path().join("known_hosts"), format!("{place} {}\n", server.host_key))?;
        Ok(Peer { server, plumb: plumb.to_owned(), folder })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// One whole check, cold: a new process, a new connection.
    pub(crate) fn check(&self) -> anyhow::Result<Check> {
        let Server { host, port, user, key_file, .. } = &self.server;
        let started = Instant::now();
        let mut child = Command::new(&self.plumb)
            .args(["check", "--role", ROLE, "--host", &format!("{user}@{host}:{port}"), "--json", "-"])
            .arg("--key")
            .arg(key_file)
            .arg("--known-hosts")
            .arg(self.file("known_hosts"))
            .env("XDG_DATA_HOME", self.folder.path())
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(fs::File::create(self.file("check.json"))?)
            .stderr(fs::File::create(self.file("check.err"))?)
            .spawn()?;
        let status = format!("/proc/{}/status", child.id());
        let mut peak_memory_kb = 0;
        let code = loop {
            if let Some(code) = child.try_wait()? {
                break code.code();
            }
            peak_memory_kb = peak_memory_kb.max(high_water(&status));
            std::thread::sleep(std::time::Duration::from_millis(2));
        };
        let seconds = started.elapsed().as_secs_f64();
        if !matches!(code, Some(0..=2)) {
            bail!("plumb check ended with {code:?}: {}", fs::read_to_string(self.file("check.err"))?);
        }
        let json: serde_json::Value = serde_json::from_slice(&fs::read(self.file("check.json"))?)?;
        let requests = json["timings"]["round_trips"].as_u64().context("timings.round_trips")?;
        Ok(Check { seconds, peak_memory_kb, connections_and_requests: requests })
    }

    /// The probe over the system's own ssh.
    pub(crate) fn bare_probe(&self) -> anyhow::Result<f64> {
        self.ssh("sh -s", fs::File::open(self.file("probe.sh"))?.into())
    }

    /// What a connection costs by itself.
    pub(crate) fn bare_connection(&self) -> anyhow::Result<f64> {
        self.ssh("true", Stdio::null())
    }

    fn ssh(&self, command: &str, stdin: Stdio) -> anyhow::Result<f64> {
        let Server { host, port, user, key_file, .. } = &self.server;
        let started = Instant::now();
        let status = Command::new("ssh")
            .args(["-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "ControlMaster=no"])
            .arg("-o")
            .arg(format!("UserKnownHostsFile={}", self.file("known_hosts").display()))
            .arg("-i")
            .arg(key_file)
            .args(["-p", &port.to_string(), &format!("{user}@{host}"), command])
            .stdin(stdin)
            .stdout(fs::File::create(self.file("bare.out"))?)
            .stderr(Stdio::null())
            .status()?;
        if status.code() == Some(255) {
            bail!("ssh could not reach the server");
        }
        Ok(started.elapsed().as_secs_f64())
    }
}

/// Peak memory so far, in kB; 0 when the process is gone.
fn high_water(status: &str) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

//! The same job by everybody: `plumb apply`, pyinfra and Ansible, each on a throw-away server of its own in every round,
//! first on a server as it comes and then once more where nothing is left to do.

use anyhow::{Context, bail};
use lab::{Nspawn, Server};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Odd, so that the median is a figure that was measured.
const ROUNDS: usize = 3;

const VERSIONS: [&str; 2] = ["pyinfra==3.10.0", "ansible-core==2.19.14"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Plumb,
    Pyinfra,
    Ansible,
}

/// All rounds of one peer at one round-trip time, in seconds.
#[derive(Debug)]
pub(crate) struct Times {
    pub(crate) who: Who,
    pub(crate) first: Vec<f64>,
    pub(crate) second: Vec<f64>,
}

/// One round-trip time.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) round_trip_ms: u32,
    pub(crate) times: Vec<Times>,
    /// `ssh HOST true`.
    pub(crate) connections: Vec<f64>,
}

/// The peers in a folder of their own under target/, set up once.
pub(crate) fn peers() -> anyhow::Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| lab::workspace().join("target"), PathBuf::from);
    let folder = std::env::var_os("PLUMB_BENCH_PEERS").map_or_else(|| target.join("tools/peers"), PathBuf::from);
    if !folder.join("bin/ansible-playbook").exists() || !folder.join("bin/pyinfra").exists() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).status()?.success();
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(VERSIONS);
        if !made || !pip.status()?.success() {
            bail!("pyinfra and Ansible could not be set up in {}", folder.display());
        }
    }
    Ok(folder)
}

pub(crate) fn measure(plumb: &Path, peers: &Path, round_trip_ms: u32) -> anyhow::Result<Job> {
    let times = |who| Times { who, first: Vec::new(), second: Vec::new() };
    let mut job = Job {
        round_trip_ms,
        times: vec![times(Who::Plumb), times(Who::Pyinfra), times(Who::Ansible)],
        connections: vec![],
    };
    for round in 0..=ROUNDS {
        for times in &mut job.times {
            let site = Site::start(round_trip_ms)?;
            let (first, second) = (site.run(times.who, plumb, peers)?, site.run(times.who, plumb, peers)?);
            site.done(times.who)?;
            // once each without counting: files come from disk only the first time
            if round > 0 {
                times.first.push(first);
                times.second.push(second);
                job.connections.push(site.connection()?);
            }
        }
    }
    Ok(job)
}

struct Site {
    server: Server,
    folder: tempfile::TempDir,
}

impl Site {
    fn start(round_trip_ms: u32) -> anyhow::Result<Site> {
        let mut nspawn = Nspawn::new("bookworm");
        if round_trip_ms > 0 {
            nspawn = nspawn.link(&format!("delay-ms={}", round_trip_ms / 2));
        }
        let server = nspawn.start()?;
        // rules straight to nftables, as the peers write them
        server.must("mv /usr/sbin/ufw /usr/sbin/ufw.away")?;
        let folder = tempfile::tempdir()?;
        let place = if server.port == 22 { server.host.clone() } else { format!("[{}]:{}", server.host, server.port) };
        std::fs::write(folder.path().join("known_hosts"), format!("{place} {}\n", server.host_key))?;
        let data = format!(
            "hosts = [('{}', {{'ssh_user': 'root', 'ssh_port': {}, 'ssh_key': '{}', 'ssh_known_hosts_file': '{}'}})]\n",
            server.host,
            server.port,
            server.key_file.display(),
            folder.path().join("known_hosts").display()
        );
        std::fs::write(folder.path().join("inventory.py"), data)?;
        Ok(Site { server, folder })
    }

    fn run(&self, who: Who, plumb: &Path, peers: &Path) -> anyhow::Result<f64> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench");
        let known = self.folder.path().join("known_hosts");
        let Server { host, port, key_file, .. } = &self.server;
        let mut command = match who {
            Who::Plumb => {
                let mut command = Command::new(plumb);
                command.args(["apply", "--role", "bench/job", "--profile"]).arg(here.join("job.toml"));
                for change in ["sysctl.job", "limits.job", "firewall.close", "packages.job", "ssh.job"] {
                    command.args(["--change", change]);
                }
                command.args(["--keep", "--json", "--host", &format!("root@{host}:{port}"), "--key"]).arg(key_file);
                command.arg("--known-hosts").arg(&known);
                command
            }
            Who::Pyinfra => {
                let mut command = Command::new(peers.join("bin/pyinfra"));
                command.arg("-y").arg(self.folder.path().join("inventory.py")).arg(here.join("job.py"));
                command
            }
            Who::Ansible => {
                let mut command = Command::new(peers.join("bin/ansible-playbook"));
                let ssh = format!("-F none -o UserKnownHostsFile={} -o IdentitiesOnly=yes", known.display());
                command.args(["-i", &format!("{host},"), "-u", "root", "--ssh-common-args", &ssh, "--private-key"]);
                command.arg(key_file).args(["-e", &format!("ansible_port={port}")]).arg(here.join("job.yml"));
                command.env("ANSIBLE_PIPELINING", "1").env("ANSIBLE_LOCAL_TEMP", self.folder.path());
                command.env("ANSIBLE_PYTHON_INTERPRETER", "/usr/bin/python3");
                command
            }
        };
        let said = self.folder.path().join("said");
        let output = std::fs::File::create(&said)?;
        command.env("HOME", self.folder.path()).env("XDG_DATA_HOME", self.folder.path());
        command.env_remove("DBUS_SESSION_BUS_ADDRESS").stdin(Stdio::null());
        command.stdout(output.try_clone()?).stderr(output);
        let started = Instant::now();
        let code = command.status().with_context(|| format!("{who:?}"))?.code();
        let seconds = started.elapsed().as_secs_f64();
        let fine = if who == Who::Plumb { matches!(code, Some(0..=2)) } else { code == Some(0) };
        if !fine {
            bail!("{who:?} ended with {code:?}: {}", std::fs::read_to_string(said)?);
        }
        Ok(seconds)
    }

    /// Whoever has not done the job has no time to show.
    fn done(&self, who: Who) -> anyhow::Result<()> {
        let all = "cat /proc/sys/net/ipv4/tcp_max_syn_backlog | grep -qx 8192 && command -v jq && nft list ruleset | grep -q 'policy drop' \
                   && sshd -T | grep -qx 'passwordauthentication no' && grep -rq 'nofile' /etc/security/limits.d/";
        self.server.must(all).map(drop).with_context(|| format!("{who:?} has not done the job"))
    }

    fn connection(&self) -> anyhow::Result<f64> {
        let mut ssh = self.server.ssh("root");
        ssh.args(["-o", "ControlMaster=no"]).arg("true").stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        ssh.status()?;
        Ok(started.elapsed().as_secs_f64())
    }
}

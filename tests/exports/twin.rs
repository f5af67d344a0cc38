//! A fresh Debian 12 and what is known of it before and after.

use crate::plumb::{Plumb, Said, words};
use anyhow::{Context as _, Result, ensure};
use lab::Server;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// A role and those of its changes that a container without a way to the archive takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) role: &'static str,
    /// The requirements file of the role, where it is none that comes along.
    pub(crate) needs: Option<&'static str>,
    /// A line of shell that is run on both twins first.
    pub(crate) stands: &'static str,
    pub(crate) changes: &'static [&'static str],
}

/// A role that comes along, on a server as it is.
pub(crate) const fn of_role(role: &'static str, changes: &'static [&'static str]) -> Wish {
    Wish { role, needs: None, stands: "", changes }
}

/// The tests of a form of export beside the first one, which everybody runs: `$twins` makes of one server what apply makes
/// of another.
macro_rules! of_the_other_wishes {
    ($twins:ident) => {
        #[test]
        fn of_a_node_as_well() -> anyhow::Result<()> {
            lab::full!();
            $twins($crate::twin::NODE)
        }

        #[test]
        fn of_a_database_that_is_kept_as_well() -> anyhow::Result<()> {
            lab::full!();
            $twins($crate::twin::KEEPER)
        }

        #[test]
        fn of_a_prover_as_well() -> anyhow::Result<()> {
            lab::full!();
            $twins($crate::twin::PROVER)
        }

        #[test]
        fn of_rules_for_alarms_as_well() -> anyhow::Result<()> {
            lab::full!();
            $twins($crate::twin::ALARMS)
        }

        #[test]
        fn of_limits_as_well() -> anyhow::Result<()> {
            lab::full!();
            if $crate::twin::has_room_for_limits("of_limits_as_well")? { $twins($crate::twin::LIMITS) } else { Ok(()) }
        }
    };
}
pub(crate) use of_the_other_wishes;

/// Kernel values, a database that restarts, and a firewall that closes.
pub(crate) const MESSENGER: Wish =
    of_role("reforms/small?users=24", &["sysctl.buffers", "postgres.memory", "postgres.connections", "firewall.close"]);

/// Values of containers, a firewall, and how people sign in.
pub(crate) const NODE: Wish = of_role("statemesh/node-minimum", &["sysctl.containers", "firewall.close", "ssh.keys"]);

/// A nightly backup with its timer, and a database that restarts.
pub(crate) const KEEPER: Wish = of_role("reforms/small?users=24", &["backup.daily", "postgres.connections"]);

/// Where a Dusk node was laid down by hand: its user without a sign-in, modes and owners of its files.
pub(crate) const PROVER: Wish = Wish {
    stands: "mkdir -p /opt/dusk/conf /opt/dusk/services /opt/dusk/bin /opt/dusk/rusk && chmod 777 /opt/dusk/bin && \
             for file in conf/rusk.toml conf/consensus.keys services/dusk.conf services/rusk.conf.user; do \
             : >/opt/dusk/$file; chmod 644 /opt/dusk/$file; done",
    ..of_role("dusk/prover?workers=6", &["user.dusk", "files.permissions"])
};

/// Rules for alarms, where a monitoring program looks for them.
pub(crate) const ALARMS: Wish = Wish {
    stands: "mkdir -p /etc/prometheus/rules && printf 'global:\\nrule_files:\\n  - \"rules/*.yml\"\\nscrape_configs: []\\n' \
             >/etc/prometheus/prometheus.yml",
    ..of_role("reforms/small?users=24", &["alerts.rules"])
};

/// How many files programs may open.
pub(crate) const LIMITS: Wish = of_role("reforms/small?users=24", &["limits.files"]);

/// A second port for ssh, beside the old one.
pub(crate) const DOOR: Wish =
    Wish { needs: Some(include_str!("../command/door.toml")), ..of_role("door/server", &["ssh.port"]) };

/// Whether a container on this machine may be given as many open files as [`LIMITS`] wants; it is said where not.
pub(crate) fn has_room_for_limits(test: &str) -> Result<bool> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let hard = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().nth(1));
    let hard = hard.context("no such limit")?;
    let room = hard.parse().map_or(true, |most: u64| most >= 65_536);
    if !room {
        let reason = format!("this machine lets nobody open more than {hard} files, and 65,536 are wanted");
        lab::record(test, &lab::Skipped { name: "limits of open files".to_owned(), reason });
    }
    Ok(room)
}

/// Values of the running kernel that the role may change.
const KEYS: &[&str] = &[
    "net.core.somaxconn",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.ip_forward",
];

/// A server, and somebody with `plumb` who may sign in to it.
#[derive(Debug)]
pub(crate) struct Twin {
    pub(crate) server: Server,
    pub(crate) plumb: Plumb,
    pub(crate) wish: Wish,
    place: Vec<String>,
    /// `--role`, and where it needs one `--profile`.
    judged: Vec<String>,
}

impl Twin {
    pub(crate) fn of(server: Server, wish: Wish) -> Result<Twin> {
        let plumb = Plumb::new()?;
        let place = plumb.place(&server, "root")?;
        let started = "! systemctl list-unit-files -q postgresql.service || systemctl is-active -q postgresql@15-main";
        faults::eventually(&server, Duration::from_secs(60), started)?;
        server.must(&format!("{}\n:", wish.stands))?;
        let mut judged = vec!["--role".to_owned(), wish.role.to_owned()];
        if let Some(needs) = wish.needs {
            let file = plumb.file("needs.toml");
            std::fs::write(&file, needs)?;
            judged.extend(["--profile".to_owned(), file.to_string_lossy().into_owned()]);
        }
        Ok(Twin { server, plumb, wish, place, judged })
    }

    /// `plumb VERB` for the role.
    pub(crate) fn call(&self, verb: &str, more: &[&str]) -> Result<Said> {
        let judged: Vec<&str> = self.judged.iter().map(String::as_str).collect();
        self.plumb.call(&[&[verb], &judged[..], more].concat(), &[])
    }

    /// `plumb check --json`, in a file.
    pub(crate) fn check(&self, name: &str) -> Result<PathBuf> {
        let file = self.plumb.file(name);
        let said = self.call("check", &words(&["--json", &file.to_string_lossy()], &self.place))?;
        ensure!(matches!(said.code, 0..=2), "exit {}: {}", said.code, said.err);
        Ok(file)
    }

    /// Each need with its verdict and what was found, as the check in this file says it.
    pub(crate) fn findings(&self, file: &std::path::Path) -> Result<Vec<String>> {
        let json: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        let findings = json["findings"].as_array().context("no findings")?;
        // free space moves by itself: its verdict counts, its figure does not; load is this computer's, in both twins
        let moves = |finding: &Value| ["hardware", "storage"].iter().any(|area| finding["area"] == *area);
        let findings = findings.iter().filter(|finding| finding["id"] != "reforms.load-now");
        let told = |finding: &Value| {
            let found = if moves(finding) { Value::Null } else { finding["found"]["text"].clone() };
            let told = format!("{} {} {found}", finding["id"], finding["verdict"]).replace(&self.server.host, "HERE");
            self.server.host6.iter().fold(told, |told, address| told.replace(address, "HERE"))
        };
        Ok(findings.map(told).collect())
    }

    pub(crate) fn apply(&self) -> Result<()> {
        let mut call = vec!["--keep"];
        self.wish.changes.iter().for_each(|change| call.extend(["--change", change]));
        let said = self.call("apply", &words(&call, &self.place))?;
        ensure!(matches!(said.code, 0..=2), "exit {}: {}", said.code, said.err);
        Ok(())
    }

    pub(crate) fn export(&self, form: &str, from: &std::path::Path, name: &str) -> Result<PathBuf> {
        let out = self.plumb.file(name);
        let (from, to) = (from.to_string_lossy(), out.to_string_lossy());
        let mut call = vec!["export", form, "--from", &from, "--out", &to];
        self.wish.changes.iter().for_each(|change| call.extend(["--change", change]));
        self.plumb.call(&call, &[])?.ended(0)?;
        Ok(out)
    }

    /// Bytes, modes, owners, units and running values; everything but our journal, what makes each server itself, and a
    /// service of systemd that comes and goes with whoever asks it.
    pub(crate) fn state(&self) -> Result<String> {
        let own = ["/etc/machine-id", "/etc/ssh/ssh_host_", "systemd-timedated.service"];
        let all = faults::snapshot(&self.server, KEYS)?;
        let mut told: Vec<&str> = all.lines().filter(|line| !own.iter().any(|name| line.contains(name))).collect();
        told.push("");
        Ok(told.join("\n"))
    }
}

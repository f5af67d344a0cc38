//! Units: whether they run, start at boot, and how often they had to be started again.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Notes, word};
use crate::{Key, Kind, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What one service is called on different systems. A star stands for the instances of a template.
const NAMES: &[(&str, &[&str])] = &[
    ("ssh", &["ssh.service", "sshd.service"]),
    ("sshd", &["ssh.service", "sshd.service"]),
    ("redis", &["redis-server.service", "redis.service", "redis@*.service", "valkey.service", "valkey-server.service"]),
    (
        "postgresql",
        &[
            "postgresql.service",
            "postgresql@*.service",
            "postgresql-13.service",
            "postgresql-14.service",
            "postgresql-15.service",
            "postgresql-16.service",
            "postgresql-17.service",
            "postgresql-18.service",
        ],
    ),
    ("mongodb", &["mongod.service", "mongodb.service"]),
    ("mongod", &["mongod.service", "mongodb.service"]),
    ("apache", &["apache2.service", "httpd.service"]),
    ("apache2", &["apache2.service", "httpd.service"]),
    ("httpd", &["apache2.service", "httpd.service"]),
    ("clamav", &["clamav-daemon.service", "clamd@*.service", "clamd.service"]),
    ("freshclam", &["clamav-freshclam.service", "freshclam.service"]),
    ("ossec", &["ossec.service", "ossec-hids.service", "wazuh-agent.service", "wazuh-manager.service"]),
    ("coturn", &["coturn.service", "turnserver.service"]),
    ("cri-dockerd", &["cri-docker.service", "cri-docker.socket"]),
    ("openvpn", &["openvpn.service", "openvpn@*.service", "openvpn-server@*.service"]),
    ("wireguard", &["wg-quick@*.service"]),
    ("grafana", &["grafana-server.service", "grafana.service"]),
    ("node_exporter", &["prometheus-node-exporter.service", "node_exporter.service", "node-exporter.service"]),
    ("chrony", &["chrony.service", "chronyd.service"]),
    ("cron", &["cron.service", "crond.service"]),
    ("certbot", &["certbot.timer", "snap.certbot.renew.timer", "certbot-renew.timer"]),
    ("nodejs", &["nodejs.service", "node.service"]),
];

/// Unit types; a name that ends in one is a unit's full name.
const TYPES: [&str; 7] = [".service", ".socket", ".timer", ".target", ".mount", ".path", ".slice"];

/// The units that a service's name may stand for.
pub(crate) fn units(name: &str) -> Vec<String> {
    if TYPES.iter().any(|end| name.ends_with(end)) {
        return vec![name.to_owned()];
    }
    match NAMES.iter().find(|(known, _)| *known == name) {
        Some((_, units)) => units.iter().map(|unit| (*unit).to_owned()).collect(),
        None => vec![format!("{name}.service")],
    }
}

/// What systemd says of one unit.
#[derive(Clone, Debug)]
pub(super) struct Unit<'a> {
    properties: BTreeMap<&'a str, &'a str>,
}

impl Unit<'_> {
    pub(super) fn property(&self, name: &str) -> &str {
        self.properties.get(name).copied().unwrap_or_default()
    }

    pub(super) fn main_pid(&self) -> u32 {
        self.property("MainPID").parse().unwrap_or(0)
    }

    fn exists(&self) -> bool {
        !matches!(self.property("LoadState"), "not-found" | "" | "error")
    }

    fn is_instance(&self) -> bool {
        self.property("Id").contains('@')
    }

    /// Whether this unit is what the service's name stands for.
    pub(super) fn answers_to(&self, name: &str) -> bool {
        let known = |id: &str| {
            units(name).iter().any(|unit| match unit.split_once('*') {
                Some((start, end)) => id.len() > start.len() + end.len() && id.starts_with(start) && id.ends_with(end),
                None => unit == id,
            })
        };
        known(self.property("Id")) || self.property("Names").split(' ').any(known)
    }
}

/// The blocks that `systemctl show` prints, an empty line between two.
pub(super) fn units_shown(text: &str) -> Vec<Unit<'_>> {
    let mut units = vec![Unit { properties: BTreeMap::new() }];
    for line in text.lines() {
        match (line.split_once('='), units.last_mut()) {
            (Some((name, value)), Some(unit)) => {
                // Newer systemd prints two units of the same kind without a line between them only when asked twice.
                unit.properties.insert(name, value);
            }
            _ if line.is_empty() => units.push(Unit { properties: BTreeMap::new() }),
            _ => {}
        }
    }
    units.retain(|unit| !unit.properties.is_empty());
    // Asked by two names, a unit is shown twice.
    let mut seen = BTreeSet::new();
    units.retain(|unit| unit.property("Id").is_empty() || seen.insert(unit.property("Id").to_owned()));
    units
}

/// Whether a unit runs; `None` where no unit of that name exists or nobody could tell.
pub(super) fn is_active(answers: &Answers, name: &str) -> Option<bool> {
    match answers.said("service.show") {
        Ok(said) => {
            let units = units_shown(&said.text);
            let mut found = units.iter().filter(|unit| unit.exists() && unit.answers_to(name)).peekable();
            found.peek()?;
            Some(found.any(|unit| unit.property("ActiveState") == "active"))
        }
        // Without systemd a process of that name is what there is to see.
        Err(_) => process_runs(answers, name).then_some(true),
    }
}

/// Whether a unit starts at boot; `None` where there is no such unit.
pub(super) fn is_enabled(answers: &Answers, name: &str) -> Option<bool> {
    match answers.said("service.show") {
        Ok(said) => {
            let units = units_shown(&said.text);
            let mut found = units.iter().filter(|unit| unit.exists() && unit.answers_to(name)).peekable();
            found.peek()?;
            Some(found.any(|unit| starts_at_boot(unit)))
        }
        Err(_) => linked(answers, name).then_some(true),
    }
}

fn starts_at_boot(unit: &Unit<'_>) -> bool {
    matches!(unit.property("UnitFileState"), "enabled" | "enabled-runtime" | "alias" | "generated")
}

/// A link in a run level's folder: /etc/rc3.d/S01ssh, /etc/runlevels/default/sshd.
fn linked(answers: &Answers, name: &str) -> bool {
    let names: Vec<_> =
        units(name).into_iter().filter_map(|unit| Some(unit.strip_suffix(".service")?.to_owned())).collect();
    answers.text("service.links").unwrap_or_default().lines().filter_map(|line| line.rsplit('/').next()).any(|link| {
        let plain = link.strip_prefix('S').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        names.iter().any(|name| name == link || Some(name.as_str()) == plain)
    })
}

fn process_runs(answers: &Answers, name: &str) -> bool {
    let names: Vec<_> =
        units(name).into_iter().filter_map(|unit| Some(unit.strip_suffix(".service")?.to_owned())).collect();
    let processes = answers.text("process.names").unwrap_or_default();
    // The kernel keeps fifteen characters of a process's name.
    let runs = |wanted: &str| {
        processes.lines().filter_map(|line| line.split_once(' ')).any(|(_, p)| p == &wanted[..wanted.len().min(15)])
    };
    runs(name) || names.iter().any(|name| name.is_char_boundary(name.len().min(15)) && runs(name))
}

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    for kind in [Kind::ServiceState, Kind::ServiceEnabled, Kind::ServiceRestarts] {
        for key in answers.asked(kind) {
            read_unit(key, answers, notes);
        }
    }
    read_display(answers, notes);
}

fn read_unit(key: &Key, answers: &Answers, notes: &mut Notes) {
    let said = match answers.said("service.show") {
        Ok(said) => said,
        Err(silence) => return without_systemd(key, answers, notes, &silence),
    };
    let all = units_shown(&said.text);
    let found: Vec<_> = all.iter().filter(|unit| unit.exists() && unit.answers_to(key.argument())).collect();
    let shown: Vec<_> = found
        .iter()
        .map(|unit| {
            let names = ["Id", "ActiveState", "SubState", "UnitFileState", "NRestarts"];
            names.map(|name| format!("{name}={}", unit.property(name))).join("\n")
        })
        .collect();
    let command =
        format!("systemctl show {} -p Id,LoadState,ActiveState,SubState,UnitFileState,NRestarts", key.argument());
    let shown = if shown.is_empty() { "LoadState=not-found".to_owned() } else { shown.join("\n\n") };
    let cited = notes.cite(command, &shown, said.exit);
    if found.is_empty() {
        return notes.reported(key.clone(), Value::Absent, &cited);
    }
    let value = match key.kind() {
        Kind::ServiceEnabled => Value::Flag(found.iter().any(|unit| starts_at_boot(unit))),
        Kind::ServiceRestarts => {
            let counts = found.iter().filter_map(|unit| unit.property("NRestarts").parse::<u64>().ok());
            Value::Count(counts.fold(0, u64::saturating_add))
        }
        _ => Value::Text(word(state(&found))),
    };
    notes.reported(key.clone(), value, &cited);
}

/// The state of the best of several units. Debian's postgresql.service only starts its instances and then shows
/// "active (exited)": where there are instances, they alone count, and alone it says nothing runs.
fn state<'a>(found: &[&'a Unit<'a>]) -> &'a str {
    let instances: Vec<_> = found.iter().filter(|unit| unit.is_instance()).collect();
    let only_umbrella =
        found.iter().all(|unit| unit.property("Id") == "postgresql.service" && unit.property("SubState") == "exited");
    let states: Vec<_> = if instances.is_empty() {
        found.iter().map(|unit| unit.property("ActiveState")).collect()
    } else {
        let counted = found.iter().filter(|unit| unit.is_instance() || unit.property("SubState") != "exited");
        counted.map(|unit| unit.property("ActiveState")).collect()
    };
    if only_umbrella && states.contains(&"active") {
        return "inactive";
    }
    let best = ["active", "activating", "reloading", "failed", "deactivating", "inactive"];
    best.into_iter().find(|state| states.contains(state)).unwrap_or("inactive")
}

/// OpenRC says what is started; elsewhere a process of the name, and a link in the run levels, are what can be seen.
fn without_systemd(key: &Key, answers: &Answers, notes: &mut Notes, silence: &Silence) {
    if !["marks", "process.names"].iter().all(|name| answers.settled(name)) {
        return;
    }
    let systemd = answers.text("marks").unwrap_or_default().lines().any(|line| line == "/run/systemd/system");
    let known = answers.said("service.openrc").is_ok() || answers.said("service.links").is_ok();
    if systemd || !known {
        return notes.silent([key.clone()], silence);
    }
    let started = answers.text("service.openrc").unwrap_or_default().lines().any(|line| {
        let name = line.split_whitespace().next().unwrap_or_default();
        line.contains("started") && units(key.argument()).iter().any(|unit| unit.strip_suffix(".service") == Some(name))
    });
    let runs = started || process_runs(answers, key.argument());
    let links = linked(answers, key.argument());
    let cited = notes.cite(
        format!("pgrep -l {}; ls /etc/rc?.d /etc/runlevels", key.argument()),
        &format!("runs: {runs}\nstarts at boot: {links}"),
        0,
    );
    let value = match key.kind() {
        _ if !runs && !links => Value::Absent,
        Kind::ServiceEnabled => Value::Flag(links),
        Kind::ServiceRestarts => Value::Count(0),
        _ => Value::Text(if runs { "active" } else { "inactive" }.to_owned()),
    };
    notes.infer_key(key.clone(), value, &cited);
}

fn read_display(answers: &Answers, notes: &mut Notes) {
    match answers.said("service.show") {
        Ok(_) => {
            let runs = is_active(answers, "display-manager").unwrap_or(false);
            let cited = notes.cite("systemctl is-active display-manager", if runs { "active" } else { "inactive" }, 0);
            notes.tell(Kind::HostDisplayManager, Value::Flag(runs), &cited);
        }
        Err(silence) => match answers.said("process.names") {
            Ok(said) if answers.ended() => {
                let known = ["gdm", "gdm3", "lightdm", "sddm", "xdm", "lxdm", "slim", "greetd"];
                let runs =
                    said.text.lines().filter_map(|line| line.split_once(' ')).any(|(_, name)| known.contains(&name));
                let cited = notes.cite("ps -e", &said.text, 0);
                notes.infer(Kind::HostDisplayManager, Value::Flag(runs), &cited);
            }
            _ => notes.silent_kinds(&[Kind::HostDisplayManager], &silence),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{state, units_shown};

    const UMBRELLA: &str =
        "Id=postgresql.service\nLoadState=loaded\nActiveState=active\nSubState=exited\nUnitFileState=enabled\n";

    #[test]
    fn an_umbrella_is_looked_through() {
        let down = format!(
            "{UMBRELLA}\nId=postgresql@15-main.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\n"
        );
        let units = units_shown(&down);
        assert_eq!(units.len(), 2);
        assert_eq!(state(&units.iter().collect::<Vec<_>>()), "failed");
        let alone = units_shown(UMBRELLA);
        assert_eq!(state(&alone.iter().collect::<Vec<_>>()), "inactive");
    }

    #[test]
    fn an_instance_answers_to_its_service() {
        let units = units_shown("Id=postgresql@15-main.service\nLoadState=loaded\n");
        assert!(units[0].answers_to("postgresql"));
        assert!(!units[0].answers_to("postgres"));
    }
}

//! Ports, through whichever firewall is in charge, for IPv4 and IPv6 alike; only ever objects of our own. What keeps the
//! line open (loopback, open connections, ICMP, the ports that ssh really uses) comes before anything is closed.

use super::{Kind, Proposed, Scene, Words, service};
use crate::act::{Act, Again};
use crate::before::{Before, Look};
use crate::diff;
use crate::plan::{Risk, RuntimeChange};
use profiles::{PortRule, PortSource};

const TABLE: &str = "/etc/plumbline/firewall.nft";
const TABLE_UNIT: &str = "plumbline-firewall.service";
const TABLE_UNIT_FILE: &str = "/etc/systemd/system/plumbline-firewall.service";
const SCRIPT: &str = "/etc/plumbline/ports.sh";
const SCRIPT_UNIT: &str = "plumbline-ports.service";
const SCRIPT_UNIT_FILE: &str = "/etc/systemd/system/plumbline-ports.service";

pub(crate) fn looks() -> Vec<Look> {
    let paths = [TABLE, TABLE_UNIT_FILE, SCRIPT, SCRIPT_UNIT_FILE].map(|path| Look::Path(path.into()));
    let units = [TABLE_UNIT, SCRIPT_UNIT, "ufw.service"].map(str::to_owned).to_vec();
    paths.into_iter().chain([Look::Units(units), Look::Firewall]).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InCharge {
    Ufw,
    Firewalld,
    Nft,
    Iptables,
    /// Our own table of nftables.
    Ours,
    None,
}

/// Whether anything here closes ports at all.
pub(super) fn is_in_charge(before: &Before) -> bool {
    in_charge(before) != InCharge::None
}

fn in_charge(before: &Before) -> InCharge {
    match before.value("fw.manager") {
        Some("ufw") => InCharge::Ufw,
        Some("firewalld") => InCharge::Firewalld,
        Some("nft") => InCharge::Nft,
        Some("iptables") => InCharge::Iptables,
        _ if before.is_there(TABLE) => InCharge::Ours,
        _ => InCharge::None,
    }
}

/// Rules for everybody, as ports; and those for peers only, which are not offered without the peers' addresses.
fn split(rules: &[PortRule]) -> (Vec<String>, Vec<String>) {
    let (open, peers): (Vec<&PortRule>, Vec<&PortRule>) =
        rules.iter().partition(|rule| rule.from == PortSource::Anywhere);
    let ports =
        |rules: Vec<&PortRule>| rules.into_iter().map(|rule| rule.port.clone()).filter(|port| is_port(port)).collect();
    (ports(open), ports(peers))
}

/// `9000/udp` or `49152-65535/udp`; anything else never reaches a rule.
fn is_port(text: &str) -> bool {
    let Some((numbers, protocol)) = text.split_once('/') else { return false };
    let number = |text: &str| text.parse::<u16>().is_ok_and(|n| n > 0);
    matches!(protocol, "tcp" | "udp") && numbers.split('-').all(number) && numbers.split('-').count() <= 2
}

fn waits_for_peers(peers: &[String]) -> String {
    if peers.is_empty() {
        String::new()
    } else {
        format!("{} stay closed until the other servers are named.", peers.join(", "))
    }
}

pub(super) fn propose_ports(scene: &Scene<'_>, rules: &[PortRule]) -> Proposed {
    let (ports, peers) = split(rules);
    if ports.is_empty() {
        return Proposed::NotHere(waits_for_peers(&peers));
    }
    let before = scene.before;
    let mut acts = Vec::new();
    let mut words = Words {
        risk: Risk::Low,
        consequence: ["Opens ports.", &waits_for_peers(&peers)].join(" ").trim().to_owned(),
        undo: "Takes exactly these rules away again.".into(),
        seconds: 5,
        ..Words::default()
    };
    let mut show = |ports: &[String]| {
        words.runtime.extend(ports.iter().map(|port| RuntimeChange {
            name: format!("Port {port}"),
            before: "closed".into(),
            after: "open".into(),
        }));
    };
    match in_charge(before) {
        InCharge::None => {
            let text = "No firewall is on here, so nothing on this server keeps these ports closed. Where they cannot be reached, \
                        the provider's firewall is the next place to look.";
            return Proposed::NotHere(text.into());
        }
        InCharge::Ufw => {
            let there: Vec<String> = before.words("fw.ufw").iter().map(|port| port.replace(':', "-")).collect();
            let missing = without(&ports, &there);
            if missing.is_empty() {
                return Proposed::Settled;
            }
            show(&missing);
            acts.push(Act::Ufw { ports: missing, close: false });
        }
        InCharge::Firewalld => {
            let missing = without(&ports, &before.words("fw.firewalld"));
            let Some(zone) = before.value("fw.zone") else {
                return Proposed::NotHere("firewalld does not say which zone the line comes in by.".into());
            };
            if missing.is_empty() {
                return Proposed::Settled;
            }
            show(&missing);
            acts.extend(missing.into_iter().map(|port| Act::FirewalldPort { zone: zone.to_owned(), port }));
        }
        by @ (InCharge::Nft | InCharge::Iptables) => {
            let there = standing_ports(before.text(SCRIPT));
            let missing = without(&ports, &there);
            if missing.is_empty() && before.unit(SCRIPT_UNIT).is_some_and(|unit| unit.at_boot) {
                return Proposed::Settled;
            }
            show(&missing);
            let all: Vec<String> = there.into_iter().chain(missing).collect();
            let by = if by == InCharge::Nft { "nft" } else { "iptables" };
            let script = format!(
                "#!/bin/sh\n# Written by Plumbline.\nBY={by}\nPORTS='{}'\n{}",
                all.join(" "),
                include_str!("../runner/ports.sh")
            );
            own_file(before, SCRIPT, script, &mut acts, &mut words);
            own_file(before, SCRIPT_UNIT_FILE, script_unit(), &mut acts, &mut words);
            acts.push(Act::Again { unit: "systemd".into(), how: Again::Daemon });
            acts.push(Act::PortScript { path: SCRIPT.into() });
            at_boot(before, SCRIPT_UNIT, &mut acts);
        }
        InCharge::Ours => {
            let there = standing_ports(before.text(TABLE));
            let missing = without(&ports, &there);
            if missing.is_empty() {
                return Proposed::Settled;
            }
            show(&missing);
            let all: Vec<String> = there.into_iter().chain(missing).collect();
            own_table(before, &all, &mut acts, &mut words);
        }
    }
    Proposed::Offer(Kind::Ports, acts, words)
}

pub(super) fn propose_close(scene: &Scene<'_>, rules: &[PortRule]) -> Proposed {
    let (ports, peers) = split(rules);
    let before = scene.before;
    let ssh: Vec<String> =
        before.words("fw.ssh").iter().map(|port| format!("{port}/tcp")).filter(|port| is_port(port)).collect();
    if ssh.is_empty() {
        return Proposed::NotHere("Plumbline cannot see which port ssh comes in by, so it closes nothing.".into());
    }
    let mut open = ssh;
    // what other changes of the same plan open stays open as well
    let wanted = scene.all.iter().filter_map(|tuning| match &tuning.kind {
        profiles::TuningKind::Ports(rules) => Some(split(rules).0),
        _ => None,
    });
    let new = scene.ssh_moves_to().map(|port| format!("{port}/tcp"));
    for port in ports.into_iter().chain(wanted.flatten()).chain(new) {
        if !open.contains(&port) {
            open.push(port);
        }
    }
    let closed: Vec<(&str, &str)> =
        before.values_of("fw.listens.").filter(|(port, _)| !open.iter().any(|rule| covers(rule, port))).collect();
    let mut consequence = "Closes every other port.".to_owned();
    if !closed.is_empty() {
        let names: Vec<String> = closed.iter().map(|(port, who)| format!("{port} ({who})")).collect();
        consequence.push_str(&format!(" In use now and closed then: {}.", names.join(", ")));
    }
    if let Some(tool) = before.value("fw.containers") {
        consequence.push_str(&format!(" Ports that {tool} publishes go past this firewall and stay open."));
    }
    let waiting = waits_for_peers(&peers);
    let mut words = Words {
        risk: if closed.is_empty() { Risk::Medium } else { Risk::High },
        consequence: format!("{consequence} {waiting}").trim().to_owned(),
        undo: "Takes our rules away again and leaves the firewall as it was.".into(),
        seconds: 10,
        runtime: open
            .iter()
            .map(|port| RuntimeChange { name: format!("Port {port}"), before: "open".into(), after: "open".into() })
            .collect(),
        ..Words::default()
    };
    words.runtime.extend(closed.iter().map(|(port, who)| RuntimeChange {
        name: format!("Port {port}, {who}"),
        before: "open".into(),
        after: "closed".into(),
    }));
    let mut acts = Vec::new();
    match in_charge(before) {
        InCharge::Ufw if before.value("fw.default") == Some("deny") => return Proposed::Settled,
        InCharge::Ufw => acts.push(Act::Ufw { ports: open, close: true }),
        InCharge::None if before.value("fw.has.ufw").is_some() => {
            acts.push(Act::Ufw { ports: open, close: true });
            at_boot(before, "ufw.service", &mut acts);
        }
        InCharge::None if before.value("fw.has.firewall-cmd").is_some() => {
            let text = "firewalld is installed and off. Start it from the provider's console: it closes all but ssh on port 22 by itself.";
            return Proposed::NotHere(text.into());
        }
        InCharge::None if before.value("fw.has.nft").is_some() && before.value("init") == Some("systemd") => {
            own_table(before, &open, &mut acts, &mut words);
        }
        InCharge::Ours => return Proposed::Settled,
        InCharge::Firewalld => {
            let text = "The zone of firewalld lets everything in. Which zone fits is for a person to say: firewall-cmd --set-default-zone=public.";
            return if before.value("fw.default") == Some("ACCEPT") {
                Proposed::NotHere(text.into())
            } else {
                Proposed::Settled
            };
        }
        InCharge::Nft | InCharge::Iptables => {
            let text = "Somebody keeps firewall rules of their own here, and two firewalls at once only confuse. Let those rules end with drop.";
            return Proposed::NotHere(text.into());
        }
        InCharge::None => {
            return Proposed::NotHere(
                "There is no firewall here that Plumbline could use: install nftables or ufw.".into(),
            );
        }
    }
    Proposed::Offer(Kind::Firewall, acts, words)
}

fn without(ports: &[String], there: &[String]) -> Vec<String> {
    ports.iter().filter(|port| !there.contains(port)).cloned().collect()
}

/// Whether a rule lets a single port in.
fn covers(rule: &str, port: &str) -> bool {
    let (Some((range, protocol)), Some((number, of))) = (rule.split_once('/'), port.split_once('/')) else {
        return false;
    };
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    let parse = |text: &str| text.parse::<u16>().ok();
    protocol == of
        && parse(low)
            .zip(parse(high))
            .zip(parse(number))
            .is_some_and(|((low, high), number)| (low..=high).contains(&number))
}

/// Ports of a file of ours: the words of its PORTS line, or of its comment in nftables' notation.
fn standing_ports(text: Option<&str>) -> Vec<String> {
    let Some(text) = text else { return Vec::new() };
    let line = text.lines().find_map(|line| line.strip_prefix("PORTS='").or_else(|| line.strip_prefix("# ports: ")));
    line.unwrap_or_default().trim_end_matches('\'').split(' ').filter(|port| is_port(port)).map(str::to_owned).collect()
}

fn own_file(before: &Before, path: &str, text: String, acts: &mut Vec<Act>, words: &mut Words) {
    words.files.push(diff::file(path, before.text(path), &text, |_| None));
    acts.push(Act::File { path: path.into(), mode: "644".into(), text });
}

fn at_boot(before: &Before, unit: &str, acts: &mut Vec<Act>) {
    if let Some((act, _)) = service::on(before, unit, true, false) {
        acts.push(act);
    }
}

fn own_table(before: &Before, open: &[String], acts: &mut Vec<Act>, words: &mut Words) {
    own_file(before, TABLE, table(open), acts, words);
    acts.push(Act::NftTable { name: "plumbline".into(), path: TABLE.into(), ports: open.to_vec() });
    if !before.is_there(TABLE_UNIT_FILE) {
        own_file(before, TABLE_UNIT_FILE, table_unit(), acts, words);
        acts.push(Act::Again { unit: "systemd".into(), how: Again::Daemon });
    }
    at_boot(before, TABLE_UNIT, acts);
}

/// The whole table: replaced in one step, so that there is no moment without rules and none with half of them.
fn table(open: &[String]) -> String {
    let mut rules = String::new();
    for port in open {
        if let Some((number, protocol)) = port.split_once('/') {
            rules.push_str(&format!("    {protocol} dport {number} accept\n"));
        }
    }
    format!(
        "#!/usr/sbin/nft -f\n# Written by Plumbline.\n# ports: {}\ntable inet plumbline\ndelete table inet plumbline\n\
         table inet plumbline {{\n  chain input {{\n    type filter hook input priority filter; policy drop;\n\
         \x20   iifname \"lo\" accept\n    ct state established,related accept\n    ct state invalid drop\n\
         \x20   meta l4proto {{ icmp, ipv6-icmp }} accept\n    ip6 saddr fe80::/10 udp dport 546 accept\n\
         \x20   udp sport 67 udp dport 68 accept\n{rules}  }}\n}}\n",
        open.join(" ")
    )
}

fn table_unit() -> String {
    format!(
        "# Written by Plumbline.\n[Unit]\nDescription=Firewall table of Plumbline\nDefaultDependencies=no\nWants=network-pre.target\n\
         Before=network-pre.target shutdown.target\nAfter=local-fs.target plumbline-revert.service\nConflicts=shutdown.target\n\
         ConditionPathExists={TABLE}\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/sbin/nft -f {TABLE}\n\
         [Install]\nWantedBy=sysinit.target\n"
    )
}

fn script_unit() -> String {
    format!(
        "# Written by Plumbline.\n[Unit]\nDescription=Ports that Plumbline lets in\n\
         After=nftables.service netfilter-persistent.service iptables.service ip6tables.service plumbline-revert.service\n\
         PartOf=nftables.service netfilter-persistent.service iptables.service\nConditionPathExists={SCRIPT}\n\
         [Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh {SCRIPT} add\n\
         [Install]\nWantedBy=multi-user.target nftables.service netfilter-persistent.service iptables.service\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{covers, is_port, table};

    #[test]
    fn the_line_stays_open_before_anything_is_closed() {
        let text = table(&["22/tcp".into(), "9000/udp".into()]);
        let at = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in {text}"));
        for first in ["iifname \"lo\" accept", "ct state established,related accept", "ipv6-icmp"] {
            assert!(at(first) < at("tcp dport 22 accept"));
        }
        assert!(!text.contains("flush ruleset"), "other tables are nobody's business");
    }

    #[test]
    fn no_text_but_a_port_reaches_a_rule() {
        assert!(is_port("49152-65535/udp") && is_port("22/tcp"));
        for bad in ["0/tcp", "22", "22/tcp; reboot", "1-2-3/udp", "22/sctp", "65536/tcp"] {
            assert!(!is_port(bad), "{bad}");
        }
        assert!(covers("49152-65535/udp", "51820/udp") && !covers("22/tcp", "22/udp"));
    }
}

//! Which firewall is in charge, and what it lets in: found by following a packet through the rules.

mod iptables;
mod nft;
mod packet;

use super::answers::{Answers, Silence};
use super::listeners::{listeners, ports};
use super::notes::{Cited, Notes};
use super::services::{is_active, is_enabled};
use super::system::{container, no_source};
use super::{Context, addresses, sshd};
use crate::{Confidence, Key, Kind, Value, Why};
use packet::{Fate, Packet};
use std::collections::BTreeSet;

const RULES: [Kind; 3] = [Kind::FirewallDefault, Kind::FirewallParity, Kind::FirewallSsh];
const MANAGER: [Kind; 3] = [Kind::FirewallManager, Kind::FirewallActive, Kind::FirewallAtBoot];

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    let sections =
        ["firewall.ufw", "firewall.nft", "firewall.save4", "firewall.save6", "service.show", "routes", "marks"];
    if let Some(silence) = sections.iter().find(|name| !answers.settled(name)).map(|name| answers.said(name).err()) {
        let silence = silence.unwrap_or(Silence::NotYet);
        notes.silent_kinds(&RULES, &silence);
        notes.silent_kinds(&MANAGER, &silence);
        return notes.silent(answers.asked(Kind::PortAllowed).cloned(), &silence);
    }
    // Whether we are in a container counts for what a refusal means.
    let Ok(by) = container(answers, notes) else { return };
    let ruleset = Ruleset::of(answers, by.as_ref());
    read_manager(answers, ruleset.as_ref(), notes);
    let mut cited = Cited::new();
    for (section, command) in [
        ("firewall.nft", "nft list ruleset"),
        ("firewall.save4", "iptables-save"),
        ("firewall.save6", "ip6tables-save"),
    ] {
        if let Ok(said) = answers.said(section) {
            cited.extend(notes.cite(command, &said.text, said.exit));
        }
    }
    match ruleset {
        Ok(ruleset) => read_rules(answers, &ruleset, notes, &cited),
        Err(why) => {
            let silence = Silence::Because(why);
            notes.silent_kinds(&RULES, &silence);
            notes.silent(answers.asked(Kind::PortAllowed).cloned(), &silence);
        }
    }
}

/// All rules of the kernel, as its three printers show them.
struct Ruleset<'a> {
    nft: Vec<nft::Table<'a>>,
    v4: std::collections::BTreeMap<&'a str, iptables::Table<'a>>,
    v6: std::collections::BTreeMap<&'a str, iptables::Table<'a>>,
    interface: Option<String>,
    /// IPv6 has an address here that others can reach.
    v6_in_use: bool,
    text: Vec<&'a str>,
}

impl<'a> Ruleset<'a> {
    fn of(answers: &'a Answers, by: Option<&String>) -> Result<Ruleset<'a>, Why> {
        let text = |section: &str| match answers.said(section) {
            // A tool that is there and fails was not allowed to look: in a container nobody is.
            Ok(said) if said.exit != 0 => {
                let answer = super::notes::word(said.text.lines().next().unwrap_or_default());
                let refused = answer.contains("not permitted") || answer.contains("ermission denied");
                Err(match by {
                    Some(by) if refused => Why::Hidden { by: by.clone() },
                    _ => Why::Unreadable { answer },
                })
            }
            // Half a set of rules would be another set of rules.
            Ok(said) if said.shortened => Err(Why::Unreadable { answer: "more rules than we read".to_owned() }),
            Ok(said) => Ok(Some(said.text.as_str())),
            Err(Silence::Because(Why::NoSource { .. })) => Ok(None),
            Err(Silence::Because(why)) => Err(why),
            Err(Silence::NotYet) => Err(Why::NotRead),
        };
        let (nft_text, v4, v6) = (text("firewall.nft")?, text("firewall.save4")?, text("firewall.save6")?);
        if nft_text.is_none() && v4.is_none() {
            return Err(no_source("nft or iptables-save"));
        }
        let shown_by_save = v4.is_some_and(|text| text.contains("(nf_tables)") || text.contains("*filter"));
        let nft = nft::tables(nft_text.unwrap_or_default());
        // What iptables keeps in nftables is printed by both; its own printer is the one that is understood.
        let own = |table: &nft::Table<'_>| {
            let classic = matches!(table.name, "filter" | "nat" | "mangle" | "raw" | "security");
            !(shown_by_save && classic && matches!(table.family, "ip" | "ip6"))
        };
        Ok(Ruleset {
            nft: nft.into_iter().filter(own).collect(),
            v4: iptables::tables(v4.unwrap_or_default()),
            v6: iptables::tables(v6.unwrap_or_default()),
            interface: addresses::default_interface(answers),
            v6_in_use: addresses::has_global_v6(answers),
            text: [nft_text, v4, v6].into_iter().flatten().collect(),
        })
    }

    fn accepts(&self, v6: bool, protocol: &str, port: u16) -> Option<bool> {
        let packet = Packet { v6, protocol, port, interface: self.interface.as_deref() };
        let fate = self.nft.iter().fold(Fate::ACCEPT, |fate, table| fate.then(table.fate(&packet)));
        let tables = if v6 { &self.v6 } else { &self.v4 };
        let fate = [("raw", "PREROUTING"), ("mangle", "PREROUTING"), ("mangle", "INPUT"), ("filter", "INPUT")]
            .into_iter()
            .filter_map(|(table, chain)| Some((tables.get(table)?, chain)))
            .fold(fate, |fate, (table, chain)| fate.then(table.fate(chain, &packet)));
        fate.accepted()
    }

    /// On every family in use; `None` where it cannot be told.
    fn allows(&self, protocol: &str, port: u16) -> Option<bool> {
        match (self.accepts(false, protocol, port), self.v6_in_use.then(|| self.accepts(true, protocol, port))) {
            (Some(false), _) | (_, Some(Some(false))) => Some(false),
            (Some(true), None | Some(Some(true))) => Some(true),
            (None, _) | (_, Some(None)) => None,
        }
    }

    /// The ports of a range at which some rule could begin or end.
    fn borders(&self, low: u16, high: u16) -> BTreeSet<u16> {
        let numbers = self.text.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_digit()));
        let numbers = numbers.filter_map(|number| number.parse::<u16>().ok());
        let near = numbers.flat_map(|n| [n.saturating_sub(1), n, n.saturating_add(1)]);
        near.filter(|n| (low..=high).contains(n)).take(2000).chain([low, high]).collect()
    }

    fn filters(&self) -> bool {
        self.nft.iter().any(nft::Table::filters) || self.legacy_filters()
    }

    fn legacy_filters(&self) -> bool {
        self.v4.values().chain(self.v6.values()).any(iptables::Table::filters)
    }
}

fn read_manager(answers: &Answers, ruleset: Result<&Ruleset<'_>, &Why>, notes: &mut Notes) {
    let ufw = answers.files("firewall.ufw").ok();
    let ufw_on = ufw.is_some_and(|files| files.of("/etc/ufw/ufw.conf").any(|line| line.trim() == "ENABLED=yes"));
    let ufw_lives = ruleset.is_ok_and(|rules| rules.v4.get("filter").is_some_and(|table| table.has_chain("ufw-")));
    let unit = |name: &str| is_active(answers, name) == Some(true);
    let manager = if ufw_on && (ufw_lives || ruleset.is_err()) {
        Ok("ufw")
    } else if unit("firewalld") {
        Ok("firewalld")
    } else {
        match ruleset {
            Ok(rules) if rules.nft.iter().any(nft::Table::filters) => Ok("nftables"),
            Ok(rules) if rules.legacy_filters() => Ok("iptables"),
            Ok(rules) => {
                debug_assert!(!rules.filters());
                Ok("none")
            }
            Err(Why::NeedsAdministrator) if unit("nftables") => Ok("nftables"),
            Err(why) => Err(why.clone()),
        }
    };
    let shown = ufw.map(|files| files.text("/etc/ufw/ufw.conf")).unwrap_or_default();
    let mut cited = notes.cite("cat /etc/ufw/ufw.conf", &shown, i32::from(shown.is_empty()));
    if let Ok(said) = answers.said("firewall.nft") {
        cited.extend(notes.cite("nft list ruleset", &said.text, said.exit));
    }
    let manager = match manager {
        Ok(manager) => manager,
        Err(why) => return notes.silent_kinds(&MANAGER, &Silence::Because(why)),
    };
    // Without a look at the rules themselves it is the settings' word.
    let confidence = if ruleset.is_ok() { Confidence::Reported } else { Confidence::Inferred };
    notes.learn(Key::plain(Kind::FirewallManager), Value::Text(manager.to_owned()), confidence, &cited);
    notes.learn(Key::plain(Kind::FirewallActive), Value::Flag(manager != "none"), confidence, &cited);
    let enabled = |names: &[&str]| {
        let known: Vec<_> = names.iter().filter_map(|name| is_enabled(answers, name)).collect();
        if known.contains(&true) { Some(true) } else { (!known.is_empty()).then_some(false) }
    };
    let at_boot = match manager {
        "ufw" => enabled(&["ufw"]),
        "firewalld" => enabled(&["firewalld"]),
        "nftables" => enabled(&["nftables"]),
        "iptables" => enabled(&["netfilter-persistent", "iptables", "ip6tables"]),
        _ => Some(false),
    };
    match at_boot {
        Some(at_boot) => {
            let cited =
                notes.cite("systemctl is-enabled ufw firewalld nftables netfilter-persistent", &at_boot.to_string(), 0);
            notes.tell(Kind::FirewallAtBoot, Value::Flag(at_boot), &cited);
        }
        None => notes.unknown(Key::plain(Kind::FirewallAtBoot), no_source("the unit that loads the rules"), &cited),
    }
}

fn read_rules(answers: &Answers, rules: &Ruleset<'_>, notes: &mut Notes, cited: &Cited) {
    let unsure = || Why::Unreadable { answer: "rules that we do not understand decide here".to_owned() };
    // Nobody opens port 1 on purpose: it goes the way of whatever no rule names.
    let unnamed = |v6: bool| ["tcp", "udp"].map(|protocol| rules.accepts(v6, protocol, 1));
    match unnamed(false) {
        [Some(true), Some(true)] => notes.tell(Kind::FirewallDefault, Value::Text("accept".into()), cited),
        [Some(false), Some(false)] => notes.tell(Kind::FirewallDefault, Value::Text("drop".into()), cited),
        _ => notes.unknown(Key::plain(Kind::FirewallDefault), unsure(), cited),
    }
    let ssh_ports: Vec<u16> = listeners(answers, notes)
        .map(|(listeners, _)| listeners.iter().filter(|one| one.process == "sshd").map(|one| one.port).collect())
        .unwrap_or_default();
    let ssh_ports = if ssh_ports.is_empty() { sshd::configured_ports(answers) } else { ssh_ports };
    let allowed: Vec<_> = ssh_ports.iter().map(|&port| rules.allows("tcp", port)).collect();
    if allowed.contains(&None) || allowed.is_empty() {
        notes.unknown(Key::plain(Kind::FirewallSsh), unsure(), cited);
    } else {
        notes.tell(Kind::FirewallSsh, Value::Flag(!allowed.contains(&Some(false))), cited);
    }
    let mut alike = Some(unnamed(false) == unnamed(true)).filter(|_| !unnamed(true).contains(&None));
    for key in answers.asked(Kind::PortAllowed) {
        let Some((low, high, protocol)) = ports(key.argument()) else { continue };
        let borders = rules.borders(low, high);
        let held: Vec<_> = borders.iter().map(|&port| rules.allows(protocol, port)).collect();
        if held.contains(&Some(false)) {
            notes.reported(key.clone(), Value::Flag(false), cited);
        } else if held.contains(&None) {
            notes.unknown(key.clone(), unsure(), cited);
        } else {
            notes.reported(key.clone(), Value::Flag(true), cited);
        }
        let differs =
            borders.iter().any(|&port| rules.accepts(false, protocol, port) != rules.accepts(true, protocol, port));
        alike = alike.map(|alike| alike && !differs);
    }
    match alike {
        // With no IPv6 address there is nothing to treat otherwise.
        _ if !rules.v6_in_use => notes.tell(Kind::FirewallParity, Value::Flag(true), cited),
        Some(alike) => notes.tell(Kind::FirewallParity, Value::Flag(alike), cited),
        None => notes.unknown(Key::plain(Kind::FirewallParity), unsure(), cited),
    }
}

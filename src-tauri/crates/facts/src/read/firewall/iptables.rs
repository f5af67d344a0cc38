//! The way of a packet through what `iptables-save` prints.

use super::packet::{Fate, Holds, Packet, destination, interface, port_in, source};
use std::collections::BTreeMap;

/// The chains of one table, by name.
#[derive(Debug, Default)]
pub(super) struct Table<'a> {
    policies: BTreeMap<&'a str, &'a str>,
    chains: BTreeMap<&'a str, Vec<Rule<'a>>>,
}

#[derive(Debug)]
struct Rule<'a> {
    words: Vec<&'a str>,
}

/// Tables of `iptables-save` by name.
pub(super) fn tables(text: &str) -> BTreeMap<&str, Table<'_>> {
    let mut tables: BTreeMap<&str, Table<'_>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('*') {
            current = Some(name.trim());
        }
        let Some(table) = current.map(|name| tables.entry(name).or_default()) else { continue };
        if let Some(chain) = line.strip_prefix(':') {
            // ":INPUT DROP [0:0]"
            let mut words = chain.split(' ');
            if let (Some(name), Some(policy)) = (words.next(), words.next()) {
                table.policies.insert(name, policy);
            }
        } else if let Some(rule) = line.strip_prefix("-A ") {
            let mut words = split(rule).into_iter();
            if let Some(chain) = words.next() {
                table.chains.entry(chain).or_default().push(Rule { words: words.collect() });
            }
        }
    }
    tables
}

/// Words with quoted ones whole: comments may hold blanks.
fn split(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let end = match rest.strip_prefix('"') {
            Some(quoted) => quoted.find('"').map_or(rest.len(), |at| at + 2),
            None => rest.find(' ').unwrap_or(rest.len()),
        };
        words.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    words
}

impl Table<'_> {
    /// Whether anything here could stop a packet that comes in.
    pub(super) fn filters(&self) -> bool {
        ["INPUT", "PREROUTING"].iter().any(|chain| {
            self.policies.get(chain).is_some_and(|policy| *policy == "DROP") || self.chains.contains_key(chain)
        })
    }

    pub(super) fn has_chain(&self, start: &str) -> bool {
        self.policies.keys().any(|name| name.starts_with(start))
    }

    /// What becomes of the packet in a chain that the kernel itself calls.
    pub(super) fn fate(&self, chain: &str, packet: &Packet<'_>) -> Fate {
        let policy = match self.policies.get(chain) {
            Some(&"DROP") => Fate::DROP,
            Some(_) => Fate::ACCEPT,
            None => return Fate::ACCEPT,
        };
        self.walk(chain, packet, &mut BTreeMap::new()).under(policy)
    }

    fn walk<'a>(&'a self, chain: &'a str, packet: &Packet<'_>, known: &mut BTreeMap<&'a str, Fate>) -> Fate {
        if let Some(&fate) = known.get(chain) {
            return fate;
        }
        // The kernel refuses loops; whoever shows us one gets no endless walk.
        known.insert(chain, Fate::PASS);
        let mut fate = Fate::NONE;
        for rule in self.chains.get(chain).map(Vec::as_slice).unwrap_or_default() {
            let held = holds(&rule.words, packet);
            if held == Holds::No {
                continue;
            }
            let outcome = match rule.target() {
                Some((_, "ACCEPT")) => Fate::ACCEPT,
                Some((_, "DROP" | "REJECT")) => Fate::DROP,
                Some((_, "RETURN")) => {
                    fate = fate | Fate::PASS;
                    if held == Holds::Yes {
                        known.insert(chain, fate);
                        return fate;
                    }
                    continue;
                }
                Some((_, "NFQUEUE" | "QUEUE")) => Fate::ACCEPT | Fate::DROP,
                Some((goto, name)) if self.policies.contains_key(name) => {
                    let inner = self.walk(name, packet, known);
                    fate = fate | inner.without(Fate::PASS);
                    if goto && inner.may(Fate::PASS) {
                        fate = fate | Fate::PASS;
                    }
                    if held == Holds::Yes && (goto || !inner.may(Fate::PASS)) {
                        known.insert(chain, fate);
                        return fate;
                    }
                    continue;
                }
                // LOG, MARK and the like look or paint and let the packet go on.
                _ => continue,
            };
            fate = fate | outcome;
            if held == Holds::Yes {
                known.insert(chain, fate);
                return fate;
            }
        }
        fate = fate | Fate::PASS;
        known.insert(chain, fate);
        fate
    }
}

impl Rule<'_> {
    fn target(&self) -> Option<(bool, &str)> {
        let at = self.words.iter().position(|word| matches!(*word, "-j" | "-g" | "--jump" | "--goto"))?;
        Some((matches!(self.words[at], "-g" | "--goto"), self.words.get(at + 1)?))
    }
}

/// Whether all conditions of a rule hold.
fn holds(words: &[&str], packet: &Packet<'_>) -> Holds {
    let mut held = Holds::Yes;
    let mut not = false;
    let mut module = "";
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        let value = words.get(at + 1).copied().unwrap_or_default();
        let mut used = 2;
        let here = match word {
            "!" => {
                not = true;
                at += 1;
                continue;
            }
            // What follows the target are its options.
            "-j" | "-g" | "--jump" | "--goto" => break,
            "-m" | "--match" => {
                module = value;
                match value {
                    "comment" | "tcp" | "udp" | "multiport" | "conntrack" | "state" | "limit" | "hashlimit"
                    | "recent" | "addrtype" | "set" | "connlimit" | "pkttype" => Holds::Yes,
                    "icmp" | "icmp6" | "rt" | "frag" | "physdev" | "ah" | "esp" => Holds::No,
                    _ => Holds::Maybe,
                }
            }
            "-p" | "--protocol" => match value {
                "all" | "0" => Holds::Yes,
                "6" => Holds::of(packet.protocol == "tcp"),
                "17" => Holds::of(packet.protocol == "udp"),
                name => Holds::of(name == packet.protocol),
            },
            "-i" | "--in-interface" => interface(value, packet),
            "-o" | "--out-interface" => Holds::No,
            "-s" | "--source" => source(value),
            "-d" | "--destination" => destination(value),
            "--dport" | "--destination-port" => port_in(value, packet.port),
            "--dports" | "--destination-ports" | "--ports" => {
                any(value.split(',').map(|word| port_in(word, packet.port)))
            }
            // Where a packet is sent from is the sender's choice.
            "--sport" | "--source-port" | "--sports" | "--source-ports" => Holds::No,
            "--ctstate" | "--state" => Holds::of(value.split(',').any(|state| state == "NEW")),
            "--dst-type" => Holds::of(value == "LOCAL" || value == "UNICAST"),
            "--src-type" => Holds::of(value == "UNICAST"),
            "--pkt-type" => Holds::of(value == "unicast"),
            "--comment"
            | "--limit"
            | "--limit-burst"
            | "--name"
            | "--mask"
            | "--hashlimit-upto"
            | "--hashlimit-burst"
            | "--hashlimit-name"
            | "--hashlimit-mode"
            | "--hashlimit-htable-expire"
            | "--hashlimit-srcmask"
            | "--connlimit-upto"
            | "--connlimit-mask" => Holds::Yes,
            // Only somebody who knocks too often is meant.
            "--hashlimit-above" | "--connlimit-above" => Holds::No,
            "--update" | "--rcheck" => {
                used = 1;
                Holds::No
            }
            "--set" | "--rsource" | "--rdest" | "--connlimit-saddr" | "--connlimit-daddr" | "--reap" | "--rttl" => {
                used = 1;
                Holds::Yes
            }
            "--seconds" | "--hitcount" => Holds::Yes,
            // A list of sources, of bans or of friends: a stranger is in neither.
            "--match-set" => {
                used = 3;
                let of_sources = words.get(at + 2).is_some_and(|flags| flags.starts_with("src"));
                if of_sources { Holds::No } else { Holds::Maybe }
            }
            "--syn" => {
                used = 1;
                Holds::Yes
            }
            "--tcp-flags" => {
                used = 3;
                Holds::of(words.get(at + 2) == Some(&"SYN") && value.contains("SYN"))
            }
            "--icmp-type" | "--icmpv6-type" => Holds::No,
            _ => {
                used = 1;
                // A word that no option took: a value of something unknown.
                if word.starts_with('-') || module.is_empty() { Holds::Maybe } else { Holds::Yes }
            }
        };
        held = held.and(here.flip(not));
        not = false;
        at += used;
    }
    held
}

pub(super) fn any(held: impl Iterator<Item = Holds>) -> Holds {
    let mut found = Holds::No;
    for here in held {
        match here {
            Holds::Yes => return Holds::Yes,
            Holds::Maybe => found = Holds::Maybe,
            Holds::No => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::packet::Packet;
    use super::tables;

    fn accepts(text: &str, port: u16, protocol: &str) -> Option<bool> {
        let packet = Packet { v6: false, protocol, port, interface: Some("eth0") };
        tables(text)["filter"].fate("INPUT", &packet).accepted()
    }

    const UFW: &str = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:ufw-before-input - [0:0]\n\
        :ufw-user-input - [0:0]\n:ufw-user-limit - [0:0]\n:ufw-user-limit-accept - [0:0]\n\
        -A INPUT -j ufw-before-input\n-A INPUT -j ufw-user-input\n\
        -A ufw-before-input -i lo -j ACCEPT\n-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n\
        -A ufw-before-input -p icmp -m icmp --icmp-type 8 -j ACCEPT\n\
        -A ufw-before-input -p udp -m udp --sport 67 --dport 68 -j ACCEPT\n\
        -A ufw-user-input -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --set --name DEFAULT --mask 255.255.255.255 --rsource\n\
        -A ufw-user-input -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource -j ufw-user-limit\n\
        -A ufw-user-input -p tcp -m tcp --dport 22 -j ufw-user-limit-accept\n\
        -A ufw-user-input -p udp -m udp --dport 9000 -m comment --comment \"kadcast -j DROP\" -j ACCEPT\n\
        -A ufw-user-input -s 10.0.0.0/8 -p tcp -m tcp --dport 5432 -j ACCEPT\n\
        -A ufw-user-limit -j REJECT --reject-with icmp-port-unreachable\n-A ufw-user-limit-accept -j ACCEPT\nCOMMIT\n";

    #[test]
    fn ufw_lets_in_what_its_rules_name() {
        assert_eq!(accepts(UFW, 22, "tcp"), Some(true), "a limit is for those who knock too often");
        assert_eq!(accepts(UFW, 9000, "udp"), Some(true));
        assert_eq!(accepts(UFW, 9000, "tcp"), Some(false));
        assert_eq!(accepts(UFW, 68, "udp"), Some(false));
        assert_eq!(accepts(UFW, 5432, "tcp"), Some(false), "a rule for a private network lets no stranger in");
    }

    #[test]
    fn what_is_not_understood_may_hold_either_way() {
        let text = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m geoip --source-country DE -m tcp --dport 80 -j ACCEPT\nCOMMIT\n";
        assert_eq!(accepts(text, 80, "tcp"), None);
        assert_eq!(accepts(text, 81, "tcp"), Some(false));
    }

    #[test]
    fn a_ban_list_stops_no_stranger_and_a_loop_ends() {
        let text = "*filter\n:INPUT ACCEPT [0:0]\n:a - [0:0]\n:b - [0:0]\n-A INPUT -p tcp -m multiport --dports 22,80:90 -m set --match-set f2b src -j REJECT\n\
            -A INPUT -j a\n-A a -j b\n-A b -j a\nCOMMIT\n";
        assert_eq!(accepts(text, 22, "tcp"), Some(true));
    }
}

//! The way of a packet through what `nft list ruleset` prints.

use super::iptables::any;
use super::packet::{Fate, Holds, Packet, destination, interface, port_in, source};
use std::collections::BTreeMap;

/// One table: its family, name, chains and sets.
#[derive(Debug)]
pub(super) struct Table<'a> {
    pub(super) family: &'a str,
    pub(super) name: &'a str,
    chains: BTreeMap<&'a str, Chain<'a>>,
    sets: BTreeMap<&'a str, Vec<&'a str>>,
}

#[derive(Debug, Default)]
struct Chain<'a> {
    /// "filter input" for a chain that the kernel itself calls.
    hook: Option<(&'a str, &'a str)>,
    drops: bool,
    rules: Vec<Vec<&'a str>>,
}

/// The tables in the order they are printed.
pub(super) fn tables(text: &str) -> Vec<Table<'_>> {
    let words: Vec<Vec<&str>> = text.lines().map(split).filter(|words| !words.is_empty()).collect();
    let mut tables: Vec<Table<'_>> = Vec::new();
    let mut chain: Option<&str> = None;
    let mut set: Option<&str> = None;
    for line in words {
        match line[..] {
            ["table", family, name, "{"] => {
                tables.push(Table { family, name, chains: BTreeMap::new(), sets: BTreeMap::new() });
                (chain, set) = (None, None);
                continue;
            }
            ["}"] => {
                (chain, set) = (None, None);
                continue;
            }
            _ => {}
        }
        let Some(table) = tables.last_mut() else { continue };
        match (line[0], chain, set) {
            ("chain", None, None) if line.len() > 1 => {
                chain = Some(line[1]);
                table.chains.entry(line[1]).or_default();
            }
            ("set" | "map", None, None) if line.len() > 1 && line.last() == Some(&"{") => {
                set = Some(line[1]);
                table.sets.entry(line[1]).or_default();
            }
            ("type", Some(name), _) => {
                // "type filter hook input priority filter; policy drop;"
                let after = |word: &str| line.iter().position(|w| *w == word).and_then(|at| line.get(at + 1)).copied();
                let entry = table.chains.entry(name).or_default();
                entry.hook = after("hook").map(|hook| (line.get(1).copied().unwrap_or_default(), hook));
                entry.drops = after("policy") == Some("drop");
            }
            (_, Some(name), _) => table.chains.entry(name).or_default().rules.push(line),
            // What a set is like; its elements follow, over several lines.
            (
                "type" | "typeof" | "flags" | "timeout" | "gc-interval" | "size" | "auto-merge" | "counter" | "comment",
                None,
                Some(_),
            ) => {}
            (_, None, Some(name)) => {
                let elements = line.into_iter().filter(|word| !matches!(*word, "elements" | "=" | "{" | "}"));
                table.sets.entry(name).or_default().extend(elements);
            }
            _ => {}
        }
    }
    tables
}

/// Words; braces and colons stand alone, commas and semicolons are dropped, quoted text stays whole, comments go.
fn split(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let end = if rest.starts_with(['{', '}', ',', ';']) {
            1
        } else if let Some(quoted) = rest.strip_prefix('"') {
            quoted.find('"').map_or(rest.len(), |at| at + 2)
        } else {
            rest.find([' ', '\t', ',', ';', '{', '}']).unwrap_or(rest.len())
        };
        if !matches!(&rest[..end], "," | ";") {
            words.push(&rest[..end]);
        }
        rest = rest[end..].trim_start();
    }
    words
}

impl Table<'_> {
    fn covers(&self, packet: &Packet<'_>) -> bool {
        match self.family {
            "inet" => true,
            "ip" => !packet.v6,
            "ip6" => packet.v6,
            _ => false,
        }
    }

    /// Whether anything here could stop a packet that comes in.
    pub(super) fn filters(&self) -> bool {
        let stops = |chain: &&Chain| is_way_in(chain) && (chain.drops || !chain.rules.is_empty());
        self.chains.values().any(|chain| stops(&chain))
    }

    /// What becomes of the packet in all chains of the way in.
    pub(super) fn fate(&self, packet: &Packet<'_>) -> Fate {
        if !self.covers(packet) {
            return Fate::ACCEPT;
        }
        let ways_in = self.chains.iter().filter(|(_, chain)| is_way_in(chain));
        ways_in.fold(Fate::ACCEPT, |fate, (name, chain)| {
            let policy = if chain.drops { Fate::DROP } else { Fate::ACCEPT };
            fate.then(self.walk(name, packet, &mut BTreeMap::new()).under(policy))
        })
    }

    fn walk<'a>(&'a self, name: &'a str, packet: &Packet<'_>, known: &mut BTreeMap<&'a str, Fate>) -> Fate {
        if let Some(&fate) = known.get(name) {
            return fate;
        }
        known.insert(name, Fate::PASS);
        let mut fate = Fate::NONE;
        for rule in self.chains.get(name).map(|chain| chain.rules.as_slice()).unwrap_or_default() {
            let (held, verdict) = self.read(rule, packet);
            if held == Holds::No {
                continue;
            }
            let (outcome, ends) = match verdict {
                Verdict::Accept => (Fate::ACCEPT, true),
                Verdict::Drop => (Fate::DROP, true),
                Verdict::Either => (Fate::ACCEPT | Fate::DROP, true),
                Verdict::Return => (Fate::PASS, true),
                Verdict::Jump(to) => {
                    let inner = self.walk(to, packet, known);
                    (inner.without(Fate::PASS), !inner.may(Fate::PASS))
                }
                Verdict::Goto(to) => (self.walk(to, packet, known), true),
                Verdict::None => continue,
            };
            fate = fate | outcome;
            if held == Holds::Yes && ends {
                known.insert(name, fate);
                return fate;
            }
        }
        fate = fate | Fate::PASS;
        known.insert(name, fate);
        fate
    }

    /// The conditions of a rule and its verdict, from left to right.
    fn read<'a>(&self, rule: &[&'a str], packet: &Packet<'_>) -> (Holds, Verdict<'a>) {
        let mut reader = Words { words: rule, at: 0 };
        let mut held = Holds::Yes;
        let mut verdict = Verdict::None;
        while let Some(word) = reader.next() {
            let here = match word {
                "accept" => {
                    verdict = Verdict::Accept;
                    break;
                }
                "drop" => {
                    verdict = Verdict::Drop;
                    break;
                }
                "reject" => {
                    verdict = Verdict::Drop;
                    break;
                }
                "return" => {
                    verdict = Verdict::Return;
                    break;
                }
                "queue" => {
                    verdict = Verdict::Either;
                    break;
                }
                "continue" => break,
                "jump" => {
                    verdict = reader.next().map_or(Verdict::None, Verdict::Jump);
                    break;
                }
                "goto" => {
                    verdict = reader.next().map_or(Verdict::None, Verdict::Goto);
                    break;
                }
                "ct" => match reader.next() {
                    Some("state") => match self.value(&mut reader, |word| Holds::of(word == "new")) {
                        Matched::Held(held) => held,
                        Matched::Map(found) => {
                            verdict = found;
                            break;
                        }
                    },
                    Some("status") => self.held(&mut reader, |_| Holds::No),
                    _ => self.held(&mut reader, |_| Holds::Maybe),
                },
                "iif" | "iifname" => self.held(&mut reader, |word| interface(word, packet)),
                "oif" | "oifname" => self.held(&mut reader, |_| Holds::No),
                "tcp" | "udp" | "th" => {
                    let protocol = Holds::of(word == "th" || word == packet.protocol);
                    match reader.next() {
                        Some("dport") => match self.value(&mut reader, |word| port_in(word, packet.port)) {
                            Matched::Held(held) => protocol.and(held),
                            Matched::Map(found) => {
                                held = held.and(protocol);
                                verdict = found;
                                break;
                            }
                        },
                        Some("sport") => self.held(&mut reader, |_| Holds::No),
                        Some("flags") => protocol.and(flags(&mut reader)),
                        _ => protocol.and(self.held(&mut reader, |_| Holds::Maybe)),
                    }
                }
                "ip" | "ip6" => {
                    let family = Holds::of((word == "ip6") == packet.v6);
                    match reader.next() {
                        Some("saddr") => family.and(self.held(&mut reader, source)),
                        Some("daddr") => family.and(self.held(&mut reader, destination)),
                        Some("protocol" | "nexthdr") => {
                            family.and(self.held(&mut reader, |word| protocol_is(word, packet)))
                        }
                        _ => family.and(self.held(&mut reader, |_| Holds::Maybe)),
                    }
                }
                "meta" => match reader.next() {
                    Some("l4proto" | "protocol") => self.held(&mut reader, |word| protocol_is(word, packet)),
                    Some("nfproto") => self.held(&mut reader, |word| Holds::of((word == "ipv6") == packet.v6)),
                    Some("iif" | "iifname") => self.held(&mut reader, |word| interface(word, packet)),
                    Some("pkttype") => self.held(&mut reader, |word| Holds::of(matches!(word, "unicast" | "host"))),
                    _ => self.held(&mut reader, |_| Holds::Maybe),
                },
                "icmp" | "icmpv6" | "igmp" | "esp" | "ah" | "sctp" | "dccp" | "udplite" | "arp" | "vlan" | "ether" => {
                    Holds::No
                }
                "fib" => {
                    // "fib daddr type local", "fib saddr . iif oif missing"
                    let about: Vec<_> = std::iter::from_fn(|| reader.next_if(|w| !is_verdict(w))).collect();
                    match about[..] {
                        ["daddr", "type", kind] => Holds::of(kind == "local"),
                        ["saddr", "type", kind] => Holds::of(kind == "unicast"),
                        _ => Holds::No,
                    }
                }
                "limit" => {
                    // "limit rate over 10/minute burst 5 packets": "over" means those who knock too often.
                    let about: Vec<_> =
                        std::iter::from_fn(|| reader.next_if(|w| !is_verdict(w) && *w != "counter")).collect();
                    Holds::of(!about.contains(&"over"))
                }
                "add" | "update" | "meter" => {
                    let about: Vec<_> = std::iter::from_fn(|| reader.next_if(|w| !is_verdict(w))).collect();
                    Holds::of(!about.contains(&"over"))
                }
                "counter" => {
                    while reader
                        .next_if(|w| {
                            matches!(*w, "packets" | "bytes" | "name") || w.bytes().all(|b| b.is_ascii_digit())
                        })
                        .is_some()
                    {}
                    Holds::Yes
                }
                "log" => {
                    while reader.next_if(|w| !is_verdict(w) && !starts_condition(w)).is_some() {}
                    Holds::Yes
                }
                "comment" => {
                    reader.next();
                    Holds::Yes
                }
                _ => Holds::Maybe,
            };
            held = held.and(here);
        }
        (held, verdict)
    }

    fn held(&self, reader: &mut Words<'_, '_>, one: impl Fn(&str) -> Holds) -> Holds {
        match self.value(reader, one) {
            Matched::Held(held) => held,
            Matched::Map(_) => Holds::Maybe,
        }
    }

    /// "22", "!= 22", "{ 22, 80 }", "@name", "vmap { new : jump x }".
    fn value<'a>(&self, reader: &mut Words<'_, 'a>, one: impl Fn(&str) -> Holds) -> Matched<'a> {
        let not = reader.next_if(|word| *word == "!=").is_some();
        let _ = reader.next_if(|word| *word == "==");
        let held = match reader.next() {
            Some("vmap") => return Matched::Map(vmap(reader, one)),
            Some("{") => {
                let words: Vec<_> = std::iter::from_fn(|| reader.next_if(|word| *word != "}")).collect();
                reader.next();
                any(words.into_iter().map(&one))
            }
            Some(name) if name.starts_with('@') => match self.sets.get(&name[1..]) {
                Some(elements) => any(elements.iter().map(|word| one(word))),
                None => Holds::Maybe,
            },
            Some(word) => {
                // "established,related" lost its comma when the line was split.
                let mut found = one(word);
                while let Some(more) =
                    reader.next_if(|word| matches!(*word, "established" | "related" | "new" | "invalid" | "untracked"))
                {
                    found = any([found, one(more)].into_iter());
                }
                found
            }
            None => Holds::Maybe,
        };
        Matched::Held(held.flip(not))
    }
}

enum Matched<'a> {
    Held(Holds),
    Map(Verdict<'a>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict<'a> {
    None,
    Accept,
    Drop,
    Either,
    Return,
    Jump(&'a str),
    Goto(&'a str),
}

/// "{ established : accept, 22 : jump ssh }": the verdict of the element that holds.
fn vmap<'a>(reader: &mut Words<'_, 'a>, one: impl Fn(&str) -> Holds) -> Verdict<'a> {
    if reader.next_if(|word| *word == "{").is_none() {
        return Verdict::Either;
    }
    let mut found = Verdict::None;
    while let Some(key) = reader.next_if(|word| *word != "}") {
        let _ = reader.next_if(|word| *word == ":");
        let verdict = match reader.next_if(|word| *word != "}") {
            Some("accept") => Verdict::Accept,
            Some("drop") => Verdict::Drop,
            Some("return") => Verdict::Return,
            Some("jump") => reader.next().map_or(Verdict::None, Verdict::Jump),
            Some("goto") => reader.next().map_or(Verdict::None, Verdict::Goto),
            Some("continue") => Verdict::None,
            _ => Verdict::Either,
        };
        match one(key) {
            Holds::Yes => found = verdict,
            Holds::Maybe if found == Verdict::None => found = Verdict::Either,
            Holds::Maybe | Holds::No => {}
        }
    }
    reader.next();
    found
}

/// "flags & (fin | syn | rst | ack) == syn", "flags syn / fin,syn,rst,ack"
fn flags(reader: &mut Words<'_, '_>) -> Holds {
    let about: Vec<_> = std::iter::from_fn(|| reader.next_if(|w| !is_verdict(w) && !starts_condition(w))).collect();
    let after = |sign: &str| about.iter().position(|w| *w == sign).and_then(|at| about.get(at + 1)).copied();
    match (after("=="), after("!="), about.first()) {
        (Some(flags), ..) => Holds::of(flags == "syn"),
        (_, Some(flags), _) => Holds::of(flags != "syn"),
        (_, _, Some(&"syn")) => Holds::Yes,
        _ => Holds::Maybe,
    }
}

fn protocol_is(word: &str, packet: &Packet<'_>) -> Holds {
    match word {
        "6" => Holds::of(packet.protocol == "tcp"),
        "17" => Holds::of(packet.protocol == "udp"),
        name => Holds::of(name == packet.protocol),
    }
}

fn is_verdict(word: &str) -> bool {
    matches!(word, "accept" | "drop" | "reject" | "return" | "jump" | "goto" | "queue" | "continue")
}

fn starts_condition(word: &str) -> bool {
    matches!(
        word,
        "ct" | "tcp"
            | "udp"
            | "th"
            | "ip"
            | "ip6"
            | "meta"
            | "iif"
            | "iifname"
            | "counter"
            | "limit"
            | "fib"
            | "comment"
            | "log"
    )
}

fn is_way_in(chain: &Chain<'_>) -> bool {
    matches!(chain.hook, Some(("filter", "input" | "prerouting")))
}

#[derive(Debug)]
struct Words<'r, 'a> {
    words: &'r [&'a str],
    at: usize,
}

impl<'a> Words<'_, 'a> {
    fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at).copied();
        self.at += 1;
        word
    }

    fn next_if(&mut self, fits: impl Fn(&&'a str) -> bool) -> Option<&'a str> {
        let word = self.words.get(self.at).filter(|word| fits(word)).copied()?;
        self.at += 1;
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::super::packet::{Fate, Packet};
    use super::tables;

    fn accepts(text: &str, port: u16, protocol: &str, v6: bool) -> Option<bool> {
        let packet = Packet { v6, protocol, port, interface: Some("eth0") };
        tables(text).iter().fold(Fate::ACCEPT, |fate, table| fate.then(table.fate(&packet))).accepted()
    }

    const PLAIN: &str = "table inet filter {\n\tset open {\n\t\ttype inet_service\n\t\telements = { 8443,\n\t\t\t     9100-9200 }\n\t}\n\tchain input {\n\
        \t\ttype filter hook input priority filter; policy drop;\n\
        \t\tct state vmap { established : accept, related : accept, invalid : drop }\n\t\tiif \"lo\" accept\n\
        \t\ttcp flags & (fin | syn | rst | ack) != syn ct state new drop\n\
        \t\tmeta l4proto { icmp, ipv6-icmp } accept\n\t\ttcp dport { 22, 80, 443 } ct state new counter packets 3 bytes 180 accept comment \"drop me not\"\n\
        \t\tudp dport 49152-65535 accept\n\t\ttcp dport @open accept\n\t\tip saddr 10.0.0.0/8 tcp dport 5432 accept\n\
        \t\tip6 nexthdr udp udp dport 9000 accept\n\t\tip protocol tcp jump more\n\t\tlimit rate 5/minute burst 5 packets log prefix \"no: \" level info\n\t\treject with icmpx admin-prohibited\n\t}\n\
        \tchain more {\n\t\ttcp dport 8080 accept\n\t\tcounter packets 0 bytes 0 return\n\t}\n}\n";

    #[test]
    fn rules_are_followed_from_the_top() {
        for (port, protocol, v6, expected) in [
            (22, "tcp", false, true),
            (443, "tcp", true, true),
            (22, "udp", false, false),
            (50000, "udp", true, true),
            (9150, "tcp", false, true),
            (8443, "tcp", false, true),
            (5432, "tcp", false, false),
            (9000, "udp", true, true),
            (9000, "udp", false, false),
            (8080, "tcp", false, true),
            (8080, "tcp", true, false),
            (1, "tcp", false, false),
        ] {
            assert_eq!(accepts(PLAIN, port, protocol, v6), Some(expected), "{port}/{protocol} v6 {v6}");
        }
    }

    #[test]
    fn a_table_for_one_family_leaves_the_other_open() {
        let text = "table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority 0; policy drop;\n\t}\n}\n";
        assert_eq!(accepts(text, 80, "tcp", false), Some(false));
        assert_eq!(accepts(text, 80, "tcp", true), Some(true));
    }

    #[test]
    fn a_chain_that_was_not_understood_is_no_answer() {
        let text = "table inet f {\n\tchain i {\n\t\ttype filter hook input priority 0; policy accept;\n\t\tmeta mark 0x1 drop\n\t}\n}\n";
        assert_eq!(accepts(text, 80, "tcp", false), None);
    }
}

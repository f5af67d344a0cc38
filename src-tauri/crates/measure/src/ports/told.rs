//! What the responder tells, line by line: "holds t 443 4", "got u 9000 4 9000", "saw t 443 6 51234".

use super::judge::{Blind, Holder};
use super::{Door, Knocks};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) ready: bool,
    /// Nothing on the server can listen for us.
    pub(super) no_tool: bool,
    sniffs: bool,
    holders: BTreeMap<Door, Holder>,
    /// Where it came in, and for UDP the port it was sent to.
    got: BTreeSet<(Door, u16)>,
    /// Where it came in, and where it was sent to (UDP) or from (TCP).
    saw: BTreeSet<(Door, u16)>,
    lines: String,
}

impl Told {
    pub(super) fn take(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["ready"] => self.ready = true,
            ["refused", _] => self.no_tool = true,
            ["sniffs", word] => self.sniffs = word == "yes",
            [word, kind, port, family, ref rest @ ..] => {
                let (Some(door), rest) = (door(kind, port, family), rest.first().and_then(|word| word.parse().ok()))
                else {
                    return;
                };
                match (word, rest) {
                    ("holds", None) => drop(self.holders.insert(door, Holder::Ours)),
                    ("taken", None) => drop(self.holders.insert(door, Holder::Taken)),
                    ("denied" | "absent", None) => drop(self.holders.insert(door, Holder::Nobody)),
                    ("got", Some(sent)) => drop(self.got.insert((door, sent))),
                    ("saw", Some(sent)) => drop(self.saw.insert((door, sent))),
                    _ => return,
                }
            }
            _ => return,
        }
        if self.lines.len() < 4000 {
            let _ = writeln!(self.lines, "{}", remote::visible(line, 80));
        }
    }

    pub(super) fn holder(&self, door: Door) -> Holder {
        self.holders.get(&door).copied().unwrap_or(Holder::Nobody)
    }

    /// Where our responder took the knock at `door` in. A TCP connection does not say where it was sent to.
    pub(super) fn got(&self, door: Door) -> Option<u16> {
        let mut all = self.got.iter().filter(|(at, _)| at.tcp == door.tcp && at.v6 == door.v6);
        match door.tcp {
            true => all.find(|(at, _)| at.port == door.port).map(|(at, _)| at.port),
            false => all.find(|(_, sent)| *sent == door.port).map(|(at, _)| at.port),
        }
    }

    /// Where the knock at `door` came in. A TCP one is known by the port it was sent from, unless that was rewritten.
    pub(super) fn saw(&self, door: Door, near: Option<u16>) -> Result<Option<u16>, Blind> {
        if !self.sniffs {
            return Err(Blind);
        }
        let mut all = self.saw.iter().filter(|(at, _)| at.tcp == door.tcp && at.v6 == door.v6);
        if !door.tcp {
            return Ok(all.find(|(_, sent)| *sent == door.port).map(|(at, _)| at.port));
        }
        let same = self.saw.iter().any(|(at, _)| *at == door).then_some(door.port);
        Ok(all.find(|(_, from)| Some(*from) == near).map(|(at, _)| at.port).or(same))
    }

    pub(super) fn transcript(&self, knocks: &Knocks) -> String {
        let mut text = String::from("knocked from this computer:\n");
        for (door, (knock, _)) in knocks {
            let (kind, family) = (if door.tcp { "tcp" } else { "udp" }, if door.v6 { "IPv6" } else { "IPv4" });
            let _ = writeln!(text, "{}/{kind} {family}: {knock:?}", door.port);
        }
        let lines = if self.no_tool { "nothing to listen with\n" } else { &self.lines };
        format!("{text}told by the server:\n{lines}")
    }
}

fn door(kind: &str, port: &str, family: &str) -> Option<Door> {
    let tcp = match kind {
        "t" => true,
        "u" => false,
        _ => return None,
    };
    let v6 = match family {
        "4" => false,
        "6" => true,
        _ => return None,
    };
    Some(Door { tcp, port: port.parse().ok()?, v6 })
}

#[cfg(test)]
mod tests {
    use super::{Door, Holder, Told};

    #[test]
    fn what_is_told_is_kept_by_door_and_noise_is_dropped() {
        let mut told = Told::default();
        for line in [
            "holds t 443 4",
            "got u 9000 4 9001",
            "saw t 8443 4 51000",
            "sniffs yes",
            "ready",
            "saw t x 4 1",
            "\u{1b}[2J",
        ] {
            told.take(line);
        }
        let door = |tcp, port| Door { tcp, port, v6: false };
        assert!(told.ready);
        assert_eq!(told.holder(door(true, 443)), Holder::Ours);
        assert_eq!(told.got(door(false, 9001)), Some(9000));
        assert_eq!(told.saw(door(true, 443), Some(51000)), Ok(Some(8443)));
        assert_eq!(told.saw(door(true, 443), Some(51001)), Ok(None));
    }
}

//! Who listens on which port, and which ports containers publish.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Cited, Notes, word};
use crate::{Kind, Value, Why};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Somebody who listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listener {
    pub(super) port: u16,
    pub(super) protocol: &'static str,
    pub(super) address: String,
    /// Only root sees whose it is.
    pub(super) process: String,
}

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    match listeners(answers, notes) {
        Ok((listeners, cited)) => {
            let list = listeners.iter().map(|one| {
                format!("{}/{} {} {}", one.port, one.protocol, one.address, one.process).trim_end().to_owned()
            });
            notes.tell(Kind::PortAll, Value::List(list.collect()), &cited);
            for key in answers.asked(Kind::PortListeners) {
                let heard = listeners.iter().filter(|one| covers(key.argument(), one.port, one.protocol));
                let list: Vec<_> =
                    heard.map(|one| format!("{} {}", one.address, one.process).trim_end().to_owned()).collect();
                let value = if list.is_empty() { Value::Absent } else { Value::List(list) };
                notes.reported(key.clone(), value, &cited);
            }
        }
        Err(silence) => {
            notes.silent_kinds(&[Kind::PortAll], &silence);
            notes.silent(answers.asked(Kind::PortListeners).cloned(), &silence);
        }
    }
}

/// How one tool's answer is read.
type Parse = fn(&str) -> Vec<Listener>;

/// Whether `9000/udp` or `49152-65535/udp` covers the port.
pub(super) fn covers(asked: &str, port: u16, protocol: &str) -> bool {
    ports(asked).is_some_and(|(low, high, asked)| asked == protocol && (low..=high).contains(&port))
}

/// The lowest and highest port of a key's argument, and its protocol.
pub(super) fn ports(asked: &str) -> Option<(u16, u16, &str)> {
    let (ports, protocol) = asked.split_once('/')?;
    let (low, high) = ports.split_once('-').unwrap_or((ports, ports));
    Some((low.parse().ok()?, high.parse().ok()?, protocol))
}

/// The probe asks one of three sources: the best that the server has.
pub(super) fn listeners(answers: &Answers, notes: &mut Notes) -> Result<(Vec<Listener>, Cited), Silence> {
    let kernel = "cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6";
    let sources: [(&str, &str, Parse); 3] = [
        ("port.listeners", "ss -ltnup", from_ss),
        ("port.netstat", "netstat -ltnup", from_netstat),
        ("port.kernel", kernel, from_kernel),
    ];
    let mut silence = answers.said("port.listeners").err().unwrap_or(Silence::NotYet);
    for (section, command, parse) in sources {
        let Ok(said) = answers.said(section) else { continue };
        // A table without its heading, or without its end, does not say that nobody else listens.
        let headed = said.text.contains("Local Address") || said.text.contains("local_address");
        if !headed || said.shortened {
            let answer = word(said.text.lines().next().unwrap_or("nothing"));
            silence = Silence::Because(Why::Unreadable { answer });
            continue;
        }
        let mut found = parse(&said.text);
        found.sort();
        found.dedup();
        return Ok((found, notes.cite(command, &said.text, said.exit)));
    }
    match silence {
        Silence::Because(Why::NotRead) => Err(Silence::Because(Why::NoSource { looked_for: "ss or netstat".into() })),
        // Where one source failed, another may be on its way.
        Silence::Because(Why::Unreadable { .. }) if !answers.ended() => Err(Silence::NotYet),
        silence => Err(silence),
    }
}

fn protocol(word: &str) -> Option<&'static str> {
    match word {
        "tcp" | "tcp6" => Some("tcp"),
        "udp" | "udp6" | "UNCONN" => Some("udp"),
        _ => None,
    }
}

/// "[::]:22", "*:80", "127.0.0.53%lo:53"
fn address(text: &str) -> Option<(String, u16)> {
    let (address, port) = text.rsplit_once(':')?;
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let address = address.split('%').next().unwrap_or(address).trim_end_matches(']');
    let address = if address.is_empty() { "*" } else { address };
    Some((word(address), port.parse().ok()?))
}

/// "tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=12,fd=3))"
fn from_ss(text: &str) -> Vec<Listener> {
    let line = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let protocol = protocol(words.first()?)?;
        let (address, port) = address(words.get(4)?)?;
        let users = line.split_once("users:((\"").and_then(|(_, rest)| rest.split_once('"'));
        Some(Listener { port, protocol, address, process: users.map(|(name, _)| word(name)).unwrap_or_default() })
    };
    text.lines().filter_map(line).collect()
}

/// "tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN 12/sshd"; udp has no state.
fn from_netstat(text: &str) -> Vec<Listener> {
    let line = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let protocol = protocol(words.first()?)?;
        let (address, port) = address(words.get(3)?)?;
        let process = words.iter().skip(5).find_map(|word| word.split_once('/'));
        let process = process.map(|(_, name)| word(name.trim_end_matches(':'))).unwrap_or_default();
        Some(Listener { port, protocol, address, process })
    };
    text.lines().filter_map(line).collect()
}

/// "  0: 00000000:0016 00000000:0000 0A …": hexadecimal; state 0A listens, and 07 is an unconnected UDP socket.
fn from_kernel(text: &str) -> Vec<Listener> {
    let line = |line: &str| {
        let (path, rest) = line.split_once(':')?;
        let protocol = protocol(path.rsplit('/').next()?)?;
        let words: Vec<_> = rest.split_whitespace().collect();
        let (address, port) = words.get(1)?.rsplit_once(':')?;
        let listening = if protocol == "tcp" { "0A" } else { "07" };
        let port = u16::from_str_radix(port, 16).ok().filter(|_| words.get(3) == Some(&listening))?;
        Some(Listener { port, protocol, address: kernel_address(address)?, process: String::new() })
    };
    text.lines().filter_map(line).collect()
}

/// Words of 32 bits, each in the order of the machine; every machine we know is little-endian.
fn kernel_address(hex: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> =
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok()).collect();
    let bytes: Vec<u8> = bytes?.chunks(4).flat_map(|word| word.iter().rev().copied().collect::<Vec<_>>()).collect();
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|b| Ipv4Addr::from(b).to_string()),
        16 => <[u8; 16]>::try_from(bytes).ok().map(|b| Ipv6Addr::from(b).to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{covers, from_kernel, from_netstat, from_ss};

    #[test]
    fn three_tools_say_the_same() {
        let ss = from_ss("Netid State Recv-Q\ntcp   LISTEN 0 128 [::]:22 [::]:* users:((\"sshd\",pid=12,fd=3))\n");
        let netstat = from_netstat("tcp6 0 0 :::22 :::* LISTEN 12/sshd: /usr/sbin\n");
        assert_eq!(ss, netstat);
        let kernel = from_kernel(
            "/proc/net/tcp:   0: 0100007F:0016 00000000:0000 0A 0 0\n/proc/net/tcp:   1: 0100007F:0017 00000000:0000 01 0 0",
        );
        assert_eq!(kernel.len(), 1);
        assert_eq!((kernel[0].address.as_str(), kernel[0].port), ("127.0.0.1", 22));
    }

    #[test]
    fn a_range_covers_its_ports() {
        assert!(covers("49152-65535/udp", 50000, "udp"));
        assert!(!covers("49152-65535/udp", 50000, "tcp"));
    }
}

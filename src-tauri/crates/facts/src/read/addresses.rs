//! Addresses, routes, names and links.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Cited, Notes, word};
use super::system::no_source;
use crate::{Confidence, Key, Kind, Value, Why};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) fn read(answers: &Answers, context: &Context, notes: &mut Notes) {
    read_addresses(answers, context, notes);
    read_routes(answers, notes);
    read_link(answers, notes);
    read_names(answers, notes);
    read_vpn(answers, notes);
}

/// One address on one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Address {
    interface: String,
    ip: IpAddr,
}

fn addresses(answers: &Answers) -> Result<(Vec<Address>, &'static str, String), Silence> {
    if let Ok(said) = answers.said("address.ip") {
        return Ok((from_ip(&said.text), "ip -o addr show", said.text.clone()));
    }
    match answers.said("address.kernel") {
        Ok(said) => Ok((from_kernel(&said.text), "cat /proc/net/fib_trie /proc/net/if_inet6", said.text.clone())),
        Err(_) => Err(answers.said("address.ip").err().unwrap_or(Silence::NotYet)),
    }
}

/// "2: eth0    inet 203.0.113.7/24 brd … scope global eth0\ …"
fn from_ip(text: &str) -> Vec<Address> {
    let line = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let interface = words.next()?.split('@').next()?;
        let family = words.next().filter(|family| family.starts_with("inet"))?;
        let ip = words.next()?.split('/').next()?.parse().ok()?;
        let _ = family;
        Some(Address { interface: word(interface), ip })
    };
    text.lines().filter_map(line).collect()
}

/// The kernel's own tables name no interface for IPv4: "|-- 203.0.113.7" with "/32 host LOCAL" under it.
fn from_kernel(text: &str) -> Vec<Address> {
    let mut found = Vec::new();
    let mut last = None;
    for line in text.lines().filter_map(|line| line.split_once(':')) {
        match line {
            (path, line) if path.ends_with("/fib_trie") => {
                if let Some((_, ip)) = line.split_once("|-- ") {
                    last = ip.trim().parse::<Ipv4Addr>().ok();
                } else if line.contains("/32 host LOCAL") {
                    found.extend(last.take().map(|ip| Address { interface: String::new(), ip: ip.into() }));
                }
            }
            // "fe80000000000000… 02 40 20 80 eth0"
            (_, line) => {
                let words: Vec<_> = line.split_whitespace().collect();
                let ip = words.first().and_then(|hex| u128::from_str_radix(hex, 16).ok());
                if let (Some(ip), Some(name)) = (ip, words.get(5)) {
                    found.push(Address { interface: word(name), ip: Ipv6Addr::from(ip).into() });
                }
            }
        }
    }
    found.dedup();
    found
}

/// Where an address can be reached from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Internet,
    /// 100.64.0.0/10: behind the provider's own translation (RFC 6598).
    Carrier,
    Private,
    Here,
}

fn reach(ip: IpAddr) -> Reach {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            match v4 {
                _ if v4.is_loopback() || v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast() => Reach::Here,
                _ if v4.is_link_local() => Reach::Here,
                _ if a == 100 && b & 0xc0 == 64 => Reach::Carrier,
                _ if v4.is_private() || a >= 240 || a == 0 || (a == 198 && b & 0xfe == 18) => Reach::Private,
                _ => Reach::Internet,
            }
        }
        IpAddr::V6(v6) => match v6.segments()[0] {
            0 => Reach::Here,
            first if first & 0xff00 == 0xff00 || first & 0xffc0 == 0xfe80 => Reach::Here,
            first if first & 0xfe00 == 0xfc00 => Reach::Private,
            _ => Reach::Internet,
        },
    }
}

/// An interface that a container engine or a VPN made for itself is no way to the internet.
fn is_inner(interface: &str) -> bool {
    [
        "docker",
        "br-",
        "veth",
        "cni",
        "flannel",
        "cali",
        "virbr",
        "lxc",
        "lxd",
        "podman",
        "wg",
        "tun",
        "tailscale",
        "zt",
        "kube",
    ]
    .iter()
    .any(|start| interface.starts_with(start))
}

fn read_addresses(answers: &Answers, context: &Context, notes: &mut Notes) {
    let kinds = [Kind::AddressAll, Kind::AddressPublic, Kind::AddressNat];
    let (addresses, command, text) = match addresses(answers) {
        Ok(found) => found,
        Err(silence) => return notes.silent_kinds(&kinds, &silence),
    };
    let cited = notes.cite(command, &text, 0);
    let all = addresses.iter().filter(|a| reach(a.ip) != Reach::Here);
    let all: Vec<_> = all.map(|a| format!("{} {}", a.ip, a.interface).trim_end().to_owned()).collect();
    notes.tell(Kind::AddressAll, Value::List(all), &cited);
    let outer = || addresses.iter().filter(|a| a.ip.is_ipv4() && !is_inner(&a.interface));
    let mut public: Vec<String> =
        outer().filter(|a| reach(a.ip) == Reach::Internet).map(|a| a.ip.to_string()).collect();
    if !public.is_empty() {
        notes.tell(Kind::AddressPublic, Value::List(public), &cited);
        return notes.tell(Kind::AddressNat, Value::Text("none".to_owned()), &cited);
    }
    // The way by which we came in tells more than the server can know of itself.
    let dialled = context.dialled.filter(|ip| ip.is_ipv4() && reach(*ip) == Reach::Internet);
    let nat = match dialled {
        Some(ip) => {
            public.push(ip.to_string());
            "cloud"
        }
        None if outer().any(|a| reach(a.ip) == Reach::Carrier) => "carrier",
        None => "private",
    };
    notes.infer(Kind::AddressPublic, Value::List(public), &cited);
    notes.infer(Kind::AddressNat, Value::Text(nat.to_owned()), &cited);
}

/// Whether an IPv6 address here can be reached from elsewhere, be it only from the same network.
pub(super) fn has_global_v6(answers: &Answers) -> bool {
    let found = addresses(answers).map(|(found, ..)| found).unwrap_or_default();
    found.iter().any(|a| a.ip.is_ipv6() && !is_inner(&a.interface) && reach(a.ip) != Reach::Here)
}

/// One row of `/proc/net/route`.
#[derive(Clone, Debug)]
struct Route {
    interface: String,
    to: u32,
    mask: u32,
}

fn routes(answers: &Answers) -> Result<(Vec<Route>, String), Silence> {
    let files = answers.files("routes")?;
    let text = files.text("/proc/net/route");
    // "eth0 00000000 0100000A 0003 0 0 0 00000000 …": hexadecimal, the bytes in reverse order.
    let row = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let number = |i: usize| u32::from_str_radix(words.get(i)?, 16).ok().map(u32::swap_bytes);
        // A route that is down is none.
        let up = words.get(3).and_then(|flags| u32::from_str_radix(flags, 16).ok())? & 1 == 1;
        up.then_some(Route { interface: word(words.first()?), to: number(1)?, mask: number(7)? })
    };
    Ok((text.lines().filter_map(row).collect(), text))
}

/// The interface by which packets leave for the internet.
pub(super) fn default_interface(answers: &Answers) -> Option<String> {
    let (routes, _) = routes(answers).ok()?;
    let v4 = routes.into_iter().find(|route| route.to == 0 && route.mask == 0).map(|route| route.interface);
    v4.or_else(|| default_v6(answers))
}

/// The same for IPv6: the row whose destination is all zeros with a length of zero, and that is not the loopback's.
fn default_v6(answers: &Answers) -> Option<String> {
    let files = answers.files("routes").ok()?;
    let zeros = "0".repeat(32);
    files.of("/proc/net/ipv6_route").find_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let interface = words.last().filter(|name| **name != "lo")?;
        (words.first() == Some(&zeros.as_str()) && words.get(1) == Some(&"00")).then(|| word(interface))
    })
}

fn read_routes(answers: &Answers, notes: &mut Notes) {
    let (routes, text) = match routes(answers) {
        Ok(found) => found,
        Err(silence) => {
            notes.silent_kinds(&[Kind::RouteDefault], &silence);
            return notes.silent(answers.asked(Kind::NetRoute).cloned(), &silence);
        }
    };
    let cited = notes.cite("ip route", &text, 0);
    notes.tell(Kind::RouteDefault, Value::Flag(default_interface(answers).is_some()), &cited);
    for key in answers.asked(Kind::NetRoute) {
        let Some((to, mask)) = network(key.argument()) else {
            notes.unknown(key.clone(), Why::Unreadable { answer: key.argument().to_owned() }, &cited);
            continue;
        };
        // Two networks overlap when they agree in the shorter of their masks; the default route covers all and counts not.
        let in_the_way = routes.iter().any(|route| route.mask != 0 && (route.to ^ to) & route.mask & mask == 0);
        notes.reported(key.clone(), Value::Flag(in_the_way), &cited);
    }
}

/// "10.42.0.0/16"
fn network(text: &str) -> Option<(u32, u32)> {
    let (ip, bits) = text.split_once('/')?;
    let bits: u32 = bits.parse().ok().filter(|bits| (1..=32).contains(bits))?;
    let mask = u32::MAX << (32 - bits);
    Some((u32::from(ip.parse::<Ipv4Addr>().ok()?) & mask, mask))
}

fn read_link(answers: &Answers, notes: &mut Notes) {
    let kinds = [Kind::NetMtu, Kind::NetLink];
    let (said, name) = match (answers.said("interfaces"), answers.said("routes")) {
        (Ok(said), Ok(_)) => (said, default_interface(answers)),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent_kinds(&kinds, &silence),
    };
    let Some(name) = name else {
        return notes.silent_kinds(&kinds, &Silence::Because(no_source("a default route")));
    };
    let line = said.text.lines().find(|line| line.split(' ').next() == Some(&name)).unwrap_or_default();
    let field = |wanted: &str| {
        line.split(' ').filter_map(|word| word.split_once('=')).find(|(n, _)| *n == wanted).map(|(_, v)| v)
    };
    let cited = notes.cite(format!("cat /sys/class/net/{name}/mtu /sys/class/net/{name}/speed"), line, 0);
    match field("mtu").and_then(|mtu| mtu.parse().ok()) {
        Some(mtu) => notes.tell(Kind::NetMtu, Value::Count(mtu), &cited),
        None => notes.unknown(Key::plain(Kind::NetMtu), no_source("mtu of the interface"), &cited),
    }
    if !answers.settled("virt.machine") || (!notes.facts().has(&Key::plain(Kind::VirtKind)) && !answers.ended()) {
        return;
    }
    let speed = field("speed").and_then(|speed| speed.parse::<i64>().ok()).filter(|&speed| speed > 0);
    // A virtual machine's interface says -1, or a number its driver made up.
    let real = notes.known_text(Kind::VirtKind) == Some("none");
    match speed.filter(|_| real) {
        Some(speed) => {
            let mbps = Value::Mbps(speed as f64);
            notes.tell(Kind::NetLink, mbps.clone(), &cited);
            // The cable is no promise of the provider.
            notes.learn(Key::plain(Kind::NetBandwidth), mbps, Confidence::Inferred, &cited);
        }
        None => {
            notes.unknown(Key::plain(Kind::NetLink), Why::NotMeasured, &cited);
            notes.unknown(Key::plain(Kind::NetBandwidth), Why::NotMeasured, &cited);
        }
    }
}

fn read_names(answers: &Answers, notes: &mut Notes) {
    match answers.files("system") {
        Ok(files) => {
            let text = files.text("/etc/resolv.conf");
            let cited = notes.cite("cat /etc/resolv.conf", &text, i32::from(text.is_empty()));
            // Asking would be traffic that nobody agreed to: a server to ask is what can be seen.
            let server = text.lines().any(|line| line.trim_start().starts_with("nameserver"));
            notes.infer(Kind::DnsWorks, Value::Flag(server), &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::DnsWorks], &silence),
    }
    match answers.said("login") {
        Ok(said) => {
            let proxy = said.text.lines().find_map(|line| line.strip_prefix("proxy ")).unwrap_or_default().trim();
            let cited = notes.cite("echo $https_proxy", proxy, 0);
            let value = if proxy.is_empty() { Value::Absent } else { Value::Text(word(proxy)) };
            notes.tell(Kind::NetProxy, value, &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::NetProxy], &silence),
    }
}

fn read_vpn(answers: &Answers, notes: &mut Notes) {
    let (marks, interfaces) = match (answers.said("marks"), answers.said("interfaces")) {
        (Ok(marks), Ok(interfaces)) => (marks, interfaces),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent_kinds(&[Kind::VpnKinds], &silence),
    };
    let has = |start: &str| marks.text.lines().any(|line| line.starts_with(start));
    let mut kinds = Vec::new();
    if has("/etc/wireguard/") || interfaces.text.lines().any(|line| line.contains(" kind=wireguard")) {
        kinds.push("wireguard".to_owned());
    }
    if has("/etc/openvpn/") {
        kinds.push("openvpn".to_owned());
    }
    // Only root sees into /etc/wireguard.
    let blind = kinds.is_empty() && !answers.text("self").is_some_and(super::parameters::is_root);
    let cited = notes.cite("ls /etc/wireguard /etc/openvpn; ip link show type wireguard", &kinds.join("\n"), 0);
    if blind {
        notes.unknown(Key::plain(Kind::VpnKinds), Why::NeedsAdministrator, &Cited::new());
    } else {
        notes.tell(Kind::VpnKinds, Value::List(kinds), &cited);
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, from_ip, network, reach};

    #[test]
    fn addresses_are_told_apart_by_their_masks() {
        for (ip, expected) in [
            ("203.0.113.7", Reach::Internet),
            ("100.64.0.1", Reach::Carrier),
            ("100.127.255.255", Reach::Carrier),
            ("100.128.0.1", Reach::Internet),
            ("172.31.0.1", Reach::Private),
            ("172.32.0.1", Reach::Internet),
            ("169.254.1.1", Reach::Here),
            ("fd00::2", Reach::Private),
            ("fe80::1", Reach::Here),
            ("2a01:4f8::1", Reach::Internet),
        ] {
            assert_eq!(reach(ip.parse().expect(ip)), expected, "{ip}");
        }
    }

    #[test]
    fn an_interface_in_a_container_has_its_partner_behind_an_at() {
        let found = from_ip("2: host0@if5    inet 10.97.0.2/30 scope global host0\\ valid_lft forever\n");
        assert_eq!(found[0].interface, "host0");
    }

    #[test]
    fn a_network_has_a_mask() {
        assert_eq!(network("10.42.0.0/16"), Some((0x0a2a_0000, 0xffff_0000)));
        assert_eq!(network("10.42.0.0"), None);
    }
}

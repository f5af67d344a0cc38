//! What was found of a port in plain words: where it is stopped, by what, and what to do next.

use super::judge::Reason;
use super::told::Told;
use super::{Asked, Door, Port, Verdict};
use crate::Ground;
use facts::{Key, Kind, Value};

/// Why knocking from here would say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// This computer is the server.
    Here,
    SameNetwork,
    /// The server's address is one that its provider shares among many (RFC 6598).
    Carrier,
    /// No address of the server that this computer can call directly.
    NoWay,
}

pub(super) fn not_from_here(name: &str, why: &Why) -> Port {
    let (sentence, next) = match why {
        Why::Here => (
            "Not conclusive: this computer is the server itself.",
            "Measure from another computer, outside its network.",
        ),
        Why::SameNetwork => (
            "Not conclusive from here: this computer and the server are in the same network.",
            "Measure from another network, for example over a phone.",
        ),
        Why::Carrier => (
            "Not conclusive: the server has an address that its provider shares among many (CGNAT).",
            "Ask the provider for a public address of its own.",
        ),
        Why::NoWay => (
            "Not conclusive from here: this computer has no direct way to an address of the server.",
            "Measure from a computer that can call the server directly.",
        ),
    };
    let (sentence, next) = (sentence.to_owned(), next.to_owned());
    Port { name: name.to_owned(), verdict: Verdict::Inconclusive, good: None, sentence, next, tried: String::new() }
}

/// What all doors of a port come to: the worst of them counts.
pub(super) fn port(asked: &Asked, doors: &[(Door, Verdict, Reason)], told: &Told, ground: &Ground<'_>) -> Port {
    let worst =
        [Verdict::BlockedHere, Verdict::BlockedBefore, Verdict::Inconclusive, Verdict::NothingListens, Verdict::Open];
    let of = |verdict: Verdict| doors.iter().filter(move |(_, found, _)| *found == verdict);
    let verdict = worst.into_iter().find(|verdict| of(*verdict).next().is_some()).unwrap_or(Verdict::Inconclusive);
    let reason = of(verdict).map(|(_, _, reason)| *reason).next().unwrap_or(Reason::Silence);
    let mut sentence = sentence(asked, verdict, reason, told, ground);
    let concerned: Vec<Door> = of(verdict).map(|(door, _, _)| *door).collect();
    if concerned.len() < doors.len() {
        sentence.push_str(&format!(" This is so for {}.", which(&concerned, doors)));
    }
    let closed = ground.closed.contains(&asked.name);
    let next = if closed { next_of_closed(asked, verdict) } else { next(asked, verdict, reason, told, ground) };
    let good = match verdict {
        Verdict::Open | Verdict::NothingListens => Some(!closed || verdict == Verdict::NothingListens),
        Verdict::BlockedHere | Verdict::BlockedBefore => Some(closed),
        Verdict::Inconclusive => None,
    };
    Port { name: asked.name.clone(), verdict, good, sentence, next, tried: tried(asked, doors) }
}

/// "IPv6", or "3 of 10 ports".
fn which(concerned: &[Door], all: &[(Door, Verdict, Reason)]) -> String {
    let one_family = concerned.iter().all(|door| door.v6 == concerned.first().is_some_and(|first| first.v6));
    let whole_family = concerned
        .first()
        .is_some_and(|first| all.iter().filter(|(door, _, _)| door.v6 == first.v6).count() == concerned.len());
    match concerned.first() {
        Some(first) if one_family && whole_family => family(first.v6).to_owned(),
        _ => format!("{} of {} tries", concerned.len(), all.len()),
    }
}

fn family(v6: bool) -> &'static str {
    if v6 { "IPv6" } else { "IPv4" }
}

fn tried(asked: &Asked, doors: &[(Door, Verdict, Reason)]) -> String {
    let has = |v6: bool| doors.iter().any(|(door, _, _)| door.v6 == v6);
    let families = match (has(false), has(true)) {
        (true, true) => "IPv4 and IPv6",
        (false, true) => "IPv6",
        _ => "IPv4",
    };
    match asked.samples().len() {
        1 => families.to_owned(),
        count => format!("{count} spread over the range, {families}"),
    }
}

fn sentence(asked: &Asked, verdict: Verdict, reason: Reason, told: &Told, ground: &Ground<'_>) -> String {
    let what = if asked.tcp { "connection" } else { "packet" };
    match (verdict, reason) {
        (Verdict::Open, Reason::Taken) => "Open: it was answered.".to_owned(),
        (Verdict::Open, _) => format!("Open: our {what} arrived. Nothing of the server's own listens there yet."),
        (Verdict::NothingListens, _) => "The way is free, and nothing listens there.".to_owned(),
        (Verdict::BlockedHere, _) => format!("Blocked on the server: {}", rule(asked, ground)),
        (Verdict::BlockedBefore, Reason::Elsewhere(port)) => {
            format!("Blocked before the server: something in front of it sends this to port {port} instead.")
        }
        (Verdict::BlockedBefore, Reason::InItsPlace) => {
            "Blocked before the server: something in front of it answers in its place.".to_owned()
        }
        (Verdict::BlockedBefore, Reason::AsRead) => {
            format!("Blocked before the server: its own firewall lets this in, and our {what} did not arrive.")
        }
        (Verdict::BlockedBefore, _) => {
            format!(
                "Blocked before the server: our {what} never came to it. A provider's firewall or a router stops it."
            )
        }
        (Verdict::Inconclusive, Reason::Taken) => {
            "Not conclusive: our packets reach the server, and the program that has the port does not answer strangers."
                .to_owned()
        }
        (Verdict::Inconclusive, _) if told.no_tool => {
            "Not conclusive: the server has no tool that could listen for us (python3 or perl).".to_owned()
        }
        (Verdict::Inconclusive, _) => {
            format!("Not conclusive: our {what} went unanswered, and nobody on the server could tell whether it came.")
        }
    }
}

fn next(asked: &Asked, verdict: Verdict, reason: Reason, told: &Told, ground: &Ground<'_>) -> String {
    match verdict {
        Verdict::Open => String::new(),
        Verdict::NothingListens => "Start the service that should answer there.".to_owned(),
        Verdict::BlockedHere => format!("Let {} in; Plumbline can do that in the next step.", asked.name),
        Verdict::BlockedBefore => {
            let place = provider(ground)
                .unwrap_or("Open it in your provider's firewall, or on the router in front of the server");
            format!("{place}: {} for inbound traffic from anywhere.", asked.name)
        }
        Verdict::Inconclusive if told.no_tool => "Install python3, or start the service, and measure again.".to_owned(),
        Verdict::Inconclusive if reason == Reason::Taken => {
            "Stop the program for a moment and measure again, or look whether it has partners.".to_owned()
        }
        Verdict::Inconclusive => "Sign in as an administrator and measure again.".to_owned(),
    }
}

/// What to do about a port that is nobody's business outside.
fn next_of_closed(asked: &Asked, verdict: Verdict) -> String {
    match verdict {
        Verdict::Open => format!("Close {} to the outside: only the server itself needs it.", asked.name),
        Verdict::BlockedHere | Verdict::BlockedBefore => "That is as it should be.".to_owned(),
        Verdict::NothingListens | Verdict::Inconclusive => String::new(),
    }
}

/// The rule that names the port and stops it, as the server printed it; else what becomes of what no rule names.
fn rule(asked: &Asked, ground: &Ground<'_>) -> String {
    let text = |kind: Kind| match ground.facts.value(&Key::plain(kind)) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let manager = text(Kind::FirewallManager).filter(|manager| manager != "none");
    let manager = manager.unwrap_or_else(|| "the firewall".to_owned());
    let read = Key::of(Kind::PortAllowed, &asked.name).map(|key| ground.facts.evidence(&key)).unwrap_or_default();
    let stops = |line: &&str| {
        let lower = line.to_ascii_lowercase();
        let names_it = lower
            .split(|c: char| !c.is_ascii_digit())
            .any(|number| number.parse::<u16>().is_ok_and(|number| number == asked.low || number == asked.high));
        names_it && ["drop", "reject"].iter().any(|word| lower.contains(word))
    };
    let named = read.iter().flat_map(|evidence| evidence.output.lines()).find(stops);
    match named {
        Some(line) => format!("{manager} has the rule “{}”.", remote::visible(line.trim(), 120)),
        None if text(Kind::FirewallDefault).as_deref() == Some("drop") => {
            format!("{manager} lets in only what a rule names, and no rule names this port.")
        }
        None => format!("{manager} stops it."),
    }
}

/// Where a provider keeps its own firewall.
struct Provider {
    /// What is part of the maker's name that the machine tells.
    makers: &'static [&'static str],
    /// How the names end that it gives to machines; some providers' machines name no maker of their own.
    domains: &'static [&'static str],
    /// An order to a person, up to what is to be opened.
    place: &'static str,
}

const PROVIDERS: [Provider; 10] = [
    Provider {
        makers: &["amazon"],
        domains: &[".compute.internal", ".ec2.internal", ".amazonaws.com"],
        place: "In the AWS console, open EC2, Security Groups, Inbound rules, and add",
    },
    Provider {
        makers: &["hetzner"],
        domains: &[".your-server.de"],
        place: "In the Hetzner Console, open Firewalls (for a dedicated server: Robot, Server, Firewall), and add",
    },
    Provider {
        makers: &["ovh"],
        domains: &[".ovh.net", ".ovh.ca", ".ovh.us"],
        place: "In the OVHcloud Control Panel, open Network, Public IP Addresses, Edge Network Firewall, and add",
    },
    Provider {
        makers: &["contabo"],
        domains: &[".contaboserver.net"],
        place: "In the Contabo Customer Control Panel, open Firewall, and add",
    },
    Provider {
        makers: &["digitalocean"],
        domains: &[],
        place: "In the DigitalOcean control panel, open Networking, Firewalls, Inbound Rules, and add",
    },
    Provider {
        makers: &["google"],
        domains: &[".google.internal", ".googleusercontent.com"],
        place: "In the Google Cloud console, open VPC network, Firewall, and add a rule that allows",
    },
    Provider {
        makers: &["microsoft"],
        domains: &[".cloudapp.net", ".cloudapp.azure.com"],
        // a Hyper-V of one's own gives the same maker
        place: "In the Azure portal (or on a Hyper-V host of your own, in its network), open the machine's Networking, \
                Inbound port rules, and add",
    },
    Provider {
        makers: &["vultr"],
        domains: &[".vultrusercontent.com", ".vultr.guest"],
        place: "In the Vultr console, open Network, Firewall, and add",
    },
    Provider {
        makers: &["linode", "akamai"],
        domains: &[".linode.com", ".linodeusercontent.com"],
        place: "In the Akamai Cloud Manager (Linode), open Firewalls, Rules, Inbound, and add",
    },
    Provider {
        makers: &["oracle"],
        domains: &[".oraclevcn.com"],
        place: "In the Oracle Cloud console, open the subnet's Security Lists, Ingress Rules, and add",
    },
];

fn provider(ground: &Ground<'_>) -> Option<&'static str> {
    let said = |kind| match ground.facts.value(&Key::plain(kind)) {
        Some(Value::Text(text)) => text.to_ascii_lowercase(),
        _ => String::new(),
    };
    let (maker, host) = (said(Kind::HostVendor), said(Kind::HostName));
    let is = |provider: &&Provider| {
        provider.makers.iter().any(|name| maker.contains(name))
            || provider.domains.iter().any(|end| host.ends_with(end))
    };
    PROVIDERS.iter().find(is).map(|provider| provider.place)
}

#[cfg(test)]
mod tests {
    use super::{Asked, Door, Reason, Told, Verdict, port};
    use crate::Ground;
    use facts::{Evidence, Facts, Key, Kind, Reading, Value};

    fn facts(vendor: &str, rules: &str) -> Facts {
        let mut facts = Facts::default();
        let told = |text: &str| Reading::reported(Value::Text(text.to_owned()));
        facts.learn(Key::plain(Kind::HostVendor), told(vendor), Vec::new());
        facts.learn(Key::plain(Kind::FirewallManager), told("nftables"), Vec::new());
        facts.learn(Key::plain(Kind::FirewallDefault), told("drop"), Vec::new());
        let kept =
            facts.keep(Evidence { command: "nft list ruleset".to_owned(), output: rules.to_owned(), exit: Some(0) });
        let key = Key::of(Kind::PortAllowed, "9000/udp").expect("a key");
        facts.learn(key, Reading::reported(Value::Flag(false)), vec![kept]);
        facts
    }

    fn found(facts: &Facts, verdicts: &[(bool, Verdict, Reason)]) -> super::Port {
        let asked = Asked::read("9000/udp").expect("a port");
        let door = |v6| Door { tcp: false, port: 9000, v6 };
        let doors: Vec<_> = verdicts.iter().map(|(v6, verdict, reason)| (door(*v6), *verdict, *reason)).collect();
        port(
            &asked,
            &doors,
            &Told::default(),
            &Ground { facts, name: "", dialled: None, here: false, closed: &[], storage_key: None },
        )
    }

    #[test]
    fn a_block_on_the_server_names_the_rule_or_the_lack_of_one() {
        let blocked = [(false, Verdict::BlockedHere, Reason::Plain)];
        let named = found(&facts("", "\t\tudp dport 9000 drop\n\t\ttcp dport 443 accept\n"), &blocked);
        assert_eq!(named.sentence, "Blocked on the server: nftables has the rule “udp dport 9000 drop”.");
        let unnamed = found(&facts("", "tcp dport 22 accept\n"), &blocked);
        assert!(
            unnamed.sentence.ends_with("lets in only what a rule names, and no rule names this port."),
            "{unnamed:?}"
        );
    }

    #[test]
    fn a_block_before_it_names_the_providers_own_screen() {
        let blocked = [(false, Verdict::BlockedBefore, Reason::Plain)];
        for (vendor, host, word) in [
            ("Amazon EC2 t3.large", "", "Security Groups"),
            ("Hetzner vServer", "", "Hetzner Console"),
            ("QEMU Standard PC", "static.4.3.2.1.clients.your-server.de", "Hetzner Console"),
            ("OVH", "", "OVHcloud Control Panel"),
            ("OpenStack Foundation", "vps-1a2b3c4d.vps.ovh.net", "OVHcloud Control Panel"),
            ("QEMU Standard PC", "vmi123456.contaboserver.net", "Contabo Customer Control Panel"),
            ("DigitalOcean Droplet", "", "DigitalOcean control panel"),
            ("Google Google Compute Engine", "", "Google Cloud console"),
            ("Microsoft Corporation Virtual Machine", "", "Azure portal"),
            ("Vultr VC2", "", "Vultr console"),
            ("Linode Compute Instance", "", "Akamai Cloud Manager"),
            ("Akamai Compute Instance", "", "Akamai Cloud Manager"),
            ("QEMU Standard PC", "web.sub1.vcn1.oraclevcn.com", "Oracle Cloud console"),
            // a name that a person gave says nothing of whose machine it is
            ("QEMU Standard PC", "google-oracle-amazon", "your provider"),
            ("QEMU Standard PC", "", "your provider"),
        ] {
            let mut facts = facts(vendor, "");
            let name = Reading::reported(Value::Text(host.to_owned()));
            facts.learn(Key::plain(Kind::HostName), name, Vec::new());
            let next = found(&facts, &blocked).next;
            assert!(next.contains(word) && next.contains("9000/udp"), "{vendor} {host}: {next}");
        }
    }

    #[test]
    fn nobody_is_told_to_open_what_should_stay_closed() {
        let facts = facts("Hetzner vServer", "");
        let asked = Asked::read("5432/tcp").expect("a port");
        let closed = ["5432/tcp".to_owned()];
        let ground = Ground { facts: &facts, name: "", dialled: None, here: false, closed: &closed, storage_key: None };
        let found = |verdict| {
            let door = Door { tcp: true, port: 5432, v6: false };
            port(&asked, &[(door, verdict, Reason::Plain)], &Told::default(), &ground)
        };
        let blocked = found(Verdict::BlockedHere);
        assert_eq!((blocked.good, blocked.next.as_str()), (Some(true), "That is as it should be."));
        let open = found(Verdict::Open);
        assert!(open.good == Some(false) && open.next.starts_with("Close 5432/tcp"), "{open:?}");
    }

    #[test]
    fn one_family_that_is_closed_is_named() {
        let mixed = [(false, Verdict::Open, Reason::Plain), (true, Verdict::BlockedHere, Reason::Plain)];
        let port = found(&facts("", ""), &mixed);
        assert_eq!(port.verdict, Verdict::BlockedHere);
        assert!(port.sentence.ends_with("This is so for IPv6."), "{}", port.sentence);
    }
}

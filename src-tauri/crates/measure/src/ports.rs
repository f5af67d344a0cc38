//! Ports as seen from this computer: knocked at from here, answered over there by a responder that listens for a moment
//! where nothing does, and told apart by what the server saw come in.

mod judge;
mod knock;
mod told;
mod words;

use crate::{Evidence, Ground, Measured, Progress, Tell, What};
use facts::{Key, Kind, Value};
use judge::{Knock, Known};
use remote::{Elevate, Event, Input, Job, Remote, Running};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use told::Told;

/// Of a range so many ports are tried, spread over it.
const SAMPLES: u32 = 10;
/// The responder ends by itself after this long.
const SECONDS: u32 = 20;
/// What is on its way when the last knock is over.
const TRAILING: Duration = Duration::from_millis(700);
/// So long its end is waited for. It ends all the same where nobody hears of it.
const ENDING: Duration = Duration::from_secs(2);

/// What a port turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Open,
    NothingListens,
    BlockedHere,
    BlockedBefore,
    Inconclusive,
}

impl Verdict {
    /// The word in facts and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Open => "open",
            Verdict::NothingListens => "nothing_listens",
            Verdict::BlockedHere => "blocked_here",
            Verdict::BlockedBefore => "blocked_before",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// One port, or a range of them, as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// `49152-65535/udp`.
    pub name: String,
    pub verdict: Verdict,
    /// Whether that is how it should be; `None` where it could not be told.
    pub good: Option<bool>,
    /// Where it is stopped and by what, in one sentence.
    pub sentence: String,
    /// What to do next; empty where nothing is to be done.
    pub next: String,
    /// "IPv4 and IPv6", "10 spread over the range, IPv4".
    pub tried: String,
}

/// `49152-65535/udp`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    name: String,
    tcp: bool,
    low: u16,
    high: u16,
}

impl Asked {
    fn read(name: &str) -> Option<Asked> {
        let (ports, protocol) = name.split_once('/')?;
        let (low, high) = ports.split_once('-').unwrap_or((ports, ports));
        Some(Asked { name: name.to_owned(), tcp: protocol == "tcp", low: low.parse().ok()?, high: high.parse().ok()? })
    }

    fn samples(&self) -> Vec<u16> {
        let (low, width) = (u32::from(self.low), u32::from(self.high - self.low));
        let count = SAMPLES.min(width + 1);
        let nth = |n: u32| u16::try_from(low + width * n / (count - 1).max(1)).unwrap_or(self.high);
        (0..count).map(nth).collect()
    }
}

/// A port in one family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Door {
    tcp: bool,
    port: u16,
    v6: bool,
}

/// Measures `names`. Dropping the future ends it on both sides.
pub(crate) async fn measure(
    remote: &dyn Remote,
    names: &[String],
    ground: &Ground<'_>,
    tell: &mut Tell<'_>,
) -> Result<Measured, remote::Error> {
    let asked: Vec<Asked> = names.iter().filter_map(|name| Asked::read(name)).collect();
    let what = What::Ports(names.to_vec());
    let addresses = match ways(ground) {
        Ok(addresses) => addresses,
        Err(why) => return Ok(all_inconclusive(what, &asked, &why, tell)),
    };
    let nonce = nonce();
    let (told, mut responder) = Responder::start(remote, &asked, &nonce).await?;
    let knocks = knock_all(&asked, &addresses, &nonce);
    let knocks = tokio::select! {
        knocks = knocks => knocks,
        // What it says is taken in meanwhile; that it ends early takes nothing from the knocks.
        error = responder.listen() => return Err(error),
    };
    let _ = tokio::time::timeout(TRAILING, responder.listen()).await;
    responder.end().await;
    let told = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut ports = Vec::new();
    for asked in &asked {
        let port = judged(asked, &addresses, &knocks, &told, ground);
        tell(Progress::Port(port.clone()));
        ports.push(port);
    }
    let evidence = Evidence { command: what.command().to_owned(), output: told.transcript(&knocks), exit: None };
    Ok(Measured { what, figures: Vec::new(), withheld: None, ports, evidence })
}

fn all_inconclusive(what: What, asked: &[Asked], why: &words::Why, tell: &mut Tell<'_>) -> Measured {
    let port = |asked: &Asked| words::not_from_here(&asked.name, why);
    let ports: Vec<Port> = asked.iter().map(port).collect();
    ports.iter().for_each(|port| tell(Progress::Port(port.clone())));
    let evidence = Evidence { command: what.command().to_owned(), output: String::new(), exit: None };
    Measured { what, figures: Vec::new(), withheld: None, ports, evidence }
}

/// The server's addresses that knocking at from here says something about.
fn ways(ground: &Ground<'_>) -> Result<Vec<IpAddr>, words::Why> {
    if ground.here {
        return Err(words::Why::Here);
    }
    let list = |kind: Kind| match ground.facts.value(&Key::plain(kind)) {
        Some(Value::List(items)) => items.iter().filter_map(|item| item.split(' ').next()?.parse().ok()).collect(),
        _ => Vec::<IpAddr>::new(),
    };
    let mut known: Vec<IpAddr> = ground.dialled.into_iter().collect();
    known.extend(list(Kind::AddressPublic));
    known.extend(list(Kind::AddressAll).into_iter().filter(IpAddr::is_ipv6));
    let mut found = Vec::new();
    let mut why = words::Why::NoWay;
    for v6 in [false, true] {
        for address in known.iter().copied().filter(|address| address.is_ipv6() == v6) {
            match (reach(address), knock::from(address)) {
                (Err(reason), _) => why = reason,
                (Ok(()), None) => {}
                (Ok(()), Some(from)) if same_network(from, address) => why = words::Why::SameNetwork,
                (Ok(()), Some(_)) => {
                    found.push(address);
                    break;
                }
            }
        }
    }
    if found.is_empty() { Err(why) } else { Ok(found) }
}

/// Whether an address can be one of the internet's.
fn reach(address: IpAddr) -> Result<(), words::Why> {
    let inside = match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            if a == 100 && b & 0xc0 == 64 {
                return Err(words::Why::Carrier);
            }
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified()
        }
        IpAddr::V6(v6) => {
            let first = v6.segments()[0];
            v6.is_loopback() || v6 == Ipv6Addr::UNSPECIFIED || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
        }
    };
    if inside { Err(words::Why::SameNetwork) } else { Ok(()) }
}

/// Neighbours meet no provider's firewall on their way.
fn same_network(one: IpAddr, other: IpAddr) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => one.octets()[..3] == other.octets()[..3],
        (IpAddr::V6(one), IpAddr::V6(other)) => one.segments()[..4] == other.segments()[..4],
        _ => false,
    }
}

/// A fresh word that nobody else can know.
pub(crate) fn nonce() -> String {
    let mut bytes = [0u8; 12];
    // Without randomness no answer is believed: the word is then one that nobody sends.
    if getrandom::fill(&mut bytes).is_err() {
        return "none".to_owned();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

type Knocks = BTreeMap<Door, (Knock, Option<u16>)>;

async fn knock_all(asked: &[Asked], addresses: &[IpAddr], nonce: &str) -> Knocks {
    let mut tasks = tokio::task::JoinSet::new();
    for (asked, address) in asked.iter().flat_map(|asked| addresses.iter().map(move |address| (asked, *address))) {
        for port in asked.samples() {
            let door = Door { tcp: asked.tcp, port, v6: address.is_ipv6() };
            let nonce = nonce.to_owned();
            tasks.spawn(async move {
                let came = match door.tcp {
                    true => knock::tcp(address, port, &nonce).await,
                    false => (knock::udp(address, port, &nonce).await, None),
                };
                (door, came)
            });
        }
    }
    let mut knocks = Knocks::new();
    while let Some(knocked) = tasks.join_next().await {
        knocks.extend(knocked.ok());
    }
    knocks
}

/// The responder over there, and what it tells.
struct Responder {
    running: Option<Running>,
    /// Nothing is said on it: the responder ends when it does.
    input: Input,
    told: Arc<Mutex<Told>>,
    rest: Vec<u8>,
}

impl Responder {
    /// Starts it and waits until it listens, or until it is clear that nothing will.
    async fn start(
        remote: &dyn Remote,
        asked: &[Asked],
        nonce: &str,
    ) -> Result<(Arc<Mutex<Told>>, Responder), remote::Error> {
        let told = Arc::new(Mutex::new(Told::default()));
        let script = script(asked, nonce);
        let job = Job::new(script).elevate(Elevate::IfPossible).silence(Duration::from_secs(30));
        let (running, input) = remote.converse(job);
        let mut responder = Responder { running: Some(running), input, told: told.clone(), rest: Vec::new() };
        while !responder.settled() {
            responder.step().await?;
        }
        Ok((told, responder))
    }

    fn settled(&self) -> bool {
        self.running.is_none() || self.told.lock().unwrap_or_else(PoisonError::into_inner).ready
    }

    async fn step(&mut self) -> Result<(), remote::Error> {
        let Some(running) = &mut self.running else { return std::future::pending().await };
        match running.events.recv().await {
            Some(Event::Stdout(bytes)) => self.take(&bytes),
            Some(Event::Started { .. } | Event::Stderr(_)) => {}
            Some(Event::Exit { .. }) | None => self.running = None,
            Some(Event::Failed(error)) => return Err(error),
        }
        Ok(())
    }

    /// Takes in what it says until the line fails.
    async fn listen(&mut self) -> remote::Error {
        loop {
            if let Err(error) = self.step().await {
                return error;
            }
        }
    }

    /// Lets go of it, and waits until it listens no more.
    async fn end(self) {
        let Responder { running, input, .. } = self;
        drop(input);
        let Some(mut running) = running else { return };
        let ended = async { while running.events.recv().await.is_some() {} };
        let _ = tokio::time::timeout(ENDING, ended).await;
    }

    fn take(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            told.take(String::from_utf8_lossy(&line).trim());
        }
        self.rest.truncate(4096);
    }
}

/// The words of our own above a script that never changes: letters, digits and commas.
fn script(asked: &[Asked], nonce: &str) -> String {
    let word = |asked: &Asked| {
        let kind = if asked.tcp { 't' } else { 'u' };
        asked.samples().into_iter().map(|port| format!("{kind}{port}")).collect::<Vec<_>>()
    };
    let ports: Vec<String> = asked.iter().flat_map(word).collect();
    let body = include_str!("ports/responder.sh")
        .replace("@python@\n", include_str!("ports/responder.py"))
        .replace("@perl@\n", include_str!("ports/responder.pl"));
    format!("nonce={nonce}\nseconds={SECONDS}\nports={}\n{body}", ports.join(","))
}

fn judged(asked: &Asked, addresses: &[IpAddr], knocks: &Knocks, told: &Told, ground: &Ground<'_>) -> Port {
    let allowed = match Key::of(Kind::PortAllowed, &asked.name).ok().and_then(|key| ground.facts.value(&key).cloned()) {
        Some(Value::Flag(allowed)) => Some(allowed),
        _ => None,
    };
    let mut doors = Vec::new();
    for v6 in addresses.iter().map(IpAddr::is_ipv6) {
        for port in asked.samples() {
            let door = Door { tcp: asked.tcp, port, v6 };
            let Some((knock, near)) = knocks.get(&door).copied() else { continue };
            let known = Known {
                tcp: door.tcp,
                port,
                knock,
                holder: told.holder(door),
                got: told.got(door),
                saw: told.saw(door, near),
                allowed,
            };
            let (verdict, reason) = known.judge();
            doors.push((door, verdict, reason));
        }
    }
    words::port(asked, &doors, told, ground)
}

#[cfg(test)]
mod tests {
    use super::{Asked, same_network, script};

    #[test]
    fn a_range_is_sampled_from_end_to_end() {
        let range = Asked::read("49152-65535/udp").expect("a range").samples();
        assert_eq!((range.len(), range.first(), range.last()), (10, Some(&49152), Some(&65535)));
        assert_eq!(Asked::read("443/tcp").expect("a port").samples(), [443]);
        assert_eq!(Asked::read("5000-5002/tcp").expect("a range").samples(), [5000, 5001, 5002]);
    }

    #[test]
    fn neighbours_are_told_from_strangers() {
        let same = |one: &str, other: &str| same_network(one.parse().expect(one), other.parse().expect(other));
        assert!(same("203.0.113.7", "203.0.113.24") && !same("198.51.100.2", "203.0.113.24"));
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2::9") && !same("2001:db8:1:2::1", "2001:db8:1:3::1"));
    }

    #[test]
    fn the_script_carries_its_words_as_plain_characters_and_both_programs() {
        let asked = [Asked::read("443/tcp").expect("a port"), Asked::read("9000/udp").expect("a port")];
        let script = script(&asked, "abc");
        assert!(script.starts_with("nonce=abc\nseconds=20\nports=t443,u9000\n"), "{script}");
        assert!(!script.contains("@python@") && !script.contains("@perl@"));
    }
}

//! What a server cannot say of itself and has to be tried: how fast its disk, its processor and the way to it
//! are, which of its ports can be reached, what its services answer, and what it can reach itself.
//!
//! Each measurement says its cost beforehand, runs under its own limit, leaves nothing behind, and refuses where it could
//! hurt. Its figures are readings with the confidence "measured".
//!
//! Deliberately absent: what a figure is good for (needs and thresholds are `checks`' business), and changes: a port that
//! is found closed stays closed.

mod figures;
mod outbound;
mod path;
mod ports;
mod served;
mod storage;

use facts::{Confidence, Evidence, Facts, Key, Kind, Reading, Value};
use figures::Said;
use remote::{Cancel, Elevate, Job, Remote};
use std::net::IpAddr;
use std::time::Duration;

pub use ports::{Port, Verdict};
pub use storage::{BadStorage, Storage, StorageKey};

/// Something that can be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The disk under this folder, or under the nearest folder above it that is there.
    Disk(String),
    Processor,
    /// The way between this computer and the server.
    Path,
    /// Ports as seen from this computer, as `9000/udp`.
    Ports(Vec<String>),
    /// What its services answer to this computer: certificates, HTTP, WebSockets.
    Services(Vec<Key>),
    /// What the server itself can reach, as `github.com:443`, or `pool.ntp.org:123/udp`.
    Outbound(Vec<String>),
    /// A place for files that a person named, as it answers this computer.
    Storage(Storage),
}

/// What is known beforehand of the server and of where this computer stands to it.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    pub facts: &'a Facts,
    /// What the person calls it: a name, or an address.
    pub name: &'a str,
    /// The address that was dialled, where one was.
    pub dialled: Option<IpAddr>,
    /// This computer is the server.
    pub here: bool,
    /// Ports that nobody outside should reach, as `5432/tcp`.
    pub closed: &'a [String],
    /// For a [`What::Storage`], where its owner gave one.
    pub storage_key: Option<&'a StorageKey>,
}

/// What is heard while something is measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// "412 Mbps so far", and how much of the whole is done, 0 to 1.
    SoFar { text: String, share: f64 },
    /// One port is settled.
    Port(Port),
}

pub(crate) type Tell<'a> = dyn FnMut(Progress) + Send + 'a;

/// What one measurement gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub what: What,
    /// Empty where it was withheld.
    pub figures: Vec<Figure>,
    /// Why there are no figures, as a sentence.
    pub withheld: Option<String>,
    /// What each port turned out to be.
    pub ports: Vec<Port>,
    pub evidence: Evidence,
}

/// One figure: the middle of several runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub key: Key,
    /// `None` where it was tried and could not be told.
    pub value: Option<Value>,
    pub title: String,
    /// "9,812 a second".
    pub text: String,
    /// "three runs, 9,504 to 9,933".
    pub spread: String,
}

/// What a measurement that talks came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    figures: Vec<Figure>,
    withheld: Option<String>,
    output: String,
}

impl Outcome {
    pub(crate) fn of(figures: Vec<Figure>, output: String) -> Outcome {
        Outcome { figures, withheld: None, output }
    }

    pub(crate) fn withheld(why: &str) -> Outcome {
        Outcome { withheld: Some(why.to_owned()), ..Outcome::default() }
    }
}

/// Longer than any of the scripts takes; each has a limit of its own as well.
const LIMIT: Duration = Duration::from_secs(30);

/// Below this the runs agree; above it something else was at work, and a figure would mislead.
const MOST_STEAL: f64 = 5.0;

/// Other work, as share of all cores: above this it shares caches and threads of a core with ours, and slows it.
const MOST_OTHERS: f64 = 25.0;

impl What {
    /// What measurements these needs could use.
    pub fn wanted<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Vec<What> {
        let mut wanted = Vec::new();
        for key in keys {
            let what = match key.kind() {
                Kind::DiskIops | Kind::DiskThroughput | Kind::DiskLatency => What::Disk(key.argument().to_owned()),
                Kind::CpuScore => What::Processor,
                Kind::NetBandwidth
                | Kind::NetDownload
                | Kind::NetUpload
                | Kind::NetSymmetry
                | Kind::NetRoundTrip
                | Kind::NetJitter
                | Kind::NetLoss => What::Path,
                Kind::PortOutside => {
                    add(&mut wanted, What::Ports(vec![key.argument().to_owned()]));
                    continue;
                }
                Kind::CertificateDays
                | Kind::CertificateNames
                | Kind::CertificateTrusted
                | Kind::HttpStatus
                | Kind::WebsocketAnswers => {
                    add(&mut wanted, What::Services(vec![key.clone()]));
                    continue;
                }
                Kind::NetReach => {
                    add(&mut wanted, What::Outbound(vec![key.argument().to_owned()]));
                    continue;
                }
                _ => continue,
            };
            if !wanted.contains(&what) {
                wanted.push(what);
            }
        }
        wanted
    }

    /// "Disk under /var/lib".
    pub fn title(&self) -> String {
        match self {
            What::Disk(folder) => format!("Disk under {folder}"),
            What::Processor => "Processor".to_owned(),
            What::Path => "Path from here".to_owned(),
            What::Ports(_) => "Ports from here".to_owned(),
            What::Services(_) => "Services from here".to_owned(),
            What::Outbound(_) => "Ways out".to_owned(),
            What::Storage(storage) => format!("Storage at {}", storage.name()),
        }
    }

    /// Whether the one replaces what the other found.
    pub fn is_like(&self, other: &What) -> bool {
        match (self, other) {
            (What::Ports(_), What::Ports(_))
            | (What::Services(_), What::Services(_))
            | (What::Outbound(_), What::Outbound(_))
            | (What::Storage(_), What::Storage(_)) => true,
            _ => self == other,
        }
    }

    /// What it costs the server, said before it is done.
    pub fn cost(&self) -> String {
        let does = match self {
            What::Disk(folder) => {
                format!("Measuring the disk under {folder}: at most 64 MB written and removed again")
            }
            What::Processor => "Measuring the processor: one core is busy".to_owned(),
            What::Path => "Measuring the path from here: at most 67 MB of traffic, half of it each way".to_owned(),
            What::Ports(ports) => format!(
                "Trying {} from here: the server listens for a moment where nothing does, and we knock. A few kB",
                counted(ports.len(), "port", "ports")
            ),
            What::Services(keys) => format!(
                "Calling {} from here as a browser would, to see what they serve. A few kB",
                counted(served::ports(keys).len(), "service", "services")
            ),
            What::Outbound(names) => format!(
                "Trying {}: the server calls each once and takes nothing. A few kB",
                counted(names.len(), "way out", "ways out")
            ),
            What::Storage(storage) => return storage_cost(&storage.name()),
        };
        format!("{does}, about {} seconds.", self.seconds())
    }

    /// About how long it takes.
    pub fn seconds(&self) -> u32 {
        match self {
            What::Disk(_) | What::Processor => 3,
            What::Path => 10,
            What::Ports(_) | What::Outbound(_) => 6,
            What::Services(_) => 5,
            What::Storage(_) => STORAGE_SECONDS,
        }
    }

    fn command(&self) -> &'static str {
        match self {
            What::Disk(_) => "synced writes of 4 KiB, then 1 MiB blocks one after the other",
            What::Processor => "openssl speed md5, one core",
            What::Outbound(_) => "curl -I, or openssl s_client, and a question for the time over UDP, from the server",
            What::Path => {
                "25 lines there and back, dd if=/dev/zero from the server, head -c on the server, over this connection"
            }
            What::Ports(_) => "connect and send from this computer, listen on the server",
            What::Storage(_) => "one GET without a key; with one a list, one PUT, GET and DELETE, from this computer",
            What::Services(_) => "TLS, one GET and a WebSocket's opening, from this computer",
        }
    }
}

/// About how long a place for files takes, which is measured only once a person has named it.
pub const STORAGE_SECONDS: u32 = 5;

/// What calling a place for files costs; `name` is a host, or words for one that is still to be named.
pub fn storage_cost(name: &str) -> String {
    format!(
        "Calling {name} from here. With a key, it lists, writes one small object, reads it and deletes it again. A few kB, \
         about {STORAGE_SECONDS} seconds."
    )
}

/// All ports are one measurement, and so are all ways out.
fn add(wanted: &mut Vec<What>, new: What) {
    let alike = wanted.iter_mut().find(|what| what.is_like(&new));
    match (alike, new) {
        (Some(What::Ports(names)), What::Ports(more)) | (Some(What::Outbound(names)), What::Outbound(more)) => {
            names.extend(more.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
        }
        (Some(What::Services(keys)), What::Services(more)) => {
            keys.extend(more.into_iter().filter(|key| !keys.contains(key)).collect::<Vec<_>>());
        }
        (_, new) => wanted.push(new),
    }
}

/// Measures on `remote`. Where the server would suffer it refuses and says so; where it cannot be asked, so does the error.
///
/// # Errors
/// What stood in the way of asking.
pub async fn measure(
    remote: &dyn Remote,
    what: &What,
    ground: &Ground<'_>,
    cancel: &Cancel,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<Measured, remote::Error> {
    tokio::select! {
        () = cancel.cancelled() => Err(remote::Error::new(remote::Fault::Cancelled)),
        measured = try_it(remote, what, ground, tell) => measured,
    }
}

async fn try_it(
    remote: &dyn Remote,
    what: &What,
    ground: &Ground<'_>,
    tell: &mut Tell<'_>,
) -> Result<Measured, remote::Error> {
    match what {
        // A key's path holds plain characters only, so it stands as it is.
        What::Disk(folder) => run(remote, what, format!("folder={folder}\n{}", include_str!("disk.sh"))).await,
        What::Processor => run(remote, what, include_str!("cpu.sh").to_owned()).await,
        What::Path if ground.here => {
            Ok(told(what, Outcome::withheld("This computer is the server: there is no way in between.")))
        }
        What::Path => Ok(told(what, path::measure(remote, tell).await?)),
        What::Ports(names) => ports::measure(remote, names, ground, tell).await,
        What::Services(keys) => Ok(told(what, served::measure(keys, ground).await)),
        What::Outbound(names) => Ok(told(what, outbound::measure(remote, names).await?)),
        What::Storage(storage) => Ok(told(what, storage::measure(storage, ground.storage_key).await)),
    }
}

/// One script that measures by itself and prints its figures.
async fn run(remote: &dyn Remote, what: &What, script: String) -> Result<Measured, remote::Error> {
    let job = Job::new(script).elevate(Elevate::IfPossible).silence(LIMIT);
    let output = remote.start(job).output().await?;
    let text = remote::visible(&String::from_utf8_lossy(&output.stdout), 4000);
    let evidence = Evidence { command: what.command().to_owned(), output: text.clone(), exit: Some(output.code) };
    Ok(judged(what, &Said::read(&text), evidence))
}

fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

fn told(what: &What, outcome: Outcome) -> Measured {
    let Outcome { figures, withheld, output } = outcome;
    let evidence = Evidence { command: what.command().to_owned(), output, exit: None };
    Measured { what: what.clone(), figures, withheld, ports: Vec::new(), evidence }
}

fn judged(what: &What, said: &Said, evidence: Evidence) -> Measured {
    let disturbed = |name: &str, most: f64, who: &str| {
        let taken = said.one(name).filter(|percent| *percent > most)?;
        Some(format!("{who} took {taken:.0}% of the processor meanwhile, so the figure would mislead."))
    };
    let withheld = said
        .refused()
        .map(|word| reason(what, word))
        .or_else(|| disturbed("steal_percent", MOST_STEAL, "The host"))
        .or_else(|| disturbed("others_percent", MOST_OTHERS, "Other work on the server"));
    let figures = if withheld.is_some() { Vec::new() } else { figures(what, said) };
    let nothing = figures.is_empty() && withheld.is_none();
    let withheld = withheld.or_else(|| nothing.then(|| "The server gave no figure that we understand.".to_owned()));
    Measured { what: what.clone(), figures, withheld, ports: Vec::new(), evidence }
}

fn figures(what: &What, said: &Said) -> Vec<Figure> {
    let figure = |key: Result<Key, facts::BadKey>, name: &str, title, unit: &str| {
        let runs = said.all(name);
        let middle = figures::median(&runs)?;
        let text = format!("{} {unit}", figures::grouped(middle));
        let (value, title) = (Some(Value::Count(middle)), String::from(title));
        Some(Figure { key: key.ok()?, value, title, text, spread: figures::spread(&runs) })
    };
    let all = match what {
        What::Disk(folder) => vec![
            figure(Key::of(Kind::DiskIops, folder), "synced_writes", "Safe writes", "a second"),
            latency(folder, said),
            figure(Key::of(Kind::DiskThroughput, folder), "sequential", "One after another", "MB a second"),
        ],
        What::Processor => {
            vec![figure(Ok(Key::plain(Kind::CpuScore)), "digest", "Speed of one core", "kB of MD5 a second")]
        }
        What::Path | What::Ports(_) | What::Services(_) | What::Outbound(_) | What::Storage(_) => Vec::new(),
    };
    all.into_iter().flatten().collect()
}

/// How long a safe write takes that is slower than 99 of a hundred, where each was timed by itself.
fn latency(folder: &str, said: &Said) -> Option<Figure> {
    let told = |name: &str| said.one(name).filter(|micros| *micros >= 0.0).map(|micros| micros / 1000.0);
    let (slow, half) = (told("latency_us")?, told("latency_half_us")?);
    Some(Figure {
        key: Key::of(Kind::DiskLatency, folder).ok()?,
        value: Some(Value::Millis(slow)),
        title: "Slowest of a hundred safe writes".to_owned(),
        text: format!("{slow:.1} ms"),
        spread: format!("half of them within {half:.1} ms"),
    })
}

fn reason(what: &What, word: &str) -> String {
    match (what, word) {
        (_, "busy") => "The server is busy; a figure taken now would mislead and slow it down. Try at a quieter hour.",
        (What::Disk(_), "little-space") => "Less than 1 GB is free there, and measuring could fill it.",
        (What::Disk(_), "read-only") => "Nothing can be written there.",
        (What::Disk(_), "space-unknown") => "The server does not tell how much room there is.",
        (_, "no-tool") => "The server has no tool to measure with.",
        _ => "The server could not measure it.",
    }
    .to_owned()
}

/// Lays what was measured over what was read: a measurement outranks a report.
pub fn learn(facts: &mut Facts, measured: &Measured) {
    let evidence = facts.keep(measured.evidence.clone());
    for figure in &measured.figures {
        let Some(value) = figure.value.clone() else { continue };
        let reading = Reading::Known { value, confidence: Confidence::Measured };
        facts.learn(figure.key.clone(), reading, vec![evidence]);
    }
    for port in &measured.ports {
        let Ok(key) = Key::of(Kind::PortOutside, &port.name) else { continue };
        let value = Value::Text(port.verdict.word().to_owned());
        facts.learn(key, Reading::Known { value, confidence: Confidence::Measured }, vec![evidence]);
    }
}

#[cfg(test)]
mod tests {
    use super::{Said, What, judged};
    use facts::{Evidence, Value};

    fn said(text: &str, what: &What) -> super::Measured {
        let evidence = Evidence { command: String::new(), output: String::new(), exit: Some(0) };
        judged(what, &Said::read(text), evidence)
    }

    #[test]
    fn the_middle_of_three_runs_counts() {
        let disk = What::Disk("/var/lib".to_owned());
        let measured =
            said("folder /var\nsynced_writes 9504\nsynced_writes 9933\nsynced_writes 9812\nsequential 412\n", &disk);
        let [writes, sequential] = &measured.figures[..] else { panic!("{measured:?}") };
        assert_eq!((writes.value.clone(), writes.text.as_str()), (Some(Value::Count(9812)), "9,812 a second"));
        assert_eq!(writes.spread, "three runs, 9,504 to 9,933");
        assert_eq!((sequential.text.as_str(), sequential.spread.as_str()), ("412 MB a second", "one run"));
    }

    #[test]
    fn a_refusal_and_a_disturbed_run_give_no_figure() {
        let busy = said("cores 2\nload 3.1\nrefused busy\n", &What::Processor);
        assert!(busy.figures.is_empty() && busy.withheld.is_some_and(|why| why.contains("busy")));
        let stolen = said("digest 500000\nsteal_percent 12.0\n", &What::Processor);
        assert!(stolen.figures.is_empty() && stolen.withheld.is_some_and(|why| why.contains("12%")));
        let beside = said("digest 500000\nothers_percent 41.0\n", &What::Processor);
        assert!(beside.figures.is_empty() && beside.withheld.is_some_and(|why| why.contains("41%")));
        let hostile = said("digest nan\ndigest 99999999999999999999999\n\u{1b}[2J", &What::Processor);
        assert!(hostile.figures.is_empty() && hostile.withheld.is_some());
    }
}

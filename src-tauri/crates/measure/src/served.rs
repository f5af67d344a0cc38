//! What the server's own services answer, as seen from this computer: the certificate as it is served, whether this
//! computer trusts it for a name that leads there, the status over HTTP, and whether a WebSocket opens, each at the path
//! that the key names.
//!
//! Deliberately absent: reading a page. What is asked for ends with the first lines of an answer.

pub(crate) mod certificate;
mod http;

use crate::{Figure, Ground, Outcome};
use certificate::{Certificate, Doubt, Stopped};
use facts::{Key, Kind, Value};
use http::Answer;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpStream, ToSocketAddrs};

/// For connecting, for agreeing on TLS, and for each answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// So many names of a certificate are looked up.
const LOOKED_UP: usize = 5;

/// Where a service is called, and by which names.
#[derive(Clone, Debug)]
struct Place {
    address: IpAddr,
    port: u16,
    /// What a browser would ask for.
    name: String,
    /// What the person calls the server.
    called: String,
    /// All addresses that are known to be the server's.
    known: Vec<IpAddr>,
}

/// What is asked of a service once it is reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    /// For a WebSocket, not a page.
    socket: bool,
    /// "/live".
    path: String,
}

impl Question {
    /// `None` for what the certificate alone answers.
    fn of(key: &Key) -> Option<Question> {
        let socket = match key.kind() {
            Kind::HttpStatus => false,
            Kind::WebsocketAnswers => true,
            _ => return None,
        };
        let (_, path) = port_and_path(key)?;
        Some(Question { socket, path: format!("/{path}") })
    }
}

/// What came of calling one port.
#[derive(Debug)]
struct Found {
    tls: Tls,
    answers: BTreeMap<Question, Result<Answer, &'static str>>,
}

#[derive(Debug)]
enum Tls {
    /// No connection, and why.
    Nobody(&'static str),
    /// Something answers, and not in TLS.
    Plain,
    /// TLS was begun and not agreed on.
    Failed(String),
    Served(Box<Certificate>, Leads),
}

/// Where the names on a certificate lead.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Leads {
    /// A name or an address on it leads to this server.
    Here(String),
    /// The person's own name for the server is another, and no name on it leads here.
    Elsewhere(String),
    Unknown,
}

/// Calls every port that `keys` are about. Dropping the future ends it.
pub(crate) async fn measure(keys: &[Key], ground: &Ground<'_>) -> Outcome {
    let Some(address) = ground.dialled.filter(|_| !ground.here) else {
        return Outcome::withheld("This computer has no way of its own to the server's services.");
    };
    let mut calls = tokio::task::JoinSet::new();
    for (port, keys) in ports(keys) {
        let place = place(address, port, ground);
        calls.spawn(async move {
            let found = call(&place, keys.iter().filter_map(Question::of).collect()).await;
            (port, (keys, found))
        });
    }
    let mut found = BTreeMap::new();
    while let Some(called) = calls.join_next().await {
        found.extend(called.ok());
    }
    let mut transcript = String::new();
    let mut figures = Vec::new();
    for (port, (keys, found)) in &found {
        let _ = writeln!(transcript, "{port}/tcp: {}", found.transcript());
        figures.extend(keys.iter().map(|key| found.figure(key)));
    }
    Outcome::of(figures, transcript)
}

/// What is asked of each port.
pub(crate) fn ports(keys: &[Key]) -> BTreeMap<u16, Vec<Key>> {
    let mut ports: BTreeMap<u16, Vec<Key>> = BTreeMap::new();
    for key in keys {
        // Over UDP, and of a whole range, nothing is asked.
        if let Some((port, _)) = port_and_path(key) {
            ports.entry(port).or_default().push(key.clone());
        }
    }
    ports
}

/// `443/tcp/live` as 443 and `live`.
fn port_and_path(key: &Key) -> Option<(u16, &str)> {
    let (port, rest) = key.argument().split_once("/tcp")?;
    Some((port.parse().ok()?, rest.trim_start_matches('/')))
}

fn place(address: IpAddr, port: u16, ground: &Ground<'_>) -> Place {
    let list = |key: Key| match ground.facts.value(&key) {
        Some(Value::List(items)) => items.iter().filter_map(|item| item.split(' ').next()).map(str::to_owned).collect(),
        _ => Vec::<String>::new(),
    };
    let mut known = vec![address];
    let all = [Kind::AddressPublic, Kind::AddressAll].map(|kind| list(Key::plain(kind)));
    known.extend(all.iter().flatten().filter_map(|text| text.parse::<IpAddr>().ok()));
    // A name of the internet's is what browsers ask for; else one that the server itself serves its certificate for.
    let told = Key::of(Kind::CertificateNames, &format!("{port}/tcp")).map(list).unwrap_or_default();
    let is_name = |name: &&str| name.contains('.') && !name.starts_with('*') && name.parse::<IpAddr>().is_err();
    let name = [ground.name].into_iter().chain(told.iter().map(String::as_str)).find(is_name);
    let name = name.map_or_else(|| address.to_string(), str::to_owned);
    Place { address, port, name, called: ground.name.to_owned(), known }
}

async fn call(place: &Place, questions: BTreeSet<Question>) -> Found {
    let greeting = Question { socket: false, path: "/".to_owned() };
    let (tls, mut stream) = match connect(place).await {
        Err(why) => (Tls::Nobody(why), None),
        Ok(stream) => match certificate::look(stream, &place.name).await {
            Ok((certificate, stream)) => {
                let leads = tokio::time::timeout(PATIENCE, leads(&certificate, place)).await.unwrap_or(Leads::Unknown);
                (Tls::Served(Box::new(certificate), leads), Some(stream))
            }
            Err(Stopped::NoTls) => (Tls::Plain, None),
            // Some who speak HTTP alone hang up on everything else, or wait for the end of a line.
            Err(Stopped::Mute(_)) if again(place, false, &greeting).await.is_ok() => (Tls::Plain, None),
            Err(Stopped::Mute(why)) => (Tls::Failed(why.to_owned()), None),
            Err(Stopped::Failed(why)) => (Tls::Failed(why), None),
        },
    };
    let plain = matches!(tls, Tls::Plain);
    let mut answers = BTreeMap::new();
    if plain || stream.is_some() {
        for question in questions {
            // The connection by which the certificate came serves for one question.
            let answer = match stream.take() {
                Some(stream) => http::ask(stream, &place.name, &question).await,
                None => again(place, !plain, &question).await,
            };
            answers.insert(question, answer);
        }
    }
    Found { tls, answers }
}

/// Another connection, for another question.
async fn again(place: &Place, tls: bool, question: &Question) -> Result<Answer, &'static str> {
    let stream = connect(place).await?;
    if !tls {
        return http::ask(stream, &place.name, question).await;
    }
    match certificate::look(stream, &place.name).await {
        Ok((_, stream)) => http::ask(stream, &place.name, question).await,
        Err(_) => Err("TLS was not agreed on a second time"),
    }
}

async fn connect(place: &Place) -> Result<TcpStream, &'static str> {
    connected((place.address, place.port)).await
}

pub(crate) async fn connected(place: impl ToSocketAddrs) -> Result<TcpStream, &'static str> {
    match tokio::time::timeout(PATIENCE, TcpStream::connect(place)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => Err("refused: nothing listens there"),
        Ok(Err(_)) => Err("no connection"),
        Err(_) => Err("no answer: it is blocked on the way, or nothing is there"),
    }
}

/// Whether what is on the certificate leads to the server: by the person's own name for it, or by looking names up.
async fn leads(certificate: &Certificate, place: &Place) -> Leads {
    let own = [place.called.as_str(), &place.address.to_string()];
    if let Some(name) = own.into_iter().find(|name| certificate.covers(name)) {
        return Leads::Here(name.to_owned());
    }
    let names = certificate.names.iter().filter(|name| !name.contains('*')).take(LOOKED_UP);
    for name in names {
        if looked_up(name, place.port).await.iter().any(|address| place.known.contains(address)) {
            return Leads::Here(name.clone());
        }
    }
    let called_by_name = place.called.parse::<IpAddr>().is_err();
    if called_by_name && looked_up(&place.called, place.port).await.contains(&place.address) {
        return Leads::Elsewhere(place.called.clone());
    }
    Leads::Unknown
}

async fn looked_up(name: &str, port: u16) -> Vec<IpAddr> {
    let found = tokio::net::lookup_host((name, port)).await;
    found.map(|addresses| addresses.map(|address| address.ip()).collect()).unwrap_or_default()
}

/// A value, its text, and what else is to be said.
type Told = (Option<Value>, String, String);

fn untold(why: &str) -> Told {
    (None, "could not tell".to_owned(), why.to_owned())
}

impl Found {
    fn figure(&self, key: &Key) -> Figure {
        let (what, (value, text, spread)) = match key.kind() {
            Kind::HttpStatus => ("HTTP", self.status(key)),
            Kind::WebsocketAnswers => ("WebSocket", self.upgraded(key)),
            Kind::CertificateNames => ("names on the certificate", self.of_certificate(names)),
            Kind::CertificateTrusted => ("certificate, trusted", self.of_certificate(trusted)),
            _ => ("certificate", self.of_certificate(lasts)),
        };
        Figure { key: key.clone(), value, title: format!("{}, {what}", key.argument()), text, spread }
    }

    fn of_certificate(&self, tell: fn(&Certificate, &Leads) -> Told) -> Told {
        match &self.tls {
            Tls::Served(certificate, leads) => tell(certificate, leads),
            Tls::Plain => (Some(Value::Absent), "none".to_owned(), "it answers without TLS".to_owned()),
            Tls::Nobody(why) => untold(why),
            Tls::Failed(why) => untold(&format!("TLS was begun and not agreed on: {why}")),
        }
    }

    /// Why nothing was asked.
    fn unasked(&self) -> Told {
        match &self.tls {
            Tls::Nobody(why) => untold(why),
            _ => untold("TLS was begun and not agreed on"),
        }
    }

    fn over(&self) -> &'static str {
        if matches!(self.tls, Tls::Plain) { "over plain HTTP" } else { "over TLS" }
    }

    /// What came of the question behind a key, and the path it was asked at.
    fn answer(&self, key: &Key) -> (Option<Result<Answer, &'static str>>, String) {
        let question = Question::of(key);
        let answer = question.as_ref().and_then(|question| self.answers.get(question)).copied();
        (answer, question.map(|question| question.path).unwrap_or_default())
    }

    fn status(&self, key: &Key) -> Told {
        match self.answer(key) {
            (Some(Ok(Answer { status, .. })), path) => {
                let at = if path == "/" { String::new() } else { format!("at {path}, ") };
                (Some(Value::Count(u64::from(status))), format!("answers {status}"), format!("{at}{}", self.over()))
            }
            (Some(Err(why)), _) => untold(why),
            (None, _) => self.unasked(),
        }
    }

    fn upgraded(&self, key: &Key) -> Told {
        match self.answer(key) {
            (Some(Ok(Answer { upgraded: true, .. })), path) => {
                (Some(Value::Flag(true)), "opens".to_owned(), format!("at {path}, {}", self.over()))
            }
            (Some(Ok(answer)), path) => {
                let why = format!("asked for one at {path}, it answers {} {}", answer.status, self.over());
                (Some(Value::Flag(false)), "does not open".to_owned(), why)
            }
            (Some(Err(why)), _) => untold(why),
            (None, _) => self.unasked(),
        }
    }

    fn transcript(&self) -> String {
        let mut text = match &self.tls {
            Tls::Nobody(why) => (*why).to_owned(),
            Tls::Plain => "no TLS".to_owned(),
            Tls::Failed(why) => format!("TLS failed: {why}"),
            Tls::Served(certificate, leads) => format!("{}; {leads:?}", certificate.transcript()),
        };
        for (Question { socket, path }, answer) in &self.answers {
            let name = if *socket { "WebSocket" } else { "HTTP" };
            let _ = match answer {
                Ok(answer) => {
                    write!(text, "; {name} at {path}: {}{}", answer.status, if answer.upgraded { ", open" } else { "" })
                }
                Err(why) => write!(text, "; {name} at {path}: {why}"),
            };
        }
        text
    }
}

fn lasts(certificate: &Certificate, _: &Leads) -> Told {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let left = certificate.until.saturating_sub(now) / 86_400;
    let text = match left {
        0 => format!("until {}: no day left", certificate.last_day),
        1 => format!("until {}: 1 day left", certificate.last_day),
        left => format!("until {}: {left} days left", certificate.last_day),
    };
    (Some(Value::Count(left)), text, format!("issued by {}", certificate.issuer))
}

fn names(certificate: &Certificate, _: &Leads) -> Told {
    let text = if certificate.names.is_empty() { "none".to_owned() } else { certificate.names.join(", ") };
    (Some(Value::List(certificate.names.clone())), text, "as served to this computer".to_owned())
}

fn trusted(certificate: &Certificate, leads: &Leads) -> Told {
    let no = |why: String| (Some(Value::Flag(false)), "no".to_owned(), why);
    match (&certificate.doubt, leads) {
        (Some(doubt @ Doubt::NobodyToAsk), _) => untold(&certificate.words(*doubt)),
        (Some(doubt), _) => no(certificate.words(*doubt)),
        (None, Leads::Here(name)) => (
            Some(Value::Flag(true)),
            "yes".to_owned(),
            format!("this computer trusts it for {name}, and the chain is complete"),
        ),
        (None, Leads::Elsewhere(called)) => no(format!(
            "its authority is trusted, and it is not for {called}, nor does a name on it lead to this server"
        )),
        (None, Leads::Unknown) => untold(
            "its authority is trusted, and no name on it leads to this server as far as this computer can look up",
        ),
    }
}

//! A place for files that speaks S3, as seen from this computer: whether it does, over TLS that this computer trusts,
//! how far its clock is from ours, and what a person's key may do there.
//!
//! A key is used for signatures alone (see [`signed`]): it never leaves this computer, and nothing keeps it. Nothing signed
//! is sent to a place whose certificate this computer does not trust for its name.
//!
//! Deliberately absent: which place it is. Nobody but the person knows; no role names one.

mod signed;

use crate::served::certificate::{Certificate, Stopped, look};
use crate::served::{PATIENCE, connected};
use crate::{Figure, Outcome};
use facts::{Key, Kind, Value};
use remote::Secret;
use signed::Request;
use std::fmt::Write as _;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use x509_cert::der::DateTime;

/// What the name of each object of ours begins with.
const OURS: &str = "plumbline-";

/// Seconds: no measurement takes as long.
const LONGEST: u64 = 300;

/// Longer than any answer that matters here.
const ANSWER: u64 = 64 * 1024;
const LINES: usize = 100;

/// `https://HOST[:PORT]/BUCKET[?region=REGION]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    host: String,
    port: u16,
    bucket: String,
    region: Option<String>,
}

/// An address that cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" should read https://HOST/BUCKET, with ?region=REGION where the place wants one")]
pub struct BadStorage(String);

impl FromStr for Storage {
    type Err = BadStorage;

    fn from_str(text: &str) -> Result<Storage, BadStorage> {
        Storage::read(text).ok_or_else(|| BadStorage(remote::visible(text, 120)))
    }
}

impl Storage {
    /// Each part has plain characters alone, so that it can stand in a request as it is.
    fn read(text: &str) -> Option<Storage> {
        let plain = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        };
        let (place, region) = match text.strip_prefix("https://")?.split_once("?region=") {
            Some((place, region)) => (place, Some(region)),
            None => (text.strip_prefix("https://")?, None),
        };
        let (authority, bucket) = place.split_once('/')?;
        let bucket = bucket.strip_suffix('/').unwrap_or(bucket);
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)?),
            None => (authority, 443),
        };
        let fits = [Some(host), Some(bucket), region].into_iter().flatten().all(plain);
        fits.then(|| Storage {
            host: host.to_owned(),
            port,
            bucket: bucket.to_owned(),
            region: region.map(str::to_owned),
        })
    }

    /// "s3.example/files".
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.authority(), self.bucket)
    }

    /// What the line "Host" says.
    fn authority(&self) -> String {
        if self.port == 443 { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
}

/// A key for it, as its owner typed it: `ID:SECRET`.
#[derive(Clone, Debug)]
pub struct StorageKey(Secret);

impl From<Secret> for StorageKey {
    fn from(typed: Secret) -> StorageKey {
        StorageKey(typed)
    }
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    /// Seconds since 1970, by its own clock.
    clock: Option<u64>,
    /// It carries a line that only S3 and what is like it have.
    marked: bool,
    region: Option<String>,
    body: String,
}

/// What a key may do, in the order it is tried.
const WAYS: [&str; 4] = ["list", "write", "read", "delete"];

/// Asks without a key, then with one where there is one. Dropping the future ends it; an object that was written by then is
/// still deleted.
pub(crate) async fn measure(storage: &Storage, key: Option<&StorageKey>) -> Outcome {
    let asked = Request::new("GET", format!("/{}", storage.bucket));
    let (answer, took) = match unsigned(storage, &asked).await {
        Ok(answered) => answered,
        Err(why) => return unreached(storage, key.is_some(), &why),
    };
    let speaks = answer.marked || is_s3(&answer.body);
    let mut transcript = format!("GET /{} without a key: {}\n", storage.bucket, told(&answer));
    let mut figures = vec![figure(
        Kind::StorageSpeaks,
        Some(Value::Flag(speaks)),
        "S3",
        if speaks { "answers" } else { "is none" },
        if speaks {
            "over TLS, with a certificate that this computer trusts"
        } else {
            "something answers, and not as S3 does"
        },
    )];
    figures.extend(offset(&answer, took));
    if let (Some(key), true) = (key, speaks) {
        let region = storage.region.clone().or(answer.region).unwrap_or_else(|| "us-east-1".to_owned());
        // On its own, so that whoever stops here does not leave an object there.
        let stopped = Stopping::default();
        let trying = tokio::spawn(tried(storage.clone(), key.clone(), region, stopped.0.clone()));
        if let Ok((figure, told)) = trying.await {
            figures.push(figure);
            transcript.push_str(&told);
        }
    }
    Outcome::of(figures, transcript)
}

fn unreached(storage: &Storage, has_key: bool, why: &str) -> Outcome {
    let mut figures = vec![figure(Kind::StorageSpeaks, Some(Value::Flag(false)), "S3", "not reached", why)];
    if has_key {
        figures.push(figure(Kind::StorageAllows, None, "What the key may do", "not tried", "nothing signed was sent"));
    }
    Outcome::of(figures, format!("{}: {why}\n", storage.name()))
}

fn figure(kind: Kind, value: Option<Value>, title: &str, text: &str, spread: &str) -> Figure {
    Figure { key: Key::plain(kind), value, title: title.to_owned(), text: text.to_owned(), spread: spread.to_owned() }
}

/// How far its clock is from ours. What it tells is a whole second, somewhere between our question and its answer.
fn offset(answer: &Answer, took: f64) -> Option<Figure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    let off = answer.clock? as f64 + 0.5 - (now - took / 2.0);
    let unsure = 0.5 + took / 2.0;
    let (far, way) = (off.abs(), if off > 0.0 { "ahead" } else { "behind" });
    let text = if far <= unsure { "alike".to_owned() } else { format!("{far:.0} s {way}") };
    let value = Value::Millis((far - unsure).max(0.0) * 1000.0);
    let spread = format!("beside this computer's, to within {unsure:.1} s; a signature counts within 5 minutes");
    Some(figure(Kind::StorageClock, Some(value), "Its clock", &text, &spread))
}

/// Says, once it is gone, that nobody waits any more.
#[derive(Default)]
struct Stopping(Arc<AtomicBool>);

impl Drop for Stopping {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Lists, and deletes what is left of a measurement that was cut short; writes one object, reads it and deletes it; where nobody waits any more, only the last of these.
async fn tried(storage: Storage, key: StorageKey, region: String, stopped: Arc<AtomicBool>) -> (Figure, String) {
    let title = "What the key may do";
    let mut transcript = String::new();
    let name = match crate::ports::nonce() {
        nonce if nonce == "none" => {
            return (figure(Kind::StorageAllows, None, title, "not tried", "no randomness here"), transcript);
        }
        nonce => format!("{OURS}{nonce}"),
    };
    let object = format!("/{}/{name}", storage.bucket);
    let requests = [
        Request::new("GET", format!("/{}", storage.bucket)).query("list-type=2&max-keys=50&prefix=plumbline-"),
        Request::new("PUT", object.clone()).body(&name),
        Request::new("GET", object.clone()),
        Request::new("DELETE", object),
    ];
    let (mut may, mut denied, mut written) = (Vec::new(), Vec::new(), false);
    for (way, request) in WAYS.into_iter().zip(requests) {
        // What was not written can be neither read nor deleted.
        if !written && matches!(way, "read" | "delete") || stopped.load(Ordering::Relaxed) && way != "delete" {
            continue;
        }
        match signed(&storage, &key, &region, &request).await {
            Ok(answer) => {
                let _ = writeln!(transcript, "{way}, signed: {}", told(&answer));
                let ok = matches!(answer.status, 200 | 204) && (way != "read" || answer.body.contains(&name));
                written |= way == "write" && ok;
                for old in if way == "list" && ok { left_before(&answer) } else { Vec::new() } {
                    let request = Request::new("DELETE", format!("/{}/{old}", storage.bucket));
                    let deleted = signed(&storage, &key, &region, &request).await;
                    let _ = writeln!(
                        transcript,
                        "{old}, left by a measurement that was cut short: {}",
                        match &deleted {
                            Ok(answer) => told(answer),
                            Err(why) => why.clone(),
                        }
                    );
                }
                if ok { may.push(way.to_owned()) } else { denied.push(format!("{way}: {}", refusal(&answer))) }
            }
            Err(why) => {
                let _ = writeln!(transcript, "{way}, signed: {why}");
                denied.push(format!("{way}: {why}"));
            }
        }
    }
    let left = written && !may.iter().any(|way| way == "delete");
    let mut spread = if denied.is_empty() { "each was tried".to_owned() } else { denied.join("; ") };
    if left {
        let _ = write!(spread, "; {name} is left there, delete it");
    }
    let text = if may.is_empty() { "nothing".to_owned() } else { may.join(", ") };
    (figure(Kind::StorageAllows, Some(Value::List(may)), title, &text, &spread), transcript)
}

/// Objects of ours that are older than any measurement takes: whoever wrote them was ended before deleting them.
fn left_before(listing: &Answer) -> Vec<String> {
    let between = |text: &str, open: &str, close: &str| Some(text.split_once(open)?.1.split_once(close)?.0.to_owned());
    let of_ours = |entry: &str| {
        let name = between(entry, "<Key>", "</Key>")?;
        let nonce = name.strip_prefix(OURS)?;
        // "2026-11-22T10:00:00.000Z"
        let written = between(entry, "<LastModified>", "</LastModified>")?;
        let written: DateTime = format!("{}Z", written.split(['.', 'Z']).next()?).parse().ok()?;
        let age = listing.clock?.checked_sub(written.unix_duration().as_secs())?;
        let ours = nonce.len() == 24 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit());
        (ours && age > LONGEST).then_some(name)
    };
    listing.body.split("<Contents>").skip(1).filter_map(of_ours).collect()
}

/// "AccessDenied", or the status where it says no more.
fn refusal(answer: &Answer) -> String {
    let code = answer.body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map_or_else(|| format!("answers {}", answer.status), |(code, _)| remote::visible(code, 60))
}

fn told(answer: &Answer) -> String {
    format!("{} {}", answer.status, remote::visible(answer.body.lines().next().unwrap_or_default(), 200))
}

fn is_s3(body: &str) -> bool {
    let error = body.contains("<Error>") && body.contains("<Code>");
    error || body.contains("<ListBucketResult") || body.contains("<ListAllMyBucketsResult")
}

/// The answer, and how many seconds it took from the question on.
async fn unsigned(storage: &Storage, request: &Request) -> Result<(Answer, f64), String> {
    let stream = agreed(storage).await?;
    let asked = std::time::Instant::now();
    let answer = exchange(stream, &request.unsigned(&storage.authority())).await?;
    Ok((answer, asked.elapsed().as_secs_f64()))
}

async fn signed(storage: &Storage, key: &StorageKey, region: &str, request: &Request) -> Result<Answer, String> {
    let now = DateTime::from_system_time(SystemTime::now()).map_err(|_| "this computer's clock is wrong".to_owned())?;
    let bytes = request.signed(&storage.authority(), region, &key.0, &now).ok_or("a key reads ID:SECRET")?;
    exchange(agreed(storage).await?, &bytes).await
}

/// A connection to somebody who proves to be the one that was named.
async fn agreed(storage: &Storage) -> Result<TlsStream<TcpStream>, String> {
    let stream = connected((storage.host.as_str(), storage.port)).await.map_err(str::to_owned)?;
    let (certificate, stream) = match look(stream, &storage.host).await {
        Ok(agreed) => agreed,
        Err(Stopped::NoTls) => return Err("it answers without TLS".to_owned()),
        Err(Stopped::Mute(why)) => return Err(why.to_owned()),
        Err(Stopped::Failed(why)) => return Err(why),
    };
    match distrust(&certificate, &storage.host) {
        Some(why) => Err(format!("its certificate is not trusted here: {why}")),
        None => Ok(stream),
    }
}

fn distrust(certificate: &Certificate, host: &str) -> Option<String> {
    let foreign = || (!certificate.covers(host)).then(|| format!("it is not for {host}"));
    certificate.doubt.map(|doubt| certificate.words(doubt)).or_else(foreign)
}

async fn exchange(mut stream: TlsStream<TcpStream>, question: &[u8]) -> Result<Answer, String> {
    let cut = |_| "the connection was cut before an answer".to_owned();
    let asked = async {
        stream.write_all(question).await.map_err(cut)?;
        stream.flush().await.map_err(cut)?;
        let mut bytes = Vec::new();
        // Some close without the end that TLS wants; what came until then counts.
        let _ = stream.take(ANSWER).read_to_end(&mut bytes).await;
        read(&bytes).ok_or_else(|| "what it answers is not HTTP".to_owned())
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err("it did not answer in time".to_owned()))
}

fn read(bytes: &[u8]) -> Option<Answer> {
    let mut lines = [httparse::EMPTY_HEADER; LINES];
    let mut head = httparse::Response::new(&mut lines);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else { return None };
    let line = |name: &str| {
        let line = head.headers.iter().find(|line| line.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(line.value).ok()
    };
    Some(Answer {
        status: head.code?,
        clock: line("date").and_then(clock),
        marked: line("x-amz-request-id").is_some(),
        region: line("x-amz-bucket-region")
            .filter(|region| region.len() < 40 && !region.contains('/'))
            .map(str::to_owned),
        body: String::from_utf8_lossy(bytes.get(length..).unwrap_or_default()).into_owned(),
    })
}

/// "Sun, 22 Nov 2026 01:57:00 GMT" (RFC 9110, 5.6.7) in seconds since 1970.
fn clock(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, day, month, year, time, "GMT"] = words[..] else { return None };
    let month = u8::try_from(MONTHS.iter().position(|known| *known == month)? + 1).ok()?;
    let parts: Vec<u8> = time.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [hour, minute, second] = parts[..] else { return None };
    let moment = DateTime::new(year.parse().ok()?, month, day.parse().ok()?, hour, minute, second).ok()?;
    Some(moment.unix_duration().as_secs())
}

#[cfg(test)]
mod tests {
    use super::{Storage, clock, left_before, read};

    #[test]
    fn an_address_has_plain_parts_and_tls() {
        let storage: Storage = "https://s3.example:9000/files?region=eu-1".parse().expect("an address");
        assert_eq!((storage.name().as_str(), storage.region.as_deref()), ("s3.example:9000/files", Some("eu-1")));
        for odd in [
            "http://s3.example/files",
            "https://s3.example",
            "https://s3.example/",
            "https://a b/files",
            "https://s3.example:0/files",
            "https://s3.example/a/b",
            "https://s3.example/files?region=",
        ] {
            assert!(odd.parse::<Storage>().is_err(), "{odd}");
        }
    }

    #[test]
    fn the_time_it_tells_is_read_or_left() {
        assert_eq!(clock("Thu, 01 Jan 1970 00:00:10 GMT"), Some(10));
        assert_eq!(clock("Sat, 21 Nov 2026 07:00:00 GMT"), Some(1_795_244_400));
        assert_eq!(clock("Sat, 31 Feb 2026 07:00:00 GMT").or(clock("soon")), None);
    }

    #[test]
    fn only_old_objects_of_ours_are_left_from_before() {
        let entry = |name: &str, written: &str| {
            format!("<Contents><Key>{name}</Key><LastModified>{written}</LastModified></Contents>")
        };
        let (old, new) = ("2026-11-21T06:50:00.000Z", "2026-11-21T06:58:00.000Z");
        let ours = format!("plumbline-{}", "0a".repeat(12));
        let listed = |entries: &[String]| {
            let head = "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 07:00:00 GMT\r\n\r\n<ListBucketResult>";
            left_before(&read(format!("{head}{}", entries.concat()).as_bytes()).expect("an answer"))
        };
        assert_eq!(listed(&[entry(&ours, old)]), std::slice::from_ref(&ours));
        for kept in [
            entry(&ours, new),
            entry(&ours, "yesterday"),
            entry("plumbline-report.pdf", old),
            entry(&format!("{ours}/../x"), old),
            entry("photo.jpg", old),
            "<Contents><Key>".to_owned(),
        ] {
            assert!(listed(std::slice::from_ref(&kept)).is_empty(), "{kept}");
        }
    }

    #[test]
    fn what_is_no_answer_is_none() {
        assert!(read(b"SSH-2.0-OpenSSH\r\n").is_none() && read(b"HTTP/1.1 200").is_none());
        let answer = read(b"HTTP/1.1 403 No\r\nx-amz-request-id: 1\r\n\r\n<Error>").expect("an answer");
        assert!(answer.status == 403 && answer.marked && answer.body == "<Error>");
    }
}

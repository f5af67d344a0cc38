//! One connection's thread, from the first byte to the sign-in. Then it becomes the pump.
//!
//! The thread may wait as long as it likes: whoever supervises it (see ssh.rs) shuts the socket when a limit has passed or
//! somebody presses Cancel, and every wait here ends with that.

use crate::ask::{Answers, Question};
use crate::error::{Error, Fault, Stage};
use crate::greeting::{self, Greeting, Offer};
use crate::host_key::{HostKey, Judgement, judge, preferred_kinds, same_fingerprint};
use crate::known_hosts::{KnownHosts, trust};
use crate::pump::{self, Pump};
use crate::raw::{banner, code_of};
use crate::sign_in;
use crate::ssh::{Method, internal};
use crate::target::Identity;
use mio::{Events, Interest, Poll, Token};
use ssh2::{MethodType, Session};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// All that the thread needs to know.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The server's name in known_hosts.
    pub(crate) place: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) identity: Identity,
    pub(crate) own_known_hosts: PathBuf,
    pub(crate) known_hosts: Vec<PathBuf>,
    pub(crate) trust: Vec<String>,
    pub(crate) replace: Option<String>,
    pub(crate) methods: Vec<Method>,
    pub(crate) lost: Duration,
}

/// What the thread tells its supervisor.
#[derive(Debug)]
pub(crate) enum Note {
    Stage(Stage),
    Ask(Question, SyncSender<Answers>),
    Ready(Box<Met>),
    Failed(Error),
}

/// What was learned on the way.
#[derive(Debug)]
pub(crate) struct Met {
    pub(crate) host_key: HostKey,
    pub(crate) known_from: String,
    pub(crate) version: String,
    pub(crate) signed_in_by: String,
    pub(crate) banner: String,
}

pub(crate) const SOCKET: Token = Token(0);

/// Starts the thread. The pump takes work at once; it begins when the sign-in is done.
pub(crate) fn start(stream: TcpStream, plan: Plan, notes: UnboundedSender<Note>) -> Result<Pump, Error> {
    stream.set_nonblocking(true).map_err(|e| internal(&e))?;
    let poll = Poll::new().map_err(|e| internal(&e))?;
    let (pump, inbox) = pump::channel(&poll, &stream).map_err(|e| internal(&e))?;
    let thread = std::thread::Builder::new().name("plumbline-ssh".to_owned());
    thread
        .spawn(move || {
            let lost = plan.lost;
            match open(stream, &plan, poll, &notes) {
                Ok((session, stream, poll, watched, met)) => {
                    let _ = notes.send(Note::Ready(Box::new(met)));
                    drop(notes);
                    pump::run(session, stream, poll, watched, inbox, lost);
                }
                Err(error) => {
                    let _ = notes.send(Note::Failed(error));
                }
            }
        })
        .map_err(|e| internal(&e))?;
    Ok(pump)
}

type Opened = (Session, TcpStream, Poll, mio::net::TcpStream, Met);

fn open(stream: TcpStream, plan: &Plan, mut poll: Poll, notes: &UnboundedSender<Note>) -> Result<Opened, Error> {
    let clone = |stream: &TcpStream| stream.try_clone().map_err(|e| internal(&e));
    let mut watched = mio::net::TcpStream::from_std(clone(&stream)?);
    poll.registry()
        .register(&mut watched, SOCKET, Interest::READABLE | Interest::WRITABLE)
        .map_err(|e| internal(&e))?;

    let files = read_known_hosts(plan)?;
    let mut session = new_session().map_err(|e| library(&e, Stage::Greeting))?;
    restrict(&session, &preferred_kinds(&plan.place, &files))?;
    session.set_tcp_stream(clone(&stream)?);
    session.set_blocking(false);
    let greeting = shake_hands(&mut session, &stream, &mut poll)?;

    let _ = notes.send(Note::Stage(Stage::HostKey));
    let Some((blob, _)) = session.host_key() else {
        return Err(Error::new(Fault::Internal { what: "the server showed no key".to_owned() }).at(Stage::HostKey));
    };
    let shown = HostKey::new(blob.to_vec());
    let known_from = admit(plan, &shown, &files)?;

    let _ = notes.send(Note::Stage(Stage::SignIn));
    // A blocking session waits in poll, and its waits end when the socket is shut.
    session.set_blocking(true);
    let signed_in_by = sign_in::sign_in(&session, &stream, plan, notes)?;
    session.set_blocking(false);
    let version = greeting.version.or_else(|| session.banner_bytes().map(|b| String::from_utf8_lossy(b).into_owned()));
    let met = Met {
        host_key: shown,
        known_from,
        version: crate::error::visible(&version.unwrap_or_default(), 255),
        signed_in_by,
        banner: crate::error::visible(&String::from_utf8_lossy(&banner(&session)), 4096),
    };
    Ok((session, stream, poll, watched, met))
}

fn new_session() -> Result<Session, ssh2::Error> {
    let session = Session::new()?;
    session.set_compress(false);
    Ok(session)
}

/// Our algorithms: the library's own order without anything that stands on SHA-1 or MD5, or a cipher without a checksum that
/// lasts; host keys of the kinds we trust first.
fn restrict(session: &Session, host_keys: &[&str]) -> Result<(), Error> {
    let ours = offer(session, host_keys);
    let lists = [
        (MethodType::Kex, &ours.exchange),
        (MethodType::HostKey, &ours.host_key),
        (MethodType::CryptCs, &ours.cipher),
        (MethodType::CryptSc, &ours.cipher),
        (MethodType::MacCs, &ours.mac),
        (MethodType::MacSc, &ours.mac),
    ];
    for (kind, names) in lists {
        session.method_pref(kind, &names.join(",")).map_err(|e| library(&e, Stage::Greeting))?;
    }
    Ok(())
}

fn offer(session: &Session, host_keys: &[&str]) -> Offer {
    let weak = ["sha1", "md5", "cbc", "arcfour", "3des", "blowfish", "cast128", "ripemd", "ssh-dss", "none", "-96"];
    let list = |kind: MethodType| -> Vec<String> {
        let all = session.supported_algs(kind).unwrap_or_default();
        all.into_iter().filter(|name| !weak.iter().any(|w| name.contains(w))).map(str::to_owned).collect()
    };
    let supported = list(MethodType::HostKey);
    Offer {
        exchange: list(MethodType::Kex),
        host_key: host_keys.iter().filter(|k| supported.iter().any(|s| s == *k)).map(|k| (*k).to_owned()).collect(),
        cipher: list(MethodType::CryptSc),
        mac: list(MethodType::MacSc),
    }
}

fn shake_hands(session: &mut Session, stream: &TcpStream, poll: &mut Poll) -> Result<Greeting, Error> {
    let mut seen: Vec<u8> = Vec::new();
    let mut events = Events::with_capacity(8);
    loop {
        // What lies in the socket now is what the library reads next.
        let mut waiting = [0u8; 8192];
        if let Ok(count) = stream.peek(&mut waiting) {
            let room = greeting::CAP.saturating_sub(seen.len());
            seen.extend_from_slice(&waiting[..count.min(room)]);
        }
        match session.handshake() {
            Ok(()) => return Ok(Greeting::parse(&seen)),
            Err(error) if code_of(&error) == EAGAIN => {}
            Err(error) => return Err(no_handshake(session, &error, &seen)),
        }
        // The limit is the supervisor's; the short wait only guards against an event that was missed.
        match poll.poll(&mut events, Some(Duration::from_millis(500))) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(internal(&error)),
        }
    }
}

/// libssh2's "would block".
pub(crate) const EAGAIN: i32 = -37;

fn no_handshake(session: &Session, error: &ssh2::Error, seen: &[u8]) -> Error {
    let greeting = Greeting::parse(seen);
    let said = if greeting.before.is_empty() { error.message().as_bytes().to_vec() } else { greeting.before.clone() };
    let refused = |fault: Fault| Error::new(fault).at(Stage::Greeting).raw_text(&said);
    let text = String::from_utf8_lossy(&greeting.before).to_ascii_lowercase();
    // sshd hangs up with these lines when it has too many callers, or this one is being punished (OpenSSH 9.8).
    if text.contains("exceeded maxstartups")
        || text.contains("not allowed at this time")
        || text.contains("too many connections")
    {
        return refused(Fault::ServerBusy);
    }
    if let Some(fault) = crate::privilege::from_words(&greeting.before) {
        return refused(fault);
    }
    if greeting.version.is_some() && !greeting.speaks_ssh2() {
        return Error::new(Fault::NotSsh).at(Stage::Greeting).raw_text(greeting.version.unwrap_or_default().as_bytes());
    }
    if greeting.version.is_none() {
        // A silent hang-up is what MaxStartups and tcp wrappers look like; anything else it said is another protocol.
        let fault = if seen.is_empty() { Fault::ServerBusy } else { Fault::NotSsh };
        return refused(fault);
    }
    let kinds: Vec<&str> = preferred_kinds("", &[]);
    let clash = greeting.offer.as_ref().and_then(|theirs| theirs.clash(&offer(session, &kinds)));
    match clash {
        Some((what, theirs, ours)) => refused(Fault::NoCommonAlgorithm { what, theirs, ours }),
        None if matches!(code_of(error), -5 | -8) && greeting.offer.is_none() => {
            refused(Fault::ConnectionLost { silent: false })
        }
        None if matches!(code_of(error), -5 | -8) => {
            refused(Fault::NoCommonAlgorithm { what: "algorithm", theirs: Vec::new(), ours: Vec::new() })
        }
        None => library(error, Stage::Greeting),
    }
}

fn read_known_hosts(plan: &Plan) -> Result<Vec<KnownHosts>, Error> {
    std::iter::once(&plan.own_known_hosts)
        .chain(&plan.known_hosts)
        .map(|file| {
            KnownHosts::read(file).map_err(|error| {
                let fault = Fault::KnownHostsUnreadable { file: file.clone() };
                Error::new(fault).at(Stage::HostKey).raw_text(error.to_string().as_bytes())
            })
        })
        .collect()
}

/// Lets a known key pass, pins one that a person compared, and stops at everything else. Where the key is known from.
fn admit(plan: &Plan, shown: &HostKey, files: &[KnownHosts]) -> Result<String, Error> {
    let stop = |fault: Fault| Err(Error::new(fault).at(Stage::HostKey));
    let compared = plan.trust.iter().any(|print| same_fingerprint(print, shown));
    let shown_again = || shown.clone();
    match judge(&plan.place, shown, files) {
        Judgement::Known { place } => return Ok(place),
        Judgement::Revoked { place } => return stop(Fault::HostKeyRevoked { shown: shown_again(), place }),
        Judgement::Changed { known } => {
            if !plan.replace.as_deref().is_some_and(|print| same_fingerprint(print, shown)) {
                return stop(Fault::HostKeyChanged { shown: shown_again(), known });
            }
        }
        Judgement::First | Judgement::CertAuthority { .. } if compared => {}
        Judgement::First | Judgement::CertAuthority { .. } if !plan.trust.is_empty() => {
            return stop(Fault::HostKeyTrustDiffers { shown: shown_again(), expected: plan.trust.join(", ") });
        }
        Judgement::First => return stop(Fault::HostKeyFirst { shown: shown_again() }),
        Judgement::CertAuthority { place } => return stop(Fault::HostCertAuthority { shown: shown_again(), place }),
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    match trust(&plan.own_known_hosts, &plan.place, shown, now) {
        Ok(()) => Ok(plan.own_known_hosts.display().to_string()),
        Err(error) => Err(Error::new(Fault::KnownHostsUnwritable { file: plan.own_known_hosts.clone() })
            .at(Stage::HostKey)
            .raw_text(error.to_string().as_bytes())),
    }
}

/// The library gave up without a reason that a person could act on: the line is gone, or it is our own fault.
pub(crate) fn library(error: &ssh2::Error, stage: Stage) -> Error {
    let fault = if line_is_gone(code_of(error)) {
        Fault::ConnectionLost { silent: false }
    } else {
        Fault::Internal { what: error.message().to_owned() }
    };
    Error::new(fault).at(stage).raw_text(format!("libssh2 {}: {}", code_of(error), error.message()).as_bytes())
}

/// Socket closed, not sent, not received, timed out, banner not received; broken packets, after which nothing can be trusted.
pub(crate) fn line_is_gone(code: i32) -> bool {
    matches!(code, -1 | -2 | -3 | -4 | -7 | -9 | -12 | -13 | -14 | -43 | -45)
}

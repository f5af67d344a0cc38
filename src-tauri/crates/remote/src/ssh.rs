//! A server reached over SSH: one TCP connection for the whole walk, many scripts over it at once.

use crate::Secret;
use crate::ask::{Answers, Asker, Question};
use crate::cancel::Cancel;
use crate::dial::dial;
use crate::error::{Error, Fault, Stage};
use crate::host_key::HostKey;
use crate::job::{Input, Job, NotRoot, Remote, Running};
use crate::line::{self, Note, Plan};
use crate::pace::Pace;
use crate::pump::{Command, Pump, Start, Who};
use crate::target::Target;
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How to connect. `Options::new` has the usual files and limits; every field may be replaced.
#[derive(Clone, Debug)]
pub struct Options {
    /// Our own known_hosts file: the only one that is written.
    pub own_known_hosts: PathBuf,
    /// The person's and the system's files, read after ours.
    pub known_hosts: Vec<PathBuf>,
    /// Fingerprints (`SHA256:...`) that a person compared: a server met for the first time with one of these is pinned.
    pub trust: Vec<String>,
    /// The new fingerprint of a server whose key changed: only with exactly this one is the saved key replaced.
    pub replace: Option<String>,
    /// The ways to sign in, in this order.
    pub methods: Vec<Method>,
    pub limits: Limits,
    pub cancel: Cancel,
    /// Shared by all connections of a program.
    pub pace: Pace,
    /// This connection is the proof of access: it does not wait for its turn.
    pub proof: bool,
    /// Only addresses of this family; `None` takes whichever answers first.
    pub family: Option<Family>,
}

/// The two kinds of address that a name may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

impl Family {
    pub fn of(address: &std::net::SocketAddr) -> Family {
        if address.is_ipv4() { Family::V4 } else { Family::V6 }
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        })
    }
}

/// A way to sign in. The server's own questions (codes) are asked whenever it has some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Agent,
    KeyFile,
    /// Keyboard-interactive first where the server has it, then plain.
    Password,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Name and address; and again for the greeting and the server's key.
    pub connect: Duration,
    pub sign_in: Duration,
    /// From a script's start until a shell reads it.
    pub shell: Duration,
    /// Nothing at all came over the line, not even an answer to a sign of life.
    pub lost: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Limits { connect: seconds(10), sign_in: seconds(30), shell: seconds(20), lost: seconds(30) }
    }
}

impl Options {
    /// `folder` is where our own known_hosts lives.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        let mut known_hosts = Vec::new();
        if let Some(home) = home() {
            known_hosts.extend(["known_hosts", "known_hosts2"].map(|name| home.join(".ssh").join(name)));
        }
        known_hosts.extend(system_known_hosts());
        Options {
            own_known_hosts: folder.as_ref().join("known_hosts"),
            known_hosts,
            trust: Vec::new(),
            replace: None,
            methods: vec![Method::Agent, Method::KeyFile, Method::Password],
            limits: Limits::default(),
            cancel: Cancel::default(),
            pace: Pace::of_this_program(),
            proof: false,
            family: None,
        }
    }
}

pub(crate) fn home() -> Option<PathBuf> {
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    std::env::var_os(name).filter(|home| !home.is_empty()).map(PathBuf::from)
}

fn system_known_hosts() -> Vec<PathBuf> {
    if cfg!(windows) {
        let data = std::env::var_os("ProgramData").map(PathBuf::from);
        return data.map(|folder| folder.join("ssh").join("ssh_known_hosts")).into_iter().collect();
    }
    ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"].map(PathBuf::from).into()
}

/// What was learned about the server while connecting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// As the person calls it.
    pub name: String,
    pub host: String,
    pub port: u16,
    pub user: String,
    /// The address that was dialled; `None` through a jump host.
    pub address: Option<std::net::SocketAddr>,
    pub host_key: HostKey,
    /// Where that key is known from: `FILE:LINE`, or our own file just now.
    pub known_from: String,
    /// `SSH-2.0-OpenSSH_9.2p1 ...`
    pub version: String,
    /// How the sign-in worked: `agent`, `key FILE`, `password`, `keyboard-interactive`, several joined by ` + `.
    pub signed_in_by: String,
    /// The text shown before signing in.
    pub banner: String,
    pub connect_time: Duration,
}

/// A signed-in connection. Clones share it; it ends with the last one.
#[derive(Clone)]
pub struct Ssh(Arc<Inner>);

struct Inner {
    server: Server,
    pump: Pump,
    limits: Limits,
    asker: Arc<dyn Asker>,
    runtime: tokio::runtime::Handle,
    sudo: Arc<Mutex<Sudo>>,
    /// The connections this one passes through; they must outlive it.
    _through: Option<Ssh>,
}

/// What is known about becoming an administrator on this connection.
#[derive(Debug, Default)]
pub(crate) struct Sudo {
    pub(crate) password: Option<Secret>,
    /// sudo has asked for a password before: it will again.
    pub(crate) asks: bool,
    /// The last password was wrong.
    pub(crate) refused: bool,
    /// The password was taken and the account may not: jobs that can do with less do not try again.
    pub(crate) denied: Option<NotRoot>,
}

impl std::fmt::Debug for Ssh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ssh").field("server", &self.0.server).finish_non_exhaustive()
    }
}

impl Ssh {
    /// Reaches `target` and signs in. The server's key is judged before anything that proves who we are is sent.
    ///
    /// Dropping the future hangs up.
    pub async fn connect(target: &Target, options: &Options, asker: Arc<dyn Asker>) -> Result<Ssh, Error> {
        let mut through: Option<Ssh> = None;
        for hop in target.jump.iter().chain(std::iter::once(target)) {
            let name_it = |error: Error| error.server(hop.name()).port(hop.port).user(&hop.user());
            let ssh = tokio::select! {
                biased;
                () = options.cancel.cancelled() => Err(Error::new(Fault::Cancelled)),
                reached = reach(hop, options, &asker, through.take()) => reached,
            };
            through = Some(ssh.map_err(name_it)?);
        }
        through.ok_or_else(|| Error::new(Fault::Internal { what: "there was no server to reach".to_owned() }))
    }

    pub fn server(&self) -> &Server {
        &self.0.server
    }

    /// Keeps a password for sudo, wiped with the connection: `Elevate::IfPossible` uses it from now on.
    pub fn give_sudo_password(&self, password: Secret) {
        let mut sudo = self.0.sudo.lock().unwrap_or_else(PoisonError::into_inner);
        *sudo = Sudo { password: Some(password), asks: sudo.asks, ..Sudo::default() };
    }

    /// Why the connection ended, if it did.
    pub fn ended(&self) -> Option<Error> {
        self.0.pump.ended().map(|error| self.name_it(error))
    }

    /// Hangs up now. What runs on the server under the safety timer goes on there.
    pub fn close(&self) {
        self.0.pump.hang_up();
    }

    fn name_it(&self, error: Error) -> Error {
        let server = &self.0.server;
        error.server(&server.name).port(server.port).user(&server.user)
    }
}

impl Remote for Ssh {
    fn start(&self, job: Job) -> Running {
        self.begin(job, None)
    }

    fn converse(&self, job: Job) -> (Running, Input) {
        let inner = Arc::downgrade(&self.0);
        let (input, follows) = Input::new(move || {
            if let Some(inner) = inner.upgrade() {
                inner.pump.wake();
            }
        });
        (self.begin(job, Some(follows)), input)
    }

    /// Through a jump host the first line is another one, so nothing is told.
    fn resent(&self) -> Option<u64> {
        self.0.server.address?;
        self.0.pump.resent()
    }
}

impl Ssh {
    fn begin(&self, job: Job, follows: Option<mpsc::Receiver<Vec<u8>>>) -> Running {
        // Enough for a fast writer to stay ahead of a reader that parses; more would only be memory.
        let (events, received) = mpsc::channel(64);
        let inner = Arc::clone(&self.0);
        let question = Question::SudoPassword {
            host: inner.server.host.clone(),
            port: inner.server.port,
            user: inner.server.user.clone(),
            again: false,
        };
        let ask: crate::pump::AskSudo = {
            let (asker, runtime) = (Arc::clone(&inner.asker), inner.runtime.clone());
            Box::new(move |again, answer| {
                let mut question = question.clone();
                if let Question::SudoPassword { again: flag, .. } = &mut question {
                    *flag = again;
                }
                let asker = Arc::clone(&asker);
                runtime.spawn(async move { answer(asker.ask(question).await.and_then(|mut all| all.pop())) });
            })
        };
        let server = &inner.server;
        let who = Who { server: server.name.clone(), port: server.port, user: server.user.clone() };
        let (sudo, shell) = (Arc::clone(&inner.sudo), inner.limits.shell);
        // A connection that has ended drops the command, and with it whoever waits is told.
        inner.pump.send(Command::Start(Start { job, follows, events: Some(events), sudo, ask: Some(ask), who, shell }));
        Running { events: received }
    }
}

fn lost(stage: Stage) -> Error {
    Error::new(Fault::ConnectionLost { silent: false }).at(stage)
}

async fn reach(hop: &Target, options: &Options, asker: &Arc<dyn Asker>, through: Option<Ssh>) -> Result<Ssh, Error> {
    let began = Instant::now();
    let place = hop.known_hosts_name();
    let (stream, address) = match &through {
        Some(previous) => (previous.pass_on(&hop.host, hop.port, options.limits.connect).await?, None),
        None => {
            let turn = wait_turn(options, &place);
            let (stream, address) = dial(&hop.host, hop.port, options.limits.connect, options.family, turn).await?;
            (stream, Some(address))
        }
    };
    let hang_up = HangUp(Some(stream.try_clone().map_err(|e| internal(&e))?));
    let plan = Plan {
        place,
        host: hop.host.clone(),
        port: hop.port,
        user: hop.user(),
        identity: hop.identity.clone(),
        own_known_hosts: options.own_known_hosts.clone(),
        known_hosts: options.known_hosts.clone(),
        trust: options.trust.clone(),
        replace: options.replace.clone(),
        methods: options.methods.clone(),
        lost: options.limits.lost,
    };
    let (notes, mut received) = mpsc::unbounded_channel();
    let pump = line::start(stream, plan, notes)?;
    let met = supervise(&mut received, &options.limits, asker.as_ref()).await?;
    hang_up.keep();
    let server = Server {
        name: hop.name().to_owned(),
        host: hop.host.clone(),
        port: hop.port,
        user: hop.user(),
        address,
        host_key: met.host_key,
        known_from: met.known_from,
        version: met.version,
        signed_in_by: met.signed_in_by,
        banner: met.banner,
        connect_time: began.elapsed(),
    };
    tracing::info!(server = %server.name, by = %server.signed_in_by, ms = server.connect_time.as_millis(), "signed in");
    let inner = Inner {
        server,
        pump,
        limits: options.limits,
        asker: Arc::clone(asker),
        runtime: tokio::runtime::Handle::current(),
        sudo: Arc::default(),
        _through: through,
    };
    Ok(Ssh(Arc::new(inner)))
}

async fn wait_turn(options: &Options, place: &str) {
    if !options.proof {
        tokio::time::sleep(options.pace.slot(place, std::time::Instant::now())).await;
    }
    tracing::debug!(place, proof = options.proof, "calling");
    // The call is made now, not when its turn was given: the next one is counted from here.
    options.pace.passed(place, std::time::Instant::now());
}

/// Holds the connection's thread to its limits, and answers its questions, whose time does not count.
async fn supervise(
    notes: &mut mpsc::UnboundedReceiver<Note>,
    limits: &Limits,
    asker: &dyn Asker,
) -> Result<line::Met, Error> {
    let mut stage = Stage::Greeting;
    let mut limit = limits.connect;
    let mut deadline = Instant::now() + limit;
    loop {
        let Ok(note) = tokio::time::timeout_at(deadline, notes.recv()).await else {
            let fault = if stage == Stage::Greeting { Fault::NoAnswer { limit } } else { Fault::TimedOut { limit } };
            return Err(Error::new(fault).at(stage));
        };
        match note {
            Some(Note::Stage(next)) => {
                stage = next;
                limit = if next == Stage::SignIn { limits.sign_in } else { limits.connect };
                deadline = Instant::now() + limit;
            }
            Some(Note::Ask(question, answer)) => {
                let asked = Instant::now();
                let answers: Answers = asker.ask(question).await;
                deadline += asked.elapsed();
                // The thread is gone only if the connection is; the next note says so.
                let _ = answer.send(answers);
            }
            Some(Note::Ready(met)) => return Ok(*met),
            Some(Note::Failed(error)) => return Err(error),
            None => {
                return Err(
                    Error::new(Fault::Internal { what: "the connection's thread ended early".to_owned() }).at(stage)
                );
            }
        }
    }
}

/// Shuts the socket when the attempt is given up, whatever the thread is waiting for.
struct HangUp(Option<TcpStream>);

impl HangUp {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for HangUp {
    fn drop(&mut self) {
        if let Some(stream) = &self.0 {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

pub(crate) fn internal(error: &std::io::Error) -> Error {
    Error::new(Fault::Internal { what: error.to_string() })
}

impl Ssh {
    /// A TCP connection from this server onwards, as a socket on this computer.
    async fn pass_on(&self, host: &str, port: u16, limit: Duration) -> Result<TcpStream, Error> {
        let (answer, received) = oneshot::channel();
        let command = Command::PassOn { host: host.to_owned(), port, answer };
        let here = |error: Error| self.name_it(error);
        if !self.0.pump.send(command) {
            return Err(self.ended().unwrap_or_else(|| here(lost(Stage::Address))));
        }
        match tokio::time::timeout(limit, received).await {
            Ok(Ok(result)) => result.map_err(here),
            Ok(Err(_)) => Err(here(lost(Stage::Address))),
            Err(_) => Err(Error::new(Fault::NoAnswer { limit }).at(Stage::Address)),
        }
    }
}

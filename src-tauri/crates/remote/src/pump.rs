//! One thread that moves the bytes of one connection: many scripts at once, both their streams drained, none waiting for another.
//!
//! The library is used without blocking. Its one trap shapes this file: after a call could not send everything, no other call
//! on the connection may send before that very call has been repeated. So a call that is stuck is repeated first.

use crate::Secret;
use crate::error::{Error, Fault, Stage};
use crate::job::{Elevate, Event, Job};
use crate::line::{EAGAIN, SOCKET, line_is_gone};
use crate::pass_on::PassOn;
use crate::raw::code_of;
use crate::ssh::Sudo;
use crate::work::{Turn, Work};
use mio::{Events, Poll, Token, Waker};
use ssh2::{BlockDirections, Session};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Asks for the sudo password; the answer comes back through the closure it is given. The first argument: the last one was wrong.
pub(crate) type AskSudo = Box<dyn FnOnce(bool, Box<dyn FnOnce(Option<Secret>) + Send>) + Send>;

pub(crate) enum Command {
    Start(Start),
    PassOn { host: String, port: u16, answer: oneshot::Sender<Result<TcpStream, Error>> },
    SudoAnswer { work: u64, password: Option<Secret> },
}

/// A script to start, and who waits for it. If it is dropped before it began, whoever waits is told.
pub(crate) struct Start {
    pub(crate) job: Job,
    /// What the script reads after itself.
    pub(crate) follows: Option<mpsc::Receiver<Vec<u8>>>,
    pub(crate) events: Option<mpsc::Sender<Event>>,
    pub(crate) sudo: Arc<Mutex<Sudo>>,
    pub(crate) ask: Option<AskSudo>,
    pub(crate) who: Who,
    pub(crate) shell: Duration,
}

/// The server's name, port and user, for the words of an error.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) server: String,
    pub(crate) port: u16,
    pub(crate) user: String,
}

impl Who {
    pub(crate) fn name(&self, error: Error) -> Error {
        error.server(&self.server).port(self.port).user(&self.user)
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        if let Some(events) = self.events.take() {
            let error = Error::new(Fault::ConnectionLost { silent: false }).at(Stage::Shell);
            // The channel is new and empty: this cannot be full.
            let _ = events.try_send(Event::Failed(self.who.name(error)));
        }
    }
}

/// The end that others hold. The connection closes when it is dropped.
pub(crate) struct Pump {
    commands: Sender<Command>,
    waker: Arc<Waker>,
    ended: Arc<Mutex<Option<Error>>>,
    stream: TcpStream,
}

impl Pump {
    /// `false`: the connection has ended.
    pub(crate) fn send(&self, command: Command) -> bool {
        let sent = self.commands.send(command).is_ok();
        let _ = self.waker.wake();
        sent
    }

    /// Something lies ready for a script that runs.
    pub(crate) fn wake(&self) {
        let _ = self.waker.wake();
    }

    pub(crate) fn resent(&self) -> Option<u64> {
        crate::resent::of(&self.stream)
    }

    pub(crate) fn ended(&self) -> Option<Error> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn hang_up(&self) {
        // Whoever asks right now shall not take it for a line that lives.
        let over = || Error::new(Fault::Cancelled).at(Stage::Work);
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(over);
        let _ = self.stream.shutdown(Shutdown::Both);
        let _ = self.waker.wake();
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        // The thread sees the closed channel at its next turn, says goodbye and ends.
        self.commands = std::sync::mpsc::channel().0;
        let _ = self.waker.wake();
    }
}

/// The end that the thread holds.
pub(crate) struct Inbox {
    commands: Receiver<Command>,
    /// A way back to ourselves, for answers to questions.
    answers: (Sender<Command>, Receiver<Command>),
    waker: Arc<Waker>,
    ended: Arc<Mutex<Option<Error>>>,
}

const WAKE: Token = Token(1);

pub(crate) fn channel(poll: &Poll, stream: &TcpStream) -> std::io::Result<(Pump, Inbox)> {
    let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
    let (commands, received) = std::sync::mpsc::channel();
    let ended = Arc::new(Mutex::new(None));
    let pump = Pump { commands, waker: Arc::clone(&waker), ended: Arc::clone(&ended), stream: stream.try_clone()? };
    Ok((pump, Inbox { commands: received, answers: std::sync::mpsc::channel(), waker, ended }))
}

/// What one call of the library came to.
pub(crate) enum Flow<T> {
    Done(T),
    /// Nothing to read yet.
    Later,
    /// Not everything could be sent: this call has to be repeated before any other.
    Stuck,
    Failed(ssh2::Error),
}

pub(crate) fn flow<T>(session: &Session, result: Result<T, ssh2::Error>) -> Flow<T> {
    match result {
        Ok(value) => Flow::Done(value),
        Err(error) if code_of(&error) == EAGAIN => match session.block_directions() {
            BlockDirections::Outbound | BlockDirections::Both => Flow::Stuck,
            BlockDirections::None | BlockDirections::Inbound => Flow::Later,
        },
        Err(error) => Flow::Failed(error),
    }
}

/// The wrapper turns the library's errors into io errors and drops their code; the session still knows it.
pub(crate) fn io_flow<T>(session: &Session, result: std::io::Result<T>) -> Flow<T> {
    match result {
        Ok(value) => Flow::Done(value),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
            flow(session, Err(ssh2::Error::from_errno(ssh2::ErrorCode::Session(EAGAIN))))
        }
        Err(_) => Flow::Failed(ssh2::Error::last_session_error(session).unwrap_or_else(ssh2::Error::unknown)),
    }
}

/// A sign of life is sent after this long without a byte from the server.
const QUIET: Duration = Duration::from_secs(10);

struct Connection {
    session: Session,
    stream: TcpStream,
    inbox: Inbox,
    works: Vec<Work>,
    passes: Vec<PassOn>,
    next: u64,
    /// Whose call has to be repeated first: a work's or a passed connection's number.
    stuck: Option<u64>,
    /// Who is opening a channel or starts a program on it: the library does one at a time. Where it waits for such an
    /// answer and another channel's comes first, it gives up with code -1, as if the line were gone.
    opening: Option<u64>,
    heard: Instant,
    asked: Instant,
    lost: Duration,
    /// The server has closed its side; what it sent before may still lie in the socket.
    shut: bool,
}

pub(crate) fn run(
    session: Session,
    stream: TcpStream,
    mut poll: Poll,
    watched: mio::net::TcpStream,
    inbox: Inbox,
    lost: Duration,
) {
    // The interval only has to be shorter than ours: we decide when to send.
    session.set_keepalive(true, 2);
    let now = Instant::now();
    let mut connection = Connection {
        session,
        stream,
        inbox,
        works: Vec::new(),
        passes: Vec::new(),
        next: 16,
        stuck: None,
        opening: None,
        heard: now,
        asked: now,
        lost,
        shut: false,
    };
    let mut events = Events::with_capacity(64);
    let error = loop {
        if connection.take_commands(&poll) {
            break None;
        }
        let moved = match connection.turn(&poll) {
            Ok(moved) => moved,
            Err(error) => break Some(error),
        };
        let wait = if moved { Duration::ZERO } else { connection.patience() };
        match poll.poll(&mut events, Some(wait)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => break Some(crate::ssh::internal(&error)),
        }
        for event in &events {
            if event.token() == SOCKET {
                if event.is_readable() {
                    connection.heard = Instant::now();
                }
                connection.shut |= event.is_read_closed();
            }
        }
        if let Err(error) = connection.still_there() {
            break Some(error);
        }
    };
    connection.end(error);
    drop(watched);
}

impl Connection {
    /// `true`: nobody holds the connection any more.
    fn take_commands(&mut self, poll: &Poll) -> bool {
        loop {
            let command = match self.inbox.answers.1.try_recv() {
                Ok(command) => command,
                Err(_) => match self.inbox.commands.try_recv() {
                    Ok(command) => command,
                    Err(TryRecvError::Empty) => return false,
                    Err(TryRecvError::Disconnected) => return self.works.is_empty() && self.passes.is_empty(),
                },
            };
            self.take(command, poll);
        }
    }

    fn take(&mut self, command: Command, _poll: &Poll) {
        self.next += 1;
        let number = self.next;
        match command {
            Command::Start(start) => {
                let (answers, waker) = (self.inbox.answers.0.clone(), Arc::clone(&self.inbox.waker));
                let answer = Box::new(move |password| {
                    let _ = answers.send(Command::SudoAnswer { work: number, password });
                    let _ = waker.wake();
                });
                self.works.extend(Work::new(number, start, answer));
            }
            Command::PassOn { host, port, answer } => self.passes.push(PassOn::new(number, host, port, answer)),
            Command::SudoAnswer { work, password } => {
                if let Some(work) = self.works.iter_mut().find(|w| w.number == work) {
                    work.answered(password);
                }
            }
        }
    }

    /// One step for everybody; `true` if something moved.
    fn turn(&mut self, poll: &Poll) -> Result<bool, Error> {
        let mut moved = false;
        // Whoever is stuck goes first, and alone until it is through.
        let order: Vec<u64> = match self.stuck {
            Some(number) => vec![number],
            None => self.works.iter().map(|w| w.number).chain(self.passes.iter().map(|p| p.number)).collect(),
        };
        self.stuck = None;
        for number in order {
            let may_open = self.opening.is_none_or(|who| who == number);
            let others = self.works.len() + self.passes.len() > 1;
            let (turn, opening) = if let Some(work) = self.works.iter_mut().find(|w| w.number == number) {
                (work.step(&self.session, may_open, others), work.is_opening())
            } else if let Some(pass) = self.passes.iter_mut().find(|p| p.number == number) {
                (pass.step(&self.session, may_open, poll), pass.is_opening())
            } else {
                continue;
            };
            if opening {
                self.opening = Some(number);
            } else if self.opening == Some(number) {
                self.opening = None;
            }
            match turn {
                Turn::Moved => moved = true,
                Turn::Waiting => {}
                Turn::Stuck => {
                    self.stuck = Some(number);
                    break;
                }
                Turn::Finished => {
                    moved = true;
                    self.works.retain(|w| w.number != number);
                    self.passes.retain(|p| p.number != number);
                }
                Turn::LineGone(error) => return Err(error),
            }
        }
        Ok(moved)
    }

    /// How long the loop may sleep without missing a limit, a cancelled job or a reader that caught up.
    fn patience(&self) -> Duration {
        if self.works.iter().any(Work::is_held_back) {
            Duration::from_millis(5)
        } else if self.works.is_empty() && self.passes.is_empty() {
            Duration::from_millis(500)
        } else {
            Duration::from_millis(100)
        }
    }

    fn nobody_there(&self) -> bool {
        matches!(self.stream.peek(&mut [0]), Ok(0))
    }

    /// Signs of life, sent and expected.
    fn still_there(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let quiet = now.duration_since(self.heard);
        if quiet > self.lost {
            return Err(Error::new(Fault::ConnectionLost { silent: true }));
        }
        // While a call is stuck nothing else may be sent; the silence itself is the sign then.
        let quiet_enough = QUIET.min(self.lost / 3);
        if self.stuck.is_none() && quiet > quiet_enough && now.duration_since(self.asked) > quiet_enough {
            self.asked = now;
            if let Err(error) = self.session.keepalive_send() {
                return Err(gone(&error));
            }
        }
        // With no script running nobody reads the socket, and a closed one would go unnoticed.
        if self.works.is_empty() && self.passes.is_empty() && (self.shut || self.nobody_there()) {
            return Err(Error::new(Fault::ConnectionLost { silent: false }));
        }
        Ok(())
    }

    fn end(mut self, error: Option<Error>) {
        let error = error.unwrap_or_else(|| Error::new(Fault::Cancelled));
        *self.inbox.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone().at(Stage::Work));
        // Commands that arrive from now on find the channel closed; those already there are answered here.
        while let Ok(command) = self.inbox.commands.try_recv() {
            match command {
                Command::Start(mut start) => {
                    let told = start.who.name(error.clone().at(Stage::Shell));
                    if let Some(events) = start.events.take() {
                        let _ = events.try_send(Event::Failed(told));
                    }
                }
                Command::PassOn { answer, .. } => {
                    let _ = answer.send(Err(error.clone().at(Stage::Address)));
                }
                Command::SudoAnswer { .. } => {}
            }
        }
        for work in &mut self.works {
            work.connection_ended(&error);
        }
        self.passes.clear();
        // A goodbye, so that the server's log says what happened; a dead line is not waited for.
        let _ = self.session.disconnect(None, "done", None);
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

pub(crate) fn gone(error: &ssh2::Error) -> Error {
    Error::new(Fault::ConnectionLost { silent: false })
        .raw_text(format!("libssh2 {}: {}", code_of(error), error.message()).as_bytes())
}

/// Whether the whole connection is gone, or only this call was refused.
pub(crate) fn is_gone(error: &ssh2::Error) -> bool {
    line_is_gone(code_of(error))
}

/// The order in which an administrator's rights are tried for a job.
pub(crate) fn first_mode(elevate: Elevate, sudo: &Sudo) -> crate::privilege::Mode {
    use crate::privilege::Mode;
    match elevate {
        Elevate::No => Mode::Plain,
        Elevate::IfPossible if sudo.denied.is_some() => Mode::Plain,
        Elevate::IfPossible | Elevate::Required if sudo.asks && sudo.password.is_some() => Mode::SudoPassword,
        // With a password at hand, not being root is not the end: the second try uses it.
        Elevate::IfPossible => Mode::Try { required: sudo.password.is_some() },
        Elevate::Required => Mode::Try { required: true },
    }
}

//! One script on one channel: opened, elevated, fed, listened to, closed.

use crate::error::{Error, Fault, Stage};
use crate::job::{Elevate, Event, Job, NotRoot, Privilege};
use crate::privilege::{Mark, Mode, Preamble, command, early_end, from_words, nonce, not_root_fault};
use crate::pump::{AskSudo, Flow, Start, Who, first_mode, flow, gone, io_flow, is_gone};
use crate::raw::code_of;
use crate::ssh::Sudo;
use crate::{ExposeSecret as _, Secret};
use ssh2::{Channel, Session};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use zeroize::Zeroizing;

/// What one step came to.
pub(crate) enum Turn {
    Moved,
    Waiting,
    /// A call could not send everything and has to be repeated before any other on this connection.
    Stuck,
    Finished,
    LineGone(Error),
}

pub(crate) type Answer = Box<dyn FnOnce(Option<Secret>) + Send>;

pub(crate) struct Work {
    pub(crate) number: u64,
    job: Job,
    events: mpsc::Sender<Event>,
    sudo: Arc<Mutex<Sudo>>,
    ask: Option<(AskSudo, Answer)>,
    who: Who,
    shell_limit: Duration,

    at: At,
    mode: Mode,
    preamble: Preamble,
    channel: Option<Channel>,
    /// The call within the current step that has to be repeated first.
    resume: usize,
    started: Option<Privilege>,
    password: Option<Zeroizing<Vec<u8>>>,
    sent: usize,
    /// What the script reads after itself, and the piece of it that is on its way.
    follows: Option<mpsc::Receiver<Vec<u8>>>,
    piece: Vec<u8>,
    eof_sent: bool,
    /// Standard output that came before we knew that the script had started.
    early: Vec<u8>,
    /// What the reader has not taken yet; nothing is read from the server while it waits.
    held: VecDeque<Event>,
    since: Instant,
    heard: Instant,
    after: After,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Waiting to open a channel; again after this moment, where the server refused one.
    Open(Option<Instant>),
    Opening,
    Exec,
    Talk,
    /// Waiting for the sudo password.
    Ask,
    Close,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    End,
    Again(Mode),
    AskPassword,
}

/// The library's code for a server that says no to what was asked of a channel.
const REQUEST_DENIED: i32 = -22;
/// As much as one packet of the protocol carries.
const CHUNK: usize = 32 * 1024;
/// Packets taken from one stream before the next script has its turn.
const FAIR: usize = 16;
/// A channel that the server does not close is left behind after this long.
const CLOSING: Duration = Duration::from_secs(5);

impl Work {
    /// `None`: nobody waits for this script any more.
    pub(crate) fn new(number: u64, mut start: Start, answer: Answer) -> Option<Self> {
        let (events, ask) = (start.events.take()?, start.ask.take()?);
        let sudo = Arc::clone(&start.sudo);
        let mode = first_mode(start.job.elevate, &lock(&sudo));
        let now = Instant::now();
        let script = std::mem::take(&mut start.job.script);
        Some(Work {
            number,
            job: Job { script, ..start.job.clone() },
            events,
            sudo,
            ask: Some((ask, answer)),
            who: start.who.clone(),
            shell_limit: start.shell,
            at: At::Open(None),
            mode,
            preamble: Preamble::new(nonce()),
            channel: None,
            resume: 0,
            started: None,
            password: None,
            sent: 0,
            follows: start.follows.take(),
            piece: Vec::new(),
            eof_sent: false,
            early: Vec::new(),
            held: VecDeque::new(),
            since: now,
            heard: now,
            after: After::End,
        })
    }

    pub(crate) fn is_opening(&self) -> bool {
        matches!(self.at, At::Opening | At::Exec)
    }

    pub(crate) fn is_held_back(&self) -> bool {
        !self.held.is_empty()
    }

    /// The answer to the question for the sudo password.
    pub(crate) fn answered(&mut self, password: Option<Secret>) {
        if self.at != At::Ask {
            return;
        }
        match password {
            Some(password) => {
                lock(&self.sudo).password = Some(password);
                self.begin_again(Mode::SudoPassword);
            }
            None => {
                self.fail(Error::new(Fault::SudoNeedsPassword).at(Stage::Shell));
            }
        }
    }

    /// The connection is gone: the reader is told, whatever else it has not read yet.
    pub(crate) fn connection_ended(&mut self, error: &Error) {
        let stage = if self.started.is_some() { Stage::Work } else { Stage::Shell };
        let already_over = self.at == At::Close && self.after == After::End;
        let last = (!already_over).then(|| Event::Failed(self.name_it(error.clone().at(stage))));
        for event in self.held.drain(..).chain(last) {
            // The thread has nothing left to do but this; a reader that goes away ends the wait.
            if self.events.blocking_send(event).is_err() {
                return;
            }
        }
    }

    pub(crate) fn step(&mut self, session: &Session, may_open: bool, others: bool) -> Turn {
        if self.events.is_closed() && self.at != At::Close {
            tracing::debug!(work = self.number, "nobody listens any more");
            self.held.clear();
            if self.channel.is_none() && self.at != At::Opening {
                return Turn::Finished;
            }
            if self.at != At::Opening && self.resume == 0 {
                self.close(After::End);
            }
        }
        if !self.deliver() {
            // The reader's pace is no fault of the server.
            self.heard = Instant::now();
            return Turn::Waiting;
        }
        if let Some(error) = self.overdue() {
            self.fail(error);
        }
        match self.at {
            At::Open(after) => {
                if !may_open || after.is_some_and(|at| Instant::now() < at) {
                    return Turn::Waiting;
                }
                self.at = At::Opening;
                self.open(session, others)
            }
            At::Opening => self.open(session, others),
            At::Exec => self.exec(session),
            At::Talk => self.talk(session),
            At::Ask => Turn::Waiting,
            At::Close => self.closing(session),
        }
    }

    fn open(&mut self, session: &Session, others: bool) -> Turn {
        match flow(session, session.channel_session()) {
            Flow::Done(channel) => {
                self.channel = Some(channel);
                self.at = At::Exec;
                Turn::Moved
            }
            Flow::Later => Turn::Waiting,
            Flow::Stuck => Turn::Stuck,
            Flow::Failed(error) if is_gone(&error) => Turn::LineGone(gone(&error)),
            // The server has its limit (MaxSessions): a channel of ours that ends makes room.
            Flow::Failed(_) if others => {
                self.at = At::Open(Some(Instant::now() + Duration::from_millis(200)));
                Turn::Waiting
            }
            Flow::Failed(error) => {
                self.at = At::Open(None);
                self.fail(Error::new(Fault::ChannelLimit).at(Stage::Shell).raw_text(error.message().as_bytes()));
                Turn::Moved
            }
        }
    }

    fn exec(&mut self, session: &Session) -> Turn {
        let Some(channel) = &mut self.channel else { return Turn::Finished };
        let line = command(self.preamble.nonce(), self.mode);
        match flow(session, channel.exec(&line)) {
            Flow::Done(()) => {
                self.at = At::Talk;
                Turn::Moved
            }
            Flow::Later => Turn::Waiting,
            Flow::Stuck => Turn::Stuck,
            // Whatever else keeps the answer from us is no refusal: the line broke while we waited for it.
            Flow::Failed(error) if code_of(&error) != REQUEST_DENIED => Turn::LineGone(gone(&error)),
            Flow::Failed(error) => {
                self.fail(Error::new(Fault::ShellForced).at(Stage::Shell).raw_text(error.message().as_bytes()));
                Turn::Moved
            }
        }
    }

    fn talk(&mut self, session: &Session) -> Turn {
        let calls = [
            Self::send_password,
            Self::send_script,
            Self::send_what_follows,
            Self::send_eof,
            Self::read_out,
            Self::read_err,
            Self::read_end,
        ];
        let from = std::mem::take(&mut self.resume);
        let mut moved = false;
        for (index, call) in calls.iter().enumerate().skip(from) {
            match call(self, session) {
                Flow::Done(more) => moved |= more,
                Flow::Later => {}
                Flow::Stuck => {
                    self.resume = index;
                    return Turn::Stuck;
                }
                Flow::Failed(error) if is_gone(&error) => return Turn::LineGone(gone(&error)),
                Flow::Failed(error) => {
                    let raw = format!("libssh2 {}: {}", code_of(&error), error.message());
                    self.fail(
                        Error::new(Fault::ConnectionLost { silent: false }).at(Stage::Work).raw_text(raw.as_bytes()),
                    );
                }
            }
            if self.at != At::Talk {
                return Turn::Moved;
            }
        }
        if moved { Turn::Moved } else { Turn::Waiting }
    }

    fn send_password(&mut self, session: &Session) -> Flow<bool> {
        let (Some(password), Some(channel)) = (&mut self.password, &mut self.channel) else { return Flow::Done(false) };
        match io_flow(session, channel.write(password)) {
            Flow::Done(count) => {
                if count >= password.len() {
                    self.password = None;
                } else {
                    password.drain(..count);
                }
                Flow::Done(true)
            }
            Flow::Later => Flow::Later,
            Flow::Stuck => Flow::Stuck,
            Flow::Failed(error) => unread(error),
        }
    }

    fn send_script(&mut self, session: &Session) -> Flow<bool> {
        // With a password in play the script waits until root's shell has reported.
        if self.mode == Mode::SudoPassword && self.started.is_none() {
            return Flow::Done(false);
        }
        let Some(channel) = &mut self.channel else { return Flow::Done(false) };
        let mut moved = false;
        while self.sent < self.job.script.len() {
            let end = self.job.script.len().min(self.sent + CHUNK);
            match io_flow(session, channel.write(&self.job.script[self.sent..end])) {
                Flow::Done(0) => return Flow::Done(moved),
                Flow::Done(count) => {
                    self.sent += count;
                    self.heard = Instant::now();
                    moved = true;
                }
                Flow::Failed(error) => {
                    self.sent = self.job.script.len();
                    return unread(error);
                }
                Flow::Later => return if moved { Flow::Done(true) } else { Flow::Later },
                Flow::Stuck => return Flow::Stuck,
            }
        }
        Flow::Done(moved)
    }

    /// A few pieces at a time: the other direction has its turn in between.
    fn send_what_follows(&mut self, session: &Session) -> Flow<bool> {
        if self.started.is_none() || self.sent < self.job.script.len() {
            return Flow::Done(false);
        }
        let mut moved = false;
        for _ in 0..FAIR {
            if self.piece.is_empty() {
                match self.follows.as_mut().map(mpsc::Receiver::try_recv) {
                    Some(Ok(piece)) => self.piece = piece,
                    Some(Err(mpsc::error::TryRecvError::Empty)) | None => break,
                    Some(Err(mpsc::error::TryRecvError::Disconnected)) => {
                        self.follows = None;
                        break;
                    }
                }
            }
            let Some(channel) = &mut self.channel else { return Flow::Done(false) };
            match io_flow(session, channel.write(&self.piece)) {
                Flow::Done(count) => {
                    self.piece.drain(..count);
                    self.heard = Instant::now();
                    moved = true;
                }
                Flow::Failed(error) => {
                    self.follows = None;
                    self.piece.clear();
                    return unread(error);
                }
                Flow::Later => break,
                Flow::Stuck => return Flow::Stuck,
            }
        }
        Flow::Done(moved)
    }

    fn send_eof(&mut self, session: &Session) -> Flow<bool> {
        let waits = self.mode == Mode::SudoPassword && self.started.is_none();
        if self.eof_sent || waits || self.sent < self.job.script.len() || self.follows.is_some() {
            return Flow::Done(false);
        }
        let Some(channel) = &mut self.channel else { return Flow::Done(false) };
        match flow(session, channel.send_eof()) {
            Flow::Done(()) => {
                self.eof_sent = true;
                Flow::Done(true)
            }
            Flow::Failed(error) => {
                self.eof_sent = true;
                unread(error)
            }
            Flow::Later => Flow::Later,
            Flow::Stuck => Flow::Stuck,
        }
    }

    fn read_out(&mut self, session: &Session) -> Flow<bool> {
        self.read(session, 0, |work, bytes| {
            let bytes = work.preamble.stdout(bytes);
            if work.started.is_none() {
                work.early.extend_from_slice(&bytes);
            } else if !bytes.is_empty() {
                work.tell(Event::Stdout(bytes));
            }
        })
    }

    fn read_err(&mut self, session: &Session) -> Flow<bool> {
        self.read(session, ssh2::EXTENDED_DATA_STDERR, |work, bytes| {
            let (marks, rest) = work.preamble.stderr(bytes);
            for mark in marks {
                work.mark(mark);
            }
            if !rest.is_empty() && work.started.is_some() {
                work.tell(Event::Stderr(rest));
            }
        })
    }

    fn read(&mut self, session: &Session, stream: i32, take: fn(&mut Self, Vec<u8>)) -> Flow<bool> {
        let mut moved = false;
        for _ in 0..FAIR {
            if !self.held.is_empty() || self.at != At::Talk {
                break;
            }
            let Some(channel) = &self.channel else { break };
            let mut bytes = vec![0; CHUNK];
            match io_flow(session, channel.stream(stream).read(&mut bytes)) {
                Flow::Done(0) => break,
                Flow::Done(count) => {
                    bytes.truncate(count);
                    self.heard = Instant::now();
                    moved = true;
                    take(self, bytes);
                    self.notice_early_words();
                }
                Flow::Later => break,
                Flow::Stuck => return Flow::Stuck,
                Flow::Failed(error) => return Flow::Failed(error),
            }
        }
        Flow::Done(moved)
    }

    fn read_end(&mut self, session: &Session) -> Flow<bool> {
        let Some(channel) = &mut self.channel else { return Flow::Done(false) };
        if !self.held.is_empty() || !channel.eof() {
            return Flow::Done(false);
        }
        match flow(session, channel.wait_close()) {
            Flow::Done(()) => {}
            Flow::Later => return Flow::Later,
            Flow::Stuck => return Flow::Stuck,
            Flow::Failed(error) => return Flow::Failed(error),
        }
        let signal = channel.exit_signal().ok().and_then(|s| s.exit_signal);
        let code = channel.exit_status().unwrap_or(-1);
        match (self.started, signal) {
            (Some(_), Some(signal)) => self.fail(Error::new(Fault::Killed { signal }).at(Stage::Work)),
            (Some(_), None) => {
                self.tell(Event::Exit { code });
                self.close(After::End);
            }
            (None, _) => {
                let said = self.preamble.said();
                let error = early_end(self.mode, &said, self.preamble.prompts() > 0);
                if *error.fault() == Fault::SudoPasswordWrong {
                    self.forget_password();
                }
                match (denied(error.fault()), self.job.elevate) {
                    (Some(why), Elevate::IfPossible) if self.mode == Mode::SudoPassword => {
                        lock(&self.sudo).denied = Some(why);
                        self.close(After::Again(Mode::Plain));
                    }
                    _ => self.fail(error),
                }
            }
        }
        Flow::Done(true)
    }

    /// A cloud image answers root with a sentence and then sleeps for ten seconds: no need to wait for its end.
    fn notice_early_words(&mut self) {
        if self.started.is_some() || self.at != At::Talk {
            return;
        }
        let said = self.preamble.said();
        if let Some(fault @ Fault::WrongUser { .. }) = from_words(&said) {
            self.fail(Error::new(fault).at(Stage::Shell).raw_text(&said));
        }
    }

    fn mark(&mut self, mark: Mark) {
        match mark {
            Mark::Started(privilege) => {
                let privilege = match (self.job.elevate, lock(&self.sudo).denied) {
                    (Elevate::IfPossible, Some(why)) if self.mode == Mode::Plain => Privilege::User(why),
                    _ => privilege,
                };
                if privilege == Privilege::User(NotRoot::NeedsPassword) {
                    lock(&self.sudo).asks = true;
                }
                self.started = Some(privilege);
                self.tell(Event::Started { privilege });
                let early = std::mem::take(&mut self.early);
                if !early.is_empty() {
                    self.tell(Event::Stdout(early));
                }
            }
            Mark::NotRoot(why) => self.not_root(why),
            Mark::Prompt if self.preamble.prompts() > 1 => {
                self.forget_password();
                self.fail(Error::new(Fault::SudoPasswordWrong).at(Stage::Shell).raw_text(&self.preamble.said()));
            }
            Mark::Prompt => {
                let mut sudo = lock(&self.sudo);
                sudo.asks = true;
                self.password = sudo.password.as_ref().map(|password| {
                    let mut line = Zeroizing::new(Vec::with_capacity(password.expose_secret().len() + 1));
                    line.extend_from_slice(password.expose_secret().as_bytes());
                    line.push(b'\n');
                    line
                });
                drop(sudo);
                // PAM takes its time over a password.
                self.since = Instant::now();
            }
        }
    }

    fn not_root(&mut self, why: NotRoot) {
        let mut sudo = lock(&self.sudo);
        let has_password = sudo.password.is_some();
        sudo.asks |= why == NotRoot::NeedsPassword;
        drop(sudo);
        match (why, self.job.elevate) {
            (NotRoot::NeedsPassword, _) if has_password => self.close(After::Again(Mode::SudoPassword)),
            (NotRoot::NeedsPassword, Elevate::Required) => self.close(After::AskPassword),
            (_, Elevate::IfPossible) => self.close(After::Again(Mode::Try { required: false })),
            (_, Elevate::Required | Elevate::No) => {
                let said = self.preamble.said();
                self.fail(Error::new(not_root_fault(why, &said)).at(Stage::Shell).raw_text(&said));
            }
        }
    }

    fn forget_password(&mut self) {
        let mut sudo = lock(&self.sudo);
        sudo.password = None;
        sudo.refused = true;
    }

    fn closing(&mut self, session: &Session) -> Turn {
        if let Some(channel) = &mut self.channel {
            match flow(session, channel.close()) {
                Flow::Later if self.since.elapsed() < CLOSING => return Turn::Waiting,
                Flow::Stuck => return Turn::Stuck,
                Flow::Failed(error) if is_gone(&error) => return Turn::LineGone(gone(&error)),
                Flow::Done(()) | Flow::Later | Flow::Failed(_) => {}
            }
        }
        self.channel = None;
        match self.after {
            After::End => Turn::Finished,
            After::Again(mode) => {
                self.begin_again(mode);
                Turn::Moved
            }
            After::AskPassword => {
                self.at = At::Ask;
                let again = lock(&self.sudo).refused;
                match self.ask.take() {
                    Some((ask, answer)) => ask(again, answer),
                    None => self.fail(Error::new(Fault::SudoNeedsPassword).at(Stage::Shell)),
                }
                Turn::Moved
            }
        }
    }

    fn begin_again(&mut self, mode: Mode) {
        self.at = At::Open(None);
        self.mode = mode;
        self.preamble = Preamble::new(nonce());
        self.started = None;
        self.password = None;
        self.sent = 0;
        self.eof_sent = false;
        self.early.clear();
        self.since = Instant::now();
        self.heard = self.since;
    }

    /// A limit that has passed.
    fn overdue(&self) -> Option<Error> {
        match self.at {
            At::Close | At::Ask => None,
            At::Talk if self.started.is_some() => {
                let fault = Fault::Silent { limit: self.job.silence };
                (self.heard.elapsed() > self.job.silence).then(|| Error::new(fault).at(Stage::Work))
            }
            At::Open(Some(_)) if self.since.elapsed() > self.shell_limit => {
                Some(Error::new(Fault::ChannelLimit).at(Stage::Shell))
            }
            // Waiting for another job's channel to open is not the server's silence.
            At::Open(_) => None,
            At::Opening | At::Exec | At::Talk if self.since.elapsed() > self.shell_limit => {
                let said = self.preamble.said();
                let fault = match (from_words(&said), self.mode) {
                    (Some(fault), _) => fault,
                    // Where nothing at all was said it is the line that is silent, not sudo that asks.
                    (None, Mode::SudoPassword) if self.preamble.prompts() == 0 && !said.is_empty() => {
                        Fault::SudoAsksElse
                    }
                    (None, _) => Fault::ShellSilent { limit: self.shell_limit },
                };
                Some(Error::new(fault).at(Stage::Shell).raw_text(&said))
            }
            At::Opening | At::Exec | At::Talk => None,
        }
    }

    fn fail(&mut self, error: Error) {
        let error = self.name_it(error);
        self.tell(Event::Failed(error));
        self.close(After::End);
    }

    fn close(&mut self, after: After) {
        self.password = None;
        self.at = At::Close;
        self.after = after;
        self.since = Instant::now();
    }

    fn tell(&mut self, event: Event) {
        self.held.push_back(event);
        self.deliver();
    }

    /// Hands on what is held; `false`: the reader is behind.
    fn deliver(&mut self) -> bool {
        while let Some(event) = self.held.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.held.push_front(event);
                    return false;
                }
                Err(TrySendError::Closed(_)) => self.held.clear(),
            }
        }
        true
    }

    fn name_it(&self, error: Error) -> Error {
        self.who.name(error)
    }
}

/// sudo's last word about this account, as far as a password does not change it.
fn denied(fault: &Fault) -> Option<NotRoot> {
    match fault {
        Fault::SudoNotAllowed => Some(NotRoot::NotAllowed),
        Fault::SudoNeedsTerminal => Some(NotRoot::NeedsTerminal),
        Fault::SudoMissing => Some(NotRoot::NoSudo),
        _ => None,
    }
}

/// A script may end before it has been read to its end; what it says decides, not the rest of its text.
fn unread(error: ssh2::Error) -> Flow<bool> {
    if is_gone(&error) { Flow::Failed(error) } else { Flow::Done(false) }
}

fn lock(sudo: &Mutex<Sudo>) -> MutexGuard<'_, Sudo> {
    sudo.lock().unwrap_or_else(PoisonError::into_inner)
}

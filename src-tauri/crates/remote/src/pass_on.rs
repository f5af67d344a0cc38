//! A jump host passes a TCP connection on: a channel at one end, a socket on this computer at the other.

use crate::error::{Error, Fault, Stage};
use crate::pump::{Flow, flow, gone, io_flow, is_gone};
use crate::work::Turn;
use mio::{Interest, Poll, Token};
use ssh2::{Channel, Session};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use tokio::sync::oneshot;

pub(crate) struct PassOn {
    pub(crate) number: u64,
    host: String,
    port: u16,
    answer: Option<oneshot::Sender<Result<TcpStream, Error>>>,
    opening: bool,
    channel: Option<Channel>,
    socket: Option<mio::net::TcpStream>,
    outward: Vec<u8>,
    outward_closed: bool,
    inward: Vec<u8>,
    inward_closed: bool,
    eof_sent: bool,
    closing: bool,
    resume: usize,
}

const CHUNK: usize = 32 * 1024;

impl PassOn {
    pub(crate) fn new(number: u64, host: String, port: u16, answer: oneshot::Sender<Result<TcpStream, Error>>) -> Self {
        PassOn {
            number,
            host,
            port,
            answer: Some(answer),
            opening: false,
            channel: None,
            socket: None,
            outward: Vec::new(),
            outward_closed: false,
            inward: Vec::new(),
            inward_closed: false,
            eof_sent: false,
            closing: false,
            resume: 0,
        }
    }

    pub(crate) fn is_opening(&self) -> bool {
        self.opening
    }

    pub(crate) fn step(&mut self, session: &Session, may_open: bool, poll: &Poll) -> Turn {
        if self.channel.is_none() {
            return if may_open { self.open(session, poll) } else { Turn::Waiting };
        }
        if self.closing {
            return self.close(session);
        }
        let calls = [Self::read_socket, Self::write_channel, Self::read_channel, Self::write_socket];
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
                Flow::Failed(_) => self.closing = true,
            }
        }
        let over = (self.inward_closed && self.inward.is_empty())
            || (self.outward_closed && self.outward.is_empty() && self.eof_sent && self.inward_closed);
        if over {
            self.closing = true;
            moved = true;
        }
        if moved { Turn::Moved } else { Turn::Waiting }
    }

    fn open(&mut self, session: &Session, poll: &Poll) -> Turn {
        self.opening = true;
        match flow(session, session.channel_direct_tcpip(&self.host, self.port, None)) {
            Flow::Done(channel) => {
                self.opening = false;
                self.channel = Some(channel);
                match pair() {
                    Ok((here, there)) => self.hand_over(here, there, poll),
                    Err(error) => self.refuse(crate::ssh::internal(&error)),
                }
                Turn::Moved
            }
            Flow::Later => Turn::Waiting,
            Flow::Stuck => Turn::Stuck,
            Flow::Failed(error) if is_gone(&error) => Turn::LineGone(gone(&error)),
            Flow::Failed(error) => {
                self.opening = false;
                let to = if self.host.contains(':') {
                    format!("[{}]:{}", self.host, self.port)
                } else {
                    format!("{}:{}", self.host, self.port)
                };
                self.refuse(
                    Error::new(Fault::JumpRefused { to }).at(Stage::Address).raw_text(error.message().as_bytes()),
                );
                Turn::Finished
            }
        }
    }

    fn hand_over(&mut self, here: TcpStream, there: TcpStream, poll: &Poll) {
        let mut socket = mio::net::TcpStream::from_std(here);
        let token = Token(usize::try_from(self.number).unwrap_or(usize::MAX));
        let registered = poll.registry().register(&mut socket, token, Interest::READABLE | Interest::WRITABLE);
        self.socket = Some(socket);
        match (registered, self.answer.take()) {
            (Ok(()), Some(answer)) => self.closing = answer.send(Ok(there)).is_err(),
            (Err(error), Some(answer)) => {
                self.closing = true;
                let _ = answer.send(Err(crate::ssh::internal(&error)));
            }
            (_, None) => self.closing = true,
        }
    }

    fn refuse(&mut self, error: Error) {
        self.closing = true;
        if let Some(answer) = self.answer.take() {
            let _ = answer.send(Err(error));
        }
    }

    fn read_socket(&mut self, _: &Session) -> Flow<bool> {
        let Some(socket) = &mut self.socket else { return Flow::Done(false) };
        if !self.outward.is_empty() || self.outward_closed {
            return Flow::Done(false);
        }
        let mut bytes = vec![0; CHUNK];
        match socket.read(&mut bytes) {
            Ok(0) => self.outward_closed = true,
            Ok(count) => {
                bytes.truncate(count);
                self.outward = bytes;
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Flow::Later,
            Err(_) => self.outward_closed = true,
        }
        Flow::Done(true)
    }

    fn write_channel(&mut self, session: &Session) -> Flow<bool> {
        let Some(channel) = &mut self.channel else { return Flow::Done(false) };
        if !self.outward.is_empty() {
            return match io_flow(session, channel.write(&self.outward)) {
                Flow::Done(count) => {
                    self.outward.drain(..count);
                    Flow::Done(count > 0)
                }
                Flow::Later => Flow::Later,
                Flow::Stuck => Flow::Stuck,
                Flow::Failed(error) => Flow::Failed(error),
            };
        }
        if self.outward_closed && !self.eof_sent {
            return match flow(session, channel.send_eof()) {
                Flow::Done(()) => {
                    self.eof_sent = true;
                    Flow::Done(true)
                }
                Flow::Later => Flow::Later,
                Flow::Stuck => Flow::Stuck,
                Flow::Failed(error) => Flow::Failed(error),
            };
        }
        Flow::Done(false)
    }

    fn read_channel(&mut self, session: &Session) -> Flow<bool> {
        let Some(channel) = &mut self.channel else { return Flow::Done(false) };
        if !self.inward.is_empty() || self.inward_closed {
            return Flow::Done(false);
        }
        let mut bytes = vec![0; CHUNK];
        match io_flow(session, channel.read(&mut bytes)) {
            Flow::Done(0) => {
                self.inward_closed = channel.eof();
                Flow::Done(self.inward_closed)
            }
            Flow::Done(count) => {
                bytes.truncate(count);
                self.inward = bytes;
                Flow::Done(true)
            }
            Flow::Later => Flow::Later,
            Flow::Stuck => Flow::Stuck,
            Flow::Failed(error) => Flow::Failed(error),
        }
    }

    fn write_socket(&mut self, _: &Session) -> Flow<bool> {
        let Some(socket) = &mut self.socket else { return Flow::Done(false) };
        if self.inward.is_empty() {
            return Flow::Done(false);
        }
        match socket.write(&self.inward) {
            Ok(count) => {
                self.inward.drain(..count);
                Flow::Done(count > 0)
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Flow::Later,
            // Nobody reads here any more.
            Err(_) => {
                self.closing = true;
                Flow::Done(true)
            }
        }
    }

    fn close(&mut self, session: &Session) -> Turn {
        if let Some(socket) = self.socket.take() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        let Some(channel) = &mut self.channel else { return Turn::Finished };
        match flow(session, channel.close()) {
            Flow::Later => Turn::Waiting,
            Flow::Stuck => Turn::Stuck,
            Flow::Failed(error) if is_gone(&error) => Turn::LineGone(gone(&error)),
            Flow::Done(()) | Flow::Failed(_) => Turn::Finished,
        }
    }
}

/// Two ends of one connection on this computer. Loopback sockets, because Windows has no pair; another program that guesses the
/// port in that moment is turned away by its address.
fn pair() -> std::io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let there = TcpStream::connect(listener.local_addr()?)?;
    let own = there.local_addr()?;
    loop {
        let (here, caller) = listener.accept()?;
        if caller == own {
            here.set_nonblocking(true)?;
            here.set_nodelay(true)?;
            there.set_nodelay(true)?;
            return Ok((here, there));
        }
    }
}

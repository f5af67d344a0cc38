//! A piece of wire between this computer and a server, which a test can pinch: nothing comes through any more, and neither
//! end is told. That is what a cut cable, a firewall that drops, or a sleeping router looks like to both.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A port of this computer that leads to a server.
#[derive(Clone, Debug)]
pub struct Wire {
    pub port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug)]
struct State {
    pinched: bool,
    /// Pinched by itself once the server has said so many bytes on one connection.
    after: Option<usize>,
    /// The most that the server has said on one connection.
    said: usize,
    leads_to: (String, u16),
    calls: Vec<Instant>,
}

impl Wire {
    /// # Errors
    /// Where no port is free.
    pub fn to(host: &str, port: u16) -> io::Result<Wire> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let own = listener.local_addr()?.port();
        let state =
            State { pinched: false, after: None, said: 0, leads_to: (host.to_owned(), port), calls: Vec::new() };
        let wire = Wire { port: own, state: Arc::new((Mutex::new(state), Condvar::new())) };
        let inside = wire.clone();
        std::thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                let place = {
                    let mut state = inside.lock();
                    state.calls.push(Instant::now());
                    state.leads_to.clone()
                };
                // A server that refuses hangs up on the caller.
                let Ok(server) = TcpStream::connect(place) else { continue };
                let _ = inside.join(&caller, &server);
            }
        });
        Ok(wire)
    }

    fn join(&self, caller: &TcpStream, server: &TcpStream) -> io::Result<()> {
        for (from, to, is_server) in [(caller, server, false), (server, caller, true)] {
            let (from, to, wire) = (from.try_clone()?, to.try_clone()?, self.clone());
            std::thread::spawn(move || wire.carry(from, to, is_server));
        }
        Ok(())
    }

    fn carry(&self, mut from: TcpStream, mut to: TcpStream, is_server: bool) {
        let mut bytes = [0; 16 * 1024];
        let mut carried = 0;
        loop {
            let count = from.read(&mut bytes).unwrap_or(0);
            carried += count;
            let mut state = self.lock();
            state.said = if is_server { state.said.max(carried) } else { state.said };
            state.pinched |= is_server && state.after.is_some_and(|most| carried > most);
            drop(state);
            // Not even the end of a connection comes through.
            self.wait();
            if count == 0 || to.write_all(&bytes[..count]).is_err() {
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
        }
    }

    fn wait(&self) {
        let mut state = self.lock();
        while state.pinched {
            state = self.state.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn pinch(&self) {
        self.lock().pinched = true;
    }

    /// Pinches once the server has said more than so many bytes.
    pub fn pinch_after(&self, bytes: usize) {
        self.lock().after = Some(bytes);
    }

    /// Whether nothing comes through any more.
    #[must_use]
    pub fn is_pinched(&self) -> bool {
        self.lock().pinched
    }

    /// How many bytes the server has said on the connection on which it said most.
    #[must_use]
    pub fn said(&self) -> usize {
        self.lock().said
    }

    /// Lets everything through again, what was held back first.
    pub fn release(&self) {
        let mut state = self.lock();
        (state.pinched, state.after) = (false, None);
        self.state.1.notify_all();
    }

    /// From the next call on it leads to another server.
    pub fn lead_to(&self, host: &str, port: u16) {
        self.lock().leads_to = (host.to_owned(), port);
    }

    /// When it was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Instant> {
        self.lock().calls.clone()
    }
}

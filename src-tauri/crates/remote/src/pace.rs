//! Servers shut an address out that connects too often (sshd's penalties, fail2ban, `ufw limit`: six in 30 s).
//! At most one new connection in six seconds goes to one server, except the proof of access, which cannot wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(6);

/// Shared by all connections of one program; clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<Mutex<HashMap<String, Instant>>>);

impl Pace {
    /// The gate that every connection of this program passes, unless it is given another.
    pub fn of_this_program() -> Self {
        static GATE: OnceLock<Pace> = OnceLock::new();
        GATE.get_or_init(Pace::default).clone()
    }

    /// Takes the next slot for `server` and says how long to wait for it.
    pub fn slot(&self, server: &str, now: Instant) -> Duration {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|_, at| *at + WINDOW > now);
        let at = last.get(server).map_or(now, |previous| (*previous + WINDOW).max(now));
        last.insert(server.to_owned(), at);
        at - now
    }

    /// Counts a connection that does not wait.
    pub fn passed(&self, server: &str, now: Instant) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = last.entry(server.to_owned()).or_insert(now);
        *entry = (*entry).max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_six_seconds_for_each_server() {
        let (pace, now) = (Pace::default(), Instant::now());
        let s = Duration::from_secs;
        assert_eq!(pace.slot("a", now), s(0));
        assert_eq!(pace.slot("b", now), s(0));
        assert_eq!(pace.slot("a", now + s(1)), s(5));
        assert_eq!(pace.slot("a", now + s(1)), s(11));
        assert_eq!(pace.slot("a", now + s(30)), s(0));
        pace.passed("c", now);
        assert_eq!(pace.slot("c", now + s(2)), s(4));
    }
}

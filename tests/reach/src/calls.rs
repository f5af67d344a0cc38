//! When this program called a server, in its own words: a server or a relay notices a call late, and on a busy machine late
//! enough to make two calls look closer together than they were.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub at: Instant,
    /// The proof of access, which waits for no turn.
    pub proof: bool,
}

/// Listens to what `remote` tells of itself in this process; one listener for each process.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<Vec<(String, Call)>>>);

impl Calls {
    /// # Panics
    /// Where somebody listens already.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
    pub fn listen() -> Self {
        let calls = Calls::default();
        tracing::subscriber::set_global_default(calls.clone()).unwrap();
        calls
    }

    /// The calls to this port of this computer, in their order.
    #[must_use]
    pub fn to(&self, port: u16) -> Vec<Call> {
        let place = format!("[127.0.0.1]:{port}");
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|(called, _)| *called == place).map(|(_, call)| *call).collect()
    }
}

impl Subscriber for Calls {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::DEBUG && metadata.target().starts_with("remote")
    }

    fn event(&self, event: &Event<'_>) {
        let at = Instant::now();
        let mut said = Said::default();
        event.record(&mut said);
        if said.message == "calling" {
            let call = Call { at, proof: said.proof };
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push((said.place, call));
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Said {
    message: String,
    place: String,
    proof: bool,
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "place" {
            value.clone_into(&mut self.place);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "proof" {
            self.proof = value;
        }
    }
}

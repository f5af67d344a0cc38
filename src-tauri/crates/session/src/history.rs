//! What a check leaves on this computer, so that the next one can say what changed.

use crate::clock::days_since;
use crate::error::WorkError;
use crate::session::Session;
use crate::store::{KnownServer, Store};
use facts::Facts;
use serde::{Deserialize, Serialize};

/// One kept check: the account as it was exported, and the facts it stands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptCheck {
    pub at: String,
    pub report: serde_json::Value,
    pub facts: Facts,
}

/// A check older than this says little about a server: a month, in which updates and certificates come and go.
pub const GOOD_FOR_DAYS: i64 = 30;

/// How a known server stands, the one that wants a look most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Something is not as the check before the last one found it.
    Changed,
    ToFix {
        count: u32,
    },
    NotChecked {
        days: i64,
    },
    Ready,
}

impl KnownServer {
    /// Where this server stands today.
    pub fn standing(&self) -> Standing {
        let days = days_since(&self.last_check).unwrap_or(i64::MAX);
        if days >= GOOD_FOR_DAYS {
            Standing::NotChecked { days }
        } else if !self.changed.is_empty() {
            Standing::Changed
        } else if self.verdict == checks::Overall::Ready {
            Standing::Ready
        } else {
            Standing::ToFix { count: self.counts.short + self.counts.missing }
        }
    }
}

/// Keeps the newest check of `session` and remembers its server. A file of facts belongs to no server we can call, so
/// nothing is kept of it.
pub fn keep(session: &Session, store: &Store) -> Result<(), WorkError> {
    let Some(examination) = session.examination() else { return Err(WorkError::NotExamined) };
    let Some(id) = id(session) else { return Ok(()) };
    let at = examination.at.rfc3339();
    let report: serde_json::Value = serde_json::from_str(&session.report()?.json()).unwrap_or_default();
    let before = last(session, store)?;
    let drifts = before.map(|before| checks::drift(&before.facts, &examination.facts)).unwrap_or_default();
    store.keep_check(&id, &at, &KeptCheck { at: at.clone(), report, facts: examination.facts.clone() })?;
    let server = session.server();
    store.remember(KnownServer {
        name: server.name.clone(),
        host: server.host.clone(),
        port: server.port,
        user: server.user.clone(),
        role: examination.choice.to_string(),
        last_check: at,
        verdict: examination.overall,
        counts: examination.counts,
        changed: drifts.into_iter().map(|drift| drift.sentence).collect(),
        sign_in: server.signed_in_by.clone(),
        setup: String::new(),
        id,
    })?;
    Ok(())
}

/// The kept check before this one.
pub fn last(session: &Session, store: &Store) -> Result<Option<KeptCheck>, WorkError> {
    match id(session) {
        Some(id) => Ok(store.last_check(&id)?),
        None => Ok(None),
    }
}

/// `user@host:port`, or `here`; `None` for a file.
fn id(session: &Session) -> Option<String> {
    let server = session.server();
    match (session.is_file(), server.host.is_empty()) {
        (true, _) => None,
        (false, true) => Some("here".to_owned()),
        (false, false) => Some(format!("{}@{}:{}", server.user, server.host, server.port)),
    }
}

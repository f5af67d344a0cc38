//! What a check leaves on this computer, so that the next one can say what changed.

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

/// Keeps the newest check of `session` and remembers its server. A file of facts belongs to no server we can call, so
/// nothing is kept of it.
pub fn keep(session: &Session, store: &Store) -> Result<(), WorkError> {
    let Some(examination) = session.examination() else { return Err(WorkError::NotExamined) };
    let Some(id) = id(session) else { return Ok(()) };
    let at = examination.at.rfc3339();
    let report: serde_json::Value = serde_json::from_str(&session.report()?.json()).unwrap_or_default();
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
        changed: Vec::new(),
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

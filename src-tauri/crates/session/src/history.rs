//! What a check leaves on this computer, so that the next one can say what changed.

use crate::clock::days_since;
use crate::error::WorkError;
use crate::session::Session;
use crate::store::{KnownServer, Store, StoreError};
use checks::{Drift, Verdict};
use facts::Facts;
use report::Report;
use serde::{Deserialize, Serialize};

/// One kept check: the account as it was exported, and the facts it stands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptCheck {
    pub at: String,
    pub report: serde_json::Value,
    pub facts: Facts,
    /// The last figure of everything that was ever measured there. Checks from before there was such a thing have none.
    #[serde(default)]
    pub measured: Vec<Remembered>,
}

/// A figure of an earlier day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// "Path from here: Round trip".
    pub title: String,
    /// "50 ms".
    pub text: String,
    /// How it was measured, and how far it scattered.
    pub detail: String,
    pub at: String,
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
    let measured = remembered(session, before.as_ref(), &at)?;
    let drifts = before.map(|before| checks::drift(&before.facts, &examination.facts)).unwrap_or_default();
    store.keep_check(&id, &at, &KeptCheck { at: at.clone(), report, facts: examination.facts.clone(), measured })?;
    let server = session.server();
    let known = store.servers()?.into_iter().find(|known| known.id == id);
    let setup = match session.setup() {
        "" => known.map(|known| known.setup).unwrap_or_default(),
        setup => setup.to_owned(),
    };
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
        setup,
        id,
    })?;
    Ok(())
}

/// Lets what people said about this server in earlier walks count in this one.
pub fn recall_words(session: &mut Session, store: &Store) -> Result<(), StoreError> {
    if let Some(id) = id(session) {
        session.recall(store.words(&id)?);
    }
    Ok(())
}

/// Keeps what people said about this server, for later walks.
pub fn keep_words(session: &Session, store: &Store) -> Result<(), StoreError> {
    match id(session) {
        Some(id) => store.keep_words(&id, &session.all_words()),
        None => Ok(()),
    }
}

/// What was measured now, and of the rest what was measured last.
fn remembered(session: &Session, before: Option<&KeptCheck>, at: &str) -> Result<Vec<Remembered>, WorkError> {
    let of_now = |report::Measurement { title, text, detail }| Remembered { title, text, detail, at: at.to_owned() };
    let mut all: Vec<Remembered> = session.report()?.measurements.into_iter().map(of_now).collect();
    for old in before.map(|before| before.measured.as_slice()).unwrap_or_default() {
        if !all.iter().any(|new| new.title == old.title) {
            all.push(old.clone());
        }
    }
    Ok(all)
}

/// The kept check before this one.
pub fn last(session: &Session, store: &Store) -> Result<Option<KeptCheck>, WorkError> {
    match id(session) {
        Some(id) => Ok(store.last_check(&id)?),
        None => Ok(None),
    }
}

/// Every check that was kept of server `id`, newest first.
pub fn checks(store: &Store, id: &str) -> Result<Vec<KeptCheck>, StoreError> {
    store.checks(id)
}

/// Two checks of one server side by side: what the server itself changed, and whose needs came out otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub drifts: Vec<Drift>,
    pub needs: Vec<Moved>,
    /// Needs that came out the same in both.
    pub same: usize,
    /// The needs that only one of the two asked: the role was another.
    pub only_one: usize,
}

/// A need that was judged otherwise in the later check.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    pub id: String,
    pub title: String,
    pub area: profiles::Area,
    pub before: Verdict,
    pub now: Verdict,
    pub found_before: String,
    pub found_now: String,
}

impl KeptCheck {
    /// The account as it was written; `None` when this version cannot read it.
    pub fn account(&self) -> Option<Report> {
        serde_json::from_value(self.report.clone()).ok()
    }
}

/// Compares two kept checks. A need that either could not read is listed only when its verdict is another.
pub fn compare(before: &KeptCheck, now: &KeptCheck) -> Compared {
    let drifts = checks::drift(&before.facts, &now.facts);
    let findings = |check: &KeptCheck| check.account().map(|account| account.findings).unwrap_or_default();
    let (earlier, later) = (findings(before), findings(now));
    let pairs: Vec<_> =
        later.iter().filter_map(|now| Some((earlier.iter().find(|before| before.id == now.id)?, now))).collect();
    let moved = |(before, now): &(&checks::Finding, &checks::Finding)| Moved {
        id: now.id.clone(),
        title: now.title.clone(),
        area: now.area,
        before: before.verdict,
        now: now.verdict,
        found_before: before.found.text.clone(),
        found_now: now.found.text.clone(),
    };
    let needs: Vec<Moved> = pairs.iter().filter(|(before, now)| before.verdict != now.verdict).map(moved).collect();
    Compared { same: pairs.len() - needs.len(), only_one: earlier.len() + later.len() - 2 * pairs.len(), drifts, needs }
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

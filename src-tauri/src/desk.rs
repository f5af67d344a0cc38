//! What the window has open: walks by id, questions that wait for an answer, and the button that stops what runs.

use crate::walk::{OpenRun, Walk};
use profiles::Catalog;
use remote::{Cancel, Secret};
use session::Names;
use session::history::{self, KeptCheck};
use session::requirements::{self, Shelf};
use session::store::{Store, StoreError};
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tauri::{AppHandle, Manager};
use tokio::sync::oneshot;
use vault::{Account, Keeping, Kind, Vault};

/// One for the whole life of the window; managed by Tauri.
#[derive(Debug)]
pub(crate) struct Desk {
    vault: Vault,
    walks: Mutex<HashMap<String, Arc<Walk>>>,
    questions: Mutex<HashMap<u32, oneshot::Sender<Option<Secret>>>>,
    running: Mutex<HashMap<u32, Cancel>>,
    numbers: AtomicU32,
}

/// The desk of this window.
pub(crate) fn desk(app: &AppHandle) -> Arc<Desk> {
    Arc::clone(&app.state::<Arc<Desk>>())
}

impl Desk {
    pub(crate) fn open() -> Arc<Desk> {
        Arc::new(Desk {
            vault: Vault::open(),
            walks: Mutex::default(),
            questions: Mutex::default(),
            running: Mutex::default(),
            numbers: AtomicU32::default(),
        })
    }

    /// Where secrets are kept: the keychain of this computer, or nothing.
    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Puts what a person typed into the keychain.
    pub(crate) async fn remember(&self, account: &Account, kind: Kind, secret: &Secret) -> Result<(), vault::Error> {
        self.vault.keep(account, kind, secret.clone(), Keeping::Keychain).await
    }

    pub(crate) fn store(&self) -> Result<Store, StoreError> {
        Store::of_this_user()
    }

    /// The built-in products, and what files that a person opened add to them.
    pub(crate) fn shelf(&self) -> Shelf {
        self.store().and_then(|store| requirements::shelf(&store)).unwrap_or_else(|error| {
            tracing::warn!(%error, "only the built-in requirements are used");
            Shelf::default()
        })
    }

    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::new(self.shelf().catalog)
    }

    /// How long a server waits for an answer before it puts everything back.
    pub(crate) fn window_seconds(&self) -> u32 {
        self.store().and_then(|store| store.settings()).unwrap_or_default().safety_minutes.clamp(2, 10) * 60
    }

    pub(crate) fn walk(&self, id: &str) -> Option<Arc<Walk>> {
        lock(&self.walks).get(id).cloned()
    }

    /// Puts a new walk on the desk. The one before it ends with its last command: one window, one server.
    pub(crate) fn put(&self, walk: Walk) -> Arc<Walk> {
        let walk = Arc::new(walk);
        let mut walks = lock(&self.walks);
        walks.clear();
        walks.insert(walk.id.clone(), walk.clone());
        walk
    }

    pub(crate) fn number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// The person's answer to question `id`, noted as awaited from now on; `None` when they give up.
    pub(crate) fn answer_to(&self, id: u32) -> impl Future<Output = Option<Secret>> + Send + use<> {
        let (sender, receiver) = oneshot::channel();
        lock(&self.questions).insert(id, sender);
        async { receiver.await.ok().flatten() }
    }

    pub(crate) fn answer(&self, id: u32, answer: Option<Secret>) {
        if let Some(waiting) = lock(&self.questions).remove(&id) {
            // Whoever asked may have been stopped meanwhile.
            let _ = waiting.send(answer);
        }
    }

    /// Lets `cancel` be pressed while the returned guard lives.
    pub(crate) fn stoppable(self: &Arc<Self>, cancel: Cancel) -> Stoppable {
        let id = self.number();
        lock(&self.running).insert(id, cancel);
        Stoppable { desk: self.clone(), id }
    }

    /// The run that is open on a server right now.
    pub(crate) fn open_run(&self) -> OpenRun {
        lock(&self.walks).values().map(|walk| walk.open_run()).find(|run| *run != OpenRun::Nothing).unwrap_or_default()
    }

    /// Every check of server `id` that this computer kept, newest first.
    pub(crate) fn checks(&self, id: &str) -> Result<Vec<KeptCheck>, StoreError> {
        history::checks(&self.store()?, id)
    }

    /// The newest account of every server of a setup, for their combined report.
    pub(crate) fn setup(&self, setup: &str) -> Result<Vec<report::Report>, StoreError> {
        let store = self.store()?;
        let servers = store.servers()?.into_iter().filter(|server| server.setup == setup);
        let newest = servers.filter_map(|server| store.last_check::<KeptCheck>(&server.id).transpose());
        Ok(newest.collect::<Result<Vec<_>, _>>()?.iter().filter_map(KeptCheck::account).collect())
    }

    pub(crate) fn share_setup(&self, setup: &str, file: &std::path::Path) -> Result<(), StoreError> {
        session::setups::share(&self.store()?, setup, file)
    }

    /// Its name, and how many servers it has.
    pub(crate) fn open_setup(&self, file: &std::path::Path) -> Result<(String, u32), StoreError> {
        let opened = session::setups::open(&self.store()?, file)?;
        Ok((opened.setup, u32::try_from(opened.servers).unwrap_or(u32::MAX)))
    }

    /// What a person can send to whoever helps them.
    pub(crate) async fn diagnostics(&self, names: bool) -> Result<String, StoreError> {
        let keychain = format!("{:?}", self.vault.state().await);
        let names = if names { Names::Shown } else { Names::Hidden };
        session::diagnostics(&self.store()?, &keychain, &format!("{:?}", remote::agent()), names)
    }

    /// Stops whatever runs. Open questions are answered with giving up.
    pub(crate) fn stop(&self) {
        lock(&self.running).values().for_each(Cancel::cancel);
        lock(&self.questions).clear();
    }
}

/// While it lives, what it was made for can be stopped.
#[derive(Debug)]
pub(crate) struct Stoppable {
    desk: Arc<Desk>,
    id: u32,
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        lock(&self.desk.running).remove(&self.id);
    }
}

/// A panic elsewhere cannot leave these maps half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::Desk;
    use remote::{Cancel, ExposeSecret as _, Secret};

    #[tokio::test]
    async fn an_answer_finds_its_question_and_stop_gives_up() {
        let desk = Desk::open();
        let (first, second) = (desk.number(), desk.number());
        let (one, two) = (desk.answer_to(first), desk.answer_to(second));
        desk.answer(second, Some(Secret::from("123456")));
        desk.stop();
        assert!(one.await.is_none());
        assert_eq!(two.await.expect("answered").expose_secret(), "123456");
    }

    #[test]
    fn stop_reaches_what_runs_and_nothing_that_ended() {
        let desk = Desk::open();
        let (ended, runs) = (Cancel::default(), Cancel::default());
        drop(desk.stoppable(ended.clone()));
        let _guard = desk.stoppable(runs.clone());
        desk.stop();
        assert!(runs.is_cancelled() && !ended.is_cancelled());
    }
}

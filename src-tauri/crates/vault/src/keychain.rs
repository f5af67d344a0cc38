//! The keychain of the operating system: Keychain, Credential Manager, Secret Service.
//!
//! It is asked from a thread of its own: the Secret Service's client panics inside async code, and a locked keychain may wait
//! for a person.

use crate::account::{Account, Kind, entry_name, read_entry_name};
use crate::vault::Error;
use crate::{ExposeSecret as _, Secret};
use keyring_core::{CredentialStore, Entry};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Under which all our entries stand.
const SERVICE: &str = "Plumbline";

/// Whether secrets can be kept on this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Available,
    /// There is none, or nothing that we can talk to.
    NoKeychain,
    /// It wants to be opened by its owner first; storing or finding asks for that.
    Locked,
    /// It is there and does not let us in.
    Refused(String),
}

enum Wish {
    State(oneshot::Sender<State>),
    Keep(String, Secret, oneshot::Sender<Result<(), Error>>),
    Find(String, oneshot::Sender<Result<Option<Secret>, Error>>),
    Forget(String, oneshot::Sender<Result<bool, Error>>),
    List(oneshot::Sender<Result<Vec<(Account, Kind)>, Error>>),
}

/// The end that asks. The thread ends with it.
#[derive(Debug)]
pub(crate) struct Keychain {
    wishes: Sender<Wish>,
}

type Open = Box<dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send>;

impl Keychain {
    pub(crate) fn of_this_computer() -> Self {
        Keychain::start(Box::new(open), locked)
    }

    fn start(open: Open, locked: fn() -> Option<State>) -> Self {
        let (wishes, received) = channel();
        // Without a thread every wish finds nobody, which reads as "no keychain".
        let _ = std::thread::Builder::new()
            .name("plumbline-vault".to_owned())
            .spawn(move || serve(&received, &open, locked));
        Keychain { wishes }
    }

    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Keychain::start(Box::new(|| Err(keyring_core::Error::NoDefaultStore)), || None)
    }

    async fn ask<T>(&self, wish: impl FnOnce(oneshot::Sender<T>) -> Wish) -> Option<T> {
        let (answer, received) = oneshot::channel();
        self.wishes.send(wish(answer)).ok()?;
        received.await.ok()
    }

    pub(crate) async fn state(&self) -> State {
        self.ask(Wish::State).await.unwrap_or(State::NoKeychain)
    }

    pub(crate) async fn keep(&self, account: &Account, kind: Kind, secret: Secret) -> Result<(), Error> {
        let name = entry_name(account, kind);
        self.ask(|answer| Wish::Keep(name, secret, answer)).await.unwrap_or_else(nobody)
    }

    pub(crate) async fn find(&self, account: &Account, kind: Kind) -> Result<Option<Secret>, Error> {
        let name = entry_name(account, kind);
        self.ask(|answer| Wish::Find(name, answer)).await.unwrap_or_else(nobody)
    }

    pub(crate) async fn forget(&self, account: &Account, kind: Kind) -> Result<bool, Error> {
        let name = entry_name(account, kind);
        self.ask(|answer| Wish::Forget(name, answer)).await.unwrap_or_else(nobody)
    }

    pub(crate) async fn list(&self) -> Result<Vec<(Account, Kind)>, Error> {
        self.ask(Wish::List).await.unwrap_or_else(nobody)
    }
}

fn nobody<T>() -> Result<T, Error> {
    Err(Error::NoKeychain { why: "its thread could not be started".to_owned() })
}

fn serve(wishes: &Receiver<Wish>, open: &Open, locked: fn() -> Option<State>) {
    let mut store: Option<Arc<CredentialStore>> = None;
    while let Ok(wish) = wishes.recv() {
        // A keychain may start later than we do, and may go away: it is opened again after each failure to reach it.
        let opened = match store.take() {
            Some(store) => Ok(store),
            None => open().map_err(|error| Error::NoKeychain { why: error.to_string() }),
        };
        let usable = fulfil(wish, &opened, locked);
        store = if usable { opened.ok() } else { None };
    }
}

/// `false`: the keychain should be opened anew for the next wish.
fn fulfil(wish: Wish, opened: &Result<Arc<CredentialStore>, Error>, locked: fn() -> Option<State>) -> bool {
    // Whoever asked may have gone away meanwhile; an answer that nobody takes is dropped, and a secret in it wiped.
    match wish {
        Wish::State(answer) => {
            let state = match opened {
                Err(_) => State::NoKeychain,
                Ok(_) => locked().unwrap_or(State::Available),
            };
            let _ = answer.send(state);
            true
        }
        Wish::Keep(name, secret, answer) => {
            let done = with(opened, |store| keep(store, &name, &secret));
            let usable = is_usable(&done);
            let _ = answer.send(done);
            usable
        }
        Wish::Find(name, answer) => {
            let done = with(opened, |store| find(store, &name));
            let usable = is_usable(&done);
            let _ = answer.send(done);
            usable
        }
        Wish::Forget(name, answer) => {
            let done = with(opened, |store| forget(store, &name));
            let usable = is_usable(&done);
            let _ = answer.send(done);
            usable
        }
        Wish::List(answer) => {
            let done = with(opened, list);
            let usable = is_usable(&done);
            let _ = answer.send(done);
            usable
        }
    }
}

fn with<T>(
    opened: &Result<Arc<CredentialStore>, Error>,
    act: impl FnOnce(&CredentialStore) -> Result<T, Error>,
) -> Result<T, Error> {
    match opened {
        Ok(store) => act(store.as_ref()),
        Err(error) => Err(error.clone()),
    }
}

fn is_usable<T>(done: &Result<T, Error>) -> bool {
    !matches!(done, Err(Error::NoKeychain { .. } | Error::Refused { .. }))
}

fn keep(store: &CredentialStore, name: &str, secret: &Secret) -> Result<(), Error> {
    if let Some(limit) = LIMIT
        && secret.expose_secret().encode_utf16().count() * 2 > limit
    {
        return Err(Error::TooLong { limit });
    }
    let entry = entry(store, name)?;
    entry.set_password(secret.expose_secret()).map_err(refusal)?;
    // Some keychains say yes and keep nothing.
    let read = Zeroizing::new(entry.get_password().map_err(refusal)?);
    if *read == secret.expose_secret() { Ok(()) } else { Err(Error::NotKept) }
}

fn find(store: &CredentialStore, name: &str) -> Result<Option<Secret>, Error> {
    match entry(store, name)?.get_password() {
        Ok(text) => Ok(Some(Secret::from(text))),
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(refusal(error)),
    }
}

fn forget(store: &CredentialStore, name: &str) -> Result<bool, Error> {
    match entry(store, name)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(keyring_core::Error::NoEntry) => Ok(false),
        Err(error) => Err(refusal(error)),
    }
}

fn list(store: &CredentialStore) -> Result<Vec<(Account, Kind)>, Error> {
    let spec = HashMap::from([SEARCH]);
    let found = match store.search(&spec) {
        Ok(found) => found,
        Err(keyring_core::Error::NoEntry) => return Ok(Vec::new()),
        Err(error) => return Err(refusal(error)),
    };
    let ours = |entry: &Entry| {
        let (service, user) = entry.get_specifiers()?;
        if service == SERVICE { read_entry_name(&user) } else { None }
    };
    let mut all: Vec<_> = found.iter().filter_map(ours).collect();
    all.sort();
    all.dedup();
    Ok(all)
}

/// What the library says, as what a caller can do about it.
fn refusal(error: keyring_core::Error) -> Error {
    use keyring_core::Error as Theirs;
    match error {
        Theirs::NoStorageAccess(why) if declined(why.as_ref()) => Error::Declined,
        Theirs::NoStorageAccess(_) => Error::Locked,
        Theirs::TooLong(_, limit) => Error::TooLong { limit: limit as usize },
        Theirs::NoDefaultStore => Error::NoKeychain { why: "none is set up".to_owned() },
        // The bytes themselves must not travel in an error.
        Theirs::BadEncoding(bytes) | Theirs::BadDataFormat(bytes, _) => {
            drop(Zeroizing::new(bytes));
            Error::Refused { why: "the entry is not one of ours".to_owned() }
        }
        Theirs::PlatformFailure(why) => Error::Refused { why: why.to_string() },
        other @ (Theirs::NoEntry
        | Theirs::BadStoreFormat(_)
        | Theirs::Invalid(..)
        | Theirs::Ambiguous(_)
        | Theirs::NotSupportedByStore(_)) => Error::Refused { why: other.to_string() },
        // The library may grow; what it says is still said.
        other => Error::Refused { why: other.to_string() },
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use super::{CredentialStore, Entry, Error, SERVICE, State, refusal};
    use std::collections::HashMap;
    use std::sync::Arc;

    pub(super) const LIMIT: Option<usize> = None;
    pub(super) const SEARCH: (&str, &str) = ("service", SERVICE);

    pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
        let store: Arc<CredentialStore> = zbus_secret_service_keyring_store::Store::new()?;
        Ok(store)
    }

    /// Looked up without asking anybody to open it.
    pub(super) fn locked() -> Option<State> {
        use secret_service::EncryptionType;
        use secret_service::blocking::SecretService;
        let Ok(service) = SecretService::connect(EncryptionType::Plain) else { return Some(State::NoKeychain) };
        match service.get_default_collection().and_then(|collection| collection.is_locked()) {
            Ok(true) => Some(State::Locked),
            Ok(false) => None,
            // No keyring was made yet: the first one that is stored makes it, and asks its owner for a password.
            Err(secret_service::Error::NoResult) => Some(State::Locked),
            Err(error) => Some(State::Refused(error.to_string())),
        }
    }

    /// The question to open it was closed, or could not be shown.
    pub(super) fn declined(why: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
        matches!(why.downcast_ref::<secret_service::Error>(), Some(secret_service::Error::Prompt))
    }

    pub(super) fn entry(store: &CredentialStore, name: &str) -> Result<Entry, Error> {
        let label = format!("Plumbline: {name}");
        let modifiers = HashMap::from([("label", label.as_str())]);
        store.build(SERVICE, name, Some(&modifiers)).map_err(refusal)
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use super::{CredentialStore, Entry, Error, SERVICE, State, refusal};
    use std::sync::Arc;

    pub(super) const LIMIT: Option<usize> = None;
    pub(super) const SEARCH: (&str, &str) = ("service", SERVICE);

    pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
        let store: Arc<CredentialStore> = apple_native_keyring_store::keychain::Store::new()?;
        Ok(store)
    }

    /// macOS opens the keychain at sign-in and asks by itself where it is not.
    pub(super) fn locked() -> Option<State> {
        None
    }

    pub(super) fn entry(store: &CredentialStore, name: &str) -> Result<Entry, Error> {
        store.build(SERVICE, name, None).map_err(refusal)
    }
}

#[cfg(windows)]
mod platform {
    use super::{CredentialStore, Entry, Error, SERVICE, State, refusal};
    use std::collections::HashMap;
    use std::sync::Arc;

    /// CRED_MAX_CREDENTIAL_BLOB_SIZE, in bytes of UTF-16.
    pub(super) const LIMIT: Option<usize> = Some(5 * 512);
    pub(super) const SEARCH: (&str, &str) = ("pattern", r"\.Plumbline$");

    pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
        let store: Arc<CredentialStore> = windows_native_keyring_store::Store::new()?;
        Ok(store)
    }

    pub(super) fn locked() -> Option<State> {
        None
    }

    /// Kept on this computer, not carried to others of the same company.
    pub(super) fn entry(store: &CredentialStore, name: &str) -> Result<Entry, Error> {
        let modifiers = HashMap::from([("persistence", "Local")]);
        store.build(SERVICE, name, Some(&modifiers)).map_err(refusal)
    }
}

#[cfg(not(target_os = "linux"))]
fn declined(_: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    false
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
compile_error!("no keychain is known for this system");

#[cfg(target_os = "linux")]
use platform::declined;
use platform::{LIMIT, SEARCH, entry, locked, open};

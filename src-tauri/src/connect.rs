//! From what a person filled in to an open walk.

use crate::desk::Desk;
use crate::person::Person;
use crate::walk::Walk;
use crate::wire::{ConnectAsk, ConnectDefaults, ConnectReply, ConnectStep, Failure, reaching};
use crate::{dial, failure};
use remote::{Options, SshConfig, Target};
use session::history;
use session::store::{KnownServer, Store};
use session::{Recording, Session, WalkAnswers};
use std::path::Path;
use std::sync::Arc;
use tauri::ipc::Channel;
use vault::Account;

/// What the connect screen starts with.
pub(crate) async fn defaults(desk: &Desk) -> ConnectDefaults {
    // A config that cannot be read is told when it is needed.
    let config = SshConfig::read(None).unwrap_or_default();
    reaching::defaults(&config, desk.vault().state().await, &session::this_computer())
}

pub(crate) async fn over_ssh(desk: &Arc<Desk>, ask: ConnectAsk, on: Channel<ConnectStep>) -> ConnectReply {
    let (target, options) = match prepare(desk, &ask) {
        Ok(prepared) => prepared,
        Err(failure) => return ConnectReply::Refused { failure },
    };
    let person = Person::new(desk.clone());
    let questions = on.clone();
    person.hears(Some(Box::new(move |id, text, echo| {
        // A window that is gone answers nothing, and the wait ends with the connection.
        let _ = questions.send(ConnectStep::Prompt { id, text, echo });
    })));
    let account = Account::new(target.user(), &target.host, target.port);
    let answers = WalkAnswers::new(person.clone()).with_keychain(desk.vault().clone(), account.clone());
    let answers = Arc::new(answers);
    let typed = dial::typed(ask.sign_in, &target);
    if let Some((purpose, _, secret)) = &typed {
        answers.give(purpose.clone(), secret.clone());
    }
    let _stoppable = desk.stoppable(options.cancel.clone());
    let _ = on.send(ConnectStep::Reaching { host: target.name().to_owned() });
    let connected = Session::connect(desk.catalog(), target.clone(), options, answers).await;
    person.hears(None);
    match connected {
        Ok(session) => {
            let notes = match typed.filter(|_| ask.remember) {
                Some((_, kind, secret)) => desk.remember(&account, kind, &secret).await.err(),
                None => None,
            };
            open(desk, session, person, notes.iter().map(ToString::to_string).collect()).await
        }
        Err(error) => dial::reply(&error, &target),
    }
}

/// Where to call, and how.
#[expect(clippy::result_large_err, reason = "a failure is made once and shown at once")]
fn prepare(desk: &Desk, ask: &ConnectAsk) -> Result<(Target, Options), Failure> {
    let store = desk.store().map_err(failure::of_store)?;
    let config = SshConfig::read(None).map_err(|error| failure::of_remote(&error))?;
    let target = dial::target(ask, &config, saved(&store, ask).as_ref()).map_err(|error| failure::of_remote(&error))?;
    let options = dial::options(ask, &target, &store);
    Ok((target, options))
}

/// This computer itself, without a connection.
pub(crate) async fn here(desk: &Arc<Desk>) -> ConnectReply {
    let person = Person::new(desk.clone());
    let answers = Arc::new(WalkAnswers::new(person.clone()));
    open(desk, Session::here(desk.catalog(), answers), person, Vec::new()).await
}

/// What the probe said on a server that this computer cannot reach.
pub(crate) async fn from_file(desk: &Arc<Desk>, path: &Path) -> ConnectReply {
    let raw = match tokio::fs::read(path).await {
        Ok(raw) => raw,
        Err(error) => return ConnectReply::Refused { failure: failure::of_file(path, &error) },
    };
    reading(desk, path, raw).await
}

/// The same, from a file of this name that was dropped on the window.
pub(crate) async fn dropped(desk: &Arc<Desk>, name: &str, text: String) -> ConnectReply {
    reading(desk, Path::new(name), text.into_bytes()).await
}

async fn reading(desk: &Arc<Desk>, path: &Path, raw: Vec<u8>) -> ConnectReply {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let person = Person::new(desk.clone());
    let answers = Arc::new(WalkAnswers::new(person.clone()));
    open(desk, Session::from_file(desk.catalog(), &name, raw, answers), person, Vec::new()).await
}

/// What was read on a server of the lab before and after its changes, to try the whole walk without a server.
pub(crate) async fn practice(desk: &Arc<Desk>) -> ConnectReply {
    let person = Person::new(desk.clone());
    let answers = Arc::new(WalkAnswers::new(person.clone()));
    let before = include_bytes!("../practice/before.txt").to_vec();
    let after = include_bytes!("../practice/after.txt").to_vec();
    let session = Session::practice(desk.catalog(), "practice-01", Recording { before, after }, answers);
    open(desk, session, person, Vec::new()).await
}

async fn open(desk: &Arc<Desk>, mut session: Session, person: Arc<Person>, mut notes: Vec<String>) -> ConnectReply {
    if let Err(error) = desk.store().and_then(|store| history::recall_words(&mut session, &store)) {
        notes.push(error.to_string());
    }
    let walk = desk.put(Walk::new(format!("walk-{}", desk.number()), session, person));
    ConnectReply::Connected { server: walk.head(notes).await }
}

/// The server as it is known from an earlier walk.
fn saved(store: &Store, ask: &ConnectAsk) -> Option<KnownServer> {
    let servers = store.servers().unwrap_or_default();
    servers.into_iter().find(|server| server.host == ask.address && u32::from(server.port) == ask.port)
}

//! A setup as one file that another computer opens: its servers, their roles and the newest check of each.
//!
//! No secret is in it, because none is in the store it is made of; nor is where this computer keeps its keys. Whoever
//! opens it meets each server for the first time: trust in a host key does not travel in a file.

use crate::clock::days_since;
use crate::history::KeptCheck;
use crate::requirements;
use crate::store::{KnownServer, Store, StoreError, write_whole};
use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::{fs, io};

/// The version of the file. Older ones are read for ever; a newer one is said to be newer.
const SCHEMA: u32 = 1;

/// No file of more bytes is read: a check is about 200 kB, so that this is a setup of a hundred servers and more.
const LARGEST: u64 = 32 << 20;

#[derive(Serialize, Deserialize)]
struct SharedSetup {
    schema: u32,
    setup: String,
    servers: Vec<SharedServer>,
    /// Requirement files of others that its roles are from, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requirements: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct SharedServer {
    server: KnownServer,
    #[serde(default)]
    check: Option<KeptCheck>,
}

/// What a file brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub setup: String,
    pub servers: usize,
}

/// Writes the setup of this name to `file`. A server that is this computer itself has no address for anybody else, and
/// is not in it.
pub fn share(store: &Store, setup: &str, file: &Path) -> Result<(), StoreError> {
    let mut servers = Vec::new();
    for server in store.servers()?.into_iter().filter(|server| server.setup == setup && !server.host.is_empty()) {
        let check = store.last_check(&server.id)?;
        servers.push(SharedServer { server: KnownServer { sign_in: String::new(), ..server }, check });
    }
    let products = servers.iter().filter_map(|shared| Some(shared.server.role.split_once('/')?.0)).collect();
    let requirements = requirements::of_products(store, &products)?;
    let shared = SharedSetup { schema: SCHEMA, setup: setup.to_owned(), servers, requirements };
    let damaged = |source| StoreError::Damaged { path: file.to_owned(), source };
    let text = serde_json::to_vec_pretty(&shared).map_err(damaged)?;
    write_whole(file, &text).map_err(|source| StoreError::Io { path: file.to_owned(), source })
}

/// Takes the servers of `file` up among the known ones. What this computer knows better stays: how it signs in, and a
/// check that is newer.
pub fn open(store: &Store, file: &Path) -> Result<Opened, StoreError> {
    let shared = read(file)?;
    let known = store.servers()?;
    let count = shared.servers.len();
    for (name, text) in &shared.requirements {
        requirements::take_if_new(store, name, text)?;
    }
    for SharedServer { server, check } in shared.servers {
        let id = format!("{}@{}:{}", server.user, server.host, server.port);
        let here = known.iter().find(|known| known.id == id);
        let newer_here = here.is_some_and(|here| here.last_check >= server.last_check);
        let told = here.filter(|_| newer_here).cloned().unwrap_or(server);
        store.remember(KnownServer {
            setup: shared.setup.clone(),
            sign_in: here.map(|here| here.sign_in.clone()).unwrap_or_default(),
            id: id.clone(),
            ..told
        })?;
        if let Some(check) = check.filter(|_| !newer_here) {
            store.keep_check(&id, &check.at, &check)?;
        }
    }
    Ok(Opened { setup: shared.setup, servers: count })
}

fn read(file: &Path) -> Result<SharedSetup, StoreError> {
    #[derive(Deserialize)]
    struct Head {
        schema: u32,
    }
    let path = || file.to_owned();
    let unread = |source| StoreError::Io { path: path(), source };
    let damaged = |source| StoreError::Damaged { path: path(), source };
    if fs::metadata(file).map_err(unread)?.len() > LARGEST {
        return Err(unread(io::Error::new(io::ErrorKind::InvalidData, "it is larger than any setup")));
    }
    let text = fs::read(file).map_err(unread)?;
    let head: Head = serde_json::from_slice(&text).map_err(damaged)?;
    if head.schema > SCHEMA {
        return Err(StoreError::Newer { path: path(), found: head.schema });
    }
    let mut shared: SharedSetup = serde_json::from_slice(&text).map_err(damaged)?;
    shared.setup = remote::visible(shared.setup.trim(), 120);
    for SharedServer { server, check } in &mut shared.servers {
        server.name = remote::visible(&server.name, 120);
        sound(server, check.as_ref()).map_err(|why| damaged(serde_json::Error::custom(why)))?;
    }
    Ok(shared)
}

/// Whether this can be a server that somebody called, and a check that somebody made: an address is a word, and no check
/// was made tomorrow (it would stand as the newest for ever).
fn sound(server: &KnownServer, check: Option<&KeptCheck>) -> Result<(), String> {
    let word = |text: &str| !text.starts_with('-') && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    if server.host.is_empty() || !word(&server.host) || !word(&server.user) {
        return Err("one of its servers has no address".to_owned());
    }
    let past = |at: &str| days_since(at).is_some_and(|days| days >= 0);
    if !past(&server.last_check) || check.is_some_and(|check| check.at != server.last_check) {
        return Err(format!("{} has a check of no day that has been", server.name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Opened, open, share};
    use crate::history::KeptCheck;
    use crate::requirements;
    use crate::store::{KnownServer, Store, StoreError};
    use std::path::{Path, PathBuf};

    fn store(folder: &Path, name: &str) -> Store {
        Store::at(folder.join(name)).expect("a store")
    }

    /// A file of the first version, as it was written then.
    fn of_old() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/setups/schema-1.json")
    }

    #[test]
    fn a_file_of_the_first_version_opens_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path(), "there");
        let opened = open(&store, &of_old()).expect("opened");
        assert_eq!(opened, Opened { setup: "Reforms, Large".to_owned(), servers: 2 });
        let servers = store.servers().expect("servers");
        assert_eq!(
            servers.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(),
            ["deploy@203.0.113.24:22", "ada@db-01.example.org:2222"]
        );
        assert!(servers.iter().all(|server| server.setup == "Reforms, Large" && server.sign_in.is_empty()));
        let check: KeptCheck = store.last_check("deploy@203.0.113.24:22").expect("read").expect("kept");
        let account = check.account().expect("an account that can be read");
        assert_eq!((account.server.name.as_str(), account.findings.len()), ("chat-01", 1));
    }

    #[test]
    fn what_one_computer_shares_another_opens_without_its_keys() {
        let folder = tempfile::tempdir().expect("a folder");
        let (here, there) = (store(folder.path(), "here"), store(folder.path(), "there"));
        open(&here, &of_old()).expect("opened");
        let mut mine = here.servers().expect("servers").remove(0);
        mine.sign_in = "/home/ada/.ssh/id_secret_place".to_owned();
        here.remember(mine.clone()).expect("remembered");
        here.remember(KnownServer { id: "here".to_owned(), host: String::new(), ..mine.clone() })
            .expect("this computer");

        let file = folder.path().join("shared.json");
        share(&here, "Reforms, Large", &file).expect("written");
        let text = std::fs::read_to_string(&file).expect("a file");
        assert!(!text.contains("id_secret_place"), "where keys are kept is nobody else's business");
        assert_eq!(open(&there, &file).expect("opened").servers, 2, "this computer is no server of another");
        let ids = |store: &Store| {
            let mut ids: Vec<String> = store.servers().expect("servers").into_iter().map(|s| s.id).collect();
            ids.retain(|id| id != "here");
            ids.sort();
            ids
        };
        assert_eq!(ids(&here), ids(&there));
        let read = |store: &Store| store.last_check::<KeptCheck>(&mine.id).expect("read");
        assert_eq!(read(&here), read(&there));

        // what this computer knows better stays
        let later = KnownServer { last_check: "2026-11-20T15:00:00Z".to_owned(), ..mine.clone() };
        here.remember(later).expect("remembered");
        open(&here, &file).expect("opened again");
        let servers = here.servers().expect("servers");
        let kept = servers.iter().find(|server| server.id == mine.id).expect("still there");
        assert_eq!((kept.last_check.as_str(), &kept.sign_in), ("2026-11-20T15:00:00Z", &mine.sign_in));
    }

    #[test]
    fn requirements_of_others_travel_with_the_servers_that_are_judged_by_them() {
        const WIKI: &str = include_str!("../tests/setups/wiki.toml");
        let folder = tempfile::tempdir().expect("a folder");
        let (here, there) = (store(folder.path(), "here"), store(folder.path(), "there"));
        open(&here, &of_old()).expect("opened");
        let role = "wiki/server".to_owned();
        here.remember(KnownServer { role: role.clone(), ..here.servers().expect("servers").remove(0) }).expect("kept");
        requirements::take(&here, "wiki.toml", WIKI).expect("taken");
        requirements::take(&here, "other.toml", &WIKI.replace("\"wiki\"", "\"other\"")).expect("taken");
        let file = folder.path().join("shared.json");
        share(&here, "Reforms, Large", &file).expect("written");
        let names = || there.requirements().expect("read").into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        open(&there, &file).expect("opened");
        assert_eq!(names(), ["wiki.toml"], "only what the setup is about");
        let catalog = requirements::shelf(&there).expect("read").catalog;
        assert!(catalog.needs(&role.parse().expect("a role")).is_ok());

        // what this computer has in its place stays
        requirements::take(&there, "mine.toml", &WIKI.replace("1 GB", "2 GB")).expect("taken");
        open(&there, &file).expect("opened again");
        assert_eq!(names(), ["mine.toml"]);
    }

    #[test]
    fn a_file_that_somebody_made_up_is_refused_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let good = std::fs::read_to_string(of_old()).expect("a file");
        let file = folder.path().join("made-up.json");
        for (from, to) in [
            ("203.0.113.24", "-oProxyCommand=x"),
            ("\"host\": \"203.0.113.24\"", "\"host\": \"\""),
            ("db-01.example.org", "db 01"),
            ("2026-11-20T14:31:07Z", "2999-01-01T00:00:00Z"),
            ("2026-11-20T14:31:07Z", "../../etc/passwd"),
            ("\"servers\"", "\"others\""),
        ] {
            assert!(good.contains(from), "{from}");
            std::fs::write(&file, good.replace(from, to)).expect("written");
            let store = store(folder.path(), "there");
            assert!(matches!(open(&store, &file), Err(StoreError::Damaged { .. })), "{to}");
            assert_eq!(store.servers().expect("servers"), [], "{to}: nothing of it is taken");
        }
        std::fs::write(&file, good.replace("\"schema\": 1,\n  \"setup\"", "\"schema\": 9,\n  \"setup\""))
            .expect("written");
        assert!(matches!(open(&store(folder.path(), "there"), &file), Err(StoreError::Newer { found: 9, .. })));
    }
}

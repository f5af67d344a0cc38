//! Servers met before, keys and the rest of the connect screen.

use super::{About, Failure};
use profiles::{Catalog, RoleChoice};
use remote::{SshConfig, Target};
use serde::{Deserialize, Serialize};
use session::history::Standing;
use session::store::{KnownServer, Store};
use specta::Type;
use specta_typescript::Number;
use std::path::Path;

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectDefaults {
    pub(crate) user: String,
    pub(crate) agent: AgentState,
    pub(crate) key_files: Vec<KeyFile>,
    pub(crate) keychain: KeychainState,
    /// Names from ~/.ssh/config, with what they stand for.
    pub(crate) ssh_config: Vec<SshConfigHost>,
    /// Lines of it that were not understood.
    pub(crate) ssh_config_unread: Vec<String>,
    pub(crate) this_computer: ThisComputer,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum AgentState {
    None,
    Empty,
    Locked,
    Holds { keys: u32 },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyFile {
    pub(crate) path: String,
    /// "Ed25519".
    pub(crate) key_type: String,
    /// Needs a passphrase.
    pub(crate) locked: bool,
    /// Why it cannot be used, in words (a PPK file, say).
    pub(crate) problem: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum KeychainState {
    /// `name` as people know it: "Keychain", "Credential Manager", "Secret Service".
    Ready {
        name: String,
    },
    None,
    Locked,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SshConfigHost {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u32,
    pub(crate) user: Option<String>,
    pub(crate) key_file: Option<String>,
    pub(crate) jump: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThisComputer {
    pub(crate) name: String,
    pub(crate) system: String,
    pub(crate) cores: u32,
    pub(crate) memory: String,
    pub(crate) disk: String,
    /// Whether it can be checked as a server (Linux).
    pub(crate) checkable: bool,
}

/// What the person filled in. Secrets travel this way only: from the field into Rust, never back.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectAsk {
    /// A name, an address, `user@host:port`, or an SSH config name.
    pub(crate) address: String,
    pub(crate) port: u32,
    pub(crate) user: String,
    pub(crate) sign_in: SignIn,
    pub(crate) remember: bool,
    pub(crate) jump: Option<String>,
    pub(crate) time_limit_seconds: u32,
    pub(crate) trust: Trust,
}

#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum SignIn {
    Agent,
    KeyFile {
        path: String,
        passphrase: Option<String>,
    },
    Password {
        password: String,
    },
    /// Whatever the keychain holds for this server, then the agent.
    Saved,
}

#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum Trust {
    KnownOnly,
    /// First contact: this fingerprint was shown and accepted.
    First {
        fingerprint: String,
        compared: bool,
    },
    /// Changed key: the new fingerprint was pasted, or the server's name typed.
    Replace {
        fingerprint: String,
        typed: String,
    },
}

/// What happens while connecting. `Prompt` is answered with the command `answer`.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ConnectStep {
    Reaching { host: String },
    Prompt { id: u32, text: String, echo: bool },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum ConnectReply {
    Connected {
        server: ServerHead,
    },
    FirstContact {
        host: String,
        port: u32,
        fingerprint: String,
        key_type: String,
        ask_at: String,
    },
    ChangedKey(ChangedKey),
    /// The person closed the dialog without choosing.
    NotChosen,
    Refused {
        failure: Failure,
    },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangedKey {
    pub(crate) host: String,
    pub(crate) name: String,
    pub(crate) known_fingerprint: String,
    pub(crate) known_type: String,
    /// "12 March 2026", or where it is noted: "line 14 of ~/.ssh/known_hosts".
    pub(crate) known_since: String,
    pub(crate) shown_fingerprint: String,
    pub(crate) shown_type: String,
}

/// The server at the foot of the rail.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerHead {
    /// The walk's id; every later command takes it.
    pub(crate) session: String,
    pub(crate) name: String,
    /// "deploy@203.0.113.24".
    pub(crate) sign_in: String,
    #[specta(type = Option<Number>)]
    pub(crate) round_trip_ms: Option<f64>,
    /// Said when secrets stay for this session only, or what was remembered.
    pub(crate) notes: Vec<String>,
    /// Recorded readings to try things on: every screen says so.
    pub(crate) practice: bool,
    /// Somebody carried the readings here; there is nobody to call, and changes are carried there.
    pub(crate) carried: bool,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedServer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) user: String,
    pub(crate) port: u32,
    pub(crate) role: String,
    pub(crate) role_title: String,
    /// changed, to_fix, not_checked, ready.
    pub(crate) state: String,
    /// "4 things to fix".
    pub(crate) status: String,
    pub(crate) reason: String,
    pub(crate) last_check: String,
    pub(crate) setup: String,
}

/// What became of a file that somebody shared.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum SetupOpened {
    Opened { setup: String, servers: u32 },
    NotChosen,
    Refused { failure: Failure },
}

/// The list of the first screen: what wants a look comes first.
pub(crate) fn saved(catalog: &Catalog, mut servers: Vec<KnownServer>) -> Vec<SavedServer> {
    servers.sort_by_key(|server| (server.standing(), server.name.clone()));
    servers.into_iter().map(|server| one(catalog, server)).collect()
}

fn one(catalog: &Catalog, server: KnownServer) -> SavedServer {
    let standing = server.standing();
    let (state, status) = match standing {
        Standing::Changed => ("changed", "Changed since last check".to_owned()),
        Standing::ToFix { count: 0 } => ("to_fix", "Not everything could be told".to_owned()),
        Standing::ToFix { count: 1 } => ("to_fix", "One thing to fix".to_owned()),
        Standing::ToFix { count } => ("to_fix", format!("{count} things to fix")),
        Standing::NotChecked { days } => ("not_checked", format!("Not checked for {days} days")),
        Standing::Ready => ("ready", "Ready".to_owned()),
    };
    SavedServer {
        address: server.host,
        user: server.user,
        port: u32::from(server.port),
        role_title: role_title(catalog, &server.role),
        role: server.role,
        state: state.to_owned(),
        status,
        reason: server.changed.join(". "),
        last_check: session::Moment::parse(&server.last_check).map(|at| at.for_people()).unwrap_or_default(),
        setup: server.setup,
        name: server.name,
        id: server.id,
    }
}

pub(crate) fn defaults(config: &SshConfig, vault: vault::State, computer: &session::ThisComputer) -> ConnectDefaults {
    let hosts: Vec<(String, remote::Resolved)> =
        config.names().into_iter().filter_map(|name| Some((name.clone(), config.target(&name).ok()?))).collect();
    let mut unread: Vec<String> = hosts.iter().flat_map(|(_, resolved)| resolved.not_understood.clone()).collect();
    unread.sort_unstable();
    unread.dedup();
    ConnectDefaults {
        user: remote::Target::new("", 22).user(),
        agent: agent(),
        key_files: key_files(),
        keychain: keychain(vault),
        ssh_config: hosts.into_iter().map(|(name, resolved)| host(name, &resolved.target)).collect(),
        ssh_config_unread: unread,
        this_computer: this_computer(computer),
    }
}

pub(crate) fn keychain(vault: vault::State) -> KeychainState {
    match vault {
        vault::State::Available => KeychainState::Ready { name: KEYCHAIN.to_owned() },
        vault::State::Locked => KeychainState::Locked,
        vault::State::NoKeychain | vault::State::Refused(_) => KeychainState::None,
    }
}

/// This installation: its version, and where it keeps what.
pub(crate) fn about(store: &Store, vault: vault::State) -> About {
    About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        keychain: keychain(vault),
        folder: store.folder().display().to_string(),
        logs: store.folder().join("logs").display().to_string(),
        known_hosts: store.known_hosts().display().to_string(),
    }
}

/// The keychain by the name people know it by.
const KEYCHAIN: &str = if cfg!(target_os = "macos") {
    "Keychain"
} else if cfg!(windows) {
    "Credential Manager"
} else {
    "Secret Service"
};

fn host(name: String, target: &Target) -> SshConfigHost {
    SshConfigHost {
        name,
        host: target.host.clone(),
        port: u32::from(target.port),
        user: target.user.clone(),
        key_file: target.identity.files.first().map(|file| file.display().to_string()),
        jump: (!target.jump.is_empty())
            .then(|| target.jump.iter().map(Target::to_string).collect::<Vec<_>>().join(",")),
    }
}

fn agent() -> AgentState {
    match remote::agent() {
        remote::Agent::Missing => AgentState::None,
        remote::Agent::Empty => AgentState::Empty,
        remote::Agent::Locked => AgentState::Locked,
        remote::Agent::Holds { keys } => AgentState::Holds { keys: u32::try_from(keys).unwrap_or(u32::MAX) },
    }
}

/// The private keys in the usual place, those that can be used first.
fn key_files() -> Vec<KeyFile> {
    let mut files: Vec<KeyFile> = remote::usual_key_files().iter().map(|file| key_file(file)).collect();
    files.sort_by_key(|file| file.problem.is_some());
    files
}

pub(crate) fn key_file(path: &Path) -> KeyFile {
    let (key_type, locked, problem) = match remote::look_at_key(path) {
        Ok(key) => (key.kind, key.locked, None),
        Err(error) => (String::new(), false, Some(format!("{} {}", error.happened(), error.next()))),
    };
    KeyFile { path: path.display().to_string(), key_type, locked, problem }
}

fn this_computer(computer: &session::ThisComputer) -> ThisComputer {
    let size = |bytes: u64, decimal: bool| profiles::say_bytes(bytes, decimal).text;
    ThisComputer {
        name: computer.name.clone(),
        system: computer.system.clone(),
        cores: u32::try_from(computer.cores).unwrap_or(u32::MAX),
        memory: size(computer.memory, false),
        disk: size(computer.disk, true),
        checkable: cfg!(target_os = "linux"),
    }
}

/// "Dusk, Prover, 6 workers"; the id itself when the role is no longer known.
pub(crate) fn role_title(catalog: &Catalog, role: &str) -> String {
    let title = || -> Option<String> {
        let choice: RoleChoice = role.parse().ok()?;
        let product = catalog.product(&choice.product).ok()?;
        Some(format!("{}, {}", product.title, product.title_of(&choice).ok()?))
    };
    title().unwrap_or_else(|| role.to_owned())
}

//! What the settings screen shows and changes.

use super::KeychainState;
use serde::{Deserialize, Serialize};
use specta::Type;

/// What the settings screen tells of this installation.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct About {
    pub(crate) version: String,
    pub(crate) keychain: KeychainState,
    /// Servers, checks, settings.
    pub(crate) folder: String,
    pub(crate) logs: String,
    pub(crate) known_hosts: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// system, light, dark.
    pub(crate) theme: String,
    /// 2, 5 or 10.
    pub(crate) safety_minutes: u32,
    pub(crate) shortcuts: bool,
    pub(crate) explain: bool,
    pub(crate) log_open: bool,
}

impl From<session::store::Settings> for Settings {
    fn from(settings: session::store::Settings) -> Settings {
        let session::store::Settings { theme, safety_minutes, shortcuts, explain, log_open } = settings;
        Settings { theme, safety_minutes, shortcuts, explain, log_open }
    }
}

impl From<Settings> for session::store::Settings {
    fn from(settings: Settings) -> session::store::Settings {
        let Settings { theme, safety_minutes, shortcuts, explain, log_open } = settings;
        session::store::Settings { theme, safety_minutes, shortcuts, explain, log_open }
    }
}

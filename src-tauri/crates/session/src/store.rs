//! What stays on this computer between two walks: known servers, their checks, settings, the wizard's place.
//!
//! Never a secret. Every file carries a version and is written whole: to a temporary file beside it, synced, renamed.

use crate::examine::Words;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The version of the files below. Older ones are read for ever; a newer one is left alone and said.
const SCHEMA: u32 = 1;

/// Checks kept per server. Twenty monthly checks are well over a year, and a check is about 200 kB.
const CHECKS_KEPT: usize = 20;

/// The folder where Plumbline keeps its own files.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// A file of ours that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("This computer has no folder for application data.")]
    NoHome,
    #[error("{path} could not be read or written: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is not a file of Plumbline's, or it is damaged: {source}")]
    Damaged { path: PathBuf, source: serde_json::Error },
    #[error("{path} was written by a newer Plumbline (version {found} of the format, this one knows {SCHEMA}).")]
    Newer { path: PathBuf, found: u32 },
}

/// What every file holds around its content.
#[derive(Debug, Serialize, Deserialize)]
struct Versioned<T> {
    schema: u32,
    #[serde(flatten)]
    content: T,
}

/// A server that was checked before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownServer {
    /// Stable name of its folder: user@host:port with other characters made plain.
    pub id: String,
    pub name: String,
    pub host: String,
    pub port: u16,
    pub user: String,
    /// The role it was last checked for.
    pub role: String,
    /// RFC 3339.
    pub last_check: String,
    pub verdict: checks::Overall,
    pub counts: checks::Counts,
    /// What changed since the check before, in words; empty when nothing did.
    #[serde(default)]
    pub changed: Vec<String>,
    /// How the person signed in: agent, key file path, password. Never the secret.
    #[serde(default)]
    pub sign_in: String,
    /// The setup it belongs to when several servers make one.
    #[serde(default)]
    pub setup: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Servers {
    servers: Vec<KnownServer>,
}

/// Choices of the person at this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// system, light or dark.
    pub theme: String,
    pub safety_minutes: u32,
    pub shortcuts: bool,
    pub explain: bool,
    pub log_open: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { theme: "system".to_owned(), safety_minutes: 2, shortcuts: true, explain: false, log_open: false }
    }
}

impl Store {
    /// The folder that the system gives to applications (XDG data home, Application Support, AppData).
    pub fn of_this_user() -> Result<Store, StoreError> {
        let folders = directories::ProjectDirs::from("", "", "plumbline").ok_or(StoreError::NoHome)?;
        Store::at(folders.data_dir().to_owned())
    }

    /// A store in `folder`, made when it is missing, readable by its owner only.
    pub fn at(folder: PathBuf) -> Result<Store, StoreError> {
        make_private_folder(&folder)?;
        Ok(Store { folder })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Our own list of trusted host keys, in the format of ssh.
    pub fn known_hosts(&self) -> PathBuf {
        self.folder.join("known_hosts")
    }

    pub fn servers(&self) -> Result<Vec<KnownServer>, StoreError> {
        Ok(self.read::<Servers>("servers.json")?.unwrap_or_default().servers)
    }

    /// Remembers `server`, in place of what was known under its id.
    pub fn remember(&self, server: KnownServer) -> Result<(), StoreError> {
        self.change_servers(|servers| {
            servers.retain(|known| known.id != server.id);
            servers.push(server);
        })
    }

    /// Several checks may end at once, in windows and in scripts, and each of their servers stays.
    fn change_servers(&self, change: impl FnOnce(&mut Vec<KnownServer>)) -> Result<(), StoreError> {
        let path = self.folder.join("servers.lock");
        let lock = fs::File::create(&path).and_then(|file| file.lock().map(|()| file));
        let _lock = lock.map_err(|source| StoreError::Io { path, source })?;
        let mut servers = self.servers()?;
        change(&mut servers);
        self.write("servers.json", &Servers { servers })
    }

    /// Forgets a server, its checks and what was said about it. Its host key and its secrets are forgotten elsewhere, on their own word.
    pub fn forget(&self, id: &str) -> Result<(), StoreError> {
        self.change_servers(|servers| servers.retain(|known| known.id != id))?;
        let (folder, words) = (self.folder.join("checks").join(plain_name(id)), self.folder.join(words_name(id)));
        for (path, removed) in [(&folder, fs::remove_dir_all(&folder)), (&words, fs::remove_file(&words))] {
            if let Err(source) = removed
                && source.kind() != io::ErrorKind::NotFound
            {
                return Err(StoreError::Io { path: path.clone(), source });
            }
        }
        Ok(())
    }

    /// What people said about server `id`.
    pub fn words(&self, id: &str) -> Result<Words, StoreError> {
        Ok(self.read(&words_name(id))?.unwrap_or_default())
    }

    pub fn keep_words(&self, id: &str, words: &Words) -> Result<(), StoreError> {
        make_private_folder(&self.folder.join("words"))?;
        self.write(&words_name(id), words)
    }

    /// The requirement files that were opened on this computer, by name.
    pub fn requirements(&self) -> Result<Vec<(String, String)>, StoreError> {
        let folder = self.folder.join("requirements");
        let names = names_in(&folder, ".toml")?;
        let read = |name: String| match fs::read(folder.join(&name)) {
            // What is no text shows as what it is when it is read as a requirement file.
            Ok(bytes) => Ok((name, String::from_utf8_lossy(&bytes).into_owned())),
            Err(source) => Err(StoreError::Io { path: folder.join(&name), source }),
        };
        names.into_iter().map(read).collect()
    }

    /// Under a name of [`requirements_name`].
    pub fn keep_requirements(&self, name: &str, text: &str) -> Result<(), StoreError> {
        make_private_folder(&self.folder.join("requirements"))?;
        let path = self.folder.join("requirements").join(requirements_name(name));
        write_whole(&path, text.as_bytes()).map_err(|source| StoreError::Io { path, source })
    }

    pub fn forget_requirements(&self, name: &str) -> Result<(), StoreError> {
        let path = self.folder.join("requirements").join(requirements_name(name));
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(StoreError::Io { path, source }),
            _ => Ok(()),
        }
    }

    pub fn settings(&self) -> Result<Settings, StoreError> {
        Ok(self.read("settings.json")?.unwrap_or_default())
    }

    pub fn set_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        self.write("settings.json", settings)
    }

    /// The wizard's place, as the window wrote it.
    pub fn place(&self) -> Result<Option<serde_json::Value>, StoreError> {
        Ok(self.read::<Place>("place.json")?.map(|place| place.place))
    }

    pub fn set_place(&self, place: serde_json::Value) -> Result<(), StoreError> {
        self.write("place.json", &Place { place })
    }

    /// Keeps a check of server `id` made at `at` (RFC 3339), and lets go of the oldest beyond [`CHECKS_KEPT`].
    pub fn keep_check<T: Serialize>(&self, id: &str, at: &str, check: &T) -> Result<(), StoreError> {
        let folder = format!("checks/{}", plain_name(id));
        make_private_folder(&self.folder.join(&folder))?;
        self.write(&format!("{folder}/{}.json", plain_name(at)), check)?;
        let mut names = self.check_names(id)?;
        let surplus = names.len().saturating_sub(CHECKS_KEPT);
        for name in names.drain(..surplus) {
            let path = self.folder.join(&folder).join(name);
            fs::remove_file(&path).map_err(|source| StoreError::Io { path, source })?;
        }
        Ok(())
    }

    /// The newest check of server `id`, when there is one.
    pub fn last_check<T: DeserializeOwned>(&self, id: &str) -> Result<Option<T>, StoreError> {
        match self.check_names(id)?.last() {
            Some(name) => self.read(&format!("checks/{}/{name}", plain_name(id))),
            None => Ok(None),
        }
    }

    /// Every check of server `id` that can still be read, newest first. A damaged one hides none of the others.
    pub fn checks<T: DeserializeOwned>(&self, id: &str) -> Result<Vec<T>, StoreError> {
        let mut checks = Vec::new();
        for name in self.check_names(id)?.iter().rev() {
            match self.read(&format!("checks/{}/{name}", plain_name(id))) {
                Ok(check) => checks.extend(check),
                Err(error) => tracing::warn!(%error, "a kept check is left out"),
            }
        }
        Ok(checks)
    }

    /// File names of the checks of a server, oldest first: their names begin with the time.
    fn check_names(&self, id: &str) -> Result<Vec<String>, StoreError> {
        names_in(&self.folder.join("checks").join(plain_name(id)), ".json")
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        #[derive(Deserialize)]
        struct Head {
            schema: u32,
        }
        let path = self.folder.join(name);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StoreError::Io { path, source }),
        };
        let damaged = |source| StoreError::Damaged { path: path.clone(), source };
        let head: Head = serde_json::from_slice(&text).map_err(damaged)?;
        if head.schema > SCHEMA {
            return Err(StoreError::Newer { path, found: head.schema });
        }
        let file: Versioned<T> = serde_json::from_slice(&text).map_err(damaged)?;
        Ok(Some(file.content))
    }

    fn write<T: Serialize>(&self, name: &str, content: &T) -> Result<(), StoreError> {
        let path = self.folder.join(name);
        let damaged = |source| StoreError::Damaged { path: path.clone(), source };
        let text = serde_json::to_vec_pretty(&Versioned { schema: SCHEMA, content }).map_err(damaged)?;
        write_whole(&path, &text).map_err(|source| StoreError::Io { path, source })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Place {
    place: serde_json::Value,
}

/// Writes `bytes` to `path` so that a reader, or a power cut, sees the old file or the new one and nothing between.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}.new", std::process::id()));
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if renamed.is_err() {
        // The error above is the one to tell; a temporary file that stays is only untidy.
        let _ = fs::remove_file(&temporary);
    }
    renamed?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn make_private_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| StoreError::Io { path: folder.to_owned(), source })
}

fn words_name(id: &str) -> String {
    format!("words/{}.json", plain_name(id))
}

/// Files of ours in a folder that may not be there yet, by name; half-written ones have a dot before theirs.
fn names_in(folder: &Path, ending: &str) -> Result<Vec<String>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(StoreError::Io { path: folder.to_owned(), source }),
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(ending) && !name.starts_with('.')).collect();
    names.sort_unstable();
    Ok(names)
}

/// The name under which a requirement file of this name is kept.
pub(crate) fn requirements_name(name: &str) -> String {
    format!("{}.toml", plain_name(name.strip_suffix(".toml").unwrap_or(name)))
}

/// A name that is safe as a file name on every system.
fn plain_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '@') { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::{CHECKS_KEPT, Settings, Store, StoreError, write_whole};
    use std::fs;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(folder.path().join("plumbline")).expect("a store");
        (folder, store)
    }

    #[test]
    fn what_was_set_is_read_again() {
        let (_folder, store) = store();
        assert_eq!(store.settings().expect("defaults"), Settings::default());
        let dark = Settings { theme: "dark".to_owned(), ..Settings::default() };
        store.set_settings(&dark).expect("written");
        assert_eq!(store.settings().expect("read"), dark);
    }

    #[test]
    fn a_file_of_yesterday_with_fewer_fields_still_opens() {
        let (_folder, store) = store();
        fs::write(store.folder().join("settings.json"), r#"{"schema":1,"theme":"light"}"#).expect("written");
        assert_eq!(store.settings().expect("read").theme, "light");
    }

    #[test]
    fn a_file_of_a_newer_version_is_named_and_left_alone() {
        let (_folder, store) = store();
        fs::write(store.folder().join("settings.json"), r#"{"schema":99,"theme":"light"}"#).expect("written");
        assert!(matches!(store.settings(), Err(StoreError::Newer { found: 99, .. })));
    }

    #[test]
    fn a_damaged_file_is_an_error_and_not_a_default() {
        let (_folder, store) = store();
        fs::write(store.folder().join("servers.json"), "{").expect("written");
        assert!(matches!(store.servers(), Err(StoreError::Damaged { .. })));
    }

    #[test]
    fn only_the_newest_checks_stay() {
        let (_folder, store) = store();
        for day in 0..CHECKS_KEPT + 5 {
            let check = serde_json::json!({ "day": day });
            store.keep_check("deploy@chat-01:22", &format!("2026-01-{day:02}T00:00:00Z"), &check).expect("kept");
        }
        assert_eq!(store.check_names("deploy@chat-01:22").expect("listed").len(), CHECKS_KEPT);
        let last: serde_json::Value = store.last_check("deploy@chat-01:22").expect("read").expect("there");
        assert_eq!(last["day"], CHECKS_KEPT + 4);
    }

    #[test]
    fn a_damaged_check_hides_none_of_the_others() {
        let (_folder, store) = store();
        for day in 1..4 {
            let check = serde_json::json!({ "day": day });
            store.keep_check("deploy@chat-01:22", &format!("2026-01-{day:02}T00:00:00Z"), &check).expect("kept");
        }
        let names = store.check_names("deploy@chat-01:22").expect("listed");
        let folder = store.folder().join("checks").join("deploy@chat-01_22");
        fs::write(folder.join(&names[1]), "{").expect("written");
        let checks: Vec<serde_json::Value> = store.checks("deploy@chat-01:22").expect("read");
        assert_eq!(checks.iter().map(|check| &check["day"]).collect::<Vec<_>>(), [3, 1]);
    }

    #[test]
    fn a_write_that_cannot_happen_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let target = folder.path().join("a folder");
        fs::create_dir(&target).expect("made");
        fs::write(target.join("x"), "x").expect("made");
        write_whole(&target, b"text").expect_err("a folder is in the way");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
    }
}

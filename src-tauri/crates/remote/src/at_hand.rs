//! What this computer has at hand for signing in, for a screen to offer before any server is called.

use crate::agent::{self, State};
use crate::error::Error;
use crate::key_file;
use crate::ssh::home;
use std::path::{Path, PathBuf};

/// The usual SSH agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    Missing,
    Empty,
    Locked,
    Holds { keys: usize },
}

/// Asks the usual agent what it holds. Takes at most a few seconds, when it hangs.
pub fn agent() -> Agent {
    let Some(place) = agent::place(None) else { return Agent::Missing };
    match agent::state(&place) {
        State::Missing => Agent::Missing,
        State::Empty => Agent::Empty,
        State::Locked => Agent::Locked,
        State::Keys(_, keys) => Agent::Holds { keys: keys.len() },
    }
}

/// A private key file that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAtHand {
    /// "Ed25519", as people say it; empty where the file does not tell before it is opened.
    pub kind: String,
    /// Needs a passphrase.
    pub locked: bool,
}

/// Looks at a key file without opening it. What cannot be used says why.
pub fn look_at_key(file: &Path) -> Result<KeyAtHand, Error> {
    let key = key_file::read(file)?;
    let kind = key_file::public_blob(file).map(|blob| crate::HostKey::new(blob).kind().to_owned()).unwrap_or_default();
    let kind = match kind.as_str() {
        "ssh-ed25519" => "Ed25519".to_owned(),
        "ssh-rsa" => "RSA".to_owned(),
        kind if kind.starts_with("ecdsa-") => "ECDSA".to_owned(),
        _ => String::new(),
    };
    Ok(KeyAtHand { kind, locked: key.encrypted })
}

/// Private keys in `~/.ssh`, those with the names that ssh itself tries first.
pub fn usual_key_files() -> Vec<PathBuf> {
    let Some(folder) = home().map(|home| home.join(".ssh")) else { return Vec::new() };
    let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].map(|name| folder.join(name));
    let mut files: Vec<PathBuf> = usual.into_iter().filter(|file| file.is_file()).collect();
    let named: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    // Other names count when a public half stands beside them, which tells a key from a config.
    let mut others: Vec<PathBuf> = named
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "pub"))
        .map(|public| public.with_extension(""))
        .filter(|file| file.is_file() && !files.contains(file))
        .collect();
    others.sort_unstable();
    files.append(&mut others);
    files
}

#[cfg(test)]
mod tests {
    use super::look_at_key;
    use std::process::Command;

    #[test]
    fn a_key_is_told_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        for (kind, said, passphrase) in
            [("ed25519", "Ed25519", ""), ("rsa", "RSA", "open sesame"), ("ecdsa", "ECDSA", "")]
        {
            let file = folder.path().join(kind);
            let made = Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", passphrase, "-f"]).arg(&file).status();
            if !made.is_ok_and(|status| status.success()) {
                let skipped = lab::Skipped { name: "ssh-keygen".to_owned(), reason: "it makes no key here".to_owned() };
                return lab::record("a_key_is_told_from_its_file", &skipped);
            }
            let key = look_at_key(&file).unwrap();
            assert_eq!((key.kind.as_str(), key.locked), (said, !passphrase.is_empty()));
            let public = look_at_key(&file.with_extension("pub")).unwrap_err();
            assert_eq!(public.code(), "key-is-public");
        }
    }
}

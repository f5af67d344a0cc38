//! A booted Debian with systemd, its own network namespace, firewall and accounts. Needs root.

use crate::keeper::Keeper;
use crate::own::{new_key, public_half};
use crate::run::find;
use crate::server::{Inside, Server};
use crate::skip::Skipped;
use crate::tree::{is_root, tree};
use crate::{Error, cache};
use std::time::Duration;

/// What to boot. `Nspawn::new("bookworm").restricted().start()?`
#[derive(Clone, Debug)]
pub struct Nspawn {
    release: String,
    packages: Vec<String>,
    restricted: bool,
    open_files: Option<u32>,
    link: String,
}

impl Nspawn {
    /// `bullseye`, `bookworm` or `trixie`.
    #[must_use]
    pub fn new(release: &str) -> Self {
        Self { release: release.to_owned(), packages: vec![], restricted: false, open_files: None, link: String::new() }
    }

    /// More packages in the tree, such as `postgresql`. Each set is a tree of its own: built once, about a minute.
    #[must_use]
    pub fn with(mut self, packages: &[&str]) -> Self {
        self.packages.extend(packages.iter().map(|&package| package.to_owned()));
        self
    }

    /// Like a cheap rented container: no firewall, no `net.*`, `/proc/sys` is read-only.
    #[must_use]
    pub fn restricted(mut self) -> Self {
        self.restricted = true;
        self
    }

    /// Nothing in it may have more files open than this, whoever asks.
    #[must_use]
    pub fn limited_files(mut self, most: u32) -> Self {
        self.open_files = Some(most);
        self
    }

    /// A link with these figures in each direction, such as `delay-ms=25 loss=0.01`, which can be cut and mended.
    #[must_use]
    pub fn link(mut self, figures: &str) -> Self {
        // An empty set of figures is still a link that can be cut.
        self.link = format!("delay-ms=0 {figures}");
        self
    }

    /// Boots it.
    ///
    /// # Errors
    /// [`Error::Skipped`] without root, systemd-nspawn or a tree.
    pub fn start(&self) -> Result<Server, Error> {
        let name = format!("systemd-nspawn {}", self.release);
        if !is_root() {
            return Err(Skipped::error(&name, "needs root"));
        }
        for (program, package) in
            [("systemd-nspawn", "systemd-container"), ("ip", "iproute2"), ("ps", "procps"), ("setsid", "util-linux")]
        {
            if find(program).is_none() {
                return Err(Skipped::error(&name, format!("{package} is not installed")));
            }
        }
        if !self.link.is_empty() && (find("python3").is_none() || !std::path::Path::new("/dev/net/tun").exists()) {
            return Err(Skipped::error(&name, "a link with delay needs python3 and /dev/net/tun"));
        }
        let packages: Vec<_> = self.packages.iter().map(String::as_str).collect();
        let tree = tree(&name, &self.release, &packages)?;

        // Beside the tree: an overlay's upper half must be on a real file system, which /tmp may not be.
        let state =
            tempfile::Builder::new().prefix("run-").tempdir_in(cache()).map_err(|why| Error::failed(&name, why))?;
        let key_file = new_key(state.path(), "key")?;
        new_key(state.path(), "host_key")?;
        let tree = tree.to_string_lossy();
        let open_files = self.open_files.map(|most| most.to_string()).unwrap_or_default();
        let restricted = if self.restricted { "1" } else { "0" };
        let words = [("TREE", &*tree), ("RESTRICTED", restricted), ("OPEN_FILES", &open_files), ("LINK", &self.link)];
        let (keeper, ready) = Keeper::start("nspawn", state.path(), &words, Duration::from_secs(90))?;
        let word = |key: &str| ready.get(key).cloned().unwrap_or_default();
        Ok(Server {
            host: word("HOST"),
            host6: Some(word("HOST6")),
            port: 22,
            user: "root".into(),
            key_file,
            password: Some("root-pw".into()),
            host_key: public_half(&state.path().join("host_key"))?,
            inside: Inside::Booted { system: word("SYSTEM") },
            keeper,
            state,
        })
    }
}

/// A booted Debian: `bullseye`, `bookworm` or `trixie`. See [`Server::password_of`] for its accounts.
///
/// # Errors
/// As [`Nspawn::start`].
pub fn nspawn(release: &str) -> Result<Server, Error> {
    Nspawn::new(release).start()
}

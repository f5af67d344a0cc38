//! The known_hosts format: read from three files, written to one, our own.
//!
//! Hashed names, `[host]:port`, wildcards, negation, `@revoked` and `@cert-authority` are understood. A line that is not
//! understood is skipped, as ssh does: it can trust nobody.

use crate::host_key::HostKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use std::io;
use std::path::{Path, PathBuf};

/// One file, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownHosts {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub marker: Marker,
    names: String,
    pub key: HostKey,
    comment: String,
    file: PathBuf,
    line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    Plain,
    Revoked,
    CertAuthority,
}

impl Entry {
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }

    pub fn names(&self) -> &str {
        &self.names
    }

    /// When we wrote this line; other programs' lines do not say.
    pub fn since(&self) -> Option<u64> {
        self.comment.strip_prefix("plumbline:")?.parse().ok()
    }

    fn covers(&self, name: &str) -> bool {
        if let Some(hashed) = self.names.strip_prefix("|1|") {
            return hashed_name_matches(hashed, name);
        }
        let mut covered = false;
        for pattern in self.names.split(',') {
            match pattern.strip_prefix('!') {
                // A negated name rules the whole line out, wherever it stands.
                Some(not) if wildcard(not, name) => return false,
                Some(_) => {}
                None => covered |= wildcard(pattern, name),
            }
        }
        covered
    }
}

impl KnownHosts {
    /// A file that is not there knows nobody; one that cannot be read is an error, because a revoked key could stand in it.
    pub fn read(file: &Path) -> io::Result<Self> {
        match std::fs::read(file) {
            Ok(bytes) => Ok(KnownHosts::parse(file, &bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(KnownHosts::default()),
            Err(error) => Err(error),
        }
    }

    pub fn parse(file: &Path, bytes: &[u8]) -> Self {
        let entries = bytes
            .split(|&b| b == b'\n')
            .enumerate()
            .filter_map(|(index, line)| entry(file, index + 1, std::str::from_utf8(line).ok()?.trim()))
            .collect();
        KnownHosts { entries }
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries for a server, named as in `Target::known_hosts_name`.
    pub fn matching<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.covers(name))
    }
}

fn entry(file: &Path, line: usize, text: &str) -> Option<Entry> {
    if text.starts_with('#') {
        return None;
    }
    let mut words = text.split_ascii_whitespace();
    let first = words.next()?;
    let (marker, names) = match first {
        "@revoked" => (Marker::Revoked, words.next()?),
        "@cert-authority" => (Marker::CertAuthority, words.next()?),
        unknown if unknown.starts_with('@') => return None,
        names => (Marker::Plain, names),
    };
    let (kind, base64) = (words.next()?, words.next()?);
    // A line whose two ideas of its kind differ was tampered with or cut.
    let key = HostKey::from_base64(base64).filter(|key| key.kind() == kind)?;
    let comment = words.collect::<Vec<_>>().join(" ");
    // Names are compared in lower case; a hash is base64 and is not a name.
    let names = if names.starts_with("|1|") { names.to_owned() } else { names.to_ascii_lowercase() };
    Some(Entry { marker, names, key, comment, file: file.to_owned(), line })
}

/// `SALT|HASH`, both base64: the hash is HMAC-SHA1 of the name under the salt (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
fn hashed_name_matches(hashed: &str, name: &str) -> bool {
    let Some((salt, hash)) = hashed.split_once('|') else { return false };
    let (Ok(salt), Ok(hash)) = (STANDARD.decode(salt), STANDARD.decode(hash)) else { return false };
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&salt) else { return false };
    mac.update(name.as_bytes());
    mac.verify_slice(&hash).is_ok()
}

/// `*` and `?` as in ssh_config(5), without backtracking into exponential time.
pub(crate) fn wildcard(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == b'?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

/// Writes `key` for `name` into our own file, in place of whatever stood there for that name. The file is whole at every moment.
pub fn trust(file: &Path, name: &str, key: &HostKey, now: u64) -> io::Result<()> {
    rewrite(file, name, Some(format!("{name} {} {} plumbline:{now}", key.kind(), key.to_base64())))
}

/// Takes every key of `name` out of our own file. `false`: there was none.
pub fn forget(file: &Path, name: &str) -> io::Result<bool> {
    if KnownHosts::read(file)?.matching(name).next().is_none() {
        return Ok(false);
    }
    rewrite(file, name, None)?;
    Ok(true)
}

fn rewrite(file: &Path, name: &str, line: Option<String>) -> io::Result<()> {
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Two windows may trust at once: the lock makes read, change and rename one step.
    let lock =
        std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(file.with_extension("lock"))?;
    lock.lock()?;
    let old = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut new: Vec<u8> = Vec::with_capacity(old.len() + 512);
    for (index, text) in old.split(|&b| b == b'\n').enumerate() {
        let trimmed = std::str::from_utf8(text).map(str::trim).unwrap_or_default();
        // Only plain lines for exactly this name go; what a person wrote by hand (patterns, markers, comments) stays.
        let ours = entry(file, index + 1, trimmed).is_some_and(|e| e.marker == Marker::Plain && e.names == name);
        if !ours && !text.is_empty() {
            new.extend_from_slice(text);
            new.push(b'\n');
        }
    }
    if let Some(line) = line {
        new.extend_from_slice(line.as_bytes());
        new.push(b'\n');
    }
    write_whole(file, folder, &new)
}

fn write_whole(file: &Path, folder: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let part = file.with_extension(format!("part{}", std::process::id()));
    let written = (|| {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut handle = options.open(&part)?;
        handle.write_all(bytes)?;
        handle.sync_all()?;
        std::fs::rename(&part, file)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written?;
    // A rename lasts through a power cut only when its folder is on the disk; Windows has no such handle.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIJg3TpmeYvsLGJgLuLfJUNY1gQcPfmXAGC4rIbGbEQKH";

    fn covers(names: &str, name: &str) -> bool {
        KnownHosts::parse(Path::new("k"), format!("{names} ssh-ed25519 {KEY} comment here\n").as_bytes())
            .matching(name)
            .count()
            == 1
    }

    #[test]
    fn names_and_patterns() {
        assert!(
            covers("chat-01", "chat-01")
                && covers("a,Chat-01,b", "chat-01")
                && covers("[chat-01]:2222", "[chat-01]:2222")
        );
        assert!(covers("*.example,!bad.example", "good.example") && !covers("*.example,!bad.example", "bad.example"));
        assert!(!covers("chat-0", "chat-01") && !covers("chat-01", "[chat-01]:2222") && covers("chat-??", "chat-01"));
        assert!(!covers("!chat-01", "chat-02"));
    }

    #[test]
    fn stars_take_no_exponential_time() {
        assert!(!wildcard(&"*a".repeat(60), &"a".repeat(59)));
        assert!(wildcard("*a*b*", "xxaxxbxx") && wildcard("*", "") && !wildcard("?", ""));
    }

    #[test]
    fn lines_that_trust_nobody() {
        let text = format!(
            "# ssh-ed25519\n\n@unknown * ssh-ed25519 {KEY}\nchat-01 ssh-rsa {KEY}\nchat-01 ssh-ed25519 AAAA\nchat-01 ssh-ed25519\n\u{7}\n|1|x|y ssh-ed25519 {KEY}\nchat-01 35 123 456\n"
        );
        let file = KnownHosts::parse(Path::new("k"), text.as_bytes());
        assert_eq!(file.matching("chat-01").count(), 0);
    }

    #[test]
    fn our_own_file_is_rewritten_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sub/known_hosts");
        let (a, b) = (HostKey::from_base64(KEY).unwrap(), HostKey::new(b"\0\0\0\x0bssh-ed25519other".to_vec()));
        trust(&file, "chat-01", &a, 17).unwrap();
        trust(&file, "[chat-01]:2222", &a, 18).unwrap();
        std::fs::write(
            &file,
            format!("# by hand\n*.example ssh-ed25519 {KEY}\n{}", std::fs::read_to_string(&file).unwrap()),
        )
        .unwrap();
        trust(&file, "chat-01", &b, 19).unwrap();
        let read = KnownHosts::read(&file).unwrap();
        let of = |name: &'static str| read.matching(name).map(|e| (e.key.clone(), e.since())).collect::<Vec<_>>();
        assert_eq!(of("chat-01"), [(b, Some(19))]);
        assert_eq!(of("[chat-01]:2222"), [(a, Some(18))]);
        assert_eq!(of("x.example").len(), 1);
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("# by hand\n"));
        assert!(forget(&file, "chat-01").unwrap() && !forget(&file, "chat-01").unwrap());
        assert_eq!(KnownHosts::read(&file).unwrap().entries().len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn our_own_file_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        trust(&file, "chat-01", &HostKey::from_base64(KEY).unwrap(), 1).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

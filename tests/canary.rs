//! Secrets that sing when they turn up where they must not: in a file, an argument, an environment or a log.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Watches every process of this machine for the secrets, from now until [`Watch::heard`].
#[derive(Debug)]
pub struct Watch {
    secrets: Vec<String>,
    found: Arc<Mutex<BTreeSet<String>>>,
    over: Arc<AtomicBool>,
    watcher: Option<JoinHandle<()>>,
}

/// A process that lives shorter than this can be missed; what it was started by is still seen, again and again.
const EVERY: Duration = Duration::from_millis(15);

impl Watch {
    #[must_use]
    pub fn over(secrets: &[&str]) -> Watch {
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        let found = Arc::new(Mutex::new(BTreeSet::new()));
        let over = Arc::new(AtomicBool::new(false));
        let (seen, stop, watched) = (found.clone(), over.clone(), secrets.clone());
        let watcher = std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let new = processes_with(&watched);
                seen.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
                std::thread::sleep(EVERY);
            }
        });
        Watch { secrets, found, over, watcher: Some(watcher) }
    }

    /// Ends the watch, looks through every file below `places` as well, and names each place where a secret stood.
    #[must_use]
    pub fn heard(mut self, places: &[&Path]) -> Vec<String> {
        self.over.store(true, Ordering::Relaxed);
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
        let mut all: Vec<String> = self.found.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        for place in places {
            files_with(place, &self.secrets, &mut all);
        }
        all
    }
}

fn processes_with(secrets: &[String]) -> Vec<String> {
    let own = std::process::id().to_string();
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let mut found = Vec::new();
    for process in processes.filter_map(Result::ok) {
        let id = process.file_name().to_string_lossy().into_owned();
        // This test knows the secrets; it is not what is tested.
        if !id.bytes().all(|byte| byte.is_ascii_digit()) || id == own {
            continue;
        }
        for part in ["cmdline", "environ"] {
            let bytes = std::fs::read(process.path().join(part)).unwrap_or_default();
            if holds(&bytes, secrets) {
                let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                found.push(format!("{part} of {}", name.trim()));
            }
        }
    }
    found
}

fn files_with(place: &Path, secrets: &[String], found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(place) else { return };
    for entry in entries.filter_map(Result::ok) {
        let path: PathBuf = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files_with(&path, secrets, found),
            Ok(kind) if kind.is_file() && holds(&std::fs::read(&path).unwrap_or_default(), secrets) => {
                found.push(path.display().to_string());
            }
            _ => {}
        }
    }
}

/// As UTF-8, and as the web view's UTF-16.
fn holds(bytes: &[u8], secrets: &[String]) -> bool {
    secrets.iter().any(|secret| {
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        contains(bytes, secret.as_bytes()) || contains(bytes, &wide)
    })
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::Watch;
    use std::os::unix::process::CommandExt as _;

    /// The watch is worth nothing unless it hears: one secret in an argument, one in an environment, one in a file.
    #[test]
    fn a_leak_is_heard() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("leak.log"), "password=sing-canary-3").expect("written");
        let watch = Watch::over(&["sing-canary-1", "sing-canary-2", "sing-canary-3"]);
        let mut child = std::process::Command::new("sleep")
            .arg("0.3")
            .arg0("sleep sing-canary-1")
            .env("LEAK", "sing-canary-2")
            .spawn()
            .expect("sleep");
        child.wait().expect("ended");
        let heard = watch.heard(&[folder.path()]);
        assert!(heard.iter().any(|place| place.starts_with("cmdline of")), "{heard:?}");
        assert!(heard.iter().any(|place| place.starts_with("environ of")), "{heard:?}");
        assert!(heard.iter().any(|place| place.ends_with("leak.log")), "{heard:?}");
    }
}

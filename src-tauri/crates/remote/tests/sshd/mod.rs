//! A private sshd of this user, on a free port of 127.0.0.1, with its own keys. Gone with the value.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Sshd {
    pub(crate) port: u16,
    /// A key that may sign in.
    pub(crate) key: PathBuf,
    folder: tempfile::TempDir,
    config: String,
    process: Child,
}

impl Sshd {
    pub(crate) fn start(extra: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        keygen(&path("host"), &["-t", "ed25519", "-N", ""]);
        keygen(&path("id"), &["-t", "ed25519", "-N", ""]);
        std::fs::copy(path("id.pub"), path("authorized_keys")).unwrap();
        let port = free_port();
        let at = folder.path().display();
        let config = format!(
            "{extra}\nListenAddress 127.0.0.1:{port}\nHostKey {at}/host\nAuthorizedKeysFile {at}/authorized_keys\nPidFile none\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel DEBUG3\nMaxStartups 100\n"
        );
        let key = path("id");
        let process = run(folder.path(), &config);
        let sshd = Sshd { port, key, folder, config, process };
        sshd.wait();
        sshd
    }

    pub(crate) fn fingerprint(&self) -> String {
        let out = Command::new("ssh-keygen").arg("-lf").arg(self.folder.path().join("host.pub")).output().unwrap();
        String::from_utf8(out.stdout).unwrap().split(' ').nth(1).unwrap().to_owned()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn authorize(&self, key: &Path) {
        let public = std::fs::read_to_string(format!("{}.pub", key.display())).unwrap();
        let file = self.folder.path().join("authorized_keys");
        let all = std::fs::read_to_string(&file).unwrap() + &public;
        std::fs::write(file, all).unwrap();
    }

    /// A new key on the same port, and an empty log.
    pub(crate) fn swap_host_key(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let host = self.folder.path().join("host");
        std::fs::remove_file(&host).unwrap();
        keygen(&host, &["-t", "ed25519", "-N", ""]);
        self.process = run(self.folder.path(), &self.config);
        self.wait();
        std::fs::write(self.folder.path().join("log"), "").unwrap();
    }

    pub(crate) fn kill_sessions(&self) {
        self.signal_sessions("-KILL");
    }

    pub(crate) fn stop_sessions(&self) {
        self.signal_sessions("-STOP");
    }

    /// The processes that serve a connection: the children of the listener, and theirs as far as they are sshd.
    fn signal_sessions(&self, signal: &str) {
        let mut all = Vec::new();
        let mut look = vec![self.process.id()];
        while let Some(parent) = look.pop() {
            for child in children(parent) {
                look.push(child);
                if std::fs::read_to_string(format!("/proc/{child}/comm")).is_ok_and(|name| name.starts_with("sshd")) {
                    all.push(child.to_string());
                }
            }
        }
        assert!(!all.is_empty(), "nobody is connected");
        // One may have gone with its parent in the meantime.
        let _ = Command::new("kill").arg(signal).args(all).stderr(Stdio::null()).status();
    }

    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("sshd did not start:\n{}", self.log());
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let mut look = vec![self.process.id()];
        let mut all = Vec::new();
        while let Some(parent) = look.pop() {
            let below = children(parent);
            all.extend(below.iter().map(ToString::to_string));
            look.extend(below);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        if !all.is_empty() {
            let _ = Command::new("kill").arg("-KILL").args(all).stderr(Stdio::null()).status();
        }
    }
}

fn children(parent: u32) -> Vec<u32> {
    let tasks = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    tasks.split_ascii_whitespace().filter_map(|p| p.parse().ok()).collect()
}

fn run(folder: &Path, config: &str) -> Child {
    std::fs::write(folder.join("config"), config).unwrap();
    // Only the super-user's sshd wants it.
    let _ = std::fs::create_dir_all("/run/sshd");
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f"])
        .arg(folder.join("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

pub(crate) fn keygen(file: &Path, args: &[&str]) {
    let out =
        Command::new("ssh-keygen").arg("-q").args(args).arg("-f").arg(file).stdin(Stdio::null()).output().unwrap();
    assert!(out.status.success(), "{args:?} {}", String::from_utf8_lossy(&out.stderr));
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

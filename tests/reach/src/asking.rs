//! A server that asks: asyncssh, which lets a test write the questions.

use crate::Way;
use remote::{Method, Options, Pace, Target};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

type Any<T> = Result<T, Box<dyn std::error::Error>>;

/// The user's name chooses what it asks for; see asking.py.
#[derive(Debug)]
pub struct Asking {
    port: u16,
    process: Child,
    folder: tempfile::TempDir,
}

impl Asking {
    /// Or, within, why there is none.
    ///
    /// # Errors
    /// Where it is there and does not start.
    pub fn start() -> Any<Result<Self, String>> {
        let python = std::env::var("PLUMB_LAB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        if !Command::new(&python).args(["-c", "import asyncssh"]).stderr(Stdio::null()).status()?.success() {
            return Ok(Err("asyncssh is not installed for python3 (PLUMB_LAB_PYTHON names another)".to_owned()));
        }
        let folder = tempfile::tempdir()?;
        for name in ["host", "key"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(folder.path().join(name));
            if !keygen.status()?.success() {
                return Err("ssh-keygen made no key".into());
            }
        }
        std::fs::copy(folder.path().join("key.pub"), folder.path().join("authorized"))?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("asking.py");
        let mut process = Command::new(python).arg(script).arg(folder.path()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("stdout")?).read_line(&mut line)?;
        Ok(Ok(Asking { port: line.trim().parse()?, process, folder }))
    }

    /// Lets one more key in, beside its own.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn authorize(&self, public: &str) -> std::io::Result<()> {
        let file = std::fs::OpenOptions::new().append(true).open(self.folder.path().join("authorized"));
        file?.write_all(public.as_bytes())
    }

    /// With its own key, and whatever the asker brings.
    ///
    /// # Errors
    /// Where this machine has no room for a folder.
    pub fn way(&self, user: &str) -> Any<Way> {
        let folder = tempfile::tempdir()?;
        let mut target = Target::new("127.0.0.1", self.port);
        target.user = Some(user.to_owned());
        target.identity.files = vec![self.folder.path().join("key")];
        let mut options = Options::new(folder.path());
        options.known_hosts = Vec::new();
        options.pace = Pace::default();
        let public = std::fs::read_to_string(self.folder.path().join("host.pub"))?;
        std::fs::write(folder.path().join("known_hosts"), format!("[127.0.0.1]:{} {public}", self.port))?;
        options.methods = vec![Method::KeyFile, Method::Password];
        Ok(Way { target, options, folder })
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

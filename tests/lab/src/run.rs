//! One program with an end: what it printed, how it ended, and never longer than it was given.

use crate::Error;
use std::io::{Read, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program printed and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    /// Exit status; 128 + n where signal n ended it.
    pub code: i32,
}

impl Output {
    #[must_use]
    pub fn ok(&self) -> bool {
        self.code == 0
    }
}

/// Runs `command` with `input` on its standard input, for at most `limit`.
pub(crate) fn run(mut command: Command, input: &[u8], limit: Duration) -> Result<(Vec<u8>, Vec<u8>, i32), Error> {
    let what = format!("{:?}", command.get_program());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|why| Error::failed(&what, why))?;
    let stdout = child.stdout.take().map(reader);
    let stderr = child.stderr.take().map(reader);
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input is not an error.
        let _ = stdin.write_all(input);
    }
    let end = Instant::now() + limit;
    let status = loop {
        match child.try_wait().map_err(|why| Error::failed(&what, why))? {
            Some(status) => break status,
            None if Instant::now() > end => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(Error::failed(what, format!("still running after {limit:?}")));
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let collect =
        |thread: Option<std::thread::JoinHandle<Vec<u8>>>| thread.and_then(|t| t.join().ok()).unwrap_or_default();
    let code = status.code().unwrap_or_else(|| 128 + signal(status));
    Ok((collect(stdout), collect(stderr), code))
}

#[cfg(unix)]
fn signal(status: std::process::ExitStatus) -> i32 {
    std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or(0)
}

#[cfg(not(unix))]
fn signal(_: std::process::ExitStatus) -> i32 {
    0
}

fn reader(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        let _ = from.read_to_end(&mut all);
        all
    })
}

/// The program's path, if it is installed; the places for administrators are searched too.
pub(crate) fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':')
        .chain(["/usr/sbin", "/sbin", "/usr/libexec"])
        .map(|dir| std::path::Path::new(dir).join(program))
        .find(|file| file.is_file())
}

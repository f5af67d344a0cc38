//! The process that holds a server up. It lives as long as the pipe to its standard input and takes orders through it;
//! when the pipe closes, because the test ended or was killed, it takes down exactly what it put up.

use crate::Error;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct Keeper {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Receiver<String>,
    log: PathBuf,
}

/// Taking down a booted system unmounts it; anything beyond this is stuck and the test says so.
const TAKE_DOWN: Duration = Duration::from_secs(30);

impl Keeper {
    /// Starts `start/NAME.sh` with `words` as its environment and waits for its `ready KEY=VALUE…`.
    pub(crate) fn start(
        name: &str,
        state: &Path,
        words: &[(&str, &str)],
        limit: Duration,
    ) -> Result<(Self, HashMap<String, String>), Error> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("start").join(format!("{name}.sh"));
        let log = state.join("keeper.log");
        let err = std::fs::File::create(&log).map_err(|why| Error::failed(name, why))?;
        // Its own session: an interrupt of the test run must not reach it before it has tidied up.
        let mut child = Command::new("setsid")
            .arg("sh")
            .arg(script)
            .env("STATE", state)
            .envs(words.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(err)
            .spawn()
            .map_err(|why| Error::failed(format!("the keeper of {name}"), why))?;
        let (sender, answers) = channel();
        if let Some(out) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(out).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        let orders = child.stdin.take();
        let keeper = Self { child, orders, answers, log };
        let ready = keeper.answer("ready", limit)?;
        let words = ready.split_whitespace().filter_map(|word| word.split_once('='));
        let words = words.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Ok((keeper, words))
    }

    /// Sends one order and waits for its answer, `ORDER-done …` of which the rest is returned.
    pub(crate) fn order(&mut self, order: &str, limit: Duration) -> Result<String, Error> {
        let orders = self.orders.as_mut().ok_or_else(|| Error::failed(order, "the keeper is gone"))?;
        writeln!(orders, "{order}").and_then(|()| orders.flush()).map_err(|why| Error::failed(order, why))?;
        self.answer(&format!("{order}-done"), limit)
    }

    fn answer(&self, word: &str, limit: Duration) -> Result<String, Error> {
        let end = Instant::now() + limit;
        loop {
            match self.answers.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if line == word => return Ok(String::new()),
                Ok(line) => match line.strip_prefix(word).and_then(|rest| rest.strip_prefix(' ')) {
                    Some(rest) => return Ok(rest.to_owned()),
                    None => continue,
                },
                Err(RecvTimeoutError::Timeout) => return Err(self.said(word, &format!("nothing within {limit:?}"))),
                Err(RecvTimeoutError::Disconnected) => return Err(self.said(word, "the keeper ended")),
            }
        }
    }

    fn said(&self, what: &str, why: &str) -> Error {
        Error::failed(format!("waiting for `{what}`"), format!("{why}; it said:\n{}", self.log()))
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.orders.take());
        let end = Instant::now() + TAKE_DOWN;
        while Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = writeln!(std::io::stderr(), "lab: keeper {} is stuck; it said:\n{}", self.child.id(), self.log());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

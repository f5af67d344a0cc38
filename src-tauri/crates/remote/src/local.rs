//! This computer, when Plumbline runs on the server itself: the same scripts through a child process.

use crate::error::{Error, Fault, Stage};
use crate::job::{Elevate, Event, Input, Job, NotRoot, Privilege, Remote, Running};
use crate::privilege::{Mark, Mode, Preamble, early_end, nonce, not_root_fault, words};
use std::process::Stdio;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant};

/// Root directly or through `sudo -n`. No password is asked for here: a person at this computer can use sudo in a terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Local;

impl Remote for Local {
    fn start(&self, job: Job) -> Running {
        start(job, None)
    }

    fn converse(&self, job: Job) -> (Running, Input) {
        let (input, follows) = Input::new(|| {});
        (start(job, Some(follows)), input)
    }
}

fn start(job: Job, follows: Option<mpsc::Receiver<Vec<u8>>>) -> Running {
    let (events, received) = mpsc::channel(64);
    tokio::spawn(async move {
        let last = tokio::select! {
            last = run(&job, follows, &events) => last,
            // Nobody listens any more: the child is killed as its handle is dropped.
            () = events.closed() => return,
        };
        let last = last.unwrap_or_else(|error| Event::Failed(error.server("this computer")));
        let _ = events.send(last).await;
    });
    Running { events: received }
}

const CHUNK: usize = 32 * 1024;

async fn run(
    job: &Job,
    mut follows: Option<mpsc::Receiver<Vec<u8>>>,
    events: &mpsc::Sender<Event>,
) -> Result<Event, Error> {
    let mode = match job.elevate {
        Elevate::No => Mode::Plain,
        Elevate::IfPossible => Mode::Try { required: false },
        Elevate::Required => Mode::Try { required: true },
    };
    let mut preamble = Preamble::new(nonce());
    let shell = |error: std::io::Error| {
        Error::new(Fault::Internal { what: "no shell could be started".to_owned() })
            .at(Stage::Shell)
            .raw_text(error.to_string().as_bytes())
    };
    let mut child = Command::new("/bin/sh")
        .arg("-c")
        .arg(words(preamble.nonce(), mode))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(shell)?;
    let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Error::new(Fault::Internal { what: "a child without its streams".to_owned() }).at(Stage::Shell));
    };
    let script = job.script.clone();
    // A script that ends early does not read its own end; that is no error.
    let feed = tokio::spawn(async move {
        let mut taken = stdin.write_all(&script).await;
        while let (Ok(()), Some(follows)) = (&taken, &mut follows) {
            let Some(bytes) = follows.recv().await else { break };
            taken = stdin.write_all(&bytes).await;
        }
        drop(stdin);
    });
    let (mut out, mut err) = (vec![0; CHUNK], vec![0; CHUNK]);
    let (mut out_open, mut err_open) = (true, true);
    let mut started = false;
    let mut early = Vec::new();
    let mut heard = Instant::now();
    let mut refused = None;
    while out_open || err_open {
        tokio::select! {
            read = stdout.read(&mut out), if out_open => {
                let count = read.unwrap_or(0);
                out_open = count > 0;
                let bytes = preamble.stdout(out[..count].to_vec());
                if !started {
                    early.extend_from_slice(&bytes);
                } else if !bytes.is_empty() {
                    tell(events, Event::Stdout(bytes)).await?;
                }
            }
            read = stderr.read(&mut err), if err_open => {
                let count = read.unwrap_or(0);
                err_open = count > 0;
                let (marks, rest) = preamble.stderr(err[..count].to_vec());
                for mark in marks {
                    match mark {
                        Mark::Started(privilege) => {
                            started = true;
                            tell(events, Event::Started { privilege }).await?;
                            let early = std::mem::take(&mut early);
                            if !early.is_empty() {
                                tell(events, Event::Stdout(early)).await?;
                            }
                        }
                        Mark::NotRoot(why) => refused = Some(why),
                        Mark::Prompt => {}
                    }
                }
                if started && !rest.is_empty() {
                    tell(events, Event::Stderr(rest)).await?;
                }
            }
            () = tokio::time::sleep_until(heard + job.silence) => {
                return Err(Error::new(Fault::Silent { limit: job.silence }).at(Stage::Work));
            }
        }
        heard = Instant::now();
    }
    let status = tokio::time::timeout(Duration::max(job.silence, Duration::from_secs(1)), child.wait()).await;
    feed.abort();
    let status = match status {
        Ok(status) => status.map_err(shell)?,
        Err(_) => return Err(Error::new(Fault::Silent { limit: job.silence }).at(Stage::Work)),
    };
    if let Some(why) = refused {
        let said = preamble.said();
        return Err(Error::new(not_root_fault(why, &said)).at(Stage::Shell).raw_text(&said));
    }
    if !started {
        return Err(early_end(mode, &preamble.said(), false));
    }
    match status.code() {
        Some(code) => Ok(Event::Exit { code }),
        None => Err(Error::new(Fault::Killed { signal: signal(status) }).at(Stage::Work)),
    }
}

#[cfg(unix)]
fn signal(status: std::process::ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().map_or_else(|| "unknown".to_owned(), |number| number.to_string())
}

#[cfg(not(unix))]
fn signal(_: std::process::ExitStatus) -> String {
    "unknown".to_owned()
}

async fn tell(events: &mpsc::Sender<Event>, event: Event) -> Result<(), Error> {
    events.send(event).await.map_err(|_| Error::new(Fault::Cancelled))
}

impl Local {
    /// Whether scripts run as root here without asking anybody.
    pub async fn privilege(self) -> Privilege {
        match self.start(Job::new(":").elevate(Elevate::IfPossible)).output().await {
            Ok(output) => output.privilege,
            Err(_) => Privilege::User(NotRoot::NoSudo),
        }
    }
}

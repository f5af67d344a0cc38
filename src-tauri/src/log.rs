//! The log: one file a day in our folder, a week of them, for the person who wants to tell us what went wrong.
//!
//! No secret ever reaches it, since none can be printed, and nothing a server said above DEBUG. `PLUMBLINE_LOG` takes a
//! filter such as `debug` or `remote=trace`.

use session::store::Store;
use std::path::PathBuf;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// A week of days: long enough to remember yesterday's trouble, short enough to forget it.
const DAYS_KEPT: usize = 7;

/// Lines that may wait for the disk; room for each is taken at the start, and the 128,000 of the default are 4 MB.
const LINES_WAITING: usize = 4_000;

/// Where the log is, when this computer has a folder for it.
pub(crate) fn folder() -> Option<PathBuf> {
    Store::of_this_user().ok().map(|store| store.folder().join("logs"))
}

/// Begins to log. The guard writes what is left when it is dropped. Without a folder there is no log, and nothing else
/// suffers from it.
pub(crate) fn begin() -> Option<WorkerGuard> {
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("plumbline")
        .filename_suffix("log")
        .max_log_files(DAYS_KEPT)
        .build(folder()?)
        .ok()?;
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(LINES_WAITING).finish(file);
    let filter = EnvFilter::try_from_env("PLUMBLINE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).init();
    tell_of_panics();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    Some(guard)
}

/// A panic is ours to mend, so it is written down with its place. The usual hook still speaks on standard error.
fn tell_of_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(backtrace = %std::backtrace::Backtrace::force_capture(), "panic: {panic}");
        usual(panic);
    }));
}

//! `plumb`: the walk without a window, for servers without a screen, for scripts and for the tests.
//!
//! Results go to standard output, progress and words about it to standard error. Nothing is asked when standard input
//! is no terminal: the command says which option is missing. Deliberately absent: any rule of its own; `session` and the
//! pure crates decide, this only asks them and prints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command line does")]

mod args;
mod ask;
mod commands;
mod outcome;
mod place;
mod print;

use args::{Cli, Command};
use clap::Parser;
use outcome::{Failure, Outcome};
use std::process::ExitCode;

fn main() -> ExitCode {
    vault::leave_no_core();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    log(cli.verbose);
    match run(cli.command) {
        Ok(outcome) => outcome.into(),
        Err(Failure { outcome, error }) => {
            eprintln!("{}", print::safe(&format!("{error:#}")));
            outcome.into()
        }
    }
}

/// Bad arguments end with code 4; help and version are no errors.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is nobody's to hear about.
    let _ = error.print();
    if error.use_stderr() { Outcome::BadArguments.into() } else { ExitCode::SUCCESS }
}

/// Logs go to standard error, and only when asked for. Nothing of what a server prints is logged above DEBUG.
fn log(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = tracing_subscriber::EnvFilter::new(format!(
        "warn,session={level},remote={level},vault={level},tuning={level},measure={level},plumb={level}"
    ));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true).init();
}

fn run(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Roles { json } => commands::roles::run(json),
        Command::Needs { role, profile, json } => commands::needs::run(&role, &profile, json),
        Command::Catalog { json } => commands::catalog::run(json),
        Command::Probe { role, profile } => commands::probe::run(role.as_deref(), &profile),
        Command::Diagnostics { hide_names, out } => work(commands::diagnostics::run(hide_names, out)),
        Command::Profile { command } => commands::profile::run(command),
        Command::Servers { command } => commands::servers::run(command),
        Command::Secrets { command } => commands::secrets::run(command),
        Command::Export { form, from, out, change, profile } => {
            commands::export::run(form, &from, &out, &change, &profile)
        }
        Command::Check(args) => work(commands::check::run(*args)),
        Command::Fit { place, json } => work(commands::fit::run(place, json)),
        Command::Plan { role, place, json, diff } => work(commands::plan::run(role, place, json, diff)),
        Command::Apply(args) => work(commands::apply::run(args)),
        Command::Runs { place, json } => work(commands::runs::list(place, json)),
        Command::Resume(args) => work(commands::runs::resume(args)),
        Command::Keep(args) => work(commands::runs::keep(args)),
        Command::Undo(args) => work(commands::runs::undo(args)),
        Command::Purge(args) => work(commands::runs::purge(args)),
        Command::Drift { place, since, json } => work(commands::drift::run(place, since.as_deref(), json)),
    }
}

/// Runs what talks to a server.
fn work(future: impl Future<Output = Result<Outcome, Failure>>) -> Result<Outcome, Failure> {
    use outcome::OrUnreached;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().or_unreached()?;
    let result = runtime.block_on(future);
    // A thread that still waits for a silent server must not hold up the end.
    runtime.shutdown_background();
    result
}

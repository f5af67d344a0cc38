//! `plumb runs`, `resume`, `keep`, `undo` and `purge`: runs that the server remembers, from whichever computer they were begun.

use crate::args::{RunArgs, Where};
use crate::commands::apply::{self, Then};
use crate::commands::{check, print_json};
use crate::outcome::{Failure, OrBadArguments, Outcome};
use crate::print::{column, println, safe};
use anyhow::anyhow;
use profiles::RoleChoice;
use serde_json::json;
use session::{Session, WorkError};
use std::sync::Arc;
use tuning::receipt::{Receipt, RunState};
use tuning::run::{Answers, RunSpec};

pub(crate) async fn list(place: Where, json: bool) -> Result<Outcome, Failure> {
    let mut session = place.open(Arc::new(profiles::catalog().clone())).await?;
    let runs = session.runs().await.map_err(check::failure)?;
    if json {
        let runs: Vec<_> = runs.iter().map(told).collect();
        print_json(&json!({ "schema": 1, "runs": runs }))?;
        return Ok(Outcome::Ready);
    }
    if runs.is_empty() {
        println!("This server remembers no run.");
    }
    for run in &runs {
        let changes: Vec<_> = run.manifest.changes.iter().map(|change| change.id.as_str()).collect();
        let id = column(&run.manifest.id.to_string(), 26);
        println!(
            "{id} {} {} {}",
            column(state(run.state), 13),
            column(&run.manifest.at, 21),
            safe(&changes.join(", "))
        );
    }
    Ok(Outcome::Ready)
}

fn told(run: &Receipt) -> serde_json::Value {
    json!({
        "id": run.manifest.id.to_string(),
        "at": run.manifest.at,
        "role": run.manifest.role,
        "state": run.state,
        "seconds_left": run.left,
        "working": run.working,
        "changes": run.manifest.changes.iter().map(|change| &change.id).collect::<Vec<_>>(),
    })
}

fn state(state: RunState) -> &'static str {
    match state {
        RunState::Preparing => "not begun",
        RunState::Refused => "refused",
        RunState::Open => "open",
        RunState::PuttingBack => "putting back",
        RunState::Kept => "kept",
        RunState::PutBack => "put back",
        RunState::Undone => "undone",
    }
}

pub(crate) async fn resume(args: RunArgs) -> Result<Outcome, Failure> {
    let then = apply::then(false, false).or_else(|_| Ok::<_, Failure>(Then::PutBack))?;
    let mut session = open(&args).await?;
    session.take_up(&args.run, &mut |progress| apply::tell(&progress)).await.map_err(check::failure)?;
    if then == Then::PutBack {
        // Nobody to ask: the run waits for `plumb keep`, or for its timer.
        println!("The run waits: plumb keep {0}, or it is put back by the server.", args.run);
        return Ok(Outcome::CouldNotTell);
    }
    let settled = apply::decide(&mut session, then).await?;
    apply::report(&session, &settled, args.json)
}

pub(crate) async fn keep(args: RunArgs) -> Result<Outcome, Failure> {
    let mut session = open(&args).await?;
    session.take_up(&args.run, &mut |progress| apply::tell(&progress)).await.map_err(check::failure)?;
    let settled = apply::decide(&mut session, Then::Keep).await?;
    apply::report(&session, &settled, args.json)
}

pub(crate) async fn undo(args: RunArgs) -> Result<Outcome, Failure> {
    let mut session = open(&args).await?;
    let receipts = session.runs().await.map_err(check::failure)?;
    let receipt = receipts.iter().find(|receipt| receipt.manifest.id.to_string() == args.run);
    let receipt = receipt.ok_or_else(|| check::failure(WorkError::NoSuchRun(args.run.clone())))?;
    let settled = match receipt.state {
        // A run that still waits is put back as what it is.
        RunState::Open | RunState::PuttingBack => {
            session.take_up(&args.run, &mut |progress| apply::tell(&progress)).await.map_err(check::failure)?;
            apply::decide(&mut session, Then::PutBack).await?
        }
        RunState::Kept => {
            let answers = Answers::default();
            let mut tell = |progress| apply::tell(&progress);
            session.undo(&args.run, &answers, RunSpec::WINDOW, &mut tell).await.map_err(check::failure)?;
            apply::decide(&mut session, Then::Keep).await?
        }
        RunState::Preparing | RunState::Refused | RunState::PutBack | RunState::Undone => {
            println!("Nothing of run {} is left on the server ({}).", args.run, state(receipt.state));
            return Ok(session.examination().map_or(Outcome::Ready, check::outcome));
        }
    };
    apply::report(&session, &settled, args.json)
}

pub(crate) async fn purge(args: RunArgs) -> Result<Outcome, Failure> {
    let mut session = args.place.open(Arc::new(profiles::catalog().clone())).await?;
    session.purge(&args.run).await.map_err(check::failure)?;
    if args.json {
        print_json(&json!({ "schema": 1, "run": args.run, "purged": true }))?;
    } else {
        println!("The server has forgotten run {}. What it changed stays as it is.", safe(&args.run));
    }
    Ok(Outcome::Ready)
}

/// Opens the walk and looks at the server for the role of the run, so that the end can be judged.
async fn open(args: &RunArgs) -> Result<Session, Failure> {
    let mut catalog = (*check::catalog(&args.profile)?).clone();
    let unknown =
        profiles::parse("unknown.toml", UNKNOWN_ROLE).and_then(|profile| catalog.add("unknown.toml", profile));
    unknown.map_err(|problems| anyhow!("{problems:?}")).or_bad_arguments()?;
    let known = catalog.clone();
    let mut session = args.place.open(Arc::new(catalog)).await?;
    let receipts = session.runs().await.map_err(check::failure)?;
    let receipt = receipts.iter().find(|receipt| receipt.manifest.id.to_string() == args.run);
    let role = receipt.map(|receipt| receipt.manifest.role.clone());
    let role = role.ok_or_else(|| check::failure(WorkError::NoSuchRun(args.run.clone())))?;
    let choice = role.parse().ok().filter(|choice| known.needs(choice).is_ok());
    let choice: RoleChoice = match choice {
        Some(choice) => choice,
        None => {
            eprintln!(
                "What {} needs is not known here (--profile FILE brings it), so the server is not judged by it.",
                safe(&role)
            );
            "unknown/role".parse().or_bad_arguments()?
        }
    };
    check::look(&mut session, choice, session::Aim::Change).await?;
    Ok(session)
}

/// Stands in for the role of a run that was made with a requirement file of somebody else's: whoever can get at the server
/// can take the run back, and whether the server is ready nobody here can tell.
const UNKNOWN_ROLE: &str = r#"schema = 1
product = "unknown"
title = "Something that is not known here"
purpose = "Not known here."
verified = "2026-11-22"

[[document]]
id = "none"
title = "Not known here"

[[role]]
id = "role"
title = "A role that is not known here"
purpose = "Not known here."
size = "not known"

[[need]]
id = "known"
title = "What it needs"
area = "system"
severity = "required"
why = "The file that says so is not here."
source = { section = "Not known here" }
# nobody has measured it, so it cannot be told
key = "disk.iops:/"
at_least = 1
"#;

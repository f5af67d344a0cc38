//! `plumb apply`: makes changes under the safety timer, proves that a new sign-in works, then keeps or puts back.

use crate::args::ApplyArgs;
use crate::commands::{check, print_json};
use crate::outcome::{Failure, OrBadArguments, OrUnreached, Outcome};
use crate::print::{Ink, println, safe};
use anyhow::anyhow;
use serde_json::json;
use session::{Proved, RunProgress, Session, Settled, Waiting, WorkError};
use std::io::{IsTerminal, Write};
use tuning::{ChangeState, Refusal, RunEvent, Step};

/// What happens once the changes are made and proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Keep,
    PutBack,
    Ask,
}

pub(crate) async fn run(args: ApplyArgs) -> Result<Outcome, Failure> {
    let then = then(args.keep, args.put_back)?;
    let catalog = check::catalog(&args.role.profile)?;
    let choice = check::choice(&args.role.role)?;
    catalog.needs(&choice).or_bad_arguments()?;
    let mut session = args.place.open(catalog).await?;
    check::look(&mut session, choice, session::Aim::Change).await?;
    let ids = if args.all_safe { session.safe_changes() } else { args.change };
    let window = tuning::run::RunSpec::WINDOW;
    let applied = session.apply(&ids, window, &mut |progress| tell(&progress)).await.map(|_| ());
    match applied {
        Ok(()) => {}
        Err(WorkError::NothingToDo) => {
            // what an open run has made may be put back in a minute: that is not nothing
            if let Some(run) = session.open_run().await.map_err(check::failure)? {
                return Err(check::failure(WorkError::Refused(Refusal::RunOpen { run })));
            }
            return nothing(&session, args.json);
        }
        Err(error) => return Err(check::failure(error)),
    }
    let settled = decide(&mut session, then).await?;
    report(&session, &settled, args.json)
}

/// Nobody can be asked without a terminal, and that is said before anything is changed.
pub(crate) fn then(keep: bool, put_back: bool) -> Result<Then, Failure> {
    match (keep, put_back) {
        (true, _) => Ok(Then::Keep),
        (_, true) => Ok(Then::PutBack),
        _ if std::io::stdin().is_terminal() => Ok(Then::Ask),
        _ => Err(anyhow!("Standard input is no terminal, so nobody can be asked. Give --keep or --put-back."))
            .or_bad_arguments(),
    }
}

/// Shows the proofs and ends the run. Changes are kept only where every proof holds.
pub(crate) async fn decide(session: &mut Session, then: Then) -> Result<Settled, Failure> {
    let waiting = session.waiting().ok_or_else(|| check::failure(WorkError::NothingWaiting))?;
    print_proofs(waiting);
    let unproved = then == Then::Keep && !waiting.all_proved();
    let keep = match then {
        Then::Keep => !unproved,
        Then::PutBack => false,
        Then::Ask => asked(waiting).or_unreached()?,
    };
    if keep {
        return session.keep(&mut |_| {}).await.cloned().map_err(check::failure);
    }
    if unproved {
        eprintln!("{UNPROVED}, so everything is put back.");
    }
    // the story is told again from its beginning, which has been heard
    let mut going_back = false;
    let mut tell_back = |progress: RunProgress| {
        going_back |= matches!(progress, RunProgress::Event(RunEvent::Step(Step::PuttingBack { .. })));
        if going_back {
            tell(&progress);
        }
    };
    let mut settled = session.put_back(&mut tell_back, &mut |_| {}).await.cloned().map_err(check::failure)?;
    if unproved {
        settled.why = format!("{UNPROVED}.");
    }
    Ok(settled)
}

const UNPROVED: &str = "Not everything could be proved";

fn print_proofs(waiting: &Waiting) {
    for proof in &waiting.proofs {
        let what = match proof.what {
            Proved::Connected => "A new connection was opened".to_owned(),
            Proved::SignedIn => "Signed in the same way".to_owned(),
            Proved::Administrator => "Administrator rights still work".to_owned(),
            Proved::SameServer => "The run's one-time value was read back".to_owned(),
            Proved::Doors => "Ports that the role opens answer from here".to_owned(),
            Proved::AlsoOver(family) => format!("All of it over {family} as well"),
            Proved::AlsoAt(port) => format!("All of it by port {port} as well"),
        };
        let note = if proof.proved { format!("{:.1} s", proof.seconds) } else { format!("NO: {}", safe(&proof.note)) };
        eprintln!("  {what}: {note}");
    }
}

fn asked(waiting: &Waiting) -> anyhow::Result<bool> {
    eprint!(
        "Keep these changes? Without an answer the server puts everything back at {}. [y/N] ",
        waiting.put_back_at.time_of_day()
    );
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// Says on standard error what the server does.
pub(crate) fn tell(progress: &RunProgress) {
    match progress {
        RunProgress::Event(event) => tell_event(event),
        RunProgress::LostContact { error } => {
            eprintln!("{} The server goes on by itself; calling again …", error.happened());
        }
        RunProgress::BackInContact => eprintln!("Back in contact."),
        RunProgress::Proving => eprintln!("Calling again over a new connection …"),
    }
}

fn tell_event(event: &RunEvent) {
    match event {
        RunEvent::Step(Step::Remembered) => eprintln!("How everything was is remembered on the server."),
        RunEvent::Step(Step::Armed { seconds, .. }) => {
            eprintln!(
                "Safety timer set: without an answer everything is put back, {seconds} s after the last contact."
            );
        }
        RunEvent::Step(Step::PuttingBack { why }) => eprintln!("Putting everything back: {}", safe(why)),
        RunEvent::Change { id, state } => match state {
            ChangeState::Finished => eprintln!("{id}: done"),
            ChangeState::Already => eprintln!("{id}: was so already"),
            ChangeState::Failed { why } => eprintln!("{id}: did not work and was taken back: {}", safe(why)),
            ChangeState::Skipped { because } => eprintln!("{id}: left out, because {because} did not work"),
            ChangeState::Planned => {}
        },
        // who holds the packages, by name, with what is left to wait
        RunEvent::Log(line) if line.starts_with("waiting for ") => eprintln!("{}", safe(line)),
        RunEvent::RunnerLost => {
            eprintln!("The work on the server was interrupted; the safety timer puts everything back.")
        }
        _ => {}
    }
}

/// Prints how it ended, and gives the exit code of the server as it now is.
pub(crate) fn report(session: &Session, settled: &Settled, json: bool) -> Result<Outcome, Failure> {
    let examination = session.examination().ok_or_else(|| check::failure(WorkError::NotExamined))?;
    check::remember(session);
    if json {
        print_json(&json!({
            "schema": 1,
            "run": settled.id.to_string(),
            "at": settled.at.rfc3339(),
            "kept": settled.kept,
            "why": settled.why,
            "changes": settled.changes.iter().map(|change| &change.id).collect::<Vec<_>>(),
            "failed": settled.failed.iter().map(|(id, why)| json!({ "change": id, "why": why })).collect::<Vec<_>>(),
            "verdict": examination.overall,
            "counts": examination.counts,
        }))?;
    } else {
        let ink = Ink::for_stdout();
        let ended = if settled.kept { "kept".to_owned() } else { format!("put back. {}", settled.why) };
        println!("Run {}: {ended}", settled.id);
        let counts = crate::commands::findings::counts_line(&examination.counts);
        let word = crate::commands::findings::overall_word(examination.overall, &examination.counts, ink);
        println!("{} is {word}: {counts}.", safe(&session.server().name));
        if settled.kept {
            println!("To undo: plumb undo {}", settled.id);
        }
    }
    let broken = !settled.failed.is_empty() || (!settled.kept && !settled.why.starts_with("You"));
    Ok(if broken { Outcome::Unreached } else { check::outcome(examination) })
}

fn nothing(session: &Session, json: bool) -> Result<Outcome, Failure> {
    let examination = session.examination().ok_or_else(|| check::failure(WorkError::NotExamined))?;
    if json {
        print_json(&json!({
            "schema": 1, "run": null, "kept": false, "why": "", "changes": [], "failed": [],
            "verdict": examination.overall, "counts": examination.counts,
        }))?;
    } else {
        println!("There is nothing that Plumbline would change here.");
    }
    Ok(check::outcome(examination))
}

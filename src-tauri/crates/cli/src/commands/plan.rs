//! `plumb plan`: the changes that would help, each with diff, risk, effect and undo. Changes nothing.

use crate::args::{RoleArg, Where};
use crate::commands::{check, print_json};
use crate::outcome::{Failure, OrBadArguments, Outcome};
use crate::print::{Ink, println, safe};
use serde_json::json;
use tuning::{ChangeView, DiffSign, FileDiff, Plan, Risk};

pub(crate) async fn run(role: RoleArg, place: Where, json: bool, diff: bool) -> Result<Outcome, Failure> {
    let catalog = check::catalog(&role.profile)?;
    let choice = check::choice(&role.role)?;
    catalog.needs(&choice).or_bad_arguments()?;
    let mut session = place.open(catalog).await?;
    check::look(&mut session, choice, session::Aim::Change).await?;
    let plan = session.plan();
    if json {
        print_json(
            &json!({ "schema": 1, "server": session.server().name, "changes": plan.changes, "left": plan.left }),
        )?;
    } else {
        print(&plan, diff, Ink::for_stdout());
    }
    Ok(session.examination().map_or(Outcome::CouldNotTell, check::outcome))
}

fn print(plan: &Plan, diff: bool, ink: Ink) {
    if plan.changes.is_empty() {
        println!("There is nothing that Plumbline would change here.");
    }
    for change in &plan.changes {
        print_change(change, diff, ink);
    }
    if !plan.left.is_empty() {
        println!("\n{}", ink.bold("Left for you"));
        for (finding, words) in &plan.left {
            println!("  {finding}: {}", safe(words));
        }
    }
}

fn print_change(change: &ChangeView, diff: bool, ink: Ink) {
    let risk = match change.risk {
        Risk::Low => ink.dim("low risk"),
        Risk::Medium => ink.amber("medium risk"),
        Risk::High => ink.red("high risk"),
    };
    println!("\n{}  {} ({risk})", ink.bold(&change.id), change.title);
    println!("  {}", change.effect);
    for consequence in [&change.consequence].into_iter().filter(|text| !text.is_empty()) {
        println!("  {consequence}");
    }
    if let Some(reason) = &change.advised_off {
        println!("  Off unless you ask for it: {reason}");
    }
    println!("  Settles: {}", change.settles.join(", "));
    println!("  To undo: {}", change.undo);
    if diff {
        for file in &change.files {
            print_diff(file, ink);
        }
        for value in &change.runtime {
            println!("  {}: {} → {}", safe(&value.name), safe(&value.before), safe(&value.after));
        }
    }
}

fn print_diff(file: &FileDiff, ink: Ink) {
    println!("  {}{}", ink.bold(&safe(&file.path)), if file.new { " (new file)" } else { "" });
    for line in &file.lines {
        let text = safe(&line.text);
        let now = line.now.as_ref().map(|now| ink.dim(&format!("   now {}", safe(now)))).unwrap_or_default();
        match line.sign {
            DiffSign::Keep => println!("      {text}"),
            DiffSign::Add => println!("    {}{now}", ink.green(&format!("+ {text}"))),
            DiffSign::Remove => println!("    {}", ink.red(&format!("- {text}"))),
        }
    }
}

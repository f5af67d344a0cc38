//! `plumb drift`: what changed on a server since the last check that this computer made of it.

use crate::args::Where;
use crate::commands::{check, print_json};
use crate::outcome::{Failure, OrBadArguments, OrUnreached, Outcome};
use crate::print::{println, safe};
use anyhow::{Context, anyhow};
use facts::Facts;
use profiles::RoleChoice;
use serde_json::json;
use session::history::{self, KeptCheck};
use session::store::Store;
use std::path::Path;

pub(crate) async fn run(place: Where, since: Option<&Path>, json: bool) -> Result<Outcome, Failure> {
    let store = Store::of_this_user().or_unreached()?;
    let mut session = place.open(check::catalog(&[])?).await?;
    let earlier = match since {
        Some(file) => read(file)?,
        None => {
            let last = history::last(&session, &store).map_err(check::failure)?;
            let none = || anyhow!("This computer has not checked that server yet: `plumb check` does.");
            Earlier::of(last.ok_or_else(none).or_bad_arguments()?)
        }
    };
    let choice = earlier.role.parse::<RoleChoice>();
    let choice =
        choice.with_context(|| format!("the earlier check was for \"{}\"", earlier.role)).or_bad_arguments()?;
    check::look(&mut session, choice, session::Aim::Judge).await?;
    let now = session.examination().ok_or_else(|| anyhow!("nothing was read")).or_unreached()?;
    let drifts = checks::drift(&earlier.facts, &now.facts);
    if json {
        print_json(&json!({ "schema": 1, "since": earlier.at, "server": session.server().name, "drift": drifts }))?;
    } else if drifts.is_empty() {
        println!("Nothing changed since {}.", earlier.at);
    } else {
        println!("Since {}:", earlier.at);
        for drift in &drifts {
            println!("  {}", safe(&drift.sentence));
        }
    }
    Ok(if drifts.is_empty() { Outcome::Ready } else { Outcome::NotReady })
}

/// What was read before, and for which role.
struct Earlier {
    at: String,
    role: String,
    facts: Facts,
}

impl Earlier {
    fn of(kept: KeptCheck) -> Earlier {
        let role = kept.report["role"]["id"].as_str().unwrap_or_default().to_owned();
        Earlier { at: kept.at, role, facts: kept.facts }
    }
}

/// What the probe printed then (`plumb check --facts-out` writes it), or a check as this computer keeps it.
fn read(file: &Path) -> Result<Earlier, Failure> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{name} cannot be read")).or_bad_arguments()?;
    let sections = facts::frame::sections(&bytes);
    if !sections.is_empty() {
        let facts = facts::read(&sections, &facts::Context { dialled: None, clock: None });
        // A recording is of no role; every role is judged from the same reading.
        let any = profiles::catalog().roles().into_iter().next().map(|role| role.to_string());
        return Ok(Earlier { at: format!("{name}"), role: any.unwrap_or_default(), facts });
    }
    let kept = serde_json::from_slice(&bytes)
        .map_err(|_| anyhow!("{name} holds no facts to compare with. Name what `plumb check --facts-out FILE` wrote."));
    Ok(Earlier::of(kept.or_bad_arguments()?))
}

//! `plumb drift`: what changed on a server since the last check that this computer made of it.

use crate::args::Where;
use crate::commands::{check, print_json};
use crate::outcome::{Failure, OrBadArguments, OrUnreached, Outcome};
use crate::print::{println, safe};
use anyhow::{Context, anyhow};
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
            last.ok_or_else(|| anyhow!("This computer has not checked that server yet: `plumb check` does."))
                .or_bad_arguments()?
        }
    };
    let role = earlier.report["role"]["id"].as_str().unwrap_or_default();
    let choice: RoleChoice =
        role.parse().with_context(|| format!("the earlier check was for \"{role}\"")).or_bad_arguments()?;
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

/// A check as `plumb check` kept it.
fn read(file: &Path) -> Result<KeptCheck, Failure> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{name} cannot be read")).or_bad_arguments()?;
    serde_json::from_slice(&bytes).with_context(|| format!("{name} is not a kept check")).or_bad_arguments()
}

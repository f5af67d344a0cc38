//! `plumb probe`: the script that a person can run by hand on a server this computer cannot reach.

use crate::commands::check;
use crate::outcome::{Failure, OrBadArguments, Outcome};
use std::path::PathBuf;

pub(crate) fn run(role: Option<&str>, profile: &[PathBuf]) -> Result<Outcome, Failure> {
    let catalog = check::catalog(profile)?;
    let choice = role.map(check::choice).transpose()?;
    if let Some(choice) = &choice {
        catalog.needs(choice).or_bad_arguments()?;
    }
    print!("{}", session::probe_by_hand(&catalog, choice.as_ref()));
    Ok(Outcome::Ready)
}

//! `plumb secrets`: what the keychain keeps for Plumbline. Never what it says.

use crate::args::SecretsCommand;
use crate::outcome::{Failure, OrUnreached, Outcome};
use anyhow::anyhow;

pub(crate) fn run(_: SecretsCommand) -> Result<Outcome, Failure> {
    Err(anyhow!("The keychain cannot be reached from the command line yet.")).or_unreached()
}

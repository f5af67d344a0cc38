//! One module a command. Each takes its arguments and gives an [`crate::outcome::Outcome`].

pub(crate) mod apply;
pub(crate) mod catalog;
pub(crate) mod check;
pub(crate) mod diagnostics;
pub(crate) mod drift;
pub(crate) mod export;
pub(crate) mod findings;
pub(crate) mod fit;
pub(crate) mod needs;
pub(crate) mod plan;
pub(crate) mod probe;
pub(crate) mod profile;
pub(crate) mod roles;
pub(crate) mod runs;
pub(crate) mod secrets;
pub(crate) mod servers;

use crate::outcome::{Failure, OrBadArguments};
use crate::print::println;
use serde::Serialize;

/// Prints `value` as JSON, in the form people can read too.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    println!("{}", serde_json::to_string_pretty(value).or_bad_arguments()?);
    Ok(())
}

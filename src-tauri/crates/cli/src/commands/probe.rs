//! `plumb probe`: the script that a person can run by hand on a server this computer cannot reach.

use crate::outcome::{Failure, Outcome};
use facts::probe;

/// Marks the answers of a script that is run by hand: there is nobody to make a fresh one each time.
const BY_HAND: &str = "by-hand";

pub(crate) fn run() -> Result<Outcome, Failure> {
    print!("{}", probe::script(&session::everything(profiles::catalog(), &[]), BY_HAND));
    Ok(Outcome::Ready)
}

//! `plumb probe`: the script that a person can run by hand on a server this computer cannot reach.

use crate::outcome::{Failure, Outcome};
use facts::probe;

/// Marks the answers of a script that is run by hand: there is nobody to make a fresh one each time.
const BY_HAND: &str = "by-hand";

pub(crate) fn run() -> Result<Outcome, Failure> {
    // Nobody knows yet which options the role will have, and the server is asked only this once.
    let catalog = profiles::catalog();
    let needs: Vec<_> = catalog.every_choice().iter().filter_map(|role| catalog.needs(role).ok()).flatten().collect();
    print!("{}", probe::script(&session::everything(catalog, &needs), BY_HAND));
    Ok(Outcome::Ready)
}

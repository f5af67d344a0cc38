//! `plumb diagnostics`: one text that a person can read through and send.

use crate::outcome::{Failure, OrUnreached, Outcome};
use crate::print::println;
use anyhow::Context as _;
use session::Names;
use session::store::Store;
use std::path::PathBuf;
use vault::Vault;

pub(crate) async fn run(hide_names: bool, out: Option<PathBuf>) -> Result<Outcome, Failure> {
    let names = if hide_names { Names::Hidden } else { Names::Shown };
    let store = Store::of_this_user().or_unreached()?;
    let keychain = format!("{:?}", Vault::open().state().await);
    let agent = format!("{:?}", remote::agent());
    let text = session::diagnostics(&store, &keychain, &agent, names).or_unreached()?;
    match out {
        Some(file) => session::store::write_whole(&file, text.as_bytes())
            .with_context(|| format!("{} cannot be written", file.display()))
            .or_unreached()?,
        None => println!("{text}"),
    }
    Ok(Outcome::Ready)
}

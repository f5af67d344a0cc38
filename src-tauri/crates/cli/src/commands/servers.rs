//! `plumb servers`: keys of servers that Plumbline trusts, in its own file. The person's known_hosts is never written.

use crate::args::ServersCommand;
use crate::commands::print_json;
use crate::outcome::{Failure, OrBadArguments, OrUnreached, Outcome};
use crate::place;
use crate::print::{column, println};
use anyhow::{Context, anyhow};
use remote::{Fault, KnownHosts, NoAnswers, Options, Ssh, Target};
use serde_json::json;
use session::store::Store;
use std::sync::Arc;

pub(crate) fn run(command: ServersCommand) -> Result<Outcome, Failure> {
    let store = Store::of_this_user().or_unreached()?;
    match command {
        ServersCommand::List { json } => list(&store, json),
        ServersCommand::Forget { host } => forget(&store, &host),
        ServersCommand::Trust { host, fingerprint, replace } => crate::work(trust(store, host, fingerprint, replace)),
    }
}

fn list(store: &Store, json: bool) -> Result<Outcome, Failure> {
    let file = store.known_hosts();
    let known = KnownHosts::read(&file).with_context(|| format!("{} cannot be read", file.display())).or_unreached()?;
    if json {
        let servers: Vec<_> = known
            .entries()
            .iter()
            .map(|entry| json!({ "names": entry.names(), "type": entry.key.kind(), "fingerprint": entry.key.fingerprint() }))
            .collect();
        print_json(&json!({ "schema": 1, "servers": servers }))?;
        return Ok(Outcome::Ready);
    }
    if known.entries().is_empty() {
        println!("Plumbline has saved no server's key yet.");
    }
    for entry in known.entries() {
        println!("{} {} {}", column(entry.names(), 34), column(entry.key.kind(), 20), entry.key.fingerprint());
    }
    Ok(Outcome::Ready)
}

fn forget(store: &Store, host: &str) -> Result<Outcome, Failure> {
    let target = target(host)?;
    let file = store.known_hosts();
    let name = target.known_hosts_name();
    let gone =
        remote::forget(&file, &name).with_context(|| format!("{} cannot be written", file.display())).or_unreached()?;
    if gone {
        println!("{name} is forgotten. The next connection asks again.");
        Ok(Outcome::Ready)
    } else {
        Err(anyhow!("Plumbline has saved no key of {name}. `plumb servers list` shows what it has.")).or_bad_arguments()
    }
}

/// Calls the server, compares, and hangs up before anybody signs in.
async fn trust(store: Store, host: String, fingerprint: String, replace: bool) -> Result<Outcome, Failure> {
    let target = target(&host)?;
    let mut options = Options::new(store.folder());
    options.methods = Vec::new();
    if replace {
        options.replace = Some(fingerprint);
    } else {
        options.trust = vec![fingerprint];
    }
    match Ssh::connect(&target, &options, Arc::new(NoAnswers)).await {
        Ok(_) => {}
        // The key was judged and saved; that nobody signs in was the intention.
        Err(error) if error.stage() >= remote::Stage::SignIn => {}
        Err(error) => {
            let outcome = match error.fault() {
                Fault::HostKeyTrustDiffers { .. } => Outcome::BadArguments,
                _ => Outcome::Unreached,
            };
            return Err(Failure { outcome, error: place::told(&error) });
        }
    }
    println!("{} is trusted from now on.", target.known_hosts_name());
    Ok(Outcome::Ready)
}

fn target(host: &str) -> Result<Target, Failure> {
    host.parse::<Target>().map_err(|error| Failure { outcome: Outcome::BadArguments, error: place::told(&error) })
}

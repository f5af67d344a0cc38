//! What a server remembers of runs, from whichever computer they were begun.

use crate::error::WorkError;
use crate::guarded::unexpected;
use crate::link::Link;
use crate::progress::RunProgress;
use crate::run::{self, Tell, Waiting, WaysIn};
use remote::{Cancel, Elevate, Job, Output};
use tuning::End;
use tuning::receipt::{Comparison, ManifestAct, Receipt};

/// Oldest first.
pub(crate) async fn runs(link: &mut Link, cancel: &Cancel) -> Result<Vec<Receipt>, WorkError> {
    let nonce = crate::nonce();
    let output = ask(link, tuning::run::runs(&nonce), cancel).await?;
    Ok(tuning::receipt::read(&output.stdout, &nonce))
}

pub(crate) async fn receipt(link: &mut Link, run: &str, cancel: &Cancel) -> Result<Receipt, WorkError> {
    let receipts = runs(link, cancel).await?;
    let found = receipts.into_iter().find(|receipt| receipt.manifest.id.to_string() == run);
    found.ok_or_else(|| WorkError::NoSuchRun(run.to_owned()))
}

pub(crate) async fn purge(link: &mut Link, run: &str, cancel: &Cancel) -> Result<(), WorkError> {
    let id = receipt(link, run, cancel).await?.manifest.id;
    let nonce = crate::nonce();
    match run::request(link.ready().await?, tuning::run::purge(&id, &nonce), &nonce, cancel).await? {
        End::Purged => Ok(()),
        End::Refused(refusal) => Err(refusal.into()),
        other => Err(unexpected(&other)),
    }
}

pub(crate) async fn compare(
    link: &mut Link,
    run: &str,
    act: u32,
    cancel: &Cancel,
) -> Result<(ManifestAct, Comparison), WorkError> {
    let receipt = receipt(link, run, cancel).await?;
    let mut acts = receipt.manifest.changes.iter().flat_map(|change| &change.acts);
    let act = acts.find(|known| known.number == act).ok_or_else(|| WorkError::NoSuchRun(run.to_owned()))?;
    let nonce = crate::nonce();
    let output = ask(link, tuning::run::compare(&receipt.manifest.id, act, &nonce), cancel).await?;
    let said = || remote::visible(&String::from_utf8_lossy(&output.stderr), 600);
    let comparison = tuning::receipt::read_comparison(&output.stdout, &nonce);
    let comparison = comparison.ok_or_else(|| WorkError::RunnerSilent { code: output.code, said: said() })?;
    Ok((act.clone(), comparison))
}

/// Follows a run that was begun earlier until it waits, and proves over a new connection what the one who began it would
/// have had to prove.
pub(crate) async fn take_up(link: &mut Link, run: &str, cancel: &Cancel, tell: Tell<'_>) -> Result<Waiting, WorkError> {
    let receipt = receipt(link, run, cancel).await?;
    let nonce = crate::nonce();
    let id = receipt.manifest.id.clone();
    let script = match receipt.is_open() {
        true => tuning::run::resume(&id, &nonce),
        false => tuning::run::follow(&id, &nonce),
    };
    let followed = run::follow(link, &id, script, &nonce, cancel, tell).await?;
    match followed.end {
        End::Waiting => {}
        End::Refused(refusal) => return Err(refusal.into()),
        other => return Err(unexpected(&other)),
    }
    // what this line reads a new one must read as well, or nothing is proved
    let nonce = crate::nonce();
    let value = match run::request(link.remote(), tuning::run::proof(&id, &nonce), &nonce, cancel).await? {
        End::Proof { value } => value,
        other => return Err(unexpected(&other)),
    };
    tell(RunProgress::Proving);
    let ways = WaysIn { families: link.families().await, new_ports: receipt.manifest.new_ssh_ports };
    let proofs = run::prove(link, &id, &value, &ways, cancel).await;
    Ok(run::waiting(id, proofs, followed))
}

/// A short question that needs an administrator's rights and changes nothing.
async fn ask(link: &mut Link, script: String, cancel: &Cancel) -> Result<Output, WorkError> {
    let running = link.ready().await?.start(Job::new(script).elevate(Elevate::Required));
    tokio::select! {
        () = cancel.cancelled() => Err(WorkError::Cancelled),
        output = running.output() => Ok(output?),
    }
}

//! What stays on the server after a run, and for how long.

use anyhow::Result;
use faults::{NONCE, Rig, buffers, spec};
use tuning::receipt::RunState;
use tuning::run::{self, Answers};
use tuning::{End, Refusal};

/// Records that nobody can need any more go with the next run, 30 days after their end; all others stay until they are
/// purged by name, and a run that waits cannot be.
#[test]
fn old_records_go_and_what_can_be_undone_stays() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let (plan, looked) = rig.plan(&[buffers()])?;
    let runs = [spec(120), spec(120), spec(120), spec(120)];
    let [fresh, old, edited, kept] = &runs;
    for run in [fresh, old, edited] {
        assert_eq!(rig.end(&run::launch(&plan, &looked, run, NONCE))?, End::Waiting, "{}", rig.run_logs());
        assert_eq!(rig.end(&run::put_back(&run.id, NONCE))?, End::PutBack, "{}", rig.run_logs());
    }
    assert_eq!(rig.end(&run::launch(&plan, &looked, kept, NONCE))?, End::Waiting, "{}", rig.run_logs());
    let open = End::Refused(Refusal::RunOpen { run: kept.id.to_string() });
    assert_eq!(rig.end(&run::purge(&kept.id, NONCE))?, open, "a run that waits is not forgotten");
    assert_eq!(rig.end(&run::keep(&kept.id, NONCE))?, End::Kept);

    let place = "/var/lib/plumbline/runs";
    rig.server.must(&format!("echo mine >{place}/{}/before/1.edited", edited.id))?;
    for run in [old, edited, kept] {
        rig.server.must(&format!("touch -d '31 days ago' {place}/{}", run.id))?;
    }
    rig.server.must(&format!("touch -d '29 days ago' {place}/{}", fresh.id))?;

    // any next run tidies up first: here the undo of the kept one, which is a month old and whole
    let undo = spec(120);
    let end = rig.end(&run::undo(&rig.receipt(&kept.id)?, &Answers::default(), &undo, NONCE))?;
    assert_eq!(end, End::Waiting, "{}", rig.run_logs());
    let there: Vec<_> = rig.receipts()?.into_iter().map(|receipt| receipt.manifest.id).collect();
    assert_eq!(there, [&fresh.id, &edited.id, &kept.id, &undo.id].map(Clone::clone), "the old one alone is gone");
    assert_eq!(rig.end(&run::put_back(&undo.id, NONCE))?, End::PutBack, "{}", rig.run_logs());

    assert_eq!(rig.receipt(&kept.id)?.state, RunState::Kept);
    assert_eq!(rig.end(&run::purge(&kept.id, NONCE))?, End::Purged);
    assert_eq!(rig.end(&run::purge(&kept.id, NONCE))?, End::NoSuchRun);
    let value = rig.server.must("cat /proc/sys/net/ipv4/tcp_max_syn_backlog")?;
    assert_eq!(value.trim(), "8192", "what it changed stays");
    Ok(())
}

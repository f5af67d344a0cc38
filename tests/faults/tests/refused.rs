//! Runs that are not begun, each with its own reason, and nothing changed.

use anyhow::{Result, ensure};
use faults::{NONCE, Rig, buffers, limits, snapshot, spec};
use std::time::Duration;
use tuning::run::{self, Answers};
use tuning::{End, Refusal};

const KEYS: &[&str] = &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_max_syn_backlog"];

#[test]
fn a_server_that_moved_since_the_preview() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let (plan, looked) = rig.plan(&[buffers()])?;
    rig.server.must("sysctl -qw net.ipv4.tcp_max_syn_backlog=512")?;
    let before = snapshot(&rig.server, KEYS)?;
    let end = rig.end(&run::launch(&plan, &looked, &spec(60), NONCE))?;
    let End::Refused(Refusal::Drifted { acts }) = &end else { panic!("{end:?}\n{}", rig.run_logs()) };
    assert_eq!(acts.len(), 1);
    assert!(acts[0].text.ends_with("-> 512"), "{acts:?}");
    assert_eq!(snapshot(&rig.server, KEYS)?, before);

    // a file in our place that the preview did not see
    let (plan, looked) = rig.plan(&[buffers()])?;
    rig.server.write("/etc/sysctl.d/zz-plumbline.conf", b"# [sysctl.buffers]\n# mine\n# [/sysctl.buffers]\n")?;
    let end = rig.end(&run::launch(&plan, &looked, &spec(60), NONCE))?;
    assert!(matches!(end, End::Refused(Refusal::Drifted { .. })), "{end:?}");
    Ok(())
}

#[test]
fn a_second_client_is_told_which_run_is_at_work() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    // the first waits longer for somebody's package tool than the second waits for the first
    faults::hold_lock(&rig.server, "/var/lib/dpkg/lock-frontend", 40)?;
    let packages = std::collections::BTreeMap::from([("apt".to_owned(), "jq".to_owned())]);
    let jq = profiles::TuningKind::Packages(vec![profiles::PackageChoice { program: "jq".into(), packages }]);
    let (slow, looked) = rig.plan(&[faults::tuning("packages.tools", jq)])?;
    let first = spec(60);
    let mut client = rig.begin(&run::launch(&slow, &looked, &first, NONCE))?;
    client.until("waiting for python3")?;
    let (plan, looked) = rig.plan(&[buffers()])?;
    let end = rig.end(&run::launch(&plan, &looked, &spec(60), NONCE))?;
    assert_eq!(end, End::Refused(Refusal::Locked { by: first.id.to_string() }));
    client.kill();
    faults::eventually(&rig.server, Duration::from_secs(60), "command -v jq")?;
    assert_eq!(rig.end(&run::put_back(&first.id, NONCE))?, End::PutBack);
    Ok(())
}

#[test]
fn a_second_client_is_told_which_run_is_open() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let (plan, looked) = rig.plan(&[buffers()])?;
    let (one, two) = (spec(60), spec(60));
    // both at once: one wins, the other is told by name
    let clients =
        (rig.begin(&run::launch(&plan, &looked, &one, NONCE))?, rig.begin(&run::launch(&plan, &looked, &two, NONCE))?);
    let (first, second) = (clients.0.end()?, clients.1.end()?);
    let (winner, loser) = if first == End::Waiting { (&one, second) } else { (&two, first) };
    assert_eq!(loser, End::Refused(Refusal::RunOpen { run: winner.id.to_string() }), "{}", rig.run_logs());

    let end = rig.end(&run::launch(&plan, &looked, &spec(60), NONCE))?;
    assert_eq!(end, End::Refused(Refusal::RunOpen { run: winner.id.to_string() }));
    // the same request sent again, as after a lost line, starts nothing: it follows
    assert_eq!(rig.end(&run::launch(&plan, &looked, winner, NONCE))?, End::Waiting);
    assert_eq!(rig.receipts()?.iter().filter(|receipt| receipt.is_open()).count(), 1);
    assert_eq!(rig.end(&run::purge(&winner.id, NONCE))?, End::Refused(Refusal::RunOpen { run: winner.id.to_string() }));
    assert_eq!(rig.end(&run::put_back(&winner.id, NONCE))?, End::PutBack);
    assert_eq!(rig.end(&run::purge(&winner.id, NONCE))?, End::Purged);
    Ok(())
}

#[test]
fn no_room_for_the_record() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let before = snapshot(&rig.server, KEYS)?;
    let (plan, looked) = rig.plan(&[buffers(), limits()])?;
    rig.server.must("mkdir -p /var/lib/plumbline && mount -t tmpfs -o size=3m tmpfs /var/lib/plumbline")?;
    let end = rig.end(&run::launch(&plan, &looked, &spec(60), NONCE))?;
    // a tmpfs is refused first for being one
    assert!(matches!(end, End::Refused(Refusal::NotPersistent { .. } | Refusal::NoRoom { .. })), "{end:?}");
    rig.server.must(
        "umount /var/lib/plumbline; dd if=/dev/zero of=/tiny bs=1k count=2500 2>/dev/null && mkfs.ext4 -q -F /tiny",
    )?;
    if rig.server.exec("mount -o loop /tiny /var/lib/plumbline")?.ok() {
        let end = rig.end(&run::launch(&plan, &looked, &spec(60), NONCE))?;
        assert!(matches!(end, End::Refused(Refusal::NoRoom { .. })), "{end:?}\n{}", rig.run_logs());
    }
    assert_eq!(snapshot(&rig.server, KEYS)?, before);
    Ok(())
}

#[test]
fn somebody_else_than_an_administrator() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let script = run::runs(NONCE);
    let mut child = rig
        .server
        .ssh("guest")
        .arg("/bin/sh -s")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()?;
    std::io::Write::write_all(&mut child.stdin.take().expect("stdin"), script.as_bytes())?;
    let output = child.wait_with_output()?;
    let events = tuning::Reader::new(NONCE).push(&output.stdout);
    assert_eq!(events, [tuning::RunEvent::End(End::Refused(Refusal::NotRoot))]);
    Ok(())
}

#[test]
fn an_undo_over_somebody_elses_edit() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let start = snapshot(&rig.server, KEYS)?;
    let first = rig.server.must("cat /proc/sys/net/ipv4/tcp_max_syn_backlog")?.trim().to_owned();
    let (plan, looked) = rig.plan(&[buffers()])?;
    let one = spec(60);
    assert_eq!(rig.end(&run::launch(&plan, &looked, &one, NONCE))?, End::Waiting);
    assert_eq!(rig.end(&run::keep(&one.id, NONCE))?, End::Kept);
    rig.server.must("sysctl -qw net.ipv4.tcp_max_syn_backlog=16384")?;

    let receipt = rig.receipt(&one.id)?;
    let end = rig.end(&run::undo(&receipt, &Answers::default(), &spec(60), NONCE))?;
    let End::Refused(Refusal::Drifted { acts }) = &end else { panic!("{end:?}\n{}", rig.run_logs()) };
    assert_eq!(acts.iter().map(|act| act.text.as_str()).collect::<Vec<_>>(), ["16384"]);
    let edited = acts[0].act;

    // all three, for a person to decide by
    let touched = receipt.manifest.changes.iter().flat_map(|change| &change.acts).find(|act| act.number == edited);
    let shown = rig.say(&run::compare(&one.id, touched.expect("the act"), NONCE))?;
    let comparison = tuning::receipt::read_comparison(&shown, NONCE).expect("a comparison");
    assert_eq!((comparison.ours.state.as_str(), comparison.now.state.as_str()), ("8192", "16384"));
    assert_eq!(comparison.before.state, first);
    let file = &receipt.manifest.changes[0].acts[0];
    let shown = rig.say(&run::compare(&one.id, file, NONCE))?;
    let comparison = tuning::receipt::read_comparison(&shown, NONCE).expect("a comparison");
    assert!(
        comparison.before.text.is_empty() && comparison.ours.text.contains("tcp_max_syn_backlog = 8192"),
        "{comparison:#?}"
    );

    // left as the administrator wants it: the rest goes back, and this value stays
    let leave = Answers { leave: vec![edited], overwrite: vec![] };
    let two = spec(60);
    assert_eq!(rig.end(&run::undo(&receipt, &leave, &two, NONCE))?, End::Waiting, "{}", rig.run_logs());
    assert_eq!(rig.server.must("cat /proc/sys/net/ipv4/tcp_max_syn_backlog")?, "16384\n");
    assert_eq!(rig.end(&run::put_back(&two.id, NONCE))?, End::PutBack, "{}", rig.run_logs());
    assert!(
        rig.server.must("cat /proc/sys/net/ipv4/tcp_rmem")?.ends_with("134217728\n"),
        "an undo can itself be put back"
    );

    let over = Answers { leave: vec![], overwrite: vec![edited] };
    let three = spec(60);
    assert_eq!(rig.end(&run::undo(&receipt, &over, &three, NONCE))?, End::Waiting, "{}", rig.run_logs());
    assert_eq!(rig.end(&run::keep(&three.id, NONCE))?, End::Kept);
    assert_eq!(snapshot(&rig.server, KEYS)?, start);
    Ok(())
}

#[test]
fn undo_brings_back_mode_owner_access_list_attributes_and_links() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    rig.server.must(
        "mkdir -p /etc/elsewhere && printf 'A=1\\n' >/etc/elsewhere/real.env && ln -s elsewhere/real.env /etc/dusk.env\n\
         chown 1000:games /etc/elsewhere/real.env; chmod 6750 /etc/elsewhere/real.env; setfacl -m u:nobody:r /etc/elsewhere/real.env",
    )?;
    // user attributes need a file system that has them, which an overlay does
    let attributes = rig.server.exec("setfattr -n user.note -v kept /etc/elsewhere/real.env")?.ok();
    let before = snapshot(&rig.server, &[])?;
    ensure!(
        before.contains("posix_acl_access") && (!attributes || before.contains("user.note")),
        "the snapshot sees them"
    );
    let kind = profiles::TuningKind::Environment {
        path: "/etc/dusk.env".into(),
        mode: "600".into(),
        lines: vec![("B".into(), "2".into())],
        restart: None,
    };
    faults::round_trip(&rig, &[faults::tuning("env.b", kind)], &[], |rig| {
        ensure!(rig.server.must("readlink /etc/dusk.env")? == "elsewhere/real.env\n", "the link is a link");
        ensure!(rig.server.must("cat /etc/elsewhere/real.env")?.contains("B=2"));
        ensure!(rig.server.must("getfacl -n /etc/elsewhere/real.env 2>/dev/null")?.contains("user:65534:r"));
        ensure!(rig.server.must("stat -c '%a %u' /etc/elsewhere/real.env")? == "6750 1000\n");
        Ok(())
    })?;
    faults::same(&before, &snapshot(&rig.server, &[])?)
}

#[test]
fn a_full_disk_where_a_file_is_to_go() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    rig.server.must("mkdir -p /etc/security/limits.d && mount -t tmpfs -o size=16k tmpfs /etc/security/limits.d && dd if=/dev/zero of=/etc/security/limits.d/full bs=1k count=16 2>/dev/null; true")?;
    // systemd hears of the mount a little later, and the comparison below would find it come
    faults::eventually(&rig.server, Duration::from_secs(10), "systemctl is-active -q etc-security-limits.d.mount")?;
    let before = snapshot(&rig.server, KEYS)?;
    let (plan, looked) = rig.plan(&[buffers(), limits()])?;
    let run = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &run, NONCE))?;
    let failed = events.iter().any(|event| matches!(event, tuning::RunEvent::Change { id, state: tuning::ChangeState::Failed { .. } } if id == "limits.files"));
    ensure!(failed && events.last() == Some(&tuning::RunEvent::End(End::Waiting)), "{events:#?}");
    ensure!(rig.server.must("ls -A /etc/security/limits.d")? == "full\n", "no half of a file is left");
    ensure!(rig.server.must("cat /proc/sys/net/ipv4/tcp_rmem")?.ends_with("134217728\n"), "the rest went on");
    ensure!(rig.end(&run::put_back(&run.id, NONCE))? == End::PutBack);
    faults::same(&before, &snapshot(&rig.server, KEYS)?)
}

//! Servers without the comforts: no systemd, other shells for /bin/sh, busybox in place of the usual tools, a container
//! that may change next to nothing.

use anyhow::{Result, ensure};
use faults::{NONCE, Rig, buffers, eventually, limits, round_trip, same, snapshot, spec, tuning};
use profiles::TuningKind;
use std::time::Duration;
use tuning::run;
use tuning::{End, RunEvent, Step};

const KEYS: &[&str] = &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_max_syn_backlog"];

/// A server on which nothing can be asked of systemd: the folder by which every program tells that it runs is away.
fn without_systemd() -> Result<Rig, lab::Error> {
    let rig = Rig { server: lab::nspawn("bookworm")? };
    rig.server.must("mv /run/systemd/system /run/systemd/system.away")?;
    Ok(rig)
}

#[test]
fn the_timer_without_systemd() -> Result<()> {
    let rig = lab::need!(without_systemd());
    let before = snapshot(&rig.server, KEYS)?;
    let (plan, looked) = rig.plan(&[buffers()])?;
    let one = spec(8);
    let events = rig.events(&run::launch(&plan, &looked, &one, NONCE))?;
    let timer = events.iter().find_map(|event| match event {
        RunEvent::Step(Step::Armed { timer, .. }) => Some(timer.as_str()),
        _ => None,
    });
    ensure!(timer == Some("process"), "{events:#?}\n{}", rig.run_logs());
    eventually(&rig.server, Duration::from_secs(20), &format!("test -e /var/lib/plumbline/runs/{}/reverted", one.id))?;
    same(&before, &snapshot(&rig.server, KEYS)?)?;
    // nothing of ours goes on running
    eventually(&rig.server, Duration::from_secs(10), "! ps ax -o args= | grep -v grep | grep -q 'run\\.sh'")?;

    round_trip(&rig, &[buffers()], KEYS, |_| Ok(()))?;

    // the runner killed in the middle, and the one who watches killed while it puts back
    let (plan, looked) = rig.plan(&[buffers()])?;
    let two = spec(8);
    let mut client = rig.begin(&run::launch(&plan, &looked, &two, NONCE))?;
    client.until("started\ta:2")?;
    rig.server.must(&format!(
        "read pid start </var/lib/plumbline/runs/{}/runner; kill -KILL $pid 2>/dev/null; true",
        two.id
    ))?;
    client.kill();
    eventually(&rig.server, Duration::from_secs(30), &format!("test -e /var/lib/plumbline/runs/{}/reverted", two.id))?;
    same(&before, &snapshot(&rig.server, KEYS)?)
}

#[test]
fn what_can_cut_the_line_is_not_begun_where_no_boot_would_put_it_back() -> Result<()> {
    let rig = lab::need!(without_systemd());
    rig.server.must("mv /etc/cron.d /etc/cron.away")?;
    let before = snapshot(&rig.server, &[])?;
    let port =
        profiles::PortRule { port: "9000/udp".into(), title: String::new(), from: profiles::PortSource::Anywhere };
    let close = tuning("firewall.close", TuningKind::CloseOtherPorts { ports: vec![port] });
    let (plan, looked) = rig.plan(&[close])?;
    ensure!(plan.changes.len() == 1, "{:?}", plan.left);
    let end = rig.end(&run::launch(&plan, &looked, &spec(60), NONCE))?;
    ensure!(matches!(&end, End::Refused(tuning::Refusal::NoTimer { detail }) if detail.contains("reboot")), "{end:?}");
    same(&before, &snapshot(&rig.server, &[])?)
}

#[test]
fn under_every_shell() -> Result<()> {
    for shell in ["dash", "bash", "busybox"] {
        let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&["busybox"]).start()) };
        rig.server
            .must(&format!("ln -sf \"$(command -v {shell})\" /usr/bin/sh.new && mv -f /usr/bin/sh.new /usr/bin/sh"))?;
        ensure!(
            rig.server
                .ssh("root")
                .arg("/bin/sh -c 'readlink /bin/sh'")
                .output()?
                .stdout
                .ends_with(format!("{shell}\n").as_bytes())
        );
        round_trip(&rig, &[buffers(), limits()], KEYS, |_| Ok(()))?;
    }
    Ok(())
}

#[test]
fn with_the_tools_of_busybox() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&["busybox"]).start()) };
    rig.server.must(
        "for a in $(busybox --list); do case $a in init|su|sh|systemctl|reboot|poweroff|ip|ps) ;; *) ln -s \"$(command -v busybox)\" /usr/local/sbin/$a ;; esac; done",
    )?;
    round_trip(&rig, &[buffers(), limits()], KEYS, |_| Ok(()))
}

#[test]
fn a_container_that_may_change_next_to_nothing() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").restricted().start()) };
    let before = snapshot(&rig.server, KEYS)?;
    let values = [
        ("net.core.rmem_max", "134217728"),
        ("vm.max_map_count", "262144"),
        ("net.ipv4.tcp_rmem", "4096 87380 134217728"),
    ];
    let values = values.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec();
    let denied = tuning("sysctl.denied", TuningKind::Sysctl(values));
    // the check could not tell that they are read-only: the run finds out, and says so
    let (plan, looked) = rig.plan(&[denied, limits()])?;
    let one = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &one, NONCE))?;
    let failed = events.iter().find_map(|event| match event {
        RunEvent::Act { word: tuning::journal::Word::Failed, text, .. } => Some(text.clone()),
        _ => None,
    });
    ensure!(failed.as_deref().is_some_and(|text| text.contains("belongs to the host")), "{events:#?}");
    ensure!(rig.server.read("/etc/sysctl.d/zz-plumbline.conf")?.is_none(), "nothing half-done");
    ensure!(rig.end(&run::put_back(&one.id, NONCE))? == End::PutBack);
    same(&before, &snapshot(&rig.server, KEYS)?)
}

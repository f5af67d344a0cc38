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
fn a_debian_without_systemd() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::userns("bookworm")) };
    let own = tuning(
        "sysctl.own",
        TuningKind::Sysctl(vec![
            ("net.ipv4.tcp_max_syn_backlog".into(), "8192".into()),
            ("net.ipv4.ip_forward".into(), "1".into()),
        ]),
    );
    let keys = &["net.ipv4.tcp_max_syn_backlog", "net.ipv4.ip_forward"];
    round_trip(&rig, std::slice::from_ref(&own), keys, |rig| {
        ensure!(rig.server.must("cat /proc/sys/net/ipv4/ip_forward")? == "1\n");
        Ok(())
    })?;
    let before = snapshot(&rig.server, keys)?;
    let (plan, looked) = rig.plan(&[own])?;
    let run = spec(8);
    let mut client = rig.begin(&run::launch(&plan, &looked, &run, NONCE))?;
    client.until("armed")?;
    // the line ends here; the run does not
    client.kill();
    eventually(&rig.server, Duration::from_secs(40), &format!("test -e /var/lib/plumbline/runs/{}/reverted", run.id))?;
    same(&before, &snapshot(&rig.server, keys)?)
}

#[test]
fn the_smallest_server_there_is() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::minimal()) };
    let own = tuning("sysctl.own", TuningKind::Sysctl(vec![("net.ipv4.ip_forward".into(), "1".into())]));
    round_trip(&rig, &[own], &["net.ipv4.ip_forward"], |rig| {
        ensure!(rig.server.must("cat /proc/sys/net/ipv4/ip_forward")? == "1\n");
        Ok(())
    })
}

#[test]
fn a_kernel_of_its_own() -> Result<()> {
    lab::slow!();
    let mut rig = Rig { server: lab::need!(lab::vm("bookworm")) };
    let values = [
        ("net.core.rmem_max", "50000000"),
        ("net.ipv4.udp_mem", "262144 327680 393216"),
        ("vm.max_map_count", "262144"),
        ("net.bridge.bridge-nf-call-iptables", "1"),
        ("net.netfilter.nf_conntrack_max", "262144"),
    ];
    let values = values.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec();
    let tunings = [
        tuning("modules.containers", TuningKind::Modules(vec!["overlay".into(), "br_netfilter".into()])),
        tuning("sysctl.all", TuningKind::Sysctl(values)),
        tuning("swap.file", TuningKind::SwapFile { bytes: 64 << 20 }),
    ];
    let keys = &["net.core.rmem_max", "net.ipv4.udp_mem", "vm.max_map_count"];
    let before = snapshot(&rig.server, keys)?;
    let (plan, looked) = rig.plan(&tunings)?;
    ensure!(plan.changes.len() == 3, "{:?}", plan.left);
    let one = spec(120);
    let events = rig.events(&run::launch(&plan, &looked, &one, NONCE))?;
    ensure!(
        !events.iter().any(|event| matches!(event, RunEvent::Act { word: tuning::journal::Word::Failed, .. })),
        "{events:#?}\n{}",
        rig.run_logs()
    );
    ensure!(rig.end(&run::keep(&one.id, NONCE))? == End::Kept);
    // now, and after a boot
    let shown = "cat /proc/sys/net/core/rmem_max /proc/sys/net/ipv4/udp_mem /proc/sys/vm/max_map_count /proc/sys/net/netfilter/nf_conntrack_max /proc/sys/net/bridge/bridge-nf-call-iptables; swapon --show=NAME --noheadings";
    let now = rig.server.must(shown)?;
    ensure!(now.starts_with("50000000\n262144\t327680\t393216\n262144\n262144\n1\n/plumbline.swap"), "{now}");
    rig.server.reboot()?;
    ensure!(rig.server.must(shown)? == now, "{}", rig.server.must(shown)?);
    let (again, _) = rig.plan(&tunings[1..2])?;
    ensure!(again.changes.is_empty(), "{again:#?}");
    let receipt = rig.receipt(&one.id)?;
    let undo = spec(120);
    ensure!(
        rig.end(&run::undo(&receipt, &run::Answers::default(), &undo, NONCE))? == End::Waiting,
        "{}",
        rig.run_logs()
    );
    ensure!(rig.end(&run::keep(&undo.id, NONCE))? == End::Kept);
    let differs = faults::difference(&before, &snapshot(&rig.server, keys)?);
    // the boot itself moves some units; nothing of ours is left
    ensure!(!differs.contains("plumbline") && !differs.contains("rmem_max") && !differs.contains("swap"), "{differs}");
    Ok(())
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

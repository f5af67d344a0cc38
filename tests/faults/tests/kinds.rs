//! Every kind of change on a real server: applied, its effect seen, planned again with nothing left, undone to the byte.

use anyhow::{Result, ensure};
use faults::{NONCE, Rig, round_trip, snapshot, spec, tuning};
use profiles::{PackageChoice, TuningKind};
use std::collections::BTreeMap;
use tuning::run;
use tuning::{End, RunEvent};

fn bookworm() -> Result<Rig, lab::Error> {
    Ok(Rig { server: lab::nspawn("bookworm")? })
}

fn jq() -> profiles::Tuning {
    let packages = BTreeMap::from([("apt".to_owned(), "jq".to_owned())]);
    tuning("packages.tools", TuningKind::Packages(vec![PackageChoice { program: "jq".into(), packages }]))
}

#[test]
fn packages_come_and_go_with_what_they_brought() -> Result<()> {
    let rig = lab::need!(bookworm());
    let (plan, _) = rig.plan(&[jq()])?;
    ensure!(plan.changes[0].words.consequence.contains("libjq1"), "{plan:?}");
    round_trip(&rig, &[jq()], &[], |rig| {
        rig.server.must("jq -n 1")?;
        Ok(())
    })
}

#[test]
fn a_program_that_the_distribution_lacks_is_not_offered() -> Result<()> {
    let rig = lab::need!(bookworm());
    let packages = BTreeMap::from([("apt".to_owned(), "no-such-program".to_owned())]);
    let odd = tuning("packages.odd", TuningKind::Packages(vec![PackageChoice { program: "odd".into(), packages }]));
    let (plan, _) = rig.plan(&[odd])?;
    ensure!(plan.changes.is_empty());
    ensure!(plan.left[0].1.contains("does not offer no-such-program"), "{:?}", plan.left);
    Ok(())
}

#[test]
fn a_server_without_a_way_to_its_packages_is_told_so_before_anything_begins() -> Result<()> {
    let rig = lab::need!(bookworm());
    // the lists are there, as on a server that has lost its network since
    rig.server.must(
        "sed -i 's|file:/srv/archive|http://archive.invalid|' /etc/apt/sources.list; cd /var/lib/apt/lists; \
         for f in _srv_archive_.*; do mv $f archive.invalid_.${f#_srv_archive_.}; done; apt-cache policy jq | grep -q archive.invalid",
    )?;
    let (plan, _) = rig.plan(&[jq()])?;
    ensure!(plan.changes.is_empty(), "{plan:?}");
    ensure!(plan.left[0].1.contains("cannot find archive.invalid"), "{:?}", plan.left);
    Ok(())
}

#[test]
fn a_change_that_builds_on_one_that_failed_is_left_out_and_says_on_which() -> Result<()> {
    let rig = lab::need!(bookworm());
    rig.server.must("mkdir -p /opt/dusk; echo key >/opt/dusk/keys; printf '#!/bin/sh\necho no more users >&2\nexit 1\n' >/usr/local/sbin/useradd; chmod 755 /usr/local/sbin/useradd")?;
    let before = snapshot(&rig.server, &["net.ipv4.tcp_rmem"])?;
    let keys = profiles::Permission {
        path: "/opt/dusk/keys".into(),
        mode: "640".into(),
        owner: "root".into(),
        group: "dusk".into(),
    };
    let tunings = [
        tuning("user.dusk", TuningKind::SystemUser { user: "dusk".into(), group: "dusk".into() }),
        tuning("files.permissions", TuningKind::Permissions(vec![keys])),
        faults::buffers(),
    ];
    let (plan, looked) = rig.plan(&tunings)?;
    ensure!(plan.changes.len() == 3, "{:?}", plan.left);
    let run = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &run, NONCE))?;
    let states: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            RunEvent::Change { id, state } if *state != tuning::ChangeState::Planned => Some((id.as_str(), state)),
            _ => None,
        })
        .collect();
    ensure!(
        states.iter().any(|(id, state)| *id == "user.dusk"
            && matches!(state, tuning::ChangeState::Failed { why } if why.contains("no more users"))),
        "{states:?}"
    );
    let skipped = tuning::ChangeState::Skipped { because: "user.dusk".into() };
    ensure!(states.contains(&("files.permissions", &skipped)), "{states:?}");
    ensure!(states.contains(&("sysctl.buffers", &tuning::ChangeState::Finished)), "the rest goes on: {states:?}");
    ensure!(rig.end(&run::put_back(&run.id, NONCE))? == End::PutBack);
    faults::same(&before, &snapshot(&rig.server, &["net.ipv4.tcp_rmem"])?)
}

#[test]
fn whoever_holds_the_package_lock_is_waited_for() -> Result<()> {
    let rig = lab::need!(bookworm());
    let (plan, looked) = rig.plan(&[jq()])?;
    // somebody's package tool at work for eight seconds
    faults::hold_lock(&rig.server, "/var/lib/dpkg/lock-frontend", 8)?;
    let spec = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &spec, NONCE))?;
    ensure!(
        events.iter().any(|event| matches!(event, RunEvent::Log(text) if text.starts_with("waiting for python3"))),
        "{events:#?}"
    );
    ensure!(events.last() == Some(&RunEvent::End(End::Waiting)));
    rig.server.must("jq -n 1")?;
    ensure!(rig.end(&run::put_back(&spec.id, NONCE))? == End::PutBack);
    ensure!(!rig.server.exec("command -v jq")?.ok(), "asked for, what was installed goes again\n{}", rig.run_logs());
    Ok(())
}

#[test]
fn the_timer_leaves_programs_alone() -> Result<()> {
    let rig = lab::need!(bookworm());
    let before = snapshot(&rig.server, &["net.ipv4.tcp_rmem"])?;
    let (plan, looked) = rig.plan(&[jq(), faults::buffers()])?;
    let spec = spec(8);
    ensure!(rig.end(&run::launch(&plan, &looked, &spec, NONCE))? == End::Waiting);
    faults::eventually(
        &rig.server,
        std::time::Duration::from_secs(20),
        &format!("test -e /var/lib/plumbline/runs/{}/reverted", spec.id),
    )?;
    let after = snapshot(&rig.server, &["net.ipv4.tcp_rmem"])?;
    let differs = faults::difference(&before, &after);
    ensure!(
        differs.lines().all(|line| line.contains("jq") || line.contains("onig") || line.contains("ld.so.cache")),
        "{differs}"
    );
    ensure!(differs.contains("jq"));
    Ok(())
}

#[test]
fn a_unit_is_switched_on_and_off_again() -> Result<()> {
    let rig = lab::need!(bookworm());
    let lists =
        tuning("service.lists", TuningKind::Service { unit: "apt-daily.timer".into(), enabled: true, running: true });
    rig.server.must("systemctl disable --now apt-daily.timer 2>&1")?;
    round_trip(&rig, &[lists], &[], |rig| {
        rig.server.must("systemctl is-enabled apt-daily.timer && systemctl is-active apt-daily.timer")?;
        Ok(())
    })
}

#[test]
fn a_masked_unit_is_left_alone() -> Result<()> {
    let rig = lab::need!(bookworm());
    rig.server.must("systemctl mask --now apt-daily.timer 2>&1")?;
    let lists =
        tuning("service.lists", TuningKind::Service { unit: "apt-daily.timer".into(), enabled: true, running: true });
    let (plan, _) = rig.plan(&[lists])?;
    ensure!(plan.changes.is_empty() && plan.left[0].1.contains("masked"), "{plan:?}");
    Ok(())
}

#[test]
fn one_service_keeps_the_clock() -> Result<()> {
    let rig = lab::need!(bookworm());
    // a container's timesyncd would not start: its condition is lifted, for the test
    rig.server.must(
        "mkdir -p /etc/systemd/system/systemd-timesyncd.service.d && printf '[Unit]\\nConditionVirtualization=\\n' >/etc/systemd/system/systemd-timesyncd.service.d/lab.conf\n\
         systemctl daemon-reload; systemctl disable --now systemd-timesyncd 2>&1",
    )?;
    round_trip(&rig, &[tuning("time.sync", TuningKind::TimeSync)], &[], |rig| {
        rig.server.must("systemctl is-active systemd-timesyncd")?;
        Ok(())
    })
}

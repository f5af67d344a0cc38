//! Security updates: by themselves from now on, and those that wait. A restart of the server is never done, only shown.

use super::packages::{Install, install, look_same, tool};
use super::{Kind, Proposed, Scene, Words, service};
use crate::act::{Act, Again};
use crate::before::Look;
use crate::diff;
use crate::plan::Risk;
use facts::Kind as FactKind;

const LABEL: &str = "updates";

/// Sorts behind `20auto-upgrades` and `50unattended-upgrades`: the last one read wins.
const APT: &str = "/etc/apt/apt.conf.d/99plumbline-updates";
const APT_TIMERS: [&str; 2] = ["apt-daily.timer", "apt-daily-upgrade.timer"];

/// A configuration of our own beside the packaged one, and a drop-in that names it.
const DNF: &str = "/etc/dnf/plumbline-automatic.conf";
const DNF_DROP_IN: &str = "/etc/systemd/system/dnf-automatic-install.service.d/zz-plumbline.conf";
const DNF_TIMER: &str = "dnf-automatic-install.timer";

pub(crate) fn looks() -> Vec<Look> {
    let units = APT_TIMERS.iter().chain([&DNF_TIMER]).map(|&unit| unit.to_owned()).collect();
    vec![
        Look::Path(APT.into()),
        Look::Path(DNF.into()),
        Look::Path(DNF_DROP_IN.into()),
        Look::Units(units),
        look_same(LABEL, "unattended-upgrades", "dnf-automatic", "", ""),
    ]
}

pub(super) fn propose(scene: &Scene<'_>) -> Proposed {
    if scene.before.value("init") != Some("systemd") {
        return Proposed::NotHere(
            "Without systemd there is no timer for updates; use this server's own scheduler.".into(),
        );
    }
    let mut acts = Vec::new();
    let mut words = Words {
        undo: "Takes our files away again and sets the timers back. Updates that were installed by then stay.".into(),
        seconds: 10,
        ..Words::default()
    };
    match install(scene.before, LABEL) {
        Install::Nothing => {}
        Install::Cannot(reason) => return Proposed::NotHere(reason),
        Install::Needed(act, of_install) => {
            acts.push(act);
            words = Words { consequence: of_install.consequence, runtime: of_install.runtime, seconds: 40, ..words };
        }
    }
    let mut file = |path: &str, text: String| {
        if scene.before.text(path) == Some(text.as_str()) {
            return None;
        }
        words.files.push(diff::file(path, scene.before.text(path), &text, |_| None));
        Some(Act::File { path: path.into(), mode: "644".into(), text })
    };
    let timers: &[&str] = match tool(scene.before) {
        Some("apt") => {
            let text = "// Written by Plumbline.\nAPT::Periodic::Enable \"1\";\nAPT::Periodic::Update-Package-Lists \"1\";\n\
                        APT::Periodic::Unattended-Upgrade \"1\";\nUnattended-Upgrade::Automatic-Reboot \"false\";\n";
            acts.extend(file(APT, text.into()));
            acts.push(Act::AptSetting { name: "APT::Periodic::Unattended-Upgrade".into(), value: "1".into() });
            &APT_TIMERS
        }
        Some("dnf") => {
            let config = "# Written by Plumbline.\n[commands]\nupgrade_type = security\nrandom_sleep = 0\ndownload_updates = yes\n\
                          apply_updates = yes\nreboot = never\n[emitters]\nemit_via = stdio\n[base]\ndebuglevel = 1\n";
            let drop_in = format!(
                "# Written by Plumbline.\n[Service]\nExecStart=\nExecStart=/usr/bin/dnf-automatic {DNF} --timer --installupdates\n"
            );
            acts.extend(file(DNF, config.into()));
            if let Some(act) = file(DNF_DROP_IN, drop_in) {
                acts.push(act);
                acts.push(Act::Again { unit: "systemd".into(), how: Again::Daemon });
            }
            &[DNF_TIMER]
        }
        _ => return Proposed::NotHere("This distribution has no tool of its own for automatic updates.".into()),
    };
    for (act, runtime) in timers.iter().filter_map(|timer| service::on(scene.before, timer, true, true)) {
        acts.push(act);
        words.runtime.extend(runtime);
    }
    if acts.iter().all(|act| matches!(act, Act::AptSetting { .. })) {
        return Proposed::Settled;
    }
    Proposed::Offer(Kind::Updates, acts, words)
}

pub(super) fn propose_security(scene: &Scene<'_>) -> Proposed {
    let Some(tool) = tool(scene.before).filter(|tool| matches!(*tool, "apt" | "dnf" | "yum" | "zypper")) else {
        return Proposed::NotHere("Plumbline does not know how this distribution marks security updates.".into());
    };
    let waiting = scene.count(FactKind::UpdatesSecurity, "");
    if waiting == Some(0) {
        return Proposed::Settled;
    }
    let words = Words {
        risk: Risk::Medium,
        consequence: "Cannot be taken back. Services that are updated restart; the server itself does not.".into(),
        undo: "Updates stay. If one does harm, go back to a snapshot or backup of the server.".into(),
        seconds: 120,
        files: vec![],
        runtime: vec![crate::plan::RuntimeChange {
            name: "Security updates waiting".into(),
            before: waiting.map_or_else(|| "some".into(), |n| n.to_string()),
            after: "0".into(),
        }],
    };
    Proposed::Offer(Kind::SecurityUpdates, vec![Act::SecurityUpdates { tool: tool.into() }], words)
}

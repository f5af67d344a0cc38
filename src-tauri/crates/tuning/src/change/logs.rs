//! Logs that survive a reboot, and logs that do not fill the disk.

use super::{Kind, Proposed, Scene, Words, is_ours};
use crate::act::{Act, Again};
use crate::before::Look;

const JOURNAL: &str = "/etc/systemd/journald.conf.d/zz-plumbline.conf";
const STORE: &str = "/var/log/journal";

pub(crate) fn looks_journal() -> Vec<Look> {
    vec![Look::Path(JOURNAL.into()), Look::Path(STORE.into())]
}

pub(super) fn propose_journal(scene: &Scene<'_>, bytes: u64) -> Proposed {
    if scene.before.value("init") != Some("systemd") {
        return Proposed::NotHere("There is no systemd here, so no journal of its own.".into());
    }
    let mib = bytes / 1_000_000;
    let mut words = Words {
        undo: "Takes the file away and keeps the journal in memory again. What was written by then moves into Plumbline's record."
            .into(),
        seconds: 4,
        ..Words::default()
    };
    let text =
        format!("# Written by Plumbline.\n{}[Journal]\nStorage=persistent\nSystemMaxUse={mib}M\n", scene.comment());
    let mut acts = Vec::new();
    let file = words.file(scene.before, JOURNAL, "644", text);
    let written = file.is_some();
    acts.extend(file);
    if !scene.before.is_there(STORE) {
        // makes the folder and restarts journald by itself; a restart before it would make the folder unseen
        words.value("Journal", "in memory", "on disk");
        acts.push(Act::JournalStore);
    } else if written {
        acts.push(Act::Again { unit: "systemd-journald.service".into(), how: Again::Restart });
    }
    if acts.is_empty() { Proposed::Settled } else { Proposed::Offer(Kind::Logs, acts, words) }
}

/// What a file of logrotate says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rotation<'a> {
    pub(super) path: &'a str,
    pub(super) logs: &'a [String],
    pub(super) daily: bool,
    pub(super) keep: u32,
    pub(super) compress: bool,
    pub(super) copy_truncate: bool,
}

const LABEL: &str = "logrotate";

pub(crate) fn looks_rotation(path: &str) -> Vec<Look> {
    let install = super::packages::look_same(LABEL, "logrotate", "logrotate", "logrotate", "logrotate");
    vec![Look::Path(path.to_owned()), install]
}

pub(super) fn propose_rotation(scene: &Scene<'_>, rotation: &Rotation<'_>) -> Proposed {
    let path = rotation.path;
    if !path.starts_with("/etc/logrotate.d/") || path.contains("..") {
        return Proposed::NotHere(format!("{path} is not a place that logrotate reads."));
    }
    if !is_ours(scene.before, path) {
        return Proposed::NotHere(format!("{path} is there already and somebody else's; it is left as it is."));
    }
    let mut words = Words { undo: "Takes the file away again.".into(), seconds: 2, ..Words::default() };
    let mut acts = Vec::new();
    match super::packages::install(scene.before, LABEL) {
        super::packages::Install::Nothing => {}
        super::packages::Install::Cannot(reason) => return Proposed::NotHere(reason),
        super::packages::Install::Needed(act, of_install) => {
            acts.push(act);
            words.runtime = of_install.runtime;
            words.seconds = 30;
        }
    }
    let mut text = format!("# Written by Plumbline.\n{}{} {{\n", scene.comment(), rotation.logs.join(" "));
    text.push_str(if rotation.daily { "    daily\n" } else { "    weekly\n" });
    text.push_str(&format!("    rotate {}\n    missingok\n    notifempty\n", rotation.keep));
    if rotation.compress {
        text.push_str("    compress\n");
    }
    if rotation.copy_truncate {
        text.push_str("    copytruncate\n");
    }
    text.push_str("}\n");
    let Some(file) = words.file(scene.before, path, "644", text) else { return Proposed::Settled };
    acts.push(file);
    acts.push(Act::LogrotateReads { path: path.to_owned() });
    Proposed::Offer(Kind::Logs, acts, words)
}

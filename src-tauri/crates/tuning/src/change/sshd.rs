//! sshd, by a drop-in that is read first: of two settings the first one wins, so a name that sorts late loses against what
//! a cloud image brings. Never the port, never a restart, and a key must work before passwords go.

use super::{Kind, Proposed, Scene, Words};
use crate::act::Act;
use crate::before::Look;
use crate::plan::Risk;

const PATH: &str = "/etc/ssh/sshd_config.d/00-plumbline.conf";

pub(crate) fn looks() -> Vec<Look> {
    vec![Look::Path(PATH.into()), Look::Ask("look_sshd", vec![])]
}

pub(super) fn propose(scene: &Scene<'_>, settings: &[(String, String)]) -> Proposed {
    let before = scene.before;
    let now = |name: &str| before.value(&format!("sshd.now.{name}"));
    let settings: Vec<(String, String)> = settings
        .iter()
        .filter(|(name, value)| is_word(name) && is_word(value))
        .map(|(n, v)| (n.to_lowercase(), v.clone()))
        .collect();
    if settings.iter().all(|(name, value)| same(now(name), value)) {
        return Proposed::Settled;
    }
    let (Some(person), Some(address)) = (before.value("sshd.person"), before.value("sshd.address")) else {
        return Proposed::NotHere("sshd here does not show its settings.".into());
    };
    if now("port").is_none() {
        return Proposed::NotHere("sshd here does not show its settings.".into());
    }
    if before.value("sshd.include").is_none() {
        let lines: Vec<String> = settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let text = format!(
            "sshd here reads no drop-ins, and Plumbline edits no file of somebody else's. Put these lines at the top of /etc/ssh/sshd_config: {}.",
            lines.join(", ")
        );
        return Proposed::NotHere(text);
    }
    if let Some(first) = before.value("sshd.first").filter(|first| *first < "00-plumbline.conf") {
        return Proposed::NotHere(format!(
            "/etc/ssh/sshd_config.d/{first} is read before any file of ours and would win."
        ));
    }
    let wants = |name: &str, value: &str| settings.iter().any(|(n, v)| n == name && v == value);
    let keys_only = wants("passwordauthentication", "no");
    if keys_only && before.value("sshd.keys").is_none_or(|keys| keys == "0") {
        return Proposed::NotHere(format!(
            "{person} has no key on this server yet, and passwords are the only way in. Add your key first."
        ));
    }
    if person == "root" && wants("permitrootlogin", "no") {
        return Proposed::NotHere(
            "You are here as root. Make an account of your own with sudo first, and come in by that.".into(),
        );
    }
    if settings.iter().any(|(name, _)| {
        matches!(name.as_str(), "port" | "listenaddress" | "hostkey" | "authorizedkeysfile" | "allowusers")
    }) {
        return Proposed::NotHere("This setting decides who comes in and where; it is for a person to change.".into());
    }
    let mut words = Words {
        risk: Risk::Medium,
        consequence: if keys_only { "Passwords no longer sign anybody in.".into() } else { String::new() },
        undo: "Takes our file away; sshd reads its settings again. Connections that are open stay open.".into(),
        seconds: 4,
        ..Words::default()
    };
    let mut text = format!("# Written by Plumbline.\n{}", scene.comment());
    for (name, value) in &settings {
        text.push_str(&format!("{name} {value}\n"));
        if !same(now(name), value) {
            words.value(name, now(name).unwrap_or("not set"), value);
        }
    }
    let acts = words.file(before, PATH, "600", text).into_iter().chain([Act::Sshd {
        settings,
        person: person.to_owned(),
        address: address.to_owned(),
    }]);
    Proposed::Offer(Kind::Sshd, acts.collect(), words)
}

/// Older versions say without-password for prohibit-password.
fn same(now: Option<&str>, wanted: &str) -> bool {
    now.is_some_and(|now| now == wanted || (now == "without-password" && wanted == "prohibit-password"))
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b',' | b'@' | b'.' | b'+' | b'_' | b':'))
}

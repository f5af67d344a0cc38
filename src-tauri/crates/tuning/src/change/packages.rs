//! Programs from the distribution. Only what is missing, only where the distribution has it, and never where something
//! else would have to go.

use super::{Kind, Proposed, Scene, Words};
use crate::act::Act;
use crate::before::{Before, Look};
use crate::plan::{Risk, RuntimeChange};
use profiles::PackageChoice;

pub(crate) fn look(id: &str, choices: &[PackageChoice]) -> Look {
    let names = ["apt", "dnf", "zypper", "apk"].map(|tool| names_for(choices, tool));
    Look::Packages { label: id.to_owned(), names }
}

/// The same names for every tool of a family.
pub(crate) fn look_same(label: &str, apt: &str, dnf: &str, zypper: &str, apk: &str) -> Look {
    let words = |names: &str| names.split_whitespace().map(str::to_owned).collect();
    Look::Packages { label: label.to_owned(), names: [apt, dnf, zypper, apk].map(words) }
}

fn names_for(choices: &[PackageChoice], tool: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    // one package may bring several of the programs
    for name in choices.iter().filter_map(|choice| choice.packages.get(tool)).filter(|name| is_name(name)) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// What a package may be called; anything else never reaches a command line.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-' | b'_' | b':'))
}

pub(super) fn propose(scene: &Scene<'_>, choices: &[PackageChoice]) -> Proposed {
    let family = match tool(scene.before) {
        Some("yum") => "dnf",
        Some(tool) => tool,
        None => return Proposed::NotHere("Plumbline does not know the package tool of this server.".into()),
    };
    let nobody: Vec<&str> = choices
        .iter()
        .filter(|choice| !choice.packages.contains_key(family))
        .map(|choice| choice.program.as_str())
        .collect();
    match install(scene.before, &scene.tuning.id) {
        Install::Nothing if nobody.is_empty() => Proposed::Settled,
        Install::Nothing => Proposed::NotHere(format!("The distribution here does not package {}.", nobody.join(", "))),
        Install::Cannot(reason) => Proposed::NotHere(reason),
        Install::Needed(act, words) => Proposed::Offer(Kind::Packages, vec![act], words),
    }
}

/// What it takes to have the packages that were looked up under a label.
pub(crate) enum Install {
    Nothing,
    Needed(Act, Words),
    Cannot(String),
}

pub(crate) fn install(before: &Before, label: &str) -> Install {
    let look = |what: &str| before.words(&format!("packages.{label}.{what}"));
    let (missing, unknown, removes) = (look("missing"), look("unknown"), look("removes"));
    if !unknown.is_empty() && missing.is_empty() {
        return Install::Cannot(format!("The distribution here does not offer {}.", unknown.join(", ")));
    }
    let Some(tool) = tool(before) else {
        return Install::Cannot("Plumbline does not know the package tool of this server.".into());
    };
    if missing.is_empty() {
        return Install::Nothing;
    }
    if let [host, ..] = look("lost").as_slice() {
        return Install::Cannot(format!(
            "This server cannot find {host}, where its packages come from. Give it a way to the internet first."
        ));
    }
    if !removes.is_empty() {
        let reason = format!("Installing {} would remove {}.", missing.join(", "), removes.join(", "));
        return Install::Cannot(reason);
    }
    let brings: Vec<String> = look("brings").into_iter().filter(|name| !missing.contains(name)).collect();
    let upgrades = look("upgrades");
    let mut consequence = match brings.len() {
        0 => String::new(),
        1..=6 => format!("Brings {} along.", brings.join(", ")),
        n => format!("Brings {n} packages along: {} and more.", brings[..5].join(", ")),
    };
    if !unknown.is_empty() {
        consequence.push_str(&format!(" The distribution here does not offer {}.", unknown.join(", ")));
    }
    if !upgrades.is_empty() {
        consequence.push_str(&format!(" Updates {}, which cannot be taken back.", upgrades.join(", ")));
    }
    let words = Words {
        risk: if upgrades.is_empty() { Risk::Low } else { Risk::Medium },
        consequence: consequence.trim().to_owned(),
        undo: "Removes what was installed, with what it brought along, where nothing else needs it by then.".into(),
        // a small package takes seconds, a slow archive minutes
        seconds: 30,
        files: vec![],
        runtime: missing
            .iter()
            .map(|name| RuntimeChange {
                name: format!("Package {name}"),
                before: "not installed".into(),
                after: "installed".into(),
            })
            .collect(),
    };
    Install::Needed(Act::Packages { tool: tool.to_owned(), names: missing }, words)
}

pub(crate) fn tool(before: &Before) -> Option<&str> {
    before.value("package_tool").filter(|tool| *tool != "none")
}

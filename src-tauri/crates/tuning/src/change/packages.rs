//! Programs from the distribution. Only what is missing, only where the distribution has it, and never where something
//! else would have to go.

use super::{Kind, Open, OpenPart, Proposed, Scene, Words};
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
    // some are better than none, but the need is then not met, and nobody is told that it is
    let unknown = unknown(scene.before, &scene.tuning.id);
    let mut open = Vec::new();
    if !unknown.is_empty() {
        open.push(not_offered(family, &unknown));
    }
    if !nobody.is_empty() {
        open.push(format!("The distribution here does not package {}.", nobody.join(", ")));
    }
    let open = open.join(" ");
    match install_known(scene.before, &scene.tuning.id) {
        Install::Nothing if open.is_empty() => Proposed::Settled,
        Install::Nothing => Proposed::NotHere(open),
        Install::Cannot(reason) => Proposed::NotHere(format!("{reason} {open}").trim_end().to_owned()),
        Install::Needed(act, mut words) => {
            if !open.is_empty() {
                let rest = [unknown.iter().map(String::as_str).collect(), nobody].concat().join(", ");
                words.consequence =
                    format!("Not all of it: {rest} cannot be had here, and the need stays open. {}", words.consequence)
                        .trim_end()
                        .to_owned();
                let open = Open { why: open, of: OpenPart::Whole };
                return Proposed::InPart(Kind::Packages, vec![act], words, open);
            }
            Proposed::Offer(Kind::Packages, vec![act], words)
        }
    }
}

fn unknown(before: &Before, label: &str) -> Vec<String> {
    before.words(&format!("packages.{label}.unknown"))
}

/// Lists that nobody has fetched for long name few packages, so that comes first of what a person can do.
fn not_offered(tool: &str, names: &[String]) -> String {
    let refresh = match tool {
        "apt" => "apt-get update",
        "zypper" => "zypper refresh",
        "apk" => "apk update",
        _ => "dnf makecache",
    };
    format!(
        "The distribution here does not offer {}. Fetch its package lists anew (sudo {refresh}) and check again; what is \
         still missing then has to come from another source.",
        names.join(", ")
    )
}

/// What it takes to have the packages that were looked up under a label.
pub(crate) enum Install {
    Nothing,
    Needed(Act, Words),
    Cannot(String),
}

/// All of them or none: what is installed for a service of ours is of no use in part.
pub(crate) fn install(before: &Before, label: &str) -> Install {
    match unknown(before, label) {
        unknown if unknown.is_empty() => install_known(before, label),
        unknown => Install::Cannot(not_offered(tool(before).unwrap_or_default(), &unknown)),
    }
}

/// Those that the distribution has.
fn install_known(before: &Before, label: &str) -> Install {
    let look = |what: &str| before.words(&format!("packages.{label}.{what}"));
    let (missing, removes) = (look("missing"), look("removes"));
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

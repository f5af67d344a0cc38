//! A program in a version that suffices, from the distribution. Where the distribution's is too old, or another version is
//! there already, a person decides: Plumbline moves no database, and adds the package source of a program's makers by that
//! person's consent alone.

use super::packages::{Install, install, tool};
use super::{Kind, Proposed, Scene, Words, is_ours};
use crate::act::Act;
use crate::before::Look;
use crate::openpgp;
use crate::plan::Risk;
use facts::{Kind as FactKind, Value, Version};
use profiles::MakersSource;

/// Package names by program: apt, dnf, zypper, apk.
const PROGRAMS: &[(&str, [&str; 4])] = &[
    ("node", ["nodejs", "nodejs", "nodejs20", "nodejs"]),
    ("postgresql", ["postgresql", "postgresql-server", "postgresql-server", "postgresql"]),
    ("redis", ["redis-server", "redis", "redis", "redis"]),
    ("nginx", ["nginx", "nginx", "nginx", "nginx"]),
    ("apache", ["apache2", "httpd", "apache2", "apache2"]),
    ("docker", ["docker.io", "docker", "docker", "docker"]),
    ("haproxy", ["haproxy", "haproxy", "haproxy", "haproxy"]),
    ("prometheus", ["prometheus", "", "", "prometheus"]),
    ("openvpn", ["openvpn", "openvpn", "openvpn", "openvpn"]),
    ("containerd", ["containerd", "containerd", "containerd", "containerd"]),
];

fn names(program: &str) -> Option<[&'static str; 4]> {
    PROGRAMS.iter().find(|(name, _)| *name == program).map(|(_, names)| *names)
}

/// Under which name the package of the makers is looked up.
fn of_makers(id: &str) -> String {
    format!("{id}.makers")
}

pub(crate) fn looks(id: &str, program: &str, makers: Option<&MakersSource>) -> Vec<Look> {
    let names = names(program).unwrap_or([""; 4]);
    let mut words = vec![id.to_owned()];
    words.extend(names.map(str::to_owned));
    let mut looks = vec![Look::Ask("look_software", words)];
    if let Some(makers) = makers {
        let names = [vec![makers.package.clone()], vec![], vec![], vec![]];
        looks.push(Look::Packages { label: of_makers(id), names });
        looks.push(Look::Ask("look_codename", vec![]));
        looks.extend([key_path(makers), list_path(makers)].map(Look::Path));
    }
    looks
}

fn key_path(makers: &MakersSource) -> String {
    format!("/etc/apt/keyrings/plumbline-{}.asc", slug(makers))
}

fn list_path(makers: &MakersSource) -> String {
    format!("/etc/apt/sources.list.d/plumbline-{}.sources", slug(makers))
}

fn slug(makers: &MakersSource) -> String {
    makers.name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

pub(super) fn propose(scene: &Scene<'_>, program: &str, at_least: &str, makers: Option<&MakersSource>) -> Proposed {
    let Ok(wanted) = at_least.parse::<Version>() else {
        return Proposed::NotHere(format!("\"{at_least}\" is no version of {program}."));
    };
    if let Some(Value::Version(there)) = scene.value(FactKind::SoftwareVersion, program)
        && *there < wanted
    {
        return Proposed::NotHere(format!(
            "{program} {there} is here. Moving it to {at_least} or newer is for a person, with a backup: data may have to be converted."
        ));
    }
    let offer = scene.before.value(&format!("software.{}", scene.tuning.id));
    let offer = offer.and_then(|text| text.parse::<Version>().ok());
    // makers sort their packages by the name of the release
    if let (Some(makers), Some(codename), Some("apt")) = (makers, scene.before.value("codename"), tool(scene.before)) {
        let there = format!("packages.{}", of_makers(&scene.tuning.id));
        let none = |what: &str| scene.before.words(&format!("{there}.{what}")).is_empty();
        if none("missing") && none("unknown") {
            return Proposed::Settled;
        }
        // where the distribution has it under a name and offers none, its lists were never fetched, and nobody knows
        if offer.as_ref().map_or(names(program).is_none(), |offered| *offered < wanted) {
            return from_makers(scene, program, at_least, makers, codename);
        }
    }
    match offer {
        None => {
            return Proposed::NotHere(format!(
                "The distribution here does not offer {program}. Its makers' own package source does; adding one is for a person."
            ));
        }
        Some(offered) if offered < wanted => {
            return Proposed::NotHere(format!(
                "The distribution here offers {program} {offered}, and {at_least} is needed. Its makers' own package source has newer \
                 ones; adding one is for a person."
            ));
        }
        Some(_) => {}
    }
    match install(scene.before, &scene.tuning.id) {
        Install::Nothing => Proposed::Settled,
        Install::Cannot(reason) => Proposed::NotHere(reason),
        Install::Needed(act, mut words) => {
            words.consequence =
                format!("Starts {program} as the distribution sets it up. {}", words.consequence).trim().to_owned();
            words.seconds = 60;
            Proposed::Offer(Kind::Software, vec![act], words)
        }
    }
}

/// The makers' own source: their key, their list, and the package from it. Of high risk, so that it is off until a person
/// says yes, and reads first whose word these programs are.
fn from_makers(scene: &Scene<'_>, program: &str, at_least: &str, makers: &MakersSource, codename: &str) -> Proposed {
    let before = scene.before;
    let MakersSource { name, url, package, .. } = makers;
    let pinned: String = makers.fingerprint.split_whitespace().collect::<String>().to_uppercase();
    let Some(found) = openpgp::fingerprint(&makers.key) else {
        return Proposed::NotHere(format!(
            "What is given as the key of {name} is not one OpenPGP key, so nothing is added."
        ));
    };
    if found != pinned {
        return Proposed::NotHere(format!(
            "The key given for {name} has the fingerprint {found}, and {pinned} is expected. Nothing is added."
        ));
    }
    let suite = makers.suite.replace("{codename}", codename);
    let words_of_apt = [url.as_str(), &suite, &makers.component, package, &slug(makers)];
    if !words_of_apt.iter().all(|word| is_word(word)) {
        return Proposed::NotHere(format!("The package source of {name} is not written as apt can read it."));
    }
    let (key, list) = (key_path(makers), list_path(makers));
    if !is_ours(before, &list) {
        return Proposed::NotHere(format!("{list} is there already, and it is not ours."));
    }
    let mut words = Words {
        risk: Risk::High,
        consequence: format!(
            "Adds the package source of {name} ({url}) beside those of the distribution: what comes from it is their word, \
             not the distribution's. It is held to their key {}. Starts {program} as they set it up.",
            grouped(&pinned)
        ),
        undo: "Removes what was installed, with what it brought along, where nothing else needs it by then; and the source \
               with its key."
            .into(),
        seconds: 90,
        ..Words::default()
    };
    words.value(&format!("Package {package}"), "not installed", "installed");
    let text = format!(
        "# Written by Plumbline.\n{}Types: deb\nURIs: {url}\nSuites: {suite}\nComponents: {}\nSigned-By: {key}\n",
        scene.comment(),
        makers.component
    );
    let mut acts = Vec::new();
    acts.extend(words.file(before, &key, "644", format!("{}\n", makers.key.trim())));
    acts.extend(words.file(before, &list, "644", text));
    acts.push(Act::PackageSource {
        path: list,
        url: url.clone(),
        package: package.clone(),
        at_least: at_least.to_owned(),
    });
    acts.push(Act::Packages { tool: "apt".into(), names: vec![package.clone()] });
    Proposed::Offer(Kind::Software, acts, words)
}

/// As people compare it: four by four.
fn grouped(fingerprint: &str) -> String {
    let fours: Vec<String> =
        fingerprint.chars().collect::<Vec<_>>().chunks(4).map(|four| four.iter().collect()).collect();
    fours.join(" ")
}

/// What can stand on a line of apt's without meaning anything else there, and in the name of a list as it is.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b':' | b'/'))
}

//! Lines of a plain `NAME=value` file that is there, as a block of our own. A name that somebody else has set there is left
//! to them.

use super::{Kind, Proposed, Scene, Words};
use crate::act::{Act, Again, block_in};
use crate::before::Look;
use crate::plan::Risk;
use facts::{Kind as FactKind, Value};

/// Stands in a value for the server's address as others see it.
const PUBLIC: &str = "{public_address}";

pub(crate) fn looks(path: &str, restart: Option<&str>) -> Vec<Look> {
    let unit = restart.map(|unit| Look::Units(vec![unit.to_owned()]));
    unit.into_iter().chain([Look::Path(path.to_owned())]).collect()
}

pub(super) fn propose(
    scene: &Scene<'_>,
    path: &str,
    mode: &str,
    lines: &[(String, String)],
    restart: Option<&str>,
) -> Proposed {
    if !path.starts_with('/') || path.contains("..") {
        return Proposed::NotHere(format!("{path} is no place for settings."));
    }
    let Some(standing) = scene.before.text(path) else {
        return Proposed::NotHere(format!(
            "{path} is not there yet; the program that reads it has to be installed first."
        ));
    };
    let address = if lines.iter().any(|(_, value)| value.contains(PUBLIC)) {
        if scene.text(FactKind::AddressNat, "") == Some("none") {
            // what the program finds by itself is right
            return Proposed::Settled;
        }
        let Some(address) = public_address(scene) else {
            return Proposed::NotHere("Which address others see this server by is not known. Set it by hand.".into());
        };
        address
    } else {
        String::new()
    };
    let others = match block_in(standing, &scene.tuning.id) {
        Some(ours) => standing.replacen(&ours, "", 1),
        None => standing.to_owned(),
    };
    let theirs = lines.iter().find(|(name, _)| {
        others.lines().any(|line| {
            line.trim().trim_start_matches("export ").split_once('=').is_some_and(|(key, _)| key.trim() == name)
        })
    });
    if let Some((name, _)) = theirs {
        return Proposed::NotHere(format!(
            "{name} is set in {path} already; which value is right is for a person to say."
        ));
    }
    let mut words = Words {
        undo: "Takes these lines out again. The program reads them when it next starts.".into(),
        seconds: 1,
        ..Words::default()
    };
    let mut text = String::new();
    for (name, value) in lines {
        let value: String = value.replace(PUBLIC, &address).chars().filter(|c| !c.is_control()).collect();
        text.push_str(&format!("{name}={value}\n"));
    }
    let mut acts = Vec::new();
    match words.block(scene.before, path, &scene.tuning.id, text) {
        None => return Proposed::Settled,
        Some(Act::Block { path, name, text, .. }) => {
            acts.push(Act::Block { path, name, text, mode: mode.to_owned() });
        }
        Some(act) => acts.push(act),
    }
    if let Some(unit) = restart.filter(|unit| scene.before.unit(unit).is_some_and(|unit| unit.active)) {
        words.risk = Risk::Medium;
        words.consequence = format!("Restarts {unit}; what runs through it is cut for a moment.");
        words.undo = format!("Takes these lines out again and restarts {unit}.");
        words.seconds = 5;
        acts.push(Act::Again { unit: unit.to_owned(), how: Again::Restart });
    }
    Proposed::Offer(Kind::Environment, acts, words)
}

fn public_address(scene: &Scene<'_>) -> Option<String> {
    let Value::List(all) = scene.value(FactKind::AddressPublic, "")? else { return None };
    all.iter().find(|text| text.parse::<std::net::Ipv4Addr>().is_ok()).cloned()
}

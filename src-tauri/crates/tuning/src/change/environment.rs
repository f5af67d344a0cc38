//! Lines of a plain `NAME=value` file, as a block of our own. A name that somebody else has set there is left to them.

use super::{Kind, Proposed, Scene, Words};
use crate::act::block_in;

pub(super) fn propose(scene: &Scene<'_>, path: &str, mode: &str, lines: &[(String, String)]) -> Proposed {
    if !path.starts_with('/') || path.contains("..") {
        return Proposed::NotHere(format!("{path} is no place for settings."));
    }
    let standing = scene.before.text(path).unwrap_or_default();
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
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        text.push_str(&format!("{name}={value}\n"));
    }
    match words.block(scene.before, path, &scene.tuning.id, text) {
        None => Proposed::Settled,
        Some(crate::Act::Block { path, name, text, .. }) => {
            let act = crate::Act::Block { path, name, text, mode: mode.to_owned() };
            Proposed::Offer(Kind::Environment, vec![act], words)
        }
        Some(act) => Proposed::Offer(Kind::Environment, vec![act], words),
    }
}

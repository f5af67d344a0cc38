//! Kernel modules, now and at every boot.

use super::{Kind, Proposed, Scene, Words};
use crate::act::{Act, block_in};
use crate::before::{Before, Look};

const PATH: &str = "/etc/modules-load.d/zz-plumbline.conf";

pub(crate) fn looks(names: &[String]) -> Vec<Look> {
    let ask = |name: &String| Look::Ask("look_module", vec![name.clone()]);
    names.iter().filter(|name| is_name(name)).map(ask).chain([Look::Path(PATH.into())]).collect()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

pub(super) fn propose(scene: &Scene<'_>, names: &[String]) -> Proposed {
    let mut words = Words {
        undo: "Takes the lines out of the file again and unloads what nothing uses by then.".into(),
        seconds: 3,
        ..Words::default()
    };
    let lacking: Vec<&str> =
        names.iter().filter(|name| state(scene.before, name) == State::Absent).map(String::as_str).collect();
    if !lacking.is_empty() {
        return Proposed::NotHere(format!(
            "The kernel here has no {}. In a container it is for the host to load; else another kernel is needed.",
            lacking.join(", ")
        ));
    }
    let acts = load(scene, names, &mut words);
    if acts.is_empty() { Proposed::Settled } else { Proposed::Offer(Kind::Modules, acts, words) }
}

/// The acts that load modules now and at boot, as far as they are not.
pub(crate) fn load(scene: &Scene<'_>, names: &[String], words: &mut Words) -> Vec<Act> {
    let standing = scene.before.text(PATH).and_then(|text| block_in(text, &scene.tuning.id)).unwrap_or_default();
    let others = standing.lines().filter(|line| !line.starts_with('#') && !names.iter().any(|name| name == line));
    let all: Vec<&str> = names.iter().map(String::as_str).chain(others).collect();
    let text = format!("{}{}\n", scene.comment(), all.join("\n"));
    let mut acts: Vec<Act> = words.block(scene.before, PATH, &scene.tuning.id, text).into_iter().collect();
    for name in names.iter().filter(|name| state(scene.before, name) != State::Loaded) {
        words.value(&format!("Module {name}"), "not loaded", "loaded");
        acts.push(Act::KernelModule { name: name.clone() });
    }
    acts
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Loaded,
    Available,
    Absent,
}

pub(crate) fn state(before: &Before, name: &str) -> State {
    match before.value(&format!("module.{name}")) {
        Some("loaded") => State::Loaded,
        Some("available") => State::Available,
        _ => State::Absent,
    }
}

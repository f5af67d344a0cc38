//! A unit that should run, start at boot, or both.

use super::{Kind, Proposed, Scene, Words};
use crate::act::Act;
use crate::before::Before;
use crate::plan::RuntimeChange;

pub(super) fn propose(scene: &Scene<'_>, unit: &str, enabled: bool, running: bool) -> Proposed {
    if scene.before.value("init") != Some("systemd") {
        return Proposed::NotHere(format!(
            "There is no systemd here, so {unit} is started in a way Plumbline leaves alone."
        ));
    }
    let Some(now) = scene.before.unit(unit) else {
        return Proposed::NotHere(format!("There is no {unit} here; what brings it has to be installed first."));
    };
    if now.masked {
        return Proposed::NotHere(format!("{unit} is masked, so somebody meant it to stay off."));
    }
    match on(scene.before, unit, enabled, running) {
        None => Proposed::Settled,
        Some((act, runtime)) => {
            let words = Words {
                undo: format!("Sets {unit} back to how it was, now and at boot."),
                seconds: 5,
                runtime,
                ..Words::default()
            };
            Proposed::Offer(Kind::Service, vec![act], words)
        }
    }
}

/// The act that switches a unit on as far as it is not, with what a person sees of it.
pub(crate) fn on(before: &Before, unit: &str, enabled: bool, running: bool) -> Option<(Act, Vec<RuntimeChange>)> {
    let now = before.unit(unit);
    let (at_boot, active) = now.map_or((false, false), |now| (now.at_boot, now.active));
    let (enable, start) = (enabled && !at_boot, running && !active);
    if !enable && !start {
        return None;
    }
    let mut runtime = Vec::new();
    if start {
        runtime.push(RuntimeChange { name: unit.into(), before: "stopped".into(), after: "running".into() });
    }
    if enable {
        runtime.push(RuntimeChange { name: format!("{unit} at boot"), before: "off".into(), after: "on".into() });
    }
    let act = Act::Unit { unit: unit.into(), enabled: enable.then_some(true), running: start.then_some(true) };
    Some((act, runtime))
}

/// The act that switches a unit off, where it is there and on.
pub(crate) fn off(before: &Before, unit: &str) -> Option<(Act, Vec<RuntimeChange>)> {
    let now = before.unit(unit)?;
    if now.masked || (!now.active && !now.at_boot) {
        return None;
    }
    let runtime = vec![RuntimeChange { name: unit.into(), before: "on".into(), after: "off".into() }];
    Some((Act::Unit { unit: unit.into(), enabled: Some(false), running: Some(false) }, runtime))
}

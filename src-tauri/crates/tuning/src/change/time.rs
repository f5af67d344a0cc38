//! A clock that is kept, by exactly one service: two that pull at the same clock make it worse than none.

use super::packages::{Install, install, look_same};
use super::{Kind, Proposed, Scene, Words, service};
use crate::before::Look;
use facts::Kind as FactKind;

/// In the order of preference: what measures best comes first. One program has different unit names by distribution.
const KEEPERS: &[&str] = &[
    "chrony.service",
    "chronyd.service",
    "ntpsec.service",
    "ntp.service",
    "ntpd.service",
    "openntpd.service",
    "systemd-timesyncd.service",
];

const LABEL: &str = "time";

pub(crate) fn looks() -> Vec<Look> {
    vec![
        Look::Units(KEEPERS.iter().map(|&unit| unit.to_owned()).collect()),
        look_same(LABEL, "systemd-timesyncd", "chrony", "chrony", "chrony"),
    ]
}

pub(super) fn propose(scene: &Scene<'_>) -> Proposed {
    if scene.flag(FactKind::VirtContainer, "") == Some(true) {
        return Proposed::NotHere(
            "The clock here belongs to the host of this container; it has to be kept there.".into(),
        );
    }
    if scene.before.value("init") != Some("systemd") {
        return Proposed::NotHere("There is no systemd here; start the time service in this server's own way.".into());
    }
    let units: Vec<&str> =
        KEEPERS.iter().copied().filter(|unit| scene.before.unit(unit).is_some_and(|now| !now.masked)).collect();
    let active = units.iter().copied().find(|unit| scene.before.unit(unit).is_some_and(|now| now.active));
    let mut acts = Vec::new();
    let mut words =
        Words { seconds: 8, undo: "Sets the time services back to how they were.".into(), ..Words::default() };
    let keeper = match active.or(units.first().copied()) {
        Some(unit) => unit,
        None => match install(scene.before, LABEL) {
            Install::Needed(act, of_install) => {
                acts.push(act);
                words =
                    Words { consequence: of_install.consequence, runtime: of_install.runtime, seconds: 30, ..words };
                if super::packages::tool(scene.before) == Some("apt") {
                    "systemd-timesyncd.service"
                } else {
                    "chronyd.service"
                }
            }
            Install::Cannot(reason) => return Proposed::NotHere(reason),
            Install::Nothing => {
                return Proposed::NotHere("A time service is installed and has no unit to start.".into());
            }
        },
    };
    // the others first, for two at once fight
    for (act, runtime) in
        units.iter().filter(|unit| **unit != keeper).filter_map(|unit| service::off(scene.before, unit))
    {
        acts.push(act);
        words.runtime.extend(runtime);
    }
    if let Some((act, runtime)) = service::on(scene.before, keeper, true, true) {
        acts.push(act);
        words.runtime.extend(runtime);
    }
    if acts.is_empty() {
        // a service runs and the clock is not kept: its servers are out of reach, which no change here mends
        return Proposed::NotHere(format!("{keeper} runs and reaches no time server: let port 123/udp out."));
    }
    Proposed::Offer(Kind::Time, acts, words)
}

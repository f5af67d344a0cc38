//! Swap: a file of our own where it helps, none where Kubernetes wants none. Never inside a container, and never switched
//! off while memory could not take what is in it.

use super::{Kind, Proposed, Scene, Words};
use crate::act::Act;
use crate::before::Look;
use crate::plan::Risk;
use facts::Kind as FactKind;

const PATH: &str = "/plumbline.swap";
const FSTAB: &str = "/etc/fstab";

pub(crate) fn looks() -> Vec<Look> {
    vec![Look::Path(FSTAB.into()), Look::Path(PATH.into()), Look::Ask("look_swap", vec![])]
}

pub(super) fn propose_file(scene: &Scene<'_>, bytes: u64) -> Proposed {
    if scene.flag(FactKind::VirtContainer, "") == Some(true) {
        return Proposed::NotHere("Swap belongs to the host of this container.".into());
    }
    if let Some(name) = scene.before.value("swap.kubernetes") {
        return Proposed::NotHere(format!("{name} is here, and Kubernetes wants no swap."));
    }
    if let Some(system @ ("btrfs" | "zfs" | "overlayfs" | "tmpfs" | "nfs")) = scene.before.value("swap.root") {
        return Proposed::NotHere(format!("The disk is {system}, which needs a swap partition instead of a file."));
    }
    let mib = bytes / (1024 * 1024);
    let free: u64 = scene.before.value("swap.free_mib").and_then(|n| n.parse().ok()).unwrap_or(0);
    if free < mib + mib / 10 + 1024 {
        return Proposed::NotHere(format!(
            "A swap file of {mib} MiB would leave less than 1 GB of the disk: {free} MiB are free."
        ));
    }
    let mut words = Words {
        undo: "Switches this swap off, as soon as memory can take what is in it, and removes the file and its line."
            .into(),
        // a slow disk writes 50 MiB a second
        seconds: u32::try_from(5 + mib / 50).unwrap_or(u32::MAX),
        ..Words::default()
    };
    words.value(PATH, "not there", &format!("{mib} MiB of swap"));
    let line = format!("{PATH} none swap sw 0 0\n");
    let mut acts = vec![Act::SwapFile { path: PATH.into(), mib }];
    acts.extend(words.block(scene.before, FSTAB, &scene.tuning.id, line));
    Proposed::Offer(Kind::Swap, acts, words)
}

pub(super) fn propose_off(scene: &Scene<'_>) -> Proposed {
    if scene.flag(FactKind::VirtContainer, "") == Some(true) {
        return Proposed::NotHere("Swap belongs to the host of this container.".into());
    }
    let number = |name: &str| scene.before.value(name).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let (used, free) = (number("swap.used_kib"), number("swap.free_kib"));
    let devices = scene.before.words("swap.devices");
    let lines: Vec<&str> =
        scene.before.text(FSTAB).unwrap_or_default().lines().filter(|line| is_swap_line(line)).collect();
    if devices.is_empty() && lines.is_empty() {
        return Proposed::Settled;
    }
    if used > 0 && free < used + used / 10 + 65536 {
        let text = "More is in swap than memory has room for: switching it off now would stop programs. Stop some first, or add memory.";
        return Proposed::NotHere(text.into());
    }
    let mut words = Words {
        risk: Risk::High,
        consequence: "Without swap, a full memory stops programs at once.".into(),
        undo: "Puts the lines of fstab back and switches the same swap on again.".into(),
        seconds: 10,
        ..Words::default()
    };
    let mut acts = Vec::new();
    if let Some(text) = scene.before.text(FSTAB).filter(|_| !lines.is_empty()) {
        let without: String = text
            .lines()
            .map(|line| if is_swap_line(line) { format!("#plumbline# {line}\n") } else { format!("{line}\n") })
            .collect();
        words.files.push(crate::diff::file(FSTAB, Some(text), &without, |_| None));
        acts.push(Act::FstabWithoutSwap);
    }
    if !devices.is_empty() {
        words.value("Swap", &devices.join(", "), "off");
        acts.push(Act::SwapOff);
    }
    Proposed::Offer(Kind::Swap, acts, words)
}

fn is_swap_line(line: &str) -> bool {
    !line.trim_start().starts_with('#') && line.split_whitespace().nth(2) == Some("swap")
}

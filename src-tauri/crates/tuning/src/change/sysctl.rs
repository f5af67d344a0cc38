//! Kernel parameters: raised in the running system, and kept in a file of our own that no other file wins over at boot.

use super::{Kind, Open, OpenPart, Proposed, Scene, Words, modules};
use crate::act::{Act, block_in, with_block};
use crate::before::Look;
use crate::diff;
use crate::plan::{Risk, RuntimeChange};
use facts::{Kind as FactKind, Value};
use profiles::TuningKind;

/// Sorts behind every other file of the folder, `99-sysctl.conf` and products' own `dusk.conf` included.
pub(crate) const PATH: &str = "/etc/sysctl.d/zz-plumbline.conf";

/// Keys that exist only once a module is loaded.
fn module_of(key: &str, value: &str) -> Option<&'static str> {
    match key {
        "net.ipv4.tcp_congestion_control" if value == "bbr" => Some("tcp_bbr"),
        key if key.starts_with("net.netfilter.nf_conntrack") => Some("nf_conntrack"),
        key if key.starts_with("net.bridge.") => Some("br_netfilter"),
        _ => None,
    }
}

pub(crate) fn looks(values: &[(String, String)]) -> Vec<Look> {
    let mut modules: Vec<String> =
        values.iter().filter_map(|(key, value)| module_of(key, value)).map(str::to_owned).collect();
    modules.dedup();
    let mut looks = vec![Look::Path(PATH.into())];
    if !modules.is_empty() {
        looks.extend(modules::looks(&modules));
    }
    looks
}

pub(super) fn propose(scene: &Scene<'_>, values: &[(String, String)]) -> Proposed {
    let mut lines = Vec::new();
    let mut runtime = Vec::new();
    let (mut reasons, mut left) = (Vec::new(), Vec::new());
    for (key, wanted) in in_order(values) {
        match one(scene, key, wanted) {
            One::Set { value, now, boot_differs } => {
                if value != now {
                    runtime.push((key.to_owned(), now.clone(), value.clone()));
                }
                // what the next boot brings anyway needs no line of ours
                if boot_differs || value != now || in_our_file(scene, key) {
                    lines.push((key.to_owned(), value, now, boot_differs));
                }
            }
            One::Leave(reason) => {
                reasons.push(reason);
                left.push(key.to_owned());
            }
        }
    }
    let file_is_short = lines.iter().any(|(_, _, _, boot_differs)| *boot_differs);
    if runtime.is_empty() && !file_is_short {
        return match reasons.first() {
            None => Proposed::Settled,
            Some(_) => Proposed::NotHere(reasons.join(" ")),
        };
    }

    let name = scene.tuning.id.as_str();
    let standing = scene.before.text(PATH);
    let mut text = scene.comment();
    for (key, value, _, _) in &lines {
        text.push_str(&format!("{key} = {value}\n"));
    }
    // what another role on this server wanted in the same block stays
    let kept = standing.and_then(|text| block_in(text, name)).unwrap_or_default();
    for line in kept.lines().filter(|line| !line.starts_with('#')) {
        if line.split_once('=').is_some_and(|(key, _)| !lines.iter().any(|(known, _, _, _)| known == key.trim())) {
            text.push_str(&format!("{line}\n"));
        }
    }
    let file = diff::file(PATH, standing, &with_block(standing, name, &text), |line| {
        lines.iter().find(|(key, _, _, _)| line.starts_with(&format!("{key} = "))).map(|(_, _, now, _)| now.clone())
    });

    // what a module brings is there at boot only when the module is
    let mut words = Words::default();
    let mut modules: Vec<String> =
        lines.iter().filter_map(|(key, value, _, _)| module_of(key, value)).map(str::to_owned).collect();
    modules.dedup();
    let mut acts = if modules.is_empty() { Vec::new() } else { modules::load(scene, &modules, &mut words) };
    acts.push(Act::Block { path: PATH.into(), mode: "644".into(), name: name.into(), text });
    acts.extend(runtime.iter().map(|(key, now, value)| Act::KernelValue {
        key: key.clone(),
        value: value.clone(),
        now: now.clone(),
    }));
    let undo = match runtime.len() {
        0 => "Takes the lines out of the file again. No restart.".to_owned(),
        1 => "Takes the lines out of the file again and sets the value back. No restart.".to_owned(),
        n => format!("Takes the lines out of the file again and sets the {n} values back. No restart."),
    };
    words.runtime.extend(runtime.into_iter().map(|(name, before, after)| RuntimeChange { name, before, after }));
    words.files.push(file);
    words.consequence = reasons.join(" ");
    let words = Words { risk: Risk::Low, undo, seconds: 2, ..words };
    if left.is_empty() {
        return Proposed::Offer(Kind::Sysctl, acts, words);
    }
    let open = Open { why: words.consequence.clone(), of: OpenPart::Parameters(left) };
    Proposed::InPart(Kind::Sysctl, acts, words, open)
}

enum One {
    Set {
        value: String,
        now: String,
        /// Whether the next boot would bring another value than this.
        boot_differs: bool,
    },
    Leave(String),
}

fn one(scene: &Scene<'_>, key: &str, wanted: &str) -> One {
    if let Some(reason) = harmful(scene, key, wanted) {
        return One::Leave(reason);
    }
    let now = match scene.value(FactKind::SysctlNow, key) {
        Some(Value::Text(now)) => squeeze(now),
        // its module is not loaded yet, and will be by this change
        Some(Value::Absent)
            if module_of(key, wanted)
                .is_some_and(|module| modules::state(scene.before, module) == modules::State::Available) =>
        {
            return One::Set { value: squeeze(wanted), now: "absent".into(), boot_differs: true };
        }
        Some(Value::Absent) => return One::Leave(format!("The kernel here has no {key}.")),
        _ => return One::Leave(format!("{key} could not be read, so it is left alone.")),
    };
    if scene.flag(FactKind::SysctlWritable, key) == Some(false) {
        return One::Leave(format!("{key} belongs to the host of this container and cannot be changed from inside."));
    }
    let boot = scene.text(FactKind::SysctlBoot, key).map(squeeze);
    let others = scene.all.iter().filter_map(|tuning| match &tuning.kind {
        TuningKind::Sysctl(values) => values.iter().find(|(name, _)| name == key).map(|(_, value)| squeeze(value)),
        _ => None,
    });
    let kept = scene.before.text(PATH).into_iter().flat_map(|text| values_of(text, key));
    let value = others
        .chain(kept)
        .chain([now.clone()])
        .chain(boot.clone())
        .fold(squeeze(wanted), |high, other| raised(&high, &other));
    let in_file = scene.before.text(PATH).is_some_and(|text| values_of(text, key).any(|kept| kept == value));
    let boot_differs = match &boot {
        Some(boot) => *boot != value,
        None => !in_file,
    };
    One::Set { value, now, boot_differs }
}

/// The larger of two values, number by number: a triple keeps its larger middle value (87380 never replaces 131072).
/// What is no row of numbers of the same length is taken as wanted.
pub(crate) fn raised(wanted: &str, other: &str) -> String {
    let numbers = |text: &str| text.split(' ').map(|n| n.parse::<i64>().ok()).collect::<Option<Vec<_>>>();
    match (numbers(wanted), numbers(other)) {
        (Some(wanted), Some(other)) if wanted.len() == other.len() => {
            wanted.iter().zip(&other).map(|(a, b)| a.max(b).to_string()).collect::<Vec<_>>().join(" ")
        }
        _ => wanted.to_owned(),
    }
}

/// Values that do damage whoever asks for them.
fn harmful(scene: &Scene<'_>, key: &str, wanted: &str) -> Option<String> {
    let largest = wanted.split_whitespace().filter_map(|n| n.parse::<u64>().ok()).max();
    match key {
        // pages of 4 KiB, not bytes: a figure in bytes lets the network eat the server
        "net.ipv4.tcp_mem" | "net.ipv4.udp_mem" => {
            let pages = scene.count(FactKind::MemoryTotal, "")? / 4096;
            (largest? > pages)
                .then(|| format!("{key} counts pages of memory, and {wanted} is more than this server has."))
        }
        // programs that reserve more than they use (most of them) would be refused memory
        "vm.overcommit_memory" => (wanted.trim() == "2")
            .then(|| "vm.overcommit_memory = 2 makes programs fail for lack of memory that is free.".into()),
        "net.ipv4.ip_forward" | "net.ipv6.conf.all.forwarding" => {
            (largest == Some(0)).then(|| format!("{key} is never switched off: containers and VPNs here may need it."))
        }
        _ => None,
    }
}

/// `ip_forward` first: setting it resets other values of its family.
fn in_order(values: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    let (first, rest): (Vec<_>, Vec<_>) = values.iter().partition(|(key, _)| key.ends_with("ip_forward"));
    first.into_iter().chain(rest).map(|(key, value)| (key.as_str(), value.as_str()))
}

fn in_our_file(scene: &Scene<'_>, key: &str) -> bool {
    scene.before.text(PATH).is_some_and(|text| values_of(text, key).next().is_some())
}

fn squeeze(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn values_of<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = String> + 'a {
    text.lines().filter_map(move |line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| squeeze(value))
    })
}

#[cfg(test)]
mod tests {
    use super::raised;
    use proptest::prelude::*;

    #[test]
    fn a_triple_is_raised_number_by_number() {
        assert_eq!(raised("4096 87380 134217728", "4096 131072 6291456"), "4096 131072 134217728");
        assert_eq!(raised("bbr", "cubic"), "bbr");
    }

    proptest! {
        #[test]
        fn no_number_ever_falls(a in prop::collection::vec(0i64..i64::MAX, 3), b in prop::collection::vec(0i64..i64::MAX, 3)) {
            let text = |v: &[i64]| v.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
            let high: Vec<i64> = raised(&text(&a), &text(&b)).split(' ').map(|n| n.parse().unwrap()).collect();
            for i in 0..3 {
                prop_assert!(high[i] >= a[i] && high[i] >= b[i]);
            }
        }
    }
}

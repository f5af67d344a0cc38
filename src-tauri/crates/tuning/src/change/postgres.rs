//! PostgreSQL, by a drop-in of our own, in figures that it understands and that cannot eat the server. What is in force is
//! what the running database says; nothing is lowered.

use super::{Kind, Proposed, Scene, Words};
use crate::act::{Act, block_in};
use crate::before::Look;
use crate::plan::Risk;
use facts::Kind as FactKind;
use profiles::{PostgresValue, TuningKind};

const MIB: u64 = 1024 * 1024;

pub(crate) fn looks(settings: &[(String, PostgresValue)]) -> Vec<Look> {
    vec![Look::Ask(
        "look_postgres",
        settings.iter().map(|(name, _)| name.clone()).filter(|name| is_name(name)).collect(),
    )]
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

struct Setting {
    name: String,
    now: String,
    wanted: String,
    bytes: bool,
}

pub(super) fn propose(scene: &Scene<'_>, settings: &[(String, PostgresValue)]) -> Proposed {
    let before = scene.before;
    if before.value("pg.patroni").is_some() {
        return Proposed::NotHere(
            "Patroni keeps this PostgreSQL; its settings belong into Patroni's own configuration.".into(),
        );
    }
    let (Some(port), Some(unit)) = (before.value("pg.port"), before.value("pg.unit")) else {
        return Proposed::NotHere("No PostgreSQL answers here.".into());
    };
    if before.value("pg.clusters").is_some_and(|n| n != "1") {
        return Proposed::NotHere("Several PostgreSQL run here; which one is meant is for a person to say.".into());
    }
    let Some(folder) = before.value("pg.drop_ins") else {
        return Proposed::NotHere(
            "PostgreSQL here reads no drop-ins. Add include_dir = 'conf.d' to its postgresql.conf first.".into(),
        );
    };
    let memory = scene
        .count(FactKind::MemoryTotal, "")
        .or_else(|| Some(before.value("memory_kib")?.parse::<u64>().ok()? * 1024));
    let Some(memory) = memory else {
        return Proposed::NotHere(
            "The memory of this server could not be read, so nothing is worked out from it.".into(),
        );
    };
    let now = |name: &str| -> Option<(String, bool)> {
        let text = before.value(&format!("pg.now.{name}"))?;
        let (value, context) = text.rsplit_once(' ')?;
        Some((value.to_owned(), context == "postmaster"))
    };
    let number = |name: &str| now(name).and_then(|(value, _)| value.parse::<u64>().ok());
    let shared = wished(scene, "shared_buffers", memory).or_else(|| number("shared_buffers")).unwrap_or(128 * MIB);
    let connections = connections(scene).max(number("max_connections")).unwrap_or(100);

    let mut change = Vec::new();
    let mut restart = false;
    for (name, value) in settings.iter().filter(|(name, _)| is_name(name)) {
        let Some((current, needs_restart)) = now(name) else { continue };
        let (wanted, bytes) = match value {
            PostgresValue::Text(text) => (text.clone(), false),
            PostgresValue::ShareOfMemory(percent) => (whole(memory / 100 * u64::from(*percent)).to_string(), true),
            PostgresValue::AtMost { bytes, memory_divided_by } => {
                (whole((*bytes).min(memory / u64::from((*memory_divided_by).max(1)))).to_string(), true)
            }
            PostgresValue::SafeWorkMem => (safe_work_mem(memory, shared, connections).to_string(), true),
        };
        // never lowered: somebody may have known why
        let enough = match (current.parse::<u64>(), wanted.parse::<u64>()) {
            (Ok(current), Ok(wanted)) => current >= wanted,
            _ => current == wanted,
        };
        if !enough {
            restart |= needs_restart;
            change.push(Setting { name: name.clone(), now: current, wanted, bytes });
        }
    }
    if change.is_empty() {
        return Proposed::Settled;
    }
    let mut words = Words {
        risk: Risk::Medium,
        consequence: if restart {
            "PostgreSQL restarts: about 3 seconds without the database.".into()
        } else {
            String::new()
        },
        undo: if restart {
            "Takes our file away and restarts PostgreSQL: about 3 seconds without the database.".into()
        } else {
            "Takes our lines away; PostgreSQL reads its settings again.".into()
        },
        seconds: if restart { 12 } else { 4 },
        ..Words::default()
    };
    let mut text = scene.comment();
    let path = format!("{folder}/zz-plumbline.conf");
    for Setting { name, now, wanted, bytes } in &change {
        let show = |value: &str| match value.parse::<u64>() {
            Ok(n) if *bytes => format!("{}MB", n / MIB),
            _ => value.to_owned(),
        };
        text.push_str(&format!("{name} = '{}'\n", show(wanted).replace('\'', "''")));
        words.value(name, &show(now), &show(wanted));
    }
    let standing = before.text(&path).and_then(|text| block_in(text, &scene.tuning.id)).unwrap_or_default();
    for line in standing.lines().filter(|line| !line.starts_with('#')) {
        if line.split_once('=').is_some_and(|(name, _)| !change.iter().any(|setting| setting.name == name.trim())) {
            text.push_str(&format!("{line}\n"));
        }
    }
    let settings = change.iter().map(|setting| (setting.name.clone(), setting.wanted.clone())).collect();
    let file = words.block(before, &path, &scene.tuning.id, text);
    let tell = Act::Postgres { port: port.to_owned(), unit: unit.to_owned(), restart, settings };
    Proposed::Offer(Kind::Postgres, file.into_iter().chain([tell]).collect(), words)
}

/// Whole MiB: PostgreSQL's own smallest step for these is smaller, and a person can read this one.
fn whole(bytes: u64) -> u64 {
    bytes / MIB * MIB
}

/// max(4 MB, (RAM - shared_buffers - 1 GB) / (connections x 3)); the gigabyte for the system is left out where the server
/// has less than 8 GB. 256 MB for each of 200 connections could ask for 50 GB.
pub(crate) fn safe_work_mem(memory: u64, shared_buffers: u64, connections: u64) -> u64 {
    let system = if memory >= 8 * 1024 * MIB { 1024 * MIB } else { 0 };
    whole(memory.saturating_sub(shared_buffers).saturating_sub(system) / (connections.max(1) * 3)).max(4 * MIB)
}

/// What another change of the same plan sets.
fn wished(scene: &Scene<'_>, name: &str, memory: u64) -> Option<u64> {
    scene.all.iter().find_map(|tuning| match &tuning.kind {
        TuningKind::Postgres(settings) => settings.iter().find_map(|(key, value)| match value {
            PostgresValue::ShareOfMemory(percent) if key == name => Some(whole(memory / 100 * u64::from(*percent))),
            _ => None,
        }),
        _ => None,
    })
}

fn connections(scene: &Scene<'_>) -> Option<u64> {
    scene.all.iter().find_map(|tuning| match &tuning.kind {
        TuningKind::Postgres(settings) => settings.iter().find_map(|(key, value)| match value {
            PostgresValue::Text(text) if key == "max_connections" => text.parse().ok(),
            _ => None,
        }),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{MIB, safe_work_mem};

    #[test]
    fn sorting_never_eats_the_server() {
        let gib = 1024 * MIB;
        // the catalogue's own figures: 39 MB on 32 GB, 8 on 8, 5 on 4
        assert_eq!(safe_work_mem(32 * gib, 8 * gib, 200) / MIB, 39);
        assert_eq!(safe_work_mem(8 * gib, 2 * gib, 200) / MIB, 8);
        assert_eq!(safe_work_mem(4 * gib, gib, 200) / MIB, 5);
        assert_eq!(safe_work_mem(gib, gib / 4, 1000), 4 * MIB);
    }
}

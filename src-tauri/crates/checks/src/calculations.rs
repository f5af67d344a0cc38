//! The calculators of a role, worked out for its size and this server: shown beside the findings, never judged.

use crate::calculators::{
    Activity, EXPECTATIONS, backup_space, bandwidth, postgres_worst, processor_load, prover_workers,
    reforms_memory_needed_gb, reforms_users, safe_work_mem,
};
use facts::{Facts, Kind, Value};
use profiles::{GB_OF_DISK, GB_OF_MEMORY, RoleChoice, Scale, say, say_bytes, thousands};
use serde::Serialize;

/// One calculator with its figures in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Calculation {
    /// `F-1` to `F-8`, as catalogue rows name it.
    pub id: String,
    pub title: String,
    /// What is worked out, and what comes out.
    pub figures: Vec<(String, String)>,
    /// How far it can be trusted.
    pub note: String,
}

/// What can be worked out for this role, with what is known of the server.
pub fn calculations(role: &RoleChoice, facts: &Facts) -> Vec<Calculation> {
    let complete = profiles::catalog().product(&role.product).and_then(|profile| profile.complete(role));
    let Ok(role) = complete else { return Vec::new() };
    let users = role.scale.get(&Scale::Users).copied();
    match (role.product.as_str(), role.role.as_str()) {
        ("dusk", "prover") => vec![workers(&role, facts)],
        ("reforms", "development") => Vec::new(),
        ("reforms", name) => reforms(name, users, &role, facts),
        _ => Vec::new(),
    }
}

fn reforms(name: &str, users: Option<u32>, role: &RoleChoice, facts: &Facts) -> Vec<Calculation> {
    let mut all = Vec::new();
    if !name.ends_with("-lb") {
        all.push(memory(users, facts));
    }
    all.extend(expectations(name, facts));
    if let Some(users) = users {
        all.push(line(users));
        all.push(load(users));
    }
    if role.options.contains_key("database") {
        all.push(backups());
    }
    if role.options.get("database").is_some_and(|database| database == "postgresql") {
        all.extend(postgres(facts));
    }
    all.push(alerts());
    all
}

fn calculation(id: &str, title: impl Into<String>, figures: Vec<(&str, String)>, note: &str) -> Calculation {
    let figures = figures.into_iter().map(|(label, text)| (label.to_owned(), text)).collect();
    Calculation { id: id.to_owned(), title: title.into(), figures, note: note.to_owned() }
}

fn bytes_of(facts: &Facts, key: &str) -> Option<u64> {
    match facts.value(&key.parse().ok()?)? {
        Value::Bytes(bytes) => Some(*bytes),
        _ => None,
    }
}

fn memory_of(facts: &Facts) -> Option<u64> {
    bytes_of(facts, "memory.total")
}

/// A need in GB, rounded up: nobody should plan with less.
fn gb(number: f64) -> String {
    say_bytes(((number * 10.0).ceil() / 10.0 * GB_OF_MEMORY as f64) as u64, false).text
}

fn workers(role: &RoleChoice, facts: &Facts) -> Calculation {
    let asked = role.scale.get(&Scale::Workers).copied().unwrap_or(1);
    let cores = match facts.value(&facts::Key::plain(Kind::CpuCores)) {
        Some(Value::Count(cores)) => Some(*cores),
        _ => None,
    };
    let mbps = match facts.value(&facts::Key::plain(Kind::NetBandwidth)) {
        Some(Value::Mbps(mbps)) => Some(*mbps),
        _ => None,
    };
    let mut figures = vec![("Workers asked for", asked.to_string())];
    if let (Some(cores), Some(memory), Some(disk)) = (cores, memory_of(facts), bytes_of(facts, "disk.size:/opt/dusk")) {
        let (memory, disk) = (memory as f64 / GB_OF_MEMORY as f64, disk as f64 / GB_OF_DISK as f64);
        figures.push(("Workers this server can carry", prover_workers(cores, memory, disk, mbps).to_string()));
    }
    let note = "The larger of the minimum and the figures per worker. Where the line was not measured, it is left out.";
    calculation("F-1", "Workers", figures, note)
}

fn memory(users: Option<u32>, facts: &Facts) -> Calculation {
    let mut figures = Vec::new();
    if let Some(users) = users {
        figures.push(("Memory for these users", gb(reforms_memory_needed_gb(users))));
    }
    if let Some(memory) = memory_of(facts) {
        let carried = reforms_users((memory as f64 / GB_OF_MEMORY as f64 * 2.0).round() / 2.0);
        figures.push(("Active users that this memory carries", thousands(u64::from(carried))));
    }
    let note =
        "2 GB, and 1 GB for every 100 active users, begun ones in full; at most 70% of the memory may be in use.";
    calculation("F-2", "Memory and users", figures, note)
}

fn expectations(name: &str, facts: &Facts) -> Option<Calculation> {
    let expected = EXPECTATIONS.iter().find(|expected| name.starts_with(expected.size))?;
    let mut figures = vec![
        ("Connections at once", expected.connections.to_owned()),
        ("Files", expected.files.to_owned()),
        ("Video", expected.video.to_owned()),
        ("Delay", format!("below {} ms", expected.latency_ms)),
    ];
    if let Some(measured) = facts.value(&facts::Key::plain(Kind::NetRoundTrip)) {
        figures.push(("Delay measured from here", say(measured, Kind::NetRoundTrip).text));
    }
    Some(calculation("F-3", "What Reforms expects of this size", figures, expected.but))
}

fn line(users: u32) -> Calculation {
    let activities = [
        ("Writing", Activity::Text),
        ("Talking", Activity::Voice),
        ("Video at 720p", Activity::Video720),
        ("Video at 1080p", Activity::Video1080),
        ("Sharing a screen", Activity::Screen),
    ];
    let figures = activities.map(|(label, activity)| {
        let needed = bandwidth(&[(activity, users)]);
        let say_mbps = |mbps: f64| say(&Value::Mbps(mbps), Kind::NetBandwidth).text;
        let by_rate = format!("{} to {}", say_mbps(needed.low), say_mbps(needed.high));
        (label, format!("{by_rate}; by the source's table up to {}", say_mbps(needed.table_high)))
    });
    let title = format!("Line for {} users who all do the same at once", thousands(u64::from(users)));
    let note =
        "The source's two ways do not agree: plan with the worse. Only calls that are relayed cross the server, twice.";
    calculation("F-4", title, figures.to_vec(), note)
}

fn load(users: u32) -> Calculation {
    let (low, high) = processor_load(users);
    let figures = vec![("Processor in use", format!("{low:.0} to {high:.0}%"))];
    calculation("F-5", "Processor load to expect", figures, "A hint: the source does not say on which machine.")
}

fn backups() -> Calculation {
    let space = backup_space(1.0, 0.1);
    let disk = |gb: f64| say_bytes((gb * GB_OF_DISK as f64) as u64, true).text;
    let figures = vec![
        ("Change log of 30 days, nearly idle", disk(space.log)),
        ("30 days here, for each GB of data", disk(space.here - space.log)),
        ("90 days elsewhere, for each GB of data", disk(space.elsewhere - 3.0 * space.log)),
    ];
    let note = "A full backup a day after compression, and a tenth of it in changes. The log alone outgrows disks of 20 and 50 GB.";
    calculation("F-6", "Room for backups", figures, note)
}

fn postgres(facts: &Facts) -> Option<Calculation> {
    const CONNECTIONS: u64 = 200;
    const SOURCE_WORK_MEM: u64 = 256 << 20;
    let memory = memory_of(facts)?;
    let buffers = memory / 4;
    let upkeep = (memory / 16).min(GB_OF_MEMORY);
    let safe = safe_work_mem(memory, buffers, CONNECTIONS);
    let bytes = |bytes: u64| say_bytes(bytes, false).text;
    let worst = |work_mem| bytes(postgres_worst(buffers, CONNECTIONS, work_mem, upkeep, false));
    let figures = vec![
        ("Memory of the server", bytes(memory)),
        ("At worst with the source's 256 MB for each sort", worst(SOURCE_WORK_MEM)),
        ("Safe for each sort", bytes(safe)),
        ("At worst with that", worst(safe)),
    ];
    Some(calculation(
        "F-7",
        "Memory of PostgreSQL with 200 connections",
        figures,
        "One sort for each connection; a hash takes two.",
    ))
}

fn alerts() -> Calculation {
    let figures = [
        ("Processor", "over 80% for 5 minutes"),
        ("Memory", "over 90% for 2 minutes"),
        ("Disk", "over 85% used"),
        ("Delay", "over 100 ms"),
        ("Failed sign-ins", "over 10 a minute"),
    ];
    let figures = figures.map(|(label, text)| (label, text.to_owned())).to_vec();
    calculation(
        "F-8",
        "Alerts",
        figures,
        "85% of the processor is allowed for long in another table of the source; the alert comes first.",
    )
}

#[cfg(test)]
mod tests {
    use super::calculations;
    use facts::{Facts, Reading, Value};

    #[test]
    fn every_calculator_that_a_row_names_is_worked_out_somewhere() {
        let mut facts = Facts::default();
        facts.learn("memory.total".parse().expect("a key"), Reading::reported(Value::Bytes(8 << 30)), vec![]);
        let mut ids: Vec<String> =
            profiles::catalog().roles().iter().flat_map(|role| calculations(role, &facts)).map(|c| c.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids, ["F-1", "F-2", "F-3", "F-4", "F-5", "F-6", "F-7", "F-8"]);
        let named = profiles::catalog().coverage().into_iter().filter(|c| c.how == profiles::CoveredHow::Calculator);
        assert!(named.flat_map(|covered| covered.by).all(|by| by == "fit" || ids.contains(&by)));
    }

    #[test]
    fn nothing_is_worked_out_for_a_machine_to_develop_on() {
        let facts = Facts::default();
        assert!(calculations(&"reforms/development".parse().expect("a role"), &facts).is_empty());
        assert!(!calculations(&"reforms/minimum".parse().expect("a role"), &facts).is_empty());
    }

    #[test]
    fn a_server_of_8_gb_carries_300_users() {
        let mut facts = Facts::default();
        facts.learn("memory.total".parse().expect("a key"), Reading::reported(Value::Bytes(8_300_000_000)), vec![]);
        let of = calculations(&"reforms/small?users=24".parse().expect("a role"), &facts);
        let memory = of.iter().find(|calculation| calculation.id == "F-2").expect("F-2");
        assert_eq!(memory.figures[0].1, "4.3 GB");
        assert_eq!(memory.figures[1].1, "300");
        let postgres = of.iter().find(|calculation| calculation.id == "F-7").expect("F-7");
        assert_eq!(postgres.figures[1].1, "53.3 GB");
    }
    fn figure(of: &[super::Calculation], id: &str, at: usize) -> String {
        of.iter().find(|calculation| calculation.id == id).expect(id).figures[at].1.clone()
    }

    #[test]
    fn whatever_is_scarcest_says_how_many_workers_a_server_carries() {
        let carried = |cores, memory: u64, disk: u64, mbps: Option<f64>| {
            let mut facts = Facts::default();
            for (key, value) in [
                ("cpu.cores", Some(Value::Count(cores))),
                ("memory.total", Some(Value::Bytes(memory << 30))),
                ("disk.size:/opt/dusk", Some(Value::Bytes(disk * 1_000_000_000))),
                ("net.bandwidth", mbps.map(Value::Mbps)),
            ] {
                let Some(value) = value else { continue };
                facts.learn(key.parse().expect("a key"), Reading::reported(value), vec![]);
            }
            let of = calculations(&"dusk/prover?workers=6".parse().expect("a role"), &facts);
            assert_eq!(figure(&of, "F-1", 0), "6");
            figure(&of, "F-1", 1)
        };
        assert_eq!(carried(8, 16, 100, Some(100.0)), "8");
        assert_eq!(carried(6, 16, 100, Some(100.0)), "6");
        assert_eq!(carried(16, 9, 100, Some(100.0)), "9");
        assert_eq!(carried(16, 64, 24, Some(100.0)), "12");
        assert_eq!(carried(16, 64, 100, Some(25.0)), "5");
        assert_eq!(carried(16, 64, 100, None), "16", "a line that nobody measured limits nothing");
    }

    #[test]
    fn the_log_of_a_month_and_what_each_gb_of_data_adds() {
        let of = calculations(&"reforms/small?users=24".parse().expect("a role"), &Facts::default());
        let figures: Vec<String> = (0..3).map(|at| figure(&of, "F-6", at)).collect();
        assert_eq!(figures, ["46 GB", "33 GB", "99 GB"]);
    }
}

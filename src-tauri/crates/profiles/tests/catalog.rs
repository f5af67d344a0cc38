//! The built-in requirement files: complete, and true to their sources' figures.
#![expect(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands, in its own helpers too")]

use profiles::{CoveredHow, Need, RoleChoice, catalog, needs};
use std::collections::{BTreeMap, BTreeSet};

fn choice(id: &str) -> RoleChoice {
    id.parse().expect(id)
}

fn need(role: &str, id: &str) -> Need {
    let needs = needs(&choice(role)).expect(role);
    needs.into_iter().find(|need| need.id == id).unwrap_or_else(|| panic!("{role} has no {id}"))
}

#[test]
fn every_catalogue_row_is_covered_exactly_once() {
    let wanted: Vec<&str> = catalogue_rows().into_iter().map(|(row, _)| row).collect();
    let covered: Vec<String> = catalog().coverage().into_iter().map(|covered| covered.row).collect();
    let mut seen = BTreeMap::new();
    covered.iter().for_each(|row| *seen.entry(row.as_str()).or_insert(0) += 1);
    let missing: Vec<_> = wanted.iter().filter(|row| !seen.contains_key(**row)).collect();
    let unknown: Vec<_> = seen.keys().filter(|row| !wanted.contains(row)).collect();
    let twice: Vec<_> = seen.iter().filter(|(_, n)| **n > 1).collect();
    assert!(
        missing.is_empty() && unknown.is_empty() && twice.is_empty(),
        "missing {missing:?}, unknown {unknown:?}, twice {twice:?}"
    );
    assert_eq!(wanted.len(), 353);
}

/// Every row and who is to mend it: "auto", "guided", or nobody from inside the server.
fn catalogue_rows() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("../catalog/rows.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect()
}

#[test]
fn every_row_marked_auto_has_its_change_and_every_guided_one_its_steps() {
    let needs: BTreeMap<String, Need> = all_needs().into_iter().map(|need| (need.id.clone(), need)).collect();
    let covered: BTreeMap<String, _> = catalog().coverage().into_iter().map(|row| (row.row.clone(), row)).collect();
    let (mut changes, mut steps, mut lacking) = (0, 0, Vec::new());
    for (row, mended_by) in catalogue_rows() {
        let by = covered[row].by.iter().filter_map(|id| needs.get(id)).collect::<Vec<_>>();
        let has = |wanted: fn(&Need) -> bool| by.iter().any(|need| wanted(need));
        let good = match mended_by {
            "auto" => {
                changes += 1;
                has(|need| need.change.is_some())
            }
            "guided" => {
                steps += 1;
                // a note is itself the guidance: which option to choose, which file to edit
                has(|need| need.change.is_some() || need.steps.is_some()) || covered[row].how == CoveredHow::Note
            }
            "" => true,
            other => panic!("{row}: {other}"),
        };
        if !good {
            lacking.push(format!("{row} ({mended_by}) by {:?}", covered[row].by));
        }
    }
    println!("{changes} rows with a change, {steps} with steps");
    assert!(lacking.is_empty(), "{lacking:#?}");
    assert!(changes >= 73 && steps >= 53, "{changes} {steps}");
}

#[test]
fn what_rows_are_covered_by_exists() {
    let ids: BTreeSet<String> = all_needs().into_iter().map(|need| need.id).collect();
    for covered in catalog().coverage() {
        assert!(!covered.text.is_empty(), "{}", covered.row);
        match covered.how {
            CoveredHow::Need | CoveredHow::Confirmation | CoveredHow::RollUp => {
                let unknown: Vec<_> = covered.by.iter().filter(|id| !ids.contains(*id)).collect();
                assert!(!covered.by.is_empty() && unknown.is_empty(), "{}: {unknown:?}", covered.row);
            }
            CoveredHow::Calculator => {
                let known = |by: &String| by.starts_with("F-") || by == "fit";
                assert!(!covered.by.is_empty() && covered.by.iter().all(known), "{}: {:?}", covered.row, covered.by);
            }
            CoveredHow::Note => {}
        }
    }
}

/// The needs of every role under every single option.
fn all_needs() -> Vec<Need> {
    let mut all = Vec::new();
    for role in catalog().every_choice() {
        all.extend(needs(&role).expect("a role of the catalogue"));
    }
    all
}

/// Every role under every combination of its options.
fn every_combination() -> Vec<RoleChoice> {
    let mut all = Vec::new();
    for role in catalog().roles() {
        let product = catalog().product(&role.product).expect("a product");
        let mut combined = vec![role.clone()];
        for option in product.options_of(&role.role) {
            let with = |role: &RoleChoice, choice: &str| {
                let mut role = role.clone();
                role.options.insert(option.id.clone(), choice.to_owned());
                role
            };
            let choices = || option.choices.iter().filter(|(id, _)| *id != option.default);
            let more: Vec<_> = combined.iter().flat_map(|role| choices().map(move |(id, _)| with(role, id))).collect();
            combined.extend(more);
        }
        all.extend(combined);
    }
    all
}

#[test]
fn every_role_has_a_readable_number_of_lines_and_no_line_twice() {
    let mut lines = BTreeSet::new();
    for role in every_combination() {
        let needs = needs(&role).expect("a role");
        lines.insert((needs.len(), role.to_string()));
        let ids: BTreeSet<_> = needs.iter().map(|need| &need.id).collect();
        assert_eq!(ids.len(), needs.len(), "{role}");
        assert!(needs.is_sorted_by_key(|need| need.area), "{role}");
        assert!(needs.iter().any(|need| need.severity == profiles::Severity::Required), "{role}");
    }
    let (fewest, most) = (lines.first().expect("a role"), lines.last().expect("a role"));
    assert!(fewest.0 >= 2 && most.0 <= 60, "{fewest:?} {most:?}");
}

#[test]
fn every_need_says_what_why_and_who_says_so() {
    for need in all_needs() {
        assert!(!need.title.is_empty() && !need.source.document.is_empty(), "{}", need.id);
        assert!(need.why.ends_with(['.', '?']), "{}: {}", need.id, need.why);
        assert!(!need.needed_text().is_empty(), "{}", need.id);
        assert!(!need.parts.is_empty(), "{}", need.id);
        for text in [Some(&need.title), Some(&need.why), need.note.as_ref(), need.steps.as_ref(), need.needed.as_ref()]
        {
            let text = text.map(String::as_str).unwrap_or_default();
            assert!(!text.contains(['{', '}', '!']), "{}: {text}", need.id);
            for word in ["compliance", "remediate", "rollback", "invalid", "failed to", "oops"] {
                assert!(!text.to_lowercase().contains(word), "{}: {text}", need.id);
            }
        }
        // A part that people see among others has a name of its own.
        if need.parts.len() > 1 {
            assert!(need.parts.iter().all(|part| part.title.is_some()), "{}", need.id);
        }
    }
}

#[test]
fn every_change_that_a_need_names_is_offered_by_its_role() {
    for role in catalog().every_choice() {
        let tunings = catalog().tunings(&role).expect("a role");
        let ids: BTreeSet<_> = tunings.iter().map(|tuning| tuning.id.as_str()).collect();
        assert_eq!(ids.len(), tunings.len(), "{role}: a change stands twice");
        for need in needs(&role).expect("a role") {
            if let Some(change) = &need.change {
                // Backing up MongoDB is for a person; its need names the change of PostgreSQL.
                let by_hand = change == "backup.daily" && role.options.get("database").is_some_and(|d| d == "mongodb");
                assert!(ids.contains(change.as_str()) || by_hand, "{role}: {} names {change}", need.id);
            }
        }
    }
}

#[test]
fn the_prover_needs_the_larger_of_minimum_and_workers() {
    let table = [
        (1, "4 cores", "8 GB", "20 GB", "20 Mbps"),
        (4, "4 cores", "8 GB", "20 GB", "20 Mbps"),
        (6, "6 cores", "8 GB", "20 GB", "30 Mbps"),
        (8, "8 cores", "8 GB", "20 GB", "40 Mbps"),
        (12, "12 cores", "12 GB", "24 GB", "60 Mbps"),
        (64, "64 cores", "64 GB", "128 GB", "320 Mbps"),
    ];
    for (workers, cores, memory, disk, line) in table {
        let role = format!("dusk/prover?workers={workers}");
        let text = |id: &str| need(&role, &format!("dusk.prover.{id}")).needed_text();
        assert_eq!(
            [text("cores"), text("memory"), text("disk"), text("bandwidth")],
            [cores, memory, disk, line],
            "{workers}"
        );
    }
    let six = need("dusk/prover?workers=6", "dusk.prover.cores");
    assert_eq!(six.arithmetic.as_deref(), Some("6 cores: 1 per worker, at least 4"));
    assert_eq!(six.parts[0].comfortable, Some(facts::Value::Count(10)));
}

#[test]
fn headlines_read_as_on_the_role_screen() {
    let lines = catalog().headlines(&choice("dusk/prover?workers=6")).expect("headlines");
    let first = &lines[0];
    assert_eq!((first.title.as_str(), first.value.as_str(), first.unit.as_str()), ("Processor", "6", "cores"));
    assert_eq!(first.arithmetic.as_deref(), Some("1 per worker, at least 4"));
    assert_eq!(first.comfortable.as_deref(), Some("10 to be comfortable"));
    let memory = lines.iter().find(|line| line.title == "Memory").expect("memory");
    assert_eq!((memory.value.as_str(), memory.comfortable.as_deref()), ("8", Some("14 to be comfortable")));
    let ports = lines.iter().find(|line| line.title == "Ports").expect("ports");
    assert_eq!(ports.value, "9000/udp open");
    let recommended = catalog().headlines(&choice("statemesh/node-recommended")).expect("headlines");
    let cores = &recommended[0];
    assert_eq!((cores.value.as_str(), cores.arithmetic.as_deref()), ("4", Some("2 cores at the least")));
    let small = catalog().headlines(&choice("reforms/small?users=24")).expect("headlines");
    let first: Vec<String> = small.iter().take(4).map(|l| format!("{} {} {}", l.title, l.value, l.unit)).collect();
    assert_eq!(first, ["Processor 4 cores", "Memory 8 GB", "Disk 50 GB", "Network, both ways 500 Mbps"]);
    assert_eq!(small[0].arithmetic.as_deref(), Some("2.4 GHz or faster"));
    assert_eq!(small[2].arithmetic.as_deref(), Some("SSD; second drive optional"));
    let software = small.iter().find(|line| line.title == "Software").expect("software");
    assert_eq!(software.value, "Node.js 18 or 20, PostgreSQL 15, Redis 7, NGINX 1.22, a TURN server");
}

#[test]
fn ports_follow_their_options() {
    let moved = need("dusk/provisioner?kadcast_port=9100", "dusk.port.kadcast");
    assert_eq!(moved.title, "Kadcast, 9100/udp");
    assert_eq!(moved.parts[0].key.as_ref().map(ToString::to_string).as_deref(), Some("port.allowed:9100/udp"));
    for bad in [
        "dusk/provisioner?kadcast_port=0",
        "dusk/provisioner?kadcast_port=70000",
        "dusk/provisioner?kadcast_port=09000",
    ] {
        assert!(needs(&choice(bad)).is_err(), "{bad}");
    }
}

#[test]
fn a_role_that_is_not_there_gets_a_suggestion() {
    let error = |id: &str| needs(&choice(id)).expect_err(id).to_string();
    assert_eq!(error("dusk/provsioner"), "Dusk has no role \"provsioner\"; did you mean \"provisioner\"?");
    assert_eq!(error("dsk/prover"), "there is no product \"dsk\"; did you mean \"dusk\"?");
    assert_eq!(error("dusk/prover?workers=65"), "Prover takes 1 to 64 workers, and 65 is outside");
    assert_eq!(error("dusk/provisioner?workers=2"), "Provisioner does not grow with workers");
    assert_eq!(
        error("reforms/small?database=oracle"),
        "\"oracle\" is no choice for database: it takes postgresql, mongodb"
    );
    assert!(error("dusk/prover?worker=2").ends_with("did you mean \"workers\"?"));
}

#[test]
fn sizes_of_reforms_are_the_published_ones() {
    let table = [
        ("reforms/minimum", "reforms.cores", "2 cores"),
        ("reforms/minimum", "reforms.memory", "4 GB"),
        ("reforms/recommended", "reforms.recommended.memory", "16 GB"),
        ("reforms/small", "reforms.small.cores", "4 cores"),
        ("reforms/small", "reforms.small.clock", "2.4 GHz"),
        ("reforms/medium-app", "reforms.medium.clock", "3.2 GHz"),
        ("reforms/medium-app", "reforms.medium.memory", "32 GB"),
        ("reforms/medium-lb", "reforms.lb.cores", "2 cores"),
        ("reforms/large-app", "reforms.large.cores", "16 cores"),
        ("reforms/large-app?users=5000", "reforms.large.memory", "64 GB"),
        ("reforms/large-app", "reforms.large.bandwidth", "10 Gbps"),
        ("reforms/large-db", "reforms.db.memory", "32 GB"),
        ("statemesh/node-minimum", "statemesh.kernel", "5.15 or newer"),
        ("statemesh/node-recommended", "statemesh.memory-recommended", "8 GB"),
        ("dusk/archiver", "dusk.archiver.disk", "250 GB"),
    ];
    for (role, id, text) in table {
        assert_eq!(need(role, id).needed_text(), text, "{role} {id}");
    }
}

#[test]
fn closing_the_firewall_leaves_the_roles_own_ports_open() {
    let tunings = catalog().tunings(&choice("reforms/small?ports=short&signaling_port=9443")).expect("tunings");
    let close = tunings.iter().find(|tuning| tuning.id == "firewall.close").expect("firewall.close");
    let profiles::TuningKind::CloseOtherPorts { ports } = &close.kind else { panic!("{close:?}") };
    let ports: Vec<&str> = ports.iter().map(|rule| rule.port.as_str()).collect();
    assert_eq!(ports, ["443/tcp", "9443/tcp", "3478/udp", "3478/tcp", "5349/tcp", "61000-65535/udp"]);
}

#[test]
fn the_number_of_users_picks_the_size() {
    let reforms = catalog().product("reforms").expect("reforms");
    let table = [
        (1, "small"),
        (50, "small"),
        (51, "medium-app"),
        (500, "medium-app"),
        (501, "large-app"),
        (20000, "large-app"),
    ];
    for (users, role) in table {
        assert_eq!(reforms.role_for(profiles::Scale::Users, users).map(|role| role.id.as_str()), Some(role), "{users}");
    }
}

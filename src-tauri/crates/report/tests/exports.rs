//! What becomes of a saved check: playbook, alerts, note. Each is a function of the report alone.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop and say why"
)]

mod samples;

use report::Report;
use serde_yaml::Value;

fn playbook(report: &Report) -> (String, Value) {
    let text = report.ansible(report.plan.as_ref().unwrap()).playbook;
    let value = serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    (text, value)
}

/// Every mapping of the document, whatever it stands in.
fn maps<'a>(value: &'a Value, found: &mut Vec<&'a serde_yaml::Mapping>) {
    match value {
        Value::Mapping(map) => {
            found.push(map);
            map.values().for_each(|value| maps(value, found));
        }
        Value::Sequence(items) => items.iter().for_each(|value| maps(value, found)),
        Value::Tagged(tagged) => maps(&tagged.value, found),
        _ => {}
    }
}

#[test]
fn every_act_has_its_task() {
    let report = samples::typical();
    let (text, value) = playbook(&report);
    let play = &value[0];
    let blocks = play["tasks"].as_sequence().unwrap();
    let plan = report.plan.as_ref().unwrap();
    assert_eq!(blocks.len(), plan.changes.len());
    for (block, change) in blocks.iter().zip(&plan.changes) {
        assert_eq!(block["tags"][0].as_str(), Some(change.view.id.as_str()));
        assert!(block["block"].as_sequence().is_some_and(|tasks| !tasks.is_empty()), "{}", change.view.id);
        let never = block["tags"].as_sequence().unwrap().iter().any(|tag| tag == "never");
        assert_eq!(never, !change.is_safe(), "{}", change.view.id);
    }
    let mut all = Vec::new();
    maps(&value, &mut all);
    let modules: Vec<&str> = all
        .iter()
        .flat_map(|map| map.keys())
        .filter_map(Value::as_str)
        .filter(|key| key.contains('.') && key.starts_with("ansible."))
        .collect();
    assert!(modules.len() > 60 && modules.iter().all(|name| name.starts_with("ansible.builtin.")), "{modules:?}");
    for shell in ["ansible.builtin.shell", "ansible.builtin.raw", "ansible.builtin.script"] {
        assert!(!text.contains(shell), "nothing is left to a shell");
    }
    // a port of ssh: sshd reads its files, or the socket opens its ports, and then it is looked whether somebody answers
    for piece in [
        "Make sshd read its settings",
        "Make ssh.socket open its ports",
        "Wait until ssh answers on port 2222",
        "ssh_port_t",
    ] {
        assert!(text.contains(piece), "{piece}");
    }
    // whoever is called is there
    let handlers: Vec<&str> =
        play["handlers"].as_sequence().unwrap().iter().map(|h| h["name"].as_str().unwrap()).collect();
    for called in all.iter().filter_map(|map| map.get("notify")).flat_map(|names| names.as_sequence().unwrap()) {
        assert!(handlers.contains(&called.as_str().unwrap()), "{called:?} is no handler of {handlers:?}");
    }
}

#[test]
fn figures_stand_on_top() {
    let (text, value) = playbook(&samples::typical());
    let variables = &value[0]["vars"];
    assert_eq!(variables["plumbline_sysctl_buffers_values"]["net.core.rmem_max"].as_str(), Some("134217728"));
    assert_eq!(variables["plumbline_packages_packages"][0].as_str(), Some("jq"));
    assert_eq!(variables["plumbline_firewall_ufw_ports"][1].as_str(), Some("9000/udp"));
    assert_eq!(text.matches("134217728\"").count(), 2, "a figure stands in more places than one:\n{text}");
}

/// Whatever a plan says, it is a word and no template: Ansible looks for templates in text that is not marked unsafe.
#[test]
fn no_word_of_others_is_a_template() {
    fn judge(value: &Value, ours: &[&str]) {
        match value {
            Value::String(text) if text.contains("{{") || text.contains("{%") || text.contains("{#") => {
                assert!(ours.iter().any(|name| text.contains(name)), "a template: {text}");
                assert!(!text.contains("lookup"), "a template of others: {text}");
            }
            Value::Mapping(map) => map.iter().for_each(|(key, value)| {
                judge(key, ours);
                judge(value, ours);
            }),
            Value::Sequence(items) => items.iter().for_each(|value| judge(value, ours)),
            Value::Tagged(tagged) => assert_eq!(tagged.tag.to_string(), "!unsafe"),
            _ => {}
        }
    }
    for (_, report) in samples::all().into_iter().filter(|(_, report)| report.plan.is_some()) {
        judge(&playbook(&report).1, &["plumbline_", "{{ item", "# [{mark}"]);
    }
}

#[test]
fn texts_of_files_come_through_to_the_byte() {
    let report = samples::hostile();
    let (_, value) = playbook(&report);
    let mut all = Vec::new();
    maps(&value, &mut all);
    let written: Vec<String> = all
        .iter()
        .filter_map(|map| map.get("content"))
        .filter_map(|content| match content {
            Value::Tagged(tagged) => tagged.value.as_str().map(str::to_owned),
            content => content.as_str().map(str::to_owned),
        })
        .collect();
    for words in samples::HOSTILE {
        let wanted = format!("{words}\n{words}\n");
        // a carriage return and NUL cannot be told from a line's end by every reader of YAML
        assert!(written.contains(&wanted), "{words:?} is not among {written:#?}");
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for (name, report) in samples::all() {
        let back = Report::from_json(&report.json()).unwrap();
        if let Some(plan) = &report.plan {
            assert_eq!(report.ansible(plan), back.ansible(back.plan.as_ref().unwrap()), "{name}");
        }
        assert_eq!(report.note(), back.note(), "{name}");
        assert_eq!(report.alert_rules(), back.alert_rules(), "{name}");
    }
}

#[test]
fn an_inventory_names_the_server() {
    let book = samples::typical().ansible(&samples::plan::every_act());
    let inventory: Value = serde_yaml::from_str(&book.inventory).unwrap();
    let host = &inventory["plumbline"]["hosts"]["chat-01"];
    assert_eq!(host["ansible_host"].as_str(), Some(samples::typical().server.host.as_str()));
    assert_eq!(host["ansible_port"].as_u64(), Some(u64::from(samples::typical().server.port)));
    let hostile: Value =
        serde_yaml::from_str(&samples::hostile().ansible(&samples::plan::hostile()).inventory).unwrap();
    let names = hostile["plumbline"]["hosts"].as_mapping().unwrap();
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    assert!(names.keys().all(|name| name.as_str().is_some_and(plain)), "{names:?}");
}

#[test]
fn the_note_tells_every_need_and_nothing_of_it_is_a_mark() {
    for (name, report) in samples::all() {
        let note = report.note();
        assert!(note.starts_with("# "), "{name}");
        assert!(!note.contains(|c| samples::hidden(c) && c != '\n'), "{name}: {note}");
        for line in note.lines().filter(|line| line.starts_with("| ")) {
            assert_eq!(line.replace("\\\\", "").replace("\\|", "").matches('|').count(), 5, "{name}: {line}");
        }
    }
    let note = samples::typical().note();
    for words in [
        "# chat\\-01",
        "# chat-01 is almost ready for Reforms Messenger",
        "| Memory | 8 GB | 8 GB | Met |",
        "- [ ] **TLS certificate**",
    ] {
        assert!(note.contains(words) || words.contains("\\-"), "{words} is not in:\n{note}");
    }
}

/// A check that was stopped knows of nothing wrong and of little that is right.
#[test]
fn a_server_that_was_hardly_read_is_not_nearly_ready() {
    let mut report = samples::typical();
    report.counts.could_not_tell += report.counts.met + report.counts.short + report.counts.missing;
    (report.counts.met, report.counts.short, report.counts.missing) = (1, 0, 0);
    let note = report.note();
    assert!(note.starts_with("# chat-01 was read too little to be judged"), "{note}");
    report.counts.short = 1;
    assert!(report.note().starts_with("# chat-01 is almost ready"), "a shortfall is something to say");
}

#[test]
fn what_came_true_by_itself_is_nobodys_work() {
    let mut report = samples::typical();
    assert!(report.gained() > 1 && report.lead().contains("through the changes made here"), "{}", report.lead());
    report.runs[0].changes[0].change.settles.truncate(1);
    assert_eq!(report.gained(), 1);
    report.runs[0].outcome = report::Outcome::PutBack { why: "nobody answered in 2 minutes".into() };
    assert_eq!(report.gained(), 0);
    assert!(!report.lead().contains("through the changes"), "{}", report.lead());
}

/// promtool is the judge of rules: it must read them, and see each alert fire above its figure and not below.
#[test]
fn alerts_fire_at_the_documented_figures() {
    let roles = profiles::catalog().every_choice();
    let with_rules = roles.iter().filter_map(|role| {
        let product = profiles::catalog().product(&role.product).ok()?;
        product.tunings(role).ok()?.into_iter().find_map(|tuning| match tuning.kind {
            profiles::TuningKind::AlertRules(rules) => Some(rules),
            _ => None,
        })
    });
    let mut report = samples::typical();
    report.alerts = with_rules.into_iter().next().unwrap();
    assert!(report.alerts.len() >= 4);
    let files = report.alert_rules().unwrap();
    let tests: Value = serde_yaml::from_str(&files.tests).unwrap();
    assert_eq!(tests["tests"].as_sequence().unwrap().len(), report.alerts.len() * 2, "an alert has no test");
    let folder = std::env::temp_dir().join(format!("plumbline-alerts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("plumbline.rules.yml"), &files.rules).unwrap();
    std::fs::write(folder.join("plumbline.tests.yml"), &files.tests).unwrap();
    for verb in [["check", "rules", "plumbline.rules.yml"], ["test", "rules", "plumbline.tests.yml"]] {
        let promtool = std::env::var("PLUMB_LAB_PROMTOOL").unwrap_or_else(|_| "promtool".to_owned());
        match std::process::Command::new(promtool).args(verb).current_dir(&folder).output() {
            Ok(said) => assert!(
                said.status.success(),
                "{}{}",
                String::from_utf8_lossy(&said.stdout),
                String::from_utf8_lossy(&said.stderr)
            ),
            Err(error) => {
                let skipped = lab::Skipped { name: "promtool".to_owned(), reason: error.to_string() };
                lab::record("alerts_fire_at_the_documented_figures", &skipped);
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

//! Findings together: the verdict on a server, the word of people, the comparison of roles, and what changed since.
#![expect(clippy::expect_used, reason = "a test may stop where it stands, in its own helpers too")]

use checks::{
    Finding, FitAnswer, FitState, Overall, Verdict, confirm, counts, drift, exit_code, fit, judge, overall, questions,
    waive,
};
use facts::{Facts, Key, Reading, Value};
use profiles::{Area, Need, Severity, parse_answers, parse_waivers, value_of};
use proptest::prelude::*;

const TODAY: &str = "2026-11-20";

fn facts(lines: &str) -> Facts {
    let mut facts = Facts::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (key, text) = line.split_once(" = ").expect(line);
        let key: Key = key.parse().expect(key);
        let value = if text == "-" { Value::Absent } else { value_of(key.kind(), text).expect(line) };
        facts.learn(key, Reading::reported(value), Vec::new());
    }
    facts
}

fn needs(role: &str) -> Vec<Need> {
    profiles::needs(&role.parse().expect(role)).expect(role)
}

/// Findings of the prover with one verdict each, so that the rules of the whole can be seen alone.
fn findings(verdicts: &[(Severity, Area, Verdict)]) -> Vec<Finding> {
    let like = judge(&needs("dusk/provisioner"), &Facts::default(), TODAY).remove(0);
    let each = verdicts.iter().enumerate().map(|(i, (severity, area, verdict))| Finding {
        id: format!("need.{i}"),
        severity: *severity,
        area: *area,
        verdict: *verdict,
        ..like.clone()
    });
    each.collect()
}

#[test]
fn only_required_needs_decide_and_each_open_one_stands_in_the_way() {
    use {Area::*, Severity::*, Verdict::*};
    type Case<'a> = (&'a [(Severity, Area, Verdict)], Overall, u8);
    let table: &[Case<'_>] = &[
        (&[(Required, Hardware, Met), (Required, Software, NotApplicable)], Overall::Ready, 0),
        (&[(Required, Hardware, Met), (Recommended, System, Short), (Optional, Software, Missing)], Overall::Ready, 0),
        (
            &[(Required, Hardware, Met), (Attestation, Upkeep, YouConfirm), (Informational, System, CouldNotTell)],
            Overall::Ready,
            0,
        ),
        (&[(Required, Hardware, Met), (Required, Network, CouldNotTell)], Overall::Almost, 2),
        (&[(Required, Hardware, Met), (Required, Upkeep, YouConfirm)], Overall::Almost, 2),
        (&[(Required, Hardware, Short), (Required, System, Met)], Overall::NotReady, 1),
        (
            &[
                (Required, Storage, Short),
                (Required, System, Met),
                (Required, System, Met),
                (Required, System, Met),
                (Required, System, Met),
            ],
            Overall::NotReady,
            1,
        ),
        (
            &[(Required, Software, Missing), (Required, System, Met), (Required, System, Met), (Required, System, Met)],
            Overall::Almost,
            1,
        ),
        (&[(Required, Software, Missing), (Required, System, Missing), (Required, System, Met)], Overall::NotReady, 1),
        (&[(Required, Software, Missing), (Required, System, Met), (Required, System, Met)], Overall::NotReady, 1),
        (&[], Overall::NotReady, 1),
    ];
    for (verdicts, expected, code) in table {
        let findings = findings(verdicts);
        assert_eq!((overall(&findings), exit_code(&findings)), (*expected, *code), "{verdicts:?}");
    }
}

#[test]
fn a_waiver_lies_over_a_finding_until_its_last_day() {
    use {Area::*, Severity::*, Verdict::*};
    let text = "schema = 1\n[[waiver]]\nneed = \"need.1\"\nreason = \"A test server.\"\nname = \"Mara\"\nuntil = \"2026-11-20\"\n";
    let entries = parse_waivers("w.toml", text).expect("a waiver");
    let start = findings(&[(Required, Hardware, Met), (Required, Software, Missing)]);
    let mut waived = start.clone();
    assert!(waive(&mut waived, &entries, "2026-11-20").is_empty());
    assert_eq!((overall(&waived), exit_code(&waived)), (Overall::Ready, 0));
    let count = counts(&waived);
    assert_eq!((count.met, count.missing, count.waived), (1, 0, 1));
    assert_eq!(waived[1].verdict, Missing, "the verdict stays visible");
    let mut late = start.clone();
    assert_eq!(waive(&mut late, &entries, "2026-11-21"), ["need.1: the waiver ended on 20 November 2026."]);
    assert_eq!(exit_code(&late), 1);
    let other = parse_waivers("w.toml", &text.replace("need.1", "need.9")).expect("a waiver");
    assert_eq!(waive(&mut start.clone(), &other, TODAY), ["need.9: this role has no such need."]);
    let met = parse_waivers("w.toml", &text.replace("need.1", "need.0")).expect("a waiver");
    assert_eq!(waive(&mut start.clone(), &met, TODAY), ["need.0: the waiver is not needed."]);
}

#[test]
fn the_word_of_a_person_settles_what_no_reading_can() {
    let mut findings = judge(&needs("reforms/small"), &facts("backup.evidence = -\ncpu.cores = 8"), TODAY);
    let asked = questions(&findings);
    assert!((6..=12).contains(&asked.len()), "{asked:?}");
    let backup = asked.iter().find(|question| question.id == "reforms.backup").expect("the backup");
    assert_eq!((backup.title.as_str(), backup.evidence.as_str()), ("Daily automatic backup", "no job found"));
    let text = "schema = 1\n[[answer]]\nneed = \"RM-163\"\nanswer = \"yes\"\nname = \"Mara Lindqvist\"\ndate = \"2026-11-20\"\n[[answer]]\nneed = \"reforms.recovery\"\nanswer = \"no\"\nname = \"Mara Lindqvist\"\ndate = \"2026-11-20\"\n[[answer]]\nneed = \"reforms.small.cores\"\nanswer = \"yes\"\nname = \"Mara Lindqvist\"\ndate = \"2026-11-20\"\n";
    let left = confirm(&mut findings, &parse_answers("a.toml", text).expect("answers"));
    assert_eq!(left, ["reforms.small.cores: the server was asked and needs no word."]);
    let of = |id: &str| findings.iter().find(|finding| finding.id == id).expect("a finding").clone();
    assert_eq!(of("reforms.backup").verdict, Verdict::Met);
    assert_eq!(of("reforms.recovery").verdict, Verdict::Missing);
    assert_eq!(
        of("reforms.backup").sentence,
        "Does a full backup run every day, here or elsewhere? Yes, says Mara Lindqvist, 20 November 2026."
    );
    assert_eq!(of("reforms.backup").confirmed.map(|c| c.name).as_deref(), Some("Mara Lindqvist"));
    assert_eq!(of("reforms.small.cores").confirmed, None, "nobody overrules a reading");
}

#[test]
fn fit_says_which_roles_a_server_could_carry() {
    let lines = "cpu.cores = 4\ncpu.steal = 0 %\ncpu.clock = 2.45 GHz\nmemory.total = 8 GB\narch = x86_64\ndisk.size:/opt/dusk = 80 GB\ndisk.size:/var/lib = 80 GB\ndisk.free:/var/lib = 70 GB\ndisk.kind:/var/lib = ssd\nport.allowed:9000/udp = false\nnet.bandwidth = 412 Mbps\nnet.symmetry = 90 %";
    let matrix = fit(&facts(lines), TODAY);
    let row = |role: &str| matrix.rows.iter().find(|row| row.role == role).expect(role);
    assert_eq!(row("dusk/archiver").answer, FitAnswer::No);
    assert_eq!(row("dusk/archiver").sentence, "No: 4 of 8 cores, 8 of 16 GB, 80 of 250 GB");
    assert_eq!(row("dusk/provisioner").answer, FitAnswer::Yes);
    assert_eq!(row("dusk/provisioner").sentence, "Yes, after one thing: Kadcast, 9000/udp");
    assert_eq!(row("dusk/provisioner").cells[0].state, FitState::Met);
    assert_eq!(row("reforms/small?users=24").sentence, "Almost: 412 of 500 Mbps");
    assert_eq!(row("reforms/large-app?users=1000").answer, FitAnswer::No);
    assert_eq!(row("statemesh/node-recommended").answer, FitAnswer::Almost);
    // by area, from hardware to upkeep: the worst of each decides
    let cells = |role: &str| -> String {
        let letter = |state: FitState| match state {
            FitState::Short => 'S',
            FitState::Change => 'C',
            FitState::CouldNotTell => '?',
            FitState::YouConfirm => 'Y',
            FitState::Met => 'M',
            FitState::None => '-',
        };
        row(role).cells.iter().map(|cell| letter(cell.state)).collect()
    };
    let rows = ["dusk/archiver", "dusk/provisioner", "reforms/small?users=24", "statemesh/developer"];
    assert_eq!(rows.map(cells), ["S??CS?-?", "M??C??-?", "M??SM???", "M??????-"]);
    // what was not read, and whether that leaves the question open
    let without = |key: &str| {
        let rest: Vec<&str> = lines.lines().filter(|line| !line.starts_with(key)).collect();
        let matrix = fit(&facts(&rest.join("\n")), TODAY);
        matrix.rows.into_iter().find(|row| row.role == "dusk/provisioner").map(|row| (row.answer, row.sentence))
    };
    let yes = Some((FitAnswer::Yes, "Yes, after one thing: Kadcast, 9000/udp".to_owned()));
    assert_eq!(without("cpu.clock"), yes, "a virtual machine hides its clock");
    assert_eq!(without("net.bandwidth"), yes, "nobody measured the line");
    let unread = |what: &str| Some((FitAnswer::CouldNotTell, format!("Could not tell: {what}")));
    assert_eq!(without("disk.size:/opt/dusk"), unread("disk"));
    assert_eq!(without("memory.total"), unread("memory"));
    assert_eq!(matrix.rows.len(), profiles::catalog().roles().len());
    assert!(fit(&Facts::default(), TODAY).rows.iter().all(|row| row.answer != FitAnswer::No));
}

/// What is in order needs neither change nor steps, and one part is no list of parts.
#[test]
fn what_can_be_done_is_offered_where_something_is_open() {
    let lines =
        "cpu.cores = 4\nmemory.total = 8 GB\nport.allowed:9000/udp = false\nsysctl.now:net.core.rmem_max = 212992";
    let (mut offered, mut advised) = (0, 0);
    for role in profiles::catalog().roles() {
        let needs = profiles::needs(&role).expect("the needs of a role of ours");
        for finding in judge(&needs, &facts(lines), TODAY) {
            let open = !matches!(finding.verdict, Verdict::Met | Verdict::NotApplicable);
            let asks = matches!(finding.verdict, Verdict::Short | Verdict::Missing | Verdict::YouConfirm);
            let need = needs.iter().find(|need| need.id == finding.id).expect("its need");
            assert_eq!(finding.change.is_some(), asks && need.change.is_some(), "{}", finding.id);
            assert_eq!(finding.steps.is_some(), open && need.steps.is_some(), "{}", finding.id);
            assert_eq!(finding.parts.len(), if need.parts.len() > 1 { need.parts.len() } else { 0 }, "{}", finding.id);
            offered += u32::from(finding.change.is_some());
            advised += u32::from(finding.steps.is_some());
        }
    }
    assert!(offered > 3 && advised > 50, "{offered} changes and {advised} steps");
}

fn finding(role: &str, id: &str, facts: &Facts) -> Finding {
    judge(&needs(role), facts, TODAY).into_iter().find(|finding| finding.id == id).expect(id)
}

#[test]
fn figures_are_shown_as_the_need_writes_its_own() {
    let clock = |base: &str| {
        let facts = facts(&format!("cpu.clock = 3.2 GHz\ncpu.base_clock = {base}"));
        finding("dusk/provisioner", "dusk.provisioner.clock", &facts).note
    };
    assert_eq!(clock("2 GHz"), None);
    let slow = "Its base clock is 1.9 GHz; it reaches the needed clock at full speed.";
    assert_eq!(clock("1.9 GHz").as_deref(), Some(slow));

    // of a long list, what the part is about; of a part without a figure, why there is none
    let offered = facts("crypto.offered = aes-128-gcm, aes-256-gcm, sha256, sha512, x448");
    let crypto = finding("reforms/small?compliance=fedramp", "reforms.crypto", &offered);
    let found: Vec<(&str, &str)> =
        crypto.parts.iter().take(2).map(|part| (part.title.as_str(), part.found.text.as_str())).collect();
    assert_eq!(found, [("AES-256-GCM", "aes-256-gcm"), ("SHA-256", "sha256")]);
    let unread = finding("reforms/small", "reforms.crypto", &Facts::default());
    assert_eq!(unread.parts[0].found.text, "not read");
    let buffers = facts("sysctl.now:net.core.rmem_max = 212992");
    let dusk = finding("dusk/prover", "dusk.buffers", &buffers);
    assert_eq!(dusk.parts[0].found.text, "212,992");
    assert_eq!(dusk.ratio, None, "one bar of seven is no bar for all");
    // a port is written in digits and is no number
    let turn = facts("software.version:coturn = 4.6.1\nturn.setting:min-port = 50000");
    let turn = finding("reforms/minimum", "reforms.turn.settings", &turn);
    let first = turn.parts.iter().find(|part| part.title == "First port of the range").expect("the part");
    assert_eq!(first.found.text, "50000");
    let new = facts("file.present:/opt/dusk/conf/rusk.toml = false\nservice.state:rusk = -");
    let service = finding("dusk/provisioner", "dusk.service", &new);
    assert_eq!(service.parts[0].found.text, "Dusk is not installed yet.");
}

#[test]
fn a_finding_shows_each_reading_that_it_stands_on_once() {
    let mut facts = Facts::default();
    let said = facts.keep(facts::Evidence { command: "openssl list".into(), output: "x25519".into(), exit: Some(0) });
    let value = value_of("crypto.offered".parse::<Key>().expect("a key").kind(), "x25519").expect("a list");
    facts.learn("crypto.offered".parse().expect("a key"), Reading::reported(value), vec![said]);
    let crypto = finding("reforms/small", "reforms.crypto", &facts);
    assert!(crypto.parts.len() > 5, "many parts stand on it");
    let commands: Vec<&str> = crypto.evidence.iter().map(|evidence| evidence.command.as_str()).collect();
    assert_eq!(commands, ["openssl list"]);
}

#[test]
fn drift_names_what_changed_and_leaves_out_what_always_moves() {
    let before = "disk.free:/opt/dusk = 310 GB\ncpu.busy = 3 %\nkernel.version = 5.15.0\nos.release = ubuntu-22.04\nservice.state:rusk = active";
    let now = "disk.free:/opt/dusk = 228 GB\ncpu.busy = 80 %\nkernel.version = 5.15.0\nos.release = ubuntu-22.04\nservice.state:rusk = -\nfirewall.active = true";
    let drifts = drift(&facts(before), &facts(now));
    let sentences: Vec<&str> = drifts.iter().map(|drift| drift.sentence.as_str()).collect();
    assert_eq!(
        sentences,
        ["Free disk (/opt/dusk) went from 310 GB to 228 GB", "Service (rusk) is gone; it was active"]
    );
    let ports = drift(&facts("port.all = 9000/udp, 22/tcp"), &facts("port.all = 22/tcp, 8080/tcp"));
    assert_eq!(ports[0].sentence, "Listening ports: new 8080/tcp; gone 9000/udp");
    assert!(drift(&facts("port.all = 9000/udp, 22/tcp"), &facts("port.all = 22/tcp, 9000/udp")).is_empty());
    let nearly = drift(&facts("disk.free:/ = 100 GB"), &facts("disk.free:/ = 97 GB"));
    assert!(nearly.is_empty(), "{nearly:?}");
    assert!(drift(&facts(before), &facts(before)).is_empty());
}

proptest! {
    /// Met exactly from the line on, whatever the figure; the bar reaches the line exactly when the verdict does.
    #[test]
    fn a_quantity_is_met_exactly_from_its_line_on(cores in 0u64..200, workers in 1u32..=64) {
        let needs = needs(&format!("dusk/prover?workers={workers}"));
        let findings = judge(&needs, &facts(&format!("cpu.cores = {cores}")), TODAY);
        let finding = findings.iter().find(|finding| finding.id == "dusk.prover.cores").expect("cores");
        let needed = u64::from(workers).max(4);
        prop_assert_eq!(finding.verdict == Verdict::Met, cores >= needed);
        prop_assert_eq!(finding.ratio.expect("a ratio") >= 1.0, cores >= needed);
    }

    /// More memory never makes a verdict worse, and 90 % of what is asked is enough.
    #[test]
    fn more_memory_is_never_worse(mb in 1u64..65536) {
        let of = |mb: u64| {
            let found = judge(&needs("dusk/provisioner"), &facts(&format!("memory.total = {mb} MB")), TODAY);
            found.into_iter().find(|finding| finding.id == "dusk.provisioner.memory").expect("memory")
        };
        let (less, more) = (of(mb), of(mb + 64));
        prop_assert!(less.verdict != Verdict::Met || more.verdict == Verdict::Met);
        prop_assert_eq!(less.verdict == Verdict::Met, mb * 10 >= 4096 * 9 - 9);
        prop_assert!(less.ratio <= more.ratio);
    }

    /// Whatever stands in a text of a server, judging neither stops nor calls it met without reason.
    #[test]
    fn no_text_of_a_server_can_stop_judging(text in "\\PC{0,60}") {
        let needs = needs("reforms/small");
        let mut facts = Facts::default();
        for key in checks::keys(&needs) {
            facts.learn(key, Reading::reported(Value::Text(text.clone())), Vec::new());
        }
        for finding in judge(&needs, &facts, TODAY) {
            prop_assert!(!finding.sentence.is_empty());
        }
    }
}

/// A law brings questions of its own.
#[test]
fn nobody_is_asked_more_than_about_ten_questions() {
    for role in profiles::catalog().every_choice() {
        let needs = profiles::needs(&role).expect("needs");
        let most = if role.options.contains_key("compliance") { 14 } else { 12 };
        for lines in ["", "backup.evidence = -\ncpu.cores = 8"] {
            let asked = questions(&judge(&needs, &facts(lines), TODAY));
            assert!(asked.len() <= most, "{role}: {} {asked:#?}", asked.len());
        }
    }
}

//! The traps of the sources, T-01 to T-40: what a careless reader of them gets wrong, and what we say instead.
//! Those that concern changes alone are tests of `tuning` and, on real servers, in tests/faults; tests/tidy sees that none is
//! left without a test of its name.
#![expect(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands, in its own helpers too")]

use checks::{Finding, MaintainedState, Overall, Verdict, judge};
use facts::{Confidence, Facts, Key, Reading, Unit, Value, Why};
use profiles::{Severity, quantity_in_text, value_of};

const TODAY: &str = "2026-11-20";

/// Facts from lines such as "cpu.cores = 4"; a value after `~` is inferred, after `=` measured, after `!` unknown for that
/// reason, and `-` is not there.
fn facts(lines: &str) -> Facts {
    let mut facts = Facts::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (key, text) = line.split_once(" = ").expect(line);
        let key: Key = key.parse().expect(key);
        let reading = reading(&key, text);
        facts.learn(key, reading, Vec::new());
    }
    facts
}

fn reading(key: &Key, text: &str) -> Reading {
    if let Some(why) = text.strip_prefix('!') {
        return Reading::Unknown(match why {
            "admin" => Why::NeedsAdministrator,
            "measure" => Why::NotMeasured,
            "hidden" => Why::Hidden { by: "lxc".into() },
            other => panic!("{other}"),
        });
    }
    let (text, confidence) = match (text.strip_prefix('~'), text.strip_prefix('=')) {
        (Some(text), _) => (text, Confidence::Inferred),
        (None, Some(text)) => (text, Confidence::Measured),
        (None, None) => (text, Confidence::Reported),
    };
    let value = match (text, key.kind().unit()) {
        ("-", _) => Value::Absent,
        ("[]", Unit::List) => Value::List(Vec::new()),
        _ => value_of(key.kind(), text).unwrap_or_else(|wanted| panic!("{key}: {text} is not {wanted}")),
    };
    Reading::Known { value, confidence }
}

fn find(role: &str, id: &str, lines: &str) -> Finding {
    let needs = profiles::needs(&role.parse().expect(role)).expect(role);
    let findings = judge(&needs, &facts(lines), TODAY);
    findings.into_iter().find(|finding| finding.id == id).unwrap_or_else(|| panic!("{role} has no {id}"))
}

fn verdict(role: &str, id: &str, lines: &str) -> Verdict {
    find(role, id, lines).verdict
}

#[test]
fn t_03_a_value_counts_now_and_after_the_next_boot() {
    let both = |now: &str, boot: &str| {
        let of = |key: &str| format!("sysctl.now:net.core.{key} = {now}\nsysctl.boot:net.core.{key} = {boot}\n");
        verdict("reforms/small", "reforms.buffers", &(of("rmem_max") + &of("wmem_max")))
    };
    assert_eq!(both("134217728", "134217728"), Verdict::Met);
    // Dusk's own dusk.conf sorts after 99-* and wins at boot.
    assert_eq!(both("134217728", "50000000"), Verdict::Short);
    assert_eq!(both("212992", "134217728"), Verdict::Short);
    assert_eq!(both("134217728", "-"), Verdict::Missing);
    assert_eq!(both("!hidden", "!hidden"), Verdict::CouldNotTell);
}

#[test]
fn t_04_a_higher_limit_is_never_called_wrong() {
    let lines = "limit.service_files_soft = 1048576\nlimit.service_files_hard = 1048576\nlimit.login_files_soft = 65536\nlimit.login_files_hard = 524288";
    assert_eq!(verdict("reforms/small", "reforms.files", lines), Verdict::Met);
    let lines = lines.replace("service_files_soft = 1048576", "service_files_soft = 1024");
    let finding = find("reforms/small", "reforms.files", &lines);
    assert_eq!(finding.verdict, Verdict::Short);
    assert_eq!(finding.found.text, "Services: 1,024");
    assert_eq!(finding.change.as_deref(), Some("limits.files"));
}

#[test]
fn t_05_the_kernels_larger_middle_value_is_met() {
    let triple = |text: &str| {
        let of = |key: &str| format!("sysctl.now:net.ipv4.{key} = {text}\nsysctl.boot:net.ipv4.{key} = {text}\n");
        verdict("reforms/small", "reforms.tcp-buffers", &(of("tcp_rmem") + &of("tcp_wmem")))
    };
    assert_eq!(triple("4096 131072 134217728"), Verdict::Met);
    assert_eq!(triple("4096 131072 6291456"), Verdict::Short);
}

#[test]
fn t_06_a_quarter_of_memory_is_a_figure_and_not_a_text() {
    let of_8_gb = |buffers: &str| {
        let others = "postgres.setting:effective_cache_size = 6GB\npostgres.setting:maintenance_work_mem = 512MB\npostgres.setting:work_mem = 8MB";
        let mut facts = facts(&format!("memory.total = 8 GB\nsoftware.version:postgresql = 15.4\n{others}"));
        let value = quantity_in_text(buffers).expect(buffers);
        facts.learn("postgres.setting:shared_buffers".parse().expect("a key"), Reading::reported(value), Vec::new());
        let needs = profiles::needs(&"reforms/small".parse().expect("a role")).expect("needs");
        let findings = judge(&needs, &facts, TODAY);
        findings.into_iter().find(|f| f.id == "reforms.postgres.memory").expect("the need")
    };
    assert_eq!(of_8_gb("128MB").verdict, Verdict::Short);
    assert_eq!(of_8_gb("2GB").verdict, Verdict::Met);
    assert_eq!(of_8_gb("1900MB").verdict, Verdict::Met);
    assert_eq!(of_8_gb("128MB").found.text, "Kept at hand, a quarter of memory: 128 MB");
    assert_eq!(
        of_8_gb("128MB").parts[0].needed.value,
        Some(Value::Bytes(2 << 30)),
        "what is asked for, not what is still let pass"
    );
    // Without the memory, a quarter of it cannot be told.
    let lines = "software.version:postgresql = 15.4\npostgres.setting:shared_buffers = 128MB\nmemory.total = !admin";
    assert_eq!(verdict("reforms/small", "reforms.postgres.memory", lines), Verdict::CouldNotTell);
}

#[test]
fn t_07_nobody_is_told_to_give_each_query_256_mb() {
    let need = find("reforms/small", "reforms.postgres.memory", "");
    assert!(need.note.as_deref().is_some_and(|note| note.contains("50 GB")), "{need:?}");
    let tunings = profiles::catalog().tunings(&"reforms/small".parse().expect("a role")).expect("tunings");
    let texts = format!("{tunings:?}");
    assert!(texts.contains("SafeWorkMem") && !texts.contains("256MB"), "{texts}");
}

#[test]
fn t_08_t_09_t_10_t_27_contradictions_are_shown_and_never_judged() {
    let notes = [
        ("reforms/large-db", "reforms.db.memory", "16 GB"),
        ("reforms/small", "reforms.small.bandwidth", "100 MB a second"),
        ("reforms/medium-app", "reforms.medium.bandwidth", "500 MB a second"),
        ("reforms/small", "reforms.alerts", "85%"),
    ];
    for (role, id, word) in notes {
        let finding = find(role, id, "");
        assert!(finding.note.as_deref().is_some_and(|note| note.contains(word)), "{finding:?}");
    }
    // Expectations (connections, speed of files, latency) are calculators: no need of any role reads them.
    for covered in profiles::catalog().coverage() {
        if ["RM-018", "RM-032", "RM-048", "RM-020", "RM-034", "RM-174"].contains(&covered.row.as_str()) {
            assert_eq!(covered.how, profiles::CoveredHow::Calculator, "{}", covered.row);
        }
    }
}

#[test]
fn t_11_the_borders_belong_to_both_sizes_and_the_rule_is_said() {
    for role in [
        "reforms/small?users=50",
        "reforms/medium-app?users=50",
        "reforms/medium-app?users=500",
        "reforms/large-app?users=500",
    ] {
        assert!(profiles::needs(&role.parse().expect(role)).is_ok(), "{role}");
    }
    let reforms = profiles::catalog().product("reforms").expect("reforms");
    assert!(
        reforms
            .role("small")
            .and_then(|role| role.note.as_deref())
            .is_some_and(|note| note.contains("up to and including"))
    );
}

#[test]
fn t_13_what_is_asked_and_what_is_still_mended_are_two_verdicts() {
    let node = find("reforms/small", "reforms.node", "software.version:node = 20.18.0\nglibc.version = 2.35");
    assert_eq!(node.verdict, Verdict::Met);
    assert_eq!(node.maintained.as_ref().map(|m| m.state), Some(MaintainedState::Ended));
    let newer = find("reforms/small", "reforms.node", "software.version:node = 22.11.0\nglibc.version = 2.35");
    assert_eq!(newer.verdict, Verdict::Met);
    assert!(newer.note.as_deref().is_some_and(|note| note.contains("than the source names")));
    assert_eq!(
        verdict("reforms/small", "reforms.node", "software.version:node = 12.22.9\nglibc.version = 2.35"),
        Verdict::Short
    );
    // Amazon Linux 2 has glibc 2.26, on which no supported Node.js starts.
    assert_eq!(
        verdict("reforms/small", "reforms.node", "software.version:node = 20.18.0\nglibc.version = 2.26"),
        Verdict::Short
    );
    let os = |release: &str| find("reforms/small", "reforms.os", &format!("os.release = {release}"));
    assert_eq!(os("ubuntu-20.04").verdict, Verdict::Met);
    assert_eq!(os("ubuntu-20.04").maintained.map(|m| m.state), Some(MaintainedState::Ended));
    assert_eq!(os("ubuntu-22.04").maintained.map(|m| m.state), Some(MaintainedState::EndingSoon));
    assert_eq!(os("rhel-9.4").verdict, Verdict::Met);
    assert_eq!(os("rhel-9.4").maintained.map(|m| m.state), Some(MaintainedState::Maintained));
    assert_eq!(
        os("debian-12").maintained.map(|m| (m.state, m.until)),
        Some((MaintainedState::EndingSoon, Some("2028-06-30".into())))
    );
    assert_eq!(os("alpine-3.20").verdict, Verdict::Short);
    assert_eq!(os("sles-15.6").maintained.map(|m| m.state), Some(MaintainedState::Ended));
    assert_eq!(os("sles-15.7").maintained.map(|m| m.state), Some(MaintainedState::Maintained));
}

#[test]
fn t_13_an_old_table_no_longer_says_that_something_is_mended() {
    let needs = profiles::needs(&"reforms/small".parse().expect("a role")).expect("needs");
    let at = |day: &str, release: &str| {
        let findings = judge(&needs, &facts(&format!("os.release = {release}")), day);
        findings.into_iter().find(|f| f.id == "reforms.os").and_then(|f| f.maintained).map(|m| m.state)
    };
    assert_eq!(at("2027-12-01", "rhel-9.4"), Some(MaintainedState::CouldNotTell));
    assert_eq!(at("2027-12-01", "ubuntu-20.04"), Some(MaintainedState::Ended));
}

#[test]
fn t_14_mongodb_wants_a_processor_with_avx() {
    let avx = |flags: &str| verdict("reforms/small?database=mongodb", "reforms.avx", &format!("cpu.flags = {flags}"));
    assert_eq!(avx("sse4_2,avx,avx2"), Verdict::Met);
    assert_eq!(avx("sse4_2"), Verdict::Missing);
    let needs = profiles::needs(&"reforms/small".parse().expect("a role")).expect("needs");
    assert!(needs.iter().all(|need| need.id != "reforms.avx"), "PostgreSQL needs no AVX");
}

#[test]
fn t_15_t_16_t_17_the_relay_range_has_a_safer_choice() {
    let finding = find("reforms/small", "reforms.port.relay", "");
    let note = finding.note.expect("a note");
    assert!(note.contains("51820") && note.contains("60999") && note.contains("Docker"), "{note}");
    let lines = "port.allowed:61000-65535/udp = true";
    assert_eq!(verdict("reforms/small?ports=short", "reforms.port.relay", lines), Verdict::Met);
}

#[test]
fn t_15_a_relay_range_that_coturn_keeps_by_itself_is_no_fault() {
    let coturn = "software.version:coturn = 4.6.1\nturn.setting:use-auth-secret = yes\naddress.nat = none\n\
        turn.setting:denied-peer-ip = 10.0.0.0-10.255.255.255";
    let settings = |role: &str, more: &str| verdict(role, "reforms.turn.settings", &format!("{coturn}\n{more}"));
    let unset = "turn.setting:min-port = -\nturn.setting:max-port = -";
    assert_eq!(settings("reforms/small", unset), Verdict::Met);
    assert_eq!(settings("reforms/small?ports=short", unset), Verdict::Missing);
    let of = |from: u32, to: u32| format!("turn.setting:min-port = {from}\nturn.setting:max-port = {to}");
    assert_eq!(settings("reforms/small?ports=short", &of(61000, 65535)), Verdict::Met);
    assert_eq!(settings("reforms/small", &of(61000, 65535)), Verdict::Short);
    assert_eq!(settings("reforms/small", &of(49152, 50000)), Verdict::Short);
}

#[test]
fn an_update_that_waits_for_a_restart_is_a_line_of_its_own() {
    for (role, id) in
        [("dusk/provisioner", "dusk.updates.restart"), ("statemesh/developer", "statemesh.updates.restart")]
    {
        assert_eq!(verdict(role, id, "updates.reboot = true"), Verdict::Short);
        assert_eq!(verdict(role, id, "updates.reboot = false"), Verdict::Met);
        assert_eq!(verdict(role, id, "updates.reboot = !admin"), Verdict::CouldNotTell);
    }
}

#[test]
fn t_18_a_published_database_is_open_whatever_the_firewall_says() {
    let lines = "firewall.active = true\nport.exposed:5432/tcp = true\nport.exposed:6379/tcp = false";
    assert_eq!(verdict("reforms/small", "reforms.database-closed", lines), Verdict::Short);
    // From outside is the only proof, and it outranks what the server believes.
    let lines = "port.exposed:5432/tcp = false\nport.exposed:6379/tcp = false\nport.outside:5432/tcp = open";
    assert_eq!(verdict("reforms/small", "reforms.database-closed", lines), Verdict::Short);
    let lines = "port.exposed:5432/tcp = false\nport.exposed:6379/tcp = false\nport.outside:5432/tcp = inconclusive";
    assert_eq!(verdict("reforms/small", "reforms.database-closed", lines), Verdict::Met);
}

#[test]
fn t_19_a_port_that_another_program_took_is_no_open_port() {
    let of = |who: &str| {
        let lines = format!("port.allowed:9000/udp = true\nport.listeners:9000/udp = {who}");
        verdict("dusk/provisioner", "dusk.port.kadcast", &lines)
    };
    assert_eq!(of("0.0.0.0 rusk"), Verdict::Met);
    assert_eq!(of("-"), Verdict::Met);
    assert_eq!(of("0.0.0.0 php-fpm"), Verdict::Short);
    // Whose it is, only an administrator sees; that is no reason to call it taken.
    assert_eq!(of("0.0.0.0"), Verdict::Met);
    let unseen = find(
        "dusk/provisioner",
        "dusk.port.kadcast",
        "port.allowed:9000/udp = true\nport.listeners:9000/udp = 0.0.0.0",
    );
    assert_eq!(unseen.parts[2].verdict, Verdict::CouldNotTell);
}

#[test]
fn t_20_t_22_t_24_t_25_what_the_source_leaves_out_is_said() {
    let said = [
        ("reforms/small", "reforms.certificate", "port 80"),
        ("reforms/small", "reforms.vpn.factor", "SC-7(7)"),
        ("reforms/small?compliance=fedramp", "reforms.keys", "140-3"),
        ("reforms/large-db", "reforms.replicas", "15 minutes"),
        ("reforms/large-app", "reforms.regions", "witness"),
        ("reforms/small", "reforms.backup", "UTC"),
    ];
    for (role, id, word) in said {
        let finding = find(role, id, "");
        let text = format!("{} {}", finding.note.unwrap_or_default(), finding.steps.unwrap_or_default());
        assert!(text.contains(word), "{id}: {text}");
    }
}

#[test]
fn t_21_wireguard_alone_brings_no_second_factor() {
    let finding = find("reforms/small?vpn=wireguard", "reforms.vpn.factor", "vpn.kinds = wireguard\nmfa.sshd = true");
    assert_eq!((finding.verdict, finding.severity), (Verdict::YouConfirm, Severity::Required));
    assert!(finding.sentence.contains("no second factor"), "{}", finding.sentence);
    assert_eq!(verdict("reforms/small?vpn=wireguard", "reforms.vpn", "vpn.kinds = wireguard"), Verdict::Met);
    assert_eq!(
        verdict("reforms/small?vpn=openvpn", "reforms.vpn", "vpn.kinds = wireguard\nsoftware.version:openvpn = -"),
        Verdict::Missing
    );
    assert_eq!(
        verdict("reforms/small", "reforms.vpn", "vpn.kinds = []\nsoftware.version:openvpn = 2.4.7"),
        Verdict::Missing
    );
}

#[test]
fn t_23_government_rules_do_not_ask_for_what_they_forbid() {
    let fips = "crypto.offered = aes-256-gcm,sha256,sha512,pbkdf2";
    assert_eq!(verdict("reforms/small?compliance=fedramp", "reforms.crypto", fips), Verdict::Met);
    assert_eq!(verdict("reforms/small", "reforms.crypto", fips), Verdict::Missing);
    // OpenSSL 3.0 has no Argon2id, and that is no shortfall of the server.
    let debian_12 = "crypto.offered = aes-256-gcm,chacha20-poly1305,ed25519,x25519,sha256,sha512,blake2b,pbkdf2";
    let finding = find("reforms/small", "reforms.crypto", debian_12);
    assert_eq!(finding.verdict, Verdict::Met);
    assert!(finding.note.as_deref().is_some_and(|note| note.contains("Argon2id")));
}

#[test]
fn t_28_the_named_systems_and_the_one_that_works_are_both_shown() {
    let debian = "os.release = debian-12\nos.id = debian\nglibc.version = 2.36\nopenssl.version = 3.0.15";
    assert_eq!(verdict("dusk/provisioner", "dusk.os", debian), Verdict::Met);
    let runtime = find("dusk/provisioner", "dusk.runtime", debian);
    assert_eq!((runtime.verdict, runtime.severity), (Verdict::Short, Severity::Required));
    let ubuntu = "os.release = ubuntu-24.04\nos.id = ubuntu\nglibc.version = 2.39\nopenssl.version = 3.0.13";
    assert_eq!(verdict("dusk/provisioner", "dusk.os", ubuntu), Verdict::Met);
    assert_eq!(verdict("dusk/provisioner", "dusk.runtime", ubuntu), Verdict::Met);
}

#[test]
fn t_29_the_archivers_old_and_new_figures_are_both_shown() {
    let disk = find("dusk/archiver", "dusk.archiver.disk", "disk.size:/opt/dusk = 300 GB");
    assert_eq!(disk.verdict, Verdict::Met);
    assert!(disk.note.as_deref().is_some_and(|note| note.contains("500 GB")));
    let advised = find("dusk/archiver", "dusk.archiver.disk-advised", "disk.size:/opt/dusk = 300 GB");
    assert_eq!((advised.verdict, advised.severity), (Verdict::Short, Severity::Recommended));
    assert!(advised.note.as_deref().is_some_and(|note| note.contains("250 GB") && note.contains("500 GB")));
    assert!(find("dusk/archiver", "dusk.archiver.memory", "").note.is_some_and(|note| note.contains("8 GB")));
}

#[test]
fn a_slow_line_here_is_not_held_against_the_server() {
    let line =
        |speed: &str| find("dusk/provisioner", "dusk.provisioner.bandwidth", &format!("net.bandwidth = {speed}"));
    assert_eq!(line("=40 Mbps").verdict, Verdict::Met);
    let slow = line("=4 Mbps");
    assert_eq!((slow.verdict, slow.found.text.as_str()), (Verdict::CouldNotTell, "at least 4 Mbps"));
    assert_eq!(slow.why_unknown, Some(Why::LowerBound { least: "4 Mbps".into() }));
    assert!(slow.sentence.contains("the line at this end may be the narrower one"), "{}", slow.sentence);
    // What the network card says of itself is no lower bound.
    assert_eq!(line("4 Mbps").verdict, Verdict::Short);
}

#[test]
fn t_30_a_clock_three_seconds_behind_is_short() {
    let clock = |kept: &str, offset: &str| {
        verdict("dusk/provisioner", "dusk.time", &format!("time.synchronised = {kept}\ntime.offset = {offset}"))
    };
    assert_eq!(clock("true", "40 ms"), Verdict::Met);
    assert_eq!(clock("true", "3200 ms"), Verdict::Short);
    assert_eq!(clock("false", "40 ms"), Verdict::Missing);
    assert_eq!(clock("true", "!measure"), Verdict::Met);
    assert_eq!(clock("!hidden", "!measure"), Verdict::CouldNotTell);
}

#[test]
fn t_31_an_api_that_anyone_can_reach_is_short_unless_wanted() {
    assert_eq!(verdict("dusk/provisioner", "dusk.api-closed", "port.exposed:8080/tcp = true"), Verdict::Short);
    assert_eq!(verdict("dusk/provisioner", "dusk.api-closed", "port.exposed:8080/tcp = false"), Verdict::Met);
    let needs = profiles::needs(&"dusk/archiver?api=public".parse().expect("a role")).expect("needs");
    assert!(needs.iter().all(|need| need.id != "dusk.api-closed"));
    assert!(needs.iter().any(|need| need.id == "dusk.port.api" && need.severity == Severity::Optional));
}

#[test]
fn t_33_a_service_user_with_sudo_is_short() {
    let sudo = |sudo: &str| {
        let lines =
            format!("file.present:/opt/dusk/conf/rusk.toml = true\nuser.present:dusk = true\nuser.sudo:dusk = {sudo}");
        verdict("dusk/provisioner", "dusk.user", &lines)
    };
    assert_eq!(sudo("none"), Verdict::Met);
    assert_eq!(sudo("nopasswd"), Verdict::Short);
    assert_eq!(sudo("!admin"), Verdict::CouldNotTell);
    let modes = |mode: &str| {
        let lines = format!(
            "file.present:/opt/dusk/bin = true\nfile.mode:/opt/dusk/bin = {mode}\nfile.present:/opt/dusk/conf/consensus.keys = false\nfile.present:/opt/dusk/services/dusk.conf = false\nfile.present:/opt/dusk/services/rusk.conf.user = false\nfile.present:/opt/dusk/rusk = false"
        );
        verdict("dusk/provisioner", "dusk.permissions", &lines)
    };
    // download_state gives all of /opt/dusk to the node's user.
    assert_eq!(modes("755 dusk:dusk"), Verdict::Short);
    assert_eq!(modes("755 root:root"), Verdict::Met);
}

#[test]
fn t_34_t_35_t_36_points_of_no_return_are_a_persons_word() {
    assert!(
        find(
            "dusk/archiver",
            "dusk.version",
            "file.present:/opt/dusk/conf/rusk.toml = true\nsoftware.version:rusk = 1.6.0"
        )
        .steps
        .is_some_and(|s| s.contains("--feature archive"))
    );
    assert_eq!(verdict("dusk/provisioner", "dusk.one-key", ""), Verdict::YouConfirm);
    let finding = find("statemesh/node-minimum", "statemesh.point-of-no-return", "disk.others = vdb 100 GB");
    assert_eq!(finding.verdict, Verdict::YouConfirm);
    assert_eq!(finding.found.text, "vdb 100 GB");
}

#[test]
fn t_37_one_container_runtime_is_enough_and_two_are_too_many() {
    let runtime = |lines: &str| verdict("statemesh/node-minimum", "statemesh.runtime", lines);
    assert_eq!(runtime("software.version:containerd = 1.7.2\nsoftware.version:cri-dockerd = -"), Verdict::Met);
    assert_eq!(runtime("software.version:containerd = -\nsoftware.version:cri-dockerd = -"), Verdict::YouConfirm);
    let count = |list: &str| {
        verdict("statemesh/node-minimum", "statemesh.one-runtime", &format!("container.runtimes = {list}"))
    };
    assert_eq!(count("containerd"), Verdict::Met);
    assert_eq!(count("docker,containerd"), Verdict::Met, "Docker alone is no runtime that Kubernetes asks");
    assert_eq!(count("[]"), Verdict::NotApplicable);
    assert_eq!(count("containerd,cri-dockerd"), Verdict::Short);
    assert!(
        find("statemesh/node-minimum", "statemesh.firewall", "")
            .note
            .is_some_and(|note| note.contains("never switch one off"))
    );
}

#[test]
fn t_38_swap_is_advice_and_its_change_starts_switched_off() {
    let finding = find("statemesh/node-minimum", "statemesh.swap", "swap.total = 2 GB");
    assert_eq!((finding.verdict, finding.severity), (Verdict::Short, Severity::Recommended));
    let tunings = profiles::catalog().tunings(&"statemesh/node-minimum".parse().expect("a role")).expect("tunings");
    assert!(tunings.iter().any(|tuning| tuning.id == "swap.off" && tuning.advised_off.is_some()));
    assert_eq!(verdict("statemesh/node-minimum", "statemesh.swap", "swap.total = 0 MB"), Verdict::Met);
}

#[test]
fn t_39_what_sshd_really_does_counts() {
    let ssh = |passwords: &str, root: &str| {
        let lines = format!(
            "sshd.setting:passwordauthentication = {passwords}\nsshd.setting:permitrootlogin = {root}\nsshd.setting:pubkeyauthentication = yes"
        );
        verdict("statemesh/node-minimum", "statemesh.ssh", &lines)
    };
    assert_eq!(ssh("no", "prohibit-password"), Verdict::Met);
    assert_eq!(ssh("no", "without-password"), Verdict::Met);
    assert_eq!(ssh("yes", "no"), Verdict::Short);
    assert_eq!(ssh("no", "yes"), Verdict::Short);
}

// ---- rules of judging that no single source taught -------------------------------------------------------------------

#[test]
fn nothing_read_is_never_met_and_never_short() {
    for role in profiles::catalog().roles() {
        let needs = profiles::needs(&role).expect("a role");
        for finding in judge(&needs, &Facts::default(), TODAY) {
            let silent =
                matches!(finding.verdict, Verdict::CouldNotTell | Verdict::YouConfirm | Verdict::NotApplicable);
            assert!(silent, "{role}: {} is {:?}", finding.id, finding.verdict);
        }
        let findings = judge(&needs, &Facts::default(), TODAY);
        assert_eq!((checks::overall(&findings), checks::exit_code(&findings)), (Overall::Almost, 2), "{role}");
    }
}

#[test]
fn a_four_gb_server_shows_less_and_is_met() {
    let memory = |text: &str| find("dusk/provisioner", "dusk.provisioner.memory", &format!("memory.total = {text}"));
    let finding = memory("3.8 GB");
    assert_eq!((finding.verdict, finding.ratio), (Verdict::Met, Some(1.0)));
    assert_eq!(finding.sentence, "Memory: 3.8 GB. Needed: 4 GB.");
    let finding = memory("3.5 GB");
    assert_eq!((finding.verdict, finding.severity), (Verdict::Short, Severity::Recommended));
    let finding = memory("2 GB");
    assert_eq!((finding.verdict, finding.severity, finding.ratio), (Verdict::Short, Severity::Required, Some(0.5)));
}

#[test]
fn a_hidden_clock_is_unknown_and_a_base_clock_is_no_shortfall() {
    assert_eq!(verdict("reforms/medium-app", "reforms.medium.clock", "cpu.clock = !hidden"), Verdict::CouldNotTell);
    let turbo = find("reforms/medium-app", "reforms.medium.clock", "cpu.clock = 3.4 GHz\ncpu.base_clock = 2.4 GHz");
    assert_eq!(turbo.verdict, Verdict::Met);
    assert!(turbo.note.is_some_and(|note| note.contains("2.4 GHz")));
    assert_eq!(verdict("reforms/medium-app", "reforms.medium.clock", "cpu.clock = 3.1 GHz"), Verdict::Short);
}

#[test]
fn a_virtual_disks_kind_is_a_hint() {
    let disk = |kind: &str| {
        verdict(
            "reforms/small",
            "reforms.small.disk",
            &format!("disk.size:/var/lib = 60 GB\ndisk.kind:/var/lib = {kind}"),
        )
    };
    assert_eq!(disk("ssd"), Verdict::Met);
    assert_eq!(disk("hdd"), Verdict::Short);
    assert_eq!(disk("~hdd"), Verdict::CouldNotTell);
    assert_eq!(disk("~hdd\ndisk.iops:/var/lib = 4000"), Verdict::Met);
    assert_eq!(disk("~hdd\ndisk.iops:/var/lib = 120"), Verdict::CouldNotTell);
    assert_eq!(disk("hdd\ndisk.iops:/var/lib = 4000"), Verdict::Short);
}

#[test]
fn a_closed_port_is_missing_and_a_blocked_one_too() {
    let port = |lines: &str| verdict("dusk/provisioner", "dusk.port.kadcast", lines);
    assert_eq!(port("port.allowed:9000/udp = true"), Verdict::Met);
    assert_eq!(port("port.allowed:9000/udp = false"), Verdict::Missing);
    assert_eq!(port("port.allowed:9000/udp = true\nport.outside:9000/udp = blocked_before"), Verdict::Short);
    assert_eq!(port("port.allowed:9000/udp = true\nport.outside:9000/udp = nothing_listens"), Verdict::Met);
    assert_eq!(port("port.allowed:9000/udp = !admin\nport.outside:9000/udp = inconclusive"), Verdict::CouldNotTell);
    let tried = find(
        "dusk/provisioner",
        "dusk.port.kadcast",
        "port.allowed:9000/udp = true\nport.outside:9000/udp = inconclusive",
    );
    assert_eq!(tried.parts[1].verdict, Verdict::CouldNotTell, "silence proves nothing");
}

#[test]
fn what_is_not_installed_yet_does_not_apply() {
    let lines = "file.present:/opt/dusk/conf/rusk.toml = false";
    let finding = find("dusk/provisioner", "dusk.service", lines);
    assert_eq!((finding.verdict, finding.sentence.as_str()), (Verdict::NotApplicable, "Dusk is not installed yet."));
    assert_eq!(
        verdict("dusk/provisioner", "dusk.service", "file.present:/opt/dusk/conf/rusk.toml = !admin"),
        Verdict::CouldNotTell
    );
}

#[test]
fn an_older_program_names_what_the_distribution_offers() {
    let finding = find(
        "reforms/small",
        "reforms.postgresql",
        "software.version:postgresql = 14.15\nsoftware.candidate:postgresql = 14.15",
    );
    assert_eq!(finding.verdict, Verdict::Short);
    assert_eq!(finding.sentence, "PostgreSQL: 14.15. Needed: 15 or newer. Your distribution offers PostgreSQL 14.15.");
    let finding = find("reforms/small", "reforms.redis", "software.version:redis = -\nsoftware.version:valkey = 8.0.1");
    assert_eq!(finding.verdict, Verdict::Met);
    assert_eq!(finding.found.text, "8.0.1");
}

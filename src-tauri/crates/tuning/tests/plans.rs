//! Plans for the roles that come with Plumbline, on a recorded Debian 12; and what a careless tuner does, each by name.

#![expect(clippy::expect_used, reason = "a test's own words")]

use checks::Finding;
use facts::{Facts, Reading, Value};
use profiles::{PortRule, PortSource, PostgresValue, RoleChoice, Tuning, TuningKind};
use tuning::before::Before;
use tuning::run::{self, RunSpec};
use tuning::{Act, Asked, Proposal};

const DEBIAN_12: &str = include_str!("before/debian-12.txt");

fn before() -> Before {
    Before::read(DEBIAN_12.as_bytes(), "n")
}

/// A server of 8 GB as its maker left it.
fn facts() -> Facts {
    let mut facts = Facts::default();
    let mut learn = |key: &str, value: Value| facts.learn(key.parse().expect(key), Reading::reported(value), vec![]);
    for (key, value) in [
        ("net.core.rmem_max", "212992"),
        ("net.core.rmem_default", "212992"),
        ("net.core.wmem_max", "212992"),
        ("net.core.wmem_default", "212992"),
        ("net.core.netdev_max_backlog", "1000"),
        ("net.ipv4.tcp_rmem", "4096\t131072\t6291456"),
        ("net.ipv4.tcp_wmem", "4096\t16384\t4194304"),
        ("net.ipv4.udp_mem", "188319\t251093\t376638"),
        ("net.ipv4.udp_rmem_min", "4096"),
        ("net.ipv4.ip_forward", "0"),
        ("vm.overcommit_memory", "0"),
        ("vm.max_map_count", "65530"),
        ("kernel.keys.root_maxkeys", "1000000"),
    ] {
        learn(&format!("sysctl.now:{key}"), Value::Text(value.into()));
        learn(&format!("sysctl.boot:{key}"), Value::Text(value.replace('\t', " ")));
        learn(&format!("sysctl.writable:{key}"), Value::Flag(true));
    }
    learn("memory.total", Value::Bytes(8 << 30));
    learn("init.kind", Value::Text("systemd".into()));
    learn("limit.login_files_soft", Value::Count(1024));
    learn("limit.login_files_hard", Value::Count(1_048_576));
    learn("limit.service_files_soft", Value::Count(1024));
    learn("limit.service_files_hard", Value::Count(524_288));
    learn("updates.security", Value::Count(3));
    facts
}

fn short(change: &str) -> Finding {
    let figure = serde_json::json!({ "text": "", "value": null, "unit": "", "confidence": null });
    serde_json::from_value(serde_json::json!({
        "id": format!("need.{change}"), "catalog": [], "title": "", "area": "system", "severity": "required",
        "verdict": "short", "needed": figure, "found": figure, "sentence": "", "why": "",
        "source": { "document": "", "section": null, "line": null, "url": null, "verified": "2026-11-20" },
        "evidence": [], "change": change, "parts": [],
    }))
    .expect("a finding")
}

fn plan_of(tunings: &[Tuning], facts: &Facts, before: &Before) -> Proposal {
    let mut ids: Vec<&str> = tunings.iter().map(|tuning| tuning.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let findings: Vec<Finding> = ids.into_iter().map(short).collect();
    tuning::plan(&Asked { tunings, findings: &findings, facts, before, role: "a role" })
}

fn one(id: &str, kind: TuningKind) -> Tuning {
    Tuning {
        id: id.into(),
        title: "Title".into(),
        effect: String::new(),
        group: String::new(),
        advised_off: None,
        kind,
    }
}

fn sysctl(values: &[(&str, &str)]) -> Tuning {
    one("sysctl.test", TuningKind::Sysctl(values.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()))
}

fn spec() -> RunSpec {
    RunSpec::new("20261121-0730-a1b2".parse().expect("an id"), "a role", "2026-11-21T07:30:00Z", "4c1f")
}

#[test]
fn plans_of_the_roles_that_come_along() {
    for role in ["dusk/provisioner", "reforms/small?users=24", "statemesh/node-minimum"] {
        let choice: RoleChoice = role.parse().expect(role);
        let tunings = profiles::catalog().tunings(&choice).expect(role);
        let plan = plan_of(&tunings, &facts(), &before());
        insta::with_settings!({ description => role, omit_expression => true }, {
            insta::assert_json_snapshot!(role.replace(['/', '?', '='], "-"), plan.view());
        });
    }
}

#[test]
fn the_program_of_a_run() {
    let plan = plan_of(
        &[sysctl(&[("net.core.rmem_max", "50000000"), ("net.ipv4.tcp_rmem", "4096 87380 134217728")])],
        &facts(),
        &before(),
    );
    let script = run::launch(&plan, &before(), &spec(), "f00d");
    // what is particular to this run; what all runs share is tested as what it is
    let own: String = script
        .lines()
        .skip_while(|line| !line.contains("begin_upload '2026"))
        .take_while(|line| !line.starts_with("# How things stand"))
        .collect::<Vec<_>>()
        .join("\n");
    let rest: String = script.lines().skip_while(|line| !line.contains("/after/1")).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("program", own);
    // hashes of the whole program change with every word of it
    let is_hash = |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let rest: Vec<String> = rest
        .lines()
        .map(|line| {
            line.split('\'')
                .map(|word| if is_hash(word.trim_end_matches("  -")) { "HASH" } else { word })
                .collect::<Vec<_>>()
                .join("'")
        })
        .collect();
    insta::assert_snapshot!("upload", rest.join("\n"));
    for (name, request) in [
        ("keep", run::keep(&spec().id, "f00d")),
        ("put_back", run::put_back(&spec().id, "f00d")),
        ("extend", run::extend(&spec().id, 120, "f00d")),
        ("proof", run::proof(&spec().id, "f00d")),
        ("purge", run::purge(&spec().id, "f00d")),
    ] {
        let last: Vec<&str> = request.lines().rev().take(5).collect();
        insta::assert_snapshot!(name, last.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn a_server_that_has_it_all_gets_an_empty_plan() {
    let mut facts = facts();
    for key in ["sysctl.now:net.core.rmem_max", "sysctl.boot:net.core.rmem_max"] {
        facts.learn(key.parse().expect(key), Reading::reported(Value::Text("134217728".into())), vec![]);
    }
    let plan = plan_of(&[sysctl(&[("net.core.rmem_max", "50000000")])], &facts, &before());
    assert!(plan.changes.is_empty(), "{plan:#?}");
}

#[test]
fn a_value_that_a_reboot_would_lower_is_kept_in_the_file_alone() {
    let mut facts = facts();
    let key = "sysctl.now:net.core.rmem_max";
    facts.learn(key.parse().expect(key), Reading::reported(Value::Text("134217728".into())), vec![]);
    let plan = plan_of(&[sysctl(&[("net.core.rmem_max", "50000000")])], &facts, &before());
    assert!(plan.changes[0].words.runtime.is_empty());
    assert!(plan.changes[0].acts.iter().all(|act| act.target() == "/etc/sysctl.d/zz-plumbline.conf"));
    assert!(format!("{plan:?}").contains("net.core.rmem_max = 134217728"), "raised only: {plan:#?}");
}

#[test]
fn two_roles_on_one_server_get_the_larger_of_both() {
    let catalog = profiles::catalog();
    let mut tunings = catalog.tunings(&"dusk/provisioner".parse().expect("role")).expect("dusk");
    tunings.extend(catalog.tunings(&"reforms/small".parse().expect("role")).expect("reforms"));
    let plan = plan_of(&tunings, &facts(), &before());
    let text = format!("{:?}", plan.changes.iter().find(|change| change.id == "sysctl.buffers").expect("buffers").acts);
    assert!(
        text.contains("net.core.rmem_max = 134217728") && text.contains("net.core.rmem_default = 20000000"),
        "{text}"
    );
    let ids: Vec<_> = plan.changes.iter().map(|change| &change.id).collect();
    assert_eq!(ids.iter().filter(|id| **id == "firewall.close").count(), 1);
    let close = format!("{:?}", plan.changes.iter().find(|change| change.id == "firewall.close").expect("close").acts);
    assert!(close.contains("9000/udp") && close.contains("443/tcp") && close.contains("22/tcp"), "{close}");
}

#[test]
fn a_newer_version_from_its_makers_is_off_until_somebody_says_yes() {
    let tunings = profiles::catalog().tunings(&"reforms/small?users=24".parse().expect("role")).expect("tunings");
    let tunings: Vec<Tuning> = tunings.into_iter().filter(|tuning| tuning.id == "software.postgresql").collect();
    let offering = |version: &str| {
        let line = format!("n V software.software.postgresql {version}\n");
        let text = DEBIAN_12.replace("n V software.software.postgresql \n", &line);
        assert!(text.contains(&line), "the recording has no such line");
        plan_of(&tunings, &facts(), &Before::read(text.as_bytes(), "n"))
    };
    let old = offering("13+225");
    let view = old.changes[0].view();
    assert!(old.safe().changes.is_empty() && view.risk == tuning::Risk::High, "{old:#?}");
    let why = view.advised_off.expect("off, with a reason");
    assert!(why.contains("apt.postgresql.org") && why.contains("B97B 0AFC AA1A 47F0"), "{why}");
    let list = format!("{:?}", old.changes[0].acts);
    assert!(list.contains("Suites: bookworm-pgdg") && list.contains("Signed-By: /etc/apt/keyrings/"), "{list}");
    // what the distribution has is new enough, or nobody knows what it has
    for version in ["15+248", ""] {
        assert!(!format!("{:?}", offering(version)).contains("pgdg"), "{version}");
    }
}

/// What Reforms asks of the kernel's buffers, judged by these facts, and the change that is offered for it.
fn buffers_for(facts: &Facts) -> Proposal {
    let choice: RoleChoice = "reforms/small?users=24".parse().expect("role");
    let needs = profiles::needs(&choice).expect("needs");
    let findings: Vec<Finding> = checks::judge(&needs, facts, "2026-11-21")
        .into_iter()
        .filter(|finding| finding.change.as_deref() == Some("sysctl.buffers"))
        .collect();
    let tunings = profiles::catalog().tunings(&choice).expect("tunings");
    tuning::plan(&Asked { tunings: &tunings, findings: &findings, facts, before: &before(), role: "a role" })
}

#[test]
fn a_change_settles_every_need_whose_values_it_can_set() {
    let plan = buffers_for(&facts());
    assert_eq!(plan.changes[0].settles, ["reforms.buffers", "reforms.tcp-buffers"]);
    assert!(plan.left.is_empty(), "{plan:#?}");
}

#[test]
fn a_change_does_not_settle_a_need_whose_values_belong_to_the_host_of_a_container() {
    let mut facts = facts();
    for key in ["net.core.rmem_max", "net.core.wmem_max"] {
        let writable = format!("sysctl.writable:{key}").parse().expect("key");
        facts.learn(writable, Reading::reported(Value::Flag(false)), vec![]);
    }
    let plan = buffers_for(&facts);
    assert_eq!(plan.changes[0].settles, ["reforms.tcp-buffers"]);
    let left: Vec<&str> = plan.left.iter().map(|(need, _)| need.as_str()).collect();
    assert_eq!(left, ["reforms.buffers"]);
    assert!(plan.left.iter().all(|(_, why)| why.contains("belongs to the host of this container")), "{plan:#?}");
}

// ---- what a careless tuner does ------------------------------------------------------------------------------------

#[test]
fn never_tcp_mem_in_bytes() {
    for key in ["net.ipv4.tcp_mem", "net.ipv4.udp_mem"] {
        let mut facts = facts();
        let now = format!("sysctl.now:{key}");
        facts.learn(now.parse().expect("key"), Reading::reported(Value::Text("188319 251093 376638".into())), vec![]);
        let plan = plan_of(&[sysctl(&[(key, "134217728 134217728 134217728")])], &facts, &before());
        assert!(plan.changes.is_empty() && plan.left[0].1.contains("pages of memory"), "{plan:#?}");
    }
}

#[test]
fn never_overcommit_memory_2() {
    let plan = plan_of(&[sysctl(&[("vm.overcommit_memory", "2")])], &facts(), &before());
    assert!(plan.changes.is_empty(), "{plan:#?}");
}

#[test]
fn never_forwarding_off() {
    let mut facts = facts();
    facts.learn(
        "sysctl.now:net.ipv4.ip_forward".parse().expect("key"),
        Reading::reported(Value::Text("1".into())),
        vec![],
    );
    let plan = plan_of(&[sysctl(&[("net.ipv4.ip_forward", "0")])], &facts, &before());
    assert!(plan.changes.is_empty(), "{plan:#?}");
}

#[test]
fn never_a_middle_value_lowered() {
    let plan = plan_of(&[sysctl(&[("net.ipv4.tcp_rmem", "4096 87380 134217728")])], &facts(), &before());
    assert_eq!(plan.changes[0].words.runtime[0].after, "4096 131072 134217728");
}

#[test]
fn never_what_the_kernel_lacks_or_the_host_keeps() {
    let mut facts = facts();
    facts.learn("sysctl.now:net.odd".parse().expect("key"), Reading::reported(Value::Absent), vec![]);
    facts.learn(
        "sysctl.writable:net.core.rmem_max".parse().expect("key"),
        Reading::reported(Value::Flag(false)),
        vec![],
    );
    let plan = plan_of(&[sysctl(&[("net.odd", "1"), ("net.core.rmem_max", "50000000")])], &facts, &before());
    assert!(plan.changes.is_empty());
    assert!(
        plan.left[0].1.contains("has no net.odd") && plan.left[0].1.contains("host of this container"),
        "{:?}",
        plan.left
    );
}

#[test]
fn never_unlimited_and_never_above_the_kernels_own_limit() {
    let files = |files| one("limits.test", TuningKind::FileLimit { files, units: vec![] });
    let plan = plan_of(&[files(2_000_000)], &facts(), &before());
    assert!(plan.changes.is_empty() && plan.left[0].1.contains("lock people out"), "{plan:#?}");
    let text = format!("{:?}", plan_of(&[files(65536)], &facts(), &before()));
    assert!(!text.contains("unlimited"));
    // the hard limit is above already and stays there
    assert!(!text.contains("hard nofile") && text.contains("DefaultLimitNOFILE=65536:524288"), "{text}");
}

#[test]
fn never_a_limit_lowered() {
    let mut facts = facts();
    for (key, count) in [("limit.login_files_soft", 131_072), ("limit.service_files_soft", 131_072)] {
        facts.learn(key.parse().expect(key), Reading::reported(Value::Count(count)), vec![]);
    }
    let plan = plan_of(&[one("limits.test", TuningKind::FileLimit { files: 65536, units: vec![] })], &facts, &before());
    assert!(plan.changes.is_empty(), "{plan:#?}");
}

#[test]
fn t_01_never_a_firewall_without_the_port_that_ssh_uses() {
    let moved = DEBIAN_12.replace("n V fw.ssh 22 ", "n V fw.ssh 22 2222 ");
    let close = one("firewall.close", TuningKind::CloseOtherPorts { ports: vec![] });
    let plan = plan_of(std::slice::from_ref(&close), &facts(), &Before::read(moved.as_bytes(), "n"));
    let Act::Ufw { ports, .. } = &plan.changes[0].acts[0] else { panic!("{plan:#?}") };
    assert_eq!(ports, &["22/tcp", "2222/tcp"], "every port that ssh comes in by, first");
    let unknown = DEBIAN_12.replace("n V fw.ssh 22 ", "n V fw.ssh ");
    let plan = plan_of(&[close], &facts(), &Before::read(unknown.as_bytes(), "n"));
    assert!(plan.changes.is_empty() && plan.left[0].1.contains("closes nothing"), "{plan:#?}");
}

#[test]
fn never_a_port_for_everybody_that_is_for_peers() {
    let rule = PortRule { port: "8472/udp".into(), title: "VXLAN".into(), from: PortSource::Peers };
    let ufw = DEBIAN_12.replace("n V fw.manager none", "n V fw.manager ufw");
    let plan =
        plan_of(&[one("firewall.peers", TuningKind::Ports(vec![rule]))], &facts(), &Before::read(ufw.as_bytes(), "n"));
    assert!(plan.changes.is_empty() && plan.left[0].1.contains("8472/udp"), "{plan:#?}");
}

#[test]
fn never_a_quarter_of_memory_as_words() {
    let running = format!(
        "{DEBIAN_12}n V pg.clusters 1\nn V pg.port 5432\nn V pg.unit postgresql@15-main.service\nn V pg.drop_ins /etc/postgresql/15/main/conf.d\n\
         n V pg.now.shared_buffers 134217728 postmaster\nn V pg.now.work_mem 4194304 user\nn V pg.now.max_connections 100 postmaster\n"
    );
    let memory = one(
        "postgres.memory",
        TuningKind::Postgres(vec![
            ("shared_buffers".into(), PostgresValue::ShareOfMemory(25)),
            ("work_mem".into(), PostgresValue::SafeWorkMem),
        ]),
    );
    let connections = one(
        "postgres.connections",
        TuningKind::Postgres(vec![("max_connections".into(), PostgresValue::Text("200".into()))]),
    );
    let plan = plan_of(&[memory.clone(), connections], &facts(), &Before::read(running.as_bytes(), "n"));
    let text = format!("{plan:?}");
    assert!(text.contains("shared_buffers = '2047MB'") && !text.contains('%'), "{text}");
    // 256 MB for each of 200 connections is 50 GB: what is written fits into 8
    assert!(text.contains("work_mem = '8MB'"), "{text}");
    let patroni = format!("{running}n V pg.patroni yes\n");
    let plan = plan_of(&[memory], &facts(), &Before::read(patroni.as_bytes(), "n"));
    assert!(plan.changes.is_empty(), "Patroni's business");
}

#[test]
fn never_a_swap_file_in_a_container() {
    let mut facts = facts();
    facts.learn("virt.container".parse().expect("key"), Reading::reported(Value::Flag(true)), vec![]);
    let ext4 = DEBIAN_12.replace("n V swap.root overlayfs", "n V swap.root ext2/ext3");
    for kind in [TuningKind::SwapFile { bytes: 1 << 30 }, TuningKind::SwapOff] {
        let plan = plan_of(&[one("swap.test", kind)], &facts, &Before::read(ext4.as_bytes(), "n"));
        assert!(plan.changes.is_empty(), "{plan:#?}");
    }
}

#[test]
fn never_a_doubled_line_of_fstab() {
    let ext4 = format!(
        "{}\nn F /etc/fstab\nn P file x 644 0 0 -\nn B # mine\nn B /dev/vda / ext4 defaults 0 1\nn V swap.free_mib 90000\nn V swap.root ext2/ext3\n",
        DEBIAN_12
    );
    let swap = one("swap.file", TuningKind::SwapFile { bytes: 1 << 30 });
    let plan = plan_of(std::slice::from_ref(&swap), &facts(), &Before::read(ext4.as_bytes(), "n"));
    assert_eq!(plan.changes[0].acts.len(), 2);
    let done =
        format!("{ext4}n F /etc/fstab\nn B # [swap.file]\nn B /plumbline.swap none swap sw 0 0\nn B # [/swap.file]\n");
    let plan = plan_of(&[swap], &facts(), &Before::read(done.as_bytes(), "n"));
    assert_eq!(plan.changes[0].acts.len(), 1, "the line is there: {plan:#?}");
}

/// Five programs wanted, of which the distribution's lists name some.
fn tools(missing: &str, unknown: &str) -> Proposal {
    let names = ["unzip", "net-tools", "ipcalc", "jq", "logrotate"];
    let choices = names.map(|name| profiles::PackageChoice {
        program: name.into(),
        packages: [("apt".to_owned(), name.to_owned())].into(),
    });
    let looked = format!(
        "n V package_tool apt\nn V packages.packages.t.missing {missing}\nn V packages.packages.t.unknown {unknown}\n"
    );
    let before = Before::read(looked.as_bytes(), "n");
    plan_of(&[one("packages.t", TuningKind::Packages(choices.to_vec()))], &facts(), &before)
}

#[test]
fn a_change_that_installs_only_some_of_what_is_needed_does_not_count_as_settling_the_need() {
    let some = tools("jq", "unzip net-tools ipcalc logrotate");
    assert!(some.changes[0].settles.is_empty(), "{some:#?}");
    let (finding, open) = &some.left[0];
    assert_eq!(finding, "need.packages.t");
    for words in ["does not offer unzip, net-tools, ipcalc, logrotate", "sudo apt-get update", "check again"] {
        assert!(open.contains(words), "{open}");
    }
    let view = some.changes[0].view();
    assert!(view.consequence.contains("the need stays open") && view.consequence.contains("unzip"), "{view:#?}");

    let all = tools("unzip net-tools ipcalc jq logrotate", "");
    assert_eq!(all.changes[0].settles, ["need.packages.t"]);
    assert!(all.left.is_empty() && all.changes[0].words.consequence.is_empty(), "{all:#?}");

    // and once those that there are have been installed, the same words stay
    let none = tools("", "unzip net-tools ipcalc logrotate");
    assert!(none.changes.is_empty() && none.left == some.left, "{none:#?}");
}

#[test]
fn a_program_that_a_family_does_not_package_leaves_the_need_open_as_well() {
    let choice = |program: &str, tool: &str| profiles::PackageChoice {
        program: program.into(),
        packages: [(tool.to_owned(), program.to_owned())].into(),
    };
    let tunings = [one("packages.t", TuningKind::Packages(vec![choice("jq", "apt"), choice("odd", "zypper")]))];
    let looked = "n V package_tool apt\nn V packages.packages.t.missing jq\nn V packages.packages.t.unknown \n";
    let plan = plan_of(&tunings, &facts(), &Before::read(looked.as_bytes(), "n"));
    assert!(plan.changes[0].settles.is_empty() && plan.left[0].1.contains("does not package odd"), "{plan:#?}");
}

/// Every shell text that can reach a server.
fn all_shell() -> Vec<(&'static str, &'static str)> {
    vec![
        ("picture", include_str!("../src/runner/picture.sh")),
        ("look", include_str!("../src/runner/look.sh")),
        ("follow", include_str!("../src/runner/follow.sh")),
        ("runner", include_str!("../src/runner/runner.sh")),
        ("ssh_ports", include_str!("../src/runner/ssh_ports.sh")),
        ("ports", include_str!("../src/runner/ports.sh")),
        ("ssh_port", include_str!("../src/runner/kinds/ssh_port.sh")),
        ("accounts", include_str!("../src/runner/kinds/accounts.sh")),
        ("apt_setting", include_str!("../src/runner/kinds/apt_setting.sh")),
        ("block", include_str!("../src/runner/kinds/block.sh")),
        ("file", include_str!("../src/runner/kinds/file.sh")),
        ("files", include_str!("../src/runner/kinds/files.sh")),
        ("firewall", include_str!("../src/runner/kinds/firewall.sh")),
        ("jail", include_str!("../src/runner/kinds/jail.sh")),
        ("kernel", include_str!("../src/runner/kinds/kernel.sh")),
        ("limits", include_str!("../src/runner/kinds/limits.sh")),
        ("modules", include_str!("../src/runner/kinds/modules.sh")),
        ("packages", include_str!("../src/runner/kinds/packages.sh")),
        ("postgres", include_str!("../src/runner/kinds/postgres.sh")),
        ("prometheus", include_str!("../src/runner/kinds/prometheus.sh")),
        ("sshd", include_str!("../src/runner/kinds/sshd.sh")),
        ("swap", include_str!("../src/runner/kinds/swap.sh")),
        ("units", include_str!("../src/runner/kinds/units.sh")),
    ]
}

/// The lines that do something: comments may name what we never do.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.starts_with('#'))
}

#[test]
fn never_a_word_that_cannot_be_taken_back() {
    let words = [
        "flush ruleset",
        "systemctl reboot",
        "shutdown -",
        "poweroff",
        "ssh-keygen",
        "systemctl mask",
        "unlimited >",
        "autoremove",
        "--force-yes",
        "chown -R",
        "chmod -R",
        "resolv.conf",
        "killall",
        "pkill",
        "fallocate",
        "setenforce",
        ".bak",
        "systemctl restart ssh",
        "eval ",
    ];
    for (name, text) in all_shell() {
        for line in commands(text) {
            for word in words {
                assert!(!line.contains(word), "{name}: {line}");
            }
        }
    }
    let firewall = include_str!("../src/runner/kinds/firewall.sh");
    for tool in ["remove", "purge", "disable firewalld", "stop firewalld"] {
        assert!(
            !commands(firewall).any(|line| line.contains(tool) && line.contains("firewalld ")),
            "another firewall is never purged"
        );
    }
}

#[test]
fn t_02_never_a_line_appended_to_a_file_of_the_server() {
    for (name, text) in all_shell() {
        for line in commands(text) {
            for (_, target) in line.match_indices(">>").map(|(at, mark)| (at, line[at + mark.len()..].trim_start())) {
                let own =
                    ["\"$RUN/", "\"$run/", "'$run/", "\"$BASE/runs/"].iter().any(|start| target.starts_with(start));
                assert!(own, "{name}: {line}");
            }
        }
    }
}

#[test]
fn never_sshd_told_before_it_has_accepted_its_files() {
    let text = include_str!("../src/runner/kinds/sshd.sh");
    let doing = text.find("  do)").expect("do");
    let test = text[doing..].find("\" -t").expect("-t");
    let tell = text[doing..].find("sshd_tell &&").expect("tell");
    assert!(test < tell);
    assert!(!text.contains("systemctl restart") && !text.contains("systemctl stop"));
    // a port likewise; what is restarted is the socket that listens, and only where one does
    let text = include_str!("../src/runner/kinds/ssh_port.sh");
    let doing = text.find("  do)").expect("do");
    let test = text[doing..].find("\" -t").expect("-t");
    let tell = text[doing..].find("ssh_answers_again").expect("tell");
    assert!(test < tell);
    let by_sshd = text.find("if [ \"$1\" = sshd ]").expect("told");
    assert!(text.find("systemctl restart").is_some_and(|restart| by_sshd < restart));
}

#[test]
fn never_a_secret_or_a_temporary_folder_in_what_goes_up() {
    for (name, text) in all_shell() {
        assert!(!commands(text).any(|line| line.contains("/tmp/")), "{name} uses /tmp");
    }
}

#[test]
fn every_script_is_one_that_the_shells_can_read() {
    let catalog = profiles::catalog();
    let mut all = Vec::new();
    for role in catalog.roles() {
        all.extend(catalog.tunings(&role).expect("tunings"));
    }
    let plan = plan_of(&all, &facts(), &before());
    assert!(plan.changes.len() >= 8, "{:?}", plan.left);
    let scripts = [
        run::launch(&plan, &before(), &spec(), "f00d"),
        tuning::before::script(&all, "f00d"),
        run::runs("f00d"),
        run::resume(&spec().id, "f00d"),
        run::follow(&spec().id, "f00d"),
    ];
    for script in scripts {
        for shell in [&["dash", "-n"][..], &["bash", "-n"], &["busybox", "sh", "-n"]] {
            let child =
                std::process::Command::new(shell[0]).args(&shell[1..]).stdin(std::process::Stdio::piped()).spawn();
            let Ok(mut child) = child else { continue };
            std::io::Write::write_all(&mut child.stdin.take().expect("stdin"), script.as_bytes()).expect("written");
            assert!(child.wait().expect("a shell").success(), "{shell:?}");
        }
    }
}

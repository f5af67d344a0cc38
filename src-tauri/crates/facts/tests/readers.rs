//! Whatever a server prints, reading it ends, and never in a panic.

#![expect(clippy::expect_used, reason = "a test may stop")]

use facts::frame::{Section, sections};
use facts::probe::{Asks, script};
use facts::{Context, Key, Reading, read};
use proptest::prelude::*;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Every section there is, and keys that need each reader.
const KEYS: &str = "disk.size:/opt disk.inodes_free:/ disk.kind:/ disk.options:/ disk.encrypted:/ sysctl.now:net.core.rmem_max \
    sysctl.boot:net.ipv4.tcp_rmem sysctl.file:vm.swappiness sysctl.writable:vm.swappiness module.loaded:overlay \
    module.available:wireguard module.at_boot:overlay kernel.config:VXLAN limit.unit_files:ssh port.listeners:22/tcp \
    port.allowed:9000/udp port.allowed:49152-65535/udp package.installed:curl package.candidate:curl software.version:nginx \
    software.running:openssh software.candidate:nginx command.present:sh service.state:ssh service.enabled:postgresql \
    service.restarts:rusk postgres.setting:shared_buffers file.mode:/etc/passwd file.present:/x file.names:/etc/os-release \
    user.present:root user.sudo:root sshd.setting:port sshd.origin:port certificate.days:443/tcp certificate.names:443/tcp \
    turn.setting:min-port net.route:10.42.0.0/16";

/// What this machine answers, as a seed to spoil.
fn seed() -> &'static Vec<Section> {
    static SEED: OnceLock<Vec<Section>> = OnceLock::new();
    SEED.get_or_init(|| {
        let keys: Vec<Key> = KEYS.split_whitespace().map(|key| key.parse().expect(key)).collect();
        let script = script(&Asks::of(&keys), "0123456789abcdef");
        let shell = Command::new("sh").arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut shell = shell.expect("a shell");
        shell.stdin.take().expect("its input").write_all(script.as_bytes()).expect("takes the script");
        let mut seed = sections(&shell.wait_with_output().expect("ends").stdout);
        // Sections that this machine has no tool for, in a form that their readers know.
        for (name, text) in [
            ("firewall.nft", "table inet f {\n chain i {\n  type filter hook input priority 0; policy drop;\n  tcp dport { 22, 80 } accept\n  ct state vmap { new : jump x }\n }\n chain x {\n  ip saddr 10.0.0.0/8 accept\n }\n}\n"),
            ("firewall.save4", "*filter\n:INPUT DROP [0:0]\n:x - [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m multiport --dports 22,80:90 -j x\n-A x -m comment --comment \"a b\" -j RETURN\nCOMMIT\n"),
            ("firewall.save6", "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"),
            ("service.show", "Id=ssh.service\nLoadState=loaded\nActiveState=active\nSubState=running\nMainPID=7\n\nId=postgresql@15-main.service\nLoadState=loaded\nActiveState=failed\n"),
            ("service.list", "ssh.service loaded active running OpenBSD Secure Shell server\n"),
            ("service.limits", "/proc/7/limits:Max open files            1024                 524288               files\n"),
            ("package.rpm", "curl 0:7.76.1-26.el9\npackage jq is not installed\n"),
            ("package.apk", "P:curl\nV:8.5.0-r0\n"),
            ("offer.dnf", "curl 0:7.76.1-26.el9\n"),
            ("offer.zypper", "Information for package curl:\n-----\nVersion        : 8.0.1\n"),
            ("offer.yum", "curl.x86_64 1:8 base\n"),
            ("offer.apk", "curl policy:\n  8.5.0-r0:\n    lib\n"),
            ("update.dnf", "openssl.x86_64 1:3 baseos\n"),
            ("update.dnfsec", "RHSA-1 Important/Sec. openssl-3\n"),
            ("time.chrony", "Leap status     : Normal\n"),
            ("container.docker", "web\tnginx:1.22\t0.0.0.0:80->80/tcp, :::80->80/tcp\n"),
            ("certificate.443", "notAfter=Nov 21 07:00:00 2027 GMT\n  DNS:a.example, IP Address:10.0.0.1\n"),
            ("postgres.settings", "shared_buffers 16384 8kB f\n# 1\n"),
            ("turn.settings", "file=/etc/turnserver.conf\nmin-port=49152\n"),
            ("port.kernel", "/proc/net/tcp:   0: 0100007F:0016 00000000:0000 0A 0\n"),
            ("address.kernel", "/proc/net/fib_trie:  |-- 10.0.0.1\n/proc/net/fib_trie:  /32 host LOCAL\n"),
            ("setting.alerts", "/etc/prometheus/r.yml:3:  - alert: X\n/etc/prometheus/r.yml:4:    expr: up == 0\n"),
            ("audit.rules", "-w /etc/passwd -p wa\n"),
        ] {
            seed.retain(|section| section.name != name);
            seed.push(Section { name: name.to_owned(), exit: 0, bytes: text.into(), shortened: false });
        }
        seed
    })
}

#[test]
fn the_seed_itself_can_be_read() {
    let facts = read(seed(), &Context::default());
    let known = facts.iter().filter(|(_, fact)| matches!(fact.reading, Reading::Known { .. })).count();
    assert!(known > 60, "{known} facts are known");
}

#[test]
fn whatever_part_has_come_in_no_fact_is_read_that_the_whole_denies_as_unread() {
    // Sections come in any order; a fact may wait, and it may not be guessed and taken back.
    let all = seed();
    let whole = read(all, &Context::default());
    let without_end: Vec<_> = all.iter().filter(|section| section.name != "end").cloned().collect();
    for count in 0..without_end.len() {
        let part = read(&without_end[..count], &Context::default());
        for (key, fact) in part.iter() {
            if matches!(fact.reading, Reading::Known { .. }) {
                assert!(
                    matches!(whole.reading(key), Reading::Known { .. }),
                    "{key} was known after {count} sections and then not"
                );
            }
        }
    }
}

/// A section of the seed with some of its text spoilt.
fn spoilt() -> impl Strategy<Value = Vec<Section>> {
    let edit = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0usize..4,
        prop::collection::vec(any::<u8>(), 0..12),
        any::<prop::sample::Index>(),
    );
    prop::collection::vec(edit, 1..12).prop_map(|edits| {
        let mut sections = seed().clone();
        for (which, at, how, bytes, other) in edits {
            let donor = sections[other.index(sections.len())].bytes.clone();
            let count = sections.len();
            let section = &mut sections[which.index(count)];
            let at = at.index(section.bytes.len() + 1);
            match how {
                0 => section.bytes.truncate(at),
                1 => {
                    section.bytes.splice(at..at, bytes);
                }
                2 => {
                    let end = (at + bytes.len()).min(section.bytes.len());
                    section.bytes.splice(at..end, bytes);
                }
                // The answer to another question altogether.
                _ => section.bytes = donor,
            }
            section.exit = if how == 3 { 1 } else { section.exit };
        }
        sections
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_spoilt_answer_is_read_without_a_panic(sections in spoilt()) {
        let facts = read(&sections, &Context { dialled: "203.0.113.9".parse().ok(), clock: None });
        // Evidence never carries what could move a terminal's cursor.
        for (key, _) in facts.iter() {
            for evidence in facts.evidence(key) {
                prop_assert!(evidence.output.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
                prop_assert!(evidence.output.len() < 5000);
            }
        }
    }

    #[test]
    fn lines_of_any_kind_are_read_without_a_panic(which in any::<prop::sample::Index>(), text in "([ -~]{0,30}[:= /,{}\"-]{0,3}[0-9]{0,22}\n){0,12}") {
        let mut sections = seed().clone();
        let count = sections.len();
        sections[which.index(count)].bytes = text.into_bytes();
        let _ = read(&sections, &Context::default());
    }
}

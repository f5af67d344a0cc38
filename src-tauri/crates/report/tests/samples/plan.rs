//! Plans to try exports on: one of every act that there is, and one whose words mean harm.

use super::HOSTILE;
use profiles::AlertRule;
use tuning::{Act, Again, ChangeView, Kind, Prepared, PreparedAct, PreparedChange, Risk};

pub(crate) fn change(id: &str, kind: Kind, acts: Vec<Act>) -> PreparedChange {
    PreparedChange {
        view: ChangeView {
            id: id.into(),
            group: "System limits".into(),
            title: format!("Settle {id}"),
            effect: "What it is good for.".into(),
            risk: Risk::Low,
            consequence: String::new(),
            settles: vec![format!("reforms.{id}")],
            advised_off: None,
            files: vec![],
            runtime: vec![],
            undo: "Takes it back.".into(),
            seconds: 2,
        },
        kind,
        wants: vec![],
        acts: acts.into_iter().map(|act| PreparedAct { act, was: None }).collect(),
    }
}

fn file(path: &str, text: &str) -> Act {
    Act::File { path: path.into(), mode: "644".into(), text: text.into() }
}

fn block(path: &str, name: &str, text: &str) -> Act {
    Act::Block { path: path.into(), mode: "644".into(), name: name.into(), text: text.into() }
}

fn unit(unit: &str, on: bool) -> Act {
    Act::Unit { unit: unit.into(), enabled: Some(on), running: Some(on) }
}

fn again(unit: &str, how: Again) -> Act {
    Act::Again { unit: unit.into(), how }
}

/// One change of every kind, with every act.
pub(crate) fn every_act() -> Prepared {
    let kernel =
        |key: &str, value: &str, now: &str| Act::KernelValue { key: key.into(), value: value.into(), now: now.into() };
    let ports = || vec!["22/tcp".to_owned(), "9000/udp".to_owned(), "49152-65535/udp".to_owned()];
    let mut changes = vec![
        change(
            "packages",
            Kind::Packages,
            vec![
                Act::PackageSource {
                    path: "/etc/apt/sources.list.d/plumbline-postgresql.sources".into(),
                    url: "https://apt.postgresql.org/pub/repos/apt".into(),
                    package: "jq".into(),
                    at_least: "1.6".into(),
                },
                Act::Packages { tool: "apt".into(), names: vec!["jq".into(), "curl".into()] },
            ],
        ),
        change("packages.rpm", Kind::Packages, vec![Act::Packages { tool: "dnf".into(), names: vec!["jq".into()] }]),
        change(
            "user",
            Kind::User,
            vec![
                Act::SystemUser { user: "dusk".into(), group: "dusk".into() },
                Act::Mode { path: "/opt/dusk".into(), mode: "750".into(), owner: Some(("dusk".into(), "dusk".into())) },
            ],
        ),
        change(
            "sysctl.buffers",
            Kind::Sysctl,
            vec![
                Act::KernelModule { name: "tcp_bbr".into() },
                file("/etc/modules-load.d/zz-plumbline.conf", "tcp_bbr\n"),
                block(
                    "/etc/sysctl.d/zz-plumbline.conf",
                    "sysctl.buffers",
                    "# More room\nnet.core.rmem_max = 134217728\nnet.ipv4.tcp_rmem = 4096 131072 134217728\n",
                ),
                kernel("net.core.rmem_max", "134217728", "212992"),
            ],
        ),
        change(
            "limits.files",
            Kind::Limits,
            vec![
                block("/etc/security/limits.d/zz-plumbline.conf", "limits.files", "* soft nofile 65536\n"),
                Act::LoginLimit { hard: false, files: 65536 },
                block(
                    "/etc/systemd/system.conf.d/zz-plumbline.conf",
                    "limits.files",
                    "[Manager]\nDefaultLimitNOFILE=65536:524288\n",
                ),
                Act::ManagerValue { name: "DefaultLimitNOFILESoft".into(), value: "65536".into() },
                file(
                    "/etc/systemd/system/nginx.service.d/zz-plumbline-files.conf",
                    "[Service]\nLimitNOFILE=65536:524288\n",
                ),
                Act::UnitFiles { unit: "nginx.service".into(), files: 65536 },
            ],
        ),
        change("environment", Kind::Environment, vec![block("/opt/dusk/.env", "environment", "A=1\n")]),
        change(
            "swap",
            Kind::Swap,
            vec![
                Act::SwapFile { path: "/plumbline.swap".into(), mib: 2048 },
                block("/etc/fstab", "swap", "/plumbline.swap none swap sw 0 0\n"),
            ],
        ),
        change("swap.off", Kind::Swap, vec![Act::FstabWithoutSwap, Act::SwapOff]),
        change("time", Kind::Time, vec![unit("ntp.service", false), unit("chrony.service", true)]),
        change(
            "journal",
            Kind::Logs,
            vec![
                file("/etc/systemd/journald.conf.d/zz-plumbline.conf", "[Journal]\nStorage=persistent\n"),
                Act::JournalStore,
            ],
        ),
        change(
            "logrotate",
            Kind::Logs,
            vec![
                file("/etc/logrotate.d/plumbline-dusk", "/var/log/dusk.log {\n    daily\n}\n"),
                Act::LogrotateReads { path: "/etc/logrotate.d/plumbline-dusk".into() },
            ],
        ),
        change(
            "monitoring.agent",
            Kind::Monitoring,
            vec![
                file("/etc/systemd/system/prometheus-node-exporter.service.d/zz-plumbline.conf", "[Service]\n"),
                again("systemd", Again::Daemon),
                again("prometheus-node-exporter.service", Again::Restart),
                Act::ListensOnly { address: "127.0.0.1".into(), port: 9100 },
            ],
        ),
        change(
            "alerts.rules",
            Kind::Monitoring,
            vec![
                file("/etc/prometheus/rules/plumbline.rules.yml", "groups:\n  - name: \"{{ $labels.instance }}\"\n"),
                Act::RulesRead { path: "/etc/prometheus/rules/plumbline.rules.yml".into() },
                again("prometheus.service", Again::Reload),
            ],
        ),
        change(
            "updates",
            Kind::Updates,
            vec![
                file("/etc/apt/apt.conf.d/99plumbline-updates", "APT::Periodic::Enable \"1\";\n"),
                Act::AptSetting { name: "APT::Periodic::Unattended-Upgrade".into(), value: "1".into() },
            ],
        ),
        change(
            "postgres",
            Kind::Postgres,
            vec![
                file("/etc/postgresql/15/main/conf.d/zz-plumbline.conf", "max_connections = 200\n"),
                Act::Postgres {
                    port: "5432".into(),
                    unit: "postgresql@15-main.service".into(),
                    restart: true,
                    settings: vec![("max_connections".into(), "200".into())],
                },
            ],
        ),
        change("ports.ufw", Kind::Ports, vec![Act::Ufw { ports: ports(), close: false }]),
        change(
            "ports.firewalld",
            Kind::Ports,
            vec![Act::FirewalldPort { zone: "public".into(), port: "9000/udp".into() }],
        ),
        change(
            "ports.script",
            Kind::Ports,
            vec![
                file("/etc/plumbline/ports.sh", "#!/bin/sh\n"),
                Act::PortScript { path: "/etc/plumbline/ports.sh".into() },
            ],
        ),
        change("firewall.ufw", Kind::Firewall, vec![Act::Ufw { ports: ports(), close: true }]),
        change(
            "firewall.table",
            Kind::Firewall,
            vec![
                file("/etc/plumbline/firewall.nft", "table inet plumbline {\n}\n"),
                Act::NftTable { name: "plumbline".into(), path: "/etc/plumbline/firewall.nft".into(), ports: ports() },
            ],
        ),
        change(
            "ssh.keys",
            Kind::Sshd,
            vec![
                file("/etc/ssh/sshd_config.d/00-plumbline.conf", "PasswordAuthentication no\n"),
                Act::Sshd {
                    settings: vec![("passwordauthentication".into(), "no".into())],
                    person: "deploy".into(),
                    address: "203.0.113.9".into(),
                },
            ],
        ),
        change(
            "ssh.port",
            Kind::Sshd,
            vec![
                Act::SshPortLabel { port: 2222 },
                file("/etc/ssh/sshd_config.d/01-plumbline-port.conf", "Port 22\nPort 2222\n"),
                Act::SshAnswersOn { on: vec![22, 2222], new: vec![2222], socket: None },
            ],
        ),
        change(
            "ssh.socket",
            Kind::Sshd,
            vec![
                file("/etc/systemd/system/ssh.socket.d/plumbline.conf", "[Socket]\nListenStream=\nListenStream=2222\n"),
                Act::SshAnswersOn { on: vec![2222], new: vec![], socket: Some("ssh.socket".into()) },
            ],
        ),
        change("guard", Kind::Service, vec![Act::Jail { name: "sshd".into(), address: "203.0.113.9".into() }]),
        change("updates.install", Kind::SecurityUpdates, vec![Act::SecurityUpdates { tool: "apt".into() }]),
    ];
    changes[3].acts[2].was = Some("absent".into());
    changes[7].view.risk = Risk::High;
    changes[14].view.advised_off = Some("A person should look first.".into());
    Prepared { changes }
}

/// A plan whose every word tries to be something else than a word.
pub(crate) fn hostile() -> Prepared {
    let changes = HOSTILE.iter().chain(&[
        "{{ lookup('pipe', 'touch /tmp/owned') }}",
        "LIST",
        "' ; touch /tmp/owned ; '",
        "a: b # c",
        "- x",
    ]);
    let change = |(number, words): (usize, &&str)| {
        let mut change = change(
            &format!("hostile.{number}"),
            Kind::Environment,
            vec![
                Act::File {
                    path: format!("/etc/plumbline/{words}"),
                    mode: "644".into(),
                    text: format!("{words}\n{words}\n"),
                },
                Act::KernelValue { key: (*words).into(), value: (*words).into(), now: (*words).into() },
                Act::Packages { tool: "apt".into(), names: vec![(*words).into()] },
                Act::Sshd {
                    settings: vec![((*words).into(), (*words).into())],
                    person: (*words).into(),
                    address: (*words).into(),
                },
            ],
        );
        change.view.title = (*words).into();
        change.view.effect = (*words).into();
        change.view.undo = (*words).into();
        change.acts[0].was = Some((*words).into());
        change
    };
    Prepared { changes: changes.enumerate().map(change).collect() }
}

pub(crate) fn alerts() -> Vec<AlertRule> {
    let rule = |name: &str, expression: &str, lasts: &str, summary: &str| AlertRule {
        name: name.into(),
        expression: expression.into(),
        lasts: lasts.into(),
        summary: summary.into(),
    };
    vec![
        rule(
            "PlumblineCpu",
            "100 - avg by(instance)(rate(node_cpu_seconds_total{mode=\"idle\"}[5m])) * 100 > 80",
            "5m",
            "Processor over 80%",
        ),
        rule("PlumblineLatency", "probe_duration_seconds > 0.1", "5m", "Delay over 100 ms"),
    ]
}

//! Reports to try things on: the running example of the design, a tiny one, a huge one, and two that mean harm.
#![allow(dead_code, reason = "each test file uses some of them")]

pub(crate) mod plan;

use checks::{
    Counts, Figure, Finding, FitAnswer, FitCell, FitRow, FitState, Maintained, MaintainedState, Overall, Verdict,
    Waiver,
};
use facts::{Confidence, Evidence, Value, Why};
use profiles::{Area, CatalogRow, Severity, Source};
use report::{
    Answer, App, Confirmation, Left, Made, Measurement, Outcome, Privilege, Report, Role, Run, Server, Timings, Word,
};
use tuning::{ChangeView, Risk, RuntimeChange};

/// Every sample by name, as the pictures and the PDF tests use them.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("one", one()),
        ("typical", typical()),
        ("ready", ready()),
        ("practice", practice()),
        ("large", large(300)),
        ("uneven", uneven(120, 3)),
        ("scripts", scripts()),
        ("hostile", hostile()),
    ]
}

const M: Verdict = Verdict::Met;
const S: Verdict = Verdict::Short;
const X: Verdict = Verdict::Missing;
const U: Verdict = Verdict::CouldNotTell;
const C: Verdict = Verdict::YouConfirm;

/// Area, title, needed, before, now, verdict before, verdict now.
type Row = (Area, &'static str, &'static str, &'static str, &'static str, Verdict, Verdict);

/// chat-01 of the design: 38 needs, one of them optional.
const CHAT: &[Row] = &[
    (Area::Hardware, "Processor cores", "4 cores", "4 cores", "4 cores", M, M),
    (Area::Hardware, "Processor speed", "2.4 GHz", "2.45 GHz", "2.45 GHz", M, M),
    (Area::Hardware, "Memory", "8 GB", "8 GB", "8 GB", M, M),
    (Area::System, "Operating system", "22.04 LTS", "Ubuntu 22.04.5", "Ubuntu 22.04.5", M, M),
    (Area::System, "Files a service may open", "65,536", "1,024", "65,536", S, M),
    (Area::System, "Largest receive buffer", "128 MB", "208 KB", "128 MB", S, M),
    (Area::System, "Largest send buffer", "128 MB", "208 KB", "128 MB", S, M),
    (Area::System, "TCP receive range", "128 MB", "6 MB", "128 MB", S, M),
    (Area::System, "TCP send range", "128 MB", "4 MB", "128 MB", S, M),
    (Area::Software, "Node.js", "18 or 20 LTS", "20.18.0", "20.18.0", M, M),
    (Area::Software, "PostgreSQL", "15 or newer", "14.15", "14.15", S, S),
    (Area::Software, "Redis", "7.0 or newer", "6.0.16", "7.4.1", S, M),
    (Area::Software, "NGINX", "1.22 or newer", "1.18.0", "1.26.2", S, M),
    (Area::Software, "Docker", "24.0 or newer", "27.3.1", "27.3.1", M, M),
    (Area::Software, "Docker Compose", "2.0 or newer", "2.29.7", "2.29.7", M, M),
    (Area::Software, "PostgreSQL memory", "2 GB", "128 MB", "2 GB", S, M),
    (Area::Software, "PostgreSQL connections", "200", "100", "200", S, M),
    (Area::Software, "TLS certificate", "valid", "none", "none", X, X),
    (Area::Network, "Web and API, 443/tcp", "open", "closed", "open", X, M),
    (Area::Network, "Call setup, 8443/tcp", "open", "closed", "open", X, M),
    (Area::Network, "STUN, 3478/udp and tcp", "open", "closed", "open", X, M),
    (Area::Network, "TURN over TLS, 5349/tcp", "open", "closed", "open", X, M),
    (Area::Network, "Call relay, 49152–65535/udp", "open", "closed", "open", X, M),
    (Area::Network, "Download speed", "500 Mbps", "938 Mbps", "938 Mbps", M, M),
    (Area::Network, "Upload speed", "500 Mbps", "412 Mbps", "412 Mbps", S, S),
    (Area::Storage, "System drive", "50 GB", "80 GB", "80 GB", M, M),
    (Area::Storage, "Drive type", "SSD", "SSD", "SSD", M, M),
    (Area::Storage, "Second drive for files", "200 GB", "none", "none", X, X),
    (Area::Security, "Firewall closes all other ports", "on", "on", "on", M, M),
    (Area::Security, "Database closed to the internet", "closed", "closed", "closed", M, M),
    (Area::Security, "Modern encryption", "available", "available", "available", M, M),
    (Area::Security, "VPN for admin access", "WireGuard", "none", "none", X, X),
    (Area::Security, "Second factor on the VPN", "required", "", "", C, C),
    (Area::Monitoring, "Alerts on load, disk, sign-ins", "5 alerts", "", "", U, U),
    (Area::Monitoring, "Logs collected in one place", "required", "", "", C, C),
    (Area::Upkeep, "Daily automatic backup", "daily", "no job found", "no job found", U, U),
    (Area::Upkeep, "Backups kept", "30 + 90 days", "", "", C, C),
    (Area::Upkeep, "Monthly restore test", "monthly", "", "", C, C),
];

fn figure(text: &str) -> Figure {
    let bare = text.replace(',', "");
    let number = bare.split(' ').next().and_then(|n| n.parse::<f64>().ok());
    let (value, unit) = match (bare.split(' ').nth(1), number) {
        (Some("GB"), Some(n)) => (Some(Value::Bytes((n * 1e9) as u64)), "GB"),
        (Some("MB"), Some(n)) => (Some(Value::Bytes((n * 1_048_576.0) as u64)), "MB"),
        (Some("KB"), Some(n)) => (Some(Value::Bytes((n * 1024.0) as u64)), "KB"),
        (Some("GHz"), Some(n)) => (Some(Value::Mhz((n * 1000.0) as u32)), "MHz"),
        (Some("Mbps"), Some(n)) => (Some(Value::Mbps(n)), "Mbps"),
        (Some("cores"), Some(n)) => (Some(Value::Count(n as u64)), "cores"),
        (None, Some(n)) if n.fract() == 0.0 => (Some(Value::Count(n as u64)), ""),
        _ => match text {
            "" => (None, ""),
            "none" => (Some(Value::Absent), ""),
            _ => match text.parse() {
                Ok(version) if text.contains('.') => (Some(Value::Version(version)), ""),
                _ => (Some(Value::Text(text.to_owned())), ""),
            },
        },
    };
    let confidence = value.is_some().then_some(Confidence::Reported);
    Figure { text: text.to_owned(), value, unit: unit.to_owned(), confidence }
}

pub(crate) fn finding(area: Area, title: &str, needed: &str, found: &str, verdict: Verdict) -> Finding {
    let id = title.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "_");
    let (needed, found) = (Figure { confidence: None, ..figure(needed) }, figure(found));
    let amount = |figure: &Figure| match figure.value {
        Some(Value::Bytes(n) | Value::Count(n)) => Some(n as f64),
        Some(Value::Mhz(n)) => Some(f64::from(n)),
        Some(Value::Mbps(n)) => Some(n),
        _ => None,
    };
    Finding {
        id: format!("reforms.{id}"),
        catalog: vec![CatalogRow(format!("RM-{:03}", id.len()))],
        title: title.to_owned(),
        area,
        severity: if verdict == C { Severity::Attestation } else { Severity::Required },
        verdict,
        why_unknown: (verdict == U).then_some(Why::NeedsAdministrator),
        ratio: amount(&found).zip(amount(&needed)).map(|(found, needed)| found / needed),
        sentence: match verdict {
            Verdict::Met => format!("{title}: {} is enough.", found.text),
            Verdict::Short => format!("{title}: {} is less than {}.", found.text, needed.text),
            Verdict::Missing => format!("{title}: not there. Needed: {}.", needed.text),
            Verdict::CouldNotTell => format!("{title}: could not tell, it needs an administrator."),
            Verdict::YouConfirm => format!("{title}: only a person can say."),
            Verdict::NotApplicable => format!("{title}: this role does not need it."),
        },
        why: format!("{title} keeps the service usable when many people are on at once."),
        source: Source {
            document: "Reforms requirements".into(),
            section: Some("Small Team Deployment".into()),
            line: Some("212".into()),
            url: None,
            verified: "2026-11-18".into(),
        },
        arithmetic: None,
        evidence: if found.text.is_empty() {
            Vec::new()
        } else {
            vec![Evidence { command: format!("read {id}"), output: format!("{id}={}", found.text), exit: Some(0) }]
        },
        maintained: None,
        open: Vec::new(),
        change: None,
        steps: None,
        waiver: None,
        confirmed: None,
        note: None,
        parts: Vec::new(),
        needed,
        found,
    }
}

pub(crate) fn count(findings: &[Finding]) -> Counts {
    let mut counts = Counts::default();
    for finding in findings {
        let slot = match (&finding.waiver, finding.verdict) {
            (Some(_), _) => &mut counts.waived,
            (None, Verdict::Met) => &mut counts.met,
            (None, Verdict::Short) => &mut counts.short,
            (None, Verdict::Missing) => &mut counts.missing,
            (None, Verdict::CouldNotTell) => &mut counts.could_not_tell,
            (None, Verdict::YouConfirm) => &mut counts.you_confirm,
            (None, Verdict::NotApplicable) => &mut counts.not_applicable,
        };
        *slot += 1;
    }
    counts
}

fn chat(now: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = CHAT
        .iter()
        .map(
            |&(area, title, needed, before, after, was, is)| {
                if now { finding(area, title, needed, after, is) } else { finding(area, title, needed, before, was) }
            },
        )
        .collect();
    let evidence = |command: &str, output: &str| Evidence {
        command: command.to_owned(),
        output: output.to_owned(),
        exit: Some(0),
    };
    for f in &mut findings {
        match f.title.as_str() {
            "Second drive for files" => f.severity = Severity::Optional,
            "Files a service may open" => {
                f.evidence = vec![evidence(
                    "systemctl show -p DefaultLimitNOFILESoft",
                    if now { "DefaultLimitNOFILESoft=65536" } else { "DefaultLimitNOFILESoft=1024" },
                )];
                f.change = Some("limits.nofile".into());
            }
            "Largest receive buffer" => {
                f.evidence = vec![evidence(
                    "sysctl net.core.rmem_max",
                    if now { "net.core.rmem_max = 134217728" } else { "net.core.rmem_max = 212992" },
                )];
                f.change = Some("sysctl.buffers".into());
            }
            "Memory" => {
                f.evidence = vec![evidence("grep MemTotal /proc/meminfo", "MemTotal:        8131940 kB")];
                f.sentence = "7.8 GB usable of 8 GB fitted counts as 8 GB.".into();
                f.arithmetic = Some("8 GB: 4 GB at least, and 4 GB for up to 50 users".into());
            }
            "PostgreSQL" => {
                f.evidence = vec![evidence("psql --version", "psql (PostgreSQL) 14.15")];
                f.maintained = Some(Maintained {
                    state: MaintainedState::EndingSoon,
                    until: Some("2026-11-12".into()),
                    as_of: "2026-11-18".into(),
                });
            }
            "Web and API, 443/tcp" if now => {
                f.evidence = vec![evidence(
                    "ufw status",
                    "443/tcp           ALLOW  # plumbline: reforms\n8443/tcp          ALLOW  # plumbline: reforms\n\
                     3478/tcp          ALLOW  # plumbline: reforms\n3478/udp          ALLOW  # plumbline: reforms\n\
                     5349/tcp          ALLOW  # plumbline: reforms\n49152:65535/udp   ALLOW  # plumbline: reforms",
                )];
            }
            "Upload speed" => {
                f.found.confidence = Some(Confidence::Measured);
                f.evidence = vec![evidence("built-in test, 10 seconds", "412 Mbps (5 readings, 398 to 421)")];
            }
            "Daily automatic backup" => {
                f.why_unknown = Some(Why::NoSource { looked_for: "a backup timer or cron job".into() });
                f.sentence = "Could not tell: a backup may run from elsewhere.".into();
                f.evidence =
                    vec![evidence("systemctl list-timers; ls /etc/cron.*", "nothing that looks like a backup")];
            }
            _ => {}
        }
    }
    findings
}

fn change(id: &str, title: &str, place: &str, undo: &str, before: &str, after: &str) -> Made {
    Made {
        change: ChangeView {
            id: id.into(),
            group: "System limits".into(),
            title: title.into(),
            effect: "Holds more people at once.".into(),
            risk: Risk::Low,
            consequence: String::new(),
            settles: Vec::new(),
            advised_off: None,
            files: vec![tuning::FileDiff { path: place.into(), new: true, lines: Vec::new() }],
            runtime: vec![RuntimeChange { name: id.into(), before: before.into(), after: after.into() }],
            undo: undo.into(),
            seconds: 2,
        },
        before: before.into(),
        after: after.into(),
    }
}

fn server() -> Server {
    Server {
        name: "chat-01".into(),
        host: "203.0.113.24".into(),
        port: 22,
        user: "deploy".into(),
        host_key: Some("SHA256:dDZdGu7qFJaBUmrFk1Vw0b9XhYtq2LsE7cR5nM8pQ9o".into()),
        privilege: Some(Privilege::Sudo),
        os: "Ubuntu 22.04.5 LTS".into(),
        kernel: "5.15.0-130-generic".into(),
        arch: "x86_64".into(),
    }
}

pub(crate) fn typical() -> Report {
    let (before, findings) = (chat(false), chat(true));
    let left =
        |finding: &str, title: &str, how: &str| Left { finding: finding.into(), title: title.into(), how: how.into() };
    let point = |finding: &str, title: &str, detail: &str| Confirmation {
        finding: finding.into(),
        title: title.into(),
        detail: detail.into(),
        answer: None,
    };
    let mut report = Report {
        app: App { version: "0.1.0".into() },
        role: Role {
            id: "reforms/small?users=24".into(),
            product: "Reforms Messenger".into(),
            title: "Small team".into(),
            scale: "24 users".into(),
            requirements: "Reforms Messenger, built in, verified 18 November 2026".into(),
        },
        server: server(),
        at: "2026-11-20T14:31:07Z".into(),
        practice: false,
        verdict: Overall::Almost,
        counts: count(&findings),
        findings,
        before: Some(before),
        runs: vec![Run {
            id: "20261120T142900Z-7f3a".into(),
            at: "2026-11-20T14:31:00Z".into(),
            by: "deploy".into(),
            outcome: Outcome::Kept { proof: "a new connection had proven the server reachable".into() },
            undo: Some("sudo /var/lib/plumbline/undo".into()),
            changes: vec![
                change(
                    "limits.nofile",
                    "Services may keep 65,536 files open",
                    "/etc/systemd/system.conf.d/60-plumbline.conf",
                    "Remove the file, reload systemd",
                    "1,024",
                    "65,536",
                ),
                change(
                    "sysctl.buffers",
                    "Connections have more room",
                    "/etc/sysctl.d/zz-plumbline.conf",
                    "Remove the file, set the four old values",
                    "208 KB, 6 MB, 4 MB",
                    "128 MB each",
                ),
                change(
                    "firewall.ports",
                    "Ports Reforms uses are open",
                    "ufw, 6 rules marked “plumbline: reforms”",
                    "Delete the six rules",
                    "closed",
                    "open",
                ),
                change(
                    "postgres.memory",
                    "PostgreSQL has more memory and connections",
                    "/etc/postgresql/14/main/conf.d/60-plumbline.conf",
                    "Remove the file, restart PostgreSQL",
                    "128 MB, 100",
                    "2 GB, 200",
                ),
                change(
                    "redis.version",
                    "Redis is newer",
                    "packages.redis.io",
                    "Install 6.0.16 again from Ubuntu",
                    "6.0.16",
                    "7.4.1",
                ),
                change(
                    "nginx.version",
                    "NGINX is newer",
                    "nginx.org",
                    "Install 1.18.0 again from Ubuntu",
                    "1.18.0",
                    "1.26.2",
                ),
            ],
        }],
        left: vec![
            left(
                "reforms.tls_certificate",
                "Get a TLS certificate.",
                "Point a name at 203.0.113.24, then ask Let’s Encrypt for a certificate. Found: none.",
            ),
            left(
                "reforms.vpn_for_admin_access",
                "Set up a VPN for admin access.",
                "WireGuard, or OpenVPN 2.5 and newer, with a second factor. Found: none.",
            ),
            left(
                "reforms.postgresql",
                "Move PostgreSQL to 15 or newer.",
                "Found: 14.15. Make a backup first. Plumbline does not move databases.",
            ),
            left(
                "reforms.upload_speed",
                "Ask the provider for a faster uplink.",
                "Measured: 412 Mbps up. Needed: 500 Mbps both ways.",
            ),
        ],
        confirmations: vec![
            point(
                "reforms.alerts_on_load__disk__sign_ins",
                "Alerts reach a person",
                "CPU 80% for 5 min, memory 90% for 2 min, disk 85%, 100 ms, 10 failed sign-ins a minute",
            ),
            point(
                "reforms.logs_collected_in_one_place",
                "Logs are collected in one place",
                "Could be Elasticsearch 8 or anything else",
            ),
            point(
                "reforms.daily_automatic_backup",
                "A backup runs every day",
                "Full at 2:00; every 4 hours what changed",
            ),
            point("reforms.backups_kept", "Backups are kept 30 days here, 90 days elsewhere", ""),
            point("reforms.monthly_restore_test", "A restore is tried every month", "Last one on: ____________"),
            point("reforms.second_factor_on_the_vpn", "The VPN asks for a second factor", ""),
        ],
        measurements: Vec::new(),
        fit: Vec::new(),
        plan: Some(plan::every_act()),
        alerts: plan::alerts(),
        timings: Some(Timings { connect_ms: 212, probe_ms: 431, judge_ms: 3, round_trips: 6 }),
    };
    // which change settled which need is nothing that the picture tells
    let unmet = report.before.iter().flatten().filter(|f| matches!(f.verdict, Verdict::Short | Verdict::Missing));
    report.runs[0].changes[0].change.settles = unmet.map(|f| f.id.clone()).collect();
    report
}

/// Everything met or said, with the parts that `typical` does not have.
pub(crate) fn ready() -> Report {
    let mut report = typical();
    report.verdict = Overall::Ready;
    for (at, finding) in report.findings.iter_mut().enumerate() {
        match finding.verdict {
            Verdict::Short | Verdict::Missing if at % 2 == 0 => {
                finding.verdict = Verdict::Met;
                finding.found.text = finding.needed.text.clone();
            }
            Verdict::Short | Verdict::Missing => {
                finding.waiver = Some(Waiver {
                    reason: "The database moves in January".into(),
                    name: "Ada Lovelace".into(),
                    until: "2027-01-31".into(),
                });
            }
            Verdict::CouldNotTell | Verdict::YouConfirm => {
                finding.verdict = Verdict::Met;
                finding.why_unknown = None;
                finding.confirmed =
                    Some(checks::Confirmation { yes: true, name: "Ada Lovelace".into(), date: "2026-11-20".into() });
            }
            Verdict::Met | Verdict::NotApplicable => {}
        }
    }
    report.findings.push(finding(Area::Hardware, "FIPS module", "not needed", "", Verdict::NotApplicable));
    report.counts = count(&report.findings);
    report.left.clear();
    for (at, point) in report.confirmations.iter_mut().enumerate() {
        let says = [Word::Yes, Word::Yes, Word::Yes, Word::No, Word::Later, Word::Yes][at % 6];
        point.answer = Some(Answer { says, name: "Ada Lovelace".into(), date: "2026-11-20".into() });
    }
    report.measurements = vec![
        Measurement {
            title: "Small synced writes".into(),
            text: "8,412 a second".into(),
            detail: "median 0.11 ms, slowest in a hundred 0.42 ms; includes the host’s cache".into(),
        },
        Measurement {
            title: "Path to the server".into(),
            text: "12.4 ms".into(),
            detail: "20 round trips, slowest in twenty 14.0 ms, none lost".into(),
        },
    ];
    let fit = |role: &str, product: &str, title: &str, answer: FitAnswer, sentence: &str, state: FitState| FitRow {
        role: role.into(),
        product: product.into(),
        title: title.into(),
        answer,
        sentence: sentence.into(),
        cells: vec![
            FitCell { area: Area::Hardware, state },
            FitCell { area: Area::Storage, state: FitState::Met },
            FitCell { area: Area::Monitoring, state: FitState::None },
        ],
    };
    report.fit = vec![
        fit("dusk/provisioner", "Dusk", "Provisioner", FitAnswer::Yes, "Yes, after opening 9000/udp", FitState::Met),
        fit(
            "statemesh/developer",
            "StateMesh",
            "Developer",
            FitAnswer::Almost,
            "Almost: a slow line",
            FitState::Change,
        ),
        fit(
            "reforms/large-db",
            "Reforms Messenger",
            "Large, database",
            FitAnswer::No,
            "No: 4 of 8 cores",
            FitState::Short,
        ),
    ];
    report
}

pub(crate) fn practice() -> Report {
    let mut report = typical();
    report.practice = true;
    report.verdict = Overall::NotReady;
    report.before = None;
    report.findings = chat(false);
    report.counts = count(&report.findings);
    report.runs.clear();
    report
}

pub(crate) fn one() -> Report {
    let mut report = typical();
    report.findings = vec![finding(Area::Network, "Port 9000/udp", "open", "closed", Verdict::Short)];
    report.counts = count(&report.findings);
    report.verdict = Overall::NotReady;
    report.before = None;
    report.runs.clear();
    report.left.clear();
    report.confirmations.clear();
    report.timings = None;
    report.server = Server {
        name: "this computer".into(),
        host: String::new(),
        port: 0,
        user: String::new(),
        host_key: None,
        privilege: None,
        os: String::new(),
        kernel: String::new(),
        arch: String::new(),
    };
    report
}

pub(crate) fn large(needs: usize) -> Report {
    let areas = [
        Area::Hardware,
        Area::System,
        Area::Software,
        Area::Network,
        Area::Storage,
        Area::Security,
        Area::Monitoring,
        Area::Upkeep,
    ];
    let verdicts = [M, M, M, S, M, X, M, U, M, C, M, Verdict::NotApplicable];
    let mut report = typical();
    report.findings = (0..needs)
        .map(|at| {
            let area = areas[at * areas.len() / needs.max(1)];
            finding(
                area,
                &format!("Need number {at}"),
                &format!("{at} cores"),
                &format!("{} cores", at / 2),
                verdicts[at % verdicts.len()],
            )
        })
        .collect();
    report.counts = count(&report.findings);
    report.verdict = Overall::NotReady;
    report.before = None;
    report.left.clear();
    report.confirmations.clear();
    report
}

/// So many met needs of one area, and then one of another: somewhere a page ends right below the second area's name.
pub(crate) fn two_areas(first: usize) -> Report {
    let mut report = large(first + 1);
    for (at, finding) in report.findings.iter_mut().enumerate() {
        finding.area = if at < first { Area::Hardware } else { Area::System };
        finding.verdict = M;
        finding.severity = Severity::Required;
        finding.evidence.clear();
    }
    report
}

/// As many needs with answers of every length, so that columns and pages end anywhere.
pub(crate) fn uneven(needs: usize, seed: usize) -> Report {
    let mut report = large(needs);
    for (at, finding) in report.findings.iter_mut().enumerate() {
        // A small generator of our own: the same lengths on every run.
        let lines = (at * 7919 + seed * 104_729) % 97 % 46;
        finding.evidence[0].output = (0..lines).map(|n| format!("line {n} of need {at}\n")).collect();
        finding.steps = lines.is_multiple_of(5).then(|| "Do this, and then do that. ".repeat(lines));
    }
    report
}

/// Names in scripts we have letters for and in some we have none for, and values that do not end.
pub(crate) fn scripts() -> Report {
    let mut report = typical();
    report.server.name = "сервер-почта-основной-в-дата-центре-на-севере-города".into();
    report.server.os = "Альт Сервер 10.2 (Mendelevium)".into();
    report.role.product = "Ρεφόρμς Messenger".into();
    report.findings[0].title = "Ядра процессора".into();
    report.findings[0].found.text = "четыре ядра".into();
    report.findings[1].title = "処理速度 and العربية with a 😀 in it".into();
    report.findings[2].found.text = "0123456789abcdef".repeat(24);
    report.findings[4].title =
        "A need whose title goes on and on, because whoever wrote the requirement wanted to say \
                                everything about it in the one place where only a name belongs"
            .into();
    report.findings[5].needed.text =
        "one of 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38 or 40, each with its fixes".into();
    report.findings[6].evidence[0].output = "/very/long/path".repeat(40);
    report.findings[7].evidence[0].output = (0..400).map(|n| format!("line {n} of a long answer\n")).collect();
    report.runs[0].changes[0].change.files[0].path = format!("/etc/{}/plumbline.conf", "unbroken".repeat(30));
    report.confirmations[0].title = "Предупреждения доходят до человека".into();
    report
}

/// Words that would run, break out or lie if anything took them for more than words.
pub(crate) const HOSTILE: &[&str] = &[
    "#import \"x\": *",
    "*bold* _it_ `raw` $x$ @cite <label>",
    "\u{1b}[31mred\u{1b}[0m",
    "<script>alert(1)</script>",
    "#panic(\"stop\") #read(\"/etc/passwd\")",
    "]]>&lt;&amp;\"'",
    "=cmd|' /C calc'!A0",
    "abc\u{202e}fdp.exe",
    "zero\u{200b}width\u{feff}",
    "line one\nline two\r\nline three\ttab",
    "\u{0}\u{7}\u{8}\u{9b}31m",
    "\\u{1b} \\n %s %n {0} ${HOME} $(id)",
];

pub(crate) fn hostile() -> Report {
    let mut report = typical();
    for (at, finding) in report.findings.iter_mut().enumerate() {
        let text = HOSTILE[at % HOSTILE.len()];
        finding.title = format!("{at} {text}");
        finding.found.text = text.into();
        finding.needed.text = text.into();
        finding.sentence = text.into();
        for evidence in &mut finding.evidence {
            evidence.command = text.into();
            evidence.output = text.into();
        }
    }
    report.plan = Some(plan::hostile());
    report.server.name = "#import \"x\" <script>\u{1b}[31m".into();
    report.server.os = "*bold*\n= Heading".into();
    report.server.host_key = Some("SHA256:#{1+1}".into());
    report.role.title = "#sys.version".into();
    for (made, text) in report.runs[0].changes.iter_mut().zip(HOSTILE) {
        made.change.title = (*text).into();
        made.change.files[0].path = (*text).into();
        made.before = (*text).into();
    }
    for (left, text) in report.left.iter_mut().zip(HOSTILE) {
        left.title = (*text).into();
        left.how = (*text).into();
    }
    for (point, text) in report.confirmations.iter_mut().zip(HOSTILE) {
        point.title = (*text).into();
        point.detail = (*text).into();
    }
    report
}

/// Signs that show nothing, said once more and apart from the code that is tested.
pub(crate) fn hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}' | '\u{202e}' | '\u{feff}' | '\u{ad}' | '\u{2066}' | '\u{e000}')
}

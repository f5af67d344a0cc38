//! Backups, monitoring, logs and statistics: what can be seen of them from inside. Evidence, not proof.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Notes, word};
use super::system::no_source;
use crate::{Key, Kind, Value, Why};
use std::collections::BTreeSet;

/// Programs that make backups.
const BACKUPS: [&str; 22] = [
    "restic",
    "borg",
    "borgmatic",
    "pgbackrest",
    "barman",
    "wal-g",
    "wal-e",
    "rsnapshot",
    "duplicity",
    "duply",
    "kopia",
    "rclone",
    "etckeeper",
    "bacula",
    "bareos",
    "veeam",
    "automysqlbackup",
    "pg_dump",
    "pg_basebackup",
    "mongodump",
    "mysqldump",
    "backup",
];

/// Agents that watch a machine, by the beginning of their unit's or process's name (a process keeps 15 characters).
const AGENTS: &[(&str, &[&str])] = &[
    ("node_exporter", &["node_exporter", "prometheus-node-exporter", "prometheus-node", "node-exporter"]),
    ("netdata", &["netdata"]),
    ("telegraf", &["telegraf"]),
    ("zabbix-agent", &["zabbix-agent", "zabbix_agent"]),
    ("atop", &["atop"]),
    ("sysstat", &["sysstat"]),
    ("collectd", &["collectd"]),
    ("datadog-agent", &["datadog-agent"]),
    ("newrelic-infra", &["newrelic-infra"]),
    ("amazon-cloudwatch-agent", &["amazon-cloudwatch-agent", "amazon-cloudwat"]),
    ("google-cloud-ops-agent", &["google-cloud-ops-agent", "otelopscol"]),
    ("grafana-alloy", &["alloy", "grafana-agent"]),
    ("checkmk", &["check-mk-agent", "check_mk", "cmk-agent"]),
    ("nrpe", &["nagios-nrpe-server", "nrpe"]),
    ("munin-node", &["munin-node"]),
    ("monit", &["monit"]),
    ("prometheus", &["prometheus"]),
    ("alertmanager", &["prometheus-alertmanager", "alertmanager"]),
    ("grafana", &["grafana"]),
    ("pcp", &["pmcd", "pmlogger"]),
    ("auditd", &["auditd"]),
    ("fail2ban", &["fail2ban"]),
    ("ossec", &["ossec"]),
    ("wazuh", &["wazuh"]),
    ("falco", &["falco"]),
    ("crowdsec", &["crowdsec"]),
];

const SHIPPERS: &[(&str, &[&str])] = &[
    ("fluent-bit", &["fluent-bit", "td-agent-bit"]),
    ("fluentd", &["td-agent", "fluentd"]),
    ("filebeat", &["filebeat"]),
    ("promtail", &["promtail"]),
    ("vector", &["vector"]),
    ("grafana-alloy", &["alloy", "grafana-agent"]),
    ("logstash", &["logstash"]),
    ("syslog-ng", &["syslog-ng"]),
    ("journal-upload", &["systemd-journal-upload"]),
    ("nxlog", &["nxlog"]),
    ("splunk", &["splunkd", "SplunkForwarder", "splunk"]),
];

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    read_backups(answers, notes);
    read_agents(answers, notes);
    read_alerts(answers, notes);
    read_journal(answers, notes);
    read_statistics(answers, notes);
    read_failures(answers, notes);
}

/// Units that are active, by name; and all timers.
fn unit_lines(answers: &Answers) -> impl Iterator<Item = &str> {
    answers.text("service.list").unwrap_or_default().lines().filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        (words.get(2) == Some(&"active")).then(|| words.first().copied()).flatten()
    })
}

fn read_backups(answers: &Answers, notes: &mut Notes) {
    let sections = ["setting.cron", "commands", "setting.closed"];
    let silences: Vec<_> = sections.iter().filter_map(|name| answers.said(name).err()).collect();
    if let Some(silence) = silences.first() {
        return notes.silent_kinds(&[Kind::BackupEvidence], silence);
    }
    if !answers.settled("service.list") {
        return;
    }
    let mut found = BTreeSet::new();
    // dpkg's own copies of its list, and systems' databases of names, are no backups of yours.
    let housekeeping = ["dpkg-db-backup.timer"];
    for unit in unit_lines(answers).filter(|unit| unit.ends_with(".timer") && !housekeeping.contains(unit)) {
        if BACKUPS.iter().any(|tool| unit.contains(tool)) || unit.contains("snapshot") {
            found.insert(format!("timer {}", word(unit)));
        }
    }
    if let Ok(files) = answers.files("setting.cron") {
        for (path, tool) in files.lines().filter(|(path, _)| !path.ends_with("/dpkg")) {
            found.insert(format!("cron {} in {}", word(tool), word(path)));
        }
    }
    let commands = answers.text("commands").unwrap_or_default().lines().filter_map(|line| line.split_once(' '));
    for (name, at) in commands.filter(|(_, at)| !at.is_empty()) {
        if BACKUPS.contains(&name) {
            found.insert(format!("program {at}"));
        }
    }
    let list: Vec<_> = found.into_iter().collect();
    if list.is_empty() && (answers.is_closed("/etc/cron") || answers.is_closed("/var/spool/cron")) {
        return notes.unknown(Key::plain(Kind::BackupEvidence), Why::NeedsAdministrator, &Vec::new());
    }
    let command =
        "systemctl list-timers --all; grep -rl backup /etc/cron*; command -v restic borg pgbackrest barman wal-g";
    let cited = notes.cite(command, &list.join("\n"), 0);
    notes.tell(Kind::BackupEvidence, Value::List(list), &cited);
}

/// Who of a table runs, as an active unit or as a process.
fn running(table: &[(&str, &[&str])], answers: &Answers) -> Vec<String> {
    let processes: Vec<_> =
        answers.text("process.names").unwrap_or_default().lines().filter_map(|line| line.split_once(' ')).collect();
    let runs = |name: &str| {
        let unit = |unit: &str| {
            let bare = unit.rsplit_once('.').map_or(unit, |(bare, _)| bare);
            bare == name
                || bare.split('@').next() == Some(name)
                || bare.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
        };
        unit_lines(answers).any(unit) || processes.iter().any(|(_, process)| *process == name)
    };
    table.iter().filter(|(_, names)| names.iter().any(|name| runs(name))).map(|(name, _)| (*name).to_owned()).collect()
}

fn read_agents(answers: &Answers, notes: &mut Notes) {
    let kinds = [Kind::MonitoringAgents, Kind::LogShippers];
    if let Err(silence) = answers.said("process.names") {
        return notes.silent_kinds(&kinds, &silence);
    }
    if !["service.list", "setting.rsyslog", "setting.closed"].iter().all(|name| answers.settled(name)) {
        return;
    }
    let agents = running(AGENTS, answers);
    let cited = notes.cite("systemctl list-units --type=service,timer; ps -e", &agents.join("\n"), 0);
    notes.tell(Kind::MonitoringAgents, Value::List(agents), &cited);
    let mut shippers = running(SHIPPERS, answers);
    if let Ok(files) = answers.files("setting.rsyslog") {
        // A commented line is no target.
        let target = files.numbered().find(|line| !line.text.trim_start().starts_with(['#', '$']));
        if let Some(line) = target {
            shippers.push(format!("rsyslog {}:{}", line.path, line.number));
        }
    }
    let cited = notes.cite(
        "systemctl list-units --type=service; grep -rn @ /etc/rsyslog.conf /etc/rsyslog.d",
        &shippers.join("\n"),
        0,
    );
    notes.tell(Kind::LogShippers, Value::List(shippers), &cited);
}

/// "- alert: HighCpu", and the lines "expr:" and "for:" that follow it.
fn read_alerts(answers: &Answers, notes: &mut Notes) {
    let files = match answers.files("setting.alerts") {
        Ok(files) if answers.settled("setting.closed") => files,
        Ok(_) => return,
        Err(silence) => return notes.silent_kinds(&[Kind::AlertRules], &silence),
    };
    let mut rules: Vec<String> = Vec::new();
    for line in files.numbered() {
        let text = line.text.trim().trim_start_matches("- ").trim();
        match (text.split_once(':'), rules.last_mut()) {
            (Some(("alert", name)), _) => rules.push(word(name.trim())),
            (Some(("expr", expression)), Some(rule)) => *rule = format!("{rule}: {}", word(expression.trim())),
            (Some(("for", time)), Some(rule)) => *rule = format!("{rule} for {}", word(time.trim())),
            _ => {}
        }
    }
    if rules.is_empty() && answers.is_closed("/etc/prometheus") {
        return notes.unknown(Key::plain(Kind::AlertRules), Why::NeedsAdministrator, &Vec::new());
    }
    let cited = notes.cite("grep -rn -e alert: -e expr: -e for: /etc/prometheus", &rules.join("\n"), 0);
    notes.tell(Kind::AlertRules, Value::List(rules), &cited);
}

fn read_journal(answers: &Answers, notes: &mut Notes) {
    let (files, marks) = match (answers.files("setting.journal"), answers.said("marks")) {
        (Ok(files), Ok(marks)) => (files, marks),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent_kinds(&[Kind::JournalPersistent], &silence),
    };
    let mark = |path: &str| marks.text.lines().any(|line| line == path);
    if !mark("/run/systemd/system") {
        let cited = notes.cite("ls /run/systemd/system", "", 2);
        return notes.tell(Kind::JournalPersistent, Value::Absent, &cited);
    }
    let storage =
        files.numbered().filter_map(|line| line.text.trim().strip_prefix("Storage=")).last().unwrap_or("auto");
    let persistent = match storage {
        "persistent" => true,
        "volatile" | "none" => false,
        // The default keeps what the folder lets it keep.
        _ => mark("/var/log/journal"),
    };
    let shown = format!(
        "Storage={storage}\n{}",
        if mark("/var/log/journal") { "/var/log/journal" } else { "no /var/log/journal" }
    );
    let cited = notes.cite(
        "systemd-analyze cat-config systemd/journald.conf | grep Storage; ls -d /var/log/journal",
        &shown,
        0,
    );
    notes.tell(Kind::JournalPersistent, Value::Flag(persistent), &cited);
}

fn read_statistics(answers: &Answers, notes: &mut Notes) {
    match answers.said("marks") {
        Ok(marks) => {
            let days: Vec<_> = marks
                .text
                .lines()
                .filter(|line| line.starts_with("/var/log/sysstat/sa") || line.starts_with("/var/log/sa/sa"))
                .collect();
            let cited = notes.cite("ls /var/log/sysstat/sa[0-9]* /var/log/sa/sa[0-9]*", &days.join("\n"), 0);
            notes.tell(Kind::SysstatDays, Value::Count(days.len() as u64), &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::SysstatDays], &silence),
    }
}

fn read_failures(answers: &Answers, notes: &mut Notes) {
    let key = Key::plain(Kind::AuthFailures);
    match answers.said("auth.journal") {
        Ok(said) => {
            let cited = notes.cite(
                "journalctl --since=-60s -u ssh -u sshd | grep -c -e Failed -e 'Invalid user'",
                &said.text,
                said.exit,
            );
            match said.text.trim().parse::<u64>() {
                Ok(count) => notes.tell(Kind::AuthFailures, Value::Count(count), &cited),
                Err(_) => notes.unknown(key, Why::Unreadable { answer: word(said.text.trim()) }, &cited),
            }
        }
        Err(Silence::Because(Why::NotRead)) => notes.unknown(key, no_source("journalctl"), &Vec::new()),
        Err(silence) => notes.silent([key], &silence),
    }
}

//! `[[change]]`: what a change would set.

use super::bound::when;
use super::reader::{Reader, scalar};
use crate::profile::RoleOption;
use crate::template::{For, TuningTemplate};
use crate::units::{quantity_in_text, value_of};
use crate::{
    AlertRule, MakersSource, PackageChoice, Permission, PortRule, PortSource, PostgresValue, Tuning, TuningKind,
};
use facts::{Key, Kind, Value};
use std::collections::BTreeMap;
use toml::de::DeValue;

/// Fields of which a change has exactly one.
const KINDS: [&str; 25] = [
    "sysctl",
    "file_limit",
    "packages",
    "service",
    "ports",
    "close_other_ports",
    "sshd",
    "ssh_port",
    "postgres",
    "swap_file",
    "swap_off",
    "time_sync",
    "automatic_updates",
    "security_updates",
    "modules",
    "journal",
    "permissions",
    "system_user",
    "logrotate",
    "node_exporter",
    "alert_rules",
    "backup_timer",
    "environment",
    "sign_in_guard",
    "software",
];

/// Package families that a program may have a name in.
const TOOLS: [&str; 4] = ["apt", "dnf", "zypper", "apk"];

pub(super) fn change(mut reader: Reader<'_, '_>, options: &[RoleOption]) -> Option<TuningTemplate> {
    let id = reader.required("id");
    reader.rename(format!("change {id}"));
    let title = reader.required("title");
    let effect = reader.required("effect");
    let group = reader.required("group");
    let advised_off = reader.text("advised_off");
    let whom = For { roles: reader.texts("roles"), when: when(&mut reader, options) };
    let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| reader.has(kind)).collect();
    if kinds.len() != 1 {
        reader.problem("a change sets exactly one kind of thing", format!("one of {}", KINDS.join(", ")));
    }
    let kind = kinds.first().and_then(|kind| read_kind(&mut reader, kind, options));
    reader.finish();
    Some(TuningTemplate { whom, tuning: Tuning { id, title, effect, group, advised_off, kind: kind? } })
}

fn read_kind(reader: &mut Reader<'_, '_>, kind: &str, options: &[RoleOption]) -> Option<TuningKind> {
    Some(match kind {
        "sysctl" => TuningKind::Sysctl(sysctls(reader)),
        "file_limit" => {
            let mut table = reader.table("file_limit")?;
            let files = u64::from(table.whole("files")?);
            let units = table.texts("units");
            table.finish();
            TuningKind::FileLimit { files, units }
        }
        "packages" => TuningKind::Packages(packages(reader)),
        "service" => {
            let mut table = reader.table("service")?;
            let (unit, enabled, running) = (table.required("unit"), table.flag("enabled"), table.flag("running"));
            table.finish();
            TuningKind::Service { unit, enabled, running }
        }
        "ports" => TuningKind::Ports(ports(reader, options)),
        // Filled with the ports of the role's other changes when the role is chosen.
        "close_other_ports" if reader.flag("close_other_ports") => TuningKind::CloseOtherPorts { ports: Vec::new() },
        "sshd" => TuningKind::Sshd(assignments(reader, "sshd")),
        "ssh_port" => {
            let port = reader.whole("ssh_port")?;
            match u16::try_from(port) {
                Ok(port) if port > 0 => TuningKind::SshPort { port },
                _ => {
                    reader.problem(format!("ssh_port: {port} is no port"), "a number from 1 to 65535");
                    return None;
                }
            }
        }
        "postgres" => TuningKind::Postgres(postgres(reader)),
        "swap_file" => TuningKind::SwapFile { bytes: size(reader, "swap_file")? },
        "swap_off" if reader.flag("swap_off") => TuningKind::SwapOff,
        "time_sync" if reader.flag("time_sync") => TuningKind::TimeSync,
        "automatic_updates" if reader.flag("automatic_updates") => TuningKind::AutomaticUpdates,
        "security_updates" if reader.flag("security_updates") => TuningKind::SecurityUpdates,
        "modules" => TuningKind::Modules(reader.texts("modules")),
        "journal" => TuningKind::Journal { bytes: size(reader, "journal")? },
        "permissions" => TuningKind::Permissions(permissions(reader)),
        "system_user" => {
            let mut table = reader.table("system_user")?;
            let (user, group) = (table.required("user"), table.required("group"));
            table.finish();
            TuningKind::SystemUser { user, group }
        }
        "logrotate" => logrotate(reader)?,
        "node_exporter" => TuningKind::NodeExporter { address: reader.text("node_exporter")? },
        "alert_rules" => TuningKind::AlertRules(alert_rules(reader)),
        "backup_timer" => {
            let mut table = reader.table("backup_timer")?;
            let (database, at) = (table.required("database"), table.required("at"));
            let keep_days = table.whole("keep_days")?;
            table.finish();
            TuningKind::BackupTimer { database, at, keep_days }
        }
        "environment" => {
            let mut table = reader.table("environment")?;
            let (path, mode, lines) =
                (table.required("path"), table.required("mode"), assignments(&mut table, "lines"));
            let restart = table.text("restart");
            table.finish();
            TuningKind::Environment { path, mode, lines, restart }
        }
        "sign_in_guard" => {
            let mut table = reader.table("sign_in_guard")?;
            let failures = table.whole("failures")?;
            table.finish();
            TuningKind::SignInGuard { failures }
        }
        "software" => {
            let mut table = reader.table("software")?;
            let (program, at_least) = (table.required("program"), table.required("at_least"));
            let makers = table.table("makers").map(|mut makers| {
                let source = MakersSource {
                    name: makers.required("name"),
                    url: makers.required("url"),
                    suite: makers.required("suite"),
                    component: makers.required("component"),
                    package: makers.required("package"),
                    fingerprint: makers.required("fingerprint"),
                    key: makers.required("key"),
                };
                makers.finish();
                source
            });
            table.finish();
            TuningKind::Software { program, at_least, makers }
        }
        flag => {
            reader.problem(format!("{flag} is either true or left out"), "");
            return None;
        }
    })
}

/// Lines of "name = value", kept in their order.
fn assignments(reader: &mut Reader<'_, '_>, field: &'static str) -> Vec<(String, String)> {
    let problems = reader.problems();
    let split = |line: super::reader::Scalar| match line.text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Some((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => {
            problems.add(&line.at, format!("{field}: \"{}\" should read name = value", line.text), "");
            None
        }
    };
    reader.scalars(field).into_iter().filter_map(split).collect()
}

fn sysctls(reader: &mut Reader<'_, '_>) -> Vec<(String, String)> {
    let values = assignments(reader, "sysctl");
    for (name, value) in &values {
        if Key::of(Kind::SysctlNow, name).is_err() {
            reader.problem(format!("\"{name}\" is no kernel parameter"), "such as net.core.rmem_max");
        }
        if !matches!(quantity_in_text(value), Some(Value::Count(_) | Value::Numbers(_))) {
            reader
                .problem(format!("{name} takes whole numbers, and \"{value}\" is not"), "write bytes, without a unit");
        }
    }
    values
}

fn size(reader: &mut Reader<'_, '_>, field: &'static str) -> Option<u64> {
    let written = reader.scalar(field)?;
    match value_of(Kind::MemoryTotal, &written.text) {
        Ok(Value::Bytes(bytes)) => Some(bytes),
        _ => {
            reader.problems().add(&written.at, format!("{field}: \"{}\" is no size", written.text), "such as 2 GB");
            None
        }
    }
}

/// A word stands for a package of that name in every family; a table names those that differ.
fn packages(reader: &mut Reader<'_, '_>) -> Vec<PackageChoice> {
    let Some(item) = reader.take("packages") else { return Vec::new() };
    let problems = reader.problems();
    let DeValue::Array(items) = item.into_inner() else {
        reader.problem("packages should be a list", "");
        return Vec::new();
    };
    let mut choices = Vec::new();
    for item in items {
        if let DeValue::String(name) = item.get_ref() {
            let packages = TOOLS.into_iter().map(|tool| (tool.to_owned(), name.to_string())).collect();
            choices.push(PackageChoice { program: name.to_string(), packages });
            continue;
        }
        let Some(mut table) = Reader::of("packages", item, problems) else { continue };
        let program = table.required("program");
        let named = TOOLS.into_iter().filter_map(|tool| Some((tool.to_owned(), table.text(tool)?)));
        let packages: BTreeMap<String, String> = named.collect();
        if packages.is_empty() {
            table.problem("no family packages it", format!("name one of {}", TOOLS.join(", ")));
        }
        table.finish();
        choices.push(PackageChoice { program, packages });
    }
    choices
}

fn ports(reader: &mut Reader<'_, '_>, options: &[RoleOption]) -> Vec<PortRule> {
    let mut rules = Vec::new();
    for mut table in reader.tables("ports") {
        let (port, title) = (table.required("port"), table.required("title"));
        let filled = options.iter().fold(port.clone(), |text, o| text.replace(&format!("{{{}}}", o.id), &o.default));
        if Key::of(Kind::PortAllowed, &filled).is_err() {
            table.problem(format!("\"{port}\" is no port"), "such as 9000/udp or 49152-65535/udp");
        }
        let from = match table.text("from").as_deref() {
            None | Some("anywhere") => PortSource::Anywhere,
            Some("peers") => PortSource::Peers,
            Some(other) => {
                table.problem(format!("from cannot be \"{other}\""), "anywhere or peers");
                PortSource::Peers
            }
        };
        table.finish();
        rules.push(PortRule { port, title, from });
    }
    rules
}

fn postgres(reader: &mut Reader<'_, '_>) -> Vec<(String, PostgresValue)> {
    let Some(table) = reader.table("postgres") else { return Vec::new() };
    let problems = table.problems();
    let mut settings = Vec::new();
    for (name, item) in table.entries() {
        let value = if matches!(item.get_ref(), DeValue::Table(_)) {
            let Some(mut table) = Reader::of(&name, item, problems) else { continue };
            let share = table.whole("share_of_memory");
            let bytes = if table.has("at_most") { size(&mut table, "at_most") } else { None };
            let divisor = table.whole("memory_divided_by");
            let value = match (share, bytes, divisor) {
                (Some(share), None, None) => PostgresValue::ShareOfMemory(share),
                (None, Some(bytes), Some(memory_divided_by)) => PostgresValue::AtMost { bytes, memory_divided_by },
                _ => {
                    table.problem("share_of_memory, or at_most with memory_divided_by", "");
                    continue;
                }
            };
            table.finish();
            value
        } else {
            match scalar("postgres", "value", &item, problems) {
                Some(written) if written.text == "safe" => PostgresValue::SafeWorkMem,
                Some(written) => PostgresValue::Text(written.text),
                None => continue,
            }
        };
        settings.push((name, value));
    }
    settings
}

fn permissions(reader: &mut Reader<'_, '_>) -> Vec<Permission> {
    let mut permissions = Vec::new();
    for mut table in reader.tables("permissions") {
        let (path, mode) = (table.required("path"), table.required("mode"));
        let (owner, group) = (table.required("owner"), table.required("group"));
        if Key::of(Kind::FileMode, &path).is_err() {
            table.problem(format!("\"{path}\" is no absolute path of plain characters"), "");
        }
        if mode.len() != 3 || !mode.bytes().all(|b| (b'0'..=b'7').contains(&b)) {
            table.problem(format!("\"{mode}\" is no mode"), "three digits, such as 640");
        }
        table.finish();
        permissions.push(Permission { path, mode, owner, group });
    }
    permissions
}

fn logrotate(reader: &mut Reader<'_, '_>) -> Option<TuningKind> {
    let mut table = reader.table("logrotate")?;
    let (path, logs) = (table.required("path"), table.texts("logs"));
    let daily = table.flag("daily");
    let keep = table.whole("keep")?;
    let (compress, copy_truncate) = (table.flag("compress"), table.flag("copy_truncate"));
    table.finish();
    Some(TuningKind::Logrotate { path, logs, daily, keep, compress, copy_truncate })
}

fn alert_rules(reader: &mut Reader<'_, '_>) -> Vec<AlertRule> {
    let mut rules = Vec::new();
    for mut table in reader.tables("alert_rules") {
        let (name, expression) = (table.required("name"), table.required("expression"));
        let (lasts, summary) = (table.required("lasts"), table.required("summary"));
        table.finish();
        rules.push(AlertRule { name, expression, lasts, summary });
    }
    rules
}

//! Kernel parameters: what holds now, and what will hold after the next boot.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Cited, Notes};
use super::system::{container, no_source};
use crate::probe::sysctl_path;
use crate::{Confidence, Key, Kind, Value, Why};
use std::collections::BTreeMap;

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    for kind in [Kind::SysctlNow, Kind::SysctlWritable, Kind::SysctlBoot, Kind::SysctlFile] {
        for key in answers.asked(kind) {
            match kind {
                Kind::SysctlNow => read_now(key, answers, notes),
                Kind::SysctlWritable => read_writable(key, answers, notes),
                _ => read_boot(key, answers, notes),
            }
        }
    }
}

fn read_now(key: &Key, answers: &Answers, notes: &mut Notes) {
    let path = sysctl_path(key.argument());
    let states = match answers.said("sysctl.writable") {
        Ok(states) => &states.text,
        Err(silence) => return notes.silent([key.clone()], &silence),
    };
    let command = format!("sysctl -n {}", key.argument());
    if state(states, &path) == Some("absent") {
        let cited = notes.cite(command, &format!("cannot stat /proc/sys/{path}: No such file or directory"), 255);
        return match container(answers, notes) {
            Ok(Some(by)) => notes.unknown(key.clone(), Why::Hidden { by }, &cited),
            Ok(None) => notes.reported(key.clone(), Value::Absent, &cited),
            Err(_) => {}
        };
    }
    match answers.said("sysctl.now") {
        Ok(_) => {}
        Err(silence) => return notes.silent([key.clone()], &silence),
    }
    match running(answers, &path) {
        Some(value) => {
            let cited = notes.cite(command, &value, 0);
            notes.reported(key.clone(), Value::Text(value), &cited);
        }
        // A file that is there and empty to us is one that only root may read.
        None if !answers.text("self").is_some_and(is_root) => {
            notes.unknown(key.clone(), Why::NeedsAdministrator, &Cited::new());
        }
        None => notes.unknown(key.clone(), no_source(&format!("/proc/sys/{path}")), &Cited::new()),
    }
}

/// The running value, its numbers one blank apart.
fn running(answers: &Answers, path: &str) -> Option<String> {
    let files = answers.files("sysctl.now").ok()?;
    let value = files.lines().find(|(at, _)| at.strip_prefix("/proc/sys/") == Some(path))?.1;
    Some(plain(value))
}

fn plain(value: &str) -> String {
    super::notes::word(&value.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn state<'a>(states: &'a str, path: &str) -> Option<&'a str> {
    states.lines().filter_map(|line| line.split_once(' ')).find(|(at, _)| *at == path).map(|(_, state)| state)
}

fn read_writable(key: &Key, answers: &Answers, notes: &mut Notes) {
    let states = match answers.said("sysctl.writable") {
        Ok(states) => states,
        Err(silence) => return notes.silent([key.clone()], &silence),
    };
    let path = sysctl_path(key.argument());
    let administrator = answers.text("self").is_some_and(is_root);
    let read_only = is_read_only(&format!("/proc/sys/{path}"), answers.text("mounts").unwrap_or_default());
    let shown = state(&states.text, &path).unwrap_or_default();
    let cited = notes.cite(format!("test -w /proc/sys/{path}"), shown, i32::from(shown != "writable"));
    match shown {
        "writable" => notes.reported(key.clone(), Value::Flag(true), &cited),
        "fixed" if administrator || read_only => notes.reported(key.clone(), Value::Flag(false), &cited),
        "fixed" => notes.unknown(key.clone(), Why::NeedsAdministrator, &cited),
        "absent" => notes.reported(key.clone(), Value::Flag(false), &cited),
        _ => notes.unknown(key.clone(), Why::NotRead, &cited),
    }
}

/// Whether the nearest mount above the path is read-only. Containers see most of /proc/sys through such a mount, and
/// what is their own through another.
fn is_read_only(path: &str, mounts: &str) -> bool {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(4);
        let (at, options) = (words.next()?, words.next()?);
        path.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')).then_some((at, options))
    });
    let nearest = mounts.max_by_key(|(at, _)| at.len());
    nearest.is_some_and(|(_, options)| options.split(',').any(|option| option == "ro"))
}

/// Whether `/proc/self/status` is root's.
pub(super) fn is_root(status: &str) -> bool {
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap_or_default();
    ids.split_whitespace().nth(1) == Some("0")
}

fn read_boot(key: &Key, answers: &Answers, notes: &mut Notes) {
    let (names, files) = match (answers.said("sysctl.names"), answers.files("sysctl.files")) {
        (Ok(names), Ok(files)) => (names, files),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent([key.clone()], &silence),
    };
    // Without systemd, `sysctl --system` ends with /etc/sysctl.conf; systemd reads it only where a file of the folder
    // is a link to it, as up to Debian 12. Debian 13 left the link out.
    let systemd = match answers.said("marks") {
        Ok(marks) => marks.text.lines().any(|line| line == "/run/systemd/system"),
        Err(silence) => return notes.silent([key.clone()], &silence),
    };
    let order = boot_order(names.text.lines(), systemd);
    let path = sysctl_path(key.argument());
    let lines = order.iter().flat_map(|file| files.numbered().filter(move |line| line.path == *file));
    let assignments: Vec<_> =
        lines.filter_map(|line| assignment(line.text).map(|(name, value)| (line, name, value))).collect();
    // The last line that names the parameter wins. A pattern counts only where no line names it, be it to set it or
    // (without a value) to take it out of patterns.
    let named = assignments.iter().rev().find(|(_, name, _)| *name == path);
    let winner = match named {
        Some(named) => named.2.map(|_| named),
        None => assignments.iter().rev().find(|(_, name, value)| value.is_some() && matches(name, &path)),
    };
    if let Some(silence) = kept_from_us(key, &path, answers, notes) {
        return silence;
    }
    match winner {
        Some((line, _, value)) => {
            let shown = format!("{}:{}", line.number, line.text);
            let cited = notes.cite(format!("grep -n {} {}", key.argument(), line.path), &shown, 0);
            let value = match key.kind() {
                Kind::SysctlFile => line.path.to_owned(),
                _ => plain(value.unwrap_or_default()),
            };
            notes.reported(key.clone(), Value::Text(value), &cited);
        }
        None => {
            let cited = notes.cite(
                format!("grep -rn {} /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d /etc/sysctl.conf", key.argument()),
                "",
                1,
            );
            if key.kind() == Kind::SysctlFile {
                return notes.reported(key.clone(), Value::Absent, &cited);
            }
            match default_at_boot(key.argument(), running(answers, &path).as_deref()) {
                Some(value) => notes.learn(key.clone(), Value::Text(value), Confidence::Inferred, &cited),
                None if !answers.settled("sysctl.now") => {}
                None => match container(answers, notes) {
                    Ok(Some(by)) => notes.unknown(key.clone(), Why::Hidden { by }, &cited),
                    Ok(None) => notes.unknown(key.clone(), no_source("a file that sets it at boot"), &cited),
                    Err(Silence::NotYet | Silence::Because(_)) => {}
                },
            }
        }
    }
}

/// In a container a parameter may be the host's: then no file here decides it. `Some` when that settled the matter.
fn kept_from_us(key: &Key, path: &str, answers: &Answers, notes: &mut Notes) -> Option<()> {
    let by = match container(answers, notes) {
        Ok(by) => by?,
        Err(silence) => {
            notes.silent([key.clone()], &silence);
            return Some(());
        }
    };
    let states = match answers.said("sysctl.writable") {
        Ok(states) => &states.text,
        Err(silence) => {
            notes.silent([key.clone()], &silence);
            return Some(());
        }
    };
    match (state(states, path), key.kind()) {
        (Some("absent"), Kind::SysctlBoot) => notes.unknown(key.clone(), Why::Hidden { by }, &Cited::new()),
        (Some("fixed"), Kind::SysctlBoot) if answers.text("self").is_some_and(is_root) => {
            let value = running(answers, path)?;
            let cited = notes.cite(format!("test -w /proc/sys/{path}"), "fixed", 1);
            notes.learn(key.clone(), Value::Text(value), Confidence::Inferred, &cited);
        }
        _ => return None,
    }
    Some(())
}

/// The files in the order in which they count: by name, and of equal names the one in the first folder alone.
fn boot_order<'a>(names: impl Iterator<Item = &'a str>, systemd: bool) -> Vec<&'a str> {
    let mut by_name: BTreeMap<&str, &str> = BTreeMap::new();
    let mut last = None;
    for path in names {
        match path.rsplit_once('/') {
            Some(("/etc", "sysctl.conf")) => last = (!systemd).then_some(path),
            // The probe lists the folders by rank: /etc, /run, /usr/local/lib, /usr/lib.
            Some((_, name)) => {
                by_name.entry(name).or_insert(path);
            }
            None => {}
        }
    }
    by_name.into_values().chain(last).collect()
}

/// `net.core.rmem_max = 1`, `-net/core/rmem_max=1`: the path below /proc/sys and the value.
fn assignment(line: &str) -> Option<(String, Option<&str>)> {
    let line = line.trim();
    if line.starts_with(['#', ';']) || line.is_empty() {
        return None;
    }
    let (name, value) = match line.split_once('=') {
        Some((name, value)) => (name, Some(value.trim())),
        None => (line.strip_prefix('-')?, None),
    };
    let name = name.trim();
    let name = name.strip_prefix('-').unwrap_or(name).trim();
    // The separator that comes first is the separator; the other is part of names then.
    let slash = matches!(name.find(['.', '/']).map(|at| name.as_bytes()[at]), Some(b'/'));
    let path = if slash { name.to_owned() } else { name.chars().map(swapped).collect() };
    Some((path, value))
}

fn swapped(c: char) -> char {
    match c {
        '.' => '/',
        '/' => '.',
        c => c,
    }
}

/// Whether a pattern such as `net/ipv4/conf/*/rp_filter` covers the path. A star stays within one folder.
fn matches(pattern: &str, path: &str) -> bool {
    if !pattern.contains('*') {
        return pattern == path;
    }
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(pattern, name)| part_matches(pattern, name))
}

fn part_matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<_> = parts.collect();
    for (i, part) in parts.iter().enumerate() {
        if i + 1 == parts.len() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

/// What the kernel sets by itself where no file does (Documentation/admin-guide/sysctl and networking/ip-sysctl).
///
/// Where the default changed between kernels, the running value is believed if it is one of them; any other running
/// value was set by hand and is lost at the next boot, so the smallest default is what can be counted on.
fn default_at_boot(name: &str, running: Option<&str>) -> Option<String> {
    let defaults: &[&str] = match name {
        // Linux 6.17 raised both from 208 KiB to 4 MiB.
        "net.core.rmem_max" | "net.core.wmem_max" => &["212992", "4194304"],
        "net.core.rmem_default" | "net.core.wmem_default" => &["212992"],
        "net.core.netdev_max_backlog" => &["1000"],
        "net.core.somaxconn" => &["128", "4096"],
        "net.ipv4.udp_rmem_min" | "net.ipv4.udp_wmem_min" => &["4096"],
        "net.ipv4.ip_forward" | "net.ipv6.conf.all.forwarding" => &["0"],
        "net.ipv4.ip_local_port_range" => &["32768 60999"],
        "vm.max_map_count" => &["65530", "1048576"],
        "vm.overcommit_memory" | "kernel.panic" | "kernel.panic_on_oops" => &["0"],
        "vm.swappiness" => &["60"],
        "kernel.keys.root_maxkeys" => &["200", "1000000"],
        "kernel.keys.root_maxbytes" => &["20000", "25000000"],
        "fs.inotify.max_user_instances" => &["128"],
        "net.bridge.bridge-nf-call-iptables" | "net.bridge.bridge-nf-call-ip6tables" => &["1"],
        _ => &[],
    };
    if let Some(least) = defaults.first() {
        let believed = running.and_then(|running| defaults.iter().find(|default| **default == running));
        return Some((*believed.unwrap_or(least)).to_owned());
    }
    // tcp_init() gives the largest window by memory: at most 6 MiB to receive (32 MiB from Linux 6.18 on), 4 MiB to send.
    let (middle_default, most): (u64, &[u64]) = match name {
        "net.ipv4.tcp_rmem" => (131_072, &[6_291_456, 33_554_432]),
        "net.ipv4.tcp_wmem" => (16_384, &[4_194_304]),
        _ => return None,
    };
    let numbers: Vec<u64> = running?.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [least, middle, largest] = numbers[..] else { return None };
    let largest = if most.contains(&largest) { largest } else { largest.min(most[0]) };
    Some(format!("{} {} {}", least.min(4096), middle.min(middle_default), largest))
}

#[cfg(test)]
mod tests {
    use super::{assignment, boot_order, matches};

    #[test]
    fn files_count_by_name_and_the_first_folder_hides_the_others() {
        let names = [
            "/etc/sysctl.d/99-sysctl.conf",
            "/etc/sysctl.d/dusk.conf",
            "/run/sysctl.d/10-a.conf",
            "/usr/lib/sysctl.d/10-a.conf",
            "/usr/lib/sysctl.d/50-default.conf",
            "/etc/sysctl.conf",
        ];
        let systemd = boot_order(names.into_iter(), true);
        let expected = [
            "/run/sysctl.d/10-a.conf",
            "/usr/lib/sysctl.d/50-default.conf",
            "/etc/sysctl.d/99-sysctl.conf",
            "/etc/sysctl.d/dusk.conf",
        ];
        assert_eq!(systemd, expected);
        assert_eq!(boot_order(names.into_iter(), false).last(), Some(&"/etc/sysctl.conf"));
    }

    #[test]
    fn both_separators_name_the_same_parameter() {
        let path = |line: &str| assignment(line).map(|(path, _)| path);
        assert_eq!(path("net.core.rmem_max=1").as_deref(), Some("net/core/rmem_max"));
        assert_eq!(path("- net/ipv4/conf/eth0.100/rp_filter = 1").as_deref(), Some("net/ipv4/conf/eth0.100/rp_filter"));
        assert_eq!(path("net.ipv4.conf.eth0/100.rp_filter = 1").as_deref(), Some("net/ipv4/conf/eth0.100/rp_filter"));
        assert_eq!(path("# net.core.rmem_max=1"), None);
    }

    #[test]
    fn a_star_covers_one_folder() {
        assert!(matches("net/ipv4/conf/*/rp_filter", "net/ipv4/conf/eth0/rp_filter"));
        assert!(!matches("net/*/rp_filter", "net/ipv4/conf/eth0/rp_filter"));
        assert!(matches("net/ipv4/conf/e*0/rp_filter", "net/ipv4/conf/eth0/rp_filter"));
    }
}

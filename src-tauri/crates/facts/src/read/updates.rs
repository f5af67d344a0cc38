//! Updates: how many wait, whether they install by themselves, and whether a restart is due.

use super::Context;
use super::answers::{Answers, Said, Silence};
use super::notes::{Cited, Notes, word};
use super::services::is_enabled;
use super::system::{container, no_source};
use crate::{Key, Kind, Value, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    read_tool(answers, notes);
    read_pending(answers, notes);
    read_automatic(answers, notes);
    read_reboot(answers, notes);
    read_age(answers, notes);
}

/// What installs packages here: the first that is in the path.
pub(super) fn tool(answers: &Answers) -> Option<&'static str> {
    let commands = answers.text("commands")?;
    let has = |name: &str| {
        commands.lines().any(|line| line.split_once(' ').is_some_and(|(n, at)| n == name && !at.is_empty()))
    };
    let known = [("apt-get", "apt"), ("dnf", "dnf"), ("yum", "yum"), ("zypper", "zypper"), ("apk", "apk")];
    known.into_iter().find(|(command, _)| has(command)).map(|(_, tool)| tool)
}

fn read_tool(answers: &Answers, notes: &mut Notes) {
    match answers.said("commands") {
        Ok(_) => {
            let tool = tool(answers);
            let cited = notes.cite(
                "command -v apt-get dnf yum zypper apk",
                tool.unwrap_or_default(),
                i32::from(tool.is_none()),
            );
            notes.tell(Kind::PackageTool, tool.map_or(Value::Absent, |tool| Value::Text(tool.to_owned())), &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::PackageTool], &silence),
    }
}

fn read_pending(answers: &Answers, notes: &mut Notes) {
    let kinds = [Kind::UpdatesPending, Kind::UpdatesSecurity];
    let tool = match answers.said("commands") {
        Ok(_) => tool(answers),
        Err(silence) => return notes.silent_kinds(&kinds, &silence),
    };
    let Some(tool) = tool else {
        return notes.silent_kinds(&kinds, &Silence::Because(no_source("apt, dnf, yum, zypper or apk")));
    };
    let said = match answers.said(&format!("update.{tool}")) {
        Ok(said) => said,
        Err(silence) => return notes.silent_kinds(&kinds, &silence),
    };
    let unreadable = |said: &Said| Why::Unreadable { answer: word(said.text.lines().next().unwrap_or("no answer")) };
    let (command, pending) = match tool {
        "apt" => ("apt list --upgradable", (said.exit == 0).then(|| from_apt(&said.text).count())),
        // 100 is how dnf and yum say that there are updates.
        "dnf" | "yum" => ("dnf -C check-update", matches!(said.exit, 0 | 100).then(|| from_dnf(&said.text))),
        "zypper" => ("zypper --no-refresh list-updates", (said.exit == 0).then(|| rows(&said.text, "v"))),
        _ => (
            "apk version -l '<'",
            (said.exit == 0).then(|| said.text.lines().filter(|line| line.contains(" < ")).count()),
        ),
    };
    let cited = notes.cite(command, &said.text, said.exit);
    match pending {
        Some(pending) => notes.tell(Kind::UpdatesPending, Value::Count(pending as u64), &cited),
        None => notes.unknown(Key::plain(Kind::UpdatesPending), unreadable(said), &cited),
    }
    let key = Key::plain(Kind::UpdatesSecurity);
    match (tool, pending) {
        ("apt", Some(_)) => {
            let security = from_apt(&said.text)
                .filter(|suites| suites.contains("-security") || suites.contains("security-"))
                .count();
            notes.tell(Kind::UpdatesSecurity, Value::Count(security as u64), &cited);
        }
        // Nothing waits, so nothing for security waits.
        (_, Some(0)) => notes.tell(Kind::UpdatesSecurity, Value::Count(0), &cited),
        ("apk", _) => notes.unknown(key, no_source("a mark for security updates in apk"), &cited),
        ("dnf" | "yum" | "zypper", _) => {
            let said = match answers.said(&format!("update.{tool}sec")) {
                Ok(said) => said,
                Err(silence) => return notes.silent([key], &silence),
            };
            let count = match tool {
                "zypper" => {
                    said.text.lines().filter(|line| line.contains("| security ") && line.contains("| needed")).count()
                }
                // "RHSA-2024:1234 Important/Sec. openssl-…": one line for each package and notice.
                _ => {
                    let packages =
                        said.text.lines().filter(|line| line.contains("/Sec.") || line.contains(" security "));
                    packages
                        .filter_map(|line| line.split_whitespace().nth(2))
                        .collect::<std::collections::BTreeSet<_>>()
                        .len()
                }
            };
            let cited = notes.cite(
                if tool == "zypper" {
                    "zypper list-patches --category security"
                } else {
                    "dnf -C updateinfo list --security"
                },
                &said.text,
                said.exit,
            );
            match said.exit {
                0 => notes.tell(Kind::UpdatesSecurity, Value::Count(count as u64), &cited),
                _ => notes.unknown(key, unreadable(said), &cited),
            }
        }
        _ => notes.unknown(key, unreadable(said), &cited),
    }
}

/// "zip/stable-security 3.0-13+deb12u1 amd64 [upgradable from: 3.0-13]": the suites each comes from.
fn from_apt(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| line.contains("[upgradable from:"));
    lines.filter_map(|line| line.split_whitespace().next()?.split_once('/')).map(|(_, suites)| suites)
}

/// "openssl.x86_64   1:3.0.7-27.el9   baseos", up to the list of what they replace.
fn from_dnf(text: &str) -> usize {
    let lines = text.lines().take_while(|line| !line.starts_with("Obsoleting"));
    lines
        .filter(|line| line.split_whitespace().count() == 3 && !line.starts_with([' ', '\t']) && line.contains('.'))
        .count()
}

/// Rows of a table of zypper that begin so: "v | repo | name | …".
fn rows(text: &str, first: &str) -> usize {
    text.lines().filter(|line| line.split_once('|').is_some_and(|(start, _)| start.trim() == first)).count()
}

fn read_automatic(answers: &Answers, notes: &mut Notes) {
    let sections = ["setting.updates", "service.show", "commands"];
    if let Some(silence) =
        sections.iter().filter(|name| **name != "service.show").find_map(|name| answers.said(name).err())
    {
        return notes.silent_kinds(&[Kind::UpdatesAutomatic], &silence);
    }
    if !answers.settled("service.show") {
        return;
    }
    let Ok(files) = answers.files("setting.updates") else { return };
    let lines: Vec<_> = files.numbered().collect();
    let setting =
        |name: &str| lines.iter().rev().find(|line| line.text.trim_start().starts_with(name)).map(|line| line.text);
    let yes = |line: Option<&str>| {
        line.is_some_and(|line| {
            line.contains("\"1\"") || line.trim_end().ends_with("yes") || line.contains("\"always\"")
        })
    };
    let automatic = match tool(answers) {
        Some("apt") => {
            let timer = is_enabled(answers, "apt-daily-upgrade.timer").unwrap_or(true);
            let service = is_enabled(answers, "unattended-upgrades").unwrap_or(false);
            Some(timer && service && yes(setting("APT::Periodic::Unattended-Upgrade ")))
        }
        Some("dnf") => {
            let installs = is_enabled(answers, "dnf-automatic-install.timer") == Some(true);
            let downloads = ["dnf-automatic.timer", "dnf5-automatic.timer"]
                .iter()
                .any(|name| is_enabled(answers, name) == Some(true));
            Some(installs || (downloads && yes(setting("apply_updates"))))
        }
        Some("yum") => Some(is_enabled(answers, "yum-cron") == Some(true) && yes(setting("apply_updates"))),
        _ => None,
    };
    let shown: Vec<_> = lines.iter().map(|line| format!("{}:{}:{}", line.path, line.number, line.text)).collect();
    let command = match tool(answers) {
        Some("dnf" | "yum") => "systemctl is-enabled dnf-automatic.timer; grep apply_updates /etc/dnf/automatic.conf",
        _ => "apt-config dump APT::Periodic; systemctl is-enabled apt-daily-upgrade.timer unattended-upgrades",
    };
    let cited = notes.cite(command, &shown.join("\n"), 0);
    match automatic {
        Some(automatic) => notes.tell(Kind::UpdatesAutomatic, Value::Flag(automatic), &cited),
        None => {
            notes.unknown(Key::plain(Kind::UpdatesAutomatic), no_source("unattended-upgrades or dnf-automatic"), &cited)
        }
    }
}

fn read_reboot(answers: &Answers, notes: &mut Notes) {
    let (marks, kernel) = match (answers.said("marks"), answers.said("kernel")) {
        (Ok(marks), Ok(kernel)) => (marks, kernel),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent_kinds(&[Kind::UpdatesReboot], &silence),
    };
    if let Some(mark) = marks.text.lines().find(|line| line.ends_with("/reboot-required")) {
        let cited = notes.cite(format!("ls {mark}"), mark, 0);
        return notes.tell(Kind::UpdatesReboot, Value::Flag(true), &cited);
    }
    let container = match container(answers, notes) {
        Ok(container) => container,
        Err(_) => return,
    };
    let running = kernel.text.split_whitespace().nth(2).unwrap_or_default();
    let installed = marks
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("/boot/vmlinuz-").or_else(|| line.strip_prefix("/lib/modules/")));
    let newer: Vec<_> = installed.filter(|release| is_newer_kernel(release, running)).collect();
    let cited =
        notes.cite("ls /run/reboot-required /boot/vmlinuz-*; uname -r", &format!("{}\n{running}", newer.join("\n")), 0);
    // The kernel of a container is its host's.
    let due = container.is_none() && !newer.is_empty();
    notes.infer(Kind::UpdatesReboot, Value::Flag(due), &cited);
}

/// Whether a kernel of the same flavour (the words behind the numbers) is newer than the one that runs.
fn is_newer_kernel(release: &str, running: &str) -> bool {
    let flavour = |text: &str| text.trim_start_matches(|c: char| c.is_ascii_digit() || "._-+~".contains(c)).to_owned();
    let numbers = |text: &str| -> Vec<u64> {
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        text[..end].split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
    };
    flavour(release) == flavour(running) && !numbers(running).is_empty() && numbers(release) > numbers(running)
}

fn read_age(answers: &Answers, notes: &mut Notes) {
    let (said, now) = match (answers.said("file.modes"), answers.said("now")) {
        (Ok(said), Ok(now)) => (said, now),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent_kinds(&[Kind::UpdatesAge], &silence),
    };
    let now = now.text.trim().split('.').next().and_then(|seconds| seconds.parse::<u64>().ok());
    let lists = [
        "/var/lib/apt/lists",
        "/var/lib/apt/periodic/update-success-stamp",
        "/var/cache/dnf",
        "/var/cache/yum",
        "/var/cache/zypp/raw",
        "/var/cache/apk",
    ];
    let lines: Vec<_> = said
        .text
        .lines()
        .filter(|line| lists.iter().any(|path| line.ends_with(&format!(" {}{path}", answers.root()))))
        .collect();
    let newest = lines.iter().filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok()).max();
    let cited = notes.cite(format!("stat -c '%y %n' {}", lists.join(" ")), &lines.join("\n"), said.exit);
    match now.zip(newest) {
        Some((now, newest)) => notes.infer(Kind::UpdatesAge, Value::Count(now.saturating_sub(newest) / 86_400), &cited),
        None => notes.unknown(Key::plain(Kind::UpdatesAge), no_source("the folder of package lists"), &Cited::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::{from_apt, is_newer_kernel};

    #[test]
    fn a_newer_kernel_of_the_same_flavour_waits_for_a_restart() {
        assert!(is_newer_kernel("6.1.0-20-amd64", "6.1.0-18-amd64"));
        assert!(!is_newer_kernel("6.1.0-20-cloud-amd64", "6.1.0-18-amd64"));
        assert!(!is_newer_kernel("6.1.0-9-amd64", "6.1.0-18-amd64"));
        assert!(is_newer_kernel("5.14.0-427.el9.x86_64", "5.14.0-362.el9.x86_64"));
    }

    #[test]
    fn suites_tell_security_updates() {
        let text = "Listing...\nzip/oldstable-security 3.0-13+deb12u1 amd64 [upgradable from: 3.0-13]\nvim/stable 9 amd64 [upgradable from: 8]\n";
        assert_eq!(from_apt(text).collect::<Vec<_>>(), ["oldstable-security", "stable"]);
    }
}

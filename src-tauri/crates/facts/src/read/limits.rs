//! How many files may be open: in a fresh sign-in, in services, and in one that runs.

use super::Context;
use super::answers::{Answers, Files, Silence};
use super::notes::{Cited, Notes, word};
use super::services::{Unit, units_shown};
use super::system::no_source;
use crate::{Key, Kind, Value, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    read_logins(answers, notes);
    read_services(answers, notes);
    for key in answers.asked(Kind::UnitFiles) {
        read_unit(key, answers, notes);
    }
}

/// pam_limits gives a session the lines for its user, else for its group, else for everyone (`*`, never root). We tell
/// what an ordinary account gets; where no line speaks, what sshd hands on.
fn read_logins(answers: &Answers, notes: &mut Notes) {
    let kinds = [(Kind::LoginFilesSoft, "soft"), (Kind::LoginFilesHard, "hard")];
    let parts = (answers.files("setting.limits"), answers.said("login"), answers.said("process.names"));
    let (files, login, processes) = match parts {
        (Ok(files), Ok(login), Ok(processes)) => (files, login, processes),
        (Err(silence), ..) | (_, Err(silence), _) | (.., Err(silence)) => {
            return notes.silent_kinds(&kinds.map(|(kind, _)| kind), &silence);
        }
    };
    for (kind, side) in kinds {
        let line = files.numbered().filter(|line| speaks(line.text, side)).last();
        if let Some(line) = line {
            let shown = format!("{}:{}:{}", line.path, line.number, line.text);
            let cited = notes.cite("grep -rn nofile /etc/security/limits.conf /etc/security/limits.d", &shown, 0);
            match line.text.split_whitespace().nth(3).and_then(count) {
                Some(value) => notes.tell(kind, Value::Count(value), &cited),
                None => notes.unknown(Key::plain(kind), Why::Unreadable { answer: word(line.text) }, &cited),
            }
            continue;
        }
        let sshd = sshd_limit(answers, &processes.text, side);
        let session = login.text.lines().find_map(|line| line.strip_prefix(side)?.trim().parse::<u64>().ok());
        let option = if side == "soft" { 'S' } else { 'H' };
        match sshd.or(session) {
            Some(value) => {
                let command = match sshd {
                    Some(_) => "grep 'Max open files' /proc/$(pgrep -o sshd)/limits".to_owned(),
                    None => format!("ulimit -{option}n"),
                };
                let cited = notes.cite(command, &value.to_string(), 0);
                notes.tell(kind, Value::Count(value), &cited);
            }
            None => notes.unknown(Key::plain(kind), no_source("ulimit -n"), &Cited::new()),
        }
    }
}

/// "*  soft  nofile  65536"; a dash means both sides.
fn speaks(line: &str, side: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().take(4).collect();
    matches!(words[..], ["*", kind, "nofile", _] if kind == side || kind == "-")
}

/// A limit in a configuration file; "unlimited" is what the kernel has at most.
fn count(text: &str) -> Option<u64> {
    match text {
        "unlimited" | "infinity" | "-1" => Some(u64::from(u32::MAX)),
        text => text.parse().ok(),
    }
}

/// What the oldest sshd may open; sessions inherit it.
fn sshd_limit(answers: &Answers, processes: &str, side: &str) -> Option<u64> {
    let sshd = processes.lines().filter_map(|line| line.split_once(' ')).filter(|(_, name)| *name == "sshd");
    let sshd = sshd.filter_map(|(pid, _)| pid.parse::<u32>().ok()).min()?;
    limits_of(answers.files("process.limits").ok()?, sshd).map(|(soft, hard)| if side == "soft" { soft } else { hard })
}

/// "Max open files            1024                 524288               files"
fn limits_of(files: Files<'_>, pid: u32) -> Option<(u64, u64)> {
    let path = format!("/proc/{pid}/limits");
    let (_, line) = files.lines().find(|(at, _)| *at == path)?;
    let mut words = line.strip_prefix("Max open files")?.split_whitespace();
    Some((count(words.next()?)?, count(words.next()?)?))
}

fn read_services(answers: &Answers, notes: &mut Notes) {
    let kinds = [(Kind::ServiceFilesSoft, "DefaultLimitNOFILESoft"), (Kind::ServiceFilesHard, "DefaultLimitNOFILE")];
    let said = match answers.said("service.manager") {
        Ok(said) => said,
        Err(Silence::Because(Why::NotRead)) => {
            let silence = Silence::Because(no_source("systemd"));
            return notes.silent_kinds(&kinds.map(|(kind, _)| kind), &silence);
        }
        Err(silence) => return notes.silent_kinds(&kinds.map(|(kind, _)| kind), &silence),
    };
    let cited = notes.cite("systemctl show -p DefaultLimitNOFILE -p DefaultLimitNOFILESoft", &said.text, said.exit);
    let property =
        |name: &str| said.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).and_then(count);
    for (kind, name) in kinds {
        // Before systemd 240 one number stood for both.
        match property(name).or_else(|| property("DefaultLimitNOFILE")) {
            Some(value) => notes.tell(kind, Value::Count(value), &cited),
            None => notes.unknown(Key::plain(kind), no_source(name), &cited),
        }
    }
}

fn read_unit(key: &Key, answers: &Answers, notes: &mut Notes) {
    let shown = match answers.said("service.show") {
        Ok(shown) => shown,
        Err(Silence::Because(Why::NotRead)) => return notes.unknown(key.clone(), no_source("systemd"), &Cited::new()),
        Err(silence) => return notes.silent([key.clone()], &silence),
    };
    let units = units_shown(&shown.text);
    let running: Vec<&Unit> =
        units.iter().filter(|unit| unit.answers_to(key.argument()) && unit.main_pid() > 0).collect();
    let Some(unit) = running.first() else {
        let cited = notes.cite(format!("systemctl show -p MainPID {}", key.argument()), "MainPID=0", 0);
        return notes.reported(key.clone(), Value::Absent, &cited);
    };
    let files = match answers.files("service.limits") {
        Ok(files) => files,
        Err(silence) => return notes.silent([key.clone()], &silence),
    };
    let command = format!("grep 'Max open files' /proc/{}/limits", unit.main_pid());
    match limits_of(files, unit.main_pid()) {
        Some((soft, hard)) => {
            let cited = notes.cite(command, &format!("Max open files {soft} {hard} files"), 0);
            notes.reported(key.clone(), Value::Count(soft), &cited);
        }
        None => notes.unknown(key.clone(), no_source(&command), &Cited::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::speaks;

    #[test]
    fn only_lines_for_everyone_speak_for_an_ordinary_account() {
        assert!(speaks("*  soft  nofile  65536", "soft"));
        assert!(speaks("* - nofile 65536", "hard"));
        assert!(!speaks("root soft nofile 65536", "soft"));
        assert!(!speaks("* soft nproc 65536", "soft"));
    }
}

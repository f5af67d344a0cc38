//! Packages and programs: what is installed, what runs, and what the distribution offers.

use super::answers::{Answers, Said, Silence};
use super::notes::{Cited, Notes, word};
use super::system::no_source;
use super::{Context, containers, updates};
use crate::software::{self, Software};
use crate::{Confidence, Key, Kind, Reading, Value, Version, Why};
use std::collections::BTreeMap;

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    for key in answers.asked(Kind::PackageInstalled) {
        let reading = installed(key.argument(), answers, notes);
        learn(key, reading, notes);
    }
    for key in answers.asked(Kind::PackageCandidate) {
        let reading = offered(key.argument(), answers, notes);
        learn(key, reading, notes);
    }
    for key in answers.asked(Kind::CommandPresent) {
        read_command(key, answers, notes);
    }
    for key in answers.asked(Kind::SoftwareVersion) {
        let reading = version(&software::named(key.argument()), answers, notes);
        learn(key, reading, notes);
    }
    for key in answers.asked(Kind::SoftwareRunning) {
        let reading = running(&software::named(key.argument()), answers, notes);
        learn(key, reading, notes);
    }
    for key in answers.asked(Kind::SoftwareCandidate) {
        let reading = best_offer(&software::named(key.argument()), answers, notes);
        learn(key, reading, notes);
    }
}

/// A reading with its evidence, or nothing yet.
type Told = Option<(Reading, Cited)>;

fn learn(key: &Key, told: Told, notes: &mut Notes) {
    match told {
        Some((Reading::Known { value, confidence }, cited)) => notes.learn(key.clone(), value, confidence, &cited),
        Some((Reading::Unknown(why), cited)) => notes.unknown(key.clone(), why, &cited),
        None => {}
    }
}

fn quiet(silence: Silence) -> Told {
    match silence {
        Silence::NotYet => None,
        Silence::Because(why) => Some((Reading::Unknown(why), Cited::new())),
    }
}

fn known(version: Option<Version>) -> Reading {
    Reading::reported(version.map_or(Value::Absent, Value::Version))
}

/// How one tool's list of packages and versions is read.
type Parse = fn(&str) -> BTreeMap<&str, &str>;

fn installed(name: &str, answers: &Answers, notes: &mut Notes) -> Told {
    let sources: [(&str, &str, Parse); 3] = [
        ("package.dpkg", "dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n'", from_dpkg),
        ("package.rpm", "rpm -q", from_rpm),
        ("package.apk", "apk info -v", from_apk),
    ];
    for (section, command, parse) in sources {
        let Ok(said) = answers.said(section) else { continue };
        let version = parse(&said.text).get(name).copied();
        if version.is_none()
            && let Some(trouble) = trouble(said)
        {
            let cited = notes.cite(format!("{command} {name}"), trouble, said.exit);
            return Some((Reading::Unknown(Why::Unreadable { answer: word(trouble) }), cited));
        }
        let shown = version.map_or_else(|| format!("{name} is not installed"), |version| format!("{name} {version}"));
        let cited = notes.cite(format!("{command} {name}"), &shown, i32::from(version.is_none()));
        return match version.map(str::parse::<Version>) {
            None => Some((known(None), cited)),
            Some(Ok(version)) => Some((known(Some(version)), cited)),
            Some(Err(_)) => Some((Reading::Unknown(Why::Unreadable { answer: word(&shown) }), cited)),
        };
    }
    let asked = ["package.dpkg", "package.rpm", "package.apk"];
    let silences: Vec<_> = asked.iter().filter_map(|section| answers.said(section).err()).collect();
    let cut = silences.iter().find(|silence| matches!(silence, Silence::Because(Why::TimedOut { .. })));
    match cut {
        Some(silence) => quiet(silence.clone()),
        None if answers.ended() => quiet(Silence::Because(no_source("dpkg, rpm or apk"))),
        None => None,
    }
}

/// What kept the tool from reading its own records: such a tool finds no package at all, and none is missing for it.
fn trouble(said: &Said) -> Option<&str> {
    let signs = ["dpkg-query: error", "error:", "Error:", "E:", "grep:"];
    let line = said.text.lines().find(|line| signs.iter().any(|sign| line.starts_with(sign)));
    line.or(said.shortened.then_some("a list too long to read whole"))
}

/// "nginx 1.22.1-9 installed"; a package that left its settings behind is not installed.
fn from_dpkg(text: &str) -> BTreeMap<&str, &str> {
    let line = |line| {
        let mut words = str::split(line, ' ');
        let (name, version) = (words.next()?, words.next()?);
        (words.next() == Some("installed") && words.next().is_none()).then_some((name, version))
    };
    text.lines().filter_map(line).collect()
}

/// "nginx 1:1.20.1-14.el9"; "package x is not installed"
fn from_rpm(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter(|line| !line.starts_with("package ") && !line.starts_with("error:"));
    lines.filter_map(|line| line.split_once(' ')).filter(|(_, version)| !version.contains(' ')).collect()
}

/// "P:nginx" and after it "V:1.24.0-r6"
fn from_apk(text: &str) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    let mut name = "";
    for line in text.lines() {
        match line.split_once(':') {
            Some(("P", package)) => name = package,
            Some(("V", version)) => {
                found.insert(name, version);
            }
            _ => {}
        }
    }
    found
}

/// What the distribution offers of a package, by the lists that the server has.
fn offered(name: &str, answers: &Answers, notes: &mut Notes) -> Told {
    let tool = match answers.said("commands") {
        Ok(_) => updates::tool(answers),
        Err(silence) => return quiet(silence),
    };
    let Some(tool) = tool else { return quiet(Silence::Because(no_source("apt, dnf, yum, zypper or apk"))) };
    let said = match answers.said(&format!("offer.{tool}")) {
        Ok(said) => said,
        Err(silence) => return quiet(silence),
    };
    let (command, version) = match tool {
        "apt" => ("apt-cache policy", from_policy(&said.text, name)),
        "dnf" => ("dnf -C repoquery --latest-limit=1", from_rpm(&said.text).get(name).copied()),
        "yum" => ("yum -C list available", from_yum(&said.text, name)),
        "zypper" => ("zypper info", from_zypper(&said.text, name)),
        _ => ("apk policy", from_apk_policy(&said.text, name)),
    };
    let cited = notes.cite(format!("{command} {name}"), &excerpt(&said.text, name), said.exit);
    match version.map(str::parse::<Version>) {
        Some(Ok(version)) => Some((known(Some(version)), cited)),
        Some(Err(_)) => Some((Reading::Unknown(Why::Unreadable { answer: word(version.unwrap_or_default()) }), cited)),
        // Lists that were never fetched know no package at all.
        None if has_no_lists(tool, &said.text) => {
            Some((Reading::Unknown(no_source("lists of packages (never refreshed here)")), cited))
        }
        None => match trouble(said) {
            Some(trouble) => Some((Reading::Unknown(Why::Unreadable { answer: word(trouble) }), cited)),
            None => Some((known(None), cited)),
        },
    }
}

fn has_no_lists(tool: &str, text: &str) -> bool {
    match tool {
        "dnf" | "yum" => {
            ["Cache-only", "cache only", "Error:", "No enabled repos", "Cannot"].iter().any(|sign| text.contains(sign))
        }
        // Every known package shows where it comes from; with no lists only what is installed does.
        "apt" => !text.contains("Packages") && !text.contains("://"),
        _ => text.trim().is_empty(),
    }
}

/// The lines of a long answer that speak of one package.
fn excerpt(text: &str, name: &str) -> String {
    let mut lines = text.lines().skip_while(|line| !line.contains(name));
    lines.by_ref().take(8).collect::<Vec<_>>().join("\n")
}

/// "nginx:\n  Installed: (none)\n  Candidate: 1.22.1-9\n"
fn from_policy<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let lines = text.lines().skip_while(|line| line.strip_suffix(':') != Some(name)).skip(1);
    let mut lines = lines.take_while(|line| line.starts_with(' '));
    let candidate = lines.find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (candidate != "(none)").then_some(candidate)
}

/// "nginx.x86_64   1:1.22.1-1.amzn2   amzn2extra-nginx1"
fn from_yum<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let (package, _) = words.next()?.rsplit_once('.')?;
        (package == name).then(|| words.next()).flatten()
    })
}

/// "Information for package nginx:" … "Version        : 1.21.5-150600.10.3"
fn from_zypper<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let heading = format!("Information for package {name}:");
    let mut lines = text.lines().skip_while(|line| line.trim() != heading).skip(1);
    lines.by_ref().take_while(|line| !line.starts_with("Information for")).find_map(|line| {
        let (field, value) = line.split_once(':')?;
        (field.trim() == "Version").then_some(value.trim())
    })
}

/// "nginx policy:\n  1.24.0-r6:\n    https://…"
fn from_apk_policy<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let heading = format!("{name} policy:");
    let lines = text.lines().skip_while(|line| line.trim() != heading).skip(1).take_while(|line| line.starts_with(' '));
    let versions = lines.filter(|line| !line.starts_with("    ")).filter_map(|line| line.trim().strip_suffix(':'));
    versions
        .filter_map(|text| Some((text, text.parse::<Version>().ok()?)))
        .max_by(|a, b| a.1.cmp(&b.1))
        .map(|(text, _)| text)
}

fn read_command(key: &Key, answers: &Answers, notes: &mut Notes) {
    match answers.said("commands") {
        Ok(said) => {
            let lines = said.text.lines().filter_map(|line| line.split_once(' '));
            let at = lines.filter(|(name, _)| *name == key.argument()).map(|(_, at)| at).next().unwrap_or_default();
            let cited = notes.cite(format!("command -v {}", key.argument()), at, i32::from(at.is_empty()));
            notes.reported(key.clone(), Value::Flag(!at.is_empty()), &cited);
        }
        Err(silence) => notes.silent([key.clone()], &silence),
    }
}

/// What a program says of itself; else what its package says; else what its container's image is called.
fn version(software: &Software, answers: &Answers, notes: &mut Notes) -> Told {
    let section = format!("software.{}", software.name);
    let started = match answers.said("software") {
        Ok(said) => said.text.split_whitespace().filter(|name| *name == software.name).count(),
        Err(silence) => return quiet(silence),
    };
    let mut newest: Option<(Version, Cited)> = None;
    let mut answered = 0;
    for said in answers.each(&section) {
        answered += 1;
        // Some print their version and end with 1; an error text is no version.
        let lower = said.text.to_ascii_lowercase();
        let failed = said.exit > 1
            || (said.exit == 1 && ["error", "unknown", "not a", "cannot"].iter().any(|sign| lower.contains(sign)));
        let Some(version) = version_in(&said.text).filter(|_| !failed) else { continue };
        let program = software.programs.first().map_or(software.name.clone(), |program| program.replace(',', " "));
        let cited = notes.cite(program.trim_start_matches('@'), &said.text, said.exit);
        if newest.as_ref().is_none_or(|(best, _)| version > *best) {
            newest = Some((version, cited));
        }
    }
    if let Some((version, cited)) = newest {
        return Some((known(Some(version)), cited));
    }
    if answered < started {
        // Some program was started and has not answered yet, or never will.
        if let Err(silence) = answers.said(&section) {
            return quiet(silence);
        }
    }
    let mut best: Told = None;
    for package in &software.packages {
        match installed(package, answers, notes) {
            Some((Reading::Known { value: Value::Version(version), .. }, cited)) => {
                return Some((known(Some(version)), cited));
            }
            Some(told) => best = Some(told),
            None => return None,
        }
    }
    if let Some((version, cited)) = containers::image_version(software, answers, notes) {
        return Some((Reading::Known { value: Value::Version(version), confidence: Confidence::Inferred }, cited));
    }
    match best {
        // No package manager to ask, and no program in the path either: it is not there.
        Some((Reading::Unknown(Why::NoSource { .. }), cited)) => Some((known(None), cited)),
        Some(told) => Some(told),
        None => Some((known(None), notes.cite(format!("command -v {}", software.name), "", 1))),
    }
}

/// The first text that looks like a version: digits with a dot, else plain digits.
pub(super) fn version_in(text: &str) -> Option<Version> {
    let text: String = text.chars().take(2000).collect();
    let words =
        || text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '/' | '=' | '"' | '_' | ';'));
    let numbers = |word: &str| -> Option<Version> {
        let at = word.find(|c: char| c.is_ascii_digit())?;
        // "go1.19" and "x86" are names; "v18.20" and "OpenSSH-9.2" are versions.
        let before = word[..at].trim_end_matches(['v', 'V']);
        if !(before.is_empty() || before.ends_with('-')) {
            return None;
        }
        word[at..].trim_end_matches([':', '.']).parse().ok()
    };
    let dotted = words().filter_map(numbers).find(|version| version.numbers().len() > 1);
    dotted.or_else(|| words().find_map(numbers))
}

/// The version of the process: that of its program, unless the program was replaced under it.
fn running(software: &Software, answers: &Answers, notes: &mut Notes) -> Told {
    let processes = match answers.said("process.names") {
        Ok(said) => said,
        Err(silence) => return quiet(silence),
    };
    let runs = |line: &&str| line.split_once(' ').is_some_and(|(_, name)| software.processes.iter().any(|p| p == name));
    let Some(process) = processes.text.lines().find(runs) else {
        let image = containers::image_version(software, answers, notes);
        return match image {
            Some((version, cited)) => {
                Some((Reading::Known { value: Value::Version(version), confidence: Confidence::Inferred }, cited))
            }
            None => Some((known(None), notes.cite(format!("pgrep -l {}", software.name), "", 1))),
        };
    };
    let pid = process.split(' ').next().unwrap_or_default();
    if !answers.settled("process.programs") {
        return None;
    }
    let programs = answers.text("process.programs").unwrap_or_default();
    let link =
        programs.lines().find_map(|line| line.split_once(&format!("/proc/{pid}/exe -> "))).map(|(_, to)| to.trim());
    let cited = notes.cite(format!("ls -l /proc/{pid}/exe"), link.unwrap_or_default(), i32::from(link.is_none()));
    match link {
        Some(path) if path.ends_with(" (deleted)") => {
            let answer = format!(
                "{} was replaced since it started: the old one still runs",
                word(path.trim_end_matches(" (deleted)"))
            );
            Some((Reading::Unknown(Why::Unreadable { answer }), cited))
        }
        Some(_) | None => match version(software, answers, notes) {
            Some((Reading::Known { value, .. }, mut more)) => {
                more.extend(cited);
                Some((Reading::Known { value, confidence: Confidence::Inferred }, more))
            }
            told => told,
        },
    }
}

fn best_offer(software: &Software, answers: &Answers, notes: &mut Notes) -> Told {
    let mut best: Option<(Version, Cited)> = None;
    let mut other: Told = None;
    for package in &software.packages {
        match offered(package, answers, notes) {
            Some((Reading::Known { value: Value::Version(version), .. }, cited)) => {
                if best.as_ref().is_none_or(|(known, _)| version > *known) {
                    best = Some((version, cited));
                }
            }
            None => return None,
            told => other = told,
        }
    }
    match best {
        Some((version, cited)) => Some((known(Some(version)), cited)),
        None => other.or_else(|| Some((known(None), Cited::new()))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::Answers;
    use super::super::notes::Notes;
    use super::{from_apk_policy, from_policy, from_yum, version_in};
    use crate::frame::Section;
    use crate::{Context, Key, Reading, Value};

    #[test]
    fn versions_are_found_in_what_programs_print() {
        for (text, expected) in [
            ("nginx version: nginx/1.22.1", "1.22.1"),
            ("v18.20.4", "18.20.4"),
            ("Docker version 24.0.5, build ced0996", "24.0.5"),
            ("postgres (PostgreSQL) 15.6 (Debian 15.6-0+deb12u1)", "15.6"),
            ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", "7.0.15"),
            ("db version v6.0.12\nBuild Info: {\n    \"version\": \"6.0.12\"", "6.0.12"),
            ("HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/", "2.6.12"),
            ("prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5+b5)", "2.42.0"),
            ("grafana-server Version 9.5.2 (commit: cfcea75916, branch: HEAD)", "9.5.2"),
            ("Server version: Apache/2.4.57 (Debian)\nServer built:   2023-04-13T03:26:51", "2.4.57"),
            ("OpenVPN 2.6.3 x86_64-pc-linux-gnu [SSL (OpenSSL)]", "2.6.3"),
            ("wireguard-tools v1.0.20210914 - https://git.zx2c4.com/", "1.0.20210914"),
            ("ClamAV 1.0.3/26992/Wed Aug  2 07:27:31 2023", "1.0.3"),
            ("containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+b1", "1.6.20"),
            ("Kubernetes v1.28.2", "1.28.2"),
            ("k3s version v1.28.3+k3s1 (49411e70)\ngo version go1.20.10", "1.28.3"),
            ("cri-dockerd 0.3.4 (e88b1605)", "0.3.4"),
            ("/usr/share/elasticsearch/lib/elasticsearch-8.11.1.jar", "8.11.1"),
            ("OpenSSH_9.2p1 Debian-2+deb12u2, OpenSSL 3.0.11", "9.2"),
            ("Version 4.9.5", "4.9.5"),
        ] {
            let version = version_in(text).expect(text);
            let expected: Vec<u64> = expected.split('.').map(|n| n.parse().expect("number")).collect();
            assert_eq!(version.numbers(), expected, "{text}");
        }
        assert!(version_in("command not found").is_none());
    }

    #[test]
    fn each_tool_says_its_candidate_in_its_own_way() {
        let apt = "nginx:\n  Installed: (none)\n  Candidate: 1.22.1-9\n  Version table:\nnodejs:\n  Installed: (none)\n  Candidate: (none)\n";
        assert_eq!(from_policy(apt, "nginx"), Some("1.22.1-9"));
        assert_eq!(from_policy(apt, "nodejs"), None);
        assert_eq!(
            from_yum("Available Packages\nnginx.x86_64   1:1.22.1-1.amzn2   amzn2extra\n", "nginx"),
            Some("1:1.22.1-1.amzn2")
        );
        let apk = "nginx policy:\n  1.24.0-r6:\n    lib/apk/db/installed\n  1.24.0-r7:\n    https://x/main\n";
        assert_eq!(from_apk_policy(apk, "nginx"), Some("1.24.0-r7"));
    }
    #[test]
    fn nothing_is_missing_for_a_tool_that_cannot_read_its_records() {
        let section = |name: &str, exit, text: &str, shortened| Section {
            name: name.into(),
            exit,
            bytes: text.into(),
            shortened,
        };
        let told = |name, exit, text, shortened| {
            let key: Key = "package.installed:curl".parse().expect("key");
            let asked = section("asked", 0, "keys package.installed:curl\n", false);
            let mut notes = Notes::default();
            super::read(&Answers::new(&[asked, section(name, exit, text, shortened)]), &Context::default(), &mut notes);
            notes.facts().reading(&key).clone()
        };
        let missing = |reading| matches!(reading, Reading::Known { value: Value::Absent, .. });
        assert!(missing(told(
            "package.dpkg",
            1,
            "jq 1.6-2 installed\ndpkg-query: no packages found matching curl\n",
            false
        )));
        assert!(missing(told("package.rpm", 1, "package curl is not installed\n", false)));
        for (name, exit, text, shortened) in [
            ("package.dpkg", 2, "dpkg-query: error: failed to open package info file '/var/lib/dpkg/status'\n", false),
            (
                "package.rpm",
                1,
                "error: cannot open Packages database in /var/lib/rpm\npackage curl is not installed\n",
                false,
            ),
            ("package.apk", 2, "grep: /lib/apk/db/installed: Permission denied\n", false),
            ("package.dpkg", 0, "aptitude 0.8 installed\n", true),
        ] {
            let reading = told(name, exit, text, shortened);
            assert!(matches!(reading, Reading::Unknown(_)), "{name}: {reading:?}");
        }
    }
}

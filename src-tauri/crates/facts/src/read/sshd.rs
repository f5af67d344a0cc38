//! sshd as it takes effect, and the line that decides each setting.

use super::Context;
use super::answers::{Answers, Files, Line, Silence};
use super::listeners::listeners;
use super::notes::{Notes, word, words};
use super::services::is_active;
use super::system::no_source;
use crate::{Confidence, Key, Kind, Value, Why};

/// What sshd does where no line speaks (sshd_config(5), OpenSSH 9).
const DEFAULTS: &[(&str, &str)] = &[
    ("port", "22"),
    ("passwordauthentication", "yes"),
    ("permitrootlogin", "prohibit-password"),
    ("pubkeyauthentication", "yes"),
    ("kbdinteractiveauthentication", "yes"),
    ("permitemptypasswords", "no"),
    ("authenticationmethods", "any"),
    ("x11forwarding", "no"),
    ("usepam", "no"),
    ("maxauthtries", "6"),
];

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    for key in answers.asked(Kind::SshdSetting) {
        read_setting(key, answers, notes);
    }
    for key in answers.asked(Kind::SshdOrigin) {
        read_origin(key, answers, notes);
    }
    read_ports(answers, notes);
    read_socket(answers, notes);
}

/// The value in force: as sshd itself says, else as its files say.
pub(super) fn setting(name: &str, answers: &Answers) -> Result<(String, Confidence), Silence> {
    let name = name.to_ascii_lowercase();
    let said = match answers.said("sshd.effective") {
        Ok(said) if said.exit == 0 => said,
        Ok(said) => return from_files(&name, answers).map_err(|_| unreadable(&said.text)),
        Err(Silence::Because(Why::NeedsAdministrator)) => return from_files(&name, answers),
        Err(silence) => return Err(silence),
    };
    let lines = said.text.lines().filter_map(|line| line.split_once(' '));
    let values = lines.filter(|(key, _)| *key == name).map(|(_, value)| match value {
        // sshd prints the older name of this one.
        "without-password" => "prohibit-password".to_owned(),
        value => words(value),
    });
    let values: Vec<_> = values.collect();
    if values.is_empty() {
        Err(Silence::Because(no_source(&format!("{name} in sshd -T"))))
    } else {
        Ok((values.join(","), Confidence::Reported))
    }
}

fn unreadable(text: &str) -> Silence {
    Silence::Because(Why::Unreadable { answer: word(text.lines().next().unwrap_or_default()) })
}

fn from_files(name: &str, answers: &Answers) -> Result<(String, Confidence), Silence> {
    let files = readable(answers)?;
    if let Some((line, value)) = deciding(name, files) {
        let _ = line;
        return Ok((words(value), Confidence::Inferred));
    }
    let default = DEFAULTS.iter().find(|(known, _)| *known == name);
    match default {
        Some((_, value)) => Ok(((*value).to_owned(), Confidence::Inferred)),
        None => Err(Silence::Because(Why::NeedsAdministrator)),
    }
}

fn readable(answers: &Answers) -> Result<Files<'_>, Silence> {
    let files = answers.files("sshd.files")?;
    match files.lines().any(|(path, _)| path.ends_with("/ssh/sshd_config")) {
        true => Ok(files),
        // Red Hat keeps the file from everyone but root.
        false => Err(match answers.said("sshd.private") {
            Err(Silence::Because(Why::NeedsAdministrator)) => Silence::Because(Why::NeedsAdministrator),
            _ => Silence::Because(no_source("/etc/ssh/sshd_config")),
        }),
    }
}

/// The first line that speaks, in the order in which sshd reads: an Include stands where its line stands. Lines under
/// a Match speak only for some sign-ins.
fn deciding<'a>(name: &str, files: Files<'a>) -> Option<(Line<'a>, &'a str)> {
    let main = ["/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config"];
    let main = main.into_iter().find(|main| files.lines().any(|(path, _)| path == *main))?;
    let mut matched = false;
    for line in files.numbered().filter(|line| line.path == main) {
        let Some((key, value)) = pair(line.text) else { continue };
        match key.as_str() {
            "match" => matched = !value.eq_ignore_ascii_case("all"),
            "include" if !matched => {
                let found = value.split_whitespace().find_map(|pattern| in_included(name, pattern, main, files));
                if found.is_some() {
                    return found;
                }
            }
            _ if !matched && key == name => return Some((line, value)),
            _ => {}
        }
    }
    None
}

fn in_included<'a>(name: &str, pattern: &str, main: &str, files: Files<'a>) -> Option<(Line<'a>, &'a str)> {
    let folder = main.rsplit_once('/').map_or("/etc/ssh", |(folder, _)| folder);
    let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("{folder}/{pattern}") };
    let (start, end) = pattern.split_once('*').unwrap_or((&pattern, ""));
    let mut matched_in = "";
    for line in
        files.numbered().filter(|line| line.path != main && line.path.starts_with(start) && line.path.ends_with(end))
    {
        let Some((key, value)) = pair(line.text) else { continue };
        if key == "match" {
            matched_in = if value.eq_ignore_ascii_case("all") { "" } else { line.path };
        } else if key == name && matched_in != line.path {
            return Some((line, value));
        }
    }
    None
}

/// "PasswordAuthentication no", "Port=22"
fn pair(line: &str) -> Option<(String, &str)> {
    let line = line.trim();
    let (key, value) = line.split_once(|c: char| c.is_whitespace() || c == '=')?;
    Some((key.to_ascii_lowercase(), value.trim_matches(|c: char| c.is_whitespace() || c == '=' || c == '"')))
}

fn read_setting(key: &Key, answers: &Answers, notes: &mut Notes) {
    match setting(key.argument(), answers) {
        Ok((value, confidence)) => {
            let name = key.argument().to_ascii_lowercase();
            let cited = match confidence {
                Confidence::Inferred => {
                    notes.cite(format!("grep -ri {name} /etc/ssh/sshd_config /etc/ssh/sshd_config.d"), &value, 0)
                }
                _ => notes.cite(format!("sshd -T | grep ^{name}"), &format!("{name} {value}"), 0),
            };
            notes.learn(key.clone(), Value::Text(value), confidence, &cited);
        }
        Err(silence) => notes.silent([key.clone()], &silence),
    }
}

fn read_origin(key: &Key, answers: &Answers, notes: &mut Notes) {
    let files = match readable(answers) {
        Ok(files) => files,
        Err(silence) => return notes.silent([key.clone()], &silence),
    };
    let name = key.argument().to_ascii_lowercase();
    let found = deciding(&name, files);
    let shown = found.map(|(line, _)| format!("{}:{}:{}", line.path, line.number, line.text)).unwrap_or_default();
    let cited = notes.cite(
        format!("grep -rin ^{name} /etc/ssh/sshd_config /etc/ssh/sshd_config.d"),
        &shown,
        i32::from(found.is_none()),
    );
    match found {
        Some((line, _)) => notes.reported(key.clone(), Value::Text(format!("{}:{}", line.path, line.number)), &cited),
        None => notes.reported(key.clone(), Value::Absent, &cited),
    }
}

/// The ports that sshd's own settings name.
pub(super) fn configured_ports(answers: &Answers) -> Vec<u16> {
    let ports = setting("port", answers).map(|(ports, _)| ports).unwrap_or_default();
    ports.split(',').filter_map(|port| port.parse().ok()).collect()
}

fn read_ports(answers: &Answers, notes: &mut Notes) {
    let heard = match listeners(answers, notes) {
        Ok((found, _)) => found,
        Err(Silence::NotYet) => return,
        Err(_) => Vec::new(),
    };
    let sshd =
        heard.iter().filter(|one| one.process.starts_with("sshd") || one.process == "dropbear").map(|one| one.port);
    let mut ports: Vec<u16> = sshd.collect();
    if ports.is_empty() {
        match setting("port", answers) {
            Ok(_) => ports = configured_ports(answers),
            Err(silence) => return notes.silent_kinds(&[Kind::SshdPorts], &silence),
        }
    }
    ports.sort_unstable();
    ports.dedup();
    let list: Vec<_> = ports.iter().map(u16::to_string).collect();
    let cited = notes.cite("ss -ltnp | grep sshd; sshd -T | grep ^port", &list.join("\n"), 0);
    notes.tell(Kind::SshdPorts, Value::List(list), &cited);
}

fn read_socket(answers: &Answers, notes: &mut Notes) {
    match answers.said("service.show") {
        Ok(_) => {
            let socket = ["ssh.socket", "sshd.socket"].iter().any(|name| is_active(answers, name) == Some(true));
            let cited =
                notes.cite("systemctl is-active ssh.socket sshd.socket", if socket { "active" } else { "inactive" }, 0);
            notes.tell(Kind::SshdSocket, Value::Flag(socket), &cited);
        }
        Err(Silence::NotYet) => {}
        Err(Silence::Because(Why::NotRead)) => {
            let cited = notes.cite("systemctl is-active ssh.socket", "no systemd", 127);
            notes.tell(Kind::SshdSocket, Value::Flag(false), &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::SshdSocket], &silence),
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::Answers;
    use super::deciding;
    use crate::frame::Section;

    fn origin(text: &str, name: &str) -> Option<String> {
        let section = Section { name: "sshd.files".into(), exit: 0, bytes: text.into(), shortened: false };
        let answers = Answers::new(&[section]);
        let files = answers.files("sshd.files").expect("said");
        deciding(name, files).map(|(line, value)| format!("{}:{} {value}", line.path, line.number))
    }

    #[test]
    fn the_first_line_wins_and_an_include_stands_where_it_stands() {
        let text = "/etc/ssh/sshd_config:12:Include /etc/ssh/sshd_config.d/*.conf\n\
            /etc/ssh/sshd_config:60:PasswordAuthentication no\n\
            /etc/ssh/sshd_config:70:Match User git\n/etc/ssh/sshd_config:71:  X11Forwarding yes\n\
            /etc/ssh/sshd_config.d/50-cloud-init.conf:1:PasswordAuthentication yes\n\
            /etc/ssh/sshd_config.d/99-hardening.conf:1:PasswordAuthentication no\n";
        let expected = "/etc/ssh/sshd_config.d/50-cloud-init.conf:1 yes";
        assert_eq!(origin(text, "passwordauthentication").as_deref(), Some(expected));
        assert_eq!(origin(text, "x11forwarding"), None, "a line under Match speaks for some only");
    }
}

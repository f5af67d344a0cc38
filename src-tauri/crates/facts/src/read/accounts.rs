//! Who may sign in, who may become root, and with what.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Notes, word};
use crate::{Kind, Value};
use std::collections::BTreeSet;

/// Shells that let nobody in.
const NO_SHELLS: [&str; 8] = [
    "/usr/sbin/nologin",
    "/sbin/nologin",
    "/bin/nologin",
    "/usr/bin/nologin",
    "/bin/false",
    "/usr/bin/false",
    "/bin/sync",
    "/sbin/halt",
];

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    read_users(answers, notes);
    read_sudo(answers, notes);
    match answers.said("account.who") {
        Ok(said) => {
            let cited = notes.cite("who", &said.text, said.exit);
            // Newer systems list our own session too, which has no terminal.
            let on_terminal =
                |line: &&str| line.split_whitespace().nth(1).is_some_and(|at| at.starts_with(['p', 't', ':']));
            let count = said.text.lines().filter(on_terminal).count();
            notes.tell(Kind::HostLogins, Value::Count(count as u64), &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::HostLogins], &silence),
    }
}

/// One line of /etc/passwd: "name:x:1000:1000::/home/name:/bin/bash".
struct User<'a> {
    name: &'a str,
    group: &'a str,
    signs_in: bool,
}

fn users(answers: &Answers) -> Result<Vec<User<'_>>, Silence> {
    let files = answers.files("account.users")?;
    Ok(files
        .lines()
        .filter_map(|(_, line)| {
            let fields: Vec<_> = line.split(':').collect();
            let shell = fields.get(6)?.trim();
            // /etc/passwd without a shell means /bin/sh.
            Some(User {
                name: fields[0],
                group: fields[3],
                signs_in: !NO_SHELLS.contains(&shell) && !shell.ends_with("/shutdown"),
            })
        })
        .collect())
}

fn read_users(answers: &Answers, notes: &mut Notes) {
    let users = match users(answers) {
        Ok(users) => users,
        Err(silence) => {
            notes.silent_kinds(&[Kind::AccountsLogin, Kind::AccountsEmptyPassword], &silence);
            return notes.silent(answers.asked(Kind::UserPresent).cloned(), &silence);
        }
    };
    let login: Vec<_> = users.iter().filter(|user| user.signs_in).map(|user| word(user.name)).collect();
    let cited = notes.cite("grep -v -e nologin -e /bin/false /etc/passwd | cut -d: -f1", &login.join("\n"), 0);
    notes.tell(Kind::AccountsLogin, Value::List(login), &cited);
    for key in answers.asked(Kind::UserPresent) {
        let present = users.iter().any(|user| user.name == key.argument());
        let cited = notes.cite(
            format!("getent passwd {}", key.argument()),
            if present { key.argument() } else { "" },
            if present { 0 } else { 2 },
        );
        notes.reported(key.clone(), Value::Flag(present), &cited);
    }
    match answers.said("account.passwords") {
        Ok(said) => {
            let empty = said.text.lines().filter_map(|line| line.strip_suffix(" empty"));
            let empty: Vec<_> =
                empty.filter(|name| users.iter().any(|user| user.name == *name && user.signs_in)).map(word).collect();
            let cited = notes.cite("awk -F: '$2 == \"\" {print $1}' /etc/shadow", &empty.join("\n"), said.exit);
            notes.tell(Kind::AccountsEmptyPassword, Value::List(empty), &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::AccountsEmptyPassword], &silence),
    }
}

/// One rule of sudo: who, and whether a password is asked.
struct Rule<'a> {
    who: Vec<&'a str>,
    free: bool,
    text: String,
}

fn read_sudo(answers: &Answers, notes: &mut Notes) {
    let asked = || answers.asked(Kind::UserSudo).cloned();
    let (files, groups) = match (answers.files("account.sudo"), answers.said("account.groups")) {
        (Ok(files), Ok(groups)) => (files, groups),
        (Err(silence), _) | (_, Err(silence)) => {
            notes.silent_kinds(&[Kind::AccountsNopasswd], &silence);
            return notes.silent(asked(), &silence);
        }
    };
    let mut aliases: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut rules: Vec<Rule<'_>> = Vec::new();
    for line in files.numbered() {
        let text = line.text.trim();
        if let Some((name, members)) = text.strip_prefix("User_Alias").and_then(|rest| rest.split_once('=')) {
            aliases.push((name.trim(), members.split(',').map(str::trim).collect()));
        } else if !["Defaults", "Cmnd_Alias", "Host_Alias", "Runas_Alias", "@", "Cmd_Alias"]
            .iter()
            .any(|start| text.starts_with(start))
        {
            let Some((who, what)) = text.split_once(char::is_whitespace) else { continue };
            if what.contains('=') {
                let shown = format!("{}:{}:{text}", line.path, line.number);
                rules.push(Rule {
                    who: who.split(',').map(str::trim).collect(),
                    free: what.contains("NOPASSWD:"),
                    text: shown,
                });
            }
        }
    }
    let free: Vec<_> = rules.iter().filter(|rule| rule.free).map(|rule| word(&rule.text)).collect();
    let cited =
        notes.cite("grep -rn NOPASSWD /etc/sudoers /etc/sudoers.d", &free.join("\n"), i32::from(free.is_empty()));
    notes.tell(Kind::AccountsNopasswd, Value::List(free), &cited);
    for key in asked() {
        let user = key.argument();
        let names = groups_of(user, &groups.text, answers);
        let meant = |word: &str| {
            word == "ALL" || word == user || word.strip_prefix('%').is_some_and(|group| names.contains(group))
        };
        let matching: Vec<_> = rules
            .iter()
            .filter(|rule| {
                rule.who.iter().any(|word| {
                    meant(word)
                        || aliases
                            .iter()
                            .any(|(name, members)| name == word && members.iter().any(|member| meant(member)))
                })
            })
            .collect();
        // As sudo does, the last rule that matches counts; a free one anywhere is still a way to root.
        let granted = match (matching.iter().any(|rule| rule.free), matching.is_empty()) {
            (true, _) => "nopasswd",
            (false, false) => "password",
            (false, true) => "none",
        };
        let shown: Vec<_> = matching.iter().map(|rule| rule.text.as_str()).collect();
        let cited = notes.cite(format!("sudo -l -U {user}"), &shown.join("\n"), 0);
        notes.reported(key, Value::Text(granted.to_owned()), &cited);
    }
}

fn groups_of<'a>(user: &str, groups: &'a str, answers: &Answers) -> BTreeSet<&'a str> {
    let primary =
        users(answers).ok().and_then(|users| users.iter().find(|u| u.name == user).map(|u| u.group.to_owned()));
    let line = |line: &'a str| {
        // "sudo:x:27:alice,bob"
        let fields: Vec<_> = line.split(':').collect();
        let members = fields.get(3)?;
        let is_in = members.split(',').any(|member| member.trim() == user) || Some(fields[2]) == primary.as_deref();
        is_in.then_some(fields[0])
    };
    groups.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::answers::Answers;
    use super::super::notes::Notes;
    use super::read_sudo;
    use crate::frame::Section;
    use crate::{Key, Value};

    #[test]
    fn sudo_is_granted_by_name_group_and_alias() {
        let section =
            |name: &str, text: &str| Section { name: name.into(), exit: 0, bytes: text.into(), shortened: false };
        let answers = Answers::new(&[
            section("asked", "keys user.sudo:dusk user.sudo:anna user.sudo:bob user.sudo:eve\n"),
            section("account.users", "/etc/passwd:anna:x:1000:27::/home/anna:/bin/bash\n"),
            section("account.groups", "sudo:x:27:\nadm:x:4:eve\n"),
            section(
                "account.sudo",
                "/etc/sudoers:1:Defaults env_reset\n/etc/sudoers:2:%sudo ALL=(ALL:ALL) ALL\n\
                /etc/sudoers:3:User_Alias OPS = bob, carl\n/etc/sudoers:4:OPS ALL=(ALL) NOPASSWD: ALL\n/etc/sudoers.d/dusk:1:dusk ALL=(ALL) NOPASSWD:ALL\n",
            ),
        ]);
        let mut notes = Notes::default();
        read_sudo(&answers, &mut notes);
        for (user, expected) in [("dusk", "nopasswd"), ("anna", "password"), ("bob", "nopasswd"), ("eve", "none")] {
            let key: Key = format!("user.sudo:{user}").parse().expect("key");
            assert_eq!(notes.facts().value(&key), Some(&Value::Text(expected.into())), "{user}");
        }
    }
}

//! Files: whether they are there, their modes and owners, and the names that a file of settings sets. Never content.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Notes, word};
use super::system::no_source;
use crate::{Key, Kind, Value, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    for kind in [Kind::FileMode, Kind::FilePresent] {
        for key in answers.asked(kind) {
            read_mode(key, answers, notes);
        }
    }
    for key in answers.asked(Kind::FileNames) {
        read_names(key, answers, notes);
    }
}

fn read_mode(key: &Key, answers: &Answers, notes: &mut Notes) {
    let (modes, closed) = match (answers.said("file.modes"), answers.said("file.closed")) {
        (Ok(modes), Ok(closed)) => (modes, closed),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent([key.clone()], &silence),
    };
    let path = key.argument();
    let command = format!("stat -c '%a %U:%G %n' {path}");
    let full = format!("{}{path}", answers.root());
    // "640 root:shadow 1795243594 650 regular file /etc/shadow"
    let found = modes.text.lines().find_map(|line| {
        let line = line.strip_suffix(full.as_str())?.strip_suffix(' ')?;
        let mut words = line.split(' ');
        let (mode, owner) = (words.next()?, words.next()?);
        mode.bytes().all(|b| b.is_ascii_digit()).then_some((mode, owner))
    });
    if let Some((mode, owner)) = found {
        let cited = notes.cite(command, &format!("{mode} {owner} {path}"), 0);
        let value = match key.kind() {
            Kind::FilePresent => Value::Flag(true),
            _ => Value::Text(word(&format!("{mode} {owner}"))),
        };
        return notes.reported(key.clone(), value, &cited);
    }
    let why_closed =
        closed.text.lines().filter_map(|line| line.split_once(' ')).find(|(at, _)| *at == path).map(|(_, why)| why);
    let complaint = modes.text.lines().find(|line| line.contains(&format!("'{full}'"))).unwrap_or_default();
    match why_closed {
        Some("far") => {
            let by = "a network mount, which we do not touch".to_owned();
            return notes.unknown(key.clone(), Why::Hidden { by }, &Vec::new());
        }
        Some(_) => return notes.unknown(key.clone(), Why::NeedsAdministrator, &Vec::new()),
        None => {}
    }
    let cited = notes.cite(command, complaint, 1);
    if complaint.contains("Permission denied") {
        notes.unknown(key.clone(), Why::NeedsAdministrator, &cited);
    } else if complaint.contains("No such file") || complaint.contains("Not a directory") {
        let value = if key.kind() == Kind::FilePresent { Value::Flag(false) } else { Value::Absent };
        notes.reported(key.clone(), value, &cited);
    } else {
        notes.unknown(key.clone(), no_source("stat"), &cited);
    }
}

fn read_names(key: &Key, answers: &Answers, notes: &mut Notes) {
    let path = key.argument();
    let said = answers.each("file.names").find(|said| said.text.lines().next() == Some(path));
    let Some(said) = said else {
        return match answers.said("file.names") {
            // The sections of other files say nothing of this one.
            Ok(_) if !answers.ended() => {}
            Ok(_) => notes.unknown(key.clone(), Why::NotRead, &Vec::new()),
            Err(silence) => notes.silent([key.clone()], &silence),
        };
    };
    let command = format!("grep -o '^[A-Za-z_]*=' {path}");
    let names: Vec<_> = said.text.lines().skip(1).map(word).collect();
    let cited = notes.cite(command, &names.join("\n"), said.exit);
    match said.exit {
        0 => notes.reported(key.clone(), Value::List(names), &cited),
        1 => notes.reported(key.clone(), Value::Absent, &cited),
        75 => {
            let by = "a network mount, which we do not touch".to_owned();
            notes.unknown(key.clone(), Why::Hidden { by }, &Vec::new());
        }
        77 => notes.silent([key.clone()], &Silence::Because(Why::NeedsAdministrator)),
        _ => notes.unknown(key.clone(), Why::NotRead, &cited),
    }
}

//! The clock: who keeps it, whether it is kept, and how far it is from this computer's.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Cited, Notes};
use super::services::is_active;
use super::system::{container, no_source};
use crate::{Confidence, Key, Kind, Value, Why};

/// Time services, by the names of their units or processes.
const SOURCES: &[(&str, &[&str])] = &[
    ("chrony", &["chrony", "chronyd"]),
    ("systemd-timesyncd", &["systemd-timesyncd", "systemd-timesyn"]),
    ("ntpsec", &["ntpsec"]),
    ("ntpd", &["ntp", "ntpd"]),
    ("openntpd", &["openntpd"]),
];

pub(super) fn read(answers: &Answers, context: &Context, notes: &mut Notes) {
    read_source(answers, notes);
    read_synchronised(answers, notes);
    read_offset(answers, context, notes);
}

/// Whether everything that could tell about services has spoken.
fn services_settled(answers: &Answers) -> bool {
    ["service.show", "process.names"].iter().all(|name| answers.settled(name))
}

fn source(answers: &Answers) -> Option<&'static str> {
    let processes = answers.text("process.names").unwrap_or_default();
    let runs =
        |name: &str| processes.lines().filter_map(|line| line.split_once(' ')).any(|(_, process)| process == name);
    let found =
        SOURCES.iter().find(|(_, names)| names.iter().any(|name| is_active(answers, name) == Some(true) || runs(name)));
    found.map(|(source, _)| *source)
}

fn read_source(answers: &Answers, notes: &mut Notes) {
    if !services_settled(answers) {
        return;
    }
    let found = source(answers);
    let cited =
        notes.cite("systemctl is-active chrony chronyd systemd-timesyncd ntp ntpsec", found.unwrap_or("inactive"), 0);
    match (found, container(answers, notes)) {
        (Some(source), _) => notes.tell(Kind::TimeSource, Value::Text(source.to_owned()), &cited),
        // A container has its host's clock, and the host's service keeps it.
        (None, Ok(Some(by))) => notes.unknown(Key::plain(Kind::TimeSource), Why::Hidden { by }, &cited),
        (None, Ok(None)) => notes.tell(Kind::TimeSource, Value::Absent, &cited),
        (None, Err(_)) => {}
    }
}

fn read_synchronised(answers: &Answers, notes: &mut Notes) {
    if let Ok(said) = answers.said("time.chrony") {
        let leap = said.text.lines().find_map(|line| line.strip_prefix("Leap status")).unwrap_or_default();
        let cited = notes.cite("chronyc -n tracking", &said.text, said.exit);
        if said.exit == 0 && !leap.is_empty() {
            return notes.tell(Kind::TimeSynchronised, Value::Flag(!leap.contains("Not synchronised")), &cited);
        }
    }
    let mark = "/run/systemd/timesync/synchronized";
    if answers.text("marks").unwrap_or_default().lines().any(|line| line == mark) {
        let cited = notes.cite(format!("ls {mark}"), mark, 0);
        return notes.tell(Kind::TimeSynchronised, Value::Flag(true), &cited);
    }
    if let Ok(said) = answers.said("time.control") {
        let cited = notes.cite("timedatectl show -p NTPSynchronized", &said.text, said.exit);
        match said.text.lines().find_map(|line| line.strip_prefix("NTPSynchronized=")) {
            Some("yes") => return notes.tell(Kind::TimeSynchronised, Value::Flag(true), &cited),
            Some("no") => return notes.tell(Kind::TimeSynchronised, Value::Flag(false), &cited),
            _ => {}
        }
    }
    if let Ok(said) = answers.said("time.ntpq") {
        let cited = notes.cite("ntpq -c rv", &said.text, said.exit);
        if said.text.contains("leap_none") || said.text.contains("sync_ntp") {
            return notes.tell(Kind::TimeSynchronised, Value::Flag(true), &cited);
        }
        if said.text.contains("leap_alarm") || said.text.contains("sync_unspec") {
            return notes.tell(Kind::TimeSynchronised, Value::Flag(false), &cited);
        }
    }
    if !answers.ended() {
        return;
    }
    let key = Key::plain(Kind::TimeSynchronised);
    for section in ["time.chrony", "time.control", "time.ntpq"] {
        if let Err(Silence::Because(why @ Why::TimedOut { .. })) = answers.said(section) {
            return notes.unknown(key, why, &Cited::new());
        }
    }
    match (source(answers), container(answers, notes)) {
        (_, Ok(Some(by))) => notes.unknown(key, Why::Hidden { by }, &Cited::new()),
        (None, _) => {
            let cited = notes.cite("systemctl is-active chrony chronyd systemd-timesyncd ntp", "inactive", 3);
            notes.infer(Kind::TimeSynchronised, Value::Flag(false), &cited);
        }
        _ => notes.unknown(key, no_source("chronyc, timedatectl or ntpq"), &Cited::new()),
    }
}

/// The server named its time at some moment between sending and receiving: the middle, give or take half.
fn read_offset(answers: &Answers, context: &Context, notes: &mut Notes) {
    let (Some(clock), Ok(said)) = (context.clock, answers.said("now")) else { return };
    let text = said.text.trim();
    // busybox has no parts of a second: then the moment is anywhere within it.
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.get(..3).and_then(|digits| digits.parse::<u32>().ok());
    let Ok(seconds) = seconds.parse::<u64>() else {
        let cited = notes.cite("date +%s.%N", text, said.exit);
        return notes.unknown(
            Key::plain(Kind::TimeOffset),
            Why::Unreadable { answer: super::notes::word(text) },
            &cited,
        );
    };
    let server = seconds as f64 * 1000.0 + fraction.map_or(500.0, f64::from);
    let middle = (clock.sent + clock.received) / 2.0;
    let unsure = (clock.received - clock.sent).abs() / 2.0 + if fraction.is_some() { 0.0 } else { 500.0 };
    let cited = notes.cite(
        "date +%s.%N",
        &format!("{text}\nthis computer: {:.3}, give or take {unsure:.0} ms", middle / 1000.0),
        said.exit,
    );
    let offset = (server - middle).round();
    notes.learn(Key::plain(Kind::TimeOffset), Value::Millis(offset), Confidence::Measured, &cited);
}

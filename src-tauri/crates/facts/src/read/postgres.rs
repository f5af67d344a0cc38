//! The running PostgreSQL, in its own words.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Notes, word};
use super::services::is_active;
use super::system::no_source;
use crate::{Key, Kind, Value, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    let keys: Vec<Key> = answers.asked(Kind::PostgresSetting).cloned().collect();
    let all = || keys.iter().cloned().chain([Key::plain(Kind::PostgresStandbys)]);
    let said = match answers.said("postgres.settings") {
        Ok(said) => said,
        Err(Silence::NotYet) => return,
        Err(Silence::Because(Why::NotRead)) => {
            // Without a running server nobody was asked.
            let cited = notes.cite("ls /var/run/postgresql/.s.PGSQL.*", "", 2);
            let none = is_active(answers, "postgresql") != Some(true);
            for key in all() {
                if none {
                    notes.reported(key, Value::Absent, &cited);
                } else {
                    notes.unknown(key, no_source("psql and the server's socket"), &cited);
                }
            }
            return;
        }
        Err(silence) => return notes.silent(all(), &silence),
    };
    if said.exit != 0 {
        let cited =
            notes.cite("sudo -u postgres psql -c 'select name, setting from pg_settings'", &said.text, said.exit);
        for key in all() {
            notes.unknown(key, Why::Unreadable { answer: word(said.text.lines().next().unwrap_or_default()) }, &cited);
        }
        return;
    }
    for key in keys {
        let name = key.argument();
        // "shared_buffers 16384 8kB f"; a value may be empty or hold blanks, so the ends are taken off first.
        let found = said.text.lines().find_map(|line| {
            let (setting, rest) = line.split_once(' ')?;
            let (rest, pending) = rest.rsplit_once(' ')?;
            let (value, unit) = rest.rsplit_once(' ')?;
            (setting == name).then_some((value, unit, pending))
        });
        let shown = found
            .map_or(String::new(), |(value, unit, pending)| format!("{value} {unit} (restart pending: {pending})"));
        let cited = notes.cite(format!("sudo -u postgres psql -Atc 'show {name}'"), &shown, 0);
        match found {
            Some((value, unit, _)) => notes.reported(key, value_of(value, unit), &cited),
            None => notes.reported(key, Value::Absent, &cited),
        }
    }
    let standbys = said.text.lines().find_map(|line| line.strip_prefix("# ")?.trim().parse().ok());
    let cited = notes.cite(
        "sudo -u postgres psql -Atc 'select count(*) from pg_stat_replication'",
        &standbys.unwrap_or(0u64).to_string(),
        0,
    );
    match standbys {
        Some(count) => notes.tell(Kind::PostgresStandbys, Value::Count(count), &cited),
        None => notes.unknown(Key::plain(Kind::PostgresStandbys), no_source("pg_stat_replication"), &cited),
    }
}

/// Sizes in bytes, whatever unit PostgreSQL counts them in; the rest as it stands, times in their own unit.
fn value_of(value: &str, unit: &str) -> Value {
    let scale: Option<u64> = match unit {
        "B" => Some(1),
        "kB" => Some(1024),
        "8kB" => Some(8 * 1024),
        "16kB" => Some(16 * 1024),
        "32kB" => Some(32 * 1024),
        "MB" => Some(1024 * 1024),
        "16MB" => Some(16 * 1024 * 1024),
        _ => None,
    };
    match (scale, value.parse::<u64>()) {
        (Some(scale), Ok(number)) => Value::Bytes(number.saturating_mul(scale)),
        _ if unit == "-" => Value::Text(word(value)),
        _ => Value::Text(word(&format!("{value} {unit}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::value_of;
    use crate::Value;

    #[test]
    fn sizes_are_bytes() {
        assert_eq!(value_of("16384", "8kB"), Value::Bytes(128 * 1024 * 1024));
        assert_eq!(value_of("300", "s"), Value::Text("300 s".into()));
        assert_eq!(value_of("replica", "-"), Value::Text("replica".into()));
    }
}

//! Certificates as the server's own ports serve them.

use super::Context;
use super::answers::{Answers, Said};
use super::notes::{Notes, word};
use crate::{Key, Kind, Value, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    for kind in [Kind::CertificateDays, Kind::CertificateNames] {
        for key in answers.asked(kind) {
            read_certificate(key, answers, notes);
        }
    }
}

fn read_certificate(key: &Key, answers: &Answers, notes: &mut Notes) {
    let Some(port) = key.argument().strip_suffix("/tcp") else {
        // TLS over UDP is another protocol that openssl's client is not asked for.
        let why = Why::NoSource { looked_for: "a certificate on a tcp port".to_owned() };
        return notes.unknown(key.clone(), why, &Vec::new());
    };
    let (said, now) = match (answers.said(&format!("certificate.{port}")), answers.said("now")) {
        (Ok(said), Ok(now)) => (said, now),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent([key.clone()], &silence),
    };
    let command = format!("openssl s_client -connect 127.0.0.1:{port} </dev/null | openssl x509 -noout -text");
    let cited = notes.cite(command, &said.text, said.exit);
    if said.text.trim() == "nothing listens" {
        return notes.reported(key.clone(), Value::Absent, &cited);
    }
    let unreadable = || Why::Unreadable { answer: word(said.text.lines().next().unwrap_or("no certificate")) };
    match key.kind() {
        Kind::CertificateNames => {
            let names = names(said);
            if names.is_empty() && not_after(&said.text).is_none() {
                notes.unknown(key.clone(), unreadable(), &cited);
            } else {
                notes.reported(key.clone(), Value::List(names), &cited);
            }
        }
        _ => {
            let now = now.text.trim().split('.').next().and_then(|seconds| seconds.parse::<i64>().ok());
            match not_after(&said.text).zip(now) {
                // A certificate that has run out is good for no more days.
                Some((end, now)) => {
                    notes.reported(key.clone(), Value::Count(((end - now) / 86_400).max(0) as u64), &cited)
                }
                None => notes.unknown(key.clone(), unreadable(), &cited),
            }
        }
    }
}

/// "                DNS:example.org, DNS:www.example.org, IP Address:203.0.113.7"
fn names(said: &Said) -> Vec<String> {
    let names = said.text.lines().flat_map(|line| line.split(", "));
    names
        .filter_map(|name| name.trim().strip_prefix("DNS:").or_else(|| name.trim().strip_prefix("IP Address:")))
        .map(word)
        .collect()
}

/// "notAfter=Nov 21 07:00:00 2027 GMT" in seconds since 1970.
fn not_after(text: &str) -> Option<i64> {
    let line = text.lines().find_map(|line| line.strip_prefix("notAfter="))?;
    let words: Vec<_> = line.split_whitespace().collect();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.iter().position(|month| words.first() == Some(month))? as i64 + 1;
    let day: i64 = words.get(1)?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let clock: Vec<i64> = words.get(2)?.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let year: i64 = words.get(3)?.parse().ok().filter(|year| (1950..10_000).contains(year))?;
    let [hours, minutes, seconds] = clock[..] else { return None };
    if [hours, minutes, seconds].iter().any(|part| !(0..=60).contains(part)) {
        return None;
    }
    Some(days_since_1970(year, month, day) * 86_400 + hours * 3600 + minutes * 60 + seconds)
}

/// Days of the Gregorian calendar, counted from March so that a leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::not_after;

    #[test]
    fn dates_of_certificates_are_counted_in_seconds() {
        assert_eq!(not_after("notAfter=Jan  1 00:00:00 1970 GMT"), Some(0));
        assert_eq!(not_after("notAfter=Nov 21 07:00:00 2026 GMT"), Some(1_795_244_400));
        assert_eq!(not_after("notAfter=Feb 29 00:00:00 2028 GMT"), Some(1_835_395_200));
        assert_eq!(not_after("notAfter=soon"), None);
    }
}

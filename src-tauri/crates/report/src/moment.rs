//! Times, which come in as RFC 3339 text and go on paper in words. There is no clock here.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day, with the time where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: u16,
    /// 1 to 12.
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) time: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    /// Minutes east of UTC.
    pub(crate) offset: i16,
}

/// `2026-11-20` or `2026-11-20T14:31:07Z`; `None` for anything else.
pub(crate) fn read(text: &str) -> Option<Moment> {
    let number = |from: usize, to: usize| -> Option<u16> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let small =
        |from: usize, most: u16| number(from, from + 2).filter(|&n| n <= most).and_then(|n| u8::try_from(n).ok());
    let mark = |at: usize, signs: &[u8]| text.as_bytes().get(at).filter(|b| signs.contains(b)).map(|_| ());
    mark(4, b"-")?;
    mark(7, b"-")?;
    let (year, month, day) = (number(0, 4)?, small(5, 12)?, small(8, 31)?);
    if month == 0 || day == 0 {
        return None;
    }
    if text.len() == 10 {
        return Some(Moment { year, month, day, time: None });
    }
    mark(10, b"Tt ")?;
    mark(13, b":")?;
    mark(16, b":")?;
    let (hour, minute, second) = (small(11, 23)?, small(14, 59)?, small(17, 60)?.min(59));
    let rest = text.get(19..)?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    Some(Moment { year, month, day, time: Some(Time { hour, minute, second, offset: offset(zone)? }) })
}

fn offset(zone: &str) -> Option<i16> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match zone.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(sign * (hours * 60 + minutes))
}

/// "20 November 2026"; what is no date stays as it is.
pub(crate) fn day(text: &str) -> String {
    match read(text) {
        Some(m) => format!("{} {} {}", m.day, month(m), m.year),
        None => text.to_owned(),
    }
}

/// "20 Nov 2026, 14:31 UTC".
pub(crate) fn short(text: &str) -> String {
    match read(text) {
        Some(m) => {
            let name = month(m).get(..3).unwrap_or_default();
            let time = m.time.map(|time| format!(", {}", hour_and_minute(time))).unwrap_or_default();
            format!("{} {name} {}{time}", m.day, m.year)
        }
        None => text.to_owned(),
    }
}

/// "14:31 UTC", or the day where no time is known.
pub(crate) fn clock(text: &str) -> String {
    match read(text).and_then(|m| m.time) {
        Some(time) => hour_and_minute(time),
        None => day(text),
    }
}

/// Whether both are times on one day, in their own zones.
pub(crate) fn same_day(one: &str, other: &str) -> bool {
    let date = |text: &str| read(text).map(|m| (m.year, m.month, m.day));
    date(one).is_some() && date(one) == date(other)
}

fn month(m: Moment) -> &'static str {
    MONTHS.get(usize::from(m.month) - 1).copied().unwrap_or_default()
}

fn hour_and_minute(time: Time) -> String {
    let zone = match time.offset {
        0 => "UTC".to_owned(),
        n => format!("UTC{}{:02}:{:02}", if n < 0 { '-' } else { '+' }, n.abs() / 60, n.abs() % 60),
    };
    format!("{:02}:{:02} {zone}", time.hour, time.minute)
}

#[cfg(test)]
mod tests {
    use super::{clock, day, read, same_day, short};

    #[test]
    fn times_in_words() {
        for (text, in_short, hour) in [
            ("2026-11-20T14:31:07Z", "20 Nov 2026, 14:31 UTC", "14:31 UTC"),
            ("2026-01-02T03:04:05.123456+02:30", "2 Jan 2026, 03:04 UTC+02:30", "03:04 UTC+02:30"),
            ("2026-05-31T23:59:60-08:00", "31 May 2026, 23:59 UTC-08:00", "23:59 UTC-08:00"),
            ("2026-12-24", "24 Dec 2026", "24 December 2026"),
        ] {
            assert_eq!((short(text).as_str(), clock(text).as_str()), (in_short, hour));
        }
        assert_eq!(day("2026-11-20T14:31:07Z"), "20 November 2026");
        assert!(same_day("2026-11-20T14:31:07Z", "2026-11-20"));
    }

    #[test]
    fn what_is_no_time_stays_as_it_is() {
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-00-10",
            "2026-11-20T",
            "2026-11-20T14:31:07",
            "２０２６-11-20",
            "é026-11-2",
        ] {
            assert_eq!(read(text), None, "{text}");
            assert_eq!(short(text), text);
        }
    }
}

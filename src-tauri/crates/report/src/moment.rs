//! Times, which come in as RFC 3339 text and go on paper in words. There is no clock here.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

/// A day, with the time and its zone where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) date: Date,
    pub(crate) time: Option<(Time, Offset)>,
}

impl Moment {
    /// As a clock shows it in UTC; `None` without a time, or with the time of another zone.
    pub(crate) fn in_utc(self) -> Option<DateTime> {
        let (time, offset) = self.time?;
        (offset == Offset::UTC).then(|| self.date.to_datetime(time))
    }
}

/// `2026-11-20` or `2026-11-20T14:31:07Z`; `None` for anything else, a time without a zone included.
pub(crate) fn read(text: &str) -> Option<Moment> {
    let pieces = Pieces::parse(text).ok()?;
    let time = match (pieces.time(), pieces.to_numeric_offset()) {
        (None, _) => None,
        (Some(time), Some(offset)) => Some((time, offset)),
        (Some(_), None) => return None,
    };
    Some(Moment { date: pieces.date(), time })
}

/// "20 November 2026"; what is no date stays as it is.
pub(crate) fn day(text: &str) -> String {
    read(text).map_or_else(|| text.to_owned(), |moment| moment.date.strftime("%-d %B %Y").to_string())
}

/// "20 Nov 2026, 14:31 UTC".
pub(crate) fn short(text: &str) -> String {
    match read(text) {
        Some(Moment { date, time }) => {
            let time = time.map(|time| format!(", {}", hour_and_minute(time))).unwrap_or_default();
            format!("{}{time}", date.strftime("%-d %b %Y"))
        }
        None => text.to_owned(),
    }
}

/// "14:31 UTC", or the day where no time is known.
pub(crate) fn clock(text: &str) -> String {
    read(text).and_then(|moment| moment.time).map_or_else(|| day(text), hour_and_minute)
}

/// Whether both are times on one day, in their own zones.
pub(crate) fn same_day(one: &str, other: &str) -> bool {
    let date = |text: &str| read(text).map(|moment| moment.date);
    date(one).is_some() && date(one) == date(other)
}

fn hour_and_minute((time, offset): (Time, Offset)) -> String {
    let east = offset.seconds() / 60;
    let zone = match east {
        0 => "UTC".to_owned(),
        _ => format!("UTC{}{:02}:{:02}", if east < 0 { '-' } else { '+' }, east.abs() / 60, east.abs() % 60),
    };
    format!("{} {zone}", time.strftime("%H:%M"))
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

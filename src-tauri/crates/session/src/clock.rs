//! The one place that looks at the clock. Everything inside takes time as an argument.

use jiff::{Timestamp, Zoned};

/// A moment, in the forms that files and people want.
#[derive(Clone, Debug)]
pub struct Moment {
    zoned: Zoned,
}

impl Moment {
    pub fn now() -> Moment {
        Moment { zoned: Zoned::now() }
    }

    /// The moment that an RFC 3339 text names; `None` when it names none.
    pub fn parse(rfc3339: &str) -> Option<Moment> {
        let timestamp: Timestamp = rfc3339.parse().ok()?;
        Some(Moment { zoned: timestamp.to_zoned(jiff::tz::TimeZone::system()) })
    }

    /// So many seconds after 1970.
    pub fn at(unix_seconds: u64) -> Option<Moment> {
        let timestamp = Timestamp::from_second(i64::try_from(unix_seconds).ok()?).ok()?;
        Some(Moment { zoned: timestamp.to_zoned(jiff::tz::TimeZone::system()) })
    }

    /// RFC 3339 in UTC, to the second: sorts as text.
    pub fn rfc3339(&self) -> String {
        self.zoned.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// "20 November 2026, 14:31", in this computer's time.
    pub fn for_people(&self) -> String {
        self.zoned.strftime("%-d %B %Y, %H:%M").to_string()
    }

    /// "20 November 2026", in this computer's time.
    pub fn day_for_people(&self) -> String {
        self.zoned.strftime("%-d %B %Y").to_string()
    }

    /// "14:31:08", in this computer's time.
    pub fn time_of_day(&self) -> String {
        self.zoned.strftime("%H:%M:%S").to_string()
    }

    /// "2026-11-20", UTC: the day that dated tables and waivers are compared with.
    pub fn day(&self) -> String {
        self.zoned.timestamp().strftime("%Y-%m-%d").to_string()
    }

    /// `20261120-143108`, UTC: part of a run's name, sorts as text.
    pub fn compact(&self) -> String {
        self.zoned.timestamp().strftime("%Y%m%d-%H%M%S").to_string()
    }

    /// Milliseconds since 1970.
    pub fn unix_milliseconds(&self) -> f64 {
        self.zoned.timestamp().as_microsecond() as f64 / 1000.0
    }

    /// Whole seconds since 1970.
    pub fn unix_seconds(&self) -> u64 {
        u64::try_from(self.zoned.timestamp().as_second()).unwrap_or_default()
    }

    /// This moment moved by `seconds`.
    pub fn plus(&self, seconds: u32) -> Moment {
        let later = self.zoned.timestamp().checked_add(jiff::SignedDuration::from_secs(i64::from(seconds)));
        Moment { zoned: later.unwrap_or(Timestamp::MAX).to_zoned(self.zoned.time_zone().clone()) }
    }
}

/// Whole days between an RFC 3339 moment and now; `None` when the text is no moment.
pub fn days_since(rfc3339: &str) -> Option<i64> {
    let then: Timestamp = rfc3339.parse().ok()?;
    Some(Timestamp::now().duration_since(then).as_hours() / 24)
}

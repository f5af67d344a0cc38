//! Days as people and files write them. There is no clock here.

use jiff::civil::Date;

/// Days since 1970-01-01 of a day written `2026-11-20`, or of a time that begins with one; `None` for what is no day.
pub(crate) fn day_number(text: &str) -> Option<i64> {
    Some(date(text)?.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24)
}

/// `2026-11-20` as "20 November 2026"; what is no day stays as it is.
pub(crate) fn say_day(text: &str) -> String {
    date(text).map_or_else(|| text.to_owned(), |date| date.strftime("%-d %B %Y").to_string())
}

fn date(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{day_number, say_day};

    #[test]
    fn days_count_over_leap_years() {
        assert_eq!(day_number("1970-01-01"), Some(0));
        assert_eq!(day_number("2000-03-01"), Some(11_017));
        let between = |a, b| day_number(b).zip(day_number(a)).map(|(b, a)| b - a);
        assert_eq!(between("2028-02-28", "2028-03-01"), Some(2));
        assert_eq!(between("2026-11-20", "2027-11-20"), Some(365));
        assert_eq!(day_number("2026-13-01"), None);
        assert_eq!(day_number("soon"), None);
        assert_eq!(say_day("2027-04-01"), "1 April 2027");
        assert_eq!(say_day("2027-13-01"), "2027-13-01");
        for no_day in ["2026-00-10", "2026-11-00", "2026-11-31", "2026-11", "2026-11-2x"] {
            assert_eq!(day_number(no_day), None, "{no_day}");
        }
    }
}

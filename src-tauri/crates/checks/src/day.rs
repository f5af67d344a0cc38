//! Days as numbers, so that dates can be compared and counted without a clock.

/// Days since 1970-01-01 of a day written `2026-11-20`; `None` for what is no day.
///
/// The arithmetic counts years from March, so that the leap day comes last (Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms", days_from_civil).
pub(crate) fn day_number(text: &str) -> Option<i64> {
    let mut fields = text.get(..10)?.split('-');
    let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
    let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1970..=9999).contains(&year) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// `2026-11-20` as "20 November 2026".
pub(crate) fn say_day(text: &str) -> String {
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
    let month = text.get(5..7).and_then(|m| m.parse::<usize>().ok()).and_then(|m| MONTHS.get(m.wrapping_sub(1)));
    let day = text.get(8..10).and_then(|d| d.parse::<u32>().ok());
    match (day, month, text.get(..4)) {
        (Some(day), Some(month), Some(year)) => format!("{day} {month} {year}"),
        _ => text.to_owned(),
    }
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
        for no_day in ["2026-00-10", "2026-11-00", "2026-11-32", "1969-12-31", "2026-11", "2026-11-2x"] {
            assert_eq!(day_number(no_day), None, "{no_day}");
        }
    }

    /// Every day from 1970 to 2169 is one more than the day before it, across leap years and 2100, which is none.
    #[test]
    fn each_day_is_one_more_than_the_last() {
        let mut counted = 0;
        for year in 1970..2170 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let february = if leap { 29 } else { 28 };
            for (month, days) in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate() {
                for day in 1..=days {
                    assert_eq!(day_number(&format!("{year}-{:02}-{day:02}", month + 1)), Some(counted));
                    counted += 1;
                }
            }
        }
    }
}

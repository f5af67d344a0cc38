//! Whether a component still gets fixes from its makers: the second verdict, beside what the source asks.

use crate::day::{day_number, say_day};
use crate::finding::{Maintained, MaintainedState};
use facts::{Key, Kind, Value, Version};
use profiles::{Cycle, Support};

/// Days before the end of support that count as soon.
const SOON_DAYS: i64 = 183;

/// The verdict on the component that `key` is about, and a sentence about it.
pub(crate) fn maintained(key: &Key, value: &Value, support: &Support, today: &str) -> Option<(Maintained, String)> {
    let (name, version) = component(key, value)?;
    let cycle = support.cycle(&name, &version)?;
    Some(judge(cycle, support, today))
}

fn component(key: &Key, value: &Value) -> Option<(String, Version)> {
    match (key.kind(), value) {
        (Kind::OsRelease, Value::Text(text)) => {
            let (id, version) = text.split_once('-')?;
            let id = match id {
                // Rebuilds of RHEL keep its dates.
                "rocky" | "almalinux" | "ol" => "rhel",
                other => other,
            };
            Some((id.to_owned(), version.parse().ok()?))
        }
        (Kind::SoftwareVersion | Kind::SoftwareRunning, Value::Version(version)) => {
            Some((key.argument().to_owned(), version.clone()))
        }
        _ => None,
    }
}

fn judge(cycle: &Cycle, support: &Support, today: &str) -> (Maintained, String) {
    let name = format!("{} {}", cycle.title, cycle.version);
    let as_of = support.as_of.clone();
    let verdict = |state, until: &str| Maintained { state, until: Some(until.to_owned()), as_of: as_of.clone() };
    let suggest = cycle.suggest.as_ref().map(|s| format!(" Move to {s}.")).unwrap_or_default();
    let (Some(now), Some(until), Some(as_of_day)) =
        (day_number(today), day_number(&cycle.until), day_number(&support.as_of))
    else {
        return (
            verdict(MaintainedState::CouldNotTell, &cycle.until),
            format!("Could not tell how long {name} gets fixes."),
        );
    };
    // That something has ended stays true; that something still lasts is only as good as the table's date.
    if until < now {
        return ended(cycle, &name, now, &verdict, &suggest);
    }
    let good_until = as_of_day + i64::from(support.good_for_days);
    if now > good_until {
        let sentence =
            format!("Could not tell whether {name} still gets fixes: our table is of {}.", say_day(&support.as_of));
        return (verdict(MaintainedState::CouldNotTell, &cycle.until), sentence);
    }
    let day = say_day(&cycle.until);
    if until - now <= SOON_DAYS {
        let sentence = format!("{name} gets fixes until {day} only.{suggest}");
        return (verdict(MaintainedState::EndingSoon, &cycle.until), sentence);
    }
    (verdict(MaintainedState::Maintained, &cycle.until), format!("{name} gets fixes until {day}."))
}

fn ended(
    cycle: &Cycle,
    name: &str,
    now: i64,
    verdict: &dyn Fn(MaintainedState, &str) -> Maintained,
    suggest: &str,
) -> (Maintained, String) {
    let day = say_day(&cycle.until);
    let note = cycle.note.as_ref().map(|note| format!(" {note}")).unwrap_or_default();
    match &cycle.longer_until {
        Some(longer) if !cycle.longer_is_arranged && day_number(longer).is_some_and(|longer| longer >= now) => {
            let longer_day = say_day(longer);
            let sentence =
                format!("Regular fixes for {name} ended on {day}; longer support lasts until {longer_day}.{suggest}");
            (verdict(MaintainedState::EndingSoon, longer), sentence)
        }
        _ => {
            let sentence = format!("{name} has had no fixes from its makers since {day}.{note}{suggest}");
            (verdict(MaintainedState::Ended, &cycle.until), sentence)
        }
    }
}

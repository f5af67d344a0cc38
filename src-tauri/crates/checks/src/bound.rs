//! One reading against one bound. What cannot be compared is "could not tell", never met and never short.

use facts::{Kind, Value};
use profiles::{Bound, GB_OF_DISK, magnitude, quantity_in_text, text_is_quantity};

/// How a known value stands to its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    Met,
    /// Below, but so little that it warns and stops nothing.
    BarelyShort,
    Short,
    Missing,
    /// The value is not of the kind that the bound is about.
    Incomparable,
}

/// Memory that counts as fitted: firmware and crash kernels keep a little of what was sold (probe rules: met from 90 % of
/// nominal, a warning from 85 %).
const MEMORY_MET: f64 = 0.90;
const MEMORY_WARNS: f64 = 0.85;

/// Disk that counts as fitted: a file system keeps up to 5 % for itself, and boot partitions up to 1 GB.
const DISK_MET: f64 = 0.95;

pub(crate) fn stands(value: &Value, bound: &Bound, kind: Kind) -> Stands {
    let value = &as_quantity(value, bound, kind);
    match bound {
        Bound::Present => if_else(is_there(value), Stands::Missing),
        Bound::Absent => if_else(!is_there(value), Stands::Short),
        Bound::Shown | Bound::YourWord { .. } => Stands::Met,
        // Worked out to a plain least before it gets here, since that takes another reading.
        Bound::AtLeastShare { .. } => Stands::Incomparable,
        Bound::AtLeast(wanted) if *value == Value::Absent => if_else(magnitude(wanted) == Some(0.0), Stands::Missing),
        Bound::AtLeast(wanted) => at_least(value, wanted, kind),
        // Nothing at all is never too much.
        Bound::AtMost(_) if *value == Value::Absent => Stands::Met,
        Bound::AtMost(wanted) => at_most(value, wanted),
        Bound::Equals(wanted) => equals(value, std::slice::from_ref(wanted), kind),
        Bound::OneOf(wanted) => equals(value, wanted, kind),
        Bound::NoneOf(unwanted) => if_else(!unwanted.iter().any(|u| same(value, u, kind)), Stands::Short),
        Bound::HoldsAll(wanted) => match value {
            Value::Absent => Stands::Missing,
            Value::List(items) => if_else(wanted.iter().all(|w| holds(items, w)), Stands::Missing),
            _ => Stands::Incomparable,
        },
        Bound::HoldsNone(unwanted) => match value {
            Value::Absent => Stands::Met,
            Value::List(items) => if_else(!unwanted.iter().any(|u| holds(items, u)), Stands::Short),
            _ => Stands::Incomparable,
        },
        Bound::HoldsAny(wanted) => match value {
            Value::Absent => Stands::Missing,
            Value::List(items) => if_else(wanted.iter().any(|w| holds(items, w)), Stands::Missing),
            _ => Stands::Incomparable,
        },
        Bound::OnlyBy(words) => match value {
            Value::Absent => Stands::Met,
            Value::List(items) => only_by(items, words),
            _ => Stands::Incomparable,
        },
    }
}

/// Names of algorithms and agents are written in either case.
fn holds(items: &[String], wanted: &str) -> bool {
    items.iter().any(|item| item.eq_ignore_ascii_case(wanted))
}

/// "0.0.0.0 rusk": the last word says who. An item of one word says nobody, since only an administrator sees whose it is.
fn only_by(items: &[String], words: &[String]) -> Stands {
    let mut unseen = false;
    for item in items {
        match item.split_whitespace().nth(1) {
            None => unseen = true,
            Some(_) if words.iter().any(|word| item.split_whitespace().last() == Some(word)) => {}
            Some(_) => return Stands::Short,
        }
    }
    if unseen { Stands::Incomparable } else { Stands::Met }
}

fn if_else(met: bool, otherwise: Stands) -> Stands {
    if met { Stands::Met } else { otherwise }
}

/// A kernel parameter is text to the server and a number to its bound; a list is as large as it is long.
fn as_quantity(value: &Value, bound: &Bound, kind: Kind) -> Value {
    match (value, bound) {
        (Value::Text(text), Bound::AtLeast(_) | Bound::AtMost(_)) if text_is_quantity(kind) => {
            quantity_in_text(text).unwrap_or_else(|| value.clone())
        }
        // A clock that is behind is as far off as one that is ahead; no other time is below zero.
        (Value::Millis(off), Bound::AtMost(_)) => Value::Millis(off.abs()),
        // Of a list, its length is asked.
        (Value::List(items), Bound::AtLeast(_) | Bound::AtMost(_)) => Value::Count(items.len() as u64),
        _ => value.clone(),
    }
}

fn is_there(value: &Value) -> bool {
    match value {
        Value::Absent | Value::Flag(false) => false,
        Value::List(items) => !items.is_empty(),
        Value::Text(text) => !text.is_empty(),
        _ => true,
    }
}

fn at_least(value: &Value, wanted: &Value, kind: Kind) -> Stands {
    if let (Value::Version(found), Value::Version(wanted)) = (value, wanted) {
        return if_else(found >= wanted, Stands::Short);
    }
    if let (Value::Numbers(found), Value::Numbers(wanted)) = (value, wanted) {
        if found.len() != wanted.len() {
            return Stands::Incomparable;
        }
        return if_else(found.iter().zip(wanted).all(|(found, wanted)| found >= wanted), Stands::Short);
    }
    let (Some(found), Some(wanted)) = (quantity(value), quantity(wanted)) else { return Stands::Incomparable };
    match kind {
        Kind::MemoryTotal if found >= (wanted * MEMORY_MET).floor() => Stands::Met,
        Kind::MemoryTotal if found >= (wanted * MEMORY_WARNS).floor() => Stands::BarelyShort,
        Kind::DiskSize | Kind::DiskSecond => if_else(found >= wanted * DISK_MET - GB_OF_DISK as f64, Stands::Short),
        _ => if_else(found >= wanted, Stands::Short),
    }
}

fn at_most(value: &Value, wanted: &Value) -> Stands {
    if let (Value::Version(found), Value::Version(wanted)) = (value, wanted) {
        return if_else(found <= wanted, Stands::Short);
    }
    match (quantity(value), quantity(wanted)) {
        (Some(found), Some(wanted)) => if_else(found <= wanted, Stands::Short),
        _ => Stands::Incomparable,
    }
}

/// A magnitude that can be compared; what came out as no number at all cannot.
fn quantity(value: &Value) -> Option<f64> {
    magnitude(value).filter(|number| number.is_finite())
}

fn equals(value: &Value, wanted: &[Value], kind: Kind) -> Stands {
    if wanted.iter().any(|wanted| same(value, wanted, kind)) {
        return Stands::Met;
    }
    match value {
        // What is not there at all is not "off"; but asked to be off, it is.
        Value::Absent => if_else(wanted.contains(&Value::Flag(false)), Stands::Missing),
        Value::List(items) if items.is_empty() => Stands::Missing,
        Value::Flag(false) => Stands::Missing,
        _ => Stands::Short,
    }
}

/// Equal as people mean it: 18 is the same as 18.20.4, and rhel-9 the same as rhel-9.4.
pub(crate) fn same(value: &Value, wanted: &Value, kind: Kind) -> bool {
    match (value, wanted) {
        (Value::Version(found), Value::Version(wanted)) => found.numbers().starts_with(wanted.numbers()),
        (Value::Text(found), Value::Text(wanted)) if kind == Kind::OsRelease => {
            found == wanted || found.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.starts_with('.'))
        }
        _ => value == wanted,
    }
}

/// `value` as a share of what `bound` asks at least; 1.0 reaches the line.
pub(crate) fn ratio(value: &Value, bound: &Bound, kind: Kind) -> Option<f64> {
    let Bound::AtLeast(wanted) = bound else { return None };
    let value = as_quantity(value, bound, kind);
    let share = match (&value, wanted) {
        (Value::Absent, wanted) => quantity(wanted).map(|_| 0.0)?,
        (Value::Numbers(found), Value::Numbers(wanted)) if found.len() == wanted.len() => {
            let shares = found.iter().zip(wanted).filter(|(_, wanted)| **wanted > 0);
            shares.map(|(found, wanted)| *found as f64 / *wanted as f64).fold(f64::INFINITY, f64::min)
        }
        _ => quantity(&value)? / quantity(wanted).filter(|wanted| *wanted > 0.0)?,
    };
    // What counts as met reaches the line, also where a usual loss is forgiven.
    let met = stands(&value, bound, kind) == Stands::Met;
    Some(if met { share.max(1.0) } else { share.min(0.99) }).filter(|share| share.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{Stands, ratio, stands};
    use facts::{Kind, Value};
    use profiles::Bound;

    fn gib(n: f64) -> Value {
        Value::Bytes((n * (1u64 << 30) as f64) as u64)
    }

    #[test]
    fn a_clock_that_is_behind_is_as_far_off_as_one_ahead() {
        let within_a_second =
            |off| stands(&Value::Millis(off), &Bound::AtMost(Value::Millis(1000.0)), Kind::TimeOffset);
        assert_eq!([within_a_second(-3200.0), within_a_second(3200.0)], [Stands::Short, Stands::Short]);
        assert_eq!([within_a_second(-40.0), within_a_second(40.0)], [Stands::Met, Stands::Met]);
    }

    #[test]
    fn memory_forgives_what_firmware_keeps() {
        let of_4 = |found| stands(&gib(found), &Bound::AtLeast(gib(4.0)), Kind::MemoryTotal);
        assert_eq!(of_4(3.8), Stands::Met);
        assert_eq!(of_4(3.6), Stands::Met);
        assert_eq!(of_4(3.59), Stands::BarelyShort);
        assert_eq!(of_4(3.4), Stands::BarelyShort);
        assert_eq!(of_4(3.39), Stands::Short);
    }

    #[test]
    fn a_sold_50_gb_disk_is_50_gb_and_40_are_not() {
        let gb = |n: f64| Value::Bytes((n * 1e9) as u64);
        let of_50 = |found| stands(&gb(found), &Bound::AtLeast(gb(50.0)), Kind::DiskSize);
        assert_eq!(of_50(48.2), Stands::Met);
        assert_eq!(of_50(46.4), Stands::Short);
        assert_eq!(of_50(40.0), Stands::Short);
    }

    #[test]
    fn triples_count_number_by_number() {
        let bound = Bound::AtLeast(Value::Numbers(vec![4096, 87380, 134_217_728]));
        let of = |text: &str| stands(&Value::Text(text.into()), &bound, Kind::SysctlNow);
        assert_eq!(of("4096\t131072\t134217728"), Stands::Met);
        assert_eq!(of("4096 131072 6291456"), Stands::Short);
        assert_eq!(of("4096 131072"), Stands::Incomparable);
        assert_eq!(of("cubic"), Stands::Incomparable);
        let share = ratio(&Value::Text("4096 131072 6291456".into()), &bound, Kind::SysctlNow).expect("a ratio");
        assert!((share - 6_291_456.0 / 134_217_728.0).abs() < 1e-9);
    }

    #[test]
    fn a_missing_thing_is_missing_or_just_what_was_wanted() {
        assert_eq!(stands(&Value::Absent, &Bound::Present, Kind::CommandPresent), Stands::Missing);
        assert_eq!(stands(&Value::Absent, &Bound::Absent, Kind::PortListeners), Stands::Met);
        assert_eq!(stands(&Value::Absent, &Bound::AtMost(Value::Bytes(0)), Kind::SwapTotal), Stands::Met);
        assert_eq!(stands(&Value::Flag(false), &Bound::Equals(Value::Flag(true)), Kind::PortAllowed), Stands::Missing);
        assert_eq!(stands(&Value::Absent, &Bound::Equals(Value::Flag(false)), Kind::HostDisplayManager), Stands::Met);
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    fn words(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn what_must_be_there_and_what_must_not() {
        let there = |value: Value| stands(&value, &Bound::Present, Kind::PortAll);
        let away = |value: Value| stands(&value, &Bound::Absent, Kind::PortAll);
        for value in [list(&["a"]), Value::Text("a".into()), Value::Flag(true), Value::Count(0)] {
            assert_eq!((there(value.clone()), away(value)), (Stands::Met, Stands::Short));
        }
        for value in [list(&[]), Value::Text(String::new()), Value::Flag(false), Value::Absent] {
            assert_eq!((there(value.clone()), away(value)), (Stands::Missing, Stands::Met));
        }
    }

    #[test]
    fn what_is_not_there_is_less_than_anything_and_more_than_nothing() {
        let swap = |least: u64| stands(&Value::Absent, &Bound::AtLeast(Value::Bytes(least)), Kind::SwapTotal);
        assert_eq!((swap(0), swap(1)), (Stands::Met, Stands::Missing));
        assert_eq!(stands(&Value::Bytes(2), &Bound::AtLeast(Value::Bytes(3)), Kind::SwapTotal), Stands::Short);
        assert_eq!(stands(&Value::Bytes(2), &Bound::AtMost(Value::Bytes(1)), Kind::SwapTotal), Stands::Short);
        assert_eq!(stands(&Value::Bytes(2), &Bound::AtMost(Value::Bytes(2)), Kind::SwapTotal), Stands::Met);
    }

    #[test]
    fn lists_hold_all_any_or_none_in_either_case() {
        let of = |value: &Value, bound: Bound| stands(value, &bound, Kind::CryptoOffered);
        let all = || Bound::HoldsAll(words(&["aes", "sha256"]));
        let any = || Bound::HoldsAny(words(&["aes", "sha256"]));
        let none = || Bound::HoldsNone(words(&["aes", "sha256"]));
        let cases = [
            (list(&["AES", "sha256", "x"]), [Stands::Met, Stands::Met, Stands::Short]),
            (list(&["aes"]), [Stands::Missing, Stands::Met, Stands::Short]),
            (list(&["x"]), [Stands::Missing, Stands::Missing, Stands::Met]),
            (Value::Absent, [Stands::Missing, Stands::Missing, Stands::Met]),
            (Value::Count(1), [Stands::Incomparable; 3]),
        ];
        for (value, wanted) in cases {
            assert_eq!([of(&value, all()), of(&value, any()), of(&value, none())], wanted, "{value:?}");
        }
    }

    #[test]
    fn a_port_is_taken_by_its_own_program_by_another_or_by_nobody_we_may_see() {
        let of = |value: Value| stands(&value, &Bound::OnlyBy(words(&["rusk", "nginx"])), Kind::PortListeners);
        assert_eq!(of(Value::Absent), Stands::Met);
        assert_eq!(of(list(&["0.0.0.0 rusk", ":: nginx"])), Stands::Met);
        assert_eq!(of(list(&["0.0.0.0 rusk", ":: apache2"])), Stands::Short);
        assert_eq!(of(list(&["0.0.0.0 rusk", "::"])), Stands::Incomparable);
        assert_eq!(of(list(&["::", "0.0.0.0 apache2"])), Stands::Short);
        assert_eq!(of(Value::Flag(true)), Stands::Incomparable);
    }

    #[test]
    fn equal_is_as_people_mean_it() {
        let version = |text: &str| Value::Version(text.parse().expect(text));
        let text = |text: &str| Value::Text(text.into());
        let of = |value: &Value, wanted: &Value, kind| stands(value, &Bound::Equals(wanted.clone()), kind);
        assert_eq!(of(&version("18.20.4"), &version("18"), Kind::SoftwareVersion), Stands::Met);
        assert_eq!(of(&version("1.8"), &version("18"), Kind::SoftwareVersion), Stands::Short);
        assert_eq!(of(&text("rhel-9.4"), &text("rhel-9"), Kind::OsRelease), Stands::Met);
        assert_eq!(of(&text("rhel-95"), &text("rhel-9"), Kind::OsRelease), Stands::Short);
        assert_eq!(of(&text("yes.no"), &text("yes"), Kind::SshdSetting), Stands::Short);
        assert_eq!(of(&list(&[]), &text("yes"), Kind::PortAll), Stands::Missing);
        assert_eq!(of(&list(&["yes"]), &text("yes"), Kind::PortAll), Stands::Short);
        let none =
            |value: &str| stands(&text(value), &Bound::NoneOf(vec![text("always"), text("never")]), Kind::HugePages);
        assert_eq!((none("madvise"), none("never")), (Stands::Met, Stands::Short));
        assert_eq!(of(&Value::Absent, &Value::Flag(true), Kind::PortAllowed), Stands::Missing);
    }

    #[test]
    fn versions_and_numbers_have_a_least_and_a_most() {
        let version = |text: &str| Value::Version(text.parse().expect(text));
        let least = |value: &str| stands(&version(value), &Bound::AtLeast(version("2.6")), Kind::SoftwareVersion);
        assert_eq!([least("2.6.12"), least("2.10"), least("2.5.9")], [Stands::Met, Stands::Met, Stands::Short]);
        let most = |value: &str| stands(&version(value), &Bound::AtMost(version("2.6")), Kind::SoftwareVersion);
        assert_eq!([most("2.6"), most("2.5.9"), most("2.10")], [Stands::Met, Stands::Met, Stands::Short]);
        // Of a list, its length counts.
        let logins = |value: Value| stands(&value, &Bound::AtMost(Value::Count(1)), Kind::PortAll);
        assert_eq!([logins(list(&["a"])), logins(list(&["a", "b"]))], [Stands::Met, Stands::Short]);
        let many = stands(&list(&["a", "b"]), &Bound::AtLeast(Value::Count(2)), Kind::PortAll);
        assert_eq!(many, Stands::Met);
        // Text is a number only where its fact is one that is written so.
        let as_text = |kind| stands(&Value::Text("7".into()), &Bound::AtLeast(Value::Count(5)), kind);
        assert_eq!((as_text(Kind::SysctlNow), as_text(Kind::HostName)), (Stands::Met, Stands::Incomparable));
        assert_eq!(stands(&Value::Text("7".into()), &Bound::AtMost(Value::Count(5)), Kind::SysctlNow), Stands::Short);
        let odd = Bound::AtMost(Value::Count(5));
        assert_eq!(stands(&Value::Text("x".into()), &odd, Kind::HostName), Stands::Incomparable);
    }

    #[test]
    fn a_second_disk_is_forgiven_what_the_first_is_and_free_room_is_not() {
        let of = |found: f64, kind| {
            stands(&Value::Bytes((found * 1e9) as u64), &Bound::AtLeast(Value::Bytes(200_000_000_000)), kind)
        };
        assert_eq!([of(189.0, Kind::DiskSecond), of(188.9, Kind::DiskSecond)], [Stands::Met, Stands::Short]);
        assert_eq!([of(199.9, Kind::DiskFree), of(200.0, Kind::DiskFree)], [Stands::Short, Stands::Met]);
    }

    #[test]
    fn a_bar_reaches_its_line_exactly_when_the_need_is_met() {
        let bar = |found: u64, kind| ratio(&Value::Count(found), &Bound::AtLeast(Value::Count(8)), kind);
        assert_eq!([bar(4, Kind::CpuCores), bar(8, Kind::CpuCores)], [Some(0.5), Some(1.0)]);
        assert_eq!(bar(16, Kind::CpuCores), Some(2.0));
        assert_eq!(ratio(&Value::Absent, &Bound::AtLeast(Value::Count(8)), Kind::CpuCores), Some(0.0));
        assert_eq!(ratio(&Value::Count(8), &Bound::AtMost(Value::Count(8)), Kind::CpuCores), None);
        for found in [0, 8] {
            assert_eq!(ratio(&Value::Count(found), &Bound::AtLeast(Value::Count(0)), Kind::CpuCores), None);
        }
        let forgiven = ratio(&gib(3.7), &Bound::AtLeast(gib(4.0)), Kind::MemoryTotal);
        assert_eq!(forgiven, Some(1.0));
        let barely = ratio(&gib(3.5), &Bound::AtLeast(gib(4.0)), Kind::MemoryTotal).expect("a share");
        assert!((barely - 0.875).abs() < 1e-6);
        let triple = |found: Vec<u64>| {
            ratio(&Value::Numbers(found), &Bound::AtLeast(Value::Numbers(vec![4, 0, 10])), Kind::SysctlNow)
        };
        assert_eq!(triple(vec![8, 0, 5]), Some(0.5));
        assert_eq!(triple(vec![8, 0]), None);
    }

    #[test]
    fn a_number_that_is_none_is_not_compared() {
        let bound = Bound::AtLeast(Value::Mbps(10.0));
        assert_eq!(stands(&Value::Mbps(f64::NAN), &bound, Kind::NetBandwidth), Stands::Incomparable);
    }

    proptest::proptest! {
        /// At least and at most part the numbers between them; only the line itself meets both. A larger reading never
        /// does worse against a least, and a bar never shrinks.
        #[test]
        fn least_and_most_meet_at_the_line_alone(found in 0u64..2000, line in 0u64..2000, more in 0u64..500) {
            for kind in [Kind::CpuCores, Kind::UpdatesPending, Kind::NetMtu] {
                let least = |found| stands(&Value::Count(found), &Bound::AtLeast(Value::Count(line)), kind);
                let most = |found| stands(&Value::Count(found), &Bound::AtMost(Value::Count(line)), kind);
                proptest::prop_assert_eq!(least(found) == Stands::Met, found >= line);
                proptest::prop_assert_eq!(most(found) == Stands::Met, found <= line);
                let bar = |found| ratio(&Value::Count(found), &Bound::AtLeast(Value::Count(line)), kind);
                proptest::prop_assert!(bar(found) <= bar(found + more));
            }
        }

        /// A share of memory or disk that is forgiven is forgiven at every size, and never more than is said.
        #[test]
        fn what_is_forgiven_is_a_share(gb in 1u64..4096, permille in 700u64..1100) {
            let of = |kind| {
                stands(&Value::Bytes(gb * 1_000_000 * permille), &Bound::AtLeast(Value::Bytes(gb * 1_000_000_000)), kind)
            };
            let memory = of(Kind::MemoryTotal);
            proptest::prop_assert_eq!(memory == Stands::Met, permille >= 900);
            proptest::prop_assert_eq!(memory == Stands::Short, permille < 850);
            let disk = of(Kind::DiskSize) == Stands::Met;
            proptest::prop_assert_eq!(disk, gb * permille + 1000 >= gb * 950);
            proptest::prop_assert_eq!(of(Kind::DiskFree) == Stands::Met, permille >= 1000);
        }
    }
}

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

    #[test]
    fn a_number_that_is_none_is_not_compared() {
        let bound = Bound::AtLeast(Value::Mbps(10.0));
        assert_eq!(stands(&Value::Mbps(f64::NAN), &bound, Kind::NetBandwidth), Stands::Incomparable);
    }
}

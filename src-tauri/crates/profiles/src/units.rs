//! Values as people write them in requirement files: "4 GB", "2 GHz", "10 Mbps", "65536", "15".
//!
//! A GB of memory is binary (a 4 GB module holds 4 GiB) and a GB of disk is decimal, as they are sold.

use facts::{Kind, Unit, Value};

/// Bytes of one GB of memory.
pub const GB_OF_MEMORY: u64 = 1 << 30;
/// Bytes of one GB of disk.
pub const GB_OF_DISK: u64 = 1_000_000_000;

/// Whether sizes of this fact count in thousands (disks) or in 1,024s (memory and everything a kernel counts).
pub fn is_decimal(kind: Kind) -> bool {
    kind.name().starts_with("disk.")
}

/// The value that `text` writes for a fact of this kind, or what should stand there instead.
pub fn value_of(kind: Kind, text: &str) -> Result<Value, String> {
    let text = text.trim();
    match kind.unit() {
        Unit::Flag => match text {
            "true" | "yes" => Ok(Value::Flag(true)),
            "false" | "no" => Ok(Value::Flag(false)),
            _ => Err("true or false".to_owned()),
        },
        Unit::Count => whole(text).map(Value::Count).ok_or_else(|| "a whole number such as 4".to_owned()),
        Unit::Bytes => bytes(text, is_decimal(kind))
            .map(Value::Bytes)
            .ok_or_else(|| "a size with its unit, such as 4 GB or 128 MB".to_owned()),
        Unit::Mhz => measured(text, &[("ghz", 1000.0), ("mhz", 1.0)])
            .map(|mhz| Value::Mhz(mhz.round() as u32))
            .ok_or_else(|| "a clock with its unit, such as 2 GHz".to_owned()),
        Unit::Mbps => measured(text, &[("gbps", 1000.0), ("mbps", 1.0), ("kbps", 0.001)])
            .map(Value::Mbps)
            .ok_or_else(|| "a speed with its unit, such as 10 Mbps".to_owned()),
        Unit::Millis => {
            measured(text, TIMES).map(Value::Millis).ok_or_else(|| "a time with its unit, such as 50 ms".to_owned())
        }
        Unit::Percent => {
            measured(text, &[("%", 1.0)]).map(Value::Percent).ok_or_else(|| "a share such as 85 %".to_owned())
        }
        Unit::Version => text.parse().map(Value::Version).map_err(|bad| bad.wanted.to_owned()),
        Unit::Text => Ok(Value::Text(text.to_owned())),
        Unit::Numbers => numbers(text).map(Value::Numbers).ok_or_else(|| "numbers with spaces between".to_owned()),
        Unit::List => Ok(Value::List(text.split(',').map(|item| item.trim().to_owned()).collect())),
    }
}

/// The quantity in a fact that is kept as text (kernel parameters, settings of a database): a number, a size, a time,
/// or several numbers.
pub fn quantity_in_text(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Some(number) = whole(text) {
        return Some(Value::Count(number));
    }
    let time = || measured(text, TIMES).map(Value::Millis);
    bytes(text, false).map(Value::Bytes).or_else(time).or_else(|| numbers(text).map(Value::Numbers))
}

/// Facts of text that hold quantities, so that a least or a most can be asked of them.
pub fn text_is_quantity(kind: Kind) -> bool {
    matches!(kind, Kind::SysctlNow | Kind::SysctlBoot | Kind::PostgresSetting)
}

const TIMES: &[(&str, f64)] = &[("ms", 1.0), ("min", 60_000.0), ("s", 1000.0)];

fn whole(text: &str) -> Option<u64> {
    let digits = text.replace(',', "");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) { None } else { digits.parse().ok() }
}

fn numbers(text: &str) -> Option<Vec<u64>> {
    let numbers: Option<Vec<u64>> = text.split_whitespace().map(whole).collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

fn bytes(text: &str, decimal: bool) -> Option<u64> {
    let step: f64 = if decimal { 1000.0 } else { 1024.0 };
    let scale = [("kb", 1), ("mb", 2), ("gb", 3), ("tb", 4)].map(|(name, power)| (name, step.powi(power)));
    measured(text, &scale).map(|bytes| bytes.round() as u64)
}

/// A number followed by one of the units, in any case and with any space between.
fn measured(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let (number, factor) =
        units.iter().find_map(|(unit, factor)| Some((lower.strip_suffix(unit)?.trim_end(), *factor)))?;
    let plain = number.replace(',', "");
    let shaped =
        plain.starts_with(|c: char| c.is_ascii_digit()) && plain.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number: f64 = plain.parse().ok().filter(|_| shaped)?;
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::{quantity_in_text, value_of};
    use facts::{Kind, Value};

    #[test]
    fn memory_is_binary_and_disk_is_decimal() {
        assert_eq!(value_of(Kind::MemoryTotal, "4 GB"), Ok(Value::Bytes(4 << 30)));
        assert_eq!(value_of(Kind::DiskSize, "50 GB"), Ok(Value::Bytes(50_000_000_000)));
        assert_eq!(value_of(Kind::CpuClock, "2.4GHz"), Ok(Value::Mhz(2400)));
        assert_eq!(value_of(Kind::NetBandwidth, "1 Gbps"), Ok(Value::Mbps(1000.0)));
        assert_eq!(value_of(Kind::LoginFilesSoft, "65,536"), Ok(Value::Count(65_536)));
    }

    #[test]
    fn a_number_without_its_unit_is_refused() {
        for (kind, text) in [
            (Kind::MemoryTotal, "4"),
            (Kind::CpuClock, "2"),
            (Kind::NetBandwidth, "10 MB"),
            (Kind::MemoryTotal, "-4 GB"),
            (Kind::MemoryTotal, "inf GB"),
            (Kind::MemoryTotal, "1e9 GB"),
            (Kind::CpuCores, "4 cores"),
        ] {
            assert!(value_of(kind, text).is_err(), "{text}");
        }
    }

    #[test]
    fn kernel_values_are_numbers_sizes_or_triples() {
        assert_eq!(quantity_in_text("212992"), Some(Value::Count(212_992)));
        assert_eq!(quantity_in_text("128MB"), Some(Value::Bytes(128 << 20)));
        assert_eq!(quantity_in_text("4096\t131072\t6291456"), Some(Value::Numbers(vec![4096, 131_072, 6_291_456])));
        assert_eq!(quantity_in_text("bbr"), None);
    }
}

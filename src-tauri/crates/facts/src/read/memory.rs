//! Memory as fitted, free and swapped.

use super::Context;
use super::answers::Answers;
use super::notes::{Cited, Notes};
use super::system::{container, no_source};
use crate::{Key, Kind, Value, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    let kinds = [Kind::MemoryTotal, Kind::MemoryAvailable, Kind::MemoryUsed, Kind::SwapTotal, Kind::SwapUsed];
    let files = match answers.files("system") {
        Ok(files) => files,
        Err(silence) => return notes.silent_kinds(&kinds, &silence),
    };
    let path = "/proc/meminfo";
    let text = files.text(path);
    let cited = notes.cite(format!("cat {path}"), &text, 0);
    // "MemTotal:       24684084 kB"
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let kib = line.trim().trim_end_matches("kB").trim().parse::<u64>().ok();
        // More than a million terabytes is no memory.
        kib.filter(|&kib| kib < 1 << 50)?.checked_mul(1024)
    };
    let missing = |notes: &mut Notes, kind: Kind, name: &str| {
        notes.unknown(Key::plain(kind), no_source(&format!("{name} in {path}")), &cited);
    };
    match (field("SwapTotal"), field("SwapFree")) {
        (Some(total), Some(free)) => {
            notes.tell(Kind::SwapTotal, Value::Bytes(total), &cited);
            notes.tell(Kind::SwapUsed, Value::Bytes(total.saturating_sub(free)), &cited);
        }
        _ => [Kind::SwapTotal, Kind::SwapUsed].into_iter().for_each(|kind| missing(notes, kind, "SwapTotal")),
    }
    let total = field("MemTotal");
    // Kernels before 3.14 do not say what is available.
    let available = field("MemAvailable").or_else(|| {
        let parts = [field("MemFree")?, field("Buffers")?, field("Cached")?];
        parts.into_iter().try_fold(0u64, u64::checked_add)
    });
    match available {
        Some(available) => notes.tell(Kind::MemoryAvailable, Value::Bytes(available), &cited),
        None => missing(notes, Kind::MemoryAvailable, "MemAvailable"),
    }
    match total.zip(available) {
        Some((total, available)) if total > 0 => {
            let used = 100.0 * total.saturating_sub(available) as f64 / total as f64;
            notes.tell(Kind::MemoryUsed, Value::Percent((used * 10.0).round() / 10.0), &cited);
        }
        _ => missing(notes, Kind::MemoryUsed, "MemTotal"),
    }
    match total {
        Some(total) => read_total(total, answers, notes, cited),
        None => missing(notes, Kind::MemoryTotal, "MemTotal"),
    }
}

/// What was fitted: the kernel's own share, the crash kernel's and the firmware's are part of it.
fn read_total(total: u64, answers: &Answers, notes: &mut Notes, mut cited: Cited) {
    let (Ok(container), true) = (container(answers, notes), answers.settled("memory") && answers.settled("quotas"))
    else {
        return;
    };
    let Ok(files) = answers.files("system") else { return };
    if container.is_some() {
        // The blocks below /sys are the host's; a limit of the container is ours.
        let limits = answers.text("quotas").unwrap_or_default().lines().filter_map(|line| line.split_once(' '));
        let limits =
            limits.filter(|(path, _)| path.ends_with("/memory.max") || path.ends_with("/memory.limit_in_bytes"));
        let least =
            limits.filter_map(|(path, value)| Some((path, value.trim().parse::<u64>().ok()?))).min_by_key(|l| l.1);
        let total = match least {
            Some((path, limit)) if limit < total => {
                cited.extend(notes.cite(format!("cat {path}"), &limit.to_string(), 0));
                // What is free and in use was told of the whole host.
                let by = container.unwrap_or_default();
                for kind in [Kind::MemoryAvailable, Kind::MemoryUsed] {
                    notes.unknown(Key::plain(kind), Why::Hidden { by: by.clone() }, &cited);
                }
                limit
            }
            _ => total,
        };
        return notes.tell(Kind::MemoryTotal, Value::Bytes(total), &cited);
    }
    let crash_path = "/sys/kernel/kexec_crash_size";
    let crash = files.first(crash_path).and_then(|size| size.trim().parse::<u64>().ok()).unwrap_or(0);
    if crash > 0 {
        cited.extend(notes.cite(format!("cat {crash_path}"), &crash.to_string(), 0));
    }
    let block_path = "/sys/devices/system/memory/block_size_bytes";
    let block = files.first(block_path).and_then(|size| u64::from_str_radix(size.trim(), 16).ok());
    let online = answers.text("memory").and_then(|count| count.trim().parse::<u64>().ok());
    let fitted = block.zip(online).and_then(|(block, online)| block.checked_mul(online)).unwrap_or(0);
    let known = total.saturating_add(crash);
    // Blocks are counted whole. Where they claim far more than the kernel has, they say nothing about us.
    let nominal = if fitted > known && fitted - known <= known / 8 {
        let shown = format!("{} blocks of {} bytes", online.unwrap_or(0), block.unwrap_or(0));
        cited.extend(notes.cite(
            "grep -c online /sys/devices/system/memory/memory*/state; cat ../block_size_bytes",
            &shown,
            0,
        ));
        fitted
    } else {
        known
    };
    notes.tell(Kind::MemoryTotal, Value::Bytes(nominal), &cited);
}

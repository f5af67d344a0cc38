//! The processor: how much of it programs may use, how fast it is, and who else is using it.

use super::Context;
use super::answers::{Answers, Files};
use super::notes::{Cited, Notes, word};
use super::system::no_source;
use crate::{Confidence, Key, Kind, Value, Why};
use std::collections::BTreeSet;

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    read_cores(answers, notes);
    read_model(answers, notes);
    read_use(answers, notes);
}

fn read_cores(answers: &Answers, notes: &mut Notes) {
    let parts = (answers.said("self"), answers.files("processor"), answers.said("quotas"));
    let (status, files, quotas) = match parts {
        (Ok(status), Ok(files), Ok(quotas)) => (status, files, quotas),
        (Err(silence), ..) | (_, Err(silence), _) | (.., Err(silence)) => {
            return notes.silent_kinds(&[Kind::CpuCores, Kind::CpuPhysical, Kind::CpuGovernor], &silence);
        }
    };
    let affinity = status.text.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or_default();
    let online = files.first("/sys/devices/system/cpu/online").unwrap_or_default();
    let mut usable = processors(affinity);
    let mut cited = notes.cite("grep Cpus_allowed_list /proc/self/status", affinity.trim(), 0);
    if !online.trim().is_empty() {
        let online = processors(online);
        usable = if usable.is_empty() { online } else { usable.intersection(&online).copied().collect() };
    }
    let mut limit = f64::INFINITY;
    for (path, value) in quotas.text.lines().filter_map(|line| line.split_once(' ')) {
        let allowed = if path.ends_with("/cpuset.cpus.effective") || path.ends_with("/cpuset.effective_cpus") {
            let set = processors(value);
            (!set.is_empty()).then_some(set.len() as f64)
        } else if path.ends_with("/cpu.max") {
            quota(value)
        } else if let Some(folder) = path.strip_suffix("/cpu.cfs_quota_us") {
            let mut period = quotas.text.lines().filter_map(|line| line.split_once(' '));
            let period = period.find(|(path, _)| path.strip_suffix("/cpu.cfs_period_us") == Some(folder));
            period.and_then(|(_, period)| quota(&format!("{value} {period}")))
        } else {
            None
        };
        if let Some(allowed) = allowed.filter(|&allowed| allowed < limit) {
            limit = allowed;
            if allowed < usable.len() as f64 {
                cited.extend(notes.cite(format!("cat {path}"), value, 0));
            }
        }
    }
    if usable.is_empty() {
        let why = no_source("Cpus_allowed_list in /proc/self/status");
        notes.unknown(Key::plain(Kind::CpuCores), why, &cited);
    } else {
        // Half a core is not a core; the small change of a quota such as 1.999 is.
        let whole = (limit.min(usable.len() as f64) + 0.01).floor().max(1.0);
        notes.tell(Kind::CpuCores, Value::Count(whole as u64), &cited);
    }
    read_physical(files, &usable, notes);
    match files.first("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") {
        Some(governor) => {
            let cited = notes.cite("cat /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", governor, 0);
            notes.tell(Kind::CpuGovernor, Value::Text(word(governor)), &cited);
        }
        None => notes.unknown(Key::plain(Kind::CpuGovernor), no_source("cpufreq/scaling_governor"), &Cited::new()),
    }
}

/// Threads that share a core list each other: every such list is one core.
fn read_physical(files: Files<'_>, usable: &BTreeSet<u32>, notes: &mut Notes) {
    let lists = files.lines().filter(|(path, _)| path.ends_with("/topology/thread_siblings_list"));
    let cores: BTreeSet<Vec<u32>> = lists
        .map(|(_, list)| processors(list).into_iter().collect::<Vec<_>>())
        .filter(|core| usable.is_empty() || core.iter().any(|thread| usable.contains(thread)))
        .collect();
    if cores.is_empty() {
        let why = no_source("topology/thread_siblings_list");
        return notes.unknown(Key::plain(Kind::CpuPhysical), why, &Cited::new());
    }
    let shown: Vec<_> =
        files.lines().filter(|(path, _)| path.ends_with("siblings_list")).map(|(_, list)| list).collect();
    let cited = notes.cite("cat /sys/devices/system/cpu/cpu*/topology/thread_siblings_list", &shown.join("\n"), 0);
    notes.tell(Kind::CpuPhysical, Value::Count(cores.len() as u64), &cited);
}

fn read_model(answers: &Answers, notes: &mut Notes) {
    let (said, files) = match (answers.said("cpuinfo"), answers.files("processor")) {
        (Ok(said), Ok(files)) => (said, files),
        (Err(silence), _) | (_, Err(silence)) => {
            let kinds = [Kind::CpuModel, Kind::CpuFlags, Kind::CpuClock, Kind::CpuBaseClock];
            return notes.silent_kinds(&kinds, &silence);
        }
    };
    let cited = notes.cite("cat /proc/cpuinfo", &said.text, said.exit);
    let field = |names: &[&str]| {
        let fields = said.text.lines().filter_map(|line| line.split_once(':'));
        let fields = fields.map(|(name, value)| (name.trim(), value.trim()));
        fields.filter(|(name, value)| names.contains(name) && !value.is_empty()).map(|(_, value)| value).next()
    };
    match field(&["model name", "Model", "Hardware", "cpu model", "cpu"]) {
        Some(model) => notes.tell(Kind::CpuModel, Value::Text(word(model)), &cited),
        None => notes.unknown(Key::plain(Kind::CpuModel), no_source("model name in /proc/cpuinfo"), &cited),
    }
    match field(&["flags", "Features"]) {
        Some(flags) => {
            let flags = flags.split_whitespace().map(word).collect();
            notes.tell(Kind::CpuFlags, Value::List(flags), &cited);
        }
        None => notes.unknown(Key::plain(Kind::CpuFlags), no_source("flags in /proc/cpuinfo"), &cited),
    }
    let cpufreq = "/sys/devices/system/cpu/cpu0/cpufreq";
    let kilohertz = |name: &str| {
        let (path, value) = files.lines().find(|(path, _)| path.strip_prefix(cpufreq).is_some_and(|p| p == name))?;
        Some((path.to_owned(), value.trim().parse::<u64>().ok().filter(|khz| (100_000..20_000_000).contains(khz))?))
    };
    let named = field(&["model name"]).and_then(named_clock);
    let current = field(&["cpu MHz", "clock"]).and_then(|mhz| mhz.trim_end_matches("MHz").parse::<f64>().ok());
    if let Some((path, khz)) = kilohertz("/cpuinfo_max_freq") {
        let cited = notes.cite(format!("cat {path}"), &khz.to_string(), 0);
        notes.tell(Kind::CpuClock, Value::Mhz((khz / 1000) as u32), &cited);
    } else if let Some(mhz) = named {
        notes.tell(Kind::CpuClock, Value::Mhz(mhz), &cited);
    } else if let Some(mhz) = current.filter(|mhz| (100.0..20_000.0).contains(mhz)) {
        // What it runs at just now may be less than what it can.
        notes.infer(Kind::CpuClock, Value::Mhz(mhz.round() as u32), &cited);
    } else {
        notes.unknown(Key::plain(Kind::CpuClock), no_source("the clock in /proc/cpuinfo or cpufreq"), &cited);
    }
    if let Some((path, khz)) = kilohertz("/base_frequency") {
        let cited = notes.cite(format!("cat {path}"), &khz.to_string(), 0);
        notes.tell(Kind::CpuBaseClock, Value::Mhz((khz / 1000) as u32), &cited);
    } else if let Some(mhz) = named {
        notes.tell(Kind::CpuBaseClock, Value::Mhz(mhz), &cited);
    } else {
        notes.unknown(Key::plain(Kind::CpuBaseClock), no_source("the base clock in /proc/cpuinfo or cpufreq"), &cited);
    }
}

/// Two samples of all processors' time, and what of it was our own doing.
fn read_use(answers: &Answers, notes: &mut Notes) {
    let (before, after, end) = match (answers.said("stat.before"), answers.said("stat.after"), answers.said("end")) {
        (Ok(before), Ok(after), Ok(end)) => (before, after, end),
        (Err(silence), ..) | (_, Err(silence), _) | (.., Err(silence)) => {
            return notes.silent_kinds(&[Kind::CpuSteal, Kind::CpuBusy], &silence);
        }
    };
    let shown = format!("{}\n{}", before.text.trim_end(), after.text.trim_end());
    let cited = notes.cite("head -1 /proc/stat   (twice)", &shown, 0);
    let (first, second) = (ticks(&before.text), ticks(&after.text));
    let spent = |i: usize| second.get(i).zip(first.get(i)).map_or(0, |(after, before)| after.saturating_sub(*before));
    // user nice system idle iowait irq softirq steal; the guest fields repeat part of user.
    let total: u64 = (0..8).map(spent).fold(0, u64::saturating_add);
    // Under a tenth of a second of samples a percentage would be noise.
    if total < 10 || second.len() < 8 {
        let why = if second.len() < 8 { no_source("steal in /proc/stat") } else { Why::NotMeasured };
        return notes.silent_kinds(&[Kind::CpuSteal, Kind::CpuBusy], &super::answers::Silence::Because(why));
    }
    let share = |ticks: u64| (1000.0 * ticks as f64 / total as f64).round() / 10.0;
    // Fields 14 to 17 of our own /proc/self/stat: user and system time, ours and our children's.
    let own = end.text.rsplit_once(") ").map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(4);
    let own: u64 = own.filter_map(|t| t.parse::<u64>().ok()).fold(0, u64::saturating_add);
    let busy = [0, 1, 2, 5, 6].map(spent).into_iter().fold(0, u64::saturating_add).saturating_sub(own);
    notes.learn(Key::plain(Kind::CpuSteal), Value::Percent(share(spent(7))), Confidence::Measured, &cited);
    notes.learn(Key::plain(Kind::CpuBusy), Value::Percent(share(busy)), Confidence::Measured, &cited);
}

fn ticks(stat: &str) -> Vec<u64> {
    let line = stat.lines().find(|line| line.starts_with("cpu ")).unwrap_or_default();
    line.split_whitespace().skip(1).filter_map(|tick| tick.parse().ok()).collect()
}

/// "200000 100000" is two processors; "max 100000" and "-1 100000" are no limit.
fn quota(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.trim().parse().ok()?);
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

/// "@ 2.40GHz" at the end of a model's name.
fn named_clock(model: &str) -> Option<u32> {
    let (_, clock) = model.rsplit_once('@')?;
    let clock = clock.trim();
    let (number, scale) = match clock.strip_suffix("GHz") {
        Some(number) => (number, 1000.0),
        None => (clock.strip_suffix("MHz")?, 1.0),
    };
    let mhz = number.trim().parse::<f64>().ok()? * scale;
    (100.0..20_000.0).contains(&mhz).then_some(mhz.round() as u32)
}

/// "0-3,8" as a set. No machine has more processors than Linux can count.
fn processors(list: &str) -> BTreeSet<u32> {
    let mut set = BTreeSet::new();
    for part in list.trim().split(',') {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(low), Ok(high)) = (low.trim().parse::<u32>(), high.trim().parse::<u32>()) {
            set.extend(low..=high.min(8191));
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::{named_clock, processors, quota};

    #[test]
    fn lists_of_processors_are_counted() {
        assert_eq!(processors("0-3,8").len(), 5);
        assert_eq!(processors("").len(), 0);
        assert_eq!(processors("0-4294967295").len(), 8192);
    }

    #[test]
    fn a_quota_is_a_share_of_time() {
        assert_eq!(quota("150000 100000"), Some(1.5));
        assert_eq!(quota("max 100000"), None);
        assert_eq!(quota("-1 100000"), None);
    }

    #[test]
    fn a_model_may_name_its_clock() {
        assert_eq!(named_clock("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz"), Some(2400));
        assert_eq!(named_clock("AMD EPYC 7763 64-Core Processor"), None);
    }
}

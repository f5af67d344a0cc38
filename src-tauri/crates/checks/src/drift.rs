//! What changed on a server between two checks.

use facts::{Facts, Key, Kind, Reading, Value};
use profiles::{magnitude, say};
use serde::Serialize;

/// One fact that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    pub key: Key,
    pub before: String,
    pub now: String,
    /// "Free disk (/opt/dusk) went from 310 GB to 228 GB".
    pub sentence: String,
}

/// Compares two checks of one server. What always moves (load, free memory, clocks) is left out, and so is what either
/// check could not read: a missing reading is no change.
pub fn drift(before: &Facts, now: &Facts) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for (key, fact) in now.iter() {
        let (Reading::Known { value: was, .. }, Reading::Known { value: is, .. }) =
            (before.reading(key), &fact.reading)
        else {
            continue;
        };
        if !always_moves(key.kind()) && !alike(key.kind(), was, is) {
            drifts.push(tell(key, was, is));
        }
    }
    drifts
}

fn tell(key: &Key, was: &Value, is: &Value) -> Drift {
    let kind = key.kind();
    let (before, now) = (say(was, kind).text, say(is, kind).text);
    let name = match (name_of(kind), key.argument()) {
        (Some(name), "") => name.to_owned(),
        (Some(name), argument) => format!("{name} ({argument})"),
        (None, "") => kind.name().replace(['.', '_'], " "),
        (None, argument) => format!("{} ({argument})", kind.name().replace(['.', '_'], " ")),
    };
    let sentence = match (was, is) {
        (Value::Absent, _) => format!("{name} is new: {now}"),
        (_, Value::Absent) => format!("{name} is gone; it was {before}"),
        _ => format!("{name} went from {before} to {now}"),
    };
    Drift { key: key.clone(), before, now, sentence }
}

/// Words for the facts that change most; others go by their own name.
fn name_of(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::CpuCores => "Processor cores",
        Kind::MemoryTotal => "Memory",
        Kind::DiskFree => "Free disk",
        Kind::DiskSize => "Disk size",
        Kind::DiskUsed => "Disk in use",
        Kind::KernelVersion => "Kernel",
        Kind::OsRelease => "Operating system",
        Kind::PackageInstalled => "Package",
        Kind::SoftwareVersion => "Version",
        Kind::ServiceState => "Service",
        Kind::ServiceEnabled => "Service at boot",
        Kind::SysctlNow => "Kernel setting",
        Kind::SysctlBoot => "Kernel setting at boot",
        Kind::PortAll => "Listening ports",
        Kind::PortListeners => "Listener",
        Kind::FirewallActive => "Firewall",
        Kind::FirewallDefault => "Firewall, everything else",
        Kind::SshdSetting => "SSH setting",
        Kind::UpdatesSecurity => "Security updates",
        Kind::CertificateDays => "Certificate, days left",
        _ => return None,
    })
}

/// Facts that differ from one minute to the next on a server that nobody touches.
fn always_moves(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CpuSteal
            | Kind::CpuBusy
            | Kind::CpuScore
            | Kind::MemoryAvailable
            | Kind::MemoryUsed
            | Kind::SwapUsed
            | Kind::DiskIops
            | Kind::DiskLatency
            | Kind::DiskThroughput
            | Kind::DiskInodesFree
            | Kind::HostLogins
            | Kind::NetRoundTrip
            | Kind::NetJitter
            | Kind::NetLoss
            | Kind::NetDownload
            | Kind::NetUpload
            | Kind::NetSymmetry
            | Kind::TimeOffset
            | Kind::AuthFailures
            | Kind::UpdatesAge
            | Kind::SysstatDays
            | Kind::CertificateDays
            | Kind::OsName
            | Kind::OsLike
            | Kind::OsId
            | Kind::OsVersion
    )
}

/// Quantities count as the same while they move by less than a twentieth.
fn alike(kind: Kind, was: &Value, is: &Value) -> bool {
    const NOISE: f64 = 0.05;
    let moves_a_little =
        matches!(kind, Kind::DiskFree | Kind::DiskUsed | Kind::MemoryTotal | Kind::CpuClock | Kind::NetBandwidth);
    match (magnitude(was), magnitude(is)) {
        (Some(was), Some(is)) if moves_a_little => (is - was).abs() <= was.abs().max(is.abs()) * NOISE,
        _ => was == is,
    }
}

//! What changed on a server between two checks.

use facts::{Facts, Key, Kind, Reading, Value};
use profiles::{magnitude, say, say_list};
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
    let name = match key.argument() {
        "" => name_of(kind),
        argument => format!("{} ({argument})", name_of(kind)),
    };
    let sentence = match (was, is) {
        (Value::Absent, _) => format!("{name} is new: {now}"),
        (_, Value::Absent) => format!("{name} is gone; it was {before}"),
        (Value::List(was), Value::List(is)) => format!("{name}: {}", moved(was, is)),
        _ => format!("{name} went from {before} to {now}"),
    };
    Drift { key: key.clone(), before, now, sentence }
}

/// Of two lists what only one of them has: "new 9000/udp; gone 8080/tcp".
fn moved(was: &[String], is: &[String]) -> String {
    let only = |in_this: &[String], in_that: &[String], word: &str| {
        let items: Vec<String> = in_this.iter().filter(|item| !in_that.contains(item)).cloned().collect();
        (!items.is_empty()).then(|| format!("{word} {}", say_list(&items)))
    };
    [only(is, was, "new"), only(was, is, "gone")].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What the fact is called among people.
fn name_of(kind: Kind) -> String {
    match word_for(kind) {
        Some(word) => word.to_owned(),
        None => {
            let name = kind.name().replace(['.', '_'], " ");
            let mut letters = name.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}

/// Words for the facts that change most; others go by their own name.
fn word_for(kind: Kind) -> Option<&'static str> {
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
        Kind::FirewallManager => "Program that keeps the firewall",
        Kind::FirewallAtBoot => "Firewall at boot",
        Kind::FirewallParity => "Firewall alike for IPv4 and IPv6",
        Kind::FirewallSsh => "Firewall lets SSH in",
        Kind::PortAllowed => "Firewall lets in",
        Kind::PortExposed => "Open to others",
        Kind::PortOutside => "Port from outside",
        Kind::PortPublished => "Ports published by containers",
        Kind::AddressAll => "Addresses",
        Kind::AddressPublic => "Public addresses",
        Kind::SshdPorts => "SSH ports",
        Kind::SshdSetting => "SSH setting",
        Kind::SshdOrigin => "File that sets an SSH setting",
        Kind::SshdSocket => "SSH started by its socket",
        Kind::SysctlFile => "File that sets a kernel setting",
        Kind::TimeSynchronised => "Clock kept in time",
        Kind::TimeSource => "Time comes from",
        Kind::UpdatesPending => "Updates that wait",
        Kind::UpdatesAutomatic => "Updates install by themselves",
        Kind::UpdatesReboot => "An update waits for a restart",
        Kind::PackageCandidate => "Package on offer",
        Kind::SoftwareRunning => "Version that runs",
        Kind::SoftwareCandidate => "Version on offer",
        Kind::CommandPresent => "Command there",
        Kind::ServiceRestarts => "Restarts of a service",
        Kind::PostgresSetting => "PostgreSQL setting",
        Kind::FileMode => "Who may use the file",
        Kind::FilePresent => "File there",
        Kind::AccountsLogin => "People who can sign in",
        Kind::AccountsNopasswd => "Administrators without a password",
        Kind::AccountsEmptyPassword => "Accounts with an empty password",
        Kind::CertificateNames => "Names in the certificate",
        Kind::MonitoringAgents => "Monitoring",
        Kind::ContainerRuntimes => "Container programs",
        Kind::LoginFilesSoft => "Open files of a sign-in",
        Kind::LoginFilesHard => "Open files of a sign-in at most",
        Kind::ServiceFilesSoft => "Open files of a service",
        Kind::ServiceFilesHard => "Open files of a service at most",
        Kind::UnitFiles => "Open files of a running service",
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
    if let (Value::List(was), Value::List(is)) = (was, is) {
        // in whatever order they were found
        return was.iter().all(|item| is.contains(item)) && is.iter().all(|item| was.contains(item));
    }
    match (magnitude(was), magnitude(is)) {
        (Some(was), Some(is)) if moves_a_little => (is - was).abs() <= was.abs().max(is.abs()) * NOISE,
        _ => was == is,
    }
}

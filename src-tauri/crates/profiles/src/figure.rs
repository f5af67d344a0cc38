//! Values in words: the same figure on the screen, on paper and in JSON.

use crate::units::is_decimal;
use facts::{Kind, Value};

/// A value as people read it. `text` is complete ("7.8 GB"); `unit` is its unit alone ("GB"), empty for words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub text: String,
    pub unit: String,
}

impl Said {
    fn words(text: impl Into<String>) -> Said {
        Said { text: text.into(), unit: String::new() }
    }

    fn figure(number: String, unit: &str) -> Said {
        Said { text: format!("{number} {unit}"), unit: unit.to_owned() }
    }

    /// The number without its unit.
    pub fn number(&self) -> &str {
        self.text.strip_suffix(self.unit.as_str()).unwrap_or(&self.text).trim_end()
    }
}

/// `value` as a reading of `kind`, in words.
pub fn say(value: &Value, kind: Kind) -> Said {
    match value {
        Value::Absent => Said::words(absent(kind)),
        Value::Flag(flag) => Said::words(flag_word(kind, *flag)),
        Value::Count(number) => count(*number, kind),
        Value::Bytes(0) if kind == Kind::SwapTotal => Said::words(absent(kind)),
        Value::Bytes(bytes) => say_bytes(*bytes, is_decimal(kind)),
        Value::Mhz(mhz) if *mhz < 1000 => Said::figure(mhz.to_string(), "MHz"),
        Value::Mhz(mhz) => Said::figure(decimals(f64::from(*mhz) / 1000.0, 2), "GHz"),
        Value::Mbps(mbps) if *mbps >= 1000.0 => Said::figure(decimals(mbps / 1000.0, 1), "Gbps"),
        Value::Mbps(mbps) => Said::figure(decimals(*mbps, if *mbps < 10.0 { 1 } else { 0 }), "Mbps"),
        Value::Millis(ms) if *ms >= 1000.0 => Said::figure(decimals(ms / 1000.0, 1), "s"),
        Value::Millis(ms) => Said::figure(decimals(*ms, if *ms < 10.0 { 1 } else { 0 }), "ms"),
        Value::Percent(share) => {
            Said { text: format!("{}%", decimals(*share, if *share < 10.0 { 1 } else { 0 })), unit: "%".to_owned() }
        }
        Value::Version(version) => Said::words(say_version(version)),
        Value::Text(text) if kind == Kind::OsRelease => Said::words(os_name(text)),
        Value::Text(text) if kind == Kind::PortOutside => Said::words(text.replace('_', " ")),
        Value::Text(text) => Said::words(text.clone()),
        Value::Numbers(numbers) => Said::words(numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")),
        Value::List(items) if items.is_empty() => Said::words(absent(kind)),
        Value::List(items) => Said::words(say_list(items)),
    }
}

/// A version as its makers write it: without what a distribution puts around it.
fn say_version(version: &facts::Version) -> String {
    let text = version.as_str();
    if text.contains([':', '-', '+', '~', ' ']) {
        return version.numbers().iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    }
    text.to_owned()
}

/// Several values as alternatives: "18 or 20".
pub fn say_any(values: &[Value], kind: Kind) -> String {
    let words: Vec<String> = values.iter().map(|value| say(value, kind).text).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// 65536 as 65,536.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in the largest unit that leaves at least 1: "208 KB", "7.8 GB", "1 TB".
pub fn say_bytes(bytes: u64, decimal: bool) -> Said {
    let step = if decimal { 1000.0 } else { 1024.0 };
    let mut size = bytes as f64;
    let mut unit = "bytes";
    for larger in ["KB", "MB", "GB", "TB"] {
        // 1,000 rather than 1,024 also in binary units: nobody reads "1,003 MB" as less than one GB.
        if size < 1000.0 {
            break;
        }
        size /= step;
        unit = larger;
    }
    Said::figure(decimals(size, if size < 100.0 { 1 } else { 0 }), unit)
}

/// At most so many decimals, without trailing zeros; rounded down, so that no figure looks like more than it is.
fn decimals(number: f64, most: i32) -> String {
    let scale = 10f64.powi(most);
    // The little extra keeps 2.4 from becoming 2.3 where whole bytes or binary fractions fall just below.
    let cut = (number * scale * (1.0 + 1e-8)).floor() / scale;
    if cut >= 1000.0 { thousands(cut as u64) } else { format!("{cut}") }
}

fn count(number: u64, kind: Kind) -> Said {
    let unit = match kind {
        Kind::CpuCores | Kind::CpuPhysical if number == 1 => "core",
        Kind::CpuCores | Kind::CpuPhysical => "cores",
        Kind::CertificateDays | Kind::UpdatesAge | Kind::SysstatDays if number == 1 => "day",
        Kind::CertificateDays | Kind::UpdatesAge | Kind::SysstatDays => "days",
        Kind::DiskIops => "writes a second",
        Kind::DiskThroughput => "MB/s",
        Kind::UpdatesPending | Kind::UpdatesSecurity => return Said::words(format!("{} waiting", thousands(number))),
        _ => return Said::words(thousands(number)),
    };
    Said::figure(thousands(number), unit)
}

/// The first few of a list, and how many more there are.
pub fn say_list(items: &[String]) -> String {
    const SHOWN: usize = 4;
    match items.len() {
        n if n <= SHOWN => items.join(", "),
        n => format!("{} and {} more", items.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", "), n - SHOWN),
    }
}

/// What the lack of a thing is called.
fn absent(kind: Kind) -> &'static str {
    match kind {
        Kind::SysctlBoot | Kind::SysctlFile | Kind::SshdSetting | Kind::PostgresSetting | Kind::TurnSetting => {
            "not set"
        }
        Kind::PortListeners => "nobody listens",
        Kind::BackupEvidence => "no job found",
        Kind::MonitoringAgents | Kind::AlertRules | Kind::LogShippers | Kind::VpnKinds | Kind::AddressPublic => {
            "none found"
        }
        Kind::SwapTotal | Kind::AccountsLogin | Kind::AccountsNopasswd | Kind::AccountsEmptyPassword => "none",
        Kind::PortAll | Kind::PortPublished | Kind::DiskOthers | Kind::ContainerRuntimes | Kind::DiskOptions => "none",
        Kind::CertificateDays | Kind::CertificateNames => "none",
        _ => "not there",
    }
}

fn flag_word(kind: Kind, flag: bool) -> &'static str {
    let (yes, no) = match kind {
        Kind::PortAllowed | Kind::PortExposed => ("open", "closed"),
        Kind::FirewallActive
        | Kind::MacEnforcing
        | Kind::FipsEnabled
        | Kind::UpdatesAutomatic
        | Kind::DiskEncrypted => ("on", "off"),
        Kind::FirewallAtBoot | Kind::ServiceEnabled | Kind::ModuleAtBoot => {
            ("starts at boot", "does not start at boot")
        }
        Kind::CommandPresent
        | Kind::FilePresent
        | Kind::UserPresent
        | Kind::TpmPresent
        | Kind::ModuleAvailable
        | Kind::MfaSshd
        | Kind::RouteDefault
        | Kind::SshdSocket => ("there", "not there"),
        Kind::ModuleLoaded => ("loaded", "not loaded"),
        Kind::DnsWorks => ("works", "does not work"),
        Kind::NetReach => ("answers", "does not answer"),
        Kind::CertificateTrusted => ("trusted", "not trusted"),
        Kind::StorageSpeaks => ("answers", "does not answer"),
        Kind::WebsocketAnswers => ("opens", "does not open"),
        Kind::TimeSynchronised => ("kept", "not kept"),
        Kind::AuditRunning | Kind::HostDisplayManager => ("runs", "does not run"),
        Kind::FirewallParity => ("alike", "not alike"),
        Kind::FirewallSsh => ("let in", "no rule"),
        Kind::NetRoute => ("in the way", "free"),
        Kind::UpdatesReboot => ("restart waits", "no restart waits"),
        Kind::JournalPersistent => ("kept", "lost at a restart"),
        Kind::SysctlWritable => ("can be set", "cannot be set here"),
        _ => ("yes", "no"),
    };
    if flag { yes } else { no }
}

/// `ubuntu-22.04` as "Ubuntu 22.04".
fn os_name(release: &str) -> String {
    let (id, version) = release.split_once('-').unwrap_or((release, ""));
    let name = match id {
        "ubuntu" => "Ubuntu",
        "debian" => "Debian",
        "rhel" => "RHEL",
        "centos" => "CentOS Stream",
        "rocky" => "Rocky Linux",
        "almalinux" => "AlmaLinux",
        "ol" => "Oracle Linux",
        "sles" => "SLES",
        "opensuse" => "openSUSE",
        "amzn" => "Amazon Linux",
        "fedora" => "Fedora",
        "alpine" => "Alpine",
        "linuxmint" => "Linux Mint",
        other => other,
    };
    format!("{name} {version}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{say, say_any, say_bytes, thousands};
    use facts::{Kind, Value};

    #[test]
    fn figures_read_as_on_the_screens() {
        let text = |value, kind| say(&value, kind).text;
        assert_eq!(text(Value::Bytes(8_375_000_000), Kind::MemoryTotal), "7.7 GB");
        assert_eq!(text(Value::Bytes(8 << 30), Kind::MemoryTotal), "8 GB");
        assert_eq!(text(Value::Bytes(1_000_000_000_000), Kind::DiskSize), "1 TB");
        assert_eq!(text(Value::Bytes(212_992), Kind::SysctlNow), "208 KB");
        assert_eq!(text(Value::Mhz(2450), Kind::CpuClock), "2.45 GHz");
        assert_eq!(text(Value::Mbps(1000.0), Kind::NetBandwidth), "1 Gbps");
        assert_eq!(text(Value::Count(1), Kind::CpuCores), "1 core");
        assert_eq!(text(Value::Flag(false), Kind::PortAllowed), "closed");
        assert_eq!(text(Value::Percent(85.0), Kind::DiskUsed), "85%");
        assert_eq!(text(Value::Text("rhel-9".into()), Kind::OsRelease), "RHEL 9");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(say_bytes(0, false).text, "0 bytes");
        let versions = ["18", "20"].map(|v| Value::Version(v.parse().expect("a version")));
        assert_eq!(say_any(&versions, Kind::SoftwareVersion), "18 or 20");
    }

    #[test]
    fn a_version_stands_without_its_packaging() {
        let text = |text: &str| say(&Value::Version(text.parse().expect(text)), Kind::SoftwareVersion).text;
        assert_eq!(text("5:7.0.15-1~deb12u10"), "7.0.15");
        assert_eq!(text("6.18.44-fc-v669"), "6.18.44");
        assert_eq!(text("1.1.1w"), "1.1.1w");
    }

    #[test]
    fn a_figure_is_never_rounded_up_to_the_line() {
        assert_eq!(say_bytes(GB * 8 - 65536, false).text, "7.9 GB");
        assert_eq!(say(&Value::Mhz(2399), Kind::CpuClock).text, "2.39 GHz");
        assert_eq!(say(&Value::Mbps(999.9), Kind::NetBandwidth).text, "999 Mbps");
    }

    const GB: u64 = 1 << 30;
}

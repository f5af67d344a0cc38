//! One item of another tool against our reading of it.

use anyhow::{Context, Result};
use facts::{Facts, Key, Kind, Reading, Value};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// One line of `others.py`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Said {
    pub(crate) by: String,
    /// A fact in our words.
    pub(crate) about: String,
    pub(crate) value: Json,
    /// By which other rule they came to it.
    pub(crate) because: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Agrees,
    /// They differ, and both are right in what they mean.
    Explained(&'static str),
    /// We say nothing, with our reason; never a claim.
    CouldNotTell(String),
    Differs(String),
}

impl Outcome {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Outcome::Agrees => "agree",
            Outcome::Explained(_) => "differ for a reason that is written down",
            Outcome::CouldNotTell(_) => "we could not tell",
            Outcome::Differs(_) => "differ",
        }
    }
}

pub(crate) fn compare(said: &Said, facts: &Facts) -> Result<Outcome> {
    let key: Key = said.about.parse()?;
    Ok(match facts.reading(&key) {
        Reading::Unknown(why) => Outcome::CouldNotTell(format!("{why:?}")),
        Reading::Known { value, .. } if agrees(&key, value, &said.value)? => Outcome::Agrees,
        Reading::Known { value, .. } => match reason(said, &key, value) {
            Some(reason) => Outcome::Explained(reason),
            None => Outcome::Differs(format!("{value:?}")),
        },
    })
}

/// One page of memory or one count of megabytes, rounded down: no more is forgiven.
const ROUNDING: f64 = (1 << 20) as f64;

fn agrees(key: &Key, ours: &Value, theirs: &Json) -> Result<bool> {
    let text = || theirs.as_str().map_or_else(|| theirs.to_string(), str::to_owned);
    let number = || theirs.as_f64().or_else(|| theirs.as_str()?.parse().ok());
    Ok(match ours {
        Value::Absent => theirs.is_null() || theirs == &Json::Bool(false),
        Value::Flag(flag) => theirs == &Json::Bool(*flag),
        Value::Count(count) => number() == Some(*count as f64),
        Value::Bytes(bytes) => number().is_some_and(|theirs| (theirs - *bytes as f64).abs() <= ROUNDING),
        // A whole percent is all that df tells.
        Value::Percent(share) => number().is_some_and(|theirs| (theirs - share).abs() < 1.0),
        Value::Mhz(mhz) => number() == Some(f64::from(*mhz)),
        Value::Mbps(number_of) | Value::Millis(number_of) => number() == Some(*number_of),
        Value::Version(version) => version.as_str() == text(),
        Value::Text(ours) if key.kind() == Kind::ServiceState => match text().as_str() {
            "not active" => ours != "active",
            state => state == ours,
        },
        Value::Text(ours) => *ours == text(),
        Value::Numbers(numbers) => numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" ") == text(),
        Value::List(items) => {
            let theirs = theirs.as_array().context("a list against a list")?;
            let theirs: BTreeSet<&str> = theirs.iter().filter_map(Json::as_str).collect();
            ours_as_they_write(key.kind(), items) == theirs
        }
    })
}

/// Of "22/tcp 0.0.0.0 sshd" the process is left out, and of "10.0.0.1 eth0" the interface: others do not say them.
fn ours_as_they_write(kind: Kind, items: &[String]) -> BTreeSet<&str> {
    let words = match kind {
        Kind::PortAll => 2,
        Kind::AddressAll => 1,
        _ => usize::MAX,
    };
    let cut = |item: &'_ str| item.match_indices(' ').nth(words - 1).map_or(item.len(), |(at, _)| at);
    items.iter().map(|item| item.get(..cut(item)).unwrap_or(item)).collect()
}

/// Services that the bus starts, under both of their names.
const ASKED_FOR: [&str; 4] =
    ["systemd-timedated", "dbus-org.freedesktop.timedate1", "systemd-hostnamed", "dbus-org.freedesktop.hostname1"];

/// Where another tool differs and both are right in what they mean.
fn reason(said: &Said, key: &Key, ours: &Value) -> Option<&'static str> {
    let because = said.because.as_deref().unwrap_or_default();
    match (key.kind(), ours) {
        // `systemctl is-enabled` ends well for these too, and testinfra goes by that.
        (Kind::ServiceEnabled, Value::Flag(false)) if matches!(because, "static" | "indirect") => {
            Some("its unit has no [Install] section: others start it, and nothing enables it")
        }
        (Kind::ServiceEnabled, Value::Flag(false)) if because == "alias" => {
            Some("it is another name of a unit that nothing enables")
        }
        (Kind::ServiceEnabled, Value::Flag(false)) if because == "masked" => Some(
            "it is masked, so that systemd never starts it; testinfra goes by links in /etc/rc?.d of the time before",
        ),
        // Asking for the clock or the host name starts these for half a minute: the others asked at another moment.
        (Kind::ServiceState, _) if ASKED_FOR.contains(&key.argument()) => {
            Some("it starts when anybody asks it something, and ends by itself")
        }
        // Not where they see more than we do, nor where more is gone than a kernel takes.
        (Kind::MemoryTotal, Value::Bytes(ours))
            if said.value.as_u64().is_some_and(|left| left < *ours && ours - left <= left / 8) =>
        {
            Some(
                "they say what the kernel left for programs (MemTotal); ours is what was fitted, the blocks that are online",
            )
        }
        (Kind::VirtKind, Value::Text(ours)) if ours == "qemu" && said.by == "ansible" && said.value == "kvm" => Some(
            "Ansible calls every machine of QEMU kvm; systemd-detect-virt tells one that is worked out in software",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Said, compare};
    use facts::{Facts, Key, Reading, Value, Why};
    use serde_json::{Value as Json, json};

    fn of(about: &str, ours: Reading, theirs: Json, because: Option<&str>) -> Outcome {
        let mut facts = Facts::default();
        facts.learn(about.parse::<Key>().expect(about), ours, Vec::new());
        let because = because.map(str::to_owned);
        compare(&Said { by: "x".into(), about: about.into(), value: theirs, because }, &facts).expect("comparable")
    }

    /// A lane that could not fail would show nothing.
    #[test]
    fn what_differs_is_said_and_no_reason_hides_it() {
        let text = |text: &str| Reading::reported(Value::Text(text.into()));
        let differs = |outcome| matches!(outcome, Outcome::Differs(_));
        assert_eq!(of("sysctl.now:vm.swappiness", text("60"), json!("60"), None), Outcome::Agrees);
        assert!(differs(of("sysctl.now:vm.swappiness", text("60"), json!("61"), None)));
        assert!(differs(of("memory.total", Reading::reported(Value::Bytes(4 << 30)), json!(3u64 << 30), None)));
        assert_eq!(of("package.installed:jq", Reading::reported(Value::Absent), json!(null), None), Outcome::Agrees);
        assert!(differs(of("package.installed:jq", Reading::reported(Value::Absent), json!("1.6"), None)));
        let off = || Reading::reported(Value::Flag(false));
        assert!(differs(of("service.enabled:ssh", off(), json!(true), Some("enabled"))));
        assert!(matches!(of("service.enabled:ssh", off(), json!(true), Some("static")), Outcome::Explained(_)));
        assert_eq!(of("service.state:ssh", text("inactive"), json!("not active"), None), Outcome::Agrees);
        assert!(differs(of("service.state:ssh", text("active"), json!("not active"), None)));
        let fitted = || Reading::reported(Value::Bytes(4608 << 20));
        assert!(matches!(of("memory.total", fitted(), json!(4_639_948_800u64), None), Outcome::Explained(_)));
        assert!(differs(of("memory.total", fitted(), json!(4700u64 << 20), None)));
        assert!(differs(of("virt.kind", text("qemu"), json!("kvm"), None)), "by another than Ansible");
        let ports = Reading::reported(Value::List(vec!["22/tcp 0.0.0.0 sshd".into()]));
        assert_eq!(of("port.all", ports.clone(), json!(["22/tcp 0.0.0.0"]), None), Outcome::Agrees);
        assert!(differs(of("port.all", ports, json!(["22/tcp 0.0.0.0", "80/tcp ::"]), None)));
        let hidden = Reading::Unknown(Why::Hidden { by: "lxc".into() });
        assert!(matches!(of("cpu.cores", hidden, json!(2), None), Outcome::CouldNotTell(_)));
    }
}

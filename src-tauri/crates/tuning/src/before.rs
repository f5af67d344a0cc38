//! What stands, before anything is changed, at every place that a change would touch.
//!
//! The script of [`script`] only reads. Its answer is what the preview shows and what the run compares with before it
//! begins: whatever differs by then stops the run.

use crate::{change, sh};
use profiles::{Tuning, TuningKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const PICTURE: &str = include_str!("runner/picture.sh");

/// Files we may write, and neighbours that decide how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    files: BTreeMap<String, FileBefore>,
    values: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FileBefore {
    picture: String,
    text: String,
}

/// A unit of systemd as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnitBefore {
    pub(crate) masked: bool,
    pub(crate) at_boot: bool,
    pub(crate) active: bool,
}

impl Before {
    /// Reads what the script printed. A place that was not looked at stays unknown, and the run then does not compare it.
    pub fn read(output: &[u8], nonce: &str) -> Before {
        let mut before = Before::default();
        let mut path = String::new();
        for line in String::from_utf8_lossy(output).lines() {
            let Some((kind, text)) =
                line.strip_prefix(nonce).and_then(|l| l.strip_prefix(' ')).and_then(|l| l.split_once(' '))
            else {
                continue;
            };
            match kind {
                "F" => path = text.to_owned(),
                "P" => before.files.entry(path.clone()).or_default().picture = text.to_owned(),
                "B" => {
                    let file = before.files.entry(path.clone()).or_default();
                    file.text.push_str(text);
                    file.text.push('\n');
                }
                "V" => {
                    let (name, value) = text.split_once(' ').unwrap_or((text, ""));
                    before.values.insert(name.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        before
    }

    /// The state line of a path, where somebody looked.
    pub fn picture(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|file| file.picture.as_str()).filter(|picture| !picture.is_empty())
    }

    /// The text of a file that is there.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).filter(|file| !file.picture.ends_with("absent")).map(|file| file.text.as_str())
    }

    pub(crate) fn is_there(&self, path: &str) -> bool {
        self.picture(path).is_some_and(|picture| !picture.ends_with("absent"))
    }

    /// A value that was looked up; an empty one counts as none.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// All values whose names begin so: the rest of the name, and the value.
    pub(crate) fn values_of<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.values.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Runs that nobody has answered yet; `None` where they could not be seen.
    pub fn open_runs(&self) -> Option<Vec<String>> {
        self.values.contains_key("open_runs").then(|| self.words("open_runs"))
    }

    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        self.value(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    /// How a unit stands: enabled at boot, active now. `None`: there is no such unit.
    pub(crate) fn unit(&self, unit: &str) -> Option<UnitBefore> {
        let state = self.value(&format!("unit.{unit}"))?;
        let (enabled, active) = state.split_once(' ').unwrap_or((state, ""));
        Some(UnitBefore {
            masked: enabled.starts_with("masked"),
            at_boot: matches!(enabled, "enabled" | "static" | "alias" | "generated" | "indirect" | "enabled-runtime"),
            active: matches!(active, "active" | "activating" | "reloading"),
        })
    }
}

/// The script that looks, for these changes. It reads and changes nothing; as an administrator it sees all.
pub fn script(tunings: &[Tuning], nonce: &str) -> String {
    let looks: Vec<Look> = tunings.iter().flat_map(|tuning| looks(&tuning.id, &tuning.kind)).collect();
    let (newer, missing) = names_of_apt(&looks);
    let offers = format!("look_offers {}", sh::words([newer.as_str(), missing.as_str()]));
    let mut looks: Vec<String> = looks.iter().map(Look::line).collect();
    looks.sort();
    looks.dedup();
    let nonce = sh::quote(nonce);
    let mut script = format!("{{\nNONCE={nonce}\nLC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\nexport LC_ALL PATH\n");
    script.push_str(PICTURE);
    script.push_str(include_str!("runner/ssh_ports.sh"));
    script.push_str(include_str!("runner/look.sh"));
    for look in [offers].into_iter().chain(looks) {
        let _ = writeln!(script, "{look}");
    }
    script.push_str("look_values\nexit 0\n} </dev/null\n");
    script
}

/// The packages of apt that are asked about: those that may get newer, and those that count only while they are missing.
fn names_of_apt(looks: &[Look]) -> (String, String) {
    let (mut newer, mut missing) = (BTreeSet::new(), BTreeSet::new());
    for look in looks {
        match look {
            Look::Packages { names: [apt, ..], .. } => missing.extend(apt.iter().map(String::as_str)),
            Look::Ask("look_software", words) => newer.extend(words.get(1).iter().flat_map(|names| names.split(' '))),
            _ => {}
        }
    }
    missing.retain(|name| !newer.contains(name));
    let list = |names: BTreeSet<&str>| names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    (list(newer), list(missing))
}

/// One thing to look at.
pub(crate) enum Look {
    /// A path: what stands there, and its text.
    Path(String),
    /// Whether units are there, enabled, active.
    Units(Vec<String>),
    /// One of the functions of `look.sh`, with its words.
    Ask(&'static str, Vec<String>),
    /// Who is in charge of the firewall, how people come in, who listens.
    Firewall,
    /// What installing would bring; names by tool: apt, dnf, zypper, apk.
    Packages { label: String, names: [Vec<String>; 4] },
}

impl Look {
    fn line(&self) -> String {
        match self {
            Look::Path(path) => format!("look {}", sh::quote(path)),
            Look::Units(units) => format!("look_units {}", sh::words(units.iter().map(String::as_str))),
            Look::Ask(function, words) => format!("{function} {}", sh::words(words.iter().map(String::as_str))),
            Look::Firewall => "look_firewall".to_owned(),
            Look::Packages { label, names } => {
                let names = names.each_ref().map(|names| names.join(" "));
                format!("look_packages {} {}", sh::quote(label), sh::words(names.iter().map(String::as_str)))
            }
        }
    }
}

/// Where a change of this kind may write, and what it must know to decide.
fn looks(id: &str, kind: &TuningKind) -> Vec<Look> {
    match kind {
        TuningKind::Sysctl(values) => change::sysctl::looks(values),
        TuningKind::FileLimit { units, .. } => change::limits::paths(units).into_iter().map(Look::Path).collect(),
        TuningKind::Packages(choices) => vec![change::packages::look(id, choices)],
        TuningKind::Service { unit, .. } => vec![Look::Units(vec![unit.clone()])],
        TuningKind::TimeSync => change::time::looks(),
        TuningKind::Ports(_) | TuningKind::CloseOtherPorts { .. } => change::firewall::looks(),
        TuningKind::AutomaticUpdates => change::updates::looks(),
        TuningKind::SecurityUpdates => Vec::new(),
        TuningKind::Modules(names) => change::modules::looks(names),
        TuningKind::Permissions(permissions) => change::permissions::looks(permissions),
        TuningKind::SystemUser { user, group } => vec![Look::Ask("look_accounts", vec![user.clone(), group.clone()])],
        TuningKind::Journal { .. } => change::logs::looks_journal(),
        TuningKind::Logrotate { path, .. } => change::logs::looks_rotation(path),
        TuningKind::SwapFile { .. } | TuningKind::SwapOff => change::swap::looks(),
        TuningKind::NodeExporter { .. } => change::monitoring::looks_agent(),
        TuningKind::AlertRules(_) => change::monitoring::looks_rules(),
        TuningKind::BackupTimer { .. } => change::backup::looks(),
        TuningKind::Environment { path, restart, .. } => change::environment::looks(path, restart.as_deref()),
        TuningKind::SignInGuard { .. } => change::guard::looks(),
        TuningKind::Software { program, makers, .. } => change::software::looks(id, program, makers.as_ref()),
        TuningKind::Sshd(_) => change::sshd::looks(),
        TuningKind::SshPort { port } => change::ssh_port::looks(*port),
        TuningKind::Postgres(settings) => change::postgres::looks(settings),
    }
}

#[cfg(test)]
mod tests {
    use super::Before;

    #[test]
    fn noise_is_passed_over_and_a_missing_file_has_no_text() {
        let output = b"motd\nn F /a\nn P absent\nn F /b\nn P file x 644 0 0 -\nn B one\nn B two\nx F /c\n";
        let before = Before::read(output, "n");
        assert_eq!(before.text("/a"), None);
        assert_eq!(before.text("/b"), Some("one\ntwo\n"));
        assert_eq!(before.picture("/c"), None);
    }
}

//! The probe as text: the fixed script, and before it what this run asks beyond what is always read.

use crate::frame::{Section, is_nonce};
use crate::{Key, Kind, software};
use std::collections::BTreeSet;
use std::fmt::Write;

const SCRIPT: &str = include_str!("probe.sh");

/// The longest any section may take, in seconds; the probe ends by itself soon after.
pub const LONGEST_SECONDS: u32 = 25;

/// What a run asks beyond the fixed part: names of kernel parameters, packages, programs, paths and so on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    keys: BTreeSet<Key>,
}

impl Asks {
    /// What must be asked so that all of `keys` can be read. Keys without an argument are always read.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Asks {
        let mut asked: BTreeSet<Key> = keys.into_iter().cloned().collect();
        // Whoever judges a kernel parameter also has to know what a restart makes of it and whether it can be changed.
        let parameters = [Kind::SysctlNow, Kind::SysctlBoot, Kind::SysctlFile, Kind::SysctlWritable];
        let named: Vec<Key> = asked.iter().filter(|key| parameters.contains(&key.kind())).cloned().collect();
        for key in named {
            asked.extend(parameters.into_iter().filter_map(|kind| Key::of(kind, key.argument()).ok()));
        }
        let exposed: Vec<Key> = asked.iter().filter(|key| key.kind() == Kind::PortExposed).cloned().collect();
        for key in exposed {
            // It is put together from these two.
            let from = [Kind::PortListeners, Kind::PortAllowed];
            asked.extend(from.into_iter().filter_map(|kind| Key::of(kind, key.argument()).ok()));
        }
        Asks { keys: asked }
    }

    /// The keys asked for.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    fn arguments(&self, kinds: &[Kind]) -> BTreeSet<&str> {
        self.keys.iter().filter(|key| kinds.contains(&key.kind())).map(Key::argument).collect()
    }

    fn words(&self) -> Vec<(&'static str, Vec<String>)> {
        use Kind::*;
        let plain = |kinds: &[Kind]| self.arguments(kinds).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let sysctls = plain(&[SysctlNow, SysctlBoot, SysctlFile, SysctlWritable]);
        let names = self.arguments(&[SoftwareVersion, SoftwareRunning, SoftwareCandidate]);
        let software: Vec<_> = names.iter().map(|name| software::named(name)).collect();
        let mut packages = plain(&[PackageInstalled, PackageCandidate]);
        packages.extend(software.iter().flat_map(|known| known.packages.clone()));
        let programs = software.iter().flat_map(|known| known.programs.iter().map(|p| format!("{}={p}", known.name)));
        let mut processes: Vec<_> = software.iter().flat_map(|known| known.processes.clone()).collect();
        processes.sort_unstable();
        let units = self.arguments(&[ServiceState, ServiceEnabled, ServiceRestarts, UnitFiles]);
        let ports = self.arguments(&[CertificateDays, CertificateNames]);
        let certificates = ports.iter().filter_map(|port| {
            let port: u16 = port.strip_suffix("/tcp")?.parse().ok()?;
            Some(format!("{port}:{port:04X}"))
        });
        let options = plain(&[KernelConfig]).into_iter().map(|o| o.trim_start_matches("CONFIG_").to_owned());
        packages.sort_unstable();
        packages.dedup();
        vec![
            ("A_SYSCTL", sysctls.iter().map(|name| sysctl_path(name)).collect()),
            ("A_PACKAGE", packages),
            ("A_SOFTWARE", programs.collect()),
            ("A_PROCESS", processes),
            (
                "A_PATH",
                plain(&[
                    DiskSize,
                    DiskFree,
                    DiskUsed,
                    DiskInodesFree,
                    DiskKind,
                    DiskFileSystem,
                    DiskOptions,
                    DiskEncrypted,
                ]),
            ),
            ("A_UNIT", units.iter().flat_map(|name| crate::read::services::units(name)).collect()),
            ("A_MODULE", plain(&[ModuleLoaded, ModuleAvailable, ModuleAtBoot])),
            ("A_CONFIG", options.collect()),
            ("A_COMMAND", plain(&[CommandPresent])),
            ("A_FILE", plain(&[FileMode, FilePresent])),
            ("A_NAMES", plain(&[FileNames])),
            (
                "A_POSTGRES",
                self.keys
                    .iter()
                    .filter(|k| matches!(k.kind(), PostgresSetting | PostgresStandbys))
                    .take(1)
                    .map(|_| "yes".to_owned())
                    .collect(),
            ),
            ("A_CERTIFICATE", certificates.collect()),
            ("A_KEYS", self.keys.iter().filter(|key| !key.argument().is_empty()).map(Key::to_string).collect()),
        ]
    }
}

/// `net.core.rmem_max` as a path below /proc/sys. In a name that has slashes already (`net/ipv4/conf/eth0.100/…`) dots
/// belong to the name.
pub(crate) fn sysctl_path(name: &str) -> String {
    if name.contains('/') { name.to_owned() } else { name.replace('.', "/") }
}

/// The script for the standard input of `/bin/sh -s`. The nonce must be new and unguessable for every run: 6 to 64
/// letters, digits and dashes.
///
/// ```
/// let key: facts::Key = "sysctl.now:net.core.rmem_max".parse().unwrap();
/// let script = facts::probe::script(&facts::probe::Asks::of([&key]), "3f9a2c7be1d04586");
/// assert!(script.contains("A_SYSCTL='net/core/rmem_max'"));
/// ```
pub fn script(asks: &Asks, nonce: &str) -> String {
    // A nonce that could not stand unquoted is a mistake of the caller, never a line of shell.
    let nonce = if is_nonce(nonce) { nonce } else { "by-hand" };
    let mut script = format!("N={nonce}\n");
    for (name, words) in asks.words() {
        let words: Vec<_> = words.into_iter().filter(|word| is_plain(word)).collect();
        let _ = writeln!(script, "{name}='{}'", words.join(" "));
    }
    script + SCRIPT
}

/// [`Key`] lets no other characters in; this is the second lock on the same door.
fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/@+:=,*[]".contains(&b))
}

/// The system's own name for itself where it is not Linux: there the probe reads nothing else.
pub fn other_system(sections: &[Section]) -> Option<String> {
    let kernel = sections.iter().find(|section| section.name == "kernel")?;
    let text = String::from_utf8_lossy(&kernel.bytes);
    // "Linux web1 6.1.0-18-amd64 x86_64", or the words of a shell that has no uname.
    let name = text.split_whitespace().next().filter(|name| *name != "Linux")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (kernel.exit == 0 && name.chars().all(plain)).then(|| name.chars().take(40).collect())
}

#[cfg(test)]
mod tests {
    use super::{Asks, other_system, script};
    use crate::Key;
    use crate::frame::Section;

    #[test]
    fn another_system_says_its_name() {
        let kernel = |text: &str| {
            let bytes = text.as_bytes().to_vec();
            other_system(&[Section { name: "kernel".to_owned(), exit: 0, bytes, shortened: false }])
        };
        assert_eq!(kernel("FreeBSD db-01 14.1-RELEASE amd64\n").as_deref(), Some("FreeBSD"));
        assert_eq!(kernel("Linux web1 6.1.0-18-amd64 x86_64\n"), None);
        assert_eq!(kernel("sh: uname: not found\n"), None);
        assert_eq!(kernel(""), None);
    }

    #[test]
    fn what_is_asked_stands_before_the_script_once() {
        let keys: Vec<Key> =
            ["sysctl.now:net.core.rmem_max", "sysctl.boot:net.core.rmem_max", "certificate.days:443/tcp"]
                .iter()
                .map(|text| text.parse().expect(text))
                .collect();
        let script = script(&Asks::of(&keys), "abcdef0123456789");
        assert!(script.starts_with("N=abcdef0123456789\nA_SYSCTL='net/core/rmem_max'\n"), "{}", &script[..200]);
        assert!(script.contains("\nA_CERTIFICATE='443:01BB'\n"));
    }

    #[test]
    fn what_is_put_together_asks_for_its_parts() {
        let key: Key = "port.exposed:5432/tcp".parse().expect("a key");
        let asked: Vec<String> = Asks::of([&key]).keys().map(ToString::to_string).collect();
        assert_eq!(asked, ["port.listeners:5432/tcp", "port.allowed:5432/tcp", "port.exposed:5432/tcp"]);
    }

    #[test]
    fn a_nonce_is_never_shell() {
        assert!(script(&Asks::default(), "x; reboot").starts_with("N=by-hand\n"));
    }
}

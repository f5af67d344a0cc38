//! What a run does, taken apart until every piece can be looked at, done, checked and taken back by itself.
//!
//! One variant here is one function of the runner (`runner/*.sh`), with the same name and the same arguments.

use crate::before::Before;
use crate::sh;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One piece of a change. The names of kinds and fields are those of a saved report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Act {
    /// A file of our own, whole.
    File { path: String, mode: String, text: String },
    /// A block in a file of our own that several changes share; `name` is the id of the change.
    Block { path: String, mode: String, name: String, text: String },
    /// A kernel parameter of the running system.
    KernelValue { key: String, value: String, now: String },
    /// A property of systemd that follows from its files once they are read again.
    ManagerValue { name: String, value: String },
    /// What a fresh sign-in may open; looked at, not set.
    LoginLimit { hard: bool, files: u64 },
    /// What a unit may open: its process now, and after a restart.
    UnitFiles { unit: String, files: u64 },
    /// Programs from the distribution, by its tool.
    Packages { tool: String, names: Vec<String> },
    /// A package source of a program's makers, read by apt: it must offer the package in that version at least.
    PackageSource { path: String, url: String, package: String, at_least: String },
    /// Security updates that wait, by the distribution's tool. Cannot be taken back.
    SecurityUpdates { tool: String },
    /// A unit of systemd, started at boot or not, running or not; `None` is as it is.
    Unit { unit: String, enabled: Option<bool>, running: Option<bool> },
    /// Rules of ufw for ports that stay open; with `close`, everything else is closed and ufw switched on.
    Ufw { ports: Vec<String>, close: bool },
    /// A port of firewalld: running rules now, permanent ones once kept.
    FirewalldPort { zone: String, port: String },
    /// A table of nftables that is ours alone, loaded from a file of ours; `ports` are those it leaves open.
    NftTable { name: String, path: String, ports: Vec<String> },
    /// A script of ours that lets ports in through rules which somebody else keeps.
    PortScript { path: String },
    /// A setting of apt as it takes effect; looked at, not set.
    AptSetting { name: String, value: String },
    /// A kernel module, loaded.
    KernelModule { name: String },
    /// Mode and owner of what is there; without an owner, the mode alone.
    Mode { path: String, mode: String, owner: Option<(String, String)> },
    /// The journal on disk.
    JournalStore,
    /// A file of logrotate as logrotate reads it; looked at, not set.
    LogrotateReads { path: String },
    /// A file of alert rules as Prometheus reads it; looked at, not set.
    RulesRead { path: String },
    /// A program that listens on this address and no other; looked at, not set.
    ListensOnly { address: String, port: u16 },
    /// A system user that cannot sign in, and its group.
    SystemUser { user: String, group: String },
    /// A swap file of our own.
    SwapFile { path: String, mib: u64 },
    /// No swap in use.
    SwapOff,
    /// No swap in fstab.
    FstabWithoutSwap,
    /// sshd reads its files again, and these settings take effect for the person who is here.
    Sshd { settings: Vec<(String, String)>, person: String, address: String },
    /// ssh answers on these ports and no others; `new` are those that nobody has come in by yet. Where a socket of systemd
    /// listened for it at the preview, its name.
    SshAnswersOn {
        on: Vec<u16>,
        #[serde(default)]
        new: Vec<u16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        socket: Option<String>,
    },
    /// SELinux lets sshd use this port.
    SshPortLabel { port: u16 },
    /// PostgreSQL reads its files again, and these settings take effect; sizes in bytes.
    Postgres { port: String, unit: String, restart: bool, settings: Vec<(String, String)> },
    /// A jail of fail2ban that watches and never shuts this address out; looked at, not set.
    Jail { name: String, address: String },
    /// A unit reads its files again.
    Again { unit: String, how: Again },
}

/// How a unit is made to read its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// systemd reads all unit files.
    Daemon,
    Reload,
    Restart,
}

impl Act {
    /// The function of the runner that does it, and its arguments.
    fn function(&self) -> (&'static str, Vec<String>) {
        let toggle = |wish: &Option<bool>| match wish {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => "-".to_owned(),
        };
        match self {
            Act::File { path, mode, .. } => ("file", vec![path.clone(), mode.clone()]),
            Act::Block { path, mode, name, .. } => ("block", vec![path.clone(), mode.clone(), name.clone()]),
            Act::KernelValue { key, value, .. } => ("kernel_value", vec![key.clone(), value.clone()]),
            Act::ManagerValue { name, value } => ("manager_value", vec![name.clone(), value.clone()]),
            Act::LoginLimit { hard, files } => {
                ("login_limit", vec![if *hard { "H" } else { "S" }.to_owned(), files.to_string()])
            }
            Act::UnitFiles { unit, files } => ("unit_files", vec![unit.clone(), files.to_string()]),
            Act::Packages { tool, names } => ("packages", vec![tool.clone(), names.join(" ")]),
            Act::PackageSource { path, url, package, at_least } => {
                ("package_source", vec![path.clone(), lists_of(url), package.clone(), at_least.clone()])
            }
            Act::SecurityUpdates { tool } => ("security_updates", vec![tool.clone()]),
            Act::Unit { unit, enabled, running } => ("unit", vec![unit.clone(), toggle(enabled), toggle(running)]),
            Act::Ufw { ports, close } => ("ufw", vec![ports.join(" "), if *close { "close" } else { "-" }.to_owned()]),
            Act::FirewalldPort { zone, port } => ("firewalld_port", vec![zone.clone(), port.clone()]),
            Act::NftTable { name, path, ports } => ("nft_table", vec![name.clone(), path.clone(), ports.join(" ")]),
            Act::PortScript { path } => ("port_script", vec![path.clone()]),
            Act::KernelModule { name } => ("kernel_module", vec![name.clone()]),
            Act::Mode { path, mode, owner } => {
                let (user, group) = owner.clone().unwrap_or(("-".into(), "-".into()));
                ("mode", vec![path.clone(), mode.clone(), user, group])
            }
            Act::JournalStore => ("journal_store", vec![]),
            Act::LogrotateReads { path } => ("logrotate_reads", vec![path.clone()]),
            Act::RulesRead { path } => ("rules_read", vec![path.clone()]),
            Act::ListensOnly { address, port } => ("listens_only", vec![address.clone(), port.to_string()]),
            Act::SystemUser { user, group } => ("system_user", vec![user.clone(), group.clone()]),
            Act::SwapFile { path, mib } => ("swap_file", vec![path.clone(), mib.to_string()]),
            Act::SwapOff => ("swap_off", vec![]),
            Act::FstabWithoutSwap => ("fstab_without_swap", vec![]),
            Act::Sshd { settings, person, address } => {
                ("sshd_settings", vec![lines(settings), person.clone(), address.clone()])
            }
            Act::SshAnswersOn { on, .. } => ("ssh_answers_on", vec![numbers(on, " ")]),
            Act::SshPortLabel { port } => ("ssh_port_label", vec![port.to_string()]),
            Act::Postgres { port, unit, restart, settings } => {
                let restart = if *restart { "yes" } else { "no" };
                ("postgres", vec![port.clone(), unit.clone(), restart.to_owned(), lines(settings)])
            }
            Act::Jail { name, address } => ("jail", vec![name.clone(), address.clone()]),
            Act::AptSetting { name, value } => ("apt_setting", vec![name.clone(), value.clone()]),
            Act::Again { unit, how } => {
                let how = match how {
                    Again::Daemon => "daemon",
                    Again::Reload => "reload",
                    Again::Restart => "restart",
                };
                ("again", vec![unit.clone(), how.to_owned()])
            }
        }
    }

    /// The part of the runner that knows this kind of act.
    pub(crate) fn part(&self) -> &'static str {
        match self {
            Act::File { .. } => include_str!("runner/kinds/file.sh"),
            Act::Block { .. } => include_str!("runner/kinds/block.sh"),
            Act::KernelValue { .. } => include_str!("runner/kinds/kernel.sh"),
            Act::ManagerValue { .. } | Act::LoginLimit { .. } | Act::UnitFiles { .. } => {
                include_str!("runner/kinds/limits.sh")
            }
            Act::Packages { .. } | Act::SecurityUpdates { .. } | Act::PackageSource { .. } => {
                include_str!("runner/kinds/packages.sh")
            }
            Act::Ufw { .. } | Act::FirewalldPort { .. } | Act::NftTable { .. } | Act::PortScript { .. } => {
                concat!(include_str!("runner/ssh_ports.sh"), include_str!("runner/kinds/firewall.sh"))
            }
            Act::KernelModule { .. } => include_str!("runner/kinds/modules.sh"),
            Act::Mode { .. } | Act::JournalStore | Act::LogrotateReads { .. } | Act::ListensOnly { .. } => {
                include_str!("runner/kinds/files.sh")
            }
            Act::RulesRead { .. } => include_str!("runner/kinds/prometheus.sh"),
            Act::SystemUser { .. } => include_str!("runner/kinds/accounts.sh"),
            Act::SwapFile { .. } | Act::SwapOff | Act::FstabWithoutSwap => include_str!("runner/kinds/swap.sh"),
            // the firewall's part has it as well; shells take the second of two equal functions
            Act::Sshd { .. } => concat!(include_str!("runner/ssh_ports.sh"), include_str!("runner/kinds/sshd.sh")),
            Act::SshAnswersOn { .. } | Act::SshPortLabel { .. } => concat!(
                include_str!("runner/ssh_ports.sh"),
                include_str!("runner/kinds/sshd.sh"),
                include_str!("runner/kinds/ssh_port.sh")
            ),
            Act::Postgres { .. } => include_str!("runner/kinds/postgres.sh"),
            Act::Jail { .. } => include_str!("runner/kinds/jail.sh"),
            Act::AptSetting { .. } => include_str!("runner/kinds/apt_setting.sh"),
            Act::Unit { .. } | Act::Again { .. } => include_str!("runner/kinds/units.sh"),
        }
    }

    /// The call of the runner's function.
    pub(crate) fn call(&self, number: u32, verb: &str) -> String {
        let (function, arguments) = self.function();
        format!("{function} {verb} {number} {}", sh::words(arguments.iter().map(String::as_str)))
    }

    /// Text that the act writes; it goes up beside the program.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Act::File { text, .. } => Some(text.clone()),
            Act::Block { name, text, .. } => Some(block(name, text)),
            _ => None,
        }
    }

    /// How the preview saw it, in the words of the runner's `state`. The run stops when it differs; `None` is not compared.
    pub(crate) fn preview(&self, before: &Before) -> Option<String> {
        match self {
            Act::File { path, .. } => before.picture(path).map(str::to_owned),
            Act::Block { path, name, .. } => {
                before.picture(path)?;
                Some(match before.text(path).and_then(|text| block_in(text, name)) {
                    Some(block) => format!("block {}", sha256(&block)),
                    None => "absent".to_owned(),
                })
            }
            Act::KernelValue { now, .. } => Some(now.clone()),
            _ => None,
        }
    }

    /// What it touches, for people and for the record: a path, a parameter, a unit.
    pub fn target(&self) -> &str {
        match self {
            Act::File { path, .. } | Act::Block { path, .. } => path,
            Act::KernelValue { key, .. } => key,
            Act::ManagerValue { name, .. } | Act::AptSetting { name, .. } | Act::Jail { name, .. } => name,
            Act::LoginLimit { .. } => "a fresh sign-in",
            Act::UnitFiles { unit, .. } | Act::Unit { unit, .. } | Act::Again { unit, .. } => unit,
            Act::KernelModule { name } => name,
            Act::Mode { path, .. }
            | Act::LogrotateReads { path }
            | Act::RulesRead { path }
            | Act::PackageSource { path, .. }
            | Act::SwapFile { path, .. } => path,
            Act::JournalStore => "/var/log/journal",
            Act::ListensOnly { address, .. } => address,
            Act::SystemUser { user, .. } => user,
            Act::SwapOff => "swap",
            Act::FstabWithoutSwap => "/etc/fstab",
            Act::Sshd { .. } | Act::SshAnswersOn { .. } | Act::SshPortLabel { .. } => "sshd",
            Act::Postgres { unit, .. } => unit,
            Act::Ufw { .. } => "ufw",
            Act::FirewalldPort { port, .. } => port,
            Act::NftTable { path, .. } | Act::PortScript { path } => path,
            Act::Packages { .. } => "packages",
            Act::SecurityUpdates { .. } => "security updates",
        }
    }

    /// Whether it can cut the line between us and the server.
    pub(crate) fn cuts(&self) -> bool {
        matches!(
            self,
            Act::Ufw { .. }
                | Act::FirewalldPort { .. }
                | Act::NftTable { .. }
                | Act::PortScript { .. }
                | Act::SshAnswersOn { .. }
        )
    }
}

/// How the names of apt's lists of a source begin: the address without its scheme, each slash an underscore.
fn lists_of(url: &str) -> String {
    let address =
        url.strip_prefix("file:").or_else(|| url.split_once("://").map(|(_, address)| address)).unwrap_or(url);
    format!("{}_dists_", address.trim_end_matches('/').replace('/', "_"))
}

pub(crate) fn numbers(ports: &[u16], between: &str) -> String {
    ports.iter().map(u16::to_string).collect::<Vec<_>>().join(between)
}

fn lines(settings: &[(String, String)]) -> String {
    settings.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join("\n")
}

/// First line of every file that blocks share; the runner writes the same.
pub const HEADER: &str =
    "# Written by Plumbline. Every block can be taken back in the app; edits outside the blocks stay.";

/// A block with its two marks.
pub(crate) fn block(name: &str, text: &str) -> String {
    format!("# [{name}]\n{text}# [/{name}]\n")
}

/// The block of that name, marks included, where the text has one.
pub(crate) fn block_in(text: &str, name: &str) -> Option<String> {
    let (open, close) = (format!("# [{name}]"), format!("# [/{name}]"));
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&open));
    let mut found = format!("{}\n", lines.next()?);
    for line in lines {
        found.push_str(line);
        found.push('\n');
        if line.starts_with(&close) {
            break;
        }
    }
    Some(found)
}

/// The whole file as it will be with the block in its place, else at the end.
pub(crate) fn with_block(text: Option<&str>, name: &str, part: &str) -> String {
    let Some(text) = text else { return format!("{HEADER}\n{}", block(name, part)) };
    match block_in(text, name) {
        Some(old) => text.replacen(&old, &block(name, part), 1),
        None => format!("{text}{}", block(name, part)),
    }
}

pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

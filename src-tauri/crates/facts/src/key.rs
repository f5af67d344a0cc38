//! Every fact there is: its name, its unit, and what its argument means.
//!
//! A key is `name` or `name:argument`: `cpu.cores`, `sysctl.now:net.core.rmem_max`, `disk.free:/opt/dusk`,
//! `port.allowed:9000/udp`. Requirement files name facts by these words, so the table below is their whole vocabulary.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What the argument of a key names. It also limits its characters, so that a key can stand in the probe unquoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    None,
    /// An absolute path.
    Path,
    /// `9000/udp`, or a range: `49152-65535/udp`.
    Port,
    /// A question to a service: `443/tcp` asks at `/`, `443/tcp/live` at `/live`.
    Service,
    /// A package, unit, sysctl, program, module or user name.
    Name,
}

/// What kind of [`crate::Value`] a known reading of the key holds (`Absent` is possible for all).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Flag,
    Count,
    Bytes,
    Mhz,
    Mbps,
    Millis,
    Percent,
    Version,
    Text,
    Numbers,
    List,
}

macro_rules! keys {
    ($($(#[doc = $doc:literal])* $kind:ident $name:literal $argument:ident $unit:ident,)*) => {
        /// The kinds of fact.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[doc = $doc])* $kind,)* }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// The word by which requirement files and JSON name it.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)* }
            }

            pub fn argument(self) -> Argument {
                match self { $(Kind::$kind => Argument::$argument,)* }
            }

            pub fn unit(self) -> Unit {
                match self { $(Kind::$kind => Unit::$unit,)* }
            }

            /// What it tells, in one sentence: the text of the table in docs/.
            pub fn tells(self) -> &'static str {
                match self { $(Kind::$kind => concat!($($doc),*).trim_start(),)* }
            }
        }
    };
}

keys! {
    /// Processor cores that programs here can use: the least of affinity, cpuset and quota.
    CpuCores "cpu.cores" None Count,
    /// Physical cores behind them.
    CpuPhysical "cpu.physical" None Count,
    /// The highest clock known of a core.
    CpuClock "cpu.clock" None Mhz,
    /// The lowest clock claimed (base), where it is told.
    CpuBaseClock "cpu.base_clock" None Mhz,
    /// Processor time that the host took away while we looked.
    CpuSteal "cpu.steal" None Percent,
    /// Processor time in use while we looked.
    CpuBusy "cpu.busy" None Percent,
    /// What the processor calls itself.
    CpuModel "cpu.model" None Text,
    /// Features such as avx, aes, vmx, svm.
    CpuFlags "cpu.flags" None List,
    /// A score of the processor under one loop of ours.
    CpuScore "cpu.score" None Count,
    /// Memory as fitted: the total plus what firmware and crash kernel keep.
    MemoryTotal "memory.total" None Bytes,
    /// Memory free for programs right now.
    MemoryAvailable "memory.available" None Bytes,
    /// Share of memory in use.
    MemoryUsed "memory.used" None Percent,
    /// Swap set up.
    SwapTotal "swap.total" None Bytes,
    /// Swap in use.
    SwapUsed "swap.used" None Bytes,
    /// Size of the file system that holds the path (or its nearest existing parent).
    DiskSize "disk.size" Path Bytes,
    /// Room left on it.
    DiskFree "disk.free" Path Bytes,
    /// Share of it in use.
    DiskUsed "disk.used" Path Percent,
    /// Share of inodes free.
    DiskInodesFree "disk.inodes_free" Path Percent,
    /// nvme, ssd or hdd.
    DiskKind "disk.kind" Path Text,
    /// Type of its file system.
    DiskFileSystem "disk.file_system" Path Text,
    /// Its mount options.
    DiskOptions "disk.options" Path List,
    /// Whether its device is encrypted (LUKS).
    DiskEncrypted "disk.encrypted" Path Flag,
    /// Block devices beside the one that holds the system, with sizes.
    DiskOthers "disk.others" None List,
    /// Size of the largest block device beside the one that holds the system.
    DiskSecond "disk.second" None Bytes,
    /// RAID level in use.
    DiskRaid "disk.raid" None Text,
    /// Random synced writes a second, measured.
    DiskIops "disk.iops" Path Count,
    /// 99th percentile of a synced 4 KiB write, measured.
    DiskLatency "disk.latency" Path Millis,
    /// Sequential write speed in MB per second, measured.
    DiskThroughput "disk.throughput" Path Count,
    /// Identifier of the distribution, as in os-release (debian, ubuntu, rhel).
    OsId "os.id" None Text,
    /// Its version number.
    OsVersion "os.version" None Version,
    /// Identifier and version together, such as ubuntu-22.04.
    OsRelease "os.release" None Text,
    /// Its name for people.
    OsName "os.name" None Text,
    /// The distributions it is like.
    OsLike "os.like" None List,
    /// Version of the running kernel.
    KernelVersion "kernel.version" None Version,
    /// Processor architecture (x86_64, aarch64).
    Arch "arch" None Text,
    /// Kind of C library: glibc or musl.
    LibcKind "libc.kind" None Text,
    /// Version of glibc.
    GlibcVersion "glibc.version" None Version,
    /// Version of OpenSSL.
    OpensslVersion "openssl.version" None Version,
    /// Virtual machine or container kind; "none" on bare metal.
    VirtKind "virt.kind" None Text,
    /// Whether we are inside a container, where the kernel belongs to someone else.
    VirtContainer "virt.container" None Flag,
    /// Version of control groups: 1 or 2.
    CgroupVersion "cgroup.version" None Count,
    /// Control group controllers available.
    CgroupControllers "cgroup.controllers" None List,
    /// What runs as process 1: systemd, openrc, busybox, sysvinit.
    InitKind "init.kind" None Text,
    /// The server's own host name.
    HostName "host.name" None Text,
    /// Vendor of the (virtual) hardware.
    HostVendor "host.vendor" None Text,
    /// Unique id of the (virtual) hardware is there.
    HostUuid "host.uuid" None Text,
    /// Whether a graphical display manager runs.
    HostDisplayManager "host.display_manager" None Flag,
    /// Other people signed in right now.
    HostLogins "host.logins" None Count,
    /// Running value of a kernel parameter.
    SysctlNow "sysctl.now" Name Text,
    /// The value it will have after the next boot.
    SysctlBoot "sysctl.boot" Name Text,
    /// The file that sets it at boot.
    SysctlFile "sysctl.file" Name Text,
    /// Whether an administrator may change it here.
    SysctlWritable "sysctl.writable" Name Flag,
    /// Whether a kernel module is loaded or built in.
    ModuleLoaded "module.loaded" Name Flag,
    /// Whether a kernel module could be loaded.
    ModuleAvailable "module.available" Name Flag,
    /// Whether a kernel module is loaded at boot.
    ModuleAtBoot "module.at_boot" Name Flag,
    /// A kernel configuration option (y, m or n).
    KernelConfig "kernel.config" Name Text,
    /// Files a fresh sign-in may open (soft limit).
    LoginFilesSoft "limit.login_files_soft" None Count,
    /// Files a fresh sign-in may open at most (hard limit).
    LoginFilesHard "limit.login_files_hard" None Count,
    /// Files a service may open unless told otherwise (soft).
    ServiceFilesSoft "limit.service_files_soft" None Count,
    /// Files a service may open at most unless told otherwise (hard).
    ServiceFilesHard "limit.service_files_hard" None Count,
    /// Files the running process of a unit may open.
    UnitFiles "limit.unit_files" Name Count,
    /// Who listens on a port: "address process" each. Absent: nobody.
    PortListeners "port.listeners" Port List,
    /// Every listening port: "9000/udp 0.0.0.0 rusk" each.
    PortAll "port.all" None List,
    /// Whether the server's own firewall lets the port in, on all address families in use.
    PortAllowed "port.allowed" Port Flag,
    /// Whether others can reach what listens there, as far as the server tells: bound beyond loopback and let in by the
    /// firewall, or published by a container past it.
    PortExposed "port.exposed" Port Flag,
    /// Whether the port was reached from outside: open, nothing_listens, blocked_here, blocked_before, inconclusive.
    PortOutside "port.outside" Port Text,
    /// Container ports published past the firewall.
    PortPublished "port.published" None List,
    /// Which firewall is in charge: ufw, firewalld, nftables, iptables, none.
    FirewallManager "firewall.manager" None Text,
    /// Whether it is on.
    FirewallActive "firewall.active" None Flag,
    /// Whether it comes back after a boot.
    FirewallAtBoot "firewall.at_boot" None Flag,
    /// What happens to a packet that no rule names: accept or drop.
    FirewallDefault "firewall.default" None Text,
    /// Whether IPv4 and IPv6 are treated alike.
    FirewallParity "firewall.parity" None Flag,
    /// Whether ssh is allowed in by a rule.
    FirewallSsh "firewall.ssh_allowed" None Flag,
    /// Addresses of the server that are reachable from the internet (v4).
    AddressPublic "address.public" None List,
    /// All addresses of the server.
    AddressAll "address.all" None List,
    /// Kind of address translation in front of it: none, cloud, private, carrier.
    AddressNat "address.nat" None Text,
    /// Whether there is a default route.
    RouteDefault "route.default" None Flag,
    /// Whether names can be looked up.
    DnsWorks "dns.works" None Flag,
    /// Smallest MTU of the interface that holds the default route.
    NetMtu "net.mtu" None Count,
    /// Link speed as the interface claims it.
    NetLink "net.link" None Mbps,
    /// Measured speed towards the server.
    NetDownload "net.download" None Mbps,
    /// Measured speed from the server.
    NetUpload "net.upload" None Mbps,
    /// The lesser of both directions, measured, or the link speed where it can be believed.
    NetBandwidth "net.bandwidth" None Mbps,
    /// The slower direction as share of the faster, measured.
    NetSymmetry "net.symmetry" None Percent,
    /// Median round trip from this computer, measured.
    NetRoundTrip "net.round_trip" None Millis,
    /// Jitter of the round trip, measured.
    NetJitter "net.jitter" None Millis,
    /// Loss on the way, measured.
    NetLoss "net.loss" None Percent,
    /// Whether the server reaches a host over HTTPS (name:port), a WebSocket there (name:port/websocket, or
    /// name:port/websocket/path), or over UDP where it tells the time (name:123/udp), measured.
    NetReach "net.reach" Name Flag,
    /// Whether a proxy is set in the environment.
    NetProxy "net.proxy" None Text,
    /// Routes that stand in the way of a network (10.42.0.0/16).
    NetRoute "net.route" Name Flag,
    /// A setting of sshd as it takes effect.
    SshdSetting "sshd.setting" Name Text,
    /// The file and line that decide it.
    SshdOrigin "sshd.origin" Name Text,
    /// Ports sshd listens on.
    SshdPorts "sshd.ports" None List,
    /// Whether ssh is started by a socket unit.
    SshdSocket "sshd.socket" None Flag,
    /// Whether the clock is kept by a time service.
    TimeSynchronised "time.synchronised" None Flag,
    /// Which time service keeps it.
    TimeSource "time.source" None Text,
    /// How far its clock is from this computer's, measured.
    TimeOffset "time.offset" None Millis,
    /// Updates waiting.
    UpdatesPending "updates.pending" None Count,
    /// Security updates waiting.
    UpdatesSecurity "updates.security" None Count,
    /// Whether security updates install by themselves.
    UpdatesAutomatic "updates.automatic" None Flag,
    /// Whether a restart is waiting for an update.
    UpdatesReboot "updates.reboot" None Flag,
    /// Days since the list of packages was refreshed.
    UpdatesAge "updates.age_days" None Count,
    /// Tool that installs packages: apt, dnf, yum, zypper, apk.
    PackageTool "package.tool" None Text,
    /// Version of an installed package.
    PackageInstalled "package.installed" Name Version,
    /// Version that the distribution offers.
    PackageCandidate "package.candidate" Name Version,
    /// Version of a program as it reports itself; the newest of its known names.
    SoftwareVersion "software.version" Name Version,
    /// Version of the process that runs.
    SoftwareRunning "software.running" Name Version,
    /// Version that could be had from the distribution.
    SoftwareCandidate "software.candidate" Name Version,
    /// Whether a program is in the path.
    CommandPresent "command.present" Name Flag,
    /// State of a unit: active, inactive, failed.
    ServiceState "service.state" Name Text,
    /// Whether a unit starts at boot.
    ServiceEnabled "service.enabled" Name Flag,
    /// How often a unit was restarted by itself.
    ServiceRestarts "service.restarts" Name Count,
    /// A setting of a running PostgreSQL.
    PostgresSetting "postgres.setting" Name Text,
    /// Standbys that follow this PostgreSQL.
    PostgresStandbys "postgres.standbys" None Count,
    /// Mode, owner and group of a file: "640 root:dusk". Never its content.
    FileMode "file.mode" Path Text,
    /// Whether a file or folder is there.
    FilePresent "file.present" Path Flag,
    /// Whether a file holds a line that begins with a name (name only, never the value): "path NAME".
    FileNames "file.names" Path List,
    /// Mandatory access control: apparmor, selinux, none.
    MacKind "mac.kind" None Text,
    /// Whether it enforces.
    MacEnforcing "mac.enforcing" None Flag,
    /// Whether the kernel is in FIPS mode.
    FipsEnabled "fips.enabled" None Flag,
    /// Whether the audit service runs.
    AuditRunning "audit.running" None Flag,
    /// Audit rules loaded.
    AuditRules "audit.rules" None Count,
    /// Whether a second factor stands in sshd's sign-in stack.
    MfaSshd "mfa.sshd" None Flag,
    /// Accounts that can sign in.
    AccountsLogin "accounts.login" None List,
    /// Sudo rules that need no password.
    AccountsNopasswd "accounts.nopasswd" None List,
    /// Accounts without a password.
    AccountsEmptyPassword "accounts.empty_password" None List,
    /// Whether a user exists.
    UserPresent "user.present" Name Flag,
    /// What sudo grants a user: none, password, nopasswd.
    UserSudo "user.sudo" Name Text,
    /// PKCS#11 modules installed.
    Pkcs11Modules "pkcs11.modules" None List,
    /// Whether a TPM is there.
    TpmPresent "tpm.present" None Flag,
    /// Algorithms that OpenSSL offers here.
    CryptoOffered "crypto.offered" None List,
    /// VPNs set up: wireguard, openvpn.
    VpnKinds "vpn.kinds" None List,
    /// Days that the served certificate is still good, by port.
    CertificateDays "certificate.days" Port Count,
    /// Names on the served certificate, by port.
    CertificateNames "certificate.names" Port List,
    /// Whether this computer trusts the served certificate, for a name that leads to the server, by port, measured.
    CertificateTrusted "certificate.trusted" Port Flag,
    /// The status that a service answers over HTTP, by port and path (443/tcp/health; without a path: at /), measured.
    HttpStatus "http.status" Service Count,
    /// Whether a service opens a WebSocket, by port and path (443/tcp/live; without a path: at /), measured.
    WebsocketAnswers "websocket.answers" Service Flag,
    /// Whether the place for files that a person named answers as S3 does, over TLS that this computer trusts, measured.
    StorageSpeaks "storage.speaks_s3" None Flag,
    /// How far the clock of that place is from this computer's, measured.
    StorageClock "storage.clock" None Millis,
    /// What a person's key may do there: list, write, read, delete, measured.
    StorageAllows "storage.allows" None List,
    /// Backup tools and timers found.
    BackupEvidence "backup.evidence" None List,
    /// Monitoring agents found.
    MonitoringAgents "monitoring.agents" None List,
    /// Alert rules found.
    AlertRules "alert.rules" None List,
    /// Log shippers found.
    LogShippers "log.shippers" None List,
    /// Whether the journal survives a reboot.
    JournalPersistent "journal.persistent" None Flag,
    /// Days of statistics that sysstat has kept.
    SysstatDays "sysstat.days" None Count,
    /// Failed sign-ins in the last minute.
    AuthFailures "auth.failures" None Count,
    /// Container runtimes that are active.
    ContainerRuntimes "container.runtimes" None List,
    /// Plugins that containerd has switched off.
    ContainerdDisabled "containerd.disabled_plugins" None List,
    /// Setting of coturn.
    TurnSetting "turn.setting" Name Text,
    /// Setting of transparent huge pages.
    HugePages "memory.huge_pages" None Text,
    /// Frequency governor of the processor.
    CpuGovernor "cpu.governor" None Text,
}

/// The name of one fact, with its argument where it takes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key {
    kind: Kind,
    argument: Option<String>,
}

/// A text that names no fact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    #[error("there is no fact called \"{0}\"")]
    NoSuchFact(String),
    #[error("\"{0}\" needs an argument after a colon")]
    ArgumentMissing(String),
    #[error("\"{0}\" takes no argument")]
    ArgumentUnwanted(String),
    #[error("\"{argument}\" cannot be the argument of \"{name}\"")]
    ArgumentBad { name: String, argument: String },
}

impl Key {
    /// A key of a kind that takes no argument.
    ///
    /// A kind that takes one is named by [`Key::of`].
    pub fn plain(kind: Kind) -> Key {
        debug_assert_eq!(kind.argument(), Argument::None);
        Key { kind, argument: None }
    }

    /// A key with its argument, checked.
    pub fn of(kind: Kind, argument: &str) -> Result<Key, BadKey> {
        let fits = match kind.argument() {
            Argument::None => return Err(BadKey::ArgumentUnwanted(kind.name().to_owned())),
            Argument::Path => argument.starts_with('/') && argument.chars().all(plain_character),
            Argument::Name => {
                !argument.is_empty() && !argument.starts_with('-') && argument.chars().all(plain_character)
            }
            Argument::Port => is_port(argument),
            Argument::Service => is_service(argument),
        };
        if fits {
            Ok(Key { kind, argument: Some(argument.to_owned()) })
        } else {
            Err(BadKey::ArgumentBad { name: kind.name().to_owned(), argument: argument.to_owned() })
        }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The argument, or the empty text.
    pub fn argument(&self) -> &str {
        self.argument.as_deref().unwrap_or_default()
    }
}

/// Characters that mean nothing to a shell, so that an argument can stand in the probe as it is.
fn plain_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '@' | '+' | ':')
}

/// A TCP port, and a path where the question is not for `/`.
fn is_service(text: &str) -> bool {
    let mut parts = text.splitn(3, '/');
    let (Some(port), Some("tcp"), path) = (parts.next(), parts.next(), parts.next()) else { return false };
    let path_fits = path.is_none_or(|path| !path.is_empty() && path.chars().all(plain_character));
    path_fits && !port.contains('-') && is_port(&format!("{port}/tcp"))
}

fn is_port(text: &str) -> bool {
    let Some((ports, protocol)) = text.split_once('/') else { return false };
    let number = |t: &str| t.parse::<u16>().ok().filter(|&p| p > 0 && !t.starts_with(['0', '+']));
    let ports_fit = match ports.split_once('-') {
        Some((low, high)) => number(low).zip(number(high)).is_some_and(|(low, high)| low < high),
        None => number(ports).is_some(),
    };
    ports_fit && matches!(protocol, "tcp" | "udp")
}

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Key, BadKey> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let kind = Kind::ALL.iter().copied().find(|kind| kind.name() == name);
        let kind = kind.ok_or_else(|| BadKey::NoSuchFact(name.to_owned()))?;
        match (kind.argument(), argument) {
            (Argument::None, None) => Ok(Key::plain(kind)),
            (_, Some(argument)) => Key::of(kind, argument),
            (_, None) => Err(BadKey::ArgumentMissing(name.to_owned())),
        }
    }
}

impl TryFrom<String> for Key {
    type Error = BadKey;

    fn try_from(text: String) -> Result<Key, BadKey> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> String {
        key.to_string()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.argument {
            Some(argument) => write!(f, "{}:{argument}", self.kind.name()),
            None => f.write_str(self.kind.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BadKey, Key, Kind};

    #[test]
    fn a_key_reads_as_it_prints() {
        for text in [
            "cpu.cores",
            "sysctl.now:net.core.rmem_max",
            "disk.free:/opt/dusk",
            "port.allowed:49152-65535/udp",
            "http.status:443/tcp",
            "websocket.answers:8443/tcp/live/v1",
        ] {
            assert_eq!(text.parse::<Key>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn no_argument_can_become_a_line_of_shell() {
        for text in [
            "disk.free:/opt/$(id)",
            "sysctl.now:a;b",
            "port.allowed:9000/udp'",
            "package.installed:-x",
            "port.allowed:0/tcp",
            "port.allowed:443/tcp/live",
            "http.status:443/udp",
            "http.status:443/tcp/",
            "http.status:443-445/tcp",
            "http.status:443/tcp/a b",
            "http.status:443/tcp/a\r\nHost: x",
        ] {
            assert!(matches!(text.parse::<Key>(), Err(BadKey::ArgumentBad { .. })), "{text}");
        }
    }

    #[test]
    fn every_kind_says_what_it_tells_and_no_name_stands_twice() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
        assert!(Kind::ALL.iter().all(|kind| kind.tells().ends_with('.') || kind.tells().ends_with("\".")));
    }
}

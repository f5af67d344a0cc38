//! The operating system, its kernel and libraries, and what kind of machine they run on.

use super::Context;
use super::answers::{Answers, Files, Silence};
use super::notes::{Cited, Notes, word};
use crate::{Key, Kind, Value, Version, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    read_kernel(answers, notes);
    read_virtual(answers, notes);
    match answers.files("system") {
        Ok(files) => {
            read_release(files, notes);
            read_host(files, notes);
            read_control_groups(files, answers, notes);
            read_huge_pages(files, notes);
        }
        Err(silence) => notes.silent_kinds(
            &[
                Kind::OsId,
                Kind::OsVersion,
                Kind::OsRelease,
                Kind::OsName,
                Kind::OsLike,
                Kind::HostName,
                Kind::HostVendor,
                Kind::HostUuid,
                Kind::CgroupVersion,
                Kind::CgroupControllers,
                Kind::HugePages,
            ],
            &silence,
        ),
    }
    read_init(answers, notes);
    read_libraries(answers, notes);
}

fn read_kernel(answers: &Answers, notes: &mut Notes) {
    let said = match answers.said("kernel") {
        Ok(said) => said,
        Err(silence) => return notes.silent_kinds(&[Kind::KernelVersion, Kind::Arch], &silence),
    };
    let cited = notes.cite("uname -s -n -r -m", &said.text, said.exit);
    // "Linux web1 6.1.0-18-amd64 x86_64"
    let words: Vec<_> = said.text.split_whitespace().collect();
    let unreadable = || Why::Unreadable { answer: word(&said.text) };
    match words.get(2).and_then(|release| release.parse::<Version>().ok()) {
        Some(version) => notes.tell(Kind::KernelVersion, Value::Version(version), &cited),
        None => notes.unknown(Key::plain(Kind::KernelVersion), unreadable(), &cited),
    }
    match words.get(3) {
        Some(arch) => notes.tell(Kind::Arch, Value::Text(word(arch)), &cited),
        None => notes.unknown(Key::plain(Kind::Arch), unreadable(), &cited),
    }
}

fn read_release(files: Files<'_>, notes: &mut Notes) {
    let path = ["/etc/os-release", "/usr/lib/os-release"].into_iter().find(|path| files.first(path).is_some());
    let kinds = [Kind::OsId, Kind::OsVersion, Kind::OsRelease, Kind::OsName, Kind::OsLike];
    let Some(path) = path else {
        return notes.silent_kinds(&kinds, &Silence::Because(Why::NoSource { looked_for: "/etc/os-release".into() }));
    };
    let cited = notes.cite(format!("cat {path}"), &files.text(path), 0);
    let field = |name: &str| {
        let lines = files.of(path).filter_map(|line| line.trim().split_once('='));
        let value = lines.filter(|(key, _)| *key == name).map(|(_, value)| value.trim_matches(['"', '\''])).last();
        value.filter(|value| !value.is_empty()).map(word)
    };
    // The standard's default for a release that does not say who it is.
    let id = field("ID").unwrap_or_else(|| "linux".to_owned());
    notes.tell(Kind::OsId, Value::Text(id.clone()), &cited);
    notes.tell(Kind::OsName, Value::Text(field("PRETTY_NAME").unwrap_or_else(|| id.clone())), &cited);
    let like = field("ID_LIKE").unwrap_or_default();
    notes.tell(Kind::OsLike, Value::List(like.split_whitespace().map(str::to_owned).collect()), &cited);
    match field("VERSION_ID").and_then(|text| text.parse::<Version>().ok()) {
        Some(version) => {
            notes.tell(Kind::OsRelease, Value::Text(format!("{id}-{}", release_number(&id, &version))), &cited);
            notes.tell(Kind::OsVersion, Value::Version(version), &cited);
        }
        // A rolling release has no number.
        None => {
            notes.tell(Kind::OsRelease, Value::Text(id), &cited);
            notes.tell(Kind::OsVersion, Value::Absent, &cited);
        }
    }
}

/// The part of a version that makes a release of its own: Ubuntu 22.04, but RHEL 9 whatever its minor number.
fn release_number(id: &str, version: &Version) -> String {
    let majors = ["rhel", "centos", "rocky", "almalinux", "ol", "sles", "debian", "amzn", "fedora"];
    match version.numbers().first() {
        Some(major) if majors.contains(&id) => major.to_string(),
        _ => version.as_str().to_owned(),
    }
}

fn read_host(files: Files<'_>, notes: &mut Notes) {
    let dmi = "/sys/class/dmi/id";
    match files.first("/proc/sys/kernel/hostname").or_else(|| files.first("/etc/hostname")) {
        Some(name) => {
            let cited = notes.cite("cat /proc/sys/kernel/hostname", name, 0);
            notes.tell(Kind::HostName, Value::Text(word(name)), &cited);
        }
        None => notes.unknown(Key::plain(Kind::HostName), no_source("/proc/sys/kernel/hostname"), &Cited::new()),
    }
    let vendor = files.first("/sys/class/dmi/id/sys_vendor").unwrap_or_default();
    let product = files.first("/sys/class/dmi/id/product_name").unwrap_or_default();
    let name = format!("{} {}", vendor.trim(), product.trim()).trim().to_owned();
    if name.is_empty() {
        notes.unknown(Key::plain(Kind::HostVendor), no_source(&format!("{dmi}/sys_vendor")), &Cited::new());
    } else {
        let cited = notes.cite(format!("cat {dmi}/sys_vendor {dmi}/product_name"), &format!("{vendor}\n{product}"), 0);
        notes.tell(Kind::HostVendor, Value::Text(word(&name)), &cited);
    }
    let uuid = files.first("/sys/class/dmi/id/product_uuid").or_else(|| files.first("/sys/hypervisor/uuid"));
    match uuid {
        Some(uuid) => {
            let cited = notes.cite(format!("cat {dmi}/product_uuid"), uuid, 0);
            notes.tell(Kind::HostUuid, Value::Text(word(uuid)), &cited);
        }
        // The kernel shows it to root alone.
        None if !name.is_empty() => notes.unknown(Key::plain(Kind::HostUuid), Why::NeedsAdministrator, &Cited::new()),
        None => notes.unknown(Key::plain(Kind::HostUuid), no_source(&format!("{dmi}/product_uuid")), &Cited::new()),
    }
}

fn read_control_groups(files: Files<'_>, answers: &Answers, notes: &mut Notes) {
    let unified = "/sys/fs/cgroup/cgroup.controllers";
    if let Some(line) = files.first(unified) {
        let cited = notes.cite(format!("cat {unified}"), line, 0);
        notes.tell(Kind::CgroupVersion, Value::Count(2), &cited);
        let controllers = line.split_whitespace().map(word).collect();
        return notes.tell(Kind::CgroupControllers, Value::List(controllers), &cited);
    }
    let mounts = match answers.said("mounts") {
        Ok(mounts) => mounts,
        Err(silence) => return notes.silent_kinds(&[Kind::CgroupVersion, Kind::CgroupControllers], &silence),
    };
    let mounted = mounts.text.lines().filter(|line| line.contains(" - cgroup ")).collect::<Vec<_>>();
    // "#subsys_name hierarchy num_cgroups enabled"
    let enabled = files.of("/proc/cgroups").filter(|line| !line.starts_with('#') && line.trim_end().ends_with('1'));
    let controllers: Vec<_> = enabled.filter_map(|line| line.split_whitespace().next()).map(word).collect();
    let cited = notes.cite("grep cgroup /proc/self/mountinfo", &mounted.join("\n"), 0);
    if mounted.is_empty() {
        let why = no_source("/sys/fs/cgroup");
        notes.silent_kinds(&[Kind::CgroupVersion, Kind::CgroupControllers], &Silence::Because(why));
    } else {
        notes.tell(Kind::CgroupVersion, Value::Count(1), &cited);
        notes.tell(Kind::CgroupControllers, Value::List(controllers), &cited);
    }
}

fn read_huge_pages(files: Files<'_>, notes: &mut Notes) {
    let path = "/sys/kernel/mm/transparent_hugepage/enabled";
    // "always [madvise] never"
    let line = files.first(path).unwrap_or_default();
    match line.split_once('[').and_then(|(_, rest)| rest.split_once(']')) {
        Some((chosen, _)) => {
            let cited = notes.cite(format!("cat {path}"), line, 0);
            notes.tell(Kind::HugePages, Value::Text(word(chosen)), &cited);
        }
        None => notes.unknown(Key::plain(Kind::HugePages), no_source(path), &Cited::new()),
    }
}

/// Which container, and which virtual machine. A container in a virtual machine is called by its container.
fn read_virtual(answers: &Answers, notes: &mut Notes) {
    let kinds = [Kind::VirtKind, Kind::VirtContainer];
    let sections = ["virt.container", "virt.machine", "system", "marks", "mounts", "cpuinfo"];
    if !sections.iter().all(|name| answers.settled(name)) {
        return;
    }
    let files = answers.files("system").ok();
    let marks = answers.text("marks").unwrap_or_default();
    let mark = |path: &str| marks.lines().any(|line| line == path);
    let detected = |name: &str| {
        answers.text(name).map(str::trim).filter(|kind| !kind.is_empty() && !kind.contains(char::is_whitespace))
    };
    let mut cited = Cited::new();
    for (section, option) in [("virt.container", "--container"), ("virt.machine", "--vm")] {
        if let Ok(said) = answers.said(section) {
            cited.extend(notes.cite(format!("systemd-detect-virt {option}"), &said.text, said.exit));
        }
    }
    let container = match detected("virt.container") {
        Some("none") => None,
        Some(kind) => Some(word(kind)),
        None if mark("/.dockerenv") => Some("docker".to_owned()),
        None if mark("/run/.containerenv") => Some("podman".to_owned()),
        None if mark("/proc/vz") && !mark("/proc/bc") => Some("openvz".to_owned()),
        None if answers.text("mounts").unwrap_or_default().contains(" fuse.lxcfs ") => Some("lxc".to_owned()),
        None => files.and_then(|files| files.first("/run/systemd/container")).map(word),
    };
    if let Some(kind) = container {
        if cited.is_empty() {
            cited = notes.cite("ls -d /.dockerenv /run/.containerenv /proc/vz /run/systemd/container", marks, 0);
        }
        notes.tell(Kind::VirtContainer, Value::Flag(true), &cited);
        return notes.tell(Kind::VirtKind, Value::Text(kind), &cited);
    }
    if let Some(kind) = detected("virt.machine") {
        notes.tell(Kind::VirtContainer, Value::Flag(false), &cited);
        return notes.tell(Kind::VirtKind, Value::Text(word(kind)), &cited);
    }
    let Some(files) = files else { return notes.silent_kinds(&kinds, &Silence::Because(Why::NotRead)) };
    let vendor = files.first("/sys/class/dmi/id/sys_vendor").unwrap_or_default().trim();
    let product = files.first("/sys/class/dmi/id/product_name").unwrap_or_default().trim();
    let hypervisor = answers
        .text("cpuinfo")
        .unwrap_or_default()
        .lines()
        .any(|line| line.starts_with("flags") && line.split(' ').any(|flag| flag == "hypervisor"));
    let kind = match (vendor, product) {
        ("QEMU", _) | (_, "KVM") => Some("kvm"),
        ("VMware, Inc.", _) => Some("vmware"),
        ("Microsoft Corporation", "Virtual Machine") => Some("microsoft"),
        ("Xen", _) => Some("xen"),
        ("innotek GmbH", _) => Some("oracle"),
        ("Amazon EC2", product) if !product.contains("metal") => Some("amazon"),
        ("Google" | "DigitalOcean" | "Hetzner" | "Vultr" | "Linode" | "Scaleway" | "OpenStack Foundation", _) => {
            Some("kvm")
        }
        _ if hypervisor => Some("vm"),
        _ => None,
    };
    let shown = format!("{vendor}\n{product}\nhypervisor flag: {hypervisor}");
    let cited = notes.cite("cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name", &shown, 0);
    notes.infer(Kind::VirtContainer, Value::Flag(false), &cited);
    match kind {
        Some(kind) => notes.infer(Kind::VirtKind, Value::Text(kind.to_owned()), &cited),
        // An x86 machine always says whether a hypervisor is above it; others need not.
        None if answers.text("cpuinfo").is_some_and(|text| text.contains("flags")) => {
            notes.infer(Kind::VirtKind, Value::Text("none".to_owned()), &cited);
        }
        None => notes.unknown(Key::plain(Kind::VirtKind), no_source("systemd-detect-virt"), &cited),
    }
}

fn read_init(answers: &Answers, notes: &mut Notes) {
    let (marks, files) = match (answers.said("marks"), answers.files("system")) {
        (Ok(marks), Ok(files)) => (marks, files),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent_kinds(&[Kind::InitKind], &silence),
    };
    let mark = |path: &str| marks.text.lines().any(|line| line == path);
    let first = files.first("/proc/1/comm").unwrap_or_default().trim();
    let kind = match first {
        _ if mark("/run/systemd/system") => "systemd",
        "systemd" => "systemd",
        _ if mark("/run/openrc") => "openrc",
        "openrc-init" => "openrc",
        "busybox" | "linuxrc" => "busybox",
        "init" => "sysvinit",
        // A container may have any program as its first process: then nothing starts services here.
        "" => "",
        _ => "none",
    };
    let cited = notes.cite("cat /proc/1/comm", first, 0);
    if kind.is_empty() {
        notes.unknown(Key::plain(Kind::InitKind), no_source("/proc/1/comm"), &cited);
    } else {
        notes.tell(Kind::InitKind, Value::Text(kind.to_owned()), &cited);
    }
}

fn read_libraries(answers: &Answers, notes: &mut Notes) {
    if answers.settled("libc") && answers.settled("marks") {
        let said = answers.said("libc").ok();
        let text = said.map(|said| said.text.trim()).unwrap_or_default();
        let cited = notes.cite("getconf GNU_LIBC_VERSION", text, said.map_or(127, |said| said.exit));
        let musl = answers.text("marks").unwrap_or_default().contains("/lib/ld-musl-");
        match text.strip_prefix("glibc ").and_then(|text| text.parse::<Version>().ok()) {
            Some(version) => {
                notes.tell(Kind::LibcKind, Value::Text("glibc".into()), &cited);
                notes.tell(Kind::GlibcVersion, Value::Version(version), &cited);
            }
            None if musl => {
                let cited = notes.cite("ls /lib/ld-musl-*", "/lib/ld-musl-", 0);
                notes.tell(Kind::LibcKind, Value::Text("musl".into()), &cited);
                notes.tell(Kind::GlibcVersion, Value::Absent, &cited);
            }
            None => {
                let silence = match answers.said("libc") {
                    Err(silence) => silence,
                    Ok(_) => Silence::Because(Why::Unreadable { answer: word(text) }),
                };
                notes.silent_kinds(&[Kind::LibcKind, Kind::GlibcVersion], &silence);
            }
        }
    }
    match answers.said("openssl.version") {
        Ok(said) => {
            let cited = notes.cite("openssl version", &said.text, said.exit);
            // "OpenSSL 3.0.13 30 Jan 2024 (Library: …)", "LibreSSL 3.8.2"
            let version = said.text.strip_prefix("OpenSSL ").and_then(|rest| rest.split_whitespace().next());
            match version.and_then(|text| text.parse::<Version>().ok()) {
                Some(version) => notes.tell(Kind::OpensslVersion, Value::Version(version), &cited),
                None => {
                    let why = Why::Unreadable { answer: word(&said.text) };
                    notes.unknown(Key::plain(Kind::OpensslVersion), why, &cited);
                }
            }
        }
        Err(Silence::Because(Why::NoSource { .. })) => {
            let cited = notes.cite("openssl version", "openssl: not found", 127);
            notes.tell(Kind::OpensslVersion, Value::Absent, &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::OpensslVersion], &silence),
    }
}

pub(super) fn no_source(looked_for: &str) -> Why {
    Why::NoSource { looked_for: looked_for.to_owned() }
}

/// The container that hides things from us, if we are in one. `Err` while that is not known.
pub(super) fn container(answers: &Answers, notes: &Notes) -> Result<Option<String>, Silence> {
    match notes.known_flag(Kind::VirtContainer) {
        Some(true) => Ok(Some(notes.known_text(Kind::VirtKind).unwrap_or("container").to_owned())),
        Some(false) => Ok(None),
        None if answers.ended() => Ok(None),
        None => Err(Silence::NotYet),
    }
}

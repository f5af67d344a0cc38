//! The probe itself, run for real under every shell that is here.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use facts::frame::{Reader, Section};
use facts::probe::{Asks, script};
use facts::{Context, Facts, Key, Reading, Value, Why, read};
use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const NONCE: &str = "3f9a2c7be1d04586";

/// A good part of what the roles ask, so that the figures below are those of a real check.
const ASKED: &str = "disk.size:/opt/dusk disk.free:/tmp disk.kind:/var/lib/docker disk.file_system:/ \
    sysctl.now:net.core.rmem_max sysctl.boot:net.core.rmem_max sysctl.writable:net.core.rmem_max sysctl.now:net.ipv4.tcp_rmem \
    sysctl.now:vm.max_map_count sysctl.now:net.core.netdev_max_backlog sysctl.now:net.ipv4.udp_mem sysctl.now:net.no_such_thing \
    module.loaded:overlay module.available:wireguard module.at_boot:br_netfilter kernel.config:OVERLAY_FS \
    port.listeners:22/tcp port.allowed:9000/udp port.allowed:49152-65535/udp package.installed:curl package.candidate:jq \
    software.version:nginx software.version:postgresql software.version:nodejs software.version:redis software.version:docker \
    software.version:haproxy software.version:coturn software.candidate:nginx software.running:openssh command.present:sh \
    service.state:ssh service.state:rusk limit.unit_files:ssh file.mode:/etc/passwd file.present:/no/such/file \
    file.names:/etc/os-release user.present:root user.sudo:root sshd.setting:passwordauthentication \
    certificate.days:443/tcp certificate.days:8443/tcp postgres.setting:shared_buffers turn.setting:min-port net.route:10.42.0.0/16";

fn asks(keys: &str) -> Asks {
    let keys: Vec<Key> = keys.split_whitespace().map(|key| key.parse().expect(key)).collect();
    Asks::of(&keys)
}

/// What could not be looked at on this machine is said aloud, not only where a test is read.
fn left_out(test: &str, name: &str, reason: impl ToString) {
    lab::record(test, &lab::Skipped { name: name.to_owned(), reason: reason.to_string() });
}

/// The shells of this machine; one that is missing is left out by name.
fn shells() -> Vec<Vec<&'static str>> {
    let known = [vec!["dash"], vec!["bash"], vec!["busybox", "sh"]];
    let is_here = |shell: &Vec<&str>| {
        let here = Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", "exit"])
            .output()
            .is_ok_and(|done| done.status.success());
        if !here {
            left_out("probe", &shell.join(" "), "it is not on this machine");
        }
        here
    };
    known.into_iter().filter(is_here).collect()
}

fn start(command: &[&str], script: &str, environment: &[(&str, &str)]) -> std::process::Output {
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .arg("-s")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell starts");
    child.stdin.take().unwrap().write_all(script.as_bytes()).expect("the script is taken");
    child.wait_with_output().expect("the shell ends")
}

fn run(command: &[&str], keys: &str, environment: &[(&str, &str)]) -> (Vec<Section>, Facts, Duration) {
    let begun = Instant::now();
    let output = start(command, &script(&asks(keys), NONCE), environment);
    let took = begun.elapsed();
    let sections = Reader::new(NONCE).push(&output.stdout);
    let facts = read(&sections, &Context::default());
    (sections, facts, took)
}

fn key(text: &str) -> Key {
    text.parse().expect(text)
}

#[test]
fn every_shell_gives_the_same_sections_and_the_same_facts_about_this_machine() {
    let mut seen: Option<(BTreeSet<String>, String)> = None;
    for shell in shells() {
        let (sections, facts, took) = run(&shell, ASKED, &[]);
        eprintln!(
            "{}: {} sections, {} bytes, {took:?}",
            shell.join(" "),
            sections.len(),
            sections.iter().map(|s| s.bytes.len()).sum::<usize>()
        );
        // On a busy machine the slow ones may be cut off; that is another test's matter.
        let slow =
            |name: &str| ["cut", "alive"].contains(&name) || name.starts_with("offer.") || name.starts_with("update.");
        let names = sections.iter().map(|section| section.name.clone()).filter(|name| !slow(name));
        let names: BTreeSet<_> = names.collect();
        assert!(names.contains("end"), "{shell:?} ended early: {names:?}");
        assert!(matches!(facts.value(&key("cpu.cores")), Some(Value::Count(1..))), "{shell:?}");
        assert!(matches!(facts.value(&key("memory.total")), Some(Value::Bytes(100_000_000..))), "{shell:?}");
        assert!(matches!(facts.value(&key("disk.size:/opt/dusk")), Some(Value::Bytes(1..))), "{shell:?}");
        let os =
            format!("{:?} {:?}", facts.value(&key("os.release")), facts.value(&key("sysctl.now:vm.max_map_count")));
        match &seen {
            Some(first) => assert_eq!(first, &(names, os), "{shell:?}"),
            None => seen = Some((names, os)),
        }
    }
}

#[test]
fn every_key_has_a_reading_with_a_reason_after_the_end() {
    for shell in shells().into_iter().take(1) {
        let (_, facts, _) = run(&shell, ASKED, &[]);
        for key in asks(ASKED).keys() {
            assert!(facts.has(key), "{key}");
            assert_ne!(facts.reading(key), &Reading::Unknown(Why::NotRead), "{key}");
        }
    }
}

#[test]
fn the_numbers_are_what_the_kernel_says() {
    let (_, facts, _) = run(&["sh"], ASKED, &[]);
    let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    // dash and busybox would read the first digit alone: the kernel gives a number only to a read that is long enough.
    let running = text("/proc/sys/vm/max_map_count").trim().to_owned();
    assert_eq!(facts.value(&key("sysctl.now:vm.max_map_count")), Some(&Value::Text(running)));
    let arch = text("/proc/version");
    assert!(arch.contains(facts.value(&key("kernel.version")).and_then(version).expect("a kernel").as_str()));
}

fn version(value: &Value) -> Option<String> {
    match value {
        Value::Version(version) => Some(version.as_str().to_owned()),
        _ => None,
    }
}

#[test]
fn a_program_that_hangs_is_cut_off_and_holds_up_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("plumbhang");
    std::fs::write(&program, "#!/bin/sh\nsleep 300 &\nwait\n").unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", std::env::var("PATH").unwrap_or_default(), folder.path().display());
    for shell in shells() {
        let (sections, facts, took) = run(&shell, "software.version:plumbhang", &[("PATH", &path)]);
        assert!(sections.iter().any(|section| section.name == "end"));
        assert!(sections.iter().any(|section| section.name == "alive"), "{shell:?} was silent while it waited");
        let reading = facts.reading(&key("software.version:plumbhang"));
        let Reading::Unknown(Why::TimedOut { seconds }) = reading else { panic!("{shell:?}: {reading:?}") };
        // 6 s, and whole times that where this machine is slow at everything just now; the rest of the probe alike
        assert!([6, 12, 18, 24].contains(seconds), "{shell:?} waited {seconds} s");
        let most = Duration::from_secs(15) * (*seconds / 6);
        assert!(took < most, "{shell:?}: cut off after {seconds} s, and waited {took:?}");
        assert!(facts.value(&key("os.id")).is_some());
    }
    let left = Command::new("pgrep").args(["-f", &program.display().to_string()]).output();
    if let Ok(left) = left {
        assert!(left.stdout.is_empty(), "the program outlived its limit");
    }
}

/// Counts what the probe starts and lists what it opens for writing, as the kernel sees it.
fn traced(shell: &[&str]) -> Option<(usize, Vec<String>)> {
    let log = tempfile::NamedTempFile::new().expect("a file");
    let path = log.path().display().to_string();
    let mut command = vec![
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=clone,clone3,fork,vfork,openat,open,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,chmod,fchmodat",
        "-o",
        &path,
    ];
    command.extend(shell);
    if !Command::new("strace").args(["-o", "/dev/null", "true"]).output().is_ok_and(|done| done.status.success()) {
        left_out("at_most_150_processes_are_started", "strace", "it is not here or may not trace");
        return None;
    }
    start(&command, &script(&asks(ASKED), NONCE), &[]);
    let log = std::fs::read_to_string(log.path()).unwrap();
    let forks = log
        .lines()
        .filter(|line| {
            ["clone(", "clone3(", "fork("].iter().any(|call| line.contains(call)) && !line.contains("CLONE_THREAD")
        })
        .count();
    let harmless = ["/dev/null", "/dev/tty", "/proc/self/fd/0", "O_TMPFILE", "/proc/self/loginuid"];
    let writes = log.lines().filter(|line| {
        ["O_WRONLY", "O_RDWR", "O_CREAT", "mkdir", "unlink", "rename", "chmod", "creat("]
            .iter()
            .any(|sign| line.contains(sign))
    });
    let writes = writes.filter(|line| {
        !harmless.iter().any(|path| line.contains(path)) && !line.contains("ENOENT") && !line.contains("resumed")
    });
    Some((forks, writes.map(str::to_owned).collect()))
}

#[test]
fn at_most_150_processes_are_started_and_nothing_is_written() {
    for shell in shells() {
        let Some((forks, writes)) = traced(&shell) else { return };
        eprintln!("{}: {forks} forks", shell.join(" "));
        assert!(forks <= 150, "{shell:?} forked {forks} times");
        assert!(writes.is_empty(), "{shell:?} wrote: {writes:#?}");
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let probe = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/probe.sh");
    match Command::new("shellcheck").args(["-s", "sh"]).arg(probe).output() {
        Ok(done) => assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout)),
        Err(error) => left_out("shellcheck_has_nothing_to_say", "shellcheck", error),
    }
}

#[test]
fn a_folder_of_recorded_files_is_probed_like_a_server() {
    let root = tempfile::tempdir().expect("a folder");
    let put = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("etc/os-release", "ID=ubuntu\nVERSION_ID=\"22.04\"\nPRETTY_NAME=\"Ubuntu 22.04.5 LTS\"\nID_LIKE=debian\n");
    put("proc/self/status", "Uid:\t0\t0\t0\t0\nCpus_allowed_list:\t0-3\n");
    put("proc/meminfo", "MemTotal:        4025344 kB\nMemAvailable:    3000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
    put("proc/stat", "cpu  1 2 3 4 5 6 7 8 9 0\n");
    put("proc/cpuinfo", "model name\t: Intel(R) Xeon(R) CPU @ 2.20GHz\nflags\t\t: fpu avx hypervisor\n");
    put(
        "proc/self/mountinfo",
        "21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n30 21 0:40 / /data rw - nfs4 far:/data rw\n",
    );
    put("proc/self/cgroup", "0::/\n");
    put("proc/sys/net/core/rmem_max", "212992\n");
    put("etc/sysctl.d/dusk.conf", "net.core.rmem_max = 50000000\n");
    put("etc/sysctl.d/99-x.conf", "net.core.rmem_max = 1\n");
    put("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
    put("run/systemd/system/x", "");
    put("usr/bin/ss", "");
    std::fs::set_permissions(root.path().join("usr/bin/ss"), PermissionsExt::from_mode(0o755)).unwrap();
    put(
        ".plumb/port.listeners",
        "Netid State Recv-Q Send-Q Local Address:Port Peer\nudp UNCONN 0 0 0.0.0.0:9000 0.0.0.0:* users:((\"rusk\",pid=7,fd=3))\n",
    );
    let asked = "sysctl.now:net.core.rmem_max sysctl.boot:net.core.rmem_max sysctl.file:net.core.rmem_max port.listeners:9000/udp disk.free:/data/x";
    for shell in shells() {
        let (_, facts, _) = run(&shell, asked, &[("PLUMB_ROOT", &root.path().display().to_string())]);
        let text = |name: &str| facts.value(&key(name)).cloned();
        assert_eq!(text("os.release"), Some(Value::Text("ubuntu-22.04".into())), "{shell:?}");
        assert_eq!(text("cpu.cores"), Some(Value::Count(4)));
        assert_eq!(text("cpu.clock"), Some(Value::Mhz(2200)));
        assert_eq!(text("sysctl.now:net.core.rmem_max"), Some(Value::Text("212992".into())));
        assert_eq!(
            text("sysctl.boot:net.core.rmem_max"),
            Some(Value::Text("50000000".into())),
            "dusk.conf sorts behind 99-x.conf"
        );
        assert_eq!(text("sysctl.file:net.core.rmem_max"), Some(Value::Text("/etc/sysctl.d/dusk.conf".into())));
        assert_eq!(text("port.listeners:9000/udp"), Some(Value::List(vec!["0.0.0.0 rusk".into()])));
        let far = facts.reading(&key("disk.free:/data/x"));
        assert!(matches!(far, Reading::Unknown(Why::Hidden { by }) if by.contains("/data")), "{far:?}");
    }
}

/// dpkg-query complains of each package that it does not know; in one pipe a complaint would tear the line of another.
#[test]
fn what_a_tool_complains_of_tears_no_line_of_what_it_says() {
    let here = Command::new("dpkg-query").args(["-W", "-f", "${Package} ${db:Status-Status}\n"]).output();
    let Ok(here) = here else {
        return left_out("what_a_tool_complains_of_tears_no_line", "dpkg-query", "it is not on this machine");
    };
    let here = String::from_utf8(here.stdout).unwrap();
    let names: BTreeSet<&str> = here.lines().filter_map(|line| line.strip_suffix(" installed")).take(400).collect();
    let keys: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(n, name)| format!("package.installed:{name} package.installed:no-such-{n}"))
        .collect();
    for shell in shells() {
        let (_, facts, _) = run(&shell, &keys.join(" "), &[]);
        let told = |name: &str| facts.reading(&key(&format!("package.installed:{name}"))).clone();
        let lost: Vec<&&str> = names
            .iter()
            .filter(|name| !matches!(told(name), Reading::Known { value: Value::Version(_), .. }))
            .collect();
        assert!(lost.is_empty(), "{shell:?}: {} of {} are said to be missing: {lost:?}", lost.len(), names.len());
        assert!(matches!(told("no-such-0"), Reading::Known { value: Value::Absent, .. }));
    }
}

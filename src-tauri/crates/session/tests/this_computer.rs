//! Two ways to read this computer, held against each other: the library that works on every system, and the probe.
#![cfg(target_os = "linux")]

use facts::{Key, Kind, Value, probe};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What the probe prints here, read.
fn probed() -> facts::Facts {
    let asks = probe::Asks::of(&[Key::plain(Kind::CpuCores), Key::plain(Kind::MemoryTotal), disk()]);
    let mut shell = Command::new("sh").arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sh");
    shell.stdin.take().expect("stdin").write_all(probe::script(&asks, "held-against").as_bytes()).expect("written");
    let output = shell.wait_with_output().expect("ended").stdout;
    facts::read(&facts::frame::sections(&output), &facts::Context::default())
}

fn disk() -> Key {
    Key::of(Kind::DiskSize, "/").expect("a path")
}

fn figure(facts: &facts::Facts, key: &Key) -> u64 {
    match facts.reading(key).value() {
        Some(Value::Count(count)) => *count,
        Some(Value::Bytes(bytes)) => *bytes,
        other => panic!("{key} is {other:?}"),
    }
}

#[test]
fn sysinfo_and_the_probe_say_the_same_of_this_computer() {
    let (probe, library) = (probed(), session::this_computer().facts());
    for key in [Key::plain(Kind::CpuCores), Key::plain(Kind::MemoryTotal), disk()] {
        let (probe, library) = (figure(&probe, &key), figure(&library, &key));
        // A kernel tells memory in KiB and a disk in blocks; nothing else may lie between the two.
        let difference = probe.abs_diff(library);
        assert!(difference <= 4096, "{key}: the probe says {probe}, sysinfo {library}");
    }
}

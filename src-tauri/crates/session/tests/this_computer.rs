//! Two ways to read this computer, held against each other: the library that works on every system, and the probe.
#![cfg(target_os = "linux")]

use facts::{Facts, Key, Kind, Value, probe};
use std::error::Error;
use std::io::Write as _;
use std::process::{Command, Stdio};

type Any<T> = Result<T, Box<dyn Error>>;

fn keys() -> Any<[Key; 3]> {
    Ok([Key::plain(Kind::CpuCores), Key::plain(Kind::MemoryTotal), Key::of(Kind::DiskSize, "/")?])
}

/// What the probe prints here, read.
fn probed() -> Any<Facts> {
    let script = probe::script(&probe::Asks::of(&keys()?), "held-against");
    let mut shell = Command::new("sh").arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    shell.stdin.take().ok_or("no input")?.write_all(script.as_bytes())?;
    let output = shell.wait_with_output()?.stdout;
    Ok(facts::read(&facts::frame::sections(&output), &facts::Context::default()))
}

fn figure(facts: &Facts, key: &Key) -> Any<u64> {
    match facts.reading(key).value() {
        Some(Value::Count(count)) => Ok(*count),
        Some(Value::Bytes(bytes)) => Ok(*bytes),
        other => Err(format!("{key} is {other:?}").into()),
    }
}

#[test]
fn sysinfo_and_the_probe_say_the_same_of_this_computer() -> Any<()> {
    let (probe, library) = (probed()?, session::this_computer().facts());
    for key in keys()? {
        let (probe, library) = (figure(&probe, &key)?, figure(&library, &key)?);
        // A kernel tells memory in KiB and a disk in blocks; nothing else may lie between the two.
        assert!(probe.abs_diff(library) <= 4096, "{key}: the probe says {probe}, sysinfo {library}");
    }
    Ok(())
}

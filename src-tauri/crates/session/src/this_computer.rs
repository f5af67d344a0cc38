//! What this computer is, read through sysinfo: on every system, without a shell.
//!
//! On Linux a test holds these figures against the probe's, so that neither can drift from the truth alone.

use facts::{Evidence, Facts, Key, Kind, Reading, Value};
use sysinfo::{Disk, Disks, System};

/// The hardware of this computer, in the same words as the probe's facts.
#[derive(Clone, Debug, PartialEq)]
pub struct ThisComputer {
    pub name: String,
    /// "Debian GNU/Linux 12", "macOS 15.1".
    pub system: String,
    pub cores: u64,
    /// Bytes.
    pub memory: u64,
    /// Size in bytes of the file system that holds the system.
    pub disk: u64,
    pub arch: String,
}

/// Reads this computer. Takes a few milliseconds and changes nothing.
pub fn this_computer() -> ThisComputer {
    let memory = System::new().map_or(0, |mut system| {
        system.refresh_memory();
        system.total_memory()
    });
    ThisComputer {
        name: System::host_name().unwrap_or_else(|_| "This computer".to_owned()),
        system: System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned()),
        cores: std::thread::available_parallelism().map_or(0, |cores| cores.get() as u64),
        memory,
        disk: system_disk(),
        arch: System::cpu_arch(),
    }
}

/// Size of the file system that holds the system; 0 where it is not told.
fn system_disk() -> u64 {
    let root = std::path::Path::new(if cfg!(windows) { "C:\\" } else { "/" });
    let disks = Disks::new_with_refreshed_list();
    let disks: Vec<Disk> = disks.map(Vec::from).unwrap_or_default();
    // In a container several mounts can stand on "/"; the last one is what programs see.
    disks.iter().rev().find(|disk| disk.mount_point() == root).map_or(0, Disk::total_space)
}

impl ThisComputer {
    /// The same as facts, for systems where the probe does not run. What sysinfo does not tell stays unknown.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        let evidence =
            facts.keep(Evidence { command: "sysinfo".to_owned(), output: format!("{self:?}"), exit: Some(0) });
        let mut learn = |kind, value| facts.learn(Key::plain(kind), Reading::reported(value), vec![evidence]);
        if self.cores > 0 {
            learn(Kind::CpuCores, Value::Count(self.cores));
        }
        if self.memory > 0 {
            learn(Kind::MemoryTotal, Value::Bytes(self.memory));
        }
        learn(Kind::Arch, Value::Text(self.arch.clone()));
        learn(Kind::OsName, Value::Text(self.system.clone()));
        learn(Kind::HostName, Value::Text(self.name.clone()));
        if self.disk > 0
            && let Ok(key) = Key::of(Kind::DiskSize, "/")
        {
            facts.learn(key, Reading::reported(Value::Bytes(self.disk)), vec![evidence]);
        }
        facts
    }
}

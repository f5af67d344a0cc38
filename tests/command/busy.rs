//! Figures on a machine that does other things as well: what it cannot show it leaves out by name.

use anyhow::{Result, ensure};

/// Processes that want to run, for each processor, over the last minute.
pub(crate) fn load() -> f64 {
    let told = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = told.split(' ').next().and_then(|load| load.parse::<f64>().ok());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    load.unwrap_or(f64::INFINITY) / processors as f64
}

/// Holds a figure to what is due. Where more wants to run than there are processors for, links and programs of this
/// machine are late themselves: there a figure that is off says nothing, and is left out by name.
pub(crate) fn hold(test: &str, name: &str, holds: bool, words: String) -> Result<()> {
    if !holds && load() > 1.0 {
        leave_out(test, name, &format!("this machine is busy, and its programs answer late: {words}"));
        return Ok(());
    }
    ensure!(holds, "{words}");
    Ok(())
}

pub(crate) fn leave_out(test: &str, name: &str, reason: &str) {
    lab::record(test, &lab::Skipped { name: name.to_owned(), reason: reason.to_owned() });
}

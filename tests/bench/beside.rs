//! Our window beside a bare one of the same toolkit, opened in turns: when something can be seen, and what both take up.

use crate::keys::{self, Keys};
use crate::stage::Stage;
use crate::window::Window;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// Odd, so that the median is a figure that was measured.
const ROUNDS: usize = 7;

/// After the first frame, until everything that comes by itself has come.
const AT_REST: Duration = Duration::from_secs(3);

/// One opening of a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened {
    /// From the start of the process to the first frame with something to read in it.
    pub(crate) seconds: f64,
    /// Of the process and all it started; what several share counts in parts.
    pub(crate) megabytes: f64,
}

/// All openings, in turns.
#[derive(Debug)]
pub(crate) struct Windows {
    pub(crate) ours: Vec<Opened>,
    pub(crate) bare: Vec<Opened>,
    /// Whether these are the programs that tests use, and not those that users get.
    pub(crate) for_tests: bool,
    pub(crate) keys: Keys,
}

pub(crate) fn measure() -> Result<Windows> {
    let Programs { ours: our_window, bare: bare_window, for_tests } = programs()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let keys = Keys { here: runtime.block_on(keys::here(&our_window))?, in_a_browser: keys::in_a_browser()? };
    let mut windows = Windows { ours: Vec::new(), bare: Vec::new(), for_tests, keys };
    // Once each without counting: files come from disk only the first time.
    for round in 0..=ROUNDS {
        let ours = runtime.block_on(open(&our_window))?;
        let bare = runtime.block_on(open(&bare_window))?;
        if round > 0 {
            windows.ours.push(ours);
            windows.bare.push(bare);
        }
    }
    Ok(windows)
}

struct Programs {
    ours: PathBuf,
    bare: PathBuf,
    for_tests: bool,
}

/// Both as users would get them, built here; or those in a folder of what cargo built, where one is named.
fn programs() -> Result<Programs> {
    let of = |folder: PathBuf| Programs {
        for_tests: !folder.ends_with("release"),
        ours: folder.join("plumbline"),
        bare: folder.join("examples/bare"),
    };
    if let Some(folder) = std::env::var_os("PLUMB_BENCH_WINDOWS") {
        return Ok(of(folder.into()));
    }
    let workspace = lab::workspace();
    let build =
        ["build", "--release", "-p", "plumbline", "--features", "custom-protocol,bare", "--bins", "--example", "bare"];
    ensure!(Command::new("cargo").args(build).current_dir(&workspace).status()?.success(), "the windows do not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    Ok(of(target.join("release")))
}

/// On a stage of its own, so that nothing is left from the time before.
async fn open(app: &Path) -> Result<Opened> {
    let mut stage = Stage::set_for("bench", app.to_owned()).map_err(|why| anyhow::anyhow!("{why}"))?;
    let window = stage.open_window(&[]).await?;
    let process = process_of(app)?;
    let seen = first_frame(&window).await?;
    let seconds = seen - started(process)?;
    tokio::time::sleep(AT_REST).await;
    let megabytes = memory(process)?;
    window.close().await?;
    ensure!(seconds > 0.0 && megabytes > 0.0, "{}: {seconds} s, {megabytes} MB", app.display());
    Ok(Opened { seconds, megabytes })
}

/// When the page first showed something, in seconds since 1970.
async fn first_frame(window: &Window) -> Result<f64> {
    let script = "const done = arguments[0];
        const look = () => {
            const [paint] = performance.getEntriesByName('first-contentful-paint');
            if (paint) done((performance.timeOrigin + paint.startTime) / 1000); else setTimeout(look, 20);
        };
        look();";
    window.run_async(script, vec![]).await?.as_f64().context("the page tells no time")
}

/// The newest process that runs `app`.
fn process_of(app: &Path) -> Result<u32> {
    let app = app.canonicalize()?;
    let runs = |process: &u32| fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|exe| exe == app);
    all_processes()?.into_iter().filter(runs).max().with_context(|| format!("{} does not run", app.display()))
}

fn all_processes() -> Result<Vec<u32>> {
    Ok(fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// The fields of a process's `stat` after its name, which may hold anything.
fn stat(process: u32) -> Result<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("stat without a name")?;
    Ok(fields.split_whitespace().map(str::to_owned).collect())
}

/// When a process was started, in seconds since 1970.
fn started(process: u32) -> Result<f64> {
    /// What the kernel counts to user space with, on every system we are built for.
    const TICKS: f64 = 100.0;
    let ticks: f64 = stat(process)?.get(19).context("stat is short")?.parse()?;
    let uptime: f64 = fs::read_to_string("/proc/uptime")?.split(' ').next().unwrap_or_default().parse()?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs_f64();
    Ok(now - uptime + ticks / TICKS)
}

/// Of a process and all that it started, in megabytes.
fn memory(process: u32) -> Result<f64> {
    let parent = |child: &u32| stat(*child).ok().and_then(|fields| fields.get(1)?.parse::<u32>().ok());
    let all: Vec<(u32, u32)> = all_processes()?.iter().filter_map(|child| Some((*child, parent(child)?))).collect();
    let mut family = vec![process];
    while let Some((child, _)) = all.iter().find(|(child, of)| family.contains(of) && !family.contains(child)) {
        family.push(*child);
    }
    let mut kilobytes = 0;
    for member in &family {
        let share = fs::read_to_string(format!("/proc/{member}/smaps_rollup"))?;
        let share = share.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
        kilobytes += share.trim().trim_end_matches(" kB").parse::<u64>()?;
    }
    Ok(kilobytes as f64 / 1000.0)
}

//! What a check costs a server: the probe that reads everything any role asks for.

use anyhow::{Context, Result, ensure};

/// An idle server is busy for less than this, by the clock and by its processor.
const LIMIT_MS: u64 = 400;

#[test]
fn everything_is_read_in_less_than_400_ms_of_an_idle_server() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    let catalog = profiles::catalog();
    let keys = checks::keys_of_roles(catalog, &catalog.every_choice());
    let script = facts::probe::script(&facts::probe::Asks::of(&keys), "3f9a2c7be1d04586");
    server.write("/root/probe.sh", script.as_bytes())?;
    // Milliseconds by the clock and of processor time, of one run a line; and how busy the machine is with other things.
    let runs = "export TIMEFORMAT='%R %U %S'; for i in 1 2 3 4 5; do time sh -s </root/probe.sh >/root/out; done 2>&1; \
                grep -c '^@plumb' /root/out; cut -d ' ' -f 1 /proc/loadavg; nproc";
    server.write("/root/runs.sh", runs.as_bytes())?;
    let said = server.must("bash /root/runs.sh")?;
    let lines: Vec<&str> = said.lines().collect();
    let [runs @ .., sections, load, cores] = &lines[..] else { anyhow::bail!("{said}") };
    let figures = |line: &&str| -> Result<(f64, f64)> {
        let of: Vec<f64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [clock, user, system] = of[..] else { anyhow::bail!("{line}") };
        Ok((clock * 1000.0, (user + system) * 1000.0))
    };
    let figures = runs.iter().map(figures).collect::<Result<Vec<_>>>()?;
    let least = |of: fn(&(f64, f64)) -> f64| figures.iter().map(of).fold(f64::INFINITY, f64::min);
    let (clock, processor) = (least(|run| run.0), least(|run| run.1));
    println!("{clock:.0} ms by the clock, {processor:.0} ms of the processor, {sections} sections, load {load}");
    ensure!(sections.parse::<u32>()? > 60, "the probe read little: {said}");
    ensure!(processor < LIMIT_MS as f64, "{processor:.0} ms of processor time: {said}");
    let idle = load.parse::<f64>().context("a load")? < cores.parse::<f64>().context("cores")? / 2.0;
    // Beside other tests the clock says nothing about the probe; `-E 'test(less_than_400_ms)'` alone on a machine does.
    if idle {
        ensure!(clock < LIMIT_MS as f64, "{clock:.0} ms on a server that does nothing else: {said}");
    }
    Ok(())
}

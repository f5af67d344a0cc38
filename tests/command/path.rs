//! The path to the server, measured over links whose figures are known.

use crate::plumb::{Plumb, words};
use anyhow::{Context as _, Result, ensure};
use lab::{Nspawn, Server};
use std::collections::BTreeMap;
use std::process::Command;

const MEASURE: [&str; 7] = ["check", "--role", "dusk/prover?workers=6", "--measure", "path", "--json", "-"];

/// "Round trip" and its figure, in ms, Mbps and percent.
fn figures(server: &Server) -> Result<BTreeMap<String, f64>> {
    let plumb = Plumb::new()?;
    let said = plumb.call(&words(&MEASURE, &plumb.place(server, "root")?), &[])?;
    said.says("at most 67 MB of traffic")?;
    let json = said.json()?;
    let mut figures = BTreeMap::new();
    for measured in json["measurements"].as_array().context("no measurements")? {
        let text = |name: &str| measured[name].as_str().unwrap_or_default().to_owned();
        let title = text("title").trim_start_matches("Path from here: ").to_owned();
        let number: String = text("text").chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let scale = if text("text").contains("Gbps") { 1000.0 } else { 1.0 };
        figures.insert(title, number.parse::<f64>().with_context(|| format!("no figure: {measured}"))? * scale);
    }
    Ok(figures)
}

/// The link and both its ends are programs on this machine.
fn hold(name: &str, holds: bool, words: String) -> Result<()> {
    crate::busy::hold("path", name, holds, words)
}

/// The median of twenty echoes from the server to here, in ms.
fn ping(server: &Server) -> Result<f64> {
    let here = server.host.rsplit_once('.').map(|(net, _)| format!("{net}.1")).context("an address")?;
    let said = server.must(&format!("ping -c 20 -i 0.1 {here} || true"))?;
    let time = |line: &str| line.split_once("time=")?.1.split(' ').next()?.parse().ok();
    let mut times: Vec<f64> = said.lines().filter_map(time).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().context("no echo")
}

/// Lets both ends send as fast as the line goes in spite of losses, on the way between them alone.
fn send_on_despite_losses(server: &Server) -> Result<bool> {
    let known = std::fs::read_to_string("/proc/sys/net/ipv4/tcp_available_congestion_control").unwrap_or_default();
    if !known.split_whitespace().any(|name| name == "bbr") {
        return Ok(false);
    }
    let number = server.host.split('.').nth(2).context("an address")?;
    let device = format!("lab{number}h");
    let changed = Command::new("ip")
        .args(["route", "change", &server.host, "dev", &device, "src", &format!("10.96.{number}.1"), "congctl", "bbr"])
        .status()?;
    ensure!(changed.success(), "the way there cannot be changed");
    server.must(&format!("ip route change 10.96.{number}.1 dev host0 src {} congctl bbr", server.host))?;
    Ok(true)
}

#[test]
fn a_line_of_50_ms_and_20_mbps_that_loses_one_in_a_hundred() -> Result<()> {
    lab::slow!();
    let server = lab::need!(Nspawn::new("bookworm").link("delay-ms=25 loss=0.01 rate-mbit=20").start());
    if !send_on_despite_losses(&server)? {
        let skipped = lab::Skipped { name: "a lossy line".to_owned(), reason: "this kernel has no bbr".to_owned() };
        lab::record("path", &skipped);
        return Ok(());
    }
    let figures = figures(&server)?;
    let figure = |name: &str| figures.get(name).copied().with_context(|| format!("no {name}"));
    // What the link really does on a machine that does other things as well.
    let (trip, due) = (figure("Round trip")?, ping(&server)?);
    ensure!(due >= 50.0 && trip >= 48.0, "a round trip of {trip} ms where {due} are due");
    let near = (trip - due).abs() <= 2.0_f64.max(due * 0.05);
    hold("round trip", near, format!("a round trip of {trip} ms where {due} are due"))?;
    for way in ["From the server", "To the server"] {
        let mbps = figure(way)?;
        hold("speed", (mbps - 20.0).abs() <= 3.0, format!("{way}: {mbps} Mbps where 20 are due"))?;
    }
    let lost = figure("Lost on the way")?;
    ensure!((0.3..=3.0).contains(&lost), "{lost}% lost where 1% is due");
    ensure!(figure("Its clock")? <= 20.0, "one computer, two clocks");
    Ok(())
}

#[test]
fn a_line_that_is_slow_one_way_is_seen() -> Result<()> {
    lab::slow!();
    let server = lab::need!(Nspawn::new("bookworm").link("delay-ms=5 to-mbit=4 from-mbit=20").start());
    let figures = figures(&server)?;
    let figure = |name: &str| figures.get(name).copied().with_context(|| format!("no {name}"));
    let (up, down) = (figure("To the server")?, figure("From the server")?);
    let near = (up - 4.0).abs() <= 0.6 && (down - 20.0).abs() <= 3.0;
    hold("speed each way", near, format!("{up} and {down} Mbps where 4 and 20 are due"))?;
    let share = figure("Slower way as share of the faster")?;
    hold("one way slower", (15.0..=26.0).contains(&share), format!("{share}% where 20% is due"))?;
    ensure!(share < 70.0, "{share}%: that one way is slower was not seen");
    Ok(())
}

#[test]
fn no_way_at_all_gives_no_absurd_figure() -> Result<()> {
    let server = lab::need!(lab::sshd());
    let figures = figures(&server)?;
    let figure = |name: &str| figures.get(name).copied().with_context(|| format!("no {name}"));
    ensure!(figure("Round trip")? < 30.0 && figure("Jitter")? < 30.0, "{figures:?}");
    let speed = figure("From the server")?;
    ensure!((5.0..100_000.0).contains(&speed), "{speed} Mbps");
    ensure!(figures.get("Lost on the way").is_none_or(|lost| *lost < 1.0), "{figures:?}");
    Ok(())
}

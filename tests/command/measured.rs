//! What has to be tried: figures with their spread, on a real server, and nothing of it left there.

use crate::busy::{hold, leave_out, load};
use crate::plumb::{Plumb, words};
use anyhow::{Context as _, Result, ensure};
use lab::Server;
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const MEASURE: [&str; 7] = ["check", "--role", "statemesh/node-minimum", "--measure", "disk,cpu", "--json", "-"];

#[test]
fn disk_and_processor_are_measured_when_asked_and_leave_nothing() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    let speed = |json: &serde_json::Value| {
        let findings = json["findings"].as_array().into_iter().flatten();
        findings.clone().find(|finding| finding["id"] == "statemesh.speed").cloned().context("no such need")
    };
    let unasked = plumb.call(&words(&["check", "--role", "statemesh/node-minimum", "--json", "-"], &place), &[])?;
    ensure!(speed(&unasked.json()?)?["parts"][0]["found"]["text"] == "not measured", "told without being measured");

    // One that was killed in the instant before its file lost its name.
    calm(&server)?;
    server.must("touch /var/lib/.plumbline-measure.7")?;
    let before = server.must("ls -A / /root /var/lib")?.replace(".plumbline-measure.7\n", "");
    let said = plumb.call(&words(&MEASURE, &place), &[])?;
    said.says("at most 64 MB written and removed again")?;
    let json = said.json()?;
    let figures = json["measurements"].as_array().context("no measurements")?;
    // Of the disk three figures; of the processor one, or why there is none while others use it.
    let withheld = said.err.contains("Other work on the server took") || said.err.contains("The host took");
    ensure!(figures.len() == 4 && (withheld || !said.err.contains("Not measured.")), "{figures:#?}\n{}", said.err);
    let found = speed(&json)?;
    ensure!(found["parts"][0]["found"]["confidence"] == "measured", "{found:#}");
    let after = server.must("ls -A / /root /var/lib")?;
    ensure!(after == before, "left behind: {after} where there was {before}");
    Ok(())
}

#[test]
fn a_disk_without_room_is_not_measured() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    server.must("mount -t tmpfs -o size=64m tmpfs /var/lib")?;
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    let said = plumb.call(&words(&MEASURE, &place), &[])?;
    said.says("Not measured. Less than 1 GB is free there")
}

#[test]
fn a_disk_that_can_only_be_read_is_not_measured() -> Result<()> {
    let server = lab::need!(lab::userns("bookworm"));
    calm(&server)?;
    server.must("mount -t tmpfs -o size=2g tmpfs /var/lib && mount -o remount,ro /var/lib")?;
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "root")?;
    let said = plumb.call(&words(&MEASURE, &place), &[])?;
    said.says("Not measured. Nothing can be written there")
}

/// Lets the server believe that it has nothing to do, so that it does not refuse what is not about figures here.
fn calm(server: &Server) -> Result<()> {
    server.must("echo '0.00 0.00 0.00 1/100 1' >/run/calm && mount --bind /run/calm /proc/loadavg")?;
    Ok(())
}

/// Its file has no name, and is gone with the last process that holds it.
const HELD: &str =
    "for fd in /proc/[0-9]*/fd/3; do case $(readlink $fd) in *plumbline-measure*deleted*) echo $fd ;; esac; done";

/// Starts to measure, ends one side of it without a word while the file is there, and looks for what is left.
fn killed(server: &Server, end: impl Fn(&mut Child) -> Result<()>) -> Result<()> {
    let plumb = Plumb::new()?;
    let place = plumb.place(server, "root")?;
    let measure = ["check", "--role", "statemesh/node-minimum", "--measure", "disk", "--json", "-"];
    let mut call = plumb.command(&words(&measure, &place), &[])?;
    let mut running = call.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let seen = server.must(&format!("for i in $(seq 300); do {HELD} | grep -q . && exit; sleep 0.02; done; exit 1"));
    ensure!(seen.is_ok(), "there never was a file");
    end(&mut running)?;
    let _ = running.kill();
    running.wait()?;
    let deadline = Instant::now() + Duration::from_secs(25);
    while !server.must(HELD)?.is_empty() {
        ensure!(Instant::now() < deadline, "a file after 25 s: {}", server.must(HELD)?);
        std::thread::sleep(Duration::from_millis(50));
    }
    let named = server.must("ls -A /var/lib | grep plumbline-measure || true")?;
    ensure!(named.is_empty(), "left behind: {named}");
    Ok(())
}

#[test]
fn whichever_side_is_killed_no_file_is_left() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::userns("bookworm"));
    calm(&server)?;
    killed(&server, |plumb| Ok(plumb.kill()?))?;
    killed(&server, |_| {
        server.must(&format!("{HELD} | cut -d/ -f3 | xargs -r kill -9; true"))?;
        Ok(())
    })
}

/// A requirement file that asks for the disk under `folder`, and what it came to there on this computer.
fn disk_here(folder: &Path) -> Result<Option<(f64, f64)>> {
    let plumb = Plumb::new()?;
    let file = plumb.file("ours.toml");
    let part =
        |key: &str| format!("[[need.part]]\nkey = \"{key}:{}\"\ntitle = \"{key}\"\nat_least = 1\n", folder.display());
    std::fs::write(
        &file,
        format!(
            "schema = 1\nadds_to = \"dusk\"\nverified = \"2026-11-20\"\n[[document]]\nid = \"ours\"\ntitle = \"Ours\"\n\
             [[need]]\nid = \"ours.disk\"\ntitle = \"Disk\"\narea = \"storage\"\nseverity = \"optional\"\n\
             why = \"It is compared.\"\nsource = {{ section = \"Ours\" }}\n{}{}",
            part("disk.iops"),
            part("disk.throughput")
        ),
    )?;
    let file = file.to_string_lossy();
    let role =
        ["check", "--here", "--role", "dusk/provisioner", "--profile", &file, "--measure", "disk", "--json", "-"];
    let said = plumb.call(&role, &[])?;
    let json = said.json()?;
    let title = |name: &str| format!("Disk under {}: {name}", folder.display());
    let figure = |name: &str| figure(&json, &title(name));
    match figure("Safe writes").zip(figure("One after another")) {
        None if said.err.contains("The server is busy") => Ok(None),
        None => anyhow::bail!("no figures: {}\n{:#}", said.err, json["measurements"]),
        found => Ok(found),
    }
}

/// "9,812 a second" as 9812.
fn figure(json: &Value, title: &str) -> Option<f64> {
    let found = json["measurements"].as_array()?.iter().find(|measured| measured["title"] == title)?;
    let digits: String = found["text"].as_str()?.split(' ').next()?.chars().filter(|c| *c != ',').collect();
    digits.parse().ok()
}

/// The same patterns by fio: synced writes a second, and MB a second one after another.
fn fio(folder: &Path) -> Result<(f64, f64)> {
    let run = |name: &str, words: &[&str]| -> Result<Value> {
        let file = folder.join("fio");
        let mut fio = Command::new("ionice");
        fio.args(["-c3", "fio", "--output-format=json", "--ioengine=psync", "--name", name, "--filename"]).arg(&file);
        let said = fio.args(words).current_dir(folder).output()?;
        std::fs::remove_file(&file)?;
        ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        Ok(serde_json::from_slice::<Value>(&said.stdout)?["jobs"][0]["write"].clone())
    };
    let small = ["--rw=randwrite", "--bs=4k", "--size=16m", "--overwrite=1", "--sync=dsync", "--runtime=1"];
    let long = ["--rw=write", "--bs=1m", "--size=32m", "--fallocate=none", "--fdatasync=4", "--runtime=1"];
    let iops = run("small", &small)?["iops"].as_f64().context("no figure of fio's")?;
    let bytes = run("long", &long)?["bw_bytes"].as_f64().context("no figure of fio's")?;
    Ok((iops, bytes / 1e6))
}

/// Whether two figures of one thing agree.
fn within(one: f64, other: f64, share: f64) -> bool {
    (one - other).abs() <= other * share
}

/// So many comparisons, each between two runs of fio that agree with each other: else the disk, or what else uses it, is
/// what is compared.
fn disk_beside_fio(rounds: usize) -> Result<()> {
    if load() >= 2.0 {
        leave_out("measured", "the disk beside fio", "this machine is busy, so the product refuses to measure");
        return Ok(());
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut compared = 0;
    let mut said = Vec::new();
    for _ in 0..rounds * 3 - 1 {
        let before = fio(folder.path())?;
        let ours = disk_here(folder.path())?;
        let after = fio(folder.path())?;
        said.push(format!("fio {before:.0?}, ours {ours:.0?}, fio {after:.0?}"));
        let Some(ours) = ours else { continue };
        let steady = within(after.0, before.0, 0.15) && within(after.1, before.1, 0.15);
        if !steady {
            continue;
        }
        let theirs = ((before.0 + after.0) / 2.0, (before.1 + after.1) / 2.0);
        let near = within(ours.0, theirs.0, 0.25) && within(ours.1, theirs.1, 0.25);
        hold("measured", "the disk beside fio", near, format!("safe writes and MB a second: {said:?}"))?;
        compared += 1;
        if compared == rounds {
            let _ = writeln!(std::io::stderr(), "{said:#?}");
            return Ok(());
        }
    }
    let reason =
        format!("only {compared} of {rounds} times two runs of fio agreed with each other: {}", said.join("; "));
    leave_out("measured", "the disk beside fio", &reason);
    Ok(())
}

/// Whether fio can be asked, and where not, said.
fn has_fio() -> bool {
    let there = ["fio", "ionice"].iter().all(|tool| {
        Command::new(tool).arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
    });
    if !there {
        leave_out("measured", "the disk beside fio", "fio or ionice is not installed");
    }
    there
}

#[test]
fn a_disk_is_as_fast_as_fio_finds_it() -> Result<()> {
    lab::slow!();
    if has_fio() { disk_beside_fio(1) } else { Ok(()) }
}

#[test]
fn a_disk_is_as_fast_as_fio_finds_it_three_times() -> Result<()> {
    lab::full!();
    if has_fio() { disk_beside_fio(3) } else { Ok(()) }
}

/// What this computer's processor came to, or why nothing.
fn processor_here() -> Result<Result<f64, String>> {
    let plumb = Plumb::new()?;
    let words = ["check", "--here", "--role", "statemesh/node-minimum", "--measure", "cpu", "--json", "-"];
    let said = plumb.call(&words, &[])?;
    said.says("one core is busy, about 3 seconds")?;
    let json = said.json()?;
    let found = figure(&json, "Processor: Speed of one core");
    found.map(Ok).map_or_else(|| Ok(Err(said.err.clone())), Ok)
}

#[test]
fn a_processor_is_found_as_fast_twice_or_not_measured() -> Result<()> {
    lab::slow!();
    // The figure is promised for an idle machine alone.
    let idle = load() < 0.5;
    let (one, other) = (processor_here()?, processor_here()?);
    for why in [&one, &other].into_iter().filter_map(|found| found.as_ref().err()) {
        ensure!(why.contains("is busy") || why.contains("would mislead"), "withheld without a reason: {why}");
    }
    match (one, other) {
        (Ok(one), Ok(other)) if idle => ensure!(within(other, one, 0.05), "{one} and {other} where 5% is due"),
        (one, other) => leave_out("measured", "the processor twice", &format!("not idle: {one:?}, {other:?}")),
    }
    Ok(())
}

/// Work without end on every core; it ends with this.
struct Spinning(Vec<Child>);

impl Spinning {
    fn start() -> Result<Spinning> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let one = |_| Command::new("sh").args(["-c", "while :; do :; done"]).spawn();
        Ok(Spinning((0..cores).map(one).collect::<std::io::Result<_>>()?))
    }
}

impl Drop for Spinning {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_processor_at_work_is_not_measured_and_it_is_said_why() -> Result<()> {
    lab::slow!();
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        // On the only core what others take shows in the load alone, and that rises slowly.
        leave_out("measured", "a processor at work", "this machine has one processor");
        return Ok(());
    }
    let _work = Spinning::start()?;
    match processor_here()? {
        Ok(figure) => anyhow::bail!("{figure} while every core had work"),
        Err(why) => ensure!(why.contains("is busy") || why.contains("Other work on the server took"), "{why}"),
    }
    Ok(())
}

/// Programs on the server itself that stand in for the internet's: `nodes.dusk.network` with a certificate that the
/// server trusts and a WebSocket at `/live`, `github.com` at an address where nobody is, and one that tells the time over
/// IPv4 alone.
const STAND_INS: &str = r#"
mkdir -p /srv/out && cd /srv/out
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out /usr/local/share/ca-certificates/ours.crt -subj /CN=ours -days 2 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout key -out request -subj /CN=nodes.dusk.network 2>/dev/null
printf 'subjectAltName=DNS:nodes.dusk.network\n' >names
openssl x509 -req -in request -CA /usr/local/share/ca-certificates/ours.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out certificate 2>/dev/null
update-ca-certificates >/dev/null 2>&1
cat >>/etc/hosts <<H
127.0.0.1 nodes.dusk.network pool.ntp.org
::1 pool.ntp.org
127.0.0.7 github.com
H
cat >web.py <<'W'
import base64, hashlib, ssl, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        asks = self.headers.get("Upgrade") == "websocket"
        self.send_response(502 if self.path == "/proxy" else 101 if asks and self.path in ("/live", "/parrot") else 200)
        if asks and self.path in ("/live", "/parrot"):
            key = self.headers["Sec-WebSocket-Key"] if self.path == "/live" else "somebody else's"
            due = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(due).decode())
        else:
            self.send_header("Content-Length", "0")
        self.end_headers()
    do_HEAD = do_GET
server = ThreadingHTTPServer((sys.argv[1], 443), Answers)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain("/srv/out/certificate", "/srv/out/key")
server.socket = tls.wrap_socket(server.socket, server_side=True)
server.serve_forever()
W
cat >time.py <<'T'
import socket
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("127.0.0.1", 123))
while True:
    asked, who = here.recvfrom(512)
    here.sendto(b"\x24" + bytes(23) + asked[40:48] + bytes(16), who)
T
systemd-run --quiet --unit=stand-in-web python3 /srv/out/web.py 127.0.0.1
systemd-run --quiet --unit=stand-in-time python3 /srv/out/time.py
for try in $(seq 100); do ss -Hltn sport = :443 | grep -q . && ss -Hlun sport = :123 | grep -q . && exit; sleep 0.1; done; exit 1
"#;

/// WebSockets out of the server: one that opens, one that only seems to, one behind a proxy's error, and none.
const SOCKETS: &str = r#"schema = 1
adds_to = "dusk"
verified = "2026-11-20"
[[document]]
id = "ours"
title = "Ours"
[[need]]
id = "ours.sockets"
title = "WebSockets out"
area = "network"
severity = "optional"
why = "They are tried."
source = { section = "Ours" }
[[need.part]]
each = ["/live", "/parrot", "/proxy"]
key = "net.reach:nodes.dusk.network:443/websocket{each}"
equals = true
[[need.part]]
key = "net.reach:nodes.dusk.network:443/websocket"
title = "at the root"
equals = true
"#;

#[test]
fn ways_out_are_tried_from_the_server_and_feed_their_needs() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    server.must(STAND_INS)?;
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, "admin")?;
    let pdf = plumb.file("report.pdf");
    let pdf = pdf.to_string_lossy();
    let needs = plumb.file("ours.toml");
    std::fs::write(&needs, SOCKETS)?;
    let needs = needs.to_string_lossy();
    let verb = ["check", "--role", "dusk/provisioner", "--profile", &needs, "--measure", "outbound", "--json", "-"];
    let verb = [verb.as_slice(), &["--pdf", &pdf]].concat();
    let look = |wanted: &[(&str, &str)]| -> Result<Value> {
        let said = plumb.call(&words(&verb, &place), &[])?;
        said.says("Trying 7 ways out")?;
        let json = said.json()?;
        for (name, due) in wanted {
            let title = format!("Ways out: {name}");
            let found =
                json["measurements"].as_array().into_iter().flatten().find(|one| one["title"] == title.as_str());
            let found = found.with_context(|| format!("{name}: {:#}", json["measurements"]))?;
            let told = format!("{}: {}", found["text"].as_str().unwrap_or_default(), found["detail"]);
            let (text, why) = due.split_once(": ").context("two halves")?;
            ensure!(told.starts_with(&format!("{text}: ")) && told.contains(why), "{name}: {due:?} is due, not {told}");
        }
        let findings = json["findings"].as_array().into_iter().flatten();
        findings.clone().find(|finding| finding["id"] == "dusk.outbound").cloned().context("no such need")
    };
    let found = look(&[
        ("nodes.dusk.network port 443", "reached: a certificate that the server trusts"),
        ("github.com port 443", "not reached: no connection"),
        ("pool.ntp.org port 123 over UDP", "reached: over IPv4 it answered us; over IPv6 no answer"),
        ("nodes.dusk.network port 443, WebSocket at /live", "opens: which no proxy does"),
        ("nodes.dusk.network port 443, WebSocket at /parrot", "could not tell: opens none at this path"),
        ("nodes.dusk.network port 443, WebSocket at /proxy", "does not open: a proxy in between"),
        ("nodes.dusk.network port 443, WebSocket at /", "could not tell: opens none at this path"),
    ])?;
    let part = |name: &str| found["parts"].as_array().into_iter().flatten().find(|part| part["title"] == name).cloned();
    let (web, closed) = (part("nodes.dusk.network").context("a part")?, part("github.com").context("a part")?);
    ensure!(web["verdict"] == "met" && web["found"]["confidence"] == "measured", "{web:#}");
    ensure!(closed["verdict"] != "met" && closed["found"]["confidence"] == "measured", "{closed:#}");
    ensure!(found["verdict"] != "met", "a way out that is closed stands in the way: {found:#}");
    let paper = Command::new("pdftotext").args(["-layout", &pdf, "-"]).output()?;
    ensure!(String::from_utf8_lossy(&paper.stdout).contains("Ways out:"), "the PDF does not tell of it");

    // Without curl; somebody else answers in the place of the one, and nobody tells the time.
    server.must(
        "mv /usr/bin/curl /usr/bin/curl-away; systemctl stop stand-in-time
         systemd-run --quiet --unit=stand-in-other python3 /srv/out/web.py 127.0.0.7
         for try in $(seq 100); do ss -Hltn src 127.0.0.7:443 | grep -q . && exit; sleep 0.1; done; exit 1",
    )?;
    let found = look(&[
        ("nodes.dusk.network port 443", "reached: a certificate that the server trusts"),
        ("github.com port 443", "not reached: does not trust who answers"),
        (
            "pool.ntp.org port 123 over UDP",
            "could not tell: over IPv4 no answer, which alone says nothing; over IPv6 no",
        ),
        ("nodes.dusk.network port 443, WebSocket at /live", "opens: which no proxy does"),
        ("nodes.dusk.network port 443, WebSocket at /parrot", "could not tell: opens none at this path"),
        ("nodes.dusk.network port 443, WebSocket at /proxy", "does not open: a proxy in between"),
    ])?;
    let silent = found["parts"].as_array().into_iter().flatten().find(|part| part["title"] == "pool.ntp.org over UDP");
    ensure!(silent.is_some_and(|part| part["verdict"] == "could_not_tell"), "{found:#}");
    Ok(())
}

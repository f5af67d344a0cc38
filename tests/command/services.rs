//! Services as they are served: certificates good and bad, HTTP and WebSockets, seen from this computer.

use crate::certificates::CERTIFICATES;
use crate::plumb::{Plumb, words};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Each certificate at a port of its own, and HTTP without TLS; a WebSocket at the good one alone. Ends with its input.
const SERVERS: &str = r#"
import base64, hashlib, socket, ssl, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.server.opens and self.path in ("/", "/live/v1") and self.headers.get("Upgrade") == "websocket":
            key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        else:
            self.send_response(204 if self.path == "/health" else 200 if self.server.opens else 404)
        self.end_headers()
    def log_message(self, *words):
        pass

class Server(ThreadingHTTPServer):
    def finish_request(self, request, address):
        # In a thread of its own, so that one who only connects holds nobody up.
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, address)
        if self.tls:
            request.close()
    def handle_error(self, request, address):
        pass

for name in ["good", "old", "other", "own", "alone", "plain"]:
    server = Server(("127.0.0.1", 0), Answers)
    server.daemon_threads, server.opens, server.tls = True, name == "good", None
    if name != "plain":
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(name + ".chain", name + ".key")
    print(name, server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
# Taken, so that nobody else answers there, and nobody listens.
closed = socket.socket()
closed.bind(("127.0.0.1", 0))
print("closed", closed.getsockname()[1], flush=True)
print("ready", 0, flush=True)
sys.stdin.read()
"#;

/// The services, until this goes.
struct Services {
    running: Child,
    ports: Vec<(String, u16)>,
}

impl Services {
    fn start(folder: &Path) -> Result<Services> {
        let made = Command::new("sh").args(["-c", CERTIFICATES]).current_dir(folder).output()?;
        ensure!(made.status.success(), "no certificates: {}", String::from_utf8_lossy(&made.stderr));
        let mut python = Command::new("python3");
        let python = python.args(["-c", SERVERS]).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = python.spawn()?;
        let lines = BufReader::new(running.stdout.take().context("an output")?).lines();
        let mut services = Services { running, ports: Vec::new() };
        for line in lines {
            let line = line?;
            let (name, port) = line.split_once(' ').context("two words")?;
            if name == "ready" {
                return Ok(services);
            }
            services.ports.push((name.to_owned(), port.parse()?));
        }
        anyhow::bail!("the services ended by themselves")
    }

    fn port(&self, name: &str) -> Result<u16> {
        self.ports.iter().find(|(known, _)| known == name).map(|(_, port)| *port).context("no such service")
    }

    /// A need of each service.
    fn needs(&self) -> String {
        let mut file = String::from(
            "schema = 1\nadds_to = \"dusk\"\nverified = \"2026-11-20\"\n[[document]]\nid = \"ours\"\ntitle = \"Ours\"\n",
        );
        for (name, port) in &self.ports {
            file.push_str(&format!(
                "[[need]]\nid = \"ours.{name}\"\ntitle = \"{name}\"\narea = \"network\"\nseverity = \"optional\"\n\
                 why = \"It is called.\"\nsource = {{ section = \"Ours\" }}\n"
            ));
            for (key, title, bound) in [
                ("certificate.trusted", "trusted", "equals = true"),
                ("certificate.days", "days", "at_least = 21"),
                ("certificate.names", "names", "shown = true"),
                ("http.status", "status", "shown = true"),
                ("websocket.answers", "socket", "equals = true"),
                ("http.status", "status at /health", "shown = true"),
                ("websocket.answers", "socket at /live/v1", "equals = true"),
                ("websocket.answers", "socket at /elsewhere", "equals = true"),
            ] {
                let path = title.split_once(" at ").map_or("", |(_, path)| path);
                file.push_str(&format!(
                    "[[need.part]]\nkey = \"{key}:{port}/tcp{path}\"\ntitle = \"{title}\"\n{bound}\n"
                ));
            }
        }
        file
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        drop(self.running.stdin.take());
        let _ = self.running.wait();
    }
}

/// What was measured of a service at its port, or at a path there: "name: text (detail)" for each.
fn told(json: &Value, port: u16, path: &str) -> String {
    let place = format!("Services from here: {port}/tcp{path}, ");
    let all = json["measurements"].as_array().into_iter().flatten();
    let line = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let title = text("title");
        title.strip_prefix(&place).map(|what| format!("{what}: {} ({})\n", text("text"), text("detail")))
    };
    all.filter_map(line).collect()
}

/// "trusted" of a service as "met measured".
fn part(json: &Value, service: &str, title: &str) -> String {
    let id = format!("dusk.ours.{service}");
    let findings = json["findings"].as_array().into_iter().flatten();
    let of_it = findings.filter(|one| one["id"] == id.as_str());
    let Some(part) = of_it.filter_map(|one| one["parts"].as_array()).flatten().find(|part| part["title"] == title)
    else {
        return "no such part".to_owned();
    };
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    format!("{} {}", word(&part["verdict"]), word(&part["found"]["confidence"]))
}

/// Whether it is trusted, is good for long enough, opens a WebSocket; and words that are said.
const DUE: [(&str, [&str; 3], [&str; 3]); 7] = [
    (
        "good",
        ["met measured", "met measured", "met measured"],
        ["trusts it for localhost", "answers 200", "WebSocket: opens"],
    ),
    (
        "old",
        ["missing measured", "short measured", "missing measured"],
        ["ran out on 2021-01-01", "no day left", "does not open"],
    ),
    (
        "other",
        ["missing measured", "met measured", "missing measured"],
        ["it is not for localhost", "elsewhere.invalid", "answers 404"],
    ),
    (
        "own",
        ["missing measured", "met measured", "missing measured"],
        ["nobody but the server itself vouches for it", "until 2049-01-01", "over TLS"],
    ),
    (
        "alone",
        ["missing measured", "met measured", "missing measured"],
        ["it comes alone", "CN=below", "serve the whole chain"],
    ),
    (
        "plain",
        ["missing measured", "missing measured", "missing measured"],
        ["it answers without TLS", "answers 404", "over plain HTTP"],
    ),
    (
        "closed",
        ["could_not_tell -", "missing reported", "could_not_tell -"],
        ["refused: nothing listens there", "WebSocket: could not tell", "HTTP: could not tell"],
    ),
];

#[test]
fn services_are_told_as_they_are_served_from_here() -> Result<()> {
    for (tool, word) in [("python3", "--version"), ("openssl", "version")] {
        if !Command::new(tool).arg(word).stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
            crate::busy::leave_out("services", "services as they are served", &format!("{tool} is not installed"));
            return Ok(());
        }
    }
    let mut server = lab::need!(lab::sshd());
    // By a name, as people do: whether a certificate is for it is a question only then.
    server.host = "localhost".to_owned();
    let plumb = Plumb::new()?;
    let services = Services::start(plumb.home.path())?;
    let (needs, pdf) = (plumb.file("ours.toml"), plumb.file("report.pdf"));
    std::fs::write(&needs, services.needs())?;
    let (needs, paper) = (needs.to_string_lossy(), pdf.to_string_lossy());
    let place = plumb.place(&server, &server.user)?;
    let verb = ["check", "--role", "dusk/provisioner", "--profile", &needs, "--measure", "services", "--json", "-"];
    let verb = [verb.as_slice(), &["--pdf", &paper]].concat();
    let mut call = plumb.command(&words(&verb, &place), &[])?;
    // The authorities that this computer trusts, for this one call.
    let output = call.env("SSL_CERT_FILE", plumb.file("ca.pem")).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(said.contains("Calling 7 services from here"), "its cost is not said: {said}");
    let json: Value = serde_json::from_slice(&output.stdout).with_context(|| said.clone())?;
    for (service, verdicts, words) in DUE {
        let told = told(&json, services.port(service)?, "");
        for due in words {
            ensure!(told.contains(due), "{service}: {due:?} is due, not\n{told}");
        }
        for (title, due) in ["trusted", "days", "socket"].into_iter().zip(verdicts) {
            let found = part(&json, service, title);
            ensure!(found == due, "{service}, {title}: {due:?} is due, not {found:?}\n{told}");
        }
    }
    // Each question goes to the path that its key names.
    for (title, verdict, words) in [
        ("status at /health", "met measured", ["answers 204", "at /health, over TLS"]),
        ("socket at /live/v1", "met measured", ["opens", "at /live/v1, over TLS"]),
        ("socket at /elsewhere", "missing measured", ["does not open", "asked for one at /elsewhere, it answers 200"]),
    ] {
        let (_, path) = title.split_once(" at ").context("two halves")?;
        let told = told(&json, services.port("good")?, path);
        for due in words {
            ensure!(told.contains(due), "{path}: {due:?} is due, not\n{told}");
        }
        let found = part(&json, "good", title);
        ensure!(found == verdict, "{title}: {verdict:?} is due, not {found:?}");
    }
    match Command::new("pdftotext").args(["-layout", &paper, "-"]).output() {
        Ok(read) => ensure!(String::from_utf8_lossy(&read.stdout).contains("Services from here"), "not in the PDF"),
        Err(e) => crate::busy::leave_out("services", "the PDF read back", &format!("pdftotext: {e}")),
    }
    Ok(())
}

//! A place for files that speaks S3: what can be told of it without a key, what a key may do there, and that the key
//! stays with the person.

use crate::plumb::{Plumb, words};
use crate::services::CERTIFICATES;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const SECRET: &str = "canary-storage-4c81e2";

/// Buckets that check every signature by themselves, each at a port of its own: `good`; `late`, whose clock is 10 minutes
/// ahead; `listing`, where the key may only list; and `page`, which is a web server. Ends with its input; says at the end
/// what lies in the buckets.
const BUCKETS: &str = r#"
import datetime, hashlib, hmac, ssl, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
SECRET = sys.stdin.readline().strip()
NOW = lambda late: datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=late)

def proved(method, path, headers, body):
    word, _, rest = headers.get("Authorization", "").partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(",")) if rest else {}
    if word != "AWS4-HMAC-SHA256":
        return "AccessDenied"
    who, day, region, service, end = parts["Credential"].split("/")
    if who != "ID" or (service, end) != ("s3", "aws4_request"):
        return "InvalidAccessKeyId"
    if headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
        return "XAmzContentSHA256Mismatch"
    place, _, query = path.partition("?")
    names = parts["SignedHeaders"].split(";")
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    asked = "\n".join([method, place, query, lines, parts["SignedHeaders"], headers["x-amz-content-sha256"]])
    scope = "/".join([day, region, service, end])
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(asked.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in [day, region, service, end]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    due = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return None if due == parts["Signature"] else "SignatureDoesNotMatch"

class Bucket(BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.name == "page":
            return self.say(404, b"<html>")
        late = 10 if self.server.name == "late" else 0
        stamp = datetime.datetime.strptime(self.headers.get("x-amz-date", NOW(late).strftime("%Y%m%dT%H%M%SZ")), "%Y%m%dT%H%M%SZ")
        wrong = proved(self.command, self.path, self.headers, body)
        if not wrong and abs((NOW(late).replace(tzinfo=None) - stamp).total_seconds()) > 300:
            wrong = "RequestTimeTooSkewed"
        name = self.path.partition("?")[0]
        if not wrong and self.server.name == "listing" and name != "/files":
            wrong = "AccessDenied"
        if wrong:
            return self.say(403, f"<?xml version='1.0'?><Error><Code>{wrong}</Code></Error>".encode())
        objects = self.server.objects
        if name == "/files":
            return self.say(200, b"<ListBucketResult></ListBucketResult>")
        if self.command == "PUT":
            objects[name] = body
        elif self.command == "DELETE":
            objects.pop(name, None)
            return self.say(204, b"")
        elif name not in objects:
            return self.say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        self.server.seen += 1
        self.say(200, objects[name] if self.command == "GET" else b"")
    do_GET = do_PUT = do_DELETE = answer
    def say(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def date_time_string(self, timestamp=None):
        return NOW(10 if self.server.name == "late" else 0).strftime("%a, %d %b %Y %H:%M:%S GMT")
    def log_message(self, *words):
        pass

class Server(ThreadingHTTPServer):
    def finish_request(self, request, address):
        request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, address)
        request.close()
    def handle_error(self, request, address):
        pass

servers = []
for name in ["good", "late", "listing", "page", "own"]:
    server = Server(("127.0.0.1", 0), Bucket)
    server.daemon_threads, server.name, server.objects, server.seen = True, name, {}, 0
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own = "own" if name == "own" else "good"
    server.tls.load_cert_chain(own + ".chain", own + ".key")
    servers.append(server)
    print(name, server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", 0, flush=True)
sys.stdin.read()
for server in servers:
    print("left", server.name, len(server.objects), server.seen, flush=True)
"#;

struct Buckets {
    running: Child,
    said: std::io::Lines<BufReader<std::process::ChildStdout>>,
    ports: Vec<(String, u16)>,
}

impl Buckets {
    fn start(folder: &Path) -> Result<Buckets> {
        let made = Command::new("sh").args(["-c", CERTIFICATES]).current_dir(folder).output()?;
        ensure!(made.status.success(), "no certificates: {}", String::from_utf8_lossy(&made.stderr));
        let mut python = Command::new("python3");
        let python = python.args(["-c", BUCKETS]).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = python.spawn()?;
        let secret = format!("{SECRET}\n");
        std::io::Write::write_all(running.stdin.as_mut().context("an input")?, secret.as_bytes())?;
        let said = BufReader::new(running.stdout.take().context("an output")?).lines();
        let mut buckets = Buckets { running, said, ports: Vec::new() };
        loop {
            let line = buckets.said.next().context("the buckets ended by themselves")??;
            let (name, port) = line.split_once(' ').context("two words")?;
            if name == "ready" {
                return Ok(buckets);
            }
            buckets.ports.push((name.to_owned(), port.parse()?));
        }
    }

    fn place(&self, name: &str) -> Result<String> {
        let port =
            self.ports.iter().find(|(known, _)| known == name).map(|(_, port)| *port).context("no such bucket")?;
        Ok(format!("https://localhost:{port}/files?region=eu-test-1"))
    }

    /// "good 0 2": what lies in each bucket, and how many objects were written or read there.
    fn end(mut self) -> Result<Vec<String>> {
        drop(self.running.stdin.take());
        let lines = self.said.map(|line| Ok(line?.trim_start_matches("left ").to_owned()));
        let lines = lines.collect::<Result<Vec<_>>>()?;
        self.running.wait()?;
        Ok(lines)
    }
}

#[test]
fn a_place_that_speaks_s3_is_tried_and_the_key_stays_here() -> Result<()> {
    for (tool, word) in [("python3", "--version"), ("openssl", "version")] {
        if !Command::new(tool).arg(word).stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
            crate::busy::leave_out("storage", "a place that speaks S3", &format!("{tool} is not installed"));
            return Ok(());
        }
    }
    let server = lab::need!(lab::sshd());
    let plumb = Plumb::new()?;
    let buckets = Buckets::start(plumb.home.path())?;
    let place = plumb.place(&server, &server.user)?;
    let pdf = plumb.file("report.pdf");
    let mut told = String::new();
    let mut look = |name: &str, key: Option<&str>| -> Result<(String, Value)> {
        let address = buckets.place(name)?;
        let pdf = pdf.to_string_lossy();
        let verb = ["check", "--role", "statemesh/developer", "--json", "-", "--pdf", &pdf, "--s3", &address];
        let verb = if key.is_some() { [verb.as_slice(), &["--s3-key-fd", "3"]].concat() } else { verb.to_vec() };
        let secrets: Vec<&str> = key.into_iter().collect();
        let mut call = plumb.command(&words(&verb, &place), &secrets)?;
        let output = call.env("SSL_CERT_FILE", plumb.file("ca.pem")).output()?;
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        told.push_str(&err);
        told.push_str(&String::from_utf8_lossy(&output.stdout));
        let json: Value = serde_json::from_slice(&output.stdout).with_context(|| err.clone())?;
        let findings = json["findings"].as_array().context("no findings")?;
        let need = findings.iter().find(|finding| finding["id"] == "statemesh.external").context("no such need")?;
        Ok((err, need["verdict"].clone()))
    };
    let good = format!("ID:{SECRET}");
    for (name, key, verdict, says) in [
        ("good", None, "you_confirm", &["S3: answers", "Its clock: alike", "writes one small object"][..]),
        ("good", Some(good.as_str()), "met", &["What the key may do: list, write, read, delete"]),
        ("good", Some("ID:another"), "you_confirm", &["may do: nothing", "list: SignatureDoesNotMatch"]),
        ("good", Some("OTHER:another"), "you_confirm", &["list: InvalidAccessKeyId"]),
        ("late", Some(good.as_str()), "you_confirm", &["Its clock: 600 s ahead", "list: RequestTimeTooSkewed"]),
        ("listing", Some(good.as_str()), "you_confirm", &["may do: list", "write: AccessDenied"]),
        ("page", Some(good.as_str()), "you_confirm", &["S3: is none"]),
        (
            "own",
            Some(good.as_str()),
            "you_confirm",
            &["S3: not reached", "nobody but the server itself vouches for it"],
        ),
    ] {
        let (said, found) = look(name, key)?;
        for due in says {
            ensure!(said.contains(due), "{name}: {due:?} is due, not\n{said}");
        }
        ensure!(found == verdict, "{name}: {verdict} is due, not {found}");
    }
    let left = buckets.end()?;
    let due = ["good 0 2", "late 0 0", "listing 0 0", "page 0 0", "own 0 0"];
    ensure!(left == due, "what is left, and how often objects were touched: {left:?}");

    ensure!(!told.contains(SECRET), "it is said");
    let held = Command::new("grep").args(["-rlaF", SECRET, "."]).current_dir(plumb.home.path()).output()?;
    let held = String::from_utf8_lossy(&held.stdout).into_owned();
    // The one file by which this test hands it over.
    let elsewhere: Vec<&str> = held.lines().filter(|file| *file != "./secret-0").collect();
    ensure!(elsewhere.is_empty() && held.contains("secret-0"), "it lies in {elsewhere:?}");
    let paper = Command::new("pdftotext").arg(&pdf).arg("-").output();
    match paper {
        Ok(paper) => ensure!(!String::from_utf8_lossy(&paper.stdout).contains(SECRET), "it stands on paper"),
        Err(e) => crate::busy::leave_out("storage", "the PDF read back", &format!("pdftotext: {e}")),
    }
    Ok(())
}

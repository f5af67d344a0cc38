//! A place for files that speaks S3 and checks what it is asked, for tests.

use crate::certificates::CERTIFICATES;
use anyhow::{Context as _, Result, ensure};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(crate) const SECRET: &str = "canary-storage-4c81e2";

/// Buckets that check every signature by themselves, each at a port of its own: `good`; `late`, whose clock is 10 minutes
/// ahead; `listing`, where the key may only list; `slow`, which says when something was written, takes long to give it
/// back, and calls everything ten minutes old; and `page`, which is a web server. Ends with its input; says at the end what
/// lies in the buckets.
const BUCKETS: &str = r#"
import datetime, hashlib, hmac, ssl, sys, threading, time
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
            old = NOW(-10).strftime("%Y-%m-%dT%H:%M:%S.000Z") if self.server.name == "slow" else ""
            there = "".join(f"<Contents><Key>{key[7:]}</Key><LastModified>{old}</LastModified></Contents>" for key in objects)
            return self.say(200, f"<ListBucketResult>{there}</ListBucketResult>".encode())
        if self.command == "PUT":
            objects[name] = body
            if self.server.name == "slow":
                print("wrote", 1, flush=True)
        elif self.command == "DELETE":
            objects.pop(name, None)
            return self.say(204, b"")
        elif name not in objects:
            return self.say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        elif self.server.name == "slow":
            time.sleep(3)
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
for name in ["good", "late", "listing", "page", "own", "slow"]:
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

pub(crate) struct Buckets {
    running: Child,
    said: std::io::Lines<BufReader<std::process::ChildStdout>>,
    ports: Vec<(String, u16)>,
}

impl Buckets {
    pub(crate) fn start(folder: &Path) -> Result<Buckets> {
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

    pub(crate) fn place(&self, name: &str) -> Result<String> {
        let port =
            self.ports.iter().find(|(known, _)| known == name).map(|(_, port)| *port).context("no such bucket")?;
        Ok(format!("https://localhost:{port}/files?region=eu-test-1"))
    }

    /// Waits until an object was written to `slow`.
    pub(crate) fn wait_for_write(&mut self) -> Result<()> {
        let line = self.said.next().context("the buckets ended by themselves")??;
        ensure!(line == "wrote 1", "{line}");
        Ok(())
    }

    /// "good 0 2": what lies in each bucket, and how many objects were written or read there.
    pub(crate) fn end(mut self) -> Result<Vec<String>> {
        drop(self.running.stdin.take());
        let lines = self.said.map(|line| Ok(line?.trim_start_matches("left ").to_owned()));
        let lines = lines.collect::<Result<Vec<_>>>()?;
        self.running.wait()?;
        Ok(lines)
    }
}

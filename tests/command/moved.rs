//! The port that ssh answers on, moved: beside the old one first, proved by coming in there, and alone in a second run.

use crate::plumb::{Plumb, Said};
use anyhow::{Context as _, Result, ensure};
use lab::Server;
use serde_json::Value;
use std::net::TcpStream;
use std::time::Duration;

const NEEDS: &str = include_str!("door.toml");

/// What sshd, the socket and the firewall have to say about ports; files beside it.
const STATE: &str = "mkdir -p /run/sshd; find /etc -type f -exec sha256sum {} + | sort -k 2; find /etc -printf '%p %m %U %G %l\\n' | sort; \
                     sshd -T | grep -E '^(port|listen)'; ss -Hltn | awk '{ print $4 }' | sort; ufw status 2>/dev/null; \
                     systemctl is-enabled ssh.service ssh.socket; systemctl is-active ssh.socket; true";

struct Mover {
    plumb: Plumb,
    server: Server,
    needs: String,
    password: String,
}

impl Mover {
    fn of(server: Server) -> Result<Mover> {
        let plumb = Plumb::new()?;
        let needs = plumb.file("door.toml");
        std::fs::write(&needs, NEEDS)?;
        let password = server.password_of("op");
        plumb.know(&server, &server.host_key)?;
        Ok(Mover { plumb, needs: needs.to_string_lossy().into_owned(), password, server })
    }

    /// `plumb VERB` by this port, as somebody who signs in with a password and has another step to become administrator.
    fn call(&self, verb: &str, port: u16, more: &[&str]) -> Result<Said> {
        let known = self.plumb.file("known_hosts");
        let place = [format!("op@{}:{port}", self.server.host), known.to_string_lossy().into_owned()];
        let asked =
            [verb, "--role", "door/server", "--profile", &self.needs, "--host", &place[0], "--known-hosts", &place[1]];
        let secrets = ["--password-fd", "3", "--sudo-password-fd", "4"];
        self.plumb.call(&[&asked[..], &secrets, more].concat(), &[&self.password, &self.password])
    }

    fn apply(&self, port: u16) -> Result<(Said, Value)> {
        let said = self.call("apply", port, &["--change", "ssh.port", "--keep", "--json"])?;
        let json = said.json()?;
        Ok((said, json))
    }

    /// Takes back what a run did, by this port. The requirements may be somebody else's, and not here.
    fn undo(&self, run: &Value, port: u16) -> Result<Said> {
        let run = run["run"].as_str().context("a run")?;
        let known = self.plumb.file("known_hosts").to_string_lossy().into_owned();
        let place = format!("op@{}:{port}", self.server.host);
        let asked = ["undo", run, "--host", &place, "--known-hosts", &known];
        let secrets = ["--password-fd", "3", "--sudo-password-fd", "4"];
        self.plumb.call(&[&asked[..], &secrets].concat(), &[&self.password, &self.password])
    }

    fn open(&self, port: u16) -> bool {
        // behind a firewall nobody says no
        let address = format!("{}:{port}", self.server.host).parse();
        address.is_ok_and(|address| TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
    }
}

/// What is left for a person about the port.
fn left(plan: &Value) -> Result<String> {
    let left = plan["left"].as_array().context("what is left")?;
    ensure!(plan["changes"].as_array().is_some_and(Vec::is_empty), "{plan}");
    Ok(left.iter().map(Value::to_string).collect())
}

/// Both runs and both undone.
fn there_and_back(mover: &Mover) -> Result<()> {
    let before = mover.server.must(STATE)?;
    let (said, first) = mover.apply(22)?;
    ensure!(first["kept"] == true && first["failed"] == serde_json::json!([]), "{first}\n{}", said.err);
    said.says("All of it by port 2222 as well")?;
    ensure!(mover.open(22) && mover.open(2222));

    // by the old port nothing more is offered, and what comes next is said
    let plan = mover.call("plan", 22, &["--json"])?.ended(1)?.json()?;
    let told = left(&plan)?;
    ensure!(told.contains("Connect at port 2222 and check again"), "{told}");

    // the key of the server is known there by now
    let (said, second) = mover.apply(2222)?;
    ensure!(second["kept"] == true && second["failed"] == serde_json::json!([]), "{second}\n{}", said.err);
    ensure!(!mover.open(22) && mover.open(2222));
    let plan = mover.call("plan", 2222, &["--json"])?.ended(0)?.json()?;
    ensure!(plan["changes"] == serde_json::json!([]) && plan["left"] == serde_json::json!([]), "{plan}");

    // on a computer that does not have the file
    mover.undo(&second, 2222)?.ended(2)?.says("is not known here")?;
    ensure!(mover.open(22) && mover.open(2222));
    mover.undo(&first, 22)?.ended(2)?;
    ensure!(mover.open(22) && !mover.open(2222));
    let after = mover.server.must(STATE)?;
    let differs: Vec<&str> = after.lines().filter(|line| !before.contains(line)).collect();
    ensure!(before == after, "not as before:\n{}", differs.join("\n"));
    Ok(())
}

#[test]
fn behind_a_firewall_that_is_told_first() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    server.must("ufw allow 22/tcp && ufw --force enable")?;
    let mover = Mover::of(server)?;
    there_and_back(&mover)
}

#[test]
fn where_a_socket_listens_for_it() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    server.must("systemctl disable --now ssh.service && systemctl enable --now ssh.socket")?;
    let mover = Mover::of(server)?;
    there_and_back(&mover)
}

#[test]
fn a_port_that_nobody_can_reach_is_put_back() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    // as a provider's firewall would: nothing on the server tells of it to those who look for a policy
    server.must("nft add table inet far && nft 'add chain inet far pre { type filter hook prerouting priority -300; }' && nft add rule inet far pre tcp dport 2222 drop")?;
    let mover = Mover::of(server)?;
    let before = mover.server.must(STATE)?;
    let (said, json) = mover.apply(22)?;
    ensure!(json["kept"] == false, "{json}");
    ensure!(said.err.contains("port 2222"), "{}", said.err);
    ensure!(mover.server.must(STATE)? == before, "{}", said.err);
    Ok(())
}

#[test]
fn a_port_that_somebody_uses_is_not_offered() -> Result<()> {
    let server = lab::need!(lab::nspawn("bookworm"));
    server.must("setsid python3 -m http.server 2222 >/dev/null 2>&1 </dev/null & while ! ss -Hltn 'sport = :2222' | grep -q .; do sleep 0.1; done")?;
    let mover = Mover::of(server)?;
    let told = left(&mover.call("plan", 22, &["--json"])?.ended(1)?.json()?)?;
    ensure!(told.contains("Port 2222 is in use here, by python3"), "{told}");
    // and addresses that somebody has named are theirs
    mover.server.must(
        "pkill python3; printf 'ListenAddress 0.0.0.0:22\\n' >/etc/ssh/sshd_config.d/10-own.conf; systemctl reload ssh",
    )?;
    let told = left(&mover.call("plan", 22, &["--json"])?.ended(1)?.json()?)?;
    ensure!(told.contains("Somebody has named the addresses"), "{told}");
    Ok(())
}

/// A line that stands in somebody else's file is theirs, and what is in the way is said.
#[test]
fn a_port_that_stands_in_a_file_of_others_stays_theirs() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    server.must("printf 'Port 22\\n' >/etc/ssh/sshd_config.d/10-own.conf && systemctl reload ssh")?;
    let mover = Mover::of(server)?;
    let (said, first) = mover.apply(22)?;
    ensure!(first["kept"] == true, "{first}\n{}", said.err);
    let ours = mover.server.must("cat /etc/ssh/sshd_config.d/01-plumbline-port.conf")?;
    ensure!(ours.contains("Port 2222\n") && !ours.contains("Port 22\n"), "{ours}");
    let told = left(&mover.call("plan", 2222, &["--json"])?.ended(1)?.json()?)?;
    ensure!(told.contains("Port 22 stands in a file of somebody else's"), "{told}");
    mover.server.must("rm /etc/ssh/sshd_config.d/10-own.conf && systemctl reload ssh")?;
    ensure!(!mover.open(22), "with the line gone, ours alone counts");
    mover.call("plan", 2222, &["--json"])?.ended(0)?;
    Ok(())
}

//! Ports from outside: a caller, a router and a server in networks of their own, with addresses as on the internet.

use crate::plumb::{Plumb, words};
use anyhow::{Context as _, Result, ensure};
use lab::Server;
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};

/// A network of its own that goes when this does, however it does: its one process holds our pipe.
struct Network(Child);

impl Network {
    fn new() -> Result<Network> {
        let mut held = Command::new("unshare");
        let held = held.args(["--net", "sh", "-c", "read -r _"]).stdin(Stdio::piped()).spawn()?;
        let network = Network(held);
        // Its own network is there once it differs from ours.
        let ours = std::fs::read_link("/proc/self/ns/net")?;
        while std::fs::read_link(network.file()).is_ok_and(|theirs| theirs == ours) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Ok(network)
    }

    fn file(&self) -> String {
        format!("/proc/{}/ns/net", self.0.id())
    }

    fn must(&self, script: &str) -> Result<()> {
        let file = self.file();
        let said = Command::new("nsenter").args([&format!("--net={file}"), "sh", "-ec", script]).output()?;
        ensure!(said.status.success(), "{script}: {}", String::from_utf8_lossy(&said.stderr));
        Ok(())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// The caller at 198.51.100.2 and 2001:db8:2::2, the server at 203.0.113.2 and 2001:db8:1::2, and a router in between.
struct Street {
    plumb: Plumb,
    router: Network,
    _caller: Network,
    server: Server,
}

impl Street {
    fn build(mut server: Server) -> Result<Street> {
        let (router, caller) = (Network::new()?, Network::new()?);
        let number = server.host.split('.').nth(2).context("an address")?.to_owned();
        let moved = Command::new("ip")
            .args(["link", "set", &format!("lab{number}h"), "netns", &router.0.id().to_string(), "name", "inner"])
            .status()?;
        ensure!(moved.success(), "the server's line cannot be moved");
        router.must(&format!(
            "ip link set lo up
             ip link add outer type veth peer name line netns {}
             ip addr add 203.0.113.1/24 dev inner; ip addr add 2001:db8:1::1/64 dev inner nodad; ip link set inner up
             ip addr add 198.51.100.1/24 dev outer; ip addr add 2001:db8:2::1/64 dev outer nodad; ip link set outer up
             echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding",
            caller.0.id()
        ))?;
        caller.must(
            "ip link set lo up
             ip addr add 198.51.100.2/24 dev line; ip addr add 2001:db8:2::2/64 dev line nodad; ip link set line up
             ip route add default via 198.51.100.1; ip -6 route add default via 2001:db8:2::1",
        )?;
        server.must(
            "ip addr add 203.0.113.2/24 dev host0; ip addr add 2001:db8:1::2/64 dev host0 nodad
             ip route replace default via 203.0.113.1; ip -6 route replace default via 2001:db8:1::1",
        )?;
        server.host = "203.0.113.2".to_owned();
        let mut plumb = Plumb::new()?;
        plumb.network = Some(caller.file());
        Ok(Street { plumb, router, _caller: caller, server })
    }

    /// "443/tcp" and its verdict with all that was said.
    fn ports(&self, role: &str) -> Result<BTreeMap<String, (String, String)>> {
        let place = self.plumb.place(&self.server, "root")?;
        let verb = ["check", "--role", role, "--measure", "ports", "--json", "-"];
        let said = self.plumb.call(&words(&verb, &place), &[])?;
        said.says("the server listens for a moment where nothing does")?;
        let json = said.json()?;
        let mut ports = BTreeMap::new();
        for measured in json["measurements"].as_array().context("no measurements")? {
            let text = |name: &str| measured[name].as_str().unwrap_or_default().to_owned();
            let name = text("title").trim_start_matches("Ports from here: ").to_owned();
            ports.insert(name, (text("text"), text("detail")));
        }
        // the responder ends as soon as it notices that nobody reads what it says
        let silent = || Ok(self.server.must("ss -Hltun | grep -vE ':22 |127.0.0' || true")?.trim().is_empty());
        until(2, silent).context("something still listens")?;
        Ok(ports)
    }
}

/// Each port with its verdict and words that are said of it.
fn expect(ports: &BTreeMap<String, (String, String)>, wanted: &[(&str, &str, &str)]) -> Result<()> {
    for (port, verdict, words) in wanted {
        let (found, said) = ports.get(*port).with_context(|| format!("{port} was not tried: {ports:?}"))?;
        ensure!(
            found == verdict && said.contains(words),
            "{port}: {verdict} with {words:?} is due, not {found}: {said}"
        );
    }
    Ok(())
}

const MESSENGER: &str = "reforms/small?users=24";

#[test]
fn every_port_is_told_apart() -> Result<()> {
    lab::slow!();
    let street = Street::build(lab::need!(lab::nspawn("bookworm")))?;
    street.server.must(
        "nft -f - <<'R'
table inet guard {
  chain in {
    type filter hook input priority 0; policy accept;
    tcp dport 5349 drop
    meta nfproto ipv6 udp dport 3478 drop
  }
}
R",
    )?;
    street.router.must(
        "nft -f - <<'R'
table ip turn {
  chain pre { type nat hook prerouting priority -100; iif outer ip daddr 203.0.113.2 tcp dport 8443 dnat to 203.0.113.2:9443; }
}
table inet guard {
  chain through {
    type filter hook forward priority 0; policy accept;
    tcp dport 3478 drop
    udp dport 49152-65535 drop
  }
}
R",
    )?;
    let ports = street.ports(MESSENGER)?;
    expect(
        &ports,
        &[
            ("443/tcp", "open", "IPv4 and IPv6"),
            ("8443/tcp", "blocked before", "to port 9443 instead"),
            ("5349/tcp", "blocked here", "“tcp dport 5349 drop”"),
            ("3478/tcp", "blocked before", "never came to it"),
            ("3478/udp", "blocked here", "This is so for IPv6"),
            ("49152-65535/udp", "blocked before", "10 spread over the range"),
        ],
    )
}

#[test]
fn without_python_perl_listens_and_without_both_it_is_said() -> Result<()> {
    lab::slow!();
    let street = Street::build(lab::need!(lab::nspawn("bookworm")))?;
    street.server.must("ufw default deny incoming; ufw allow 22/tcp; ufw allow 443; ufw allow 3478/udp; yes | ufw enable; mv /usr/bin/python3 /usr/bin/python3-away")?;
    expect(
        &street.ports(MESSENGER)?,
        &[
            ("443/tcp", "open", "our connection arrived"),
            ("3478/udp", "open", "our packet arrived"),
            ("3478/tcp", "blocked here", "ufw lets in only what a rule names"),
            ("5432/tcp", "blocked here", "as it should be"),
            ("49152-65535/udp", "blocked here", "ufw"),
        ],
    )?;
    street.server.must("mv /usr/bin/perl /usr/bin/perl-away")?;
    expect(
        &street.ports(MESSENGER)?,
        &[
            ("443/tcp", "nothing listens", "nothing listens there"),
            ("3478/udp", "nothing listens", "nothing listens there"),
            ("5349/tcp", "blocked here", "ufw lets in only what a rule names"),
        ],
    )
}

#[test]
fn nothing_listens_any_more_once_the_caller_is_killed() -> Result<()> {
    lab::slow!();
    let street = Street::build(lab::need!(lab::nspawn("bookworm")))?;
    let place = street.plumb.place(&street.server, "root")?;
    let verb = ["check", "--role", MESSENGER, "--measure", "ports", "--json", "-"];
    let mut call = street.plumb.command(&words(&verb, &place), &[])?;
    let mut plumb = call.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let listens = || Ok(!street.server.must("ss -Hltn sport = :443")?.trim().is_empty());
    until(60, listens).context("it never listened")?;
    plumb.kill()?;
    plumb.wait()?;
    until(4, || Ok(!listens()?)).context("it still listens")?;
    until(4, || Ok(street.server.must("pgrep -x python3 || true")?.trim().is_empty())).context("it still runs")
}

/// Looks until it is so, for `seconds` at most.
fn until(seconds: u64, so: impl Fn() -> Result<bool>) -> Result<()> {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    while !so()? {
        ensure!(std::time::Instant::now() < end, "not so after {seconds} s");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Ok(())
}

#[test]
fn a_neighbour_says_nothing_of_the_outside() -> Result<()> {
    let server = lab::need!(lab::sshd());
    let plumb = Plumb::new()?;
    let place = plumb.place(&server, &server.user)?;
    let said = plumb.call(
        &words(&["check", "--role", "dusk/prover?workers=6", "--measure", "ports", "--json", "-"], &place),
        &[],
    )?;
    said.says("9000/udp: Not conclusive from here: this computer and the server are in the same network.")
}

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
    caller: Network,
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
        Ok(Street { plumb, router, caller, server })
    }

    /// "443/tcp" and its verdict with all that was said.
    fn ports(&self, role: &str) -> Result<BTreeMap<String, (String, String)>> {
        self.ports_as("root", role)
    }

    fn ports_as(&self, user: &str, role: &str) -> Result<BTreeMap<String, (String, String)>> {
        let place = self.plumb.place(&self.server, user)?;
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
        let listens = self.server.must("ss -Hltun | grep -vE ':22 |127.0.0' || true")?;
        ensure!(listens.trim().is_empty(), "something still listens: {listens}");
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
    )?;
    // One family at a time, the other way round.
    street.server.must(
        "nft -f - <<'R'
flush ruleset
table inet guard {
  chain in {
    type filter hook input priority 0; policy accept;
    meta nfproto ipv4 tcp dport 443 drop
    meta nfproto ipv6 tcp dport 8443 drop
    meta nfproto ipv4 udp dport 3478 drop
  }
}
R",
    )?;
    street.router.must(
        "nft -f - <<'R'
flush ruleset
table inet guard {
  chain through {
    type filter hook forward priority 0; policy accept;
    meta nfproto ipv4 tcp dport 5349 drop
    meta nfproto ipv6 tcp dport 3478 drop
    meta nfproto ipv6 udp dport 49152-65535 drop
  }
}
R",
    )?;
    expect(
        &street.ports(MESSENGER)?,
        &[
            ("443/tcp", "blocked here", "This is so for IPv4."),
            ("8443/tcp", "blocked here", "This is so for IPv6."),
            ("5349/tcp", "blocked before", "This is so for IPv4."),
            ("3478/tcp", "blocked before", "This is so for IPv6."),
            ("3478/udp", "blocked here", "This is so for IPv4."),
            ("49152-65535/udp", "blocked before", "This is so for IPv6."),
        ],
    )
}

#[test]
fn what_iptables_drops_is_named_and_an_account_without_rights_tells_what_it_can() -> Result<()> {
    lab::slow!();
    let street = Street::build(lab::need!(lab::nspawn("bookworm")))?;
    street.server.must(
        "for tables in iptables ip6tables; do
           $tables -A INPUT -p tcp --dport 5349 -j DROP
           $tables -A INPUT -p udp --dport 3478 -j REJECT
         done
         iptables -A INPUT -p udp --dport 49152:65535 -j DROP",
    )?;
    expect(
        &street.ports(MESSENGER)?,
        &[
            ("443/tcp", "open", "IPv4 and IPv6"),
            ("5349/tcp", "blocked here", "5349"),
            ("3478/udp", "blocked here", "3478"),
            ("49152-65535/udp", "blocked here", "This is so for IPv4."),
        ],
    )?;
    // Nobody may take a low port or look at what comes in: the way is free and nothing listens, and UDP is never open.
    expect(
        &street.ports_as("guest", MESSENGER)?,
        &[
            ("443/tcp", "nothing listens", "nothing listens there"),
            ("8443/tcp", "open", "our connection arrived"),
            ("3478/udp", "inconclusive", "nobody on the server could tell"),
        ],
    )
}

#[test]
fn an_address_shared_among_many_and_a_neighbour_are_not_conclusive() -> Result<()> {
    lab::slow!();
    let mut street = Street::build(lab::need!(lab::nspawn("bookworm")))?;
    let all = |ports: BTreeMap<String, (String, String)>, words: &str| -> Result<()> {
        ensure!(!ports.is_empty(), "no port was told of");
        let wrong = ports.iter().find(|(_, (verdict, said))| verdict != "inconclusive" || !said.contains(words));
        wrong.map_or(Ok(()), |(port, told)| Err(anyhow::anyhow!("{port}: {told:?} where {words:?} is due")))
    };
    // The caller has an address of the server's own network.
    street.server.must("ip -6 addr flush dev host0 scope global")?;
    street.router.must("ip route add 203.0.113.9 dev outer; echo 1 >/proc/sys/net/ipv4/conf/all/proxy_arp")?;
    street
        .caller
        .must("ip addr add 203.0.113.9/32 dev line; ip route replace default via 198.51.100.1 src 203.0.113.9")?;
    all(street.ports(MESSENGER)?, "in the same network")?;
    // The server has one of those that providers share out (RFC 6598).
    street.caller.must("ip addr del 203.0.113.9/32 dev line; ip route replace default via 198.51.100.1")?;
    street.router.must("ip addr add 100.64.7.1/24 dev inner")?;
    street.server.must(
        "ip addr add 100.64.7.2/24 dev host0; ip addr del 203.0.113.2/24 dev host0
         ip route replace default via 100.64.7.1",
    )?;
    street.server.host = "100.64.7.2".to_owned();
    all(street.ports(MESSENGER)?, "shares among many (CGNAT)")
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
            ("3478/udp", "open", "our packet arrived. Nothing of the server's own listens there yet. IPv4 and IPv6"),
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

/// Whether the responder has its first port.
fn listens(street: &Street) -> Result<bool> {
    Ok(!street.server.must("ss -Hltn sport = :443")?.trim().is_empty())
}

/// `plumb` trying the ports, at the moment when the server listens.
fn trying(street: &Street) -> Result<Child> {
    // A knock that nobody answers takes its time, and so long the server listens.
    street.router.must("nft add table inet guard; nft add chain inet guard through '{ type filter hook forward priority 0; }'; nft add rule inet guard through tcp dport 5349 drop")?;
    let place = street.plumb.place(&street.server, "root")?;
    let verb = ["check", "--role", MESSENGER, "--measure", "ports", "--json", "-"];
    let said = street.plumb.file("said");
    let mut call = street.plumb.command(&words(&verb, &place), &[])?;
    let mut plumb = call.stdout(Stdio::null()).stderr(std::fs::File::create(&said)?).spawn()?;
    let heard = street
        .server
        .must("for i in $(seq 500); do ss -Hltn sport = :443 | grep -q . && exit; sleep 0.1; done; exit 1");
    if heard.is_err() {
        plumb.kill()?;
        plumb.wait()?;
        anyhow::bail!("it was never seen to listen: {}", std::fs::read_to_string(&said)?);
    }
    Ok(plumb)
}

#[test]
fn nothing_listens_any_more_once_the_caller_is_killed() -> Result<()> {
    lab::slow!();
    let street = Street::build(lab::need!(lab::nspawn("bookworm")))?;
    let mut plumb = trying(&street)?;
    plumb.kill()?;
    plumb.wait()?;
    until(4, || Ok(!listens(&street)?)).context("it still listens")?;
    until(4, || Ok(street.server.must("pgrep -x python3 || true")?.trim().is_empty())).context("it still runs")
}

#[test]
fn nothing_listens_any_more_once_its_time_is_over_on_a_cut_line() -> Result<()> {
    lab::slow!();
    let street = Street::build(lab::need!(lab::nspawn("bookworm")))?;
    let before = street.server.must("nft list ruleset")?;
    let mut plumb = trying(&street)?;
    // Not a word reaches the server any more, so nothing tells it that the line is gone.
    street.router.must("ip link set inner down")?;
    plumb.kill()?;
    plumb.wait()?;
    ensure!(listens(&street)?, "it had ended already: this shows nothing of its time limit");
    // 20 s, and 2 s until the alarm that ends it whatever it does.
    until(24, || Ok(!listens(&street)?)).context("it still listens")?;
    until(4, || Ok(street.server.must("pgrep -x python3 || true")?.trim().is_empty())).context("it still runs")?;
    ensure!(street.server.must("nft list ruleset")? == before, "a rule was left");
    Ok(())
}

/// Listeners, rules, files with and without a name, and programs that a measurement could leave.
const LEFT: &str = "ss -Hltun | grep -vE ':22 |127.0.0'; nft list ruleset; ls -A / /root /tmp /var/lib /var/tmp | grep -v '^systemd-private'
    pgrep -x 'python3|perl|dd|openssl|head|ionice|sed|awk'
    for fd in /proc/[0-9]*/fd/3; do case $(readlink $fd) in *plumbline-measure*) echo $fd ;; esac; done; true";

#[test]
fn ended_at_any_moment_nothing_is_left() -> Result<()> {
    lab::full!();
    let street = Street::build(lab::need!(lab::nspawn("bookworm")))?;
    let place = street.plumb.place(&street.server, "root")?;
    let verb =
        ["check", "--role", "statemesh/node-minimum", "--measure", "disk,cpu,path,ports,outbound", "--json", "-"];
    let before = street.server.must(LEFT)?;
    for moment in (1..=16).map(|step| std::time::Duration::from_millis(step * 1200)) {
        for (way, limit) in [("kill -9", 5), ("kill -INT", 5), ("cut", 30)] {
            let mut call = street.plumb.command(&words(&verb, &place), &[])?;
            let mut plumb = call.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
            std::thread::sleep(moment);
            if way == "cut" {
                street.router.must("ip link set inner down")?;
                plumb.kill()?;
            } else {
                Command::new("sh").args(["-c", &format!("{way} {} || true", plumb.id())]).status()?;
            }
            plumb.wait()?;
            let clean = until(limit, || Ok(street.server.must(LEFT)? == before));
            clean.with_context(|| {
                format!("{way} after {moment:?} left {}", street.server.must(LEFT).unwrap_or_default())
            })?;
            street
                .router
                .must("ip link set inner up; ip -6 addr replace 2001:db8:1::1/64 dev inner nodad; sleep 0.3")?;
        }
    }
    // What only waits ends with the limit of the whole, 45 s.
    until(50, || Ok(street.server.must("pgrep -x timeout || true")?.is_empty())).context("its limit still runs")
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

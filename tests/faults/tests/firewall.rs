//! Firewalls of every kind, changed while we stand behind them: the line stays open, the rest closes, and undo leaves
//! nothing of ours.

use anyhow::{Result, ensure};
use faults::{NONCE, Rig, eventually, round_trip, same, snapshot, spec, tuning};
use profiles::{PortRule, PortSource, TuningKind};
use std::net::TcpStream;
use std::time::Duration;
use tuning::run;
use tuning::{End, Refusal};

fn port(port: &str) -> PortRule {
    PortRule { port: port.into(), title: "Test".into(), from: PortSource::Anywhere }
}

fn ports() -> profiles::Tuning {
    tuning("ports.open", TuningKind::Ports(vec![port("9000/udp"), port("8443/tcp"), port("49152-65535/udp")]))
}

fn close() -> profiles::Tuning {
    tuning("firewall.close", TuningKind::CloseOtherPorts { ports: vec![port("9000/udp"), port("8443/tcp")] })
}

#[expect(clippy::expect_used, reason = "the address of a server of our own")]
fn reaches(rig: &Rig, port: u16) -> bool {
    let address = format!("{}:{port}", rig.server.host).parse().expect("an address");
    TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok()
}

/// Two programs that listen: one on a port of the role, one on a port of nobody's.
fn listeners(rig: &Rig) -> Result<()> {
    for port in [8443, 7777] {
        rig.server.must(&format!(
            "setsid python3 -m http.server {port} </dev/null >/dev/null 2>&1 & for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do ss -Hltn sport = :{port} | grep -q . && break; sleep 0.2; done"
        ))?;
    }
    ensure!(reaches(rig, 8443) && reaches(rig, 7777), "the listeners do not listen");
    Ok(())
}

fn closed(rig: &Rig) -> Result<()> {
    ensure!(reaches(rig, 8443), "the role's port is closed");
    ensure!(!reaches(rig, 7777), "another port is open");
    // a new sign-in, over both families
    ensure!(rig.server.ssh("root").arg("true").status()?.success());
    if let Some(host) = &rig.server.host6 {
        let six = format!("[{host}]:22").parse()?;
        ensure!(TcpStream::connect_timeout(&six, Duration::from_secs(3)).is_ok(), "ssh over IPv6 is closed");
        let other = format!("[{host}]:7777").parse()?;
        ensure!(TcpStream::connect_timeout(&other, Duration::from_secs(2)).is_err());
    }
    Ok(())
}

#[test]
fn t_32_ufw_is_switched_on_with_ssh_first_and_off_again() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    listeners(&rig)?;
    // ssh moved: the port in use counts, not the one in a file
    rig.server.must(
        "printf 'Port 22\\nPort 2222\\n' >/etc/ssh/sshd_config.d/00-test.conf && systemctl reload ssh && sleep 0.5",
    )?;
    let (plan, _) = rig.plan(&[close()])?;
    let change = &plan.changes[0];
    ensure!(change.words.consequence.contains("7777/tcp (python3)"), "{}", change.words.consequence);
    round_trip(&rig, &[close()], &[], |rig| {
        closed(rig)?;
        ensure!(reaches(rig, 2222), "the other port of ssh is closed");
        Ok(())
    })?;
    ensure!(reaches(&rig, 7777));
    Ok(())
}

#[test]
fn ufw_that_is_on_gets_ports_and_loses_them_again() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    rig.server.must("ufw allow 22/tcp && ufw --force enable")?;
    listeners_behind(&rig)?;
    round_trip(&rig, &[ports()], &[], |rig| {
        ensure!(reaches(rig, 8443));
        Ok(())
    })?;
    ensure!(!reaches(&rig, 8443));
    Ok(())
}

fn listeners_behind(rig: &Rig) -> Result<()> {
    rig.server.must("setsid python3 -m http.server 8443 </dev/null >/dev/null 2>&1 & sleep 1")?;
    ensure!(!reaches(rig, 8443), "nothing closes it");
    Ok(())
}

#[test]
fn t_01_a_table_of_our_own_where_nobody_keeps_rules() -> Result<()> {
    let mut rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    rig.server.must("mv /usr/sbin/ufw /usr/sbin/ufw.away; nft add table inet mine; nft add chain inet mine out '{ type filter hook output priority 0; }'")?;
    listeners(&rig)?;
    round_trip(&rig, &[close()], &[], closed)?;

    // and after a boot it is still there
    let (plan, looked) = rig.plan(&[close()])?;
    let kept = spec(60);
    ensure!(rig.end(&run::launch(&plan, &looked, &kept, NONCE))? == End::Waiting);
    ensure!(rig.end(&run::keep(&kept.id, NONCE))? == End::Kept);
    rig.server.reboot()?;
    ensure!(rig.server.must("nft list table inet plumbline")?.contains("policy drop"));
    ensure!(rig.server.ssh("root").arg("true").status()?.success());
    Ok(())
}

#[test]
fn rules_that_somebody_else_keeps_are_let_stand() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    rig.server.must("mv /usr/sbin/ufw /usr/sbin/ufw.away")?;
    rig.server.write(
        "/etc/nftables.conf",
        b"#!/usr/sbin/nft -f\nflush ruleset\n# theirs\ntable inet filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n  ct state established,related accept\n  iif lo accept\n  meta l4proto ipv6-icmp accept\n  tcp dport 22 accept\n }\n}\n",
    )?;
    rig.server.must("systemctl enable --now nftables 2>&1")?;
    listeners_behind(&rig)?;
    round_trip(&rig, &[ports()], &[], |rig| {
        ensure!(reaches(rig, 8443));
        // their own reload takes our rules with it, and ours come back behind it
        rig.server.must("systemctl restart nftables")?;
        eventually(
            &rig.server,
            Duration::from_secs(10),
            "nft list ruleset | grep -q 'tcp dport 8443 accept comment \"plumbline\"'",
        )?;
        Ok(())
    })?;
    ensure!(!reaches(&rig, 8443));
    let (plan, _) = rig.plan(&[close()])?;
    ensure!(plan.changes.is_empty() && plan.left[0].1.contains("Somebody keeps"), "{plan:?}");
    Ok(())
}

#[test]
fn plain_iptables_rules() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    rig.server.must(
        "mv /usr/sbin/ufw /usr/sbin/ufw.away\nfor t in iptables ip6tables; do $t -A INPUT -i lo -j ACCEPT; $t -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT; \
         $t -A INPUT -p tcp --dport 22 -j ACCEPT; $t -P INPUT DROP; done; ip6tables -I INPUT -p ipv6-icmp -j ACCEPT",
    )?;
    listeners_behind(&rig)?;
    round_trip(&rig, &[ports()], &[], |rig| {
        ensure!(reaches(rig, 8443));
        for tables in ["iptables", "ip6tables"] {
            ensure!(rig.server.must(&format!("{tables} -S INPUT"))?.matches("plumbline").count() == 3, "{tables}");
        }
        Ok(())
    })?;
    ensure!(!reaches(&rig, 8443));
    Ok(())
}

#[test]
fn firewalld_now_and_for_good_only_once_kept() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&["firewalld"]).start()) };
    rig.server.must("mv /usr/sbin/ufw /usr/sbin/ufw.away; systemctl is-active firewalld || systemctl start firewalld; firewall-cmd --state")?;
    listeners_behind(&rig)?;
    let (plan, looked) = rig.plan(&[ports()])?;
    let run = spec(60);
    ensure!(rig.end(&run::launch(&plan, &looked, &run, NONCE))? == End::Waiting, "{}", rig.run_logs());
    ensure!(!rig.server.must("firewall-cmd --permanent --list-ports")?.contains("8443"));
    ensure!(rig.end(&run::put_back(&run.id, NONCE))? == End::PutBack);
    round_trip(&rig, &[ports()], &[], |rig| {
        ensure!(reaches(rig, 8443));
        Ok(())
    })?;
    ensure!(!reaches(&rig, 8443));
    Ok(())
}

#[test]
fn a_closed_line_is_opened_again_by_the_server() -> Result<()> {
    let mut rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let before = snapshot(&rig.server, &[])?;
    let (plan, looked) = rig.plan(&[close()])?;
    let run = spec(8);
    ensure!(rig.end(&run::launch(&plan, &looked, &run, NONCE))? == End::Waiting);
    // what a wrong rule would do: nobody can answer any more
    rig.server.must(
        "nft add table inet wrong; nft add chain inet wrong in '{ type filter hook input priority -1; }'; nft add rule inet wrong in tcp dport 22 drop",
    )?;
    eventually(&rig.server, Duration::from_secs(30), &format!("test -e /var/lib/plumbline/runs/{}/reverted", run.id))?;
    rig.server.must("nft delete table inet wrong")?;
    eventually(&rig.server, Duration::from_secs(10), "! ls -A /etc/systemd/system | grep plumbline-revert")?;
    same(&before, &snapshot(&rig.server, &[])?)?;

    // and the power, with the firewall on and nobody there to answer
    let (plan, looked) = rig.plan(&[close()])?;
    let run = spec(120);
    ensure!(rig.end(&run::launch(&plan, &looked, &run, NONCE))? == End::Waiting);
    rig.server.cut_power()?;
    eventually(&rig.server, Duration::from_secs(30), &format!("test -e /var/lib/plumbline/runs/{}/reverted", run.id))?;
    ensure!(rig.server.must("ufw status")?.contains("inactive"));
    ensure!(rig.server.ssh("root").arg("true").status()?.success());
    Ok(())
}

#[test]
fn an_ssh_port_that_came_since_the_preview_stops_the_run() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let (plan, looked) = rig.plan(&[close()])?;
    rig.server.must(
        "printf 'Port 22\\nPort 2222\\n' >/etc/ssh/sshd_config.d/00-test.conf && systemctl reload ssh && sleep 0.5",
    )?;
    let run = spec(30);
    let events = rig.events(&run::launch(&plan, &looked, &run, NONCE))?;
    let refused = events.iter().any(|event| matches!(event, tuning::RunEvent::Change { state: tuning::ChangeState::Failed { why }, .. } if why.contains("port 2222")));
    ensure!(
        refused || matches!(events.last(), Some(tuning::RunEvent::End(End::Refused(Refusal::Drifted { .. })))),
        "{events:#?}"
    );
    ensure!(rig.server.must("ufw status")?.contains("inactive"));
    Ok(())
}

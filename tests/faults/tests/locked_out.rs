//! Changes that shut the door behind us, past every check that would have stopped them: the server opens it again by
//! itself, within the deadline and five seconds.

use anyhow::{Result, ensure};
use faults::{NONCE, Rig, snapshot, spec};
use profiles::{PortRule, PortSource, TuningKind};
use std::time::{Duration, Instant};
use tuning::before::Before;
use tuning::run::{self, RunSpec};
use tuning::{Act, Change, Kind, Proposal, Words};

const WINDOW: u32 = 12;

fn signs_in(rig: &Rig) -> Result<bool> {
    Ok(rig.server.ssh("root").args(["-o", "ConnectTimeout=1", "true"]).output()?.status.success())
}

/// A change that no plan of ours would ever make, as a run makes it.
fn forced(acts: Vec<Act>) -> Proposal {
    let change = Change {
        id: "shut.out".into(),
        title: "Shut out".into(),
        effect: String::new(),
        group: String::new(),
        advised_off: None,
        settles: vec![],
        wants: vec![],
        kind: Kind::Sshd,
        acts,
        words: Words::default(),
    };
    Proposal { changes: vec![change], left: vec![] }
}

#[expect(clippy::print_stdout, reason = "the measured time is what a person runs it for")]
/// The run shuts the door; the server opens it again in time, and everything is as it was.
fn shut_and_opened_again(lane: &str, rig: &Rig, plan: &Proposal, looked: &Before) -> Result<()> {
    ensure!(signs_in(rig)?, "{lane}: the door is open to begin with");
    let before = snapshot(&rig.server, &[])?;
    let spec = RunSpec { step: 60, ..spec(WINDOW) };
    let mut client = rig.begin(&run::launch(plan, looked, &spec, NONCE))?;
    // the open connection still tells, as it would tell a careless tool that all is well
    client.until("\tapplied\t")?;
    let applied = Instant::now();
    ensure!(!signs_in(rig)?, "{lane}: the door is open, so this shows nothing\n{}", rig.run_logs());
    let limit = Duration::from_secs(u64::from(WINDOW) + 30);
    // when the try began that got in: how long a sign-in takes on a busy machine is not the server's delay
    let took = loop {
        let knocked = applied.elapsed();
        if signs_in(rig)? {
            break knocked;
        }
        ensure!(applied.elapsed() < limit, "{lane}: still shut\n{}", rig.run_logs());
    };
    client.kill();
    println!("{lane}: shut by the change, open again {:.1} s later, deadline {WINDOW} s", took.as_secs_f64());
    ensure!(took <= Duration::from_secs(u64::from(WINDOW) + 5), "{lane}: {took:?} is too late");
    faults::eventually(
        &rig.server,
        Duration::from_secs(20),
        &format!("test -e /var/lib/plumbline/runs/{}/reverted", spec.id),
    )?;
    faults::eventually(&rig.server, Duration::from_secs(20), "! ls -A /etc/systemd/system | grep plumbline-revert")?;
    faults::same(&before, &snapshot(&rig.server, &[])?)
}

#[test]
fn a_firewall_that_drops_ssh() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    // programs that lie about the port: as the port of a forwarding host would look from inside
    rig.server.must(
        "for tool in sshd ss; do real=$(command -v $tool); printf '#!/bin/sh\\n%s \"$@\" | sed -e \"s/^port 22$/port 2299/\" -e \"s/:22 /:2299 /\"\\n' $real >/usr/local/sbin/$tool; chmod 755 /usr/local/sbin/$tool; done\n\
         mkdir -p /etc/systemd/system/ssh.socket.d; printf '[Socket]\nListenStream=\nListenStream=2299\n' >/etc/systemd/system/ssh.socket.d/lie.conf; systemctl daemon-reload",
    )?;
    let close = faults::tuning("firewall.close", TuningKind::CloseOtherPorts { ports: vec![] });
    let (mut plan, looked) = rig.plan(&[close])?;
    let Act::Ufw { ports, .. } = &mut plan.changes[0].acts[0] else { anyhow::bail!("{plan:?}") };
    *ports = vec!["2299/tcp".into()];
    shut_and_opened_again("a firewall that drops ssh", &rig, &plan, &looked)
}

/// What takes long may move the deadline far away; once it is done the deadline is near again, and holds.
#[test]
fn a_slow_package_before_the_door_is_shut() -> Result<()> {
    lab::slow!();
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    rig.server.must(
        "printf '#!/bin/sh\ncase \"$*\" in *-s*) ;; *install*) sleep 12 ;; esac\nexec /usr/bin/apt-get \"$@\"\n' >/usr/local/sbin/apt-get; chmod 755 /usr/local/sbin/apt-get",
    )?;
    let before = snapshot(&rig.server, &["net.ipv4.tcp_rmem"])?;
    let packages = std::collections::BTreeMap::from([("apt".to_owned(), "jq".to_owned())]);
    let jq = TuningKind::Packages(vec![profiles::PackageChoice { program: "jq".into(), packages }]);
    let (plan, looked) = rig.plan(&[faults::tuning("packages.tools", jq), faults::buffers()])?;
    ensure!(plan.changes.len() == 2, "{:?}", plan.left);
    let spec = RunSpec { step: 6, ..spec(WINDOW) };
    ensure!(rig.end(&run::launch(&plan, &looked, &spec, NONCE))? == tuning::End::Waiting, "{}", rig.run_logs());
    let applied = Instant::now();
    let back = format!("test -e /var/lib/plumbline/runs/{}/reverted", spec.id);
    faults::eventually(&rig.server, Duration::from_secs(60), &back)?;
    println!("put back {:.1} s after the end, deadline {WINDOW} s", applied.elapsed().as_secs_f64());
    ensure!(applied.elapsed() <= Duration::from_secs(u64::from(WINDOW) + 5), "{:?}", applied.elapsed());
    let differs = faults::difference(&before, &snapshot(&rig.server, &["net.ipv4.tcp_rmem"])?);
    let of_jq = |line: &str| line.contains("jq") || line.contains("onig") || line.contains("ld.so.cache");
    ensure!(differs.lines().all(of_jq), "{differs}");
    Ok(())
}

#[test]
fn the_plan_itself_never_drops_ssh() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let port = PortRule { port: "443/tcp".into(), title: String::new(), from: PortSource::Anywhere };
    let (plan, _) = rig.plan(&[faults::tuning("firewall.close", TuningKind::CloseOtherPorts { ports: vec![port] })])?;
    let Act::Ufw { ports, .. } = &plan.changes[0].acts[0] else { anyhow::bail!("{plan:?}") };
    ensure!(ports.first().is_some_and(|port| port == "22/tcp"), "{ports:?}");
    Ok(())
}

#[test]
fn an_sshd_that_refuses_everybody_who_is_here() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let file = Act::File {
        path: "/etc/ssh/sshd_config.d/00-plumbline.conf".into(),
        mode: "600".into(),
        text: "# Written by Plumbline.\nPubkeyAuthentication no\nPasswordAuthentication no\n".into(),
    };
    let no = |name: &str| (name.to_owned(), "no".to_owned());
    let settings = vec![no("pubkeyauthentication"), no("passwordauthentication")];
    let sshd = Act::Sshd { settings, person: "root".into(), address: "127.0.0.1".into() };
    shut_and_opened_again("an sshd that refuses us", &rig, &forced(vec![file, sshd]), &Before::default())
}

/// A table of our own with these rules, which claims to leave ssh open.
fn table(rules: &str, policy: &str) -> Proposal {
    let path = "/etc/plumbline/firewall.nft";
    let text = format!(
        "# Written by Plumbline.\ntable inet plumbline\ndelete table inet plumbline\ntable inet plumbline {{\n chain in {{\n  \
         type filter hook input priority 0; policy {policy};\n  ct state established accept\n  iif lo accept\n  {rules}\n }}\n}}\n"
    );
    let ports = ["22/tcp", "2299/tcp"].map(str::to_owned).to_vec();
    forced(vec![
        Act::File { path: path.into(), mode: "644".into(), text },
        Act::NftTable { name: "plumbline".into(), path: path.into(), ports },
    ])
}

/// sshd's own settings name a port that nobody listens on: its socket does, on another.
#[test]
fn a_wrong_port_with_ssh_socket() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    rig.server.must(
        "printf 'Port 2299\n' >/etc/ssh/sshd_config.d/10-wrong.conf; systemctl disable --now ssh.service 2>&1; systemctl enable --now ssh.socket 2>&1",
    )?;
    // the plan sees both
    let (plan, _) = rig.plan(&[faults::tuning("firewall.close", TuningKind::CloseOtherPorts { ports: vec![] })])?;
    let Act::Ufw { ports, .. } = &plan.changes[0].acts[0] else { anyhow::bail!("{plan:?}") };
    ensure!(ports.contains(&"22/tcp".to_owned()) && ports.contains(&"2299/tcp".to_owned()), "{ports:?}");
    let plan = table("tcp dport 2299 accept", "drop");
    shut_and_opened_again("a wrong port with ssh.socket", &rig, &plan, &Before::default())
}

#[test]
fn a_rule_against_our_own_address() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::nspawn("bookworm")) };
    let ours = rig.server.ssh("root").arg("echo ${SSH_CONNECTION%% *}").output()?;
    let ours = String::from_utf8(ours.stdout)?.trim().to_owned();
    let plan = table(&format!("ip saddr {ours} drop"), "accept");
    shut_and_opened_again("a rule against our own address", &rig, &plan, &Before::default())
}

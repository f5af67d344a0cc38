//! A server that already has work to do: everything that is not ours runs on, byte for byte.

use anyhow::{Result, ensure};
use faults::{NONCE, Rig, difference, snapshot, spec, tuning};
use profiles::{PostgresValue, TuningKind};
use tuning::run::{self, Answers};
use tuning::{End, RunEvent};

/// What an administrator has set up here: a database with data, a web server with a site, rules as Docker writes them,
/// drop-ins of their own.
const THEIRS: &str = "set -e
systemctl start postgresql@15-main
until runuser -u postgres -- psql -XAtqc 'select 1' >/dev/null 2>&1; do sleep 0.2; done
runuser -u postgres -- psql -XAtqc 'create table mine as select generate_series(1, 1000) as n'
printf 'work_mem = 5MB\\n' >/etc/postgresql/15/main/conf.d/10-mine.conf
systemctl reload postgresql@15-main
until runuser -u postgres -- psql -XAtqc 'show work_mem' | grep -q 5MB; do sleep 0.2; done
printf 'server { listen 8081; location / { return 200 mine; } }\\n' >/etc/nginx/sites-enabled/mine
systemctl restart nginx
for t in iptables; do
  $t -N DOCKER; $t -N DOCKER-USER; $t -A FORWARD -j DOCKER-USER; $t -A FORWARD -o docker0 -j DOCKER
  $t -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
  $t -t nat -N DOCKER; $t -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
  $t -t nat -A DOCKER ! -i docker0 -p tcp --dport 8088 -j DNAT --to-destination 172.17.0.2:80
done
printf '# mine\\nnet.ipv4.tcp_keepalive_time = 600' >/etc/sysctl.d/99-mine.conf
sysctl -qp /etc/sysctl.d/99-mine.conf
printf 'MaxAuthTries 4\\n# mine\\n' >/etc/ssh/sshd_config.d/40-mine.conf
printf '* hard core 0\\n' >/etc/security/limits.d/50-mine.conf
systemctl reload ssh";

/// Whose processes they are, and that they answer.
const RUNNING: &str = "systemctl show -p MainPID --value nginx postgresql@15-main ssh
curl -s http://127.0.0.1:8081/
runuser -u postgres -- psql -XAtqc 'select sum(n), current_setting($$work_mem$$) from mine'
sysctl -n net.ipv4.tcp_keepalive_time; sshd -T | grep maxauthtries; iptables-save | grep -i docker";

#[test]
fn a_server_with_work_to_do_goes_on_with_it() -> Result<()> {
    lab::slow!();
    let packages = ["nginx-light", "postgresql", "python3-systemd"];
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&packages).start()) };
    rig.server.must(THEIRS)?;
    let (before, running) = (snapshot(&rig.server, &[])?, rig.server.must(RUNNING)?);
    ensure!(running.contains("mine") && running.contains("500500"), "{running}");
    let mut tunings = faults::every_kind();
    // what is theirs to judge about the ports of containers: nothing of ours goes near these rules
    tunings.retain(|tuning| tuning.id != "firewall.close");
    let settings = vec![("effective_cache_size".to_owned(), PostgresValue::ShareOfMemory(60))];
    tunings.push(tuning("postgres.own", TuningKind::Postgres(settings)));
    let (plan, looked) = rig.plan(&tunings)?;
    ensure!(plan.changes.len() == tunings.len(), "{:?}", plan.left);
    let run = spec(120);
    let events = rig.events(&run::launch(&plan, &looked, &run, NONCE))?;
    let failed = events.iter().any(|event| matches!(event, RunEvent::Act { word: tuning::journal::Word::Failed, .. }));
    ensure!(!failed && events.last() == Some(&RunEvent::End(End::Waiting)), "{events:#?}\n{}", rig.run_logs());
    ensure!(
        rig.server.must(RUNNING)? == running,
        "while it waits:\n{}",
        difference(&running, &rig.server.must(RUNNING)?)
    );
    ensure!(rig.end(&run::keep(&run.id, NONCE))? == End::Kept);
    // of what was there before, only what the plan names is different now
    let kept = snapshot(&rig.server, &[])?;
    let named =
        ["/etc/hostname", "/etc/environment", "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/sub"];
    for line in before.lines().filter(|line| !kept.lines().any(|other| other == *line)) {
        let ours = named.iter().any(|path| line.contains(path)) || line.contains("apt-daily") || line.contains("DefaultLimit")
            // folders in which a file of ours now stands
            || line.contains(" d ");
        ensure!(ours, "changed and not named: {line}");
    }
    let undo = spec(120);
    let receipt = rig.receipt(&run.id)?;
    let end = rig.end(&run::undo(&receipt, &Answers::default(), &undo, NONCE))?;
    ensure!(end == End::Waiting, "{end:?}\n{}", rig.run_logs());
    ensure!(rig.end(&run::keep(&undo.id, NONCE))? == End::Kept);
    faults::same(&before, &snapshot(&rig.server, &[])?)?;
    faults::same(&running, &rig.server.must(RUNNING)?)
}

#[test]
fn t_40_guessed_sign_ins_are_shut_out_and_never_the_one_who_is_here() -> Result<()> {
    lab::slow!();
    let packages = ["nginx-light", "postgresql", "python3-systemd"];
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&packages).start()) };
    let guard = tuning("ssh.guard", TuningKind::SignInGuard { failures: 10 });
    let (plan, _) = rig.plan(std::slice::from_ref(&guard))?;
    ensure!(plan.changes.len() == 1, "{:?}", plan.left);
    ensure!(plan.changes[0].words.consequence.contains("where you are now"), "{plan:?}");
    faults::round_trip(&rig, &[guard], &[], |rig| {
        let status = rig.server.must("fail2ban-client status sshd; fail2ban-client get sshd ignoreip")?;
        ensure!(status.contains("Journal matches"), "{status}");
        // eleven strangers' tries from here, and from there
        let here = rig.server.ssh("root").arg("echo ${SSH_CONNECTION%% *}").output()?;
        let here = String::from_utf8(here.stdout)?.trim().to_owned();
        ensure!(status.contains(&here), "{here}: {status}");
        rig.server.must("for n in 1 2 3 4 5 6 7 8 9 10 11; do logger -t sshd -p auth.info \"Failed password for root from 203.0.113.9 port 4$n ssh2\"; done; true")?;
        ensure!(rig.server.ssh("root").arg("true").status()?.success());
        Ok(())
    })
}

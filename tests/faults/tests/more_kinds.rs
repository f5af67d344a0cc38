//! The rest of the kinds of change, each on a real server: applied, its effect seen, planned again, undone to the byte.

use anyhow::{Context as _, Result, ensure};
use faults::{NONCE, Rig, round_trip, same, snapshot, spec, tuning};
use profiles::{AlertRule, MakersSource, Permission, PostgresValue, Tuning, TuningKind};
use std::path::Path;
use tuning::run;
use tuning::{ChangeState, End, RunEvent};

fn bookworm() -> Result<Rig, lab::Error> {
    Ok(Rig { server: lab::nspawn("bookworm")? })
}

fn pairs(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn keys_only() -> Tuning {
    let settings = pairs(&[
        ("passwordauthentication", "no"),
        ("permitrootlogin", "prohibit-password"),
        ("pubkeyauthentication", "yes"),
    ]);
    tuning("ssh.keys", TuningKind::Sshd(settings))
}

#[test]
fn sshd_asks_for_a_key_whatever_a_cloud_image_says() -> Result<()> {
    let rig = lab::need!(bookworm());
    // what a 99- file would lose against
    rig.server.write("/etc/ssh/sshd_config.d/50-cloud-init.conf", b"PasswordAuthentication yes\n")?;
    let process = rig.server.must("systemctl show -p MainPID --value ssh")?;
    round_trip(&rig, &[keys_only()], &[], |rig| {
        let shown = rig.server.must("sshd -T")?;
        ensure!(shown.contains("\npasswordauthentication no\n"), "{shown}");
        ensure!(rig.server.ssh("root").arg("true").status()?.success(), "a key signs in");
        let answer = std::process::Command::new("ssh")
            .args([
                "-F",
                "none",
                "-o",
                "BatchMode=yes",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
            ])
            .args(["-o", "PubkeyAuthentication=no", "-l", "root", &rig.server.host, "true"])
            .output()?;
        let answer = String::from_utf8_lossy(&answer.stderr).into_owned();
        ensure!(answer.contains("(publickey)") || !answer.contains("password"), "it still offers passwords: {answer}");
        Ok(())
    })?;
    ensure!(rig.server.must("systemctl show -p MainPID --value ssh")? == process, "reloaded, never restarted");
    Ok(())
}

#[test]
fn passwords_stay_while_there_is_no_key() -> Result<()> {
    let rig = lab::need!(bookworm());
    // looked at as the administrator behind the test, whose key file is away for the moment
    let script = tuning::before::script(&[keys_only()], NONCE);
    rig.server.must("mv /root/.ssh/authorized_keys /root/.ssh/away")?;
    rig.server.write("/tmp/look.sh", script.as_bytes())?;
    let looked = rig.server.must("sh -s </tmp/look.sh")?;
    rig.server.must("mv /root/.ssh/away /root/.ssh/authorized_keys")?;
    let before = tuning::before::Before::read(looked.as_bytes(), NONCE);
    let findings = [faults::short("ssh.keys")];
    let facts = facts::Facts::default();
    let plan = tuning::plan(&tuning::Asked {
        tunings: &[keys_only()],
        findings: &findings,
        facts: &facts,
        before: &before,
        role: "",
    });
    ensure!(plan.changes.is_empty() && plan.left[0].1.contains("no key"), "{plan:?}");
    Ok(())
}

#[test]
fn a_match_block_that_wins_is_seen_and_nothing_is_left_half_done() -> Result<()> {
    let rig = lab::need!(bookworm());
    rig.server.must(
        "printf '\\nMatch User root\\n  PasswordAuthentication yes\\n' >>/etc/ssh/sshd_config && systemctl reload ssh",
    )?;
    rig.server
        .must("printf 'PasswordAuthentication yes\\n' >/etc/ssh/sshd_config.d/10-lab.conf; systemctl reload ssh")?;
    let before = snapshot(&rig.server, &[])?;
    let (plan, looked) = rig.plan(&[keys_only()])?;
    ensure!(plan.changes.len() == 1, "{:?}", plan.left);
    let run = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &run, NONCE))?;
    let seen = events.iter().any(|event| matches!(event, RunEvent::Change { state: ChangeState::Failed { why }, .. } if why.contains("Match block")));
    ensure!(seen, "{events:#?}\n{}", rig.run_logs());
    ensure!(rig.server.read("/etc/ssh/sshd_config.d/00-plumbline.conf")?.is_none());
    let end = rig.end(&run::put_back(&run.id, NONCE))?;
    ensure!(end == End::PutBack, "{end:?} {events:#?}\n{}", rig.run_logs());
    same(&before, &snapshot(&rig.server, &[])?)
}

#[test]
fn postgres_in_figures_that_it_understands() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&["postgresql"]).start()) };
    rig.server.must("systemctl start postgresql@15-main; until runuser -u postgres -- psql -XAtqc 'select 1' 2>/dev/null; do sleep 0.2; done")?;
    let memory = tuning(
        "postgres.memory",
        TuningKind::Postgres(vec![
            ("shared_buffers".into(), PostgresValue::AtMost { bytes: 256 << 20, memory_divided_by: 4 }),
            ("effective_cache_size".into(), PostgresValue::ShareOfMemory(75)),
            ("work_mem".into(), PostgresValue::SafeWorkMem),
        ]),
    );
    let connections = tuning(
        "postgres.connections",
        TuningKind::Postgres(vec![
            ("max_connections".into(), PostgresValue::Text("200".into())),
            // seconds, which PostgreSQL itself shows as minutes
            ("archive_timeout".into(), PostgresValue::Text("900".into())),
        ]),
    );
    let (plan, _) = rig.plan(&[memory.clone(), connections.clone()])?;
    ensure!(plan.changes[0].words.consequence.contains("restarts"), "{plan:#?}");
    round_trip(&rig, &[memory, connections], &[], |rig| {
        let ask = |what: &str| rig.server.must(&format!("runuser -u postgres -- psql -XAtqc 'show {what}'"));
        ensure!(ask("max_connections")? == "200\n");
        ensure!(ask("archive_timeout")? == "15min\n");
        ensure!(ask("shared_buffers")? == "256MB\n");
        Ok(())
    })
}

#[test]
fn a_postgres_that_would_not_start_is_taken_back_by_itself() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&["postgresql"]).start()) };
    rig.server.must("systemctl start postgresql@15-main; until runuser -u postgres -- psql -XAtqc 'select 1' 2>/dev/null; do sleep 0.2; done")?;
    let before = snapshot(&rig.server, &[])?;
    let wrong = tuning(
        "postgres.wrong",
        TuningKind::Postgres(vec![("shared_buffers".into(), PostgresValue::ShareOfMemory(4000))]),
    );
    let (plan, looked) = rig.plan(&[wrong, faults::buffers()])?;
    let run = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &run, NONCE))?;
    ensure!(
        events.iter().any(|event| matches!(event, RunEvent::Change { id, state: ChangeState::Failed { .. } } if id == "postgres.wrong")),
        "{events:#?}"
    );
    ensure!(rig.server.must("runuser -u postgres -- psql -XAtqc 'select 1'")? == "1\n", "it runs as before");
    ensure!(rig.end(&run::put_back(&run.id, NONCE))? == End::PutBack);
    same(&before, &snapshot(&rig.server, &[])?)
}

#[test]
fn t_26_a_dump_every_night() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&["postgresql"]).start()) };
    rig.server.must("systemctl start postgresql@15-main; until runuser -u postgres -- psql -XAtqc 'select 1' 2>/dev/null; do sleep 0.2; done")?;
    let backup = tuning(
        "backup.daily",
        TuningKind::BackupTimer { database: "postgresql".into(), at: "02:00".into(), keep_days: 30 },
    );
    round_trip(&rig, &[backup], &[], |rig| {
        rig.server.must("systemctl start plumbline-backup.service && zcat /var/backups/plumbline/postgresql-*.sql.gz | grep -q 'PostgreSQL database cluster dump complete'")?;
        let next = rig.server.must("systemd-analyze calendar \"$(systemctl cat plumbline-backup.timer | sed -n 's/^OnCalendar=//p')\" --iterations=1; systemctl cat plumbline-backup.timer")?;
        ensure!(
            next.contains("02:00:00 UTC") && next.contains("Persistent=true") && next.contains("RandomizedDelaySec"),
            "{next}"
        );
        // a dump that cannot be made leaves no file that looks like one
        rig.server.must("systemctl stop postgresql@15-main; ! systemctl start plumbline-backup.service; test $(ls /var/backups/plumbline | grep -c .) = 1; systemctl start postgresql@15-main; systemctl reset-failed")?;
        Ok(())
    })
}

#[test]
fn a_journal_that_lasts_and_that_goes_back_to_memory() -> Result<()> {
    let rig = lab::need!(bookworm());
    rig.server.must("rm -rf /var/log/journal; systemctl restart systemd-journald")?;
    round_trip(&rig, &[tuning("logs.journal", TuningKind::Journal { bytes: 1_000_000_000 })], &[], |rig| {
        rig.server.must(
            "logger plumbline-was-here; journalctl --sync; journalctl -D /var/log/journal | grep -q plumbline-was-here",
        )?;
        Ok(())
    })?;
    ensure!(!rig.server.exec("test -e /var/log/journal")?.ok());
    rig.server
        .must("journalctl -D /var/lib/plumbline/runs/*/journal-on-disk-* 2>/dev/null | grep -q plumbline-was-here")?;
    Ok(())
}

#[test]
fn logs_are_cut_off() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&["logrotate"]).start()) };
    let kind = TuningKind::Logrotate {
        path: "/etc/logrotate.d/dusk.conf".into(),
        logs: vec!["/var/log/rusk.log".into()],
        daily: true,
        keep: 10,
        compress: true,
        copy_truncate: true,
    };
    round_trip(&rig, &[tuning("logs.rotate", kind)], &[], |rig| {
        rig.server.must("echo hello >/var/log/rusk.log; logrotate -f /etc/logrotate.d/dusk.conf; test -e /var/log/rusk.log.1.gz; rm /var/log/rusk.log*")?;
        Ok(())
    })
}

#[test]
fn a_user_without_a_sign_in_owns_the_key_files() -> Result<()> {
    let rig = lab::need!(bookworm());
    rig.server.must("mkdir -p /opt/dusk/conf /opt/dusk/bin; echo secret >/opt/dusk/conf/consensus.keys; chmod 644 /opt/dusk/conf/consensus.keys; chmod 777 /opt/dusk/bin")?;
    let permission = |path: &str, mode: &str, group: &str| Permission {
        path: path.into(),
        mode: mode.into(),
        owner: "root".into(),
        group: group.into(),
    };
    let tunings = [
        tuning("user.dusk", TuningKind::SystemUser { user: "dusk".into(), group: "dusk".into() }),
        tuning(
            "files.permissions",
            TuningKind::Permissions(vec![
                permission("/opt/dusk/conf/consensus.keys", "640", "dusk"),
                permission("/opt/dusk/bin", "755", "root"),
                permission("/opt/dusk/not-there", "600", "root"),
            ]),
        ),
    ];
    let shown = "stat -c '%n %a %U %G' /opt/dusk/conf/consensus.keys /opt/dusk/bin";
    let before = rig.server.must(shown)?;
    round_trip(&rig, &tunings, &[], |rig| {
        ensure!(
            rig.server.must(shown)? == "/opt/dusk/conf/consensus.keys 640 root dusk\n/opt/dusk/bin 755 root root\n"
        );
        ensure!(rig.server.must("getent passwd dusk")?.contains("nologin"));
        Ok(())
    })?;
    ensure!(rig.server.must(shown)? == before);
    Ok(())
}

#[test]
fn fstab_loses_swap_and_gets_it_back_with_every_comment() -> Result<()> {
    let rig = lab::need!(bookworm());
    let fstab = b"# mine\n/dev/vda / ext4 defaults 0 1\n  # swap comes next\nUUID=abc none swap sw 0 0 # old\n/swap.img\tnone\tswap\tsw\t0\t0";
    rig.server.write("/etc/fstab", fstab)?;
    round_trip(&rig, &[tuning("swap.off", TuningKind::SwapOff)], &[], |rig| {
        let text = rig.server.must("cat /etc/fstab")?;
        ensure!(text.contains("# mine\n") && text.contains("#plumbline# UUID=abc"), "{text}");
        Ok(())
    })?;
    ensure!(rig.server.read("/etc/fstab")?.as_deref() == Some(fstab.as_slice()));
    Ok(())
}

#[test]
fn swap_is_not_offered_where_a_container_or_its_disk_forbids_it() -> Result<()> {
    let rig = lab::need!(bookworm());
    let swap = tuning("swap.file", TuningKind::SwapFile { bytes: 64 << 20 });
    let (plan, _) = rig.plan(&[swap])?;
    ensure!(plan.changes.is_empty() && plan.left[0].1.contains("overlayfs"), "{plan:?}");
    Ok(())
}

#[test]
fn an_agent_that_only_this_server_can_ask() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&["prometheus-node-exporter"]).start()) };
    rig.server.must("systemctl stop prometheus-node-exporter; systemctl disable prometheus-node-exporter 2>&1")?;
    let agent = tuning("monitoring.agent", TuningKind::NodeExporter { address: "127.0.0.1:9100".into() });
    round_trip(&rig, &[agent], &[], |rig| {
        rig.server.must("curl -s http://127.0.0.1:9100/metrics | grep -q node_cpu_seconds_total")?;
        ensure!(!rig.server.must("ss -Hltn sport = :9100")?.contains("*:9100"));
        Ok(())
    })
}

#[test]
fn alert_rules_where_prometheus_looks() -> Result<()> {
    let rig = lab::need!(bookworm());
    rig.server.must("mkdir -p /etc/prometheus/rules")?;
    rig.server
        .write("/etc/prometheus/prometheus.yml", b"global:\nrule_files:\n  - \"rules/*.yml\"\nscrape_configs: []\n")?;
    let rules = vec![AlertRule {
        name: "PlumblineCpu".into(),
        expression: "100 - avg by(instance)(rate(node_cpu_seconds_total{mode=\"idle\"}[5m])) * 100 > 80".into(),
        lasts: "5m".into(),
        summary: "Processor over 80% for 5 minutes".into(),
    }];
    round_trip(&rig, &[tuning("alerts.rules", TuningKind::AlertRules(rules))], &[], |rig| {
        let text = rig.server.must("cat /etc/prometheus/rules/plumbline.rules.yml")?;
        ensure!(text.contains("mode=\\\"idle\\\""), "{text}");
        Ok(())
    })
}

#[test]
fn lines_of_a_settings_file_leave_others_alone() -> Result<()> {
    let rig = lab::need!(bookworm());
    rig.server.must("mkdir -p /opt/dusk/services; printf 'A=1\\n# mine\\nB=2' >/opt/dusk/services/rusk.conf.user; chmod 600 /opt/dusk/services/rusk.conf.user")?;
    let kind = |lines| TuningKind::Environment {
        path: "/opt/dusk/services/rusk.conf.user".into(),
        mode: "600".into(),
        lines,
        restart: None,
    };
    let shown = "cat /opt/dusk/services/rusk.conf.user; stat -c %a /opt/dusk/services/rusk.conf.user";
    let before = rig.server.must(shown)?;
    round_trip(&rig, &[tuning("env.port", kind(pairs(&[("KADCAST_LISTEN", "0.0.0.0:9000")])))], &[], |rig| {
        ensure!(
            rig.server.must(shown)?.contains("B=2\n# [env.port]\nKADCAST_LISTEN=0.0.0.0:9000\n"),
            "{}",
            rig.server.must(shown)?
        );
        Ok(())
    })?;
    ensure!(rig.server.must(shown)? == before);
    let (plan, _) = rig.plan(&[tuning("env.port", kind(pairs(&[("B", "3")])))])?;
    ensure!(plan.changes.is_empty() && plan.left[0].1.contains("B is set"), "{plan:?}");
    Ok(())
}

#[test]
fn updates_by_themselves() -> Result<()> {
    let rig = Rig { server: lab::need!(lab::Nspawn::new("bookworm").with(&["unattended-upgrades"]).start()) };
    rig.server.must("systemctl disable --now apt-daily.timer apt-daily-upgrade.timer 2>&1; rm -f /etc/apt/apt.conf.d/20auto-upgrades")?;
    round_trip(&rig, &[tuning("updates.automatic", TuningKind::AutomaticUpdates)], &[], |rig| {
        ensure!(rig.server.must("apt-config dump")?.contains("APT::Periodic::Unattended-Upgrade \"1\""));
        ensure!(rig.server.must("apt-config dump")?.contains("Unattended-Upgrade::Automatic-Reboot \"false\""));
        Ok(())
    })
}

#[test]
fn security_updates_come_and_stay_and_say_so() -> Result<()> {
    let rig = lab::need!(bookworm());
    let (plan, looked) = rig.plan(&[tuning("updates.install", TuningKind::SecurityUpdates)])?;
    ensure!(plan.changes[0].words.consequence.contains("Cannot be taken back"), "{plan:?}");
    let run = spec(60);
    ensure!(rig.end(&run::launch(&plan, &looked, &run, NONCE))? == End::Waiting, "{}", rig.run_logs());
    ensure!(rig.server.must("cat /usr/share/lab-demo/version")? == "1.1\n");
    ensure!(rig.end(&run::put_back(&run.id, NONCE))? == End::PutBack, "{}", rig.run_logs());
    ensure!(rig.server.must("cat /usr/share/lab-demo/version")? == "1.1\n");
    Ok(())
}

/// gpg with a home of its own, on this computer: servers have none.
fn gpg(home: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = std::process::Command::new("gpg")
        .arg("--homedir")
        .arg(home)
        .args(["--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"])
        .args(arguments)
        .output()?;
    ensure!(output.status.success(), "gpg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}

/// A key pair made for this test: its fingerprint and the public half.
fn new_key(home: &Path, who: &str) -> Result<(String, String)> {
    std::fs::create_dir_all(home)?;
    std::fs::set_permissions(home, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    gpg(home, &["--quick-generate-key", who, "rsa2048", "sign", "never"])?;
    let listed = String::from_utf8(gpg(home, &["--with-colons", "--fingerprint", who])?)?;
    let line = listed.lines().find_map(|line| line.strip_prefix("fpr:")).context("no fingerprint")?;
    let key = String::from_utf8(gpg(home, &["--armor", "--export", who])?)?;
    Ok((line.trim_matches(':').to_owned(), key))
}

/// A package source as makers of programs have one, on the server's own disk, and not signed yet.
const MAKERS_SOURCE: &str = "set -e; umask 022; arch=$(dpkg --print-architecture); lists=main/binary-$arch
mkdir -p /srv/makers/pool /srv/makers/dists/bookworm-own/$lists /tmp/tool/DEBIAN /tmp/tool/usr/bin
printf 'Package: makers-tool\\nVersion: 17.2\\nArchitecture: all\\nMaintainer: Makers <makers@example.org>\\nDescription: a tool\\n' >/tmp/tool/DEBIAN/control
printf '#!/bin/sh\\necho 17.2\\n' >/tmp/tool/usr/bin/makers-tool; chmod 755 /tmp/tool/usr/bin/makers-tool
deb=pool/makers-tool.deb; cd /srv/makers; dpkg-deb --build /tmp/tool $deb >/dev/null
{ dpkg-deb -f $deb; echo \"Filename: $deb\"; echo \"Size: $(stat -c %s $deb)\"; echo \"SHA256: $(sha256sum <$deb | cut -d' ' -f1)\"; } >dists/bookworm-own/$lists/Packages
cd dists/bookworm-own
{ echo 'Origin: Makers'; echo 'Suite: bookworm-own'; echo 'Codename: bookworm-own'; echo \"Architectures: $arch\"; echo 'Components: main'
date -u '+Date: %a, %d %b %Y %H:%M:%S UTC'; echo SHA256:; echo \" $(sha256sum <$lists/Packages | cut -d' ' -f1) $(stat -c %s $lists/Packages) $lists/Packages\"; } >Release
cat Release";

fn makers_tool(fingerprint: &str, key: &str) -> Tuning {
    let makers = MakersSource {
        name: "The Makers".into(),
        url: "file:/srv/makers".into(),
        suite: "{codename}-own".into(),
        component: "main".into(),
        package: "makers-tool".into(),
        fingerprint: fingerprint.into(),
        key: key.into(),
    };
    let kind = TuningKind::Software { program: "makers-tool".into(), at_least: "17".into(), makers: Some(makers) };
    tuning("software.tool", kind)
}

#[test]
fn a_program_from_its_makers_by_consent_held_to_their_key() -> Result<()> {
    let rig = lab::need!(bookworm());
    if std::process::Command::new("gpg").arg("--version").output().is_err() {
        let reason = "there is no gpg on this computer that could sign a package source".to_owned();
        lab::record("a_program_from_its_makers", &lab::Skipped { name: "gpg".to_owned(), reason });
        return Ok(());
    }
    let home = rig.server.state().join("gpg");
    let (fingerprint, key) = new_key(&home, "The Makers")?;
    let (other_fingerprint, other_key) = new_key(&home, "Somebody Else")?;
    let release = rig.server.must(MAKERS_SOURCE)?;
    let sign = |who: &str| -> Result<()> {
        let (plain, signed) = (home.join("Release"), home.join("InRelease"));
        std::fs::write(&plain, &release)?;
        let (plain, out) = (plain.to_string_lossy().into_owned(), signed.to_string_lossy().into_owned());
        gpg(&home, &["--yes", "--local-user", who, "--output", &out, "--clear-sign", &plain])?;
        rig.server.write("/srv/makers/dists/bookworm-own/InRelease", &std::fs::read(signed)?)?;
        rig.server.must("chmod -R a+rX /srv/makers")?;
        Ok(())
    };

    // whose key it is follows from the key, not from what stands beside it
    let (wrong, _) = rig.plan(&[makers_tool(&other_fingerprint, &key)])?;
    ensure!(wrong.changes.is_empty() && wrong.left[0].1.contains(&fingerprint), "{wrong:#?}");
    let (two, _) = rig.plan(&[makers_tool(&fingerprint, &format!("{key}{other_key}"))])?;
    ensure!(two.changes.is_empty() && two.left[0].1.contains("not one OpenPGP key"), "{two:#?}");

    // it is off until a person says yes, who reads whose word it is and by which key
    let (plan, looked) = rig.plan(&[makers_tool(&fingerprint, &key)])?;
    ensure!(plan.safe().changes.is_empty(), "taken without being asked: {plan:#?}");
    let why = plan.changes[0].advised_off.clone().context("not off")?;
    let compared: String = why.chars().filter(|c| !c.is_whitespace()).collect();
    ensure!(why.contains("file:/srv/makers") && compared.contains(&fingerprint), "{why}");

    // what somebody else has signed is refused on the server, and nothing of it stays
    sign("Somebody Else")?;
    let nothing = "test ! -e /etc/apt/keyrings/plumbline-themakers.asc && test ! -e /etc/apt/sources.list.d/plumbline-themakers.sources \
                   && ! ls /var/lib/apt/lists | grep makers && ! command -v makers-tool";
    let run = spec(60);
    let events = rig.events(&run::launch(&plan, &looked, &run, NONCE))?;
    let failed = |event: &RunEvent| matches!(event, RunEvent::Change { id, state: ChangeState::Failed { .. } } if id == "software.tool");
    ensure!(events.iter().any(failed), "{events:#?}");
    ensure!(rig.server.exec(nothing)?.ok(), "{}", rig.run_logs());
    ensure!(rig.end(&run::put_back(&run.id, NONCE))? == End::PutBack, "{}", rig.run_logs());

    sign("The Makers")?;
    round_trip(&rig, &[makers_tool(&fingerprint, &key)], &[], |rig| {
        ensure!(rig.server.must("makers-tool")? == "17.2\n");
        ensure!(rig.server.must("cat /etc/apt/sources.list.d/plumbline-themakers.sources")?.contains("Signed-By: "));
        Ok(())
    })?;
    ensure!(rig.server.exec(nothing)?.ok(), "undone, and something is left");
    Ok(())
}

//! What every fault test needs: a real server, a plan made from what it is, and the scripts of a run sent to it as the
//! app sends them, `sh -s` over ssh.
//!
//! A crate of its own, so that a test which needs only a server and the tuning crate builds only those.
//!
//! Deliberately absent: the app's own transport (it has its own tests); OpenSSH's client stands in for it.

use anyhow::{Context as _, Result, ensure};
use checks::Finding;
use facts::{Facts, Key, Reading, Value};
use profiles::{Tuning, TuningKind};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tuning::before::Before;
use tuning::receipt::Receipt;
use tuning::run::{RunId, RunSpec};
use tuning::{Asked, End, Proposal, Reader, RunEvent};

pub const NONCE: &str = "b2c3f00d";

/// A throw-away server and the way to it.
#[derive(Debug)]
pub struct Rig {
    pub server: lab::Server,
}

impl Rig {
    /// Runs a script the way the app does and returns all that it printed.
    pub fn say(&self, script: &str) -> Result<Vec<u8>> {
        let mut child = self.begin(script)?;
        let output = child.wait_output()?;
        Ok(output)
    }

    /// Starts a script; the returned child is the client, which a test may kill.
    pub fn begin(&self, script: &str) -> Result<Client> {
        let mut command = self.server.ssh("root");
        command.arg("/bin/sh -s").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("ssh")?;
        let mut input = child.stdin.take().context("no input")?;
        let script = script.as_bytes().to_vec();
        // on its own thread: a server that does not read would hold the test
        std::thread::spawn(move || {
            let _ = input.write_all(&script);
        });
        Ok(Client { child })
    }

    /// Events of a request, to its end.
    pub fn events(&self, script: &str) -> Result<Vec<RunEvent>> {
        let output = self.say(script)?;
        let events = Reader::new(NONCE).push(&output);
        ensure!(
            matches!(events.last(), Some(RunEvent::End(_))),
            "no end in {}\nserver log:\n{}",
            String::from_utf8_lossy(&output),
            self.run_logs()
        );
        Ok(events)
    }

    pub fn end(&self, script: &str) -> Result<End> {
        match self.events(script)?.pop() {
            Some(RunEvent::End(end)) => Ok(end),
            other => anyhow::bail!("{other:?}"),
        }
    }

    pub fn receipts(&self) -> Result<Vec<Receipt>> {
        Ok(tuning::receipt::read(&self.say(&tuning::run::runs(NONCE))?, NONCE))
    }

    pub fn receipt(&self, id: &RunId) -> Result<Receipt> {
        self.receipts()?.into_iter().find(|receipt| receipt.manifest.id == *id).context("no such run")
    }

    pub fn before(&self, tunings: &[Tuning]) -> Result<Before> {
        Ok(Before::read(&self.say(&tuning::before::script(tunings, NONCE))?, NONCE))
    }

    /// All logs and journals of all runs, for a failed test to show.
    pub fn run_logs(&self) -> String {
        let script = "for f in /var/lib/plumbline/runs/*/journal /var/lib/plumbline/runs/*/log; do echo \"== $f\"; cat \"$f\"; done 2>&1";
        self.server.exec(script).map(|output| output.stdout).unwrap_or_default()
    }

    /// A plan as the app makes it: facts as they are, every tuning wanted by a finding.
    pub fn plan(&self, tunings: &[Tuning]) -> Result<(Proposal, Before)> {
        let before = self.before(tunings)?;
        let facts = self.facts(tunings)?;
        let findings: Vec<Finding> = tunings.iter().map(|tuning| short(&tuning.id)).collect();
        let asked = Asked { tunings, findings: &findings, facts: &facts, before: &before, role: "a test" };
        Ok((tuning::plan(&asked), before))
    }

    /// The few facts that these tunings look at, read without the probe: it has its own tests.
    pub fn facts(&self, tunings: &[Tuning]) -> Result<Facts> {
        let mut facts = Facts::default();
        let mut learn = |key: &str, value: Value| -> Result<()> {
            facts.learn(key.parse::<Key>()?, Reading::reported(value), vec![]);
            Ok(())
        };
        let ask = |script: &str| self.server.must(script).map(|text| text.trim().to_owned());
        for tuning in tunings {
            if let TuningKind::Sysctl(values) = &tuning.kind {
                for (key, _) in values {
                    let path = format!("/proc/sys/{}", key.replace('.', "/"));
                    match self.server.exec(&format!("cat {path}"))? {
                        output if output.ok() => {
                            learn(&format!("sysctl.now:{key}"), Value::Text(output.stdout.trim().to_owned()))?;
                        }
                        _ => learn(&format!("sysctl.now:{key}"), Value::Absent)?,
                    }
                    let pattern = key.replace('.', "\\.");
                    let boot = ask(&format!(
                        "sed -n 's/^{pattern} *= *//p' /etc/sysctl.d/zz-plumbline.conf 2>/dev/null | tail -n 1"
                    ))?;
                    if !boot.is_empty() {
                        learn(&format!("sysctl.boot:{key}"), Value::Text(boot))?;
                    }
                }
            }
        }
        let systemd = self.server.exec("test -d /run/systemd/system")?.ok();
        learn("init.kind", Value::Text(if systemd { "systemd" } else { "none" }.into()))?;
        for (key, flag) in [("limit.login_files_soft", "-Sn"), ("limit.login_files_hard", "-Hn")] {
            let login = self.server.ssh("root").arg(format!("sh -c 'ulimit {flag}'")).output()?;
            if let Ok(count) = String::from_utf8_lossy(&login.stdout).trim().parse() {
                learn(key, Value::Count(count))?;
            }
        }
        if systemd {
            for (key, property) in [
                ("limit.service_files_soft", "DefaultLimitNOFILESoft"),
                ("limit.service_files_hard", "DefaultLimitNOFILE"),
            ] {
                learn(key, Value::Count(ask(&format!("systemctl show -p {property} --value"))?.parse()?))?;
            }
        }
        Ok(facts)
    }
}

/// The client's end of a request.
#[derive(Debug)]
pub struct Client {
    child: Child,
}

impl Client {
    fn wait_output(&mut self) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        let mut stdout = self.child.stdout.take().context("no output")?;
        std::io::Read::read_to_end(&mut stdout, &mut output)?;
        self.child.wait()?;
        Ok(output)
    }

    /// Waits for the end of the request.
    pub fn end(mut self) -> Result<End> {
        match Reader::new(NONCE).push(&self.wait_output()?).pop() {
            Some(RunEvent::End(end)) => Ok(end),
            other => anyhow::bail!("{other:?}"),
        }
    }

    /// Reads until a line that holds `word`.
    pub fn until(&mut self, word: &str) -> Result<String> {
        let mut seen = String::new();
        let stdout = self.child.stdout.as_mut().context("no output")?;
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            seen.push_str(&line);
            seen.push('\n');
            if line.contains(word) {
                return Ok(seen);
            }
        }
        anyhow::bail!("{word:?} never came; this did:\n{seen}")
    }

    /// Reads so many lines of the journal. Says whether there were so many before the one that holds `last`.
    pub fn hears(&mut self, lines: usize, last: &str) -> Result<bool> {
        let stdout = self.child.stdout.as_mut().context("no output")?;
        let mut heard = 0;
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            if line.contains(last) {
                return Ok(false);
            }
            heard += usize::from(line.starts_with(&format!("{NONCE} J ")));
            if heard == lines {
                return Ok(true);
            }
        }
        anyhow::bail!("the client heard {heard} lines and then nothing more")
    }

    /// The client's computer is gone.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A finding that wants the change of this id.
#[expect(clippy::expect_used, reason = "a test's own constant")]
pub fn short(change: &str) -> Finding {
    let figure = serde_json::json!({ "text": "", "value": null, "unit": "", "confidence": null });
    serde_json::from_value(serde_json::json!({
        "id": format!("need.{change}"), "catalog": [], "title": "", "area": "system", "severity": "required",
        "verdict": "short", "needed": figure, "found": figure, "sentence": "", "why": "",
        "source": { "document": "", "section": null, "line": null, "url": null, "verified": "2026-11-20" },
        "evidence": [], "change": change, "parts": [],
    }))
    .expect("a finding")
}

pub fn tuning(id: &str, kind: TuningKind) -> Tuning {
    Tuning {
        id: id.into(),
        title: format!("Title of {id}"),
        effect: String::new(),
        group: "System limits".into(),
        advised_off: None,
        kind,
    }
}

/// Kernel parameters that a container with its own network may change.
pub fn buffers() -> Tuning {
    let values = [
        ("net.ipv4.tcp_rmem", "4096 87380 134217728"),
        ("net.ipv4.tcp_wmem", "4096 65536 134217728"),
        ("net.ipv4.tcp_max_syn_backlog", "8192"),
    ];
    tuning("sysctl.buffers", TuningKind::Sysctl(values.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec()))
}

/// More files than before, and no more than a lab inside a container may have.
pub fn limits() -> Tuning {
    tuning("limits.files", TuningKind::FileLimit { files: 16384, units: vec![] })
}

/// One change of every kind that a server in a container supports and that the safety timer takes back (programs stay).
pub fn every_kind() -> Vec<Tuning> {
    let pairs = |lines: &[(&str, &str)]| lines.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let sshd = pairs(&[("passwordauthentication", "no"), ("permitrootlogin", "prohibit-password")]);
    let permission = profiles::Permission {
        path: "/etc/hostname".into(),
        mode: "600".into(),
        owner: "root".into(),
        group: "root".into(),
    };
    let lines = pairs(&[("PLUMBLINE_TEST", "1")]);
    let kind = TuningKind::Environment { path: "/etc/environment".into(), mode: "644".into(), lines, restart: None };
    let port =
        profiles::PortRule { port: "9000/udp".into(), title: String::new(), from: profiles::PortSource::Anywhere };
    vec![
        tuning("user.own", TuningKind::SystemUser { user: "dusk".into(), group: "dusk".into() }),
        buffers(),
        limits(),
        tuning("files.permissions", TuningKind::Permissions(vec![permission])),
        tuning("env.own", kind),
        tuning("service.lists", TuningKind::Service { unit: "apt-daily.timer".into(), enabled: true, running: true }),
        tuning("firewall.close", TuningKind::CloseOtherPorts { ports: vec![port] }),
        tuning("ssh.keys", TuningKind::Sshd(sshd)),
        tuning("ssh.port", TuningKind::SshPort { port: 2222 }),
    ]
}

static RUNS: AtomicU32 = AtomicU32::new(1);

/// A run of its own name that waits so many seconds for an answer, and as long for each of its steps.
#[expect(clippy::expect_used, reason = "a test's own name")]
pub fn spec(window: u32) -> RunSpec {
    let number = RUNS.fetch_add(1, Ordering::Relaxed);
    RunSpec {
        id: format!("test-{number:03}").parse().expect("an id"),
        role: "a test".into(),
        at: format!("2026-11-21T07:30:{:02}Z", number % 60),
        window,
        step: window,
        longest: 600,
        proof: format!("proof-{number}"),
    }
}

/// Everything that the tests promise to find again: bytes, mode, owner, attributes and links of all of /etc, unit states,
/// packages, the firewall, and running values.
pub fn snapshot(server: &lab::Server, keys: &[&str]) -> Result<String> {
    // people may sign in before the last service of a boot is up
    let booted = "[ ! -d /run/systemd/system ] || case $(systemctl is-system-running) in initializing | starting) exit 1 ;; esac";
    eventually(server, Duration::from_secs(60), booted)?;
    let mut script = String::from(
        "if find /etc -maxdepth 0 -printf '' 2>/dev/null; then find /etc -printf '%p %y %m %U %G %l\n'; else find /etc -exec stat -c '%n %F %a %u %g %N' {} +; fi | sort\n\
         find /etc -type f -exec sha256sum {} + | sort -k 2\n\
         getfattr -R -h -d -m - -e hex --absolute-names /etc 2>/dev/null\n\
         [ ! -d /run/systemd/system ] || systemctl show -p DefaultLimitNOFILESoft -p DefaultLimitNOFILE\n\
         [ ! -d /run/systemd/system ] || systemctl list-unit-files --no-legend | grep -v -e plumbline- -e '^session-' | tr -s ' '\n\
         [ ! -d /run/systemd/system ] || systemctl list-units --no-legend --plain --state=active -t service,socket,timer,swap,mount | \
           awk '{ print $1, $3, $4 }' | grep -v -e '^plumbline-' -e '^user' -e '^session' -e '^run-' -e tmpfiles-clean -e dpkg-db -e '^apt-daily' | sort\n\
         dpkg-query -W -f='${Package} ${Version} ${db:Status-Status}\\n' 2>/dev/null; rpm -qa 2>/dev/null | sort\n\
         nft list ruleset 2>/dev/null | sed 's/packets [0-9]* bytes [0-9]*//'\n\
         swapon --show --noheadings 2>/dev/null; cat /proc/modules 2>/dev/null | cut -d' ' -f1 | sort | grep -c .\n",
    );
    for key in keys {
        script.push_str(&format!("echo {key} $(cat /proc/sys/{})\n", key.replace('.', "/")));
    }
    script.push_str("true\n");
    Ok(server.must(&script)?)
}

/// What of a snapshot a boot leaves alone: files and these kernel values. Units and programs it moves by itself.
pub fn lasting(snapshot: &str, keys: &[&str]) -> String {
    let lasts = |line: &&str| line.contains("/etc/") || keys.iter().any(|key| line.starts_with(key));
    // what systemd and the kernel write anew at a boot
    let anew = |line: &&str| ["/etc/mtab", "/etc/machine-id", "/etc/adjtime"].iter().any(|path| line.contains(path));
    snapshot.lines().filter(|line| lasts(line) && !anew(line)).collect::<Vec<_>>().join("\n")
}

/// Lines that differ, for a person.
pub fn difference(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}"));
    let come = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect::<Vec<_>>().join("\n")
}

/// Fails with the lines that differ.
pub fn same(before: &str, after: &str) -> Result<()> {
    ensure!(before == after, "not as before:\n{}", difference(before, after));
    Ok(())
}

/// The whole promise for some changes: applied, checked by `holds`, planned again (nothing left), kept, undone, and
/// everything as before.
pub fn round_trip(rig: &Rig, tunings: &[Tuning], keys: &[&str], holds: impl Fn(&Rig) -> Result<()>) -> Result<()> {
    let before = snapshot(&rig.server, keys)?;
    let (plan, looked) = rig.plan(tunings)?;
    ensure!(plan.changes.len() == tunings.len(), "not all offered: {:?}", plan.left);
    let run = spec(60);
    let events = rig.events(&tuning::run::launch(&plan, &looked, &run, NONCE))?;
    let failed = events.iter().any(|event| matches!(event, RunEvent::Act { word: tuning::journal::Word::Failed, .. }));
    ensure!(!failed && events.last() == Some(&RunEvent::End(End::Waiting)), "{events:#?}\n{}", rig.run_logs());
    holds(rig)?;
    ensure!(rig.end(&tuning::run::keep(&run.id, NONCE))? == End::Kept);
    let (again, _) = rig.plan(tunings)?;
    ensure!(again.changes.is_empty(), "a second plan is not empty: {again:#?}");

    // and the same program once more changes nothing either
    let receipt = rig.receipt(&run.id)?;
    let undo = spec(60);
    let end = rig.end(&tuning::run::undo(&receipt, &tuning::run::Answers::default(), &undo, NONCE))?;
    ensure!(end == End::Waiting, "{end:?}\n{}", rig.run_logs());
    ensure!(rig.end(&tuning::run::keep(&undo.id, NONCE))? == End::Kept);
    let after = snapshot(&rig.server, keys)?;
    ensure!(before == after, "undone and not as before:\n{}\n{}", difference(&before, &after), rig.run_logs());
    Ok(())
}

/// Somebody's program holds a package tool's lock for so many seconds, from now on.
pub fn hold_lock(server: &lab::Server, lock: &str, seconds: u32) -> Result<()> {
    server.must(&format!(
        "cat >/tmp/holder.py <<'X'\nimport fcntl, time\nf = open('{lock}', 'w')\nfcntl.lockf(f, fcntl.LOCK_EX)\n\
         open('/tmp/held', 'w')\ntime.sleep({seconds})\nX\nsetsid python3 /tmp/holder.py </dev/null >/dev/null 2>&1 &\n\
         while ! [ -e /tmp/held ]; do sleep 0.1; done"
    ))?;
    Ok(())
}

/// Waits until the server answers yes, for at most so long.
pub fn eventually(server: &lab::Server, limit: Duration, condition: &str) -> Result<()> {
    let end = std::time::Instant::now() + limit;
    while !server.exec(condition)?.ok() {
        ensure!(std::time::Instant::now() < end, "never within {limit:?}: {condition}");
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

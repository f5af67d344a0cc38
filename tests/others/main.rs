//! What others read on the same servers: Ansible, testinfra and Lynis against our probe, item by item. Each item agrees,
//! or has a reason that stands here in writing; what the probe could not tell is counted by itself.
#![allow(clippy::print_stdout, reason = "the counts are there to be read")]

#[cfg(unix)]
mod compare;

#[cfg(unix)]
mod lane {
    use crate::compare::{Outcome, Said, compare};
    use anyhow::{Context, Result, ensure};
    use facts::probe::{Asks, script};
    use facts::{Facts, Key};
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    /// The Python that has ansible-core and pytest-testinfra, or why there is none.
    fn python() -> std::result::Result<String, String> {
        let python = std::env::var("PLUMB_LAB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let has = Command::new(&python).args(["-c", "import ansible, testinfra"]).stderr(Stdio::null()).status();
        match has {
            Ok(status) if status.success() => Ok(python),
            _ => Err("ansible-core and pytest-testinfra are not installed for PLUMB_LAB_PYTHON".to_owned()),
        }
    }

    /// Lynis as Debian packages it, in `folder`, or why there is none.
    fn lynis(folder: &Path) -> std::result::Result<(), String> {
        let fetched = Command::new("apt-get").args(["-qq", "download", "lynis"]).current_dir(folder).output();
        fetched.map_err(|why| format!("apt-get: {why}"))?;
        let files = std::fs::read_dir(folder).map_err(|why| why.to_string())?;
        let deb = files.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == "deb"));
        let deb = deb.ok_or("the package lynis cannot be had from this system's archive")?;
        std::fs::rename(deb, folder.join("lynis.deb")).map_err(|why| why.to_string())
    }

    fn others(python: &str, server: &lab::Server, folder: &Path) -> Result<Vec<Said>> {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("others/others.py");
        let mut command = Command::new(python);
        command.arg(script).args([&server.host, &server.port.to_string()]).arg(&server.key_file).arg(folder);
        if lab::full_matrix() {
            command.arg("whole");
        }
        let out = command.stdin(Stdio::null()).output().context("others.py")?;
        ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let lines = String::from_utf8(out.stdout)?;
        lines.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
    }

    /// Our own reading, over ssh as an administrator, of exactly what the others spoke of.
    fn ours(server: &lab::Server, said: &[Said]) -> Result<Facts> {
        let keys = said.iter().map(|said| Ok(said.about.parse()?)).collect::<Result<Vec<Key>>>()?;
        let folder = tempfile::tempdir()?;
        let probe = folder.path().join("probe");
        std::fs::write(&probe, script(&Asks::of(&keys), "3f9a2c7be1d04586"))?;
        let out = server.ssh("root").arg("sh -s").stdin(std::fs::File::open(probe)?).output()?;
        let context = facts::Context { dialled: server.host.parse().ok(), clock: None };
        Ok(facts::read(&facts::frame::sections(&out.stdout), &context))
    }

    type Start = fn() -> std::result::Result<lab::Server, lab::Error>;

    fn agree_on(release: &str, start: Start) -> Result<()> {
        let test = format!("others: {release}");
        let python = match python() {
            Ok(python) => python,
            Err(reason) => {
                lab::record(&test, &lab::Skipped { name: "ansible-core and pytest-testinfra".to_owned(), reason });
                return Ok(());
            }
        };
        let server = lab::need!(start());
        if server.exec("command -v python3")?.code != 0 {
            server.must("apt-get -qq install python3 >/dev/null 2>&1")?;
        }
        let folder = tempfile::tempdir()?;
        if let Err(reason) = lynis(folder.path()) {
            lab::record(&test, &lab::Skipped { name: "Lynis".to_owned(), reason });
        }
        let said = others(&python, &server, folder.path())?;
        let facts = ours(&server, &said)?;
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut wrong = Vec::new();
        for said in &said {
            let outcome = compare(said, &facts)?;
            *counts.entry((&said.by, outcome.word())).or_default() += 1;
            match outcome {
                Outcome::Agrees => {}
                Outcome::Explained(reason) => println!("{release}: {} {}: {reason}", said.by, said.about),
                Outcome::CouldNotTell(why) => println!("{release}: {} {}: could not tell: {why}", said.by, said.about),
                Outcome::Differs(ours) => {
                    wrong.push(format!("{} {}: they {}, we {ours}", said.by, said.about, said.value));
                }
            }
        }
        for ((by, word), count) in &counts {
            println!("{release}: {by}: {count} {word}");
        }
        println!("{release}: {} items compared", said.len());
        ensure!(wrong.is_empty(), "{release}: {} of {} items:\n{}", wrong.len(), said.len(), wrong.join("\n"));
        let agreed = |by| counts.get(&(by, "agree")).copied().unwrap_or_default();
        ensure!(agreed("ansible") > 20 && agreed("testinfra") > 40, "too little was compared: {counts:?}");
        Ok(())
    }

    #[test]
    fn on_debian_12() -> Result<()> {
        lab::slow!();
        agree_on("Debian 12", || lab::nspawn("bookworm"))
    }

    /// Debian 12 is the sample of `npm test`; `npm run test:full` compares on all.
    fn where_all_are_compared(release: &str, start: Start) -> Result<()> {
        if lab::full_matrix() {
            return agree_on(release, start);
        }
        let reason = "Debian 12 is the sample; npm run test:full compares on every release".to_owned();
        lab::record(&format!("others: {release}"), &lab::Skipped { name: "every release".to_owned(), reason });
        Ok(())
    }

    #[test]
    fn on_debian_11() -> Result<()> {
        lab::slow!();
        where_all_are_compared("Debian 11", || lab::nspawn("bullseye"))
    }

    #[test]
    fn on_debian_13() -> Result<()> {
        lab::slow!();
        where_all_are_compared("Debian 13", || lab::nspawn("trixie"))
    }

    #[test]
    fn on_a_virtual_machine() -> Result<()> {
        lab::slow!();
        where_all_are_compared("virtual machine", || lab::vm("bookworm"))
    }
}

//! Recorded servers and what is said about them: `<server>/probe.txt` is what the probe printed there, `case.toml` says
//! which roles it is judged for, and the `.snap` files hold the findings as a person reads them.
//!
//! Deliberately absent: the findings' JSON (that is `report`), and servers that run (those are `lab`).

mod server;

pub use server::Written;

use anyhow::{Context, Result};
use checks::{Finding, Verdict};
use facts::{Confidence, Facts, Key, Reading, Value};
use profiles::RoleChoice;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// One recorded server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it is, and whether the recording is of a real server.
    pub about: String,
    /// The day it is judged at, UTC.
    pub at: String,
    /// The address that was dialled, where one was.
    pub dialled: Option<std::net::IpAddr>,
    /// Role ids to judge it for.
    pub roles: Vec<String>,
    /// What a person said about it; `[[answer]]` as in a file of answers.
    pub answers: Option<String>,
    /// What measurements could have found there, each a page of its own.
    #[serde(default)]
    pub measured: Vec<Measured>,
}

/// What was measured on a server beside its recording.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Ends the name of its page.
    pub name: String,
    pub role: String,
    /// Each fact with true, false or a number.
    pub facts: BTreeMap<Key, toml::Value>,
}

impl Measured {
    /// `facts` with what was measured laid over them.
    pub fn over(&self, facts: &Facts) -> Result<Facts> {
        let mut facts = facts.clone();
        for (key, value) in &self.facts {
            let value = match value {
                toml::Value::Boolean(flag) => Value::Flag(*flag),
                toml::Value::Integer(count) => Value::Count(u64::try_from(*count)?),
                other => anyhow::bail!("{key} cannot be {other}"),
            };
            facts.learn(key.clone(), Reading::Known { value, confidence: Confidence::Measured }, Vec::new());
        }
        Ok(facts)
    }
}

/// Every folder here that holds a recording.
pub fn servers() -> Result<Vec<PathBuf>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut servers = Vec::new();
    for entry in std::fs::read_dir(here)? {
        let path = entry?.path();
        if path.join("probe.txt").is_file() {
            servers.push(path);
        }
    }
    servers.sort();
    Ok(servers)
}

/// Every folder here whose server was written down and not recorded.
pub fn written_down() -> Result<Vec<PathBuf>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut servers = Vec::new();
    for entry in std::fs::read_dir(here)? {
        let path = entry?.path();
        if path.join("server.txt").is_file() {
            servers.push(path);
        }
    }
    servers.sort();
    Ok(servers)
}

/// The probe that asks for everything any role reads.
pub fn script() -> String {
    let catalog = profiles::catalog();
    let keys = checks::keys_of_roles(catalog, &catalog.every_choice());
    facts::probe::script(&facts::probe::Asks::of(&keys), "recorded")
}

/// All facts of a server, one a line, as a person reads them: `~` marks what was worked out, `!` what was measured.
pub fn facts_page(facts: &Facts) -> String {
    let mut page = String::new();
    for (key, fact) in facts.iter() {
        let text = match &fact.reading {
            Reading::Known { value, confidence } => {
                let mark = match confidence {
                    Confidence::Inferred => "~ ",
                    Confidence::Reported => "",
                    Confidence::Measured => "! ",
                };
                format!("{mark}{}", value_text(value))
            }
            Reading::Unknown(why) => format!("? {why:?}"),
        };
        let _ = writeln!(page, "{:44} {text}", key.to_string());
    }
    page
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Absent => "absent".to_owned(),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Count(count) => count.to_string(),
        Value::Bytes(bytes) => format!("{bytes} bytes"),
        Value::Mhz(mhz) => format!("{mhz} MHz"),
        Value::Mbps(mbps) => format!("{mbps} Mbps"),
        Value::Millis(millis) => format!("{millis} ms"),
        Value::Percent(percent) => format!("{percent} %"),
        Value::Version(version) => format!("version {version}"),
        Value::Text(text) => text.clone(),
        Value::Numbers(numbers) => format!("{numbers:?}"),
        Value::List(items) if items.is_empty() => "none".to_owned(),
        Value::List(items) => items.join(" | "),
    }
}

pub fn case(server: &Path) -> Result<Case> {
    let path = server.join("case.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{}", path.display()))
}

/// The facts that the recording tells.
pub fn facts_of(server: &Path, case: &Case) -> Result<Facts> {
    let recorded = std::fs::read(server.join("probe.txt"))?;
    let sections = facts::frame::sections(&recorded);
    Ok(facts::read(&sections, &facts::Context { dialled: case.dialled, clock: None }))
}

/// What is said about the server for one role, as a page that a sysadmin can read and disagree with.
pub fn page(role: &str, case: &Case, facts: &Facts) -> Result<String> {
    let choice: RoleChoice = role.parse()?;
    let needs = profiles::needs(&choice)?;
    let mut findings = checks::judge(&needs, facts, &case.at);
    if let Some(answers) = &case.answers {
        let answers = profiles::parse_answers("case.toml", answers).map_err(|p| anyhow::anyhow!("{p:?}"))?;
        checks::confirm(&mut findings, &answers);
    }
    let mut page = format!("{role} on {}, {}\n", case.about, case.at);
    let counts = checks::counts(&findings);
    writeln!(page, "{:?}, exit code {}", checks::overall(&findings), checks::exit_code(&findings))?;
    writeln!(
        page,
        "{} met, {} short, {} missing, {} could not tell, {} for you to confirm, {} do not apply",
        counts.met, counts.short, counts.missing, counts.could_not_tell, counts.you_confirm, counts.not_applicable
    )?;
    lines(&mut page, &findings)?;
    Ok(page)
}

/// The same for the needs alone that a measurement is about.
pub fn page_of_measured(measured: &Measured, case: &Case, facts: &Facts) -> Result<String> {
    let mut needs = profiles::needs(&measured.role.parse()?)?;
    needs.retain(|need| checks::keys([need]).iter().any(|key| measured.facts.contains_key(key)));
    let findings = checks::judge(&needs, &measured.over(facts)?, &case.at);
    let mut page = format!("{} on {}, {}: {}\n", measured.role, case.about, case.at, measured.name);
    for (key, value) in &measured.facts {
        writeln!(page, "measured {key}: {value}")?;
    }
    lines(&mut page, &findings)?;
    Ok(page)
}

fn lines(page: &mut String, findings: &[Finding]) -> Result<()> {
    let mut area = None;
    for finding in findings {
        if area != Some(finding.area) {
            writeln!(page, "\n{:?}", finding.area)?;
            area = Some(finding.area);
        }
        line(page, finding)?;
    }
    Ok(())
}

fn line(page: &mut String, finding: &Finding) -> Result<()> {
    let severity = format!("{:?}", finding.severity).to_lowercase();
    writeln!(page, "  {:14} {severity:13} {}", verdict(finding.verdict), finding.id)?;
    writeln!(page, "      {}", finding.sentence)?;
    if let Some(maintained) = &finding.maintained {
        writeln!(page, "      {:?} until {}", maintained.state, maintained.until.as_deref().unwrap_or("nobody knows"))?;
    }
    if let Some(change) = &finding.change {
        writeln!(page, "      change {change}")?;
    }
    for part in finding.parts.iter().filter(|part| !matches!(part.verdict, Verdict::Met)) {
        writeln!(
            page,
            "      - {}: {}, {} of {}",
            part.title,
            verdict(part.verdict),
            part.found.text,
            part.needed.text
        )?;
    }
    Ok(())
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Short => "short",
        Verdict::Missing => "missing",
        Verdict::CouldNotTell => "could not tell",
        Verdict::YouConfirm => "you confirm",
        Verdict::NotApplicable => "not applicable",
    }
}

//! `plumb export FORM --from CHECK.json --out PATH`: a saved check in another form.

use crate::args::Form;
use crate::commands::check;
use crate::outcome::{Failure, OrBadArguments, OrUnreached, Outcome};
use crate::print::safe;
use anyhow::{Context, anyhow};
use report::Report;
use std::path::{Path, PathBuf};
use tuning::Prepared;

pub(crate) fn run(
    form: Form,
    from: &Path,
    out: &Path,
    changes: &[String],
    profile: &[PathBuf],
) -> Result<Outcome, Failure> {
    let name = from.display();
    let text = std::fs::read_to_string(from).with_context(|| format!("{name} cannot be read")).or_bad_arguments()?;
    let report = Report::from_json(&text).with_context(|| format!("{name} is not a saved check")).or_bad_arguments()?;
    if !changes.is_empty() && !matches!(form, Form::Ansible | Form::Shell) {
        return Err(anyhow!("--change chooses changes for ansible and shell.")).or_bad_arguments();
    }
    let catalog = check::catalog(profile)?;
    match form {
        Form::Json => write(out, report.json().as_bytes()),
        Form::Pdf => write(out, &report::pdf(&report).or_unreached()?),
        Form::Junit => write(out, report.junit().as_bytes()),
        Form::Csv => write(out, report.csv().as_bytes()),
        Form::Note => write(out, report.note().as_bytes()),
        Form::Ansible => ansible(&report, out, changes),
        Form::Shell => {
            let plan = chosen(&report, changes, Prepared::safe)?;
            write(out, session::script_by_hand(&catalog, &report, &plan).as_bytes())
        }
        Form::Monitoring => monitoring(&report, out),
    }
}

fn ansible(report: &Report, out: &Path, changes: &[String]) -> Result<Outcome, Failure> {
    // what is off by advice is in the playbook too, and runs only when its tag is named
    let plan = chosen(report, changes, Prepared::clone)?;
    let book = report.ansible(&plan);
    if out.extension().is_some_and(|end| end == "yml" || end == "yaml") {
        return write(out, book.playbook.as_bytes());
    }
    folder(out, &[("playbook.yml", &book.playbook), ("inventory.yml", &book.inventory), ("README.md", &book.readme)])
}

fn monitoring(report: &Report, out: &Path) -> Result<Outcome, Failure> {
    let Some(rules) = report.alert_rules() else {
        let why = "The documents of this role name no thresholds to alert at, so there is nothing to write.";
        return Err(anyhow!(why)).or_bad_arguments();
    };
    folder(out, &[("plumbline.rules.yml", &rules.rules), ("plumbline.tests.yml", &rules.tests)])
}

/// The changes that were named, else those that `by_itself` takes.
fn chosen(report: &Report, changes: &[String], by_itself: impl Fn(&Prepared) -> Prepared) -> Result<Prepared, Failure> {
    let Some(plan) = &report.plan else {
        let why = "This check holds no plan: it went to standard output, an earlier version saved it, or its reading was made \
                   without a role. Save it again with plumb check --json FILE; out of reach, read the server with \
                   plumb probe --role ROLE.";
        return Err(anyhow!(why)).or_bad_arguments();
    };
    if let Some(unknown) = changes.iter().find(|id| !plan.changes.iter().any(|change| change.view.id == **id)) {
        return Err(anyhow!("This check plans no change \"{}\".", safe(unknown))).or_bad_arguments();
    }
    let plan = if changes.is_empty() { by_itself(plan) } else { plan.only(changes) };
    if plan.changes.is_empty() {
        return Err(anyhow!("This check plans no change to write.")).or_bad_arguments();
    }
    Ok(plan)
}

fn folder(out: &Path, files: &[(&str, &str)]) -> Result<Outcome, Failure> {
    std::fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display())).or_unreached()?;
    for (name, text) in files {
        write(&out.join(name), text.as_bytes())?;
    }
    Ok(Outcome::Ready)
}

fn write(out: &Path, bytes: &[u8]) -> Result<Outcome, Failure> {
    session::store::write_whole(out, bytes)
        .with_context(|| format!("{} cannot be written", out.display()))
        .or_unreached()?;
    Ok(Outcome::Ready)
}

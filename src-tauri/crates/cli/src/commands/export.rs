//! `plumb export FORM --from CHECK.json --out PATH`: a saved check in another form.

use crate::args::Form;
use crate::outcome::{Failure, OrBadArguments, OrUnreached, Outcome};
use anyhow::{Context, anyhow};
use report::Report;
use std::path::Path;

pub(crate) fn run(form: Form, from: &Path, out: &Path) -> Result<Outcome, Failure> {
    let name = from.display();
    let text = std::fs::read_to_string(from).with_context(|| format!("{name} cannot be read")).or_bad_arguments()?;
    let report = Report::from_json(&text).with_context(|| format!("{name} is not a saved check")).or_bad_arguments()?;
    let bytes = match form {
        Form::Json => report.json().into_bytes(),
        Form::Pdf => report::pdf(&report).or_unreached()?,
        Form::Junit => report.junit().into_bytes(),
        Form::Csv => report.csv().into_bytes(),
        Form::Ansible | Form::Shell => {
            return Err(anyhow!("A check cannot be exported as changes yet. `plumb plan --diff` shows them."))
                .or_bad_arguments();
        }
    };
    session::store::write_whole(out, &bytes)
        .with_context(|| format!("{} cannot be written", out.display()))
        .or_unreached()?;
    Ok(Outcome::Ready)
}

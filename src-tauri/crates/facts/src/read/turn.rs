//! Settings of coturn; the probe lets no secret value through.

use super::Context;
use super::answers::Answers;
use super::notes::{Notes, word};
use crate::{Kind, Value};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    for key in answers.asked(Kind::TurnSetting) {
        let said = match answers.said("turn.settings") {
            Ok(said) => said,
            Err(silence) => {
                notes.silent([key.clone()], &silence);
                continue;
            }
        };
        let file = said.text.lines().find_map(|line| line.strip_prefix("file=")).unwrap_or("/etc/turnserver.conf");
        let values: Vec<_> = said.text.lines().filter_map(|line| value(line, key.argument())).map(word).collect();
        let cited =
            notes.cite(format!("grep ^{} {file}", key.argument()), &values.join("\n"), i32::from(values.is_empty()));
        let value = if values.is_empty() { Value::Absent } else { Value::Text(values.join(",")) };
        notes.reported(key.clone(), value, &cited);
    }
}

/// "min-port=49152"; a line without a value switches on.
fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.trim().strip_prefix(name)?;
    match rest.trim_start().strip_prefix('=') {
        Some(value) => Some(value.trim()),
        None if rest.is_empty() => Some("yes"),
        None => None,
    }
}

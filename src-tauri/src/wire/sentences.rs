//! The sentences above a result: titles that say the conclusion, and the line below them.

use checks::{Counts, Finding, Overall, Verdict};
use std::collections::BTreeSet;
use tuning::Plan;

/// "14 of 17 shortfalls can be put right from here".
pub(crate) fn check_title(
    server: &str,
    role: &str,
    findings: &[Finding],
    plan: &Plan,
    (counts, overall): (&Counts, Overall),
) -> String {
    let open = shortfalls(findings);
    let settled = settled(&open, plan);
    match (settled, open.len()) {
        (_, 0) => readiness(server, role, (counts, overall)),
        (0, 1) => "One need is not met, and it wants a person".to_owned(),
        (0, all) => format!("{} needs are not met, and they want a person", upper(&spelled(all))),
        (1, 1) => "The one shortfall can be put right from here".to_owned(),
        (some, all) if some == all => format!("All {} shortfalls can be put right from here", spelled(all)),
        (some, all) => format!("{some} of {all} shortfalls can be put right from here"),
    }
}

/// "The other three need you. Open any line to see why it matters and how we know."
pub(crate) fn check_lead(findings: &[Finding], plan: &Plan, counts: &Counts) -> String {
    let open = shortfalls(findings);
    let settled = settled(&open, plan);
    let rest = match open.len() - settled {
        0 => String::new(),
        _ if settled == 0 => String::new(),
        1 => "The other one needs you. ".to_owned(),
        rest => format!("The other {} need you. ", spelled(rest)),
    };
    let untold = match counts.could_not_tell {
        0 => String::new(),
        1 => "One need could not be told. ".to_owned(),
        n => format!("{} needs could not be told. ", upper(&spelled(n as usize))),
    };
    format!("{rest}{untold}Open any line to see why it matters and how we know.")
}

/// "Six changes make 14 more needs true".
pub(crate) fn plan_title(plan: &Plan, findings: &[Finding]) -> String {
    let changes = match plan.changes.len() {
        0 => return "There is nothing to change from here".to_owned(),
        1 => "One change".to_owned(),
        several => format!("{} changes", upper(&spelled(several))),
    };
    let make = if plan.changes.len() == 1 { "makes" } else { "make" };
    match settled(&shortfalls(findings), plan) {
        0 if plan.changes.len() == 1 => format!("{changes} is advised"),
        0 => format!("{changes} are advised"),
        1 => format!("{changes} {make} one more need true"),
        needs => format!("{changes} {make} {} more needs true", spelled(needs)),
    }
}

pub(crate) const PLAN_LEAD: &str =
    "Read them, switch off what you don\u{2019}t want. Nothing happens until you press Apply.";

/// Where changes are carried to the server.
pub(crate) const PLAN_LEAD_BY_HAND: &str =
    "Read them, switch off what you don\u{2019}t want, and take the rest to the server. From here nothing happens.";

/// "chat-01 is almost ready for Reforms".
pub(crate) fn readiness(server: &str, role: &str, (counts, overall): (&Counts, Overall)) -> String {
    match overall {
        Overall::Almost if counts.hardly_read() => format!("Too little of {server} was read to judge it"),
        Overall::Ready => format!("{server} is ready for {role}"),
        Overall::Almost => format!("{server} is almost ready for {role}"),
        Overall::NotReady => format!("{server} is not ready for {role}"),
    }
}

/// Findings that a change or a person could still put right.
pub(crate) fn shortfalls(findings: &[Finding]) -> Vec<&Finding> {
    let open =
        |finding: &&Finding| finding.waiver.is_none() && matches!(finding.verdict, Verdict::Short | Verdict::Missing);
    findings.iter().filter(open).collect()
}

/// How many of `open` the changes of `plan` settle together.
fn settled(open: &[&Finding], plan: &Plan) -> usize {
    let by_changes: BTreeSet<&str> =
        plan.changes.iter().flat_map(|change| change.settles.iter().map(String::as_str)).collect();
    open.iter().filter(|finding| by_changes.contains(finding.id.as_str())).count()
}

/// Small numbers as words, as people write them.
pub(crate) fn spelled(number: usize) -> String {
    const WORDS: [&str; 11] = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

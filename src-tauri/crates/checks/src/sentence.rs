//! A finding in plain words: one wording for the screen, the paper and JSON.

use crate::finding::{Figure, Verdict};
use crate::judge::{Judged, nothing};
use facts::{Facts, Key, Kind, Value, Why};
use profiles::{Bound, Meets, Need, Part, say};

/// Why something could not be told, as the end of "Could not tell: …".
pub fn reason(why: &Why) -> String {
    match why {
        Why::NeedsAdministrator => "only an administrator may read this, and we signed in without.".to_owned(),
        Why::TimedOut { seconds } => format!("the server took longer than {seconds} s to answer."),
        Why::NoSource { looked_for } => format!("we looked for {looked_for} and found none."),
        Why::Unreadable { answer } => format!("the server answered \"{answer}\", which we do not understand."),
        Why::Hidden { by } => format!("{by} hides this from everyone inside."),
        Why::NotMeasured => "it has to be measured first.".to_owned(),
        Why::NotRead => "nobody has asked the server yet.".to_owned(),
    }
}

/// The same in two or three words, for a column.
pub(crate) fn short_reason(why: &Why) -> String {
    match why {
        Why::NeedsAdministrator => "no access".to_owned(),
        Why::TimedOut { .. } => "no answer in time".to_owned(),
        Why::NoSource { .. } => "nothing tells".to_owned(),
        Why::Unreadable { .. } => "not understood".to_owned(),
        Why::Hidden { .. } => "hidden".to_owned(),
        Why::NotMeasured => "not measured".to_owned(),
        Why::NotRead => "not read".to_owned(),
    }
}

pub(crate) fn part_title(part: &Part) -> String {
    let key_name = || part.key.as_ref().map(Key::to_string).unwrap_or_default();
    part.title.clone().unwrap_or_else(key_name)
}

/// The column "Needed".
pub(crate) fn needed(need: &Need, judged: &[Judged<'_>]) -> Figure {
    match (judged, &need.needed) {
        ([only], None) => only.needed.clone(),
        ([only], Some(text)) => Figure { text: text.clone(), ..only.needed.clone() },
        _ => nothing(&need.needed_text()),
    }
}

/// The column "Server has".
pub(crate) fn found(need: &Need, judged: &[Judged<'_>], verdict: Verdict, lead: Option<usize>) -> Figure {
    let lead = lead.and_then(|lead| judged.get(lead));
    match (verdict, judged) {
        (Verdict::NotApplicable, _) => nothing("does not apply"),
        (Verdict::CouldNotTell, _) => {
            nothing(&lead.and_then(|l| l.why_unknown.as_ref()).map(short_reason).unwrap_or_default())
        }
        (_, [only]) => only.found.clone(),
        (Verdict::YouConfirm, _) => lead.map_or_else(|| nothing(""), |lead| lead.found.clone()),
        (Verdict::Met, _) if need.meets == Meets::Any => lead.map_or_else(|| nothing(""), |lead| lead.found.clone()),
        (Verdict::Met, _) => nothing(&all_met(judged)),
        (Verdict::Short | Verdict::Missing, _) => nothing(&not_met(judged)),
    }
}

/// What parts that are all met have: their common word, their words, or how many there are.
fn all_met(judged: &[Judged<'_>]) -> String {
    let mut texts: Vec<&str> = Vec::new();
    let met =
        judged.iter().filter(|judged| judged.verdict == Verdict::Met && !matches!(judged.part.bound, Bound::Shown));
    let mut count = 0;
    for judged in met {
        count += 1;
        if !texts.contains(&judged.found.text.as_str()) {
            texts.push(&judged.found.text);
        }
    }
    if texts.len() <= 3 { texts.join(", ") } else { format!("all {count} as needed") }
}

/// What the parts that are not met have: "unzip, jq: not there", or the first of them and how many more.
fn not_met(judged: &[Judged<'_>]) -> String {
    let unmet: Vec<&Judged<'_>> =
        judged.iter().filter(|judged| matches!(judged.verdict, Verdict::Short | Verdict::Missing)).collect();
    let Some(first) = unmet.first() else { return String::new() };
    let alike = unmet.iter().all(|other| other.found.text == first.found.text);
    if alike && unmet.len() <= 3 {
        let titles: Vec<String> = unmet.iter().map(|judged| part_title(judged.part)).collect();
        return format!("{}: {}", titles.join(", "), first.found.text);
    }
    let rest = if alike {
        format!(", and {} more", unmet.len() - 1)
    } else {
        format!("; {} more not as needed", unmet.len() - 1)
    };
    format!("{}: {}{rest}", part_title(first.part), first.found.text)
}

/// The finding as one sentence.
pub(crate) fn sentence(
    need: &Need,
    judged: &[Judged<'_>],
    verdict: Verdict,
    lead: Option<usize>,
    found: &Figure,
    facts: &Facts,
) -> String {
    let lead = lead.and_then(|lead| judged.get(lead));
    let needed = need.needed_text();
    match verdict {
        Verdict::Met => format!("{}: {}. Needed: {needed}.", need.title, found.text),
        Verdict::Short | Verdict::Missing => {
            let offer = lead.and_then(|lead| offer(lead.part, facts)).unwrap_or_default();
            format!("{}: {}. Needed: {needed}.{offer}", need.title, found.text)
        }
        Verdict::CouldNotTell => {
            let why = lead.and_then(|lead| lead.why_unknown.as_ref()).map_or_else(String::new, reason);
            match lead.map(|lead| part_title(lead.part)).filter(|_| judged.len() > 1) {
                Some(part) => format!("Could not tell: {part}: {why}"),
                None => format!("Could not tell: {why}"),
            }
        }
        Verdict::YouConfirm => match lead.map(|lead| &lead.part.bound) {
            Some(Bound::YourWord { question }) => format!("You confirm: {question}"),
            _ => format!("You confirm: {} has {}. Needed: {needed}.", need.title, found.text),
        },
        Verdict::NotApplicable => {
            let otherwise = lead.and_then(|lead| lead.otherwise.clone());
            otherwise.unwrap_or_else(|| "Shown for your information.".to_owned())
        }
    }
}

/// What the distribution offers of a program that is too old or not there.
fn offer(part: &Part, facts: &Facts) -> Option<String> {
    let key = part.key.as_ref().filter(|key| key.kind() == Kind::SoftwareVersion)?;
    let candidate = Key::of(Kind::SoftwareCandidate, key.argument()).ok()?;
    match facts.value(&candidate)? {
        Value::Absent => Some(" Your distribution does not offer it.".to_owned()),
        value => Some(format!(" Your distribution offers {}.", say(value, Kind::SoftwareCandidate).text)),
    }
}

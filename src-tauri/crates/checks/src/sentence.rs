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
        Why::LowerBound { least } => {
            format!("{least} came through from here, and the line at this end may be the narrower one.")
        }
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
        Why::LowerBound { least } => format!("at least {least}"),
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
    let of_lead = || lead.map_or_else(|| nothing(""), |lead| lead.found.clone());
    match (verdict, judged) {
        (Verdict::NotApplicable, _) => nothing("does not apply"),
        (Verdict::CouldNotTell, _) => {
            nothing(&lead.and_then(|l| l.why_unknown.as_ref()).map(short_reason).unwrap_or_default())
        }
        (_, [only]) => only.found.clone(),
        (Verdict::YouConfirm, _) => of_lead(),
        // Of alternatives, the one that decided speaks.
        (_, _) if need.meets == Meets::Any => of_lead(),
        (Verdict::Met, _) => all_met(need, judged),
        (Verdict::Short | Verdict::Missing, _) => nothing(&not_met(need, judged)),
    }
}

/// What parts that are all met have: the figure of the first where it is one, else that all is as it should be.
fn all_met(need: &Need, judged: &[Judged<'_>]) -> Figure {
    let met: Vec<&Judged<'_>> =
        judged.iter().filter(|judged| judged.counts && judged.verdict == Verdict::Met).collect();
    let Some(first) = met.first() else { return nothing("") };
    let kind = |judged: &Judged<'_>| judged.part.key.as_ref().map(Key::kind);
    let many_alike = met.len() > 3 && met.iter().all(|other| kind(other) == kind(first));
    // What nobody could tell must not be said along with the rest: a clock that is kept need not be right.
    let unsaid = judged.iter().any(|judged| judged.part.supporting && judged.verdict == Verdict::CouldNotTell);
    match &need.needed {
        _ if tells(first) && !many_alike && !stands_alone(need, first, &met) => first.found.clone(),
        // "2.39" alone does not say of what: the C library, OpenSSL, or the system.
        _ if tells(first) && !many_alike => {
            Figure { text: format!("{}: {}", part_title(first.part), first.found.text), ..first.found.clone() }
        }
        Some(needed) if !unsaid => nothing(needed),
        Some(_) => first.found.clone(),
        None if met.iter().all(|other| other.found.text == first.found.text) => first.found.clone(),
        None => nothing(&format!("all {} as needed", met.len())),
    }
}

/// Whether a version or a share is the first of several that are about different things.
fn stands_alone(need: &Need, first: &Judged<'_>, met: &[&Judged<'_>]) -> bool {
    let about = |judged: &Judged<'_>| judged.part.key.clone();
    let bare = matches!(first.found.value, Some(Value::Version(_) | Value::Percent(_)));
    bare && part_title(first.part) != need.title && met.iter().any(|other| about(other) != about(first) && tells(other))
}

/// Whether the reading says more than that the bound is met.
fn tells(judged: &Judged<'_>) -> bool {
    let a_figure = matches!(
        judged.found.value,
        Some(
            Value::Count(_)
                | Value::Bytes(_)
                | Value::Mhz(_)
                | Value::Mbps(_)
                | Value::Millis(_)
                | Value::Percent(_)
                | Value::Version(_)
                | Value::Text(_)
                | Value::Numbers(_)
        )
    );
    a_figure && !matches!(judged.part.bound, Bound::Equals(_) | Bound::Present)
}

/// What the parts that are not met have: "unzip, jq: not there", or the first of them and how many more.
fn not_met(need: &Need, judged: &[Judged<'_>]) -> String {
    let is_unmet = |judged: &&Judged<'_>| matches!(judged.verdict, Verdict::Short | Verdict::Missing);
    let unmet: Vec<&Judged<'_>> = judged.iter().filter(|judged| judged.counts).filter(is_unmet).collect();
    let Some(first) = unmet.first() else { return String::new() };
    let alike = unmet.iter().all(|other| other.found.text == first.found.text);
    let titles = || unmet.iter().take(3).map(|judged| part_title(judged.part)).collect::<Vec<_>>().join(", ");
    match (alike, unmet.len()) {
        // "Node.js: Node.js: not there" says it twice.
        (_, 1) if part_title(first.part) == need.title => first.found.text.clone(),
        (true, n) if n == judged.iter().filter(|judged| judged.counts).count() => first.found.text.clone(),
        (true, n) if n <= 3 => format!("{}: {}", titles(), first.found.text),
        (true, n) => format!("{} and {} more: {}", titles(), n - 3, first.found.text),
        (false, n) => format!("{}: {}, and {} more", part_title(first.part), first.found.text, n - 1),
    }
}

/// The one part that is in the way, where its own line says more than that of the whole: 33 GB free, and 40 GB needed.
fn only_unmet<'a, 'b>(need: &Need, judged: &'b [Judged<'a>]) -> Option<&'b Judged<'a>> {
    let mut unmet = judged.iter().filter(|j| j.counts && matches!(j.verdict, Verdict::Short | Verdict::Missing));
    let only = unmet.next().filter(|_| unmet.next().is_none() && judged.len() > 1 && need.meets == Meets::All)?;
    let only = Some(only).filter(|only| only.verdict == Verdict::Short)?;
    only.needed.value.as_ref().filter(|value| !matches!(value, Value::Flag(_) | Value::Text(_))).map(|_| only)
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
            let offer = lead.and_then(|lead| offer(need, lead.part, facts)).unwrap_or_default();
            let needed = only_unmet(need, judged).map_or(needed, |only| only.needed.text.clone());
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
            _ => format!("You confirm: Is {} good enough where the source says {needed}?", found.text),
        },
        Verdict::NotApplicable => {
            let otherwise = lead.and_then(|lead| lead.otherwise.clone());
            otherwise.unwrap_or_else(|| "Shown for your information.".to_owned())
        }
    }
}

/// What the distribution offers of a program that is too old or not there.
fn offer(need: &Need, part: &Part, facts: &Facts) -> Option<String> {
    let name = part.title.as_ref().unwrap_or(&need.title);
    let key = part.key.as_ref().filter(|key| key.kind() == Kind::SoftwareVersion)?;
    let candidate = Key::of(Kind::SoftwareCandidate, key.argument()).ok()?;
    match facts.value(&candidate)? {
        // A list of packages that was never fetched offers nothing either, so nothing is said of it.
        Value::Absent => None,
        value => Some(format!(" Your distribution offers {name} {}.", say(value, Kind::SoftwareCandidate).text)),
    }
}

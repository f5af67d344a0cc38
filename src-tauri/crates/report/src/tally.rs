//! How a report adds up: the figures of the cover, worked out once for screen and paper.

use crate::{Outcome, Report, Word};
use checks::{Finding, Overall, Verdict};
use profiles::{Area, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The needs of a server or of one area, by what is left to do. Optional needs and those that do not apply are not in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub total: u32,
    pub met: u32,
    /// Met before the changes; the same as `met` where nothing was changed.
    pub met_before: u32,
    /// Required, and short or missing.
    pub to_fix: u32,
    /// Recommended, and short or missing.
    pub advised: u32,
    /// Waits for a person's word.
    pub to_confirm: u32,
    /// Could not be told, and nobody's word is asked for.
    pub unknown: u32,
    pub waived: u32,
}

/// What a need asks of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Met,
    Fix,
    Advised,
    Confirm,
    Unknown,
    Waived,
    /// Optional, told for information, or not for this server.
    Beside,
}

impl Report {
    /// The whole server.
    pub fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        for (_, area) in self.areas() {
            sum.total += area.total;
            sum.met += area.met;
            sum.met_before += area.met_before;
            sum.to_fix += area.to_fix;
            sum.advised += area.advised;
            sum.to_confirm += area.to_confirm;
            sum.unknown += area.unknown;
            sum.waived += area.waived;
        }
        sum
    }

    /// Every area that has needs, in the order of the list.
    pub fn areas(&self) -> Vec<(Area, Tally)> {
        let asked = self.asked();
        let before: BTreeMap<&str, Verdict> =
            self.before.iter().flatten().map(|finding| (finding.id.as_str(), finding.verdict)).collect();
        let mut areas: BTreeMap<Area, Tally> = BTreeMap::new();
        for finding in &self.findings {
            let standing = standing(finding, &asked);
            if standing == Standing::Beside {
                continue;
            }
            let tally = areas.entry(finding.area).or_default();
            tally.total += 1;
            let was = before.get(finding.id.as_str()).copied().unwrap_or(finding.verdict);
            tally.met_before += u32::from(was == Verdict::Met && finding.waiver.is_none());
            match standing {
                Standing::Met => tally.met += 1,
                Standing::Fix => tally.to_fix += 1,
                Standing::Advised => tally.advised += 1,
                Standing::Confirm => tally.to_confirm += 1,
                Standing::Unknown => tally.unknown += 1,
                Standing::Waived => tally.waived += 1,
                Standing::Beside => {}
            }
        }
        areas.into_iter().collect()
    }

    /// The conclusion in a sentence or two: "27 of 37 needs are met, 14 of them through the changes made here. Four are
    /// left to fix, and six want a person's word."
    pub fn lead(&self) -> String {
        let sum = self.tally();
        let mut text = match (sum.met, sum.total) {
            (_, 0) => return "Nothing is needed.".to_owned(),
            (1, 1) => "The one need is met".to_owned(),
            (0, 1) => "The one need is not met".to_owned(),
            (met, total) if met == total => format!("All {total} needs are met"),
            (0, total) => format!("None of {total} needs is met"),
            (1, total) => format!("One of {total} needs is met"),
            (met, total) => format!("{met} of {total} needs are met"),
        };
        let gained = self.gained();
        if gained == sum.met && gained > 1 {
            text.push_str(", all of them through the changes made here");
        } else if gained > 0 && sum.total > 1 {
            text.push_str(&format!(", {} of them through the changes made here", small(gained)));
        }
        text.push('.');
        let mut parts = Vec::new();
        let mut part = |count: u32, one: &str, many: &str| {
            if count > 0 {
                parts.push(format!("{} {}", small(count), if count == 1 { one } else { many }));
            }
        };
        part(sum.to_fix, "is left to fix", "are left to fix");
        part(sum.to_confirm, "wants a person’s word", "want a person’s word");
        part(sum.unknown, "could not be told", "could not be told");
        part(sum.advised, "is recommended and not met", "are recommended and not met");
        part(sum.waived, "is set aside", "are set aside");
        let rest = match parts.split_last() {
            None => return text,
            Some((last, [])) => last.clone(),
            Some((last, [first])) => format!("{first}, and {last}"),
            Some((last, others)) => format!("{}, and {last}", others.join(", ")),
        };
        format!("{text} {}", capital(&rest)) + "."
    }

    /// Needs that were short or missing and are met now through a change that was kept. What came true by itself, such as
    /// a load that went down, is nobody's work.
    pub fn gained(&self) -> u32 {
        let Some(before) = &self.before else { return 0 };
        let kept = self.runs.iter().filter(|run| matches!(run.outcome, Outcome::Kept { .. }));
        let changes = kept.flat_map(|run| &run.changes);
        let settled: BTreeSet<&str> = changes.flat_map(|made| &made.change.settles).map(String::as_str).collect();
        let short = |verdict| matches!(verdict, Verdict::Short | Verdict::Missing);
        let unmet: BTreeSet<&str> = before.iter().filter(|f| short(f.verdict)).map(|f| f.id.as_str()).collect();
        let asked = self.asked();
        let gained = self
            .findings
            .iter()
            .filter(|f| standing(f, &asked) == Standing::Met && f.confirmed.is_none())
            .filter(|f| unmet.contains(f.id.as_str()) && settled.contains(f.id.as_str()));
        u32::try_from(gained.count()).unwrap_or(u32::MAX)
    }

    /// Findings whose verdict waits for a person's word, named as a point and not answered with yes.
    pub(crate) fn asked(&self) -> BTreeSet<&str> {
        let open = self.confirmations.iter().filter(|point| point.answer.as_ref().is_none_or(|a| a.says != Word::Yes));
        open.map(|point| point.finding.as_str()).collect()
    }
}

pub(crate) fn standing(finding: &Finding, asked: &BTreeSet<&str>) -> Standing {
    match finding.severity {
        Severity::Optional | Severity::Informational => return Standing::Beside,
        Severity::Required | Severity::Recommended | Severity::Attestation => {}
    }
    if finding.waiver.is_some() {
        return Standing::Waived;
    }
    match finding.verdict {
        Verdict::Met => Standing::Met,
        Verdict::NotApplicable => Standing::Beside,
        Verdict::YouConfirm => Standing::Confirm,
        Verdict::CouldNotTell if asked.contains(finding.id.as_str()) => Standing::Confirm,
        Verdict::CouldNotTell => Standing::Unknown,
        Verdict::Short | Verdict::Missing if finding.severity == Severity::Recommended => Standing::Advised,
        Verdict::Short | Verdict::Missing => Standing::Fix,
    }
}

/// The verdict on the server in words.
pub(crate) fn overall(verdict: Overall) -> &'static str {
    match verdict {
        Overall::Ready => "Ready",
        Overall::Almost => "Almost ready",
        Overall::NotReady => "Not ready",
    }
}

/// Numbers up to twelve in words, as one writes them in a sentence.
pub(crate) fn small(n: u32) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    usize::try_from(n).ok().and_then(|n| WORDS.get(n)).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

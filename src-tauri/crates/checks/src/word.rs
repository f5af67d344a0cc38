//! The word of people laid over findings: answers to questions, and needs set aside. Both stay visible.

use crate::day::{day_number, say_day};
use crate::finding::{Confirmation, Finding, Verdict, Waiver};
use profiles::{Answer, SetAside};

/// A question for a person: one for each finding that waits for a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Id of the finding.
    pub id: String,
    pub title: String,
    pub question: String,
    /// What the server shows about it: "no job found"; empty when nothing could.
    pub evidence: String,
}

/// What a person has to say something about, in the order of the findings.
pub fn questions(findings: &[Finding]) -> Vec<Question> {
    let waiting = findings.iter().filter(|finding| finding.verdict == Verdict::YouConfirm && finding.waiver.is_none());
    waiting
        .map(|finding| Question {
            id: finding.id.clone(),
            title: finding.title.clone(),
            question: finding.sentence.strip_prefix("You confirm: ").unwrap_or(&finding.sentence).to_owned(),
            evidence: finding.found.text.clone(),
        })
        .collect()
}

/// Lays answers over findings that wait for a word; where one has been answered, that answer stays, and of several answers
/// the last counts. Answers that settle nothing come back as sentences.
pub fn confirm(findings: &mut [Finding], answers: &[Answer]) -> Vec<String> {
    let mut left = Vec::new();
    for answer in answers.iter().rev() {
        let mut settled = false;
        for finding in findings.iter_mut().filter(|finding| is_about(finding, &answer.need)) {
            settled = true;
            if finding.confirmed.is_some() {
                continue;
            }
            if finding.verdict != Verdict::YouConfirm {
                left.push(format!("{}: the server was asked and needs no word.", finding.id));
                continue;
            }
            let question = finding.sentence.strip_prefix("You confirm: ").unwrap_or(&finding.sentence).to_owned();
            let (verdict, word) = if answer.yes { (Verdict::Met, "Yes") } else { (Verdict::Missing, "No") };
            finding.verdict = verdict;
            finding.sentence = format!("{question} {word}, says {}, {}.", answer.name, say_day(&answer.date));
            finding.confirmed =
                Some(Confirmation { yes: answer.yes, name: answer.name.clone(), date: answer.date.clone() });
        }
        if !settled {
            left.push(format!("{}: this role has no such need.", answer.need));
        }
    }
    left.reverse();
    left
}

/// Sets needs aside that are not met, until their last day. Entries without effect come back as sentences.
pub fn waive(findings: &mut [Finding], entries: &[SetAside], today: &str) -> Vec<String> {
    let mut left = Vec::new();
    for entry in entries {
        let (Some(until), Some(now)) = (day_number(&entry.until), day_number(today)) else {
            left.push(format!("{}: {} is no day.", entry.need, entry.until));
            continue;
        };
        if until < now {
            left.push(format!("{}: the waiver ended on {}.", entry.need, say_day(&entry.until)));
            continue;
        }
        let mut known = false;
        for finding in findings.iter_mut().filter(|finding| is_about(finding, &entry.need)) {
            known = true;
            if finding.waiver.is_some() {
                continue;
            }
            if matches!(finding.verdict, Verdict::Met | Verdict::NotApplicable) {
                left.push(format!("{}: the waiver is not needed.", finding.id));
                continue;
            }
            let (reason, name, until) = (entry.reason.clone(), entry.name.clone(), entry.until.clone());
            finding.waiver = Some(Waiver { reason, name, until });
        }
        if !known {
            left.push(format!("{}: this role has no such need.", entry.need));
        }
    }
    left
}

fn is_about(finding: &Finding, name: &str) -> bool {
    finding.id == name || finding.catalog.iter().any(|row| row.0 == name)
}

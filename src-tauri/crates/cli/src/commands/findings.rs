//! Findings as a person reads them on a terminal: by area, what is needed, what is there, and what to do.

use crate::print::{Ink, column, println, safe};
use checks::{Counts, Finding, Overall, Verdict};
use profiles::Severity;

/// Prints the findings by area in the order they came, then the counts.
pub(crate) fn print(findings: &[Finding], ink: Ink) {
    let mut area = None;
    for finding in findings {
        if area != Some(finding.area) {
            area = Some(finding.area);
            println!("\n{}", ink.bold(finding.area.title()));
        }
        print_one(finding, ink);
    }
}

fn print_one(finding: &Finding, ink: Ink) {
    let glyph = glyph(finding.verdict, ink);
    let title = column(&safe(&finding.title), 36);
    let found = column(&safe(&finding.found.text), 26);
    let needed = safe(&finding.needed.text);
    let weight = severity_word(finding.severity);
    let optional = if finding.severity == Severity::Required || needed == weight { "" } else { weight };
    println!("{}", format!("  {glyph} {title} {found} needed: {needed} {}", ink.dim(optional)).trim_end());
    if let Some(waiver) = &finding.waiver {
        println!(
            "      {}",
            ink.dim(&safe(&format!("Set aside by {} until {}: {}", waiver.name, waiver.until, waiver.reason)))
        );
    }
    if matches!(finding.verdict, Verdict::Short | Verdict::Missing | Verdict::CouldNotTell) {
        println!("      {}", safe(&finding.sentence));
        if let Some(change) = &finding.change {
            println!("      {}", ink.dim(&format!("Plumbline can put this right: plumb apply --change {change}")));
        } else if let Some(steps) = &finding.steps {
            println!("      {}", ink.dim(&safe(steps)));
        }
    }
    if finding.verdict == Verdict::YouConfirm {
        println!("      {}", safe(&finding.sentence));
    }
}

/// One line that counts what was found.
pub(crate) fn counts_line(counts: &Counts) -> String {
    let parts = [
        (counts.met, "met"),
        (counts.short, "short"),
        (counts.missing, "missing"),
        (counts.could_not_tell, "could not tell"),
        (counts.you_confirm, "for you to confirm"),
        (counts.waived, "set aside"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if told.is_empty() { "nothing was read".to_owned() } else { told.join(", ") }
}

pub(crate) fn overall_word(overall: Overall, counts: &Counts, ink: Ink) -> String {
    match overall {
        Overall::Almost if counts.hardly_read() => ink.amber("read too little to be judged"),
        Overall::Ready => ink.green("ready"),
        Overall::Almost => ink.amber("almost ready"),
        Overall::NotReady => ink.red("not ready"),
    }
}

fn glyph(verdict: Verdict, ink: Ink) -> String {
    match verdict {
        Verdict::Met => ink.green("✓"),
        Verdict::Short => ink.amber("◒"),
        Verdict::Missing => ink.red("✗"),
        Verdict::CouldNotTell => "?".to_owned(),
        Verdict::YouConfirm => ink.blue("☐"),
        Verdict::NotApplicable => ink.dim("–"),
    }
}

pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Required => "required",
        Severity::Recommended => "recommended",
        Severity::Optional => "optional",
        Severity::Informational => "for information",
        Severity::Attestation => "your word",
    }
}

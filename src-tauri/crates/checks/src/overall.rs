//! All findings together: the counts, the verdict on the server, and the exit code.

use crate::finding::{Counts, Finding, Overall, Verdict};
use profiles::{Area, Severity};

/// How many needs got which verdict.
pub fn counts(findings: &[Finding]) -> Counts {
    let mut counts = Counts::default();
    for finding in findings {
        let count = if finding.waiver.is_some() {
            &mut counts.waived
        } else {
            match finding.verdict {
                Verdict::Met => &mut counts.met,
                Verdict::Short => &mut counts.short,
                Verdict::Missing => &mut counts.missing,
                Verdict::CouldNotTell => &mut counts.could_not_tell,
                Verdict::YouConfirm => &mut counts.you_confirm,
                Verdict::NotApplicable => &mut counts.not_applicable,
            }
        };
        *count += 1;
    }
    counts
}

/// The verdict on the server. Only required needs have a say.
///
/// Ready: each is met, waived or does not apply. Almost: nothing is short that only another server or another system could
/// settle, and three quarters of them are met or wait for a word or a measurement. Not ready: the rest.
pub fn overall(findings: &[Finding]) -> Overall {
    let required: Vec<&Finding> = findings.iter().filter(|f| f.severity == Severity::Required).collect();
    let open: Vec<&&Finding> = required.iter().filter(|f| stands_in_the_way(f)).collect();
    if open.is_empty() {
        // Without a single required need there is nothing to be ready for.
        return if findings.is_empty() { Overall::NotReady } else { Overall::Ready };
    }
    let unmet = open.iter().filter(|f| is_unmet(f)).count();
    let of_the_machine =
        |f: &Finding| matches!(f.area, Area::Hardware | Area::System | Area::Storage) && f.change.is_none();
    let another_machine = open.iter().any(|f| is_unmet(f) && of_the_machine(f));
    if another_machine || unmet * 4 > required.len() { Overall::NotReady } else { Overall::Almost }
}

/// Exit code of `plumb`: 0 ready, 1 something required is not there, 2 something required could not be told.
pub fn exit_code(findings: &[Finding]) -> u8 {
    let required = || findings.iter().filter(|f| f.severity == Severity::Required && stands_in_the_way(f));
    match overall(findings) {
        Overall::Ready => 0,
        Overall::Almost | Overall::NotReady if findings.is_empty() || required().any(is_unmet) => 1,
        Overall::Almost | Overall::NotReady => 2,
    }
}

fn stands_in_the_way(finding: &Finding) -> bool {
    let settled = matches!(finding.verdict, Verdict::Met | Verdict::NotApplicable);
    !settled && finding.waiver.is_none()
}

fn is_unmet(finding: &Finding) -> bool {
    matches!(finding.verdict, Verdict::Short | Verdict::Missing)
}

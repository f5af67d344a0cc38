//! What taking changes back would cost.

use checks::{Finding, Verdict};
use std::collections::BTreeSet;

/// How many needs become short or missing again: each that the changes settled and that is met now, unless before it was
/// merely unsaid or could not be told, for then nobody knows what it comes to.
pub(crate) fn of_undo<'a>(settled: impl IntoIterator<Item = &'a String>, before: &[Finding], now: &[Finding]) -> u32 {
    let verdict =
        |findings: &[Finding], id: &str| findings.iter().find(|found| found.id == id).map(|found| found.verdict);
    let settled: BTreeSet<&String> = settled.into_iter().collect();
    let lost = settled.into_iter().filter(|id| {
        let unknown = matches!(verdict(before, id), Some(Verdict::CouldNotTell | Verdict::YouConfirm));
        verdict(now, id) == Some(Verdict::Met) && !unknown
    });
    u32::try_from(lost.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::of_undo;
    use checks::{Finding, Verdict};
    use facts::Facts;

    fn findings(verdicts: &[(usize, Verdict)]) -> (Vec<String>, Vec<Finding>) {
        let catalog = profiles::catalog();
        let needs = catalog.needs(&"reforms/small".parse().expect("a role")).expect("its needs");
        let mut findings: Vec<Finding> =
            needs.iter().take(4).map(|need| checks::judge_one(need, &Facts::default(), "2026-01-01")).collect();
        findings.iter_mut().for_each(|finding| finding.verdict = Verdict::Met);
        verdicts.iter().for_each(|(at, verdict)| findings[*at].verdict = *verdict);
        (findings.iter().map(|finding| finding.id.clone()).collect(), findings)
    }

    #[test]
    fn an_undo_costs_the_needs_that_were_known_to_be_short_and_are_met_now() {
        let (ids, before) =
            findings(&[(0, Verdict::Short), (1, Verdict::Missing), (2, Verdict::CouldNotTell), (3, Verdict::Short)]);
        let (_, now) = findings(&[(3, Verdict::Short)]);
        assert_eq!(of_undo(&ids, &before, &now), 2, "the third was unknown before, the fourth is short still");
        assert_eq!(of_undo(ids.iter().chain(&ids), &before, &now), 2, "settled by two changes, a need is lost once");
        let (_, unsaid) = findings(&[(0, Verdict::YouConfirm), (1, Verdict::Missing)]);
        assert_eq!(of_undo(&ids[..2], &unsaid, &now), 1);
        assert_eq!(of_undo(&ids[..2], &now, &now), 2, "a run of earlier: before this walk nobody looked");
        assert_eq!(of_undo(&["nobody.knows".to_owned()], &before, &now), 0);
    }
}

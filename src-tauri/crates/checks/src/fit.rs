//! Which roles a server could carry: every role of every product, judged by one set of facts.

use crate::finding::{Figure, Finding, Verdict};
use crate::judge::judge_with;
use facts::{Facts, Key, Kind, Reading};
use profiles::{Area, Catalog, RoleChoice, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// All roles with what stands in the way of each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Matrix {
    pub rows: Vec<FitRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FitRow {
    /// `dusk/prover?workers=1`.
    pub role: String,
    /// "Dusk".
    pub product: String,
    /// "Prover, 1 worker".
    pub title: String,
    /// One cell an area, in the order of the areas.
    pub cells: Vec<FitCell>,
    pub answer: FitAnswer,
    /// "No: 4 of 8 cores, 8 of 16 GB".
    pub sentence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FitCell {
    pub area: Area,
    pub state: FitState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitState {
    Met,
    /// Can be put right, by a change or by a person.
    Change,
    /// Only a larger server or a faster line helps.
    Short,
    CouldNotTell,
    YouConfirm,
    /// The role needs nothing here.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitAnswer {
    Yes,
    /// Only the line is too slow, or a recommendation is not reached.
    Almost,
    No,
    /// Processor, memory or disk could not be read.
    CouldNotTell,
}

/// Every role at its default size.
pub fn fit(facts: &Facts, today: &str) -> Matrix {
    fit_roles(profiles::catalog(), &profiles::catalog().roles(), facts, today)
}

/// The given roles of a catalogue; roles that it does not know are left out.
pub fn fit_roles(catalog: &Catalog, roles: &[RoleChoice], facts: &Facts, today: &str) -> Matrix {
    Matrix { rows: roles.iter().filter_map(|role| row(catalog, role, facts, today)).collect() }
}

fn row(catalog: &Catalog, role: &RoleChoice, facts: &Facts, today: &str) -> Option<FitRow> {
    let profile = catalog.product(&role.product).ok()?;
    let needs = profile.needs(role).ok()?;
    let mut findings = Vec::new();
    let mut of_size = BTreeSet::new();
    let mut unread = BTreeSet::new();
    for need in &needs {
        let keys: Vec<&Key> = need.parts.iter().filter_map(|part| part.key.as_ref()).collect();
        if need.change.is_none() && keys.iter().any(|key| is_size(key.kind())) {
            of_size.insert(need.id.clone());
        }
        if keys.iter().any(|key| is_told(key.kind()) && matches!(facts.reading(key), Reading::Unknown(_))) {
            unread.insert(need.id.clone());
        }
        findings.push(judge_with(need, facts, today, &catalog.support));
    }
    let counting: Vec<&Finding> =
        findings.iter().filter(|f| matches!(f.severity, Severity::Required | Severity::Recommended)).collect();
    let cell = |area| FitCell { area, state: state(counting.iter().filter(|f| f.area == area), &of_size) };
    let (answer, sentence) = answer(&counting, &of_size, &unread);
    Some(FitRow {
        role: role.to_string(),
        product: profile.title.clone(),
        title: profile.title_of(role).ok()?,
        cells: AREAS.map(cell).to_vec(),
        answer,
        sentence,
    })
}

const AREAS: [Area; 8] = [
    Area::Hardware,
    Area::System,
    Area::Software,
    Area::Network,
    Area::Storage,
    Area::Security,
    Area::Monitoring,
    Area::Upkeep,
];

/// Facts that no change on the server can better.
fn is_size(kind: Kind) -> bool {
    is_machine(kind) || is_line(kind)
}

fn is_machine(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CpuCores
            | Kind::CpuClock
            | Kind::MemoryTotal
            | Kind::DiskSize
            | Kind::DiskSecond
            | Kind::DiskKind
            | Kind::Arch
            | Kind::CpuFlags
    )
}

/// What every server tells of itself. A virtual machine hides its clock and the kind of its disks; that is no reason to say
/// nothing about the rest.
fn is_told(kind: Kind) -> bool {
    is_machine(kind) && !matches!(kind, Kind::CpuClock | Kind::DiskKind)
}

fn is_line(kind: Kind) -> bool {
    matches!(kind, Kind::NetBandwidth | Kind::NetLink | Kind::NetSymmetry)
}

fn is_unmet(finding: &Finding) -> bool {
    matches!(finding.verdict, Verdict::Short | Verdict::Missing)
}

/// The worst of an area's findings: what cannot be bettered, what can, what is not known, what waits for a word.
fn state<'a>(findings: impl Iterator<Item = &'a &'a Finding>, of_size: &BTreeSet<String>) -> FitState {
    let rank = |finding: &Finding| match finding.verdict {
        Verdict::Short | Verdict::Missing if of_size.contains(&finding.id) => 5,
        Verdict::Short | Verdict::Missing => 4,
        Verdict::CouldNotTell => 3,
        Verdict::YouConfirm => 2,
        Verdict::Met => 1,
        Verdict::NotApplicable => 0,
    };
    match findings.map(|finding| rank(finding)).max() {
        Some(5) => FitState::Short,
        Some(4) => FitState::Change,
        Some(3) => FitState::CouldNotTell,
        Some(2) => FitState::YouConfirm,
        Some(1) => FitState::Met,
        _ => FitState::None,
    }
}

fn answer(findings: &[&Finding], of_size: &BTreeSet<String>, unread: &BTreeSet<String>) -> (FitAnswer, String) {
    let sized = || findings.iter().filter(|finding| of_size.contains(&finding.id));
    let is_network = |finding: &Finding| finding.area == Area::Network;
    let short = |required: bool, line: bool| -> Vec<String> {
        let chosen = sized().filter(|finding| {
            is_unmet(finding) && is_network(finding) == line && (finding.severity == Severity::Required) == required
        });
        chosen.map(|finding| of(finding)).collect()
    };
    let machine = short(true, false);
    if !machine.is_empty() {
        return (FitAnswer::No, format!("No: {}", machine.join(", ")));
    }
    let unread: Vec<&str> = sized()
        .filter(|f| f.verdict == Verdict::CouldNotTell && f.severity == Severity::Required && unread.contains(&f.id))
        .map(|f| f.title.as_str())
        .collect();
    if !unread.is_empty() {
        return (FitAnswer::CouldNotTell, format!("Could not tell: {}", unread.join(", ").to_lowercase()));
    }
    let mut almost = short(true, true);
    almost.extend(short(false, false));
    almost.extend(short(false, true));
    if !almost.is_empty() {
        return (FitAnswer::Almost, format!("Almost: {}", almost.join(", ")));
    }
    let todo: Vec<&&Finding> = findings.iter().filter(|f| is_unmet(f) && f.severity == Severity::Required).collect();
    let sentence = match todo.as_slice() {
        [] => "Yes".to_owned(),
        [one] => format!("Yes, after one thing: {}", one.title),
        several => format!("Yes, after {} things", several.len()),
    };
    (FitAnswer::Yes, sentence)
}

/// "4 of 8 cores", or what is there where figures say nothing; of a need with parts, those that are not met.
fn of(finding: &Finding) -> String {
    let unmet = finding.parts.iter().filter(|part| matches!(part.verdict, Verdict::Short | Verdict::Missing));
    let parts: Vec<String> =
        unmet.map(|part| of_figures(&part.title.to_lowercase(), &part.found, &part.needed)).collect();
    if parts.is_empty() {
        return of_figures(&finding.title.to_lowercase(), &finding.found, &finding.needed);
    }
    parts.join(", ")
}

fn of_figures(title: &str, found: &Figure, needed: &Figure) -> String {
    if needed.unit.is_empty() || found.unit.is_empty() {
        return format!("{title}: {}", found.text);
    }
    let number = found.text.strip_suffix(found.unit.as_str()).unwrap_or(&found.text).trim_end();
    let same_unit = found.unit.trim_end_matches('s') == needed.unit.trim_end_matches('s');
    if same_unit { format!("{number} of {}", needed.text) } else { format!("{} of {}", found.text, needed.text) }
}

#[cfg(test)]
mod tests {
    use super::{FitState, of_figures, state};
    use crate::finding::{Figure, Finding, Verdict};
    use facts::Facts;
    use std::collections::BTreeSet;

    #[test]
    fn the_worst_of_an_area_decides_and_only_a_larger_server_is_short() {
        let needs = profiles::needs(&"dusk/provisioner".parse().expect("a role")).expect("its needs");
        let like = crate::judge(&needs, &Facts::default(), "2026-11-20").remove(0);
        let all = [
            (("any", Verdict::NotApplicable), FitState::None),
            (("any", Verdict::Met), FitState::Met),
            (("any", Verdict::YouConfirm), FitState::YouConfirm),
            (("any", Verdict::CouldNotTell), FitState::CouldNotTell),
            (("any", Verdict::Missing), FitState::Change),
            (("any", Verdict::Short), FitState::Change),
            (("size", Verdict::Met), FitState::Met),
            (("size", Verdict::Short), FitState::Short),
            (("size", Verdict::Missing), FitState::Short),
        ];
        let finding = |(id, verdict): (&str, Verdict)| Finding { id: id.to_owned(), verdict, ..like.clone() };
        let of = |told: &[(&str, Verdict)]| {
            let findings: Vec<Finding> = told.iter().map(|told| finding(*told)).collect();
            state(findings.iter().collect::<Vec<_>>().iter(), &BTreeSet::from(["size".to_owned()]))
        };
        assert_eq!(of(&[]), FitState::None);
        for (told, alone) in all {
            assert_eq!(of(&[told]), alone, "{told:?}");
        }
        let by_weight = [
            FitState::None,
            FitState::Met,
            FitState::YouConfirm,
            FitState::CouldNotTell,
            FitState::Change,
            FitState::Short,
        ];
        let weight = |state: FitState| by_weight.iter().position(|known| *known == state);
        for (one, of_one) in all {
            for (other, of_other) in all {
                let worst = if weight(of_one) >= weight(of_other) { of_one } else { of_other };
                assert_eq!(of(&[one, other]), worst, "{one:?} and {other:?}");
            }
        }
    }
    #[test]
    fn figures_stand_beside_each_other_only_where_both_have_a_unit() {
        let figure = |text: &str, unit: &str| Figure {
            text: text.to_owned(),
            value: None,
            unit: unit.to_owned(),
            confidence: None,
        };
        for (found, needed, said) in [
            (figure("80 GB", "GB"), figure("250 GB", "GB"), "80 of 250 GB"),
            (figure("900 MB", "MB"), figure("4 GB", "GB"), "900 MB of 4 GB"),
            (figure("1 core", "core"), figure("4 cores", "cores"), "1 of 4 cores"),
            (figure("hdd", ""), figure("250 GB", "GB"), "disk: hdd"),
            (figure("80 GB", "GB"), figure("ssd", ""), "disk: 80 GB"),
        ] {
            assert_eq!(of_figures("disk", &found, &needed), said);
        }
    }
}

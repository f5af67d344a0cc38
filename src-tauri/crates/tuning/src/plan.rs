//! The changes a server could get, in the order they would be made, and all that a person should see before saying yes.

use crate::act::Act;
use crate::before::Before;
use crate::change::{self, Change, Proposed, Scene};
use checks::{Finding, Verdict};
use facts::Facts;
use profiles::{Tuning, TuningKind};
use serde::{Deserialize, Serialize};

/// All that a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What the role (or several roles on one server) knows to change.
    pub tunings: &'a [Tuning],
    pub findings: &'a [Finding],
    pub facts: &'a Facts,
    /// What stands at the places that would be touched: the answer of [`crate::before::script`].
    pub before: &'a Before,
    /// For comments in files: "Dusk, provisioner".
    pub role: &'a str,
}

/// The changes worked out for one server: what a person sees and what the run does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    pub changes: Vec<Change>,
    /// Findings that a person has to see to: id and what to do.
    pub left: Vec<(String, String)>,
}

/// Only what findings need, in the order it would be done. A server that has it all gets an empty plan.
pub fn plan(asked: &Asked<'_>) -> Proposal {
    let short: Vec<&Finding> = asked
        .findings
        .iter()
        .filter(|finding| matches!(finding.verdict, Verdict::Short | Verdict::Missing) && finding.waiver.is_none())
        .collect();
    // what a person would have to say yes to by their own word can be made so instead
    let unsaid = asked
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::YouConfirm && finding.waiver.is_none())
        .collect::<Vec<_>>();
    let wanting = |id: &str| -> Vec<&Finding> {
        short.iter().chain(&unsaid).copied().filter(|finding| finding.change.as_deref() == Some(id)).collect()
    };
    let merged = merged(asked.tunings);
    let all: Vec<&Tuning> = merged.iter().filter(|tuning| !wanting(&tuning.id).is_empty()).collect();
    let mut proposal = Proposal::default();
    let mut reasons: Vec<(&str, String)> = Vec::new();
    for tuning in &all {
        let scene = Scene { tuning, all: &all, facts: asked.facts, before: asked.before, role: asked.role };
        let (kind, acts, words, open) = match change::propose(&scene) {
            Proposed::Offer(kind, acts, words) => (kind, acts, words, None),
            Proposed::InPart(kind, acts, words, open) => (kind, acts, words, Some(open)),
            Proposed::Settled => continue,
            Proposed::NotHere(reason) => {
                reasons.push((&tuning.id, reason));
                continue;
            }
        };
        proposal.changes.push(Change {
            id: tuning.id.clone(),
            title: tuning.title.clone(),
            effect: tuning.effect.clone(),
            group: tuning.group.clone(),
            // what could stop something that people use waits for a person's yes, and its consequence says why
            advised_off: tuning.advised_off.clone().or_else(|| {
                (words.risk == Risk::High).then(|| words.consequence.clone()).filter(|text| !text.is_empty())
            }),
            settles: wanting(&tuning.id)
                .into_iter()
                .filter(|finding| open.as_ref().is_none_or(|open| open.spares(finding)))
                .map(|finding| finding.id.clone())
                .collect(),
            wants: Vec::new(),
            kind,
            acts,
            words,
        });
        reasons.extend(open.map(|open| (tuning.id.as_str(), open.why)));
    }
    need_users_first(&mut proposal.changes);
    // what cannot be taken back, or can cut the line, comes last
    proposal.changes.sort_by_key(|change| change.kind);
    for finding in short {
        if !proposal.changes.iter().any(|change| change.settles.contains(&finding.id)) {
            let reason = reasons.iter().find(|(id, _)| finding.change.as_deref() == Some(id)).map(|(_, reason)| reason);
            let words = reason.or(finding.steps.as_ref()).cloned().unwrap_or_default();
            proposal.left.push((finding.id.clone(), words));
        }
    }
    proposal
}

/// Who is to own a file must be there first.
fn need_users_first(changes: &mut [Change]) {
    let makers: Vec<(String, String, String)> = changes
        .iter()
        .flat_map(|change| change.acts.iter().map(move |act| (change, act)))
        .filter_map(|(change, act)| match act {
            Act::SystemUser { user, group } => Some((change.id.clone(), user.clone(), group.clone())),
            _ => None,
        })
        .collect();
    for change in changes {
        for (maker, user, group) in &makers {
            let owns = |act: &Act| matches!(act, Act::Mode { owner: Some((u, g)), .. } if u == user || g == group);
            if change.acts.iter().any(owns) {
                change.wants.push(maker.clone());
            }
        }
    }
}

/// Two roles on one server may know a change of the same name: it becomes one, with the values of both.
fn merged(tunings: &[Tuning]) -> Vec<Tuning> {
    let mut merged: Vec<Tuning> = Vec::new();
    for tuning in tunings {
        let Some(first) = merged.iter_mut().find(|other| other.id == tuning.id) else {
            merged.push(tuning.clone());
            continue;
        };
        match (&mut first.kind, &tuning.kind) {
            (TuningKind::Sysctl(values), TuningKind::Sysctl(more)) => {
                for (key, value) in more {
                    match values.iter_mut().find(|(known, _)| known == key) {
                        Some((_, known)) => *known = crate::change::sysctl::raised(known, value),
                        None => values.push((key.clone(), value.clone())),
                    }
                }
            }
            (TuningKind::FileLimit { files, units }, TuningKind::FileLimit { files: more, units: others }) => {
                *files = (*files).max(*more);
                units.extend(others.iter().filter(|unit| !units.contains(unit)).cloned().collect::<Vec<_>>());
            }
            (TuningKind::Ports(rules), TuningKind::Ports(more))
            | (TuningKind::CloseOtherPorts { ports: rules }, TuningKind::CloseOtherPorts { ports: more }) => {
                rules.extend(more.iter().filter(|rule| !rules.contains(rule)).cloned().collect::<Vec<_>>());
            }
            (TuningKind::Packages(choices), TuningKind::Packages(more)) => {
                choices.extend(more.iter().filter(|choice| !choices.contains(choice)).cloned().collect::<Vec<_>>());
            }
            (TuningKind::Permissions(all), TuningKind::Permissions(more)) => {
                all.extend(
                    more.iter()
                        .filter(|one| !all.iter().any(|known| known.path == one.path))
                        .cloned()
                        .collect::<Vec<_>>(),
                );
            }
            // the first role's word stands: of two versions of anything else there is no larger one
            _ => {}
        }
    }
    merged
}

impl Proposal {
    /// What a person sees.
    pub fn view(&self) -> Plan {
        Plan { changes: self.changes.iter().map(Change::view).collect(), left: self.left.clone() }
    }

    /// Only the changes with these ids, and what they want before them.
    pub fn only(&self, ids: &[String]) -> Proposal {
        let mut wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
        for change in self.changes.iter().rev() {
            if wanted.contains(&change.id.as_str()) {
                wanted.extend(change.wants.iter().map(String::as_str));
            }
        }
        let changes = self.changes.iter().filter(|change| wanted.contains(&change.id.as_str())).cloned().collect();
        Proposal { changes, left: Vec::new() }
    }

    /// Only what is not off by advice and not of high risk: `plumb apply --all-safe`.
    pub fn safe(&self) -> Proposal {
        let safe = |change: &&Change| change.advised_off.is_none() && change.words.risk != Risk::High;
        let ids: Vec<String> = self.changes.iter().filter(safe).map(|change| change.id.clone()).collect();
        self.only(&ids)
    }
}

/// The changes that would settle findings. `tuning::plan(...)` makes it; nothing here has happened yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub changes: Vec<ChangeView>,
    /// Findings that a person has to see to: id and what to do.
    pub left: Vec<(String, String)>,
}

/// One change as a person sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeView {
    /// Stable id, the one `plumb apply --change` takes: `sysctl.buffers`.
    pub id: String,
    /// Heading it stands under: "System limits".
    pub group: String,
    /// The effect in plain words: "Give connections more room".
    pub title: String,
    /// What it is good for, one line.
    pub effect: String,
    pub risk: Risk,
    /// The consequence where there is one ("Restarts a service"), else empty.
    pub consequence: String,
    /// Findings it settles.
    pub settles: Vec<String>,
    /// Off by advice, with the reason.
    pub advised_off: Option<String>,
    pub files: Vec<FileDiff>,
    pub runtime: Vec<RuntimeChange>,
    /// What undo does: "removes this file and sets the four values back. No restart."
    pub undo: String,
    pub seconds: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    #[default]
    Low,
    Medium,
    High,
}

/// What a file looks like before and after, as lines with their sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDiff {
    pub path: String,
    /// Whether the file does not exist yet.
    pub new: bool,
    pub lines: Vec<DiffLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    pub sign: DiffSign,
    pub text: String,
    /// The live value this line would replace, shown at the right.
    pub now: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffSign {
    Keep,
    Add,
    Remove,
}

/// A value of the running system, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeChange {
    pub name: String,
    pub before: String,
    pub after: String,
}

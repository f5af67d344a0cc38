//! Needs and changes as a file writes them: without the size and the options of a role filled in.

use crate::figure::say;
use crate::scale::Amount;
use crate::{Area, Beyond, Bound, CatalogRow, Meets, Need, Part, RoleChoice, Severity, Source, Tuning, TuningKind};
use facts::{Key, Kind, Value};
use std::collections::BTreeMap;

/// Who a need or a change is for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct For {
    /// Empty means every role.
    pub(crate) roles: Vec<String>,
    /// Options that must hold one of these values.
    pub(crate) when: BTreeMap<String, Vec<String>>,
}

impl For {
    pub(crate) fn holds(&self, choice: &RoleChoice) -> bool {
        let role = self.roles.is_empty() || self.roles.contains(&choice.role);
        role && self
            .when
            .iter()
            .all(|(name, values)| choice.options.get(name).is_some_and(|value| values.contains(value)))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct NeedTemplate {
    pub(crate) id: String,
    pub(crate) rows: Vec<CatalogRow>,
    pub(crate) whom: For,
    pub(crate) title: String,
    pub(crate) area: Area,
    pub(crate) severity: Severity,
    pub(crate) why: String,
    pub(crate) source: Source,
    pub(crate) parts: Vec<PartTemplate>,
    pub(crate) meets: Meets,
    pub(crate) needed: Option<String>,
    pub(crate) change: Option<String>,
    pub(crate) steps: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) headline: Option<String>,
    pub(crate) brief: Option<String>,
    pub(crate) caption: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct PartTemplate {
    /// The key as written, with `{option}` where an option stands in it; `None` for a person's word without evidence.
    pub(crate) key: Option<KeyTemplate>,
    pub(crate) bound: BoundTemplate,
    pub(crate) title: Option<String>,
    pub(crate) comfortable: Option<Value>,
    pub(crate) beyond: Option<Beyond>,
    pub(crate) only_if: Vec<(KeyTemplate, BoundTemplate, String)>,
    pub(crate) supporting: bool,
    pub(crate) when: BTreeMap<String, Vec<String>>,
}

/// A key with placeholders, known to be a good key when they are filled with the options' defaults.
#[derive(Clone, Debug)]
pub(crate) struct KeyTemplate {
    pub(crate) kind: Kind,
    pub(crate) argument: String,
}

impl KeyTemplate {
    fn fill(&self, choice: &RoleChoice) -> Key {
        let argument = fill(&self.argument, choice);
        if argument.is_empty() {
            return Key::plain(self.kind);
        }
        // Choices are checked before they get here (ports are numbers), so the key stays good; were it not, the key as
        // written is what the probe refuses.
        Key::of(self.kind, &argument).unwrap_or_else(|_| Key::plain(self.kind))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum BoundTemplate {
    AtLeast(Amount),
    AtMost(Amount),
    Other(Bound),
}

#[derive(Clone, Debug)]
pub(crate) struct TuningTemplate {
    pub(crate) whom: For,
    pub(crate) tuning: Tuning,
}

/// Text with `{option}` replaced by its value.
pub(crate) fn fill(text: &str, choice: &RoleChoice) -> String {
    choice.options.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

pub(crate) fn fill_tuning(tuning: &Tuning, choice: &RoleChoice) -> Tuning {
    let mut tuning = tuning.clone();
    tuning.title = fill(&tuning.title, choice);
    tuning.effect = fill(&tuning.effect, choice);
    if let TuningKind::Ports(rules) = &mut tuning.kind {
        for rule in rules {
            rule.port = fill(&rule.port, choice);
        }
    }
    if let TuningKind::Environment { lines, .. } = &mut tuning.kind {
        for (_, value) in lines {
            *value = fill(value, choice);
        }
    }
    tuning
}

impl NeedTemplate {
    /// The need at this size; `None` when none of its parts is for these options.
    pub(crate) fn work_out(&self, product: &str, choice: &RoleChoice) -> Option<Need> {
        let mut arithmetic = None;
        let mut parts = Vec::new();
        for template in &self.parts {
            let whom = For { roles: Vec::new(), when: template.when.clone() };
            if whom.holds(choice) {
                parts.push(template.work_out(choice, &mut arithmetic));
            }
        }
        if parts.is_empty() {
            return None;
        }
        Some(Need {
            id: format!("{product}.{}", self.id),
            catalog: self.rows.clone(),
            title: fill(&self.title, choice),
            area: self.area,
            severity: self.severity,
            why: self.why.clone(),
            source: self.source.clone(),
            parts,
            meets: self.meets,
            needed: self.needed.as_ref().map(|text| fill(text, choice)),
            arithmetic,
            change: self.change.clone(),
            steps: self.steps.as_ref().map(|text| fill(text, choice)),
            note: self.note.clone(),
        })
    }
}

impl PartTemplate {
    fn work_out(&self, choice: &RoleChoice, arithmetic: &mut Option<String>) -> Part {
        let key = self.key.as_ref().map(|key| key.fill(choice));
        let mut comfortable = self.comfortable.clone();
        let mut worked = |amount: &Amount| {
            let Some(kind) = self.key.as_ref().map(|key| key.kind) else { return Value::Absent };
            let worked = amount.work_out(choice, kind);
            if let Some(text) = worked.arithmetic {
                *arithmetic = Some(format!("{}: {text}", say(&worked.value, kind).text));
            }
            if worked.comfortable.is_some() {
                comfortable = worked.comfortable;
            }
            worked.value
        };
        let bound = match &self.bound {
            BoundTemplate::AtLeast(amount) => Bound::AtLeast(worked(amount)),
            BoundTemplate::AtMost(amount) => Bound::AtMost(worked(amount)),
            BoundTemplate::Other(bound) => bound.clone(),
        };
        let condition = |(key, bound, otherwise): &(KeyTemplate, BoundTemplate, String)| crate::Condition {
            key: key.fill(choice),
            bound: match bound {
                BoundTemplate::AtLeast(amount) => Bound::AtLeast(amount.work_out(choice, key.kind).value),
                BoundTemplate::AtMost(amount) => Bound::AtMost(amount.work_out(choice, key.kind).value),
                BoundTemplate::Other(bound) => bound.clone(),
            },
            otherwise: otherwise.clone(),
        };
        let only_if = self.only_if.iter().map(condition).collect();
        let title = self.title.as_ref().map(|title| fill(title, choice));
        let (beyond, supporting) = (self.beyond.clone(), self.supporting);
        Part { key, bound, title, comfortable, beyond, only_if, supporting }
    }
}

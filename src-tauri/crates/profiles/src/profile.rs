//! A product with its roles: what a requirement file holds once it has been read and found good.

use crate::headline::{Headline, headline};
use crate::template::{NeedTemplate, TuningTemplate, fill_tuning};
use crate::{Covered, Need, PortRule, RoleChoice, Scale, Tuning, TuningKind};
use std::collections::{BTreeMap, BTreeSet};

/// One product.
#[derive(Clone, Debug)]
pub struct Profile {
    /// `dusk`; first half of every role id and of every need's id.
    pub id: String,
    pub title: String,
    /// One line: what it is for.
    pub purpose: String,
    /// The day all of it was last compared with its sources.
    pub verified: String,
    pub roles: Vec<Role>,
    pub options: Vec<RoleOption>,
    pub documents: Vec<Document>,
    pub(crate) needs: Vec<NeedTemplate>,
    pub(crate) tunings: Vec<TuningTemplate>,
    pub(crate) covered: Vec<Covered>,
    /// Set when the file adds to a product that is there instead of bringing its own.
    pub(crate) adds_to: Option<String>,
}

/// A thing a server can be for.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// `prover`.
    pub id: String,
    pub title: String,
    /// One sentence.
    pub purpose: String,
    /// "2 cores, 4 GB", or "scales with workers".
    pub size: String,
    /// Heading it stands under when a product groups its roles; empty otherwise.
    pub group: String,
    pub scale: Option<ScaleRange>,
    /// How many servers the whole takes, of which this is one: "Large needs five servers".
    pub servers: u32,
    /// Said beside the figures: how the source was read.
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleRange {
    pub scale: Scale,
    pub min: u32,
    pub max: u32,
    pub default: u32,
    pub ticks: Vec<u32>,
}

/// A choice beside the scale, such as the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleOption {
    pub id: String,
    pub title: String,
    pub default: String,
    /// Id and title of each choice; empty when any port number will do.
    pub choices: Vec<(String, String)>,
    /// Roles that have it; empty means all.
    pub roles: Vec<String>,
}

/// A document that needs cite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub id: String,
    pub title: String,
    pub url: Option<String>,
    pub verified: String,
}

/// A role that a file does not know, or cannot be sized like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRole {
    #[error(transparent)]
    Choice(#[from] crate::BadChoice),
    #[error("there is no product \"{name}\"{}", hint(.nearest))]
    NoSuchProduct { name: String, nearest: Option<String> },
    #[error("{product} has no role \"{name}\"{}", hint(.nearest))]
    NoSuchRole { product: String, name: String, nearest: Option<String> },
    #[error("{role} has no option \"{name}\"{}", hint(.nearest))]
    NoSuchOption { role: String, name: String, nearest: Option<String> },
    #[error("\"{value}\" is no choice for {name}: it takes {choices}")]
    NoSuchChoice { name: String, value: String, choices: String },
    #[error("{role} does not grow with {scale}")]
    NoSuchScale { role: String, scale: &'static str },
    #[error("{role} takes {min} to {max} {scale}, and {wanted} is outside")]
    OutOfRange { role: String, scale: &'static str, min: u32, max: u32, wanted: u32 },
}

/// So many needs are shown beside the choice of a role whose file marks none of them with a headline.
const UNMARKED: usize = 6;

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default()
}

impl Profile {
    /// Whether it adds to a product instead of being one.
    pub fn is_an_addition(&self) -> bool {
        self.adds_to.is_some()
    }

    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// The smallest role that is for so many: where ranges meet, the smaller size holds the border.
    pub fn role_for(&self, scale: Scale, number: u32) -> Option<&Role> {
        let holds =
            |role: &&Role| role.scale.as_ref().is_some_and(|r| r.scale == scale && (r.min..=r.max).contains(&number));
        self.roles.iter().filter(holds).min_by_key(|role| role.scale.as_ref().map(|range| range.max))
    }

    /// The options that a role has.
    pub fn options_of(&self, role: &str) -> impl Iterator<Item = &RoleOption> {
        self.options.iter().filter(move |option| option.roles.is_empty() || option.roles.iter().any(|r| r == role))
    }

    /// The choice with every default filled in, or what is wrong with it.
    pub fn complete(&self, choice: &RoleChoice) -> Result<RoleChoice, BadRole> {
        let names = self.roles.iter().map(|role| role.id.as_str());
        let role = self.role(&choice.role).ok_or_else(|| BadRole::NoSuchRole {
            product: self.title.clone(),
            name: choice.role.clone(),
            nearest: crate::nearest(&choice.role, names),
        })?;
        let mut complete = RoleChoice { scale: BTreeMap::new(), options: BTreeMap::new(), ..choice.clone() };
        for (&scale, &wanted) in &choice.scale {
            match &role.scale {
                Some(range) if range.scale == scale && (range.min..=range.max).contains(&wanted) => {}
                Some(ScaleRange { scale: own, min, max, .. }) if *own == scale => {
                    let (role, scale) = (role.title.clone(), scale.name());
                    return Err(BadRole::OutOfRange { role, scale, min: *min, max: *max, wanted });
                }
                _ => return Err(BadRole::NoSuchScale { role: role.title.clone(), scale: scale.name() }),
            }
        }
        if let Some(range) = &role.scale {
            complete.scale.insert(range.scale, choice.scale.get(&range.scale).copied().unwrap_or(range.default));
        }
        for name in choice.options.keys() {
            if !self.options_of(&role.id).any(|option| option.id == *name) {
                let scale = role.scale.iter().map(|range| range.scale.name());
                let names = self.options_of(&role.id).map(|option| option.id.as_str()).chain(scale);
                let nearest = crate::nearest(name, names);
                return Err(BadRole::NoSuchOption { role: role.title.clone(), name: name.clone(), nearest });
            }
        }
        for option in self.options_of(&role.id) {
            let value = choice.options.get(&option.id).unwrap_or(&option.default);
            option.accepts(value)?;
            complete.options.insert(option.id.clone(), value.clone());
        }
        Ok(complete)
    }

    /// What the role needs at this size: every number worked out, in the order of the areas.
    pub fn needs(&self, choice: &RoleChoice) -> Result<Vec<Need>, BadRole> {
        let choice = self.complete(choice)?;
        let chosen = self.needs.iter().filter(|need| need.whom.holds(&choice));
        let mut needs: Vec<Need> = chosen.filter_map(|need| need.work_out(&self.id, &choice)).collect();
        needs.sort_by_key(|need| need.area);
        Ok(needs)
    }

    /// The changes that the role knows, with their values filled in.
    pub fn tunings(&self, choice: &RoleChoice) -> Result<Vec<Tuning>, BadRole> {
        let choice = self.complete(choice)?;
        let chosen = self.tunings.iter().filter(|template| template.whom.holds(&choice));
        let mut tunings: Vec<Tuning> = chosen.map(|template| fill_tuning(&template.tuning, &choice)).collect();
        let all: Vec<PortRule> = tunings.iter().filter_map(opened).flatten().cloned().collect();
        for tuning in &mut tunings {
            if let TuningKind::CloseOtherPorts { ports } = &mut tuning.kind {
                ports.clone_from(&all);
            }
        }
        Ok(tunings)
    }

    /// The few lines that stand beside the choice of a role.
    pub fn headlines(&self, choice: &RoleChoice) -> Result<Vec<Headline>, BadRole> {
        let choice = self.complete(choice)?;
        let held = || self.needs.iter().filter(|need| need.whom.holds(&choice));
        // A file that marks none of its needs for these lines has the first of them here.
        let none = held().all(|need| need.headline.is_none());
        let unmarked = held().filter(|_| none).take(UNMARKED).map(|need| (&need.title, need));
        let marked = held().filter_map(|need| Some((need.headline.as_ref()?, need)));
        let mut lines: Vec<Headline> = Vec::new();
        for (title, template) in marked.chain(unmarked) {
            let Some(need) = template.work_out(&self.id, &choice) else { continue };
            let line = headline(title, template, &need, &choice);
            match lines.iter_mut().find(|other| other.title == *title) {
                Some(other) => other.join(line),
                None => lines.push(line),
            }
        }
        // Figures first, as they are what a person rents a server by: processor, memory, disk, line.
        const FIRST: [&str; 4] = ["Processor", "Memory", "Disk", "Network"];
        let rank = |line: &Headline| {
            FIRST.iter().position(|first| line.title.starts_with(first)).filter(|_| !line.unit.is_empty())
        };
        lines.sort_by_key(|line| rank(line).unwrap_or(FIRST.len()));
        Ok(lines)
    }

    /// "A prover with 6 workers".
    pub fn title_of(&self, choice: &RoleChoice) -> Result<String, BadRole> {
        let choice = self.complete(choice)?;
        let title = self.role(&choice.role).map(|role| role.title.clone()).unwrap_or_default();
        Ok(match choice.scale.iter().next() {
            Some((scale, 1)) => format!("{title}, 1 {}", scale.one()),
            Some((scale, n)) => format!("{title}, {} {}", crate::figure::thousands(u64::from(*n)), scale.name()),
            None => title,
        })
    }

    /// How every catalogue row of this product is covered.
    pub fn coverage(&self) -> &[Covered] {
        &self.covered
    }

    /// How many needs and changes it holds, whatever the role.
    pub fn lines(&self) -> (usize, usize) {
        (self.needs.len(), self.tunings.len())
    }

    /// Whether it and `earlier` cannot stand side by side, as with a newer version of the same file: the same product, or
    /// additions to one that hold the same need.
    pub fn takes_the_place_of(&self, earlier: &Profile) -> bool {
        match (&self.adds_to, &earlier.adds_to) {
            (None, None) => self.id == earlier.id,
            (Some(_), Some(_)) => !self.need_ids().is_disjoint(&earlier.need_ids()),
            _ => false,
        }
    }

    /// Every id of a need, with the product before it.
    pub(crate) fn need_ids(&self) -> BTreeSet<String> {
        self.needs.iter().map(|need| format!("{}.{}", self.id, need.id)).collect()
    }
}

fn opened(tuning: &Tuning) -> Option<&Vec<PortRule>> {
    match &tuning.kind {
        TuningKind::Ports(ports) => Some(ports),
        _ => None,
    }
}

impl RoleOption {
    fn accepts(&self, value: &str) -> Result<(), BadRole> {
        let fits = if self.choices.is_empty() {
            value.parse::<u16>().is_ok_and(|port| port > 0 && !value.starts_with(['0', '+']))
        } else {
            self.choices.iter().any(|(id, _)| id == value)
        };
        if fits {
            return Ok(());
        }
        let choices = if self.choices.is_empty() {
            "a port from 1 to 65535".to_owned()
        } else {
            self.choices.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ")
        };
        Err(BadRole::NoSuchChoice { name: self.id.clone(), value: value.to_owned(), choices })
    }
}

//! Products, roles and needs, as the first screens show them.

use super::Failure;
use profiles::{BadRole, Catalog, Need, Problem, Profile, RoleChoice, Scale, Source, thousands};
use serde::Serialize;
use session::requirements::{Kept, Shelf};
use specta::Type;

/// What can be chosen on this computer.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Offer {
    pub(crate) products: Vec<Product>,
    /// Requirement files that were opened here.
    pub(crate) files: Vec<RequirementsFile>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequirementsFile {
    pub(crate) name: String,
    /// Of the product it brings, or adds to.
    pub(crate) title: String,
    /// Whether it adds to a product instead of bringing one.
    pub(crate) adds: bool,
    pub(crate) roles: u32,
    pub(crate) needs: u32,
    pub(crate) changes: u32,
    /// Why it cannot be used now, with lines and hints; empty where it can.
    pub(crate) problems: Vec<String>,
}

/// What became of a requirements file that was opened.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum RequirementsOpened {
    /// It stands among the files of the offer by this name.
    Opened {
        name: String,
        offer: Offer,
    },
    NotChosen,
    /// Each problem with its line and a hint, where the file can be mended.
    Refused {
        failure: Failure,
        problems: Vec<String>,
    },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) title: String,
    /// One line: what it is for.
    pub(crate) purpose: String,
    /// "Provisioner, Prover, Archiver", "5 to 5,000 users", "9 roles"; and "from 2 cores, 4 GB".
    pub(crate) roles_line: String,
    pub(crate) smallest: String,
    pub(crate) roles: Vec<Role>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Role {
    /// Without scale: `dusk/prover`.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) purpose: String,
    /// "2 cores, 4 GB" or "scales with workers".
    pub(crate) size: String,
    pub(crate) scale: Option<ScaleRange>,
    /// Heading it stands under when a product groups its roles; empty otherwise.
    pub(crate) group: String,
    pub(crate) options: Vec<RoleOption>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScaleRange {
    /// "workers" or "users".
    pub(crate) kind: String,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) default: u32,
    pub(crate) ticks: Vec<u32>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleOption {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) default: String,
    pub(crate) choices: Vec<OptionChoice>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OptionChoice {
    pub(crate) id: String,
    pub(crate) title: String,
}

/// The column "A prover with 6 workers needs".
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleNeeds {
    /// Full id: `dusk/prover?workers=6`.
    pub(crate) role: String,
    pub(crate) title: String,
    pub(crate) headlines: Vec<Headline>,
    pub(crate) note: Option<String>,
    pub(crate) source_title: String,
    pub(crate) source_url: Option<String>,
    /// Every need, for the requirements browser.
    pub(crate) needs: Vec<NeedRow>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Headline {
    pub(crate) title: String,
    /// "6"; a sentence when `unit` is empty.
    pub(crate) value: String,
    pub(crate) unit: String,
    /// "1 per worker, at least 4".
    pub(crate) arithmetic: Option<String>,
    /// "10 to be comfortable".
    pub(crate) comfortable: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NeedRow {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) area: String,
    pub(crate) severity: String,
    pub(crate) needed: String,
    pub(crate) why: String,
    pub(crate) source: String,
}

pub(crate) fn offer(shelf: &Shelf) -> Offer {
    Offer {
        products: shelf.catalog.profiles.iter().map(product).collect(),
        files: shelf.files.iter().map(requirements_file).collect(),
    }
}

fn requirements_file(kept: &Kept) -> RequirementsFile {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let brought = kept.brings.as_ref().ok();
    RequirementsFile {
        name: kept.name.clone(),
        title: brought.map(|brought| brought.title.clone()).unwrap_or_default(),
        adds: brought.is_some_and(|brought| brought.adds),
        roles: brought.map(|brought| count(brought.roles)).unwrap_or_default(),
        needs: brought.map(|brought| count(brought.needs)).unwrap_or_default(),
        changes: brought.map(|brought| count(brought.changes)).unwrap_or_default(),
        problems: kept.brings.as_ref().err().map(|problems| said(problems)).unwrap_or_default(),
    }
}

/// `wiki.toml:19: unknown field "tittle" (did you mean "title"?)`
pub(crate) fn said(problems: &[Problem]) -> Vec<String> {
    let one = |Problem { file, line, message, hint }: &Problem| match hint.as_str() {
        "" => format!("{file}:{line}: {message}"),
        hint => format!("{file}:{line}: {message} ({hint})"),
    };
    problems.iter().map(one).collect()
}

fn product(profile: &Profile) -> Product {
    // Requirement files list roles from the smallest to the largest; a size that grows is no smallest one.
    let smallest = profile.roles.iter().find(|role| role.scale.is_none()).or(profile.roles.first());
    Product {
        id: profile.id.clone(),
        title: profile.title.clone(),
        purpose: profile.purpose.clone(),
        roles_line: roles_line(profile),
        smallest: smallest.map(|role| format!("from {}", role.size)).unwrap_or_default(),
        roles: profile.roles.iter().map(|of| role(profile, of)).collect(),
    }
}

/// What tells a product's roles apart in one line: how many people they are for, or their names where those are few.
fn roles_line(profile: &Profile) -> String {
    let people =
        profile.roles.iter().filter_map(|role| role.scale.as_ref()).filter(|range| range.scale == Scale::Users);
    let span = people.map(|range| (range.min, range.max)).reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
    // "Node operator, minimum" and "Node operator, recommended" are one in two sizes.
    let mut names: Vec<&str> =
        profile.roles.iter().map(|role| role.title.split(", ").next().unwrap_or(&role.title)).collect();
    names.dedup();
    match span {
        Some((least, most)) => format!("{} to {} users", thousands(least.into()), thousands(most.into())),
        None if names.len() <= 3 => names.join(", "),
        None => format!("{} roles", profile.roles.len()),
    }
}

fn role(profile: &Profile, role: &profiles::Role) -> Role {
    Role {
        id: format!("{}/{}", profile.id, role.id),
        title: role.title.clone(),
        purpose: role.purpose.clone(),
        size: role.size.clone(),
        scale: role.scale.as_ref().map(|range| ScaleRange {
            kind: range.scale.name().to_owned(),
            min: range.min,
            max: range.max,
            default: range.default,
            ticks: range.ticks.clone(),
        }),
        group: role.group.clone(),
        options: profile.options_of(&role.id).map(option).collect(),
    }
}

fn option(option: &profiles::RoleOption) -> RoleOption {
    let choice = |(id, title): &(String, String)| OptionChoice { id: id.clone(), title: title.clone() };
    RoleOption {
        id: option.id.clone(),
        title: option.title.clone(),
        default: option.default.clone(),
        choices: option.choices.iter().map(choice).collect(),
    }
}

/// What `choice` needs; its scale and options are completed with their defaults.
pub(crate) fn role_needs(catalog: &Catalog, choice: &RoleChoice) -> Result<RoleNeeds, BadRole> {
    let profile = catalog.product(&choice.product)?;
    let needs = profile.needs(choice)?;
    let source = needs.first().map(|need| need.source.clone());
    Ok(RoleNeeds {
        role: choice.to_string(),
        title: profile.title_of(choice)?,
        headlines: profile.headlines(choice)?.into_iter().map(headline).collect(),
        note: profile.role(&choice.role).and_then(|role| role.note.clone()),
        source_title: source.as_ref().map(|source| source.document.clone()).unwrap_or_default(),
        source_url: source.and_then(|source| source.url),
        needs: needs.iter().map(need_row).collect(),
    })
}

fn headline(line: profiles::Headline) -> Headline {
    let profiles::Headline { title, value, unit, arithmetic, comfortable } = line;
    Headline { title, value, unit, arithmetic, comfortable }
}

fn need_row(need: &Need) -> NeedRow {
    NeedRow {
        id: need.id.clone(),
        title: need.title.clone(),
        area: super::word(&need.area),
        severity: super::word(&need.severity),
        needed: need.needed_text(),
        why: need.why.clone(),
        source: source(&need.source),
    }
}

/// "Dusk requirements, Prover Specifications, line 41".
pub(crate) fn source(source: &Source) -> String {
    let section = source.section.as_ref().map(|section| format!(", {section}")).unwrap_or_default();
    let line = source.line.as_ref().map(|line| format!(", line {line}")).unwrap_or_default();
    format!("{}{section}{line}", source.document)
}

//! Requirement files: read whole, so that one reading names every problem with its line and a hint.

mod bound;
mod change;
mod need;
mod problem;
mod reader;
mod support;
mod word;

pub use problem::{Problem, nearest};
pub(crate) use support::support;
pub(crate) use word::{answers, waivers};

use crate::profile::{Document, Profile, Role, RoleOption, ScaleRange};
use crate::template::NeedTemplate;
use crate::{RoleChoice, Scale};
use problem::Problems;
use reader::Reader;
use std::collections::{BTreeMap, BTreeSet};
use toml::de::DeTable;

/// The version of the file format; a file of another version is refused, not guessed at.
const SCHEMA: &str = "1";

/// Reads a requirement file. `file` is its name, for messages.
pub fn parse(file: &str, text: &str) -> Result<Profile, Vec<Problem>> {
    let problems = Problems::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().unwrap_or_default();
        problems.add(
            &at,
            error.message(),
            "this is a matter of TOML itself: a bracket, a quote, or a name that stands twice",
        );
    }
    if !problems.is_empty() {
        return Err(problems.finish());
    }
    reader::refuse_empty_lists(table.get_ref(), &problems);
    let at = table.span();
    let profile = read(Reader::new("the file", at.start..at.start, table.into_inner(), &problems), &problems);
    match profile {
        Some(profile) if problems.is_empty() => Ok(profile),
        _ => Err(problems.finish()),
    }
}

fn read(mut top: Reader<'_, '_>, problems: &Problems<'_>) -> Option<Profile> {
    schema(&mut top);
    let adds_to = top.text("adds_to");
    let (id, title, purpose) = match &adds_to {
        Some(product) => (product.clone(), product.clone(), String::new()),
        None => (top.required("product"), top.required("title"), top.required("purpose")),
    };
    let verified = day(&mut top, "verified");
    let documents: Vec<Document> = top.tables("document").into_iter().map(|table| document(table, &verified)).collect();
    let options: Vec<RoleOption> = top.tables("option").into_iter().map(option).collect();
    let roles: Vec<Role> = top.tables("role").into_iter().map(role).collect();
    let need_items = match top.take("need").map(toml::Spanned::into_inner) {
        Some(toml::de::DeValue::Array(items)) => items.into_iter().collect(),
        _ => Vec::new(),
    };
    let around = need::Around { options: &options, documents: &documents };
    let mut needs = Vec::new();
    let mut spans = BTreeMap::new();
    for item in need::follow_likes(need_items, problems) {
        let at = item.span();
        if let Some(need) = Reader::of("need", item, problems).and_then(|table| need::need(table, &around)) {
            spans.insert(need.id.clone(), at);
            needs.push(need);
        }
    }
    let tables = top.tables("change");
    let tunings: Vec<_> = tables.into_iter().filter_map(|table| change::change(table, &options)).collect();
    let mut covered: Vec<_> = needs.iter().flat_map(|need| need::covered_by(need, &id)).collect();
    covered.extend(top.tables("row").into_iter().flat_map(|table| need::rows(table, &id)));
    let covered = crate::coverage::merge(covered);
    let whole = top.at().clone();
    top.finish();
    let profile = Profile { id, title, purpose, verified, roles, options, documents, needs, tunings, covered, adds_to };
    if problems.is_empty() {
        check_whole(&profile, &whole, &spans, problems);
    }
    Some(profile)
}

fn schema(top: &mut Reader<'_, '_>) {
    match top.scalar("schema") {
        Some(schema) if schema.text == SCHEMA => {}
        Some(schema) => top.problems().add(&schema.at, "this schema is not known here", format!("schema = {SCHEMA}")),
        None => top.problem("schema is missing", format!("schema = {SCHEMA}")),
    }
}

/// `2026-11-20`.
fn day(reader: &mut Reader<'_, '_>, field: &'static str) -> String {
    let text = reader.required(field);
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if !shaped && !text.is_empty() {
        reader.problem(format!("{field} is no day"), "write it as 2026-11-20");
    }
    text
}

fn document(mut table: Reader<'_, '_>, verified: &str) -> Document {
    let (id, title, url) = (table.required("id"), table.required("title"), table.text("url"));
    let verified = if table.has("verified") { day(&mut table, "verified") } else { verified.to_owned() };
    table.finish();
    Document { id, title, url, verified }
}

fn option(mut table: Reader<'_, '_>) -> RoleOption {
    let (id, title) = (table.required("id"), table.required("title"));
    table.rename(format!("option {id}"));
    let default = table.scalar("default").map(|scalar| scalar.text).unwrap_or_default();
    let roles = table.texts("roles");
    let mut choices = Vec::new();
    for mut choice in table.tables("choice") {
        choices.push((choice.required("id"), choice.required("title")));
        choice.finish();
    }
    let fits = if choices.is_empty() {
        default.parse::<u16>().is_ok_and(|port| port > 0)
    } else {
        choices.iter().any(|(id, _)| *id == default)
    };
    if !fits {
        table
            .problem(format!("\"{default}\" cannot be the default"), "one of its choices, or a port where it has none");
    }
    if !crate::choice::is_word(&id) || Scale::ALL.iter().any(|scale| scale.name() == id) {
        table.problem("an id is a lower-case word other than workers and users", "such as kadcast_port");
    }
    table.finish();
    RoleOption { id, title, default, choices, roles }
}

fn role(mut table: Reader<'_, '_>) -> Role {
    let id = table.required("id");
    table.rename(format!("role {id}"));
    if !crate::choice::is_word(&id) {
        table.problem("an id is a lower-case word", "such as node-minimum");
    }
    let (title, purpose, size) = (table.required("title"), table.required("purpose"), table.required("size"));
    let group = table.text("group").unwrap_or_default();
    let servers = table.whole("servers").unwrap_or(1);
    let note = table.text("note");
    let scale = table.table("scale").and_then(scale);
    table.finish();
    Role { id, title, purpose, size, group, scale, servers, note }
}

fn scale(mut table: Reader<'_, '_>) -> Option<ScaleRange> {
    let name = table.required("of");
    let scale = Scale::ALL.into_iter().find(|scale| scale.name() == name);
    let (min, max, default) = (table.whole("min")?, table.whole("max")?, table.whole("default")?);
    let ticks: Vec<u32> = table.texts("ticks").iter().filter_map(|tick| tick.parse().ok()).collect();
    if scale.is_none() {
        table.problem(format!("\"{name}\" is no scale"), "of = \"workers\" or of = \"users\"");
    }
    if min == 0 || max < min || !(min..=max).contains(&default) || !ticks.iter().all(|tick| (min..=max).contains(tick))
    {
        table.problem("default and ticks lie between min and max, and min is 1 or more", "");
    }
    table.finish();
    Some(ScaleRange { scale: scale?, min, max, default, ticks })
}

/// What only the whole file can show: ids that stand twice, names of nothing, roles that need nothing.
fn check_whole(
    profile: &Profile,
    whole: &std::ops::Range<usize>,
    spans: &BTreeMap<String, std::ops::Range<usize>>,
    problems: &Problems<'_>,
) {
    if profile.adds_to.is_none() && !crate::choice::is_word(&profile.id) {
        problems.add(whole, "product is a lower-case word", "such as dusk");
    }
    let at = |need: &NeedTemplate| spans.get(&need.id).cloned().unwrap_or_default();
    let mut ids = BTreeSet::new();
    for need in &profile.needs {
        if !ids.insert(need.id.as_str()) {
            problems.add(&at(need), format!("the id \"{}\" stands twice", need.id), "every need has an id of its own");
        }
        if profile.adds_to.is_none() {
            check_roles(profile, &need.whom.roles, &at(need), problems);
            if let Some(change) = &need.change
                && !profile.tunings.iter().any(|tuning| tuning.tuning.id == *change)
            {
                let near = nearest(change, profile.tunings.iter().map(|tuning| tuning.tuning.id.as_str()));
                let hint = near
                    .map_or_else(|| "changes stand under [[change]]".to_owned(), |n| format!("did you mean \"{n}\"?"));
                problems.add(&at(need), format!("need {}: there is no change \"{change}\"", need.id), hint);
            }
        }
    }
    twice("role", profile.roles.iter().map(|role| role.id.as_str()), whole, problems);
    twice("option", profile.options.iter().map(|option| option.id.as_str()), whole, problems);
    twice("document", profile.documents.iter().map(|document| document.id.as_str()), whole, problems);
    twice("row", profile.covered.iter().map(|covered| covered.row.as_str()), whole, problems);
    if profile.adds_to.is_none() {
        profile.tunings.iter().for_each(|tuning| check_roles(profile, &tuning.whom.roles, whole, problems));
        profile.options.iter().for_each(|option| check_roles(profile, &option.roles, whole, problems));
    }
    if profile.adds_to.is_some() {
        if profile.needs.is_empty() {
            problems.add(whole, "the file adds no need", "add [[need]]");
        }
        return;
    }
    if profile.roles.is_empty() {
        problems.add(whole, "the file has no role", "add [[role]]");
    }
    for role in &profile.roles {
        let choice = RoleChoice {
            product: profile.id.clone(),
            role: role.id.clone(),
            scale: BTreeMap::new(),
            options: BTreeMap::new(),
        };
        if profile.needs(&choice).is_ok_and(|needs| needs.is_empty()) {
            problems.add(
                whole,
                format!("role {} needs nothing", role.id),
                "a role without needs would call every server ready",
            );
        }
    }
}

fn check_roles(profile: &Profile, roles: &[String], at: &std::ops::Range<usize>, problems: &Problems<'_>) {
    for role in roles.iter().filter(|role| profile.role(role).is_none()) {
        let hint = nearest(role, profile.roles.iter().map(|role| role.id.as_str()))
            .map_or_else(String::new, |near| format!("did you mean \"{near}\"?"));
        problems.add(at, format!("there is no role \"{role}\""), hint);
    }
}

fn twice<'a>(what: &str, ids: impl Iterator<Item = &'a str>, at: &std::ops::Range<usize>, problems: &Problems<'_>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            problems.add(at, format!("{what} \"{id}\" stands twice"), "");
        }
    }
}

//! `[[need]]` and `[[row]]`: one requirement, and rows that no need covers.

use super::bound::{parts, when};
use super::reader::{Item, Reader};
use crate::profile::{Document, RoleOption};
use crate::template::{BoundTemplate, For, NeedTemplate};
use crate::{Area, Bound, CatalogRow, Covered, CoveredHow, Meets, Severity, Source};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// Fields that a need never takes over from the one it is `like`.
const OWN: [&str; 3] = ["id", "rows", "like"];
/// Fields that make up the parts: taken over together or not at all.
const OF_PARTS: [&str; 21] = [
    "key",
    "part",
    "each",
    "at_least",
    "at_most",
    "equals",
    "one_of",
    "none_of",
    "holds_all",
    "holds_none",
    "holds_any",
    "only_by",
    "present",
    "absent",
    "ask",
    "shown",
    "comfortable",
    "beyond",
    "only_if",
    "supporting",
    "meets",
];

/// Fills every `like = "other"` with what it leaves out, and names loops and ids that are not there.
pub(super) fn follow_likes<'i>(items: Vec<Item<'i>>, problems: &super::Problems<'_>) -> Vec<Item<'i>> {
    let mut tables: BTreeMap<String, DeTable<'i>> = BTreeMap::new();
    for item in &items {
        if let DeValue::Table(table) = item.get_ref()
            && let Some(id) = table.get("id").and_then(|id| id.get_ref().as_str())
        {
            tables.insert(id.to_owned(), table.clone());
        }
    }
    items.into_iter().map(|item| follow_like(item, &tables, problems)).collect()
}

fn follow_like<'i>(item: Item<'i>, tables: &BTreeMap<String, DeTable<'i>>, problems: &super::Problems<'_>) -> Item<'i> {
    let at = item.span();
    let DeValue::Table(mut table) = item.into_inner() else {
        problems.add(&at, "a need should be a table", "write [[need]]");
        return toml::Spanned::new(at, DeValue::Table(DeTable::new()));
    };
    let mut seen = Vec::new();
    let mut next = like_of(&table);
    while let Some(name) = next {
        let Some(other) = tables.get(&name) else {
            let hint = super::nearest(&name, tables.keys().map(String::as_str))
                .map_or_else(String::new, |near| format!("did you mean \"{near}\"?"));
            problems.add(&at, format!("like: there is no need \"{name}\" in this file"), hint);
            break;
        };
        if seen.contains(&name) {
            problems.add(&at, format!("like: \"{name}\" leads back to itself"), "one of them has to stand on its own");
            break;
        }
        let own_parts = OF_PARTS.iter().any(|field| table.contains_key(*field) && *field != "meets");
        for (field, value) in other {
            let field_name: &str = field.get_ref();
            // Another figure for the same fact: the key stays, the bound does not.
            let skipped = OWN.contains(&field_name)
                || (own_parts && OF_PARTS.contains(&field_name) && (field_name != "key" || table.contains_key("part")));
            if !skipped && !table.contains_key(field_name) {
                table.insert(field.clone(), value.clone());
            }
        }
        seen.push(name);
        next = like_of(other);
    }
    toml::Spanned::new(at, DeValue::Table(table))
}

fn like_of(table: &DeTable<'_>) -> Option<String> {
    table.get("like").and_then(|like| like.get_ref().as_str()).map(str::to_owned)
}

/// Whether a file is complete in itself, or adds to a product that is there.
pub(super) struct Around<'a> {
    pub(super) options: &'a [RoleOption],
    pub(super) documents: &'a [Document],
}

pub(super) fn need(mut reader: Reader<'_, '_>, around: &Around<'_>) -> Option<NeedTemplate> {
    let id = reader.required("id");
    reader.rename(format!("need {id}"));
    reader.text("like");
    let rows: Vec<CatalogRow> = reader.texts("rows").into_iter().map(CatalogRow).collect();
    let title = reader.required("title");
    let area = word(&mut reader, "area", AREAS);
    let severity = word(&mut reader, "severity", SEVERITIES);
    let why = reader.required("why");
    let whom_roles = reader.texts("roles");
    let source = source(&mut reader, around.documents);
    let meets = match reader.text("meets").as_deref() {
        None | Some("all") => Meets::All,
        Some("any") => Meets::Any,
        Some(other) => {
            reader.problem(format!("meets cannot be \"{other}\""), "all or any");
            Meets::All
        }
    };
    let (needed, change, steps) = (reader.text("needed"), reader.text("change"), reader.text("steps"));
    let (note, headline) = (reader.text("note"), reader.text("headline"));
    let (brief, caption) = (reader.text("brief"), reader.text("caption"));
    // `when` stands before the parts, since a lone part would take it for its own.
    let conditions = when(&mut reader, around.options);
    let parts = if reader.has("part") {
        let mut all = Vec::new();
        for mut table in reader.tables("part") {
            table.rename(format!("need {id}, a part"));
            all.extend(parts(&mut table, around.options));
            table.finish();
        }
        all
    } else {
        parts(&mut reader, around.options)
    };
    reader.finish();
    let whom = For { roles: whom_roles, when: conditions };
    let (area, severity) = (area?, severity?);
    let source = source?;
    #[rustfmt::skip]
    let need = NeedTemplate {
        id, rows, whom, title, area, severity, why, source, parts, meets, needed, change, steps, note, headline, brief, caption,
    };
    Some(need)
}

const AREAS: &[(&str, Area)] = &[
    ("hardware", Area::Hardware),
    ("system", Area::System),
    ("software", Area::Software),
    ("network", Area::Network),
    ("storage", Area::Storage),
    ("security", Area::Security),
    ("monitoring", Area::Monitoring),
    ("upkeep", Area::Upkeep),
];

const SEVERITIES: &[(&str, Severity)] = &[
    ("required", Severity::Required),
    ("recommended", Severity::Recommended),
    ("optional", Severity::Optional),
    ("informational", Severity::Informational),
    ("attestation", Severity::Attestation),
];

fn word<T: Copy>(reader: &mut Reader<'_, '_>, field: &'static str, words: &[(&str, T)]) -> Option<T> {
    let text = reader.required(field);
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() && !text.is_empty() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let hint = match super::nearest(&text, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("one of {}", known.join(", ")),
        };
        reader.problem(format!("{field} cannot be \"{text}\""), hint);
    }
    found
}

/// Reads `source = { document = "…", section = "…", line = "…" }`; without a document it is the file's first.
fn source(reader: &mut Reader<'_, '_>, documents: &[Document]) -> Option<Source> {
    if !reader.has("source") {
        reader.problem("source is missing", "source = { section = \"…\", line = \"…\" }");
    }
    let mut table = reader.table("source")?;
    let named = table.text("document");
    let (section, url) = (table.text("section"), table.text("url"));
    let line = table.scalar("line").map(|line| line.text);
    let document = match &named {
        Some(name) => documents.iter().find(|document| document.id == *name),
        None => documents.first(),
    };
    if document.is_none() {
        let name = named.as_deref().unwrap_or("(the first)");
        table.problem(format!("there is no document {name}"), "add a [[document]] with id, title and verified");
    }
    table.finish();
    let document = document?;
    let (title, verified) = (document.title.clone(), document.verified.clone());
    Some(Source { document: title, section, line, url: url.or_else(|| document.url.clone()), verified })
}

/// `[[row]]`: rows that need no reading.
pub(super) fn rows(mut reader: Reader<'_, '_>, product: &str) -> Vec<Covered> {
    let ids = reader.texts("rows");
    if ids.is_empty() {
        reader.problem("rows is missing", "rows = [\"DU-003\"]");
    }
    let how = reader.required("how");
    let covered = CoveredHow::parse(&how);
    if covered.is_none() && !how.is_empty() {
        reader.problem(format!("how cannot be \"{how}\""), "calculator, roll_up or note");
    }
    let by = reader.texts("by");
    let text = reader.required("text");
    reader.finish();
    let Some(how) = covered else { return Vec::new() };
    if by.is_empty() && how != CoveredHow::Note {
        return Vec::new();
    }
    let one = |row| Covered { row, product: product.to_owned(), how, by: by.clone(), text: text.clone() };
    ids.into_iter().map(one).collect()
}

/// The rows that a need covers.
pub(super) fn covered_by(need: &NeedTemplate, product: &str) -> Vec<Covered> {
    let asks = need.parts.iter().all(|part| matches!(part.bound, BoundTemplate::Other(Bound::YourWord { .. })));
    let how = if asks { CoveredHow::Confirmation } else { CoveredHow::Need };
    let one = |row: &CatalogRow| Covered {
        row: row.0.clone(),
        product: product.to_owned(),
        how,
        by: vec![format!("{product}.{}", need.id)],
        text: need.title.clone(),
    };
    need.rows.iter().map(one).collect()
}

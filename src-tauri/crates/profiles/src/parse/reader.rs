//! A table of a requirement file, read field by field. What nobody asked for is an unknown field.

use super::problem::{Problems, nearest};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(super) type Item<'i> = Spanned<DeValue<'i>>;

pub(super) struct Reader<'p, 'i> {
    /// What the table is, for messages: "need dusk.clock".
    what: String,
    at: Range<usize>,
    table: DeTable<'i>,
    asked: Vec<&'static str>,
    problems: &'p Problems<'p>,
}

/// A scalar as written, be it in quotes or not.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

impl<'p, 'i> Reader<'p, 'i> {
    pub(super) fn new(what: &str, at: Range<usize>, table: DeTable<'i>, problems: &'p Problems<'p>) -> Self {
        Reader { what: what.to_owned(), at, table, asked: Vec::new(), problems }
    }

    /// A reader for an item that has to be a table.
    pub(super) fn of(what: &str, item: Item<'i>, problems: &'p Problems<'p>) -> Option<Self> {
        let at = item.span();
        match item.into_inner() {
            DeValue::Table(table) => Some(Reader::new(what, at, table, problems)),
            other => {
                problems.add(&at, format!("{what} is {}, and should be a table", a(other.type_str())), "");
                None
            }
        }
    }

    pub(super) fn at(&self) -> &Range<usize> {
        &self.at
    }

    pub(super) fn rename(&mut self, what: String) {
        self.what = what;
    }

    pub(super) fn problems(&self) -> &'p Problems<'p> {
        self.problems
    }

    pub(super) fn problem(&self, message: impl std::fmt::Display, hint: impl Into<String>) {
        self.problems.add(&self.at, format!("{}: {message}", self.what), hint);
    }

    pub(super) fn has(&mut self, field: &'static str) -> bool {
        self.asked.push(field);
        self.table.contains_key(field)
    }

    /// Takes a field as it is.
    pub(super) fn take(&mut self, field: &'static str) -> Option<Item<'i>> {
        self.asked.push(field);
        self.table.remove(field)
    }

    pub(super) fn scalar(&mut self, field: &'static str) -> Option<Scalar> {
        let item = self.take(field)?;
        scalar(&self.what, field, &item, self.problems)
    }

    pub(super) fn text(&mut self, field: &'static str) -> Option<String> {
        let item = self.take(field)?;
        match item.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.problems.add(
                    &item.span(),
                    format!("{}: {field} is empty", self.what),
                    "leave the field out, or fill it",
                );
                None
            }
            DeValue::String(text) => Some(text.trim().to_owned()),
            other => {
                let message = format!("{}: {field} is {}, and should be text", self.what, a(other.type_str()));
                self.problems.add(&item.span(), message, "put it in quotes");
                None
            }
        }
    }

    /// A text that has to be there. Its lack is a problem of its own.
    pub(super) fn required(&mut self, field: &'static str) -> String {
        let there = self.has(field);
        if !there {
            self.problem(format!("{field} is missing"), format!("add {field} = \"…\""));
        }
        self.text(field).unwrap_or_default()
    }

    pub(super) fn whole(&mut self, field: &'static str) -> Option<u32> {
        let scalar = self.scalar(field)?;
        let number = scalar.text.replace('_', "").parse().ok();
        if number.is_none() {
            self.problems.add(&scalar.at, format!("{}: {field} should be a whole number", self.what), "");
        }
        number
    }

    pub(super) fn flag(&mut self, field: &'static str) -> bool {
        let Some(item) = self.take(field) else { return false };
        match item.get_ref() {
            DeValue::Boolean(flag) => *flag,
            _ => {
                self.problems.add(&item.span(), format!("{}: {field} should be true or false", self.what), "");
                false
            }
        }
    }

    /// The items of a list; a single value counts as a list of one.
    pub(super) fn scalars(&mut self, field: &'static str) -> Vec<Scalar> {
        let Some(item) = self.take(field) else { return Vec::new() };
        let (what, problems) = (&self.what, self.problems);
        match item.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| scalar(what, field, item, problems)).collect(),
            _ => scalar(what, field, &item, problems).into_iter().collect(),
        }
    }

    pub(super) fn texts(&mut self, field: &'static str) -> Vec<String> {
        self.scalars(field).into_iter().map(|scalar| scalar.text).collect()
    }

    /// The tables of a list of tables.
    pub(super) fn tables(&mut self, field: &'static str) -> Vec<Reader<'p, 'i>> {
        let Some(item) = self.take(field) else { return Vec::new() };
        let (at, problems) = (item.span(), self.problems);
        match item.into_inner() {
            DeValue::Array(items) => items.into_iter().filter_map(|item| Reader::of(field, item, problems)).collect(),
            other => {
                let message =
                    format!("{}: {field} is {}, and should be a list of tables", self.what, a(other.type_str()));
                problems.add(&at, message, format!("write [[{field}]]"));
                Vec::new()
            }
        }
    }

    pub(super) fn table(&mut self, field: &'static str) -> Option<Reader<'p, 'i>> {
        let item = self.take(field)?;
        Reader::of(&format!("{}: {field}", self.what), item, self.problems)
    }

    /// A table, or a list of them.
    pub(super) fn one_or_more(&mut self, field: &'static str) -> Vec<Reader<'p, 'i>> {
        match self.table.get(field).map(|item| item.get_ref()) {
            Some(DeValue::Table(_)) => self.table(field).into_iter().collect(),
            _ => self.tables(field),
        }
    }

    /// Name and value of every entry: for tables whose names are data.
    pub(super) fn entries(self) -> Vec<(String, Item<'i>)> {
        self.table.into_iter().map(|(name, item)| (name.into_inner().into_owned(), item)).collect()
    }

    /// Whatever is left was not asked for.
    pub(super) fn finish(self) {
        for name in self.table.keys() {
            let known = self.asked.iter().copied();
            let hint = match nearest(name.get_ref(), known) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => {
                    let mut fields = self.asked.clone();
                    fields.sort_unstable();
                    fields.dedup();
                    format!("known fields: {}", fields.join(", "))
                }
            };
            self.problems.add(&name.span(), format!("{}: unknown field \"{}\"", self.what, name.get_ref()), hint);
        }
    }
}

pub(super) fn scalar(what: &str, field: &str, item: &Item<'_>, problems: &Problems<'_>) -> Option<Scalar> {
    let text = match item.get_ref() {
        DeValue::String(text) => text.trim().to_owned(),
        DeValue::Integer(number) => number.as_str().replace('_', ""),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        other => {
            let message = format!("{what}: {field} is {}, and should be one value", a(other.type_str()));
            problems.add(&item.span(), message, "");
            return None;
        }
    };
    if text.is_empty() {
        problems.add(&item.span(), format!("{what}: {field} is empty"), "leave the field out, or fill it");
        return None;
    }
    Some(Scalar { text, at: item.span() })
}

fn a(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

/// Names every empty list below `table`: a list that says nothing was meant to say something.
pub(super) fn refuse_empty_lists(table: &DeTable<'_>, problems: &Problems<'_>) {
    for (name, item) in table {
        refuse_empty(name.get_ref(), item, problems);
    }
}

fn refuse_empty(name: &str, item: &Item<'_>, problems: &Problems<'_>) {
    match item.get_ref() {
        DeValue::Array(items) if items.is_empty() => {
            problems.add(&item.span(), format!("{name} is an empty list"), "leave the field out, or fill it");
        }
        DeValue::Array(items) => items.iter().for_each(|item| refuse_empty(name, item, problems)),
        DeValue::Table(table) => refuse_empty_lists(table, problems),
        _ => {}
    }
}

//! Parts of a need: the fact that is read and what it must be.

use super::problem::nearest;
use super::reader::{Item, Reader, Scalar};
use crate::profile::RoleOption;
use crate::scale::{Amount, Growing, magnitude};
use crate::template::{BoundTemplate, KeyTemplate, PartTemplate};
use crate::units::{quantity_in_text, text_is_quantity, value_of};
use crate::{Beyond, BeyondVerdict, Bound, RoleChoice, Scale};
use facts::{BadKey, Key, Kind, Unit, Value};
use std::collections::BTreeMap;
use toml::de::DeValue;

/// Fields that say how a fact must be; a need or part has exactly one of them.
const BOUNDS: [&str; 13] = [
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
];

/// The parts that one table makes: one, or one for each word of `each`.
pub(super) fn parts(reader: &mut Reader<'_, '_>, options: &[RoleOption]) -> Vec<PartTemplate> {
    let words = reader.scalars("each");
    let key_text = reader.scalar("key");
    let title = reader.text("title");
    let bound_fields: Vec<&str> = BOUNDS.into_iter().filter(|bound| reader.has(bound)).collect();
    let asks = bound_fields == ["ask"];
    if key_text.is_none() && !asks {
        reader.problem("nothing is read", "add key = \"…\", or ask = \"…\" for a question to a person");
    }
    let first = words.first().map(|word| word.text.clone());
    let key = key_text.as_ref().and_then(|scalar| key_template(reader, scalar, first.as_deref(), options));
    if let [_, second, ..] = bound_fields.as_slice() {
        reader.problem(
            format!("{second} is one bound too many"),
            "one need or part has one bound; use [[need.part]] for more",
        );
    }
    let kind = key.as_ref().map(|key| key.kind);
    let bound = match (bound_fields.first(), kind) {
        (Some(_), None) if !asks => {
            // The key was named as a problem already; its bound cannot be read without its unit.
            BOUNDS.into_iter().for_each(|field| drop(reader.take(field)));
            None
        }
        _ => bound(reader, kind),
    };
    if bound_fields.is_empty() && kind.is_some() {
        reader.problem("it does not say what the fact must be", format!("add one of {}", BOUNDS.join(", ")));
    }
    let comfortable = reader.scalar("comfortable").and_then(|scalar| quantity(reader, kind?, &scalar));
    let beyond = reader.table("beyond").and_then(|table| beyond(table, kind));
    let only_if = reader.one_or_more("only_if").into_iter().filter_map(|table| condition(table, options)).collect();
    let supporting = reader.flag("supporting");
    let when = when(reader, options);
    let Some(bound) = bound else { return Vec::new() };
    let part = PartTemplate { key, bound, title, comfortable, beyond, only_if, supporting, when };
    if words.is_empty() {
        return vec![part];
    }
    words.iter().map(|word| part_for(&part, &word.text)).collect()
}

/// A part with `{each}` filled in; without a title of its own it is called by the word.
fn part_for(part: &PartTemplate, word: &str) -> PartTemplate {
    let mut part = part.clone();
    if let Some(key) = &mut part.key {
        key.argument = key.argument.replace("{each}", word);
    }
    let fill = |text: &mut String| *text = text.replace("{each}", word);
    match &mut part.bound {
        BoundTemplate::Other(Bound::HoldsAll(items) | Bound::HoldsNone(items)) => items.iter_mut().for_each(fill),
        BoundTemplate::Other(Bound::Equals(Value::Text(text))) => fill(text),
        BoundTemplate::Other(_) | BoundTemplate::AtLeast(_) | BoundTemplate::AtMost(_) => {}
    }
    part.title = Some(part.title.map_or_else(|| word.to_owned(), |title| title.replace("{each}", word)));
    part
}

/// Reads `when = { option = "value" }`.
pub(super) fn when(reader: &mut Reader<'_, '_>, options: &[RoleOption]) -> BTreeMap<String, Vec<String>> {
    let Some(table) = reader.table("when") else { return BTreeMap::new() };
    let problems = table.problems();
    let mut conditions = BTreeMap::new();
    for (name, item) in table.entries() {
        let at = item.span();
        let values: Vec<String> = match item.get_ref() {
            DeValue::String(text) => vec![text.to_string()],
            DeValue::Array(items) => items.iter().filter_map(|i| i.get_ref().as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        };
        let known: Vec<&RoleOption> = options.iter().filter(|option| option.id == name).collect();
        if known.is_empty() {
            let near = nearest(&name, options.iter().map(|option| option.id.as_str()));
            let hint =
                near.map_or_else(|| "options stand under [[option]]".to_owned(), |n| format!("did you mean \"{n}\"?"));
            problems.add(&at, format!("when: there is no option \"{name}\""), hint);
        }
        for value in &values {
            if !known.is_empty()
                && !known.iter().any(|o| o.choices.is_empty() || o.choices.iter().any(|(id, _)| id == value))
            {
                let choices: Vec<&str> =
                    known.iter().flat_map(|o| o.choices.iter().map(|(id, _)| id.as_str())).collect();
                problems.add(
                    &at,
                    format!("when: {name} cannot be \"{value}\""),
                    format!("it takes {}", choices.join(", ")),
                );
            }
        }
        if values.is_empty() {
            problems.add(&at, format!("when: {name} should be a text or a list of texts"), "");
        }
        conditions.insert(name, values);
    }
    conditions
}

/// A key whose placeholders are options, checked with the options' defaults in their place.
fn key_template(
    reader: &Reader<'_, '_>,
    scalar: &Scalar,
    each: Option<&str>,
    options: &[RoleOption],
) -> Option<KeyTemplate> {
    let mut sample =
        RoleChoice { product: String::new(), role: String::new(), scale: BTreeMap::new(), options: BTreeMap::new() };
    for option in options {
        sample.options.insert(option.id.clone(), option.default.clone());
    }
    if let Some(word) = each {
        sample.options.insert("each".to_owned(), word.to_owned());
    }
    let filled = crate::template::fill(&scalar.text, &sample);
    let bad = match filled.parse::<Key>() {
        Ok(key) => {
            let argument = scalar.text.split_once(':').map(|(_, argument)| argument.to_owned()).unwrap_or_default();
            return Some(KeyTemplate { kind: key.kind(), argument });
        }
        Err(bad) => bad,
    };
    let hint = match &bad {
        BadKey::NoSuchFact(name) => match nearest(name, Kind::ALL.iter().map(|kind| kind.name())) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "docs/requirements.md lists every fact".to_owned(),
        },
        BadKey::ArgumentMissing(name) => format!("write {name}:…"),
        BadKey::ArgumentUnwanted(_) => "leave out the colon and what follows".to_owned(),
        BadKey::ArgumentBad { .. } if filled.contains('{') => {
            "what stands in braces must be an option of this file".to_owned()
        }
        BadKey::ArgumentBad { .. } => {
            "letters, digits and . _ - / @ + only; a port reads 9000/udp, a service 443/tcp or 443/tcp/path".to_owned()
        }
    };
    reader.problems().add(&scalar.at, bad.to_string(), hint);
    None
}

/// A bound made of the items of a list.
type OfList = fn(Vec<String>) -> Bound;

fn bound(reader: &mut Reader<'_, '_>, kind: Option<Kind>) -> Option<BoundTemplate> {
    let other = |bound| Some(BoundTemplate::Other(bound));
    if let Some(question) = reader.text("ask") {
        return other(Bound::YourWord { question });
    }
    if let Some(item) = reader.take("at_least") {
        if matches!(item.get_ref(), DeValue::Table(table) if table.contains_key("of_fact")) {
            return share(Reader::of("at_least", item, reader.problems())?, kind?).map(BoundTemplate::Other);
        }
        return amount(reader, kind?, item, "at_least").map(BoundTemplate::AtLeast);
    }
    if let Some(item) = reader.take("at_most") {
        return amount(reader, kind?, item, "at_most").map(BoundTemplate::AtMost);
    }
    if let Some(scalar) = reader.scalar("equals") {
        return exact(reader, kind?, &scalar).map(|value| BoundTemplate::Other(Bound::Equals(value)));
    }
    for (field, make) in [("one_of", Bound::OneOf as fn(Vec<Value>) -> Bound), ("none_of", Bound::NoneOf)] {
        let scalars = reader.scalars(field);
        if !scalars.is_empty() {
            let values = scalars.iter().filter_map(|scalar| exact(reader, kind?, scalar)).collect();
            return other(make(values));
        }
    }
    let of_lists: [(&'static str, OfList); 4] = [
        ("holds_all", Bound::HoldsAll),
        ("holds_none", Bound::HoldsNone),
        ("holds_any", Bound::HoldsAny),
        ("only_by", Bound::OnlyBy),
    ];
    for (field, make) in of_lists {
        let items = reader.texts(field);
        if !items.is_empty() {
            if kind.is_some_and(|kind| kind.unit() != Unit::List) {
                reader.problem(format!("{field} is for facts that are lists"), "use equals, one_of or at_least");
            }
            return other(make(items));
        }
    }
    for (field, bound) in [("present", Bound::Present), ("absent", Bound::Absent), ("shown", Bound::Shown)] {
        if reader.has(field) {
            if !reader.flag(field) {
                reader.problem(format!("{field} is either true or left out"), "");
            }
            return other(bound);
        }
    }
    None
}

/// A least or a most: a figure, or a table that says how it grows.
fn amount(reader: &Reader<'_, '_>, kind: Kind, item: Item<'_>, field: &str) -> Option<Amount> {
    if !is_quantity(kind) {
        let hint = "use equals, one_of, present or holds_all";
        reader.problems().add(&item.span(), format!("{field} needs a quantity, and {} is none", kind.name()), hint);
        return None;
    }
    if matches!(item.get_ref(), DeValue::Table(_)) {
        let table = Reader::of(field, item, reader.problems())?;
        return growing(table, kind).map(Amount::Growing);
    }
    let scalar = super::reader::scalar("bound", field, &item, reader.problems())?;
    quantity(reader, kind, &scalar).map(Amount::Fixed)
}

fn is_quantity(kind: Kind) -> bool {
    match kind.unit() {
        Unit::Count
        | Unit::Bytes
        | Unit::Mhz
        | Unit::Mbps
        | Unit::Millis
        | Unit::Percent
        | Unit::Version
        | Unit::Numbers => true,
        Unit::Text => text_is_quantity(kind),
        // So many items at least or at most.
        Unit::List => true,
        Unit::Flag => false,
    }
}

fn growing(mut table: Reader<'_, '_>, kind: Kind) -> Option<Growing> {
    let name = table.required("of");
    let scale = Scale::ALL.into_iter().find(|scale| scale.name() == name);
    if scale.is_none() && !name.is_empty() {
        table.problem(format!("\"{name}\" is no scale"), "of = \"workers\" or of = \"users\"");
    }
    let mut value = |field: &'static str| {
        let scalar = table.scalar(field)?;
        quantity(&table, kind, &scalar)
    };
    let (least, base, each) = (value("least"), value("base"), value("each"));
    if least.is_none() || each.is_none() {
        table.problem(
            "least and each are both needed",
            "at_least = { of = \"workers\", least = \"8 GB\", each = \"1 GB\" }",
        );
    }
    let per = table.whole("per").unwrap_or(1);
    let share = table.whole("share").unwrap_or(100);
    let servers = table.whole("servers").unwrap_or(1);
    if per == 0 || servers == 0 || !(1..=100).contains(&share) {
        table.problem("per and servers are 1 or more, and share is 1 to 100", "");
    }
    let comfortable = table.flag("comfortable");
    table.finish();
    let (scale, least, each) = (scale?, least?, each?);
    magnitude(&least)?;
    Some(Growing { scale, least, base, each, per, share, servers, comfortable })
}

/// `{ share = 25, of_fact = "memory.total", at_most = "1 GB" }`.
fn share(mut table: Reader<'_, '_>, kind: Kind) -> Option<Bound> {
    let percent = table.whole("share").filter(|share| (1..=100).contains(share));
    if percent.is_none() {
        table.problem("share is 1 to 100", "at_least = { share = 25, of_fact = \"memory.total\" }");
    }
    let of = table.scalar("of_fact").and_then(|scalar| key_template(&table, &scalar, None, &[]));
    let at_most = table.scalar("at_most").and_then(|scalar| quantity(&table, kind, &scalar));
    table.finish();
    let of = of.and_then(|of| {
        if of.argument.is_empty() { Some(Key::plain(of.kind)) } else { Key::of(of.kind, &of.argument).ok() }
    });
    Some(Bound::AtLeastShare { percent: percent?, of: of?, at_most })
}

/// A value with the unit of its fact.
fn quantity(reader: &Reader<'_, '_>, kind: Kind, scalar: &Scalar) -> Option<Value> {
    let value = if kind.unit() == Unit::List {
        let number = scalar.text.parse().map(Value::Count);
        number.map_err(|_| "a whole number: how many items the list has".to_owned())
    } else if text_is_quantity(kind) {
        quantity_in_text(&scalar.text).ok_or_else(|| "a number, a size such as 128 MB, or several numbers".to_owned())
    } else {
        value_of(kind, &scalar.text)
    };
    value.map_err(|wanted| unreadable(reader, kind, scalar, &wanted)).ok()
}

fn exact(reader: &Reader<'_, '_>, kind: Kind, scalar: &Scalar) -> Option<Value> {
    value_of(kind, &scalar.text).map_err(|wanted| unreadable(reader, kind, scalar, &wanted)).ok()
}

fn unreadable(reader: &Reader<'_, '_>, kind: Kind, scalar: &Scalar, wanted: &str) {
    let message = format!("\"{}\" does not fit {}", scalar.text, kind.name());
    reader.problems().add(&scalar.at, message, format!("it takes {wanted}"));
}

fn beyond(mut table: Reader<'_, '_>, kind: Option<Kind>) -> Option<Beyond> {
    let scalars = table.scalars("values");
    let values = scalars.iter().filter_map(|scalar| exact(&table, kind?, scalar)).collect();
    let counts_as = match table.required("counts_as").as_str() {
        "met" => Some(BeyondVerdict::Met),
        "you_confirm" => Some(BeyondVerdict::YouConfirm),
        _ => {
            table.problem("counts_as should be met or you_confirm", "");
            None
        }
    };
    let note = table.required("note");
    table.finish();
    Some(Beyond { values, counts_as: counts_as?, note })
}

fn condition(mut table: Reader<'_, '_>, options: &[RoleOption]) -> Option<(KeyTemplate, BoundTemplate, String)> {
    let key_text = table.scalar("key");
    if key_text.is_none() {
        table.problem("key is missing", "add key = \"…\"");
    }
    let key = key_text.and_then(|scalar| key_template(&table, &scalar, None, options));
    let asked: Vec<&str> = BOUNDS.into_iter().filter(|bound| table.has(bound)).collect();
    if asked.len() != 1 {
        table.problem("a condition has exactly one bound", format!("one of {}", BOUNDS.join(", ")));
    }
    let bound = bound(&mut table, key.as_ref().map(|key| key.kind));
    let otherwise = table.required("otherwise");
    table.finish();
    Some((key?, bound?, otherwise))
}

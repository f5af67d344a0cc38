//! `support.toml`: end-of-support dates.

use super::problem::{Problem, Problems};
use super::reader::Reader;
use crate::{Cycle, Support};
use toml::de::DeTable;

pub(crate) fn support(file: &str, text: &str) -> Result<Support, Vec<Problem>> {
    let problems = Problems::new(file, text);
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            problems.add(&error.span().unwrap_or_default(), error.message(), "");
            return Err(problems.finish());
        }
    };
    let at = table.span();
    let mut top = Reader::new("the file", at.start..at.start, table.into_inner(), &problems);
    let as_of = super::day(&mut top, "as_of");
    let good_for_days = top.whole("good_for_days").unwrap_or_default();
    let cycles: Vec<Cycle> = top.tables("cycle").into_iter().filter_map(cycle).collect();
    top.finish();
    if problems.is_empty() { Ok(Support { as_of, good_for_days, cycles }) } else { Err(problems.finish()) }
}

fn cycle(mut table: Reader<'_, '_>) -> Option<Cycle> {
    let (name, title, version) = (table.required("name"), table.required("title"), table.required("version"));
    table.rename(format!("cycle {name} {version}"));
    let until = super::day(&mut table, "until");
    let longer_until = if table.has("longer_until") { Some(super::day(&mut table, "longer_until")) } else { None };
    let longer_is_arranged = table.flag("longer_is_arranged");
    let (suggest, note) = (table.text("suggest"), table.text("note"));
    let version = version.parse().map_err(|bad| table.problem(bad, "such as 15 or 22.04")).ok();
    table.finish();
    Some(Cycle { name, title, version: version?, until, longer_until, longer_is_arranged, suggest, note })
}

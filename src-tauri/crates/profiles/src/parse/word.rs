//! Files of answers and of needs set aside.

use super::problem::{Problem, Problems};
use super::reader::Reader;
use crate::word::{Answer, SetAside};
use toml::de::DeTable;

pub(crate) fn answers(file: &str, text: &str) -> Result<Vec<Answer>, Vec<Problem>> {
    entries(file, text, "answer", |table| {
        let need = table.required("need");
        let yes = match table.required("answer").as_str() {
            "yes" => true,
            "no" => false,
            _ => {
                table.problem("answer is yes or no", "leave out what is not answered yet");
                false
            }
        };
        Answer { need, yes, name: table.required("name"), date: super::day(table, "date") }
    })
}

pub(crate) fn waivers(file: &str, text: &str) -> Result<Vec<SetAside>, Vec<Problem>> {
    entries(file, text, "waiver", |table| SetAside {
        need: table.required("need"),
        reason: table.required("reason"),
        name: table.required("name"),
        until: super::day(table, "until"),
    })
}

fn entries<T>(
    file: &str,
    text: &str,
    field: &'static str,
    read: impl Fn(&mut Reader<'_, '_>) -> T,
) -> Result<Vec<T>, Vec<Problem>> {
    let problems = Problems::new(file, text);
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            problems.add(&error.span().unwrap_or_default(), error.message(), "");
            return Err(problems.finish());
        }
    };
    let mut top = Reader::new("the file", 0..0, table.into_inner(), &problems);
    super::schema(&mut top);
    let mut entries = Vec::new();
    for mut table in top.tables(field) {
        entries.push(read(&mut table));
        table.finish();
    }
    top.finish();
    if problems.is_empty() { Ok(entries) } else { Err(problems.finish()) }
}

//! The documentation of requirement files says what the reader really takes.

use facts::{Argument, Kind, Unit};
use std::path::PathBuf;

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../docs").join(name)
}

fn table() -> String {
    let mut table = String::from("| Fact | Argument | Value | What it tells |\n|---|---|---|---|\n");
    for kind in Kind::ALL {
        let argument = match kind.argument() {
            Argument::None => "",
            Argument::Path => "path",
            Argument::Port => "port",
            Argument::Service => "port and path",
            Argument::Name => "name",
        };
        let unit = match kind.unit() {
            Unit::Flag => "true or false",
            Unit::Count => "number",
            Unit::Bytes => "size",
            Unit::Mhz => "clock",
            Unit::Mbps => "speed",
            Unit::Millis => "time",
            Unit::Percent => "share",
            Unit::Version => "version",
            Unit::Text => "text",
            Unit::Numbers => "numbers",
            Unit::List => "list",
        };
        table.push_str(&format!(
            "| `{}` | {argument} | {unit} | {} |\n",
            kind.name(),
            kind.tells().replace('|', "\\|")
        ));
    }
    table
}

#[test]
fn the_table_of_facts_is_complete() {
    let path = docs("requirements.md");
    let text = std::fs::read_to_string(&path).expect("docs/requirements.md");
    let (before, rest) = text.split_once("<!-- facts -->\n").expect("the mark");
    let (found, after) = rest.split_once("<!-- /facts -->").expect("the end mark");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let renewed = format!("{before}<!-- facts -->\n{}<!-- /facts -->{after}", table());
        std::fs::write(&path, renewed).expect("docs/requirements.md");
        return;
    }
    assert_eq!(found, table(), "run UPDATE_DOCS=1 cargo test -p profiles --test docs");
}

/// Every field that the reader asks for stands in the schema, and a file that uses one it lacks is refused by both.
#[test]
fn the_schema_knows_every_field_of_the_built_in_files() {
    let schema = std::fs::read_to_string(docs("requirements.schema.json")).expect("the schema");
    for file in ["dusk", "statemesh", "reforms"] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("catalog/{file}.toml"));
        let text = std::fs::read_to_string(path).expect("a catalogue file");
        let table: toml::Table = text.parse().expect("TOML");
        let entries = ["need", "role", "option", "change", "document", "row"];
        let fields = entries.iter().filter_map(|entry| table.get(*entry)?.as_array()).flatten();
        for field in fields.filter_map(toml::Value::as_table).flat_map(toml::Table::keys) {
            assert!(schema.contains(&format!("\"{field}\":")), "{file}: {field}");
        }
    }
}

#[test]
fn the_examples_of_the_page_are_good_files() {
    let text = std::fs::read_to_string(docs("requirements.md")).expect("docs/requirements.md");
    let example =
        |n: usize| text.split("```toml\n").nth(n).and_then(|rest| rest.split("```").next()).expect("an example");
    let ours = profiles::parse("example.toml", example(1)).expect("the smallest file");
    profiles::catalog().clone().add("example.toml", ours).expect("it adds to Dusk");
    profiles::parse_answers("answers.toml", example(3)).expect("answers");
    profiles::parse_waivers("waivers.toml", example(4)).expect("waivers");
}

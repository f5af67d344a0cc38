//! JUnit for build servers and CSV for spreadsheets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod samples;

use roxmltree::{Document, Node};

/// An element, attributes it must and may have, and its children.
type Element = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// The schema of Jenkins' xUnit plugin,
/// `junit-10.xsd`, as far as we use it.
const SCHEMA: &[Element] = &[
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &["time", "skipped", "timestamp", "hostname"],
        &["properties", "testcase"],
    ),
    ("properties", &[], &[], &["property"]),
    ("property", &["name", "value"], &[], &[]),
    ("testcase", &["name"], &["time", "classname"], &["skipped", "failure", "system-out"]),
    ("skipped", &[], &["type", "message"], &[]),
    ("failure", &[], &["type", "message"], &[]),
    ("system-out", &[], &[], &[]),
];

fn faults(node: Node<'_, '_>) -> Vec<String> {
    let name = node.tag_name().name();
    let Some((_, must, may, children)) = SCHEMA.iter().find(|(element, ..)| *element == name) else {
        return vec![format!("{name} is no element")];
    };
    let mut faults: Vec<String> =
        must.iter().filter(|a| !node.has_attribute(**a)).map(|a| format!("{name} lacks {a}")).collect();
    let known = |a: &str| must.contains(&a) || may.contains(&a);
    faults.extend(node.attributes().filter(|a| !known(a.name())).map(|a| format!("{name} has {}", a.name())));
    for child in node.children().filter(Node::is_element) {
        if !children.contains(&child.tag_name().name()) {
            faults.push(format!("{name} holds {}", child.tag_name().name()));
        }
        faults.extend(self::faults(child));
    }
    faults
}

#[test]
fn junit_is_what_jenkins_reads() {
    for (name, report) in samples::all() {
        let xml = report.junit();
        let document = Document::parse(&xml).unwrap();
        assert_eq!(faults(document.root_element()), Vec::<String>::new(), "{name}");
        let cases = document.descendants().filter(|n| n.has_tag_name("testcase")).count();
        assert_eq!(cases, report.findings.len(), "{name}");
        let sum = |attribute: &str| -> usize {
            let suites = document.descendants().filter(|n| n.has_tag_name("testsuite"));
            suites.map(|n| n.attribute(attribute).unwrap().parse::<usize>().unwrap()).sum()
        };
        let of = |tag: &str| document.descendants().filter(|n| n.has_tag_name(tag)).count();
        assert_eq!((sum("tests"), sum("failures"), sum("skipped")), (cases, of("failure"), of("skipped")), "{name}");
    }
}

#[test]
fn a_missing_reading_is_neither_passed_nor_failed() {
    let xml = samples::typical().junit();
    let document = Document::parse(&xml).unwrap();
    let case = |title: &str| document.descendants().find(|n| n.attribute("name") == Some(title)).unwrap();
    let holds = |title: &str, tag: &str| case(title).children().any(|n| n.has_tag_name(tag));
    assert!(holds("Daily automatic backup", "skipped") && !holds("Daily automatic backup", "failure"));
    assert!(holds("Backups kept", "skipped"));
    assert!(holds("PostgreSQL", "failure"));
    assert!(holds("Second drive for files", "skipped"));
    assert!(!holds("Memory", "failure") && !holds("Memory", "skipped"));
    let output = case("PostgreSQL").children().find(|n| n.has_tag_name("system-out")).unwrap();
    assert_eq!(output.text(), Some("$ psql --version\npsql (PostgreSQL) 14.15\n"));
    assert_eq!(document.root_element().attribute("failures"), Some("4"));
}

#[test]
fn what_a_server_says_stays_text() {
    let report = samples::hostile();
    let xml = report.junit();
    let document = Document::parse(&xml).unwrap();
    for (at, finding) in report.findings.iter().enumerate() {
        let shown = finding.title.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
        let visible = |c: char| if samples::hidden(c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() };
        let shown: String = shown.chars().map(visible).collect();
        assert!(document.descendants().any(|n| n.attribute("name") == Some(shown.as_str())), "{at}: {shown}");
    }
    for text in [&xml, &report.csv()] {
        assert!(!text.contains(|c| samples::hidden(c) && !matches!(c, '\n' | '\r' | '\t')), "{text}");
    }
}

#[test]
fn csv_has_a_row_a_need_and_a_cell_a_column() {
    for (name, report) in samples::all() {
        let rows = read(&report.csv());
        assert_eq!(rows.len(), report.findings.len() + 1, "{name}");
        assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{name}");
        for row in &rows {
            for cell in row {
                let formula = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
                assert!(!formula, "{name}: a spreadsheet would run {cell}");
            }
        }
    }
    let rows = read(&samples::typical().csv());
    let column = |name: &str| rows[0].iter().position(|cell| cell == name).unwrap();
    let memory = rows.iter().find(|row| row[column("need")] == "Memory").unwrap();
    assert_eq!(memory[column("needed_value")], "8000000000");
    assert_eq!(memory[column("needed_unit")], "B");
    assert_eq!(memory[column("verdict")], "met");
    let relay = rows.iter().find(|row| row[column("need")] == "Call relay, 49152–65535/udp").unwrap();
    assert_eq!((relay[column("before")].as_str(), relay[column("found")].as_str()), ("closed", "open"));
}

/// A reader of RFC 4180, apart from the writer.
fn read(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = csv.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\r', false) => {
                assert_eq!(chars.next(), Some('\n'));
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (c, _) => cell.push(c),
        }
    }
    assert!(row.is_empty() && cell.is_empty() && !quoted, "the last row does not end");
    rows
}

//! The needs as a table for spreadsheets: RFC 4180, UTF-8, one row a need.

use crate::legible::visible;
use crate::{Report, json};
use checks::{Figure, Finding};
use serde::Serialize;
use std::collections::BTreeMap;

const COLUMNS: [&str; 21] = [
    "id",
    "catalog",
    "area",
    "severity",
    "need",
    "needed",
    "needed_value",
    "needed_unit",
    "before",
    "found",
    "found_value",
    "found_unit",
    "confidence",
    "verdict",
    "sentence",
    "source",
    "section",
    "line",
    "change",
    "waived_by",
    "waived_until",
];

impl Report {
    /// Every need as one row, under a row of names. The same report gives the same text.
    pub fn csv(&self) -> String {
        let before: BTreeMap<&str, &Finding> =
            self.before.iter().flatten().map(|finding| (finding.id.as_str(), finding)).collect();
        let mut csv = COLUMNS.join(",") + "\r\n";
        for finding in &self.findings {
            let catalog: Vec<&str> = finding.catalog.iter().map(|row| row.0.as_str()).collect();
            let (needed, needed_unit) = bare(&finding.needed);
            let (found, found_unit) = bare(&finding.found);
            let waiver = finding.waiver.as_ref();
            let or_empty = |text: Option<&String>| text.cloned().unwrap_or_default();
            let cells: [String; 21] = [
                finding.id.clone(),
                catalog.join(" "),
                word(finding.area),
                word(finding.severity),
                finding.title.clone(),
                finding.needed.text.clone(),
                needed,
                needed_unit,
                before.get(finding.id.as_str()).map(|was| was.found.text.clone()).unwrap_or_default(),
                finding.found.text.clone(),
                found,
                found_unit,
                finding.found.confidence.map(word).unwrap_or_default(),
                word(finding.verdict),
                finding.sentence.clone(),
                finding.source.document.clone(),
                or_empty(finding.source.section.as_ref()),
                or_empty(finding.source.line.as_ref()),
                or_empty(finding.change.as_ref()),
                or_empty(waiver.map(|waiver| &waiver.name)),
                or_empty(waiver.map(|waiver| &waiver.until)),
            ];
            csv.push_str(&cells.map(|text| cell(&text)).join(","));
            csv.push_str("\r\n");
        }
        csv
    }
}

/// The bare value and its unit, the same as in JSON.
fn bare(figure: &Figure) -> (String, String) {
    let (value, unit) = json::bare(figure);
    let text = match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    (text, unit)
}

/// A closed set's word, the same as in JSON.
fn word(of: impl Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

/// One cell: quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe in front, which
/// spreadsheets take as "this is text".
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 2);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err() {
        safe.push('\'');
    }
    for c in text.chars() {
        match c {
            '"' => safe.push_str("\"\""),
            '\n' => safe.push('\n'),
            c => visible(&mut safe, c),
        }
    }
    if safe.contains(['"', ',', '\n', ';']) { format!("\"{safe}\"") } else { safe }
}

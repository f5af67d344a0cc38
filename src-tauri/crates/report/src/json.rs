//! The report as JSON and back: schema 1, documented in `docs/report.schema.json`. Fields are only ever added.
//!
//! A finding is written flatter than it is kept: `value` is the bare number, text or list, so that a script can use it
//! without knowing our kinds. `unit` always fits `value` (bytes are written as bytes, whatever unit people are shown),
//! and `kind` is what brings the exact value back.

use crate::{Report, seal};
use checks::{Confirmation, Figure, Finding, Maintained, PartFinding, Verdict, Waiver};
use facts::{Confidence, Evidence, Value, Why};
use profiles::{Area, CatalogRow, Severity, Source};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The schema written, and the newest one read.
pub const SCHEMA: u64 = 1;

/// Why a file is not opened as a report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(
        "This is not a report of Plumbline: {0}. Nothing was opened. Choose a file saved with JSON or plumb check --json."
    )]
    NotAReport(#[from] serde_json::Error),
    #[error(
        "This report was written by a newer Plumbline (schema {0}; this one reads up to {SCHEMA}). Nothing was opened. Update Plumbline, or save the report again from here."
    )]
    Newer(u64),
    #[error(
        "This report was changed after Plumbline wrote it, or cut short: its checksum does not fit. Nothing was opened. Use the file as it was saved, or check the server again."
    )]
    Changed,
}

impl Report {
    /// The report as indented JSON with its checksum, ending in a newline. The same report gives the same bytes.
    pub fn json(&self) -> String {
        let mut body = match serde_json::to_value(self) {
            Ok(Json::Object(body)) => body,
            // A struct with string keys always becomes an object.
            Ok(_) | Err(_) => serde_json::Map::new(),
        };
        body.insert("schema".into(), SCHEMA.into());
        let checksum = seal::checksum(&body);
        body.insert("checksum".into(), checksum.into());
        seal::indented(&body, FIRST)
    }

    /// Reads what [`Report::json`] wrote, now or in any earlier version. Unknown fields are passed over.
    pub fn from_json(text: &str) -> Result<Report, ReadError> {
        // Some editors and shells put a byte order mark in front when they save.
        let text = text.trim_start_matches('\u{feff}');
        let head: Head = serde_json::from_str(text)?;
        if head.schema > SCHEMA {
            return Err(ReadError::Newer(head.schema));
        }
        let report: Report = serde_json::from_str(text)?;
        let mut body: serde_json::Map<String, Json> = serde_json::from_str(text)?;
        let written = body.remove("checksum");
        if written.as_ref().and_then(Json::as_str) != Some(seal::checksum(&body).as_str()) {
            return Err(ReadError::Changed);
        }
        Ok(report)
    }
}

/// What a person wants to see first when opening the file.
const FIRST: &[&str] = &["schema", "checksum", "app", "at", "role", "server", "verdict", "counts"];

#[derive(Deserialize)]
struct Head {
    schema: u64,
}

/// A finding as it is written.
#[derive(Serialize, Deserialize)]
struct FindingForm {
    id: String,
    catalog: Vec<CatalogRow>,
    #[serde(default)]
    title: String,
    area: Area,
    severity: Severity,
    verdict: Verdict,
    #[serde(default)]
    why_unknown: Option<Why>,
    need: NeedForm,
    found: FigureForm,
    #[serde(default)]
    ratio: Option<f64>,
    #[serde(default)]
    maintained: Option<Maintained>,
    sentence: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    arithmetic: Option<String>,
    #[serde(default)]
    evidence: Vec<Evidence>,
    #[serde(default)]
    change: Option<String>,
    #[serde(default)]
    steps: Option<String>,
    #[serde(default)]
    waiver: Option<Waiver>,
    #[serde(default)]
    confirmed: Option<Confirmation>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    parts: Vec<PartForm>,
}

#[derive(Serialize, Deserialize)]
struct NeedForm {
    #[serde(flatten)]
    figure: FigureForm,
    source: Source,
}

#[derive(Serialize, Deserialize)]
struct PartForm {
    title: String,
    verdict: Verdict,
    need: FigureForm,
    found: FigureForm,
}

#[derive(Serialize, Deserialize)]
struct FigureForm {
    text: String,
    #[serde(default)]
    value: Json,
    #[serde(default)]
    unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
}

/// The kinds of [`facts::Value`], by name.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Absent,
    Flag,
    Count,
    Bytes,
    Mhz,
    Mbps,
    Millis,
    Percent,
    Version,
    Text,
    Numbers,
    List,
}

/// `value`, its kind, and the unit it is in; `None` where the unit is the need's own ("cores").
fn flat(value: &Value) -> (Json, Kind, Option<&'static str>) {
    match value {
        Value::Absent => (Json::Null, Kind::Absent, Some("")),
        Value::Flag(on) => ((*on).into(), Kind::Flag, Some("")),
        Value::Count(n) => ((*n).into(), Kind::Count, None),
        Value::Bytes(n) => ((*n).into(), Kind::Bytes, Some("B")),
        Value::Mhz(n) => ((*n).into(), Kind::Mhz, Some("MHz")),
        Value::Mbps(n) => ((*n).into(), Kind::Mbps, Some("Mbps")),
        Value::Millis(n) => ((*n).into(), Kind::Millis, Some("ms")),
        Value::Percent(n) => ((*n).into(), Kind::Percent, Some("%")),
        Value::Version(version) => (version.as_str().into(), Kind::Version, Some("")),
        Value::Text(text) => (text.as_str().into(), Kind::Text, Some("")),
        Value::Numbers(numbers) => (numbers.as_slice().into(), Kind::Numbers, None),
        Value::List(list) => (list.as_slice().into(), Kind::List, Some("")),
    }
}

/// The value of `figure` as a script finds it, and the unit it is in.
pub(crate) fn bare(figure: &Figure) -> (Json, String) {
    let form = FigureForm::from(figure);
    (form.value, form.unit)
}

/// The value back. A file may say anything: what does not fit its kind is kept as the nearest thing that it is.
fn exact(value: &Json, unit: &str, kind: Option<Kind>) -> Option<Value> {
    let kind = kind.or_else(|| guess(value, unit))?;
    let numbers = || value.as_array()?.iter().map(Json::as_u64).collect::<Option<Vec<u64>>>();
    let list = || value.as_array()?.iter().map(|v| Some(v.as_str()?.to_owned())).collect::<Option<Vec<String>>>();
    match kind {
        Kind::Absent => Some(Value::Absent),
        Kind::Flag => value.as_bool().map(Value::Flag),
        Kind::Count => value.as_u64().map(Value::Count),
        Kind::Bytes => value.as_u64().map(Value::Bytes),
        Kind::Mhz => value.as_u64().and_then(|n| u32::try_from(n).ok()).map(Value::Mhz),
        Kind::Mbps => value.as_f64().map(Value::Mbps),
        Kind::Millis => value.as_f64().map(Value::Millis),
        Kind::Percent => value.as_f64().map(Value::Percent),
        Kind::Version => value.as_str().map(|text| match text.parse() {
            Ok(version) => Value::Version(version),
            Err(_) => Value::Text(text.to_owned()),
        }),
        Kind::Text => value.as_str().map(|text| Value::Text(text.to_owned())),
        Kind::Numbers => numbers().map(Value::Numbers),
        Kind::List => list().map(Value::List),
    }
}

/// The kind of a value that stands there without one.
fn guess(value: &Json, unit: &str) -> Option<Kind> {
    match value {
        Json::Null | Json::Object(_) => None,
        Json::Bool(_) => Some(Kind::Flag),
        Json::String(_) => Some(Kind::Text),
        Json::Array(items) if items.iter().all(Json::is_u64) => Some(Kind::Numbers),
        Json::Array(_) => Some(Kind::List),
        Json::Number(_) => Some(match unit {
            "B" => Kind::Bytes,
            "MHz" => Kind::Mhz,
            "Mbps" => Kind::Mbps,
            "ms" => Kind::Millis,
            "%" => Kind::Percent,
            _ => Kind::Count,
        }),
    }
}

impl From<&Figure> for FigureForm {
    fn from(figure: &Figure) -> FigureForm {
        let (value, kind, unit) = match &figure.value {
            Some(value) => {
                let (bare, kind, unit) = flat(value);
                (bare, Some(kind), unit)
            }
            None => (Json::Null, None, None),
        };
        FigureForm {
            text: figure.text.clone(),
            value,
            unit: unit.unwrap_or(&figure.unit).to_owned(),
            kind,
            confidence: figure.confidence,
        }
    }
}

impl From<FigureForm> for Figure {
    fn from(form: FigureForm) -> Figure {
        let value = exact(&form.value, &form.unit, form.kind);
        Figure { text: form.text, value, unit: form.unit, confidence: form.confidence }
    }
}

impl From<&Finding> for FindingForm {
    fn from(finding: &Finding) -> FindingForm {
        let f = finding.clone();
        FindingForm {
            need: NeedForm { figure: FigureForm::from(&f.needed), source: f.source },
            found: FigureForm::from(&f.found),
            parts: f.parts.iter().map(PartForm::from).collect(),
            // JSON has no infinity; a bar without length is no bar.
            ratio: f.ratio.filter(|ratio| ratio.is_finite()),
            id: f.id,
            catalog: f.catalog,
            title: f.title,
            area: f.area,
            severity: f.severity,
            verdict: f.verdict,
            why_unknown: f.why_unknown,
            maintained: f.maintained,
            sentence: f.sentence,
            why: f.why,
            arithmetic: f.arithmetic,
            evidence: f.evidence,
            change: f.change,
            steps: f.steps,
            waiver: f.waiver,
            confirmed: f.confirmed,
            note: f.note,
        }
    }
}

impl From<FindingForm> for Finding {
    fn from(form: FindingForm) -> Finding {
        Finding {
            id: form.id,
            catalog: form.catalog,
            title: form.title,
            area: form.area,
            severity: form.severity,
            verdict: form.verdict,
            why_unknown: form.why_unknown,
            needed: form.need.figure.into(),
            found: form.found.into(),
            ratio: form.ratio,
            sentence: form.sentence,
            why: form.why,
            source: form.need.source,
            arithmetic: form.arithmetic,
            evidence: form.evidence,
            maintained: form.maintained,
            // of use to a plan alone, and no plan is made from a report
            open: Vec::new(),
            change: form.change,
            steps: form.steps,
            waiver: form.waiver,
            confirmed: form.confirmed,
            note: form.note,
            parts: form.parts.into_iter().map(PartFinding::from).collect(),
        }
    }
}

impl From<&PartFinding> for PartForm {
    fn from(part: &PartFinding) -> PartForm {
        PartForm {
            title: part.title.clone(),
            verdict: part.verdict,
            need: FigureForm::from(&part.needed),
            found: FigureForm::from(&part.found),
        }
    }
}

impl From<PartForm> for PartFinding {
    fn from(form: PartForm) -> PartFinding {
        PartFinding { title: form.title, verdict: form.verdict, needed: form.need.into(), found: form.found.into() }
    }
}

pub(crate) mod findings {
    use super::{Finding, FindingForm};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(findings: &[Finding], to: S) -> Result<S::Ok, S::Error> {
        findings.iter().map(FindingForm::from).collect::<Vec<_>>().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Finding>, D::Error> {
        Ok(Vec::<FindingForm>::deserialize(from)?.into_iter().map(Finding::from).collect())
    }
}

pub(crate) mod earlier_findings {
    use super::{Finding, FindingForm};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(findings: &Option<Vec<Finding>>, to: S) -> Result<S::Ok, S::Error> {
        let forms: Option<Vec<FindingForm>> =
            findings.as_ref().map(|findings| findings.iter().map(FindingForm::from).collect());
        forms.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<Finding>>, D::Error> {
        let forms = Option::<Vec<FindingForm>>::deserialize(from)?;
        Ok(forms.map(|forms| forms.into_iter().map(Finding::from).collect()))
    }
}

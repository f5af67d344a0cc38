//! The JSON export: it says what its schema says, comes back as it went, and notices when it was touched.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop and say why"
)]

mod samples;

use facts::{Value, Version};
use proptest::prelude::*;
use report::{ReadError, Report};
use serde_json::{Value as Json, json};

const SCHEMA: &str = include_str!("../../../../docs/report.schema.json");

/// The published schema, made to refuse fields it does not name: whatever we write must be documented.
fn strict() -> jsonschema::Validator {
    fn close(schema: &mut Json) {
        if let Json::Object(object) = schema {
            if object.contains_key("properties") {
                object.entry("additionalProperties").or_insert(json!(false));
            }
            object.values_mut().for_each(close);
        } else if let Json::Array(items) = schema {
            items.iter_mut().for_each(close);
        }
    }
    let mut schema: Json = serde_json::from_str(SCHEMA).unwrap();
    close(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

fn faults(validator: &jsonschema::Validator, text: &str) -> Vec<String> {
    let instance: Json = serde_json::from_str(text).unwrap();
    validator.iter_errors(&instance).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn every_report_fits_the_published_schema() {
    let validator = strict();
    for (name, report) in samples::all() {
        assert_eq!(faults(&validator, &report.json()), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let validator = strict();
    let whole: Json = serde_json::from_str(&samples::typical().json()).unwrap();
    assert!(validator.is_valid(&whole));
    type Break = fn(&mut Json);
    let breaks: &[(&str, Break)] = &[
        ("a verdict that is none", |j| j["verdict"] = json!("nearly")),
        ("an area that is none", |j| j["findings"][0]["area"] = json!("weather")),
        ("a finding without evidence", |j| drop(j["findings"][0].as_object_mut().unwrap().remove("evidence"))),
        ("a field nobody documented", |j| j["findings"][0]["password"] = json!("x")),
        ("a count below nothing", |j| j["counts"]["met"] = json!(-1)),
        ("a checksum of another kind", |j| j["checksum"] = json!("md5:00")),
        ("a value with its kind around it", |j| j["findings"][0]["found"]["value"] = json!({"kind": "count"})),
    ];
    for (what, spoil) in breaks {
        let mut spoilt = whole.clone();
        spoil(&mut spoilt);
        assert!(!validator.is_valid(&spoilt), "{what} went through");
    }
}

#[test]
fn a_report_comes_back_as_it_went() {
    for (name, report) in samples::all() {
        let text = report.json();
        let back = Report::from_json(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(back.json(), text, "{name}");
        assert_eq!(back.before.is_some(), report.before.is_some(), "{name}");
        for (back, sent) in back.findings.iter().zip(&report.findings) {
            assert_eq!(back.found.value, sent.found.value, "{name}: {}", sent.id);
            assert_eq!(back.needed.value, sent.needed.value, "{name}: {}", sent.id);
        }
    }
}

/// The contract of the command line, field by field.
#[test]
fn scripts_find_bare_values() {
    let json: Json = serde_json::from_str(&samples::typical().json()).unwrap();
    let found = |title: &str| {
        let findings = json["findings"].as_array().unwrap();
        findings.iter().find(|f| f["title"] == title).unwrap()["found"].clone()
    };
    assert_eq!(found("Memory")["value"], json!(8_000_000_000_u64));
    assert_eq!(found("Memory")["unit"], "B");
    assert_eq!(found("Processor cores")["value"], json!(4));
    assert_eq!(found("Processor cores")["unit"], "cores");
    assert_eq!(found("Upload speed")["value"], json!(412.0));
    assert_eq!(found("Upload speed")["confidence"], "measured");
    assert_eq!(found("Redis")["value"], "7.4.1");
    assert_eq!(found("TLS certificate")["value"], Json::Null);
    assert_eq!(json["schema"], 1);
    assert_eq!(json["verdict"], "almost");
    assert_eq!(json["counts"]["met"], 27);
    assert_eq!(json["server"]["host_key"].as_str().unwrap().len(), 50);
}

#[test]
fn a_touched_file_is_not_opened() {
    let text = samples::typical().json();
    let touched = text.replacen("\"Short\"", "\"Met\"", 1).replacen("412 Mbps", "512 Mbps", 1);
    assert_ne!(touched, text);
    assert!(matches!(Report::from_json(&touched), Err(ReadError::Changed)));
    let mut unsealed: Json = serde_json::from_str(&text).unwrap();
    unsealed.as_object_mut().unwrap().remove("checksum");
    assert!(matches!(Report::from_json(&unsealed.to_string()), Err(ReadError::Changed)));
    assert!(matches!(Report::from_json(&text[..text.len() / 2]), Err(ReadError::NotAReport(_))));
    assert!(matches!(Report::from_json("{\"schema\": 2}"), Err(ReadError::Newer(2))));
    assert!(matches!(Report::from_json(&"[".repeat(100_000)), Err(ReadError::NotAReport(_))));
    // The same content in another layout is the same report.
    let other: Json = serde_json::from_str(&text).unwrap();
    assert!(Report::from_json(&other.to_string()).is_ok());
    assert!(Report::from_json(&format!("\u{feff}{text}")).is_ok());
}

/// Files written by earlier versions open for ever: one file a version that changed anything.
#[test]
fn yesterdays_files_open() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports");
    let mut opened = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let report = Report::from_json(&std::fs::read_to_string(&path).unwrap());
        let report = report.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(!report.findings.is_empty(), "{}", path.display());
        opened += 1;
    }
    assert!(opened >= 2, "the files are gone");
}

/// The documented way to check a file without us: sorted keys, no blanks, SHA-256.
#[test]
fn the_checksum_can_be_computed_elsewhere() {
    let program = "import json,hashlib,sys\nd=json.load(sys.stdin)\nc=d.pop('checksum')\n\
                   t=json.dumps(d,sort_keys=True,separators=(',',':'),ensure_ascii=False)\n\
                   assert c=='sha256:'+hashlib.sha256(t.encode()).hexdigest(), c";
    for (name, report) in samples::all() {
        let mut child = match std::process::Command::new("python3")
            .args(["-c", program])
            .stdin(std::process::Stdio::piped())
            .spawn()
        {
            Ok(child) => child,
            Err(error) => {
                let skipped = lab::Skipped { name: "python3".to_owned(), reason: error.to_string() };
                return lab::record("the_checksum_can_be_computed_elsewhere", &skipped);
            }
        };
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), report.json().as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{name}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Absent),
        any::<bool>().prop_map(Value::Flag),
        any::<u64>().prop_map(Value::Count),
        any::<u64>().prop_map(Value::Bytes),
        any::<u32>().prop_map(Value::Mhz),
        prop::num::f64::NORMAL.prop_map(Value::Mbps),
        prop::num::f64::NORMAL.prop_map(Value::Millis),
        prop::num::f64::NORMAL.prop_map(Value::Percent),
        "[0-9]{1,4}(\\.[0-9]{1,4}){0,3}[a-z~-]{0,4}".prop_map(|t| Value::Version(t.parse::<Version>().unwrap())),
        ".*".prop_map(Value::Text),
        prop::collection::vec(any::<u64>(), 0..5).prop_map(Value::Numbers),
        prop::collection::vec(".*", 0..5).prop_map(Value::List),
    ]
}

proptest! {
    #[test]
    fn every_value_comes_back_to_the_last_digit(value in any_value(), text in ".*", ratio in prop::num::f64::ANY) {
        let mut report = samples::one();
        report.findings[0].found.value = Some(value);
        report.findings[0].found.text = text.clone();
        report.findings[0].evidence[0].output = text;
        report.findings[0].ratio = Some(ratio);
        let back = Report::from_json(&report.json()).unwrap();
        prop_assert_eq!(&back.findings[0].found.value, &report.findings[0].found.value);
        prop_assert_eq!(&back.findings[0].evidence, &report.findings[0].evidence);
        prop_assert_eq!(back.json(), report.json());
    }
}

//! The findings as JUnit XML, for build servers: one test case a need, one suite an area.
//!
//! A required need that is short or missing is a failure. What could not be told, waits for a person's word, is waived
//! or is only recommended is skipped with its reason: a missing reading is neither a pass nor a failure here either.

use crate::legible::visible;
use crate::tally::{Standing, standing};
use crate::{Report, moment};
use checks::{Finding, Verdict};
use profiles::{Area, Severity};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How a need counts for a build server.
enum Outcome {
    Passed,
    Failed,
    /// With the reason.
    Skipped(String),
}

impl Report {
    /// The findings as JUnit XML. The same report gives the same text.
    pub fn junit(&self) -> String {
        let asked = self.asked();
        let mut suites: BTreeMap<Area, Vec<(&Finding, Outcome)>> = BTreeMap::new();
        for finding in &self.findings {
            suites.entry(finding.area).or_default().push((finding, outcome(finding, standing(finding, &asked))));
        }
        let all = || suites.values().flatten();
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
        attribute(&mut xml, "name", &format!("Plumbline: {} for {}", self.server.name, self.role.id));
        totals(&mut xml, all(), false);
        xml.push_str(">\n");
        for (area, cases) in &suites {
            self.suite(&mut xml, *area, cases);
        }
        xml.push_str("</testsuites>\n");
        xml
    }

    fn suite(&self, xml: &mut String, area: Area, cases: &[(&Finding, Outcome)]) {
        xml.push_str("  <testsuite");
        attribute(xml, "name", area.title());
        totals(xml, cases.iter(), true);
        attribute(xml, "hostname", &self.server.name);
        // The schema wants a time without a zone.
        if let Some(at) = moment::read(&self.at).and_then(moment::Moment::in_utc) {
            attribute(xml, "timestamp", &at.strftime("%FT%T").to_string());
        }
        xml.push_str(">\n    <properties>\n");
        for (name, value) in [
            ("role", &self.role.id),
            ("checked", &self.at),
            ("plumbline", &self.app.version),
            ("system", &self.server.os),
        ] {
            xml.push_str("      <property");
            attribute(xml, "name", name);
            attribute(xml, "value", value);
            xml.push_str("/>\n");
        }
        xml.push_str("    </properties>\n");
        for (finding, outcome) in cases {
            self.case(xml, finding, outcome);
        }
        xml.push_str("  </testsuite>\n");
    }

    fn case(&self, xml: &mut String, finding: &Finding, outcome: &Outcome) {
        xml.push_str("    <testcase");
        attribute(xml, "classname", &finding.id);
        attribute(xml, "name", &finding.title);
        attribute(xml, "time", "0");
        xml.push_str(">\n");
        match outcome {
            Outcome::Passed => {}
            Outcome::Failed => {
                xml.push_str("      <failure");
                attribute(xml, "type", if finding.verdict == Verdict::Missing { "missing" } else { "short" });
                attribute(xml, "message", &finding.sentence);
                xml.push('>');
                let mut said = format!("Needed: {}\nFound: {}\n", finding.needed.text, finding.found.text);
                if let Some(steps) = &finding.steps {
                    said.push_str(steps);
                    said.push('\n');
                }
                escape(xml, &said, true);
                xml.push_str("</failure>\n");
            }
            Outcome::Skipped(why) => {
                xml.push_str("      <skipped");
                attribute(xml, "message", why);
                xml.push_str("/>\n");
            }
        }
        if !finding.evidence.is_empty() {
            xml.push_str("      <system-out>");
            for evidence in &finding.evidence {
                escape(xml, &format!("$ {}\n{}\n", evidence.command, evidence.output.trim_end()), true);
            }
            xml.push_str("</system-out>\n");
        }
        xml.push_str("    </testcase>\n");
    }
}

fn outcome(finding: &Finding, standing: Standing) -> Outcome {
    let because = |what: &str| Outcome::Skipped(format!("{what}: {}", finding.sentence));
    match standing {
        Standing::Met => Outcome::Passed,
        Standing::Fix => Outcome::Failed,
        Standing::Advised => because("Recommended, not met"),
        Standing::Confirm => because("Waits for a person's word"),
        Standing::Unknown => because("Could not tell"),
        Standing::Waived => match &finding.waiver {
            Some(waiver) => because(&format!("Set aside by {} until {}, {}", waiver.name, waiver.until, waiver.reason)),
            None => because("Set aside"),
        },
        Standing::Beside if finding.verdict == Verdict::Met => Outcome::Passed,
        Standing::Beside => match finding.severity {
            Severity::Optional => because("Optional"),
            Severity::Informational => because("For information"),
            Severity::Required | Severity::Recommended | Severity::Attestation => because("Not needed here"),
        },
    }
}

/// The counts; the schema of Jenkins has `skipped` for a suite and not for all of them.
fn totals<'a>(xml: &mut String, cases: impl Iterator<Item = &'a (&'a Finding, Outcome)>, suite: bool) {
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for (_, outcome) in cases {
        tests += 1;
        match outcome {
            Outcome::Passed => {}
            Outcome::Failed => failures += 1,
            Outcome::Skipped(_) => skipped += 1,
        }
    }
    // Writing to a String cannot fail.
    let _ = write!(xml, " tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"0\"");
    if suite {
        let _ = write!(xml, " skipped=\"{skipped}\"");
    }
}

fn attribute(xml: &mut String, name: &str, value: &str) {
    let _ = write!(xml, " {name}=\"");
    escape(xml, value, false);
    xml.push('"');
}

/// Text for XML 1.0: the five signs of markup as entities, and whatever XML forbids or nobody sees as `\u{…}`.
fn escape(xml: &mut String, text: &str, multiline: bool) {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            '\n' | '\t' if multiline => xml.push(c),
            c => visible(xml, c),
        }
    }
}

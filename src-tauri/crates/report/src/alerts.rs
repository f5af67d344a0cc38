//! The documented alerts as rules for a Prometheus, and the tests that show at which figure each of them fires.

use crate::Report;
use crate::yaml::{Yaml, bare, document, list, map, text};
use profiles::AlertRule;

/// What `promtool check rules` and `promtool test rules` read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertFiles {
    /// `plumbline.rules.yml`
    pub rules: String,
    /// `plumbline.tests.yml`
    pub tests: String,
}

/// The figures of one server's metrics around a threshold: each alert must fire just above it and stay quiet just below.
struct Metrics {
    /// A name that the expression holds.
    known_by: &'static str,
    labels: &'static [(&'static str, &'static str)],
    /// The series, with the values that make the expression come out at this figure.
    series: fn(f64) -> Vec<(&'static str, String)>,
}

const METRICS: &[Metrics] = &[
    Metrics {
        known_by: "node_cpu_seconds_total",
        labels: &[],
        // idle seconds in each minute
        series: |load| {
            let idle = format!("0+{}x30", round(60.0 * (1.0 - load / 100.0)));
            vec![("node_cpu_seconds_total{instance=\"server\",cpu=\"0\",mode=\"idle\"}", idle)]
        },
    },
    Metrics {
        known_by: "node_memory_MemAvailable_bytes",
        labels: &[],
        series: |used| {
            vec![
                ("node_memory_MemTotal_bytes{instance=\"server\"}", "100000x30".to_owned()),
                (
                    "node_memory_MemAvailable_bytes{instance=\"server\"}",
                    format!("{}x30", round(1000.0 * (100.0 - used))),
                ),
            ]
        },
    },
    Metrics {
        known_by: "node_filesystem_avail_bytes",
        labels: &[("fstype", "ext4"), ("mountpoint", "/")],
        series: |used| {
            vec![
                (
                    "node_filesystem_size_bytes{instance=\"server\",fstype=\"ext4\",mountpoint=\"/\"}",
                    "100000x30".to_owned(),
                ),
                (
                    "node_filesystem_avail_bytes{instance=\"server\",fstype=\"ext4\",mountpoint=\"/\"}",
                    format!("{}x30", round(1000.0 * (100.0 - used))),
                ),
            ]
        },
    },
    Metrics {
        known_by: "probe_duration_seconds",
        labels: &[],
        series: |seconds| vec![("probe_duration_seconds{instance=\"server\"}", format!("{seconds}x30"))],
    },
];

impl Report {
    /// The rules with their tests; `None` where the documents of the role name no thresholds.
    pub fn alert_rules(&self) -> Option<AlertFiles> {
        if self.alerts.is_empty() {
            return None;
        }
        let cases = self.alerts.iter().filter_map(cases).flatten();
        let tests = map([
            ("rule_files", list([text("plumbline.rules.yml")])),
            ("evaluation_interval", bare("1m")),
            ("tests", list(cases)),
        ]);
        let comments = ["promtool test rules plumbline.tests.yml".to_owned()];
        Some(AlertFiles { rules: tuning::rules_file(&self.alerts), tests: document(&comments, &tests) })
    }
}

/// Above the threshold it fires, though not before it has lasted; below it never does.
fn cases(rule: &AlertRule) -> Option<[Yaml; 2]> {
    let metrics = METRICS.iter().find(|metrics| rule.expression.contains(metrics.known_by))?;
    let threshold: f64 = rule.expression.rsplit_once('>')?.1.trim().parse().ok()?;
    let minutes: u32 = rule.lasts.strip_suffix('m')?.parse().ok()?;
    let case = |name: &str, figure: f64, fires: bool| {
        let series = (metrics.series)(round(figure));
        let series = series.into_iter().map(|(name, values)| map([("series", text(name)), ("values", text(values))]));
        let mut labels = vec![("instance", text("server"))];
        labels.extend(metrics.labels.iter().map(|&(name, value)| (name, text(value))));
        let alert = map([("exp_labels", map(labels)), ("exp_annotations", map([("summary", text(&rule.summary))]))]);
        let at = |minute: u32, alerts: Vec<Yaml>| {
            map([
                ("eval_time", bare(format!("{minute}m"))),
                ("alertname", text(&rule.name)),
                ("exp_alerts", list(alerts)),
            ])
        };
        // a rate needs a few readings before it says anything
        let mut times = vec![at(25, if fires { vec![alert] } else { vec![] })];
        if fires && minutes > 0 {
            times.insert(0, at(minutes - 1, vec![]));
        }
        map([
            ("name", text(format!("{} {name}", rule.name))),
            ("interval", bare("1m")),
            ("input_series", list(series)),
            ("alert_rule_test", list(times)),
        ])
    };
    // one percent to either side
    Some([
        case("fires above its threshold", threshold * 1.01, true),
        case("is quiet below it", threshold * 0.99, false),
    ])
}

/// Without the dust of binary fractions.
fn round(figure: f64) -> f64 {
    (figure * 1e6).round() / 1e6
}

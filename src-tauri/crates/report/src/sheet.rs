//! What stands on the combined report of a setup. How it looks is in `template/setup.typ`.

use crate::Report;
use crate::legible::Legible;
use crate::moment;
use crate::tally::overall;
use checks::Overall;
use serde::Serialize;

/// Servers that make one setup, the ones that want a hand first.
#[derive(Debug, Serialize)]
pub(crate) struct Sheet {
    title: String,
    name: String,
    lead: String,
    foot: String,
    practice: bool,
    servers: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    name: String,
    address: String,
    role: String,
    /// met, short or missing: the colour of the word.
    mark: &'static str,
    verdict: String,
    lead: String,
    checked: String,
    left: Vec<Todo>,
    confirm: usize,
}

#[derive(Debug, Serialize)]
struct Todo {
    title: String,
    how: String,
}

impl Sheet {
    pub(crate) fn of(name: &str, reports: &[Report], covers: &dyn Fn(char) -> bool) -> Sheet {
        let mut legible = Legible::new(covers);
        let l = &mut legible;
        let mut ordered: Vec<&Report> = reports.iter().collect();
        ordered.sort_by_key(|report| (rank(report.verdict), report.server.name.clone()));
        let ready = reports.iter().filter(|report| report.verdict == Overall::Ready).count();
        let name = l.short_line(name, 120);
        Sheet {
            title: format!("Plumbline readiness report, {name}"),
            lead: match (ready, reports.len()) {
                (ready, all) if ready == all => format!("All {all} servers are ready."),
                (ready, all) => format!("{ready} of {all} servers are ready."),
            },
            foot: format!("Plumbline readiness report, {name}"),
            practice: reports.iter().any(|report| report.practice),
            servers: ordered.into_iter().map(|report| line(l, report)).collect(),
            name,
        }
    }
}

/// What wants a hand stands first.
fn rank(verdict: Overall) -> u8 {
    match verdict {
        Overall::NotReady => 0,
        Overall::Almost => 1,
        Overall::Ready => 2,
    }
}

fn line(l: &mut Legible<'_>, report: &Report) -> Line {
    let role = [&report.role.product, &report.role.title, &report.role.scale];
    let role: Vec<&str> = role.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    Line {
        name: l.short_line(&report.server.name, 120),
        address: l.short_line(&report.server.host, 120),
        role: l.line(&role.join(", ")),
        mark: match report.verdict {
            Overall::Ready => "met",
            Overall::Almost => "short",
            Overall::NotReady => "missing",
        },
        verdict: overall(report.verdict).to_owned(),
        lead: report.lead(),
        checked: l.line(&moment::day(&report.at)),
        left: report.left.iter().map(|left| Todo { title: l.line(&left.title), how: l.line(&left.how) }).collect(),
        confirm: report.confirmations.iter().filter(|confirmation| confirmation.answer.is_none()).count(),
    }
}

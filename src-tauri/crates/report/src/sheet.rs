//! What stands on the combined report of a setup: its servers on a page in front, then the account of each. How it looks
//! is in `template/setup.typ`.

use crate::Report;
use crate::breaks;
use crate::legible::Legible;
use crate::moment;
use crate::paper::{Mark, Paper};
use checks::Overall;
use serde::Serialize;

/// Of what is left on a server, the page in front shows this many; the server's own cover has all.
const SHOWN: usize = 6;

/// Servers that make one setup, the ones that want a hand first.
#[derive(Debug, Serialize)]
pub(crate) struct Sheet {
    title: String,
    #[serde(serialize_with = "breaks::narrow")]
    name: String,
    verdict: Mark,
    lead: String,
    foot: String,
    practice: bool,
    servers: Vec<Line>,
}

/// One server in the list in front, with what comes behind.
#[derive(Debug, Serialize)]
struct Line {
    #[serde(serialize_with = "breaks::narrow")]
    address: String,
    #[serde(serialize_with = "breaks::wide")]
    role: String,
    checked: String,
    met: u32,
    total: u32,
    to_fix: u32,
    to_confirm: u32,
    shown: usize,
    /// "4 more are", where not all that is left is shown.
    more: Option<String>,
    account: Paper,
}

impl Sheet {
    pub(crate) fn of(name: &str, reports: &[Report], steady: bool, covers: &dyn Fn(char) -> bool) -> Sheet {
        let mut legible = Legible::new(covers);
        let l = &mut legible;
        let mut ordered: Vec<&Report> = reports.iter().collect();
        ordered.sort_by_key(|report| (rank(report.verdict), report.server.name.clone()));
        let ready = reports.iter().filter(|report| report.verdict == Overall::Ready).count();
        let name = l.short_line(name, 120);
        Sheet {
            title: format!("Plumbline readiness report, {name}"),
            verdict: ordered.first().map_or_else(|| Mark::overall(Overall::Almost), |report| Mark::of(report)),
            lead: match (ready, reports.len()) {
                (_, 0) => "No server of this setup has been checked yet.".to_owned(),
                (1, 1) => "Its one server is ready.".to_owned(),
                (ready, all) if ready == all => format!("All {all} servers are ready."),
                (0, all) => format!("None of {all} servers is ready."),
                (1, all) => format!("One of {all} servers is ready."),
                (ready, all) => format!("{ready} of {all} servers are ready."),
            },
            foot: format!("Plumbline readiness report, {}", l.short_line(&name, 80)),
            practice: reports.iter().any(|report| report.practice),
            servers: ordered.into_iter().map(|report| line(l, report, steady, covers)).collect(),
            name,
        }
    }
}

/// What wants a hand stands first, and gives the whole its verdict.
fn rank(verdict: Overall) -> u8 {
    match verdict {
        Overall::NotReady => 0,
        Overall::Almost => 1,
        Overall::Ready => 2,
    }
}

fn line(l: &mut Legible<'_>, report: &Report, steady: bool, covers: &dyn Fn(char) -> bool) -> Line {
    let role = [&report.role.product, &report.role.title, &report.role.scale];
    let role: Vec<&str> = role.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    let account = Paper::of(report, steady, covers);
    let sum = report.tally();
    let left = account.left();
    Line {
        address: if report.server.host == report.server.name {
            String::new()
        } else {
            l.short_line(&report.server.host, 120)
        },
        role: l.line(&role.join(", ")),
        checked: l.line(&moment::short(&report.at)),
        met: sum.met,
        total: sum.total,
        to_fix: sum.to_fix,
        to_confirm: sum.to_confirm,
        shown: left.min(SHOWN),
        more: match left.saturating_sub(SHOWN) {
            0 => None,
            1 => Some("One more is".to_owned()),
            more => Some(format!("{more} more are")),
        },
        account,
    }
}

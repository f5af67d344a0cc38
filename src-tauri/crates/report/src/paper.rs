//! What stands in the PDF, word by word. The template decides only how it looks.

use crate::breaks;
use crate::legible::Legible;
use crate::moment;
use crate::tally::{Standing, Tally, capital, overall, small, standing};
use crate::words;
use crate::{Made, Outcome, Privilege, Report, Run, Word};
use checks::{Confirmation, Finding, FitAnswer, MaintainedState, Overall, Verdict};
use facts::Evidence;
use profiles::{Area, Severity};
use serde::Serialize;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// So many readings take pages of their own; a role that is built in has fewer.
const MANY: usize = 80;

/// The whole report as text: what the template is given as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Paper {
    title: String,
    foot: String,
    practice: bool,
    /// Whether the place of things must not depend on the place of others.
    steady: bool,
    /// Whether there are so many readings that they begin a page, and each page of them is set by itself.
    many: bool,
    #[serde(serialize_with = "breaks::narrow")]
    name: String,
    #[serde(serialize_with = "breaks::wide")]
    purpose: String,
    verdict: Mark,
    lead: String,
    facts: Vec<Detail>,
    /// Whether there is a before to show.
    compared: bool,
    areas: Vec<AreaLine>,
    left: Vec<Todo>,
    /// "six points", where the cover should point to them.
    to_confirm: Option<String>,
    needs: Vec<Group>,
    runs: Vec<RunPart>,
    points: Vec<Point>,
    measurements: Vec<Measured>,
    fits: Vec<FitLine>,
    evidence_intro: String,
    evidence: Vec<Reading>,
    appendix: Vec<Reading>,
    /// Said at the end when some sign had to be written as `\u{…}`.
    escaped: bool,
}

/// A verdict's silhouette and its word.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Mark {
    glyph: Glyph,
    word: &'static str,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Glyph {
    Met,
    Short,
    Missing,
    Confirm,
    Unknown,
    Dash,
    Waived,
}

#[derive(Debug, Serialize)]
struct Detail {
    label: &'static str,
    #[serde(serialize_with = "breaks::narrow")]
    text: String,
    mono: bool,
}

#[derive(Debug, Serialize)]
struct AreaLine {
    title: &'static str,
    total: u32,
    met: u32,
    /// Share met before, where it differs.
    before: Option<f64>,
    now: f64,
    glyph: Glyph,
    /// "2 to fix, 1 to confirm".
    notes: String,
}

#[derive(Debug, Serialize)]
struct Todo {
    glyph: Glyph,
    #[serde(serialize_with = "breaks::wide")]
    title: String,
    #[serde(serialize_with = "breaks::wide")]
    how: String,
}

#[derive(Debug, Serialize)]
struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(serialize_with = "breaks::wide")]
    title: String,
    /// "optional", "set aside by … until …".
    #[serde(serialize_with = "breaks::each_wide")]
    notes: Vec<String>,
    #[serde(serialize_with = "breaks::narrow")]
    needed: String,
    #[serde(serialize_with = "breaks::narrow")]
    before: String,
    #[serde(serialize_with = "breaks::narrow")]
    now: String,
    changed: bool,
    /// Whether `now` is a reading, and not a word for its lack.
    read: bool,
    mark: Mark,
}

#[derive(Debug, Serialize)]
struct RunPart {
    /// "Kept by deploy at 14:31 UTC, after …".
    #[serde(serialize_with = "breaks::wide")]
    intro: String,
    /// The command that undoes it on the server, where there is one.
    #[serde(serialize_with = "breaks::wide")]
    undo: String,
    kept: bool,
    changes: Vec<ChangeLine>,
}

#[derive(Debug, Serialize)]
struct ChangeLine {
    #[serde(serialize_with = "breaks::wide")]
    title: String,
    #[serde(serialize_with = "breaks::each_wide")]
    places: Vec<String>,
    #[serde(serialize_with = "breaks::narrow")]
    before: String,
    #[serde(serialize_with = "breaks::narrow")]
    after: String,
    #[serde(serialize_with = "breaks::wide")]
    undo: String,
}

#[derive(Debug, Serialize)]
struct Point {
    #[serde(serialize_with = "breaks::wide")]
    title: String,
    #[serde(serialize_with = "breaks::wide")]
    detail: String,
    /// "Yes: Ada Lovelace, 20 November 2026".
    #[serde(serialize_with = "breaks::wide")]
    answer: String,
    tick: Tick,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Tick {
    Open,
    Yes,
    No,
}

#[derive(Debug, Serialize)]
struct Measured {
    #[serde(serialize_with = "breaks::narrow")]
    title: String,
    #[serde(serialize_with = "breaks::narrow")]
    text: String,
    #[serde(serialize_with = "breaks::wide")]
    detail: String,
}

#[derive(Debug, Serialize)]
struct FitLine {
    #[serde(serialize_with = "breaks::wide")]
    title: String,
    glyph: Glyph,
    word: &'static str,
    #[serde(serialize_with = "breaks::wide")]
    sentence: String,
}

#[derive(Debug, Serialize)]
struct Reading {
    #[serde(serialize_with = "breaks::wide")]
    title: String,
    mark: Mark,
    #[serde(serialize_with = "breaks::wide")]
    sentence: String,
    /// Parts, arithmetic, support: what the table has no room for.
    #[serde(serialize_with = "breaks::each_wide")]
    notes: Vec<String>,
    #[serde(serialize_with = "breaks::wide")]
    source: String,
    asked: Vec<Asked>,
    /// About how many lines it takes in a column, rather too many than too few.
    height: usize,
}

#[derive(Debug, Serialize)]
struct Asked {
    #[serde(serialize_with = "breaks::wide")]
    command: String,
    #[serde(serialize_with = "breaks::each_wide")]
    lines: Vec<String>,
}

impl Paper {
    pub(crate) fn of(report: &Report, steady: bool, covers: &dyn Fn(char) -> bool) -> Paper {
        let mut legible = Legible::new(covers);
        let l = &mut legible;
        let asked = report.asked();
        let (evidence, appendix) = readings(l, report);
        let points = points(l, report);
        let open = points.iter().filter(|point| matches!(point.tick, Tick::Open)).count();
        let mut paper = Paper {
            title: format!("Plumbline readiness report, {}", l.short_line(&report.server.name, 80)),
            foot: format!(
                "Plumbline readiness report, {}, {}",
                l.short_line(&report.server.name, 48),
                l.line(&moment::day(&report.at))
            ),
            practice: report.practice,
            steady,
            many: evidence.len() + appendix.len() >= MANY,
            name: l.short_line(&report.server.name, 120),
            purpose: purpose(l, report),
            verdict: Mark::of(report),
            lead: report.lead(),
            facts: facts(l, report),
            compared: report.before.is_some(),
            areas: report.areas().into_iter().map(|(area, tally)| area_line(area, tally)).collect(),
            left: left(l, report, &asked),
            to_confirm: match open {
                0 => None,
                1 => Some("one point".to_owned()),
                n => Some(format!("{} points", small(u32::try_from(n).unwrap_or(u32::MAX)))),
            },
            needs: needs(l, report),
            runs: report.runs.iter().map(|run| run_part(l, report, run)).collect(),
            points,
            measurements: report
                .measurements
                .iter()
                .map(|m| Measured { title: l.line(&m.title), text: l.line(&m.text), detail: l.line(&m.detail) })
                .collect(),
            fits: report
                .fit
                .iter()
                .map(|fit| FitLine {
                    title: l.line(&format!("{}, {}", fit.product, fit.title)),
                    glyph: match fit.answer {
                        FitAnswer::Yes => Glyph::Met,
                        FitAnswer::Almost => Glyph::Short,
                        FitAnswer::No => Glyph::Missing,
                        FitAnswer::CouldNotTell => Glyph::Unknown,
                    },
                    word: words::fit(fit.answer),
                    sentence: l.line(&fit.sentence),
                })
                .collect(),
            evidence_intro: evidence_intro(&evidence, &appendix),
            evidence,
            appendix,
            escaped: false,
        };
        paper.escaped = legible.escaped;
        paper
    }

    /// How many lines of what is left to do stand on the cover.
    pub(crate) fn left(&self) -> usize {
        self.left.len()
    }
}

impl Mark {
    /// The verdict on a server.
    pub(crate) fn of(report: &Report) -> Mark {
        match report.verdict {
            Overall::Almost if report.counts.hardly_read() => {
                Mark { glyph: Glyph::Unknown, word: "Too little was read" }
            }
            verdict => Mark::overall(verdict),
        }
    }

    pub(crate) fn overall(verdict: Overall) -> Mark {
        let glyph = match verdict {
            Overall::Ready => Glyph::Met,
            Overall::Almost => Glyph::Short,
            Overall::NotReady => Glyph::Missing,
        };
        Mark { glyph, word: overall(verdict) }
    }
}

/// "for Reforms Messenger, Small team, 24 users".
fn purpose(l: &mut Legible<'_>, report: &Report) -> String {
    let role = &report.role;
    let parts: Vec<&str> =
        [&role.product, &role.title, &role.scale].into_iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    l.line(&format!("for {}", parts.join(", ")))
}

fn facts(l: &mut Legible<'_>, report: &Report) -> Vec<Detail> {
    let server = &report.server;
    let address = match (server.host.as_str(), server.port) {
        ("", _) => String::new(),
        (host, 0) => host.to_owned(),
        (host, port) => format!("{host}, port {port}"),
    };
    // "5.15.0-130-generic" is 5.15 to a reader; the whole of it is in the JSON export.
    let kernel = server.kernel.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    let system: Vec<String> = [
        server.os.clone(),
        if kernel.is_empty() { String::new() } else { format!("kernel {kernel}") },
        server.arch.clone(),
    ]
    .into_iter()
    .filter(|text| !text.is_empty())
    .collect();
    let user = match server.privilege {
        Some(Privilege::Sudo) if !server.user.is_empty() => format!("{}, with sudo", server.user),
        Some(Privilege::None) if !server.user.is_empty() => format!("{}, without administrator rights", server.user),
        Some(Privilege::Root | Privilege::Sudo | Privilege::None) | None => server.user.clone(),
    };
    let key = server.host_key.clone().unwrap_or_default();
    [
        ("Server", address, false),
        ("Checked", moment::short(&report.at), false),
        ("System", system.join(", "), false),
        ("Signed in as", user, false),
        ("Server key", key, true),
        ("Requirements", report.role.requirements.clone(), false),
        ("Plumbline", report.app.version.clone(), false),
        ("Role", report.role.id.clone(), true),
    ]
    .into_iter()
    .filter(|(_, text, _)| !text.is_empty())
    .map(|(label, text, mono)| Detail { label, text: l.line(&text), mono })
    .collect()
}

fn area_line(area: Area, tally: Tally) -> AreaLine {
    let share = |met: u32| f64::from(met) / f64::from(tally.total.max(1));
    let notes: Vec<String> = [
        (tally.to_fix, "to fix"),
        (tally.advised, "recommended"),
        (tally.to_confirm, "to confirm"),
        (tally.unknown, "could not be told"),
        (tally.waived, "set aside"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    AreaLine {
        title: area.title(),
        total: tally.total,
        met: tally.met,
        before: (tally.met_before != tally.met).then(|| share(tally.met_before)),
        now: share(tally.met),
        glyph: if tally.met == tally.total {
            Glyph::Met
        } else if tally.to_fix > 0 {
            Glyph::Short
        } else if tally.to_confirm > 0 {
            Glyph::Confirm
        } else if tally.unknown > 0 {
            Glyph::Unknown
        } else {
            Glyph::Waived
        },
        notes: notes.join(", "),
    }
}

/// What is named as left, then whatever else stands open: nothing that is required may be missing from the cover.
fn left(l: &mut Legible<'_>, report: &Report, asked: &BTreeSet<&str>) -> Vec<Todo> {
    let by_id: BTreeMap<&str, &Finding> = report.findings.iter().map(|f| (f.id.as_str(), f)).collect();
    let mut named = BTreeSet::new();
    let mut todos = Vec::new();
    for left in &report.left {
        named.insert(left.finding.as_str());
        let glyph = by_id.get(left.finding.as_str()).map_or(Glyph::Dash, |finding| mark(finding).glyph);
        todos.push(Todo { glyph, title: l.line(&left.title), how: l.line(&left.how) });
    }
    let mut rest: Vec<(Standing, &Finding)> = report
        .findings
        .iter()
        .map(|finding| (standing(finding, asked), finding))
        .filter(|(standing, finding)| {
            matches!(standing, Standing::Fix | Standing::Advised | Standing::Unknown)
                && !named.contains(finding.id.as_str())
        })
        .collect();
    rest.sort_by_key(|(standing, _)| match standing {
        Standing::Fix => 0,
        Standing::Unknown => 1,
        Standing::Advised | Standing::Met | Standing::Confirm | Standing::Waived | Standing::Beside => 2,
    });
    for (_, finding) in rest {
        let (stop, said) = match told(finding) {
            Some(rest) => (":", rest.to_owned()),
            None => (if finding.title.ends_with(['.', '?']) { "" } else { "." }, finding.sentence.clone()),
        };
        let how = match (&finding.steps, &finding.change) {
            (Some(steps), _) => format!("{said} {steps}"),
            (None, Some(_)) => format!("{said} Plumbline can put this right."),
            (None, None) => said,
        };
        let title = format!("{}{stop}", l.line(&finding.title));
        todos.push(Todo { glyph: mark(finding).glyph, title, how: l.line(&how) });
    }
    todos
}

/// What a sentence says after the title of its need, where it begins with it: "not there. Needed: 1.22 or newer."
fn told(finding: &Finding) -> Option<&str> {
    finding.sentence.strip_prefix(&finding.title)?.strip_prefix(": ")
}

/// A cell of the table holds this many signs; what is longer stands in full with the evidence.
const CELL: usize = 160;

fn needs(l: &mut Legible<'_>, report: &Report) -> Vec<Group> {
    let before: BTreeMap<&str, &Finding> =
        report.before.iter().flatten().map(|finding| (finding.id.as_str(), finding)).collect();
    let mut groups: BTreeMap<Area, Vec<Row>> = BTreeMap::new();
    for finding in &report.findings {
        let was = before.get(finding.id.as_str());
        let (before, now) = (was.map(|was| shown(l, was)).unwrap_or_default(), shown(l, finding));
        let row = Row {
            title: l.line(&finding.title),
            notes: row_notes(l, finding),
            needed: l.short_line(&finding.needed.text, CELL),
            changed: was.is_some() && before != now,
            before,
            now,
            read: !finding.found.text.is_empty(),
            mark: mark(finding),
        };
        groups.entry(finding.area).or_default().push(row);
    }
    groups.into_iter().map(|(area, rows)| Group { title: area.title(), rows }).collect()
}

fn row_notes(l: &mut Legible<'_>, finding: &Finding) -> Vec<String> {
    let mut notes = Vec::new();
    match finding.severity {
        Severity::Optional => notes.push("optional".to_owned()),
        Severity::Recommended => notes.push("recommended".to_owned()),
        Severity::Informational => notes.push("for information".to_owned()),
        Severity::Required | Severity::Attestation => {}
    }
    if let Some(maintained) = &finding.maintained {
        let until = maintained.until.as_deref().map(moment::day).map(|day| l.line(&day));
        match (maintained.state, until) {
            (MaintainedState::Ended, Some(day)) => notes.push(format!("support ended {day}")),
            (MaintainedState::Ended, None) => notes.push("support has ended".to_owned()),
            (MaintainedState::EndingSoon, Some(day)) => notes.push(format!("support ends {day}")),
            (MaintainedState::EndingSoon, None) => notes.push("support ends soon".to_owned()),
            (MaintainedState::Maintained | MaintainedState::CouldNotTell, _) => {}
        }
    }
    if let Some(waiver) = &finding.waiver {
        let until = moment::day(&waiver.until);
        notes.push(l.line(&format!("set aside by {} until {until}: {}", waiver.name, waiver.reason)));
    }
    notes
}

/// What was found, for a cell. Where there is no reading the cell says so and never stays a riddle.
fn shown(l: &mut Legible<'_>, finding: &Finding) -> String {
    match (finding.found.text.as_str(), finding.verdict) {
        ("", Verdict::YouConfirm) => "not a reading".to_owned(),
        ("", Verdict::CouldNotTell) => finding.why_unknown.as_ref().map_or("no reading", words::why).to_owned(),
        ("", Verdict::NotApplicable) => "not needed here".to_owned(),
        ("", Verdict::Met) if finding.confirmed.is_some() => "confirmed".to_owned(),
        ("", Verdict::Met | Verdict::Short | Verdict::Missing) => "no figure".to_owned(),
        (text, _) => l.short_line(text, CELL),
    }
}

fn mark(finding: &Finding) -> Mark {
    if finding.waiver.is_some() && finding.verdict != Verdict::Met {
        return Mark { glyph: Glyph::Waived, word: "Set aside" };
    }
    let beside = matches!(finding.severity, Severity::Optional | Severity::Informational);
    let word = words::verdict(finding.verdict);
    match finding.verdict {
        Verdict::Met => Mark { glyph: Glyph::Met, word },
        Verdict::Missing if beside => Mark { glyph: Glyph::Dash, word: "Not there" },
        Verdict::Short if beside => Mark { glyph: Glyph::Dash, word },
        Verdict::Short => Mark { glyph: Glyph::Short, word },
        Verdict::Missing => Mark { glyph: Glyph::Missing, word },
        Verdict::CouldNotTell => Mark { glyph: Glyph::Unknown, word },
        Verdict::YouConfirm => Mark { glyph: Glyph::Confirm, word },
        Verdict::NotApplicable => Mark { glyph: Glyph::Dash, word },
    }
}

fn run_part(l: &mut Legible<'_>, report: &Report, run: &Run) -> RunPart {
    let at = if moment::same_day(&run.at, &report.at) { moment::clock(&run.at) } else { moment::short(&run.at) };
    let by = if run.by.is_empty() { String::new() } else { format!(" by {}", run.by) };
    let (kept, intro) = match &run.outcome {
        Outcome::Kept { proof } if proof.is_empty() => (true, format!("Kept{by} at {at}.")),
        Outcome::Kept { proof } => (true, format!("Kept{by} at {at}, after {proof}.")),
        Outcome::PutBack { why } if why.is_empty() => {
            (false, format!("Put back at {at}. Everything is as it was before."))
        }
        Outcome::PutBack { why } => {
            (false, format!("Put back at {at}, because {why}. Everything is as it was before."))
        }
    };
    RunPart {
        intro: l.line(&intro),
        undo: run.undo.as_deref().filter(|_| kept).map(|undo| l.line(undo)).unwrap_or_default(),
        kept,
        changes: run.changes.iter().map(|made| change_line(l, made)).collect(),
    }
}

fn change_line(l: &mut Legible<'_>, made: &Made) -> ChangeLine {
    let change = &made.change;
    let places: Vec<&str> = if change.files.is_empty() {
        change.runtime.iter().map(|value| value.name.as_str()).collect()
    } else {
        change.files.iter().map(|file| file.path.as_str()).collect()
    };
    let values = |given: &str, of: fn(&tuning::RuntimeChange) -> &str| {
        if !given.is_empty() {
            return given.to_owned();
        }
        let mut values: Vec<&str> = Vec::new();
        for value in &change.runtime {
            let value = of(value);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.join(", ")
    };
    ChangeLine {
        title: l.line(&change.title),
        places: places.into_iter().map(|place| l.line(place)).collect(),
        before: l.line(&values(&made.before, |value| &value.before)),
        after: l.line(&values(&made.after, |value| &value.after)),
        undo: l.line(&capital(&change.undo)),
    }
}

/// The points as asked, then whatever else waits for a person's word.
fn points(l: &mut Legible<'_>, report: &Report) -> Vec<Point> {
    let named: BTreeSet<&str> = report.confirmations.iter().map(|point| point.finding.as_str()).collect();
    let given: BTreeMap<&str, &Confirmation> =
        report.findings.iter().filter_map(|f| Some((f.id.as_str(), f.confirmed.as_ref()?))).collect();
    let mut points: Vec<Point> = report
        .confirmations
        .iter()
        .map(|point| {
            let (answer, tick) = match (&point.answer, given.get(point.finding.as_str())) {
                (Some(answer), _) => answered(l, answer.says, &answer.name, &answer.date),
                (None, Some(word)) => answered(l, if word.yes { Word::Yes } else { Word::No }, &word.name, &word.date),
                (None, None) => (String::new(), Tick::Open),
            };
            Point { title: l.line(&point.title), detail: l.line(&point.detail), answer, tick }
        })
        .collect();
    for finding in &report.findings {
        let waits = finding.verdict == Verdict::YouConfirm && finding.waiver.is_none();
        if waits && !named.contains(finding.id.as_str()) {
            points.push(Point {
                title: l.line(&finding.title),
                detail: l.line(&finding.needed.text),
                answer: String::new(),
                tick: Tick::Open,
            });
        }
    }
    points
}

fn answered(l: &mut Legible<'_>, says: Word, name: &str, date: &str) -> (String, Tick) {
    let (word, tick) = match says {
        Word::Yes => ("Yes", Tick::Yes),
        Word::No => ("No", Tick::No),
        Word::Later => ("Later", Tick::Open),
    };
    (l.line(&format!("{word}: {name}, {}", moment::day(date))), tick)
}

/// Signs in one line of an evidence column, of the server's own and of ours, and what lies between two readings, in lines.
const COLUMN: usize = 52;
const WORDS: usize = 58;
const GAP: usize = 1;
/// A reading of more lines than this stands in the appendix, even when it belongs to an open need.
const LONG: usize = 24;

/// Readings of needs that are open or were changed, and all others.
fn readings(l: &mut Legible<'_>, report: &Report) -> (Vec<Reading>, Vec<Reading>) {
    let before: BTreeMap<&str, &Finding> =
        report.before.iter().flatten().map(|finding| (finding.id.as_str(), finding)).collect();
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    let mut printed = BTreeMap::new();
    for finding in &report.findings {
        let was = before.get(finding.id.as_str()).copied();
        let mut reading = reading(l, finding, was);
        once(&mut reading, &mut printed);
        let open = matches!(finding.verdict, Verdict::Short | Verdict::Missing | Verdict::CouldNotTell);
        let changed = was.is_some_and(|was| was.found.text != finding.found.text);
        if (open || changed) && !reading.asked.is_empty() && reading.height <= LONG {
            first.push(reading);
        } else {
            rest.push(reading);
        }
    }
    (first, rest)
}

/// An answer that settles several needs is printed with the first of them, and named with the others.
fn once(reading: &mut Reading, printed: &mut BTreeMap<(String, Vec<String>), String>) {
    const SHORT: usize = 3;
    for asked in &mut reading.asked {
        if asked.lines.len() <= SHORT {
            continue;
        }
        match printed.entry((asked.command.clone(), asked.lines.clone())) {
            Entry::Vacant(new) => {
                new.insert(reading.title.clone());
            }
            Entry::Occupied(known) => {
                reading.height = reading.height.saturating_sub(asked.lines.len() - 1);
                asked.lines = vec![format!("as with “{}”", known.get())];
            }
        }
    }
}

fn reading(l: &mut Legible<'_>, finding: &Finding, was: Option<&Finding>) -> Reading {
    let mut notes = Vec::new();
    for (what, figure) in [("Needed", &finding.needed), ("Found", &finding.found)] {
        if figure.text.chars().count() > CELL {
            notes.push(l.line(&format!("{what}: {}", figure.text)));
        }
    }
    for part in &finding.parts {
        notes.push(l.line(&format!(
            "{}: {} (needed: {}). {}.",
            part.title,
            if part.found.text.is_empty() { "nothing found" } else { &part.found.text },
            part.needed.text,
            words::verdict(part.verdict)
        )));
    }
    for more in [&finding.arithmetic, &finding.note].into_iter().flatten() {
        notes.push(l.line(more));
    }
    if let Some(word) = &finding.confirmed {
        let says = if word.yes { "says that it is so" } else { "says that it is not so" };
        notes.push(l.line(&format!("{} {says}, {}.", word.name, moment::day(&word.date))));
    }
    if let Some(maintained) = &finding.maintained {
        notes.push(l.line(&words::maintained(maintained)));
    }
    let source = &finding.source;
    let place = [
        Some(source.document.clone()),
        source.section.clone(),
        source.line.as_ref().map(|line| format!("line\u{a0}{line}")),
    ];
    let source = place.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let asked: Vec<Asked> = finding
        .evidence
        .iter()
        .map(|now| {
            let then = was.and_then(|was| was.evidence.iter().find(|then| then.command == now.command));
            asked(l, now, then.filter(|then| then.output != now.output))
        })
        .collect();
    // Title and verdict stand right above.
    let verdict =
        finding.sentence.strip_prefix(words::verdict(finding.verdict)).and_then(|rest| rest.strip_prefix(": "));
    let sentence = match (told(finding), verdict) {
        (Some(rest), _) => format!("Found: {rest}"),
        (None, Some(rest)) => capital(rest),
        (None, None) => finding.sentence.clone(),
    };
    let rows = |text: &str| text.chars().count().div_ceil(COLUMN).max(1);
    let of_words = |text: &str| text.chars().count().div_ceil(WORDS).max(1);
    let words: usize = notes.iter().map(|note| of_words(note)).sum();
    let code: usize =
        asked.iter().map(|a| rows(&a.command) + a.lines.iter().map(|line| rows(line)).sum::<usize>()).sum();
    Reading {
        title: l.line(&finding.title),
        mark: mark(finding),
        sentence: l.line(&sentence),
        height: GAP + 1 + of_words(&sentence) + of_words(&source) + words + code,
        notes,
        source: l.line(&source),
        asked,
    }
}

fn asked(l: &mut Legible<'_>, now: &Evidence, then: Option<&Evidence>) -> Asked {
    let said = |l: &mut Legible<'_>, evidence: &Evidence| {
        let mut lines = l.lines(&evidence.output);
        match evidence.exit {
            Some(0) => {}
            Some(code) => lines.push(format!("(exit code {code})")),
            None => lines.push("(cut off)".to_owned()),
        }
        lines
    };
    let now_lines = said(l, now);
    let lines = match then {
        None => now_lines,
        Some(then) => {
            let then_lines = said(l, then);
            match (then_lines.as_slice(), now_lines.as_slice()) {
                ([then], [now]) => vec![format!("before  {then}"), format!("now     {now}")],
                _ => [vec!["before".to_owned()], then_lines, vec!["now".to_owned()], now_lines].concat(),
            }
        }
    };
    Asked { command: l.line(&now.command), lines }
}

fn evidence_intro(evidence: &[Reading], appendix: &[Reading]) -> String {
    let said = "What we asked, and what the server said. Passwords and keys never appear here.";
    match (evidence.len(), appendix.len()) {
        (0, _) | (_, 0) => said.to_owned(),
        (_, 1) => format!("{said} One more reading is in the appendix, and all are in the JSON export."),
        (_, n) => format!("{said} {n} more readings are in the appendix, and all are in the JSON export."),
    }
}

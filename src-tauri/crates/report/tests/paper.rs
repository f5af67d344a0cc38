//! The PDF, read back by a reader that is not ours: every word is there, in order, and nothing lies over anything else.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop and say why"
)]

mod samples;

use report::Report;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// What could not be looked at on this machine is said aloud, not only where a test is read.
fn left_out(test: &str, name: &str, reason: impl ToString) {
    lab::record(test, &lab::Skipped { name: name.to_owned(), reason: reason.to_string() });
}

/// Runs a tool of poppler over a PDF; `None`, with the reason printed, where poppler is not installed.
fn tool(test: &str, program: &str, options: &[&str], pdf: &PathBuf, to_stdout: bool) -> Option<String> {
    let mut command = Command::new(program);
    command.args(options).arg(pdf).args(to_stdout.then_some("-"));
    match command.output() {
        Ok(output) => {
            assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(e) => {
            left_out(test, program, e);
            None
        }
    }
}

/// The file `bytes` are in, whole from the moment it is there: other tests write and read the same one.
fn put(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (new, path) = (folder.join(format!("{name}.{}.new", std::process::id())), folder.join(format!("{name}.pdf")));
    std::fs::write(&new, bytes).unwrap();
    std::fs::rename(&new, &path).unwrap();
    path
}

fn saved(name: &str, report: &Report) -> PathBuf {
    put(name, &report::pdf(report).unwrap())
}

struct Sample {
    name: &'static str,
    report: Report,
    pdf: PathBuf,
}

/// Four servers that could not be more different, as one setup.
struct Setup {
    reports: Vec<Report>,
    pdf: PathBuf,
}

fn setup() -> &'static Setup {
    static SAVED: OnceLock<Setup> = OnceLock::new();
    SAVED.get_or_init(|| {
        let mut reports = vec![samples::ready(), samples::typical(), samples::scripts(), samples::large(60)];
        for (report, name) in reports.iter_mut().zip(["chat-01", "chat-02", "", "chat-04"]) {
            if !name.is_empty() {
                report.server.name = name.into();
            }
        }
        let pdf = put("setup", &report::setup_pdf("Reforms, Large", &reports).unwrap());
        Setup { reports, pdf }
    })
}

/// Every PDF with its name and the reports it was made of.
fn papers() -> impl Iterator<Item = (&'static str, &'static [Report], &'static PathBuf)> {
    let alone = samples().map(|s| (s.name, std::slice::from_ref(&s.report), &s.pdf));
    alone.chain([("setup", setup().reports.as_slice(), &setup().pdf)])
}

/// Every sample, each set once and when it is first asked for.
fn samples() -> impl Iterator<Item = &'static Sample> {
    static SAMPLES: OnceLock<Vec<(&'static str, Report, OnceLock<Sample>)>> = OnceLock::new();
    let all =
        SAMPLES.get_or_init(|| samples::all().into_iter().map(|(n, report)| (n, report, OnceLock::new())).collect());
    all.iter().map(|(name, report, set)| {
        set.get_or_init(|| Sample { name, pdf: saved(name, report), report: report.clone() })
    })
}

fn sample(name: &str) -> &'static Sample {
    samples().find(|sample| sample.name == name).unwrap()
}

/// A page that is turned for nothing: only what stands at its foot.
#[test]
fn no_page_is_empty() {
    for (name, _, pdf) in papers() {
        let Some(text) = tool("no_page_is_empty", "pdftotext", &["-layout"], pdf, true) else { return };
        for (page, text) in text.trim_end_matches('\u{c}').split('\u{c}').enumerate() {
            let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
            assert!(lines > 1, "{name}, page {}: {text:?}", page + 1);
        }
    }
}

/// The text in the order it is written, without blanks (lines break anywhere).
fn written(test: &str, pdf: &PathBuf) -> Option<String> {
    Some(bare(&tool(test, "pdftotext", &["-raw"], pdf, true)?))
}

/// What a screen reader gets: the text in its logical order. Reading the structure takes poppler seconds, so that
/// one report has to do.
fn spoken(test: &str, pdf: &PathBuf) -> Option<String> {
    let structure = tool(test, "pdfinfo", &["-struct-text"], pdf, false)?;
    let texts = structure.lines().map(str::trim_start).filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    Some(bare(&texts.collect::<String>()))
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// What should stand for `text`: said once more and apart from the code that is tested.
fn expected(text: &str) -> String {
    let lettered = |c: char| {
        c.is_ascii_graphic()
            || c == ' '
            || ('\u{a1}'..='\u{17f}').contains(&c) && !samples::hidden(c)
            || ('\u{386}'..='\u{3ce}').contains(&c)
            || ('\u{400}'..='\u{45f}').contains(&c)
            || matches!(c, '–' | '‘' | '’' | '“' | '”' | '…')
    };
    let written = |c: char| match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c if lettered(c) => c.to_string(),
        c => format!("\\u{{{:x}}}", u32::from(c)),
    };
    bare(&text.chars().map(written).collect::<String>())
}

#[test]
fn every_finding_stands_in_the_pdf_word_by_word() {
    for (name, reports, pdf) in papers() {
        let Some(text) = written("every_finding_stands_in_the_pdf_word_by_word", pdf) else { return };
        // What stands in the middle of a sentence in JSON may begin one on paper.
        let text = text.to_lowercase();
        let must = |words: &str| {
            assert!(text.contains(&expected(words).to_lowercase()), "{name}: {words:?} is not there");
        };
        for report in reports {
            for finding in &report.findings {
                for text in [&finding.title, &finding.needed.text, &finding.found.text] {
                    must(text);
                }
                // A sentence that begins with the title stands under the title, without it.
                must(finding.sentence.split_once(": ").map_or(&finding.sentence, |(_, rest)| rest));
                for evidence in &finding.evidence {
                    must(&evidence.command);
                    evidence.output.trim_end().lines().take(36).for_each(|line| must(&line.replace('\t', " ")));
                }
            }
            for point in &report.confirmations {
                must(&point.title);
                must(&point.detail);
            }
            for left in &report.left {
                must(&left.title);
                must(&left.how);
            }
            for made in report.runs.iter().flat_map(|run| &run.changes) {
                must(&made.change.title);
                must(&made.before);
                must(&made.change.files[0].path);
            }
            must(&report.server.os);
            must(&report.lead());
        }
    }
}

/// The table says each need once, in one row: title, needed, before, now, verdict.
#[test]
fn rows_read_in_order() {
    let Some(spoken) = spoken("rows_read_in_order", &sample("typical").pdf) else { return };
    for row in [
        "Largest receive buffer 128 MB 208 KB 128 MB Met",
        "PostgreSQL (support ends 12 November 2026) 15 or newer 14.15 14.15 Short",
        "TLS certificate valid none none Missing",
        "Second drive for files (optional) 200 GB none none Not there",
        "Daily automatic backup daily no job found no job found Could not tell",
        "Monthly restore test monthly not a reading not a reading You confirm",
        "27 of 37 needs are met, 14 of them through the changes made here. Four are left to fix, and six want a person’s word.",
        "Software 7 of 9 2 to fix",
        "Services may keep 65,536 files open /etc/systemd/system.conf.d/60-plumbline.conf 1,024 65,536 Remove the file, reload systemd",
    ] {
        assert_eq!(spoken.matches(&bare(row)).count(), 1, "{row}");
    }
}

#[derive(Clone, Debug)]
struct Word {
    text: String,
    x: [f64; 2],
    y: [f64; 2],
}

/// The words of every page with their boxes.
fn words(test: &str, pdf: &PathBuf) -> Option<Vec<Vec<Word>>> {
    let html = tool(test, "pdftotext", &["-bbox"], pdf, true)?;
    let mut pages: Vec<Vec<Word>> = Vec::new();
    for line in html.lines().map(str::trim) {
        if line.starts_with("<page ") {
            pages.push(Vec::new());
        } else if let (Some(word), Some(page)) = (line.strip_prefix("<word "), pages.last_mut()) {
            let number = |name: &str| -> f64 {
                word.split_once(name).unwrap().1.trim_start_matches("=\"").split('"').next().unwrap().parse().unwrap()
            };
            let text = word.split_once('>').unwrap().1.trim_end_matches("</word>").to_owned();
            page.push(Word { text, x: [number("xMin"), number("xMax")], y: [number("yMin"), number("yMax")] });
        }
    }
    Some(pages)
}

/// Points from the left edge of the paper to the text, and to its right end; A4 is 595 wide.
const MARGINS: [f64; 2] = [78.0, 547.3];

#[test]
fn nothing_lies_over_anything_or_leaves_the_page() {
    for (name, _, pdf) in papers() {
        let Some(pages) = words("nothing_lies_over_anything_or_leaves_the_page", pdf) else { return };
        for (number, page) in pages.iter().enumerate() {
            for (at, word) in page.iter().enumerate() {
                let inside = word.x[0] >= MARGINS[0] - 1.0 && word.x[1] <= MARGINS[1] + 1.0;
                assert!(inside && word.y[0] > 40.0 && word.y[1] < 820.0, "{name} page {}: {word:?}", number + 1);
                for other in &page[at + 1..] {
                    let shared = |a: [f64; 2], b: [f64; 2]| (a[1].min(b[1]) - a[0].max(b[0])).max(0.0);
                    let (across, down) = (shared(word.x, other.x), shared(word.y, other.y));
                    let lies_over = across > 1.0 && down > (word.y[1] - word.y[0]).min(other.y[1] - other.y[0]) / 10.0;
                    assert!(!lies_over, "{name} page {}: {word:?} and {other:?}", number + 1);
                }
            }
        }
    }
}

#[test]
fn no_heading_stands_alone_and_page_numbers_are_right() {
    let headings =
        ["Allneeds,onebyone", "Changesmade", "Pointsapersonconfirms", "Evidence", "Appendix:theotherreadings"];
    let areas = ["Hardware", "System", "Software", "Network", "Storage", "Security", "Monitoring"];
    let counts = [1, 39, 47];
    let counted = counts.map(|n| (format!("{n} needs"), saved(&format!("needs-{n}"), &samples::large(n))));
    let edges = (44..54).map(|n| (format!("{n} and one"), saved(&format!("areas-{n}"), &samples::two_areas(n))));
    let named = papers().map(|(name, _, pdf)| (name.to_owned(), pdf.clone()));
    for (name, pdf) in counted.into_iter().chain(edges).chain(named) {
        let Some(pages) = words("no_heading_stands_alone_and_page_numbers_are_right", &pdf) else { return };
        for (number, page) in pages.iter().enumerate() {
            let mut lines: BTreeMap<i64, Vec<&Word>> = BTreeMap::new();
            for word in page {
                // Words of one line in one size have the same middle.
                lines.entry(((word.y[0] + word.y[1]) * 2.0).round() as i64).or_default().push(word);
            }
            let foot = format!("Page{}of{}", number + 1, pages.len());
            let whole = |words: &[&Word]| words.iter().map(|w| w.text.as_str()).collect::<String>();
            let last = lines.values().next_back().map(|words| whole(words)).unwrap_or_default();
            assert!(last.ends_with(&foot), "{name}: page {} says {last}", number + 1);
            let rows: Vec<(f64, String)> = lines.values().map(|words| (words[0].y[1], whole(words))).collect();
            for (at, (y, text)) in rows.iter().enumerate() {
                let heading = headings.contains(&text.as_str()) || number > 0 && areas.contains(&text.as_str());
                if heading {
                    let below = rows.get(at + 1).map_or(f64::MAX, |(next, _)| next - y);
                    assert!(below < 40.0, "{name} page {}: nothing below {text}", number + 1);
                }
            }
        }
    }
}

#[test]
fn the_cover_points_to_the_page_of_the_points() {
    for Sample { name, pdf, .. } in ["typical", "large", "hostile"].map(sample) {
        let Some(pages) = words("the_cover_points_to_the_page_of_the_points", pdf) else { return };
        let text = |page: &[Word]| page.iter().map(|w| w.text.clone()).collect::<Vec<_>>().join(" ");
        let pages: Vec<String> = pages.iter().map(|page| text(page)).collect();
        let said = pages.iter().find_map(|page| page.split_once("a date on page ").map(|(_, rest)| rest)).unwrap();
        let said: usize = said.split('.').next().unwrap().parse().unwrap();
        assert!(pages[said - 1].contains("Points a person confirms"), "{name}: not on page {said}");
    }
}

/// What wants a hand stands first, and each line names the page on which the server's own account begins.
#[test]
fn a_setup_has_its_servers_in_front() {
    let Setup { reports, pdf } = setup();
    let Some(pages) = words("a_setup_has_its_servers_in_front", pdf) else { return };
    let text = |page: &[Word]| page.iter().map(|w| w.text.as_str()).collect::<String>();
    let pages: Vec<String> = pages.iter().map(|page| text(page)).collect();
    let front = &pages[0];
    for words in ["Reforms, Large", "Not ready", "One of 4 servers is ready.", "The servers", "Left to do"] {
        assert!(front.contains(&bare(words)), "{words} is not in front: {front}");
    }
    // 38 needs with one of them optional: 27 met, 4 to fix, 6 to confirm
    let row = |name: &str| {
        let begins =
            1 + pages.iter().position(|page| page.starts_with(&bare(&format!("Plumbline Readiness report {name}"))))?;
        Some(format!("27of3746{begins}"))
    };
    assert!(front.contains(&row("chat-02").unwrap()), "{front}");
    let before: String =
        pages.iter().take_while(|page| !page.starts_with("PlumblineReadinessreportchat-04")).cloned().collect();
    assert!(before.contains("moreareonpage"), "what is left is cut off in front, and says where the rest is");
    for report in reports {
        let name = expected(&report.server.name);
        assert!(before.contains(&name), "{name}");
        assert_eq!(pages.iter().filter(|page| page.starts_with(&format!("PlumblineReadinessreport{name}"))).count(), 1);
    }
    let place = |name: &str| {
        pages.iter().position(|page| page.starts_with(&bare(&format!("Plumbline Readiness report {name}"))))
    };
    assert!(place("chat-04") < place("chat-02") && place("chat-02") < place("chat-01"), "ready comes last");
    sound(pdf);
}

/// No reader of PDF should have to mend it.
fn sound(pdf: &PathBuf) {
    if let Ok(said) = Command::new("qpdf").arg("--check").arg(pdf).output() {
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    } else {
        left_out("paper", "qpdf", "it is not installed");
    }
}

#[test]
fn it_is_tagged_dated_and_fit_for_archives_and_screen_readers() {
    let pdf = &sample("typical").pdf;
    let test = "it_is_tagged_dated_and_fit_for_archives_and_screen_readers";
    let (Some(info), Some(meta), Some(structure)) = (
        tool(test, "pdfinfo", &["-isodates"], pdf, false),
        tool(test, "pdfinfo", &["-meta"], pdf, false),
        tool(test, "pdfinfo", &["-struct"], pdf, false),
    ) else {
        return;
    };
    let says = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    assert_eq!(says("Title:"), "Plumbline readiness report, chat-01");
    assert_eq!(says("Tagged:"), "yes");
    assert_eq!(says("CreationDate:"), "2026-11-20T14:31:07Z");
    assert!(says("Page size:").ends_with("(A4)"));
    for mark in ["<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<", "<rdf:li>en<"] {
        assert!(meta.contains(mark), "{mark}");
    }
    let count =
        |kind: &str| structure.lines().filter(|line| line.trim_start().split([' ', ':']).next() == Some(kind)).count();
    assert!(count("H1") >= 6, "{} headings", count("H1"));
    assert_eq!(count("Table"), 2, "needs and changes");
    assert!(count("TR") >= 45 && count("TH") >= 9, "{} rows, {} heads", count("TR"), count("TH"));
    papers().for_each(|(_, _, pdf)| sound(pdf));
}

/// Files, each judged by PDF/UA-1 and PDF/A-2a: a line for every rule that is broken.
const JUDGE: &str = "
import page, sys
for name in sys.argv[1:]:
    for profile in ['ua1', '2a']:
        report = page.validate_pdf(name, profile=profile)
        for rule in sorted({(failure.rule_id, failure.message) for failure in report.failures}):
            print(name, profile, *rule)
        print(name, profile, 'fits' if report.is_compliant else 'does not fit', report.rules.total, 'rules')
";

/// Whether what each stream says of its length leads to its end mark.
fn streams_are_as_long_as_they_say(pdf: &PathBuf) -> bool {
    const BEGINS: &[u8] = b">>\nstream\n";
    let bytes = std::fs::read(pdf).unwrap();
    let begins = |at: &usize| bytes[*at..].starts_with(BEGINS);
    let starts: Vec<usize> = (0..bytes.len()).filter(begins).collect();
    let ends_well = |at: &usize| {
        let head = String::from_utf8_lossy(&bytes[at.saturating_sub(400)..*at]).into_owned();
        let length = head.rsplit("/Length ").next().map(|rest| rest.chars().take_while(char::is_ascii_digit).collect());
        let length: usize = length.and_then(|digits: String| digits.parse().ok()).unwrap_or_default();
        bytes[at + BEGINS.len()..].get(length..).is_some_and(|rest| rest.starts_with(b"\nendstream"))
    };
    !starts.is_empty() && starts.iter().all(ends_well)
}

/// By a checker that is not ours: page-validation.
#[test]
fn every_paper_fits_the_standards_for_screen_readers_and_archives() {
    let python = std::env::var_os("PLUMB_LAB_PYTHON").unwrap_or_else(|| "python3".into());
    let has = Command::new(&python).args(["-c", "import page; page.validate_pdf"]).output();
    if !has.is_ok_and(|has| has.status.success()) {
        left_out("every_paper_fits_the_standards", "page-validation", "it is not installed");
        return;
    }
    let judge = |pdf: &PathBuf| {
        let said = Command::new(&python).args(["-c", JUDGE]).arg(pdf).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).into_owned()
    };
    for (name, _, pdf) in papers() {
        let said = judge(pdf);
        // a stream whose last byte is a carriage return looks one byte short to it; so that rule is looked at here
        let alone = said.matches("PDFA2A-").count() == 1 && said.contains("ua1 fits");
        let taken_in = alone && said.contains("PDFA2A-STREAM-LENGTH-001") && streams_are_as_long_as_they_say(pdf);
        assert!(taken_in || said.matches(" fits ").count() == 2, "{name}: {said}");
    }
    // It does look: without its language, or not marked as tagged, the same paper does not fit.
    let whole = std::fs::read(&sample("one").pdf).unwrap();
    for (word, other) in [("/Lang", "/Lanq"), ("/Marked true", "/Marked null")] {
        let at = whole.windows(word.len()).position(|part| part == word.as_bytes()).unwrap();
        let mut broken = whole.clone();
        broken[at..at + word.len()].copy_from_slice(other.as_bytes());
        let said = judge(&put("broken", &broken));
        assert!(said.contains("ua1 does not fit"), "{word}: {said}");
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let first = std::fs::read(&sample("typical").pdf).unwrap();
    let mut report = samples::typical();
    assert!(report::pdf(&report).unwrap() == first);
    report.at = "2026-11-21T14:31:07Z".into();
    assert!(report::pdf(&report).unwrap() != first);
}

/// A report that came back from JSON prints the same: `plumb export pdf --from` gives what the app gives.
#[test]
fn a_report_from_json_prints_the_same() {
    for Sample { name, report, pdf } in ["ready", "hostile"].map(sample) {
        let back = Report::from_json(&report.json()).unwrap();
        assert!(report::pdf(&back).unwrap() == std::fs::read(pdf).unwrap(), "{name}");
    }
}

#[test]
fn nothing_at_all_is_still_a_report() {
    let mut report = samples::one();
    report.findings.clear();
    report.at = "some time".into();
    report.role.title.clear();
    report.server.name.clear();
    let pdf = saved("nothing", &report);
    let Some(text) = written("nothing_at_all_is_still_a_report", &pdf) else { return };
    assert!(text.contains("Nothingisneeded.") && text.contains("sometime"), "{text}");
}

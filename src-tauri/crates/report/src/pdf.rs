//! The report as PDF: tagged, with bookmarks, fit for archives (PDF/A-2a) and for screen readers (PDF/UA-1).
//!
//! The data goes to the template as a JSON file of its own. It is never joined with markup, so nothing that a server
//! says can become a command. Fonts and template are part of the program; nothing is read from disk.

use crate::Report;
use crate::moment;
use crate::paper::Paper;
use crate::sheet::Sheet;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// Renders of earlier reports that are kept to make the next one quicker.
const KEPT_RENDERS: usize = 2;

/// The report could not be set. The data cannot cause this; it is a defect of the template, and no file was written.
#[derive(Debug, thiserror::Error)]
#[error("The PDF could not be made: {0}. Nothing was saved. The JSON export has everything; please tell us about it.")]
pub struct PdfError(String);

/// The report as the bytes of a PDF file. The same report gives the same bytes.
pub fn pdf(report: &Report) -> Result<Vec<u8>, PdfError> {
    // The archive standard refuses a PDF that lacks one letter. A test holds that none is lacking; should one be after
    // all, a report in ASCII is better than none.
    let bytes = made(report, &covered).or_else(|_| made(report, &|c| c.is_ascii()));
    typst::comemo::evict(KEPT_RENDERS);
    bytes
}

fn made(report: &Report, covers: &dyn Fn(char) -> bool) -> Result<Vec<u8>, PdfError> {
    let (document, warnings) = set(report, Layout::Close, covers)?;
    if warnings.is_empty() {
        return print(report, &document);
    }
    // The page numbers did not come to rest, which no report we know of does.
    let (document, _) = set(report, Layout::Steady, covers)?;
    print(report, &document)
}

/// How far the place of one thing may depend on the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// Fills the room that is left on a page.
    Close,
    /// Asks for no places, and so always comes to rest.
    Steady,
}

/// Sets the report, and says what the typesetter was not happy with.
fn set(
    report: &Report,
    layout: Layout,
    covers: &dyn Fn(char) -> bool,
) -> Result<(PagedDocument, Vec<String>), PdfError> {
    let paper = Paper::of(report, layout == Layout::Steady, covers);
    let data = serde_json::to_vec(&paper).map_err(|e| PdfError(e.to_string()))?;
    compile(&TYPE.template, data)
}

/// Sets `data` with one of our templates.
fn compile(template: &'static Source, data: Vec<u8>) -> Result<(PagedDocument, Vec<String>), PdfError> {
    let press = Press { template, data: Bytes::new(data) };
    let set = typst::compile(&press);
    let warnings = set.warnings.iter().map(|warning| warning.message.to_string()).collect();
    Ok((set.output.map_err(|errors| first(template, &errors))?, warnings))
}

/// One report for a setup of several servers, as the bytes of a PDF file: how each stands, and what is left on which.
pub fn setup_pdf(name: &str, reports: &[Report]) -> Result<Vec<u8>, PdfError> {
    let made = |covers: &dyn Fn(char) -> bool| {
        let sheet = Sheet::of(name, reports, covers);
        let data = serde_json::to_vec(&sheet).map_err(|e| PdfError(e.to_string()))?;
        let (document, _) = compile(&TYPE.setup, data)?;
        let newest = reports.iter().map(|report| report.at.as_str()).max().unwrap_or_default();
        export(&TYPE.setup, &document, format!("{name} {newest}"), newest)
    };
    let bytes = made(&covered).or_else(|_| made(&|c| c.is_ascii()));
    typst::comemo::evict(KEPT_RENDERS);
    bytes
}

fn print(report: &Report, document: &PagedDocument) -> Result<Vec<u8>, PdfError> {
    let ident = format!("{} {} {}", report.server.name, report.role.id, report.at);
    export(&TYPE.template, document, ident, &report.at)
}

fn export(template: &'static Source, document: &PagedDocument, ident: String, at: &str) -> Result<Vec<u8>, PdfError> {
    let timestamp = timestamp(at);
    // The archive standard wants a date, and there is none where the report's time is not one.
    let standards: &[PdfStandard] = match timestamp {
        Some(_) => &[PdfStandard::A_2a, PdfStandard::Ua_1],
        None => &[PdfStandard::Ua_1],
    };
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Plumbline".to_owned())),
        timestamp,
        standards: PdfStandards::new(standards).map_err(|e| PdfError(e.message().to_string()))?,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| first(template, &errors))
}

/// The first error, with the line of the template it stands in.
fn first(template: &'static Source, errors: &[SourceDiagnostic]) -> PdfError {
    let Some(error) = errors.first() else { return PdfError("no reason given".to_owned()) };
    let empty = Press { template, data: Bytes::new([]) };
    let line = empty.range(error.span).and_then(|range| template.lines().byte_to_line(range.start));
    PdfError(match line {
        Some(line) => format!("template line {}: {}", line + 1, error.message),
        None => error.message.to_string(),
    })
}

/// When the server was read, which is the date of the document; none where the report's time is not one.
fn timestamp(at: &str) -> Option<Timestamp> {
    let moment = moment::read(at)?;
    let (time, offset) = moment.time?;
    let small = |number: i8| u8::try_from(number).ok();
    let (month, day) = (small(moment.date.month())?, small(moment.date.day())?);
    let (hour, minute, second) = (small(time.hour())?, small(time.minute())?, small(time.second())?);
    let datetime = Datetime::from_ymd_hms(i32::from(moment.date.year()), month, day, hour, minute, second)?;
    match offset.seconds() / 60 {
        0 => Some(Timestamp::new_utc(datetime)),
        east => Timestamp::new_local(datetime, east),
    }
}

/// Whether one of our fonts has a letter for `c`.
fn covered(c: char) -> bool {
    TYPE.fonts.iter().any(|font| font.info().coverage.contains(u32::from(c)))
}

/// What every report is set with.
struct Type {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    setup: Source,
}

static TYPE: LazyLock<Type> = LazyLock::new(|| {
    const FONTS: [&[u8]; 4] = [
        include_bytes!("../fonts/IBMPlexSans-Regular.ttf"),
        include_bytes!("../fonts/IBMPlexSans-Medium.ttf"),
        include_bytes!("../fonts/IBMPlexSans-SemiBold.ttf"),
        include_bytes!("../fonts/IBMPlexMono-Regular.ttf"),
    ];
    let fonts: Vec<Font> = FONTS.into_iter().flat_map(|font| Font::iter(Bytes::new(font))).collect();
    Type {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        template: Source::new(*TEMPLATE, include_str!("../template/report.typ").to_owned()),
        setup: Source::new(file("setup.typ"), include_str!("../template/setup.typ").to_owned()),
    }
});

static TEMPLATE: LazyLock<FileId> = LazyLock::new(|| file("report.typ"));
static DATA: LazyLock<FileId> = LazyLock::new(|| file("report.json"));

#[expect(clippy::expect_used, reason = "both names stand in this file and are plain")]
fn file(name: &str) -> FileId {
    RootedPath::new(VirtualRoot::Project, VirtualPath::new(name).expect("a plain name is a path")).intern()
}

/// All the world there is for the template: itself and the data.
struct Press {
    template: &'static Source,
    data: Bytes,
}

impl World for Press {
    fn library(&self) -> &LazyHash<Library> {
        &TYPE.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &TYPE.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == *DATA { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        TYPE.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
#[path = "../tests/samples/mod.rs"]
mod samples;

#[cfg(test)]
mod tests {
    use super::{Layout, covered, samples, set};

    /// Every letter we have, alone and beside letters of other scripts: no combination may lack its glyph, because the
    /// archive standard allows none to be missing and the whole PDF would be refused.
    #[test]
    fn every_letter_prints() -> Result<(), super::PdfError> {
        let letters: Vec<char> = ('\0'..=char::MAX).filter(|c| covered(*c)).collect();
        assert!(letters.len() > 1000, "{}", letters.len());
        let mut report = samples::one();
        let lines = letters.chunks(40).map(|chunk| {
            let mut line = String::new();
            for c in chunk {
                line.extend(['a', *c, 'α', *c, 'ж', *c, '─', *c, ' ']);
            }
            line
        });
        let lines: Vec<String> = lines.collect();
        report.findings = lines
            .iter()
            .map(|line| {
                let mut finding = report.findings[0].clone();
                finding.title.clone_from(line);
                finding.found.text.clone_from(line);
                finding
            })
            .collect();
        super::made(&report, &covered).map(|_| ())
    }

    /// Hostile names and an empty setup included: whatever is in the reports, there is a PDF, and the same twice.
    #[test]
    fn a_setup_is_one_report() -> Result<(), super::PdfError> {
        let reports: Vec<crate::Report> = samples::all().into_iter().map(|(_, report)| report).collect();
        let pdf = super::setup_pdf("Reforms, Large #set page(fill: red)", &reports)?;
        assert!(pdf.starts_with(b"%PDF"));
        assert_eq!(pdf, super::setup_pdf("Reforms, Large #set page(fill: red)", &reports)?);
        assert!(super::setup_pdf("Nothing yet", &[])?.starts_with(b"%PDF"));
        Ok(())
    }

    /// A layout that does not come to rest has wrong page numbers, and nobody sees it in the bytes.
    #[test]
    fn every_layout_comes_to_rest() -> Result<(), super::PdfError> {
        for (name, report) in samples::all() {
            assert_eq!(set(&report, Layout::Close, &covered)?.1, Vec::<String>::new(), "{name}");
        }
        for needs in [0, 1, 4, 17, 38, 44, 52] {
            let (close, warnings) = set(&samples::large(needs), Layout::Close, &covered)?;
            assert_eq!(warnings, Vec::<String>::new(), "{needs} needs");
            let (steady, warnings) = set(&samples::large(needs), Layout::Steady, &covered)?;
            assert_eq!(warnings, Vec::<String>::new(), "{needs} needs, steady");
            assert!(close.pages().len() <= steady.pages().len(), "{needs} needs");
        }
        for seed in 0..6 {
            let (_, warnings) = set(&samples::uneven(12 + seed * 7, seed), Layout::Close, &covered)?;
            assert_eq!(warnings, Vec::<String>::new(), "uneven {seed}");
        }
        Ok(())
    }
}

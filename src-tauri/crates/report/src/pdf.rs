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

/// The report as the bytes of a PDF file. The same report gives the same bytes. What makes the next one quicker stays in
/// memory: who makes many calls [`forget_pages`] after each.
pub fn pdf(report: &Report) -> Result<Vec<u8>, PdfError> {
    let ident = format!("{} {} {}", report.server.name, report.role.id, report.at);
    printed(&TYPE.report, ident, &report.at, &|layout, covers| {
        serde_json::to_vec(&Paper::of(report, layout == Layout::Steady, covers))
    })
}

/// One report for a setup of several servers, as the bytes of a PDF file: in front how each stands and what is left on
/// it, then the account of each.
pub fn setup_pdf(name: &str, reports: &[Report]) -> Result<Vec<u8>, PdfError> {
    let newest = reports.iter().map(|report| report.at.as_str()).max().unwrap_or_default();
    printed(&TYPE.setup, format!("{name} {newest}"), newest, &|layout, covers| {
        serde_json::to_vec(&Sheet::of(name, reports, layout == Layout::Steady, covers))
    })
}

/// Gives back the memory of pages that none of the last reports had.
pub fn forget_pages() {
    typst::comemo::evict(KEPT_RENDERS);
}

/// How far the place of one thing may depend on the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// Fills the room that is left on a page.
    Close,
    /// Asks for no places, and so always comes to rest.
    Steady,
}

/// What a template is given, as JSON: by how it is to be laid out, and by which letters there are.
type Data<'a> = dyn Fn(Layout, &dyn Fn(char) -> bool) -> serde_json::Result<Vec<u8>> + 'a;

fn printed(template: &'static Source, ident: String, at: &str, data: &Data<'_>) -> Result<Vec<u8>, PdfError> {
    let made = |covers: &dyn Fn(char) -> bool| export(template, &settled(template, data, covers)?, ident.clone(), at);
    // The archive standard refuses a PDF that lacks one letter. A test holds that none is lacking; should one be after
    // all, a report in ASCII is better than none.
    made(&covered).or_else(|_| made(&|c| c.is_ascii()))
}

/// The pages, with page numbers that are right.
fn settled(
    template: &'static Source,
    data: &Data<'_>,
    covers: &dyn Fn(char) -> bool,
) -> Result<PagedDocument, PdfError> {
    let (document, warnings) = set(template, data, Layout::Close, covers)?;
    if warnings.is_empty() {
        return Ok(document);
    }
    // The page numbers did not come to rest, which no report we know of does.
    Ok(set(template, data, Layout::Steady, covers)?.0)
}

/// Sets the pages, and says what the typesetter was not happy with.
fn set(
    template: &'static Source,
    data: &Data<'_>,
    layout: Layout,
    covers: &dyn Fn(char) -> bool,
) -> Result<(PagedDocument, Vec<String>), PdfError> {
    let data = data(layout, covers).map_err(|e| PdfError(e.to_string()))?;
    let press = Press { template, data: Bytes::new(data) };
    let set = typst::compile(&press);
    let warnings = set.warnings.iter().map(|warning| warning.message.to_string()).collect();
    Ok((set.output.map_err(|errors| first(template, &errors))?, warnings))
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
    let at = error.span.id().and_then(|id| Some((TYPE.source(id)?, empty.range(error.span)?)));
    let line = at.and_then(|(source, range)| Some((source, source.lines().byte_to_line(range.start)?)));
    PdfError(match line {
        Some((source, line)) => {
            format!("{}, line {}: {}", source.id().vpath().get_without_slash(), line + 1, error.message)
        }
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
    /// What both templates are made of.
    account: Source,
    report: Source,
    setup: Source,
}

impl Type {
    fn source(&self, id: FileId) -> Option<&Source> {
        [&self.account, &self.report, &self.setup].into_iter().find(|source| source.id() == id)
    }
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
        account: Source::new(file("account.typ"), include_str!("../template/account.typ").to_owned()),
        report: Source::new(file("report.typ"), include_str!("../template/report.typ").to_owned()),
        setup: Source::new(file("setup.typ"), include_str!("../template/setup.typ").to_owned()),
    }
});

static DATA: LazyLock<FileId> = LazyLock::new(|| file("report.json"));

#[expect(clippy::expect_used, reason = "the names stand in this file and are plain")]
fn file(name: &str) -> FileId {
    RootedPath::new(VirtualRoot::Project, VirtualPath::new(name).expect("a plain name is a path")).intern()
}

/// All the world there is for a template: its parts and the data.
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
        TYPE.source(id).cloned().ok_or(FileError::AccessDenied)
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
    use super::{Layout, Paper, PdfError, Sheet, TYPE, covered, samples};
    use crate::Report;

    /// The number of pages, and what the typesetter was not happy with.
    fn set(report: &Report, layout: Layout) -> Result<(usize, Vec<String>), PdfError> {
        let steady = layout == Layout::Steady;
        let data = |_, covers: &dyn Fn(char) -> bool| serde_json::to_vec(&Paper::of(report, steady, covers));
        let (document, warnings) = super::set(&TYPE.report, &data, layout, &covered)?;
        Ok((document.pages().len(), warnings))
    }

    /// Every letter we have, alone and beside letters of other scripts: no combination may lack its glyph, because the
    /// archive standard allows none to be missing and the whole PDF would be refused.
    #[test]
    fn every_letter_prints() -> Result<(), PdfError> {
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
        let data = |_, covers: &dyn Fn(char) -> bool| serde_json::to_vec(&Paper::of(&report, false, covers));
        let document = super::settled(&TYPE.report, &data, &covered)?;
        super::export(&TYPE.report, &document, String::new(), &report.at).map(|_| ())
    }

    /// Hostile names and an empty setup included: whatever is in the reports, there is a PDF, and the same twice.
    #[test]
    fn a_setup_is_one_report() -> Result<(), PdfError> {
        let reports: Vec<crate::Report> = samples::all().into_iter().map(|(_, report)| report).collect();
        let pdf = super::setup_pdf("Reforms, Large #set page(fill: red)", &reports)?;
        assert!(pdf.starts_with(b"%PDF"));
        assert_eq!(pdf, super::setup_pdf("Reforms, Large #set page(fill: red)", &reports)?);
        assert!(super::setup_pdf("Nothing yet", &[])?.starts_with(b"%PDF"));
        Ok(())
    }

    /// Each account begins on a page of its own, so that the number of servers does not keep the layout from rest.
    #[test]
    fn a_large_setup_comes_to_rest() -> Result<(), PdfError> {
        let mut reports: Vec<Report> = (0..9).map(|seed| samples::uneven(10 + seed * 5, seed)).collect();
        reports.push(samples::large(120));
        let data = |_, covers: &dyn Fn(char) -> bool| serde_json::to_vec(&Sheet::of("Ten", &reports, false, covers));
        assert_eq!(super::set(&TYPE.setup, &data, Layout::Close, &covered)?.1, Vec::<String>::new());
        Ok(())
    }

    /// A layout that does not come to rest has wrong page numbers, and nobody sees it in the bytes.
    #[test]
    fn every_layout_comes_to_rest() -> Result<(), PdfError> {
        for (name, report) in samples::all() {
            assert_eq!(set(&report, Layout::Close)?.1, Vec::<String>::new(), "{name}");
        }
        for needs in [0, 1, 4, 17, 38, 44, 52] {
            let (close, warnings) = set(&samples::large(needs), Layout::Close)?;
            assert_eq!(warnings, Vec::<String>::new(), "{needs} needs");
            let (steady, warnings) = set(&samples::large(needs), Layout::Steady)?;
            assert_eq!(warnings, Vec::<String>::new(), "{needs} needs, steady");
            assert!(close <= steady, "{needs} needs");
        }
        for seed in 0..6 {
            let (_, warnings) = set(&samples::uneven(12 + seed * 7, seed), Layout::Close)?;
            assert_eq!(warnings, Vec::<String>::new(), "uneven {seed}");
        }
        Ok(())
    }
}

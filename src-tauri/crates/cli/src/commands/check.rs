//! `plumb check`: reads a server once and judges it for a role.

use crate::args::{CheckArgs, Measure};
use crate::ask;
use crate::commands::findings;
use crate::outcome::{Failure, OrBadArguments, OrUnreached, Outcome};
use crate::print::{Ink, println, safe};
use anyhow::{Context, anyhow};
use profiles::{Catalog, Problem, RoleChoice};
use session::history;
use session::store::Store;
use session::{Aim, CheckProgress, Examination, Session, StorageKey, What, Words, WorkError};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

pub(crate) async fn run(args: CheckArgs) -> Result<Outcome, Failure> {
    let catalog = catalog(&args.role.profile)?;
    let choice = choice(&args.role.role)?;
    // A role that does not exist is said before anybody is called.
    catalog.needs(&choice).or_bad_arguments()?;
    let words = words(&args)?;
    let mut session = args.place.open(catalog).await?;
    session.take_words(words);
    // A check in a file can become a playbook or a script later, so it holds the plan as well. Working that out asks the
    // package manager, which takes seconds: whoever only reads the verdict does not wait for it.
    // In a recording it is there already.
    let saved = args.json.as_deref().is_some_and(|path| path != Path::new("-") || args.place.facts.is_some());
    let aim = if saved { Aim::Change } else { Aim::Judge };
    look(&mut session, choice, aim).await?;
    measure(&mut session, &args.measure).await?;
    measure_storage(&mut session, &args).await?;
    remember(&session);
    let report = session.report().map_err(failure)?;
    let examination = session.examination().ok_or_else(|| failure(WorkError::NotExamined))?;
    for said in &examination.without_effect {
        eprintln!("Without effect: {}", safe(said));
    }
    write_out(args.facts_out.as_deref(), || Ok(examination.raw.clone()))?;
    write_out(args.json.as_deref(), || Ok(format!("{}\n", report.json()).into_bytes()))?;
    write_out(args.pdf.as_deref(), || Ok(report::pdf(&report)?))?;
    write_out(args.junit.as_deref(), || Ok(report.junit().into_bytes()))?;
    if args.json.as_deref() != Some(Path::new("-")) {
        print(examination, &session.server().name);
    }
    Ok(outcome(examination))
}

/// Keeps the check for `plumb drift` and for the window. That this computer cannot is no reason to hold back what was found.
pub(crate) fn remember(session: &Session) {
    let kept = Store::of_this_user().map_err(WorkError::from).and_then(|store| history::keep(session, &store));
    if let Err(error) = kept {
        eprintln!("This check cannot be compared with later ones, because it could not be kept: {error}");
    }
}

/// Measures what was asked for, each with its cost said first.
async fn measure(session: &mut Session, wanted: &[Measure]) -> Result<(), Failure> {
    for what in session.measurable() {
        let asked = match what {
            What::Disk(_) => Measure::Disk,
            What::Processor => Measure::Cpu,
            What::Path => Measure::Path,
            What::Ports(_) => Measure::Ports,
            What::Services(_) => Measure::Services,
            What::Outbound(_) => Measure::Outbound,
            // Which one it is says the person, and no role.
            What::Storage(_) => continue,
        };
        if !wanted.contains(&asked) {
            continue;
        }
        eprintln!("{}", what.cost());
        session.measure(&what, &mut |_| {}).await.map_err(failure)?;
        tell_last(session);
    }
    Ok(())
}

/// Tries the place for files that was named, with its owner's key where one is given.
async fn measure_storage(session: &mut Session, args: &CheckArgs) -> Result<(), Failure> {
    let Some(storage) = &args.s3 else { return Ok(()) };
    let key = match args.s3_key_fd {
        Some(number) => Some(ask::from_descriptor(number, "--s3-key-fd").or_bad_arguments()?),
        None if args.ask_s3_key => {
            Some(ask::person("Key for the storage (ID:SECRET): ", "--s3-key-fd N").or_bad_arguments()?)
        }
        None => None,
    };
    eprintln!("{}", What::Storage(storage.clone()).cost());
    session.measure_storage(storage.clone(), key.map(StorageKey::from)).await.map_err(failure)?;
    tell_last(session);
    Ok(())
}

fn tell_last(session: &Session) {
    let measured = session.examination().and_then(|examination| examination.measured.last());
    for line in measured.map(measured_lines).unwrap_or_default() {
        eprintln!("  {}", safe(&line));
    }
}

fn measured_lines(measured: &session::Measured) -> Vec<String> {
    match &measured.withheld {
        Some(why) => vec![format!("Not measured. {why}")],
        None => {
            let figure = |f: &session::Figure| format!("{}: {} ({})", f.title, f.text, f.spread);
            let port = |port: &session::Port| format!("{}: {} {}", port.name, port.sentence, port.next);
            measured.figures.iter().map(figure).chain(measured.ports.iter().map(port)).collect()
        }
    }
}

/// What people said beforehand, from the files named. A file that cannot be read is said before anybody is called.
fn words(args: &CheckArgs) -> Result<Words, Failure> {
    let mut words = Words::default();
    if let Some(file) = &args.confirm {
        words.answers = said(file, profiles::parse_answers)?;
    }
    if let Some(file) = &args.waive {
        words.aside = said(file, profiles::parse_waivers)?;
    }
    Ok(words)
}

/// What a file of a person's words holds, or every place where it is wrong.
type Said<T> = Result<Vec<T>, Vec<Problem>>;

fn said<T>(file: &Path, parse: fn(&str, &str) -> Said<T>) -> Result<Vec<T>, Failure> {
    let name = file.to_string_lossy();
    let text = std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read")).or_bad_arguments()?;
    parse(&name, &text).map_err(|problems| anyhow!(join(&problems))).or_bad_arguments()
}

/// The built-in products and the files given beside them.
pub(crate) fn catalog(files: &[std::path::PathBuf]) -> Result<Arc<Catalog>, Failure> {
    let mut catalog = profiles::catalog().clone();
    for file in files {
        let name = file.to_string_lossy();
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read")).or_bad_arguments()?;
        let problems = profiles::parse(&name, &text).and_then(|profile| catalog.add(&name, profile));
        problems.map_err(|problems| anyhow!(join(&problems))).or_bad_arguments()?;
    }
    Ok(Arc::new(catalog))
}

fn join(problems: &[profiles::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

pub(crate) fn choice(role: &str) -> Result<RoleChoice, Failure> {
    role.parse().or_bad_arguments()
}

/// Examines, with progress on standard error where somebody looks.
pub(crate) async fn look(session: &mut Session, choice: RoleChoice, aim: Aim) -> Result<(), Failure> {
    let shown = std::io::stderr().is_terminal();
    let mut progress = |step: CheckProgress| {
        if let (true, CheckProgress::Reading { done, total, .. }) = (shown, step) {
            eprint!("\rReading … {done} of {total}");
        }
    };
    let looked = session.examine(choice, aim, &mut progress).await;
    if shown {
        eprint!("\r\u{1b}[K");
    }
    looked.map(|_| ()).map_err(failure)
}

fn print(examination: &Examination, server: &str) {
    let ink = Ink::for_stdout();
    println!("{} for {}", ink.bold(&safe(server)), examination.title);
    findings::print(&examination.findings, ink);
    let counts = findings::counts_line(&examination.counts);
    let word = findings::overall_word(examination.overall, &examination.counts, ink);
    println!("\n{} is {word}: {counts}.", safe(server));
}

/// Ready, not ready, or not to be told: the exit code of a check.
pub(crate) fn outcome(examination: &Examination) -> Outcome {
    match checks::exit_code(&examination.findings) {
        0 => Outcome::Ready,
        2 => Outcome::CouldNotTell,
        _ => Outcome::NotReady,
    }
}

/// Writes a file whole, or to standard output for `-`.
fn write_out(path: Option<&Path>, make: impl FnOnce() -> anyhow::Result<Vec<u8>>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let bytes = make().or_unreached()?;
    if path == Path::new("-") {
        return std::io::stdout().write_all(&bytes).or_unreached();
    }
    session::store::write_whole(path, &bytes)
        .with_context(|| format!("{} cannot be written", path.display()))
        .or_unreached()
}

/// An error of the walk, in the words made for people and with the exit code for scripts.
pub(crate) fn failure(error: WorkError) -> Failure {
    let outcome = match &error {
        WorkError::NotAProbe | WorkError::NoSuchChange(_) | WorkError::NoSuchRun(_) | WorkError::Role(_) => {
            Outcome::BadArguments
        }
        _ => Outcome::Unreached,
    };
    let told = match &error {
        WorkError::Remote(remote) => crate::place::told(remote),
        other => anyhow!("{other}\n{}\n{}\n({})", other.safe(), other.next(), other.code()),
    };
    Failure { outcome, error: told }
}

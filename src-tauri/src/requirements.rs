//! Requirement files that a person opens or drops: read here, kept and judged by `session`.

use crate::desk::Desk;
use crate::failure;
use crate::wire::RequirementsOpened;
use crate::wire::choosing::{offer, said};
use session::requirements::{NotTaken, read, take};
use std::path::Path;

pub(crate) fn opened(desk: &Desk, path: &Path) -> RequirementsOpened {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match read(path) {
        Ok(text) => dropped(desk, &name, &text),
        Err(error) => RequirementsOpened::Refused { failure: failure::of_store(error), problems: Vec::new() },
    }
}

/// The same, from a file of this name that was dropped on the window.
pub(crate) fn dropped(desk: &Desk, name: &str, text: &str) -> RequirementsOpened {
    let taken = desk.store().map_err(NotTaken::from).and_then(|store| take(&store, name, text));
    match taken {
        Ok(name) => RequirementsOpened::Opened { name, offer: offer(&desk.shelf()) },
        Err(NotTaken::Wrong(problems)) => {
            let problems = said(&problems);
            let failure = failure::of_requirements(name, problems.join("\n"));
            RequirementsOpened::Refused { failure, problems }
        }
        Err(NotTaken::Store(error)) => {
            RequirementsOpened::Refused { failure: failure::of_store(error), problems: Vec::new() }
        }
    }
}

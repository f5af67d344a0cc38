//! `plumb profile check FILE…`: validates requirement files, with file, line and a hint for every problem.

use crate::args::ProfileCommand;
use crate::outcome::{Failure, OrBadArguments, Outcome};
use crate::print::println;
use anyhow::Context;

/// Files that are named together may build on each other. A file of a built-in product is a newer version of it.
pub(crate) fn run(command: ProfileCommand) -> Result<Outcome, Failure> {
    let ProfileCommand::Check { files } = command;
    let mut catalog = profiles::catalog().clone();
    let mut read = Vec::new();
    for file in &files {
        let name = file.to_string_lossy();
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read")).or_bad_arguments()?;
        let profile = profiles::parse(&name, &text);
        if let Ok(own) = &profile
            && !own.is_an_addition()
        {
            catalog.remove(&own.id);
        }
        read.push((name, profile));
    }
    // what others add to comes first
    read.sort_by_key(|(_, profile)| profile.as_ref().is_ok_and(|profile| profile.is_an_addition()));
    let mut problems = 0;
    for (name, profile) in read {
        let added = profile.and_then(|profile| {
            let title = profile.title.clone();
            catalog.add(&name, profile).map(|()| title)
        });
        match added {
            Ok(title) => println!("{name}: good ({title})"),
            Err(found) => {
                problems += found.len();
                for problem in found {
                    println!("{problem}");
                }
            }
        }
    }
    Ok(if problems == 0 { Outcome::Ready } else { Outcome::BadArguments })
}

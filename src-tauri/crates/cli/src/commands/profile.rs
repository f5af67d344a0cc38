//! `plumb profile check FILE…`: validates requirement files, with file, line and a hint for every problem.

use crate::args::ProfileCommand;
use crate::outcome::{Failure, OrBadArguments, Outcome};
use crate::print::println;
use anyhow::Context;

pub(crate) fn run(command: ProfileCommand) -> Result<Outcome, Failure> {
    let ProfileCommand::Check { files } = command;
    let mut problems = 0;
    for file in &files {
        let name = file.to_string_lossy();
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read")).or_bad_arguments()?;
        let added = profiles::parse(&name, &text).and_then(|profile| {
            let mut catalog = profiles::catalog().clone();
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

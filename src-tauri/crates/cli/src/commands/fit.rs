//! `plumb fit`: which of all roles a server could carry, limited by what, after which changes.

use crate::args::Where;
use crate::commands::{check, print_json};
use crate::outcome::{Failure, OrUnreached, Outcome};
use crate::print::{Ink, column, println, safe};
use anyhow::anyhow;
use checks::FitAnswer;
use serde_json::json;

pub(crate) async fn run(place: Where, json: bool) -> Result<Outcome, Failure> {
    let catalog = check::catalog(&[])?;
    // Every role is judged from the same reading; which one is asked for makes no difference.
    let any = catalog.roles().into_iter().next().ok_or_else(|| anyhow!("there is no role")).or_unreached()?;
    let mut session = place.open(catalog).await?;
    check::look(&mut session, any, session::Aim::Judge).await?;
    let matrix = session.examination().map(|examination| &examination.fit).ok_or_else(|| anyhow!("nothing was read"));
    let matrix = matrix.or_unreached()?;
    if json {
        print_json(&json!({ "schema": 1, "server": session.server().name, "fit": matrix.rows }))?;
        return Ok(Outcome::Ready);
    }
    let ink = Ink::for_stdout();
    let possible = matrix.rows.iter().filter(|row| row.answer == FitAnswer::Yes).count();
    println!("{} could carry {possible} of {} roles.", ink.bold(&safe(&session.server().name)), matrix.rows.len());
    for row in &matrix.rows {
        let sentence = safe(&row.sentence);
        let sentence = match row.answer {
            FitAnswer::Yes => ink.green(&sentence),
            FitAnswer::Almost => ink.amber(&sentence),
            FitAnswer::No | FitAnswer::CouldNotTell => sentence,
        };
        println!("  {} {} {sentence}", column(&row.product, 20), column(&row.title, 34));
    }
    Ok(Outcome::Ready)
}

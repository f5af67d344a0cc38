//! `plumb catalog`: every row of the requirement catalogue and how it is covered.

use crate::commands::print_json;
use crate::outcome::{Failure, Outcome};
use crate::print::{column, println};
use profiles::CoveredHow;
use serde_json::json;

pub(crate) fn run(json: bool) -> Result<Outcome, Failure> {
    let rows = profiles::catalog().coverage();
    if json {
        print_json(&json!({ "schema": 1, "rows": rows }))?;
        return Ok(Outcome::Ready);
    }
    for row in &rows {
        let how = match row.how {
            CoveredHow::Need => "need",
            CoveredHow::Confirmation => "your word",
            CoveredHow::Calculator => "calculator",
            CoveredHow::RollUp => "roll-up",
            CoveredHow::Note => "note",
        };
        println!("{} {} {}", column(&row.row, 8), column(how, 11), row.text);
    }
    Ok(Outcome::Ready)
}

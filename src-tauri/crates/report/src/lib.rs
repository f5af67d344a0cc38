//! What leaves the app: one finished account of a server, as PDF, JSON, JUnit and CSV, and its plan as a playbook.
//!
//! [`Report`] is plain data; every export is a function of it alone. Deliberately absent: judging, any file, any clock,
//! any secret. Times come in as text, bytes go out, and whoever calls decides where they go.
//!
//! ```
//! # fn save(report: &report::Report) -> Result<(), report::ReadError> {
//! let text = report.json();
//! assert_eq!(report::Report::from_json(&text)?.json(), text);
//! # Ok(())
//! # }
//! ```
#[cfg(test)]
extern crate self as report;

mod account;
mod alerts;
mod ansible;
mod breaks;
mod csv;
mod json;
mod junit;
mod legible;
mod moment;
mod note;
mod paper;
mod pdf;
mod seal;
mod sheet;
mod tally;
mod words;
mod yaml;

pub use account::{
    Answer, App, Confirmation, Left, Made, Measurement, Outcome, Privilege, Report, Role, Run, Server, Timings, Word,
};
pub use alerts::AlertFiles;
pub use ansible::Playbook;
pub use json::{ReadError, SCHEMA};
pub use pdf::{PdfError, forget_pages, pdf, setup_pdf};
pub use tally::Tally;

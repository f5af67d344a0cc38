//! Facts judged by needs: `judge(&needs, &facts, today)` gives findings, each in plain words with its evidence.
//!
//! Deliberately absent: where facts come from and what is done about a finding. No I/O, no clock.
//!
//! ```
//! use facts::{Facts, Key, Reading, Value};
//! let mut facts = Facts::default();
//! facts.learn("cpu.cores".parse().unwrap(), Reading::reported(Value::Count(4)), vec![]);
//! let needs = profiles::needs(&"dusk/prover?workers=6".parse().unwrap()).unwrap();
//! let findings = checks::judge(&needs, &facts, "2026-11-20");
//! let cores = findings.iter().find(|finding| finding.id == "dusk.prover.cores").unwrap();
//! assert_eq!(cores.verdict, checks::Verdict::Short);
//! assert_eq!(cores.sentence, "Processor cores: 4 cores. Needed: 6 cores.");
//! assert_eq!(checks::exit_code(&findings), 1);
//! ```
mod bound;
mod calculations;
pub mod calculators;
mod day;
mod drift;
mod finding;
mod fit;
mod judge;
mod keys;
mod maintained;
mod overall;
mod sentence;
mod together;
mod word;

pub use calculations::{Calculation, calculations};
pub use drift::{Drift, drift};
pub use finding::{
    Confirmation, Counts, Figure, Finding, Maintained, MaintainedState, Overall, PartFinding, Verdict, Waiver,
};
pub use fit::{FitAnswer, FitCell, FitRow, FitState, Matrix, fit, fit_roles};
pub use judge::{judge, judge_one, judge_with};
pub use keys::{keys, keys_of_roles};
pub use overall::{counts, exit_code, overall};
pub use sentence::reason;
pub use together::{Conflict, together};
pub use word::{Question, confirm, questions, waive};

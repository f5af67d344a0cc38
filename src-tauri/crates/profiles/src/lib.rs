//! What a role needs: requirement files, read and checked.
//!
//! Deliberately absent: judging (that is `checks`), any expression language, any I/O beyond the text handed in.
//!
//! ```
//! let prover = "dusk/prover?workers=6".parse().unwrap();
//! let needs = profiles::needs(&prover).unwrap();
//! let cores = needs.iter().find(|need| need.id == "dusk.prover.cores").unwrap();
//! assert_eq!(cores.needed_text(), "6 cores");
//! assert_eq!(cores.arithmetic.as_deref(), Some("6 cores: 1 per worker, at least 4"));
//! ```
mod catalog;
mod choice;
mod coverage;
mod figure;
mod headline;
mod need;
mod parse;
mod profile;
mod scale;
mod support;
mod template;
mod tunings;
mod units;
mod word;

pub use catalog::{Catalog, catalog, needs};
pub use choice::{BadChoice, RoleChoice, Scale};
pub use coverage::{Covered, CoveredHow};
pub use figure::{Said, say, say_any, say_bytes, say_list, thousands};
pub use headline::Headline;
pub use need::{Area, Beyond, BeyondVerdict, Bound, CatalogRow, Condition, Meets, Need, Part, Severity, Source};
pub use parse::{Problem, nearest, parse};
pub use profile::{BadRole, Document, Profile, Role, RoleOption, ScaleRange};
pub use scale::magnitude;
pub use support::{Cycle, Support};
pub use tunings::{
    AlertRule, MakersSource, PackageChoice, Permission, PortRule, PortSource, PostgresValue, Tuning, TuningKind,
};
pub use units::{GB_OF_DISK, GB_OF_MEMORY, is_decimal, quantity_in_text, text_is_quantity, value_of};
pub use word::{Answer, SetAside, parse_answers, parse_waivers};

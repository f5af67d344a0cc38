//! How long the makers of a component mend it: a table with its own date, because what it says grows old.

use crate::parse::Problem;
use facts::Version;

/// End-of-support data, as of one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Support {
    /// The day the table was last compared with its sources, `2026-11-20`.
    pub as_of: String,
    /// Days after which the table is too old to say that something is still mended.
    pub good_for_days: u32,
    pub cycles: Vec<Cycle>,
}

/// One line of releases that is mended together, such as PostgreSQL 15.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// A program as facts name it (`postgresql`), or an os-release id (`ubuntu`).
    pub name: String,
    /// What people call it: "PostgreSQL".
    pub title: String,
    /// The leading numbers that its versions share: 15, or 22.04.
    pub version: Version,
    /// Last day of support, `2027-11-11`.
    pub until: String,
    /// Last day of longer support, where there is one.
    pub longer_until: Option<String>,
    /// Whether that longer support comes only by a contract or a subscription.
    pub longer_is_arranged: bool,
    /// What to move to.
    pub suggest: Option<String>,
    pub note: Option<String>,
}

impl Support {
    /// The cycle that a version belongs to: the one that shares most leading numbers.
    pub fn cycle(&self, name: &str, version: &Version) -> Option<&Cycle> {
        let of_name = self.cycles.iter().filter(|cycle| cycle.name == name);
        let holding = of_name.filter(|cycle| version.numbers().starts_with(cycle.version.numbers()));
        holding.max_by_key(|cycle| cycle.version.numbers().len())
    }

    pub(crate) fn parse(file: &str, text: &str) -> Result<Support, Vec<Problem>> {
        crate::parse::support(file, text)
    }
}

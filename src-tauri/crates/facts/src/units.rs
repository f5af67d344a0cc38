//! Numbers with units and versions: parsed and printed in one place.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A text that is not the number it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not {wanted}")]
pub struct BadUnit {
    pub text: String,
    pub wanted: &'static str,
}

/// A version, compared number by number: 1.10 is newer than 1.9, and 5.15 equals 5.15.0.
///
/// Only the leading run of numbers counts; `1:7.0.15-1~deb12u3` is 7.0.15 (epoch and packaging left out), and the
/// text as printed by the server is kept for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    text: String,
    numbers: Vec<u64>,
}

impl Version {
    /// The text as the server printed it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The numbers that are compared.
    pub fn numbers(&self) -> &[u64] {
        &self.numbers
    }
}

impl FromStr for Version {
    type Err = BadUnit;

    fn from_str(text: &str) -> Result<Self, BadUnit> {
        let text = text.trim();
        let bare = match text.split_once(':') {
            Some((epoch, rest)) if !epoch.is_empty() && epoch.bytes().all(|b| b.is_ascii_digit()) => rest,
            _ => text,
        };
        let bare = bare.trim_start_matches(['v', 'V']);
        let end = bare.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(bare.len());
        let numbers: Option<Vec<u64>> =
            bare[..end].split('.').filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect();
        match numbers {
            Some(numbers) if !numbers.is_empty() => Ok(Version { text: text.to_owned(), numbers }),
            _ => Err(BadUnit { text: text.to_owned(), wanted: "a version such as 15.4" }),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = BadUnit;

    fn try_from(text: String) -> Result<Self, BadUnit> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> String {
        version.text
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let longest = self.numbers.len().max(other.numbers.len());
        let at = |v: &Version, i: usize| v.numbers.get(i).copied().unwrap_or(0);
        (0..longest).map(|i| at(self, i).cmp(&at(other, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use super::Version;

    fn version(text: &str) -> Version {
        text.parse().expect(text)
    }

    #[test]
    fn versions_compare_number_by_number() {
        assert!(version("1.10") > version("1.9"));
        assert_eq!(version("5.15"), version("5.15.0-generic"));
        assert_eq!(version("1:7.0.15-1~deb12u3").numbers(), [7, 0, 15]);
        assert!("generic".parse::<Version>().is_err());
    }

    proptest::proptest! {
        /// Compared as the numbers are, whatever a packager writes around them; zeros at the end say nothing.
        #[test]
        fn a_version_is_as_new_as_its_numbers(a in proptest::collection::vec(0u64..40, 1..5), b in proptest::collection::vec(0u64..40, 1..5), epoch in 0u8..9, revision in "-[a-z0-9~.+]{0,8}") {
            let text = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
            let padded = |numbers: &[u64]| (0..5).map(|i| numbers.get(i).copied().unwrap_or(0)).collect::<Vec<_>>();
            let (of_a, of_b) = (version(&text(&a)), version(&text(&b)));
            proptest::prop_assert_eq!(of_a.cmp(&of_b), padded(&a).cmp(&padded(&b)));
            proptest::prop_assert_eq!(of_b.cmp(&of_a), of_a.cmp(&of_b).reverse());
            let packaged = version(&format!("{epoch}:{}{revision}", text(&a)));
            proptest::prop_assert_eq!(&packaged, &of_a);
            let (read_again, padded) = (version(packaged.as_str()), version(&format!("v{}.0", text(&a))));
            proptest::prop_assert_eq!((&read_again, &padded), (&packaged, &of_a));
        }
    }
}

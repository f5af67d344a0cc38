//! Which role, and how large: the id `dusk/prover?workers=6` taken apart.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A role with its scale and options, as in `reforms/small?users=24&database=mongodb`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoleChoice {
    pub product: String,
    pub role: String,
    /// `workers` or `users`, where the role grows with one.
    pub scale: BTreeMap<Scale, u32>,
    /// Options by name; those left out take the default of the profile.
    pub options: BTreeMap<String, String>,
}

/// What a role can grow with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    Workers,
    Users,
}

impl Scale {
    pub const ALL: [Scale; 2] = [Scale::Workers, Scale::Users];

    /// The word in role ids: `workers`.
    pub fn name(self) -> &'static str {
        match self {
            Scale::Workers => "workers",
            Scale::Users => "users",
        }
    }

    /// One of them: `worker`.
    pub fn one(self) -> &'static str {
        match self {
            Scale::Workers => "worker",
            Scale::Users => "user",
        }
    }
}

/// A role id that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadChoice {
    #[error("a role is written as product/role, such as dusk/prover?workers=6, and \"{0}\" is not")]
    Shape(String),
    #[error("\"{0}\" should read name=value")]
    Setting(String),
    #[error("\"{0}\" stands twice")]
    Twice(String),
    #[error("{name} is a whole number from 1 to 1,000,000, and \"{value}\" is not")]
    Number { name: &'static str, value: String },
}

/// The largest number of workers or users that a role id may name; profiles set closer limits.
const LARGEST_SCALE: u32 = 1_000_000;

impl FromStr for RoleChoice {
    type Err = BadChoice;

    fn from_str(text: &str) -> Result<RoleChoice, BadChoice> {
        let (path, settings) = match text.split_once('?') {
            Some((path, settings)) => (path, Some(settings)),
            None => (text, None),
        };
        let (product, role) = path.split_once('/').ok_or_else(|| BadChoice::Shape(text.to_owned()))?;
        if !is_word(product) || !is_word(role) {
            return Err(BadChoice::Shape(text.to_owned()));
        }
        let mut choice = RoleChoice {
            product: product.to_owned(),
            role: role.to_owned(),
            scale: BTreeMap::new(),
            options: BTreeMap::new(),
        };
        for setting in settings.into_iter().flat_map(|settings| settings.split('&')) {
            let (name, value) = setting.split_once('=').ok_or_else(|| BadChoice::Setting(setting.to_owned()))?;
            if !is_word(name) || value.is_empty() || !value.chars().all(|c| c.is_ascii_graphic() && !"&=?".contains(c))
            {
                return Err(BadChoice::Setting(setting.to_owned()));
            }
            let stood_before = match Scale::ALL.into_iter().find(|scale| scale.name() == name) {
                Some(scale) => {
                    let number = value.parse().ok().filter(|n| (1..=LARGEST_SCALE).contains(n));
                    let bad = || BadChoice::Number { name: scale.name(), value: value.to_owned() };
                    choice.scale.insert(scale, number.ok_or_else(bad)?).is_some()
                }
                None => choice.options.insert(name.to_owned(), value.to_owned()).is_some(),
            };
            if stood_before {
                return Err(BadChoice::Twice(name.to_owned()));
            }
        }
        Ok(choice)
    }
}

/// Lower-case words joined by `-` or `_`, which is all that an id needs.
pub(crate) fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
}

impl fmt::Display for RoleChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.product, self.role)?;
        let scale = self.scale.iter().map(|(scale, n)| (scale.name(), n.to_string()));
        let options = self.options.iter().map(|(name, value)| (name.as_str(), value.clone()));
        for (i, (name, value)) in scale.chain(options).enumerate() {
            write!(f, "{}{name}={value}", if i == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{BadChoice, RoleChoice};

    #[test]
    fn a_choice_reads_as_it_prints() {
        for text in [
            "dusk/prover?workers=6",
            "dusk/provisioner",
            "reforms/small?users=24&compliance=hipaa&database=mongodb",
            "dusk/archiver?api=public&kadcast_port=9001",
        ] {
            assert_eq!(text.parse::<RoleChoice>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_role_id_says_why() {
        let bad = |text: &str| text.parse::<RoleChoice>().expect_err(text);
        assert!(matches!(bad("prover"), BadChoice::Shape(_)));
        assert!(matches!(bad("dusk/../prover"), BadChoice::Shape(_)));
        assert!(matches!(bad("dusk/prover?workers"), BadChoice::Setting(_)));
        assert!(matches!(bad("dusk/prover?workers=0"), BadChoice::Number { .. }));
        assert!(matches!(bad("dusk/prover?workers=2&workers=3"), BadChoice::Twice(_)));
    }
}

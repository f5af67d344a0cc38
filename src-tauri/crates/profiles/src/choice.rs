//! Which role, and how large: the id `dusk/prover?workers=6` taken apart.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

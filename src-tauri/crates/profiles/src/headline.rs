//! The few lines beside the choice of a role: "A prover with 6 workers needs".

use crate::figure::say;
use crate::template::{NeedTemplate, fill};
use crate::{Bound, Need, Part, RoleChoice};

/// One line of the column "A prover with 6 workers needs".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    pub title: String,
    /// "6"; a sentence when `unit` is empty.
    pub value: String,
    pub unit: String,
    /// "1 per worker, at least 4".
    pub arithmetic: Option<String>,
    /// "10 to be comfortable".
    pub comfortable: Option<String>,
}

pub(crate) fn headline(title: &str, template: &NeedTemplate, need: &Need, choice: &RoleChoice) -> Headline {
    let words = |value: String| Headline {
        title: title.to_owned(),
        value,
        unit: String::new(),
        arithmetic: None,
        comfortable: None,
    };
    if let Some(brief) = &template.brief {
        return words(fill(brief, choice));
    }
    let Some(Part { key: Some(key), bound: Bound::AtLeast(value), comfortable, .. }) = need.parts.first() else {
        return words(need.needed_text());
    };
    let said = say(value, key.kind());
    if said.unit.is_empty() {
        return words(need.needed_text());
    }
    let worked = need.arithmetic.as_ref().and_then(|text| Some(text.split_once(": ")?.1.to_owned()));
    let arithmetic = worked.or_else(|| template.caption.as_ref().map(|caption| fill(caption, choice)));
    let comfortable =
        comfortable.as_ref().map(|value| format!("{} to be comfortable", say(value, key.kind()).number()));
    let value = said.number().to_owned();
    Headline { title: title.to_owned(), value, unit: said.unit, arithmetic, comfortable }
}

impl Headline {
    /// Another need under the same heading: words join words ("Node.js 18 or 20, PostgreSQL 15") or stand below a figure,
    /// and a larger figure takes the place of the smaller, which stays as the least.
    pub(crate) fn join(&mut self, other: Headline) {
        let below = match (self.unit.is_empty(), other.unit.is_empty()) {
            (true, true) => {
                self.value = format!("{}, {}", self.value, other.value);
                return;
            }
            (false, true) => other.value,
            (true, false) => std::mem::replace(&mut self.value, other.value),
            (false, false) => {
                let least = format!("{} {} at the least", self.value, self.unit);
                self.value = other.value;
                least
            }
        };
        if !other.unit.is_empty() {
            self.unit = other.unit;
        }
        self.arithmetic = Some(match self.arithmetic.take() {
            Some(first) => format!("{first}, {below}"),
            None => below,
        });
    }
}

//! Figures that grow with a role: so much at least, so much for each worker, so much for every hundred users.

use crate::figure::{say, thousands};
use crate::{RoleChoice, Scale};
use facts::{Kind, Value};

/// A figure of a requirement, fixed or growing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Amount {
    Fixed(Value),
    Growing(Growing),
}

/// required = the larger of `least` and (`base` + `each` x n / `per`) / `share` / `servers`;
/// comfortable = `least` + that sum, where the source can be read both ways.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Growing {
    pub(crate) scale: Scale,
    pub(crate) least: Value,
    pub(crate) base: Option<Value>,
    pub(crate) each: Value,
    /// `each` counts for every so many of the scale, begun ones in full.
    pub(crate) per: u32,
    /// Percent of the thing that may be in use.
    pub(crate) share: u32,
    /// How many servers carry it together.
    pub(crate) servers: u32,
    pub(crate) comfortable: bool,
}

/// A figure worked out for one size.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Worked {
    pub(crate) value: Value,
    pub(crate) comfortable: Option<Value>,
    /// "1 per worker, at least 4".
    pub(crate) arithmetic: Option<String>,
}

impl Amount {
    pub(crate) fn work_out(&self, choice: &RoleChoice, kind: Kind) -> Worked {
        match self {
            Amount::Fixed(value) => Worked { value: value.clone(), comfortable: None, arithmetic: None },
            Amount::Growing(growing) => growing.work_out(choice, kind),
        }
    }
}

impl Growing {
    fn work_out(&self, choice: &RoleChoice, kind: Kind) -> Worked {
        // The profile gives every role its default, so that a scale which is needed is there.
        let n = choice.scale.get(&self.scale).copied().unwrap_or(1).max(1);
        let least = magnitude(&self.least).unwrap_or_default();
        let base = self.base.as_ref().and_then(magnitude).unwrap_or_default();
        let each = magnitude(&self.each).unwrap_or_default();
        let sum = base + each * f64::from(n.div_ceil(self.per.max(1)));
        let grown = sum / (f64::from(self.share.max(1)) / 100.0) / f64::from(self.servers.max(1));
        let comfortable = self.comfortable.then(|| with_magnitude(&self.least, least + grown));
        Worked {
            value: with_magnitude(&self.least, least.max(grown)),
            comfortable,
            arithmetic: Some(self.arithmetic(kind)),
        }
    }

    fn arithmetic(&self, kind: Kind) -> String {
        let number = |value: &Value| say(value, kind).number().to_owned();
        let per = if self.per == 1 {
            format!("per {}", self.scale.one())
        } else {
            format!("per {} {}", thousands(u64::from(self.per)), self.scale.name())
        };
        let mut text = match &self.base {
            Some(base) => format!("{}, plus {} {per}", number(base), number(&self.each)),
            None => format!("{} {per}", number(&self.each)),
        };
        if self.share != 100 {
            text.push_str(&format!(", of which {}% may be in use", self.share));
        }
        if self.servers > 1 {
            text.push_str(&format!(", shared by {} servers", self.servers));
        }
        text.push_str(&format!(", at least {}", number(&self.least)));
        text
    }
}

/// A quantity as a plain number, for sums and comparisons of like with like.
pub fn magnitude(value: &Value) -> Option<f64> {
    match value {
        Value::Count(n) | Value::Bytes(n) => Some(*n as f64),
        Value::Mhz(mhz) => Some(f64::from(*mhz)),
        Value::Mbps(n) | Value::Millis(n) | Value::Percent(n) => Some(*n),
        Value::Absent | Value::Flag(_) | Value::Version(_) | Value::Text(_) | Value::Numbers(_) | Value::List(_) => {
            None
        }
    }
}

/// The like of `example` with another magnitude; whole kinds round up, since a requirement is a least.
fn with_magnitude(example: &Value, magnitude: f64) -> Value {
    // A hair off the ceiling: 2.0000000001 cores are 2 cores.
    let up = (magnitude - 1e-6).ceil().max(0.0);
    match example {
        Value::Count(_) => Value::Count(up as u64),
        Value::Bytes(_) => Value::Bytes(up as u64),
        Value::Mhz(_) => Value::Mhz(up as u32),
        Value::Mbps(_) => Value::Mbps(magnitude),
        Value::Millis(_) => Value::Millis(magnitude),
        Value::Percent(_) => Value::Percent(magnitude),
        other => other.clone(),
    }
}

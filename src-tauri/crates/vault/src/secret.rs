//! A value that can be used and not seen.

use std::fmt;
use zeroize::Zeroizing;

/// Wiped when dropped; `Debug` shows nothing, not even the length. There is no `Display` and no `Clone` by accident.
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: String) -> Self {
        Secret(Zeroizing::new(text))
    }

    /// The text itself. Whoever calls this answers for where it goes.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A second copy, made on purpose.
    pub fn duplicate(&self) -> Self {
        Secret::new(self.0.as_str().to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_shows_nothing() {
        let shown = format!("{:?} {:#?}", Secret::new("hunter2".into()), Some(Secret::new("hunter2".into())));
        assert!(!shown.contains("hunter2") && !shown.contains('7'), "{shown}");
    }
}

//! What stands, before anything is changed, at every place that a change would touch.
//!
//! The script of [`script`] only reads. Its answer is what the preview shows and what the run compares with before it
//! begins: whatever differs by then stops the run.

use crate::sh;
use profiles::{Tuning, TuningKind};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const PICTURE: &str = include_str!("runner/picture.sh");

/// Files we may write, and neighbours that decide how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    files: BTreeMap<String, FileBefore>,
    values: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FileBefore {
    picture: String,
    text: String,
}

impl Before {
    /// Reads what the script printed. A place that was not looked at stays unknown, and the run then does not compare it.
    pub fn read(output: &[u8], nonce: &str) -> Before {
        let mut before = Before::default();
        let mut path = String::new();
        for line in String::from_utf8_lossy(output).lines() {
            let Some((kind, text)) =
                line.strip_prefix(nonce).and_then(|l| l.strip_prefix(' ')).and_then(|l| l.split_once(' '))
            else {
                continue;
            };
            match kind {
                "F" => path = text.to_owned(),
                "P" => before.files.entry(path.clone()).or_default().picture = text.to_owned(),
                "B" => {
                    let file = before.files.entry(path.clone()).or_default();
                    file.text.push_str(text);
                    file.text.push('\n');
                }
                "V" => {
                    if let Some((name, value)) = text.split_once(' ') {
                        before.values.insert(name.to_owned(), value.to_owned());
                    }
                }
                _ => {}
            }
        }
        before
    }

    /// The state line of a path, where somebody looked.
    pub fn picture(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|file| file.picture.as_str()).filter(|picture| !picture.is_empty())
    }

    /// The text of a file that is there.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).filter(|file| !file.picture.ends_with("absent")).map(|file| file.text.as_str())
    }

    pub(crate) fn is_there(&self, path: &str) -> bool {
        self.picture(path).is_some_and(|picture| !picture.ends_with("absent"))
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

/// The script that looks, for these changes. It reads and changes nothing; as an administrator it sees all.
pub fn script(tunings: &[Tuning], nonce: &str) -> String {
    let mut paths: Vec<String> = tunings.iter().flat_map(|tuning| paths(&tuning.kind)).collect();
    paths.sort();
    paths.dedup();
    let mut script =
        format!("{{\nNONCE={}\nLC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\nexport LC_ALL PATH\n", sh::quote(nonce));
    script.push_str(PICTURE);
    script.push_str(include_str!("runner/look.sh"));
    for path in paths {
        let _ = writeln!(script, "look {}", sh::quote(&path));
    }
    script.push_str("look_values\nexit 0\n} </dev/null\n");
    script
}

/// Where a change of this kind may write, and what it must know to decide.
fn paths(kind: &TuningKind) -> Vec<String> {
    match kind {
        TuningKind::Sysctl(_) => vec![crate::change::sysctl::PATH.into()],
        TuningKind::FileLimit { units, .. } => crate::change::limits::paths(units),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::Before;

    #[test]
    fn noise_is_passed_over_and_a_missing_file_has_no_text() {
        let output = b"motd\nn F /a\nn P absent\nn F /b\nn P file x 644 0 0 -\nn B one\nn B two\nx F /c\n";
        let before = Before::read(output, "n");
        assert_eq!(before.text("/a"), None);
        assert_eq!(before.text("/b"), Some("one\ntwo\n"));
        assert_eq!(before.picture("/c"), None);
    }
}

//! The journal of a run: what the server wrote down ahead of each act, read back whatever became of its last line.

use serde::{Deserialize, Serialize};

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Seconds since 1970, by the server's clock.
    pub at: u64,
    pub word: Word,
    pub subject: Subject,
    /// In the words of the server; may be empty.
    pub text: String,
}

/// What the line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// The run was not begun; the text is a code and its detail.
    Refused,
    Begun,
    Planned,
    Drifted,
    Edited,
    Saved,
    Rehearsed,
    Armed,
    Resumed,
    Already,
    Skipped,
    Started,
    Done,
    Failed,
    Undone,
    Stuck,
    Finished,
    Abandoned,
    Halted,
    Unchanged,
    Applied,
    Kept,
    Reverting,
    Reverted,
    /// Written by a later Plumbline.
    Other(String),
}

/// Whom the line is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Run,
    Change(String),
    Act(u32),
}

const WORDS: &[(&str, Word)] = &[
    ("refused", Word::Refused),
    ("begun", Word::Begun),
    ("planned", Word::Planned),
    ("drifted", Word::Drifted),
    ("edited", Word::Edited),
    ("saved", Word::Saved),
    ("rehearsed", Word::Rehearsed),
    ("armed", Word::Armed),
    ("resumed", Word::Resumed),
    ("already", Word::Already),
    ("skipped", Word::Skipped),
    ("started", Word::Started),
    ("done", Word::Done),
    ("failed", Word::Failed),
    ("undone", Word::Undone),
    ("stuck", Word::Stuck),
    ("finished", Word::Finished),
    ("abandoned", Word::Abandoned),
    ("halted", Word::Halted),
    ("unchanged", Word::Unchanged),
    ("applied", Word::Applied),
    ("kept", Word::Kept),
    ("reverting", Word::Reverting),
    ("reverted", Word::Reverted),
];

impl Entry {
    /// Reads one whole line; a torn or foreign one is `None`.
    pub fn read(line: &str) -> Option<Entry> {
        let mut fields = line.split('\t');
        if fields.next()? != "1" {
            return None;
        }
        let at = fields.next()?.parse().ok()?;
        let word = fields.next().filter(|word| !word.is_empty())?;
        let word = WORDS
            .iter()
            .find(|(text, _)| *text == word)
            .map_or_else(|| Word::Other(visible(word)), |(_, word)| word.clone());
        let subject = match fields.next()? {
            "run" => Subject::Run,
            subject => match subject.split_once(':')? {
                ("c", change) => Subject::Change(visible(change)),
                ("a", act) => Subject::Act(act.parse().ok()?),
                _ => return None,
            },
        };
        Some(Entry { at, word, subject, text: visible(fields.next()?) })
    }
}

/// Reads a journal. What was torn by a power cut (a last line without its end) or damaged is left out, never guessed.
pub fn read(text: &str) -> Vec<Entry> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().filter_map(Entry::read).collect()
}

/// What a server prints is hostile: no control character survives, and no line is endless.
pub(crate) fn visible(text: &str) -> String {
    text.chars().take(2000).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Entry, Subject, Word, read};
    use proptest::prelude::*;

    #[test]
    fn a_torn_last_line_is_not_there() {
        let journal = "1\t5\tbegun\trun\tapply\n1\t6\tstarted\ta:3\t\n1\t7\tdone\ta:";
        let entries = read(journal);
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1], Entry { at: 6, word: Word::Started, subject: Subject::Act(3), text: String::new() });
    }

    #[test]
    fn a_word_of_tomorrow_is_kept_and_a_line_of_tomorrow_is_left_out() {
        assert_eq!(read("1\t5\tblessed\tc:x\thello\n")[0].word, Word::Other("blessed".into()));
        assert_eq!(read("2\t5\tbegun\trun\t\n"), []);
    }

    #[test]
    fn nothing_a_server_writes_reaches_a_terminal() {
        assert_eq!(read("1\t5\tfailed\ta:1\t\u{1b}[31mred\n")[0].text, "\u{fffd}[31mred");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_complaint(text in "(?s).{0,400}") {
            let _ = read(&text);
        }
    }
}

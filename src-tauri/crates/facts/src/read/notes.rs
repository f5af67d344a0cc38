//! Facts being written down, each with the evidence it stands on.

use super::answers::Silence;
use crate::{Confidence, Evidence, Facts, Key, Kind, Reading, Value, Why};
use std::collections::HashMap;

/// The most of one answer that is kept as evidence; a person reads no more of it.
const LONGEST_EVIDENCE: usize = 4096;

/// Where a piece of evidence is kept.
pub(crate) type Cited = Vec<usize>;

#[derive(Debug, Default)]
pub(crate) struct Notes {
    facts: Facts,
    kept: HashMap<(String, String), usize>,
}

impl Notes {
    /// Keeps a command as a person could type it, with what it printed.
    pub(crate) fn cite(&mut self, command: impl Into<String>, output: &str, exit: i32) -> Cited {
        let (command, output) = (command.into(), visible(output));
        let at = match self.kept.get(&(command.clone(), output.clone())) {
            Some(&at) => at,
            None => {
                let at =
                    self.facts.keep(Evidence { command: command.clone(), output: output.clone(), exit: Some(exit) });
                self.kept.insert((command, output), at);
                at
            }
        };
        vec![at]
    }

    pub(crate) fn learn(&mut self, key: Key, value: Value, confidence: Confidence, cited: &Cited) {
        self.facts.learn(key, Reading::Known { value, confidence }, cited.clone());
    }

    /// The server says so.
    pub(crate) fn reported(&mut self, key: Key, value: Value, cited: &Cited) {
        self.learn(key, value, Confidence::Reported, cited);
    }

    pub(crate) fn tell(&mut self, kind: Kind, value: Value, cited: &Cited) {
        self.reported(Key::plain(kind), value, cited);
    }

    /// Worked out from something that does not quite say it.
    pub(crate) fn infer(&mut self, kind: Kind, value: Value, cited: &Cited) {
        self.learn(Key::plain(kind), value, Confidence::Inferred, cited);
    }

    pub(crate) fn infer_key(&mut self, key: Key, value: Value, cited: &Cited) {
        self.learn(key, value, Confidence::Inferred, cited);
    }

    pub(crate) fn unknown(&mut self, key: Key, why: Why, cited: &Cited) {
        self.facts.learn(key, Reading::Unknown(why), cited.clone());
    }

    /// The same reason for several facts, unless they may still come.
    pub(crate) fn silent(&mut self, keys: impl IntoIterator<Item = Key>, silence: &Silence) {
        if let Silence::Because(why) = silence {
            for key in keys {
                self.unknown(key, why.clone(), &Vec::new());
            }
        }
    }

    pub(crate) fn silent_kinds(&mut self, kinds: &[Kind], silence: &Silence) {
        self.silent(kinds.iter().map(|&kind| Key::plain(kind)), silence);
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The text of a fact read before, such as the kind of container.
    pub(crate) fn known_text(&self, kind: Kind) -> Option<&str> {
        match self.facts.value(&Key::plain(kind)) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn known_flag(&self, kind: Kind) -> Option<bool> {
        match self.facts.value(&Key::plain(kind)) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn into_facts(self) -> Facts {
        self.facts
    }
}

/// The text with control characters and reversed writing made visible, and no longer than a person reads.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::new();
    for c in text.trim_end().chars() {
        if shown.len() >= LONGEST_EVIDENCE {
            shown.push('…');
            break;
        }
        match c {
            '\n' => shown.push('\n'),
            '\t' => shown.push('\t'),
            c if c.is_control() || is_invisible(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// Characters that change the order or the look of others: marks of writing direction and of zero width.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// A word of the server for a list or a text: visible and short.
pub(crate) fn word(text: &str) -> String {
    at_most(256, text)
}

/// A list that the server gives in one line, as sshd does with its algorithms.
pub(crate) fn words(text: &str) -> String {
    at_most(4096, text)
}

/// What is cut says so: it is no value to compare with.
fn at_most(longest: usize, text: &str) -> String {
    let visible = visible(text);
    let mut characters = visible.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c });
    let mut short: String = characters.by_ref().take(longest).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

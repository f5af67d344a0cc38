//! The sections by name, and why one is silent.

use crate::frame::Section;
use crate::{Argument, Key, Kind, Why};
use std::collections::{BTreeMap, BTreeSet};

/// Exit code by which the probe says that only an administrator may ask.
const NEEDS_ADMINISTRATOR: i32 = 77;
/// Exit code of a shell that knows no such command.
const NO_SUCH_TOOL: i32 = 127;

/// All that has come in.
#[derive(Debug)]
pub(crate) struct Answers {
    said: BTreeMap<String, Vec<Said>>,
    cut: BTreeMap<String, u32>,
    asked: BTreeSet<Key>,
    root: String,
    ended: bool,
}

/// One section as text.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) exit: i32,
    /// The server left out the rest.
    pub(crate) shortened: bool,
}

/// Why a section says nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Silence {
    /// It may still come.
    NotYet,
    Because(Why),
}

impl Answers {
    pub(crate) fn new(sections: &[Section]) -> Answers {
        let mut answers = Answers {
            said: BTreeMap::new(),
            cut: BTreeMap::new(),
            asked: BTreeSet::new(),
            root: String::new(),
            ended: false,
        };
        for section in sections {
            let text = String::from_utf8_lossy(&section.bytes).into_owned();
            match section.name.as_str() {
                "asked" => answers.hear_asked(&text),
                "cut" => {
                    if let Some((group, seconds)) = text.trim().split_once(' ') {
                        answers.cut.insert(group.to_owned(), seconds.parse().unwrap_or_default());
                    }
                }
                "end" => answers.ended = true,
                _ => {}
            }
            let said = Said { text, exit: section.exit, shortened: section.shortened };
            answers.said.entry(section.name.clone()).or_default().push(said);
        }
        answers
    }

    fn hear_asked(&mut self, text: &str) {
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("keys", keys)) => self.asked = keys.split(' ').filter_map(|key| key.parse().ok()).collect(),
                Some(("root", root)) => self.root = root.to_owned(),
                _ => {}
            }
        }
    }

    /// What the section says, or why it is silent.
    pub(crate) fn said(&self, name: &str) -> Result<&Said, Silence> {
        let Some(said) = self.said.get(name).and_then(|said| said.last()) else { return Err(self.silence(name)) };
        match said.exit {
            NEEDS_ADMINISTRATOR if said.text.trim() == "needs an administrator" => {
                Err(Silence::Because(Why::NeedsAdministrator))
            }
            NO_SUCH_TOOL if said.text.starts_with("no ") && said.text.lines().count() == 1 => {
                Err(Silence::Because(Why::NoSource { looked_for: said.text[3..].trim().to_owned() }))
            }
            _ => Ok(said),
        }
    }

    /// The section's text where it says something.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.said(name).ok().map(|said| said.text.as_str())
    }

    /// Every section of a name, for names that come more than once.
    pub(crate) fn each<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Said> {
        self.said.get(name).into_iter().flatten()
    }

    fn silence(&self, name: &str) -> Silence {
        let group = name.split('.').next().unwrap_or(name);
        match self.cut.get(name).or_else(|| self.cut.get(group)) {
            Some(&seconds) => Silence::Because(Why::TimedOut { seconds }),
            None if self.ended => Silence::Because(Why::NotRead),
            None => Silence::NotYet,
        }
    }

    /// Whether nothing more is to come from the section: it has spoken, was cut off, or the probe has ended.
    pub(crate) fn settled(&self, name: &str) -> bool {
        !matches!(self.said(name), Err(Silence::NotYet))
    }

    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// The arguments with which a kind of fact was asked for.
    pub(crate) fn asked(&self, kind: Kind) -> impl Iterator<Item = &Key> {
        self.asked.iter().filter(move |key| key.kind() == kind)
    }

    /// Every key this probe was to answer: those asked for, and all that take no argument.
    pub(crate) fn all_keys(&self) -> impl Iterator<Item = Key> {
        let plain = Kind::ALL.iter().filter(|kind| kind.argument() == Argument::None).map(|&kind| Key::plain(kind));
        plain.chain(self.asked.iter().cloned())
    }

    /// What `grep -H ''` printed, file by file.
    pub(crate) fn files(&self, name: &str) -> Result<Files<'_>, Silence> {
        self.said(name).map(|said| Files { text: &said.text, root: &self.root })
    }

    /// Whether a file or folder that begins so was closed to us: then its silence says nothing.
    pub(crate) fn is_closed(&self, start: &str) -> bool {
        self.text("setting.closed").unwrap_or_default().lines().any(|path| path.starts_with(start))
    }

    pub(crate) fn root(&self) -> &str {
        &self.root
    }
}

/// Lines of several files, each behind the name of its file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Files<'a> {
    text: &'a str,
    root: &'a str,
}

impl<'a> Files<'a> {
    /// Every line with its file, in the order they were read.
    pub(crate) fn lines(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.text.lines().filter_map(move |line| {
            let (path, line) = line.strip_prefix(self.root).unwrap_or(line).split_once(':')?;
            path.starts_with('/').then_some((path, line))
        })
    }

    /// The same for `grep -Hn`: file, number, line.
    pub(crate) fn numbered(self) -> impl Iterator<Item = Line<'a>> {
        self.lines().filter_map(|(path, rest)| {
            let (number, text) = rest.split_once(':')?;
            Some(Line { path, number: number.parse().ok()?, text })
        })
    }

    pub(crate) fn of(self, path: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines().filter(move |&(at, _)| at == path).map(|(_, line)| line)
    }

    pub(crate) fn first(self, path: &'a str) -> Option<&'a str> {
        self.of(path).next()
    }

    /// The whole text of one file.
    pub(crate) fn text(self, path: &'a str) -> String {
        self.of(path).map(|line| format!("{line}\n")).collect()
    }
}

/// One line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) path: &'a str,
    pub(crate) number: u32,
    pub(crate) text: &'a str,
}

//! A plan worked out for one server, whole: what a person reads of it and all that doing it takes. It can be kept in a
//! file and become another form later, on any computer.

use crate::act::Act;
use crate::before::Before;
use crate::change::{Change, Kind, Words};
use crate::plan::{ChangeView, DiffSign, FileDiff, Proposal, Risk};
use serde::{Deserialize, Serialize};

/// The changes of a plan in the order in which they are made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    pub changes: Vec<PreparedChange>,
}

/// One change, with what is done for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreparedChange {
    /// Of its files only the lines that go and come: what stands beside them is the server's own and may be secret.
    #[serde(flatten)]
    pub view: ChangeView,
    pub kind: Kind,
    /// Changes that must have worked before, by id.
    #[serde(default)]
    pub wants: Vec<String>,
    pub acts: Vec<PreparedAct>,
}

/// One piece of a change, and how the preview saw what it touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedAct {
    #[serde(flatten)]
    pub act: Act,
    /// In the words of the runner; nothing where it is not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
}

impl Prepared {
    pub fn of(proposal: &Proposal, before: &Before) -> Prepared {
        let prepared = |change: &Change| PreparedChange {
            view: without_neighbours(change.view()),
            kind: change.kind,
            wants: change.wants.clone(),
            acts: change.acts.iter().map(|act| PreparedAct { act: act.clone(), was: act.preview(before) }).collect(),
        };
        Prepared { changes: proposal.changes.iter().map(prepared).collect() }
    }

    /// Only the changes with these ids, and what they want before them.
    #[must_use]
    pub fn only(&self, ids: &[String]) -> Prepared {
        let mut wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
        for change in self.changes.iter().rev() {
            if wanted.contains(&change.view.id.as_str()) {
                wanted.extend(change.wants.iter().map(String::as_str));
            }
        }
        let chosen = |change: &&PreparedChange| wanted.contains(&change.view.id.as_str());
        Prepared { changes: self.changes.iter().filter(chosen).cloned().collect() }
    }

    /// Only what is not off by advice and not of high risk.
    #[must_use]
    pub fn safe(&self) -> Prepared {
        let safe = self.changes.iter().filter(|change| change.is_safe());
        self.only(&safe.map(|change| change.view.id.clone()).collect::<Vec<_>>())
    }

    pub(crate) fn whole(&self) -> (Vec<Change>, Vec<Option<String>>) {
        let changes = self.changes.iter().map(PreparedChange::whole).collect();
        let acts = self.changes.iter().flat_map(|change| &change.acts);
        (changes, acts.map(|act| act.was.clone()).collect())
    }
}

impl PreparedChange {
    pub fn is_safe(&self) -> bool {
        self.view.advised_off.is_none() && self.view.risk != Risk::High
    }

    fn whole(&self) -> Change {
        let view = &self.view;
        Change {
            id: view.id.clone(),
            title: view.title.clone(),
            effect: view.effect.clone(),
            group: view.group.clone(),
            advised_off: view.advised_off.clone(),
            settles: view.settles.clone(),
            wants: self.wants.clone(),
            kind: self.kind,
            acts: self.acts.iter().map(|act| act.act.clone()).collect(),
            words: Words {
                risk: view.risk,
                consequence: view.consequence.clone(),
                undo: view.undo.clone(),
                seconds: view.seconds,
                files: view.files.clone(),
                runtime: view.runtime.clone(),
            },
        }
    }
}

/// A change without the lines that only stand beside what it writes: a file that others share may hold their secrets.
#[must_use]
pub fn without_neighbours(mut change: ChangeView) -> ChangeView {
    for FileDiff { lines, .. } in &mut change.files {
        lines.retain(|line| line.sign != DiffSign::Keep);
    }
    change
}

#[cfg(test)]
mod tests {
    use super::{Prepared, PreparedChange};
    use crate::act::Act;
    use crate::before::Before;
    use crate::plan::Proposal;
    use crate::{Change, Kind, Words};

    fn change(id: &str, wants: &[&str]) -> Change {
        let text = "a = 1\n".to_owned();
        let standing = Before::read(b"n F /etc/x\nn P file 0 600 0 0 -\nn B password=hunter2\n", "n");
        let mut words = Words::default();
        let act = words.block(&standing, "/etc/x", id, text);
        Change {
            id: id.into(),
            title: String::new(),
            effect: String::new(),
            group: String::new(),
            advised_off: None,
            settles: vec![],
            wants: wants.iter().map(|id| (*id).to_owned()).collect(),
            kind: Kind::Environment,
            acts: act.into_iter().chain([Act::SwapOff, Act::JournalStore]).collect(),
            words,
        }
    }

    fn prepared() -> Prepared {
        let changes = vec![change("a", &[]), change("b", &["a"]), change("c", &[])];
        let before = Before::read(b"n F /etc/x\nn P file 0 600 0 0 -\nn B password=hunter2\n", "n");
        Prepared::of(&Proposal { changes, left: vec![] }, &before)
    }

    #[test]
    fn it_comes_back_from_a_file_as_it_went() {
        let text = serde_json::to_string(&prepared()).expect("it can be written");
        let back: Prepared = serde_json::from_str(&text).expect("it can be read");
        assert_eq!(back, prepared());
        assert_eq!(back.whole().1[0].as_deref(), Some("absent"), "{text}");
    }

    #[test]
    fn what_stands_beside_our_lines_stays_on_the_server() {
        let text = serde_json::to_string(&prepared()).expect("it can be written");
        assert!(text.contains("a = 1") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn what_a_change_wants_comes_with_it() {
        let ids = |plan: Prepared| plan.changes.iter().map(|c: &PreparedChange| c.view.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(prepared().only(&["b".into()])), ["a", "b"]);
    }
}

//! What a run tells while it runs: the framed lines of `follow`, as events.

use crate::journal::{Entry, Subject, Word, visible};
use serde::{Deserialize, Serialize};

/// What the client hears, in the order it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event", content = "data")]
pub enum RunEvent {
    /// A change was begun, done, undone ...
    Change { id: String, state: ChangeState },
    /// One of the steps that belong to no change.
    Step(Step),
    /// A line of the journal about one act of a change; the log shows it.
    Act { act: u32, word: Word, text: String },
    /// What the server printed while it worked.
    Log(String),
    /// The server puts everything back in so many seconds.
    PutsBackIn { seconds: u32 },
    /// Nothing new; the line is alive.
    Alive,
    /// The program on the server was killed; the safety timer will put back.
    RunnerLost,
    /// The last event of this request.
    End(End),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "of")]
pub enum ChangeState {
    Planned,
    /// It was so already; nothing was done.
    Already,
    Finished,
    /// It did not work and was taken back by itself; the reason in the server's words.
    Failed {
        why: String,
    },
    /// Not begun, because the named change did not work.
    Skipped {
        because: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "of")]
pub enum Step {
    Begun,
    /// How everything was is on the server's disk.
    Remembered,
    /// Putting back was tried without touching anything.
    Rehearsed,
    /// The safety timer runs. `boot` says who puts back after a reboot: systemd, cron, local.d or none.
    Armed {
        seconds: u32,
        timer: String,
        boot: String,
    },
    Resumed,
    Applied,
    PuttingBack {
        why: String,
    },
    /// The run stopped in the middle; the text says why.
    Halted {
        why: String,
    },
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "of")]
pub enum End {
    /// Applied; the server waits for keep or put back until the timer ends.
    Waiting,
    /// Nothing was begun.
    Refused(Refusal),
    Kept,
    /// Nothing was changed, because all of it was so already or could not be begun: there is nothing to keep.
    Unchanged,
    PutBack,
    /// Some of it could not be put back; tried again at every boot, and when asked.
    Stuck,
    /// There is no such run, or it is over.
    NoSuchRun,
    /// Too late to keep: the server is putting back, or has.
    TooLate,
    /// The run has not ended yet, so it cannot be kept.
    NotFinished,
    /// The deadline was moved.
    Extended {
        seconds: u32,
    },
    /// The proof of access: the one-time value as read over this connection.
    Proof {
        value: String,
    },
    /// The run was purged.
    Purged,
    /// The program on the server ended before it changed anything.
    Lost,
}

/// Why a run was not begun. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why", content = "of")]
pub enum Refusal {
    /// Another run waits for an answer: finish or put back that one first.
    RunOpen {
        run: String,
    },
    /// Somebody is at it right now.
    Locked {
        by: String,
    },
    /// The server is not as the preview saw it, or (undo) as we left it: these acts differ.
    Drifted {
        acts: Vec<Difference>,
    },
    /// Not enough room for the record.
    NoRoom {
        detail: String,
    },
    /// The record cannot be written, because its disk can only be read.
    ReadOnly {
        path: String,
    },
    /// A program that every server has is missing.
    NoTool {
        tool: String,
    },
    /// The record would not survive a reboot.
    NotPersistent {
        path: String,
    },
    /// Putting back could not be rehearsed.
    CannotPutBack {
        detail: String,
    },
    /// The safety timer could not be set.
    NoTimer {
        detail: String,
    },
    /// The program that we sent is damaged or cannot be stored.
    CannotStart {
        detail: String,
    },
    /// Not an administrator.
    NotRoot,
    Other {
        code: String,
        detail: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub act: u32,
    /// What stands there now, in one line.
    pub text: String,
}

/// Turns the bytes of a request into events. Whatever is no line of ours is noise and passes unseen.
#[derive(Debug)]
pub struct Reader {
    nonce: String,
    rest: Vec<u8>,
    differences: Vec<Difference>,
    refusal: Option<Refusal>,
    unchanged: bool,
}

/// A server that sends no line end does not fill our memory.
const LONGEST_LINE: usize = 64 * 1024;

impl Reader {
    pub fn new(nonce: &str) -> Reader {
        Reader { nonce: nonce.to_owned(), rest: Vec::new(), differences: Vec::new(), refusal: None, unchanged: false }
    }

    pub fn push(&mut self, bytes: &[u8]) -> Vec<RunEvent> {
        let mut events = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                let line = String::from_utf8_lossy(&self.rest).into_owned();
                self.rest.clear();
                events.extend(self.line(&line));
            } else if self.rest.len() < LONGEST_LINE {
                self.rest.push(byte);
            }
        }
        events
    }

    fn line(&mut self, line: &str) -> Option<RunEvent> {
        let (kind, text) = line.strip_prefix(&self.nonce)?.strip_prefix(' ')?.split_at_checked(1)?;
        let text = text.strip_prefix(' ').unwrap_or(text);
        match kind {
            "J" => self.entry(Entry::read(text)?),
            "L" => Some(RunEvent::Log(visible(text))),
            "T" => Some(RunEvent::PutsBackIn { seconds: text.parse().ok()? }),
            "H" => Some(RunEvent::Alive),
            "D" => Some(RunEvent::RunnerLost),
            "X" => {
                self.refusal = Some(refusal(text));
                None
            }
            "E" => self.end(text).map(RunEvent::End),
            _ => None,
        }
    }

    fn entry(&mut self, entry: Entry) -> Option<RunEvent> {
        match (entry.subject, entry.word) {
            (Subject::Change(id), word) => {
                let state = match word {
                    Word::Planned => ChangeState::Planned,
                    Word::Already => ChangeState::Already,
                    Word::Finished => ChangeState::Finished,
                    Word::Abandoned => ChangeState::Failed { why: entry.text },
                    Word::Skipped => ChangeState::Skipped { because: entry.text },
                    _ => return None,
                };
                Some(RunEvent::Change { id, state })
            }
            (Subject::Act(act), word) => {
                if matches!(word, Word::Drifted | Word::Edited) {
                    self.differences.push(Difference { act, text: entry.text.clone() });
                }
                Some(RunEvent::Act { act, word, text: entry.text })
            }
            (Subject::Run, word) => {
                let step = match word {
                    Word::Begun => Step::Begun,
                    Word::Saved => Step::Remembered,
                    Word::Rehearsed => Step::Rehearsed,
                    Word::Armed => {
                        let mut words = entry.text.split(' ');
                        let seconds = words.next()?.parse().ok()?;
                        Step::Armed { seconds, timer: words.next()?.to_owned(), boot: words.next()?.to_owned() }
                    }
                    Word::Resumed => Step::Resumed,
                    Word::Applied => Step::Applied,
                    Word::Reverting => Step::PuttingBack { why: entry.text },
                    Word::Halted => Step::Halted { why: entry.text },
                    Word::Unchanged => {
                        self.unchanged = true;
                        return None;
                    }
                    Word::Refused => {
                        self.refusal = Some(match refusal(&entry.text) {
                            Refusal::Drifted { .. } => Refusal::Drifted { acts: self.differences.clone() },
                            other => other,
                        });
                        return None;
                    }
                    _ => return None,
                };
                Some(RunEvent::Step(step))
            }
        }
    }

    fn end(&mut self, text: &str) -> Option<End> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        Some(match word {
            "waiting" => End::Waiting,
            "refused" => {
                let unsaid = Refusal::Other { code: "unsaid".into(), detail: String::new() };
                End::Refused(self.refusal.take().unwrap_or(unsaid))
            }
            "confirmed" | "kept" if self.unchanged => End::Unchanged,
            "confirmed" | "kept" | "undone" => End::Kept,
            "reverted" => End::PutBack,
            "stuck" => End::Stuck,
            "absent" => End::NoSuchRun,
            "late" => End::TooLate,
            "unfinished" => End::NotFinished,
            "extended" => End::Extended { seconds: rest.parse().ok()? },
            "proof" => End::Proof { value: visible(rest) },
            "purged" => End::Purged,
            "lost" => End::Lost,
            _ => return None,
        })
    }
}

fn refusal(text: &str) -> Refusal {
    let (code, detail) = text.split_once(' ').unwrap_or((text, ""));
    let detail = visible(detail.trim());
    match code {
        "open" => Refusal::RunOpen { run: detail },
        "locked" => Refusal::Locked { by: detail },
        "drift" => Refusal::Drifted { acts: Vec::new() },
        "room" => Refusal::NoRoom { detail },
        "tool" => Refusal::NoTool { tool: detail },
        "readonly" => Refusal::ReadOnly { path: detail },
        "volatile" => Refusal::NotPersistent { path: detail },
        "rehearsal" => Refusal::CannotPutBack { detail },
        "unarmed" => Refusal::NoTimer { detail },
        "start" => Refusal::CannotStart { detail },
        "root" => Refusal::NotRoot,
        code => Refusal::Other { code: visible(code), detail },
    }
}

#[cfg(test)]
mod tests {
    use super::{ChangeState, Difference, End, Reader, Refusal, RunEvent, Step};
    use proptest::prelude::*;

    #[test]
    fn a_line_cut_anywhere_is_the_same_line() {
        let text = "motd\nabc J 1\t5\tfinished\tc:sysctl.buffers\t\nabc E waiting\n";
        let whole = Reader::new("abc").push(text.as_bytes());
        let mut reader = Reader::new("abc");
        let pieces: Vec<_> = text.as_bytes().iter().flat_map(|&byte| reader.push(&[byte])).collect();
        assert_eq!(whole, pieces);
        let change = RunEvent::Change { id: "sysctl.buffers".into(), state: ChangeState::Finished };
        assert_eq!(whole, [change, RunEvent::End(End::Waiting)]);
    }

    #[test]
    fn a_server_cannot_forge_a_line() {
        assert_eq!(
            Reader::new("abc").push(b"E kept\nabd E kept\nabc L abc E kept\n"),
            [RunEvent::Log("abc E kept".into())]
        );
    }

    #[test]
    fn drift_names_what_differs() {
        let text = "n J 1\t5\tdrifted\ta:2\told -> new\nn J 1\t5\trefused\trun\tdrift 2\nn E refused\n";
        let events = Reader::new("n").push(text.as_bytes());
        let acts = vec![Difference { act: 2, text: "old -> new".into() }];
        assert_eq!(events.last(), Some(&RunEvent::End(End::Refused(Refusal::Drifted { acts }))));
    }

    #[test]
    fn arming_says_who_guards() {
        let events = Reader::new("n").push(b"n J 1\t5\tarmed\trun\t120 systemd systemd\n");
        let armed = Step::Armed { seconds: 120, timer: "systemd".into(), boot: "systemd".into() };
        assert_eq!(events, [RunEvent::Step(armed)]);
    }

    fn cases() -> ProptestConfig {
        crate::many_cases::many_cases(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds/follow.txt"))
    }

    /// Lines that would like to be ours.
    fn nearly_lines() -> impl Strategy<Value = Vec<u8>> {
        let words = [
            "abc",
            "abc ",
            "abd ",
            "\nabc ",
            "J ",
            "L ",
            "T ",
            "X ",
            "E ",
            "H",
            "D",
            "1\t5\t",
            "finished\t",
            "armed\t",
            "refused\t",
            "unchanged\t",
            "drifted\t",
            "c:x\t",
            "a:2\t",
            "run\t",
            "kept",
            "waiting",
            "proof ",
            "extended ",
            "refused",
            "drift",
            "90",
            "room ",
            "\n",
            "\t",
            "\u{1b}[2J",
            "99999999999",
        ];
        let word = proptest::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
        let bytes = proptest::collection::vec(any::<u8>(), 0..10);
        proptest::collection::vec(prop_oneof![5 => word, 1 => bytes], 0..60).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(cases())]

        #[test]
        fn nothing_without_the_nonce_is_a_word_of_the_run(text in nearly_lines()) {
            prop_assert!(Reader::new("f00df00d").push(&text).is_empty());
            prop_assert_eq!(crate::before::Before::read(&text, "f00df00d"), crate::before::Before::default());
            prop_assert!(crate::receipt::read(&text, "f00df00d").is_empty());
        }

        /// With it, whatever is read can be shown, cut anywhere.
        #[test]
        fn any_words_of_a_run_are_read_alike_however_they_are_cut(text in nearly_lines(), cut in 1usize..40) {
            let whole = Reader::new("abc").push(&text);
            let mut reader = Reader::new("abc");
            let pieces: Vec<_> = text.chunks(cut).flat_map(|piece| reader.push(piece)).collect();
            prop_assert_eq!(&whole, &pieces);
            let _ = (crate::before::Before::read(&text, "abc"), crate::receipt::read(&text, "abc"));
            for event in whole {
                if let RunEvent::Log(text) | RunEvent::Act { text, .. } = event {
                    prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
                }
            }
        }
    }
}

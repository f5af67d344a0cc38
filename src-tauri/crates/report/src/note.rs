//! The account as a Markdown note, for whoever looks after the server next: what was found, done and left.

use crate::tally::Standing;
use crate::{Outcome, Report, Word, legible, moment, tally, words};
use checks::Overall;
use std::fmt::Write as _;

impl Report {
    /// What there is to know, as Markdown that any reader shows. The same report gives the same text.
    pub fn note(&self) -> String {
        let mut note = String::new();
        self.put_head(&mut note);
        self.put_left(&mut note);
        self.put_done(&mut note);
        self.put_words(&mut note);
        self.put_needs(&mut note);
        note
    }

    fn put_head(&self, note: &mut String) {
        let name = plain(&self.server.name);
        let ready = match self.verdict {
            Overall::Ready => "is ready",
            Overall::Almost if self.counts.hardly_read() => "was read too little to be judged",
            Overall::Almost => "is almost ready",
            Overall::NotReady => "is not ready",
        };
        let _ = writeln!(note, "# {name} {ready} for {}\n", plain(&self.purpose()));
        if self.practice {
            let _ = writeln!(note, "This is the invented server that one can practise on.\n");
        }
        let tally = self.tally();
        let _ = writeln!(note, "{} of {} needs are met. Read on {}.\n", tally.met, tally.total, plain(&self.at));
        let server = &self.server;
        let at = if server.host.is_empty() { String::new() } else { format!("{}:{}", server.host, server.port) };
        let key = server.host_key.clone().unwrap_or_default();
        for (what, value) in [
            ("Address", &at),
            ("Read as", &server.user),
            ("Host key", &key),
            ("System", &server.os),
            ("Kernel", &server.kernel),
            ("Requirements", &self.role.requirements),
        ] {
            if !value.is_empty() {
                let _ = writeln!(note, "- {what}: {}", plain(value));
            }
        }
    }

    /// Everything that is short or missing, whether a person or a change settles it.
    fn put_left(&self, note: &mut String) {
        let asked = self.asked();
        let open: Vec<_> = self
            .findings
            .iter()
            .filter(|finding| matches!(tally::standing(finding, &asked), Standing::Fix | Standing::Advised))
            .collect();
        if open.is_empty() {
            return;
        }
        note.push_str("\n## Left to do\n\n");
        for finding in open {
            let left = self.left.iter().find(|left| left.finding == finding.id);
            let how = left.map(|left| left.how.as_str()).filter(|how| !how.is_empty()).unwrap_or(&finding.sentence);
            let _ = writeln!(note, "- [ ] **{}**: {}", plain(&finding.title), plain(how));
        }
    }

    fn put_done(&self, note: &mut String) {
        if self.runs.is_empty() {
            return;
        }
        note.push_str("\n## What was done\n");
        for run in &self.runs {
            let end = match &run.outcome {
                Outcome::Kept { .. } => "kept".to_owned(),
                Outcome::PutBack { why } => format!("put back: {}", plain(why)),
            };
            let _ = writeln!(note, "\n{}, by {}, {end}. Run {}.\n", plain(&run.at), plain(&run.by), plain(&run.id));
            for made in &run.changes {
                let _ = writeln!(note, "- **{}**. To undo: {}", plain(&made.change.title), plain(&made.change.undo));
            }
            if let Some(undo) = &run.undo {
                let _ = writeln!(note, "\nAll of it is taken back by: {}", plain(undo));
            }
        }
    }

    fn put_words(&self, note: &mut String) {
        if self.confirmations.is_empty() {
            return;
        }
        note.push_str("\n## What a person says\n\n");
        for point in &self.confirmations {
            let (mark, word) = match &point.answer {
                Some(answer) => {
                    let (mark, says) = match answer.says {
                        Word::Yes => ("x", "yes"),
                        Word::No => (" ", "no"),
                        Word::Later => (" ", "later"),
                    };
                    (mark, format!("{says}, {}, {}", plain(&answer.name), moment::day(&answer.date)))
                }
                None => (" ", "open".to_owned()),
            };
            let _ = writeln!(note, "- [{mark}] {}: {word}", plain(&point.title));
        }
    }

    fn put_needs(&self, note: &mut String) {
        note.push_str("\n## Every need\n");
        for (area, _) in self.areas() {
            let _ = writeln!(note, "\n### {}\n\n| Need | Needed | Found | Verdict |\n|---|---|---|---|", area.title());
            for finding in self.findings.iter().filter(|finding| finding.area == area) {
                let verdict = match &finding.waiver {
                    Some(waiver) => format!("Set aside until {}", moment::day(&waiver.until)),
                    None => words::verdict(finding.verdict).to_owned(),
                };
                let cells = [&finding.title, &finding.needed.text, &finding.found.text].map(|text| plain(text));
                let _ = writeln!(note, "| {} | {verdict} |", cells.join(" | "));
            }
        }
        let shown: Vec<_> = self.areas().into_iter().map(|(area, _)| area).collect();
        let beside = self.findings.iter().filter(|finding| !shown.contains(&finding.area)).count();
        if beside > 0 {
            let _ = writeln!(note, "\n{beside} more are optional or do not apply here; the JSON has them.");
        }
    }
}

/// Text of others on one line of Markdown, in which nothing of it is a mark.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '!' | '{' | '}') {
            out.push('\\');
        }
        legible::visible(&mut out, c);
    }
    out
}

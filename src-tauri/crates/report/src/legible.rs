//! Text made fit for paper: nothing that a server printed may move, hide or overprint what stands beside it.
//!
//! Signs that cannot be seen and signs that we have no letters for are written as `\u{…}`. The JSON export has them as
//! they are.

use std::fmt::Write;

/// Longer single values and longer answers are cut on paper, with a word that says so.
const LONGEST_LINE: usize = 600;
const MOST_LINES: usize = 36;

/// Makes text legible with the letters that there are, and remembers whether it had to write any sign another way.
pub(crate) struct Legible<'a> {
    covers: &'a dyn Fn(char) -> bool,
    pub(crate) escaped: bool,
}

impl<'a> Legible<'a> {
    /// `covers` tells whether there is a letter for a sign.
    pub(crate) fn new(covers: &'a dyn Fn(char) -> bool) -> Legible<'a> {
        Legible { covers, escaped: false }
    }

    /// `text` as one line.
    pub(crate) fn line(&mut self, text: &str) -> String {
        self.write(text, LONGEST_LINE)
    }

    /// `text` as one line of at most `longest` signs, for places that have room for one line only.
    pub(crate) fn short_line(&mut self, text: &str, longest: usize) -> String {
        let line = self.line(text);
        match line.char_indices().nth(longest) {
            Some((at, _)) => format!("{}…", line[..at].trim_end()),
            None => line,
        }
    }

    /// `text` line by line, tabs set out to eight columns as a terminal does.
    pub(crate) fn lines(&mut self, text: &str) -> Vec<String> {
        let all = text.trim_end().lines().count();
        let mut lines: Vec<String> = text
            .trim_end()
            .lines()
            .take(MOST_LINES)
            .map(|line| {
                let line = spread(line);
                self.write(&line, LONGEST_LINE)
            })
            .collect();
        if all > MOST_LINES {
            lines.push(format!("… {} more lines in the JSON export", all - MOST_LINES));
        }
        lines
    }

    fn write(&mut self, text: &str, longest: usize) -> String {
        let mut out = String::with_capacity(text.len());
        for (at, c) in text.chars().enumerate() {
            if at == longest {
                // Writing to a String cannot fail.
                let _ = write!(out, "… {} more characters in the JSON export", text.chars().count() - longest);
                break;
            }
            match c {
                '\n' | '\r' | '\t' => visible(&mut out, c),
                c if !invisible(c) && (self.covers)(c) => out.push(c),
                c => {
                    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                    self.escaped = true;
                }
            }
        }
        out
    }
}

/// Writes `c`, or what stands for it where it would not be seen.
pub(crate) fn visible(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if !invisible(c) => out.push(c),
        c => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// Signs that show nothing or change how others show: controls, direction marks, joiners, tags, private use.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
            | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xe000..=0xf8ff | 0xfe00..=0xfe0f | 0xfeff | 0xffa0
            | 0xfff0..=0xffff | 0xe0000..=0x10ffff)
}

fn spread(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut column = 0;
    for c in line.chars() {
        if c == '\t' {
            let width = 8 - column % 8;
            out.extend(std::iter::repeat_n(' ', width));
            column += width;
        } else {
            out.push(c);
            column += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Legible;

    fn line(text: &str) -> (String, bool) {
        let latin = |c: char| u32::from(c) < 0x250 || c == '…';
        let mut legible = Legible::new(&latin);
        (legible.line(text), legible.escaped)
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        for (text, shown) in [
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("abc\u{202e}fdp.exe", "abc\\u{202e}fdp.exe"),
            ("a\u{200b}b\u{0}", "a\\u{200b}b\\u{0}"),
            ("処", "\\u{51e6}"),
            ("😀", "\\u{1f600}"),
            ("\u{e000}\u{e0041}", "\\u{e000}\\u{e0041}"),
        ] {
            assert_eq!(line(text), (shown.to_owned(), true));
        }
        assert_eq!(line("one\ntwo\ttabs"), ("one\\ntwo\\ttabs".to_owned(), false));
        assert_eq!(line("#import \"x\": *<script>"), ("#import \"x\": *<script>".to_owned(), false));
    }

    #[test]
    fn long_text_is_cut_with_a_word() {
        assert!(line(&"x".repeat(700)).0.ends_with("x… 100 more characters in the JSON export"));
        let all = |_| true;
        let mut legible = Legible::new(&all);
        assert_eq!(legible.lines("a\tb\n\n  c\n\n"), ["a       b", "", "  c"]);
        let lines = legible.lines(&"x\n".repeat(200));
        assert_eq!(lines.last().map(String::as_str), Some("… 164 more lines in the JSON export"));
        assert_eq!(legible.short_line("a long name", 6), "a long…");
    }
}

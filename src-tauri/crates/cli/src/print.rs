//! How results look on a terminal: aligned, coloured only where somebody looks, safe whatever a server printed.

use std::fmt::Arguments;
use std::io::{IsTerminal, Write};

/// Prints to standard output. A reader that has had enough (`plumb roles | head`) ends the program quietly.
macro_rules! println {
    () => { $crate::print::line(format_args!("")) };
    ($($text:tt)*) => { $crate::print::line(format_args!($($text)*)) };
}
pub(crate) use println;

pub(crate) fn line(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        std::process::exit(0);
    }
}

/// The four colours of verdicts, and none when the output is no terminal or NO_COLOR is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink {
    on: bool,
}

impl Ink {
    pub(crate) fn for_stdout() -> Ink {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Ink { on: wanted && std::io::stdout().is_terminal() }
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn amber(self, text: &str) -> String {
        self.paint("33", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    pub(crate) fn blue(self, text: &str) -> String {
        self.paint("34", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Text that came from elsewhere, with everything a terminal would act on made visible.
pub(crate) fn safe(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() && c != '\n' { c.escape_default().collect() } else { vec![c] })
        .collect()
}

/// `text` in a column of `width`, cut with an ellipsis when it is longer.
pub(crate) fn column(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return format!("{text}{}", " ".repeat(width - length));
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::{column, safe};

    #[test]
    fn a_terminal_escape_becomes_letters() {
        assert_eq!(safe("a\u{1b}[31mb\rc"), "a\\u{1b}[31mb\\rc");
    }

    #[test]
    fn a_column_keeps_its_width() {
        assert_eq!(column("ab", 4), "ab  ");
        assert_eq!(column("abcdef", 4), "abc…");
    }
}

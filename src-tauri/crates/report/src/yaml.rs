//! YAML as Ansible reads it, written so that text stays text: whatever a server or a requirement file says is neither
//! structure nor a template.

use std::fmt::Write as _;

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Yaml {
    /// Text of others. Ansible does not look for templates in it.
    Text(String),
    /// Text of ours, templates included.
    Template(String),
    /// `true`, `false` or a number.
    Bare(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

pub(crate) fn text(text: impl Into<String>) -> Yaml {
    Yaml::Text(text.into())
}

pub(crate) fn template(text: impl Into<String>) -> Yaml {
    Yaml::Template(text.into())
}

pub(crate) fn bare(value: impl ToString) -> Yaml {
    Yaml::Bare(value.to_string())
}

pub(crate) fn list(items: impl IntoIterator<Item = Yaml>) -> Yaml {
    Yaml::List(items.into_iter().collect())
}

/// Words as a list of texts.
pub(crate) fn words<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Yaml {
    list(items.into_iter().map(|item| text(item.as_ref())))
}

pub(crate) fn map<K: Into<String>>(pairs: impl IntoIterator<Item = (K, Yaml)>) -> Yaml {
    Yaml::Map(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// A document, from its first mark on.
pub(crate) fn document(comments: &[String], value: &Yaml) -> String {
    let mut body = String::new();
    put(value, 0, &mut body);
    let mut out = String::from("---\n");
    // A line is as long as what it says: a file of a server is not folded for the eye.
    if body.lines().chain(comments.iter().map(String::as_str)).any(|line| line.chars().count() > 150) {
        out.push_str("# yamllint disable rule:line-length\n");
    }
    for comment in comments {
        let comment: String = comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(out, "{}", format!("# {comment}").trim_end());
    }
    out.push_str(body.trim_start_matches('\n'));
    out
}

/// After a key, or after the dash of a list.
fn put(value: &Yaml, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Yaml::Text(text) => scalar(text, text.contains('{'), indent, out),
        Yaml::Template(text) => scalar(text, false, indent, out),
        Yaml::Bare(text) => {
            let _ = writeln!(out, " {text}");
        }
        Yaml::List(items) if items.is_empty() => out.push_str(" []\n"),
        Yaml::Map(pairs) if pairs.is_empty() => out.push_str(" {}\n"),
        Yaml::List(items) => {
            out.push('\n');
            for item in items {
                let _ = write!(out, "{pad}-");
                match item {
                    // the first key stands beside the dash
                    Yaml::Map(pairs) if !pairs.is_empty() => {
                        let mut inner = String::new();
                        pairs_of(pairs, indent + 2, &mut inner);
                        let _ = write!(out, " {}", inner.trim_start_matches(' '));
                    }
                    item => put(item, indent + 2, out),
                }
            }
        }
        Yaml::Map(pairs) => {
            out.push('\n');
            pairs_of(pairs, indent, out);
        }
    }
}

fn pairs_of(pairs: &[(String, Yaml)], indent: usize, out: &mut String) {
    for (key, value) in pairs {
        let plain =
            !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/'));
        let plain = plain && key.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        let key = if plain { key.clone() } else { quoted(key) };
        let _ = write!(out, "{}{key}:", " ".repeat(indent));
        put(value, indent + 2, out);
    }
}

/// Lines as they are where YAML can hold them so, else in quotes.
fn scalar(text: &str, unsafe_: bool, indent: usize, out: &mut String) {
    let mark = if unsafe_ { " !unsafe" } else { "" };
    let lines = text.strip_suffix('\n');
    let first = text.chars().next();
    let printable =
        text.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{feff}' && c != '\u{2028}' && c != '\u{2029}'));
    match lines {
        Some(lines)
            if printable
                && !lines.is_empty()
                && !lines.ends_with('\n')
                && first.is_some_and(|c| !c.is_whitespace())
                && lines.lines().all(|line| !line.ends_with(' ')) =>
        {
            let _ = writeln!(out, "{mark} |");
            for line in lines.split('\n') {
                let _ = if line.is_empty() { writeln!(out) } else { writeln!(out, "{}{line}", " ".repeat(indent)) };
            }
        }
        _ => {
            let _ = writeln!(out, "{mark} {}", quoted(text));
        }
    }
}

/// A double-quoted scalar: JSON's, which YAML reads the same.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // what a reader of YAML refuses, or takes for the end of a line
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{Yaml, document, list, map, text};

    #[test]
    fn text_of_others_is_no_template() {
        let written = document(&[], &map([("a", text("{{ lookup('pipe', 'id') }}")), ("b", text("x: y\n- z\n"))]));
        assert_eq!(written, "---\na: !unsafe \"{{ lookup('pipe', 'id') }}\"\nb: |\n  x: y\n  - z\n");
    }

    #[test]
    fn what_a_block_cannot_hold_is_quoted() {
        for odd in [" begins blank\n", "no end", "\u{1b}[31m\n", "two ends\n\n", "", "ends blank \n"] {
            let written = document(&[], &map([("a", text(odd))]));
            assert!(written.starts_with("---\na: \"") && written.lines().count() == 2, "{written}");
        }
    }

    #[test]
    fn lists_hold_maps() {
        let value =
            list([map([("name", text("one")), ("when", list([Yaml::Bare("true".into())]))]), map([("b c", list([]))])]);
        assert_eq!(document(&[], &value), "---\n- name: \"one\"\n  when:\n    - true\n- \"b c\": []\n");
    }
}

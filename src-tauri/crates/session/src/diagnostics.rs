//! What a person can send to whoever helps them: this computer, what Plumbline knows, and the end of its log. Never a
//! secret, since none is ever written down; names of servers and people only where that is wanted.

use crate::store::{Store, StoreError};
use crate::{Moment, this_computer};
use std::fmt::Write as _;

/// Whether names of servers, addresses and people stay readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    Shown,
    Hidden,
}

/// The end of the log: what happened last is what somebody asks about.
const LOG_BYTES: usize = 128 * 1024;

/// Everything as one text. `keychain` and `agent` are said by whoever can ask them.
///
/// # Errors
/// Where Plumbline's own files cannot be read.
pub fn diagnostics(store: &Store, keychain: &str, agent: &str, names: Names) -> Result<String, StoreError> {
    let computer = this_computer();
    let servers = store.servers()?;
    let mut text = format!(
        "Plumbline {}, {}\n{}, {}, {} cores\nKeychain: {keychain}\nSSH agent: {agent}\nSaved servers: {}\n",
        env!("CARGO_PKG_VERSION"),
        Moment::now().rfc3339(),
        computer.system,
        computer.arch,
        computer.cores,
        servers.len(),
    );
    for server in &servers {
        let verdict = serde_json::to_value(server.verdict).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {} ({}@{}:{}): {}, {}, last checked {}",
            server.name,
            server.user,
            server.host,
            server.port,
            server.role,
            verdict.as_str().unwrap_or_default(),
            server.last_check
        );
    }
    let _ = write!(text, "\nThe end of the log:\n{}", log(store));
    if names == Names::Hidden {
        let mut known: Vec<(String, String)> = Vec::new();
        for (index, server) in servers.iter().enumerate() {
            known.push((server.name.clone(), format!("server-{}", index + 1)));
            known.push((server.host.clone(), format!("server-{}", index + 1)));
            known.push((server.user.clone(), "somebody".to_owned()));
        }
        known.push((computer.name, "this-computer".to_owned()));
        text = hidden(&text, known);
    }
    Ok(text)
}

/// The newest files, as much of their end as fits.
fn log(store: &Store) -> String {
    let mut files: Vec<_> = std::fs::read_dir(store.folder().join("logs")).into_iter().flatten().flatten().collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    let mut bytes = Vec::new();
    for file in files.iter().rev().take(2).collect::<Vec<_>>().into_iter().rev() {
        bytes.extend(std::fs::read(file.path()).unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut start = text.len().saturating_sub(LOG_BYTES);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    match text[start..].split_once('\n') {
        Some((_, whole)) if start > 0 => whole.to_owned(),
        _ => text[start..].to_owned(),
    }
}

/// Fields of a log line that name a place or a person, whether we know them or not.
const NAMING: [&str; 5] = ["host=", "server=", "user=", "name=", "by="];

fn hidden(text: &str, mut known: Vec<(String, String)>) -> String {
    let mut text: String = text.lines().map(|line| without_homes(&without_fields(line)) + "\n").collect();
    // The longest first, so that no name is left half hidden inside another.
    known.retain(|(name, _)| !name.is_empty());
    known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, stand_in) in known {
        text = replaced(&text, &name, &stand_in);
    }
    let home = std::env::var("HOME").unwrap_or_default();
    if home.len() > 1 { text.replace(&home, "~") } else { text }
}

fn without_fields(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((at, field)) = NAMING.iter().filter_map(|f| Some((rest.find(f)?, *f))).min_by_key(|(at, _)| *at) {
        let (before, after) = rest.split_at(at + field.len());
        let after = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').map_or("", |(_, left)| left),
            None => after.find(' ').map_or("", |end| &after[end..]),
        };
        kept.push_str(before);
        kept.push_str("(hidden)");
        rest = after;
    }
    kept + rest
}

/// Home folders carry the name of their owner.
fn without_homes(line: &str) -> String {
    let mut line = line.to_owned();
    for homes in ["/home/", "/Users/"] {
        while let Some(at) = line.find(homes) {
            let name = &line[at + homes.len()..];
            let end = name.find(['/', ' ', '"', ':']).unwrap_or(name.len());
            line.replace_range(at..at + homes.len() + end, "~");
        }
    }
    line
}

/// Whole words only: a user called "in" is not in every "in".
fn replaced(text: &str, name: &str, stand_in: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, found) = rest.split_at(at);
        let after = &found[name.len()..];
        let whole = !before.ends_with(part) && !after.starts_with(part);
        kept.push_str(before);
        kept.push_str(if whole { stand_in } else { name });
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::{hidden, replaced, without_fields};

    #[test]
    fn fields_that_name_somebody_are_hidden() {
        let line = r#"INFO remote: signed in server="chat 01" by=key /home/mara/.ssh/id ms=34 user=mara"#;
        let told = without_fields(line);
        assert!(!told.contains("chat") && !told.contains("user=mara") && told.contains("ms=34"), "{told}");
    }

    #[test]
    fn names_go_whole_and_only_as_words() {
        assert_eq!(replaced("in chat-01 of main", "in", "somebody"), "somebody chat-01 of main");
        let known =
            vec![("chat".to_owned(), "server-2".to_owned()), ("chat.example".to_owned(), "server-1".to_owned())];
        assert_eq!(hidden("chat.example and chat", known), "server-1 and server-2\n");
    }
}

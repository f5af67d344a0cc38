//! How large things are: printed for people to judge. Only the map of the house has a hard limit.

use crate::{Broken, File};
use std::fmt::Write as _;

fn written(file: &&File) -> bool {
    [".rs", ".ts", ".svelte", ".sh", ".mjs", ".py", ".css"].iter().any(|end| file.path.ends_with(end))
        && !file.path.ends_with("ipc/bindings.ts")
}

/// The longest files and functions, and the number of files above 400 lines.
#[must_use]
pub fn table(files: &[File]) -> String {
    let mut sizes: Vec<_> = files.iter().filter(written).map(|file| (file.text.lines().count(), &*file.path)).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let total: usize = sizes.iter().map(|(lines, _)| lines).sum();
    let above = sizes.iter().filter(|(lines, _)| *lines > 400).count();
    let mut text = format!("{total} lines in {} files, {above} of them above 400; the longest:\n", sizes.len());
    for (lines, path) in sizes.iter().take(12) {
        let _ = writeln!(text, "{lines:6}  {path}");
    }
    let mut functions: Vec<_> = files.iter().filter(|file| file.is_rust()).flat_map(functions).collect();
    functions.sort_unstable_by(|a, b| b.cmp(a));
    let _ = writeln!(text, "the longest functions:");
    for (lines, place) in functions.iter().take(12) {
        let _ = writeln!(text, "{lines:6}  {place}");
    }
    text
}

/// Length and place of each function, read by rustfmt's indentation.
fn functions(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize, String)> = None;
    for (number, line) in file.lines() {
        let depth = line.len() - line.trim_start().len();
        if let Some((start, at, name)) = open.take() {
            if depth == at && line.trim() == "}" {
                found.push((number - start + 1, format!("{}:{start} {name}", file.path)));
                continue;
            }
            open = Some((start, at, name));
        }
        let head = line.trim_start();
        let is_head = [
            "fn ",
            "pub fn ",
            "pub(crate) fn ",
            "async fn ",
            "pub async fn ",
            "pub(crate) async fn ",
            "pub(super) fn ",
        ];
        if is_head.iter().any(|start| head.starts_with(start)) && !head.ends_with('}') && !head.ends_with(';') {
            let name = head.split("fn ").nth(1).unwrap_or_default();
            let name = name.split(['(', '<']).next().unwrap_or_default().to_owned();
            open = Some((number, depth, name));
        }
    }
    found
}

/// ARCHITECTURE.md is read in one sitting, or not at all.
#[must_use]
pub fn the_map_is_short(files: &[File]) -> Broken {
    const LONGEST: usize = 150;
    let Some(map) = files.iter().find(|file| file.path == "ARCHITECTURE.md") else {
        return vec!["ARCHITECTURE.md: there is none".into()];
    };
    let lines = map.text.lines().count();
    if lines < LONGEST { vec![] } else { vec![format!("ARCHITECTURE.md: {lines} lines; below {LONGEST} it is read")] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured() {
        let file =
            File::new("a.rs", "impl A {\n    pub fn b(&self) {\n        if x {\n        }\n    }\n}\nfn c() {\n}\n");
        assert_eq!(functions(&file), [(4, "a.rs:2 b".to_owned()), (2, "a.rs:7 c".to_owned())]);
    }

    #[test]
    fn a_long_map_is_seen() {
        assert_eq!(the_map_is_short(&[File::new("ARCHITECTURE.md", &"line\n".repeat(150))]).len(), 1);
        assert_eq!(the_map_is_short(&[File::new("ARCHITECTURE.md", "line\n")]).len(), 0);
        assert_eq!(the_map_is_short(&[]).len(), 1);
    }
}

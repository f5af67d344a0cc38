//! A file before and after, line by line.

use crate::plan::{DiffLine, DiffSign, FileDiff};

/// The difference as a person reads it; `now` gives the live value that an added line replaces.
pub(crate) fn file(path: &str, old: Option<&str>, new: &str, now: impl Fn(&str) -> Option<String>) -> FileDiff {
    let before: Vec<&str> = old.unwrap_or_default().lines().collect();
    let after: Vec<&str> = new.lines().collect();
    let mut lines = Vec::new();
    let mut push = |sign, text: &str| {
        let now = if sign == DiffSign::Add { now(text) } else { None };
        lines.push(DiffLine { sign, text: text.to_owned(), now });
    };
    let longest = common(&before, &after);
    let (mut i, mut j) = (0, 0);
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            push(DiffSign::Keep, before[i]);
            (i, j) = (i + 1, j + 1);
        } else if i < before.len() && (j == after.len() || longest[i + 1][j] >= longest[i][j + 1]) {
            push(DiffSign::Remove, before[i]);
            i += 1;
        } else {
            push(DiffSign::Add, after[j]);
            j += 1;
        }
    }
    FileDiff { path: path.to_owned(), new: old.is_none(), lines }
}

/// Length of the longest common run of lines from each pair of places on. Our files have tens of lines.
fn common(before: &[&str], after: &[&str]) -> Vec<Vec<u32>> {
    let mut table = vec![vec![0; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            table[i][j] =
                if before[i] == after[j] { table[i + 1][j + 1] + 1 } else { table[i + 1][j].max(table[i][j + 1]) };
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::file;
    use crate::plan::DiffSign::{Add, Keep, Remove};

    #[test]
    fn what_stays_stays() {
        let diff = file("/x", Some("a\nb\nc\n"), "a\nB\nc\nd\n", |_| None);
        let signs: Vec<_> = diff.lines.iter().map(|line| (line.sign, line.text.as_str())).collect();
        assert_eq!(signs, [(Keep, "a"), (Remove, "b"), (Add, "B"), (Keep, "c"), (Add, "d")]);
        assert!(!diff.new);
    }
}

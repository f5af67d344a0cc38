//! Each trap of the sources, T-01 to T-40, has a test that bears its name.

use crate::{Broken, File};

/// As the sources' traps are numbered.
const LAST: u32 = 40;

/// A test's name says which traps it shows: `t_08_t_09_contradictions_are_shown`.
pub fn each_has_a_test(files: &[File]) -> Broken {
    let tests = |file: &&File| file.is_rust() && !file.path.starts_with("tests/tidy/");
    let names: Vec<&str> = files.iter().filter(tests).flat_map(tests_of).collect();
    let shown = |trap: u32| {
        let name = format!("t_{trap:02}_");
        names.iter().any(|test| test.starts_with(&name) || test.contains(&format!("_{name}")))
    };
    (1..=LAST).filter(|trap| !shown(*trap)).map(|trap| format!("T-{trap:02}: no test bears its name")).collect()
}

/// The functions that stand right below `#[test]`.
fn tests_of(file: &File) -> impl Iterator<Item = &str> {
    file.text.lines().zip(file.text.lines().skip(1)).filter_map(|(mark, line)| {
        let name = line.trim_start().strip_prefix("fn ").filter(|_| mark.trim_start() == "#[test]")?;
        Some(name.split('(').next().unwrap_or(name))
    })
}

#[cfg(test)]
mod tests {
    use super::{LAST, each_has_a_test};
    use crate::File;

    #[test]
    fn a_trap_without_a_test_is_named() {
        let all = |but: u32| -> String {
            (1..=LAST)
                .filter(|trap| *trap != but)
                .map(|trap| format!("#[test]\nfn t_{trap:02}_is_held() {{}}\n"))
                .collect()
        };
        let file = |text: &str| [File::new("src-tauri/crates/checks/tests/traps.rs", text)];
        assert_eq!(each_has_a_test(&file(&all(0))), Vec::<String>::new());
        assert_eq!(each_has_a_test(&file(&all(12))), ["T-12: no test bears its name"]);
        // a helper is no test
        assert_eq!(each_has_a_test(&file(&format!("{}fn t_12_helper() {{}}\n", all(12)))).len(), 1);
        assert_eq!(each_has_a_test(&file(&format!("{}#[test]\nfn f_4_t_12_both() {{}}\n", all(12)))).len(), 0);
    }
}

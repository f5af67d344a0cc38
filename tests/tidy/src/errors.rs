//! Every error that a person may be shown has been brought about once by a test, or it says here why not.

use crate::{Broken, File};

/// Where the codes and their words stand.
const TABLE: &str = "src-tauri/crates/remote/src/words.rs";

/// Codes that no test brings about as a person would meet them, and the reason.
const NOT_MET: &[(&str, &str)] = &[(
    "internal",
    "it stands for mistakes of our own; those that can be made on purpose are mended, not kept for a test",
)];

/// A test says the code, as `plumb` prints it or as scripts match it.
pub fn each_was_met(files: &[File]) -> Broken {
    let Some(table) = files.iter().find(|file| file.path == TABLE) else {
        return vec![format!("{TABLE}: the table of errors is not there")];
    };
    let tests: Vec<&File> = files.iter().filter(|file| is_test(file)).collect();
    let met = |code: &str| tests.iter().any(|file| file.text.contains(&format!("\"{code}\"")));
    let mut broken = Vec::new();
    for (number, code) in codes(table) {
        let excused = NOT_MET.iter().any(|(excused, _)| *excused == code);
        match (met(code), excused) {
            (false, false) => broken.push(format!("{TABLE}:{number}: no test brings about {code}")),
            (true, true) => broken.push(format!("{TABLE}:{number}: {code} is met by a test and excused as well")),
            (true, false) | (false, true) => {}
        }
    }
    broken
}

/// Tests of whole parts, with real servers and files; what stands beside the words proves only the words.
fn is_test(file: &File) -> bool {
    let place = |top: &str| file.path.starts_with(top);
    file.is_rust() && !place("tests/tidy/") && (place("tests/") || file.path.contains("/tests/"))
}

fn codes(table: &File) -> impl Iterator<Item = (usize, &str)> {
    table.lines().filter_map(|(number, line)| {
        let row = line.trim_start().starts_with("Fault::").then(|| line.split_once("=> row(\"")).flatten()?;
        Some((number, row.1.split_once('"')?.0))
    })
}

#[cfg(test)]
mod tests {
    use super::{TABLE, each_was_met};
    use crate::File;

    #[test]
    fn an_error_that_no_test_met_is_named() {
        let table = File::new(
            TABLE,
            "        Fault::Refused => row(\"connection-refused\",\n        Fault::NotSsh => row(\"not-ssh\",\n",
        );
        let test = File::new("tests/reach/tests/host.rs", "assert_eq!(error.code(), \"not-ssh\");");
        let beside = File::new("src-tauri/crates/remote/src/ssh.rs", "\"connection-refused\"");
        let broken = each_was_met(&[table, test, beside]);
        assert_eq!(broken.len(), 1, "{broken:?}");
        assert!(broken[0].contains("connection-refused"), "{broken:?}");
    }
}

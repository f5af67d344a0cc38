//! Every error that a person may be shown has been brought about once by a test.

use crate::{Broken, File};

/// Where the codes and their words stand.
const TABLE: &str = "src-tauri/crates/remote/src/words.rs";

/// A test says the code, as `plumb` prints it or as scripts match it.
pub fn each_was_met(files: &[File]) -> Broken {
    let Some(table) = files.iter().find(|file| file.path == TABLE) else {
        return vec![format!("{TABLE}: the table of errors is not there")];
    };
    let tests: Vec<&File> = files.iter().filter(|file| is_test(file)).collect();
    let met = |code: &str| {
        tests
            .iter()
            .any(|file| [format!("\"{code}\""), format!("({code})")].iter().any(|said| file.text.contains(said)))
    };
    let unmet = codes(table).filter(|(_, code)| !met(code));
    unmet.map(|(number, code)| format!("{TABLE}:{number}: no test brings about {code}")).collect()
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

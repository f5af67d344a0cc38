//! What a person sends to whoever helps them: useful, without a secret, and without names where those are not wanted.

use crate::plumb::Plumb;
use anyhow::{Result, ensure};

const LOG: &str = r#"2026-11-21T11:32:47Z INFO remote::ssh: signed in server="chat-01.example" by=key /home/mara/.ssh/id ms=34
2026-11-21T11:32:48Z WARN session: the check is not kept on this computer
"#;

#[test]
fn the_end_of_the_log_with_names_and_without() -> Result<()> {
    let plumb = Plumb::new()?;
    let logs = plumb.file("data/plumbline/logs");
    std::fs::create_dir_all(&logs)?;
    std::fs::write(logs.join("plumbline.2026-11-21.log"), LOG)?;
    let shown = plumb.call(&["diagnostics"], &[])?.ended(0)?;
    for wanted in ["Plumbline 0.", "Keychain: ", "chat-01.example", "the check is not kept"] {
        ensure!(shown.out.contains(wanted), "it lacks {wanted:?}:\n{}", shown.out);
    }
    let file = plumb.file("diagnostics.txt");
    plumb.call(&["diagnostics", "--hide-names", "--out", &file.to_string_lossy()], &[])?.ended(0)?;
    let hidden = std::fs::read_to_string(file)?;
    for gone in ["chat-01", "/home/mara", &plumb.home.path().to_string_lossy()] {
        ensure!(!hidden.contains(gone), "{gone:?} is still there:\n{hidden}");
    }
    ensure!(hidden.contains("ms=34") && hidden.contains("the check is not kept"), "too much is hidden:\n{hidden}");
    Ok(())
}

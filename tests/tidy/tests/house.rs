//! The rules, held against this project as it stands.

use std::path::Path;
use tidy::{File, arrows, errors, files, paper, pure, size, traps, window, words};

fn project() -> std::io::Result<Vec<File>> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let files = files(&top)?;
    assert!(files.len() > 50, "this is not the project: {}", top.display());
    Ok(files)
}

macro_rules! holds {
    ($($module:ident :: $rule:ident),* $(,)?) => {$(
        #[test]
        fn $rule() -> std::io::Result<()> {
            let broken = $module::$rule(&project()?);
            assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
            Ok(())
        }
    )*};
}

holds! {
    arrows::only_those_drawn,
    arrows::core_is_unworldly,
    errors::each_was_met,
    pure::core_touches_nothing,
    pure::one_place_quotes_for_the_shell,
    pure::only_the_rim_starts_programs,
    pure::only_the_command_line_prints,
    pure::lints_are_set_aside_with_a_reason,
    pure::commands_only_translate,
    pure::crates_say_what_they_are_for,
    window::only_ipc_talks_to_rust,
    window::screens_know_no_ipc,
    window::colours_come_from_tokens,
    words::folders_have_names,
    words::types_have_names,
    words::nothing_points_outside,
    words::locks_name_one_source,
    size::the_map_is_short,
    traps::each_has_a_test,
    paper::links_lead_somewhere,
    paper::the_index_is_complete,
}

#[test]
fn sizes() -> std::io::Result<()> {
    println!("{}", size::table(&project()?));
    Ok(())
}

//! Every command the window may call. A body takes, calls `session`, returns: ten lines at most, and no decision.

pub(crate) mod report;
pub(crate) mod servers;
pub(crate) mod settings;
pub(crate) mod work;

use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

/// The commands, for the window and for the generated bindings alike.
pub(crate) fn all() -> Builder<tauri::Wry> {
    Builder::new().error_handling(ErrorHandlingMode::Throw).disable_serde_phases().commands(collect_commands![
        servers::products,
        servers::open_requirements,
        servers::drop_requirements,
        servers::forget_requirements,
        servers::role_needs,
        servers::connect_defaults,
        servers::inspect_key,
        servers::pick_key_file,
        servers::connect,
        servers::answer,
        servers::cancel,
        servers::this_computer,
        servers::open_facts,
        servers::drop_facts,
        servers::practice,
        servers::saved_servers,
        servers::forget_server,
        servers::history,
        servers::compare_checks,
        work::check,
        work::measurable,
        work::measure,
        work::give_sudo,
        work::apply,
        work::keep,
        work::put_back,
        work::more_time,
        work::undo,
        work::past_runs,
        work::take_up,
        work::join_setup,
        report::summary,
        report::fit,
        report::answer_question,
        report::set_aside,
        report::save_pdf,
        report::save_setup_report,
        report::share_setup,
        report::open_setup,
        report::save_json,
        report::save_script,
        report::save_playbook,
        report::copy_details,
        settings::settings,
        settings::set_settings,
        settings::place,
        settings::save_place,
        settings::open_log_folder,
        settings::save_diagnostics,
        settings::about,
        settings::open_data_folder,
    ])
}

#[cfg(test)]
mod tests {
    use specta_typescript::Typescript;
    use std::path::Path;

    /// `PLUMBLINE_WRITE_BINDINGS=1 cargo test -p plumbline bindings` writes them anew.
    #[test]
    fn the_committed_bindings_are_those_of_these_commands() {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/ipc/bindings.ts");
        if std::env::var_os("PLUMBLINE_WRITE_BINDINGS").is_some() {
            super::all().export(Typescript::default(), &committed).expect("bindings can be written");
        }
        let folder = std::env::temp_dir().join(format!("plumbline-bindings-{}", std::process::id()));
        let fresh = folder.join("bindings.ts");
        super::all().export(Typescript::default(), &fresh).expect("every type can be said in TypeScript");
        let wanted = std::fs::read_to_string(&fresh).expect("just written");
        let found = std::fs::read_to_string(&committed).unwrap_or_default();
        std::fs::remove_dir_all(&folder).expect("ours to remove");
        assert!(found == wanted, "ui/src/ipc/bindings.ts is not what the commands say: see this test's comment");
    }
}

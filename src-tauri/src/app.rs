//! Puts the window together: the log first, then the commands, then the event loop.

use crate::{commands, desk::Desk, log};
use std::process::ExitCode;

/// Runs until the window is closed.
pub(crate) fn run() -> ExitCode {
    let _log = log::begin();
    let commands = commands::all();
    let app = tauri::Builder::default()
        .manage(Desk::open())
        .invoke_handler(commands.invoke_handler())
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|_, _| {});
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window did not open");
            ExitCode::FAILURE
        }
    }
}

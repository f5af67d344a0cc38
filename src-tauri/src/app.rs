//! Puts the window together: the log first, then the commands, then the event loop.

use crate::desk::{Desk, desk};
use crate::walk::OpenRun;
use crate::{commands, dialog, log};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};

/// Runs until the window is closed.
pub(crate) fn run() -> ExitCode {
    vault::leave_no_core();
    #[cfg(target_os = "linux")]
    paint_by_processor();
    let _log = log::begin();
    let commands = commands::all();
    let app = tauri::Builder::default()
        .manage(Desk::open())
        .invoke_handler(commands.invoke_handler())
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::WindowEvent { label, event: WindowEvent::CloseRequested { api, .. }, .. } = event
                    && closing(app, &label)
                {
                    api.prevent_close();
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window did not open");
            ExitCode::FAILURE
        }
    }
}

/// Has WebKit paint the page by the processor, unless somebody wants it otherwise. For a quiet page the graphics card brings
/// nothing, and where one is imitated by software, as in most virtual machines, it takes 25 MB more and longer to begin.
/// Layers are still put together as ever.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "WebKit can be told by the environment alone")]
fn paint_by_processor() {
    const NAME: &str = "WEBKIT_SKIA_ENABLE_CPU_RENDERING";
    if std::env::var_os(NAME).is_none() {
        // SAFETY: this process has one thread so far, so nobody reads the environment meanwhile.
        unsafe { std::env::set_var(NAME, "1") };
    }
}

/// Whether closing has to wait for an answer. While a server is being changed it asks, once at a time.
fn closing(app: &AppHandle, label: &str) -> bool {
    static ASKING: AtomicBool = AtomicBool::new(false);
    let run = desk(app).open_run();
    let Some(window) = app.get_webview_window(label) else { return false };
    if run == OpenRun::Nothing {
        return false;
    }
    if !ASKING.swap(true, Ordering::Relaxed) {
        tauri::async_runtime::spawn(async move {
            let close = dialog::close_anyway(&window, &run).await;
            ASKING.store(false, Ordering::Relaxed);
            if close && let Err(error) = window.destroy() {
                tracing::error!(%error, "the window did not close");
            }
        });
    }
    true
}

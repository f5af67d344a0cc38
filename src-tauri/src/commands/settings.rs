//! Choices of the person at this computer, and the place where the wizard stood.

use crate::desk::desk;
use crate::dialog::TEXT;
use crate::wire::{About, Failure, Saved, Settings, reaching};
use crate::{dialog, failure, log};
use tauri::{AppHandle, WebviewWindow};

#[tauri::command]
#[specta::specta]
pub(crate) async fn settings(app: AppHandle) -> Result<Settings, Failure> {
    let settings = desk(&app).store().and_then(|store| store.settings()).map_err(failure::of_store)?;
    Ok(Settings::from(settings))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_settings(app: AppHandle, settings: Settings) -> Result<(), Failure> {
    desk(&app).store().and_then(|store| store.set_settings(&settings.into())).map_err(failure::of_store)
}

/// Where the wizard stood when the window closed, as it wrote it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn place(app: AppHandle) -> Option<String> {
    // A place that cannot be read is no place: the walk begins at its start.
    let place = desk(&app).store().and_then(|store| store.place()).ok()??;
    Some(place.to_string())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_place(app: AppHandle, json: String) {
    let place = serde_json::from_str(&json).unwrap_or_default();
    if let Err(error) = desk(&app).store().and_then(|store| store.set_place(place)) {
        // The walk goes on; only a reopened window begins at its start.
        tracing::warn!(%error, "the place is not kept");
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn open_log_folder() -> Result<(), Failure> {
    let folder = log::folder().ok_or_else(failure::no_log)?;
    dialog::show_folder(&folder).map_err(|error| failure::of_file(&folder, &error))
}

/// One text for whoever helps: this computer, the servers, the end of the log. Names only where they are wanted.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_diagnostics(app: AppHandle, window: WebviewWindow, names: bool) -> Saved {
    match desk(&app).diagnostics(names).await {
        Ok(text) => {
            let title = "Save diagnostics";
            dialog::save(&window, title, "plumbline-diagnostics.txt", TEXT, text.as_bytes()).await
        }
        Err(error) => Saved::refused(failure::of_store(error)),
    }
}

/// What the settings screen tells of this installation.
#[tauri::command]
#[specta::specta]
pub(crate) async fn about(app: AppHandle) -> Result<About, Failure> {
    let desk = desk(&app);
    let store = desk.store().map_err(failure::of_store)?;
    Ok(reaching::about(&store, desk.vault().state().await))
}

/// Shows the folder with Plumbline's own files.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_data_folder(app: AppHandle) -> Result<(), Failure> {
    let store = desk(&app).store().map_err(failure::of_store)?;
    dialog::show_folder(store.folder()).map_err(|error| failure::of_file(store.folder(), &error))
}

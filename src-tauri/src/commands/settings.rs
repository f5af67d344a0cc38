//! Choices of the person at this computer, and the place where the wizard stood.

use crate::failure;
use crate::wire::{Failure, Settings};
use tauri::AppHandle;

#[tauri::command]
#[specta::specta]
pub(crate) async fn settings(app: AppHandle) -> Result<Settings, Failure> {
    let _ = app;
    Err(failure::not_yet())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_settings(app: AppHandle, settings: Settings) -> Result<(), Failure> {
    let _ = (app, settings);
    Err(failure::not_yet())
}

/// Where the wizard stood when the window closed, as it wrote it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn place(app: AppHandle) -> Option<String> {
    let _ = app;
    None
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_place(app: AppHandle, json: String) {
    let _ = (app, json);
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn open_log_folder() -> Result<(), Failure> {
    Err(failure::not_yet())
}

//! What the walk came to, and what leaves the app.

use crate::failure;
use crate::wire::{Failure, FitRow, Saved, Summary};
use tauri::{AppHandle, WebviewWindow};

#[tauri::command]
#[specta::specta]
pub(crate) async fn summary(app: AppHandle, session: String) -> Result<Summary, Failure> {
    let _ = (app, session);
    Err(failure::not_yet())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn fit(app: AppHandle, session: String) -> Result<Vec<FitRow>, Failure> {
    let _ = (app, session);
    Err(failure::not_yet())
}

/// A person's word on a point that Plumbline cannot see.
#[tauri::command]
#[specta::specta]
pub(crate) async fn answer_question(
    app: AppHandle,
    session: String,
    id: String,
    answer: String,
    name: String,
) -> Result<Summary, Failure> {
    let _ = (app, session, id, answer, name);
    Err(failure::not_yet())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_pdf(window: WebviewWindow, session: String) -> Saved {
    let _ = (window, session);
    Saved::Refused { failure: failure::not_yet() }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_json(window: WebviewWindow, session: String) -> Saved {
    let _ = (window, session);
    Saved::Refused { failure: failure::not_yet() }
}

/// Saves the chosen changes as an Ansible playbook or a shell script, by the name that the person gives the file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_script(window: WebviewWindow, session: String, changes: Vec<String>) -> Saved {
    let _ = (window, session, changes);
    Saved::Refused { failure: failure::not_yet() }
}

/// The raw text behind "Copy details"; free of secrets.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_details(app: AppHandle, session: String) -> Result<String, Failure> {
    let _ = (app, session);
    Err(failure::not_yet())
}

//! What the walk came to, and what leaves the app.

use crate::desk::desk;
use crate::dialog::{self, JSON, PDF, PLAYBOOK, SCRIPT};
use crate::failure;
use crate::walk;
use crate::wire::{Aside, Checked, Failure, FitRow, Saved, SetupOpened, Summary};
use tauri::{AppHandle, Manager, WebviewWindow};

#[tauri::command]
#[specta::specta]
pub(crate) async fn summary(app: AppHandle, session: String) -> Result<Summary, Failure> {
    let walk = desk(&app).walk(&session).ok_or_else(failure::no_walk)?;
    walk.summary().await
}

/// What the server could carry beside the chosen role.
#[tauri::command]
#[specta::specta]
pub(crate) async fn fit(app: AppHandle, session: String) -> Result<Vec<FitRow>, Failure> {
    let desk = desk(&app);
    let walk = desk.walk(&session).ok_or_else(failure::no_walk)?;
    walk.fit(&desk).await
}

/// A person's word on a point that Plumbline cannot see: yes, no or later.
#[tauri::command]
#[specta::specta]
pub(crate) async fn answer_question(
    app: AppHandle,
    session: String,
    id: String,
    answer: String,
    name: String,
) -> Result<Summary, Failure> {
    let desk = desk(&app);
    let walk = desk.walk(&session).ok_or_else(failure::no_walk)?;
    walk.give_word(&desk, &id, &answer, &name).await
}

/// Sets a need aside with reason, name and last day, or takes it up again; gives the check as it stands then.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_aside(
    app: AppHandle,
    session: String,
    id: String,
    aside: Option<Aside>,
) -> Result<Checked, Failure> {
    let desk = desk(&app);
    let walk = desk.walk(&session).ok_or_else(failure::no_walk)?;
    walk.set_aside(&desk, &id, aside).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_pdf(window: WebviewWindow, session: String) -> Saved {
    let Some(walk) = desk(window.app_handle()).walk(&session) else { return Saved::refused(failure::no_walk()) };
    match walk.pdf().await {
        Ok(bytes) => dialog::save(&window, "Save the report", &walk.file_name("pdf").await, PDF, &bytes).await,
        Err(failure) => Saved::refused(failure),
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_json(window: WebviewWindow, session: String) -> Saved {
    let Some(walk) = desk(window.app_handle()).walk(&session) else { return Saved::refused(failure::no_walk()) };
    match walk.json().await {
        Ok(bytes) => dialog::save(&window, "Save as JSON", &walk.file_name("json").await, JSON, &bytes).await,
        Err(failure) => Saved::refused(failure),
    }
}

/// Saves the chosen changes as a script, or as a playbook where the name ends in `.yml`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_script(window: WebviewWindow, session: String, changes: Vec<String>) -> Saved {
    let Some(walk) = desk(window.app_handle()).walk(&session) else { return Saved::refused(failure::no_walk()) };
    let name = walk.file_name("sh").await;
    let Some(path) = dialog::choose(&window, "Save the changes as a script", &name, &[SCRIPT, PLAYBOOK]).await else {
        return Saved::NotSaved;
    };
    match walk.changes_as(&path, &changes).await {
        Ok(text) => dialog::write(&path, text.as_bytes()),
        Err(failure) => Saved::refused(failure),
    }
}

/// Saves what was kept and what is still offered as an Ansible playbook.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_playbook(window: WebviewWindow, session: String) -> Saved {
    let Some(walk) = desk(window.app_handle()).walk(&session) else { return Saved::refused(failure::no_walk()) };
    let text = match walk.playbook().await {
        Ok(text) => text,
        Err(failure) => return Saved::refused(failure),
    };
    dialog::save(&window, "Save as a playbook", &walk.file_name("yml").await, PLAYBOOK, text.as_bytes()).await
}

/// The raw text behind "Copy details"; free of secrets.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_details(app: AppHandle, session: String) -> Result<String, Failure> {
    let walk = desk(&app).walk(&session).ok_or_else(failure::no_walk)?;
    walk.details().await
}

/// One report for all servers of a setup, from the newest check of each.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_setup_report(window: WebviewWindow, setup: String) -> Saved {
    let reports = match desk(window.app_handle()).setup(&setup) {
        Ok(reports) => reports,
        Err(error) => return Saved::refused(failure::of_store(error)),
    };
    match walk::setup_pdf(&setup, reports).await {
        Ok(bytes) => dialog::save(&window, "Save the report", &walk::setup_file(&setup, "pdf"), PDF, &bytes).await,
        Err(failure) => Saved::refused(failure),
    }
}

/// Saves a setup as a file for another computer: servers, roles and newest checks; no secret, and no place of a key.
#[tauri::command]
#[specta::specta]
pub(crate) async fn share_setup(window: WebviewWindow, setup: String) -> Saved {
    let name = walk::setup_file(&setup, "json");
    let Some(path) = dialog::choose(&window, "Share the setup", &name, &[JSON]).await else { return Saved::NotSaved };
    match desk(window.app_handle()).share_setup(&setup, &path) {
        Ok(()) => Saved::To { path: path.display().to_string() },
        Err(error) => Saved::refused(failure::of_store(error)),
    }
}

/// Opens a setup that another computer shared: its servers stand among the known ones from then on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_setup(window: WebviewWindow) -> SetupOpened {
    let Some(path) = dialog::open(&window, "Open a shared setup").await else { return SetupOpened::NotChosen };
    match desk(window.app_handle()).open_setup(&path) {
        Ok((setup, servers)) => SetupOpened::Opened { setup, servers },
        Err(error) => SetupOpened::Refused { failure: failure::of_store(error) },
    }
}

//! Choosing a role and reaching a server.

use crate::wire::Failure;
use crate::wire::choosing;
use crate::wire::{ConnectAsk, ConnectDefaults, ConnectReply, ConnectStep, KeyFile, Product, RoleNeeds, SavedServer};
use crate::{dialog, failure};
use tauri::ipc::Channel;
use tauri::{AppHandle, WebviewWindow};

#[tauri::command]
#[specta::specta]
pub(crate) async fn products() -> Vec<Product> {
    choosing::products(profiles::catalog())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn role_needs(role: String) -> Result<RoleNeeds, Failure> {
    let choice = role.parse().map_err(profiles::BadRole::from).map_err(failure::of_role)?;
    choosing::role_needs(profiles::catalog(), &choice).map_err(failure::of_role)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn connect_defaults() -> Result<ConnectDefaults, Failure> {
    Err(failure::not_yet())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn inspect_key(path: String) -> Result<KeyFile, Failure> {
    let _ = path;
    Err(failure::not_yet())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_key_file(window: WebviewWindow) -> Option<String> {
    let path = dialog::open(&window, "Choose a key file").await?;
    Some(path.to_string_lossy().into_owned())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn connect(app: AppHandle, ask: ConnectAsk, on: Channel<ConnectStep>) -> ConnectReply {
    let _ = (app, ask, on);
    ConnectReply::Refused { failure: failure::not_yet() }
}

/// The answer to a question that the server asked while signing in; `null` gives up.
#[tauri::command]
#[specta::specta]
pub(crate) async fn answer(app: AppHandle, id: u32, text: Option<String>) {
    let _ = (app, id, text);
}

/// Stops whatever runs, within two seconds.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel(app: AppHandle) {
    let _ = app;
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn this_computer(app: AppHandle, on: Channel<ConnectStep>) -> ConnectReply {
    let _ = (app, on);
    ConnectReply::Refused { failure: failure::not_yet() }
}

/// Opens the output of the probe that somebody ran by hand.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_facts(window: WebviewWindow) -> ConnectReply {
    let _ = window;
    ConnectReply::Refused { failure: failure::not_yet() }
}

/// A recorded server to try things on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice(app: AppHandle) -> ConnectReply {
    let _ = app;
    ConnectReply::Refused { failure: failure::not_yet() }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn saved_servers(app: AppHandle) -> Result<Vec<SavedServer>, Failure> {
    let _ = app;
    Err(failure::not_yet())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_server(app: AppHandle, id: String) -> Result<(), Failure> {
    let _ = (app, id);
    Err(failure::not_yet())
}

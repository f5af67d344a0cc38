//! Choosing a role and reaching a server.

use crate::desk::desk;
use crate::wire::{
    Compared, ConnectAsk, ConnectDefaults, ConnectReply, ConnectStep, Failure, History, KeyFile, Offer,
    RequirementsOpened, RoleNeeds, SavedServer,
};
use crate::wire::{choosing, past, reaching};
use crate::{connect, dialog, failure, requirements};
use remote::Secret;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, WebviewWindow};

#[tauri::command]
#[specta::specta]
pub(crate) async fn products(app: AppHandle) -> Offer {
    choosing::offer(&desk(&app).shelf())
}

/// A requirements file that somebody gave this person: kept here, and used like the built-in ones from then on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_requirements(window: WebviewWindow) -> RequirementsOpened {
    match dialog::open(&window, "Open a requirements file").await {
        Some(path) => requirements::opened(&desk(window.app_handle()), &path),
        None => RequirementsOpened::NotChosen,
    }
}

/// The same, from a file that was dropped on the window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn drop_requirements(app: AppHandle, name: String, text: String) -> RequirementsOpened {
    requirements::dropped(&desk(&app), &name, &text)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_requirements(app: AppHandle, name: String) -> Result<Offer, Failure> {
    let desk = desk(&app);
    desk.store().and_then(|store| store.forget_requirements(&name)).map_err(failure::of_store)?;
    Ok(choosing::offer(&desk.shelf()))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn role_needs(app: AppHandle, role: String) -> Result<RoleNeeds, Failure> {
    let choice = role.parse().map_err(failure::of_choice)?;
    choosing::role_needs(&desk(&app).catalog(), &choice).map_err(failure::of_role)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn connect_defaults(app: AppHandle) -> ConnectDefaults {
    connect::defaults(&desk(&app)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn inspect_key(path: String) -> KeyFile {
    reaching::key_file(path.as_ref())
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
    connect::over_ssh(&desk(&app), ask, on).await
}

/// The answer to a question that the server asked while signing in; `null` gives up.
#[tauri::command]
#[specta::specta]
pub(crate) async fn answer(app: AppHandle, id: u32, text: Option<String>) {
    desk(&app).answer(id, text.map(Secret::from));
}

/// Stops whatever runs, within two seconds.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel(app: AppHandle) {
    desk(&app).stop();
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn this_computer(app: AppHandle, on: Channel<ConnectStep>) -> ConnectReply {
    // Nothing on the way here takes time, so there is nothing to tell; the window listens all the same.
    drop(on);
    connect::here(&desk(&app)).await
}

/// Opens the output of the probe that somebody ran by hand.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_facts(window: WebviewWindow) -> ConnectReply {
    match dialog::open(&window, "Open what the probe said").await {
        Some(path) => connect::from_file(&desk(window.app_handle()), &path).await,
        None => ConnectReply::NotChosen,
    }
}

/// A file that was dropped on the window: what the probe said. The window hands it on as it is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn drop_facts(app: AppHandle, name: String, text: String) -> ConnectReply {
    connect::dropped(&desk(&app), &name, text).await
}

/// A recorded server to try things on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice(app: AppHandle) -> ConnectReply {
    connect::practice(&desk(&app)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn saved_servers(app: AppHandle) -> Result<Vec<SavedServer>, Failure> {
    let desk = desk(&app);
    let servers = desk.store().and_then(|store| store.servers()).map_err(failure::of_store)?;
    Ok(reaching::saved(&desk.catalog(), servers))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_server(app: AppHandle, id: String) -> Result<(), Failure> {
    desk(&app).store().and_then(|store| store.forget(&id)).map_err(failure::of_store)
}

/// Every check of one server that this computer kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn history(app: AppHandle, id: String) -> Result<History, Failure> {
    let desk = desk(&app);
    let checks = desk.checks(&id).map_err(failure::of_store)?;
    Ok(past::history(&desk.catalog(), &checks))
}

/// Two checks of one server side by side, each by its name in the history.
#[tauri::command]
#[specta::specta]
pub(crate) async fn compare_checks(
    app: AppHandle,
    id: String,
    before: String,
    now: String,
) -> Result<Compared, Failure> {
    let checks = desk(&app).checks(&id).map_err(failure::of_store)?;
    let find = |at: &str| checks.iter().find(|check| check.at == at);
    let (before, now) = find(&before).zip(find(&now)).ok_or_else(failure::no_check)?;
    Ok(past::compared(before, now))
}

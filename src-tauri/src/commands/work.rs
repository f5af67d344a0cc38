//! Checking, changing, keeping, putting back.

use crate::failure;
use crate::wire::{ApplyOutcome, ApplyReply, ApplyStep, CheckReply, CheckStep, Failure};
use tauri::AppHandle;
use tauri::ipc::Channel;

#[tauri::command]
#[specta::specta]
pub(crate) async fn check(app: AppHandle, session: String, role: String, on: Channel<CheckStep>) -> CheckReply {
    let _ = (app, session, role, on);
    CheckReply::Refused { failure: failure::not_yet() }
}

/// Takes the password for sudo; `null` when it was right.
#[tauri::command]
#[specta::specta]
pub(crate) async fn give_sudo(app: AppHandle, session: String, password: String, remember: bool) -> Option<Failure> {
    let _ = (app, session, password, remember);
    Some(failure::not_yet())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn apply(app: AppHandle, session: String, changes: Vec<String>, on: Channel<ApplyStep>) -> ApplyReply {
    let _ = (app, session, changes, on);
    ApplyReply::Refused { failure: failure::not_yet() }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn keep(app: AppHandle, session: String) -> ApplyOutcome {
    let _ = (app, session);
    ApplyOutcome::Refused { failure: failure::not_yet() }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn put_back(app: AppHandle, session: String) -> ApplyOutcome {
    let _ = (app, session);
    ApplyOutcome::Refused { failure: failure::not_yet() }
}

/// Sets the safety timer anew.
#[tauri::command]
#[specta::specta]
pub(crate) async fn more_time(app: AppHandle, session: String) -> ApplyReply {
    let _ = (app, session);
    ApplyReply::Refused { failure: failure::not_yet() }
}

/// Puts back a run that was kept. The same safety timer applies.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo(app: AppHandle, session: String, run: String, on: Channel<ApplyStep>) -> ApplyReply {
    let _ = (app, session, run, on);
    ApplyReply::Refused { failure: failure::not_yet() }
}

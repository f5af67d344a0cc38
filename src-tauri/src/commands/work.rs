//! Checking, changing, keeping, putting back.

use crate::desk::desk;
use crate::failure;
use crate::wire::{
    ApplyOutcome, ApplyReply, ApplyStep, CheckReply, CheckStep, Failure, Measurable, MeasureReply, MeasureStep,
    PastRun, StorageAsk, UndoAnswers,
};
use tauri::AppHandle;
use tauri::ipc::Channel;

#[tauri::command]
#[specta::specta]
pub(crate) async fn check(app: AppHandle, session: String, role: String, on: Channel<CheckStep>) -> CheckReply {
    let desk = desk(&app);
    match (desk.walk(&session), role.parse()) {
        (None, _) => CheckReply::Refused { failure: failure::no_walk() },
        (_, Err(error)) => CheckReply::Refused { failure: failure::of_choice(error) },
        (Some(walk), Ok(choice)) => walk.check(&desk, choice, &on).await,
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn measurable(app: AppHandle, session: String) -> Vec<Measurable> {
    let desk = desk(&app);
    match desk.walk(&session) {
        Some(walk) => walk.measurable(&desk).await,
        None => Vec::new(),
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn measure(
    app: AppHandle,
    session: String,
    what: Vec<String>,
    storage: Option<StorageAsk>,
    on: Channel<MeasureStep>,
) -> MeasureReply {
    let desk = desk(&app);
    match desk.walk(&session) {
        Some(walk) => walk.measure(&desk, &what, storage, &on).await,
        None => MeasureReply::Refused { failure: failure::no_walk() },
    }
}

/// Takes the password for sudo; `null` when it was right.
#[tauri::command]
#[specta::specta]
pub(crate) async fn give_sudo(app: AppHandle, session: String, password: String, remember: bool) -> Option<Failure> {
    let desk = desk(&app);
    match desk.walk(&session) {
        Some(walk) => walk.give_sudo(&desk, password, remember).await.err(),
        None => Some(failure::no_walk()),
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn apply(app: AppHandle, session: String, changes: Vec<String>, on: Channel<ApplyStep>) -> ApplyReply {
    let desk = desk(&app);
    match desk.walk(&session) {
        Some(walk) => walk.apply(&desk, &changes, &on).await,
        None => ApplyReply::Refused { failure: failure::no_walk() },
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn keep(app: AppHandle, session: String) -> ApplyOutcome {
    match desk(&app).walk(&session) {
        Some(walk) => walk.keep().await,
        None => ApplyOutcome::Refused { failure: failure::no_walk() },
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn put_back(app: AppHandle, session: String) -> ApplyOutcome {
    match desk(&app).walk(&session) {
        Some(walk) => walk.put_back().await,
        None => ApplyOutcome::Refused { failure: failure::no_walk() },
    }
}

/// Sets the safety timer anew.
#[tauri::command]
#[specta::specta]
pub(crate) async fn more_time(app: AppHandle, session: String) -> ApplyReply {
    let desk = desk(&app);
    match desk.walk(&session) {
        Some(walk) => walk.more_time(&desk).await,
        None => ApplyReply::Refused { failure: failure::no_walk() },
    }
}

/// Puts back a run that was kept. The same safety timer applies.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo(
    app: AppHandle,
    session: String,
    run: String,
    answers: UndoAnswers,
    on: Channel<ApplyStep>,
) -> ApplyReply {
    let desk = desk(&app);
    match desk.walk(&session) {
        Some(walk) => walk.undo(&desk, &run, answers, &on).await,
        None => ApplyReply::Refused { failure: failure::no_walk() },
    }
}

/// Every run that the server remembers, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn past_runs(app: AppHandle, session: String) -> Result<Vec<PastRun>, Failure> {
    let walk = desk(&app).walk(&session).ok_or_else(failure::no_walk)?;
    walk.past_runs().await
}

/// Takes up a run that still waits for an answer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn take_up(app: AppHandle, session: String, run: String, on: Channel<ApplyStep>) -> ApplyReply {
    let desk = desk(&app);
    match desk.walk(&session) {
        Some(walk) => walk.take_up(&desk, &run, &on).await,
        None => ApplyReply::Refused { failure: failure::no_walk() },
    }
}

/// Makes the server one of a setup of several, from its next check on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn join_setup(app: AppHandle, session: String, setup: String) -> Result<(), Failure> {
    let walk = desk(&app).walk(&session).ok_or_else(failure::no_walk)?;
    walk.join_setup(&setup).await;
    Ok(())
}

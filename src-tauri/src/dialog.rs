//! The system's own dialogs for opening and saving. A person chooses the path; the window never names one.

use crate::failure;
use crate::walk::OpenRun;
use crate::wire::Saved;
use rfd::{AsyncFileDialog, AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A kind of file, as the dialog names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileKind {
    pub(crate) name: &'static str,
    pub(crate) extension: &'static str,
}

pub(crate) const PDF: FileKind = FileKind { name: "PDF document", extension: "pdf" };
pub(crate) const TEXT: FileKind = FileKind { name: "Text", extension: "txt" };
pub(crate) const JSON: FileKind = FileKind { name: "JSON", extension: "json" };
pub(crate) const SCRIPT: FileKind = FileKind { name: "Shell script with its undo", extension: "sh" };
pub(crate) const PLAYBOOK: FileKind = FileKind { name: "Ansible playbook", extension: "yml" };

/// Asks where, and saves `bytes` there: whole, or not at all.
pub(crate) async fn save(
    window: &tauri::WebviewWindow,
    title: &str,
    name: &str,
    kind: FileKind,
    bytes: &[u8],
) -> Saved {
    match choose(window, title, name, &[kind]).await {
        Some(path) => write(&path, bytes),
        None => Saved::NotSaved,
    }
}

/// Asks where to save; `None` when the person thought better of it. A name without an extension gets the
/// one of the first kind.
pub(crate) async fn choose(
    window: &tauri::WebviewWindow,
    title: &str,
    name: &str,
    kinds: &[FileKind],
) -> Option<PathBuf> {
    let mut dialog = AsyncFileDialog::new().set_parent(window).set_title(title).set_file_name(name);
    for kind in kinds {
        dialog = dialog.add_filter(kind.name, &[kind.extension]);
    }
    let mut path = dialog.save_file().await?.path().to_owned();
    if let (None, Some(kind)) = (path.extension(), kinds.first()) {
        path.set_extension(kind.extension);
    }
    Some(path)
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Saved {
    match session::store::write_whole(path, bytes) {
        Ok(()) => Saved::To { path: path.display().to_string() },
        Err(error) => Saved::refused(failure::of_file(path, &error)),
    }
}

/// Asks which file to open.
pub(crate) async fn open(window: &tauri::WebviewWindow, title: &str) -> Option<PathBuf> {
    let dialog = AsyncFileDialog::new().set_parent(window).set_title(title);
    Some(dialog.pick_file().await?.path().to_owned())
}

/// Asks before the window closes over a run that is open. The server takes care of itself either way.
pub(crate) async fn close_anyway(window: &tauri::WebviewWindow, run: &OpenRun) -> bool {
    let text = match run {
        OpenRun::Nothing => return true,
        OpenRun::Working => "The server is being changed. Nobody would be there to keep the changes, so it puts everything back by itself.".to_owned(),
        OpenRun::Until(time) => format!("The server puts everything back at {time}."),
    };
    let [close, stay] = ["Close anyway", "Stay here"];
    let dialog =
        AsyncMessageDialog::new().set_parent(window).set_level(MessageLevel::Warning).set_title("Close anyway?");
    let buttons = MessageButtons::OkCancelCustom(close.to_owned(), stay.to_owned());
    let answer = dialog.set_description(text).set_buttons(buttons).show().await;
    matches!(answer, MessageDialogResult::Ok) || answer == MessageDialogResult::Custom(close.to_owned())
}

/// Shows a folder in the system's file manager.
pub(crate) fn show_folder(folder: &Path) -> io::Result<()> {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    Command::new(program).arg(folder).spawn().map(|_| ())
}

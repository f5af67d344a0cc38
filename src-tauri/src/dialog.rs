//! The system's own dialogs for opening and saving. A person chooses the path; the window never names one.

use rfd::AsyncFileDialog;
use std::path::PathBuf;

/// A kind of file, as the dialog names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileKind {
    pub(crate) name: &'static str,
    pub(crate) extension: &'static str,
}

pub(crate) const PDF: FileKind = FileKind { name: "PDF document", extension: "pdf" };
pub(crate) const JSON: FileKind = FileKind { name: "JSON", extension: "json" };

/// Asks where to save; `None` when the person thought better of it. A name without an extension gets the usual one.
pub(crate) async fn save(window: &tauri::WebviewWindow, title: &str, name: &str, kind: FileKind) -> Option<PathBuf> {
    let dialog = AsyncFileDialog::new()
        .set_parent(window)
        .set_title(title)
        .set_file_name(name)
        .add_filter(kind.name, &[kind.extension]);
    let mut path = dialog.save_file().await?.path().to_owned();
    if path.extension().is_none() {
        path.set_extension(kind.extension);
    }
    Some(path)
}

/// Asks which file to open.
pub(crate) async fn open(window: &tauri::WebviewWindow, title: &str) -> Option<PathBuf> {
    let dialog = AsyncFileDialog::new().set_parent(window).set_title(title);
    Some(dialog.pick_file().await?.path().to_owned())
}

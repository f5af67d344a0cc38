//! The rules of the house, each a function from the files of the project to what breaks it.
//!
//! They hold what ARCHITECTURE.md promises: who may know whom, what the pure core never touches, what the window never
//! does. Deliberately absent: anything a compiler, clippy or a formatter says already.
//!
//! ```
//! let files = vec![tidy::File::new("ui/src/screens/Home.svelte", "import { invoke } from '@tauri-apps/api/core'")];
//! assert_eq!(tidy::window::only_ipc_talks_to_rust(&files).len(), 1);
//! ```

pub mod arrows;
pub mod errors;
pub mod paper;
pub mod pure;
pub mod size;
pub mod traps;
pub mod window;
pub mod words;

use std::path::Path;

/// One text file of the project, its path from the top with `/` between.
#[derive(Clone, Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    #[must_use]
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Lines with their numbers from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// Lines of Rust that are neither comments nor below the file's own tests.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines()
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// What breaks a rule: `path:line: why`.
pub type Broken = Vec<String>;

/// Every text file under `top` that belongs to the project: not what is built, fetched or ignored.
///
/// # Errors
/// Where a folder cannot be read.
pub fn files(top: &Path) -> std::io::Result<Vec<File>> {
    let mut files = Vec::new();
    let mut folders = vec![top.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                let made = name.starts_with("target") || ["node_modules", "dist", "gen", ".git"].contains(&&*name);
                if !made {
                    folders.push(path);
                }
            } else if name == ".git" {
                // In a second work tree it is a file that names a path of this machine.
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let path = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

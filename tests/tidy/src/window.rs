//! What the window never does.

use crate::{Broken, File};
use regex::Regex;

fn ui(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.path.starts_with("ui/src/"))
}

fn is_test(file: &File) -> bool {
    file.path.contains(".test.") || file.path.contains("/test/")
}

/// One file talks to Rust, and the one that is generated for it.
#[must_use]
pub fn only_ipc_talks_to_rust(files: &[File]) -> Broken {
    let mut broken = Broken::new();
    for file in ui(files).filter(|file| !is_test(file)) {
        if ["ui/src/ipc/commands.ts", "ui/src/ipc/bindings.ts"].contains(&&*file.path) {
            continue;
        }
        for (number, line) in file.lines().filter(|(_, line)| line.contains("@tauri-apps")) {
            broken.push(format!("{}:{number}: talks to Rust beside ipc/commands.ts: {}", file.path, line.trim()));
        }
    }
    broken
}

/// Screens and components take data and callbacks; they do not fetch.
#[must_use]
pub fn screens_know_no_ipc(files: &[File]) -> Broken {
    let Ok(import) = Regex::new(r#"from\s+["'][^"']*ipc/(commands|fake)"#) else { return vec!["wrong pattern".into()] };
    let mut broken = Broken::new();
    let parts = |file: &&File| file.path.starts_with("ui/src/screens/") || file.path.starts_with("ui/src/components/");
    for file in ui(files).filter(parts).filter(|file| !is_test(file)) {
        for (number, _) in file.lines().filter(|(_, line)| import.is_match(line)) {
            broken.push(format!("{}:{number}: takes from ipc what it should be given", file.path));
        }
    }
    broken
}

/// Colours have names, and the names stand in one file.
#[must_use]
pub fn colours_come_from_tokens(files: &[File]) -> Broken {
    let raw = r"(^|[^&\w/-])#[0-9a-fA-F]{3,4}([0-9a-fA-F]{2,4})?\b|\b(rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(\s*[\d.]";
    let Ok(raw) = Regex::new(raw) else { return vec!["wrong pattern".into()] };
    let mut broken = Broken::new();
    let styled = |file: &&File| file.path.ends_with(".css") || file.path.ends_with(".svelte");
    for file in ui(files).filter(styled).filter(|file| file.path != "ui/src/styles/tokens.css") {
        for (number, line) in file.lines() {
            // `{#if}`, `#each` and the like are Svelte's, `href="#…"` and `url(#…)` are places.
            let is_place = line.contains("href=") || line.contains("url(#");
            if let Some(found) = raw.find(line).filter(|_| !is_place) {
                broken.push(format!("{}:{number}: raw colour {}", file.path, found.as_str().trim()));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &str, text: &str) -> Vec<File> {
        vec![File::new(path, text)]
    }

    #[test]
    fn a_second_voice_to_rust_is_seen() {
        let line = "import { invoke } from \"@tauri-apps/api/core\";";
        assert_eq!(only_ipc_talks_to_rust(&one("ui/src/screens/Check.svelte", line)).len(), 1);
        assert_eq!(only_ipc_talks_to_rust(&one("ui/src/ipc/commands.ts", line)).len(), 0);
        let line = "import { check } from '../ipc/commands';";
        assert_eq!(screens_know_no_ipc(&one("ui/src/screens/Check.svelte", line)).len(), 1);
        let types = "import type { Finding } from '../ipc/bindings';";
        assert_eq!(screens_know_no_ipc(&one("ui/src/screens/Check.svelte", types)).len(), 0);
    }

    #[test]
    fn a_raw_colour_is_seen_and_a_block_is_none() {
        let path = "ui/src/components/Button.svelte";
        for line in ["color: #fff;", "fill=\"#265DA6\"", "background: rgb(1 2 3)", "color: oklch(0.5 0 0)"] {
            assert_eq!(colours_come_from_tokens(&one(path, line)).len(), 1, "{line}");
        }
        for line in [
            "{#if added}",
            "{#each dads as dad}",
            "<a href=\"#add\">",
            "color: var(--ink);",
            "&#128;",
            "rgb(from var(--ink) r g b)",
        ] {
            assert_eq!(colours_come_from_tokens(&one(path, line)).len(), 0, "{line}");
        }
        assert_eq!(colours_come_from_tokens(&one("ui/src/styles/tokens.css", "--ink: #000;")).len(), 0);
    }
}

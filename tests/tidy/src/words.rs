//! Names that say nothing, and words that have no place in this project.

use crate::{Broken, File};
use regex::Regex;

/// No folder is called after nothing in particular.
#[must_use]
pub fn folders_have_names(files: &[File]) -> Broken {
    const EMPTY: &[&str] =
        &["utils", "util", "helpers", "helper", "common", "manager", "service", "services", "core", "misc", "lib"];
    let mut broken = Broken::new();
    for file in files {
        let folders = file.path.rsplit_once('/').map_or("", |(folders, _)| folders);
        for folder in folders.split('/').filter(|folder| EMPTY.contains(folder)) {
            broken.push(format!("{}: a folder called `{folder}`", file.path));
        }
    }
    broken
}

/// No type is either.
#[must_use]
pub fn types_have_names(files: &[File]) -> Broken {
    let pattern = r"\b(struct|enum|trait|union|class|interface|type)\s+((\w*(Manager|Helpers?|Utils?|Processor))|Common|Core|Service)\b";
    let Ok(pattern) = Regex::new(pattern) else { return vec!["wrong pattern".into()] };
    let mut broken = Broken::new();
    let written = |file: &&File| [".rs", ".ts", ".svelte"].iter().any(|end| file.path.ends_with(end));
    for file in files
        .iter()
        .filter(written)
        .filter(|file| !file.path.ends_with("ipc/bindings.ts") && !file.path.starts_with("tests/tidy/"))
    {
        for (number, line) in file.lines().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if let Some(found) = pattern.find(line) {
                broken.push(format!("{}:{number}: `{}` says nothing about what it is", file.path, found.as_str()));
            }
        }
    }
    broken
}

/// The project stands alone: no path out of it, and no name of a place on one person's machine.
#[must_use]
pub fn nothing_points_outside(files: &[File]) -> Broken {
    let Ok(pattern) = Regex::new(r"\.\./shared\b|(^|[^\w.])/(work|root|home)/(shared|main|trees|target)\b") else {
        return vec!["wrong pattern".into()];
    };
    let mut broken = Broken::new();
    for file in files.iter().filter(|file| !file.path.starts_with("tests/tidy/")) {
        for (number, line) in file.lines().filter(|(_, line)| pattern.is_match(line)) {
            broken.push(format!("{}:{number}: points outside the project: {}", file.path, line.trim()));
        }
    }
    broken
}

/// Lock files say what and which version; from where is each machine's own affair.
#[must_use]
pub fn locks_name_one_source(files: &[File]) -> Broken {
    let mut broken = Broken::new();
    for file in files {
        if file.path.ends_with("Cargo.lock") {
            let mut sources: Vec<_> = file.lines().filter(|(_, line)| line.starts_with("source = ")).collect();
            sources.dedup_by_key(|(_, line)| *line);
            for (number, line) in sources.iter().filter(|(_, line)| !line.starts_with("source = \"registry+")) {
                broken.push(format!("{}:{number}: not from the registry: {line}", file.path));
            }
            if let Some((number, line)) =
                sources.iter().find(|(_, line)| sources.first().is_some_and(|(_, first)| line != first))
            {
                broken.push(format!("{}:{number}: a second source: {line}", file.path));
            }
        }
        if file.path.ends_with("package-lock.json") {
            for (number, _) in file.lines().filter(|(_, line)| line.trim_start().starts_with("\"resolved\": \"http")) {
                broken.push(format!("{}:{number}: names the host that it was fetched from", file.path));
            }
        }
        let settings = [".npmrc", ".cargo/config.toml", "pip.conf"].iter().any(|end| file.path.ends_with(end));
        if settings {
            for (number, _) in file.lines().filter(|(_, line)| line.contains("://")) {
                broken.push(format!("{}:{number}: names a host to fetch from", file.path));
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
    fn empty_names_are_seen() {
        assert_eq!(folders_have_names(&one("ui/src/utils/a.ts", "")).len(), 1);
        assert_eq!(folders_have_names(&one("src-tauri/crates/tuning/src/change/service.rs", "")).len(), 0);
        assert_eq!(types_have_names(&one("a.rs", "pub struct SessionManager {")).len(), 1);
        assert_eq!(types_have_names(&one("a.rs", "enum Core {")).len(), 1);
        assert_eq!(types_have_names(&one("a.rs", "struct ServiceState; // not a CoreManager")).len(), 0);
    }

    #[test]
    fn ways_out_are_seen() {
        assert_eq!(nothing_points_outside(&one("a.sh", "cat ../shared/a")).len(), 1);
        assert_eq!(nothing_points_outside(&one("a.sh", "cd /work/main && ls")).len(), 1);
        assert_eq!(nothing_points_outside(&one("a.sh", "mkdir -p $STATE/work root")).len(), 0);
        assert_eq!(
            locks_name_one_source(&one("package-lock.json", "  \"resolved\": \"https://example.net/a.tgz\",")).len(),
            1
        );
        let lock = "source = \"registry+one\"\nsource = \"registry+one\"\n";
        assert_eq!(locks_name_one_source(&one("Cargo.lock", lock)).len(), 0);
        assert_eq!(locks_name_one_source(&one("Cargo.lock", &format!("{lock}source = \"registry+two\""))).len(), 1);
        assert_eq!(locks_name_one_source(&one("Cargo.lock", "source = \"git+ssh\"")).len(), 1);
    }
}

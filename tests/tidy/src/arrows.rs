//! Who may know whom. An arrow is "depends on"; a crate that is not listed here has no place in the house yet.

use crate::{Broken, File};

const CORE: &[&str] = &["facts", "profiles", "checks", "tuning", "report"];

/// Each crate and those of our own that it may depend on.
pub const ARROWS: &[(&str, &[&str])] = &[
    ("facts", &[]),
    ("profiles", &["facts"]),
    ("checks", &["profiles", "facts"]),
    ("tuning", &["profiles", "facts", "checks"]),
    ("report", &["facts", "profiles", "checks", "tuning"]),
    ("measure", &["remote", "facts"]),
    ("remote", &[]),
    ("vault", &[]),
    ("session", &["facts", "profiles", "checks", "tuning", "report", "measure", "remote", "vault"]),
    ("cli", &["session", "facts", "profiles", "checks", "tuning", "report", "remote", "vault"]),
    ("plumbline", &["session", "facts", "profiles", "checks", "tuning", "report", "remote", "vault"]),
];

/// What would let a pure crate touch the world, or ask it the time.
const WORLDLY: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "ssh2",
    "russh",
    "keyring",
    "keyring-core",
    "tauri",
    "rfd",
    "sysinfo",
    "getrandom",
    "rand",
    "directories",
    "dirs",
    "tempfile",
    "reqwest",
    "ureq",
    "hyper",
    "socket2",
    "nix",
    "libc",
    "rustix",
    "notify",
];

fn manifests(files: &[File]) -> impl Iterator<Item = (&File, toml::Table)> {
    files
        .iter()
        .filter(|file| file.path.starts_with("src-tauri/") && file.path.ends_with("Cargo.toml"))
        .filter_map(|file| Some((file, file.text.parse::<toml::Table>().ok()?)))
}

fn name(manifest: &toml::Table) -> &str {
    manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str).unwrap_or_default()
}

/// Dependencies proper and those of single systems, by the name that they are published under; not those of tests.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let tables = manifest
        .get("target")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(|targets| targets.values().filter_map(|target| target.get("dependencies")));
    manifest
        .get("dependencies")
        .into_iter()
        .chain(tables)
        .filter_map(toml::Value::as_table)
        .flat_map(|table| {
            table
                .iter()
                .map(|(key, value)| value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned())
        })
        .collect()
}

/// Every arrow between our crates is one that is drawn.
#[must_use]
pub fn only_those_drawn(files: &[File]) -> Broken {
    let mut broken = Broken::new();
    for (file, manifest) in manifests(files) {
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name(&manifest)) else {
            broken.push(format!("{}: crate `{}` has no arrows in tests/tidy", file.path, name(&manifest)));
            continue;
        };
        for dependency in dependencies(&manifest) {
            let ours = ARROWS.iter().any(|(known, _)| *known == dependency);
            if ours && !allowed.contains(&&*dependency) {
                broken.push(format!("{}: {} may not know {dependency}", file.path, name(&manifest)));
            }
        }
    }
    broken
}

/// The core depends on nothing that touches the world.
#[must_use]
pub fn core_is_unworldly(files: &[File]) -> Broken {
    let mut broken = Broken::new();
    for (file, manifest) in manifests(files).filter(|(_, manifest)| CORE.contains(&name(manifest))) {
        for dependency in dependencies(&manifest) {
            if WORLDLY.contains(&&*dependency)
                || dependency.starts_with("tauri-")
                || dependency.ends_with("-keyring-store")
            {
                broken.push(format!("{}: {} is pure and may not use {dependency}", file.path, name(&manifest)));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, rest: &str) -> Vec<File> {
        let text = format!("[package]\nname = \"{name}\"\n{rest}");
        vec![File::new(&format!("src-tauri/crates/{name}/Cargo.toml"), &text)]
    }

    #[test]
    fn an_arrow_that_is_not_drawn_is_seen() {
        assert_eq!(only_those_drawn(&manifest("remote", "[dependencies]\nfacts.workspace = true")).len(), 1);
        assert_eq!(only_those_drawn(&manifest("facts", "[dependencies]\nx = { package = \"vault\" }")).len(), 1);
        assert_eq!(only_those_drawn(&manifest("checks", "[dependencies]\nfacts.workspace = true")).len(), 0);
        assert_eq!(only_those_drawn(&manifest("helpers", "")).len(), 1);
    }

    #[test]
    fn a_worldly_core_is_seen_and_its_tests_may_be() {
        assert_eq!(core_is_unworldly(&manifest("tuning", "[dependencies]\ntokio = \"1\"")).len(), 1);
        assert_eq!(core_is_unworldly(&manifest("facts", "[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"")).len(), 1);
        assert_eq!(core_is_unworldly(&manifest("tuning", "[dev-dependencies]\ntempfile = \"3\"")).len(), 0);
        assert_eq!(core_is_unworldly(&manifest("remote", "[dependencies]\ntokio = \"1\"")).len(), 0);
    }
}

//! Kernel modules and options.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Cited, Notes, word};
use super::system::{container, no_source};
use crate::{Key, Kind, Value, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    for kind in [Kind::ModuleLoaded, Kind::ModuleAvailable, Kind::ModuleAtBoot] {
        for key in answers.asked(kind) {
            read_module(key, answers, notes);
        }
    }
    for key in answers.asked(Kind::KernelConfig) {
        read_option(key, answers, notes);
    }
}

/// The kernel takes - and _ in a module's name for the same.
fn same(name: &str) -> String {
    name.replace('-', "_")
}

fn read_module(key: &Key, answers: &Answers, notes: &mut Notes) {
    let parts = (answers.said("module.loaded"), answers.files("module.files"), answers.files("setting.modules"));
    let (loaded, found, at_boot) = match parts {
        (Ok(loaded), Ok(found), Ok(at_boot)) => (loaded, found, at_boot),
        (Err(silence), ..) | (_, Err(silence), _) | (.., Err(silence)) => return notes.silent([key.clone()], &silence),
    };
    let name = same(key.argument());
    let is_loaded = loaded.text.lines().any(|line| line.strip_suffix(" loaded") == Some(key.argument()));
    let place = found.lines().find(|(_, hit)| same(hit.trim_start_matches('/').trim_end_matches(".ko")) == name);
    let built_in = place.is_some_and(|(path, _)| path.ends_with("/modules.builtin"));
    let shown = match (is_loaded, place) {
        (true, _) => format!("/sys/module/{name}"),
        (false, Some((path, hit))) => format!("{path}:{hit}"),
        (false, None) => String::new(),
    };
    let cited = notes.cite(
        format!("ls -d /sys/module/{name}; modprobe -n {}", key.argument()),
        &shown,
        i32::from(shown.is_empty()),
    );
    match key.kind() {
        Kind::ModuleLoaded => notes.reported(key.clone(), Value::Flag(is_loaded || built_in), &cited),
        Kind::ModuleAtBoot => {
            let line =
                at_boot.lines().find(|(_, line)| same(line.split_whitespace().next().unwrap_or_default()) == name);
            let shown = line.map(|(path, line)| format!("{path}:{line}")).unwrap_or_default();
            let cited = notes.cite(
                format!("grep -r {} /etc/modules /etc/modules-load.d", key.argument()),
                &shown,
                i32::from(line.is_none()),
            );
            notes.reported(key.clone(), Value::Flag(line.is_some() || built_in), &cited);
        }
        _ if is_loaded || place.is_some() => notes.reported(key.clone(), Value::Flag(true), &cited),
        // Without the running kernel's folder nothing can be said about what it could load.
        _ if has_modules(answers) => notes.reported(key.clone(), Value::Flag(false), &cited),
        _ => match container(answers, notes) {
            Ok(Some(by)) => notes.unknown(key.clone(), Why::Hidden { by }, &cited),
            Ok(None) if answers.settled("marks") => {
                notes.unknown(key.clone(), no_source("/lib/modules of the running kernel"), &cited);
            }
            _ => {}
        },
    }
}

fn has_modules(answers: &Answers) -> bool {
    let release = answers.text("kernel").and_then(|text| text.split_whitespace().nth(2)).unwrap_or_default();
    let marks = answers.text("marks").unwrap_or_default();
    !release.is_empty() && marks.lines().any(|line| line.strip_prefix("/lib/modules/") == Some(release))
}

fn read_option(key: &Key, answers: &Answers, notes: &mut Notes) {
    let files = match (answers.files("setting.kernel"), answers.files("setting.kernelgz")) {
        (Err(silence @ Silence::NotYet), _) | (_, Err(silence @ Silence::NotYet)) if !answers.ended() => {
            return notes.silent([key.clone()], &silence);
        }
        (Err(silence), _) => return notes.silent([key.clone()], &silence),
        (Ok(files), _) => files,
    };
    let name = key.argument().trim_start_matches("CONFIG_");
    let plain = files.lines().map(|(_, line)| line);
    let packed = answers.text("setting.kernelgz").unwrap_or_default().lines();
    let options: Vec<_> =
        plain.chain(packed).filter_map(|line| line.strip_prefix("CONFIG_")?.split_once('=')).collect();
    let found = options.iter().find(|(option, _)| *option == name);
    let shown = found.map(|(option, value)| format!("CONFIG_{option}={value}")).unwrap_or_default();
    let cited = notes.cite(format!("grep CONFIG_{name}= /boot/config-$(uname -r)"), &shown, i32::from(found.is_none()));
    match found {
        Some((_, value)) => notes.reported(key.clone(), Value::Text(word(value)), &cited),
        // The probe asks for an option that every kernel we run on has: seeing it, the file was there to read.
        None if options.iter().any(|(option, _)| *option == "64BIT") => {
            notes.reported(key.clone(), Value::Text("n".to_owned()), &cited);
        }
        None => notes.unknown(
            key.clone(),
            no_source("the kernel's configuration (/boot/config-*, /proc/config.gz)"),
            &Cited::new(),
        ),
    }
}

//! What Rust files may do, by where they stand.

use crate::{Broken, File};
use regex::Regex;

/// Crates that know neither files, networks, processes, surroundings nor the time.
const PURE: &[&str] = &["facts", "profiles", "checks", "tuning", "report"];

fn seek(pattern: &str) -> Option<Regex> {
    // The patterns are ours and a test runs each of them; a wrong one is `None` and fails that test.
    Regex::new(pattern).ok()
}

fn krate(file: &File) -> Option<&str> {
    file.path.strip_prefix("src-tauri/crates/")?.split_once("/src/").map(|(name, _)| name)
}

fn find(files: &[File], pattern: &str, why: &str, here: impl Fn(&File) -> bool) -> Broken {
    let Some(pattern) = seek(pattern) else { return vec![format!("wrong pattern {pattern}")] };
    let mut broken = Broken::new();
    for file in files.iter().filter(|file| file.is_rust() && here(file)) {
        for (number, line) in file.code() {
            if let Some(found) = pattern.find(line) {
                broken.push(format!("{}:{number}: `{}` {why}", file.path, found.as_str().trim()));
            }
        }
    }
    broken
}

/// The core asks nobody the time and touches nothing.
#[must_use]
pub fn core_touches_nothing(files: &[File]) -> Broken {
    let worldly = r"\b(tokio|ssh2|keyring|tauri|rfd)::|\bstd::(fs|process|env|thread)\b|\buse std::\{[^}]*\b(fs|process|env)\b|\b(Tcp|Unix)(Stream|Listener)\b|\bUdpSocket\b|\bToSocketAddrs\b|\bSystemTime\b|\bInstant\b|\b(Timestamp|Zoned)::now\b|\bFile::(open|create)\b";
    find(files, worldly, "in a pure crate", |file| krate(file).is_some_and(|name| PURE.contains(&name)))
}

/// Text becomes words of a shell in one place.
#[must_use]
pub fn one_place_quotes_for_the_shell(files: &[File]) -> Broken {
    let quoting = r##"'\\\\''|\br#*"[^"]*'\\''|'"'"'|\bshlex::|\bshell_escape::|\bshell_words::|fn \w*(quote|escape)_(sh|shell)\b|fn (sh|shell)_(quote|escape)\b"##;
    find(files, quoting, "quotes for a shell outside tuning's sh.rs", |file| {
        file.path.starts_with("src-tauri/")
            && file.path != "src-tauri/crates/tuning/src/sh.rs"
            && !file.path.contains("/tests/")
    })
}

/// Programs are started by `remote`, which is where a machine's shell is; `vault` may ask for a password on a terminal.
#[must_use]
pub fn only_the_rim_starts_programs(files: &[File]) -> Broken {
    find(files, r"\bCommand::new\(", "starts a program outside remote", |file| {
        krate(file).is_some_and(|name| !["remote", "cli"].contains(&name))
    })
}

/// Standard output belongs to `plumb`.
#[must_use]
pub fn only_the_command_line_prints(files: &[File]) -> Broken {
    find(files, r"(^|[^_\w])print(ln)?!\(", "prints outside cli", |file| {
        file.path.starts_with("src-tauri/")
            && krate(file) != Some("cli")
            && !file.path.contains("/tests/")
            && !file.path.contains("/examples/")
    })
}

/// A lint is set aside with a reason, and only while it would speak.
#[must_use]
pub fn lints_are_set_aside_with_a_reason(files: &[File]) -> Broken {
    let mut broken = Broken::new();
    for file in
        files.iter().filter(|file| file.is_rust() && file.path.starts_with("src-tauri/") && file.path.contains("/src/"))
    {
        for (number, line) in file.lines() {
            let line = line.trim_start();
            // The line-wise reading takes a list over several lines for one without a reason; say it on one line.
            if (line.starts_with("#[allow(") || line.starts_with("#![allow(") || line.starts_with("#[expect("))
                && !line.contains("reason")
            {
                broken.push(format!("{}:{number}: a lint is set aside without its reason", file.path));
            }
        }
    }
    broken
}

/// The body of a Tauri command takes, calls and returns: ten lines at most.
#[must_use]
pub fn commands_only_translate(files: &[File]) -> Broken {
    const LONGEST: usize = 10;
    let mut broken = Broken::new();
    for file in files.iter().filter(|file| file.is_rust() && file.path.starts_with("src-tauri/src/")) {
        let mut lines = file.lines();
        while let Some((_, line)) = lines.next() {
            if !line.trim_start().starts_with("#[tauri::command") {
                continue;
            }
            // rustfmt opens the body at a line's end and closes it at the depth of its `fn`.
            let Some((number, head)) = lines.find(|(_, line)| line.contains("fn ")) else { break };
            let depth = head.len() - head.trim_start().len();
            if !head.ends_with('{') && !lines.any(|(_, line)| line.ends_with('{')) {
                break;
            }
            let end = format!("{}}}", " ".repeat(depth));
            let length = lines.by_ref().take_while(|(_, line)| *line != end).count();
            if length > LONGEST {
                broken.push(format!("{}:{number}: a command of {length} lines; {LONGEST} is the most", file.path));
            }
        }
    }
    broken
}

/// Every crate begins by saying what it is for and what it lacks on purpose.
#[must_use]
pub fn crates_say_what_they_are_for(files: &[File]) -> Broken {
    let head = |file: &&File| file.path.ends_with("src/lib.rs") || file.path.ends_with("src/main.rs");
    files
        .iter()
        .filter(|file| file.path.starts_with("src-tauri/"))
        .filter(head)
        // A crate whose code is yet to come says so by being empty.
        .filter(|file| file.text.lines().count() > 5)
        .filter(|file| !file.text.starts_with("//!") || !file.text.to_lowercase().contains("absent"))
        .map(|file| format!("{}: opens without `//!` on what it is for and what is deliberately absent", file.path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &str, text: &str) -> Vec<File> {
        vec![File::new(path, text)]
    }

    #[test]
    fn a_core_that_touches_is_seen() {
        let tuning = "src-tauri/crates/tuning/src/plan.rs";
        for line in [
            "use std::fs;",
            "use std::{fs, io};",
            "let t = SystemTime::now();",
            "use std::net::{IpAddr, TcpStream};",
            "tokio::spawn(x);",
            "std::process::exit(1)",
        ] {
            assert_eq!(core_touches_nothing(&one(tuning, line)).len(), 1, "{line}");
        }
        // An address is data.
        assert_eq!(core_touches_nothing(&one(tuning, "use std::net::IpAddr;")).len(), 0);
        assert_eq!(core_touches_nothing(&one(tuning, "// std::fs is not for us\n#[cfg(test)]\nuse std::fs;")).len(), 0);
        assert_eq!(
            core_touches_nothing(&one("src-tauri/crates/remote/src/ssh.rs", "use std::net::TcpStream;")).len(),
            0
        );
    }

    #[test]
    fn a_second_place_that_quotes_is_seen() {
        let line = r#"let word = word.replace('\'', "'\\''");"#;
        assert_eq!(one_place_quotes_for_the_shell(&one("src-tauri/crates/session/src/apply.rs", line)).len(), 1);
        assert_eq!(one_place_quotes_for_the_shell(&one("src-tauri/crates/tuning/src/sh.rs", line)).len(), 0);
        let raw = r##"let word = word.replace(MARK, r"'\''");"##;
        assert_eq!(one_place_quotes_for_the_shell(&one("src-tauri/crates/session/src/apply.rs", raw)).len(), 1);
        let xml = r#"'\'' => out.push_str("&apos;"),"#;
        assert_eq!(one_place_quotes_for_the_shell(&one("src-tauri/crates/report/src/junit.rs", xml)).len(), 0);
    }

    #[test]
    fn programs_prints_and_lints_are_seen() {
        let session = "src-tauri/crates/session/src/apply.rs";
        assert_eq!(only_the_rim_starts_programs(&one(session, "Command::new(\"sh\")")).len(), 1);
        assert_eq!(only_the_command_line_prints(&one(session, "    println!(\"x\");")).len(), 1);
        assert_eq!(only_the_command_line_prints(&one(session, "    eprintln!(\"clippy says this\");")).len(), 0);
        assert_eq!(only_the_command_line_prints(&one("src-tauri/crates/cli/src/main.rs", "println!()")).len(), 0);
        assert_eq!(lints_are_set_aside_with_a_reason(&one(session, "#[allow(dead_code)]")).len(), 1);
        assert_eq!(
            crates_say_what_they_are_for(&one("src-tauri/crates/facts/src/lib.rs", "mod a;\n\n".repeat(3).as_str()))
                .len(),
            1
        );
    }

    #[test]
    fn a_long_command_is_seen() {
        let body = |lines: usize| {
            let body = "    work();\n".repeat(lines);
            one(
                "src-tauri/src/commands/work.rs",
                &format!("#[tauri::command]\n#[specta]\npub(crate) async fn go(\n    a: A,\n) -> B {{\n{body}}}\n"),
            )
        };
        assert_eq!(commands_only_translate(&body(10)).len(), 0);
        assert_eq!(commands_only_translate(&body(11)).len(), 1);
    }
}

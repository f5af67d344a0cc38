//! A server written down from knowledge: `server.txt` holds its files and what its commands print, and the probe is
//! run over them. So a server that nobody has at hand can be tested, and recorded anew when more is asked.
//!
//! ```text
//! # What it is, and where the knowledge is from.
//! like debian-12                      everything of that server, but for what follows
//! programs apt ss systemctl           programs it has (no program is ever run: their answers stand below)
//! == /etc/os-release                  a file, up to the next such line
//! == /run/systemd/system/             a folder
//! == .plumb/port.listeners            what the probe's section says
//! == .plumb/account.who escaped       the same with \e, \0, \xNN, \\ for bytes that do not show
//! cut disk 3                          the sections of this group never came: they hung and were cut off after 3 s
//! -- /etc/ufw/ufw.conf                not there, although the other server has it
//! ```

use anyhow::{Context, Result, bail};
use facts::frame::Section;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// All that was written down about one server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    files: BTreeMap<String, Vec<u8>>,
    folders: BTreeSet<String>,
    programs: BTreeSet<String>,
    cut: BTreeMap<String, u32>,
}

impl Written {
    /// Reads `<server>/server.txt`, and the one it is like before it.
    pub fn read(server: &Path) -> Result<Written> {
        let path = server.join("server.txt");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let mut written = Written::default();
        let mut file: Option<(String, bool, String)> = None;
        for (number, line) in text.lines().enumerate() {
            let begins = line.starts_with("== ") || line.starts_with("-- ");
            if begins || (file.is_none() && !line.starts_with('#') && !line.is_empty()) {
                written.finish(file.take())?;
                let words: Vec<&str> = line.split_whitespace().collect();
                match words[..] {
                    ["like", other] => written = Written::read(&server.with_file_name(other))?,
                    ["programs", ref names @ ..] => {
                        written.programs.extend(names.iter().map(|name| (*name).to_owned()))
                    }
                    ["cut", group, seconds] => {
                        written.cut.insert(group.to_owned(), seconds.parse()?);
                    }
                    ["==", folder] if folder.ends_with('/') => {
                        written.folders.insert(folder.to_owned());
                    }
                    ["==", path] => file = Some((path.to_owned(), false, String::new())),
                    ["==", path, "escaped"] => file = Some((path.to_owned(), true, String::new())),
                    ["--", gone] => written.remove(gone),
                    _ => bail!("{}:{}: not understood: {line}", path.display(), number + 1),
                }
            } else if let Some((_, _, text)) = &mut file {
                text.push_str(line);
                text.push('\n');
            }
        }
        written.finish(file)?;
        Ok(written)
    }

    fn finish(&mut self, file: Option<(String, bool, String)>) -> Result<()> {
        if let Some((path, escaped, text)) = file {
            let bytes = if escaped { unescape(&text).with_context(|| path.clone())? } else { text.into_bytes() };
            self.files.insert(path, bytes);
        }
        Ok(())
    }

    fn remove(&mut self, gone: &str) {
        self.files.retain(|path, _| path != gone && !path.starts_with(&format!("{gone}/")));
        self.folders.retain(|path| path.trim_end_matches('/') != gone.trim_end_matches('/'));
        self.programs.retain(|name| format!("/usr/bin/{name}") != gone);
    }

    /// Runs the probe over what was written down and returns what it prints.
    pub fn probe(&self, script: &str) -> Result<Vec<u8>> {
        let root = tempfile::tempdir()?;
        let at = |path: &str| root.path().join(path.trim_start_matches('/'));
        for folder in &self.folders {
            std::fs::create_dir_all(at(folder))?;
        }
        for (path, bytes) in &self.files {
            let path = at(path);
            std::fs::create_dir_all(path.parent().context("a file stands in a folder")?)?;
            std::fs::write(path, bytes)?;
        }
        for name in &self.programs {
            std::fs::create_dir_all(at("usr/bin"))?;
            let path = at("usr/bin").join(name);
            std::fs::write(&path, "")?;
            executable(&path)?;
        }
        let root_word = root.path().display().to_string();
        let mut shell = Command::new("sh")
            .arg("-s")
            .env("PLUMB_ROOT", &root_word)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        shell.stdin.take().context("the shell reads")?.write_all(script.as_bytes())?;
        let printed = shell.wait_with_output()?.stdout;
        let mut sections = facts::frame::sections(&printed);
        for (group, seconds) in &self.cut {
            sections.retain(|section| section.name.split('.').next() != Some(group));
            let bytes = format!("{group} {seconds}").into_bytes();
            sections.push(Section { name: "cut".to_owned(), exit: 0, bytes, shortened: false });
        }
        Ok(recording(sections, &root_word))
    }
}

#[cfg(unix)]
fn executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(path, PermissionsExt::from_mode(0o755))?)
}

#[cfg(not(unix))]
fn executable(_: &Path) -> Result<()> {
    bail!("a server is written down on a system that has sh")
}

/// The recording shows paths as the server would: the folder it was read from is left out, and lengths are put right.
/// Sections are put in the order of their names, for background jobs end in any order.
fn recording(mut sections: Vec<Section>, root: &str) -> Vec<u8> {
    let rank = |name: &str| match name {
        "asked" => 0,
        "end" => 2,
        _ => 1,
    };
    sections.sort_by(|a, b| (rank(&a.name), &a.name).cmp(&(rank(&b.name), &b.name)));
    let mut out = Vec::new();
    for section in sections {
        let bytes = replace(&section.bytes, root.as_bytes());
        let plus = if section.shortened { "+" } else { "" };
        let head = format!("\n@plumb recorded {} {} {}{plus}\n", section.name, section.exit, bytes.len());
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&bytes);
        out.push(b'\n');
    }
    out
}

fn replace(bytes: &[u8], gone: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(gone.len()).position(|window| window == gone) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + gone.len()..];
    }
    out.extend_from_slice(rest);
    out
}

fn unescape(text: &str) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.extend_from_slice(c.to_string().as_bytes());
            continue;
        }
        match rest.next() {
            Some('e') => out.push(0x1b),
            Some('\\') => out.push(b'\\'),
            Some('r') => out.push(b'\r'),
            Some('x') => {
                let digits: String = rest.by_ref().take(2).collect();
                out.push(u8::from_str_radix(&digits, 16)?);
            }
            other => bail!("unknown escape {other:?}"),
        }
    }
    Ok(out)
}

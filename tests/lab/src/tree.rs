//! File trees of small real Debian servers: built once, kept, never written to again.

use crate::run::{find, run};
use crate::skip::Skipped;
use crate::{Error, cache, slow_lanes};
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A minute and a half at most where it was tried; a slow archive may take its time.
const BUILD_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Who may use the tree: ids in it are this machine's, or those of a user's own namespace.
fn owner() -> &'static str {
    if is_root() { "root" } else { "own" }
}

pub(crate) fn is_root() -> bool {
    // A file of root's own that nobody else can have changed the owner of.
    #[cfg(unix)]
    return std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    #[cfg(not(unix))]
    return false;
}

/// The tree of `release` (bullseye, bookworm or trixie) with more packages in it, built when it is first asked for.
pub(crate) fn tree(name: &str, release: &str, extra: &[&str]) -> Result<PathBuf, Error> {
    let start = Path::new(env!("CARGO_MANIFEST_DIR")).join("start");
    let recipe = recipe(&start, &["tree.sh", "tree-inside.sh"])?;
    let mut words = vec![release];
    words.extend(extra);
    let title = format!("{}-{}-{recipe:08x}", words.join("+"), owner());
    let dir = cache();
    let tree = dir.join(&title);
    if tree.is_dir() {
        return Ok(tree);
    }
    if find("mmdebstrap").is_none() {
        return Err(Skipped::error(name, "mmdebstrap is not installed"));
    }
    if !slow_lanes() {
        return Err(Skipped::error(name, format!("the tree of {release} is not built yet; PLUMB_SLOW=1 builds it")));
    }
    let wrong = |why: std::io::Error| Error::failed(format!("building {title}"), why);
    std::fs::create_dir_all(&dir).map_err(wrong)?;
    // One builder at a time; whoever waited finds the tree ready.
    let lock = File::create(dir.join(format!("{title}.lock"))).map_err(wrong)?;
    lock.lock().map_err(wrong)?;
    if !tree.is_dir() {
        build(name, &start, release, &extra.join(","), &dir.join(format!("{title}.part")))?;
        std::fs::rename(dir.join(format!("{title}.part")), &tree).map_err(wrong)?;
    }
    Ok(tree)
}

/// What the scripts say that make a thing, in short: a thing that other scripts made is another thing.
pub(crate) fn recipe(start: &Path, scripts: &[&str]) -> Result<u64, Error> {
    let mut recipe = DefaultHasher::new();
    for script in scripts {
        std::fs::read(start.join(script)).map_err(|why| Error::failed(*script, why))?.hash(&mut recipe);
    }
    Ok(recipe.finish() >> 32)
}

fn build(name: &str, start: &Path, release: &str, extra: &str, out: &Path) -> Result<(), Error> {
    let mut command = Command::new("sh");
    command.arg(start.join("tree.sh")).env("RELEASE", release).env("OUT", out).env("EXTRA", extra);
    let (_, said, code) = run(command, b"", BUILD_LIMIT)?;
    let said = String::from_utf8_lossy(&said);
    let last: Vec<_> = said.lines().rev().take(12).collect();
    match code {
        0 => Ok(()),
        77 => Err(Skipped::error(name, last.first().copied().unwrap_or("cannot build a tree"))),
        // Not a fault of the code under test: no archive, no space, no name service. Said, and counted.
        code => {
            let last: Vec<_> = last.into_iter().rev().collect();
            Err(Skipped::error(name, format!("building {release} ended with {code}: {}", last.join(" / "))))
        }
    }
}

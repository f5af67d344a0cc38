//! A virtual machine: its own kernel, memory and disk, so that everything a kernel can be told is the server's own.

use crate::keeper::Keeper;
use crate::own::{free_port, public_half};
use crate::run::{find, run};
use crate::server::{Inside, Server};
use crate::skip::Skipped;
use crate::tree::{recipe, tree};
use crate::{Error, cache, slow_lanes};
use std::fs::File;
use std::io::Read as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Boots once in software emulation, which took half a minute where it was tried.
const IMAGE_LIMIT: Duration = Duration::from_secs(15 * 60);

/// A virtual machine with `bullseye`, `bookworm` or `trixie`, running again from where it was saved: some seconds with a
/// processor worked out in software. It reaches nothing but this computer's end of its ssh port.
///
/// # Errors
/// [`Error::Skipped`] without qemu or the tree.
pub fn vm(release: &str) -> Result<Server, Error> {
    let name = format!("virtual machine {release}");
    for (program, package) in [
        ("qemu-system-x86_64", "qemu-system-x86"),
        ("qemu-img", "qemu-utils"),
        ("mke2fs", "e2fsprogs"),
        ("python3", "python3"),
    ] {
        if find(program).is_none() {
            return Err(Skipped::error(&name, format!("{package} is not installed")));
        }
    }
    if !cfg!(target_arch = "x86_64") {
        return Err(Skipped::error(&name, "only made for x86-64 so far"));
    }
    let tree = tree(&name, release, &["linux-image-cloud-amd64"])?;
    let image = image(&name, &tree)?;

    let wrong = |why: std::io::Error| Error::failed(&name, why);
    let state = tempfile::Builder::new().prefix("run-").tempdir_in(cache()).map_err(wrong)?;
    let key_file = state.path().join("key");
    std::fs::copy(image.join("key"), &key_file).map_err(wrong)?;
    let port = free_port()?;
    let words = [("IMAGE", &*image.to_string_lossy()), ("PORT", &port.to_string())];
    let (keeper, _) = Keeper::start("vm", state.path(), &words, Duration::from_secs(60))?;
    let inside = Inside::Machine { beside: state.path().join("beside") };
    let server = Server {
        host: "127.0.0.1".into(),
        host6: None,
        port,
        user: "root".into(),
        key_file,
        password: Some("root-pw".into()),
        host_key: public_half(&image.join("host_key"))?,
        inside,
        keeper,
        state,
    };
    wait_for_ssh(port)?;
    // Its clock stands where the machine was saved.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
    server.must(&format!("date -s @{now}"))?;
    Ok(server)
}

/// Until something on that port says that it is ssh.
pub(crate) fn wait_for_ssh(port: u16) -> Result<(), Error> {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let greets = TcpStream::connect(("127.0.0.1", port)).is_ok_and(|mut stream| {
            let mut greeting = [0; 4];
            stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
                && stream.read_exact(&mut greeting).is_ok()
                && &greeting == b"SSH-"
        });
        if greets {
            return Ok(());
        }
        if Instant::now() > end {
            return Err(Error::failed("the machine's ssh", "no greeting in two minutes"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The saved machine made from a tree, made when it is first asked for.
fn image(name: &str, tree: &Path) -> Result<std::path::PathBuf, Error> {
    let start = Path::new(env!("CARGO_MANIFEST_DIR")).join("start");
    let recipe = recipe(&start, &["vm-image.sh", "vm-beside.py", "vm-run.sh", "vm-save.py"])?;
    let title = format!("{}-vm-{recipe:08x}", tree.file_name().unwrap_or_default().to_string_lossy());
    let (image, part) = (cache().join(&title), cache().join(format!("{title}.part")));
    if image.is_dir() {
        return Ok(image);
    }
    if !slow_lanes() {
        return Err(Skipped::error(name, "the machine is not made yet; PLUMB_SLOW=1 makes it"));
    }
    let wrong = |why: std::io::Error| Error::failed(format!("making {title}"), why);
    let lock = File::create(cache().join(format!("{title}.lock"))).map_err(wrong)?;
    lock.lock().map_err(wrong)?;
    if !image.is_dir() {
        let _ = std::fs::remove_dir_all(&part);
        let mut command = Command::new("sh");
        command.arg(start.join("vm-image.sh"));
        command.env("TREE", tree).env("OUT", &part).env("PORT", free_port()?.to_string());
        let (_, said, code) = run(command, b"", IMAGE_LIMIT)?;
        if code != 0 {
            let said = String::from_utf8_lossy(&said);
            return Err(Skipped::error(
                name,
                format!("making it ended with {code}: {}", said.trim().replace('\n', " / ")),
            ));
        }
        std::fs::rename(&part, &image).map_err(wrong)?;
    }
    Ok(image)
}

//! A server whose programs come as RPM packages: real dnf and rpm in a booted Debian that stands in for one.

use crate::nspawn::Nspawn;
use crate::server::Server;
use crate::{Error, workspace};

/// See `start/rpm-inside.sh` for what is installed there, what can be, and which update waits.
///
/// # Errors
/// As [`Nspawn::start`].
pub fn rpm() -> Result<Server, Error> {
    let server = Nspawn::new("bookworm").with(&["dnf", "rpm", "createrepo-c"]).start()?;
    let path = workspace().join("tests/lab/start/rpm-inside.sh");
    let script = std::fs::read(&path).map_err(|why| Error::failed(path.display().to_string(), why))?;
    let failed = |why: &dyn std::fmt::Display| Error::failed("making the stand-in", why);
    server.write("/root/rpm-inside.sh", &script).map_err(|why| failed(&why))?;
    let made = server.exec("sh /root/rpm-inside.sh && rm /root/rpm-inside.sh").map_err(|why| failed(&why))?;
    if made.ok() { Ok(server) } else { Err(failed(&made.stderr)) }
}

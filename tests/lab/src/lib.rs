//! Throw-away servers, real ones, that a test starts by itself and that leave nothing behind.
//!
//! | server              | root needed   | systemd | own kernel | to ssh | for                                              |
//! |---------------------|---------------|---------|------------|--------|--------------------------------------------------|
//! | [`sshd`]            | no            | no      | no         | 0.2 s  | transport, keys, host keys                       |
//! | [`userns`]          | no (subuids)  | no      | no         | 0.3 s  | sudo, accounts, passwords, a server without systemd |
//! | [`minimal`]         | no (subuids)  | no      | no         | 0.2 s  | the smallest system that has ssh                 |
//! | [`nspawn()`]        | yes           | yes     | no         | 0.5 s  | changes, firewalls, services                     |
//! | [`rpm`]             | yes           | yes     | no         | 8 s    | the same where programs come by dnf and rpm      |
//! | [`vm`]              | no (subuids)  | yes     | yes        | 4 s    | real kernel values, modules, memory, boots; slow |
//!
//! Each is run by a keeper, a small shell script whose standard input is held by the test. When the test ends, however
//! it ends, that pipe closes and the keeper takes down exactly what it put up. What cannot run on this machine is
//! [`Error::Skipped`] with a name and a reason: [`need!`] prints it, counts it and ends the test.
//!
//! Deliberately absent: anything of Plumbline's own. A server is watched and judged from beside ssh, never through it.
//!
//! ```no_run
//! # fn main() -> Result<(), lab::Error> {
//! let server = lab::sshd()?;
//! assert_eq!(server.exec("echo hello")?.stdout, "hello\n");
//! println!("ssh -p {} -i {} {}@{}", server.port, server.key_file.display(), server.user, server.host);
//! # Ok(())
//! # }
//! ```

mod keeper;
mod nspawn;
mod own;
mod rpm;
mod run;
mod server;
mod skip;
mod tree;
mod userns;
mod vm;

pub use nspawn::{Nspawn, nspawn};
pub use own::{sshd, sshd_with};
pub use rpm::rpm;
pub use run::Output;
pub use server::Server;
pub use skip::{Passed, Skipped, full_matrix, record, slow_lanes};
pub use userns::{minimal, userns, userns_with};
pub use vm::vm;

use std::path::PathBuf;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This machine lacks something. Not a failure: [`need!`] prints it and ends the test.
    #[error("{0}")]
    Skipped(Skipped),
    /// It should have worked.
    #[error("{what}: {why}")]
    Failed { what: String, why: String },
}

impl Error {
    pub(crate) fn failed(what: impl Into<String>, why: impl ToString) -> Self {
        Self::Failed { what: what.into(), why: why.to_string() }
    }
}

/// Where trees and other things that take long to make are kept between runs: `$PLUMB_LAB_CACHE`, or `target/lab`
/// of this workspace, whichever target directory the test was built in.
#[must_use]
pub fn cache() -> PathBuf {
    std::env::var_os("PLUMB_LAB_CACHE").map_or_else(|| workspace().join("target/lab"), PathBuf::from)
}

/// The root of this workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}

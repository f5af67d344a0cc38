//! Secrets at rest: the keychain of the operating system, or this session only. Never a file.
//!
//! What is kept is known by who signs in where (`user@host:port`) and by its [`Kind`]. What was stored is read back before we
//! say that it is kept. A keychain that is missing, locked or unwilling is said plainly; it is never an excuse for a file.
//!
//! Deliberately absent: servers, connections, the kernel's keyring (it is lost at a reboot), private keys (they stay in
//! their own files or in an agent).
//!
//! ```no_run
//! # async fn example() -> Result<(), vault::Error> {
//! use vault::{Account, Keeping, Kind, Secret, Vault};
//! let vault = Vault::open();
//! let who = Account::new("deploy", "chat-01", 22);
//! vault.keep(&who, Kind::Password, Secret::from("correct horse"), Keeping::Keychain).await?;
//! let password = vault.find(&who, Kind::Password).await?;
//! # Ok(()) }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod account;
mod crash;
mod keychain;
mod vault;

pub use account::{Account, Kind};
pub use crash::leave_no_core;
pub use keychain::State;
pub use secrecy::{ExposeSecret, SecretString as Secret};
pub use vault::{Error, Keeping, Kept, Vault};

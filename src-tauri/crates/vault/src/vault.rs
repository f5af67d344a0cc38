//! Keeping, finding, listing and forgetting.

use crate::Secret;
use crate::account::{Account, Kind};
use crate::keychain::{Keychain, State};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// In the computer's keychain, until it is forgotten.
    Keychain,
    /// In memory, until the program ends.
    ThisSession,
}

/// What is kept, without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub account: Account,
    pub kind: Kind,
    pub keeping: Keeping,
}

/// Why a secret could not be kept or found. No variant ever holds one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("This computer has no keychain that we can use ({why}). We can remember it until you close Plumbline.")]
    NoKeychain { why: String },
    #[error("The keychain is locked. Open it and try again; until then we can remember it until you close Plumbline.")]
    Locked,
    #[error("The keychain was not opened. We can remember it until you close Plumbline.")]
    Declined,
    #[error("The keychain did not take it ({why}). We can remember it until you close Plumbline.")]
    Refused { why: String },
    #[error("The keychain of this computer takes {limit} bytes at most. Use an SSH agent for longer secrets.")]
    TooLong { limit: usize },
    #[error("The keychain said yes and kept something else. We can remember it until you close Plumbline.")]
    NotKept,
}

/// Clones share the same secrets.
#[derive(Clone)]
pub struct Vault {
    keychain: Arc<Keychain>,
    session: Arc<Mutex<HashMap<(Account, Kind), Secret>>>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Asks nobody anything yet.
    pub fn open() -> Self {
        Vault::on(Keychain::of_this_computer())
    }

    fn on(keychain: Keychain) -> Self {
        Vault { keychain: Arc::new(keychain), session: Arc::default() }
    }

    /// Whether secrets can be kept on this computer. Opens nothing and asks nobody.
    pub async fn state(&self) -> State {
        self.keychain.state().await
    }

    /// Keeps a secret in place of an earlier one. In the keychain it is read back before this says yes.
    pub async fn keep(&self, account: &Account, kind: Kind, secret: Secret, keeping: Keeping) -> Result<(), Error> {
        let name = (account.clone(), kind);
        match keeping {
            Keeping::ThisSession => {
                self.session().insert(name, secret);
            }
            Keeping::Keychain => {
                self.keychain.keep(account, kind, secret).await?;
                self.session().remove(&name);
            }
        }
        tracing::debug!(%account, kind = kind.word(), ?keeping, "kept");
        Ok(())
    }

    /// What is remembered for this session, else what the keychain has. No keychain has nothing; a locked one is an error,
    /// because its owner can open it.
    pub async fn find(&self, account: &Account, kind: Kind) -> Result<Option<Secret>, Error> {
        if let Some(secret) = self.session().get(&(account.clone(), kind)) {
            return Ok(Some(secret.clone()));
        }
        match self.keychain.find(account, kind).await {
            Err(Error::NoKeychain { .. }) => Ok(None),
            found => found,
        }
    }

    /// Forgets one secret wherever it is. `false`: there was none.
    pub async fn forget(&self, account: &Account, kind: Kind) -> Result<bool, Error> {
        let here = self.session().remove(&(account.clone(), kind)).is_some();
        match self.keychain.forget(account, kind).await {
            Err(Error::NoKeychain { .. }) => Ok(here),
            forgotten => Ok(forgotten? || here),
        }
    }

    /// Forgets everything about one account and says how many secrets that were.
    pub async fn forget_account(&self, account: &Account) -> Result<usize, Error> {
        let mut count = 0;
        for kind in Kind::ALL {
            count += usize::from(self.forget(account, kind).await?);
        }
        Ok(count)
    }

    /// Everything that is kept, by account.
    pub async fn list(&self) -> Result<Vec<Kept>, Error> {
        let stored = match self.keychain.list().await {
            Err(Error::NoKeychain { .. }) => Vec::new(),
            listed => listed?,
        };
        let mut all: Vec<Kept> =
            stored.into_iter().map(|(account, kind)| Kept { account, kind, keeping: Keeping::Keychain }).collect();
        let session = self.session();
        all.extend(session.keys().map(|(account, kind)| Kept {
            account: account.clone(),
            kind: *kind,
            keeping: Keeping::ThisSession,
        }));
        drop(session);
        all.sort_by(|a, b| (&a.account, a.kind).cmp(&(&b.account, b.kind)));
        Ok(all)
    }

    fn session(&self) -> std::sync::MutexGuard<'_, HashMap<(Account, Kind), Secret>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExposeSecret as _;

    fn who() -> Account {
        Account::new("deploy", "chat-01", 22)
    }

    fn secret(text: &str) -> Secret {
        Secret::from(text)
    }

    #[tokio::test]
    async fn kept_found_replaced_forgotten() {
        let (vault, keeping) = (Vault::on(Keychain::none()), Keeping::ThisSession);
        assert!(vault.find(&who(), Kind::Sudo).await.unwrap().is_none());
        vault.keep(&who(), Kind::Sudo, secret("one"), keeping).await.unwrap();
        vault.keep(&who(), Kind::Sudo, secret("two"), keeping).await.unwrap();
        assert_eq!(vault.find(&who(), Kind::Sudo).await.unwrap().unwrap().expose_secret(), "two");
        assert!(vault.find(&who(), Kind::Password).await.unwrap().is_none(), "kinds do not mix");
        assert!(vault.find(&Account::new("deploy", "chat-01", 2222), Kind::Sudo).await.unwrap().is_none());
        assert_eq!(vault.forget_account(&who()).await.unwrap(), 1);
        assert!(vault.find(&who(), Kind::Sudo).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn no_keychain_is_said_and_the_session_remembers() {
        let vault = Vault::on(Keychain::none());
        assert_eq!(vault.state().await, State::NoKeychain);
        let refused = vault.keep(&who(), Kind::Password, secret("x"), Keeping::Keychain).await.unwrap_err();
        assert!(matches!(refused, Error::NoKeychain { .. }), "{refused:?}");
        assert!(vault.find(&who(), Kind::Password).await.unwrap().is_none(), "nothing was kept on the quiet");
        vault.keep(&who(), Kind::Password, secret("x"), Keeping::ThisSession).await.unwrap();
        assert_eq!(
            vault.list().await.unwrap(),
            [Kept { account: who(), kind: Kind::Password, keeping: Keeping::ThisSession }]
        );
        assert!(vault.forget(&who(), Kind::Password).await.unwrap());
    }

    #[test]
    fn debug_of_a_vault_shows_nothing() {
        assert_eq!(format!("{:?}", Vault::on(Keychain::none())), "Vault");
    }
}

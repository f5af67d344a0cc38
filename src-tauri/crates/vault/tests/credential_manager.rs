//! Against the Credential Manager of Windows, under an address that no server has.

#![cfg(windows)]
#![allow(clippy::unwrap_used)]

use vault::{Account, Error, ExposeSecret as _, Keeping, Kept, Kind, Secret, State, Vault};

#[tokio::test]
async fn keeps_replaces_lists_and_forgets() {
    let who = Account::new("deploy", "plumbline-test.invalid", 2222);
    let vault = Vault::open();
    vault.forget_account(&who).await.unwrap();
    assert_eq!(vault.state().await, State::Available);
    assert!(vault.find(&who, Kind::Password).await.unwrap().is_none());
    for text in ["correct-horse", "correct-horse ü \u{1F511} \"'\\"] {
        vault.keep(&who, Kind::Password, Secret::from(text), Keeping::Keychain).await.unwrap();
        // Another vault: nothing comes from memory.
        assert_eq!(Vault::open().find(&who, Kind::Password).await.unwrap().unwrap().expose_secret(), text);
    }
    vault.keep(&who, Kind::Sudo, Secret::from("correct-horse"), Keeping::Keychain).await.unwrap();
    let kept = |kind| Kept { account: who.clone(), kind, keeping: Keeping::Keychain };
    let listed = vault.list().await.unwrap();
    assert!(listed.contains(&kept(Kind::Password)) && listed.contains(&kept(Kind::Sudo)), "{listed:?}");
    assert_eq!(vault.forget_account(&who).await.unwrap(), 2);
    assert!(!vault.list().await.unwrap().contains(&kept(Kind::Sudo)));
    assert!(!vault.forget(&who, Kind::Sudo).await.unwrap());
}

/// 2,560 bytes of UTF-16 are what one entry holds.
#[tokio::test]
async fn what_is_too_long_is_said_and_not_cut() {
    let who = Account::new("deploy", "plumbline-test-long.invalid", 22);
    let vault = Vault::open();
    let keep = |text: String| vault.keep(&who, Kind::Passphrase, Secret::from(text), Keeping::Keychain);
    keep("x".repeat(1280)).await.unwrap();
    let refused = keep("y".repeat(1281)).await.unwrap_err();
    assert!(matches!(refused, Error::TooLong { limit: 2560 }), "{refused:?}");
    let found = Vault::open().find(&who, Kind::Passphrase).await.unwrap().unwrap();
    assert_eq!(found.expose_secret(), "x".repeat(1280), "the one before stands");
    assert_eq!(vault.forget_account(&who).await.unwrap(), 1);
}

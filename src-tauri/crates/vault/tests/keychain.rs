//! Against a real Secret Service: a gnome-keyring of its own, on a bus of its own, in a home of its own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::process::Command;
use vault::{Account, Error, ExposeSecret as _, Keeping, Kept, Kind, Secret, State, Vault};

fn who() -> Account {
    Account::new("deploy", "2001:db8::7", 2222)
}

/// Whether each program is in the path, or at its place; a test that lacks one is left out by name.
fn all_are_here(test: &str, programs: &[(&str, &str)]) -> bool {
    let path = std::env::var_os("PATH").unwrap();
    let missing =
        programs.iter().find(|(program, _)| !std::env::split_paths(&path).any(|at| at.join(program).exists()));
    if let Some((_, package)) = missing {
        lab::record(test, &lab::Skipped { name: (*package).to_owned(), reason: "it is not installed".to_owned() });
    }
    missing.is_none()
}

/// Runs one of the tests below inside a session whose keyring is as `keyring` makes it.
fn inside(test: &str, keyring: &str) {
    if !all_are_here(test, &[("dbus-run-session", "dbus"), ("gnome-keyring-daemon", "gnome-keyring")]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let script = format!(
        "export HOME={home} XDG_RUNTIME_DIR={home} XDG_DATA_HOME={home}/.local/share; unset DISPLAY WAYLAND_DISPLAY; mkdir -p $XDG_DATA_HOME; {keyring}; \"$0\" --exact {test} --ignored --nocapture",
        home = home.path().display()
    );
    let out = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && said.contains("1 passed"), "{said}");
    // Whatever the keyring wrote, the secret is not there in the clear.
    let found = Command::new("grep").args(["-rla", "correct-horse"]).arg(home.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
}

const UNLOCKED: &str = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";

#[test]
fn an_open_keyring_keeps_and_forgets() {
    inside("inner_open", UNLOCKED);
}

#[test]
fn a_locked_keyring_is_said() {
    let lock = "sleep 0.5; busctl --user call org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service Lock ao 1 /org/freedesktop/secrets/collection/login >/dev/null";
    inside("inner_locked", &format!("{UNLOCKED}; {lock}"));
}

/// The keyring's own question, on a screen of its own, and a person who closes it.
#[test]
fn a_question_that_is_closed_is_a_third_state() {
    let prompter = "/usr/share/dbus-1/services/org.gnome.keyring.SystemPrompter.service";
    let wanted = [("Xvfb", "xvfb"), ("xdotool", "xdotool"), (prompter, "gcr")];
    if !all_are_here("a_question_that_is_closed_is_a_third_state", &wanted) {
        return;
    }
    // The bus starts the prompter, so it must know the screen before; closing is the Escape key, until nobody asks.
    let screen = "Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3>$HOME/screen >/dev/null 2>&1 & xvfb=$!; while [ ! -s $HOME/screen ]; do sleep 0.1; done; export DISPLAY=:$(cat $HOME/screen); dbus-update-activation-environment DISPLAY";
    let lock = "sleep 0.5; busctl --user call org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service Lock ao 1 /org/freedesktop/secrets/collection/login >/dev/null";
    let person = "(while sleep 0.3; do xdotool key Escape; done) >/dev/null 2>&1 & trap \"kill $! $xvfb\" EXIT;";
    inside("inner_declined", &format!("{screen}; {UNLOCKED}; {lock}; {person} true"));
}

#[test]
fn no_keyring_is_said() {
    // A bus that can start nothing.
    let home = tempfile::tempdir().unwrap();
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inner_none", "--ignored", "--nocapture"])
        .env("HOME", home.path())
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}/nothing", home.path().display()))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn inner_open() {
    let vault = Vault::open();
    assert_eq!(vault.state().await, State::Available);
    assert!(vault.find(&who(), Kind::Password).await.unwrap().is_none());
    for text in ["correct-horse", "correct-horse ü \u{1F511} \"'\\"] {
        vault.keep(&who(), Kind::Password, Secret::from(text), Keeping::Keychain).await.unwrap();
        // Another vault: nothing comes from memory.
        assert_eq!(Vault::open().find(&who(), Kind::Password).await.unwrap().unwrap().expose_secret(), text);
    }
    vault.keep(&who(), Kind::Sudo, Secret::from("correct-horse"), Keeping::Keychain).await.unwrap();
    let kept = |kind| Kept { account: who(), kind, keeping: Keeping::Keychain };
    assert_eq!(vault.list().await.unwrap(), [kept(Kind::Password), kept(Kind::Sudo)]);
    assert_eq!(vault.forget_account(&who()).await.unwrap(), 2);
    assert!(vault.list().await.unwrap().is_empty());
    assert!(!vault.forget(&who(), Kind::Sudo).await.unwrap());
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn inner_locked() {
    let vault = Vault::open();
    assert_eq!(vault.state().await, State::Locked);
    let refused =
        vault.keep(&who(), Kind::Password, Secret::from("correct-horse"), Keeping::Keychain).await.unwrap_err();
    // There is no screen on which it could ask.
    assert!(matches!(refused, Error::Locked | Error::Declined), "{refused:?}");
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn inner_declined() {
    let vault = Vault::open();
    assert_eq!(vault.state().await, State::Locked);
    let refused =
        vault.keep(&who(), Kind::Password, Secret::from("correct-horse"), Keeping::Keychain).await.unwrap_err();
    assert_eq!(refused, Error::Declined);
    assert!(refused.to_string().contains("until you close Plumbline"));
    // The session remembers all the same, and the keychain is asked again next time.
    vault.keep(&who(), Kind::Password, Secret::from("correct-horse"), Keeping::ThisSession).await.unwrap();
    assert_eq!(vault.find(&who(), Kind::Password).await.unwrap().unwrap().expose_secret(), "correct-horse");
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn inner_none() {
    let vault = Vault::open();
    assert_eq!(vault.state().await, State::NoKeychain);
    assert!(vault.find(&who(), Kind::Password).await.unwrap().is_none());
    let refused =
        vault.keep(&who(), Kind::Password, Secret::from("correct-horse"), Keeping::Keychain).await.unwrap_err();
    assert!(matches!(refused, Error::NoKeychain { .. }), "{refused:?}");
}

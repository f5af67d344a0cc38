//! Getting in, and everything that can keep a person out: first contact, a changed key, a wrong password, no answer.

use crate::rules::Judged;
use crate::stage::Stage;
use crate::window::Window;
use anyhow::{Context, Result, ensure};
use plumbline_tests::canary::Watch;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What the key opens with; searched for afterwards.
const PASSPHRASE: &str = "canary-passphrase-77aa2e";

impl Window {
    /// From the first screen to the connect screen, with the server filled in.
    pub(crate) async fn go_to(&self, host: &str, port: u16, user: &str) -> Result<()> {
        self.choose_prover(6).await?;
        self.to_server(host, port, user).await
    }

    /// From a chosen role to the connect screen, with the server filled in.
    pub(crate) async fn to_server(&self, host: &str, port: u16, user: &str) -> Result<()> {
        self.press("Continue").await?;
        self.see("Which server?").await?;
        self.fill("Server", host).await?;
        self.fill("Port", &port.to_string()).await?;
        self.fill("User name", user).await
    }

    pub(crate) async fn sign_in_with_key(&self, file: &Path) -> Result<()> {
        self.press("Key file").await?;
        self.fill("Key file", &file.to_string_lossy()).await?;
        self.press("Connect").await
    }

    pub(crate) async fn sign_in_with_locked_key(&self, file: &Path, passphrase: &str) -> Result<()> {
        self.press("Key file").await?;
        self.fill("Key file", &file.to_string_lossy()).await?;
        self.fill("Passphrase", passphrase).await?;
        self.press("Connect").await
    }

    pub(crate) async fn sign_in_with_password(&self, password: &str) -> Result<()> {
        self.press("Password").await?;
        self.fill("Password", password).await?;
        self.press("Connect").await
    }
}

/// The fingerprint of a `.pub` line, as ssh-keygen tells it.
pub(crate) fn fingerprint(public_key: &str) -> Result<String> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), format!("{public_key}\n"))?;
    let output = std::process::Command::new("ssh-keygen").arg("-lf").arg(file.path()).output()?;
    let text = String::from_utf8(output.stdout)?;
    Ok(text.split(' ').nth(1).context("ssh-keygen says nothing")?.to_owned())
}

/// A copy of a key, locked with a passphrase.
pub(crate) fn lock_key(key: &Path, locked: &Path, passphrase: &str) -> Result<()> {
    std::fs::copy(key, locked)?;
    std::fs::set_permissions(locked, std::fs::Permissions::from_mode(0o600))?;
    let lock = ["-q", "-p", "-P", "", "-N", passphrase, "-f"];
    ensure!(std::process::Command::new("ssh-keygen").args(lock).arg(locked).status()?.success(), "the key stays open");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn first_contact_is_compared_and_remembered() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::sshd());
    let mut stage = lab::need!(Stage::set("first-contact"));
    let locked = stage.home.path().join(".ssh/id_locked");
    lock_key(&server.key_file, &locked, PASSPHRASE)?;
    let watch = Watch::over(&[PASSPHRASE]);
    let window = stage.open_window(&[]).await?;
    window.go_to(&server.host, server.port, &server.user).await?;
    window.sign_in_with_locked_key(&locked, PASSPHRASE).await?;
    window.see("Is this really your server?").await?;
    let mut judged = Judged::new(&window)?;
    judged.screen("first").await?;
    ensure!(!server.log().contains("Accepted"), "somebody signed in before the key was judged");

    let right = fingerprint(&server.host_key)?;
    let (same, last) = right.split_at(right.len() - 1);
    let wrong = format!("{same}{}", if last == "A" { "E" } else { "A" });
    window.fill("Fingerprint you were given", &wrong).await?;
    window.see("Do not connect.").await?;
    ensure!(!window.is_there("It matches, connect").await?, "a fingerprint that differs can be accepted");
    window.fill("Fingerprint you were given", &right).await?;
    window.see("The same, all 43 characters.").await?;
    judged.screen("matched").await?;
    window.press("It matches, connect").await?;
    window.see_within("Open any line to see why it matters", std::time::Duration::from_secs(60)).await?;
    judged.screen("checked").await?;
    set_aside(&mut judged, "Network buffers").await?;
    judged.verdict(4)?;
    ensure!(server.log().contains("Accepted publickey"), "the server tells of no sign-in");

    let own = std::fs::read_to_string(stage.data().join("known_hosts"))?;
    ensure!(own.contains(server.host_key.split(' ').nth(1).unwrap_or_default()), "the key was not written down");
    window.close().await?;
    let leaks = watch.heard(&[stage.home.path()]);
    ensure!(leaks.is_empty(), "the passphrase stood in {leaks:#?}");
    Ok(())
}

/// A need that somebody answers for does not count, and counts again once it is taken up.
async fn set_aside(judged: &mut Judged<'_>, need: &str) -> Result<()> {
    let window = judged.window;
    window.press(need).await?;
    window.see("What we asked, and what it said").await?;
    window.press("Set it aside").await?;
    window.see("does not count against the server until its last day").await?;
    window.press("Set aside").await?;
    window.see("Say why: the reason stands in the report.").await?;
    window.fill("Why", "another machine does this").await?;
    window.fill("Your name", "Mara").await?;
    judged.screen("aside").await?;
    window.press("Set aside").await?;
    window.see("another machine does this (Mara, until").await?;
    window.see("1 set aside").await?;
    window.press("Take it up again").await?;
    window.gone("1 set aside", std::time::Duration::from_secs(60)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_key_gets_no_credential() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::sshd());
    let mut stage = lab::need!(Stage::set("changed-key"));
    // The key of another server under this one's name: what a reinstalled server, or an impostor, looks like.
    let other = lab::need!(lab::sshd());
    let known = format!("[{}]:{} {}\n", server.host, server.port, other.host_key);
    std::fs::write(stage.home.path().join(".ssh/known_hosts"), known)?;
    let window = stage.open_window(&[]).await?;
    window.go_to(&server.host, server.port, &server.user).await?;
    window.sign_in_with_key(&server.key_file).await?;
    window.see("This is not the server you met before").await?;
    let mut judged = Judged::new(&window)?;
    judged.screen("changed").await?;
    window.keys("\u{e007}").await?;
    window.see("Which server?").await?;
    let log = server.log();
    ensure!(!log.contains("Accepted") && !log.contains("Failed"), "a sign-in was tried:\n{log}");

    window.press("Connect").await?;
    window.press("I know why it changed").await?;
    window.fill("New fingerprint, or the server\u{2019}s name", "something else").await?;
    window.see("Neither the new fingerprint nor the name yet.").await?;
    window.fill("New fingerprint, or the server\u{2019}s name", &fingerprint(&server.host_key)?).await?;
    judged.screen("proved").await?;
    judged.verdict(2)?;
    window.press("Replace the saved key").await?;
    window.see_within("Open any line to see why it matters", std::time::Duration::from_secs(60)).await?;
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_is_told_hop_by_hop() -> Result<()> {
    lab::slow!();
    let mut stage = lab::need!(Stage::set("unreachable"));
    let window = stage.open_window(&[]).await?;
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    window.go_to("127.0.0.1", nobody, "deploy").await?;
    window.sign_in_with_password("never-sent").await?;
    window.see("What usually helps").await?;
    window.see("We sent no password and no key.").await?;
    let mut judged = Judged::new(&window)?;
    judged.screen("unreachable").await?;
    judged.verdict(1)?;
    window.press("Change the address").await?;
    ensure!(window.value("User name").await? == "deploy", "the answers were forgotten");
    window.fill("Server", "no-such-server.invalid").await?;
    window.press("Try again").await?;
    window.see_within("No address is known for no-such-server.invalid.", std::time::Duration::from_secs(30)).await?;
    window.close().await
}

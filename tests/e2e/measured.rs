//! Speed and ports, measured from the window: stopped at once, then let go on to its figures.

use crate::buckets::{self, Buckets};
use crate::rules::Judged;
use crate::stage::Stage;
use anyhow::{Result, ensure};
use plumbline_tests::canary::Watch;
use std::time::{Duration, Instant};

/// A check, or all measurements, on a machine that does other work as well.
const WORK: Duration = Duration::from_secs(240);

/// What Stop may take to be felt.
const FELT: Duration = Duration::from_secs(2);

/// What a measurement could leave behind.
const TRACES: &str = "ls -A / /root /tmp /var/tmp /var/lib; ss -H -tuln | wc -l; nft list ruleset";

#[tokio::test(flavor = "multi_thread")]
async fn speed_and_ports_are_measured_and_stopped_at_once() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    let mut stage = lab::need!(Stage::set("measured"));
    let window = stage.open_window(&[]).await?;
    window.go_to(&server.host, server.port, "root").await?;
    window.sign_in_with_key(&server.key_file).await?;
    window.see_within("Is this really your server?", WORK).await?;
    window.press("Connect without comparing").await?;
    window.see_within("Check again", WORK).await?;
    let before = server.must(TRACES)?;
    window.press("Measure speed and ports").await?;
    window.see("Optional tests.").await?;
    window.picture("ready").await?;

    window.press("Measure").await?;
    window.see("Stop measuring").await?;
    window.press("Stop measuring").await?;
    let pressed = Instant::now();
    window.gone("Stop measuring", FELT).await?;
    println!("stopped after {} ms", pressed.elapsed().as_millis());
    window.picture("stopped").await?;
    let end = Instant::now() + Duration::from_secs(15);
    while server.must(TRACES)? != before {
        ensure!(Instant::now() < end, "left behind: {} where there was {before}", server.must(TRACES)?);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    let again = if window.is_there("Measure again").await? { "Measure again" } else { "Measure" };
    window.press(again).await?;
    // Nobody has to wait for it.
    window.press("See what to change").await?;
    window.see("Still measuring; Apply ends it.").await?;
    window.picture("meanwhile").await?;
    window.gone("Still measuring", WORK).await?;
    window.press("Back").await?;
    window.press("Measure speed and ports").await?;
    window.see_within(&format!("Measured {}", server.host), WORK).await?;
    let mut judged = Judged::new(&window)?;
    judged.screen("measured").await?;
    // On a busy machine disk and processor say why they were not measured; the path has its figures everywhere.
    window.see("Round trip").await?;
    window.see(" ms").await?;
    window.press("See what to change").await?;
    window.see("Nothing happens until you press Apply.").await?;
    let after = server.must(TRACES)?;
    ensure!(after == before, "left behind: {after} where there was {before}");
    judged.verdict(1)?;
    window.close().await
}

/// Stopped between writing its object and deleting it.
#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_is_stopped_keeps_no_object() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::sshd());
    let mut stage = lab::need!(Stage::set("storage-stopped"));
    let mut buckets = Buckets::start(stage.home.path())?;
    let authority = stage.home.path().join("ca.pem");
    let window = stage.open_window(&[("SSL_CERT_FILE", &authority.to_string_lossy())]).await?;
    window.choose("StateMesh", "Application developer").await?;
    window.to_server(&server.host, server.port, &server.user).await?;
    window.sign_in_with_key(&server.key_file).await?;
    window.see_within("Is this really your server?", WORK).await?;
    window.press("Connect without comparing").await?;
    window.see_within("Check again", WORK).await?;
    window.press("Measure speed and ports").await?;
    window.see("Optional tests.").await?;
    window.only_storage().await?;
    window.fill("Address of the storage", &buckets.place("slow")?).await?;
    window.fill("Key ID, if you have one", "ID").await?;
    window.fill("Its secret", buckets::SECRET).await?;
    window.press("Measure").await?;
    buckets.wait_for_write()?;
    window.press("Stop measuring").await?;
    window.gone("Stop measuring", FELT).await?;
    // It gives nothing back for three seconds; only then comes the last request.
    tokio::time::sleep(Duration::from_secs(6)).await;
    window.close().await?;
    let left = buckets.end()?;
    ensure!(left.contains(&"slow 0 2".to_owned()), "an object is left, or none was written: {left:?}");
    Ok(())
}

impl crate::window::Window {
    /// Leaves only the place of one's own to be measured.
    async fn only_storage(&self) -> Result<()> {
        for other in ["Disk under", "Processor", "Ports from here", "Path from here", "Services", "Ways out"] {
            if self.is_there(other).await? {
                self.press(other).await?;
            }
        }
        self.press("Storage of your own").await
    }
}

/// Fresh for this field, so that a leak tells where it was typed.
const SECRET: &str = "canary-storage-9b17d0";

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_is_named_and_its_key_is_kept_nowhere() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::sshd());
    let mut stage = lab::need!(Stage::set("storage"));
    let watch = Watch::over(&[SECRET]);
    let window = stage.open_window(&[("PLUMBLINE_LOG", "trace")]).await?;
    window.choose("StateMesh", "Application developer").await?;
    window.to_server(&server.host, server.port, &server.user).await?;
    window.sign_in_with_key(&server.key_file).await?;
    window.see_within("Is this really your server?", WORK).await?;
    window.press("Connect without comparing").await?;
    window.see_within("Check again", WORK).await?;
    window.press("Measure speed and ports").await?;
    window.see("Optional tests.").await?;
    window.only_storage().await?;
    window.fill("Address of the storage", "storage.example").await?;
    window.fill("Key ID, if you have one", "ID").await?;
    window.fill("Its secret", SECRET).await?;
    let mut judged = Judged::new(&window)?;
    judged.screen("asked").await?;
    window.press("Measure").await?;
    window.see("should read https://HOST/BUCKET").await?;
    judged.screen("wrong").await?;
    window.fill("Address of the storage", "https://127.0.0.1:1/files").await?;
    window.fill("Its secret", SECRET).await?;
    window.press("Measure").await?;
    window.see_within("not reached", WORK).await?;
    window.see("nothing signed was sent").await?;
    judged.screen("told").await?;
    // The secret is gone from the field, and half a key signs nothing.
    ensure!(window.value("Its secret").await?.is_empty(), "the secret stays in the window");
    window.press("Measure again").await?;
    window.see("A key has two parts").await?;
    judged.verdict(3)?;
    window.close().await?;
    let leaks = watch.heard(&[stage.home.path()]);
    ensure!(leaks.is_empty(), "the secret stood in {leaks:#?}");
    Ok(())
}

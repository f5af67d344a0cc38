//! The user's story, told to the real window against a real server, keychain and PDF.
#![cfg(target_os = "linux")]
#![allow(dead_code, reason = "the stage can do more than the first part of the story needs")]

mod stage;
mod window;

use anyhow::{Result, ensure};
use stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_prover_with_six_workers_says_what_it_needs() -> Result<()> {
    lab::slow!();
    let mut stage = lab::need!(Stage::set("choose"));
    let window = stage.open_window(&[]).await?;
    window.press("Set up a server").await?;
    window.see("What should this server run?").await?;
    window.picture("product").await?;
    window.press("Dusk").await?;
    window.press("Continue").await?;
    window.see("What should it do for Dusk?").await?;
    window.press("Prover").await?;
    window.fill("Workers", "6").await?;
    window.see("1 per worker, at least 4").await?;
    window.see("10 to be comfortable").await?;
    window.picture("prover").await?;
    ensure!(window.title().await? == "What should it do for Dusk?");
    window.close().await
}

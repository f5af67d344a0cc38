//! Before any server: what should it become, and what does that need?

use crate::stage::Stage;
use anyhow::{Result, ensure};

#[tokio::test(flavor = "multi_thread")]
async fn a_prover_with_six_workers_says_what_it_needs() -> Result<()> {
    lab::slow!();
    let mut stage = lab::need!(Stage::set("choose"));
    let window = stage.open_window(&[]).await?;
    window.see("Let\u{2019}s get your first server ready").await?;
    window.picture("empty").await?;
    window.choose_prover(6).await?;
    for need in ["1 per worker, at least 4", "10 to be comfortable", "30", "Mbps"] {
        window.see(need).await?;
    }
    window.picture("prover").await?;
    ensure!(window.title().await? == "What should it do for Dusk?");
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reopened_window_stands_where_it_was() -> Result<()> {
    lab::slow!();
    let mut stage = lab::need!(Stage::set("reopened"));
    let window = stage.open_window(&[]).await?;
    window.choose_prover(6).await?;
    window.press("Continue").await?;
    window.see("Which server?").await?;
    window.fill("Server", "chat-01.invalid").await?;
    window.press("Back").await?;
    window.press("Continue").await?;
    ensure!(window.value("Server").await? == "chat-01.invalid", "going back loses an answer");
    window.close().await?;
    let window = stage.open_window(&[]).await?;
    window.see("Which server?").await?;
    window.press("Back").await?;
    ensure!(window.value("Workers").await? == "6", "the number of workers was forgotten");
    window.close().await
}

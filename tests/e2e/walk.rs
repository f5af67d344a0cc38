//! The user's story, told to the real window against a real server, keychain and PDF.
#![cfg(target_os = "linux")]

mod stage;
mod window;

use anyhow::Result;
use stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn the_window_opens_and_says_hello() -> Result<()> {
    lab::slow!();
    let mut stage = lab::need!(Stage::set("opens"));
    let window = stage.open_window(&[]).await?;
    window.picture("first").await?;
    println!("{}", window.text().await?);
    stage.picture("screen")?;
    window.close().await
}

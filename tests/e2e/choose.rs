//! Before any server: what should it become, and what does that need?

use crate::rules::Judged;
use crate::stage::Stage;
use anyhow::{Result, ensure};
use std::time::Duration;

/// A check on a machine that does other work as well.
const WORK: Duration = Duration::from_secs(60);

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

const WIKI: &str = r#"schema = 1
product = "wiki"
title = "Wiki"
purpose = "Write things down together."
verified = "2026-11-20"

[[document]]
id = "handbook"
title = "Our handbook"

[[role]]
id = "server"
title = "Server"
purpose = "Serves the pages."
size = "1 core, 1 GB"

[[need]]
id = "memory"
title = "Room for pages"
area = "hardware"
severity = "required"
why = "Pages are kept in memory."
source = { section = "Sizes" }
key = "memory.total"
at_least = "1 GB"
"#;

/// From a file that somebody gave, with a mistake in it first, to a server that is judged by it; after the window was
/// closed it is still there.
#[tokio::test(flavor = "multi_thread")]
async fn a_requirements_file_of_somebodys_own_is_used_like_a_built_in_one() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::sshd());
    let mut stage = lab::need!(Stage::set("requirements"));
    let file = stage.home.path().join("Documents/wiki.toml");
    std::fs::write(&file, WIKI)?;
    let window = stage.open_window(&[]).await?;
    window.see("Let\u{2019}s get your first server ready").await?;
    window.let_fall("wiki.toml", &WIKI.replace("key = \"memory.total\"", "key = \"memory.totel\"")).await?;
    window.see("wiki.toml cannot be used as it is.").await?;
    window.see("wiki.toml:24:").await?;
    window.see("did you mean \"memory.total\"?").await?;
    let mut judged = Judged::new(&window)?;
    judged.screen("refused").await?;

    window.press("Open file").await?;
    stage.open_dialog("Open a requirements file", &file)?;
    window.see("Wiki: 1 role with 1 need").await?;
    judged.screen("opened").await?;
    judged.verdict(2)?;
    window.close().await?;

    let window = stage.open_window(&[]).await?;
    window.choose("Wiki", "Server").await?;
    window.see("Our handbook").await?;
    window.to_server(&server.host, server.port, &server.user).await?;
    window.sign_in_with_key(&server.key_file).await?;
    window.see_within("Is this really your server?", WORK).await?;
    window.press("Connect without comparing").await?;
    window.see_within("Check again", WORK).await?;
    window.see("is ready for Wiki, Server").await?;
    window.press("Hardware").await?;
    window.see("Room for pages").await?;
    window.picture("checked").await?;
    window.press("See the summary").await?;
    window.see("Wiki").await?;
    window.close().await
}

//! A server that the app cannot reach: a reading is carried here, a script there, and what came of it back.

use crate::plumb::Plumb;
use crate::stage::Stage;
use crate::window::Window;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::time::Duration;

/// A check on a machine that does other work as well.
const CHECK: Duration = Duration::from_secs(60);

const ROLE: &str = "reforms/minimum";
const CHANGE: &str = "Give connections more room";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_out_of_reach_is_read_and_changed_by_hand() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::nspawn("bookworm"));
    let mut stage = lab::need!(Stage::set("far"));
    let probe = Plumb::new()?.call(&["probe", "--role", ROLE], &[])?.ended(0)?.out;
    server.write("/root/probe.sh", probe.as_bytes())?;
    let before = server.must("sysctl -n net.ipv4.tcp_rmem; ls /etc/sysctl.d")?;

    let window = stage.open_window(&[]).await?;
    window.see("Let\u{2019}s get your first server ready").await?;
    window.let_fall("far-01.txt", &server.must("sh /root/probe.sh 2>/dev/null")?).await?;
    window.see_within("could carry", CHECK).await?;
    window.see("far-01").await?;
    window.press("Minimum").await?;
    window.press("Continue with this role").await?;
    window.see_within("Check again", CHECK).await?;
    ensure!(!window.is_there("Measure speed and ports").await?, "nobody is there to measure");
    window.picture("checked").await?;
    window.press("See what to change").await?;
    window.see("the changes are made there and not from here").await?;
    window.see("read from a file Not connected").await?;
    window.leave_on(&[CHANGE]).await?;
    window.picture("tune").await?;
    ensure!(!window.is_there("Apply 1 change").await?, "nobody is there to apply it to");
    let script = stage.home.path().join("Documents/far.sh");
    window.press("Save as script").await?;
    stage.save_dialog("Save the changes as a script", &script)?;
    window.see("Saved to").await?;

    server.write("/root/plumb.sh", &std::fs::read(&script)?)?;
    let run = |words: &str| -> Result<String> {
        let ran = server.ssh("root").arg(format!("sh /root/plumb.sh {words} </dev/null")).output()?;
        ensure!(ran.status.success(), "{words}: {}", String::from_utf8_lossy(&ran.stderr));
        Ok(String::from_utf8(ran.stdout)?)
    };
    run("apply --keep")?;
    let after = server.must("sysctl -n net.ipv4.tcp_rmem; ls /etc/sysctl.d")?;
    ensure!(after != before, "it changes nothing: {after}");

    // what it says of itself is a reading as well, with what was done
    window.let_fall("far-01.txt", &run("report")?).await?;
    window.see_within("Check again", CHECK).await?;
    window.picture("again").await?;
    window.press("See what to change").await?;
    window.see("the changes are made there and not from here").await?;
    ensure!(!window.text().await?.contains(CHANGE), "what was made is offered again: {}", window.text().await?);
    run("undo --keep")?;
    let undone = server.must("sysctl -n net.ipv4.tcp_rmem; ls /etc/sysctl.d")?;
    ensure!(undone == before, "undone and not as before: {undone}");
    window.close().await
}

impl Window {
    /// Drags a file over the window and lets go of it.
    pub(crate) async fn let_fall(&self, name: &str, text: &str) -> Result<()> {
        let script = "const data = new DataTransfer();
            data.items.add(new File([arguments[1]], arguments[0], { type: 'text/plain' }));
            const event = (kind) => new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data });
            const over = document.body.dispatchEvent(event('dragover'));
            const fell = document.body.dispatchEvent(event('drop'));
            return [over, fell];";
        let left = self.run(script, vec![json!(name), json!(text)]).await?;
        let taken = left.as_array().context("no answer")?.iter().all(|left| left == false);
        ensure!(taken, "the window leaves it to the browser: {left}");
        Ok(())
    }
}

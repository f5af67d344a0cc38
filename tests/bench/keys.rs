//! How long a person waits for the answer to a key while 300 findings stream in.

use crate::stage::Stage;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The longest wait, in milliseconds, and of how many keys.
pub(crate) type Waited = (f64, u32);

#[derive(Debug)]
pub(crate) struct Keys {
    /// In the web view of this computer, on a real server.
    pub(crate) here: Waited,
    /// In Chromium, with recorded data; `None` where there is no browser.
    pub(crate) in_a_browser: Option<Waited>,
}

const FINDINGS: usize = 300;

/// As long as a check may take on a machine that does other work as well.
const WORK: Duration = Duration::from_secs(60);

/// Presses keys from the first finding on, one behind the other, until twenty more have been pressed on the whole list. A
/// wait is what a person would call one: from the press, behind whatever is being done, until the frame with the answer.
const PRESS: &str = "
    const told = (window.keysPressed = { most: 0, times: 0, rows: 0, over: false });
    const turn = () => new Promise((done) => setTimeout(done, 0));
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    (async () => {
        for (let left = 20; left > 0; ) {
            const row = document.querySelector('[data-row]');
            if (!row) { await turn(); continue; }
            const focused = document.activeElement?.matches('[data-row]') ? document.activeElement : row;
            focused.focus();
            const pressed = performance.now();
            await turn();
            focused.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
            await frame();
            told.most = Math.max(told.most, performance.now() - pressed);
            told.times += 1;
            told.rows = Math.max(told.rows, document.querySelectorAll('[data-row]').length);
            if (document.querySelector('[data-phase=done]')) left -= 1;
        }
        told.over = true;
    })();";

/// In the real window, checking a real server for a role of 300 needs.
pub(crate) async fn here(app: &Path) -> Result<Waited> {
    let server = lab::sshd()?;
    let mut stage = Stage::set_for("bench-keys", app.to_owned()).map_err(|why| anyhow::anyhow!("{why}"))?;
    let folder = stage.home.path().join(".local/share/plumbline/requirements");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("many.toml"), many())?;
    let window = stage.open_window(&[]).await?;
    window.choose("Many", "Server").await?;
    window.press("Continue").await?;
    window.see("Which server?").await?;
    window.fill("Server", &server.host).await?;
    window.fill("Port", &server.port.to_string()).await?;
    window.fill("User name", &server.user).await?;
    window.press("Key file").await?;
    window.fill("Key file", &server.key_file.to_string_lossy()).await?;
    window.press("Connect").await?;
    window.see_within("Is this really your server?", WORK).await?;
    window.run(PRESS, vec![]).await?;
    window.press("Connect without comparing").await?;
    let over = "const done = arguments[0];
        const look = () => (window.keysPressed.over ? done(window.keysPressed) : setTimeout(look, 50));
        look();";
    let told = window.run_async(over, vec![]).await?;
    window.close().await?;
    let count = |name: &str| told[name].as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
    ensure!(count("times") > 20 && count("rows") as usize >= FINDINGS, "not every finding was there: {told}");
    Ok((told["most"].as_f64().context("no wait")?, count("times")))
}

/// So many needs of what is read at different moments of a check, so that findings come in all through it.
fn many() -> String {
    let mut text = String::from(
        "schema = 1\nproduct = \"many\"\ntitle = \"Many\"\npurpose = \"Asks for a lot.\"\nverified = \"2026-11-20\"\n\n\
         [[document]]\nid = \"list\"\ntitle = \"A long list\"\n\n\
         [[role]]\nid = \"server\"\ntitle = \"Server\"\npurpose = \"Any server.\"\nsize = \"any\"\n",
    );
    let bounds = [
        ("hardware", "key = \"memory.total\"\nat_least = \"1 GB\""),
        ("hardware", "key = \"cpu.cores\"\nat_least = 64"),
        ("system", "key = \"kernel.version\"\nat_least = \"4.0\""),
        ("storage", "key = \"disk.free:/\"\nat_least = \"1 GB\""),
        ("network", "key = \"port.listeners:9/tcp\"\npresent = true"),
        ("security", "key = \"sysctl.now:net.core.somaxconn\"\npresent = true"),
    ];
    for (number, (area, bound)) in bounds.iter().cycle().take(FINDINGS).enumerate() {
        let _ = write!(
            text,
            "\n[[need]]\nid = \"need.{number}\"\ntitle = \"Need number {number}\"\narea = \"{area}\"\nseverity = \"required\"\n\
             why = \"It is on the list.\"\nsource = {{ section = \"All\" }}\n{bound}\n"
        );
    }
    text
}

/// The same window in a browser, as the tests of its screens open it.
pub(crate) fn in_a_browser() -> Result<Option<Waited>> {
    let figures = tempfile::NamedTempFile::new()?;
    let ran = Command::new("npm")
        .args(["--prefix", "ui", "test", "--", "src/window.test.ts", "-t", "answers a key within 100 ms"])
        .env("PLUMB_FULL", "1")
        .env("PLUMB_FIGURES", figures.path())
        .current_dir(lab::workspace())
        .status()?;
    if !ran.success() {
        bail!("the window in a browser took longer than 100 ms for a key, or did not run");
    }
    let told = std::fs::read_to_string(figures.path())?;
    let Ok(told) = serde_json::from_str::<Value>(&told) else { return Ok(None) };
    let times = told["times"].as_u64().and_then(|times| u32::try_from(times).ok());
    Ok(told["most"].as_f64().zip(times))
}

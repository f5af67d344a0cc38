//! The rules of accessibility, judged by axe-core in the real window on every screen that a short walk reaches: with the
//! colours that this web view computes, light and dark, as the window opens and as small as it gets. Other walks have their
//! screens judged as they pass by.

use crate::doors::fingerprint;
use crate::stage::Stage;
use crate::window::Window;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::time::Duration;

/// A check on a machine that does other work as well.
const CHECK: Duration = Duration::from_secs(120);

/// As the window opens, and as small as it gets.
const LARGE: (u32, u32) = (1180, 780);
const SMALL: (u32, u32) = (900, 640);

/// All looks where everything runs; else one after the other, from screen to screen.
fn looks(screen: usize) -> Vec<(&'static str, (u32, u32))> {
    let all = [("light", LARGE), ("dark", SMALL), ("light", SMALL), ("dark", LARGE)];
    if lab::full_matrix() { all.into() } else { all.into_iter().cycle().skip(screen).take(1).collect() }
}

/// The same rules as those of the window in a browser.
const JUDGE: &str = "
    const done = arguments[0];
    const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly, resultTypes: ['violations'] }).then(
        (result) => done({
            judged: result.passes.length,
            broken: result.violations.map((rule) => `${rule.id}: ` + rule.nodes.slice(0, 3)
                .map((node) => `${node.target.join(' ')} (${node.failureSummary})`).join(' | ')),
        }),
        (error) => done({ judged: 0, broken: [String(error)] }),
    );";

/// A window and the rules it is held to. What is broken is gathered, so that one run tells everything.
pub(crate) struct Judged<'a> {
    pub(crate) window: &'a Window,
    axe: String,
    broken: Vec<String>,
    screens: usize,
}

impl<'a> Judged<'a> {
    pub(crate) fn new(window: &'a Window) -> Result<Self> {
        let file = lab::workspace().join("ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&file).with_context(|| format!("{} is not there", file.display()))?;
        Ok(Judged { window, axe, broken: Vec::new(), screens: 0 })
    }

    /// Judges what stands in the window now, in every look, and keeps a picture of each.
    pub(crate) async fn screen(&mut self, name: &str) -> Result<()> {
        for (theme, size) in looks(self.screens) {
            self.window.wear(theme, size).await?;
            let look = format!("{name}-{theme}-{}", size.0);
            // What moves has other colours for a moment; the picture waits until all stands still.
            self.window.picture(&look).await?;
            if self.window.run("return typeof axe === 'undefined'", vec![]).await? == Value::Bool(true) {
                self.window.run(&format!("{}\nwindow.axe = axe;", self.axe), vec![]).await?;
            }
            let said = self.window.run_async(JUDGE, vec![]).await?;
            let broken = said["broken"].as_array().with_context(|| format!("{look}: axe said {said}"))?;
            ensure!(
                !broken.is_empty() || said["judged"].as_u64() > Some(10),
                "{look}: axe judged hardly anything: {said}"
            );
            self.broken.extend(broken.iter().map(|rule| format!("{look}: {}", rule.as_str().unwrap_or_default())));
        }
        self.screens += 1;
        Ok(())
    }

    /// A judge who finds nothing anywhere could be asleep: a grey that nobody can read must be told.
    async fn is_awake(&mut self) -> Result<()> {
        let paint = "document.querySelector('.lead').style.color = arguments[0]";
        self.window.run(paint, vec![json!("#888480")]).await?;
        self.screen("pale").await?;
        self.window.run(paint, vec![json!("")]).await?;
        let told = std::mem::take(&mut self.broken).iter().any(|rule| rule.contains("color-contrast"));
        ensure!(told, "axe took a pale grey for readable");
        self.screens = 0;
        Ok(())
    }

    pub(crate) fn verdict(self, at_least: usize) -> Result<()> {
        ensure!(self.broken.is_empty(), "{} rules are broken:\n{}", self.broken.len(), self.broken.join("\n"));
        ensure!(self.screens >= at_least, "only {} screens were judged", self.screens);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_before_a_server_is_met() -> Result<()> {
    lab::slow!();
    let mut stage = lab::need!(Stage::set("rules"));
    let window = stage.open_window(&[]).await?;
    let mut judged = Judged::new(&window)?;
    window.see("Let\u{2019}s get your first server ready").await?;
    judged.is_awake().await?;
    judged.screen("empty").await?;
    window.press("Products").await?;
    window.see("What each role needs").await?;
    judged.screen("products").await?;
    window.press("Settings").await?;
    window.see("They act at once.").await?;
    judged.screen("settings").await?;
    window.keys("?").await?;
    window.see("The main action of the screen").await?;
    judged.screen("shortcuts").await?;
    window.keys("\u{e00c}").await?;
    window.gone("The main action of the screen", CHECK).await?;
    window.press("Servers").await?;
    window.choose("Reforms", "Large").await?;
    window.see("Which one is this?").await?;
    judged.screen("large").await?;
    window.press("Back").await?;
    judged.screen("product").await?;
    window.press("Dusk").await?;
    window.press("Prover").await?;
    judged.screen("prover").await?;
    window.press("Continue").await?;
    window.see("Which server?").await?;
    window.press("Connect").await?;
    window.see("Enter a name or an address.").await?;
    window.press("More").await?;
    judged.screen("connect").await?;
    judged.verdict(8)?;
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_on_a_server_that_is_met_and_checked() -> Result<()> {
    lab::full!();
    let server = lab::need!(lab::sshd());
    let other = lab::need!(lab::sshd());
    let mut stage = lab::need!(Stage::set("rules-server"));
    let window = stage.open_window(&[]).await?;
    let mut judged = Judged::new(&window)?;
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    window.go_to(&server.host, nobody, &server.user).await?;
    window.sign_in_with_key(&server.key_file).await?;
    window.see("What usually helps").await?;
    judged.screen("unreachable").await?;
    window.press("Change the address").await?;
    window.fill("Port", &server.port.to_string()).await?;
    window.press("Try again").await?;
    window.see_within("Is this really your server?", CHECK).await?;
    judged.screen("first").await?;
    window.fill("Fingerprint you were given", &fingerprint(&server.host_key)?).await?;
    window.see("The same, all 43 characters.").await?;
    judged.screen("matched").await?;
    window.press("It matches, connect").await?;
    window.see_within("Open any line to see why it matters", CHECK).await?;
    window.press("Network buffers").await?;
    window.see("What we asked, and what it said").await?;
    judged.screen("checked").await?;
    window.press("To do").await?;
    judged.screen("todo").await?;
    window.press("Check again").await?;
    window.see_within("Open any line to see why it matters", CHECK).await?;
    window.press("Measure speed and ports").await?;
    window.see("Optional tests.").await?;
    judged.screen("measure").await?;
    window.press("Back to the check").await?;
    window.press("See what to change").await?;
    window.see("Nothing happens until you press Apply.").await?;
    window.leave_on(&[]).await?;
    window.press("See the summary").await?;
    window.see("Save PDF report").await?;
    judged.screen("summary").await?;
    window.press("All servers").await?;
    window.see("Last check").await?;
    judged.screen("home").await?;
    window.press(&format!("Earlier checks of {}", server.host)).await?;
    window.see("Newest first.").await?;
    judged.screen("history").await?;
    window.press("Compare the two").await?;
    window.see("What changed on").await?;
    judged.screen("comparison").await?;

    // The key of another server under this one's name.
    let known = format!("[{}]:{} {}\n", server.host, server.port, other.host_key);
    std::fs::write(stage.data().join("known_hosts"), known)?;
    window.press("Back").await?;
    window.see("Newest first.").await?;
    window.press("Back").await?;
    window.see("Last check").await?;
    window.press("Set up a server").await?;
    window.press("Dusk").await?;
    window.press("Prover").await?;
    window.to_server(&server.host, server.port, &server.user).await?;
    window.sign_in_with_key(&server.key_file).await?;
    window.see_within("This is not the server you met before", CHECK).await?;
    judged.screen("changed").await?;
    judged.verdict(11)?;
    window.close().await
}

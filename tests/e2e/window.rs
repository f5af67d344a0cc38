//! The window as a person meets it: by the words on its buttons, fields and headings, never by its markup.

use anyhow::{Context, Result, bail};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A person's patience with a screen that should come at once.
const SOON: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Window {
    client: Client,
    screens: PathBuf,
}

impl Window {
    pub(crate) async fn open(port: u16, app: &Path, screens: PathBuf) -> Result<Window> {
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("tauri:options".to_owned(), json!({ "application": app, "args": [] }));
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let address = format!("http://127.0.0.1:{port}");
        // The driver listens a moment after it starts.
        let end = Instant::now() + SOON;
        loop {
            let mut builder = ClientBuilder::new(connector.clone());
            match builder.capabilities(capabilities.clone()).connect(&address).await {
                Ok(client) => return Ok(Window { client, screens }),
                Err(error) if Instant::now() > end => return Err(error).context("the window did not open"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.client.close().await?)
    }

    /// From the first screen to a Dusk prover with so many workers.
    pub(crate) async fn choose_prover(&self, workers: u32) -> Result<()> {
        self.choose("Dusk", "Prover").await?;
        self.fill("Workers", &workers.to_string()).await
    }

    /// From the first screen to a role of a product.
    pub(crate) async fn choose(&self, product: &str, role: &str) -> Result<()> {
        self.press("Set up a server").await?;
        self.see("What should this server run?").await?;
        self.press(product).await?;
        self.press(role).await
    }

    /// After a refusal: the new password, and again.
    pub(crate) async fn sign_in_again(&self, password: &str) -> Result<()> {
        self.fill("Password", password).await?;
        self.press("Try again").await
    }

    /// Switches off every change but those whose title begins like this.
    pub(crate) async fn leave_on(&self, titles: &[&str]) -> Result<()> {
        for switch in self.client.find_all(Locator::Css("[role=switch]")).await? {
            let name = switch.attr("aria-label").await?.unwrap_or_default();
            let wanted = titles.iter().any(|title| name.starts_with(title));
            let on = switch.attr("aria-checked").await?.as_deref() == Some("true");
            if wanted != on {
                switch.click().await?;
            }
        }
        Ok(())
    }

    /// Presses the button, link, tab or choice that is called `name`.
    pub(crate) async fn press(&self, name: &str) -> Result<()> {
        let path = pressable(name);
        let press = async || {
            let Some(button) = self.first_shown(&path).await? else { return Ok(None) };
            // Below the fold it would be under the footer.
            self.run("arguments[0].scrollIntoView({ block: 'center' })", vec![serde_json::to_value(&button)?]).await?;
            Ok(Some(button.click().await?))
        };
        self.until(&format!("{name:?} to be pressed"), SOON, press).await
    }

    /// Types `text` in place of what stands in the field labelled `label`, and sees that it stands there.
    pub(crate) async fn fill(&self, label: &str, text: &str) -> Result<()> {
        let field = self.field(label).await?;
        // A field that is chosen whole is typed over, as after Ctrl+A, which this driver does not send.
        self.run("arguments[0].focus(); arguments[0].select()", vec![serde_json::to_value(&field)?]).await?;
        field.send_keys(text).await.with_context(|| format!("filling {label:?}"))?;
        let stands = field.prop("value").await?.unwrap_or_default();
        anyhow::ensure!(stands == text, "typed {text:?} into {label:?}, and there stands {stands:?}");
        Ok(())
    }

    pub(crate) async fn value(&self, label: &str) -> Result<String> {
        Ok(self.field(label).await?.prop("value").await?.unwrap_or_default())
    }

    /// Keys as a person presses them, wherever the focus is.
    pub(crate) async fn keys(&self, keys: &str) -> Result<()> {
        Ok(self.client.active_element().await?.send_keys(keys).await?)
    }

    /// Waits until `text` can be read somewhere in the window.
    pub(crate) async fn see(&self, text: &str) -> Result<()> {
        self.see_within(text, SOON).await
    }

    pub(crate) async fn see_within(&self, text: &str, limit: Duration) -> Result<()> {
        self.until(&format!("{text:?} to be read"), limit, async || Ok(self.text().await?.contains(text).then_some(())))
            .await
    }

    /// Waits until `text` can no longer be read anywhere in the window.
    pub(crate) async fn gone(&self, text: &str, limit: Duration) -> Result<()> {
        let gone = async || Ok((!self.text().await?.contains(text)).then_some(()));
        self.until(&format!("{text:?} to go"), limit, gone).await
    }

    /// All that can be read in the window right now, with single spaces.
    pub(crate) async fn text(&self) -> Result<String> {
        let text = self.run("return document.body.innerText", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The title of the screen.
    pub(crate) async fn title(&self) -> Result<String> {
        let text = self.run("return document.querySelector('h1')?.innerText ?? ''", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().trim().to_owned())
    }

    pub(crate) async fn is_there(&self, name: &str) -> Result<bool> {
        Ok(!self.client.find_all(Locator::XPath(&pressable(name))).await?.is_empty())
    }

    /// Runs JavaScript in the window: for what cannot be seen, such as the accessibility tree.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, arguments).await?)
    }

    pub(crate) async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute_async(script, arguments).await?)
    }

    /// Dresses the window in a theme, at a size in points.
    pub(crate) async fn wear(&self, theme: &str, (width, height): (u32, u32)) -> Result<()> {
        self.run("document.documentElement.dataset.theme = arguments[0]", vec![json!(theme)]).await?;
        self.client.set_window_size(width, height).await?;
        let wanted = json!([width, height]);
        let size = async || Ok((self.run("return [innerWidth, innerHeight]", vec![]).await? == wanted).then_some(()));
        self.until(&format!("the page to be {width} by {height}"), SOON, size).await
    }

    /// Keeps a picture of the window for a person to look at.
    pub(crate) async fn picture(&self, name: &str) -> Result<()> {
        // What was changed just now is painted with the next frame, and motion is over in half a second. On a machine that is
        // busy with other things frames can stay away for long; the picture is then of what stands there.
        let settled = "const done = arguments[0];
            setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 500);
            setTimeout(done, 5000)";
        self.run_async(settled, vec![]).await?;
        let bytes = self.client.screenshot().await?;
        Ok(std::fs::write(self.screens.join(format!("{name}.png")), bytes)?)
    }

    async fn field(&self, label: &str) -> Result<Element> {
        let path = field(label);
        self.until(&format!("a field called {label:?}"), SOON, async || self.first_shown(&path).await).await
    }

    async fn first_shown(&self, path: &str) -> Result<Option<Element>> {
        for element in self.client.find_all(Locator::XPath(path)).await? {
            if element.is_displayed().await? && element.is_enabled().await? {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    /// Asks again and again; gives up with a picture and the words that stood there instead.
    async fn until<T, F: Future<Output = Result<Option<T>>>>(
        &self,
        what: &str,
        limit: Duration,
        ask: impl Fn() -> F,
    ) -> Result<T> {
        let end = Instant::now() + limit;
        loop {
            // An element can leave between finding and asking it; the next round sees the new one.
            let answer = ask().await;
            if let Ok(Some(found)) = answer {
                return Ok(found);
            }
            if Instant::now() > end {
                let _ = self.picture("gave-up").await;
                let error = answer.err().map(|error| format!(" ({error:#})")).unwrap_or_default();
                bail!("waited {limit:?} for {what}{error}; the window said: {}", self.text().await.unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// What can be pressed and is called `name`: exactly so, or so at its beginning where a hint or figure follows.
fn pressable(name: &str) -> String {
    let name = quoted(name);
    let kinds = "self::button or self::a or self::summary or @role='button' or @role='tab' or @role='option' or \
                 @role='radio' or @role='switch' or self::label";
    format!(
        "//*[{kinds}][normalize-space(.)={name} or @aria-label={name}] | \
         //*[{kinds}][starts-with(normalize-space(.), {name}) or starts-with(@aria-label, {name})]"
    )
}

fn field(label: &str) -> String {
    let label = quoted(label);
    let kinds = "self::textarea or self::select or \
                 self::input[not(@type='radio' or @type='checkbox' or @type='range')]";
    format!(
        "//*[{kinds}][@id = //label[starts-with(normalize-space(.), {label})]/@for] | \
         //label[starts-with(normalize-space(.), {label})]//*[{kinds}] | //*[{kinds}][@aria-label={label}]"
    )
}

/// A string literal of XPath, which knows no escapes.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}

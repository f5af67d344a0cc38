//! All that a real window needs around it, started by the test and ended with it: a screen, a window manager, a session
//! bus, an unlocked keychain, a home of its own, and the driver.
//!
//! Nothing is borrowed from the desktop of whoever runs the tests, so nothing of theirs can be touched.

use crate::window::Window;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What the keychain of the stage opens with. It guards test values only.
const KEYRING_PASSWORD: &str = "stage-keyring";

/// Larger than the window by enough for a dialog beside it.
const SCREEN: &str = "1400x960x24";

/// The programs without which there is no stage; Debian names their packages in installers/dev-setup.sh.
const PROGRAMS: &[&str] =
    &["Xvfb", "openbox", "dbus-daemon", "gnome-keyring-daemon", "WebKitWebDriver", "xdotool", "import", "pdftotext"];

/// A running stage; dropping it ends everything it started, last first.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) home: tempfile::TempDir,
    display: String,
    bus: String,
    running: Vec<Running>,
    app: PathBuf,
    driver: PathBuf,
    /// Where screenshots of this test go.
    pub(crate) screens: PathBuf,
}

/// A program of ours, ended with SIGTERM and waited for. The driver leaves its browser alive when it is killed outright.
#[derive(Debug)]
struct Running(&'static str, Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.1.id().to_string()]).status();
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end {
            if !matches!(self.1.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = writeln!(std::io::stderr(), "stage: {} did not end by itself", self.0);
        let _ = self.1.kill();
        let _ = self.1.wait();
    }
}

impl Stage {
    /// Sets the stage for the test called `name`.
    pub(crate) fn set(name: &str) -> Result<Stage, lab::Error> {
        Stage::set_for(name, app().map_err(failed)?)
    }

    /// The same for another application than ours.
    pub(crate) fn set_for(name: &str, app: PathBuf) -> Result<Stage, lab::Error> {
        for program in PROGRAMS {
            if !on_path(program) {
                return Err(left_out(&format!("{program} is not installed")));
            }
        }
        let driver = driver().map_err(|why| left_out(&format!("{why:#}")))?;
        Stage::put_up(name, app, driver).map_err(failed)
    }

    fn put_up(name: &str, app: PathBuf, driver: PathBuf) -> Result<Stage> {
        let home = tempfile::Builder::new().prefix("plumb-stage-").tempdir()?;
        for folder in ["run", ".local/share", ".config", ".cache", ".ssh", "Documents"] {
            std::fs::create_dir_all(home.path().join(folder))?;
        }
        let mut stage = Stage {
            home,
            display: String::new(),
            bus: String::new(),
            running: Vec::new(),
            app,
            driver,
            screens: lab::workspace().join("target/screens").join(name),
        };
        std::fs::create_dir_all(&stage.screens)?;
        let mut screen = Command::new("Xvfb");
        screen.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]);
        stage.display = format!(":{}", stage.start_and_hear("Xvfb", screen)?);
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address=1"]);
        stage.bus = stage.start_and_hear("dbus-daemon", bus)?;
        stage.unlock_keychain()?;
        let manager = stage.dressed(Command::new("openbox")).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        stage.running.push(Running("openbox", manager));
        Ok(stage)
    }

    /// Gives `command` the stage's screen, bus and home, and nothing of the caller's desktop.
    pub(crate) fn dressed(&self, mut command: Command) -> Command {
        let home = self.home.path();
        for name in ["WAYLAND_DISPLAY", "SSH_AUTH_SOCK", "XAUTHORITY", "GTK_THEME"] {
            command.env_remove(name);
        }
        command
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("LC_ALL", "C.UTF-8")
            // Without a bus for accessibility every start waits for one.
            .env("NO_AT_BRIDGE", "1")
            .env("GDK_BACKEND", "x11");
        command
    }

    /// Opens the application's window under the driver. It closes with the [`Window`]'s `close`.
    pub(crate) async fn open_window(&mut self, environment: &[(&str, &str)]) -> Result<Window> {
        let [port, native] = [free_port()?, free_port()?];
        let mut driver = Command::new(&self.driver);
        driver
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .args(["--native-driver", "/usr/bin/WebKitWebDriver"])
            .envs(environment.iter().copied());
        let log = std::fs::File::create(self.home.path().join("driver.log"))?;
        let child = self.dressed(driver).stdout(log.try_clone()?).stderr(log).spawn().context("tauri-driver")?;
        self.running.retain(|running| running.0 != "tauri-driver");
        self.running.push(Running("tauri-driver", child));
        Window::open(port, &self.app, self.screens.clone()).await
    }

    /// Where the application keeps its own files.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.path().join(".local/share/plumbline")
    }

    /// The stage's whole screen, native dialogs included.
    pub(crate) fn picture(&self, name: &str) -> Result<()> {
        let file = self.screens.join(format!("{name}.png"));
        let status = self.dressed(Command::new("import")).args(["-window", "root"]).arg(&file).status()?;
        anyhow::ensure!(status.success(), "import could not take {}", file.display());
        Ok(())
    }

    /// Types `path` into the system's save dialog and confirms it, as a person does.
    pub(crate) fn save_dialog(&self, title: &str, path: &Path) -> Result<()> {
        let id = self.find_window(title, Duration::from_secs(15))?;
        // A dialog takes its keys a moment after it is mapped.
        std::thread::sleep(Duration::from_millis(700));
        self.xdotool(&["windowactivate", "--sync", &id])?;
        // The dialog chooses the name without its ending; all of it is to go.
        self.xdotool(&["key", "End", "shift+Home", "Delete"])?;
        self.xdotool(&["type", "--delay", "4", &path.to_string_lossy()])?;
        std::thread::sleep(Duration::from_millis(200));
        self.xdotool(&["key", "Return"])?;
        Ok(())
    }

    /// Types `path` into the system's dialog for opening and confirms it: a slash begins a path there.
    pub(crate) fn open_dialog(&self, title: &str, path: &Path) -> Result<()> {
        let id = self.find_window(title, Duration::from_secs(15))?;
        std::thread::sleep(Duration::from_millis(700));
        self.xdotool(&["windowactivate", "--sync", &id])?;
        // The slash opens a field for the path; what is typed before it stands is lost.
        let path = path.to_string_lossy();
        let (slash, rest) = path.split_at(1);
        for typed in [slash, rest] {
            self.xdotool(&["type", "--delay", "4", typed])?;
            std::thread::sleep(Duration::from_millis(500));
        }
        self.xdotool(&["key", "Return"])?;
        Ok(())
    }

    /// Closes the window as a person does, with the keys of the window manager, and thinks better of it when asked.
    pub(crate) fn close_and_stay(&self, window: &str, question: &str) -> Result<()> {
        let id = self.find_window(window, Duration::from_secs(5))?;
        self.xdotool(&["windowactivate", "--sync", &id])?;
        self.xdotool(&["key", "alt+F4"])?;
        let dialog = self.find_window(question, Duration::from_secs(10))?;
        std::thread::sleep(Duration::from_millis(700));
        self.xdotool(&["windowactivate", "--sync", &dialog])?;
        self.picture("close-anyway")?;
        self.xdotool(&["key", "Escape"])?;
        Ok(())
    }

    fn find_window(&self, title: &str, limit: Duration) -> Result<String> {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if let Ok(ids) = self.xdotool(&["search", "--onlyvisible", "--name", title])
                && let Some(id) = ids.lines().next_back()
            {
                return Ok(id.to_owned());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.picture("no-dialog");
        bail!("no window called {title:?} within {limit:?}")
    }

    fn xdotool(&self, words: &[&str]) -> Result<String> {
        let output = self.dressed(Command::new("xdotool")).args(words).output()?;
        anyhow::ensure!(output.status.success(), "xdotool {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Starts a program and returns the first line it prints: its address.
    fn start_and_hear(&mut self, name: &'static str, command: Command) -> Result<String> {
        let mut child =
            self.dressed(command).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().with_context(|| name)?;
        let out = child.stdout.take();
        self.running.push(Running(name, child));
        let mut line = String::new();
        BufReader::new(out.context("no output")?).read_line(&mut line)?;
        anyhow::ensure!(!line.trim().is_empty(), "{name} ended at once");
        Ok(line.trim().to_owned())
    }

    fn unlock_keychain(&mut self) -> Result<()> {
        let mut command = self.dressed(Command::new("gnome-keyring-daemon"));
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        child.stdin.take().context("no input")?.write_all(KEYRING_PASSWORD.as_bytes())?;
        let mut out = child.stdout.take().context("no output")?;
        self.running.push(Running("gnome-keyring-daemon", child));
        // It speaks once it has its name on the bus.
        let mut first = [0u8; 1];
        let _ = out.read(&mut first)?;
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        while let Some(running) = self.running.pop() {
            drop(running);
        }
    }
}

/// The application: `$PLUMBLINE_APP`, or the one beside this test, built when it is missing or old.
fn app() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("PLUMBLINE_APP") {
        return Ok(path.into());
    }
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "-p", "plumbline", "--features", "custom-protocol"])
        .current_dir(lab::workspace())
        .status()?;
    anyhow::ensure!(status.success(), "the application does not build");
    let here = std::env::current_exe()?;
    let folder = here.ancestors().nth(2).context("a test lies two folders deep")?;
    Ok(folder.join("plumbline"))
}

/// tauri-driver: on the path, or in target/tools where `npm test` puts it.
fn driver() -> Result<PathBuf> {
    let ours = lab::workspace().join("target/tools/bin/tauri-driver");
    if ours.exists() {
        return Ok(ours);
    }
    anyhow::ensure!(on_path("tauri-driver"), "tauri-driver is not installed");
    Ok("tauri-driver".into())
}

pub(crate) fn on_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn left_out(reason: &str) -> lab::Error {
    lab::Error::Skipped(lab::Skipped { name: "real window".to_owned(), reason: reason.to_owned() })
}

fn failed(why: anyhow::Error) -> lab::Error {
    lab::Error::Failed { what: "setting the stage".to_owned(), why: format!("{why:#}") }
}

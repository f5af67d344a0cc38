//! What happens beside the straight walk: practice, a jump host, changes behind our back, a line that breaks.

use crate::doors::{fingerprint, lock_key};
use crate::rules::Judged;
use crate::stage::Stage;
use crate::window::Window;
use anyhow::{Result, ensure};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// A check on a machine that does other work as well.
const CHECK: Duration = Duration::from_secs(60);

/// A check, a run or a proof on a machine whose processor is worked out in software.
const WORK: Duration = Duration::from_secs(300);

const PASSPHRASE: &str = "one key for two doors";

#[tokio::test(flavor = "multi_thread")]
async fn practice_says_so_on_every_screen_and_on_paper() -> Result<()> {
    lab::slow!();
    let mut stage = lab::need!(Stage::set("practice"));
    let window = stage.open_window(&[]).await?;
    let mut judged = Judged::new(&window)?;
    window.press("Settings").await?;
    window.press("Explain as we go").await?;
    window.press("Servers").await?;
    window.see("Each line is a server").await?;
    window.press("Practise on a recorded server").await?;
    window.see_within("could carry", CHECK).await?;
    practised(&mut judged, "fit").await?;
    window.press("Minimum").await?;
    window.press("Continue with this role").await?;
    window.see_within("Check again", CHECK).await?;
    practised(&mut judged, "checked").await?;
    window.press("See what to change").await?;
    window.see("Nothing happens until you press Apply.").await?;
    window.leave_on(&PRACTISED).await?;
    practised(&mut judged, "tune").await?;

    // Put back the first time, kept the second.
    window.press("Apply 3 changes").await?;
    window.see_within("Keep these changes?", CHECK).await?;
    window.press("Put everything back").await?;
    window.see_within("practice-01 is as it was", CHECK).await?;
    window.see(HOW_IT_WOULD_GO).await?;
    judged.screen("put-back").await?;
    window.press("See what to change").await?;
    window.see("Nothing happens until you press Apply.").await?;
    window.leave_on(&PRACTISED).await?;
    window.press("Apply 3 changes").await?;
    window.see_within("Keep these changes?", CHECK).await?;
    window.see(HOW_IT_WOULD_GO).await?;
    window.see("practised only").await?;
    window.see("it did not work on the server that was recorded").await?;
    judged.screen("keep").await?;
    window.press("Keep these changes").await?;
    window.see_within("Save PDF report", CHECK).await?;
    practised(&mut judged, "summary").await?;

    let text = on_paper(&stage, &window, "practice.pdf").await?;
    for wanted in ["practice", "give connections more room", "close all other ports"] {
        ensure!(text.contains(wanted), "the PDF does not say {wanted:?}:\n{text}");
    }
    window.press("Other roles").await?;
    window.see("What else could practice-01 carry?").await?;
    practised(&mut judged, "other-roles").await?;
    window.press("This role").await?;
    window.press("Confirm").await?;
    window.see("Your answers go into the report").await?;
    judged.screen("your-word").await?;
    window.keys("\u{e00c}").await?;
    window.press("Undo everything").await?;
    window.see("Leave as it is").await?;
    judged.screen("undo").await?;
    window.press("Undo 2 changes").await?;
    window.see_within("Keep it this way?", CHECK).await?;
    window.press("Keep it this way").await?;
    window.see_within("Save PDF report", CHECK).await?;
    practised(&mut judged, "undone").await?;
    judged.verdict(10)?;
    window.close().await
}

const HOW_IT_WOULD_GO: &str = "This is how it would go. There is no server, and nothing is changed.";

/// What is switched on when the changes are practised.
const PRACTISED: [&str; 3] = ["Give connections more room", "Let services keep", "Close all other ports"];

/// The mark stands where it is seen first: above the title.
async fn practised(judged: &mut Judged<'_>, screen: &str) -> Result<()> {
    judged.screen(screen).await?;
    judged.window.see("Practice Recorded readings. There is no server behind them.").await?;
    judged.window.see("Not connected").await
}

/// The words of the saved report, in small letters.
async fn on_paper(stage: &Stage, window: &Window, name: &str) -> Result<String> {
    let pdf = stage.home.path().join("Documents").join(name);
    window.press("Save PDF report").await?;
    stage.save_dialog("Save", &pdf)?;
    window.see("Saved to").await?;
    let output = Command::new("pdftotext").arg(&pdf).arg("-").output()?;
    let text = String::from_utf8_lossy(&output.stdout).to_lowercase();
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_key_opens_a_server_behind_another() -> Result<()> {
    lab::slow!();
    let jump = lab::need!(lab::sshd());
    let server = lab::need!(lab::sshd());
    let mut stage = lab::need!(Stage::set("jump"));
    // The first door opens with a key in the usual place; the second with a key that is locked.
    copy_key(&jump.key_file, &stage.home.path().join(".ssh/id_ed25519"))?;
    let known = format!("[{}]:{} {}\n", jump.host, jump.port, jump.host_key);
    std::fs::write(stage.home.path().join(".ssh/known_hosts"), known)?;
    let locked = stage.home.path().join("Documents/id_locked");
    lock_key(&server.key_file, &locked, PASSPHRASE)?;

    let window = stage.open_window(&[]).await?;
    window.go_to(&server.host, server.port, &server.user).await?;
    window.press("More").await?;
    window.fill("Connect through another server", &format!("{}@{}:{}", jump.user, jump.host, jump.port)).await?;
    window.press("Key file").await?;
    window.fill("Key file", &locked.to_string_lossy()).await?;
    window.fill("Passphrase", PASSPHRASE).await?;
    // "Connect" is also how the name of a field begins here.
    window.keys("\u{e007}").await?;
    window.see_within("Is this really your server?", CHECK).await?;
    window.fill("Fingerprint you were given", &fingerprint(&server.host_key)?).await?;
    window.press("It matches, connect").await?;
    window.see_within("Open any line to see why it matters", CHECK).await?;
    window.picture("checked").await?;
    ensure!(jump.log().contains("Accepted publickey"), "nobody came through the first door");
    ensure!(server.log().contains("Accepted publickey"), "nobody came through the second door");
    window.close().await
}

fn copy_key(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to)?;
    Ok(std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o600))?)
}

/// Three servers make one setup; a change behind our back is found in one of them, and shown beside the check before.
#[tokio::test(flavor = "multi_thread")]
async fn three_servers_make_a_setup_and_one_of_them_drifts() -> Result<()> {
    lab::full!();
    let mut stage = lab::need!(Stage::set("setup"));
    let servers = [lab::need!(lab::nspawn("bookworm")), lab::need!(lab::sshd()), lab::need!(lab::sshd())];
    copy_key(&servers[0].key_file, &stage.home.path().join(".ssh/id_ed25519"))?;
    let window = stage.open_window(&[]).await?;
    for (part, server) in ["App server", "Database", "Load balancer"].iter().zip(&servers) {
        window.choose("Reforms", "Large").await?;
        window.press(part).await?;
        ensure!(window.value("Name of the whole setup").await? == "Reforms, Large", "the setup has no name");
        window.to_server(&server.host, server.port, &server.user).await?;
        window.sign_in_with_key(&server.key_file).await?;
        window.see_within("Is this really your server?", CHECK).await?;
        window.press("Connect without comparing").await?;
        window.see_within("Check again", WORK).await?;
        to_the_servers(&window).await?;
    }
    window.see("Reforms, Large").await?;
    window.see("of 3 servers ready").await?;
    window.picture("grouped").await?;

    servers[0].must("hostname renamed-behind-our-back")?;
    window.press("Check all again").await?;
    window.see_within("Changed since last check", WORK).await?;
    window.picture("changed").await?;
    window.press(&format!("Earlier checks of {}", servers[0].host)).await?;
    window.see("changed since the check before").await?;
    window.picture("history").await?;
    window.press("Compare the two").await?;
    window.see("renamed-behind-our-back").await?;
    window.picture("comparison").await?;
    window.close().await
}

/// From the end of a check to the first screen, without changing anything.
async fn to_the_servers(window: &Window) -> Result<()> {
    if window.is_there("Skip these").await? {
        window.press("Skip these").await?;
    }
    if window.is_there("See what to change").await? {
        window.press("See what to change").await?;
        window.see("Nothing happens until you press Apply.").await?;
        window.leave_on(&[]).await?;
    }
    window.press("See the summary").await?;
    window.press("All servers").await
}

/// The line falls silent while the server works. Once it comes back in time, and the walk with it; once the person stops
/// waiting, and finds the run when the line is back; once it stays away, and the server puts everything back by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_breaks_while_changes_are_made() -> Result<()> {
    lab::full!();
    let booted = lab::Nspawn::new("bookworm").link("delay-ms=5").start();
    let mut server = lab::need!(booted);
    let mut stage = lab::need!(Stage::set("lost"));
    let untouched = server.must("ufw status")?;
    let window = stage.open_window(&[]).await?;
    window.go_to(&server.host, server.port, "root").await?;
    window.sign_in_with_key(&server.key_file).await?;
    window.see_within("Is this really your server?", CHECK).await?;
    window.press("Connect without comparing").await?;
    window.see_within("Check again", WORK).await?;

    let mut judged = Judged::new(&window)?;
    apply_over_a_broken_line(&window, &mut server, Some(&mut judged)).await?;
    judged.screen("lost").await?;
    server.mend_line()?;
    window.see_within("Keep these changes?", WORK).await?;
    judged.screen("back").await?;
    judged.verdict(3)?;
    put_everything_back(&window, &server).await?;

    apply_over_a_broken_line(&window, &mut server, None).await?;
    window.press("Stop waiting").await?;
    let pressed = Instant::now();
    window.gone("stopped answering", CHECK).await?;
    ensure!(pressed.elapsed() < Duration::from_secs(2), "stopping was felt after {:?}", pressed.elapsed());
    window.see("The server does not answer just now.").await?;
    window.picture("stopped").await?;
    server.mend_line()?;
    window.press("Back").await?;
    window.press("Check again").await?;
    window.see_within("wait for your answer", WORK).await?;
    window.picture("found").await?;
    window.press("Look at them").await?;
    window.see_within("Keep these changes?", WORK).await?;
    put_everything_back(&window, &server).await?;

    apply_over_a_broken_line(&window, &mut server, None).await?;
    tokio::time::sleep(Duration::from_secs(150)).await;
    window.picture("over").await?;
    server.mend_line()?;
    window.see_within("had not heard from this computer in time", WORK).await?;
    window.picture("put-back").await?;
    ensure!(window.title().await? == format!("{} is as it was", server.host), "{}", window.title().await?);
    ensure!(server.must("ufw status")? == untouched, "the server did not put it back");
    window.close().await
}

async fn put_everything_back(window: &Window, server: &lab::Server) -> Result<()> {
    window.press("Put everything back").await?;
    window.see_within(&format!("{} is as it was", server.host), WORK).await?;
    window.press("Check again").await?;
    window.see_within("Open any line to see why it matters", WORK).await
}

async fn apply_over_a_broken_line(
    window: &Window,
    server: &mut lab::Server,
    judged: Option<&mut Judged<'_>>,
) -> Result<()> {
    window.press("See what to change").await?;
    window.see("Nothing happens until you press Apply.").await?;
    window.leave_on(&["Close all other ports"]).await?;
    window.press("Apply 1 change").await?;
    window.see("Set the safety timer").await?;
    server.cut_line()?;
    // From here on the screen stands still for a while.
    if let Some(judged) = judged {
        judged.screen("applying").await?;
    }
    // The window says so 15 seconds after the last word of the server.
    window.see_within("stopped answering", Duration::from_secs(25)).await?;
    window.picture("lost").await
}

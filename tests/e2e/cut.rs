//! A line that falls silent and is not closed, as the person at the window meets it: told in time, stopped at once, and the
//! walk goes on where it stood when the line is back.

use crate::doors::lock_key;
use crate::rules::Judged;
use crate::stage::Stage;
use crate::window::Window;
use anyhow::{Result, ensure};
use reach::{Way, Wire};
use std::time::{Duration, Instant};

/// How long the window waits for an answer, for a sign-in, and for a word of the script that reads.
const ANSWER: Duration = Duration::from_secs(10);
const SIGN_IN: Duration = Duration::from_secs(30);
const WORD: Duration = Duration::from_secs(20);

/// What a limit may take to be told, and Cancel to be felt.
const FELT: Duration = Duration::from_secs(2);

/// A check, or a call that waits for its turn.
const WORK: Duration = Duration::from_secs(120);

/// What a server says until it is asked who we are: everything after it belongs to the sign-in.
async fn said_before_the_sign_in(server: &lab::Server, wire: &Wire, folder: &std::path::Path) -> Result<usize> {
    let locked = folder.join("id_locked");
    lock_key(&server.key_file, &locked, "nobody asks")?;
    let mut way = Way::key(server, &server.user).over(wire);
    way.target.identity.files = vec![locked];
    let error = way.open_alone().await.err().map(|error| error.code());
    ensure!(error == Some("passphrase-missing"), "{error:?}");
    // What was said and not read any more comes to the wire a moment later.
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(wire.said())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_line_is_told_and_stopped_and_the_walk_goes_on() -> Result<()> {
    lab::slow!();
    let server = lab::need!(lab::sshd());
    let mut stage = lab::need!(Stage::set("cut"));
    let wire = Wire::to(&server.host, server.port)?;
    let greeting = said_before_the_sign_in(&server, &wire, stage.home.path()).await?;
    let known = format!("[127.0.0.1]:{} {}\n", wire.port, server.host_key);
    std::fs::write(stage.home.path().join(".ssh/known_hosts"), known)?;
    let window = stage.open_window(&[]).await?;

    // Nobody answers.
    wire.pinch();
    window.go_to("127.0.0.1", wire.port, &server.user).await?;
    window.sign_in_with_key(&server.key_file).await?;
    told(&window, "127.0.0.1 does not answer", ANSWER).await?;
    window.see("and waited 10 seconds. We sent no password and no key.").await?;
    window.see("takes the call and is silent for 10 seconds").await?;
    window.picture("no-answer").await?;
    window.press("Try again").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    window.picture("calling").await?;
    stop(&window).await?;
    window.see("Which server?").await?;

    // It greets us, and falls silent as we sign in.
    call_again(&window, &wire, greeting).await?;
    if lab::full_matrix() {
        told(&window, "127.0.0.1 took longer than 30 seconds", SIGN_IN).await?;
        window.picture("no-sign-in").await?;
        call_again(&window, &wire, greeting).await?;
    }
    stop(&window).await?;

    // We are in, and it falls silent as we read.
    call_again(&window, &wire, greeting + SOME_OF_A_CHECK).await?;
    if lab::full_matrix() {
        told(&window, "127.0.0.1 said nothing for 20 seconds", WORD).await?;
        window.picture("no-more-answers").await?;
        wire.release();
        wire.pinch_after(greeting + SOME_OF_A_CHECK);
        window.press("Check again").await?;
        silent(&wire).await?;
    }
    let mut judged = Judged::new(&window)?;
    judged.screen("reading").await?;
    stop(&window).await?;
    window.see_within("Check again", FELT).await?;
    window.see("Too little of 127.0.0.1 was read to judge it").await?;
    window.picture("stopped").await?;

    // The line is back: the same walk reads on to its end.
    wire.release();
    window.press("Check again").await?;
    window.see_within("Open any line to see why it matters", WORK).await?;
    window.picture("whole").await?;
    judged.verdict(1)?;
    window.close().await
}

/// More than a session and its shell take, and less than all answers of a check.
const SOME_OF_A_CHECK: usize = 8000;

/// The line is whole until the server has said so much; then we are called to press a button, and it falls silent.
async fn call_again(window: &Window, wire: &Wire, until: usize) -> Result<()> {
    wire.release();
    wire.pinch_after(until);
    window.press(if window.is_there("Try again").await? { "Try again" } else { "Connect" }).await?;
    silent(wire).await
}

async fn silent(wire: &Wire) -> Result<()> {
    let end = Instant::now() + WORK;
    while !wire.is_pinched() {
        ensure!(Instant::now() < end, "the server never said so much");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Told when the limit is over, and not long before it.
async fn told(window: &Window, words: &str, limit: Duration) -> Result<()> {
    let began = Instant::now();
    // A page that is asked for its words on a busy machine answers late; the limit itself is shown in the words.
    window.see_within(words, limit + FELT + Duration::from_secs(3)).await?;
    ensure!(began.elapsed() > limit / 2, "{words:?} after {:?}", began.elapsed());
    Ok(())
}

/// Presses Stop, and is free within two seconds.
async fn stop(window: &Window) -> Result<()> {
    window.press("Stop").await?;
    let pressed = Instant::now();
    while window.is_there("Stop").await? {
        ensure!(pressed.elapsed() < FELT, "Stop is not felt: {}", window.text().await?);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

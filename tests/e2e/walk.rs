//! The user's story, told to the real window against a real server, keychain and PDF.
//!
//! What is pressed and read here is what stands on the screen; how it is built is the window's own business.
#![cfg(target_os = "linux")]

/// Ends a walk past the address field, and says so: WebDriver cannot type into that field yet.
macro_rules! not_yet_driven {
    () => {
        if !lab::full_matrix() {
            let reason = "the address field does not take WebDriver's keys yet; PLUMB_FULL=1 runs it".to_owned();
            lab::record(&lab::test_name!(), &lab::Skipped { name: "connect screen".to_owned(), reason });
            return Ok(());
        }
    };
}
use not_yet_driven;

mod canary;
mod choose;
mod doors;
mod stage;
mod whole;
mod window;

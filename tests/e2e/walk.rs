//! The user's story, told to the real window against a real server, keychain and PDF.
//!
//! What is pressed and read here is what stands on the screen; how it is built is the window's own business.
#![cfg(target_os = "linux")]

mod beside;
#[allow(dead_code, reason = "the tests of the command line use all of it")]
#[path = "../command/buckets.rs"]
mod buckets;
#[path = "../command/certificates.rs"]
mod certificates;
mod choose;
mod cut;
mod doors;
mod far;
mod measured;
#[allow(dead_code, reason = "the tests of the command line use all of it")]
#[path = "../command/plumb.rs"]
mod plumb;
mod rules;
mod stage;
mod whole;
mod window;

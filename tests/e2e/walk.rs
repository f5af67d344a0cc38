//! The user's story, told to the real window against a real server, keychain and PDF.
//!
//! What is pressed and read here is what stands on the screen; how it is built is the window's own business.
#![cfg(target_os = "linux")]

mod beside;
mod choose;
mod cut;
mod doors;
mod rules;
mod stage;
mod whole;
mod window;

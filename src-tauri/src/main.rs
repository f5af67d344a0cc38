//! The desktop shell of Plumbline: one window, and the commands it may call. It translates; it decides nothing.
//!
//! Deliberately absent: rules, thresholds, shell text, secrets that travel back. `session` does the work.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
#![allow(dead_code, reason = "the conductor these types wait for lands next")]

mod app;
mod commands;
mod dialog;
mod failure;
mod log;
mod wire;

fn main() -> std::process::ExitCode {
    app::run()
}

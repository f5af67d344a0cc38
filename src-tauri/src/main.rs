//! The desktop shell of Plumbline: one window, and the commands it may call. It translates; it decides nothing.
//!
//! Deliberately absent: rules, thresholds, shell text, secrets that travel back. `session` does the work.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod app;
mod commands;
mod connect;
mod desk;
mod dial;
mod dialog;
mod failure;
mod log;
mod person;
mod requirements;
mod walk;
mod wire;

fn main() -> std::process::ExitCode {
    app::run()
}

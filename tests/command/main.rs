//! `plumb` as scripts call it: the real program against real servers, judged by its exit code, its files, its words, and
//! by what the server says happened.
#![cfg(target_os = "linux")]

mod applied;
mod buckets;
mod busy;
mod canary;
mod certificates;
mod check;
mod diagnostics;
mod kept;
mod measured;
mod moved;
mod path;
mod plumb;
mod ports;
mod refused;
mod resume;
mod server_time;
mod services;
mod storage;
mod stranger;
mod words;

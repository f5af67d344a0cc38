//! A crash leaves no picture of the program's memory on the disk: the secrets in use would be in it.

#![cfg_attr(unix, expect(unsafe_code, reason = "a limit that only the kernel's own call can set"))]

/// From now on this program and what it starts write no core file. Windows and macOS write none unless somebody asks.
#[cfg(unix)]
pub fn leave_no_core() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit lives for the call, which only reads it. A lower limit is never refused.
    unsafe {
        libc::setrlimit(libc::RLIMIT_CORE, &none);
    }
}

#[cfg(not(unix))]
pub fn leave_no_core() {}

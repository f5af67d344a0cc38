//! What the system knows of a connection's losses: no measurement of ours could count them as well.

use std::net::TcpStream;

/// Packets of this connection that had to be sent again.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the standard library has no word for TCP_INFO")]
pub(crate) fn of(stream: &TcpStream) -> Option<u64> {
    use std::os::fd::AsRawFd as _;
    // SAFETY: all of its fields are whole numbers, for which zero is a value.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut length = libc::socklen_t::try_from(size_of::<libc::tcp_info>()).ok()?;
    // SAFETY: the descriptor lives as long as `stream`; the kernel writes at most `length` bytes into `info`.
    let code = unsafe {
        let into = (&raw mut info).cast();
        libc::getsockopt(stream.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_INFO, into, &raw mut length)
    };
    (code == 0).then(|| u64::from(info.tcpi_total_retrans))
}

/// Deliberately absent on other systems: each tells it in its own way.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of(_: &TcpStream) -> Option<u64> {
    None
}

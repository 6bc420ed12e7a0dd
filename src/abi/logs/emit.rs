//! Ready-made emitters and the prefix of a line.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::guard;
use crate::abi::layout::{LLL_ERR, LLL_INFO, LLL_NOTICE, LLL_WARN};
use std::ffi::{CStr, c_char, c_int};
use std::io::Write;
use std::sync::OnceLock;

/// Letter and colour of each level, in the order of their bits.
const LEVELS: [(u8, &str); 12] = [
    (b'E', "31;1"),
    (b'W', "36;1"),
    (b'N', "35;1"),
    (b'I', "32;1"),
    (b'D', "34;1"),
    (b'P', "33;1"),
    (b'H', "33"),
    (b'X', "33"),
    (b'C', "33"),
    (b'L', "33;1"),
    (b'U', "0;1"),
    (b'T', "31"),
];

/// Writes one line to stderr, in colour if that is a terminal.
///
/// `line` is written as it is: it has its prefix already. (With the 4.1 ABI it has none, and gets it here.)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_emit_stderr(level: c_int, line: *const c_char) {
    // SAFETY: the caller passes a C string or NULL.
    guard::pure("lwsl_emit_stderr", (), || unsafe { to_stderr(level, line, cfg!(feature = "abi41")) });
}

/// Writes one line to stderr and adds no time stamp of its own, in colour if that is a terminal.
///
/// Lines of the library have their prefix before they get here, except with the soname 17 ABI.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_emit_stderr_notimestamp(level: c_int, line: *const c_char) {
    // SAFETY: the caller passes a C string or NULL.
    guard::pure("lwsl_emit_stderr_notimestamp", (), || unsafe { to_stderr(level, line, false) });
}

/// Passes one line to syslog(3). The program calls openlog(3) if it wants to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_emit_syslog(level: c_int, line: *const c_char) {
    guard::pure("lwsl_emit_syslog", (), || {
        if line.is_null() {
            return;
        }
        let priority = match level {
            LLL_ERR => libc::LOG_ERR,
            LLL_WARN => libc::LOG_WARNING,
            LLL_NOTICE => libc::LOG_NOTICE,
            LLL_INFO => libc::LOG_INFO,
            _ => libc::LOG_DEBUG,
        };
        // SAFETY: the format has one %s and `line` is a C string.
        unsafe { libc::syslog(priority, c"%s".as_ptr(), line) };
    });
}

/// Writes the prefix of a line, `[YYYY/MM/DD hh:mm:ss:ffff] L: ` in local time, with a NUL behind it.
///
/// `p` has room for `len` bytes. Returns the length written; 0 and an empty string if `level` is not exactly one of the
/// `LLL_*` bits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_timestamp(level: c_int, p: *mut c_char, len: usize) -> c_int {
    guard::pure("lwsl_timestamp", 0, || {
        // The 4.1 ABI passes an int, which leaves the upper half of the register undefined.
        let len = if cfg!(feature = "abi41") { usize::try_from(len as c_int).unwrap_or(0) } else { len };
        // SAFETY: the caller's `p` has room for `len` bytes.
        unsafe { prefix_into(level, p, len) }
    })
}

/// # Safety
/// `p` is NULL or has room for `len` bytes.
unsafe fn prefix_into(level: c_int, p: *mut c_char, len: usize) -> c_int {
    if p.is_null() || len == 0 {
        return 0;
    }
    let mut prefix = [0; PREFIX_MAX];
    let written = write_prefix(level, &mut prefix).min(len - 1);
    // SAFETY: `written + 1 <= len` bytes fit by the caller's promise; the two do not overlap.
    unsafe {
        std::ptr::copy_nonoverlapping(prefix.as_ptr(), p.cast::<u8>(), written);
        p.add(written).write(0);
    }
    c_int::try_from(written).unwrap_or(0)
}

/// Longest prefix: a year far away, or seconds when there is no local time.
pub const PREFIX_MAX: usize = 64;

/// Writes the prefix of a line of `level` to the start of `out` and returns its length; 0 if there is no such level.
pub fn write_prefix(level: c_int, out: &mut [u8]) -> usize {
    let Some((letter, _)) = level_info(level) else { return 0 };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let fraction = now.subsec_micros() / 100;
    let letter = char::from(letter);
    let room = out.len();
    let mut rest = out;
    let _ = match local_time(now.as_secs()) {
        Some(tm) => write!(
            rest,
            "[{:04}/{:02}/{:02} {:02}:{:02}:{:02}:{fraction:04}] {letter}: ",
            i64::from(tm.tm_year) + 1900,
            tm.tm_mon + 1,
            tm.tm_mday,
            tm.tm_hour,
            tm.tm_min,
            tm.tm_sec
        ),
        None => write!(rest, "[{}:{fraction:04}] {letter}: ", now.as_secs()),
    };
    room - rest.len()
}

fn local_time(seconds: u64) -> Option<libc::tm> {
    let seconds = libc::time_t::try_from(seconds).ok()?;
    let mut tm = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both point to live objects; `tm` is valid as all zeroes and is filled in on success.
    let found = unsafe { libc::localtime_r(&raw const seconds, tm.as_mut_ptr()) };
    // SAFETY: zeroed, and perhaps filled in since.
    (!found.is_null()).then(|| unsafe { tm.assume_init() })
}

/// Letter and colour, if `level` is exactly one of the levels.
fn level_info(level: c_int) -> Option<(u8, &'static str)> {
    let bits = level.cast_unsigned();
    if bits.is_power_of_two() { LEVELS.get(bits.trailing_zeros() as usize).copied() } else { None }
}

/// # Safety
/// `line` is NULL or a C string.
unsafe fn to_stderr(level: c_int, line: *const c_char, with_prefix: bool) {
    if line.is_null() {
        return;
    }
    // SAFETY: not NULL, so a C string by the caller's promise; it is not kept.
    let line = unsafe { CStr::from_ptr(line) }.to_bytes();
    let mut prefix = [0; PREFIX_MAX];
    let prefix_len = if with_prefix { write_prefix(level, &mut prefix) } else { 0 };
    let prefix = &prefix[..prefix_len];

    static ON_TTY: OnceLock<bool> = OnceLock::new();
    // SAFETY: isatty has no preconditions.
    let on_tty = *ON_TTY.get_or_init(|| unsafe { libc::isatty(2) } == 1);

    // One piece, so that lines of two threads do not run into each other.
    let mut out = Vec::with_capacity(prefix.len() + line.len() + 16);
    if on_tty {
        let colour = level_info(level).map_or("0", |(_, colour)| colour);
        let _ = write!(out, "\x1b[{colour}m");
    }
    out.extend_from_slice(prefix);
    out.extend_from_slice(line);
    if on_tty {
        out.extend_from_slice(b"\x1b[0m");
    }
    write_all(2, &out);
}

/// Writes all of `bytes` to `fd`; what cannot be written is lost, as there is nowhere to complain.
pub fn write_all(fd: c_int, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: `bytes` is readable for its length.
        let n = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(n) {
            Ok(0) => return,
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(_) if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_has_thirty_bytes_and_the_letter() {
        let mut out = [0; PREFIX_MAX];
        assert_eq!(write_prefix(1 << 10, &mut out), 30);
        assert!(out.starts_with(b"["));
        assert_eq!(&out[25..30], b"] U: ");
    }

    #[test]
    fn unknown_levels_have_no_prefix() {
        let mut out = [0; PREFIX_MAX];
        for level in [0, 3, 1 << 12, -1, i32::MIN] {
            assert_eq!(write_prefix(level, &mut out), 0);
        }
    }

    #[test]
    fn timestamp_is_cut_to_the_room_given() {
        let mut out = [0x55; 8];
        // SAFETY: `out` has room for the 5 bytes announced.
        assert_eq!(unsafe { prefix_into(1, out.as_mut_ptr(), 5) }, 4);
        assert_eq!(out[4..6], [0, 0x55]);
    }
}

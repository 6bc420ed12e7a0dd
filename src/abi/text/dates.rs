//! `lws_http_date_*`: the dates of HTTP headers.
use super::{bytes, room};
use crate::abi::guard;
use crate::proto::text::dates;
use libc::time_t;
use std::ffi::{c_char, c_int};

/// Writes the time `t` as an HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// `len`: size of `buf`; 30 for the whole date and its NUL, with 29 the last letter is cut. Returns 0, or -1 if it is
/// smaller, for NULL, and for years that do not have four digits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_date_render_from_unix(buf: *mut c_char, len: usize, t: *const time_t) -> c_int {
    guard::pure("lws_http_date_render_from_unix", -1, || {
        if buf.is_null() || t.is_null() || len < dates::LEN {
            return -1;
        }
        // SAFETY: not NULL, so readable.
        let Some(date) = dates::render(unsafe { t.read() }) else {
            return -1;
        };
        // SAFETY: writable for `len` bytes, of which this is the part that is used.
        let out = unsafe { room(buf.cast(), len.min(dates::LEN + 1)) };
        let (end, text) = match out.split_last_mut() {
            Some(parts) => parts,
            None => return -1,
        };
        text.copy_from_slice(&date[..text.len()]);
        *end = 0;
        0
    })
}

/// Reads the HTTP date at `b`, of which `len` bytes may be looked at, into `t`.
///
/// Returns 0, or -1 (and leaves `t`) if there is no date of the form `Sun, 06 Nov 1994 08:49:37 GMT`. The weekday need
/// not fit the date.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_date_parse_unix(b: *const c_char, len: usize, t: *mut time_t) -> c_int {
    guard::pure("lws_http_date_parse_unix", -1, || {
        // SAFETY: readable for `len` bytes; what is behind a date is of no interest.
        let text = unsafe { bytes(b.cast(), len.min(dates::LEN)) };
        match dates::parse(text) {
            Some(time) if !t.is_null() => {
                // SAFETY: not NULL, so writable.
                unsafe { t.write(time) };
                0
            }
            _ => -1,
        }
    })
}

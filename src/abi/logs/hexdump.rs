//! Dumps of buffers: sixteen bytes in a line, in hexadecimal and as characters.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cx::Cx;
use super::line::Line;
use crate::abi::guard;
use crate::abi::layout::{LLL_DEBUG, lws_log_cx_t, lws_log_prepend_cx_t};
use std::ffi::{c_int, c_void};
use std::fmt::Write;
use std::ptr;

/// Logs `len` bytes at `vbuf` as a hex dump at `level`, through the process-wide log context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_hexdump_level(level: c_int, vbuf: *const c_void, len: usize) {
    // SAFETY: the caller's `vbuf` has `len` bytes; NULL context and no prepend are allowed.
    guard::pure("lwsl_hexdump_level", (), || unsafe { dump(ptr::null_mut(), None, ptr::null_mut(), level, vbuf, len) });
}

/// Logs `len` bytes at `vbuf` as a hex dump at `hexdump_level`, through `cx` (NULL: process-wide), with `prep` writing
/// what identifies `obj` in front of each line.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_hexdump_level_cx(
    cx: *mut lws_log_cx_t,
    prep: lws_log_prepend_cx_t,
    obj: *mut c_void,
    hexdump_level: c_int,
    vbuf: *const c_void,
    len: usize,
) {
    // SAFETY: the caller's promises are those of `dump`.
    guard::pure("lwsl_hexdump_level_cx", (), || unsafe { dump(cx, prep, obj, hexdump_level, vbuf, len) });
}

/// Logs `len` bytes at `buf` as a hex dump at `LLL_DEBUG`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_hexdump(buf: *const c_void, len: usize) {
    // SAFETY: the caller's `buf` has `len` bytes; NULL context and no prepend are allowed.
    guard::pure("lwsl_hexdump", (), || unsafe { dump(ptr::null_mut(), None, ptr::null_mut(), LLL_DEBUG, buf, len) });
}

/// # Safety
/// `cx` is NULL or a log context, `prep` may be called with `obj`, `buf` is NULL or has `len` bytes.
unsafe fn dump(
    cx: *mut lws_log_cx_t,
    prep: lws_log_prepend_cx_t,
    obj: *mut c_void,
    level: c_int,
    buf: *const c_void,
    len: usize,
) {
    // SAFETY: the caller's promise.
    let cx = unsafe { Cx::from_ptr(cx) };
    if !cx.shows(level) {
        return;
    }
    let emit_line = |text: &str| {
        let mut line = Line::new(level);
        cx.write_prepends(&mut line);
        line.write_prepend(&cx, prep, obj);
        line.start_text();
        line.push(text.as_bytes());
        cx.emit(level, &mut line);
    };
    if len == 0 {
        return emit_line("(hexdump: zero length)\n");
    }
    if buf.is_null() {
        return emit_line("(hexdump: NULL ptr)\n");
    }

    emit_line("\n");
    for start in (0..len).step_by(16) {
        // Read piece by piece: an emitter may change the buffer that is being dumped.
        let mut row = [0; 16];
        let row = &mut row[..(len - start).min(16)];
        // SAFETY: `start + row.len() <= len` bytes are there by the caller's promise.
        unsafe { ptr::copy_nonoverlapping(buf.cast::<u8>().add(start), row.as_mut_ptr(), row.len()) };
        emit_line(&format_row(start, row));
    }
    emit_line("\n");
}

fn format_row(offset: usize, row: &[u8]) -> String {
    let mut text = String::with_capacity(80);
    let _ = write!(text, "{offset:04X}: ");
    for at in 0..16 {
        match row.get(at) {
            Some(byte) => drop(write!(text, "{byte:02X} ")),
            None => text.push_str("   "),
        }
    }
    text.push_str("   ");
    for at in 0..16 {
        text.push(match row.get(at) {
            Some(byte @ 0x20..=0x7e) => char::from(*byte),
            Some(_) => '.',
            None => ' ',
        });
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_row_is_padded_to_the_full_width() {
        let short = format_row(0x10, b"a\x7f");
        let full = format_row(0x10, &[b'a'; 16]);
        assert!(short.starts_with("0010: 61 7F    "));
        assert!(short.ends_with("   a.              \n"));
        assert_eq!(short.len(), full.len());
    }

    #[test]
    fn offset_grows_beyond_four_digits() {
        assert!(format_row(0x12340, b"x").starts_with("12340: 78 "));
    }
}

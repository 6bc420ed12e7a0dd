//! `lws_sql_purify`, `lws_json_purify`, `lws_filename_purify_inplace`: text made harmless.
use super::{c_bytes, detached, int_of, room, size_of_int};
use crate::abi::{guard, older};
use crate::proto::text::purify::{self, Escaped};
use std::ffi::{CStr, c_char, c_int};

/// Copies `string` to `escaped` with every `'` doubled, for use inside the quotes of an SQL text.
///
/// `len`: size of `escaped`. What does not fit is left out, and two bytes stay unused. Returns `escaped`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sql_purify(escaped: *mut c_char, string: *const c_char, len: usize) -> *const c_char {
    guard::pure("lws_sql_purify", escaped.cast_const(), || {
        // SAFETY: what C promises.
        unsafe { escape(escaped, string, older::length(len), purify::sql) };
        escaped
    })
}

/// Copies `string` to `escaped` so that it can stand inside the quotes of a JSON string.
///
/// `len`: size of `escaped`; what does not fit is left out, and up to seven bytes stay unused. `in_used`: set to how much
/// of `string` was copied; may be NULL. UTF-8 stays as it is; bytes that are no UTF-8 become `\u00XX`. Returns `escaped`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_json_purify(
    escaped: *mut c_char,
    string: *const c_char,
    len: c_int,
    in_used: *mut c_int,
) -> *const c_char {
    guard::pure("lws_json_purify", escaped.cast_const(), || {
        // SAFETY: what C promises.
        let done = unsafe { escape(escaped, string, size_of_int(len), purify::json) };
        if !in_used.is_null() && !string.is_null() {
            // SAFETY: not NULL, so writable.
            unsafe { in_used.write(int_of(done.consumed)) };
        }
        escaped
    })
}

/// Room for the JSON form of `string` without its NUL: never less than `lws_json_purify` writes. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_json_purify_len(string: *const c_char) -> c_int {
    guard::pure("lws_json_purify_len", 0, || {
        // SAFETY: what C promises.
        unsafe { c_bytes(string) }.map_or(0, |text| int_of(purify::json_len(text)))
    })
}

/// Replaces what is dangerous in a file name by `_`: both dots of `..`, and `:`, `\`, `$`, `%`. `/` stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_filename_purify_inplace(filename: *mut c_char) {
    guard::pure("lws_filename_purify_inplace", (), || {
        if !filename.is_null() {
            // SAFETY: not NULL, so a C string that is writable up to its NUL.
            purify::file_name(unsafe { room(filename.cast(), CStr::from_ptr(filename).count_bytes()) });
        }
    });
}

/// Escapes `string` (NULL: nothing) into `len` bytes at `escaped`, with a NUL.
///
/// # Safety
/// What C promises.
unsafe fn escape(
    escaped: *mut c_char,
    string: *const c_char,
    len: usize,
    escaper: fn(&[u8], &mut [u8]) -> Escaped,
) -> Escaped {
    // SAFETY: the caller's promise.
    let text = unsafe { c_bytes(string) }.unwrap_or_default();
    // No more than the text can need, so that an exaggerated size does no harm.
    let len = len.min(text.len().saturating_mul(6).saturating_add(8));
    let text = detached(text, escaped.cast(), len);
    // SAFETY: writable for `len` bytes; `text` does not overlap it.
    let out = unsafe { room(escaped.cast(), len) };
    let done = escaper(&text, out);
    if let Some(end) = out.get_mut(done.written) {
        *end = 0;
    }
    done
}

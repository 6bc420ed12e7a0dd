//! `lws_json_simple_*`: a value out of JSON without parsing it.
use super::{bytes, c_bytes};
use crate::abi::guard;
use crate::proto::text::json;
use std::ffi::{c_char, c_int};

/// Finds the value behind the first place where `name` occurs in the `len` bytes at `buf`.
///
/// `name`: the text to search for, with its quotes and colon: `"\"port\":"`. `alen`: set to the length of the value.
/// Strings come without their quotes, with escapes as they are; other values up to the next `,`, `]` or `}`. Returns a
/// pointer into `buf`, or NULL (and leaves `alen`) if there is no such name or nothing behind it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_json_simple_find(
    buf: *const c_char,
    len: usize,
    name: *const c_char,
    alen: *mut usize,
) -> *const c_char {
    guard::pure("lws_json_simple_find", std::ptr::null(), || {
        // SAFETY: what C promises.
        let (text, name) = unsafe { (bytes(buf.cast(), len), c_bytes(name)) };
        let Some(value) = name.and_then(|name| json::find_value(text, name)) else {
            return std::ptr::null();
        };
        if !alen.is_null() {
            // SAFETY: not NULL, so writable.
            unsafe { alen.write(value.len()) };
        }
        buf.wrapping_add(value.start)
    })
}

/// Compares the value that `lws_json_simple_find` finds with the string `comp`. Returns 0 if they are equal, else -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_json_simple_strcmp(
    buf: *const c_char,
    len: usize,
    name: *const c_char,
    comp: *const c_char,
) -> c_int {
    guard::pure("lws_json_simple_strcmp", -1, || {
        // SAFETY: what C promises.
        let (text, name, wanted) = unsafe { (bytes(buf.cast(), len), c_bytes(name), c_bytes(comp)) };
        let value = name.and_then(|name| json::find_value(text, name)).map(|value| &text[value]);
        if value.is_some() && value == wanted { 0 } else { -1 }
    })
}

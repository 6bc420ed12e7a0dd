//! The text calls: encodings, escapes, tokens, JSON, addresses, dates, command lines. All without a context.
//!
//! | calls | file |
//! |---|---|
//! | numeric addresses | `addresses` |
//! | interfaces and peers of sockets | [`interfaces`] |
//! | base64, hexadecimal, SHA-1, random bytes | `base64`, `hex`, `sha1`, `random` |
//! | basic authentication | `auth` |
//! | options of command lines, lists of options | `cmdline`, `options` |
//! | dates, large numbers | `dates`, `humanize` |
//! | JSON | `lejp`, `json` |
//! | content types, names of headers | `mime`, `tokens` |
//! | text made harmless | `purify` |
//! | `${name}` expansion | `strexp` |
//! | strings, memory, the version | `strings` |
//! | tokens of a line | `tokenize` |
//! | URLs | `url` |
//!
//! Each file decodes its arguments, delegates to `proto::text` and puts the result where C expects it. Historical
//! quirks of sizes and return values live here.
//!
//! # What C promises
//!
//! A pointer is NULL or valid for what the call reads and writes there: a C string is readable up to its NUL, a buffer
//! writable for the size passed with it, a struct readable and writable as a whole. Input and output may overlap. The
//! callbacks handed over may be called with what their types say.
#![allow(unsafe_code, clippy::missing_safety_doc)]

mod addresses;
mod auth;
mod base64;
mod cmdline;
mod dates;
mod hex;
mod humanize;
pub mod interfaces;
mod json;
mod lejp;
mod mime;
mod options;
mod purify;
mod random;
mod sha1;
mod strexp;
mod strings;
mod tokenize;
mod tokens;
mod url;

use std::borrow::Cow;
use std::ffi::{CStr, c_char};

/// The bytes of a C string without its NUL; `None` for NULL.
///
/// # Safety
/// `text` is NULL or a C string that stays as it is while the result is used.
pub(super) unsafe fn c_bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, so a C string by the caller's promise.
    Some(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// `len` bytes at `at`; none for NULL.
///
/// # Safety
/// `at` is NULL or readable for `len` bytes that stay as they are while the result is used.
pub(super) unsafe fn bytes<'a>(at: *const u8, len: usize) -> &'a [u8] {
    if at.is_null() || len == 0 || len > isize::MAX as usize {
        return &[];
    }
    // SAFETY: readable for `len` bytes by the caller's promise.
    unsafe { std::slice::from_raw_parts(at, len) }
}

/// The first `len` bytes of an output buffer; none for NULL.
///
/// # Safety
/// `at` is NULL or writable for `len` bytes, initialised or not read before written, that nothing else touches while the
/// result is used.
pub(super) unsafe fn room<'a>(at: *mut u8, len: usize) -> &'a mut [u8] {
    if at.is_null() || len == 0 || len > isize::MAX as usize {
        return &mut [];
    }
    // SAFETY: writable for `len` bytes by the caller's promise; any byte value is a valid u8.
    unsafe { std::slice::from_raw_parts_mut(at, len) }
}

/// `text` as it is, or a copy of it if the `len` bytes of output at `out` overlap it: programs decode in place.
fn detached<'a>(text: &'a [u8], out: *const u8, len: usize) -> Cow<'a, [u8]> {
    let (start, out) = (text.as_ptr().addr(), out.addr());
    let overlap = start < out.saturating_add(len) && out < start.saturating_add(text.len());
    if overlap { Cow::Owned(text.to_vec()) } else { Cow::Borrowed(text) }
}

/// A size that C passes as an int: nothing below 0.
fn size_of_int(size: std::ffi::c_int) -> usize {
    usize::try_from(size).unwrap_or(0)
}

/// A count as the int that C gets.
pub(super) fn int_of(count: usize) -> std::ffi::c_int {
    std::ffi::c_int::try_from(count).unwrap_or(std::ffi::c_int::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_input_is_copied() {
        let mut memory = *b"abcdef";
        let out = memory.as_mut_ptr();
        assert!(matches!(detached(&memory[2..], out, 3), Cow::Owned(_)));
        assert!(matches!(detached(&memory[2..], out, 2), Cow::Borrowed(_)));
        assert!(matches!(detached(b"abc", std::ptr::null(), usize::MAX), Cow::Owned(_)));
        assert!(matches!(detached(b"", out, 6), Cow::Borrowed(_)));
    }

    #[test]
    fn null_arguments_give_the_error_value() {
        use std::ptr::{null, null_mut};
        // SAFETY: NULL is allowed everywhere.
        unsafe {
            assert_eq!(base64::lws_b64_encode_string(null(), 3, null_mut(), 99), -1);
            assert_eq!(base64::lws_b64_decode_string(null(), null_mut(), 99), -1);
            assert_eq!(base64::lws_b64_decode_string_len(null(), 9, null_mut(), 99), -1);
            assert_eq!(base64::lws_b64_decode_stateful(null_mut(), null(), null_mut(), null_mut(), null_mut(), 1), -1);
            base64::lws_b64_decode_state_init(null_mut());
            assert_eq!(hex::lws_hex_to_byte_array(null(), null_mut(), 9), -1);
            hex::lws_hex_from_byte_array(null(), 9, null_mut(), 9);
            assert_eq!(hex::lws_hex_random(null_mut(), null_mut(), 9), 1);
            assert_eq!(random::lws_get_random(null_mut(), null_mut(), 9), 0);
            assert!(sha1::lws_SHA1(null(), 0, null_mut()).is_null());
            assert!(strings::lws_strncpy(null_mut(), c"a".as_ptr(), 9).is_null());
            assert!(strings::lws_nstrstr(null(), 9, null(), 9).is_null());
            assert_eq!(strings::lws_strcmp_wildcard(null(), 9, null(), 9), 1);
            assert_eq!(strings::lws_timingsafe_bcmp(null(), null(), 9), 1);
            strings::lws_explicit_bzero(null_mut(), 9);
            assert!(purify::lws_sql_purify(null_mut(), null(), 9).is_null());
            assert!(purify::lws_json_purify(null_mut(), null(), 9, null_mut()).is_null());
            assert_eq!(purify::lws_json_purify_len(null()), 0);
            purify::lws_filename_purify_inplace(null_mut());
            assert!(url::lws_urlencode(null_mut(), null(), 9).is_null());
            assert_eq!(url::lws_urldecode(null_mut(), null(), 9), -1);
            assert_eq!(url::lws_parse_uri(null_mut(), null_mut(), null_mut(), null_mut(), null_mut()), -1);
            assert!(json::lws_json_simple_find(null(), 9, null(), null_mut()).is_null());
            assert_eq!(json::lws_json_simple_strcmp(null(), 9, null(), null()), -1);
            tokenize::lws_tokenize_init(null_mut(), null(), 0);
            assert_eq!(tokenize::lws_tokenize_cstr(null_mut(), null_mut(), 9), 1);
            strexp::lws_strexp_init(null_mut(), null_mut(), None, null_mut(), 9);
            strexp::lws_strexp_reset_out(null_mut(), null_mut(), 9);
            assert_eq!(strexp::lws_strexp_expand(null_mut(), null(), 9, null_mut(), null_mut()), -2);
            assert_eq!(humanize::lws_humanize(null_mut(), 9, 1, null()), 0);
            assert_eq!(dates::lws_http_date_render_from_unix(null_mut(), 99, null()), -1);
            assert_eq!(dates::lws_http_date_parse_unix(null(), 99, null_mut()), -1);
            assert_eq!(addresses::lws_parse_numeric_address(null(), null_mut(), 16), -1);
            assert_eq!(addresses::lws_sa46_parse_numeric_address(null(), null_mut()), -1);
            assert_eq!(addresses::lws_write_numeric_address(null(), 4, null_mut(), 99), -1);
            assert_eq!(addresses::lws_sa46_write_numeric_address(null_mut(), null_mut(), 99), -1);
            assert_eq!(addresses::lws_sa46_compare_ads(null(), null()), 1);
            assert_eq!(addresses::lws_sa46_on_net(null(), null(), 8), 1);
            assert!(interfaces::lws_get_peer_simple_fd(0, null_mut(), 9).is_null());
            assert!(cmdline::lws_cmdline_option(3, null_mut(), null()).is_null());
            assert_eq!(auth::lws_http_basic_auth_gen(null(), null(), null_mut(), 9), 1);
            assert!(mime::lws_get_mimetype(null(), null()).is_null());
            assert!(options::lws_pvo_search(null(), null()).is_null());
            assert_eq!(options::lws_pvo_get_str(null_mut(), null(), null_mut()), 1);
            lejp::lejp_construct(null_mut(), None, null_mut(), null(), 1);
            lejp::lejp_destruct(null_mut());
            assert_eq!(lejp::lejp_parse(null_mut(), null(), 9), -22);
            lejp::lejp_change_callback(null_mut(), None);
            assert_eq!(lejp::lejp_parser_push(null_mut(), null_mut(), null(), 1, None), -1);
            assert_eq!(lejp::lejp_parser_pop(null_mut()), -1);
            lejp::lejp_check_path_match(null_mut());
            assert_eq!(lejp::lejp_get_wildcard(null_mut(), 0, null_mut(), 9), 0);
        }
    }
}

//! Headers, arguments and cookies of the http message under way.
//!
//! Headers are readable from the first http callback until `lws_http_transaction_completed()`, for a ws connection until
//! its established callback.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::enter::{self, Access};
use super::layout::*;
use super::older;
use crate::engine::wsi::Wsi;
use crate::proto::http::cookie;
use crate::proto::http::headers::HeaderTable;
use crate::proto::http::token::Token;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

fn with_headers<R>(wsi: &Wsi, read: impl FnOnce(&HeaderTable) -> R) -> Option<R> {
    wsi.http.visit(|http| http.headers().map(read)).flatten()
}

fn token(h: lws_token_indexes) -> Option<Token> {
    Token::from_number(older::token(h.0))
}

/// Length of a header's value, several lines joined; 0 if absent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_total_length(wsi: *mut lws, h: lws_token_indexes) -> c_int {
    enter::on_wsi("lws_hdr_total_length", 0, wsi, Access::Getter, |_, _, wsi| {
        let Some(token) = token(h) else { return 0 };
        let length = with_headers(wsi, |headers| headers.total_length(token)).unwrap_or(0);
        c_int::try_from(length).unwrap_or(c_int::MAX)
    })
}

/// Copies a header's value with a final NUL. Returns its length, 0 if absent, -1 if `len` is too small.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_copy(wsi: *mut lws, dest: *mut c_char, len: c_int, h: lws_token_indexes) -> c_int {
    enter::on_wsi("lws_hdr_copy", -1, wsi, Access::Getter, |_, _, wsi| {
        let Some(token) = token(h) else { return 0 };
        let value = with_headers(wsi, |headers| {
            let mut value = vec![0; headers.total_length(token) + 1];
            headers.copy(token, &mut value).map(|length| {
                value.truncate(length);
                value
            })
        });
        // SAFETY: `len` writable bytes of the program.
        unsafe { give(value.and_then(Result::ok).unwrap_or_default(), dest, len) }
    })
}

/// # Safety
/// `len` writable bytes at `dest`, or NULL.
unsafe fn give(value: Vec<u8>, dest: *mut c_char, len: c_int) -> c_int {
    match usize::try_from(len) {
        Ok(room) if room > value.len() => {
            // SAFETY: the caller's promise.
            unsafe { cstr::copy_out(&value, dest, room) };
            c_int::try_from(value.len()).unwrap_or(-1)
        }
        _ => -1,
    }
}

/// Length of fragment `frag_idx` of a header; 0 if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_fragment_length(wsi: *mut lws, h: lws_token_indexes, frag_idx: c_int) -> c_int {
    enter::on_wsi("lws_hdr_fragment_length", 0, wsi, Access::Getter, |_, _, wsi| {
        let (Some(token), Ok(index)) = (token(h), usize::try_from(frag_idx)) else { return 0 };
        let length = with_headers(wsi, |headers| headers.fragment(token, index).map_or(0, <[u8]>::len)).unwrap_or(0);
        c_int::try_from(length).unwrap_or(c_int::MAX)
    })
}

/// Copies fragment `frag_idx` of a header with a final NUL. Returns its length, -1 if there is none or `len` is too
/// small.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_copy_fragment(
    wsi: *mut lws,
    dest: *mut c_char,
    len: c_int,
    h: lws_token_indexes,
    frag_idx: c_int,
) -> c_int {
    enter::on_wsi("lws_hdr_copy_fragment", -1, wsi, Access::Getter, |_, _, wsi| {
        let (Some(token), Ok(index)) = (token(h), usize::try_from(frag_idx)) else { return -1 };
        let value = with_headers(wsi, |headers| headers.fragment(token, index).map(<[u8]>::to_vec)).flatten();
        // SAFETY: `len` writable bytes of the program.
        value.map_or(-1, |value| unsafe { give(value, dest, len) })
    })
}

/// Length of a header that has no token; `name` in lower case with its colon. -1 if absent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_custom_length(wsi: *mut lws, name: *const c_char, nlen: c_int) -> c_int {
    enter::on_wsi("lws_hdr_custom_length", -1, wsi, Access::Getter, |_, _, wsi| {
        // SAFETY: `nlen` readable bytes of the program.
        let name = unsafe { cstr::bytes(name.cast(), usize::try_from(nlen).unwrap_or(0)) };
        let length = with_headers(wsi, |headers| headers.custom(name).map(<[u8]>::len)).flatten();
        length.and_then(|length| c_int::try_from(length).ok()).unwrap_or(-1)
    })
}

/// Copies a header that has no token, with a final NUL. Returns its length, -1 if absent or `len` is too small.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_custom_copy(
    wsi: *mut lws,
    dst: *mut c_char,
    len: c_int,
    name: *const c_char,
    nlen: c_int,
) -> c_int {
    enter::on_wsi("lws_hdr_custom_copy", -1, wsi, Access::Getter, |_, _, wsi| {
        // SAFETY: `nlen` readable bytes of the program.
        let name = unsafe { cstr::bytes(name.cast(), usize::try_from(nlen).unwrap_or(0)) };
        let value = with_headers(wsi, |headers| headers.custom(name).map(<[u8]>::to_vec)).flatten();
        // SAFETY: `len` writable bytes of the program.
        value.map_or(-1, |value| unsafe { give(value, dst, len) })
    })
}

/// Calls `cb` with name (lower case, with its colon), length and `opaque` for each header that has no token.
///
/// Returns 0; -1: there is no message with headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_custom_name_foreach(
    wsi: *mut lws,
    cb: lws_hdr_custom_fe_cb_t,
    opaque: *mut c_void,
) -> c_int {
    let names = enter::on_wsi_owned("lws_hdr_custom_name_foreach", wsi, |wsi| {
        with_headers(wsi, |headers| headers.custom_names().map(<[u8]>::to_vec).collect::<Vec<_>>())
    });
    let (Some(Some(names)), Some(cb)) = (names, cb) else { return -1 };
    for mut name in names {
        let length = c_int::try_from(name.len()).unwrap_or(c_int::MAX);
        name.push(0);
        // SAFETY: the program's function, with a text that lives for the call; nothing is borrowed.
        unsafe { cb(name.as_ptr().cast(), length, opaque) };
    }
    0
}

/// The method of the request as an `LWSHUMETH_` number; `*puri_ptr` and `*puri_len` become its decoded path.
///
/// The text belongs to the connection and lives as long as its headers. Returns -1 if there is no request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_get_uri_and_method(
    wsi: *mut lws,
    puri_ptr: *mut *mut c_char,
    puri_len: *mut c_int,
) -> c_int {
    enter::on_wsi("lws_http_get_uri_and_method", -1, wsi, Access::Getter, |_, _, wsi| {
        let found = with_headers(wsi, |headers| {
            let (method, path) = headers.method_and_path()?;
            Some((method as c_int, path.as_ptr(), path.len()))
        });
        let Some((method, path, length)) = found.flatten() else { return -1 };
        // SAFETY: NULL or variables of the program.
        unsafe {
            if !puri_ptr.is_null() {
                *puri_ptr = path.cast_mut().cast();
            }
            if !puri_len.is_null() {
                *puri_len = c_int::try_from(length).unwrap_or(c_int::MAX);
            }
        }
        method
    })
}

/// Copies the value of the url argument `name` with a final NUL. Returns its length, -1 if absent or too long for `len`.
///
/// `name` may end with `=` and should: without it, it is compared as the beginning of the argument's name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_urlarg_by_name_safe(
    wsi: *mut lws,
    name: *const c_char,
    buf: *mut c_char,
    len: c_int,
) -> c_int {
    enter::on_wsi("lws_get_urlarg_by_name_safe", -1, wsi, Access::Getter, |_, _, wsi| {
        // SAFETY: a text or NULL.
        let Some(name) = (unsafe { cstr::text(name) }) else { return -1 };
        let room = usize::try_from(len).unwrap_or(0);
        let value = with_headers(wsi, |headers| headers.url_arg(name.to_bytes(), room).map(<[u8]>::to_vec)).flatten();
        // SAFETY: `len` writable bytes of the program.
        value.map_or(-1, |value| unsafe { give(value, buf, len) })
    })
}

/// Like `lws_get_urlarg_by_name_safe`, but returns `buf`, or NULL if absent or too long.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_urlarg_by_name(
    wsi: *mut lws,
    name: *const c_char,
    buf: *mut c_char,
    len: c_int,
) -> *const c_char {
    // SAFETY: the same promises.
    if unsafe { lws_get_urlarg_by_name_safe(wsi, name, buf, len) } < 0 { ptr::null() } else { buf }
}

/// Copies the cookie `name` of the request with a final NUL; `*max` is the size of `buf` and becomes the length.
///
/// Returns 0: found; 1: absent; 2: the buffer is too small, nothing was copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_cookie_get(
    wsi: *mut lws,
    name: *const c_char,
    buf: *mut c_char,
    max: *mut usize,
) -> c_int {
    enter::on_wsi("lws_http_cookie_get", 1, wsi, Access::Getter, |_, _, wsi| {
        // SAFETY: texts and variables of the program, or NULL.
        let (Some(name), Some(max)) = (unsafe { (cstr::text(name), max.as_mut()) }) else { return 1 };
        let value = with_headers(wsi, |headers| cookie::find(headers, name.to_bytes()).map(<[u8]>::to_vec)).flatten();
        let Some(value) = value else { return 1 };
        if value.len() >= *max || buf.is_null() {
            return 2;
        }
        // SAFETY: `max` writable bytes of the program.
        *max = unsafe { cstr::copy_out(&value, buf, *max) };
        0
    })
}

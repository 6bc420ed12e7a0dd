//! Headers of the http message under way, and simple answers.
//!
//! Headers are readable from the first http callback until `lws_http_transaction_completed()`, for a ws connection until
//! its established callback.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::enter::{self, Access};
use super::layout::*;
use crate::engine::transaction;
use crate::engine::wsi::Wsi;
use crate::proto::http::headers::HeaderTable;
use crate::proto::http::token::Token;
use std::ffi::{c_char, c_int, c_uint};

fn with_headers<R>(wsi: &Wsi, read: impl FnOnce(&HeaderTable) -> R) -> Option<R> {
    wsi.http.visit(|http| http.headers().map(read)).flatten()
}

fn token(h: lws_token_indexes) -> Option<Token> {
    Token::from_number(h.0)
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

/// Queues a whole answer: status, a stock page with `html_body` in it. Does not complete the transaction.
///
/// Returns 0, or nonzero: the connection is to be closed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_return_http_status(wsi: *mut lws, code: c_uint, html_body: *const c_char) -> c_int {
    enter::on_wsi("lws_return_http_status", -1, wsi, Access::Service, |_, cx, wsi| {
        // SAFETY: a text or NULL.
        let html = unsafe { cstr::owned(html_body) }.unwrap_or_default();
        let status = u16::try_from(code).unwrap_or(500);
        c_int::from(!transaction::status_page(cx, wsi, status, &html))
    })
}

/// The transaction is over. Returns 1: the connection must be closed, return -1 from the callback; 0: it stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_transaction_completed(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_http_transaction_completed", 1, wsi, Access::Service, |may, cx, wsi| {
        transaction::completed(may, cx, wsi)
    })
}

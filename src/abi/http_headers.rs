//! Writing the head of an http answer into a buffer of the program.
//!
//! Programs with worker threads compose their answers there, so these calls are answered in every thread; what
//! they queue from another thread is passed on as `lws_write` does it.
//!
//! # What C promises
//! `*p` and `end` belong to one writable buffer of the program; `*p` is advanced by what was written. Nothing is ever
//! written at or behind `end`: a line that does not fit is not begun, and the call says so.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::enter::{self, Access};
use super::layout::*;
use super::older;
use super::write::lws_write;
use crate::engine::log::Scope;
use crate::engine::reply;
use crate::engine::role::ws::write_type;
use crate::engine::wsi::Wsi;
use crate::proto::http::token::Token;
use std::ffi::{c_char, c_int, c_uchar, c_uint};

/// Copies `bytes` to `*p` and advances it. False: no room before `end`.
///
/// # Safety
/// As the module says.
unsafe fn put(bytes: &[u8], p: *mut *mut c_uchar, end: *mut c_uchar) -> bool {
    if p.is_null() {
        return false;
    }
    // SAFETY: the module's promise.
    let position = unsafe { *p };
    if position.is_null() || end.addr().saturating_sub(position.addr()) < bytes.len() {
        return false;
    }
    // SAFETY: so many bytes are writable at `position`, and they are not ours.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), position, bytes.len());
        *p = position.add(bytes.len());
    }
    true
}

/// [`put`] with the answer that C expects: 0, or 1 and a line in the log.
///
/// # Safety
/// As the module says.
unsafe fn put_or_refuse(name: &'static str, wsi: &Wsi, bytes: &[u8], p: *mut *mut c_uchar, end: *mut c_uchar) -> c_int {
    // SAFETY: the caller's promise.
    if unsafe { put(bytes, p, end) } {
        return 0;
    }
    enter::refuse(name, Scope::Wsi(wsi), "the header does not fit the buffer");
    1
}

/// Whether a header value may be sent: nothing in it can start a line of its own.
fn is_one_line(value: &[u8]) -> bool {
    !value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

/// Adds the status line for `code`, the vhost's `headers`, and the lines that its options ask for.
///
/// `LWSAHH_FLAG_NO_SERVER_NAME` in `code` leaves out `server:`. Returns 0; 1: it does not fit, nothing was written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_add_http_header_status(
    wsi: *mut lws,
    code: c_uint,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    const NAME: &str = "lws_add_http_header_status";
    enter::on_wsi(NAME, 1, wsi, Access::Composer, |_, cx, wsi| {
        // SAFETY: see the module.
        unsafe { put_or_refuse(NAME, wsi, &reply::head_start(cx, wsi, code), p, end) }
    })
}

/// Adds one header line. `name` may end with a colon or not; `value` has `length` bytes and no line end.
///
/// Returns 0; 1: it does not fit or is no valid line, nothing was written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_add_http_header_by_name(
    wsi: *mut lws,
    name: *const c_uchar,
    value: *const c_uchar,
    length: c_int,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    const NAME: &str = "lws_add_http_header_by_name";
    enter::on_wsi(NAME, 1, wsi, Access::Composer, |_, _, wsi| {
        // SAFETY: a text or NULL, and `length` readable bytes.
        let (name, value) = unsafe {
            let name = cstr::text(name.cast::<c_char>()).map(|name| name.to_bytes()).unwrap_or_default();
            (name, cstr::bytes(value, usize::try_from(length).unwrap_or(0)))
        };
        // SAFETY: see the module.
        unsafe { add_line(NAME, wsi, name, value, p, end) }
    })
}

/// # Safety
/// As the module says.
unsafe fn add_line(
    function: &'static str,
    wsi: &Wsi,
    name: &[u8],
    value: &[u8],
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    if name.is_empty() || !is_one_line(name) || !is_one_line(value) {
        enter::refuse(function, Scope::Wsi(wsi), "the header has no name, or a line end inside");
        return 1;
    }
    let mut line = Vec::with_capacity(name.len() + value.len() + 4);
    reply::append_line(&mut line, name, value);
    // SAFETY: the caller's promise.
    unsafe { put_or_refuse(function, wsi, &line, p, end) }
}

/// Adds one header line by the number of its name.
///
/// Returns 0; 1: no such header, or it does not fit, nothing was written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_add_http_header_by_token(
    wsi: *mut lws,
    token: lws_token_indexes,
    value: *const c_uchar,
    length: c_int,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    const NAME: &str = "lws_add_http_header_by_token";
    enter::on_wsi(NAME, 1, wsi, Access::Composer, |_, _, wsi| {
        let Some(token) = Token::from_number(older::token(token.0)) else { return 1 };
        // SAFETY: `length` readable bytes.
        let value = unsafe { cstr::bytes(value, usize::try_from(length).unwrap_or(0)) };
        // SAFETY: see the module.
        unsafe { add_line(NAME, wsi, token.name().as_bytes(), value, p, end) }
    })
}

/// Adds `content-length`. Returns 0; 1: it does not fit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_add_http_header_content_length(
    wsi: *mut lws,
    content_length: lws_filepos_t,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    const NAME: &str = "lws_add_http_header_content_length";
    enter::on_wsi(NAME, 1, wsi, Access::Composer, |_, _, wsi| {
        let mut line = Vec::with_capacity(48);
        reply::append_length(&mut line, content_length);
        // SAFETY: see the module.
        unsafe { put_or_refuse(NAME, wsi, &line, p, end) }
    })
}

/// Adds status line, `content-type` (NULL: none) and `content-length`.
///
/// `LWS_ILLEGAL_HTTP_CONTENT_LEN` as length adds `connection: close` instead: the connection ends with the transaction.
/// Returns 0; 1: it does not fit, nothing was written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_add_http_common_headers(
    wsi: *mut lws,
    code: c_uint,
    content_type: *const c_char,
    content_len: lws_filepos_t,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    const NAME: &str = "lws_add_http_common_headers";
    enter::on_wsi(NAME, 1, wsi, Access::Composer, |_, cx, wsi| {
        // SAFETY: a text or NULL.
        let kind = unsafe { cstr::text(content_type) }.map(|kind| kind.to_bytes()).unwrap_or_default();
        if !is_one_line(kind) {
            enter::refuse(NAME, Scope::Wsi(wsi), "the content type has a line end inside");
            return 1;
        }
        let length = (content_len != lws_filepos_t::MAX).then_some(content_len);
        let head = reply::common_head(cx, wsi, code, kind, length);
        // SAFETY: see the module.
        unsafe { put_or_refuse(NAME, wsi, &head, p, end) }
    })
}

/// Adds the empty line that ends the head. Returns 0; 1: it does not fit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_finalize_http_header(wsi: *mut lws, p: *mut *mut c_uchar, end: *mut c_uchar) -> c_int {
    const NAME: &str = "lws_finalize_http_header";
    enter::on_wsi(NAME, 1, wsi, Access::Composer, |_, _, wsi| {
        // SAFETY: see the module.
        unsafe { put_or_refuse(NAME, wsi, b"\r\n", p, end) }
    })
}

/// Adds the empty line and sends everything from `start` to `*p`. Returns 0; nonzero: failed, close the connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_finalize_write_http_header(
    wsi: *mut lws,
    start: *mut c_uchar,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    const NAME: &str = "lws_finalize_write_http_header";
    let composed = enter::on_wsi(NAME, false, wsi, Access::Composer, |_, _, wsi| {
        // SAFETY: see the module.
        unsafe { put_or_refuse(NAME, wsi, b"\r\n", p, end) == 0 }
    });
    if !composed {
        return 1;
    }
    // SAFETY: see the module; `start` is the start of what was written to the same buffer.
    let length = unsafe { (*p).addr() }.saturating_sub(start.addr());
    // SAFETY: as above.
    c_int::from(unsafe { lws_write(wsi, start, length, lws_write_protocol(write_type::HTTP_HEADERS as c_uint)) } < 0)
}

/// Answers with a redirect to `loc` (`len` bytes): status `code`, `location`, an empty body.
///
/// The head is composed at `*p`. Returns its length, above 0; negative: it does not fit or the connection is dead.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_redirect(
    wsi: *mut lws,
    code: c_int,
    loc: *const c_uchar,
    len: c_int,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    const NAME: &str = "lws_http_redirect";
    // SAFETY: see the module; NULL is refused below.
    let start = if p.is_null() { std::ptr::null_mut() } else { unsafe { *p } };
    let composed = enter::on_wsi(NAME, -1, wsi, Access::Composer, |_, cx, wsi| {
        // SAFETY: `len` readable bytes.
        let location = unsafe { cstr::bytes(loc, usize::try_from(len).unwrap_or(0)) };
        if !is_one_line(location) {
            enter::refuse(NAME, Scope::Wsi(wsi), "the location has a line end inside");
            return -1;
        }
        let head = reply::redirect(cx, wsi, c_uint::try_from(code).unwrap_or(302), location);
        // SAFETY: see the module.
        if unsafe { put_or_refuse(NAME, wsi, &head, p, end) } != 0 {
            return -1;
        }
        c_int::try_from(head.len()).unwrap_or(c_int::MAX)
    });
    let Ok(length) = usize::try_from(composed) else { return -1 };
    // SAFETY: `length` bytes were composed at `start`.
    let sent = unsafe { lws_write(wsi, start, length, lws_write_protocol(write_type::HTTP_HEADERS as c_uint)) };
    if sent < 0 { -1 } else { composed }
}

/// Compression of answers is not built in, as in the original's usual builds: 0, nothing is compressed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_compression_apply(
    wsi: *mut lws,
    name: *const c_char,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
    decomp: c_char,
) -> c_int {
    let _ = (name, p, end, decomp);
    enter::on_wsi("lws_http_compression_apply", -1, wsi, Access::Service, |_, _, _| 0)
}

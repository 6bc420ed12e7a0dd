//! `lws_urlencode`, `lws_urldecode`, `lws_parse_uri`.
use super::{c_bytes, detached, room, size_of_int};
use crate::abi::guard;
use crate::proto::text::url::{self, Decoder};
use std::ffi::{CStr, c_char, c_int};

/// Escapes `string` for use in a URL: letters and digits stay, a blank becomes `+`, every other byte `%XX`.
///
/// `len`: size of `escaped`; what does not fit is left out, and up to three bytes stay unused. Returns `escaped`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_urlencode(escaped: *mut c_char, string: *const c_char, len: c_int) -> *const c_char {
    guard::pure("lws_urlencode", escaped.cast_const(), || {
        // SAFETY: what C promises.
        let text = unsafe { c_bytes(string) }.unwrap_or_default();
        let len = size_of_int(len).min(text.len().saturating_mul(3).saturating_add(4));
        let text = detached(text, escaped.cast(), len);
        // SAFETY: writable for `len` bytes; `text` does not overlap it.
        let out = unsafe { room(escaped.cast(), len) };
        let written = url::encode(&text, out);
        if let Some(end) = out.get_mut(written) {
            *end = 0;
        }
        escaped
    })
}

/// Undoes URL escapes in `escaped`, `+` included.
///
/// `len`: the most characters to write; `string` needs room for a NUL behind them, and may be `escaped` itself. Returns
/// 0, or -1 for a bad escape or NULL. An escape that is cut short at the end is dropped. `%00` gives a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_urldecode(string: *mut c_char, escaped: *const c_char, len: c_int) -> c_int {
    guard::pure("lws_urldecode", -1, || {
        if string.is_null() || escaped.is_null() {
            return -1;
        }
        let (mut decoder, mut at, mut written) = (Decoder::new(), 0, 0);
        while written < size_of_int(len) {
            // SAFETY: `escaped` is a C string whose NUL was not reached yet. In place, what was written is behind us.
            let byte = unsafe { escaped.cast::<u8>().add(at).read() };
            if byte == 0 {
                break;
            }
            at += 1;
            match decoder.feed(byte) {
                Ok(Some(decoded)) => {
                    // SAFETY: `string` is writable for `len` characters and a NUL.
                    unsafe { string.cast::<u8>().add(written).write(decoded) };
                    written += 1;
                }
                Ok(None) => {}
                Err(_) => return -1,
            }
        }
        // SAFETY: as above; at most `len` characters were written.
        unsafe { string.cast::<u8>().add(written).write(0) };
        0
    })
}

/// Takes a URI apart: `wss://host:443/path`, `host/path`, `http://[::1]/`, `http://+/unix/socket:/path`.
///
/// `p` is changed, and the parts point into it (or to static strings). `prot`: what is in front of `://`, or "". `ads`:
/// the address, without brackets. `port`: the one given, or the usual one for http, https, ws and wss; otherwise left as
/// it is. `path`: what follows the first `/`, without it, or "/". Any result may be NULL. Returns 0; -1 if `p` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_parse_uri(
    p: *mut c_char,
    prot: *mut *const c_char,
    ads: *mut *const c_char,
    port: *mut c_int,
    path: *mut *const c_char,
) -> c_int {
    guard::pure("lws_parse_uri", -1, || {
        if p.is_null() {
            return -1;
        }
        // SAFETY: not NULL, so a C string; the NUL is writable too.
        let text = unsafe { room(p.cast(), CStr::from_ptr(p).count_bytes() + 1) };
        let (_, uri) = text.split_last().unwrap_or((&0, &[]));
        let parts = url::parse(uri);
        text[parts.address.end] = 0;
        if let Some(scheme) = &parts.scheme {
            text[scheme.end] = 0;
        }
        let at = |start: usize| p.wrapping_add(start).cast_const();
        // SAFETY: each is NULL or writable.
        unsafe {
            set(prot, parts.scheme.map_or(c"".as_ptr(), |scheme| at(scheme.start)));
            set(ads, at(parts.address.start));
            set(path, parts.path.map_or(c"/".as_ptr(), at));
            if let Some(number) = parts.port {
                set(port, number);
            }
        }
        0
    })
}

/// # Safety
/// `place` is NULL or writable.
unsafe fn set<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: not NULL, so writable.
        unsafe { place.write(value) };
    }
}

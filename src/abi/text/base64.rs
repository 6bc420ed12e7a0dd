//! `lws_b64_*`: base64 in C buffers.
use super::{bytes, c_bytes, detached, int_of, room, size_of_int};
use crate::abi::layout::lws_b64state;
use crate::abi::{cstr, guard};
use crate::proto::text::base64::{self, Alphabet, Decoder};
use std::ffi::{c_char, c_int};

/// Encodes `in_len` bytes at `in` as base64 with padding and a NUL.
///
/// `out_size` must be at least the length of the text plus two. Returns the length of the text, or -1 if `out_size` is
/// too small or an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_b64_encode_string(
    r#in: *const c_char,
    in_len: c_int,
    out: *mut c_char,
    out_size: c_int,
) -> c_int {
    guard::pure("lws_b64_encode_string", -1, || {
        // SAFETY: what C promises.
        unsafe { encode(r#in, in_len, out, out_size, Alphabet::Standard) }
    })
}

/// As `lws_b64_encode_string` with `-` and `_` instead of `+` and `/`; the padding stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_b64_encode_string_url(
    r#in: *const c_char,
    in_len: c_int,
    out: *mut c_char,
    out_size: c_int,
) -> c_int {
    guard::pure("lws_b64_encode_string_url", -1, || {
        // SAFETY: what C promises.
        unsafe { encode(r#in, in_len, out, out_size, Alphabet::UrlSafe) }
    })
}

/// # Safety
/// What C promises.
unsafe fn encode(text: *const c_char, len: c_int, out: *mut c_char, size: c_int, alphabet: Alphabet) -> c_int {
    let (len, size) = (size_of_int(len), size_of_int(size));
    let Some(encoded) = base64::encoded_len(len).filter(|encoded| encoded.saturating_add(2) <= size) else {
        return -1;
    };
    if out.is_null() || text.is_null() && len > 0 {
        return -1;
    }
    // SAFETY: readable for `len` bytes.
    let data = detached(unsafe { bytes(text.cast(), len) }, out.cast(), encoded + 1);
    // SAFETY: writable for `size` bytes, of which this is the part that is used; `data` does not overlap it.
    let out = unsafe { room(out.cast(), encoded + 1) };
    out[encoded] = 0;
    base64::encode(&data, alphabet, out).map_or(-1, int_of)
}

/// Decodes the base64 text `in`, with or without padding, in either alphabet, skipping everything else.
///
/// Returns the number of bytes, and puts a NUL behind them if there is room. What does not fit in `out_size` bytes is
/// left out, in groups of three. -1 if an argument is NULL. `out` may be `in`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_b64_decode_string(r#in: *const c_char, out: *mut c_char, out_size: c_int) -> c_int {
    guard::pure("lws_b64_decode_string", -1, || {
        // SAFETY: what C promises.
        match unsafe { c_bytes(r#in) } {
            // SAFETY: what C promises.
            Some(text) if !out.is_null() => unsafe { decode(text, out, out_size) },
            _ => -1,
        }
    })
}

/// As `lws_b64_decode_string` for a text of `in_len` bytes; it ends at a NUL all the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_b64_decode_string_len(
    r#in: *const c_char,
    in_len: c_int,
    out: *mut c_char,
    out_size: c_int,
) -> c_int {
    guard::pure("lws_b64_decode_string_len", -1, || {
        if r#in.is_null() || out.is_null() {
            return -1;
        }
        // SAFETY: what C promises; the text is looked at up to its NUL or `in_len` only.
        let text = unsafe { bytes(r#in.cast(), cstr::length(r#in, size_of_int(in_len))) };
        // SAFETY: what C promises.
        unsafe { decode(text, out, out_size) }
    })
}

/// # Safety
/// `out` is writable for `size` bytes.
unsafe fn decode(text: &[u8], out: *mut c_char, size: c_int) -> c_int {
    // No more than the text can need, so that an exaggerated size does no harm.
    let size = size_of_int(size).min(text.len() / 4 * 3 + 4);
    let text = detached(text, out.cast(), size);
    // SAFETY: writable for `size` bytes; `text` does not overlap it.
    let out = unsafe { room(out.cast(), size) };
    let len = base64::decode(&text, out);
    if let Some(end) = out.get_mut(len) {
        *end = 0;
    }
    int_of(len)
}

/// Starts a decode that is fed in pieces.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_b64_decode_state_init(state: *mut lws_b64state) {
    guard::pure("lws_b64_decode_state_init", (), || {
        if !state.is_null() {
            // SAFETY: not NULL, so writable.
            unsafe { state.write(lws_b64state { quad: [0; 4], done: 0, len: 0, i: 0, c: 0 }) };
        }
    });
}

/// Decodes the next piece of a base64 text.
///
/// `in_len`: size of the piece, changed to what was used of it. `out_size`: room at `out`, changed to the number of bytes
/// written. `final`: nonzero with the last piece, whose incomplete group is then decoded too. Returns 0, or -1 if an
/// argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_b64_decode_stateful(
    s: *mut lws_b64state,
    r#in: *const c_char,
    in_len: *mut usize,
    out: *mut u8,
    out_size: *mut usize,
    r#final: c_int,
) -> c_int {
    guard::pure("lws_b64_decode_stateful", -1, || {
        if s.is_null() || r#in.is_null() || in_len.is_null() || out.is_null() || out_size.is_null() {
            return -1;
        }
        // SAFETY: none of them is NULL, and nothing else uses them during the call.
        let (state, in_len, out_size) = unsafe { (&mut *s, &mut *in_len, &mut *out_size) };
        // No more than the text and what is held can need.
        let size = (*out_size).min((*in_len / 4).saturating_mul(3).saturating_add(6));
        // SAFETY: readable for `in_len` bytes.
        let text = detached(unsafe { bytes(r#in.cast(), *in_len) }, out, size);
        // SAFETY: writable for `size` bytes; `text` does not overlap it.
        let out = unsafe { room(out, size) };
        let [held @ .., _] = state.quad;
        let mut decoder = Decoder::resume(held, size_of_int(state.i));
        let progress = decoder.feed(&text, out);
        let mut written = progress.written;
        if r#final != 0 && progress.consumed == text.len() {
            written += decoder.finish(&mut out[written..]);
        }
        let (held, count) = decoder.held();
        state.quad[..3].copy_from_slice(&held);
        state.i = int_of(count);
        state.len = count;
        state.done = state.done.saturating_add(written);
        (*in_len, *out_size) = (progress.consumed, written);
        0
    })
}

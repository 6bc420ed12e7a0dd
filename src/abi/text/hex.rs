//! `lws_hex_*`: hexadecimal text.
use super::{bytes, c_bytes, detached, int_of, random, room, size_of_int};
use crate::abi::guard;
use crate::abi::layout::lws_context;
use crate::proto::text::hex;
use std::ffi::{c_char, c_int};

/// Reads pairs of hexadecimal digits of either case into `dest`.
///
/// `max`: size of `dest`; must be at least one more than the number of bytes. Returns that number, or -1 for an odd number
/// of digits, anything that is no digit, a small `dest` or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hex_to_byte_array(h: *const c_char, dest: *mut u8, max: c_int) -> c_int {
    guard::pure("lws_hex_to_byte_array", -1, || {
        // SAFETY: what C promises.
        let Some(text) = (unsafe { c_bytes(h) }) else {
            return -1;
        };
        // The original wants a byte more than it writes.
        let needed = text.len() / 2;
        if dest.is_null() || needed >= size_of_int(max) {
            return -1;
        }
        let text = detached(text, dest, needed);
        // SAFETY: writable for `max` bytes, of which this is the part that is used; `text` does not overlap it.
        hex::decode(&text, unsafe { room(dest, needed) }).map_or(-1, int_of)
    })
}

/// Writes `slen` bytes as lower-case hexadecimal digits with a NUL, as many digits as fit in `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hex_from_byte_array(src: *const u8, slen: usize, dest: *mut c_char, len: usize) {
    guard::pure("lws_hex_from_byte_array", (), || {
        // SAFETY: readable for `slen` bytes.
        let data = unsafe { bytes(src, slen) };
        let len = len.min(data.len().saturating_mul(2).saturating_add(1));
        let data = detached(data, dest.cast(), len);
        // SAFETY: writable for `len` bytes; `data` does not overlap it.
        put_digits(&data, unsafe { room(dest.cast(), len) });
    });
}

/// Fills `dest` with `len` - 1 random hexadecimal digits and a NUL. Returns 0, or 1 if there is no randomness to be had.
///
/// `context` is not needed and may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hex_random(context: *mut lws_context, dest: *mut c_char, len: usize) -> c_int {
    let _ = context;
    guard::pure("lws_hex_random", 1, || {
        if dest.is_null() || len == 0 {
            return 1;
        }
        // SAFETY: not NULL, writable for `len` bytes.
        let dest = unsafe { room(dest.cast(), len) };
        let mut noise = [0; 64];
        let (digits, end) = dest.split_at_mut(len - 1);
        end.fill(0);
        for part in digits.chunks_mut(2 * noise.len()) {
            let noise = &mut noise[..part.len().div_ceil(2)];
            if random::fill(noise) != noise.len() {
                return 1;
            }
            hex::encode(noise, part);
        }
        0
    })
}

fn put_digits(data: &[u8], dest: &mut [u8]) {
    if let Some((end, digits)) = dest.split_last_mut() {
        let written = hex::encode(data, digits);
        *end = 0;
        digits[written..].fill(0);
    }
}

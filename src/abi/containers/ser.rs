//! Numbers as bytes (big-endian, and of variable length), and the small deterministic number generator.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::guard;
use crate::abi::layout::{lws_xos, lws_xos_t};
use std::ffi::{c_int, c_void};

/// Writes `u` to the 2 bytes at `b`, most significant first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ser_wu16be(b: *mut u8, u: u16) {
    // SAFETY: `b` has room for the number.
    guard::pure("lws_ser_wu16be", (), || unsafe { write_bytes(b, u.to_be_bytes()) });
}

/// Writes `u32` to the 4 bytes at `b`, most significant first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ser_wu32be(b: *mut u8, u32: u32) {
    // SAFETY: `b` has room for the number.
    guard::pure("lws_ser_wu32be", (), || unsafe { write_bytes(b, u32.to_be_bytes()) });
}

/// Writes `u64` to the 8 bytes at `b`, most significant first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ser_wu64be(b: *mut u8, u64: u64) {
    // SAFETY: `b` has room for the number.
    guard::pure("lws_ser_wu64be", (), || unsafe { write_bytes(b, u64.to_be_bytes()) });
}

/// Returns the number in the 2 bytes at `b`, most significant first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ser_ru16be(b: *const u8) -> u16 {
    // SAFETY: `b` has the bytes of the number.
    guard::pure("lws_ser_ru16be", 0, || u16::from_be_bytes(unsafe { read_bytes(b) }))
}

/// Returns the number in the 4 bytes at `b`, most significant first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ser_ru32be(b: *const u8) -> u32 {
    // SAFETY: `b` has the bytes of the number.
    guard::pure("lws_ser_ru32be", 0, || u32::from_be_bytes(unsafe { read_bytes(b) }))
}

/// Returns the number in the 8 bytes at `b`, most significant first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ser_ru64be(b: *const u8) -> u64 {
    // SAFETY: `b` has the bytes of the number.
    guard::pure("lws_ser_ru64be", 0, || u64::from_be_bytes(unsafe { read_bytes(b) }))
}

/// Largest value that `lws_vbi_encode` takes: four bytes of seven bits.
const VBI_MAX: u64 = 0x0fff_ffff;

/// Writes `value` with seven bits in each byte, least significant first; the top bit says that more bytes follow.
///
/// `buf` has room for 4 bytes; `value` is at most 0x0fffffff. Returns how many were written, -1 if `value` is too large.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vbi_encode(value: u64, buf: *mut c_void) -> c_int {
    guard::pure("lws_vbi_encode", -1, || {
        if value > VBI_MAX || buf.is_null() {
            return -1;
        }
        let mut rest = value;
        let mut count = 0;
        loop {
            let more = rest > 0x7f;
            let byte = (rest & 0x7f) as u8 | if more { 0x80 } else { 0 };
            // SAFETY: `buf` has room for 4 bytes, which VBI_MAX fits in.
            unsafe { buf.cast::<u8>().add(count).write(byte) };
            count += 1;
            rest >>= 7;
            if !more {
                return count as c_int;
            }
        }
    })
}

/// Reads a value as `lws_vbi_encode` writes it, from the `len` bytes at `buf`.
///
/// Returns how many bytes it took; 0 and `*value` stays as it is if the end was not there or it needs more than 64 bits.
/// (The original stops at the wrong bytes and cannot read what it writes itself.)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vbi_decode(buf: *const c_void, value: *mut u64, len: usize) -> c_int {
    guard::pure("lws_vbi_decode", 0, || {
        if buf.is_null() || value.is_null() {
            return 0;
        }
        let mut result = 0u64;
        // 64 bits are nine bytes of seven and one of a single bit.
        for at in 0..len.min(10) {
            // SAFETY: `at < len`.
            let byte = unsafe { buf.cast::<u8>().add(at).read() };
            let bits = u64::from(byte & 0x7f);
            if at == 9 && bits > 1 {
                return 0;
            }
            result |= bits << (7 * at);
            if byte & 0x80 == 0 {
                // SAFETY: not NULL, so valid.
                unsafe { value.write(result) };
                return at as c_int + 1;
            }
        }
        0
    })
}

/// Starts the generator `xos` with `seed`: the same seed gives the same numbers. Not for secrets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_xos_init(xos: *mut lws_xos, seed: u64) {
    guard::pure("lws_xos_init", (), || {
        if xos.is_null() {
            return;
        }
        // splitmix64, except that a value is mixed before the increment is added (vectors xos).
        let mut next = seed;
        let state = std::array::from_fn(|_| {
            let mut mixed = next;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            next = next.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mixed ^ (mixed >> 31)
        });
        // SAFETY: not NULL, so a generator of the program.
        unsafe { (*xos).s = state };
    });
}

/// Returns the next number of the generator `xos` (xoshiro256**).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_xos(xos: *mut lws_xos) -> u64 {
    // SAFETY: NULL or a generator of the program.
    guard::pure("lws_xos", 0, || unsafe { xos.as_mut() }.map_or(0, next_number))
}

/// Returns 1 with a probability of `percent`, else 0: never for 0, always for 100.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_xos_percent(xos: *mut lws_xos, percent: c_int) -> c_int {
    guard::pure("lws_xos_percent", 0, || {
        // SAFETY: NULL or a generator of the program.
        let drawn = unsafe { xos.as_mut() }.map_or(0, next_number) % 100;
        c_int::from((drawn as c_int) < percent)
    })
}

fn next_number(xos: &mut lws_xos_t) -> u64 {
    let [a, b, c, d] = &mut xos.s;
    let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
    let shifted = *b << 17;
    *c ^= *a;
    *d ^= *b;
    *b ^= *c;
    *a ^= *d;
    *c ^= shifted;
    *d = d.rotate_left(45);
    result
}

/// # Safety
/// `b` is NULL or has room for the bytes.
unsafe fn write_bytes<const N: usize>(b: *mut u8, bytes: [u8; N]) {
    if !b.is_null() {
        // SAFETY: the caller's promise; bytes have no alignment.
        unsafe { b.cast::<[u8; N]>().write(bytes) };
    }
}

/// # Safety
/// `b` is NULL or has the bytes.
unsafe fn read_bytes<const N: usize>(b: *const u8) -> [u8; N] {
    // SAFETY: the caller's promise; bytes have no alignment.
    if b.is_null() { [0; N] } else { unsafe { b.cast::<[u8; N]>().read() } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_decoded() {
        for value in [0, 1, 127, 128, 300, 16383, 16384, 2_097_151, 2_097_152, VBI_MAX] {
            let mut buf = [0u8; 4];
            let mut back = 0;
            // SAFETY: buffers of the sizes announced.
            unsafe {
                let count = lws_vbi_encode(value, buf.as_mut_ptr().cast());
                assert_eq!(lws_vbi_decode(buf.as_ptr().cast(), &raw mut back, 4), count);
                assert_eq!(lws_vbi_decode(buf.as_ptr().cast(), &raw mut back, count as usize - 1), 0);
            }
            assert_eq!(back, value);
        }
    }

    #[test]
    fn values_over_64_bits_are_refused() {
        let mut back = 7;
        let mut largest = [0xffu8; 10];
        largest[9] = 1;
        let over = [0xffu8; 11];
        // SAFETY: buffers of the sizes announced.
        unsafe {
            assert_eq!(lws_vbi_encode(VBI_MAX + 1, largest.as_mut_ptr().cast()), -1);
            assert_eq!(lws_vbi_decode(over.as_ptr().cast(), &raw mut back, 11), 0);
            assert_eq!(back, 7);
            assert_eq!(lws_vbi_decode(largest.as_ptr().cast(), &raw mut back, 10), 10);
        }
        assert_eq!(back, u64::MAX);
    }
}

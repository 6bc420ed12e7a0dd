//! `lws_SHA1`.
use super::{bytes, room};
use crate::abi::guard;
use sha1::{Digest, Sha1};
use std::ffi::c_uchar;

/// Writes the SHA-1 digest of the `n` bytes at `d` to the 20 bytes at `md`, and returns `md`.
///
/// For protocols that ask for it, such as the ws handshake; not for anything that must resist an attacker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_SHA1(d: *const c_uchar, n: usize, md: *mut c_uchar) -> *mut c_uchar {
    guard::pure("lws_SHA1", md, || {
        // SAFETY: readable for `n` bytes; only read before the digest is written.
        let digest = Sha1::digest(unsafe { bytes(d, n) });
        if !md.is_null() {
            // SAFETY: writable for the 20 bytes of a digest.
            unsafe { room(md, digest.len()) }.copy_from_slice(&digest);
        }
        md
    })
}

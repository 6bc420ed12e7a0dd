//! `lws_get_random`: random bytes from the kernel.
use super::room;
use crate::abi::guard;
use crate::abi::layout::lws_context;
use std::ffi::c_void;

/// Fills `buf` with `len` bytes that are fit for keys and nonces.
///
/// `context` is not needed and may be NULL. Returns how many bytes were set: `len`, or fewer if the kernel gives no more.
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_random(context: *mut lws_context, buf: *mut c_void, len: usize) -> usize {
    let _ = context;
    guard::pure("lws_get_random", 0, || {
        // SAFETY: writable for `len` bytes.
        fill(unsafe { room(buf.cast(), len) })
    })
}

/// Fills `buf` from the kernel's generator and returns how many bytes were set.
pub(super) fn fill(buf: &mut [u8]) -> usize {
    let mut done = 0;
    while done < buf.len() {
        let rest = &mut buf[done..];
        // SAFETY: `rest` is writable for its length.
        let got = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(got) {
            Ok(got) => done += got,
            Err(_) if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    done
}

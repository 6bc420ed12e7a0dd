//! `lws_http_basic_auth_gen`.
use super::{c_bytes, detached, room};
use crate::abi::guard;
use crate::proto::text::auth::{self, NoHeader};
use std::ffi::{c_char, c_int};

/// Writes the value of an `Authorization` header for basic authentication, `Basic` and the encoded `user:pw`, with a NUL.
///
/// `len`: size of `buf`. Returns 0, 1 if `buf` is too small (or an argument is NULL), 2 if user and password together
/// are longer than 123 characters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_basic_auth_gen(
    user: *const c_char,
    pw: *const c_char,
    buf: *mut c_char,
    len: usize,
) -> c_int {
    guard::pure("lws_http_basic_auth_gen", 1, || {
        // SAFETY: what C promises.
        let (Some(user), Some(password)) = (unsafe { (c_bytes(user), c_bytes(pw)) }) else {
            return 1;
        };
        let len = len.min(auth::MAX_CREDENTIALS * 2);
        let (user, password) = (detached(user, buf.cast(), len), detached(password, buf.cast(), len));
        // SAFETY: writable for `len` bytes; the texts do not overlap it.
        let Some((end, text)) = (unsafe { room(buf.cast(), len) }).split_last_mut() else {
            return 1;
        };
        match auth::basic(&user, &password, text) {
            Ok(written) => {
                *text.get_mut(written).unwrap_or(end) = 0;
                0
            }
            Err(NoHeader::TooSmall) => 1,
            Err(NoHeader::TooLong) => 2,
        }
    })
}

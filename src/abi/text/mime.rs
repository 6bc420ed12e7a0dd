//! `lws_get_mimetype`.
use super::{c_bytes, options};
use crate::abi::guard;
use crate::abi::layout::lws_http_mount;
use crate::proto::text::mime;
use std::ffi::{CStr, c_char};

/// Content type of a file by the end of its name, in any case.
///
/// `m`: a mount whose `extra_mimetypes` (name: suffix, value: type) come before the built-in list, and whose `*` entry is
/// used for everything unknown; may be NULL. Returns a static string or one of the mount's; NULL if the type is unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_mimetype(file: *const c_char, m: *const lws_http_mount) -> *const c_char {
    guard::pure("lws_get_mimetype", std::ptr::null(), || {
        // SAFETY: what C promises.
        let Some(file) = (unsafe { c_bytes(file) }) else {
            return std::ptr::null();
        };
        // SAFETY: NULL or a mount.
        let extra = unsafe { m.as_ref() }.map_or(std::ptr::null(), |mount| mount.extra_mimetypes);
        // SAFETY: NULL or a list of options.
        let find = |wanted: &dyn Fn(&[u8]) -> bool| unsafe { options::find(extra, wanted) };
        let from_mount = find(&|suffix| suffix != b"*" && mime::has_suffix(file, suffix));
        from_mount
            .map(|option| option.value)
            .or_else(|| mime::builtin(file).map(CStr::as_ptr))
            .or_else(|| find(&|suffix| suffix == b"*").map(|option| option.value))
            .unwrap_or(std::ptr::null())
    })
}

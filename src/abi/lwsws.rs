//! The configuration loaders of the lwsws server: refused, as that server is no part of this library.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::guard;
use super::layout::*;
use crate::engine::log::{self, Level};
use std::ffi::{c_char, c_int};

/// Refused: logs that the files of lwsws are not read and returns 1, its error value. Nothing is written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsws_get_config_globals(
    info: *mut lws_context_creation_info,
    d: *const c_char,
    config_strings: *mut *mut c_char,
    len: *mut c_int,
) -> c_int {
    let _ = (info, config_strings, len);
    // SAFETY: a text or NULL.
    unsafe { refuse("lwsws_get_config_globals", d) }
}

/// Refused, see `lwsws_get_config_globals`; no vhost is made.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsws_get_config_vhosts(
    context: *mut lws_context,
    info: *mut lws_context_creation_info,
    d: *const c_char,
    config_strings: *mut *mut c_char,
    len: *mut c_int,
) -> c_int {
    let _ = (context, info, config_strings, len);
    // SAFETY: a text or NULL.
    unsafe { refuse("lwsws_get_config_vhosts", d) }
}

/// # Safety
/// `directory` is a text or NULL.
unsafe fn refuse(function: &'static str, directory: *const c_char) -> c_int {
    guard::pure(function, 1, || {
        // SAFETY: the caller's promise.
        let directory = unsafe { cstr::owned(directory) }.unwrap_or_default();
        let text = format_args!(
            "refused: configuration files of lwsws ({directory}) are not read; fill struct \
             lws_context_creation_info and call lws_create_vhost()"
        );
        log::process(Level::Err, function, text);
        1
    })
}

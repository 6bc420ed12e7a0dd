//! ws extensions as programs name them: permessage-deflate, which the library does by itself.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::layout::*;
use std::ffi::{c_int, c_void};

/// The entry programs put into their extension table for permessage-deflate. Does nothing when called; returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_extension_callback_pm_deflate(
    context: *mut lws_context,
    ext: *const lws_extension,
    wsi: *mut lws,
    reason: lws_extension_callback_reasons,
    user: *mut c_void,
    r#in: *mut c_void,
    len: usize,
) -> c_int {
    let _ = (context, ext, wsi, reason, user, r#in, len);
    0
}

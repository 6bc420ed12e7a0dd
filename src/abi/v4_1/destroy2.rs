//! A function that only 4.1.6 exports.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::layout::lws_context;

/// Does nothing: `lws_context_destroy()` does all of it, at once or when the running service call unwinds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_context_destroy2(context: *mut lws_context) {
    let _ = context;
}

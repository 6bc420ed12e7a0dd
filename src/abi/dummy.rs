//! The default handler that programs call for reasons they do not handle.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use crate::engine::callback::Reason;
use crate::engine::{reply, transaction};
use std::ffi::{c_int, c_void};

/// Does what a protocol should do by default: answers an http request with 404, completes transactions.
///
/// Returns 0, or -1: return it from the callback, the connection is to be closed. All client and ws reasons: 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_callback_http_dummy(
    wsi: *mut lws,
    reason: lws_callback_reasons,
    user: *mut c_void,
    r#in: *mut c_void,
    len: usize,
) -> c_int {
    let _ = (user, r#in, len);
    const NAME: &str = "lws_callback_http_dummy";
    let reason = i32::try_from(reason.0).ok().and_then(Reason::from_number);
    let answer = match reason {
        Some(Reason::Http) => Some((404, true)),
        Some(Reason::HttpBodyCompletion) => Some((200, false)),
        Some(Reason::HttpFileCompletion) => None,
        _ => return 0,
    };
    enter::on_wsi(NAME, -1, wsi, Access::Service, |may, cx, wsi| {
        if let Some((status, completes)) = answer {
            if !reply::status_page(cx, wsi, status, b"") {
                return -1;
            }
            if !completes {
                return 0;
            }
        }
        -transaction::completed(may, cx, wsi)
    })
}

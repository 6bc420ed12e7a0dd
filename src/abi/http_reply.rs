//! Simple http answers and the end of a transaction.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::enter::{self, Access};
use super::layout::*;
use crate::engine::{deadline, reply, transaction};
use std::ffi::{c_char, c_int, c_uint};

/// Queues a whole answer: status, a stock page with `html_body` (NULL: nothing) in it. Does not complete the transaction.
///
/// With 404 and an `error_document_404` of the vhost it is a redirect there. Returns 0, or nonzero: the connection is to
/// be closed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_return_http_status(wsi: *mut lws, code: c_uint, html_body: *const c_char) -> c_int {
    enter::on_wsi("lws_return_http_status", -1, wsi, Access::Service, |_, cx, wsi| {
        // SAFETY: a text or NULL.
        let html = unsafe { cstr::text(html_body) }.map(|html| html.to_bytes()).unwrap_or_default();
        if reply::status_page(cx, wsi, code, html) { 0 } else { -1 }
    })
}

/// The transaction is over. Returns 1: the connection must be closed, return -1 from the callback; 0: it stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_transaction_completed(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_http_transaction_completed", 1, wsi, Access::Service, |may, cx, wsi| {
        transaction::completed(may, cx, wsi)
    })
}

/// The answer is a stream of events without end: gives the request's headers back and clears the timeout. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_mark_sse(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_http_mark_sse", -1, wsi, Access::Service, |_, cx, wsi| {
        transaction::detach_headers(cx, wsi);
        deadline::clear_timeout(cx, wsi);
        0
    })
}

/// Gives the request's headers back: `lws_hdr_...` finds nothing from here on. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_headers_detach(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_http_headers_detach", -1, wsi, Access::Service, |_, cx, wsi| {
        transaction::detach_headers(cx, wsi);
        0
    })
}

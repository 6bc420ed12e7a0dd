//! HTTP/2 stream control, as far as a library that speaks HTTP/1.1 has answers.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use std::ffi::{c_char, c_int, c_uint};

/// Returns 1: the connection is not an HTTP/2 stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_h2_client_stream_long_poll_rxonly(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_h2_client_stream_long_poll_rxonly", 1, wsi, Access::Service, |_, _, _| 1)
}

/// Returns -1: the connection is not an HTTP/2 stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_h2_update_peer_txcredit(wsi: *mut lws, sid: c_uint, bump: c_int) -> c_int {
    let _ = (sid, bump);
    enter::on_wsi("lws_h2_update_peer_txcredit", -1, wsi, Access::Service, |_, _, _| -1)
}

/// Returns 0: only HTTP/2 counts what the peer may still send.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_h2_get_peer_txcredit_estimate(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_h2_get_peer_txcredit_estimate", 0, wsi, Access::Getter, |_, _, _| 0)
}

/// Returns 0: neither http/1, ws nor raw have flow control of their own; `lws_send_pipe_choked()` tells about TCP.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_wsi_tx_credit(wsi: *mut lws, peer_to_us: c_char, add: c_int) -> c_int {
    let _ = (peer_to_us, add);
    enter::on_wsi("lws_wsi_tx_credit", 0, wsi, Access::Getter, |_, _, _| 0)
}

//! Flow control of HTTP/2 streams, for programs that steer it themselves.
//!
//! A program need not use any of this: what it does not read, the peer may not send, and WRITEABLE comes when the peer
//! takes more.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use crate::engine::context::Context;
use crate::engine::role::h2;
use crate::engine::wsi::Wsi;
use std::ffi::{c_char, c_int, c_uint};

/// `LWS_H2_STREAM_SID`: the stream of the connection itself.
const OWN_STREAM: c_uint = c_uint::MAX;

/// Connection and number of a stream; `None`: it is none.
fn stream(wsi: &Wsi) -> Option<u32> {
    wsi.visit_stream(|stream| stream.number)
}

fn left(cx: &Context, wsi: &Wsi) -> c_int {
    let Some(number) = stream(wsi) else { return 0 };
    let left =
        h2::with_core(cx, h2::network(cx, wsi), |h2, _| h2.core.stream(number).map(|stream| stream.receive.left()));
    left.flatten().map_or(0, |left| c_int::try_from(left).unwrap_or(c_int::MAX))
}

/// Returns 1: not a stream of an HTTP/2 client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_h2_client_stream_long_poll_rxonly(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_h2_client_stream_long_poll_rxonly", 1, wsi, Access::Service, |_, _, _| 1)
}

/// Lets the peer send `bump` bytes more on stream `sid` of the HTTP/2 connection (`LWS_H2_STREAM_SID`: this stream).
///
/// Returns 0; -1: there is no such stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_h2_update_peer_txcredit(wsi: *mut lws, sid: c_uint, bump: c_int) -> c_int {
    enter::on_wsi("lws_h2_update_peer_txcredit", -1, wsi, Access::Service, |_, cx, wsi| {
        let number = if sid == OWN_STREAM { stream(wsi) } else { Some(sid) };
        let (Some(number), Ok(bump)) = (number, u32::try_from(bump)) else { return -1 };
        let found = h2::with_core(cx, h2::network(cx, wsi), |h2, frames| h2.core.widen(number, bump, frames));
        if found == Some(true) { 0 } else { -1 }
    })
}

/// Bytes that the peer may still send on this HTTP/2 stream; 0 for other connections.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_h2_get_peer_txcredit_estimate(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_h2_get_peer_txcredit_estimate", 0, wsi, Access::Getter, |_, cx, wsi| left(cx, wsi))
}

/// What may be sent on this HTTP/2 stream: `LWSTXCR_US_TO_PEER` by us, `LWSTXCR_PEER_TO_US` by the peer, which `add`
/// increases. 0 for connections without flow control of their own; `lws_send_pipe_choked()` tells about those.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_wsi_tx_credit(wsi: *mut lws, peer_to_us: c_char, add: c_int) -> c_int {
    enter::on_wsi("lws_wsi_tx_credit", 0, wsi, Access::Service, |_, cx, wsi| {
        let Some(number) = stream(wsi) else { return 0 };
        let connection = h2::network(cx, wsi);
        if peer_to_us == 0 {
            let credit = h2::with_core(cx, connection, |h2, _| h2.core.send_credit(number)).unwrap_or(0);
            return c_int::try_from(credit).unwrap_or(c_int::MAX);
        }
        if let Ok(add) = u32::try_from(add) {
            h2::with_core(cx, connection, |h2, frames| h2.core.widen(number, add, frames));
        }
        left(cx, wsi)
    })
}

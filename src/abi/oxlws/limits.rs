//! Limits of what peers may send.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::enter::{self, Access};
use crate::abi::layout::lws_vhost;
use crate::engine::log::{self, Level, Scope};
use std::ffi::c_int;

/// `OXLWS_LIMIT_MESSAGE`.
const MESSAGE: c_int = 1;
/// `OXLWS_LIMIT_BODY`.
const BODY: c_int = 2;

/// Limits how many bytes a peer of `vhost` may send in one message or in one body, as `what` says. `most` 0: no limit, as
/// it is without this call.
///
/// OXLWS_LIMIT_MESSAGE: in a websocket message, all its frames together, counted as it arrives in the callback, that is,
/// after inflating. A longer one ends the connection with the code 1009, before the frame that exceeds the limit is
/// delivered, where its header tells.
///
/// OXLWS_LIMIT_BODY: in the body of a request; the client gets 413 and the connection ends, at once where a Content-Length
/// announces too much. And in the body of a reply to our request: CLIENT_CONNECTION_ERROR at the head, or the connection
/// ends inside the body without COMPLETED_CLIENT_HTTP.
///
/// May be called at any time in the service thread, and counts for what arrives from then on, on both sides. Returns 0;
/// -1: no vhost, or no such limit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_vhost_set_limit(vhost: *mut lws_vhost, what: c_int, most: u64) -> c_int {
    const NAME: &str = "oxlws_vhost_set_limit";
    enter::on_vhost(NAME, -1, vhost, Access::Service, |_, _, vhost| {
        match what {
            MESSAGE => vhost.message_limit.set(most),
            BODY => vhost.body_limit.set(most),
            _ => {
                log::line(
                    Level::Err,
                    Scope::Vhost(vhost),
                    NAME,
                    format_args!("there is no limit with the number {what}"),
                );
                return -1;
            }
        }
        0
    })
}

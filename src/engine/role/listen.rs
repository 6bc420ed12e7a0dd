//! The listen role: waiting connections become connections of the vhost.
use crate::engine::callback::{self, Arg, Reason};
use crate::engine::cell::MayCall;
use crate::engine::context::Context;
use crate::engine::deadline::{self, wait};
use crate::engine::log::{self, Level, Scope};
use crate::engine::net;
use crate::engine::poll_events;
use crate::engine::server;
use crate::engine::timer::Kind;
use crate::engine::tls_limit;
use crate::engine::wsi::{Wsi, flag};

/// Connections accepted in one turn before the others get theirs.
const ACCEPT_BUDGET: u32 = 256;
/// Rest after the process ran out of descriptors, microseconds.
const EXHAUSTED_PAUSE: u64 = 100_000;

/// Accepts until the queue is empty. FILTER_NETWORK_CONNECTION: nonzero refuses, and ends this round.
pub fn on_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    for _ in 0..ACCEPT_BUDGET {
        if !wsi.has(flag::READABLE) || wsi.timeout_at.get() != 0 {
            return;
        }
        let waits = tls_limit::holds_back(cx, wsi);
        if waits != (wsi.rx_held.get() != 0) {
            // Clients wait in the queue; an external poller must not be told of them meanwhile.
            wsi.rx_held.set(u16::from(waits));
            poll_events::update(may, cx, wsi);
        }
        if waits || wsi.id() != id {
            return;
        }
        let accepted = match wsi.with_socket(net::accept) {
            Some(Ok(Some(accepted))) => accepted,
            Some(Ok(None)) => {
                wsi.clear(flag::READABLE);
                return;
            }
            // Descriptors are short, and some are of connections that are over.
            Some(Err(_)) if cx.lingering.end(&cx.poller) => continue,
            Some(Err(error)) => {
                let text = format_args!("cannot accept: {}; trying again", net::describe(&error));
                log::line(Level::Warn, Scope::Wsi(wsi), "accept", text);
                wsi.timeout_reason.set(wait::ACCEPT_PAUSE as u16);
                deadline::set(cx, wsi, Kind::Timeout, Some(EXHAUSTED_PAUSE));
                return;
            }
            None => return,
        };
        let (socket, peer) = accepted;
        use std::os::fd::AsRawFd;
        let Some(vhost) = wsi.vhost() else { return };
        // What the program changes at the filter stays.
        let _ = net::tune(&socket, &vhost);
        let reason = Reason::FilterNetworkConnection;
        let verdict = callback::to_first(may, cx, wsi, reason, Arg::Accepted(socket.as_raw_fd(), &peer));
        if wsi.id() != id {
            return;
        }
        if verdict != 0 {
            log::line(Level::Info, Scope::Wsi(wsi), "accept", format_args!("refused at FILTER_NETWORK_CONNECTION"));
            break;
        }
        server::adopt(may, cx, &vhost, socket);
        if wsi.id() != id || !cx.is_running() {
            return;
        }
    }
    if wsi.has(flag::READABLE) {
        cx.make_pending(wsi);
    }
}

/// The pause after exhaustion is over.
pub fn resume(cx: &Context, wsi: &Wsi) {
    wsi.set(flag::READABLE);
    cx.make_pending(wsi);
}

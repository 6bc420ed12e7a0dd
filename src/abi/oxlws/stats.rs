//! What contexts and connections counted.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::types::{self, oxlws_context_stats, oxlws_wsi_stats};
use crate::abi::enter::{self, Access};
use crate::abi::guard;
use crate::abi::layout::{lws, lws_context};
use crate::engine::context::Group;
use crate::engine::log::{self, Level};
use crate::engine::{out, totals};
use std::ffi::c_int;

/// Tells what a context counted. From any thread. `size`: sizeof(*stats).
///
/// Costs a look at every living connection; the counting itself costs nothing to speak of. Returns 0; -1: not a
/// context, `stats` is NULL, or, from another thread, a callback of it took longer than a second. The log says which.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_context_stats(
    context: *mut lws_context,
    stats: *mut oxlws_context_stats,
    size: usize,
) -> c_int {
    const NAME: &str = "oxlws_context_stats";
    if stats.is_null() {
        return no_place(NAME);
    }
    let mut told = None;
    let result = enter::on_context(NAME, -1, context, Access::Composer, |_, cx| {
        let traffic = totals::traffic(cx);
        let (clients, clients_now) = totals::connections(cx, Group::Client);
        let (accepted, accepted_now) = totals::connections(cx, Group::Server);
        told = Some(oxlws_context_stats {
            clients,
            clients_now,
            clients_failed: cx.totals.failed.get(),
            accepted,
            accepted_now,
            upgraded: cx.totals.upgraded.get(),
            timed_out: cx.totals.timed_out.get(),
            bytes_in: traffic.bytes_in,
            bytes_out: traffic.bytes_out,
            messages_in: traffic.messages_in,
            messages_out: traffic.messages_out,
        });
        0
    });
    if let Some(told) = told {
        // SAFETY: the program's variable of at least `size` bytes.
        unsafe { types::give(&told, stats, size) };
    }
    result
}

/// Tells what a connection counted. From any thread; `size`: sizeof(*stats). For connections that ended as long as
/// `oxlws_wsi_ended()` knows of them.
///
/// Returns 0; -1: not a connection, or `stats` is NULL. The log says which.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_wsi_stats(wsi: *mut lws, stats: *mut oxlws_wsi_stats, size: usize) -> c_int {
    const NAME: &str = "oxlws_wsi_stats";
    if stats.is_null() {
        return no_place(NAME);
    }
    let mut told = None;
    let result = enter::on_wsi_or_former(NAME, -1, wsi, |_, wsi, _| {
        let traffic = wsi.traffic();
        told = Some(oxlws_wsi_stats {
            bytes_in: traffic.bytes_in,
            bytes_out: traffic.bytes_out,
            messages_in: traffic.messages_in,
            messages_out: traffic.messages_out,
            queued: out::queued(wsi) as u64,
        });
        0
    });
    if let Some(told) = told {
        // SAFETY: the program's variable of at least `size` bytes.
        unsafe { types::give(&told, stats, size) };
    }
    result
}

/// -1: the program gives no place for the answer.
fn no_place(function: &'static str) -> c_int {
    guard::pure(function, -1, || {
        log::process(Level::Err, function, format_args!("called with NULL for the answer"));
        -1
    })
}

//! Who may read a request now? At most `max_http_header_pool` connections hold the head of a request at a time.
//!
//! A connection takes its place when it is accepted, and gives it back when it is upgraded, when a transaction is over
//! and nothing of the next request is there, and at its end. Those that find no place wait, unread, and the oldest
//! gets the next one. Without a limit nothing is counted.
use super::cell::peek;
use super::context::Context;
use super::deadline::{self, wait};
use super::table::WsiId;
use super::wsi::{Phase, Wsi, flag};
use std::cell::Cell;
use std::collections::VecDeque;

/// Receive flow control bit of a connection that waits for its place.
const WAITS_BIT: u16 = 1 << 12;

/// The places of one context.
#[derive(Default)]
pub struct HeadPool {
    taken: Cell<usize>,
    waiting: Cell<VecDeque<WsiId>>,
}

/// Whether `wsi` holds a place, or gets one now. False: it waits, and is read when its turn comes.
pub fn acquire(cx: &Context, wsi: &Wsi) -> bool {
    if cx.settings.head_pool == 0 || wsi.has(flag::HOLDS_HEAD) {
        return true;
    }
    if cx.heads.taken.get() < cx.settings.head_pool {
        cx.heads.taken.set(cx.heads.taken.get() + 1);
        wsi.set(flag::HOLDS_HEAD);
        return true;
    }
    if wsi.rx_held.get() & WAITS_BIT == 0 {
        wsi.rx_held.set(wsi.rx_held.get() | WAITS_BIT);
        peek(&cx.heads.waiting, |waiting| waiting.push_back(wsi.id()));
        deadline::start_timeout(cx, wsi, wait::HEAD_PLACE, cx.settings.timeout_secs);
    }
    false
}

/// Gives the place of `wsi` back, if it holds one; the connection that waited longest goes on.
pub fn release(cx: &Context, wsi: &Wsi) {
    if !wsi.has(flag::HOLDS_HEAD) {
        return;
    }
    wsi.clear(flag::HOLDS_HEAD);
    cx.heads.taken.set(cx.heads.taken.get().saturating_sub(1));
    while let Some(id) = peek(&cx.heads.waiting, VecDeque::pop_front) {
        let Some(next) = cx.wsi(id).filter(|next| next.phase.get() != Phase::Dead) else { continue };
        next.rx_held.set(next.rx_held.get() & !WAITS_BIT);
        if acquire(cx, next) {
            super::server::expect_head(cx, next);
            cx.make_pending(next);
        }
        return;
    }
}

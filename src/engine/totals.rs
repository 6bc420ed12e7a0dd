//! What a context counts: facts that operators ask for, at a cost that no benchmark shows.
//!
//! Connections count their own traffic; it is added here when they end, and that of the living when somebody asks.
use super::context::{Context, Group};
use super::wsi::Traffic;
use std::cell::Cell;

/// Counters since the context was made.
#[derive(Default)]
pub struct Totals {
    /// Client connections that did not come about.
    pub failed: Cell<u64>,
    /// Connections of both sides that became websockets.
    pub upgraded: Cell<u64>,
    /// Connections that a timeout of the library or the program ended.
    pub timed_out: Cell<u64>,
    ended: Cell<Traffic>,
}

impl Totals {
    /// A connection is over.
    pub fn add_ended(&self, traffic: Traffic) {
        self.ended.set(self.ended.get().plus(traffic));
    }
}

/// Traffic of all connections, ended and living.
pub fn traffic(cx: &Context) -> Traffic {
    let living = cx.all_wsi().filter(|wsi| wsi.phase.get() != super::wsi::Phase::Dead);
    living.fold(cx.totals.ended.get(), |sum, wsi| sum.plus(wsi.traffic()))
}

/// Connections that ever began, and that exist now.
pub fn connections(cx: &Context, group: Group) -> (u64, u64) {
    (u64::from(cx.born_so_far(group)), u64::from(cx.counts[group as usize].get()))
}

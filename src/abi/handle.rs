//! `struct lws *`, `struct lws_vhost *` and `struct lws_context *` as names that are checked and never dereferenced.
//!
//! ```text
//! handle = base of its context + 16 * (generation : 12 bits | index : 20 bits)
//! ```
//! Indexes up to [`MAX_SLOTS`] are connections, then come vhosts; the last one is the context itself. Each context has
//! 64 GiB of addresses without access, reserved when its place is first used, so that a program that looks inside a
//! handle stops at once and no allocation can equal one. Where the system refuses that, the same numbers are used
//! unreserved. Garbage, freed and wrong-kind pointers all end in `None`.
#![allow(unsafe_code)]

use super::containers::blob::Blobs;
use super::enter::{Access, Entered};
use super::layout::{lws, lws_context, lws_vhost};
use super::slots::{self, CONTEXTS, Slot, Visit};
use super::smd::Smd;
use super::suls::Suls;
use crate::engine::context::Context;
use crate::engine::table::{GENERATION_BITS, INDEX_BITS, MAX_SLOTS, WsiId};
use crate::engine::vhost::Vhost;
use crate::engine::wsi::Wsi;
use std::ops::Deref;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

const UNIT: usize = 16;
const SPAN: usize = UNIT << (INDEX_BITS + GENERATION_BITS);
const CONTEXT_INDEX: u32 = (1 << INDEX_BITS) - 1;
/// Vhosts that can exist in one context.
pub const MAX_VHOSTS: u32 = CONTEXT_INDEX - MAX_SLOTS;

static BASES: [AtomicUsize; CONTEXTS] = [const { AtomicUsize::new(0) }; CONTEXTS];

/// What a pointer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Wsi(usize, WsiId),
    /// Context number, vhost index, generation.
    Vhost(usize, u32, u32),
    /// Context number, generation of the context.
    Context(usize, u32),
}

/// Reserves the addresses of a context's place, once.
pub fn reserve(number: usize) {
    let Some(base) = BASES.get(number) else { return };
    if base.load(Ordering::Acquire) != 0 {
        return;
    }
    let address = crate::engine::sys::reserve_addresses(SPAN).unwrap_or_else(|| {
        // Unreserved: an address range of our own choice, different in each copy of the library and process.
        let salt = (&raw const BASES).addr() >> 12 & 0xff;
        (1 << 46) + (salt * CONTEXTS + number) * SPAN
    });
    base.store(address, Ordering::Release);
}

fn encode(number: usize, index: u32, generation: u32) -> usize {
    let base = BASES.get(number).map_or(0, |base| base.load(Ordering::Acquire));
    base + UNIT * name(index, generation)
}

/// The number behind the base of a context.
#[inline]
fn name(index: u32, generation: u32) -> usize {
    ((generation & ((1 << GENERATION_BITS) - 1)) << INDEX_BITS | index) as usize
}

/// The handles of a context's connections, which begin where its place has its addresses.
pub struct Handles {
    base: usize,
}

impl Handles {
    /// Of the context in place `number`, which is reserved.
    pub fn of_context(number: usize) -> Self {
        Handles { base: encode(number, 0, 0) }
    }

    /// The handle of connection `id`.
    #[inline]
    pub fn of(&self, id: WsiId) -> *mut lws {
        ptr::without_provenance_mut(self.base + UNIT * name(id.index(), id.generation()))
    }
}

/// What `address` names; `None` for anything that never was a handle of ours.
pub fn decode(address: usize) -> Option<Named> {
    for (number, base) in BASES.iter().enumerate().take(slots::used()) {
        let base = base.load(Ordering::Acquire);
        let offset = address.wrapping_sub(base);
        if base == 0 || offset >= SPAN || offset % UNIT != 0 {
            continue;
        }
        let name = (offset / UNIT) as u32;
        let (index, generation) = (name & CONTEXT_INDEX, name >> INDEX_BITS);
        return Some(match index {
            CONTEXT_INDEX => Named::Context(number, generation),
            MAX_SLOTS.. => Named::Vhost(number, index - MAX_SLOTS, generation),
            _ => Named::Wsi(number, WsiId::new(index, generation)),
        });
    }
    None
}

/// The handle of a connection.
pub fn of_wsi(cx: &Context, wsi: &Wsi) -> *mut lws {
    of_id(cx, wsi.id())
}

pub fn of_id(cx: &Context, id: WsiId) -> *mut lws {
    ptr::without_provenance_mut(encode(usize::from(cx.number), id.index(), id.generation()))
}

/// The handle of a vhost.
pub fn of_vhost(cx: &Context, vhost: &Vhost) -> *mut lws_vhost {
    let index = MAX_SLOTS + vhost.index.get().min(MAX_VHOSTS - 1);
    ptr::without_provenance_mut(encode(usize::from(cx.number), index, vhost.generation.get()))
}

/// The handle of the context in place `number`.
pub fn of_context(number: usize) -> *mut lws_context {
    let generation = slots::slot(number).and_then(Slot::generation).unwrap_or(0);
    ptr::without_provenance_mut(encode(number, CONTEXT_INDEX, generation))
}

/// The place a handle of any kind belongs to, if its context is alive.
pub fn slot_of(named: Named) -> Option<&'static Slot> {
    let number = match named {
        Named::Wsi(number, _) | Named::Vhost(number, ..) | Named::Context(number, _) => number,
    };
    let slot = slots::slot(number)?;
    let generation = slot.generation()?;
    match named {
        Named::Context(_, named) if named != generation & ((1 << GENERATION_BITS) - 1) => None,
        _ => Some(slot),
    }
}

/// The context a context pointer names, for any thread: only what may be shared.
pub fn shared(context: *const lws_context) -> Option<Visit> {
    match decode(context.addr())? {
        named @ Named::Context(..) => slot_of(named)?.shared(),
        _ => None,
    }
}

/// The program's timers of a context; any thread.
pub fn suls(context: *mut lws_context) -> Option<Visit<Suls>> {
    shared(context).map(|visit| visit.part(|shared| &shared.suls))
}

/// The message distribution of a context; any thread.
pub fn smd(context: *mut lws_context) -> Option<Visit<Smd>> {
    shared(context).map(|visit| visit.part(|shared| &shared.smd))
}

/// The blobs of a context; any thread.
pub fn blobs(context: *mut lws_context) -> Option<Visit<Blobs>> {
    shared(context).map(|visit| visit.part(|shared| &shared.blobs))
}

/// A connection, held by an entry into its context.
pub struct WsiRef {
    pub entered: Entered,
    id: WsiId,
}

impl Deref for WsiRef {
    type Target = Wsi;

    fn deref(&self) -> &Wsi {
        // The id was found when this was made, and nothing in between can recycle a slot: that takes the claim.
        match self.entered.wsi(self.id) {
            Some(wsi) => wsi,
            None => unreachable!("the slot was live when the entry was made"),
        }
    }
}

/// The connection a pointer names, for a getter of any thread. Logs nothing.
pub fn wsi(wsi: *const lws) -> Option<WsiRef> {
    match decode(wsi.addr())? {
        named @ Named::Wsi(_, id) => {
            let entered = Entered::new(slot_of(named)?, Access::Getter).ok()?;
            entered.wsi(id)?;
            Some(WsiRef { entered, id })
        }
        _ => None,
    }
}

/// The connection of `cx` that a pointer names; those of other contexts are none.
pub fn wsi_in(cx: &Context, wsi: *const lws) -> Option<WsiId> {
    match decode(wsi.addr())? {
        Named::Wsi(number, id) if number == usize::from(cx.number) => cx.wsi(id).map(|_| id),
        _ => None,
    }
}

/// The vhost of `cx` that a pointer names; those of other contexts are none.
pub fn vhost_in(cx: &Context, vhost: *const lws_vhost) -> Option<Rc<Vhost>> {
    match decode(vhost.addr())? {
        Named::Vhost(number, index, generation) if number == usize::from(cx.number) => cx.vhost_at(index, generation),
        _ => None,
    }
}

/// A vhost, held by an entry into its context.
pub struct VhostRef {
    // Dropped first, while the claim is still held: the count is not atomic.
    pub vhost: Rc<Vhost>,
    pub entered: Entered,
}

impl Deref for VhostRef {
    type Target = Vhost;

    fn deref(&self) -> &Vhost {
        &self.vhost
    }
}

/// The vhost a pointer names, for a getter of any thread. Logs nothing.
pub fn vhost(vhost: *const lws_vhost) -> Option<VhostRef> {
    match decode(vhost.addr())? {
        named @ Named::Vhost(_, index, generation) => {
            let entered = Entered::new(slot_of(named)?, Access::Getter).ok()?;
            let vhost = entered.vhost_at(index, generation)?;
            Some(VhostRef { entered, vhost })
        }
        _ => None,
    }
}

/// The context a pointer names, for a getter of any thread. Logs nothing.
pub fn context(context: *const lws_context) -> Option<Entered> {
    match decode(context.addr())? {
        named @ Named::Context(..) => Entered::new(slot_of(named)?, Access::Getter).ok(),
        _ => None,
    }
}

//! Where connections live: slots that never move, named by index and generation.
//!
//! A freed slot goes to the back of a queue and a new one is preferred while that queue is short, so that a stale
//! name is mistaken for a live one only after its slot was used 4096 times more.
use super::wsi::Wsi;
use std::cell::{Cell, OnceCell};
use std::collections::VecDeque;

/// Name of a connection inside its context: index (20 bits) and generation (12 bits) of the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WsiId(u32);

pub const INDEX_BITS: u32 = 20;
pub const GENERATION_BITS: u32 = 12;
/// Indexes at and above this are names of vhosts and contexts in a handle, never of connections.
pub const MAX_SLOTS: u32 = 0xE0000;
/// Reuse waits until this many slots are free.
const SHORT_QUEUE: usize = 256;

const CHUNK: usize = 256;
const MIDDLE: usize = 64;
const OUTER: usize = 64;

impl WsiId {
    pub fn new(index: u32, generation: u32) -> Self {
        WsiId(index & ((1 << INDEX_BITS) - 1) | generation << INDEX_BITS)
    }

    pub fn index(self) -> u32 {
        self.0 & ((1 << INDEX_BITS) - 1)
    }

    pub fn generation(self) -> u32 {
        self.0 >> INDEX_BITS
    }

    pub fn bits(self) -> u64 {
        u64::from(self.0)
    }

    /// Undoes [`bits`](Self::bits).
    pub fn from_bits(bits: u64) -> Self {
        WsiId(bits as u32)
    }
}

type Chunk = Box<[Wsi]>;
type Middle = Box<[OnceCell<Chunk>]>;

/// All connections of one context.
pub struct Table {
    chunks: [OnceCell<Middle>; OUTER],
    free: Cell<VecDeque<u32>>,
    /// Slots that exist; indexes below it may be visited.
    used: Cell<u32>,
    live: Cell<u32>,
    limit: Cell<u32>,
    /// Generation that new slots start with: above all that an earlier context of this number used.
    first_generation: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self::starting_at(0)
    }
}

impl Table {
    /// An empty table whose first names have this generation; see [`next_generation`](Self::next_generation).
    pub fn starting_at(generation: u32) -> Self {
        Table {
            chunks: [const { OnceCell::new() }; OUTER],
            free: Cell::default(),
            used: Cell::new(0),
            live: Cell::new(0),
            limit: Cell::new(MAX_SLOTS),
            first_generation: generation,
        }
    }

    /// Most connections at a time; the descriptor limit of the process, no allocation follows from it.
    pub fn set_limit(&self, limit: u32) {
        self.limit.set(limit.min(MAX_SLOTS));
    }

    /// Connections alive now.
    pub fn live(&self) -> u32 {
        self.live.get()
    }

    /// One past the highest index in use so far.
    pub fn high_water(&self) -> u32 {
        self.used.get()
    }

    fn slot(&self, index: u32) -> Option<&Wsi> {
        let index = index as usize;
        let middle = self.chunks.get(index / (CHUNK * MIDDLE))?.get()?;
        middle.get(index / CHUNK % MIDDLE)?.get()?.get(index % CHUNK)
    }

    /// The connection in slot `index` now, whatever its generation; `None` for a free slot.
    pub fn at(&self, index: u32) -> Option<&Wsi> {
        self.slot(index).filter(|wsi| wsi.is_live())
    }

    /// The connection named `id`, unless it is gone.
    pub fn get(&self, id: WsiId) -> Option<&Wsi> {
        self.slot(id.index()).filter(|wsi| wsi.id() == id && wsi.is_live())
    }

    /// The slot that once was `id` and now belongs to nobody or somebody else: for telling why it went.
    pub fn former(&self, id: WsiId) -> Option<&Wsi> {
        self.slot(id.index())
    }

    /// Whether `count` more connections fit.
    pub fn has_room(&self, count: u32) -> bool {
        self.live.get().saturating_add(count) <= self.limit.get()
    }

    /// A fresh connection, or `None` at the limit.
    pub fn insert(&self) -> Option<&Wsi> {
        if self.live.get() >= self.limit.get() {
            return None;
        }
        let mut free = self.free.take();
        let reuse = if free.len() >= SHORT_QUEUE || self.used.get() >= MAX_SLOTS { free.pop_front() } else { None };
        self.free.set(free);
        let index = match reuse {
            Some(index) => index,
            None => {
                let index = self.used.get();
                self.grow(index)?;
                self.used.set(index + 1);
                index
            }
        };
        let wsi = self.slot(index)?;
        wsi.revive();
        self.live.set(self.live.get() + 1);
        Some(wsi)
    }

    fn grow(&self, index: u32) -> Option<()> {
        if index >= MAX_SLOTS {
            return None;
        }
        let at = index as usize;
        let outer = self.chunks.get(at / (CHUNK * MIDDLE))?;
        let middle = outer.get_or_init(|| (0..MIDDLE).map(|_| OnceCell::new()).collect());
        let start = index - index % CHUNK as u32;
        middle.get(at / CHUNK % MIDDLE)?.get_or_init(|| {
            (start..start + CHUNK as u32).map(|i| Wsi::vacant(WsiId::new(i, self.first_generation))).collect()
        });
        Some(())
    }

    /// Gives the slot of a closed connection back; its name is dead from here on.
    pub fn remove(&self, wsi: &Wsi) {
        if !wsi.is_live() {
            return;
        }
        wsi.retire();
        self.live.set(self.live.get() - 1);
        let mut free = self.free.take();
        free.push_back(wsi.id().index());
        self.free.set(free);
    }

    /// The generation with which a later table of the same context number has to start, so that names of this one stay dead.
    pub fn next_generation(&self) -> u32 {
        let highest = (0..self.used.get()).filter_map(|i| self.slot(i)).map(|wsi| wsi.id().generation()).max();
        highest.map_or(self.first_generation, |generation| generation + 1) % (1 << GENERATION_BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_connection_is_not_found_under_its_old_name() {
        let table = Table::default();
        let first = table.insert().unwrap();
        let name = first.id();
        assert!(table.get(name).is_some());
        table.remove(first);
        assert!(table.get(name).is_none());
        assert_eq!(table.live(), 0);
        for _ in 0..if cfg!(miri) { SHORT_QUEUE + 20 } else { 2000 } {
            let next = table.insert().unwrap();
            assert_ne!(next.id(), name);
            table.remove(next);
        }
        assert!(table.get(name).is_none());
        assert!(table.high_water() <= SHORT_QUEUE as u32 + 1);
    }

    #[test]
    fn a_reused_slot_does_not_know_how_the_connection_before_ended() {
        let table = Table::default();
        for _ in 0..=if cfg!(miri) { SHORT_QUEUE + 8 } else { 2 * SHORT_QUEUE } {
            let next = table.insert().unwrap();
            assert!(next.peek_rare(|rare| rare.cause.is_none()).unwrap_or(true));
            next.with_rare(|rare| rare.cause = Some(crate::engine::close::CloseCause::ours("test")));
            table.remove(next);
        }
    }

    #[test]
    fn names_of_an_earlier_table_stay_dead() {
        let earlier = Table::default();
        let old = earlier.insert().unwrap().id();
        let table = Table::starting_at(earlier.next_generation());
        let new = table.insert().unwrap().id();
        assert_eq!(new.index(), old.index());
        assert!(table.get(old).is_none() && table.get(new).is_some());
    }

    #[test]
    fn the_limit_is_only_a_limit() {
        let table = Table::default();
        table.set_limit(2);
        let a = table.insert().unwrap();
        table.insert().unwrap();
        assert!(table.insert().is_none());
        table.remove(a);
        assert!(table.insert().is_some());
    }
}

//! Where the timers of the program are kept: nodes in its memory, in order of their due time.
//!
//! Each context has two lists, as the original has: timers that may be missed while a device sleeps, and timers that
//! wake it. The lists are real `lws_dll2` lists, so that programs may look at `sul.list.owner` and may call
//! `lws_dll2_remove`. Finding the place of a new timer by walking would make ten thousand timers slow, so an index in
//! order of due time stands beside the lists; the links are always made from the index, never followed.
//!
//! The owners live in a fixed table and never move or go away. That makes "is this node a timer?" two comparisons, and
//! a node that outlived its context harmless: its owner is a place of ours that knows nothing of it.
//!
//! Timers are unlinked and zeroed before they are called; one at a time, with no lock held, so that a callback may
//! schedule, cancel and free whatever it likes.
//!
//! # What C promises
//!
//! A timer is zeroed before its first use, and cancelled before its memory goes away.
#![allow(unsafe_code)]

use super::dll2;
use super::layout::{LWSSULLI_WAKE_IF_SUSPENDED, lws_dll2, lws_dll2_owner, lws_sorted_usec_list, lws_usec_t, sul_cb_t};
use super::sul::complain;
use std::cell::UnsafeCell;
use std::collections::BTreeMap;
use std::ffi::c_int;
use std::ops::Bound;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// The timers of one context. Any thread may use it.
pub struct Suls {
    slot: &'static Slot,
    on_earlier: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl Suls {
    /// Takes a free place in the table; `None` when there are too many contexts.
    pub fn new() -> Option<Self> {
        let free = |slot: &&Slot| !slot.used.swap(true, Ordering::AcqRel);
        SLOTS.iter().find(free).map(|slot| Self { slot, on_earlier: OnceLock::new() })
    }

    /// Sets what is to be done whenever a new timer is due before all others: wake a loop that sleeps too long.
    ///
    /// Called in the thread that schedules, with no lock held. The first call counts.
    pub fn on_earlier(&self, wake: impl Fn() + Send + Sync + 'static) {
        let _ = self.on_earlier.set(Box::new(wake));
    }

    /// Schedules at the absolute time `due`; `flags` as in `lws_sul2_schedule`.
    ///
    /// # Safety
    /// `sul` is a valid timer, see the module.
    pub unsafe fn schedule_at(
        &self,
        function: &'static str,
        sul: *mut lws_sorted_usec_list,
        cb: sul_cb_t,
        due: lws_usec_t,
        flags: c_int,
    ) {
        if cb.is_none() {
            return complain(function, "a timer needs a callback");
        }
        let list = TimerList { slot: self.slot, which: usize::from(flags & LWSSULLI_WAKE_IF_SUSPENDED != 0) };
        // SAFETY: the caller's promise.
        unsafe {
            (*sul).cb = cb;
            list.insert(sul, due);
        }
        // Looked at after the insertion: the service thread may have taken the earlier first one in the meantime.
        if self.slot.next_due().is_some_and(|first| first >= due)
            && let Some(wake) = self.on_earlier.get()
        {
            wake();
        }
    }

    /// Due time of the first timer of both lists, on the clock of `lws_now_usecs()`.
    pub fn next_due(&self) -> Option<lws_usec_t> {
        self.slot.next_due()
    }

    /// Unlinks and returns the first timer that is due at `now`.
    ///
    /// The service turn asks once more after each call, with the same `now`: what was scheduled meanwhile for a later
    /// time waits for the next turn.
    pub fn pop_ripe(&self, now: lws_usec_t) -> Option<Ripe> {
        self.slot.pop_ripe(now)
    }

    /// Due time of the first timer that wakes a sleeping device.
    pub fn earliest_wakeable(&self) -> Option<lws_usec_t> {
        self.slot.lock().lists[WAKE].keys().next().map(|key| key.0)
    }

    /// The two list heads, as the original's event loop plugins know them: an array.
    pub fn owners(&self) -> *mut lws_dll2_owner {
        self.slot.owners.get().cast()
    }
}

impl Drop for Suls {
    fn drop(&mut self) {
        self.slot.abandon();
        self.slot.used.store(false, Ordering::Release);
    }
}

/// A timer that is due: unlinked, its `us` zeroed, about to be called.
pub struct Ripe {
    pub sul: *mut lws_sorted_usec_list,
    pub cb: unsafe extern "C" fn(*mut lws_sorted_usec_list),
}

/// One of the two lists of a context.
#[derive(Clone, Copy)]
pub struct TimerList {
    slot: &'static Slot,
    which: usize,
}

impl TimerList {
    /// The list whose head is at `owner`, if that is one of ours.
    pub fn of(owner: *const lws_dll2_owner) -> Option<Self> {
        let offset = owner.addr().wrapping_sub(SLOTS.as_ptr().addr());
        if offset >= size_of_val(&SLOTS) {
            return None;
        }
        let slot = &SLOTS[offset / size_of::<Slot>()];
        let which = (0..LISTS).find(|which| ptr::eq(slot.owner(*which), owner))?;
        Some(Self { slot, which })
    }

    /// Puts `sul` at its place; it is removed from where it was.
    ///
    /// # Safety
    /// `sul` is a valid timer, see the module.
    pub unsafe fn insert(self, sul: *mut lws_sorted_usec_list, due: lws_usec_t) {
        // SAFETY: the caller's promise.
        unsafe {
            let was_in = (*sul).list.owner;
            // Zeroed while it was scheduled, or in the other list of this context: the index knows.
            if was_in.is_null() || Self::of(was_in).is_some_and(|list| ptr::eq(list.slot, self.slot)) {
                let mut index = self.slot.lock();
                self.slot.forget(&mut index, sul);
                self.slot.insert(&mut index, self.which, sul, due);
            } else {
                dll2::remove(&raw mut (*sul).list);
                self.slot.insert(&mut self.slot.lock(), self.which, sul, due);
            }
        }
    }

    /// Takes `sul` out and leaves its node detached; `us` stays.
    ///
    /// # Safety
    /// `sul` is a timer whose memory is valid; it may turn out not to be scheduled.
    pub unsafe fn remove(self, sul: *mut lws_sorted_usec_list) {
        let mut index = self.slot.lock();
        // SAFETY: the caller's promise.
        unsafe {
            self.slot.forget(&mut index, sul);
            (*sul).list = dll2::DETACHED;
        }
    }

    /// As `Suls::pop_ripe` of the context this list belongs to.
    pub fn pop_ripe(self, now: lws_usec_t) -> Option<Ripe> {
        self.slot.pop_ripe(now)
    }

    /// As `Suls::next_due` of the context this list belongs to.
    pub fn next_due(self) -> Option<lws_usec_t> {
        self.slot.next_due()
    }

    /// Forgets all timers of the list without touching them.
    pub fn clear(self) {
        let mut index = self.slot.lock();
        let addresses: Vec<_> = std::mem::take(&mut index.lists[self.which]).into_values().collect();
        for address in addresses {
            index.keys.remove(&address);
        }
        // SAFETY: the owner is only touched under the lock.
        unsafe { self.slot.owner(self.which).write(dll2::EMPTY) };
    }
}

/// The first list: timers that may be missed. The second: timers that wake.
pub const LISTS: usize = 2;
const WAKE: usize = 1;
/// Twice the contexts that can exist at a time: a place is given back only when another context moves in.
const CONTEXTS: usize = 128;

/// Due time, then age: of equal due times the newest comes first.
type Key = (lws_usec_t, u64);

/// What is in the lists of one context.
struct Index {
    lists: [BTreeMap<Key, usize>; LISTS],
    /// Node address to list and key: a program may have changed `sul->us` since.
    keys: BTreeMap<usize, (usize, Key)>,
    next_age: u64,
}

/// The lists of one context: heads and index.
struct Slot {
    /// INVARIANT: only touched while `index` is locked.
    owners: UnsafeCell<[lws_dll2_owner; LISTS]>,
    index: Mutex<Index>,
    used: AtomicBool,
}

// SAFETY: `owners` is only touched while `index` is locked; the addresses in the index are only followed under the lock
// as well, and what the program does to its own nodes at the same time is its own promise.
unsafe impl Sync for Slot {}

static SLOTS: [Slot; CONTEXTS] = [const { Slot::new() }; CONTEXTS];

impl Slot {
    const fn new() -> Self {
        Self {
            owners: UnsafeCell::new([dll2::EMPTY; LISTS]),
            index: Mutex::new(Index { lists: [const { BTreeMap::new() }; LISTS], keys: BTreeMap::new(), next_age: 0 }),
            used: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn owner(&self, which: usize) -> *mut lws_dll2_owner {
        self.owners.get().cast::<lws_dll2_owner>().wrapping_add(which)
    }

    fn next_due(&self) -> Option<lws_usec_t> {
        self.lock().first().map(|(_, key)| key.0)
    }

    fn pop_ripe(&self, now: lws_usec_t) -> Option<Ripe> {
        let mut index = self.lock();
        loop {
            let (which, key) = index.first().filter(|(_, key)| key.0 <= now)?;
            let sul = node_at(*index.lists[which].get(&key)?);
            // SAFETY: a timer that was not cancelled is valid; under the lock.
            unsafe {
                self.forget(&mut index, sul);
                if (*sul).list.owner != self.owner(which) {
                    // The program zeroed it while it was scheduled: it is not to be called.
                    continue;
                }
                (*sul).list = dll2::DETACHED;
                (*sul).us = 0;
                if let Some(cb) = (*sul).cb {
                    return Some(Ripe { sul, cb });
                }
            }
        }
    }

    /// Puts a timer that is in no list at its place.
    ///
    /// # Safety
    /// `sul` is a valid timer; `index` is the lock of this slot.
    unsafe fn insert(&self, index: &mut Index, which: usize, sul: *mut lws_sorted_usec_list, due: lws_usec_t) {
        let key = (due, u64::MAX - index.next_age);
        index.next_age += 1;
        let (prev, next) = index.neighbours(which, key);
        index.lists[which].insert(key, sul.expose_provenance());
        index.keys.insert(sul.addr(), (which, key));
        let owner = self.owner(which);
        // SAFETY: the caller's promise.
        unsafe {
            (*sul).us = due;
            (*sul).list = lws_dll2 { prev, next, owner };
            self.set_next(which, prev, sul.cast());
            self.set_prev(which, next, sul.cast());
        }
        self.count(index, which);
    }

    /// Takes a timer out of list and index, if it is in there. Its own node is not written.
    ///
    /// # Safety
    /// `index` is the lock of this slot.
    unsafe fn forget(&self, index: &mut Index, sul: *mut lws_sorted_usec_list) {
        let Some((which, key)) = index.keys.remove(&sul.addr()) else { return };
        index.lists[which].remove(&key);
        let (prev, next) = index.neighbours(which, key);
        // SAFETY: the caller's promise.
        unsafe {
            self.set_next(which, prev, next);
            self.set_prev(which, next, prev);
        }
        self.count(index, which);
    }

    /// Makes `next` what follows `node`; NULL for `node` means the head of the list.
    ///
    /// # Safety
    /// `node` is NULL or a timer of the list; under the lock.
    unsafe fn set_next(&self, which: usize, node: *mut lws_dll2, next: *mut lws_dll2) {
        let owner = self.owner(which);
        // SAFETY: the caller's promise. A node that was zeroed meanwhile is left alone.
        unsafe {
            if node.is_null() {
                (*owner).head = next;
            } else if (*node).owner == owner {
                (*node).next = next;
            }
        }
    }

    /// Makes `prev` what `node` follows; NULL for `node` means the tail of the list.
    ///
    /// # Safety
    /// As for `set_next`.
    unsafe fn set_prev(&self, which: usize, node: *mut lws_dll2, prev: *mut lws_dll2) {
        let owner = self.owner(which);
        // SAFETY: the caller's promise. A node that was zeroed meanwhile is left alone.
        unsafe {
            if node.is_null() {
                (*owner).tail = prev;
            } else if (*node).owner == owner {
                (*node).prev = prev;
            }
        }
    }

    fn count(&self, index: &Index, which: usize) {
        let count = u32::try_from(index.lists[which].len()).unwrap_or(u32::MAX);
        // SAFETY: the owner is only touched under the lock, which the caller holds as `index`.
        unsafe { (*self.owner(which)).count = count };
    }

    /// The context goes away: its timers will not be called. Their memory may be gone already and is not touched.
    fn abandon(&'static self) {
        for which in 0..LISTS {
            TimerList { slot: self, which }.clear();
        }
    }
}

impl Index {
    /// List and key of the timer that is due first.
    fn first(&self) -> Option<(usize, Key)> {
        let first = |which: usize| self.lists[which].keys().next().map(|key| (which, *key));
        (0..LISTS).filter_map(first).min_by_key(|(_, key)| *key)
    }

    /// The nodes in front of and behind the place of `key`.
    fn neighbours(&self, which: usize, key: Key) -> (*mut lws_dll2, *mut lws_dll2) {
        let list = &self.lists[which];
        let prev = list.range(..key).next_back();
        let next = list.range((Bound::Excluded(key), Bound::Unbounded)).next();
        let node =
            |entry: Option<(&Key, &usize)>| entry.map_or(ptr::null_mut(), |(_, address)| node_at(*address).cast());
        (node(prev), node(next))
    }
}

fn node_at(address: usize) -> *mut lws_sorted_usec_list {
    ptr::with_exposed_provenance_mut(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::sul::{call, lws_sul_cancel};
    use std::cell::Cell;

    thread_local! {
        static CALLED: Cell<u32> = const { Cell::new(0) };
    }

    unsafe extern "C" fn count(_sul: *mut lws_sorted_usec_list) {
        CALLED.set(CALLED.get() + 1);
    }

    const UNUSED: lws_sorted_usec_list = lws_sorted_usec_list { list: dll2::DETACHED, us: 0, cb: None, latency_us: 0 };

    fn add(suls: &Suls, sul: *mut lws_sorted_usec_list, due: lws_usec_t, flags: c_int) {
        // SAFETY: the tests pass timers that live until the end of the test.
        unsafe { suls.schedule_at("test", sul, Some(count), due, flags) };
    }

    /// The list as a walk over its links sees it, forwards; checks the way back.
    fn walk(suls: &Suls, which: usize) -> Vec<lws_usec_t> {
        let mut found = Vec::new();
        // SAFETY: the tests keep all listed timers alive.
        unsafe {
            let owner = suls.owners().add(which);
            let (mut node, mut prev) = ((*owner).head, ptr::null_mut());
            while !node.is_null() {
                assert_eq!((*node).prev, prev);
                assert_eq!((*node).owner, owner);
                found.push((*node.cast::<lws_sorted_usec_list>()).us);
                (prev, node) = (node, (*node).next);
            }
            assert_eq!((*owner).tail, prev);
            assert_eq!((*owner).count as usize, found.len());
        }
        found
    }

    #[test]
    fn timers_come_in_order_of_due_time_and_newest_first_when_equal() {
        let suls = Suls::new().unwrap();
        let mut timers = [UNUSED; 5];
        let base = timers.as_mut_ptr();
        for (at, due) in [30, 10, 20, 10, 10].into_iter().enumerate() {
            add(&suls, base.wrapping_add(at), due, if at == 2 { LWSSULLI_WAKE_IF_SUSPENDED } else { 0 });
        }
        assert_eq!(walk(&suls, 0), [10, 10, 10, 30]);
        assert_eq!(suls.earliest_wakeable(), Some(20));
        let mut order = Vec::new();
        while let Some(ripe) = suls.pop_ripe(20) {
            // SAFETY: popped from `timers`.
            order.push(unsafe { ripe.sul.offset_from(base) });
            // SAFETY: as above; nothing is borrowed.
            unsafe {
                assert!((*ripe.sul).list.owner.is_null() && (*ripe.sul).us == 0);
                call(ripe);
            }
        }
        assert_eq!(order, [4, 3, 1, 2]);
        assert_eq!(suls.next_due(), Some(30));
        assert_eq!(CALLED.get(), 4);
    }

    #[test]
    fn removal_by_any_name_keeps_list_and_index_right() {
        let suls = Suls::new().unwrap();
        let mut timers = [UNUSED; 4];
        let base = timers.as_mut_ptr();
        for at in 0..4 {
            add(&suls, base.wrapping_add(at), at as i64, 0);
        }
        // SAFETY: valid timers.
        unsafe {
            dll2::lws_dll2_remove(base.cast());
            lws_sul_cancel(base.add(2));
            lws_sul_cancel(base.add(2));
            dll2::lws_dll2_clear(base.add(1).cast());
        }
        assert_eq!(walk(&suls, 0), [3]);
        assert_eq!(suls.next_due(), Some(3));
        add(&suls, base, 7, LWSSULLI_WAKE_IF_SUSPENDED);
        add(&suls, base, 8, 0);
        assert_eq!((walk(&suls, 0), walk(&suls, WAKE)), (vec![3, 8], vec![]));
    }

    #[test]
    fn timer_zeroed_while_scheduled_is_not_called_and_can_be_used_again() {
        let suls = Suls::new().unwrap();
        let mut timers = [UNUSED; 3];
        let base = timers.as_mut_ptr();
        for at in 0..3 {
            add(&suls, base.wrapping_add(at), at as i64, 0);
        }
        // SAFETY: a valid timer.
        unsafe { base.add(1).write(UNUSED) };
        let popped: Vec<_> = std::iter::from_fn(|| suls.pop_ripe(9)).map(|ripe| ripe.sul).collect();
        assert_eq!(popped, [base, base.wrapping_add(2)]);
        add(&suls, base, 1, 0);
        // SAFETY: a valid timer.
        unsafe { base.write(UNUSED) };
        add(&suls, base, 5, 0);
        assert_eq!(walk(&suls, 0), [5]);
    }

    #[test]
    fn timers_that_outlive_their_context_are_harmless() {
        let mut timer = UNUSED;
        let suls = Suls::new().unwrap();
        add(&suls, &raw mut timer, 5, 0);
        drop(suls);
        assert!(!timer.list.owner.is_null());
        // SAFETY: a valid timer.
        unsafe { lws_sul_cancel(&raw mut timer) };
        assert!(timer.list.owner.is_null() && timer.us == 0);
    }

    #[test]
    fn wake_is_asked_for_only_when_the_first_due_time_moves_forward() {
        let suls = Suls::new().unwrap();
        let wakes = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let counter = wakes.clone();
        suls.on_earlier(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let mut timers = [UNUSED; 3];
        for (at, due) in [50, 60, 40].into_iter().enumerate() {
            add(&suls, &raw mut timers[at], due, 0);
        }
        assert_eq!(wakes.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn ten_thousand_timers_are_scheduled_and_popped_in_order() {
        let count = if cfg!(miri) { 100 } else { 10_000 };
        let suls = Suls::new().unwrap();
        let mut timers = vec![UNUSED; count];
        let base = timers.as_mut_ptr();
        let mut seed = 1u64;
        for at in 0..count {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            add(&suls, base.wrapping_add(at), (seed >> 40) as i64, 0);
        }
        let listed = walk(&suls, 0);
        assert!(listed.is_sorted() && listed.len() == count);
        let mut popped = 0;
        while suls.pop_ripe(i64::MAX).is_some() {
            popped += 1;
        }
        assert_eq!((popped, walk(&suls, 0).len()), (count, 0));
    }
}

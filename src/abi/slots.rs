//! The contexts of the process: 64 places, each with a claim that one thread at a time holds.
//!
//! A [`Context`] is touched only by the thread that holds its claim. The outermost entry from C takes it (one
//! compare-and-swap), nested entries recognise it, and it is given up while the loop sleeps. What other threads may use
//! without it is in [`Shared`]: locks and atomics only.
//!
//! # Invariants
//!
//! * `Slot::context` is read or written only by the thread whose number is in `Slot::claim`.
//! * A `Context` is dropped only when the outermost frame of the claim's thread ends, so no borrow of it is left.
//! * `Slot::called` and `Slot::called_wsi` are 0 in a process that was forked, till the context is its own (`Context::settle`).
//! * `Slot::called_wsi` is set only while a callback about that connection runs, in the thread that holds the claim: it
//!   points into the context's table, whose slots never move, and the connection is pinned.
//! * `Slot::shared` stays allocated until the place is used by another context, and longer while `Slot::visitors` is
//!   not zero: then it is never freed, which costs some hundred bytes in the rarest of cases.
#![allow(unsafe_code)]

use super::containers::blob::Blobs;
use super::evlib::watch::Watch;
use super::layout::{lws_context, lws_log_cx, lws_state_manager_t, lws_state_notify_link_t};
use super::smd::Smd;
use super::suls::Suls;
use super::system::System;
use crate::engine::context::Context;
use crate::engine::wake::Wake;
use crate::engine::wsi::Wsi;
use crate::engine::{fork, sys};
use std::cell::{Cell, UnsafeCell};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Once, OnceLock};

/// Contexts that can exist at a time; 6 bits of a handle.
pub const CONTEXTS: usize = 64;

/// What any thread may use while the context's handle is good.
pub struct Shared {
    pub suls: Suls,
    pub smd: Smd,
    pub blobs: Blobs,
    pub wake: Arc<Wake>,
    /// The system state manager; the service thread's, at a fixed address.
    pub states: Box<UnsafeCell<lws_state_manager_t>>,
    /// The library's own notifier; as `states`.
    pub hold: Box<UnsafeCell<lws_state_notify_link_t>>,
    /// Where `*info.pcontext` is cleared at the end; NULL: nowhere.
    pub pcontext: AtomicPtr<*mut lws_context>,
    /// info.external_baggage_free_on_destroy.
    pub baggage: AtomicUsize,
    pub log_cx: AtomicPtr<lws_log_cx>,
    /// Opaque: info.system_ops.
    pub system_ops: AtomicUsize,
    pub fops: AtomicUsize,
    /// The table of the platform's file operations that was made for this context; 0: none yet.
    pub platform_fops: AtomicUsize,
    pub system: System,
    pub canonical_hostname: std::ffi::CString,
    /// The loop of an event library, if the context is in one.
    pub watch: OnceLock<Watch>,
    /// Memory of the loop operations of the program; NULL where there are none.
    pub evlib_pt: AtomicPtr<std::ffi::c_void>,
}

// SAFETY: everything in it is a lock, an atomic or never changes, but for `states` and `hold`, which only the service thread
// touches, as the original demands of programs too, and a timer in `system`, which the lock of the timers guards.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

/// One place. Aligned so that threads with a context each do not write to each other's cache lines.
#[repr(align(128))]
pub struct Slot {
    /// Token of the thread that is inside, 0 for none.
    claim: AtomicUsize,
    /// Frames of that thread. Written by it alone.
    nesting: AtomicU32,
    /// Other threads that wait for the claim.
    waiting: AtomicU32,
    /// Token and number of the thread that services or made the context.
    service_token: AtomicUsize,
    service_thread: AtomicU32,
    /// A thread is inside a service call (also while it sleeps there).
    in_service: AtomicBool,
    /// No service call was made yet: the thread that made the context may hand it over.
    unserviced: AtomicBool,
    /// Handle of the connection whose callback runs, 0 outside of callbacks. Written by the claim's thread alone.
    called: AtomicUsize,
    /// The connection itself.
    called_wsi: AtomicPtr<Wsi>,
    /// All bits: callbacks are known in `called`. 0: not in this process, which was forked and has not settled.
    known_mask: AtomicUsize,
    /// A loop that is not ours watches the context: what changes outside of service calls must reach its descriptor.
    watched: AtomicBool,
    taken: AtomicBool,
    /// Generation of the context's handle; odd numbers mean "alive".
    life: AtomicU32,
    /// First generation of connections of the next context here.
    next_generation: AtomicU32,
    context: UnsafeCell<Option<Box<Context>>>,
    shared: AtomicPtr<Shared>,
    /// Threads that use what `shared` points to without the claim.
    visitors: AtomicU32,
}

/// Use of a context's [`Shared`], or of a part of it, by any thread.
pub struct Visit<T: 'static = Shared> {
    place: &'static Slot,
    part: &'static T,
}

impl Visit<Shared> {
    /// Goes on with one part.
    pub fn part<T>(self, choose: impl FnOnce(&'static Shared) -> &'static T) -> Visit<T> {
        self.place.visitors.fetch_add(1, Ordering::SeqCst);
        Visit { place: self.place, part: choose(self.part) }
    }

    /// Goes on with one part, if it is there.
    pub fn part_if<T>(self, choose: impl FnOnce(&'static Shared) -> Option<&'static T>) -> Option<Visit<T>> {
        let part = choose(self.part)?;
        Some(self.part(|_| part))
    }
}

impl<T> std::ops::Deref for Visit<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.part
    }
}

impl<T> Drop for Visit<T> {
    fn drop(&mut self) {
        self.place.visitors.fetch_sub(1, Ordering::SeqCst);
    }
}

// SAFETY: `context` is guarded by `claim`, see the invariants.
unsafe impl Sync for Slot {}

static SLOTS: [Slot; CONTEXTS] = [const { Slot::new() }; CONTEXTS];
/// One past the highest place used so far.
static USED: AtomicUsize = AtomicUsize::new(0);

/// How often the loop yields to threads that wait for the claim, per turn.
const WAYS_GIVEN: u32 = 200;

/// A thread that waits for the claim, as long as this lives.
pub struct InLine<'a>(&'a Slot);

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

thread_local! {
    static THREAD: Cell<u32> = const { Cell::new(0) };
}

/// Number of this thread.
pub fn this_thread() -> u32 {
    THREAD.with(|thread| {
        if thread.get() == 0 {
            thread.set(sys::thread_id());
        }
        thread.get()
    })
}

/// What the claim knows this thread by: cheaper to find than its number, different in all threads that live.
#[inline]
fn this_token() -> usize {
    sys::thread_token()
}

/// The place with this number.
pub fn slot(number: usize) -> Option<&'static Slot> {
    SLOTS.get(number)
}

/// Runs inside fork(2), in the child: atomics and the thread's own number only.
extern "C" fn in_child() {
    fork::happened();
    THREAD.with(|thread| thread.set(0));
    for slot in SLOTS.iter().take(used()) {
        slot.after_fork();
    }
}

/// How many places may have a context.
pub fn used() -> usize {
    USED.load(Ordering::Acquire)
}

/// The place of the callback that this thread is in, if `address` is the handle of the connection it is about.
#[inline(always)]
fn calling(address: usize) -> Option<&'static Slot> {
    // Most programs have one context.
    let slot = match SLOTS.first().filter(|slot| slot.called.load(Ordering::Relaxed) == address) {
        Some(slot) => slot,
        None => further_slot(address)?,
    };
    (slot.claim.load(Ordering::Relaxed) == this_token()).then_some(slot)
}

/// The context and connection of the callback that this thread is in, if `address` is the handle of that connection.
///
/// Most calls of a program are about the connection it was just called for: this spares them all that finding and
/// claiming takes. Nothing else has to be judged, since the frame below the callback holds the claim.
///
/// # Safety
/// The result is not used any more when the calling function of the library returns to the callback.
#[inline]
pub unsafe fn called(address: usize) -> Option<(&'static Context, &'static Wsi)> {
    let slot = calling(address)?;
    // SAFETY: this thread holds the claim, so it wrote both, and by the caller's promise the callback that they belong to
    // does not return before they are done with: above it no context is dropped and no pinned slot recycled.
    unsafe { Some((slot.context()?, slot.called_wsi.load(Ordering::Relaxed).as_ref()?)) }
}

/// [`called`] for who needs no context.
///
/// # Safety
/// As [`called`].
#[inline(always)]
pub unsafe fn called_wsi(address: usize) -> Option<&'static Wsi> {
    // SAFETY: as in `called`.
    unsafe { calling(address)?.called_wsi.load(Ordering::Relaxed).as_ref() }
}

/// The search of [`calling`] behind the first place.
#[cold]
fn further_slot(address: usize) -> Option<&'static Slot> {
    SLOTS.iter().take(used()).skip(1).find(|slot| slot.called.load(Ordering::Relaxed) == address)
}

/// Takes a free place; `None` when there are 64 contexts.
pub fn reserve() -> Option<(usize, &'static Slot)> {
    static WATCH_FORKS: Once = Once::new();
    WATCH_FORKS.call_once(|| sys::on_fork(in_child));
    let free = |slot: &Slot| !slot.taken.swap(true, Ordering::AcqRel);
    let number = SLOTS.iter().position(free)?;
    USED.fetch_max(number + 1, Ordering::AcqRel);
    Some((number, &SLOTS[number]))
}

impl Slot {
    const fn new() -> Self {
        Slot {
            claim: AtomicUsize::new(0),
            nesting: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            service_token: AtomicUsize::new(0),
            service_thread: AtomicU32::new(0),
            in_service: AtomicBool::new(false),
            unserviced: AtomicBool::new(false),
            called: AtomicUsize::new(0),
            called_wsi: AtomicPtr::new(ptr::null_mut()),
            known_mask: AtomicUsize::new(usize::MAX),
            watched: AtomicBool::new(false),
            taken: AtomicBool::new(false),
            life: AtomicU32::new(0),
            next_generation: AtomicU32::new(0),
            context: UnsafeCell::new(None),
            shared: AtomicPtr::new(ptr::null_mut()),
            visitors: AtomicU32::new(0),
        }
    }

    /// Gives back a place whose context was never made.
    pub fn release(&self) {
        self.taken.store(false, Ordering::Release);
    }

    pub fn next_generation(&self) -> u32 {
        self.next_generation.load(Ordering::Acquire)
    }

    /// Puts a new context in; its handle is good from here on, and the calling thread holds the claim once.
    pub fn install(&self, context: Context, shared: Shared) {
        // A getter of another thread may hold it for a moment, on its way to finding the place empty.
        while self.claim.compare_exchange_weak(0, this_token(), Ordering::AcqRel, Ordering::Acquire).is_err() {
            std::thread::yield_now();
        }
        let old = self.shared.swap(Box::into_raw(Box::new(shared)), Ordering::SeqCst);
        // Who counts itself in from here on finds the new one: see `shared`.
        if !old.is_null() && self.visitors.load(Ordering::SeqCst) == 0 {
            // SAFETY: it came from `Box::into_raw`, the claim is ours, and nobody visits.
            drop(unsafe { Box::from_raw(old) });
        }
        self.nesting.store(1, Ordering::Relaxed);
        self.become_service_thread();
        self.in_service.store(false, Ordering::Release);
        self.unserviced.store(true, Ordering::Release);
        self.watched.store(false, Ordering::Release);
        // SAFETY: this thread holds the claim.
        unsafe { *self.context.get() = Some(Box::new(context)) };
        self.life.fetch_add(1, Ordering::AcqRel);
    }

    /// In the child of a fork: only the forking thread exists here.
    fn after_fork(&self) {
        // Calls take the long way, which makes the context this process' own, and callbacks are known again behind it.
        self.known_mask.store(0, Ordering::Relaxed);
        self.set_called(0, ptr::null_mut());
        if self.service_token.load(Ordering::Acquire) == this_token() {
            self.service_thread.store(this_thread(), Ordering::Release);
        } else {
            self.in_service.store(false, Ordering::Release);
        }
        let claim = self.claim.load(Ordering::Acquire);
        if claim != 0 && claim != this_token() {
            // A thread that does not exist any more was at work on it: nobody knows how far. Its handles are dead here.
            self.end_life();
        }
    }

    /// Whether a context is here, and the generation of its handle.
    pub fn generation(&self) -> Option<u32> {
        let life = self.life.load(Ordering::Acquire);
        (life & 1 == 1).then_some(life >> 1)
    }

    /// What any thread may use; `None` when there is no context.
    pub fn shared(&'static self) -> Option<Visit> {
        self.visitors.fetch_add(1, Ordering::SeqCst);
        // SAFETY: not NULL once a generation exists. It is freed by who swapped it out before it was loaded here, or
        // who then saw no visitor: this one was counted first.
        let part = unsafe { self.shared.load(Ordering::SeqCst).as_ref() };
        match part.filter(|_| self.generation().is_some()) {
            Some(part) => Some(Visit { place: self, part }),
            None => {
                self.visitors.fetch_sub(1, Ordering::SeqCst);
                None
            }
        }
    }

    /// The context, for the thread that holds the claim.
    ///
    /// # Safety
    /// The calling thread holds the claim, and keeps it while it uses the result.
    pub unsafe fn context(&self) -> Option<&Context> {
        // SAFETY: the caller's promise.
        unsafe { (*self.context.get()).as_deref() }
    }

    /// Enters once more if this thread is inside already. The nesting has one writer, so it needs no locked addition.
    #[inline]
    pub fn nest(&self) -> bool {
        if self.claim.load(Ordering::Relaxed) != this_token() {
            return false;
        }
        self.nesting.store(self.nesting.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        true
    }

    /// Enters: nested, or by taking the claim. False: another thread is inside.
    pub fn try_claim(&self) -> bool {
        if self.nest() {
            return true;
        }
        let me = this_token();
        if self.claim.compare_exchange(0, me, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            self.nesting.store(1, Ordering::Relaxed);
            return true;
        }
        false
    }

    /// Whether this is the only frame of the claim's thread.
    pub fn is_outermost(&self) -> bool {
        self.nesting.load(Ordering::Relaxed) == 1
    }

    /// The end of a frame.
    #[inline]
    pub fn unclaim(&self) {
        let nesting = self.nesting.load(Ordering::Relaxed).saturating_sub(1);
        self.nesting.store(nesting, Ordering::Relaxed);
        if nesting == 0 {
            self.claim.store(0, Ordering::Release);
        }
    }

    /// While the result lives, the loop knows that another thread waits for the claim.
    pub fn wait_in_line(&self) -> InLine<'_> {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        InLine(self)
    }

    /// Takes the claim back after the sleep; another thread may hold it for a moment. Threads that wait go first: a loop
    /// that never sleeps gives the claim up for an instant only. Each is done in no time, but new ones must not
    /// keep the loop from running, so it gives way a limited number of times.
    pub fn resume(&self) {
        let me = this_token();
        for _ in 0..WAYS_GIVEN {
            if self.waiting.load(Ordering::Acquire) == 0 {
                break;
            }
            std::thread::yield_now();
        }
        while self.claim.compare_exchange_weak(0, me, Ordering::AcqRel, Ordering::Acquire).is_err() {
            std::thread::yield_now();
        }
        self.nesting.store(1, Ordering::Relaxed);
    }

    /// Whether calls of this thread are calls of the service thread.
    pub fn is_service_thread(&self) -> bool {
        if self.service_token.load(Ordering::Acquire) == this_token() {
            return true;
        }
        // The service thread ended: whoever comes next takes its place.
        if !self.in_service.load(Ordering::Acquire) && !sys::thread_exists(self.service_thread()) {
            self.become_service_thread();
            return true;
        }
        false
    }

    /// Makes this thread the service thread unless another one is in a service call.
    pub fn take_over_if_idle(&'static self) {
        let in_loop = self.shared().is_some_and(|shared| shared.watch.get().is_some_and(Watch::is_busy));
        if !self.in_service.load(Ordering::Acquire) && !in_loop {
            self.become_service_thread();
        }
    }

    /// Whether a thread that did not make the context may still take it: nobody has serviced it.
    pub fn is_unserviced(&self) -> bool {
        self.unserviced.load(Ordering::Acquire)
    }

    /// Makes the calling thread, which holds the claim, the service thread of a context that nobody has serviced. False:
    /// somebody was faster.
    pub fn take_over_unserviced(&self) -> bool {
        let may = self.is_unserviced();
        if may {
            self.become_service_thread();
        }
        may
    }

    fn become_service_thread(&self) {
        self.service_thread.store(this_thread(), Ordering::Release);
        self.service_token.store(this_token(), Ordering::Release);
    }

    pub fn service_thread(&self) -> u32 {
        self.service_thread.load(Ordering::Acquire)
    }

    /// Begins a service call: this thread is the service thread from here on. False: another one is inside.
    pub fn begin_service(&self) -> bool {
        let is_mine = self.service_token.load(Ordering::Acquire) == this_token();
        if !is_mine {
            if self.in_service.load(Ordering::Acquire) {
                return false;
            }
            self.become_service_thread();
        }
        self.unserviced.store(false, Ordering::Release);
        self.in_service.store(true, Ordering::Release);
        true
    }

    /// The end of a service call, unless it was a nested one that was refused.
    pub fn end_service_if_idle(&self) {
        if self.claim.load(Ordering::Acquire) != this_token() {
            self.in_service.store(false, Ordering::Release);
        }
    }

    /// A callback about `wsi`, whose handle is `handle`, begins. The result is for [`called_back`](Self::called_back).
    #[inline]
    pub fn calls(&self, handle: usize, wsi: &Wsi) -> (usize, *mut Wsi) {
        let outer = (self.called.load(Ordering::Relaxed), self.called_wsi.load(Ordering::Relaxed));
        self.set_called(handle, ptr::from_ref(wsi).cast_mut());
        outer
    }

    /// The callback returned; the one around it, if any, goes on.
    #[inline]
    pub fn called_back(&self, outer: (usize, *mut Wsi)) {
        self.set_called(outer.0, outer.1);
    }

    #[inline(always)]
    fn set_called(&self, handle: usize, wsi: *mut Wsi) {
        let mask = self.known_mask.load(Ordering::Relaxed);
        self.called.store(handle & mask, Ordering::Relaxed);
        self.called_wsi.store(wsi.map_addr(|address| address & mask), Ordering::Relaxed);
    }

    /// The context is this process' own: [`Context::settle`] was done.
    pub fn has_settled(&self) {
        self.known_mask.store(usize::MAX, Ordering::Relaxed);
    }

    /// From here on a loop that is not ours watches the context's descriptor.
    pub fn watch(&self) {
        self.watched.store(true, Ordering::Release);
    }

    /// Whether a timer or message made now is noticed only if the loop is woken.
    pub fn needs_nudge(&self) -> bool {
        !self.is_service_thread() || self.watched.load(Ordering::Acquire) && !self.in_service.load(Ordering::Acquire)
    }

    /// Makes the handle of the context dead: no new entry finds it.
    pub fn end_life(&self) {
        if self.generation().is_some() {
            self.life.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Takes the context out, for dropping, and makes the place free.
    ///
    /// # Safety
    /// The calling thread holds the claim in its outermost frame and has no borrow of the context left.
    pub unsafe fn evict(&self) {
        self.end_life();
        // SAFETY: the caller's promise.
        let context = unsafe { (*self.context.get()).take() };
        if let Some(context) = &context {
            self.next_generation.store(context.table.next_generation(), Ordering::Release);
        }
        drop(context);
        self.in_service.store(false, Ordering::Release);
        self.nesting.store(0, Ordering::Relaxed);
        self.claim.store(0, Ordering::Release);
        self.taken.store(false, Ordering::Release);
    }

    /// [`shared`](Self::shared) also after the handle died, for the thread that holds the claim: the last steps of the end.
    pub fn last_shared(&self) -> Option<&Shared> {
        // SAFETY: it is replaced only by who holds the claim.
        unsafe { self.shared.load(Ordering::Acquire).as_ref() }
    }
}

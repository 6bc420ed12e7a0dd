//! How a call from C gets into its context: the handle is decoded, the thread is judged, the claim is taken, panics stop.
//!
//! Each exported function says what it returns when it cannot be carried out, and what a call from another thread does:
//! refused, answered when the loop sleeps (getters), or queued for the service thread.
#![allow(unsafe_code)]

use super::guard;
use super::handle::{self, Named};
use super::layout::{lws, lws_context, lws_vhost};
use super::slots::{self, Slot};
use crate::engine::cell::MayCall;
use crate::engine::context::{Context, Life};
use crate::engine::log::{self, Level, Scope};
use crate::engine::service;
use crate::engine::sys::CancelHeld;
use crate::engine::table::WsiId;
use crate::engine::vhost::Vhost;
use crate::engine::wake::Command;
use crate::engine::wsi::{Phase, PieceInfo, Wsi};
use std::collections::HashSet;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a call does when it comes from a thread that is not the service thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Refused.
    Service,
    /// Waits at most 10 ms for the context, then answers or is refused.
    Getter,
    /// Waits at most one second: a worker thread composes an answer, and to refuse would lose it.
    Composer,
}

/// Why a context cannot be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The call belongs to the service thread.
    WrongThread,
    /// Another thread was inside for too long.
    Busy,
    /// The context ended meanwhile.
    Gone,
}

/// One frame inside a context. The claim is held while it lives; the outermost one ends with what was put off.
pub struct Entered {
    slot: &'static Slot,
    /// In the outermost frame.
    _uncancelled: Option<CancelHeld>,
}

impl Entered {
    pub fn new(slot: &'static Slot, access: Access) -> Result<Self, Refused> {
        let mut uncancelled = None;
        if slot.nest() {
            // Inside already: the outer frame was judged.
        } else if !slot.is_service_thread() {
            match access {
                // Made in one thread, used and serviced in another (seafile-daemon): it changes hands before the loop.
                Access::Service if slot.is_unserviced() => {
                    wait_for(slot, Duration::from_secs(1))?;
                    if !slot.take_over_unserviced() {
                        slot.unclaim();
                        return Err(Refused::WrongThread);
                    }
                }
                Access::Service => return Err(Refused::WrongThread),
                Access::Getter => wait_for(slot, Duration::from_millis(10))?,
                Access::Composer => wait_for(slot, Duration::from_secs(1))?,
            }
            uncancelled = Some(CancelHeld::hold());
        } else {
            uncancelled = Some(CancelHeld::hold());
            // The service thread has the right of way: a getter of another thread is done in no time.
            while !slot.try_claim() {
                std::thread::yield_now();
            }
        }
        let entered = Entered { slot, _uncancelled: uncancelled };
        // SAFETY: the claim is held, by this frame.
        match unsafe { slot.context() } {
            Some(context) if slot.generation().is_some() => {
                context.settle(slot.is_outermost());
                slot.has_settled();
                Ok(entered)
            }
            _ => Err(Refused::Gone),
        }
    }

    /// For a frame that holds the claim already: the one that made the context, or woke from the loop's sleep.
    pub fn installed(slot: &'static Slot) -> Self {
        Entered { slot, _uncancelled: None }
    }

    pub fn slot(&self) -> &'static Slot {
        self.slot
    }

    /// A connection that is alive, with the lifetime of this frame.
    pub fn live(&self, id: WsiId) -> Option<&Wsi> {
        self.wsi(id).filter(|wsi| wsi.phase.get() != Phase::Dead || wsi.pins.get() > 0)
    }
}

/// Another thread is inside: wait a little. The loop lets those who wait go first when its turn ends.
fn wait_for(slot: &Slot, limit: Duration) -> Result<(), Refused> {
    if slot.try_claim() {
        return Ok(());
    }
    let start = Instant::now();
    let _queued = slot.wait_in_line();
    loop {
        if slot.try_claim() {
            return Ok(());
        }
        if start.elapsed() > limit {
            return Err(Refused::Busy);
        }
        std::thread::yield_now();
    }
}

impl Deref for Entered {
    type Target = Context;

    fn deref(&self) -> &Context {
        // SAFETY: this frame holds the claim, and its outermost frame alone drops the context, after all borrows.
        match unsafe { self.slot.context() } {
            Some(context) => context,
            None => unreachable!("checked when the frame was made; dropped only by the outermost frame"),
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if !self.slot.is_outermost() {
            return self.slot.unclaim();
        }
        // SAFETY: this frame holds the claim.
        let Some(context) = (unsafe { self.slot.context() }) else { return self.slot.unclaim() };
        let alive = if context.depth.get() == 0 {
            guard::pure("leave", true, || service::leave(&mut MayCall::enter(), context))
        } else {
            true
        };
        if !alive || context.life.get() == Life::Destroyed {
            return super::context::forget(self.slot);
        }
        self.slot.unclaim();
    }
}

static TOLD: LazyLock<Mutex<HashSet<(&'static str, u64)>>> = LazyLock::new(Mutex::default);

/// Whether this is the first time that `function` complains about `what`; keeps a busy loop from flooding the log.
fn first_time(function: &'static str, what: u64) -> bool {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.len() > 4096 {
        told.clear();
    }
    told.insert((function, what))
}

/// One error line: a pointer that is not a connection (any more).
fn complain_wsi(function: &'static str, pointer: *const lws) {
    if !first_time(function, pointer.addr() as u64) {
        return;
    }
    let say = |text: std::fmt::Arguments<'_>| log::process(Level::Err, function, text);
    if pointer.is_null() {
        return say(format_args!("called with a NULL connection"));
    }
    match handle::decode(pointer.addr()) {
        Some(named @ Named::Wsi(_, id)) => match handle::slot_of(named)
            .and_then(|slot| Entered::new(slot, Access::Getter).ok())
        {
            Some(entered) => {
                let cause = entered.table.former(id).and_then(|wsi| wsi.peek_rare(|rare| rare.cause.clone()).flatten());
                match cause {
                    Some(cause) => {
                        let ago = entered.time().saturating_sub(cause.at) / 1000;
                        let (text, code) = (&cause.text, cause.code);
                        let code = if code == 0 { String::new() } else { format!(", close code {code}") };
                        say(format_args!(
                            "{pointer:p} is a connection that ended {ago} ms ago: {text}{code}; nothing is done"
                        ));
                    }
                    None => say(format_args!("{pointer:p} is a connection that has ended; nothing is done")),
                }
            }
            None => say(format_args!("{pointer:p} belongs to a context that was destroyed; nothing is done")),
        },
        Some(Named::Vhost(..)) => say(format_args!("{pointer:p} is a vhost, not a connection; nothing is done")),
        Some(Named::Context(..)) => say(format_args!("{pointer:p} is a context, not a connection; nothing is done")),
        None => say(format_args!("{pointer:p} is not a connection of this library; nothing is done")),
    }
}

fn complain_other(function: &'static str, address: usize, kind: &str) {
    if first_time(function, address as u64) {
        let text = format_args!("{address:#x} is not a living {kind}; nothing is done");
        log::process(Level::Err, function, text);
    }
}

const WRONG_THREAD: &str = "refused: the context belongs to another thread";

/// Why calls about the object of this address are refused here and now, if they are, for those that keep reasons.
pub fn why_refused(address: usize) -> Option<&'static str> {
    let slot = handle::decode(address).and_then(handle::slot_of)?;
    (!slot.is_service_thread() && !slot.is_unserviced()).then_some(WRONG_THREAD)
}

fn complain_thread(function: &'static str, slot: &Slot, refused: Refused) {
    if !first_time(function, 1) {
        return;
    }
    let (me, service) = (slots::this_thread(), slot.service_thread());
    let text = match refused {
        Refused::WrongThread => WRONG_THREAD,
        Refused::Busy => "refused: the context was busy in another thread",
        Refused::Gone => "refused: the context was destroyed",
    };
    log::process(Level::Err, function, format_args!("{text} (called in thread {me}, serviced by thread {service})"));
}

/// The connection a call is about, held by an entry into its context; says why where there is none.
#[inline(never)]
fn find(function: &'static str, wsi: *const lws, access: Access) -> Option<(Entered, WsiId)> {
    let found = match handle::decode(wsi.addr()) {
        Some(named @ Named::Wsi(_, id)) => handle::slot_of(named).map(|slot| (slot, id)),
        _ => None,
    };
    let Some((slot, id)) = found else {
        complain_wsi(function, wsi);
        return None;
    };
    match Entered::new(slot, access) {
        Ok(entered) if entered.live(id).is_some() => Some((entered, id)),
        Ok(_) => {
            complain_wsi(function, wsi);
            None
        }
        Err(refused) => {
            complain_thread(function, slot, refused);
            None
        }
    }
}

/// The short way of calls that programs make with each message: `body` runs if `wsi` is the connection whose callback this
/// thread is in. `None`: it is not, or `body` says so; the call then takes the way of all others.
#[inline(always)]
pub fn on_called<R: Copy>(
    function: &'static str,
    wsi: *const lws,
    body: impl FnOnce(&mut MayCall, &Context, &Wsi) -> Option<R>,
) -> Option<R> {
    // SAFETY: only `body` gets it, which ends before this call.
    let (context, found) = unsafe { slots::called(wsi.addr()) }?;
    guard::pure(function, None, || body(&mut MayCall::enter(), context, found))
}

/// A question about the piece of a message that the program is at, which it asks with each message.
#[inline(always)]
pub fn on_piece<R: Copy>(function: &'static str, on_error: R, wsi: *const lws, read: impl FnOnce(PieceInfo) -> R) -> R {
    // SAFETY: it is read here and not kept.
    match unsafe { slots::called_wsi(wsi.addr()) } {
        Some(found) => read(found.piece.get()),
        None => with_found(function, on_error, wsi, Access::Getter, || None, |_, _, found| read(found.piece.get())),
    }
}

/// Runs `body` on the connection a call is about: the one whose callback this thread is in, or one that is found and
/// entered, unless `elsewhere` has the answer.
#[inline]
fn with_wsi<R: Copy>(
    function: &'static str,
    on_error: R,
    wsi: *const lws,
    access: Access,
    elsewhere: impl FnOnce() -> Option<R>,
    body: impl FnOnce(&mut MayCall, &Context, &Wsi) -> R,
) -> R {
    // SAFETY: only `body` gets it, which ends before this call.
    if let Some((context, found)) = unsafe { slots::called(wsi.addr()) } {
        return guard::pure(function, on_error, || body(&mut MayCall::enter(), context, found));
    }
    with_found(function, on_error, wsi, access, elsewhere, body)
}

/// [`with_wsi`] for a connection that this thread was not called for.
#[cold]
#[inline(never)]
fn with_found<R: Copy>(
    function: &'static str,
    on_error: R,
    wsi: *const lws,
    access: Access,
    elsewhere: impl FnOnce() -> Option<R>,
    body: impl FnOnce(&mut MayCall, &Context, &Wsi) -> R,
) -> R {
    guard::pure(function, on_error, || {
        if let Some(answer) = elsewhere() {
            return answer;
        }
        let Some((entered, id)) = find(function, wsi, access) else { return on_error };
        let Some(found) = entered.live(id) else { return on_error };
        body(&mut MayCall::enter(), &entered, found)
    })
}

/// A call about a connection. `body` runs with the claim held; `on_error` is returned for stale handles, wrong threads,
/// panics.
#[inline]
pub fn on_wsi<R: Copy>(
    function: &'static str,
    on_error: R,
    wsi: *const lws,
    access: Access,
    body: impl FnOnce(&mut MayCall, &Context, &Wsi) -> R,
) -> R {
    with_wsi(function, on_error, wsi, access, || None, body)
}

/// A question about a connection that may have ended: `body` gets its slot and whether the connection still exists. The
/// slot remembers its last connection until it is used again; `on_error`, and one line in the log, for everything else.
pub fn on_wsi_or_former<R: Copy>(
    function: &'static str,
    on_error: R,
    wsi: *const lws,
    body: impl FnOnce(&Context, &Wsi, bool) -> R,
) -> R {
    guard::pure(function, on_error, || {
        let found = match handle::decode(wsi.addr()) {
            Some(named @ Named::Wsi(_, id)) => handle::slot_of(named).map(|slot| (slot, id)),
            _ => None,
        };
        let Some((slot, id)) = found else {
            complain_wsi(function, wsi);
            return on_error;
        };
        match Entered::new(slot, Access::Getter) {
            Ok(entered) => match (entered.wsi(id), entered.table.former(id)) {
                (Some(found), _) => body(&entered, found, true),
                (None, Some(former)) if former.is_just_after(id) => body(&entered, former, false),
                _ => {
                    drop(entered);
                    complain_wsi(function, wsi);
                    on_error
                }
            },
            Err(refused) => {
                complain_thread(function, slot, refused);
                on_error
            }
        }
    })
}

/// A getter whose answer is not `Copy`; `None` for stale handles, wrong threads, panics.
pub fn on_wsi_owned<R>(function: &'static str, wsi: *const lws, read: impl FnOnce(&Wsi) -> R) -> Option<R> {
    let mut answer = None;
    on_wsi(function, (), wsi, Access::Getter, |_, _, wsi| answer = Some(read(wsi)));
    answer
}

/// As [`on_wsi`], for getters whose result is not `Copy`; `None` where that has `on_error`.
pub fn on_wsi_map<R>(function: &'static str, wsi: *const lws, body: impl FnOnce(&Wsi) -> Option<R>) -> Option<R> {
    let result = std::cell::Cell::new(None);
    on_wsi(function, (), wsi, Access::Getter, |_, _, wsi| result.set(body(wsi)));
    result.take()
}

/// Like [`on_wsi`], for calls that other threads may make: those are queued, and return `queued`.
#[inline]
pub fn on_wsi_or_queue<R: Copy>(
    function: &'static str,
    on_error: R,
    queued: R,
    wsi: *const lws,
    command: impl FnOnce(WsiId) -> Command,
    body: impl FnOnce(&mut MayCall, &Context, &Wsi) -> R,
) -> R {
    on_wsi_or_try_queue(function, on_error, queued, wsi, |id| Ok(command(id)), body)
}

/// Like [`on_wsi_or_queue`], for calls that can be seen to make no sense before they are queued.
#[inline]
pub fn on_wsi_or_try_queue<R: Copy>(
    function: &'static str,
    on_error: R,
    queued: R,
    wsi: *const lws,
    command: impl FnOnce(WsiId) -> Result<Command, &'static str>,
    body: impl FnOnce(&mut MayCall, &Context, &Wsi) -> R,
) -> R {
    let queue = || {
        let (slot, id) = serviced_elsewhere(wsi)?;
        let shared = slot.shared()?;
        if let Err(why) = command(id).and_then(|command| shared.wake.send(command)) {
            if first_time(function, 4) {
                log::process(Level::Err, function, format_args!("refused: {why}"));
            }
            return Some(on_error);
        }
        tell_queued(function, slot);
        Some(queued)
    };
    with_wsi(function, on_error, wsi, Access::Service, queue, body)
}

/// The place and name of a connection that another thread services.
fn serviced_elsewhere(wsi: *const lws) -> Option<(&'static Slot, WsiId)> {
    let named @ Named::Wsi(_, id) = handle::decode(wsi.addr())? else { return None };
    let slot = handle::slot_of(named)?;
    (!slot.is_service_thread()).then_some((slot, id))
}

fn tell_queued(function: &'static str, slot: &Slot) {
    if first_time(function, 2) {
        let (me, service) = (slots::this_thread(), slot.service_thread());
        let text = format_args!("called in thread {me}: queued for thread {service}, which services the context");
        log::process(Level::Notice, function, text);
    }
}

/// A call about a context.
pub fn on_context<R: Copy>(
    function: &'static str,
    on_error: R,
    context: *const lws_context,
    access: Access,
    body: impl FnOnce(&mut MayCall, &Context) -> R,
) -> R {
    guard::pure(function, on_error, || {
        let slot = match handle::decode(context.addr()) {
            Some(named @ Named::Context(..)) => handle::slot_of(named),
            _ => None,
        };
        let Some(slot) = slot else {
            complain_other(function, context.addr(), "context");
            return on_error;
        };
        match Entered::new(slot, access) {
            Ok(entered) => body(&mut MayCall::enter(), &entered),
            Err(refused) => {
                complain_thread(function, slot, refused);
                on_error
            }
        }
    })
}

/// Queues a command for a context when called from another thread; true if that was done.
pub fn queue_if_foreign(
    function: &'static str,
    context: *const lws_context,
    command: impl FnOnce() -> Command,
) -> bool {
    let Some(named @ Named::Context(..)) = handle::decode(context.addr()) else { return false };
    let Some(slot) = handle::slot_of(named) else { return false };
    if slot.is_service_thread() {
        return false;
    }
    let Some(shared) = slot.shared() else { return false };
    tell_queued(function, slot);
    // Only writes are ever refused.
    let _ = shared.wake.send(command());
    true
}

/// Makes this thread the service thread if no thread is in a service call of the context.
pub fn take_over_if_idle(context: *const lws_context) {
    if let Some(named @ Named::Context(..)) = handle::decode(context.addr())
        && let Some(slot) = handle::slot_of(named)
    {
        slot.take_over_if_idle();
    }
}

/// What any thread may use of a context; a pointer that names none gets its log line.
pub fn shared(function: &'static str, context: *const lws_context) -> Option<slots::Visit> {
    let found = handle::shared(context);
    if found.is_none() {
        complain_other(function, context.addr(), "context");
    }
    found
}

/// A call about a vhost.
pub fn on_vhost<R: Copy>(
    function: &'static str,
    on_error: R,
    vhost: *const lws_vhost,
    access: Access,
    body: impl FnOnce(&mut MayCall, &Context, &Rc<Vhost>) -> R,
) -> R {
    guard::pure(function, on_error, || {
        let found = match handle::decode(vhost.addr()) {
            Some(named @ Named::Vhost(_, index, generation)) => {
                handle::slot_of(named).map(|slot| (slot, index, generation))
            }
            _ => None,
        };
        let Some((slot, index, generation)) = found else {
            complain_other(function, vhost.addr(), "vhost");
            return on_error;
        };
        match Entered::new(slot, access) {
            Ok(entered) => match entered.vhost_at(index, generation) {
                Some(found) => body(&mut MayCall::enter(), &entered, &found),
                None => {
                    complain_other(function, vhost.addr(), "vhost");
                    on_error
                }
            },
            Err(refused) => {
                complain_thread(function, slot, refused);
                on_error
            }
        }
    })
}

/// Says once per function what it cannot do here, whatever it is asked about.
pub fn warn_once(function: &'static str, scope: Scope<'_>, why: &str) {
    if first_time(function, 2) {
        log::line(Level::Warn, scope, function, format_args!("{why}"));
    }
}

/// Says once per function and object that a call was refused, for reasons of the object's state.
pub fn refuse(function: &'static str, scope: Scope<'_>, why: &str) {
    let object = match scope {
        Scope::Wsi(wsi) => wsi.id().bits() << 8,
        _ => 3,
    };
    if first_time(function, object) {
        log::line(Level::Err, scope, function, format_args!("refused: {why}"));
    }
}

//! The service loop and waking it.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access, Entered};
use super::evlib::watch::{self, Watch};
use super::guard;
use super::handle::{self, Named};
use super::layout::*;
use super::slots::Slot;
use crate::engine::asked;
use crate::engine::cell::MayCall;
use crate::engine::context::Context;
use crate::engine::log::{self, Level, Scope};
use crate::engine::poller::Ready;
use crate::engine::service::{self, FdOutcome};
use crate::engine::sys;
use crate::engine::wake::Command;
use crate::engine::wsi::Wsi;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::time::Duration;

/// Does one turn of the loop: waits until there is something to do, and does it.
///
/// `timeout_ms`: negative does not wait; zero and every positive value wait until something happens, however long that
/// takes (timers count). Returns 0; negative when the context has ended; 1 for NULL. The calling thread becomes the
/// service thread of the context. Not from inside callbacks: -1.
///
/// Contexts in the loop of an event library (`LWS_SERVER_OPTION_LIBUV` and so on): the loop is run until something stops
/// it, then 1 is returned; negative when the context has ended before.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_service(context: *mut lws_context, timeout_ms: c_int) -> c_int {
    // A thread may be cancelled while it sleeps here. Then it is unwound through this frame, so nothing in it has a
    // destructor, and nothing stops panics: that is done inside of `begin` and `end`.
    if context.is_null() {
        return 1;
    }
    let before = sys::hold_cancel();
    if let Some(result) = run_foreign_loop(context) {
        sys::restore_cancel(before);
        return result;
    }
    let result = match begin(context, timeout_ms >= 0) {
        Begun::Over(result) => result,
        Begun::Sleeps(nap) => {
            let mut events = [const { MaybeUninit::<libc::epoll_event>::uninit() }; EVENTS];
            // SAFETY: there is room for that many events; `forsake` expects the slot that `nap` has.
            let count = unsafe {
                let slot = ptr::from_ref(nap.slot).cast_mut().cast();
                oxlws_impl_sleep(
                    nap.fd,
                    events.as_mut_ptr().cast(),
                    EVENTS as c_int,
                    nap.milliseconds,
                    before,
                    forsake,
                    slot,
                )
            };
            let count = usize::try_from(count).unwrap_or(0).min(EVENTS);
            // SAFETY: so many were filled in by the kernel; an interrupted wait is an empty one.
            let events = unsafe { std::slice::from_raw_parts(events.as_ptr().cast::<libc::epoll_event>(), count) };
            end(nap.slot, events)
        }
    };
    sys::restore_cancel(before);
    // SAFETY: the frame above is the program's, and this one has nothing to clean up.
    unsafe { sys::test_cancel() };
    result
}

/// Readiness events of one turn.
const EVENTS: usize = 512;

unsafe extern "C-unwind" {
    /// In `sleep.c`.
    fn oxlws_impl_sleep(
        epoll: c_int,
        events: *mut libc::epoll_event,
        room: c_int,
        milliseconds: c_int,
        cancel_state: c_int,
        forsake: extern "C" fn(*mut c_void),
        what: *mut c_void,
    ) -> c_int;
}

/// What the loop does while no frame of it is on the stack.
#[derive(Clone, Copy)]
struct Nap {
    slot: &'static Slot,
    fd: c_int,
    milliseconds: c_int,
}

/// The first half of a turn.
#[derive(Clone, Copy)]
enum Begun {
    /// The turn is over; the result of the service call.
    Over(c_int),
    /// The claim was given up with the frame of the first half; [`end`] follows.
    Sleeps(Nap),
}

/// Serves what needs no sleep.
fn begin(context: *mut lws_context, wait: bool) -> Begun {
    let nap = Cell::new(None);
    let is_over = || nap.get().is_none();
    let result = serve_half("lws_service", context, is_over, |slot, may, cx| {
        let ready = match service::begin_turn(may, cx, wait) {
            None => None,
            Some(Duration::ZERO) => Some(cx.poller.look()),
            Some(time) => {
                let milliseconds = c_int::try_from(time.as_micros().div_ceil(1000)).unwrap_or(c_int::MAX);
                nap.set(Some(Nap { slot, fd: cx.poller.fd(), milliseconds }));
                return 0;
            }
        };
        if service::end_turn(may, cx, ready) { 0 } else { -1 }
    });
    match nap.get() {
        Some(nap) => Begun::Sleeps(nap),
        None => Begun::Over(result),
    }
}

/// Serves what became ready during the sleep.
fn end(slot: &'static Slot, events: &[libc::epoll_event]) -> c_int {
    guard::pure("lws_service", -1, || {
        slot.resume();
        let entered = Entered::installed(slot);
        let recovery = Recovery(&entered);
        let ready = entered.poller.told(events);
        let alive = service::end_turn(&mut MayCall::enter(), &entered, Some(ready));
        drop(recovery);
        drop(entered);
        slot.end_service_if_idle();
        if alive { 0 } else { -1 }
    })
}

/// The service thread was cancelled in its sleep: the context is as after a service call, and has no service thread.
extern "C" fn forsake(slot: *mut c_void) {
    // SAFETY: from `lws_service`.
    let slot: &'static Slot = unsafe { &*slot.cast::<Slot>() };
    guard::pure("lws_service", (), || {
        slot.resume();
        let entered = Entered::installed(slot);
        entered.recover();
        log::line(
            Level::Notice,
            Scope::Context(&entered),
            "lws_service",
            format_args!("the service thread was cancelled; the next thread that calls something takes its place"),
        );
        drop(entered);
        slot.end_service_if_idle();
    });
}

/// Runs the loop of the event library that the context is in; `None`: it has the built-in loop.
fn run_foreign_loop(context: *mut lws_context) -> Option<c_int> {
    let watch = handle::shared(context).and_then(|visit| visit.part_if(|shared| shared.watch.get()))?;
    (!watch.is_served_from_outside()).then(|| run_loop("lws_service", context, &watch))
}

/// A service call of a context in the loop of an event library: runs that until it is stopped.
fn run_loop(function: &'static str, context: *mut lws_context, watch: &Watch) -> c_int {
    let nested = watch.is_running();
    // Judges the thread and the place of the call. The loop itself runs without the claim: each turn takes it.
    let may_run = serve(function, context, |_, cx| {
        if nested {
            watch::refuse_nested(function, cx);
        }
        if nested || !cx.is_running() { -1 } else { 0 }
    });
    if may_run < 0 || !watch.run() { -1 } else { 1 }
}

/// The descriptor of a context that is in the loop of an event library is readable.
pub fn turn_of_loop(context: *mut lws_context) {
    serve("event loop", context, |may, cx| if service::turn_now(may, cx) { 0 } else { -1 });
}

/// As `lws_service`; `tsi` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_service_tsi(context: *mut lws_context, timeout_ms: c_int, tsi: c_int) -> c_int {
    let _ = tsi;
    // SAFETY: the pointer is only decoded.
    unsafe { lws_service(context, timeout_ms) }
}

/// A call that services the context: one thread at a time, not nested.
fn serve(
    function: &'static str,
    context: *mut lws_context,
    body: impl FnOnce(&mut MayCall, &Context) -> c_int,
) -> c_int {
    serve_half(function, context, || true, |_, may, cx| body(may, cx))
}

/// As [`serve`]; `is_over` is asked afterwards: false keeps other threads from servicing.
fn serve_half(
    function: &'static str,
    context: *mut lws_context,
    is_over: impl FnOnce() -> bool,
    body: impl FnOnce(&'static Slot, &mut MayCall, &Context) -> c_int,
) -> c_int {
    guard::pure(function, -1, || {
        let slot = match handle::decode(context.addr()) {
            Some(named @ Named::Context(..)) => handle::slot_of(named),
            _ => None,
        };
        let Some(slot) = slot else {
            return enter::on_context(function, -1, context, Access::Service, |_, _| -1);
        };
        if !slot.begin_service() {
            log::process(
                Level::Err,
                function,
                format_args!("refused: another thread is in a service call of this context"),
            );
            return -1;
        }
        let result = serve_entered(function, slot, |may, cx| body(slot, may, cx));
        if is_over() {
            slot.end_service_if_idle();
        }
        result
    })
}

/// A panic in a turn must not leave the context believing that the turn still runs.
struct Recovery<'a>(&'a Context);

impl Drop for Recovery<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.recover();
        }
    }
}

fn serve_entered(
    function: &'static str,
    slot: &'static Slot,
    body: impl FnOnce(&mut MayCall, &Context) -> c_int,
) -> c_int {
    match Entered::new(slot, Access::Service) {
        Ok(entered) if entered.depth.get() > 0 || entered.callbacks.get() > 0 => {
            enter::refuse(
                function,
                Scope::Context(&entered),
                "called from inside a callback; the loop is running already",
            );
            -1
        }
        Ok(entered) => {
            let _recovery = Recovery(&entered);
            body(&mut MayCall::enter(), &entered)
        }
        Err(_) => -1,
    }
}

/// Services one descriptor that an external loop found ready.
///
/// Returns 0 when it was not ours or was handled (then `revents` is zero), 1 when it was handled and its connection
/// closed, negative when the context has ended or `pollfd` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_service_fd(context: *mut lws_context, pollfd: *mut libc::pollfd) -> c_int {
    serve("lws_service_fd", context, |may, cx| {
        // SAFETY: NULL or a pollfd of the program, for the length of the call.
        let Some(poll) = (unsafe { pollfd.as_mut() }) else {
            log::line(Level::Err, Scope::Context(cx), "lws_service_fd", format_args!("pollfd is NULL"));
            return -1;
        };
        if cx.loop_timer.is_on() && poll.fd == cx.poller.fd() {
            // The descriptor that stands for all: one turn that does not wait.
            poll.revents = 0;
            return if service::turn_now(may, cx) { 0 } else { -1 };
        }
        let bits = poll.revents;
        let ready = Ready {
            token: 0,
            readable: bits & (libc::POLLIN | libc::POLLHUP | libc::POLLERR) != 0,
            writable: bits & libc::POLLOUT != 0,
            hung_up: bits & (libc::POLLHUP | libc::POLLERR) != 0,
        };
        match service::fd_ready(may, cx, poll.fd, ready) {
            FdOutcome::NotOurs => 0,
            FdOutcome::Handled => {
                poll.revents = 0;
                0
            }
            FdOutcome::Closed => {
                poll.revents = 0;
                1
            }
            FdOutcome::ContextGone => -1,
        }
    })
}

/// As `lws_service_fd`; `tsi` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_service_fd_tsi(context: *mut lws_context, pollfd: *mut libc::pollfd, tsi: c_int) -> c_int {
    let _ = tsi;
    // SAFETY: as there.
    unsafe { lws_service_fd(context, pollfd) }
}

/// For external loops: runs what is due and tells how long to wait at most, milliseconds, never more than `timeout_ms`.
///
/// 0: do not wait, call `lws_service_tsi(context, -1, tsi)` first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_service_adjust_timeout(context: *mut lws_context, timeout_ms: c_int, tsi: c_int) -> c_int {
    let _ = tsi;
    serve("lws_service_adjust_timeout", context, |may, cx| match service::adjust_timeout(may, cx) {
        Some(us) => timeout_ms.min(c_int::try_from(us.div_ceil(1000)).unwrap_or(c_int::MAX)),
        None => 0,
    })
}

/// Ends the present or next wait of the loop; every protocol gets EVENT_WAIT_CANCELLED. From any thread, also from
/// signal handlers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cancel_service(context: *mut lws_context) {
    // No guard: nothing here allocates, locks or panics, so that signal handlers may call it.
    if let Some(shared) = handle::shared(context) {
        shared.wake.cancel();
    }
}

/// As `lws_cancel_service`, for the context of a connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cancel_service_pt(wsi: *mut lws) {
    if let Some(named @ Named::Wsi(..)) = handle::decode(wsi.addr())
        && let Some(shared) = handle::slot_of(named).and_then(Slot::shared)
    {
        shared.wake.cancel();
    }
}

/// The connection of a descriptor, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wsi_from_fd(context: *const lws_context, fd: c_int) -> *mut lws {
    enter::on_context("wsi_from_fd", ptr::null_mut(), context, Access::Getter, |_, cx| {
        cx.wsi_of_fd(fd).map_or(ptr::null_mut(), |wsi| handle::of_wsi(cx, wsi))
    })
}

/// Addresses of the entries that are the given protocol: the pointer itself, or in each vhost the entry of its name.
pub fn same_protocol(cx: &Context, protocol: *const lws_protocols) -> Vec<usize> {
    let mut handles = vec![protocol.addr()];
    for vhost in cx.all_vhosts() {
        if let Some(index) = super::edge::VhostEdge::of(&vhost).and_then(|edge| edge.index_of(protocol)) {
            handles.push(vhost.protocol(index).handle);
        }
    }
    handles
}

/// Asks for WRITEABLE on every connection of a protocol. Returns 0. Other threads: queued.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_callback_on_writable_all_protocol(
    context: *const lws_context,
    protocol: *const lws_protocols,
) -> c_int {
    const NAME: &str = "lws_callback_on_writable_all_protocol";
    enter::on_context(NAME, -1, context, Access::Getter, |may, cx| {
        writeable_for(NAME, may, cx, &same_protocol(cx, protocol));
        0
    })
}

/// As `lws_callback_on_writable_all_protocol`, for one vhost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_callback_on_writable_all_protocol_vhost(
    vhost: *const lws_vhost,
    protocol: *const lws_protocols,
) -> c_int {
    const NAME: &str = "lws_callback_on_writable_all_protocol_vhost";
    enter::on_vhost(NAME, -1, vhost, Access::Getter, |may, cx, vhost| {
        let index = super::edge::VhostEdge::of(vhost).and_then(|edge| edge.index_of(protocol));
        let wanted = index.map_or(protocol.addr(), |index| vhost.protocol(index).handle);
        writeable_for(NAME, may, cx, &[wanted]);
        0
    })
}

/// Asks for WRITEABLE on the connections of these protocols: now, or from another thread by the service thread.
fn writeable_for(function: &'static str, may: &mut MayCall, cx: &Context, handles: &[usize]) {
    let context = handle::of_context(usize::from(cx.number));
    for handle in handles {
        if enter::queue_if_foreign(function, context, || Command::RequestWriteableAll(*handle)) {
            continue;
        }
        let is_of = |wsi: &&Wsi| wsi.protocol.get().handle == *handle;
        let chosen: Vec<_> = cx.all_wsi().filter(is_of).map(Wsi::id).collect();
        for wsi in chosen.into_iter().filter_map(|id| cx.wsi(id)) {
            asked::request_writeable(may, cx, wsi);
        }
    }
}

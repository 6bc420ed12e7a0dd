//! A context in the loop of an event library.
//!
//! # Theory of operation
//!
//! The object of the event library watches the context's descriptor and calls [`ready`], which is one service turn that
//! does not wait. Loops of our own run inside of `lws_service()`, without the claim, so that other threads may ask while
//! the loop sleeps; foreign ones are run by the program.
//!
//! The end has two halves, as programs written for the original know it: the first `lws_context_destroy()` does the work,
//! at once or when the turn ends. If the loop is still on the stack (inside of `lws_service()`), or is a foreign libuv
//! loop, which closes handles in later turns, the handle stays good until the program calls `lws_context_destroy()` a
//! second time; only then is `*info.pcontext` cleared. In all other cases the first call is the last.
//!
//! # What C promises
//! `info.foreign_loops` points to a loop of the library chosen, which outlives the context. It is run by the thread that
//! services the context.
#![allow(unsafe_code)]

use super::custom;
use super::load::{Core, Kind, Ops};
use crate::abi::handle;
use crate::abi::layout::*;
use crate::abi::slots::{self, Shared};
use crate::abi::{context, service};
use crate::engine::context::Context;
use crate::engine::log::{self, Level, Scope};
use crate::engine::{loop_timer, net};
use std::ffi::{c_int, c_uint, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

/// As in evlib/evlib.h.
const SIGNALS: c_uint = 1;
const FEW_SIGNALS: c_uint = 2;

/// What the program wants: chosen before the context exists.
pub struct Wanted {
    kind: Kind,
    ops: &'static Ops,
    /// The table of [`Kind::Custom`], and the info that its context is made from.
    custom: Option<(lws_event_loop_ops, *const lws_context_creation_info)>,
    foreign: *mut c_void,
    flags: c_uint,
    signal_cb: Option<unsafe extern "C" fn(*mut c_void, c_int)>,
}

/// The watch of one context. Used by its service thread alone, but for the flags.
pub struct Watch {
    kind: Kind,
    ops: &'static Ops,
    data: *mut c_void,
    is_foreign: bool,
    signal_cb: Option<unsafe extern "C" fn(*mut c_void, c_int)>,
    /// `lws_service()` is running the loop.
    running: AtomicBool,
    /// The object watches no more: the context was destroyed.
    detached: AtomicBool,
    /// The program destroyed the context a second time, or never got it: nothing has to stay.
    settled: AtomicBool,
}

// SAFETY: the table is constant, `data` is used by the service thread only (see the module), the rest is atomic.
unsafe impl Sync for Watch {}
// SAFETY: as above.
unsafe impl Send for Watch {}

static CORE: Core = Core { ready, signalled };

/// What `info` asks for: `Ok(None)` is the built-in loop. `Err`: the event library is not to be had, one line why.
///
/// # Safety
/// `info` is as in [`crate::abi::context`]; `foreign_loops` as the module says.
pub unsafe fn wanted(info: &lws_context_creation_info) -> Result<Option<Wanted>, String> {
    // SAFETY: NULL or an array with one loop for each thread.
    let foreign = if info.foreign_loops.is_null() { ptr::null_mut() } else { unsafe { *info.foreign_loops } };
    if !info.event_lib_custom.is_null() {
        // SAFETY: a table of the program that outlives the context.
        let table = unsafe { custom::table(info.event_lib_custom)? };
        let custom = Some((table, ptr::from_ref(info)));
        return Ok(Some(Wanted { kind: Kind::Custom, ops: &custom::OPS, custom, foreign, flags: 0, signal_cb: None }));
    }
    let Some(kind) = Kind::of_options(info.options) else {
        if !foreign.is_null() {
            let text = format_args!("foreign_loops is ignored: no event library is chosen in info.options");
            log::process(Level::Warn, "lws_create_context", text);
        }
        return Ok(None);
    };
    let ops = super::load::load(kind).map_err(|why| format!("unable to load evlib plugin {}: {why}", kind.name()))?;
    let few = info.options & LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN != 0;
    let flags = if foreign.is_null() { SIGNALS | if few { FEW_SIGNALS } else { 0 } } else { 0 };
    Ok(Some(Wanted { kind, ops, custom: None, foreign, flags, signal_cb: info.signal_cb }))
}

/// Puts a context that was just installed into its loop.
pub fn attach(wanted: &Wanted, cx: &Context, shared: &Shared) -> Result<Watch, String> {
    let fd = loop_timer::fd(cx).map_err(|error| net::describe(&error))?;
    let number = usize::from(cx.number);
    let pointer = handle::of_context(number);
    // SAFETY: the loop is one of this library, as the program promises; the handle is only decoded when it comes back.
    let data = unsafe {
        match wanted.custom {
            Some((table, info)) => custom::attach(table, wanted.foreign, info, cx, shared)?,
            None => (wanted.ops.attach)(&raw const CORE, pointer.cast(), fd, wanted.foreign, wanted.flags),
        }
    };
    if data.is_null() {
        return Err(format!("{}: the loop cannot watch the context", wanted.kind.name()));
    }
    let is_foreign = match wanted.kind {
        // SAFETY: just attached.
        Kind::Custom => unsafe { !custom::has_run(data) },
        _ => !wanted.foreign.is_null(),
    };
    if let Some(slot) = slots::slot(number) {
        slot.watch();
    }
    Ok(Watch {
        kind: wanted.kind,
        ops: wanted.ops,
        data,
        is_foreign,
        signal_cb: wanted.signal_cb,
        running: AtomicBool::new(false),
        detached: AtomicBool::new(false),
        settled: AtomicBool::new(false),
    })
}

impl Watch {
    /// The native loop.
    pub fn native_loop(&self) -> *mut c_void {
        if self.detached.load(Ordering::Acquire) {
            return ptr::null_mut();
        }
        // SAFETY: the watch is not released.
        unsafe { (self.ops.native_loop)(self.data) }
    }

    /// Whether a loop runs, or may run, in which other threads must not take the service thread's place.
    pub fn is_busy(&self) -> bool {
        self.is_foreign || self.running.load(Ordering::Acquire)
    }

    /// Whether `lws_service()` is a turn of the built-in loop nevertheless: operations of the program without `run_pt`.
    pub fn is_served_from_outside(&self) -> bool {
        self.kind == Kind::Custom && self.is_foreign
    }

    /// The context is about to end, its handles are still good.
    pub fn leave(&self, cx: &Context) {
        if self.kind == Kind::Custom && !self.detached.load(Ordering::Acquire) {
            // SAFETY: the watch is not released before it is detached.
            unsafe { custom::leave(self.data, cx) };
        }
    }

    /// Runs the loop inside of a service call, until it is stopped. False: it is running already.
    pub fn run(&self) -> bool {
        if self.running.swap(true, Ordering::AcqRel) {
            return false;
        }
        // SAFETY: the watch is not released while `running` says so.
        unsafe { (self.ops.run)(self.data) };
        self.running.store(false, Ordering::Release);
        true
    }

    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::Acquire)
    }

    /// The context is empty: the loop watches it no more, and a loop of our own ends.
    pub fn detach(&self) {
        if !self.detached.swap(true, Ordering::AcqRel) {
            // SAFETY: once, in the service thread, before the release.
            unsafe { (self.ops.detach)(self.data) };
        }
    }

    /// Whether the destroyed context keeps its handle until the program destroys it again.
    pub fn keeps_handle(&self) -> bool {
        let running = self.running.load(Ordering::Acquire);
        let later = self.is_foreign && self.kind == Kind::Uv && !self.settled.load(Ordering::Acquire);
        running || later
    }

    /// The program has the context destroyed: again, if it was done before.
    pub fn destroy_asked(&self) {
        if self.detached.load(Ordering::Acquire) {
            self.settle();
        }
    }

    /// Nothing waits for a second call.
    pub fn settle(&self) {
        self.settled.store(true, Ordering::Release);
    }

    /// Frees the watch; the last use of it.
    pub fn release(&self) {
        // SAFETY: detached, not running; called once, when the context's place becomes free.
        unsafe { (self.ops.release)(self.data) };
    }
}

/// The descriptor is readable.
unsafe extern "C" fn ready(context: *mut c_void) {
    service::turn_of_loop(context.cast());
}

/// A signal came to a loop of our own: the program's callback, or what the original does without one.
unsafe extern "C" fn signalled(context: *mut c_void, watcher: *mut c_void, number: c_int) {
    let context: *mut lws_context = context.cast();
    let Some(watch) = handle::shared(context).and_then(|visit| visit.part_if(|shared| shared.watch.get())) else {
        return;
    };
    if let Some(callback) = watch.signal_cb {
        // SAFETY: the program's callback, in the thread that runs the loop; nothing is borrowed or claimed.
        return unsafe { callback(watcher, number) };
    }
    log::process(Level::Notice, "signal", format_args!("signal {number} ends the event loop ({})", watch.kind.name()));
    if watch.kind == Kind::Uv {
        // SAFETY: the pointer is only decoded.
        unsafe { context::lws_context_destroy(context) };
    } else {
        // SAFETY: the watch is not released: its loop runs.
        unsafe { (watch.ops.stop)(watch.data) };
    }
}

/// Says that a program's service call does not fit.
pub fn refuse_nested(function: &'static str, cx: &Context) {
    crate::abi::enter::refuse(function, Scope::Context(cx), "the event loop of this context is running already");
}

//! The system of the program: captive portal detection, functions that other threads have called in the service thread,
//! handing over to another context, and the ids the process runs under.
//!
//! # What C promises
//! The `struct lws_system_ops` of the creation info lives as long as the context; variables for results are writable.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use super::privileges::Identity;
use super::{guard, handle, privileges, state, sul};
use crate::engine::close::{self, CloseCause};
use crate::engine::log::{self, Level, Scope};
use std::cell::UnsafeCell;
use std::collections::VecDeque;
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// The part of a context that the functions here are about; any thread.
pub struct System {
    attached: Mutex<VecDeque<Box<Attached>>>,
    /// An `lws_cpd_result_t`.
    portal: AtomicU32,
    portal_timer: Box<UnsafeCell<PortalTimer>>,
    deprecated: AtomicBool,
    /// Whom the creation info names, and whether the process is that already.
    identity: Identity,
    is_taken_on: AtomicBool,
}

/// A function that waits for its state; what is behind a `struct lws_attach_item *`.
struct Attached {
    call: lws_attach_cb_t,
    state: c_int,
    opaque: *mut c_void,
}

// SAFETY: the pointer is the program's, who gave it to be used in the service thread.
unsafe impl Send for Attached {}

/// A timer and whose it is; the timer comes first, so that its address is this one's.
#[repr(C)]
struct PortalTimer {
    timer: lws_sorted_usec_list_t,
    context: *mut lws_context,
}

impl System {
    /// `identity`: whom the creation info names.
    pub fn new(identity: Identity) -> Self {
        System {
            attached: Mutex::default(),
            portal: AtomicU32::new(LWS_CPD_UNKNOWN.0),
            // SAFETY: an all-zero timer is one that is not scheduled, and NULL a context that is not known.
            portal_timer: Box::new(UnsafeCell::new(unsafe { std::mem::zeroed() })),
            deprecated: AtomicBool::new(false),
            identity,
            is_taken_on: AtomicBool::new(false),
        }
    }

    /// Whether a function waits for a state that is reached.
    pub fn has_ripe(&self, state: c_int) -> bool {
        let attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        attached.iter().any(|item| item.state <= state)
    }

    /// Makes the process who the creation info names; once.
    pub fn take_identity_on(&self) -> Result<(), String> {
        if self.is_taken_on.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        privileges::drop_to(&self.identity)
    }

    fn add(&self, item: Attached) {
        self.attached.lock().unwrap_or_else(PoisonError::into_inner).push_back(Box::new(item));
    }

    fn take_ripe(&self, state: c_int) -> Option<Box<Attached>> {
        let mut attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        let index = attached.iter().position(|item| item.state <= state)?;
        attached.remove(index)
    }
}

/// Runs the functions that wait for a state up to `state`. Called by the service turn; no lock is held while one runs.
///
/// # Safety
/// In the service thread, with nothing borrowed; `ops` is NULL or the program's.
pub unsafe fn run_attached(context: *mut lws_context, ops: *const lws_system_ops_t, system: &System, state: c_int) {
    while system.has_ripe(state) {
        let ask = if ops.is_null() {
            None
        } else {
            // SAFETY: the caller's promise.
            unsafe { (&raw const (*ops).attach).read() }
        };
        let item = match ask {
            // The program's lock may be around the queue: it is the one to ask.
            Some(ask) => {
                let mut item = ptr::null_mut();
                // SAFETY: the program's function, with arguments as the header documents them.
                unsafe { ask(context, 0, None, lws_system_states_t(0), ptr::null_mut(), &raw mut item) };
                if item.is_null() {
                    return;
                }
                // SAFETY: `__lws_system_attach` gave it away below, once.
                unsafe { Box::from_raw(item.cast::<Attached>()) }
            }
            None => match system.take_ripe(state) {
                Some(item) => item,
                None => return,
            },
        };
        if let Some(call) = item.call {
            // SAFETY: the program's function, in the thread it asked for.
            unsafe { call(context, 0, item.opaque) };
        }
    }
}

/// Has `cb(context, tsi, opaque)` called in the service thread once the system state `state` is reached. Any thread.
///
/// With `get` not NULL: takes the first function out whose state is reached, for the library's own use; NULL if there is
/// none. The `attach` member of `struct lws_system_ops` passes its arguments on to this. Returns 0, or 1: no such context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __lws_system_attach(
    context: *mut lws_context,
    tsi: c_int,
    cb: lws_attach_cb_t,
    state: lws_system_states_t,
    opaque: *mut c_void,
    get: *mut *mut lws_attach_item,
) -> c_int {
    let _ = tsi;
    guard::pure("__lws_system_attach", 1, || {
        let shared = enter::shared("__lws_system_attach", context);
        if get.is_null() {
            let Some(shared) = shared else { return 1 };
            let state = c_int::try_from(state.0).unwrap_or(c_int::MAX);
            shared.system.add(Attached { call: cb, state, opaque });
            shared.wake.nudge();
            return 0;
        }
        let item = shared.as_ref().and_then(|shared| {
            // SAFETY: only the service thread asks, and it is the one that changes the state.
            let reached = unsafe { (*shared.states.get()).state };
            shared.system.take_ripe(reached)
        });
        // SAFETY: see the module.
        unsafe { *get = item.map_or(ptr::null_mut(), |item| Box::into_raw(item).cast()) };
        c_int::from(shared.is_none())
    })
}

/// Starts a captive portal detection: the result becomes LWS_CPD_UNKNOWN, and the `captive_portal_detect_request` of the
/// program's `struct lws_system_ops` is called. Returns what that returns; 0 without one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_cpd_start(context: *mut lws_context) -> c_int {
    enter::on_context("lws_system_cpd_start", 1, context, Access::Service, |_, cx| {
        let pointer = handle::of_context(usize::from(cx.number));
        let Some(shared) = handle::shared(pointer) else { return 1 };
        shared.system.portal.store(LWS_CPD_UNKNOWN.0, Ordering::Release);
        let ops: *const lws_system_ops_t = ptr::with_exposed_provenance(shared.system_ops.load(Ordering::Acquire));
        let detect = if ops.is_null() {
            None
        } else {
            // SAFETY: see the module.
            unsafe { (&raw const (*ops).captive_portal_detect_request).read() }
        };
        // SAFETY: the program's function; nothing is borrowed.
        detect.map_or(0, |detect| unsafe { detect(pointer) })
    })
}

/// As `lws_system_cpd_start`, `defer_us` microseconds from now. A start that was put off earlier is moved.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_cpd_start_defer(cx: *mut lws_context, defer_us: lws_usec_t) {
    guard::pure("lws_system_cpd_start_defer", (), || {
        let Some(shared) = enter::shared("lws_system_cpd_start_defer", cx) else { return };
        let timer = shared.system.portal_timer.get();
        // SAFETY: the timer has a fixed address as long as the context; only this function writes the context, always the
        // same value.
        unsafe {
            (&raw mut (*timer).context).write(cx);
            sul::lws_sul_schedule(cx, 0, &raw mut (*timer).timer, Some(portal_due), defer_us);
        }
    });
}

unsafe extern "C" fn portal_due(sul: *mut lws_sorted_usec_list_t) {
    // SAFETY: the timer is the first member of a `PortalTimer` that lives as long as the context.
    unsafe { lws_system_cpd_start((*sul.cast::<PortalTimer>()).context) };
}

/// Tells the result of a captive portal detection; the first one after each start counts. The system states go on to
/// LWS_SYSTATE_OPERATIONAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_cpd_set(context: *mut lws_context, result: lws_cpd_result_t) {
    const NAME: &str = "lws_system_cpd_set";
    enter::on_context(NAME, (), context, Access::Service, |_, cx| {
        let Some(shared) = handle::shared(context) else { return };
        let (unknown, order) = (LWS_CPD_UNKNOWN.0, Ordering::AcqRel);
        if shared.system.portal.compare_exchange(unknown, result.0, order, Ordering::Acquire).is_err() {
            return;
        }
        let what = match result {
            LWS_CPD_INTERNET_OK => "internet is reachable",
            LWS_CPD_CAPTIVE_PORTAL => "a captive portal answers",
            LWS_CPD_NO_INTERNET => "no internet",
            _ => "unknown",
        };
        log::line(Level::Notice, Scope::Context(cx), NAME, format_args!("{what}"));
        let target = LWS_SYSTATE_OPERATIONAL.0 as c_int;
        // SAFETY: the manager lives as long as the context, and this is the service thread.
        unsafe { state::lws_state_transition_steps(shared.states.get(), target) };
    });
}

/// The result of the captive portal detection so far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_cpd_state_get(context: *mut lws_context) -> lws_cpd_result_t {
    guard::pure("lws_system_cpd_state_get", LWS_CPD_UNKNOWN, || {
        enter::shared("lws_system_cpd_state_get", context)
            .map_or(LWS_CPD_UNKNOWN, |shared| lws_cpd_result_t(shared.system.portal.load(Ordering::Acquire)))
    })
}

/// Marks a context as one that another replaces: it listens no more, its connections stay. `cb`, if given, is called when
/// the listening sockets are closed; the context may then be destroyed when its last connection ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_context_deprecate(context: *mut lws_context, cb: lws_reload_func) {
    const NAME: &str = "lws_context_deprecate";
    enter::on_context(NAME, (), context, Access::Service, |may, cx| {
        let Some(shared) = handle::shared(context) else { return };
        if shared.system.deprecated.swap(true, Ordering::AcqRel) {
            return;
        }
        for vhost in cx.all_vhosts() {
            for id in vhost.listeners.take() {
                if let Some(listener) = cx.wsi(id) {
                    close::at_once(may, cx, listener, CloseCause::ours("the context was deprecated"));
                }
            }
            vhost.listen_port.set(0);
        }
        log::line(Level::Notice, Scope::Context(cx), NAME, format_args!("no longer listening"));
        if let Some(call) = cb {
            // SAFETY: the program's function; nothing is borrowed.
            unsafe { call() };
        }
    });
}

/// 1 once `lws_context_deprecate` was called, else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_context_is_deprecated(context: *mut lws_context) -> c_int {
    guard::pure("lws_context_is_deprecated", 0, || {
        let shared = enter::shared("lws_context_is_deprecated", context);
        c_int::from(shared.is_some_and(|shared| shared.system.deprecated.load(Ordering::Acquire)))
    })
}

/// The user and group that the process runs under once privileges are dropped (`uid`, `gid`, `username` and `groupname` of
/// the creation info); those it has now where the info names none. In the product of soname 17, as in 4.1.6, what the info
/// says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_effective_uid_gid(
    context: *mut lws_context,
    uid: *mut libc::uid_t,
    gid: *mut libc::gid_t,
) {
    guard::pure("lws_get_effective_uid_gid", (), || {
        let Some(shared) = enter::shared("lws_get_effective_uid_gid", context) else { return };
        let (own_uid, own_gid) = privileges::effective(&shared.system.identity);
        // SAFETY: see the module.
        unsafe {
            if !uid.is_null() {
                *uid = own_uid;
            }
            if !gid.is_null() {
                *gid = own_gid;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_wait_for_their_state_in_order() {
        let system = System::new(Identity::default());
        for (state, number) in [(12, 1usize), (3, 2), (3, 3)] {
            system.add(Attached { call: None, state, opaque: ptr::without_provenance_mut(number) });
        }
        assert!(!system.has_ripe(2) && system.take_ripe(2).is_none());
        let mut order = Vec::new();
        while let Some(item) = system.take_ripe(3) {
            order.push(item.opaque.addr());
        }
        assert_eq!(order, [2, 3]);
        assert!(!system.has_ripe(11) && system.has_ripe(12));
    }
}

//! Timers of the program: the exported functions of `lws_sorted_usec_list_t`.
//!
//! Where they are kept is in [`super::suls`]; the service turn asks there what is due and has it called by [`call`].
//!
//! # What C promises
//!
//! A timer is zeroed before its first use, and cancelled before its memory goes away.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::layout::{
    LWS_SET_TIMER_USEC_CANCEL, LWSSULLI_MISS_IF_SUSPENDED, LWSSULLI_WAKE_IF_SUSPENDED, lws_context, lws_dll2_owner_t,
    lws_sorted_usec_list, lws_sorted_usec_list_t, lws_usec_t, sul_cb_t,
};
use super::suls::{Ripe, TimerList};
use super::{dll2, enter, guard, handle, time};
use crate::engine::log::{self, Level};
use std::ffi::c_int;

/// Calls `_cb(sul)` in the service thread, `_us` microseconds from now.
///
/// A timer that is scheduled already is moved. `_us` 0, or negative: at the next turn of the loop, never from inside
/// this call; `LWS_SET_TIMER_USEC_CANCEL`: as `lws_sul_cancel`. Until then `sul->list.owner` is not NULL and `sul->us`
/// is the due time on the clock of `lws_now_usecs()`. `tsi` is 0. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sul_schedule(
    ctx: *mut lws_context,
    tsi: c_int,
    sul: *mut lws_sorted_usec_list_t,
    _cb: sul_cb_t,
    _us: lws_usec_t,
) {
    const NAME: &str = "lws_sul_schedule";
    let _ = tsi;
    // SAFETY: the module's "What C promises".
    guard::pure(NAME, (), || unsafe { schedule(NAME, ctx, sul, _cb, _us, LWSSULLI_MISS_IF_SUSPENDED) });
}

/// As `lws_sul_schedule`, for a timer that may wake a device that sleeps; see `lws_sul_earliest_wakeable_event`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sul_schedule_wakesuspend(
    ctx: *mut lws_context,
    tsi: c_int,
    sul: *mut lws_sorted_usec_list_t,
    _cb: sul_cb_t,
    _us: lws_usec_t,
) {
    const NAME: &str = "lws_sul_schedule_wakesuspend";
    let _ = tsi;
    // SAFETY: the module's "What C promises".
    guard::pure(NAME, (), || unsafe { schedule(NAME, ctx, sul, _cb, _us, LWSSULLI_WAKE_IF_SUSPENDED) });
}

/// Takes back a timer, and zeroes `sul->us`. Nothing else happens if it is not scheduled. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sul_cancel(sul: *mut lws_sorted_usec_list_t) {
    // SAFETY: the module's "What C promises".
    guard::pure("lws_sul_cancel", (), || unsafe { cancel(sul) });
}

/// Schedules `sul`, whose `us` (absolute, on the clock of `lws_now_usecs()`) and `cb` are set already.
///
/// `flags`: `LWSSULLI_MISS_IF_SUSPENDED` or `LWSSULLI_WAKE_IF_SUSPENDED`. `tsi` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sul2_schedule(
    context: *mut lws_context,
    tsi: c_int,
    flags: c_int,
    sul: *mut lws_sorted_usec_list_t,
) {
    const NAME: &str = "lws_sul2_schedule";
    let _ = tsi;
    guard::pure(NAME, (), || {
        if sul.is_null() {
            return;
        }
        let Some(suls) = handle::suls(context) else { return complain(NAME, "no such context") };
        // SAFETY: the module's "What C promises".
        unsafe { suls.schedule_at(NAME, sul, (*sul).cb, (*sul).us, flags) };
    });
}

/// Tells when the device must wake at the latest.
///
/// Returns 0 and the due time of the earliest timer that was scheduled with a wake, on the clock of `lws_now_usecs()`;
/// 1 if there is none (`*pearliest` stays as it is).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sul_earliest_wakeable_event(ctx: *mut lws_context, pearliest: *mut lws_usec_t) -> c_int {
    const NAME: &str = "lws_sul_earliest_wakeable_event";
    guard::pure(NAME, 1, || {
        let Some(due) = enter::shared(NAME, ctx).and_then(|shared| shared.suls.earliest_wakeable()) else { return 1 };
        if !pearliest.is_null() {
            // SAFETY: not NULL, so room for a time.
            unsafe { pearliest.write(due) };
        }
        0
    })
}

/// Puts `sul` into a sorted list of timers at its place by `sul->us`; it is removed from where it was.
///
/// For event loop integrations. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __lws_sul_insert(own: *mut lws_dll2_owner_t, sul: *mut lws_sorted_usec_list_t) -> c_int {
    guard::pure("__lws_sul_insert", 0, || {
        if own.is_null() || sul.is_null() {
            return 0;
        }
        // SAFETY: the module's "What C promises"; a list that is not of a context belongs to the caller.
        unsafe {
            match TimerList::of(own) {
                Some(timers) => timers.insert(sul, (*sul).us),
                None => {
                    dll2::remove(&raw mut (*sul).list);
                    dll2::add_sorted(&raw mut (*sul).list, own, |listed| {
                        let listed = listed.cast::<lws_sorted_usec_list>();
                        if (*listed).us < (*sul).us { -1 } else { 0 }
                    });
                }
            }
        }
        0
    })
}

/// Runs all timers of a context that are due at `usnow`; `own` is its array of lists.
///
/// For event loop integrations. Returns the microseconds from `usnow` to the next timer, 0 if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __lws_sul_service_ripe(
    own: *mut lws_dll2_owner_t,
    own_len: c_int,
    usnow: lws_usec_t,
) -> lws_usec_t {
    let _ = own_len;
    guard::pure("__lws_sul_service_ripe", 0, || {
        let Some(timers) = TimerList::of(own) else { return 0 };
        while let Some(ripe) = timers.pop_ripe(usnow) {
            // SAFETY: popped just now, with no lock held.
            unsafe { call(ripe) };
        }
        timers.next_due().map_or(0, |due| due.saturating_sub(usnow).max(1))
    })
}

/// Calls a due timer of the program. The only place where that happens.
///
/// # Safety
/// No borrow of anything a program can change is alive.
pub unsafe fn call(ripe: Ripe) {
    // SAFETY: the program scheduled this function for this node and has not cancelled it since.
    unsafe { (ripe.cb)(ripe.sul) };
}

/// # Safety
/// `sul` is a valid timer or NULL.
unsafe fn schedule(
    function: &'static str,
    context: *mut lws_context,
    sul: *mut lws_sorted_usec_list,
    cb: sul_cb_t,
    us: lws_usec_t,
    flags: c_int,
) {
    if sul.is_null() {
        return complain(function, "the timer is NULL");
    }
    // SAFETY: the caller's promise.
    unsafe {
        if us == LWS_SET_TIMER_USEC_CANCEL {
            return cancel(sul);
        }
        let Some(suls) = handle::suls(context) else { return complain(function, "no such context") };
        suls.schedule_at(function, sul, cb, time::now_usecs().saturating_add(us), flags);
    }
}

/// # Safety
/// `sul` is a valid timer or NULL.
unsafe fn cancel(sul: *mut lws_sorted_usec_list) {
    if sul.is_null() {
        return;
    }
    // SAFETY: the caller's promise.
    unsafe {
        dll2::remove(&raw mut (*sul).list);
        (*sul).us = 0;
    }
}

/// One error line about what the program got wrong.
pub fn complain(function: &'static str, text: &str) {
    log::process(Level::Err, function, format_args!("{text}"));
}

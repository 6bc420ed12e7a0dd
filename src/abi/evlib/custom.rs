//! Loop operations of the program itself (`info.event_lib_custom`).
//!
//! With the original the operations are told of every connection. Here they are told of one that stands for all: its
//! descriptor is that of the whole context (`oxlws_context_fd()`), which is readable whenever a turn has something to do,
//! and `lws_service_fd()` with it does the turn. A loop that is written with the public calls cannot tell the difference:
//! it adds what `sock_accept` brings, waits as `io` says, and takes out what `wsi_logical_close` names.
//!
//! Of the operations these are used, each if it is there: `init_context`, `init_pt`, `sock_accept`, `io`, `run_pt`, at the end
//! `io`, `wsi_logical_close`, `destroy_wsi`, `destroy_pt`, `destroy_context1`, `destroy_context2`.
//!
//! # What C promises
//! The table and the foreign loop outlive the context. The operations are called in the service thread, or in
//! `lws_create_context()`, while nothing of the context is borrowed.
#![allow(unsafe_code)]

use super::load::{Core, Ops};
use crate::abi::handle;
use crate::abi::layout::*;
use crate::abi::slots::Shared;
use crate::engine::context::{Context, Life};
use std::ffi::{c_int, c_uint, c_void};
use std::ptr;
use std::sync::atomic::Ordering;

/// What [`OPS`] work on.
struct Custom {
    // INVARIANT: a copy of the program's table, whose functions stay callable as long as the context lives.
    ops: lws_event_loop_ops,
    // INVARIANT: a handle, never followed as a pointer: it is only given back to the program.
    context: *mut lws_context,
    // INVARIANT: NULL or the program's loop, never followed: it is only given back to the program.
    foreign: *mut c_void,
    /// Zeroed memory of `evlib_size_pt` bytes, the loop's own, aligned as malloc does.
    // INVARIANT: `Shared::evlib_pt` points to it until this is dropped or `attach` failed; nobody here looks into it.
    _memory: Box<[u128]>,
}

/// Stands for the context's loop; `attach` is not used (see [`attach`]).
pub static OPS: Ops =
    Ops { tag: c"oxlws-custom".as_ptr(), attach: no_attach, native_loop, run, stop: nothing, detach: nothing, release };

/// A table that the program gave, judged before the context exists.
///
/// # Safety
/// `plugin` is NULL or as the module says.
pub unsafe fn table(plugin: *const lws_plugin_evlib) -> Result<lws_event_loop_ops, String> {
    // SAFETY: as the caller says.
    let ops = unsafe { plugin.as_ref().and_then(|plugin| plugin.ops.as_ref()) };
    let ops = ops.ok_or("event_lib_custom has no table of operations")?;
    if ops.sock_accept.is_none() && ops.io.is_none() {
        return Err("event_lib_custom has neither sock_accept nor io: nothing would be watched".into());
    }
    Ok(*ops)
}

/// Tells the operations of the context and of the connection that stands for it.
///
/// # Safety
/// As the module says; `info` is what the context is made from.
pub unsafe fn attach(
    ops: lws_event_loop_ops,
    foreign: *mut c_void,
    info: *const lws_context_creation_info,
    cx: &Context,
    shared: &Shared,
) -> Result<*mut c_void, String> {
    let context = handle::of_context(usize::from(cx.number));
    let pieces = usize::from(ops.evlib_size_pt).div_ceil(size_of::<u128>()).max(1);
    let mut memory = vec![0_u128; pieces].into_boxed_slice();
    shared.evlib_pt.store(memory.as_mut_ptr().cast(), Ordering::Release);
    let custom = Custom { ops, context, foreign, _memory: memory };
    let stand_in = cx.begin_stand_in().ok_or("no place for the connection that stands for the loop")?;
    let wsi = handle::of_id(cx, stand_in);
    let is_ended = || cx.life.get() != Life::Running;
    // SAFETY: the program's operations, with the handles that they are made for; each may end the context, which is
    // carried out when its creation has returned.
    let (failed, begun) = unsafe {
        if ops.init_context.is_some_and(|init| init(context, info) != 0) {
            (Some("init_context"), Begun::Nothing)
        } else if is_ended() {
            (Some("init_context"), Begun::Context)
        } else if ops.init_pt.is_some_and(|init| init(context, foreign, 0) != 0) {
            (Some("init_pt"), Begun::Context)
        } else if is_ended() {
            (Some("init_pt"), Begun::Part)
        } else if ops.sock_accept.is_some_and(|accept| accept(wsi) != 0) {
            (Some("sock_accept"), Begun::Part)
        } else {
            if let Some(io) = ops.io {
                io(wsi, LWS_EV_START | LWS_EV_READ);
            }
            (None, Begun::Part)
        }
    };
    if let Some(operation) = failed {
        cx.end_stand_in();
        // SAFETY: as above.
        unsafe { undo(&ops, context, begun) };
        shared.evlib_pt.store(ptr::null_mut(), Ordering::Release);
        let what = if is_ended() { "the context was destroyed in it" } else { "it failed" };
        return Err(format!("event_lib_custom: {operation}: {what}"));
    }
    Ok(Box::into_raw(Box::new(custom)).cast())
}

/// How far the operations of the beginning came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    Nothing,
    /// `init_context` succeeded.
    Context,
    /// `init_pt` as well.
    Part,
}

/// The operations of the end for what has begun.
///
/// # Safety
/// As the module says.
unsafe fn undo(ops: &lws_event_loop_ops, context: *mut lws_context, begun: Begun) {
    // SAFETY: the program's operations, with the handle that they are made for.
    unsafe {
        if begun == Begun::Part
            && let Some(destroy) = ops.destroy_pt
        {
            destroy(context, 0);
        }
        if begun != Begun::Nothing {
            for destroy in [ops.destroy_context1, ops.destroy_context2].into_iter().flatten() {
                destroy(context);
            }
        }
    }
}

/// The context is about to end: the operations of the end, while its handles are good.
///
/// # Safety
/// `data` is what [`attach`] gave, and not released.
pub unsafe fn leave(data: *mut c_void, cx: &Context) {
    let Some(stand_in) = cx.stand_in.get() else { return };
    // SAFETY: as the caller says. A copy: the operations may do anything.
    let (ops, context) = unsafe { ((*data.cast::<Custom>()).ops, (*data.cast::<Custom>()).context) };
    let wsi = handle::of_id(cx, stand_in);
    // SAFETY: the program's operations, with the handles that they are made for.
    unsafe {
        if let Some(io) = ops.io {
            io(wsi, LWS_EV_STOP | LWS_EV_READ | LWS_EV_WRITE);
        }
        if let Some(close) = ops.wsi_logical_close {
            close(wsi);
        }
        if let Some(destroy) = ops.destroy_wsi {
            destroy(wsi);
        }
        cx.end_stand_in();
        undo(&ops, context, Begun::Part);
    }
}

/// Whether the loop is run by `lws_service()`.
///
/// # Safety
/// As of [`leave`].
pub unsafe fn has_run(data: *mut c_void) -> bool {
    // SAFETY: as the caller says.
    unsafe { (*data.cast::<Custom>()).ops.run_pt.is_some() }
}

unsafe extern "C" fn no_attach(_: *const Core, _: *mut c_void, _: c_int, _: *mut c_void, _: c_uint) -> *mut c_void {
    ptr::null_mut()
}

unsafe extern "C" fn native_loop(data: *mut c_void) -> *mut c_void {
    // SAFETY: what `attach` gave.
    unsafe { (*data.cast::<Custom>()).foreign }
}

unsafe extern "C" fn run(data: *mut c_void) {
    // SAFETY: what `attach` gave; nothing is borrowed while the loop runs.
    let (run, context) = unsafe { ((*data.cast::<Custom>()).ops.run_pt, (*data.cast::<Custom>()).context) };
    if let Some(run) = run {
        // SAFETY: the program's operation, without the claim, as loops of event libraries run.
        unsafe { run(context, 0) };
    }
}

unsafe extern "C" fn nothing(_: *mut c_void) {}

unsafe extern "C" fn release(data: *mut c_void) {
    // SAFETY: what `attach` gave, for the last time.
    drop(unsafe { Box::from_raw(data.cast::<Custom>()) });
}

//! The native loop behind a context.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::enter::{self, Access};
use crate::abi::handle;
use crate::abi::layout::lws_context;
use std::ffi::c_void;
use std::ptr;

/// The loop of the event library that the context is in: `uv_loop_t *`, `struct ev_loop *`, `GMainLoop *`,
/// `struct event_base *` or `sd_event *`.
///
/// What was given in `info.foreign_loops`, or the loop that the library made and `lws_service()` runs; the program may put
/// its own timers and descriptors in there, and stop it, which makes `lws_service()` return 1. NULL: the context has the
/// built-in loop, or was destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_event_loop(context: *mut lws_context) -> *mut c_void {
    enter::on_context("oxlws_event_loop", ptr::null_mut(), context, Access::Service, |_, _| {
        let watch = handle::shared(context).and_then(|visit| visit.part_if(|shared| shared.watch.get()));
        watch.map_or(ptr::null_mut(), |watch| watch.native_loop())
    })
}

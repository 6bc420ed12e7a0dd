//! One descriptor that stands for a whole context.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::enter::{self, Access};
use crate::abi::layout::lws_context;
use crate::engine::log::{self, Level, Scope};
use crate::engine::{loop_timer, net};
use std::ffi::c_int;

/// A descriptor that any event loop can watch in place of all connections, timers and wake-ups of a context.
///
/// It is readable (POLLIN, by level) whenever a service call has something to do, also when a timer is due, when another
/// thread called `lws_cancel_service()` or queued something, and when work is pending that no socket tells of. When it is,
/// call `lws_service(context, -1)`, which does what there is and does not wait; there is no timeout to compute:
///
/// ```c
/// struct pollfd watched = { oxlws_context_fd(context), POLLIN, 0 };
/// int ended = 0;
/// while (!ended && poll(&watched, 1, -1) >= 0)
///     ended = watched.revents && lws_service(context, -1) < 0;
/// ```
///
/// Readable is all it ever is: it cannot be read or written, and events other than POLLIN mean nothing. Edge-triggered
/// watchers must call `lws_service(context, -1)` until poll() says that it is no longer readable.
///
/// It may be watched by several means at a time and added to an epoll set. It belongs to the library, stays the same and
/// open until the context is destroyed, and must not be closed; a loop that does not notice closed descriptors has to be
/// told to stop watching before `lws_context_destroy()`. Other calls (writes, timers, connects) may come from anywhere in
/// the program's loop, in the thread that services the context. Contexts that this was not called for pay nothing.
///
/// Returns the descriptor; -1: not a context, another thread's, or no descriptor left. The log says which.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_context_fd(context: *mut lws_context) -> c_int {
    const NAME: &str = "oxlws_context_fd";
    enter::on_context(NAME, -1, context, Access::Service, |_, cx| match loop_timer::fd(cx) {
        Ok(fd) => {
            if let Some(slot) = crate::abi::slots::slot(usize::from(cx.number)) {
                slot.watch();
            }
            fd
        }
        Err(error) => {
            let why = net::describe(&error);
            log::line(Level::Err, Scope::Context(cx), NAME, format_args!("cannot make a timer: {why}"));
            -1
        }
    })
}

//! What the original exports for its own event loop plugins: kept for programs that name it, safe whatever they do.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::handle::{self, Named};
use super::layout::*;
use super::slots::Slot;
use super::{context, cstr, service};
use crate::engine::close::{self, CloseCause};
use crate::engine::log::{self, Level};
use crate::engine::wsi::flag;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::Ordering;

/// Ends a connection with its callbacks, without a close handshake; from its own callback, when that returns.
fn close(function: &'static str, wsi: *mut lws, why: &str) {
    enter::on_wsi(function, (), wsi, Access::Service, |may, cx, wsi| {
        if wsi.pins.get() == 0 {
            close::at_once(may, cx, wsi, CloseCause::ours(format!("{function} {why}")));
        } else {
            wsi.set(flag::KILL);
            cx.make_pending(wsi);
        }
    });
}

/// Ends a connection as `lws_wsi_close()` does. `reason` is not sent; `caller` is for the log.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_close_free_wsi(wsi: *mut lws, reason: lws_close_status, caller: *const c_char) {
    let _ = reason;
    // SAFETY: a text or NULL.
    let caller = unsafe { cstr::owned(caller) }.unwrap_or_default();
    close("lws_close_free_wsi", wsi, &caller);
}

/// Ends a connection as `lws_wsi_close()` does; its memory is given back by the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __lws_close_free_wsi_final(wsi: *mut lws) {
    close("__lws_close_free_wsi_final", wsi, "");
}

/// The same as `lws_vhost_destroy()`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vhost_destroy1(vh: *mut lws_vhost) {
    // SAFETY: the pointer is only decoded.
    unsafe { context::lws_vhost_destroy(vh) };
}

/// Has what a connection can send be sent, and WRITEABLE called, in the present or next turn of the loop. Returns 0;
/// -1: the connection is gone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_handle_POLLOUT_event(wsi: *mut lws, pollfd: *mut libc::pollfd) -> c_int {
    let _ = pollfd;
    enter::on_wsi("lws_handle_POLLOUT_event", -1, wsi, Access::Service, |_, cx, wsi| {
        wsi.set(flag::WRITABLE);
        cx.make_pending(wsi);
        0
    })
}

/// One turn of the loop, the same as `lws_service_tsi()`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _lws_plat_service_tsi(context: *mut lws_context, timeout_ms: c_int, tsi: c_int) -> c_int {
    // SAFETY: the pointer is only decoded.
    unsafe { service::lws_service_tsi(context, timeout_ms, tsi) }
}

/// One turn of the loop that does not wait: connections with input that was read already, and whatever is due.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _lws_plat_service_forced_tsi(context: *mut lws_context, tsi: c_int) -> c_int {
    // SAFETY: the pointer is only decoded.
    unsafe { service::lws_service_tsi(context, -1, tsi) }
}

/// Does nothing: the loop itself hands out input that flow control held back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_service_do_ripe_rxflow(pt: *mut lws_context_per_thread) {
    let _ = pt;
}

/// Does nothing: the descriptor that wakes the loop is no connection, and goes with the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_destroy_event_pipe(wsi: *mut lws) {
    let _ = wsi;
}

/// Does nothing: decrypted input that waits is kept by the connection itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ssl_remove_wsi_from_buffered_list(wsi: *mut lws) {
    let _ = wsi;
}

/// Memory of the loop operations given in `info.event_lib_custom`, `evlib_size_pt` bytes, zeroed at first; NULL without
/// such operations. The native loop of an event library is given by `oxlws_event_loop()` of <oxlws.h>.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_evlib_tsi_to_evlib_pt(ctx: *mut lws_context, tsi: c_int) -> *mut c_void {
    let _ = tsi;
    handle::shared(ctx).map_or(ptr::null_mut(), |shared| shared.evlib_pt.load(Ordering::Acquire))
}

/// As `lws_evlib_tsi_to_evlib_pt()`, for the context of a connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_evlib_wsi_to_evlib_pt(wsi: *mut lws) -> *mut c_void {
    match handle::decode(wsi.addr()) {
        Some(named @ Named::Wsi(..)) => handle::slot_of(named)
            .and_then(Slot::shared)
            .map_or(ptr::null_mut(), |shared| shared.evlib_pt.load(Ordering::Acquire)),
        _ => ptr::null_mut(),
    }
}

/// Refused: NULL, and the connection stays as it is. Redirects are followed inside; a program connects anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_client_reset(
    pwsi: *mut *mut lws,
    ssl: c_int,
    address: *const c_char,
    port: c_int,
    path: *const c_char,
    host: *const c_char,
    weak: c_char,
) -> *mut lws {
    let _ = (pwsi, ssl, address, port, path, host, weak);
    let text = format_args!("refused: a connection keeps its target; make another with lws_client_connect_via_info()");
    log::process(Level::Err, "lws_client_reset", text);
    ptr::null_mut()
}

/// 0: no parent carries the traffic of its children here, so none waits for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_child_pending_on_writable(wsi: *const lws) -> c_int {
    enter::on_wsi("lws_get_child_pending_on_writable", 0, wsi, Access::Getter, |_, _, _| 0)
}

/// Does nothing, see `lws_get_child_pending_on_writable`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_clear_child_pending_on_writable(wsi: *mut lws) {
    enter::on_wsi("lws_clear_child_pending_on_writable", (), wsi, Access::Getter, |_, _, _| ());
}

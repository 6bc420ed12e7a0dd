//! Sending and being asked to send, closing, timers and flow control of a connection.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::enter::{self, Access};
use super::layout::*;
use crate::engine::asked;
use crate::engine::log::Scope;
use crate::engine::out;
use crate::engine::role;
use crate::engine::wake::Command;
use crate::engine::wsi::{Role, flag};
use crate::engine::{close, deadline};
use std::ffi::{c_int, c_uchar};

/// Queues `len` bytes at `buf`; never changes them, whether or not there are `LWS_PRE` bytes in front.
///
/// May be called at any time and any number of times after the connection is established; frames keep their order and
/// leave together. Returns `len` (for PING and PONG the bytes of the whole frame), or -1: the connection is dead or the
/// call made no sense; nothing was queued. From another thread the bytes are copied and queued, with the same result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_write(
    wsi: *mut lws,
    buf: *mut c_uchar,
    len: usize,
    protocol: lws_write_protocol,
) -> c_int {
    // SAFETY: `len` readable bytes of the program, for the length of the call.
    if let Some(payload) = unsafe { cstr::some_bytes(buf, len) } {
        let kind = protocol.0 as i32;
        let usual = |_: &mut _, cx: &_, wsi: &_| asked::write_usual(cx, wsi, payload, kind).then_some(len as c_int);
        if let Some(sent) = enter::on_called("lws_write", wsi, usual) {
            return sent;
        }
    }
    // SAFETY: as above.
    unsafe { write_anywhere(wsi, buf, len, protocol) }
}

/// `lws_write` of anything to any connection, from anywhere. Apart, as [`request_writeable`].
///
/// # Safety
/// As `lws_write`.
#[inline(never)]
unsafe fn write_anywhere(wsi: *mut lws, buf: *mut c_uchar, len: usize, protocol: lws_write_protocol) -> c_int {
    const NAME: &str = "lws_write";
    let Ok(length) = c_int::try_from(len) else {
        return refuse_write(wsi, "the length is larger than INT_MAX");
    };
    let kind = protocol.0 as i32;
    // SAFETY: the caller's promise.
    let payload = unsafe { cstr::bytes(buf, len) };
    if payload.len() != len {
        return refuse_write(wsi, "buf is NULL");
    }
    let command = |id| {
        role::ws::check_write(payload, kind)?;
        let mut copy = Vec::new();
        copy.try_reserve_exact(payload.len()).map_err(|_| "no memory for a copy of the bytes")?;
        copy.extend_from_slice(payload);
        Ok(Command::Write { wsi: id, payload: copy, protocol: kind })
    };
    enter::on_wsi_or_try_queue(NAME, -1, length, wsi, command, |may, cx, wsi| {
        match asked::write(may, cx, wsi, payload, kind) {
            Ok(sent) => c_int::try_from(sent).unwrap_or(c_int::MAX),
            Err(why) => {
                enter::refuse(NAME, Scope::Wsi(wsi), why);
                -1
            }
        }
    })
}

#[cold]
fn refuse_write(wsi: *mut lws, why: &'static str) -> c_int {
    enter::on_wsi("lws_write", -1, wsi, Access::Getter, |_, _, wsi| {
        enter::refuse("lws_write", Scope::Wsi(wsi), why);
        -1
    })
}

/// Asks for one WRITEABLE callback when the connection can take data.
///
/// Returns 1: noted; 0: the connection is going down; -1: not a connection. From another thread: queued, 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_callback_on_writable(wsi: *mut lws) -> c_int {
    const NAME: &str = "lws_callback_on_writable";
    let usual = |_: &mut _, cx: &_, wsi: &_| asked::request_writeable_usual(cx, wsi).then_some(1);
    enter::on_called(NAME, wsi, usual).unwrap_or_else(|| request_writeable(NAME, wsi))
}

/// `lws_callback_on_writable` of any connection, from anywhere. Apart, so that the short way needs no registers saved.
#[inline(never)]
fn request_writeable(function: &'static str, wsi: *mut lws) -> c_int {
    enter::on_wsi_or_queue(function, -1, 1, wsi, Command::RequestWriteable, |may, cx, wsi| {
        if wsi.role.get() == Role::Stub { -1 } else { asked::request_writeable(may, cx, wsi) }
    })
}

/// Nonzero while a write would have to wait: something is backlogged, or the socket takes no more now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_send_pipe_choked(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_send_pipe_choked", 1, wsi, Access::Getter, |_, _, wsi| {
        c_int::from(out::is_backlogged(wsi) || !wsi.has(flag::WRITABLE) || wsi.has(flag::WRITE_DEAD))
    })
}

/// 1 while bytes of an earlier write wait for the socket.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_partial_buffered(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_partial_buffered", 0, wsi, Access::Getter, |_, _, wsi| c_int::from(out::is_backlogged(wsi)))
}

/// Stores the code and text that are sent when a later callback returns nonzero; at most 123 bytes of text are kept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_close_reason(wsi: *mut lws, status: lws_close_status, buf: *mut c_uchar, len: usize) {
    const NAME: &str = "lws_close_reason";
    enter::on_wsi(NAME, (), wsi, Access::Service, |_, _, wsi| {
        if wsi.role.get() != Role::Ws {
            return enter::refuse(NAME, Scope::Wsi(wsi), "not a ws connection");
        }
        // SAFETY: `len` readable bytes of the program or NULL, for the length of the call.
        let text = unsafe { cstr::bytes(buf, len) };
        close::set_reason(wsi, status.0 as u16, text);
    });
}

/// Length of the payload of the close frame sent or answered, code included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_close_length(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_get_close_length", 0, wsi, Access::Getter, |_, _, wsi| {
        let length = wsi.peek_rare(|rare| rare.close_payload.len()).unwrap_or(0);
        c_int::try_from(length).unwrap_or(0)
    })
}

/// The payload of the close frame sent or answered; valid until the callback returns or the reason is set again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_close_payload(wsi: *mut lws) -> *mut c_uchar {
    enter::on_wsi("lws_get_close_payload", std::ptr::null_mut(), wsi, Access::Getter, |_, _, wsi| {
        wsi.with_rare(|rare| rare.close_payload.as_mut_ptr())
    })
}

/// Closes the connection after `secs`, unless set anew or cleared with 0.
///
/// `LWS_TO_KILL_ASYNC`: at the next turn of the loop. `LWS_TO_KILL_SYNC`: before the call returns (when a callback of
/// this connection is running: when that returns). From another thread: queued.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_timeout(wsi: *mut lws, reason: pending_timeout, secs: c_int) {
    let number = reason.0;
    let command = |id| Command::SetTimeout { wsi: id, reason: number, secs };
    enter::on_wsi_or_queue("lws_set_timeout", (), (), wsi, command, |may, cx, wsi| {
        asked::set_timeout(may, cx, wsi, number, secs);
    });
}

/// One TIMER callback after `usecs`; a new call replaces the old time, `LWS_SET_TIMER_USEC_CANCEL` cancels. From another
/// thread: queued.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_timer_usecs(wsi: *mut lws, usecs: lws_usec_t) {
    let command = |id| Command::SetTimerUsecs { wsi: id, us: usecs };
    enter::on_wsi_or_queue("lws_set_timer_usecs", (), (), wsi, command, |_, cx, wsi| asked::set_timer(cx, wsi, usecs));
}

/// Stops (0) or resumes (1) delivery of received data, or changes a set of reasons (`LWS_RXFLOW_REASON_...`).
///
/// Returns 0; -1: not a connection. From another thread: queued.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_rx_flow_control(wsi: *mut lws, enable: c_int) -> c_int {
    let command = |id| Command::RxFlow { wsi: id, bits: enable };
    enter::on_wsi_or_queue("lws_rx_flow_control", -1, 0, wsi, command, |_, cx, wsi| {
        asked::rx_flow(cx, wsi, enable);
        0
    })
}

/// Tells that the peer proved to be alive: the times of the validity policy start anew. From another thread: queued.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_validity_confirmed(wsi: *mut lws) {
    enter::on_wsi_or_queue("lws_validity_confirmed", (), (), wsi, Command::ValidityConfirmed, |_, cx, wsi| {
        deadline::confirm_validity(cx, wsi);
    });
}

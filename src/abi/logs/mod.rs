//! Logging: what happens to a line between the program or the engine that says it and the function that shows it.
//!
//! | question | file |
//! |---|---|
//! | where do masks, counts and the file of a log context live | [`cx`] |
//! | how is one line put together in its 256 bytes | `line` |
//! | what do the ready-made emitters do | [`emit`] |
//! | how are buffers dumped | [`hexdump`] |
//! | how are connections, vhosts and contexts named | [`objects`] |
//!
//! A line is built on the stack of the thread that speaks and emitted there with no lock held, so any thread may log at
//! any time, also from inside an emitter.
//!
//! # What C promises
//!
//! A log context handed to this library stays valid, and its fields are not written by two threads at once, for as long
//! as it is bound to something that may log.
#![allow(unsafe_code, clippy::missing_safety_doc)]

pub mod cx;
pub mod emit;
pub mod hexdump;
mod line;
pub mod objects;

use super::guard;
use super::layout::{lws_log_cx, lws_log_emit_t, lws_log_prepend_cx_t};
use crate::engine::log::{self, Level, Scope};
use cx::Cx;
use line::Line;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt::{Arguments, Write};

/// Makes the program's log the place where the engine's lines go. Every way into the library that may log calls this
/// first; later calls change nothing.
pub fn install() {
    log::install(&EngineLines);
}

/// Sets which levels are logged and by whom, for everything that has no log context of its own.
///
/// `level`: OR of the `LLL_*` bits; what it was before is forgotten. `log_emit_function`: gets every line, in the thread
/// that logs; NULL leaves it as it is (at first `lwsl_emit_stderr`). Any time, also before a context exists.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_log_level(level: c_int, log_emit_function: lws_log_emit_t) {
    guard::pure("lws_set_log_level", (), || {
        install();
        cx::set_process(level, log_emit_function);
    });
}

/// Tells whether a line of `level` would be shown by the process-wide log context.
///
/// Returns 1 if any bit of `level` is in the mask, else 0. (The 4.1 ABI returns the bits instead of 1.)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_visible(level: c_int) -> c_int {
    guard::pure("lwsl_visible", 0, || {
        let bits = Cx::process().flags() & level.cast_unsigned();
        if cfg!(feature = "abi41") { bits.cast_signed() } else { c_int::from(bits != 0) }
    })
}

/// Whether `cx` (NULL: the process-wide context) shows lines of `level`.
///
/// # Safety
/// `cx` is NULL or points to a log context.
pub unsafe fn wanted(cx: *mut lws_log_cx, level: c_int) -> bool {
    // SAFETY: the caller's promise.
    unsafe { Cx::from_ptr(cx) }.shows(level)
}

/// One finished text through `cx`: the end of the variadic functions.
///
/// `text_len` is the length the text would have; if the buffer was too small for it, `text` holds as much as there was
/// room for.
///
/// # Safety
/// `cx` as for [`wanted`]; `prepend` may be called with `obj`; `function` is NULL or a C string; `text` is a C string.
pub unsafe fn emit_text(
    cx: *mut lws_log_cx,
    prepend: lws_log_prepend_cx_t,
    obj: *mut c_void,
    level: c_int,
    function: *const c_char,
    text: *const c_char,
    text_len: usize,
) {
    // SAFETY: the caller's promise.
    let cx = unsafe { Cx::from_ptr(cx) };
    let function = if function.is_null() {
        None
    } else {
        // SAFETY: not NULL, so a C string by the caller's promise; it is not kept.
        Some(unsafe { CStr::from_ptr(function) })
    };
    // SAFETY: the caller's promise; it is not kept.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes();

    let mut line = Line::new(level);
    cx.write_prepends(&mut line);
    line.write_prepend(&cx, prepend, obj);
    if let Some(function) = function {
        line.push(function.to_bytes());
        line.push(b": ");
    }
    line.start_text();
    line.push_cut(text, text_len);
    cx.emit(level, &mut line);
}

/// The engine's lines, on their way to the log context of what they are about.
struct EngineLines;

impl log::Sink for EngineLines {
    fn enabled(&self, level: Level, scope: Scope<'_>) -> bool {
        objects::scope_cx(scope).shows(level as c_int)
    }

    fn line(&self, level: Level, scope: Scope<'_>, function: &str, text: Arguments<'_>) {
        let cx = objects::scope_cx(scope);
        let mut line = Line::new(level as c_int);
        cx.write_prepends(&mut line);
        objects::write_tag(&mut line, scope);
        line.push(function.as_bytes());
        line.push(b": ");
        line.start_text();
        let _ = line.write_fmt(text);
        line.end_engine_text();
        cx.emit(level as c_int, &mut line);
    }
}

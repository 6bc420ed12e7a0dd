//! Log levels and log contexts.
#![allow(non_camel_case_types)]
use std::ffi::{c_char, c_int, c_void};
use std::mem::offset_of;

pub type lws_log_cx_t = lws_log_cx;

/// Writes one log line, given the log context and the length.
pub type lws_log_emit_cx_t =
    Option<unsafe extern "C" fn(cx: *mut lws_log_cx, level: c_int, line: *const c_char, len: usize)>;

/// Writes one log line that is complete with its newline.
pub type lws_log_emit_t = Option<unsafe extern "C" fn(level: c_int, line: *const c_char)>;

/// Puts the tag of an object in front of a log line.
pub type lws_log_prepend_cx_t =
    Option<unsafe extern "C" fn(cx: *mut lws_log_cx, obj: *mut c_void, p: *mut *mut c_char, e: *mut c_char)>;

/// Told when objects are attached to a log context (positive) and detached.
pub type lws_log_use_cx_t = Option<unsafe extern "C" fn(cx: *mut lws_log_cx, change: c_int)>;

/// The output function; which member is valid depends on `LLLF_LOG_CONTEXT_AWARE` in `lll_flags`.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_log_cx_u {
    pub emit: lws_log_emit_t,
    pub emit_cx: lws_log_emit_cx_t,
}
const _: () = {
    assert!(size_of::<lws_log_cx_u>() == 8);
    assert!(offset_of!(lws_log_cx_u, emit) == 0);
    assert!(offset_of!(lws_log_cx_u, emit_cx) == 0);
};

/// A log context: where lines of the objects attached to it go, and which levels are visible.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_log_cx {
    /// Writes the lines.
    pub u: lws_log_cx_u,
    /// Told when objects come and go; may be NULL.
    pub refcount_cb: lws_log_use_cx_t,
    /// Puts text in front of lines; may be NULL.
    pub prepend: lws_log_prepend_cx_t,
    /// A log context whose prepend comes first; may be NULL.
    pub parent: *mut lws_log_cx,
    /// For the program.
    pub opaque: *mut c_void,
    /// For the program.
    pub stg: *mut c_void,
    /// Visible levels and LLLF_ bits.
    pub lll_flags: u32,
    /// How many objects are attached.
    pub refcount: i32,
}
const _: () = {
    assert!(size_of::<lws_log_cx>() == 56);
    assert!(align_of::<lws_log_cx>() == 8);
    assert!(offset_of!(lws_log_cx, u) == 0);
    assert!(offset_of!(lws_log_cx, refcount_cb) == 8);
    assert!(offset_of!(lws_log_cx, prepend) == 16);
    assert!(offset_of!(lws_log_cx, parent) == 24);
    assert!(offset_of!(lws_log_cx, opaque) == 32);
    assert!(offset_of!(lws_log_cx, stg) == 40);
    assert!(offset_of!(lws_log_cx, lll_flags) == 48);
    assert!(offset_of!(lws_log_cx, refcount) == 52);
};

pub const LLLF_LOG_CONTEXT_AWARE: c_int = 0x40000000;
pub const LLLF_LOG_TIMESTAMP: c_int = 0x40000;
pub const LLLF_SECRECY_BEARER: c_int = 0x20000;
pub const LLLF_SECRECY_PII: c_int = 0x10000;
pub const LLL_CLIENT: c_int = 256;
pub const LLL_COUNT: c_int = 12;
pub const LLL_DEBUG: c_int = 16;
pub const LLL_ERR: c_int = 1;
pub const LLL_EXT: c_int = 128;
pub const LLL_HEADER: c_int = 64;
pub const LLL_INFO: c_int = 8;
pub const LLL_LATENCY: c_int = 512;
pub const LLL_NOTICE: c_int = 4;
pub const LLL_PARSER: c_int = 32;
pub const LLL_THREAD: c_int = 2048;
pub const LLL_USER: c_int = 1024;
pub const LLL_WARN: c_int = 2;

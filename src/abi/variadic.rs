//! The public names of the functions that take `...`, and the Rust ends of what their C fronts call.
//!
//! `variadic.c` has the bodies, because stable Rust cannot define a variadic function. Two directions are bridged
//! here:
//!
//! * outwards: a Rust shared library exports Rust functions only, so each public name is a *naked* function of one
//!   jump. The arguments stay in the registers and on the stack as the caller left them.
//! * inwards: the C code calls `oxlws_hook_*`. Those names must not be exported, which `#[no_mangle]` would do, so
//!   they are hidden labels in assembly that jump to ordinary Rust functions.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::layout::{lws_log_cx, lws_log_prepend_cx_t};
use super::logs;
use super::{enter, guard, smd};
use std::ffi::{c_char, c_int, c_void};

/// The way to jump, on each processor the library is built for.
#[cfg(target_arch = "x86_64")]
macro_rules! jump {
    () => {
        "jmp {target}"
    };
}
#[cfg(target_arch = "aarch64")]
macro_rules! jump {
    () => {
        "b {target}"
    };
}

unsafe extern "C" {
    fn oxlws_impl_log(level: c_int, format: *const c_char, ...);
    fn oxlws_impl_log_cx(
        cx: *mut lws_log_cx,
        prepend: lws_log_prepend_cx_t,
        obj: *mut c_void,
        level: c_int,
        function: *const c_char,
        format: *const c_char,
        ...
    );
    fn oxlws_impl_logv(level: c_int, format: *const c_char, arguments: *mut c_void);
    fn oxlws_impl_snprintf(str: *mut c_char, size: usize, format: *const c_char, ...) -> c_int;
    fn oxlws_impl_open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn oxlws_impl_smd_printf(context: *mut c_void, class: u32, format: *const c_char, ...) -> c_int;
}

/// `void _lws_log(int filter, const char *format, ...)`: logs one line through the process-wide log context.
///
/// Behind the `lwsl_err()` family. Nothing is formatted unless the level is in the mask. Any thread.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn _lws_log() {
    core::arch::naked_asm!(jump!(), target = sym oxlws_impl_log)
}

/// `void _lws_log_cx(lws_log_cx_t *cx, lws_log_prepend_cx_t prep, void *obj, int filter, const char *_fun,
/// const char *format, ...)`: logs one line through `cx`, or the process-wide context if that is NULL.
///
/// `prep`, if not NULL, writes what identifies `obj` in front of the text. Any thread.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn _lws_log_cx() {
    core::arch::naked_asm!(jump!(), target = sym oxlws_impl_log_cx)
}

/// `void _lws_logv(int filter, const char *format, va_list vl)`: logs one line as [`_lws_log`] does, for wrappers that are variadic themselves.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn _lws_logv() {
    core::arch::naked_asm!(jump!(), target = sym oxlws_impl_logv)
}

/// `int lws_snprintf(char *str, size_t size, const char *format, ...)`:
/// formats as snprintf(3) does, but never returns more than `size`.
///
/// Returns the length of the text, or `size` if it was cut; 0 if `size` is 0. The text always ends with a NUL.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn lws_snprintf() {
    core::arch::naked_asm!(jump!(), target = sym oxlws_impl_snprintf)
}

/// `int lws_open(const char *__file, int __oflag, ...)`: opens a file as open(2) does, and close-on-exec.
///
/// The mode is read with `O_CREAT` and `O_TMPFILE` only.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn lws_open() {
    core::arch::naked_asm!(jump!(), target = sym oxlws_impl_open)
}

/// `int lws_smd_msg_printf(struct lws_context *ctx, lws_smd_class_t _class, const char *format, ...)`:
/// sends a text to whoever registered for `_class`.
///
/// Returns 0 if it was queued or nobody wants the class, 1 if it is longer than `LWS_SMD_MAX_PAYLOAD` or the queue is
/// full. Any thread.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn lws_smd_msg_printf() {
    core::arch::naked_asm!(jump!(), target = sym oxlws_impl_smd_printf)
}

/// Defines the hidden label `$name` for the C side, which jumps to the Rust function `$target`.
macro_rules! hook {
    ($name:literal, $target:path) => {
        core::arch::global_asm!(
            concat!(".pushsection .text.", $name, ",\"ax\",%progbits"),
            ".p2align 4",
            concat!(".globl ", $name),
            concat!(".hidden ", $name),
            concat!(".type ", $name, ", %function"),
            concat!($name, ":"),
            jump!(),
            concat!(".size ", $name, ", . - ", $name),
            ".popsection",
            target = sym $target,
        );
    };
}

hook!("oxlws_hook_log_wanted", log_wanted);
hook!("oxlws_hook_log_text", log_text);
hook!("oxlws_hook_smd_wanted", smd_wanted);
hook!("oxlws_hook_smd_text", smd_text);

unsafe extern "C" fn log_wanted(cx: *mut lws_log_cx, level: c_int) -> c_int {
    // SAFETY: the caller of `_lws_log_cx` promises that `cx` is NULL or a log context.
    guard::pure("_lws_log", 0, || c_int::from(unsafe { logs::wanted(cx, level) }))
}

unsafe extern "C" fn log_text(
    cx: *mut lws_log_cx,
    prepend: lws_log_prepend_cx_t,
    obj: *mut c_void,
    level: c_int,
    function: *const c_char,
    text: *const c_char,
    text_len: usize,
) {
    // SAFETY: the front passes its own stack buffer, which holds `text_len` bytes or, if that is more, as many as fit
    // with a NUL behind them; the rest is what the caller of `_lws_log_cx` promises.
    guard::pure("_lws_log", (), || unsafe { logs::emit_text(cx, prepend, obj, level, function, text, text_len) })
}

unsafe extern "C" fn smd_wanted(context: *mut c_void, class: u32) -> c_int {
    const NAME: &str = "lws_smd_msg_printf";
    guard::pure(NAME, 0, || {
        let found = enter::shared(NAME, context.cast());
        c_int::from(found.is_some() && smd::wanted(context.cast(), class))
    })
}

unsafe extern "C" fn smd_text(context: *mut c_void, class: u32, text: *const c_char, text_len: usize) -> c_int {
    guard::pure("lws_smd_msg_printf", 1, || {
        // SAFETY: the front passes its own stack buffer with exactly `text_len` bytes of text and a NUL.
        let text = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), text_len) };
        c_int::from(!smd::send_text(context.cast(), class, text))
    })
}

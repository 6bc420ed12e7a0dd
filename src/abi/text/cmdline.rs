//! `lws_cmdline_option*`: options of the program's command line.
use super::c_bytes;
use crate::abi::guard;
use crate::abi::layout::*;
use crate::abi::logs::lws_set_log_level;
use crate::engine::log::{self, Level};
use crate::proto::text::cmdline::{self, Found};
use crate::proto::text::strings::leading_int;
use std::ffi::{CStr, c_char, c_int};

/// Looks for the last argument that begins with `val`, the name of the program not counted.
///
/// For the option `-d`, the arguments `-d 15`, `-d=15` and `-d15` all give "15", and `-d` at the end gives "". Note that
/// `--server` also finds `--server-port`. Returns a pointer into `argv`, or NULL if there is no such argument or its
/// value is longer than 1024 characters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cmdline_option(
    argc: c_int,
    argv: *mut *const c_char,
    val: *const c_char,
) -> *const c_char {
    guard::pure("lws_cmdline_option", std::ptr::null(), || {
        // SAFETY: what C promises.
        match unsafe { c_bytes(val) } {
            // SAFETY: what C promises.
            Some(option) => unsafe { find(argc, argv, option) },
            None => std::ptr::null(),
        }
    })
}

/// Acts on the options that all programs share: `-d <mask>` sets the log level (errors, warnings, notices and the
/// program's own lines if it is not given), `--ignore-sigterm` makes SIGTERM do nothing.
///
/// `info` is not changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cmdline_option_handle_builtin(
    argc: c_int,
    argv: *mut *const c_char,
    info: *mut lws_context_creation_info,
) {
    let _ = info;
    guard::pure("lws_cmdline_option_handle_builtin", (), || {
        // SAFETY: what C promises.
        let option = |name: &CStr| unsafe { find(argc, argv, name.to_bytes()) };
        // SAFETY: NULL or inside one of the arguments.
        let mask = unsafe { c_bytes(option(c"-d")) };
        let level = mask.map_or(LLL_USER | LLL_ERR | LLL_WARN | LLL_NOTICE, leading_int);
        // SAFETY: no emitter is set.
        unsafe { lws_set_log_level(level, None) };
        if !option(c"--ignore-sigterm").is_null() {
            // SAFETY: the handler does nothing, so it may run at any point.
            unsafe { libc::signal(libc::SIGTERM, ignore as extern "C" fn(c_int) as libc::sighandler_t) };
        }
        if !option(c"--fault-injection").is_null() {
            log::process(Level::Err, "lws_cmdline_option_handle_builtin", format_args!("fault injection is not built"));
        }
    });
}

extern "C" fn ignore(_signal: c_int) {}

/// # Safety
/// `argv` is NULL or holds `argc` C strings or NULLs that outlive the result.
unsafe fn find(argc: c_int, argv: *mut *const c_char, option: &[u8]) -> *const c_char {
    let count = if argv.is_null() { 0 } else { usize::try_from(argc).unwrap_or(0) };
    // SAFETY: only asked for indexes below `count`.
    let argument = |index: usize| unsafe { argv.add(index).read() };
    // SAFETY: NULL or a C string.
    let text = |index: usize| unsafe { c_bytes(argument(index)) };
    match cmdline::find(count, text, option) {
        Some(Found::Inside { argument: index, offset }) => argument(index).wrapping_add(offset),
        Some(Found::Next { argument: index }) => argument(index),
        None => std::ptr::null(),
    }
}

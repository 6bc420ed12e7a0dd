//! ws extensions as programs name them: permessage-deflate, which the library does by itself, and option texts.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use super::{cstr, guard, wsi};
use crate::proto::ws::extension::PmdOptions;
use std::ffi::{c_char, c_int, c_void};
use std::num::NonZeroU32;
use std::ptr;

/// Option tables that are looked at; one without an end would run into memory that is not the program's.
const MAX_OPTIONS: usize = 64;

/// The entry programs put into their extension table for permessage-deflate. Does nothing when called; returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_extension_callback_pm_deflate(
    context: *mut lws_context,
    ext: *const lws_extension,
    wsi: *mut lws,
    reason: lws_extension_callback_reasons,
    user: *mut c_void,
    r#in: *mut c_void,
    len: usize,
) -> c_int {
    let _ = (context, ext, wsi, reason, user, r#in, len);
    0
}

/// Sets an option of an extension that is active on the connection. Returns 0, or -1: not active, or no such option.
///
/// Of permessage-deflate, `rx_buf_size` counts from the next message on; the others were settled when the connection was
/// made (LWS_CALLBACK_WS_EXT_DEFAULTS is the place for them) and are only checked.
///
/// One option is our own: with `max_inflate_ratio` of N, a message that inflates to more than N times its size, beyond its
/// first 64 KiB, ends the connection. 0, the default, is no limit; deflate cannot do more than 1032.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_extension_option(
    wsi: *mut lws,
    ext_name: *const c_char,
    opt_name: *const c_char,
    opt_val: *const c_char,
) -> c_int {
    enter::on_wsi("lws_set_extension_option", -1, wsi, Access::Service, |_, _, wsi| {
        // SAFETY: texts or NULL.
        let (extension, name, value) = unsafe { (cstr::text(ext_name), cstr::text(opt_name), cstr::text(opt_val)) };
        let (Some(extension), Some(name)) = (extension, name) else { return -1 };
        if extension.to_bytes() != b"permessage-deflate" {
            return -1;
        }
        let mut options = PmdOptions::default();
        let value = value.map(|value| value.to_bytes()).filter(|value| !value.is_empty());
        let set = wsi.deflate.visit(|deflate| {
            if name.to_bytes() == b"max_inflate_ratio" {
                let number = std::str::from_utf8(value?).ok()?.parse().ok()?;
                deflate.set_max_ratio(NonZeroU32::new(number));
                return Some(());
            }
            options.set(name.to_bytes(), value)?;
            if let Some(bytes) = options.rx_buf_bytes {
                deflate.set_piece_bytes(bytes);
            }
            Some(())
        });
        if set.flatten().is_some() { 0 } else { -1 }
    })
}

/// Reads `len` bytes of option text, `a; b=1`, against a table that ends with a NULL name, and calls the extension with
/// LWS_EXT_CB_OPTION_SET and a `struct lws_ext_option_arg` for each option.
///
/// EXTARG_NONE options take no value, EXTARG_DEC ones need a decimal number, EXTARG_OPT_DEC ones may have one; without
/// one `start` is NULL and `len` 0. Returns 0, or -1: an unknown option, a bad value, or the extension returned nonzero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ext_parse_options(
    ext: *const lws_extension,
    wsi: *mut lws,
    ext_user: *mut c_void,
    opts: *const lws_ext_options,
    o: *const c_char,
    len: c_int,
) -> c_int {
    guard::pure("lws_ext_parse_options", -1, || {
        // SAFETY: `len` readable bytes; the table ends with a NULL name; the extension's callback is the program's.
        unsafe {
            let (Ok(len), Some(extension)) = (usize::try_from(len), ext.as_ref()) else { return -1 };
            let (Some(call), false) = (extension.callback, opts.is_null()) else { return -1 };
            let context = if wsi.is_null() { ptr::null_mut() } else { wsi::lws_get_context(wsi) };
            let text = cstr::bytes(o.cast(), len);
            let text = text.split(|&byte| byte == 0).next().unwrap_or_default();
            for option in text.split(|&byte| byte == b';').map(<[u8]>::trim_ascii) {
                if option.is_empty() {
                    continue;
                }
                let Some((index, value)) = recognise(opts, option) else { return -1 };
                let mut argument = lws_ext_option_arg {
                    option_name: ptr::null(),
                    option_index: index,
                    start: value.map_or(ptr::null(), |value| value.as_ptr().cast()),
                    len: value.map_or(0, |value| c_int::try_from(value.len()).unwrap_or(c_int::MAX)),
                };
                let argument = (&raw mut argument).cast();
                if call(context, ext, wsi, LWS_EXT_CB_OPTION_SET, ext_user, argument, 0) != 0 {
                    return -1;
                }
            }
        }
        0
    })
}

/// Place of an option `name` or `name=value` in the table, and its value.
///
/// # Safety
/// `opts` is a table that ends with a NULL name.
unsafe fn recognise(opts: *const lws_ext_options, option: &[u8]) -> Option<(c_int, Option<&[u8]>)> {
    let mut parts = option.splitn(2, |&byte| byte == b'=').map(<[u8]>::trim_ascii);
    let (name, value) = (parts.next()?, parts.next());
    // Quotes around a value are allowed (RFC 6455 §9.1).
    let value = value.map(|value| value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value));
    for index in 0..MAX_OPTIONS {
        // SAFETY: the caller's promise; entries up to the terminator are there.
        let (known, kind) = unsafe {
            let entry = &*opts.add(index);
            (cstr::text(entry.name)?, entry.r#type)
        };
        if known.to_bytes() != name {
            continue;
        }
        let is_number = value.is_some_and(|value| !value.is_empty() && value.iter().all(u8::is_ascii_digit));
        let fits = match kind {
            EXTARG_NONE => value.is_none(),
            EXTARG_DEC => is_number,
            EXTARG_OPT_DEC => value.is_none() || is_number,
            _ => false,
        };
        return fits.then_some((index as c_int, value));
    }
    None
}

/// Does nothing: extensions are taken from the info of each vhost. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_context_init_extensions(
    info: *const lws_context_creation_info,
    context: *mut lws_context,
) -> c_int {
    let _ = (info, context);
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::ffi::CStr;

    thread_local! {
        static SEEN: RefCell<Vec<(c_int, Option<String>)>> = const { RefCell::new(Vec::new()) };
    }

    unsafe extern "C" fn note(
        _context: *mut lws_context,
        _ext: *const lws_extension,
        _wsi: *mut lws,
        reason: lws_extension_callback_reasons,
        _user: *mut c_void,
        argument: *mut c_void,
        _len: usize,
    ) -> c_int {
        assert_eq!(reason, LWS_EXT_CB_OPTION_SET);
        // SAFETY: what LWS_EXT_CB_OPTION_SET promises.
        let (index, value) = unsafe {
            let argument = &*argument.cast::<lws_ext_option_arg>();
            (argument.option_index, cstr::bytes(argument.start.cast(), argument.len as usize))
        };
        let value = (!value.is_empty()).then(|| String::from_utf8(value.to_vec()).unwrap());
        SEEN.with_borrow_mut(|seen| seen.push((index, value)));
        0
    }

    fn parse(text: &CStr) -> c_int {
        let option = |name: &'static CStr, kind| lws_ext_options { name: name.as_ptr(), r#type: kind };
        let table = [
            option(c"flag", EXTARG_NONE),
            option(c"size", EXTARG_DEC),
            option(c"bits", EXTARG_OPT_DEC),
            lws_ext_options { name: ptr::null(), r#type: EXTARG_NONE },
        ];
        let ext = lws_extension { name: c"x".as_ptr(), callback: Some(note), client_offer: ptr::null() };
        let len = text.count_bytes() as c_int;
        // SAFETY: a table with an end and a text of that length.
        unsafe { lws_ext_parse_options(&ext, ptr::null_mut(), ptr::null_mut(), table.as_ptr(), text.as_ptr(), len) }
    }

    #[test]
    fn options_reach_the_extension_with_their_values() {
        assert_eq!(parse(c"flag; size=12 ;bits; bits=\"8\";"), 0);
        let value = |text: &str| Some(text.to_string());
        assert_eq!(SEEN.take(), [(0, None), (1, value("12")), (2, None), (2, value("8"))]);
    }

    #[test]
    fn what_the_table_does_not_allow_is_refused() {
        for text in [c"other", c"flag=1", c"size", c"size=x", c"bits="] {
            assert_eq!(parse(text), -1, "{text:?}");
        }
    }
}

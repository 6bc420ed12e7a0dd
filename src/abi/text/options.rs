//! `lws_pvo_*`: lists of named options.
use super::c_bytes;
use crate::abi::guard;
use crate::abi::layout::lws_protocol_vhost_options;
use std::ffi::{c_char, c_int, c_void};

/// Finds the option called `name` in the list `pvo`. Returns it, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_pvo_search(
    pvo: *const lws_protocol_vhost_options,
    name: *const c_char,
) -> *const lws_protocol_vhost_options {
    guard::pure("lws_pvo_search", std::ptr::null(), || {
        // SAFETY: what C promises.
        unsafe { named(pvo, name) }.map_or(std::ptr::null(), std::ptr::from_ref)
    })
}

/// Sets `result` to the value of the option called `name` in the list `in`, which is the `in` of `PROTOCOL_INIT`.
///
/// Returns 0, or 1 (and leaves `result`) if there is no such option.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_pvo_get_str(r#in: *mut c_void, name: *const c_char, result: *mut *const c_char) -> c_int {
    guard::pure("lws_pvo_get_str", 1, || {
        // SAFETY: what C promises.
        match unsafe { named(r#in.cast(), name) } {
            Some(option) if !result.is_null() => {
                // SAFETY: not NULL, so writable.
                unsafe { result.write(option.value) };
                0
            }
            _ => 1,
        }
    })
}

/// # Safety
/// As for [`find`]; `name` is NULL or a C string.
unsafe fn named<'a>(
    list: *const lws_protocol_vhost_options,
    name: *const c_char,
) -> Option<&'a lws_protocol_vhost_options> {
    // SAFETY: the caller's promise.
    let name = unsafe { c_bytes(name) }?;
    // SAFETY: the caller's promise.
    unsafe { find(list, &|found| found == name) }
}

/// The first option whose name is `wanted`.
///
/// # Safety
/// `list` is NULL or a list of options that outlives the result; their names are NULL or C strings.
pub(super) unsafe fn find<'a>(
    list: *const lws_protocol_vhost_options,
    wanted: &dyn Fn(&[u8]) -> bool,
) -> Option<&'a lws_protocol_vhost_options> {
    let mut at = list;
    // SAFETY: NULL or an element.
    while let Some(option) = unsafe { at.as_ref() } {
        // SAFETY: NULL or a C string.
        if unsafe { c_bytes(option.name) }.is_some_and(wanted) {
            return Some(option);
        }
        at = option.next;
    }
    None
}

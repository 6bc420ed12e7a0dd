//! `lws_strncpy` and other small calls on strings and memory, and the version of the library.
use super::{bytes, room};
use crate::abi::{cstr, guard};
use crate::proto::text::strings;
use std::ffi::{CStr, c_char, c_int, c_void};

/// Copies the string `src` to `dest`, cut to `size` - 1 characters, and fills the rest of the `size` bytes with zeros.
///
/// There is always a NUL. Returns `dest`. A NULL `src` gives an empty string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_strncpy(dest: *mut c_char, src: *const c_char, size: usize) -> *mut c_char {
    guard::pure("lws_strncpy", dest, || {
        if dest.is_null() || size == 0 {
            return dest;
        }
        // SAFETY: not NULL, so a C string; no more than what can be copied is looked at.
        let len = if src.is_null() { 0 } else { unsafe { cstr::length(src, size - 1) } };
        // SAFETY: `len` bytes are readable at `src` and `size` writable at `dest`; both may overlap.
        unsafe {
            dest.cast::<u8>().copy_from(src.cast(), len);
            dest.cast::<u8>().add(len).write_bytes(0, size - len);
        }
        dest
    })
}

/// Finds the first place in the `len` bytes at `buf` where the `nl` bytes at `name` occur. Neither needs a NUL.
///
/// Returns a pointer into `buf`, or NULL. With `nl` 0 that is `buf`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_nstrstr(buf: *const c_char, len: usize, name: *const c_char, nl: usize) -> *const c_char {
    guard::pure("lws_nstrstr", std::ptr::null(), || {
        if buf.is_null() || name.is_null() {
            return std::ptr::null();
        }
        // SAFETY: readable for their sizes.
        let (text, name) = unsafe { (bytes(buf.cast(), len), bytes(name.cast(), nl)) };
        strings::find(text, name).map_or(std::ptr::null(), |at| buf.wrapping_add(at))
    })
}

/// Compares the `clen` bytes at `check` with a pattern of `wlen` bytes in which `*` stands for any text, also for none.
///
/// Returns 0 for a match, 1 for none (or NULL). There may be any number of stars.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_strcmp_wildcard(
    wildcard: *const c_char,
    wlen: usize,
    check: *const c_char,
    clen: usize,
) -> c_int {
    guard::pure("lws_strcmp_wildcard", 1, || {
        if wildcard.is_null() || check.is_null() {
            return 1;
        }
        // SAFETY: readable for their sizes.
        let (pattern, text) = unsafe { (bytes(wildcard.cast(), wlen), bytes(check.cast(), clen)) };
        c_int::from(!strings::matches_wildcard(pattern, text))
    })
}

/// Compares `len` bytes in a time that does not depend on their contents. Returns 0 if they are equal, else nonzero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_timingsafe_bcmp(a: *const c_void, b: *const c_void, len: u32) -> c_int {
    guard::pure("lws_timingsafe_bcmp", 1, || {
        if (a.is_null() || b.is_null()) && len > 0 {
            return 1;
        }
        // SAFETY: readable for `len` bytes.
        let (a, b) = unsafe { (bytes(a.cast(), len as usize), bytes(b.cast(), len as usize)) };
        c_int::from(!strings::equal_in_constant_time(a, b))
    })
}

/// Fills `len` bytes with zeros, also if nothing ever reads them again: for secrets that are no longer needed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_explicit_bzero(p: *mut c_void, len: usize) {
    guard::pure("lws_explicit_bzero", (), || {
        // SAFETY: writable for `len` bytes.
        unsafe { room(p.cast(), len) }.fill(0);
        // The compiler must believe that somebody looks at the zeros.
        std::hint::black_box(p);
    });
}

/// The version of this library's interface, as the headers have it in `LWS_LIBRARY_VERSION`. Static.
#[unsafe(no_mangle)]
pub extern "C" fn lws_get_library_version() -> *const c_char {
    const VERSION: &CStr = if cfg!(feature = "abi41") { c"4.1.6-" } else { c"4.3.5-unknown" };
    VERSION.as_ptr()
}

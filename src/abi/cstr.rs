//! Strings and slices from C.
#![allow(unsafe_code)]

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// The text at `pointer`, or `None` for NULL.
///
/// # Safety
/// NULL, or a NUL-terminated text that stays as it is for `'a`.
pub unsafe fn text<'a>(pointer: *const c_char) -> Option<&'a CStr> {
    // SAFETY: the caller's promise.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) })
}

/// Bytes in front of the NUL, of which there may be none within `limit`.
///
/// # Safety
/// `start` is readable up to its NUL or for `limit` bytes, whichever comes first.
pub unsafe fn length(start: *const c_char, limit: usize) -> usize {
    if cfg!(miri) {
        // SAFETY: the caller's promise; `find` stops at the NUL. Miri does not know the function below.
        return (0..limit).find(|at| unsafe { *start.add(*at) } == 0).unwrap_or(limit);
    }
    // SAFETY: the caller's promise.
    unsafe { libc::strnlen(start, limit) }
}

/// An owned copy of the bytes: for what goes on the wire.
///
/// # Safety
/// As [`text`].
pub unsafe fn owned_bytes(pointer: *const c_char) -> Option<Vec<u8>> {
    // SAFETY: the caller's promise.
    unsafe { text(pointer) }.map(|text| text.to_bytes().to_vec())
}

/// An owned copy as a name in the file system, byte for byte; an empty text counts as none.
///
/// # Safety
/// As [`text`].
pub unsafe fn path(pointer: *const c_char) -> Option<PathBuf> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { text(pointer) }?.to_bytes();
    (!bytes.is_empty()).then(|| OsStr::from_bytes(bytes).into())
}

/// An owned copy; bytes that are not UTF-8 are replaced. For names that are compared or shown, lists of ciphers and the
/// like: what goes on the wire or to the file system is [`owned_bytes`] or [`path`].
///
/// # Safety
/// As [`text`].
pub unsafe fn owned(pointer: *const c_char) -> Option<String> {
    // SAFETY: the caller's promise.
    unsafe { text(pointer) }.map(|text| text.to_string_lossy().into_owned())
}

/// Like [`owned`], an empty text counts as none.
///
/// # Safety
/// As [`text`].
pub unsafe fn owned_nonempty(pointer: *const c_char) -> Option<String> {
    // SAFETY: the caller's promise.
    unsafe { owned(pointer) }.filter(|text| !text.is_empty())
}

/// `len` bytes at `pointer`; empty for NULL.
///
/// # Safety
/// NULL, or `len` readable bytes that stay as they are for `'a`.
pub unsafe fn bytes<'a>(pointer: *const u8, len: usize) -> &'a [u8] {
    if pointer.is_null() || len == 0 || len > isize::MAX as usize {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(pointer, len) }
}

/// `len` bytes at `pointer`, if there are some, and no more than a C int can count.
///
/// # Safety
/// As [`bytes`].
#[inline(always)]
pub unsafe fn some_bytes<'a>(pointer: *const u8, len: usize) -> Option<&'a [u8]> {
    // One comparison for both ends: 0 becomes the largest number.
    if pointer.is_null() || len.wrapping_sub(1) >= c_int::MAX as usize {
        return None;
    }
    // SAFETY: the caller's promise.
    Some(unsafe { std::slice::from_raw_parts(pointer, len) })
}

/// Copies `from` to a buffer of `len` bytes, cut if needed, and ends it with NUL. Returns the bytes copied.
///
/// # Safety
/// NULL, or `len` writable bytes.
pub unsafe fn copy_out(from: &[u8], to: *mut c_char, len: usize) -> usize {
    if to.is_null() || len == 0 {
        return 0;
    }
    let count = from.len().min(len - 1);
    // SAFETY: the caller's promise; `count` + 1 bytes fit.
    unsafe {
        std::ptr::copy_nonoverlapping(from.as_ptr(), to.cast(), count);
        *to.add(count) = 0;
    }
    count
}

//! Large infos that programs fill, read in the layout their headers have.
//!
//! All code works with the structs of 4.3.5. In the soname 17 product the program's are those of 4.1.6: what both have is
//! copied to its place, what is new is zero. `tests/abi/diff-4.1.6-4.3.5.md` has the offsets.
//!
//! # What C promises
//! NULL, or an info made with the headers of the product.
#![allow(unsafe_code)]

use super::layout::{lws_client_connect_info, lws_context_creation_info};

/// Ranges of bytes that mean the same: where in 4.1.6, where in 4.3.5, how many.
#[cfg(feature = "abi41")]
type Moves = &'static [(usize, usize, usize)];

/// # Safety
/// See the module; all of `T` is integers and pointers.
#[cfg(feature = "abi41")]
unsafe fn assemble<T>(given: *const T, moves: Moves) -> Option<T> {
    if given.is_null() {
        return None;
    }
    let mut made = std::mem::MaybeUninit::<T>::zeroed();
    for &(from, to, len) in moves {
        assert!(to + len <= size_of::<T>());
        // SAFETY: the program's info has these bytes, ours too as was just seen, and they do not overlap.
        unsafe {
            let source = given.cast::<u8>().add(from);
            std::ptr::copy_nonoverlapping(source, made.as_mut_ptr().cast::<u8>().add(to), len);
        }
    }
    // SAFETY: zeroed, then filled with what the program's members of the same types hold.
    Some(unsafe { made.assume_init() })
}

#[cfg(feature = "abi41")]
const CREATION_INFO: Moves = &[(0, 0, 252), (252, 256, 16), (272, 272, 148), (420, 428, 232)];

/// The creation info; `None` for NULL.
///
/// # Safety
/// See the module.
pub unsafe fn creation_info(given: *const lws_context_creation_info) -> Option<lws_context_creation_info> {
    #[cfg(feature = "abi41")]
    // SAFETY: the caller's promise.
    unsafe {
        assemble(given, CREATION_INFO)
    }
    #[cfg(not(feature = "abi41"))]
    // SAFETY: the caller's promise.
    unsafe {
        given.as_ref().copied()
    }
}

/// Puts `info` where the program has its own; what the program's layout does not have is lost. NULL is allowed.
///
/// # Safety
/// See the module.
pub unsafe fn store_creation_info(given: *mut lws_context_creation_info, info: &lws_context_creation_info) {
    if given.is_null() {
        return;
    }
    #[cfg(feature = "abi41")]
    for &(to, from, len) in CREATION_INFO {
        let source = (&raw const *info).cast::<u8>();
        // SAFETY: both have these bytes: the program's by the caller's promise, ours as `assemble` asserts for the same
        // table.
        unsafe { std::ptr::copy_nonoverlapping(source.add(from), given.cast::<u8>().add(to), len) };
    }
    #[cfg(not(feature = "abi41"))]
    // SAFETY: the caller's promise.
    unsafe {
        *given = *info;
    }
}

/// The connect info; `None` for NULL.
///
/// # Safety
/// See the module.
pub unsafe fn connect_info(given: *const lws_client_connect_info) -> Option<lws_client_connect_info> {
    #[cfg(feature = "abi41")]
    // SAFETY: the caller's promise.
    unsafe {
        assemble(given, &[(0, 0, 181), (184, 184, 8), (192, 200, 2)])
    }
    #[cfg(not(feature = "abi41"))]
    // SAFETY: the caller's promise.
    unsafe {
        given.as_ref().copied()
    }
}

/// Number of a header token in the numbering of 4.3.5, which has one more at 87.
pub fn token(given: u32) -> u32 {
    if cfg!(feature = "abi41") && given >= 87 { given.saturating_add(1) } else { given }
}

/// A length that is `size_t` in 4.3.5 and was `int` in 4.1.6, where the upper half of the register says nothing.
pub fn length(given: usize) -> usize {
    if cfg!(feature = "abi41") { usize::try_from(given as u32 as i32).unwrap_or(0) } else { given }
}

#[cfg(all(test, feature = "abi41"))]
mod tests {
    use super::*;
    use std::mem::offset_of;

    #[test]
    fn members_of_the_older_infos_arrive() {
        let mut old = [0u8; 744];
        old[420..424].copy_from_slice(&7u32.to_ne_bytes());
        old[432..440].copy_from_slice(&(1u64 << 12).to_ne_bytes());
        // SAFETY: an array of the size of an info.
        let info = unsafe { creation_info(old.as_ptr().cast()) }.unwrap();
        assert_eq!((info.gid, info.options), (7, 1 << 12));
        assert_eq!(offset_of!(lws_context_creation_info, options), 440);
        let mut written = [0u8; 744];
        // SAFETY: as above.
        unsafe { store_creation_info(written.as_mut_ptr().cast(), &info) };
        assert_eq!(written, old);
        let mut old = [0u8; 248];
        old[181] = 5;
        old[192] = 9;
        // SAFETY: as above.
        let info = unsafe { connect_info(old.as_ptr().cast()) }.unwrap();
        assert_eq!((info.priority, info.keep_warm_secs, info.log_cx.is_null()), (0, 9, true));
    }
}

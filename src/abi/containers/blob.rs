//! System blobs: secrets and names of a device (`lws_system_blob_t`), either in memory of the program or copied.
//!
//! A context has one [`Blobs`]; its slots keep their addresses as long as the context lives.
//!
//! # What C promises
//!
//! Blob pointers come from `lws_system_get_blob` of a living context; direct memory stays valid while it is set.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::buflist;
use crate::abi::layout::{LWS_SYSBLOB_TYPE_COUNT, lws_buflist, lws_context, lws_system_blob_item_t, lws_system_blob_t};
use crate::abi::{enter, guard};
use std::cell::UnsafeCell;
use std::ffi::c_int;
use std::ptr;

const COUNT: usize = if cfg!(feature = "abi41") { 8 } else { LWS_SYSBLOB_TYPE_COUNT.0 as usize };

/// What is behind a `lws_system_blob_t *`.
enum Blob {
    /// Memory of the program.
    Direct { at: *const u8, len: usize },
    /// Copies; an empty list is what a slot starts with.
    Heap { list: *mut lws_buflist },
}

/// The blob slots of one context.
pub struct Blobs {
    /// INVARIANT: only touched by the functions below, for the length of one call each, in the thread of the context.
    slots: Box<[UnsafeCell<Blob>; COUNT]>,
}

impl Default for Blobs {
    fn default() -> Self {
        let empty = || UnsafeCell::new(Blob::Heap { list: ptr::null_mut() });
        Self { slots: Box::new(std::array::from_fn(|_| empty())) }
    }
}

impl Blobs {
    fn slot(&self, index: usize) -> Option<*mut lws_system_blob_t> {
        self.slots.get(index).map(|slot| slot.get().cast())
    }

    /// A copy of what is in a slot, for the library's own use in the thread of the context; empty if there is nothing.
    pub fn content(&self, index: usize) -> Vec<u8> {
        let Some(slot) = self.slot(index) else { return Vec::new() };
        // SAFETY: a slot of ours; the buffer has room for as many bytes as are asked for, which are written.
        unsafe {
            let mut bytes = vec![0; lws_system_blob_get_size(slot)];
            let mut len = bytes.len();
            if len == 0 || lws_system_blob_get(slot, bytes.as_mut_ptr(), &raw mut len, 0) != 0 {
                return Vec::new();
            }
            bytes.truncate(len);
            bytes
        }
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        for slot in self.slots.iter_mut() {
            slot.get_mut().empty();
        }
    }
}

/// Returns the blob slot of `type`, or the `idx`-th slot behind it; NULL if there is no such slot or context.
///
/// `LWS_SYSBLOB_TYPE_AUTH` has two slots, idx 0 and 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_get_blob(
    context: *mut lws_context,
    r#type: lws_system_blob_item_t,
    idx: c_int,
) -> *mut lws_system_blob_t {
    guard::pure("lws_system_get_blob", ptr::null_mut(), || {
        let Ok(idx) = usize::try_from(idx) else { return ptr::null_mut() };
        let index = (r#type.0 as usize).saturating_add(idx);
        let shared = enter::shared("lws_system_get_blob", context);
        shared.and_then(|shared| shared.blobs.slot(index)).unwrap_or(ptr::null_mut())
    })
}

/// Makes the blob refer to `len` bytes at `ptr`, which stay the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_blob_direct_set(b: *mut lws_system_blob_t, ptr: *const u8, len: usize) {
    guard::pure("lws_system_blob_direct_set", (), || {
        // SAFETY: see the module.
        if let Some(blob) = unsafe { get(b) } {
            blob.empty();
            *blob = Blob::Direct { at: ptr, len: if ptr.is_null() { 0 } else { len } };
        }
    });
}

/// Empties the blob and makes it one that copies are appended to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_blob_heap_empty(b: *mut lws_system_blob_t) {
    // SAFETY: see the module.
    guard::pure("lws_system_blob_heap_empty", (), || unsafe { get(b) }.map_or((), Blob::empty));
}

/// Appends a copy of `len` bytes at `ptr`.
///
/// Returns 0; -1 if there is no memory or the blob refers to memory of the program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_blob_heap_append(b: *mut lws_system_blob_t, ptr: *const u8, len: usize) -> c_int {
    guard::pure("lws_system_blob_heap_append", -1, || {
        // SAFETY: see the module.
        match unsafe { get(b) } {
            // SAFETY: a list of ours; `ptr` has `len` bytes.
            Some(Blob::Heap { list }) => unsafe { buflist::lws_buflist_append_segment(list, ptr, len) }.min(0),
            _ => -1,
        }
    })
}

/// Returns the size of the blob in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_blob_get_size(b: *mut lws_system_blob_t) -> usize {
    guard::pure("lws_system_blob_get_size", 0, || {
        // SAFETY: see the module.
        match unsafe { get(b) } {
            Some(Blob::Direct { len, .. }) => *len,
            // SAFETY: a list of ours.
            Some(Blob::Heap { list }) => unsafe { buflist::lws_buflist_total_len(list) },
            None => 0,
        }
    })
}

/// Copies up to `*len` bytes of the blob, from `ofs` on, to `ptr`; `*len` becomes how many.
///
/// Returns 0; 1 if `ofs` is behind the end of memory of the program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_blob_get(
    b: *mut lws_system_blob_t,
    ptr: *mut u8,
    len: *mut usize,
    ofs: usize,
) -> c_int {
    guard::pure("lws_system_blob_get", 1, || {
        if ptr.is_null() || len.is_null() {
            return 1;
        }
        // SAFETY: see the module; `ptr` has room for `*len` bytes.
        unsafe {
            match get(b) {
                Some(Blob::Direct { at, len: size }) => {
                    let count = size.saturating_sub(ofs).min(*len);
                    *len = count;
                    if ofs >= *size {
                        return 1;
                    }
                    ptr::copy_nonoverlapping(at.add(ofs), ptr, count);
                }
                Some(Blob::Heap { list }) => {
                    let count = buflist::lws_buflist_linear_copy(list, ofs, ptr, *len);
                    *len = usize::try_from(count).unwrap_or(0);
                }
                None => {
                    *len = 0;
                    return 1;
                }
            }
        }
        0
    })
}

/// Gives the address of the content, if that is in one piece.
///
/// Returns 0 and the address; -1 if the blob is empty or was appended in several pieces.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_blob_get_single_ptr(b: *mut lws_system_blob_t, ptr: *mut *const u8) -> c_int {
    guard::pure("lws_system_blob_get_single_ptr", -1, || {
        if ptr.is_null() {
            return -1;
        }
        // SAFETY: see the module; `ptr` is valid; the list is one of ours.
        unsafe {
            match get(b) {
                Some(Blob::Direct { at, .. }) => ptr.write(*at),
                Some(Blob::Heap { list }) => {
                    let mut first = ptr::null_mut();
                    let len = buflist::lws_buflist_next_segment_len(list, &raw mut first);
                    if len == 0 || len != buflist::lws_buflist_total_len(list) {
                        return -1;
                    }
                    ptr.write(first);
                }
                None => return -1,
            }
        }
        0
    })
}

/// Frees what the blob copied. The slot can be used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_blob_destroy(b: *mut lws_system_blob_t) {
    // SAFETY: see the module.
    guard::pure("lws_system_blob_destroy", (), || unsafe { get(b) }.map_or((), Blob::empty));
}

impl Blob {
    fn empty(&mut self) {
        if let Blob::Heap { list } = self {
            // SAFETY: a list of ours.
            unsafe { buflist::lws_buflist_destroy_all_segments(list) };
        }
        *self = Blob::Heap { list: ptr::null_mut() };
    }
}

/// # Safety
/// `b` is NULL or a slot of a living context, and is not used otherwise while the borrow lives.
unsafe fn get<'a>(b: *mut lws_system_blob_t) -> Option<&'a mut Blob> {
    // SAFETY: the caller's promise.
    unsafe { b.cast::<Blob>().as_mut() }
}

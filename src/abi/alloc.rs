//! The allocator of memory that programs see, and the way to replace it.
//!
//! Buffers, rings and maps come from here. What a program has to free itself, and arenas (`lwsac`), are always plain
//! malloc memory; what only the library sees is Rust's business.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::guard;
use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A replacement for realloc: size 0 frees and returns NULL. `reason` says what the memory is for.
type Allocator = Option<unsafe extern "C" fn(ptr: *mut c_void, size: usize, reason: *const c_char) -> *mut c_void>;

static ALLOCATOR: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// Makes `realloc` the allocator of the process; NULL goes back to the C library's.
///
/// `realloc(ptr, size, reason)` behaves as realloc(3), and size 0 frees. To be called before anything is allocated, as
/// memory is freed by whatever allocator is set at that time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_allocator(
    realloc: Option<unsafe extern "C" fn(*mut c_void, usize, *const c_char) -> *mut c_void>,
) {
    guard::pure("lws_set_allocator", (), || {
        ALLOCATOR.store(realloc.map_or(ptr::null_mut(), |realloc| realloc as *mut c_void), Ordering::Release);
    });
}

/// Allocates, resizes or (size 0) frees memory with the allocator that is set.
///
/// Returns the memory, or NULL if there is none (what `ptr` points to stays valid then) or if it was freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_realloc(ptr: *mut c_void, size: usize, reason: *const c_char) -> *mut c_void {
    guard::pure("lws_realloc", ptr::null_mut(), || {
        let allocator = ALLOCATOR.load(Ordering::Acquire);
        // SAFETY: only `lws_set_allocator` stores there, values of this type; NULL is None.
        match unsafe { std::mem::transmute::<*mut c_void, Allocator>(allocator) } {
            // SAFETY: `ptr` is NULL or comes from this allocator.
            Some(realloc) => unsafe { realloc(ptr, size, reason) },
            // SAFETY: `ptr` is NULL or comes from malloc.
            None => unsafe {
                if size == 0 {
                    libc::free(ptr);
                    return ptr::null_mut();
                }
                libc::realloc(ptr, size)
            },
        }
    })
}

/// New memory of `size` bytes, not initialised; NULL if there is none.
pub fn allocate(size: usize) -> *mut u8 {
    // SAFETY: NULL asks for new memory; size 0 would free it.
    unsafe { lws_realloc(ptr::null_mut(), size.max(1), c"oxlws".as_ptr()).cast() }
}

/// Gives back what [`allocate`] gave; NULL is allowed.
///
/// # Safety
/// `memory` is NULL or comes from [`allocate`] and is not used any more.
pub unsafe fn release(memory: *mut u8) {
    if !memory.is_null() {
        // SAFETY: the caller's promise.
        unsafe { lws_realloc(memory.cast(), 0, c"oxlws".as_ptr()) };
    }
}

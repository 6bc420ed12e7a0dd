//! `lws_buflist`: a list of copied byte segments that is consumed from its head.
//!
//! The program holds the head pointer, NULL at first. Each segment is one block of memory, with `LWS_PRE` writable bytes
//! in front of its payload.
//!
//! # What C promises
//!
//! Heads are valid and used by one thread at a time; buffers have the length announced.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::layout::{LWS_PRE, lws_buflist};
use crate::abi::{alloc, guard};
use crate::engine::log::{self, Level};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

/// A list longer than this is a program that never consumes.
const SEGMENTS_MAX: usize = 1023;

/// What is in front of the `LWS_PRE` bytes and the payload of a segment.
#[repr(C)]
struct Segment {
    next: *mut Segment,
    /// Bytes of payload, used ones included.
    len: usize,
    /// Bytes used.
    pos: usize,
}

const PAYLOAD_AT: usize = size_of::<Segment>() + LWS_PRE;

/// Adds a copy of `len` bytes at `buf` to the end of the list.
///
/// Returns 1 if it is the first segment (something waits that did not before), 0 if not, -1 if there is no memory, the
/// list is too long, or there is nothing to add.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_buflist_append_segment(head: *mut *mut lws_buflist, buf: *const u8, len: usize) -> c_int {
    guard::pure("lws_buflist_append_segment", -1, || {
        if head.is_null() || buf.is_null() || len == 0 {
            return -1;
        }
        // SAFETY: see the module.
        unsafe {
            let mut link = head.cast::<*mut Segment>();
            let mut count = 0;
            while !(*link).is_null() {
                link = &raw mut (**link).next;
                count += 1;
            }
            if count >= SEGMENTS_MAX {
                log::process(Level::Err, "lws_buflist_append_segment", format_args!("too many segments"));
                return -1;
            }
            let Some(size) = len.checked_add(PAYLOAD_AT) else { return -1 };
            let segment = alloc::allocate(size).cast::<Segment>();
            if segment.is_null() {
                return -1;
            }
            segment.write(Segment { next: ptr::null_mut(), len, pos: 0 });
            segment.byte_add(size_of::<Segment>()).cast::<u8>().write_bytes(0, LWS_PRE);
            ptr::copy_nonoverlapping(buf, payload(segment), len);
            *link = segment;
            c_int::from(count == 0)
        }
    })
}

/// Returns the bytes left in the first segment and, if `buf` is not NULL, where they are; 0 and NULL if the list is
/// empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_buflist_next_segment_len(head: *mut *mut lws_buflist, buf: *mut *mut u8) -> usize {
    guard::pure("lws_buflist_next_segment_len", 0, || {
        // SAFETY: see the module; `buf` is NULL or valid.
        unsafe {
            let first = first(head);
            let (at, left) =
                if first.is_null() { (ptr::null_mut(), 0) } else { (payload(first).add((*first).pos), left(first)) };
            if !buf.is_null() {
                buf.write(at);
            }
            left
        }
    })
}

/// Marks `len` bytes of the first segment as used.
///
/// Returns what is left in it, or, once it is used up and gone, the length of the next one; 0 if nothing is left.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_buflist_use_segment(head: *mut *mut lws_buflist, len: usize) -> usize {
    guard::pure("lws_buflist_use_segment", 0, || {
        // SAFETY: see the module.
        unsafe {
            let segment = first(head);
            if segment.is_null() {
                return 0;
            }
            (*segment).pos += len.min(left(segment));
            if left(segment) > 0 {
                return left(segment);
            }
            drop_first(head);
            let next = first(head);
            if next.is_null() { 0 } else { left(next) }
        }
    })
}

/// Returns the bytes of all segments. What is used of the first segment still counts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_buflist_total_len(head: *mut *mut lws_buflist) -> usize {
    guard::pure("lws_buflist_total_len", 0, || {
        // SAFETY: see the module.
        unsafe { segments(head).map(|segment| (*segment).len).sum() }
    })
}

/// Copies up to `len` bytes, `ofs` bytes from the start of the first segment (used ones count), and uses nothing.
///
/// Returns the bytes copied, -1 if there is no list or no buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_buflist_linear_copy(
    head: *mut *mut lws_buflist,
    ofs: usize,
    buf: *mut u8,
    len: usize,
) -> c_int {
    guard::pure("lws_buflist_linear_copy", -1, || {
        if head.is_null() || buf.is_null() {
            return -1;
        }
        let len = len.min(c_int::MAX as usize);
        let mut skip = ofs;
        let mut copied = 0;
        // SAFETY: see the module; at most `len` bytes are written.
        unsafe {
            for segment in segments(head) {
                let here = (*segment).len.saturating_sub(skip).min(len - copied);
                ptr::copy_nonoverlapping(payload(segment).wrapping_add(skip), buf.add(copied), here);
                skip = skip.saturating_sub((*segment).len);
                copied += here;
            }
        }
        copied as c_int
    })
}

/// Copies up to `len` bytes to `buf`, from as many segments as it takes, and uses them up.
///
/// Returns the bytes copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_buflist_linear_use(head: *mut *mut lws_buflist, buf: *mut u8, len: usize) -> c_int {
    guard::pure("lws_buflist_linear_use", 0, || {
        let len = if buf.is_null() { 0 } else { len.min(c_int::MAX as usize) };
        let mut copied = 0;
        // SAFETY: see the module; at most `len` bytes are written.
        unsafe {
            while copied < len && !first(head).is_null() {
                copied += use_some(head, buf.add(copied), len - copied);
            }
        }
        copied as c_int
    })
}

/// Copies up to `len` bytes of the first segment to `buf` and uses them up.
///
/// `*frag_first` becomes 1 if they begin the segment, else 0, `*frag_fin` 1 if they end it, else 0; both may be NULL.
/// Returns the bytes copied; 0, and the flags stay as they are, if the list is empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_buflist_fragment_use(
    head: *mut *mut lws_buflist,
    buf: *mut u8,
    len: usize,
    frag_first: *mut c_char,
    frag_fin: *mut c_char,
) -> c_int {
    guard::pure("lws_buflist_fragment_use", 0, || {
        // SAFETY: see the module; the flags are NULL or valid.
        unsafe {
            let segment = first(head);
            if segment.is_null() || buf.is_null() {
                return 0;
            }
            let len = len.min(c_int::MAX as usize);
            if !frag_first.is_null() {
                frag_first.write(c_char::from((*segment).pos == 0));
            }
            if !frag_fin.is_null() {
                frag_fin.write(c_char::from(len >= left(segment)));
            }
            use_some(head, buf, len) as c_int
        }
    })
}

/// Frees all segments; `*head` becomes NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_buflist_destroy_all_segments(head: *mut *mut lws_buflist) {
    guard::pure("lws_buflist_destroy_all_segments", (), || {
        // SAFETY: see the module.
        unsafe {
            while !first(head).is_null() {
                drop_first(head);
            }
        }
    });
}

/// Logs the segments at `LLL_NOTICE`; `id` and `reason` tell which list it is and why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_buflist_describe(head: *mut *mut lws_buflist, id: *mut c_void, reason: *const c_char) {
    guard::pure("lws_buflist_describe", (), || {
        const NAME: &str = "lws_buflist_describe";
        // SAFETY: see the module; `reason` is NULL or a C string.
        unsafe {
            let reason = if reason.is_null() { "".into() } else { CStr::from_ptr(reason).to_string_lossy() };
            if first(head).is_null() {
                log::process(Level::Notice, NAME, format_args!("{id:p}: {reason}: buflist empty"));
            }
            for (at, segment) in segments(head).enumerate() {
                let (pos, len) = ((*segment).pos, (*segment).len);
                log::process(Level::Notice, NAME, format_args!("{id:p}: {reason}: {at}: {pos} / {len}"));
            }
        }
    });
}

/// # Safety
/// `head` is NULL or a valid head.
unsafe fn first(head: *mut *mut lws_buflist) -> *mut Segment {
    // SAFETY: the caller's promise.
    if head.is_null() { ptr::null_mut() } else { unsafe { (*head).cast() } }
}

/// Walks the segments.
///
/// # Safety
/// `head` is NULL or a valid head, and the list is not changed during the walk.
unsafe fn segments(head: *mut *mut lws_buflist) -> impl Iterator<Item = *mut Segment> {
    let some = |segment: *mut Segment| (!segment.is_null()).then_some(segment);
    // SAFETY: the caller's promise.
    std::iter::successors(some(unsafe { first(head) }), move |segment| some(unsafe { (**segment).next }))
}

/// # Safety
/// `segment` is valid.
unsafe fn payload(segment: *mut Segment) -> *mut u8 {
    // SAFETY: each segment has this much in front of its payload.
    unsafe { segment.cast::<u8>().add(PAYLOAD_AT) }
}

/// # Safety
/// `segment` is valid.
unsafe fn left(segment: *mut Segment) -> usize {
    // SAFETY: the caller's promise.
    unsafe { (*segment).len - (*segment).pos }
}

/// # Safety
/// `head` is valid and not empty.
unsafe fn drop_first(head: *mut *mut lws_buflist) {
    // SAFETY: the caller's promise; the segment came from `allocate`.
    unsafe {
        let segment = first(head);
        *head = (*segment).next.cast();
        alloc::release(segment.cast());
    }
}

/// Copies from the first segment and uses that up.
///
/// # Safety
/// `head` is valid and not empty; `buf` has `len` bytes.
unsafe fn use_some(head: *mut *mut lws_buflist, buf: *mut u8, len: usize) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        let segment = first(head);
        let count = len.min(left(segment));
        ptr::copy_nonoverlapping(payload(segment).add((*segment).pos), buf, count);
        (*segment).pos += count;
        if left(segment) == 0 {
            drop_first(head);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_of_the_list_is_limited() {
        let mut head = ptr::null_mut();
        // SAFETY: a list used as its functions ask.
        unsafe {
            for at in 0..SEGMENTS_MAX {
                assert_eq!(lws_buflist_append_segment(&raw mut head, [1].as_ptr(), 1), c_int::from(at == 0));
            }
            assert_eq!(lws_buflist_append_segment(&raw mut head, [1].as_ptr(), 1), -1);
            lws_buflist_destroy_all_segments(&raw mut head);
        }
        assert!(head.is_null());
    }

    #[test]
    fn misuse_is_survived() {
        let mut head = ptr::null_mut();
        // SAFETY: a list used as its functions ask, or NULL.
        unsafe {
            assert_eq!(lws_buflist_append_segment(&raw mut head, ptr::null(), 1), -1);
            assert_eq!(lws_buflist_append_segment(&raw mut head, [1].as_ptr(), 0), -1);
            assert_eq!(lws_buflist_append_segment(&raw mut head, [1].as_ptr(), usize::MAX), -1);
            assert_eq!(lws_buflist_append_segment(&raw mut head, [1, 2].as_ptr(), 2), 1);
            assert_eq!(lws_buflist_use_segment(&raw mut head, 50), 0);
            assert_eq!(lws_buflist_use_segment(&raw mut head, 1), 0);
            lws_buflist_destroy_all_segments(ptr::null_mut());
            assert_eq!(lws_buflist_total_len(ptr::null_mut()), 0);
        }
    }
}

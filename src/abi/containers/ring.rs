//! `lws_ring`: a ring buffer of fixed-size elements with one head and any number of tails.
//!
//! Tails belong to the program: byte offsets of what each reader takes next. The ring itself knows the oldest one, up to
//! which elements are destroyed. One element always stays free, to tell full from empty.
//!
//! # What C promises
//!
//! A ring is used between `lws_ring_create` and `lws_ring_destroy`, by one thread at a time; `src` and `dest` have room
//! for the elements announced.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::layout::lws_ring;
use crate::abi::{alloc, guard};
use crate::engine::log::{self, Level};
use std::ffi::{c_int, c_void};
use std::ptr;

type DestroyElement = Option<unsafe extern "C" fn(element: *mut c_void)>;

/// What is behind a `struct lws_ring *`.
struct Ring {
    buf: *mut u8,
    /// Bytes of `buf`: a multiple of `element_len`, not 0.
    buf_len: usize,
    element_len: usize,
    /// Where the next element goes. Always below `buf_len`.
    head: usize,
    /// The oldest element that is not destroyed. Always below `buf_len`.
    oldest_tail: usize,
    destroy_element: DestroyElement,
}

/// Creates a ring for `count` - 1 elements of `element_len` bytes.
///
/// `destroy_element`, if not NULL, is called for each element when the oldest tail passes it, and for what is left in
/// the end. Returns NULL if there is no memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_create(
    element_len: usize,
    count: usize,
    destroy_element: Option<unsafe extern "C" fn(*mut c_void)>,
) -> *mut lws_ring {
    guard::pure("lws_ring_create", ptr::null_mut(), || {
        let Some(buf_len) = element_len.checked_mul(count).filter(|len| *len > 0 && u32::try_from(*len).is_ok()) else {
            return ptr::null_mut();
        };
        let buf = alloc::allocate(buf_len);
        if buf.is_null() {
            return ptr::null_mut();
        }
        Box::into_raw(Box::new(Ring { buf, buf_len, element_len, head: 0, oldest_tail: 0, destroy_element })).cast()
    })
}

/// Destroys the elements that are left, then the ring. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_destroy(ring: *mut lws_ring) {
    guard::pure("lws_ring_destroy", (), || {
        if ring.is_null() {
            return;
        }
        // SAFETY: not NULL, so made by lws_ring_create and not used after this.
        unsafe {
            let ring = ring.cast::<Ring>();
            pass_elements(ring, (*ring).head);
            let ring = Box::from_raw(ring);
            alloc::release(ring.buf);
        }
    });
}

/// Returns how many elements can be inserted now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_get_count_free_elements(ring: *mut lws_ring) -> usize {
    // SAFETY: see the module.
    guard::pure("lws_ring_get_count_free_elements", 0, || unsafe { get(ring) }.map_or(0, Ring::free_elements))
}

/// Returns how many elements wait at `tail`, or at the oldest tail if that is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_get_count_waiting_elements(ring: *mut lws_ring, tail: *mut u32) -> usize {
    guard::pure("lws_ring_get_count_waiting_elements", 0, || {
        // SAFETY: see the module; `tail` is NULL or a tail of the program.
        unsafe { get(ring).map_or(0, |ring| ring.waiting_elements(ring.tail_or_oldest(tail))) }
    })
}

/// Copies up to `max_count` elements from `src` into the ring.
///
/// Returns how many fitted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_insert(ring: *mut lws_ring, src: *const c_void, max_count: usize) -> usize {
    guard::pure("lws_ring_insert", 0, || {
        // SAFETY: see the module.
        let Some(ring) = (unsafe { get_mut(ring) }) else { return 0 };
        if src.is_null() {
            return 0;
        }
        let count = max_count.min(ring.free_elements());
        let bytes = count * ring.element_len;
        let first = bytes.min(ring.buf_len - ring.head);
        let src = src.cast::<u8>();
        // SAFETY: `first` bytes fit behind the head, the rest in front of it, as the elements are free; `src` has
        // `max_count` elements.
        unsafe {
            ptr::copy_nonoverlapping(src, ring.buf.add(ring.head), first);
            ptr::copy_nonoverlapping(src.add(first), ring.buf, bytes - first);
        }
        ring.head = ring.advanced(ring.head, bytes);
        count
    })
}

/// Takes up to `max_count` elements from the ring at `tail`, or at the oldest tail if that is NULL.
///
/// They are copied to `dest`, or passed over if that is NULL; the tail moves on. Elements are destroyed only when the
/// oldest tail moves: here if `tail` is NULL, else in `lws_ring_update_oldest_tail`. Returns how many were there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_consume(
    ring: *mut lws_ring,
    tail: *mut u32,
    dest: *mut c_void,
    max_count: usize,
) -> usize {
    guard::pure("lws_ring_consume", 0, || {
        // SAFETY: see the module; `tail` is NULL or a tail of the program; the borrow ends before elements are passed.
        let (count, new_tail) = unsafe {
            let Some(ring) = get(ring) else { return 0 };
            let from = ring.tail_or_oldest(tail);
            let count = max_count.min(ring.waiting_elements(from));
            let bytes = count * ring.element_len;
            if !dest.is_null() {
                let first = bytes.min(ring.buf_len - from);
                let dest = dest.cast::<u8>();
                ptr::copy_nonoverlapping(ring.buf.add(from), dest, first);
                ptr::copy_nonoverlapping(ring.buf, dest.add(first), bytes - first);
            }
            (count, ring.advanced(from, bytes))
        };
        // SAFETY: as above.
        unsafe {
            if tail.is_null() {
                pass_elements(ring.cast(), new_tail);
            } else {
                tail.write(new_tail as u32);
            }
        }
        count
    })
}

/// Returns the element at `tail`, or at the oldest tail if that is NULL; NULL if there is none.
///
/// It stays in the ring, and valid until it is destroyed or overwritten.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_get_element(ring: *mut lws_ring, tail: *mut u32) -> *const c_void {
    guard::pure("lws_ring_get_element", ptr::null(), || {
        // SAFETY: see the module; `tail` is NULL or a tail of the program.
        unsafe {
            let Some(ring) = get(ring) else { return ptr::null() };
            let from = ring.tail_or_oldest(tail);
            if ring.waiting_elements(from) == 0 { ptr::null() } else { ring.buf.add(from).cast_const().cast() }
        }
    })
}

/// Destroys all elements from the oldest tail up to `tail`, which becomes the oldest.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_update_oldest_tail(ring: *mut lws_ring, tail: u32) {
    guard::pure("lws_ring_update_oldest_tail", (), || {
        // SAFETY: see the module.
        unsafe {
            let Some(tail) = get(ring).map(|ring| tail as usize % ring.buf_len) else { return };
            pass_elements(ring.cast(), tail);
        }
    });
}

/// Returns the oldest tail; a new reader that is to see what is there already starts from it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_get_oldest_tail(ring: *mut lws_ring) -> u32 {
    // SAFETY: see the module.
    guard::pure("lws_ring_get_oldest_tail", 0, || unsafe { get(ring) }.map_or(0, |ring| ring.oldest_tail as u32))
}

/// Tells where elements may be written in place, to be made valid with `lws_ring_bump_head`.
///
/// Returns 0 and the place and its length in bytes (up to the end of the buffer, so perhaps less than is free); 1 if the
/// ring is full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_next_linear_insert_range(
    ring: *mut lws_ring,
    start: *mut *mut c_void,
    bytes: *mut usize,
) -> c_int {
    guard::pure("lws_ring_next_linear_insert_range", 1, || {
        // SAFETY: see the module; the out pointers are NULL or valid.
        unsafe {
            let Some(ring) = get(ring) else { return 1 };
            let room = (ring.free_elements() * ring.element_len).min(ring.buf_len - ring.head);
            if room == 0 || start.is_null() || bytes.is_null() {
                return 1;
            }
            start.write(ring.buf.add(ring.head).cast());
            bytes.write(room);
        }
        0
    })
}

/// Makes `bytes` bytes valid that were written at the place `lws_ring_next_linear_insert_range` told.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_bump_head(ring: *mut lws_ring, bytes: usize) {
    guard::pure("lws_ring_bump_head", (), || {
        // SAFETY: see the module.
        if let Some(ring) = unsafe { get_mut(ring) } {
            ring.head = ring.advanced(ring.head, bytes % ring.buf_len);
        }
    });
}

/// Logs the state of the ring at `LLL_NOTICE`, as seen from `tail` (NULL: the oldest).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_ring_dump(ring: *mut lws_ring, tail: *mut u32) {
    guard::pure("lws_ring_dump", (), || {
        // SAFETY: see the module; `tail` is NULL or a tail of the program.
        let Some((ring, from)) = (unsafe { get(ring).map(|ring| (ring, ring.tail_or_oldest(tail))) }) else { return };
        let text = format_args!(
            "ring {:p}: {} x {} bytes, head {}, oldest tail {}, tail {from}, waiting {}, free {}",
            ptr::from_ref(ring),
            ring.buf_len / ring.element_len,
            ring.element_len,
            ring.head,
            ring.oldest_tail,
            ring.waiting_elements(from),
            ring.free_elements(),
        );
        log::process(Level::Notice, "lws_ring_dump", text);
    });
}

impl Ring {
    /// Free space is counted in bytes, without one element, and less than two bytes count as none: for elements of one
    /// byte the last place but one is lost as well (vector ring-004).
    fn free_elements(&self) -> usize {
        let used = self.distance(self.oldest_tail, self.head);
        let free = (self.buf_len - used).saturating_sub(self.element_len);
        if free < 2 { 0 } else { free / self.element_len }
    }

    fn waiting_elements(&self, tail: usize) -> usize {
        self.distance(tail, self.head) / self.element_len
    }

    /// Bytes from one place on to another.
    fn distance(&self, from: usize, to: usize) -> usize {
        if to >= from { to - from } else { self.buf_len - from + to }
    }

    fn advanced(&self, from: usize, bytes: usize) -> usize {
        (from + bytes) % self.buf_len
    }

    /// # Safety
    /// `tail` is NULL or valid.
    unsafe fn tail_or_oldest(&self, tail: *const u32) -> usize {
        // SAFETY: the caller's promise.
        if tail.is_null() { self.oldest_tail } else { (unsafe { *tail }) as usize % self.buf_len }
    }
}

/// Moves the oldest tail to `tail` and destroys what it passes.
///
/// # Safety
/// `ring` is valid; nothing borrows it, as the destroy function of the program may use it.
unsafe fn pass_elements(ring: *mut Ring, tail: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        if let Some(destroy) = (*ring).destroy_element {
            let count = (*ring).distance((*ring).oldest_tail, tail) / (*ring).element_len;
            for _ in 0..count {
                let at = (*ring).oldest_tail;
                destroy((*ring).buf.add(at).cast());
                (*ring).oldest_tail = (*ring).advanced(at, (*ring).element_len);
            }
        }
        (*ring).oldest_tail = tail;
    }
}

/// # Safety
/// `ring` is NULL or a ring, not changed while the borrow lives.
unsafe fn get<'a>(ring: *mut lws_ring) -> Option<&'a Ring> {
    // SAFETY: the caller's promise.
    unsafe { ring.cast::<Ring>().as_ref() }
}

/// # Safety
/// `ring` is NULL or a ring, not used otherwise while the borrow lives.
unsafe fn get_mut<'a>(ring: *mut lws_ring) -> Option<&'a mut Ring> {
    // SAFETY: the caller's promise.
    unsafe { ring.cast::<Ring>().as_mut() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_readers_see_the_same_elements_across_the_wrap() {
        // SAFETY: a ring used as its functions ask.
        unsafe {
            let ring = lws_ring_create(4, 4, None);
            let (mut one, mut two) = (0, 0);
            for round in 0u32..20 {
                assert_eq!(lws_ring_insert(ring, (&raw const round).cast(), 1), 1);
                for tail in [&raw mut one, &raw mut two] {
                    let mut got = [0u32; 3];
                    assert_eq!(lws_ring_consume(ring, tail, got.as_mut_ptr().cast(), 3), 1);
                    assert_eq!(got[0], round);
                }
                assert_eq!(lws_ring_get_count_waiting_elements(ring, ptr::null_mut()), 1);
                lws_ring_update_oldest_tail(ring, one);
            }
            lws_ring_destroy(ring);
        }
    }

    #[test]
    fn tails_out_of_range_and_impossible_sizes_are_survived() {
        // SAFETY: a ring used as its functions ask, apart from the tail, which is only read.
        unsafe {
            assert!(lws_ring_create(usize::MAX, 2, None).is_null());
            assert!(lws_ring_create(8, 0, None).is_null());
            let ring = lws_ring_create(8, 3, None);
            let mut tail = 77;
            lws_ring_insert(ring, [0u64; 2].as_ptr().cast(), 2);
            lws_ring_consume(ring, &raw mut tail, ptr::null_mut(), 9);
            lws_ring_update_oldest_tail(ring, u32::MAX);
            lws_ring_bump_head(ring, usize::MAX);
            lws_ring_destroy(ring);
            lws_ring_destroy(ptr::null_mut());
            assert_eq!(lws_ring_get_count_free_elements(ptr::null_mut()), 0);
        }
    }
}

//! `lwsac`: an arena. Blocks of any size come out of a chain of chunks; all of it is freed at once.
//!
//! The program holds the pointer to the first chunk, NULL at first. Chunks are plain malloc memory, as programs walk
//! them with `lwsac_get_next`, `lwsac_sizeof` and `lwsac_get_tail_pos`.
//!
//! # What C promises
//!
//! Heads are valid and used by one thread at a time; nothing of an arena is used after it was freed.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::guard;
use crate::abi::layout::lwsac;
use crate::engine::log::{self, Level};
use std::ffi::{c_int, c_void};
use std::ptr;

/// What is in front of the blocks of each chunk.
#[repr(C)]
struct Chunk {
    next: *mut Chunk,
    first: *mut First,
    /// Bytes of the chunk, this header included.
    size: usize,
    /// Where the next block goes, counted from the start of the chunk.
    used: usize,
}

/// The first chunk, which also keeps what concerns the whole arena.
#[repr(C)]
struct First {
    chunk: Chunk,
    /// The chunk that new blocks come from.
    newest: *mut Chunk,
    /// The chunk of the last block.
    last_used: *mut Chunk,
    /// Bytes of all chunks.
    total: u64,
    references: i32,
    detached: bool,
}

// Seen by programs through lwsac_sizeof, and in the totals.
const _: () = assert!(size_of::<Chunk>() == 32 && size_of::<First>() == 64);

const DEFAULT_CHUNK: usize = 4000;
const ALIGN: usize = 8;

/// Returns a block of `ensure` bytes, aligned to 8, not initialised.
///
/// A new chunk of `chunk_size` bytes (0: 4000), or of the size of the block if that is more, is added when the newest
/// one has no room. NULL if there is no memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_use(head: *mut *mut lwsac, ensure: usize, chunk_size: usize) -> *mut c_void {
    // SAFETY: see the module.
    guard::pure("lwsac_use", ptr::null_mut(), || unsafe { use_block(head, ensure, chunk_size, false) })
}

/// As `lwsac_use`, and the block is all zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_use_zero(head: *mut *mut lwsac, ensure: usize, chunk_size: usize) -> *mut c_void {
    guard::pure("lwsac_use_zero", ptr::null_mut(), || {
        // SAFETY: see the module; the block has `ensure` bytes.
        unsafe {
            let block = use_block(head, ensure, chunk_size, false);
            if !block.is_null() {
                block.cast::<u8>().write_bytes(0, ensure);
            }
            block
        }
    })
}

/// As `lwsac_use`, and room that is left in older chunks is used first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_use_backfill(head: *mut *mut lwsac, ensure: usize, chunk_size: usize) -> *mut c_void {
    // SAFETY: see the module.
    guard::pure("lwsac_use_backfill", ptr::null_mut(), || unsafe { use_block(head, ensure, chunk_size, true) })
}

/// Makes the last block longer, in place, by `amount` bytes rounded up to 8, which are zeroed.
///
/// Returns 0, or 1 if its chunk has no room for that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_extend(head: *mut lwsac, amount: usize) -> c_int {
    guard::pure("lwsac_extend", 1, || {
        // The 4.1 ABI passes an int, which leaves the upper half of the register undefined.
        let amount = if cfg!(feature = "abi41") { usize::try_from(amount as c_int).unwrap_or(0) } else { amount };
        let (false, Some(amount)) = (head.is_null(), align(amount)) else { return 1 };
        // SAFETY: see the module.
        unsafe {
            let chunk = (*head.cast::<First>()).last_used;
            if (*chunk).size - (*chunk).used < amount {
                return 1;
            }
            chunk.cast::<u8>().add((*chunk).used).write_bytes(0, amount);
            (*chunk).used += amount;
        }
        0
    })
}

/// Frees the arena; `*head` becomes NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_free(head: *mut *mut lwsac) {
    guard::pure("lwsac_free", (), || {
        if head.is_null() {
            return;
        }
        // SAFETY: see the module; each chunk came from malloc.
        unsafe {
            let mut chunk = (*head).cast::<Chunk>();
            *head = ptr::null_mut();
            while !chunk.is_null() {
                let next = (*chunk).next;
                libc::free(chunk.cast());
                chunk = next;
            }
        }
    });
}

/// Counts one more user of the arena.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_reference(head: *mut lwsac) {
    guard::pure("lwsac_reference", (), || {
        // SAFETY: see the module.
        if let Some(first) = unsafe { head.cast::<First>().as_mut() } {
            first.references = first.references.saturating_add(1);
        }
    });
}

/// Counts one less user of the arena. If it is detached and this was the last, it is freed and `*head` becomes NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_unreference(head: *mut *mut lwsac) {
    guard::pure("lwsac_unreference", (), || {
        // SAFETY: see the module.
        unsafe {
            let Some(first) = first_of(head) else { return };
            first.references = (first.references - 1).max(0);
            if first.detached && first.references == 0 {
                lwsac_free(head);
            }
        }
    });
}

/// Says that the owner is done with the arena. It is freed, and `*head` becomes NULL, now if nobody uses it, else when
/// the last user is gone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_detach(head: *mut *mut lwsac) {
    guard::pure("lwsac_detach", (), || {
        // SAFETY: see the module.
        unsafe {
            let Some(first) = first_of(head) else { return };
            first.detached = true;
            if first.references == 0 {
                lwsac_free(head);
            }
        }
    });
}

/// Returns `length` rounded up to a multiple of 8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_align(length: usize) -> usize {
    guard::pure("lwsac_align", 0, || align(length).unwrap_or(usize::MAX & !(ALIGN - 1)))
}

/// Returns the bytes in front of the first block of a chunk: of the first chunk if `first` is nonzero, else of others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_sizeof(first: c_int) -> usize {
    guard::pure("lwsac_sizeof", 0, || if first == 0 { size_of::<Chunk>() } else { size_of::<First>() })
}

/// Returns where the blocks of the chunk `lac` end, counted from its start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_get_tail_pos(lac: *mut lwsac) -> usize {
    // SAFETY: see the module.
    guard::pure("lwsac_get_tail_pos", 0, || unsafe { lac.cast::<Chunk>().as_ref() }.map_or(0, |chunk| chunk.used))
}

/// Returns the chunk behind `lac`, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_get_next(lac: *mut lwsac) -> *mut lwsac {
    guard::pure("lwsac_get_next", ptr::null_mut(), || {
        // SAFETY: see the module.
        unsafe { lac.cast::<Chunk>().as_ref() }.map_or(ptr::null_mut(), |chunk| chunk.next.cast())
    })
}

/// Returns the bytes of all chunks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_total_alloc(head: *mut lwsac) -> u64 {
    // SAFETY: see the module.
    guard::pure("lwsac_total_alloc", 0, || unsafe { head.cast::<First>().as_ref() }.map_or(0, |first| first.total))
}

/// Returns the bytes that are no use to the program: what is left in the chunks, and their headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_total_overhead(head: *mut lwsac) -> u64 {
    guard::pure("lwsac_total_overhead", 0, || {
        // SAFETY: see the module.
        let unused = |chunk: *mut Chunk| unsafe { ((*chunk).size - (*chunk).used + size_of::<Chunk>()) as u64 };
        // SAFETY: see the module.
        unsafe { chunks(head) }.map(unused).sum()
    })
}

/// Looks for the `len` bytes at `find` in all blocks; with `nul` nonzero, a zero byte has to follow them.
///
/// Returns where they are, or NULL. Saves keeping the same string twice.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_scan_extant(head: *mut lwsac, find: *mut u8, len: usize, nul: c_int) -> *mut u8 {
    guard::pure("lwsac_scan_extant", ptr::null_mut(), || {
        if find.is_null() || len == 0 {
            return ptr::null_mut();
        }
        // SAFETY: see the module; `find` has `len` bytes; the blocks lie between header and `used`, and the bytes in
        // them that the program never wrote are at worst compared.
        unsafe {
            let find = std::slice::from_raw_parts(find, len);
            let mut header = size_of::<First>();
            for chunk in chunks(head) {
                let start = chunk.cast::<u8>();
                let blocks = std::slice::from_raw_parts(start.add(header), (*chunk).used - header);
                for at in memchr::memmem::find_iter(blocks, find) {
                    if nul == 0 || blocks.get(at + len) == Some(&0) {
                        return start.add(header + at);
                    }
                }
                header = size_of::<Chunk>();
            }
        }
        ptr::null_mut()
    })
}

/// Logs the size of the arena at `LLL_DEBUG`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_info(head: *mut lwsac) {
    guard::pure("lwsac_info", (), || {
        // SAFETY: see the module.
        let (total, overhead, count) =
            unsafe { (lwsac_total_alloc(head), lwsac_total_overhead(head), chunks(head).count()) };
        let text = format_args!("arena {head:p}: {total} bytes in {count} chunks, {overhead} not used");
        log::process(Level::Debug, "lwsac_info", text);
    });
}

fn align(length: usize) -> Option<usize> {
    length.checked_next_multiple_of(ALIGN)
}

/// # Safety
/// `head` is NULL or valid.
unsafe fn first_of<'a>(head: *mut *mut lwsac) -> Option<&'a mut First> {
    // SAFETY: the caller's promise.
    if head.is_null() { None } else { unsafe { (*head).cast::<First>().as_mut() } }
}

/// The chunks, as pointers: a reference to the header may not be used for the blocks behind it.
///
/// # Safety
/// `head` is NULL or an arena whose chunks stay during the walk.
unsafe fn chunks(head: *mut lwsac) -> impl Iterator<Item = *mut Chunk> {
    let there = |chunk: *mut Chunk| (!chunk.is_null()).then_some(chunk);
    // SAFETY: the caller's promise.
    std::iter::successors(there(head.cast()), move |chunk| there(unsafe { (**chunk).next }))
}

/// # Safety
/// `head` is NULL or valid.
unsafe fn use_block(head: *mut *mut lwsac, ensure: usize, chunk_size: usize, backfill: bool) -> *mut c_void {
    let (false, Some(size)) = (head.is_null(), align(ensure)) else { return ptr::null_mut() };
    let has_room = |chunk: &Chunk| chunk.size - chunk.used >= size;
    // SAFETY: the caller's promise.
    unsafe {
        let mut first = (*head).cast::<First>();
        let found = if first.is_null() {
            None
        } else if backfill {
            chunks(*head).find(|chunk| has_room(&**chunk))
        } else {
            Some((*first).newest).filter(|chunk| has_room(&**chunk))
        };
        let chunk = match found {
            Some(chunk) => chunk,
            None => {
                let header = if first.is_null() { size_of::<First>() } else { size_of::<Chunk>() };
                let blocks = if chunk_size == 0 { DEFAULT_CHUNK } else { chunk_size }.max(size);
                let Some(bytes) = blocks.checked_add(header) else { return ptr::null_mut() };
                let chunk = libc::malloc(bytes).cast::<Chunk>();
                if chunk.is_null() {
                    return ptr::null_mut();
                }
                chunk.write(Chunk { next: ptr::null_mut(), first, size: bytes, used: header });
                if first.is_null() {
                    first = chunk.cast();
                    (*chunk).first = first;
                    (*first).total = 0;
                    (*first).references = 0;
                    (*first).detached = false;
                    *head = first.cast();
                } else {
                    (*(*first).newest).next = chunk;
                }
                (*first).newest = chunk;
                (*first).total += bytes as u64;
                chunk
            }
        };
        let block = chunk.cast::<u8>().add((*chunk).used);
        (*chunk).used += size;
        (*first).last_used = chunk;
        block.cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backfill_uses_old_room_and_plain_use_does_not() {
        let mut head = ptr::null_mut();
        // SAFETY: an arena used as its functions ask.
        unsafe {
            let first = lwsac_use(&raw mut head, 8, 64);
            lwsac_use(&raw mut head, 64, 64);
            assert_eq!(lwsac_total_alloc(head), 128 + 96);
            lwsac_use(&raw mut head, 8, 64);
            assert_eq!(lwsac_total_alloc(head), 128 + 96 + 96);
            assert_eq!(lwsac_use_backfill(&raw mut head, 8, 64), first.byte_add(8));
            assert_eq!(lwsac_extend(head, 3), 0);
            assert_eq!(lwsac_use_backfill(&raw mut head, 8, 64), first.byte_add(24));
            assert_eq!(lwsac_extend(head, 64), 1);
            lwsac_free(&raw mut head);
        }
        assert!(head.is_null());
    }

    #[test]
    fn detached_arena_lives_until_its_last_user_is_gone() {
        let mut head = ptr::null_mut();
        // SAFETY: an arena used as its functions ask.
        unsafe {
            lwsac_use_zero(&raw mut head, 1, 0);
            lwsac_reference(head);
            lwsac_detach(&raw mut head);
            assert!(!head.is_null());
            lwsac_unreference(&raw mut head);
            assert!(head.is_null());
            lwsac_use_zero(&raw mut head, 1, 0);
            lwsac_detach(&raw mut head);
            assert!(head.is_null());
        }
    }

    #[test]
    fn scan_finds_strings_in_every_chunk() {
        let mut head = ptr::null_mut();
        // SAFETY: an arena used as its functions ask.
        unsafe {
            for text in [c"alpha", c"beta", c"gamma"] {
                let block = lwsac_use_zero(&raw mut head, 8, 8).cast::<u8>();
                ptr::copy_nonoverlapping(text.as_ptr().cast(), block, text.count_bytes());
            }
            let scan = |text: &[u8], nul| lwsac_scan_extant(head, text.as_ptr().cast_mut(), text.len(), nul);
            assert!(scan(b"delta", 0).is_null());
            assert!(!scan(b"gam", 0).is_null());
            assert!(scan(b"gam", 1).is_null());
            assert_eq!(*scan(b"eta", 1), b'e');
            lwsac_free(&raw mut head);
        }
    }

    #[test]
    fn impossible_sizes_give_null() {
        let mut head = ptr::null_mut();
        // SAFETY: an arena used as its functions ask.
        unsafe {
            assert!(lwsac_use(&raw mut head, usize::MAX, 0).is_null());
            assert!(lwsac_use(&raw mut head, 8, usize::MAX - 8).is_null());
            assert!(lwsac_use(ptr::null_mut(), 8, 0).is_null());
            assert_eq!(lwsac_total_alloc(ptr::null_mut()), 0);
        }
        assert!(head.is_null());
    }
}

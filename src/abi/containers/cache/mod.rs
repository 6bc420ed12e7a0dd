//! `lws_cache`: items with names and lifetimes, in levels from a fast one (the heap) to one that lasts (a file).
//!
//! | question | file |
//! |---|---|
//! | how do levels work together | here |
//! | how are items kept in memory, and which one goes when a limit is reached | [`heap`] |
//! | how are cookies kept in a file that other programs understand | [`jar`] |
//!
//! The program talks to the innermost level; `info.parent` of each level names the next one outwards. What a level can
//! do is in a table of functions that programs pass in by its exported name.
//!
//! # What C promises
//!
//! Levels are used between creation and destruction, inner levels are destroyed before or together with outer ones, and
//! all of them are used in the thread of their context. Keys are C strings that do not begin with `!`.
#![allow(unsafe_code, clippy::missing_safety_doc)]

pub mod heap;
pub mod jar;

use crate::abi::layout::{
    lws_cache_creation_info, lws_cache_match, lws_cache_ops, lws_cache_results_t, lws_cache_ttl_lru, lws_dll2_owner_t,
    lws_sorted_usec_list, lws_usec_t,
};
use crate::abi::{alloc, dll2, guard, sul};
use crate::engine::log::{self, Level as LogLevel};
use crate::proto::text::strings::matches_wildcard;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

/// What is behind a `struct lws_cache_ttl_lru *`.
#[repr(C)]
struct Level {
    /// Runs when the first item expires. The first member, so that its callback finds the level.
    timer: lws_sorted_usec_list,
    ops: lws_cache_ops,
    info: lws_cache_creation_info,
    name: String,
    parent: *mut Level,
    child: *mut Level,
    /// What the last lookup found, in the form that `lws_cache_results_walk` takes apart.
    results: Vec<u8>,
    store: Store,
}

enum Store {
    Heap(heap::Heap),
    Jar(jar::Jar),
}

/// Creates a cache level. `cx`, `name` and `ops` have to be set; the ops say of which kind it is.
///
/// Returns NULL, and logs why, if something is missing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_create(info: *const lws_cache_creation_info) -> *mut lws_cache_ttl_lru {
    const NAME: &str = "lws_cache_create";
    guard::pure(NAME, ptr::null_mut(), || {
        // SAFETY: see the module; the ops are one of the exported tables or a copy.
        unsafe {
            let Some(info) = info.as_ref() else { return ptr::null_mut() };
            if info.cx.is_null() || info.name.is_null() || info.ops.is_null() {
                log::process(LogLevel::Err, NAME, format_args!("cx, name and ops are needed"));
                return ptr::null_mut();
            }
            let Some(create) = (*info.ops).create else { return ptr::null_mut() };
            let level = create(info).cast::<Level>();
            if !level.is_null() && !(*level).parent.is_null() {
                (*(*level).parent).child = level;
            }
            level.cast()
        }
    })
}

/// Destroys the level with all its items; `*cache` becomes NULL. What is in a file stays there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_destroy(cache: *mut *mut lws_cache_ttl_lru) {
    guard::pure("lws_cache_destroy", (), || {
        // SAFETY: see the module.
        unsafe {
            if !cache.is_null()
                && let Some(level) = get(*cache)
                && let Some(destroy) = level.ops.destroy
            {
                destroy(cache);
            }
        }
    });
}

/// Stores `size` bytes under `specific_key` in all levels, from the outermost inwards; what was there is replaced.
///
/// `expiry`: when the item goes, on the clock of `lws_now_usecs()`; 0 for never. `source` NULL leaves it to the caller to
/// fill the payload. `*ppay` (may be NULL) becomes where the innermost level keeps the payload. Returns 0, or nonzero if
/// the innermost level could not take it. What an outer level could not take, as a jar that gets a line of another cookie
/// than `specific_key` names, is told in the log only: the item is then in the inner levels, and 0 is returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_write_through(
    cache: *mut lws_cache_ttl_lru,
    specific_key: *const c_char,
    source: *const u8,
    size: usize,
    expiry: lws_usec_t,
    ppay: *mut *mut c_void,
) -> c_int {
    guard::pure("lws_cache_write_through", 1, || {
        if specific_key.is_null() {
            return 1;
        }
        // SAFETY: see the module.
        unsafe {
            lws_cache_item_remove(cache, specific_key);
            let mut result = 1;
            for level in levels(cache).iter().rev() {
                if let Some(write) = (**level).ops.write {
                    result = write(level.cast(), specific_key, source, size, expiry, ppay);
                }
            }
            result
        }
    })
}

/// Finds the item `specific_key`, in the innermost level that has it.
///
/// Returns 0 and the payload, which is valid until the next call about this cache; 1 if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_item_get(
    cache: *mut lws_cache_ttl_lru,
    specific_key: *const c_char,
    pdata: *mut *const c_void,
    psize: *mut usize,
) -> c_int {
    guard::pure("lws_cache_item_get", 1, || {
        if specific_key.is_null() || pdata.is_null() || psize.is_null() {
            return 1;
        }
        // SAFETY: see the module.
        unsafe {
            for level in levels(cache) {
                if let Some(find) = (*level).ops.get
                    && find(level.cast(), specific_key, pdata, psize) == 0
                {
                    return 0;
                }
            }
        }
        1
    })
}

/// Removes the item `wildcard_key` from all levels. Returns 0.
///
/// The name of the argument promises more than the original does: keys are compared exactly.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_item_remove(cache: *mut lws_cache_ttl_lru, wildcard_key: *const c_char) -> c_int {
    guard::pure("lws_cache_item_remove", 1, || {
        if wildcard_key.is_null() {
            return 1;
        }
        // SAFETY: see the module.
        unsafe {
            for level in levels(cache).iter().rev() {
                if let Some(invalidate) = (**level).ops.invalidate {
                    invalidate(level.cast(), wildcard_key);
                }
            }
        }
        0
    })
}

/// Lists the items of the outermost level whose keys match `wildcard_key`, in which `*` stands for anything.
///
/// Returns 0 and a block for `lws_cache_results_walk`, valid until the next call about this cache; its size is 0 if
/// nothing matches.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_lookup(
    cache: *mut lws_cache_ttl_lru,
    wildcard_key: *const c_char,
    pdata: *mut *const c_void,
    psize: *mut usize,
) -> c_int {
    guard::pure("lws_cache_lookup", 1, || {
        if wildcard_key.is_null() || pdata.is_null() || psize.is_null() {
            return 1;
        }
        // SAFETY: see the module; the matches were allocated by the lookup.
        unsafe {
            let mut results = Vec::new();
            if let Some(outermost) = levels(cache).last()
                && let Some(lookup) = (**outermost).ops.lookup
            {
                let mut matches = dll2::EMPTY;
                lookup(outermost.cast(), wildcard_key, &raw mut matches);
                while !matches.head.is_null() {
                    let found = matches.head.cast::<lws_cache_match>();
                    dll2::remove(matches.head);
                    append_result(&mut results, found);
                    alloc::release(found.cast());
                }
            }
            let Some(level) = get(cache) else { return 1 };
            level.results = results;
            psize.write(level.results.len());
            pdata.write(if level.results.is_empty() { ptr::null() } else { level.results.as_ptr().cast() });
        }
        0
    })
}

/// Takes the next result out of the block of a lookup.
///
/// `ptr` and `size` of `*walk_ctx` are set from the lookup at first. Returns 0 and sets `payload_len`, `tag` (a C string)
/// and `tag_len`; 1 at the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_results_walk(walk_ctx: *mut lws_cache_results_t) -> c_int {
    const HEAD: usize = 8;
    guard::pure("lws_cache_results_walk", 1, || {
        // SAFETY: `walk_ctx` is valid, and `ptr` has `size` bytes.
        unsafe {
            let Some(walk) = walk_ctx.as_mut() else { return 1 };
            if walk.size == 0 || walk.ptr.is_null() {
                return 1;
            }
            let block = std::slice::from_raw_parts(walk.ptr, walk.size);
            let Some((payload_len, tag_len)) = block.get(..HEAD).map(|head| {
                let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
                (number(0) as usize, number(4) as usize)
            }) else {
                return 1;
            };
            let Some(rest) = block.len().checked_sub(HEAD + 1).and_then(|room| room.checked_sub(tag_len)) else {
                return 1;
            };
            walk.payload_len = payload_len;
            walk.tag_len = tag_len;
            walk.tag = walk.ptr.add(HEAD);
            walk.ptr = walk.ptr.add(HEAD + tag_len + 1);
            walk.size = rest;
        }
        0
    })
}

/// Removes all items from all levels. Returns 0, or nonzero if a level could not be emptied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_expunge(cache: *mut lws_cache_ttl_lru) -> c_int {
    guard::pure("lws_cache_expunge", 1, || {
        let mut result = 0;
        // SAFETY: see the module.
        unsafe {
            for level in levels(cache) {
                if let Some(expunge) = (*level).ops.expunge {
                    result |= expunge(level.cast());
                }
            }
        }
        result
    })
}

/// Returns the bytes of memory that the items of this level take.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_footprint(cache: *mut lws_cache_ttl_lru) -> u64 {
    guard::pure("lws_cache_footprint", 0, || {
        // SAFETY: see the module.
        match unsafe { get(cache) } {
            Some(Level { store: Store::Heap(heap), .. }) => heap.footprint() as u64,
            _ => 0,
        }
    })
}

/// Logs what is in all levels at `LLL_DEBUG`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_cache_debug_dump(cache: *mut lws_cache_ttl_lru) {
    guard::pure("lws_cache_debug_dump", (), || {
        // SAFETY: see the module.
        unsafe {
            for level in levels(cache) {
                if let Some(dump) = (*level).ops.debug_dump {
                    dump(level.cast());
                }
            }
        }
    });
}

impl Level {
    /// Makes a level and hands it out; [`Level::destroy`] takes it back.
    ///
    /// # Safety
    /// `info` is valid and complete, as `lws_cache_create` has checked.
    unsafe fn create(info: &lws_cache_creation_info, store: Store) -> *mut lws_cache_ttl_lru {
        const UNUSED: lws_sorted_usec_list =
            lws_sorted_usec_list { list: dll2::DETACHED, us: 0, cb: None, latency_us: 0 };
        // SAFETY: the caller's promise.
        let (ops, name) = unsafe { (info.ops.read(), CStr::from_ptr(info.name).to_string_lossy().into_owned()) };
        Box::into_raw(Box::new(Level {
            timer: UNUSED,
            ops,
            info: *info,
            name,
            parent: info.parent.cast(),
            child: ptr::null_mut(),
            results: Vec::new(),
            store,
        }))
        .cast()
    }

    /// # Safety
    /// `cache` points to a level or NULL; the level is not used after this.
    unsafe fn destroy(cache: *mut *mut lws_cache_ttl_lru) {
        // SAFETY: the caller's promise; levels come from `create`.
        unsafe {
            let level = (*cache).cast::<Level>();
            *cache = ptr::null_mut();
            if level.is_null() {
                return;
            }
            sul::lws_sul_cancel(&raw mut (*level).timer);
            if !(*level).parent.is_null() && (*(*level).parent).child == level {
                (*(*level).parent).child = ptr::null_mut();
            }
            if !(*level).child.is_null() {
                (*(*level).child).parent = ptr::null_mut();
            }
            drop(Box::from_raw(level));
        }
    }
}

/// # Safety
/// `cache` is NULL or a level, and is not used otherwise while the borrow lives.
unsafe fn get<'a>(cache: *mut lws_cache_ttl_lru) -> Option<&'a mut Level> {
    // SAFETY: the caller's promise.
    unsafe { cache.cast::<Level>().as_mut() }
}

/// The level and its parents, innermost first.
///
/// # Safety
/// `cache` is NULL or a level.
unsafe fn levels(cache: *mut lws_cache_ttl_lru) -> Vec<*mut Level> {
    let some = |level: *mut Level| (!level.is_null()).then_some(level);
    // SAFETY: the caller's promise; parents live as long as their children.
    std::iter::successors(some(cache.cast()), |level| some(unsafe { (**level).parent })).collect()
}

/// Adds a match to the list of a lookup; it is skipped if there is no memory.
///
/// # Safety
/// `results` is a valid list.
unsafe fn add_match(results: *mut lws_dll2_owner_t, tag: &[u8], payload_size: usize, expiry: lws_usec_t) {
    let found = alloc::allocate(size_of::<lws_cache_match>() + tag.len() + 1).cast::<lws_cache_match>();
    if found.is_null() {
        return;
    }
    // SAFETY: the memory has room for the match, the tag and a NUL; the list is valid.
    unsafe {
        found.write(lws_cache_match { list: dll2::DETACHED, expiry, payload_size, tag_size: tag.len() });
        let at = found.add(1).cast::<u8>();
        ptr::copy_nonoverlapping(tag.as_ptr(), at, tag.len());
        at.add(tag.len()).write(0);
        dll2::lws_dll2_add_tail(&raw mut (*found).list, results);
    }
}

/// # Safety
/// `found` comes from [`add_match`].
unsafe fn append_result(results: &mut Vec<u8>, found: *const lws_cache_match) {
    // SAFETY: the caller's promise; tag and NUL follow the match.
    let (payload_size, tag) = unsafe {
        ((*found).payload_size, std::slice::from_raw_parts(found.add(1).cast::<u8>(), (*found).tag_size + 1))
    };
    let be = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    results.extend_from_slice(&be(payload_size));
    results.extend_from_slice(&be(tag.len() - 1));
    results.extend_from_slice(tag);
}

/// # Safety
/// `key` is a C string, or NULL, which counts as empty.
unsafe fn key_bytes<'a>(key: *const c_char) -> &'a [u8] {
    // SAFETY: the caller's promise.
    if key.is_null() { &[] } else { unsafe { CStr::from_ptr(key) }.to_bytes() }
}

/// What the `tag_match` of a level answers: 0 for a match, as strcmp does.
fn compared(matches: bool) -> c_int {
    c_int::from(!matches)
}

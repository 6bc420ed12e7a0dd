//! `lws_map`: a hash map from byte strings to byte strings, with an allocator, hash and comparison of the program if it
//! likes.
//!
//! # What C promises
//!
//! Maps and items are used between their creation and destruction, by one thread at a time; keys and values have the
//! lengths announced; callbacks do what their types say and do not use the map.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::arena;
use crate::abi::layout::{lws_map, lws_map_info_t, lws_map_item, lws_map_key_t, lws_map_t, lws_map_value_t, lwsac};
use crate::abi::{alloc, guard};
use std::ffi::c_void;
use std::ptr;

/// What is behind a `lws_map_t *`; the heads of the buckets follow in the same memory.
#[repr(C)]
struct Map {
    info: lws_map_info_t,
}

/// What is behind a `struct lws_map_item *`; value, then key follow in the same memory.
#[repr(C)]
struct Item {
    /// The next item of the bucket.
    next: *mut Item,
    /// What points to this item: the head of the bucket or the `next` of the item in front.
    link: *mut *mut Item,
    map: *mut Map,
    key_len: usize,
    value_len: usize,
    /// Keeps values aligned to 16, as malloc memory is.
    _pad: usize,
}

const _: () = assert!(size_of::<Item>() == 48);

/// Buckets, if the program does not say.
const DEFAULT_BUCKETS: usize = 8;

/// Creates a map. Members of `info` that are zero mean: 8 buckets, a hash and comparison of the bytes, the heap.
///
/// Returns NULL if there is no memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_create(info: *const lws_map_info_t) -> *mut lws_map_t {
    guard::pure("lws_map_create", ptr::null_mut(), || {
        if info.is_null() {
            return ptr::null_mut();
        }
        // SAFETY: not NULL, so valid.
        let mut info = unsafe { info.read() };
        if info.modulo == 0 {
            info.modulo = DEFAULT_BUCKETS;
        }
        let buckets = info.modulo.checked_mul(size_of::<*mut Item>());
        let Some(size) = buckets.and_then(|buckets| buckets.checked_add(size_of::<Map>())) else {
            return ptr::null_mut();
        };
        // An allocator wants a map to find its own data in; this one lives for the first call only.
        let mut seed = Map { info };
        // SAFETY: the memory has room for the map and its buckets.
        unsafe {
            let map = allocate(&raw mut seed, size).cast::<Map>();
            if !map.is_null() {
                map.write(seed);
                map.add(1).cast::<*mut Item>().write_bytes(0, info.modulo);
            }
            map.cast()
        }
    })
}

/// Destroys the map and all its items; `*pmap` becomes NULL. NULL is allowed in either place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_destroy(pmap: *mut *mut lws_map_t) {
    guard::pure("lws_map_destroy", (), || {
        // SAFETY: see the module.
        unsafe {
            if pmap.is_null() || (*pmap).is_null() {
                return;
            }
            let map = (*pmap).cast::<Map>();
            *pmap = ptr::null_mut();
            let info = (*map).info;
            for at in 0..info.modulo {
                let head = buckets(map).add(at);
                while !(*head).is_null() {
                    destroy(*head);
                }
            }
            release(&info, map.cast());
        }
    });
}

/// Adds a copy of key and value to the map; an item with the same key is replaced.
///
/// With `value` NULL, the place for `valuelen` bytes is left for the caller to fill. Returns the item, or NULL if there
/// is no memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_item_create(
    map: *mut lws_map_t,
    key: lws_map_key_t,
    keylen: usize,
    value: lws_map_value_t,
    valuelen: usize,
) -> *mut lws_map_item {
    guard::pure("lws_map_item_create", ptr::null_mut(), || {
        let lens = keylen.checked_add(valuelen).and_then(|len| len.checked_add(size_of::<Item>()));
        let (false, Some(size)) = (map.is_null() || (key.is_null() && keylen > 0), lens) else {
            return ptr::null_mut();
        };
        let map = map.cast::<Map>();
        // SAFETY: see the module; the memory has room for item, value and key.
        unsafe {
            let old = find(map, key, keylen);
            let item = allocate(map, size).cast::<Item>();
            if item.is_null() {
                return ptr::null_mut();
            }
            let link = bucket(map, key, keylen);
            item.write(Item { next: ptr::null_mut(), link, map, key_len: keylen, value_len: valuelen, _pad: 0 });
            if !value.is_null() {
                ptr::copy_nonoverlapping(value.cast::<u8>(), value_of(item), valuelen);
            }
            if keylen > 0 {
                ptr::copy_nonoverlapping(key.cast::<u8>(), key_of(item), keylen);
            }
            // Only now, as key or value may come from the item that goes.
            if !old.is_null() {
                destroy(old);
            }
            (*item).next = *link;
            if !(*link).is_null() {
                (**link).link = &raw mut (*item).next;
            }
            *link = item;
            item.cast()
        }
    })
}

/// Takes the item out of its map and frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_item_destroy(item: *mut lws_map_item) {
    guard::pure("lws_map_item_destroy", (), || {
        if !item.is_null() {
            // SAFETY: see the module.
            unsafe { destroy(item.cast()) };
        }
    });
}

/// Returns the item with this key, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_item_lookup(
    map: *mut lws_map_t,
    key: lws_map_key_t,
    keylen: usize,
) -> *mut lws_map_item {
    guard::pure("lws_map_item_lookup", ptr::null_mut(), || {
        if map.is_null() || (key.is_null() && keylen > 0) {
            return ptr::null_mut();
        }
        // SAFETY: see the module.
        unsafe { find(map.cast(), key, keylen).cast() }
    })
}

/// Returns the key of the item; no NUL follows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_item_key(_item: *mut lws_map_item) -> *const c_void {
    guard::pure("lws_map_item_key", ptr::null(), || {
        // SAFETY: see the module.
        if _item.is_null() { ptr::null() } else { unsafe { key_of(_item.cast()).cast_const().cast() } }
    })
}

/// Returns the value of the item; no NUL follows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_item_value(_item: *mut lws_map_item) -> *const c_void {
    guard::pure("lws_map_item_value", ptr::null(), || {
        // SAFETY: see the module.
        if _item.is_null() { ptr::null() } else { unsafe { value_of(_item.cast()).cast_const().cast() } }
    })
}

/// Returns the length of the key in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_item_key_len(_item: *mut lws_map_item) -> usize {
    // SAFETY: see the module.
    guard::pure("lws_map_item_key_len", 0, || unsafe { _item.cast::<Item>().as_ref() }.map_or(0, |item| item.key_len))
}

/// Returns the length of the value in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_item_value_len(_item: *mut lws_map_item) -> usize {
    guard::pure("lws_map_item_value_len", 0, || {
        // SAFETY: see the module.
        unsafe { _item.cast::<Item>().as_ref() }.map_or(0, |item| item.value_len)
    })
}

/// An `_alloc` for `lws_map_info_t` that uses the arena whose head `info.opaque` points to, in chunks of
/// `(size_t)info.aux` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_alloc_lwsac(map: *mut lws_map, x: usize) -> *mut c_void {
    guard::pure("lws_map_alloc_lwsac", ptr::null_mut(), || {
        // SAFETY: see the module; `opaque` points to the head of an arena for maps that use this function.
        unsafe {
            let Some(map) = map.cast::<Map>().as_ref() else { return ptr::null_mut() };
            arena::lwsac_use(map.info.opaque.cast::<*mut lwsac>(), x, map.info.aux.addr())
        }
    })
}

/// The `_free` that belongs to `lws_map_alloc_lwsac`: does nothing, the arena is freed as a whole.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_map_free_lwsac(v: *mut c_void) {
    let _ = v;
}

/// # Safety
/// `map` is valid.
unsafe fn allocate(map: *mut Map, size: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    match unsafe { (*map).info._alloc } {
        // SAFETY: the allocator of the program, given its map.
        Some(allocator) => unsafe { allocator(map.cast(), size).cast() },
        None => alloc::allocate(size),
    }
}

/// # Safety
/// `memory` came from the allocator of a map with this `info`.
unsafe fn release(info: &lws_map_info_t, memory: *mut u8) {
    // SAFETY: the caller's promise. An allocator without its counterpart is one of memory that is not freed singly.
    unsafe {
        match (info._free, info._alloc) {
            (Some(free), _) => free(memory.cast()),
            (None, None) => alloc::release(memory),
            (None, Some(_)) => {}
        }
    }
}

/// # Safety
/// `map` is valid.
unsafe fn buckets(map: *mut Map) -> *mut *mut Item {
    // SAFETY: they follow the map.
    unsafe { map.add(1).cast() }
}

/// The bucket that a key belongs to.
///
/// # Safety
/// `map` is valid, `key` has `len` bytes.
unsafe fn bucket(map: *mut Map, key: lws_map_key_t, len: usize) -> *mut *mut Item {
    // SAFETY: the caller's promise; the remainder is below the number of buckets.
    unsafe {
        let hash = match (*map).info._hash {
            Some(hash) => hash(key, len),
            None => hash_bytes(bytes(key, len)),
        };
        buckets(map).add(hash as usize % (*map).info.modulo)
    }
}

/// # Safety
/// `map` is valid, `key` has `len` bytes.
unsafe fn find(map: *mut Map, key: lws_map_key_t, len: usize) -> *mut Item {
    // SAFETY: the caller's promise; items have their keys.
    unsafe {
        let mut item = *bucket(map, key, len);
        while !item.is_null() {
            let item_key = key_of(item).cast::<c_void>();
            let same = match (*map).info._compare {
                Some(compare) => compare(key, len, item_key, (*item).key_len) == 0,
                None => bytes(key, len) == bytes(item_key, (*item).key_len),
            };
            if same {
                break;
            }
            item = (*item).next;
        }
        item
    }
}

/// # Safety
/// `item` is valid and not used after this.
unsafe fn destroy(item: *mut Item) {
    // SAFETY: the caller's promise.
    unsafe {
        let Item { next, link, map, .. } = *item;
        *link = next;
        if !next.is_null() {
            (*next).link = link;
        }
        release(&(*map).info, item.cast());
    }
}

/// # Safety
/// `item` is valid.
unsafe fn value_of(item: *mut Item) -> *mut u8 {
    // SAFETY: the value follows the item.
    unsafe { item.add(1).cast() }
}

/// # Safety
/// `item` is valid.
unsafe fn key_of(item: *mut Item) -> *mut u8 {
    // SAFETY: the key follows the value.
    unsafe { value_of(item).add((*item).value_len) }
}

/// # Safety
/// `at` has `len` bytes, or `len` is 0.
unsafe fn bytes<'a>(at: *const c_void, len: usize) -> &'a [u8] {
    // SAFETY: the caller's promise.
    if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(at.cast(), len) } }
}

/// FNV-1a.
fn hash_bytes(key: &[u8]) -> u32 {
    key.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info() -> lws_map_info_t {
        lws_map_info_t {
            _hash: None,
            _compare: None,
            _alloc: None,
            _free: None,
            opaque: ptr::null_mut(),
            aux: ptr::null_mut(),
            modulo: 0,
        }
    }

    unsafe fn put(map: *mut lws_map_t, key: &[u8], value: &[u8]) -> *mut lws_map_item {
        let (key_at, value_at) = (key.as_ptr().cast_mut().cast(), value.as_ptr().cast_mut().cast());
        // SAFETY: the caller's map.
        unsafe { lws_map_item_create(map, key_at, key.len(), value_at, value.len()) }
    }

    #[test]
    fn many_items_survive_removal_of_their_neighbours() {
        // SAFETY: a map used as its functions ask.
        unsafe {
            let mut map = lws_map_create(&info());
            for number in 0u32..200 {
                put(map, &number.to_ne_bytes(), &[number as u8]);
            }
            for number in (0u32..200).step_by(3) {
                lws_map_item_destroy(lws_map_item_lookup(map, (&raw const number).cast_mut().cast(), 4));
            }
            for number in 0u32..200 {
                let item = lws_map_item_lookup(map, (&raw const number).cast_mut().cast(), 4);
                assert_eq!(item.is_null(), number % 3 == 0);
                if !item.is_null() {
                    assert_eq!(*lws_map_item_value(item).cast::<u8>(), number as u8);
                }
            }
            lws_map_destroy(&raw mut map);
            assert!(map.is_null());
        }
    }

    #[test]
    fn item_may_be_replaced_with_parts_of_itself() {
        // SAFETY: a map used as its functions ask.
        unsafe {
            let mut map = lws_map_create(&info());
            let item = put(map, b"key", b"a longer value");
            let (key, value) = (lws_map_item_key(item).cast_mut(), lws_map_item_value(item).cast_mut());
            let item = lws_map_item_create(map, key, 3, value.byte_add(2), 6);
            assert_eq!(bytes(lws_map_item_value(item), lws_map_item_value_len(item)), b"longer");
            assert_eq!(bytes(lws_map_item_key(item), lws_map_item_key_len(item)), b"key");
            lws_map_destroy(&raw mut map);
        }
    }

    #[test]
    fn arena_can_hold_the_map() {
        let mut arena: *mut lwsac = ptr::null_mut();
        let info = lws_map_info_t {
            _alloc: Some(lws_map_alloc_lwsac),
            _free: Some(lws_map_free_lwsac),
            opaque: (&raw mut arena).cast(),
            aux: ptr::without_provenance_mut(500),
            ..info()
        };
        // SAFETY: a map used as its functions ask.
        unsafe {
            let mut map = lws_map_create(&info);
            assert!(!put(map, b"k", b"v").is_null());
            assert!(!put(map, b"k", b"w").is_null());
            assert_eq!(arena::lwsac_total_alloc(arena), 564);
            lws_map_destroy(&raw mut map);
            arena::lwsac_free(&raw mut arena);
        }
    }
}

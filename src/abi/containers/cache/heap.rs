//! The cache level that keeps its items in memory.
//!
//! Items go when they expire, or, least recently used first, when a limit is reached. (The original lets the most
//! recently used one go.)
use super::{Level, Store, add_match, compared, get, key_bytes, matches_wildcard};
use crate::abi::layout::{
    lws_cache_creation_info, lws_cache_item_destroy_cb, lws_cache_ops, lws_cache_ttl_lru, lws_dll2_owner_t,
    lws_sorted_usec_list, lws_usec_t,
};
use crate::abi::{alloc, guard, handle, sul, time};
use crate::engine::log::{self, Level as LogLevel};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::rc::Rc;

/// The operations of a level in memory: pass its address as `info.ops`.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name that C programs link to")]
pub static lws_cache_ops_heap: lws_cache_ops = lws_cache_ops {
    create: Some(create),
    destroy: Some(destroy),
    expunge: Some(expunge),
    write: Some(write),
    tag_match: Some(tag_match),
    lookup: Some(lookup),
    invalidate: Some(invalidate),
    get: Some(find),
    debug_dump: Some(debug_dump),
};

/// Bytes that an item counts for beside key and payload.
const ITEM_OVERHEAD: usize = 64;

/// The items of one level.
#[derive(Default)]
pub struct Heap {
    items: HashMap<Rc<[u8]>, Item>,
    /// Least recently used first.
    by_use: BTreeMap<u64, Rc<[u8]>>,
    /// First to expire first; items that never do are not in here.
    by_expiry: BTreeSet<(lws_usec_t, Rc<[u8]>)>,
    uses: u64,
    footprint: usize,
    /// 0 for no limit.
    max_items: usize,
    max_footprint: usize,
}

struct Item {
    payload: Payload,
    expiry: lws_usec_t,
    used: u64,
}

/// Memory of the program's allocator, aligned for anything.
struct Payload {
    at: *mut u8,
    len: usize,
}

impl Payload {
    /// # Safety
    /// `source` is NULL or has `len` bytes.
    unsafe fn copy_of(source: *const u8, len: usize) -> Option<Self> {
        let at = alloc::allocate(len);
        if at.is_null() {
            return None;
        }
        // SAFETY: the new memory has `len` bytes, and so has the source.
        unsafe {
            if source.is_null() {
                at.write_bytes(0, len);
            } else {
                ptr::copy_nonoverlapping(source, at, len);
            }
        }
        Some(Self { at, len })
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        // SAFETY: came from `allocate`, and nobody else has it.
        unsafe { alloc::release(self.at) };
    }
}

impl Heap {
    pub fn footprint(&self) -> usize {
        self.footprint
    }

    fn cost(key: &[u8], len: usize) -> usize {
        key.len().saturating_add(len).saturating_add(ITEM_OVERHEAD)
    }

    fn remove(&mut self, key: &[u8], removed: &mut Vec<Payload>) {
        if let Some((key, item)) = self.items.remove_entry(key) {
            self.by_use.remove(&item.used);
            self.footprint -= Self::cost(&key, item.payload.len);
            self.by_expiry.remove(&(item.expiry, key));
            removed.push(item.payload);
        }
    }

    /// Adds an item that is not there yet. False if it can never fit.
    fn insert(&mut self, key: &[u8], payload: Payload, expiry: lws_usec_t, removed: &mut Vec<Payload>) -> bool {
        let cost = Self::cost(key, payload.len);
        if self.max_footprint != 0 && cost > self.max_footprint {
            return false;
        }
        let is_full = |heap: &Self| {
            heap.max_items != 0 && heap.items.len() >= heap.max_items
                || heap.max_footprint != 0 && heap.footprint + cost > heap.max_footprint
        };
        while is_full(self) {
            let Some((_, oldest)) = self.by_use.first_key_value() else { return false };
            let oldest = Rc::clone(oldest);
            self.remove(&oldest, removed);
        }
        let key: Rc<[u8]> = key.into();
        self.uses += 1;
        self.footprint += cost;
        self.by_use.insert(self.uses, Rc::clone(&key));
        if expiry != 0 {
            self.by_expiry.insert((expiry, Rc::clone(&key)));
        }
        self.items.insert(key, Item { payload, expiry, used: self.uses });
        true
    }

    fn find(&mut self, key: &[u8]) -> Option<&Payload> {
        let item = self.items.get_mut(key)?;
        self.uses += 1;
        let key = self.by_use.remove(&item.used)?;
        self.by_use.insert(self.uses, key);
        item.used = self.uses;
        Some(&item.payload)
    }

    fn remove_expired(&mut self, now: lws_usec_t, removed: &mut Vec<Payload>) {
        while let Some((expiry, key)) = self.by_expiry.first()
            && *expiry <= now
        {
            let key = Rc::clone(key);
            self.remove(&key, removed);
        }
    }
}

/// Works on the items of a level, then tells the program which of them are gone and sets the timer for the next.
///
/// # Safety
/// `cache` is a level that is not borrowed.
unsafe fn with<R>(
    cache: *mut lws_cache_ttl_lru,
    on_error: R,
    work: impl FnOnce(&mut Heap, &mut Vec<Payload>) -> R,
) -> R {
    let mut removed = Vec::new();
    // SAFETY: the caller's promise; the borrow ends before the program is told, which may use the cache.
    unsafe {
        let Some(Level { store: Store::Heap(heap), .. }) = get(cache) else { return on_error };
        heap.remove_expired(time::now_usecs(), &mut removed);
        let result = work(heap, &mut removed);
        set_timer(cache);
        let tell = get(cache).and_then(|level| level.info.cb);
        tell_removed(tell, removed);
        result
    }
}

/// # Safety
/// Nothing that the program can change is borrowed.
unsafe fn tell_removed(tell: lws_cache_item_destroy_cb, removed: Vec<Payload>) {
    for payload in removed {
        if let Some(tell) = tell {
            // SAFETY: the program gave this function for this; the payload lives through the call.
            unsafe { tell(payload.at.cast(), payload.len) };
        }
    }
}

/// # Safety
/// `cache` is a level that is not borrowed.
unsafe fn set_timer(cache: *mut lws_cache_ttl_lru) {
    // SAFETY: the caller's promise.
    unsafe {
        let Some(level) = get(cache) else { return };
        let Store::Heap(heap) = &level.store else { return };
        let due = heap.by_expiry.first().map(|(expiry, _)| *expiry);
        let (context, timer) = (level.info.cx, &raw mut level.timer);
        match due.zip(handle::suls(context)) {
            Some((due, _)) if (*timer).us == due => {}
            Some((due, suls)) => suls.schedule_at("lws_cache", timer, Some(expire), due, 0),
            None => sul::lws_sul_cancel(timer),
        }
    }
}

unsafe extern "C" fn expire(timer: *mut lws_sorted_usec_list) {
    // SAFETY: the timer is the first member of its level, which cancels it before it goes.
    guard::pure("lws_cache", (), || unsafe { with(timer.cast(), (), |_, _| ()) });
}

unsafe extern "C" fn create(info: *const lws_cache_creation_info) -> *mut lws_cache_ttl_lru {
    guard::pure("lws_cache_create", ptr::null_mut(), || {
        // SAFETY: `lws_cache_create` has checked it.
        unsafe {
            let Some(info) = info.as_ref() else { return ptr::null_mut() };
            let heap = Heap { max_items: info.max_items, max_footprint: info.max_footprint, ..Heap::default() };
            Level::create(info, Store::Heap(heap))
        }
    })
}

unsafe extern "C" fn destroy(cache: *mut *mut lws_cache_ttl_lru) {
    guard::pure("lws_cache_destroy", (), || {
        // SAFETY: called by `lws_cache_destroy` with a level.
        unsafe {
            expunge(*cache);
            Level::destroy(cache);
        }
    });
}

unsafe extern "C" fn expunge(cache: *mut lws_cache_ttl_lru) -> c_int {
    guard::pure("lws_cache_expunge", 1, || {
        // SAFETY: a level; see the module above.
        unsafe {
            with(cache, 1, |heap, removed| {
                removed.extend(heap.items.drain().map(|(_, item)| item.payload));
                *heap = Heap { max_items: heap.max_items, max_footprint: heap.max_footprint, ..Heap::default() };
                0
            })
        }
    })
}

unsafe extern "C" fn write(
    cache: *mut lws_cache_ttl_lru,
    key: *const c_char,
    source: *const u8,
    size: usize,
    expiry: lws_usec_t,
    ppay: *mut *mut c_void,
) -> c_int {
    guard::pure("lws_cache_write_through", 1, || {
        // SAFETY: a level, a C string, `size` bytes, and NULL or room for a pointer; see the module above.
        unsafe {
            let key = key_bytes(key);
            let Some(payload) = Payload::copy_of(source, size) else { return 1 };
            let at = payload.at;
            with(cache, 1, |heap, removed| {
                heap.remove(key, removed);
                if !heap.insert(key, payload, expiry, removed) {
                    return 1;
                }
                if !ppay.is_null() {
                    ppay.write(at.cast());
                }
                0
            })
        }
    })
}

unsafe extern "C" fn tag_match(
    _cache: *mut lws_cache_ttl_lru,
    wildcard: *const c_char,
    tag: *const c_char,
    lookup_rules: c_char,
) -> c_int {
    guard::pure("lws_cache_lookup", 1, || {
        // SAFETY: C strings; see the module above.
        let (wildcard, tag) = unsafe { (key_bytes(wildcard), key_bytes(tag)) };
        compared(wildcard == tag || lookup_rules != 0 && matches_wildcard(wildcard, tag))
    })
}

unsafe extern "C" fn lookup(
    cache: *mut lws_cache_ttl_lru,
    wildcard: *const c_char,
    results: *mut lws_dll2_owner_t,
) -> c_int {
    guard::pure("lws_cache_lookup", 1, || {
        // SAFETY: a level, a C string and a list; see the module above.
        unsafe {
            let wildcard = key_bytes(wildcard);
            with(cache, 1, |heap, _| {
                let mut found: Vec<_> = heap.items.iter().filter(|(key, _)| matches_wildcard(wildcard, key)).collect();
                found.sort_by_key(|(key, _)| Rc::clone(key));
                for (key, item) in found {
                    add_match(results, key, item.payload.len, item.expiry);
                }
                0
            })
        }
    })
}

unsafe extern "C" fn invalidate(cache: *mut lws_cache_ttl_lru, key: *const c_char) -> c_int {
    guard::pure("lws_cache_item_remove", 1, || {
        // SAFETY: a level and a C string; see the module above.
        unsafe {
            let key = key_bytes(key);
            with(cache, 1, |heap, removed| {
                heap.remove(key, removed);
                0
            })
        }
    })
}

unsafe extern "C" fn find(
    cache: *mut lws_cache_ttl_lru,
    key: *const c_char,
    pdata: *mut *const c_void,
    psize: *mut usize,
) -> c_int {
    guard::pure("lws_cache_item_get", 1, || {
        // SAFETY: a level, a C string and room for the results; see the module above.
        unsafe {
            let key = key_bytes(key);
            with(cache, 1, |heap, _| {
                let Some(payload) = heap.find(key) else { return 1 };
                pdata.write(payload.at.cast_const().cast());
                psize.write(payload.len);
                0
            })
        }
    })
}

unsafe extern "C" fn debug_dump(cache: *mut lws_cache_ttl_lru) {
    guard::pure("lws_cache_debug_dump", (), || {
        // SAFETY: a level; see the module above.
        let Some(Level { store: Store::Heap(heap), name, .. }) = (unsafe { get(cache) }) else { return };
        for key in heap.by_use.values() {
            let key = String::from_utf8_lossy(key);
            log::process(LogLevel::Debug, "lws_cache_debug_dump", format_args!("{name}: {key}"));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(len: usize) -> Payload {
        // SAFETY: NULL is allowed.
        unsafe { Payload::copy_of(ptr::null(), len) }.unwrap()
    }

    fn keys(heap: &Heap) -> Vec<&str> {
        heap.by_use.values().map(|key| str::from_utf8(key).unwrap()).collect()
    }

    #[test]
    fn least_recently_used_item_goes_first() {
        let mut heap = Heap { max_items: 2, ..Heap::default() };
        let mut removed = Vec::new();
        assert!(heap.insert(b"a", payload(1), 0, &mut removed));
        assert!(heap.insert(b"b", payload(1), 0, &mut removed));
        assert!(heap.find(b"a").is_some());
        assert!(heap.insert(b"c", payload(1), 0, &mut removed));
        assert_eq!((keys(&heap), removed.len()), (vec!["a", "c"], 1));
    }

    #[test]
    fn footprint_is_kept_below_its_limit() {
        let mut heap = Heap { max_footprint: 3 * (ITEM_OVERHEAD + 1 + 10), ..Heap::default() };
        let mut removed = Vec::new();
        for key in [b"a", b"b", b"c", b"d"] {
            assert!(heap.insert(key, payload(10), 0, &mut removed));
        }
        assert_eq!(keys(&heap), ["b", "c", "d"]);
        assert!(!heap.insert(b"e", payload(1000), 0, &mut removed));
        assert!(heap.insert(b"f", payload(100), 0, &mut removed));
        assert_eq!(keys(&heap), ["f"]);
        heap.remove(b"f", &mut removed);
        assert_eq!((heap.footprint(), heap.by_expiry.len()), (0, 0));
    }

    #[test]
    fn items_expire_in_their_order() {
        let mut heap = Heap::default();
        let mut removed = Vec::new();
        for (key, expiry) in [(b"a", 30), (b"b", 10), (b"c", 0), (b"d", 20)] {
            assert!(heap.insert(key, payload(1), expiry, &mut removed));
        }
        heap.remove_expired(20, &mut removed);
        assert_eq!((keys(&heap), removed.len()), (vec!["a", "c"], 2));
    }
}

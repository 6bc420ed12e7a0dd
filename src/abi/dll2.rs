//! `lws_dll2`: doubly-linked lists whose nodes are embedded in objects of the program.
//!
//! A node or owner of all zeroes is detached or empty. Nothing is allocated here. Scheduled timers are nodes of such
//! lists too (`lws_sorted_usec_list_t` begins with one), and those lists have an index: a node whose owner is a timer
//! list is handed to [`super::suls`], so that removing it by either name works.
//!
//! # What C promises
//!
//! Nodes and owners passed in are valid and stay in place while they are listed; one list is used by one thread at a
//! time.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::guard;
use super::layout::{lws_dll2, lws_dll2_foreach_cb_t, lws_dll2_owner, lws_dll2_owner_t, lws_dll2_t};
use super::suls::TimerList;
use crate::engine::log::{self, Level};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

/// Tells whether `d` is in no list.
///
/// Returns 1 if it is in none, 0 if it is listed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_is_detached(d: *const lws_dll2) -> c_int {
    // SAFETY: a valid node when not NULL.
    guard::pure("lws_dll2_is_detached", 1, || c_int::from(d.is_null() || unsafe { (*d).owner.is_null() }))
}

/// Puts the detached node `d` at the head of `owner`'s list. A node that is listed already stays where it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_add_head(d: *mut lws_dll2, owner: *mut lws_dll2_owner) {
    const NAME: &str = "lws_dll2_add_head";
    guard::pure(NAME, (), || {
        // SAFETY: node and owner are valid or NULL; only a detached node and a list without index get further.
        unsafe {
            if may_add(NAME, d, owner) {
                link(d, owner, ptr::null_mut(), (*owner).head);
            }
        }
    });
}

/// Puts the detached node `d` at the tail of `owner`'s list. A node that is listed already stays where it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_add_tail(d: *mut lws_dll2, owner: *mut lws_dll2_owner) {
    const NAME: &str = "lws_dll2_add_tail";
    guard::pure(NAME, (), || {
        // SAFETY: as in lws_dll2_add_head.
        unsafe {
            if may_add(NAME, d, owner) {
                link(d, owner, (*owner).tail, ptr::null_mut());
            }
        }
    });
}

/// Puts the detached node `d` in front of the listed node `after`, in the same list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_add_before(d: *mut lws_dll2, after: *mut lws_dll2) {
    const NAME: &str = "lws_dll2_add_before";
    guard::pure(NAME, (), || {
        // SAFETY: both are valid nodes or NULL; `after` is only used while it is listed, so its owner is valid.
        unsafe {
            let owner = if after.is_null() { ptr::null_mut() } else { (*after).owner };
            if may_add(NAME, d, owner) {
                link(d, owner, (*after).prev, after);
            }
        }
    });
}

/// Puts the detached node `d` into `own`'s list, which is in the order of `compare`.
///
/// It goes in front of the first listed node `p` with `compare(p, d) >= 0`, so of equal nodes the newest comes first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_add_sorted(
    d: *mut lws_dll2_t,
    own: *mut lws_dll2_owner_t,
    compare: Option<unsafe extern "C" fn(*const lws_dll2_t, *const lws_dll2_t) -> c_int>,
) {
    const NAME: &str = "lws_dll2_add_sorted";
    guard::pure(NAME, (), || {
        // SAFETY: as in lws_dll2_add_head; the program's comparison takes nodes of its list.
        unsafe {
            if may_add(NAME, d, own) {
                add_sorted(d, own, |listed| compare.map_or(-1, |compare| compare(listed, d)));
            }
        }
    });
}

/// As `lws_dll2_add_sorted`, with a comparison that is also given `priv`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_add_sorted_priv(
    d: *mut lws_dll2_t,
    own: *mut lws_dll2_owner_t,
    r#priv: *mut c_void,
    compare3: Option<unsafe extern "C" fn(*mut c_void, *const lws_dll2_t, *const lws_dll2_t) -> c_int>,
) {
    const NAME: &str = "lws_dll2_add_sorted_priv";
    guard::pure(NAME, (), || {
        // SAFETY: as in lws_dll2_add_sorted.
        unsafe {
            if may_add(NAME, d, own) {
                add_sorted(d, own, |listed| compare3.map_or(-1, |compare| compare(r#priv, listed, d)));
            }
        }
    });
}

/// Takes `d` out of its list. Nothing happens if it is in none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_remove(d: *mut lws_dll2) {
    // SAFETY: a valid node or NULL.
    guard::pure("lws_dll2_remove", (), || unsafe { remove(d) });
}

/// Zeroes the node `d` without regard to any list it may be in; for memory that was never a node.
///
/// A scheduled timer is cancelled, as its list would be broken otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_clear(d: *mut lws_dll2) {
    guard::pure("lws_dll2_clear", (), || {
        if d.is_null() {
            return;
        }
        // SAFETY: memory of a node; what is in it is not trusted: the owner is only compared with addresses of ours.
        unsafe {
            if let Some(timers) = TimerList::of((*d).owner) {
                timers.remove(d.cast());
            }
            d.write(DETACHED);
        }
    });
}

/// Zeroes the list head `d`; the nodes in the list are not touched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_owner_clear(d: *mut lws_dll2_owner) {
    guard::pure("lws_dll2_owner_clear", (), || {
        if d.is_null() {
            return;
        }
        match TimerList::of(d) {
            Some(timers) => timers.clear(),
            // SAFETY: memory of an owner.
            None => unsafe { d.write(EMPTY) },
        }
    });
}

/// Calls `cb(d, user)` for each node from the head on; `cb` may remove the node it is given.
///
/// Stops when `cb` returns nonzero, and returns 1 then; else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dll2_foreach_safe(
    owner: *mut lws_dll2_owner,
    user: *mut c_void,
    cb: lws_dll2_foreach_cb_t,
) -> c_int {
    guard::pure("lws_dll2_foreach_safe", 0, || {
        let (false, Some(cb)) = (owner.is_null(), cb) else { return 0 };
        // SAFETY: a valid list; the next node is read before `cb` may take the current one away.
        unsafe {
            let mut node = (*owner).head;
            while !node.is_null() {
                let next = (*node).next;
                if cb(node, user) != 0 {
                    return 1;
                }
                node = next;
            }
        }
        0
    })
}

/// Finds the object whose `const char *` member is the string `name` of `namelen` bytes.
///
/// `dll2_ofs` and `ptr_ofs` are the offsets of the node and of that member in the objects of the list `own`; objects
/// whose member is NULL are passed over. Returns the object, or NULL. Behind the macro `lws_dll2_search_sz_pl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _lws_dll2_search_sz_pl(
    own: *mut lws_dll2_owner_t,
    name: *const c_char,
    namelen: usize,
    dll2_ofs: usize,
    ptr_ofs: usize,
) -> *mut c_void {
    guard::pure("_lws_dll2_search_sz_pl", ptr::null_mut(), || {
        if own.is_null() || name.is_null() {
            return ptr::null_mut();
        }
        // SAFETY: `name` has `namelen` bytes; the offsets describe the objects of this list, so each member is a
        // C string or NULL.
        unsafe {
            let wanted = std::slice::from_raw_parts(name.cast::<u8>(), namelen);
            let mut node = (*own).head;
            while !node.is_null() {
                let object = node.byte_sub(dll2_ofs);
                let member = object.byte_add(ptr_ofs).cast::<*const c_char>().read();
                if !member.is_null() && CStr::from_ptr(member).to_bytes() == wanted {
                    return object.cast();
                }
                node = (*node).next;
            }
        }
        ptr::null_mut()
    })
}

/// A node in no list.
pub const DETACHED: lws_dll2 = lws_dll2 { prev: ptr::null_mut(), next: ptr::null_mut(), owner: ptr::null_mut() };

/// A list without nodes.
pub const EMPTY: lws_dll2_owner = lws_dll2_owner { tail: ptr::null_mut(), head: ptr::null_mut(), count: 0 };

/// Whether `d` can be added to `owner`; says so in the log if the program misuses the list.
///
/// # Safety
/// `d` and `owner` are valid or NULL.
unsafe fn may_add(function: &'static str, d: *mut lws_dll2, owner: *mut lws_dll2_owner) -> bool {
    let problem = if d.is_null() {
        "the node is NULL"
    } else if owner.is_null() {
        "there is no list to add to"
    // SAFETY: not NULL, so valid.
    } else if !unsafe { (*d).owner }.is_null() {
        "the node is in a list already"
    } else if TimerList::of(owner).is_some() {
        "nodes are added to a list of timers by lws_sul_schedule only"
    } else {
        return true;
    };
    log::process(Level::Err, function, format_args!("{problem}"));
    false
}

/// Puts `d` between two neighbours, either of which may be NULL for an end of the list.
///
/// # Safety
/// `d` and `owner` are valid; `prev` and `next` are neighbours in its list.
pub unsafe fn link(d: *mut lws_dll2, owner: *mut lws_dll2_owner, prev: *mut lws_dll2, next: *mut lws_dll2) {
    // SAFETY: the caller's promise.
    unsafe {
        d.write(lws_dll2 { prev, next, owner });
        if prev.is_null() {
            (*owner).head = d;
        } else {
            (*prev).next = d;
        }
        if next.is_null() {
            (*owner).tail = d;
        } else {
            (*next).prev = d;
        }
        (*owner).count = (*owner).count.wrapping_add(1);
    }
}

/// # Safety
/// `d` is detached, `own` a valid list without index; `compare` may be called with the nodes of the list.
pub unsafe fn add_sorted(
    d: *mut lws_dll2,
    own: *mut lws_dll2_owner,
    mut compare: impl FnMut(*const lws_dll2) -> c_int,
) {
    // SAFETY: the caller's promise; the walk follows the links of a valid list.
    unsafe {
        let mut listed = (*own).head;
        while !listed.is_null() && compare(listed) < 0 {
            listed = (*listed).next;
        }
        let prev = if listed.is_null() { (*own).tail } else { (*listed).prev };
        link(d, own, prev, listed);
    }
}

/// Takes `d` out of whatever list it is in.
///
/// # Safety
/// `d` is a valid node or NULL.
pub unsafe fn remove(d: *mut lws_dll2) {
    // SAFETY: the caller's promise; a listed node has valid neighbours and a valid owner.
    unsafe {
        if d.is_null() || (*d).owner.is_null() {
            return;
        }
        let lws_dll2 { prev, next, owner } = *d;
        if let Some(timers) = TimerList::of(owner) {
            return timers.remove(d.cast());
        }
        if prev.is_null() {
            (*owner).head = next;
        } else {
            (*prev).next = next;
        }
        if next.is_null() {
            (*owner).tail = prev;
        } else {
            (*next).prev = prev;
        }
        (*owner).count = (*owner).count.saturating_sub(1);
        d.write(DETACHED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Object {
        name: *const c_char,
        node: lws_dll2,
    }

    fn named(name: &'static CStr) -> Object {
        Object { name: name.as_ptr(), node: DETACHED }
    }

    unsafe extern "C" fn remove_each(d: *mut lws_dll2, count: *mut c_void) -> c_int {
        // SAFETY: the test passes a counter and the list holds valid nodes.
        unsafe {
            *count.cast::<u32>() += 1;
            lws_dll2_remove(d);
        }
        0
    }

    #[test]
    fn walk_survives_removal_of_the_current_node() {
        let mut nodes = [DETACHED; 3];
        let mut owner = EMPTY;
        let mut count = 0u32;
        // SAFETY: valid nodes that outlive the list.
        unsafe {
            for node in &mut nodes {
                lws_dll2_add_tail(node, &raw mut owner);
            }
            assert_eq!(lws_dll2_foreach_safe(&raw mut owner, (&raw mut count).cast(), Some(remove_each)), 0);
        }
        assert_eq!((count, owner.count), (3, 0));
        assert!(owner.head.is_null() && owner.tail.is_null());
    }

    #[test]
    fn search_compares_the_whole_name_and_skips_null() {
        let mut objects = [named(c"ab"), named(c"a"), named(c"abc")];
        objects[0].name = ptr::null();
        let mut owner = EMPTY;
        let (node_at, name_at) = (std::mem::offset_of!(Object, node), std::mem::offset_of!(Object, name));
        // SAFETY: valid objects that outlive the list, described by the offsets.
        unsafe {
            for object in &mut objects {
                lws_dll2_add_tail(&raw mut object.node, &raw mut owner);
            }
            let owner = &raw mut owner;
            let find = |name: &CStr, len| _lws_dll2_search_sz_pl(owner, name.as_ptr(), len, node_at, name_at);
            assert_eq!(find(c"abcd", 3), (&raw mut objects[2]).cast());
            assert_eq!(find(c"abcd", 1), (&raw mut objects[1]).cast());
            assert!(find(c"abcd", 4).is_null());
        }
    }

    #[test]
    fn misuse_changes_nothing() {
        let mut node = DETACHED;
        let (mut one, mut two) = (EMPTY, EMPTY);
        // SAFETY: valid objects or NULL.
        unsafe {
            lws_dll2_add_head(ptr::null_mut(), &raw mut one);
            lws_dll2_add_head(&raw mut node, ptr::null_mut());
            lws_dll2_add_head(&raw mut node, &raw mut one);
            lws_dll2_add_tail(&raw mut node, &raw mut two);
            lws_dll2_add_before(&raw mut node, ptr::null_mut());
            lws_dll2_remove(ptr::null_mut());
        }
        assert_eq!((one.count, two.count), (1, 0));
    }
}

//! Lists, chunk allocator and map: what programs embed in their own objects or pass by pointer.
#![allow(non_camel_case_types)]
use super::*;
use std::ffi::{c_int, c_uchar, c_void};
use std::mem::offset_of;

/// Called for each node of a list; nonzero stops the walk.
pub type lws_dll2_foreach_cb_t = Option<unsafe extern "C" fn(d: *mut lws_dll2, user: *mut c_void) -> c_int>;

pub type lws_dll2_owner_t = lws_dll2_owner;

pub type lws_dll2_t = lws_dll2;

/// A node of a doubly-linked list, embedded in the object that is listed. All zero means detached.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_dll2 {
    pub prev: *mut lws_dll2,
    pub next: *mut lws_dll2,
    pub owner: *mut lws_dll2_owner,
}
const _: () = {
    assert!(size_of::<lws_dll2>() == 24);
    assert!(align_of::<lws_dll2>() == 8);
    assert!(offset_of!(lws_dll2, prev) == 0);
    assert!(offset_of!(lws_dll2, next) == 8);
    assert!(offset_of!(lws_dll2, owner) == 16);
};

/// The head of a list of `lws_dll2` nodes. All zero means empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_dll2_owner {
    pub tail: *mut lws_dll2,
    pub head: *mut lws_dll2,
    pub count: u32,
}
const _: () = {
    assert!(size_of::<lws_dll2_owner>() == 24);
    assert!(align_of::<lws_dll2_owner>() == 8);
    assert!(offset_of!(lws_dll2_owner, tail) == 0);
    assert!(offset_of!(lws_dll2_owner, head) == 8);
    assert!(offset_of!(lws_dll2_owner, count) == 16);
};

/// A node of a singly-linked list whose link is its first member.
pub type lws_list_ptr = *mut c_void;

/// Compares two nodes; positive if the first belongs behind the second.
pub type lws_list_ptr_sort_func_t = Option<unsafe extern "C" fn(a: lws_list_ptr, b: lws_list_ptr) -> c_int>;

/// A file kept in memory, see `lwsac_cached_file`.
pub type lwsac_cached_file_t = *mut c_uchar;

/// Allocates for a map.
pub type lws_map_alloc_t = Option<unsafe extern "C" fn(map: *mut lws_map, size: usize) -> *mut c_void>;

/// Compares two keys; 0 if they are the same.
pub type lws_map_compare_key_t =
    Option<unsafe extern "C" fn(key1: lws_map_key_t, kl1: usize, key2: lws_map_value_t, kl2: usize) -> c_int>;

/// Frees what the allocator of the same map gave.
pub type lws_map_free_t = Option<unsafe extern "C" fn(ptr: *mut c_void)>;

/// Reduces a key to a hash.
pub type lws_map_hash_from_key_t = Option<unsafe extern "C" fn(key: lws_map_key_t, kl: usize) -> lws_map_hash_t>;

/// The hash of a key.
pub type lws_map_hash_t = u32;

pub type lws_map_info_t = lws_map_info;

/// A key of a map.
pub type lws_map_key_t = *mut c_void;

pub type lws_map_t = lws_map;

/// A value of a map.
pub type lws_map_value_t = *mut c_void;

/// How to create a map: argument of `lws_map_create`. Zero members mean the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_map_info {
    pub _hash: lws_map_hash_from_key_t,
    pub _compare: lws_map_compare_key_t,
    pub _alloc: lws_map_alloc_t,
    pub _free: lws_map_free_t,
    pub opaque: *mut c_void,
    pub aux: *mut c_void,
    pub modulo: usize,
}
const _: () = {
    assert!(size_of::<lws_map_info>() == 56);
    assert!(align_of::<lws_map_info>() == 8);
    assert!(offset_of!(lws_map_info, _hash) == 0);
    assert!(offset_of!(lws_map_info, _compare) == 8);
    assert!(offset_of!(lws_map_info, _alloc) == 16);
    assert!(offset_of!(lws_map_info, _free) == 24);
    assert!(offset_of!(lws_map_info, opaque) == 32);
    assert!(offset_of!(lws_map_info, aux) == 40);
    assert!(offset_of!(lws_map_info, modulo) == 48);
};

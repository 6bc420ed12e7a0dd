//! The cache with lifetimes.
#![allow(non_camel_case_types)]
use super::*;
use std::ffi::{c_char, c_int, c_void};
use std::mem::offset_of;

/// Called before a cache item is freed.
pub type lws_cache_item_destroy_cb = Option<unsafe extern "C" fn(item: *mut c_void, size: usize)>;

pub type lws_cache_match_t = lws_cache_match;

pub type lws_cache_results_t = lws_cache_results;

/// Settings of the cookie jar file cache.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_cache_creation_info_u_nscookiejar {
    pub filepath: *const c_char,
}
const _: () = {
    assert!(size_of::<lws_cache_creation_info_u_nscookiejar>() == 8);
    assert!(offset_of!(lws_cache_creation_info_u_nscookiejar, filepath) == 0);
};

/// Settings that only one kind of cache has.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_cache_creation_info_u {
    pub nscookiejar: lws_cache_creation_info_u_nscookiejar,
}
const _: () = {
    assert!(size_of::<lws_cache_creation_info_u>() == 8);
    assert!(offset_of!(lws_cache_creation_info_u, nscookiejar) == 0);
};

/// How to create a cache level: argument of `lws_cache_create`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_cache_creation_info {
    pub cx: *mut lws_context,
    pub name: *const c_char,
    pub cb: lws_cache_item_destroy_cb,
    pub parent: *mut lws_cache_ttl_lru,
    pub ops: *const lws_cache_ops,
    pub u: lws_cache_creation_info_u,
    pub max_footprint: usize,
    pub max_items: usize,
    pub max_payload: usize,
    pub tsi: c_int,
}
const _: () = {
    assert!(size_of::<lws_cache_creation_info>() == 80);
    assert!(align_of::<lws_cache_creation_info>() == 8);
    assert!(offset_of!(lws_cache_creation_info, cx) == 0);
    assert!(offset_of!(lws_cache_creation_info, name) == 8);
    assert!(offset_of!(lws_cache_creation_info, cb) == 16);
    assert!(offset_of!(lws_cache_creation_info, parent) == 24);
    assert!(offset_of!(lws_cache_creation_info, ops) == 32);
    assert!(offset_of!(lws_cache_creation_info, u) == 40);
    assert!(offset_of!(lws_cache_creation_info, max_footprint) == 48);
    assert!(offset_of!(lws_cache_creation_info, max_items) == 56);
    assert!(offset_of!(lws_cache_creation_info, max_payload) == 64);
    assert!(offset_of!(lws_cache_creation_info, tsi) == 72);
};

/// Head of one lookup result inside a results block; the tag and its NUL follow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_cache_match {
    pub list: lws_dll2_t,
    pub expiry: lws_usec_t,
    pub payload_size: usize,
    pub tag_size: usize,
}
const _: () = {
    assert!(size_of::<lws_cache_match>() == 48);
    assert!(align_of::<lws_cache_match>() == 8);
    assert!(offset_of!(lws_cache_match, list) == 0);
    assert!(offset_of!(lws_cache_match, expiry) == 24);
    assert!(offset_of!(lws_cache_match, payload_size) == 32);
    assert!(offset_of!(lws_cache_match, tag_size) == 40);
};

/// The operations of one kind of cache.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_cache_ops {
    pub create: Option<unsafe extern "C" fn(info: *const lws_cache_creation_info) -> *mut lws_cache_ttl_lru>,
    pub destroy: Option<unsafe extern "C" fn(cache: *mut *mut lws_cache_ttl_lru)>,
    pub expunge: Option<unsafe extern "C" fn(cache: *mut lws_cache_ttl_lru) -> c_int>,
    pub write: Option<
        unsafe extern "C" fn(
            cache: *mut lws_cache_ttl_lru,
            key: *const c_char,
            source: *const u8,
            size: usize,
            expiry: lws_usec_t,
            ppay: *mut *mut c_void,
        ) -> c_int,
    >,
    pub tag_match: Option<
        unsafe extern "C" fn(
            cache: *mut lws_cache_ttl_lru,
            wildcard: *const c_char,
            tag: *const c_char,
            lookup_rules: c_char,
        ) -> c_int,
    >,
    pub lookup: Option<
        unsafe extern "C" fn(
            cache: *mut lws_cache_ttl_lru,
            wildcard_key: *const c_char,
            results_owner: *mut lws_dll2_owner_t,
        ) -> c_int,
    >,
    pub invalidate: Option<unsafe extern "C" fn(cache: *mut lws_cache_ttl_lru, wildcard_key: *const c_char) -> c_int>,
    pub get: Option<
        unsafe extern "C" fn(
            cache: *mut lws_cache_ttl_lru,
            key: *const c_char,
            pdata: *mut *const c_void,
            psize: *mut usize,
        ) -> c_int,
    >,
    pub debug_dump: Option<unsafe extern "C" fn(cache: *mut lws_cache_ttl_lru)>,
}
const _: () = {
    assert!(size_of::<lws_cache_ops>() == 72);
    assert!(align_of::<lws_cache_ops>() == 8);
    assert!(offset_of!(lws_cache_ops, create) == 0);
    assert!(offset_of!(lws_cache_ops, destroy) == 8);
    assert!(offset_of!(lws_cache_ops, expunge) == 16);
    assert!(offset_of!(lws_cache_ops, write) == 24);
    assert!(offset_of!(lws_cache_ops, tag_match) == 32);
    assert!(offset_of!(lws_cache_ops, lookup) == 40);
    assert!(offset_of!(lws_cache_ops, invalidate) == 48);
    assert!(offset_of!(lws_cache_ops, get) == 56);
    assert!(offset_of!(lws_cache_ops, debug_dump) == 64);
};

/// Walk state over the results block of a wildcard lookup.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_cache_results {
    pub ptr: *const u8,
    pub size: usize,
    pub payload_len: usize,
    pub tag_len: usize,
    pub tag: *const u8,
}
const _: () = {
    assert!(size_of::<lws_cache_results>() == 40);
    assert!(align_of::<lws_cache_results>() == 8);
    assert!(offset_of!(lws_cache_results, ptr) == 0);
    assert!(offset_of!(lws_cache_results, size) == 8);
    assert!(offset_of!(lws_cache_results, payload_len) == 16);
    assert!(offset_of!(lws_cache_results, tag_len) == 24);
    assert!(offset_of!(lws_cache_results, tag) == 32);
};

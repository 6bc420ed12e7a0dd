//! Directory scans, number formatting, base64 and the pseudo-random generator.
#![allow(non_camel_case_types)]
#![allow(unsafe_code)]
use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};
use std::mem::offset_of;

/// Called for each entry of a directory; nonzero stops the scan.
pub type lws_dir_callback_function =
    Option<unsafe extern "C" fn(dirpath: *const c_char, user: *mut c_void, lde: *mut lws_dir_entry) -> c_int>;

/// Called with the path of each name that matches.
pub type lws_dir_glob_cb_t = Option<unsafe extern "C" fn(user: *mut c_void, path: *const c_char) -> c_int>;

pub type lws_dir_glob_t = lws_dir_glob;

pub type lws_humanize_unit_t = lws_humanize_unit;

/// Who holds back reception, for `lws_rx_flow_control`.
pub type lws_rxflow_reasons = c_int;
pub const LWS_RXFLOW_REASON_USER_BOOL: lws_rxflow_reasons = 1;
pub const LWS_RXFLOW_REASON_HTTP_RXBUFFER: lws_rxflow_reasons = 64;
pub const LWS_RXFLOW_REASON_H2_PPS_PENDING: lws_rxflow_reasons = 128;
pub const LWS_RXFLOW_REASON_APPLIES: lws_rxflow_reasons = 16384;
pub const LWS_RXFLOW_REASON_APPLIES_ENABLE_BIT: lws_rxflow_reasons = 8192;
pub const LWS_RXFLOW_REASON_APPLIES_ENABLE: lws_rxflow_reasons = 24576;
pub const LWS_RXFLOW_REASON_APPLIES_DISABLE: lws_rxflow_reasons = 16384;
pub const LWS_RXFLOW_REASON_FLAG_PROCESS_NOW: lws_rxflow_reasons = 4096;

/// The kind of a directory entry.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_dir_obj_type_t(pub c_uint);
pub const LDOT_UNKNOWN: lws_dir_obj_type_t = lws_dir_obj_type_t(0);
pub const LDOT_FILE: lws_dir_obj_type_t = lws_dir_obj_type_t(1);
pub const LDOT_DIR: lws_dir_obj_type_t = lws_dir_obj_type_t(2);
pub const LDOT_LINK: lws_dir_obj_type_t = lws_dir_obj_type_t(3);
pub const LDOT_FIFO: lws_dir_obj_type_t = lws_dir_obj_type_t(4);
pub const LDOTT_SOCKET: lws_dir_obj_type_t = lws_dir_obj_type_t(5);
pub const LDOT_CHAR: lws_dir_obj_type_t = lws_dir_obj_type_t(6);
pub const LDOT_BLOCK: lws_dir_obj_type_t = lws_dir_obj_type_t(7);

/// One entry that a directory scan reports.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_dir_entry {
    pub name: *const c_char,
    pub r#type: lws_dir_obj_type_t,
}
const _: () = {
    assert!(size_of::<lws_dir_entry>() == 16);
    assert!(align_of::<lws_dir_entry>() == 8);
    assert!(offset_of!(lws_dir_entry, name) == 0);
    assert!(offset_of!(lws_dir_entry, r#type) == 8);
};

/// User pointer for `lws_dir_glob_cb`: which names to report, and to whom.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_dir_glob {
    pub filter: *const c_char,
    pub cb: lws_dir_glob_cb_t,
    pub user: *mut c_void,
}
const _: () = {
    assert!(size_of::<lws_dir_glob>() == 24);
    assert!(align_of::<lws_dir_glob>() == 8);
    assert!(offset_of!(lws_dir_glob, filter) == 0);
    assert!(offset_of!(lws_dir_glob, cb) == 8);
    assert!(offset_of!(lws_dir_glob, user) == 16);
};

/// One unit of a table for `lws_humanize`, largest first; the table ends with a NULL name.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_humanize_unit {
    /// What is printed behind the number.
    pub name: *const c_char,
    /// How many of the smallest unit it is.
    pub factor: u64,
}
const _: () = {
    assert!(size_of::<lws_humanize_unit>() == 16);
    assert!(align_of::<lws_humanize_unit>() == 8);
    assert!(offset_of!(lws_humanize_unit, name) == 0);
    assert!(offset_of!(lws_humanize_unit, factor) == 8);
};

// SAFETY: the tables of units are constants; the names they point at are string literals.
unsafe impl Sync for lws_humanize_unit {}

/// Progress of a base64 decode that is fed in pieces.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_b64state {
    pub quad: [c_uchar; 4],
    pub done: usize,
    pub len: usize,
    pub i: c_int,
    pub c: c_int,
}
const _: () = {
    assert!(size_of::<lws_b64state>() == 32);
    assert!(align_of::<lws_b64state>() == 8);
    assert!(offset_of!(lws_b64state, quad) == 0);
    assert!(offset_of!(lws_b64state, done) == 8);
    assert!(offset_of!(lws_b64state, len) == 16);
    assert!(offset_of!(lws_b64state, i) == 24);
    assert!(offset_of!(lws_b64state, c) == 28);
};

pub type lws_xos_t = lws_xos;

/// A small fast pseudo-random generator (xoshiro256), not for secrets.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_xos {
    pub s: [u64; 4],
}
const _: () = {
    assert!(size_of::<lws_xos>() == 32);
    assert!(align_of::<lws_xos>() == 8);
    assert!(offset_of!(lws_xos, s) == 0);
};

//! The virtual file system.
#![allow(non_camel_case_types)]
use super::*;
use std::ffi::{c_char, c_int, c_void};
use std::mem::offset_of;

/// An open file of the virtual file system, by pointer.
pub type lws_fop_fd_t = *mut lws_fop_fd;

/// An open file of the virtual file system.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_fop_fd {
    /// The descriptor of the platform, if there is one.
    pub fd: lws_filefd_type,
    /// The operations of the file.
    pub fops: *const lws_plat_file_ops,
    /// For the file system.
    pub filesystem_priv: *mut c_void,
    /// The position.
    pub pos: lws_filepos_t,
    /// The size.
    pub len: lws_filepos_t,
    /// How it is opened and what it is.
    pub flags: lws_fop_flags_t,
    /// When it was changed, in seconds since 1970.
    pub mod_time: u32,
}
const _: () = {
    assert!(size_of::<lws_fop_fd>() == 48);
    assert!(align_of::<lws_fop_fd>() == 8);
    assert!(offset_of!(lws_fop_fd, fd) == 0);
    assert!(offset_of!(lws_fop_fd, fops) == 8);
    assert!(offset_of!(lws_fop_fd, filesystem_priv) == 16);
    assert!(offset_of!(lws_fop_fd, pos) == 24);
    assert!(offset_of!(lws_fop_fd, len) == 32);
    assert!(offset_of!(lws_fop_fd, flags) == 40);
    assert!(offset_of!(lws_fop_fd, mod_time) == 44);
};

/// A path fragment that selects a file system, and its length without the NUL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_fops_index {
    pub sig: *const c_char,
    pub len: u8,
}
const _: () = {
    assert!(size_of::<lws_fops_index>() == 16);
    assert!(align_of::<lws_fops_index>() == 8);
    assert!(offset_of!(lws_fops_index, sig) == 0);
    assert!(offset_of!(lws_fops_index, len) == 8);
};

/// The operations of a virtual file system, and the paths it serves.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_plat_file_ops {
    pub open: Option<
        unsafe extern "C" fn(
            fops: *const lws_plat_file_ops,
            filename: *const c_char,
            vpath: *const c_char,
            flags: *mut lws_fop_flags_t,
        ) -> lws_fop_fd_t,
    >,
    pub close: Option<unsafe extern "C" fn(fop_fd: *mut lws_fop_fd_t) -> c_int>,
    pub seek_cur: Option<unsafe extern "C" fn(fop_fd: lws_fop_fd_t, offset: lws_fileofs_t) -> lws_fileofs_t>,
    pub read: Option<
        unsafe extern "C" fn(
            fop_fd: lws_fop_fd_t,
            amount: *mut lws_filepos_t,
            buf: *mut u8,
            len: lws_filepos_t,
        ) -> c_int,
    >,
    pub write: Option<
        unsafe extern "C" fn(
            fop_fd: lws_fop_fd_t,
            amount: *mut lws_filepos_t,
            buf: *mut u8,
            len: lws_filepos_t,
        ) -> c_int,
    >,
    /// Which paths these operations are for.
    pub fi: [lws_fops_index; 3],
    /// The next file system, or NULL.
    pub next: *const lws_plat_file_ops,
}
const _: () = {
    assert!(size_of::<lws_plat_file_ops>() == 96);
    assert!(align_of::<lws_plat_file_ops>() == 8);
    assert!(offset_of!(lws_plat_file_ops, open) == 0);
    assert!(offset_of!(lws_plat_file_ops, close) == 8);
    assert!(offset_of!(lws_plat_file_ops, seek_cur) == 16);
    assert!(offset_of!(lws_plat_file_ops, read) == 24);
    assert!(offset_of!(lws_plat_file_ops, write) == 32);
    assert!(offset_of!(lws_plat_file_ops, fi) == 40);
    assert!(offset_of!(lws_plat_file_ops, next) == 88);
};

pub const LWS_FOP_FLAGS_MASK: lws_fop_flags_t = 8388607;
pub const LWS_FOP_FLAG_COMPR_ACCEPTABLE_GZIP: lws_fop_flags_t = 0x1000000;
pub const LWS_FOP_FLAG_COMPR_IS_GZIP: lws_fop_flags_t = 0x2000000;
pub const LWS_FOP_FLAG_MOD_TIME_VALID: lws_fop_flags_t = 0x4000000;
pub const LWS_FOP_FLAG_VIRTUAL: lws_fop_flags_t = 0x8000000;

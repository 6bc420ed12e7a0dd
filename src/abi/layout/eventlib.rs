//! What an event loop plugin implements.
#![allow(non_camel_case_types)]
use super::*;
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::mem::offset_of;

/// What the io operation of an event loop starts or stops waiting for.
pub type lws_event_bits = c_uint;
pub const LWS_EV_READ: lws_event_bits = 1;
pub const LWS_EV_WRITE: lws_event_bits = 2;
pub const LWS_EV_START: lws_event_bits = 4;
pub const LWS_EV_STOP: lws_event_bits = 8;

/// Bits of `flags` in the event loop operations.
pub type lws_event_lib_ops_flags = u8;
pub const LELOF_ISPOLL: lws_event_lib_ops_flags = 1;
pub const LELOF_DESTROY_FINAL: lws_event_lib_ops_flags = 0;

/// What an event loop plugin implements.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_event_loop_ops {
    pub name: *const c_char,
    pub init_context:
        Option<unsafe extern "C" fn(context: *mut lws_context, info: *const lws_context_creation_info) -> c_int>,
    pub destroy_context1: Option<unsafe extern "C" fn(context: *mut lws_context) -> c_int>,
    pub destroy_context2: Option<unsafe extern "C" fn(context: *mut lws_context) -> c_int>,
    pub init_vhost_listen_wsi: Option<unsafe extern "C" fn(wsi: *mut lws) -> c_int>,
    pub init_pt:
        Option<unsafe extern "C" fn(context: *mut lws_context, foreign_loop: *mut c_void, tsi: c_int) -> c_int>,
    pub wsi_logical_close: Option<unsafe extern "C" fn(wsi: *mut lws) -> c_int>,
    pub check_client_connect_ok: Option<unsafe extern "C" fn(wsi: *mut lws) -> c_int>,
    pub close_handle_manually: Option<unsafe extern "C" fn(wsi: *mut lws)>,
    pub sock_accept: Option<unsafe extern "C" fn(wsi: *mut lws) -> c_int>,
    pub io: Option<unsafe extern "C" fn(wsi: *mut lws, flags: c_uint)>,
    pub run_pt: Option<unsafe extern "C" fn(context: *mut lws_context, tsi: c_int)>,
    pub destroy_pt: Option<unsafe extern "C" fn(context: *mut lws_context, tsi: c_int)>,
    pub destroy_wsi: Option<unsafe extern "C" fn(wsi: *mut lws)>,
    pub foreign_thread: Option<unsafe extern "C" fn(context: *mut lws_context, tsi: c_int) -> c_int>,
    pub flags: u8,
    pub evlib_size_ctx: u16,
    pub evlib_size_pt: u16,
    pub evlib_size_vh: u16,
    pub evlib_size_wsi: u16,
}
const _: () = {
    assert!(size_of::<lws_event_loop_ops>() == 136);
    assert!(align_of::<lws_event_loop_ops>() == 8);
    assert!(offset_of!(lws_event_loop_ops, name) == 0);
    assert!(offset_of!(lws_event_loop_ops, init_context) == 8);
    assert!(offset_of!(lws_event_loop_ops, destroy_context1) == 16);
    assert!(offset_of!(lws_event_loop_ops, destroy_context2) == 24);
    assert!(offset_of!(lws_event_loop_ops, init_vhost_listen_wsi) == 32);
    assert!(offset_of!(lws_event_loop_ops, init_pt) == 40);
    assert!(offset_of!(lws_event_loop_ops, wsi_logical_close) == 48);
    assert!(offset_of!(lws_event_loop_ops, check_client_connect_ok) == 56);
    assert!(offset_of!(lws_event_loop_ops, close_handle_manually) == 64);
    assert!(offset_of!(lws_event_loop_ops, sock_accept) == 72);
    assert!(offset_of!(lws_event_loop_ops, io) == 80);
    assert!(offset_of!(lws_event_loop_ops, run_pt) == 88);
    assert!(offset_of!(lws_event_loop_ops, destroy_pt) == 96);
    assert!(offset_of!(lws_event_loop_ops, destroy_wsi) == 104);
    assert!(offset_of!(lws_event_loop_ops, foreign_thread) == 112);
    assert!(offset_of!(lws_event_loop_ops, flags) == 120);
    assert!(offset_of!(lws_event_loop_ops, evlib_size_ctx) == 122);
    assert!(offset_of!(lws_event_loop_ops, evlib_size_pt) == 124);
    assert!(offset_of!(lws_event_loop_ops, evlib_size_vh) == 126);
    assert!(offset_of!(lws_event_loop_ops, evlib_size_wsi) == 128);
};

//! What is looked up over all vhosts of a context: listening sockets, private data of protocols.
//!
//! # What C promises
//! Option lists given in `info.pvo` stay as they are as long as their vhost.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::edge::VhostEdge;
use super::enter::{self, Access};
use super::layout::*;
use crate::engine::wsi::Role;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

/// Calls `cb` once for every listening socket of all vhosts; nonzero ends that and is returned, else 0.
///
/// The list element it gets stands for the socket and is in no list; it is valid during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vhost_foreach_listen_wsi(
    cx: *mut lws_context,
    arg: *mut c_void,
    cb: lws_dll2_foreach_cb_t,
) -> c_int {
    enter::on_context("lws_vhost_foreach_listen_wsi", -1, cx, Access::Service, |_, cx| {
        let Some(cb) = cb else { return 0 };
        let count = cx.all_wsi().filter(|wsi| wsi.role.get() == Role::Listen).count();
        for _ in 0..count {
            let mut element = lws_dll2 { prev: ptr::null_mut(), next: ptr::null_mut(), owner: ptr::null_mut() };
            // SAFETY: the program's function, with an element that lives through the call; nothing is borrowed.
            let result = unsafe { cb(&raw mut element, arg) };
            if result != 0 {
                return result;
            }
        }
        0
    })
}

/// The memory of `lws_protocol_vh_priv_zalloc()` of protocol `protname`, of the first vhost whose options for that
/// protocol say `pvo_value` for `pvo_name`. NULL if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vhd_find_by_pvo(
    cx: *mut lws_context,
    protname: *const c_char,
    pvo_name: *const c_char,
    pvo_value: *const c_char,
) -> *mut c_void {
    enter::on_context("lws_vhd_find_by_pvo", ptr::null_mut(), cx, Access::Getter, |_, cx| {
        // SAFETY: texts or NULL.
        let (protocol, name, value) = unsafe { (cstr::text(protname), cstr::text(pvo_name), cstr::text(pvo_value)) };
        let (Some(protocol), Some(name), Some(value)) = (protocol, name, value) else { return ptr::null_mut() };
        for vhost in cx.all_vhosts() {
            let Some(index) = vhost.protocols.iter().position(|own| own.name == protocol.to_bytes()) else { continue };
            let mut next: *const lws_protocol_vhost_options =
                ptr::with_exposed_provenance(vhost.protocols[index].options);
            // SAFETY: see the module; the list ends with NULL.
            while let Some(option) = unsafe { next.as_ref() } {
                next = option.next;
                // SAFETY: texts or NULL.
                let (own_name, own_value) = unsafe { (cstr::text(option.name), cstr::text(option.value)) };
                if own_name == Some(name) && own_value == Some(value) {
                    let private =
                        VhostEdge::of(&vhost).and_then(|edge| edge.privates.get(index).map(|cell| cell.get()));
                    return private.unwrap_or(ptr::null_mut());
                }
            }
        }
        ptr::null_mut()
    })
}

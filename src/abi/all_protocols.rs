//! Callbacks that a program asks for itself, with reasons of its own: to the connections of a protocol, or to the
//! protocols of a vhost.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::edge::VhostEdge;
use super::enter::{self, Access};
use super::layout::*;
use super::{call, older, service};
use crate::engine::asked;
use crate::engine::cell::MayCall;
use crate::engine::context::Context;
use crate::engine::vhost::Vhost;
use crate::engine::wsi::{Phase, Role, Wsi};
use std::ffi::{c_int, c_void};
use std::ptr;
use std::rc::Rc;

/// What a callback gets from the program that asked for it.
#[derive(Clone, Copy)]
struct Asked {
    reason: c_int,
    argument: *mut c_void,
    len: usize,
}

/// Calls back every chosen connection that is still alive when its turn comes; results do not matter.
fn to_connections(may: &mut MayCall, cx: &Context, asked: Asked, chosen: impl Fn(&Wsi) -> bool) {
    // Listening sockets are bound to a protocol too, but are no connections.
    let is_connection = |wsi: &&Wsi| wsi.role.get() != Role::Listen && chosen(wsi);
    let ids: Vec<_> = cx.all_wsi().filter(is_connection).map(Wsi::id).collect();
    for id in ids {
        if let Some(wsi) = cx.wsi(id).filter(|wsi| wsi.phase.get() != Phase::Dead) {
            let to = wsi.protocol.get();
            // SAFETY: passed on from the program to the program.
            unsafe { call::with_number(may, cx, wsi, to, asked.reason, asked.argument, asked.len) };
        }
    }
}

/// Calls `reason` on every connection of a protocol, over all vhosts; `in` NULL. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_callback_all_protocol(
    context: *mut lws_context,
    protocol: *const lws_protocols,
    reason: c_int,
) -> c_int {
    enter::on_context("lws_callback_all_protocol", 0, context, Access::Service, |may, cx| {
        let handles = service::same_protocol(cx, protocol);
        let asked = Asked { reason, argument: ptr::null_mut(), len: 0 };
        to_connections(may, cx, asked, |wsi| handles.contains(&{ wsi.protocol.get().handle }));
        0
    })
}

fn is_of(wsi: &Wsi, vhost: &Rc<Vhost>) -> bool {
    wsi.with_vhost(|own| ptr::eq(own, Rc::as_ptr(vhost))).unwrap_or(false)
}

/// Calls `reason` on every connection of a protocol of one vhost; `in` NULL. See the `_args` form.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_callback_all_protocol_vhost(
    vh: *mut lws_vhost,
    protocol: *const lws_protocols,
    reason: c_int,
) -> c_int {
    // SAFETY: pointers are decoded or compared.
    unsafe { lws_callback_all_protocol_vhost_args(vh, protocol, reason, ptr::null_mut(), 0) }
}

/// Calls `reason` with `argp` and `len` on every connection of a protocol of one vhost.
///
/// `protocol` NULL: on all connections of the vhost, each with its own protocol. Returns 0; results do not matter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_callback_all_protocol_vhost_args(
    vh: *mut lws_vhost,
    protocol: *const lws_protocols,
    reason: c_int,
    argp: *mut c_void,
    len: usize,
) -> c_int {
    enter::on_vhost("lws_callback_all_protocol_vhost_args", 0, vh, Access::Service, |may, cx, vhost| {
        let index = VhostEdge::of(vhost).and_then(|edge| edge.index_of(protocol));
        let wanted = index.map_or(protocol.addr(), |index| vhost.protocol(index).handle);
        let asked = Asked { reason, argument: argp, len };
        to_connections(may, cx, asked, |wsi| {
            is_of(wsi, vhost) && (protocol.is_null() || wsi.protocol.get().handle == wanted)
        });
        0
    })
}

/// Calls `reason` once on every protocol of the connection's vhost; see the `_vhost` form.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_callback_vhost_protocols(
    wsi: *mut lws,
    reason: c_int,
    r#in: *mut c_void,
    len: usize,
) -> c_int {
    enter::on_wsi("lws_callback_vhost_protocols", 1, wsi, Access::Service, |may, cx, wsi| {
        let Some(vhost) = wsi.vhost() else { return 0 };
        to_protocols(may, cx, &vhost, Asked { reason, argument: r#in, len: older::length(len) })
    })
}

/// Calls `reason` once on every protocol of the vhost, in order, with a temporary connection (only its context, vhost
/// and protocol are valid) and `user` NULL. Returns 0, or 1: a callback returned nonzero, and those behind it are left out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_callback_vhost_protocols_vhost(
    vh: *mut lws_vhost,
    reason: c_int,
    r#in: *mut c_void,
    len: usize,
) -> c_int {
    enter::on_vhost("lws_callback_vhost_protocols_vhost", 1, vh, Access::Service, |may, cx, vhost| {
        to_protocols(may, cx, vhost, Asked { reason, argument: r#in, len })
    })
}

fn to_protocols(may: &mut MayCall, cx: &Context, vhost: &Rc<Vhost>, asked: Asked) -> c_int {
    for index in 0..vhost.protocols.len() {
        let Some(stub) = cx.stub(vhost) else { return 1 };
        let to = vhost.protocol(index);
        stub.protocol.set(to);
        // SAFETY: passed on from the program to the program.
        let verdict = unsafe { call::with_number(may, cx, stub, to, asked.reason, asked.argument, asked.len) };
        cx.discard_stub(stub);
        if verdict != 0 {
            return 1;
        }
    }
    0
}

/// Lets every connection of a protocol receive again, over all vhosts, as `lws_rx_flow_control(wsi, 1)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_rx_flow_allow_all_protocol(context: *const lws_context, protocol: *const lws_protocols) {
    enter::on_context("lws_rx_flow_allow_all_protocol", (), context, Access::Service, |_, cx| {
        let handles = service::same_protocol(cx, protocol);
        for wsi in cx.all_wsi().filter(|wsi| handles.contains(&{ wsi.protocol.get().handle })) {
            asked::rx_flow(cx, wsi, 1);
        }
    });
}

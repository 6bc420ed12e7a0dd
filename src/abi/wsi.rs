//! What a connection is asked about: getters and setters.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use super::{cstr, handle};
use crate::engine::context::Context;
use crate::engine::log::Scope;
use crate::engine::role::h2;
use crate::engine::wsi::{Wsi, flag};
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

fn pointer(value: usize) -> *mut c_void {
    ptr::with_exposed_provenance_mut(value)
}

/// The session memory of the connection, as callbacks get it in `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_wsi_user(wsi: *mut lws) -> *mut c_void {
    enter::on_wsi("lws_wsi_user", ptr::null_mut(), wsi, Access::Getter, |_, _, wsi| pointer(wsi.user.get()))
}

/// Replaces the session memory; memory that the library allocated is freed, inside a callback when the connection ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_wsi_user(wsi: *mut lws, user: *mut c_void) {
    enter::on_wsi("lws_set_wsi_user", (), wsi, Access::Service, |_, cx, wsi| {
        crate::engine::close::retire_session(cx, wsi);
        wsi.user.set(user.expose_provenance());
        wsi.set(flag::USER_IS_FOREIGN);
    });
}

/// The pointer given as `opaque_user_data`, or set later.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_opaque_user_data(wsi: *const lws) -> *mut c_void {
    enter::on_wsi("lws_get_opaque_user_data", ptr::null_mut(), wsi, Access::Getter, |_, _, wsi| {
        pointer(wsi.opaque.get())
    })
}

/// Sets what `lws_get_opaque_user_data` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_opaque_user_data(wsi: *mut lws, data: *mut c_void) {
    enter::on_wsi("lws_set_opaque_user_data", (), wsi, Access::Getter, |_, _, wsi| {
        wsi.opaque.set(data.expose_provenance());
    });
}

/// The pointer set by `lws_set_opaque_parent_data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_opaque_parent_data(wsi: *const lws) -> *mut c_void {
    enter::on_wsi("lws_get_opaque_parent_data", ptr::null_mut(), wsi, Access::Getter, |_, _, wsi| {
        pointer(wsi.peek_rare(|rare| rare.opaque_parent).unwrap_or(0))
    })
}

/// Sets what `lws_get_opaque_parent_data` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_opaque_parent_data(wsi: *mut lws, data: *mut c_void) {
    enter::on_wsi("lws_set_opaque_parent_data", (), wsi, Access::Getter, |_, _, wsi| {
        wsi.with_rare(|rare| rare.opaque_parent = data.expose_provenance());
    });
}

/// The context of a connection; also of the connections that callbacks about a vhost get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_context(wsi: *const lws) -> *mut lws_context {
    enter::on_wsi("lws_get_context", ptr::null_mut(), wsi, Access::Getter, |_, cx, _| {
        handle::of_context(usize::from(cx.number))
    })
}

/// The vhost of a connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_vhost(wsi: *mut lws) -> *mut lws_vhost {
    enter::on_wsi("lws_get_vhost", ptr::null_mut(), wsi, Access::Getter, |_, cx, wsi| {
        wsi.with_vhost(|vhost| handle::of_vhost(cx, vhost)).unwrap_or(ptr::null_mut())
    })
}

/// The protocol a connection is bound to: an entry of the vhost's own array, which ends with NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_protocol(wsi: *mut lws) -> *const lws_protocols {
    enter::on_wsi("lws_get_protocol", ptr::null(), wsi, Access::Getter, |_, _, wsi| {
        ptr::with_exposed_provenance(wsi.protocol.get().handle)
    })
}

/// The same as `lws_get_protocol`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_protocol_get(wsi: *mut lws) -> *const lws_protocols {
    // SAFETY: the pointer is only decoded.
    unsafe { lws_get_protocol(wsi) }
}

/// The connection whose child this is, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_parent(wsi: *const lws) -> *mut lws {
    enter::on_wsi("lws_get_parent", ptr::null_mut(), wsi, Access::Getter, |_, cx, wsi| {
        let parent = wsi.peek_rare(|rare| rare.parent).flatten();
        parent.map_or(ptr::null_mut(), |id| handle::of_id(cx, id))
    })
}

/// The newest child of the connection, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_child(wsi: *const lws) -> *mut lws {
    enter::on_wsi("lws_get_child", ptr::null_mut(), wsi, Access::Getter, |_, cx, wsi| {
        let child = wsi.peek_rare(|rare| rare.children.last().copied()).flatten();
        child.map_or(ptr::null_mut(), |id| handle::of_id(cx, id))
    })
}

/// The connection that owns the socket: itself, or for a stream of http/2 the connection that carries it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_network_wsi(wsi: *mut lws) -> *mut lws {
    enter::on_wsi("lws_get_network_wsi", ptr::null_mut(), wsi, Access::Getter, |_, cx, wsi| {
        handle::of_wsi(cx, h2::network(cx, wsi))
    })
}

/// Number of the service thread: 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_tsi(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_get_tsi", 0, wsi, Access::Getter, |_, _, _| 0)
}

/// The same as `lws_get_tsi`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_wsi_tsi(wsi: *mut lws) -> c_int {
    // SAFETY: the pointer is only decoded.
    unsafe { lws_get_tsi(wsi) }
}

/// The descriptor of the connection (for a stream of http/2 that of its connection), -1 if it has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_socket_fd(wsi: *mut lws) -> lws_sockfd_type {
    enter::on_wsi("lws_get_socket_fd", -1, wsi, Access::Getter, |_, cx, wsi| {
        if cx.stand_in.get() == Some(wsi.id()) { cx.poller.fd() } else { h2::network(cx, wsi).fd() }
    })
}

/// Nonzero if the connection uses TLS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_is_ssl(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_is_ssl", 0, wsi, Access::Getter, |_, _, wsi| {
        let wanted = wsi.client.visit(|state| state.target.tls).unwrap_or(false);
        c_int::from(wanted || wsi.has(flag::TLS))
    })
}

/// NULL, and once a warning: TLS is done by rustls, there is no OpenSSL object. Use `lws_tls_peer_cert_info()` and
/// `<oxlws.h>`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_ssl(wsi: *mut lws) -> *mut SSL {
    const NAME: &str = "lws_get_ssl";
    enter::on_wsi(NAME, ptr::null_mut(), wsi, Access::Getter, |_, _, wsi| {
        if wsi.has(flag::TLS) {
            let why = "there is no OpenSSL object: lws_tls_peer_cert_info() tells about the certificate";
            enter::warn_once(NAME, Scope::Wsi(wsi), why);
        }
        ptr::null_mut()
    })
}

/// 0: CGI is not supported.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_is_cgi(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_is_cgi", 0, wsi, Access::Getter, |_, _, _| 0)
}

/// In a RECEIVE callback: 1 in the first call of a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_is_first_fragment(wsi: *mut lws) -> c_int {
    enter::on_piece("lws_is_first_fragment", 0, wsi, |piece| c_int::from(piece.is_first()))
}

/// In a RECEIVE callback: 1 in the last call of a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_is_final_fragment(wsi: *mut lws) -> c_int {
    enter::on_piece("lws_is_final_fragment", 0, wsi, |piece| c_int::from(piece.is_last()))
}

/// In a RECEIVE callback: bytes of the present frame still to come.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_remaining_packet_payload(wsi: *mut lws) -> usize {
    enter::on_piece("lws_remaining_packet_payload", 0, wsi, |piece| {
        usize::try_from(piece.frame_remaining()).unwrap_or(usize::MAX)
    })
}

/// In a RECEIVE callback: 1 if the message is binary.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_frame_is_binary(wsi: *mut lws) -> c_int {
    enter::on_piece("lws_frame_is_binary", 0, wsi, |piece| c_int::from(piece.is_binary()))
}

/// In a RECEIVE callback: the reserved bits of the frame, masked with 0x70.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_reserved_bits(wsi: *mut lws) -> u8 {
    enter::on_piece("lws_get_reserved_bits", 0, wsi, |piece| piece.reserved_bits())
}

/// Bytes that the peer of an http/2 stream takes now. -1: no limit besides `lws_send_pipe_choked()`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_peer_write_allowance(wsi: *mut lws) -> lws_fileofs_t {
    enter::on_wsi("lws_get_peer_write_allowance", -1, wsi, Access::Getter, |_, cx, wsi| {
        let Some(number) = wsi.visit_stream(|stream| stream.number) else { return -1 };
        let credit = h2::with_core(cx, h2::network(cx, wsi), |h2, _| h2.core.send_credit(number));
        credit.unwrap_or(0).max(0)
    })
}

/// Numeric address of the other end as text. Returns `name`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_peer_simple(wsi: *mut lws, name: *mut c_char, namelen: usize) -> *const c_char {
    let fd = |cx: &Context, wsi: &Wsi| Some(h2::network(cx, wsi).fd());
    let text = enter::on_wsi("lws_get_peer_simple", None, wsi, Access::Getter, |_, cx, wsi| fd(cx, wsi));
    match text {
        // SAFETY: the connection's descriptor; `namelen` writable bytes of the program.
        Some(fd) => unsafe { super::text::interfaces::lws_get_peer_simple_fd(fd, name, namelen) },
        None => {
            // SAFETY: `namelen` writable bytes of the program, or NULL.
            unsafe { cstr::copy_out(b"", name, namelen) };
            name
        }
    }
}

/// The session size of the bound protocol becomes `size`; makes sure the memory exists. Returns it, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_adjust_protocol_psds(wsi: *mut lws, new_size: usize) -> *mut c_void {
    enter::on_wsi("lws_adjust_protocol_psds", ptr::null_mut(), wsi, Access::Service, |_, cx, wsi| {
        let protocol = wsi.protocol.get();
        wsi.with_vhost(|vhost| {
            if let Some(entry) = vhost.entry(protocol) {
                entry.session_bytes.set(new_size);
            }
        });
        if crate::engine::client::allocate_session(cx, wsi) { pointer(wsi.user.get()) } else { ptr::null_mut() }
    })
}

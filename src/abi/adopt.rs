//! Descriptors that the program hands over, and datagram sockets.
//!
//! # What C promises
//! A descriptor is open and the caller's to give away. On failure a socket is closed, a file is not.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use super::{cstr, handle, info};
use crate::engine::adopt::{self, Terms};
use crate::engine::cell::MayCall;
use crate::engine::context::Context;
use crate::engine::log::{self, Level, Scope};
use crate::engine::table::WsiId;
use crate::engine::udp;
use crate::engine::vhost::{ProtocolRef, Vhost, option};
use crate::engine::{net, server};
use socket2::Socket;
use std::cell::UnsafeCell;
use std::ffi::{c_char, c_int, c_void};
use std::net::SocketAddr;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
use std::ptr;
use std::rc::Rc;

/// Takes a descriptor over; `None` for one that is not the program's to give, or not open at all.
fn owned(cx: &Context, function: &str, fd: c_int) -> Option<Socket> {
    // SAFETY: see the module; F_GETFD only looks.
    if fd < 0 || unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
        log::line(Level::Err, Scope::Context(cx), function, format_args!("{fd} is not an open descriptor"));
        return None;
    }
    if cx.owns_fd(fd) {
        let text =
            format_args!("descriptor {fd} is in use by this context already: it was adopted before, or is its own");
        log::line(Level::Err, Scope::Context(cx), function, text);
        return None;
    }
    // SAFETY: open, as was just seen, and given to us.
    let socket = Socket::from(unsafe { OwnedFd::from_raw_fd(fd) });
    let _ = socket.set_nonblocking(true);
    let _ = socket.set_cloexec(true);
    Some(socket)
}

fn http<'a>(
    may: &mut MayCall,
    cx: &'a Context,
    vhost: &Rc<Vhost>,
    function: &str,
    fd: c_int,
    early: Vec<u8>,
) -> Option<&'a crate::engine::wsi::Wsi> {
    let socket = owned(cx, function, fd)?;
    let terms = Terms { early, ..Terms::default() };
    if adopt::accept_role(vhost) == adopt::AcceptRole::Raw {
        return adopt::raw_socket(may, cx, vhost, socket, &terms);
    }
    server::adopt_with(may, cx, vhost, socket, &terms)
}

/// Takes an accepted socket into the first vhost, as if its listener had accepted it.
///
/// Returns the connection, or NULL: a callback refused it, and the socket is closed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_adopt_socket(context: *mut lws_context, accept_fd: lws_sockfd_type) -> *mut lws {
    // SAFETY: no bytes.
    unsafe { lws_adopt_socket_readbuf(context, accept_fd, ptr::null(), 0) }
}

/// Like `lws_adopt_socket()`, with `len` bytes that were read from the socket already; they are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_adopt_socket_readbuf(
    context: *mut lws_context,
    accept_fd: lws_sockfd_type,
    readbuf: *const c_char,
    len: usize,
) -> *mut lws {
    const NAME: &str = "lws_adopt_socket";
    enter::on_context(NAME, ptr::null_mut(), context, Access::Service, |may, cx| {
        let Some(vhost) = cx.all_vhosts().into_iter().next() else {
            drop(owned(cx, NAME, accept_fd));
            return ptr::null_mut();
        };
        // SAFETY: `len` bytes of the program.
        let early = unsafe { cstr::bytes(readbuf.cast(), len) }.to_vec();
        http(may, cx, &vhost, NAME, accept_fd, early).map_or(ptr::null_mut(), |wsi| handle::of_wsi(cx, wsi))
    })
}

/// Takes an accepted socket into `vh`, as if its listener had accepted it: http, raw where the vhost says so, with TLS if
/// the vhost has it.
///
/// Returns the connection, or NULL: a callback refused it, and the socket is closed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_adopt_socket_vhost(vh: *mut lws_vhost, accept_fd: lws_sockfd_type) -> *mut lws {
    // SAFETY: no bytes.
    unsafe { lws_adopt_socket_vhost_readbuf(vh, accept_fd, ptr::null(), 0) }
}

/// Like `lws_adopt_socket_vhost()`, with `len` bytes that were read from the socket already; they are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_adopt_socket_vhost_readbuf(
    vhost: *mut lws_vhost,
    accept_fd: lws_sockfd_type,
    readbuf: *const c_char,
    len: usize,
) -> *mut lws {
    const NAME: &str = "lws_adopt_socket_vhost";
    enter::on_vhost(NAME, ptr::null_mut(), vhost, Access::Service, |may, cx, vhost| {
        // SAFETY: `len` bytes of the program.
        let early = unsafe { cstr::bytes(readbuf.cast(), len) }.to_vec();
        http(may, cx, vhost, NAME, accept_fd, early).map_or(ptr::null_mut(), |wsi| handle::of_wsi(cx, wsi))
    })
}

/// Takes a socket or any other descriptor that can be polled into a vhost, as the bits of `type` say.
///
/// `vh_prot_name`: the protocol to be bound to, NULL: the vhost's choice. `parent`: NULL, or the connection whose end ends
/// this one too. Returns the connection, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_adopt_descriptor_vhost(
    vh: *mut lws_vhost,
    r#type: lws_adoption_type,
    fd: lws_sock_file_fd_type,
    vh_prot_name: *const c_char,
    parent: *mut lws,
) -> *mut lws {
    let info =
        lws_adopt_desc { vh, r#type, fd, vh_prot_name, parent, opaque: ptr::null_mut(), fi_wsi_name: ptr::null() };
    // SAFETY: a valid description.
    unsafe { lws_adopt_descriptor_vhost_via_info(&raw const info) }
}

/// `lws_adopt_descriptor_vhost()` with the arguments in a struct, and the connection's opaque data besides.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_adopt_descriptor_vhost_via_info(info: *const lws_adopt_desc_t) -> *mut lws {
    const NAME: &str = "lws_adopt_descriptor_vhost";
    // SAFETY: NULL or a valid description.
    let Some(info) = (unsafe { info.as_ref() }) else { return ptr::null_mut() };
    enter::on_vhost(NAME, ptr::null_mut(), info.vh, Access::Service, |may, cx, vhost| {
        // SAFETY: both members of the union are descriptors.
        let fd = unsafe { info.fd.sockfd };
        let bits = info.r#type.0;
        let has = |bit: lws_adoption_type| bits & bit.0 != 0;
        if has(LWS_ADOPT_SOCKET) && has(LWS_ADOPT_FLAG_RAW_PROXY) {
            let text =
                format_args!("LWS_ADOPT_FLAG_RAW_PROXY is not available: adopt it raw and connect onward yourself");
            log::line(Level::Err, Scope::Vhost(vhost), NAME, text);
            drop(owned(cx, NAME, fd));
            return ptr::null_mut();
        }
        // SAFETY: a text or NULL.
        let name = unsafe { cstr::owned(info.vh_prot_name) };
        let (Ok(protocol), Ok(parent)) =
            (protocol_named(vhost, NAME, name.as_deref()), parent_of(cx, vhost, NAME, info.parent))
        else {
            if has(LWS_ADOPT_SOCKET) {
                drop(owned(cx, NAME, fd));
            }
            return ptr::null_mut();
        };
        let terms = Terms {
            is_accepted: false,
            without_tls: !has(LWS_ADOPT_ALLOW_SSL),
            protocol,
            parent,
            opaque: info.opaque.expose_provenance(),
            early: Vec::new(),
        };
        let Some(socket) = owned(cx, NAME, fd) else { return ptr::null_mut() };
        let made = if !has(LWS_ADOPT_SOCKET) {
            match adopt::raw_file(may, cx, vhost, socket, &terms) {
                Ok(wsi) => Some(wsi),
                Err(descriptor) => {
                    // A file stays the program's when it could not be adopted.
                    descriptor.map(IntoRawFd::into_raw_fd);
                    None
                }
            }
        } else if has(LWS_ADOPT_FLAG_UDP) {
            let protocol = protocol.or_else(|| adopt::raw_protocol(vhost)).unwrap_or_default();
            let peer = udp::Peer {
                address: socket.peer_addr().ok().and_then(|address| address.as_socket()),
                is_connected: socket.peer_addr().is_ok(),
                face: None,
            };
            udp::adopt(may, cx, vhost, socket, peer, protocol, &terms)
        } else if has(LWS_ADOPT_HTTP) {
            server::adopt_with(may, cx, vhost, socket, &terms)
        } else {
            adopt::raw_socket(may, cx, vhost, socket, &terms)
        };
        made.map_or(ptr::null_mut(), |wsi| handle::of_wsi(cx, wsi))
    })
}

/// Err: the name is not a protocol of the vhost, which was logged.
fn protocol_named(vhost: &Vhost, function: &str, name: Option<&str>) -> Result<Option<ProtocolRef>, ()> {
    let Some(name) = name else { return Ok(None) };
    let found = vhost.protocol_named(name.as_bytes());
    if found.is_none() {
        log::line(Level::Err, Scope::Vhost(vhost), function, format_args!("the vhost has no protocol '{name}'"));
        return Err(());
    }
    Ok(Some(found))
}

/// The connection that is to be the parent, `Ok(None)` for NULL. What is no live connection of the context is an error.
fn parent_of(cx: &Context, vhost: &Vhost, function: &str, parent: *mut lws) -> Result<Option<WsiId>, ()> {
    if parent.is_null() {
        return Ok(None);
    }
    let found = handle::wsi_in(cx, parent);
    if found.is_none() {
        let text = format_args!("the parent is no live connection of this context");
        log::line(Level::Err, Scope::Vhost(vhost), function, text);
        return Err(());
    }
    Ok(found)
}

/// Makes a datagram socket and adopts it: bound to `ads` and `port` with LWS_CAUDP_BIND, else connected to them.
///
/// `ads`: name or numeric address; a name is looked up at once, which may block. NULL: any address of this machine.
/// `ifname`: NULL, or the interface to use. `retry_policy` and `fi_wsi_name` are not used. The callbacks are those of raw
/// connections. Returns the connection, or NULL; the log says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_create_adopt_udp(
    vhost: *mut lws_vhost,
    ads: *const c_char,
    port: c_int,
    flags: c_int,
    protocol_name: *const c_char,
    ifname: *const c_char,
    parent_wsi: *mut lws,
    opaque: *mut c_void,
    retry_policy: *const lws_retry_bo_t,
    #[cfg(not(feature = "abi41"))] fi_wsi_name: *const c_char,
) -> *mut lws {
    const NAME: &str = "lws_create_adopt_udp";
    #[cfg(not(feature = "abi41"))]
    let _ = fi_wsi_name;
    enter::on_vhost(NAME, ptr::null_mut(), vhost, Access::Service, |may, cx, vhost| {
        // SAFETY: texts or NULL.
        let (address, name, iface) =
            unsafe { (cstr::owned(ads), cstr::owned(protocol_name), cstr::owned_nonempty(ifname)) };
        let (Ok(protocol), Ok(parent)) =
            (protocol_named(vhost, NAME, name.as_deref()), parent_of(cx, vhost, NAME, parent_wsi))
        else {
            return ptr::null_mut();
        };
        let Some(protocol) = protocol.or_else(|| adopt::raw_protocol(vhost)) else { return ptr::null_mut() };
        if flags & LWS_CAUDP_PF_PACKET != 0 {
            let text = format_args!("LWS_CAUDP_PF_PACKET is not available: make the socket and adopt it");
            log::line(Level::Err, Scope::Vhost(vhost), NAME, text);
            return ptr::null_mut();
        }
        let Ok(port) = u16::try_from(port) else {
            log::line(Level::Err, Scope::Vhost(vhost), NAME, format_args!("{port} is not a port"));
            return ptr::null_mut();
        };
        let wish = udp::Wish {
            address,
            port,
            binds: flags & LWS_CAUDP_BIND != 0,
            broadcasts: flags & LWS_CAUDP_BROADCAST != 0,
            iface,
        };
        let no_ipv6 = vhost.has_option(option::DISABLE_IPV6) || cx.has_option(option::DISABLE_IPV6);
        let (socket, peer) = match udp::open(&wish, no_ipv6) {
            Ok(made) => made,
            Err(error) => {
                let text = format_args!("no datagram socket for {wish:?}: {}", net::describe(&error));
                log::line(Level::Err, Scope::Vhost(vhost), NAME, text);
                return ptr::null_mut();
            }
        };
        let terms = Terms { parent, opaque: opaque.expose_provenance(), without_tls: true, ..Terms::default() };
        let made = udp::adopt(may, cx, vhost, socket, peer, protocol, &terms);
        if let Some(wsi) = made {
            // SAFETY: NULL or a valid policy.
            let policy = unsafe { info::policy(retry_policy) };
            wsi.with_rare(|rare| rare.policy = policy);
        }
        made.map_or(ptr::null_mut(), |wsi| handle::of_wsi(cx, wsi))
    })
}

/// Facts about a datagram connection: `sa46` is the sender of the last datagram. NULL for other connections.
///
/// Valid as long as the connection; filled in by each call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_udp(wsi: *const lws) -> *const lws_udp {
    enter::on_wsi("lws_get_udp", ptr::null(), wsi, Access::Getter, |_, _, wsi| {
        if !wsi.peek_rare(|rare| rare.udp.is_some()).unwrap_or(false) {
            return ptr::null();
        }
        wsi.with_rare(|rare| {
            let Some(peer) = rare.udp.as_mut() else { return ptr::null() };
            let (address, is_connected) = (peer.address, peer.is_connected);
            let face = peer.face.get_or_insert_with(|| {
                // SAFETY: an all-zero struct of addresses is a valid one.
                Box::new(UnsafeCell::new(unsafe { std::mem::zeroed::<lws_udp>() }))
            });
            let Some(face) = face.downcast_ref::<UnsafeCell<lws_udp>>() else { return ptr::null() };
            // SAFETY: only this function writes, in the thread that holds the claim; the program only reads.
            #[cfg(feature = "abi41")]
            unsafe {
                let _ = is_connected;
                if let Some(v4) = address.filter(SocketAddr::is_ipv4) {
                    let both = sockaddr46(Some(v4));
                    let sa = (&raw const both).cast::<libc::sockaddr>().read_unaligned();
                    let salen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
                    *face.get() = lws_udp { sa, salen, sa_pending: sa, salen_pending: salen };
                }
            }
            // SAFETY: as above.
            #[cfg(not(feature = "abi41"))]
            unsafe {
                (*face.get()).sa46 = sockaddr46(address);
                (*face.get()).sa46_pending = sockaddr46(address);
                (*face.get()).bits = u8::from(is_connected);
            }
            face.get().cast_const()
        })
    })
}

/// All zero for none. A mapped IPv4 address stays an IPv6 one, as the socket needs it.
fn sockaddr46(address: Option<SocketAddr>) -> lws_sockaddr46 {
    // SAFETY: all-zero addresses are valid.
    let mut out: lws_sockaddr46 = unsafe { std::mem::zeroed() };
    match address {
        Some(SocketAddr::V4(v4)) => {
            // SAFETY: an all-zero sockaddr_in is valid.
            let mut sa4: libc::sockaddr_in = unsafe { std::mem::zeroed() };
            sa4.sin_family = libc::AF_INET as libc::sa_family_t;
            sa4.sin_port = v4.port().to_be();
            sa4.sin_addr.s_addr = u32::from(*v4.ip()).to_be();
            out.sa4 = sa4;
        }
        Some(SocketAddr::V6(v6)) => {
            out.sa6 = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: v6.flowinfo(),
                sin6_addr: libc::in6_addr { s6_addr: v6.ip().octets() },
                sin6_scope_id: v6.scope_id(),
            };
        }
        None => {}
    }
    out
}

/// A raw connection is done. Returns -1: return that from the callback, it closes now; 0: output is still to be sent,
/// the connection closes when that is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_raw_transaction_completed(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_raw_transaction_completed", -1, wsi, Access::Service, |may, cx, wsi| {
        -c_int::from(adopt::raw_completed(may, cx, wsi))
    })
}

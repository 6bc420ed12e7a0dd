//! Adoption of descriptors, addresses and UDP.
#![allow(non_camel_case_types)]
use super::*;
use libc::{sockaddr_in, sockaddr_in6};
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::mem::offset_of;

pub type lws_adopt_desc_t = lws_adopt_desc;

/// What kind of descriptor is adopted, and how; bits.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_adoption_type(pub c_uint);
/// A file descriptor, not a socket.
pub const LWS_ADOPT_RAW_FILE_DESC: lws_adoption_type = lws_adoption_type(0);
/// The connection begins as HTTP; else it is raw.
pub const LWS_ADOPT_HTTP: lws_adoption_type = lws_adoption_type(1);
/// The descriptor is a socket.
pub const LWS_ADOPT_SOCKET: lws_adoption_type = lws_adoption_type(2);
/// With TLS, if the vhost has it.
pub const LWS_ADOPT_ALLOW_SSL: lws_adoption_type = lws_adoption_type(4);
/// The socket is UDP.
pub const LWS_ADOPT_FLAG_UDP: lws_adoption_type = lws_adoption_type(16);
pub const LWS_ADOPT_FLAG_RAW_PROXY: lws_adoption_type = lws_adoption_type(32);
/// A raw UDP socket.
pub const LWS_ADOPT_RAW_SOCKET_UDP: lws_adoption_type = lws_adoption_type(18);

/// How to adopt a descriptor: argument of `lws_adopt_descriptor_vhost_via_info`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_adopt_desc {
    /// The vhost to belong to.
    pub vh: *mut lws_vhost,
    /// What kind of descriptor, and how to treat it.
    pub r#type: lws_adoption_type,
    /// The descriptor.
    pub fd: lws_sock_file_fd_type,
    /// Protocol to bind to; NULL: the one of the role.
    pub vh_prot_name: *const c_char,
    /// The connection whose child this is; NULL: none.
    pub parent: *mut lws,
    /// See lws_get_opaque_user_data().
    pub opaque: *mut c_void,
    /// Not built.
    pub fi_wsi_name: *const c_char,
}
const _: () = {
    assert!(size_of::<lws_adopt_desc>() == 48);
    assert!(align_of::<lws_adopt_desc>() == 8);
    assert!(offset_of!(lws_adopt_desc, vh) == 0);
    assert!(offset_of!(lws_adopt_desc, r#type) == 8);
    assert!(offset_of!(lws_adopt_desc, fd) == 12);
    assert!(offset_of!(lws_adopt_desc, vh_prot_name) == 16);
    assert!(offset_of!(lws_adopt_desc, parent) == 24);
    assert!(offset_of!(lws_adopt_desc, opaque) == 32);
    assert!(offset_of!(lws_adopt_desc, fi_wsi_name) == 40);
};

/// Facts about a UDP connection: the sender of the last datagram, and whom the next one goes to. IPv4 only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_udp {
    pub sa: libc::sockaddr,
    pub salen: libc::socklen_t,
    pub sa_pending: libc::sockaddr,
    pub salen_pending: libc::socklen_t,
}
const _: () = {
    assert!(size_of::<lws_udp>() == 40);
    assert!(offset_of!(lws_udp, sa) == 0);
    assert!(offset_of!(lws_udp, salen) == 16);
    assert!(offset_of!(lws_udp, sa_pending) == 20);
    assert!(offset_of!(lws_udp, salen_pending) == 36);
};

/// A socket or a file, by descriptor.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_sock_file_fd_type {
    pub sockfd: lws_sockfd_type,
    pub filefd: lws_filefd_type,
}
const _: () = {
    assert!(size_of::<lws_sock_file_fd_type>() == 4);
    assert!(align_of::<lws_sock_file_fd_type>() == 4);
    assert!(offset_of!(lws_sock_file_fd_type, sockfd) == 0);
    assert!(offset_of!(lws_sock_file_fd_type, filefd) == 0);
};

/// An IPv4 or IPv6 address with port; `sa4.sin_family` tells which.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_sockaddr46 {
    pub sa6: sockaddr_in6,
    pub sa4: sockaddr_in,
}
const _: () = {
    assert!(size_of::<lws_sockaddr46>() == 28);
    assert!(align_of::<lws_sockaddr46>() == 4);
    assert!(offset_of!(lws_sockaddr46, sa6) == 0);
    assert!(offset_of!(lws_sockaddr46, sa4) == 0);
};

pub const LWS_CAUDP_BIND: c_int = 1;
pub const LWS_CAUDP_BROADCAST: c_int = 2;
pub const LWS_CAUDP_PF_PACKET: c_int = 4;

pub const LWS_ITOSA_BUSY: c_int = -3;
pub const LWS_ITOSA_NOT_EXIST: c_int = -1;
pub const LWS_ITOSA_NOT_USABLE: c_int = -2;
pub const LWS_ITOSA_USABLE: c_int = 0;

//! The basic types every area uses: descriptors, times, file positions, and the opaque objects that programs only
//! hold pointers to.
#![allow(non_camel_case_types)]
use std::ffi::{c_int, c_longlong, c_ulonglong, c_void};
use std::mem::offset_of;

/// A connection.
pub struct lws(());

/// A pending `lws_system` attachment from another thread.
pub struct lws_attach_item(());

/// A list of buffered segments.
pub struct lws_buflist(());

/// A cache level.
pub struct lws_cache_ttl_lru(());

/// A context: the service loop and everything that runs in it.
pub struct lws_context(());

/// One service thread of a context.
pub struct lws_context_per_thread(());

/// A ring of buffers of several kinds (not part of this configuration).
pub struct lws_dsh(());

/// A map.
pub struct lws_map(());

/// An item of a map.
pub struct lws_map_item(());

/// A metric.
pub struct lws_metric(());

/// A ring buffer.
pub struct lws_ring(());

/// A sequencer (not part of this configuration).
pub struct lws_sequencer(());

/// A system message on its way.
pub struct lws_smd_msg(());

/// A registered listener for system messages.
pub struct lws_smd_peer(());

/// A form parser.
pub struct lws_spa(());

/// A blob the system keeps for its users.
pub struct lws_system_blob(());

/// A virtual host of a context.
pub struct lws_vhost(());

/// A certificate.
pub struct lws_x509_cert(());

/// A chunk of the chunk allocator.
pub struct lwsac(());

/// A TLS connection in the words of OpenSSL; programs get the pointer and nothing behind it.
pub type SSL = c_void;

/// A TLS context in the words of OpenSSL.
pub type SSL_CTX = c_void;

/// A capability of libcap.
pub type cap_value_t = c_int;

/// A context, by pointer.
pub type lws_ctx_t = *mut lws_context;

/// A file descriptor.
pub type lws_filefd_type = c_int;

/// A relative file position in bytes.
pub type lws_fileofs_t = c_longlong;

/// An absolute file position or size in bytes.
pub type lws_filepos_t = c_ulonglong;

/// Flags of an open file: the low bits as for `open`, the `LWS_FOP_FLAG` bits above.
pub type lws_fop_flags_t = u32;

/// A socket descriptor.
pub type lws_sockfd_type = c_int;

/// A time or time span in microseconds.
pub type lws_usec_t = i64;

/// What the poll descriptor callbacks pass in `in`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_pollargs {
    /// The descriptor.
    pub fd: lws_sockfd_type,
    /// The events wanted now.
    pub events: c_int,
    /// The events wanted before.
    pub prev_events: c_int,
}
const _: () = {
    assert!(size_of::<lws_pollargs>() == 12);
    assert!(align_of::<lws_pollargs>() == 4);
    assert!(offset_of!(lws_pollargs, fd) == 0);
    assert!(offset_of!(lws_pollargs, events) == 4);
    assert!(offset_of!(lws_pollargs, prev_events) == 8);
};

pub const CONTEXT_PORT_NO_LISTEN: c_int = -1;
pub const CONTEXT_PORT_NO_LISTEN_SERVER: c_int = -2;
pub const LWS_GI: u64 = 0x40000000;
pub const LWS_INVALID_FILE: c_int = -1;
pub const LWS_KI: u64 = 1024;
pub const LWS_MI: u64 = 0x100000;
pub const LWS_MS_PER_SEC: lws_usec_t = 1000;
pub const LWS_NS_PER_US: lws_usec_t = 1000;
pub const LWS_PI: u64 = 0x4000000000000;
pub const LWS_POLLHUP: c_int = 24;
pub const LWS_POLLIN: c_int = 1;
pub const LWS_POLLOUT: c_int = 4;
pub const LWS_SOCK_INVALID: c_int = -1;
pub const LWS_TI: u64 = 0x10000000000;
pub const LWS_US_PER_MS: lws_usec_t = 1000;
pub const LWS_US_PER_SEC: lws_usec_t = 1000000;

//! The structs of `<oxlws.h>`. Members are only ever added at the end: the calls take the size the program knows.
//!
//! # What C promises
//! `size` is the size of the struct as the program was compiled, and the struct is writable for that many bytes.
#![allow(unsafe_code, non_camel_case_types)]

use crate::abi::layout::lws;
use std::ffi::{c_char, c_int, c_void};

/// Why a connection ended. Filled by `oxlws_wsi_ended()`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct oxlws_ended {
    /// OXLWS_ENDED_BY_*.
    pub by: c_int,
    /// OXLWS_STEP_*: how far the connection was when that happened.
    pub step: c_int,
    /// The close code of RFC 6455 that travelled; 0: none.
    pub close_code: c_int,
    /// Microseconds since then.
    pub ago_us: u64,
    /// What happened, as the library's log has it; UTF-8, always ends with NUL, cut if it is longer.
    pub text: [c_char; 256],
}

/// What a context counted since it was made. Filled by `oxlws_context_stats()`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct oxlws_context_stats {
    /// Client connections that were begun, and those that exist now.
    pub clients: u64,
    pub clients_now: u64,
    /// Client connections that did not come about (CLIENT_CONNECTION_ERROR, or NULL from the connect call).
    pub clients_failed: u64,
    /// Connections that were accepted or adopted, and those that exist now.
    pub accepted: u64,
    pub accepted_now: u64,
    /// Connections of both sides that became websockets.
    pub upgraded: u64,
    /// Connections that were ended by a timeout.
    pub timed_out: u64,
    /// Bytes on the wire, of ended and living connections; with TLS those of its records. Datagrams and files are not
    /// counted.
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Whole ws messages of data.
    pub messages_in: u64,
    pub messages_out: u64,
}

/// What a connection counted. Filled by `oxlws_wsi_stats()`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct oxlws_wsi_stats {
    /// Bytes on the wire; with TLS those of its records.
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Whole ws messages of data, modulo 2^32.
    pub messages_in: u64,
    pub messages_out: u64,
    /// Bytes that were written and wait to be sent.
    pub queued: u64,
}

/// A TLS configuration that the program builds: a name that is checked wherever it is used, nothing to look into.
pub struct oxlws_tls_config(());

/// What a verification hook decides about. All that it points to is valid during the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct oxlws_tls_peer {
    /// Size of this struct, which grows at its end.
    pub size: usize,
    /// The connection. It may be closed from inside the hook, by `lws_set_timeout()` with LWS_TO_KILL_ASYNC for example.
    pub wsi: *mut lws,
    /// What was given with the hook.
    pub user: *mut c_void,
    /// The name or address that the certificate has to be for; NULL where the peer is a client.
    pub host: *const c_char,
    /// OXLWS_TLS_GOOD and up: what the library found, with the LCCSCF_ flags of the connection.
    pub verdict: c_int,
    /// OpenSSL's number of the first problem (X509_V_ERR_...); 0: none.
    pub openssl_number: c_int,
    /// The same in words; empty: no problem.
    pub text: *const c_char,
    /// Certificates in DER as the peer sent them, its own first; 0: a client that shows none.
    pub certificates: usize,
    pub der: *const *const u8,
    pub der_len: *const usize,
    /// SHA-256 of the peer's certificate in DER; zeros without one.
    pub certificate_sha256: [u8; 32],
    /// SHA-256 of its public key (SubjectPublicKeyInfo in DER), which renewed certificates keep if they are for the same
    /// key; zeros without one.
    pub key_sha256: [u8; 32],
}

/// Decides about a certificate: OXLWS_TLS_AS_VERIFIED, OXLWS_TLS_ACCEPT or OXLWS_TLS_REFUSE. Any other value refuses.
pub type oxlws_tls_verify_cb = Option<unsafe extern "C" fn(peer: *const oxlws_tls_peer) -> c_int>;

/// Takes a line of a key log, without its newline. `user`: what was given with the hook.
pub type oxlws_tls_key_log_cb = Option<unsafe extern "C" fn(wsi: *mut lws, line: *const c_char, user: *mut c_void)>;

/// Copies as much of `value` as the program knows of. NULL: nothing.
///
/// # Safety
/// `to` is NULL or writable for `size` bytes.
pub unsafe fn give<T: Copy>(value: &T, to: *mut T, size: usize) {
    if !to.is_null() {
        let known = size.min(size_of::<T>());
        // SAFETY: the caller's promise; both are plain bytes.
        unsafe {
            std::ptr::write_bytes(to.cast::<u8>(), 0, size);
            std::ptr::copy_nonoverlapping(std::ptr::from_ref(value).cast::<u8>(), to.cast::<u8>(), known);
        }
    }
}

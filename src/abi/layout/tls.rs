//! Certificate queries and TLS session storage.
#![allow(non_camel_case_types)]
use super::*;
use libc::time_t;
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::mem::offset_of;

/// What to ask about a certificate.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_tls_cert_info(pub c_uint);
pub const LWS_TLS_CERT_INFO_VALIDITY_FROM: lws_tls_cert_info = lws_tls_cert_info(0);
pub const LWS_TLS_CERT_INFO_VALIDITY_TO: lws_tls_cert_info = lws_tls_cert_info(1);
pub const LWS_TLS_CERT_INFO_COMMON_NAME: lws_tls_cert_info = lws_tls_cert_info(2);
pub const LWS_TLS_CERT_INFO_ISSUER_NAME: lws_tls_cert_info = lws_tls_cert_info(3);
pub const LWS_TLS_CERT_INFO_USAGE: lws_tls_cert_info = lws_tls_cert_info(4);
pub const LWS_TLS_CERT_INFO_VERIFIED: lws_tls_cert_info = lws_tls_cert_info(5);
pub const LWS_TLS_CERT_INFO_OPAQUE_PUBLIC_KEY: lws_tls_cert_info = lws_tls_cert_info(6);
pub const LWS_TLS_CERT_INFO_DER_RAW: lws_tls_cert_info = lws_tls_cert_info(7);
pub const LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID: lws_tls_cert_info = lws_tls_cert_info(8);
pub const LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_ISSUER: lws_tls_cert_info = lws_tls_cert_info(9);
pub const LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_SERIAL: lws_tls_cert_info = lws_tls_cert_info(10);
pub const LWS_TLS_CERT_INFO_SUBJECT_KEY_ID: lws_tls_cert_info = lws_tls_cert_info(11);

/// A name or blob out of a certificate; `name` may continue beyond its declared size, up to `len` bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_tls_cert_info_results_ns {
    pub len: c_int,
    pub name: [c_char; 64],
}
const _: () = {
    assert!(size_of::<lws_tls_cert_info_results_ns>() == 68);
    assert!(offset_of!(lws_tls_cert_info_results_ns, len) == 0);
    assert!(offset_of!(lws_tls_cert_info_results_ns, name) == 4);
};

/// A result of the certificate queries; which member is valid depends on the query.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_tls_cert_info_results {
    pub verified: c_uint,
    pub time: time_t,
    pub usage: c_uint,
    pub ns: lws_tls_cert_info_results_ns,
}
const _: () = {
    assert!(size_of::<lws_tls_cert_info_results>() == 72);
    assert!(align_of::<lws_tls_cert_info_results>() == 8);
    assert!(offset_of!(lws_tls_cert_info_results, verified) == 0);
    assert!(offset_of!(lws_tls_cert_info_results, time) == 0);
    assert!(offset_of!(lws_tls_cert_info_results, usage) == 0);
    assert!(offset_of!(lws_tls_cert_info_results, ns) == 0);
};

/// Loads or saves one TLS session; 0 on success.
pub type lws_tls_sess_cb_t =
    Option<unsafe extern "C" fn(cx: *mut lws_context, info: *mut lws_tls_session_dump) -> c_int>;

/// A TLS session on its way to or from the storage of the program.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_tls_session_dump {
    pub tag: [c_char; 96],
    pub blob: *mut c_void,
    pub opaque: *mut c_void,
    pub blob_len: usize,
}
const _: () = {
    assert!(size_of::<lws_tls_session_dump>() == 120);
    assert!(align_of::<lws_tls_session_dump>() == 8);
    assert!(offset_of!(lws_tls_session_dump, tag) == 0);
    assert!(offset_of!(lws_tls_session_dump, blob) == 96);
    assert!(offset_of!(lws_tls_session_dump, opaque) == 104);
    assert!(offset_of!(lws_tls_session_dump, blob_len) == 112);
};

pub const LWS_SESSION_TAG_LEN: usize = 96;

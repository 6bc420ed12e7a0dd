//! How a client connection is described, and what connection monitoring reports.
#![allow(non_camel_case_types)]
use super::*;
use libc::addrinfo;
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::mem::offset_of;

/// Bits of `ssl_connection` in the connect info.
pub type lws_client_connect_ssl_connection_flags = c_int;
/// Use TLS.
pub const LCCSCF_USE_SSL: lws_client_connect_ssl_connection_flags = 1;
/// Accept a self-signed certificate.
pub const LCCSCF_ALLOW_SELFSIGNED: lws_client_connect_ssl_connection_flags = 2;
/// Accept a certificate for another name.
pub const LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK: lws_client_connect_ssl_connection_flags = 4;
/// Accept a certificate that is expired or not yet valid.
pub const LCCSCF_ALLOW_EXPIRED: lws_client_connect_ssl_connection_flags = 8;
/// Accept a certificate of an unknown authority.
pub const LCCSCF_ALLOW_INSECURE: lws_client_connect_ssl_connection_flags = 16;
pub const LCCSCF_H2_QUIRK_NGHTTP2_END_STREAM: lws_client_connect_ssl_connection_flags = 32;
pub const LCCSCF_H2_QUIRK_OVERFLOWS_TXCR: lws_client_connect_ssl_connection_flags = 64;
pub const LCCSCF_H2_AUTH_BEARER: lws_client_connect_ssl_connection_flags = 128;
pub const LCCSCF_H2_HEXIFY_AUTH_TOKEN: lws_client_connect_ssl_connection_flags = 256;
/// HTTP/2: the program decides what the server may send.
pub const LCCSCF_H2_MANUAL_RXFLOW: lws_client_connect_ssl_connection_flags = 512;
/// The request body is a multipart form.
pub const LCCSCF_HTTP_MULTIPART_MIME: lws_client_connect_ssl_connection_flags = 1024;
/// The request body is an urlencoded form.
pub const LCCSCF_HTTP_X_WWW_FORM_URLENCODED: lws_client_connect_ssl_connection_flags = 2048;
/// Deliver redirects instead of following them.
pub const LCCSCF_HTTP_NO_FOLLOW_REDIRECT: lws_client_connect_ssl_connection_flags = 4096;
/// HTTP: share a connection to the same server.
pub const LCCSCF_PIPELINE: lws_client_connect_ssl_connection_flags = 65536;
pub const LCCSCF_MUXABLE_STREAM: lws_client_connect_ssl_connection_flags = 131072;
/// HTTP/2 from the first byte, without TLS.
pub const LCCSCF_H2_PRIOR_KNOWLEDGE: lws_client_connect_ssl_connection_flags = 262144;
/// Checks of validity may wake a suspended system.
pub const LCCSCF_WAKE_SUSPEND__VALIDITY: lws_client_connect_ssl_connection_flags = 524288;
/// Read on before other connections are served.
pub const LCCSCF_PRIORITIZE_READS: lws_client_connect_ssl_connection_flags = 1048576;
pub const LCCSCF_SECSTREAM_CLIENT: lws_client_connect_ssl_connection_flags = 2097152;
pub const LCCSCF_SECSTREAM_PROXY_LINK: lws_client_connect_ssl_connection_flags = 4194304;
pub const LCCSCF_SECSTREAM_PROXY_ONWARD: lws_client_connect_ssl_connection_flags = 8388608;
pub const LCCSCF_IP_LOW_LATENCY: lws_client_connect_ssl_connection_flags = 16777216;
pub const LCCSCF_IP_HIGH_THROUGHPUT: lws_client_connect_ssl_connection_flags = 33554432;
pub const LCCSCF_IP_HIGH_RELIABILITY: lws_client_connect_ssl_connection_flags = 67108864;
pub const LCCSCF_IP_LOW_COST: lws_client_connect_ssl_connection_flags = 134217728;
/// Take timings, see lws_conmon_wsi_take().
pub const LCCSCF_CONMON: lws_client_connect_ssl_connection_flags = 268435456;
/// Follow a redirect from https to http.
pub const LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS: lws_client_connect_ssl_connection_flags = 536870912;
/// Use the cookie jar of the context.
pub const LCCSCF_CACHE_COOKIES: lws_client_connect_ssl_connection_flags = 1073741824;

/// How to connect as a client: argument of `lws_client_connect_via_info`. Zero it, then set what is needed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_client_connect_info {
    /// Required.
    pub context: *mut lws_context,
    /// Required: name or address of the server; `+path` is a unix socket, `+@name` an abstract one.
    pub address: *const c_char,
    /// Required, apart from unix sockets.
    pub port: c_int,
    /// LCCSCF_ bits; 0: no TLS.
    pub ssl_connection: c_int,
    /// Path of the request; a missing first slash is added.
    pub path: *const c_char,
    /// Value of the Host header, and the name the certificate must have.
    pub host: *const c_char,
    /// Host for the Origin header; NULL: no such header.
    pub origin: *const c_char,
    /// Websocket subprotocols to offer, separated by commas; NULL: none.
    pub protocol: *const c_char,
    /// Version of websocket; 0 and -1: 13.
    pub ietf_version_or_minus_one: c_int,
    /// Session data to use instead of allocated memory; NULL: allocate.
    pub userdata: *mut c_void,
    /// Not used.
    pub client_exts: *const c_void,
    /// NULL: websocket; `GET`, `POST` ..: HTTP; `RAW`: a plain connection.
    pub method: *const c_char,
    /// The connection whose child this is; NULL: none.
    pub parent_wsi: *mut lws,
    /// Only for proxying, which is not built.
    pub uri_replace_from: *const c_char,
    /// Only for proxying, which is not built.
    pub uri_replace_to: *const c_char,
    /// The vhost to use; NULL: `default`, or the first.
    pub vhost: *mut lws_vhost,
    /// Where to store the new connection, before the call returns; NULL: nowhere.
    pub pwsi: *mut *mut lws,
    /// Interface or address to connect from; NULL: any.
    pub iface: *const c_char,
    /// Name of the protocol that handles the connection; NULL: as offered.
    pub local_protocol_name: *const c_char,
    /// Protocols to offer with ALPN, separated by commas.
    pub alpn: *const c_char,
    /// Not built.
    pub seq: *mut lws_sequencer,
    /// See lws_get_opaque_user_data().
    pub opaque_user_data: *mut c_void,
    /// When the connection is pinged and given up if idle; NULL: that of the vhost.
    pub retry_and_idle_policy: *const lws_retry_bo_t,
    /// HTTP/2 with LCCSCF_H2_MANUAL_RXFLOW: what the server may send at first.
    pub manual_initial_tx_credit: c_int,
    /// Nonzero n: client certificate n-1 of the system blobs.
    pub sys_tls_client_cert: u8,
    /// Priority of the packets, 0 to 7.
    pub priority: u8,
    /// Not built.
    pub mqtt_cp: *mut c_void,
    /// Not built.
    pub fi_wsi_name: *const c_char,
    /// How long an HTTP connection is kept for the next transaction; 0: 5.
    pub keep_warm_secs: u16,
    /// Where lines of the connection go; NULL: where those of the vhost go.
    pub log_cx: *mut lws_log_cx_t,
    /// Room for later releases; leave it zero.
    pub _unused: [*mut c_void; 4],
}
const _: () = {
    assert!(size_of::<lws_client_connect_info>() == 248);
    assert!(align_of::<lws_client_connect_info>() == 8);
    assert!(offset_of!(lws_client_connect_info, context) == 0);
    assert!(offset_of!(lws_client_connect_info, address) == 8);
    assert!(offset_of!(lws_client_connect_info, port) == 16);
    assert!(offset_of!(lws_client_connect_info, ssl_connection) == 20);
    assert!(offset_of!(lws_client_connect_info, path) == 24);
    assert!(offset_of!(lws_client_connect_info, host) == 32);
    assert!(offset_of!(lws_client_connect_info, origin) == 40);
    assert!(offset_of!(lws_client_connect_info, protocol) == 48);
    assert!(offset_of!(lws_client_connect_info, ietf_version_or_minus_one) == 56);
    assert!(offset_of!(lws_client_connect_info, userdata) == 64);
    assert!(offset_of!(lws_client_connect_info, client_exts) == 72);
    assert!(offset_of!(lws_client_connect_info, method) == 80);
    assert!(offset_of!(lws_client_connect_info, parent_wsi) == 88);
    assert!(offset_of!(lws_client_connect_info, uri_replace_from) == 96);
    assert!(offset_of!(lws_client_connect_info, uri_replace_to) == 104);
    assert!(offset_of!(lws_client_connect_info, vhost) == 112);
    assert!(offset_of!(lws_client_connect_info, pwsi) == 120);
    assert!(offset_of!(lws_client_connect_info, iface) == 128);
    assert!(offset_of!(lws_client_connect_info, local_protocol_name) == 136);
    assert!(offset_of!(lws_client_connect_info, alpn) == 144);
    assert!(offset_of!(lws_client_connect_info, seq) == 152);
    assert!(offset_of!(lws_client_connect_info, opaque_user_data) == 160);
    assert!(offset_of!(lws_client_connect_info, retry_and_idle_policy) == 168);
    assert!(offset_of!(lws_client_connect_info, manual_initial_tx_credit) == 176);
    assert!(offset_of!(lws_client_connect_info, sys_tls_client_cert) == 180);
    assert!(offset_of!(lws_client_connect_info, priority) == 181);
    assert!(offset_of!(lws_client_connect_info, mqtt_cp) == 184);
    assert!(offset_of!(lws_client_connect_info, fi_wsi_name) == 192);
    assert!(offset_of!(lws_client_connect_info, keep_warm_secs) == 200);
    assert!(offset_of!(lws_client_connect_info, log_cx) == 208);
    assert!(offset_of!(lws_client_connect_info, _unused) == 216);
};

pub type lws_conmon_dns_disposition_t = lws_conmon_dns_disposition;

/// A time span in microseconds, up to about 71 minutes.
pub type lws_conmon_interval_us_t = u32;

pub type lws_conmon_pcol_t = lws_conmon_pcol;

/// How the name lookup of a monitored connection ended.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_conmon_dns_disposition(pub c_uint);
pub const LWSCONMON_DNS_NONE: lws_conmon_dns_disposition = lws_conmon_dns_disposition(0);
pub const LWSCONMON_DNS_OK: lws_conmon_dns_disposition = lws_conmon_dns_disposition(1);
pub const LWSCONMON_DNS_SERVER_UNREACHABLE: lws_conmon_dns_disposition = lws_conmon_dns_disposition(2);
pub const LWSCONMON_DNS_NO_RESULT: lws_conmon_dns_disposition = lws_conmon_dns_disposition(3);

/// Which member of `protocol_specific` is valid.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_conmon_pcol(pub c_uint);
pub const LWSCONMON_PCOL_NONE: lws_conmon_pcol = lws_conmon_pcol(0);
pub const LWSCONMON_PCOL_HTTP: lws_conmon_pcol = lws_conmon_pcol(1);

/// What HTTP tells about the connection: the response code.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_conmon_protocol_specific_http {
    pub response: c_int,
}
const _: () = {
    assert!(size_of::<lws_conmon_protocol_specific_http>() == 4);
    assert!(offset_of!(lws_conmon_protocol_specific_http, response) == 0);
};

/// What only one protocol can tell about the connection.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_conmon_protocol_specific {
    pub http: lws_conmon_protocol_specific_http,
}
const _: () = {
    assert!(size_of::<lws_conmon_protocol_specific>() == 4);
    assert!(offset_of!(lws_conmon_protocol_specific, http) == 0);
};

/// Connection timings taken by `lws_conmon_wsi_take`; released with `lws_conmon_release`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_conmon {
    pub peer46: lws_sockaddr46,
    pub protocol_specific: lws_conmon_protocol_specific,
    pub dns_results_copy: *mut addrinfo,
    pub ciu_dns: lws_conmon_interval_us_t,
    pub ciu_sockconn: lws_conmon_interval_us_t,
    pub ciu_tls: lws_conmon_interval_us_t,
    pub ciu_txn_resp: lws_conmon_interval_us_t,
    pub pcol: lws_conmon_pcol_t,
    pub dns_disposition: lws_conmon_dns_disposition_t,
}
const _: () = {
    assert!(size_of::<lws_conmon>() == 64);
    assert!(align_of::<lws_conmon>() == 8);
    assert!(offset_of!(lws_conmon, peer46) == 0);
    assert!(offset_of!(lws_conmon, protocol_specific) == 28);
    assert!(offset_of!(lws_conmon, dns_results_copy) == 32);
    assert!(offset_of!(lws_conmon, ciu_dns) == 40);
    assert!(offset_of!(lws_conmon, ciu_sockconn) == 44);
    assert!(offset_of!(lws_conmon, ciu_tls) == 48);
    assert!(offset_of!(lws_conmon, ciu_txn_resp) == 52);
    assert!(offset_of!(lws_conmon, pcol) == 56);
    assert!(offset_of!(lws_conmon, dns_disposition) == 60);
};

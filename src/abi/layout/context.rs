//! How a context, a vhost and its mounts are described by the program, and the option bits.
#![allow(non_camel_case_types)]
use super::*;
use libc::{gid_t, uid_t};
use std::ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_ushort, c_void};
use std::mem::offset_of;

/// Called when a deprecated context has given up its listening sockets.
pub type lws_reload_func = Option<unsafe extern "C" fn() -> c_int>;

/// Who checks the credentials of a mount.
pub type lws_authentication_mode = c_uint;
/// A file of `user:password` lines.
pub const LWSAUTHM_DEFAULT: lws_authentication_mode = 0;
/// LWS_CALLBACK_VERIFY_BASIC_AUTHORIZATION.
pub const LWSAUTHM_BASIC_AUTH_CALLBACK: lws_authentication_mode = 268435456;

/// What the origin of a mount is; the mount member `origin_protocol`.
pub type lws_mount_protocols = c_uchar;
/// A proxied http server.
pub const LWSMPRO_HTTP: lws_mount_protocols = 0;
/// A proxied https server.
pub const LWSMPRO_HTTPS: lws_mount_protocols = 1;
/// A folder.
pub const LWSMPRO_FILE: lws_mount_protocols = 2;
/// A CGI program.
pub const LWSMPRO_CGI: lws_mount_protocols = 3;
/// A redirect to http.
pub const LWSMPRO_REDIR_HTTP: lws_mount_protocols = 4;
/// A redirect to https.
pub const LWSMPRO_REDIR_HTTPS: lws_mount_protocols = 5;
/// A protocol of the vhost.
pub const LWSMPRO_CALLBACK: lws_mount_protocols = 6;

/// How to create a context or a vhost. Zero it, then set what is needed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_context_creation_info {
    /// Vhost: interface name, address or unix socket path to listen on; NULL: all interfaces.
    pub iface: *const c_char,
    /// Vhost: table of protocols ending with a NULL callback; kept by pointer in part, so it must stay.
    pub protocols: *const lws_protocols,
    /// Vhost: table of websocket extensions; NULL: none.
    pub extensions: *const lws_extension,
    /// Context: longest value for each known header; NULL: no limits.
    pub token_limits: *const lws_token_limits,
    /// Vhost, client: proxy `[user:password@]host[:port]`; NULL: from the environment variable http_proxy.
    pub http_proxy_address: *const c_char,
    /// Vhost: headers added to every response; names with their colon.
    pub headers: *const lws_protocol_vhost_options,
    /// Context: parts of User-Agent values to refuse; values are `code text`.
    pub reject_service_keywords: *const lws_protocol_vhost_options,
    /// Vhost: which protocols to initialise, with their options; NULL: all.
    pub pvo: *const lws_protocol_vhost_options,
    /// Vhost: access log; not built in this configuration.
    pub log_filepath: *const c_char,
    /// Vhost: list of mounts; NULL: none.
    pub mounts: *const lws_http_mount,
    /// Context: value of the Server header; NULL: no such header.
    pub server_string: *const c_char,
    /// Vhost: URL that a missing file is redirected to.
    pub error_document_404: *const c_char,
    /// Vhost: port to listen on, 0 for any free one, or a CONTEXT_PORT_ value.
    pub port: c_int,
    /// Vhost, client: port of the proxy.
    pub http_proxy_port: c_uint,
    /// Context: used where max_http_header_data is 0.
    pub max_http_header_data2: c_uint,
    /// Context: used where max_http_header_pool is 0.
    pub max_http_header_pool2: c_uint,
    /// Vhost: seconds an idle HTTP connection is kept; 0: 5, for HTTP/2 31.
    pub keepalive_timeout: c_int,
    /// Vhost: with [0] nonzero, [1] to [6] are HTTP/2 settings to announce.
    pub http2_settings: [u32; 7],
    /// Context: bytes for the headers of one transaction; 0: 4096.
    pub max_http_header_data: c_ushort,
    /// Context: how many transactions can have headers at once; 0: as many as connections.
    pub max_http_header_pool: c_ushort,
    /// Vhost, server: passphrase of the private key.
    pub ssl_private_key_password: *const c_char,
    /// Vhost, server: certificate chain, PEM.
    pub ssl_cert_filepath: *const c_char,
    /// Vhost, server: private key, PEM.
    pub ssl_private_key_filepath: *const c_char,
    /// Vhost, server: authorities for client certificates, PEM.
    pub ssl_ca_filepath: *const c_char,
    /// Vhost, server: ciphers up to TLS 1.2; NULL: the defaults.
    pub ssl_cipher_list: *const c_char,
    /// Vhost, server: name of the curve; NULL: prime256v1.
    pub ecdh_curve: *const c_char,
    /// Vhost, server: cipher suites of TLS 1.3.
    pub tls1_3_plus_cipher_list: *const c_char,
    /// Vhost, server: the certificate in memory, PEM or DER.
    pub server_ssl_cert_mem: *const c_void,
    /// Vhost, server: the private key in memory, PEM or DER.
    pub server_ssl_private_key_mem: *const c_void,
    /// Vhost, server: the authorities in memory, PEM or DER.
    pub server_ssl_ca_mem: *const c_void,
    /// Vhost, server: SSL_OP_ bits to set.
    pub ssl_options_set: c_long,
    /// Vhost, server: SSL_OP_ bits to clear.
    pub ssl_options_clear: c_long,
    /// Context: most TLS connections at once; 0: no limit.
    pub simultaneous_ssl_restriction: c_int,
    /// Context: most TLS handshakes at once; 0: no limit.
    pub simultaneous_ssl_handshake_restriction: c_int,
    /// Vhost: which TLS events are reported by LWS_CALLBACK_SSL_INFO.
    pub ssl_info_event_mask: c_int,
    /// Bytes at server_ssl_cert_mem.
    pub server_ssl_cert_mem_len: c_uint,
    /// Bytes at server_ssl_private_key_mem.
    pub server_ssl_private_key_mem_len: c_uint,
    /// Bytes at server_ssl_ca_mem.
    pub server_ssl_ca_mem_len: c_uint,
    /// Vhost, server: protocols to offer with ALPN, separated by commas; NULL: `h2,http/1.1`.
    pub alpn: *const c_char,
    /// Vhost, client: passphrase of the private key.
    pub client_ssl_private_key_password: *const c_char,
    /// Vhost, client: certificate chain, PEM.
    pub client_ssl_cert_filepath: *const c_char,
    /// Vhost, client: the certificate in memory.
    pub client_ssl_cert_mem: *const c_void,
    /// Bytes at client_ssl_cert_mem.
    pub client_ssl_cert_mem_len: c_uint,
    /// Vhost, client: private key, PEM.
    pub client_ssl_private_key_filepath: *const c_char,
    /// Vhost, client: the private key in memory.
    pub client_ssl_key_mem: *const c_void,
    /// Vhost, client: authorities to trust, PEM.
    pub client_ssl_ca_filepath: *const c_char,
    /// Vhost, client: the authorities in memory.
    pub client_ssl_ca_mem: *const c_void,
    /// Vhost, client: ciphers up to TLS 1.2.
    pub client_ssl_cipher_list: *const c_char,
    /// Vhost, client: cipher suites of TLS 1.3.
    pub client_tls_1_3_plus_cipher_list: *const c_char,
    /// Vhost, client: SSL_OP_ bits to set.
    pub ssl_client_options_set: c_long,
    /// Vhost, client: SSL_OP_ bits to clear.
    pub ssl_client_options_clear: c_long,
    /// Bytes at client_ssl_ca_mem.
    pub client_ssl_ca_mem_len: c_uint,
    /// Bytes at client_ssl_key_mem.
    pub client_ssl_key_mem_len: c_uint,
    /// Vhost, client: an OpenSSL context to use.
    pub provided_client_ssl_ctx: *mut SSL_CTX,
    /// Vhost: seconds of silence before TCP keepalive probes; 0: none. Needs ka_interval too.
    pub ka_time: c_int,
    /// Vhost: how many probes go unanswered before the connection is given up.
    pub ka_probes: c_int,
    /// Vhost: seconds between probes.
    pub ka_interval: c_int,
    /// Context: seconds to wait for network operations; 0: 15.
    pub timeout_secs: c_uint,
    /// Vhost, client: seconds for the whole TCP connect; 0: 20.
    pub connect_timeout_secs: c_uint,
    /// Vhost: nonzero binds sockets to the device of iface.
    pub bind_iface: c_int,
    /// Vhost, server: seconds that a connection may hold header space without progress; 0: 10.
    pub timeout_secs_ah_idle: c_uint,
    /// Vhost, client: seconds a TLS session is kept; 0: 300.
    pub tls_session_timeout: u32,
    /// Vhost, client: how many TLS sessions are kept; 0: 10.
    pub tls_session_cache_max: u32,
    /// Context: group to change to; 0 and -1: none.
    pub gid: gid_t,
    /// Context: user to change to; 0 and -1: none.
    pub uid: uid_t,
    /// Context and vhost: LWS_SERVER_OPTION_ bits.
    pub options: u64,
    /// Context and vhost: pointer of the program, see lws_context_user() and lws_vhost_user().
    pub user: *mut c_void,
    /// Context: service threads; at most LWS_MAX_SMP.
    pub count_threads: c_uint,
    /// Context: most descriptors; 0: the limit of the process.
    pub fd_limit_per_thread: c_uint,
    /// Vhost: name that Host headers and SNI are compared with; NULL: `default`.
    pub vhost_name: *const c_char,
    /// Context: freed when the context is gone.
    pub external_baggage_free_on_destroy: *mut c_void,
    /// Context: bytes of the buffer that reads go to; 0: 4096.
    pub pt_serv_buf_size: c_uint,
    /// Context: file systems besides that of the platform.
    pub fops: *const lws_plat_file_ops,
    /// Context: capabilities kept when the user changes.
    pub caps: [cap_value_t; 4],
    /// How many of caps count.
    pub count_caps: c_char,
    /// Context: array of event loops of the program, one for each service thread.
    pub foreign_loops: *mut *mut c_void,
    /// Context: called by event loops for signals.
    pub signal_cb: Option<unsafe extern "C" fn(event_lib_handle: *mut c_void, signum: c_int)>,
    /// Context: `*pcontext` becomes NULL when the context is gone.
    pub pcontext: *mut *mut lws_context,
    /// Vhost: called when the vhost is gone.
    pub finalize: Option<unsafe extern "C" fn(vh: *mut lws_vhost, arg: *mut c_void)>,
    /// Given to finalize.
    pub finalize_arg: *mut c_void,
    /// Vhost: role of accepted connections; NULL: HTTP.
    pub listen_accept_role: *const c_char,
    /// Vhost: protocol of accepted connections where the role is not HTTP.
    pub listen_accept_protocol: *const c_char,
    /// Vhost: array of pointers to protocols ending with NULL, used if protocols is NULL.
    pub pprotocols: *mut *const lws_protocols,
    /// Context: user to change to, by name.
    pub username: *const c_char,
    /// Context: group to change to, by name.
    pub groupname: *const c_char,
    /// Vhost: owner of the unix socket, `user:group`.
    pub unix_socket_perms: *const c_char,
    /// Context: what the program does for the system; may be NULL.
    pub system_ops: *const lws_system_ops_t,
    /// Vhost, with the context as default: when idle connections are pinged and given up; NULL: 300 and 310 seconds.
    pub retry_and_idle_policy: *const lws_retry_bo_t,
    /// Context: listeners of the system state, array ending with NULL.
    pub register_notifier_list: *const *mut lws_state_notify_link_t,
    /// Context: if nonzero, the descriptor limit of the process to set.
    pub rlimit_nofile: c_int,
    /// Context: a listener for system messages from the first one on.
    pub early_smd_cb: lws_smd_notification_cb_t,
    /// Given to early_smd_cb.
    pub early_smd_opaque: *mut c_void,
    /// The classes that early_smd_cb wants.
    pub early_smd_class_filter: lws_smd_class_t,
    /// Context: how long system messages live; 0: 2 seconds.
    pub smd_ttl_us: lws_usec_t,
    /// Context: most system messages waiting; 0: 40.
    pub smd_queue_depth: u16,
    /// Vhost: queue length of TCP fast open; 0: off.
    pub fo_listen_queue: c_int,
    /// Context: an event loop that the program brings.
    pub event_lib_custom: *const lws_plugin_evlib,
    /// Context and vhost: where their lines go; NULL: the log context of the process.
    pub log_cx: *mut lws_log_cx_t,
    /// Context: cookie jar file for client connections with LCCSCF_CACHE_COOKIES; NULL: none.
    pub http_nsc_filepath: *const c_char,
    /// Context: most bytes of cookies in memory; 0: no limit.
    pub http_nsc_heap_max_footprint: usize,
    /// Context: most cookies in memory; 0: no limit.
    pub http_nsc_heap_max_items: usize,
    /// Context: longest cookie; 0: no limit.
    pub http_nsc_heap_max_payload: usize,
    /// Room for later releases; leave it zero.
    pub _unused: [*mut c_void; 2],
}
const _: () = {
    assert!(size_of::<lws_context_creation_info>() == 744);
    assert!(align_of::<lws_context_creation_info>() == 8);
    assert!(offset_of!(lws_context_creation_info, iface) == 0);
    assert!(offset_of!(lws_context_creation_info, protocols) == 8);
    assert!(offset_of!(lws_context_creation_info, extensions) == 16);
    assert!(offset_of!(lws_context_creation_info, token_limits) == 24);
    assert!(offset_of!(lws_context_creation_info, http_proxy_address) == 32);
    assert!(offset_of!(lws_context_creation_info, headers) == 40);
    assert!(offset_of!(lws_context_creation_info, reject_service_keywords) == 48);
    assert!(offset_of!(lws_context_creation_info, pvo) == 56);
    assert!(offset_of!(lws_context_creation_info, log_filepath) == 64);
    assert!(offset_of!(lws_context_creation_info, mounts) == 72);
    assert!(offset_of!(lws_context_creation_info, server_string) == 80);
    assert!(offset_of!(lws_context_creation_info, error_document_404) == 88);
    assert!(offset_of!(lws_context_creation_info, port) == 96);
    assert!(offset_of!(lws_context_creation_info, http_proxy_port) == 100);
    assert!(offset_of!(lws_context_creation_info, max_http_header_data2) == 104);
    assert!(offset_of!(lws_context_creation_info, max_http_header_pool2) == 108);
    assert!(offset_of!(lws_context_creation_info, keepalive_timeout) == 112);
    assert!(offset_of!(lws_context_creation_info, http2_settings) == 116);
    assert!(offset_of!(lws_context_creation_info, max_http_header_data) == 144);
    assert!(offset_of!(lws_context_creation_info, max_http_header_pool) == 146);
    assert!(offset_of!(lws_context_creation_info, ssl_private_key_password) == 152);
    assert!(offset_of!(lws_context_creation_info, ssl_cert_filepath) == 160);
    assert!(offset_of!(lws_context_creation_info, ssl_private_key_filepath) == 168);
    assert!(offset_of!(lws_context_creation_info, ssl_ca_filepath) == 176);
    assert!(offset_of!(lws_context_creation_info, ssl_cipher_list) == 184);
    assert!(offset_of!(lws_context_creation_info, ecdh_curve) == 192);
    assert!(offset_of!(lws_context_creation_info, tls1_3_plus_cipher_list) == 200);
    assert!(offset_of!(lws_context_creation_info, server_ssl_cert_mem) == 208);
    assert!(offset_of!(lws_context_creation_info, server_ssl_private_key_mem) == 216);
    assert!(offset_of!(lws_context_creation_info, server_ssl_ca_mem) == 224);
    assert!(offset_of!(lws_context_creation_info, ssl_options_set) == 232);
    assert!(offset_of!(lws_context_creation_info, ssl_options_clear) == 240);
    assert!(offset_of!(lws_context_creation_info, simultaneous_ssl_restriction) == 248);
    assert!(offset_of!(lws_context_creation_info, simultaneous_ssl_handshake_restriction) == 252);
    assert!(offset_of!(lws_context_creation_info, ssl_info_event_mask) == 256);
    assert!(offset_of!(lws_context_creation_info, server_ssl_cert_mem_len) == 260);
    assert!(offset_of!(lws_context_creation_info, server_ssl_private_key_mem_len) == 264);
    assert!(offset_of!(lws_context_creation_info, server_ssl_ca_mem_len) == 268);
    assert!(offset_of!(lws_context_creation_info, alpn) == 272);
    assert!(offset_of!(lws_context_creation_info, client_ssl_private_key_password) == 280);
    assert!(offset_of!(lws_context_creation_info, client_ssl_cert_filepath) == 288);
    assert!(offset_of!(lws_context_creation_info, client_ssl_cert_mem) == 296);
    assert!(offset_of!(lws_context_creation_info, client_ssl_cert_mem_len) == 304);
    assert!(offset_of!(lws_context_creation_info, client_ssl_private_key_filepath) == 312);
    assert!(offset_of!(lws_context_creation_info, client_ssl_key_mem) == 320);
    assert!(offset_of!(lws_context_creation_info, client_ssl_ca_filepath) == 328);
    assert!(offset_of!(lws_context_creation_info, client_ssl_ca_mem) == 336);
    assert!(offset_of!(lws_context_creation_info, client_ssl_cipher_list) == 344);
    assert!(offset_of!(lws_context_creation_info, client_tls_1_3_plus_cipher_list) == 352);
    assert!(offset_of!(lws_context_creation_info, ssl_client_options_set) == 360);
    assert!(offset_of!(lws_context_creation_info, ssl_client_options_clear) == 368);
    assert!(offset_of!(lws_context_creation_info, client_ssl_ca_mem_len) == 376);
    assert!(offset_of!(lws_context_creation_info, client_ssl_key_mem_len) == 380);
    assert!(offset_of!(lws_context_creation_info, provided_client_ssl_ctx) == 384);
    assert!(offset_of!(lws_context_creation_info, ka_time) == 392);
    assert!(offset_of!(lws_context_creation_info, ka_probes) == 396);
    assert!(offset_of!(lws_context_creation_info, ka_interval) == 400);
    assert!(offset_of!(lws_context_creation_info, timeout_secs) == 404);
    assert!(offset_of!(lws_context_creation_info, connect_timeout_secs) == 408);
    assert!(offset_of!(lws_context_creation_info, bind_iface) == 412);
    assert!(offset_of!(lws_context_creation_info, timeout_secs_ah_idle) == 416);
    assert!(offset_of!(lws_context_creation_info, tls_session_timeout) == 420);
    assert!(offset_of!(lws_context_creation_info, tls_session_cache_max) == 424);
    assert!(offset_of!(lws_context_creation_info, gid) == 428);
    assert!(offset_of!(lws_context_creation_info, uid) == 432);
    assert!(offset_of!(lws_context_creation_info, options) == 440);
    assert!(offset_of!(lws_context_creation_info, user) == 448);
    assert!(offset_of!(lws_context_creation_info, count_threads) == 456);
    assert!(offset_of!(lws_context_creation_info, fd_limit_per_thread) == 460);
    assert!(offset_of!(lws_context_creation_info, vhost_name) == 464);
    assert!(offset_of!(lws_context_creation_info, external_baggage_free_on_destroy) == 472);
    assert!(offset_of!(lws_context_creation_info, pt_serv_buf_size) == 480);
    assert!(offset_of!(lws_context_creation_info, fops) == 488);
    assert!(offset_of!(lws_context_creation_info, caps) == 496);
    assert!(offset_of!(lws_context_creation_info, count_caps) == 512);
    assert!(offset_of!(lws_context_creation_info, foreign_loops) == 520);
    assert!(offset_of!(lws_context_creation_info, signal_cb) == 528);
    assert!(offset_of!(lws_context_creation_info, pcontext) == 536);
    assert!(offset_of!(lws_context_creation_info, finalize) == 544);
    assert!(offset_of!(lws_context_creation_info, finalize_arg) == 552);
    assert!(offset_of!(lws_context_creation_info, listen_accept_role) == 560);
    assert!(offset_of!(lws_context_creation_info, listen_accept_protocol) == 568);
    assert!(offset_of!(lws_context_creation_info, pprotocols) == 576);
    assert!(offset_of!(lws_context_creation_info, username) == 584);
    assert!(offset_of!(lws_context_creation_info, groupname) == 592);
    assert!(offset_of!(lws_context_creation_info, unix_socket_perms) == 600);
    assert!(offset_of!(lws_context_creation_info, system_ops) == 608);
    assert!(offset_of!(lws_context_creation_info, retry_and_idle_policy) == 616);
    assert!(offset_of!(lws_context_creation_info, register_notifier_list) == 624);
    assert!(offset_of!(lws_context_creation_info, rlimit_nofile) == 632);
    assert!(offset_of!(lws_context_creation_info, early_smd_cb) == 640);
    assert!(offset_of!(lws_context_creation_info, early_smd_opaque) == 648);
    assert!(offset_of!(lws_context_creation_info, early_smd_class_filter) == 656);
    assert!(offset_of!(lws_context_creation_info, smd_ttl_us) == 664);
    assert!(offset_of!(lws_context_creation_info, smd_queue_depth) == 672);
    assert!(offset_of!(lws_context_creation_info, fo_listen_queue) == 676);
    assert!(offset_of!(lws_context_creation_info, event_lib_custom) == 680);
    assert!(offset_of!(lws_context_creation_info, log_cx) == 688);
    assert!(offset_of!(lws_context_creation_info, http_nsc_filepath) == 696);
    assert!(offset_of!(lws_context_creation_info, http_nsc_heap_max_footprint) == 704);
    assert!(offset_of!(lws_context_creation_info, http_nsc_heap_max_items) == 712);
    assert!(offset_of!(lws_context_creation_info, http_nsc_heap_max_payload) == 720);
    assert!(offset_of!(lws_context_creation_info, _unused) == 728);
};

/// Where a part of the URL space of a vhost is served from.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_http_mount {
    /// The next mount, or NULL.
    pub mount_next: *const lws_http_mount,
    /// Prefix of the URLs.
    pub mountpoint: *const c_char,
    /// FILE: folder; CALLBACK: name of the protocol; redirects: host and path.
    pub origin: *const c_char,
    /// File for a URL that is a folder; NULL: index.html.
    pub def: *const c_char,
    /// Name of a protocol that requests below the mount are bound to; NULL: none.
    pub protocol: *const c_char,
    /// Options given to that protocol with LWS_CALLBACK_HTTP_PMO.
    pub cgienv: *const lws_protocol_vhost_options,
    /// Suffixes and their types, besides the known ones.
    pub extra_mimetypes: *const lws_protocol_vhost_options,
    /// Suffixes of files to pass through LWS_CALLBACK_PROCESS_HTML, and the protocols to do it.
    pub interpret: *const lws_protocol_vhost_options,
    /// Seconds a CGI may take.
    pub cgi_timeout: c_int,
    /// Seconds that clients may keep files.
    pub cache_max_age: c_int,
    /// Who checks credentials (AUTH_MODE_MASK), and bits for LWS_CALLBACK_CHECK_ACCESS_RIGHTS.
    pub auth_mask: c_uint,
    /// Bits 0: `cache_reusable`, 1: `cache_revalidate`, 2: `cache_intermediaries`.
    pub bits: u8,
    /// What the origin is; see enum lws_mount_protocols.
    pub origin_protocol: c_uchar,
    /// Length of mountpoint; must be set.
    pub mountpoint_len: c_uchar,
    /// File of `user:password` lines; NULL: no such check.
    pub basic_auth_login_file: *const c_char,
}
const _: () = {
    assert!(size_of::<lws_http_mount>() == 88);
    assert!(align_of::<lws_http_mount>() == 8);
    assert!(offset_of!(lws_http_mount, mount_next) == 0);
    assert!(offset_of!(lws_http_mount, mountpoint) == 8);
    assert!(offset_of!(lws_http_mount, origin) == 16);
    assert!(offset_of!(lws_http_mount, def) == 24);
    assert!(offset_of!(lws_http_mount, protocol) == 32);
    assert!(offset_of!(lws_http_mount, cgienv) == 40);
    assert!(offset_of!(lws_http_mount, extra_mimetypes) == 48);
    assert!(offset_of!(lws_http_mount, interpret) == 56);
    assert!(offset_of!(lws_http_mount, cgi_timeout) == 64);
    assert!(offset_of!(lws_http_mount, cache_max_age) == 68);
    assert!(offset_of!(lws_http_mount, auth_mask) == 72);
    assert!(offset_of!(lws_http_mount, bits) == 76);
    assert!(offset_of!(lws_http_mount, origin_protocol) == 77);
    assert!(offset_of!(lws_http_mount, mountpoint_len) == 78);
    assert!(offset_of!(lws_http_mount, basic_auth_login_file) == 80);
};

/// A node of a list of name and value pairs, with children: per-vhost options, extra headers, mimetypes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_protocol_vhost_options {
    /// The next on this level, or NULL.
    pub next: *const lws_protocol_vhost_options,
    /// The first of its children, or NULL.
    pub options: *const lws_protocol_vhost_options,
    /// What it is.
    pub name: *const c_char,
    /// Its value.
    pub value: *const c_char,
}
const _: () = {
    assert!(size_of::<lws_protocol_vhost_options>() == 32);
    assert!(align_of::<lws_protocol_vhost_options>() == 8);
    assert!(offset_of!(lws_protocol_vhost_options, next) == 0);
    assert!(offset_of!(lws_protocol_vhost_options, options) == 8);
    assert!(offset_of!(lws_protocol_vhost_options, name) == 16);
    assert!(offset_of!(lws_protocol_vhost_options, value) == 24);
};

pub const AUTH_MODE_MASK: c_uint = 4026531840;
/// Server: all connections go to listen_accept_role.
pub const LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG: u64 = 0x400000;
/// Server, with ALLOW_NON_SSL_ON_SSL_PORT: serve plain requests.
pub const LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER: u64 = 0x20000000;
/// Server: other processes may listen on the same port.
pub const LWS_SERVER_OPTION_ALLOW_LISTEN_SHARE: u64 = 0x800000;
/// Server: look at plain connections to a TLS port instead of dropping them.
pub const LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT: u64 = 0x1008;
/// Server: prepare TLS although no certificate is given yet.
pub const LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX: u64 = 0x1000000;
/// IPv4 only.
pub const LWS_SERVER_OPTION_DISABLE_IPV6: u64 = 32;
/// Client: do not trust the authorities of the system.
pub const LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS: u64 = 64;
/// Client: do not resume TLS sessions.
pub const LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE: u64 = 0x8000000000;
/// Use TLS at all.
pub const LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT: u64 = 4096;
/// Context: make no vhost; the program does, with lws_create_vhost().
pub const LWS_SERVER_OPTION_EXPLICIT_VHOSTS: u64 = 0x2000;
/// Server: fail if iface does not exist.
pub const LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND: u64 = 0x40000000;
/// Server: what does not begin as HTTP goes to listen_accept_role.
pub const LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG: u64 = 0x100000;
/// Older name.
pub const LWS_SERVER_OPTION_FALLBACK_TO_RAW: u64 = 0x100000;
/// Use the glib event loop.
pub const LWS_SERVER_OPTION_GLIB: u64 = 0x200000000;
/// HTTP/2: forgive an overflow of the window.
pub const LWS_SERVER_OPTION_H2_JUST_FIX_WINDOW_UPDATE_OVERFLOW: u64 = 0x80000000;
/// Server: plain connections are HTTP/2 from the first byte.
pub const LWS_SERVER_OPTION_H2_PRIOR_KNOWLEDGE: u64 = 0x400000000;
/// Server: send headers that restrict what pages may do.
pub const LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE: u64 = 0x10000000;
/// Server: start although certificate files are missing.
pub const LWS_SERVER_OPTION_IGNORE_MISSING_CERT: u64 = 0x4000000;
/// Server: set IPV6_V6ONLY as IPV6_V6ONLY_VALUE says.
pub const LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY: u64 = 0x10000;
/// Server: see IPV6_V6ONLY_MODIFY.
pub const LWS_SERVER_OPTION_IPV6_V6ONLY_VALUE: u64 = 0x20000;
/// Client: send the origin as it is given.
pub const LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN: u64 = 0x80000;
/// Use the libev event loop.
pub const LWS_SERVER_OPTION_LIBEV: u64 = 16;
/// Use the libevent event loop.
pub const LWS_SERVER_OPTION_LIBEVENT: u64 = 0x200000;
/// Use the libuv event loop.
pub const LWS_SERVER_OPTION_LIBUV: u64 = 1024;
/// Do not run the system states.
pub const LWS_SERVER_OPTION_NO_LWS_SYSTEM_STATES: u64 = 0x800000000;
/// Older name.
pub const LWS_SERVER_OPTION_ONLY_RAW: u64 = 0x400000;
/// Server: a client certificate is optional.
pub const LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED: u64 = 128;
/// Server, with ALLOW_NON_SSL_ON_SSL_PORT: redirect plain requests to https.
pub const LWS_SERVER_OPTION_REDIRECT_HTTP_TO_HTTPS: u64 = 0x1800;
/// Server: ask for a client certificate and require it.
pub const LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT: u64 = 0x1002;
/// Use the sd-event event loop.
pub const LWS_SERVER_OPTION_SDEVENT: u64 = 0x2000000000;
/// Do not initialise the protocols.
pub const LWS_SERVER_OPTION_SKIP_PROTOCOL_INIT: u64 = 0x2000000;
/// Do not look up the name of this machine.
pub const LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME: u64 = 4;
/// Without effect.
pub const LWS_SERVER_OPTION_SSL_ECDH: u64 = 0x1200;
/// Not built.
pub const LWS_SERVER_OPTION_SS_PROXY: u64 = 0x1000000000;
/// Server: send Strict-Transport-Security.
pub const LWS_SERVER_OPTION_STS: u64 = 0x8000;
/// Use the uloop event loop.
pub const LWS_SERVER_OPTION_ULOOP: u64 = 0x4000000000;
/// Server: iface is the path of a unix socket.
pub const LWS_SERVER_OPTION_UNIX_SOCK: u64 = 0x4000;
/// libuv: handle only SIGINT and SIGTERM.
pub const LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN: u64 = 0x40000;
/// Check that text messages are UTF-8.
pub const LWS_SERVER_OPTION_VALIDATE_UTF8: u64 = 256;
/// Server: websocket requests must name the vhost in Host.
pub const LWS_SERVER_OPTION_VHOST_UPG_STRICT_HOST_CHECK: u64 = 0x8000000;
/// Server: half-closed HTTP/2 streams have no timeout.
pub const LWS_SERVER_OPTION_VH_H2_HALF_CLOSED_LONG_POLL: u64 = 0x100000000;

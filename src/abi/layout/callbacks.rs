//! The callback reasons, and the structs that travel behind the `in` and `user` pointers of callbacks.
#![allow(non_camel_case_types)]
use super::*;
use libc::{sockaddr_storage, socklen_t};
use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};
use std::mem::offset_of;

/// The callback of a protocol: connection, reason, session data, `in`, `len`.
pub type lws_callback_function = Option<
    unsafe extern "C" fn(
        wsi: *mut lws,
        reason: lws_callback_reasons,
        user: *mut c_void,
        r#in: *mut c_void,
        len: usize,
    ) -> c_int,
>;

/// Indexes into the elements of a certificate request.
pub type lws_tls_req_elements = usize;
pub const LWS_TLS_REQ_ELEMENT_COUNTRY: lws_tls_req_elements = 0;
pub const LWS_TLS_REQ_ELEMENT_STATE: lws_tls_req_elements = 1;
pub const LWS_TLS_REQ_ELEMENT_LOCALITY: lws_tls_req_elements = 2;
pub const LWS_TLS_REQ_ELEMENT_ORGANIZATION: lws_tls_req_elements = 3;
pub const LWS_TLS_REQ_ELEMENT_COMMON_NAME: lws_tls_req_elements = 4;
pub const LWS_TLS_REQ_ELEMENT_SUBJECT_ALT_NAME: lws_tls_req_elements = 5;
pub const LWS_TLS_REQ_ELEMENT_EMAIL: lws_tls_req_elements = 6;
pub const LWS_TLS_REQ_ELEMENT_COUNT: lws_tls_req_elements = 7;
pub const LWS_TLS_SET_DIR_URL: lws_tls_req_elements = 7;
pub const LWS_TLS_SET_AUTH_PATH: lws_tls_req_elements = 8;
pub const LWS_TLS_SET_CERT_PATH: lws_tls_req_elements = 9;
pub const LWS_TLS_SET_KEY_PATH: lws_tls_req_elements = 10;
pub const LWS_TLS_TOTAL_COUNT: lws_tls_req_elements = 11;

/// Why a protocol callback is called.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_callback_reasons(pub c_uint);
/// Once per protocol and vhost, before its first connection; `in` is its list of options.
pub const LWS_CALLBACK_PROTOCOL_INIT: lws_callback_reasons = lws_callback_reasons(27);
/// Once per protocol and vhost, after its last connection.
pub const LWS_CALLBACK_PROTOCOL_DESTROY: lws_callback_reasons = lws_callback_reasons(28);
/// Protocol 0: a connection object has come into being.
pub const LWS_CALLBACK_WSI_CREATE: lws_callback_reasons = lws_callback_reasons(29);
/// Protocol 0: the last callback of a connection; the session data goes with it.
pub const LWS_CALLBACK_WSI_DESTROY: lws_callback_reasons = lws_callback_reasons(30);
pub const LWS_CALLBACK_WSI_TX_CREDIT_GET: lws_callback_reasons = lws_callback_reasons(103);
/// Protocol 0: the TLS context for clients of a vhost is ready; `user` is the SSL_CTX.
pub const LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS: lws_callback_reasons = lws_callback_reasons(21);
/// Protocol 0: the TLS context for the server of a vhost is ready; `user` is the SSL_CTX.
pub const LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS: lws_callback_reasons = lws_callback_reasons(22);
/// Protocol 0: a client has sent its certificate; nonzero refuses it.
pub const LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION: lws_callback_reasons = lws_callback_reasons(23);
/// A TLS event that ssl_info_event_mask asks for; `in` is a struct lws_ssl_info.
pub const LWS_CALLBACK_SSL_INFO: lws_callback_reasons = lws_callback_reasons(67);
/// Protocol 0: a server has sent its certificate; nonzero refuses it.
pub const LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION: lws_callback_reasons = lws_callback_reasons(58);
/// A connection was accepted, or a client connection started; nonzero drops an accepted one.
pub const LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: lws_callback_reasons = lws_callback_reasons(19);
/// A request; `in` is its path. Answer it, or return nonzero to close.
pub const LWS_CALLBACK_HTTP: lws_callback_reasons = lws_callback_reasons(12);
/// A piece of the request body: `in`, `len`.
pub const LWS_CALLBACK_HTTP_BODY: lws_callback_reasons = lws_callback_reasons(13);
/// The request body is complete.
pub const LWS_CALLBACK_HTTP_BODY_COMPLETION: lws_callback_reasons = lws_callback_reasons(14);
/// lws_serve_http_file() has sent its file.
pub const LWS_CALLBACK_HTTP_FILE_COMPLETION: lws_callback_reasons = lws_callback_reasons(15);
/// More of the response can be written.
pub const LWS_CALLBACK_HTTP_WRITEABLE: lws_callback_reasons = lws_callback_reasons(16);
/// An HTTP connection of the server has closed.
pub const LWS_CALLBACK_CLOSED_HTTP: lws_callback_reasons = lws_callback_reasons(5);
/// The headers of a request are there; `in` is its path, nonzero refuses it.
pub const LWS_CALLBACK_FILTER_HTTP_CONNECTION: lws_callback_reasons = lws_callback_reasons(18);
/// Headers can be added to a response; `in` is a struct lws_process_html_args.
pub const LWS_CALLBACK_ADD_HEADERS: lws_callback_reasons = lws_callback_reasons(53);
/// Check `user:password` in `in`; nonzero accepts it.
pub const LWS_CALLBACK_VERIFY_BASIC_AUTHORIZATION: lws_callback_reasons = lws_callback_reasons(102);
/// May this request be served? `in` is a struct lws_process_html_args; nonzero refuses it.
pub const LWS_CALLBACK_CHECK_ACCESS_RIGHTS: lws_callback_reasons = lws_callback_reasons(51);
/// A piece of a file to substitute in; `in` is a struct lws_process_html_args.
pub const LWS_CALLBACK_PROCESS_HTML: lws_callback_reasons = lws_callback_reasons(52);
/// A server connection is bound to this protocol.
pub const LWS_CALLBACK_HTTP_BIND_PROTOCOL: lws_callback_reasons = lws_callback_reasons(49);
/// It is no longer bound to it.
pub const LWS_CALLBACK_HTTP_DROP_PROTOCOL: lws_callback_reasons = lws_callback_reasons(50);
/// A request to upgrade to what `in` names; positive: handled here, negative: close.
pub const LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: lws_callback_reasons = lws_callback_reasons(86);
/// The response headers are there; nonzero closes.
pub const LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP: lws_callback_reasons = lws_callback_reasons(44);
/// An HTTP client connection has closed.
pub const LWS_CALLBACK_CLOSED_CLIENT_HTTP: lws_callback_reasons = lws_callback_reasons(45);
/// A piece of the response body: `in`, `len`.
pub const LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ: lws_callback_reasons = lws_callback_reasons(48);
/// There is response body to fetch with lws_http_client_read().
pub const LWS_CALLBACK_RECEIVE_CLIENT_HTTP: lws_callback_reasons = lws_callback_reasons(46);
/// The response is complete.
pub const LWS_CALLBACK_COMPLETED_CLIENT_HTTP: lws_callback_reasons = lws_callback_reasons(47);
/// More of the request body can be written.
pub const LWS_CALLBACK_CLIENT_HTTP_WRITEABLE: lws_callback_reasons = lws_callback_reasons(57);
/// The server redirects to `in`, with status `len`; nonzero does not follow.
pub const LWS_CALLBACK_CLIENT_HTTP_REDIRECT: lws_callback_reasons = lws_callback_reasons(104);
/// A client connection is bound to this protocol.
pub const LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL: lws_callback_reasons = lws_callback_reasons(85);
/// It is no longer bound to it.
pub const LWS_CALLBACK_CLIENT_HTTP_DROP_PROTOCOL: lws_callback_reasons = lws_callback_reasons(76);
/// The server has completed a websocket handshake; nonzero closes.
pub const LWS_CALLBACK_ESTABLISHED: lws_callback_reasons = lws_callback_reasons(0);
/// A websocket connection of the server has closed.
pub const LWS_CALLBACK_CLOSED: lws_callback_reasons = lws_callback_reasons(4);
/// The server can write to the websocket.
pub const LWS_CALLBACK_SERVER_WRITEABLE: lws_callback_reasons = lws_callback_reasons(11);
/// Websocket payload for the server: `in`, `len`.
pub const LWS_CALLBACK_RECEIVE: lws_callback_reasons = lws_callback_reasons(6);
/// A pong for the server.
pub const LWS_CALLBACK_RECEIVE_PONG: lws_callback_reasons = lws_callback_reasons(7);
/// The peer closes; `in` is the code in network order and the reason. Nonzero hangs up without an answer.
pub const LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: lws_callback_reasons = lws_callback_reasons(38);
/// A websocket handshake asks for the subprotocol `in`; nonzero refuses it.
pub const LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: lws_callback_reasons = lws_callback_reasons(20);
/// May the client use the extension `in`? Nonzero refuses it.
pub const LWS_CALLBACK_CONFIRM_EXTENSION_OKAY: lws_callback_reasons = lws_callback_reasons(25);
/// A websocket of the server is bound to this protocol.
pub const LWS_CALLBACK_WS_SERVER_BIND_PROTOCOL: lws_callback_reasons = lws_callback_reasons(77);
/// It is no longer bound to it.
pub const LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL: lws_callback_reasons = lws_callback_reasons(78);
/// A client connection has failed before it was established; `in` is the reason or NULL.
pub const LWS_CALLBACK_CLIENT_CONNECTION_ERROR: lws_callback_reasons = lws_callback_reasons(1);
/// The response to the handshake can be looked at; nonzero refuses the connection.
pub const LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH: lws_callback_reasons = lws_callback_reasons(2);
/// The client has completed a websocket handshake; nonzero closes.
pub const LWS_CALLBACK_CLIENT_ESTABLISHED: lws_callback_reasons = lws_callback_reasons(3);
/// A websocket connection of the client has closed.
pub const LWS_CALLBACK_CLIENT_CLOSED: lws_callback_reasons = lws_callback_reasons(75);
/// Headers can be added to the request: `in` is the address of the write position, `len` the room.
pub const LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: lws_callback_reasons = lws_callback_reasons(24);
/// Websocket payload for the client: `in`, `len`.
pub const LWS_CALLBACK_CLIENT_RECEIVE: lws_callback_reasons = lws_callback_reasons(8);
/// A pong for the client.
pub const LWS_CALLBACK_CLIENT_RECEIVE_PONG: lws_callback_reasons = lws_callback_reasons(9);
/// The client can write to the websocket.
pub const LWS_CALLBACK_CLIENT_WRITEABLE: lws_callback_reasons = lws_callback_reasons(10);
/// Protocol 0: shall the extension `in` be offered? Nonzero leaves it out.
pub const LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED: lws_callback_reasons = lws_callback_reasons(26);
/// Options for the extension that `user` names can be written to `in`.
pub const LWS_CALLBACK_WS_EXT_DEFAULTS: lws_callback_reasons = lws_callback_reasons(39);
/// A connection was accepted; `in` is the descriptor, nonzero closes it.
pub const LWS_CALLBACK_FILTER_NETWORK_CONNECTION: lws_callback_reasons = lws_callback_reasons(17);
/// A websocket of the client is bound to this protocol.
pub const LWS_CALLBACK_WS_CLIENT_BIND_PROTOCOL: lws_callback_reasons = lws_callback_reasons(79);
/// It is no longer bound to it.
pub const LWS_CALLBACK_WS_CLIENT_DROP_PROTOCOL: lws_callback_reasons = lws_callback_reasons(80);
/// Protocol 0: return what identifies the thread; 0 does not tell.
pub const LWS_CALLBACK_GET_THREAD_ID: lws_callback_reasons = lws_callback_reasons(31);
/// External poll: begin to watch a descriptor; `in` is a struct lws_pollargs.
pub const LWS_CALLBACK_ADD_POLL_FD: lws_callback_reasons = lws_callback_reasons(32);
/// External poll: stop watching it.
pub const LWS_CALLBACK_DEL_POLL_FD: lws_callback_reasons = lws_callback_reasons(33);
/// External poll: watch it for other events.
pub const LWS_CALLBACK_CHANGE_MODE_POLL_FD: lws_callback_reasons = lws_callback_reasons(34);
/// External poll: the set of descriptors is about to change.
pub const LWS_CALLBACK_LOCK_POLL: lws_callback_reasons = lws_callback_reasons(35);
/// External poll: it has changed.
pub const LWS_CALLBACK_UNLOCK_POLL: lws_callback_reasons = lws_callback_reasons(36);
pub const LWS_CALLBACK_CGI: lws_callback_reasons = lws_callback_reasons(40);
pub const LWS_CALLBACK_CGI_TERMINATED: lws_callback_reasons = lws_callback_reasons(41);
pub const LWS_CALLBACK_CGI_STDIN_DATA: lws_callback_reasons = lws_callback_reasons(42);
pub const LWS_CALLBACK_CGI_STDIN_COMPLETED: lws_callback_reasons = lws_callback_reasons(43);
pub const LWS_CALLBACK_CGI_PROCESS_ATTACH: lws_callback_reasons = lws_callback_reasons(70);
pub const LWS_CALLBACK_SESSION_INFO: lws_callback_reasons = lws_callback_reasons(54);
pub const LWS_CALLBACK_GS_EVENT: lws_callback_reasons = lws_callback_reasons(55);
/// The options of a mount are in `in`.
pub const LWS_CALLBACK_HTTP_PMO: lws_callback_reasons = lws_callback_reasons(56);
pub const LWS_CALLBACK_RAW_PROXY_CLI_RX: lws_callback_reasons = lws_callback_reasons(89);
pub const LWS_CALLBACK_RAW_PROXY_SRV_RX: lws_callback_reasons = lws_callback_reasons(90);
pub const LWS_CALLBACK_RAW_PROXY_CLI_CLOSE: lws_callback_reasons = lws_callback_reasons(91);
pub const LWS_CALLBACK_RAW_PROXY_SRV_CLOSE: lws_callback_reasons = lws_callback_reasons(92);
pub const LWS_CALLBACK_RAW_PROXY_CLI_WRITEABLE: lws_callback_reasons = lws_callback_reasons(93);
pub const LWS_CALLBACK_RAW_PROXY_SRV_WRITEABLE: lws_callback_reasons = lws_callback_reasons(94);
pub const LWS_CALLBACK_RAW_PROXY_CLI_ADOPT: lws_callback_reasons = lws_callback_reasons(95);
pub const LWS_CALLBACK_RAW_PROXY_SRV_ADOPT: lws_callback_reasons = lws_callback_reasons(96);
pub const LWS_CALLBACK_RAW_PROXY_CLI_BIND_PROTOCOL: lws_callback_reasons = lws_callback_reasons(97);
pub const LWS_CALLBACK_RAW_PROXY_SRV_BIND_PROTOCOL: lws_callback_reasons = lws_callback_reasons(98);
pub const LWS_CALLBACK_RAW_PROXY_CLI_DROP_PROTOCOL: lws_callback_reasons = lws_callback_reasons(99);
pub const LWS_CALLBACK_RAW_PROXY_SRV_DROP_PROTOCOL: lws_callback_reasons = lws_callback_reasons(100);
/// Bytes on a raw connection: `in`, `len`.
pub const LWS_CALLBACK_RAW_RX: lws_callback_reasons = lws_callback_reasons(59);
/// A raw connection has closed.
pub const LWS_CALLBACK_RAW_CLOSE: lws_callback_reasons = lws_callback_reasons(60);
/// A raw connection can be written to.
pub const LWS_CALLBACK_RAW_WRITEABLE: lws_callback_reasons = lws_callback_reasons(61);
/// A raw connection was adopted.
pub const LWS_CALLBACK_RAW_ADOPT: lws_callback_reasons = lws_callback_reasons(62);
/// A raw client connection is established.
pub const LWS_CALLBACK_RAW_CONNECTED: lws_callback_reasons = lws_callback_reasons(101);
/// A raw connection is bound to this protocol.
pub const LWS_CALLBACK_RAW_SKT_BIND_PROTOCOL: lws_callback_reasons = lws_callback_reasons(81);
/// It is no longer bound to it.
pub const LWS_CALLBACK_RAW_SKT_DROP_PROTOCOL: lws_callback_reasons = lws_callback_reasons(82);
/// A file descriptor was adopted.
pub const LWS_CALLBACK_RAW_ADOPT_FILE: lws_callback_reasons = lws_callback_reasons(63);
/// A file descriptor can be read; the program reads it.
pub const LWS_CALLBACK_RAW_RX_FILE: lws_callback_reasons = lws_callback_reasons(64);
/// A file descriptor can be written to.
pub const LWS_CALLBACK_RAW_WRITEABLE_FILE: lws_callback_reasons = lws_callback_reasons(65);
/// A file descriptor is given up.
pub const LWS_CALLBACK_RAW_CLOSE_FILE: lws_callback_reasons = lws_callback_reasons(66);
/// A file descriptor is bound to this protocol.
pub const LWS_CALLBACK_RAW_FILE_BIND_PROTOCOL: lws_callback_reasons = lws_callback_reasons(83);
/// It is no longer bound to it.
pub const LWS_CALLBACK_RAW_FILE_DROP_PROTOCOL: lws_callback_reasons = lws_callback_reasons(84);
/// The timer of lws_set_timer_usecs() is due.
pub const LWS_CALLBACK_TIMER: lws_callback_reasons = lws_callback_reasons(73);
/// Every protocol, in the service thread: somebody called lws_cancel_service(). Return 0.
pub const LWS_CALLBACK_EVENT_WAIT_CANCELLED: lws_callback_reasons = lws_callback_reasons(71);
/// To the parent: the child `in` closes.
pub const LWS_CALLBACK_CHILD_CLOSING: lws_callback_reasons = lws_callback_reasons(69);
/// Just before a client connects; `in` is the descriptor, nonzero gives up.
pub const LWS_CALLBACK_CONNECTING: lws_callback_reasons = lws_callback_reasons(105);
/// A certificate of the server ages; `in` is a struct lws_acme_cert_aging_args, `len` the days left.
pub const LWS_CALLBACK_VHOST_CERT_AGING: lws_callback_reasons = lws_callback_reasons(72);
pub const LWS_CALLBACK_VHOST_CERT_UPDATE: lws_callback_reasons = lws_callback_reasons(74);
pub const LWS_CALLBACK_MQTT_NEW_CLIENT_INSTANTIATED: lws_callback_reasons = lws_callback_reasons(200);
pub const LWS_CALLBACK_MQTT_IDLE: lws_callback_reasons = lws_callback_reasons(201);
pub const LWS_CALLBACK_MQTT_CLIENT_ESTABLISHED: lws_callback_reasons = lws_callback_reasons(202);
pub const LWS_CALLBACK_MQTT_SUBSCRIBED: lws_callback_reasons = lws_callback_reasons(203);
pub const LWS_CALLBACK_MQTT_CLIENT_WRITEABLE: lws_callback_reasons = lws_callback_reasons(204);
pub const LWS_CALLBACK_MQTT_CLIENT_RX: lws_callback_reasons = lws_callback_reasons(205);
pub const LWS_CALLBACK_MQTT_UNSUBSCRIBED: lws_callback_reasons = lws_callback_reasons(206);
pub const LWS_CALLBACK_MQTT_DROP_PROTOCOL: lws_callback_reasons = lws_callback_reasons(207);
pub const LWS_CALLBACK_MQTT_CLIENT_CLOSED: lws_callback_reasons = lws_callback_reasons(208);
pub const LWS_CALLBACK_MQTT_ACK: lws_callback_reasons = lws_callback_reasons(209);
pub const LWS_CALLBACK_MQTT_RESEND: lws_callback_reasons = lws_callback_reasons(210);
pub const LWS_CALLBACK_MQTT_UNSUBSCRIBE_TIMEOUT: lws_callback_reasons = lws_callback_reasons(211);
pub const LWS_CALLBACK_MQTT_SHADOW_TIMEOUT: lws_callback_reasons = lws_callback_reasons(212);
/// From here on: for programs, the library does not use them.
pub const LWS_CALLBACK_USER: lws_callback_reasons = lws_callback_reasons(1000);

/// How far an automatic certificate update has come.
pub type lws_cert_update_state = c_uint;
pub const LWS_CUS_IDLE: lws_cert_update_state = 0;
pub const LWS_CUS_STARTING: lws_cert_update_state = 1;
pub const LWS_CUS_SUCCESS: lws_cert_update_state = 2;
pub const LWS_CUS_FAILED: lws_cert_update_state = 3;
pub const LWS_CUS_CREATE_KEYS: lws_cert_update_state = 4;
pub const LWS_CUS_REG: lws_cert_update_state = 5;
pub const LWS_CUS_AUTH: lws_cert_update_state = 6;
pub const LWS_CUS_CHALLENGE: lws_cert_update_state = 7;
pub const LWS_CUS_CREATE_REQ: lws_cert_update_state = 8;
pub const LWS_CUS_REQ: lws_cert_update_state = 9;
pub const LWS_CUS_CONFIRM: lws_cert_update_state = 10;
pub const LWS_CUS_ISSUE: lws_cert_update_state = 11;

/// What `LWS_CALLBACK_VHOST_CERT_AGING` passes in `in`: the vhost whose certificate ages, and overrides for the
/// request.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_acme_cert_aging_args {
    pub vh: *mut lws_vhost,
    pub element_overrides: [*const c_char; 11],
}
const _: () = {
    assert!(size_of::<lws_acme_cert_aging_args>() == 96);
    assert!(align_of::<lws_acme_cert_aging_args>() == 8);
    assert!(offset_of!(lws_acme_cert_aging_args, vh) == 0);
    assert!(offset_of!(lws_acme_cert_aging_args, element_overrides) == 8);
};

/// What `LWS_CALLBACK_FILTER_NETWORK_CONNECTION` passes in `user` about the new socket.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_filter_network_conn_args {
    pub cli_addr: sockaddr_storage,
    pub clilen: socklen_t,
    pub accept_fd: lws_sockfd_type,
}
const _: () = {
    assert!(size_of::<lws_filter_network_conn_args>() == 136);
    assert!(align_of::<lws_filter_network_conn_args>() == 8);
    assert!(offset_of!(lws_filter_network_conn_args, cli_addr) == 0);
    assert!(offset_of!(lws_filter_network_conn_args, clilen) == 128);
    assert!(offset_of!(lws_filter_network_conn_args, accept_fd) == 132);
};

/// What `LWS_CALLBACK_SSL_INFO` passes in `in`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_ssl_info {
    pub r#where: c_int,
    pub ret: c_int,
}
const _: () = {
    assert!(size_of::<lws_ssl_info>() == 8);
    assert!(align_of::<lws_ssl_info>() == 4);
    assert!(offset_of!(lws_ssl_info, r#where) == 0);
    assert!(offset_of!(lws_ssl_info, ret) == 4);
};

pub const LWS_CB_REASON_AUX_BF__CGI: c_int = 1;
pub const LWS_CB_REASON_AUX_BF__CGI_CHUNK_END: c_int = 4;
pub const LWS_CB_REASON_AUX_BF__CGI_HEADERS: c_int = 8;
pub const LWS_CB_REASON_AUX_BF__PROXY: c_int = 2;
pub const LWS_CB_REASON_AUX_BF__PROXY_HEADERS: c_int = 32;
pub const LWS_CB_REASON_AUX_BF__PROXY_TRANS_END: c_int = 16;

/// How far the headers of a CGI have been parsed.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_cgi_hdr_state(pub c_uint);
pub const LCHS_HEADER: lws_cgi_hdr_state = lws_cgi_hdr_state(0);
pub const LCHS_CR1: lws_cgi_hdr_state = lws_cgi_hdr_state(1);
pub const LCHS_LF1: lws_cgi_hdr_state = lws_cgi_hdr_state(2);
pub const LCHS_CR2: lws_cgi_hdr_state = lws_cgi_hdr_state(3);
pub const LCHS_LF2: lws_cgi_hdr_state = lws_cgi_hdr_state(4);
pub const LHCS_RESPONSE: lws_cgi_hdr_state = lws_cgi_hdr_state(5);
pub const LHCS_DUMP_HEADERS: lws_cgi_hdr_state = lws_cgi_hdr_state(6);
pub const LHCS_PAYLOAD: lws_cgi_hdr_state = lws_cgi_hdr_state(7);
pub const LCHS_SINGLE_0A: lws_cgi_hdr_state = lws_cgi_hdr_state(8);

/// Which of the standard streams of a CGI.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_enum_stdinouterr(pub c_uint);
pub const LWS_STDIN: lws_enum_stdinouterr = lws_enum_stdinouterr(0);
pub const LWS_STDOUT: lws_enum_stdinouterr = lws_enum_stdinouterr(1);
pub const LWS_STDERR: lws_enum_stdinouterr = lws_enum_stdinouterr(2);

/// What the `LWS_CALLBACK_CGI` family passes in `in`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_cgi_args {
    pub stdwsi: *mut *mut lws,
    pub ch: lws_enum_stdinouterr,
    pub data: *mut c_uchar,
    pub hdr_state: lws_cgi_hdr_state,
    pub len: c_int,
}
const _: () = {
    assert!(size_of::<lws_cgi_args>() == 32);
    assert!(align_of::<lws_cgi_args>() == 8);
    assert!(offset_of!(lws_cgi_args, stdwsi) == 0);
    assert!(offset_of!(lws_cgi_args, ch) == 8);
    assert!(offset_of!(lws_cgi_args, data) == 16);
    assert!(offset_of!(lws_cgi_args, hdr_state) == 24);
    assert!(offset_of!(lws_cgi_args, len) == 28);
};

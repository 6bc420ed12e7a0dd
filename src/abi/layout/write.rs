//! What is written to a connection, and close codes.
#![allow(non_camel_case_types)]
use std::ffi::{c_int, c_uint};

/// What `lws_write` sends: the low bits are a kind, the high bits flags.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_write_protocol(pub c_uint);
/// The first piece, or all, of a text message; valid UTF-8.
pub const LWS_WRITE_TEXT: lws_write_protocol = lws_write_protocol(0);
/// The first piece, or all, of a binary message.
pub const LWS_WRITE_BINARY: lws_write_protocol = lws_write_protocol(1);
/// A further piece of the message.
pub const LWS_WRITE_CONTINUATION: lws_write_protocol = lws_write_protocol(2);
/// A piece of an HTTP body, or raw bytes.
pub const LWS_WRITE_HTTP: lws_write_protocol = lws_write_protocol(3);
/// A ping with up to 125 bytes.
pub const LWS_WRITE_PING: lws_write_protocol = lws_write_protocol(5);
/// A pong with up to 125 bytes.
pub const LWS_WRITE_PONG: lws_write_protocol = lws_write_protocol(6);
/// The last piece of an HTTP body.
pub const LWS_WRITE_HTTP_FINAL: lws_write_protocol = lws_write_protocol(7);
/// A block of HTTP headers.
pub const LWS_WRITE_HTTP_HEADERS: lws_write_protocol = lws_write_protocol(8);
/// A further block of HTTP headers.
pub const LWS_WRITE_HTTP_HEADERS_CONTINUATION: lws_write_protocol = lws_write_protocol(9);
/// Has no effect.
pub const LWS_WRITE_BUFLIST: lws_write_protocol = lws_write_protocol(32);
/// More pieces of the message follow.
pub const LWS_WRITE_NO_FIN: lws_write_protocol = lws_write_protocol(64);
/// HTTP/2: nothing follows.
pub const LWS_WRITE_H2_STREAM_END: lws_write_protocol = lws_write_protocol(128);
/// Has no effect.
pub const LWS_WRITE_CLIENT_IGNORE_XOR_MASK: lws_write_protocol = lws_write_protocol(128);

pub const LWS_PRE: usize = 16;

pub const LWSTXCR_PEER_TO_US: c_int = 1;
pub const LWSTXCR_US_TO_PEER: c_int = 0;

/// Close codes of websocket (RFC 6455 §7.4), and a few that only the library uses.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_close_status(pub c_uint);
pub const LWS_CLOSE_STATUS_NOSTATUS: lws_close_status = lws_close_status(0);
pub const LWS_CLOSE_STATUS_NORMAL: lws_close_status = lws_close_status(1000);
pub const LWS_CLOSE_STATUS_GOINGAWAY: lws_close_status = lws_close_status(1001);
pub const LWS_CLOSE_STATUS_PROTOCOL_ERR: lws_close_status = lws_close_status(1002);
pub const LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE: lws_close_status = lws_close_status(1003);
pub const LWS_CLOSE_STATUS_RESERVED: lws_close_status = lws_close_status(1004);
pub const LWS_CLOSE_STATUS_NO_STATUS: lws_close_status = lws_close_status(1005);
pub const LWS_CLOSE_STATUS_ABNORMAL_CLOSE: lws_close_status = lws_close_status(1006);
pub const LWS_CLOSE_STATUS_INVALID_PAYLOAD: lws_close_status = lws_close_status(1007);
pub const LWS_CLOSE_STATUS_POLICY_VIOLATION: lws_close_status = lws_close_status(1008);
pub const LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE: lws_close_status = lws_close_status(1009);
pub const LWS_CLOSE_STATUS_EXTENSION_REQUIRED: lws_close_status = lws_close_status(1010);
pub const LWS_CLOSE_STATUS_UNEXPECTED_CONDITION: lws_close_status = lws_close_status(1011);
pub const LWS_CLOSE_STATUS_TLS_FAILURE: lws_close_status = lws_close_status(1015);
pub const LWS_CLOSE_STATUS_CLIENT_TRANSACTION_DONE: lws_close_status = lws_close_status(2000);
pub const LWS_CLOSE_STATUS_NOSTATUS_CONTEXT_DESTROY: lws_close_status = lws_close_status(9999);

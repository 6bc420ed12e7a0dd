//! Timers, timeouts and retry policies.
#![allow(non_camel_case_types)]
use super::*;
use std::ffi::{c_int, c_uint};
use std::mem::offset_of;

pub type lws_sorted_usec_list_t = lws_sorted_usec_list;

/// Called when a timer is due.
pub type sul_cb_t = Option<unsafe extern "C" fn(sul: *mut lws_sorted_usec_list)>;

/// What a connection waits for while its timeout runs.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct pending_timeout(pub c_uint);
/// No timeout.
pub const NO_PENDING_TIMEOUT: pending_timeout = pending_timeout(0);
pub const PENDING_TIMEOUT_AWAITING_PROXY_RESPONSE: pending_timeout = pending_timeout(1);
pub const PENDING_TIMEOUT_AWAITING_CONNECT_RESPONSE: pending_timeout = pending_timeout(2);
pub const PENDING_TIMEOUT_ESTABLISH_WITH_SERVER: pending_timeout = pending_timeout(3);
pub const PENDING_TIMEOUT_AWAITING_SERVER_RESPONSE: pending_timeout = pending_timeout(4);
pub const PENDING_TIMEOUT_AWAITING_PING: pending_timeout = pending_timeout(5);
pub const PENDING_TIMEOUT_CLOSE_ACK: pending_timeout = pending_timeout(6);
pub const PENDING_TIMEOUT_UNUSED1: pending_timeout = pending_timeout(7);
pub const PENDING_TIMEOUT_SENT_CLIENT_HANDSHAKE: pending_timeout = pending_timeout(8);
pub const PENDING_TIMEOUT_SSL_ACCEPT: pending_timeout = pending_timeout(9);
pub const PENDING_TIMEOUT_HTTP_CONTENT: pending_timeout = pending_timeout(10);
pub const PENDING_TIMEOUT_AWAITING_CLIENT_HS_SEND: pending_timeout = pending_timeout(11);
pub const PENDING_FLUSH_STORED_SEND_BEFORE_CLOSE: pending_timeout = pending_timeout(12);
pub const PENDING_TIMEOUT_SHUTDOWN_FLUSH: pending_timeout = pending_timeout(13);
pub const PENDING_TIMEOUT_CGI: pending_timeout = pending_timeout(14);
pub const PENDING_TIMEOUT_HTTP_KEEPALIVE_IDLE: pending_timeout = pending_timeout(15);
pub const PENDING_TIMEOUT_WS_PONG_CHECK_SEND_PING: pending_timeout = pending_timeout(16);
pub const PENDING_TIMEOUT_WS_PONG_CHECK_GET_PONG: pending_timeout = pending_timeout(17);
pub const PENDING_TIMEOUT_CLIENT_ISSUE_PAYLOAD: pending_timeout = pending_timeout(18);
pub const PENDING_TIMEOUT_AWAITING_SOCKS_GREETING_REPLY: pending_timeout = pending_timeout(19);
pub const PENDING_TIMEOUT_AWAITING_SOCKS_CONNECT_REPLY: pending_timeout = pending_timeout(20);
pub const PENDING_TIMEOUT_AWAITING_SOCKS_AUTH_REPLY: pending_timeout = pending_timeout(21);
pub const PENDING_TIMEOUT_KILLED_BY_SSL_INFO: pending_timeout = pending_timeout(22);
pub const PENDING_TIMEOUT_KILLED_BY_PARENT: pending_timeout = pending_timeout(23);
pub const PENDING_TIMEOUT_CLOSE_SEND: pending_timeout = pending_timeout(24);
pub const PENDING_TIMEOUT_HOLDING_AH: pending_timeout = pending_timeout(25);
pub const PENDING_TIMEOUT_UDP_IDLE: pending_timeout = pending_timeout(26);
pub const PENDING_TIMEOUT_CLIENT_CONN_IDLE: pending_timeout = pending_timeout(27);
pub const PENDING_TIMEOUT_LAGGING: pending_timeout = pending_timeout(28);
pub const PENDING_TIMEOUT_THREADPOOL: pending_timeout = pending_timeout(29);
pub const PENDING_TIMEOUT_THREADPOOL_TASK: pending_timeout = pending_timeout(30);
pub const PENDING_TIMEOUT_KILLED_BY_PROXY_CLIENT_CLOSE: pending_timeout = pending_timeout(31);
pub const PENDING_TIMEOUT_USER_OK: pending_timeout = pending_timeout(32);
/// From here on: for programs.
pub const PENDING_TIMEOUT_USER_REASON_BASE: pending_timeout = pending_timeout(1000);

/// A timer, embedded in an object of the program. All zero means not scheduled.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_sorted_usec_list {
    /// First member: the node in the list of timers.
    pub list: lws_dll2,
    /// When it is due, in the time of lws_now_usecs().
    pub us: lws_usec_t,
    /// Called when it is due.
    pub cb: sul_cb_t,
    /// Used by the library.
    pub latency_us: u32,
}
const _: () = {
    assert!(size_of::<lws_sorted_usec_list>() == 48);
    assert!(align_of::<lws_sorted_usec_list>() == 8);
    assert!(offset_of!(lws_sorted_usec_list, list) == 0);
    assert!(offset_of!(lws_sorted_usec_list, us) == 24);
    assert!(offset_of!(lws_sorted_usec_list, cb) == 32);
    assert!(offset_of!(lws_sorted_usec_list, latency_us) == 40);
};

pub const LWSSULLI_MISS_IF_SUSPENDED: c_int = 0;
pub const LWSSULLI_WAKE_IF_SUSPENDED: c_int = 1;
pub const LWS_COUNT_PT_SUL_OWNERS: c_int = 2;
pub const LWS_SET_TIMER_USEC_CANCEL: lws_usec_t = -1;
pub const LWS_TO_KILL_ASYNC: c_int = -1;
pub const LWS_TO_KILL_SYNC: c_int = -2;
pub const LWS_USEC_PER_SEC: lws_usec_t = 1000000;

pub type lws_retry_bo_t = lws_retry_bo;

/// Retry delays and idle timing: how long to wait before retries, when to ping and when to hang up.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_retry_bo {
    /// Delays in milliseconds of the first tries; the last one repeats.
    pub retry_ms_table: *const u32,
    /// How many entries the table has.
    pub retry_ms_table_count: u16,
    /// How many tries are made before the program is told of the failure.
    pub conceal_count: u16,
    /// Seconds without proof that the peer is alive before it is pinged.
    pub secs_since_valid_ping: u16,
    /// Seconds without proof before the connection is given up.
    pub secs_since_valid_hangup: u16,
    /// How much is added to a delay at random; 0: 30.
    pub jitter_percent: u8,
}
const _: () = {
    assert!(size_of::<lws_retry_bo>() == 24);
    assert!(align_of::<lws_retry_bo>() == 8);
    assert!(offset_of!(lws_retry_bo, retry_ms_table) == 0);
    assert!(offset_of!(lws_retry_bo, retry_ms_table_count) == 8);
    assert!(offset_of!(lws_retry_bo, conceal_count) == 10);
    assert!(offset_of!(lws_retry_bo, secs_since_valid_ping) == 12);
    assert!(offset_of!(lws_retry_bo, secs_since_valid_hangup) == 14);
    assert!(offset_of!(lws_retry_bo, jitter_percent) == 16);
};

pub const LWS_RETRY_CONCEAL_ALWAYS: u16 = 65535;

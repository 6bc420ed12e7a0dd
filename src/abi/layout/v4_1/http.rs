//! HTTP status codes, body substitution, header limits and form parsing.
#![allow(non_camel_case_types)]
use super::*;
use std::ffi::{c_char, c_int, c_uchar, c_uint, c_ushort, c_void};
use std::mem::offset_of;

/// Called with name, name length and user pointer for each header without a number.
pub type lws_hdr_custom_fe_cb_t = Option<unsafe extern "C" fn(name: *const c_char, nlen: c_int, opaque: *mut c_void)>;

/// Returns the text for variable number `index`, or NULL.
pub type lws_process_html_state_cb = Option<unsafe extern "C" fn(data: *mut c_void, index: c_int) -> *const c_char>;

/// The request methods by number, as `lws_http_get_uri_and_method` returns them.
pub type lws_http_method_indexes = c_int;
pub const LWSHUMETH_GET: lws_http_method_indexes = 0;
pub const LWSHUMETH_POST: lws_http_method_indexes = 1;
pub const LWSHUMETH_OPTIONS: lws_http_method_indexes = 2;
pub const LWSHUMETH_PUT: lws_http_method_indexes = 3;
pub const LWSHUMETH_PATCH: lws_http_method_indexes = 4;
pub const LWSHUMETH_DELETE: lws_http_method_indexes = 5;
pub const LWSHUMETH_CONNECT: lws_http_method_indexes = 6;
pub const LWSHUMETH_HEAD: lws_http_method_indexes = 7;
pub const LWSHUMETH_COLON_PATH: lws_http_method_indexes = 8;

/// HTTP status codes.
pub type http_status = c_uint;
pub const HTTP_STATUS_CONTINUE: http_status = 100;
pub const HTTP_STATUS_OK: http_status = 200;
pub const HTTP_STATUS_NO_CONTENT: http_status = 204;
pub const HTTP_STATUS_PARTIAL_CONTENT: http_status = 206;
pub const HTTP_STATUS_MOVED_PERMANENTLY: http_status = 301;
pub const HTTP_STATUS_FOUND: http_status = 302;
pub const HTTP_STATUS_SEE_OTHER: http_status = 303;
pub const HTTP_STATUS_NOT_MODIFIED: http_status = 304;
pub const HTTP_STATUS_BAD_REQUEST: http_status = 400;
pub const HTTP_STATUS_UNAUTHORIZED: http_status = 401;
pub const HTTP_STATUS_PAYMENT_REQUIRED: http_status = 402;
pub const HTTP_STATUS_FORBIDDEN: http_status = 403;
pub const HTTP_STATUS_NOT_FOUND: http_status = 404;
pub const HTTP_STATUS_METHOD_NOT_ALLOWED: http_status = 405;
pub const HTTP_STATUS_NOT_ACCEPTABLE: http_status = 406;
pub const HTTP_STATUS_PROXY_AUTH_REQUIRED: http_status = 407;
pub const HTTP_STATUS_REQUEST_TIMEOUT: http_status = 408;
pub const HTTP_STATUS_CONFLICT: http_status = 409;
pub const HTTP_STATUS_GONE: http_status = 410;
pub const HTTP_STATUS_LENGTH_REQUIRED: http_status = 411;
pub const HTTP_STATUS_PRECONDITION_FAILED: http_status = 412;
pub const HTTP_STATUS_REQ_ENTITY_TOO_LARGE: http_status = 413;
pub const HTTP_STATUS_REQ_URI_TOO_LONG: http_status = 414;
pub const HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE: http_status = 415;
pub const HTTP_STATUS_REQ_RANGE_NOT_SATISFIABLE: http_status = 416;
pub const HTTP_STATUS_EXPECTATION_FAILED: http_status = 417;
pub const HTTP_STATUS_INTERNAL_SERVER_ERROR: http_status = 500;
pub const HTTP_STATUS_NOT_IMPLEMENTED: http_status = 501;
pub const HTTP_STATUS_BAD_GATEWAY: http_status = 502;
pub const HTTP_STATUS_SERVICE_UNAVAILABLE: http_status = 503;
pub const HTTP_STATUS_GATEWAY_TIMEOUT: http_status = 504;
pub const HTTP_STATUS_HTTP_VERSION_NOT_SUPPORTED: http_status = 505;

/// Settings of HTTP/2 by their identifier (RFC 9113 §6.5.2).
pub type lws_h2_settings = usize;
pub const H2SET_HEADER_TABLE_SIZE: lws_h2_settings = 1;
pub const H2SET_ENABLE_PUSH: lws_h2_settings = 2;
pub const H2SET_MAX_CONCURRENT_STREAMS: lws_h2_settings = 3;
pub const H2SET_INITIAL_WINDOW_SIZE: lws_h2_settings = 4;
pub const H2SET_MAX_FRAME_SIZE: lws_h2_settings = 5;
pub const H2SET_MAX_HEADER_LIST_SIZE: lws_h2_settings = 6;
pub const H2SET_RESERVED7: lws_h2_settings = 7;
pub const H2SET_ENABLE_CONNECT_PROTOCOL: lws_h2_settings = 8;
pub const H2SET_COUNT: lws_h2_settings = 9;

/// A piece of a response body or header area, as passed with `LWS_CALLBACK_PROCESS_HTML` and
/// `LWS_CALLBACK_ADD_HEADERS`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_process_html_args {
    pub p: *mut c_char,
    pub len: c_int,
    pub max_len: c_int,
    pub r#final: c_int,
    pub chunked: c_int,
}
const _: () = {
    assert!(size_of::<lws_process_html_args>() == 24);
    assert!(align_of::<lws_process_html_args>() == 8);
    assert!(offset_of!(lws_process_html_args, p) == 0);
    assert!(offset_of!(lws_process_html_args, len) == 8);
    assert!(offset_of!(lws_process_html_args, max_len) == 12);
    assert!(offset_of!(lws_process_html_args, r#final) == 16);
    assert!(offset_of!(lws_process_html_args, chunked) == 20);
};

/// State of the substitution of `$variables` in a body, for `lws_chunked_html_process`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_process_html_state {
    pub start: *mut c_char,
    pub swallow: [c_char; 16],
    pub pos: c_int,
    pub data: *mut c_void,
    pub vars: *const *const c_char,
    pub count_vars: c_int,
    pub replace: lws_process_html_state_cb,
}
const _: () = {
    assert!(size_of::<lws_process_html_state>() == 64);
    assert!(align_of::<lws_process_html_state>() == 8);
    assert!(offset_of!(lws_process_html_state, start) == 0);
    assert!(offset_of!(lws_process_html_state, swallow) == 8);
    assert!(offset_of!(lws_process_html_state, pos) == 24);
    assert!(offset_of!(lws_process_html_state, data) == 32);
    assert!(offset_of!(lws_process_html_state, vars) == 40);
    assert!(offset_of!(lws_process_html_state, count_vars) == 48);
    assert!(offset_of!(lws_process_html_state, replace) == 56);
};

/// The longest value accepted for each known header.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_token_limits {
    pub token_limit: [c_ushort; 95],
}
const _: () = {
    assert!(size_of::<lws_token_limits>() == 190);
    assert!(align_of::<lws_token_limits>() == 2);
    assert!(offset_of!(lws_token_limits, token_limit) == 0);
};

/// A piece of payload on its way through an extension.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_tokens {
    pub token: *mut c_uchar,
    pub len: c_int,
}
const _: () = {
    assert!(size_of::<lws_tokens>() == 16);
    assert!(align_of::<lws_tokens>() == 8);
    assert!(offset_of!(lws_tokens, token) == 0);
    assert!(offset_of!(lws_tokens, len) == 8);
};

pub const LWSAHH_CODE_MASK: c_int = 65535;
pub const LWSAHH_FLAG_NO_SERVER_NAME: c_int = 0x40000000;
pub const LWS_H2_STREAM_SID: c_int = -1;
pub const LWS_ILLEGAL_HTTP_CONTENT_LEN: lws_filepos_t = 18446744073709551615;
pub const LWS_RECOMMENDED_MIN_HEADER_SPACE: usize = 2048;

pub type lws_spa_create_info_t = lws_spa_create_info;

/// Called with each piece of an uploaded file.
pub type lws_spa_fileupload_cb = Option<
    unsafe extern "C" fn(
        data: *mut c_void,
        name: *const c_char,
        filename: *const c_char,
        buf: *mut c_char,
        len: c_int,
        state: lws_spa_fileupload_states,
    ) -> c_int,
>;

/// Which part of an uploaded file the form parser delivers.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_spa_fileupload_states(pub c_uint);
/// A piece of the file.
pub const LWS_UFS_CONTENT: lws_spa_fileupload_states = lws_spa_fileupload_states(0);
/// Its last piece.
pub const LWS_UFS_FINAL_CONTENT: lws_spa_fileupload_states = lws_spa_fileupload_states(1);
/// A file begins.
pub const LWS_UFS_OPEN: lws_spa_fileupload_states = lws_spa_fileupload_states(2);
/// The form parser is gone.
pub const LWS_UFS_CLOSE: lws_spa_fileupload_states = lws_spa_fileupload_states(3);

/// How to create a form parser: argument of `lws_spa_create_via_info`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_spa_create_info {
    /// Names of the wanted fields.
    pub param_names: *const *const c_char,
    /// How many names there are.
    pub count_params: c_int,
    /// Bytes for all values together; 0: 512.
    pub max_storage: c_int,
    /// Takes uploaded files; NULL: they are dropped.
    pub opt_cb: lws_spa_fileupload_cb,
    /// Given to opt_cb.
    pub opt_data: *mut c_void,
    /// Distance of the names in bytes, 0: an array of pointers.
    pub param_names_stride: usize,
    /// Allocate from these chunks; NULL: from the heap.
    pub ac: *mut *mut lwsac,
    /// Size of new chunks; 0: the default.
    pub ac_chunk_size: usize,
}
const _: () = {
    assert!(size_of::<lws_spa_create_info>() == 56);
    assert!(align_of::<lws_spa_create_info>() == 8);
    assert!(offset_of!(lws_spa_create_info, param_names) == 0);
    assert!(offset_of!(lws_spa_create_info, count_params) == 8);
    assert!(offset_of!(lws_spa_create_info, max_storage) == 12);
    assert!(offset_of!(lws_spa_create_info, opt_cb) == 16);
    assert!(offset_of!(lws_spa_create_info, opt_data) == 24);
    assert!(offset_of!(lws_spa_create_info, param_names_stride) == 32);
    assert!(offset_of!(lws_spa_create_info, ac) == 40);
    assert!(offset_of!(lws_spa_create_info, ac_chunk_size) == 48);
};

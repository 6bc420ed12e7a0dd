//! The tokenizer and string expansion.
#![allow(non_camel_case_types)]
use std::ffi::{c_char, c_int, c_void};
use std::mem::offset_of;

/// Called for each `${name}` to write its expansion; returns one of the `LSTRX` values.
pub type lws_strexp_expand_cb = Option<
    unsafe extern "C" fn(
        r#priv: *mut c_void,
        name: *const c_char,
        out: *mut c_char,
        pos: *mut usize,
        olen: usize,
        exp_ofs: *mut usize,
    ) -> c_int,
>;

pub type lws_strexp_t = lws_strexp;

pub type lws_tokenize_t = lws_tokenize;

/// What string expansion returns.
pub type lws_strexp_results = c_int;
/// All input is used.
pub const LSTRX_DONE: lws_strexp_results = 0;
/// The output is full; empty it and go on.
pub const LSTRX_FILLED_OUT: lws_strexp_results = 1;
/// A name is too long.
pub const LSTRX_FATAL_NAME_TOO_LONG: lws_strexp_results = -1;
/// A name is not known.
pub const LSTRX_FATAL_NAME_UNKNOWN: lws_strexp_results = -2;

/// How far a comma-separated list has come, for callers of the tokenizer.
pub type lws_tokenize_delimiter_tracking = c_int;
pub const LWSTZ_DT_NEED_FIRST_CONTENT: lws_tokenize_delimiter_tracking = 0;
pub const LWSTZ_DT_NEED_DELIM: lws_tokenize_delimiter_tracking = 1;
pub const LWSTZ_DT_NEED_NEXT_CONTENT: lws_tokenize_delimiter_tracking = 2;

/// What the tokenizer found; negative: an error, 0: the end.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_tokenize_elem(pub c_int);
pub const LWS_TOKZE_ERRS: lws_tokenize_elem = lws_tokenize_elem(5);
pub const LWS_TOKZE_ERR_BROKEN_UTF8: lws_tokenize_elem = lws_tokenize_elem(-5);
pub const LWS_TOKZE_ERR_UNTERM_STRING: lws_tokenize_elem = lws_tokenize_elem(-4);
pub const LWS_TOKZE_ERR_MALFORMED_FLOAT: lws_tokenize_elem = lws_tokenize_elem(-3);
pub const LWS_TOKZE_ERR_NUM_ON_LHS: lws_tokenize_elem = lws_tokenize_elem(-2);
pub const LWS_TOKZE_ERR_COMMA_LIST: lws_tokenize_elem = lws_tokenize_elem(-1);
pub const LWS_TOKZE_ENDED: lws_tokenize_elem = lws_tokenize_elem(0);
pub const LWS_TOKZE_DELIMITER: lws_tokenize_elem = lws_tokenize_elem(1);
pub const LWS_TOKZE_TOKEN: lws_tokenize_elem = lws_tokenize_elem(2);
pub const LWS_TOKZE_INTEGER: lws_tokenize_elem = lws_tokenize_elem(3);
pub const LWS_TOKZE_FLOAT: lws_tokenize_elem = lws_tokenize_elem(4);
pub const LWS_TOKZE_TOKEN_NAME_EQUALS: lws_tokenize_elem = lws_tokenize_elem(5);
pub const LWS_TOKZE_TOKEN_NAME_COLON: lws_tokenize_elem = lws_tokenize_elem(6);
pub const LWS_TOKZE_QUOTED_STRING: lws_tokenize_elem = lws_tokenize_elem(7);

/// State of the expansion of `${name}` in a text that comes in pieces.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_strexp {
    pub name: [c_char; 32],
    pub cb: lws_strexp_expand_cb,
    pub r#priv: *mut c_void,
    pub out: *mut c_char,
    pub olen: usize,
    pub pos: usize,
    pub exp_ofs: usize,
    pub name_pos: u8,
    pub state: c_char,
}
const _: () = {
    assert!(size_of::<lws_strexp>() == 88);
    assert!(align_of::<lws_strexp>() == 8);
    assert!(offset_of!(lws_strexp, name) == 0);
    assert!(offset_of!(lws_strexp, cb) == 32);
    assert!(offset_of!(lws_strexp, r#priv) == 40);
    assert!(offset_of!(lws_strexp, out) == 48);
    assert!(offset_of!(lws_strexp, olen) == 56);
    assert!(offset_of!(lws_strexp, pos) == 64);
    assert!(offset_of!(lws_strexp, exp_ofs) == 72);
    assert!(offset_of!(lws_strexp, name_pos) == 80);
    assert!(offset_of!(lws_strexp, state) == 81);
};

/// State of the tokenizer; the program sets `start`, `len` and `flags`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_tokenize {
    /// What is still to be read.
    pub start: *const c_char,
    /// The token found; not NUL-terminated.
    pub token: *const c_char,
    /// Bytes at `start`.
    pub len: usize,
    /// Bytes at `token`.
    pub token_len: usize,
    /// LWS_TOKENIZE_F_ bits.
    pub flags: u16,
    /// Which delimiter is expected in a comma-separated list.
    pub delim: u8,
    /// The last result.
    pub e: i8,
}
const _: () = {
    assert!(size_of::<lws_tokenize>() == 40);
    assert!(align_of::<lws_tokenize>() == 8);
    assert!(offset_of!(lws_tokenize, start) == 0);
    assert!(offset_of!(lws_tokenize, token) == 8);
    assert!(offset_of!(lws_tokenize, len) == 16);
    assert!(offset_of!(lws_tokenize, token_len) == 24);
    assert!(offset_of!(lws_tokenize, flags) == 32);
    assert!(offset_of!(lws_tokenize, delim) == 34);
    assert!(offset_of!(lws_tokenize, e) == 35);
};

pub const LWS_TOKENIZE_F_AGG_COLON: c_int = 2;
pub const LWS_TOKENIZE_F_ASTERISK_NONTERM: c_int = 512;
pub const LWS_TOKENIZE_F_COMMA_SEP_LIST: c_int = 4;
pub const LWS_TOKENIZE_F_DOT_NONTERM: c_int = 16;
pub const LWS_TOKENIZE_F_EQUALS_NONTERM: c_int = 1024;
pub const LWS_TOKENIZE_F_HASH_COMMENT: c_int = 128;
pub const LWS_TOKENIZE_F_MINUS_NONTERM: c_int = 1;
pub const LWS_TOKENIZE_F_NO_FLOATS: c_int = 32;
pub const LWS_TOKENIZE_F_NO_INTEGERS: c_int = 64;
pub const LWS_TOKENIZE_F_RFC7230_DELIMS: c_int = 8;
pub const LWS_TOKENIZE_F_SLASH_NONTERM: c_int = 256;

//! The streaming JSON parser.
#![allow(non_camel_case_types)]
use std::ffi::{c_char, c_int, c_schar, c_void};
use std::mem::offset_of;

/// Called by the JSON parser for each event; nonzero stops the parse.
pub type lejp_callback = Option<unsafe extern "C" fn(ctx: *mut lejp_ctx, reason: c_char) -> c_schar>;

/// Why a JSON callback is called.
pub type lejp_callbacks = c_char;
/// The parser was set up.
pub const LEJPCB_CONSTRUCTED: lejp_callbacks = 0;
/// The parser is done with.
pub const LEJPCB_DESTRUCTED: lejp_callbacks = 1;
/// The first input has come.
pub const LEJPCB_START: lejp_callbacks = 2;
/// The outermost value is complete.
pub const LEJPCB_COMPLETE: lejp_callbacks = 3;
/// The input is not JSON, or the callback has refused it.
pub const LEJPCB_FAILED: lejp_callbacks = 4;
/// A name; the path has grown by it.
pub const LEJPCB_PAIR_NAME: lejp_callbacks = 5;
/// The value true.
pub const LEJPCB_VAL_TRUE: lejp_callbacks = 70;
/// The value false.
pub const LEJPCB_VAL_FALSE: lejp_callbacks = 71;
/// The value null.
pub const LEJPCB_VAL_NULL: lejp_callbacks = 72;
/// A whole number, as text in `buf`.
pub const LEJPCB_VAL_NUM_INT: lejp_callbacks = 73;
/// A number with fraction or exponent, as text in `buf`.
pub const LEJPCB_VAL_NUM_FLOAT: lejp_callbacks = 74;
/// A string begins.
pub const LEJPCB_VAL_STR_START: lejp_callbacks = 11;
/// A part of a long string is in `buf`.
pub const LEJPCB_VAL_STR_CHUNK: lejp_callbacks = 76;
/// The last part of a string is in `buf`.
pub const LEJPCB_VAL_STR_END: lejp_callbacks = 77;
/// An array begins.
pub const LEJPCB_ARRAY_START: lejp_callbacks = 14;
/// It ends.
pub const LEJPCB_ARRAY_END: lejp_callbacks = 15;
/// An object begins.
pub const LEJPCB_OBJECT_START: lejp_callbacks = 16;
/// It ends.
pub const LEJPCB_OBJECT_END: lejp_callbacks = 17;

/// Why the JSON parser stopped, and that it wants more input.
pub type lejp_reasons = c_int;
/// More input is wanted.
pub const LEJP_CONTINUE: lejp_reasons = -1;
pub const LEJP_REJECT_IDLE_NO_BRACE: lejp_reasons = -2;
pub const LEJP_REJECT_MEMBERS_NO_CLOSE: lejp_reasons = -3;
pub const LEJP_REJECT_MP_NO_OPEN_QUOTE: lejp_reasons = -4;
pub const LEJP_REJECT_MP_STRING_UNDERRUN: lejp_reasons = -5;
pub const LEJP_REJECT_MP_ILLEGAL_CTRL: lejp_reasons = -6;
pub const LEJP_REJECT_MP_STRING_ESC_ILLEGAL_ESC: lejp_reasons = -7;
pub const LEJP_REJECT_ILLEGAL_HEX: lejp_reasons = -8;
pub const LEJP_REJECT_MP_DELIM_MISSING_COLON: lejp_reasons = -9;
pub const LEJP_REJECT_MP_DELIM_BAD_VALUE_START: lejp_reasons = -10;
pub const LEJP_REJECT_MP_VAL_NUM_INT_NO_FRAC: lejp_reasons = -11;
pub const LEJP_REJECT_MP_VAL_NUM_FORMAT: lejp_reasons = -12;
pub const LEJP_REJECT_MP_VAL_NUM_EXP_BAD_EXP: lejp_reasons = -13;
pub const LEJP_REJECT_MP_VAL_TOK_UNKNOWN: lejp_reasons = -14;
pub const LEJP_REJECT_MP_C_OR_E_UNDERF: lejp_reasons = -15;
pub const LEJP_REJECT_MP_C_OR_E_NOTARRAY: lejp_reasons = -16;
pub const LEJP_REJECT_MP_ARRAY_END_MISSING: lejp_reasons = -17;
pub const LEJP_REJECT_STACK_OVERFLOW: lejp_reasons = -18;
pub const LEJP_REJECT_MP_DELIM_ISTACK: lejp_reasons = -19;
pub const LEJP_REJECT_NUM_TOO_LONG: lejp_reasons = -20;
pub const LEJP_REJECT_MP_C_OR_E_NEITHER: lejp_reasons = -21;
pub const LEJP_REJECT_UNKNOWN: lejp_reasons = -22;
pub const LEJP_REJECT_CALLBACK: lejp_reasons = -23;

/// The states of the JSON parser.
pub type lejp_states = c_char;
pub const LEJP_IDLE: lejp_states = 0;
pub const LEJP_MEMBERS: lejp_states = 1;
pub const LEJP_M_P: lejp_states = 2;
pub const LEJP_MP_STRING: lejp_states = 67;
pub const LEJP_MP_STRING_ESC: lejp_states = 68;
pub const LEJP_MP_STRING_ESC_U1: lejp_states = 69;
pub const LEJP_MP_STRING_ESC_U2: lejp_states = 70;
pub const LEJP_MP_STRING_ESC_U3: lejp_states = 71;
pub const LEJP_MP_STRING_ESC_U4: lejp_states = 72;
pub const LEJP_MP_DELIM: lejp_states = 9;
pub const LEJP_MP_VALUE: lejp_states = 10;
pub const LEJP_MP_VALUE_NUM_INT: lejp_states = 75;
pub const LEJP_MP_VALUE_NUM_EXP: lejp_states = 76;
pub const LEJP_MP_VALUE_TOK: lejp_states = 77;
pub const LEJP_MP_COMMA_OR_END: lejp_states = 14;
pub const LEJP_MP_ARRAY_END: lejp_states = 15;

/// What the JSON parser has seen of a number.
pub type num_flags = u8;
pub const LEJP_SEEN_MINUS: num_flags = 1;
pub const LEJP_SEEN_POINT: num_flags = 2;
pub const LEJP_SEEN_POST_POINT: num_flags = 4;
pub const LEJP_SEEN_EXP: num_flags = 8;

/// One level of a nested JSON parse: whose callback gets the members below it, and which paths it matches.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct _lejp_parsing_stack {
    pub user: *mut c_void,
    pub callback: Option<unsafe extern "C" fn(ctx: *mut lejp_ctx, reason: c_char) -> c_schar>,
    pub paths: *const *const c_char,
    pub count_paths: u8,
    pub ppos: u8,
    pub path_match: u8,
}
const _: () = {
    assert!(size_of::<_lejp_parsing_stack>() == 32);
    assert!(align_of::<_lejp_parsing_stack>() == 8);
    assert!(offset_of!(_lejp_parsing_stack, user) == 0);
    assert!(offset_of!(_lejp_parsing_stack, callback) == 8);
    assert!(offset_of!(_lejp_parsing_stack, paths) == 16);
    assert!(offset_of!(_lejp_parsing_stack, count_paths) == 24);
    assert!(offset_of!(_lejp_parsing_stack, ppos) == 25);
    assert!(offset_of!(_lejp_parsing_stack, path_match) == 26);
};

/// One level of the JSON parser itself: state, saved position in the path, and flags.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct _lejp_stack {
    pub s: c_char,
    pub p: c_char,
    pub i: c_char,
    pub b: c_char,
}
const _: () = {
    assert!(size_of::<_lejp_stack>() == 4);
    assert!(align_of::<_lejp_stack>() == 1);
    assert!(offset_of!(_lejp_stack, s) == 0);
    assert!(offset_of!(_lejp_stack, p) == 1);
    assert!(offset_of!(_lejp_stack, i) == 2);
    assert!(offset_of!(_lejp_stack, b) == 3);
};

/// The streaming JSON parser. Owned by the program; filled by `lejp_construct`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lejp_ctx {
    pub user: *mut c_void,
    pub pst: [_lejp_parsing_stack; 5],
    pub st: [_lejp_stack; 12],
    pub i: [u16; 5],
    pub wild: [u16; 5],
    pub path: [c_char; 128],
    pub buf: [c_char; 255],
    pub path_stride: usize,
    pub line: u32,
    pub uni: u16,
    pub npos: u8,
    pub dcount: u8,
    pub f: u8,
    pub sp: u8,
    pub ipos: u8,
    pub count_paths: u8,
    pub path_match: u8,
    pub path_match_len: u8,
    pub wildcount: u8,
    pub pst_sp: u8,
    pub outer_array: u8,
}
const _: () = {
    assert!(size_of::<lejp_ctx>() == 656);
    assert!(align_of::<lejp_ctx>() == 8);
    assert!(offset_of!(lejp_ctx, user) == 0);
    assert!(offset_of!(lejp_ctx, pst) == 8);
    assert!(offset_of!(lejp_ctx, st) == 168);
    assert!(offset_of!(lejp_ctx, i) == 216);
    assert!(offset_of!(lejp_ctx, wild) == 226);
    assert!(offset_of!(lejp_ctx, path) == 236);
    assert!(offset_of!(lejp_ctx, buf) == 364);
    assert!(offset_of!(lejp_ctx, path_stride) == 624);
    assert!(offset_of!(lejp_ctx, line) == 632);
    assert!(offset_of!(lejp_ctx, uni) == 636);
    assert!(offset_of!(lejp_ctx, npos) == 638);
    assert!(offset_of!(lejp_ctx, dcount) == 639);
    assert!(offset_of!(lejp_ctx, f) == 640);
    assert!(offset_of!(lejp_ctx, sp) == 641);
    assert!(offset_of!(lejp_ctx, ipos) == 642);
    assert!(offset_of!(lejp_ctx, count_paths) == 643);
    assert!(offset_of!(lejp_ctx, path_match) == 644);
    assert!(offset_of!(lejp_ctx, path_match_len) == 645);
    assert!(offset_of!(lejp_ctx, wildcount) == 646);
    assert!(offset_of!(lejp_ctx, pst_sp) == 647);
    assert!(offset_of!(lejp_ctx, outer_array) == 648);
};

pub const LEJP_FLAG_CB_IS_VALUE: c_int = 64;
pub const LEJP_FLAG_WS_COMMENTLINE: c_int = 32;
pub const LEJP_FLAG_WS_KEEP: c_int = 64;
pub const LEJP_MAX_DEPTH: usize = 12;
pub const LEJP_MAX_INDEX_DEPTH: usize = 5;
pub const LEJP_MAX_PARSING_STACK_DEPTH: usize = 5;
pub const LEJP_MAX_PATH: usize = 128;
pub const LEJP_STRING_CHUNK: usize = 254;

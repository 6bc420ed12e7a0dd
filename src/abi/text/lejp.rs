//! `lejp_*`: JSON parsed while it arrives.
//!
//! The state is the public struct, on which the program's callback may call the other functions of this file while a
//! parse is under way. So the struct is borrowed only between two events, never during a callback.
use super::{bytes, c_bytes, int_of, room, size_of_int};
use crate::abi::guard;
use crate::abi::layout::*;
use crate::proto::text::lejp::{self, CONTINUE, Frame, MAX_PATH, Parser, Patterns, Pending, Reason, Reject, Stop};
use std::ffi::{c_char, c_int, c_uchar, c_void};
use std::mem::offset_of;

/// The machine's state is the part of the struct behind the sub-parsers.
const _: () = {
    const AT: usize = offset_of!(lejp_ctx, st);
    assert!(AT + size_of::<Parser>() == size_of::<lejp_ctx>() && AT.is_multiple_of(align_of::<Parser>()));
    assert!(offset_of!(lejp_ctx, i) == AT + offset_of!(Parser, indexes));
    assert!(offset_of!(lejp_ctx, wild) == AT + offset_of!(Parser, wild));
    assert!(offset_of!(lejp_ctx, path) == AT + offset_of!(Parser, path));
    assert!(offset_of!(lejp_ctx, buf) == AT + offset_of!(Parser, buf));
    assert!(offset_of!(lejp_ctx, path_stride) == AT + offset_of!(Parser, path_stride));
    assert!(offset_of!(lejp_ctx, line) == AT + offset_of!(Parser, line));
    assert!(offset_of!(lejp_ctx, uni) == AT + offset_of!(Parser, uni));
    assert!(offset_of!(lejp_ctx, npos) == AT + offset_of!(Parser, npos));
    assert!(offset_of!(lejp_ctx, dcount) == AT + offset_of!(Parser, dcount));
    assert!(offset_of!(lejp_ctx, f) == AT + offset_of!(Parser, flags));
    assert!(offset_of!(lejp_ctx, sp) == AT + offset_of!(Parser, depth));
    assert!(offset_of!(lejp_ctx, ipos) == AT + offset_of!(Parser, index_count));
    assert!(offset_of!(lejp_ctx, count_paths) == AT + offset_of!(Parser, pattern_count));
    assert!(offset_of!(lejp_ctx, path_match) == AT + offset_of!(Parser, path_match));
    assert!(offset_of!(lejp_ctx, path_match_len) == AT + offset_of!(Parser, path_match_len));
    assert!(offset_of!(lejp_ctx, wildcount) == AT + offset_of!(Parser, wildcount));
    assert!(offset_of!(lejp_ctx, pst_sp) == AT + offset_of!(Parser, frame));
    assert!(offset_of!(lejp_ctx, outer_array) == AT + offset_of!(Parser, outer_array));
};

/// Prepares `ctx` for a document and calls `callback` with `LEJPCB_CONSTRUCTED`.
///
/// `callback`: gets every event, with `ctx`; `ctx->user` is `user`. `paths`: the patterns that set `ctx->path_match`,
/// `paths_count` of them; used until the end of the parse.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lejp_construct(
    ctx: *mut lejp_ctx,
    callback: lejp_callback,
    user: *mut c_void,
    paths: *const *const c_char,
    paths_count: c_uchar,
) {
    guard::pure("lejp_construct", (), || {
        if ctx.is_null() {
            return;
        }
        let unused = _lejp_parsing_stack {
            user: std::ptr::null_mut(),
            callback: None,
            paths: std::ptr::null(),
            count_paths: 0,
            ppos: 0,
            path_match: 0,
        };
        let first = _lejp_parsing_stack { user, callback, paths, count_paths: paths_count, ..unused };
        // SAFETY: not NULL, so writable; it need not be initialised.
        unsafe {
            (&raw mut (*ctx).user).write(user);
            (&raw mut (*ctx).pst).write([first, unused, unused, unused, unused]);
            machine(ctx).write(Parser::new());
            (*ctx).count_paths = paths_count;
            tell(ctx, Reason::Constructed);
        }
    });
}

/// Ends a parse, complete or not: calls the callback with `LEJPCB_DESTRUCTED`. There is nothing to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lejp_destruct(ctx: *mut lejp_ctx) {
    guard::pure("lejp_destruct", (), || {
        if !ctx.is_null() {
            // SAFETY: not NULL, so a struct that was constructed.
            unsafe { tell(ctx, Reason::Destructed) };
        }
    });
}

/// Parses the next `len` bytes of the document; it may be cut anywhere.
///
/// Returns `LEJP_CONTINUE` if more is needed; 0 or more when the document is complete: how many of the bytes came after
/// it; less than `LEJP_CONTINUE` if it is wrong or the callback said so, after a `LEJPCB_FAILED`
/// (`lejp_error_to_string` explains the number). Callable again for another document after a complete one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lejp_parse(ctx: *mut lejp_ctx, json: *const c_uchar, len: c_int) -> c_int {
    guard::pure("lejp_parse", Reject::Unknown as c_int, || {
        if ctx.is_null() {
            return Reject::Unknown as c_int;
        }
        // SAFETY: not NULL, so a struct that was constructed; `json` is readable for `len` bytes.
        match unsafe { parse(ctx, bytes(json, size_of_int(len))) } {
            Ok(Some(unused)) => int_of(unused),
            Ok(None) => CONTINUE,
            Err(reject) => {
                // SAFETY: as above.
                unsafe { tell(ctx, Reason::Failed) };
                reject as c_int
            }
        }
    })
}

/// # Safety
/// `ctx` was constructed, and nothing but its callbacks uses it during the call.
unsafe fn parse(ctx: *mut lejp_ctx, text: &[u8]) -> Result<Option<usize>, Reject> {
    let (mut at, mut pending) = (0, Pending::default());
    // SAFETY: the caller's promise.
    if unsafe { with(ctx, |parser, frame| parser.is_at_start(*frame.path_len)) } == Some(true) {
        // SAFETY: the caller's promise.
        unsafe { tell(ctx, Reason::Start) };
    }
    loop {
        // SAFETY: the caller's promise. The callback below may have changed the struct, so it is borrowed anew.
        let stop = unsafe { with(ctx, |parser, frame| parser.run(frame, text, &mut at, &mut pending)) };
        match stop.ok_or(Reject::Unknown)? {
            Stop::More => return Ok(None),
            Stop::Done => return Ok(Some(text.len() - at)),
            Stop::Failed(reject) => return Err(reject),
            Stop::Event(reason, veto) => {
                // SAFETY: the caller's promise.
                if veto.applies_to(unsafe { tell(ctx, reason) }) {
                    return Err(Reject::Callback);
                }
            }
        }
    }
}

/// Hands the rest of the parse to another callback: the old one gets `LEJPCB_DESTRUCTED`, the new one
/// `LEJPCB_CONSTRUCTED` and `LEJPCB_START`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lejp_change_callback(ctx: *mut lejp_ctx, callback: lejp_callback) {
    guard::pure("lejp_change_callback", (), || {
        if ctx.is_null() {
            return;
        }
        // SAFETY: not NULL, so a struct that was constructed.
        unsafe {
            tell(ctx, Reason::Destructed);
            if let Some(frame) = active(ctx) {
                (*frame).callback = callback;
            }
            tell(ctx, Reason::Constructed);
            tell(ctx, Reason::Start);
        }
    });
}

/// Starts a sub-parser inside the current document, for instance from `LEJPCB_OBJECT_START`: `lejp_cb` gets the events
/// until `lejp_parser_pop`, with a path that begins anew and is compared with its own `paths`.
///
/// `ctx->pst[ctx->pst_sp].user` is `user`. Returns 0, or -1 if there are five parsers already or the path leaves no room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lejp_parser_push(
    ctx: *mut lejp_ctx,
    user: *mut c_void,
    paths: *const *const c_char,
    paths_count: c_uchar,
    lejp_cb: lejp_callback,
) -> c_int {
    guard::pure("lejp_parser_push", -1, || {
        if ctx.is_null() {
            return -1;
        }
        let prepare = |parser: &mut Parser, frame: &mut Frame<'_>| {
            parser.look_up(frame);
            let path_match = parser.path_match;
            parser.stash_path(*frame.path_len, frame.path_room).map(|_| path_match)
        };
        // SAFETY: not NULL, so a struct that was constructed.
        unsafe {
            let next = usize::from((*ctx).pst_sp) + 1;
            if next >= (*ctx).pst.len() {
                return -1;
            }
            let (Some(frame), Some(Some(path_match))) = (active(ctx), with(ctx, prepare)) else {
                return -1;
            };
            (*frame).path_match = path_match;
            (*ctx).pst[next] = _lejp_parsing_stack {
                user,
                callback: lejp_cb,
                paths,
                count_paths: paths_count,
                ppos: 0,
                path_match: 0,
            };
            (*ctx).pst_sp += 1;
        }
        0
    })
}

/// Ends the sub-parser that was started last; the one below goes on with its own path. Returns 0, or -1 if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lejp_parser_pop(ctx: *mut lejp_ctx) -> c_int {
    guard::pure("lejp_parser_pop", -1, || {
        // SAFETY: NULL or a struct that was constructed.
        unsafe {
            if ctx.is_null() || (*ctx).pst_sp == 0 {
                return -1;
            }
            (*ctx).pst_sp -= 1;
            let Some(frame) = active(ctx) else {
                return -1;
            };
            let path_match = (*frame).path_match;
            with(ctx, |parser, frame| parser.restore_path(frame, path_match));
        }
        0
    })
}

/// Compares the current path with the patterns, and sets `ctx->path_match` if one matches.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lejp_check_path_match(ctx: *mut lejp_ctx) {
    guard::pure("lejp_check_path_match", (), || {
        if !ctx.is_null() {
            // SAFETY: not NULL, so a struct that was constructed.
            unsafe { with(ctx, |parser, frame| parser.look_up(frame)) };
        }
    });
}

/// Copies what the `wildcard`th `*` (from 0) of the pattern that matches stands for, with a NUL.
///
/// `len`: size of `dest`; the text is cut to it. Returns the length of the copy plus one, or 0 if there is no such `*`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lejp_get_wildcard(
    ctx: *mut lejp_ctx,
    wildcard: c_int,
    dest: *mut c_char,
    len: c_int,
) -> c_int {
    guard::pure("lejp_get_wildcard", 0, || {
        let (Ok(wildcard), len) = (usize::try_from(wildcard), size_of_int(len)) else {
            return 0;
        };
        if ctx.is_null() {
            return 0;
        }
        let copy = |parser: &mut Parser, _: &mut Frame<'_>| {
            let text = parser.wildcard(wildcard)?;
            // SAFETY: writable for `len` bytes, of which this is the part that is used; not inside the struct.
            let out = unsafe { room(dest.cast(), len.min(text.len() + 1)) };
            let (end, place) = out.split_last_mut()?;
            place.copy_from_slice(&text[..place.len()]);
            *end = 0;
            Some(int_of(place.len() + 1))
        };
        // SAFETY: not NULL, so a struct that was constructed.
        unsafe { with(ctx, copy) }.flatten().unwrap_or(0)
    })
}

/// What a negative answer of `lejp_parse` means, in English. Static; empty for answers that are no error.
#[unsafe(no_mangle)]
pub extern "C" fn lejp_error_to_string(e: c_int) -> *const c_char {
    lejp::explain(e).as_ptr()
}

/// Where the machine's state is.
fn machine(ctx: *mut lejp_ctx) -> *mut Parser {
    // The offset lies inside the struct, see the assertions above.
    ctx.wrapping_byte_add(offset_of!(lejp_ctx, st)).cast()
}

/// The sub-parser that is active; `None` if the struct holds nonsense.
///
/// # Safety
/// `ctx` was constructed.
unsafe fn active(ctx: *mut lejp_ctx) -> Option<*mut _lejp_parsing_stack> {
    // SAFETY: the caller's promise; the index is checked.
    unsafe {
        let index = usize::from((*ctx).pst_sp);
        (index < (*ctx).pst.len()).then(|| (&raw mut (*ctx).pst).cast::<_lejp_parsing_stack>().add(index))
    }
}

/// Calls the callback of the active sub-parser; 0 if there is none.
///
/// # Safety
/// `ctx` was constructed, and no reference into it is in use.
unsafe fn tell(ctx: *mut lejp_ctx, reason: Reason) -> i8 {
    // SAFETY: the caller's promise; the callback gets what its type says.
    unsafe {
        match active(ctx).and_then(|frame| (*frame).callback) {
            Some(callback) => callback(ctx, reason as c_char),
            None => 0,
        }
    }
}

/// Runs `body` on the machine's state and the active sub-parser; `None` if the struct holds nonsense.
///
/// # Safety
/// `ctx` was constructed, no other reference into it is in use, and `body` calls nothing of the program.
unsafe fn with<R>(ctx: *mut lejp_ctx, body: impl FnOnce(&mut Parser, &mut Frame<'_>) -> R) -> Option<R> {
    // SAFETY: the caller's promise. The machine's state and the sub-parsers are different parts of the struct.
    unsafe {
        let frame = active(ctx)?;
        let depth = usize::from((*ctx).pst_sp);
        // The paths of those below are kept at the end of the buffer, each in as many bytes as it is long.
        let stashed: usize = (0..depth).map(|below| usize::from((*ctx).pst[below].ppos)).sum();
        let patterns = CPatterns { first: (*frame).paths, count: (*frame).count_paths, stride: (*ctx).path_stride };
        let mut view =
            Frame { patterns: &patterns, path_len: &mut (*frame).ppos, path_room: MAX_PATH.saturating_sub(stashed) };
        Some(body(&mut *machine(ctx), &mut view))
    }
}

/// The program's patterns: an array of strings, or of structs that begin with one.
struct CPatterns {
    first: *const *const c_char,
    count: u8,
    stride: usize,
}

impl Patterns for CPatterns {
    fn count(&self) -> usize {
        if self.first.is_null() { 0 } else { usize::from(self.count) }
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        if index >= self.count() {
            return None;
        }
        let stride = if self.stride == 0 { size_of::<*const c_char>() } else { self.stride };
        // SAFETY: one of `count` elements, `stride` bytes apart; NULL or a C string.
        unsafe { c_bytes(self.first.byte_add(stride.checked_mul(index)?).read_unaligned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;
    use std::ptr;

    /// What the callbacks saw: a letter for who, the reason, the path.
    #[derive(Default)]
    struct Log {
        lines: Vec<(char, c_char, String, u8)>,
    }

    unsafe fn note(ctx: *mut lejp_ctx, who: char, reason: c_char) {
        // SAFETY: the tests construct the struct with a log as its user pointer; its path has a NUL.
        unsafe {
            let path = CStr::from_ptr((&raw const (*ctx).path).cast()).to_str().unwrap().to_string();
            let path_match = (*ctx).path_match;
            (*(*ctx).user.cast::<Log>()).lines.push((who, reason, path, path_match));
        }
    }

    /// Hands objects at the first pattern to `inner`, whose pattern is the user pointer of the first parser.
    unsafe extern "C" fn outer(ctx: *mut lejp_ctx, reason: c_char) -> i8 {
        // SAFETY: as for `note`.
        unsafe {
            note(ctx, 'o', reason);
            if reason == LEJPCB_OBJECT_START && (*ctx).path_match == 1 {
                let patterns = (*ctx).pst[0].user.cast::<*const c_char>();
                assert_eq!(lejp_parser_push(ctx, ptr::null_mut(), patterns, 1, Some(inner)), 0);
            }
        }
        0
    }

    unsafe extern "C" fn inner(ctx: *mut lejp_ctx, reason: c_char) -> i8 {
        // SAFETY: as for `note`.
        unsafe {
            note(ctx, 'i', reason);
            if reason == LEJPCB_OBJECT_END {
                assert_eq!(lejp_parser_pop(ctx), 0);
            }
        }
        0
    }

    fn new_ctx() -> Box<lejp_ctx> {
        // SAFETY: all zero is a valid struct.
        unsafe { Box::new(std::mem::zeroed()) }
    }

    #[test]
    fn a_sub_parser_has_its_own_path_and_gives_the_outer_one_back() {
        let patterns = [c"list[]".as_ptr(), c"last".as_ptr()];
        let inner_patterns = [c"name".as_ptr()];
        let text = br#"{"list":[{"name":1,"x":[2]},{"name":3}],"last":4}"#;
        for chunk in [1, 7, text.len()] {
            let (mut ctx, mut log) = (new_ctx(), Log::default());
            // SAFETY: everything handed over outlives the parse.
            unsafe {
                lejp_construct(&mut *ctx, Some(outer), (&raw mut log).cast(), patterns.as_ptr(), 2);
                ctx.pst[0].user = inner_patterns.as_ptr().cast_mut().cast();
                let mut result = CONTINUE;
                for piece in text.chunks(chunk) {
                    result = lejp_parse(&mut *ctx, piece.as_ptr(), int_of(piece.len()));
                }
                assert_eq!(result, 0);
            }
            let numbers: Vec<_> = log.lines.iter().filter(|line| line.1 == LEJPCB_VAL_NUM_INT).collect();
            let seen: Vec<_> = numbers.iter().map(|(who, _, path, matched)| (*who, path.as_str(), *matched)).collect();
            assert_eq!(seen, [('i', "name", 1), ('i', "x[]", 0), ('i', "name", 1), ('o', "last", 2)]);
            let starts: Vec<_> = log.lines.iter().filter(|line| line.1 == LEJPCB_OBJECT_START).collect();
            assert_eq!((starts[1].2.as_str(), starts[1].3), ("list[]", 1));
            assert_eq!((starts[2].2.as_str(), starts[2].3), ("list[]", 1));
        }
    }

    #[test]
    fn parsers_nest_five_deep() {
        let (mut ctx, mut log) = (new_ctx(), Log::default());
        // SAFETY: everything handed over outlives the calls.
        unsafe {
            lejp_construct(&mut *ctx, Some(outer), (&raw mut log).cast(), ptr::null(), 0);
            for answer in [0, 0, 0, 0, -1] {
                assert_eq!(lejp_parser_push(&mut *ctx, ptr::null_mut(), ptr::null(), 0, Some(outer)), answer);
            }
            for answer in [0, 0, 0, 0, -1] {
                assert_eq!(lejp_parser_pop(&mut *ctx), answer);
            }
        }
    }

    #[test]
    fn patterns_may_be_the_first_members_of_structs() {
        #[repr(C)]
        struct Entry {
            pattern: *const c_char,
            other: [u8; 24],
        }
        let entries = [c"no", c"a.*"].map(|pattern| Entry { pattern: pattern.as_ptr(), other: [0xff; 24] });
        let (mut ctx, mut log) = (new_ctx(), Log::default());
        let mut found = [0 as c_char; 8];
        // SAFETY: everything handed over outlives the parse.
        unsafe {
            lejp_construct(&mut *ctx, Some(inner_log), (&raw mut log).cast(), (&raw const entries).cast(), 2);
            ctx.path_stride = size_of::<Entry>();
            assert_eq!(lejp_parse(&mut *ctx, br#"{"a":{"bcd":1"#.as_ptr(), 13), CONTINUE);
            assert_eq!(ctx.path_match, 2);
            assert_eq!(lejp_get_wildcard(&mut *ctx, 0, found.as_mut_ptr(), 8), 4);
            assert_eq!(CStr::from_ptr(found.as_ptr()), c"bcd");
            assert_eq!(lejp_get_wildcard(&mut *ctx, 0, found.as_mut_ptr(), 3), 3);
            assert_eq!(CStr::from_ptr(found.as_ptr()), c"bc");
            assert_eq!(lejp_get_wildcard(&mut *ctx, 1, found.as_mut_ptr(), 8), 0);
            assert_eq!(lejp_get_wildcard(&mut *ctx, -1, found.as_mut_ptr(), 8), 0);
            assert_eq!(lejp_get_wildcard(&mut *ctx, 0, ptr::null_mut(), 8), 0);
        }
    }

    unsafe extern "C" fn inner_log(ctx: *mut lejp_ctx, reason: c_char) -> i8 {
        // SAFETY: as for `note`.
        unsafe { note(ctx, 'l', reason) };
        0
    }

    #[test]
    fn a_new_callback_is_introduced() {
        let (mut ctx, mut log) = (new_ctx(), Log::default());
        // SAFETY: everything handed over outlives the calls.
        unsafe {
            lejp_construct(&mut *ctx, Some(outer), (&raw mut log).cast(), ptr::null(), 0);
            lejp_change_callback(&mut *ctx, Some(inner_log));
            lejp_destruct(&mut *ctx);
        }
        let seen: Vec<_> = log.lines.iter().map(|line| (line.0, line.1)).collect();
        assert_eq!(seen, [('o', 0), ('o', 1), ('l', 0), ('l', 2), ('l', 1)]);
    }
}

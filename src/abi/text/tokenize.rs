//! `lws_tokenize*`: configuration lines and header values, element by element.
use super::bytes;
use crate::abi::layout::*;
use crate::abi::{cstr, guard};
use crate::proto::text::tokenize::{self, Element, Error, Flags, Kind, List};
use std::ffi::{c_char, c_int};

/// Length that means "up to the NUL"; nobody has that much text.
const UNTIL_NUL: usize = 0x7fff_ffff;

/// Prepares `ts` for the C string `start`. `flags`: OR of the `LWS_TOKENIZE_F_` bits.
///
/// For text without a NUL, set `ts->len` afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tokenize_init(ts: *mut lws_tokenize, start: *const c_char, flags: c_int) {
    guard::pure("lws_tokenize_init", (), || {
        if ts.is_null() {
            return;
        }
        // SAFETY: not NULL, so a struct; its other members are left alone, they may be uninitialised.
        unsafe {
            (&raw mut (*ts).start).write(start);
            (&raw mut (*ts).len).write(UNTIL_NUL);
            // The bits that are defined fit in the 16 of the member.
            (&raw mut (*ts).flags).write(flags as u16);
            (&raw mut (*ts).delim).write(0);
        }
    });
}

/// Finds the next element of the text: returns what it is and sets `ts->token` and `ts->token_len` to where it is.
///
/// Quoted strings come without their quotes, names without the `=` or `:` that follows. 0 at the end, negative for text
/// that is wrong; both stay so at further calls.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tokenize(ts: *mut lws_tokenize) -> lws_tokenize_elem {
    guard::pure("lws_tokenize", LWS_TOKZE_ENDED, || {
        // SAFETY: NULL or a struct that was initialised, which nothing else uses during the call.
        let Some(ts) = (unsafe { ts.as_mut() }) else {
            return LWS_TOKZE_ENDED;
        };
        if ts.start.is_null() {
            return LWS_TOKZE_ENDED;
        }
        let mut list = match c_int::from(ts.delim) {
            LWSTZ_DT_NEED_DELIM => List::Comma,
            LWSTZ_DT_NEED_NEXT_CONTENT => List::NextItem,
            _ => List::FirstItem,
        };
        // SAFETY: the text is a C string or readable for `len` bytes.
        let (found, text_len) = match unsafe { find(ts.start, ts.len, Flags(ts.flags), &mut list) } {
            Ok(found) => found,
            Err(error) => return number_of_error(error),
        };
        ts.delim = match list {
            List::FirstItem => LWSTZ_DT_NEED_FIRST_CONTENT,
            List::Comma => LWSTZ_DT_NEED_DELIM,
            List::NextItem => LWSTZ_DT_NEED_NEXT_CONTENT,
        } as u8;
        ts.token = ts.start.wrapping_add(found.start);
        ts.token_len = found.end - found.start;
        // A NUL ends a C string for good; in text of known length there may be more behind it.
        let is_c_string = ts.len > UNTIL_NUL / 2;
        let skips_nul = found.kind != Kind::Ended && found.next == text_len && text_len < ts.len && !is_c_string;
        let used = found.next + usize::from(skips_nul);
        ts.start = ts.start.wrapping_add(used);
        ts.len -= used;
        number_of(found.kind)
    })
}

/// Copies the element that was found last to `str`, with a NUL.
///
/// `max`: size of `str`; must be at least two more than the length. Returns 0, or 1 if it is too small.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tokenize_cstr(ts: *mut lws_tokenize, str: *mut c_char, max: usize) -> c_int {
    guard::pure("lws_tokenize_cstr", 1, || {
        // SAFETY: NULL or a struct.
        let Some(ts) = (unsafe { ts.as_ref() }) else {
            return 1;
        };
        let len = ts.token_len;
        if str.is_null() || ts.token.is_null() || len.saturating_add(1) >= max {
            return 1;
        }
        // SAFETY: the element is readable for its length, and `str` writable for one byte more; they may overlap.
        unsafe {
            str.copy_from(ts.token, len);
            str.add(len).write(0);
        }
        0
    })
}

/// The first element of the text at `start`, and the length of the text (up to its NUL) as far as it was looked at.
///
/// Looks at a window that grows until the element does not end with it, so that a long text is not measured anew for
/// each of its elements.
///
/// # Safety
/// `start` is readable up to its NUL or for `len` bytes, whichever comes first.
unsafe fn find(start: *const c_char, len: usize, flags: Flags, list: &mut List) -> Result<(Element, usize), Error> {
    let mut window = 256;
    loop {
        let limit = window.min(len);
        // SAFETY: not looked at beyond the NUL or `len`.
        let text = unsafe { bytes(start.cast(), cstr::length(start, limit)) };
        let mut list_after = *list;
        let found = tokenize::next(text, flags, &mut list_after);
        let is_cut = text.len() == limit && limit < len;
        let depends_on_cut = match &found {
            Ok(element) => element.next == text.len(),
            Err(_) => true,
        };
        if is_cut && depends_on_cut {
            window = window.saturating_mul(4);
            continue;
        }
        *list = list_after;
        return found.map(|element| (element, text.len()));
    }
}

fn number_of(kind: Kind) -> lws_tokenize_elem {
    match kind {
        Kind::Ended => LWS_TOKZE_ENDED,
        Kind::Delimiter => LWS_TOKZE_DELIMITER,
        Kind::Token => LWS_TOKZE_TOKEN,
        Kind::Integer => LWS_TOKZE_INTEGER,
        Kind::Float => LWS_TOKZE_FLOAT,
        Kind::NameEquals => LWS_TOKZE_TOKEN_NAME_EQUALS,
        Kind::NameColon => LWS_TOKZE_TOKEN_NAME_COLON,
        Kind::QuotedString => LWS_TOKZE_QUOTED_STRING,
    }
}

fn number_of_error(error: Error) -> lws_tokenize_elem {
    match error {
        Error::BrokenUtf8 => LWS_TOKZE_ERR_BROKEN_UTF8,
        Error::UnterminatedString => LWS_TOKZE_ERR_UNTERM_STRING,
        Error::MalformedFloat => LWS_TOKZE_ERR_MALFORMED_FLOAT,
        Error::NumberOnLeft => LWS_TOKZE_ERR_NUM_ON_LHS,
        Error::CommaList => LWS_TOKZE_ERR_COMMA_LIST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;

    fn kinds(text: &str, len: Option<usize>) -> Vec<(c_int, usize)> {
        let text = CString::new(text).unwrap();
        let mut ts: lws_tokenize = lws_tokenize {
            start: std::ptr::null(),
            token: std::ptr::null(),
            len: 0,
            token_len: 0,
            flags: 0,
            delim: 9,
            e: 0,
        };
        let mut found = Vec::new();
        // SAFETY: `ts` is a struct and `text` a C string that outlives it.
        unsafe {
            lws_tokenize_init(&mut ts, text.as_ptr(), 0);
            ts.len = len.unwrap_or(ts.len);
            loop {
                let kind = lws_tokenize(&mut ts).0;
                if kind <= 0 {
                    return found;
                }
                found.push((kind, ts.token_len));
            }
        }
    }

    #[test]
    fn elements_longer_than_the_first_window_are_found_whole() {
        let text = format!("{} \"{}\" x", "a".repeat(1000), "q ".repeat(5000));
        assert_eq!(kinds(&text, None), [(7, 10_000), (2, 1)]);
        let text = format!("{}=1{}é", "a".repeat(255), " ".repeat(254));
        assert_eq!(kinds(&text, None), [(5, 255), (3, 1), (2, 2)]);
    }

    #[test]
    fn a_c_string_is_not_left() {
        assert_eq!(kinds("abc", None), [(2, 3)]);
        assert_eq!(kinds("abc", Some(2)), [(2, 2)]);
    }

    #[test]
    fn null_is_the_end() {
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { lws_tokenize(std::ptr::null_mut()) }, LWS_TOKZE_ENDED);
    }
}

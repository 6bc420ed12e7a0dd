//! How is text made harmless before it goes into SQL, JSON or a file name?
//!
//! The escapers write into a buffer of fixed size, always whole escapes, and tell how much of the input they took. The
//! room they ask for beyond what they write is the original's: programs size their buffers by it.
use super::hex::upper_digit;

/// How far an escaper came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Escaped {
    /// bytes of the input that are represented in the output
    pub consumed: usize,
    /// bytes written
    pub written: usize,
}

/// Doubles every `'`. Goes on while more than two bytes of room are left.
pub fn sql(text: &[u8], out: &mut [u8]) -> Escaped {
    escape_while(text, out, 3, |byte, place| match byte {
        b'\'' => put(place, b"''"),
        other => put(place, &[other]),
    })
}

/// Escapes `text` for the inside of a JSON string. Goes on while at least seven bytes of room are left, or three for an
/// escape of two characters.
///
/// Tab, newline, return and backslash become two characters; `"` and the other control characters `\u00XX`. Valid UTF-8
/// passes as it is; every other byte from 0x80 on becomes `\u00XX` by itself, so that the result is JSON for any input.
pub fn json(text: &[u8], out: &mut [u8]) -> Escaped {
    let mut total = Escaped::default();
    for run in text.utf8_chunks() {
        let valid = escape_json(run.valid().as_bytes(), &mut out[total.written..], run.valid());
        total.consumed += valid.consumed;
        total.written += valid.written;
        if valid.consumed < run.valid().len() {
            break;
        }
        let broken = escape_while(run.invalid(), &mut out[total.written..], JSON_ROOM, put_json_unicode);
        total.consumed += broken.consumed;
        total.written += broken.written;
        if broken.consumed < run.invalid().len() {
            break;
        }
    }
    total
}

/// An upper bound of what [`json`] writes for `text`: what it would be with every byte from 0x80 on escaped, and six for
/// a backslash.
pub fn json_len(text: &[u8]) -> usize {
    text.iter()
        .map(|byte| match byte {
            b'\t' | b'\n' | b'\r' => 2,
            b'"' | b'\\' | ..0x20 | 0x80.. => 6,
            _ => 1,
        })
        .sum()
}

/// Replaces what is dangerous in a file name: both dots of `..`, and each of `: \ $ %`, become `_`. `/` stays.
pub fn file_name(name: &mut [u8]) {
    let mut at = 0;
    while at < name.len() {
        match &mut name[at..] {
            [first @ b'.', second @ b'.', ..] => {
                (*first, *second) = (b'_', b'_');
                at += 1;
            }
            [special @ (b':' | b'\\' | b'$' | b'%'), ..] => *special = b'_',
            _ => {}
        }
        at += 1;
    }
}

const JSON_ROOM: usize = 7;
/// A two-character escape and the NUL.
const SHORT_ROOM: usize = 3;

/// Escapes valid UTF-8, never cutting a character.
fn escape_json(bytes: &[u8], out: &mut [u8], text: &str) -> Escaped {
    let mut done = Escaped::default();
    while let Some(&byte) = bytes.get(done.consumed) {
        let place = &mut out[done.written..];
        // The original counts these escapes as one character; here they are written as long as they fit.
        let is_short = matches!(byte, b'\t' | b'\n' | b'\r' | b'\\');
        if place.len() < if is_short { SHORT_ROOM } else { JSON_ROOM } {
            break;
        }
        let width = text[done.consumed..].chars().next().map_or(1, char::len_utf8);
        done.written += match byte {
            b'\t' => put(place, b"\\t"),
            b'\n' => put(place, b"\\n"),
            b'\r' => put(place, b"\\r"),
            b'\\' => put(place, b"\\\\"),
            b'"' | ..0x20 => put_json_unicode(byte, place),
            _ => put(place, &bytes[done.consumed..done.consumed + width]),
        };
        done.consumed += width;
    }
    done
}

fn put_json_unicode(byte: u8, place: &mut [u8]) -> usize {
    put(place, &[b'\\', b'u', b'0', b'0', upper_digit(byte >> 4), upper_digit(byte)])
}

fn escape_while(text: &[u8], out: &mut [u8], room: usize, escape: impl Fn(u8, &mut [u8]) -> usize) -> Escaped {
    let mut done = Escaped::default();
    for &byte in text {
        let place = &mut out[done.written..];
        if place.len() < room {
            break;
        }
        done.written += escape(byte, place);
        done.consumed += 1;
    }
    done
}

/// Copies `bytes` to the start of `place`, if they fit.
fn put(place: &mut [u8], bytes: &[u8]) -> usize {
    match place.get_mut(..bytes.len()) {
        Some(room) => {
            room.copy_from_slice(bytes);
            bytes.len()
        }
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json_text(text: &[u8]) -> Vec<u8> {
        let mut out = vec![0; json_len(text) + JSON_ROOM];
        let done = json(text, &mut out);
        assert_eq!(done.consumed, text.len());
        out.truncate(done.written);
        out
    }

    #[test]
    fn sql_quotes_are_doubled_or_left_out_as_a_whole() {
        let mut out = [0; 7];
        assert_eq!(sql(b"a'b'c", &mut out), Escaped { consumed: 4, written: 6 });
        assert_eq!(&out[..6], b"a''b''");
        assert_eq!(sql(b"a'b'c", &mut out[..6]), Escaped { consumed: 3, written: 4 });
    }

    #[test]
    fn json_keeps_characters_and_escapes_what_is_not_utf8() {
        assert_eq!(json_text("é\"日".as_bytes()), "é\\u0022日".as_bytes());
        assert_eq!(json_text(b"\xff\xfe\x80a"), b"\\u00FF\\u00FE\\u0080a");
        assert_eq!(json_text(b"\x01\x1f\t\\/\x7f"), b"\\u0001\\u001F\\t\\\\/\x7f");
    }

    #[test]
    fn json_never_cuts_a_character() {
        let mut out = [0; 9];
        let done = json("abcé".as_bytes(), &mut out);
        assert_eq!((done.consumed, done.written), (3, 3));
    }

    #[test]
    fn dots_are_replaced_in_pairs() {
        let mut name = *b".../a..b/.h:$%\\";
        file_name(&mut name);
        assert_eq!(&name, b"__./a__b/.h____");
    }

    proptest! {
        #[test]
        fn json_of_any_bytes_is_text_without_controls(text: Vec<u8>) {
            let escaped = json_text(&text);
            prop_assert!(escaped.len() <= json_len(&text));
            let escaped = String::from_utf8(escaped).unwrap();
            prop_assert!(!escaped.contains(|c: char| c < ' ' || c == '"'));
        }

        #[test]
        fn small_buffers_are_never_exceeded(text: Vec<u8>, room in 0usize..40) {
            let mut out = vec![0; room];
            prop_assert!(json(&text, &mut out).written <= room);
            prop_assert!(sql(&text, &mut out).written <= room);
        }

        #[test]
        fn file_names_lose_every_double_dot(mut name: Vec<u8>) {
            file_name(&mut name);
            prop_assert!(!name.windows(2).any(|pair| pair == b".."));
        }
    }
}

//! How is text put into URLs and taken out of them, and what are the parts of a URI?
//!
//! The original's idea of a URI is kept: no user info, no query or fragment of its own, brackets around IPv6 addresses,
//! and `+` in front of the path of a unix socket.
use super::hex::{digit, upper_digit};
use super::strings::{find, leading_int};
use std::ops::Range;

/// Escapes `text`: letters and digits stay, a blank becomes `+`, every other byte `%XX`. Goes on while more than three
/// bytes of room are left; returns the number of bytes written.
pub fn encode(text: &[u8], out: &mut [u8]) -> usize {
    let mut written = 0;
    for &byte in text {
        let Some(place) = out[written..].first_chunk_mut::<4>() else {
            break;
        };
        if byte.is_ascii_alphanumeric() || byte == b' ' {
            place[0] = if byte == b' ' { b'+' } else { byte };
            written += 1;
        } else {
            place[..3].copy_from_slice(&[b'%', upper_digit(byte >> 4), upper_digit(byte)]);
            written += 3;
        }
    }
    written
}

/// The reverse of [`encode`], one byte at a time, so that a text can be decoded in place.
///
/// A `%` escape that the text cuts short leaves nothing behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoder {
    escape: Escape,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Percent,
    High(u8),
}

/// A `%` was followed by something that is no hexadecimal digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadEscape;

impl Decoder {
    pub const fn new() -> Decoder {
        Decoder { escape: Escape::None }
    }

    /// Takes the next byte of the text; `Some` if it completes a byte of the result.
    pub fn feed(&mut self, byte: u8) -> Result<Option<u8>, BadEscape> {
        let (escape, decoded) = match (self.escape, byte) {
            (Escape::None, b'%') => (Escape::Percent, None),
            (Escape::None, b'+') => (Escape::None, Some(b' ')),
            (Escape::None, plain) => (Escape::None, Some(plain)),
            (Escape::Percent, high) => (Escape::High(digit(high).ok_or(BadEscape)?), None),
            (Escape::High(high), low) => (Escape::None, Some(high << 4 | digit(low).ok_or(BadEscape)?)),
        };
        self.escape = escape;
        Ok(decoded)
    }
}

/// Where the parts of a URI are. Each range is followed by at least one byte that belongs to no part (or by the end), so
/// that the caller can end each part there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// `None` if there is no `://`
    pub scheme: Option<Range<usize>>,
    /// without brackets; may be empty
    pub address: Range<usize>,
    /// the one given, else the scheme's own; `None` if there is neither. Not checked: may be negative or too large
    pub port: Option<i32>,
    /// start of what follows the `/` behind the address, up to the end; `None` if nothing follows
    pub path: Option<usize>,
}

/// Finds the parts of `uri`. Never fails; what is no URI is an address.
pub fn parse(uri: &[u8]) -> Uri {
    let (scheme, rest) = match find(uri, b"://") {
        Some(at) => (Some(0..at), at + 3),
        None => (None, 0),
    };
    let mut port = scheme.clone().and_then(|scheme| default_port(&uri[scheme]));
    let (address, mut at) = match uri.get(rest) {
        Some(b'[') => {
            let end = position(uri, rest + 1, |byte| byte == b']');
            (rest + 1..end, position(uri, end, |byte| byte == b':' || byte == b'/'))
        }
        Some(b'+') => {
            let end = position(uri, rest, |byte| byte == b':');
            (rest..end, end)
        }
        _ => {
            let end = position(uri, rest, |byte| byte == b':' || byte == b'/');
            (rest..end, end)
        }
    };
    if uri.get(at) == Some(&b':') {
        port = Some(leading_int(&uri[at + 1..]));
        at = position(uri, at, |byte| byte == b'/');
    }
    let path = Some(at + 1).filter(|&start| start < uri.len());
    Uri { scheme, address, port, path }
}

fn default_port(scheme: &[u8]) -> Option<i32> {
    match scheme {
        b"http" | b"ws" => Some(80),
        b"https" | b"wss" => Some(443),
        _ => None,
    }
}

/// The first index from `start` on whose byte is `wanted`; the length if there is none.
fn position(uri: &[u8], start: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let rest = uri.get(start..).unwrap_or_default();
    start.min(uri.len()) + rest.iter().position(|&byte| wanted(byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Parts<'a> = (Option<&'a str>, &'a str, Option<i32>, Option<&'a str>);

    fn parts(uri: &str) -> Parts<'_> {
        let found = parse(uri.as_bytes());
        (found.scheme.map(|range| &uri[range]), &uri[found.address], found.port, found.path.map(|start| &uri[start..]))
    }

    fn decoded(text: &[u8]) -> Result<Vec<u8>, BadEscape> {
        let mut decoder = Decoder::new();
        text.iter().filter_map(|&byte| decoder.feed(byte).transpose()).collect()
    }

    #[test]
    fn known_schemes_bring_their_port() {
        assert_eq!(parts("http://h/x"), (Some("http"), "h", Some(80), Some("x")));
        assert_eq!(parts("wss://h"), (Some("wss"), "h", Some(443), None));
        assert_eq!(parts("ftp://h:9"), (Some("ftp"), "h", Some(9), None));
        assert_eq!(parts("h/x"), (None, "h", None, Some("x")));
    }

    #[test]
    fn brackets_are_dropped() {
        assert_eq!(parts("http://[::1]:81/x"), (Some("http"), "::1", Some(81), Some("x")));
        assert_eq!(parts("http://[::1"), (Some("http"), "::1", Some(80), None));
        assert_eq!(parts("["), (None, "", None, None));
    }

    #[test]
    fn unix_socket_paths_end_at_the_colon() {
        assert_eq!(parts("http://+/run/s:/p/q"), (Some("http"), "+/run/s", Some(0), Some("p/q")));
    }

    #[test]
    fn truncated_escapes_vanish_and_bad_ones_fail() {
        assert_eq!(decoded(b"a%2").unwrap(), b"a");
        assert_eq!(decoded(b"a+%2b").unwrap(), b"a +");
        assert_eq!(decoded(b"%zz"), Err(BadEscape));
        assert_eq!(decoded(b"%4z"), Err(BadEscape));
    }

    #[test]
    fn encoding_stops_with_room_to_spare() {
        let mut out = [0; 10];
        assert_eq!(encode(b"%%%", &mut out), 9);
        assert_eq!(encode(b"abc", &mut out[..4]), 1);
        assert_eq!(encode(b"abc", &mut out[..3]), 0);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text: Vec<u8>) {
            let mut out = vec![0; text.len() * 3 + 4];
            let len = encode(&text, &mut out);
            prop_assert_eq!(decoded(&out[..len]).unwrap(), text);
        }

        #[test]
        fn any_uri_has_parts_inside_it(uri in "[a:/+\\[\\]0-9?]{0,20}") {
            let found = parse(uri.as_bytes());
            prop_assert!(found.address.start <= found.address.end && found.address.end <= uri.len());
            prop_assert!(found.path.is_none_or(|start| start < uri.len() && start > found.address.end));
        }

        #[test]
        fn any_bytes_are_survived(uri: Vec<u8>) {
            parse(&uri);
            let _ = decoded(&uri);
        }
    }
}

//! How is binary data written as base64, and read back from whatever people paste? (RFC 4648 §4, §5)
//!
//! Writing is the strict form with padding. Reading is lax on purpose: both alphabets may be mixed, everything outside
//! them (line ends, blanks, padding) is skipped, and padding may be missing. Characters may arrive in pieces of any
//! size: [`Decoder`] keeps the up to three characters that do not make a group yet.
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, URL_SAFE};

/// Which two characters stand for 62 and 63.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// `+` and `/`
    Standard,
    /// `-` and `_`, which need no escaping in URLs and file names; still padded
    UrlSafe,
}

impl Alphabet {
    fn engine(self) -> &'static GeneralPurpose {
        match self {
            Alphabet::Standard => &STANDARD,
            Alphabet::UrlSafe => &URL_SAFE,
        }
    }
}

/// Writes `data` as padded base64 to the start of `out` and returns the number of characters; `None` if they do not fit.
pub fn encode(data: &[u8], alphabet: Alphabet, out: &mut [u8]) -> Option<usize> {
    alphabet.engine().encode_slice(data, out).ok()
}

/// The number of characters that [`encode`] writes for `len` bytes; `None` if that is beyond all memory.
pub fn encoded_len(len: usize) -> Option<usize> {
    base64::encoded_len(len, true)
}

/// A decode in progress: the characters of the group that is not complete yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoder {
    held: [u8; 3],
    count: u8,
}

/// How far one call of [`Decoder::feed`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// characters taken from the input
    pub consumed: usize,
    /// bytes put into the output
    pub written: usize,
}

impl Decoder {
    pub const fn new() -> Decoder {
        Decoder { held: [0; 3], count: 0 }
    }

    /// Puts back what [`Decoder::held`] gave out. Values out of range start anew.
    pub fn resume(held: [u8; 3], count: usize) -> Decoder {
        match u8::try_from(count) {
            Ok(count @ 0..=3) if held.iter().all(|&sextet| sextet < 64) => Decoder { held, count },
            _ => Decoder::new(),
        }
    }

    /// The values (0 to 63) of the characters of the incomplete group, and how many there are.
    pub fn held(&self) -> ([u8; 3], usize) {
        (self.held, usize::from(self.count))
    }

    /// Decodes `text` into `out` until either is used up; a NUL ends the text.
    ///
    /// A group whose three bytes do not fit is left in the input with its last character unconsumed. Nothing is an
    /// error.
    pub fn feed(&mut self, text: &[u8], out: &mut [u8]) -> Progress {
        let mut written = 0;
        for (consumed, &character) in text.iter().enumerate() {
            if character == 0 {
                return Progress { consumed, written };
            }
            let Some(sextet) = sextet(character) else {
                continue;
            };
            let room = out.len() - written;
            if self.count < 3 {
                if self.count == 0 && room == 0 {
                    return Progress { consumed, written };
                }
                self.held[usize::from(self.count)] = sextet;
                self.count += 1;
            } else if let Some(group) = out[written..].first_chunk_mut::<3>() {
                *group = bytes_of([self.held[0], self.held[1], self.held[2], sextet]);
                self.count = 0;
                written += 3;
            } else {
                return Progress { consumed, written };
            }
        }
        Progress { consumed: text.len(), written }
    }

    /// Ends the text: the last, incomplete group becomes one or two bytes if they fit. Returns how many.
    pub fn finish(&mut self, out: &mut [u8]) -> usize {
        let count = usize::from(self.count);
        let bytes = bytes_of([self.held[0], self.held[1], self.held[2], 0]);
        let len = count.saturating_sub(1);
        *self = Decoder::new();
        match out.get_mut(..len) {
            Some(room) => {
                room.copy_from_slice(&bytes[..len]);
                len
            }
            None => 0,
        }
    }
}

/// Decodes a whole text and returns the number of bytes. What does not fit is left out, group by group.
pub fn decode(text: &[u8], out: &mut [u8]) -> usize {
    let text = &text[..memchr::memchr(0, text).unwrap_or(text.len())];
    let mut decoder = Decoder::new();
    let Progress { consumed, written } = decoder.feed(text, out);
    if consumed < text.len() { written } else { written + decoder.finish(&mut out[written..]) }
}

fn sextet(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Three bytes from four values of six bits; unused trailing values are passed as 0 or stale and only spoil bytes that
/// the caller does not take.
fn bytes_of(sextets: [u8; 4]) -> [u8; 3] {
    let bits = sextets.iter().fold(0u32, |bits, &sextet| bits << 6 | u32::from(sextet & 63));
    let [_, first, second, third] = bits.to_be_bytes();
    [first, second, third]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(text: &str) -> Vec<u8> {
        let mut out = vec![0; text.len() + 3];
        let len = decode(text.as_bytes(), &mut out);
        out.truncate(len);
        out
    }

    #[test]
    fn padding_may_be_missing_or_partial() {
        for text in ["YQ==", "YQ=", "YQ", "YW"] {
            assert_eq!(decoded(text), b"a");
        }
        assert_eq!(decoded("Y"), b"");
    }

    #[test]
    fn both_alphabets_are_read() {
        assert_eq!(decoded("-_+/"), decoded("+/-_"));
    }

    #[test]
    fn foreign_characters_are_skipped_anywhere() {
        assert_eq!(decoded("\r\nYW *Jj\n"), b"abc");
    }

    #[test]
    fn text_behind_padding_continues_the_group() {
        assert_eq!(decoded("YQ==YQ=="), [0x61, 0x06, 0x10]);
    }

    #[test]
    fn a_group_that_does_not_fit_ends_the_decode() {
        let mut out = [0; 8];
        assert_eq!(decode(b"YWJjZGVmZ2hp", &mut out), 6);
        assert_eq!(decode(b"YWJj", &mut out[..2]), 0);
        assert_eq!(decode(b"YWJjYQ==", &mut out[..4]), 4);
    }

    #[test]
    fn blanks_between_pieces_do_not_disturb() {
        let mut decoder = Decoder::new();
        let mut out = [0; 8];
        assert_eq!(decoder.feed(b"Y\n", &mut out), Progress { consumed: 2, written: 0 });
        assert_eq!(decoder.feed(b"WJ\nj", &mut out), Progress { consumed: 4, written: 3 });
        assert_eq!(&out[..3], b"abc");
    }

    #[test]
    fn impossible_saved_states_start_anew() {
        assert_eq!(Decoder::resume([64, 0, 0], 1), Decoder::new());
        assert_eq!(Decoder::resume([1, 2, 3], 4), Decoder::new());
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(data: Vec<u8>, url: bool) {
            let alphabet = if url { Alphabet::UrlSafe } else { Alphabet::Standard };
            let mut text = vec![0; encoded_len(data.len()).unwrap()];
            prop_assert_eq!(encode(&data, alphabet, &mut text), Some(text.len()));
            let mut out = vec![0; data.len()];
            prop_assert_eq!(decode(&text, &mut out), data.len());
            prop_assert_eq!(out, data);
        }

        #[test]
        fn any_chunking_gives_the_same_bytes(text in "[A-Za-z0-9+/=\n _-]{0,80}", chunk in 1usize..9) {
            let mut decoder = Decoder::new();
            let (mut out, mut len) = (vec![0; text.len() + 3], 0);
            for piece in text.as_bytes().chunks(chunk) {
                let progress = decoder.feed(piece, &mut out[len..]);
                prop_assert_eq!(progress.consumed, piece.len());
                len += progress.written;
            }
            len += decoder.finish(&mut out[len..]);
            prop_assert_eq!(&out[..len], &decoded(&text)[..]);
        }

        #[test]
        fn small_buffers_are_never_exceeded(text: Vec<u8>, room in 0usize..20) {
            prop_assert!(decode(&text, &mut vec![0; room]) <= room);
        }
    }
}

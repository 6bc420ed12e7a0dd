//! Is this text, cut anywhere, UTF-8 so far? (RFC 6455 §8.1, RFC 3629)
//!
//! Pieces of a message end anywhere, so the state between two pieces is "how many continuation bytes are due, and in
//! which range is the next one". Whole characters are checked by `simdutf8`; only the bytes of a character that a cut
//! goes through are looked at singly.

/// An incremental UTF-8 check; three bytes of state.
///
/// Invalid input is noticed in the piece in which it occurs, at the first byte that no valid text can have there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Utf8Validator {
    /// Continuation bytes still due; 0 between characters.
    due: u8,
    /// Allowed range of the next continuation byte while `due` is not 0.
    low: u8,
    high: u8,
}

impl Utf8Validator {
    /// Starts between characters.
    pub const fn new() -> Utf8Validator {
        Utf8Validator { due: 0, low: 0, high: 0 }
    }

    /// Checks the next `piece` of the text. False: the text is not UTF-8, whatever follows; the state is then useless
    /// until [`Utf8Validator::reset`].
    #[inline]
    #[must_use]
    pub fn feed(&mut self, piece: &[u8]) -> bool {
        let Some(rest) = self.finish_character(piece) else {
            return false;
        };
        let (whole, cut_character) = rest.split_at(whole_characters(rest));
        simdutf8::basic::from_utf8(whole).is_ok() && self.start_character(cut_character)
    }

    /// True if the text may end here: no character is cut.
    #[inline]
    pub const fn is_complete(&self) -> bool {
        self.due == 0
    }

    /// Forgets the text; the next piece starts another one.
    pub fn reset(&mut self) {
        *self = Utf8Validator::new();
    }

    /// Takes the continuation bytes that are due and returns what follows them, or `None` if one is wrong.
    #[inline]
    fn finish_character<'a>(&mut self, piece: &'a [u8]) -> Option<&'a [u8]> {
        let mut rest = piece;
        while self.due > 0 {
            let Some((&byte, after)) = rest.split_first() else {
                break;
            };
            if byte < self.low || byte > self.high {
                return None;
            }
            (self.due, self.low, self.high) = (self.due - 1, 0x80, 0xbf);
            rest = after;
        }
        Some(rest)
    }

    /// Takes a character of which not all bytes are there yet (or nothing).
    fn start_character(&mut self, bytes: &[u8]) -> bool {
        let Some((&lead, continuation)) = bytes.split_first() else {
            return true;
        };
        // The narrowed ranges exclude overlong forms, surrogates and values beyond U+10FFFF (RFC 3629 §4).
        (self.due, self.low, self.high) = match lead {
            0xc2..=0xdf => (1, 0x80, 0xbf),
            0xe0 => (2, 0xa0, 0xbf),
            0xed => (2, 0x80, 0x9f),
            0xe1..=0xef => (2, 0x80, 0xbf),
            0xf0 => (3, 0x90, 0xbf),
            0xf1..=0xf3 => (3, 0x80, 0xbf),
            0xf4 => (3, 0x80, 0x8f),
            _ => return false,
        };
        self.finish_character(continuation).is_some()
    }
}

/// The length of `bytes` without a character at the end that needs more bytes than there are.
#[inline]
fn whole_characters(bytes: &[u8]) -> usize {
    for (back, &byte) in bytes.iter().rev().take(3).enumerate() {
        let have = back + 1;
        let needed = match byte {
            0x80..=0xbf => continue,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
            _ => 1,
        };
        return if needed > have { bytes.len() - have } else { bytes.len() };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a text, fed at once, should lead to: `None` = invalid, else whether it may end there.
    fn oracle(bytes: &[u8]) -> Option<bool> {
        match std::str::from_utf8(bytes) {
            Ok(_) => Some(true),
            Err(error) if error.error_len().is_none() => Some(false),
            Err(_) => None,
        }
    }

    fn fed(pieces: &[&[u8]]) -> Option<bool> {
        let mut validator = Utf8Validator::new();
        for piece in pieces {
            if !validator.feed(piece) {
                return None;
            }
        }
        Some(validator.is_complete())
    }

    #[test]
    fn every_sequence_of_up_to_three_bytes_is_judged_like_std_in_every_cutting() {
        // All lead bytes with every second byte, and third bytes at the edges of the ranges.
        // Miri, which is slow, sees some of them.
        let (every, every_second) = if cfg!(miri) { (17, 51) } else { (1, 1) };
        for first in (0..=255u8).step_by(every) {
            for second in (0..=255u8).step_by(every_second) {
                assert_eq!(fed(&[&[first, second]]), oracle(&[first, second]));
                assert_eq!(fed(&[&[first], &[second]]), oracle(&[first, second]));
                for third in [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff] {
                    let bytes = [first, second, third];
                    assert_eq!(fed(&[&bytes]), oracle(&bytes), "{bytes:x?}");
                    assert_eq!(fed(&[&bytes[..1], &bytes[1..]]), oracle(&bytes), "{bytes:x?}");
                    assert_eq!(fed(&[&bytes[..2], &bytes[2..]]), oracle(&bytes), "{bytes:x?}");
                }
            }
        }
    }

    #[test]
    fn every_four_byte_lead_is_judged_like_std_at_the_edges() {
        for first in 0xf0..=0xff {
            for second in [0x7f, 0x80, 0x8f, 0x90, 0xbf, 0xc0] {
                for (third, fourth) in
                    [(0x80, 0x80), (0xbf, 0xbf), (0x7f, 0x80), (0x80, 0x7f), (0xc0, 0x80), (0x80, 0xc0)]
                {
                    let bytes = [first, second, third, fourth];
                    for cut in 0..=4 {
                        assert_eq!(fed(&[&bytes[..cut], &bytes[cut..]]), oracle(&bytes), "{bytes:x?} cut {cut}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_wrong_second_byte_is_noticed_before_the_character_is_complete() {
        // Autobahn 6.4: f4 90 can never become a character, so the piece that ends there is already refused.
        assert_eq!(fed(&[b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90"]), None);
        assert_eq!(fed(&[b"\xf4", b"\x90"]), None);
        assert_eq!(fed(&[b"\xf4\x8f"]), Some(false));
    }

    #[test]
    fn empty_pieces_change_nothing() {
        assert_eq!(fed(&[]), Some(true));
        assert_eq!(fed(&[b"", b"\xc3", b"", b"\xa9", b""]), Some(true));
    }

    #[test]
    fn reset_forgets_a_cut_character() {
        let mut validator = Utf8Validator::new();
        assert!(validator.feed(b"\xe2\x82"));
        validator.reset();
        assert!(validator.is_complete() && validator.feed(b"a"));
    }

    /// Mostly valid text with a few damaged places, so that both verdicts are common.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let valid =
            prop::collection::vec(any::<char>(), 0..60).prop_map(|c| c.into_iter().collect::<String>().into_bytes());
        (valid, prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2)).prop_map(
            |(mut bytes, damage)| {
                for (at, byte) in damage {
                    if !bytes.is_empty() {
                        let at = at.index(bytes.len());
                        bytes[at] = byte;
                    }
                }
                bytes
            },
        )
    }

    proptest! {
        #[test]
        fn any_cutting_is_judged_like_std(bytes in text(), cuts in prop::collection::vec(0usize..9, 0..40)) {
            let mut validator = Utf8Validator::new();
            let mut at = 0usize;
            for cut in cuts.into_iter().chain([usize::MAX]) {
                let end = at.saturating_add(cut).min(bytes.len());
                let verdict = validator.feed(&bytes[at..end]).then(|| validator.is_complete());
                // Fail fast: the verdict is right after every piece, not only at the end.
                prop_assert_eq!(verdict, oracle(&bytes[..end]));
                if verdict.is_none() {
                    break;
                }
                at = end;
            }
        }
    }
}

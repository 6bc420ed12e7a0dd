//! Strings, numbers and literals: the parts of the machine that look at the bytes of a value.
//!
//! A name is read like a string, into the path instead of the buffer. `\u` escapes are UTF-16: a pair of surrogates is
//! one character, a lone one becomes U+FFFD.
use super::parser::{CHUNK, Follow, Frame, IN_COMMENT, Outcome, Parser, State, Taken, Veto};
use super::{Reason, Reject};

/// Digits of an integer.
const MAX_DIGITS: u8 = 20;
const SEEN_POINT: u8 = 2;
const SEEN_FRACTION: u8 = 4;
const SEEN_EXPONENT: u8 = 8;
/// A high surrogate waits for its low one: eight of its bits are in `dcount`, two in the lowest bits of `flags`.
const HIGH_SURROGATE: u8 = 16;

pub(super) const LITERALS: [(&[u8], &[u8], Reason); 3] =
    [(b"true", b"1", Reason::ValTrue), (b"false", b"0", Reason::ValFalse), (b"null", b"", Reason::ValNull)];

impl Parser {
    pub(super) fn string(&mut self, byte: u8, queue: &mut Queue) -> Outcome {
        if byte != b'\\' && self.take_high_surrogate().is_some() {
            queue.push_character(char::REPLACEMENT_CHARACTER);
            return Ok(Taken::Again);
        }
        match byte {
            b'"' if self.is_in_name() => {
                self.depth -= 1;
                Ok(Taken::Byte)
            }
            b'"' => Ok(Taken::Event(Reason::ValStrEnd, Veto::Negative, Follow::CloseString)),
            b'\\' => self.go_to(State::Escape),
            ..0x20 => Err(Reject::IllegalControl),
            _ => {
                queue.push(byte);
                Ok(Taken::Byte)
            }
        }
    }

    pub(super) fn escape(&mut self, byte: u8, queue: &mut Queue) -> Outcome {
        if byte == b'u' {
            self.uni = 0;
            return self.go_to(State::Hex1);
        }
        if self.take_high_surrogate().is_some() {
            queue.push_character(char::REPLACEMENT_CHARACTER);
            return Ok(Taken::Again);
        }
        queue.push(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            _ => return Err(Reject::IllegalEscape),
        });
        self.go_to(State::String)
    }

    pub(super) fn hex(&mut self, state: State, byte: u8, queue: &mut Queue) -> Outcome {
        let digit = super::super::hex::digit(byte).ok_or(Reject::IllegalHex)?;
        self.uni = self.uni << 4 | u16::from(digit);
        let next = match state {
            State::Hex1 => State::Hex2,
            State::Hex2 => State::Hex3,
            State::Hex3 => State::Hex4,
            _ => {
                self.code_unit(self.uni, queue);
                State::String
            }
        };
        self.go_to(next)
    }

    /// A `\u` escape is complete. A high surrogate waits for its partner; a lone one of either kind is replaced.
    fn code_unit(&mut self, unit: u16, queue: &mut Queue) {
        match (self.take_high_surrogate(), unit) {
            (Some(high), 0xdc00..=0xdfff) => {
                let decoded = char::decode_utf16([high, unit]).next();
                queue.push_character(decoded.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER));
                return;
            }
            (Some(_), _) => queue.push_character(char::REPLACEMENT_CHARACTER),
            (None, _) => {}
        }
        if (0xd800..=0xdbff).contains(&unit) {
            let [top, low] = (unit - 0xd800).to_be_bytes();
            self.flags = (self.flags & IN_COMMENT) | HIGH_SURROGATE | top;
            self.dcount = low;
        } else {
            queue.push_character(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }

    fn take_high_surrogate(&mut self) -> Option<u16> {
        if self.flags & HIGH_SURROGATE == 0 {
            return None;
        }
        let top = self.flags & 3;
        self.flags &= IN_COMMENT;
        Some(0xd800 + u16::from_be_bytes([top, self.dcount]))
    }

    /// Appends a byte to the name or value that is read. True: the value's buffer is full and must be handed over.
    pub(super) fn append(&mut self, frame: &mut Frame<'_>, byte: u8) -> Result<bool, Reject> {
        if self.is_in_name() {
            self.push_path(frame, &[byte])?;
            return Ok(false);
        }
        self.append_to_value(byte).ok_or(Reject::Unknown)?;
        Ok(self.npos == CHUNK)
    }

    fn append_to_value(&mut self, byte: u8) -> Option<()> {
        if self.npos >= CHUNK {
            return None;
        }
        self.buf[usize::from(self.npos)] = byte;
        self.npos += 1;
        self.buf[usize::from(self.npos)] = 0;
        Some(())
    }

    pub(super) fn number(&mut self, byte: u8) -> Outcome {
        let has = |flag| self.flags & flag != 0;
        let fraction_is_missing = has(SEEN_POINT) && !has(SEEN_FRACTION);
        match byte {
            b'0'..=b'9' if has(SEEN_POINT | SEEN_EXPONENT) => self.flags |= SEEN_FRACTION,
            b'0'..=b'9' if self.dcount < MAX_DIGITS => self.dcount += 1,
            b'-' if self.npos == 0 => {}
            b'-' | b'.' | b'e' | b'E' if self.dcount == 0 => return Err(Reject::NumberFormat),
            b'.' if !has(SEEN_POINT | SEEN_EXPONENT) => self.flags |= SEEN_POINT,
            b'e' | b'E' if fraction_is_missing => return Err(Reject::NoFraction),
            b'e' | b'E' if !has(SEEN_EXPONENT) => {
                self.flags |= SEEN_EXPONENT;
                self.set_state(State::Exponent);
            }
            b'.' | b'e' | b'E' => return Err(Reject::NumberFormat),
            _ if self.dcount == 0 => return Err(Reject::NumberFormat),
            _ if fraction_is_missing => return Err(Reject::NoFraction),
            _ => {
                // 4.1.6 looks for the point only.
                let is_float = has(if cfg!(feature = "abi41") { SEEN_POINT } else { SEEN_POINT | SEEN_EXPONENT });
                self.set_state(State::CommaOrEnd);
                return Ok(Taken::EventAgain(if is_float { Reason::ValNumFloat } else { Reason::ValNumInt }));
            }
        }
        self.append_to_value(byte).ok_or(Reject::NumberTooLong)?;
        Ok(Taken::Byte)
    }

    pub(super) fn exponent(&mut self, byte: u8) -> Outcome {
        if !matches!(byte, b'0'..=b'9' | b'+' | b'-') {
            return Err(Reject::BadExponent);
        }
        self.append_to_value(byte).ok_or(Reject::NumberTooLong)?;
        self.go_to(State::Number)
    }

    pub(super) fn literal(&mut self, byte: u8) -> Outcome {
        let (text, value, reason) = LITERALS.get(usize::from(self.uni)).copied().ok_or(Reject::Unknown)?;
        if text.get(usize::from(self.dcount)) != Some(&byte) {
            return Err(Reject::UnknownToken);
        }
        self.dcount += 1;
        if usize::from(self.dcount) < text.len() {
            return Ok(Taken::Byte);
        }
        self.npos = value.len() as u8;
        self.buf[..value.len()].copy_from_slice(value);
        self.buf[value.len()] = 0;
        self.set_state(State::CommaOrEnd);
        Ok(Taken::Event(reason, Veto::NonZero, Follow::Nothing))
    }
}

/// A few bytes on their way into a string.
#[derive(Debug, Default)]
pub(super) struct Queue {
    bytes: [u8; 8],
    start: u8,
    end: u8,
}

impl Queue {
    pub(super) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.end)) {
            *place = byte;
            self.end += 1;
        }
    }

    pub(super) fn push_character(&mut self, character: char) {
        character.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| self.push(byte));
    }

    pub(super) fn pop(&mut self) -> Option<u8> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            return None;
        }
        self.start += 1;
        self.bytes.get(usize::from(self.start - 1)).copied()
    }
}

//! The chunked transfer coding (RFC 9112 §7.1): decoding as bytes arrive, and encoding.
//!
//! The decoder points into the caller's buffer and copies nothing. It is strict where others have been lax and were
//! fooled: sizes are bare hex digits, lines end in CR LF, chunk data is followed by CR LF. Extensions and trailers are
//! skipped, up to a limit.
//!
//! States of a decoder, per chunk: size, extension, data, line end; then the trailer lines, and the end for good.

use std::ops::Range;

/// What the decoder found next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChunkEvent {
    /// Body bytes, at these offsets of the buffer; never empty.
    Data(Range<usize>),
    /// The body and its trailers are over; what follows in the buffer belongs to the next message.
    End,
    /// The buffer is used up.
    NeedMore,
    /// The coding is broken, with the reason for the log. Stays so.
    Error(&'static str),
}

/// Decodes one chunked body.
#[derive(Debug, Clone)]
pub struct ChunkDecoder {
    state: State,
    /// Of the chunk size while it is read; of the data still to come after that.
    size: u64,
    size_digits: u8,
    /// Bytes of extensions and trailers seen.
    overhead_bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Size,
    /// Blanks between size and extension.
    SizeBlank,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerLine,
    TrailerLf,
    EndLf,
    Ended,
    Failed(&'static str),
}

impl ChunkDecoder {
    /// A decoder at the beginning of a body.
    pub fn new() -> Self {
        ChunkDecoder { state: State::Size, size: 0, size_digits: 0, overhead_bytes: 0 }
    }

    /// Whether the end of the body was reached.
    pub fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Reads on in `buf` from `*pos` and advances it. Call again until `NeedMore`, `End` or `Error`.
    pub fn next(&mut self, buf: &[u8], pos: &mut usize) -> ChunkEvent {
        loop {
            match self.state {
                State::Ended => return ChunkEvent::End,
                State::Failed(what) => return ChunkEvent::Error(what),
                State::Data => match self.take_data(buf, pos) {
                    Some(range) => return ChunkEvent::Data(range),
                    None => return ChunkEvent::NeedMore,
                },
                _ => {}
            }
            let Some(&byte) = buf.get(*pos) else { return ChunkEvent::NeedMore };
            *pos += 1;
            self.state = self.step(byte);
        }
    }

    fn take_data(&mut self, buf: &[u8], pos: &mut usize) -> Option<Range<usize>> {
        let available = buf.len().saturating_sub(*pos);
        let len = usize::try_from(self.size).map_or(available, |size| size.min(available));
        if len == 0 {
            return None;
        }
        let range = *pos..*pos + len;
        *pos = range.end;
        self.size -= len as u64;
        if self.size == 0 {
            self.state = State::DataCr;
        }
        Some(range)
    }

    fn step(&mut self, byte: u8) -> State {
        match (self.state, byte) {
            (State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => self.add_digit(byte),
            (State::Size, _) if self.size_digits == 0 => State::Failed("chunk without a size"),
            (State::Size | State::SizeBlank | State::Extension, b'\r') => State::SizeLf,
            (State::Size | State::SizeBlank, b' ' | b'\t') => self.count(State::SizeBlank),
            (State::Size | State::SizeBlank, b';') => self.count(State::Extension),
            (State::Size | State::SizeBlank, _) => State::Failed("chunk size is not a hex number"),
            (State::Extension, b'\n' | 0) => State::Failed("bad byte in a chunk extension"),
            (State::Extension, _) => self.count(State::Extension),
            (State::SizeLf, b'\n') => {
                self.size_digits = 0;
                if self.size == 0 { State::TrailerStart } else { State::Data }
            }
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size,
            (State::DataCr | State::DataLf, _) => State::Failed("chunk is longer than its size"),
            (State::TrailerStart, b'\r') => State::EndLf,
            (State::TrailerLine, b'\r') => State::TrailerLf,
            (State::TrailerStart | State::TrailerLine, b'\n' | 0) => State::Failed("bad byte in a trailer"),
            (State::TrailerStart | State::TrailerLine, _) => self.count(State::TrailerLine),
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::EndLf, b'\n') => State::Ended,
            (State::SizeLf | State::TrailerLf | State::EndLf, _) => State::Failed("CR without LF in the chunk framing"),
            (State::Data | State::Ended | State::Failed(_), _) => self.state,
        }
    }

    fn add_digit(&mut self, byte: u8) -> State {
        if self.size_digits >= MAX_SIZE_DIGITS {
            return State::Failed("chunk size has too many digits");
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            _ => (byte | 0x20) - b'a' + 10,
        };
        self.size_digits += 1;
        self.size = self.size << 4 | u64::from(digit);
        State::Size
    }

    fn count(&mut self, next: State) -> State {
        self.overhead_bytes += 1;
        if self.overhead_bytes > MAX_OVERHEAD_BYTES {
            return State::Failed("chunk extensions and trailers are too long");
        }
        next
    }
}

impl Default for ChunkDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Appends `data` as one chunk to `out`; nothing if it is empty, since an empty chunk would end the body.
#[cfg(test)]
pub fn encode_chunk(data: &[u8], out: &mut Vec<u8>) {
    if data.is_empty() {
        return;
    }
    out.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}

/// What ends a chunked body without trailers.
#[cfg(test)]
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Sixteen digits hold any `u64`.
const MAX_SIZE_DIGITS: u8 = 16;
/// Over the whole body: nobody uses extensions or trailers of this length, but a peer could send them forever.
const MAX_OVERHEAD_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Body, and the offset behind the end or the error.
    fn decode(text: &[u8], piece: usize) -> (Vec<u8>, Result<Option<usize>, &'static str>) {
        let mut decoder = ChunkDecoder::new();
        let mut body = Vec::new();
        let mut done = 0;
        for part in text.chunks(piece) {
            let mut pos = 0;
            loop {
                match decoder.next(part, &mut pos) {
                    ChunkEvent::Data(range) => {
                        assert!(!range.is_empty());
                        body.extend_from_slice(&part[range]);
                    }
                    ChunkEvent::End => return (body, Ok(Some(done + pos))),
                    ChunkEvent::Error(what) => {
                        assert_eq!(decoder.next(part, &mut pos), ChunkEvent::Error(what));
                        return (body, Err(what));
                    }
                    ChunkEvent::NeedMore => break,
                }
            }
            assert_eq!(pos, part.len());
            done += part.len();
        }
        (body, Ok(None))
    }

    fn both_ways(text: &str) -> (String, Result<Option<usize>, &'static str>) {
        let whole = decode(text.as_bytes(), text.len().max(1));
        assert_eq!(whole, decode(text.as_bytes(), 1), "{text:?}");
        (String::from_utf8(whole.0).unwrap(), whole.1)
    }

    #[test]
    fn chunks_are_joined_and_the_rest_is_left() {
        let text = "5\r\nhello\r\n00000a;ext=\"x\"\r\n, chunked \r\n0\r\n\r\nnext";
        assert_eq!(both_ways(text), ("hello, chunked ".to_owned(), Ok(Some(text.len() - 4))));
        assert_eq!(both_ways("0\r\n\r\n"), (String::new(), Ok(Some(5))));
        assert_eq!(both_ways("A \t;x\r\n0123456789\r\n0 \r\n\r\n").0, "0123456789");
    }

    #[test]
    fn trailers_are_skipped() {
        let text = "1\r\nx\r\n0\r\nExpires: never\r\nX: y\r\n\r\n";
        assert_eq!(both_ways(text), ("x".to_owned(), Ok(Some(text.len()))));
    }

    #[test]
    fn an_unfinished_body_waits() {
        for text in ["", "5", "5\r\nhel", "5\r\nhello", "5\r\nhello\r\n", "0\r\n", "0\r\n\r", "0\r\nA: b\r\n"] {
            assert_eq!(both_ways(text).1, Ok(None), "{text:?}");
        }
    }

    #[test]
    fn broken_framing_is_refused() {
        for text in [
            "\r\n",
            "x\r\n",
            "-1\r\n",
            "+1\r\n",
            "0x1\r\n",
            " 1\r\n",
            "1 1\r\n",
            "1\nx",
            "1\rx",
            "1;a\n",
            "1;\0",
            "1\r\nxy",
            "1\r\nx\n",
            "1\r\nx\rY",
            "0\r\n\n",
            "0\r\nX: y\n",
            "0\r\nX: y\rz",
            "0\r\n\rx",
            "11111111111111111\r\n",
        ] {
            assert!(both_ways(text).1.is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_largest_size_is_no_overflow() {
        let (body, outcome) = both_ways("ffffffffffffffff\r\nabc");
        assert_eq!((body.as_str(), outcome), ("abc", Ok(None)));
    }

    #[test]
    fn endless_extensions_and_trailers_are_refused() {
        let long = "x".repeat(20_000);
        assert!(both_ways(&format!("1;{long}")).1.is_err());
        assert!(both_ways(&format!("0\r\n{long}")).1.is_err());
        assert!(both_ways(&"1;x\r\na\r\n".repeat(20_000)).1.is_err());
    }

    #[test]
    fn a_position_behind_the_buffer_is_harmless() {
        assert_eq!(ChunkDecoder::new().next(b"5\r\n", &mut 10), ChunkEvent::NeedMore);
    }

    proptest! {
        #[test]
        fn encoded_bodies_decode_in_any_pieces(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
            piece in 1usize..50,
        ) {
            let mut text = Vec::new();
            for chunk in &chunks {
                encode_chunk(chunk, &mut text);
            }
            text.extend_from_slice(LAST_CHUNK);
            prop_assert_eq!(decode(&text, piece), (chunks.concat(), Ok(Some(text.len()))));
        }

        #[test]
        fn any_chunking_gives_the_same_events(
            text in prop::collection::vec(prop::sample::select(b"019aF;\r\n x:".to_vec()), 0..60),
            piece in 1usize..10,
        ) {
            prop_assert_eq!(decode(&text, text.len().max(1)), decode(&text, piece));
        }
    }
}

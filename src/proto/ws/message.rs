//! Which pieces of messages and which control frames are in these bytes, and are they allowed here?
//! (RFC 6455 §5.2 to §5.5, §8.1)
//!
//! # Theory of operation
//!
//! [`Receiver::next`] is called with everything received and not yet consumed, again and again, and says one thing at a
//! time. It keeps no bytes and allocates nothing: payload is unmasked where it lies and reported as a range. What it
//! remembers between two calls is whether a frame is open (how much of it is due, its key turned to the phase of the
//! next byte), whether a message is open (its type, whether it is compressed), and where the text stands inside a
//! character.
//!
//! A byte is consumed (`pos` moves) only when something about it has been decided: a data header once it is complete
//! and allowed, payload when it is emitted, a control frame as a whole. Unconsumed bytes are unchanged, still masked,
//! and have to be presented again.
//!
//! A violation is final: the receiver repeats it for ever.
use super::Side;
use super::error::{self, PeerError};
use super::frame::{self, FrameHeader, MAX_CONTROL_PAYLOAD, Opcode, RSV1};
use super::mask;
use super::utf8::Utf8Validator;
use std::ops::Range;

/// What the connection allows; constant for its lifetime, passed in so that the receiver stays small.
#[derive(Clone, Copy, Debug)]
pub struct ReceiveRules {
    /// Whose end we are.
    pub side: Side,
    /// Refuse text that is not UTF-8. Compressed messages are not checked here: feed what they inflate to a
    /// [`Utf8Validator`].
    pub validate_utf8: bool,
    /// permessage-deflate was negotiated, so RSV1 may mark a compressed message.
    pub rsv1_allowed: bool,
}

/// What [`Receiver::next`] found. Ranges are ranges of the `buf` of that call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A piece of a message, unmasked in place.
    Data { range: Range<usize>, info: DataInfo },
    /// A ping, payload at most 125 bytes, unmasked in place.
    Ping { range: Range<usize> },
    /// A pong, likewise.
    Pong { range: Range<usize> },
    /// A close frame, likewise; see [`super::close::judge`]. Nothing may be received after it.
    Close { range: Range<usize> },
    /// Keep `buf[pos..]` and call again with more bytes behind it.
    NeedMore,
    /// The peer broke the protocol.
    Violation(PeerError),
}

/// What is known about a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataInfo {
    /// The first piece of its message.
    pub first: bool,
    /// The last piece of its message: the frame has FIN and nothing remains of it.
    pub last: bool,
    /// The message is binary; also in its continuations.
    pub binary: bool,
    /// Bytes of this frame behind this piece.
    pub frame_remaining: u64,
    /// Reserved bits of this frame, as [`FrameHeader::rsv`]: shifted left by 4 they are what `lws_get_reserved_bits`
    /// shows.
    pub rsv: u8,
    /// The message is compressed (RFC 7692 §6): its first frame had RSV1.
    pub compressed: bool,
    /// This frame has FIN.
    pub frame_fin: bool,
}

/// The receiving state of one connection.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Payload bytes of the open frame that were not emitted yet.
    frame_remaining: u64,
    /// The violation that ended reception.
    failed: Option<&'static PeerError>,
    /// Bytes of the unconsumed payload that went through the UTF-8 check ahead of being emitted (see `check_ahead`).
    checked: usize,
    /// The masking key, turned so that it fits the next byte; zero when the frame is not masked.
    key: [u8; 4],
    utf8: Utf8Validator,
    rsv: u8,
    in_frame: bool,
    fin: bool,
    in_message: bool,
    first: bool,
    binary: bool,
    compressed: bool,
}

// One of these sits in every connection.
const _: () = assert!(size_of::<Receiver>() <= 48);

impl Default for Receiver {
    fn default() -> Receiver {
        Receiver::new()
    }
}

impl Receiver {
    /// Between two messages.
    pub const fn new() -> Receiver {
        Receiver {
            frame_remaining: 0,
            failed: None,
            checked: 0,
            key: [0; 4],
            utf8: Utf8Validator::new(),
            rsv: 0,
            in_frame: false,
            fin: false,
            in_message: false,
            first: false,
            binary: false,
            compressed: false,
        }
    }

    /// Says what comes next in `buf[*pos..]`, the bytes that were not consumed yet, and consumes it.
    ///
    /// Pieces of messages are at most `limit` bytes (at least 1 is assumed) and never cross a frame. With `collect`
    /// every piece is as long as `limit` and the frame allow, whatever the segmentation was; the caller then has to be
    /// able to hold `limit` bytes and a header. Without it whatever is there of the payload is a piece. An empty data
    /// frame is one empty piece.
    ///
    /// Call until it returns [`Received::NeedMore`] or [`Received::Violation`].
    #[inline]
    pub fn next(
        &mut self,
        rules: ReceiveRules,
        buf: &mut [u8],
        pos: &mut usize,
        limit: usize,
        collect: bool,
    ) -> Received {
        if let Some(error) = self.failed {
            return Received::Violation(*error);
        }
        if !self.in_frame {
            let Some(unread) = buf.get(*pos..) else {
                return Received::NeedMore;
            };
            let (header, header_len) = match frame::split_header(unread) {
                Ok(Some(found)) => found,
                Ok(None) => return Received::NeedMore,
                Err(error) => return self.fail(error),
            };
            if let Err(error) = self.judge(rules, &header) {
                return self.fail(error);
            }
            if header.opcode.is_control() {
                return control_frame(&header, buf, pos, header_len);
            }
            *pos += header_len;
            self.open_frame(&header);
        }
        self.piece(rules, buf, pos, limit, collect)
    }

    /// The next message, if it is what most are: short, in one frame, and all of it is there. Consumes it and says where
    /// its payload is. `None`: it may be anything else, and nothing has changed. [`next`](Self::next) gives the same,
    /// which a test holds it to.
    #[inline]
    pub fn short_message(
        &self,
        rules: ReceiveRules,
        buf: &mut [u8],
        pos: &mut usize,
        limit: usize,
    ) -> Option<(Range<usize>, DataInfo)> {
        let is_masked = rules.side == Side::Server;
        let unread = buf.get_mut(*pos..)?;
        let &mut [b0, b1, ref mut rest @ ..] = unread else { return None };
        let len = b1 ^ if is_masked { 0x80 } else { 0 };
        let binary = b0 == 0x82;
        let is_text = b0 == 0x81 && !rules.validate_utf8;
        if !(binary || is_text) || len > 125 || usize::from(len) > limit || self.in_message || self.failed.is_some() {
            return None;
        }
        let len = usize::from(len);
        let head_len = if is_masked {
            let (&mut key, payload) = rest.split_first_chunk_mut()?;
            mask::apply(payload.get_mut(..len)?, key, 0);
            6
        } else {
            2
        };
        let range = *pos + head_len..*pos + head_len + len;
        if range.end > buf.len() {
            return None;
        }
        *pos = range.end;
        let info = DataInfo {
            first: true,
            last: true,
            binary,
            frame_remaining: 0,
            rsv: 0,
            compressed: false,
            frame_fin: true,
        };
        Some((range, info))
    }

    /// Payload bytes of the frame under way that were not emitted yet; 0 between frames.
    pub const fn frame_remaining(&self) -> u64 {
        self.frame_remaining
    }

    /// True while a message is open: its first frame was accepted and its last piece not emitted.
    pub const fn in_message(&self) -> bool {
        self.in_message
    }

    /// The type of the open message, or of the last one.
    #[cfg(test)]
    pub const fn is_binary(&self) -> bool {
        self.binary
    }

    /// Whether a frame with this header is allowed now.
    #[inline]
    fn judge(&self, rules: ReceiveRules, header: &FrameHeader) -> Result<(), &'static PeerError> {
        match (rules.side, header.mask) {
            (Side::Client, Some(_)) => return Err(&error::MASKED_BY_SERVER),
            (Side::Server, None) => return Err(&error::UNMASKED_BY_CLIENT),
            _ => {}
        }
        let starts_message = matches!(header.opcode, Opcode::Text | Opcode::Binary);
        let known_bits = if rules.rsv1_allowed && starts_message { RSV1 } else { 0 };
        if header.rsv & !known_bits != 0 {
            return Err(&error::RSV_BITS);
        }
        match (header.opcode, self.in_message) {
            (Opcode::Reserved(_), _) => Err(&error::BAD_OPCODE),
            (Opcode::Close | Opcode::Ping | Opcode::Pong, _) if !header.fin => Err(&error::FRAGMENTED_CONTROL),
            (Opcode::Close | Opcode::Ping | Opcode::Pong, _) if header.len > MAX_CONTROL_PAYLOAD as u64 => {
                Err(&error::LONG_CONTROL)
            }
            (Opcode::Close | Opcode::Ping | Opcode::Pong, _) => Ok(()),
            (Opcode::Continuation, true) | (Opcode::Text | Opcode::Binary, false) => Ok(()),
            (Opcode::Continuation, false) => Err(&error::BAD_CONTINUATION),
            (Opcode::Text | Opcode::Binary, true) => Err(&error::MESSAGE_INSIDE_MESSAGE),
        }
    }

    /// Takes over an allowed data header.
    #[inline]
    fn open_frame(&mut self, header: &FrameHeader) {
        self.in_frame = true;
        self.fin = header.fin;
        self.rsv = header.rsv;
        self.frame_remaining = header.len;
        self.key = header.mask.unwrap_or_default();
        if header.opcode != Opcode::Continuation {
            self.in_message = true;
            self.first = true;
            self.binary = header.opcode == Opcode::Binary;
            self.compressed = header.rsv & RSV1 != 0;
        }
    }

    /// The next piece of the open frame.
    #[inline]
    fn piece(&mut self, rules: ReceiveRules, buf: &mut [u8], pos: &mut usize, limit: usize, collect: bool) -> Received {
        let Some(unread) = buf.get_mut(*pos..) else {
            return Received::NeedMore;
        };
        let check = rules.validate_utf8 && !self.binary && !self.compressed;
        let wanted = usize::try_from(self.frame_remaining).unwrap_or(usize::MAX).min(limit.max(1));
        let len = wanted.min(unread.len());
        if len < wanted && (collect || len == 0) {
            return if check { self.check_ahead(unread) } else { Received::NeedMore };
        }
        let Some(piece) = unread.get_mut(..len) else {
            return Received::NeedMore;
        };
        if self.key != [0; 4] {
            mask::apply(piece, self.key, 0);
            self.key = mask::advance(self.key, len);
        }
        if check {
            let ahead = self.checked.min(len);
            self.checked -= ahead;
            if !self.utf8.feed(piece.get(ahead..).unwrap_or_default()) {
                return self.fail(&error::BAD_UTF8);
            }
        }
        self.frame_remaining -= len as u64;
        let frame_ends = self.frame_remaining == 0;
        let last = frame_ends && self.fin;
        if check && last && !self.utf8.is_complete() {
            return self.fail(&error::PARTIAL_UTF8);
        }
        let info = DataInfo {
            first: self.first,
            last,
            binary: self.binary,
            frame_remaining: self.frame_remaining,
            rsv: self.rsv,
            compressed: self.compressed,
            frame_fin: self.fin,
        };
        self.first = false;
        self.in_frame = !frame_ends;
        self.in_message = !last;
        let range = *pos..*pos + len;
        *pos = range.end;
        Received::Data { range, info }
    }

    /// Checks text that waits for the rest of its piece, so that a peer who sends garbage slowly hears of it at once.
    ///
    /// Only unmasked payload: masked bytes stay masked until they are consumed. (Collecting is what clients do, and
    /// what clients receive is not masked.)
    #[cold]
    fn check_ahead(&mut self, unread: &[u8]) -> Received {
        if self.key == [0; 4] {
            let fresh = unread.get(self.checked..).unwrap_or_default();
            self.checked += fresh.len();
            if !self.utf8.feed(fresh) {
                return self.fail(&error::BAD_UTF8);
            }
        }
        Received::NeedMore
    }

    #[cold]
    fn fail(&mut self, error: &'static PeerError) -> Received {
        self.failed = Some(error);
        Received::Violation(*error)
    }
}

/// Emits an allowed control frame if all of it is there.
#[inline]
fn control_frame(header: &FrameHeader, buf: &mut [u8], pos: &mut usize, header_len: usize) -> Received {
    let start = *pos + header_len;
    // `judge` let at most 125 bytes through.
    let range = start..start + header.len as usize;
    let Some(payload) = buf.get_mut(range.clone()) else {
        return Received::NeedMore;
    };
    if let Some(key) = header.mask {
        mask::apply(payload, key, 0);
    }
    *pos = range.end;
    match header.opcode {
        Opcode::Close => Received::Close { range },
        Opcode::Ping => Received::Ping { range },
        _ => Received::Pong { range },
    }
}

#[cfg(test)]
mod tests {
    use super::super::close::CloseCode;
    use super::super::frame::{FrameKind, append_frame};
    use super::*;
    use proptest::prelude::*;

    const KEY: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

    /// What a program would see.
    #[derive(Clone, Debug, PartialEq, Eq)]
    enum Event {
        Data(Vec<u8>, DataInfo),
        Ping(Vec<u8>),
        Pong(Vec<u8>),
        Close(Vec<u8>),
        Violation(&'static str),
    }

    #[derive(Clone, Copy)]
    struct Mode {
        rules: ReceiveRules,
        limit: usize,
        collect: bool,
    }

    const CLIENT: Mode = Mode {
        rules: ReceiveRules { side: Side::Client, validate_utf8: true, rsv1_allowed: false },
        limit: 1024,
        collect: true,
    };
    const SERVER: Mode = Mode {
        rules: ReceiveRules { side: Side::Server, validate_utf8: true, rsv1_allowed: false },
        limit: 1024,
        collect: false,
    };

    /// Receives `chunks` one after the other, as a connection would: what is not consumed is kept.
    fn receive<'a>(mode: Mode, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
        let mut receiver = Receiver::new();
        let (mut events, mut kept) = (Vec::new(), Vec::new());
        for chunk in chunks {
            kept.extend_from_slice(chunk);
            let mut pos = 0;
            loop {
                let before = (pos, kept.clone());
                let received = receiver.next(mode.rules, &mut kept, &mut pos, mode.limit, mode.collect);
                let payload = |range: Range<usize>| kept[range].to_vec();
                events.push(match received {
                    Received::Data { range, info } => {
                        assert_eq!(range.end, pos);
                        assert!(range.len() <= mode.limit);
                        Event::Data(payload(range), info)
                    }
                    Received::Ping { range } => Event::Ping(payload(range)),
                    Received::Pong { range } => Event::Pong(payload(range)),
                    Received::Close { range } => Event::Close(payload(range)),
                    Received::NeedMore => {
                        assert_eq!(kept[pos..], before.1[pos..], "unconsumed bytes stay as they are");
                        break;
                    }
                    Received::Violation(error) => {
                        let again = receiver.next(mode.rules, &mut kept, &mut pos, mode.limit, mode.collect);
                        assert_eq!(again, Received::Violation(error), "a violation is final");
                        events.push(Event::Violation(error.what));
                        return events;
                    }
                });
            }
            kept.drain(..pos);
        }
        events
    }

    /// FIN, reserved bits, opcode, payload of each frame.
    type Frames<'a> = &'a [(bool, u8, u8, &'a [u8])];

    /// One frame as the peer of `mode` sends it.
    fn frame(mode: Mode, fin: bool, rsv: u8, opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mask = (mode.rules.side == Side::Server).then_some(KEY);
        append_frame(&mut out, FrameKind { fin, rsv, opcode: Opcode::from_bits(opcode) }, payload, mask);
        out
    }

    fn events(mode: Mode, frames: Frames<'_>) -> Vec<Event> {
        let bytes: Vec<u8> =
            frames.iter().flat_map(|&(fin, rsv, opcode, payload)| frame(mode, fin, rsv, opcode, payload)).collect();
        receive(mode, [&bytes[..]])
    }

    /// Shorthand for the pieces: (first, last, binary, remaining, length).
    fn pieces(events: &[Event]) -> Vec<(bool, bool, bool, u64, usize)> {
        let piece = |event: &Event| match event {
            Event::Data(data, i) => Some((i.first, i.last, i.binary, i.frame_remaining, data.len())),
            _ => None,
        };
        events.iter().filter_map(piece).collect()
    }

    #[test]
    fn a_frame_is_cut_at_the_limit_whatever_the_segmentation() {
        // As 4.3.5: a frame of 3000 with a buffer of 1024 gives 1024, 1024, 952.
        let bytes = frame(CLIENT, true, 0, 2, &[b'q'; 3000]);
        let expected = [(true, false, true, 1976, 1024), (false, false, true, 952, 1024), (false, true, true, 0, 952)];
        assert_eq!(pieces(&receive(CLIENT, [&bytes[..]])), expected);
        for size in [1, 7, 1000, 1023, 1024, 1025, 2999] {
            assert_eq!(pieces(&receive(CLIENT, bytes.chunks(size))), expected, "chunks of {size}");
        }
    }

    #[test]
    fn a_server_emits_what_is_there() {
        let bytes = frame(SERVER, true, 0, 2, &[b'q'; 300]);
        let mode = Mode { limit: 100, ..SERVER };
        let lengths: Vec<usize> = pieces(&receive(mode, bytes.chunks(128))).iter().map(|piece| piece.4).collect();
        assert_eq!(lengths, [100, 20, 100, 28, 52], "headers of 4 + 4 bytes");
    }

    #[test]
    fn an_empty_frame_is_one_empty_piece() {
        for mode in [CLIENT, SERVER] {
            assert_eq!(pieces(&events(mode, &[(true, 0, 1, b"")])), [(true, true, false, 0, 0)]);
            let fragments: Frames<'_> = &[(false, 0, 2, b""), (false, 0, 0, b""), (true, 0, 0, b"")];
            let expected = [(true, false, true, 0, 0), (false, false, true, 0, 0), (false, true, true, 0, 0)];
            assert_eq!(pieces(&events(mode, fragments)), expected);
        }
    }

    #[test]
    fn control_frames_between_fragments_do_not_disturb_the_message() {
        for mode in [CLIENT, SERVER] {
            let seen = events(
                mode,
                &[
                    (false, 0, 2, b"one"),
                    (true, 0, 9, b"ping"),
                    (false, 0, 0, b"two"),
                    (true, 0, 10, b""),
                    (true, 0, 0, b"3"),
                ],
            );
            let expected = [(true, false, true, 0, 3), (false, false, true, 0, 3), (false, true, true, 0, 1)];
            assert_eq!(pieces(&seen), expected);
            assert_eq!((&seen[1], &seen[3]), (&Event::Ping(b"ping".to_vec()), &Event::Pong(Vec::new())));
        }
    }

    #[test]
    fn a_control_frame_waits_until_it_is_whole() {
        for mode in [CLIENT, SERVER] {
            let bytes = frame(mode, true, 0, 8, b"\x03\xe8bye");
            assert_eq!(receive(mode, [&bytes[..bytes.len() - 1]]), []);
            assert_eq!(receive(mode, bytes.chunks(1)), [Event::Close(b"\x03\xe8bye".to_vec())]);
        }
    }

    #[test]
    fn the_getters_follow_the_message() {
        let mut receiver = Receiver::new();
        let mut bytes = frame(CLIENT, false, 0, 2, b"ab");
        bytes.extend(frame(CLIENT, true, 0, 0, b"cd"));
        let mut pos = 0;
        let mut next = |receiver: &mut Receiver| receiver.next(CLIENT.rules, &mut bytes, &mut pos, 10, true);
        assert!(!receiver.in_message());
        next(&mut receiver);
        assert!(receiver.in_message() && receiver.is_binary());
        next(&mut receiver);
        assert!(!receiver.in_message() && receiver.is_binary());
    }

    #[test]
    fn a_limit_of_zero_counts_as_one() {
        let mode = Mode { limit: 0, ..CLIENT };
        let mut bytes = frame(mode, true, 0, 2, b"ab");
        let (mut receiver, mut pos) = (Receiver::new(), 0);
        let Received::Data { range, .. } = receiver.next(mode.rules, &mut bytes, &mut pos, 0, true) else {
            panic!("no data");
        };
        assert_eq!(range, 2..3);
    }

    #[test]
    fn every_violation_is_found_on_both_sides() {
        let long = [0u8; 126];
        let cases: &[(Frames<'_>, &str)] = &[
            (&[(true, 4, 1, b"x")], "rsv bits"),
            (&[(true, 2, 1, b"x")], "rsv bits"),
            (&[(true, 1, 9, b"x")], "rsv bits"),
            (&[(true, 0, 3, b"")], "bad opc"),
            (&[(true, 0, 7, b"")], "bad opc"),
            (&[(true, 0, 11, b"")], "bad opc"),
            (&[(true, 0, 15, b"")], "bad opc"),
            (&[(true, 0, 0, b"x")], "bad cont"),
            (&[(true, 0, 1, b"x"), (false, 0, 0, b"x")], "bad cont"),
            (&[(false, 0, 1, b"x"), (true, 0, 1, b"x")], "new message inside a message"),
            (&[(false, 0, 1, b"x"), (false, 0, 2, b"x")], "new message inside a message"),
            (&[(false, 0, 9, b"")], "frag ctl"),
            (&[(false, 0, 8, b"")], "frag ctl"),
            (&[(true, 0, 9, &long)], "long ctl"),
            (&[(true, 0, 10, &long)], "long ctl"),
            (&[(true, 0, 8, &long)], "long ctl"),
            (&[(true, 0, 1, b"a\xff\xfe")], "bad utf8"),
            (&[(true, 0, 1, b"a\xc3")], "partial utf8"),
            (&[(false, 0, 1, b"a\xc3"), (true, 0, 0, b"")], "partial utf8"),
            (&[(false, 0, 1, b"a\xc3"), (true, 0, 0, b"b")], "bad utf8"),
        ];
        for mode in [CLIENT, SERVER] {
            for (frames, what) in cases {
                let seen = events(mode, frames);
                assert_eq!(seen.last(), Some(&Event::Violation(what)), "{frames:?}");
                // What came before it was delivered; the offending frame was not.
                assert_eq!(seen.len(), frames.len(), "{frames:?}");
            }
        }
    }

    #[test]
    fn a_violation_is_found_as_soon_as_the_header_is_there() {
        let bytes = frame(SERVER, true, 0, 9, &[0; 200]);
        assert_eq!(receive(SERVER, [&bytes[..8]]), [Event::Violation("long ctl")]);
        assert_eq!(receive(CLIENT, [&b"\x82\x7f\x80\0\0\0\0\0\0\0"[..]]), [Event::Violation("64-bit length")]);
        assert_eq!(receive(CLIENT, [&b"\x82\x7e\0\x01"[..]]), [Event::Violation("length not minimal")]);
    }

    #[test]
    fn the_short_way_gives_the_same_message_as_the_long_one() {
        let mut short_ones = 0;
        for (b0, b1, mode, open) in (0..=u16::MAX).flat_map(|bits| {
            let [b0, b1] = bits.to_be_bytes();
            [(CLIENT, false), (SERVER, false), (SERVER, true)].map(|(mode, open)| (b0, b1, mode, open))
        }) {
            let rules = ReceiveRules { rsv1_allowed: b0 & 1 != 0, validate_utf8: b1 & 1 != 0, ..mode.rules };
            let receiver = Receiver { in_message: open, ..Receiver::new() };
            let whole: Vec<u8> = [9, b0, b1].into_iter().chain(0x11..0x11 + 133).collect();
            for (end, limit) in [(whole.len(), 125), (whole.len(), 3), (3 + 4, 125)] {
                let (mut by_short, mut by_long) = (whole[..end].to_vec(), whole[..end].to_vec());
                let (mut short_at, mut long_at, mut long) = (1, 1, receiver.clone());
                let Some((range, info)) = receiver.short_message(rules, &mut by_short, &mut short_at, limit) else {
                    assert_eq!((&by_short[..], short_at), (&whole[..end], 1));
                    continue;
                };
                short_ones += 1;
                let received = long.next(rules, &mut by_long, &mut long_at, limit, true);
                assert_eq!(received, Received::Data { range, info }, "{b0:x} {b1:x}");
                assert_eq!((by_short, short_at), (by_long, long_at));
                assert!(!long.in_frame && !long.in_message && long.frame_remaining == 0 && long.checked == 0);
            }
        }
        // Binary of 0 to 125 bytes and text of even lengths on both sides; with little room of up to 3, with half a frame
        // of those that are there.
        let (all, small) = (126 + 63, 4 + 2);
        let there = |room: usize| (room + 1) + (room / 2 + 1);
        assert_eq!(short_ones, 2 * (all + small) + there(4) + there(0));
    }

    #[test]
    fn masking_is_required_of_clients_and_forbidden_to_servers() {
        assert_eq!(receive(CLIENT, [&frame(SERVER, true, 0, 1, b"x")[..]]), [Event::Violation("srv mask")]);
        assert_eq!(receive(SERVER, [&frame(CLIENT, true, 0, 1, b"x")[..]]), [Event::Violation("unmasked frame")]);
        let mut bytes = frame(SERVER, true, 0, 9, b"");
        let (mut pos, mut receiver) = (0, Receiver::new());
        let received = receiver.next(CLIENT.rules, &mut bytes, &mut pos, 10, true);
        let Received::Violation(error) = received else { panic!("{received:?}") };
        assert_eq!(error.close, CloseCode::ProtocolError);
    }

    #[test]
    fn rsv1_marks_a_compressed_message_only_on_its_first_frame() {
        let allow = |mode: Mode| Mode { rules: ReceiveRules { rsv1_allowed: true, ..mode.rules }, ..mode };
        for mode in [allow(CLIENT), allow(SERVER)] {
            // Compressed text is not UTF-8, and is not checked.
            let seen = events(
                mode,
                &[(false, 4, 1, b"\xff"), (true, 0, 9, b""), (true, 0, 0, b"\xfe"), (true, 0, 1, b"plain")],
            );
            let flags: Vec<(u8, bool)> = seen
                .iter()
                .filter_map(|event| match event {
                    Event::Data(_, info) => Some((info.rsv, info.compressed)),
                    _ => None,
                })
                .collect();
            assert_eq!(flags, [(4, true), (0, true), (0, false)]);
            for frames in [
                &[(false, 4, 1, &b""[..]), (true, 4, 0, b"")][..],
                &[(true, 4, 9, b"")],
                &[(true, 6, 1, b"")],
                &[(true, 5, 2, b"")],
            ] {
                assert_eq!(events(mode, frames).last(), Some(&Event::Violation("rsv bits")), "{frames:?}");
            }
        }
    }

    #[test]
    fn text_is_not_checked_without_the_rule_and_binary_never() {
        for mode in [CLIENT, SERVER] {
            let unchecked = Mode { rules: ReceiveRules { validate_utf8: false, ..mode.rules }, ..mode };
            assert_eq!(pieces(&events(unchecked, &[(true, 0, 1, b"a\xff\xfe")])).len(), 1);
            assert_eq!(pieces(&events(mode, &[(true, 0, 2, b"a\xff\xfe")])).len(), 1);
        }
    }

    #[test]
    fn characters_may_be_cut_by_pieces_and_fragments() {
        let text = "κόσμε€𝄞".as_bytes();
        for mode in [CLIENT, SERVER] {
            for cut in 0..text.len() {
                let seen =
                    events(Mode { limit: 1, ..mode }, &[(false, 0, 1, &text[..cut]), (true, 0, 0, &text[cut..])]);
                assert!(!seen.iter().any(|event| matches!(event, Event::Violation(_))), "cut {cut}: {seen:?}");
            }
        }
    }

    #[test]
    fn text_checked_ahead_is_not_checked_twice_when_the_limit_shrinks() {
        let mut bytes = frame(CLIENT, true, 0, 1, "aé€x".as_bytes());
        let (mut receiver, mut pos) = (Receiver::new(), 0);
        assert_eq!(receiver.next(CLIENT.rules, &mut bytes[..6], &mut pos, 100, true), Received::NeedMore);
        let mut text = Vec::new();
        while let Received::Data { range, .. } = receiver.next(CLIENT.rules, &mut bytes, &mut pos, 2, true) {
            text.extend_from_slice(&bytes[range]);
        }
        assert_eq!(text, "aé€x".as_bytes());
    }

    #[test]
    fn a_client_hears_of_bad_text_before_the_piece_is_complete() {
        let bytes = frame(CLIENT, true, 0, 1, b"fine so far \xff and a rest that never comes");
        assert_eq!(receive(CLIENT, [&bytes[..14], &bytes[14..20]]), [Event::Violation("bad utf8")]);
        assert_eq!(receive(CLIENT, [&bytes[..14]]), []);
    }

    #[test]
    fn nothing_to_read_and_a_position_behind_the_end_need_more() {
        let (mut receiver, mut pos) = (Receiver::new(), 0);
        assert_eq!(receiver.next(CLIENT.rules, &mut [], &mut pos, 10, true), Received::NeedMore);
        pos = 5;
        assert_eq!(receiver.next(CLIENT.rules, &mut [1, 2], &mut pos, 10, true), Received::NeedMore);
    }

    /// A conversation as a peer might send it: messages in fragments with control frames between, perhaps a mistake.
    fn conversation() -> impl Strategy<Value = Vec<(bool, u8, u8, Vec<u8>)>> {
        let text = prop::collection::vec(any::<char>(), 0..80)
            .prop_map(|chars| chars.into_iter().collect::<String>().into_bytes());
        let payload = prop_oneof![4 => text, 1 => prop::collection::vec(any::<u8>(), 0..700)];
        let control = (8u8..11, prop::collection::vec(any::<u8>(), 0..126));
        let message = (1u8..3, prop::collection::vec((payload, prop::option::of(control)), 1..5));
        let odd = (any::<bool>(), 0u8..8, 0u8..16, prop::collection::vec(any::<u8>(), 0..200));
        (prop::collection::vec(message, 0..5), prop::option::weighted(0.2, odd)).prop_map(|(messages, odd)| {
            let mut frames = Vec::new();
            for (opcode, fragments) in messages {
                let count = fragments.len();
                for (i, (payload, control)) in fragments.into_iter().enumerate() {
                    frames.push((i + 1 == count, 0, if i == 0 { opcode } else { 0 }, payload));
                    frames.extend(control.map(|(opcode, payload)| (true, 0, opcode, payload)));
                }
            }
            frames.extend(odd);
            frames
        })
    }

    fn cut<'a>(mut bytes: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
        let mut chunks = Vec::new();
        for &size in sizes.iter().cycle() {
            let (chunk, rest) = bytes.split_at(size.min(bytes.len()));
            chunks.push(chunk);
            bytes = rest;
            if bytes.is_empty() {
                break;
            }
        }
        chunks
    }

    /// Pieces of one frame joined, so that only what does not depend on the segmentation is left. A frame in which a
    /// violation was found may have delivered more or less of itself before, so it is left out.
    fn joined(events: Vec<Event>) -> Vec<Event> {
        let mut out: Vec<Event> = Vec::new();
        let mut open = false;
        for event in events {
            match (event, out.last_mut()) {
                (Event::Data(more, info), Some(Event::Data(data, all))) if open => {
                    data.extend(more);
                    *all = DataInfo { first: all.first, ..info };
                    open = info.frame_remaining > 0;
                }
                (event @ Event::Violation(_), _) => {
                    if open {
                        out.pop();
                    }
                    out.push(event);
                }
                (event, _) => {
                    open = matches!(&event, Event::Data(_, info) if info.frame_remaining > 0);
                    out.push(event);
                }
            }
        }
        out
    }

    proptest! {
        #[test]
        fn a_client_sees_the_same_events_in_any_chunking(
            frames in conversation(), limit in 1usize..300, sizes in prop::collection::vec(1usize..400, 1..10),
            rsv1: bool,
        ) {
            let mode = Mode { limit, rules: ReceiveRules { rsv1_allowed: rsv1, ..CLIENT.rules }, ..CLIENT };
            let bytes: Vec<u8> = frames.iter().flat_map(|(f, r, o, p)| frame(mode, *f, *r, *o, p)).collect();
            prop_assert_eq!(receive(mode, cut(&bytes, &sizes)), receive(mode, [&bytes[..]]));
        }

        #[test]
        fn a_server_sees_the_same_frames_in_any_chunking(
            frames in conversation(), limit in 1usize..300, sizes in prop::collection::vec(1usize..400, 1..10),
            rsv1: bool,
        ) {
            let mode = Mode { limit, rules: ReceiveRules { rsv1_allowed: rsv1, ..SERVER.rules }, ..SERVER };
            let bytes: Vec<u8> = frames.iter().flat_map(|(f, r, o, p)| frame(mode, *f, *r, *o, p)).collect();
            let whole = joined(receive(Mode { limit: usize::MAX, ..mode }, [&bytes[..]]));
            prop_assert_eq!(joined(receive(mode, cut(&bytes, &sizes))), whole.clone());
            // Both sides judge alike, masks apart.
            let rules = ReceiveRules { side: Side::Client, ..mode.rules };
            let client = Mode { limit: usize::MAX, rules, collect: true };
            let unmasked: Vec<u8> = frames.iter().flat_map(|(f, r, o, p)| frame(client, *f, *r, *o, p)).collect();
            prop_assert_eq!(joined(receive(client, [&unmasked[..]])), whole);
        }

        #[test]
        fn well_formed_conversations_arrive_as_sent(frames in conversation()) {
            let rules = ReceiveRules { validate_utf8: false, ..SERVER.rules };
            let mode = Mode { limit: usize::MAX, rules, ..SERVER };
            let bytes: Vec<u8> = frames.iter().flat_map(|(f, r, o, p)| frame(mode, *f, *r, *o, p)).collect();
            let seen = receive(mode, [&bytes[..]]);
            for (event, (fin, _, opcode, payload)) in seen.iter().zip(&frames) {
                match event {
                    Event::Data(data, info) => prop_assert_eq!((data, info.frame_fin), (payload, *fin)),
                    Event::Ping(data) => prop_assert_eq!((data, 9), (payload, *opcode)),
                    Event::Pong(data) => prop_assert_eq!((data, 10), (payload, *opcode)),
                    Event::Close(data) => prop_assert_eq!((data, 8), (payload, *opcode)),
                    Event::Violation(_) => {}
                }
            }
            prop_assert!(seen.len() == frames.len());
        }

        #[test]
        fn garbage_never_panics(bytes: Vec<u8>, limit: usize, collect: bool, server: bool, rsv1_allowed: bool) {
            let side = if server { Side::Server } else { Side::Client };
            let rules = ReceiveRules { side, validate_utf8: true, rsv1_allowed };
            receive(Mode { rules, limit: limit.max(1), collect }, bytes.chunks(3));
        }
    }
}

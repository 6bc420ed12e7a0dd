//! Frames: nine bytes of header, then a payload (RFC 9113 §4, §6).
use super::error::{ConnectionError, ErrorCode};

/// What a client sends before its first frame (RFC 9113 §3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes of a frame's header.
pub const HEADER_BYTES: usize = 9;
/// Largest payload that everybody takes.
pub const DEFAULT_MAX_PAYLOAD: usize = 16_384;
/// Largest payload there is.
pub const LARGEST_PAYLOAD: usize = (1 << 24) - 1;
const STREAM_MASK: u32 = 0x7fff_ffff;

/// The type of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Data,
    Headers,
    Priority,
    RstStream,
    Settings,
    PushPromise,
    Ping,
    GoAway,
    WindowUpdate,
    Continuation,
    /// To be ignored.
    Unknown(u8),
}

impl From<u8> for Kind {
    fn from(number: u8) -> Self {
        match number {
            0 => Kind::Data,
            1 => Kind::Headers,
            2 => Kind::Priority,
            3 => Kind::RstStream,
            4 => Kind::Settings,
            5 => Kind::PushPromise,
            6 => Kind::Ping,
            7 => Kind::GoAway,
            8 => Kind::WindowUpdate,
            9 => Kind::Continuation,
            other => Kind::Unknown(other),
        }
    }
}

impl From<Kind> for u8 {
    fn from(kind: Kind) -> u8 {
        match kind {
            Kind::Data => 0,
            Kind::Headers => 1,
            Kind::Priority => 2,
            Kind::RstStream => 3,
            Kind::Settings => 4,
            Kind::PushPromise => 5,
            Kind::Ping => 6,
            Kind::GoAway => 7,
            Kind::WindowUpdate => 8,
            Kind::Continuation => 9,
            Kind::Unknown(number) => number,
        }
    }
}

/// Flags; which frames they belong to is in the RFC.
pub mod flag {
    pub const ACK: u8 = 0x01;
    pub const END_STREAM: u8 = 0x01;
    pub const END_HEADERS: u8 = 0x04;
    pub const PADDED: u8 = 0x08;
    pub const PRIORITY: u8 = 0x20;
}

/// The first nine bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the payload.
    pub len: usize,
    pub kind: Kind,
    pub flags: u8,
    /// 0: the connection.
    pub stream: u32,
}

impl Header {
    /// The header at the start of `bytes`, if it is all there.
    pub fn parse(bytes: &[u8]) -> Option<Header> {
        let [a, b, c, kind, flags, s0, s1, s2, s3, ..] = *bytes else { return None };
        Some(Header {
            len: u32::from_be_bytes([0, a, b, c]) as usize,
            kind: Kind::from(kind),
            flags,
            stream: u32::from_be_bytes([s0, s1, s2, s3]) & STREAM_MASK,
        })
    }

    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Appends it.
    pub fn append(&self, out: &mut Vec<u8>) {
        let len = (self.len as u32).to_be_bytes();
        out.extend_from_slice(&len[1..]);
        out.extend_from_slice(&[u8::from(self.kind), self.flags]);
        out.extend_from_slice(&self.stream.to_be_bytes());
    }
}

/// Appends a whole frame.
pub fn append(kind: Kind, flags: u8, stream: u32, payload: &[u8], out: &mut Vec<u8>) {
    Header { len: payload.len(), kind, flags, stream }.append(out);
    out.extend_from_slice(payload);
}

/// Appends RST_STREAM.
pub fn append_reset(stream: u32, code: ErrorCode, out: &mut Vec<u8>) {
    append(Kind::RstStream, 0, stream, &u32::from(code).to_be_bytes(), out);
}

/// Appends WINDOW_UPDATE; `stream` 0: for the connection.
pub fn append_window_update(stream: u32, increment: u32, out: &mut Vec<u8>) {
    append(Kind::WindowUpdate, 0, stream, &(increment & STREAM_MASK).to_be_bytes(), out);
}

/// Appends GOAWAY with `text` as its debug data.
pub fn append_go_away(last_stream: u32, code: ErrorCode, text: &str, out: &mut Vec<u8>) {
    let mut payload = last_stream.to_be_bytes().to_vec();
    payload.extend_from_slice(&u32::from(code).to_be_bytes());
    payload.extend_from_slice(text.as_bytes());
    append(Kind::GoAway, 0, 0, &payload, out);
}

/// Appends a header block as HEADERS and as many CONTINUATION as a peer needs who takes `max_payload` bytes a frame.
pub fn append_block(stream: u32, block: &[u8], ends_stream: bool, max_payload: usize, out: &mut Vec<u8>) {
    let mut kind = Kind::Headers;
    let mut rest = block;
    loop {
        let (piece, behind) = rest.split_at(rest.len().min(max_payload));
        let mut flags = if behind.is_empty() { flag::END_HEADERS } else { 0 };
        if kind == Kind::Headers && ends_stream {
            flags |= flag::END_STREAM;
        }
        append(kind, flags, stream, piece, out);
        if behind.is_empty() {
            return;
        }
        kind = Kind::Continuation;
        rest = behind;
    }
}

/// The payload of a DATA or HEADERS frame without its padding, and where it begins in the payload.
pub fn without_padding(header: &Header, payload: &[u8]) -> Result<std::ops::Range<usize>, ConnectionError> {
    if !header.has(flag::PADDED) {
        return Ok(0..payload.len());
    }
    let padding = usize::from(*payload.first().ok_or(ConnectionError::size("a padded frame without its length"))?);
    match payload.len().checked_sub(padding) {
        Some(end) if end >= 1 => Ok(1..end),
        _ => Err(ConnectionError::protocol("more padding than payload")),
    }
}

/// The only number of a payload of four bytes.
pub fn number(payload: &[u8]) -> Option<u32> {
    <[u8; 4]>::try_from(payload).ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_comes_back() {
        for number in 0..=12u8 {
            let header = Header { len: 0x12_3456, kind: Kind::from(number), flags: 0x25, stream: 0x7fff_fffe };
            let mut out = Vec::new();
            header.append(&mut out);
            assert_eq!(out.len(), HEADER_BYTES);
            assert_eq!(out[3], number);
            assert_eq!(Header::parse(&out), Some(header));
            assert_eq!(Header::parse(&out[..8]), None);
        }
        // The reserved bit is ignored.
        assert_eq!(Header::parse(&[0, 0, 0, 6, 0, 0x80, 0, 0, 1]).map(|header| header.stream), Some(1));
    }

    #[test]
    fn long_blocks_are_continued() {
        let mut out = Vec::new();
        append_block(3, &[7; 25], true, 10, &mut out);
        let mut kinds = Vec::new();
        let mut rest = out.as_slice();
        while let Some(header) = Header::parse(rest) {
            kinds.push((header.kind, header.flags, header.len));
            rest = &rest[HEADER_BYTES + header.len..];
        }
        assert_eq!(
            kinds,
            [
                (Kind::Headers, flag::END_STREAM, 10),
                (Kind::Continuation, 0, 10),
                (Kind::Continuation, flag::END_HEADERS, 5)
            ]
        );
    }

    #[test]
    fn padding_is_taken_off() {
        let padded = |len| Header { len, kind: Kind::Data, flags: flag::PADDED, stream: 1 };
        assert_eq!(without_padding(&padded(5), &[2, 1, 1, 0, 0]), Ok(1..3));
        assert_eq!(without_padding(&padded(3), &[2, 0, 0]), Ok(1..1));
        assert_eq!(without_padding(&padded(3), &[3, 0, 0]).map_err(|error| error.code), Err(ErrorCode::ProtocolError));
        assert_eq!(without_padding(&padded(0), &[]).map_err(|error| error.code), Err(ErrorCode::FrameSizeError));
    }
}

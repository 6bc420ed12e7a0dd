//! What does a frame header say, and how is a frame written? (RFC 6455 §5.2)
//!
//! Pure layout: whether a frame is allowed at this point of the connection is judged in [`super::message`]. Only two
//! things are refused here, because they have no representation: lengths with the top bit, and lengths in a longer
//! form than needed.
use super::error::{self, PeerError};
use super::mask;

/// The largest header: two bytes, a 64-bit length, a masking key.
pub const MAX_HEADER: usize = 14;

/// The largest payload of a control frame (RFC 6455 §5.5).
pub const MAX_CONTROL_PAYLOAD: usize = 125;

/// RSV1 in [`FrameHeader::rsv`]; permessage-deflate marks compressed messages with it (RFC 7692 §6).
pub const RSV1: u8 = 4;

/// The four opcode bits, losslessly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
    /// 3-7 and 11-15. The value is never one that has a name of its own when it came from [`Opcode::from_bits`].
    Reserved(u8),
}

impl Opcode {
    /// The opcode in the low four bits of `bits`.
    #[inline]
    pub const fn from_bits(bits: u8) -> Opcode {
        match bits & 0x0f {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            other => Opcode::Reserved(other),
        }
    }

    /// The value for the low four bits of the first header byte.
    #[inline]
    pub const fn bits(self) -> u8 {
        match self {
            Opcode::Continuation => 0,
            Opcode::Text => 1,
            Opcode::Binary => 2,
            Opcode::Close => 8,
            Opcode::Ping => 9,
            Opcode::Pong => 10,
            Opcode::Reserved(other) => other & 0x0f,
        }
    }

    /// True for opcodes 8-15, the reserved ones included (RFC 6455 §5.5).
    #[inline]
    pub const fn is_control(self) -> bool {
        self.bits() & 8 != 0
    }
}

impl From<u8> for Opcode {
    fn from(bits: u8) -> Opcode {
        Opcode::from_bits(bits)
    }
}

impl From<Opcode> for u8 {
    fn from(opcode: Opcode) -> u8 {
        opcode.bits()
    }
}

/// Everything in front of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    pub fin: bool,
    /// The reserved bits, 0 to 7: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    pub rsv: u8,
    pub opcode: Opcode,
    /// The masking key, if the MASK bit is set.
    pub mask: Option<[u8; 4]>,
    /// Payload length in bytes, at most 2^63 - 1.
    pub len: u64,
}

/// What a sender decides about a frame; length and mask follow from the payload and the side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameKind {
    pub fin: bool,
    /// As [`FrameHeader::rsv`].
    pub rsv: u8,
    pub opcode: Opcode,
}

impl FrameKind {
    /// An unfragmented, uncompressed frame.
    pub const fn whole(opcode: Opcode) -> FrameKind {
        FrameKind { fin: true, rsv: 0, opcode }
    }

    /// The first byte of its header.
    #[inline]
    const fn first_byte(self) -> u8 {
        (self.fin as u8) << 7 | (self.rsv & 7) << 4 | self.opcode.bits()
    }
}

/// Reads the header at the start of `bytes`.
///
/// Returns the header and its size in bytes, or `None` if more bytes are needed. Errors: a 64-bit length with the top
/// bit, a length in a longer form than needed (RFC 6455 §5.2).
#[inline]
pub fn parse_header(bytes: &[u8]) -> Result<Option<(FrameHeader, usize)>, PeerError> {
    split_header(bytes).map_err(|error| *error)
}

/// [`parse_header`] with the error as a reference, which is what [`super::message::Receiver`] remembers.
#[inline]
pub(super) fn split_header(bytes: &[u8]) -> Result<Option<(FrameHeader, usize)>, &'static PeerError> {
    let &[b0, b1, ref rest @ ..] = bytes else {
        return Ok(None);
    };
    let (len, rest, mut header_len) = match b1 & 0x7f {
        126 => {
            let Some((len, rest)) = rest.split_first_chunk() else {
                return Ok(None);
            };
            let len = u16::from_be_bytes(*len);
            if len < 126 {
                return Err(&error::LENGTH_NOT_MINIMAL);
            }
            (u64::from(len), rest, 4)
        }
        127 => {
            let Some((len, rest)) = rest.split_first_chunk() else {
                return Ok(None);
            };
            let len = u64::from_be_bytes(*len);
            if len >> 63 != 0 {
                return Err(&error::LENGTH_TOP_BIT);
            }
            if len <= u64::from(u16::MAX) {
                return Err(&error::LENGTH_NOT_MINIMAL);
            }
            (len, rest, 10)
        }
        short => (u64::from(short), rest, 2),
    };
    let mask = if b1 & 0x80 != 0 {
        let Some(key) = rest.first_chunk() else {
            return Ok(None);
        };
        header_len += 4;
        Some(*key)
    } else {
        None
    };
    let header = FrameHeader { fin: b0 & 0x80 != 0, rsv: (b0 >> 4) & 7, opcode: Opcode::from_bits(b0), mask, len };
    Ok(Some((header, header_len)))
}

/// Writes `header` to the start of `out` and returns its size in bytes.
///
/// Lengths beyond 2^63 - 1 cannot be sent; no buffer is that long.
#[inline]
pub fn encode_header(header: &FrameHeader, out: &mut [u8; MAX_HEADER]) -> usize {
    let mask_bit = if header.mask.is_some() { 0x80 } else { 0 };
    out[0] = (u8::from(header.fin) << 7) | ((header.rsv & 7) << 4) | header.opcode.bits();
    let mut at = if header.len <= 125 {
        out[1] = mask_bit | header.len as u8;
        2
    } else if header.len <= u64::from(u16::MAX) {
        out[1] = mask_bit | 126;
        out[2..4].copy_from_slice(&(header.len as u16).to_be_bytes());
        4
    } else {
        out[1] = mask_bit | 127;
        out[2..10].copy_from_slice(&header.len.to_be_bytes());
        10
    };
    if let Some(key) = header.mask {
        out[at..at + 4].copy_from_slice(&key);
        at += 4;
    }
    at
}

/// Appends a whole frame to `out`: header, and `payload` masked with `mask` if there is one.
///
/// `payload` is only read. Reserves once and copies once, so several frames can be collected in one buffer and leave
/// with one system call.
#[inline(always)]
pub fn append_frame(out: &mut Vec<u8>, kind: FrameKind, payload: &[u8], mask: Option<[u8; 4]>) {
    if payload.len() > MAX_CONTROL_PAYLOAD || mask.is_some() {
        return append_other_frame(out, kind, payload, mask);
    }
    out.reserve(2 + payload.len());
    // Two bytes are pushed: a slice would be a call of memcpy.
    out.push(kind.first_byte());
    out.push(payload.len() as u8);
    out.extend_from_slice(payload);
}

/// [`append_frame`] of what is masked or longer.
#[inline(never)]
fn append_other_frame(out: &mut Vec<u8>, kind: FrameKind, payload: &[u8], mask: Option<[u8; 4]>) {
    match mask {
        Some(key) if payload.len() <= MAX_CONTROL_PAYLOAD => {
            let [k0, k1, k2, k3] = key;
            out.reserve(6 + payload.len());
            for byte in [kind.first_byte(), payload.len() as u8 | 0x80, k0, k1, k2, k3] {
                out.push(byte);
            }
            mask::append_masked(out, payload, key);
        }
        _ => append_long_frame(out, kind, payload, mask),
    }
}

fn append_long_frame(out: &mut Vec<u8>, kind: FrameKind, payload: &[u8], mask: Option<[u8; 4]>) {
    let FrameKind { fin, rsv, opcode } = kind;
    let mut head = [0; MAX_HEADER];
    let head_len = encode_header(&FrameHeader { fin, rsv, opcode, mask, len: payload.len() as u64 }, &mut head);
    out.reserve(MAX_HEADER + payload.len());
    // Appending a constant size and cutting it is cheaper than appending two to fourteen bytes.
    let start = out.len();
    out.extend_from_slice(&head);
    out.truncate(start + head_len);
    match mask {
        Some(key) => mask::append_masked(out, payload, key),
        None => out.extend_from_slice(payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(fin: bool, rsv: u8, opcode: u8, mask: Option<[u8; 4]>, len: u64) -> FrameHeader {
        FrameHeader { fin, rsv, opcode: Opcode::from_bits(opcode), mask, len }
    }

    fn encoded(header: &FrameHeader) -> Vec<u8> {
        let mut out = [0; MAX_HEADER];
        let len = encode_header(header, &mut out);
        out[..len].to_vec()
    }

    #[test]
    fn all_sixteen_opcodes_survive_the_round_trip() {
        for bits in 0..16 {
            let opcode = Opcode::from(bits);
            assert_eq!(u8::from(opcode), bits);
            assert_eq!(opcode.is_control(), bits >= 8);
            let has_name = matches!(bits, 0..=2 | 8..=10);
            assert_eq!(matches!(opcode, Opcode::Reserved(_)), !has_name, "{bits}");
        }
    }

    #[test]
    fn examples_of_rfc_6455_section_5_7_parse() {
        let unmasked_hello = [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f];
        assert_eq!(parse_header(&unmasked_hello), Ok(Some((header(true, 0, 1, None, 5), 2))));
        let masked_hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let key = Some([0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(parse_header(&masked_hello), Ok(Some((header(true, 0, 1, key, 5), 6))));
        assert_eq!(parse_header(&[0x82, 0x7e, 0x01, 0x00]), Ok(Some((header(true, 0, 2, None, 256), 4))));
        let big = [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0];
        assert_eq!(parse_header(&big), Ok(Some((header(true, 0, 2, None, 65536), 10))));
    }

    #[test]
    fn each_length_takes_its_shortest_form() {
        for (len, size) in [(0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10), (u64::MAX >> 1, 10)] {
            assert_eq!(encoded(&header(true, 0, 2, None, len)).len(), size);
            assert_eq!(encoded(&header(true, 0, 2, Some([1, 2, 3, 4]), len)).len(), size + 4);
        }
    }

    #[test]
    fn lengths_in_a_longer_form_than_needed_are_refused() {
        assert_eq!(parse_header(&[0x82, 126, 0, 125]), Err(error::LENGTH_NOT_MINIMAL));
        assert_eq!(parse_header(&[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff]), Err(error::LENGTH_NOT_MINIMAL));
        assert!(parse_header(&[0x82, 126, 0, 126]).is_ok());
        assert!(parse_header(&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]).is_ok());
    }

    #[test]
    fn a_64_bit_length_with_the_top_bit_is_refused() {
        assert_eq!(parse_header(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), Err(error::LENGTH_TOP_BIT));
        let most = [0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(parse_header(&most), Ok(Some((header(true, 0, 2, None, u64::MAX >> 1), 10))));
    }

    #[test]
    fn a_frame_is_appended_behind_what_is_there() {
        let mut out = b"before".to_vec();
        append_frame(&mut out, FrameKind::whole(Opcode::Text), b"Hello", Some([0x37, 0xfa, 0x21, 0x3d]));
        append_frame(&mut out, FrameKind { fin: false, rsv: RSV1, opcode: Opcode::Binary }, b"x", None);
        assert_eq!(out, b"before\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x42\x01x");
    }

    proptest! {
        #[test]
        fn headers_survive_the_round_trip_and_are_never_guessed_early(
            fin: bool, rsv in 0u8..8, opcode in 0u8..16, mask: Option<[u8; 4]>,
            len in prop_oneof![0u64..300, 65000u64..70000, 0..=u64::MAX >> 1],
        ) {
            let header = header(fin, rsv, opcode, mask, len);
            let bytes = encoded(&header);
            for cut in 0..bytes.len() {
                prop_assert_eq!(parse_header(&bytes[..cut]), Ok(None));
            }
            prop_assert_eq!(parse_header(&bytes), Ok(Some((header, bytes.len()))));
        }

        #[test]
        fn any_bytes_parse_or_are_refused_without_panic(bytes: Vec<u8>) {
            if let Ok(Some((header, len))) = parse_header(&bytes) {
                prop_assert_eq!(&encoded(&header)[..], &bytes[..len]);
            }
        }
    }
}

//! Which close codes are legal, what does the program see of the peer's close frame, and what is echoed?
//! (RFC 6455 §5.5.1, §7.4)
use super::Side;
use super::error::{self, PeerError};
use super::utf8::Utf8Validator;

/// The longest reason text: a control frame holds 125 bytes, the code takes two (RFC 6455 §5.5).
pub const MAX_REASON: usize = 123;

/// A close code, losslessly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// 1000
    Normal,
    /// 1001
    GoingAway,
    /// 1002
    ProtocolError,
    /// 1003
    UnsupportedData,
    /// 1005: "there was no code"; never on the wire.
    NoStatus,
    /// 1006: "there was no close frame"; never on the wire.
    Abnormal,
    /// 1007
    InvalidPayload,
    /// 1008
    PolicyViolation,
    /// 1009
    MessageTooBig,
    /// 1010
    MandatoryExtension,
    /// 1011
    InternalError,
    /// 1012, registered after the RFC
    ServiceRestart,
    /// 1013, registered after the RFC
    TryAgainLater,
    /// 1014, registered after the RFC
    BadGateway,
    /// 1015: "TLS failed"; never on the wire according to the RFC.
    TlsHandshake,
    /// Any other value. Never one that has a name of its own when it came from [`CloseCode::from_u16`].
    Other(u16),
}

impl CloseCode {
    /// The code with this number.
    pub const fn from_u16(code: u16) -> CloseCode {
        match code {
            1000 => CloseCode::Normal,
            1001 => CloseCode::GoingAway,
            1002 => CloseCode::ProtocolError,
            1003 => CloseCode::UnsupportedData,
            1005 => CloseCode::NoStatus,
            1006 => CloseCode::Abnormal,
            1007 => CloseCode::InvalidPayload,
            1008 => CloseCode::PolicyViolation,
            1009 => CloseCode::MessageTooBig,
            1010 => CloseCode::MandatoryExtension,
            1011 => CloseCode::InternalError,
            1012 => CloseCode::ServiceRestart,
            1013 => CloseCode::TryAgainLater,
            1014 => CloseCode::BadGateway,
            1015 => CloseCode::TlsHandshake,
            other => CloseCode::Other(other),
        }
    }

    /// The number of this code.
    pub const fn as_u16(self) -> u16 {
        match self {
            CloseCode::Normal => 1000,
            CloseCode::GoingAway => 1001,
            CloseCode::ProtocolError => 1002,
            CloseCode::UnsupportedData => 1003,
            CloseCode::NoStatus => 1005,
            CloseCode::Abnormal => 1006,
            CloseCode::InvalidPayload => 1007,
            CloseCode::PolicyViolation => 1008,
            CloseCode::MessageTooBig => 1009,
            CloseCode::MandatoryExtension => 1010,
            CloseCode::InternalError => 1011,
            CloseCode::ServiceRestart => 1012,
            CloseCode::TryAgainLater => 1013,
            CloseCode::BadGateway => 1014,
            CloseCode::TlsHandshake => 1015,
            CloseCode::Other(other) => other,
        }
    }
}

impl From<u16> for CloseCode {
    fn from(code: u16) -> CloseCode {
        CloseCode::from_u16(code)
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> u16 {
        code.as_u16()
    }
}

/// Whether the peer may send `code` when we are on `side`.
///
/// As 4.3.5: illegal are codes below 1000, 1004-1006 and 1016-2999; a server also refuses 1012-1015, which a client
/// takes. Codes from 3000 on, those beyond 4999 included, pass.
pub const fn legal_on_wire(code: u16, side: Side) -> bool {
    match code {
        0..=999 | 1004..=1006 | 1016..=2999 => false,
        1012..=1015 => matches!(side, Side::Client),
        _ => true,
    }
}

/// What to answer to the peer's close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// A close frame with the same payload, as it is after [`judge`].
    Payload,
    /// Not the payload: the peer broke a rule. The program is not told.
    Refuse(PeerError),
}

/// The verdict of [`judge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseJudgement {
    /// What to answer.
    pub echo: Echo,
    /// The code as the program sees it and as it is echoed; `None` when the payload has less than two bytes.
    pub code: Option<CloseCode>,
    /// The code was illegal and now reads 1002, in `code` and in the payload.
    pub was_illegal: bool,
    /// The payload is a single byte: half a code. By the RFC a protocol error; 4.3.5 shows it to the program and
    /// echoes it, and so do we.
    pub one_byte: bool,
}

/// Judges the unmasked `payload` of a close frame from the peer and replaces an illegal code by 1002 in place.
///
/// `side` is ours. With `validate_utf8` a reason that is not UTF-8 is refused (RFC 6455 §5.5.1).
pub fn judge(payload: &mut [u8], side: Side, validate_utf8: bool) -> CloseJudgement {
    let one_byte = payload.len() == 1;
    let Some((code, reason)) = payload.split_first_chunk_mut::<2>() else {
        return CloseJudgement { echo: Echo::Payload, code: None, was_illegal: false, one_byte };
    };
    let was_illegal = !legal_on_wire(u16::from_be_bytes(*code), side);
    if was_illegal {
        *code = CloseCode::ProtocolError.as_u16().to_be_bytes();
    }
    let echo = if validate_utf8 && !is_utf8(reason) { Echo::Refuse(error::BAD_UTF8) } else { Echo::Payload };
    CloseJudgement { echo, code: Some(CloseCode::from_u16(u16::from_be_bytes(*code))), was_illegal, one_byte }
}

fn is_utf8(text: &[u8]) -> bool {
    let mut validator = Utf8Validator::new();
    validator.feed(text) && validator.is_complete()
}

/// The payload of a close frame of ours: nothing, or a code and a reason. At most 125 bytes, held inline.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClosePayload {
    bytes: [u8; 2 + MAX_REASON],
    len: u8,
}

impl ClosePayload {
    /// The payload of a close frame without code.
    pub const EMPTY: ClosePayload = ClosePayload { bytes: [0; 2 + MAX_REASON], len: 0 };

    /// A copy of the peer's payload, to echo it. What exceeds a control frame is cut.
    pub fn copy_of(payload: &[u8]) -> ClosePayload {
        let mut copy = ClosePayload::EMPTY;
        for (to, from) in copy.bytes.iter_mut().zip(payload) {
            *to = *from;
        }
        copy.len = payload.len().min(copy.bytes.len()) as u8;
        copy
    }

    /// The bytes for the frame.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl From<PeerError> for ClosePayload {
    fn from(error: PeerError) -> ClosePayload {
        encode_close(error.close, error.what.as_bytes())
    }
}

impl std::fmt::Debug for ClosePayload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ClosePayload").field(&self.as_slice()).finish()
    }
}

/// The payload for a close frame with `code` and the reason `text`.
///
/// The code is not checked: programs may send what they like, as with 4.3.5. Text beyond [`MAX_REASON`] bytes is cut
/// silently; a character that the cut would go through is left out, because the peer may check for UTF-8 (4.3.5 cuts
/// at byte 123 regardless).
pub fn encode_close(code: CloseCode, text: &[u8]) -> ClosePayload {
    let mut payload = ClosePayload::EMPTY;
    let reason = match text.get(..MAX_REASON) {
        Some(cut) if text.len() > MAX_REASON => match std::str::from_utf8(cut) {
            Err(error) if error.error_len().is_none() => cut.get(..error.valid_up_to()).unwrap_or(cut),
            _ => cut,
        },
        _ => text,
    };
    let code = code.as_u16().to_be_bytes();
    for (to, from) in payload.bytes.iter_mut().zip(code.iter().chain(reason)) {
        *to = *from;
    }
    payload.len = (2 + reason.len()) as u8;
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing new comes above 5000, and Miri is slow.
    const LAST: u16 = if cfg!(miri) { 5100 } else { u16::MAX };

    fn judged(payload: &[u8], side: Side) -> (Vec<u8>, CloseJudgement) {
        let mut payload = payload.to_vec();
        let judgement = judge(&mut payload, side, false);
        (payload, judgement)
    }

    #[test]
    fn every_code_survives_the_round_trip() {
        for code in 0..=LAST {
            assert_eq!(u16::from(CloseCode::from(code)), code);
            let has_name = matches!(code, 1000..=1003 | 1005..=1015);
            assert_eq!(matches!(CloseCode::from(code), CloseCode::Other(_)), !has_name, "{code}");
        }
    }

    #[test]
    fn illegal_codes_are_those_of_4_3_5_per_side() {
        for code in 0..=LAST {
            let illegal_for_all = code < 1000 || (1004..=1006).contains(&code) || (1016..3000).contains(&code);
            assert_eq!(legal_on_wire(code, Side::Client), !illegal_for_all, "{code}");
            let illegal_for_server = illegal_for_all || (1012..=1015).contains(&code);
            assert_eq!(legal_on_wire(code, Side::Server), !illegal_for_server, "{code}");
        }
    }

    #[test]
    fn an_illegal_code_becomes_1002_in_place_and_the_reason_stays() {
        let (payload, judgement) = judged(b"\x03\xedx", Side::Client);
        assert_eq!(payload, b"\x03\xeax");
        assert!(judgement.was_illegal && judgement.echo == Echo::Payload);
        assert_eq!(judgement.code, Some(CloseCode::ProtocolError));
    }

    #[test]
    fn code_1012_is_illegal_for_a_server_and_fine_for_a_client() {
        assert_eq!(judged(b"\x03\xf4", Side::Client).0, b"\x03\xf4");
        assert_eq!(judged(b"\x03\xf4", Side::Server).0, b"\x03\xea");
    }

    #[test]
    fn a_one_byte_payload_is_passed_on_and_echoed() {
        let (payload, judgement) = judged(b"\x03", Side::Client);
        assert_eq!(payload, b"\x03");
        assert_eq!(judgement, CloseJudgement { echo: Echo::Payload, code: None, was_illegal: false, one_byte: true });
        assert!(!judged(b"", Side::Server).1.one_byte);
    }

    #[test]
    fn a_reason_that_is_not_utf8_is_refused_only_when_validating() {
        let mut payload = *b"\x03\xe8\xce\xba\xff";
        assert_eq!(judge(&mut payload, Side::Client, true).echo, Echo::Refuse(error::BAD_UTF8));
        assert_eq!(judge(&mut payload, Side::Client, false).echo, Echo::Payload);
        let mut cut_character = *b"\x03\xe8\xce";
        assert_eq!(judge(&mut cut_character, Side::Client, true).echo, Echo::Refuse(error::BAD_UTF8));
    }

    #[test]
    fn a_long_reason_is_cut_to_123_bytes() {
        let payload = encode_close(CloseCode::Normal, &[b'x'; 200]);
        assert_eq!(payload.as_slice().len(), 125);
        assert_eq!(encode_close(CloseCode::Normal, &[b'x'; 123]).as_slice(), payload.as_slice());
        assert_eq!(encode_close(CloseCode::Normal, b"").as_slice(), b"\x03\xe8");
    }

    #[test]
    fn a_cut_never_goes_through_a_character() {
        let text = "x".repeat(122) + "é and more";
        let payload = encode_close(CloseCode::Other(4000), text.as_bytes());
        assert_eq!(payload.as_slice(), [b"\x0f\xa0", "x".repeat(122).as_bytes()].concat());
        // What is not UTF-8 anyway is cut at the byte.
        assert_eq!(encode_close(CloseCode::Normal, &[0xff; 200]).as_slice().len(), 125);
    }

    #[test]
    fn a_copy_echoes_the_payload() {
        assert_eq!(ClosePayload::copy_of(b"\x03").as_slice(), b"\x03");
        assert_eq!(ClosePayload::copy_of(b"").as_slice(), b"");
        assert_eq!(ClosePayload::copy_of(&[7; 300]).as_slice(), [7; 125]);
        assert_eq!(ClosePayload::from(error::BAD_UTF8).as_slice(), b"\x03\xefbad utf8");
    }
}

//! What can a peer do wrong, and which close code and text answer it?
//!
//! The texts go into close frames and logs, and programs and peers compare some of them, so they all stand here.
//! The ones marked "as 4.3.5" are byte for byte what lws 4.3.5 sends.
use super::close::CloseCode;

/// A fault of the peer: the connection has to be failed with this code and text (RFC 6455 §7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerError {
    /// The code for our close frame.
    pub close: CloseCode,
    /// The text for our close frame and the log.
    pub what: &'static str,
}

impl PeerError {
    const fn new(close: CloseCode, what: &'static str) -> PeerError {
        PeerError { close, what }
    }
}

/// A server masked a frame (RFC 6455 §5.1). As 4.3.5.
pub const MASKED_BY_SERVER: PeerError = PeerError::new(CloseCode::ProtocolError, "srv mask");
/// A client did not mask a frame (RFC 6455 §5.1). 4.3.5 lets it pass.
pub const UNMASKED_BY_CLIENT: PeerError = PeerError::new(CloseCode::ProtocolError, "unmasked frame");
/// A reserved bit without an extension that gives it a meaning (RFC 6455 §5.2). As 4.3.5.
pub const RSV_BITS: PeerError = PeerError::new(CloseCode::ProtocolError, "rsv bits");
/// Opcode 3-7 or 11-15 (RFC 6455 §5.2). As 4.3.5.
pub const BAD_OPCODE: PeerError = PeerError::new(CloseCode::ProtocolError, "bad opc");
/// A continuation without a message to continue (RFC 6455 §5.4). As 4.3.5.
pub const BAD_CONTINUATION: PeerError = PeerError::new(CloseCode::ProtocolError, "bad cont");
/// A text or binary frame before the previous message ended (RFC 6455 §5.4).
pub const MESSAGE_INSIDE_MESSAGE: PeerError = PeerError::new(CloseCode::ProtocolError, "new message inside a message");
/// A control frame without FIN (RFC 6455 §5.5). As 4.3.5.
pub const FRAGMENTED_CONTROL: PeerError = PeerError::new(CloseCode::ProtocolError, "frag ctl");
/// A control frame with more than 125 bytes (RFC 6455 §5.5).
pub const LONG_CONTROL: PeerError = PeerError::new(CloseCode::ProtocolError, "long ctl");
/// A 64-bit length with the most significant bit set (RFC 6455 §5.2).
pub const LENGTH_TOP_BIT: PeerError = PeerError::new(CloseCode::ProtocolError, "64-bit length");
/// A length that fits a shorter form (RFC 6455 §5.2: the minimal number of bytes MUST be used).
pub const LENGTH_NOT_MINIMAL: PeerError = PeerError::new(CloseCode::ProtocolError, "length not minimal");
/// Text that is not UTF-8 (RFC 6455 §8.1). As 4.3.5.
pub const BAD_UTF8: PeerError = PeerError::new(CloseCode::InvalidPayload, "bad utf8");
/// A text message that ends inside a character (RFC 6455 §8.1). As 4.3.5.
pub const PARTIAL_UTF8: PeerError = PeerError::new(CloseCode::InvalidPayload, "partial utf8");
/// A compressed message that does not inflate (RFC 7692 §7.2.2).
pub const BAD_DEFLATE: PeerError = PeerError::new(CloseCode::InvalidPayload, "bad deflate data");
/// A compressed message that inflates beyond the configured ratio.
pub const INFLATES_TOO_MUCH: PeerError = PeerError::new(CloseCode::MessageTooBig, "inflates too much");
/// A message beyond the length that the program allows.
pub const MESSAGE_TOO_LONG: PeerError = PeerError::new(CloseCode::MessageTooBig, "message too long");

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [PeerError; 15] = [
        MASKED_BY_SERVER,
        UNMASKED_BY_CLIENT,
        RSV_BITS,
        BAD_OPCODE,
        BAD_CONTINUATION,
        MESSAGE_INSIDE_MESSAGE,
        FRAGMENTED_CONTROL,
        LONG_CONTROL,
        LENGTH_TOP_BIT,
        LENGTH_NOT_MINIMAL,
        BAD_UTF8,
        PARTIAL_UTF8,
        BAD_DEFLATE,
        INFLATES_TOO_MUCH,
        MESSAGE_TOO_LONG,
    ];

    #[test]
    fn texts_that_4_3_5_sends_are_kept_byte_for_byte() {
        let sent = |error: PeerError| (u16::from(error.close), error.what);
        assert_eq!(sent(MASKED_BY_SERVER), (1002, "srv mask"));
        assert_eq!(sent(RSV_BITS), (1002, "rsv bits"));
        assert_eq!(sent(BAD_OPCODE), (1002, "bad opc"));
        assert_eq!(sent(BAD_CONTINUATION), (1002, "bad cont"));
        assert_eq!(sent(FRAGMENTED_CONTROL), (1002, "frag ctl"));
        assert_eq!(sent(BAD_UTF8), (1007, "bad utf8"));
        assert_eq!(sent(PARTIAL_UTF8), (1007, "partial utf8"));
    }

    #[test]
    fn every_text_is_different_and_fits_a_close_frame() {
        for (i, error) in ALL.iter().enumerate() {
            assert!(!error.what.is_empty() && error.what.len() <= super::super::close::MAX_REASON, "{error:?}");
            assert!(ALL.iter().skip(i + 1).all(|other| other.what != error.what), "{error:?} twice");
        }
    }
}

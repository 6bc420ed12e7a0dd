//! Error codes of http/2 and the two kinds of faults (RFC 9113 §5.4, §7).

/// A code of RST_STREAM and GOAWAY.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    NoError,
    ProtocolError,
    InternalError,
    FlowControlError,
    SettingsTimeout,
    StreamClosed,
    FrameSizeError,
    RefusedStream,
    Cancel,
    CompressionError,
    ConnectError,
    EnhanceYourCalm,
    InadequateSecurity,
    Http11Required,
    /// A number the RFC does not name.
    Other(u32),
}

const NAMED: [ErrorCode; 14] = [
    ErrorCode::NoError,
    ErrorCode::ProtocolError,
    ErrorCode::InternalError,
    ErrorCode::FlowControlError,
    ErrorCode::SettingsTimeout,
    ErrorCode::StreamClosed,
    ErrorCode::FrameSizeError,
    ErrorCode::RefusedStream,
    ErrorCode::Cancel,
    ErrorCode::CompressionError,
    ErrorCode::ConnectError,
    ErrorCode::EnhanceYourCalm,
    ErrorCode::InadequateSecurity,
    ErrorCode::Http11Required,
];

impl From<u32> for ErrorCode {
    fn from(number: u32) -> Self {
        usize::try_from(number).ok().and_then(|index| NAMED.get(index)).copied().unwrap_or(ErrorCode::Other(number))
    }
}

impl From<ErrorCode> for u32 {
    fn from(code: ErrorCode) -> u32 {
        match code {
            ErrorCode::Other(number) => number,
            named => NAMED.iter().position(|other| *other == named).map_or(0, |index| index as u32),
        }
    }
}

/// The peer broke the connection: GOAWAY with this code, then the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionError {
    /// What GOAWAY says.
    pub code: ErrorCode,
    /// For the log and the debug data of GOAWAY.
    pub what: &'static str,
}

impl ConnectionError {
    /// A fault that ends the connection.
    pub const fn new(code: ErrorCode, what: &'static str) -> Self {
        ConnectionError { code, what }
    }

    /// The most usual one.
    pub const fn protocol(what: &'static str) -> Self {
        Self::new(ErrorCode::ProtocolError, what)
    }

    /// A frame whose length does not fit its type.
    pub const fn size(what: &'static str) -> Self {
        Self::new(ErrorCode::FrameSizeError, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_their_numbers() {
        for number in 0..40 {
            assert_eq!(u32::from(ErrorCode::from(number)), number);
        }
        assert_eq!(u32::from(ErrorCode::EnhanceYourCalm), 11);
        assert_eq!(u32::from(ErrorCode::Http11Required), 13);
        assert_eq!(ErrorCode::from(14), ErrorCode::Other(14));
    }
}

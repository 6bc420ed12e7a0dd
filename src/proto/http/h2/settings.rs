//! What both sides tell each other about themselves (RFC 9113 §6.5, RFC 8441 §3).
use super::error::{ConnectionError, ErrorCode};
use super::flow;
use super::frame::{self, DEFAULT_MAX_PAYLOAD, Kind, LARGEST_PAYLOAD};

const HEADER_TABLE_SIZE: u16 = 1;
const ENABLE_PUSH: u16 = 2;
const MAX_CONCURRENT_STREAMS: u16 = 3;
const INITIAL_WINDOW_SIZE: u16 = 4;
const MAX_FRAME_SIZE: u16 = 5;
const MAX_HEADER_LIST_SIZE: u16 = 6;
const ENABLE_CONNECT_PROTOCOL: u16 = 8;

/// What we allow the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalSettings {
    pub header_table: u32,
    pub max_streams: u32,
    /// Bytes of body a stream may send before we took some.
    pub stream_window: u32,
    /// The same for all streams together.
    pub connection_window: u32,
    pub max_payload: u32,
    /// Size of the fields of a request.
    pub max_fields: u32,
    /// Websockets may be opened on streams (RFC 8441).
    pub takes_websockets: bool,
    /// A peer that allows us more than a window can hold is not at fault.
    pub clamps_windows: bool,
}

impl Default for LocalSettings {
    fn default() -> Self {
        LocalSettings {
            header_table: 4096,
            max_streams: 100,
            stream_window: 256 * 1024,
            connection_window: 1024 * 1024,
            max_payload: DEFAULT_MAX_PAYLOAD as u32,
            max_fields: 16 * 1024,
            takes_websockets: true,
            clamps_windows: false,
        }
    }
}

impl LocalSettings {
    /// The settings a program asked for (`info.http2_settings[1..=6]`); 0 keeps ours, nonsense is brought into range.
    pub fn with_wishes(self, wishes: &[u32; 6]) -> Self {
        let wish = |number: u16, ours: u32| match wishes[usize::from(number) - 1] {
            0 => ours,
            wish => wish,
        };
        LocalSettings {
            header_table: wish(HEADER_TABLE_SIZE, self.header_table).min(64 * 1024),
            max_streams: wish(MAX_CONCURRENT_STREAMS, self.max_streams).min(10_000),
            stream_window: wish(INITIAL_WINDOW_SIZE, self.stream_window).clamp(flow::DEFAULT_WINDOW, 1 << 24),
            connection_window: self.connection_window,
            max_payload: wish(MAX_FRAME_SIZE, self.max_payload).clamp(DEFAULT_MAX_PAYLOAD as u32, 64 * 1024),
            max_fields: wish(MAX_HEADER_LIST_SIZE, self.max_fields).clamp(1024, 1 << 20),
            takes_websockets: self.takes_websockets,
            clamps_windows: self.clamps_windows,
        }
    }

    /// Appends the SETTINGS frame of a server.
    pub fn append(&self, out: &mut Vec<u8>) {
        let mut payload = Vec::with_capacity(36);
        for (number, value) in [
            (HEADER_TABLE_SIZE, self.header_table),
            (MAX_CONCURRENT_STREAMS, self.max_streams),
            (INITIAL_WINDOW_SIZE, self.stream_window),
            (MAX_FRAME_SIZE, self.max_payload),
            (MAX_HEADER_LIST_SIZE, self.max_fields),
            (ENABLE_CONNECT_PROTOCOL, 1),
        ] {
            if number == ENABLE_CONNECT_PROTOCOL && !self.takes_websockets {
                continue;
            }
            payload.extend_from_slice(&number.to_be_bytes());
            payload.extend_from_slice(&value.to_be_bytes());
        }
        frame::append(Kind::Settings, 0, 0, &payload, out);
    }
}

/// What the peer allows us, as far as a server uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerSettings {
    pub header_table: u32,
    pub stream_window: u32,
    pub max_payload: usize,
}

impl Default for PeerSettings {
    fn default() -> Self {
        PeerSettings { header_table: 4096, stream_window: flow::DEFAULT_WINDOW, max_payload: DEFAULT_MAX_PAYLOAD }
    }
}

impl PeerSettings {
    /// Applies the payload of a SETTINGS frame, in its order; unknown settings are ignored.
    pub fn apply(&mut self, payload: &[u8]) -> Result<(), ConnectionError> {
        let (items, []) = payload.as_chunks::<6>() else {
            return Err(ConnectionError::size("SETTINGS are not made of six bytes each"));
        };
        for &[n0, n1, v0, v1, v2, v3] in items {
            let value = u32::from_be_bytes([v0, v1, v2, v3]);
            match u16::from_be_bytes([n0, n1]) {
                HEADER_TABLE_SIZE => self.header_table = value,
                ENABLE_PUSH | ENABLE_CONNECT_PROTOCOL if value > 1 => {
                    return Err(ConnectionError::protocol("a setting that is neither 0 nor 1"));
                }
                INITIAL_WINDOW_SIZE if value > flow::LARGEST_WINDOW => {
                    return Err(ConnectionError::new(ErrorCode::FlowControlError, "the initial window is too large"));
                }
                INITIAL_WINDOW_SIZE => self.stream_window = value,
                MAX_FRAME_SIZE => {
                    let value = value as usize;
                    if !(DEFAULT_MAX_PAYLOAD..=LARGEST_PAYLOAD).contains(&value) {
                        return Err(ConnectionError::protocol("the largest frame is out of range"));
                    }
                    self.max_payload = value;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(number: u16, value: u32) -> Result<PeerSettings, ErrorCode> {
        let payload = [&number.to_be_bytes()[..], &value.to_be_bytes()].concat();
        let mut settings = PeerSettings::default();
        settings.apply(&payload).map(|()| settings).map_err(|error| error.code)
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        assert_eq!(one(4, 1 << 31), Err(ErrorCode::FlowControlError));
        assert_eq!(one(5, 16_383), Err(ErrorCode::ProtocolError));
        assert_eq!(one(5, 1 << 24), Err(ErrorCode::ProtocolError));
        assert_eq!(one(2, 2), Err(ErrorCode::ProtocolError));
        assert_eq!(one(99, 5), Ok(PeerSettings::default()));
        assert_eq!(one(4, 1).map(|settings| settings.stream_window), Ok(1));
        let mut settings = PeerSettings::default();
        assert_eq!(settings.apply(&[0; 5]).map_err(|error| error.code), Err(ErrorCode::FrameSizeError));
    }

    #[test]
    fn wishes_stay_within_reason() {
        let ours = LocalSettings::default();
        assert_eq!(ours.with_wishes(&[0; 6]), ours);
        let wild = ours.with_wishes(&[u32::MAX; 6]);
        assert_eq!((wild.max_streams, wild.max_payload, wild.stream_window), (10_000, 65_536, 1 << 24));
        assert_eq!(ours.with_wishes(&[0, 0, 0, 1, 0, 0]).stream_window, flow::DEFAULT_WINDOW);
    }
}

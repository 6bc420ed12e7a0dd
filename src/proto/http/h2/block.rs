//! A header block that arrives in pieces: HEADERS and CONTINUATION (RFC 9113 §4.3), bounded in size and number.
use super::error::{ConnectionError, ErrorCode};

/// More frames than any sensible peer needs for a block of the size we take (CVE-2024-27316 and its kin).
const MOST_FRAMES: u32 = 64;

/// See the module.
#[derive(Debug)]
pub struct Block {
    pub stream: u32,
    pub ends_stream: bool,
    bytes: Vec<u8>,
    frames: u32,
    max_bytes: usize,
}

impl Block {
    /// A block of at most `max_bytes`.
    pub fn new(stream: u32, ends_stream: bool, max_bytes: usize) -> Self {
        Block { stream, ends_stream, bytes: Vec::new(), frames: 0, max_bytes }
    }

    /// Adds the piece of one frame.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), ConnectionError> {
        self.frames += 1;
        if self.frames > MOST_FRAMES || self.bytes.len() + piece.len() > self.max_bytes {
            return Err(ConnectionError::new(ErrorCode::EnhanceYourCalm, "a header block without measure"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// What arrived so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_bounded_in_size_and_number_of_frames() {
        let mut block = Block::new(1, true, 10);
        assert_eq!(block.push(b"12345"), Ok(()));
        assert_eq!(block.push(b"67890"), Ok(()));
        assert!(block.push(b"1").is_err());
        assert_eq!(block.bytes(), b"1234567890");
        let mut empty = Block::new(1, true, 10);
        assert_eq!((0..1000).position(|_| empty.push(b"").is_err()), Some(MOST_FRAMES as usize));
    }
}

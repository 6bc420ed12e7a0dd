//! Has the head of a message arrived completely?
//!
//! A head ends at the first empty line. [`HeadBuffer`] finds that line however the bytes are split over reads. A head
//! that arrives in one piece is used where it lies; only a split one is copied, and never more than the limit.

/// Collects the bytes of one head.
#[derive(Debug, Clone, Default)]
pub struct HeadBuffer {
    limit_bytes: usize,
    held: Vec<u8>,
    /// Offset behind the last line feed seen.
    line_start: usize,
    /// Whether the head is known to be longer than the limit.
    overflowed: bool,
}

/// What [`HeadBuffer::push`] found. `bytes` begins at the first byte of the message.
#[derive(Debug, PartialEq, Eq)]
pub enum Collected<'a> {
    /// No empty line yet.
    Partial {
        /// What is there so far.
        bytes: &'a [u8],
    },
    /// The head is complete.
    Complete {
        /// The head with its empty line.
        bytes: &'a [u8],
        /// How much of the pushed input belongs to it.
        consumed: usize,
    },
    /// No empty line within the limit.
    TooLong {
        /// The first bytes, up to the limit.
        bytes: &'a [u8],
    },
}

impl HeadBuffer {
    /// A buffer for a head of at most `limit_bytes` bytes, empty line included.
    pub fn new(limit_bytes: usize) -> Self {
        HeadBuffer { limit_bytes, ..Self::default() }
    }

    /// Forgets what was collected, for the next message on the connection.
    pub fn reset(&mut self) {
        // A long head should not be paid for as long as the connection lives.
        if self.held.capacity() > KEPT_CAPACITY {
            self.held = Vec::new();
        }
        self.held.clear();
        self.line_start = 0;
        self.overflowed = false;
    }

    /// The bytes kept back because their head was not complete when they came.
    pub fn held(&self) -> &[u8] {
        &self.held
    }

    /// Takes the next bytes of the stream. After `Complete` or `TooLong`, call [`Self::reset`] before using it again.
    pub fn push<'a>(&'a mut self, input: &'a [u8]) -> Collected<'a> {
        if self.overflowed {
            return Collected::TooLong { bytes: &self.held };
        }
        let room = self.limit_bytes - self.held.len();
        let usable = input.get(..room).unwrap_or(input);
        if self.held.is_empty() {
            match find_end(usable, 0, &mut self.line_start) {
                Some(end) => return Collected::Complete { bytes: &usable[..end], consumed: end },
                None if input.len() >= room => {
                    self.overflowed = true;
                    self.held.extend_from_slice(usable);
                    return Collected::TooLong { bytes: &self.held };
                }
                None => {}
            }
            self.held.extend_from_slice(usable);
            return Collected::Partial { bytes: &self.held };
        }
        let before = self.held.len();
        self.held.extend_from_slice(usable);
        match find_end(&self.held, before, &mut self.line_start) {
            Some(end) => Collected::Complete { bytes: &self.held[..end], consumed: end - before },
            None if input.len() >= room => {
                self.overflowed = true;
                Collected::TooLong { bytes: &self.held }
            }
            None => Collected::Partial { bytes: &self.held },
        }
    }
}

/// The offset behind the first empty line. `from` is where unseen bytes begin, `line_start` is kept between calls.
fn find_end(bytes: &[u8], from: usize, line_start: &mut usize) -> Option<usize> {
    for offset in memchr::memchr_iter(b'\n', bytes.get(from..)?) {
        let at = from + offset;
        let line = bytes.get(*line_start..at)?;
        *line_start = at + 1;
        if line.is_empty() || line == b"\r" {
            return Some(at + 1);
        }
    }
    None
}

/// Capacity that a buffer keeps between two messages.
const KEPT_CAPACITY: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(bytes: &[u8], piece: usize) -> Option<usize> {
        let mut buffer = HeadBuffer::new(1000);
        let mut done = 0;
        for part in bytes.chunks(piece) {
            match buffer.push(part) {
                Collected::Complete { bytes: head, consumed } => {
                    assert_eq!(head.len(), done + consumed);
                    assert!(bytes.starts_with(head));
                    return Some(done + consumed);
                }
                Collected::Partial { bytes: head } => assert!(bytes.starts_with(head)),
                Collected::TooLong { .. } => panic!("within the limit"),
            }
            done += part.len();
        }
        None
    }

    #[test]
    fn the_empty_line_is_found_however_the_input_is_split() {
        for (text, end) in [
            (&b"a\r\nb\r\n\r\nbody"[..], Some(8)),
            (b"a\nb\n\nbody", Some(5)),
            (b"a\r\nb\n\r\nbody", Some(7)),
            (b"\r\nrest", Some(2)),
            (b"a\r\n\r", None),
            (b"a\n\r\r\n", None),
            (b"", None),
        ] {
            for piece in 1..=text.len().max(1) {
                assert_eq!(end_of(text, piece), end, "{text:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn the_limit_holds_however_the_input_is_split() {
        let long = [b'a'; 64];
        for piece in 1..64 {
            let mut buffer = HeadBuffer::new(20);
            let mut pushed = 0;
            for part in long.chunks(piece) {
                pushed += part.len();
                let too_long = matches!(buffer.push(part), Collected::TooLong { .. });
                assert_eq!(too_long, pushed >= 20);
                assert!(buffer.held().len() <= 20);
            }
        }
        let mut buffer = HeadBuffer::new(5);
        assert_eq!(buffer.push(b"abc\n\nx"), Collected::Complete { bytes: b"abc\n\n", consumed: 5 });
    }

    #[test]
    fn a_whole_head_is_not_copied() {
        let mut buffer = HeadBuffer::new(100);
        let input = b"a\r\n\r\nbody";
        let Collected::Complete { bytes, consumed } = buffer.push(input) else { panic!("complete") };
        assert_eq!((bytes.as_ptr(), consumed), (input.as_ptr(), 5));
        assert!(buffer.held().is_empty());
    }

    #[test]
    fn a_reset_buffer_serves_the_next_message() {
        let mut buffer = HeadBuffer::new(100);
        assert!(matches!(buffer.push(b"a\r"), Collected::Partial { .. }));
        assert!(matches!(buffer.push(b"\n\r\n"), Collected::Complete { consumed: 3, .. }));
        buffer.reset();
        assert!(matches!(buffer.push(b"b\n\n"), Collected::Complete { consumed: 3, .. }));
    }
}

//! One stream: who has ended it, and who may send how much (RFC 9113 §5.1).
use super::flow::{ReceiveWindow, SendWindow};

/// A stream that the peer opened and that neither side has forgotten.
#[derive(Debug)]
pub struct Stream {
    pub send: SendWindow,
    pub receive: ReceiveWindow,
    /// The peer sends no more.
    pub peer_ended: bool,
    /// We send no more.
    pub we_ended: bool,
    /// Bytes of body that content-length promised and that have not come.
    pub body_left: Option<u64>,
}

impl Stream {
    /// A stream whose request has arrived.
    pub fn new(send: u32, receive: u32, peer_ended: bool, body_left: Option<u64>) -> Self {
        Stream {
            send: SendWindow::new(send),
            receive: ReceiveWindow::new(receive),
            peer_ended,
            we_ended: false,
            body_left,
        }
    }

    /// Neither side sends any more.
    pub fn is_over(&self) -> bool {
        self.peer_ended && self.we_ended
    }

    /// So many bytes of body came, the last ones if `ends`. False: content-length said something else.
    #[must_use]
    pub fn count_body(&mut self, bytes: usize, ends: bool) -> bool {
        let Some(left) = &mut self.body_left else { return true };
        match left.checked_sub(bytes as u64) {
            Some(rest) => {
                *left = rest;
                !ends || rest == 0
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_as_long_as_announced() {
        let stream = |length| Stream::new(0, 0, false, length);
        let mut five = stream(Some(5));
        assert!(five.count_body(3, false));
        assert!(five.count_body(2, true));
        assert!(!stream(Some(5)).count_body(6, false));
        assert!(!stream(Some(5)).count_body(4, true));
        assert!(stream(None).count_body(1 << 30, true));
        assert!(stream(Some(0)).count_body(0, true));
    }
}

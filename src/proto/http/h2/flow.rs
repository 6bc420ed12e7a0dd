//! Flow control windows (RFC 9113 §5.2, §6.9).

/// What may be sent on a stream and on a connection before anybody says otherwise.
pub const DEFAULT_WINDOW: u32 = 65_535;
/// No window is larger.
pub const LARGEST_WINDOW: u32 = 0x7fff_ffff;

/// Bytes that we may send. Becomes negative when the peer takes back what it allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendWindow(i64);

/// A window grew beyond the largest there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

impl SendWindow {
    pub fn new(bytes: u32) -> Self {
        SendWindow(i64::from(bytes))
    }

    /// Bytes that may be sent now.
    pub fn available(self) -> usize {
        usize::try_from(self.0).unwrap_or(0)
    }

    /// What remains, also when it is less than nothing.
    pub fn credit(self) -> i64 {
        self.0
    }

    /// WINDOW_UPDATE, or a change of the initial size. `clamps`: what is too much counts as the most there is.
    pub fn change(&mut self, by: i64, clamps: bool) -> Result<(), Overflow> {
        let (changed, most) = (self.0 + by, i64::from(LARGEST_WINDOW));
        if changed > most && !clamps {
            return Err(Overflow);
        }
        self.0 = changed.min(most);
        Ok(())
    }

    /// So many bytes were sent.
    pub fn consume(&mut self, bytes: usize) {
        self.0 -= bytes as i64;
    }
}

/// Bytes that the peer may send, and what of them we took since we last said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiveWindow {
    /// What it is when everything was taken.
    size: u32,
    left: i64,
    taken: u32,
}

impl ReceiveWindow {
    pub fn new(size: u32) -> Self {
        ReceiveWindow { size, left: i64::from(size), taken: 0 }
    }

    /// So many bytes came. False: more than were allowed.
    #[must_use]
    pub fn receive(&mut self, bytes: usize) -> bool {
        self.left -= bytes as i64;
        self.left >= 0
    }

    /// So many bytes were taken by the program. Gives the increment of a WINDOW_UPDATE when one is worth sending.
    pub fn take(&mut self, bytes: usize) -> Option<u32> {
        self.taken = self.taken.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        if self.taken < self.size / 2 {
            return None;
        }
        let increment = std::mem::take(&mut self.taken);
        self.left += i64::from(increment);
        Some(increment)
    }

    /// Lets the peer send `bytes` more than it could. Gives the increment to announce; 0 when there is no room for more.
    pub fn widen(&mut self, bytes: u32) -> u32 {
        let room = i64::from(LARGEST_WINDOW) - self.left - i64::from(self.taken);
        let bytes = bytes.min(u32::try_from(room).unwrap_or(0));
        self.left += i64::from(bytes);
        self.size = self.size.saturating_add(bytes);
        bytes
    }

    /// What the peer may still send, in its own eyes.
    pub fn left(&self) -> i64 {
        self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_can_be_taken_back_and_never_overflows() {
        let mut window = SendWindow::new(100);
        window.consume(60);
        assert_eq!(window.change(-100, false), Ok(()));
        assert_eq!((window.available(), window.credit()), (0, -60));
        assert_eq!(window.change(i64::from(LARGEST_WINDOW) + 60, false), Ok(()));
        assert_eq!(window.change(1, false), Err(Overflow));
        assert_eq!((window.change(1, true), window.credit()), (Ok(()), i64::from(LARGEST_WINDOW)));
    }

    #[test]
    fn updates_are_sent_for_half_a_window() {
        let mut window = ReceiveWindow::new(100);
        assert!(window.receive(80));
        assert_eq!(window.take(40), None);
        assert_eq!(window.take(10), Some(50));
        assert_eq!(window.left(), 70);
        assert!(window.receive(70));
        assert!(!window.receive(1));
    }

    #[test]
    fn a_wider_window_is_announced_as_far_as_it_goes() {
        let mut window = ReceiveWindow::new(100);
        assert_eq!(window.widen(50), 50);
        assert!(window.receive(150));
        assert_eq!(ReceiveWindow::new(LARGEST_WINDOW).widen(1), 0);
    }
}

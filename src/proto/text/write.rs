//! How does formatted text get into a C buffer that may be too small?

/// A bounded text: what does not fit is cut, and its full length is known. One byte stays free for the NUL.
#[derive(Debug)]
pub struct Text<'a> {
    room: &'a mut [u8],
    written: usize,
    wanted: usize,
}

impl<'a> Text<'a> {
    /// An empty text in `room`, of which all but one byte can be used; the unused rest is not touched until
    /// [`Text::finish`].
    pub fn new(room: &'a mut [u8]) -> Text<'a> {
        Text { room, written: 0, wanted: 0 }
    }

    /// Appends `bytes`, as many of them as fit.
    pub fn push(&mut self, bytes: &[u8]) {
        self.wanted = self.wanted.saturating_add(bytes.len());
        let place = self.room.get_mut(self.written..).unwrap_or_default();
        let len = bytes.len().min(place.len().saturating_sub(1));
        place[..len].copy_from_slice(&bytes[..len]);
        self.written += len;
    }

    /// What was written so far.
    pub fn written(&self) -> &[u8] {
        &self.room[..self.written]
    }

    /// Bytes of room behind the text, the one for the NUL included.
    pub fn room_left(&self) -> usize {
        self.room.len() - self.written
    }

    /// Length of the whole text, as if everything had fitted.
    pub fn wanted(&self) -> usize {
        self.wanted
    }

    /// Puts the NUL behind the text (if there is any room at all) and returns its length.
    pub fn finish(self) -> usize {
        if let Some(end) = self.room.get_mut(self.written) {
            *end = 0;
        }
        self.written
    }

    /// As [`Text::finish`], with the answer of the original's bounded printf: the length of the text, or the size of the
    /// buffer if it had to be cut.
    pub fn finish_like_snprintf(self) -> usize {
        let (size, wanted) = (self.room.len(), self.wanted);
        self.finish();
        wanted.min(size)
    }
}

impl std::fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn what_does_not_fit_is_cut_and_counted() {
        let mut room = [0xa5; 6];
        let mut text = Text::new(&mut room);
        write!(text, "ab{}", 1234567).unwrap();
        assert_eq!((text.written(), text.wanted()), (&b"ab123"[..], 9));
        assert_eq!(text.finish_like_snprintf(), 6);
        assert_eq!(&room, b"ab123\0");
    }

    #[test]
    fn text_that_fits_reports_its_length() {
        let mut room = [0xa5; 6];
        let mut text = Text::new(&mut room);
        text.push(b"abcde");
        assert_eq!(text.finish_like_snprintf(), 5);
        assert_eq!(&room, b"abcde\0");
    }

    #[test]
    fn no_room_at_all_is_no_trouble() {
        let mut text = Text::new(&mut []);
        text.push(b"abc");
        assert_eq!(text.finish_like_snprintf(), 0);
    }
}

//! How one log line is put together: prefix, prepends, function name, text, and what is cut when it does not fit.
//!
//! A line has room for 256 bytes with its NUL, as programs with buffers of that size expect. With the soname 17 ABI
//! the emitter gets the bare text: no prefix, and no newline that was not in it.
use super::cx::Cx;
use super::emit;
use crate::abi::layout::lws_log_prepend_cx_t;
use std::ffi::{c_char, c_int, c_void};

/// Room for a line with its NUL.
pub const LINE_BYTES: usize = 256;
/// Longest line: shorter by one than the room, so that an emitter may add a byte.
#[cfg(not(feature = "abi41"))]
const LINE_MAX: usize = LINE_BYTES - 2;
#[cfg(feature = "abi41")]
const LINE_MAX: usize = LINE_BYTES - 1;
/// What a cut line ends with.
const CUT: &[u8] = b"...\n";

/// A line that is being written.
pub struct Line {
    buf: [u8; LINE_BYTES],
    /// Bytes in `buf`; never above `LINE_BYTES - 1`.
    len: usize,
    /// Something did not fit.
    overflow: bool,
    text_start: usize,
}

impl Line {
    /// Starts a line of `level` with its time stamp, if the level is exactly one of the twelve.
    pub fn new(level: c_int) -> Self {
        let mut line = Self { buf: [0; LINE_BYTES], len: 0, overflow: false, text_start: 0 };
        if cfg!(not(feature = "abi41")) {
            line.len = emit::write_prefix(level, &mut line.buf);
        }
        line
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.push_cut(bytes, bytes.len());
    }

    /// Adds `bytes`, which stand for a text of `wanted` bytes and may be only its beginning.
    pub fn push_cut(&mut self, bytes: &[u8], wanted: usize) {
        let room = LINE_BYTES - 1 - self.len;
        let taken = bytes.len().min(room);
        self.buf[self.len..self.len + taken].copy_from_slice(&bytes[..taken]);
        self.len += taken;
        self.overflow |= wanted > taken;
    }

    /// Lets `prepend` write what identifies `obj`.
    pub fn write_prepend(&mut self, cx: &Cx, prepend: lws_log_prepend_cx_t, obj: *mut c_void) {
        let Some(prepend) = prepend else { return };
        let range = self.buf.as_mut_ptr_range();
        // One byte is kept back: a prepend that puts a NUL at its end does not reach the last byte of the buffer.
        let end = range.end.wrapping_sub(1).cast::<c_char>();
        let start = range.start.wrapping_add(self.len).cast::<c_char>();
        let mut p = start;
        // SAFETY: the program gave this function for this use; `p..end` is room inside `buf`, which nothing else
        // borrows during the call.
        unsafe { prepend(cx.as_ptr(), obj, &raw mut p, end) };
        let written = (p.addr().wrapping_sub(start.addr())).min(end.addr() - start.addr());
        if p.addr() >= start.addr() {
            self.len += written;
        }
        // `lws_snprintf` answers the size itself when it had to cut.
        self.overflow |= self.len >= LINE_BYTES - 1;
    }

    /// What follows is the text; a line whose text is empty gets no newline.
    pub fn start_text(&mut self) {
        self.text_start = self.len;
    }

    /// Ends a line of the library itself, whose texts have no newline and always need one.
    pub fn end_engine_text(&mut self) {
        if cfg!(feature = "abi41") || self.len == self.text_start {
            self.push(b"\n");
        }
    }

    /// The finished line, without and with its NUL.
    pub fn finish(&mut self) -> &[u8] {
        let has_newline = self.len > 0 && self.buf[self.len - 1] == b'\n';
        let adds_newline = cfg!(not(feature = "abi41")) && self.len > self.text_start && !has_newline;
        if self.overflow || self.len + usize::from(adds_newline) > LINE_MAX {
            self.len = LINE_MAX;
            self.buf[LINE_MAX - CUT.len()..LINE_MAX].copy_from_slice(CUT);
        } else if adds_newline {
            self.buf[self.len] = b'\n';
            self.len += 1;
        }
        self.buf[self.len] = 0;
        &self.buf[..=self.len]
    }
}

impl std::fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

#[cfg(all(test, not(feature = "abi41")))]
mod tests {
    use super::*;

    /// A line without prefix (no such level) with `text`.
    fn finished(text: &[u8]) -> Vec<u8> {
        let mut line = Line::new(0);
        line.start_text();
        line.push(text);
        let bytes = line.finish();
        bytes[..bytes.len() - 1].to_vec()
    }

    #[test]
    fn newline_is_added_unless_there_or_text_empty() {
        assert_eq!(finished(b"a"), b"a\n");
        assert_eq!(finished(b"a\n"), b"a\n");
        assert_eq!(finished(b""), b"");
    }

    #[test]
    fn longest_whole_text_is_one_byte_below_the_cut_length() {
        assert_eq!(finished(&[b'x'; 253]).len(), 254);
        assert!(finished(&[b'x'; 253]).ends_with(b"xx\n"));
        let cut = finished(&[b'x'; 254]);
        assert_eq!(cut.len(), 254);
        assert!(cut.ends_with(b"x...\n"));
        assert_eq!(finished(&[b'x'; 5000]), cut);
    }

    #[test]
    fn text_cut_by_its_formatter_counts_as_cut() {
        let mut line = Line::new(0);
        line.start_text();
        line.push_cut(&[b'y'; 255], 256);
        assert!(line.finish().ends_with(b"yyy...\n\0"));
    }

    #[test]
    fn level_that_is_one_bit_gets_a_prefix() {
        let mut line = Line::new(1);
        line.start_text();
        line.push(b"t");
        let bytes = line.finish();
        assert_eq!(bytes.len(), 30 + 2 + 1);
        assert_eq!(&bytes[27..], &b" E: t\n\0"[1..]);
    }
}

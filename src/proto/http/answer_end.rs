//! Where does an answer end that a program writes by itself?
//!
//! A client tells one answer from the next by what the head announces (RFC 9112 §6.3). [`AnswerEnd`] reads along: it finds
//! the end of the head, then counts bytes or follows chunks, and says how much of what is written belongs to the
//! answer. It changes nothing of it and keeps no copy, but of a head that comes in pieces.

use super::chunked::{ChunkDecoder, ChunkEvent};

/// Longest head that is looked at, bytes.
const LONGEST_HEAD: usize = 128 * 1024;

/// Follows one answer.
#[derive(Debug, Default)]
pub struct AnswerEnd {
    state: State,
    /// The head says that the connection ends with this answer.
    pub says_close: bool,
    /// There was a head that announces another one (1xx).
    has_interim: bool,
}

#[derive(Debug)]
enum State {
    /// Inside of the head; what came of it.
    Head(Vec<u8>),
    /// So many bytes of the body are to come.
    Length(u64),
    Chunks(ChunkDecoder),
    /// The head was all, whatever it announces: HEAD, 204, 304.
    WithoutBody,
    /// Only the end of the connection can be its end.
    Open(Unclear),
}

/// Why the end of the connection has to be that of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// Neither length nor chunks are announced.
    NoLength,
    /// Its content-length is no number, or there are two that differ.
    BadLength,
    /// Its chunks cannot be read.
    BadChunks,
    /// A transfer coding other than chunks.
    OtherCoding,
    /// 101: what follows is not http.
    Upgraded,
    /// It does not begin as an answer does.
    NotHttp,
}

impl Default for State {
    fn default() -> Self {
        State::Head(Vec::new())
    }
}

/// Why bytes behind the end of an answer are none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surplus {
    /// The request or the status allows no body (RFC 9110 §6.4.1).
    NoBody,
    /// As much was sent as content-length says.
    BehindLength,
    /// The last chunk was sent.
    BehindChunks,
}

/// How an answer stands that its program calls complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was written.
    Absent,
    Whole,
    /// So many bytes are missing.
    Short(u64),
    /// The last chunk is missing.
    WithoutLastChunk,
    /// The head has no end.
    InsideHead,
    /// Only interim heads (1xx) were written.
    OnlyInterim,
    /// Its end is that of the connection.
    Open(Unclear),
}

impl AnswerEnd {
    /// Looks at the next bytes that are written. How many of them belong to the answer, and if not all: why.
    ///
    /// `is_head`: the request was HEAD.
    pub fn take(&mut self, bytes: &[u8], is_head: bool) -> (usize, Option<Surplus>) {
        let mut at = 0;
        while let State::Head(held) = &mut self.state {
            let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { return (bytes.len(), None) };
            let before = held.len();
            // The usual head comes in one piece and is not copied.
            let complete = if before == 0 {
                head_length(rest).map(|end| (end, read_head(&rest[..end], is_head)))
            } else {
                held.extend_from_slice(rest);
                head_length(held).map(|end| (end - before, read_head(&held[..end], is_head)))
            };
            match complete {
                Some((length, Head { state, is_interim, says_close })) => {
                    at += length;
                    self.says_close |= says_close;
                    self.has_interim |= is_interim;
                    self.state = if is_interim { State::default() } else { state };
                }
                None => {
                    if before == 0 {
                        held.extend_from_slice(rest);
                    }
                    let is_foreign = !b"HTTP/1.".iter().zip(held.iter()).all(|(a, b)| a == b);
                    if is_foreign || held.len() > LONGEST_HEAD {
                        self.state = State::Open(Unclear::NotHttp);
                    }
                    return (bytes.len(), None);
                }
            }
        }
        let body = bytes.get(at..).unwrap_or_default();
        let (count, why) = self.take_body(body);
        (at + count, (count < body.len()).then_some(why))
    }

    fn take_body(&mut self, body: &[u8]) -> (usize, Surplus) {
        match &mut self.state {
            State::Head(_) | State::Open(_) => (body.len(), Surplus::NoBody),
            State::WithoutBody => (0, Surplus::NoBody),
            State::Length(left) => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(body.len());
                *left -= count as u64;
                (count, Surplus::BehindLength)
            }
            State::Chunks(chunks) => {
                let mut position = 0;
                loop {
                    match chunks.next(body, &mut position) {
                        ChunkEvent::Data(_) => {}
                        ChunkEvent::End => return (position, Surplus::BehindChunks),
                        ChunkEvent::NeedMore => return (body.len(), Surplus::BehindChunks),
                        ChunkEvent::Error(_) => {
                            // Clients may be more lenient; nobody can tell where it ends.
                            self.state = State::Open(Unclear::BadChunks);
                            return (body.len(), Surplus::BehindChunks);
                        }
                    }
                }
            }
        }
    }

    /// How it stands now.
    pub fn standing(&self) -> Standing {
        match &self.state {
            State::Head(held) if held.is_empty() && self.has_interim => Standing::OnlyInterim,
            State::Head(held) if held.is_empty() => Standing::Absent,
            State::Head(_) => Standing::InsideHead,
            State::WithoutBody | State::Length(0) => Standing::Whole,
            State::Length(left) => Standing::Short(*left),
            State::Chunks(chunks) if chunks.has_ended() => Standing::Whole,
            State::Chunks(_) => Standing::WithoutLastChunk,
            State::Open(why) => Standing::Open(*why),
        }
    }

    /// Whether its body comes in chunks, which clients of http/1.0 do not know.
    pub fn is_chunked(&self) -> bool {
        matches!(self.state, State::Chunks(_))
    }
}

/// Bytes of `text` up to and including the empty line, if that is there.
pub fn head_length(text: &[u8]) -> Option<usize> {
    let mut line_start = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        let line = text.get(line_start..end)?;
        if line.is_empty() || line == b"\r" {
            return Some(end + 1);
        }
        line_start = end + 1;
    }
    None
}

/// What a head says about what follows it.
struct Head {
    state: State,
    /// Another head follows (1xx, but 101).
    is_interim: bool,
    says_close: bool,
}

fn read_head(text: &[u8], is_head: bool) -> Head {
    let mut lines = lines(text);
    let mut head = Head { state: State::Open(Unclear::NotHttp), is_interim: false, says_close: false };
    let Some(status) = status(lines.next().unwrap_or_default()) else { return head };
    let (mut is_chunked, mut length): (_, Option<Option<u64>>) = (None, None);
    for line in lines {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            // Digits only (RFC 9110 §8.6); the parser would take a sign as well.
            let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let value = digits.and_then(|text| text.parse().ok());
            length = Some(value.filter(|_| length.is_none_or(|earlier| earlier == value)));
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            is_chunked = Some(ends_in_chunked(value));
        } else if name.eq_ignore_ascii_case(b"connection") {
            head.says_close |=
                value.split(|byte| *byte == b',').any(|word| word.trim_ascii().eq_ignore_ascii_case(b"close"));
        }
    }
    head.is_interim = matches!(status, 100 | 102..=199);
    head.state = match (status, is_chunked, length) {
        (101, ..) => State::Open(Unclear::Upgraded),
        (204 | 304, ..) => State::WithoutBody,
        _ if is_head => State::WithoutBody,
        (_, Some(true), _) => State::Chunks(ChunkDecoder::new()),
        (_, None, Some(Some(length))) => State::Length(length),
        (_, None, Some(None)) => State::Open(Unclear::BadLength),
        (_, None, None) => State::Open(Unclear::NoLength),
        (_, Some(false), _) => State::Open(Unclear::OtherCoding),
    };
    head
}

fn ends_in_chunked(value: &[u8]) -> bool {
    value.rsplit(|byte| *byte == b',').next().is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

/// The lines of a head, without what ends them.
pub fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// The status in the first line of an answer; `None`: it is none of http/1.
pub fn status(line: &[u8]) -> Option<u16> {
    let rest = line.strip_prefix(b"HTTP/1.")?.get(1..)?;
    let [b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] = rest else { return None };
    let digit = |byte: &u8| u16::from(byte - b'0');
    Some(digit(a) * 100 + digit(b) * 10 + digit(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written in pieces of every size: how much belongs to it, why not all, how it stands.
    fn followed(text: &str, is_head: bool) -> (usize, Option<Surplus>, Standing) {
        let mut all = None;
        for size in (1..=text.len()).step_by(if cfg!(miri) { 29 } else { 1 }) {
            let (mut end, mut taken, mut surplus) = (AnswerEnd::default(), 0, None);
            for piece in text.as_bytes().chunks(size) {
                let (count, why) = end.take(piece, is_head);
                assert!(surplus.is_none() || count == 0, "bytes of an answer behind its end");
                assert_eq!(count < piece.len(), why.is_some());
                taken += count;
                surplus = surplus.or(why);
            }
            let outcome = (taken, surplus, end.standing());
            assert_eq!(*all.get_or_insert(outcome), outcome, "pieces of {size}");
        }
        all.unwrap()
    }

    #[test]
    fn the_head_ends_at_the_empty_line() {
        assert_eq!(head_length(b"HTTP/1.1 200 OK\r\n\r\nbody\r\n\r\n"), Some(19));
        assert_eq!(head_length(b"HTTP/1.1 200 OK\n\nbody"), Some(17));
        assert_eq!(head_length(b"HTTP/1.1 200 OK\r\na: b\r\n"), None);
    }

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
        assert_eq!(followed(&format!("{head}abc"), false), (head.len() + 3, None, Standing::Whole));
        assert_eq!(followed(&format!("{head}ab"), false), (head.len() + 2, None, Standing::Short(1)));
        assert_eq!(followed(head, false), (head.len(), None, Standing::Short(3)));
        let longer = followed(&format!("{head}abcde"), false);
        assert_eq!(longer, (head.len() + 3, Some(Surplus::BehindLength), Standing::Whole));
    }

    #[test]
    fn some_answers_have_no_body() {
        for (head, is_head) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", true),
            ("HTTP/1.0 404 \r\ntransfer-encoding: chunked\r\n\r\n", true),
            ("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", false),
            ("HTTP/1.1 304 \n\n", false),
        ] {
            assert_eq!(followed(head, is_head), (head.len(), None, Standing::Whole), "{head}");
            let with_body = format!("{head}hello");
            assert_eq!(followed(&with_body, is_head), (head.len(), Some(Surplus::NoBody), Standing::Whole), "{head}");
        }
    }

    #[test]
    fn chunks_end_with_the_last_one() {
        let whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n";
        assert_eq!(followed(whole, false), (whole.len(), None, Standing::Whole));
        let surplus = format!("{whole}\r\n");
        assert_eq!(followed(&surplus, false), (whole.len(), Some(Surplus::BehindChunks), Standing::Whole));
        let cut = &whole[..whole.len() - 2];
        assert_eq!(followed(cut, false), (cut.len(), None, Standing::WithoutLastChunk));
        let broken = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nabc, and on";
        assert_eq!(followed(broken, false), (broken.len(), None, Standing::Open(Unclear::BadChunks)));
    }

    #[test]
    fn others_end_with_the_connection() {
        for (text, why) in [
            ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n", Unclear::NoLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc", Unclear::BadLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nabc", Unclear::BadLength),
            ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nabc", Unclear::BadLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", Unclear::BadLength),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\ncontent-length: 3\r\n\r\nabc",
                Unclear::BadLength,
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: gzip\r\n\r\nabc", Unclear::OtherCoding),
            ("HTTP/1.1 101 Up\r\nUpgrade: own\r\n\r\nabc", Unclear::Upgraded),
            ("something else\n\nabc", Unclear::NotHttp),
        ] {
            assert_eq!(followed(text, false), (text.len(), None, Standing::Open(why)), "{text}");
        }
        let same_twice = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab";
        assert_eq!(followed(same_twice, false), (same_twice.len(), None, Standing::Whole));
    }

    #[test]
    fn interim_heads_come_before_the_answer() {
        let text = "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na";
        assert_eq!(followed(text, false), (text.len(), None, Standing::Whole));
        let interim = "HTTP/1.1 100 Continue\r\n\r\n";
        assert_eq!(followed(interim, false), (interim.len(), None, Standing::OnlyInterim));
        assert_eq!(followed("HTTP/1.1 200 OK\r\nA", false).2, Standing::InsideHead);
        assert_eq!(AnswerEnd::default().standing(), Standing::Absent);
    }

    #[test]
    fn a_head_may_say_that_the_connection_ends() {
        let mut end = AnswerEnd::default();
        end.take(b"HTTP/1.1 200 OK\r\nConnection: keep-alive, Close\r\nContent-Length: 0\r\n\r\n", false);
        assert!(end.says_close);
        assert_eq!(end.standing(), Standing::Whole);
    }
}

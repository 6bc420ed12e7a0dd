//! How does the head of an http/1 message become a header table?
//!
//! [`RequestReader`] (server side) and [`ResponseReader`] (client side) take the bytes of the stream as they arrive and
//! give a head when its empty line is there; what follows belongs to the body, the next message or the upgraded
//! protocol. Header lines are parsed by httparse, which refuses what has been used for request smuggling: bare CR, NUL,
//! blanks before the colon, folded lines. Request and status lines are looked at here, since this library accepts a
//! little more than RFC 9112: any case of the method, no version at all (then 1.0), lines that end in LF only.
//!
//! A first line that is not http is no error on the client side but a reason to go on waiting ([`Progress::NotHttp`]):
//! programs see "Timed out waiting server reply" then.

use super::body::{self, Framing};
use super::head_buffer::{Collected, HeadBuffer};
use super::headers::{HeaderTable, Limits, TableFull};
use super::method::Method;
use super::onward_target;
use super::target::{self, TargetError, TargetForm};
use super::token::Token;

/// The http version of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `HTTP/1.0`, also a request line without any version.
    Http10,
    /// `HTTP/1.1` and later minor versions.
    Http11,
    /// A stream of an http/2 connection, which carries one request.
    Http2,
}

/// The head of a request.
#[derive(Debug, Clone)]
pub struct RequestHead {
    /// The method; its token holds the path.
    pub method: Method,
    /// Which form the target had. The original refuses all but [`TargetForm::Origin`] and `CONNECT` with 403.
    pub form: TargetForm,
    /// Path and arguments as the client wrote them, for those who pass the request on.
    pub sent: Box<[u8]>,
    /// The version asked for.
    pub version: Version,
    /// How the body is delimited.
    pub framing: Framing,
    /// Headers, path (decoded, normalised) and arguments (decoded).
    pub headers: HeaderTable,
}

impl RequestHead {
    /// The decoded, normalised path without arguments.
    pub fn path(&self) -> &[u8] {
        self.headers.simple(self.method.token()).unwrap_or_default()
    }

    /// Whether the connection outlives this request, judged by version and Connection header.
    pub fn is_keepalive(&self) -> bool {
        wants_keepalive(self.version, &self.headers)
    }
}

/// The head of a response. The text of the status line behind the version is stored under `Http` (or `Http10`).
#[derive(Debug, Clone)]
pub struct ResponseHead {
    /// The version of the answering side.
    pub version: Version,
    /// Status code, 100 to 999.
    pub status: u16,
    /// The headers.
    pub headers: HeaderTable,
}

impl ResponseHead {
    /// The reason phrase, often empty.
    pub fn reason(&self) -> &[u8] {
        let token = if self.version == Version::Http10 { Token::Http10 } else { Token::Http };
        let line = self.headers.simple(token).unwrap_or_default();
        line.get(4..).unwrap_or_default()
    }

    /// Whether the connection outlives this response, judged by version and Connection header.
    pub fn is_keepalive(&self) -> bool {
        wants_keepalive(self.version, &self.headers)
    }
}

/// Where a reader stands.
#[derive(Debug)]
pub enum Progress<H> {
    /// The head is not complete; all input was taken.
    NeedMore,
    /// The first line is not http (client side). Nothing will come of this connection: let its timer run.
    NotHttp,
    /// A head, and how many bytes of the last input belonged to it.
    Head {
        /// The head.
        head: H,
        /// Bytes of the last input that belong to the head.
        consumed: usize,
    },
}

/// Why a head was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadErrorKind {
    /// The first word is no known method: 403, or fallback to a raw connection where that is configured.
    BadMethod,
    /// A method, but no usable request target: 403.
    BadTarget,
    /// An empty line where the request line should be: closed.
    EmptyLine,
    /// A response head without a status line ("HS: URI missing").
    NoStatusLine,
    /// A version that is no 1.x.
    BadVersion,
    /// Lines that are no headers, or bytes that must not be there.
    BadSyntax,
    /// Content-Length and Transfer-Encoding that contradict each other or make no sense.
    BadFraming,
    /// More text or more lines than the limits allow.
    TooLarge,
}

/// A head that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadError {
    /// What kind of problem it is.
    pub kind: HeadErrorKind,
    /// The status a server answers with before it closes; 0 = close without an answer.
    pub status: u16,
    /// For the log.
    pub what: &'static str,
}

impl HeadError {
    pub(super) const fn new(kind: HeadErrorKind, status: u16, what: &'static str) -> Self {
        HeadError { kind, status, what }
    }
}

/// Reads request heads, one after the other.
#[derive(Debug)]
pub struct RequestReader {
    buffer: HeadBuffer,
    limits: Limits,
    /// How much the pushes before the last one left in `buffer`.
    earlier_bytes: usize,
}

impl RequestReader {
    /// A reader for heads within `limits`.
    pub fn new(limits: Limits) -> Self {
        RequestReader { buffer: HeadBuffer::new(wire_limit(limits)), limits, earlier_bytes: 0 }
    }

    /// Whether part of a head has arrived.
    pub fn has_begun(&self) -> bool {
        !self.buffer.held().is_empty()
    }

    /// The bytes of the head under way.
    pub fn held(&self) -> &[u8] {
        self.buffer.held()
    }

    /// After an error: the bytes of the refused head that came before the last input. A connection that falls back to
    /// raw gets them first, then all of the last input.
    pub fn earlier(&self) -> &[u8] {
        self.buffer.held().get(..self.earlier_bytes).unwrap_or_default()
    }

    /// Takes the next bytes of the stream. After a head the reader is ready for the next; after an error it is done.
    pub fn push(&mut self, input: &[u8]) -> Result<Progress<RequestHead>, HeadError> {
        self.earlier_bytes = self.buffer.held().len();
        let outcome = match self.buffer.push(input) {
            Collected::Partial { bytes } => return check_request_start(bytes).map(|()| Progress::NeedMore),
            Collected::TooLong { bytes } => {
                return Err(check_request_start(bytes).err().unwrap_or_else(|| too_long(bytes)));
            }
            Collected::Complete { bytes, consumed } => {
                parse_request(bytes, self.limits).map(|head| Progress::Head { head, consumed })
            }
        };
        if outcome.is_ok() {
            self.buffer.reset();
        }
        outcome
    }
}

/// Reads response heads, one after the other (a final one may follow interim ones).
#[derive(Debug)]
pub struct ResponseReader {
    buffer: HeadBuffer,
    limits: Limits,
    is_not_http: bool,
}

impl ResponseReader {
    /// A reader for heads within `limits`.
    pub fn new(limits: Limits) -> Self {
        ResponseReader { buffer: HeadBuffer::new(wire_limit(limits)), limits, is_not_http: false }
    }

    /// Whether part of a head has arrived.
    pub fn has_begun(&self) -> bool {
        !self.buffer.held().is_empty()
    }

    /// Takes the next bytes of the stream. After a head the reader is ready for the next; after an error it is done.
    ///
    /// Once `NotHttp` was said, everything is swallowed and the answer stays the same.
    pub fn push(&mut self, input: &[u8]) -> Result<Progress<ResponseHead>, HeadError> {
        if self.is_not_http {
            return Ok(Progress::NotHttp);
        }
        let outcome = match self.buffer.push(input) {
            Collected::Partial { bytes } if is_foreign(bytes) => Ok(Progress::NotHttp),
            Collected::Partial { .. } => return Ok(Progress::NeedMore),
            Collected::TooLong { bytes } if is_foreign(bytes) => Ok(Progress::NotHttp),
            Collected::TooLong { bytes } => Err(too_long(bytes)),
            Collected::Complete { bytes, .. } if is_foreign(bytes) => Ok(Progress::NotHttp),
            Collected::Complete { bytes, consumed } => {
                parse_response(bytes, self.limits).map(|head| Progress::Head { head, consumed })
            }
        };
        self.is_not_http = matches!(outcome, Ok(Progress::NotHttp));
        if outcome.is_ok() {
            self.buffer.reset();
        }
        outcome
    }
}

/// The connection persists by default in 1.1, not in 1.0; `close` and `keep-alive` in the list override (RFC 9112 §9.3).
fn wants_keepalive(version: Version, headers: &HeaderTable) -> bool {
    if headers.list_has(Token::Connection, b"close") {
        return false;
    }
    version == Version::Http11 || headers.list_has(Token::Connection, b"keep-alive")
}

/// Refuses at the first byte that rules out a request, so that nobody waits for the rest.
fn check_request_start(bytes: &[u8]) -> Result<(), HeadError> {
    if matches!(bytes.first(), Some(b'\r' | b'\n')) {
        return Err(HeadError::new(HeadErrorKind::EmptyLine, 0, "empty line before the request"));
    }
    let is_end = |&byte: &u8| matches!(byte, b' ' | b'\r' | b'\n');
    let word_end = bytes.iter().take(LONGEST_METHOD + 1).position(is_end);
    let is_method = match word_end {
        Some(end) => Method::from_name(bytes.get(..end).unwrap_or_default()).is_some(),
        None => Method::is_start_of_a_name(bytes),
    };
    if is_method {
        return Ok(());
    }
    Err(HeadError::new(HeadErrorKind::BadMethod, 403, "not a known method"))
}

fn parse_request(bytes: &[u8], limits: Limits) -> Result<RequestHead, HeadError> {
    check_request_start(bytes)?;
    let (line, block) = split_first_line(bytes)?;
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let name = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let version_text = words.next().unwrap_or_default();
    let Some(method) = Method::from_name(name) else {
        return Err(HeadError::new(HeadErrorKind::BadMethod, 403, "not a known method"));
    };
    let version = parse_request_version(version_text)?;
    let mut headers = HeaderTable::new(limits);
    headers.reserve(bytes.len());
    let form = target::store_target(method, target, &mut headers).map_err(|error| match error {
        TargetError::Malformed(what) => HeadError::new(HeadErrorKind::BadTarget, 403, what),
        TargetError::Hostile(what) => HeadError::new(HeadErrorKind::BadTarget, 0, what),
        TargetError::Full(_) => HeadError::new(HeadErrorKind::TooLarge, 414, "url does not fit the header table"),
    })?;
    if !version_text.is_empty() {
        headers.add_fragment(Token::Http, version_text).map_err(table_full)?;
    }
    store_block(block, &mut headers).map_err(|error| match error.kind {
        HeadErrorKind::BadSyntax if has_second_request_line(block) => HeadError { status: 0, ..error },
        _ => error,
    })?;
    if headers.fragments(Token::Host).nth(1).is_some() {
        return Err(HeadError::new(HeadErrorKind::BadSyntax, 400, "more than one Host header"));
    }
    let framing = body::of_request(version, &headers)?;
    Ok(RequestHead { method, form, sent: onward_target::as_sent(target).into(), version, framing, headers })
}

/// No version is 1.0; minor versions from 1 up are 1.1.
fn parse_request_version(text: &[u8]) -> Result<Version, HeadError> {
    match text {
        b"" | b"HTTP/1.0" => Ok(Version::Http10),
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9'] => Ok(Version::Http11),
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => {
            Err(HeadError::new(HeadErrorKind::BadVersion, 505, "http version is not 1.x"))
        }
        _ => Err(HeadError::new(HeadErrorKind::BadSyntax, 400, "request line does not end in a version")),
    }
}

fn parse_response(bytes: &[u8], limits: Limits) -> Result<ResponseHead, HeadError> {
    let first_len = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let Some(version) = status_line_version(&bytes[..first_len]) else {
        return Err(HeadError::new(HeadErrorKind::NoStatusLine, 0, "no status line"));
    };
    let (line, block) = split_first_line(bytes)?;
    let text = super::headers::trim_blanks_start(line.get(VERSION_LEN..).unwrap_or_default());
    let (status, text) = parse_status(text)?;
    let mut headers = HeaderTable::new(limits);
    headers.reserve(bytes.len());
    let token = if version == Version::Http10 { Token::Http10 } else { Token::Http };
    headers.add_fragment(token, text).map_err(table_full)?;
    store_block(block, &mut headers)?;
    Ok(ResponseHead { version, status, headers })
}

fn parse_status(text: &[u8]) -> Result<(u16, &[u8]), HeadError> {
    if let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = text
        && matches!(rest.first(), None | Some(b' '))
    {
        let digit = |byte: &u8| u16::from(byte - b'0');
        return Ok((digit(a) * 100 + digit(b) * 10 + digit(c), text));
    }
    Err(HeadError::new(HeadErrorKind::BadSyntax, 0, "status line without a status code"))
}

/// The version if `line` begins like a status line of http/1, in any case.
fn status_line_version(line: &[u8]) -> Option<Version> {
    let start = line.get(..VERSION_LEN)?;
    if !start.get(..7)?.eq_ignore_ascii_case(b"HTTP/1.") || !matches!(line.get(VERSION_LEN), None | Some(b' ' | b'\r'))
    {
        return None;
    }
    match start.get(7)? {
        b'0' => Some(Version::Http10),
        b'1'..=b'9' => Some(Version::Http11),
        _ => None,
    }
}

/// Whether the first line is complete and neither a status line nor anything like a header.
fn is_foreign(bytes: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', bytes) else { return false };
    let line = &bytes[..end];
    let is_empty = line.is_empty() || line == b"\r";
    !is_empty && status_line_version(line).is_none() && !line.contains(&b':')
}

/// Splits off the first line, without its line end; refuses control characters in it.
fn split_first_line(bytes: &[u8]) -> Result<(&[u8], &[u8]), HeadError> {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at(end);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
        return Err(HeadError::new(HeadErrorKind::BadSyntax, 400, "control character in the first line"));
    }
    Ok((line, rest.get(1..).unwrap_or_default()))
}

/// Stores the header lines of `block`, which ends with an empty line.
fn store_block(block: &[u8], headers: &mut HeaderTable) -> Result<(), HeadError> {
    let mut few = [httparse::EMPTY_HEADER; FEW_LINES];
    match parse_block(block, &mut few) {
        Err(httparse::Error::TooManyHeaders) => {}
        parsed => return store_lines(block, parsed.map_err(bad_syntax)?, headers),
    }
    let mut many = vec![httparse::EMPTY_HEADER; MOST_LINES];
    let parsed = parse_block(block, &mut many).map_err(bad_syntax)?;
    store_lines(block, parsed, headers)
}

fn parse_block<'h, 'b>(
    block: &'b [u8],
    slots: &'h mut [httparse::Header<'b>],
) -> Result<&'h [httparse::Header<'b>], httparse::Error> {
    match httparse::parse_headers(block, slots)? {
        httparse::Status::Complete((used, lines)) if used == block.len() => Ok(lines),
        _ => Err(httparse::Error::NewLine),
    }
}

fn store_lines(block: &[u8], lines: &[httparse::Header<'_>], headers: &mut HeaderTable) -> Result<(), HeadError> {
    for line in lines {
        let raw = value_with_blanks(block, line);
        let stored = match Token::from_name(line.name.as_bytes()) {
            Some(token) => headers.add(token, raw),
            None => headers.add_custom(line.name.as_bytes(), raw),
        };
        stored.map_err(table_full)?;
    }
    Ok(())
}

/// The value of a line with the blanks between colon and value, which httparse leaves out.
fn value_with_blanks<'b>(block: &'b [u8], line: &httparse::Header<'b>) -> &'b [u8] {
    let name_start = (line.name.as_ptr() as usize).wrapping_sub(block.as_ptr() as usize);
    let value_start = (line.value.as_ptr() as usize).wrapping_sub(block.as_ptr() as usize);
    let raw_start = name_start.wrapping_add(line.name.len() + 1);
    let raw_end = value_start.wrapping_add(line.value.len());
    block.get(raw_start..raw_end).unwrap_or(line.value)
}

/// Whether some line looks like another request line: the original drops such a connection without a word.
fn has_second_request_line(block: &[u8]) -> bool {
    block.split(|&byte| byte == b'\n').any(|line| {
        let word = line.split(|&byte| byte == b' ').next().unwrap_or_default();
        word.len() < line.len() && Method::from_name(word).is_some()
    })
}

fn bad_syntax(error: httparse::Error) -> HeadError {
    match error {
        httparse::Error::TooManyHeaders => HeadError::new(HeadErrorKind::TooLarge, 431, "too many header lines"),
        httparse::Error::HeaderName => HeadError::new(HeadErrorKind::BadSyntax, 400, "bad header name"),
        httparse::Error::HeaderValue => HeadError::new(HeadErrorKind::BadSyntax, 400, "bad byte in a header value"),
        _ => HeadError::new(HeadErrorKind::BadSyntax, 400, "bad header line"),
    }
}

fn table_full(full: TableFull) -> HeadError {
    let what = match full {
        TableFull::Text => "headers do not fit the header table",
        TableFull::Fragments => "more headers and arguments than slots",
    };
    HeadError::new(HeadErrorKind::TooLarge, 431, what)
}

fn too_long(bytes: &[u8]) -> HeadError {
    let status = if bytes.contains(&b'\n') { 431 } else { 414 };
    HeadError::new(HeadErrorKind::TooLarge, status, "the head does not end within the limit")
}

/// A head may be longer on the wire than its text in the table: escapes shrink, known names are not stored.
fn wire_limit(limits: Limits) -> usize {
    limits.text_bytes.saturating_mul(3).saturating_add(limits.fragments.saturating_mul(48)).saturating_add(256)
}

const VERSION_LEN: usize = "HTTP/1.1".len();
const LONGEST_METHOD: usize = "OPTIONS".len();
/// Lines parsed without allocating; heads with more are parsed again with room for the most.
const FEW_LINES: usize = 48;
const MOST_LINES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Feeds `text` in pieces of the given sizes (cycled); gives the outcome and the bytes consumed in total.
    fn read_request(text: &[u8], sizes: &[usize]) -> (Result<Option<RequestHead>, HeadError>, usize) {
        let mut reader = RequestReader::new(Limits::default());
        let mut done = 0;
        for size in sizes.iter().cycle() {
            let piece = &text[done..text.len().min(done + (*size).max(1))];
            if piece.is_empty() {
                return (Ok(None), done);
            }
            match reader.push(piece) {
                Ok(Progress::Head { head, consumed }) => return (Ok(Some(head)), done + consumed),
                Ok(_) => done += piece.len(),
                Err(error) => {
                    assert_eq!(&text[..done], reader.earlier());
                    return (Err(error), 0);
                }
            }
        }
        unreachable!("sizes is not empty")
    }

    fn request(text: &str) -> Result<RequestHead, HeadError> {
        let whole = read_request(text.as_bytes(), &[usize::MAX >> 1]);
        let bytewise = read_request(text.as_bytes(), &[1]);
        assert_eq!(format!("{whole:?}"), format!("{bytewise:?}"));
        whole.0.map(|head| head.expect("complete"))
    }

    fn refused(text: &str) -> (HeadErrorKind, u16) {
        let error = request(text).expect_err(text);
        (error.kind, error.status)
    }

    fn response(text: &str) -> Result<Progress<ResponseHead>, HeadError> {
        let whole = ResponseReader::new(Limits::default()).push(text.as_bytes());
        let mut reader = ResponseReader::new(Limits::default());
        let mut last = Ok(Progress::NeedMore);
        for byte in text.as_bytes().chunks(1) {
            last = reader.push(byte);
            if !matches!(last, Ok(Progress::NeedMore)) {
                break;
            }
        }
        let kind = |outcome: &Result<Progress<ResponseHead>, HeadError>| match outcome {
            Ok(Progress::Head { head, .. }) => format!("{head:?}"),
            other => format!("{other:?}"),
        };
        assert_eq!(kind(&whole), kind(&last), "{text}");
        whole
    }

    fn response_head(text: &str) -> ResponseHead {
        match response(text) {
            Ok(Progress::Head { head, .. }) => head,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_request_fills_the_table() {
        let head = request(
            "GET /hdrs?a=1&b=two%20words HTTP/1.1\r\nHost: x\r\nAccept: a/b\r\nX-Probe: Seen\r\nAccept:c/d\r\n\r\n",
        )
        .unwrap();
        assert_eq!((head.method, head.version, head.framing), (Method::Get, Version::Http11, Framing::None));
        assert_eq!(head.path(), b"/hdrs");
        assert_eq!(head.headers.joined(Token::HttpUriArgs).unwrap(), b"a=1&b=two words");
        assert_eq!(head.headers.joined(Token::Http).unwrap(), b"HTTP/1.1");
        assert_eq!(head.headers.joined(Token::HttpAccept).unwrap(), b"a/b, c/d");
        assert_eq!(head.headers.custom(b"x-probe:"), Some(&b"Seen"[..]));
        assert!(head.is_keepalive());
    }

    #[test]
    fn a_repeated_header_keeps_the_blank_behind_its_colon() {
        let head = request("GET / HTTP/1.1\r\nAccept: a/b\r\nAccept: c/d\r\nAccept:\r\n\r\n").unwrap();
        assert_eq!(head.headers.joined(Token::HttpAccept).unwrap(), b"a/b,  c/d, ");
    }

    #[test]
    fn the_first_line_is_read_generously() {
        assert_eq!(request("get / HTTP/1.1\n\n").unwrap().method, Method::Get);
        let old = request("GET /dyn\r\nHost: localhost\r\n\r\n").unwrap();
        assert_eq!(old.version, Version::Http10);
        assert!(!old.headers.has(Token::Http));
        assert!(!old.is_keepalive());
        assert_eq!(request("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").unwrap().version, Version::Http10);
        assert!(request("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").unwrap().is_keepalive());
        assert!(!request("GET / HTTP/1.1\r\nConnection: x, Close\r\n\r\n").unwrap().is_keepalive());
        let connect = request("CONNECT host:1 HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        assert_eq!((connect.form.clone(), connect.path()), (TargetForm::Authority, &b"host:1"[..]));
    }

    #[test]
    fn refusals_match_the_original() {
        use HeadErrorKind::*;
        assert_eq!(refused("BREW / HTTP/1.1\r\nHost: x\r\n\r\n"), (BadMethod, 403));
        assert_eq!(refused("\0\x01\x02garbage\r\n\r\n"), (BadMethod, 403));
        assert_eq!(refused("GETX / HTTP/1.1\r\n\r\n"), (BadMethod, 403));
        assert_eq!(refused(" GET / HTTP/1.1\r\n\r\n"), (BadMethod, 403));
        assert_eq!(refused("GET\r\n\r\n"), (BadTarget, 403));
        assert_eq!(refused("GET  / HTTP/1.1\r\n\r\n").1, 400);
        assert_eq!(refused("GET /a%zzb HTTP/1.1\r\n\r\n"), (BadTarget, 403));
        assert_eq!(refused("GET /a%00b HTTP/1.1\r\n\r\n"), (BadTarget, 0));
        assert_eq!(refused("\r\n\r\nGET / HTTP/1.1\r\n\r\n"), (EmptyLine, 0));
        assert_eq!(refused("GET /dyn HTTP/1.1\r\nPOST /x\r\nHost: localhost\r\n\r\n"), (BadSyntax, 0));
    }

    #[test]
    fn smuggling_shapes_are_refused() {
        use HeadErrorKind::*;
        for lines in [
            "X: a\rb\r\n",
            "X: a\0b\r\n",
            "X : a\r\n",
            " X: a\r\n",
            "X: a\r\n folded\r\n",
            "X: a\r\n\tfolded\r\n",
            "X\r\n",
            ": a\r\n",
            "X\u{e4}: a\r\n",
            "Content-Length : 5\r\n",
            "X: a\r\r\n",
            "Host: a\r\nHost: b\r\n",
        ] {
            assert_eq!(refused(&format!("GET / HTTP/1.1\r\n{lines}\r\n")), (BadSyntax, 400), "{lines:?}");
        }
        for (lines, status) in [
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", 400),
            ("Content-Length: -5\r\n", 400),
            ("Content-Length: 5a\r\n", 400),
            ("Content-Length: 99999999999999999999\r\n", 413),
            ("Transfer-Encoding: gzip\r\n", 501),
        ] {
            assert_eq!(refused(&format!("POST / HTTP/1.1\r\n{lines}\r\n")), (BadFraming, status), "{lines:?}");
        }
        for (line, status) in [
            ("GET /a\rb HTTP/1.1", 400),
            ("GET /a\0b HTTP/1.1", 400),
            ("GET /a\tb HTTP/1.1", 400),
            ("GET /a b HTTP/1.1", 400),
            ("GET / HTTP/1.1 ", 400),
            ("GET / http/1.1", 400),
            ("GET / HTTP/11.1", 400),
            ("GET / HTTP/2.0", 505),
            ("GET / HTTP/0.9", 505),
        ] {
            assert_eq!(refused(&format!("{line}\r\n\r\n")).1, status, "{line:?}");
        }
    }

    #[test]
    fn limits_are_kept() {
        let many_args: String = (0..120).map(|n| format!("a{n}=1&")).collect();
        assert_eq!(refused(&format!("GET /x?{many_args} HTTP/1.1\r\n\r\n")), (HeadErrorKind::TooLarge, 414));
        let long = "x".repeat(5000);
        assert_eq!(refused(&format!("GET / HTTP/1.1\r\nX-Long: {long}\r\n\r\n")), (HeadErrorKind::TooLarge, 431));
        assert_eq!(refused(&format!("GET /{long} HTTP/1.1\r\n\r\n")), (HeadErrorKind::TooLarge, 414));
        let endless = "x".repeat(if cfg!(miri) { 20_000 } else { 1_000_000 });
        assert_eq!(refused(&format!("GET / HTTP/1.1\r\nX: {endless}")), (HeadErrorKind::TooLarge, 431));
        assert_eq!(refused(&format!("GET /{endless}")), (HeadErrorKind::TooLarge, 414));
        let many_lines = "x: \r\n".repeat(500);
        let head = request(&format!("GET / HTTP/1.1\r\n{many_lines}\r\n")).unwrap();
        assert_eq!(head.headers.custom_names().count(), 500);
        let too_many = "x:\n".repeat(1025);
        assert_eq!(refused(&format!("GET / HTTP/1.1\n{too_many}\n")), (HeadErrorKind::TooLarge, 431));
    }

    #[test]
    fn what_follows_a_head_is_left_alone() {
        let text = b"POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n";
        let mut reader = RequestReader::new(Limits::default());
        let Ok(Progress::Head { head, consumed }) = reader.push(text) else { panic!("head") };
        assert_eq!(head.framing, Framing::Length(5));
        assert!(text[consumed..].starts_with(b"hello"));
        let Ok(Progress::Head { head, consumed: rest }) = reader.push(&text[consumed + 5..]) else { panic!("head") };
        assert_eq!((head.method, consumed + 5 + rest), (Method::Get, text.len()));
    }

    #[test]
    fn a_foreign_first_byte_is_refused_at_once() {
        let mut reader = RequestReader::new(Limits::default());
        assert_eq!(reader.push(b"\x16\x03\x01").unwrap_err().kind, HeadErrorKind::BadMethod);
        let mut reader = RequestReader::new(Limits::default());
        assert!(reader.push(b"P").is_ok());
        assert!(reader.has_begun());
        assert_eq!(reader.push(b"RI * HTTP/2.0").unwrap_err().kind, HeadErrorKind::BadMethod);
        assert_eq!(reader.earlier(), b"P");
    }

    #[test]
    fn responses_are_read() {
        let head = response_head("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
        assert_eq!((head.version, head.status, head.reason()), (Version::Http11, 101, &b"Switching Protocols"[..]));
        assert_eq!(head.headers.simple(Token::Upgrade), Some(&b"websocket"[..]));
        assert_eq!(head.headers.simple(Token::Http), Some(&b"101 Switching Protocols"[..]));
        let old = response_head("http/1.0 404\n\n");
        assert_eq!((old.version, old.status, old.reason()), (Version::Http10, 404, &b""[..]));
        assert_eq!(old.headers.simple(Token::Http10), Some(&b"404"[..]));
        assert!(!old.is_keepalive());
        assert_eq!(response_head("HTTP/1.1  200 OK\r\n\r\n").status, 200);
        assert_eq!(response_head("HTTP/1.1 200 Sch\u{f6}n\r\n\r\n").status, 200);
    }

    #[test]
    fn garbage_is_not_an_error_but_never_becomes_a_head() {
        for text in [
            "this is not http\r\n\r\n",
            "this is not http\n\n",
            "HTTP/2 200\r\n\r\n",
            "SSH-2.0-x\r\n",
            "HTTP/1.12 200\r\n",
        ] {
            assert!(matches!(response(text), Ok(Progress::NotHttp)), "{text:?}");
        }
        let mut reader = ResponseReader::new(Limits::default());
        assert!(matches!(reader.push(b"nonsense\n"), Ok(Progress::NotHttp)));
        assert!(matches!(reader.push(b"HTTP/1.1 200 OK\r\n\r\n"), Ok(Progress::NotHttp)));
    }

    #[test]
    fn broken_responses_are_errors() {
        use HeadErrorKind::*;
        for (text, kind) in [
            ("Upgrade: websocket\r\n\r\n", NoStatusLine),
            ("\r\n", NoStatusLine),
            ("HTTP/1.1 abc\r\n\r\n", BadSyntax),
            ("HTTP/1.1\r\n\r\n", BadSyntax),
            ("HTTP/1.1 2000\r\n\r\n", BadSyntax),
            ("HTTP/1.1 099 x\r\n\r\n", BadSyntax),
            ("HTTP/1.1 200 a\rb\r\n\r\n", BadSyntax),
            ("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", BadSyntax),
            ("HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n", BadSyntax),
        ] {
            assert_eq!(response(text).expect_err(text).kind, kind, "{text:?}");
        }
    }

    fn any_requestish() -> impl Strategy<Value = Vec<u8>> {
        let part = prop::sample::select(vec![
            &b"GET /a/../b%20c?d=e&f HTTP/1.1\r\n"[..],
            b"POST /x HTTP/1.0\n",
            b"Host: h\r\n",
            b"Content-Length: 3\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"X-Some:  thing \n",
            b" folded\r\n",
            b"\r\n",
            b"\n",
            b"\r",
            b"\0",
            b"HTTP/1.1 200 OK\r\n",
            b"abc",
        ]);
        prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn any_chunking_of_a_request_gives_the_same_head(
            text in prop_oneof![any_requestish(), prop::collection::vec(any::<u8>(), 0..200)],
            sizes in prop::collection::vec(1usize..20, 1..8),
        ) {
            let whole = read_request(&text, &[text.len().max(1)]);
            let split = read_request(&text, &sizes);
            prop_assert_eq!(format!("{:?}", whole), format!("{:?}", split));
        }

        #[test]
        fn any_chunking_of_a_response_gives_the_same_head(
            text in prop_oneof![any_requestish(), prop::collection::vec(any::<u8>(), 0..200)],
            size in 1usize..20,
        ) {
            let run = |size: usize| {
                let mut reader = ResponseReader::new(Limits::default());
                let mut done = 0;
                for piece in text.chunks(size) {
                    match reader.push(piece) {
                        Ok(Progress::NeedMore) => done += piece.len(),
                        Ok(Progress::Head { head, consumed }) => return format!("{head:?} {}", done + consumed),
                        other => return format!("{other:?}"),
                    }
                }
                "more".to_owned()
            };
            prop_assert_eq!(run(text.len().max(1)), run(size));
        }
    }
}

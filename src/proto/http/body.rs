//! Where does the body of a message end? (RFC 9112 §6.3)
//!
//! On requests everything that two implementations could read differently is refused: that is how requests are smuggled
//! past a front end. On responses Transfer-Encoding outranks Content-Length, as the RFC has it, and the connection must
//! not be used again.

use super::h1::{HeadError, HeadErrorKind, Version};
use super::headers::HeaderTable;
use super::method::Method;
use super::token::Token;

/// How a body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// So many bytes; 0 if the message says so itself.
    Length(u64),
    /// Chunks, see [`super::chunked`].
    Chunked,
    /// Everything up to the end of the connection (responses only).
    UntilClose,
}

/// The framing of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseBody {
    /// How the body is delimited.
    pub framing: Framing,
    /// Whether the connection has to be closed behind this message, whatever its headers say.
    pub must_close: bool,
}

/// The framing of a request. Errors carry the status to answer with.
pub fn of_request(version: Version, headers: &HeaderTable) -> Result<Framing, HeadError> {
    let length = content_length(headers)?;
    if !headers.has(Token::HttpTransferEncoding) {
        return Ok(length.map_or(Framing::None, Framing::Length));
    }
    if length.is_some() {
        return Err(bad_framing(400, "both Content-Length and Transfer-Encoding"));
    }
    if version == Version::Http10 {
        return Err(bad_framing(400, "Transfer-Encoding in a 1.0 request"));
    }
    match coding(headers) {
        Coding::Chunked => Ok(Framing::Chunked),
        Coding::Unsupported => Err(bad_framing(501, "unsupported transfer coding")),
        Coding::Identity | Coding::Broken => Err(bad_framing(400, "the last transfer coding is not chunked")),
    }
}

/// The framing of the response with `status` to a request with `method`.
pub fn of_response(
    method: Method,
    version: Version,
    status: u16,
    headers: &HeaderTable,
) -> Result<ResponseBody, HeadError> {
    let bodyless = method == Method::Head
        || matches!(status, 100..=199 | 204 | 304)
        || (method == Method::Connect && matches!(status, 200..=299));
    if bodyless {
        return Ok(ResponseBody { framing: Framing::None, must_close: false });
    }
    if headers.has(Token::HttpTransferEncoding) {
        match coding(headers) {
            Coding::Chunked => {
                let must_close = version == Version::Http10 || headers.has(Token::HttpContentLength);
                return Ok(ResponseBody { framing: Framing::Chunked, must_close });
            }
            Coding::Identity => {}
            Coding::Unsupported => return Err(bad_framing(502, "unsupported transfer coding")),
            Coding::Broken => return Err(bad_framing(502, "the last transfer coding is not chunked")),
        }
    }
    match content_length(headers)? {
        Some(length) => Ok(ResponseBody { framing: Framing::Length(length), must_close: false }),
        None => Ok(ResponseBody { framing: Framing::UntilClose, must_close: true }),
    }
}

/// The Content-Length, if any. Several are fine only when they all say the same.
pub fn content_length(headers: &HeaderTable) -> Result<Option<u64>, HeadError> {
    let mut agreed = None;
    for value in headers.values(Token::HttpContentLength) {
        for item in value.split(|&byte| byte == b',') {
            let item = super::headers::trim_blanks_end(super::headers::trim_blanks_start(item));
            let length = parse_length(item)?;
            if agreed.is_some_and(|earlier| earlier != length) {
                return Err(bad_framing(400, "differing Content-Lengths"));
            }
            agreed = Some(length);
        }
    }
    Ok(agreed)
}

enum Coding {
    Chunked,
    /// Only `identity`, the historical name for nothing.
    Identity,
    /// A coding besides chunked.
    Unsupported,
    /// Empty, or chunked is not the last one, or there twice.
    Broken,
}

fn coding(headers: &HeaderTable) -> Coding {
    let mut is_chunked = false;
    let mut is_unsupported = false;
    let mut count = 0;
    for item in headers.list(Token::HttpTransferEncoding) {
        count += 1;
        if is_chunked {
            return Coding::Broken;
        }
        if item.eq_ignore_ascii_case(b"chunked") {
            is_chunked = true;
        } else if !item.eq_ignore_ascii_case(b"identity") {
            is_unsupported = true;
        }
    }
    match (count, is_chunked, is_unsupported) {
        (0, ..) => Coding::Broken,
        (_, _, true) => Coding::Unsupported,
        (1, true, false) => Coding::Chunked,
        (_, true, false) => Coding::Broken,
        (_, false, false) => Coding::Identity,
    }
}

/// Digits and nothing else: signs, blanks or an empty text have all been read in different ways by somebody.
fn parse_length(text: &[u8]) -> Result<u64, HeadError> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(bad_framing(400, "Content-Length is not a number"));
    }
    let mut length: u64 = 0;
    for digit in text {
        let next = length.checked_mul(10).and_then(|ten| ten.checked_add(u64::from(digit - b'0')));
        length = next.ok_or(bad_framing(413, "Content-Length is absurdly large"))?;
    }
    Ok(length)
}

const fn bad_framing(status: u16, what: &'static str) -> HeadError {
    HeadError::new(HeadErrorKind::BadFraming, status, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &[(Token, &str)]) -> HeaderTable {
        let mut table = HeaderTable::default();
        for (token, value) in lines {
            table.add(*token, value.as_bytes()).unwrap();
        }
        table
    }

    const CL: Token = Token::HttpContentLength;
    const TE: Token = Token::HttpTransferEncoding;

    #[test]
    fn requests_are_framed_by_length_or_chunks() {
        let of = |lines: &[(Token, &str)]| of_request(Version::Http11, &table(lines));
        assert_eq!(of(&[]), Ok(Framing::None));
        assert_eq!(of(&[(CL, " 0")]), Ok(Framing::Length(0)));
        assert_eq!(of(&[(CL, "18446744073709551615")]), Ok(Framing::Length(u64::MAX)));
        assert_eq!(of(&[(CL, "5"), (CL, " 5")]), Ok(Framing::Length(5)));
        assert_eq!(of(&[(CL, "5, 5")]), Ok(Framing::Length(5)));
        assert_eq!(of(&[(TE, " Chunked ")]), Ok(Framing::Chunked));
    }

    #[test]
    fn ambiguous_requests_are_refused() {
        let status = |lines: &[(Token, &str)]| of_request(Version::Http11, &table(lines)).unwrap_err().status;
        for value in ["", "-1", "+1", "1 2", "0x10", "1,2", "5,", ",", "1.0", "\u{664}"] {
            assert_eq!(status(&[(CL, value)]), 400, "{value}");
        }
        assert_eq!(status(&[(CL, "18446744073709551616")]), 413);
        assert_eq!(status(&[(CL, "5"), (CL, "6")]), 400);
        assert_eq!(status(&[(CL, "5"), (TE, "chunked")]), 400);
        assert_eq!(status(&[(TE, "gzip, chunked")]), 501);
        for value in ["", "chunked, gzip", "chunked, chunked", "identity", "identity, chunked"] {
            assert_eq!(status(&[(TE, value)]), 400, "{value}");
        }
        assert_eq!(status(&[(TE, "xchunked")]), 501);
        assert_eq!(of_request(Version::Http10, &table(&[(TE, "chunked")])).unwrap_err().status, 400);
    }

    #[test]
    fn responses_without_a_body_are_known_by_method_and_status() {
        let headers = table(&[(CL, "5")]);
        for (method, status) in
            [(Method::Head, 200), (Method::Get, 204), (Method::Get, 304), (Method::Get, 101), (Method::Connect, 200)]
        {
            let body = of_response(method, Version::Http11, status, &headers).unwrap();
            assert_eq!(body, ResponseBody { framing: Framing::None, must_close: false });
        }
        let refused = of_response(Method::Connect, Version::Http11, 403, &headers).unwrap();
        assert_eq!(refused.framing, Framing::Length(5));
    }

    #[test]
    fn responses_are_framed_by_chunks_then_length_then_close() {
        let of = |lines: &[(Token, &str)]| {
            let body = of_response(Method::Get, Version::Http11, 200, &table(lines)).unwrap();
            (body.framing, body.must_close)
        };
        assert_eq!(of(&[(CL, "7")]), (Framing::Length(7), false));
        assert_eq!(of(&[]), (Framing::UntilClose, true));
        assert_eq!(of(&[(TE, "chunked")]), (Framing::Chunked, false));
        assert_eq!(of(&[(TE, "chunked"), (CL, "7")]), (Framing::Chunked, true));
        assert_eq!(of(&[(TE, "identity"), (CL, "7")]), (Framing::Length(7), false));
        let old = of_response(Method::Get, Version::Http10, 200, &table(&[(TE, "chunked")])).unwrap();
        assert!(old.must_close);
        for lines in [&[(CL, "7"), (CL, "8")][..], &[(CL, "x")], &[(TE, "gzip")], &[(TE, "chunked, gzip")]] {
            assert!(of_response(Method::Get, Version::Http11, 200, &table(lines)).is_err());
        }
    }
}

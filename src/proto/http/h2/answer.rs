//! What of an http/1 answer is said in http/2?
//!
//! Programs and the library put the head of an answer together as text, whoever asks. Here that text becomes fields:
//! the version and the reason phrase have no place in http/2, names are in lower case, and lines about the connection
//! are left out. A body that the program sends in chunks loses that framing later.
use super::fields::FieldList;
use crate::proto::http::answer_end;
use crate::proto::http::headers::{trim_blanks_end, trim_blanks_start};

/// Size of the largest head.
const MAX_FIELDS: usize = 256 * 1024;

/// The head of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// All fields but `:status`.
    pub fields: FieldList,
    /// The body comes in chunks of http/1.
    pub is_chunked: bool,
    /// The content-length it announces.
    pub length: Option<u64>,
}

/// Reads a whole head; an empty line at its end may be missing.
pub fn parse(text: &[u8]) -> Result<Answer, &'static str> {
    let mut lines = answer_end::lines(text);
    let status =
        answer_end::status(lines.next().unwrap_or_default()).ok_or("the answer does not begin with a status line")?;
    let mut answer = Answer { status, fields: FieldList::new(MAX_FIELDS), is_chunked: false, length: None };
    let mut name = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let colon = memchr::memchr(b':', line).filter(|colon| *colon > 0).ok_or("a header line without a name")?;
        name.clear();
        name.extend_from_slice(&line[..colon]);
        name.make_ascii_lowercase();
        let value = trim_blanks_end(trim_blanks_start(&line[colon + 1..]));
        if name.iter().any(|byte| byte.is_ascii_whitespace() || *byte < b' ') || value.contains(&0) {
            return Err("a header line with characters that must not be there");
        }
        match name.as_slice() {
            b"transfer-encoding" => answer.is_chunked = value.eq_ignore_ascii_case(b"chunked"),
            b"connection" | b"keep-alive" | b"proxy-connection" | b"upgrade" => {}
            b"content-length" => {
                answer.length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                answer.fields.push(&name, value);
            }
            _ => answer.fields.push(&name, value),
        }
    }
    if answer.fields.is_full() { Err("the head of the answer is too large") } else { Ok(answer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_fields_and_those_about_the_connection_go() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\ncontent-length:  5 \r\n\
                     Transfer-Encoding: chunked\r\nX-A:\r\n\r\n";
        let answer = parse(text).unwrap();
        assert_eq!((answer.status, answer.is_chunked, answer.length), (200, true, Some(5)));
        let expected = [(&b"content-type"[..], &b"text/html"[..]), (b"content-length", b"5"), (b"x-a", b"")];
        assert_eq!(answer.fields.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            &b""[..],
            b"\r\n",
            b"200 OK\r\n\r\n",
            b"HTTP/1.1 20\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\na b: x\r\n\r\n",
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(parse(b"HTTP/1.0 404 ").map(|answer| answer.status), Ok(404));
    }
}

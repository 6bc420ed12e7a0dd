//! Reading one cookie out of Cookie headers (RFC 6265 §5.4).

use super::headers::{HeaderTable, trim_blanks_end, trim_blanks_start};
use super::token::Token;

/// The value of the first cookie called `name` in the Cookie lines of a request.
///
/// Names are compared in their case and must be followed directly by `=`.
pub fn find<'a>(headers: &'a HeaderTable, name: &[u8]) -> Option<&'a [u8]> {
    headers.fragments(Token::HttpCookie).find_map(|line| find_in(line, name))
}

/// The same in one line `a=1; b=2`.
pub fn find_in<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    if name.is_empty() {
        return None;
    }
    line.split(|&byte| byte == b';').find_map(|pair| {
        let value = trim_blanks_start(pair).strip_prefix(name)?.strip_prefix(b"=")?;
        Some(trim_blanks_end(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let line = b"ab=1; a=2 ;c=; d =4;e=f=g;a=3";
        assert_eq!(find_in(line, b"a"), Some(&b"2"[..]));
        assert_eq!(find_in(line, b"ab"), Some(&b"1"[..]));
        assert_eq!(find_in(line, b"c"), Some(&b""[..]));
        assert_eq!(find_in(line, b"d"), None);
        assert_eq!(find_in(line, b"e"), Some(&b"f=g"[..]));
        assert_eq!(find_in(line, b"A"), None);
        assert_eq!(find_in(line, b""), None);
        assert_eq!(find_in(b"", b"a"), None);
    }

    #[test]
    fn all_cookie_lines_are_searched() {
        let mut headers = HeaderTable::default();
        headers.add(Token::HttpCookie, b" a=1").unwrap();
        headers.add(Token::HttpCookie, b" b=2").unwrap();
        assert_eq!(find(&headers, b"b"), Some(&b"2"[..]));
        assert_eq!(find(&headers, b"c"), None);
    }
}

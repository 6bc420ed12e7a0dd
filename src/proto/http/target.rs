//! What does a request ask for? The request target: decoding, normalisation, arguments.
//!
//! Percent escapes are decoded and `+` becomes a space in path and arguments alike, which is what programs for this
//! library have always been given. The path is normalised after decoding, so encoded dots and slashes climb no higher
//! than plain ones: `//` and `/./` shrink to `/`, and `/../` removes one segment and never leaves the root.

use super::headers::{HeaderTable, TableFull};
use super::method::Method;
use super::token::Token;

/// The form of a request target (RFC 9112 §3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetForm {
    /// `/path?args`, the usual one.
    Origin,
    /// `http://host/path`: meant for a proxy, legal everywhere. The original refuses it with 403.
    Absolute {
        /// `host` or `host:port` as sent; outranks the Host header.
        authority: Vec<u8>,
        /// Whether the scheme was https or wss.
        is_tls: bool,
    },
    /// `*` of `OPTIONS`; stored as path `*`. The original refuses it with 403.
    Asterisk,
    /// `host:port` of `CONNECT`; stored as the path, undecoded.
    Authority,
}

/// Why a target was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetError {
    /// Not a target, or one of a form that the method does not go with: answered with 403.
    Malformed(&'static str),
    /// Something that only an attacker sends: closed without an answer.
    Hostile(&'static str),
    /// The table cannot take it.
    Full(TableFull),
}

impl From<TableFull> for TargetError {
    fn from(full: TableFull) -> Self {
        TargetError::Full(full)
    }
}

/// Decodes `target` and stores path and arguments in `table`, under the method's token and `HttpUriArgs`.
///
/// `target` holds no blanks and no control characters: a request line ends there, and http/2 refuses them in `:path`.
pub fn store_target(method: Method, target: &[u8], table: &mut HeaderTable) -> Result<TargetForm, TargetError> {
    if target.first() == Some(&b'/') {
        store_path_and_args(method, target, table)?;
        return Ok(TargetForm::Origin);
    }
    if method == Method::Connect {
        return store_authority(target, table);
    }
    if target == b"*" && method == Method::Options {
        table.add_fragment(method.token(), target)?;
        return Ok(TargetForm::Asterisk);
    }
    if let Some((is_tls, rest)) = split_scheme(target) {
        let end = rest.iter().position(|&byte| byte == b'/' || byte == b'?').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // User information in an http authority is an error by itself (RFC 9110 §4.2.4).
        if authority.is_empty() || authority.contains(&b'@') {
            return Err(TargetError::Malformed("bad authority in the request target"));
        }
        if path.first() == Some(&b'/') {
            store_path_and_args(method, path, table)?;
        } else {
            store_path_and_args(method, &[b"/", path].concat(), table)?;
        }
        return Ok(TargetForm::Absolute { authority: authority.to_vec(), is_tls });
    }
    Err(TargetError::Malformed("the request target does not begin with a slash"))
}

/// Decodes percent escapes and, if `plus_is_space`, `+`. `None` for an escape without two hex digits.
pub fn percent_decode(text: &[u8], plus_is_space: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = match byte {
            b'%' => {
                let [high, low, after @ ..] = tail else { return None };
                out.push(hex_value(*high)? << 4 | hex_value(*low)?);
                after
            }
            b'+' if plus_is_space => {
                out.push(b' ');
                tail
            }
            _ => {
                out.push(byte);
                tail
            }
        };
    }
    Some(out)
}

/// Normalises a decoded path that begins with `/`: no empty, `.` or `..` segments. A trailing slash stays.
pub fn normalise_path(path: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(path.len());
    let mut segments = path.split(|&byte| byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            b"" | b"." => {}
            b".." => {
                let parent = out.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
                out.truncate(parent);
            }
            name => {
                out.push(b'/');
                out.extend_from_slice(name);
                continue;
            }
        }
        if is_last {
            out.push(b'/');
        }
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

fn store_path_and_args(method: Method, target: &[u8], table: &mut HeaderTable) -> Result<(), TargetError> {
    let (path, query) = match memchr::memchr(b'?', target) {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, &[][..]),
    };
    if is_plain(path) {
        table.add_fragment(method.token(), path)?;
    } else {
        let decoded = percent_decode(path, true).ok_or(BAD_ESCAPE)?;
        if decoded.contains(&0) {
            return Err(TargetError::Hostile("NUL in the path"));
        }
        table.add_fragment(method.token(), &normalise_path(&decoded))?;
    }
    if query.is_empty() {
        return Ok(());
    }
    for argument in query.split(|&byte| byte == b'&' || byte == b';') {
        store_argument(argument, table)?;
    }
    Ok(())
}

/// An `=` that was encoded inside the name must not look like the one behind it, so it is stored as `_`.
fn store_argument(argument: &[u8], table: &mut HeaderTable) -> Result<(), TargetError> {
    let name_len = memchr::memchr(b'=', argument).unwrap_or(argument.len());
    let (name, value) = argument.split_at(name_len);
    let mut decoded = percent_decode(name, true).ok_or(BAD_ESCAPE)?;
    for byte in &mut decoded {
        match byte {
            b'=' => *byte = b'_',
            0 => return Err(TargetError::Hostile("NUL in the name of an argument")),
            _ => {}
        }
    }
    decoded.extend_from_slice(&percent_decode(value, true).ok_or(BAD_ESCAPE)?);
    table.add_fragment(Token::HttpUriArgs, &decoded)?;
    Ok(())
}

fn store_authority(target: &[u8], table: &mut HeaderTable) -> Result<TargetForm, TargetError> {
    let is_fine = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:[]%".contains(byte);
    if target.is_empty() || !target.iter().all(is_fine) {
        return Err(TargetError::Malformed("CONNECT without host and port"));
    }
    table.add_fragment(Token::Connect, target)?;
    Ok(TargetForm::Authority)
}

/// Whether the path needs neither decoding nor normalising: the usual case, stored without a copy in between.
fn is_plain(path: &[u8]) -> bool {
    let mut previous = 0;
    for &byte in path {
        if byte == b'%' || byte == b'+' || (previous == b'/' && (byte == b'/' || byte == b'.')) {
            return false;
        }
        previous = byte;
    }
    true
}

fn split_scheme(target: &[u8]) -> Option<(bool, &[u8])> {
    for (scheme, is_tls) in [(&b"http://"[..], false), (b"https://", true), (b"ws://", false), (b"wss://", true)] {
        if target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)) {
            return Some((is_tls, &target[scheme.len()..]));
        }
    }
    None
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

const BAD_ESCAPE: TargetError = TargetError::Malformed("broken percent escape");

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(method: Method, target: &[u8]) -> Result<(TargetForm, String, Vec<String>), TargetError> {
        let mut table = HeaderTable::default();
        let form = store_target(method, target, &mut table)?;
        let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
        let path = text(table.simple(method.token()).unwrap());
        Ok((form, path, table.fragments(Token::HttpUriArgs).map(text).collect()))
    }

    fn path(target: &str) -> String {
        stored(Method::Get, target.as_bytes()).unwrap().1
    }

    #[test]
    fn paths_are_decoded_and_normalised() {
        for (target, expected) in [
            ("/", "/"),
            ("/hdrs", "/hdrs"),
            ("//hdrs//./x/../y", "/hdrs/y"),
            ("/files/../../../../etc/passwd", "/etc/passwd"),
            ("/files/%2e%2e/%2e%2e/etc/passwd", "/etc/passwd"),
            ("/files/..%2f..%2Fetc/passwd", "/etc/passwd"),
            ("/a/%2e./b", "/b"),
            ("/..", "/"),
            ("/a/..", "/"),
            ("/a/.", "/a/"),
            ("/a/b/..", "/a/"),
            ("/a/", "/a/"),
            ("/a/...", "/a/..."),
            ("/..a/.b/c..", "/..a/.b/c.."),
            ("/%252e%252e/x", "/%2e%2e/x"),
            ("/a+b%20c", "/a b c"),
            ("/a%3Fb", "/a?b"),
            ("/%41", "/A"),
            ("/a.b//", "/a.b/"),
        ] {
            assert_eq!(path(target), expected, "{target}");
        }
    }

    #[test]
    fn arguments_are_split_before_they_are_decoded() {
        let args = |target: &str| stored(Method::Get, target.as_bytes()).unwrap().2;
        assert_eq!(args("/hdrs?a=1&b=two%20words&c&d=%26x&e=+"), ["a=1", "b=two words", "c", "d=&x", "e= "]);
        assert_eq!(args("/x?a;b=1"), ["a", "b=1"]);
        assert_eq!(args("/x?a%3db=c%3dd=e"), ["a_b=c=d=e"]);
        assert_eq!(args("/x?a=?&&b"), ["a=?", "", "b"]);
        assert_eq!(args("/x?v=%00"), ["v=\\x00"]);
        assert!(args("/x?").is_empty());
        assert!(args("/x").is_empty());
    }

    #[test]
    fn broken_escapes_are_refused() {
        for target in ["/a%zzb", "/%", "/%4", "/x?a=%g1", "/x?%=1"] {
            assert!(matches!(stored(Method::Get, target.as_bytes()), Err(TargetError::Malformed(_))), "{target}");
        }
        for target in ["/a%00b", "/x?a%00=1"] {
            assert!(matches!(stored(Method::Get, target.as_bytes()), Err(TargetError::Hostile(_))), "{target}");
        }
    }

    #[test]
    fn other_forms_of_target_are_told_apart() {
        let (form, path, args) = stored(Method::Get, b"HTTP://host:81/a/../b?c=d").unwrap();
        assert_eq!(form, TargetForm::Absolute { authority: b"host:81".to_vec(), is_tls: false });
        assert_eq!((path.as_str(), args), ("/b", vec!["c=d".to_owned()]));
        let (form, path, _) = stored(Method::Get, b"https://[::1]").unwrap();
        assert_eq!(form, TargetForm::Absolute { authority: b"[::1]".to_vec(), is_tls: true });
        assert_eq!(path, "/");
        assert_eq!(stored(Method::Get, b"ws://h?x").unwrap().2, ["x"]);
        assert_eq!(stored(Method::Options, b"*").unwrap().0, TargetForm::Asterisk);
        let (form, path, _) = stored(Method::Connect, b"host:1").unwrap();
        assert_eq!((form, path.as_str()), (TargetForm::Authority, "host:1"));
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for (method, target) in [
            (Method::Get, "*"),
            (Method::Get, "x"),
            (Method::Get, "?a=b"),
            (Method::Get, "ftp://h/x"),
            (Method::Get, "http:///x"),
            (Method::Get, "http://user@host/x"),
            (Method::Connect, "http://host/"),
            (Method::Connect, ""),
        ] {
            let outcome = stored(method, target.as_bytes());
            assert!(matches!(outcome, Err(TargetError::Malformed(_))), "{target} {outcome:?}");
        }
    }
}

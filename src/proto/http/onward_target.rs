//! What does a reverse proxy ask its origin for? The client's target with another beginning.
//!
//! Path and arguments go on as they came, escapes and all: what is behind the mount point is the origin's to read, and
//! `a%2Fb` is not `a/b` there. But a mount was chosen by what the path *means*, decoded and normalised, and no other place
//! may be reached under its name. So a path that climbs, however the dots and slashes are written, goes on in the
//! meaning that was looked at, written anew.

use super::forward::percent_encode;
use super::target::percent_decode;

/// Path and arguments of a request target as the client wrote them: all of it, but for the absolute form.
pub fn as_sent(target: &[u8]) -> &[u8] {
    if target.first() == Some(&b'/') {
        return target;
    }
    match memchr::memmem::find(target, b"://").map(|at| target.get(at + 3..).unwrap_or_default()) {
        Some(rest) => rest.iter().position(|byte| matches!(byte, b'/' | b'?')).map_or(b"", |at| &rest[at..]),
        None => target,
    }
}

/// The target at the origin. `base`: there, "" or "/..." without a slash at its end; `point`: the mount point; `sent`: see
/// [`as_sent`]; `behind`: what follows the mount point in the decoded and normalised path.
pub fn at_origin(base: &[u8], point: &[u8], sent: &[u8], behind: &[u8]) -> Vec<u8> {
    let (path, query) = match memchr::memchr(b'?', sent) {
        Some(at) => sent.split_at(at),
        None => (sent, &[][..]),
    };
    let mut target = Vec::with_capacity(base.len() + sent.len() + 1);
    target.extend_from_slice(base);
    match behind_point(point, path).filter(|rest| !climbs(rest)) {
        Some(rest) => {
            if rest.is_empty() && base.is_empty() {
                target.push(b'/');
            }
            append_as_target(rest, &mut target);
        }
        None => {
            if !behind.starts_with(b"/") && (!behind.is_empty() || base.is_empty()) {
                target.push(b'/');
            }
            percent_encode(behind, &mut target);
        }
    }
    append_as_target(query, &mut target);
    target
}

/// What follows the mount point in a path that is not decoded. `None`: the point is written in a way of its own.
fn behind_point<'a>(point: &[u8], path: &'a [u8]) -> Option<&'a [u8]> {
    let point = point.strip_suffix(b"/").unwrap_or(point);
    let mut rest = path;
    for expected in point {
        let (byte, after) = match rest {
            [b'%', high, low, after @ ..] => (*percent_decode(&[b'%', *high, *low], false)?.first()?, after),
            [b'+', after @ ..] => (b' ', after),
            [byte, after @ ..] => (*byte, after),
            [] => return None,
        };
        if byte != *expected {
            return None;
        }
        rest = after;
    }
    (rest.is_empty() || rest.starts_with(b"/")).then_some(rest)
}

/// Whether some server could read a segment of this path as `.` or `..`: also behind an escaped slash, behind a backslash,
/// or with parameters (`..;x`).
fn climbs(path: &[u8]) -> bool {
    let Some(decoded) = percent_decode(path, false) else { return true };
    decoded.split(|byte| matches!(byte, b'/' | b'\\')).any(|segment| {
        let end = memchr::memchr(b';', segment).unwrap_or(segment.len());
        matches!(&segment[..end], b"." | b"..")
    })
}

/// A `#` has no place in a target (RFC 9112 §3.2); servers that cut there would see another path than we did. A blank or a
/// control character would end the target. Requests with these are refused before; none gets into a request line from here.
fn append_as_target(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        match byte {
            b'#' | 0..=b' ' | 0x7f => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            _ => out.push(*byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::target::normalise_path;
    use super::*;

    /// As the engine does it: the mount was chosen by the path's meaning.
    fn moved(base: &str, point: &str, sent: &str) -> String {
        let path = sent.split('?').next().unwrap_or_default();
        let meant = normalise_path(&percent_decode(path.as_bytes(), true).unwrap());
        let behind = meant.strip_prefix(point.as_bytes()).expect("the mount would not have been chosen");
        String::from_utf8(at_origin(base.as_bytes(), point.as_bytes(), sent.as_bytes(), behind)).unwrap()
    }

    #[test]
    fn what_follows_the_point_goes_on_as_it_came() {
        for (sent, expected) in [
            ("/app", "/base"),
            ("/app/", "/base/"),
            ("/app?", "/base?"),
            ("/app/list?all=1", "/base/list?all=1"),
            ("/app/a%2Fb%2f/c;v=1;w+x%20y%2B", "/base/a%2Fb%2f/c;v=1;w+x%20y%2B"),
            ("/app/x?a=1;b=2&c=%2F%26+d&&e=?", "/base/x?a=1;b=2&c=%2F%26+d&&e=?"),
            ("/app//x/", "/base//x/"),
            ("/app/%41~!$'()*,:@|{}", "/base/%41~!$'()*,:@|{}"),
            ("/app/...;x/a..b/.hidden", "/base/...;x/a..b/.hidden"),
            ("/app/%252e%252e/x", "/base/%252e%252e/x"),
        ] {
            assert_eq!(moved("/base", "/app", sent), expected, "{sent}");
            assert_eq!(moved("/base", "/app/", &sent.replacen("/app", "/app/", 1)), expected_behind_slash(expected));
        }
        assert_eq!(moved("", "/app", "/app"), "/");
        assert_eq!(moved("", "/app", "/app?x"), "/?x");
        assert_eq!(moved("", "/", "/a%2Fb?"), "/a%2Fb?");
        assert_eq!(moved("", "/", "//a"), "//a");
    }

    /// A client that writes one slash more than there was.
    fn expected_behind_slash(expected: &str) -> String {
        expected.replacen("/base", "/base/", 1)
    }

    #[test]
    fn the_point_may_be_escaped() {
        assert_eq!(moved("/base", "/app", "/%61pp/x%2fy"), "/base/x%2fy");
        assert_eq!(moved("/base", "/my app", "/my+app/x;y"), "/base/x;y");
        assert_eq!(moved("/base", "/my app", "/my%20app/x;y"), "/base/x;y");
    }

    #[test]
    fn a_path_that_climbs_is_written_anew() {
        for (sent, expected) in [
            ("/app/a/../b", "/base/b"),
            ("/app/%2e%2e/app/x", "/base/x"),
            ("/app/a%2f..%2Fb;c", "/base/b%3Bc"),
            ("/app/./x", "/base/x"),
            ("/app/..;/admin", "/base/..%3B/admin"),
            ("/app/..%3Bx/admin", "/base/..%3Bx/admin"),
            ("/app/..\\admin", "/base/..%5Cadmin"),
            ("/app/..%5cadmin", "/base/..%5Cadmin"),
            ("/x/../app/y%2Fz?q;r", "/base/y/z?q;r"),
            ("//app/y", "/base/y"),
            ("/app%2F..%2fapp%2Fy", "/base/y"),
            ("/app%2Fy", "/base/y"),
            ("/app/x#/..", "/base/"),
        ] {
            assert_eq!(moved("/base", "/app", sent), expected, "{sent}");
        }
        assert_eq!(moved("/base", "/app", "/app/x#y?a#b"), "/base/x%23y?a%23b");
    }

    #[test]
    fn nothing_ends_the_target_early() {
        let sent = "/app/x HTTP/1.1\r\ny\0\t\u{b}?a b\u{7f}";
        assert_eq!(moved("/base", "/app", sent), "/base/x%20HTTP/1.1%0D%0Ay%00%09%0B?a%20b%7F");
    }

    #[test]
    fn what_was_sent_is_told_without_the_server() {
        for (target, expected) in [
            ("/a?b", "/a?b"),
            ("http://h:1/a%2F?b", "/a%2F?b"),
            ("http://h?b=://", "?b=://"),
            ("HTTPS://h", ""),
            ("*", "*"),
            ("/x://y", "/x://y"),
        ] {
            assert_eq!(as_sent(target.as_bytes()), expected.as_bytes(), "{target}");
        }
    }
}

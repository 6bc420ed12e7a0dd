//! Which parts of an http head are nobody's business, and how the rest is shown to people?
//!
//! Hidden are the values of headers that carry credentials, of query parameters whose name says that they do, the
//! password in a URL, and subprotocol names that are tokens in disguise. When in doubt, a value is hidden: a timeline
//! that is sent to somebody must not be a key.

/// What stands for a hidden text.
const HIDDEN: &str = "***";
/// Most lines of a head that are shown.
const MOST_LINES: usize = 100;
/// Longest line that is shown, bytes.
const LONGEST_LINE: usize = 400;
/// Longest subprotocol name that passes for a name.
const LONGEST_NAME: usize = 64;

/// The lines of a request or reply head as people may see them: without line ends and secrets, printable.
pub fn shown_lines(head: &[u8]) -> Vec<String> {
    let mut is_hidden = false;
    let mut shown = Vec::new();
    for line in head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty()) {
        if shown.len() == MOST_LINES {
            shown.push("...".to_owned());
            break;
        }
        let text = String::from_utf8_lossy(line);
        let is_folded = line.starts_with(b" ") || line.starts_with(b"\t");
        let masked = match text.split_once(':') {
            _ if is_folded && is_hidden => format!(" {HIDDEN}"),
            Some((name, _)) if !shown.is_empty() && !is_folded && is_secret_header(name) => {
                is_hidden = true;
                format!("{name}: {HIDDEN}")
            }
            Some((name, value)) if !is_folded && name.eq_ignore_ascii_case("sec-websocket-protocol") => {
                is_hidden = false;
                format!("{name}: {}", masked_subprotocols(value))
            }
            // A login whose colon was forgotten is one all the same.
            None if !shown.is_empty() && !is_folded => {
                is_hidden = true;
                match text.split_once([' ', '\t']) {
                    Some((first, _)) => format!("{} {HIDDEN}", clipped(first, LONGEST_NAME)),
                    None => clipped(&text, LONGEST_NAME),
                }
            }
            _ => {
                is_hidden &= is_folded;
                masked_url(&text)
            }
        };
        shown.push(clipped(&printable(&masked), LONGEST_LINE));
    }
    shown
}

/// A list of subprotocols with tokens hidden: programs in browsers have no other place for them.
pub fn masked_subprotocols(list: &str) -> String {
    let mut follows_token = false;
    let names = list.split(',').map(str::trim).map(|name| {
        let lower = name.to_ascii_lowercase();
        let is_token = lower.contains("bearer") || lower.contains("authorization") || name.starts_with("eyJ");
        let hides = follows_token || is_token || name.len() > LONGEST_NAME;
        follows_token = !hides && is_secret_name(name);
        if hides { HIDDEN } else { name }
    });
    names.collect::<Vec<_>>().join(", ")
}

/// A text with URLs in it: user and password, and the values of secret query parameters, are hidden.
pub fn masked_url(text: &str) -> String {
    let text = without_login(text);
    let Some(start) = text.find(['?', '#']) else { return text };
    let mut shown = text[..start].to_owned();
    let mut rest = &text[start..];
    // `rest` begins with the mark in front of a parameter, which is one byte.
    while !rest.is_empty() {
        let name_end = rest[1..].find(['=', '?', '&', ';', '#', ' ', '"']).map_or(rest.len(), |end| end + 1);
        let (name, behind) = rest.split_at(name_end);
        shown.push_str(name);
        rest = behind;
        if rest.starts_with('=') {
            let hides = is_secret_name(&name[1..]);
            // What belongs to a secret is hidden up to where a parameter can end at the earliest.
            let ends: &[char] = if hides { &['&', '#', ' ', '"'] } else { &['?', '&', ';', '#', ' ', '"'] };
            let value_end = rest.find(ends).unwrap_or(rest.len());
            shown.push_str(if hides && value_end > 1 { "=***" } else { &rest[..value_end] });
            rest = &rest[value_end..];
        }
    }
    shown
}

/// `scheme://user:password@host` without what is in front of the host.
fn without_login(text: &str) -> String {
    let Some(start) = text.find("://").map(|at| at + 3) else { return text.to_owned() };
    let end = text[start..].find(['/', '?', '#', ' ']).map_or(text.len(), |end| start + end);
    match text[start..end].rfind('@') {
        Some(at) => format!("{}{HIDDEN}{}", &text[..start], &text[start + at..]),
        None => text.to_owned(),
    }
}

fn is_secret_header(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    match name.as_str() {
        "cookie" | "cookie2" | "set-cookie" | "set-cookie2" => true,
        // The challenge says what is missing, the others whether something may be sent.
        "www-authenticate" | "proxy-authenticate" => false,
        _ if name.starts_with("access-control-") || name.starts_with("sec-websocket-") => false,
        _ => is_secret_name(&name),
    }
}

/// Whether a parameter or header with this name carries a secret.
fn is_secret_name(name: &str) -> bool {
    const PARTS: [&str; 17] = [
        "token",
        "secret",
        "passw",
        "passphrase",
        "passcode",
        "pwd",
        "auth",
        "apikey",
        "accesskey",
        "privatekey",
        "signature",
        "credential",
        "session",
        "jwt",
        "bearer",
        "ticket",
        "assertion",
    ];
    const WHOLE: [&str; 10] = ["key", "sig", "sid", "code", "pass", "pin", "pw", "otp", "hmac", "sso"];
    let name: String = percent_decoded(name).chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part)) || WHOLE.contains(&name.as_str())
}

/// Names may be written with escapes; what is not one stays as it is.
fn percent_decoded(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escape = bytes.get(index + 1..index + 3).filter(|_| byte == b'%');
        let value =
            escape.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(value.unwrap_or(byte));
        index += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Control characters, which could play tricks with a terminal, become dots.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c) { '.' } else { c }).collect()
}

/// At most `limit` bytes; what was cut is marked.
pub fn clipped(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut end = limit.saturating_sub(1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}~", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> String {
        shown_lines(format!("GET / HTTP/1.1\r\n{line}\r\n\r\n").as_bytes()).remove(1)
    }

    #[test]
    fn values_of_secret_headers_are_hidden() {
        for name in ["Authorization", "proxy-authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-CSRF-Token"] {
            assert_eq!(one(&format!("{name}: abc: def")), format!("{name}: ***"));
        }
    }

    #[test]
    fn headers_that_help_are_shown() {
        for line in [
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Host: localhost:1",
            "WWW-Authenticate: Basic realm=x",
            "Access-Control-Allow-Credentials: true",
            "X-Nothing",
        ] {
            assert_eq!(one(line), line);
        }
    }

    #[test]
    fn of_a_line_without_colon_the_first_word_is_shown() {
        assert_eq!(one("Authorization Bearer secret"), "Authorization ***");
        assert_eq!(one("Authorization\tsecret\r\n folded"), "Authorization ***");
        assert!(one(&"x".repeat(500)).len() < 100);
        let head = b"GET / HTTP/1.1\r\nCookie a\r\n b\r\n\r\n";
        assert_eq!(shown_lines(head), ["GET / HTTP/1.1", "Cookie ***", " ***"]);
    }

    #[test]
    fn folded_lines_of_a_secret_are_hidden_and_others_shown() {
        let head = b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\n b=secret\r\n\tc=secret\r\nX-A: 1\r\n shown\r\n\r\n";
        assert_eq!(shown_lines(head), ["HTTP/1.1 200 OK", "Set-Cookie: ***", " ***", " ***", "X-A: 1", " shown"]);
    }

    #[test]
    fn secret_query_parameters_are_hidden_wherever_a_url_stands() {
        let head =
            b"GET /a?x=1&access_token=abc==&y=2 HTTP/1.1\r\nReferer: https://u:pw@h/p?KEY=k#id_token=1;2&z\r\n\r\n";
        assert_eq!(
            shown_lines(head),
            ["GET /a?x=1&access_token=***&y=2 HTTP/1.1", "Referer: https://***@h/p?KEY=***#id_token=***&z"]
        );
        assert_eq!(masked_url("/a?a=1;tok%65n=2,3;4&b=5"), "/a?a=1;tok%65n=***&b=5");
        assert_eq!(
            masked_url("/?X-Amz-Signature=1&X-Amz-Credential=2&X-Amz-Date=3"),
            "/?X-Amz-Signature=***&X-Amz-Credential=***&X-Amz-Date=3"
        );
        assert_eq!(masked_url("/?token=&x"), "/?token=&x");
        assert_eq!(masked_url("/plain/path=1"), "/plain/path=1");
        assert_eq!(masked_url("/?"), "/?");
        assert_eq!(masked_url("/?\u{e4}=\u{f6}&\u{e4}"), "/?\u{e4}=\u{f6}&\u{e4}");
    }

    #[test]
    fn tokens_among_subprotocols_are_hidden() {
        assert_eq!(masked_subprotocols("chat, mqtt"), "chat, mqtt");
        assert_eq!(masked_subprotocols("access_token, 0123abc, chat"), "access_token, ***, chat");
        assert_eq!(masked_subprotocols("base64url.bearer.authorization.k8s.io.QUJD,v4"), "***, v4");
        assert_eq!(one("Sec-WebSocket-Protocol: eyJhbGciOi,a"), "Sec-WebSocket-Protocol: ***, a");
    }

    #[test]
    fn what_is_shown_is_printable_and_bounded() {
        let long = format!("X-Long: {}\u{1b}[31m", "\u{e9}".repeat(600));
        assert!(one(&long).len() <= LONGEST_LINE && one(&long).ends_with('~'));
        assert_eq!(one("X-A: \u{1b}[31m\u{202e}"), "X-A: .[31m.");
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(500));
        assert_eq!(shown_lines(many.as_bytes()).len(), MOST_LINES + 1);
    }

    proptest::proptest! {
        #[test]
        fn no_head_makes_it_fail(head in proptest::collection::vec(proptest::num::u8::ANY, 0..300), text in "\\PC*") {
            shown_lines(&head);
            masked_url(&format!("?{text}"));
        }
    }
}

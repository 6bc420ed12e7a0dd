//! How does a client open a tunnel through an http proxy? (RFC 9110 §9.3.6)
//!
//! [`request`] makes the CONNECT request, [`ReplyReader`] waits for the answer. Once the answer is there, whatever
//! follows its empty line belongs to the tunnel.

use crate::proto::http::head_buffer::{Collected, HeadBuffer};
use crate::proto::http::request::{BadField, check_text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The CONNECT request for `host` (name or address, an IPv6 address without brackets) and `port`.
///
/// `auth` is `user:password` in plain text. Fails if a text holds control characters.
pub fn request(host: &str, port: u16, auth: Option<&str>) -> Result<Vec<u8>, BadField> {
    check_text("host", host.as_bytes())?;
    let needs_brackets = host.contains(':') && !host.starts_with('[');
    let authority = if needs_brackets { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut out = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nUser-agent: lws\r\n");
    if let Some(auth) = auth {
        out.push_str("Proxy-authorization: basic ");
        STANDARD.encode_string(auth, &mut out);
        out.push_str("\r\n");
    }
    out.push_str("\r\n");
    Ok(out.into_bytes())
}

/// What the proxy said so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The answer is not complete.
    NeedMore,
    /// The tunnel is open; so many bytes of the last input belonged to the answer.
    Ok {
        /// Bytes of the last input that belong to the answer.
        consumed: usize,
    },
    /// The proxy refuses ("http_proxy -> STATUS").
    Refused {
        /// The status code, for example 407.
        status: u16,
        /// The status line, fit for a log.
        line: String,
    },
    /// This is no http proxy, or its answer is endless ("http_proxy fail").
    NotHttp,
}

/// Waits for the answer to a CONNECT request.
#[derive(Debug)]
pub struct ReplyReader {
    buffer: HeadBuffer,
}

impl ReplyReader {
    /// A reader for one answer.
    pub fn new() -> Self {
        ReplyReader { buffer: HeadBuffer::new(MAX_REPLY_BYTES) }
    }

    /// Takes the next bytes from the proxy. After any other answer than `NeedMore` the reader is done.
    pub fn push(&mut self, input: &[u8]) -> Outcome {
        let mut done = 0;
        loop {
            let rest = input.get(done..).unwrap_or_default();
            let (verdict, consumed) = match self.buffer.push(rest) {
                Collected::Partial { bytes } => (judge(bytes), None),
                Collected::TooLong { bytes } => match judge(bytes) {
                    Verdict::Refused(status, line) => return Outcome::Refused { status, line },
                    _ => return Outcome::NotHttp,
                },
                Collected::Complete { bytes, consumed } => (judge(bytes), Some(consumed)),
            };
            match (verdict, consumed) {
                (Verdict::NotHttp, _) => return Outcome::NotHttp,
                (Verdict::Refused(status, line), _) => return Outcome::Refused { status, line },
                (_, None) => return Outcome::NeedMore,
                (Verdict::Open, Some(consumed)) => return Outcome::Ok { consumed: done + consumed },
                // An interim answer is skipped; the one that counts follows.
                (Verdict::Interim, Some(consumed)) => {
                    done += consumed;
                    self.buffer.reset();
                }
                (Verdict::Undecided, Some(_)) => return Outcome::NotHttp,
            }
        }
    }
}

impl Default for ReplyReader {
    fn default() -> Self {
        Self::new()
    }
}

enum Verdict {
    Undecided,
    Open,
    Interim,
    Refused(u16, String),
    NotHttp,
}

/// Judges an answer by its status line, as soon as that is complete.
fn judge(bytes: &[u8]) -> Verdict {
    let pattern_fits = bytes.iter().zip(STATUS_LINE).all(|(&byte, &wanted)| match wanted {
        b'd' => byte.is_ascii_digit(),
        _ => byte.eq_ignore_ascii_case(&wanted),
    });
    if !pattern_fits {
        return Verdict::NotHttp;
    }
    let Some(end) = memchr::memchr(b'\n', bytes) else { return Verdict::Undecided };
    let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
    let Some([a, b, c]) = line.get(9..12) else { return Verdict::NotHttp };
    if !matches!(line.get(12), None | Some(b' ')) {
        return Verdict::NotHttp;
    }
    let status = [a, b, c].into_iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match status {
        100..=199 => Verdict::Interim,
        200..=299 => Verdict::Open,
        _ => Verdict::Refused(status, printable(line)),
    }
}

fn printable(line: &[u8]) -> String {
    let shown = line.get(..MAX_LINE_SHOWN).unwrap_or(line);
    String::from_utf8_lossy(shown).chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// How an answer begins; `d` stands for a digit.
const STATUS_LINE: &[u8] = b"HTTP/1.d ddd";
const MAX_REPLY_BYTES: usize = 16 * 1024;
const MAX_LINE_SHOWN: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(text: &str) -> Outcome {
        ReplyReader::new().push(text.as_bytes())
    }

    #[test]
    fn the_request_is_the_one_proxies_know() {
        assert_eq!(
            request("origin.invalid", 4444, None).unwrap(),
            b"CONNECT origin.invalid:4444 HTTP/1.1\r\nHost: origin.invalid:4444\r\nUser-agent: lws\r\n\r\n"
        );
        assert_eq!(
            String::from_utf8(request("::1", 443, Some("user:pass")).unwrap()).unwrap(),
            "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nUser-agent: lws\r\n\
             Proxy-authorization: basic dXNlcjpwYXNz\r\n\r\n"
        );
        assert_eq!(request("a\r\nb", 1, None), Err(BadField { field: "host" }));
    }

    #[test]
    fn an_open_tunnel_leaves_the_following_bytes() {
        let text = "HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\ntunnel";
        assert_eq!(whole(text), Outcome::Ok { consumed: text.len() - "tunnel".len() });
        assert_eq!(whole("HTTP/1.1 200\n\n"), Outcome::Ok { consumed: 14 });
    }

    #[test]
    fn interim_answers_are_skipped() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx";
        assert_eq!(whole(text), Outcome::Ok { consumed: text.len() - 1 });
    }

    #[test]
    fn refusals_carry_status_and_line() {
        let line = "HTTP/1.1 407 Proxy Authentication Required";
        let refused = Outcome::Refused { status: 407, line: line.to_owned() };
        assert_eq!(whole(&format!("{line}\r\nProxy-Authenticate: Basic\r\n\r\n")), refused);
        assert_eq!(whole(&format!("{line}\r\n")), refused, "the rest need not come");
        assert!(matches!(whole("HTTP/1.0 302 \r\n"), Outcome::Refused { status: 302, .. }));
        assert!(
            matches!(whole("HTTP/1.0 403 a\x1bb\r\n"), Outcome::Refused { line, .. } if line == "HTTP/1.0 403 a?b")
        );
    }

    #[test]
    fn what_is_not_http_is_said_so_at_once() {
        for text in ["S", "SSH-2.0", "HTTP/2", "HTTP/1.1 20x", "HTTP/1.1 2000\r\n", "HTTP/1.1 20\r\n", "\r\n", "\x05\0"]
        {
            assert_eq!(whole(text), Outcome::NotHttp, "{text:?}");
        }
        assert_eq!(whole(&format!("HTTP/1.1 200 OK\r\n{}", "x".repeat(20_000))), Outcome::NotHttp);
        assert_eq!(whole("HTTP/1.1 200 OK\r\nVia: x\r\n"), Outcome::NeedMore);
        assert_eq!(whole(""), Outcome::NeedMore);
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_outcome(
            parts in prop::collection::vec(prop_oneof![
                Just("HTTP/1.1 200 OK\r\n"), Just("HTTP/1.0 403 no\n"), Just("HTTP/1.1 100 c\r\n"), Just("a: b\r\n"),
                Just("\r\n"), Just("\n"), Just("garbage"), Just("HTTP/1.1 200\n\n"),
            ], 0..7),
            size in 1usize..15,
        ) {
            let text = parts.concat().into_bytes();
            let run = |size: usize| {
                let mut reader = ReplyReader::new();
                let mut done = 0;
                for piece in text.chunks(size) {
                    match reader.push(piece) {
                        Outcome::NeedMore => done += piece.len(),
                        Outcome::Ok { consumed } => return Outcome::Ok { consumed: done + consumed },
                        other => return other,
                    }
                }
                Outcome::NeedMore
            };
            prop_assert_eq!(run(text.len().max(1)), run(size));
        }
    }
}

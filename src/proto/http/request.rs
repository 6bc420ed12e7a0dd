//! What does a client send? The head of an upgrade or plain http request.
//!
//! Lines, their order and their case are those programs and servers have always seen. Nothing a caller passes can start
//! a new line: an input with a control character is refused by name.

use super::method::Method;

/// The Origin header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// Sent as it is.
    Raw(&'a [u8]),
    /// Sent behind `http://`.
    Http(&'a [u8]),
    /// Sent behind `https://`.
    Https(&'a [u8]),
}

/// The lines that make a request an upgrade to websocket (RFC 6455 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WsUpgrade<'a> {
    /// 24 characters of base64.
    pub key: &'a str,
    /// Sec-WebSocket-Protocol as the program gave it; an empty list sends no line.
    pub protocols: Option<&'a [u8]>,
    /// Extension offers, joined with commas; none sends no line.
    pub extensions: &'a [&'a [u8]],
    /// Sec-WebSocket-Version, normally 13.
    pub version: u32,
}

/// Everything the head of a request is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientRequest<'a> {
    /// The method; upgrades are `GET`.
    pub method: Method,
    /// Path and arguments as they go on the wire. A missing leading slash is added, blanks are escaped.
    pub path: &'a [u8],
    /// The Host header, verbatim.
    pub host: &'a [u8],
    /// The Origin header, if any.
    pub origin: Option<Origin<'a>>,
    /// The websocket lines, for an upgrade.
    pub upgrade: Option<WsUpgrade<'a>>,
    /// Whether a plain request says `connection: close`; ignored for an upgrade.
    pub closes: bool,
    /// The value of a Cookie line from the cookie jar, if any.
    pub cookies: Option<&'a [u8]>,
}

/// An input that cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadField {
    /// Which one: "path", "host", "origin", ...
    pub field: &'static str,
}

impl ClientRequest<'_> {
    /// The whole head: the library's lines, `extra` (complete lines of the program's own), and the empty line.
    pub fn build(&self, extra: &[u8]) -> Result<Vec<u8>, BadField> {
        let mut out = Vec::with_capacity(512 + extra.len());
        self.write_lines(&mut out)?;
        check_header_lines(extra)?;
        out.extend_from_slice(extra);
        out.extend_from_slice(b"\r\n");
        Ok(out)
    }

    /// Appends the library's lines to `out`, without the empty line. On an error `out` is as it was.
    pub fn write_lines(&self, out: &mut Vec<u8>) -> Result<(), BadField> {
        self.check()?;
        put(out, &[self.method.name().as_bytes(), if self.path.starts_with(b"/") { b" " } else { b" /" }]);
        for &byte in self.path {
            match byte {
                b' ' => out.extend_from_slice(b"%20"),
                _ => out.push(byte),
            }
        }
        put(out, &[b" HTTP/1.1\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nHost: ", self.host, b"\r\n"]);
        match self.origin {
            Some(Origin::Raw(origin)) => put(out, &[b"Origin: ", origin, b"\r\n"]),
            Some(Origin::Http(origin)) => put(out, &[b"Origin: http://", origin, b"\r\n"]),
            Some(Origin::Https(origin)) => put(out, &[b"Origin: https://", origin, b"\r\n"]),
            None => {}
        }
        match &self.upgrade {
            Some(upgrade) => upgrade.write_lines(out),
            None if self.closes => put(out, &[b"connection: close\r\n"]),
            None => {}
        }
        if let Some(cookies) = self.cookies.filter(|cookies| !cookies.is_empty()) {
            put(out, &[b"Cookie: ", cookies, b"\r\n"]);
        }
        Ok(())
    }

    fn check(&self) -> Result<(), BadField> {
        check_text("path", self.path)?;
        check_text("host", self.host)?;
        match self.origin {
            Some(Origin::Raw(origin) | Origin::Http(origin) | Origin::Https(origin)) => check_text("origin", origin)?,
            None => {}
        }
        if let Some(upgrade) = &self.upgrade {
            check_text("key", upgrade.key.as_bytes())?;
            check_text("protocol", upgrade.protocols.unwrap_or_default())?;
            for offer in upgrade.extensions {
                check_text("extension", offer)?;
            }
        }
        check_text("cookie", self.cookies.unwrap_or_default())
    }
}

impl WsUpgrade<'_> {
    fn write_lines(&self, out: &mut Vec<u8>) {
        put(out, &[b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ", self.key.as_bytes(), b"\r\n"]);
        if let Some(protocols) = self.protocols.filter(|protocols| !protocols.is_empty()) {
            put(out, &[b"Sec-WebSocket-Protocol: ", protocols, b"\r\n"]);
        }
        for (n, offer) in self.extensions.iter().enumerate() {
            put(out, &[if n == 0 { &b"Sec-WebSocket-Extensions: "[..] } else { b"," }, offer]);
        }
        if !self.extensions.is_empty() {
            put(out, &[b"\r\n"]);
        }
        put(out, &[b"Sec-WebSocket-Version: ", self.version.to_string().as_bytes(), b"\r\n"]);
    }
}

/// Whether `lines` can stand between the library's lines and the empty line: each one ended, none empty.
///
/// Lines that end in LF only are let through, as they have always been.
pub fn check_header_lines(lines: &[u8]) -> Result<(), BadField> {
    let bad = BadField { field: "extra headers" };
    let Some(body) = lines.strip_suffix(b"\n") else {
        return if lines.is_empty() { Ok(()) } else { Err(bad) };
    };
    for line in body.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.iter().any(|&byte| byte == b'\r' || byte == 0) {
            return Err(bad);
        }
    }
    Ok(())
}

/// Refuses control characters, a tab included: none of these inputs has a use for them.
pub(crate) fn check_text(field: &'static str, text: impl AsRef<[u8]>) -> Result<(), BadField> {
    if text.as_ref().iter().any(u8::is_ascii_control) {
        return Err(BadField { field });
    }
    Ok(())
}

fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPGRADE: WsUpgrade<'static> =
        WsUpgrade { key: "dGhlIHNhbXBsZSBub25jZQ==", protocols: Some(b"chat"), extensions: &[], version: 13 };
    const REQUEST: ClientRequest<'static> = ClientRequest {
        method: Method::Get,
        path: b"/",
        host: b"127.0.0.1",
        origin: None,
        upgrade: Some(UPGRADE),
        closes: false,
        cookies: None,
    };

    fn text(request: &ClientRequest<'_>, extra: &str) -> String {
        String::from_utf8(request.build(extra.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn an_upgrade_has_the_lines_servers_know() {
        assert_eq!(
            text(&REQUEST, ""),
            "GET / HTTP/1.1\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat\r\n\
             Sec-WebSocket-Version: 13\r\n\r\n"
        );
    }

    #[test]
    fn an_upgrade_with_everything_keeps_the_order() {
        let request = ClientRequest {
            path: b"a b?c",
            origin: Some(Origin::Https(b"example.com")),
            upgrade: Some(WsUpgrade { extensions: &[b"permessage-deflate; client_max_window_bits", b"x"], ..UPGRADE }),
            cookies: Some(b"k=v"),
            closes: true,
            ..REQUEST
        };
        assert_eq!(
            text(&request, "X-Mine: 1\r\n"),
            "GET /a%20b?c HTTP/1.1\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nHost: 127.0.0.1\r\n\
             Origin: https://example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat\r\n\
             Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits,x\r\nSec-WebSocket-Version: 13\r\n\
             Cookie: k=v\r\nX-Mine: 1\r\n\r\n"
        );
    }

    #[test]
    fn bytes_beyond_ascii_stay_what_they_are() {
        let request = ClientRequest { path: b"/caf\xe9", host: b"h\xff", ..REQUEST };
        let head = request.build(b"").unwrap();
        assert!(head.starts_with(b"GET /caf\xe9 HTTP/1.1\r\n"));
        assert!(head.windows(10).any(|line| line == b"Host: h\xff\r\n"));
    }

    #[test]
    fn a_plain_request_closes_unless_pipelined() {
        let request = ClientRequest { method: Method::Post, upgrade: None, closes: true, ..REQUEST };
        let expected = "POST / HTTP/1.1\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nHost: 127.0.0.1\r\n";
        assert_eq!(text(&request, ""), format!("{expected}connection: close\r\n\r\n"));
        assert_eq!(text(&ClientRequest { closes: false, ..request }, ""), format!("{expected}\r\n"));
    }

    #[test]
    fn an_empty_protocol_list_sends_no_line() {
        for protocols in [None, Some(&b""[..])] {
            let request = ClientRequest { upgrade: Some(WsUpgrade { protocols, ..UPGRADE }), ..REQUEST };
            assert!(!text(&request, "").contains("Protocol"));
        }
    }

    #[test]
    fn origins_are_prefixed_by_kind() {
        for (origin, line) in [
            (Origin::Raw(&b"null"[..]), "\r\nOrigin: null\r\n"),
            (Origin::Http(b"h"), "\r\nOrigin: http://h\r\n"),
            (Origin::Https(b"h"), "\r\nOrigin: https://h\r\n"),
        ] {
            assert!(text(&ClientRequest { origin: Some(origin), ..REQUEST }, "").contains(line));
        }
    }

    #[test]
    fn no_input_can_start_a_line() {
        for text in ["a\r\nX: y", "a\nb", "a\rb", "a\0b"] {
            let evil = text.as_bytes();
            let ws = |upgrade| ClientRequest { upgrade: Some(upgrade), ..REQUEST };
            let offers = [evil];
            for (request, field) in [
                (ClientRequest { path: evil, ..REQUEST }, "path"),
                (ClientRequest { host: evil, ..REQUEST }, "host"),
                (ClientRequest { origin: Some(Origin::Raw(evil)), ..REQUEST }, "origin"),
                (ClientRequest { cookies: Some(evil), ..REQUEST }, "cookie"),
                (ws(WsUpgrade { key: text, ..UPGRADE }), "key"),
                (ws(WsUpgrade { protocols: Some(evil), ..UPGRADE }), "protocol"),
                (ws(WsUpgrade { extensions: &offers, ..UPGRADE }), "extension"),
            ] {
                assert_eq!(request.build(b""), Err(BadField { field }), "{text:?}");
                let mut out = vec![1];
                assert!(request.write_lines(&mut out).is_err());
                assert_eq!(out, [1]);
            }
        }
    }

    #[test]
    fn extra_lines_must_be_complete_and_not_empty() {
        for good in ["", "a: b\r\n", "a: b\r\nc: d\r\n", "a: b\n"] {
            assert_eq!(check_header_lines(good.as_bytes()), Ok(()), "{good:?}");
        }
        for bad in ["a: b", "\r\n", "\n", "a: b\r\n\r\n", "a: b\r\n\r\nc: d\r\n", "a\rb: c\r\n", "a: \0\r\n"] {
            assert!(check_header_lines(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}

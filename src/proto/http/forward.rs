//! What does a reverse proxy pass on? Request heads towards the origin, reply heads towards the client (RFC 9110 §7.6).
//!
//! Everything that belongs to one connection alone stays behind: the headers of RFC 9110 §7.6.1, those that Connection
//! names, and the framing, which is written anew for each side. So nothing that one side reads differently than we do
//! can reach the other side as it came.
use super::body::Framing;
use super::h1::{RequestHead, ResponseHead};
use super::headers::HeaderTable;
use super::method::Method;
use super::token::Token;

/// Where the requests of a mount go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Name, address, or '+' and the path of a unix socket.
    pub address: String,
    /// 0 for a unix socket.
    pub port: u16,
    /// Spoken with TLS.
    pub is_tls: bool,
    /// In front of what follows the mount point; "" or "/..." without a final slash.
    pub base: Vec<u8>,
}

impl Origin {
    /// Reads `host[:port][/path]`, `[v6][:port][/path]` or `+socket[:/path]`. `None`: it is none of these.
    pub fn parse(text: &[u8], is_tls: bool) -> Option<Origin> {
        let text = std::str::from_utf8(text).ok().filter(|text| !text.bytes().any(|byte| byte <= b' '))?;
        let without_slash = |path: &str| path.trim_end_matches('/').as_bytes().to_vec();
        if text.starts_with('+') {
            let (socket, path) = text.split_once(":/").map_or((text, ""), |(socket, path)| (socket, path));
            let base = if path.is_empty() { Vec::new() } else { without_slash(&format!("/{path}")) };
            return (socket.len() > 1).then(|| Origin { address: socket.into(), port: 0, is_tls, base });
        }
        let (authority, path) = text.find('/').map_or((text, ""), |at| text.split_at(at));
        let usual_port = if is_tls { 443 } else { 80 };
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']')?;
                (host, rest.strip_prefix(':'))
            }
            None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
        };
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port != 0)?,
            None => usual_port,
        };
        (!host.is_empty()).then(|| Origin { address: host.into(), port, is_tls, base: without_slash(path) })
    }

    /// The Host line for it; `None` for a unix socket, which has no name of its own.
    pub fn host(&self) -> Option<String> {
        if self.address.starts_with('+') {
            return None;
        }
        let name = if self.address.contains(':') { format!("[{}]", self.address) } else { self.address.clone() };
        let is_usual = self.port == if self.is_tls { 443 } else { 80 };
        Some(if is_usual { name } else { format!("{name}:{}", self.port) })
    }
}

/// Appends a decoded path or argument as it may stand in a URL.
pub fn percent_encode(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(*byte),
            b'-' | b'.' | b'_' | b'~' | b'/' | b':' | b'@' | b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b',' | b'=' => {
                out.push(*byte);
            }
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
}

/// What the origin is told about the client.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Numeric address.
    pub address: String,
    /// It speaks TLS with us.
    pub is_tls: bool,
    /// Its Authorization was for us.
    pub hides_authorization: bool,
}

/// Headers that belong to one connection, or that are written anew.
const NOT_PASSED_ON: [Token; 10] = [
    Token::Connection,
    Token::Host,
    Token::Upgrade,
    Token::Http2Settings,
    Token::Te,
    Token::HttpContentLength,
    Token::HttpTransferEncoding,
    Token::HttpExpect,
    Token::HttpProxyAuthorization,
    Token::XForwardedFor,
];
/// The same, without a token.
const CUSTOM_NOT_PASSED_ON: [&[u8]; 5] =
    [b"keep-alive:", b"proxy-connection:", b"trailer:", b"x-forwarded-host:", b"x-forwarded-proto:"];

/// The whole head that asks `origin` for what `head` asks us for, with `target` there (see [`super::onward_target`]).
/// `is_upgrade`: for a websocket.
pub fn request_head(head: &RequestHead, target: &[u8], origin: &Origin, client: &Client, is_upgrade: bool) -> Vec<u8> {
    let headers = &head.headers;
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(head.method.name().as_bytes());
    out.push(b' ');
    out.extend_from_slice(target);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    let asked_host = headers.values(Token::Host).next().unwrap_or(b"localhost");
    let host = origin.host();
    line(&mut out, b"host:", host.as_deref().map_or(asked_host, str::as_bytes));
    for token in Token::ALL.iter().copied().filter(|token| is_header(*token) && !NOT_PASSED_ON.contains(token)) {
        if token == Token::HttpAuthorization && client.hides_authorization {
            continue;
        }
        if !is_named_by_connection(headers, token.name().as_bytes()) {
            headers.values(token).for_each(|value| line(&mut out, token.name().as_bytes(), value));
        }
    }
    for (name, value) in headers.custom_headers() {
        if !CUSTOM_NOT_PASSED_ON.contains(&name) && !is_named_by_connection(headers, name) {
            line(&mut out, name, value);
        }
    }
    let earlier = headers.values(Token::XForwardedFor).collect::<Vec<_>>().join(&b", "[..]);
    let separator: &[u8] = if earlier.is_empty() { b"" } else { b", " };
    line(&mut out, b"x-forwarded-for:", &[&earlier, separator, client.address.as_bytes()].concat());
    line(&mut out, b"x-forwarded-host:", asked_host);
    line(&mut out, b"x-forwarded-proto:", if client.is_tls { b"https" } else { b"http" });
    match head.framing {
        Framing::Length(length) => line(&mut out, b"content-length:", length.to_string().as_bytes()),
        _ if is_chunked(head) => line(&mut out, b"transfer-encoding:", b"chunked"),
        // Of an http/2 stream, which was held to what it says.
        Framing::UntilClose => headers
            .values(Token::HttpContentLength)
            .take(1)
            .for_each(|length| line(&mut out, b"content-length:", length)),
        _ if matches!(head.method, Method::Post | Method::Put | Method::Patch) => {
            line(&mut out, b"content-length:", b"0");
        }
        _ => {}
    }
    if is_upgrade {
        line(&mut out, b"connection:", b"upgrade");
        line(&mut out, b"upgrade:", b"websocket");
    } else {
        line(&mut out, b"connection:", b"close");
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// Whether the body of the request is sent on in chunks: its end is not known before.
pub fn is_chunked(head: &RequestHead) -> bool {
    match head.framing {
        Framing::Chunked => true,
        Framing::UntilClose => !head.headers.has(Token::HttpContentLength),
        Framing::Length(_) | Framing::None => false,
    }
}

/// How a reply's body is sent on to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyFraming {
    /// There is none; a Content-Length, if any, is passed on (HEAD, 304).
    None,
    Length(u64),
    Chunked,
    /// By the end of the connection.
    UntilClose,
    /// The connection becomes a websocket.
    Upgrade,
}

/// The whole head for the client. `here`: our own URL space, for a Location at the origin: its place and our mount point.
pub fn reply_head(reply: &ResponseHead, framing: ReplyFraming, closes: bool, here: (&Origin, &[u8])) -> Vec<u8> {
    let headers = &reply.headers;
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(format!("HTTP/1.1 {} ", reply.status).as_bytes());
    out.extend_from_slice(reply.reason());
    out.extend_from_slice(b"\r\n");
    for token in Token::ALL.iter().copied().filter(|token| is_header(*token) && !NOT_PASSED_ON.contains(token)) {
        if is_named_by_connection(headers, token.name().as_bytes()) {
            continue;
        }
        for value in headers.values(token) {
            match token {
                Token::HttpLocation => line(&mut out, b"location:", &location(value, here)),
                _ => line(&mut out, token.name().as_bytes(), value),
            }
        }
    }
    for (name, value) in headers.custom_headers() {
        if !CUSTOM_NOT_PASSED_ON[..3].contains(&name) && !is_named_by_connection(headers, name) {
            line(&mut out, name, value);
        }
    }
    match framing {
        ReplyFraming::None => {
            headers
                .values(Token::HttpContentLength)
                .take(1)
                .for_each(|value| line(&mut out, b"content-length:", value));
        }
        ReplyFraming::Length(length) => line(&mut out, b"content-length:", length.to_string().as_bytes()),
        ReplyFraming::Chunked => line(&mut out, b"transfer-encoding:", b"chunked"),
        ReplyFraming::UntilClose => {}
        ReplyFraming::Upgrade => {
            line(&mut out, b"upgrade:", b"websocket");
            line(&mut out, b"connection:", b"upgrade");
        }
    }
    if closes || framing == ReplyFraming::UntilClose {
        line(&mut out, b"connection:", b"close");
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// A Location at the origin as the client reaches it through us; others as they are.
fn location(value: &[u8], (origin, point): (&Origin, &[u8])) -> Vec<u8> {
    let place = match origin.host() {
        Some(host) => {
            let scheme: &[u8] = if origin.is_tls { b"https://" } else { b"http://" };
            let at = [scheme, host.as_bytes()].concat();
            value.strip_prefix(at.as_slice()).filter(|rest| rest.is_empty() || rest.starts_with(b"/"))
        }
        None => None,
    };
    let is_path = value.starts_with(b"/") && !value.starts_with(b"//");
    let Some(path) = place.or(is_path.then_some(value)) else { return value.to_vec() };
    let Some(behind) = path.strip_prefix(origin.base.as_slice()) else { return value.to_vec() };
    if !behind.is_empty() && !behind.starts_with(b"/") {
        return value.to_vec();
    }
    let point = point.strip_suffix(b"/").unwrap_or(point);
    let here = [point, behind].concat();
    if here.is_empty() { b"/".to_vec() } else { here }
}

/// One chunk around `bytes` (RFC 9112 §7.1); nothing for none.
pub fn chunk(bytes: &[u8], out: &mut Vec<u8>) {
    if !bytes.is_empty() {
        out.extend_from_slice(format!("{:x}\r\n", bytes.len()).as_bytes());
        out.extend_from_slice(bytes);
        out.extend_from_slice(b"\r\n");
    }
}

/// The end of a body in chunks.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

fn is_header(token: Token) -> bool {
    token.name().ends_with(':') && !token.name().starts_with(':')
}

fn is_named_by_connection(headers: &HeaderTable, name_with_colon: &[u8]) -> bool {
    let name = name_with_colon.strip_suffix(b":").unwrap_or(name_with_colon);
    headers.list_has(Token::Connection, name)
}

fn line(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.push(b' ');
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::super::h1::{Progress, RequestReader, ResponseReader};
    use super::super::headers::Limits;
    use super::super::onward_target;
    use super::*;

    fn request(text: &str) -> RequestHead {
        match RequestReader::new(Limits::default()).push(text.as_bytes()) {
            Ok(Progress::Head { head, .. }) => head,
            other => panic!("no head: {other:?}"),
        }
    }

    fn reply(text: &str) -> ResponseHead {
        match ResponseReader::new(Limits::default()).push(text.as_bytes()) {
            Ok(Progress::Head { head, .. }) => head,
            other => panic!("no head: {other:?}"),
        }
    }

    fn forwarded(text: &str, origin: &str) -> String {
        let origin = Origin::parse(origin.as_bytes(), false).unwrap();
        let client = Client { address: "10.0.0.1".into(), ..Client::default() };
        let head = request(text);
        let behind = head.path().strip_prefix(b"/app").unwrap();
        let target = onward_target::at_origin(&origin.base, b"/app", &head.sent, behind);
        String::from_utf8(request_head(&head, &target, &origin, &client, false)).unwrap()
    }

    #[test]
    fn origins_are_hosts_ports_paths_and_sockets() {
        for (text, address, port, base) in [
            ("host", "host", 80, ""),
            ("host/", "host", 80, ""),
            ("host:81/a/b/", "host", 81, "/a/b"),
            ("[::1]:82/x", "::1", 82, "/x"),
            ("+/run/s.sock:/y", "+/run/s.sock", 0, "/y"),
            ("+@abstract", "+@abstract", 0, ""),
        ] {
            let origin = Origin::parse(text.as_bytes(), false).unwrap();
            assert_eq!((&*origin.address, origin.port, &*origin.base), (address, port, base.as_bytes()), "{text}");
        }
        for text in ["", "/x", ":80", "host:0", "host:x", "host:99999", "ho st", "+", "[::1"] {
            assert_eq!(Origin::parse(text.as_bytes(), false), None, "{text}");
        }
        assert_eq!(Origin::parse(b"h", true).unwrap().port, 443);
    }

    #[test]
    fn what_belongs_to_one_connection_stays_behind() {
        let text = "GET /app/a%20b%2e?x=1%262&y HTTP/1.1\r\nHost: me:1\r\nConnection: keep-alive, X-Own\r\nX-Own: 1\r\n\
                    Keep-Alive: 5\r\nTE: trailers\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n\
                    Accept: a\r\nAccept: b\r\nX-Kept: c\r\n\r\n";
        assert_eq!(
            forwarded(text, "up:81/base"),
            "GET /base/a%20b%2e?x=1%262&y HTTP/1.1\r\nhost: up:81\r\naccept: a\r\naccept: b\r\nx-kept: c\r\n\
             x-forwarded-for: 1.2.3.4, 10.0.0.1\r\nx-forwarded-host: me:1\r\nx-forwarded-proto: http\r\n\
             connection: close\r\n\r\n"
        );
    }

    #[test]
    fn the_framing_of_a_body_is_written_anew() {
        let text = "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n";
        assert!(forwarded(text, "up").contains("POST / HTTP/1.1\r\n"));
        assert!(forwarded(text, "up").contains("\r\ncontent-length: 7\r\n"));
        let text = "POST /app/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nExpect: 100-continue\r\n\r\n";
        assert!(forwarded(text, "up").contains("\r\ntransfer-encoding: chunked\r\n"));
        assert!(!forwarded(text, "up").contains("expect"));
        let text = "POST /app HTTP/1.1\r\nHost: a\r\n\r\n";
        assert!(forwarded(text, "up").contains("\r\ncontent-length: 0\r\n"));
    }

    #[test]
    fn an_authorization_that_was_for_us_is_not_told() {
        let head = request("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic eDp5\r\n\r\n");
        let origin = Origin::parse(b"up", false).unwrap();
        let shown = |hides| {
            let client = Client { hides_authorization: hides, ..Client::default() };
            String::from_utf8(request_head(&head, b"/", &origin, &client, true)).unwrap()
        };
        assert!(shown(false).contains("authorization: Basic eDp5\r\n"));
        assert!(!shown(true).contains("authorization"));
        assert!(shown(true).ends_with("connection: upgrade\r\nupgrade: websocket\r\n\r\n"));
    }

    #[test]
    fn a_reply_keeps_its_headers_and_gets_our_framing() {
        let head = reply(
            "HTTP/1.1 201 Made\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
             Location: http://up:81/base/new\r\nX-Y: z\r\n\r\n",
        );
        let origin = Origin::parse(b"up:81/base", false).unwrap();
        let text = String::from_utf8(reply_head(&head, ReplyFraming::Chunked, false, (&origin, b"/app"))).unwrap();
        assert!(text.starts_with("HTTP/1.1 201 Made\r\n"), "{text}");
        for line in ["\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n", "\r\nlocation: /app/new\r\n", "\r\nx-y: z\r\n"] {
            assert!(text.contains(line), "{text}");
        }
        assert!(text.ends_with("\r\ntransfer-encoding: chunked\r\n\r\n"), "{text}");
    }

    #[test]
    fn only_locations_at_the_origin_are_moved() {
        let origin = Origin::parse(b"up/base", false).unwrap();
        for (value, expected) in [
            ("/base/x", "/app/x"),
            ("/base", "/app"),
            ("/basement", "/basement"),
            ("//other/base", "//other/base"),
            ("http://up/base/", "/app/"),
            ("http://up.evil/base/", "http://up.evil/base/"),
            ("https://up/base/", "https://up/base/"),
            ("relative", "relative"),
        ] {
            assert_eq!(location(value.as_bytes(), (&origin, b"/app")), expected.as_bytes(), "{value}");
        }
    }

    #[test]
    fn chunks_are_framed() {
        let mut out = Vec::new();
        chunk(b"", &mut out);
        chunk(&[b'x'; 17], &mut out);
        assert_eq!(out, b"11\r\nxxxxxxxxxxxxxxxxx\r\n");
    }
}

//! Is a list of fields a request, and which one (RFC 9113 §8.2, §8.3, RFC 8441 §4)?
//!
//! The result is the same [`RequestHead`] that http/1 gives. Beside the method's token the pseudo fields have tokens of
//! their own. `:authority` is also stored as Host, unless the client sent that too: a program that knows http/1 only
//! finds the name it was asked for. An extended CONNECT for a websocket is a GET in that sense: its path is where the
//! path of an upgrade has always been, `:protocol` tells what it is.
use super::fields::FieldList;
use crate::proto::http::body::Framing;
use crate::proto::http::h1::{RequestHead, Version};
use crate::proto::http::headers::{HeaderTable, Limits, TableFull, trim_blanks_end, trim_blanks_start};
use crate::proto::http::method::Method;
use crate::proto::http::onward_target;
use crate::proto::http::target::{self, TargetError};
use crate::proto::http::token::Token;

/// Why there is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadRequest {
    /// Against the rules: the stream is reset (PROTOCOL_ERROR).
    Malformed(&'static str),
    /// A request, but not one that can be served: the status it is answered with.
    Answer(u16, &'static str),
}

use BadRequest::{Answer, Malformed};

impl From<TableFull> for BadRequest {
    fn from(_: TableFull) -> Self {
        Answer(431, "headers do not fit the header table")
    }
}

/// The fields that begin with a colon.
#[derive(Default)]
struct Pseudo<'a> {
    method: Option<&'a [u8]>,
    scheme: Option<&'a [u8]>,
    authority: Option<&'a [u8]>,
    path: Option<&'a [u8]>,
    protocol: Option<&'a [u8]>,
}

/// The request that `fields` are. `has_body`: the stream goes on.
pub fn from_fields(fields: &FieldList, has_body: bool, limits: Limits) -> Result<RequestHead, BadRequest> {
    let mut pseudo = Pseudo::default();
    let mut headers = HeaderTable::new(limits);
    let mut full = Ok(());
    let mut is_regular = false;
    for (name, value) in fields.iter() {
        check_field(name, value)?;
        if name.first() == Some(&b':') {
            if is_regular {
                return Err(Malformed("a pseudo field behind others"));
            }
            store_pseudo(&mut pseudo, name, value)?;
            continue;
        }
        is_regular = true;
        let stored = match Token::from_name(name) {
            Some(token) => headers.add(token, value),
            None => headers.add_custom(name, value),
        };
        full = full.and(stored);
    }
    if fields.is_full() {
        return Err(Answer(431, "more header fields than are taken"));
    }
    full?;
    let method_name = pseudo.method.ok_or(Malformed("no :method"))?;
    let is_websocket = check_target(&pseudo, method_name)?;
    let Some(method) = Method::from_name(method_name) else { return Err(Answer(403, "not a known method")) };
    let method = match method {
        Method::Connect if is_websocket => Method::Get,
        Method::Connect => return Err(Answer(405, "CONNECT is not served")),
        other => other,
    };
    store_tokens(&pseudo, &mut headers)?;
    let form =
        target::store_target(method, pseudo.path.unwrap_or_default(), &mut headers).map_err(|error| match error {
            TargetError::Malformed(what) | TargetError::Hostile(what) => Answer(400, what),
            TargetError::Full(_) => Answer(414, "url does not fit the header table"),
        })?;
    // As programs know it: the path, decoded and without arguments.
    let path = headers.simple(method.token()).unwrap_or_default().to_vec();
    headers.add_fragment(Token::HttpColonPath, &path)?;
    let framing = if has_body { Framing::UntilClose } else { Framing::None };
    let sent = onward_target::as_sent(pseudo.path.unwrap_or_default()).into();
    Ok(RequestHead { method, form, sent, version: Version::Http2, framing, headers })
}

/// Whether the fields at the end of a body are fields at all.
pub fn check_trailers(fields: &FieldList) -> Result<(), BadRequest> {
    for (name, value) in fields.iter() {
        check_field(name, value)?;
        if name.first() == Some(&b':') {
            return Err(Malformed("a pseudo field in the trailers"));
        }
    }
    Ok(())
}

/// The number in content-length. `Err`: it is none, or there are several.
pub fn content_length(head: &RequestHead) -> Result<Option<u64>, BadRequest> {
    let mut lengths = head.headers.values(Token::HttpContentLength).map(|value| {
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let text = std::str::from_utf8(value).ok().filter(|_| is_number);
        text.and_then(|text| text.parse::<u64>().ok()).ok_or(Malformed("content-length is no number"))
    });
    let first = lengths.next().transpose()?;
    for other in lengths {
        if Some(other?) != first {
            return Err(Malformed("two values of content-length"));
        }
    }
    Ok(first)
}

fn check_field(name: &[u8], value: &[u8]) -> Result<(), BadRequest> {
    let bare = name.strip_prefix(b":").unwrap_or(name);
    let is_name_byte = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9') || b"!#$%&'*+-.^_`|~".contains(byte);
    if bare.is_empty() || !bare.iter().all(is_name_byte) {
        return Err(Malformed("a field name that is not lower case or has other characters"));
    }
    if value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
        return Err(Malformed("a line end or NUL in a field value"));
    }
    // Parts of a request line: with a blank in one of them it would be another line in http/1 (RFC 9113 §8.3.1, §10.3).
    if name.first() == Some(&b':') && value.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
        return Err(Malformed("a blank or a control character in a pseudo field"));
    }
    let is_about_connection = match name {
        b"connection" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding" | b"upgrade" => true,
        b"te" => !trim_blanks_end(trim_blanks_start(value)).eq_ignore_ascii_case(b"trailers"),
        _ => false,
    };
    if is_about_connection { Err(Malformed("a field of http/1 connections")) } else { Ok(()) }
}

fn store_pseudo<'a>(pseudo: &mut Pseudo<'a>, name: &[u8], value: &'a [u8]) -> Result<(), BadRequest> {
    let place = match name {
        b":method" => &mut pseudo.method,
        b":scheme" => &mut pseudo.scheme,
        b":authority" => &mut pseudo.authority,
        b":path" => &mut pseudo.path,
        b":protocol" => &mut pseudo.protocol,
        _ => return Err(Malformed("an unknown pseudo field")),
    };
    match place.replace(value) {
        Some(_) => Err(Malformed("a pseudo field twice")),
        None => Ok(()),
    }
}

/// Which pseudo fields a method needs. Whether it is the extended CONNECT of a websocket.
fn check_target(pseudo: &Pseudo<'_>, method: &[u8]) -> Result<bool, BadRequest> {
    let is_connect = method == b"CONNECT";
    if pseudo.protocol.is_some() && !is_connect {
        return Err(Malformed(":protocol without CONNECT"));
    }
    if is_connect && pseudo.protocol.is_none() {
        let is_bare = pseudo.scheme.is_none() && pseudo.path.is_none() && pseudo.authority.is_some();
        return if is_bare { Ok(false) } else { Err(Malformed("CONNECT with :scheme or :path")) };
    }
    if pseudo.scheme.is_none() || pseudo.path.is_none_or(<[u8]>::is_empty) {
        return Err(Malformed("no :scheme or :path"));
    }
    match pseudo.protocol {
        None => Ok(false),
        Some(protocol) if protocol.eq_ignore_ascii_case(b"websocket") => Ok(true),
        // RFC 8441 §4: a protocol that is not offered.
        Some(_) => Err(Answer(501, "this :protocol is not offered")),
    }
}

fn store_tokens(pseudo: &Pseudo<'_>, headers: &mut HeaderTable) -> Result<(), BadRequest> {
    for (token, value) in [
        (Token::HttpColonMethod, pseudo.method),
        (Token::HttpColonScheme, pseudo.scheme),
        (Token::HttpColonAuthority, pseudo.authority),
        (Token::ColonProtocol, pseudo.protocol),
    ] {
        if let Some(value) = value {
            headers.add_fragment(token, value)?;
        }
    }
    let mut hosts = headers.values(Token::Host);
    match (hosts.next(), hosts.next(), pseudo.authority) {
        (_, Some(_), _) => Err(Malformed("more than one host field")),
        (Some(host), _, Some(authority)) if !host.eq_ignore_ascii_case(authority) => {
            Err(Malformed("host is not :authority"))
        }
        (None, _, Some(authority)) => {
            drop(hosts);
            Ok(headers.add_fragment(Token::Host, authority)?)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: [(&str, &str); 4] = [(":method", "GET"), (":scheme", "https"), (":path", "/a?b=c"), (":authority", "h")];

    fn parse(fields: &[(&str, &str)]) -> Result<RequestHead, BadRequest> {
        let mut list = FieldList::new(1 << 16);
        for (name, value) in fields {
            list.push(name.as_bytes(), value.as_bytes());
        }
        from_fields(&list, false, Limits::default())
    }

    fn with(more: &[(&str, &str)]) -> Result<RequestHead, BadRequest> {
        parse(&[&GET, more].concat())
    }

    fn is_malformed(result: Result<RequestHead, BadRequest>) -> bool {
        matches!(result, Err(Malformed(_)))
    }

    #[test]
    fn a_request_has_the_tokens_of_both_versions() {
        let head = with(&[("cookie", "a=1"), ("cookie", "b=2"), ("x-own", "1")]).unwrap();
        let text = |token| String::from_utf8(head.headers.joined(token).unwrap_or_default()).unwrap();
        assert_eq!(head.path(), b"/a");
        assert_eq!((text(Token::GetUri), text(Token::HttpUriArgs)), ("/a".into(), "b=c".into()));
        assert_eq!((text(Token::HttpColonPath), text(Token::HttpColonMethod)), ("/a".into(), "GET".into()));
        assert_eq!((text(Token::HttpColonAuthority), text(Token::Host)), ("h".into(), "h".into()));
        assert_eq!(text(Token::HttpCookie), "a=1; b=2");
        assert_eq!(head.headers.custom(b"x-own:"), Some(&b"1"[..]));
        assert!(!head.is_keepalive());
    }

    #[test]
    fn malformed_requests_are_told() {
        for more in [
            &[("Upper", "1")][..],
            &[("connection", "close")],
            &[("transfer-encoding", "chunked")],
            &[("te", "gzip")],
            &[(":path", "/")],
            &[(":status", "200")],
            &[("a", "1"), (":authority", "x")],
            &[("a", "b\r\nc: d")],
            &[("a b", "c")],
            &[("", "c")],
            &[("host", "other")],
        ] {
            assert!(is_malformed(with(more)), "{more:?}");
        }
        for missing in 0..3 {
            let mut fields = GET.to_vec();
            fields.remove(missing);
            assert!(is_malformed(parse(&fields)), "{fields:?}");
        }
        assert!(is_malformed(parse(&[(":method", "GET"), (":scheme", "http"), (":path", "")])));
        assert!(with(&[("te", "trailers"), ("host", "H")]).is_ok());
    }

    #[test]
    fn a_pseudo_field_is_no_more_than_a_part_of_a_request_line() {
        for value in ["/app/x HTTP/1.1", "/x\ty", "/x?a b", "/x\u{b}y", "/x\u{7f}", " /x", "/x ", "/x\u{1f}"] {
            assert!(is_malformed(parse(&[GET[0], GET[1], (":path", value), GET[3]])), "{value:?}");
        }
        assert!(is_malformed(parse(&[GET[0], GET[1], GET[2], (":authority", "h x")])));
        assert!(is_malformed(parse(&[GET[0], (":scheme", "http\t"), GET[2], GET[3]])));
        assert!(is_malformed(parse(&[(":method", "GET /x"), GET[1], GET[2], GET[3]])));
        assert!(parse(&[GET[0], GET[1], (":path", "/b\u{fc}cher%20x"), GET[3]]).is_ok());
        assert!(with(&[("x-own", "two words")]).is_ok());
    }

    #[test]
    fn a_websocket_is_asked_for_by_extended_connect() {
        let fields = |method, protocol| {
            parse(&[
                (":method", method),
                (":protocol", protocol),
                (":scheme", "https"),
                (":path", "/chat"),
                (":authority", "h"),
            ])
        };
        let head = fields("CONNECT", "websocket").unwrap();
        assert_eq!((head.method, head.path()), (Method::Get, &b"/chat"[..]));
        assert_eq!(head.headers.simple(Token::ColonProtocol), Some(&b"websocket"[..]));
        assert!(matches!(fields("CONNECT", "connect-udp"), Err(Answer(501, _))));
        assert!(is_malformed(fields("GET", "websocket")));
        assert!(matches!(parse(&[(":method", "CONNECT"), (":authority", "h:1")]), Err(Answer(405, _))));
    }

    #[test]
    fn what_does_not_fit_is_answered() {
        let long = "x".repeat(5000);
        assert!(matches!(with(&[("x-long", &long)]), Err(Answer(431, _))));
        assert!(matches!(parse(&[(":method", "BREW"), GET[1], GET[2]]), Err(Answer(403, _))));
        assert!(matches!(parse(&[GET[0], GET[1], (":path", "/%zz")]), Err(Answer(400, _))));
    }

    #[test]
    fn content_length_is_one_number() {
        let length = |more: &[(&str, &str)]| content_length(&with(more).unwrap());
        assert_eq!(length(&[]), Ok(None));
        assert_eq!(length(&[("content-length", "5")]), Ok(Some(5)));
        assert_eq!(length(&[("content-length", "5"), ("content-length", "5")]), Ok(Some(5)));
        for bad in ["", "-1", "+5", "5, 5", "0x5", "99999999999999999999999"] {
            assert!(length(&[("content-length", bad)]).is_err(), "{bad}");
        }
        assert!(length(&[("content-length", "5"), ("content-length", "6")]).is_err());
    }
}

//! What does the library itself write into an http answer? Status line, the vhost's lines, stock pages, redirects.
use super::context::Context;
use super::log::{self, Level, Scope};
use super::out;
use super::role::h2_stream;
use super::trace;
use super::vhost::option;
use super::wsi::{Phase, Role, Wsi, flag};
use crate::proto::http::answer_end::{Standing, Surplus, Unclear};
use crate::proto::http::h1::Version;
use crate::proto::http::token::Token;

/// In a status code: no `server:` line (LWSAHH_FLAG_NO_SERVER_NAME).
pub const NO_SERVER_NAME: u32 = 1 << 30;
/// The bits of a status code that are the code (LWSAHH_CODE_MASK).
pub const CODE_MASK: u32 = 0xffff;
/// Longest body of a stock page, bytes.
const PAGE_BYTES: usize = 510;

/// The lines of LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE.
const BEST_PRACTICE: &str = concat!(
    "content-security-policy: default-src 'none'; img-src 'self' data: ; script-src 'self'; font-src 'self'; ",
    "style-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none';form-action 'self';\r\n",
    "x-content-type-options: nosniff\r\n",
    "x-xss-protection: 1; mode=block\r\n",
    "x-frame-options: deny\r\n",
    "referrer-policy: no-referrer\r\n",
);
/// The line of LWS_SERVER_OPTION_STS.
const TRANSPORT_SECURITY: &str = "Strict-Transport-Security: max-age=15768000 ; includeSubDomains\r\n";

/// The start of an answer's head: status line, the vhost's own lines, security lines, `server:`.
///
/// `code` may carry [`NO_SERVER_NAME`]. The version is that of the request, 1.0 while that is not known.
pub fn head_start(cx: &Context, wsi: &Wsi, code: u32) -> Vec<u8> {
    let version = wsi.http.visit(|http| http.version).flatten();
    start_of(cx, wsi, code, version == Some(Version::Http11))
}

fn start_of(cx: &Context, wsi: &Wsi, code: u32, is_1_1: bool) -> Vec<u8> {
    let status = (code & CODE_MASK) as u16;
    let version = if is_1_1 { "1.1" } else { "1.0" };
    let mut head = Vec::with_capacity(256);
    head.extend_from_slice(format!("HTTP/{version} {status} {}\r\n", reason_phrase(status)).as_bytes());
    wsi.with_vhost(|vhost| {
        for (name, value) in &vhost.settings.reply_headers {
            append_line(&mut head, name, value);
        }
        if vhost.has_option(option::SECURITY_BEST_PRACTICES) {
            head.extend_from_slice(BEST_PRACTICE.as_bytes());
        }
        let server = vhost.settings.server_string.as_deref().or(cx.settings.server_string.as_deref());
        if let Some(server) = server.filter(|_| code & NO_SERVER_NAME == 0) {
            append_line(&mut head, b"server:", server);
        }
        if vhost.has_option(option::STS) {
            head.extend_from_slice(TRANSPORT_SECURITY.as_bytes());
        }
    });
    head
}

/// Appends a header line; `name` with or without its colon.
pub fn append_line(head: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    head.extend_from_slice(name);
    head.extend_from_slice(if name.ends_with(b":") { b" " } else { b": " });
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

/// [`head_start`], `content-type` (unless it is empty), then `content-length`, or without a length `connection: close`,
/// which ends the connection with the transaction.
pub fn common_head(cx: &Context, wsi: &Wsi, code: u32, content_type: &[u8], length: Option<u64>) -> Vec<u8> {
    let mut head = head_start(cx, wsi, code);
    if !content_type.is_empty() {
        append_line(&mut head, Token::HttpContentType.name().as_bytes(), content_type);
    }
    match length {
        Some(length) => append_length(&mut head, length),
        None => {
            append_line(&mut head, b"connection:", b"close");
            wsi.set(flag::CLOSE_AFTER);
        }
    }
    head
}

/// The `content-length` line.
pub fn append_length(head: &mut Vec<u8>, length: u64) {
    append_line(head, Token::HttpContentLength.name().as_bytes(), length.to_string().as_bytes());
}

/// An answer, or a part of one, is on its way.
pub fn note_answered(wsi: &Wsi) {
    wsi.http.visit(|http| http.answered = true);
}

/// How many of `bytes`, which are written next, belong to the answer. Says once per connection that the others do not: a
/// client would take them for the beginning of its next answer (RFC 9112 §6.3).
pub fn within_answer(wsi: &Wsi, bytes: &[u8]) -> usize {
    if wsi.is_client() || wsi.has(flag::STREAM | flag::PROXIED) || wsi.phase.get() != Phase::Transaction {
        return bytes.len();
    }
    let taken = wsi.http.visit(|http| {
        let (count, surplus) = http.answer_end.take(bytes, http.is_head);
        (count, surplus.filter(|_| !std::mem::replace(&mut http.is_surplus_told, true)), http.is_head)
    });
    let Some((count, surplus, is_head)) = taken else { return bytes.len() };
    if let Some(why) = surplus {
        let left_out = bytes.len() - count;
        let (level, why) = match why {
            // The usual thing with programs that know nothing of HEAD.
            Surplus::NoBody if is_head => (Level::Info, "HEAD is answered without a body"),
            Surplus::NoBody => (Level::Notice, "an answer with this status has no body"),
            Surplus::BehindLength => (Level::Warn, "the answer is as long as its content-length says"),
            Surplus::BehindChunks => (Level::Warn, "the last chunk of the answer was sent"),
        };
        log::line(level, Scope::Wsi(wsi), "lws_write", format_args!("{left_out} bytes are not sent: {why}"));
    }
    count
}

/// Whether bytes that the program writes now would be taken for the answer to a request that did not come yet. Says once
/// per connection that they are not sent.
pub fn is_too_late(wsi: &Wsi, length: usize) -> bool {
    if wsi.is_client()
        || wsi.has(flag::STREAM)
        || wsi.role.get() != Role::Http
        || wsi.phase.get() != Phase::RequestHead
        || wsi.http.visit(|http| http.is_between_requests()) != Some(true)
    {
        return false;
    }
    if wsi.http.visit(|http| std::mem::replace(&mut http.is_surplus_told, true)) == Some(false) {
        let text = format_args!(
            "{length} bytes are not sent: the transaction is completed, and the client did not ask for anything else yet"
        );
        log::line(Level::Warn, Scope::Wsi(wsi), "lws_write", text);
    }
    true
}

/// Whether an answer (or a part of one) to the present request was queued.
pub fn is_answered(wsi: &Wsi) -> bool {
    wsi.http.visit(|http| http.answered).unwrap_or(false)
}

/// Queues `head`, which is complete, and `body`. False: the connection is dead, or not one that speaks http. Nothing is
/// queued where it would answer a request that did not come yet (see [`is_too_late`]).
pub fn queue(cx: &Context, wsi: &Wsi, head: &[u8], body: &[u8]) -> bool {
    if wsi.is_closing() || wsi.has(flag::WRITE_DEAD) || wsi.has(flag::ESTABLISHED) || wsi.is_client() {
        return false;
    }
    if is_too_late(wsi, head.len() + body.len()) {
        return true;
    }
    note_answered(wsi);
    put(cx, wsi, head, body)
}

/// Queues a head, which is complete, and what follows it, whatever the client speaks. False: it cannot be sent.
pub fn put(cx: &Context, wsi: &Wsi, head: &[u8], body: &[u8]) -> bool {
    trace::sends(cx, wsi, head, "body");
    trace::sends(cx, wsi, body, "body");
    if wsi.has(flag::STREAM) {
        let queued = h2_stream::write_text(cx, wsi, &[head, body].concat(), true);
        cx.make_dirty(wsi);
        if let Err(why) = queued {
            log::line(Level::Err, Scope::Wsi(wsi), "h2", format_args!("an answer is not sent: {why}"));
        }
        return queued.is_ok();
    }
    let (head, body) = (&head[..within_answer(wsi, head)], &body[..within_answer(wsi, body)]);
    out::append(cx, wsi, |queue| {
        queue.extend_from_slice(head);
        queue.extend_from_slice(body);
    });
    true
}

/// Queues bytes of the body of an answer. False: they cannot be sent.
pub fn put_body(cx: &Context, wsi: &Wsi, body: &[u8]) -> bool {
    if wsi.has(flag::STREAM) {
        cx.make_dirty(wsi);
        return h2_stream::write_body(cx, wsi, body).is_ok();
    }
    let body = &body[..within_answer(wsi, body)];
    out::append(cx, wsi, |queue| queue.extend_from_slice(body));
    true
}

/// Queues the stock page of the library for `status`, with `html` in its body. False: the connection is dead.
///
/// With 404 and an `error_document_404` of the vhost: a redirect there, unless that is what is missing.
pub fn status_page(cx: &Context, wsi: &Wsi, code: u32, html: &[u8]) -> bool {
    if code & CODE_MASK == 404
        && let Some(document) = wsi.with_vhost(|vhost| vhost.settings.error_document_404.clone()).flatten()
    {
        let asked = wsi.http.visit(|http| http.request.as_ref().map(|request| request.path().to_vec())).flatten();
        if asked.as_deref() != Some(&document) {
            return queue(cx, wsi, &redirect(cx, wsi, 302, &document), b"");
        }
    }
    if matches!(code & CODE_MASK, 100..=199 | 204 | 304) {
        // There is no body to announce (RFC 9110 §6.4.1, §8.6).
        let mut head = head_start(cx, wsi, code);
        head.extend_from_slice(b"\r\n");
        return queue(cx, wsi, &head, b"");
    }
    let body = page(code, html);
    let mut head = common_head(cx, wsi, code, b"text/html", Some(body.len() as u64));
    head.extend_from_slice(b"\r\n");
    let omits_body = wsi.http.visit(|http| http.is_head) == Some(true);
    queue(cx, wsi, &head, if omits_body { b"" } else { &body })
}

/// The whole head of a redirect to `location`.
pub fn redirect(cx: &Context, wsi: &Wsi, code: u32, location: &[u8]) -> Vec<u8> {
    let mut head = head_start(cx, wsi, code);
    append_line(&mut head, Token::HttpLocation.name().as_bytes(), location);
    append_line(&mut head, Token::HttpContentType.name().as_bytes(), b"text/html");
    append_length(&mut head, 0);
    head.extend_from_slice(b"\r\n");
    head
}

/// How [`refusal`] begins its status line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As the original answers requests it does not look at any further: 1.0, which means that the connection ends.
    Plain,
    /// 1.1 with `connection: close`.
    Close,
}

/// A page that refuses a request, after which the connection ends.
pub fn refusal(cx: &Context, wsi: &Wsi, status: u16, html: &str, style: Style) -> Vec<u8> {
    let body = page(u32::from(status), html.as_bytes());
    let mut answer = start_of(cx, wsi, u32::from(status), style == Style::Close);
    append_line(&mut answer, b"content-type:", b"text/html");
    if style == Style::Close {
        append_line(&mut answer, b"connection:", b"close");
    }
    append_line(&mut answer, b"content-length:", body.len().to_string().as_bytes());
    answer.extend_from_slice(b"\r\n");
    answer.extend_from_slice(&body);
    answer
}

fn page(code: u32, html: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "<html><head><meta charset=utf-8 http-equiv=\"Content-Language\" content=\"en\"/>\
         <link rel=\"stylesheet\" type=\"text/css\" href=\"/error.css\"/></head><body><h1>{}</h1>",
        code & CODE_MASK
    )
    .into_bytes();
    body.extend_from_slice(html);
    body.extend_from_slice(b"</body></html>");
    body.truncate(PAGE_BYTES);
    body
}

/// Whether the connection has to end behind the answer that the program calls complete, because the client could not tell
/// it from the next one. Says why, where that is a mistake.
pub fn must_close_behind(wsi: &Wsi) -> bool {
    let facts = wsi.http.visit(|http| {
        let is_for_old = http.version == Some(Version::Http10) && http.answer_end.is_chunked();
        (http.answer_end.standing(), http.answer_end.says_close, is_for_old)
    });
    let Some((standing, says_close, is_for_old)) = facts else { return false };
    let tell = |level, text: std::fmt::Arguments<'_>| {
        let text = format_args!("the answer is complete {text}: closing afterwards");
        if wsi.http.visit(|http| std::mem::replace(&mut http.is_end_told, true)) == Some(false) {
            log::line(level, Scope::Wsi(wsi), "lws_http_transaction_completed", text);
        }
        true
    };
    match standing {
        Standing::Absent => false,
        Standing::Whole if is_for_old => {
            says_close || tell(Level::Info, format_args!("in chunks, which a client of http/1.0 does not know"))
        }
        Standing::Whole => says_close,
        Standing::Short(left) => tell(Level::Warn, format_args!("{left} bytes short of its content-length")),
        Standing::WithoutLastChunk => tell(Level::Warn, format_args!("without its last chunk")),
        Standing::InsideHead => tell(Level::Warn, format_args!("before the end of its head")),
        Standing::OnlyInterim => tell(Level::Warn, format_args!("with a status that announces another one (1xx)")),
        Standing::Open(Unclear::BadLength) => {
            tell(Level::Warn, format_args!("and its content-length is no number, or there are two"))
        }
        Standing::Open(Unclear::BadChunks) => tell(Level::Warn, format_args!("and its chunks cannot be read")),
        Standing::Open(Unclear::Upgraded) => {
            tell(Level::Info, format_args!("and what follows 101 is a protocol of the program's own"))
        }
        Standing::Open(Unclear::NotHttp) => tell(Level::Notice, format_args!("and does not begin as an answer does")),
        Standing::Open(Unclear::NoLength | Unclear::OtherCoding) => {
            says_close || tell(Level::Info, format_args!("and says not how long it is (content-length or chunks)"))
        }
    }
}

/// The reason phrase the library writes for a status (the original's wording), empty for others.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        200 => "OK",
        304 => "Not Modified",
        300..=399 => "Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Auth Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request URI too Long",
        415 => "Unsupported Media Type",
        416 => "Requested Range Not Satisfiable",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_at_its_limit() {
        assert_eq!(page(404, b"").len(), 173);
        assert_eq!(page(200, &[b'x'; 2000]).len(), PAGE_BYTES);
    }

    #[test]
    fn a_line_gets_its_colon_once() {
        let mut head = Vec::new();
        append_line(&mut head, b"x-a", b"1");
        append_line(&mut head, b"x-b:", b"2");
        assert_eq!(head, b"x-a: 1\r\nx-b: 2\r\n");
    }
}

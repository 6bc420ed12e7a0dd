//! One http request on a server: the program answers it, then the connection is reused or closed.
use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::{Context, PRE};
use super::deadline::{self, wait};
use super::input::{self, Input};
use super::out;
use super::role::http::RequestBody;
use super::server;
use super::wsi::{Phase, Wsi, flag};
use crate::proto::http::body::Framing;
use crate::proto::http::chunked::{ChunkDecoder, ChunkEvent};
use crate::proto::http::h1::Version;
use std::ffi::CString;

/// FILTER_HTTP_CONNECTION, the bind, HTTP: `in` the path, `len` its length. Nonzero closes.
pub fn start(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    wsi.phase.set(Phase::Transaction);
    let facts = wsi.http.visit(|http| {
        let head = http.request.as_ref()?;
        http.request_body = match head.framing {
            Framing::Length(length) => Some(RequestBody::Length(length)),
            Framing::Chunked => Some(RequestBody::Chunked(ChunkDecoder::new())),
            Framing::None | Framing::UntilClose => None,
        };
        http.discard_body = false;
        Some((head.path().to_vec(), head.is_keepalive()))
    });
    let Some((path, keepalive)) = facts.flatten() else { return };
    if !keepalive {
        wsi.set(flag::CLOSE_AFTER);
    }
    deadline::start_timeout(cx, wsi, wait::HTTP_CONTENT, cx.settings.timeout_secs, "the end of the transaction");
    let shown = CString::new(path).unwrap_or_default();
    let length = shown.as_bytes().len();
    let reason = Reason::FilterHttpConnection;
    super::client::allocate_session(cx, wsi);
    let verdict = callback::strict(may, cx, wsi, reason, Arg::Text(&shown, length), "closes the connection");
    if !close::after_callback(may, cx, wsi, id, reason, verdict) {
        return;
    }
    let first = wsi.with_vhost(|vhost| vhost.first_protocol()).unwrap_or_default();
    let verdict = server::bind(may, cx, wsi, first);
    if !close::after_callback(may, cx, wsi, id, Reason::HttpBindProtocol, verdict) {
        return;
    }
    let reason = Reason::Http;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::Text(&shown, length), "closes the connection");
    if close::after_callback(may, cx, wsi, id, reason, verdict) {
        on_ready(may, cx, wsi);
    }
}

/// Body bytes of the request, or the end of the connection, while the program answers.
pub fn on_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    let mut buffer = vec![0; PRE + 16 * 1024 + 1];
    while wsi.id() == id && wsi.phase.get() == Phase::Transaction {
        if wsi.http.visit(|http| http.request_body.is_none()) != Some(false) {
            // The next request stays unread until this transaction is over; an end is noticed.
            if wsi.has(flag::HUNG_UP) && wsi.stash_len() == 0 {
                notice_end(may, cx, wsi);
            }
            return;
        }
        if !body_piece(may, cx, wsi, &mut buffer) {
            return;
        }
    }
}

fn notice_end(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let mut buffer = [0; 4096];
    match input::read(may, cx, wsi, &mut buffer) {
        Input::Bytes(count) => wsi.stash.set(buffer[..count].to_vec()),
        Input::Empty => {}
        Input::End => close::lost(may, cx, wsi, CloseCause::peer("FIN")),
        Input::Failed(why) => close::lost(may, cx, wsi, CloseCause::peer(why)),
    }
}

/// One read of the body: HTTP_BODY, and HTTP_BODY_COMPLETION at its end. False: nothing more now.
fn body_piece(may: &mut MayCall, cx: &Context, wsi: &Wsi, buffer: &mut [u8]) -> bool {
    let id = wsi.id();
    let limit = wsi.http.visit(|http| match http.request_body {
        Some(RequestBody::Length(length)) => length,
        _ => u64::MAX,
    });
    let room = buffer.len() - PRE - 1;
    let wanted = usize::try_from(limit.unwrap_or(0)).unwrap_or(usize::MAX).min(room);
    let mut early = wsi.stash.take();
    let count = if wanted == 0 {
        wsi.stash.set(early);
        0
    } else if early.is_empty() {
        match input::read(may, cx, wsi, &mut buffer[PRE..PRE + wanted]) {
            Input::Bytes(count) => count,
            Input::Empty => return false,
            Input::End => {
                close::lost(may, cx, wsi, CloseCause::peer("FIN inside a request body"));
                return false;
            }
            Input::Failed(why) => {
                close::lost(may, cx, wsi, CloseCause::peer(why));
                return false;
            }
        }
    } else {
        let count = early.len().min(wanted);
        buffer[PRE..PRE + count].copy_from_slice(&early[..count]);
        early.drain(..count);
        wsi.stash.set(early);
        count
    };
    let decoded = wsi.http.with(may, |http| decode(&mut http.request_body, &mut buffer[PRE..PRE + count], count));
    let (length, rest, ended) = match decoded {
        Some(Ok(decoded)) => decoded,
        _ => {
            server::refuse(may, cx, wsi, 400, "broken chunked body");
            return false;
        }
    };
    if rest < count {
        let mut behind = buffer[PRE + rest..PRE + count].to_vec();
        behind.append(&mut wsi.stash.take());
        wsi.stash.set(behind);
    }
    let discard = wsi.http.visit(|http| http.discard_body).unwrap_or(true);
    let was_empty = length == 0 && count == 0;
    if !discard && (length > 0 || was_empty) {
        deadline::start_timeout(cx, wsi, wait::HTTP_CONTENT, cx.settings.timeout_secs, "the end of the transaction");
        buffer[PRE + length] = 0;
        let argument = if was_empty { Arg::None } else { Arg::Bytes(buffer[PRE..].as_mut_ptr(), length) };
        let reason = Reason::HttpBody;
        let verdict = callback::strict(may, cx, wsi, reason, argument, "closes the connection");
        if !close::after_callback(may, cx, wsi, id, reason, verdict) {
            return false;
        }
    }
    if !ended {
        return true;
    }
    wsi.http.visit(|http| http.request_body = None);
    if discard {
        finish(may, cx, wsi);
        return false;
    }
    let reason = Reason::HttpBodyCompletion;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "closes the connection");
    close::after_callback(may, cx, wsi, id, reason, verdict)
}

/// Body bytes to the front of `buffer`: how many, how many wire bytes they took, and whether the body is complete.
fn decode(
    body: &mut Option<RequestBody>,
    buffer: &mut [u8],
    count: usize,
) -> Result<(usize, usize, bool), &'static str> {
    match body {
        None => Ok((0, 0, true)),
        Some(RequestBody::Length(left)) => {
            *left -= (count as u64).min(*left);
            Ok((count, count, *left == 0))
        }
        Some(RequestBody::Chunked(chunks)) => {
            let (mut position, mut kept) = (0, 0);
            loop {
                match chunks.next(&buffer[..count], &mut position) {
                    ChunkEvent::Data(range) => {
                        let length = range.len();
                        buffer.copy_within(range, kept);
                        kept += length;
                    }
                    ChunkEvent::End => return Ok((kept, position, true)),
                    ChunkEvent::NeedMore => return Ok((kept, count, false)),
                    ChunkEvent::Error(what) => return Err(what),
                }
            }
        }
    }
}

/// `lws_http_transaction_completed`: 1 when the connection must be closed, 0 when it waits for the next request.
pub fn completed(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> i32 {
    if wsi.phase.get() != Phase::Transaction {
        return 0;
    }
    if wsi.has(flag::CLOSE_AFTER) || wsi.http.visit(|http| http.no_length) == Some(true) {
        return 1;
    }
    if wsi.http.visit(|http| http.request_body.is_some()) == Some(true) {
        wsi.http.visit(|http| http.discard_body = true);
        return 0;
    }
    finish(may, cx, wsi);
    0
}

/// The connection waits for the next request: drop and bind callbacks, keep-alive timer.
fn finish(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    wsi.phase.set(Phase::RequestHead);
    wsi.clear(flag::WANTS_WRITEABLE);
    wsi.http.visit(|http| {
        http.request = None;
        http.request_body = None;
        http.discard_body = false;
        http.tx_content_remaining = None;
        http.no_length = false;
    });
    let first = wsi.with_vhost(|vhost| vhost.first_protocol()).unwrap_or_default();
    let verdict = server::bind(may, cx, wsi, first);
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return;
    }
    if verdict != 0 {
        return close::by_callback(may, cx, wsi, Reason::HttpBindProtocol, verdict);
    }
    let keepalive = wsi.with_vhost(|vhost| vhost.settings.keepalive_secs).unwrap_or(5);
    deadline::start_timeout(cx, wsi, wait::HTTP_KEEPALIVE, keepalive, "the next request");
    out::flush(may, cx, wsi);
    cx.make_pending(wsi);
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

/// Queues the stock page of the library for `status`, with `html` in its body. False: the connection is dead.
pub fn status_page(cx: &Context, wsi: &Wsi, status: u16, html: &str) -> bool {
    if wsi.is_closing() || wsi.has(flag::WRITE_DEAD) {
        return false;
    }
    let mut body = format!(
        "<html><head><meta charset=utf-8 http-equiv=\"Content-Language\" content=\"en\"/>\
         <link rel=\"stylesheet\" type=\"text/css\" href=\"/error.css\"/></head><body><h1>{status}</h1>{html}</body></html>"
    );
    let mut end = body.len().min(510);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    body.truncate(end);
    let version = wsi.http.visit(|http| http.request.as_ref().map(|request| request.version)).flatten();
    let version = if version == Some(Version::Http11) { "1.1" } else { "1.0" };
    let head = format!(
        "HTTP/{version} {status} {}\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n",
        reason_phrase(status),
        body.len()
    );
    out::append(cx, wsi, |queue| {
        queue.extend_from_slice(head.as_bytes());
        queue.extend_from_slice(body.as_bytes());
    });
    true
}

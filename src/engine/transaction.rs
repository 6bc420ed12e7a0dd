//! One http request on a server: the program answers it, then the connection is reused or closed.
use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::client::{NO_SESSION, allocate_session};
use super::close::{self, CloseCause};
use super::context::{Context, PRE};
use super::deadline::{self, wait};
use super::input::{self, Input};
use super::role::h2_stream;
use super::role::http::{BODY_TOO_LONG, HttpState, RequestBody, announces_too_much, body_exceeds};
use super::vhost::option;
use super::wsi::{Phase, Wsi, flag};
use super::{head_pool, mount, out, reply, server, trace};
use crate::proto::http::body::Framing;
use crate::proto::http::chunked::{ChunkDecoder, ChunkEvent};
use crate::proto::http::h1::{RequestHead, Version};
use crate::proto::http::method::Method;
use crate::proto::http::token::Token;
use std::ffi::{CStr, CString};

/// Largest piece of a request body in one callback.
const BODY_PIECE: usize = 64 * 1024;

/// FILTER_HTTP_CONNECTION: `in` the path, `len` its length; nonzero closes. Then whoever serves that path.
pub fn start(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    wsi.phase.set(Phase::Transaction);
    let facts = wsi.http.visit(|http| {
        let head = http.request.as_ref()?;
        http.request_body = body_of(head);
        http.discard_body = false;
        let expects = head.version != Version::Http10 && head.headers.list_has(Token::HttpExpect, b"100-continue");
        http.owes_continue = expects && matches!(http.request_body, Some(ref body) if !body.is_empty());
        Some((head.path().to_vec(), head.is_keepalive()))
    });
    let Some((path, keepalive)) = facts.flatten() else { return };
    if wsi
        .http
        .visit(|http| http.request_body.as_ref().map_or(0, announced))
        .is_some_and(|n| announces_too_much(wsi, n))
    {
        return server::refuse(may, cx, wsi, 413, BODY_TOO_LONG);
    }
    if !keepalive {
        wsi.set(flag::CLOSE_AFTER);
    }
    if !is_long_poll(wsi) {
        deadline::start_timeout(cx, wsi, wait::HTTP_CONTENT, cx.settings.timeout_secs);
    }
    let shown = CString::new(path).unwrap_or_default();
    let reason = Reason::FilterHttpConnection;
    if !allocate_session(cx, wsi) {
        return close::at_once(may, cx, wsi, CloseCause::ours(NO_SESSION));
    }
    let argument = Arg::Text(&shown, shown.as_bytes().len());
    let verdict = callback::strict(may, cx, wsi, reason, argument, "closes the connection");
    if close::after_callback(may, cx, wsi, id, reason, verdict)
        && !mount::redirects_to_https(may, cx, wsi)
        && !mount::serve(may, cx, wsi)
    {
        serve(may, cx, wsi, &shown);
    }
}

/// LWS_SERVER_OPTION_VH_H2_HALF_CLOSED_LONG_POLL: a stream whose request is complete may wait for ever.
fn is_long_poll(wsi: &Wsi) -> bool {
    let allows = wsi.with_vhost(|vhost| vhost.has_option(option::H2_HALF_CLOSED_LONG_POLL)) == Some(true);
    allows && h2_stream::has_peer_ended(wsi)
}

/// The body a request announces. Methods that bring one have at least an empty one (RFC 9112 section 6.3).
fn body_of(head: &RequestHead) -> Option<RequestBody> {
    let brings_one = matches!(head.method, Method::Post | Method::Put | Method::Patch);
    match head.framing {
        Framing::UntilClose => Some(RequestBody::UntilEnd { any: false }),
        Framing::Length(0) | Framing::None => brings_one.then_some(RequestBody::Length(0)),
        Framing::Length(length) => Some(RequestBody::Length(length)),
        Framing::Chunked => Some(RequestBody::Chunked(ChunkDecoder::new())),
    }
}

/// No mount serves the path: the bind to the vhost's first protocol, then HTTP.
fn serve(may: &mut MayCall, cx: &Context, wsi: &Wsi, path: &CStr) {
    let id = wsi.id();
    let first = wsi.with_vhost(|vhost| vhost.first_protocol()).unwrap_or_default();
    let verdict = server::bind(may, cx, wsi, first);
    if close::after_callback(may, cx, wsi, id, Reason::HttpBindProtocol, verdict) {
        ask_program(may, cx, wsi, path);
    }
}

/// HTTP to the protocol bound now: `in` the path, `len` its length. Nonzero closes; 0: the transaction goes on.
pub fn ask_program(may: &mut MayCall, cx: &Context, wsi: &Wsi, path: &CStr) {
    let id = wsi.id();
    let reason = Reason::Http;
    let argument = Arg::Text(path, path.to_bytes().len());
    let verdict = callback::strict(may, cx, wsi, reason, argument, "closes the connection");
    if close::after_callback(may, cx, wsi, id, reason, verdict) {
        read_body(may, cx, wsi);
    }
}

/// Says `100 Continue` to a client that waits for it, unless the answer or the body is there already (RFC 9110 section
/// 10.1.1).
pub fn say_continue(cx: &Context, wsi: &Wsi) {
    let owed = wsi.http.visit(|http| std::mem::take(&mut http.owes_continue) && !http.answered) == Some(true);
    if owed && wsi.stash_len() == 0 && !h2_stream::has_body(wsi) {
        reply::put(cx, wsi, b"HTTP/1.1 100 Continue\r\n\r\n", b"");
    }
}

/// Body bytes of the request, or the end of the connection, while the program answers. Once in a visit.
pub fn on_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    // The next request stays unread until this transaction is over; an end is noticed.
    if read_body(may, cx, wsi) && wsi.has(flag::HUNG_UP) && wsi.stash_len() == 0 && !puts_off_end(cx, wsi) {
        notice_end(may, cx, wsi);
    }
}

/// Body bytes of the request, as far as they are there. True: it is read to its end, and the answer is the program's to give.
pub fn read_body(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    let id = wsi.id();
    if wsi.has(flag::PROXIED) {
        // Its body is for the origin; the write side moves it on.
        return false;
    }
    if wsi.has(flag::SERVING_FILE) {
        // Its body is not for the program, and the end of what the client sends is not the end of its reading.
        return false;
    }
    if is_leaving(wsi) {
        if !out::is_backlogged(wsi) {
            finish(may, cx, wsi);
        }
        return false;
    }
    if wsi.rx_held.get() != 0 {
        return false;
    }
    say_continue(cx, wsi);
    let mut buffer = vec![0; PRE + cx.settings.service_buffer_bytes.clamp(1024, BODY_PIECE) + 1];
    while wsi.id() == id && wsi.phase.get() == Phase::Transaction {
        if wsi.http.visit(|http| http.request_body.is_none()) != Some(false) {
            return true;
        }
        if !body_piece(may, cx, wsi, &mut buffer) {
            return false;
        }
    }
    false
}

/// Whether the end of what the client sends waits: a client that sends nothing more may still read (RFC 9293 section 3.6),
/// so what is queued leaves first, and the program writes what it asked to write, as long as it does write.
fn puts_off_end(cx: &Context, wsi: &Wsi) -> bool {
    let is_queued = out::queued(wsi) > 0;
    let wants = wsi.has(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE);
    if wsi.has(flag::WRITE_DEAD) || !is_queued && !wants {
        return false;
    }
    if !wsi.has(flag::WRITABLE) {
        return true;
    }
    let written = Some(wsi.traffic().bytes_out);
    if !is_queued && wsi.http.visit(|http| std::mem::replace(&mut http.end_put_off_at, written)) == Some(written) {
        return false;
    }
    cx.make_pending(wsi);
    true
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
    let limit = wsi.http.visit(|http| http.request_body.as_ref().map_or(u64::MAX, wanted_bytes));
    let room = buffer.len() - PRE - 1;
    let wanted = usize::try_from(limit.unwrap_or(0)).unwrap_or(usize::MAX).min(room);
    let mut count = 0;
    if wanted > 0 {
        count = match input::read_after_stash(may, cx, wsi, &mut buffer[PRE..PRE + wanted]) {
            Input::Bytes(count) => count,
            Input::Empty => return false,
            Input::End if wsi.http.visit(|http| is_until_end(&http.request_body)) == Some(true) => 0,
            Input::End => {
                close::lost(may, cx, wsi, CloseCause::peer("FIN inside a request body"));
                return false;
            }
            Input::Failed(why) => {
                close::lost(may, cx, wsi, CloseCause::peer(why));
                return false;
            }
        };
    }
    let had_some = wsi.http.visit(|http| matches!(http.request_body, Some(RequestBody::UntilEnd { any: true })));
    let had_some = had_some == Some(true);
    let decoded = wsi.http.with(may, |http| decode(&mut http.request_body, &mut buffer[PRE..PRE + count], count));
    let (length, rest, ended) = match decoded {
        Some(Ok(decoded)) => decoded,
        _ => {
            server::refuse(may, cx, wsi, 400, "broken chunked body");
            return false;
        }
    };
    if rest < count {
        wsi.stash_in_front(buffer[PRE + rest..PRE + count].to_vec());
    }
    if length > 0 {
        trace::bytes(cx, wsi, trace::Way::In, "body", length);
        if body_exceeds(wsi, length) {
            server::refuse(may, cx, wsi, 413, BODY_TOO_LONG);
            return false;
        }
    }
    let discard = wsi.http.visit(|http| http.discard_body).unwrap_or(true);
    let was_empty = length == 0 && count == 0 && !had_some;
    if !discard && (length > 0 || was_empty) {
        deadline::start_timeout(cx, wsi, wait::HTTP_CONTENT, cx.settings.timeout_secs);
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
        end(may, cx, wsi);
        return false;
    }
    let reason = Reason::HttpBodyCompletion;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "closes the connection");
    close::after_callback(may, cx, wsi, id, reason, verdict)
}

/// Bytes of the body that the head announces, as far as it says.
fn announced(body: &RequestBody) -> u64 {
    if let RequestBody::Length(length) = body { *length } else { 0 }
}

/// How much may be read without reading into the next request.
pub fn wanted_bytes(body: &RequestBody) -> u64 {
    match body {
        RequestBody::Length(length) => *length,
        RequestBody::Chunked(_) | RequestBody::UntilEnd { .. } => u64::MAX,
    }
}

/// Whether the body ends with the http/2 stream that brings it.
pub fn is_until_end(body: &Option<RequestBody>) -> bool {
    matches!(body, Some(RequestBody::UntilEnd { .. }))
}

/// Body bytes to the front of `buffer`: how many, how many wire bytes they took, and whether the body is complete.
pub fn decode(
    body: &mut Option<RequestBody>,
    buffer: &mut [u8],
    count: usize,
) -> Result<(usize, usize, bool), &'static str> {
    match body {
        None => Ok((0, 0, true)),
        Some(RequestBody::UntilEnd { any }) => {
            *any |= count > 0;
            Ok((count, count, count == 0))
        }
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
        // Before the request's kind is known (an upgrade the program answers itself) only closing is left.
        return i32::from(wsi.phase.get() == Phase::RequestHead && reply::is_answered(wsi));
    }
    if wsi.has(flag::SERVING_FILE) {
        // The file is the answer; HTTP_FILE_COMPLETION tells when it is out.
        return 0;
    }
    if wsi.has(flag::STREAM) {
        // One request is all there is on a stream.
        h2_stream::complete(cx, wsi);
        return 1;
    }
    if wsi.has(flag::CLOSE_AFTER | flag::PEER_ENDED)
        || reply::must_close_behind(wsi)
        || super::tls_limit::gives_way(cx, wsi)
    {
        return 1;
    }
    if wsi.http.visit(|http| http.request_body.as_ref().is_some_and(|body| !body.is_empty())) == Some(true) {
        wsi.http.visit(|http| http.discard_body = true);
        cx.make_pending(wsi);
        return 0;
    }
    end(may, cx, wsi);
    0
}

/// Whether the program said that the transaction is over, and its answer is still on its way out.
pub fn is_leaving(wsi: &Wsi) -> bool {
    wsi.http.visit(|http| http.completion_owed) == Some(true)
}

/// Everything is said: the next request is next, once the answer is out.
fn end(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if out::is_backlogged(wsi) {
        wsi.http.visit(|http| http.completion_owed = true);
        cx.make_pending(wsi);
    } else {
        finish(may, cx, wsi);
    }
}

/// The connection waits for the next request: drop and bind callbacks, keep-alive timer.
fn finish(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    wsi.phase.set(Phase::RequestHead);
    wsi.clear(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE);
    wsi.http.visit(HttpState::next_request);
    let first = wsi.with_vhost(|vhost| vhost.first_protocol()).unwrap_or_default();
    let verdict = server::bind(may, cx, wsi, first);
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return;
    }
    if verdict != 0 {
        return close::by_callback(may, cx, wsi, Reason::HttpBindProtocol, verdict);
    }
    let keepalive = wsi.with_vhost(|vhost| vhost.settings.keepalive_secs).unwrap_or(5);
    deadline::start_timeout(cx, wsi, wait::HTTP_KEEPALIVE, keepalive);
    if wsi.stash_len() == 0 {
        head_pool::release(cx, wsi);
    }
    cx.make_pending(wsi);
}

/// Gives the headers of the request back before the transaction is over.
pub fn detach_headers(cx: &Context, wsi: &Wsi) {
    if !wsi.is_client() {
        wsi.http.visit(|http| http.request = None);
        head_pool::release(cx, wsi);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::http::h1::{Progress, RequestReader};
    use crate::proto::http::headers::Limits;

    fn head(text: &str) -> RequestHead {
        match RequestReader::new(Limits::default()).push(text.as_bytes()) {
            Ok(Progress::Head { head, .. }) => head,
            other => panic!("no head: {other:?}"),
        }
    }

    #[test]
    fn a_post_without_length_has_an_empty_body_and_a_get_none() {
        assert!(body_of(&head("POST / HTTP/1.1\r\nHost: a\r\n\r\n")).is_some_and(|body| body.is_empty()));
        assert!(body_of(&head("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).is_none());
        assert!(body_of(&head("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")).is_none());
        let with_body = body_of(&head("GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\n"));
        assert!(matches!(with_body, Some(RequestBody::Length(2))));
    }

    #[test]
    fn a_body_of_known_length_ends_where_it_says() {
        let mut body = Some(RequestBody::Length(5));
        let mut bytes = *b"abc";
        assert_eq!(decode(&mut body, &mut bytes, 3), Ok((3, 3, false)));
        assert_eq!(decode(&mut body, &mut bytes, 2), Ok((2, 2, true)));
    }

    #[test]
    fn chunks_become_plain_bytes_and_the_next_request_stays() {
        let mut body = Some(RequestBody::Chunked(ChunkDecoder::new()));
        let mut bytes = *b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\nGET";
        let count = bytes.len();
        assert_eq!(decode(&mut body, &mut bytes, count), Ok((5, count - 3, true)));
        assert_eq!(&bytes[..5], b"abcde");
    }

    #[test]
    fn a_broken_chunk_is_an_error() {
        let mut body = Some(RequestBody::Chunked(ChunkDecoder::new()));
        let mut bytes = *b"zz\r\n";
        assert!(decode(&mut body, &mut bytes, 4).is_err());
    }
}

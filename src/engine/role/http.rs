//! The http role: heads that getters read, and the body of a reply to a client.
use crate::engine::callback::{self, Arg, Reason};
use crate::engine::cell::MayCall;
use crate::engine::client::pipeline;
use crate::engine::close::{self, CloseCause};
use crate::engine::context::Context;
use crate::engine::deadline::{self, wait};
use crate::engine::input::{self, Input};
use crate::engine::log::{self, Level, Scope};
use crate::engine::tls::acceptor::Acceptor;
use crate::engine::trace::{self, Way};
use crate::engine::vhost::Vhost;
use crate::engine::wsi::{Phase, Wsi, flag};
use crate::proto::http::answer_end::AnswerEnd;
use crate::proto::http::body::{self, Framing, ResponseBody};
use crate::proto::http::chunked::{ChunkDecoder, ChunkEvent};
use crate::proto::http::h1::{HeadError, RequestHead, RequestReader, ResponseHead, Version};
use crate::proto::http::headers::HeaderTable;
use crate::proto::http::method::Method;

/// What a connection in the http role holds.
#[derive(Default)]
pub struct HttpState {
    /// Client: the head of the reply.
    pub reply: Option<ResponseHead>,
    /// Server: the head of the request under way.
    pub request: Option<RequestHead>,
    /// Server: reads the next head.
    pub reader: Option<RequestReader>,
    /// Client: the body of the reply.
    pub body: Option<ClientBody>,
    /// Server: the TLS handshake before its configuration is chosen.
    pub acceptor: Option<Box<Acceptor>>,
    /// Server: the file that is the body of the answer.
    pub file: Option<Box<crate::engine::file_serving::Transfer>>,
    /// Server: the other server that answers the request.
    pub proxied: Option<Box<crate::engine::proxy::Proxied>>,
    /// Server: body bytes of the request still to come.
    pub request_body: Option<RequestBody>,
    /// Bytes of the body that came.
    pub body_bytes: u64,
    /// Server: the program finished its answer before the request's body was read.
    pub discard_body: bool,
    /// Server: where the answer ends that is being written, but for streams of http/2 and answers that are passed on.
    pub answer_end: AnswerEnd,
    /// Server: the program was told that bytes behind the end of an answer are not sent.
    pub is_surplus_told: bool,
    /// Server: the program was told why the connection ends behind its answer.
    pub is_end_told: bool,
    /// Server: the version of the request; kept when its headers are given back.
    pub version: Option<Version>,
    /// Server: the request's method is HEAD, so the answer has no body.
    pub is_head: bool,
    /// Server: the program ended the transaction while its answer was backlogged.
    pub completion_owed: bool,
    /// Server: the client waits for `100 Continue`.
    pub owes_continue: bool,
    /// Server: an answer to the request, or a part of it, was queued.
    pub answered: bool,
    /// Server: the request before was answered and is over; see [`HttpState::is_between_requests`].
    pub was_answered: bool,
    /// Server: bytes that were written when the end of the connection was last put off, for an answer under way.
    pub end_put_off_at: Option<u64>,
}

/// The body of a request, as it is read.
pub enum RequestBody {
    Length(u64),
    Chunked(ChunkDecoder),
    /// Until the http/2 stream ends; `any`: some of it came.
    UntilEnd {
        any: bool,
    },
}

impl RequestBody {
    /// Nothing of it is to come, and never was.
    pub fn is_empty(&self) -> bool {
        matches!(self, RequestBody::Length(0))
    }
}

impl HttpState {
    /// A transaction is over: only what is about the connection stays, such as the reader of heads.
    pub fn next_request(&mut self) {
        let (reader, is_surplus_told, was_answered) = (self.reader.take(), self.is_surplus_told, self.answered);
        *self = HttpState { reader, is_surplus_told, was_answered, ..HttpState::default() };
    }

    /// Server: the last answer is complete, and nobody asked for another yet. A request that was called complete without
    /// an answer still waits for one.
    pub fn is_between_requests(&self) -> bool {
        self.was_answered && self.request.is_none()
    }

    pub fn of_reply(head: ResponseHead) -> Self {
        HttpState { reply: Some(head), ..HttpState::default() }
    }

    /// Counts `length` bytes of the body. Whether that is beyond what the vhost allows.
    pub fn exceeds(&mut self, vhost: &Vhost, length: usize) -> bool {
        self.body_bytes = self.body_bytes.saturating_add(length as u64);
        vhost.body_limit.get() != 0 && self.body_bytes > vhost.body_limit.get()
    }

    /// The headers of the message under way.
    pub fn headers(&self) -> Option<&HeaderTable> {
        match (&self.reply, &self.request) {
            (Some(reply), _) => Some(&reply.headers),
            (None, Some(request)) => Some(&request.headers),
            (None, None) => None,
        }
    }

    /// Status of the reply, 0 before there is one.
    pub fn status(&self) -> u16 {
        self.reply.as_ref().map_or(0, |reply| reply.status)
    }

    /// The connection lives on behind the reply (RFC 9112 §9.3).
    pub fn reply_persists(&self) -> bool {
        let says_so = self.reply.as_ref().is_some_and(ResponseHead::is_keepalive);
        says_so && self.body.as_ref().is_some_and(|body| !body.framing.must_close)
    }

    /// How the body of the reply is delimited.
    pub fn reply_framing(&self, method: Method) -> Result<ResponseBody, HeadError> {
        match &self.reply {
            Some(head) => body::of_response(method, head.version, head.status, &head.headers),
            None => Ok(ResponseBody { framing: Framing::None, must_close: true }),
        }
    }
}

/// Where the body of a reply stands.
pub struct ClientBody {
    framing: ResponseBody,
    remaining: u64,
    chunks: ChunkDecoder,
    ended: bool,
}

impl ClientBody {
    pub fn new(framing: ResponseBody) -> Self {
        let remaining = match framing.framing {
            Framing::Length(length) => length,
            _ => 0,
        };
        let ended = match framing.framing {
            Framing::None => true,
            Framing::Length(length) => length == 0,
            Framing::Chunked | Framing::UntilClose => false,
        };
        ClientBody { framing, remaining, chunks: ChunkDecoder::new(), ended }
    }

    /// The whole body was decoded.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Bytes that the head announced and that did not come yet; 0 where it did not say.
    pub fn announced(&self) -> u64 {
        self.remaining
    }

    /// It ends with the connection.
    pub fn is_until_close(&self) -> bool {
        matches!(self.framing.framing, Framing::UntilClose)
    }

    /// Turns wire bytes `buffer[..count]` into body bytes at its start; returns how many. Err: broken framing.
    pub fn decode(&mut self, buffer: &mut [u8], count: usize) -> Result<usize, &'static str> {
        match self.framing.framing {
            Framing::None => Ok(0),
            Framing::UntilClose => Ok(count),
            Framing::Length(_) => {
                let taken = self.remaining.min(count as u64);
                self.remaining -= taken;
                self.ended = self.remaining == 0;
                Ok(taken as usize)
            }
            Framing::Chunked => {
                let (mut position, mut kept) = (0, 0);
                loop {
                    match self.chunks.next(&buffer[..count], &mut position) {
                        ChunkEvent::Data(range) => {
                            let length = range.len();
                            buffer.copy_within(range, kept);
                            kept += length;
                        }
                        ChunkEvent::End => {
                            self.ended = true;
                            return Ok(kept);
                        }
                        ChunkEvent::NeedMore => return Ok(kept),
                        ChunkEvent::Error(what) => return Err(what),
                    }
                }
            }
        }
    }
}

/// Client: the body of the reply may have bytes. RECEIVE_CLIENT_HTTP, in which the program reads. Nonzero closes.
pub fn reply_body_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    if wsi.http.visit(|http| http.body.as_ref().is_some_and(|body| body.ended)) == Some(true) {
        let verdict = complete(may, cx, wsi);
        close::after_callback(may, cx, wsi, id, Reason::CompletedClientHttp, verdict);
        return;
    }
    if wsi.stash_len() == 0 && !wsi.has(flag::READABLE | flag::HUNG_UP) && !input::has_more(wsi) {
        return;
    }
    deadline::start_timeout(cx, wsi, wait::HTTP_CONTENT, cx.settings.timeout_secs);
    let reason = Reason::ReceiveClientHttp;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "closes the connection");
    if close::after_callback(may, cx, wsi, id, reason, verdict)
        && (wsi.stash_len() > 0 || wsi.has(flag::READABLE | flag::HUNG_UP) || input::has_more(wsi))
    {
        cx.make_pending(wsi);
    }
}

/// What [`read_reply_body`] found.
pub enum BodyRead {
    /// So many body bytes are at the start of the buffer (0: nothing now).
    Data(usize),
    /// As above, and the body is complete.
    Last(usize),
    /// The connection is at its end or broken.
    Dead,
}

/// Client: reads body bytes into the program's buffer. For `lws_http_client_read`.
pub fn read_reply_body(may: &mut MayCall, cx: &Context, wsi: &Wsi, buffer: &mut [u8]) -> BodyRead {
    if wsi.phase.get() != Phase::ReplyBody || buffer.is_empty() {
        return BodyRead::Data(0);
    }
    let count = match input::read_after_stash(may, cx, wsi, buffer) {
        Input::Bytes(count) => count,
        Input::Empty => return BodyRead::Data(0),
        Input::End if wsi.http.visit(|http| is_until_close(http)) == Some(true) => {
            wsi.http.visit(|http| http.body.as_mut().map(|body| body.ended = true));
            return BodyRead::Last(0);
        }
        Input::End | Input::Failed(_) => return BodyRead::Dead,
    };
    let decoded = wsi.http.with(may, |http| {
        let body = http.body.as_mut()?;
        Some((body.decode(buffer, count), body.ended))
    });
    if let Some((Ok(length @ 1..), _)) = decoded.flatten() {
        trace::bytes(cx, wsi, Way::In, "body", length);
        if body_exceeds(wsi, length) {
            log::line(Level::Notice, Scope::Wsi(wsi), "client", format_args!("{BODY_TOO_LONG}: the connection ends"));
            return BodyRead::Dead;
        }
    }
    match decoded.flatten() {
        Some((Ok(length), false)) => BodyRead::Data(length),
        Some((Ok(length), true)) => BodyRead::Last(length),
        Some((Err(_), _)) | None => BodyRead::Dead,
    }
}

/// What is said of a body beyond the limit of the vhost.
pub const BODY_TOO_LONG: &str = "the body is longer than the program allows";

/// Counts `length` bytes of a body that comes in. Whether that is beyond what the vhost allows.
pub fn body_exceeds(wsi: &Wsi, length: usize) -> bool {
    let exceeds = wsi.with_vhost(|vhost| wsi.http.visit(|http| http.exceeds(vhost, length)));
    exceeds.flatten() == Some(true)
}

/// Whether a body of `length` bytes, which its head announces, would be beyond what the vhost allows.
pub fn announces_too_much(wsi: &Wsi, length: u64) -> bool {
    wsi.with_vhost(|vhost| (1..length).contains(&vhost.body_limit.get())) == Some(true)
}

fn is_until_close(http: &HttpState) -> bool {
    http.body.as_ref().is_some_and(ClientBody::is_until_close)
}

/// RECEIVE_CLIENT_HTTP_READ: `in`/`len` the body bytes in the program's buffer. Nonzero closes.
pub fn deliver_body(may: &mut MayCall, cx: &Context, wsi: &Wsi, bytes: *mut u8, length: usize) -> i32 {
    let reason = Reason::ReceiveClientHttpRead;
    callback::strict(may, cx, wsi, reason, Arg::Bytes(bytes, length), "closes the connection")
}

/// COMPLETED_CLIENT_HTTP, once; the connection lingers until the server closes, keep_warm_secs are over, or it carries
/// the next transaction. Nonzero closes.
pub fn complete(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> i32 {
    if wsi.phase.get() != Phase::ReplyBody {
        return 0;
    }
    let id = wsi.id();
    wsi.phase.set(Phase::ReplyDone);
    deadline::start_timeout(cx, wsi, wait::HTTP_KEEPALIVE, pipeline::keep_warm_secs(wsi));
    let reason = Reason::CompletedClientHttp;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "closes the connection");
    if wsi.id() == id && wsi.phase.get() == Phase::ReplyDone {
        cx.make_pending(wsi);
    }
    verdict
}

/// Reads in one turn of what a server sends unasked.
const LINGER_READS: u32 = 16;

/// Client after the transaction: the end of the connection is looked for, or the next transaction gets it.
pub fn linger(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let mut buffer = [0; 512];
    if wsi.stash_len() > 0 {
        pipeline::spoil(wsi);
    }
    for _ in 0..LINGER_READS {
        if !wsi.has(flag::READABLE | flag::HUNG_UP) {
            break;
        }
        match input::read(may, cx, wsi, &mut buffer) {
            Input::Bytes(_) => pipeline::spoil(wsi),
            Input::Empty => break,
            Input::End => return close::lost(may, cx, wsi, CloseCause::peer("closed after the reply")),
            Input::Failed(why) => return close::lost(may, cx, wsi, CloseCause::peer(why)),
        }
    }
    if !pipeline::pass_on(may, cx, wsi) && wsi.has(flag::READABLE | flag::HUNG_UP) {
        cx.make_pending(wsi);
    }
}

//! One http/2 stream: a connection without a socket, on which one request is answered, or a websocket lives.
//!
//! The program and most of the library treat it as any other: heads are written as text, bodies are queued, reads come
//! from [`read`]. What differs is here: where bytes come from and go to, and that the stream's end is a frame.
use super::h2::{self, Framed};
use crate::engine::callback;
use crate::engine::cell::MayCall;
use crate::engine::client::set_protocol;
use crate::engine::close::{self, CloseCause, Who};
use crate::engine::context::{Context, Group};
use crate::engine::deadline::{self, wait};
use crate::engine::input::Input;
use crate::engine::log::{self, Level, Scope};
use crate::engine::out::{self, Flushed};
use crate::engine::role::http::HttpState;
use crate::engine::role::ws::{QUEUE_LIMIT, write_type};
use crate::engine::table::WsiId;
use crate::engine::wsi::{Phase, Role, Wsi, flag};
use crate::engine::{server, sys, visit};
use crate::proto::http::answer_end;
use crate::proto::http::chunked::{ChunkDecoder, ChunkEvent};
use crate::proto::http::h1::RequestHead;
use crate::proto::http::h2::answer;
use crate::proto::http::h2::error::ErrorCode;

/// Longest head of an answer, as text.
const LONGEST_HEAD: usize = 128 * 1024;

/// What a stream holds beyond any connection.
pub struct H2Stream {
    /// Who carries it.
    pub connection: WsiId,
    pub number: u32,
    /// Bytes of the body that nobody took, from `taken` on.
    inbox: Vec<u8>,
    taken: usize,
    /// The peer sends no more.
    peer_ended: bool,
    /// Text of a head that is not complete.
    head: Vec<u8>,
    is_head_sent: bool,
    /// The program frames its body as chunks.
    chunks: Option<ChunkDecoder>,
    /// Bytes of body that content-length announced and that were not written yet.
    body_left: Option<u64>,
    /// Nothing follows what is queued.
    ends: bool,
    /// The end is in the connection's queue.
    ended: bool,
    /// The program completed the transaction.
    is_completed: bool,
}

/// A request arrived: a connection is made for it and gets its callbacks. `Err`: it is answered with this status.
pub fn open(
    may: &mut MayCall,
    cx: &Context,
    connection: &Wsi,
    number: u32,
    head: Result<Box<RequestHead>, (u16, &'static str)>,
    peer_ended: bool,
) {
    let Some(vhost) = connection.vhost() else { return };
    let Some(wsi) = cx.new_wsi(&vhost, Role::Http) else {
        return h2::forget(cx, connection, number, false, ErrorCode::RefusedStream);
    };
    let id = wsi.id();
    wsi.set(flag::STREAM | flag::WRITABLE | flag::ACCEPTED);
    for inherited in [flag::TLS, flag::TO_HTTPS] {
        if connection.has(inherited) {
            wsi.set(inherited);
        }
    }
    wsi.protocol.set(vhost.first_protocol());
    wsi.phase.set(Phase::RequestHead);
    wsi.http.set(Box::default());
    wsi.set_stream(Box::new(H2Stream {
        connection: connection.id(),
        number,
        inbox: Vec::new(),
        taken: 0,
        peer_ended,
        head: Vec::new(),
        is_head_sent: false,
        chunks: None,
        body_left: None,
        ends: false,
        ended: false,
        is_completed: false,
    }));
    h2::register(cx, connection, number, id);
    cx.wsi_born(wsi, Group::Server);
    callback::wsi_create(may, cx, wsi);
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return;
    }
    set_protocol(cx, wsi, vhost.default_protocol());
    match head {
        Ok(head) => server::request(may, cx, wsi, *head),
        Err((status, what)) => {
            wsi.http.set(Box::new(HttpState::default()));
            server::refuse(may, cx, wsi, status, what);
        }
    }
}

/// Bytes of the body, and its end.
pub fn receive(may: &mut MayCall, cx: &Context, wsi: &Wsi, bytes: &[u8], ends: bool) {
    wsi.visit_stream(|stream| {
        stream.inbox.extend_from_slice(bytes);
        stream.peer_ended |= ends;
    });
    wsi.set(flag::READABLE);
    visit::service_wsi(may, cx, wsi);
}

/// The stream was reset: at once, nothing is said any more.
pub fn reset(may: &mut MayCall, cx: &Context, wsi: &Wsi, code: ErrorCode, by_peer: bool) {
    wsi.set(flag::WRITE_DEAD);
    let cause = if by_peer {
        CloseCause::peer(format!("RST_STREAM ({code:?})"))
    } else {
        CloseCause::ours(format!("http/2 stream error of the peer ({code:?})"))
    };
    if wsi.pins.get() > 0 {
        close::note_cause(cx, wsi, cause);
        wsi.set(flag::KILL);
        return cx.make_pending(wsi);
    }
    close::lost(may, cx, wsi, cause);
}

/// Reads bytes of the body into `buffer`; what was read, the peer may send again.
pub fn read(cx: &Context, wsi: &Wsi, buffer: &mut [u8]) -> Input {
    let result = wsi.visit_stream(|stream| {
        let waiting = stream.inbox.get(stream.taken..).unwrap_or_default();
        let count = waiting.len().min(buffer.len());
        buffer[..count].copy_from_slice(&waiting[..count]);
        stream.taken += count;
        let is_empty = stream.taken >= stream.inbox.len();
        if is_empty {
            stream.inbox.clear();
            stream.inbox.shrink_to(64 * 1024);
            stream.taken = 0;
        }
        (count, is_empty, stream.peer_ended, stream.connection, stream.number)
    });
    let Some((count, is_empty, peer_ended, connection, number)) = result else {
        return Input::Failed("bug: stream state lost".into());
    };
    if is_empty && !(peer_ended && count > 0) {
        // An end that was not told yet still has to be read.
        wsi.clear(flag::READABLE);
    }
    if count > 0 {
        if let Some(connection) = cx.wsi(connection) {
            h2::release(cx, connection, number, count);
        }
        return Input::Bytes(count);
    }
    if peer_ended { Input::End } else { Input::Empty }
}

/// Whether bytes of the body, or its end, wait to be read.
pub fn has_body(wsi: &Wsi) -> bool {
    wsi.visit_stream(|stream| stream.peer_ended || stream.taken < stream.inbox.len()) == Some(true)
}

/// Whether the peer ended its side.
pub fn has_peer_ended(wsi: &Wsi) -> bool {
    wsi.visit_stream(|stream| stream.peer_ended) == Some(true)
}

// ---- the answer

/// Text of an answer that the library or the program wrote as for http/1: a head, and behind its empty line body.
///
/// `is_whole`: the head ends with this text, whether or not there is an empty line. Err: it cannot be sent.
pub fn write_text(cx: &Context, wsi: &Wsi, text: &[u8], is_whole: bool) -> Result<(), &'static str> {
    let mut head = wsi.visit_stream(|stream| std::mem::take(&mut stream.head)).ok_or("the stream is busy")?;
    head.extend_from_slice(text);
    let end = match answer_end::head_length(&head) {
        Some(end) => end,
        None if is_whole => head.len(),
        None if head.len() > LONGEST_HEAD => return Err("the head of the answer is too long"),
        None => {
            wsi.visit_stream(|stream| stream.head = head);
            return Ok(());
        }
    };
    let (head, body) = head.split_at(end);
    send_head(cx, wsi, head)?;
    if body.is_empty() { Ok(()) } else { write_body(cx, wsi, body) }
}

fn send_head(cx: &Context, wsi: &Wsi, text: &[u8]) -> Result<(), &'static str> {
    let parsed = answer::parse(text)?;
    let is_interim = parsed.status < 200;
    let is_head_request = wsi.http.visit(|http| http.is_head) == Some(true);
    let has_no_body = is_head_request || matches!(parsed.status, 204 | 304) || parsed.length == Some(0);
    let ends = has_no_body && !is_interim;
    let facts = wsi.visit_stream(|stream| (stream.connection, stream.number, stream.is_head_sent));
    let (connection, number, is_head_sent) = facts.ok_or("the stream is busy")?;
    if is_head_sent {
        return Err("the head of the answer was sent already");
    }
    let connection = cx.wsi(connection).ok_or("the connection is gone")?;
    let sent = h2::with_core(cx, connection, |h2, frames| {
        h2.core.send_head(number, parsed.status, parsed.fields.iter(), ends, frames)
    });
    if sent != Some(true) {
        return Err("the stream has ended");
    }
    wsi.visit_stream(|stream| {
        if !is_interim {
            stream.is_head_sent = true;
            stream.body_left = parsed.length.filter(|_| !ends);
            stream.chunks = (parsed.is_chunked && !ends).then(ChunkDecoder::new);
        }
        (stream.ends, stream.ended) = (ends, ends);
    });
    Ok(())
}

/// Queues bytes of the body, at most as many as content-length says, without the framing of chunks.
pub fn write_body(cx: &Context, wsi: &Wsi, body: &[u8]) -> Result<(), &'static str> {
    let (kept, left_out) = wsi.visit_stream(|stream| stream.plain_body(body)).ok_or("the stream is busy")??;
    if left_out > 0 {
        let text = format_args!("{left_out} bytes behind the end of the answer are not sent");
        log::line(Level::Info, Scope::Wsi(wsi), "lws_write", text);
    }
    out::append(cx, wsi, |queue| queue.extend_from_slice(&kept));
    Ok(())
}

impl H2Stream {
    /// What of `body` is sent, and how much is not. Notes the end where the body itself tells it.
    fn plain_body(&mut self, body: &[u8]) -> Result<(Vec<u8>, usize), &'static str> {
        if !self.is_head_sent {
            return Err("a body before the head of the answer");
        }
        if self.ends {
            return Ok((Vec::new(), body.len()));
        }
        if let Some(chunks) = &mut self.chunks {
            let (mut kept, mut position) = (Vec::with_capacity(body.len()), 0);
            loop {
                match chunks.next(body, &mut position) {
                    ChunkEvent::Data(range) => kept.extend_from_slice(body.get(range).unwrap_or_default()),
                    ChunkEvent::End => {
                        self.ends = true;
                        return Ok((kept, body.len().saturating_sub(position)));
                    }
                    ChunkEvent::NeedMore => return Ok((kept, 0)),
                    ChunkEvent::Error(what) => return Err(what),
                }
            }
        }
        let Some(left) = &mut self.body_left else { return Ok((body.to_vec(), 0)) };
        let count = usize::try_from(*left).unwrap_or(usize::MAX).min(body.len());
        *left -= count as u64;
        self.ends = *left == 0;
        Ok((body[..count].to_vec(), body.len() - count))
    }
}

/// `lws_write` on a stream that is not a websocket. Err: nothing was queued, with the reason.
pub fn write(may: &mut MayCall, cx: &Context, wsi: &Wsi, payload: &[u8], kind: i32) -> Result<usize, &'static str> {
    if wsi.is_closing() || wsi.has(flag::WRITE_DEAD) {
        return Err("the stream is closing");
    }
    if out::queued(wsi) > QUEUE_LIMIT {
        return Err("too much is queued already: the program does not wait for WRITEABLE");
    }
    let base = kind & write_type::MASK;
    let is_head_type = matches!(base, write_type::HTTP_HEADERS | write_type::HTTP_HEADERS_CONTINUATION);
    let awaits_head = wsi.visit_stream(|stream| !stream.is_head_sent) == Some(true);
    if awaits_head && (is_head_type || payload.starts_with(b"HTTP/1.")) {
        write_text(cx, wsi, payload, is_head_type && kind & write_type::NO_FIN == 0)?;
    } else {
        write_body(cx, wsi, payload)?;
    }
    if base == write_type::HTTP_FINAL || kind & write_type::H2_STREAM_END != 0 {
        end_answer(wsi);
    }
    cx.make_dirty(wsi);
    if out::queued(wsi) > out::CORK_BYTES && wsi.has(flag::WRITABLE) && !wsi.has(flag::BACKLOG) {
        out::flush(may, cx, wsi);
    }
    Ok(payload.len())
}

/// Nothing follows what is queued.
fn end_answer(wsi: &Wsi) {
    wsi.visit_stream(|stream| stream.ends |= stream.is_head_sent);
}

/// The program completed the transaction; the stream ends with it, whatever the program returns.
pub fn complete(cx: &Context, wsi: &Wsi) {
    wsi.visit_stream(|stream| stream.is_completed = true);
    cx.make_pending(wsi);
}

/// Ends the stream if its transaction was completed and no callback is running.
pub fn end_if_completed(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let is_completed = wsi.visit_stream(|stream| stream.is_completed) == Some(true);
    if is_completed && wsi.pins.get() == 0 && wsi.phase.get() == Phase::Transaction {
        close::end_with_answer(may, cx, wsi, CloseCause::ours("the transaction is over"));
    }
}

// ---- the way out

/// Moves `bytes`, all that is queued, to the connection as far as it takes them. Returns how many went, and how it
/// stands then.
pub fn flush(cx: &Context, wsi: &Wsi, bytes: &[u8]) -> (usize, Flushed) {
    let dead = |what: &str| (0, Flushed::Dead(std::io::Error::other(what.to_string())));
    let facts = wsi.visit_stream(|stream| (stream.connection, stream.number, stream.ends, stream.ended));
    let Some((connection, number, ends, ended)) = facts else { return dead("bug: stream state lost") };
    if ended || bytes.is_empty() && !ends {
        return (bytes.len(), Flushed::All);
    }
    let Some(connection) = cx.wsi(connection) else { return dead("the http/2 connection is gone") };
    let Some(Framed { taken, ended }) = h2::send_body(cx, connection, number, bytes, ends) else {
        return dead("the http/2 stream is over");
    };
    wsi.visit_stream(|stream| stream.ended = ended);
    if taken > 0 && wsi.phase.get() == Phase::Flushing {
        deadline::start_timeout(cx, wsi, wait::FLUSH, cx.settings.timeout_secs);
    }
    if taken == bytes.len() {
        wsi.set(flag::WRITABLE);
        return (taken, Flushed::All);
    }
    (taken, Flushed::Blocked)
}

/// Bytes of the connection that the peer has acknowledged; 0 for a stream that waits for its own window.
pub fn taken_by_peer(cx: &Context, wsi: &Wsi) -> u64 {
    let network = h2::network(cx, wsi);
    let number = wsi.visit_stream(|stream| stream.number);
    let is_closed = |number| network.visit_h2(|h2| h2.core.is_stream_window_closed(number)) != Some(false);
    if number.is_some_and(is_closed) {
        return 0;
    }
    network.traffic().bytes_out.saturating_sub(sys::unacknowledged(network.fd()))
}

// ---- the end

/// The program ends the stream in good order: what it wrote is the whole answer, unless it announced more.
pub fn last_words(wsi: &Wsi) {
    wsi.visit_stream(|stream| {
        let is_short = stream.body_left.is_some_and(|left| left > 0) || stream.chunks.is_some();
        stream.ends |= stream.is_head_sent && !is_short;
    });
}

/// The stream is over: the connection forgets it, and the peer is told.
pub fn after_end(cx: &Context, wsi: &Wsi) {
    let Some(stream) = wsi.take_stream() else { return };
    let Some(connection) = cx.wsi(stream.connection) else { return };
    let unread = stream.inbox.len() - stream.taken;
    if unread > 0 {
        h2::release(cx, connection, stream.number, unread);
    }
    let who = wsi.peek_rare(|rare| rare.cause.as_ref().map(|cause| cause.who)).flatten();
    let is_flushed = out::queued(wsi) == 0;
    // The end of a websocket is the end of its stream, as it is that of TCP (RFC 8441 §5).
    let is_websocket = wsi.role.get() == Role::Ws && stream.is_head_sent && who != Some(Who::Timeout);
    let ends_well = is_flushed && !stream.ended && (stream.ends || is_websocket);
    let code = match who {
        Some(Who::Timeout | Who::Peer) => ErrorCode::Cancel,
        _ => ErrorCode::InternalError,
    };
    h2::forget(cx, connection, stream.number, ends_well, code);
}

//! The http/2 connection: owns the socket, takes frames apart, and gives each stream its share of the way out.
//!
//! # Theory of operation
//!
//! A connection in this role gets no callbacks of its own between its birth and its end. Each request is a stream: a
//! connection without a socket ([`h2_stream`](super::h2_stream)) that behaves as one of http/1 towards the program.
//! Control frames and heads are appended to the connection's queue at once. Bodies wait in the queue of their stream
//! and move to the connection's as flow control allows, never more than [`ROOM_BYTES`] ahead of the socket. A stream
//! that waits for this room is in `waiting` and goes on, in turns, when the connection's queue has drained; one that
//! waits for its own window goes on when the peer opens that.
//!
//! Two things may end a quiet connection, see [`Clocks`]: nobody asks for anything, or what began is not finished.
use super::h2_stream;
use crate::engine::cell::MayCall;
use crate::engine::close::{self, CloseCause, Who};
use crate::engine::context::Context;
use crate::engine::deadline::{self, wait};
use crate::engine::input::{self, Input};
use crate::engine::log::{self, Level, Scope};
use crate::engine::out::{self, Flushed};
use crate::engine::table::WsiId;
use crate::engine::timer::{Micros, SECOND};
use crate::engine::vhost::{Vhost, option};
use crate::engine::wsi::{Phase, Role, Wsi, flag};
use crate::engine::{head_pool, mount, poll_events, service, sys};
use crate::proto::http::h2::connection::{Connection, Event};
use crate::proto::http::h2::error::{ConnectionError, ErrorCode};
use crate::proto::http::h2::frame::{HEADER_BYTES, PREFACE};
use crate::proto::http::h2::settings::LocalSettings;
use crate::proto::http::headers::Limits;
use std::collections::{BTreeMap, VecDeque};

/// Bytes of bodies that wait in the connection's queue.
const ROOM_BYTES: usize = out::CORK_BYTES;
/// A stream's share of the room while others want some too.
const SHARE_BYTES: usize = 32 * 1024;
/// Queued bytes above which nothing more is read: the peer asks and does not listen.
const UNREAD_ANSWERS: usize = 2 * out::CORK_BYTES;
/// Reads in one turn before other connections get theirs.
const READ_BUDGET: u32 = 8;
const READ_BYTES: usize = 32 * 1024;
/// The kind of frame that carries bodies, as its fourth byte tells.
const DATA: u8 = 0;

/// What a connection in this role holds.
pub struct H2Connection {
    pub core: Connection,
    /// The streams and their numbers.
    streams: BTreeMap<u32, WsiId>,
    /// Streams with bytes that wait for room, the one that is next first.
    waiting: VecDeque<u32>,
    clocks: Clocks,
    /// The peer's preface came.
    has_begun: bool,
    /// The peer said GOAWAY.
    peer_leaves: bool,
    /// We did.
    we_leave: bool,
}

/// When the connection ends if nothing changes. The earlier of the two is its timeout.
#[derive(Default)]
struct Clocks {
    /// There are no streams, and how long that may last.
    rest: Option<Micros>,
    /// A head or a control frame has begun, and how long its rest may take.
    frame: Option<Micros>,
    /// The stream whose header block that is.
    block: Option<u32>,
}

impl H2Connection {
    /// Notes that a stream has bytes left and no room.
    fn waits(&mut self, number: u32) {
        if !self.waiting.contains(&number) {
            self.waiting.push_back(number);
        }
    }
}

/// Whether clients of this vhost may speak http/2.
pub fn is_offered(vhost: &Vhost) -> bool {
    vhost.settings.speaks_h2.get()
}

/// Whether a plain connection of this vhost speaks http/2 and nothing else.
pub fn is_prior_knowledge(vhost: &Vhost) -> bool {
    vhost.has_option(option::H2_PRIOR_KNOWLEDGE)
}

/// Whether `bytes`, the first of a connection, can only be the start of an http/2 client. Two are enough: no method of
/// http/1 that is served here begins with these.
pub fn is_preface(bytes: &[u8]) -> bool {
    let length = bytes.len().min(PREFACE.len());
    length >= 2 && bytes.get(..length) == PREFACE.get(..length)
}

/// The connection speaks http/2 from here on; `early` are bytes of it that were read already.
pub fn start(cx: &Context, wsi: &Wsi, early: Vec<u8>) {
    let local = wsi.with_vhost(|vhost| LocalSettings {
        takes_websockets: !mount::any_proxied(cx, vhost.settings.port),
        clamps_windows: vhost.has_option(option::H2_CLAMPS_WINDOWS),
        ..LocalSettings::default().with_wishes(&vhost.settings.http2_wishes)
    });
    let limits = Limits { text_bytes: cx.settings.max_head_bytes, ..Limits::default() };
    wsi.role.set(Role::H2);
    wsi.phase.set(Phase::Established);
    wsi.http.take();
    head_pool::release(cx, wsi);
    if wsi.has(flag::TLS) {
        // Until it begins to speak http/2 it is nothing that could be closed, as programs see it.
        wsi.clear(flag::ACCEPTED);
    }
    let core = Connection::new(local.unwrap_or_default(), limits);
    wsi.set_h2(Box::new(H2Connection {
        core,
        streams: BTreeMap::new(),
        waiting: VecDeque::new(),
        clocks: Clocks::default(),
        has_begun: false,
        peer_leaves: false,
        we_leave: false,
    }));
    wsi.stash_in_front(early);
    let secs = wsi.with_vhost(|vhost| vhost.settings.head_timeout_secs).unwrap_or(10);
    deadline::start_timeout(cx, wsi, wait::HEAD, secs);
    log::line(Level::Info, Scope::Wsi(wsi), "h2", format_args!("the client speaks http/2"));
    cx.make_pending(wsi);
}

/// The connection that carries `wsi`: itself, or that of the stream.
pub fn network<'a>(cx: &'a Context, wsi: &'a Wsi) -> &'a Wsi {
    let carrier = wsi.visit_stream(|stream| stream.connection).and_then(|id| cx.wsi(id));
    carrier.unwrap_or(wsi)
}

/// Works on the core of a connection, which may append frames to its queue. `None`: it is gone, or busy.
pub fn with_core<R>(cx: &Context, wsi: &Wsi, work: impl FnOnce(&mut H2Connection, &mut Vec<u8>) -> R) -> Option<R> {
    if wsi.phase.get() == Phase::Dead {
        return None;
    }
    let mut frames = Vec::new();
    let result = wsi.visit_h2(|h2| work(h2, &mut frames));
    if !frames.is_empty() {
        out::append(cx, wsi, |queue| queue.append(&mut frames));
    }
    result
}

/// Reads frames and acts on them.
pub fn on_readable(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    for _ in 0..READ_BUDGET {
        if out::queued(wsi) > UNREAD_ANSWERS {
            // Resumed when the queue has drained.
            return;
        }
        let has_stash = wsi.stash_len() > 0;
        if !has_stash && !wsi.has(flag::READABLE | flag::HUNG_UP) && !input::has_more(wsi) {
            return;
        }
        let mut buffer = wsi.stash.take();
        let held = buffer.len();
        buffer.resize(held + READ_BYTES, 0);
        let mut end = None;
        let fill = match input::read(may, cx, wsi, &mut buffer[held..]) {
            Input::Bytes(count) => held + count,
            Input::Empty => held,
            Input::End => {
                end = Some(CloseCause::peer("FIN"));
                held
            }
            Input::Failed(why) => {
                end = Some(CloseCause::peer(why));
                held
            }
        };
        let read_nothing = fill == held;
        let consumed = frames(may, cx, wsi, &buffer[..fill]);
        if wsi.id() != id || wsi.phase.get() != Phase::Established {
            return;
        }
        buffer.truncate(fill);
        buffer.drain(..consumed);
        // Whole frames that wait for the peer to read are not late.
        let waiting = if out::queued(wsi) > UNREAD_ANSWERS { &[][..] } else { &buffer[..] };
        watch_frame(cx, wsi, consumed > 0, waiting);
        let is_stuck = buffer.len() > HEADER_BYTES && out::queued(wsi) > UNREAD_ANSWERS;
        wsi.stash.set(buffer);
        if let Some(cause) = end {
            return close::lost(may, cx, wsi, cause);
        }
        if is_stuck || read_nothing {
            return;
        }
    }
    cx.make_pending(wsi);
}

/// Works through whole frames; returns how many bytes they were.
fn frames(may: &mut MayCall, cx: &Context, wsi: &Wsi, input: &[u8]) -> usize {
    let id = wsi.id();
    let mut position = 0;
    while wsi.id() == id && wsi.phase.get() == Phase::Established && out::queued(wsi) <= UNREAD_ANSWERS {
        let now_ms = sys::now_micros() / 1000;
        let event = with_core(cx, wsi, |h2, frames| h2.core.next(input, &mut position, now_ms, frames));
        match event {
            None => {
                close::at_once(may, cx, wsi, CloseCause::ours("bug: http/2 state lost"));
                break;
            }
            Some(Err(error)) => {
                broken(may, cx, wsi, error);
                break;
            }
            Some(Ok(Event::NeedMore)) => {
                note_beginning(cx, wsi);
                break;
            }
            Some(Ok(event)) => act(may, cx, wsi, event, input),
        }
    }
    position
}

/// The preface came: from here on the connection may rest until its first request.
fn note_beginning(cx: &Context, wsi: &Wsi) {
    let begins = wsi.visit_h2(|h2| h2.core.has_begun() && !std::mem::replace(&mut h2.has_begun, h2.core.has_begun()));
    if begins == Some(true) {
        wsi.set(flag::ACCEPTED);
        rest(cx, wsi);
    }
}

/// A connection without streams ends after a while.
fn rest(cx: &Context, wsi: &Wsi) {
    let secs = wsi.with_vhost(|vhost| vhost.settings.h2_keepalive_secs).unwrap_or(31);
    wsi.visit_h2(|h2| h2.clocks.rest = (secs != 0).then(|| sys::now_micros() + u64::from(secs) * SECOND));
    set_timeout(cx, wsi);
}

/// What begins a head or a control frame has the time of a head for all of it, as a head of http/1 has. `rest`: the
/// start of a frame that is not complete; `has_progress`: others before it were. A body comes as slowly as its stream
/// allows.
fn watch_frame(cx: &Context, wsi: &Wsi, has_progress: bool, rest: &[u8]) {
    let is_data = rest.get(3) == Some(&DATA);
    let secs = wsi.with_vhost(|vhost| vhost.settings.head_timeout_secs).unwrap_or(10);
    let changed = wsi.visit_h2(|h2| {
        let block = h2.core.unfinished_block();
        let is_upload = is_data && !h2.streams.is_empty();
        let has_begun = block.is_some() || !rest.is_empty() && !is_upload;
        let is_same = !has_progress || block.is_some() && block == h2.clocks.block;
        h2.clocks.block = block;
        let until = match h2.clocks.frame {
            _ if !has_begun || !h2.has_begun || secs == 0 => None,
            Some(until) if is_same => Some(until),
            _ => Some(sys::now_micros() + u64::from(secs) * SECOND),
        };
        std::mem::replace(&mut h2.clocks.frame, until) != until
    });
    if changed == Some(true) {
        set_timeout(cx, wsi);
    }
}

/// Makes the earlier clock the timeout of the connection.
fn set_timeout(cx: &Context, wsi: &Wsi) {
    let Some((rest, frame)) = wsi.visit_h2(|h2| (h2.clocks.rest, h2.clocks.frame)) else { return };
    let (reason, at) = match (rest, frame) {
        (None, None) => return deadline::clear_timeout(cx, wsi),
        (Some(rest), Some(frame)) if frame < rest => (wait::HEAD, frame),
        (Some(rest), _) => (wait::HTTP_KEEPALIVE, rest),
        (None, Some(frame)) => (wait::HEAD, frame),
    };
    deadline::set_for(cx, wsi, reason, at.saturating_sub(sys::now_micros()));
}

fn act(may: &mut MayCall, cx: &Context, wsi: &Wsi, event: Event, input: &[u8]) {
    note_beginning(cx, wsi);
    match event {
        Event::NeedMore => {}
        Event::Request { stream, head, ends } => h2_stream::open(may, cx, wsi, stream, Ok(head), ends),
        Event::Refused { stream, status, what } => h2_stream::open(may, cx, wsi, stream, Err((status, what)), true),
        Event::Data { stream, range, ends } => match stream_of(cx, wsi, stream) {
            Some(to) => h2_stream::receive(may, cx, to, input.get(range).unwrap_or_default(), ends),
            None => release(cx, wsi, stream, range.len()),
        },
        Event::End { stream } => {
            if let Some(to) = stream_of(cx, wsi, stream) {
                h2_stream::receive(may, cx, to, &[], true);
            }
        }
        Event::Reset { stream, code, by_peer } => {
            if let Some(to) = stream_of(cx, wsi, stream) {
                h2_stream::reset(may, cx, to, code, by_peer);
            }
        }
        Event::SendMore { stream: 0 } => {
            let all: Vec<WsiId> = wsi.visit_h2(|h2| h2.streams.values().copied().collect()).unwrap_or_default();
            for to in all.into_iter().filter_map(|id| cx.wsi(id)) {
                send_more(may, cx, to);
            }
        }
        Event::SendMore { stream } => {
            if let Some(to) = stream_of(cx, wsi, stream) {
                send_more(may, cx, to);
            }
        }
        Event::GoAway { code } => {
            log::line(Level::Info, Scope::Wsi(wsi), "h2", format_args!("the client says GOAWAY ({code:?})"));
            let is_idle = wsi.visit_h2(|h2| {
                h2.peer_leaves = true;
                h2.streams.is_empty()
            });
            if is_idle == Some(true) {
                close::end_with_answer(may, cx, wsi, CloseCause::peer("GOAWAY"));
            }
        }
    }
}

fn send_more(may: &mut MayCall, cx: &Context, stream: &Wsi) {
    if stream.phase.get() != Phase::Dead && (out::queued(stream) > 0 || stream.has(flag::BACKLOG)) {
        service::flush_wsi(may, cx, stream);
    }
}

/// The peer broke the connection: GOAWAY says how, then the end.
fn broken(may: &mut MayCall, cx: &Context, wsi: &Wsi, error: ConnectionError) {
    let text = format_args!("the client broke http/2: {} ({:?})", error.what, error.code);
    log::line(Level::Notice, Scope::Wsi(wsi), "h2", text);
    say_go_away(cx, wsi, error.code, error.what);
    let code = u16::try_from(u32::from(error.code)).unwrap_or(0);
    close::end_with_answer(
        may,
        cx,
        wsi,
        CloseCause::ours(format!("http/2 error of the peer: {}", error.what)).with_code(code),
    );
}

fn say_go_away(cx: &Context, wsi: &Wsi, code: ErrorCode, text: &str) {
    let mut frames = Vec::new();
    wsi.visit_h2(|h2| {
        if !std::mem::replace(&mut h2.we_leave, true) {
            h2.core.go_away(code, text, &mut frames);
        }
    });
    if !frames.is_empty() {
        out::append(cx, wsi, |queue| queue.append(&mut frames));
    }
}

fn stream_of<'a>(cx: &'a Context, wsi: &Wsi, number: u32) -> Option<&'a Wsi> {
    let id = wsi.visit_h2(|h2| h2.streams.get(&number).copied()).flatten()?;
    cx.wsi(id).filter(|stream| stream.phase.get() != Phase::Dead)
}

// ---- what streams ask of their connection

/// A stream began.
pub fn register(cx: &Context, wsi: &Wsi, number: u32, stream: WsiId) {
    wsi.visit_h2(|h2| {
        h2.streams.insert(number, stream);
        h2.clocks.rest = None;
    });
    set_timeout(cx, wsi);
}

/// A stream took `bytes` of its body.
pub fn release(cx: &Context, wsi: &Wsi, number: u32, bytes: usize) {
    with_core(cx, wsi, |h2, frames| h2.core.release(number, bytes, frames));
}

/// What became of bytes of a body.
pub struct Framed {
    /// So many went to the connection's queue.
    pub taken: usize,
    /// The end of the stream went too.
    pub ended: bool,
}

/// Moves what it can of a stream's `bytes` into the connection's queue. `None`: the stream cannot send any more.
pub fn send_body(cx: &Context, wsi: &Wsi, number: u32, bytes: &[u8], ends: bool) -> Option<Framed> {
    let queued = out::queued(wsi);
    let room = if wsi.has(flag::BACKLOG) { 0 } else { ROOM_BYTES.saturating_sub(queued) };
    let taken = with_core(cx, wsi, |h2, frames| {
        let room = if h2.streams.len() > 1 { room.min(SHARE_BYTES) } else { room };
        let taken = h2.core.send_data(number, bytes, ends, room, frames)?;
        if taken < bytes.len() && !h2.core.is_stream_window_closed(number) {
            h2.waits(number);
        }
        Some(taken)
    });
    let taken = taken.flatten()?;
    Some(Framed { taken, ended: ends && taken == bytes.len() })
}

/// A stream is over. `ends_well`: all of its answer was said but the end.
pub fn forget(cx: &Context, wsi: &Wsi, number: u32, ends_well: bool, code: ErrorCode) {
    let is_idle = with_core(cx, wsi, |h2, frames| {
        if ends_well {
            h2.core.send_data(number, &[], true, 0, frames);
        }
        h2.core.forget(number, code, frames);
        h2.streams.remove(&number);
        h2.streams.is_empty()
    });
    if is_idle == Some(true) && wsi.phase.get() == Phase::Established {
        if wsi.visit_h2(|h2| h2.peer_leaves) == Some(true) {
            return deadline::set(cx, wsi, crate::engine::timer::Kind::Timeout, Some(0));
        }
        rest(cx, wsi);
    }
}

// ---- the way out

/// Sends what is queued; streams that waited for room go on when all of it is out.
pub fn write_side(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if out::queued(wsi) > 0 && wsi.has(flag::WRITABLE) {
        match out::flush(may, cx, wsi) {
            Flushed::All => drained(may, cx, wsi),
            Flushed::Blocked => {}
            Flushed::Dead(error) => {
                return close::lost(may, cx, wsi, CloseCause::peer(crate::engine::net::describe(&error)));
            }
        }
    }
    poll_events::update(may, cx, wsi);
}

/// The connection's queue is empty: whoever waited goes on, the reading too.
pub fn drained(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let mut list = wsi.visit_h2(|h2| std::mem::take(&mut h2.waiting)).unwrap_or_default();
    while out::queued(wsi) < ROOM_BYTES {
        let Some(number) = list.pop_front() else { break };
        if let Some(stream) = stream_of(cx, wsi, number) {
            service::flush_wsi(may, cx, stream);
        }
    }
    // Those that were not asked are next, before those that have had their share.
    wsi.visit_h2(|h2| {
        list.append(&mut h2.waiting);
        h2.waiting = list;
    });
    if wsi.stash_len() > 0 || wsi.has(flag::READABLE | flag::HUNG_UP) || input::has_more(wsi) {
        cx.make_pending(wsi);
    }
}

// ---- the end

/// Before the connection ends: its streams do, and the peer is told, as far as that is possible without waiting.
pub fn before_end(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let streams = wsi.visit_h2(|h2| std::mem::take(&mut h2.streams)).unwrap_or_default();
    let cause = wsi.peek_rare(|rare| rare.cause.clone()).flatten();
    for stream in streams.into_values().filter_map(|id| cx.wsi(id)) {
        let why = cause.as_ref().map_or("its connection ended", |cause| &cause.text);
        let who = cause.as_ref().map_or(Who::Us, |cause| cause.who);
        close::note_cause(cx, stream, CloseCause { who, ..CloseCause::ours(format!("its connection ended: {why}")) });
        if stream.pins.get() > 0 {
            // One of its callbacks is running: it ends when that returns.
            stream.set(flag::KILL);
            cx.make_pending(stream);
        } else {
            close::at_once(may, cx, stream, CloseCause::ours("its connection ended"));
        }
    }
    if cause.is_none_or(|cause| cause.who != Who::Peer) && !wsi.has(flag::WRITE_DEAD) && !cx.is_borrowed() {
        say_go_away(cx, wsi, ErrorCode::NoError, "");
        out::flush(may, cx, wsi);
    }
}

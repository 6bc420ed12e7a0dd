//! The ws role: frames from the socket become callbacks, writes of the program become frames.
//!
//! Receiving is a pull: one event out of the core, core back in place, program called, connection looked at again.
//! Sending only queues; the turn's end flushes, so all frames of a turn leave together.
use crate::engine::callback::{self, Arg, Reason};
use crate::engine::cell::{MayCall, peek};
use crate::engine::close::{self, CloseCause};
use crate::engine::context::{Context, PRE};
use crate::engine::deadline;
use crate::engine::log::{self, Level, Scope};
use crate::engine::out;
use crate::engine::table::WsiId;
use crate::engine::trace;
use crate::engine::vhost::option;
use crate::engine::wsi::{Phase, PieceInfo, Wsi, flag};
use crate::proto::ws::Side;
use crate::proto::ws::close::{self as ws_close, Echo};
use crate::proto::ws::deflate::{DeflateParams, Deflater, Inflater};
use crate::proto::ws::error::{self, PeerError};
use crate::proto::ws::frame::{self, FrameHeader, FrameKind, MAX_CONTROL_PAYLOAD, MAX_HEADER, Opcode, RSV1};
use crate::proto::ws::message::{DataInfo, ReceiveRules, Received, Receiver};
use crate::proto::ws::utf8::Utf8Validator;
use std::num::{NonZeroU32, NonZeroU64};

/// Values of `enum lws_write_protocol` and its flags.
pub mod write_type {
    pub const TEXT: i32 = 0;
    pub const BINARY: i32 = 1;
    pub const CONTINUATION: i32 = 2;
    pub const HTTP: i32 = 3;
    pub const PING: i32 = 5;
    pub const PONG: i32 = 6;
    pub const HTTP_FINAL: i32 = 7;
    pub const HTTP_HEADERS: i32 = 8;
    pub const HTTP_HEADERS_CONTINUATION: i32 = 9;
    pub const MASK: i32 = 0x1f;
    pub const NO_FIN: i32 = 0x40;
    pub const H2_STREAM_END: i32 = 0x80;
}

/// Unsent bytes above this are refused: the program ignores `lws_send_pipe_choked`.
pub const QUEUE_LIMIT: usize = 256 << 20;
/// Backlog above which pings are not answered one by one.
const PONG_BYTES: usize = 32 * 1024;
/// Size of the pieces of a large masked or encrypted frame; a multiple of 4.
const PIECE_BYTES: usize = 64 * 1024;
/// Unsent bytes above this are mentioned once.
const QUEUE_WARNING: usize = 32 << 20;
/// Pieces from this size are worth it that reads end with them.
const MIN_PIECES_ALIGNED: usize = 4096;

const CONTROL_TOO_LONG: &str = "control frames carry at most 125 bytes";
const NO_SUCH_TYPE: &str = "no such write type on a ws connection";

/// permessage-deflate of one connection.
pub struct Deflate {
    inflater: Inflater,
    deflater: Deflater,
    /// Largest piece of inflated data per callback.
    piece_bytes: usize,
    /// Compressed bytes of a piece that flow control interrupted.
    held: Option<(Vec<u8>, DataInfo)>,
    utf8: Utf8Validator,
    /// The next inflated piece is the first of its message.
    at_start: bool,
    /// A message of ours is under way: its further frames have no RSV1.
    sending: bool,
    inflated: Vec<u8>,
}

impl Deflate {
    pub fn new(params: DeflateParams, side: Side, level: Option<u8>, piece_bytes: usize) -> Self {
        Deflate {
            inflater: params.inflater(side),
            deflater: params.deflater(side, level),
            piece_bytes,
            held: None,
            utf8: Utf8Validator::new(),
            at_start: true,
            sending: false,
            inflated: Vec::new(),
        }
    }

    /// Refuses messages that inflate to more than `ratio` times their size, beyond the first 64 KiB. `None`: any.
    pub fn set_max_ratio(&mut self, ratio: Option<NonZeroU32>) {
        self.inflater.set_max_ratio(ratio);
    }

    /// Largest piece of inflated data per callback from now on.
    pub fn set_piece_bytes(&mut self, bytes: usize) {
        self.piece_bytes = bytes.max(1);
    }
}

fn side(wsi: &Wsi) -> Side {
    if wsi.is_client() { Side::Client } else { Side::Server }
}

/// How many bytes a read should make of the `held` ones, with room for `room`: in a long frame that a client receives just
/// so many that no part of a piece is left over, which would have to be moved.
pub fn read_goal(wsi: &Wsi, held: usize, room: usize) -> usize {
    let limit = (wsi.piece_limit.get() as usize).max(1);
    if !wsi.is_client() || room < 2 * limit || limit < MIN_PIECES_ALIGNED {
        return room;
    }
    let whole = room / limit * limit;
    let remaining = peek(&wsi.rx, |receiver| receiver.frame_remaining());
    if remaining >= whole as u64 && whole > held { whole } else { room }
}

/// What the program is told in RECEIVE.
fn receive_reason(wsi: &Wsi) -> Reason {
    if wsi.is_client() { Reason::ClientReceive } else { Reason::Receive }
}

/// The receiving state while bytes are worked through; it goes back into the connection, if that is still the same one.
///
/// Nobody else looks for it meanwhile: the bytes of a connection are worked through by one frame of the stack at a time.
struct Receiving<'a> {
    wsi: &'a Wsi,
    id: WsiId,
    receiver: Receiver,
}

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        if self.wsi.id() == self.id && self.wsi.is_live() {
            self.wsi.rx.set(std::mem::take(&mut self.receiver));
        }
    }
}

/// Works through `buffer[PRE..fill]` and returns how many bytes at its end were not consumed.
///
/// `buffer` has at least one byte behind `fill`. The caller looks at the connection again afterwards.
pub fn receive(may: &mut MayCall, cx: &Context, wsi: &Wsi, buffer: &mut [u8], fill: usize) -> usize {
    let id = wsi.id();
    let mut position = PRE;
    let rules =
        ReceiveRules { side: side(wsi), validate_utf8: wsi.has(flag::CHECK_UTF8), rsv1_allowed: wsi.deflate.is_set() };
    let limit = (wsi.piece_limit.get() as usize).max(1);
    // What may be too long goes the long way, which judges it.
    let short_limit = message_limit(wsi).map_or(limit, |most| limit.min(usize::try_from(most.get()).unwrap_or(limit)));
    let mut core = Receiving { wsi, id, receiver: wsi.rx.take() };
    if rules.rsv1_allowed && !resume_inflating(may, cx, wsi) {
        return if wsi.id() == id { fill - position } else { 0 };
    }
    let reason = receive_reason(wsi);
    // The timeline tells more of a message than the short way knows.
    let may_be_short = !trace::is_on(cx);
    loop {
        match wsi.phase.get() {
            Phase::Established if wsi.rx_held.get() != 0 => break,
            Phase::Established if may_be_short => {
                let unread = &mut buffer[..fill];
                if let Some((range, info)) = core.receiver.short_message(rules, unread, &mut position, short_limit) {
                    if !deliver_inlined(may, cx, wsi, reason, buffer, range, PieceInfo::new(&info)) || position == fill
                    {
                        break;
                    }
                    continue;
                }
            }
            Phase::Established | Phase::CloseSent | Phase::CloseQueued => {}
            // Nothing that comes now matters any more.
            _ => return 0,
        }
        // A client's pieces do not depend on how TCP cut the stream; a server shows what each read brought.
        let collect = rules.side == Side::Client && wsi.phase.get() == Phase::Established;
        let event = core.receiver.next(rules, &mut buffer[..fill], &mut position, limit, collect);
        let closing = wsi.phase.get() != Phase::Established;
        match event {
            Received::NeedMore => break,
            Received::Violation(_) if closing => {
                if begins_with_close(&buffer[PRE..fill]) {
                    close::lost(may, cx, wsi, CloseCause::ours("close handshake complete"));
                }
                return 0;
            }
            Received::Violation(error) => {
                // What was received before it is answered first, if the program asked for that.
                if wsi.has(flag::WANTS_WRITEABLE) && wsi.raise(flag::VIOLATED) && position < fill {
                    cx.make_pending(wsi);
                    break;
                }
                wsi.set(flag::VIOLATED);
                close::violated(may, cx, wsi, error);
                return 0;
            }
            Received::Close { range } if closing => {
                trace::control_in(cx, wsi, Opcode::Close, &buffer[range]);
                close::lost(may, cx, wsi, CloseCause::ours("close handshake complete"));
                return 0;
            }
            _ if closing => {}
            Received::Data { range, info } if info.compressed => {
                trace::data_in(cx, wsi, &info, range.len());
                let input = buffer[range].to_vec();
                if !inflate(may, cx, wsi, input, info) {
                    break;
                }
            }
            Received::Data { range, info } => {
                trace::data_in(cx, wsi, &info, range.len());
                if is_too_long(wsi, info.first, range.len(), info.frame_remaining) {
                    close::violated(may, cx, wsi, error::MESSAGE_TOO_LONG);
                    return 0;
                }
                if !deliver(may, cx, wsi, reason, buffer, range, PieceInfo::new(&info)) {
                    break;
                }
            }
            Received::Ping { range } => {
                trace::control_in(cx, wsi, Opcode::Ping, &buffer[range.clone()]);
                answer_ping(cx, wsi, &buffer[range]);
            }
            Received::Pong { range } => {
                trace::control_in(cx, wsi, Opcode::Pong, &buffer[range.clone()]);
                deadline::confirm_validity(cx, wsi);
                if !wsi.is_client() && range.is_empty() {
                    continue;
                }
                let reason = if wsi.is_client() { Reason::ClientReceivePong } else { Reason::ReceivePong };
                if !deliver(may, cx, wsi, reason, buffer, range, wsi.piece.get()) {
                    break;
                }
            }
            Received::Close { range } => {
                trace::control_in(cx, wsi, Opcode::Close, &buffer[range.clone()]);
                peer_closes(may, cx, wsi, buffer, range);
                return 0;
            }
        }
    }
    if wsi.id() == id && wsi.phase.get() != Phase::Dead { fill - position } else { 0 }
}

/// Whether a read begins with a whole close frame. After a violation the stream cannot be followed any more, but the
/// peer's answer to our close mostly comes in a segment of its own, and then nothing has to be waited for.
fn begins_with_close(bytes: &[u8]) -> bool {
    matches!(frame::parse_header(bytes), Ok(Some((header, size)))
        if header.opcode == Opcode::Close && header.fin && header.rsv == 0
            && usize::try_from(header.len).is_ok_and(|len| len <= MAX_CONTROL_PAYLOAD && size + len <= bytes.len()))
}

/// Counts a piece of a message of which `announced` more bytes are sure to come. Whether that is beyond the vhost's limit.
fn is_too_long(wsi: &Wsi, first: bool, piece: usize, announced: u64) -> bool {
    let Some(limit) = message_limit(wsi) else { return false };
    wsi.with_rare(|rare| {
        let before = if first { 0 } else { rare.message_bytes };
        rare.message_bytes = before.saturating_add(piece as u64);
        rare.message_bytes.saturating_add(announced) > limit.get()
    })
}

/// The most bytes of a message that the vhost allows.
fn message_limit(wsi: &Wsi) -> Option<NonZeroU64> {
    NonZeroU64::new(wsi.with_vhost(|vhost| vhost.message_limit.get()).unwrap_or(0))
}

/// One callback with `buffer[range]`, a NUL behind it for its duration. False: stop receiving.
fn deliver(
    may: &mut MayCall,
    cx: &Context,
    wsi: &Wsi,
    reason: Reason,
    buffer: &mut [u8],
    range: std::ops::Range<usize>,
    piece: PieceInfo,
) -> bool {
    deliver_inlined(may, cx, wsi, reason, buffer, range, piece)
}

/// [`deliver`] for where it happens with each message.
#[inline(always)]
fn deliver_inlined(
    may: &mut MayCall,
    cx: &Context,
    wsi: &Wsi,
    reason: Reason,
    buffer: &mut [u8],
    range: std::ops::Range<usize>,
    piece: PieceInfo,
) -> bool {
    let id = wsi.id();
    wsi.piece.set(piece);
    if piece.is_last() && matches!(reason, Reason::Receive | Reason::ClientReceive) {
        wsi.count_message_in();
    }
    let behind = std::mem::replace(&mut buffer[range.end], 0);
    let argument = Arg::Bytes(buffer[range.start..].as_mut_ptr(), range.len());
    let verdict = callback::strict_inlined(may, cx, wsi, reason, argument, "closes the connection");
    buffer[range.end] = behind;
    close::after_callback(may, cx, wsi, id, reason, verdict)
}

/// Whether compressed bytes wait that flow control interrupted.
pub fn is_holding(wsi: &Wsi) -> bool {
    wsi.deflate.visit(|deflate| deflate.held.is_some()).unwrap_or(false)
}

/// Goes on with a compressed piece that flow control interrupted. False: still held, or the end.
fn resume_inflating(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    if wsi.rx_held.get() != 0 {
        return false;
    }
    match wsi.deflate.visit(|deflate| deflate.held.take()).flatten() {
        Some((input, info)) => inflate(may, cx, wsi, input, info),
        None => true,
    }
}

/// Delivers what `input` inflates to. False: stop receiving (held, closing or gone).
fn inflate(may: &mut MayCall, cx: &Context, wsi: &Wsi, input: Vec<u8>, info: DataInfo) -> bool {
    let mut consumed = 0;
    loop {
        if wsi.rx_held.get() != 0 {
            let rest = input[consumed..].to_vec();
            wsi.deflate.visit(|deflate| deflate.held = Some((rest, info)));
            return false;
        }
        let check = wsi.has(flag::CHECK_UTF8) && !info.binary;
        let step = wsi.deflate.with(may, |deflate| {
            let size = deflate.piece_bytes;
            let mut buffer = std::mem::take(&mut deflate.inflated);
            buffer.resize(PRE + size + 1, 0);
            let step = deflate.inflater.inflate(&input, &mut consumed, info.last, &mut buffer[PRE..PRE + size])?;
            let last = step.message_done;
            if check {
                check_utf8(&mut deflate.utf8, &buffer[PRE..PRE + step.produced], last)?;
            }
            let first = std::mem::replace(&mut deflate.at_start, last);
            let silent = step.produced == 0 && !last;
            if silent {
                deflate.at_start = first;
            }
            Ok::<_, PeerError>((step, buffer, first, last, silent))
        });
        let (step, mut buffer, first, last, silent) = match step {
            Some(Ok(step)) => step,
            Some(Err(error)) => {
                close::violated(may, cx, wsi, error);
                return false;
            }
            None => {
                close::at_once(may, cx, wsi, CloseCause::ours("bug: inflater lost"));
                return false;
            }
        };
        let mut go_on = true;
        if is_too_long(wsi, first, step.produced, 0) {
            close::violated(may, cx, wsi, error::MESSAGE_TOO_LONG);
            go_on = false;
        } else if !silent {
            let piece = PieceInfo::new(&DataInfo { first, last, ..info });
            go_on = deliver(may, cx, wsi, receive_reason(wsi), &mut buffer, PRE..PRE + step.produced, piece);
        }
        wsi.deflate.visit(|deflate| deflate.inflated = buffer);
        if !go_on {
            return false;
        }
        if step.drained {
            return true;
        }
    }
}

fn check_utf8(validator: &mut Utf8Validator, piece: &[u8], last: bool) -> Result<(), PeerError> {
    if !validator.feed(piece) {
        return Err(error::BAD_UTF8);
    }
    if last {
        if !validator.is_complete() {
            return Err(error::PARTIAL_UTF8);
        }
        validator.reset();
    }
    Ok(())
}

/// A pong with the same payload, unless a close is under way.
fn answer_ping(cx: &Context, wsi: &Wsi, payload: &[u8]) {
    if wsi.has(flag::HAS_REASON) {
        return;
    }
    if wsi.has(flag::BACKLOG) && out::queued(wsi) > PONG_BYTES {
        // A peer that sends pings and reads nothing must not fill our memory: the latest is enough (RFC 6455 §5.5.3).
        wsi.with_rare(|rare| rare.latest_ping = Some(payload.to_vec()));
        return;
    }
    queue_control(cx, wsi, Opcode::Pong, payload);
    wsi.set(flag::OWES_WRITEABLE);
}

/// The queue is empty again: the latest ping that was not answered is.
pub fn answer_latest_ping(cx: &Context, wsi: &Wsi) {
    let latest = wsi.peek_rare(|rare| rare.latest_ping.is_some()).unwrap_or(false);
    if latest && wsi.phase.get() == Phase::Established {
        let payload = wsi.with_rare(|rare| rare.latest_ping.take()).unwrap_or_default();
        answer_ping(cx, wsi, &payload);
    }
}

/// WS_PEER_INITIATED_CLOSE: `in` the payload, `len` its length; nonzero: no answer. Then our answer and the end.
fn peer_closes(may: &mut MayCall, cx: &Context, wsi: &Wsi, buffer: &mut [u8], range: std::ops::Range<usize>) {
    let id = wsi.id();
    let utf8 = wsi.has(flag::CHECK_UTF8);
    let judgement = ws_close::judge(&mut buffer[range.clone()], side(wsi), utf8);
    let code = judgement.code.map_or(0, u16::from);
    let reason_text = String::from_utf8_lossy(buffer[range.clone()].get(2..).unwrap_or_default()).into_owned();
    let cause = CloseCause::peer(format!("close frame '{reason_text}'")).with_code(code);
    if let Echo::Refuse(error) = judgement.echo {
        return close::at_once(may, cx, wsi, CloseCause::peer(format!("close frame refused: {}", error.what)));
    }
    wsi.with_rare(|rare| rare.close_payload = buffer[range.clone()].to_vec());
    let behind = std::mem::replace(&mut buffer[range.end], 0);
    let argument = Arg::Bytes(buffer[range.start..].as_mut_ptr(), range.len());
    let consequence = "closes without an answer";
    let verdict = callback::strict(may, cx, wsi, Reason::WsPeerInitiatedClose, argument, consequence);
    buffer[range.end] = behind;
    if wsi.id() != id || wsi.is_closing() {
        return;
    }
    if verdict != 0 || wsi.has(flag::KILL) {
        return close::at_once(may, cx, wsi, cause);
    }
    let echo = ws_close::ClosePayload::copy_of(&buffer[range]);
    queue_control(cx, wsi, Opcode::Close, echo.as_slice());
    close::after_echo(may, cx, wsi, cause);
}

// ---- sending

/// A fresh masking key where we are the client. The outer `None`: no randomness, nothing may be sent.
fn mask(cx: &Context, wsi: &Wsi) -> Option<Option<[u8; 4]>> {
    if wsi.is_client() { cx.random.masking_key().map(Some) } else { Some(None) }
}

fn queue_control(cx: &Context, wsi: &Wsi, opcode: Opcode, payload: &[u8]) {
    let payload = &payload[..payload.len().min(MAX_CONTROL_PAYLOAD)];
    if let Some(key) = mask(cx, wsi) {
        trace::frame_out(cx, wsi, FrameKind::whole(opcode), payload, payload.len());
        out::append(cx, wsi, |queue| frame::append_frame(queue, FrameKind::whole(opcode), payload, key));
    }
}

/// Queues an empty validity ping.
pub fn send_ping(cx: &Context, wsi: &Wsi) {
    queue_control(cx, wsi, Opcode::Ping, &[]);
}

/// Queues our close frame.
pub fn send_close(cx: &Context, wsi: &Wsi, payload: &[u8]) {
    queue_control(cx, wsi, Opcode::Close, payload);
}

/// [`write`] of what most programs write: data that is queued as it is, and not so much that any of it has to leave before
/// the turn ends. False: it may be anything else, and nothing was done.
#[inline(always)]
pub fn write_usual(cx: &Context, wsi: &Wsi, payload: &[u8], kind: i32) -> bool {
    let opcode = match kind & !write_type::NO_FIN {
        write_type::TEXT => Opcode::Text,
        write_type::BINARY => Opcode::Binary,
        write_type::CONTINUATION => Opcode::Continuation,
        _ => return false,
    };
    let is_plain = payload.len() < out::STRAIGHT_BYTES && !out::is_large_write(wsi, payload.len()) && !trace::is_on(cx);
    if !is_plain || wsi.phase.get() != Phase::Established || wsi.has(flag::WRITE_DEAD) || wsi.deflate.is_set() {
        return false;
    }
    let kind = FrameKind { fin: kind & write_type::NO_FIN == 0, rsv: 0, opcode };
    if wsi.is_client() { write_masked(cx, wsi, payload, kind) } else { queue_frame(cx, wsi, payload, kind, None) }
}

/// [`write_usual`] of a client. Apart, so that servers, which mask nothing, keep all they need in registers.
#[inline(never)]
fn write_masked(cx: &Context, wsi: &Wsi, payload: &[u8], kind: FrameKind) -> bool {
    cx.random.masking_key().is_some_and(|key| queue_frame(cx, wsi, payload, kind, Some(key)))
}

/// Queues a frame of a message. False: the queue would become so long that some of it has to leave, and nothing was done.
#[inline(always)]
fn queue_frame(cx: &Context, wsi: &Wsi, payload: &[u8], kind: FrameKind, key: Option<[u8; 4]>) -> bool {
    let Some(mut queue) = out::borrow_corked(cx, wsi, MAX_HEADER + payload.len()) else { return false };
    frame::append_frame(queue.end(), kind, payload, key);
    out::give_back(cx, wsi, queue);
    if kind.fin {
        wsi.count_message_out();
    }
    true
}

/// `lws_write` on a ws connection: queues one frame (or, for the HTTP types, the bytes as they are).
///
/// Never touches the bytes around `payload`. Returns what the original returns: the payload's length for data, the
/// frame's length for PING and PONG. `Err`: nothing was queued, with the reason.
pub fn write(may: &mut MayCall, cx: &Context, wsi: &Wsi, payload: &[u8], kind: i32) -> Result<usize, &'static str> {
    match wsi.phase.get() {
        Phase::Established => {}
        Phase::CloseQueued | Phase::CloseSent => {
            let text = format_args!("{} bytes written after our close frame: not sent", payload.len());
            log::line(Level::Info, Scope::Wsi(wsi), "lws_write", text);
            return Ok(payload.len());
        }
        _ => return Err("the connection is closing"),
    }
    if wsi.has(flag::WRITE_DEAD) {
        return Err("the connection is dead");
    }
    let waiting = out::queued(wsi);
    if waiting > QUEUE_LIMIT {
        return Err("too much is queued already: the program does not wait for WRITEABLE");
    }
    if waiting + payload.len() > QUEUE_WARNING && waiting <= QUEUE_WARNING && waiting != 0 {
        let text =
            format_args!("{} bytes are queued; lws_send_pipe_choked() tells when to wait", waiting + payload.len());
        log::line(Level::Warn, Scope::Wsi(wsi), "lws_write", text);
    }
    let fin = kind & write_type::NO_FIN == 0;
    let sent = match kind & write_type::MASK {
        write_type::TEXT | write_type::BINARY | write_type::CONTINUATION => {
            let opcode = match kind & write_type::MASK {
                write_type::TEXT => Opcode::Text,
                write_type::BINARY => Opcode::Binary,
                _ => Opcode::Continuation,
            };
            write_data(may, cx, wsi, payload, opcode, fin)?
        }
        write_type::PING => write_control(cx, wsi, payload, Opcode::Ping)?,
        write_type::PONG => write_control(cx, wsi, payload, Opcode::Pong)?,
        write_type::HTTP
        | write_type::HTTP_FINAL
        | write_type::HTTP_HEADERS
        | write_type::HTTP_HEADERS_CONTINUATION => {
            trace::sends(cx, wsi, payload, "unframed");
            out::append(cx, wsi, |queue| queue.extend_from_slice(payload));
            payload.len()
        }
        _ => return Err(NO_SUCH_TYPE),
    };
    out::note_write(wsi, payload.len());
    cx.make_dirty(wsi);
    let may_be_much = waiting + payload.len() + MAX_HEADER > out::CORK_BYTES || wsi.deflate.is_set();
    if may_be_much && out::queued(wsi) > out::CORK_BYTES && wsi.has(flag::WRITABLE) && !wsi.has(flag::BACKLOG) {
        // A failure shows again in the turn, which closes the connection in the right order.
        out::flush(may, cx, wsi);
    }
    Ok(sent)
}

/// Whether a write can make sense on any connection, judged before it is queued by another thread.
pub fn check_write(payload: &[u8], kind: i32) -> Result<(), &'static str> {
    match kind & write_type::MASK {
        write_type::PING | write_type::PONG if payload.len() > MAX_CONTROL_PAYLOAD => Err(CONTROL_TOO_LONG),
        write_type::TEXT..=write_type::HTTP | write_type::PING..=write_type::HTTP_HEADERS_CONTINUATION => Ok(()),
        _ => Err(NO_SUCH_TYPE),
    }
}

fn write_control(cx: &Context, wsi: &Wsi, payload: &[u8], opcode: Opcode) -> Result<usize, &'static str> {
    if payload.len() > MAX_CONTROL_PAYLOAD {
        return Err(CONTROL_TOO_LONG);
    }
    queue_control(cx, wsi, opcode, payload);
    Ok(2 + if wsi.is_client() { 4 } else { 0 } + payload.len())
}

#[inline]
fn write_data(
    may: &mut MayCall,
    cx: &Context,
    wsi: &Wsi,
    payload: &[u8],
    opcode: Opcode,
    fin: bool,
) -> Result<usize, &'static str> {
    let key = mask(cx, wsi).ok_or("the system gives no random bytes for a mask")?;
    if fin {
        wsi.count_message_out();
    }
    if wsi.deflate.is_set() {
        let compressed = wsi.deflate.with(may, |deflate| {
            let rsv = if deflate.sending { 0 } else { RSV1 };
            deflate.sending = !fin;
            let mut body = Vec::new();
            deflate.deflater.compress_message_piece(payload, fin, &mut body).map(|()| (body, rsv))
        });
        let Some(Ok((body, rsv))) = compressed else { return Err("bug: the compressor failed") };
        let kind = FrameKind { fin, rsv, opcode };
        trace::frame_out(cx, wsi, kind, &body, payload.len());
        out::append(cx, wsi, |queue| frame::append_frame(queue, kind, &body, key));
        return Ok(payload.len());
    }
    trace::frame_out(cx, wsi, FrameKind { fin, rsv: 0, opcode }, payload, payload.len());
    if payload.len() >= out::STRAIGHT_BYTES && key.is_none() && !wsi.has(flag::TLS) {
        let header = FrameHeader { fin, rsv: 0, opcode, mask: None, len: payload.len() as u64 };
        let mut head = [0; MAX_HEADER];
        let length = frame::encode_header(&header, &mut head);
        out::send_straight(cx, wsi, &head[..length], payload);
    } else if payload.len() > out::CORK_BYTES {
        write_in_pieces(
            may,
            cx,
            wsi,
            payload,
            FrameHeader { fin, rsv: 0, opcode, mask: key, len: payload.len() as u64 },
        );
    } else {
        out::append(cx, wsi, |queue| frame::append_frame(queue, FrameKind { fin, rsv: 0, opcode }, payload, key));
    }
    Ok(payload.len())
}

/// One large frame: masked and sent piece by piece while the socket takes it, so that the pieces stay in the cache.
fn write_in_pieces(may: &mut MayCall, cx: &Context, wsi: &Wsi, payload: &[u8], header: FrameHeader) {
    let mut head = [0; MAX_HEADER];
    let length = frame::encode_header(&header, &mut head);
    out::append(cx, wsi, |queue| queue.extend_from_slice(&head[..length]));
    // A multiple of the key's length: every piece begins with the key's first byte.
    for piece in payload.chunks(PIECE_BYTES) {
        out::append(cx, wsi, |queue| match header.mask {
            Some(key) => crate::proto::ws::mask::append_masked(queue, piece, key),
            None => queue.extend_from_slice(piece),
        });
        if wsi.has(flag::WRITABLE) && !wsi.has(flag::BACKLOG) {
            // A failure shows again in the turn, which closes the connection in the right order.
            out::flush(may, cx, wsi);
        }
    }
}

/// Makes a connection whose handshake is done a ws one; the established callback comes next.
pub fn start(cx: &Context, wsi: &Wsi, deflate: Option<(DeflateParams, Option<u8>)>) {
    wsi.role.set(crate::engine::wsi::Role::Ws);
    wsi.phase.set(Phase::Established);
    wsi.set(flag::UPGRADED);
    cx.totals.upgraded.set(cx.totals.upgraded.get() + 1);
    wsi.rx.take();
    if wsi.with_vhost(|vhost| cx.validates_utf8(vhost)).unwrap_or(false) || cx.has_option(option::VALIDATE_UTF8) {
        wsi.set(flag::CHECK_UTF8);
    }
    if let Some((params, level)) = deflate {
        wsi.deflate.set(Box::new(Deflate::new(params, side(wsi), level, wsi.piece_limit.get() as usize)));
    }
    deadline::clear_timeout(cx, wsi);
    deadline::confirm_validity(cx, wsi);
}

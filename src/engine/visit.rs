//! One visit of a connection: what can be read is read, what the program asked to write is asked for, what is queued leaves.
//!
//! A visit is of one step of its life, which the phase tells, and is bounded by budgets: what is left waits for the next
//! turn, so that no connection keeps the others waiting.
use super::callback;
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::{Context, PRE};
use super::input::{self, Input};
use super::out::{self, Flushed};
use super::table::WsiId;
use super::wsi::{Phase, Role, Wsi, flag};
use super::{client, poll_events, role, server};

/// Reads of one connection in one turn.
const READ_BUDGET: u32 = 8;
/// WRITEABLE callbacks of one connection in one turn.
const WRITE_BUDGET: u32 = 64;
/// First size of the shared receive buffer, and what it may grow to.
const RX_BUFFER: usize = 32 * 1024;
const RX_BUFFER_MAX: usize = 136 * 1024;
/// Bytes of one read behind which the program may write before more is read.
const LARGE_READ: usize = 32 * 1024;

/// Everything one connection can do now.
pub fn service_wsi(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    let outer = cx.servicing.replace(Some(id));
    service_now(may, cx, wsi, id);
    cx.servicing.set(outer);
    if wsi.id() == id && wsi.phase.get() != Phase::Dead && leaves_work(wsi) {
        cx.make_dirty(wsi);
    }
}

/// Whether a visit, which sends what it queued, left something for the end of the turn. An empty queue counts: the TLS
/// session has something to say.
fn leaves_work(wsi: &Wsi) -> bool {
    wsi.has(flag::LARGE_WRITE) || wsi.is_closing() || !wsi.has(flag::BACKLOG) && wsi.out.is_set()
}

fn service_now(may: &mut MayCall, cx: &Context, wsi: &Wsi, id: WsiId) {
    match wsi.phase.get() {
        Phase::Dead => return,
        Phase::Connecting => client::connect::on_ready(may, cx, wsi),
        Phase::Resolving => {}
        Phase::Queued => client::pipeline::on_turn(may, cx, wsi),
        Phase::Proxy => client::handshake::proxy_ready(may, cx, wsi),
        Phase::TlsHandshake if wsi.is_client() => client::handshake::tls_ready(may, cx, wsi),
        Phase::TlsHandshake => super::tls_accept::on_ready(may, cx, wsi),
        Phase::AwaitReply => client::reply::on_ready(may, cx, wsi),
        Phase::ReplyBody => role::http::reply_body_ready(may, cx, wsi),
        Phase::ReplyDone => role::http::linger(may, cx, wsi),
        Phase::RequestHead | Phase::Transaction => server::on_ready(may, cx, wsi),
        Phase::Idle if wsi.role.get() == Role::Listen => return role::listen::on_ready(may, cx, wsi),
        Phase::Idle => {}
        Phase::Established | Phase::CloseQueued | Phase::CloseSent | Phase::CloseEchoed | Phase::Flushing => {
            read_side(may, cx, wsi);
        }
    }
    if wsi.id() == id && wsi.phase.get() != Phase::Dead {
        write_side(may, cx, wsi);
    }
    if wsi.id() == id && wsi.has(flag::STREAM | flag::KILL) {
        end_if_due(may, cx, wsi, id);
    }
}

/// What a visit of a stream ends with, and of a connection that the program killed.
#[inline(never)]
fn end_if_due(may: &mut MayCall, cx: &Context, wsi: &Wsi, id: WsiId) {
    if wsi.has(flag::STREAM) {
        role::h2_stream::end_if_completed(may, cx, wsi);
    }
    if wsi.id() == id && wsi.phase.get() != Phase::Dead && wsi.has(flag::KILL) && wsi.pins.get() == 0 {
        close::at_once(may, cx, wsi, CloseCause::ours("closed by the program (LWS_TO_KILL)"));
    }
}

fn read_side(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    match wsi.role.get() {
        Role::Ws => read_ws(may, cx, wsi),
        Role::RawSocket if wsi.has(flag::ONWARD) && wsi.phase.get() == Phase::Established => {}
        Role::H2 if wsi.phase.get() == Phase::Established => role::h2::on_readable(may, cx, wsi),
        Role::RawSocket if wsi.phase.get() == Phase::Established => role::raw::on_readable(may, cx, wsi),
        Role::Udp if wsi.phase.get() == Phase::Established => super::udp::on_readable(may, cx, wsi),
        Role::RawFile => role::raw_file::on_ready(may, cx, wsi),
        _ => drain_closing(may, cx, wsi),
    }
}

/// A connection that only flushes: input is thrown away, its end is noticed.
fn drain_closing(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let mut buffer = [0; 16 * 1024];
    for _ in 0..READ_BUDGET {
        if !wsi.has(flag::READABLE | flag::HUNG_UP) {
            return;
        }
        match input::read(may, cx, wsi, &mut buffer) {
            Input::Bytes(_) => {}
            Input::Empty => return,
            // Who sends no more may still read what is on its way; the time for a flush bounds it.
            Input::End if wsi.phase.get() == Phase::Flushing && out::queued(wsi) > 0 => return,
            Input::End | Input::Failed(_) => {
                return close::lost(may, cx, wsi, CloseCause::peer("closed while we flushed"));
            }
        }
    }
    cx.make_pending(wsi);
}

fn read_ws(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    if matches!(wsi.phase.get(), Phase::CloseEchoed | Phase::Flushing) {
        return drain_closing(may, cx, wsi);
    }
    let Some(mut buffer) = input::Lent::of(cx, 0) else { return };
    let mut reads = 0;
    // Bytes at the start of the buffer that were read before and not consumed.
    let mut held = 0;
    loop {
        if wsi.rx_held.get() != 0 && wsi.phase.get() == Phase::Established {
            break;
        }
        if !wsi.has(flag::READABLE | flag::HUNG_UP)
            && !input::has_more(wsi)
            && (reads > 0 || wsi.stash_len() == 0 && !role::ws::is_holding(wsi))
        {
            break;
        }
        if reads == 0 {
            held = wsi.stash_len();
        }
        let wanted = PRE + (wsi.piece_limit.get() as usize).saturating_add(64).max(RX_BUFFER).max(held * 2) + 1;
        if !buffer.grow(wanted) {
            close::at_once(may, cx, wsi, CloseCause::ours(input::NO_MEMORY));
            return;
        }
        if reads == 0 && held > 0 {
            buffer[PRE..PRE + held].copy_from_slice(&wsi.stash.take());
        }
        let mut fill = PRE + held;
        let end = PRE + role::ws::read_goal(wsi, held, buffer.len() - 1 - PRE);
        let input = input::read(may, cx, wsi, &mut buffer[fill..end]);
        let mut finished = None;
        match input {
            Input::Bytes(count) => {
                fill += count;
                if fill == end && buffer.len() < RX_BUFFER_MAX {
                    // Much is waiting: larger reads from now on.
                    let larger = (buffer.len() * 2).min(RX_BUFFER_MAX);
                    let _ = buffer.grow(larger);
                }
            }
            Input::Empty if reads == 0 && (held > 0 || role::ws::is_holding(wsi)) => {}
            Input::Empty => break,
            Input::End => finished = Some(CloseCause::peer("FIN")),
            Input::Failed(why) => finished = Some(CloseCause::peer(why)),
        }
        reads += 1;
        let rest = if fill > PRE || role::ws::is_holding(wsi) {
            role::ws::receive(may, cx, wsi, &mut buffer, fill)
        } else {
            0
        };
        held = 0;
        if wsi.id() != id || wsi.phase.get() == Phase::Dead {
            break;
        }
        if rest > 0 {
            buffer.copy_within(fill - rest..fill, PRE);
            held = rest;
        }
        if let Some(cause) = finished {
            let waits = rest > 0 || role::ws::is_holding(wsi);
            if wsi.rx_held.get() != 0 && waits && wsi.phase.get() == Phase::Established {
                // Data before the end is delivered first, when the program lets it flow.
                wsi.set(flag::PEER_ENDED | flag::HUNG_UP);
                break;
            }
            held = 0;
            close::lost(may, cx, wsi, cause);
            break;
        }
        let more = wsi.has(flag::READABLE | flag::HUNG_UP) || input::has_more(wsi);
        if !more {
            break;
        }
        // An answer that is ready goes out before more comes in: the program's queue stays short, and in the cache.
        let answers = fill - PRE >= LARGE_READ && wsi.has(flag::WANTS_WRITEABLE) && wsi.has(flag::WRITABLE);
        if reads >= READ_BUDGET || answers && !wsi.has(flag::BACKLOG) {
            cx.make_pending(wsi);
            break;
        }
    }
    if held > 0 {
        wsi.stash.set(buffer[PRE..PRE + held].to_vec());
    }
    buffer.shrink(RX_BUFFER_MAX);
}

/// Sending failed: the end of the connection. What is not a connection yet for the program of a client is told as any
/// other failure on the way there.
fn lost_while_sending(may: &mut MayCall, cx: &Context, wsi: &Wsi, error: &std::io::Error) {
    let why = super::net::describe(error);
    match wsi.phase.get() {
        Phase::Proxy if wsi.is_client() => {
            client::fail(may, cx, wsi, "proxy write failed", &format!("step proxy: {why}"));
        }
        Phase::TlsHandshake if wsi.is_client() => {
            client::fail(may, cx, wsi, "read failed", &format!("step tls: {why}"));
        }
        Phase::AwaitReply if wsi.is_client() => {
            client::fail(may, cx, wsi, "read failed", &format!("step http: {why}"));
        }
        _ => close::lost(may, cx, wsi, CloseCause::peer(why)),
    }
}

/// What comes next for the write side of a connection.
enum WriteStep {
    /// The WRITEABLE callback.
    Call,
    /// Nothing more in this visit.
    Enough,
    /// The connection ended.
    Over,
}

/// Whether the program asked to write, on an open connection whose queue is short and moves: the next step is the callback,
/// as [`before_writeable`] would say.
#[inline(always)]
fn is_asked_as_usual(wsi: &Wsi) -> bool {
    const ASKED: u64 = flag::WANTS_WRITEABLE | flag::WRITABLE;
    wsi.phase.get() == Phase::Established
        && wsi.are(ASKED | flag::BACKLOG | flag::LARGE_WRITE, ASKED)
        && out::is_short(wsi)
}

/// Whether nothing is asked for on an open connection whose queue is short and moves, so that [`before_writeable`] would say
/// that it is enough.
#[inline(always)]
fn is_satisfied(wsi: &Wsi) -> bool {
    const ASKED: u64 = flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE;
    wsi.phase.get() == Phase::Established && wsi.are(ASKED | flag::BACKLOG | flag::LARGE_WRITE, 0) && out::is_short(wsi)
}

/// Sends what has to leave before the program is asked for more, and says whether it is asked at all.
#[inline(never)]
fn before_writeable(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> WriteStep {
    let id = wsi.id();
    let closing = wsi.is_closing();
    let waiting = out::queued(wsi);
    let was_backlogged = out::is_backlog(wsi, waiting);
    if wsi.has(flag::WRITABLE) && (was_backlogged || closing && waiting > 0 || waiting > out::CORK_BYTES) {
        wsi.clear(flag::LARGE_WRITE);
        match out::flush(may, cx, wsi) {
            Flushed::All if was_backlogged && !closing => {
                wsi.set(flag::OWES_WRITEABLE);
                role::ws::answer_latest_ping(cx, wsi);
            }
            Flushed::All => {}
            Flushed::Blocked => return WriteStep::Enough,
            Flushed::Dead(error) => {
                lost_while_sending(may, cx, wsi, &error);
                return WriteStep::Over;
            }
        }
    }
    if closing && out::queued(wsi) == 0 {
        close::output_drained(may, cx, wsi);
        if wsi.id() != id || wsi.phase.get() == Phase::Dead {
            return WriteStep::Over;
        }
    }
    let is_asked = wsi.has(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE);
    if !is_asked || !wsi.has(flag::WRITABLE) || wsi.has(flag::BACKLOG) {
        return WriteStep::Enough;
    }
    if wsi.role.get() == Role::H2 {
        wsi.clear(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE);
        return WriteStep::Enough;
    }
    let may_write = match wsi.phase.get() {
        Phase::Established => true,
        Phase::Transaction => !super::transaction::is_leaving(wsi),
        Phase::AwaitReply => wsi.client.visit(|state| state.body_pending).unwrap_or(false),
        Phase::CloseSent => wsi.has(flag::OWES_WRITEABLE),
        _ => false,
    };
    if may_write { WriteStep::Call } else { WriteStep::Enough }
}

/// The write side of what the library writes itself. False: the program does.
fn pump(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    match wsi.phase.get() {
        Phase::Transaction if wsi.has(flag::SERVING_FILE) => super::file_serving::pump(may, cx, wsi),
        Phase::Transaction if wsi.has(flag::PROXIED) => super::proxy::pump(may, cx, wsi),
        Phase::Established if wsi.has(flag::ONWARD) => super::proxy::pump_onward(may, cx, wsi),
        Phase::Established if wsi.role.get() == Role::H2 => role::h2::write_side(may, cx, wsi),
        _ => return false,
    }
    true
}

/// Sends what is queued where that is due, and delivers WRITEABLE while it is wanted and nothing is backlogged.
fn write_side(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let is_pumped = wsi.has(flag::SERVING_FILE | flag::PROXIED | flag::ONWARD) || wsi.role.get() == Role::H2;
    if is_pumped && pump(may, cx, wsi) {
        return;
    }
    let id = wsi.id();
    for _ in 0..WRITE_BUDGET {
        if !is_asked_as_usual(wsi) {
            if is_satisfied(wsi) {
                break;
            }
            match before_writeable(may, cx, wsi) {
                WriteStep::Call => {}
                WriteStep::Enough => break,
                WriteStep::Over => return,
            }
        }
        wsi.clear(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE);
        let was_closing = wsi.is_closing();
        let reason = callback::writeable_reason(wsi);
        let verdict = callback::writeable(may, cx, wsi, reason);
        if !close::after_callback(may, cx, wsi, id, reason, verdict) {
            if !was_closing {
                if wsi.id() == id && wsi.phase.get() == Phase::CloseQueued {
                    continue;
                }
                break;
            }
            if wsi.id() != id || wsi.phase.get() == Phase::Dead {
                return;
            }
        }
    }
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return;
    }
    if out::queued(wsi) > 0 && wsi.has(flag::WRITABLE) {
        match out::flush(may, cx, wsi) {
            Flushed::All if wsi.is_closing() => cx.make_pending(wsi),
            Flushed::All | Flushed::Blocked => {}
            Flushed::Dead(error) => return lost_while_sending(may, cx, wsi, &error),
        }
    }
    let wants =
        wsi.has(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE) && wsi.has(flag::WRITABLE) && !wsi.has(flag::BACKLOG);
    let may_write = match wsi.phase.get() {
        Phase::Established | Phase::Transaction | Phase::CloseSent => true,
        Phase::AwaitReply => wsi.client.visit(|state| state.body_pending).unwrap_or(false),
        _ => false,
    };
    if wants && may_write {
        cx.make_pending(wsi);
    }
    poll_events::update(may, cx, wsi);
}

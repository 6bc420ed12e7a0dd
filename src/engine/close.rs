//! How a connection ends: who ends it, what is still sent, which callbacks come, in which order.
//!
//! # Theory of operation
//!
//! Three ways in. [`by_callback`]: a callback returned nonzero; a stored close reason makes it a close handshake
//! (RFC 6455 §7), queued output makes it a flush, else TCP ends. [`violated`]: the peer broke the protocol; a close
//! frame with the right code, then as above. [`at_once`]: no politeness (kill, timeout, lost TCP, destroy).
//! All lead to [`finish`], the only place that delivers the CLOSED family and WSI_DESTROY, once per connection.
use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::context::{Context, Group};
use super::deadline::{self, wait};
use super::log::{self, Level, Scope};
use super::table::WsiId;
use super::wsi::{Phase, Role, Wsi, flag};
use super::{client, linger, out, poll_events, role, trace};
use crate::proto::ws::error::PeerError;
use std::borrow::Cow;

/// Who ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Us,
    Peer,
    Timeout,
    /// A client connection that did not come about.
    Failure,
}

/// Why a connection ended; the first cause is kept, also for questions about a stale handle.
#[derive(Clone, Debug)]
pub struct CloseCause {
    pub who: Who,
    /// Close code that travelled, 0 for none.
    pub code: u16,
    pub text: Cow<'static, str>,
    /// When, on the monotonic clock, microseconds.
    pub at: u64,
    /// How far the connection was.
    pub step: Phase,
}

impl CloseCause {
    pub fn ours(text: impl Into<Cow<'static, str>>) -> Self {
        CloseCause { who: Who::Us, code: 0, text: text.into(), at: 0, step: Phase::Dead }
    }

    pub fn peer(text: impl Into<Cow<'static, str>>) -> Self {
        CloseCause { who: Who::Peer, code: 0, text: text.into(), at: 0, step: Phase::Dead }
    }

    pub fn timeout(what: &str) -> Self {
        CloseCause {
            who: Who::Timeout,
            code: 0,
            text: format!("timed out waiting for {what}").into(),
            at: 0,
            step: Phase::Dead,
        }
    }

    pub fn failure(text: impl Into<Cow<'static, str>>) -> Self {
        CloseCause { who: Who::Failure, ..Self::ours(text) }
    }

    pub fn with_code(mut self, code: u16) -> Self {
        self.code = code;
        self
    }
}

/// Remembers why, once, and says it.
fn record(cx: &Context, wsi: &Wsi, cause: CloseCause) {
    wsi.with_rare(|rare| {
        if rare.cause.is_some() {
            return;
        }
        if cause.who == Who::Timeout {
            cx.totals.timed_out.set(cx.totals.timed_out.get() + 1);
        }
        rare.cause = Some(CloseCause { at: cx.time(), step: wsi.phase.get(), ..cause });
    });
}

/// Remembers why a connection is about to end, if nothing is known yet.
pub fn note_cause(cx: &Context, wsi: &Wsi, cause: CloseCause) {
    record(cx, wsi, cause);
}

fn say_cause(wsi: &Wsi) {
    if !log::enabled(Level::Info, Scope::Wsi(wsi)) {
        return;
    }
    let cause = wsi.peek_rare(|rare| rare.cause.clone()).flatten();
    if let Some(CloseCause { who, code, text, .. }) = cause {
        let who = match who {
            Who::Us => "by us",
            Who::Peer => "by the peer",
            Who::Timeout => "by a timeout",
            Who::Failure => "before it was established",
        };
        let code = if code == 0 { String::new() } else { format!(", code {code}") };
        log::line(Level::Info, Scope::Wsi(wsi), "close", format_args!("ended {who}{code}: {text}"));
    }
}

/// What to do after any callback that may close: true when the connection goes on.
///
/// Looks first whether the program ended the connection (or the slot changed hands) meanwhile.
#[inline]
pub fn after_callback(may: &mut MayCall, cx: &Context, wsi: &Wsi, id: WsiId, reason: Reason, verdict: i32) -> bool {
    let goes_on = wsi.id() == id && wsi.phase.get() == Phase::Established && verdict == 0;
    if goes_on && wsi.are(flag::LIVE | flag::KILL, flag::LIVE) {
        return true;
    }
    judge(may, cx, wsi, id, reason, verdict)
}

/// [`after_callback`] where not everything is as usual.
fn judge(may: &mut MayCall, cx: &Context, wsi: &Wsi, id: WsiId, reason: Reason, verdict: i32) -> bool {
    if wsi.id() != id || !wsi.is_live() || wsi.phase.get() == Phase::Dead {
        return false;
    }
    if wsi.has(flag::KILL) {
        at_once(may, cx, wsi, CloseCause::ours("closed by the program (LWS_TO_KILL_SYNC)"));
        return false;
    }
    if verdict != 0 {
        by_callback(may, cx, wsi, reason, verdict);
        return false;
    }
    !wsi.is_closing()
}

/// The same for hooks that are no callback of a protocol, and have no return value that ends a connection. What was to end
/// soon ends now: the step of a handshake that follows would otherwise clear that wish with its own timeout.
pub fn after_hook(may: &mut MayCall, cx: &Context, wsi: &Wsi, id: WsiId) -> bool {
    let is_here = wsi.id() == id && wsi.is_live();
    if is_here && deadline::ends_soon(wsi) {
        wsi.set(flag::KILL);
    }
    after_callback(may, cx, wsi, id, Reason::User, 0)
}

/// A callback returned nonzero.
pub fn by_callback(may: &mut MayCall, cx: &Context, wsi: &Wsi, reason: Reason, verdict: i32) {
    let code = wsi.peek_rare(|rare| code_of(&rare.close_payload)).unwrap_or(0);
    let text = format!("callback of '{}' returned {verdict} at {}", cx.protocol_name(wsi), reason.name());
    record(cx, wsi, CloseCause::ours(text).with_code(code));
    if wsi.is_closing() {
        return finish(may, cx, wsi);
    }
    if wsi.role.get() == Role::Ws && wsi.has(flag::HAS_REASON) && !wsi.has(flag::WRITE_DEAD) {
        return send_close_frame(may, cx, wsi);
    }
    flush_then_finish(may, cx, wsi);
}

/// The peer broke the protocol: says so in a close frame (RFC 6455 §7.1.7), then the usual end.
pub fn violated(may: &mut MayCall, cx: &Context, wsi: &Wsi, error: PeerError) {
    let code = u16::from(error.close);
    log::line(Level::Notice, Scope::Wsi(wsi), "rx", format_args!("peer broke the protocol: {} ({code})", error.what));
    trace::note(cx, wsi, "broken", format_args!("the peer broke the protocol: {} ({code})", error.what));
    record(cx, wsi, CloseCause::ours(format!("protocol error of the peer: {}", error.what)).with_code(code));
    if wsi.is_closing() {
        return finish(may, cx, wsi);
    }
    wsi.with_rare(|rare| {
        rare.close_payload =
            crate::proto::ws::close::encode_close(error.close, error.what.as_bytes()).as_slice().to_vec();
    });
    wsi.set(flag::HAS_REASON);
    send_close_frame(may, cx, wsi);
}

/// Queues our close frame; the answer is awaited when it is out.
fn send_close_frame(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    wsi.phase.set(Phase::CloseQueued);
    deadline::clear_all(cx, wsi);
    let id = wsi.id();
    callback::drop_protocol(may, cx, wsi);
    if wsi.id() != id || wsi.phase.get() != Phase::CloseQueued {
        return;
    }
    let payload = wsi.peek_rare(|rare| rare.close_payload.clone()).unwrap_or_default();
    role::ws::send_close(cx, wsi, &payload);
    deadline::start_timeout(cx, wsi, wait::CLOSE_SEND, 5);
    cx.make_pending(wsi);
}

/// Sends what is queued, as long as the peer takes some of it every 5 s, then ends.
fn flush_then_finish(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    role::h2_stream::last_words(wsi);
    if linger::is_called_for(wsi) {
        wsi.set(flag::LINGERS);
    }
    if wsi.has(flag::WRITE_DEAD) || out::queued(wsi) == 0 {
        return finish(may, cx, wsi);
    }
    match out::flush(may, cx, wsi) {
        out::Flushed::Blocked => {
            wsi.phase.set(Phase::Flushing);
            deadline::clear_all(cx, wsi);
            wsi.with_rare(|rare| rare.flushed = 0);
            flush_goes_on(cx, wsi);
        }
        _ => finish(may, cx, wsi),
    }
}

/// Gives a flush another 5 s if the peer took something since the last time.
fn flush_goes_on(cx: &Context, wsi: &Wsi) -> bool {
    let taken = role::h2_stream::taken_by_peer(cx, wsi) + 1;
    let goes_on = wsi.with_rare(|rare| std::mem::replace(&mut rare.flushed, taken) < taken);
    if goes_on {
        deadline::start_timeout(cx, wsi, wait::FLUSH, 5);
    }
    goes_on
}

/// The time of one of the waits of an end is over.
pub fn end_timed_out(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if wsi.phase.get() != Phase::Flushing || !flush_goes_on(cx, wsi) {
        wsi.clear(flag::LINGERS);
        finish(may, cx, wsi);
    }
}

/// An http answer is queued and the connection ends when it is out, as long as the peer takes some of it every 5 s.
pub fn end_with_answer(may: &mut MayCall, cx: &Context, wsi: &Wsi, cause: CloseCause) {
    record(cx, wsi, cause);
    flush_then_finish(may, cx, wsi);
}

/// The peer's close frame was answered (the answer is queued): the connection ends when it is out, at most 3 s.
pub fn after_echo(may: &mut MayCall, cx: &Context, wsi: &Wsi, cause: CloseCause) {
    record(cx, wsi, cause);
    wsi.phase.set(Phase::CloseEchoed);
    deadline::clear_all(cx, wsi);
    deadline::start_timeout(cx, wsi, wait::FLUSH, 3);
    match out::flush(may, cx, wsi) {
        out::Flushed::Blocked => {}
        _ => finish(may, cx, wsi),
    }
}

/// Everything queued went out while the connection was ending: the next step of the end.
pub fn output_drained(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    match wsi.phase.get() {
        Phase::Flushing | Phase::CloseEchoed => finish(may, cx, wsi),
        Phase::CloseQueued => {
            wsi.phase.set(Phase::CloseSent);
            deadline::start_timeout(cx, wsi, wait::CLOSE_ACK, 5);
            // Applications see one WRITEABLE more while the answer is awaited, as they always did.
            wsi.set(flag::OWES_WRITEABLE);
        }
        _ => {}
    }
}

/// Ends without politeness: kill, timeout, lost TCP, destroy. Nothing is flushed.
pub fn at_once(may: &mut MayCall, cx: &Context, wsi: &Wsi, cause: CloseCause) {
    record(cx, wsi, cause);
    wsi.clear(flag::LINGERS);
    finish(may, cx, wsi);
}

/// TCP is gone or the peer sends no more.
pub fn lost(may: &mut MayCall, cx: &Context, wsi: &Wsi, cause: CloseCause) {
    record(cx, wsi, cause);
    wsi.clear(flag::LINGERS);
    finish(may, cx, wsi);
}

/// The last step, once per connection: it is watched no more, DROP, the CLOSED of its kind, WSI_DESTROY, TCP closed.
pub fn finish(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if wsi.phase.get() == Phase::Dead {
        return;
    }
    let before = wsi.phase.replace(Phase::Dead);
    say_cause(wsi);
    trace::ends(cx, wsi);
    deadline::clear_all(cx, wsi);
    wsi.pins.set(wsi.pins.get() + 1);
    super::proxy::ended(may, cx, wsi);
    if wsi.role.get() == Role::H2 {
        role::h2::before_end(may, cx, wsi);
    }
    close_children(may, cx, wsi);
    client::close_racing(may, cx, wsi);
    client::pipeline::ended(cx, wsi, before);
    if before == Phase::Resolving {
        client::connect::forget_lookup(may, cx, wsi);
    }
    super::head_pool::release(cx, wsi);
    if is_closed_at_once(cx, wsi) {
        poll_events::withdraw(may, cx, wsi);
    } else {
        poll_events::remove(may, cx, wsi);
    }
    callback::drop_protocol(may, cx, wsi);
    closed_callback(may, cx, wsi, before);
    tell_parent(may, cx, wsi);
    poll_events::end_pair(may, cx, wsi);
    if !matches!(wsi.role.get(), Role::Stub)
        && !wsi.has(flag::ONWARD)
        && (wsi.has(flag::CREATED) || wsi.is_client() || wsi.role.get() == Role::Listen)
    {
        callback::wsi_destroy(may, cx, wsi);
    }
    role::h2_stream::after_end(cx, wsi);
    if !cx.is_borrowed() {
        end_tls(may, wsi);
    }
    super::tls_limit::released(cx);
    super::file_serving::abandon(wsi);
    if let Some(socket) = wsi.socket.take()
        && !cx.is_borrowed()
    {
        if !wsi.has(flag::BROKEN) {
            let _ = socket.shutdown(std::net::Shutdown::Write);
        }
        linger::keep(cx, wsi, socket);
    }
    free_session(cx, wsi);
    free_retired_sessions(cx, wsi);
    trace::gone(cx, wsi);
    if wsi.has(flag::TAGGED) {
        cx.program.log_use(wsi.log_cx(), false);
        let group = if wsi.is_client() { Group::Client } else { Group::Server };
        cx.wsi_died(wsi, group);
    }
    wsi.pins.set(wsi.pins.get() - 1);
    cx.totals.add_ended(wsi.traffic());
    cx.bury(wsi);
}

/// Whether the connection has a socket that is closed when the connection ends. Files may be open elsewhere, too.
fn is_closed_at_once(cx: &Context, wsi: &Wsi) -> bool {
    wsi.role.get() != Role::RawFile && wsi.fd() >= 0 && !wsi.has(flag::LINGERS) && !cx.is_borrowed()
}

/// Gives session memory back unless it is the program's own.
pub fn free_session(cx: &Context, wsi: &Wsi) {
    let address = wsi.user.replace(0);
    if address != 0 && !wsi.has(flag::USER_IS_FOREIGN) {
        cx.program.free_session(address);
    }
}

/// Gives back what [`retire_session`] kept.
pub fn free_retired_sessions(cx: &Context, wsi: &Wsi) {
    if wsi.peek_rare(|rare| rare.retired_sessions.is_empty()) == Some(false) {
        let retired = wsi.with_rare(|rare| std::mem::take(&mut rare.retired_sessions));
        retired.into_iter().for_each(|session| cx.program.free_session(session));
    }
}

/// As [`free_session`], but a callback that is running keeps the memory it was given: until the connection gets another
/// session while none is running, or ends.
pub fn retire_session(cx: &Context, wsi: &Wsi) {
    if wsi.pins.get() == 0 || wsi.has(flag::USER_IS_FOREIGN) {
        return free_session(cx, wsi);
    }
    let address = wsi.user.replace(0);
    if address != 0 {
        wsi.with_rare(|rare| rare.retired_sessions.push(address));
    }
}

fn close_children(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let children = if wsi.peek_rare(|rare| !rare.children.is_empty()).unwrap_or(false) {
        wsi.with_rare(|rare| std::mem::take(&mut rare.children))
    } else {
        return;
    };
    for id in children {
        if let Some(child) = cx.wsi(id) {
            if child.pins.get() > 0 {
                // One of its callbacks is running: it ends when that returns.
                child.set(flag::KILL);
                cx.make_pending(child);
                continue;
            }
            child.with_rare(|rare| rare.parent = None);
            at_once(may, cx, child, CloseCause::ours("its parent connection closed"));
        }
    }
}

/// CHILD_CLOSING to the parent's protocol, `in` the child. Ignored.
fn tell_parent(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let Some(id) = wsi.peek_rare(|rare| rare.parent).flatten() else { return };
    wsi.with_rare(|rare| rare.parent = None);
    if let Some(parent) = cx.wsi(id) {
        parent.with_rare(|rare| rare.children.retain(|child| *child != wsi.id()));
        callback::notify(may, cx, parent, Reason::ChildClosing, Arg::Connection(wsi));
    }
}

/// The callback that tells the program that this kind of connection is over.
fn closed_callback(may: &mut MayCall, cx: &Context, wsi: &Wsi, before: Phase) {
    let reason = match (wsi.role.get(), wsi.is_client()) {
        (Role::Ws, true) if wsi.has(flag::ESTABLISHED) => Reason::ClientClosed,
        (Role::Ws, false) => Reason::Closed,
        (Role::Http | Role::RawSocket, true)
            if matches!(before, Phase::Idle | Phase::Resolving | Phase::Connecting | Phase::Proxy) =>
        {
            return client::report_unfinished(may, cx, wsi, before);
        }
        // As in the original: it was told COMPLETED_CLIENT_HTTP, and another transaction has its connection.
        (Role::Http, true) if wsi.has(flag::HANDED_OVER) => return,
        (Role::Http, true) if !wsi.has(flag::ERROR_REPORTED) => Reason::ClosedClientHttp,
        (Role::RawSocket, true) if wsi.has(flag::ERROR_REPORTED) => return,
        (Role::Http | Role::H2, false) if wsi.has(flag::ACCEPTED) && before != Phase::TlsHandshake => {
            Reason::ClosedHttp
        }
        (Role::RawSocket | Role::Udp, _) => Reason::RawClose,
        (Role::RawFile, _) => Reason::RawCloseFile,
        _ => return,
    };
    callback::notify(may, cx, wsi, reason, Arg::None);
}

/// A TLS close_notify, if it can leave at once; nothing waits for it.
fn end_tls(may: &mut MayCall, wsi: &Wsi) {
    if !wsi.has(flag::TLS) || wsi.has(flag::WRITE_DEAD | flag::BACKLOG) {
        return;
    }
    let mut records = Vec::new();
    wsi.tls.with(may, |tls| {
        tls.close_notify();
        tls.take_output(&mut records);
    });
    wsi.with_socket(|socket| drop(socket.send_with_flags(&records, libc::MSG_NOSIGNAL)));
}

/// The code of a close payload, 0 when it has none.
pub fn code_of(payload: &[u8]) -> u16 {
    match payload {
        [high, low, ..] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    }
}

/// `lws_close_reason`: stores what a later nonzero return sends. At most 123 bytes of text are kept.
pub fn set_reason(wsi: &Wsi, code: u16, text: &[u8]) {
    let text = &text[..text.len().min(crate::proto::ws::close::MAX_REASON)];
    wsi.with_rare(|rare| {
        rare.close_payload.clear();
        rare.close_payload.extend_from_slice(&code.to_be_bytes());
        rare.close_payload.extend_from_slice(text);
    });
    wsi.set(flag::HAS_REASON);
}

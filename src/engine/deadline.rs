//! Setting and clearing the deadlines of a connection, and what happens when one passes.
use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::Context;
use super::log::{self, Level, Scope};
use super::table::WsiId;
use super::timer::{Kind, Micros, NEVER, SECOND};
use super::wsi::{Phase, Role, Wsi, flag};
use super::{client, out, role, server};
use std::cell::Cell;

/// PENDING_TIMEOUT_* values the engine uses for its own waits.
pub mod wait {
    pub const NONE: u32 = 0;
    pub const PROXY_REPLY: u32 = 1;
    pub const ESTABLISH: u32 = 3;
    pub const SERVER_REPLY: u32 = 4;
    pub const CLOSE_ACK: u32 = 6;
    pub const CONNECT: u32 = 8;
    pub const TLS: u32 = 9;
    pub const HTTP_CONTENT: u32 = 10;
    pub const FLUSH: u32 = 13;
    pub const HTTP_KEEPALIVE: u32 = 15;
    pub const CLOSE_SEND: u32 = 24;
    pub const HEAD_PLACE: u32 = 21;
    pub const HEAD: u32 = 25;
    /// Not a wait of the original: LWS_TO_KILL_ASYNC.
    pub const KILL: u32 = 998;
    /// A listener rests after the process ran out of descriptors.
    pub const ACCEPT_PAUSE: u32 = 999;
    /// Not a timeout of its own: the end of the validity clock.
    pub const VALIDITY: u32 = 997;
    pub const USER_BASE: u32 = 1000;
}

fn field(wsi: &Wsi, kind: Kind) -> Option<&Cell<Micros>> {
    match kind {
        Kind::Timeout => Some(&wsi.timeout_at),
        Kind::UserTimer => Some(&wsi.timer_at),
        Kind::Validity => Some(&wsi.validity_at),
        Kind::ConnectTotal | Kind::NextAddress => None,
    }
}

/// Sets the deadline `kind` to `after` from now, or clears it with `None`.
pub fn set(cx: &Context, wsi: &Wsi, kind: Kind, after: Option<Micros>) {
    // A dead connection has no future. Nothing is due at once: what is set from inside a turn waits for the next one.
    let after = after.filter(|_| wsi.phase.get() != Phase::Dead);
    // The clock is read anew: the callback that asks may have run for long. The turn's own time stays, so `run_due` ends.
    let at = after.map_or(NEVER, |after| super::sys::now_micros().saturating_add(after.max(1)));
    let old = match field(wsi, kind) {
        Some(cell) => cell.replace(at),
        None => wsi.client.visit(|state| std::mem::replace(state.deadline(kind), at)).unwrap_or(at),
    };
    cx.timers.reschedule(wsi.id(), kind, old, at);
}

/// What a wait with this reason is for, in words.
fn in_words(reason: u32) -> &'static str {
    match reason {
        wait::PROXY_REPLY => "the proxy's answer",
        wait::SERVER_REPLY => "the server's reply",
        wait::CLOSE_ACK => "the peer's answer to our close",
        wait::CONNECT => "a TCP connect to one address",
        wait::TLS => "the TLS handshake",
        wait::HTTP_CONTENT => "the rest of the http transaction",
        wait::FLUSH => "queued output to be sent before closing",
        wait::HTTP_KEEPALIVE => "the next request, or the peer to close",
        wait::CLOSE_SEND => "our close frame to be sent",
        wait::HEAD => "the request head",
        wait::HEAD_PLACE => "a place to read its request (max_http_header_pool)",
        wait::VALIDITY => "proof that the peer is alive (validity)",
        _ => "what the program set a timeout for",
    }
}

/// Starts the one timeout of a connection: after `secs` it is closed for this reason. 0 clears.
pub fn start_timeout(cx: &Context, wsi: &Wsi, reason: u32, secs: u32) {
    wsi.timeout_reason.set(u16::try_from(reason).unwrap_or(u16::MAX));
    set(cx, wsi, Kind::Timeout, (secs != 0).then(|| u64::from(secs) * SECOND));
}

/// As [`start_timeout`], but after so many microseconds.
pub fn set_for(cx: &Context, wsi: &Wsi, reason: u32, after: Micros) {
    wsi.timeout_reason.set(u16::try_from(reason).unwrap_or(u16::MAX));
    set(cx, wsi, Kind::Timeout, Some(after));
}

pub fn clear_timeout(cx: &Context, wsi: &Wsi) {
    if wsi.timeout_at.get() != NEVER {
        set(cx, wsi, Kind::Timeout, None);
    }
}

/// The program asked for the end of the connection at the next turn (LWS_TO_KILL_ASYNC).
pub fn ends_soon(wsi: &Wsi) -> bool {
    wsi.timeout_at.get() != NEVER && u32::from(wsi.timeout_reason.get()) == wait::KILL
}

/// All deadlines of a connection that ends.
pub fn clear_all(cx: &Context, wsi: &Wsi) {
    for kind in [Kind::Timeout, Kind::UserTimer, Kind::Validity] {
        if field(wsi, kind).is_some_and(|cell| cell.get() != NEVER) {
            set(cx, wsi, kind, None);
        }
    }
    if wsi.client.is_set() {
        set(cx, wsi, Kind::ConnectTotal, None);
        set(cx, wsi, Kind::NextAddress, None);
    }
}

/// Acts on every deadline that has passed.
pub fn run_due(may: &mut MayCall, cx: &Context) {
    while let Some((id, kind)) = cx.timers.pop_due(cx.now.get()) {
        cx.worked.set(true);
        let Some(wsi) = cx.wsi(id).filter(|wsi| wsi.phase.get() != Phase::Dead) else { continue };
        match field(wsi, kind) {
            Some(cell) => cell.set(NEVER),
            None => drop(wsi.client.visit(|state| *state.deadline(kind) = NEVER)),
        }
        match kind {
            Kind::Timeout => timed_out(may, cx, wsi),
            Kind::UserTimer => user_timer(may, cx, wsi, id),
            Kind::Validity => validity_due(may, cx, wsi),
            Kind::ConnectTotal => client::connect_took_too_long(may, cx, wsi),
            Kind::NextAddress => client::start_next_address(may, cx, wsi),
        }
        if cx.life.get() != super::context::Life::Running {
            break;
        }
    }
}

fn timed_out(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let reason = u32::from(wsi.timeout_reason.get());
    let what = in_words(reason);
    let text = format_args!("TIMEDOUT WAITING on {reason} ({what})");
    log::line(Level::Info, Scope::Wsi(wsi), "lws_sul_wsitimeout_cb", text);
    if reason == wait::ACCEPT_PAUSE {
        return role::listen::resume(cx, wsi);
    }
    match wsi.phase.get() {
        Phase::Flushing | Phase::CloseQueued | Phase::CloseSent | Phase::CloseEchoed => {
            close::end_timed_out(may, cx, wsi);
        }
        phase if wsi.is_client() && is_connecting(phase) && reason < wait::USER_BASE && reason != wait::KILL => {
            client::step_timed_out(may, cx, wsi);
        }
        _ if reason == wait::KILL => {
            close::at_once(may, cx, wsi, CloseCause::ours("closed by the program (timeout or lws_wsi_close)"))
        }
        _ if matches!(reason, wait::HEAD | wait::HTTP_CONTENT | wait::HTTP_KEEPALIVE)
            && server::answer_timeout(may, cx, wsi, what) => {}
        _ => close::at_once(may, cx, wsi, CloseCause::timeout(what)),
    }
}

fn is_connecting(phase: Phase) -> bool {
    matches!(phase, Phase::Resolving | Phase::Connecting | Phase::Proxy | Phase::TlsHandshake | Phase::AwaitReply)
}

/// TIMER. Nonzero closes.
fn user_timer(may: &mut MayCall, cx: &Context, wsi: &Wsi, id: WsiId) {
    let verdict = callback::strict(may, cx, wsi, Reason::Timer, Arg::None, "closes the connection");
    close::after_callback(may, cx, wsi, id, Reason::Timer, verdict);
}

/// The clock of validity starts anew: at establishment, and whenever the peer proved to be there.
pub fn confirm_validity(cx: &Context, wsi: &Wsi) {
    if wsi.role.get() != Role::Ws || wsi.is_closing() {
        return;
    }
    wsi.clear(flag::PINGED);
    let policy = policy(wsi);
    set(cx, wsi, Kind::Validity, policy.ping_after().or(policy.hangup_after()));
}

/// The ping and hang-up times that count for a connection: its own, else those of its vhost.
pub fn policy(wsi: &Wsi) -> super::vhost::RetryPolicy {
    wsi.peek_rare(|rare| rare.policy)
        .flatten()
        .or_else(|| wsi.with_vhost(|vhost| vhost.settings.policy))
        .unwrap_or_default()
}

fn validity_due(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if wsi.is_closing() {
        return;
    }
    let policy = policy(wsi);
    match policy.ping_after() {
        Some(ping) if !wsi.has(flag::PINGED) => {
            wsi.set(flag::PINGED);
            role::ws::send_ping(cx, wsi);
            wsi.set(flag::OWES_WRITEABLE);
            cx.make_pending(wsi);
            set(cx, wsi, Kind::Validity, policy.hangup_after().map(|hangup| hangup.saturating_sub(ping).max(1)));
            out::flush(may, cx, wsi);
        }
        _ => {
            let text = format_args!(
                "no pong and no lws_validity_confirmed() for {} s: hanging up (retry_and_idle_policy)",
                policy.hangup_secs
            );
            log::line(Level::Notice, Scope::Wsi(wsi), "validity", text);
            close::at_once(may, cx, wsi, CloseCause::timeout("proof that the peer is alive (validity)"));
        }
    }
}

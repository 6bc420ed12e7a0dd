//! What programs ask of a connection: to write, to be told when they may, times, flow control.
//!
//! Calls about the connection that is visited anyway only leave a note; others have it visited.
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::Context;
use super::wsi::{Phase, Role, Wsi, flag};
use super::{deadline, out, poll_events, role};

/// [`request_writeable`] of the connection that is visited, a visit being what ends with WRITEABLE callbacks. False: it is
/// another one, or not open, and nothing was done.
#[inline(always)]
pub fn request_writeable_usual(cx: &Context, wsi: &Wsi) -> bool {
    if cx.servicing.get() != Some(wsi.id())
        || wsi.phase.get() != Phase::Established
        || wsi.role.get() == Role::H2
        || wsi.has(flag::WRITE_DEAD)
    {
        return false;
    }
    wsi.set(flag::WANTS_WRITEABLE);
    true
}

/// `lws_callback_on_writable`: 1 noted, 0 going down.
pub fn request_writeable(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> i32 {
    // Of an http/2 connection only the streams write.
    if wsi.is_closing() || wsi.has(flag::WRITE_DEAD) || wsi.role.get() == Role::H2 {
        return 0;
    }
    wsi.set(flag::WANTS_WRITEABLE);
    // The visit that is under way ends with its WRITEABLE callbacks; no other one is needed.
    if wsi.has(flag::WRITABLE) && !wsi.has(flag::BACKLOG) && cx.servicing.get() != Some(wsi.id()) {
        cx.make_pending(wsi);
    }
    if cx.depth.get() == 0 {
        poll_events::update(may, cx, wsi);
        cx.note_waiting();
    }
    1
}

/// [`write`] of what programs mostly write. False: it may be anything else, and nothing was done.
#[inline(always)]
pub fn write_usual(cx: &Context, wsi: &Wsi, payload: &[u8], kind: i32) -> bool {
    wsi.role.get() == Role::Ws && role::ws::write_usual(cx, wsi, payload, kind)
}

/// `lws_write`. Err: nothing was queued, with the reason.
pub fn write(may: &mut MayCall, cx: &Context, wsi: &Wsi, payload: &[u8], kind: i32) -> Result<usize, &'static str> {
    if !out::has_memory_for(wsi, payload.len()) {
        return Err("no memory for the bytes that the socket would not take at once");
    }
    match wsi.role.get() {
        // An answer of the program at one of the filter callbacks: still http on the wire.
        Role::Ws if wsi.phase.get() == Phase::RequestHead => write_http(may, cx, wsi, payload, kind),
        Role::Ws => role::ws::write(may, cx, wsi, payload, kind),
        Role::Http if wsi.phase.get() == Phase::Queued => Err("its request waits for a connection (LCCSCF_PIPELINE)"),
        Role::Http => write_http(may, cx, wsi, payload, kind),
        Role::RawSocket => role::raw::write(may, cx, wsi, payload),
        Role::Udp => super::udp::write(cx, wsi, payload),
        Role::RawFile => role::raw_file::write(wsi, payload),
        Role::H2 => Err("the http/2 connection itself: write to one of its streams"),
        Role::Vacant | Role::Stub | Role::Listen => Err("not a connection that can be written to"),
    }
}

/// A head or body bytes of the program, sent as they are; what is behind the end of an answer is left out.
fn write_http(may: &mut MayCall, cx: &Context, wsi: &Wsi, payload: &[u8], kind: i32) -> Result<usize, &'static str> {
    if wsi.has(flag::STREAM) {
        role::h2_stream::write(may, cx, wsi, payload, kind)?;
    } else if super::reply::is_too_late(wsi, payload.len()) {
        return Ok(payload.len());
    } else {
        let sent = &payload[..super::reply::within_answer(wsi, payload)];
        role::raw::write(may, cx, wsi, sent)?;
    }
    super::reply::note_answered(wsi);
    Ok(payload.len())
}

/// LWS_TO_KILL_ASYNC and LWS_TO_KILL_SYNC.
pub const KILL_ASYNC: i32 = -1;
pub const KILL_SYNC: i32 = -2;

/// `lws_set_timeout`: seconds, 0 to clear, or one of the kill values.
pub fn set_timeout(may: &mut MayCall, cx: &Context, wsi: &Wsi, reason: u32, secs: i32) {
    match secs {
        KILL_SYNC if wsi.pins.get() == 0 => {
            close::at_once(may, cx, wsi, CloseCause::ours("closed by the program (LWS_TO_KILL_SYNC)"));
        }
        KILL_SYNC => {
            wsi.set(flag::KILL);
            cx.make_pending(wsi);
        }
        KILL_ASYNC => {
            wsi.timeout_reason.set(deadline::wait::KILL as u16);
            deadline::set(cx, wsi, super::timer::Kind::Timeout, Some(0));
        }
        _ if reason == 0 || secs <= 0 => deadline::clear_timeout(cx, wsi),
        _ => deadline::start_timeout(cx, wsi, reason.max(1), secs as u32),
    }
}

/// `lws_set_timer_usecs`; -1 cancels.
pub fn set_timer(cx: &Context, wsi: &Wsi, us: i64) {
    deadline::set(cx, wsi, super::timer::Kind::UserTimer, u64::try_from(us).ok());
}

/// `lws_rx_flow_control`: 0 stops, 1 resumes, or a set of reason bits.
pub fn rx_flow(cx: &Context, wsi: &Wsi, bits: i32) {
    const APPLIES: i32 = 1 << 14;
    const ENABLE: i32 = (1 << 13) | APPLIES;
    const REASONS: i32 = 0xfff;
    let held = wsi.rx_held.get();
    let held = if bits & APPLIES != 0 {
        let mask = (bits & REASONS) as u16;
        if bits & ENABLE == ENABLE { held & !mask } else { held | mask }
    } else if bits & 1 != 0 {
        held & !super::wsi::RX_USER_BIT
    } else {
        held | super::wsi::RX_USER_BIT
    };
    let was = wsi.rx_held.replace(held);
    if was != 0 && held == 0 {
        cx.make_pending(wsi);
    }
}

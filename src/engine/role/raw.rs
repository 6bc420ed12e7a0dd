//! The raw role: bytes of a socket as they come.
use crate::engine::callback::{self, Arg, Reason};
use crate::engine::cell::MayCall;
use crate::engine::close::{self, CloseCause};
use crate::engine::context::{Context, PRE};
use crate::engine::input::{self, Input};
use crate::engine::out;
use crate::engine::role::ws::QUEUE_LIMIT;
use crate::engine::trace::{self, Way};
use crate::engine::wsi::{Phase, Role, Wsi, flag};

/// Reads in one turn before other connections get theirs.
const READ_BUDGET: u32 = 8;

/// RAW_RX for every read. Negative closes; positive is ignored.
pub fn on_readable(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    let size = (wsi.piece_limit.get() as usize).max(1);
    for _ in 0..READ_BUDGET {
        if wsi.rx_held.get() != 0 || wsi.phase.get() != Phase::Established {
            return;
        }
        let Some(mut buffer) = input::Lent::of(cx, PRE + size + 1) else {
            return close::at_once(may, cx, wsi, CloseCause::ours(input::NO_MEMORY));
        };
        let input = input::read_after_stash(may, cx, wsi, &mut buffer[PRE..PRE + size]);
        let go_on = match input {
            Input::Bytes(count) => {
                buffer[PRE + count] = 0;
                trace::bytes(cx, wsi, Way::In, "raw", count);
                let reason = Reason::RawRx;
                let argument = Arg::Bytes(buffer[PRE..].as_mut_ptr(), count);
                let verdict = callback::strict(may, cx, wsi, reason, argument, "closes if negative");
                close::after_callback(may, cx, wsi, id, reason, verdict.min(0))
            }
            Input::Empty => false,
            Input::End => {
                close::lost(may, cx, wsi, CloseCause::peer("FIN"));
                false
            }
            Input::Failed(why) => {
                close::lost(may, cx, wsi, CloseCause::peer(why));
                false
            }
        };
        if !go_on || wsi.stash_len() == 0 && !wsi.has(flag::READABLE | flag::HUNG_UP) && !input::has_more(wsi) {
            return;
        }
    }
    cx.make_pending(wsi);
}

/// `lws_write` on a raw or http connection: the bytes as they are.
pub fn write(may: &mut MayCall, cx: &Context, wsi: &Wsi, payload: &[u8]) -> Result<usize, &'static str> {
    if wsi.is_closing() || wsi.has(flag::WRITE_DEAD) {
        return Err("the connection is closing");
    }
    if out::queued(wsi) > QUEUE_LIMIT {
        return Err("too much is queued already: the program does not wait for WRITEABLE");
    }
    trace::sends(cx, wsi, payload, if wsi.role.get() == Role::RawSocket { "raw" } else { "body" });
    if payload.len() >= out::STRAIGHT_BYTES && !wsi.has(flag::TLS) && wsi.has(flag::WRITABLE) {
        out::send_straight(cx, wsi, &[], payload);
    } else {
        out::append(cx, wsi, |queue| queue.extend_from_slice(payload));
        if out::queued(wsi) > out::CORK_BYTES && wsi.has(flag::WRITABLE) && !wsi.has(flag::BACKLOG) {
            out::flush(may, cx, wsi);
        }
    }
    Ok(payload.len())
}

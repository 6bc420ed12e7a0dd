//! The raw-file role: the program reads and writes the descriptor itself, it is only told when that can be done.
use crate::engine::callback::{self, Arg, Reason};
use crate::engine::cell::MayCall;
use crate::engine::close::{self, CloseCause};
use crate::engine::context::Context;
use crate::engine::sys;
use crate::engine::wsi::{Phase, Wsi, flag};

/// RAW_RX_FILE while there is something to read. Nonzero closes, and so does a hangup without data.
pub fn on_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if wsi.rx_held.get() != 0 || wsi.phase.get() != Phase::Established || !wsi.has(flag::READABLE | flag::HUNG_UP) {
        return;
    }
    let id = wsi.id();
    let state = sys::poll_now(wsi.fd());
    if !state.readable {
        wsi.clear(flag::READABLE | flag::HUNG_UP);
        if state.hung_up {
            close::lost(may, cx, wsi, CloseCause::peer("hangup"));
        }
        return;
    }
    let reason = Reason::RawRxFile;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "closes the descriptor");
    if !close::after_callback(may, cx, wsi, id, reason, verdict) {
        return;
    }
    // The poller tells edges, the program may have read a part: what is left is looked at in the next turn.
    let state = sys::poll_now(wsi.fd());
    if state.readable || state.hung_up {
        wsi.set(flag::READABLE);
        cx.make_pending(wsi);
    } else {
        wsi.clear(flag::READABLE | flag::HUNG_UP);
    }
}

/// `lws_write` on a descriptor: one write(2), nothing is queued. 0: it takes nothing now.
pub fn write(wsi: &Wsi, payload: &[u8]) -> Result<usize, &'static str> {
    match sys::write(wsi.fd(), payload) {
        Ok(count) => Ok(count),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
            wsi.clear(flag::WRITABLE);
            Ok(0)
        }
        Err(_) => Err("the descriptor cannot be written to"),
    }
}

//! Why a connection ended, as a struct.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::types::oxlws_ended;
use crate::abi::enter;
use crate::abi::layout::lws;
use crate::engine::close::{CloseCause, Who};
use crate::engine::wsi::Phase;
use std::ffi::{c_char, c_int};

/// Values of `by` and `step`; include/oxlws.h has the same.
mod value {
    use std::ffi::c_int;
    pub const BY_US: c_int = 1;
    pub const BY_PEER: c_int = 2;
    pub const BY_TIMEOUT: c_int = 3;
    pub const BY_FAILURE: c_int = 4;
    pub const STEP_RESOLVING: c_int = 1;
    pub const STEP_CONNECTING: c_int = 2;
    pub const STEP_PROXY: c_int = 3;
    pub const STEP_TLS: c_int = 4;
    pub const STEP_HTTP: c_int = 5;
    pub const STEP_OPEN: c_int = 6;
    pub const STEP_CLOSING: c_int = 7;
}

/// Tells why a connection ended.
///
/// To be called in its CLOSED, CLIENT_CLOSED, CLOSED_HTTP, RAW_CLOSE or CLIENT_CONNECTION_ERROR callback, or later with the
/// dead pointer, which is recognised as such: what is known stays until the place in the library's table is used by another
/// connection (at the earliest 256 connections later). `size`: sizeof(*ended).
///
/// Returns 1 and fills `*ended`; 0: the connection has not ended; -1: nothing is known (the log says
/// why it is no connection).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_wsi_ended(wsi: *mut lws, ended: *mut oxlws_ended, size: usize) -> c_int {
    let mut told = None;
    let result = enter::on_wsi_or_former("oxlws_wsi_ended", -1, wsi, |cx, wsi, exists| {
        match wsi.peek_rare(|rare| rare.cause.clone()).flatten() {
            Some(cause) => {
                told = Some(in_c(&cause, cx.time()));
                1
            }
            None if exists && wsi.phase.get() != Phase::Dead => 0,
            None => -1,
        }
    });
    if let Some(told) = told {
        // SAFETY: the program's variable of at least `size` bytes.
        unsafe { super::types::give(&told, ended, size) };
    }
    result
}

fn in_c(cause: &CloseCause, now: u64) -> oxlws_ended {
    let by = match cause.who {
        Who::Us => value::BY_US,
        Who::Peer => value::BY_PEER,
        Who::Timeout => value::BY_TIMEOUT,
        Who::Failure => value::BY_FAILURE,
    };
    let step = match cause.step {
        Phase::Idle | Phase::Resolving => value::STEP_RESOLVING,
        Phase::Connecting | Phase::Queued => value::STEP_CONNECTING,
        Phase::Proxy => value::STEP_PROXY,
        Phase::TlsHandshake => value::STEP_TLS,
        Phase::AwaitReply | Phase::RequestHead => value::STEP_HTTP,
        Phase::Established | Phase::Transaction | Phase::ReplyBody | Phase::ReplyDone => value::STEP_OPEN,
        Phase::CloseQueued | Phase::CloseSent | Phase::CloseEchoed | Phase::Flushing | Phase::Dead => {
            value::STEP_CLOSING
        }
    };
    let mut text = [0; 256];
    let mut end = cause.text.len().min(text.len() - 1);
    while !cause.text.is_char_boundary(end) {
        end -= 1;
    }
    for (to, from) in text.iter_mut().zip(cause.text.as_bytes()[..end].iter().take_while(|byte| **byte != 0)) {
        *to = *from as c_char;
    }
    oxlws_ended { by, step, close_code: c_int::from(cause.code), ago_us: now.saturating_sub(cause.at), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let told = in_c(&CloseCause { at: 5, ..CloseCause::peer("ä".repeat(200)) }, 12);
        let length = told.text.iter().position(|byte| *byte == 0);
        assert_eq!((length, told.ago_us, told.by), (Some(254), 7, value::BY_PEER));
    }
}

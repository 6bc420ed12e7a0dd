//! The two clocks of the API.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::guard;
use super::layout::lws_usec_t;
use crate::engine::sys;
use std::ffi::c_ulong;
use std::time::{SystemTime, UNIX_EPOCH};

/// Returns microseconds on the monotonic clock: good for differences, not a time of day. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_now_usecs() -> lws_usec_t {
    guard::pure("lws_now_usecs", 0, now_usecs)
}

/// Returns the time of day in seconds since 1970. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_now_secs() -> c_ulong {
    guard::pure("lws_now_secs", 0, || {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as c_ulong)
    })
}

/// As `lws_now_usecs`.
pub fn now_usecs() -> lws_usec_t {
    lws_usec_t::try_from(sys::now_micros()).unwrap_or(lws_usec_t::MAX)
}

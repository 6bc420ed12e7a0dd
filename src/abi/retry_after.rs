//! What a server asks for with Retry-After (RFC 9110 §10.2.3), and retries by a connection's own policy.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use super::{handle, retry, sul};
use crate::engine::deadline;
use crate::engine::wsi::Wsi;
use crate::proto::http::token::Token;
use crate::proto::text::dates;
use std::ffi::c_int;
use std::ptr;
use std::time::{SystemTime, UNIX_EPOCH};

const MICROS: i64 = 1_000_000;

/// Raises `*us_interval_in_out` to what the Retry-After header of the reply asks for.
///
/// Returns 0 if it was raised; 1 if it stays: no such header, not understandable, or not longer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_check_retry_after(wsi: *mut lws, us_interval_in_out: *mut lws_usec_t) -> c_int {
    enter::on_wsi("lws_http_check_retry_after", 1, wsi, Access::Getter, |_, _, wsi| {
        // SAFETY: NULL or a variable of the program.
        let Some(interval) = (unsafe { us_interval_in_out.as_mut() }) else { return 1 };
        match asked_us(wsi).filter(|asked| *asked > *interval) {
            Some(asked) => {
                *interval = asked;
                0
            }
            None => 1,
        }
    })
}

/// The interval that the reply of this connection asks for, microseconds.
fn asked_us(wsi: &Wsi) -> Option<i64> {
    let (value, date) = wsi
        .http
        .visit(|http| {
            let headers = http.headers()?;
            Some((headers.joined(Token::HttpRetryAfter)?, headers.joined(Token::HttpDate)))
        })
        .flatten()?;
    let now = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    };
    interval_us(&value, date.as_deref(), now)
}

/// Value of Retry-After: up to 8 characters are seconds, more are a date, which counts from the reply's own Date.
fn interval_us(value: &[u8], date: Option<&[u8]>, now: impl Fn() -> i64) -> Option<i64> {
    let value = value.trim_ascii();
    if value.len() < 9 {
        let seconds: u32 = std::str::from_utf8(value).ok()?.parse().ok()?;
        return Some(i64::from(seconds) * MICROS);
    }
    let until = dates::parse(value)?;
    let from = date.and_then(|date| dates::parse(date.trim_ascii())).unwrap_or_else(now);
    until.checked_sub(from)?.checked_mul(MICROS)
}

/// As `lws_retry_sul_schedule`, with the policy of the connection; a Retry-After of its reply makes the delay longer.
///
/// Returns 0; 1 and schedules nothing if there have been more tries than the policy conceals.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_retry_sul_schedule_retry_wsi(
    wsi: *mut lws,
    sul: *mut lws_sorted_usec_list_t,
    cb: sul_cb_t,
    ctry: *mut u16,
) -> c_int {
    enter::on_wsi("lws_retry_sul_schedule_retry_wsi", 1, wsi, Access::Service, |_, cx, wsi| {
        if sul.is_null() {
            return 1;
        }
        let policy: *const lws_retry_bo_t = ptr::with_exposed_provenance(deadline::policy(wsi).address);
        // SAFETY: the program's policy, which it keeps as long as the connection (0: the built-in one), and its counter.
        let (delay_ms, concealed) = unsafe {
            let mut tries = if ctry.is_null() { 0 } else { *ctry };
            let next = retry::next_delay(policy.as_ref(), &mut tries);
            if !ctry.is_null() {
                *ctry = tries;
            }
            next
        };
        if !concealed {
            return 1;
        }
        let us = (i64::from(delay_ms) * 1000).max(asked_us(wsi).unwrap_or(0));
        let context = handle::of_context(usize::from(cx.number));
        // SAFETY: the program's timer, as it promises for `lws_sul_schedule`.
        unsafe { sul::lws_sul_schedule(context, 0, sul, cb, us) };
        0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_become_intervals() {
        let now = || 1_700_000_000;
        assert_eq!(interval_us(b" 120 ", None, now), Some(120 * MICROS));
        assert_eq!(interval_us(b"12x", None, now), None);
        assert_eq!(interval_us(b"-5", None, now), None);
        let later = b"Tue, 14 Nov 2023 22:14:20 GMT";
        assert_eq!(interval_us(later, None, now), Some(60 * MICROS));
        assert_eq!(interval_us(later, Some(b"Tue, 14 Nov 2023 22:14:00 GMT"), now), Some(20 * MICROS));
        assert_eq!(interval_us(b"some day next week", None, now), None);
    }
}

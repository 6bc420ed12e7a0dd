//! Retry policies: how long to wait before the next try.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::layout::{
    LWS_RETRY_CONCEAL_ALWAYS, lws_context, lws_retry_bo, lws_retry_bo_t, lws_sorted_usec_list_t, lws_usec_t, sul_cb_t,
};
use super::{guard, sul};
use std::ffi::{c_char, c_int, c_uint};
use std::hash::{BuildHasher, Hasher, RandomState};

/// Without a policy, or one without times.
const DEFAULT_DELAY_MS: u32 = 3000;
/// Where the policy says 0; there is no way to ask for none.
const DEFAULT_JITTER_PERCENT: u8 = 30;

/// Returns the milliseconds to wait before the next try, and counts it.
///
/// `*ctry`: tries so far, 0 at first. `retry`: NULL for 3 s each time; else its table has the times of the first tries
/// and the last entry those of all others. A random part of up to `jitter_percent` (0: 30) is added. `*conceal` (may be
/// NULL) becomes 1 while there have not been more than `conceal_count` tries, else 0: time to tell somebody.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_retry_get_delay_ms(
    context: *mut lws_context,
    retry: *const lws_retry_bo_t,
    ctry: *mut u16,
    conceal: *mut c_char,
) -> c_uint {
    let _ = context;
    guard::pure("lws_retry_get_delay_ms", DEFAULT_DELAY_MS, || {
        // SAFETY: `retry` is NULL or a valid policy, `ctry` and `conceal` NULL or valid.
        unsafe {
            let mut tries = if ctry.is_null() { 0 } else { *ctry };
            let (delay_ms, concealed) = next_delay(retry.as_ref(), &mut tries);
            if !ctry.is_null() {
                *ctry = tries;
            }
            if !conceal.is_null() {
                *conceal = c_char::from(concealed);
            }
            delay_ms
        }
    })
}

/// Schedules `cb(sul)` after the time that `lws_retry_get_delay_ms` tells.
///
/// Returns 0; 1 and schedules nothing if there have been more than `conceal_count` tries. `tid` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_retry_sul_schedule(
    context: *mut lws_context,
    tid: c_int,
    sul: *mut lws_sorted_usec_list_t,
    retry: *const lws_retry_bo_t,
    cb: sul_cb_t,
    ctry: *mut u16,
) -> c_int {
    guard::pure("lws_retry_sul_schedule", 1, || {
        let mut conceal = 0;
        // SAFETY: the program's promises are those of the two functions.
        unsafe {
            let delay_ms = lws_retry_get_delay_ms(context, retry, ctry, &raw mut conceal);
            if conceal == 0 {
                return 1;
            }
            sul::lws_sul_schedule(context, tid, sul, cb, lws_usec_t::from(delay_ms) * 1000);
        }
        0
    })
}

/// The delay before the next try in milliseconds, and whether failures are still concealed; counts `tries`.
///
/// # Safety
/// The table of `policy` has as many entries as it says.
pub unsafe fn next_delay(policy: Option<&lws_retry_bo>, tries: &mut u16) -> (u32, bool) {
    let table = match policy {
        Some(policy) if !policy.retry_ms_table.is_null() => {
            // SAFETY: the caller's promise.
            unsafe { std::slice::from_raw_parts(policy.retry_ms_table, policy.retry_ms_table_count.into()) }
        }
        _ => &[],
    };
    let base = table.get(usize::from(*tries)).or(table.last()).copied().unwrap_or(DEFAULT_DELAY_MS);
    let percent = policy.map(|policy| policy.jitter_percent).filter(|percent| *percent != 0);
    let percent = percent.unwrap_or(DEFAULT_JITTER_PERCENT);
    *tries = tries.saturating_add(1);
    let concealed =
        policy.is_some_and(|policy| policy.conceal_count == LWS_RETRY_CONCEAL_ALWAYS || *tries <= policy.conceal_count);

    let jitter = u64::from(base) * u64::from(percent) * u64::from(random_u16()) / 65536 / 100;
    (u32::try_from(u64::from(base) + jitter).unwrap_or(u32::MAX), concealed)
}

/// Spreads clients that failed at the same time; no secret.
fn random_u16() -> u16 {
    RandomState::new().build_hasher().finish() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_stays_within_base_and_jitter_and_never_overflows() {
        let table = [10, u32::MAX];
        let policy = lws_retry_bo {
            retry_ms_table: table.as_ptr(),
            retry_ms_table_count: 2,
            conceal_count: 1,
            secs_since_valid_ping: 0,
            secs_since_valid_hangup: 0,
            jitter_percent: 100,
        };
        let mut tries = 0;
        // SAFETY: the table has two entries.
        unsafe {
            let (delay_ms, concealed) = next_delay(Some(&policy), &mut tries);
            assert!((10..=20).contains(&delay_ms) && concealed);
            assert_eq!(next_delay(Some(&policy), &mut tries), (u32::MAX, false));
            tries = u16::MAX;
            next_delay(Some(&policy), &mut tries);
            assert_eq!(tries, u16::MAX);
        }
    }
}

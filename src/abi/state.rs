//! `lws_state`: a number that moves in steps, and notifiers that may veto each step.
//!
//! Managers and notifiers are structs of the program. The context has one of its own, the system state manager.
//!
//! # What C promises
//!
//! Managers and registered notifiers are valid and used in the thread of their context; `state_names` has a name for
//! each state.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::layout::{lws_state_manager_t, lws_state_notify_link_t};
use super::{dll2, guard, smd};
use crate::engine::log::{self, Level};
use std::borrow::Cow;
use std::ffi::{CStr, c_char, c_int};

/// Adds a notifier; the newest is asked first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_state_reg_notifier(mgr: *mut lws_state_manager_t, nl: *mut lws_state_notify_link_t) {
    // SAFETY: see the module.
    guard::pure("lws_state_reg_notifier", (), || unsafe { register(mgr, nl) });
}

/// Adds the notifiers of an array that ends with NULL. The array may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_state_reg_notifier_list(
    mgr: *mut lws_state_manager_t,
    nl: *const *mut lws_state_notify_link_t,
) {
    guard::pure("lws_state_reg_notifier_list", (), || {
        if nl.is_null() {
            return;
        }
        // SAFETY: see the module; the array ends with NULL.
        unsafe {
            let mut at = nl;
            while !(*at).is_null() {
                register(mgr, *at);
                at = at.add(1);
            }
        }
    });
}

/// Takes a notifier out. Nothing happens if it is not registered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_state_reg_deregister(nl: *mut lws_state_notify_link_t) {
    guard::pure("lws_state_reg_deregister", (), || {
        if !nl.is_null() {
            // SAFETY: see the module.
            unsafe { dll2::remove(&raw mut (*nl).list) };
        }
    });
}

/// Moves to the state `target`, unless a notifier vetoes.
///
/// All notifiers are asked with (present state, `target`); nonzero from one is a veto, and whoever gave it has to call
/// again later. Then all are told with (`target`, `target`). Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_state_transition(mgr: *mut lws_state_manager_t, target: c_int) -> c_int {
    // SAFETY: see the module.
    guard::pure("lws_state_transition", (), || unsafe { transition(mgr, target) });
    0
}

/// Moves up one state after the other until `target`, or a veto. Nothing happens if `target` is behind. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_state_transition_steps(mgr: *mut lws_state_manager_t, target: c_int) -> c_int {
    guard::pure("lws_state_transition_steps", (), || {
        // SAFETY: see the module.
        unsafe {
            while !mgr.is_null() && (*mgr).state < target {
                let before = (*mgr).state;
                transition(mgr, before + 1);
                if (*mgr).state <= before {
                    break;
                }
            }
        }
    });
    0
}

/// # Safety
/// Both are valid or NULL.
unsafe fn register(mgr: *mut lws_state_manager_t, nl: *mut lws_state_notify_link_t) {
    if !mgr.is_null() && !nl.is_null() {
        // SAFETY: the caller's promise.
        unsafe { dll2::lws_dll2_add_head(&raw mut (*nl).list, &raw mut (*mgr).notify_list) };
    }
}

/// # Safety
/// `mgr` is valid or NULL.
unsafe fn transition(mgr: *mut lws_state_manager_t, target: c_int) {
    // SAFETY: the caller's promise; nothing is borrowed while notifiers run, as they may change manager and list.
    unsafe {
        if mgr.is_null() || (*mgr).state == target {
            return;
        }
        let from = (*mgr).state;
        if notify(mgr, from, target) {
            return;
        }
        (*mgr).state = target;
        log::process(
            Level::Info,
            "lws_state_transition",
            format_args!("{}: {} -> {}", text((*mgr).name), state_name(mgr, from), state_name(mgr, target)),
        );
        if (*mgr).smd_class != 0 {
            let message = format!("{{\"state\":\"{}\"}}", state_name(mgr, target));
            smd::send_text((*mgr).context, (*mgr).smd_class, message.as_bytes());
        }
        notify(mgr, target, target);
    }
}

/// Calls the notifiers; true if one of them said no.
///
/// # Safety
/// `mgr` is valid.
unsafe fn notify(mgr: *mut lws_state_manager_t, from: c_int, target: c_int) -> bool {
    // SAFETY: the caller's promise; the next notifier is read before one may take itself out.
    unsafe {
        let mut node = (*mgr).notify_list.head;
        while !node.is_null() {
            let next = (*node).next;
            let link = node.cast::<lws_state_notify_link_t>();
            if let Some(ask) = (*link).notify_cb
                && ask(mgr, link, from, target) != 0
            {
                return true;
            }
            node = next;
        }
    }
    false
}

/// # Safety
/// `mgr` is valid.
unsafe fn state_name<'a>(mgr: *mut lws_state_manager_t, state: c_int) -> Cow<'a, str> {
    // SAFETY: the caller's promise; there is a name for each state.
    unsafe {
        match usize::try_from(state) {
            Ok(state) if !(*mgr).state_names.is_null() => text(*(*mgr).state_names.add(state)),
            _ => state.to_string().into(),
        }
    }
}

/// # Safety
/// `string` is NULL or a C string.
unsafe fn text<'a>(string: *const c_char) -> Cow<'a, str> {
    // SAFETY: the caller's promise.
    if string.is_null() { "?".into() } else { unsafe { CStr::from_ptr(string) }.to_string_lossy() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::dll2::{DETACHED, EMPTY};
    use std::cell::RefCell;
    use std::ptr;

    thread_local! {
        static SEEN: RefCell<Vec<(usize, c_int, c_int)>> = const { RefCell::new(Vec::new()) };
    }

    /// Notes the call; vetoes the step to the state given as its name's length.
    unsafe extern "C" fn note(
        _mgr: *mut lws_state_manager_t,
        link: *mut lws_state_notify_link_t,
        from: c_int,
        target: c_int,
    ) -> c_int {
        // SAFETY: the names of the tests are C strings.
        let veto = unsafe { CStr::from_ptr((*link).name) }.count_bytes();
        SEEN.with_borrow_mut(|seen| seen.push((veto, from, target)));
        c_int::from(from != target && target as usize == veto)
    }

    fn link(name: &'static CStr) -> lws_state_notify_link_t {
        lws_state_notify_link_t { list: DETACHED, notify_cb: Some(note), name: name.as_ptr() }
    }

    #[test]
    fn newest_notifier_is_asked_first_and_a_veto_stops_the_steps() {
        let mut mgr = lws_state_manager_t {
            notify_list: EMPTY,
            context: ptr::null_mut(),
            parent: ptr::null_mut(),
            smd_class: 0,
            state_names: ptr::null_mut(),
            name: c"test".as_ptr(),
            state: 1,
        };
        let (mut never, mut third) = (link(c""), link(c"xxx"));
        // SAFETY: valid objects that outlive the manager's use.
        unsafe {
            lws_state_reg_notifier_list(&raw mut mgr, [&raw mut never, &raw mut third, ptr::null_mut()].as_ptr());
            assert_eq!(lws_state_transition_steps(&raw mut mgr, 9), 0);
            assert_eq!(mgr.state, 2);
            assert_eq!(SEEN.take(), [(3, 1, 2), (0, 1, 2), (3, 2, 2), (0, 2, 2), (3, 2, 3)]);
            lws_state_transition_steps(&raw mut mgr, 1);
            assert_eq!((mgr.state, SEEN.take().len()), (2, 0));
            lws_state_reg_deregister(&raw mut third);
            lws_state_reg_deregister(&raw mut third);
            lws_state_transition(&raw mut mgr, 9);
            assert_eq!((mgr.state, SEEN.take()), (9, vec![(0, 2, 9), (0, 9, 9)]));
        }
    }
}

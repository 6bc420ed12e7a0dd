//! Tags and log contexts of the objects behind handles: connections, vhosts, contexts.
//!
//! A connection logs through its own log context, or else its vhost's; a vhost through its own, or else its context's
//! (which it is given when it is created); a context through its own, or else the process-wide one.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cx::Cx;
use super::line::Line;
use crate::abi::layout::{lws, lws_context, lws_log_cx, lws_vhost};
use crate::abi::{guard, handle};
use crate::engine::log::Scope;
use crate::engine::{context::Context, vhost::Vhost, wsi::Wsi};
use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_char, c_void};
use std::ptr;

/// Returns the tag of a connection, as it stands in log lines, with its brackets; `[null wsi]` for NULL.
///
/// Empty for a connection that has none yet. The string stays what it is until the calling thread has asked for the
/// tags of 64 other objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_wsi_tag(wsi: *mut lws) -> *const c_char {
    guard::pure("lws_wsi_tag", c"".as_ptr(), || match handle::wsi(wsi) {
        Some(wsi) => keep_tag(&wsi.tag()),
        None => c"[null wsi]".as_ptr(),
    })
}

/// Returns the tag of a vhost, as it stands in log lines, with its brackets; `[null vh]` for NULL.
///
/// The string lives as that of `lws_wsi_tag`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vh_tag(vh: *mut lws_vhost) -> *const c_char {
    guard::pure("lws_vh_tag", c"".as_ptr(), || match handle::vhost(vh) {
        Some(vhost) => keep_tag(&vhost.tag()),
        None => c"[null vh]".as_ptr(),
    })
}

/// Returns the log context that lines about this context go through; NULL if `cx` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_context_get_cx(cx: *mut lws_context) -> *mut lws_log_cx {
    guard::pure("lwsl_context_get_cx", ptr::null_mut(), || {
        handle::context(cx).map_or(ptr::null_mut(), |context| at(context_cx(&context)).as_ptr())
    })
}

/// Returns the log context that lines about this vhost go through; NULL if `vh` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_vhost_get_cx(vh: *mut lws_vhost) -> *mut lws_log_cx {
    guard::pure("lwsl_vhost_get_cx", ptr::null_mut(), || {
        handle::vhost(vh).map_or(ptr::null_mut(), |vhost| at(vhost_cx(&vhost)).as_ptr())
    })
}

/// Returns the log context that lines about this connection go through; NULL if `wsi` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_wsi_get_cx(wsi: *mut lws) -> *mut lws_log_cx {
    guard::pure("lwsl_wsi_get_cx", ptr::null_mut(), || {
        handle::wsi(wsi).map_or(ptr::null_mut(), |wsi| at(wsi_cx(&wsi)).as_ptr())
    })
}

/// Writes the name of the context `obj`, if it has one, and `: ` at `*p`. Behind the `lwsl_cx_...` macros.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_log_prepend_context(
    cx: *mut lws_log_cx,
    obj: *mut c_void,
    p: *mut *mut c_char,
    e: *mut c_char,
) {
    let _ = cx;
    guard::pure("lws_log_prepend_context", (), || {
        if let Some(context) = handle::context(obj.cast::<lws_context>()) {
            // SAFETY: the caller's `*p` has room up to `e`.
            unsafe { write_at(p, e, &context_prefix(&context)) };
        }
    });
}

/// Writes the tag of the vhost `obj` and `: ` at `*p`. Behind the `lwsl_vhost_...` macros.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_log_prepend_vhost(
    cx: *mut lws_log_cx,
    obj: *mut c_void,
    p: *mut *mut c_char,
    e: *mut c_char,
) {
    let _ = cx;
    guard::pure("lws_log_prepend_vhost", (), || {
        let tag = handle::vhost(obj.cast::<lws_vhost>()).map(|vhost| vhost.tag()).unwrap_or_default();
        // SAFETY: the caller's `*p` has room up to `e`.
        unsafe { write_at(p, e, &format!("{tag}: ")) };
    });
}

/// Writes the tag of the connection `obj` and `: ` at `*p`. Behind the `lwsl_wsi_...` macros.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_log_prepend_wsi(
    cx: *mut lws_log_cx,
    obj: *mut c_void,
    p: *mut *mut c_char,
    e: *mut c_char,
) {
    let _ = cx;
    guard::pure("lws_log_prepend_wsi", (), || {
        let tag = handle::wsi(obj.cast::<lws>()).map(|wsi| wsi.tag()).unwrap_or_default();
        // SAFETY: the caller's `*p` has room up to `e`.
        unsafe { write_at(p, e, &format!("{tag}: ")) };
    });
}

/// The log context that lines about `scope` go through.
pub fn scope_cx(scope: Scope<'_>) -> Cx {
    at(match scope {
        Scope::Process => 0,
        Scope::Context(context) => context_cx(context),
        Scope::Vhost(vhost) => vhost_cx(vhost),
        Scope::Wsi(wsi) => wsi_cx(wsi),
    })
}

/// Writes what identifies `scope`, in the form `<tag>: `. The 4.1 ABI has no tags.
pub fn write_tag(line: &mut Line, scope: Scope<'_>) {
    if cfg!(feature = "abi41") {
        return;
    }
    let tag = match scope {
        Scope::Process => return,
        Scope::Context(context) => return line.push(context_prefix(context).as_bytes()),
        Scope::Vhost(vhost) => vhost.tag(),
        Scope::Wsi(wsi) => wsi.tag(),
    };
    line.push(tag.as_bytes());
    line.push(b": ");
}

fn at(address: usize) -> Cx {
    // SAFETY: 0, or the address of a log context that the program bound to a living object.
    unsafe { Cx::from_ptr(ptr::with_exposed_provenance_mut(address)) }
}

fn context_cx(context: &Context) -> usize {
    context.settings.log_cx
}

fn vhost_cx(vhost: &Vhost) -> usize {
    vhost.settings.log_cx
}

fn wsi_cx(wsi: &Wsi) -> usize {
    wsi.log_cx()
}

fn context_prefix(context: &Context) -> String {
    let name = &context.settings.name;
    if name.is_empty() { String::new() } else { format!("{name}: ") }
}

/// Writes `text` at `*p` as lws_snprintf would, and advances `*p`.
///
/// # Safety
/// `*p` is valid for writes up to, and without, `e`; NULL does nothing.
unsafe fn write_at(p: *mut *mut c_char, e: *mut c_char, text: &str) {
    if p.is_null() || e.is_null() {
        return;
    }
    // SAFETY: the caller's promise; at most `room` bytes are written, NUL included.
    unsafe {
        let start = *p;
        let room = e.addr().saturating_sub(start.addr());
        if start.is_null() || room == 0 {
            return;
        }
        let len = text.len().min(room - 1);
        ptr::copy_nonoverlapping(text.as_ptr(), start.cast::<u8>(), len);
        start.add(len).write(0);
        *p = start.add(len);
    }
}

/// Tags that were handed out stay readable for this many others.
const TAGS_KEPT: usize = 64;
const TAG_BYTES: usize = 64;

thread_local! {
    /// Memory that C may hold pointers into, so it never moves and is written only by `keep_tag`.
    static TAGS: [UnsafeCell<[u8; TAG_BYTES]>; TAGS_KEPT] =
        const { [const { UnsafeCell::new([0; TAG_BYTES]) }; TAGS_KEPT] };
    static NEXT_TAG: Cell<usize> = const { Cell::new(0) };
}

/// A C string of `tag`; the same place as last time if it is still there.
fn keep_tag(tag: &str) -> *const c_char {
    TAGS.with(|tags| {
        let mut text = [0; TAG_BYTES];
        let len = tag.len().min(TAG_BYTES - 1);
        text[..len].copy_from_slice(&tag.as_bytes()[..len]);
        // SAFETY: only this thread, and only this function, reads and writes the places; no reference outlives a use.
        let place = tags.iter().find(|place| unsafe { *place.get() } == text).unwrap_or_else(|| {
            let next = NEXT_TAG.get();
            NEXT_TAG.set((next + 1) % TAGS_KEPT);
            // SAFETY: as above.
            unsafe { tags[next].get().write(text) };
            &tags[next]
        });
        place.get().cast_const().cast()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn tag_stays_in_place_until_sixty_four_others_were_asked_for() {
        let first = keep_tag("[wsicli|0]");
        for number in 1..TAGS_KEPT {
            keep_tag(&format!("[wsicli|{number}]"));
            assert_eq!(keep_tag("[wsicli|0]"), first);
        }
        // SAFETY: memory of this thread that ends with a NUL.
        unsafe {
            assert_eq!(CStr::from_ptr(first), c"[wsicli|0]");
            let long = CStr::from_ptr(keep_tag(&"x".repeat(200)));
            assert_eq!(long.count_bytes(), TAG_BYTES - 1);
        }
    }

    #[test]
    fn prefix_is_cut_to_the_room_given() {
        let mut buf = [0x55; 8];
        let mut p = buf.as_mut_ptr();
        // SAFETY: the end given lies inside `buf`.
        unsafe { write_at(&raw mut p, buf.as_mut_ptr().add(5), "[tag]: ") };
        assert_eq!(p, buf.as_mut_ptr().wrapping_add(4));
        assert_eq!(&buf.map(|byte| byte as u8)[..6], b"[tag\0\x55");
    }
}

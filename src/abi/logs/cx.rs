//! Log contexts: the process-wide one and those of the program.
//!
//! A log context is a public struct that programs fill in themselves. It says which levels are shown, by which emitter,
//! and what is written in front of each line.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::emit;
use super::line::Line;
use crate::abi::guard;
use crate::abi::layout::{LLL_ERR, LLL_NOTICE, LLL_WARN, LLLF_LOG_CONTEXT_AWARE, lws_log_cx, lws_log_cx_t};
use crate::abi::layout::{lws_log_emit_cx_t, lws_log_emit_t, lws_log_prepend_cx_t};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, Ordering};

/// The emitter of a context with this flag is a `lws_log_emit_cx_t`.
const CONTEXT_AWARE: u32 = LLLF_LOG_CONTEXT_AWARE as u32;
const DEFAULT_MASK: u32 = (LLL_ERR | LLL_WARN | LLL_NOTICE) as u32;
/// Parents that are looked at; a longer chain is most likely a ring.
const CHAIN_MAX: usize = 32;

/// A log context in use.
pub struct Cx(NonNull<lws_log_cx>);

impl Cx {
    pub fn process() -> Self {
        Self(process_ptr())
    }

    /// The context at `cx`; the process-wide one if that is NULL.
    ///
    /// # Safety
    /// `cx` is NULL or points to a log context that outlives the value.
    pub unsafe fn from_ptr(cx: *mut lws_log_cx) -> Self {
        Self(NonNull::new(cx).unwrap_or_else(process_ptr))
    }

    pub fn as_ptr(&self) -> *mut lws_log_cx {
        self.0.as_ptr()
    }

    /// Mask and modifier bits.
    pub fn flags(&self) -> u32 {
        // SAFETY: the field of a live log context, aligned; a program changes it as a whole word.
        unsafe { AtomicU32::from_ptr(&raw mut (*self.as_ptr()).lll_flags) }.load(Ordering::Relaxed)
    }

    pub fn shows(&self, level: c_int) -> bool {
        self.flags() & level.cast_unsigned() != 0
    }

    /// Adds what the contexts of the chain want in front.
    ///
    /// The outermost ancestor speaks first. A context that has a parent does not speak itself: so the original, and
    /// lines would change if it did (vectors log_cx-002, -004).
    pub fn write_prepends(&self, line: &mut Line) {
        let mut chain = [ptr::null_mut(); CHAIN_MAX];
        let mut depth = 0;
        // SAFETY: a live log context.
        let mut next = unsafe { (*self.as_ptr()).parent };
        while !next.is_null() && depth < CHAIN_MAX {
            chain[depth] = next;
            depth += 1;
            // SAFETY: parents live as long as their children.
            next = unsafe { (*next).parent };
        }
        if depth == 0 {
            line.write_prepend(self, self.prepend(), ptr::null_mut());
        }
        for ancestor in chain[..depth].iter().rev() {
            // SAFETY: collected above, not NULL.
            let ancestor = unsafe { Cx::from_ptr(*ancestor) };
            line.write_prepend(&ancestor, ancestor.prepend(), ptr::null_mut());
        }
    }

    fn prepend(&self) -> lws_log_prepend_cx_t {
        // SAFETY: a live log context.
        unsafe { (*self.as_ptr()).prepend }
    }

    /// Hands the finished line to the emitter of this context.
    pub fn emit(&self, level: c_int, line: &mut Line) {
        let line = line.finish();
        // SAFETY: the union is the first member of a live log context and pointer-sized.
        let emitter = unsafe { AtomicPtr::from_ptr(self.as_ptr().cast::<*mut c_void>()) }.load(Ordering::Relaxed);
        if emitter.is_null() {
            return;
        }
        let text = line.as_ptr().cast::<c_char>();
        if self.flags() & CONTEXT_AWARE == 0 {
            // SAFETY: without the flag the union holds an emitter of this type; the line ends with a NUL.
            unsafe { std::mem::transmute::<*mut c_void, lws_log_emit_t>(emitter).map(|emit| emit(level, text)) };
        } else {
            let len = line.len() - 1;
            // SAFETY: with the flag, which the program sets, the union holds an emitter of this type.
            unsafe {
                std::mem::transmute::<*mut c_void, lws_log_emit_cx_t>(emitter)
                    .map(|emit| emit(self.as_ptr(), level, text, len))
            };
        }
    }
}

/// Sets mask and emitter (None: stays) of the process-wide context.
pub fn set_process(level: c_int, emitter: lws_log_emit_t) {
    PROCESS.lll_flags.store(level.cast_unsigned() & !CONTEXT_AWARE, Ordering::Relaxed);
    if let Some(emitter) = emitter {
        PROCESS.emit.store(emitter as *mut c_void, Ordering::Relaxed);
    }
}

/// Counts one more (`_new` above 0) or one less user of `cx`, then tells the context's `refcount_cb`.
///
/// Contexts, vhosts and connections hold one count each while they live. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_refcount_cx(cx: *mut lws_log_cx_t, _new: c_int) {
    guard::pure("lwsl_refcount_cx", (), || {
        if cx.is_null() {
            return;
        }
        // SAFETY: not NULL, so a live log context by the caller's promise.
        unsafe {
            let count = AtomicI32::from_ptr(&raw mut (*cx).refcount);
            if _new > 0 {
                count.fetch_add(1, Ordering::AcqRel);
            } else {
                count.fetch_sub(1, Ordering::AcqRel);
            }
            if let Some(tell) = (*cx).refcount_cb {
                tell(cx, _new);
            }
        }
    });
}

/// Counts an object in that is bound to the log context at `address` (0: the process-wide one), or (`bound` false) out.
pub fn count_use(address: usize, bound: bool) {
    let cx = if address == 0 { process_ptr().as_ptr() } else { ptr::with_exposed_provenance_mut(address) };
    // SAFETY: the address of a log context that the program bound to an object.
    unsafe { lwsl_refcount_cx(cx, if bound { 1 } else { -1 }) };
}

/// A `refcount_cb` that keeps a log file open while the context is used.
///
/// The path is the C string at `opaque`. The first user creates or empties it (mode 0600); the descriptor is kept in
/// `stg`; the last user closes it. If it cannot be opened, lines are lost and stderr says so once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_log_use_cx_file(cx: *mut lws_log_cx, _new: c_int) {
    guard::pure("lws_log_use_cx_file", (), || {
        if cx.is_null() {
            return;
        }
        // SAFETY: not NULL, so a live log context by the caller's promise.
        let (count, path) = unsafe { ((*cx).refcount, (*cx).opaque.cast_const().cast::<c_char>()) };
        if _new > 0 && count == 1 {
            // SAFETY: `opaque` is a C string or NULL for contexts that use this function.
            let fd = unsafe { open_log(path) };
            // SAFETY: as above.
            unsafe { (*cx).stg = fd_to_stg(fd) };
        } else if _new <= 0 && count == 0 {
            // SAFETY: as above; the descriptor is ours since the first use.
            unsafe {
                let fd = stg_to_fd((*cx).stg);
                if fd >= 0 {
                    libc::close(fd);
                }
                (*cx).stg = fd_to_stg(-1);
            }
        }
    });
}

/// A context-aware emitter that appends to the file opened by [`lws_log_use_cx_file`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_log_emit_cx_file(cx: *mut lws_log_cx, level: c_int, line: *const c_char, len: usize) {
    let _ = level;
    guard::pure("lws_log_emit_cx_file", (), || {
        if cx.is_null() || line.is_null() {
            return;
        }
        // SAFETY: not NULL, so a live log context by the caller's promise.
        let (stg, count) = unsafe { ((*cx).stg, (*cx).refcount) };
        // A context that nobody counted has 0 here, which is not a file of ours.
        if stg_to_fd(stg) < 0 || (stg.is_null() && count <= 0) {
            return;
        }
        // SAFETY: `line` has `len` bytes.
        emit::write_all(stg_to_fd(stg), unsafe { std::slice::from_raw_parts(line.cast::<u8>(), len) });
    });
}

/// # Safety
/// `path` is NULL or a C string.
unsafe fn open_log(path: *const c_char) -> c_int {
    let flags = libc::O_CREAT | libc::O_TRUNC | libc::O_WRONLY | libc::O_CLOEXEC;
    // SAFETY: a C string.
    let fd = if path.is_null() { -1 } else { unsafe { libc::open(path, flags, 0o600 as libc::c_uint) } };
    if fd < 0 {
        // SAFETY: not NULL, so a C string by the caller's promise.
        let name = if path.is_null() { c"(none)" } else { unsafe { CStr::from_ptr(path) } };
        let text = format!("unable to open the log file {}\n", name.to_string_lossy());
        emit::write_all(2, text.as_bytes());
    }
    fd
}

/// `stg` carries the descriptor as a number.
fn fd_to_stg(fd: c_int) -> *mut c_void {
    ptr::without_provenance_mut(fd as isize as usize)
}

fn stg_to_fd(stg: *mut c_void) -> c_int {
    c_int::try_from(stg.addr().cast_signed()).unwrap_or(-1)
}

/// The process-wide context. Programs get its address from `lwsl_context_get_cx` and may look into it, so it has the
/// shape of a [`lws_log_cx`].
#[repr(C)]
struct ProcessCx {
    emit: AtomicPtr<c_void>,
    /// `refcount_cb`, `prepend`, `parent`, `opaque`, `stg`
    unused: [AtomicPtr<c_void>; 5],
    lll_flags: AtomicU32,
    refcount: AtomicI32,
}

const _: () = assert!(size_of::<ProcessCx>() == size_of::<lws_log_cx>());

static PROCESS: ProcessCx = ProcessCx {
    emit: AtomicPtr::new(emit::lwsl_emit_stderr as *mut c_void),
    unused: [const { AtomicPtr::new(ptr::null_mut()) }; 5],
    lll_flags: AtomicU32::new(DEFAULT_MASK),
    refcount: AtomicI32::new(0),
};

fn process_ptr() -> NonNull<lws_log_cx> {
    NonNull::from(&PROCESS).cast()
}

//! The only place that calls a protocol callback of the program: an engine event becomes reason, `user`, `in`, `len`.
//!
//! # What C promises
//! A protocol's callback may be called as long as its vhost exists, in the thread that services the context. It may call
//! any function of the library, which is why nothing is borrowed here while it runs.
#![allow(unsafe_code)]

use super::edge::VhostEdge;
use super::handle::Handles;
use super::layout::*;
use super::oxlws::tls_hooks;
use super::slots::{self, Slot};
use super::{alloc, handle, privileges, smd, state, sul, system};
use crate::engine::callback::{self, Arg, PollArgs, Program, Reason, ServedFile};
use crate::engine::cell::MayCall;
use crate::engine::context::{Context, system_state};
use crate::engine::log::{self, Level, Scope};
use crate::engine::tls::hooks::{Answer, Hook, Question};
use crate::engine::trace;
use crate::engine::vhost::{ProtocolRef, Vhost};
use crate::engine::wake::Command;
use crate::engine::wsi::Wsi;
use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::atomic::Ordering;

/// The C program behind a context.
pub struct CProgram {
    number: usize,
    slot: &'static Slot,
    handles: Handles,
}

impl CProgram {
    /// Of the context in place `number`, which is `slot`; its handles are reserved.
    pub fn new(number: usize, slot: &'static Slot) -> Self {
        CProgram { number, slot, handles: Handles::of_context(number) }
    }
}

/// Timers or messages of one turn; many more than honest programs have due at a time.
const CALLS_PER_TURN: u32 = 10_000;

fn address(value: usize) -> *mut c_void {
    ptr::with_exposed_provenance_mut(value)
}

/// Delivers a reason the program asked for by number, also one of its own (LWS_CALLBACK_USER and up), to protocol `to`.
///
/// # Safety
/// `argument` and `len` are what the program gave for its own callback.
pub unsafe fn with_number(
    may: &mut MayCall,
    cx: &Context,
    wsi: &Wsi,
    to: ProtocolRef,
    reason: c_int,
    argument: *mut c_void,
    len: usize,
) -> c_int {
    if to.is_none() {
        return 0;
    }
    let known = Reason::from_number(reason).unwrap_or(Reason::User);
    let Some(slot) = slots::slot(usize::from(cx.number)) else { return 0 };
    let about = Subject { slot, wsi, handle: handle::of_wsi(cx, wsi) };
    callback::in_program(may, cx, wsi, || {
        trace::around(cx, wsi, to, known, Arg::None, |_| {
            // SAFETY: the caller's promise.
            unsafe { about.call(to.handle, reason as u32, address(wsi.user.get()), argument, len) }
        })
    })
}

/// What a callback is about.
#[derive(Clone, Copy)]
struct Subject<'a> {
    slot: &'static Slot,
    wsi: &'a Wsi,
    handle: *mut lws,
}

impl Subject<'_> {
    /// Calls the program: protocol `to`. Calls that the program makes about the connection meanwhile find it at once.
    ///
    /// # Safety
    /// `user`, `input` and `len` are what the callback expects with this reason.
    #[inline(always)]
    unsafe fn call(self, to: usize, reason: u32, user: *mut c_void, input: *mut c_void, len: usize) -> c_int {
        let protocol: *const lws_protocols = address(to).cast();
        // SAFETY: a handle of a protocol is the address of an entry of the vhost's copy of the array, which lives as long
        // as the vhost; connections end before it does.
        let Some(callback) = (unsafe { (*protocol).callback }) else { return 0 };
        let outer = self.slot.calls(self.handle.addr(), self.wsi);
        // SAFETY: the program's callback; the arguments are the caller's promise, and nothing is borrowed.
        let verdict = unsafe { callback(self.handle, lws_callback_reasons(reason), user, input, len) };
        self.slot.called_back(outer);
        verdict
    }
}

impl Program for CProgram {
    fn deliver(&self, cx: &Context, wsi: &Wsi, to: ProtocolRef, reason: Reason, arg: Arg<'_>) -> i32 {
        let user = address(wsi.user.get());
        let about = Subject { slot: self.slot, wsi, handle: self.handles.of(wsi.id()) };
        let call = |user: *mut c_void, input: *mut c_void, len: usize| {
            // SAFETY: arguments as the header documents them.
            unsafe { about.call(to.handle, reason as u32, user, input, len) }
        };
        match arg {
            Arg::None => call(user, ptr::null_mut(), 0),
            Arg::Bytes(bytes, len) => call(user, bytes.cast(), len),
            Arg::Len(len) => call(user, ptr::null_mut(), len),
            Arg::Fd(fd) => call(user, address(fd as usize), 0),
            Arg::Text(text, len) => call(user, text.as_ptr().cast_mut().cast(), len),
            Arg::Address(value) => call(user, address(value), 0),
            Arg::Connection(other) => call(user, handle::of_wsi(cx, other).cast(), 0),
            Arg::Poll(PollArgs { fd, events, previous }, len) => {
                let mut args = lws_pollargs { fd, events, prev_events: previous };
                call(user, (&raw mut args).cast(), len)
            }
            Arg::Header(space) => {
                let mut position = space.position;
                let verdict = call(user, (&raw mut position).cast(), space.room);
                space.position = position;
                verdict
            }
            Arg::HtmlArgs(space) => {
                let room = c_int::try_from(space.room).unwrap_or(c_int::MAX);
                let mut args =
                    lws_process_html_args { p: space.position.cast(), len: 0, max_len: room, r#final: 0, chunked: 0 };
                let verdict = call(user, (&raw mut args).cast(), 0);
                space.position = args.p.cast();
                verdict
            }
            Arg::Html(given) => {
                let mut args = lws_process_html_args {
                    p: given.text.cast(),
                    len: given.len,
                    max_len: given.max_len,
                    r#final: given.is_final,
                    chunked: given.is_chunked,
                };
                let verdict = call(user, (&raw mut args).cast(), 0);
                (given.text, given.len, given.is_final) = (args.p.cast(), args.len, args.r#final);
                verdict
            }
            Arg::CertAging(vhost, days) => {
                let vh = handle::of_vhost(cx, vhost);
                let mut args = lws_acme_cert_aging_args { vh, element_overrides: [ptr::null(); 11] };
                call(user, (&raw mut args).cast(), days)
            }
            Arg::ExtensionDefaults(name, text) => {
                call(name.as_ptr().cast_mut().cast(), text.as_mut_ptr().cast(), text.len())
            }
            Arg::Accepted(fd, peer) => {
                // SAFETY: an all-zero sockaddr_storage is a valid one.
                let mut cli_addr: libc::sockaddr_storage = unsafe { std::mem::zeroed() };
                let length = (peer.len() as usize).min(size_of_val(&cli_addr));
                // SAFETY: `peer` has `len` bytes, the target at least as many, and they do not overlap.
                unsafe {
                    ptr::copy_nonoverlapping(peer.as_ptr().cast::<u8>(), (&raw mut cli_addr).cast::<u8>(), length);
                }
                let mut args = lws_filter_network_conn_args { cli_addr, clilen: peer.len(), accept_fd: fd };
                call((&raw mut args).cast(), address(fd as usize), 0)
            }
        }
    }

    #[inline]
    fn deliver_bytes(&self, wsi: &Wsi, to: usize, reason: Reason, bytes: *mut u8, len: usize) -> i32 {
        let about = Subject { slot: self.slot, wsi, handle: self.handles.of(wsi.id()) };
        // SAFETY: arguments as the header documents them.
        unsafe { about.call(to, reason as u32, address(wsi.user.get()), bytes.cast(), len) }
    }

    fn allocate_session(&self, bytes: usize) -> usize {
        let memory = alloc::allocate(bytes);
        if memory.is_null() {
            return 0;
        }
        // SAFETY: `bytes` bytes were just allocated.
        unsafe { ptr::write_bytes(memory, 0, bytes) };
        memory.expose_provenance()
    }

    fn free_session(&self, session: usize) {
        // SAFETY: it came from `allocate_session` and is freed once, when the connection ends.
        unsafe { alloc::release(address(session).cast()) };
    }

    fn protocols_are_ready(&self, cx: &Context) -> bool {
        let Some(shared) = self.slot.last_shared() else { return true };
        let Err(why) = shared.system.take_identity_on() else { return true };
        log::line(Level::Err, Scope::Context(cx), "lws_service", format_args!("{why}"));
        !privileges::is_root()
    }

    fn transition(&self, cx: &Context, state: i32) -> bool {
        let Some(shared) = self.slot.last_shared() else { return true };
        let manager = shared.states.get();
        // SAFETY: the manager lives as long as the place is used, and this is the service thread.
        unsafe {
            if state > system_state::OPERATIONAL {
                if (*manager).state < state {
                    state::lws_state_transition(manager, state);
                }
            } else {
                state::lws_state_transition_steps(manager, state);
            }
            cx.state.set((*manager).state);
            (*manager).state == state
        }
    }

    fn run_timers(&self, _cx: &Context, now: u64) {
        let Some(shared) = self.slot.last_shared() else { return };
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        // Timers may be set into the past from inside their callbacks: the rest waits for the next turn.
        for _ in 0..CALLS_PER_TURN {
            let Some(ripe) = shared.suls.pop_ripe(now) else { break };
            // SAFETY: popped just now; no lock is held and nothing is borrowed.
            unsafe { sul::call(ripe) };
        }
    }

    fn next_timer(&self) -> Option<u64> {
        let shared = self.slot.last_shared()?;
        shared.suls.next_due().map(|due| u64::try_from(due).unwrap_or(0))
    }

    fn carry_out(&self, _cx: &Context, _command: Command) {}

    fn has_messages(&self) -> bool {
        self.slot.last_shared().is_some_and(|shared| {
            // SAFETY: this is the service thread.
            let state = unsafe { (*shared.states.get()).state };
            !shared.smd.is_idle() || shared.system.has_ripe(state)
        })
    }

    fn deliver_messages(&self, _cx: &Context) {
        let Some(shared) = self.slot.last_shared() else { return };
        // Peers may send from inside their callbacks: the rest waits for the next turn.
        for _ in 0..CALLS_PER_TURN {
            let Some(delivery) = shared.smd.pop() else { break };
            // SAFETY: popped just now; no lock is held and nothing is borrowed.
            unsafe { smd::call(delivery) };
        }
        let ops = ptr::with_exposed_provenance(shared.system_ops.load(Ordering::Acquire));
        // SAFETY: this is the service thread, nothing is borrowed; the program's operations live as long as the context.
        unsafe {
            let state = (*shared.states.get()).state;
            system::run_attached(handle::of_context(self.number), ops, &shared.system, state);
        }
    }

    fn open_file(&self, _cx: &Context, path: &CStr, accepts_gzip: bool) -> Option<Box<dyn ServedFile>> {
        super::vfs_context::open(self.slot.last_shared()?, path, accepts_gzip)
    }

    fn client_identity(&self, index: u8) -> Option<(Vec<u8>, Vec<u8>)> {
        let shared = self.slot.last_shared()?;
        let content = |kind: lws_system_blob_item_t| shared.blobs.content(kind.0 as usize);
        // There is one slot of each kind; what is behind it is something else.
        (index == 0).then(|| (content(LWS_SYSBLOB_TYPE_CLIENT_CERT_DER), content(LWS_SYSBLOB_TYPE_CLIENT_KEY_DER)))
    }

    fn judge_peer(&self, cx: &Context, wsi: &Wsi, hook: Hook, question: &Question) -> Answer {
        tls_hooks::judge(handle::of_wsi(cx, wsi), hook, question)
    }

    fn key_line(&self, cx: &Context, wsi: &Wsi, hook: Hook, line: &CStr) {
        tls_hooks::tell(handle::of_wsi(cx, wsi), hook, line);
    }

    fn log_use(&self, log_cx: usize, bound: bool) {
        super::logs::cx::count_use(log_cx, bound);
    }

    fn leaves_loop(&self, cx: &Context) {
        let context = handle::of_context(self.number);
        if let Some(watch) = handle::shared(context).and_then(|visit| visit.part_if(|shared| shared.watch.get())) {
            watch.leave(cx);
        }
    }

    fn vhost_gone(&self, vhost: &Vhost) {
        super::logs::cx::count_use(vhost.settings.log_cx, false);
        VhostEdge::finish(vhost.edge.replace(0));
    }
}

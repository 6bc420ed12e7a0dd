//! One turn of the loop: what is due, what is ready, what is pending, in that order; then everything queued leaves.
//!
//! # Theory of operation
//!
//! A turn costs what happens in it, never the number of connections. Readiness comes in edges and is remembered in the
//! connections; those with work that needs no new edge are in the pending list, and while that list is not empty the
//! turn does not wait. Frames written during the turn are corked and sent at its end, one call per connection.
use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::{Context, Life, system_state};
use super::log::{self, Level, Scope};
use super::out::{self, Flushed};
use super::poller::{Ready, TIMER, WAKE};
use super::table::WsiId;
use super::timer::Micros;
use super::vhost::{Vhost, option};
use super::wsi::{Phase, Role, Wsi, flag};
use super::{command, deadline, linger, listeners, loop_timer, poll_events, role, tls_certificates, visit};
use std::rc::Rc;
use std::time::Duration;

/// Longest wait of a turn: about 23 days, as the original.
const LONGEST_WAIT_US: u64 = 2_000_000_000_000;

/// The first half of a service call: everything that needs no new readiness. `wait`: sleep until something happens (the
/// original's meaning of any timeout >= 0).
///
/// Returns how long to sleep at most before [`end_turn`]; `None`: do not poll at all, the context is ending.
pub fn begin_turn(may: &mut MayCall, cx: &Context, wait: bool) -> Option<Duration> {
    cx.depth.set(cx.depth.get() + 1);
    cx.worked.set(false);
    cx.borrowed.set(false);
    cx.refresh_now();
    start_up(may, cx);
    cx.complain_if_unserviced(may, "the loop runs now");
    run_due(may, cx);
    command::carry_out_all(may, cx);
    if !cx.is_running() {
        return None;
    }
    flush_dirty(may, cx);
    // A callback of this turn may have forked.
    cx.settle(false);
    cx.borrowed.set(false);
    Some(timeout(cx, wait))
}

/// The second half: what became ready is served. Nothing is borrowed in between, so the caller may sleep there without a
/// frame of the engine on its stack.
///
/// Returns false when the context ended and must be forgotten.
pub fn end_turn(may: &mut MayCall, cx: &Context, ready: Option<Vec<Ready>>) -> bool {
    if let Some(ready) = ready {
        cx.refresh_now();
        dispatch(may, cx, &ready);
        cx.poller.recycle(ready);
        run_due(may, cx);
    }
    finish_turn(may, cx)
}

/// One turn without a sleep, for contexts in the loop of somebody else. As [`end_turn`].
pub fn turn_now(may: &mut MayCall, cx: &Context) -> bool {
    let ready = begin_turn(may, cx, false).map(|_| cx.poller.look());
    end_turn(may, cx, ready)
}

/// When something is due next, without any descriptor being ready.
pub fn next_due(cx: &Context) -> Option<Micros> {
    let all = [
        cx.timers.next_due(),
        tls_certificates::next_due(cx),
        listeners::next_due(cx),
        cx.lingering.next_due(),
        cx.program.next_timer(),
    ];
    // With a number for "never" there is nothing in it that was not written, which valgrind would complain of.
    let first = all.into_iter().map(|due| due.unwrap_or(Micros::MAX)).min();
    first.filter(|due| *due != Micros::MAX)
}

/// How long the turn may sleep.
fn timeout(cx: &Context, wait: bool) -> Duration {
    if !wait || cx.worked.get() || has_work(cx) {
        return Duration::ZERO;
    }
    let us = next_due(cx).map_or(LONGEST_WAIT_US, |due| due.saturating_sub(cx.now.get()).min(LONGEST_WAIT_US));
    Duration::from_micros(us)
}

/// Whether a turn would do something although no descriptor is ready and nothing is due.
pub fn has_work(cx: &Context) -> bool {
    cx.has_pending() || cx.wake.has_news() || cx.program.has_messages() || cx.lingering.is_behind()
}

/// The longest time an external loop may wait, microseconds; 0 when work is pending. Runs what is due first.
pub fn adjust_timeout(may: &mut MayCall, cx: &Context) -> Option<u64> {
    cx.depth.set(cx.depth.get() + 1);
    cx.worked.set(false);
    cx.refresh_now();
    start_up(may, cx);
    cx.lingering.look(&cx.poller);
    run_due(may, cx);
    let wait = timeout(cx, true);
    let alive = finish_turn(may, cx);
    alive.then_some(wait.as_micros() as u64)
}

/// `lws_service_fd`: works on one descriptor an external loop found ready. `None`: not ours.
pub fn fd_ready(may: &mut MayCall, cx: &Context, fd: i32, ready: Ready) -> FdOutcome {
    cx.depth.set(cx.depth.get() + 1);
    cx.borrowed.set(false);
    cx.refresh_now();
    start_up(may, cx);
    let mut outcome = FdOutcome::NotOurs;
    if fd == cx.wake.fd() {
        command::carry_out_all(may, cx);
        outcome = FdOutcome::Handled;
    } else if let Some(wsi) = cx.wsi_of_fd(fd) {
        let id = wsi.id();
        note_readiness(wsi, ready);
        visit::service_wsi(may, cx, wsi);
        outcome = if cx.wsi(id).is_some_and(|wsi| wsi.phase.get() != Phase::Dead) {
            FdOutcome::Handled
        } else {
            FdOutcome::Closed
        };
    }
    cx.lingering.look(&cx.poller);
    run_due(may, cx);
    if !finish_turn(may, cx) {
        outcome = FdOutcome::ContextGone;
    }
    outcome
}

/// What became of a descriptor given to [`fd_ready`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FdOutcome {
    NotOurs,
    Handled,
    Closed,
    ContextGone,
}

/// The end of every frame that serviced something: output leaves, closed slots are recycled, a requested destruction
/// is carried out. False: the context is gone.
fn finish_turn(may: &mut MayCall, cx: &Context) -> bool {
    if cx.program.has_messages() {
        cx.program.deliver_messages(cx);
    }
    work_through_pending(may, cx);
    flush_dirty(may, cx);
    cx.depth.set(cx.depth.get().saturating_sub(1));
    leave(may, cx)
}

/// The outermost frame of any entry ends: see [`finish_turn`]. For calls outside of a turn.
pub fn leave(may: &mut MayCall, cx: &Context) -> bool {
    if cx.depth.get() == 0 {
        if cx.has_dirty() && !cx.is_borrowed() {
            flush_dirty(may, cx);
        }
        cx.empty_graveyard();
        if cx.callbacks.get() == 0 {
            cx.reap_vhosts();
        }
        if cx.life.get() == Life::DestroyRequested && cx.callbacks.get() == 0 {
            super::destroy::carry_out(may, cx);
            return false;
        }
        loop_timer::arm(cx);
    }
    cx.life.get() != Life::Destroyed
}

fn run_due(may: &mut MayCall, cx: &Context) {
    cx.lingering.run_due(&cx.poller, cx.now.get());
    if cx.program.next_timer().is_some_and(|due| due <= cx.now.get()) {
        cx.worked.set(true);
        cx.program.run_timers(cx, cx.now.get());
    }
    if cx.is_running() {
        deadline::run_due(may, cx);
    }
    if cx.is_running() {
        tls_certificates::run_due(may, cx);
    }
    if cx.is_running() {
        listeners::run_due(may, cx);
    }
}

/// First service call: states up to OPERATIONAL, PROTOCOL_INIT after the first step.
fn start_up(may: &mut MayCall, cx: &Context) {
    if cx.state.get() >= system_state::OPERATIONAL && cx.protocols_tried.get() || !cx.is_running() {
        return;
    }
    let with_states = !cx.has_option(option::NO_SYSTEM_STATES);
    if with_states && cx.state.get() < system_state::OPERATIONAL {
        // The library itself holds IFACE_COLDPLUG back until the protocols are initialised; notifiers see it proposed.
        cx.program.transition(cx, system_state::OPERATIONAL);
    }
    if !cx.protocols_tried.get() {
        cx.worked.set(true);
        init_protocols(may, cx);
        if with_states && cx.is_running() {
            cx.program.transition(cx, system_state::OPERATIONAL);
        }
    }
}

/// PROTOCOL_INIT for every vhost that had none.
pub fn init_protocols(may: &mut MayCall, cx: &Context) {
    cx.protocols_tried.set(true);
    for vhost in cx.all_vhosts() {
        if !vhost.being_destroyed.get() {
            init_vhost(may, cx, &vhost);
        }
    }
    if cx.is_running() && !cx.program.protocols_are_ready(cx) {
        cx.life.set(Life::DestroyRequested);
    }
}

/// PROTOCOL_INIT to each protocol of a vhost: `in` its options. Nonzero: the rest stays uninitialised.
///
/// True: all of them are initialised, and the vhost is still there. A vhost that the program destroys meanwhile ends here,
/// behind the last PROTOCOL_INIT, as the original has it where the vhost listens.
pub fn init_vhost(may: &mut MayCall, cx: &Context, vhost: &Rc<Vhost>) -> bool {
    if vhost.has_option(option::SKIP_PROTOCOL_INIT) {
        return true;
    }
    if vhost.init_tried.replace(true) {
        return vhost.initialised.get();
    }
    cx.running_init(true);
    vhost.in_init.set(true);
    let mut refused = None;
    for (index, entry) in vhost.protocols.iter().enumerate() {
        if entry.without_init {
            continue;
        }
        let Some(stub) = cx.stub(vhost) else {
            refused = Some((String::from_utf8_lossy(&entry.name).into_owned(), -1));
            break;
        };
        let to = vhost.protocol(index);
        stub.protocol.set(to);
        let argument = if entry.options == 0 { Arg::None } else { Arg::Address(entry.options) };
        let verdict = callback::call(may, cx, stub, to, Reason::ProtocolInit, argument);
        cx.discard_stub(stub);
        if verdict != 0 {
            refused = Some((String::from_utf8_lossy(&entry.name).into_owned(), verdict));
            break;
        }
        entry.owes_destroy.set(true);
    }
    cx.running_init(false);
    vhost.in_init.set(false);
    if let Some((name, verdict)) = refused {
        let text = format_args!("protocol '{name}' returned {verdict} at PROTOCOL_INIT: its vhost is not initialised");
        log::line(Level::Err, Scope::Vhost(vhost), "lws_protocol_init", text);
    } else {
        // Protocols without options get no PROTOCOL_INIT where the vhost has a list of them, but PROTOCOL_DESTROY.
        vhost.protocols.iter().for_each(|entry| entry.owes_destroy.set(true));
        vhost.initialised.set(true);
    }
    if vhost.being_destroyed.get() {
        super::destroy::vhost_now(may, cx, vhost);
        return false;
    }
    vhost.initialised.get()
}

fn dispatch(may: &mut MayCall, cx: &Context, ready: &[Ready]) {
    for event in ready {
        match event.token {
            WAKE => {
                command::carry_out_all(may, cx);
                continue;
            }
            TIMER => {
                cx.loop_timer.told();
                continue;
            }
            token if linger::is_token(token) => {
                cx.lingering.ready(&cx.poller, token);
                continue;
            }
            _ => {}
        }
        if !cx.is_running() {
            break;
        }
        // Closed earlier in this batch: the name is dead, the event falls away.
        if let Some(wsi) = cx.wsi(WsiId::from_bits(event.token)) {
            note_readiness(wsi, *event);
            visit::service_wsi(may, cx, wsi);
        }
    }
}

fn note_readiness(wsi: &Wsi, event: Ready) {
    if event.readable {
        wsi.set(flag::READABLE);
    }
    if event.writable {
        wsi.set(flag::WRITABLE);
    }
    if event.hung_up {
        wsi.set(flag::HUNG_UP | flag::READABLE);
    }
}

/// Connections with work that needs no edge; those that get new work meanwhile wait for the next turn.
fn work_through_pending(may: &mut MayCall, cx: &Context) {
    if !cx.has_pending() {
        return;
    }
    for id in cx.take_pending() {
        let Some(wsi) = cx.wsi(id) else { continue };
        wsi.clear(flag::PENDING);
        if cx.is_running() && wsi.phase.get() != Phase::Dead {
            visit::service_wsi(may, cx, wsi);
        }
    }
}

/// Sends what the turn queued.
pub fn flush_dirty(may: &mut MayCall, cx: &Context) {
    while cx.has_dirty() {
        for id in cx.take_dirty() {
            let Some(wsi) = cx.wsi(id) else { continue };
            wsi.clear(flag::DIRTY);
            if !matches!(wsi.phase.get(), Phase::Dead | Phase::Queued | Phase::Resolving | Phase::Connecting) {
                flush_wsi(may, cx, wsi);
            }
        }
    }
}

/// Sends what one connection has queued, and what follows from that.
pub fn flush_wsi(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let was_backlogged = out::is_backlogged(wsi);
    wsi.clear(flag::LARGE_WRITE);
    match out::flush(may, cx, wsi) {
        Flushed::All => {
            if wsi.role.get() == Role::H2 {
                role::h2::drained(may, cx, wsi);
            } else if was_backlogged {
                wsi.set(flag::OWES_WRITEABLE);
                cx.make_pending(wsi);
            }
            if wsi.is_closing() {
                // The next step of the end; its callbacks come from the turn.
                if cx.depth.get() > 0 {
                    close::output_drained(may, cx, wsi);
                }
                cx.make_pending(wsi);
            }
        }
        Flushed::Blocked => poll_events::update(may, cx, wsi),
        // The turn closes it: a program outside of service gets no callback out of the blue.
        Flushed::Dead(error) => {
            close::note_cause(cx, wsi, CloseCause::peer(super::net::describe(&error)));
            wsi.set(flag::HUNG_UP | flag::READABLE);
            cx.make_pending(wsi);
        }
    }
}

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
use super::context::{Context, Life, PRE, system_state};
use super::input::{self, Input};
use super::log::{self, Level, Scope};
use super::out::{self, Flushed};
use super::poller::{Ready, TIMER, WAKE};
use super::table::WsiId;
use super::timer::Micros;
use super::vhost::{Vhost, option};
use super::wsi::{Phase, Role, Wsi, flag};
use super::{client, command, deadline, linger, listeners, loop_timer, poll_events, role, server, tls_certificates};
use std::rc::Rc;
use std::time::Duration;

/// Longest wait of a turn: about 23 days, as the original.
const LONGEST_WAIT_US: u64 = 2_000_000_000_000;
/// Reads of one connection in one turn.
const READ_BUDGET: u32 = 8;
/// WRITEABLE callbacks of one connection in one turn.
const WRITE_BUDGET: u32 = 64;
/// First size of the shared receive buffer, and what it may grow to.
const RX_BUFFER: usize = 32 * 1024;
const RX_BUFFER_MAX: usize = 136 * 1024;
/// Bytes of one read behind which the program may write before more is read.
const LARGE_READ: usize = 32 * 1024;

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
        service_wsi(may, cx, wsi);
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
            service_wsi(may, cx, wsi);
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
            service_wsi(may, cx, wsi);
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

/// Everything one connection can do now.
pub fn service_wsi(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    let outer = cx.servicing.replace(Some(id));
    service_now(may, cx, wsi, id);
    cx.servicing.set(outer);
    if wsi.id() == id && wsi.phase.get() != Phase::Dead && leaves_work(wsi) {
        cx.make_dirty(wsi);
    }
}

/// Whether a visit, which sends what it queued, left something for the end of the turn. An empty queue counts: the TLS
/// session has something to say.
fn leaves_work(wsi: &Wsi) -> bool {
    wsi.has(flag::LARGE_WRITE) || wsi.is_closing() || !wsi.has(flag::BACKLOG) && wsi.out.is_set()
}

fn service_now(may: &mut MayCall, cx: &Context, wsi: &Wsi, id: WsiId) {
    match wsi.phase.get() {
        Phase::Dead => return,
        Phase::Connecting => client::connect::on_ready(may, cx, wsi),
        Phase::Resolving => {}
        Phase::Queued => client::pipeline::on_turn(may, cx, wsi),
        Phase::Proxy => client::handshake::proxy_ready(may, cx, wsi),
        Phase::TlsHandshake if wsi.is_client() => client::handshake::tls_ready(may, cx, wsi),
        Phase::TlsHandshake => super::tls_accept::on_ready(may, cx, wsi),
        Phase::AwaitReply => client::reply::on_ready(may, cx, wsi),
        Phase::ReplyBody => role::http::reply_body_ready(may, cx, wsi),
        Phase::ReplyDone => role::http::linger(may, cx, wsi),
        Phase::RequestHead | Phase::Transaction => server::on_ready(may, cx, wsi),
        Phase::Idle if wsi.role.get() == Role::Listen => return role::listen::on_ready(may, cx, wsi),
        Phase::Idle => {}
        Phase::Established | Phase::CloseQueued | Phase::CloseSent | Phase::CloseEchoed | Phase::Flushing => {
            read_side(may, cx, wsi);
        }
    }
    if wsi.id() == id && wsi.phase.get() != Phase::Dead {
        write_side(may, cx, wsi);
    }
    if wsi.id() == id && wsi.has(flag::STREAM) {
        role::h2_stream::end_if_completed(may, cx, wsi);
    }
    if wsi.id() == id && wsi.phase.get() != Phase::Dead && wsi.has(flag::KILL) && wsi.pins.get() == 0 {
        close::at_once(may, cx, wsi, CloseCause::ours("closed by the program (LWS_TO_KILL)"));
    }
}

fn read_side(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    match wsi.role.get() {
        Role::Ws => read_ws(may, cx, wsi),
        Role::RawSocket if wsi.has(flag::ONWARD) && wsi.phase.get() == Phase::Established => {}
        Role::H2 if wsi.phase.get() == Phase::Established => role::h2::on_readable(may, cx, wsi),
        Role::RawSocket if wsi.phase.get() == Phase::Established => role::raw::on_readable(may, cx, wsi),
        Role::Udp if wsi.phase.get() == Phase::Established => super::udp::on_readable(may, cx, wsi),
        Role::RawFile => role::raw_file::on_ready(may, cx, wsi),
        _ => drain_closing(may, cx, wsi),
    }
}

/// A connection that only flushes: input is thrown away, its end is noticed.
fn drain_closing(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let mut buffer = [0; 16 * 1024];
    for _ in 0..READ_BUDGET {
        if !wsi.has(flag::READABLE | flag::HUNG_UP) {
            return;
        }
        match input::read(may, cx, wsi, &mut buffer) {
            Input::Bytes(_) => {}
            Input::Empty => return,
            Input::End | Input::Failed(_) => {
                return close::lost(may, cx, wsi, CloseCause::peer("closed while we flushed"));
            }
        }
    }
    cx.make_pending(wsi);
}

fn read_ws(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    if matches!(wsi.phase.get(), Phase::CloseEchoed | Phase::Flushing) {
        return drain_closing(may, cx, wsi);
    }
    let Some(mut buffer) = input::Lent::of(cx, 0) else { return };
    let mut reads = 0;
    // Bytes at the start of the buffer that were read before and not consumed.
    let mut held = 0;
    loop {
        if wsi.rx_held.get() != 0 && wsi.phase.get() == Phase::Established {
            break;
        }
        if !wsi.has(flag::READABLE | flag::HUNG_UP)
            && !input::has_more(wsi)
            && (reads > 0 || wsi.stash_len() == 0 && !role::ws::is_holding(wsi))
        {
            break;
        }
        if reads == 0 {
            held = wsi.stash_len();
        }
        let wanted = PRE + (wsi.piece_limit.get() as usize).saturating_add(64).max(RX_BUFFER).max(held * 2) + 1;
        if !buffer.grow(wanted) {
            close::at_once(may, cx, wsi, CloseCause::ours(input::NO_MEMORY));
            return;
        }
        if reads == 0 {
            buffer[PRE..PRE + held].copy_from_slice(&wsi.stash.take());
        }
        let mut fill = PRE + held;
        let end = PRE + role::ws::read_goal(wsi, held, buffer.len() - 1 - PRE);
        let input = input::read(may, cx, wsi, &mut buffer[fill..end]);
        let mut finished = None;
        match input {
            Input::Bytes(count) => {
                fill += count;
                if fill == end && buffer.len() < RX_BUFFER_MAX {
                    // Much is waiting: larger reads from now on.
                    let larger = (buffer.len() * 2).min(RX_BUFFER_MAX);
                    let _ = buffer.grow(larger);
                }
            }
            Input::Empty if reads == 0 && (held > 0 || role::ws::is_holding(wsi)) => {}
            Input::Empty => break,
            Input::End => finished = Some(CloseCause::peer("FIN")),
            Input::Failed(why) => finished = Some(CloseCause::peer(why)),
        }
        reads += 1;
        let rest = if fill > PRE || role::ws::is_holding(wsi) {
            role::ws::receive(may, cx, wsi, &mut buffer, fill)
        } else {
            0
        };
        held = 0;
        if wsi.id() != id || wsi.phase.get() == Phase::Dead {
            break;
        }
        if rest > 0 {
            buffer.copy_within(fill - rest..fill, PRE);
            held = rest;
        }
        if let Some(cause) = finished {
            let waits = rest > 0 || role::ws::is_holding(wsi);
            if wsi.rx_held.get() != 0 && waits && wsi.phase.get() == Phase::Established {
                // Data before the end is delivered first, when the program lets it flow.
                wsi.set(flag::PEER_ENDED | flag::HUNG_UP);
                break;
            }
            held = 0;
            close::lost(may, cx, wsi, cause);
            break;
        }
        let more = wsi.has(flag::READABLE | flag::HUNG_UP) || input::has_more(wsi);
        if !more {
            break;
        }
        // An answer that is ready goes out before more comes in: the program's queue stays short, and in the cache.
        let answers = fill - PRE >= LARGE_READ && wsi.has(flag::WANTS_WRITEABLE) && wsi.has(flag::WRITABLE);
        if reads >= READ_BUDGET || answers && !wsi.has(flag::BACKLOG) {
            cx.make_pending(wsi);
            break;
        }
    }
    if held > 0 {
        wsi.stash.set(buffer[PRE..PRE + held].to_vec());
    }
    buffer.shrink(RX_BUFFER_MAX);
}

/// Sending failed: the end of the connection. What is not a connection yet for the program of a client is told as any
/// other failure on the way there.
fn lost_while_sending(may: &mut MayCall, cx: &Context, wsi: &Wsi, error: &std::io::Error) {
    let why = super::net::describe(error);
    match wsi.phase.get() {
        Phase::Proxy if wsi.is_client() => {
            client::fail(may, cx, wsi, "proxy write failed", &format!("step proxy: {why}"));
        }
        Phase::TlsHandshake if wsi.is_client() => {
            client::fail(may, cx, wsi, "read failed", &format!("step tls: {why}"));
        }
        Phase::AwaitReply if wsi.is_client() => {
            client::fail(may, cx, wsi, "read failed", &format!("step http: {why}"));
        }
        _ => close::lost(may, cx, wsi, CloseCause::peer(why)),
    }
}

/// Sends what is queued where that is due, and delivers WRITEABLE while it is wanted and nothing is backlogged.
fn write_side(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if wsi.has(flag::SERVING_FILE) && wsi.phase.get() == Phase::Transaction {
        return super::file_serving::pump(may, cx, wsi);
    }
    if wsi.has(flag::PROXIED) && wsi.phase.get() == Phase::Transaction {
        return super::proxy::pump(may, cx, wsi);
    }
    if wsi.has(flag::ONWARD) && wsi.phase.get() == Phase::Established {
        return super::proxy::pump_onward(may, cx, wsi);
    }
    if wsi.role.get() == Role::H2 && wsi.phase.get() == Phase::Established {
        return role::h2::write_side(may, cx, wsi);
    }
    let id = wsi.id();
    for _ in 0..WRITE_BUDGET {
        let closing = wsi.is_closing();
        let waiting = out::queued(wsi);
        let was_backlogged = out::is_backlog(wsi, waiting);
        if wsi.has(flag::WRITABLE) && (was_backlogged || closing && waiting > 0) {
            wsi.clear(flag::LARGE_WRITE);
            match out::flush(may, cx, wsi) {
                Flushed::All if was_backlogged && !closing => {
                    wsi.set(flag::OWES_WRITEABLE);
                    role::ws::answer_latest_ping(cx, wsi);
                }
                Flushed::All => {}
                Flushed::Blocked => break,
                Flushed::Dead(error) => return lost_while_sending(may, cx, wsi, &error),
            }
        }
        if closing && out::queued(wsi) == 0 {
            close::output_drained(may, cx, wsi);
            if wsi.id() != id || wsi.phase.get() == Phase::Dead {
                return;
            }
        }
        if !wsi.has(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE) || !wsi.has(flag::WRITABLE) || wsi.has(flag::BACKLOG)
        {
            break;
        }
        let may_write = match wsi.phase.get() {
            Phase::Established => true,
            Phase::Transaction => !super::transaction::is_leaving(wsi),
            Phase::AwaitReply => wsi.client.visit(|state| state.body_pending).unwrap_or(false),
            Phase::CloseSent => wsi.has(flag::OWES_WRITEABLE),
            _ => false,
        };
        if !may_write {
            break;
        }
        wsi.clear(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE);
        let was_closing = wsi.is_closing();
        let verdict = callback::writeable(may, cx, wsi);
        let reason = if wsi.is_client() { Reason::ClientWriteable } else { Reason::ServerWriteable };
        if !close::after_callback(may, cx, wsi, id, reason, verdict) {
            if !was_closing {
                if wsi.id() == id && wsi.phase.get() == Phase::CloseQueued {
                    continue;
                }
                break;
            }
            if wsi.id() != id || wsi.phase.get() == Phase::Dead {
                return;
            }
        }
        if out::queued(wsi) > out::CORK_BYTES && matches!(out::flush(may, cx, wsi), Flushed::Blocked) {
            break;
        }
    }
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return;
    }
    if out::queued(wsi) > 0 && wsi.has(flag::WRITABLE) {
        match out::flush(may, cx, wsi) {
            Flushed::All if wsi.is_closing() => cx.make_pending(wsi),
            Flushed::All | Flushed::Blocked => {}
            Flushed::Dead(error) => return lost_while_sending(may, cx, wsi, &error),
        }
    }
    let wants =
        wsi.has(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE) && wsi.has(flag::WRITABLE) && !wsi.has(flag::BACKLOG);
    let may_write = match wsi.phase.get() {
        Phase::Established | Phase::Transaction | Phase::CloseSent => true,
        Phase::AwaitReply => wsi.client.visit(|state| state.body_pending).unwrap_or(false),
        _ => false,
    };
    if wants && may_write {
        cx.make_pending(wsi);
    }
    poll_events::update(may, cx, wsi);
}

// ---- what programs ask of a connection

/// [`request_writeable`] of the connection that is visited, a visit being what ends with WRITEABLE callbacks. False: it is
/// another one, or not open, and nothing was done.
#[inline(always)]
pub fn request_writeable_usual(cx: &Context, wsi: &Wsi) -> bool {
    let is_visited = cx.servicing.get() == Some(wsi.id());
    let is_open = wsi.phase.get() == Phase::Established && wsi.role.get() != Role::H2 && !wsi.has(flag::WRITE_DEAD);
    if is_visited && is_open {
        wsi.set(flag::WANTS_WRITEABLE);
    }
    is_visited && is_open
}

/// `lws_callback_on_writable`: 1 noted, 0 going down.
pub fn request_writeable(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> i32 {
    // Of an http/2 connection only the streams write.
    if wsi.is_closing() || wsi.has(flag::WRITE_DEAD) || wsi.role.get() == Role::H2 {
        return 0;
    }
    wsi.set(flag::WANTS_WRITEABLE);
    // The visit that is under way ends with its WRITEABLE callbacks; no other one is needed.
    if wsi.has(flag::WRITABLE) && !wsi.has(flag::BACKLOG) && cx.servicing.get() != Some(wsi.id()) {
        cx.make_pending(wsi);
    }
    if cx.depth.get() == 0 {
        poll_events::update(may, cx, wsi);
        cx.note_waiting();
    }
    1
}

/// [`write`] of what programs mostly write. False: it may be anything else, and nothing was done.
#[inline(always)]
pub fn write_usual(cx: &Context, wsi: &Wsi, payload: &[u8], kind: i32) -> bool {
    wsi.role.get() == Role::Ws && role::ws::write_usual(cx, wsi, payload, kind)
}

/// `lws_write`. Err: nothing was queued, with the reason.
pub fn write(may: &mut MayCall, cx: &Context, wsi: &Wsi, payload: &[u8], kind: i32) -> Result<usize, &'static str> {
    if !out::has_memory_for(wsi, payload.len()) {
        return Err("no memory for the bytes that the socket would not take at once");
    }
    match wsi.role.get() {
        // An answer of the program at one of the filter callbacks: still http on the wire.
        Role::Ws if wsi.phase.get() == Phase::RequestHead => write_http(may, cx, wsi, payload, kind),
        Role::Ws => role::ws::write(may, cx, wsi, payload, kind),
        Role::Http if wsi.phase.get() == Phase::Queued => Err("its request waits for a connection (LCCSCF_PIPELINE)"),
        Role::Http => write_http(may, cx, wsi, payload, kind),
        Role::RawSocket => role::raw::write(may, cx, wsi, payload),
        Role::Udp => super::udp::write(cx, wsi, payload),
        Role::RawFile => role::raw_file::write(wsi, payload),
        Role::H2 => Err("the http/2 connection itself: write to one of its streams"),
        Role::Vacant | Role::Stub | Role::Listen => Err("not a connection that can be written to"),
    }
}

/// A head or body bytes of the program, sent as they are; what is behind the end of an answer is left out.
fn write_http(may: &mut MayCall, cx: &Context, wsi: &Wsi, payload: &[u8], kind: i32) -> Result<usize, &'static str> {
    if wsi.has(flag::STREAM) {
        role::h2_stream::write(may, cx, wsi, payload, kind)?;
    } else if super::reply::is_too_late(wsi, payload.len()) {
        return Ok(payload.len());
    } else {
        let sent = &payload[..super::reply::within_answer(wsi, payload)];
        role::raw::write(may, cx, wsi, sent)?;
    }
    super::reply::note_answered(wsi);
    Ok(payload.len())
}

/// LWS_TO_KILL_ASYNC and LWS_TO_KILL_SYNC.
pub const KILL_ASYNC: i32 = -1;
pub const KILL_SYNC: i32 = -2;

/// `lws_set_timeout`: seconds, 0 to clear, or one of the kill values.
pub fn set_timeout(may: &mut MayCall, cx: &Context, wsi: &Wsi, reason: u32, secs: i32) {
    match secs {
        KILL_SYNC if wsi.pins.get() == 0 => {
            close::at_once(may, cx, wsi, CloseCause::ours("closed by the program (LWS_TO_KILL_SYNC)"));
        }
        KILL_SYNC => {
            wsi.set(flag::KILL);
            cx.make_pending(wsi);
        }
        KILL_ASYNC => {
            wsi.timeout_reason.set(deadline::wait::KILL as u16);
            deadline::set(cx, wsi, super::timer::Kind::Timeout, Some(0));
        }
        _ if reason == 0 || secs <= 0 => deadline::clear_timeout(cx, wsi),
        _ => deadline::start_timeout(cx, wsi, reason.max(1), secs as u32),
    }
}

/// `lws_set_timer_usecs`; -1 cancels.
pub fn set_timer(cx: &Context, wsi: &Wsi, us: i64) {
    deadline::set(cx, wsi, super::timer::Kind::UserTimer, u64::try_from(us).ok());
}

/// `lws_rx_flow_control`: 0 stops, 1 resumes, or a set of reason bits.
pub fn rx_flow(cx: &Context, wsi: &Wsi, bits: i32) {
    const APPLIES: i32 = 1 << 14;
    const ENABLE: i32 = (1 << 13) | APPLIES;
    const REASONS: i32 = 0xfff;
    let held = wsi.rx_held.get();
    let held = if bits & APPLIES != 0 {
        let mask = (bits & REASONS) as u16;
        if bits & ENABLE == ENABLE { held & !mask } else { held | mask }
    } else if bits & 1 != 0 {
        held & !super::wsi::RX_USER_BIT
    } else {
        held | super::wsi::RX_USER_BIT
    };
    let was = wsi.rx_held.replace(held);
    if was != 0 && held == 0 {
        cx.make_pending(wsi);
    }
}

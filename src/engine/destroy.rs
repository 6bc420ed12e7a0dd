//! The end of vhosts and of the context.
use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::{Context, Life, system_state};
use super::log::{self, Level, Scope};
use super::poll_events;
use super::vhost::Vhost;
use super::wsi::{Role, Wsi};
use std::rc::Rc;

/// `lws_context_destroy`: at once when nothing of the context is on the stack, else when the outermost frame ends.
///
/// True: it was carried out, the context is empty.
pub fn request(may: &mut MayCall, cx: &Context) -> bool {
    match cx.life.get() {
        Life::Running | Life::DestroyRequested => {}
        Life::Destroying | Life::Destroyed => return cx.life.get() == Life::Destroyed,
    }
    cx.life.set(Life::DestroyRequested);
    if cx.depth.get() > 0 || cx.callbacks.get() > 0 {
        cx.wake.cancel();
        return false;
    }
    cx.complain_if_unserviced(may, "the context is being destroyed");
    carry_out(may, cx);
    true
}

/// Connections with their callbacks, then the states, PROTOCOL_DESTROY in between, then everything is dropped.
pub fn carry_out(may: &mut MayCall, cx: &Context) {
    if matches!(cx.life.get(), Life::Destroying | Life::Destroyed) {
        return;
    }
    cx.life.set(Life::Destroying);
    cx.refresh_now();
    close_connections(may, cx, |_| true);
    cx.program.transition(cx, system_state::POLICY_INVALID);
    poll_events::withdraw_wake(may, cx);
    let vhosts = cx.all_vhosts();
    for vhost in &vhosts {
        end_vhost(may, cx, vhost);
    }
    cx.program.transition(cx, system_state::CONTEXT_DESTROYING);
    // What callbacks of the end may have opened again.
    close_connections(may, cx, |_| true);
    for vhost in &vhosts {
        cx.remove_vhost(vhost);
    }
    cx.lingering.end(&cx.poller);
    cx.empty_graveyard();
    cx.reap_vhosts();
    let left_behind = cx.lookups.end();
    if left_behind > 0 {
        let text =
            format_args!("not waiting for {left_behind} name lookups that the system's resolver is still busy with");
        log::line(Level::Notice, Scope::Context(cx), "dns", text);
    }
    cx.program.leaves_loop(cx);
    cx.life.set(Life::Destroyed);
}

/// Closes the chosen connections without politeness; the newest first as the original mostly does, listeners last.
fn close_connections(may: &mut MayCall, cx: &Context, chosen: impl Fn(&Wsi) -> bool) {
    let mut ids: Vec<_> =
        cx.all_wsi().filter(|wsi| chosen(wsi)).map(|wsi| (wsi.role.get() == Role::Listen, wsi.id())).collect();
    ids.sort_by_key(|(is_listener, id)| (*is_listener, std::cmp::Reverse(id.index())));
    for (_, id) in ids {
        if let Some(wsi) = cx.wsi(id) {
            close::at_once(may, cx, wsi, CloseCause::ours("the context or vhost was destroyed"));
        }
    }
}

/// PROTOCOL_DESTROY to each protocol of a vhost whose PROTOCOL_INIT was not refused.
fn end_vhost(may: &mut MayCall, cx: &Context, vhost: &Rc<Vhost>) {
    vhost.being_destroyed.set(true);
    super::listeners::closed(vhost);
    for (index, entry) in vhost.protocols.iter().enumerate() {
        if !entry.owes_destroy.replace(false) {
            continue;
        }
        let Some(stub) = cx.stub(vhost) else { return };
        let to = vhost.protocol(index);
        stub.protocol.set(to);
        callback::call(may, cx, stub, to, Reason::ProtocolDestroy, Arg::None);
        cx.discard_stub(stub);
    }
}

/// `lws_vhost_destroy`: its listeners and connections end, then PROTOCOL_DESTROY; the handle is dead afterwards.
///
/// While its protocols get their PROTOCOL_INIT it is only marked: the end follows when the last of them has returned.
pub fn vhost(may: &mut MayCall, cx: &Context, vhost: &Rc<Vhost>) {
    if vhost.being_destroyed.get() {
        return;
    }
    super::vhost_select::hand_listeners_over(cx, vhost);
    // Nothing may join it from here on, whatever the callbacks of its end do.
    vhost.being_destroyed.set(true);
    if !vhost.in_init.get() {
        vhost_now(may, cx, vhost);
    }
}

/// The end of a vhost that [`vhost`] marked.
pub fn vhost_now(may: &mut MayCall, cx: &Context, vhost: &Rc<Vhost>) {
    let index = (vhost.index.get(), vhost.generation.get());
    let is_of = |wsi: &Wsi| wsi.with_vhost(|other| (other.index.get(), other.generation.get()) == index) == Some(true);
    close_connections(may, cx, |wsi| is_of(wsi) && wsi.pins.get() == 0);
    // Connections whose callback is running end when it returns.
    for wsi in cx.all_wsi().filter(|wsi| is_of(wsi)) {
        wsi.set(super::wsi::flag::KILL);
        cx.make_pending(wsi);
    }
    end_vhost(may, cx, vhost);
    cx.remove_vhost(vhost);
}

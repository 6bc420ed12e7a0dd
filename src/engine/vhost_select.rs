//! Which vhost a client means: by the name in its ClientHello (SNI), then by its Host header.
use super::callback;
use super::cell::MayCall;
use super::client::set_protocol;
use super::close;
use super::context::Context;
use super::log::{self, Level, Scope};
use super::vhost::{Vhost, option};
use super::wsi::{Role, Wsi, flag};
use std::rc::Rc;

/// The vhost that a client means by `name` among those on the same port as `accepting`; `None`: it stays with that one.
pub fn find(cx: &Context, accepting: &Vhost, name: &str) -> Option<Rc<Vhost>> {
    let port = accepting.listen_port.get();
    if port == 0 || cx.vhost_names.is_one() {
        return None;
    }
    cx.vhost_names.meant_by(name, |vhost| vhost.listen_port.get() == port && !vhost.being_destroyed.get())
}

/// Whether another vhost listens on the same interface and port already: its socket serves both then.
pub fn shares_listener(cx: &Context, vhost: &Vhost) -> bool {
    let Ok(port) = u16::try_from(vhost.settings.port) else { return false };
    if port == 0 || vhost.has_option(option::UNIX_SOCKET) {
        return false;
    }
    let shared = cx.all_vhosts().into_iter().any(|other| {
        other.listen_port.get() == port
            && other.settings.iface == vhost.settings.iface
            && !other.has_option(option::UNIX_SOCKET)
            && !other.being_destroyed.get()
            && !std::ptr::eq(&*other, vhost)
    });
    if shared {
        vhost.listen_port.set(port);
    }
    shared
}

/// A vhost ends: its listeners go to another vhost that shares them, if there is one.
pub fn hand_listeners_over(cx: &Context, vhost: &Rc<Vhost>) {
    let port = vhost.listen_port.get();
    if port == 0 {
        return;
    }
    let heir = cx.all_vhosts().into_iter().find(|other| {
        !Rc::ptr_eq(other, vhost)
            && other.listen_port.get() == port
            && other.settings.iface == vhost.settings.iface
            && !other.being_destroyed.get()
    });
    let Some(heir) = heir else { return };
    let listeners = vhost.listeners.take();
    for wsi in listeners.iter().filter_map(|id| cx.wsi(*id)) {
        vhost.connections.set(vhost.connections.get().saturating_sub(1));
        heir.connections.set(heir.connections.get() + 1);
        wsi.vhost.set(Some(Rc::clone(&heir)));
        wsi.protocol.set(heir.first_protocol());
    }
    heir.listeners.set([heir.listeners.take(), listeners].concat());
}

/// SNI: another vhost takes the connection over.
pub fn by_sni(may: &mut MayCall, cx: &Context, wsi: &Wsi, name: &str) {
    if let Some(found) = wsi.vhost().and_then(|vhost| find(cx, &vhost, name)) {
        move_to(may, cx, wsi, &found);
    }
}

/// Host: as SNI, for each request. Err: the client proved nothing to the vhost it asks for (RFC 9110 §7.4: 421).
pub fn by_host(may: &mut MayCall, cx: &Context, wsi: &Wsi, host: &[u8]) -> Result<(), &'static str> {
    let Ok(host) = std::str::from_utf8(host) else { return Ok(()) };
    let Some(accepting) = wsi.vhost() else { return Ok(()) };
    let Some(found) = find(cx, &accepting, host) else { return Ok(()) };
    if Rc::ptr_eq(&found, &accepting) {
        return Ok(());
    }
    let asks_for_certificates = found.server_tls().is_some_and(|tls| tls.asks_for_certificates());
    if found.has_option(option::REQUIRE_CLIENT_CERT) || asks_for_certificates {
        return Err("this vhost needs a TLS handshake of its own");
    }
    if found.settings.serves_tls.get() && !wsi.has(flag::TLS) && !found.has_option(option::HTTP_ON_TLS_PORT) {
        return Err("this vhost is reached by https only");
    }
    move_to(may, cx, wsi, &found);
    Ok(())
}

fn move_to(may: &mut MayCall, cx: &Context, wsi: &Wsi, target: &Rc<Vhost>) {
    let Some(old) = wsi.vhost() else { return };
    if Rc::ptr_eq(&old, target) {
        return;
    }
    let id = wsi.id();
    let name = old.entry(wsi.protocol.get()).map(|entry| entry.name.clone()).unwrap_or_default();
    let same = target.protocol_named(&name);
    // A raw connection keeps what it was bound to, as far as the other vhost has that too.
    let keeps = wsi.role.get() == Role::RawSocket && !same.is_none();
    if !keeps {
        callback::drop_protocol(may, cx, wsi);
        if wsi.id() != id || !wsi.is_live() || wsi.is_closing() {
            return;
        }
        close::free_session(cx, wsi);
    }
    log::line(Level::Info, Scope::Wsi(wsi), "vhost", format_args!("goes to vhost '{}'", target.name()));
    old.connections.set(old.connections.get().saturating_sub(1));
    target.connections.set(target.connections.get() + 1);
    wsi.vhost.set(Some(Rc::clone(target)));
    set_protocol(cx, wsi, if keeps { same } else { target.default_protocol() });
}

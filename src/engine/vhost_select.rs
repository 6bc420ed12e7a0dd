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

/// The vhost called `name` among those on the same port as `accepting`; `None`: it stays with the accepting one.
///
/// A name that is equal wins, then a vhost `*.example.com` for one label in front of it, then the longest vhost name
/// that is a parent domain (`www.example.com` means "example.com"). Case, a port and a final dot do not count.
pub fn find(cx: &Context, accepting: &Vhost, name: &str) -> Option<Rc<Vhost>> {
    let port = accepting.listen_port.get();
    let name = host_only(name);
    if port == 0 || name.is_empty() {
        return None;
    }
    let mut best: Option<(usize, Rc<Vhost>)> = None;
    for vhost in cx.all_vhosts() {
        if vhost.listen_port.get() != port || vhost.being_destroyed.get() {
            continue;
        }
        let rank = rank(name, vhost.name());
        if rank > best.as_ref().map_or(0, |(best, _)| *best) {
            best = Some((rank, vhost));
        }
    }
    best.map(|(_, vhost)| vhost)
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

/// How well a vhost's name fits; 0: not at all.
fn rank(wanted: &str, own: &str) -> usize {
    let own = host_only(own);
    if own.eq_ignore_ascii_case(wanted) {
        return usize::MAX;
    }
    let ends_with = |tail: &str| {
        let at = wanted.len().checked_sub(tail.len()).filter(|at| *at > 0);
        at.and_then(|at| wanted.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(tail))
    };
    match own.strip_prefix('*') {
        Some(tail) if tail.len() > 1 && tail.starts_with('.') && ends_with(tail) => {
            let label = &wanted[..wanted.len() - tail.len()];
            if label.contains('.') { 0 } else { usize::MAX - 1 }
        }
        Some(_) => 0,
        None => {
            let is_parent =
                !own.is_empty() && ends_with(own) && wanted.as_bytes()[wanted.len() - own.len() - 1] == b'.';
            if is_parent { own.len() } else { 0 }
        }
    }
}

/// A Host value without port, brackets and final dot.
fn host_only(host: &str) -> &str {
    let host = host.trim();
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    let host = match host.split_once(':') {
        // More than one colon: a bare IPv6 address.
        Some((name, port)) if !port.contains(':') => name,
        _ => host,
    };
    host.strip_suffix('.').unwrap_or(host)
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
    if found.has_option(option::REQUIRE_CLIENT_CERT) {
        return Err("this vhost needs a TLS handshake of its own");
    }
    if found.settings.serves_tls && !wsi.has(flag::TLS) && !found.has_option(option::HTTP_ON_TLS_PORT) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_port_case_and_final_dot() {
        for (host, expected) in [
            ("Example.com:7681", "Example.com"),
            ("example.com.", "example.com"),
            ("[::1]:80", "::1"),
            ("::1", "::1"),
            (" a ", "a"),
            (":80", ""),
        ] {
            assert_eq!(host_only(host), expected, "{host}");
        }
        assert_eq!(rank("EXAMPLE.com", "example.COM"), usize::MAX);
    }

    #[test]
    fn wildcards_stand_for_one_label_and_parents_come_last() {
        for (wanted, own, fits) in [
            ("www.example.com", "*.example.com", true),
            ("a.b.example.com", "*.example.com", false),
            ("example.com", "*.example.com", false),
            ("www.example.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("exam", "example.com", false),
            ("example.com.evil", "example.com", false),
            ("b.test", "a.b.test", false),
            ("x.y", "*", false),
            ("x.y", "", false),
            ("é.test", "test", true),
        ] {
            assert_eq!(rank(wanted, own) > 0, fits, "{wanted} {own}");
        }
        assert!(rank("a.b.c", "b.c") > rank("a.b.c", "c"));
        assert!(rank("a.b.c", "*.b.c") > rank("a.b.c", "b.c"));
    }
}

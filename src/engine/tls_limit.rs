//! How many TLS connections and handshakes a context has at a time, where the program limits that.
//!
//! At the limit TLS listeners leave clients in their queue until a connection ends.
use super::context::Context;
use super::wsi::{Phase, Role, Wsi, flag};

/// Whether one more TLS connection would be too many.
pub fn is_reached(cx: &Context) -> bool {
    let (connections, handshakes) = (cx.settings.simultaneous_tls, cx.settings.simultaneous_tls_handshakes);
    if connections == 0 && handshakes == 0 {
        return false;
    }
    let (mut all, mut shaking) = (0, 0);
    for wsi in cx.all_wsi().filter(|wsi| wsi.phase.get() != Phase::Dead) {
        let is_shaking = wsi.phase.get() == Phase::TlsHandshake;
        shaking += u32::from(is_shaking);
        all += u32::from(is_shaking || wsi.has(flag::TLS));
    }
    connections != 0 && all >= connections || handshakes != 0 && shaking >= handshakes
}

/// Whether a client connection must not start TLS: there are as many as the program wants.
pub fn refuses_client(cx: &Context) -> bool {
    let limit = cx.settings.simultaneous_tls;
    let has_tls = |wsi: &&Wsi| wsi.phase.get() != Phase::Dead && wsi.has(flag::TLS);
    limit != 0 && cx.all_wsi().filter(has_tls).count() >= limit as usize
}

/// Whether this listener has to wait: for a TLS connection to end, or for any.
pub fn holds_back(cx: &Context, listener: &Wsi) -> bool {
    cx.is_full() || listener.with_vhost(|vhost| vhost.settings.serves_tls.get()) == Some(true) && is_reached(cx)
}

/// Whether a connection gives its place up after this transaction, since others wait for it.
pub fn gives_way(cx: &Context, wsi: &Wsi) -> bool {
    wsi.has(flag::TLS) && is_reached(cx)
}

/// A connection or handshake ended: listeners that were held back go on.
pub fn released(cx: &Context) {
    if cx.settings.simultaneous_tls == 0 && cx.settings.simultaneous_tls_handshakes == 0 {
        return;
    }
    wake_listeners(cx);
}

/// Listeners that were held back look again.
pub fn wake_listeners(cx: &Context) {
    for listener in cx.all_wsi().filter(|wsi| wsi.role.get() == Role::Listen && wsi.has(flag::READABLE)) {
        cx.make_pending(listener);
    }
}

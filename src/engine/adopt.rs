//! Descriptors become connections: raw sockets and files, given by a listener or by the program, and http connections
//! that turn out to be something else.
use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::client::{NO_SESSION, allocate_session, set_protocol};
use super::close::{self, CloseCause};
use super::context::{Context, Group, PRE};
use super::deadline::{self, wait};
use super::log::{self, Level, Scope};
use super::role::http::HttpState;
use super::table::WsiId;
use super::tls::acceptor::Acceptor;
use super::vhost::{ProtocolRef, Vhost, option};
use super::wsi::{Phase, Role, Wsi, flag};
use super::{net, poll_events, server};
use socket2::Socket;
use std::rc::Rc;

/// What a program says about a descriptor it hands over.
#[derive(Default)]
pub struct Terms {
    /// No TLS, although the vhost has it.
    pub without_tls: bool,
    /// A listener accepted it, and has set the options of the socket.
    pub is_accepted: bool,
    /// Bound to this protocol from the start instead of the vhost's choice.
    pub protocol: Option<ProtocolRef>,
    /// Ends with this connection.
    pub parent: Option<WsiId>,
    pub opaque: usize,
    /// Bytes of the peer that the program read already.
    pub early: Vec<u8>,
}

/// What `listen_accept_role` and the options of a vhost make of its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptRole {
    Http,
    Raw,
}

/// The role of a connection that a listener of `vhost` accepts.
pub fn accept_role(vhost: &Vhost) -> AcceptRole {
    if !vhost.has_option(option::ONLY_RAW) {
        return AcceptRole::Http;
    }
    match vhost.settings.listen_accept_role.as_deref() {
        None | Some("raw-skt") => AcceptRole::Raw,
        Some("h1" | "ws" | "h2") => AcceptRole::Http,
        Some(other) => {
            let text = format_args!("listen_accept_role '{other}' is not known here: raw-skt is used");
            log::line(Level::Err, Scope::Vhost(vhost), "listen_accept_role", text);
            AcceptRole::Raw
        }
    }
}

/// The protocol of raw connections: `listen_accept_protocol`, else the one marked "raw", else the first. `None`: the
/// name that was given is not in the vhost.
pub fn raw_protocol(vhost: &Vhost) -> Option<ProtocolRef> {
    if let Some(name) = vhost.settings.listen_accept_protocol.as_deref() {
        let found = vhost.protocol_named(name.as_bytes());
        if found.is_none() {
            let text = format_args!("listen_accept_protocol '{name}' is not a protocol of this vhost: closing");
            log::line(Level::Err, Scope::Vhost(vhost), "listen_accept_protocol", text);
        }
        return (!found.is_none()).then_some(found);
    }
    let marked = vhost.protocols.iter().position(|protocol| protocol.is_raw_default).unwrap_or(0);
    Some(vhost.protocol(marked)).filter(|protocol| !protocol.is_none())
}

/// Facts that hold before the first callback: parent, opaque data.
pub fn apply(cx: &Context, wsi: &Wsi, terms: &Terms) {
    wsi.opaque.set(terms.opaque);
    if let Some(parent) = terms.parent.and_then(|id| cx.wsi(id)) {
        let id = wsi.id();
        parent.with_rare(|rare| rare.children.push(id));
        let parent = parent.id();
        wsi.with_rare(|rare| rare.parent = Some(parent));
    }
}

/// A raw connection of a listener or the program: WSI_CREATE, RAW_SKT_BIND_PROTOCOL, RAW_ADOPT, then TLS if the vhost
/// has it.
pub fn raw_socket<'a>(
    may: &mut MayCall,
    cx: &'a Context,
    vhost: &Rc<Vhost>,
    socket: Socket,
    terms: &Terms,
) -> Option<&'a Wsi> {
    let protocol = terms.protocol.or_else(|| raw_protocol(vhost))?;
    if !terms.is_accepted {
        let _ = net::tune(&socket, vhost);
    }
    let with_tls = vhost.settings.serves_tls.get() && !terms.without_tls;
    raw_of(may, cx, vhost, socket, Role::RawSocket, protocol, terms, |wsi| {
        if with_tls {
            wsi.http.set(Box::new(HttpState { acceptor: Some(Box::new(Acceptor::new())), ..HttpState::default() }));
            wsi.phase.set(Phase::TlsHandshake);
            deadline::start_timeout(cx, wsi, wait::TLS, cx.settings.timeout_secs);
        }
        wsi.stash.set(terms.early.clone());
    })
}

/// The common part of raw connections; `prepare` runs before the first callback.
#[allow(clippy::too_many_arguments, reason = "a struct would only name once more what a raw connection is made of")]
pub fn raw_of<'a>(
    may: &mut MayCall,
    cx: &'a Context,
    vhost: &Rc<Vhost>,
    socket: Socket,
    role: Role,
    protocol: ProtocolRef,
    terms: &Terms,
    prepare: impl FnOnce(&Wsi),
) -> Option<&'a Wsi> {
    let wsi = cx.new_wsi(vhost, role)?;
    let id = wsi.id();
    let gone = |wsi: &Wsi| wsi.id() != id || wsi.phase.get() == Phase::Dead;
    wsi.socket.set(Some(socket));
    wsi.set(flag::WRITABLE);
    wsi.phase.set(Phase::Established);
    wsi.protocol.set(vhost.first_protocol());
    apply(cx, wsi, terms);
    cx.wsi_born(wsi, Group::Server);
    prepare(wsi);
    callback::wsi_create(may, cx, wsi);
    if gone(wsi) {
        return None;
    }
    if server::bind(may, cx, wsi, protocol) != 0 && gone(wsi) {
        return None;
    }
    limit_pieces(cx, wsi);
    if !poll_events::add(may, cx, wsi) {
        close::at_once(may, cx, wsi, CloseCause::ours("the poller refused the descriptor"));
        return None;
    }
    wsi.set(flag::ACCEPTED);
    let reason = if role == Role::RawFile { Reason::RawAdoptFile } else { Reason::RawAdopt };
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "drops the connection");
    if !close::after_callback(may, cx, wsi, id, reason, verdict) {
        return None;
    }
    cx.make_pending(wsi);
    Some(wsi)
}

/// Raw pieces leave room for LWS_PRE in the service buffer, where the protocol does not say how large they may be.
fn limit_pieces(cx: &Context, wsi: &Wsi) {
    let protocol = wsi.protocol.get();
    let own = wsi.with_vhost(|vhost| vhost.entry(protocol).map_or(0, |entry| entry.rx_buffer_bytes)).unwrap_or(0);
    if own == 0 && wsi.role.get() == Role::RawSocket {
        let size = cx.settings.service_buffer_bytes.saturating_sub(PRE).max(1);
        wsi.piece_limit.set(u32::try_from(size).unwrap_or(u32::MAX / 2));
    }
}

/// The TLS handshake of a raw connection is over: its bytes begin to flow.
pub fn raw_tls_done(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    deadline::clear_timeout(cx, wsi);
    wsi.http.take();
    wsi.phase.set(Phase::Established);
    cx.make_pending(wsi);
    super::role::raw::on_readable(may, cx, wsi);
}

/// An http connection becomes raw: HTTP_BIND_PROTOCOL, RAW_ADOPT, and `bytes`, all that came, as RAW_RX.
pub fn fall_back_to_raw(may: &mut MayCall, cx: &Context, wsi: &Wsi, bytes: Vec<u8>) {
    let id = wsi.id();
    deadline::clear_timeout(cx, wsi);
    let Some(protocol) = wsi.with_vhost(raw_protocol).flatten() else {
        return close::at_once(may, cx, wsi, CloseCause::ours("no protocol for a raw connection"));
    };
    let verdict = server::bind(may, cx, wsi, protocol);
    if !close::after_callback(may, cx, wsi, id, Reason::HttpBindProtocol, verdict) {
        return;
    }
    wsi.role.set(Role::RawSocket);
    wsi.phase.set(Phase::Established);
    super::head_pool::release(cx, wsi);
    wsi.http.take();
    limit_pieces(cx, wsi);
    wsi.stash_in_front(bytes);
    let verdict = callback::strict(may, cx, wsi, Reason::RawAdopt, Arg::None, "closes the connection");
    if close::after_callback(may, cx, wsi, id, Reason::RawAdopt, verdict) {
        super::role::raw::on_readable(may, cx, wsi);
    }
}

/// A descriptor that is no socket: WSI_CREATE, RAW_ADOPT_FILE. There is no bind callback for these.
///
/// On failure the descriptor comes back, open, unless a callback ended the connection.
pub fn raw_file<'a>(
    may: &mut MayCall,
    cx: &'a Context,
    vhost: &Rc<Vhost>,
    descriptor: Socket,
    terms: &Terms,
) -> Result<&'a Wsi, Option<Socket>> {
    let protocol = terms.protocol.unwrap_or_else(|| vhost.default_protocol());
    if protocol.is_none() {
        return Err(Some(descriptor));
    }
    let Some(wsi) = cx.new_wsi(vhost, Role::RawFile) else { return Err(Some(descriptor)) };
    let id = wsi.id();
    wsi.socket.set(Some(descriptor));
    wsi.set(flag::WRITABLE);
    wsi.phase.set(Phase::Established);
    wsi.protocol.set(vhost.first_protocol());
    apply(cx, wsi, terms);
    cx.wsi_born(wsi, Group::Server);
    callback::wsi_create(may, cx, wsi);
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return Err(None);
    }
    set_protocol(cx, wsi, protocol);
    if !poll_events::add(may, cx, wsi) {
        log::line(Level::Err, Scope::Wsi(wsi), "adopt", format_args!("a descriptor of this kind cannot be polled"));
        poll_events::forget(cx, wsi);
        let descriptor = wsi.socket.take();
        close::at_once(may, cx, wsi, CloseCause::ours("the poller refused the descriptor"));
        return Err(descriptor);
    }
    if !allocate_session(cx, wsi) {
        poll_events::forget(cx, wsi);
        let descriptor = wsi.socket.take();
        close::at_once(may, cx, wsi, CloseCause::ours(NO_SESSION));
        return Err(descriptor);
    }
    wsi.set(flag::ACCEPTED);
    let reason = Reason::RawAdoptFile;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "drops the connection");
    if !close::after_callback(may, cx, wsi, id, reason, verdict) {
        return Err(None);
    }
    cx.make_pending(wsi);
    Ok(wsi)
}

/// `lws_raw_transaction_completed`: true when the connection can be closed now, false when that waits for its output.
pub fn raw_completed(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    if wsi.is_closing() {
        return false;
    }
    match super::out::flush(may, cx, wsi) {
        super::out::Flushed::Blocked => {
            close::end_with_answer(may, cx, wsi, CloseCause::ours("lws_raw_transaction_completed"));
            false
        }
        _ => true,
    }
}

//! Client connections: from the connect call to the established connection, or to the one error callback.
//!
//! | step | file |
//! |---|---|
//! | the call, binding, failure | here |
//! | names, addresses, TCP | [`connect`] |
//! | proxy, TLS, request | [`handshake`] |
//! | the reply, redirects, the upgrade | [`reply`] |
//! | cookies of replies and requests | [`cookies`] |
//! | several transactions over one connection | [`pipeline`] |
//! | how long it all took | [`monitor`] |
pub mod connect;
pub mod cookies;
pub mod handshake;
pub mod monitor;
pub mod pipeline;
pub mod reply;

use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::{Context, Group};
use super::log::{self, Level, Scope};
use super::net::{Endpoint, SocketWishes};
use super::table::WsiId;
use super::timer::{Kind, Micros, NEVER};
use super::tls::client_config::ClientTls;
use super::vhost::{ProtocolRef, RetryPolicy, Vhost};
use super::wsi::{Phase, Role, Wsi, flag};
use super::{deadline, service, trace};
use crate::proto::http::method::Method;
use socket2::Socket;
use std::collections::VecDeque;
use std::ffi::{CString, OsString};
use std::rc::Rc;
use std::sync::Arc;

pub use connect::{close_racing, start_next_address};

/// LCCSCF_* bits.
pub mod conn_flag {
    pub const USE_TLS: i32 = 1;
    pub const ALLOW_SELFSIGNED: i32 = 1 << 1;
    pub const SKIP_HOSTNAME_CHECK: i32 = 1 << 2;
    pub const ALLOW_EXPIRED: i32 = 1 << 3;
    pub const ALLOW_INSECURE: i32 = 1 << 4;
    pub const MULTIPART: i32 = 1 << 10;
    pub const URLENCODED: i32 = 1 << 11;
    pub const NO_FOLLOW_REDIRECT: i32 = 1 << 12;
    pub const PIPELINE: i32 = 1 << 16;
    pub const PRIORITIZE_READS: i32 = 1 << 20;
    pub const LOW_LATENCY: i32 = 1 << 24;
    pub const HIGH_THROUGHPUT: i32 = 1 << 25;
    pub const HIGH_RELIABILITY: i32 = 1 << 26;
    pub const LOW_COST: i32 = 1 << 27;
    pub const MONITOR: i32 = 1 << 28;
    pub const ACCEPT_TLS_DOWNGRADE: i32 = 1 << 29;
    pub const CACHE_COOKIES: i32 = 1 << 30;
}

/// What the connection is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Ws,
    Http(Method),
    Raw,
}

/// What `struct lws_client_connect_info` asks for, in owned memory: what goes on the wire byte for byte.
pub struct ConnectRequest {
    pub vhost: Option<Rc<Vhost>>,
    /// Name or literal; "+path" of a unix socket, as far as it is text.
    pub address: String,
    /// The path, where the address is one of a unix socket; a leading '@' means the abstract name space.
    pub unix_path: Option<OsString>,
    pub port: u16,
    /// Request target; a leading "/" is added when missing.
    pub path: Vec<u8>,
    /// Host header, SNI and certificate name.
    pub host: Vec<u8>,
    pub origin: Option<Vec<u8>>,
    /// Subprotocols offered, verbatim.
    pub protocols: Option<Vec<u8>>,
    /// Which of the vhost's protocols handles it; falls back to `protocols` as a whole.
    pub local_protocol: Option<Vec<u8>>,
    pub wanted: Wanted,
    /// LCCSCF_* bits.
    pub flags: i32,
    pub version: u32,
    /// Session memory of the program; 0: allocate.
    pub userdata: usize,
    pub opaque: usize,
    pub parent: Option<WsiId>,
    pub iface: Option<String>,
    pub priority: u8,
    pub alpn: Option<String>,
    pub policy: Option<RetryPolicy>,
    pub log_cx: usize,
    /// How long the connection is kept after its http transaction; 0: 5 s.
    pub keep_warm_secs: u16,
    /// n > 0: client certificate n-1 of the system blobs.
    pub client_cert: u8,
    /// TLS of its own instead of the vhost's.
    pub tls: Option<Arc<ClientTls>>,
    /// To the origin of a proxy mount: no protocol, no callbacks.
    pub is_onward: bool,
}

/// Where the connection goes now; a redirect changes it.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: String,
    pub unix_path: Option<OsString>,
    pub port: u16,
    pub path: Vec<u8>,
    pub host: Vec<u8>,
    pub tls: bool,
}

/// How the proxy stage stands.
pub enum ProxyStage {
    None,
    /// With the credentials of its setting, for the CONNECT request.
    Http {
        reader: crate::proto::proxy::http_connect::ReplyReader,
        auth: Option<String>,
    },
    Socks(Box<crate::proto::proxy::socks5::Socks5>),
}

/// State of a client connection until it is established (plain http: until its end).
pub struct ClientState {
    pub target: Target,
    pub wanted: Wanted,
    pub origin: Option<Vec<u8>>,
    pub protocols: Option<Vec<u8>>,
    pub flags: i32,
    pub version: u32,
    pub alpn: Option<String>,
    pub wishes: SocketWishes,
    pub redirects: u8,
    /// Sec-WebSocket-Key of the request.
    pub key: String,
    /// Sec-WebSocket-Extensions of the request, empty if none.
    pub offered_extensions: Vec<u8>,
    pub reader: crate::proto::http::h1::ResponseReader,
    /// The peer's first line is not HTTP: the timer runs out.
    pub not_http: bool,
    pub proxy: ProxyStage,
    /// What is looked up: name, port, IPv4 only.
    pub lookup: (String, u16, bool),
    /// How often the resolver had no answer for the moment.
    pub lookups_failed: u32,
    /// Tells answers of an earlier lookup of this connection apart.
    pub lookup_serial: u32,
    /// Addresses not tried yet, in the order of RFC 8305 §4.
    pub addresses: VecDeque<Endpoint>,
    /// Earlier attempts that are still pending (RFC 8305 §5).
    pub racing: Vec<(Socket, Endpoint)>,
    /// Address of the attempt in `Wsi::socket`.
    pub current: Option<Endpoint>,
    /// Why the last attempt failed: the text programs know, and facts.
    pub last_failure: (String, String),
    /// Boundary of a multipart/form-data request, empty for others.
    pub boundary: String,
    /// Request body of the program is still to come.
    pub body_pending: bool,
    /// A redirect turned the request into GET.
    pub redirected_to_get: bool,
    /// How long the connection is kept after its http transaction; 0: 5 s.
    pub keep_warm_secs: u16,
    /// n > 0: client certificate n-1 of the system blobs.
    pub client_cert: u8,
    /// TLS as it was when the connection was asked for: its own, or the vhost's.
    pub tls: Option<Arc<ClientTls>>,
    /// It may share its connection with other transactions.
    pub pipeline: Option<Box<pipeline::Pipeline>>,
    connect_total_at: Micros,
    next_address_at: Micros,
}

impl ClientState {
    pub fn deadline(&mut self, kind: Kind) -> &mut Micros {
        match kind {
            Kind::NextAddress => &mut self.next_address_at,
            _ => &mut self.connect_total_at,
        }
    }
}

/// Starts a client connection. The caller holds `IN_CONNECT`'s other end: it calls [`instantiated`] when it has told the
/// program the handle, or forgets the connection on `None` (then everything was delivered and freed).
pub fn connect<'a>(may: &mut MayCall, cx: &'a Context, request: ConnectRequest) -> Option<&'a Wsi> {
    if !cx.is_running() {
        log::line(Level::Err, Scope::Context(cx), FUNCTION, format_args!("the context is being destroyed"));
        return None;
    }
    service::init_protocols(may, cx);
    let Some(vhost) = request.vhost.clone().or_else(|| cx.client_vhost()) else {
        log::line(Level::Err, Scope::Context(cx), FUNCTION, format_args!("no vhost in the context to connect from"));
        return None;
    };
    let role = if request.wanted == Wanted::Raw { Role::RawSocket } else { Role::Http };
    let wsi = cx.new_wsi(&vhost, role)?;
    let id = wsi.id();
    wsi.set(flag::CLIENT | flag::IN_CONNECT);
    if request.is_onward {
        wsi.set(flag::ONWARD);
    }
    if request.flags & conn_flag::PRIORITIZE_READS != 0 {
        wsi.set(flag::PRIORITIZE_READS);
    }
    name(cx, wsi, &vhost, &request);
    trace_call(cx, wsi, &vhost, &request);
    if !bind(may, cx, wsi, &vhost, &request) {
        fail(may, cx, wsi, NO_SESSION, "");
    }
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return None;
    }
    wsi.opaque.set(request.opaque);
    if let Some(parent) = request.parent.and_then(|parent| cx.wsi(parent)) {
        parent.with_rare(|rare| rare.children.push(id));
        wsi.with_rare(|rare| rare.parent = Some(parent.id()));
    }
    if request.flags & conn_flag::MONITOR != 0 {
        monitor::begin(wsi);
    }
    let mut state = state(cx, request);
    state.tls = state.tls.or_else(|| vhost.client_tls());
    pipeline::begin(&mut state);
    wsi.client.set(Box::new(state));
    cx.note_waiting();
    if !pipeline::join(may, cx, wsi) {
        connect::begin(may, cx, wsi);
    }
    (wsi.id() == id && wsi.phase.get() != Phase::Dead).then_some(wsi)
}

const FUNCTION: &str = "lws_client_connect_via_info";

fn state(cx: &Context, request: ConnectRequest) -> ClientState {
    let tos = |bit, value| if request.flags & bit != 0 { value } else { 0 };
    let mut path = request.path;
    if !path.starts_with(b"/") {
        path.insert(0, b'/');
    }
    ClientState {
        target: Target {
            address: request.address,
            unix_path: request.unix_path,
            port: request.port,
            path,
            host: request.host,
            tls: request.flags & conn_flag::USE_TLS != 0,
        },
        wanted: request.wanted,
        origin: request.origin,
        protocols: request.protocols,
        flags: request.flags,
        version: request.version,
        alpn: request.alpn,
        wishes: SocketWishes {
            iface: request.iface,
            priority: request.priority,
            tos: tos(conn_flag::LOW_LATENCY, 0x10)
                | tos(conn_flag::HIGH_THROUGHPUT, 0x08)
                | tos(conn_flag::HIGH_RELIABILITY, 0x04)
                | tos(conn_flag::LOW_COST, 0x02),
        },
        redirects: 0,
        key: String::new(),
        offered_extensions: Vec::new(),
        reader: reply::reader(cx),
        not_http: false,
        proxy: ProxyStage::None,
        lookup: Default::default(),
        lookups_failed: 0,
        lookup_serial: 0,
        addresses: VecDeque::new(),
        racing: Vec::new(),
        current: None,
        last_failure: connect::no_failure(),
        boundary: String::new(),
        body_pending: false,
        redirected_to_get: false,
        keep_warm_secs: request.keep_warm_secs,
        client_cert: request.client_cert,
        tls: request.tls,
        pipeline: None,
        connect_total_at: NEVER,
        next_address_at: NEVER,
    }
}

/// The first line of the timeline.
fn trace_call(cx: &Context, wsi: &Wsi, vhost: &Vhost, request: &ConnectRequest) {
    if cx.trace.is_none() {
        return;
    }
    let tls = request.flags & conn_flag::USE_TLS != 0;
    let scheme = match (request.wanted, tls) {
        (Wanted::Ws, true) => "wss",
        (Wanted::Ws, false) => "ws",
        (Wanted::Http(_), true) => "https",
        (Wanted::Http(_), false) => "http",
        (Wanted::Raw, true) => "tls",
        (Wanted::Raw, false) => "tcp",
    };
    let wanted = request.local_protocol.as_deref().or(request.protocols.as_deref());
    let named = wanted.map_or(ProtocolRef::NONE, |name| vhost.protocol_named(name));
    let bound = if named.is_none() { vhost.first_protocol() } else { named };
    let local = vhost.entry(bound).map(|entry| entry.name.clone()).unwrap_or_default();
    trace::connect(cx, wsi, scheme, request, &String::from_utf8_lossy(&local));
}

/// The tag of the connection, and the lifecycle line.
fn name(cx: &Context, wsi: &Wsi, vhost: &Vhost, request: &ConnectRequest) {
    let method = match request.wanted {
        Wanted::Ws => "WS",
        Wanted::Http(method) => method.name(),
        Wanted::Raw => "RAW",
    };
    let role = if request.wanted == Wanted::Raw { "raw-skt" } else { "h1" };
    wsi.with_rare(|rare| {
        rare.name = format!("{method}/{role}/{}/{}", vhost.name(), request.address);
        rare.policy = request.policy;
        rare.log_cx = request.log_cx;
    });
    cx.wsi_born(wsi, Group::Client);
}

/// Chooses the local protocol by name. Bound by name: session memory and the bind callback now. Otherwise entry 0 of the
/// vhost without either (http and raw: memory now). False: no memory.
fn bind(may: &mut MayCall, cx: &Context, wsi: &Wsi, vhost: &Vhost, request: &ConnectRequest) -> bool {
    if request.is_onward {
        set_protocol(cx, wsi, ProtocolRef::NONE);
        return true;
    }
    let wanted = request.local_protocol.as_deref().or(request.protocols.as_deref());
    let named = wanted.map_or(ProtocolRef::NONE, |name| vhost.protocol_named(name));
    set_protocol(cx, wsi, if named.is_none() { vhost.first_protocol() } else { named });
    if request.userdata != 0 {
        wsi.user.set(request.userdata);
        wsi.set(flag::USER_IS_FOREIGN);
    }
    if named.is_none() && request.wanted == Wanted::Ws {
        wsi.set(flag::LATE_SESSION);
        return true;
    }
    if !allocate_session(cx, wsi) {
        return false;
    }
    if !named.is_none() && callback::bind(may, cx, wsi) == 0 {
        wsi.set(flag::BOUND);
    }
    true
}

/// Binds without callbacks and takes over the buffer sizes of the protocol.
pub fn set_protocol(cx: &Context, wsi: &Wsi, protocol: ProtocolRef) {
    wsi.protocol.set(protocol);
    let (rx, tx) = wsi
        .with_vhost(|vhost| vhost.entry(protocol).map(|entry| (entry.rx_buffer_bytes, entry.tx_packet_bytes)))
        .flatten()
        .unwrap_or((0, 0));
    let default = cx.settings.service_buffer_bytes;
    let pick = |bytes: usize, other: usize| if bytes != 0 { bytes } else { other };
    let piece = pick(rx, default);
    wsi.piece_limit.set(u32::try_from(piece).unwrap_or(u32::MAX / 2));
    wsi.packet_limit.set(u32::try_from(pick(tx, piece)).unwrap_or(u32::MAX / 2));
}

/// Why a connection ends whose session could not be had: callbacks may count on theirs.
pub const NO_SESSION: &str = "no memory for the session";

/// Zeroed session memory of the bound protocol's size, unless there is some already. False: there is no memory.
#[must_use]
pub fn allocate_session(cx: &Context, wsi: &Wsi) -> bool {
    if wsi.user.get() != 0 {
        return true;
    }
    let protocol = wsi.protocol.get();
    let bytes = wsi.with_vhost(|vhost| vhost.entry(protocol).map_or(0, |entry| entry.session_bytes.get())).unwrap_or(0);
    if bytes == 0 {
        return true;
    }
    if wsi.pins.get() == 0 {
        close::free_retired_sessions(cx, wsi);
    }
    wsi.user.set(cx.program.allocate_session(bytes));
    wsi.clear(flag::USER_IS_FOREIGN);
    if wsi.user.get() == 0 {
        let text = format_args!("no memory for a session of {bytes} bytes: the connection ends");
        log::line(Level::Err, Scope::Wsi(wsi), "session", text);
    }
    wsi.user.get() != 0
}

/// SERVER_NEW_CLIENT_INSTANTIATED (not for raw), and the end of the time in which failures are the call's result.
pub fn instantiated(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if wsi.role.get() != Role::RawSocket {
        callback::notify(may, cx, wsi, Reason::ServerNewClientInstantiated, Arg::None);
    }
    wsi.clear(flag::IN_CONNECT);
}

/// The connection failed before it was established: CLIENT_CONNECTION_ERROR with `text`, then the end.
///
/// `text` is what programs compare, and `len` of the callback is its length; behind it, up to the NUL, stand the facts.
/// Inside the connect call the error is the call's NULL and no callback comes.
pub fn fail(may: &mut MayCall, cx: &Context, wsi: &Wsi, text: &str, facts: &str) {
    let id = wsi.id();
    let separator = if facts.is_empty() { "" } else { ": " };
    let cause = CloseCause::failure(format!("{text}{separator}{facts}"));
    // Before the callback, which may ask for it.
    close::note_cause(cx, wsi, cause.clone());
    report(may, cx, wsi, text, facts);
    if wsi.id() == id {
        close::at_once(may, cx, wsi, cause);
    }
}

/// Delivers the error callback, at most once, and logs it.
pub fn report(may: &mut MayCall, cx: &Context, wsi: &Wsi, text: &str, facts: &str) {
    if !wsi.raise(flag::ERROR_REPORTED) {
        return;
    }
    cx.totals.failed.set(cx.totals.failed.get() + 1);
    let whole = if facts.is_empty() { text.to_string() } else { format!("{text} ({facts})") };
    log::line(Level::Notice, Scope::Wsi(wsi), "client", format_args!("connection failed: {whole}"));
    trace::note(cx, wsi, "failed", format_args!("{}", crate::proto::http::secrets::printable(&whole)));
    if wsi.has(flag::IN_CONNECT) {
        trace::note(cx, wsi, "failed", format_args!("inside the connect call, which returns NULL: no callback"));
        return;
    }
    let shown = CString::new(whole.replace('\0', "?")).unwrap_or_default();
    callback::connection_error(may, cx, wsi, &shown, text.len());
}

/// A connection that ends while it is still connecting or waiting for a proxy: the error comes after the drop callback.
pub fn report_unfinished(may: &mut MayCall, cx: &Context, wsi: &Wsi, phase: Phase) {
    if wsi.has(flag::IN_CONNECT) || !wsi.raise(flag::ERROR_REPORTED) {
        return;
    }
    cx.totals.failed.set(cx.totals.failed.get() + 1);
    let why = wsi.peek_rare(|rare| rare.cause.as_ref().map(|cause| cause.text.clone())).flatten().unwrap_or_default();
    let step = match phase {
        Phase::Resolving => "dns",
        Phase::Proxy => "proxy",
        _ => "tcp",
    };
    let target =
        wsi.client.visit(|state| format!("{}:{}", state.target.address, state.target.port)).unwrap_or_default();
    let facts = format!("step {step}: {why}; target {target}");
    let (text, len) = match phase {
        Phase::Proxy => ("Closed before conn", 18),
        // The original counts the NUL here, and programs have seen it for years; so the facts are only in the log.
        _ => ("closed before established", 26),
    };
    log::line(Level::Notice, Scope::Wsi(wsi), "client", format_args!("connection failed: {text} ({facts})"));
    trace::note(cx, wsi, "failed", format_args!("{text} ({facts})"));
    let whole = if phase == Phase::Proxy { format!("{text} ({facts})") } else { text.to_string() };
    let shown = CString::new(whole.replace('\0', "?")).unwrap_or_default();
    callback::connection_error(may, cx, wsi, &shown, len);
}

/// The timeout of the present step passed.
pub fn step_timed_out(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let facts = |what: &str| {
        let target = wsi.client.visit(|state| format!("{}:{}", state.target.address, state.target.port));
        format!("{what}; peer {}", target.unwrap_or_default())
    };
    let secs = cx.settings.timeout_secs;
    match wsi.phase.get() {
        Phase::Connecting => connect::address_timed_out(may, cx, wsi),
        Phase::TlsHandshake => {
            let what = format!("step tls: no answer within {secs} s after our part of the handshake was sent");
            fail(may, cx, wsi, "Timed out waiting SSL", &facts(&what));
        }
        Phase::AwaitReply => {
            let strange = wsi.client.visit(|state| state.not_http).unwrap_or(false);
            let what = if strange { "what the peer sent is not HTTP" } else { "the request was sent" };
            let what = format!("step http: no reply within {secs} s; {what}");
            fail(may, cx, wsi, "Timed out waiting server reply", &facts(&what));
        }
        _ => close::at_once(may, cx, wsi, CloseCause::timeout("the proxy's answer")),
    }
}

/// The whole TCP connect took longer than connect_timeout_secs.
pub fn connect_took_too_long(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if matches!(wsi.phase.get(), Phase::Connecting | Phase::Resolving) {
        let is_lookup = wsi.phase.get() == Phase::Resolving;
        // The resolver answers, and never with addresses.
        let failed = wsi.client.visit(|state| (state.lookups_failed > 0, state.last_failure.clone()));
        if let Some((true, (text, facts))) = failed.filter(|_| is_lookup) {
            return fail(may, cx, wsi, &text, &facts);
        }
        let what = if is_lookup { "name resolution" } else { "the TCP connect" };
        close::at_once(may, cx, wsi, CloseCause::timeout(what));
    }
}

/// Clears the deadlines of the connect stage.
fn clear_connect_deadlines(cx: &Context, wsi: &Wsi) {
    deadline::set(cx, wsi, Kind::ConnectTotal, None);
    deadline::set(cx, wsi, Kind::NextAddress, None);
    deadline::clear_timeout(cx, wsi);
}

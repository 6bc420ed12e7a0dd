//! A vhost: the protocols, settings and TLS configuration that its connections share.
use super::cell::peek;
use super::table::WsiId;
use super::timer::Micros;
use super::tls::client_config::ClientTls;
use super::tls::server_config::{ServerSettings, ServerTls};
use crate::proto::proxy::env::ProxySpec;
use std::cell::Cell;
use std::ffi::OsString;
use std::rc::Rc;
use std::sync::Arc;

/// A protocol of a vhost as a small copyable name: what the C edge needs to call it, and its place in the array. Packed, as
/// one is in every connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed(4))]
pub struct ProtocolRef {
    /// Opaque to the engine: the C edge's address of the protocol, an index in engine tests. Never 0 for a real one.
    pub handle: usize,
    pub index: u16,
}

impl ProtocolRef {
    pub const NONE: ProtocolRef = ProtocolRef { handle: 0, index: u16::MAX };

    pub fn is_none(self) -> bool {
        self.handle == 0
    }
}

impl Default for ProtocolRef {
    fn default() -> Self {
        Self::NONE
    }
}

/// One entry of the program's protocol array.
pub struct Protocol {
    /// As C gives it; ws peers compare it.
    pub name: Vec<u8>,
    pub handle: usize,
    /// Bytes of session memory per connection.
    pub session_bytes: Cell<usize>,
    /// Largest piece per RECEIVE, 0 = the context's service buffer.
    pub rx_buffer_bytes: usize,
    /// Largest send that is not a backlog, 0 = as `rx_buffer_bytes`.
    pub tx_packet_bytes: usize,
    /// PROTOCOL_INIT is skipped: the vhost has a list of options and this protocol is not in it.
    pub without_init: bool,
    /// Its PROTOCOL_INIT was delivered and not refused, so PROTOCOL_DESTROY is due.
    pub owes_destroy: Cell<bool>,
    /// Address of the program's option list for this protocol, 0 if none.
    pub options: usize,
    /// A "default" / "raw" option marks it.
    pub is_default: bool,
    pub is_raw_default: bool,
    /// A "basic-auth" option: file of the logins that may upgrade to it.
    pub login_file: Option<std::path::PathBuf>,
}

/// Validity and retry times of `lws_retry_bo_t`, as far as the engine uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Opaque address of the program's struct; 0 for the built-in one.
    pub address: usize,
    pub ping_secs: u16,
    pub hangup_secs: u16,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy { address: 0, ping_secs: 300, hangup_secs: 310 }
    }
}

impl RetryPolicy {
    pub fn ping_after(&self) -> Option<Micros> {
        (self.ping_secs != 0 && (self.hangup_secs == 0 || self.ping_secs < self.hangup_secs))
            .then(|| u64::from(self.ping_secs) * super::timer::SECOND)
    }

    pub fn hangup_after(&self) -> Option<Micros> {
        (self.hangup_secs != 0).then(|| u64::from(self.hangup_secs) * super::timer::SECOND)
    }
}

/// A ws extension the program brought: its name and what a client offers.
#[derive(Clone, Debug)]
pub struct Extension {
    pub name: Vec<u8>,
    pub client_offer: Vec<u8>,
}

/// What the creation info says about a vhost. Strings are owned copies.
#[derive(Default)]
pub struct VhostSettings {
    pub name: String,
    /// Listen port; negative: not a listener (-1 no server, -2 server for adopted sockets).
    pub port: i32,
    /// Interface name or address to listen on, or path of a unix socket.
    pub iface: Option<OsString>,
    /// LWS_SERVER_OPTION_* bits.
    pub options: u64,
    pub extensions: Vec<Extension>,
    pub keepalive_secs: u32,
    /// The same for an http/2 connection without streams.
    pub h2_keepalive_secs: u32,
    /// Its server selects http/2 where a client speaks it.
    pub speaks_h2: Cell<bool>,
    /// `info.http2_settings[1..=6]` where the program sets them; 0: ours.
    pub http2_wishes: [u32; 6],
    pub connect_timeout_secs: u32,
    pub head_timeout_secs: u32,
    pub policy: RetryPolicy,
    pub http_proxy: Option<ProxySpec>,
    pub socks_proxy: Option<ProxySpec>,
    /// Why the proxy that the program wants cannot be used: connections fail rather than go without it.
    pub proxy_refusal: Option<String>,
    /// Names and CIDR blocks that are reached without a proxy (`no_proxy`).
    pub no_proxy: String,
    /// TCP keepalive: idle seconds, probes, interval; None: the system's.
    pub tcp_keepalive: Option<(u32, u32, u32)>,
    /// SO_BINDTODEVICE for connections of this vhost.
    pub bind_device: Option<Vec<u8>>,
    pub alpn: Option<String>,
    pub server_string: Option<Vec<u8>>,
    /// Lines of every http answer that the library begins: names (with or without colon) and values.
    pub reply_headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where a stock 404 page is replaced by a redirect.
    pub error_document_404: Option<Vec<u8>>,
    /// Opaque: info.user.
    pub user: usize,
    /// Opaque: log context of the program.
    pub log_cx: usize,
    /// User and group that a unix socket belongs to; nobody else may connect then.
    pub socket_owner: Option<(u32, u32)>,
    pub listen_accept_role: Option<String>,
    pub listen_accept_protocol: Option<String>,
    pub fastopen_queue: i32,
    /// Where parts of the URL space are served from, in the program's order.
    pub mounts: Vec<Rc<super::mount::Mount>>,
    /// It is a TLS server, even while it has no certificate (LWS_SERVER_OPTION_IGNORE_MISSING_CERT).
    pub serves_tls: Cell<bool>,
}

/// See the module doc.
pub struct Vhost {
    pub settings: VhostSettings,
    pub protocols: Vec<Protocol>,
    /// Place in the context's list; part of its handle.
    pub index: Cell<u32>,
    pub generation: Cell<u32>,
    pub ordinal: Cell<u32>,
    pub born: Cell<Micros>,
    /// PROTOCOL_INIT was delivered to all its protocols and none refused.
    pub initialised: Cell<bool>,
    /// PROTOCOL_INIT is being delivered to its protocols; its end waits until that is done.
    pub in_init: Cell<bool>,
    /// PROTOCOL_INIT was tried.
    pub init_tried: Cell<bool>,
    pub being_destroyed: Cell<bool>,
    pub listeners: Cell<Vec<WsiId>>,
    /// Client connections that others may share (LCCSCF_PIPELINE).
    pub carriers: Cell<Vec<WsiId>>,
    /// It listens when its interface appears.
    pub awaits_interface: Cell<bool>,
    /// Port really listened on, 0 if none.
    pub listen_port: Cell<u16>,
    /// TLS of its client connections, and as a server.
    client_tls: Cell<Option<Arc<ClientTls>>>,
    server_tls: Cell<Option<Arc<ServerTls>>>,
    /// What `server_tls` is made from, for certificates that are renewed.
    pub server_settings: Cell<Option<Box<ServerSettings>>>,
    /// Set later by lws_set_proxy.
    pub proxy_override: Cell<Option<Box<ProxySpec>>>,
    /// Connections bound to it, listeners included.
    pub connections: Cell<u32>,
    /// Bytes that a peer may send in a ws message, and in the body of a request or reply; 0: any number.
    pub message_limit: Cell<u64>,
    pub body_limit: Cell<u64>,
    /// Opaque address of per-vhost data of the C edge (its protocol array, private data of protocols).
    pub edge: Cell<usize>,
}

impl Vhost {
    pub fn new(settings: VhostSettings, protocols: Vec<Protocol>) -> Self {
        Vhost {
            settings,
            protocols,
            index: Cell::new(0),
            generation: Cell::new(0),
            ordinal: Cell::new(0),
            born: Cell::new(0),
            initialised: Cell::new(false),
            in_init: Cell::new(false),
            init_tried: Cell::new(false),
            being_destroyed: Cell::new(false),
            listeners: Cell::default(),
            carriers: Cell::default(),
            awaits_interface: Cell::new(false),
            listen_port: Cell::new(0),
            client_tls: Cell::new(None),
            server_tls: Cell::new(None),
            server_settings: Cell::new(None),
            proxy_override: Cell::new(None),
            connections: Cell::new(0),
            message_limit: Cell::new(0),
            body_limit: Cell::new(0),
            edge: Cell::new(0),
        }
    }

    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The TLS of client connections that begin now.
    pub fn client_tls(&self) -> Option<Arc<ClientTls>> {
        peek(&self.client_tls, |tls| tls.clone())
    }

    pub fn set_client_tls(&self, tls: Arc<ClientTls>) {
        self.client_tls.set(Some(tls));
    }

    /// The TLS of clients that come now.
    pub fn server_tls(&self) -> Option<Arc<ServerTls>> {
        peek(&self.server_tls, |tls| tls.clone())
    }

    pub fn set_server_tls(&self, tls: Arc<ServerTls>) {
        self.server_tls.set(Some(tls));
    }

    pub fn has_option(&self, bits: u64) -> bool {
        self.settings.options & bits == bits
    }

    /// Protocol number `index`, or [`ProtocolRef::NONE`].
    pub fn protocol(&self, index: usize) -> ProtocolRef {
        match self.protocols.get(index) {
            Some(protocol) => ProtocolRef { handle: protocol.handle, index: index as u16 },
            None => ProtocolRef::NONE,
        }
    }

    pub fn first_protocol(&self) -> ProtocolRef {
        self.protocol(0)
    }

    /// The protocol used when nothing else chooses: the one marked "default", else the first.
    pub fn default_protocol(&self) -> ProtocolRef {
        self.protocol(self.protocols.iter().position(|protocol| protocol.is_default).unwrap_or(0))
    }

    /// The protocol with exactly this name.
    pub fn protocol_named(&self, name: &[u8]) -> ProtocolRef {
        match self.protocols.iter().position(|protocol| protocol.name == name) {
            Some(index) => self.protocol(index),
            None => ProtocolRef::NONE,
        }
    }

    pub fn entry(&self, protocol: ProtocolRef) -> Option<&Protocol> {
        self.protocols.get(usize::from(protocol.index)).filter(|entry| entry.handle == protocol.handle)
    }

    /// Text between brackets in log lines.
    pub fn tag(&self) -> String {
        let iface = self.settings.iface.as_deref().unwrap_or_default();
        format!("[vh|{:x}|{}|{}|{}]", self.ordinal.get(), self.name(), iface.display(), self.settings.port)
    }
}

/// LWS_SERVER_OPTION_* bits the engine looks at.
pub mod option {
    pub const REQUIRE_CLIENT_CERT: u64 = (1 << 1) | (1 << 12);
    pub const ALLOW_PLAIN_ON_TLS_PORT: u64 = 1 << 3;
    pub const DISABLE_IPV6: u64 = 1 << 5;
    pub const PEER_CERT_NOT_REQUIRED: u64 = 1 << 7;
    pub const VALIDATE_UTF8: u64 = 1 << 8;
    pub const REDIRECT_HTTP_TO_HTTPS: u64 = 1 << 11;
    pub const SSL_GLOBAL_INIT: u64 = 1 << 12;
    pub const EXPLICIT_VHOSTS: u64 = 1 << 13;
    pub const UNIX_SOCKET: u64 = 1 << 14;
    pub const V6ONLY_MODIFY: u64 = 1 << 16;
    pub const V6ONLY_VALUE: u64 = 1 << 17;
    pub const RAW_ORIGIN: u64 = 1 << 19;
    pub const FALLBACK_TO_RAW: u64 = 1 << 20;
    pub const ONLY_RAW: u64 = 1 << 22;
    pub const STS: u64 = 1 << 15;
    pub const SECURITY_BEST_PRACTICES: u64 = 1 << 28;
    pub const H2_CLAMPS_WINDOWS: u64 = 1 << 31;
    pub const H2_HALF_CLOSED_LONG_POLL: u64 = 1 << 32;
    pub const H2_PRIOR_KNOWLEDGE: u64 = 1 << 34;
    pub const STRICT_HOST_CHECK: u64 = 1 << 27;
    pub const LISTEN_SHARE: u64 = 1 << 23;
    pub const SKIP_PROTOCOL_INIT: u64 = 1 << 25;
    pub const HTTP_ON_TLS_PORT: u64 = 1 << 29;
    pub const FAIL_UPON_UNABLE_TO_BIND: u64 = 1 << 30;
    pub const NO_SYSTEM_STATES: u64 = 1 << 35;
    pub const DISABLE_TLS_SESSION_CACHE: u64 = 1 << 39;
}

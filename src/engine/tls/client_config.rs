//! The TLS settings of a vhost's client connections.
use super::error::{Kind, TlsError, TlsSetupError};
use super::foreign::ForeignConfig;
use super::hooks::{Hooks, Watch};
use super::keys::{Identity, Password};
use super::pem::Source;
use super::roots::{CaSource, Trust};
use super::session::Session;
use super::verdict::{LaxFlags, Purpose};
use super::verifier::{Judge, PendingVerdict, ServerVerifier};
use super::{OP_NO_TLS12, OP_NO_TLS13, OPS_BEYOND};
use super::{ciphers, groups};
use rustls::client::{Resumption, UnbufferedClientConnection};
use rustls::crypto::SupportedKxGroup;
use rustls::sign::SingleCertAndKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedProtocolVersion};
use rustls_pki_types::{DnsName, IpAddr, ServerName};
use std::fmt;
use std::net;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Sessions kept per vhost unless the program says otherwise, as in the original.
pub const DEFAULT_SESSIONS: usize = 10;
/// rustls counts tickets, eight for each server.
const TICKETS_PER_SERVER: usize = 8;
/// Configurations kept for reuse; a program rarely uses more than two combinations of flags and ALPN.
const KEPT_CONFIGS: usize = 16;

/// Why something of the library's own cannot be had.
const FOREIGN: &str = "the program's own rustls configuration decides";

/// What a program asks for. Secrets do not show in `Debug`.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// The operating system's store counts (not `LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS`).
    pub os_roots: bool,
    pub ca: CaSource,
    /// Client certificate with chain; `key` belongs to it.
    pub cert: Option<Source>,
    pub key: Option<Source>,
    pub password: Option<Password>,
    /// OpenSSL's list for TLS 1.2.
    pub cipher_list: Option<String>,
    pub tls13_cipher_list: Option<String>,
    /// Groups of the key exchange, in order. Empty: the usual ones.
    pub groups: Vec<&'static dyn SupportedKxGroup>,
    /// `SSL_OP_` bits; only those that switch a version off count.
    pub options_set: u64,
    /// Resume sessions (not `LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE`).
    pub session_cache: bool,
    /// Servers remembered; 0 = [`DEFAULT_SESSIONS`].
    pub session_cache_max: usize,
    /// Names of ALPN for connections that bring none of their own, as `ClientTls::connect` takes them, joined by commas.
    pub alpn: Option<String>,
    /// What the program wants to be asked and told. With a verification hook sessions are not resumed: a resumed one
    /// shows no certificate.
    pub hooks: Hooks,
    /// Others use the same: it stays as it is.
    pub is_shared: bool,
}

impl Default for ClientSettings {
    fn default() -> Self {
        ClientSettings {
            os_roots: true,
            ca: CaSource::None,
            cert: None,
            key: None,
            password: None,
            cipher_list: None,
            tls13_cipher_list: None,
            groups: Vec::new(),
            options_set: 0,
            session_cache: true,
            session_cache_max: 0,
            alpn: None,
            hooks: Hooks::default(),
            is_shared: false,
        }
    }
}

/// A vhost's client TLS, ready for connections.
pub struct ClientTls {
    template: ClientConfig,
    judge: Arc<Judge>,
    /// One verifier for each set of flags, so that sessions are resumed only under the same rules.
    verifiers: [OnceLock<Arc<ServerVerifier>>; 16],
    configs: Mutex<Vec<Prepared>>,
    alpn: Option<String>,
    hooks: Hooks,
    is_shared: bool,
    /// Another object's configuration, in place of `template`.
    foreign: Option<Box<dyn ForeignConfig>>,
    warnings: Vec<String>,
}

struct Prepared {
    flags: LaxFlags,
    alpn: Vec<Vec<u8>>,
    config: Arc<ClientConfig>,
}

impl ClientTls {
    /// Loads what the settings name. The operating system's store is not read yet.
    ///
    /// A CA that does not load is only a warning. A client certificate or key that does not load, or does not match, is
    /// an error, and so is a cipher list of which nothing exists here.
    pub fn build(settings: &ClientSettings) -> Result<ClientTls, TlsSetupError> {
        let mut warnings = Vec::new();
        let trust = Arc::new(Trust::load(settings.os_roots, &settings.ca, &mut warnings));
        let judge = Arc::new(Judge::new(trust, Purpose::Server));
        let mut unsatisfiable = Vec::new();
        let provider = ciphers::provider_for(
            settings.cipher_list.as_deref(),
            settings.tls13_cipher_list.as_deref(),
            &mut unsatisfiable,
        );
        if let Some(why) = unsatisfiable.pop() {
            return Err(TlsSetupError::new("TLS ciphers", why));
        }
        if settings.cert.is_none() && settings.key.is_some() {
            warnings.push("a private key was given without a certificate: no client certificate is sent".to_string());
        }
        let beyond = settings.options_set & OPS_BEYOND;
        if beyond != 0 {
            warnings.push(format!("ssl_client_options_set: {beyond:#x} cannot be had, and is left out"));
        }
        let hooks = settings.hooks;
        let only_reports = hooks.verify.is_some();
        let strict = Arc::new(ServerVerifier { judge: Arc::clone(&judge), flags: LaxFlags::NONE, only_reports });
        let builder = ClientConfig::builder_with_provider(groups::only(provider, &settings.groups))
            .with_protocol_versions(&versions(settings.options_set)?)
            .map_err(|error| TlsSetupError::new("TLS options", error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&strict) as _);
        let mut template = match identity(settings)? {
            Some(identity) => builder.with_client_cert_resolver(resolver(&identity)),
            None => builder.with_no_client_auth(),
        };
        let sessions = match settings.session_cache_max {
            0 => DEFAULT_SESSIONS,
            max => max,
        };
        template.resumption = if settings.session_cache && !only_reports {
            Resumption::in_memory_sessions(sessions.saturating_mul(TICKETS_PER_SERVER))
        } else {
            Resumption::disabled()
        };
        let verifiers: [OnceLock<Arc<ServerVerifier>>; 16] = Default::default();
        let _ = verifiers[0].set(strict);
        let (alpn, is_shared) = (settings.alpn.clone(), settings.is_shared);
        Ok(ClientTls {
            template,
            judge,
            verifiers,
            configs: Mutex::new(Vec::new()),
            alpn,
            hooks,
            is_shared,
            foreign: None,
            warnings,
        })
    }

    /// Client TLS that another object's configuration decides about, all of it: roots, versions, ALPN, verification.
    pub fn foreign(config: Box<dyn ForeignConfig>) -> Result<ClientTls, TlsSetupError> {
        let own = ClientTls::build(&ClientSettings { os_roots: false, ..ClientSettings::default() })?;
        Ok(ClientTls { foreign: Some(config), ..own })
    }

    /// What the settings asked for and could not be done, for the log.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What is offered by ALPN where a connection says nothing itself, joined by commas.
    pub fn alpn(&self) -> Option<&str> {
        self.alpn.as_deref()
    }

    /// Where trusted roots come from, and how many there are. Reads the operating system's store if it counts.
    #[cfg(test)]
    pub fn describe_trust(&self) -> String {
        self.judge.trust().describe()
    }

    /// Trusts one more CA, DER, from now on.
    pub fn add_ca(&self, der: &[u8]) -> Result<(), TlsSetupError> {
        if self.foreign.is_some() {
            return Err(TlsSetupError::new("CA certificate", FOREIGN));
        }
        if self.is_shared {
            let why =
                "the TLS configuration of the program is shared and stays as it is: add roots before its first use";
            return Err(TlsSetupError::new("CA certificate", why));
        }
        self.judge.trust().add(der)
    }

    /// Starts a connection; the ClientHello is in the output at once.
    ///
    /// `host` is what the certificate must be for and what SNI says: a name or IP address, as in a Host header (a port is
    /// ignored). rustls sends no SNI for IP addresses (RFC 6066 §3 forbids it; the original sends it). `alpn` in order of
    /// preference; empty sends no extension.
    pub fn connect(&self, host: &str, alpn: &[&str], flags: LaxFlags) -> Result<Session, TlsError> {
        if let Some(foreign) = &self.foreign {
            let host = host_without_port(host);
            let session = foreign
                .begin(Some(host))
                .map_err(|why| TlsError::new(Kind::Setup, &format!("{FOREIGN}: {why}"), &why))?;
            return Ok(Session::foreign(session, Some(host.into())));
        }
        self.start(host, flags, self.config(alpn, flags))
    }

    /// Like [`connect`](Self::connect), with another client certificate than the vhost's. Not resumed.
    pub fn connect_as(
        &self,
        identity: &Identity,
        host: &str,
        alpn: &[&str],
        flags: LaxFlags,
    ) -> Result<Session, TlsError> {
        if self.foreign.is_some() {
            return Err(TlsError::new(Kind::Setup, FOREIGN, FOREIGN));
        }
        let mut config = self.new_config(encoded(alpn), flags);
        config.client_auth_cert_resolver = resolver(identity);
        config.resumption = Resumption::disabled();
        self.start(host, flags, Arc::new(config))
    }

    fn start(&self, host: &str, flags: LaxFlags, config: Arc<ClientConfig>) -> Result<Session, TlsError> {
        let bare = host_without_port(host);
        let (name, config) = match server_name(bare) {
            Some(name) => (name, config),
            // No certificate can be for such a name; without a name check it can still be used.
            None if flags.contains(LaxFlags::SKIP_HOSTNAME) => {
                let mut config = (*config).clone();
                config.enable_sni = false;
                config.resumption = Resumption::disabled();
                (ServerName::from(IpAddr::from(net::IpAddr::from([0, 0, 0, 0]))), Arc::new(config))
            }
            None => {
                let what = format!("'{bare}' is neither a host name nor an IP address");
                return Err(TlsError::new(Kind::Setup, &what, &what));
            }
        };
        let sni = match &name {
            ServerName::DnsName(name) => Some(name.as_ref().into()),
            _ => None,
        };
        let watch = Watch::begin(self.hooks);
        let config = match &watch {
            Some(watch) if watch.wants_key_lines() => {
                let mut config = (*config).clone();
                config.key_log = watch.key_log();
                Arc::new(config)
            }
            _ => config,
        };
        let connection = UnbufferedClientConnection::new(config, name.clone())
            .map_err(|error| TlsError::new(Kind::Setup, &error.to_string(), &error.to_string()))?;
        let is_asked = !flags.is_none() || self.hooks.verify.is_some();
        let judge = is_asked.then(|| PendingVerdict { judge: Arc::clone(&self.judge), flags, name: Some(name) });
        Ok(Session::client(connection, sni, judge, watch))
    }

    /// The shared configuration for these flags and names.
    fn config(&self, alpn: &[&str], flags: LaxFlags) -> Arc<ClientConfig> {
        let alpn = encoded(alpn);
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = configs.iter().find(|known| known.flags == flags && known.alpn == alpn) {
            return Arc::clone(&known.config);
        }
        let config = Arc::new(self.new_config(alpn.clone(), flags));
        if configs.len() < KEPT_CONFIGS {
            configs.push(Prepared { flags, alpn, config: Arc::clone(&config) });
        }
        config
    }

    fn new_config(&self, alpn: Vec<Vec<u8>>, flags: LaxFlags) -> ClientConfig {
        let mut config = self.template.clone();
        config.alpn_protocols = alpn;
        let only_reports = self.hooks.verify.is_some();
        let make = || Arc::new(ServerVerifier { judge: Arc::clone(&self.judge), flags, only_reports });
        let verifier = match self.verifiers.get(flags.index()) {
            Some(kept) => Arc::clone(kept.get_or_init(make)),
            None => make(),
        };
        config.dangerous().set_certificate_verifier(verifier);
        config
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls").field("warnings", &self.warnings).finish_non_exhaustive()
    }
}

/// The versions that `SSL_OP_` bits leave.
pub(super) fn versions(options_set: u64) -> Result<Vec<&'static SupportedProtocolVersion>, TlsSetupError> {
    let mut versions = Vec::new();
    if options_set & OP_NO_TLS13 == 0 {
        versions.push(&TLS13);
    }
    if options_set & OP_NO_TLS12 == 0 {
        versions.push(&TLS12);
    }
    if versions.is_empty() {
        return Err(TlsSetupError::new("TLS options", "SSL_OP_NO_TLSv1_2 and SSL_OP_NO_TLSv1_3 leave no version"));
    }
    Ok(versions)
}

/// The host of a Host header: without port, and without the brackets of an IPv6 address.
pub fn host_without_port(host: &str) -> &str {
    if host.parse::<net::Ipv6Addr>().is_ok() {
        return host;
    }
    if let Some(bracketed) = host.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or(bracketed);
    }
    host.split(':').next().unwrap_or(host)
}

fn server_name(host: &str) -> Option<ServerName<'static>> {
    if let Ok(address) = host.parse::<net::IpAddr>() {
        return Some(ServerName::from(IpAddr::from(address)));
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    DnsName::try_from(host.to_owned()).ok().map(ServerName::DnsName)
}

fn identity(settings: &ClientSettings) -> Result<Option<Identity>, TlsSetupError> {
    match (&settings.cert, &settings.key) {
        (Some(cert), Some(key)) => Identity::load(cert, key, settings.password.as_ref()).map(Some),
        // A single PEM with both, as OpenSSL users have them.
        (Some(cert), None) => Identity::load(cert, cert, settings.password.as_ref()).map(Some),
        (None, _) => Ok(None),
    }
}

fn resolver(identity: &Identity) -> Arc<SingleCertAndKey> {
    Arc::new(SingleCertAndKey::from(Arc::clone(&identity.certified)))
}

/// Names of 1 to 255 bytes; others cannot be sent (RFC 7301 §3.1).
pub(super) fn encoded(alpn: &[&str]) -> Vec<Vec<u8>> {
    alpn.iter().filter(|name| (1..=255).contains(&name.len())).map(|name| name.as_bytes().to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_of_a_host_header() {
        assert_eq!(host_without_port("some.example:99"), "some.example");
        assert_eq!(host_without_port("127.0.0.1:1"), "127.0.0.1");
        assert_eq!(host_without_port("::1"), "::1");
        assert_eq!(host_without_port("[::1]:443"), "::1");
        assert_eq!(host_without_port(""), "");
    }

    #[test]
    fn no_version_left_is_an_error() {
        let settings = ClientSettings { options_set: OP_NO_TLS12 | OP_NO_TLS13, ..ClientSettings::default() };
        assert_eq!(ClientTls::build(&settings).unwrap_err().source, "TLS options");
    }

    #[test]
    fn impossible_host_names_need_the_flag() {
        let settings = ClientSettings { os_roots: false, ..ClientSettings::default() };
        let tls = ClientTls::build(&settings).unwrap();
        let error = tls.connect("two words", &[], LaxFlags::NONE).unwrap_err();
        assert_eq!(
            (error.kind(), error.text()),
            (Kind::Setup, "tls: 'two words' is neither a host name nor an IP address")
        );
        assert!(tls.connect("two words", &[], LaxFlags::SKIP_HOSTNAME).unwrap().wants_output());
    }

    #[test]
    fn configurations_are_shared_by_equal_connections() {
        let tls = ClientTls::build(&ClientSettings { os_roots: false, ..ClientSettings::default() }).unwrap();
        let first = tls.config(&["http/1.1"], LaxFlags::NONE);
        assert!(Arc::ptr_eq(&first, &tls.config(&["http/1.1"], LaxFlags::NONE)));
        assert!(!Arc::ptr_eq(&first, &tls.config(&["h2"], LaxFlags::NONE)));
        assert!(!Arc::ptr_eq(&first, &tls.config(&["http/1.1"], LaxFlags::ALLOW_EXPIRED)));
    }
}

//! The TLS settings of a vhost that listens.
use super::OP_NO_TICKET;
use super::client_config::{encoded, versions};
use super::error::{Kind as ErrorKind, TlsError, TlsSetupError};
use super::foreign::ForeignConfig;
use super::hooks::{Hooks, Watch};
use super::keys::{Identity, Password};
use super::pem::Source;
use super::roots::{CaSource, Trust};
use super::session::Session;
use super::verdict::{LaxFlags, Purpose};
use super::verifier::{ClientVerifier, Judge, PendingVerdict};
use super::{ciphers, groups};
use crate::proto::x509::Certificate;
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::server::{
    ClientHello, NoServerSessionStorage, ResolvesServerCert, ServerSessionMemoryCache, UnbufferedServerConnection,
};
use rustls::sign::CertifiedKey;
use rustls::{DistinguishedName, ServerConfig};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Sessions remembered per vhost for clients without tickets, unless the program says otherwise.
const SESSIONS: usize = 256;

/// Whether clients are asked for a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCerts {
    #[default]
    None,
    /// Asked for; none is fine, a bad one is not.
    Optional,
    /// The handshake fails without one.
    Required,
}

/// What a program asks for. Secrets do not show in `Debug`.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Leaf first, the chain behind it.
    pub cert: Source,
    /// `None`: in the same place as the certificate.
    pub key: Option<Source>,
    pub password: Option<Password>,
    pub client_certs: ClientCerts,
    /// Client certificates pass the handshake even if their chain is bad;
    /// [`Session::is_peer_verified`](super::session::Session::is_peer_verified) tells. The caller must act on it.
    pub only_reports_client_certs: bool,
    /// Issuers of client certificates.
    pub ca: CaSource,
    /// OpenSSL's list for TLS 1.2.
    pub cipher_list: Option<String>,
    pub tls13_cipher_list: Option<String>,
    /// OpenSSL's curve name; it is preferred, others stay possible.
    pub ecdh_curve: Option<String>,
    /// Groups of the key exchange, in order; no others are possible. Empty: the usual ones.
    pub groups: Vec<&'static dyn SupportedKxGroup>,
    /// Sessions remembered for clients without tickets; 0: none are resumed, with tickets or without.
    pub sessions: usize,
    /// `SSL_OP_` bits that are set and not cleared.
    pub options_set: u64,
    /// In order of preference; empty: ALPN is ignored.
    pub alpn: Vec<String>,
    /// What the program wants to be asked and told. With a verification hook sessions are not resumed: a resumed one
    /// shows no certificate.
    pub hooks: Hooks,
}

impl ServerSettings {
    pub fn new(cert: Source, key: Option<Source>) -> ServerSettings {
        ServerSettings {
            cert,
            key,
            password: None,
            client_certs: ClientCerts::None,
            only_reports_client_certs: false,
            ca: CaSource::None,
            cipher_list: None,
            tls13_cipher_list: None,
            ecdh_curve: None,
            groups: Vec::new(),
            sessions: SESSIONS,
            options_set: 0,
            alpn: Vec::new(),
            hooks: Hooks::default(),
        }
    }
}

/// A vhost's server TLS, ready for connections.
pub struct ServerTls {
    kind: Kind,
    /// Asks about client certificates after the handshake, when the handshake itself lets all pass.
    judge: Option<Arc<Judge>>,
    asks: bool,
    hooks: Hooks,
    warnings: Vec<String>,
}

enum Kind {
    Own {
        config: Arc<ServerConfig>,
        /// The same without ALPN, for clients that offer only names we do not have.
        config_without_alpn: Arc<ServerConfig>,
        certificate: Arc<LiveCertificate>,
    },
    /// Another object's.
    Foreign(Box<dyn ForeignConfig>),
}

impl ServerTls {
    /// Server TLS that another object's configuration decides about, all of it.
    pub fn foreign(config: Box<dyn ForeignConfig>) -> ServerTls {
        // It may ask clients for certificates: other vhosts' handshakes say nothing about its own.
        let asks = true;
        ServerTls { kind: Kind::Foreign(config), judge: None, asks, hooks: Hooks::default(), warnings: Vec::new() }
    }

    /// Loads what the settings name. Certificate and key must load and match; a CA file that does not load is only a
    /// warning, as in the original.
    pub fn build(settings: &ServerSettings) -> Result<ServerTls, TlsSetupError> {
        let mut warnings = Vec::new();
        let key = settings.key.as_ref().unwrap_or(&settings.cert);
        let identity = Identity::load(&settings.cert, key, settings.password.as_ref())?;
        let certificate = Arc::new(LiveCertificate(RwLock::new(identity.certified)));
        let mut unsatisfiable = Vec::new();
        let suites = ciphers::provider_for(
            settings.cipher_list.as_deref(),
            settings.tls13_cipher_list.as_deref(),
            &mut unsatisfiable,
        );
        warnings.extend(unsatisfiable.into_iter().map(|why| why + "; the default set is used"));
        let provider = prefer_curve(suites, settings.ecdh_curve.as_deref(), &mut warnings);
        let provider = groups::only(provider, &settings.groups);
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions(settings.options_set)?)
            .map_err(|error| TlsSetupError::new("TLS options", error.to_string()))?;
        let verifier = client_verifier(settings, &mut warnings);
        let asks = verifier.is_some();
        let judge = verifier.as_ref().filter(|v| v.only_reports).map(|v| Arc::clone(&v.judge));
        let builder = match verifier {
            Some(verifier) => builder.with_client_cert_verifier(Arc::new(verifier)),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::clone(&certificate) as _);
        config.ignore_client_order = true;
        let resumes = settings.hooks.verify.is_none() && settings.sessions > 0;
        if resumes {
            config.session_storage = ServerSessionMemoryCache::new(settings.sessions);
        } else {
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        if settings.options_set & OP_NO_TICKET == 0 && resumes {
            config.ticketer =
                aws_lc_rs::Ticketer::new().map_err(|error| TlsSetupError::new("session tickets", error.to_string()))?;
        }
        let config_without_alpn = Arc::new(config.clone());
        let alpn: Vec<&str> = settings.alpn.iter().map(String::as_str).collect();
        config.alpn_protocols = encoded(&alpn);
        let kind = Kind::Own { config: Arc::new(config), config_without_alpn, certificate };
        Ok(ServerTls { kind, judge, asks, hooks: settings.hooks, warnings })
    }

    /// Takes another certificate and key for connections from now on; those that exist stay. On error the old ones
    /// stay.
    pub fn reload(&self, cert: &Source, key: &Source, password: Option<&Password>) -> Result<(), TlsSetupError> {
        let Kind::Own { certificate, .. } = &self.kind else {
            return Err(TlsSetupError::new("certificate", "it is in the program's own rustls configuration"));
        };
        let identity = Identity::load(cert, key, password)?;
        *certificate.0.write().unwrap_or_else(PoisonError::into_inner) = identity.certified;
        Ok(())
    }

    /// The facts of the certificate that is shown to clients now.
    pub fn certificate(&self) -> Option<Certificate> {
        let Kind::Own { certificate, .. } = &self.kind else { return None };
        let certified = certificate.current();
        certified.cert.first().and_then(|der| Certificate::from_der(der).ok())
    }

    /// What the settings asked for and could not be done, for the log.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// A session for a client that offers these ALPN names. Without a common name the handshake goes on without ALPN,
    /// where rustls by itself would end it.
    pub(super) fn begin(&self, offered_alpn: &[Vec<u8>], sni: Option<Box<str>>) -> Result<Session, TlsError> {
        let (config, config_without_alpn) = match &self.kind {
            Kind::Own { config, config_without_alpn, .. } => (config, config_without_alpn),
            Kind::Foreign(foreign) => {
                let session = foreign.begin(None).map_err(|why| TlsError::new(ErrorKind::Setup, &why, &why))?;
                return Ok(Session::foreign(session, sni));
            }
        };
        let has_common = config.alpn_protocols.iter().any(|own| offered_alpn.contains(own));
        let mut config = Arc::clone(if has_common { config } else { config_without_alpn });
        let watch = Watch::begin(self.hooks);
        if let Some(watch) = watch.as_ref().filter(|watch| watch.wants_key_lines()) {
            Arc::make_mut(&mut config).key_log = watch.key_log();
        }
        let connection = UnbufferedServerConnection::new(config).map_err(|error| TlsError::from_rustls(&error, &[]))?;
        let judge = self.judge.as_ref().map(|judge| PendingVerdict {
            judge: Arc::clone(judge),
            flags: LaxFlags::NONE,
            name: None,
        });
        Ok(Session::server(connection, sni, judge, watch))
    }

    /// Its sessions may call the program.
    pub fn calls_program(&self) -> bool {
        matches!(self.kind, Kind::Foreign(_))
    }

    /// Whether clients are asked for certificates in the handshake.
    pub fn asks_for_certificates(&self) -> bool {
        self.asks
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").field("certificate", &self.certificate()).finish_non_exhaustive()
    }
}

/// The certificate in use; exchanged while connections come in.
struct LiveCertificate(RwLock<Arc<CertifiedKey>>);

impl LiveCertificate {
    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for LiveCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveCertificate")
    }
}

impl ResolvesServerCert for LiveCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

fn client_verifier(settings: &ServerSettings, warnings: &mut Vec<String>) -> Option<ClientVerifier> {
    if settings.client_certs == ClientCerts::None {
        return None;
    }
    let trust = Trust::load(false, &settings.ca, warnings);
    let hints = trust.snapshot().extra.subjects().filter_map(contents).map(DistinguishedName::in_sequence).collect();
    Some(ClientVerifier {
        judge: Arc::new(Judge::new(Arc::new(trust), Purpose::Client)),
        is_mandatory: settings.client_certs == ClientCerts::Required,
        only_reports: settings.only_reports_client_certs || settings.hooks.verify.is_some(),
        hints,
    })
}

/// Contents of a DER sequence that is known to be well-formed.
fn contents(der: &[u8]) -> Option<&[u8]> {
    let first = *der.get(1)?;
    der.get(if first < 0x80 { 2 } else { 2 + usize::from(first & 0x7f) }..)
}

fn prefer_curve(suites: Arc<CryptoProvider>, curve: Option<&str>, warnings: &mut Vec<String>) -> Arc<CryptoProvider> {
    let Some(curve) = curve.filter(|curve| !curve.is_empty()) else { return suites };
    match groups::usual(curve) {
        Some(group) => groups::prefer(&suites, group),
        None => {
            warnings.push(format!("curve '{curve}' does not exist here; the default groups are used"));
            suites
        }
    }
}

//! A TLS configuration that the program builds itself, piece by piece (`<oxlws.h>`), for clients or for servers.
//!
//! Each piece is loaded when it is set, so that errors come where they belong. The first use freezes the
//! configuration: what uses it shares what was made of it then, and goes on with it when the program lets go.
use super::client_config::{ClientSettings, ClientTls};
use super::error::TlsSetupError;
use super::hooks::{Hook, Hooks};
use super::keys::{Identity, Password};
use super::pem::{self, Source};
use super::roots::{CaSource, RootSet};
use super::server_config::{ClientCerts, ServerSettings, ServerTls};
use super::{OP_NO_TLS12, OP_NO_TLS13, ciphers, groups};
use rustls::ProtocolVersion;
use rustls::crypto::SupportedKxGroup;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most sessions that a configuration may remember.
pub const MAX_SESSIONS: usize = 100_000;

/// Which end of connections a configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

/// A version of TLS that exists here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    Tls12,
    Tls13,
}

/// Where a certificate or key comes from.
pub enum Given<'a> {
    File(PathBuf),
    /// PEM or DER.
    Bytes(&'a [u8]),
}

/// See the module.
pub struct TlsConfig {
    side: Side,
    uses_system_roots: bool,
    roots: RootSet,
    /// What the roots are called in messages.
    roots_from: Vec<String>,
    certificate: Option<(Source, Source)>,
    password: Option<Password>,
    tls12_ciphers: Option<String>,
    tls13_ciphers: Option<String>,
    groups: Vec<&'static dyn SupportedKxGroup>,
    /// `None`: as many as usual.
    sessions: Option<usize>,
    options_set: u64,
    alpn: Vec<String>,
    client_certs: ClientCerts,
    hooks: Hooks,
    is_frozen: bool,
    client: Option<Arc<ClientTls>>,
}

impl TlsConfig {
    pub fn new(side: Side) -> TlsConfig {
        TlsConfig {
            side,
            uses_system_roots: false,
            roots: RootSet::default(),
            roots_from: Vec::new(),
            certificate: None,
            password: None,
            tls12_ciphers: None,
            tls13_ciphers: None,
            groups: Vec::new(),
            sessions: None,
            options_set: 0,
            alpn: Vec::new(),
            client_certs: ClientCerts::None,
            hooks: Hooks::default(),
            is_frozen: false,
            client: None,
        }
    }

    /// Trusts the operating system's store.
    pub fn add_system_roots(&mut self) -> Result<(), String> {
        self.changes()?;
        if self.side == Side::Server {
            return Err("the system's roots are for servers: anybody can get a certificate from them, so they say \
                        nothing about a client; add the roots that issue your clients' certificates"
                .into());
        }
        self.uses_system_roots = true;
        Ok(())
    }

    /// Trusts certificates of a PEM text, or one of DER; also how many blocks of it were passed over as damaged.
    pub fn add_roots(&mut self, given: Given<'_>) -> Result<usize, String> {
        self.changes()?;
        let (bytes, name) = read(given, "roots")?;
        let mut roots = self.roots.clone();
        let skipped = roots.add_bytes(pem::trim_nul(&bytes)).map_err(|why| format!("{name}: {why}"))?;
        self.roots = roots;
        if !self.roots_from.contains(&name) {
            self.roots_from.push(name);
        }
        Ok(skipped)
    }

    /// Certificate with its chain, and key; both are read now and must belong together. No `key`: it is where the
    /// certificate is.
    pub fn set_certificate(
        &mut self,
        certificate: Given<'_>,
        key: Option<Given<'_>>,
        password: Option<Password>,
    ) -> Result<(), String> {
        self.changes()?;
        let (certificate, certificate_name) = read(certificate, "certificate")?;
        let (key, key_name) = match key {
            Some(key) => read(key, "private key")?,
            None => (certificate.clone(), certificate_name.clone()),
        };
        let (certificate, key) = (Source::Mem(certificate), Source::Mem(key));
        Identity::load(&certificate, &key, password.as_ref())
            .map_err(|error| named(error, &certificate_name, &key_name))?;
        self.certificate = Some((certificate, key));
        self.password = password;
        Ok(())
    }

    /// The versions that are spoken, both included.
    pub fn set_versions(&mut self, lowest: Version, highest: Version) -> Result<(), String> {
        self.changes()?;
        if lowest > highest {
            return Err("the lowest version is above the highest".into());
        }
        let without_12 = if lowest == Version::Tls13 { OP_NO_TLS12 } else { 0 };
        let without_13 = if highest == Version::Tls12 { OP_NO_TLS13 } else { 0 };
        self.options_set = without_12 | without_13;
        Ok(())
    }

    /// Lists as OpenSSL writes them; `None`: the usual suites of that version.
    pub fn set_ciphers(&mut self, tls12: Option<String>, tls13: Option<String>) -> Result<(), String> {
        self.changes()?;
        let mut unsatisfiable = Vec::new();
        ciphers::provider_for(tls12.as_deref(), tls13.as_deref(), &mut unsatisfiable);
        match unsatisfiable.pop() {
            Some(why) => Err(why),
            None => {
                (self.tls12_ciphers, self.tls13_ciphers) = (tls12, tls13);
                Ok(())
            }
        }
    }

    /// Names in order of preference, separated by colons, commas or blanks; `None`: the usual groups. Whether they go with the
    /// versions is looked at when the configuration is used.
    pub fn set_groups(&mut self, list: Option<&str>) -> Result<(), String> {
        self.changes()?;
        self.groups = list.map_or(Ok(Vec::new()), groups::of_list)?;
        Ok(())
    }

    /// How many sessions are remembered to be resumed; 0: none is.
    pub fn set_sessions(&mut self, count: usize) -> Result<(), String> {
        self.changes()?;
        if count > MAX_SESSIONS {
            return Err(format!("{count} sessions are more than the {MAX_SESSIONS} that can be remembered"));
        }
        self.sessions = Some(count);
        Ok(())
    }

    /// Names in order of preference, separated by commas.
    pub fn set_alpn(&mut self, list: &str) -> Result<(), String> {
        self.changes()?;
        let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
        if let Some(bad) = names.iter().find(|name| !(1..=255).contains(&name.len())) {
            return Err(format!("ALPN '{list}': a name has 1 to 255 bytes, one of these has {}", bad.len()));
        }
        // RFC 7301 §3.1: the list and each name come with their lengths, in an extension of at most 65535 bytes.
        if names.iter().map(|name| name.len() + 1).sum::<usize>() > 65_533 {
            return Err("ALPN: the list is longer than TLS can send".into());
        }
        self.alpn = names;
        Ok(())
    }

    /// Whether clients are asked for certificates.
    pub fn set_client_certs(&mut self, demand: ClientCerts) -> Result<(), String> {
        self.changes()?;
        if self.side == Side::Client {
            return Err("only servers ask for client certificates; this configuration is for clients".into());
        }
        self.client_certs = demand;
        Ok(())
    }

    /// Who decides about the peer's certificate; `None`: the library alone.
    pub fn set_verify_hook(&mut self, hook: Option<Hook>) -> Result<(), String> {
        self.changes()?;
        self.hooks.verify = hook;
        Ok(())
    }

    /// Who is told the secrets; `None`: nobody.
    pub fn set_key_log_hook(&mut self, hook: Option<Hook>) -> Result<(), String> {
        self.changes()?;
        self.hooks.key_log = hook;
        Ok(())
    }

    /// For client connections; the same for all that ask.
    pub fn client(&mut self) -> Result<Arc<ClientTls>, String> {
        if self.side != Side::Client {
            return Err("the configuration was made for servers".into());
        }
        if let Some(made) = &self.client {
            return Ok(Arc::clone(made));
        }
        if !self.uses_system_roots && self.roots.has_nothing() && self.hooks.verify.is_none() {
            return Err("no roots, so no server could be trusted: add the system's, or some of your own, or set a \
                        verification hook"
                .into());
        }
        self.check_groups()?;
        let settings = ClientSettings {
            os_roots: self.uses_system_roots,
            ca: self.ca(),
            cert: self.certificate.as_ref().map(|(certificate, _)| certificate.clone()),
            key: self.certificate.as_ref().map(|(_, key)| key.clone()),
            password: self.password.clone(),
            cipher_list: self.tls12_ciphers.clone(),
            tls13_cipher_list: self.tls13_ciphers.clone(),
            groups: self.groups.clone(),
            session_cache: self.sessions != Some(0),
            session_cache_max: self.sessions.unwrap_or_default(),
            options_set: self.options_set,
            alpn: (!self.alpn.is_empty()).then(|| self.alpn.join(",")),
            hooks: self.hooks,
            is_shared: true,
        };
        let made = Arc::new(ClientTls::build(&settings).map_err(|error| error.to_string())?);
        self.freeze();
        self.client = Some(Arc::clone(&made));
        Ok(made)
    }

    /// For the server of a vhost; `alpn`: the vhost's own names, which count where the configuration has none. Also the
    /// names that count.
    pub fn server(&mut self, alpn: &[String]) -> Result<(Arc<ServerTls>, Vec<String>), String> {
        if self.side != Side::Server {
            return Err("the configuration was made for clients".into());
        }
        let Some((certificate, key)) = &self.certificate else { return Err("it has no certificate".into()) };
        let asks = self.client_certs != ClientCerts::None;
        if asks && self.roots.has_nothing() && self.hooks.verify.is_none() {
            return Err("it asks for client certificates, but has no roots that could have issued one".into());
        }
        if !asks && self.hooks.verify.is_some() {
            return Err("it has a verification hook, but does not ask for client certificates".into());
        }
        self.check_groups()?;
        let alpn = if self.alpn.is_empty() { alpn } else { &self.alpn }.to_vec();
        let mut settings = ServerSettings::new(certificate.clone(), Some(key.clone()));
        settings.password = self.password.clone();
        settings.client_certs = self.client_certs;
        settings.ca = self.ca();
        settings.cipher_list = self.tls12_ciphers.clone();
        settings.tls13_cipher_list = self.tls13_ciphers.clone();
        settings.groups = self.groups.clone();
        settings.sessions = self.sessions.unwrap_or(settings.sessions);
        settings.options_set = self.options_set;
        settings.alpn = alpn.clone();
        settings.hooks = self.hooks;
        let made = Arc::new(ServerTls::build(&settings).map_err(|error| error.to_string())?);
        self.is_frozen = true;
        Ok((made, alpn))
    }

    fn check_groups(&self) -> Result<(), String> {
        let all = [(OP_NO_TLS12, ProtocolVersion::TLSv1_2), (OP_NO_TLS13, ProtocolVersion::TLSv1_3)];
        let spoken: Vec<_> =
            all.iter().filter(|(off, _)| self.options_set & off == 0).map(|(_, version)| *version).collect();
        groups::check(&self.groups, &spoken)
    }

    fn ca(&self) -> CaSource {
        if self.roots.has_nothing() {
            return CaSource::None;
        }
        CaSource::Set(Arc::new(self.roots.clone()), self.roots_from.join(", "))
    }

    /// A client's pieces are not needed any more; a server's are, for the next vhost.
    fn freeze(&mut self) {
        self.is_frozen = true;
        self.certificate = None;
        self.password = None;
    }

    fn changes(&self) -> Result<(), String> {
        if self.is_frozen {
            return Err("it is in use and cannot be changed any more: make another one".into());
        }
        Ok(())
    }
}

/// The bytes, and what messages call them.
fn read(given: Given<'_>, what: &str) -> Result<(Vec<u8>, String), String> {
    match given {
        Given::Bytes([]) => Err(format!("{what} in memory: nothing is given")),
        Given::Bytes(bytes) => Ok((bytes.to_vec(), "memory".to_owned())),
        Given::File(path) => {
            let name = in_words(&path);
            let bytes = pem::read_file(&path).map_err(|error| format!("{name}: {}", error.reason))?;
            if bytes.is_empty() {
                return Err(format!("{name}: is empty"));
            }
            Ok((bytes, name))
        }
    }
}

fn in_words(path: &Path) -> String {
    format!("file {}", path.display())
}

/// The error with the names of the files that the bytes came from.
fn named(error: TlsSetupError, certificate: &str, key: &str) -> String {
    let with = |text: &str| {
        text.replace("certificate in memory", &format!("certificate of {certificate}"))
            .replace("private key in memory", &format!("private key of {key}"))
    };
    let reason = error.reason.replace("(ssl_private_key_password)", "");
    format!("{}: {}", with(&error.source), with(reason.trim_end()))
}

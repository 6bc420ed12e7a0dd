//! Which certificate authorities are trusted, and where they came from.
//!
//! The operating system's store is read once per process, when it is first needed, and shared. What a vhost adds stays
//! with the vhost.
use super::error::TlsSetupError;
use super::pem;
use crate::engine::log::{self, Level};
use crate::engine::sys;
use crate::proto::x509::{Certificate, key_usage, pem as pem_text};
use rustls_pki_types::{CertificateDer, TrustAnchor};
use std::ffi::{CStr, OsStr};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Where certificate authorities come from besides the operating system's store.
#[derive(Clone, Debug, Default)]
pub enum CaSource {
    #[default]
    None,
    /// PEM file with any number of certificates; added to the store.
    File(PathBuf),
    /// One certificate, PEM or DER; used instead of the store.
    Mem(Vec<u8>),
    /// Collected before, with what to call it; added to the store.
    Set(Arc<RootSet>, String),
}

/// Trusted certificates, in the forms that path checking needs.
#[derive(Clone, Default)]
pub struct RootSet {
    /// For webpki: self-signed certificates that may issue others.
    anchors: Vec<TrustAnchor<'static>>,
    /// First and last second of validity of each of `anchors`; webpki does not look at a root's dates.
    anchor_dates: Vec<(i64, i64)>,
    /// All self-signed certificates of the source.
    roots: Vec<Root>,
    /// The others. As in OpenSSL they help to find a path but do not end it.
    spare: Vec<Certificate>,
}

#[derive(Clone)]
struct Root {
    subject_der: Vec<u8>,
    der: Vec<u8>,
}

impl RootSet {
    /// Adds one DER certificate.
    pub fn add(&mut self, der: &[u8]) -> Result<(), &'static str> {
        let facts = Certificate::from_der(der).map_err(|_| "not a valid X.509 certificate")?;
        if self.contains(der) {
            return Ok(());
        }
        if !facts.is_self_signed() {
            self.spare.push(facts);
            return Ok(());
        }
        if may_issue(&facts)
            && let Ok(anchor) = webpki::anchor_from_trusted_cert(&CertificateDer::from(der))
        {
            self.anchors.push(anchor.to_owned());
            self.anchor_dates.push((facts.not_before(), facts.not_after()));
        }
        self.roots.push(Root { subject_der: facts.subject_der().to_vec(), der: der.to_vec() });
        Ok(())
    }

    /// Adds every certificate of a PEM text, or one of DER; how many blocks of it were no certificates, or why there is
    /// none at all.
    pub fn add_bytes(&mut self, bytes: &[u8]) -> Result<usize, String> {
        if pem_text::looks_like_pem(bytes) {
            return add_all(self, bytes);
        }
        self.add(bytes).map(|()| 0).map_err(|_| "neither PEM nor a certificate in DER".to_owned())
    }

    /// Whether there is nothing in it, not even a certificate that only helps to find a path.
    pub fn has_nothing(&self) -> bool {
        self.roots.is_empty() && self.spare.is_empty()
    }

    /// How many roots there are.
    pub fn len(&self) -> usize {
        self.roots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    pub(super) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.anchors
    }

    /// Validity of an anchor that belongs to this set.
    pub(super) fn dates_of(&self, anchor: &TrustAnchor<'_>) -> Option<(i64, i64)> {
        let at = self.anchors.iter().position(|own| ptr::eq(own, anchor))?;
        self.anchor_dates.get(at).copied()
    }

    pub(super) fn contains(&self, der: &[u8]) -> bool {
        self.roots.iter().any(|root| root.der == der)
    }

    /// Roots of this name.
    pub(super) fn named<'a>(&'a self, subject_der: &'a [u8]) -> impl Iterator<Item = Certificate> + 'a {
        self.roots
            .iter()
            .filter(move |root| root.subject_der == subject_der)
            .filter_map(|root| Certificate::from_der(&root.der).ok())
    }

    pub(super) fn spare(&self) -> &[Certificate] {
        &self.spare
    }

    /// Names of all certificates, for the list a server shows to clients.
    pub(super) fn subjects(&self) -> impl Iterator<Item = &[u8]> {
        self.roots.iter().map(|root| &root.subject_der[..]).chain(self.spare.iter().map(Certificate::subject_der))
    }
}

/// Whether a certificate may sign others: basic constraints, else version 1 and self-signed, else key usage.
pub(super) fn may_issue(facts: &Certificate) -> bool {
    let usage = facts.key_usage_bits();
    if usage != key_usage::ABSENT && usage & key_usage::KEY_CERT_SIGN == 0 {
        return false;
    }
    match facts.basic_constraints() {
        Some(basic) => basic.is_ca,
        None => usage != key_usage::ABSENT || (facts.version() == 1 && facts.is_self_signed()),
    }
}

impl fmt::Debug for RootSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootSet({} roots)", self.len())
    }
}

/// The certificate authorities of one vhost.
pub struct Trust {
    uses_os_store: bool,
    extra: RwLock<Arc<RootSet>>,
    source: String,
}

impl Trust {
    /// What could not be loaded is only reported in `warnings`, as the original does.
    pub fn load(uses_os_store: bool, ca: &CaSource, warnings: &mut Vec<String>) -> Trust {
        let mut extra = RootSet::default();
        let mut uses_os_store = uses_os_store;
        let source = match ca {
            CaSource::None => String::new(),
            CaSource::File(path) => {
                match pem::read_file(path).map_err(|error| error.reason).and_then(|text| add_all(&mut extra, &text)) {
                    Ok(skipped) if skipped > 0 => {
                        warnings.push(format!("CA file {}: {skipped} blocks are not certificates", path.display()));
                    }
                    Ok(_) => {}
                    Err(reason) => warnings.push(format!("CA file {} not loaded: {reason}", path.display())),
                }
                if extra.is_empty() && !extra.spare.is_empty() {
                    warnings.push(format!(
                        "CA file {} holds no self-signed root; its certificates alone end no chain",
                        path.display()
                    ));
                }
                format!("file {}", path.display())
            }
            CaSource::Mem(bytes) => {
                uses_os_store = false;
                let loaded = Certificate::from_pem_or_der(pem::trim_nul(bytes)).map_err(|error| error.to_string());
                if let Err(reason) = loaded.and_then(|facts| Ok(extra.add(facts.der())?)) {
                    warnings.push(format!("CA certificate in memory not loaded: {reason}"));
                }
                "memory".to_owned()
            }
            CaSource::Set(set, source) => {
                extra = (**set).clone();
                source.clone()
            }
        };
        Trust { uses_os_store, extra: RwLock::new(Arc::new(extra)), source }
    }

    /// Trusts one more certificate from now on.
    pub fn add(&self, der: &[u8]) -> Result<(), TlsSetupError> {
        let mut extra = self.extra.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut extra).add(der).map_err(|reason| TlsSetupError::new("CA certificate", reason))
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let extra = Arc::clone(&self.extra.read().unwrap_or_else(PoisonError::into_inner));
        Snapshot { extra, os: self.uses_os_store.then(os_roots) }
    }

    /// `1 root of file x.pem, 142 roots of the OS store`.
    pub fn describe(&self) -> String {
        let snapshot = self.snapshot();
        let mut parts = Vec::new();
        if !self.source.is_empty() || !snapshot.extra.is_empty() {
            let source = if self.source.is_empty() { "the program" } else { &self.source };
            parts.push(format!("{} of {source}", roots(snapshot.extra.len())));
        }
        if let Some(os) = snapshot.os {
            parts.push(format!("{} of the OS store", roots(os.len())));
        }
        if parts.is_empty() { "no roots".to_owned() } else { parts.join(", ") }
    }
}

/// The sets that count for one check.
pub(super) struct Snapshot {
    pub extra: Arc<RootSet>,
    pub os: Option<&'static RootSet>,
}

impl Snapshot {
    pub fn sets(&self) -> impl Iterator<Item = &RootSet> {
        std::iter::once(&*self.extra).chain(self.os)
    }
}

fn roots(count: usize) -> String {
    if count == 1 { "1 root".to_owned() } else { format!("{count} roots") }
}

/// Adds every certificate of a PEM text; the number of damaged ones, or why there is none.
fn add_all(set: &mut RootSet, text: &[u8]) -> Result<usize, String> {
    let mut found = 0;
    let mut skipped = 0;
    for der in crate::proto::x509::pem::certificates(text) {
        match der.map_err(|_| "damaged").and_then(|der| set.add(&der)) {
            Ok(()) => found += 1,
            Err(_) => skipped += 1,
        }
    }
    if found == 0 { Err("no certificate in it".to_owned()) } else { Ok(skipped) }
}

/// Where systems keep their store, for programs that must not look it up in the environment: file and folder.
const STORES: [(&str, &str); 5] = [
    ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs"), // Debian, Arch, Gentoo
    ("/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/tls/certs"), // Fedora
    ("/etc/ssl/ca-bundle.pem", "/etc/ssl/certs"),             // openSUSE
    ("/etc/ssl/cert.pem", "/etc/ssl/certs"),                  // Alpine
    ("/usr/local/share/certs/ca-root-nss.crt", "/usr/local/share/certs"), // FreeBSD
];

/// The operating system's store; `SSL_CERT_FILE` and `SSL_CERT_DIR` point elsewhere, as with OpenSSL. Like there, programs
/// with raised privileges do not obey whoever started them.
pub(super) fn os_roots() -> &'static RootSet {
    static ROOTS: OnceLock<RootSet> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut set = RootSet::default();
        let refused: Vec<_> = [c"SSL_CERT_FILE", c"SSL_CERT_DIR"].into_iter().filter(|name| is_refused(name)).collect();
        let found = if refused.is_empty() {
            rustls_native_certs::load_native_certs()
        } else {
            let text = format_args!("not obeyed, since this program has raised privileges: {refused:?}");
            log::process(Level::Warn, "client TLS", text);
            let store = STORES.iter().find(|(file, _)| Path::new(file).exists()).unwrap_or(&STORES[0]);
            rustls_native_certs::load_certs_from_paths(Some(Path::new(store.0)), Some(Path::new(store.1)))
        };
        for der in found.certs {
            // One certificate nobody can read must not take the store away.
            let _ = set.add(&der);
        }
        set
    })
}

/// Whether a variable is there but must not be looked at.
fn is_refused(name: &CStr) -> bool {
    let is_there = std::env::var_os(OsStr::from_bytes(name.to_bytes())).is_some();
    is_there && sys::secure_env(name).is_none()
}

//! Certificates from files and memory, with reasons a person can act on.
use super::error::TlsSetupError;
use crate::proto::x509::{Certificate, pem};
use rustls_pki_types::CertificateDer;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A certificate or key as a program gives it. May hold a secret: `Debug` shows no contents.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    /// PEM, with or without final NUL, or DER.
    Mem(Vec<u8>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::File(path) => write!(f, "File({})", path.display()),
            Source::Mem(bytes) => write!(f, "Mem({} bytes)", bytes.len()),
        }
    }
}

impl Source {
    /// The file if it can be read, else the memory, else the file with its error to come.
    pub fn choose(path: Option<PathBuf>, mem: Option<Vec<u8>>) -> Option<Source> {
        match (path, mem) {
            (Some(path), Some(mem)) if fs::File::open(&path).is_err() => Some(Source::Mem(mem)),
            (Some(path), _) => Some(Source::File(path)),
            (None, Some(mem)) => Some(Source::Mem(mem)),
            (None, None) => None,
        }
    }

    /// How errors name it.
    pub(super) fn name(&self, what: &str) -> String {
        match self {
            Source::File(path) => format!("{what} file {}", path.display()),
            Source::Mem(_) => format!("{what} in memory"),
        }
    }

    pub(super) fn read(&self, what: &str) -> Result<Vec<u8>, TlsSetupError> {
        match self {
            Source::File(path) => read_file(path).map_err(|error| TlsSetupError { source: self.name(what), ..error }),
            Source::Mem(bytes) => Ok(bytes.clone()),
        }
    }
}

/// The whole file.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, TlsSetupError> {
    fs::read(path).map_err(|error| {
        let reason = match error.kind() {
            ErrorKind::NotFound => "does not exist".to_owned(),
            ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
            _ => error.to_string(),
        };
        TlsSetupError { source: path.display().to_string(), reason, is_missing_file: true }
    })
}

/// Programs count the final NUL of a string in or not.
pub(super) fn trim_nul(bytes: &[u8]) -> &[u8] {
    match bytes.iter().rposition(|byte| *byte != 0) {
        // DER may end in zero bytes: only text is trimmed.
        Some(last) if pem::looks_like_pem(bytes) => bytes.get(..=last).unwrap_or(bytes),
        _ => bytes,
    }
}

/// Leaf first, with all that follow it in the file.
pub(super) fn chain(source: &Source) -> Result<Vec<CertificateDer<'static>>, TlsSetupError> {
    let bytes = source.read("certificate")?;
    let refuse = |reason: &str| TlsSetupError::new(source.name("certificate"), reason);
    if !pem::looks_like_pem(&bytes) {
        let reason = "neither PEM nor DER: no BEGIN CERTIFICATE line and not an X.509 certificate";
        let facts = Certificate::from_der(&bytes).map_err(|_| refuse(reason))?;
        return Ok(vec![CertificateDer::from(facts.der().to_vec())]);
    }
    let chain: Vec<CertificateDer<'static>> = pem::certificates(&bytes)
        .map(|der| der.map(CertificateDer::from).map_err(|_| refuse("a CERTIFICATE block is damaged")))
        .collect::<Result<_, _>>()?;
    let leaf = chain.first().ok_or_else(|| {
        refuse(match pem::blocks(&bytes).flatten().next() {
            Some(block) if block.label.ends_with("PRIVATE KEY") => "holds a private key, not a certificate",
            _ => "no CERTIFICATE block in it",
        })
    })?;
    Certificate::from_der(leaf).map_err(|error| refuse(&error.to_string()))?;
    Ok(chain)
}

//! Private keys in every form OpenSSL reads, and the pair of certificate and key.
use super::error::TlsSetupError;
use super::pem::{self, Source};
use super::{legacy_key, provider};
use crate::proto::x509::Certificate;
use crate::proto::x509::pem as pem_text;
use pkcs8::EncryptedPrivateKeyInfo;
use rustls::sign::CertifiedKey;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use std::fmt;
use std::sync::Arc;

/// A pass phrase. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Vec<u8>);

impl Password {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Password {
        Password(bytes.into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// A certificate chain with the key that belongs to its leaf.
#[derive(Clone)]
pub struct Identity {
    pub(super) certified: Arc<CertifiedKey>,
}

impl Identity {
    /// Loads both and makes sure that they belong together.
    pub fn load(certificate: &Source, key: &Source, password: Option<&Password>) -> Result<Identity, TlsSetupError> {
        let chain = pem::chain(certificate)?;
        let private = load_private_key(key, password)?;
        let signer = provider().key_provider.load_private_key(private).map_err(|_| {
            TlsSetupError::new(
                key.name("private key"),
                "damaged, or of a kind that is not supported (RSA below 2048 bits, DSA, other curves than P-256, P-384, P-521)",
            )
        })?;
        let leaf = chain.first().and_then(|der| Certificate::from_der(der).ok());
        if let (Some(leaf), Some(spki)) = (leaf, signer.public_key())
            && leaf.public_key_der() != spki.as_ref()
        {
            let reason = format!("does not match {} (subject {})", certificate.name("certificate"), leaf.subject());
            return Err(TlsSetupError::new(key.name("private key"), reason));
        }
        Ok(Identity { certified: Arc::new(CertifiedKey::new(chain, signer)) })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({} certificates)", self.certified.cert.len())
    }
}

/// Reads and decrypts a key: PKCS#8, PKCS#1 or SEC 1, PEM or DER, plain or encrypted.
pub(super) fn load_private_key(
    source: &Source,
    password: Option<&Password>,
) -> Result<PrivateKeyDer<'static>, TlsSetupError> {
    let bytes = source.read("private key")?;
    let refuse = |reason: String| TlsSetupError::new(source.name("private key"), reason);
    if !pem_text::looks_like_pem(&bytes) {
        return from_der(bytes, password).map_err(refuse);
    }
    let is_key = |label: &str| label.ends_with("PRIVATE KEY");
    let mut first_label = None;
    for block in pem_text::blocks(&bytes) {
        let block = match block {
            Ok(block) => block,
            Err(damaged) if is_key(&damaged.0) => return Err(refuse(format!("its {} block is damaged", damaged.0))),
            Err(_) => continue,
        };
        if !is_key(&block.label) {
            first_label.get_or_insert(block.label);
            continue;
        }
        let der = match &block.dek_info {
            Some(dek_info) => {
                let password = password.ok_or_else(|| refuse(NEEDS_PASSWORD.to_owned()))?;
                legacy_key::decrypt(dek_info, &block.bytes, password.bytes()).map_err(refuse)?
            }
            None => block.bytes,
        };
        return from_der(der, password).map_err(refuse);
    }
    Err(refuse(match first_label {
        Some(label) => format!("holds no private key, but a {label}"),
        None => "holds no private key".to_owned(),
    }))
}

const NEEDS_PASSWORD: &str = "is encrypted, and no password is set (ssl_private_key_password)";

/// What a key's DER is, told from its first elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Pkcs1,
    Pkcs8,
    Pkcs8Encrypted,
    Sec1,
}

impl Form {
    fn of(der: &[u8]) -> Option<Form> {
        const SEQUENCE: u8 = 0x30;
        let contents = skip_header(der, SEQUENCE)?;
        if contents.first() == Some(&SEQUENCE) {
            return Some(Form::Pkcs8Encrypted);
        }
        // All others begin with a version of one byte.
        let (version, rest) = contents.split_at_checked(3)?;
        if version.get(..2) != Some(&[0x02, 0x01]) {
            return None;
        }
        match rest.first()? {
            0x30 => Some(Form::Pkcs8),
            0x02 => Some(Form::Pkcs1),
            0x04 => Some(Form::Sec1),
            _ => None,
        }
    }
}

fn skip_header(der: &[u8], tag: u8) -> Option<&[u8]> {
    if *der.first()? != tag {
        return None;
    }
    let first = *der.get(1)?;
    let header = if first < 0x80 { 2 } else { 2 + usize::from(first & 0x7f) };
    der.get(header..)
}

fn from_der(der: Vec<u8>, password: Option<&Password>) -> Result<PrivateKeyDer<'static>, String> {
    match Form::of(&der) {
        Some(Form::Pkcs1) => Ok(PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(der))),
        Some(Form::Pkcs8) => Ok(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der))),
        Some(Form::Sec1) => Ok(PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(der))),
        Some(Form::Pkcs8Encrypted) => {
            let password = password.ok_or(NEEDS_PASSWORD)?;
            let plain = decrypt_pkcs8(&der, password)?;
            Ok(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(plain)))
        }
        None => Err("neither PEM nor a DER private key".to_owned()),
    }
}

fn decrypt_pkcs8(der: &[u8], password: &Password) -> Result<Vec<u8>, String> {
    let encrypted = EncryptedPrivateKeyInfo::try_from(der).map_err(|_| {
        "is encrypted in a way that is not supported; convert it with: openssl pkcs8 -topk8 -v2 aes-256-cbc".to_owned()
    })?;
    match encrypted.decrypt(password.bytes()) {
        Ok(plain) => Ok(plain.as_bytes().to_vec()),
        Err(_) if encrypted.encryption_algorithm.pbes2().is_none() => {
            Err("is encrypted by PKCS#5 v1.5, which is not supported; convert it with: \
             openssl pkcs8 -topk8 -v2 aes-256-cbc"
                .to_owned())
        }
        Err(_) => Err("cannot be decrypted: wrong password?".to_owned()),
    }
}

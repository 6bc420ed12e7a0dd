//! What does a certificate say? Facts from DER or PEM; nothing here decides about trust.
//!
//! | question | file |
//! |---|---|
//! | what does a certificate say | here |
//! | where do the parts of a certificate lie | `der` |
//! | how is a distinguished name written | `name` |
//! | how is PEM read | [`pem`] |
//!
//! [`Certificate`] answers the `lws_x509_*` and `*_cert_info` queries of the C edge and feeds the TLS engine's own
//! look at a chain. Parsing needs no clock, no key and no store; `pem` reads the text form, `name` writes names in the
//! one-line form of OpenSSL.
mod der;
mod name;
pub mod pem;

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;
use x509_parser::prelude::{
    AttributeTypeAndValue, FromDer, GeneralName, ParsedExtension, X509Certificate, X509Extension, X509Name,
};

/// Why bytes are not a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// The PEM text has no certificate block.
    NoCertificate,
    /// A certificate block is not base64.
    BadPem,
    /// Not a DER certificate (RFC 5280 §4.1).
    BadDer,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseError::NoCertificate => "no certificate in it",
            ParseError::BadPem => "a PEM block is damaged",
            ParseError::BadDer => "not a valid X.509 certificate",
        })
    }
}

/// One subject alternative name (RFC 5280 §4.2.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AltName {
    Dns(String),
    Ip(IpAddr),
    /// Mail addresses, URIs and the rest: of no use for a server's name.
    Other,
}

impl fmt::Display for AltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AltName::Dns(name) => write!(f, "DNS:{name}"),
            AltName::Ip(address) => write!(f, "IP:{address}"),
            AltName::Other => f.write_str("other"),
        }
    }
}

/// Basic constraints (RFC 5280 §4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    pub is_ca: bool,
    /// How many intermediate certificates may follow below this one.
    pub path_len: Option<u32>,
}

/// Extended key usage, as far as TLS asks (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    pub any: bool,
    pub server_auth: bool,
    pub client_auth: bool,
}

/// Key usage bits in OpenSSL's numbering.
pub mod key_usage {
    pub const DIGITAL_SIGNATURE: u32 = 0x80;
    pub const KEY_ENCIPHERMENT: u32 = 0x20;
    pub const KEY_AGREEMENT: u32 = 0x08;
    pub const KEY_CERT_SIGN: u32 = 0x04;
    pub const DECIPHER_ONLY: u32 = 0x8000;
    /// What is reported for a certificate without the extension.
    pub const ABSENT: u32 = 0xffff_ffff;
}

/// The facts of one certificate, with its whole DER.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Range<usize>,
    signature_algorithm: Range<usize>,
    signature: Range<usize>,
    spki: Vec<u8>,
    subject_der: Vec<u8>,
    issuer_der: Vec<u8>,
    version: u32,
    subject: String,
    issuer: String,
    common_names: Vec<String>,
    not_before: i64,
    not_after: i64,
    key_usage: Option<u32>,
    extended_key_usage: Option<ExtendedKeyUsage>,
    basic_constraints: Option<BasicConstraints>,
    authority_key_id: Option<Vec<u8>>,
    authority_issuer: Option<String>,
    authority_issuer_der: Option<Vec<u8>>,
    authority_serial: Option<Vec<u8>>,
    serial: Vec<u8>,
    subject_key_id: Option<Vec<u8>>,
    alt_names: Vec<AltName>,
    has_name_constraints: bool,
    has_unknown_critical: bool,
}

impl Certificate {
    /// Parses one DER certificate; bytes behind it are an error.
    pub fn from_der(der: &[u8]) -> Result<Certificate, ParseError> {
        let outer = der::Outer::read(der).ok_or(ParseError::BadDer)?;
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| ParseError::BadDer)?;
        if !rest.is_empty() {
            return Err(ParseError::BadDer);
        }
        let tbs = &parsed.tbs_certificate;
        let mut facts = Certificate {
            der: der.to_vec(),
            tbs: outer.tbs,
            signature_algorithm: outer.signature_algorithm,
            signature: outer.signature,
            spki: tbs.subject_pki.raw.to_vec(),
            subject_der: tbs.subject.as_raw().to_vec(),
            issuer_der: tbs.issuer.as_raw().to_vec(),
            version: tbs.version.0.saturating_add(1),
            subject: name::one_line(&tbs.subject),
            issuer: name::one_line(&tbs.issuer),
            common_names: tbs.subject.iter_common_name().map(attribute_text).collect(),
            not_before: tbs.validity.not_before.timestamp(),
            not_after: tbs.validity.not_after.timestamp(),
            key_usage: None,
            extended_key_usage: None,
            basic_constraints: None,
            authority_key_id: None,
            authority_issuer: None,
            authority_issuer_der: None,
            authority_serial: None,
            serial: tbs.raw_serial().to_vec(),
            subject_key_id: None,
            alt_names: Vec::new(),
            has_name_constraints: false,
            has_unknown_critical: false,
        };
        for extension in tbs.extensions() {
            facts.take_extension(extension)?;
        }
        Ok(facts)
    }

    /// Parses the first certificate of a PEM text; other text and other blocks are passed over.
    pub fn from_pem(text: &[u8]) -> Result<Certificate, ParseError> {
        match pem::certificates(text).next() {
            Some(Ok(der)) => Certificate::from_der(&der),
            Some(Err(_)) => Err(ParseError::BadPem),
            None => Err(ParseError::NoCertificate),
        }
    }

    /// PEM if the bytes look like it, else DER.
    pub fn from_pem_or_der(bytes: &[u8]) -> Result<Certificate, ParseError> {
        if pem::looks_like_pem(bytes) { Certificate::from_pem(bytes) } else { Certificate::from_der(bytes) }
    }

    fn take_extension(&mut self, extension: &X509Extension<'_>) -> Result<(), ParseError> {
        match extension.parsed_extension() {
            ParsedExtension::ParseError { .. } => return Err(ParseError::BadDer),
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(openssl_key_usage(usage.flags)),
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended_key_usage = Some(ExtendedKeyUsage {
                    any: usage.any,
                    server_auth: usage.server_auth,
                    client_auth: usage.client_auth,
                });
            }
            ParsedExtension::BasicConstraints(basic) => {
                self.basic_constraints =
                    Some(BasicConstraints { is_ca: basic.ca, path_len: basic.path_len_constraint });
            }
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|id| id.0.to_vec());
                self.authority_serial = id.authority_cert_serial.map(<[u8]>::to_vec);
                self.authority_issuer = id.authority_cert_issuer.as_deref().map(general_names_text);
                self.authority_issuer_der = id.authority_cert_issuer.as_deref().and_then(directory_name_der);
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(id.0.to_vec()),
            ParsedExtension::SubjectAlternativeName(names) => {
                self.alt_names = names.general_names.iter().map(alt_name).collect();
            }
            ParsedExtension::NameConstraints(_) => self.has_name_constraints = true,
            ParsedExtension::CertificatePolicies(_) | ParsedExtension::NSCertType(_) => {}
            _ => self.has_unknown_critical |= extension.critical,
        }
        Ok(())
    }

    /// The whole certificate.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The signed part, tag and length included.
    pub fn signed_part(&self) -> &[u8] {
        self.der.get(self.tbs.clone()).unwrap_or_default()
    }

    /// Contents of the signature's AlgorithmIdentifier, without tag and length.
    pub fn signature_algorithm(&self) -> &[u8] {
        self.der.get(self.signature_algorithm.clone()).unwrap_or_default()
    }

    /// The bits of the signature.
    pub fn signature(&self) -> &[u8] {
        self.der.get(self.signature.clone()).unwrap_or_default()
    }

    /// SubjectPublicKeyInfo, the "opaque public key" of the C API.
    pub fn public_key_der(&self) -> &[u8] {
        &self.spki
    }

    /// Contents of the key's AlgorithmIdentifier, and the key's bits.
    pub fn public_key_parts(&self) -> Option<(&[u8], &[u8])> {
        der::spki_parts(&self.spki)
    }

    /// The subject's Name, tag and length included.
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_der
    }

    /// The issuer's Name, tag and length included.
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer_der
    }

    /// 1, 2 or 3.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Like `/C=DE/O=Test/CN=localhost`, printable ASCII.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Like [`subject`](Self::subject).
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The first CN attribute of the subject, alone.
    pub fn common_name(&self) -> Option<&str> {
        self.common_names.first().map(String::as_str)
    }

    pub fn common_names(&self) -> &[String] {
        &self.common_names
    }

    /// Seconds since 1970, UTC; first moment of validity.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Seconds since 1970, UTC; last moment of validity.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// OpenSSL's bits, or [`key_usage::ABSENT`].
    pub fn key_usage_bits(&self) -> u32 {
        self.key_usage.unwrap_or(key_usage::ABSENT)
    }

    pub fn extended_key_usage(&self) -> Option<ExtendedKeyUsage> {
        self.extended_key_usage
    }

    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.basic_constraints
    }

    /// Raw key id bytes.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.authority_key_id.as_deref()
    }

    /// The names in the authority key id extension, one after the other.
    pub fn authority_issuer(&self) -> Option<&str> {
        self.authority_issuer.as_deref()
    }

    /// Raw serial number bytes of the authority key id extension.
    pub fn authority_serial(&self) -> Option<&[u8]> {
        self.authority_serial.as_deref()
    }

    /// Raw key id bytes.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.subject_key_id.as_deref()
    }

    pub fn alt_names(&self) -> &[AltName] {
        &self.alt_names
    }

    pub fn has_name_constraints(&self) -> bool {
        self.has_name_constraints
    }

    /// Whether an extension marked critical is not known here.
    pub fn has_unknown_critical(&self) -> bool {
        self.has_unknown_critical
    }

    /// Whether it names itself as its issuer. The signature is not looked at.
    pub fn is_self_signed(&self) -> bool {
        self.issued_by(self)
    }

    /// Whether `issuer` is named as the issuer, by name and by key ids where both have them. The signature is not looked
    /// at.
    pub fn issued_by(&self, issuer: &Certificate) -> bool {
        self.why_not_issued_by(issuer).is_none()
    }

    /// What speaks against [`Certificate::issued_by`]; `None`: nothing.
    pub fn why_not_issued_by(&self, issuer: &Certificate) -> Option<String> {
        if self.issuer_der != issuer.subject_der {
            let (wanted, found) = (or_none(&self.issuer), or_none(&issuer.subject));
            return Some(format!("the certificate names the issuer {wanted}, the other one is {found}"));
        }
        if let (Some(wanted), Some(found)) = (&self.authority_key_id, &issuer.subject_key_id)
            && wanted != found
        {
            return Some("the issuer has the right name, but another key id".to_owned());
        }
        if self.authority_serial.as_ref().is_some_and(|serial| *serial != issuer.serial) {
            return Some("the issuer has the right name, but another serial number".to_owned());
        }
        let is_wrong = self.authority_issuer_der.as_ref().is_some_and(|name| *name != issuer.issuer_der);
        is_wrong.then(|| "the issuer has the right name, but an issuer of its own with another one".to_owned())
    }

    /// One line for people: who, by whom, for which names, from when to when.
    pub fn describe(&self) -> String {
        let names: Vec<String> = self.alt_names.iter().map(|name| printable(&name.to_string())).collect();
        let names = if names.is_empty() { "none (only the subject)".to_owned() } else { names.join(", ") };
        format!(
            "subject {}, issuer {}, names {}, valid {} to {}",
            or_none(&self.subject),
            or_none(&self.issuer),
            names,
            date(self.not_before),
            date(self.not_after)
        )
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.describe())
    }
}

/// `2025-01-31` of a time in seconds since 1970.
pub fn date(unix_seconds: i64) -> String {
    // Days to civil date in the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
    const DAYS_PER_ERA: i64 = 146_097;
    let days = unix_seconds.div_euclid(86_400).saturating_add(719_468);
    let era = days.div_euclid(DAYS_PER_ERA);
    let day_of_era = days.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `text` with everything but printable ASCII replaced by dots, and `"` by `'`.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => '\'',
            ' '..='~' => c,
            _ => '.',
        })
        .collect()
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "(empty)" } else { text }
}

fn attribute_text(attribute: &AttributeTypeAndValue<'_>) -> String {
    match attribute.as_str() {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(attribute.as_slice()).into_owned(),
    }
}

/// The wire numbers the bits from the most significant one of the first byte; OpenSSL shows the bytes as they are.
fn openssl_key_usage(flags: u16) -> u32 {
    let first: u32 = (0..8).filter(|bit| flags & (1 << bit) != 0).map(|bit| 0x80 >> bit).sum();
    let decipher_only = if flags & (1 << 8) != 0 { key_usage::DECIPHER_ONLY } else { 0 };
    first | decipher_only
}

fn alt_name(name: &GeneralName<'_>) -> AltName {
    match name {
        GeneralName::DNSName(name) => AltName::Dns((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match (<[u8; 4]>::try_from(*bytes), <[u8; 16]>::try_from(*bytes)) {
            (Ok(v4), _) => AltName::Ip(IpAddr::from(v4)),
            (_, Ok(v6)) => AltName::Ip(IpAddr::from(v6)),
            _ => AltName::Other,
        },
        _ => AltName::Other,
    }
}

fn general_names_text(names: &[GeneralName<'_>]) -> String {
    names
        .iter()
        .map(|name| match name {
            GeneralName::DirectoryName(name) => name::one_line(name),
            GeneralName::DNSName(text) | GeneralName::URI(text) | GeneralName::RFC822Name(text) => printable(text),
            _ => String::new(),
        })
        .collect()
}

fn directory_name_der(names: &[GeneralName<'_>]) -> Option<Vec<u8>> {
    names.iter().find_map(|name| match name {
        GeneralName::DirectoryName(name) => Some(X509Name::as_raw(name).to_vec()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{
        BasicConstraints as Basic, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
        KeyUsagePurpose, SanType, date_time_ymd,
    };

    fn params() -> CertificateParams {
        let mut params = CertificateParams::new(vec!["localhost".into()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.distinguished_name.push(DnType::OrganizationName, "Test");
        params.not_before = date_time_ymd(2024, 2, 29);
        params.not_after = date_time_ymd(2034, 12, 31);
        params
    }

    #[test]
    fn facts_of_a_self_signed_certificate() {
        let key = KeyPair::generate().unwrap();
        let mut params = params();
        params.subject_alt_names.push(SanType::IpAddress("127.0.0.1".parse().unwrap()));
        params.is_ca = IsCa::Ca(Basic::Constrained(3));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let made = params.self_signed(&key).unwrap();
        let facts = Certificate::from_der(made.der()).unwrap();
        assert_eq!(facts.subject(), "/CN=localhost/O=Test");
        assert_eq!(facts.issuer(), "/CN=localhost/O=Test");
        assert_eq!(facts.common_name(), Some("localhost"));
        assert_eq!(facts.not_before(), 1_709_164_800);
        assert_eq!(date(facts.not_before()), "2024-02-29");
        assert_eq!(date(facts.not_after()), "2034-12-31");
        assert_eq!(facts.key_usage_bits(), 0x84);
        assert_eq!(facts.basic_constraints(), Some(BasicConstraints { is_ca: true, path_len: Some(3) }));
        let usage = facts.extended_key_usage().unwrap();
        assert!(usage.server_auth && !usage.client_auth && !usage.any);
        assert_eq!(facts.der(), &made.der()[..]);
        assert_eq!(facts.version(), 3);
        assert_eq!(facts.alt_names().len(), 2);
        assert!(facts.is_self_signed());
        assert!(!facts.has_unknown_critical());
        assert_eq!(
            facts.describe(),
            "subject /CN=localhost/O=Test, issuer /CN=localhost/O=Test, names DNS:localhost, IP:127.0.0.1, \
             valid 2024-02-29 to 2034-12-31"
        );
        assert!(facts.signed_part().len() > 100 && facts.signature().len() > 60);
        assert!(facts.public_key_parts().is_some());
    }

    #[test]
    fn issuer_is_found_by_name_and_key_id() {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca_params = params();
        ca_params.is_ca = IsCa::Ca(Basic::Unconstrained);
        let ca = Certificate::from_der(ca_params.self_signed(&ca_key).unwrap().der()).unwrap();
        let other_key = KeyPair::generate().unwrap();
        let same_name = Certificate::from_der(ca_params.self_signed(&other_key).unwrap().der()).unwrap();
        let mut leaf_params = params();
        leaf_params.distinguished_name.push(DnType::CommonName, "leaf");
        leaf_params.use_authority_key_identifier_extension = true;
        let leaf_key = KeyPair::generate().unwrap();
        let leaf = leaf_params.signed_by(&leaf_key, &Issuer::from_params(&ca_params, &ca_key)).unwrap();
        let leaf = Certificate::from_der(leaf.der()).unwrap();
        assert!(leaf.issued_by(&ca));
        assert!(!leaf.issued_by(&same_name), "key ids differ");
        assert!(leaf.why_not_issued_by(&same_name).unwrap().contains("another key id"));
        assert!(!ca.issued_by(&leaf));
        assert!(ca.why_not_issued_by(&leaf).unwrap().contains("names the issuer"));
        assert!(!leaf.is_self_signed());
        assert_eq!(leaf.authority_key_id(), ca.subject_key_id());
        assert_eq!(leaf.key_usage_bits(), key_usage::ABSENT);
        assert_eq!(leaf.authority_serial(), None);
    }

    #[test]
    fn pem_with_text_around_and_a_final_nul() {
        let key = KeyPair::generate().unwrap();
        let made = params().self_signed(&key).unwrap();
        let text = format!("subject=/CN=localhost\nissuer=...\n{}\ntrailing words\0", made.pem());
        let facts = Certificate::from_pem_or_der(text.as_bytes()).unwrap();
        assert_eq!(facts.der(), &made.der()[..]);
        assert_eq!(Certificate::from_pem_or_der(made.der()).unwrap().der(), &made.der()[..]);
        assert_eq!(Certificate::from_pem(b"nothing").unwrap_err(), ParseError::NoCertificate);
        assert_eq!(Certificate::from_der(b"nothing").unwrap_err(), ParseError::BadDer);
    }

    #[test]
    fn every_cut_of_a_certificate_is_refused() {
        let key = KeyPair::generate().unwrap();
        let made = params().self_signed(&key).unwrap();
        for end in 0..made.der().len() {
            assert!(Certificate::from_der(&made.der()[..end]).is_err());
        }
        let mut longer = made.der().to_vec();
        longer.push(0);
        assert!(Certificate::from_der(&longer).is_err());
    }

    #[test]
    fn damaged_bytes_never_panic() {
        let key = KeyPair::generate().unwrap();
        let made = params().self_signed(&key).unwrap();
        for at in 0..made.der().len() {
            for value in [0u8, 0x30, 0x7f, 0x80, 0xff] {
                let mut bytes = made.der().to_vec();
                bytes[at] = value;
                if let Ok(facts) = Certificate::from_der(&bytes) {
                    assert!(!facts.describe().is_empty());
                }
            }
        }
    }

    #[test]
    fn dates_around_eras() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(253_402_300_799), "9999-12-31");
    }
}

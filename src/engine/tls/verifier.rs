//! Is the peer's certificate good, and if not, do the program's flags let it pass?
//!
//! [`Judge`] asks webpki first: chain, dates and name. Only if that fails is the chain looked at a second time
//! (`chain`), to find all problems in OpenSSL's numbers. Each must be forgiven by its own flag; what was forgiven
//! is told, so that it can be logged. Signatures of the handshake itself are always checked.
use super::chain::{End, Path, Problem};
use super::describe::{Refusal, flag_names};
use super::provider;
use super::roots::Trust;
use super::verdict::{LaxFlags, Purpose, Verdict, VerifyFailure, number};
use crate::proto::x509::{AltName, Certificate};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, PeerMisbehaved, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use webpki::{EndEntityCert, RawPublicKeyEntity, VerifiedPath};

/// A verdict that is found when the handshake is over.
pub(super) struct PendingVerdict {
    pub judge: Arc<Judge>,
    pub flags: LaxFlags,
    pub name: Option<ServerName<'static>>,
}

/// Decides about certificates by one vhost's trust.
pub struct Judge {
    trust: Arc<Trust>,
    purpose: Purpose,
}

impl Judge {
    pub fn new(trust: Arc<Trust>, purpose: Purpose) -> Judge {
        Judge { trust, purpose }
    }

    pub fn trust(&self) -> &Arc<Trust> {
        &self.trust
    }

    /// Looks at `leaf` and what was sent with it. `name` is what the certificate must be for; `None` for clients.
    pub fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        name: Option<&ServerName<'_>>,
        flags: LaxFlags,
        now: UnixTime,
    ) -> Result<Verdict, Box<VerifyFailure>> {
        let chain_is_good = self.ask_webpki(leaf, sent, now, true).is_ok();
        let name_is_good = name.is_none_or(|name| webpki_name_matches(leaf, name));
        if chain_is_good && name_is_good {
            return Ok(Verdict { forgiven: Vec::new(), is_verified: true });
        }
        self.examine(leaf, sent, name, flags, now, chain_is_good)
    }

    /// The slow way: all problems.
    fn examine(
        &self,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        name: Option<&ServerName<'_>>,
        flags: LaxFlags,
        now: UnixTime,
        chain_is_good: bool,
    ) -> Result<Verdict, Box<VerifyFailure>> {
        let of = match name {
            Some(name) => name.to_str().into_owned(),
            None => "the client".to_owned(),
        };
        let Ok(facts) = Certificate::from_der(leaf) else {
            let problem = Problem::new(number::UNSPECIFIED, format!("certificate of {of} cannot be read"));
            return Err(self.refuse(&[problem], &[], flags));
        };
        let mut presented = vec![Rc::new(facts)];
        presented.extend(sent.iter().filter_map(|der| Certificate::from_der(der).ok()).map(Rc::new));
        let mut problems = Vec::new();
        let mut date_problems = Vec::new();
        if !chain_is_good {
            let snapshot = self.trust.snapshot();
            let path = Path::find(&presented, &snapshot, algorithms());
            let now_seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
            problems.extend(path.end_problem(&of));
            problems.extend(path.structure_problems(self.purpose, &of));
            date_problems = path.date_problems(now_seconds, &of);
            if problems.is_empty() {
                problems.extend(self.webpki_objection(leaf, sent, &path, now_seconds, &date_problems, &of));
            }
        }
        if let Some(name) = name
            && !webpki_name_matches(leaf, name)
            && !self.common_name_matches(&presented, name)
        {
            problems.push(Problem::new(number::HOSTNAME_MISMATCH, mismatch(presented.first(), &of)));
        }
        problems.extend(date_problems);

        let is_forgiven =
            |problem: &Problem| LaxFlags::that_forgives(problem.number).is_some_and(|flag| flags.contains(flag));
        if !problems.iter().all(is_forgiven) {
            let chain: Vec<Certificate> = presented.iter().map(|certificate| (**certificate).clone()).collect();
            return Err(self.refuse(&problems, &chain, flags));
        }
        let is_verified = problems.iter().all(|problem| problem.number == number::HOSTNAME_MISMATCH);
        let forgiven = problems
            .iter()
            .filter_map(|problem| {
                let flag = LaxFlags::that_forgives(problem.number)?;
                Some(format!("{}, allowed by {}", problem.what, flag_names(flag)))
            })
            .collect();
        Ok(Verdict { forgiven, is_verified })
    }

    /// A path that looks good here, apart from dates, is shown to webpki once more, at a moment inside all validities.
    /// Its objection counts, except those to certificates that OpenSSL accepts on purpose.
    fn webpki_objection(
        &self,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        path: &Path,
        now: i64,
        date_problems: &[Problem],
        of: &str,
    ) -> Option<Problem> {
        debug_assert_eq!(path.end, End::Trusted);
        let constrained = || {
            let what = format!("chain of {of} has name constraints and cannot be checked fully");
            path.has_name_constraints().then(|| Problem::new(number::UNSUPPORTED_NAME_SYNTAX, what))
        };
        if path.is_trusted_leaf() {
            return constrained();
        }
        let moment = if date_problems.is_empty() { Some(now) } else { path.common_moment() };
        // Certificates that were never valid together: only the own checks remain.
        let Some(moment) = moment else { return constrained() };
        let moment = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(moment).unwrap_or(0)));
        match self.ask_webpki(leaf, sent, moment, false) {
            Ok(()) => None,
            Err(webpki::Error::CaUsedAsEndEntity | webpki::Error::UnsupportedCertVersion) => constrained(),
            Err(error) => {
                let openssl_number = match error {
                    webpki::Error::NameConstraintViolation => number::PERMITTED_VIOLATION,
                    webpki::Error::PathLenConstraintViolated => number::PATH_LENGTH_EXCEEDED,
                    webpki::Error::RequiredEkuNotFoundContext(_) => number::INVALID_PURPOSE,
                    webpki::Error::UnsupportedCriticalExtension => number::UNHANDLED_CRITICAL_EXTENSION,
                    webpki::Error::EndEntityUsedAsCa => number::INVALID_CA,
                    _ => number::UNSPECIFIED,
                };
                Some(Problem::new(openssl_number, format!("chain of {of} is not acceptable: {error:?}")))
            }
        }
    }

    /// webpki's verdict on the chain, with each of the trusted sets. `checks_root_dates`: a root outside its validity
    /// ends no path; webpki itself ignores a root's dates.
    fn ask_webpki(
        &self,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        moment: UnixTime,
        checks_root_dates: bool,
    ) -> Result<(), webpki::Error> {
        let leaf = EndEntityCert::try_from(leaf)?;
        let snapshot = self.trust.snapshot();
        let mut intermediates: Vec<CertificateDer<'_>> = sent.to_vec();
        for set in snapshot.sets() {
            intermediates.extend(set.spare().iter().map(|certificate| CertificateDer::from(certificate.der())));
        }
        let seconds = i64::try_from(moment.as_secs()).unwrap_or(i64::MAX);
        let mut result = Err(webpki::Error::UnknownIssuer);
        for set in snapshot.sets() {
            let root_is_in_its_dates = |path: &VerifiedPath<'_>| match set.dates_of(path.anchor()) {
                Some((from, to)) if seconds < from || seconds > to => Err(webpki::Error::CertExpired {
                    time: moment,
                    not_after: UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(to).unwrap_or(0))),
                }),
                _ => Ok(()),
            };
            let found = leaf.verify_for_usage(
                algorithms().all,
                set.anchors(),
                &intermediates,
                moment,
                self.purpose.key_usage(),
                None,
                checks_root_dates.then_some(&root_is_in_its_dates as _),
            );
            match found {
                Ok(_) => return Ok(()),
                Err(webpki::Error::UnknownIssuer) => {}
                Err(error) => result = Err(error),
            }
        }
        result
    }

    /// OpenSSL compares the common name when a certificate has no DNS names at all. Not done when a certificate of the
    /// chain or a trusted root restricts names, as common names would escape that.
    fn common_name_matches(&self, presented: &[Rc<Certificate>], name: &ServerName<'_>) -> bool {
        let ServerName::DnsName(name) = name else { return false };
        let Some(leaf) = presented.first() else { return false };
        if leaf.alt_names().iter().any(|name| matches!(name, AltName::Dns(_)))
            || presented.iter().any(|certificate| certificate.has_name_constraints())
        {
            return false;
        }
        let snapshot = self.trust.snapshot();
        let issuers: Vec<&[u8]> = presented.iter().map(|certificate| certificate.issuer_der()).collect();
        let is_restricted = snapshot.sets().any(|set| {
            issuers.iter().any(|issuer| set.named(issuer).any(|root| root.has_name_constraints()))
                || set.spare().iter().any(Certificate::has_name_constraints)
        });
        !is_restricted && leaf.common_names().iter().any(|pattern| host_matches(pattern, name.as_ref()))
    }

    fn refuse(&self, problems: &[Problem], chain: &[Certificate], flags: LaxFlags) -> Box<VerifyFailure> {
        let first = problems
            .iter()
            .find(|problem| LaxFlags::that_forgives(problem.number).is_none_or(|flag| !flags.contains(flag)));
        let (openssl_number, what) = match first {
            Some(problem) => (problem.number, problem.what.as_str()),
            None => (number::UNSPECIFIED, "refused"),
        };
        let missing = problems.iter().try_fold(LaxFlags::NONE, |all, problem| {
            let flag = LaxFlags::that_forgives(problem.number)?;
            Some(if flags.contains(flag) { all } else { all | flag })
        });
        let all: Vec<String> = problems.iter().map(|problem| problem.what.clone()).collect();
        let refusal = Refusal {
            whose: self.purpose.whose(),
            openssl_number,
            what,
            all: &all,
            chain,
            trust: &self.trust.describe(),
            // The flags exist for clients only.
            allowed_by: missing.filter(|_| self.purpose == Purpose::Server),
        };
        Box::new(VerifyFailure {
            openssl_number,
            label: super::describe::label(openssl_number),
            what: what.to_owned(),
            text: refusal.text(),
            detail: refusal.detail(),
        })
    }
}

fn mismatch(leaf: Option<&Rc<Certificate>>, of: &str) -> String {
    let names: Vec<String> = match leaf {
        Some(leaf) if leaf.alt_names().is_empty() => leaf.common_names().to_vec(),
        Some(leaf) => leaf
            .alt_names()
            .iter()
            .filter_map(|name| match name {
                AltName::Dns(name) => Some(name.clone()),
                AltName::Ip(address) => Some(address.to_string()),
                AltName::Other => None,
            })
            .collect(),
        None => Vec::new(),
    };
    match names.len() {
        0 => format!("certificate is for no host name, not for {of}"),
        1..=3 => format!("certificate is for {}, not for {of}", names.join(", ")),
        count => {
            let some = names.get(..3).unwrap_or_default().join(", ");
            format!("certificate is for {some} and {} more, not for {of}", count - 3)
        }
    }
}

fn webpki_name_matches(leaf: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    EndEntityCert::try_from(leaf).is_ok_and(|leaf| leaf.verify_is_valid_for_subject_name(name).is_ok())
}

/// A name or `*.rest`; the star stands for exactly one whole label, and `rest` has at least two.
fn host_matches(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    if pattern.eq_ignore_ascii_case(host) {
        return !pattern.contains('*');
    }
    let Some(rest) = pattern.strip_prefix("*.") else { return false };
    match host.split_once('.') {
        Some((first, host_rest)) => !first.is_empty() && rest.contains('.') && rest.eq_ignore_ascii_case(host_rest),
        None => false,
    }
}

fn algorithms() -> &'static WebPkiSupportedAlgorithms {
    &provider().signature_verification_algorithms
}

fn into_rustls(failure: Box<VerifyFailure>) -> Error {
    let failure: Arc<VerifyFailure> = Arc::from(failure);
    Error::InvalidCertificate(CertificateError::Other(OtherError(failure)))
}

/// Checks a handshake signature with the key in `certificate`, whatever else that certificate is.
fn check_signature(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    dss: &DigitallySignedStruct,
    is_tls13: bool,
) -> Result<HandshakeSignatureValid, Error> {
    let facts = Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let spki = SubjectPublicKeyInfoDer::from(facts.public_key_der());
    let key = RawPublicKeyEntity::try_from(&spki).map_err(|_| CertificateError::BadEncoding)?;
    let is_allowed_in_tls13 = matches!(
        dss.scheme,
        SignatureScheme::ECDSA_NISTP256_SHA256
            | SignatureScheme::ECDSA_NISTP384_SHA384
            | SignatureScheme::ECDSA_NISTP521_SHA512
            | SignatureScheme::RSA_PSS_SHA256
            | SignatureScheme::RSA_PSS_SHA384
            | SignatureScheme::RSA_PSS_SHA512
            | SignatureScheme::ED25519
            | SignatureScheme::ED448
    );
    let candidates = algorithms().mapping.iter().find(|(scheme, _)| *scheme == dss.scheme).map(|(_, list)| *list);
    let Some(candidates) = candidates.filter(|_| !is_tls13 || is_allowed_in_tls13) else {
        return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
    };
    // TLS 1.2 leaves the curve open; TLS 1.3 means the first only.
    let candidates = if is_tls13 { candidates.get(..1).unwrap_or_default() } else { candidates };
    let is_good = candidates.iter().any(|alg| key.verify_signature(*alg, message, dss.signature()).is_ok());
    if is_good { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) }
}

/// What a client connection uses: one per vhost and set of flags. Sessions are resumed only among connections of the same
/// verifier, so a session that lax flags allowed is never resumed by a strict connection.
pub(super) struct ServerVerifier {
    pub judge: Arc<Judge>,
    pub flags: LaxFlags,
    /// Lets any certificate pass; the session asks for the verdict, and the program, before it goes on.
    pub only_reports: bool,
}

impl fmt::Debug for ServerVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerVerifier({:?})", self.flags)
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if !self.only_reports {
            self.judge.judge(end_entity, intermediates, Some(server_name), self.flags, now).map_err(into_rustls)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check_signature(message, cert, dss, false)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check_signature(message, cert, dss, true)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms().supported_schemes()
    }
}

/// What a server uses that asks for client certificates.
pub(super) struct ClientVerifier {
    pub judge: Arc<Judge>,
    pub is_mandatory: bool,
    /// Lets any certificate pass; the engine asks for the verdict afterwards.
    pub only_reports: bool,
    pub hints: Vec<DistinguishedName>,
}

impl fmt::Debug for ClientVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientVerifier(mandatory {}, only reports {})", self.is_mandatory, self.only_reports)
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.is_mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if !self.only_reports {
            self.judge.judge(end_entity, intermediates, None, LaxFlags::NONE, now).map_err(into_rustls)?;
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check_signature(message, cert, dss, false)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check_signature(message, cert, dss, true)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms().supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_names_match_whole_labels_only() {
        assert!(host_matches("localhost", "LOCALHOST"));
        assert!(host_matches("*.example.com", "a.example.com"));
        assert!(host_matches("a.example.com", "a.example.com."));
        assert!(!host_matches("*.example.com", "a.b.example.com"));
        assert!(!host_matches("*.example.com", "example.com"));
        assert!(!host_matches("*.com", "example.com"));
        assert!(!host_matches("f*.example.com", "foo.example.com"));
        assert!(!host_matches("*", "localhost"));
        assert!(!host_matches("*.example.com", ".example.com"));
    }

    #[test]
    fn flags_come_from_the_connection_bits() {
        let flags = LaxFlags::from_ssl_connection(1 | 2 | 8 | (1 << 16));
        assert_eq!(flags, LaxFlags::ALLOW_SELFSIGNED | LaxFlags::ALLOW_EXPIRED);
        assert_eq!(flags.index(), 0b0101);
        assert!(LaxFlags::from_ssl_connection(1).is_none());
    }
}

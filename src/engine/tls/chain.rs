//! A second look at a chain: which path it forms and everything that is wrong with it.
//!
//! webpki answers yes, or names the first thing it dislikes. The lax flags need *all* problems, in OpenSSL's numbers, and
//! some certificates that OpenSSL accepts (a trusted self-signed server certificate, version 1, CA:TRUE on a server) are
//! refused by webpki on principle. So when webpki says no, the path is built and checked here: signatures on every
//! link, who may issue, path length, purposes, critical extensions, dates.
use super::roots::{Snapshot, may_issue};
use super::verdict::{Purpose, number};
use crate::proto::x509::{Certificate, date, key_usage};
use rustls::crypto::WebPkiSupportedAlgorithms;
use std::rc::Rc;

/// Longest path, root included.
const MAX_DEPTH: usize = 10;
/// Most signatures checked for one path: bounds what a peer can make us compute.
const MAX_SIGNATURES: usize = 64;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// OpenSSL's number.
    pub number: i32,
    /// A statement such as `certificate of localhost expired 2025-01-01`.
    pub what: String,
}

impl Problem {
    pub fn new(number: i32, what: impl Into<String>) -> Problem {
        Problem { number, what: what.into() }
    }
}

/// How a path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At a trusted root.
    Trusted,
    /// The leaf is self-signed and not trusted.
    SelfSignedLeaf,
    /// A self-signed certificate above the leaf that is not trusted.
    SelfSignedAbove,
    /// Nobody has the issuer of the last certificate.
    IssuerUnknown,
    /// The same, and the last certificate came from the CA file.
    IssuerOfTrustedUnknown,
    /// There are certificates with the issuer's name, and none of them made the signature.
    BadSignature,
    /// The signature algorithm is not accepted, such as SHA-1.
    WeakSignature,
    /// The issuer's RSA key is below 2048 bits.
    WeakKey,
    /// Too long, or too many signatures to try.
    TooLong,
}

impl End {
    /// How good a path's end is compared with another's: of several paths the best counts.
    fn rank(self) -> u8 {
        match self {
            End::Trusted => 6,
            End::SelfSignedLeaf | End::SelfSignedAbove => 5,
            End::IssuerOfTrustedUnknown => 4,
            End::IssuerUnknown => 3,
            End::WeakSignature | End::WeakKey => 2,
            End::BadSignature => 1,
            End::TooLong => 0,
        }
    }
}

/// A path from the leaf (first) upwards.
pub struct Path {
    pub certificates: Vec<Rc<Certificate>>,
    pub end: End,
}

impl Path {
    /// Finds the best path for the first of `presented`.
    pub fn find(presented: &[Rc<Certificate>], trust: &Snapshot, algorithms: &WebPkiSupportedAlgorithms) -> Path {
        let Some(leaf) = presented.first() else { return Path { certificates: Vec::new(), end: End::IssuerUnknown } };
        let spare: Vec<Rc<Certificate>> =
            trust.sets().flat_map(|set| set.spare().iter().cloned().map(Rc::new)).collect();
        let mut search = Search { presented, spare, trust, algorithms, signatures_left: MAX_SIGNATURES, best: None };
        search.extend(&mut vec![Rc::clone(leaf)]);
        search.best.unwrap_or(Path { certificates: vec![Rc::clone(leaf)], end: End::IssuerUnknown })
    }

    /// The certificate a message is about; `of` is the host's name or the like.
    fn which(&self, depth: usize, of: &str) -> String {
        match self.certificates.get(depth) {
            Some(certificate) if depth > 0 => {
                format!("issuer {} of the certificate of {of}", certificate.subject())
            }
            _ => format!("certificate of {of}"),
        }
    }

    /// What is wrong with the end of the path, if anything.
    pub fn end_problem(&self, of: &str) -> Option<Problem> {
        let last = self.certificates.last()?;
        let (number, what) = match self.end {
            End::Trusted => return None,
            End::SelfSignedLeaf => {
                (number::DEPTH_ZERO_SELF_SIGNED_CERT, format!("certificate of {of} is self-signed and not trusted"))
            }
            End::SelfSignedAbove => (
                number::SELF_SIGNED_CERT_IN_CHAIN,
                format!("chain of {of} ends in a self-signed certificate that is not trusted: {}", last.subject()),
            ),
            End::IssuerUnknown => (
                number::UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                format!("issuer of the certificate of {of} is unknown: {}", last.issuer()),
            ),
            End::IssuerOfTrustedUnknown => (
                number::UNABLE_TO_GET_ISSUER_CERT,
                format!("{} is in the CA file, but its own issuer is not: {}", last.subject(), last.issuer()),
            ),
            End::BadSignature => {
                (number::CERT_SIGNATURE_FAILURE, format!("signature of {} is not by {}", last.subject(), last.issuer()))
            }
            End::WeakSignature => (
                number::CA_MD_TOO_WEAK,
                format!("signature algorithm of {} is too weak or not supported", last.subject()),
            ),
            End::WeakKey => {
                (number::CA_KEY_TOO_SMALL, format!("key of {} is too small (RSA below 2048 bits)", last.issuer()))
            }
            End::TooLong => (number::CERT_CHAIN_TOO_LONG, format!("chain of {of} is too long")),
        };
        Some(Problem::new(number, what))
    }

    /// What no flag forgives: who may issue, path length, purposes, critical extensions.
    pub fn structure_problems(&self, purpose: Purpose, of: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (depth, certificate) in self.certificates.iter().enumerate() {
            let which = || self.which(depth, of);
            if certificate.has_unknown_critical() {
                let what = format!("{} has a critical extension that is not known here", which());
                problems.push(Problem::new(number::UNHANDLED_CRITICAL_EXTENSION, what));
            }
            if !serves(certificate, purpose, depth == 0) {
                let what = format!("{} is not meant for {}", which(), purpose.words());
                problems.push(Problem::new(number::INVALID_PURPOSE, what));
            }
            if depth == 0 {
                continue;
            }
            if !may_issue(certificate) || (certificate.version() == 1 && depth + 1 < self.certificates.len()) {
                problems.push(Problem::new(number::INVALID_CA, format!("{} is not a CA", which())));
            }
            // Self-issued certificates between do not count (RFC 5280 §6.1.4 l).
            let below =
                self.certificates.iter().take(depth).skip(1).filter(|c| c.subject_der() != c.issuer_der()).count();
            let allowed = certificate.basic_constraints().and_then(|basic| basic.path_len);
            if allowed.is_some_and(|allowed| below > allowed as usize) {
                let what = format!("{} allows fewer certificates below it", which());
                problems.push(Problem::new(number::PATH_LENGTH_EXCEEDED, what));
            }
        }
        problems
    }

    /// Certificates outside their dates, root first.
    pub fn date_problems(&self, now: i64, of: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (depth, certificate) in self.certificates.iter().enumerate().rev() {
            let which = self.which(depth, of);
            if now < certificate.not_before() {
                let what = format!("{which} is not valid before {}", date(certificate.not_before()));
                problems.push(Problem::new(number::CERT_NOT_YET_VALID, what));
            } else if now > certificate.not_after() {
                let what = format!("{which} expired {}", date(certificate.not_after()));
                problems.push(Problem::new(number::CERT_HAS_EXPIRED, what));
            }
        }
        problems
    }

    /// A moment at which all certificates are or were valid.
    pub fn common_moment(&self) -> Option<i64> {
        let from = self.certificates.iter().map(|c| c.not_before()).max()?;
        let to = self.certificates.iter().map(|c| c.not_after()).min()?;
        (from <= to).then_some(to)
    }

    /// Whether the path is one trusted certificate that is both root and leaf.
    pub fn is_trusted_leaf(&self) -> bool {
        self.end == End::Trusted && self.certificates.len() == 1
    }

    /// Whether a certificate restricts names: such a path is left to webpki alone.
    pub fn has_name_constraints(&self) -> bool {
        self.certificates.iter().any(|certificate| certificate.has_name_constraints())
    }
}

/// Key usage and extended key usage; a CA's restrict what is below it.
fn serves(certificate: &Certificate, purpose: Purpose, is_leaf: bool) -> bool {
    let extended = certificate.extended_key_usage().is_none_or(|usage| {
        usage.any
            || match purpose {
                Purpose::Server => usage.server_auth,
                Purpose::Client => usage.client_auth,
            }
    });
    let usage = certificate.key_usage_bits();
    let needed = match purpose {
        Purpose::Server => key_usage::DIGITAL_SIGNATURE | key_usage::KEY_ENCIPHERMENT | key_usage::KEY_AGREEMENT,
        Purpose::Client => key_usage::DIGITAL_SIGNATURE | key_usage::KEY_AGREEMENT,
    };
    extended && (!is_leaf || usage & needed != 0)
}

struct Search<'a> {
    presented: &'a [Rc<Certificate>],
    spare: Vec<Rc<Certificate>>,
    trust: &'a Snapshot,
    algorithms: &'a WebPkiSupportedAlgorithms,
    signatures_left: usize,
    best: Option<Path>,
}

impl Search<'_> {
    /// Tries all ways upwards from the last of `path`; stops at the first trusted end.
    fn extend(&mut self, path: &mut Vec<Rc<Certificate>>) {
        let Some(last) = path.last().cloned() else { return };
        if self.trust.sets().any(|set| set.contains(last.der())) {
            return self.offer(path, End::Trusted);
        }
        if path.len() >= MAX_DEPTH {
            return self.offer(path, End::TooLong);
        }
        let mut end = if self.spare.iter().any(|own| own.der() == last.der()) {
            End::IssuerOfTrustedUnknown
        } else {
            End::IssuerUnknown
        };
        // Trusted roots first, as OpenSSL does; of the others those that are sent.
        let trust = self.trust;
        let roots: Vec<Rc<Certificate>> =
            trust.sets().flat_map(|set| set.named(last.issuer_der())).map(Rc::new).collect();
        let others: Vec<Rc<Certificate>> = self.presented.iter().chain(&self.spare).cloned().collect();
        for issuer in roots.into_iter().chain(others) {
            if !last.issued_by(&issuer) || path.iter().any(|own| own.der() == issuer.der()) {
                continue;
            }
            if self.signatures_left == 0 {
                return self.offer(path, End::TooLong);
            }
            self.signatures_left -= 1;
            match signed_by(&last, &issuer, self.algorithms) {
                Ok(()) => {
                    path.push(issuer);
                    self.extend(path);
                    path.pop();
                    if self.best.as_ref().is_some_and(|best| best.end == End::Trusted) {
                        return;
                    }
                }
                Err(why) => end = why,
            }
        }
        // OpenSSL does not check the signature of a self-signed certificate it does not know.
        if last.is_self_signed() {
            end = if path.len() == 1 { End::SelfSignedLeaf } else { End::SelfSignedAbove };
        }
        self.offer(path, end);
    }

    fn offer(&mut self, path: &[Rc<Certificate>], end: End) {
        let is_better =
            self.best.as_ref().is_none_or(|best| (end.rank(), path.len()) > (best.end.rank(), best.certificates.len()));
        if is_better {
            self.best = Some(Path { certificates: path.to_vec(), end });
        }
    }
}

/// Checks the signature of `child` with the key of `issuer`.
fn signed_by(child: &Certificate, issuer: &Certificate, algorithms: &WebPkiSupportedAlgorithms) -> Result<(), End> {
    let Some((key_algorithm, key)) = issuer.public_key_parts() else { return Err(End::BadSignature) };
    let mut is_supported = false;
    for algorithm in algorithms.all {
        if algorithm.signature_alg_id().as_ref() != child.signature_algorithm()
            || algorithm.public_key_alg_id().as_ref() != key_algorithm
        {
            continue;
        }
        is_supported = true;
        if algorithm.verify_signature(key, child.signed_part(), child.signature()).is_ok() {
            return Ok(());
        }
    }
    if !is_supported {
        return Err(End::WeakSignature);
    }
    // An RSA key of 2048 bits takes 270 bytes, one of 1024 bits 140.
    const SHORTEST_RSA_2048: usize = 260;
    const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    if key_algorithm.starts_with(RSA_ENCRYPTION) && key.len() < SHORTEST_RSA_2048 {
        return Err(End::WeakKey);
    }
    Err(End::BadSignature)
}
